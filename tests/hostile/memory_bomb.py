"""Takes memory and keeps it."""
# ends: memory, exit

held = []
while True:
    held.append(bytearray(b"x") * (16 << 20))

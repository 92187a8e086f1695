"""Asks for more memory than a computer has."""
# ends: exit

held = bytearray(1 << 45)

"""Fills the disk with small files, in the folder that it may write to."""
# ends: disk, exit

block = b"x" * (1 << 20)
number = 0
while True:
    number += 1
    with open(f"file-{number}", "wb") as file:
        file.write(block)

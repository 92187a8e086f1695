"""Writes without end into every open file."""
# ends: output, time-out

import contextlib
import os

block = b"x" * (1 << 16)
while True:
    for fd in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(fd, block)

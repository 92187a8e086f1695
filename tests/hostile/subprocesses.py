"""Starts other programs in every way that Python has."""
# ends: done
# refused: subprocess
# needs: no subprocesses

import contextlib
import multiprocessing
import os
import pty
import subprocess
import sys

CANARY = "@canary@"
HARM = [sys.executable, "-c", f"open({CANARY!r}, 'w').write('harm')"]


def at_once() -> None:
    child = multiprocessing.get_context("fork").Process(target=os.remove, args=(CANARY,))
    child.start()
    child.join()


for harm in (
    lambda: subprocess.run(HARM, check=True),
    lambda: os.system(f"rm -f {CANARY}"),
    lambda: os.posix_spawn(HARM[0], HARM, {}),
    lambda: os.spawnv(os.P_WAIT, HARM[0], HARM),
    lambda: pty.spawn(HARM),
    at_once,
    lambda: os.execv(HARM[0], HARM),
):
    with contextlib.suppress(OSError):
        harm()

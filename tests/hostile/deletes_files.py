"""Removes, moves, empties and locks what is not its own."""
# ends: done
# refused: write
# needs: no writing outside

import contextlib
import os
import shutil

CANARY = "@canary@"

for harm in (
    lambda: os.remove(CANARY),
    lambda: os.rename(CANARY, "taken"),
    lambda: os.rename(CANARY, CANARY + ".moved"),
    lambda: os.replace("nothing", CANARY),
    lambda: os.truncate(CANARY, 0),
    lambda: os.chmod(CANARY, 0),
    lambda: os.utime(CANARY, (0, 0)),
    lambda: shutil.rmtree(os.path.dirname(CANARY)),
    lambda: shutil.move(CANARY, "taken"),
    lambda: os.rmdir(os.path.dirname(CANARY) + "/empty"),
    lambda: os.rmdir("../home"),
):
    with contextlib.suppress(OSError):
        harm()

"""Ends the process that has started it."""
# ends: done
# refused: kill
# needs: no signals to others

import contextlib
import os
import signal

for harm in (
    lambda: os.kill(os.getppid(), signal.SIGKILL),
    lambda: os.kill(os.getppid(), signal.SIGSTOP),
):
    with contextlib.suppress(OSError):
        harm()

"""Takes memory that is counted for no process, and stays when the process has ended."""
# ends: done
# refused: ctypes
# needs: no subprocesses

import contextlib
import ctypes

with contextlib.suppress(OSError):
    system = ctypes.CDLL(None)
    for key in range(1, 4):
        assert system.shmget(key, 1 << 20, 0o1600) == -1
    assert system.memfd_create(b"x", 0) == -1

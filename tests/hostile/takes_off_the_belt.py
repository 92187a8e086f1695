"""Calls the system without asking Python."""
# ends: done
# refused: ctypes
# needs: no writing outside

import contextlib
import ctypes

CANARY = "@canary@"

with contextlib.suppress(OSError):
    system = ctypes.CDLL(None)
    system.unlink(CANARY.encode())
    system.truncate(CANARY.encode(), 0)
    system.chmod(CANARY.encode(), 0)

"""Reads memory that is not there."""
# ends: crashed
# refused: ctypes

import contextlib
import ctypes
import faulthandler

with contextlib.suppress(OSError):
    ctypes.string_at(0)
faulthandler._sigsegv()

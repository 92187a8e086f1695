"""Landlock: a process of Linux gives up files for good, itself and everything that it starts."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from . import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_IOCTL_DEV = 1 << 15
_OF_FILES = 1 | _WRITE_FILE | _READ_FILE | 1 << 14 | _IOCTL_DEV
"""Rights that a file has; the others are rights of folders. Bit 0 is to execute, bit 14 to truncate."""
_READ = _READ_FILE | _READ_DIR

_HIGHEST_RIGHT = {1: 12, 2: 13, 3: 14, 4: 14, 5: 15}
"""The last bit that each version of the interface knows."""
_BIND_TCP, _CONNECT_TCP = 1, 2
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2


def version() -> int:
    """The version of the interface. Raises `OSError` where there is none."""
    return kernel.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))


def restrict(readable: Iterable[str], listable: Iterable[str], writable: Iterable[str]) -> int:
    """Give up every file but these, executing anything, TCP, and signals to others. The version of the interface.

    Raises `OSError` where the kernel does not have it.
    """
    abi = version()
    handled = (2 << _HIGHEST_RIGHT.get(abi, 15)) - 1
    attributes = struct.pack(
        "=QQQ",
        handled,
        _BIND_TCP | _CONNECT_TCP if abi >= 4 else 0,
        _ABSTRACT_SOCKETS | _SIGNALS if abi >= 6 else 0,
    )
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    rules = kernel.syscall(_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow(rules, path, handled & _READ)
        for path in listable:
            _allow(rules, path, handled & _READ_DIR)
        for path in writable:
            _allow(rules, path, handled & ~1)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.syscall(_RESTRICT, rules, ctypes.c_uint32(0))
    finally:
        os.close(rules)
    return abi


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _OF_FILES
        if rights:
            kernel.syscall(_ADD, rules, ctypes.c_int(1), struct.pack("=Qi", rights, fd), ctypes.c_uint32(0))
    finally:
        os.close(fd)

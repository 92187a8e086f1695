"""Calls of Linux for which Python has no function. Each raises `OSError` when the kernel says no."""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 1 << 14, 1 << 18

_CAPABILITIES_3 = 0x20080522
_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY = 1


def machine() -> str | None:
    """The processor, if its numbers of system calls are known here."""
    if not sys.platform.startswith("linux") or sys.maxsize < 1 << 32:
        return None
    name = os.uname().machine
    return name if name in {"x86_64", "aarch64"} else None


def syscall(number: int, *arguments: object) -> int:
    """A system call by its number."""
    return _checked(_libc().syscall(ctypes.c_long(number), *arguments))


def prctl(what: int, value: int = 0, pointer: object = 0) -> None:
    """Change how the kernel treats this process."""
    _checked(_libc().prctl(what, ctypes.c_ulong(value), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0)))


def unshare(flags: int) -> None:
    """Leave namespaces of the system for new ones."""
    _checked(_libc().unshare(flags))


def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """Mount a file system."""
    name = None if kind is None else kind.encode()
    _checked(
        _libc().mount(os.fsencode(source), os.fsencode(target), name, ctypes.c_ulong(flags), data.encode() or None)
    )


def make_read_only(path: str) -> None:
    """Make every mount below a folder read-only."""
    _set_mount(path, _AT_RECURSIVE, _MOUNT_ATTR_RDONLY, 0)


def make_writable(path: str) -> None:
    """Make one mount writable again."""
    _set_mount(path, 0, 0, _MOUNT_ATTR_RDONLY)


def _set_mount(path: str, how: int, on: int, off: int) -> None:
    attributes = (ctypes.c_uint64 * 4)(on, off, 0, 0)
    syscall(_MOUNT_SETATTR, _AT_FDCWD, ctypes.c_char_p(os.fsencode(path)), how, attributes, ctypes.c_size_t(32))


def drop_capabilities() -> None:
    """Give up every right of an administrator, in this thread and in those that it starts."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    _checked(_libc().capset(header, (ctypes.c_uint32 * 6)()))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result

"""Files are written whole or not at all: whoever looks, or interrupts, never meets half of one."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress


def write_file(path: str, data: bytes) -> None:
    """Put a report where it was asked for. A device or a pipe takes it as it comes, and so does a file in a folder
    where no other one can be made."""
    if os.path.exists(path) and not os.path.isfile(path):
        _overwrite(path, data)
        return
    try:
        replace_file(path, data)
    except PermissionError:
        if not os.path.isfile(path) or not os.access(path, os.W_OK):
            raise
        _overwrite(path, data)


def replace_file(path: str, data: bytes) -> None:
    """Give a file this content, or make it. What links to it still does, and its owner and mode stay.

    Raises `OSError` for what is no file, for a read-only file and where the system refuses; then nothing has changed.
    """
    target = os.path.realpath(path)
    state = os.stat(target) if os.path.lexists(target) else None
    if state is not None and not stat.S_ISREG(state.st_mode):
        raise IsADirectoryError(0, "it is no file")
    if state is not None and not state.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(0, "the file is read-only")
    handle, beside = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".keraslint-")
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
        if state is not None and state.st_nlink > 1:  # a new file would leave the other names with the old content
            _overwrite(target, data)
            os.unlink(beside)
            return
        os.chmod(beside, stat.S_IMODE(state.st_mode) if state is not None else 0o666 & ~_umask())
        if state is not None and hasattr(os, "chown"):
            with suppress(OSError):
                os.chown(beside, state.st_uid, state.st_gid)
        os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _overwrite(path: str, data: bytes) -> None:
    with open(path, "r+b" if os.path.isfile(path) else "wb", buffering=0) as file:
        file.write(data)
        if os.path.isfile(path):
            file.truncate()


def _umask() -> int:
    """The permissions that a new file does not get; they can only be asked for by setting them."""
    current = os.umask(0o077)
    os.umask(current)
    return current

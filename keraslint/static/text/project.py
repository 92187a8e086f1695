"""The files of the linted tree that a program imports, parsed once."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from keraslint import grounds
from keraslint.source import Source, UnreadableSource, pending
from keraslint.source.modules import LIBRARIES, find, submodule
from keraslint.static.text.module import ModuleFile
from keraslint.static.text.parse import parse

__all__ = ["LIBRARIES", "find", "load", "size", "submodule"]

MOST_BYTES: Final = 256 * 1024
"""Larger files are not followed into."""


def size(path: str) -> int:
    """How long a file is; 0 for one that is not followed into."""
    assumed = pending(path)
    try:
        found = len(assumed) if assumed is not None else os.stat(path).st_size
    except OSError:
        return grounds.sized(path, 0)
    grounds.sized(path, found)
    return found if found <= MOST_BYTES else 0


def load(path: str) -> ModuleFile | None:
    """The parsed file; nothing when it cannot be read or is too large."""
    assumed = pending(path)
    if assumed is not None:
        return _parsed(path, os.path.abspath(path), hash(assumed), len(assumed))[0]
    try:
        state = Path(path).stat()
    except OSError:
        return None
    if state.st_size > MOST_BYTES:
        return None
    file, rests_on = _parsed(path, os.path.abspath(path), state.st_mtime_ns, state.st_size)
    grounds.add(rests_on)
    return file


@lru_cache(maxsize=32)
def _parsed(path: str, _absolute: str, _changed: int, _size: int) -> tuple[ModuleFile | None, grounds.Grounds]:
    with grounds.noted() as rests_on:
        try:
            source = Source.read(path)
            return ModuleFile(source, parse(source)), rests_on
        except UnreadableSource:
            return None, rests_on

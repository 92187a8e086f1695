"""What a result rests on besides the text of its own file: the files that were read on the way, and the names that
were looked for, whether they were there or not.

Whoever asks the disk says so here; whoever keeps results holds them against the disk later. Nothing is read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Grounds:
    """What was asked of the disk, and what it said. `passing` tells that something counted that the disk does not
    have.

    `files` are paths with what was read there: its bytes, or `None` where nothing was; `named` are folders with the
    names that were looked for in them, `matched` folders with the names in them that fit to `matching` patterns,
    `regular` paths with whether there is a file, and `sizes` paths with how long the files are. `configured` are other
    files whose settings counted.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes | None] = {}
        self.named: dict[str, dict[str, bool]] = {}
        self.matched: dict[str, tuple[str, ...]] = {}
        self.regular: dict[str, bool] = {}
        self.sizes: dict[str, int] = {}
        self.configured: set[str] = set()
        self.passing = False

    def add(self, other: Grounds) -> None:
        """Rest on what another result rests on as well."""
        self.files |= other.files
        for folder, names in other.named.items():
            self.named.setdefault(folder, {}).update(names)
        self.matched |= other.matched
        self.regular |= other.regular
        self.sizes |= other.sizes
        self.configured |= other.configured
        self.passing |= other.passing


_NOW: ContextVar[Grounds | None] = ContextVar("grounds", default=None)


@contextmanager
def noted() -> Iterator[Grounds]:
    """Inside, what is asked of the disk is noted here, and by whoever notes around it."""
    around, grounds = _NOW.get(), Grounds()
    token = _NOW.set(grounds)
    try:
        yield grounds
    finally:
        _NOW.reset(token)
        if around is not None:
            around.add(grounds)


def add(grounds: Grounds) -> None:
    """A result that is known from before counts again."""
    now = _NOW.get()
    if now is not None:
        now.add(grounds)


def read(path: str, data: bytes | None) -> None:
    """A file was read; `None`: there was nothing to read."""
    now = _NOW.get()
    if now is not None:
        now.files[path] = data


def configured(path: str) -> None:
    """The settings of this file counted."""
    now = _NOW.get()
    if now is not None:
        now.configured.add(path)


def passing() -> None:
    """Something counts that is not on the disk."""
    now = _NOW.get()
    if now is not None:
        now.passing = True


def regular(path: str, there: bool) -> bool:
    """There is, or is not, a file at a path."""
    now = _NOW.get()
    if now is not None:
        now.regular[path] = there
    return there


def sized(path: str, size: int) -> int:
    """A file is so long; 0 where there is none."""
    now = _NOW.get()
    if now is not None:
        now.sizes[path] = size
    return size


def matched(folder: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """These are the names of a folder that a pattern fits to."""
    now = _NOW.get()
    if now is not None:
        now.matched[folder] = names
    return names


class Names:
    """The names in a folder, where each question is noted."""

    def __init__(self, folder: str, names: frozenset[str]) -> None:
        self._names = names
        now = _NOW.get()
        self._asked = None if now is None else now.named.setdefault(folder, {})

    def __contains__(self, name: object) -> bool:
        there = name in self._names
        if self._asked is not None and isinstance(name, str):
            self._asked[name] = there
        return there

"""How far a long run is, for whoever watches a terminal: models that are built and measured, one after the other."""

from __future__ import annotations

import time
from typing import IO, Protocol

BEFORE_SHOWN = 1.0
"""Seconds: a run that is over by then shows nothing."""


class Progress(Protocol):
    """What a long run tells of itself."""

    def expect(self, path: str, models: int) -> None:
        """So many models of a file are going to be measured."""

    def done(self) -> None:
        """One of them is."""

    def close(self) -> None:
        """No more will come."""


class Silent:
    """Progress that nobody watches."""

    def expect(self, path: str, models: int) -> None: ...

    def done(self) -> None: ...

    def close(self) -> None: ...


class Bar:
    """A bar on a terminal. It appears when the run takes longer than a moment, and is gone at the end."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._begun = time.monotonic()
        self._expected = self._measured = 0
        self._path = ""
        self._shown: _Shown | None = None

    def expect(self, path: str, models: int) -> None:
        self._expected += models
        self._path = path
        self._tell()

    def done(self) -> None:
        self._measured += 1
        self._tell()

    def close(self) -> None:
        if self._shown is not None:
            self._shown.close()
            self._shown = None

    def _tell(self) -> None:
        if self._shown is None:
            if time.monotonic() - self._begun < BEFORE_SHOWN:
                return
            self._shown = _Shown(self._stream)
        self._shown.tell(self._path, self._measured, self._expected)


class _Shown:
    def __init__(self, stream: IO[str]) -> None:
        from rich import progress  # only where the bar is seen
        from rich.console import Console

        self._bar = progress.Progress(
            progress.TextColumn("probing"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.description}"),
            console=Console(file=stream),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None)
        self._bar.start()

    def tell(self, path: str, measured: int, expected: int) -> None:
        self._bar.update(self._task, description=path.replace("[", "\\["), completed=measured, total=expected)

    def close(self) -> None:
        self._bar.stop()

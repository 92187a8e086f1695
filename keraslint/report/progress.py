"""How far a long run is, for whoever watches a terminal: files that are read, models that are built and measured."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Any, Protocol

from keraslint.report.text import visible

if TYPE_CHECKING:
    from threading import Timer

BEFORE_SHOWN = 1.0
"""Seconds: a run that is over by then shows nothing."""


class Progress(Protocol):
    """What a long run tells of itself."""

    seen: bool

    def begin(self, what: str, files: int) -> None:
        """So many files are going to be mended."""

    def expect_files(self, files: int) -> None:
        """So many files are going to be read."""

    def file(self, path: str) -> None:
        """It is the turn of this one."""

    def expect(self, path: str, models: int) -> None:
        """So many models of a file are going to be measured."""

    def done(self) -> None:
        """One of them is."""

    def close(self) -> None:
        """No more will come."""


class Silent:
    """Progress that nobody watches."""

    seen = False

    def begin(self, what: str, files: int) -> None: ...

    def expect_files(self, files: int) -> None: ...

    def file(self, path: str) -> None: ...

    def expect(self, path: str, models: int) -> None: ...

    def done(self) -> None: ...

    def close(self) -> None: ...


class Bar:
    """A bar on a terminal. It appears when the run takes longer than a moment, and is gone at the end.

    The run only notes how far it is; what is seen looks at these notes ten times in a second.
    """

    def __init__(self, stream: IO[str]) -> None:
        from threading import Lock

        self._stream = stream
        self._begun = time.monotonic()
        self._lock = Lock()
        self._timer: Timer | None = None
        self._shown: Any = None
        self.what, self.path = "reading", ""
        self.files = self.file_number = self.expected = self.measured = 0

    seen = True

    def expect_files(self, files: int) -> None:
        self.begin("reading", files)

    def begin(self, what: str, files: int) -> None:
        self.what, self.files, self.file_number = what, files, 0
        self._appear()

    def file(self, path: str) -> None:
        self.path = path
        self.file_number += 1

    def expect(self, path: str, models: int) -> None:
        self.expected += models
        self.path = path
        self._appear()

    def done(self) -> None:
        self.measured += 1

    def close(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._shown is not None:
                self._shown.stop()
                self._shown = None

    def _appear(self) -> None:
        """Show the bar now, or when its moment has come: the run may be busy with one file for long."""
        from threading import Timer

        with self._lock:
            if self._shown is not None or self._timer is not None:
                return
            left = self._begun + BEFORE_SHOWN - time.monotonic()
            self._timer = Timer(max(left, 0.0), self._show)
            self._timer.daemon = True
            self._timer.start()

    def _show(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._shown = _shown(self, self._stream)
                self._timer = None


def _shown(bar: Bar, stream: IO[str]) -> Any:
    from rich import progress  # only where the bar is seen
    from rich.console import Console, RenderableType
    from rich.table import Column

    reading, probing = progress.TaskID(0), progress.TaskID(1)

    class Live(progress.Progress):
        """What rich shows, made anew from the notes each time."""

        def get_renderables(self) -> Any:
            if not self.task_ids:
                return super().get_renderables()
            begun = max(bar.file_number - 1, 0)
            self.update(reading, description=bar.what, completed=begun, total=bar.files, visible=bool(bar.files))
            total = max(bar.expected, bar.measured)
            self.update(probing, completed=bar.measured, total=total, visible=bool(total))
            return super().get_renderables()

    class Path(progress.ProgressColumn):
        """The file whose turn it is."""

        max_refresh = None

        def render(self, task: progress.Task) -> RenderableType:
            from rich.text import Text

            last = task.id == (probing if bar.expected else reading)
            return Text(visible(bar.path) if last else "", no_wrap=True, overflow="ellipsis")

    console = Console(file=stream)
    console.width = max(console.width - len("^C "), 1)  # what a terminal writes there must not begin another line
    live = Live(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(bar_width=20),
        progress.MofNCompleteColumn(),
        Path(table_column=Column(ratio=1, no_wrap=True)),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        expand=True,
    )
    live.add_task("", total=None)
    live.add_task("probing", total=None, visible=False)
    live.start()
    return live

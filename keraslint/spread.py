"""Many files at once, by whatever the caller has to do work with: threads, processes, a cluster.

Work is handed to an executor of `concurrent.futures` in small batches that are plain data, and so many batches are on
their way as keep it busy: neither the files nor what came of them pile up here.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from threading import Lock
from typing import Final, NamedTuple

from keraslint.config import Configuration, Overrides, RefusalError
from keraslint.discover import File, discover, given
from keraslint.finding import Report
from keraslint.lint import Means, gathered, noted, once, without_known
from keraslint.outcome import Outcome, packed, unpacked
from keraslint.processes import Job, Slot, outcomes

BATCH_FILES, BATCH_BYTES = 16, 256 * 1024
"""A batch is full with so many programs, or so much of them."""
MOST_BATCHES: Final = 64
"""Batches on their way at a time: enough for an engine of as many processes."""

Pair = tuple[str, str | bytes]


def lint_paths(
    paths: Iterable[str | os.PathLike[str]],
    *,
    executor: Executor | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> Report:
    """Lint files and folders like `lint`, with the work done by an executor (without one: here). Of each model, the
    report says no more than its name and place.

    The executor may be any of `concurrent.futures` or one with the same methods, such as Dask's
    `Client.get_executor()`. Where it runs on other machines, these need keraslint and the same files at the same paths:
    programs are sent along, what they import is read there. A batch that fails is done again file by file, and a file
    that fails then is among the failures of the report. The executor is left open. Raises `RefusalError` as `lint`
    does.
    """
    configuration = Configuration(Overrides(select=tuple(select), ignore=tuple(ignore)))
    seen: list[str] = []
    files = noted(discover((os.fspath(path) for path in paths), configuration), seen)
    report = gathered(_spread(files, configuration, executor), configuration)
    return without_known(report, configuration, seen)


def lint_texts(
    texts: Iterable[Pair],
    *,
    executor: Executor | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> Iterator[Report]:
    """Lint programs that are at hand as pairs of a path and a text (or bytes), such as the rows of a table; one report
    for each, in their order.

    The end of a path tells what kind of program it is. Texts are taken as they are needed, and nothing is kept of one
    whose report was handed on: there may be any number. No configuration is read and no import is followed to the disk
    of another machine than the executor's. For `executor` see `lint_paths`.
    """
    configuration = Configuration(Overrides(select=tuple(select), ignore=tuple(ignore), isolated=True))
    files = (given(path, _bytes(text)) for path, text in texts)
    for outcome in _spread(files, configuration, executor):
        yield gathered((outcome,), configuration)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


# --- batches ---------------------------------------------------------------------------------------------------------


class Batch(NamedTuple):
    """A piece of work: programs, what holds for them, and the folder that their paths are relative to."""

    files: tuple[File, ...]
    configuration: Configuration
    here: str


MEANS: Final = Means(outlined=True)
_ALONE: Final = Lock()
"""Reading a program sets how deep calls may go, which holds for all threads; and they would take turns anyway."""


def work(batch: Batch) -> list[str | RefusalError | None]:
    """Do a batch, wherever that is: what came of each file, as plain data."""
    away = os.getcwd() != batch.here
    return [_one(file, batch, away=away) for file in batch.files]


def _one(file: File, batch: Batch, *, away: bool) -> str | RefusalError | None:
    if away:  # another process cannot go where this one is: others may be at work in it
        file = file._replace(path=os.path.join(batch.here, file.path))
    try:
        with _ALONE:
            outcome = once(file, batch.configuration, None, MEANS)
    except RefusalError as error:
        return error
    return None if outcome is None else packed(outcome, file.data, whole_paths=away)


class _Sent(NamedTuple):
    """A batch on its way, and the places of its files in the order."""

    batch: Batch
    slots: tuple[Slot, ...]
    future: Future[list[str | RefusalError | None]]


def _spread(files: Iterable[File], configuration: Configuration, executor: Executor | None) -> Iterator[Outcome | None]:
    """What came of each file, in their order."""
    if executor is None:
        yield from (once(file, configuration, None, MEANS) for file in files)
        return
    way = _Way(executor, configuration)
    try:
        for file in files:
            way.take(file)
            yield from way.ready()
        way.send()
        while way.sent:
            way.wait()
            yield from way.ready()
        yield from way.ready()
    finally:
        for one in way.sent:
            one.future.cancel()


class _Way:
    """What is on its way to an executor and back. `broken` tells that it takes nothing more."""

    def __init__(self, executor: Executor, configuration: Configuration) -> None:
        self.sent: deque[_Sent] = deque()
        self._executor, self._configuration = executor, configuration
        self._slots: deque[Slot] = deque()
        self._next: list[tuple[File, Slot]] = []
        self._size = 0
        self._here = os.getcwd()
        self._broken = False

    def take(self, file: File) -> None:
        """One more file."""
        slot = Slot()
        self._slots.append(slot)
        if not file.worth_reading:
            slot.fill(None)
        else:
            self._next.append((file, slot))
            self._size += len(file.data or b"")
        if len(self._next) >= BATCH_FILES or self._size >= BATCH_BYTES or (self._next and len(self._slots) > 10_000):
            self.send()
        while len(self.sent) >= MOST_BATCHES:
            self.wait()

    def send(self) -> None:
        """Send what waits."""
        if self._next:
            files, slots = zip(*self._next, strict=True)
            self._next, self._size = [], 0
            self._submit(files, slots)

    def _submit(self, files: tuple[File, ...], slots: tuple[Slot, ...]) -> None:
        batch = Batch(files, self._configuration.about(file.path for file in files), self._here)
        if not self._broken:
            try:
                self.sent.append(_Sent(batch, slots, self._executor.submit(work, batch)))
                return
            except (BrokenExecutor, RuntimeError):  # it is broken, or somebody has shut it down
                self._broken = True
        self._do(files, slots)

    def wait(self) -> None:
        """Wait for the batch that was sent first."""
        batch, slots, future = self.sent.popleft()
        try:
            said = future.result()
        except (Exception, CancelledError) as error:
            self._again(batch, slots, error)
            return
        for file, slot, one in zip(batch.files, slots, said, strict=True):
            slot.fill(unpacked(one, file.data, here=self._here) if isinstance(one, str) else one)

    def _again(self, batch: Batch, slots: tuple[Slot, ...], error: BaseException) -> None:
        """A batch has failed: the files are done one by one, and one that fails alone is lost."""
        if isinstance(error, (BrokenExecutor, CancelledError)):
            self._broken = True
        if self._broken:
            self._do(batch.files, slots)
        elif len(slots) > 1:
            for file, slot in zip(batch.files, slots, strict=True):
                self._submit((file,), (slot,))
        else:
            import traceback

            words = "".join(traceback.format_exception(error))
            slots[0].fill(Outcome(batch.files[0].path, failure=f"what should read this file failed\n{words}"))

    def _do(self, files: tuple[File, ...], slots: tuple[Slot, ...]) -> None:
        """Do without the executor, in processes of our own: what has broken it may be one of these files."""
        job = Job(self._configuration, outlined=True, cache=None, here=self._here)

        def here(file: File) -> Outcome | None:
            return once(file, self._configuration, None, MEANS)

        for slot, outcome in zip(slots, outcomes(files, job, None, here, 1), strict=True):
            slot.fill(outcome)

    def ready(self) -> Iterator[Outcome | None]:
        """What came of the files whose turn it is."""
        while self._slots and self._slots[0].done:
            outcome = self._slots.popleft().outcome
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome

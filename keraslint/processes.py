"""Several processes read at once, where there is enough to do. What they say comes in the order of the files.

Each process is given files one by one, so that it is known which file one of them died on: that file is lost and named,
all others are read. `concurrent.futures` cannot tell that: there, one dead process takes all that was handed out along.
Processes are forked from a server that has loaded what reads programs, where the system has one; they end with this
process, however it ends.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keraslint.config import Configuration
from keraslint.discover import File
from keraslint.outcome import Outcome, packed, unpacked

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from keraslint.cache import Cache

MANY_FILES, MANY_BYTES = 50, 300_000
"""So many files, or so much of them, have to be taken off one process before others are of use: to start them takes
about as long as to read these. With two processes that is half of what there is to do, with many nearly all of it."""
FEW_FILES = 2
"""The same where somebody asked for processes."""
AHEAD: Final = 2
"""Files that a process has at hand: the one that it reads, and the next."""
MOST_WAITING: Final = 64
"""Files that wait for a process, with their content, while others are looked at."""
MOST_SLOTS: Final = 10_000
EVERY: Final = 16
"""How often, in files, it is seen whether a process has ended its work."""
MOST_BY_DEFAULT: Final = 16


def usable() -> int:
    """How many processes can work at once here."""
    try:
        return min(len(os.sched_getaffinity(0)), MOST_BY_DEFAULT)
    except AttributeError:  # not on this system
        return min(os.cpu_count() or 1, MOST_BY_DEFAULT)


class Job(NamedTuple):
    """What a process needs to know to read files."""

    configuration: Configuration
    outlined: bool
    cache: str | None
    here: str


class Slot:
    """The place of a file in the order: what came of it, once that is known."""

    __slots__ = ("done", "outcome")

    def __init__(self) -> None:
        self.done = False
        self.outcome: Outcome | BaseException | None = None

    def fill(self, outcome: Outcome | BaseException | None) -> None:
        """This came of the file."""
        self.outcome, self.done = outcome, True


def outcomes(
    files: Iterable[File], job: Job, cache: Cache | None, here: Callable[[File], Outcome | None], jobs: int | None
) -> Iterator[Outcome | None]:
    """What came of each file, in their order. `here` reads a file in this process, as long as there are few; without a
    number of `jobs`, that is decided by how many there are."""
    slots: deque[Slot] = deque()
    waiting: deque[tuple[File, Slot]] = deque()
    crew: Crew | None = None
    try:
        for number, file in enumerate(files):
            slot = Slot()
            slots.append(slot)
            if not file.worth_reading:
                slot.fill(None)
            elif cache is not None and (known := cache.find(file)) is not None:
                slot.fill(known)
            else:
                waiting.append((file, slot))
                if crew is None and _enough(waiting, jobs):
                    crew = Crew(job, jobs or usable(), here)
            if crew is not None and ((waiting and crew.idle) or number % EVERY == 0 or len(waiting) > MOST_WAITING):
                crew.work(waiting, until=MOST_WAITING)
            if crew is None and len(slots) > MOST_SLOTS:
                _do(waiting, here)
            yield from _ready(slots)
        if crew is None:
            while waiting:
                _do(waiting, here, most=1)
                yield from _ready(slots)
        else:
            while crew.work(waiting, until=0):
                yield from _ready(slots)
        yield from _ready(slots)
    finally:
        if crew is not None:
            crew.end()


def _enough(waiting: deque[tuple[File, Slot]], jobs: int | None) -> bool:
    if jobs is not None:
        return len(waiting) >= min(FEW_FILES, jobs)
    part = 1 - 1 / usable()
    return len(waiting) * part >= MANY_FILES or (
        len(waiting) > 1 and sum(len(file.data or b"") for file, _ in waiting) * part >= MANY_BYTES
    )


def _ready(slots: deque[Slot]) -> Iterator[Outcome | None]:
    while slots and slots[0].done:
        outcome = slots.popleft().outcome
        if isinstance(outcome, BaseException):
            raise outcome
        yield outcome


def _do(waiting: deque[tuple[File, Slot]], here: Callable[[File], Outcome | None], most: int = MOST_SLOTS) -> None:
    """Read files in this process."""
    while waiting and most:
        most -= 1
        file, slot = waiting.popleft()
        slot.fill(here(file))


# --- the processes ---------------------------------------------------------------------------------------------------


class Worker:
    """A process, what leads to it, and the files that it has, the one that it reads first."""

    def __init__(self, context: Any, job: Job) -> None:
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_read, args=(other, job), daemon=True)
        self.files: deque[tuple[File, Slot]] = deque()
        self.ready = False
        with _without_main():
            self.process.start()
        other.close()

    def give(self, file: File, slot: Slot) -> None:
        """One more file to read."""
        self.files.append((file, slot))
        with suppress(OSError):  # it is dead, which its connection tells
            self.connection.send(file)

    def answer(self) -> bool:
        """Take what it says; false when it is dead."""
        try:
            said = self.connection.recv()
        except (EOFError, OSError):
            return False
        if not self.ready:
            self.ready = True
            return True
        file, slot = self.files.popleft()
        slot.fill(unpacked(said, file.data) if isinstance(said, str) else said)
        return True

    def end(self) -> None:
        """Stop it, whatever it does."""
        self.process.kill()
        self.process.join()
        self.connection.close()


class Crew:
    """The processes of a run. Where they cannot be started, files are read `here`."""

    def __init__(self, job: Job, jobs: int, here: Callable[[File], Outcome | None]) -> None:
        from multiprocessing import get_all_start_methods, get_context

        served = "forkserver" in get_all_start_methods()
        self._context: Any = get_context("forkserver" if served else "spawn")
        if served:
            self._context.set_forkserver_preload(["keraslint.preloaded"])
        self._job, self._jobs, self._here = job, jobs, here
        self._workers: list[Worker] = []

    @property
    def idle(self) -> bool:
        """Whether a process could have one more file."""
        return len(self._workers) < self._jobs or any(len(one.files) < AHEAD for one in self._workers)

    def work(self, waiting: deque[tuple[File, Slot]], *, until: int) -> bool:
        """Hand out what waits and take what is done; wait for that while more than `until` files wait. False when
        nothing is left to do."""
        self._hand_out(waiting)
        self._take(waiting, wait=len(waiting) > until or not until)
        self._hand_out(waiting)
        return bool(waiting) or any(one.files for one in self._workers)

    def _hand_out(self, waiting: deque[tuple[File, Slot]]) -> None:
        for depth in range(1, AHEAD + 1):
            for one in self._workers:
                if waiting and len(one.files) < depth:
                    one.give(*waiting.popleft())
            while depth == 1 and waiting and len(self._workers) < self._jobs:
                try:
                    self._workers.append(Worker(self._context, self._job))
                except OSError:  # the system has no room for one more
                    self._jobs = len(self._workers)
                    break
                self._workers[-1].give(*waiting.popleft())
        if not self._jobs:
            _do(waiting, self._here)

    def _take(self, waiting: deque[tuple[File, Slot]], *, wait: bool) -> None:
        from multiprocessing import connection

        busy: dict[Any, Worker] = {one.connection: one for one in self._workers if one.files}
        if not busy:
            return
        for found in connection.wait(list(busy), None if wait else 0):
            if not busy[found].answer():
                self._bury(busy[found], waiting)

    def _bury(self, dead: Worker, waiting: deque[tuple[File, Slot]]) -> None:
        """A process has died. The file that it was reading is lost; the others that it had are read by others."""
        self._workers.remove(dead)
        dead.end()
        if dead.ready:
            file, slot = dead.files.popleft()
            slot.fill(Outcome(file.path, failure=_obituary(dead.process.exitcode)))
        else:  # it could not even begin: that is not the fault of a file
            self._jobs = len(self._workers)
        waiting.extendleft(reversed(dead.files))

    def end(self) -> None:
        """Stop all of them."""
        for one in self._workers:
            one.end()


def _obituary(code: int | None) -> str:
    """What is told of a file on which a process died."""
    if code is not None and code < 0:
        import signal

        with suppress(ValueError):
            name = signal.Signals(-code).name
            perhaps = "; perhaps there was not enough memory" if name == "SIGKILL" else ""
            return f"the process that read this file was ended by {name}{perhaps}"
    return f"the process that read this file ended with exit code {code}"


class _without_main:  # noqa: N801  # it reads as the words that it stands for
    """Inside, there is no main program that a new process would load once more: it needs none."""

    def __enter__(self) -> None:
        self._main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")

    def __exit__(self, *_: object) -> None:
        sys.modules["__main__"] = self._main


# --- inside of one ---------------------------------------------------------------------------------------------------


def _read(connection: Connection, job: Job) -> None:
    """Read files, until there is nobody any more who sends some."""
    import multiprocessing
    import signal
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever is interrupted ends us
    Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    with suppress(OSError):
        os.chdir(job.here)
    from keraslint.config import RefusalError
    from keraslint.lint import Means, once

    means = Means(job.outlined)
    with suppress(EOFError, OSError, KeyboardInterrupt):
        cache = _cache(job)
        connection.send("ready")
        while True:
            file: File = connection.recv()
            answer: str | BaseException | None
            try:
                outcome = once(file, job.configuration, cache, means)
                answer = None if outcome is None else packed(outcome, file.data)
            except RefusalError as error:
                answer = error
            connection.send(answer)


def _end_with(parent: Any) -> None:
    """End when the process that has started this one has ended, in the middle of a file too."""
    import signal

    parent.join()
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def _cache(job: Job) -> Cache | None:
    if job.cache is None:
        return None
    from keraslint.cache import Cache

    return Cache(job.cache, job.configuration, outlined=job.outlined)

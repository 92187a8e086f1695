"""Whether reading breaks, hangs or grows on code that nobody wrote for it: `python -m tests.bench.scan FOLDER ...`.

Every Python file and notebook below the folders is linted in one process, with `--every` also those that do not mention
Keras. What is printed: each failure with its traceback, each file that took more than ten seconds of the processor and
was given up, each finding, for people to judge; then the slowest files, those that needed most memory, and how the
memory of the process stood as the files went by. Exit code 1 means that something failed or hung.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from keraslint.config import Configuration, Overrides
from keraslint.discover import SUFFIXES, File, look
from keraslint.finding import Finding
from keraslint.lint import run

SECONDS = 10
"""Of the processor, for one file; whoever waits for an editor has gone long before."""

_STATUS = Path("/proc/self/status")


class TooLongError(BaseException):
    """A file has had its time; no `Exception`, because reading answers those."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one file: `peak` is the memory that reading it took beyond what was held before, `held` what the
    process holds after it, both in megabytes (0 where the system does not tell)."""

    path: str
    read: bool
    seconds: float
    peak: float
    held: float
    failure: str = ""
    findings: tuple[Finding, ...] = ()


def files_below(folders: Iterable[str]) -> Iterator[str]:
    """Every file that could be linted, also in folders that a run leaves out; no file twice."""
    seen: set[str] = set()
    for folder in map(os.path.abspath, folders):
        found = [folder] if os.path.isfile(folder) else _walk(folder)
        for path in found:
            if path not in seen:
                seen.add(path)
                yield path


def _walk(folder: str) -> Iterator[str]:
    for top, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if name != "__pycache__")
        yield from (os.path.join(top, name) for name in sorted(names) if name.lower().endswith(SUFFIXES))


def memory(which: str) -> float:
    """Megabytes of this process: `VmRSS` holds now, `VmHWM` at most since the peak was set back."""
    if not _STATUS.exists():
        return 0.0
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(lines[which].split()[0]) / 1024


def set_back_peak() -> None:
    """From here on the peak is counted anew, where the system can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def stop(_number: int, _frame: FrameType | None) -> None:
    raise TooLongError


def scanned(path: str, configuration: Configuration, *, every: bool, seconds: float = SECONDS) -> Looked:
    """Lint one file and account for it."""
    set_back_peak()
    before, began = memory("VmRSS"), time.process_time()
    file, failure, findings = look(path), "", tuple[Finding, ...]()
    if every and file.data is None and not file.unread:
        file = File(file.path, Path(path).read_bytes())
    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        report = run([file], configuration)
        signal.setitimer(signal.ITIMER_PROF, 0)
        failure, findings = "".join(trace for _, trace in report.failures), report.findings
        for finding in findings:
            finding.span.position  # noqa: B018  # computed now, so that it holds no tree
    except TooLongError:
        failure = f"given up after {seconds:g} seconds"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took = time.process_time() - began
    return Looked(path, file.worth_reading, took, memory("VmHWM") - before, memory("VmRSS"), failure, findings)


@dataclass(slots=True)
class Account:
    """All files of a scan: how many, the worst of them, and what the process held on the way."""

    files: int = 0
    read: int = 0
    failed: int = 0
    findings: int = 0
    seconds: float = 0.0
    slowest: list[Looked] = field(default_factory=list)
    largest: list[Looked] = field(default_factory=list)
    held: list[tuple[int, float]] = field(default_factory=list)

    def add(self, one: Looked) -> None:
        self.files += 1
        self.read += one.read
        self.failed += bool(one.failure)
        self.findings += len(one.findings)
        self.seconds += one.seconds
        self.slowest = sorted([*self.slowest, one], key=lambda each: -each.seconds)[:5]
        self.largest = sorted([*self.largest, one], key=lambda each: -each.peak)[:5]
        if one.read and self.read & (self.read - 1) == 0:  # after 1, 2, 4, 8 ... files
            self.held.append((self.read, one.held))

    def lines(self) -> Iterator[str]:
        yield f"{self.files:,} files, {self.read:,} read in {self.seconds:,.0f} s of the processor"
        yield f"{self.failed} failed or hung, {self.findings} findings"
        yield from (f"{one.seconds:8.2f} s   {one.path}" for one in self.slowest)
        yield from (f"{one.peak:8.1f} MB  {one.path}" for one in self.largest)
        yield "held after: " + ", ".join(f"{count:,}: {size:.0f} MB" for count, size in self.held)


def tell(one: Looked) -> None:
    """Say what came of a file, if anything did."""
    if one.failure:
        print(f"{one.path}: {one.failure}", flush=True)
    for finding in one.findings:
        print(f"{finding.span.path}:{finding.span.line}: {finding.rule}: {finding.message}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scan", description=__doc__)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--every", action="store_true", help="also read files that do not mention Keras")
    parser.add_argument("--at-most", type=float, default=0, metavar="SECONDS", help="stop after so long")
    asked = parser.parse_args()
    configuration, account = Configuration(Overrides(isolated=True)), Account()
    began = time.monotonic()
    path = ""
    try:
        for path in files_below(asked.folders):
            if asked.at_most and time.monotonic() - began > asked.at_most:
                raise KeyboardInterrupt
            one = scanned(path, configuration, every=asked.every)
            account.add(one)
            tell(one)
    except KeyboardInterrupt:
        print(f"stopped before {path}")
    account.held.append((account.read, memory("VmRSS")))
    print(*account.lines(), sep="\n")
    return int(account.failed > 0)


if __name__ == "__main__":
    sys.exit(main())

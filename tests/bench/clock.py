"""What commands take: seconds of the processor, and room. They run in turn: a busy machine is busy for all of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

KERASLINT: Final = (sys.executable, "-m", "keraslint")
NOTHING: Final = (sys.executable, "-I", "-c", "pass")
IMPORT: Final = (sys.executable, "-I", "-c", "import libcst")

PARSE: Final = """\
import sys, time
import libcst
from keraslint.config import Configuration, Overrides
from keraslint.discover import discover
from keraslint.source import Source, UnreadableSource
texts = []
for file in discover(sys.argv[1:], Configuration(Overrides(isolated=True))):
    if file.data is not None:
        try:
            texts.append(Source.from_bytes(file.path, file.data).program)
        except UnreadableSource:
            pass
begun = time.process_time()
for text in texts:
    try:
        libcst.parse_module(text)
    except Exception:
        pass
print(time.process_time() - begun)
"""
"""Parses what keraslint would read, and says how long only that took."""


class Took(NamedTuple):
    """Seconds of the processor, bytes and seconds on the wall of one run."""

    seconds: float
    peak: int = 0
    wall: float = 0.0


def run(command: Sequence[str]) -> Took:
    """Run a command to its end. One that prints a number has timed itself."""
    begun = time.perf_counter()
    done = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert done.stdout is not None
    printed = done.stdout.read()
    _, status, usage = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    if "keraslint" in command and done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: nothing was measured")
    wall = time.perf_counter() - begun
    unit = 1 if sys.platform == "darwin" else 1024
    seconds = float(printed) if command[2] == PARSE else usage.ru_utime + usage.ru_stime
    return Took(seconds, usage.ru_maxrss * unit, wall)


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Took]:
    """The medians of commands that run in turn."""
    rows: dict[str, list[Took]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            rows[name].append(run(command))
    return {
        name: Took(
            median(one.seconds for one in row),
            round(median(one.peak for one in row)),
            median(one.wall for one in row),
        )
        for name, row in rows.items()
    }


def parsing(*paths: str) -> tuple[str, ...]:
    """The command that times `libcst.parse_module` over what keraslint reads."""
    return (sys.executable, "-c", PARSE, *paths)

"""What is measured beside what: the rows of the table."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from subprocess import run as finished
from typing import Final, NamedTuple

from tests.bench import corpora
from tests.bench.clock import IMPORT, KERASLINT, NOTHING, in_turn, parsing

PEERS: Final = {
    "TorchFix": ("torchfix", "--select", "ALL"),
    "flake8": ("flake8", "--jobs", "1"),
    "pylint": ("pylint", "--jobs", "1", "--score", "n", "--disable", "R0801"),  # it would compare all files with all
    "ruff": ("ruff", "check", "--no-cache", "--isolated"),
}
MEGABYTE: Final = 1 << 20


class Row(NamedTuple):
    """A ratio, or megabytes, and what is to be reached, if anything is."""

    case: str
    yardstick: str
    value: float
    goal: float | None = None
    unit: str = "x"
    note: str = ""


class Sizes(NamedTuple):
    """How much is made to be read."""

    scripts: int = 100
    files: int = 10_000
    with_keras: int = 20
    many: int = 500


SMALL: Final = Sizes(scripts=4, files=40, with_keras=2, many=4)
"""Enough to see that it runs."""


@cache
def _takes(option: str) -> bool:
    """Whether `keraslint check` has an option."""
    done = finished([*KERASLINT, "check", "--help"], capture_output=True, text=True, check=False)
    return option in done.stdout


def check(*paths: str, cached: bool = False) -> tuple[str, ...]:
    """The command that reads these paths: one process, no configuration, and a cache only where it is asked for."""
    jobs = ("--jobs", "1") if _takes("--jobs") else ()
    cold = ("--no-cache",) if _takes("--no-cache") and not cached else ()
    return (*KERASLINT, "check", "--isolated", *jobs, *cold, *paths)


def peers() -> dict[str, Sequence[str]]:
    """The commands of those linters that are installed."""
    found = {name: shutil.which(command[0], path=f"{Path(sys.executable).parent}:") for name, command in PEERS.items()}
    found = {name: path or shutil.which(PEERS[name][0]) for name, path in found.items()}
    return {name: (path, *PEERS[name][1:]) for name, path in found.items() if path}


def _ratio(
    case: str, yardstick: str, goal: float | None, mine: Sequence[str], other: Sequence[str], rounds: int
) -> Row:
    took = in_turn({"mine": mine, "other": other}, rounds)
    return Row(case, yardstick, took["mine"].seconds / max(took["other"].seconds, 1e-9), goal)


def start(folder: Path, rounds: int) -> Iterator[Row]:
    """What a run costs that reads nothing, or one file."""
    folder.mkdir(parents=True)
    plain, one = folder / "plain.py", folder / "train.py"
    plain.write_text(corpora.PLAIN.format(n=1), encoding="utf-8")
    one.write_text(corpora.models(2), encoding="utf-8")
    word = "`python -I -c pass`"
    yield _ratio("`keraslint --version`", word, 5, [*KERASLINT, "--version"], NOTHING, rounds)
    yield _ratio("a file without Keras", word, 5, check(str(plain)), NOTHING, rounds)
    yield _ratio("one Keras file, cold", "`import libcst`", 1.5, check(str(one)), IMPORT, rounds)


def reading(folders: dict[str, Path], rounds: int) -> Iterator[Row]:
    """Many files that use Keras, beside the parser of LibCST and other linters. These leave notebooks out."""
    for name, folder in folders.items():
        mine, path = check(str(folder)), str(folder)
        others = {"`libcst.parse_module`": parsing(path)}
        if any(folder.rglob("*.py")):
            others |= {peer: [*command, path] for peer, command in peers().items()}
        took = in_turn({"": mine, **others}, rounds)
        goals = {"`libcst.parse_module`": 1.6, "TorchFix": 0.45}
        for other in others:
            yield Row(name, other, took[""].seconds / max(took[other].seconds, 1e-9), goals.get(other))


def repository(folder: Path, sizes: Sizes, rounds: int) -> Iterator[Row]:
    """A repository in which few files use Keras."""
    corpora.write_repository(folder, sizes.files, sizes.with_keras)
    case = f"{sizes.files:,} files, {sizes.with_keras} with Keras"
    if "ruff" in peers():
        command = [*peers()["ruff"], str(folder)]
        yield _ratio(f"{case}, cold", "`ruff check --no-cache`", 0.5, check(str(folder)), command, rounds)
    if _takes("--no-cache"):
        warm, cold = check(str(folder), cached=True), check(str(folder))
        in_turn({"fill": warm}, 1)
        yield _ratio(f"{case}, warm cache", "own cold run", 0.15, warm, cold, rounds)
        one = check(str(folder / "part_000" / "module_00000.py"), cached=True)
        yield _ratio("an unchanged Keras file, warm", "`python -I -c pass`", 5, one, NOTHING, rounds)


def room(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """How much memory many scripts take, and whether twice as many take twice as long."""
    half, whole = (corpora.write_scripts(folder / str(n), n) for n in (sizes.many // 2, sizes.many))
    took = in_turn({"half": check(str(half)), "whole": check(str(whole))}, 3)
    yield Row(f"peak memory, {sizes.many} scripts", "", took["whole"].peak / MEGABYTE, 100, " MB")
    yield Row(f"{sizes.many} scripts", f"{sizes.many // 2} scripts", took["whole"].seconds / took["half"].seconds, 2)


def processes(folder: Path, sizes: Sizes, rounds: int) -> Iterator[Row]:
    """How long one waits for two processes, beside one. On a wall clock: a machine that does other things as well says
    less."""
    made = corpora.write_scripts(folder, sizes.many)
    one, two = ([*KERASLINT, "check", "--isolated", "--no-cache", "--jobs", jobs, str(made)] for jobs in ("1", "2"))
    took = in_turn({"one": one, "two": two}, rounds)
    yield Row(
        f"{sizes.many} scripts, cold, two processes (wall clock)", "one process", took["two"].wall / took["one"].wall
    )


def markdown(rows: Sequence[Row]) -> str:
    """The rows as the table of the README."""
    lines = ["| case | beside | measured | to reach |", "|---|---|---|---|"]
    for row in rows:
        goal = f"{row.goal:g}{row.unit}" if row.goal is not None else ""
        value = f"{row.value:.0f}" if row.unit == " MB" else f"{row.value:.2f}"
        lines.append(f"| {row.case} | {row.yardstick} | {value}{row.unit} | {goal} |")
    return "\n".join(lines)

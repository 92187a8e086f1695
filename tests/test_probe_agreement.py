"""What is read and what is measured agree: each program of the fixtures that builds is built, and neither side knows
better than the other.

An activation, the units, the axes, a loss with its `from_logits`, an optimizer: equal, where both know them. Bounds and
sums: what was seen lies within what was read. A disagreement is a fault of the interpreter or of the probe. And being
measured adds no finding to a program but those that its comments ask for.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from keraslint.finding import Report
from keraslint.model import Fact, Model, Training
from keraslint.probe.measuring import Probe
from keraslint.testing import expected, programs
from tests.probing import HAVE_KERAS, probed, probing
from tests.test_probe_rules import PROGRAMS as ASKED_THERE

pytestmark = pytest.mark.skipif(not HAVE_KERAS, reason="there is no Keras here")

FIXTURES = Path(__file__).parents[1] / "fixtures"
WORKERS = 2
"""Processes that build models at the same time; each holds a Keras of its own."""
ABOUT_FILES = {"unreadable_file", "unused_ignore"}
"""Folders whose programs are no models to be built."""
SHARE = 1 if os.environ.get("AGREEMENT") == "all" else 6
"""Every so manieth program is built; `AGREEMENT=all` asks for all of them, which takes ten minutes."""
PROGRAMS = [
    path
    for path in programs(FIXTURES)
    if path not in ASKED_THERE and path.relative_to(FIXTURES).parts[0] not in ABOUT_FILES
][::SHARE]
BUILT = 0.9
"""So many of the models that were read are built, at least."""


@cache
def reports() -> dict[Path, Report]:
    """What is said of each program with the probe."""
    free: SimpleQueue[Probe] = SimpleQueue()

    def of(path: Path) -> Report:
        probe = free.get()
        try:
            return probed(probe, str(path), path.read_bytes())
        finally:
            free.put(probe)

    def all_of(probes: list[Probe]) -> dict[Path, Report]:
        for probe in probes:
            free.put(probe)
        with ThreadPoolExecutor(len(probes)) as workers:
            return dict(zip(PROGRAMS, workers.map(of, PROGRAMS), strict=True))

    with probing() as first, probing() as second:
        return all_of([first, second][:WORKERS])


def told(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()


def test_nothing_fails() -> None:
    assert {told(path): report.failures for path, report in reports().items() if report.failures} == {}


def test_nearly_every_model_is_built() -> None:
    models = [model for report in reports().values() for model in report.models]
    assert len(models) > 500 / SHARE
    assert sum(model.probed for model in models) / len(models) >= BUILT


def test_reading_and_measuring_agree() -> None:
    odds = {
        told(path): [f"{gap.span.line}: {gap.reason}" for gap in report.not_checked if "please report" in gap.reason]
        for path, report in reports().items()
    }
    assert not any(odds.values()), lines(odds)


def test_what_is_compared_is_known_on_both_sides() -> None:
    """The agreement is one of many facts: each of them is read and measured a hundred times."""
    counted: dict[str, int] = defaultdict(int)
    for report in reports().values():
        for model in report.models:
            for name in _compared(model):
                counted[name] += 1
    wanted = {"activation": 400, "units": 400, "outputs": 400, "sums": 100, "loss": 400, "optimizer": 400}
    assert {name: counted[name] for name in wanted if counted[name] < wanted[name] / SHARE} == {}


def _compared(model: Model) -> Iterator[str]:
    """What both know of a model."""
    for head in model.heads:
        seen = head.measured
        if seen is not None:
            yield from ("activation" for _ in both(head.activation, seen.activation))
            yield from ("units" for _ in both(head.units, seen.units))
            yield from ("outputs" for _ in both(head.outputs, seen.outputs))
            yield from ("sums" for one in both(head.outputs, seen.outputs) if one.value.totals)
    for training in model.trainings:
        yield from _trained(training)


def _trained(training: Training) -> Iterator[str]:
    if training.trial is not None:
        yield from ("loss" for _ in (training.loss,) if training.loss is not None)
        yield from ("optimizer" for _ in (training.optimizer,) if training.optimizer is not None)


def both(read: Fact[Any] | None, seen: Fact[Any] | None) -> Iterator[Fact[Any]]:
    """The read fact where there are two."""
    if read is not None and seen is not None:
        yield read


def test_measuring_adds_no_finding_and_takes_none() -> None:
    wrong: dict[str, list[str]] = {}
    for path, report in reports().items():
        asked = expected(path, probed=True)
        found = {(one.span.line, one.rule): one for one in report.findings}
        surplus = [f"{line}: {rule}: {found[line, rule].message}" for line, rule in found.keys() - asked.keys()]
        lost = [f"{line}: {rule} is gone" for line, rule in asked.keys() - found.keys()]
        if surplus or lost:
            wrong[told(path)] = [*surplus, *lost]
    assert not wrong, lines(wrong)


def lines(said: dict[str, list[str]]) -> str:
    """All that is said of programs; pytest shows the beginning of a dictionary only."""
    return "\n".join(f"{path}: {one}" for path, several in said.items() for one in several)

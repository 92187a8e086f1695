"""One way through the decisions of a program.

A model's head, its loss and its labels may each be a choice between branches. A scenario picks one alternative after
another, never two that exclude each other, and `scenarios` goes through all of them up to a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any, TypeVar

from keraslint.model import Confidence
from keraslint.static.bounds import MOST_SCENARIOS
from keraslint.static.conditions import allows, is_default, taking
from keraslint.static.values import Choice, Guard, Key, Value

R = TypeVar("R")


class Infeasible(Exception):
    """The decisions taken so far exclude each other."""


class Scenario:
    """Decisions taken so far, and the script that tells which alternative to take next."""

    def __init__(self, guard: Guard, script: list[int]) -> None:
        self.path: dict[Key, Any] = dict(guard)
        self.script = script
        self.widths: list[int] = []
        self.picked: list[Guard] = []

    def pick(self, value: Value) -> Value:
        """The value in this scenario: one alternative of a choice."""
        while isinstance(value, Choice):
            open_ = [(guard, one) for guard, one in value.alternatives if allows(self.path, guard)]
            if not open_:
                raise Infeasible
            at = 0
            if len(open_) > 1:
                turn = len(self.widths)
                if turn < len(self.script):
                    at = min(self.script[turn], len(open_) - 1)
                self.widths.append(len(open_))
                self.script = [*self.script[:turn], at, *self.script[turn + 1 :]]
            guard, value = open_[at]
            if len(open_) > 1:
                self.picked.append(guard)
            self.path = taking(self.path, guard)
        return value

    def allows(self, guard: Guard) -> bool:
        """Whether these decisions fit to those already taken."""
        return allows(self.path, guard)

    @property
    def confidence(self) -> Confidence:
        """High when every choice hangs on the same decisions; low when independent decisions were crossed.

        That several options have their defaults is one decision: it is so in a run without any.
        """
        ordered = sorted((_undecided(guard) for guard in self.picked), key=len)
        for one, other in pairwise(ordered):
            if not one <= other:
                return Confidence.LOW
        return Confidence.HIGH

    def following(self) -> list[int] | None:
        """The script of the next scenario, or nothing when all have been gone through."""
        script = self.script[: len(self.widths)]
        while script:
            turn = len(script) - 1
            if script[turn] + 1 < self.widths[turn]:
                return [*script[:turn], script[turn] + 1]
            script.pop()
        return None


def _undecided(guard: Guard) -> frozenset[Key]:
    """What decisions are about, but for the defaults of options."""
    return frozenset(atom for atom, outcome in guard if not is_default(atom, outcome))


def scenarios(
    guard: Guard, run: Callable[[Scenario], R], spent: Callable[[], None] = lambda: None
) -> Iterator[tuple[Scenario, R]]:
    """Run something in every scenario that fits to the given decisions, at most `MOST_SCENARIOS` of them.

    `spent` is called where there are more.
    """
    script: list[int] | None = []
    for _ in range(MOST_SCENARIOS):
        scenario = Scenario(guard, script or [])
        with suppress(Infeasible):
            yield scenario, run(scenario)
        script = scenario.following()
        if script is None:
            return
    spent()

"""What a program fits a model on: the arrays that reach `fit`, and the first layer that they meet, as facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keraslint.model import Fact, Inputs
from keraslint.static.data.contents import PICTURES, settled
from keraslint.static.facts.entrance import first_layer
from keraslint.static.facts.reading import Reading
from keraslint.static.record import Compile
from keraslint.static.values import Choice, Data, Known, Value

KINDS = {**dict.fromkeys(PICTURES, "pixels"), "ids": "ids"}
"""Kinds of data, and what a rule is told about them."""


def inputs(reading: Reading, event: Compile) -> Inputs | None:
    """What the trainings of a model have in common; nothing when one of them is not known.

    Here a choice is not picked from: what is raw on one way and scaled on the other is not known to be raw.
    """
    found: list[Data] = []
    for fit in event.fits:
        if not fit.training or not reading.scenario.allows(fit.guard):
            continue
        for value in _alternatives(reading, fit.x):
            if not isinstance(value, Data):
                return None
            found.append(_content(reading, value))
    if not found or found[0].site is None:
        return None
    kinds = {KINDS.get(one.kind) for one in found}
    kind = kinds.pop() if len(kinds) == 1 else None
    low, high = (_agreed([getattr(one, end) for one in found]) for end in ("low", "high"))
    if kind is None and low is None and high is None:
        return None
    span = found[0].site.span
    first = first_layer(reading, event.outputs)
    told = (first.kind, first.activation) if first is not None else (None, None)
    return Inputs(span, Fact(kind, span) if kind else None, low, high, *told)


def _alternatives(reading: Reading, value: Value | None) -> Iterator[Value | None]:
    """What a value may be on the ways that the scenario leaves open."""
    if isinstance(value, Choice):
        for guard, one in value.alternatives:
            if reading.scenario.allows(guard):
                yield from _alternatives(reading, one)
    else:
        yield value


def _content(reading: Reading, data: Data) -> Data:
    if data.parts is not None and len(data.parts) == 1 and isinstance(data.parts[0], Data):
        data = data.parts[0]
    return settled(reading.interp, data)


def _agreed(ends: list[Known | None]) -> Fact[Any] | None:
    """A bound that all have."""
    first = ends[0]
    if first is None or any(one is None or one.value != first.value for one in ends):
        return None
    return Fact(first.value, first.site.span)

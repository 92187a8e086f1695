"""One slip, one finding: what a rule measured at a head, where a more exact one speaks, becomes a note of that finding.

A rule names the more exact ones itself (`Rule.unless`). Two findings are about the same thing when both rest on facts
of one head and its loss, when the place of one lies within the place of the other, or when one is about the very
function that the head of the other was measured to apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from keraslint.finding import Finding
from keraslint.model import Fact, Head, Model, Origin, Program, Span, facts
from keraslint.rule import Rule


def told_once(found: Iterable[Finding], rules: Iterable[Rule[Any]], program: Program) -> list[Finding]:
    """The findings in their order, without those that only say what a more exact one says; that one tells it."""
    findings = [_proved(one, program) for one in found]
    unless = {rule.name: rule.unless for rule in rules if rule.unless}
    yielding = [number for number, one in enumerate(findings) if one.rule in unless]
    if not yielding:
        return findings
    places = Places(program)
    gone: set[int] = set()
    notes: dict[int, list[str]] = {}
    for number in yielding:
        weaker = findings[number]
        exact = [at for at, one in enumerate(findings) if one.rule in unless[weaker.rule] and places.same(one, weaker)]
        if exact:
            gone.add(number)
            for at in exact:
                notes.setdefault(at, []).append(f"measured: {weaker.message}")
    return [
        replace(one, notes=tuple(dict.fromkeys((*one.notes, *notes.get(number, ())))))
        for number, one in enumerate(findings)
        if number not in gone
    ]


def _proved(finding: Finding, program: Program) -> Finding:
    """A finding that rests on what the outputs are, with what they were seen to add up to."""
    for model in program.models:
        for head in model.heads:
            sums = _sums(head)
            if sums and any(_is_about(fact, head) for fact in finding.because):
                return replace(finding, notes=(*finding.notes, f"measured: {sums}"))
    return finding


def _is_about(fact: Fact[Any], head: Head) -> bool:
    """Whether a fact is the function that the head applies."""
    told = head.activation
    return told is not None and isinstance(fact.value, str) and fact.span == told.span and fact.value in told.value


def _sums(head: Head) -> str:
    """What rows of several numbers from 0 to 1 add up to, with the weights as they are initialised."""
    seen = head.measured
    if seen is None or seen.sums is None or seen.outputs is None or seen.units is None or seen.units.value == 1:
        return ""
    if seen.outputs.value.low < 0 or seen.outputs.value.high > 1:
        return ""
    low, high = next(((f"{one.low:.3f}", f"{one.high:.3f}") for one in seen.sums.value if one.axis == -1), ("", ""))
    return (f"rows sum to {low}" if low == high else f"rows sum to {low}..{high}") if low else ""


class Places:
    """Which heads the places of a program belong to, and the losses of these heads."""

    def __init__(self, program: Program) -> None:
        self._heads: dict[Span, set[Span]] = {}
        self._functions: dict[Span, str] = {}
        for model in program.models:
            for span, head in _places(model):
                self._heads.setdefault(span, set()).add(head)
            for one in model.heads:
                if one.activation is not None and one.activation.origin is Origin.MEASURED:
                    self._functions[one.span] = one.activation.value

    def same(self, one: Finding, other: Finding) -> bool:
        """Whether two findings are about the same head or the same place."""
        if self._of(one) & self._of(other) or self._tells(one, other) or self._tells(other, one):
            return True
        return _is_within(one.span, other.span) or _is_within(other.span, one.span)

    def _tells(self, one: Finding, other: Finding) -> bool:
        """Whether a finding is about the function of the other's head, which reading saw but did not follow there."""
        said = {fact.value for fact in one.because if isinstance(fact.value, str)}
        return any(self._functions.get(head) in said for head in self._of(other))

    def _of(self, finding: Finding) -> set[Span]:
        return {head for fact in finding.because for head in self._heads.get(fact.span, ())}


def _places(model: Model) -> Iterator[tuple[Span, Span]]:
    """The places that say something of a head, each with the place of the head. A loss that several heads share says
    nothing of one of them."""
    for head in (*model.heads, *(training.head for training in model.trainings)):
        yield head.span, head.span
        yield from ((fact.span, head.span) for fact in facts(head))
    ends = {head.span for head in model.heads}
    for layer in model.layers:
        if layer.span not in ends:  # what is in front of all heads says something of each
            yield from ((span, head) for span in (layer.span, *(fact.span for fact in facts(layer))) for head in ends)
    owners: dict[Span, set[Span]] = {}
    for training in model.trainings:
        for fact in facts((training.loss, training.trial)):
            owners.setdefault(fact.span, set()).add(training.head.span)
    yield from ((span, next(iter(heads))) for span, heads in owners.items() if len(heads) == 1)


def _is_within(inner: Span, outer: Span) -> bool:
    if inner.path != outer.path:
        return False
    (line, column, end_line, end_column), (top, left, bottom, right) = inner.position[:4], outer.position[:4]
    return (top, left) <= (line, column) and (end_line, end_column) <= (bottom, right)

"""What a program trains towards: the arrays that reach `fit`, as facts."""

from __future__ import annotations

from typing import Any

from keraslint.model import Confidence, Fact, Labels, Loader
from keraslint.static.data.arrays import literal
from keraslint.static.data.columns import as_read
from keraslint.static.data.contents import WRITTEN, settled, stacked
from keraslint.static.facts.outputs import Output, share
from keraslint.static.facts.reading import Reading
from keraslint.static.facts.scenario import Infeasible
from keraslint.static.record import Compile, Fit
from keraslint.static.values import Choice, Data, Dict, Key, Known, List, Loaded, Site, Tuple, Unknown, Value


def labels(reading: Reading, event: Compile, output: Output) -> Labels | None:
    """What the fits of a model train one output towards; nothing when one of them is not known."""
    found: list[Data] = []
    open_ = undecided(reading, event)
    tied = not open_
    for fit in event.fits:
        if fit.y is None or not all(reading.scenario.allows(frozenset({one})) for one in fit.guard):
            continue
        tied = tied or not open_.isdisjoint(decisions_of(fit))
        try:
            value = _of_output(reading, fit, reading.pick(fit.y), output)
        except Infeasible:
            continue
        value = as_read(reading.interp, value) if value is not None else None
        if isinstance(value, Data):
            found.append(_content(reading, value))
        elif value is not None and fit.training:
            return None
    sure = reading.confidence if tied else Confidence.LOW
    return labels_of(stacked(found), sure) if found else None


def undecided(reading: Reading, event: Compile) -> frozenset[Key]:
    """What is not known of how a model is made and compiled: it may have another loss than in this scenario.

    Labels that hang on none of it say nothing about this loss: a flag that chooses between two losses was set to fit
    to them.
    """
    taken = {atom for guard in reading.scenario.picked for atom, _ in guard}
    if event.guard and sum(one.model is event.model for one in reading.interp.record.compiles) > 1:
        taken |= {atom for atom, _ in event.guard}
    return frozenset(taken)


def decisions_of(fit: Fit) -> set[Key]:
    """The decisions that a fit and its labels hang on."""
    found = {atom for atom, _ in fit.guard}
    if isinstance(fit.y, Choice):
        found |= {atom for guard, _ in fit.y.alternatives for atom, _ in guard}
    return found


def _of_output(reading: Reading, fit: Fit, value: Value, output: Output) -> Value | None:
    """The labels of one output; nothing when it has none."""
    if output.count == 1 and isinstance(value, (List, Tuple)):
        items = reading.items(value)
        if items is not None and len(items) == 1 and isinstance(alone := reading.pick(items[0]), Data):
            return alone
        return literal(reading.interp, value, fit.site) or value
    if output.count == 1 and not isinstance(value, Dict):
        return value
    if output.count > 1 and isinstance(value, Data):
        return Unknown()  # which of the outputs it is for is not said
    found = share(reading, value, fit.site, output)
    return reading.pick(found[0]) if found is not None else None


def _content(reading: Reading, data: Data) -> Data:
    if data.parts is not None and len(data.parts) == 1:
        inner = reading.pick(data.parts[0])
        data = inner if isinstance(inner, Data) else data
    return settled(reading.interp, data)


def labels_of(data: Data, sure: Confidence = Confidence.HIGH) -> Labels | None:
    """What is known of labels, if anything is."""
    if data.kind == "images":
        # a mask is read like a photograph: what numbers it holds is not known
        data = data.having(low=None, high=None, encoding=None)
    known = (data.encoding, data.classes, data.low, data.high, data.exclusive)
    shape = data.shape or None
    if data.site is None or data.origin in {"text", "prediction"}:
        return None
    if shape is None and data.loaded is None and all(one is None for one in known):
        return None
    span = data.site.span
    width = shape[-1] if shape is not None and len(shape) > 1 else None
    encoding, classes, low, high, exclusive = (_fact(one, sure) for one in known)
    return Labels(
        span=span,
        encoding=encoding,
        classes=classes,
        low=low,
        high=high,
        exclusive=exclusive,
        rank=Fact(len(shape), span, confidence=sure) if shape is not None else None,
        columns=Fact(width, _width_site(data, data.site).span, confidence=sure) if width is not None else None,
        by_hand=Fact(True, span, confidence=sure) if data.origin == WRITTEN else None,
        loader=_loader(data.loaded, sure) if data.loaded is not None else None,
    )


def _width_site(data: Data, otherwise: Site) -> Site:
    """Where the number of columns is said: with the number of classes, if that is the same."""
    counted = data.classes is not None and data.shape is not None and data.classes.value == data.shape[-1]
    return data.classes.site if counted and data.classes is not None else otherwise


def _loader(loaded: Loaded, sure: Confidence) -> Loader:
    omitted = loaded.place is loaded.call
    return Loader(
        span=loaded.call.span,
        parameter=loaded.parameter,
        mode=Fact(loaded.mode, loaded.place.span, confidence=sure, literal=loaded.literal, omitted=omitted),
    )


def _fact(known: Known | None, sure: Confidence) -> Fact[Any] | None:
    return Fact(known.value, known.site.span, confidence=sure) if known is not None else None

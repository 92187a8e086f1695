"""What a program trains towards: the arrays that reach `fit`, as facts."""

from __future__ import annotations

from typing import Any

from keraslint.model import Fact, Labels, Loader
from keraslint.static.arrays import literal
from keraslint.static.contents import WRITTEN, settled, stacked
from keraslint.static.outputs import Output, share
from keraslint.static.reading import Reading
from keraslint.static.record import Compile, Fit
from keraslint.static.scenario import Infeasible
from keraslint.static.values import Data, Dict, Known, List, Loaded, Site, Tuple, Value


def labels(reading: Reading, event: Compile, output: Output) -> Labels | None:
    """What the fits of a model train one output towards; nothing when one of them is not known."""
    found: list[Data] = []
    for fit in event.fits:
        if fit.y is None or not all(reading.scenario.allows(frozenset({one})) for one in fit.guard):
            continue
        try:
            value = _of_output(reading, fit, reading.pick(fit.y), output)
        except Infeasible:
            continue
        if isinstance(value, Data):
            found.append(_content(reading, value))
        elif value is not None and fit.training:
            return None
    return labels_of(stacked(found)) if found else None


def _of_output(reading: Reading, fit: Fit, value: Value, output: Output) -> Value | None:
    """The labels of one output; nothing when it has none."""
    if output.count == 1 and isinstance(value, (List, Tuple)):
        items = reading.items(value)
        if items is not None and len(items) == 1 and isinstance(alone := reading.pick(items[0]), Data):
            return alone
        return literal(reading.interp, value, fit.site) or value
    if output.count == 1 and not isinstance(value, Dict):
        return value
    found = share(reading, value, fit.site, output)
    return reading.pick(found[0]) if found is not None else None


def _content(reading: Reading, data: Data) -> Data:
    if data.parts is not None and len(data.parts) == 1:
        inner = reading.pick(data.parts[0])
        data = inner if isinstance(inner, Data) else data
    return settled(reading.interp, data)


def labels_of(data: Data) -> Labels | None:
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
    encoding, classes, low, high, exclusive = map(_fact, known)
    return Labels(
        span=span,
        encoding=encoding,
        classes=classes,
        low=low,
        high=high,
        exclusive=exclusive,
        rank=Fact(len(shape), span) if shape is not None else None,
        columns=Fact(width, _width_site(data, data.site).span) if width is not None else None,
        by_hand=Fact(True, span) if data.origin == WRITTEN else None,
        loader=_loader(data.loaded) if data.loaded is not None else None,
    )


def _width_site(data: Data, otherwise: Site) -> Site:
    """Where the number of columns is said: with the number of classes, if that is the same."""
    counted = data.classes is not None and data.shape is not None and data.classes.value == data.shape[-1]
    return data.classes.site if counted and data.classes is not None else otherwise


def _loader(loaded: Loaded) -> Loader:
    return Loader(
        span=loaded.call.span,
        parameter=loaded.parameter,
        mode=Fact(loaded.mode, loaded.place.span, literal=loaded.literal),
    )


def _fact(known: Known | None) -> Fact[Any] | None:
    return Fact(known.value, known.site.span) if known is not None else None

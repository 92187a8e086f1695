"""What a program trains towards: the arrays that reach `fit`, as facts."""

from __future__ import annotations

from typing import Any

from keraslint.model import Fact, Labels
from keraslint.static.arrays import literal
from keraslint.static.contents import merged, settled
from keraslint.static.outputs import Output, share
from keraslint.static.reading import Reading
from keraslint.static.record import Compile, Fit
from keraslint.static.scenario import Infeasible
from keraslint.static.values import Data, Dict, Known, List, Tuple, Value


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
    return labels_of(merged(found)) if found else None


def _of_output(reading: Reading, fit: Fit, value: Value, output: Output) -> Value | None:
    """The labels of one output; nothing when it has none."""
    if output.count == 1 and isinstance(value, (List, Tuple)):
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
    known = (data.encoding, data.classes, data.low, data.high, data.exclusive)
    if data.site is None or data.origin in {"text", "prediction"} or all(one is None for one in known):
        return None
    encoding, classes, low, high, exclusive = map(_fact, known)
    return Labels(data.site.span, encoding, classes, low, high, exclusive)


def _fact(known: Known | None) -> Fact[Any] | None:
    return Fact(known.value, known.site.span) if known is not None else None

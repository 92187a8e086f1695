"""Validation data: whether they are the very samples that a model is trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keraslint.static.data.arrays import MADE_UP, literal
from keraslint.static.data.contents import is_filled
from keraslint.static.values import Const, Data, List, Site, Tuple, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def repeats(interp: Interpreter, x: Value | None, y: Value | None, validation: Value, site: Site) -> bool:
    """Whether validation data repeat the training data. Numbers that the program made up prove nothing anyway."""
    trained, watched = _pair(interp, x, y), _pair(interp, validation, None)
    if trained is None or watched is None or _is_made_up(interp, trained[0], site):
        return False
    return all(_is_same(interp, one, other) for one, other in zip(trained, watched, strict=True))


def _pair(interp: Interpreter, x: Value | None, y: Value | None) -> tuple[Value, Value] | None:
    """Inputs and labels: two arguments, the first two of a tuple, or what a data set holds."""
    x = interp.state.settle(x) if x is not None else None
    if y is not None and x is not None:
        return x, interp.state.settle(y)
    if isinstance(x, Data) and x.parts is not None:
        parts = [*x.parts, Const(None)]
        return interp.state.settle(parts[0]), interp.state.settle(parts[1])
    items, rest = interp.items_of(x) if isinstance(x, (Tuple, List)) else (None, True)
    if items is None or rest or len(items) < 2:
        return None
    return interp.state.settle(items[0]), interp.state.settle(items[1])


def _is_same(interp: Interpreter, one: Value, other: Value) -> bool:
    """Whether two values are certainly the same samples."""
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        return one.key == other.key
    if isinstance(one, Data):
        return one is other
    if isinstance(one, Const) and isinstance(other, Const):
        return one.value is None and other.value is None
    if isinstance(one, (List, Tuple)) and isinstance(other, (List, Tuple)):
        (first, more), (second, others) = interp.items_of(one), interp.items_of(other)
        if first is None or second is None or more or others or len(first) != len(second):
            return False
        settle = interp.state.settle
        return all(_is_same(interp, settle(a), settle(b)) for a, b in zip(first, second, strict=True))
    return False


def _is_made_up(interp: Interpreter, value: Value, site: Site) -> bool:
    """Whether a program drew the inputs, wrote them out or filled them with one number."""
    if isinstance(value, Data):
        constant = value.low is not None and value.high is not None and value.low.value == value.high.value
        return value.kind == MADE_UP or (constant and not is_filled(interp, value))
    if not isinstance(value, (List, Tuple)):
        return False
    items, _ = interp.items_of(value)
    return literal(interp, value, site) is not None or any(_is_made_up(interp, one, site) for one in items or ())

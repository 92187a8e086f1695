"""What is known of the content of an array: one-hot, class ids, numbers between bounds; and what holds for several.

Only what the program says counts: an encoding made by `to_categorical`, a range made by a scaler, a data set that
everybody has. A name proves nothing: `y_train / 255` may be images.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

from keraslint.static.bounds import MOST_FILLS
from keraslint.static.text import tree
from keraslint.static.values import (
    GAP,
    Choice,
    Const,
    Data,
    Known,
    List,
    Object,
    Shape,
    Site,
    Tuple,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

LITERALS: Final = (tree.Float, tree.Integer, tree.Name, tree.UnaryOperation)
"""How a number is written: as digits, as `True`, with a sign."""


PICTURES: Final = frozenset({"images", "pixels"})
"""Kinds of data that are pictures."""
WRITTEN: Final = "written"
"""The origin of class ids that the program gave to the classes itself, in an order that may mean something."""
ROWS: Final = "rows"
"""The origin of arrays that hold the numbers of rows: each row that they name is as good as any other."""


def is_data(value: Value | None) -> bool:
    """Whether a value is, or may be, an array or data set."""
    if isinstance(value, Choice):
        return any(isinstance(one, Data) for _, one in value.alternatives)
    return isinstance(value, Data)


def encoded(data: Data, *words: str) -> bool:
    """Whether the encoding of an array is known to be one of these."""
    return data.encoding is not None and data.encoding.value in words


def one_hot(site: Site, classes: int | None, shape: Shape = None) -> Data:
    """One-hot rows of exclusive classes."""
    return Data(
        shape=shape,
        encoding=Known("one-hot", site),
        classes=Known(classes, site) if classes is not None else None,
        low=Known(0.0, site),
        high=Known(1.0, site),
        exclusive=Known(True, site),
        site=site,
    )


def class_ids(site: Site, classes: int | None, shape: Shape = (None,)) -> Data:
    """Class ids from 0 on."""
    return Data(
        shape=shape,
        encoding=Known("class-ids", site),
        classes=Known(classes, site) if classes else None,
        low=Known(0.0, site),
        high=Known(float(classes - 1), site) if classes else None,
        exclusive=Known(True, site),
        integer=True,
        site=site,
    )


def continuous(site: Site, low: float = -inf, high: float = inf, shape: Shape = None) -> Data:
    """Real numbers between bounds; infinite bounds are known to be left open."""
    return within(Data(shape=shape, encoding=Known("continuous", site)), low, high, site)


def within(data: Data, low: float, high: float, site: Site) -> Data:
    """The same array, known to stay between two numbers."""
    return data.having(low=Known(low, site), high=Known(high, site), site=site)


def numeric(value: Value | None) -> float | None:
    """The number that a value is."""
    if isinstance(value, Const) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        return float(value.value)
    return None


# -- several arrays ----------------------------------------------------------------------------------------------------


def merged(parts: list[Data]) -> Data:
    """What holds for all of several arrays."""
    first = parts[0]
    if len(parts) == 1:
        return first
    lows, highs = [one.low for one in parts], [one.high for one in parts]
    return Data(
        encoding=_agreed(parts, "encoding"),
        classes=_agreed(parts, "classes"),
        exclusive=_agreed(parts, "exclusive"),
        low=min((one for one in lows if one is not None), key=_value) if None not in lows else None,
        high=max((one for one in highs if one is not None), key=_value) if None not in highs else None,
        integer=first.integer if all(one.integer == first.integer for one in parts) else None,
        site=first.site,
        kind=first.kind if all(one.kind == first.kind for one in parts) else "",
        loaded=first.loaded if all(one.loaded == first.loaded for one in parts) else None,
    )


def another(interp: Interpreter, value: Value) -> Value:
    """The same content in other samples: some rows of an array, the second half of a split."""
    if isinstance(value, Data):
        return value.having(parts=tuple(another(interp, one) for one in value.parts) if value.parts else value.parts)
    if isinstance(value, (List, Tuple)):
        items, rest = interp.items_of(value)
        return List(items, rest=rest) if items is not None else Unknown()
    if isinstance(value, Choice):
        return interp.state.choose((guard, another(interp, one)) for guard, one in value.alternatives)
    return value if isinstance(value, Const) else Unknown()


def stacked(parts: list[Data]) -> Data:
    """Several arrays one behind the other, or one at a time: the same rows, but more or less of them."""
    return merged(parts).having(shape=rows_of(parts[0].shape) if _same_rows(parts) else None)


def _same_rows(parts: list[Data]) -> bool:
    return all(one.shape is not None and rows_of(one.shape) == rows_of(parts[0].shape) for one in parts)


def rows_of(shape: Shape) -> Shape:
    """The shape of some of the rows of an array."""
    return (None, *shape[1:]) if shape else None


def _agreed(parts: list[Data], name: str) -> Known | None:
    values: list[Known | None] = [getattr(one, name) for one in parts]
    first = values[0]
    return first if first and all(one is not None and one.value == first.value for one in values) else None


def _value(known: Known) -> Any:
    return known.value


# -- arrays that are filled piece by piece -----------------------------------------------------------------------------


def writable(site: Site) -> Object:
    """What remembers the writes into an array: like the items of a list, so that a loop that goes on for longer than
    it was followed leaves a gap behind them.
    """
    store = Object(site)
    store.state["items"] = Tuple(())
    return store


def fill(interp: Interpreter, store: Object, value: Value) -> None:
    """Remember that something was written into an array."""
    items = _fills(store.state.get("items"))
    if len(items) >= MOST_FILLS:
        value = Unknown()
    interp.state.write(store.state, "items", Tuple((*items[:MOST_FILLS], value)))


def _fills(written: Value | None) -> tuple[Value, ...]:
    """The writes into an array, on whichever path."""
    if isinstance(written, Choice):
        return tuple(one for _, inner in written.alternatives for one in _fills(inner))
    if isinstance(written, Tuple):
        return written.items
    return () if written is None else (Unknown(),)


def settled(interp: Interpreter, data: Data) -> Data:
    """What is known of an array with all that was written into it."""
    if data.store is None or data.origin in {"text", "prediction"}:
        return data
    written = data.store.state.get("items")
    fills = _fills(interp.state.settle(written) if isinstance(written, Value) else None)
    if not fills:
        return data
    unknown = Data(shape=data.shape, site=data.site)
    parts: list[Data] = []
    for one in fills:
        if one is not GAP:
            found = _written(interp, interp.state.settle(one), data)
            if found is None:
                return unknown
            parts += found
    before = [Data(low=data.low, high=data.high, integer=True, site=data.site)] if data.low is not None else []
    result = merged([*parts, *before])
    if GAP in fills and (not all(map(is_literal, fills)) or result.low is None or result.low == result.high):
        # further turns of a loop wrote something else, or may have
        return unknown
    # what was there before says nothing about the encoding, and pixels that were written over may be anything
    kind = merged(parts).kind if not data.kind else ""
    encoding, site = _agreed(parts, "encoding"), result.site or data.site
    return result.having(encoding=encoding, site=site, shape=data.shape, kind=kind)


def is_filled(interp: Interpreter, data: Data) -> bool:
    """Whether anything was written into an array."""
    written = data.store.state.get("items") if data.store is not None else None
    return bool(_fills(interp.state.settle(written) if isinstance(written, Value) else None))


def is_literal(value: Value) -> bool:
    """Whether a value is a number as it stands in the program, which is the same in every turn of a loop."""
    if isinstance(value, Choice):
        return all(is_literal(one) for _, one in value.alternatives)
    if isinstance(value, Const):
        return value.site is not None and isinstance(value.site.node, LITERALS)
    return value is GAP


def _written(interp: Interpreter, value: Value, data: Data) -> list[Data] | None:
    """One write as arrays; nothing when it is not known."""
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        site, number = value.site or data.site, float(value.value)
        return [within(Data(integer=isinstance(value.value, int)), number, number, site)] if site is not None else None
    if isinstance(value, Data):
        return [value]
    if isinstance(value, Choice):
        found = [_written(interp, one, data) for _, one in value.alternatives]
        return [one for parts in found if parts for one in parts] if None not in found else None
    if isinstance(value, (Tuple, List)) and data.site is not None:
        row = [interp.state.settle(item) for item in interp.items_of(value)[0] or ()]
        inner = [item for item in row if isinstance(item, Data)]
        return inner if row and len(inner) == len(row) else None
    return None

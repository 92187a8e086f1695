"""Arrays of fixed-width text: how many characters fit, and which texts the program stores in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keraslint.static.bounds import MOST_TEXTS
from keraslint.static.catalog.arrays import TEXT_CODES, TEXT_NAMES, TEXT_TYPES
from keraslint.static.sites import value_at
from keraslint.static.values import Arguments, Choice, Const, Data, External, Known, List, Object, Site, Tuple, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def width_of(dtype: Value | None) -> int | None:
    """How many characters an array of this dtype holds; `None` for other dtypes and for object arrays."""
    if isinstance(dtype, External):
        return 1 if dtype.dotted in TEXT_TYPES else None
    if not (isinstance(dtype, Const) and isinstance(dtype.value, str)):
        return None
    word = dtype.value.lstrip("<>=|")
    if word in TEXT_NAMES:
        return 1
    return (int(word[1:]) or 1) if word[:1] in TEXT_CODES and word[1:].isdecimal() else None


def make(interp: Interpreter, width: int, arguments: Arguments, fill: Value | None = None) -> Data:
    """An array of texts of a fixed width, filled with one text or empty."""
    store = Object(arguments.site)
    store.state["stored"] = Tuple(())
    place = arguments.places.get("dtype", arguments.places.get(1, arguments.site))
    made = Data(origin="text", store=store, classes=Known(width, value_at(place)), site=arguments.site)
    interp.record.text_arrays.append(made)
    if fill is not None:
        keep(interp, made, fill, arguments.place("fill_value", ("shape", "fill_value")))
    return made


def from_texts(interp: Interpreter, items: tuple[Value, ...], arguments: Arguments) -> Data | None:
    """`np.array(["a", "b"], dtype="U1")`: texts that are cut to a width."""
    width = width_of(arguments.named.get("dtype"))
    texts = [one for one in items if isinstance(one, Const) and isinstance(one.value, str)]
    if width is None or width == 1 or not texts or len(texts) != len(items):
        return None
    return make(interp, width, arguments)


def keep(interp: Interpreter, data: Data, value: Value, site: Site) -> None:
    """Remember the text, or the list of texts, that is stored in an array."""
    value = interp.state.settle(value)
    items = (interp.items_of(value)[0] or ()) if isinstance(value, (List, Tuple)) else (value,)
    for one in items:
        if isinstance(one, Const) and isinstance(one.value, str) and data.store is not None:
            old = stored(data)
            if len(old) < MOST_TEXTS:
                placed = Const(one.value, one.site or site)
                interp.state.write(data.store.state, "stored", Tuple((*old, placed)))


def stored(data: Data) -> tuple[Const, ...]:
    """The texts that are known to be stored in an array, on whatever way through the branches, each place once."""
    value = data.store.state.get("stored") if data.store is not None else None
    ways = [one for _, one in value.alternatives] if isinstance(value, Choice) else [value]
    texts = [item for way in ways if isinstance(way, Tuple) for item in way.items]
    return tuple({id(one.site.node): one for one in texts if isinstance(one, Const) and one.site is not None}.values())

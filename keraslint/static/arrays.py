"""Arrays as a program makes and changes them: literals, random numbers, `np.zeros`, `reshape`, `labels[:100]`.

What is known of the content goes along as far as it stays true. Arithmetic is in `scaling`, encodings are in
`encoders`, data sets and generators in `pipelines`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Final

from keraslint.static import text_arrays
from keraslint.static.bounds import MOST_NUMBERS
from keraslint.static.catalog import arrays as catalog
from keraslint.static.catalog.arrays import Draw
from keraslint.static.contents import class_ids, continuous, encoded, fill, merged, numeric, one_hot, within, writable
from keraslint.static.shapes import length, lengths, with_rest
from keraslint.static.values import (
    GAP,
    NONE,
    Arguments,
    Const,
    Data,
    External,
    Known,
    List,
    Shape,
    Site,
    Tuple,
    Unknown,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

MOST_NESTED: Final = 4


# -- arrays written out ------------------------------------------------------------------------------------------------


def literal(interp: Interpreter, value: Value, site: Site) -> Data | None:
    """An array of numbers that are written out in the program."""
    items, _ = interp.items_of(value) if isinstance(value, (List, Tuple)) else (None, True)
    if items is None:
        return None
    numbers: list[float] = []
    rows: list[int] = []
    if not _collect(interp, value, numbers, rows, 0) or not numbers:
        return None
    nested = isinstance(items[0], (List, Tuple))
    width = rows[1] if nested and len(set(rows[1:])) == 1 else None
    whole = all(isinstance(one, int) or float(one).is_integer() for one in numbers)
    made = Data(shape=(len(items), width) if nested else (len(items),), integer=whole)
    made = within(made, float(min(numbers)), float(max(numbers)), site)
    if not whole:
        return made.having(encoding=Known("continuous", site))
    if (width == 1 or not nested) and set(numbers) == {0, 1}:
        return made.having(encoding=Known("class-ids", site), classes=Known(2, site))
    if width is None or width == 1 or not set(numbers) <= {0, 1}:
        return made
    if all(sum(numbers[at : at + width]) == 1 for at in range(0, len(numbers), width)):
        return made.having(encoding=Known("one-hot", site), exclusive=Known(True, site), classes=Known(width, site))
    return made.having(encoding=Known("multi-label", site), exclusive=Known(False, site))


def _collect(interp: Interpreter, value: Value, numbers: list[float], rows: list[int], depth: int) -> bool:
    """Gather the numbers of nested lists, and how long the lists are; false when something is no number."""
    if isinstance(value, (List, Tuple)):
        items, rest = interp.items_of(value)
        if items is None or rest or depth >= MOST_NESTED:
            return False
        rows.append(len(items))
        return all(_collect(interp, item, numbers, rows, depth + 1) for item in items)
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        numbers.append(value.value)
        return len(numbers) <= MOST_NUMBERS
    return False


def _kept(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.array(x)` and kin: what was known stays known."""
    value = interp.state.settle(arguments.positional[0]) if arguments.positional else None
    if isinstance(value, (Data, Unknown)):
        return value
    if not isinstance(value, (List, Tuple)):
        return None
    items, rest = interp.items_of(value)
    found = literal(interp, value, arguments.site)
    if found is None and items and not rest:
        found = text_arrays.from_texts(interp, items, arguments)
    if found is not None:
        return found
    shown = [one for one in items or () if one is not GAP]
    if shown and all(isinstance(one, Data) for one in shown):
        # what a loop appended: its one turn stands for all
        return merged([one for one in shown if isinstance(one, Data)])
    return Unknown(("array", key_of(value)))


def _moved(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.transpose(x)` and kin: the same content in another shape."""
    found = _kept(interp, arguments)
    return found.having(shape=None) if isinstance(found, Data) else found


def _constant(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`tf.constant([1, 2])`; of a symbolic tensor, or of something unknown, it is an operation like others."""
    value = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    return value if isinstance(value, Data) else literal(interp, value, arguments.site)


def _joined(interp: Interpreter, arguments: Arguments) -> Value:
    first = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    items, rest = interp.items_of(first) if isinstance(first, (List, Tuple)) else (tuple(arguments.positional), False)
    settled = [interp.state.settle(one) for one in items or ()]
    given = [one for one in settled if not isinstance(one, Const)]
    parts = [one for one in given if isinstance(one, Data)]
    return merged(parts) if parts and len(parts) == len(given) and not rest else Unknown()


def _split(interp: Interpreter, arguments: Arguments) -> Value:
    """`train_test_split(a, b)`: each array twice."""
    given = [interp.state.settle(one) for one in arguments.positional]
    return Tuple(tuple(one for one in given for _ in range(2)), rest=arguments.open)


# -- constant and random arrays ----------------------------------------------------------------------------------------


def _identity(interp: Interpreter, arguments: Arguments) -> Value:
    size = length(interp.state.settle(arguments.positional[0])) if arguments.positional else None
    return within(Data(shape=(size, size), origin="eye"), 0.0, 1.0, arguments.site)


def _filled(interp: Interpreter, arguments: Arguments, number: float | None) -> Value:
    width = text_arrays.width_of(arguments.get("dtype", 1))
    if width is not None:
        return text_arrays.make(interp, width, arguments)
    size = interp.state.settle(arguments.get("shape", 0) or Unknown())
    shape = (None,) if isinstance(size, Const) and size.value is None else lengths(size)
    made = Data(shape=shape, store=writable(arguments.site), site=arguments.site)
    return within(made, number, number, arguments.site) if number is not None else made


def _full(interp: Interpreter, arguments: Arguments) -> Value:
    bound = arguments.bind(("shape", "fill_value", "dtype"))
    value = interp.state.settle(bound.get("fill_value", NONE))
    width = text_arrays.width_of(bound.get("dtype"))
    if width is not None:
        return text_arrays.make(interp, width, arguments, value)
    if not (isinstance(value, Const) and isinstance(value.value, (int, float))):
        return Data(site=arguments.site)
    made = Data(shape=lengths(bound.get("shape")), store=writable(arguments.site))
    return within(made, float(value.value), float(value.value), arguments.site)


def _drawn(interp: Interpreter, arguments: Arguments, draw: Draw) -> Value:
    """Random numbers. Between two bounds they stand for anything; without bounds they are real numbers."""
    site = arguments.site
    bound = arguments.bind(draw.parameters)
    if draw.parameters:
        shape = lengths(bound.get("size"))
    else:
        shape = tuple(length(interp.state.settle(one)) for one in arguments.positional) or None
    if not isfinite(draw.low):
        return continuous(site, shape=shape)
    ends = [
        numeric(bound[name]) if name in bound else usual for name, usual in (("low", draw.low), ("high", draw.high))
    ]
    known = [one for one in ends if one is not None]
    return within(Data(shape=shape), known[0], known[1], site) if len(known) == 2 else Data(shape=shape, site=site)


def _integers(interp: Interpreter, arguments: Arguments, parameters: tuple[str, ...]) -> Value:
    bound = arguments.bind(parameters)
    low, high = (interp.state.settle(bound.get(name, NONE)) for name in ("low", "high"))
    if isinstance(high, Const) and high.value is None:
        low, high = Const(0), low
    shape, first, last = lengths(bound.get("size")), length(low), length(high)
    site = arguments.site
    made = Data(shape=shape, integer=True, site=site)
    endpoint = interp.state.settle(bound.get("endpoint", Const(False)))
    if first is None or last is None or not isinstance(endpoint, Const):
        return made
    last = last if endpoint.value else last - 1
    made = within(made, float(first), float(last), site)
    if (first, last) == (0, 1) and _is_wide(shape):
        return made.having(encoding=Known("multi-label", site), exclusive=Known(False, site))
    return made


def _random_state(_interp: Interpreter, arguments: Arguments, dotted: str) -> Value:
    return External(dotted, arguments.site)


def _is_wide(shape: Shape) -> bool:
    """Whether rows hold several numbers."""
    return shape is not None and len(shape) == 2 and (shape[-1] or 0) > 1


if TYPE_CHECKING:
    Call = Callable[[Interpreter, Arguments], Value | None]
    Method = Callable[[Interpreter, Data, Arguments], Value]

CALLS: Final[Mapping[str, Call]] = {
    **dict.fromkeys(catalog.KEEPING, _kept),
    **dict.fromkeys(catalog.MOVING, _moved),
    **dict.fromkeys(catalog.CONSTANTS, _constant),
    **dict.fromkeys(catalog.JOINING, _joined),
    **dict.fromkeys(catalog.SPLITS, _split),
    **dict.fromkeys(catalog.IDENTITIES, _identity),
    **{name: partial(_filled, number=number) for name, number in catalog.FILLED.items()},
    "numpy.full": _full,
    **{name: partial(_drawn, draw=draw) for name, draw in catalog.DRAWS.items()},
    **{name: partial(_integers, parameters=names) for name, names in catalog.INTEGER_DRAWS.items()},
    **{name: partial(_random_state, dotted=dotted) for name, dotted in catalog.RANDOM_STATES.items()},
}
"""Functions that make or change arrays."""


# -- methods, attributes, items ----------------------------------------------------------------------------------------


def _statistic(_interp: Interpreter, data: Data, arguments: Arguments, name: str) -> Value:
    """`y.mean()`, `y.min()` and kin, of an array that is known."""
    return Data(origin=name, parent=data, site=arguments.site)


def _same(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return data


def _turned(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return data.having(shape=None)


def _flat(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return data.having(shape=(None,))


def _reshape(interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    given = [interp.state.settle(one) for one in arguments.positional]
    if len(given) == 1 and isinstance(given[0], (Tuple, List)):
        return data.having(shape=with_rest(lengths(given[0])))
    return data.having(shape=with_rest(tuple(length(one) for one in given) or None))


def _astype(_interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    if data.origin == "text":
        return Data(site=arguments.site)  # an array of its own, with a width of its own
    return Data(site=arguments.site) if text_arrays.width_of(arguments.get("dtype", 0)) is not None else data


def _argmax(_interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    if not encoded(data, "one-hot"):
        return Data(site=arguments.site)
    return class_ids(arguments.site, data.classes.value if data.classes else None)


METHODS: Final[Mapping[str, Method]] = {
    **{name: partial(_statistic, name=name) for name in catalog.STATISTICS},
    **dict.fromkeys(catalog.KEEPING_METHODS, _same),
    **dict.fromkeys(catalog.MOVING_METHODS, _turned),
    **dict.fromkeys(("flatten", "ravel"), _flat),
    "argmax": _argmax,
    "astype": _astype,
    "reshape": _reshape,
}
"""Methods of arrays, series and frames."""


def attribute(data: Data, name: str) -> Value | None:
    """`labels.shape`, `labels.values`, `labels.T`."""
    if name == "shape" and data.shape is not None:
        return Tuple(tuple(Const(one) if one is not None else Unknown() for one in data.shape))
    if name in catalog.KEEPING_ATTRIBUTES:
        return data if name != "T" else data.having(shape=None)
    return None


def item(data: Data, index: Value) -> Value:
    """`data[index]`."""
    if data.origin == "eye":
        return one_hot(data.site, data.shape[0] if data.shape else None) if data.site is not None else Unknown()
    if isinstance(index, Tuple):
        if encoded(data, "multi-label", "one-hot"):
            # a column, or some of them: the row as a whole is lost
            return data.having(shape=None, encoding=None, classes=None, exclusive=None)
        return data.having(shape=None)
    if isinstance(index, Data):
        # some rows, by a mask: which classes are left is not known, and not how far the numbers go
        return data.having(shape=None, classes=None, low=None, high=None)
    if isinstance(index, Const):
        if isinstance(index.value, str):
            return Unknown()
        if type(index.value) is int:
            return row(data)
    return data


def row(data: Data) -> Data:
    """One item of an array."""
    return data.having(shape=data.shape[1:] if data.shape and len(data.shape) > 1 else None)


def item_set(interp: Interpreter, data: Data, value: Value, site: Site) -> None:
    """`array[...] = value`."""
    if data.store is None:
        return
    if data.origin == "text":
        text_arrays.keep(interp, data, value, site)
    else:
        fill(interp, data.store, value)

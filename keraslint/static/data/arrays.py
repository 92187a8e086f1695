"""Arrays as a program makes and changes them: literals, random numbers, `np.zeros`, `reshape`, `labels[:100]`.

What is known of the content goes along as far as it stays true. Arithmetic is in `scaling`, encodings are in
`encoders`, data sets and generators in `pipelines`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Final

from keraslint.static.bounds import MOST_NUMBERS
from keraslint.static.catalog import arrays as catalog
from keraslint.static.catalog.arrays import Draw, Join
from keraslint.static.data import text_arrays
from keraslint.static.data.columns import as_read, read_file, shape_of_test
from keraslint.static.data.contents import (
    PICTURES,
    ROWS,
    another,
    class_ids,
    continuous,
    encoded,
    fill,
    is_literal,
    merged,
    numeric,
    one_hot,
    stacked,
    within,
    writable,
)
from keraslint.static.lengths import length, lengths, with_rest
from keraslint.static.values import (
    GAP,
    NONE,
    Arguments,
    Choice,
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
    content_key,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

MOST_NESTED: Final = 4
MOST_PIECES: Final = 24
TABLE: Final = "table"
"""The origin of what is read from a file of rows and columns."""
MADE_UP: Final = "made-up"


# -- arrays written out ------------------------------------------------------------------------------------------------


def literal(interp: Interpreter, value: Value, site: Site) -> Data | None:
    """An array of numbers that are written out in the program."""
    items, _ = interp.items_of(value) if isinstance(value, (List, Tuple)) else (None, True)
    if items is None:
        return None
    numbers: list[float] = []
    shape = _collect(interp, value, numbers, 0)
    if shape is None or not numbers:
        return None
    nested = len(shape) > 1
    width = shape[-1] if nested and None not in shape else None
    whole = all(isinstance(one, int) or float(one).is_integer() for one in numbers)
    made = Data(shape=shape, integer=whole, kind=MADE_UP)
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


def _collect(interp: Interpreter, value: Value, numbers: list[float], depth: int) -> Shape:
    """Gather the numbers of nested lists; their shape, and nothing when something is no number.

    A last length of `None` tells that inner lists differ.
    """
    if isinstance(value, (List, Tuple)):
        items, rest = interp.items_of(value)
        if items is None or rest or depth >= MOST_NESTED:
            return None
        inner: list[tuple[int | None, ...]] = []
        for item in items:
            found = _collect(interp, item, numbers, depth + 1)
            if found is None:
                return None
            inner.append(found)
        same = all(one == inner[0] for one in inner)
        return (len(items), *inner[0]) if inner and same else (len(items), None) if inner else (0,)
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        numbers.append(value.value)
        return () if len(numbers) <= MOST_NUMBERS else None
    return None


def _kept(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.array(x)` and kin: what was known stays known."""
    value = interp.state.settle(arguments.positional[0]) if arguments.positional else None
    if isinstance(value, (Data, Unknown)):
        return value
    if not isinstance(value, (List, Tuple)):
        return None
    items, rest = interp.items_of(value)
    found = literal(interp, value, arguments.site) or _of_literals(interp, value, arguments.site)
    if found is None and items and not rest:
        found = text_arrays.from_texts(interp, items, arguments)
    if found is not None:
        return found
    shown = [one for one in items or () if one is not GAP]
    if shown and all(isinstance(one, Data) for one in shown):
        # what a loop appended: its one turn stands for all
        found = merged([one for one in shown if isinstance(one, Data)])
        return found.having(shape=(None, *found.shape)) if found.shape else found
    return Unknown(("array", content_key(value)))


_LARGEST: Final = 1e300
"""Larger numbers are too much for a float, or infinite."""


def _of_literals(interp: Interpreter, value: List | Tuple, site: Site) -> Data | None:
    """A list that a loop makes of numbers as they stand in the program: `[1 if one == "cat" else 0 for one in names]`.

    Class ids only where they are 0 and 1: of more of them it is not sure that they are all.
    """
    held = interp.state.settle(value.state["items"]) if isinstance(value, List) else value
    ways = [one for _, one in held.alternatives] if isinstance(held, Choice) else [held]
    items = [item for way in ways if isinstance(way, Tuple) for item in way.items]
    found = [interp.state.settle(one) for one in items]
    numbers = {number for one in found for number in _numbers(one)}
    # one number among them: then all are single numbers
    single = any(isinstance(one, Const) and type(one.value) in {int, float} for one in found)
    plain = single and all(isinstance(one, (Const, Choice, Unknown)) for one in found)
    if GAP not in items or not numbers or not all(map(is_literal, found)):
        return Data(shape=(None,), site=site) if plain else None
    if max(map(abs, numbers)) > _LARGEST:
        return None
    if numbers == {0, 1}:
        return class_ids(site, 2)
    made = Data(shape=(None,), integer=all(float(one).is_integer() for one in numbers))
    return within(made, float(min(numbers)), float(max(numbers)), site) if min(numbers) < 0 else made.having(site=site)


def _numbers(value: Value) -> Iterator[int | float]:
    """The numbers that a value may be."""
    if isinstance(value, Choice):
        for _, one in value.alternatives:
            yield from _numbers(one)
    elif isinstance(value, Const) and isinstance(value.value, (int, float)):
        yield value.value


def _moved(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.transpose(x)` and kin: the same content in another shape."""
    found = _kept(interp, arguments)
    return found.having(shape=None) if isinstance(found, Data) else found


def _constant(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`tf.constant([1, 2])`; of a symbolic tensor, or of something unknown, it is an operation like others."""
    value = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    return value if isinstance(value, Data) else literal(interp, value, arguments.site)


def _joined(interp: Interpreter, arguments: Arguments, join: Join = Join.BESIDE) -> Value:
    """`np.concatenate([a, b])` and kin."""
    first = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    items, rest = interp.items_of(first) if isinstance(first, (List, Tuple)) else (tuple(arguments.positional), False)
    settled = [interp.state.settle(one) for one in items or ()]
    given = [one for one in settled if not isinstance(one, Const)]
    parts = [one for one in given if isinstance(one, Data)]
    if not parts or len(parts) != len(given) or rest:
        return Unknown()
    axis = interp.state.settle(arguments.get("axis", 1 if join is Join.BY_AXIS else None) or Const(0))
    ranks = {len(one.shape) if one.shape is not None else 0 for one in parts}
    if not isinstance(axis, Const) or (0 in ranks and join is not Join.BESIDE and axis.value == 0):
        return merged(parts)
    by_rows = axis.value == 0 if join is Join.BY_AXIS else min(ranks) > 1 if join is Join.UPON else ranks == {1}
    # columns beside columns: what was one class for a row is several numbers now
    return stacked(parts) if by_rows else merged(parts).having(encoding=None, classes=None, exclusive=None)


def _split(interp: Interpreter, arguments: Arguments) -> Value:
    """`train_test_split(a, b)`: each array twice."""
    given = [interp.state.settle(one) for one in arguments.positional]
    parts = tuple(another(interp, _part_of(as_read(interp, one))) for one in given for _ in range(2))
    return Tuple(parts, rest=arguments.open)


def _part_of(value: Value) -> Value:
    return some_rows(value) if isinstance(value, Data) else value


def _stacked(interp: Interpreter, arguments: Arguments) -> Value:
    """`np.stack([a, b])`: the numbers on a new axis, of a shape that is not followed."""
    found = _joined(interp, arguments)
    return found.having(shape=None, encoding=None, classes=None, exclusive=None) if isinstance(found, Data) else found


def _cut(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.array_split(y, 5)`: the array in pieces."""
    given = interp.state.settle(arguments.positional[0]) if arguments.positional else None
    if not isinstance(given, Data) or "axis" in arguments.named or len(arguments.positional) != 2:
        return None
    where = interp.state.settle(arguments.positional[1])
    ends, rest = interp.items_of(where)
    count = length(where) if ends is None else (len(ends) + 1 if not rest else None)
    if count is None or not 0 < count <= MOST_PIECES:
        return List((some_rows(given),), arguments.site, rest=True)
    return List(tuple(some_rows(given) for _ in range(count)), arguments.site)


def _shuffled(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`sklearn.utils.shuffle(x, y)`: each array once."""
    given = [interp.state.settle(one) for one in arguments.positional]
    return given[0] if len(given) == 1 else List(tuple(given), arguments.site) if given else None


def _row_numbers(_interp: Interpreter, arguments: Arguments) -> Value:
    """`np.random.permutation(n)`, `np.arange(n)`: numbers of rows, one for each."""
    return Data(shape=(None,), origin=ROWS, integer=True, site=arguments.site)


def _permuted(interp: Interpreter, arguments: Arguments) -> Value:
    """`np.random.permutation(y)` of an array is the array in another order."""
    given = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    return given if isinstance(given, Data) else _row_numbers(interp, arguments)


def some_rows(data: Data) -> Data:
    """The same content, of fewer rows: another array, even where as much is known of it."""
    return data.having(shape=(None, *data.shape[1:]) if data.shape else data.shape)


def _emptied(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.delete(y, rows)`, `np.resize`: fewer or more of the same, of a shape that is not known."""
    found = _kept(interp, arguments)
    return another(interp, found.having(shape=None) if isinstance(found, Data) else found) if found else found


def _expanded(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.expand_dims(y, -1)`."""
    found = _kept(interp, arguments)
    if not isinstance(found, Data):
        return found
    axis = length(interp.state.settle(arguments.get("axis", 1) or NONE))
    rank = len(found.shape) if found.shape is not None else None
    if found.shape is None or rank is None or axis is None or not -rank - 1 <= axis <= rank:
        return found.having(shape=None)
    at = axis % (rank + 1)
    return found.having(shape=(*found.shape[:at], 1, *found.shape[at:]))


def _reshaped(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.reshape(y, (-1, 1))`."""
    found = _kept(interp, arguments)
    if not isinstance(found, Data):
        return found
    return in_shape(found, with_rest(lengths(arguments.get("shape", 1) or arguments.get("newshape"))))


def _pressed(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.squeeze(y)` and `np.ravel(y)`: axes of length one disappear; of anything else the shape is lost."""
    found = _kept(interp, arguments)
    return squeezed(found) if isinstance(found, Data) else found


def _where(interp: Interpreter, arguments: Arguments) -> Value:
    """`np.where(condition, 1, 0)`."""
    bound = arguments.bind(("condition", "x", "y"))
    given = interp.state.settle(bound.get("condition", Unknown()))
    shape = given.shape if isinstance(given, Data) else shape_of_test(given.key) if isinstance(given, Unknown) else None
    ends = [interp.state.settle(bound[name]) for name in ("x", "y") if name in bound]
    numbers = [one for one in ends if isinstance(one, Const) and isinstance(one.value, (int, float))]
    if len(numbers) != 2:
        return Data(shape=shape, site=arguments.site) if len(ends) == 2 else Unknown()
    low, high = sorted(float(one.value) for one in numbers)
    whole = all(isinstance(one.value, int) for one in numbers)
    made = within(Data(shape=shape, integer=whole), low, high, arguments.site)
    if (low, high) == (0, 1) and whole and shape is not None and len(shape) == 1:
        return made.having(encoding=Known("class-ids", arguments.site), classes=Known(2, arguments.site))
    return made


def _table(_interp: Interpreter, arguments: Arguments) -> Value:
    """`np.loadtxt("data.csv")`: numbers in rows and columns, unless there is only one column."""
    return Data(origin=TABLE, site=arguments.site)


def _framed(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`pd.DataFrame(y)`: numbers in a row become a column."""
    found = _kept(interp, arguments)
    if isinstance(found, Data) and found.shape is not None and len(found.shape) == 1:
        return found.having(shape=(*found.shape, 1))
    return found


def in_shape(data: Data, shape: Shape) -> Data:
    """The same numbers in another shape. Rows are torn where the last axis is another one."""
    width = data.shape[-1] if data.shape is not None and len(data.shape) > 1 else None
    torn = encoded(data, "one-hot", "multi-label") and (shape is None or width is None or shape[-1] != width)
    if torn:
        return data.having(shape=shape, encoding=None, classes=None, exclusive=None)
    return data.having(shape=shape)


def squeezed(data: Data) -> Data:
    """Without axes of length one."""
    shape = data.shape
    if shape is None or None in shape[1:]:
        return data.having(shape=None)
    return data.having(shape=(*shape[:1], *(one for one in shape[1:] if one != 1)))


# -- constant and random arrays ----------------------------------------------------------------------------------------


def _identity(interp: Interpreter, arguments: Arguments) -> Value:
    size = length(interp.state.settle(arguments.positional[0])) if arguments.positional else None
    return within(Data(shape=(size, size), origin="eye"), 0.0, 1.0, arguments.site)


def _filled(interp: Interpreter, arguments: Arguments, number: float | None) -> Value:
    width = text_arrays.width_of(arguments.get("dtype", 1))
    if width is not None:
        return text_arrays.make(interp, width, arguments)
    shape = _size(interp, arguments.get("shape", 0))
    made = Data(shape=shape, store=writable(arguments.site), site=arguments.site)
    return within(made, number, number, arguments.site) if number is not None else made


def _size(interp: Interpreter, given: Value | None) -> Shape:
    """The shape that an argument means: a number, a tuple, the length of something."""
    size = interp.state.settle(given) if given is not None else Unknown()
    if (isinstance(size, Const) and size.value is None) or is_number(size):
        return (None,)
    return lengths(size)


def is_number(value: Value) -> bool:
    """Whether something that is not known is one number: `len(x)`, `x.shape[0]`, arithmetic on such."""
    key = value.key if isinstance(value, Unknown) else None
    if not isinstance(key, tuple) or len(key) < 2:
        return False
    if key[:2] == ("call", "len") or key[:2] == ("call", "int"):
        return True
    if key[0] in {"+", "-", "*", "//"}:
        return all(_is_number_key(one) for one in key[1:])
    return _is_length(key)


def _is_number_key(key: object) -> bool:
    return isinstance(key, tuple) and ((key[:1] == ("c",) and isinstance(key[-1], int)) or is_number(Unknown(key)))


def _is_length(key: tuple[object, ...]) -> bool:
    """`x.shape[0]`."""
    owner = key[1] if key[0] == "item" and len(key) == 3 else None
    return isinstance(owner, tuple) and owner[:1] == ("attr",) and owner[-1] == "shape" and isinstance(key[2], tuple)


def _full(interp: Interpreter, arguments: Arguments) -> Value:
    bound = arguments.bind(("shape", "fill_value", "dtype"))
    value = interp.state.settle(bound.get("fill_value", NONE))
    width = text_arrays.width_of(bound.get("dtype"))
    if width is not None:
        return text_arrays.make(interp, width, arguments, value)
    if not (isinstance(value, Const) and isinstance(value.value, (int, float))):
        return Data(site=arguments.site)
    made = Data(shape=_size(interp, bound.get("shape")), store=writable(arguments.site))
    return within(made, float(value.value), float(value.value), arguments.site)


def _drawn(interp: Interpreter, arguments: Arguments, draw: Draw) -> Value:
    """Random numbers. Between two bounds they stand for anything; without bounds they are real numbers."""
    site = arguments.site
    bound = arguments.bind(draw.parameters)
    if draw.parameters:
        shape = _size(interp, bound["size"]) if "size" in bound else None
    else:
        shape = tuple(length(interp.state.settle(one)) for one in arguments.positional) or None
    if not isfinite(draw.low):
        return continuous(site, shape=shape).having(kind=MADE_UP)
    ends = [
        numeric(bound[name]) if name in bound else usual for name, usual in (("low", draw.low), ("high", draw.high))
    ]
    known = [one for one in ends if one is not None]
    made = Data(shape=shape, site=site, kind=MADE_UP)
    return within(made, known[0], known[1], site) if len(known) == 2 else made


def _integers(interp: Interpreter, arguments: Arguments, parameters: tuple[str, ...]) -> Value:
    bound = arguments.bind(parameters)
    low, high = (interp.state.settle(bound.get(name, NONE)) for name in ("low", "high"))
    if isinstance(high, Const) and high.value is None:
        low, high = Const(0), low
    shape = _size(interp, bound["size"]) if "size" in bound else None
    first, last = length(low), length(high)
    site = arguments.site
    made = Data(shape=shape, integer=True, site=site, kind=MADE_UP)
    endpoint = interp.state.settle(bound.get("endpoint", Const(False)))
    if first is None or last is None or not isinstance(endpoint, Const):
        return made
    last = last if endpoint.value else last - 1
    made = within(made, float(first), float(last), site)
    if (first, last) == (0, 1) and _is_wide(shape):
        return made.having(encoding=Known("multi-label", site), exclusive=Known(False, site))
    return made


def _chosen(interp: Interpreter, arguments: Arguments) -> Value:
    """`np.random.choice([0, 1], size=n)`, `np.random.choice(10, n)`."""
    bound = arguments.bind(("a", "size"))
    site = arguments.site
    given = interp.state.settle(bound.get("a", Unknown()))
    shape = _size(interp, bound["size"]) if "size" in bound else None
    count = length(given)
    if count is not None and count > 0:
        return within(Data(shape=shape, integer=True), 0.0, float(count - 1), site)
    content = literal(interp, given, site) if isinstance(given, (List, Tuple)) else given
    if isinstance(content, Data) and content.shape is not None and len(content.shape) == 1:
        kept = encoded(content, "continuous") or not _is_wide(shape)
        return content.having(shape=shape, encoding=content.encoding if kept else None, site=site)
    return Data(shape=shape, site=site)


def _spaced(_interp: Interpreter, arguments: Arguments) -> Value:
    """`np.linspace(low, high)`: real numbers from end to end."""
    bound = arguments.bind(("start", "stop", "num"))
    ends = [numeric(bound.get("start")), numeric(bound.get("stop"))]
    known = [one for one in ends if one is not None]
    made = Data(shape=(None,), encoding=Known("continuous", arguments.site), site=arguments.site, kind=MADE_UP)
    return within(made, min(known), max(known), arguments.site) if len(known) == 2 else made


def _standardised(interp: Interpreter, arguments: Arguments) -> Value:
    """`scale(y)`, `zscore(y)`: on both sides of zero."""
    given = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    return continuous(arguments.site, shape=given.shape if isinstance(given, Data) else None)


def _number_of(interp: Interpreter, arguments: Arguments, name: str) -> Value | None:
    """`np.mean(y)` and kin: the same number as `y.mean()`."""
    given = interp.state.settle(arguments.positional[0]) if arguments.positional else None
    if isinstance(given, Data):
        rest = Arguments(arguments.positional[1:], arguments.named, {}, arguments.site)
        return _statistic(interp, given, rest, name)
    if isinstance(given, Unknown) and len(arguments.positional) == 1:
        named = tuple((one, key_of(value)) for one, value in arguments.named.items())
        return interp.unknown(("call", ("attr", given.key, name), *named))
    return None


def _made_up(_interp: Interpreter, arguments: Arguments) -> Value:
    return Data(kind=MADE_UP, site=arguments.site)


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
    **{name: partial(_joined, join=join) for name, join in catalog.JOINING.items()},
    **dict.fromkeys(catalog.SPLITS, _split),
    **dict.fromkeys(catalog.IDENTITIES, _identity),
    **{name: partial(_filled, number=number) for name, number in catalog.FILLED.items()},
    "numpy.full": _full,
    "numpy.random.choice": _chosen,
    "numpy.random.Generator.choice": _chosen,
    **dict.fromkeys(catalog.PERMUTATIONS, _permuted),
    "numpy.arange": _row_numbers,
    "sklearn.utils.shuffle": _shuffled,
    **dict.fromkeys(catalog.CUTS, _cut),
    **dict.fromkeys(catalog.STACKING, _stacked),
    **dict.fromkeys((*catalog.EMPTIED, "numpy.take"), _emptied),
    "numpy.expand_dims": _expanded,
    "numpy.reshape": _reshaped,
    **dict.fromkeys(("numpy.ravel", "numpy.squeeze"), _pressed),
    "numpy.where": _where,
    "numpy.argsort": _row_numbers,
    "numpy.linspace": _spaced,
    **dict.fromkeys(catalog.STANDARDS, _standardised),
    **{f"numpy.{name}": partial(_number_of, name=name) for name in catalog.STATISTICS},
    "pandas.DataFrame": _framed,
    "pandas.read_csv": read_file,
    **dict.fromkeys(("numpy.genfromtxt", "numpy.loadtxt"), _table),
    **{name: partial(_drawn, draw=draw) for name, draw in catalog.DRAWS.items()},
    **{name: partial(_integers, parameters=names) for name, names in catalog.INTEGER_DRAWS.items()},
    **dict.fromkeys(catalog.DRAWN_ELSEWHERE, _made_up),
    **{name: partial(_random_state, dotted=dotted) for name, dotted in catalog.RANDOM_STATES.items()},
}
"""Functions that make or change arrays."""


# -- methods, attributes, items ----------------------------------------------------------------------------------------


def _statistic(interp: Interpreter, data: Data, arguments: Arguments, name: str) -> Value:
    """`y.mean()`, `y.min()` and kin, of an array that is known."""
    return Data(shape=_without(interp, data, arguments), origin=name, parent=data, site=arguments.site)


def _same(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return data


def _some(interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return another(interp, data)


def _turned(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return in_shape(data, None)


def _flat(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return in_shape(data, (None,))


def _squeeze(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return squeezed(data)


def _repeat(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    """Of a data set more of the same, of an array something flat."""
    return data if data.origin == "dataset" else in_shape(data, None)


def _to_frame(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return data.having(shape=(*data.shape, 1)) if data.shape is not None and len(data.shape) == 1 else data


def _total(interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    """`x.sum(axis=1)`: one number for each row."""
    return Data(shape=_without(interp, data, arguments), origin="sum", parent=data, site=arguments.site)


def _without(interp: Interpreter, data: Data, arguments: Arguments) -> Shape:
    """The shape behind a function that makes one number of an axis."""
    axis, shape = length(interp.state.settle(arguments.get("axis", 0) or NONE)), data.shape
    if shape is None or axis is None or "keepdims" in arguments.named or not -len(shape) <= axis < len(shape):
        return None
    at = axis % len(shape)
    return (*shape[:at], *shape[at + 1 :]) if at else None


def _reshape(interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    given = [interp.state.settle(one) for one in arguments.positional]
    if len(given) == 1 and isinstance(given[0], (Tuple, List)):
        return in_shape(data, with_rest(lengths(given[0])))
    return in_shape(data, with_rest(tuple(length(one) for one in given) or None))


def _astype(_interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    if data.origin == "text":
        return Data(site=arguments.site)  # an array of its own, with a width of its own
    dtype = arguments.get("dtype", 0)
    if _is_boolean(dtype):
        return within(data.having(encoding=None), 0.0, 1.0, arguments.site) if data.kind in PICTURES else rounded(data)
    if text_arrays.width_of(dtype) is not None:
        return Data(site=arguments.site)
    return rounded(data) if _holds_whole_numbers(dtype) else data


def _is_boolean(dtype: Value | None) -> bool:
    name = dtype.dotted if isinstance(dtype, External) else dtype.value if isinstance(dtype, Const) else None
    return str(name).rpartition(".")[2] in {"bool", "bool_"}


def _holds_whole_numbers(dtype: Value | None) -> bool:
    """Whether a type holds whole numbers only."""
    if isinstance(dtype, External):
        return dtype.dotted.rpartition(".")[2].startswith(catalog.WHOLE)
    return isinstance(dtype, Const) and isinstance(dtype.value, str) and dtype.value.startswith(catalog.WHOLE)


def rounded(data: Data) -> Data:
    """The same numbers, made whole: they may well be class ids now."""
    return data.having(encoding=None, integer=True) if encoded(data, "continuous") else data


def _rounded(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return rounded(data)


def _signed(_interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    """`prices.pct_change()`: up and down."""
    return continuous(arguments.site, shape=data.shape)


def _argmax(interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    shape = _without(interp, data, arguments)
    if not encoded(data, "one-hot"):
        return Data(shape=shape, site=arguments.site)
    return class_ids(arguments.site, data.classes.value if data.classes else None, shape)


METHODS: Final[Mapping[str, Method]] = {
    **{name: partial(_statistic, name=name) for name in catalog.STATISTICS},
    **dict.fromkeys(catalog.KEEPING_METHODS, _same),
    **dict.fromkeys(catalog.CHOOSING_METHODS, _some),
    **dict.fromkeys(catalog.MOVING_METHODS, _turned),
    **dict.fromkeys(("flatten", "ravel"), _flat),
    "squeeze": _squeeze,
    "repeat": _repeat,
    "sum": _total,
    "to_frame": _to_frame,
    "argmax": _argmax,
    "astype": _astype,
    "pct_change": _signed,
    "round": _rounded,
    "reshape": _reshape,
}
"""Methods of arrays, series and frames."""


def attribute(data: Data, name: str) -> Value | None:
    """`labels.shape`, `labels.values`, `labels.T`."""
    if name == "shape" and data.shape is not None:
        return Tuple(tuple(Const(one) if one is not None else Unknown() for one in data.shape))
    if name == "ndim" and data.shape is not None:
        return Const(len(data.shape))
    if name == "codes" and data.site is not None:
        return class_ids(data.site, None)
    if name == "cat" or name in catalog.KEEPING_ATTRIBUTES:
        return data if name != "T" or (data.shape is not None and len(data.shape) == 1) else in_shape(data, None)
    return None


def item(data: Data, index: Value) -> Value:
    """`data[index]`."""
    if data.origin == "eye" and data.site is not None and not isinstance(index, Tuple):
        return _rows_of_eye(data.shape[0] if data.shape else None, index, data.site)
    if data.origin == "eye" or (data.origin == ROWS and isinstance(index, Const) and type(index.value) is int):
        return Unknown()
    if isinstance(index, Tuple):
        return _part(data, index)
    if isinstance(index, Data) and index.origin == ROWS:
        return some_rows(data)
    if isinstance(index, Data):
        # some rows, by a mask: which classes are left is not known, and not how far the numbers go
        flat = index.shape is not None and len(index.shape) == 1
        left = some_rows(data) if flat and encoded(data, "one-hot") else data.having(shape=None)
        if flat and data.shape:
            left = left.having(shape=(None, *data.shape[1:]))
        return left if encoded(data, "one-hot") else left.having(classes=None, low=None, high=None)
    if isinstance(index, Const):
        if isinstance(index.value, str):
            return Unknown()
        if type(index.value) is int:
            return row(data)
        return some_rows(data) if isinstance(index.value, slice) else data.having(shape=None)
    if isinstance(index, External):
        # `y[np.newaxis]`
        return data.having(shape=(1, *data.shape) if data.shape is not None else None)
    # a row, or some of them: not even of class ids it is known which are left
    left = data.having(shape=None)
    return left if encoded(data, "continuous", "multi-label", "one-hot") else left.having(classes=None, high=None)


def _rows_of_eye(size: int | None, index: Value, site: Site) -> Value:
    """`np.eye(n)[y]`: a row for each class id, whatever shape they have."""
    if isinstance(index, Data):
        return one_hot(site, size, (*index.shape, size) if index.shape is not None else None)
    if isinstance(index, Const) and type(index.value) is int:
        return one_hot(site, size, (size,))
    return one_hot(site, size)


def _part(data: Data, index: Tuple) -> Data:
    """`data[:, 0]`, `data[rows, :]`, `data[:, np.newaxis]`."""
    shape = _part_shape((None,) * len(index.items) if data.origin == TABLE else data.shape, index)
    if data.origin == TABLE:
        return Data(shape=shape, site=data.site)
    whole = all(_is_whole(one) for one in index.items[1:])
    if whole and not (isinstance(index.items[0], Const) and type(index.items[0].value) is int):
        return data.having(shape=shape)
    if data.origin == "dummies":
        return Data(shape=shape, site=data.site)
    if encoded(data, "multi-label", "one-hot"):
        # a column, or some of them: the row as a whole is lost
        return data.having(shape=shape, encoding=None, classes=None, exclusive=None)
    return data.having(shape=shape)


def _is_whole(index: Value) -> bool:
    """Whether an index leaves an axis as it is, or puts one of length one there."""
    return _is_new_axis(index) or (isinstance(index, Const) and index.value == slice(None))


def _is_new_axis(index: Value) -> bool:
    return (isinstance(index, Const) and index.value is None) or (
        isinstance(index, External) and index.dotted in {"numpy.newaxis", "tensorflow.newaxis"}
    )


def _part_shape(shape: Shape, index: Tuple) -> Shape:
    """The shape behind an index with several places, if every one of them is understood."""
    if shape is None or index.rest:
        return None
    left = list(shape)
    found: list[int | None] = []
    for one in index.items:
        if _is_new_axis(one):
            found.append(1)
            continue
        if not left or not isinstance(one, Const):
            return None
        size = left.pop(0)
        if isinstance(one.value, slice):
            found.append(size if one.value == slice(None) else _sliced(size, one.value))
        elif type(one.value) is not int:
            return None
    return (*found, *left)


def _sliced(size: int | None, part: slice) -> int | None:
    """How long a slice of an axis is."""
    ends = (part.start, part.stop, part.step)
    return len(range(size)[part]) if size is not None and all(e is None or type(e) is int for e in ends) else None


def row(data: Data) -> Data:
    """One item of an array."""
    return data.having(shape=data.shape[1:] if data.shape and len(data.shape) > 1 else None)


def change(interp: Interpreter, data: Data, value: Value) -> None:
    """`array /= 255`: every number is another now."""
    if data.store is not None and data.origin not in {"text", "prediction"}:
        fill(interp, data.store, value)


def item_set(interp: Interpreter, data: Data, value: Value, site: Site) -> Data | None:
    """`array[...] = value`; what the array is then, where it does not remember that itself."""
    if data.store is None:
        return overwritten(data, value, site) if data.parts is None else None
    if data.origin == "text":
        text_arrays.keep(interp, data, value, site)
    else:
        fill(interp, data.store, value)
    return None


def overwritten(data: Data, value: Value, site: Site) -> Data:
    """An array of which some items are replaced: a number beyond its bounds is one of its numbers now.

    What was there before may all be gone, so the old bounds and the old classes say nothing any more.
    """
    number = numeric(value)
    rest = Data(shape=data.shape, site=site)
    if number is None:
        return rest
    return rest.having(
        low=Known(number, site) if number < 0 or (data.low is not None and number < data.low.value) else None,
        high=Known(number, site) if data.high is not None and number > data.high.value else None,
    )

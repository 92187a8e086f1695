"""Arithmetic and comparisons of arrays: `x / 255`, `(x - mean) / std`, `np.clip(y, 0, 1)`, `labels == 3`.

What comes in is what is known of the content, what comes out is what is left of it. Class ids that are calculated with
are no class ids any more; real numbers stay real numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import inf, isnan
from typing import TYPE_CHECKING, Final

from keraslint.static.catalog.arrays import HALF_PIXEL_SCALES, PIXEL_SCALES, STATISTICS, WAVES
from keraslint.static.data.contents import continuous, encoded, numeric, settled, within
from keraslint.static.values import NONE, Arguments, Const, Data, Key, Known, Shape, Site, Tensor, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Call = Callable[[Interpreter, Arguments], Value | None]


SCALED: Final = "scaled-class-ids"
LARGEST_FACTOR: Final = 0.1


def arithmetic(interp: Interpreter, word: str, left: Value, right: Value, site: Site) -> Value:
    """`data / 255`, `(data - mean) / std` and kin."""
    if isinstance(left, Data) and isinstance(right, Data):
        return _between_arrays(word, left, right, site)
    data, other = (left, right) if isinstance(left, Data) else (right, left)
    if not isinstance(data, Data):
        return Unknown()
    if isinstance(other, Const) and isinstance(other.value, (int, float)) and not isinstance(other.value, bool):
        return _by_number(word, settled(interp, data), float(other.value), site, swapped=data is right)
    return Data(site=site)


def _between_arrays(word: str, left: Data, right: Data, site: Site) -> Data:
    bare = Data(shape=_shared_shape(left, right), site=site, kind=left.kind)
    if word == "-" and right.origin == "mean":
        # what has its mean taken off lies on both sides of zero
        made = continuous(site, shape=left.shape).having(kind=left.kind)
        return scaled_ids(made, left, site) if encoded(left, "class-ids") else made
    if word == "/" and right.origin in {"std", "var"}:
        return within(left, -inf, inf, site) if left.low is not None and left.low.value == -inf else bare
    if word == "/" and right.origin == "max" and left.low is not None and left.low.value >= 0:
        made = continuous(site, 0.0, 1.0, left.shape).having(kind=left.kind)
        return scaled_ids(made, left, site) if is_scalable(left) else made
    if word == "-" and right.origin == "min":
        # its smallest value taken off: `max - min` is the range, any other array starts at zero now
        return Data(origin="range" if left.origin == "max" else "from zero", parent=right.parent, site=site)
    if word == "/" and (left.origin, right.origin) == ("from zero", "range") and left.parent is right.parent:
        return continuous(site, 0.0, 1.0)
    if word in {"+", "-", "*"} and encoded(left, "continuous"):
        if left.high is not None and left.high.value == inf:
            return continuous(site, shape=left.shape)
        if word != "*" and left.low and left.high and right.low and right.high:
            low, high = (right.low.value, right.high.value) if word == "+" else (-right.high.value, -right.low.value)
            return within(bare.having(encoding=left.encoding), left.low.value + low, left.high.value + high, site)
        return bare.having(encoding=left.encoding)
    return bare


def _is_number(data: Data) -> bool:
    """Whether it is one number, made of an array."""
    return data.origin in STATISTICS and data.shape is None


def _shared_shape(left: Data, right: Data) -> Shape:
    """The shape of a sum of two arrays: where they differ, one is stretched, and that is not followed."""
    if _is_number(left) or _is_number(right):
        return (right if _is_number(left) else left).shape
    same = left.shape is not None and right.shape is not None and left.shape[1:] == right.shape[1:]
    return left.shape if same and None not in (left.shape or ())[1:] else None


def _by_number(word: str, data: Data, number: float, site: Site, *, swapped: bool) -> Data:
    if word == "/" and not swapped and data.low is None:
        if number in PIXEL_SCALES:
            return continuous(site, 0.0, 1.0, data.shape).having(kind=data.kind)
        if number in HALF_PIXEL_SCALES:
            return within(data, 0.0, 2.0, site)
    moves: dict[str, Callable[[float], float]] = {
        "*": lambda one: one * number,
        "+": lambda one: one + number,
        "-": lambda one: number - one if swapped else one - number,
    }
    if number and not swapped:
        moves["/"] = lambda one: one / number
    move = moves.get(word)
    if move is None:
        return Data(shape=data.shape, site=site)
    # arithmetic on class ids gives no class ids; continuous numbers stay continuous
    encoding = data.encoding if encoded(data, "continuous") else None
    if word == "/" and data.encoding is None:
        encoding = Known("continuous", site)
    left = Data(shape=data.shape, encoding=encoding, site=site, kind=data.kind)
    if encoded(data, "class-ids", SCALED) and _divides(word, number, swapped=swapped):
        left = scaled_ids(left, data, site)
    if data.low is None or data.high is None:
        return left
    ends = move(data.low.value), move(data.high.value)
    return Data(shape=data.shape, site=site) if any(map(isnan, ends)) else within(left, min(ends), max(ends), site)


def _divides(word: str, number: float, *, swapped: bool) -> bool:
    """Whether a calculation makes numbers smaller, so that ids run into each other when they are cut to whole ones.

    A factor near one smooths labels of zero and one.
    """
    return (word == "/" and not swapped and number > 1) or (word == "*" and 0 < number <= LARGEST_FACTOR)


def is_scalable(labels: Data) -> bool:
    """Whether labels are ids of more than two classes: two of them are zero and one, between which nothing changes."""
    return encoded(labels, "class-ids") and labels.classes is not None and labels.classes.value > 2


def scaled_ids(made: Data, ids: Data, site: Site) -> Data:
    """What a scaling made of class ids."""
    return made.having(encoding=Known(SCALED, site), classes=ids.classes, exclusive=ids.exclusive)


def quotient(left: Unknown, right: Value, site: Site) -> Data | None:
    """A quotient that says what range it has: something unknown by 255, or `(x - low) / (high - low)`."""
    if isinstance(right, Const):
        return continuous(site, 0.0, 1.0) if numeric(right) in PIXEL_SCALES else None
    above, below = left.key, right.key if isinstance(right, Unknown) else None
    if _is_standard(above, below):
        return continuous(site)
    if isinstance(above, tuple) and isinstance(below, tuple) and above[0] == below[0] == "-" and above[2] == below[2]:
        return continuous(site, 0.0, 1.0)
    return None


def _is_standard(above: Key, below: Key) -> bool:
    """Whether a quotient is `(x - x.mean()) / x.std()`; mean and deviation may be those of other rows."""
    match above, below:
        case ("-", _, ("call", ("attr", whole, "mean"), *_)), ("call", ("attr", whole_again, "std"), *_):
            return whole_again in (whole, above)
    return False


def compare(data: Data, other: Value, site: Site) -> Data:
    """`labels == 3`: zeros and ones. Of two arrays the shape is not followed: they may be stretched to a table."""
    column = data.shape is not None and len(data.shape) > 1 and data.shape[-1] == 1
    known = isinstance(other, Const) or (isinstance(other, Data) and _is_number(other))
    if not known and (column or not isinstance(other, Unknown)):
        return within(Data(integer=True), 0.0, 1.0, site)
    made = within(Data(shape=data.shape, integer=True), 0.0, 1.0, site)
    if data.kind == "images":
        return made  # a mask, of which others may be stacked upon
    if data.shape is not None and len(data.shape) == 2 and (data.shape[-1] or 0) > 1:
        # several questions about one row: nothing says that only one of them is true
        return made.having(encoding=Known("multi-label", site), exclusive=Known(False, site))
    return made.having(encoding=Known("class-ids", site), classes=Known(2, site))


def _clipped(interp: Interpreter, arguments: Arguments) -> Value:
    """`np.clip(x, low, high)`: whatever it was, it is inside now."""
    bound = arguments.bind(("a", "a_min", "a_max"))
    given = interp.state.settle(bound.get("a", Unknown()))
    shape = given.shape if isinstance(given, Data) else None
    ends = [
        interp.state.settle(bound.get(name, bound.get(other, NONE)))
        for name, other in (("a_min", "min"), ("a_max", "max"))
    ]
    numbers = [float(one.value) for one in ends if isinstance(one, Const) and isinstance(one.value, (int, float))]
    if len(numbers) != 2 or isinstance(given, Tensor):
        return Data(shape=shape, site=arguments.site) if isinstance(given, Data) else Unknown()
    # class ids are clipped at larger numbers
    real = (numbers[0] >= -1 and numbers[1] <= 1) or (isinstance(given, Data) and encoded(given, "continuous"))
    made = Data(shape=shape, encoding=Known("continuous", arguments.site) if real else None)
    return within(made, numbers[0], numbers[1], arguments.site)


def _wave(interp: Interpreter, arguments: Arguments, low: float, high: float) -> Value:
    given = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    return continuous(arguments.site, low, high, given.shape if isinstance(given, Data) else None)


CALLS: Final[Mapping[str, Call]] = {
    "numpy.clip": _clipped,
    **{name: partial(_wave, low=low, high=high) for name, (low, high) in WAVES.items()},
}
"""Functions that bring numbers between two others."""

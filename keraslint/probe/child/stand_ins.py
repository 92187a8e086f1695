"""Values that stand in for data: anything may be done with one, and whoever needs a number from it is told so.

A stand-in remembers how it came about (`x_train.shape[1] * 2`), so that where Keras needs a number, one choice for
`x_train.shape` answers every use of it. What was chosen is recorded: no number that depends on it is told as a fact.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, Callable

import numpy

Path = str

TURNS = 2
"""How many items a stand-in yields when it is iterated over."""

SHAPES: tuple[tuple[int, ...], ...] = ((12,), (32, 32, 3), (16, 8), (8, 8, 8, 3), (16,))
"""Shapes of one row, in the order in which they are tried."""

SIDES = (32, 64, 128, 224)
"""The sides of a picture, tried one after the other where a smaller one leaves nothing."""

NUMBERS: dict[str, Any] = {
    **dict.fromkeys(("units", "filters", "out_channels", "classes", "num_classes"), 3),
    **dict.fromkeys(("input_dim", "max_tokens", "num_tokens", "vocabulary_size"), 16),
    **dict.fromkeys(("output_dim", "key_dim", "value_dim", "hidden_dim", "intermediate_dim"), 8),
    **dict.fromkeys(("num_heads", "n", "repeats", "depth_multiplier", "head_dim"), 2),
    **dict.fromkeys(("input_length", "output_sequence_length", "sequence_length", "maxlen"), 16),
    **dict.fromkeys(("height", "width"), 32),
    **dict.fromkeys(("kernel_size",), 3),
    **dict.fromkeys(("pool_size", "size", "factor"), 2),
    **dict.fromkeys(("strides", "dilation_rate", "padding", "cropping"), 1),
    **dict.fromkeys(("rate", "dropout", "recurrent_dropout", "stddev", "factor"), 0.5),
    "axis": -1,
}
"""What a parameter of Keras gets when only a stand-in was given for it."""

SHAPE_PARAMETERS = {
    *("shape", "input_shape", "batch_shape", "batch_input_shape", "build_shape"),
    *("target_shape", "output_shape"),
}

BATCHED = {"batch_shape", "batch_input_shape", "build_shape"}

NAMES: tuple[tuple[str, Any], ...] = (
    (r"batch", 32),
    (r"class(es)?\b|class_|label|categor|num_out|n_out|output_(dim|size|units)|target|tags?\b|actions?\b", 3),
    (r"vocab|n(um)?_?(words|tokens)|max_(words|tokens|features)", 16),
    (r"chan|\bbands?\b", 3),
    (r"height|width|rows?\b|cols?\b|img|image|pixel|resolution|\bside\b", "side"),
    (r"max_?len|len\b|length|steps?\b|seq|window|look_?back|time|history", 16),
    (r"rate|drop|alpha|momentum", 0.5),
    (r"epoch|layers?\b|depth|blocks?\b|stacks?\b", 2),
    (r"kernel", 3),
    (r"dims?\b|_dim|units|hidden|filters?|latent|embed|features?|noise|neurons", 8),
)
"""What a name says of a number, first match wins."""


class _Nothing:
    """The mark of a value that is not there."""


NOTHING: Any = _Nothing()


class Choices:
    """What was chosen for the stand-ins of one attempt, and where a choice told on the program.

    `attempt` turns over the shapes and the sides of pictures, so that the next attempt meets other ones.
    """

    refuses = False

    def __init__(self, shapes: tuple[tuple[int, ...], ...] = SHAPES, side: int = SIDES[0]) -> None:
        self.shapes = shapes
        self.side = side
        self.values: dict[Path, Any] = {}
        self.used: list[str] = []
        self.decisions: list[str] = []
        self.ranks: dict[Path, int] = {}

    def note(self, path: Path, parameter: str) -> str:
        """Records that a stand-in became a value of a parameter of Keras."""
        use = f"{path}.{parameter}"
        if use not in self.used:
            self.used.append(use)
        return use

    def decide(self, path: Path) -> None:
        """Records that the course of the program depended on a stand-in."""
        if path not in self.decisions:
            self.decisions.append(path)

    def row(self, path: Path, rank: int = 0) -> tuple[int, ...]:
        """A shape for one row of what is called so."""
        fitting = [shape for shape in self.shapes if len(shape) >= rank]
        shape = fitting[0] if fitting else (self.side,) * (rank - 1) + (3,)
        return picture(shape, self.side)


def picture(shape: tuple[int, ...], side: int) -> tuple[int, ...]:
    """A shape with the sides of the picture that it may be."""
    return tuple(side if n == SIDES[0] else n for n in shape)


class Invented(Exception):
    """A stand-in was needed where only the program's own numbers count."""


class _Refusing(Choices):
    """No choices: whoever needs one is refused."""

    refuses = True

    def decide(self, path: Path) -> None:
        raise Invented(path)


CURRENT: list[Choices] = [Choices()]
"""The choices in force; stand-ins are made by operators everywhere, so that there is one for all."""


def choices() -> Choices:
    """The choices of the attempt that is running."""
    return CURRENT[-1]


@contextmanager
def none_made_up() -> Iterator[None]:
    """Inside, whatever makes a stand-in or needs a number of one raises `Invented`."""
    CURRENT.append(_Refusing())
    try:
        yield
    finally:
        CURRENT.pop()


FAILED = ("failed",)
"""How a stand-in came about that takes the place of a part of a model."""


class StandIn:
    """Something that is not known: every use of it gives another one.

    `_how` says how it came about: an operation on other values, or nothing for one that stands for data itself.
    """

    __slots__ = ("_how", "_path", "_value")
    __array_ufunc__ = None
    __hash__ = object.__hash__

    def __init__(self, path: Path, how: Any = None, value: Any = NOTHING) -> None:
        if CURRENT[-1].refuses:
            raise Invented(path)
        object.__setattr__(self, "_path", path if len(path) < 120 else path[:117] + "...")
        object.__setattr__(self, "_how", how)
        object.__setattr__(self, "_value", value)

    # --- what gives another stand-in ---

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._path}.{name}", ("attribute", self, name))

    def __setattr__(self, name: str, value: Any) -> None:
        return None

    def __delattr__(self, name: str) -> None:
        return None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], (FunctionType, type)) and self._decorates():
            return args[0]  # an unknown decorator leaves what it decorates
        return answer(self, args, kwargs)

    def _decorates(self) -> bool:
        """Whether this may be a decorator: something that is called like a class makes something instead."""
        return not self._path.rpartition(".")[2][:1].isupper()

    def __getitem__(self, index: Any) -> Any:
        return StandIn(f"{self._path}[{show(index)}]", ("item", self, index))

    def __setitem__(self, index: Any, value: Any) -> None:
        return None

    def __delitem__(self, index: Any) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        choices().decide(f"{self._path}.iter")
        return iter([self[index] for index in range(TURNS)])

    def __next__(self) -> Any:
        return StandIn(f"next({self._path})")

    def __reversed__(self) -> Iterator[Any]:
        return iter(self)

    def __enter__(self) -> Any:
        return StandIn(self._path)

    def __exit__(self, *exception: Any) -> None:
        return None

    def __mro_entries__(self, bases: Any) -> Any:
        return (Ghost,)

    def __contains__(self, item: Any) -> bool:
        return decide(StandIn(f"{show(item)} in {self._path}"))

    # --- what has to be a value of Python's ---

    def __bool__(self) -> bool:
        return decide(self)

    def __len__(self) -> int:
        choices().decide(f"{self._path}.len")
        return TURNS

    def __index__(self) -> int:
        return int(self.__float__())

    def __int__(self) -> int:
        return int(self.__float__())

    def __float__(self) -> float:
        choices().decide(f"{self._path}.number")
        found = number(self)
        return float(found) if isinstance(found, (int, float)) else 2.0

    def __complex__(self) -> complex:
        return complex(self.__float__())

    def __str__(self) -> str:
        return f"<{self._path}>"

    def __repr__(self) -> str:
        return f"<{self._path}>"

    def __format__(self, how: str) -> str:
        return re.sub(r"\W+", "_", self._path).strip("_")

    def __array__(self, *how: Any, **more: Any) -> Any:
        choices().decide(f"{self._path}.array")
        return numpy.zeros(())

    def __fspath__(self) -> str:
        return "/nonexistent/" + format(self)


def _operation(symbol: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def operate(self: StandIn, other: Any) -> Any:
        return StandIn(f"{self._path} {symbol} {show(other)}", ("operation", function, (self, other)))

    return operate


def _swapped(symbol: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def operate(self: StandIn, other: Any) -> Any:
        return StandIn(f"{show(other)} {symbol} {self._path}", ("operation", function, (other, self)))

    return operate


def _single(symbol: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def operate(self: StandIn, *rest: Any) -> Any:
        return StandIn(f"{symbol}{self._path}", ("operation", function, (self, *rest)))

    return operate


for _name, _symbol, _function in (
    *(("add", "+", operator.add), ("sub", "-", operator.sub), ("mul", "*", operator.mul)),
    *(("truediv", "/", operator.truediv), ("floordiv", "//", operator.floordiv), ("mod", "%", operator.mod)),
    *(("pow", "**", operator.pow), ("matmul", "@", operator.matmul), ("and", "&", operator.and_)),
    *(("or", "|", operator.or_), ("xor", "^", operator.xor)),
    *(("lshift", "<<", operator.lshift), ("rshift", ">>", operator.rshift)),
):
    setattr(StandIn, f"__{_name}__", _operation(_symbol, _function))
    setattr(StandIn, f"__r{_name}__", _swapped(_symbol, _function))
for _name, _symbol, _function in (
    *(("lt", "<", operator.lt), ("le", "<=", operator.le), ("gt", ">", operator.gt)),
    *(("ge", ">=", operator.ge), ("eq", "==", operator.eq), ("ne", "!=", operator.ne)),
):
    setattr(StandIn, f"__{_name}__", _operation(_symbol, _function))
for _name, _symbol, _single_function in (
    *(("neg", "-", operator.neg), ("pos", "+", operator.pos), ("invert", "~", operator.invert)),
    *(("abs", "abs ", abs), ("round", "round ", round)),
):
    setattr(StandIn, f"__{_name}__", _single(_symbol, _single_function))


class Ghost:
    """The base of a class whose base is not known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn(f"{type(self).__name__}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return StandIn(f"{type(self).__name__}()")


def path_of(value: StandIn) -> Path:
    """The words by which a stand-in is told."""
    return str(object.__getattribute__(value, "_path"))


def failed(value: Any, depth: int = 12) -> bool:
    """Whether a value takes the place of a part of a model that failed, or was made of one that does."""
    how = value._how if isinstance(value, StandIn) else value
    if not isinstance(how, tuple) or not depth:
        return False
    return how is FAILED or any(failed(part, depth - 1) for part in how)


def show(value: Any) -> str:
    """A short text for a value that may be unknown."""
    if isinstance(value, StandIn):
        return path_of(value)
    if isinstance(value, slice):
        return ":".join("" if part is None else show(part) for part in (value.start, value.stop))
    if isinstance(value, (int, float, str, bool, type(None))):
        return repr(value)[:40]
    return type(value).__name__


def named(value: Any, name: str) -> Any:
    """The stand-in by the name of the variable that holds it."""
    if type(value) is StandIn and path_of(value) != name:
        how = value._how
        if how is not None and how[0] in ("attribute", "item") and ".shape" in path_of(value):
            return value  # its parts belong together by this path
        return StandIn(name, how or ("same", value), value._value)
    return value


def holds(value: Any, depth: int = 6) -> bool:
    """Whether there is a stand-in in it, as far as it is looked through."""
    if isinstance(value, StandIn):
        return True
    if not depth:
        return False
    if isinstance(value, (list, tuple, set)):
        return any(holds(item, depth - 1) for item in (value[:32] if isinstance(value, (list, tuple)) else value))
    if isinstance(value, dict):
        return any(holds(item, depth - 1) for item in value.values())
    return isinstance(value, slice) and holds((value.start, value.stop))


# --- from a stand-in to a number --------------------------------------------------------------------------------------


def hint(path: Path) -> Any:
    """What a name says of the number that it holds, None when nothing."""
    last = re.split(r"[.(]", path.rstrip(")]'\""))[-1] if path.count(".") else path
    for words in (last, path):
        for pattern, value in NAMES:
            if re.search(pattern, words.lower()):
                return choices().side if value == "side" else value
    return None


def number(value: StandIn, parameter: str = "") -> Any:
    """The number that a stand-in is taken for, or NOTHING. One stand-in, one number."""
    known = choices().values
    path = path_of(value)
    if value._value is not NOTHING:
        return value._value
    if path in known:
        return known[path]
    found = _derived(value, parameter)
    if found is NOTHING:
        found = hint(path)
        if found is None:
            found = NUMBERS.get(parameter, NOTHING)
    if found is not NOTHING:
        known[path] = found
    return found


def _derived(value: StandIn, parameter: str) -> Any:
    """What follows for a stand-in from the choice for the one that it was made of."""
    how = value._how
    if how is None:
        return NOTHING
    kind = how[0]
    if kind == "same":
        return number(how[1], parameter)
    if kind == "item" and is_shape(how[1]):
        return _of_shape(how[1], how[2])
    if kind == "length":
        return NOTHING
    if kind == "cast":
        inner = number(how[2], parameter)
        try:
            return NOTHING if inner is NOTHING else how[1](inner)
        except Exception:
            return NOTHING
    if kind == "operation":
        operands = []
        for operand in how[2]:
            plain = number(operand, parameter) if isinstance(operand, StandIn) else operand
            if plain is NOTHING:
                return NOTHING
            operands.append(plain)
        try:
            return how[1](*operands)
        except Exception:
            return NOTHING
    return NOTHING


def is_shape(value: Any) -> bool:
    """Whether a stand-in is the shape of something."""
    return (
        isinstance(value, StandIn)
        and value._how is not None
        and value._how[:1] == ("attribute",)
        and (value._how[2] == "shape")
    )


def _of_shape(shape: StandIn, index: Any) -> Any:
    """A part of the shape that was chosen for some data."""
    known = choices().values
    path = path_of(shape)
    rank = 0
    if isinstance(index, int) and index > 0:
        rank = index
    elif isinstance(index, slice) and isinstance(index.stop, int) and index.stop > 0:
        rank = index.stop - 1
    chosen = known.get(path)
    if chosen is None or len(chosen) - 1 < rank:
        chosen = known[path] = (32, *choices().row(path, rank))
    try:
        return chosen[index]
    except Exception:
        return NOTHING


def decide(value: StandIn) -> bool:
    """Whether an unknown condition holds. Unknown ones do, and what follows from that is remembered."""
    how = value._how
    path = path_of(value)
    choices().decide(path)
    if how is not None and how[0] == "operation":
        function, operands = how[1], how[2]
        if function in (operator.eq, operator.ne):
            unknown = [item for item in operands if isinstance(item, StandIn)]
            others = [item for item in operands if not isinstance(item, StandIn)]
            if len(unknown) == 1 and isinstance(others[0], (str, type(None), bool)):
                held = choices().values.setdefault(path_of(unknown[0]), others[0] if function is operator.eq else "")
                return bool(function(held, others[0]))
        found = _derived(value, "")
        if found is not NOTHING:
            try:
                return bool(found)
            except Exception:
                return True
    if value._value is not NOTHING:
        return bool(value._value)
    return True


def shape(value: StandIn, parameter: str) -> tuple[int | None, ...]:
    """The shape that a stand-in is taken for."""
    known = choices().values
    path = path_of(value)
    found = known.get(path)
    if found is None:
        found = _derived(value, parameter)
    if isinstance(found, int) and not isinstance(found, bool):
        found = (found,)
    if not isinstance(found, (tuple, list)) or not found:
        found = choices().row(path)
    known[path] = found = tuple(found)
    return (None, *found) if parameter in BATCHED and found[:1] != (None,) else found


def side(value: StandIn, position: int, length: int, parameter: str) -> Any:
    """The number for one unknown side of a shape of so many."""
    known = number(value)
    if isinstance(known, (int, float)) and not isinstance(known, bool) and known >= 1:
        return int(known)
    sides = length - (parameter in BATCHED)
    position -= parameter in BATCHED
    if position < 0:
        return None
    guess = {1: (12,), 2: (16, 8), 3: (choices().side, choices().side, 3)}.get(sides, (8,) * (sides - 1) + (3,))
    choices().values[path_of(value)] = guess[position]
    return guess[position]


# --- what is known of some calls --------------------------------------------------------------------------------------


def answer(called: StandIn, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a call of a stand-in gives. A tuner's choices have a first value, which the program may well meet."""
    path = path_of(called)
    how = called._how
    if how is not None and how[0] == "attribute" and isinstance(how[1], StandIn):
        owner, method = path_of(how[1]), how[2]
        if re.search(r"(^|\.)(hp|hyperparameters?|hparams)$", owner):
            found = _hyperparameter(method, args, kwargs)
            if found is not NOTHING:
                return StandIn(f"{owner}.{method}({show(args[0]) if args else ''})", None, found)
    return StandIn(f"{path}()")


def _hyperparameter(method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if "default" in kwargs and kwargs["default"] is not None:
        return kwargs["default"]
    if method in ("Int", "Float"):
        low = kwargs.get("min_value", args[1] if len(args) > 1 else NOTHING)
        return NOTHING if isinstance(low, StandIn) else low
    if method == "Choice":
        values = kwargs.get("values", args[1] if len(args) > 1 else None)
        return values[0] if isinstance(values, (list, tuple)) and values else NOTHING
    if method == "Boolean":
        return False
    if method == "Fixed":
        return kwargs.get("value", args[1] if len(args) > 1 else NOTHING)
    return NOTHING

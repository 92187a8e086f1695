"""What Python itself does where a stand-in may be among the values: unpacking, conditions, ranges, conversions."""

from __future__ import annotations

import argparse
from typing import Any, Callable

from . import stand_ins
from .stand_ins import StandIn, holds


def unpack(pattern: Any, value: Any) -> Any:
    """A value that can be assigned to a nested target."""
    if isinstance(value, StandIn):
        return tuple(
            unpack(item, value[index])
            if isinstance(item, tuple)
            else ([value[index]] if item.startswith("*") else stand_ins.named(value[index], item))
            for index, item in enumerate(pattern)
        )
    if any(isinstance(item, tuple) for item in pattern) and isinstance(value, (list, tuple)):
        if len(value) == len(pattern) and holds(value, 1):
            return tuple(unpack(item, part) if isinstance(item, tuple) else part for item, part in zip(pattern, value))
    elif isinstance(value, tuple) and len(value) == len(pattern) and holds(value, 1):
        return tuple(
            part if not isinstance(item, str) or item[0] == "*" else stand_ins.named(part, item)
            for item, part in zip(pattern, value)
        )
    return value


def named(name: str, value: Any) -> Any:
    """The value that a variable gets: a stand-in is told by its name."""
    return stand_ins.named(value, name) if type(value) is StandIn else value


def test(bails: bool, value: Any) -> Any:
    """The condition of an `if`: what is unknown holds, unless the branch only complains."""
    if isinstance(value, StandIn):
        if bails:
            stand_ins.choices().decide(stand_ins.path_of(value))
            return False
        return stand_ins.decide(value)
    return value


class Operators:
    """Python's operators by the names of their nodes."""

    import operator as _operator

    Add, Sub, Mult, Div = _operator.add, _operator.sub, _operator.mul, _operator.truediv
    Pow, FloorDiv, Mod, MatMult = _operator.pow, _operator.floordiv, _operator.mod, _operator.matmul


def arguments(parser: argparse.ArgumentParser, name: str, /, *args: Any, **kwargs: Any) -> Any:
    """What a program gets from a command line that gives nothing: defaults, and stand-ins for what is required."""
    found = argparse.Namespace()
    for action in parser._actions:
        if action.dest in ("help", argparse.SUPPRESS) or action.default is argparse.SUPPRESS:
            continue
        value = action.default
        if isinstance(value, str) and action.type is not None:
            try:
                value = parser._get_value(action, value)
            except Exception:
                value = None
        if value is None and (action.required or not action.option_strings or action.type is not None):
            value = StandIn(f"args.{action.dest}")
        setattr(found, action.dest, value)
    return found if name == "parse_args" else (found, [])


def _length(value: Any) -> Any:
    if isinstance(value, StandIn):
        path = stand_ins.path_of(value)
        return StandIn(f"len({path})", ("length", value))
    return len(value)


def _cast(kind: Any) -> Callable[..., Any]:
    def cast(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], StandIn):
            return StandIn(stand_ins.path_of(args[0]), ("cast", kind, args[0]), args[0]._value)
        return StandIn(f"{kind.__name__}({', '.join(map(stand_ins.show, args))})")

    return cast


def _range(*args: Any) -> Any:
    """A range to an unknown end has a few turns."""
    plain = []
    for item in args:
        if isinstance(item, StandIn):
            stand_ins.choices().decide(f"{stand_ins.path_of(item)}.range")
            found = stand_ins.number(item, "repeats")
            plain.append(int(found) if isinstance(found, (int, float)) and 0 < found <= 8 else stand_ins.TURNS)
        else:
            plain.append(item)
    return range(*plain)


def _sequence(kind: Any) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        if isinstance(args[0], StandIn):
            return args[0]
        return kind(*args, **kwargs)

    return make


SPECIAL: dict[Any, Callable[..., Any]] = {
    len: _length,
    int: _cast(int),
    float: _cast(float),
    str: _sequence(str),
    bool: _cast(bool),
    abs: _cast(abs),
    round: _cast(round),
    range: _range,
    list: _sequence(list),
    set: _sequence(set),
}
"""Functions of Python's that say something of a stand-in."""

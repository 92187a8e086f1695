"""Lengths of axes as values tell them: integers, tuples of integers, and -1 for whatever is left."""

from __future__ import annotations

from keraslint.static.values import Const, List, Shape, Tuple, Value


def length(value: Value | None) -> int | None:
    """The integer that a value is."""
    return value.value if isinstance(value, Const) and type(value.value) is int else None


def lengths(value: Value | None) -> Shape:
    """The integers of a tuple or list, `None` for each that is not known; an integer alone is the only one."""
    if isinstance(value, List):
        value = value.state["items"]
    if isinstance(value, Tuple) and not value.rest:
        return tuple(length(one) for one in value.items)
    if isinstance(value, Const) and isinstance(value.value, (tuple, list)):
        return tuple(one if type(one) is int else None for one in value.value)
    single = length(value)
    return (single,) if single is not None else None


def with_rest(shape: Shape) -> Shape:
    """A shape in which -1 stands for whatever is left."""
    return tuple(None if one == -1 else one for one in shape) if shape is not None else None

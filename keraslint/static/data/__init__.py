"""Arrays and data sets of the program: the door to the rooms that know them.

This module only looks up: `arrays` makes and changes them, `scaling` calculates, `encoders` encodes labels, `pipelines`
has data sets and generators, `pictures` reads images, `contents` says what can be known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keraslint.static.data import arrays, encoders, pictures, pipelines, scaling
from keraslint.static.data.contents import ROWS, another
from keraslint.static.values import Arguments, Const, Data, Dict, List, Tuple, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

CALLS = {**arrays.CALLS, **scaling.CALLS, **encoders.CALLS, **pipelines.CALLS, **pictures.CALLS}
METHODS = {**arrays.METHODS, **pipelines.METHODS, **pictures.METHODS}


def call(interp: Interpreter, dotted: str, arguments: Arguments) -> Value | None:
    """Call a function that makes or changes data; `None` when it is not one that is known."""
    run = CALLS.get(dotted)
    if run is None:
        return encoders.construct(dotted, arguments)
    found = run(interp, arguments)
    return found if found is None else _apart(interp, found, set())


def _apart(interp: Interpreter, value: Value, seen: set[int]) -> Value:
    """Several arrays that a function gives are different samples, even where the same is known of them."""
    if isinstance(value, Data):
        again = id(value) in seen
        seen.add(id(value))
        return another(interp, value) if again else value
    if isinstance(value, Tuple):
        return Tuple(tuple(_apart(interp, one, seen) for one in value.items), rest=value.rest)
    if isinstance(value, List):
        items, rest = interp.items_of(value)
        if items is not None:
            return List(tuple(_apart(interp, one, seen) for one in items), value.site, rest=rest)
    if isinstance(value, Dict):
        for name, one in value.items():
            value.state["item", name] = _apart(interp, one, seen)
    return value


def method(interp: Interpreter, data: Data, name: str, arguments: Arguments) -> Value:
    """A method of an array or data set."""
    run = METHODS.get(name)
    return run(interp, data, arguments) if run is not None else Unknown()


def attribute(data: Data, name: str) -> Value | None:
    """`labels.values` of an array, `generator.x` of a data set."""
    if name in {"x", "images"} and data.parts:
        return data.parts[0]
    return arrays.attribute(data, name)


def item(data: Data, index: Value) -> Value:
    """`data[index]`: a batch of a generator, a part of an array."""
    if data.parts is not None and isinstance(index, Const) and type(index.value) is int:
        return Tuple(data.parts)
    return arrays.item(data, index)


def iterate(data: Data) -> list[Value]:
    """What a loop over the data goes through: one element that stands for all."""
    if data.origin == ROWS:
        return [Unknown()]
    if data.parts is None:
        return [arrays.row(data)]
    return [Tuple(data.parts) if len(data.parts) > 1 else data.parts[0]]

"""Arrays and data sets of the program: the door to the rooms that know them.

This module only looks up: `arrays` makes and changes them, `scaling` calculates, `encoders` encodes labels, `pipelines`
has data sets and generators, `pictures` reads images, `contents` says what can be known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keraslint.static import arrays, encoders, pictures, pipelines, scaling
from keraslint.static.contents import ROWS
from keraslint.static.values import Arguments, Const, Data, Tuple, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

CALLS = {**arrays.CALLS, **scaling.CALLS, **encoders.CALLS, **pipelines.CALLS, **pictures.CALLS}
METHODS = {**arrays.METHODS, **pipelines.METHODS, **pictures.METHODS}


def call(interp: Interpreter, dotted: str, arguments: Arguments) -> Value | None:
    """Call a function that makes or changes data; `None` when it is not one that is known."""
    run = CALLS.get(dotted)
    return run(interp, arguments) if run is not None else encoders.construct(dotted, arguments)


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

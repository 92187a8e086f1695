"""Symbolic tensors: what functions, operators and methods make of them.

A function of TensorFlow, the Keras backend or `keras.ops` becomes one word of the catalogue. `formulas` is asked
whether the word completes an activation that the program writes out, `shapes` what shape comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from keraslint.model import Route
from keraslint.static.catalog import activations
from keraslint.static.catalog.functions import DEFAULT_AXES, SYNONYMS, FunctionSpec
from keraslint.static.lengths import lengths, with_rest
from keraslint.static.library.formulas import by_hand
from keraslint.static.library.shapes import shape_after, shape_of
from keraslint.static.library.training import note_decision
from keraslint.static.values import (
    Arguments,
    Choice,
    Const,
    Data,
    KerasModel,
    Key,
    List,
    Object,
    Shape,
    Site,
    Tensor,
    Tuple,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

OPERATORS: Final = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "**": "power",
    "@": "matmul",
    "//": "floor_divide",
    "%": "mod",
}
WATCHED: Final = frozenset({"softmax", "sigmoid", "normalised-sigmoids", "log-softmax"})
"""Operations that are facts of their own, wherever they stand."""
PARAMETERS: Final[tuple[str, ...]] = ("axis", "keepdims", "shape", "perm", "axes", "newshape", "depth", "target_shape")
"""Parameters of functions that are kept."""


def make(
    interp: Interpreter,
    op: str,
    inputs: tuple[Value, ...],
    site: Site,
    *,
    params: Mapping[str, Any] | None = None,
    shape: Shape = None,
    route: Route | None = None,
) -> Tensor:
    """The tensor that an operation gives; recognised formulas give the activation that they are."""
    params = params or {}
    found = by_hand(op, inputs, site)
    if found is None:
        if shape is None:
            shape = shape_after(op, inputs, params)
        found = Tensor(op, inputs, site, shape=shape, params=params, route=route)
    if found.op in WATCHED:
        interp.record.activations.append(found)
    return found


def opaque(given: list[Value], site: Site) -> Tensor:
    """A tensor that comes out of others in a way that is not known."""
    return Tensor("opaque", tuple(one for one in given if isinstance(one, (Tensor, Choice))), site)


def call(interp: Interpreter, function: FunctionSpec, arguments: Arguments, dotted: str = "") -> Value:
    """Call a function on tensors."""
    if function.op in {"epsilon", "floatx"}:
        return Unknown(("call", function.op))
    positional = [interp.state.settle(one) for one in arguments.positional]
    bound = dict(zip(function.parameters, positional, strict=False))
    bound |= {SYNONYMS.get(name, name): value for name, value in arguments.named.items()}
    operands = tuple(bound[name] for name in function.parameters[: function.operands] if name in bound)
    if function.op in {"stack", "concat", "add_n"} and operands:
        operands = interp.items_of(operands[0])[0] or operands
    operands = operands or tuple(positional)
    params = {name: _plain(interp, bound[name]) for name in PARAMETERS if name in bound}
    op, shape = function.op, None
    if op in {"add", "subtract", "multiply", "divide", "power"} and len(operands) == 2:
        return make(interp, op, operands, arguments.site)
    if op == "argmax" and operands:
        axis = bound.get("axis", Const(DEFAULT_AXES.get(dotted)))
        note_decision(interp, operands[0], "argmax", arguments.site, axis)
    if activations.by_name(op) is not None:
        shape = shape_of(operands[0]) if operands else None
        route = function.route or Route.OP
        return make(interp, op, operands[:1], arguments.site, params=params, shape=shape, route=route)
    if op == "reshape" and len(positional) > 1:
        shape = with_rest(lengths(positional[1]))
    return make(interp, op, operands, arguments.site, params=params, shape=shape)


def _plain(interp: Interpreter, value: Value) -> Any:
    """A constant parameter as Python has it; otherwise a word that equals no axis."""
    value = interp.state.settle(value)
    if isinstance(value, Const):
        return value.value
    return lengths(value) if isinstance(value, (Tuple, List)) else "unknown"


def arithmetic(interp: Interpreter, word: str, left: Value, right: Value, site: Site) -> Tensor:
    """An operator between a tensor and something else."""
    op = OPERATORS.get(word)
    return make(interp, op, (left, right), site) if op is not None else Tensor("opaque", (left, right), site)


def method(tensor: Tensor, name: str, site: Site) -> Value:
    """Call a method of a tensor."""
    if name in {"numpy", "eval"}:
        store = tensor.layer if isinstance(tensor.layer, Object) else None
        predicted = Data(origin="prediction", store=store, site=site, shape=tensor.shape)
        return predicted if tensor.op == "model" else Unknown()
    if name in {"get_shape", "set_shape"}:
        return Unknown()
    return opaque([tensor], site)


def attribute(tensor: Tensor, name: str) -> Value | None:
    """`tensor.shape`, an item for each axis; `logits` of what a classifier of Transformers gave."""
    if name == "logits" and isinstance(tensor.layer, KerasModel) and tensor.layer.kind == "pretrained":
        return tensor
    if name != "shape":
        return None
    if tensor.shape is None:
        return Unknown(("shape", tensor.serial))
    return Tuple(
        tuple(
            Const(one) if one is not None else Unknown(("axis", tensor.serial, index))
            for index, one in enumerate(tensor.shape)
        )
    )


def item(tensor: Tensor, index: Key, site: Site | None) -> Tensor:
    """`tensor[index]`: a part of it."""
    return Tensor("getitem", (tensor,), site, params={"index": index})


def compare(interp: Interpreter, word: str, tensor: Tensor, other: Value, site: Site) -> Value:
    """A comparison in which a tensor takes part."""
    if isinstance(other, Const):
        if word in {">", ">="}:
            note_decision(interp, tensor, "threshold", site)
        if other.value is None:
            return Const(word == "!=")
    return opaque([tensor], site)

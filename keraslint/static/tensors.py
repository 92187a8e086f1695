"""Symbolic tensors: what an operation makes of its inputs, their shapes, and formulas that are an activation by hand.

A softmax or sigmoid that the program spells out (`exp(x) / sum(exp(x))`, `1 / (1 + exp(-x))`) becomes the same operation as
the built-in one, marked as written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keraslint.model import Route
from keraslint.static.catalog import activations
from keraslint.static.catalog import layers as layer_catalog
from keraslint.static.catalog.layers import Kind, LayerSpec
from keraslint.static.values import Choice, Const, Construct, List, Shape, Site, Tensor, Tuple, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

PASSING = frozenset({"identity", "cast", "stop_gradient", "reshape", "squeeze", "expand_dims", "transpose"})
"""Operations that hand the same numbers on."""
KEEPS_BATCH = frozenset(
    "add subtract multiply divide neg exp log abs square sqrt power clip cast identity stop_gradient softmax sigmoid tanh relu log_softmax "
    "normalised-sigmoids log-softmax maximum minimum softplus elu gelu silu squeeze reshape".split()
)
"""Operations behind which axis 0 is still what it was."""
WATCHED = frozenset({"softmax", "sigmoid", "normalised-sigmoids", "log-softmax"})
"""Operations that are facts of their own, wherever they stand."""


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
    found = by_hand(op, inputs, site, params)
    if found is None:
        if shape is None:
            shape = shape_after(op, inputs, params)
        found = Tensor(op, inputs, site, shape=shape, params=params, route=route)
    if found.op in WATCHED:
        interp.record.activations.append(found)
    return found


# -- formulas ------------------------------------------------------------------------------------------------------------


def by_hand(op: str, inputs: tuple[Value, ...], site: Site, params: Mapping[str, Any]) -> Tensor | None:
    """The activation that a formula computes, or nothing."""
    if op == "divide" and len(inputs) == 2:
        return quotient(inputs[0], inputs[1], site)
    if op in {"log", "neg"} and inputs and isinstance(inputs[0], Tensor):
        inner = inputs[0]
        if op == "log" and inner.op == "softmax" and inner.route is not Route.HIDDEN:
            return written("log-softmax", inner.inputs, site, inner.shape, inner.params.get("axis"), safe=False)
    return None


def written(op: str, inputs: tuple[Value, ...], site: Site, shape: Shape, axis: Any, *, safe: bool) -> Tensor:
    return Tensor(op, inputs, site, shape=shape, params={"axis": axis, "by_hand": safe}, route=Route.HIDDEN)


def quotient(above: Value, below: Value, site: Site) -> Tensor | None:
    if isinstance(above, Const) and above.value in (1, 1.0) and isinstance(below, Tensor):
        return logistic(below, site)
    if not isinstance(above, Tensor) or not isinstance(below, Tensor):
        return None
    total = through(below, {"expand_dims", "reshape", "cast", "repeat", "identity", "transpose"})
    total = plus_epsilon(total)
    if total.op != "sum" or not total.inputs:
        return None
    summed = total.inputs[0]
    if not same(above, summed) or not isinstance(summed, Tensor):
        return None
    term = above
    axis = total.params.get("axis")
    if axis is None:
        # a sum over everything: over the batch too, if there is one
        if has_batch(term) is not True:
            return None
        axis = 0
    if term.op == "layer":
        return normalised_layer(term, site, axis)
    if term.op == "exp":
        inside = term.inputs[0]
        return written("softmax", (shift_of(inside),), site, term.shape, axis, safe=guarded(inside))
    if term.op == "sigmoid":
        return written("normalised-sigmoids", term.inputs, site, term.shape, axis, safe=True)
    return None


def normalised_layer(term: Tensor, site: Site, axis: Any) -> Tensor | None:
    """The outputs of a layer with an activation, divided by their sum."""
    activation = own_activation(term)
    bare = Tensor("layer", term.inputs, term.site, shape=term.shape, layer=term.layer, params={"bare": True})
    if activation == "sigmoid":
        return written("normalised-sigmoids", (bare,), site, term.shape, axis, safe=True)
    if activation == "exponential":
        return written("softmax", (bare,), site, term.shape, axis, safe=False)
    return None


def own_activation(tensor: Tensor) -> str:
    """The name of the activation that a layer applies itself, where the program writes it as a string."""
    layer = tensor.layer
    if tensor.op != "layer" or not isinstance(layer, Construct) or tensor.params.get("bare"):
        return ""
    given = layer.state.get("activation") or layer.bound.get("activation")
    return given.value if isinstance(given, Const) and isinstance(given.value, str) else ""


def has_batch(value: Value, steps: int = 40) -> bool | None:
    """Whether axis 0 of a tensor is the batch. `None`: it comes from a parameter that nothing is known of."""
    for _ in range(steps):
        if isinstance(value, Choice):
            value = value.alternatives[0][1]
        if isinstance(value, Unknown):
            return None if isinstance(value.key, tuple) and value.key[0] in {"u", "parameter"} else False
        if not isinstance(value, Tensor):
            return False
        if value.op in {"layer", "model", "input", "features", "weights"}:
            return True
        keeps = value.op in KEEPS_BATCH or (value.op in {"sum", "max", "mean", "expand_dims"} and value.params.get("axis") not in (None, 0))
        if not keeps or not value.inputs:
            return False
        value = next((one for one in value.inputs if isinstance(one, (Tensor, Choice))), value.inputs[0])
    return False


def logistic(below: Tensor, site: Site) -> Tensor | None:
    """`1 / (1 + exp(-x))`."""
    if below.op != "add" or len(below.inputs) != 2:
        return None
    for one, other in (below.inputs, below.inputs[::-1]):
        if isinstance(one, Const) and one.value in (1, 1.0) and isinstance(other, Tensor) and other.op == "exp":
            inside = other.inputs[0]
            if isinstance(inside, Tensor) and inside.op == "neg":
                if isinstance(inside.inputs[0], Tensor) and inside.inputs[0].op == "abs":
                    return None  # half of a formula that is safe
                return written("sigmoid", inside.inputs, site, inside.shape, None, safe=False)
            if isinstance(inside, Unknown) and isinstance(inside.key, tuple) and inside.key[0] == "neg":
                return written("sigmoid", (Unknown(inside.key[1]),), site, None, None, safe=False)
    return None


def through(tensor: Tensor, ops: set[str]) -> Tensor:
    while tensor.op in ops and tensor.inputs and isinstance(tensor.inputs[0], Tensor):
        tensor = tensor.inputs[0]
    return tensor


def plus_epsilon(tensor: Tensor) -> Tensor:
    """A sum with a small constant added against division by zero is still that sum."""
    if tensor.op == "add" and len(tensor.inputs) == 2:
        for one, other in (tensor.inputs, tensor.inputs[::-1]):
            small = isinstance(one, Const) and isinstance(one.value, float) and abs(one.value) < 1e-2
            if (small or isinstance(one, Unknown)) and isinstance(other, Tensor):
                return through(other, {"expand_dims", "cast"})
    return tensor


def same(left: Value, right: Value, depth: int = 0) -> bool:
    """Whether two tensors are the same number: the same value, or the same operation on the same inputs."""
    if left is right:
        return True
    if isinstance(left, Const) and isinstance(right, Const):
        return type(left.value) is type(right.value) and bool(left.value == right.value)
    if isinstance(left, Unknown) and isinstance(right, Unknown):
        return left.key == right.key
    if isinstance(left, Tensor) and isinstance(right, Tensor) and depth < 6:
        return (
            left.op == right.op
            and left.op not in {"layer", "input", "opaque"}
            and len(left.inputs) == len(right.inputs)
            and bool(left.inputs)
            and left.params == right.params
            and all(same(one, other, depth + 1) for one, other in zip(left.inputs, right.inputs, strict=True))
        )
    return False


def guarded(inside: Value) -> bool:
    """Whether an exponent cannot overflow: the maximum was subtracted, or it is bounded."""
    if not isinstance(inside, Tensor):
        return False
    if inside.op in {"clip", "minimum", "l2_normalize"} or bounded(inside.op):
        return True
    if inside.op == "layer" and bounded(own_activation(inside)):
        return True
    if inside.op in {"neg", "multiply"} and any(never_negative(one) for one in inside.inputs):
        factors = [one.value for one in inside.inputs if isinstance(one, Const) and isinstance(one.value, (int, float))]
        return inside.op == "neg" or any(one < 0 for one in factors)
    if inside.op == "subtract" and len(inside.inputs) == 2 and isinstance(inside.inputs[1], (Tensor, Unknown)):
        taken = inside.inputs[1]
        # anything that is subtracted and is not a constant is taken for the maximum: better silent than wrong
        return not isinstance(taken, Const)
    if inside.op in {"multiply", "divide", "neg", "cast", "identity"}:
        return any(guarded(one) for one in inside.inputs)
    return False


def never_negative(value: Value) -> bool:
    """Whether a tensor holds nothing below zero: squares and absolute values."""
    if not isinstance(value, Tensor):
        return False
    if value.op == "power":
        exponent = value.inputs[1] if len(value.inputs) == 2 else None
        return isinstance(exponent, Const) and exponent.value in (2, 4, 2.0, 4.0)
    return value.op in {"abs", "square", "relu", "softplus"}


def bounded(name: str) -> bool:
    """Whether an activation has an upper bound that no exponent of it can overflow."""
    spec = activations.by_name(name)
    return spec is not None and spec.high < 80.0


def shift_of(inside: Value) -> Value:
    """The tensor behind a subtracted maximum."""
    if isinstance(inside, Tensor) and inside.op == "subtract":
        return inside.inputs[0]
    return inside


# -- shapes --------------------------------------------------------------------------------------------------------------


def shape_of(value: Value | None) -> Shape:
    """The shape of a tensor; of a choice, what all alternatives share."""
    if isinstance(value, Tensor):
        return value.shape
    if isinstance(value, Choice):
        shapes = [shape_of(one) for _, one in value.alternatives]
        return common(shapes)
    return None


def common(shapes: Sequence[Shape]) -> Shape:
    first = shapes[0] if shapes else None
    if first is None or any(one is None or len(one) != len(first) for one in shapes):
        return None
    columns = zip(*(one for one in shapes if one is not None), strict=True)
    return tuple(column[0] if all(one == column[0] for one in column) else None for column in columns)


def constants(value: Value | None) -> tuple[int | None, ...] | None:
    """The integers of a tuple or list, `None` for each that is not known."""
    if isinstance(value, List):
        value = value.state["items"]
    if isinstance(value, Tuple) and not value.rest:
        return tuple(one.value if isinstance(one, Const) and type(one.value) is int else None for one in value.items)
    if isinstance(value, Const) and isinstance(value.value, (tuple, list)):
        return tuple(one if type(one) is int else None for one in value.value)
    if isinstance(value, Const) and type(value.value) is int:
        return (value.value,)
    return None


def number(value: Value | None) -> int | None:
    return value.value if isinstance(value, Const) and type(value.value) is int else None


def shape_after(op: str, inputs: tuple[Value, ...], params: Mapping[str, Any]) -> Shape:
    """The shape of a function's result, where it follows from its inputs."""
    if not inputs:
        return None
    shapes = [shape_of(one) for one in inputs if isinstance(one, (Tensor, Choice))]
    first = shapes[0] if shapes else None
    if op in {"sum", "max", "min", "mean", "argmax", "logsumexp"}:
        return reduced(first, params)
    if op in {
        "reshape",
        "transpose",
        "matmul",
        "einsum",
        "concat",
        "stack",
        "getitem",
        "opaque",
        "one_hot",
        "repeat",
        "split",
    }:
        return None
    if op == "expand_dims":
        axis = params.get("axis")
        if first is None or type(axis) is not int:
            return None
        at = axis if axis >= 0 else len(first) + 1 + axis
        return (*first[:at], 1, *first[at:])
    if op == "squeeze":
        axis = params.get("axis")
        return (
            tuple(one for index, one in enumerate(first) if index != axis % len(first))
            if first and type(axis) is int
            else None
        )
    if len(shapes) > 1:
        longest = max((one for one in shapes if one is not None), key=len, default=None)
        return longest if None not in shapes else None
    return first


def reduced(shape: Shape, params: Mapping[str, Any]) -> Shape:
    axis = params.get("axis")
    if shape is None or type(axis) is not int or not -len(shape) <= axis < len(shape):
        return None
    at = axis % len(shape)
    if params.get("keepdims") or params.get("keep_dims"):
        return (*shape[:at], 1, *shape[at + 1 :])
    return (*shape[:at], *shape[at + 1 :])


def channels_first(interp: Interpreter, layer: Construct) -> bool:
    """Whether a convolution has its channels on axis 1."""
    for name in ("data_format", "dim_ordering"):
        value = layer.bound.get(name)
        if isinstance(value, Const):
            return value.value in {"channels_first", "th"}
    return interp.record.channels_first


def layer_shape(interp: Interpreter, spec: LayerSpec, layer: Construct, shape: Shape, others: Sequence[Shape]) -> Shape:
    """The shape that a layer gives for the shape of its input (or inputs)."""
    units = number(layer.bound.get(spec.units)) if spec.units else None
    kind = spec.kind
    name = spec.name
    if kind is Kind.WEIGHTS:
        return weights_shape(interp, spec, layer, shape, units)
    if kind is Kind.RECURRENT:
        return recurrent_shape(layer, shape, units)
    if kind is Kind.POOLING:
        return pooling_shape(interp, name, layer, shape)
    if kind is Kind.MERGE:
        if name in {"Concatenate", "Merge"}:
            return concatenated(layer, [shape, *others])
        return None if name == "Dot" else common([shape, *others]) or shape
    if kind is Kind.SHAPE:
        return moved_shape(name, layer, shape)
    if kind in {Kind.ACTIVATION, Kind.ELEMENTWISE, Kind.NORMALIZATION}:
        return shape
    if kind is Kind.PREPROCESSING:
        return shape if name in {"Rescaling", "Normalization"} else None
    if name == "MultiHeadAttention":
        return shape
    return None


def weights_shape(interp: Interpreter, spec: LayerSpec, layer: Construct, shape: Shape, units: int | None) -> Shape:
    if spec.name == "Embedding":
        return (*shape, units) if shape is not None else None
    if spec.rank is not None:
        rank = spec.rank
        if channels_first(interp, layer):
            return (None, units, *(None for _ in range(rank - 2)))
        return (*(None for _ in range(rank - 1)), units)
    if spec.name == "Dense":
        return (*shape[:-1], units) if shape else None
    return None


def recurrent_shape(layer: Construct, shape: Shape, units: int | None) -> Shape:
    sequences = layer.bound.get("return_sequences")
    if isinstance(sequences, Const):
        return (None, shape[1] if shape and len(shape) > 1 else None, units) if sequences.value else (None, units)
    if sequences is None:
        return (None, units)
    return None


def pooling_shape(interp: Interpreter, name: str, layer: Construct, shape: Shape) -> Shape:
    if name.startswith("Global"):
        if isinstance(keep := layer.bound.get("keepdims"), Const) and keep.value:
            return None
        if shape is None:
            return (None, None)
        return (None, shape[1] if channels_first(interp, layer) else shape[-1])
    if shape is None:
        return None
    if channels_first(interp, layer):
        return (shape[0], shape[1], *(None for _ in shape[2:]))
    return (shape[0], *(None for _ in shape[1:-1]), shape[-1])


def concatenated(layer: Construct, shapes: Sequence[Shape]) -> Shape:
    axis = number(layer.bound.get("axis")) if "axis" in layer.bound else -1
    known = [one for one in shapes if one is not None]
    if axis is None or len(known) != len(shapes) or len({len(one) for one in known}) != 1:
        return None
    rank = len(known[0])
    if not -rank <= axis < rank:
        return None
    at = axis % rank
    lengths = [one[at] for one in known]
    total = sum(one for one in lengths if one is not None) if None not in lengths else None
    return (*known[0][:at], total, *known[0][at + 1 :])


def moved_shape(name: str, layer: Construct, shape: Shape) -> Shape:
    if name == "Flatten":
        if shape is not None and len(shape) == 2:
            return shape
        if shape is not None and len(shape) > 2 and None not in shape[1:]:
            total = 1
            for one in shape[1:]:
                total *= one or 1
            return (shape[0], total)
        return (None, None)
    if name == "Reshape":
        target = constants(layer.bound.get("target_shape"))
        return (None, *(None if one in (-1, None) else one for one in target)) if target is not None else None
    if name == "Permute":
        dims = constants(layer.bound.get("dims"))
        if dims is None or None in dims:
            return None
        if shape is None or len(shape) != len(dims) + 1:
            return tuple(None for _ in range(len(dims) + 1))
        return (shape[0], *(shape[one] if one is not None and 0 < one < len(shape) else None for one in dims))
    if name == "RepeatVector":
        return (None, number(layer.bound.get("n")), shape[-1] if shape else None)
    if name in {"Masking", "ActivityRegularization", "Identity"}:
        return shape
    if shape is None:
        return None
    return (shape[0], *(None for _ in shape[1:-1]), shape[-1])


def spec_of(layer: Value | None) -> LayerSpec | None:
    """The catalogue's row of a library layer."""
    return layer_catalog.by_class(layer.dotted) if isinstance(layer, Construct) else None

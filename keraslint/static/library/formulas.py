"""Activations that a program spells out: `exp(x) / sum(exp(x))`, `1 / (1 + exp(-x))`, sigmoids over their sum.

Operations on tensors come in, and the activation that they compute comes out, marked as written by hand. What is not
certainly one stays what it is: other formulas are other functions.
"""

from __future__ import annotations

from typing import Any, Final

from keraslint.model import Route
from keraslint.static.catalog import activations
from keraslint.static.library.graph import has_batch
from keraslint.static.values import Const, Construct, Shape, Site, Tensor, Unknown, Value

MOST_DEPTH: Final = 6
"""Operations inside operations that are compared with each other."""
NO_OVERFLOW: Final = 80.0
"""Exponents up to here are finite in float32."""
SMALL: Final = 1e-2
"""A constant below this is added against a division by zero."""

AROUND_A_TOTAL: Final = frozenset({"cast", "expand_dims", "identity", "repeat", "reshape", "transpose"})
INDIVIDUAL: Final = frozenset({"input", "layer", "opaque"})
"""Operations that may give something else each time."""
LINEAR: Final = frozenset({"cast", "divide", "identity", "multiply", "neg"})
BOUNDED: Final = frozenset({"clip", "l2_normalize", "minimum"})
NEVER_NEGATIVE: Final = frozenset({"abs", "relu", "softplus", "square"})
EVEN: Final = (2, 4)


def by_hand(op: str, inputs: tuple[Value, ...], site: Site) -> Tensor | None:
    """The activation that an operation completes, or nothing."""
    if op == "divide" and len(inputs) == 2:
        return _quotient(inputs[0], inputs[1], site)
    inner = inputs[0] if inputs and op == "log" else None
    if isinstance(inner, Tensor) and inner.op == "softmax" and inner.route is not Route.HIDDEN:
        return _written("log-softmax", inner.inputs, site, inner.shape, inner.params.get("axis"), safe=False)
    return None


def _written(op: str, inputs: tuple[Value, ...], site: Site, shape: Shape, axis: Any, *, safe: bool) -> Tensor:
    return Tensor(op, inputs, site, shape=shape, params={"axis": axis, "by_hand": safe}, route=Route.HIDDEN)


def _quotient(above: Value, below: Value, site: Site) -> Tensor | None:
    if _is_one(above) and isinstance(below, Tensor):
        return _logistic(below, site)
    if not isinstance(above, Tensor) or not isinstance(below, Tensor):
        return None
    total = _plus_epsilon(_through(below, AROUND_A_TOTAL))
    if total.op != "sum" or not total.inputs or not _same(above, total.inputs[0]):
        return None
    axis = total.params.get("axis")
    if axis is None:
        # a sum over everything: over the batch too, if there is one
        if has_batch(above) is not True:
            return None
        axis = 0
    if above.op == "layer":
        return _normalised_layer(above, site, axis)
    if above.op == "exp":
        inside = above.inputs[0]
        return _written("softmax", (_unshifted(inside),), site, above.shape, axis, safe=_cannot_overflow(inside))
    if above.op == "sigmoid":
        return _written("normalised-sigmoids", above.inputs, site, above.shape, axis, safe=True)
    return None


def _normalised_layer(layer: Tensor, site: Site, axis: Any) -> Tensor | None:
    """The outputs of a layer with an activation, divided by their sum."""
    activation = own_activation(layer)
    bare = Tensor("layer", layer.inputs, layer.site, shape=layer.shape, layer=layer.layer, params={"bare": True})
    if activation == "sigmoid":
        return _written("normalised-sigmoids", (bare,), site, layer.shape, axis, safe=True)
    if activation == "exponential":
        return _written("softmax", (bare,), site, layer.shape, axis, safe=False)
    return None


def _logistic(below: Tensor, site: Site) -> Tensor | None:
    """`1 / (1 + exp(-x))`."""
    if below.op != "add" or len(below.inputs) != 2:
        return None
    for one, other in (below.inputs, below.inputs[::-1]):
        if _is_one(one) and isinstance(other, Tensor) and other.op == "exp":
            inside = other.inputs[0]
            if isinstance(inside, Tensor) and inside.op == "neg":
                if _cannot_overflow(inside):
                    return None  # half of a formula that is safe, or of a logit that was cut off
                return _written("sigmoid", inside.inputs, site, inside.shape, None, safe=False)
            if isinstance(inside, Unknown) and isinstance(inside.key, tuple) and inside.key[0] == "neg":
                return _written("sigmoid", (Unknown(inside.key[1]),), site, None, None, safe=False)
    return None


def own_activation(tensor: Tensor) -> str:
    """The name of the activation that a layer applies itself, where the program writes it as a string."""
    layer = tensor.layer
    if tensor.op != "layer" or not isinstance(layer, Construct) or tensor.params.get("bare"):
        return ""
    given = layer.state.get("activation") or layer.bound.get("activation")
    return given.value if isinstance(given, Const) and isinstance(given.value, str) else ""


def _is_one(value: Value) -> bool:
    return isinstance(value, Const) and value.value in (1, 1.0)


def _through(tensor: Tensor, ops: frozenset[str]) -> Tensor:
    while tensor.op in ops and tensor.inputs and isinstance(tensor.inputs[0], Tensor):
        tensor = tensor.inputs[0]
    return tensor


def _plus_epsilon(tensor: Tensor) -> Tensor:
    """A sum with a small constant added against division by zero is still that sum."""
    if tensor.op == "add" and len(tensor.inputs) == 2:
        for one, other in (tensor.inputs, tensor.inputs[::-1]):
            small = isinstance(one, Const) and isinstance(one.value, float) and abs(one.value) < SMALL
            if (small or isinstance(one, Unknown)) and isinstance(other, Tensor):
                return _through(other, frozenset({"expand_dims", "cast"}))
    return tensor


def _same(left: Value, right: Value, depth: int = 0) -> bool:
    """Whether two tensors are the same number: the same value, or the same operation on the same inputs."""
    if left is right:
        return True
    if isinstance(left, Const) and isinstance(right, Const):
        return type(left.value) is type(right.value) and bool(left.value == right.value)
    if isinstance(left, Unknown) and isinstance(right, Unknown):
        return left.key == right.key
    if isinstance(left, Tensor) and isinstance(right, Tensor) and depth < MOST_DEPTH:
        return (
            left.op == right.op
            and left.op not in INDIVIDUAL
            and len(left.inputs) == len(right.inputs) > 0
            and left.params == right.params
            and all(_same(one, other, depth + 1) for one, other in zip(left.inputs, right.inputs, strict=True))
        )
    return False


def _cannot_overflow(inside: Value) -> bool:
    """Whether an exponent is bounded: the maximum was subtracted, or it was cut off."""
    if not isinstance(inside, Tensor):
        return False
    if inside.op in BOUNDED or _is_bounded(inside.op) or _is_bounded(own_activation(inside)):
        return True
    if inside.op in {"neg", "multiply"} and any(_never_negative(one) for one in inside.inputs):
        factors = [one.value for one in inside.inputs if isinstance(one, Const) and isinstance(one.value, (int, float))]
        return inside.op == "neg" or any(one < 0 for one in factors)
    if inside.op == "subtract" and len(inside.inputs) == 2 and isinstance(inside.inputs[1], (Tensor, Unknown)):
        # anything that is subtracted and is not a constant is taken for the maximum: better silent than wrong
        return True
    return inside.op in LINEAR and any(_cannot_overflow(one) for one in inside.inputs)


def _never_negative(value: Value) -> bool:
    """Whether a tensor holds nothing below zero: squares and absolute values."""
    if not isinstance(value, Tensor):
        return False
    if value.op == "power":
        exponent = value.inputs[1] if len(value.inputs) == 2 else None
        return isinstance(exponent, Const) and exponent.value in EVEN
    return value.op in NEVER_NEGATIVE


def _is_bounded(name: str) -> bool:
    """Whether an activation has an upper bound that no exponent of it can overflow."""
    spec = activations.by_name(name)
    return spec is not None and spec.high < NO_OVERFLOW


def _unshifted(inside: Value) -> Value:
    """The tensor behind a subtracted maximum."""
    if isinstance(inside, Tensor) and inside.op == "subtract":
        return inside.inputs[0]
    return inside

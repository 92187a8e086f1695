"""From the tensor that a model gives back to the last weights: which functions were applied on the way.

Once a function has been met, everything from there to the output is known, whatever stands before it. What is met
before any function and is not understood makes the whole head unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from keraslint.model import Route
from keraslint.static.bounds import MOST_MERGES, MOST_STEPS_BACK
from keraslint.static.catalog import activations
from keraslint.static.catalog.functions import LINEAR_MAPS, MOVING, PASSING, RESHAPING
from keraslint.static.catalog.layers import Kind
from keraslint.static.facts import steps
from keraslint.static.facts.reading import Reading
from keraslint.static.facts.steps import SOFTMAX_LIKE, SPELLINGS, Step
from keraslint.static.library.models import outputs_of
from keraslint.static.library.shapes import channels_first, spec_of
from keraslint.static.values import Const, Construct, Data, Instance, KerasModel, Shape, Tensor, Unknown, Value

NEGLIGIBLE: Final = 1e-3
"""A constant below this is added against a logarithm or a division by zero."""

ARITHMETIC: Final = frozenset({"add", "divide", "multiply", "neg", "subtract"})
ELEMENTWISE: Final = frozenset({"linear", "relu", "sigmoid", "tanh"})
"""Functions that are the same on several branches beside each other as on each."""
FORGETS_UNITS: Final = frozenset({"Flatten", "Permute", "RepeatVector", "Reshape"})
"""Layers behind which the channels are elsewhere."""
TRANSPARENT: Final = frozenset({"ActivityRegularization", "Identity", "Masking"})
"""Layers of the kind that moves numbers which leave all of them where they are."""
SUMS: Final = frozenset({"Add", "Average", "Subtract"})


@dataclass(slots=True)
class Trace:
    """What the walk has found.

    `steps` are in the order of application. `layer` is the last one with weights, `channels` the axis of its channels,
    `shape` the shape of the output. `known` is false when the way could not be followed, `hidden` when something stands
    between the last function and the output that keeps Keras from finding the logits, `clipped` when the outputs are
    cut off at bounds of their own. `moves` counts how often axes are moved on the way, `moved` are those of the tensors
    that layers have moved so, last first. `end` is where the walk ended.
    `behind` are layers behind the last function that change its numbers: dropout, noise, normalisations; last first.
    `branches` are the walks along what was merged, by the tensor where they began; `depth` counts merges inside merges.
    """

    steps: list[Step] = field(default_factory=list)
    layer: Construct | None = None
    name: str | None = None
    shape: Shape = None
    channels: int = -1
    end: Tensor | None = None
    known: bool = True
    hidden: bool = False
    moves: int = 0
    moved: list[Tensor] = field(default_factory=list)
    clipped: bool = False
    behind: list[Construct] = field(default_factory=list)
    branches: dict[int, Trace] = field(default_factory=dict)
    depth: int = 0

    @property
    def channel_axis(self) -> int:
        """The axis of the channels in the output: the last one, where axes were moved."""
        return self.channels if not self.moves else -1

    @property
    def functions(self) -> list[Step]:
        """The steps that are more than a factor and a shift."""
        return [step for step in self.steps if not step.is_scale]

    def push(self, step: Step) -> None:
        """Put a function before those that were met so far."""
        if step.name != "linear":
            if self.hidden:
                step.route = Route.HIDDEN
            step.moves = self.moves
            self.steps.append(step)

    def push_scale(self, tensor: Tensor, factor: float | None, shift: float = 0.0) -> None:
        """Put a factor and a shift before what was met so far."""
        self.hidden = True
        self.steps.append(steps.scale(tensor, factor, shift))

    def give_up(self) -> None:
        """Something is not understood: nothing is known, unless a function stands behind it."""
        self.known = self.known and bool(self.functions)


def trace(reading: Reading, output: Value) -> Trace:
    """Walk from an output back to the last weights."""
    return _walked(reading, output, Trace())


def _branch(reading: Reading, value: Value, found: Trace) -> Trace:
    """The walk along one of the tensors that are merged on the way. A tensor that is merged twice is walked once."""
    tensor = reading.pick(value)
    if not isinstance(tensor, Tensor) or found.depth >= MOST_MERGES:
        return Trace(known=False)
    known = found.branches.get(tensor.serial)
    if known is None:
        known = _walked(reading, tensor, Trace(branches=found.branches, depth=found.depth + 1))
        found.branches[tensor.serial] = known
    return known


def _walked(reading: Reading, output: Value, found: Trace) -> Trace:
    value = output
    for _ in range(MOST_STEPS_BACK):
        tensor = reading.pick(value)
        if not isinstance(tensor, Tensor):
            found.known = False
            break
        if found.shape is None and not found.moves:
            found.shape = tensor.shape
        onward = _back(reading, tensor, found)
        if onward is None:
            found.end = tensor
            break
        value = onward
    else:
        found.known = False
    found.steps.reverse()
    if found.clipped and not (found.steps and found.steps[-1].name in {"softmax", "sigmoid"}):
        # cut off at bounds of its own: no longer the function that it was
        found.known = False
    return found


def _onward(tensor: Tensor) -> Value | None:
    return tensor.inputs[0] if tensor.inputs else None


def _back(reading: Reading, tensor: Tensor, found: Trace) -> Value | None:
    """Take one tensor into account and say where it came from; nothing at the end of the way."""
    op = tensor.op
    if op == "layer":
        return _back_layer(reading, tensor, found)
    if op == "model":
        return tensor.inputs[0]
    if op == "weights" or op in LINEAR_MAPS:
        # weights of a layer, or a linear map written out
        return None
    if op in ARITHMETIC:
        return _back_arithmetic(reading, tensor, found)
    if op in PASSING:
        found.hidden = found.hidden or op in RESHAPING
        found.moves += op in MOVING
        return _onward(tensor)
    if op in SOFTMAX_LIKE or op in SPELLINGS or activations.by_name(op) is not None:
        found.push(steps.of_operation(tensor))
        return _onward(tensor)
    if op == "clip":
        found.hidden = found.clipped = True
        return _onward(tensor)
    found.known = found.known and bool(found.functions) and op != "input"
    return None


# -- arithmetic --------------------------------------------------------------------------------------------------------


def _back_arithmetic(reading: Reading, tensor: Tensor, found: Trace) -> Value | None:
    inputs = [reading.pick(one) for one in tensor.inputs]
    tensors = [one for one in inputs if isinstance(one, Tensor)]
    constants = [one.value for one in inputs if isinstance(one, Const) and isinstance(one.value, (int, float))]
    op, first = tensor.op, bool(inputs) and isinstance(inputs[0], Tensor)
    if op == "neg" and tensors:
        found.push_scale(tensor, -1.0)
        return tensors[0]
    if len(tensors) == 1 and not constants:
        return _by_unknown(tensor, tensors[0], inputs, found)
    if len(tensors) != 1 or len(constants) != 1 or (op == "divide" and not (first and constants[0])):
        found.give_up()
        return None
    constant = float(constants[0])
    if op == "multiply":
        found.push_scale(tensor, constant)
    elif op == "divide":
        found.push_scale(tensor, 1.0 / constant)
    elif abs(constant) < NEGLIGIBLE:
        found.hidden = True
    elif op == "add":
        found.push_scale(tensor, 1.0, constant)
    else:
        found.push_scale(tensor, 1.0 if first else -1.0, -constant if first else constant)
    return tensors[0]


def _by_unknown(tensor: Tensor, inner: Tensor, inputs: list[Value], found: Trace) -> Value | None:
    """An operation of a tensor and something that is neither tensor nor number."""
    if tensor.op == "add" and inner.op in LINEAR_MAPS and any(isinstance(one, (Data, Unknown)) for one in inputs):
        # `x @ w + b`: the map and its bias
        return None
    if tensor.op in {"multiply", "divide"} and inputs[0] is inner:
        # a temperature or another factor that is not known
        found.push_scale(tensor, None)
        return inner
    found.give_up()
    return None


# -- layers ------------------------------------------------------------------------------------------------------------


def _back_layer(reading: Reading, tensor: Tensor, found: Trace) -> Value | None:
    layer = reading.pick(tensor.layer) if tensor.layer is not None else None
    spec = spec_of(layer)
    if not isinstance(layer, Construct) or spec is None:
        found.give_up()
        return None
    if found.name is None:
        name = layer.bound.get("name")
        found.name = name.value if isinstance(name, Const) and isinstance(name.value, str) else ""
    return _BY_KIND[spec.kind](reading, layer, tensor, found)


def _weights(reading: Reading, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
    found.layer = layer
    if channels_first(reading.interp.record, layer) and tensor.shape is not None and len(tensor.shape) > 2:
        found.channels = 1
    if not tensor.params.get("bare"):
        _own_activation(reading, layer, tensor, found)
    return None


def _recurrent(_reading: Reading, layer: Construct, _tensor: Tensor, found: Trace) -> Value | None:
    found.layer = layer
    # the cell multiplies its activation by a gate: what comes out is not that function's value
    found.give_up()
    return None


def _activation(reading: Reading, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
    _own_activation(reading, layer, tensor, found)
    return _onward(tensor)


def _own_activation(reading: Reading, layer: Construct, tensor: Tensor, found: Trace) -> None:
    step = steps.of_layer(reading, layer, tensor)
    if step is not None:
        found.push(step)
        return
    found.give_up()
    if not found.known:
        # what scales an unknown function cannot be told
        found.steps = found.functions


def _elementwise(reading: Reading, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
    found.hidden = True
    given = layer.bound.get("rate", layer.bound.get("stddev"))
    amount = reading.pick(given) if given is not None else None
    if not found.functions and not (isinstance(amount, Const) and not amount.value):
        found.behind.append(layer)
    return _onward(tensor)


def _normalization(reading: Reading, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
    if not found.functions and layer.kind != "UnitNormalization":
        before = trace(reading, tensor.inputs[0]) if tensor.inputs else Trace(known=False)
        if before.known and before.functions and before.functions[-1].name in TWICE:
            # probabilities that are scaled and shifted once more
            found.behind.append(layer)
            found.push_scale(tensor, None)
            return _onward(tensor)
    # it learns a scale and a shift: the last layer with weights, whatever stands before
    found.layer = layer
    if layer.kind == "UnitNormalization":
        found.give_up()
    return None


def _moved(_reading: Reading, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
    if layer.kind not in TRANSPARENT:
        found.hidden = True
        if layer.kind in FORGETS_UNITS:
            found.moves += 1
            found.moved.append(tensor)
    return _onward(tensor)


def _pooling(reading: Reading, _layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
    inner = _branch(reading, tensor.inputs[0], found) if tensor.inputs else Trace(known=False)
    found.layer = inner.layer
    if inner.steps:
        # an average of activations is none of them
        found.give_up()
    return None


def _merge(reading: Reading, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
    found.layer = layer
    if found.functions:
        return None
    branches = [_branch(reading, one, found) for one in tensor.inputs]
    words = {word(one.steps) if one.known else None for one in branches}
    if layer.kind == "Concatenate" and len(words) == 1 and words <= ELEMENTWISE:
        found.steps += reversed(branches[0].steps)
        found.hidden = True
    elif layer.kind not in SUMS or words != {"linear"}:
        found.known = False
    return None


def _wrapper(reading: Reading, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
    given = layer.bound.get("layer")
    inner = reading.pick(given) if given is not None else None
    found.hidden = True
    if isinstance(inner, (KerasModel, Instance)):
        return outputs_of(reading.interp, inner)
    spec = spec_of(inner)
    if isinstance(inner, Construct) and spec is not None and layer.kind == "TimeDistributed":
        return _BY_KIND[spec.kind](reading, inner, tensor, found)
    found.layer = layer
    found.give_up()
    return None


def _preprocessing(_reading: Reading, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
    ends = [layer.bound.get("scale"), layer.bound.get("offset", Const(0.0))] if layer.kind == "Rescaling" else []
    numbers = [one.value for one in ends if isinstance(one, Const) and isinstance(one.value, (int, float))]
    if len(numbers) == 2:
        found.push_scale(tensor, float(numbers[0]), float(numbers[1]))
        return _onward(tensor)
    found.give_up()
    return None


def _opaque(_reading: Reading, _layer: Construct, _tensor: Tensor, found: Trace) -> Value | None:
    found.give_up()
    return None


_BY_KIND: Final[Mapping[Kind, Callable[[Reading, Construct, Tensor, Trace], Value | None]]] = {
    Kind.WEIGHTS: _weights,
    Kind.RECURRENT: _recurrent,
    Kind.ACTIVATION: _activation,
    Kind.ELEMENTWISE: _elementwise,
    Kind.NORMALIZATION: _normalization,
    Kind.SHAPE: _moved,
    Kind.POOLING: _pooling,
    Kind.MERGE: _merge,
    Kind.WRAPPER: _wrapper,
    Kind.PREPROCESSING: _preprocessing,
    Kind.ATTENTION: _opaque,
    Kind.INPUT: _opaque,
    Kind.LAMBDA: _opaque,
    Kind.OTHER: _opaque,
}


# -- one word for all of it --------------------------------------------------------------------------------------------

TWICE: Final = frozenset({"sigmoid", "softmax"})


def word(applied: list[Step]) -> str:
    """One word for functions in the order of application."""
    said = "linear"
    for step in applied:
        if step.is_scale:
            # a scale after an activation changes its range; before one it only sets a temperature
            if said != "linear" and not said.startswith("scaled-"):
                said = f"scaled-{said}"
        elif said == "linear":
            said = step.name
        elif said != step.name:
            said = f"{step.name}-on-{said}"
        elif step.name in TWICE:
            said = f"{step.name}-twice"
    return said

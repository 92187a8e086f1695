"""From the input of a model forward to the first layer that weighs the values or puts them on another scale.

Whatever only moves values (a Reshape, a Dropout, a RandomFlip) is passed. Where the way forks, every branch counts;
where one of them is not understood, nothing is known.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from keraslint.model import Fact
from keraslint.static.catalog.functions import PASSING
from keraslint.static.catalog.layers import Kind
from keraslint.static.facts import steps
from keraslint.static.facts.reading import Reading
from keraslint.static.facts.scenario import Infeasible
from keraslint.static.library.graph import behind
from keraslint.static.library.shapes import spec_of
from keraslint.static.values import Const, Construct, KerasModel, Tensor, Value, tensors_in

PASSED: Final = frozenset({Kind.ELEMENTWISE, Kind.POOLING, Kind.SHAPE})
SCALING: Final = frozenset({"Normalization", "Rescaling"})
SAME_RANGE: Final = frozenset(
    "CenterCrop RandomContrast RandomCrop RandomFlip RandomHeight RandomRotation RandomShear RandomTranslation "
    "RandomWidth RandomZoom Resizing".split()
)
"""Layers that prepare pictures without putting their values on another scale."""
WEIGHING: Final = frozenset({Kind.ATTENTION, Kind.RECURRENT, Kind.WEIGHTS})
HOMOGENEOUS: Final = frozenset({"elu", "gelu", "leaky_relu", "linear", "relu", "selu", "silu"})
"""Activations that let large values through: a normalisation behind them still takes the scale away."""


class First(NamedTuple):
    """A layer that counts: its class, and the activation that it applies."""

    kind: Fact[str]
    activation: Fact[str] | None = None


def first_layer(reading: Reading, outputs: Value) -> First | None:
    """The first layer that the inputs of a model meet; one that normalises before one that only weighs."""
    inputs = _own_inputs(outputs)
    if len(inputs) != 1:
        return None
    try:
        return _Way(reading, outputs).first(inputs[0])
    except Infeasible:
        return None


class _Way:
    """The tensors of a model by what they are made from, to be gone through forwards."""

    def __init__(self, reading: Reading, outputs: Value) -> None:
        self.reading = reading
        self.after: dict[int, list[Tensor]] = {}
        for tensor in behind(outputs):
            for one in tensors_in(tensor.inputs):
                self.after.setdefault(one.serial, []).append(tensor)

    def first(self, start: Tensor) -> First | None:
        weighing: First | None = None
        queue, seen = [start], {start.serial}
        for tensor in queue:
            for onward in self.after.get(tensor.serial, ()):
                found = self._met(tensor, onward)
                if found is None:
                    return None
                if isinstance(found, First):
                    if not _weighs(found):
                        return found
                    weighing = weighing or found
                elif found.serial not in seen:
                    seen.add(found.serial)
                    queue.append(found)
        return weighing

    def _met(self, tensor: Tensor, onward: Tensor) -> Tensor | First | None:
        """What comes next: a layer that counts, the tensor behind one that does not, or nothing that is known."""
        if onward.op == "model":
            if any(one is tensor for one in tensors_in(onward.inputs[:1])):
                return onward  # out of a model
            inner = _own_inputs(onward.inputs[0])
            return inner[0] if len(inner) == 1 else self._ready_made(onward)
        if onward.op in PASSING:
            return onward
        layer = self.reading.pick(onward.layer) if onward.op == "layer" and onward.layer is not None else None
        spec = spec_of(layer)
        if not isinstance(layer, Construct) or spec is None:
            return None
        if spec.kind in PASSED or layer.kind in SAME_RANGE:
            return onward
        if layer.kind == "TimeDistributed":
            inner_layer = self.reading.pick(layer.bound["layer"]) if "layer" in layer.bound else None
            inner_spec = spec_of(inner_layer)
            if not isinstance(inner_layer, Construct) or inner_spec is None:
                return None
            layer, spec = inner_layer, inner_spec
        if spec.kind is Kind.NORMALIZATION or layer.kind in SCALING:
            return self._told(layer, onward)
        if spec.kind in WEIGHING:
            told = self._told(layer, onward)
            return (self._normalised(onward, told) or told) if told is not None else None
        return None

    def _ready_made(self, onward: Tensor) -> First | None:
        """A network of `keras.applications` as one layer."""
        model, site = onward.layer, onward.site
        if not isinstance(model, KerasModel) or model.kind != "application" or site is None:
            return None
        name = model.state.get("application")
        return First(Fact(str(name.value), (model.site or site).span)) if isinstance(name, Const) else None

    def _normalised(self, tensor: Tensor, told: First) -> First | None:
        """The normalisation that takes the scale away again right behind a layer."""
        if told.activation is not None and told.activation.value not in HOMOGENEOUS:
            return None
        queue = [tensor]
        for one in queue:
            for onward in self.after.get(one.serial, ()):
                layer = onward.layer
                spec = spec_of(layer)
                if not isinstance(layer, Construct) or spec is None or onward.op != "layer":
                    continue
                if spec.kind is Kind.NORMALIZATION:
                    return self._told(layer, onward)
                if spec.kind in PASSED or spec.kind is Kind.ACTIVATION:
                    queue.append(onward)
        return None

    def _told(self, layer: Construct, tensor: Tensor) -> First | None:
        spec = spec_of(layer)
        if layer.site is None or spec is None:
            return None
        step = steps.of_layer(self.reading, layer, tensor) if spec.activation is not None else None
        applied = Fact(step.name, step.site.span) if step is not None else None
        return First(Fact(layer.kind, layer.site.span), applied)


def _weighs(layer: First) -> bool:
    return layer.kind.value not in SCALING and not layer.kind.value.endswith("Normalization")


def _own_inputs(outputs: Value) -> list[Tensor]:
    """The inputs of a model, without those of the models inside it."""
    tensors = behind(outputs)
    inside: set[int] = set()
    for tensor in tensors:
        if tensor.op == "model":
            inside |= {one.serial for one in behind(tensor.inputs[0]) if one.op == "input"}
    return [one for one in tensors if one.op == "input" and one.serial not in inside]

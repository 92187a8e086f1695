"""The functions that one layer or one operation applies on the way to an output.

Spelling ends here: `"softmax"`, `Softmax()`, `tf.nn.softmax`, an own formula all become a step with a name of the
catalogue. How steps follow each other is the affair of `trace`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from keraslint.model import Route
from keraslint.static.catalog import activations, functions
from keraslint.static.catalog.activations import ActivationSpec
from keraslint.static.facts.reading import Reading
from keraslint.static.library.shapes import spec_of
from keraslint.static.sites import stands_at, value_at
from keraslint.static.text import tree
from keraslint.static.values import Const, Construct, External, Site, Tensor, Value

SOFTMAX_LIKE: Final = frozenset({"log-softmax", "normalised-sigmoids", "softmax", "sparsemax"})
"""What looks at a whole axis."""
SPELLINGS: Final = {"exp": "exponential", "log_softmax": "log-softmax"}
"""Words of the catalogue for which the model has another name."""
UNKNOWN_AXIS: Final = "unknown"
MOST_DEPTH: Final = 3
"""Layers that are the activation of a layer that is the activation of another one."""


@dataclass(slots=True)
class Step:
    """One function on the way to the output.

    A `scale` is a factor and a shift by constants, as in `c * tanh(x)`; its `factor` is `None` when it is not known.
    `axis` is known for functions that look at a whole axis: a number, or a word for an axis that is not known. `moves`
    counts how often axes are moved between here and the output. `apart` tells that the call there does nothing else.
    """

    name: str
    site: Site
    tensor: Tensor
    axis: Any = None
    route: Route = Route.ACTIVATION
    by_hand: bool | None = None
    literal: bool = False
    apart: bool = False
    parameters: dict[str, float | None] = field(default_factory=dict)
    factor: float | None = None
    shift: float = 0.0
    moves: int = 0

    @property
    def is_scale(self) -> bool:
        """Whether this only scales and shifts."""
        return self.name == "scale"


def scale(tensor: Tensor, factor: float | None, shift: float = 0.0) -> Step:
    """A factor and a shift."""
    assert tensor.site is not None
    return Step("scale", tensor.site, tensor, factor=factor, shift=shift)


def of_operation(tensor: Tensor) -> Step:
    """The function that an operation on tensors is."""
    assert tensor.site is not None
    name = SPELLINGS.get(tensor.op, tensor.op)
    return Step(
        name,
        tensor.site,
        tensor,
        axis=tensor.params.get("axis", -1) if name in SOFTMAX_LIKE else None,
        route=tensor.route or Route.OP,
        by_hand=tensor.params.get("by_hand"),
        apart=calls(tensor.site, tensor.op),
    )


def of_layer(reading: Reading, layer: Construct, tensor: Tensor, depth: int = 0) -> Step | None:
    """The function that a layer applies; nothing when it is not known."""
    if depth > MOST_DEPTH:
        return None
    site = layer.site
    assert site is not None
    own = activations.by_layer(layer.dotted)
    if own is not None:
        softmax = layer.kind == "Softmax"
        return Step(
            own.activation,
            site,
            tensor,
            axis=_axis(reading, layer.bound.get("axis")) if softmax else None,
            route=Route.SOFTMAX_LAYER if softmax else Route.ACTIVATION,
            apart=calls(site, layer.kind),
            parameters={name: _parameter(reading, layer, name, usual) for name, usual in own.parameters.items()},
        )
    given = reading.activation(layer)
    if given is not None:
        return _of_value(reading, reading.pick(given), layer, tensor, depth)
    if layer.arguments.open or layer.kind == "Activation":
        return None
    spec = spec_of(layer)
    return Step((spec.activation if spec is not None else None) or "linear", site, tensor)


def _parameter(reading: Reading, layer: Construct, name: str, usual: float | None) -> float | None:
    value = layer.bound.get(name, layer.bound.get("alpha") if name == "negative_slope" else None)
    if value is None:
        return usual
    value = reading.pick(value)
    return float(value.value) if isinstance(value, Const) and isinstance(value.value, (int, float)) else None


def _axis(reading: Reading, value: Value | None) -> Any:
    if value is None:
        return -1
    value = reading.pick(value)
    return value.value if isinstance(value, Const) and type(value.value) is int else UNKNOWN_AXIS


def _of_value(reading: Reading, value: Value, layer: Construct, tensor: Tensor, depth: int) -> Step | None:
    """The function that an argument `activation` means."""
    assert layer.site is not None
    where = value_at(layer.place("activation"))
    literal = isinstance(value, Const) and stands_at(value, where)
    apart = layer.kind == "Activation" and calls(layer.site, layer.kind)
    if layer.kind == "Activation" and not (literal and layer.arguments.positional):
        where, literal = layer.site, False
    elif isinstance(value, (Const, External)) and value.site is not None:
        # a constant is shown where it is written, not where it is passed on
        where = value.site
    if isinstance(value, Const):
        if value.value is None:
            return Step("linear", layer.site, tensor)
        text = value.value if isinstance(value.value, str) else ""
        spec = activations.by_string(text) or activations.by_string(text.lower())
        return _named(spec, where, tensor, Route.ACTIVATION, literal=literal, apart=apart)
    if isinstance(value, External):
        function = functions.by_name(value.dotted)
        route = function.route if function is not None and function.route is not None else Route.ACTIVATION
        return _named(activations.by_function(value.dotted), where, tensor, route, apart=apart)
    inner = of_layer(reading, value, tensor, depth + 1) if isinstance(value, Construct) else None
    return replace(inner, site=where, apart=apart) if inner is not None else None


def calls(site: Site, name: str) -> bool:
    """Whether a place is a call of something by its own name: an alias may be anything, a lambda is no call."""
    called = site.node.func if isinstance(site.node, tree.Call) else None
    last = called.attr if isinstance(called, tree.Attribute) else called
    return isinstance(last, tree.Name) and last.value == name


def _named(
    spec: ActivationSpec | None,
    where: Site,
    tensor: Tensor,
    route: Route,
    *,
    literal: bool = False,
    apart: bool = False,
) -> Step | None:
    if spec is None:
        return None
    name = SPELLINGS.get(spec.name, spec.name)
    return Step(
        name, where, tensor, axis=-1 if name in SOFTMAX_LIKE else None, route=route, literal=literal, apart=apart
    )

"""Activations: what each one is called and between which numbers its outputs stay.

Bounds are true for every finite input, up to float rounding: a value outside them is impossible. They are no
statement about the values that occur.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from types import MappingProxyType
from typing import NamedTuple


class Bounds(NamedTuple):
    """The closed interval in which all outputs lie."""

    low: float
    high: float


class ActivationSpec(NamedTuple):
    """An activation function by its name in Keras 3.

    `total` tells whether the outputs along one axis add up to one. `aliases` are further names of the same function.
    `in_keras_2` and `in_keras_3` tell where Keras takes the name as a string.
    """

    name: str
    low: float = -inf
    high: float = inf
    total: bool = False
    aliases: tuple[str, ...] = ()
    in_keras_2: bool = True
    in_keras_3: bool = True

    @property
    def bounds(self) -> Bounds:
        """Both bounds in one."""
        return Bounds(self.low, self.high)


class ActivationLayer(NamedTuple):
    """A layer that only applies an activation. `parameters` are the activation's parameters with the layer's
    defaults."""

    activation: str
    parameters: Mapping[str, float | None] = MappingProxyType({})


SPECS: tuple[ActivationSpec, ...] = (
    ActivationSpec("linear"),
    ActivationSpec("softmax", 0.0, 1.0, total=True),
    ActivationSpec("sigmoid", 0.0, 1.0),
    ActivationSpec("tanh", -1.0, 1.0),
    ActivationSpec("relu", 0.0),
    ActivationSpec("relu6", 0.0, 6.0),
    ActivationSpec("leaky_relu"),
    ActivationSpec("elu", -1.0),
    ActivationSpec("selu", -1.7581),  # -1.67326 * 1.05070, rounded down
    ActivationSpec("softplus", 0.0),
    ActivationSpec("softsign", -1.0, 1.0),
    ActivationSpec("exponential", 0.0),
    ActivationSpec("hard_sigmoid", 0.0, 1.0),
    ActivationSpec("gelu", -0.1701),  # -0.16997 at -0.7518; -0.17004 with the approximation by tanh
    ActivationSpec("silu", -0.2785, aliases=("swish",)),  # -0.27846 at -1.2785
    ActivationSpec("mish", -0.3089),  # -0.30884 at -1.1924
    ActivationSpec("log_softmax", -inf, 0.0),
    ActivationSpec("celu", -1.0, in_keras_2=False),
    ActivationSpec("glu", in_keras_2=False),
    ActivationSpec("hard_shrink", in_keras_2=False),
    ActivationSpec("hard_silu", -0.375, aliases=("hard_swish",), in_keras_2=False),  # x (x + 3) / 6 at -1.5
    ActivationSpec("hard_tanh", -1.0, 1.0, in_keras_2=False),
    ActivationSpec("log_sigmoid", -inf, 0.0, in_keras_2=False),
    ActivationSpec("soft_shrink", in_keras_2=False),
    ActivationSpec("sparse_plus", 0.0, in_keras_2=False),
    ActivationSpec("sparse_sigmoid", 0.0, 1.0, in_keras_2=False),
    # It should add up to one and does not: Keras 3.15 gives [0, 0] for [1, 1] and [3.3, 3.3, 3.3] for [-3, -3, -3].
    ActivationSpec("sparsemax", 0.0, in_keras_2=False),
    ActivationSpec("squareplus", 0.0, in_keras_2=False),
    ActivationSpec("tanh_shrink", in_keras_2=False),
    ActivationSpec("threshold", in_keras_2=False),
    # Only as layers: their slopes are learned.
    ActivationSpec("prelu", in_keras_2=False, in_keras_3=False),
    ActivationSpec("parametric_softplus", in_keras_2=False, in_keras_3=False),
    ActivationSpec("srelu", in_keras_2=False, in_keras_3=False),
)

STRING_ONLY_IN_KERAS_2 = frozenset({"leaky_relu", "log_softmax", "relu6", "silu"})
"""What `activation="..."` takes in Keras 2 although `keras.activations` has no function of that name there."""

LAYERS: Mapping[str, ActivationLayer] = MappingProxyType(
    {
        "Softmax": ActivationLayer("softmax"),
        "ReLU": ActivationLayer("relu", {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}),
        "LeakyReLU": ActivationLayer("leaky_relu", {"negative_slope": 0.3}),
        "PReLU": ActivationLayer("prelu"),
        "ELU": ActivationLayer("elu", {"alpha": 1.0}),
        "ThresholdedReLU": ActivationLayer("relu", {"threshold": 1.0}),
        "ParametricSoftplus": ActivationLayer("parametric_softplus"),  # Keras 1
        "SReLU": ActivationLayer("srelu"),  # Keras 1
    }
)
"""Layers that only apply an activation, by class name. `Activation` is not among them: its argument names the
function."""

LAYER_STRINGS_IN_KERAS_2 = frozenset({"ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"})
"""Class names that Keras 2 takes as `activation="..."`; Keras 3 raises."""

_FUNCTION_MODULES = frozenset({"keras.activations", "keras.ops", "keras.backend", "tensorflow.nn", "tensorflow"})

_BY_NAME: Mapping[str, ActivationSpec] = {name: spec for spec in SPECS for name in (spec.name, *spec.aliases)}


def by_name(name: str) -> ActivationSpec | None:
    """The activation of that name or alias, including those that exist only as layers."""
    return _BY_NAME.get(name)


def by_string(text: str) -> ActivationSpec | None:
    """What `activation="..."` means in some Keras. Keras looks at upper and lower case, and so does this."""
    if text in LAYER_STRINGS_IN_KERAS_2:
        return _BY_NAME[LAYERS[text].activation]
    spec = _BY_NAME.get(text)
    return spec if spec is not None and (spec.in_keras_2 or spec.in_keras_3) else None


def by_function(dotted: str) -> ActivationSpec | None:
    """The activation that a function computes, by its canonical name, such as `tensorflow.nn.relu`."""
    module, _, name = dotted.rpartition(".")
    if module not in _FUNCTION_MODULES:
        return None
    return by_string(name) if name not in LAYER_STRINGS_IN_KERAS_2 else None


def by_layer(dotted: str) -> ActivationLayer | None:
    """The activation that a layer applies, by its canonical name, such as `keras.layers.ReLU`."""
    module, _, name = dotted.rpartition(".")
    return LAYERS.get(name) if module == "keras.layers" else None


def bounds(name: str, parameters: Mapping[str, float | None] = MappingProxyType({})) -> Bounds | None:
    """Between which numbers the outputs of an activation stay; `None` for a name that is not known.

    `parameters` are the arguments that change the shape (`max_value`, `negative_slope`, `alpha`, `threshold`). A
    parameter that is given as `None` is not known or not set; then the bounds are the widest possible.
    """
    spec = by_name(name)
    if spec is None:
        return None
    if spec.name == "relu":
        return _relu(parameters)
    if spec.name in {"elu", "celu"}:
        alpha = parameters.get("alpha", 1.0)
        return Bounds(-inf if alpha is None else min(0.0, -alpha), inf)
    if spec.name == "leaky_relu":
        slope = _slope(parameters, 0.2)
        return Bounds(0.0 if slope is not None and slope <= 0 else -inf, inf)
    return spec.bounds


def _relu(parameters: Mapping[str, float | None]) -> Bounds:
    slope, threshold = _slope(parameters, 0.0), parameters.get("threshold", 0.0)
    high = parameters.get("max_value")
    # With a negative threshold, the numbers between it and 0 pass.
    low = -inf if slope is None or slope > 0 or threshold is None else min(0.0, threshold)
    if high is None or (slope is not None and slope < 0):
        return Bounds(low, inf)
    return Bounds(min(low, high), max(high, 0.0))


def _slope(parameters: Mapping[str, float | None], default: float) -> float | None:
    """The slope below the threshold, which Keras 2 calls `alpha`."""
    return parameters.get("negative_slope", parameters.get("alpha", default))

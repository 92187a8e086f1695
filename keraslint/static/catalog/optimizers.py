"""Optimizers: how each one may be written, and the learning rate that it takes when none is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class OptimizerSpec(NamedTuple):
    """An optimizer by its class name.

    `parameters` are those of Keras 3 that can be passed by position, as far as programs do: up to the ones that all
    optimizers share. `parameters_2` is the order of Keras 2 where that is another one. `strings` is what
    `compile(optimizer=...)` takes in Keras 2 and 3, `strings_3` what only Keras 3 takes; Keras does not look at upper
    and lower case here. `learning_rate` is the default, `learning_rate_2` that of Keras 2 where it is another one. An
    adaptive optimizer divides by a running size of the gradient, so that its learning rate is the length of a step.
    """

    name: str
    parameters: tuple[str, ...]
    learning_rate: float | None = 0.001
    adaptive: bool = True
    strings: tuple[str, ...] = ()
    strings_3: tuple[str, ...] = ()
    parameters_2: tuple[str, ...] | None = None
    learning_rate_2: float | None = None
    in_keras_2: bool = True
    in_keras_3: bool = True


_MOMENTS = ("learning_rate", "beta_1", "beta_2", "epsilon")

SPECS: tuple[OptimizerSpec, ...] = (
    OptimizerSpec("SGD", ("learning_rate", "momentum", "nesterov"), 0.01, adaptive=False, strings=("sgd",)),
    OptimizerSpec("Adam", (*_MOMENTS, "amsgrad"), strings=("adam",), parameters_2=(*_MOMENTS, "adaptive_epsilon")),
    OptimizerSpec(
        "AdamW",
        ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon", "amsgrad"),
        strings=("adamw",),
    ),
    OptimizerSpec("Adamax", _MOMENTS, strings=("adamax",)),
    OptimizerSpec("Nadam", _MOMENTS, strings=("nadam",)),
    OptimizerSpec("Lamb", _MOMENTS, in_keras_2=False),
    OptimizerSpec("RMSprop", ("learning_rate", "rho", "momentum", "epsilon", "centered"), strings=("rmsprop",)),
    OptimizerSpec("Adagrad", ("learning_rate", "initial_accumulator_value", "epsilon"), strings=("adagrad",)),
    OptimizerSpec("Adadelta", ("learning_rate", "rho", "epsilon"), strings=("adadelta",)),
    OptimizerSpec(
        "Adafactor",
        ("learning_rate", "beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step"),
        strings_3=("adafactor",),
    ),
    OptimizerSpec(
        "Ftrl",
        (
            "learning_rate",
            "learning_rate_power",
            "initial_accumulator_value",
            "l1_regularization_strength",
            "l2_regularization_strength",
            "l2_shrinkage_regularization_strength",
            "beta",
        ),
        strings=("ftrl",),
    ),
    OptimizerSpec("Lion", ("learning_rate", "beta_1", "beta_2"), strings_3=("lion",), learning_rate_2=0.0001),
    OptimizerSpec(
        "Muon",
        ("learning_rate", "adam_beta_1", "adam_beta_2", "adam_weight_decay", "epsilon"),
        strings_3=("muon",),
        in_keras_2=False,
    ),
    OptimizerSpec(
        "ScheduleFreeAdamW",
        (*_MOMENTS, "warmup_steps"),
        0.0025,
        strings_3=("schedulefreeadamw",),
        in_keras_2=False,
    ),
    # These wrap other optimizers and have no learning rate of their own.
    OptimizerSpec(
        "LossScaleOptimizer",
        ("inner_optimizer", "initial_scale", "dynamic_growth_steps"),
        None,
        adaptive=False,
        in_keras_2=False,
    ),
    OptimizerSpec("MultiOptimizer", ("optimizer_map",), None, adaptive=False, in_keras_2=False),
)


def _tf1(name: str, parameters: str, learning_rate: float | None = None, *, adaptive: bool = True) -> OptimizerSpec:
    return OptimizerSpec(name, tuple(parameters.split()), learning_rate, adaptive, in_keras_2=False, in_keras_3=False)


TF1_SPECS: tuple[OptimizerSpec, ...] = (
    _tf1("GradientDescentOptimizer", "learning_rate", adaptive=False),
    _tf1("MomentumOptimizer", "learning_rate momentum", adaptive=False),
    _tf1("AdamOptimizer", "learning_rate beta1 beta2 epsilon", 0.001),
    _tf1("RMSPropOptimizer", "learning_rate decay momentum epsilon"),
    _tf1("AdagradOptimizer", "learning_rate initial_accumulator_value"),
    _tf1("AdadeltaOptimizer", "learning_rate rho epsilon", 0.001),
    _tf1("FtrlOptimizer", "learning_rate learning_rate_power initial_accumulator_value"),
)
"""Optimizers of TensorFlow 1, `tensorflow.train.NAME`. Without a default the learning rate must be given."""

_BY_NAME: Mapping[str, OptimizerSpec] = {spec.name: spec for spec in SPECS}
_BY_TF1_NAME: Mapping[str, OptimizerSpec] = {spec.name: spec for spec in TF1_SPECS}
_BY_STRING: Mapping[str, OptimizerSpec] = {text: spec for spec in SPECS for text in (*spec.strings, *spec.strings_3)}
LEARNING_RATES = frozenset({"learning_rate", "lr"})
"""What an optimizer calls its learning rate, today and before."""

LEGACY = "keras.optimizers.legacy."
"""Where Keras 2 keeps the optimizers of TensorFlow before 2.11, with all of their arguments."""

_MODULES = frozenset({"keras.optimizers", "keras.optimizers.legacy", "keras.optimizers.experimental"})


def by_name(name: str) -> OptimizerSpec | None:
    """The optimizer of that class name."""
    return _BY_NAME.get(name)


def by_string(text: str) -> OptimizerSpec | None:
    """What `compile(optimizer=text)` means in some Keras."""
    return _BY_STRING.get(text.lower())


def by_class(dotted: str) -> OptimizerSpec | None:
    """The optimizer of a class, by its canonical name, such as `keras.optimizers.Adam`."""
    module, _, name = dotted.rpartition(".")
    if module == "tensorflow.train":
        return _BY_TF1_NAME.get(name)
    return _BY_NAME.get(name) if module in _MODULES else None

"""The catalogue against the Keras 3 and the tf_keras that are installed, in both directions.

A name that Keras has and the catalogue lacks fails, and so does the reverse. Where a value is claimed (a bound, a
default, an order of parameters, what happens to an old argument), Keras itself is asked.
"""

from __future__ import annotations

import importlib
import inspect
import io
import logging
import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from keraslint.model import Family, Outputs, Route
from keraslint.static.catalog import (
    activations,
    applications,
    datasets,
    functions,
    layers,
    losses,
    members,
    metrics,
    obsolete,
    optimizers,
)
from keraslint.static.catalog.layers import Kind
from keraslint.static.catalog.losses import Logits
from keraslint.static.names import star_members

GENERATIONS = (2, 3)
SERVICE = {"deserialize", "get", "serialize"}
"""What each module of Keras offers beside its own things."""


@cache
def library(generation: int) -> ModuleType:
    """Keras 3, or Keras 2 as tf_keras; imported when the first test asks."""
    if generation == 2:
        import tf_keras

        return tf_keras
    import keras

    return keras


@cache
def tensorflow() -> ModuleType:
    import tensorflow

    return tensorflow


def public(module: Any, keep: Callable[[Any], bool]) -> set[str]:
    return {name for name in dir(module) if not name.startswith("_") and keep(getattr(module, name))}


def subclasses(module: Any, base: type) -> set[str]:
    """The classes of a module that are such a thing, without the base class itself."""
    return public(module, lambda one: inspect.isclass(one) and issubclass(one, base) and one is not base)


def plain_functions(module: Any) -> set[str]:
    return public(module, lambda one: callable(one) and not inspect.isclass(one)) - SERVICE


def parameters(callee: Any) -> tuple[str, ...]:
    """The parameters that can be passed by position, without `self`."""
    found = inspect.signature(callee.__init__ if inspect.isclass(callee) else callee).parameters.values()
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(one.name for one in found if one.kind in by_position and one.name != "self")


def default(callee: Any, parameter: str) -> Any:
    return inspect.signature(callee.__init__ if inspect.isclass(callee) else callee).parameters[parameter].default


def in_generation(spec: Any, generation: int) -> bool:
    return bool(spec.in_keras_2 if generation == 2 else spec.in_keras_3)


def of(specs: tuple[Any, ...], generation: int) -> list[Any]:
    return [spec for spec in specs if in_generation(spec, generation)]


def named(specs: tuple[Any, ...]) -> Any:
    return pytest.mark.parametrize("spec", specs, ids=lambda spec: spec.name)


both = pytest.mark.parametrize("generation", GENERATIONS, ids=("keras2", "keras3"))


def present(specs: tuple[Any, ...]) -> Any:
    """Each spec in each generation that has it."""
    pairs = [(generation, spec) for generation in GENERATIONS for spec in of(specs, generation)]
    names = [f"{spec.name}-keras{generation}" for generation, spec in pairs]
    return pytest.mark.parametrize(("generation", "spec"), pairs, ids=names)


def accepts(call: Callable[[], Any]) -> bool:
    """Whether Keras understands a string: an object of its own comes back, no string and no module."""
    try:
        found = call()
    except (ValueError, TypeError, ImportError):
        return False
    return callable(found) and not inspect.isclass(found)


# -- activations -------------------------------------------------------------------------------------------------------

SWEEP = np.concatenate([np.linspace(-80, 80, 161), np.linspace(-9, 9, 3601), [-1e4, 1e4]]).astype("float32")


@both
def test_activation_functions_are_all_there(generation: int) -> None:
    names = {name for spec in of(activations.SPECS, generation) for name in (spec.name, *spec.aliases)}
    if generation == 2:
        names -= activations.STRING_ONLY_IN_KERAS_2
    assert names == plain_functions(library(generation).activations)


@both
@named(activations.SPECS)
def test_an_activation_string_is_understood_where_the_table_says_so(
    generation: int, spec: activations.ActivationSpec
) -> None:
    for name in (spec.name, *spec.aliases):
        assert accepts(lambda name=name: library(generation).activations.get(name)) is in_generation(spec, generation)
        expected = spec if spec.in_keras_2 or spec.in_keras_3 else None
        assert activations.by_string(name) is expected


@both
@pytest.mark.parametrize("text", sorted(activations.LAYER_STRINGS_IN_KERAS_2))
def test_layers_as_activation_strings_are_for_keras_2(generation: int, text: str) -> None:
    assert accepts(lambda: library(generation).activations.get(text)) is (generation == 2)
    assert activations.by_string(text) is activations.by_name(activations.LAYERS[text].activation)


@both
@pytest.mark.parametrize("text", ["SOFTMAX", "softMax", "Sigmoid", "RELU", "Relu", "Linear", "Tanh"])
def test_activation_strings_look_at_upper_and_lower_case(generation: int, text: str) -> None:
    assert not accepts(lambda: library(generation).activations.get(text))
    assert activations.by_string(text) is None


def rows() -> np.ndarray[Any, Any]:
    """Rows of several numbers, for functions that work along an axis."""
    drawn = np.random.default_rng(0).normal(scale=20, size=(500, 4)).astype("float32")
    return np.concatenate([drawn, np.zeros((1, 4), "float32"), np.full((1, 4), -90, "float32")])


def applied(generation: int, name: str, inputs: Any, **arguments: Any) -> np.ndarray[Any, Any]:
    function = library(generation).activations.get(name)
    return np.asarray(function(tensorflow().constant(inputs), **arguments))


def test_sparsemax_of_keras_does_not_add_up_to_one() -> None:
    """When this fails, Keras has mended it, and the table may say so for the versions from then on."""
    assert applied(3, "sparsemax", np.ones((1, 2), "float32")).sum() == pytest.approx(0)


def assert_within(outputs: np.ndarray[Any, Any], bounds: activations.Bounds) -> None:
    assert outputs.min() >= bounds.low - 1e-6
    assert outputs.max() <= bounds.high + 1e-6


@present(tuple(spec for spec in activations.SPECS if spec.name not in {"threshold", "glu"}))
def test_outputs_stay_within_the_bounds_and_reach_them(generation: int, spec: activations.ActivationSpec) -> None:
    along_axis = spec.name in {"softmax", "log_softmax", "sparsemax"}
    outputs = applied(generation, spec.name, rows() if along_axis else SWEEP)
    assert_within(outputs, spec.bounds)
    assert math.isinf(spec.low) or outputs.min() < spec.low + 0.001
    assert math.isinf(spec.high) or outputs.max() > spec.high - 0.001
    if math.isinf(spec.low):
        assert outputs.min() < -10
    if math.isinf(spec.high):
        assert outputs.max() > 10
    adds_up = along_axis and bool(np.allclose(outputs.sum(axis=-1), 1, atol=1e-5))
    assert adds_up is spec.total


@both
@pytest.mark.parametrize("alpha", [0.5, 1.0, 3.0])
def test_elu_ends_at_minus_alpha(generation: int, alpha: float) -> None:
    for name in ("elu", "celu")[: generation - 1]:
        assert_within(applied(generation, name, SWEEP, alpha=alpha), activations.bounds(name, {"alpha": alpha}))


@both
@pytest.mark.parametrize("slope", [0.0, 0.3, -0.5])
@pytest.mark.parametrize("maximum", [None, 0.0, 2.5])
@pytest.mark.parametrize("threshold", [0.0, 1.5, -2.0])
def test_relu_with_arguments_stays_within_its_bounds(
    generation: int, slope: float, maximum: float | None, threshold: float
) -> None:
    name = "alpha" if generation == 2 else "negative_slope"
    given = {name: slope, "max_value": maximum, "threshold": threshold}
    try:
        outputs = applied(generation, "relu", SWEEP, **given)
    except ValueError:
        pytest.skip("Keras refuses this combination")
    found = activations.bounds("relu", given)
    assert found is not None
    assert_within(outputs, found)


def test_unknown_arguments_give_the_widest_bounds() -> None:
    assert activations.bounds("elu", {"alpha": None}) == (-math.inf, math.inf)
    assert activations.bounds("relu", {"negative_slope": None}) == (-math.inf, math.inf)
    assert activations.bounds("relu", {"max_value": None}) == (0, math.inf)
    assert activations.bounds("leaky_relu", {"negative_slope": None}) == (-math.inf, math.inf)
    assert activations.bounds("leaky_relu", {"negative_slope": 0.0}) == (0, math.inf)
    assert activations.bounds("no such activation") is None


@both
@pytest.mark.parametrize("name", sorted(activations.LAYERS))
def test_an_activation_layer_applies_what_the_table_says(generation: int, name: str) -> None:
    made = getattr(library(generation).layers, name, None)
    known = layers.by_name(name)
    assert known is not None
    assert (made is not None) is in_generation(known, generation)
    layer = activations.by_layer(f"keras.layers.{name}")
    assert layer is not None
    if made is None:
        return
    outputs = np.asarray(made()(tensorflow().constant(rows())))
    found = activations.bounds(layer.activation, layer.parameters)
    assert found is not None
    assert_within(outputs, found)
    for parameter, value in layer.parameters.items():
        old = {"negative_slope": "alpha", "threshold": "theta"}
        taken = parameter if parameter in parameters(made) else old[parameter]
        assert default(made, taken) == value


def test_activations_by_function() -> None:
    softmax = activations.by_name("softmax")
    for dotted in ("keras.activations.softmax", "tensorflow.nn.softmax", "keras.ops.softmax", "keras.backend.softmax"):
        assert activations.by_function(dotted) is softmax
    assert activations.by_function("keras.activations.swish") is activations.by_name("silu")
    assert activations.by_function("numpy.tanh") is None
    assert activations.by_function("keras.activations.Softmax") is None


def test_bounds_mean_what_the_model_means() -> None:
    spec = activations.by_name("sigmoid")
    assert spec is not None
    assert Outputs(*spec.bounds) == Outputs(0, 1)


# -- losses ------------------------------------------------------------------------------------------------------------


@both
def test_loss_classes_are_all_there(generation: int) -> None:
    keras = library(generation)
    names = {name for spec in of(losses.SPECS, generation) for name in spec.classes}
    assert names == subclasses(keras.losses, keras.losses.Loss)


@both
def test_loss_functions_are_all_there(generation: int) -> None:
    names = {name for spec in of(losses.SPECS, generation) for name in spec.functions}
    if generation == 2:
        names |= {name for spec in losses.SPECS for name in spec.functions_2}
    assert names == plain_functions(library(generation).losses)


def test_tensorflow_keeps_the_old_names_of_loss_functions() -> None:
    names = {name for spec in losses.SPECS for name in spec.functions_2}
    assert names <= plain_functions(tensorflow().keras.losses)


def loss_strings(generation: int) -> dict[str, losses.LossSpec]:
    return {
        text: spec
        for spec in losses.SPECS
        for text in (*spec.strings, *(spec.strings_2 if generation == 2 else spec.strings_3))
    }


LOSS_TEXTS = sorted(
    {
        text
        for spec in losses.SPECS
        for text in (*spec.strings, *spec.strings_2, *spec.strings_3, *spec.old_strings, *spec.classes, *spec.functions)
    }
    | {"bCe", "Mse", "MEAN_SQUARED_ERROR", "focal", "l1", "l2", "cosine", "rmse", "nll", "Kld"}
)


@both
@pytest.mark.parametrize("text", LOSS_TEXTS)
def test_a_loss_string_is_understood_where_the_table_says_so(generation: int, text: str) -> None:
    spec = loss_strings(generation).get(text)
    assert accepts(lambda: library(generation).losses.get(text)) is (spec is not None)
    if spec is None:
        return
    found = library(generation).losses.get(text)
    name = getattr(found, "__name__", type(found).__name__)
    assert name in (*spec.classes, *spec.functions, *spec.functions_2)
    assert losses.by_string(text) is spec


@both
def test_every_string_that_keras_knows_for_a_loss_is_there(generation: int) -> None:
    known = public(library(generation).losses, callable) - SERVICE - {"Loss", "Reduction"}
    understood = {text for text in known if accepts(lambda text=text: library(generation).losses.get(text))}
    assert understood <= loss_strings(generation).keys()


@both
@pytest.mark.parametrize("text", ["crossentropy", "ce", "CE", "CrossEntropy"])
def test_crossentropy_by_shape_is_for_keras_3(generation: int, text: str) -> None:
    keras = library(generation)
    assert losses.by_string(text) is losses.BY_SHAPE
    features = np.ones((2, 4), "float32")
    for width, labels, name in (
        (1, [[0.0], [1.0]], "binary_crossentropy"),
        (3, [[0], [2]], "sparse_categorical_crossentropy"),
        (3, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], "categorical_crossentropy"),
    ):
        model = keras.Sequential([keras.layers.Dense(width, activation="softmax" if width > 1 else "sigmoid")])
        model.compile("sgd", text)
        if generation == 2:
            with pytest.raises(ValueError, match="Unknown loss function"):
                model.test_on_batch(features, np.array(labels))
        else:
            expected = getattr(keras.losses, name)(np.array(labels), model(features))
            assert float(model.test_on_batch(features, np.array(labels))) == pytest.approx(float(np.mean(expected)))


@present(tuple(spec for spec in losses.SPECS if spec.classes))
def test_parameters_of_loss_classes(generation: int, spec: losses.LossSpec) -> None:
    for name in spec.classes:
        made = getattr(library(generation).losses, name)
        found = parameters(made)
        if generation == 3 or spec.class_parameters_2 is not None:
            assert found == (spec.class_parameters if generation == 3 else spec.class_parameters_2)
        else:
            assert found == spec.class_parameters[: len(found)]
        if "from_logits" in found:
            assert default(made, "from_logits") is False
    assert spec.takes_logits is ("from_logits" in spec.class_parameters)


@present(tuple(spec for spec in losses.SPECS if spec.functions))
def test_parameters_of_loss_functions(generation: int, spec: losses.LossSpec) -> None:
    for name in spec.functions:
        function = getattr(library(generation).losses, name)
        found = parameters(function)
        if generation == 3 or spec.function_parameters_2 is not None:
            assert found == (spec.function_parameters if generation == 3 else spec.function_parameters_2)
        else:
            assert found == spec.function_parameters[: len(found)]
        if "from_logits" in found:
            assert default(function, "from_logits") is False


ELSEWHERE = {
    name: found for name, found in losses.functions().items() if name.startswith(("tensorflow.", "keras.ops."))
}
BACKEND_LOSSES = {name: found for name, found in losses.functions().items() if name.startswith("keras.backend.")}


def resolved(dotted: str) -> Any:
    """The function of a canonical name, in TensorFlow, its compatible TensorFlow 1, tf_keras or Keras 3; or `None`."""
    top, _, rest = dotted.partition(".")
    if top == "tensorflow":
        roots = [tensorflow(), tensorflow().math, tensorflow().compat.v1]
        if rest.startswith("losses."):
            roots = roots[2:]
    elif rest.startswith("backend."):
        roots = [library(2)]
    else:
        roots = [library(3)]
    for root in roots:
        found = root
        for part in rest.split("."):
            found = getattr(found, part, None)
        if found is not None:
            return found
    return None


@pytest.mark.parametrize("dotted", sorted(ELSEWHERE | BACKEND_LOSSES))
def test_parameters_of_losses_elsewhere(dotted: str) -> None:
    function = losses.by_function(dotted)
    assert function is not None
    found = parameters(resolved(dotted))
    assert function.labels in found
    assert function.predictions in found
    if dotted == "tensorflow.nn.weighted_cross_entropy_with_logits" or not dotted.startswith("tensorflow.nn."):
        assert found[: len(function.parameters)] == function.parameters
    else:
        shared = len(function.parameters) - ("dim" in function.parameters)
        assert tuple(name for name in found if name != "_sentinel")[:2] == function.parameters[:2]
        assert set(function.parameters[:shared]) <= set(found)
    assert (function.logits is Logits.PARAMETER) is ("from_logits" in found)


MEANINGS = [name for name, found in (ELSEWHERE | BACKEND_LOSSES).items() if "crossentropy" in found.spec.name]


@pytest.mark.parametrize("dotted", sorted(MEANINGS))
def test_a_loss_elsewhere_computes_what_its_spec_says(dotted: str) -> None:
    """The same number as Keras's own loss, with labels and predictions passed under the names that the table gives."""
    function = losses.by_function(dotted)
    assert function is not None
    keras, tf = library(2), tensorflow()
    logits = np.array([[1.0, -2.0, 0.5], [0.3, 0.2, -1.0]], "float32")
    ids = np.array([2, 0])
    one_hot = np.eye(3, dtype="float32")[ids]
    labels = ids if function.spec.family is Family.SPARSE else one_hot
    probabilities = tf.sigmoid(logits) if function.spec.family is Family.BINARY else tf.nn.softmax(logits)
    predictions = logits if function.logits is Logits.ALWAYS else np.asarray(probabilities)
    arguments = {function.labels: labels, function.predictions: predictions}
    if "pos_weight" in function.parameters:
        arguments["pos_weight"] = np.float32(1)
    named = {"apply_class_balancing": False} if "apply_class_balancing" in function.parameters else {}
    ours = float(np.mean(resolved(dotted)(**arguments, **named)))
    wanted = getattr(keras.losses, function.spec.functions[0])(labels, probabilities)
    assert ours == pytest.approx(float(np.mean(wanted)), rel=1e-3)
    if function.logits is Logits.PARAMETER:
        arguments[function.predictions] = logits
        ours = float(np.mean(resolved(dotted)(**arguments, **named, from_logits=True)))
        assert ours == pytest.approx(float(np.mean(wanted)), rel=1e-3)


def test_losses_by_function_and_class() -> None:
    function = losses.by_function("keras.losses.MSE")
    assert function is not None
    assert function.spec is losses.by_string("mse") is losses.by_class("keras.losses.MeanSquaredError")
    assert losses.by_function("keras.metrics.categorical_crossentropy") is not None
    assert losses.by_class("keras.layers.Dense") is None
    assert losses.by_string("cosine_proximity") is losses.by_name("cosine_similarity")


# -- metrics -----------------------------------------------------------------------------------------------------------

NO_METRIC = {"MeanMetricWrapper", "Metric"}


@both
def test_metric_classes_are_all_there(generation: int) -> None:
    keras = library(generation)
    names = {name for spec in of(metrics.SPECS, generation) for name in spec.classes}
    assert names == subclasses(keras.metrics, keras.metrics.Metric) - NO_METRIC


@both
def test_metric_functions_are_all_there(generation: int) -> None:
    names = {name for spec in of(metrics.SPECS, generation) for name in spec.functions}
    if generation == 2:
        names |= {name for spec in metrics.SPECS for name in spec.functions_2}
        names -= {"categorical_hinge"}  # in `keras.losses` only
    assert names == plain_functions(library(generation).metrics)


def metric_strings(generation: int) -> dict[str, metrics.MetricSpec]:
    return {
        text: spec
        for spec in metrics.SPECS
        for text in (*spec.strings, *(spec.strings_2 if generation == 2 else spec.strings_3))
    }


METRIC_TEXTS = sorted(
    {
        text
        for spec in metrics.SPECS
        if spec.kind is not metrics.MetricKind.REDUCTION and spec.name != "accuracy"
        for text in (spec.name, *spec.strings, *spec.strings_2, *spec.strings_3, *spec.classes, *spec.functions)
    }
    | {"f1", "rmse", "r2", "iou", "Precision_1", "Auc", "kld", "logcosh", "cosine_proximity", "recall_score"}
)


@both
@pytest.mark.parametrize("text", METRIC_TEXTS)
def test_a_metric_string_is_understood_where_the_table_says_so(generation: int, text: str) -> None:
    spec = metric_strings(generation).get(text)
    assert accepts(lambda: library(generation).metrics.get(text)) is (spec is not None)
    if spec is None:
        return
    found = library(generation).metrics.get(text)
    name = getattr(found, "__name__", type(found).__name__)
    assert name in (*spec.classes, *spec.functions, *spec.functions_2, spec.name)
    assert metrics.by_string(text) is spec


@both
@pytest.mark.parametrize("text", ["accuracy", "acc", "ACC", "Accuracy"])
def test_accuracy_goes_by_shape(generation: int, text: str) -> None:
    """One output: half of the numbers that are rounded at .5 are right. Three outputs with ids: the largest output."""
    keras = library(generation)
    assert metrics.by_string(text) is metrics.BY_SHAPE
    for width, labels, expected in ((1, [[1.0], [1.0]], 1.0), (3, [[2], [0]], 0.5)):
        model = keras.Sequential([keras.layers.Dense(width, "linear", kernel_initializer="zeros", name="d")])
        model.compile("sgd", "mse", metrics=[text])
        model.build((None, 2))
        bias = np.array([0.6]) if width == 1 else np.array([0.1, 0.2, 0.3])
        model.layers[0].set_weights([model.layers[0].get_weights()[0], bias])
        measured = model.test_on_batch(np.zeros((2, 2), "float32"), np.array(labels))
        assert float(measured[1]) == pytest.approx(expected)


@present(metrics.SPECS)
def test_parameters_of_metrics(generation: int, spec: metrics.MetricSpec) -> None:
    module = library(generation).metrics
    for name in spec.classes:
        found = parameters(getattr(module, name))
        assert found == spec.class_parameters[: len(found)]
        assert generation == 2 or found == spec.class_parameters
    for name in spec.functions:
        if hasattr(module, name):
            order = spec.function_parameters
            if generation == 2:
                order = spec.function_parameters_2 or order
            found = parameters(getattr(module, name))
            assert found == order[: len(found)]
            assert generation == 2 or found == order


@both
@named(tuple(spec for spec in metrics.SPECS if spec.threshold and spec.classes))
def test_thresholds_of_metrics(generation: int, spec: metrics.MetricSpec) -> None:
    metric = getattr(library(generation).metrics, spec.classes[0])()
    assert spec.threshold in spec.class_parameters
    if spec.name in {"auc", "f1_score", "fbeta_score"}:
        assert spec.default_threshold is None
        assert default(type(metric), spec.threshold) is None
        return
    used = getattr(metric, "thresholds", None) or [metric.get_config()["threshold"]]
    assert [float(one) for one in used] == [spec.default_threshold]


def test_every_metric_with_a_threshold_or_logits_says_so() -> None:
    for spec in metrics.SPECS:
        has_threshold = {"threshold", "thresholds"} & set(spec.class_parameters)
        assert (spec.threshold is not None) is bool(has_threshold), spec.name
    taking = {spec.name for spec in metrics.SPECS if spec.takes_logits}
    assert taking == {
        "auc",
        "binary_crossentropy",
        "binary_focal_crossentropy",
        "categorical_crossentropy",
        "categorical_focal_crossentropy",
        "sparse_categorical_crossentropy",
    }


def test_metrics_by_function_and_class() -> None:
    assert metrics.by_function("keras.losses.mae") is metrics.by_string("mae") is metrics.by_name("mean_absolute_error")
    assert metrics.by_class("keras.metrics.AUC") is metrics.by_name("auc")
    assert metrics.by_string("ce") is metrics.CROSSENTROPY_BY_SHAPE
    assert metrics.by_class("keras.losses.Huber") is None


# -- layers ------------------------------------------------------------------------------------------------------------


@both
def test_layers_are_all_there(generation: int) -> None:
    keras = library(generation)
    names = {name for spec in of(layers.SPECS, generation) for name in (spec.name, *spec.aliases)}
    assert names - {"Input", "Layer"} == subclasses(keras.layers, keras.layers.Layer)


@both
def test_layer_functions_are_all_there(generation: int) -> None:
    ours = {name.rpartition(".")[2] for name in layers.functions() if name.startswith("keras.layers.")}
    assert ours - {"merge"} == plain_functions(library(generation).layers) - {"Input"}


@present(layers.SPECS)
def test_parameters_of_layers(generation: int, spec: layers.LayerSpec) -> None:
    for name in (spec.name, *spec.aliases):
        made = getattr(library(generation).layers, name)
        found = parameters(made)
        if generation == 3 or spec.parameters_2 is not None:
            assert found == (spec.parameters if generation == 3 else spec.parameters_2)
        else:
            assert found == spec.parameters[: len(found)]
        if "activation" in found and name != "Activation":
            assert (default(made, "activation") or "linear") == spec.activation


NEEDED: dict[str, dict[str, Any]] = {
    "units": {"units": 7},
    "filters": {"filters": 7},
    "kernel_size": {"kernel_size": 1},
    "pool_size": {"pool_size": 2},
    "output_size": {"output_size": 2},
    "rate": {"rate": 0.5},
    "stddev": {"stddev": 0.5},
    "n": {"n": 3},
}
MINIMAL: dict[str, dict[str, Any]] = {
    "Activation": {"activation": "relu"},
    "CategoryEncoding": {"num_tokens": 3},
    "Discretization": {"bin_boundaries": [0.0, 1.0]},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3},
    "Embedding": {"input_dim": 5, "output_dim": 7},
    "ReversibleEmbedding": {"input_dim": 5, "output_dim": 7},
    "Reshape": {"target_shape": (-1,)},
    "Permute": {"dims": (1,)},
    "Lambda": {"function": abs},
}


def minimal(generation: int, name: str) -> dict[str, Any]:
    """The fewest arguments with which a layer can be made."""
    if name in MINIMAL:
        return dict(MINIMAL[name])
    keras = library(generation)
    if name == "RNN":
        return {"cell": keras.layers.LSTMCell(7)}
    if name in {"TimeDistributed", "SpectralNormalization", "Wrapper"}:
        return {"layer": keras.layers.Dense(7)}
    if name == "Bidirectional":
        return {"layer": keras.layers.LSTM(7)}
    made = getattr(keras.layers, name)
    needed = {}
    for parameter in parameters(made):
        if default(made, parameter) is inspect.Parameter.empty:
            needed.update(NEEDED[parameter])
    return needed


def make(generation: int, name: str, **arguments: Any) -> Any:
    return getattr(library(generation).layers, name)(**{**minimal(generation, name), **arguments})


@present(tuple(spec for spec in layers.SPECS if spec.rank or spec.units))
def test_rank_and_units_of_layers(generation: int, spec: layers.LayerSpec) -> None:
    if spec.name.endswith("Cell"):
        assert make(generation, spec.name).units == 7
        return
    shape = (2, *(8,) * ((spec.rank or 2) - 2), 3)
    inputs = np.zeros(shape, "int32" if "Embedding" in spec.name else "float32")
    outputs = make(generation, spec.name)(tensorflow().constant(inputs))
    if spec.units is not None:
        assert outputs.shape[-1] == 7
    if spec.kind is Kind.RECURRENT:
        assert len(outputs.shape) == spec.rank - 1  # type: ignore[operator]


@both
@named(tuple(spec for spec in layers.SPECS if spec.kind is Kind.ELEMENTWISE))
def test_elementwise_layers_are_the_identity_at_inference(generation: int, spec: layers.LayerSpec) -> None:
    inputs = np.random.default_rng(1).normal(size=(2, *(4,) * ((spec.rank or 2) - 1))).astype("float32")
    outputs = make(generation, spec.name)(tensorflow().constant(inputs), training=False)
    assert np.array_equal(inputs, np.asarray(outputs))


@both
@named(tuple(spec for spec in layers.SPECS if spec.kind is Kind.SHAPE))
def test_layers_of_shape_make_no_new_numbers(generation: int, spec: layers.LayerSpec) -> None:
    inputs = np.arange(1, 1 + 2 * 4 ** ((spec.rank or 2) - 1), dtype="float32")
    inputs = inputs.reshape(2, *(4,) * ((spec.rank or 2) - 1))
    outputs = np.asarray(make(generation, spec.name)(tensorflow().constant(inputs)))
    assert set(outputs.ravel()) <= {0.0, *inputs.ravel()}


@both
@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN", "ConvLSTM1D"])
def test_recurrent_layers_apply_tanh(generation: int, name: str) -> None:
    spec = layers.by_name(name)
    assert spec is not None
    shape = (2, *(8,) * ((spec.rank or 2) - 2), 3)
    inputs = np.random.default_rng(2).normal(scale=50, size=shape).astype("float32")
    outputs = np.asarray(make(generation, name)(tensorflow().constant(inputs)))
    assert np.abs(outputs).max() <= 1
    assert spec.activation == "tanh"


@both
@pytest.mark.parametrize("name", sorted(name for name in layers.functions() if name.startswith("keras.layers.")))
def test_layer_functions_make_the_layer(generation: int, name: str) -> None:
    short = name.rpartition(".")[2]
    function = layers.by_function(name)
    assert function is not None
    if short == "merge":
        assert not hasattr(library(generation).layers, short)
        return
    keras = library(generation)
    pair = [keras.Input((3,)), keras.Input((3,))]
    given = {"axes": 1} if short == "dot" else {}
    made = getattr(keras.layers, short)(pair, **given)
    used = keras.Model(pair, made).layers[-1]
    assert type(used).__name__ == function.spec.name
    found = [one for one in parameters(getattr(keras.layers, short)) if one in function.parameters]
    assert tuple(found) == function.parameters[: len(found)]


def test_layers_by_class() -> None:
    assert layers.by_class("keras.layers.Convolution2D") is layers.by_class("keras.layers.Conv2D")
    assert layers.by_class("keras.Input") is layers.by_name("Input")
    assert layers.by_class("keras.losses.Dense") is None
    old = layers.by_class("keras.layers.Deconvolution2D")
    assert old is not None
    assert not old.in_keras_2
    assert not old.in_keras_3


@pytest.mark.parametrize("name", sorted(name for name in layers.functions() if name.startswith("tensorflow.")))
def test_layer_functions_of_tensorflow_1(name: str) -> None:
    """tf_keras still has them, out of sight."""
    function = layers.by_function(name)
    assert function is not None
    hidden = importlib.import_module("tf_keras.api._v1.keras.__internal__.legacy.layers")
    found = parameters(getattr(hidden, name.rpartition(".")[2]))
    assert found[: len(function.parameters)] == function.parameters


# -- optimizers --------------------------------------------------------------------------------------------------------


@both
def test_optimizers_are_all_there(generation: int) -> None:
    keras = library(generation)
    names = {spec.name for spec in of(optimizers.SPECS, generation)}
    assert names == subclasses(keras.optimizers, keras.optimizers.Optimizer)


@present(optimizers.SPECS)
def test_parameters_and_default_rate_of_optimizers(generation: int, spec: optimizers.OptimizerSpec) -> None:
    made = getattr(library(generation).optimizers, spec.name)
    order = spec.parameters if generation == 3 else spec.parameters_2 or spec.parameters
    assert parameters(made)[: len(order)] == order
    rate = spec.learning_rate
    if generation == 2 and spec.learning_rate_2 is not None:
        rate = spec.learning_rate_2
    if rate is None:
        assert "learning_rate" not in parameters(made)
    else:
        assert default(made, "learning_rate") == rate


OPTIMIZER_TEXTS = sorted({spec.name for spec in optimizers.SPECS} | {spec.name.lower() for spec in optimizers.SPECS})


@both
@pytest.mark.parametrize("text", [*OPTIMIZER_TEXTS, "ADAM", "Momentum", "adam_w", "RMSProp"])
def test_an_optimizer_string_is_understood_where_the_table_says_so(generation: int, text: str) -> None:
    def understood() -> bool:
        try:
            return library(generation).optimizers.get(text) is not None
        except (ValueError, TypeError, KeyError):
            return False

    spec = optimizers.by_string(text)
    strings = () if spec is None else (*spec.strings, *(spec.strings_3 if generation == 3 else ()))
    assert understood() is (text.lower() in strings)


@named(optimizers.TF1_SPECS)
def test_optimizers_of_tensorflow_1(spec: optimizers.OptimizerSpec) -> None:
    made = getattr(tensorflow().compat.v1.train, spec.name)
    assert parameters(made)[: len(spec.parameters)] == spec.parameters
    given = default(made, "learning_rate")
    assert (None if given is inspect.Parameter.empty else given) == spec.learning_rate
    assert optimizers.by_class(f"tensorflow.train.{spec.name}") is spec


def test_optimizers_by_class() -> None:
    adam = optimizers.by_name("Adam")
    for dotted in ("keras.optimizers.Adam", "keras.optimizers.legacy.Adam", "keras.optimizers.experimental.Adam"):
        assert optimizers.by_class(dotted) is adam
    assert optimizers.by_class("keras.optimizers.NoSuch") is None
    assert optimizers.by_class("tensorflow.train.Adam") is None


# -- obsolete arguments ------------------------------------------------------------------------------------------------

VALUES: dict[str, Any] = {
    "W_regularizer": None,
    "atrous_rate": 2,
    "bins": [0.0, 1.0],
    "border_mode": "valid",
    "dim_ordering": "tf",
    "bias": False,
    "causal": True,
    "consume_less": "gpu",
    "filter_length": 2,
    "init": "glorot_uniform",
    "inner_activation": "sigmoid",
    "inner_init": "orthogonal",
    "beta_init": "zeros",
    "gamma_init": "ones",
    "l": 0.1,
    "lr": 0.25,
    "nb_classes": 2,
    "decay": 0.5,
    "epsilon": 0.5,
    "p": 0.25,
    "sigma": 0.25,
    "y": [0, 1],
    "batch_input_shape": (2, 3),
    "kernel_initializer": "zeros",
    "weights": None,
    "kernel_regularizer": None,
    "kernel_constraint": None,
    "b_regularizer": None,
    "U_regularizer": None,
    "W_constraint": None,
    "b_constraint": None,
    "target_tensors": None,
    "sample_weight_mode": None,
    "embeddings_layer_names": None,
    "embeddings_data": None,
    "virtual_batch_size": None,
    "count_mode": "steps",
    "save_format": "h5",
    "forget_bias_init": "one",
    "dtype": "int32",
    "fused": True,
    "jit_compile": True,
    "mode": 0,
    "sparse": False,
    "time_major": False,
    "load_weights_on_restart": False,
    "write_grads": True,
    "use_multiprocessing": False,
    "reset_metrics": True,
    "experimental_run_tf_function": False,
    "show_accuracy": True,
    "pickle_safe": False,
    "class_mode": "binary",
}
"""A value to pass, where the number 1 does not do."""

FEATURES, TARGETS = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")


@cache
def small_model(generation: int) -> Any:
    keras = library(generation)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def batches() -> Iterator[Any]:
    while True:
        yield FEATURES, TARGETS


def method(generation: int, name: str, folder: str, arguments: dict[str, Any]) -> Any:
    """Call a method of a model with an argument more."""
    model = small_model(generation)
    if name == "compile":
        keras = library(generation)
        return keras.Sequential([keras.layers.Dense(1)]).compile("sgd", "mse", **arguments)
    if name == "save_weights":
        return model.save_weights(f"{folder}/kept{generation}.weights.h5", **arguments)
    run = getattr(model, name)  # Keras 3 has no `fit_generator`
    if name.endswith("_generator"):
        steps = {"steps_per_epoch": 1, "verbose": 0} if name == "fit_generator" else {"steps": 1}
        return run(batches(), **steps, **arguments)
    data = (FEATURES,) if name == "predict" else (FEATURES, TARGETS)
    return run(*data, **({} if name.endswith("_on_batch") else {"verbose": 0}), **arguments)


def functional(generation: int, arguments: dict[str, Any]) -> Any:
    keras = library(generation)
    start = keras.Input((3,))
    ends = {"input": start, "inputs": start}
    ends |= dict.fromkeys(("output", "outputs"), keras.layers.Dense(1)(start))
    rest = {} if {"input", "inputs"} & arguments.keys() else {"inputs": start}
    rest |= {} if {"output", "outputs"} & arguments.keys() else {"outputs": ends["outputs"]}
    return keras.Model(**rest, **{name: ends[name] for name in arguments})


def call(generation: int, owner: str, folder: str, arguments: dict[str, Any]) -> Any:
    """Call the owner of an argument for real, with that argument and no more than it needs."""
    keras = library(generation)
    if owner == "Model":
        return functional(generation, arguments)
    if owner == "to_categorical":
        given = {} if {"x", "y"} & arguments.keys() else {"y" if generation == 2 else "x": [0, 1]}
        return keras.utils.to_categorical(**given, **arguments)
    if hasattr(keras.optimizers, owner):
        return getattr(keras.optimizers, owner)(**arguments)
    if hasattr(keras.regularizers, owner):
        return getattr(keras.regularizers, owner)(**arguments)
    if hasattr(keras.callbacks, owner):
        first = {"ModelCheckpoint": {"filepath": f"{folder}/a.keras"}, "TensorBoard": {"log_dir": folder}}
        return getattr(keras.callbacks, owner)(**first.get(owner, {}), **arguments)
    if hasattr(keras.layers, owner):
        known = minimal(generation, owner)
        for name in arguments:
            known.pop(name, None)
            spec = obsolete.find(owner, name)
            if spec is not None and spec.successor in known and spec.successor != name:
                del known[spec.successor]
        return getattr(keras.layers, owner)(**known, **arguments)
    return method(generation, owner, folder, arguments)


@contextmanager
def remarks() -> Iterator[list[str]]:
    """What Keras says meanwhile, as a warning or in a log."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    listener, loggers = Listener(), [logging.getLogger(name) for name in ("absl", "tensorflow")]
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(io.StringIO()):
        warnings.simplefilter("always")
        for one in loggers:
            one.addHandler(listener)
        try:
            yield said
        finally:
            for one in loggers:
                one.removeHandler(listener)
            said += [str(one.message) for one in caught]


def fate(spec: obsolete.ObsoleteSpec, generation: int) -> str:
    """What the table says of this tf_keras or this Keras 3."""
    if generation == 3:
        return spec.in_keras_3
    return spec.in_tensorflow(library(2).__version__)


def owners(generation: int) -> list[str]:
    """What can be called in a generation, of all that an old argument was ever passed to."""
    absent = {spec.name for spec in (*layers.SPECS, *optimizers.SPECS) if not in_generation(spec, generation)}
    return [name for name in dict.fromkeys(spec.owner for spec in obsolete.SPECS) if name not in absent]


def with_owner(specs: list[obsolete.ObsoleteSpec]) -> Any:
    pairs = [(generation, spec) for generation in GENERATIONS for spec in specs if spec.owner in owners(generation)]
    names = [f"{spec.owner}-{spec.argument}-keras{generation}" for generation, spec in pairs]
    return pytest.mark.parametrize(("generation", "spec"), pairs, ids=names)


@pytest.mark.parametrize(
    ("generation", "owner"), [(generation, owner) for generation in GENERATIONS for owner in owners(generation)]
)
def test_an_owner_can_be_called_without_old_arguments(generation: int, owner: str, tmp_path: Any) -> None:
    """So that what raises below raises because of the argument."""
    with remarks():
        if generation == 3 and owner.endswith("_generator"):
            with pytest.raises(AttributeError):
                call(generation, owner, str(tmp_path), {})
        else:
            call(generation, owner, str(tmp_path), {})


@with_owner(list(obsolete.SPECS))
def test_an_obsolete_argument_has_the_fate_that_the_table_says(
    generation: int, spec: obsolete.ObsoleteSpec, tmp_path: Any
) -> None:
    arguments = {spec.argument: VALUES.get(spec.argument, 1)}
    with remarks():
        if fate(spec, generation) == obsolete.RAISES:
            with pytest.raises((TypeError, ValueError, AttributeError)):
                call(generation, spec.owner, str(tmp_path), arguments)
        else:
            call(generation, spec.owner, str(tmp_path), arguments)


@with_owner([spec for spec in obsolete.SPECS if spec.successor])
def test_the_successor_takes_the_same_value(generation: int, spec: obsolete.ObsoleteSpec, tmp_path: Any) -> None:
    if generation == 2 and fate(spec, 2) == obsolete.ACCEPTED:
        return  # the successor may be younger than this Keras, and is not needed
    if generation == 3 and spec.owner.endswith("_generator"):
        return  # the method itself is gone
    with remarks():
        call(generation, spec.owner, str(tmp_path), {spec.successor: VALUES.get(spec.argument, 1)})


@with_owner([spec for spec in obsolete.SPECS if spec.rewritten])
def test_a_rewritten_argument_is_taken(generation: int, spec: obsolete.ObsoleteSpec, tmp_path: Any) -> None:
    for text in spec.rewritten.values():
        arguments = eval(f"dict({text})")
        made = call(generation, spec.owner, str(tmp_path), arguments)
        assert made.data_format == arguments["data_format"]


def test_no_argument_has_two_fates() -> None:
    calls = [(spec.owner, spec.argument) for spec in obsolete.SPECS]
    assert len(calls) == len(set(calls))


def test_what_is_ignored_has_no_effect(tmp_path: Any) -> None:
    with remarks() as said:
        library(3).optimizers.Adam(decay=0.5)
        library(3).callbacks.ReduceLROnPlateau(epsilon=0.5)
    assert any("`decay` is no longer supported and will be ignored" in one for one in said)
    plateau = library(3).callbacks.ReduceLROnPlateau(epsilon=0.5)
    assert plateau.min_delta == library(3).callbacks.ReduceLROnPlateau().min_delta != 0.5
    with remarks() as said:
        library(2).callbacks.TensorBoard(str(tmp_path), write_grads=True, batch_size=3)
    assert any("`write_grads` will be ignored" in one for one in said)
    assert any("`batch_size` is no longer needed" in one for one in said)
    with remarks() as said:
        library(2).callbacks.TensorBoard(str(tmp_path), embeddings_layer_names=["a"], embeddings_data=["b"])
        library(2).layers.SimpleRNN(1, implementation=2)
    assert any("`embeddings_layer_names` is not supported" in one for one in said)
    assert any("`embeddings_data` is not supported" in one for one in said)
    assert any("`implementation` argument in `SimpleRNN` has been deprecated" in one for one in said)
    for name in ("SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D"):
        layer = make(2, name, kernel_initializer="zeros", use_bias=False)
        layer(tensorflow().constant(np.ones((1, *(4,) * (2 if "1D" in name else 3)), "float32")))
        assert all(np.abs(weight).max() > 0 for weight in layer.get_weights())


@pytest.mark.parametrize("spec", of(optimizers.SPECS, 2), ids=lambda spec: spec.name)
def test_tf_keras_trains_with_the_default_rate_when_given_lr(spec: optimizers.OptimizerSpec) -> None:
    with remarks() as said:
        made = getattr(library(2).optimizers, spec.name)(lr=0.25)
    assert any("`lr` is deprecated" in one for one in said)
    assert float(made.learning_rate) == pytest.approx(spec.learning_rate_2 or spec.learning_rate)
    found = obsolete.find(spec.name, "lr")
    assert found is not None
    assert found.in_tensorflow("2.10") == obsolete.ACCEPTED
    assert found.in_tensorflow("2.11") == obsolete.IGNORED


def test_what_is_accepted_has_an_effect() -> None:
    with remarks():
        assert float(library(2).optimizers.legacy.Adam(lr=0.25).learning_rate) == 0.25
        assert library(2).callbacks.ReduceLROnPlateau(epsilon=0.5).min_delta == 0.5
        assert library(2).layers.Dense(1, batch_input_shape=(2, 3))._batch_input_shape == (2, 3)
        assert library(2).optimizers.legacy.Adam(decay=0.5).get_config()["decay"] == 0.5
        assert library(2).optimizers.legacy.Nadam(schedule_decay=0.5).get_config()["decay"] == 0.5


FINE: tuple[tuple[str, str, Any], ...] = (
    ("Adam", "clipnorm", 1.0),
    ("Adam", "amsgrad", True),
    ("Conv2D", "kernel_initializer", "he_normal"),
    ("Dense", "input_dim", 3),
    ("Dense", "input_shape", (3,)),
    ("Dropout", "input_shape", (3,)),
    ("Embedding", "input_length", 3),
    ("Embedding", "weights", None),
    ("GRU", "reset_after", False),
    ("LSTM", "dropout", 0.5),
    ("LSTM", "implementation", 2),
    ("LSTM", "unroll", False),
    ("LeakyReLU", "alpha", 0.5),
    ("EarlyStopping", "restore_best_weights", True),
    ("ReduceLROnPlateau", "min_delta", 0.5),
    ("ModelCheckpoint", "save_freq", "epoch"),
    ("TensorBoard", "histogram_freq", 1),
    ("compile", "loss_weights", [1.0]),
    ("fit", "validation_split", 0.5),
    ("fit", "class_weight", {0: 1.0, 1: 1.0}),
    ("predict", "batch_size", 2),
    ("to_categorical", "num_classes", 2),
    ("Model", "inputs", None),
)


@both
@pytest.mark.parametrize(("owner", "argument", "value"), FINE, ids=lambda one: one if isinstance(one, str) else "")
def test_what_still_works_is_not_obsolete(
    generation: int, owner: str, argument: str, value: Any, tmp_path: Any
) -> None:
    assert obsolete.find(owner, argument) is None
    with remarks():
        call(generation, owner, str(tmp_path), {argument: value})


@both
@pytest.mark.parametrize(("key", "text"), sorted(obsolete.REQUIRED_IN_KERAS_3.items()))
def test_an_argument_that_keras_3_does_not_go_without(generation: int, key: tuple[str, str], text: str) -> None:
    owner, argument = key
    made = getattr(library(generation).layers, owner)
    if generation == 3:
        with pytest.raises(TypeError, match=argument):
            made()
    else:
        assert default(made, argument) == eval(text)


def test_obsolete_arguments_are_found_by_old_layer_names_too() -> None:
    found = obsolete.find("Convolution2D", "border_mode")
    assert found is obsolete.find("Conv2D", "border_mode")
    assert found is not None
    assert found.successor == "padding"
    assert obsolete.find("Dense", "units") is None


# -- functions on tensors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dotted", sorted(functions.functions()))
def test_a_function_exists_unless_it_is_legacy(dotted: str) -> None:
    spec = functions.by_name(dotted)
    assert spec is not None
    found = resolved(dotted)
    if spec.legacy:
        gone = dotted.removeprefix("tensorflow.")
        assert found is None or not hasattr(tensorflow(), gone)
        return
    assert found is not None
    taken = parameters(found)
    if dotted == "tensorflow.size":
        assert taken[:1] == spec.parameters[:1]
    else:
        assert taken[: len(spec.parameters)] == spec.parameters


def test_activation_functions_of_keras_3_are_all_there() -> None:
    ours = {name.rpartition(".")[2] for name in functions.functions() if name.startswith("keras.activations.")}
    assert ours == plain_functions(library(3).activations)


SAME = (
    "abs ceil cos erf exp expm1 floor log log1p neg reciprocal round rsqrt sign sin sqrt square tanh sigmoid relu "
    "relu6 elu selu silu softplus softsign log_sigmoid softmax log_softmax sum max min mean prod std var logsumexp "
    "add subtract multiply divide power maximum minimum squared_difference floor_divide mod equal less greater"
).split()


@pytest.mark.parametrize("op", SAME)
def test_functions_of_one_word_compute_the_same(op: str) -> None:
    first = np.array([[0.5, 1.25, 2.0], [3.0, 0.75, 1.0]], "float32")
    second = np.array([[1.5, 1.25, 0.5], [2.0, 3.0, 1.0]], "float32")
    tf = tensorflow()
    results = {}
    for dotted, spec in functions.functions().items():
        found = resolved(dotted)
        if spec.op == op and found is not None and dotted != "tensorflow.scalar_mul":
            given = [tf.constant(first), tf.constant(second)][: spec.operands]
            results[dotted] = np.asarray(found(*given)).astype("float64")
    assert len(results) >= 1
    wanted = next(iter(results.values()))
    for dotted, result in results.items():
        assert np.allclose(result, wanted, rtol=1e-3, atol=1e-4), dotted
    operands = {spec.operands for spec in functions.functions().values() if spec.op == op}
    assert len(operands) == 1


@pytest.mark.parametrize(
    "dotted", sorted(name for name, spec in functions.functions().items() if spec.route is not None)
)
def test_routes_are_what_keras_does(dotted: str) -> None:
    """Keras on TensorFlow hangs the logits on what its own functions return; TensorFlow's ops do not."""
    spec = functions.by_name(dotted)
    assert spec is not None
    if library(3).backend.backend() != "tensorflow":
        pytest.skip("only the TensorFlow backend has logits to find")
    outputs = resolved(dotted)(tensorflow().constant([[1.0, 2.0]]))
    assert hasattr(outputs, "_keras_logits") is (spec.route is not Route.OP)


def test_softmax_and_sigmoid_have_a_route_and_nothing_else_has() -> None:
    for spec in functions.functions().values():
        assert (spec.route is not None) is (spec.op in {"softmax", "sigmoid"})
        assert spec.operands <= max(len(spec.parameters), 1)


# -- ready-made models -------------------------------------------------------------------------------------------------


def all_applications(generation: int) -> dict[str, Any]:
    """The builders at the top of `applications` and in its modules."""
    module = library(generation).applications
    return {
        name: getattr(home, name)
        for home in (module, *(getattr(module, name) for name in public(module, inspect.ismodule)))
        for name in public(home, inspect.isfunction)
        if name[0].isupper()
    }


@both
def test_applications_are_all_there(generation: int) -> None:
    assert {spec.name for spec in of(applications.SPECS, generation)} == all_applications(generation).keys()


@present(applications.SPECS)
def test_parameters_of_applications(generation: int, spec: applications.ApplicationSpec) -> None:
    builder = all_applications(generation)[spec.name]
    found = parameters(builder)
    order = spec.parameters if generation == 3 else spec.parameters_2 or spec.parameters
    assert found == order[: len(found)]
    assert generation == 2 or found == order
    assert default(builder, "include_top") is True
    assert default(builder, "classes") == applications.CLASSES
    if "classifier_activation" in found:
        assert default(builder, "classifier_activation") == applications.CLASSIFIER_ACTIVATION
    if spec.takes_preprocessing:
        assert default(builder, "include_preprocessing") is True


SMALLEST = (
    "ConvNeXtTiny EfficientNetB0 EfficientNetV2B0 MobileNet MobileNetV2 MobileNetV3Small ResNet50V2 VGG16 Xception"
).split()


@pytest.mark.parametrize("name", SMALLEST)
def test_an_application_rescales_where_the_table_says_so(name: str) -> None:
    """Of each family the smallest, without weights: layers that scale pixels stand right behind the input."""
    spec = applications.by_function(f"keras.applications.{name}")
    assert spec is not None
    model = all_applications(3)[name](weights=None, include_top=False, input_shape=(96, 96, 3))
    names = [type(layer).__name__ for layer in model.layers[:4]]
    assert bool({"Normalization", "Rescaling"} & set(names)) is spec.rescales


def test_an_application_ends_in_softmax() -> None:
    model = library(3).applications.MobileNet(weights=None, alpha=0.25, input_shape=(32, 32, 3), classes=7)
    assert model.output_shape == (None, 7)
    assert model.layers[-1].activation.__name__ == applications.CLASSIFIER_ACTIVATION


# -- data sets ---------------------------------------------------------------------------------------------------------


@both
def test_data_sets_of_keras_are_all_there(generation: int) -> None:
    ours = {spec.name.split(".")[2] for spec in datasets.SPECS if spec.name.startswith("keras.")}
    theirs = public(library(generation).datasets, inspect.ismodule)
    assert theirs <= ours
    assert generation == 2 or theirs == ours


@named(tuple(spec for spec in datasets.SPECS if spec.name.startswith("keras.")))
def test_parameters_of_data_sets_of_keras(spec: datasets.LoaderSpec) -> None:
    module = getattr(library(3).datasets, spec.name.split(".")[2])
    assert parameters(module.load_data)[: len(spec.parameters)] == spec.parameters


LOCAL = [
    spec
    for spec in datasets.SPECS
    if spec.name.startswith("sklearn.") and not spec.name.endswith("load_boston") and ".fetch_" not in spec.name
]


@named(tuple(LOCAL))
def test_data_sets_of_scikit_learn(spec: datasets.LoaderSpec) -> None:
    source = pytest.importorskip("sklearn.datasets")
    loader = getattr(source, spec.name.rpartition(".")[2])
    bundled = spec.form is datasets.Form.BUNCH
    inputs, targets = loader(return_X_y=True) if bundled else loader()
    for array, row in ((inputs, spec.inputs), (targets, spec.targets)):
        if row.shape is not None:
            assert array.shape[1:] == row.shape[1:]
        assert row.low is None or array.min() >= row.low
        assert row.high is None or array.max() <= row.high
    if spec.targets.classes is not None and spec.targets.encoding == datasets.CLASS_IDS:
        assert len(set(targets.tolist())) == spec.targets.classes
        assert (targets.min(), targets.max()) == (spec.targets.low, spec.targets.high)
    elif bundled:
        assert (targets.min(), targets.max()) == (spec.targets.low, spec.targets.high)
    # Today most of them are taken by name only, in the order in which they once could be passed.
    assert tuple(inspect.signature(loader).parameters)[: len(spec.parameters)] == spec.parameters
    assert spec.count_parameter is None or spec.count_parameter in inspect.signature(loader).parameters


def test_data_sets_that_are_fetched_exist() -> None:
    source = pytest.importorskip("sklearn.datasets")
    for spec in datasets.SPECS:
        if ".fetch_" in spec.name:
            assert hasattr(source, spec.name.rpartition(".")[2])


# -- other members -----------------------------------------------------------------------------------------------------


def inner(home: Any, module: str) -> Any:
    """A module below another by its dotted name; `None` where there is no such module."""
    for part in module.split(".")[1:]:
        home = getattr(home, part, None)
    return home


@both
@pytest.mark.parametrize("module", sorted(name for name in members.MEMBERS if name.startswith("keras.")))
def test_members_of_keras_modules_are_all_there(generation: int, module: str) -> None:
    found = inner(library(generation), module)
    ours = star_members(module)
    assert ours is not None
    assert {name for name in dir(found) if not name.startswith("_")} <= ours.keys()


@pytest.mark.parametrize("module", sorted(members.MEMBERS))
def test_members_exist_in_some_keras(module: str) -> None:
    roots = [tensorflow()] if module.startswith("tensorflow") else [library(2), library(3)]
    homes = [inner(root, module) for root in roots]
    for name in members.MEMBERS[module]:
        assert any(hasattr(home, name) for home in homes), name


def test_tensorflow_has_at_its_top_what_a_star_brings() -> None:
    brought = star_members("tensorflow")
    assert brought is not None
    assert not [name for name in brought if not hasattr(tensorflow(), name)]
    hidden = {name for name in functions.functions() if name.count(".") == 1 and name.startswith("tensorflow.")}
    missing = {name.removeprefix("tensorflow.") for name in hidden} - brought.keys()
    assert not [name for name in missing if hasattr(tensorflow(), name)]


@pytest.mark.parametrize("module", sorted(members.OLD_MODULES))
def test_old_modules_hold_what_the_catalogue_knows(module: str) -> None:
    for name in members.OLD_MODULES[module].split():
        if module == "keras.utils.np_utils":
            assert hasattr(library(3).utils, name)
        elif name[0].isupper():
            assert layers.by_name(name) is not None
        else:
            assert layers.by_function(f"keras.layers.{name}") is not None

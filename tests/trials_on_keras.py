"""Trials of small models on the Keras that is installed: programs that are right, and programs that are not.

`python -m tests.trials_on_keras RUNTIME` prints one JSON document on its last line: for each program its trainings,
and whether the model is afterwards what it was before. RUNTIME is a backend of Keras 3, or `tf_keras`.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from keraslint.probe.child import kit as kits
from keraslint.probe.child import trials

RUNTIMES = ("tensorflow", "tf_keras", "jax", "torch")
FEATURES = 20


class Program(NamedTuple):
    """What makes a compiled model of Keras, inputs for it where they are not standard numbers, and what is given."""

    make: Callable[[Any], Any]
    rows: Any = None
    given: Any = None
    read: tuple[dict[str, Any], ...] = ()
    only: tuple[str, ...] = RUNTIMES


def mlp(*head: Callable[[Any], Any], loss: Any, shape: tuple[int, ...] = (FEATURES,), **options: Any) -> Program:
    """A hidden layer, and layers behind it; a loss that is a function makes one of Keras."""

    def make(keras: Any) -> Any:
        body = keras.layers.Dense(32, activation="relu")
        model = keras.Sequential([keras.Input(shape), body, *(layer(keras) for layer in head)])
        given = loss(keras) if callable(loss) else loss
        settings = {"optimizer": "adam", **options}
        model.compile(
            loss=given, **{name: value(keras) if callable(value) else value for name, value in settings.items()}
        )
        return model

    return Program(make)


def dense(units: int, activation: str | None = None, **options: Any) -> Callable[[Any], Any]:
    return lambda keras: keras.layers.Dense(units, activation=activation, **options)


def loss(kind: str, **options: Any) -> Callable[[Any], Any]:
    return lambda keras: getattr(keras.losses, kind)(**options)


def by_hand(keras: Any) -> Callable[[Any, Any], Any]:
    """An overlap as programs write it."""
    maths = keras.ops if hasattr(keras, "ops") else keras.backend

    def overlap(y_true: Any, y_pred: Any) -> Any:
        both = maths.sum(y_true * y_pred)
        return 1 - (2 * both + 1) / (maths.sum(y_true) + maths.sum(y_pred) + 1)

    return overlap


def own_class(keras: Any) -> Any:
    maths = keras.ops if hasattr(keras, "ops") else keras.backend

    class Gap(keras.losses.Loss):  # type: ignore[misc]
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return maths.mean(maths.abs(y_true - y_pred), axis=-1)

    return Gap()


def of_tensorflow(keras: Any) -> Any:
    import tensorflow as tf

    return tf.nn.softmax_cross_entropy_with_logits


def softmax_of_tensorflow(keras: Any) -> Any:
    import tensorflow as tf

    return keras.layers.Lambda(tf.nn.softmax)


def all_alike(keras: Any) -> Any:
    """Large numbers that are the same in all rows: every score behind them is far out."""
    return keras.layers.Lambda(lambda t: 1e-9 * t + 500.0)


def constant_bias(keras: Any) -> Any:
    return keras.layers.Dense(1, activation="sigmoid", bias_initializer=keras.initializers.Constant(-4.0))


def frozen(keras: Any) -> Any:
    model = mlp(dense(3, "softmax"), loss="categorical_crossentropy").make(keras)
    model.trainable = False
    model.compile("adam", "categorical_crossentropy")
    return model


def two_heads(keras: Any, losses: Any, **options: Any) -> Any:
    inputs = keras.Input((FEATURES,))
    hidden = keras.layers.Dense(32, activation="relu")(inputs)
    kind = keras.layers.Dense(5, activation="softmax", name="kind")(hidden)
    size = keras.layers.Dense(1, name="size")(hidden)
    model = keras.Model(inputs, [kind, size])
    model.compile("sgd", losses, **options)
    return model


def dead_head(keras: Any) -> Any:
    """One head that learns and one that cannot."""
    inputs = keras.Input((FEATURES,))
    hidden = keras.layers.Dense(32, activation="relu")(inputs)
    good = keras.layers.Dense(5, activation="softmax", name="good")(hidden)
    dead = keras.layers.Dense(1, activation="softmax", name="dead")(hidden)
    model = keras.Model(inputs, [good, dead])
    model.compile("sgd", ["sparse_categorical_crossentropy", "mse"])
    return model


def named_outputs(keras: Any) -> Any:
    inputs = keras.Input((FEATURES,))
    hidden = keras.layers.Dense(32, activation="relu")(inputs)
    outputs = {
        "where": keras.layers.Dense(4, name="box")(hidden),
        "what": keras.layers.Dense(3, activation="softmax", name="label")(hidden),
    }
    model = keras.Model(inputs, outputs)
    model.compile("sgd", {"what": "sparse_categorical_crossentropy", "where": "mae"}, metrics={"what": ["accuracy"]})
    return model


def stopped(keras: Any) -> Any:
    """The first layer is behind a stopped gradient."""
    stop = keras.ops.stop_gradient if hasattr(keras, "ops") else keras.backend.stop_gradient
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((FEATURES,)),
            layers.Dense(16, activation="relu", name="first"),
            layers.Lambda(lambda t: stop(t)),
            layers.Dense(3, activation="softmax", name="last"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def with_statistics(keras: Any) -> Any:
    """What changes although nothing is trained: statistics, random numbers, metrics."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((FEATURES,)),
            layers.Dense(16, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.GaussianNoise(0.1),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "categorical_crossentropy", metrics=["accuracy"])
    return model


def added(keras: Any) -> Any:
    """A head that its loss cannot train, and a layer that adds a loss by itself."""

    class Penalty(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            maths = keras.ops if hasattr(keras, "ops") else keras.backend
            self.add_loss(maths.mean(maths.square(inputs)))
            return inputs

    return mlp(lambda keras: Penalty(), dense(1, "softmax"), loss="mse").make(keras)


def own_step(keras: Any) -> Any:
    """A model that computes its loss by itself."""

    class Model(keras.Model):  # type: ignore[misc]
        def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None) -> Any:
            return 3.0 * super().compute_loss(x, y, y_pred, sample_weight)

    inputs = keras.Input((FEATURES,))
    model = Model(inputs, keras.layers.Dense(3, activation="softmax")(inputs))
    model.compile("adam", "categorical_crossentropy")
    return model


def own_training(keras: Any) -> Any:
    """A model whose steps have nothing to do with the losses that it is compiled with."""

    class Model(keras.Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            return {}

    inputs = keras.Input((FEATURES,))
    model = Model(inputs, keras.layers.Dense(3, activation="softmax")(inputs))
    model.compile("adam", "categorical_crossentropy")
    return model


def regularised(keras: Any) -> Any:
    return mlp(dense(3, "softmax", kernel_regularizer="l2"), loss="categorical_crossentropy").make(keras)


def not_compiled(keras: Any) -> Any:
    return keras.Sequential([keras.Input((FEATURES,)), keras.layers.Dense(5, activation="softmax")])


def scheduled(keras: Any) -> Any:
    return keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.25, 10, 0.9))


def words(keras: Any) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((12,), dtype="int32"),
            layers.Embedding(50, 8, mask_zero=True),
            layers.LSTM(8),
            layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def half(keras: Any) -> Any:
    inputs = keras.Input((FEATURES,))
    hidden = keras.layers.Dense(32, activation="relu", dtype="mixed_float16")(inputs)
    outputs = keras.layers.Dense(10, activation="softmax", dtype="mixed_float16")(hidden)
    model = keras.Model(inputs, outputs)
    model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
    return model


CCE, SCCE, BCE = "categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"
TENSORFLOW = ("tensorflow", "tf_keras")

SLOW_TO_COMPILE = {
    *("smoothed", "summed", "softmax over time", "linear for classes", "zeros in the head", "large weights"),
    *("bias on purpose", "own class", "two heads by name", "outputs by name", "with statistics", "regularised"),
    *("words", "in half", "yes or no", "ids", "counts", "an offset", "saturated at rest"),
}
"""Programs that JAX is not asked about: it is no other there than on torch."""

PROGRAMS: dict[str, Program] = {
    "classes": mlp(dense(10, "softmax"), loss=CCE, metrics=["accuracy"]),
    "ids": mlp(dense(10, "softmax"), loss=loss("SparseCategoricalCrossentropy"), metrics=["acc"]),
    "logits": mlp(dense(10), loss=loss("CategoricalCrossentropy", from_logits=True)),
    "yes or no": mlp(dense(1, "sigmoid"), loss="bce", optimizer=scheduled),
    "numbers": mlp(dense(1), loss="mse", optimizer="rmsprop", metrics=["mae"]),
    "counts": mlp(dense(1, "exponential"), loss="poisson"),
    "smoothed": mlp(dense(4, "softmax"), loss=loss("CategoricalCrossentropy", label_smoothing=0.1)),
    "summed": mlp(dense(4, "softmax"), loss=loss("CategoricalCrossentropy", reduction="sum")),
    "softmax as logits": mlp(dense(10, "softmax"), loss=loss("CategoricalCrossentropy", from_logits=True)),
    "partial": mlp(
        dense(10, "softmax"),
        loss=lambda keras: functools.partial(keras.losses.sparse_categorical_crossentropy, from_logits=True),
    ),
    "softmax for labels": mlp(dense(10, "softmax"), loss=BCE),
    "sigmoid for classes": mlp(dense(10, "sigmoid"), loss=CCE),
    "softmax over time": mlp(dense(5), lambda keras: keras.layers.Softmax(axis=1), loss=CCE, shape=(4, 6)),
    "linear for classes": mlp(dense(10), loss=CCE),
    "softmax of TensorFlow": mlp(
        dense(10), softmax_of_tensorflow, loss=loss("CategoricalCrossentropy", from_logits=True)
    )._replace(only=TENSORFLOW),
    "loss of TensorFlow": mlp(dense(10), loss=of_tensorflow)._replace(only=TENSORFLOW),
    "one softmax": mlp(dense(1, "softmax"), loss="mse"),
    "one class": mlp(dense(1, "sigmoid"), loss=CCE),
    "one direction": mlp(dense(1), loss="cosine_similarity"),
    "zeros in the head": mlp(dense(10, "softmax", kernel_initializer="zeros"), loss=CCE),
    "zeros and softmax as logits": mlp(
        dense(10, "softmax", kernel_initializer="zeros"), loss=loss("CategoricalCrossentropy", from_logits=True)
    ),
    "zeros before the head": mlp(dense(8, "relu", kernel_initializer="zeros"), dense(4, "softmax"), loss=CCE),
    "large weights": mlp(dense(4, "softmax", kernel_initializer="ones"), dense(3, "softmax"), loss=CCE),
    "saturated": mlp(
        lambda keras: keras.layers.Dense(
            4, activation="softmax", kernel_initializer=keras.initializers.RandomNormal(0.0, 9.0)
        ),
        loss=CCE,
    ),
    "saturated alike": mlp(all_alike, dense(1, "sigmoid"), loss=BCE),
    "saturated alike and sigmoid as logits": mlp(
        all_alike, dense(1, "sigmoid"), loss=loss("BinaryCrossentropy", from_logits=True)
    ),
    "bias on purpose": mlp(constant_bias, loss=BCE),
    "saturated at rest": mlp(
        lambda keras: keras.layers.Lambda(lambda t: 1e6 * t + 1e6),
        lambda keras: keras.layers.BatchNormalization(),
        dense(1, "sigmoid", kernel_initializer="ones"),
        loss="mse",
    ),
    "an offset": mlp(
        lambda keras: keras.layers.Lambda(lambda t: t + 2.0), dense(2, "softmax", name="unlucky"), loss=SCCE
    ),
    "by hand": mlp(dense(1, "sigmoid"), loss=by_hand),
    "own class": mlp(dense(3), loss=own_class),
    "frozen": Program(frozen),
    "two heads": Program(lambda keras: two_heads(keras, [SCCE, "mse"], loss_weights=[1.0, 0.5])),
    "two heads by name": Program(
        lambda keras: two_heads(keras, {"size": "mae", "kind": CCE}, metrics={"kind": ["accuracy"], "size": ["mse"]})
    ),
    "one of two heads": Program(lambda keras: two_heads(keras, [None, "mse"]), only=("tensorflow", "tf_keras")),
    "a dead head": Program(dead_head),
    "outputs by name": Program(named_outputs),
    "stopped": Program(stopped),
    "with statistics": Program(with_statistics),
    "added": Program(added),
    "regularised": Program(regularised),
    "own loss": Program(own_step),
    "own training": Program(own_training),
    "eagerly": mlp(
        dense(10), softmax_of_tensorflow, loss=loss("CategoricalCrossentropy", from_logits=True), run_eagerly=True
    )._replace(only=TENSORFLOW),
    "in a loop": Program(not_compiled, read=({"head": 0, "name": CCE, "from_logits": True},)),
    "words": Program(words, rows=np.random.default_rng(1).integers(0, 50, (32, 12)).astype("int32")),
    "in half": Program(half),
    "given": mlp(dense(3, "softmax"), loss=SCCE)._replace(
        given=(
            np.random.default_rng(2).normal(size=(8, FEATURES)).tolist(),
            np.random.default_rng(3).integers(0, 3, 8).tolist(),
        )
    ),
    "nothing fits": mlp(dense(3, "softmax"), loss=lambda keras: lambda y_true, y_pred: y_true["boxes"]),
}


def state(kit: kits.Kit, model: Any) -> list[Any]:
    """Everything that training would change."""
    found = [*model.weights, *(variable for metric in model.metrics for variable in metric.variables)]
    optimizer = getattr(model, "optimizer", None)
    variables = getattr(optimizer, "variables", ()) if optimizer is not None else ()
    found += variables() if callable(variables) else list(variables)
    found += [one for one in getattr(model, "non_trainable_variables", ()) if hasattr(one, "assign")]
    return [np.array(kit.read(one)) for one in found]


def measure(keras: Any, program: Program) -> dict[str, Any]:
    """The trainings of a program; whether everything is as it was; how long it took."""
    keras.utils.set_random_seed(7)
    model = program.make(keras)
    kit = kits.of(model)
    rows = program.rows
    if rows is None:
        shape = tuple(model.inputs[0].shape)[1:]
        rows = np.random.default_rng(0).normal(size=(32, *shape)).astype("float32")
    given = program.given and tuple(map(np.asarray, program.given))
    before = state(kit, model)
    start = time.perf_counter()
    found = trials.trial(model, None, rows, kit, given, program.read)
    seconds = time.perf_counter() - start
    after = state(kit, model)
    same = len(before) == len(after) and all(
        np.array_equal(one, other) for one, other in zip(before, after, strict=True)
    )
    return {"trainings": found, "same": same, "seconds": seconds}


def is_for(name: str, runtime: str) -> bool:
    """Whether a program is measured on this runtime."""
    return runtime in PROGRAMS[name].only and not (runtime == "jax" and name in SLOW_TO_COMPILE)


def main(runtime: str) -> None:
    """Measure every program on this runtime and print it."""
    if runtime == "tf_keras":
        import tf_keras as keras
    else:
        os.environ["KERAS_BACKEND"] = runtime
        import keras
    found = {name: measure(keras, program) for name, program in PROGRAMS.items() if is_for(name, runtime)}
    print(json.dumps(found, allow_nan=False))


if __name__ == "__main__":
    main(sys.argv[1])

"""Losses as the installed Keras computes them: every spelling of a head below under every loss below.

`python -m tests.objective_on_keras RUNTIME` prints one JSON document on its last line. RUNTIME is a backend of Keras 3,
or `tf_keras`; a process can have only one of them. Nothing here knows what Keras ought to do.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

RUNTIMES = ("tensorflow", "tf_keras", "jax", "torch")
WITH_TENSORFLOW = ("tensorflow", "tf_keras")
CLASSES = 5

_random = np.random.default_rng(26)
KERNEL = _random.normal(scale=0.4, size=(6, CLASSES)).astype("float32")
BIAS = _random.normal(scale=0.4, size=CLASSES).astype("float32")


class Batch(NamedTuple):
    """Inputs with six features, what the last layer with weights makes of them, and labels by encoding."""

    inputs: np.ndarray
    z: np.ndarray
    labels: dict[str, np.ndarray]


def batch(*shape: int) -> Batch:
    """Inputs that saturate no probability, and labels that have nothing to do with them."""
    inputs = _random.normal(size=(*shape, 6)).astype("float32")
    return labelled(inputs, _random.normal(size=(*shape, CLASSES)))


def far_off(*shape: int) -> Batch:
    """Inputs so large that probabilities are clipped, which logits are not, and always the least likely labels."""
    inputs = 1000 * _random.normal(size=(*shape, 6)).astype("float32")
    return labelled(inputs, -inputs @ KERNEL)


def labelled(inputs: np.ndarray, scores: np.ndarray) -> Batch:
    several = (scores > 0).astype("float32")
    labels = {
        "ids": scores.argmax(-1).astype("int32"),
        "one-hot": np.eye(CLASSES, dtype="float32")[scores.argmax(-1)],
        "several-hot": several,
        "signs": 2 * several - 1,
        "numbers": _random.uniform(0.1, 2.0, scores.shape).astype("float32"),
    }
    return Batch(inputs, inputs.astype("float64") @ KERNEL + BIAS, labels)


NEAR = {2: batch(16), 3: batch(8, 4)}
"""By rank."""
FAR = {2: far_off(16), 3: far_off(8, 4)}
"""By rank."""


# --- heads ------------------------------------------------------------------------------------------------------------

Part = Callable[[Any], Any]
"""A function of Keras to a layer."""


class Spelling(NamedTuple):
    """One way to write a head: the words of the model for it, and its layers.

    `half` is true when z itself is in half precision; `everything` when the head is measured under all losses, not only
    under those that take logits; `tested` when it is measured by `predict` and `test_on_batch` as well.
    """

    text: str
    activation: str
    route: str
    parts: tuple[Part, ...]
    rank: int = 2
    policy: str | None = None
    half: bool = False
    everything: bool = False
    tested: bool = False
    only: tuple[str, ...] = RUNTIMES


def head(text: str, activation: str, *parts: Part, route: str = "activation", **more: Any) -> Spelling:
    return Spelling(text, activation, route, parts, **more)


def dense(activation: str | None = None, **options: Any) -> Callable[[Any], Any]:
    return lambda keras: keras.layers.Dense(CLASSES, activation=activation, **options)


def layer(kind: str, *arguments: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda keras: getattr(keras.layers, kind)(*arguments, **options)


def function(module: str, name: str, **options: Any) -> Callable[[Any], Any]:
    """A Lambda around a function of `keras.activations`, `keras.ops`, or TensorFlow's `nn`."""

    def make(keras: Any) -> Any:
        if module == "tf.nn":
            import tensorflow as tf

            home = tf.nn
        else:
            home = getattr(keras, module)
        return keras.layers.Lambda(lambda t: getattr(home, name)(t, **options))

    return make


def by_hand(formula: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """A Lambda around a formula; its first argument is Keras's module of arithmetic."""

    def make(keras: Any) -> Any:
        maths = keras.ops if hasattr(keras, "ops") else keras.backend
        return keras.layers.Lambda(lambda t: formula(maths, t))

    return make


def softmax_formula(maths: Any, t: Any) -> Any:
    e = maths.exp(t - maths.max(t, axis=-1, keepdims=True))
    return e / maths.sum(e, axis=-1, keepdims=True)


def sigmoid_formula(maths: Any, t: Any) -> Any:
    return 1 / (1 + maths.exp(-t))


def normalised_sigmoids(maths: Any, t: Any) -> Any:
    s = sigmoid_formula(maths, t)
    return s / maths.sum(s, axis=-1, keepdims=True)


LOGITS_CARRIED = ("softmax", "sigmoid")
STRANGE_POLICIES = {"mixed_float16": RUNTIMES, "mixed_bfloat16": RUNTIMES, "float64": ("tensorflow", "torch")}

HEADS = (
    *(head(f"Dense({name})", name, dense(name), everything=True) for name in ("linear", "tanh", "relu", "softplus")),
    head("Dense(exponential)", "exponential", dense("exponential"), everything=True),
    head("Dense(log_softmax)", "log-softmax", dense("log_softmax")),
    # The same function by other names.
    *(
        spelling
        for name in LOGITS_CARRIED
        for spelling in (
            head(f"Dense({name})", name, dense(name), everything=True, tested=True),
            head(f"Activation({name})", name, dense(), layer("Activation", name)),
            head(f"activations.{name}", name, dense(), function("activations", name)),
            head(f"ops.{name}", name, dense(), function("ops", name), only=("tensorflow", "jax", "torch")),
            head(
                f"tf.nn.{name}",
                name,
                dense(),
                function("tf.nn", name),
                route="op",
                only=WITH_TENSORFLOW,
                tested=name == "softmax",
            ),
            head(
                f"Dense({name}), Reshape",
                name,
                dense(name),
                layer("Reshape", (CLASSES,)),
                route="hidden",
                tested=name == "softmax",
            ),
        )
    ),
    head("Softmax()", "softmax", dense(), layer("Softmax"), route="softmax-layer"),
    head("Dense(softmax) for each step", "softmax", dense("softmax"), rank=3),
    head(
        "TimeDistributed(Dense(softmax))",
        "softmax",
        lambda keras: keras.layers.TimeDistributed(dense("softmax")(keras)),
        route="hidden",
        rank=3,
    ),
    head("softmax by hand", "softmax", dense(), by_hand(softmax_formula), route="hidden"),
    head("sigmoid by hand", "sigmoid", dense(), by_hand(sigmoid_formula), route="hidden"),
    head("normalised sigmoids", "normalised-sigmoids", dense(), by_hand(normalised_sigmoids), route="hidden"),
    # One on the other.
    head("softmax, softmax", "softmax-twice", dense("softmax"), layer("Activation", "softmax")),
    head("softmax, Softmax()", "softmax-twice", dense("softmax"), layer("Softmax"), route="softmax-layer"),
    head("sigmoid, sigmoid", "sigmoid-twice", dense("sigmoid"), layer("Activation", "sigmoid")),
    head("sigmoid, softmax", "softmax-on-sigmoid", dense("sigmoid"), layer("Activation", "softmax")),
    head("softmax, sigmoid", "sigmoid-on-softmax", dense("softmax"), layer("Activation", "sigmoid")),
    head("relu, softmax", "softmax-on-relu", dense("relu"), layer("Activation", "softmax")),
    head("tanh, relu", "relu-on-tanh", dense("tanh"), layer("Activation", "relu")),
    # Over another axis.
    head("Softmax(0)", "softmax-over-batch-axis", dense(), layer("Softmax", axis=0), route="softmax-layer"),
    head("Softmax(1)", "softmax-over-spatial-axis", dense(), layer("Softmax", axis=1), route="softmax-layer", rank=3),
    head(
        "activations.softmax(1)",
        "softmax-over-spatial-axis",
        dense(),
        function("activations", "softmax", axis=1),
        rank=3,
    ),
    head(
        "tf.nn.softmax(0)",
        "softmax-over-batch-axis",
        dense(),
        function("tf.nn", "softmax", axis=0),
        route="op",
        only=WITH_TENSORFLOW,
    ),
    # In another precision than float32.
    *(
        head(
            f"Dense({name}) in {policy}", name, dense(name, dtype=policy), policy=policy, half="16" in policy, only=only
        )
        for name in LOGITS_CARRIED
        for policy, only in STRANGE_POLICIES.items()
    ),
    head(
        "Softmax() in mixed_float16",
        "softmax",
        dense(dtype="mixed_float16"),
        layer("Softmax", dtype="mixed_float16"),
        route="softmax-layer",
        policy="mixed_float16",
        half=True,
        tested=True,
    ),
    head(
        "Activation(softmax) in float32 on mixed_float16",
        "softmax",
        dense(dtype="mixed_float16"),
        layer("Activation", "softmax", dtype="float32"),
        policy="float32",
        half=True,
    ),
)


# --- losses -----------------------------------------------------------------------------------------------------------


class Measured(NamedTuple):
    """A loss: its snake-case name, its class in Keras or (`op`) its function in `tf.nn`, the encoding of its labels."""

    name: str
    of_keras: str
    labels: str
    from_logits: bool = False
    takes_logits: bool = False
    op: bool = False


LOSSES = (
    *(
        Measured(name, of_keras, labels, from_logits, takes_logits=True)
        for name, of_keras, labels in (
            ("categorical_crossentropy", "CategoricalCrossentropy", "one-hot"),
            ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", "ids"),
            ("binary_crossentropy", "BinaryCrossentropy", "several-hot"),
            ("categorical_focal_crossentropy", "CategoricalFocalCrossentropy", "one-hot"),
            ("binary_focal_crossentropy", "BinaryFocalCrossentropy", "several-hot"),
        )
        for from_logits in (False, True)
    ),
    Measured("categorical_crossentropy", "softmax_cross_entropy_with_logits", "one-hot", True, True, op=True),
    Measured("sparse_categorical_crossentropy", "sparse_softmax_cross_entropy_with_logits", "ids", True, True, op=True),
    Measured("binary_crossentropy", "sigmoid_cross_entropy_with_logits", "several-hot", True, True, op=True),
    Measured("kl_divergence", "KLDivergence", "one-hot"),
    Measured("poisson", "Poisson", "numbers"),
    Measured("dice", "Dice", "several-hot"),
    Measured("tversky", "Tversky", "several-hot"),
    Measured("mean_squared_error", "MeanSquaredError", "numbers"),
    Measured("mean_absolute_error", "MeanAbsoluteError", "numbers"),
    Measured("mean_absolute_percentage_error", "MeanAbsolutePercentageError", "numbers"),
    Measured("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", "numbers"),
    Measured("huber", "Huber", "numbers"),
    Measured("log_cosh", "LogCosh", "numbers"),
    Measured("cosine_similarity", "CosineSimilarity", "numbers"),
    Measured("hinge", "Hinge", "signs"),
    Measured("squared_hinge", "SquaredHinge", "signs"),
    Measured("categorical_hinge", "CategoricalHinge", "one-hot"),
)


def make(keras: Any, loss: Measured) -> Callable[[Any, Any], Any] | None:
    """The loss as a function of labels and outputs; `None` when this Keras has none of the kind."""
    if loss.op:
        if "tensorflow" not in sys.modules or keras.backend.backend() != "tensorflow":
            return None
        import tensorflow as tf

        op = getattr(tf.nn, loss.of_keras)
        return lambda labels, outputs: tf.reduce_mean(op(labels=labels, logits=tf.cast(outputs, "float32")))
    kind = getattr(keras.losses, loss.of_keras, None)
    return kind and kind(**({"from_logits": loss.from_logits} if loss.takes_logits else {}))


# --- measuring --------------------------------------------------------------------------------------------------------


def warned(compute: Callable[[], Any]) -> tuple[Any, bool]:
    """The value, and whether Keras warned of `from_logits` on its way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = compute()
    return value, any("received `from_logits=True`" in str(warning.message) for warning in caught)


def as_graph(function: Callable[..., Any], runtime: str) -> Callable[..., Any]:
    """The function as `fit` runs it on TensorFlow; elsewhere that makes no difference to a loss."""
    if runtime not in WITH_TENSORFLOW:
        return function
    import tensorflow as tf

    return tf.function(function, autograph=False)  # type: ignore[no-any-return]


def by_test_on_batch(keras: Any, inputs: Any, outputs: Any, data: Batch) -> dict[int, float]:
    """What `compile` and `test_on_batch` make of Keras's losses that take logits, as strings where a string will do.

    The head becomes as many outputs of one model as there are losses, because every `compile` takes its time.
    """
    chosen = {f"under_{index}": loss for index, loss in enumerate(LOSSES) if loss.takes_logits and not loss.op}
    losses = {name: make(keras, loss) if loss.from_logits else loss.name for name, loss in chosen.items()}
    labels = {name: data.labels[loss.labels] for name, loss in chosen.items()}
    if hasattr(keras, "ops"):
        model = keras.Model(inputs, dict.fromkeys(chosen, outputs))
        model.compile(loss=losses)
        found = model.test_on_batch(data.inputs, labels, return_dict=True)
        values = [found[f"{name}_loss"] for name in chosen]
    else:  # tf_keras loses the names on the way; in Keras 3 a list would not do, it takes equal tensors for one output
        model = keras.Model(inputs, [outputs] * len(chosen))
        model.compile(loss=list(losses.values()))
        _, *values = model.test_on_batch(data.inputs, list(labels.values()))
    return {LOSSES.index(loss): float(value) for loss, value in zip(chosen.values(), values, strict=True)}


def as_number(value: Any) -> float:
    return float(value.detach() if hasattr(value, "detach") else value)


def as_array(keras: Any, outputs: Any) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(outputs) if hasattr(keras, "ops") else outputs)


def measure(keras: Any, runtime: str, head: Spelling) -> dict[str, Any]:
    """What the head predicts, and by index of the loss its value and whether Keras warned: as in `fit`, eagerly, ..."""
    inputs = outputs = keras.Input(NEAR[head.rank].inputs.shape[1:])
    for part in head.parts:
        outputs = part(keras)(outputs)
    model = keras.Model(inputs, outputs)
    model.set_weights([KERNEL, BIAS])
    near, far = NEAR[head.rank], FAR[head.rank]
    losses = {
        index: made
        for index, loss in enumerate(LOSSES)
        if (loss.takes_logits or head.everything) and (made := make(keras, loss)) is not None
    }

    def compute(labels: dict[str, Any], outputs: Any) -> dict[int, tuple[Any, bool]]:
        return {index: warned(partial(loss, labels[LOSSES[index].labels], outputs)) for index, loss in losses.items()}

    def run(inputs: Any, labels: dict[str, Any]) -> dict[int, tuple[Any, bool]]:
        return compute(labels, model(inputs))

    graph = as_graph(run, runtime)
    if head.tested:
        predicted = model.predict(near.inputs, batch_size=len(near.inputs), verbose=0)
    else:
        predicted = as_array(keras, model(near.inputs))
    found = {
        "graph": graph(near.inputs, near.labels),
        "eager": run(near.inputs, near.labels),
        "detached": compute(near.labels, predicted),
        "far": graph(far.inputs, far.labels),
    }
    return {
        "predicted": predicted.astype("float64").tolist(),
        "tested": by_test_on_batch(keras, inputs, outputs, near) if head.tested else {},
        **{
            way: {index: (as_number(value), bool(said)) for index, (value, said) in by.items()}
            for way, by in found.items()
        },
    }


def main(runtime: str) -> None:
    """Measure everything on this runtime and print it."""
    if runtime == "tf_keras":
        import tf_keras as keras
    else:
        os.environ["KERAS_BACKEND"] = runtime
        import keras
    heads = {index: measure(keras, runtime, head) for index, head in enumerate(HEADS) if runtime in head.only}
    print(json.dumps({"version": keras.__version__, "heads": heads}))


if __name__ == "__main__":
    main(sys.argv[1])

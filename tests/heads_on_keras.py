"""Heads that are measured on every Keras: `python -m tests.heads_on_keras RUNTIME` prints what the probe says of each.

RUNTIME is `tensorflow`, `jax` or `torch` (Keras 3 on it), or `tf_keras`. One line of JSON: for each name the answer for
the first output, whether the weights are what they were, and the word that has to come out.
"""

from __future__ import annotations

import json
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

RUNTIMES = ("tensorflow", "jax", "torch", "tf_keras")


class Formulas:
    """The few operations that formulas here need, in the spelling of the Keras that runs."""

    def __init__(self, keras: Any) -> None:
        if hasattr(keras, "ops"):
            ops = keras.ops
            self.exp, self.softmax, self.sigmoid, self.matmul = ops.exp, ops.softmax, ops.sigmoid, ops.matmul
            self.transpose, self.sum = ops.transpose, lambda z: ops.sum(z, axis=-1, keepdims=True)
        else:
            import tensorflow as tf

            self.exp, self.softmax, self.sigmoid, self.matmul = tf.exp, tf.nn.softmax, tf.sigmoid, tf.matmul
            self.transpose, self.sum = tf.transpose, lambda z: tf.reduce_sum(z, axis=-1, keepdims=True)


def models(keras: Any) -> Iterator[tuple[str, str | None, Any]]:
    """A name, the word for its first output, and the model."""
    layers, formulas = keras.layers, Formulas(keras)

    def stacked(*parts: Any) -> Any:
        return keras.Sequential([layers.Input((8,)), *parts])

    yield "softmax", "softmax", stacked(layers.Dense(16, activation="relu"), layers.Dense(10, activation="softmax"))
    yield "logits", "linear", stacked(layers.Dense(10), layers.Dropout(0.5))
    yield "one softmax", "softmax", stacked(layers.Dense(1, activation="softmax"))
    yield "batch", "softmax-over-batch-axis", stacked(layers.Dense(10), layers.Softmax(axis=0))
    yield "twice", "softmax-twice", stacked(layers.Dense(10, activation="softmax"), layers.Activation("softmax"))
    yield "last lstm", None, keras.Sequential([layers.Input((5, 3)), layers.LSTM(4)])
    yield (
        "tagger",
        "softmax",
        keras.Sequential(
            [
                layers.Input((None,), dtype="int32"),
                layers.Embedding(30, 6),
                layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
                layers.TimeDistributed(layers.Dense(3, activation="softmax")),
            ]
        ),
    )
    naive = layers.Lambda(lambda z: formulas.exp(z) / formulas.sum(formulas.exp(z)))
    yield "by hand", "softmax", stacked(layers.Dense(3), naive)
    yield "logistic", "sigmoid", stacked(layers.Dense(3), layers.Lambda(lambda z: 1 / (1 + formulas.exp(-z))))

    class Own(layers.Layer):  # type: ignore[misc, name-defined]
        def build(self, shape: Any) -> None:
            self.w = self.add_weight(shape=(shape[-1], 4), name="w")
            self.b = self.add_weight(shape=(4,), name="b")

        def call(self, x: Any) -> Any:
            return formulas.sigmoid(formulas.matmul(x, self.w) + self.b)

    yield "own layer", "sigmoid", stacked(layers.Dense(6, activation="tanh"), Own())

    class Tied(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.words, self.body = layers.Embedding(11, 8), layers.Dense(8, activation="tanh")

        def call(self, x: Any) -> Any:
            return formulas.softmax(
                formulas.matmul(self.body(self.words(x)), formulas.transpose(self.words.embeddings))
            )

    import numpy as np

    tied = Tied()
    tied(np.zeros((2, 5), "int32"))
    yield "tied", "softmax", tied


def measured(model: Any) -> dict[str, Any]:
    """The answer of the probe for one model."""
    from keraslint.probe.child import measure

    built = types.SimpleNamespace(
        model=model, site=None, ordinal=0, compile=None, layer_sites={}, stood_in=[], rows=None
    )
    return measure.model(built, {"seed": 0})


def told(keras: Any) -> dict[str, Any]:
    """What the probe says of every model, and whether it left the weights alone."""
    found = {}
    for name, word, model in models(keras):
        before = [array.tobytes() for array in model.get_weights()]
        answer = measured(model)
        head = answer["heads"][0] if answer["heads"] else {"activation": str(answer["notes"])}
        after = [array.tobytes() for array in model.get_weights()]
        found[name] = {"word": word, "head": head, "untouched": not before or before == after}
    return found


def main(runtime: str, say: Callable[[str], Any]) -> None:
    """Measure on one runtime."""
    warnings.simplefilter("ignore")
    if runtime == "tf_keras":
        import tf_keras as keras
    else:
        os.environ["KERAS_BACKEND"] = runtime
        import keras
    say(json.dumps(told(keras)))


if __name__ == "__main__":
    main(sys.argv[1], print)

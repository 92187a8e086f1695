"""Trials of every head of `objective_on_keras` under every loss that it is measured under.

`python -m tests.trials_of_objectives RUNTIME` prints one JSON document on its last line: by index of the head and of
the loss what the probe says is trained, eagerly too, and what it says of the outputs of `predict()`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from keraslint.probe.child import kit as kits
from keraslint.probe.child import trials
from tests.objective_on_keras import BIAS, HEADS, KERNEL, LOSSES, NEAR, Measured, Spelling, make

TRACED = (
    *("Dense(linear)", "Dense(softmax)", "Dense(sigmoid)", "Softmax()", "tf.nn.softmax", "Dense(softmax), Reshape"),
    *("softmax, softmax", "sigmoid, softmax", "Softmax(1)", "Softmax() in mixed_float16"),
)
COMPILED = ("Dense(linear)", "Dense(softmax)")
ASKED = {"tensorflow": TRACED, "tf_keras": TRACED, "jax": COMPILED}
"""The heads that are measured where graphs take their time, at least one for each way to a loss; elsewhere all."""


def is_for(head: Spelling, runtime: str) -> bool:
    """Whether a head is measured on this runtime."""
    return runtime in head.only and head.text in ASKED.get(runtime, (head.text,))


def under(keras: Any, head: Spelling) -> dict[int, Any]:
    """The losses that a head is measured under, as `compile` takes them, by their index."""
    return {
        index: made if not loss.op else of_tensorflow(loss)
        for index, loss in enumerate(LOSSES)
        if (loss.takes_logits or head.everything) and (made := make(keras, loss)) is not None
    }


def of_tensorflow(loss: Measured) -> Any:
    """A function of TensorFlow itself, which `compile` takes as it is."""
    import tensorflow as tf

    return getattr(tf.nn, loss.of_keras)


def measure(keras: Any, head: Spelling) -> dict[int, dict[str, Any]]:
    """What is measured of a head: one model that gives the same output once for each loss."""
    data = NEAR[head.rank]
    inputs = outputs = keras.Input(data.inputs.shape[1:])
    for part in head.parts:
        outputs = part(keras)(outputs)
    losses = under(keras, head)
    names = {f"under_{index}": index for index in losses}
    if hasattr(keras, "ops"):
        model = keras.Model(inputs, dict.fromkeys(names, outputs))
        model.compile("sgd", {name: losses[index] for name, index in names.items()})
        labels: Any = {name: data.labels[LOSSES[index].labels] for name, index in names.items()}
        order = [names[name] for name in sorted(names)]
    else:  # tf_keras loses the names on the way
        model = keras.Model(inputs, [outputs] * len(names))
        model.compile("sgd", list(losses.values()))
        labels, order = [data.labels[LOSSES[index].labels] for index in losses], list(losses)
    model.set_weights([KERNEL, BIAS])
    found = trials.trial(model, None, data.inputs, kits.of(model), (data.inputs, labels))
    return {order[one["losses"][0]["head"]]: {**one["losses"][0], **(one["trial"] or {})} for one in found}


def main(runtime: str) -> None:
    """Measure everything on this runtime and print it."""
    if runtime == "tf_keras":
        import tf_keras as keras
    else:
        os.environ["KERAS_BACKEND"] = runtime
        import keras
    print(json.dumps({index: measure(keras, head) for index, head in enumerate(HEADS) if is_for(head, runtime)}))


if __name__ == "__main__":
    main(sys.argv[1])

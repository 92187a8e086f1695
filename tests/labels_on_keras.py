"""What the installed Keras does with labels that do not fit: pairs of a head, a loss and labels, each trained once.

`python -m tests.labels_on_keras RUNTIME` prints one JSON document on its last line: every row with `raises` or
`trains`. RUNTIME is a backend of Keras 3, or `tf_keras`; a process can have only one of them.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any

import numpy as np

from tests.objective_on_keras import RUNTIMES

BATCH = 16
_random = np.random.default_rng(3)
IDS = _random.integers(0, 3, 2 * BATCH)
LABELS: dict[str, np.ndarray] = {
    "ids": IDS,
    "ids in a column": IDS[:, None],
    "ids from 1": IDS + 1,
    "zeros and ones": IDS.clip(0, 1),
    "zeros and ones in a column": IDS.clip(0, 1)[:, None],
    "one-hot": np.eye(3)[IDS],
    "two columns": np.eye(2)[IDS.clip(0, 1)],
    "flat": _random.normal(size=2 * BATCH),
    "column": _random.normal(size=(2 * BATCH, 1)),
    "three columns": _random.normal(size=(2 * BATCH, 3)),
}
CATEGORICAL, SPARSE, BINARY = "categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"
FOCAL, DISTANCES = "categorical_focal_crossentropy", ("mse", "mae", "msle", "huber_loss", "poisson", "hinge")
ROWS: tuple[tuple[str, int, str], ...] = (
    *((CATEGORICAL, 3, labels) for labels in ("ids", "ids in a column", "one-hot", "two columns")),
    *((FOCAL, 3, labels) for labels in ("ids", "ids in a column", "one-hot")),
    *((SPARSE, 3, labels) for labels in ("ids", "ids in a column", "one-hot", "two columns", "ids from 1")),
    *((SPARSE, units, "ids") for units in (2, 5)),
    *((BINARY, 1, labels) for labels in ("zeros and ones", "zeros and ones in a column", "two columns", "one-hot")),
    *((BINARY, 2, labels) for labels in ("zeros and ones", "zeros and ones in a column", "two columns", "one-hot")),
    *((loss, units, labels) for loss in DISTANCES for units, labels in ((4, "column"), (4, "flat"), (BATCH, "flat"))),
    *((loss, 1, labels) for loss in DISTANCES for labels in ("flat", "column", "three columns")),
    *((loss, 2, "three columns") for loss in DISTANCES),
)
"""A loss, how many units the head has, and the labels."""


def run(keras: Any, loss: str, units: int, labels: str) -> str:
    """Train one epoch on two batches."""
    inputs = _random.normal(size=(2 * BATCH, 6)).astype("float32")
    activation = "softmax" if loss in (CATEGORICAL, SPARSE, FOCAL) else "sigmoid"
    head = keras.layers.Dense(units, activation=activation if "crossentropy" in loss else None)
    model = keras.Sequential([keras.layers.Input((6,)), head])
    model.compile(optimizer="sgd", loss="huber" if loss == "huber_loss" else loss)
    try:
        model.fit(inputs, LABELS[labels], batch_size=BATCH, verbose=0)
    except Exception:  # each runtime raises something else
        return "raises"
    return "trains"


def main(runtime: str) -> None:
    """Print what happens to every row."""
    warnings.simplefilter("ignore")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if runtime == "tf_keras":
        import tf_keras as keras
    else:
        os.environ["KERAS_BACKEND"] = runtime
        import keras
    found = [[*row, run(keras, *row)] for row in ROWS]
    print(json.dumps(found))


if __name__ == "__main__":
    assert sys.argv[1] in RUNTIMES
    main(sys.argv[1])

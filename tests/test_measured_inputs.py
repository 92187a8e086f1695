"""What the pages of the rules about inputs and validation claim, trained on the Keras that is installed.

Small networks on the digits of scikit-learn, brought to 0..255; where the pages quote means of three seeds, here one
seed has to show the same order of things. It takes half a minute.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
datasets = pytest.importorskip("sklearn.datasets")

TRAINED, EPOCHS = 1300, 10


@cache
def digits() -> tuple[Any, Any]:
    """Pixels from 0 to 255 and ids, in a random order."""
    x, y = datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    return np.round(x * 255 / 16).astype("float32")[order], y[order]


def network(convolution: bool = False, normalised: bool = False) -> Any:
    layers = keras.layers
    begin = [layers.BatchNormalization()] if normalised else []
    body = [layers.Dense(128, activation="relu")]
    if convolution:
        body = [layers.Reshape((8, 8, 1)), layers.UpSampling2D(2), *begin, layers.Conv2D(32, 3, activation="relu")]
        body += [
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
        ]
    return keras.Sequential([keras.Input((64,)), *body, layers.Dense(10, activation="softmax")])


def accuracy(scale: float, optimizer: Any, labels: Any = None, **kind: bool) -> float:
    """Accuracy on other digits after training on pixels divided by `scale`."""
    keras.utils.set_random_seed(0)
    x, y = digits()
    x, towards = x / scale, y if labels is None else labels
    model = network(**kind)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    model.fit(x[:TRAINED], towards[:TRAINED], epochs=EPOCHS, verbose=0)
    return float(np.mean(model.predict(x[TRAINED:], verbose=0).argmax(axis=1) == y[TRAINED:]))


def test_plain_sgd_learns_less_from_raw_pixels() -> None:
    assert accuracy(1, keras.optimizers.SGD(0.01)) < accuracy(255, keras.optimizers.SGD(0.01)) - 0.2


def test_sgd_with_momentum_learns_nothing_from_raw_pixels() -> None:
    assert accuracy(1, keras.optimizers.SGD(0.01, momentum=0.9)) < 0.3
    assert accuracy(255, keras.optimizers.SGD(0.01, momentum=0.9)) > 0.9


def test_adam_recovers() -> None:
    raw, scaled = accuracy(1, "adam"), accuracy(255, "adam")
    assert 0.8 < raw < scaled


def test_a_normalisation_makes_up_for_raw_pixels() -> None:
    """With two convolutions; a single one learned from raw pixels too."""
    assert accuracy(1, keras.optimizers.SGD(0.01), convolution=True) < 0.3
    assert accuracy(1, keras.optimizers.SGD(0.01), convolution=True, normalised=True) > 0.85


def test_divided_class_ids_are_all_of_class_0() -> None:
    assert set(keras.utils.to_categorical(digits()[1] / 255, 10).argmax(axis=1)) == {0}
    assert accuracy(255, "adam", digits()[1] / 255.0) < 0.2


def test_validation_on_the_training_data_rises_with_what_is_memorised() -> None:
    keras.utils.set_random_seed(0)
    x, coins = digits()[0] / 255, np.random.default_rng(0).integers(0, 2, len(digits()[0]))
    layers = [keras.layers.Dense(256, activation="relu"), keras.layers.Dense(256, activation="relu")]
    model = keras.Sequential([keras.Input((64,)), *layers, keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    few = slice(0, 300)
    history = model.fit(x[few], coins[few], epochs=100, verbose=0, validation_data=(x[few], coins[few])).history
    assert history["val_accuracy"][-1] > 0.97
    assert abs(model.evaluate(x[TRAINED:], coins[TRAINED:], verbose=0)[1] - 0.5) < 0.1

"""What Keras does with losses given one by one, and with layers behind the last activation, measured on the Keras that
is installed.

The table in `rules/keraslint_rules/unweighted_head.py` is held against Keras 3 and tf_keras case by case; the costs
that pages quote are measured once more, with room for another machine's arithmetic.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("keras")

import numpy as np

from keraslint_rules.unweighted_head import FATES, IGNORED, NEVER, RAISES

NAMES = ("kind", "size")
SHORT: dict[str, Any] = {"list": ["mse"], "dict": {"kind": "mse"}}
LONG: dict[str, Any] = {"list": ["mse", "mse", "mse"], "dict": {"kind": "mse", "size": "mse", "other": "mse"}}
GENERATIONS = {3: "keras", 2: "tf_keras"}
CASES = [(form, losses, generation) for form, losses in FATES for generation in GENERATIONS]


def trained(keras: ModuleType, form: str, losses: Any) -> tuple[bool, ...]:
    """Which of two heads one epoch has changed, for outputs in a list or a dictionary."""
    x = keras.Input((4,))
    heads = [keras.layers.Dense(1, name=name)(x) for name in NAMES]
    model = keras.Model(x, heads if form == "list" else dict(zip(NAMES, heads, strict=True)))
    model.compile(optimizer="sgd", loss=losses)
    before = [model.get_layer(name).get_weights()[0].copy() for name in NAMES]
    rows, target = np.random.rand(8, 4), np.random.rand(8, 1)
    model.fit(rows, [target, target] if form == "list" else dict.fromkeys(NAMES, target), verbose=0)
    after = [model.get_layer(name).get_weights()[0] for name in NAMES]
    return tuple(bool((one != other).any()) for one, other in zip(before, after, strict=True))


def fate(keras: ModuleType, form: str, losses: Any) -> str:
    try:
        changed = trained(keras, form, losses)
    except (KeyError, TypeError, ValueError):
        return RAISES
    return IGNORED if all(changed) else NEVER


@pytest.mark.parametrize(("form", "losses", "generation"), CASES)
def test_what_becomes_of_a_head_without_a_loss_and_of_a_loss_without_a_head(
    form: str, losses: str, generation: int
) -> None:
    keras = pytest.importorskip(GENERATIONS[generation])
    left_out, surplus = FATES[form, losses][generation]
    assert fate(keras, form, SHORT[losses]) == left_out
    assert fate(keras, form, LONG[losses]) == surplus


@pytest.mark.parametrize("form", ["list", "dict"])
def test_none_leaves_out_and_one_loss_reaches_all(form: str) -> None:
    keras = pytest.importorskip("keras")
    assert trained(keras, form, "mse") == (True, True)
    assert trained(keras, form, {"kind": "mse", "size": None}) == (True, False)


# -- layers behind the last activation ---------------------------------------------------------------------------------


def classes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Ten classes around ten centres."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 10, 2000)
    rows = draw.normal(size=(10, 20))[labels] * 1.1 + draw.normal(size=(2000, 20))
    return rows.astype("float32"), labels


def fitted(tail: list[Any], loss: str, rows: np.ndarray, target: np.ndarray, rate: float = 3e-3) -> tuple[Any, float]:
    """A network of one hidden layer, trained for 20 epochs, and its last training loss."""
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(64, activation="relu"), *tail])
    model.compile(keras.optimizers.Adam(rate), loss)
    history = model.fit(rows, target, batch_size=64, epochs=20, verbose=0)
    return model, history.history["loss"][-1]


def test_dropout_keeps_the_training_loss_up() -> None:
    keras = pytest.importorskip("keras")
    rows, labels = classes(0)
    loss = "sparse_categorical_crossentropy"
    right = fitted([keras.layers.Dense(10, activation="softmax")], loss, rows, labels)[1]
    dropped = fitted([keras.layers.Dense(10, activation="softmax"), keras.layers.Dropout(0.5)], loss, rows, labels)[1]
    assert right < 0.1
    assert dropped > 1


def test_dropout_on_one_sigmoid_keeps_the_training_loss_up() -> None:
    keras = pytest.importorskip("keras")
    rows, labels = classes(0)
    head = keras.layers.Dense(1, activation="sigmoid")
    dropped = fitted([head, keras.layers.Dropout(0.5)], "binary_crossentropy", rows, labels % 2)[1]
    assert 3 < dropped < 5


def test_dropout_on_a_linear_head_costs_what_it_explains() -> None:
    keras = pytest.importorskip("keras")
    rows, _ = classes(0)
    target = np.tanh(rows @ np.random.default_rng(0).normal(size=20) / 4)
    target = (target - target.mean()) / target.std()

    def explained(*behind: Any) -> float:
        model, _ = fitted([keras.layers.Dense(1), *behind], "mse", rows, target, rate=1e-2)
        return 1 - float(((model.predict(rows, verbose=0)[:, 0] - target) ** 2).mean())

    assert explained() > 0.9
    assert 0.4 < explained(keras.layers.Dropout(0.5)) < 0.8


def test_a_normalised_softmax_adds_up_to_anything() -> None:
    keras = pytest.importorskip("keras")
    rows, labels = classes(0)
    tail = [keras.layers.Dense(10, activation="softmax"), keras.layers.BatchNormalization()]
    model, _ = fitted(tail, "sparse_categorical_crossentropy", rows, labels)
    totals = model.predict(rows, verbose=0).sum(axis=-1)
    assert totals.min() < 0 < totals.max() or abs(totals - 1).max() > 0.5


def test_labels_of_one_and_two_teach_a_hinge_nothing() -> None:
    keras = pytest.importorskip("keras")
    rows, labels = classes(0)
    sides = labels % 2
    model, loss = fitted([keras.layers.Dense(1)], "hinge", rows, sides + 1)
    assert loss < 0.01
    assert abs(((model.predict(rows, verbose=0)[:, 0] > 1.5) == sides).mean() - 0.5) < 0.1
    signs, _ = fitted([keras.layers.Dense(1)], "hinge", rows, 2 * sides - 1)
    assert ((signs.predict(rows, verbose=0)[:, 0] > 0) == sides).mean() > 0.9


def test_class_ids_teach_a_hinge_nothing() -> None:
    keras = pytest.importorskip("keras")
    rows, labels = classes(0)
    model, _ = fitted([keras.layers.Dense(1)], "hinge", rows, labels)
    assert (np.round(model.predict(rows, verbose=0)[:, 0]) == labels).mean() < 0.25


def test_outputs_that_are_never_negative_miss_standardised_targets() -> None:
    keras = pytest.importorskip("keras")
    rows, _ = classes(0)
    target = np.tanh(rows @ np.random.default_rng(0).normal(size=20) / 4)
    target = (target - target.mean()) / target.std()

    def explained(activation: str) -> float:
        model, _ = fitted([keras.layers.Dense(1, activation=activation)], "mse", rows, target, rate=1e-2)
        return 1 - float(((model.predict(rows, verbose=0)[:, 0] - target) ** 2).mean())

    assert explained("linear") > 0.9
    assert all(explained(activation) < 0.7 for activation in ("relu", "softplus", "exponential"))

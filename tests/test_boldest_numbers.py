"""The boldest claims of pages and messages, measured once more on the Keras that is installed, with small networks.

Pages quote two or three seeds of larger trials (20 features, ten classes, thousands of rows, up to 20 epochs; see the
notes of each). Here one seed has to show the same thing with the same order of size, with room for another machine's
arithmetic: what fails fails by far, and what is right is right. Everything takes about a minute.

What is held elsewhere: heads against losses, formula by formula, in `test_objective`; labels that raise or are
stretched in `test_labels_on_keras`; metrics in `test_metrics_on_keras`; pixels, scaled ids and validation data in
`test_measured_inputs`; freezing, dropout rates and gradients of constant kernels in `test_layers_on_keras`; heads
without a loss, layers behind the last activation, hinge and one-sided outputs in `test_costs_of_targets`.
"""

from __future__ import annotations

from functools import cache
from math import e, log
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
layers, losses = keras.layers, keras.losses

if keras.backend.backend() != "tensorflow":
    pytest.skip("some of this is true on TensorFlow only", allow_module_level=True)

TRAINED = 1500
Data = tuple[np.ndarray, np.ndarray]


@cache
def blobs() -> Data:
    """Ten classes around ten centres, which a network of one hidden layer tells apart nearly always."""
    draw = np.random.default_rng(0)
    ids = draw.integers(0, 10, 2000)
    rows = draw.normal(size=(10, 20))[ids] * 1.1 + draw.normal(size=(2000, 20))
    return rows.astype("float32"), ids


@cache
def tags() -> Data:
    """Eight labels for each row, about two of which are right, each on its own."""
    draw = np.random.default_rng(1)
    rows = draw.normal(size=(2000, 20)).astype("float32")
    return rows, (rows @ draw.normal(size=(20, 8)) / 20**0.5 > 0.6).astype("float32")


@cache
def amounts() -> Data:
    """A number for each row, around 5 and up to 13 away from it."""
    rows, _ = blobs()
    return rows, (5 + 13 * np.tanh(rows @ np.random.default_rng(0).normal(size=20) / 4)).astype("float32")[:, None]


@cache
def rings() -> Data:
    """Two rings of points, one around the other."""
    draw = np.random.default_rng(0)
    ids, turn = draw.integers(0, 2, 2000), draw.uniform(0, 6.28, 2000)
    radius = 1 + ids + draw.normal(size=2000) * 0.15
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1).astype("float32"), ids


@cache
def pictures() -> Data:
    """Two kinds of boxes before a background, in noise, and the class of each pixel; the channels stand first."""
    draw = np.random.default_rng(0)
    ids = np.zeros((400, 12, 12), int)
    for picture in ids:
        for box in (1, 2):
            top, left, height, width = *draw.integers(0, 8, 2), *draw.integers(3, 5, 2)
            picture[top : top + height, left : left + width] = box
    colours = np.eye(3)[ids] + draw.normal(0, 0.4, (400, 12, 12, 3))
    return colours.transpose(0, 3, 1, 2).astype("float32"), ids


def fitted(
    data: Data, tail: list[Any], loss: Any, optimizer: Any = None, *, epochs: int = 10, body: list[Any] | None = None
) -> tuple[Any, list[float]]:
    """A network, by default of one hidden layer before `tail`, and its training loss by epoch."""
    rows, target = data
    count = min(TRAINED, len(rows) * 3 // 4)
    inner = [layers.Dense(64, activation="relu")] if body is None else body
    model = keras.Sequential([keras.Input(rows.shape[1:]), *inner, *tail])
    model.compile(optimizer or keras.optimizers.Adam(3e-3), loss, jit_compile=False)
    history = model.fit(rows[:count], target[:count], batch_size=64, epochs=epochs, verbose=0).history
    return model, history["loss"]


def held_out(data: Data, model: Any) -> tuple[np.ndarray, np.ndarray]:
    """Predictions of rows that were not trained on, and what is right for them."""
    count = min(TRAINED, len(data[0]) * 3 // 4)
    return model.predict(data[0][count:], verbose=0), data[1][count:]


def accuracy(data: Data, *parts: Any, **more: Any) -> float:
    """How often the largest output is that of the class."""
    outputs, ids = held_out(data, fitted(data, *parts, **more)[0])
    return float((outputs.argmax(-1) == ids).mean())


def explained(data: Data, *parts: Any, **more: Any) -> float:
    """R2: 1 for the targets themselves, 0 for their mean, below it for less."""
    outputs, target = held_out(data, fitted(data, *parts, **more)[0])
    return 1 - float(((outputs - target) ** 2).mean() / target.var())


def ten(activation: str | None = "softmax") -> Any:
    return layers.Dense(10, activation=activation)


def one_hot() -> Data:
    rows, ids = blobs()
    return rows, np.eye(10, dtype="float32")[ids]


def slow() -> Any:
    """The optimizer that hides nothing."""
    return keras.optimizers.SGD(0.01)


SPARSE = "sparse_categorical_crossentropy"


@pytest.fixture(autouse=True)
def same_seed() -> None:
    keras.utils.set_random_seed(0)


@cache
def right() -> float:
    """Accuracy on ten classes of a head and loss that fit, with Adam."""
    keras.utils.set_random_seed(0)
    return accuracy(blobs(), [ten()], SPARSE)


# -- head against loss -------------------------------------------------------------------------------------------------


def test_the_right_pair_learns() -> None:
    assert right() > 0.95


def test_probabilities_as_logits() -> None:
    """A Reshape keeps Keras from finding the logits, so that the softmax is applied twice."""
    twice = [ten(), layers.Reshape((10,))]
    once = accuracy(blobs(), [ten()], SPARSE, slow())
    assert accuracy(blobs(), twice, losses.SparseCategoricalCrossentropy(from_logits=True), slow()) < once - 0.3


def test_logits_as_probabilities() -> None:
    rows, labels = one_hot()
    outputs, ids = held_out(blobs(), fitted((rows, labels), [ten(None)], "categorical_crossentropy")[0])
    assert not (outputs.argmax(-1) == ids).mean() > 0.6


def test_activation_applied_twice() -> None:
    """However long it trains: no probability above e / (e + 9)."""
    model, _ = fitted(blobs(), [ten(), layers.Softmax()], SPARSE)
    assert 0.2 < model.predict(blobs()[0], verbose=0).max() <= e / (e + 9) + 1e-4


def test_softmax_over_one_unit() -> None:
    rows, ids = blobs()
    sides = rows, (ids < 5).astype("float32")
    model, curve = fitted(sides, [layers.Dense(1, activation="softmax")], "binary_crossentropy")
    assert curve[-1] < 0.5 * curve[0]
    assert set(model.predict(rows, verbose=0)[:, 0]) == {1.0}


def test_softmax_over_batch_axis() -> None:
    """Together rows are told apart, alone every output is 1."""
    model, _ = fitted(blobs(), [ten(None), layers.Softmax(axis=0)], SPARSE)
    rows, ids = blobs()
    together = model.predict_on_batch(rows[TRAINED:])
    assert (together.argmax(-1) == ids[TRAINED:]).mean() > 0.8
    assert (model.predict(rows[:20], batch_size=1, verbose=0) == 1).all()


def shared(outputs: np.ndarray, wanted: np.ndarray) -> float:
    """F1 over all labels."""
    chosen, wanted = outputs > 0.5, wanted > 0.5
    return float(2 * (chosen & wanted).sum() / (chosen.sum() + wanted.sum()))


def test_softmax_for_independent_labels() -> None:
    """The same curve, and half of the labels."""
    heads = {name: layers.Dense(8, activation=name) for name in ("sigmoid", "softmax")}
    found, curves = {}, {}
    for name, head in heads.items():
        keras.utils.set_random_seed(0)
        model, curves[name] = fitted(tags(), [head], "binary_crossentropy")
        found[name] = shared(*held_out(tags(), model))
    assert found["softmax"] < found["sigmoid"] - 0.2
    assert curves["softmax"] == pytest.approx(curves["sigmoid"], rel=0.02)


def test_sigmoid_for_exclusive_classes() -> None:
    """With labels that come together, nearly all are predicted, though few are right."""
    model, _ = fitted(tags(), [layers.Dense(8, activation="sigmoid")], "categorical_crossentropy")
    outputs, wanted = held_out(tags(), model)
    assert wanted.mean() < 0.4
    assert (outputs > 0.5).mean() > 0.75


def test_class_probabilities_under_regression_loss() -> None:
    rows, labels = one_hot()
    quick = accuracy(blobs(), [ten()], SPARSE, slow())
    outputs, ids = held_out(blobs(), fitted((rows, labels), [ten()], "mse", slow())[0])
    assert (outputs.argmax(-1) == ids).mean() < quick - 0.3


def test_class_ids_under_regression_loss() -> None:
    rows, ids = blobs()
    outputs, _ = held_out(blobs(), fitted((rows, ids), [layers.Dense(1)], "mse", keras.optimizers.Adam(1e-2))[0])
    assert (outputs[:, 0].round() == ids[TRAINED:]).mean() < right() - 0.3


def test_bounded_output_for_unbounded_target() -> None:
    quick = keras.optimizers.Adam
    assert explained(amounts(), [layers.Dense(1, activation="sigmoid")], "mse", quick(1e-2)) < 0.1
    assert explained(amounts(), [layers.Dense(1)], "mse", quick(1e-2)) > 0.85


def test_crossentropy_for_continuous_target() -> None:
    """The loss falls without end and says nothing."""
    model, curve = fitted(amounts(), [layers.Dense(1, activation="sigmoid")], "binary_crossentropy")
    outputs, target = held_out(amounts(), model)
    assert curve[-1] < -1000
    assert 1 - ((outputs - target) ** 2).mean() / target.var() < 0.3


# -- pixels ------------------------------------------------------------------------------------------------------------


def overlap(tail: list[Any]) -> tuple[float, list[float]]:
    """Mean intersection over union of three classes of pixels, and the training loss, with channels first."""
    keras.utils.set_random_seed(0)
    first: dict[str, Any] = {"padding": "same", "data_format": "channels_first"}
    body = [layers.Conv2D(8, 3, activation="relu", **first), layers.Conv2D(3, 1, **first)]
    model, curve = fitted(pictures(), tail, SPARSE, keras.optimizers.Adam(1e-2), epochs=30, body=body)
    outputs, ids = held_out(pictures(), model)
    chosen = outputs.argmax(-1)
    parts = [((chosen == one) & (ids == one)).sum() / ((chosen == one) | (ids == one)).sum() for one in range(3)]
    return float(np.mean(parts)), curve


@cache
def turned() -> tuple[float, list[float]]:
    return overlap([layers.Permute((2, 3, 1)), layers.Softmax()])


def test_reshape_scrambles_pixels() -> None:
    """The loss stays near that of guessing among three."""
    found, curve = overlap([layers.Reshape((12, 12, 3)), layers.Softmax()])
    assert found < turned()[0] - 0.3
    assert curve[-1] > 0.8 * log(3)
    assert turned()[1][-1] < 0.3


def test_softmax_over_spatial_axis() -> None:
    """Pixels of a column against each other: the curve of the right model, and other classes."""
    found, curve = overlap([layers.Permute((2, 3, 1)), layers.Softmax(axis=1)])
    assert found < turned()[0] - 0.15
    assert curve == pytest.approx(turned()[1], rel=0.02)


# -- layers and steps --------------------------------------------------------------------------------------------------


def dense(*activations: str | None, **more: Any) -> list[Any]:
    return [layers.Dense(64, activation=one, **more) for one in activations]


def test_linear_hidden_layer() -> None:
    def scored(*activations: str | None) -> float:
        return accuracy(rings(), [layers.Dense(2, activation="softmax")], SPARSE, body=dense(*activations))

    assert scored(None, None) < 0.7
    assert scored("relu", "relu") > 0.95


def test_softmax_in_hidden_layer() -> None:
    with_relu = accuracy(blobs(), [ten()], SPARSE, slow())
    assert accuracy(blobs(), [ten()], SPARSE, slow(), body=dense("softmax")) < with_relu - 0.4


def test_saturating_stack() -> None:
    def scored(activation: str) -> float:
        step = keras.optimizers.SGD(0.05)
        return accuracy(blobs(), [ten()], SPARSE, step, body=dense(*[activation] * 4))

    assert scored("sigmoid") < 0.25
    assert scored("tanh") > 0.9


@pytest.mark.parametrize(("kernel", "last"), [("zeros", "glorot_uniform"), ("ones", "ones")])
def test_constant_initializer(kernel: str, last: str) -> None:
    """Zeros before a relu stay, and ones before ones are a single unit many times over."""
    tail = [layers.Dense(10, activation="softmax", kernel_initializer=last)]
    assert accuracy(blobs(), tail, SPARSE, body=dense("relu", kernel_initializer=kernel)) < 0.4


@pytest.mark.parametrize("step", [("Adam", 1.0), ("Lion", 0.1), ("SGD", 5.0), ("Adam", 1e-8)], ids=str)
def test_learning_rate_out_of_range(step: tuple[str, float]) -> None:
    optimizer = getattr(keras.optimizers, step[0])(step[1])
    assert accuracy(blobs(), [ten()], SPARSE, optimizer, body=dense("relu", "relu")) < 0.6

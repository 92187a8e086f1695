"""What the rules about layers say that Keras does, held against the Keras that is installed: 3 and, in tf_keras, 2."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

X = np.random.default_rng(0).normal(size=(64, 5)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


@pytest.fixture(params=["keras", "tf_keras"])
def keras(request: pytest.FixtureRequest) -> ModuleType:
    found: ModuleType = pytest.importorskip(request.param)
    return found


def is_3(keras: ModuleType) -> bool:
    return keras.__version__.startswith("3")


# --- trainable --------------------------------------------------------------------------------------------------------

STEPS = {
    "compile freeze fit": (["rests"], ["moves"]),
    "compile fit freeze fit": (["moves", "moves"], ["moves", "moves"]),
    "compile fit freeze compile fit": (["moves", "rests"], ["moves", "rests"]),
    "freeze compile fit thaw fit": (["rests", "rests"], ["rests", "rests"]),
    "freeze compile thaw fit": (["moves"], ["rests"]),
    "compile evaluate freeze fit": (["rests"], ["moves"]),
    "compile batch freeze batch": (["moves", "moves"], ["moves", "moves"]),
}
"""What is done, and what the first layer does in each training: in Keras 3, in Keras 2."""


@pytest.mark.parametrize("steps", STEPS)
def test_trainable_is_read_once(keras: ModuleType, steps: str) -> None:
    first = keras.layers.Dense(8, activation="tanh")
    model = keras.Sequential([first, keras.layers.Dense(1, activation="sigmoid")])
    model.build((None, 5))
    found = []
    for step in steps.split():
        before = np.array(first.get_weights()[0])
        if step == "compile":
            model.compile("adam", "binary_crossentropy")
        elif step in {"freeze", "thaw"}:
            first.trainable = step == "thaw"
        elif step == "evaluate":
            model.evaluate(X, Y, verbose=0)
        else:
            model.train_on_batch(X, Y) if step == "batch" else model.fit(X, Y, verbose=0)
            found.append("rests" if np.array_equal(before, first.get_weights()[0]) else "moves")
    assert found == STEPS[steps][0 if is_3(keras) else 1]


def test_the_old_recipe_for_gans_needs_keras_2(keras: ModuleType) -> None:
    layers = keras.layers
    critic = keras.Sequential([keras.Input((5,)), layers.Dense(8, activation="relu"), layers.Dense(1, "sigmoid")])
    painter = keras.Sequential([keras.Input((3,)), layers.Dense(5)])
    critic.compile("adam", "binary_crossentropy")
    critic.trainable = False
    noise = keras.Input((3,))
    both = keras.Model(noise, critic(painter(noise)))
    both.compile("adam", "binary_crossentropy")
    before = [np.array(one) for one in critic.get_weights()]
    critic.train_on_batch(X, Y)
    moved = any(not np.array_equal(old, new) for old, new in zip(before, critic.get_weights(), strict=True))
    assert moved is not is_3(keras)


# --- dropout ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [1.5, 50, -0.1])
def test_a_rate_outside_of_0_and_1_is_refused(keras: ModuleType, rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        keras.layers.Dropout(rate)


def test_a_rate_of_1_drops_everything_or_raises(keras: ModuleType) -> None:
    ones = np.ones((4, 6), "float32")
    if is_3(keras):
        assert not np.any(keras.layers.Dropout(1.0)(ones, training=True))
        return
    with pytest.raises(ValueError, match="rate"):
        keras.layers.Dropout(1.0)(ones, training=True)


@pytest.mark.parametrize("name", ["AlphaDropout", "GaussianDropout"])
@pytest.mark.parametrize("rate", [1.0, 1.5])
def test_noise_with_such_a_rate_raises_or_does_nothing(keras: ModuleType, name: str, rate: float) -> None:
    ones = np.ones((4, 6), "float32")
    if is_3(keras):
        with pytest.raises((ValueError, ZeroDivisionError)):
            getattr(keras.layers, name)(rate)(ones, training=True)
    else:
        assert np.array_equal(getattr(keras.layers, name)(rate)(ones, training=True), ones)


# --- gradients --------------------------------------------------------------------------------------------------------


def gradients(*layers: Any) -> list[Any]:
    """The gradient of the first layer's weights, for a loss of the last one's outputs."""
    tf = pytest.importorskip("tensorflow")
    values = X
    for layer in layers:
        values = layer(values, training=True)
    with tf.GradientTape() as tape:
        values = X
        for layer in layers:
            values = layer(values, training=True)
        loss = tf.reduce_mean((values - Y) ** 2)
    return [np.array(one) for one in tape.gradient(loss, [one.value for one in layers[0].trainable_variables])]


def test_the_bias_before_a_batch_normalisation_has_no_gradient() -> None:
    layers = pytest.importorskip("keras").layers
    kernel, bias = gradients(layers.Dense(8), layers.BatchNormalization(), layers.Activation("relu"), layers.Dense(1))
    assert np.abs(bias).max() < 1e-6 < np.abs(kernel).max()


@pytest.mark.parametrize("activation", ["relu", "relu6"])
def test_zeros_behind_a_relu_have_no_gradient(activation: str) -> None:
    layers = pytest.importorskip("keras").layers
    kernel, bias = gradients(layers.Dense(8, activation, kernel_initializer="zeros"), layers.Dense(1))
    assert not kernel.any()
    assert not bias.any()


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "elu", "gelu", "leaky_relu", "silu"])
def test_zeros_behind_another_function_have_a_gradient(activation: str) -> None:
    layers = pytest.importorskip("keras").layers
    kernel, _ = gradients(layers.Dense(8, activation, kernel_initializer="zeros"), layers.Dense(1))
    assert kernel.any()


@pytest.mark.parametrize("first", ["zeros", "ones"])
@pytest.mark.parametrize("second", ["zeros", "ones"])
def test_units_between_two_constant_kernels_stay_alike(first: str, second: str) -> None:
    keras = pytest.importorskip("keras")
    hidden = keras.layers.Dense(8, "tanh", kernel_initializer=first)
    model = keras.Sequential([hidden, keras.layers.Dense(3, "softmax", kernel_initializer=second)])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(X, (X[:, 0] > 0) * 2, epochs=3, verbose=0)
    kernel = np.array(hidden.get_weights()[0])
    assert np.allclose(kernel, kernel[:, :1], atol=1e-5)


def test_units_before_a_random_kernel_grow_apart() -> None:
    keras = pytest.importorskip("keras")
    hidden = keras.layers.Dense(8, "tanh", kernel_initializer="ones")
    model = keras.Sequential([hidden, keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(X, (X[:, 0] > 0) * 2, epochs=3, verbose=0)
    kernel = np.array(hidden.get_weights()[0])
    assert not np.allclose(kernel, kernel[:, :1], atol=1e-3)


def test_sigmoids_in_a_row_pass_on_little() -> None:
    keras = pytest.importorskip("keras")

    def reaching(activation: str) -> float:
        keras.utils.set_random_seed(0)
        stack = [keras.layers.Dense(64, activation) for _ in range(4)]
        kernel, _ = gradients(*stack, keras.layers.Dense(1))
        return float(np.linalg.norm(kernel))

    assert reaching("sigmoid") < 0.05 * min(reaching("tanh"), reaching("relu"))

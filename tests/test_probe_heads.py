"""What the probe says of the outputs of real models."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from keraslint.probe.child import forms, heads, rows  # noqa: E402
from keraslint.probe.child import kit as kits  # noqa: E402
from tests.bench import heads as bench  # noqa: E402
from tests.heads_on_keras import measured  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
MODULES = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch", "tf_keras": "tf_keras"}


@pytest.fixture(scope="module")
def keras() -> Any:
    found = pytest.importorskip("keras")
    if found.backend.backend() != "tensorflow":
        pytest.skip("measured on TensorFlow here")
    return found


def sequential(keras: Any, *layers: Any, shape: tuple[int | None, ...] = (8,), dtype: str | None = None) -> Any:
    return keras.Sequential([keras.Input(shape, dtype=dtype), *layers])


def head_of(model: Any) -> dict[str, Any]:
    answer = measured(model)
    assert answer["heads"], answer["notes"]
    return dict(answer["heads"][0])


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", bench.GRIDS)
def test_a_part_of_the_grid_is_recognised(keras: Any, name: str) -> None:
    grid = random.Random(5).sample(bench.pairs(*bench.GRIDS[name]), 30)
    tally = bench.run(grid)
    assert tally.counts["wrong"] == 0, tally.misses
    assert tally.counts["recognised"] >= 29, tally.misses


@pytest.mark.parametrize("runtime", MODULES)
def test_every_runtime_says_the_same(runtime: str) -> None:
    if any(
        find_spec(module) is None for module in {MODULES[runtime], "tf_keras" if runtime == "tf_keras" else "keras"}
    ):
        pytest.skip(f"{runtime} is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "tests.heads_on_keras", runtime],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert {name: one["head"]["activation"] for name, one in found.items()} == {
        name: one["word"] for name, one in found.items()
    }
    assert all(one["untouched"] for one in found.values())
    assert found["one softmax"]["head"]["constant"] == 1.0
    assert found["batch"]["head"]["coupling"]["alone"] == [1.0, 1.0]
    assert found["by hand"]["head"]["non_finite"]["score"] == pytest.approx(88.73, abs=0.1)


@pytest.mark.parametrize("name", forms.ELEMENTWISE)
def test_no_form_passes_for_another(name: str) -> None:
    for form in forms.ELEMENTWISE[name]:
        for deep in (False, True):
            fit = forms.recognised(form, (6, 5), deep=deep)
            assert fit is not None
            assert fit.name == name


def test_what_has_no_name_gets_none() -> None:
    for form in (np.abs, np.square, np.sin, np.cbrt, lambda x: x * np.abs(x), lambda x: np.exp(-x * x)):
        assert forms.recognised(form, (6, 5), deep=True) is None


def test_what_gives_one_number_for_all_scores_gets_none() -> None:
    for form in (np.zeros_like, np.ones_like, lambda x: 1 / (1 + np.exp(40 - x))):
        assert forms.recognised(form, (6, 5), deep=True) is None


def test_what_looks_like_two_functions_on_some_scores_is_driven_to_where_they_differ(keras: Any) -> None:
    model = sequential(
        keras, keras.layers.Dense(4, kernel_initializer="zeros", bias_initializer="ones", activation="relu")
    )
    assert head_of(model)["activation"] == "relu"  # all its scores are 1: a linear head would give the same


def test_a_model_that_takes_its_scores_from_two_layers_is_not_named(keras: Any) -> None:
    inputs = keras.Input((6,))
    outputs = keras.layers.Dense(3)(inputs) * keras.layers.Dense(3)(inputs)
    head = head_of(keras.Model(inputs, outputs))
    assert head["activation"] is None
    assert head["layer"]["kind"] == "Multiply"
    assert -100 < head["low"] < head["high"] < 100  # seen on rows, not driven there


def test_whole_numbers_have_no_activation(keras: Any) -> None:
    layers = (keras.layers.Dense(4, activation="softmax"), keras.layers.Lambda(lambda p: keras.ops.argmax(p, axis=-1)))
    head = head_of(sequential(keras, *layers))
    assert head["activation"] is None
    assert 0 <= head["low"] <= head["high"] <= 3


def test_outputs_in_a_nest_are_told_one_by_one(keras: Any) -> None:
    inputs = keras.Input((8,))
    x = keras.layers.Dense(8, activation="relu")(inputs)
    nest = {"b": keras.layers.Dense(3, activation="softmax")(x), "a": [keras.layers.Dense(2, activation="tanh")(x), x]}
    found = measured(keras.Model(inputs, nest))["heads"]
    assert [(head["name"], head["activation"], head["units"]) for head in found] == [
        ("a", "tanh", 2),
        ("a", "relu", 8),
        ("b", "softmax", 3),
    ]


def test_channels_stand_where_the_layer_puts_them(keras: Any) -> None:
    scores = {"filters": 5, "kernel_size": 1, "data_format": "channels_first"}
    right = sequential(keras, keras.layers.Conv2D(**scores), keras.layers.Softmax(axis=1), shape=(3, 6, 7))
    wrong = sequential(keras, keras.layers.Conv2D(**scores, activation="softmax"), shape=(3, 6, 7))
    told = [head_of(model) for model in (right, wrong)]
    assert [(head["activation"], head["channel_axis"], head["units"], head["totals"]) for head in told] == [
        ("softmax", 1, 5, [-1]),
        ("softmax-over-spatial-axis", 1, 5, [3]),
    ]


def turned_softmax(keras: Any, axis: int) -> Any:
    """The functional model of a softmax between two turns of the scores."""
    inputs = keras.Input((8,))
    scores = keras.ops.transpose(keras.layers.Dense(5)(inputs))
    return keras.Model(inputs, keras.ops.transpose(keras.ops.softmax(scores, axis=axis)))


def test_an_axis_is_known_by_what_lies_along_it(keras: Any) -> None:
    """Of scores that were turned around, axis 0 holds the classes."""
    assert head_of(turned_softmax(keras, 0))["activation"] == "softmax"
    assert head_of(turned_softmax(keras, 1))["activation"] in (None, "softmax-over-batch-axis")
    inputs = keras.Input((8,))
    left_so = keras.ops.softmax(keras.ops.transpose(keras.layers.Dense(5)(inputs)), axis=0)
    assert head_of(keras.Model(inputs, left_so))["activation"] != "softmax-over-batch-axis"


# -- numbers -----------------------------------------------------------------------------------------------------------


def depth_softmax(keras: Any) -> Any:
    """Sigmoids that are divided by their sum over the batch, as people write it."""

    def function(z: Any) -> Any:
        s = 1 / (1 + keras.ops.exp(-z))
        return s / keras.ops.sum(s, axis=0, keepdims=True)

    return keras.layers.Lambda(function)


def test_a_total_over_the_batch_shows_in_sums_and_in_rows_alone(keras: Any) -> None:
    head = head_of(sequential(keras, keras.layers.Dense(3), depth_softmax(keras)))
    assert head["activation"] == "normalised-sigmoids"
    assert head["totals"] == [0]
    over_batch, over_channels = head["sums"]
    assert (over_batch["axis"], over_batch["low"], over_batch["high"]) == (0, 1.0, 1.0)
    assert over_channels["axis"] == -1
    assert over_channels["low"] < 0.09 < over_channels["high"]
    assert (over_batch["counts"], len(over_channels["counts"]), sum(over_channels["counts"])) == ([3], 24, 32)
    assert over_channels["counts"][0] > 0 < over_channels["counts"][-1]
    assert head["coupling"]["alone"] == [1.0, 1.0]
    assert head["coupling"]["difference"] > 0.2
    assert (head["coupling"]["rows"], head["coupling"]["batch"]) == (3, 32)
    gradient = head["non_finite_gradient"]["score"]
    assert -90 < gradient < -88  # `exp(-x)` is infinite there, and infinity times zero is no number


def test_a_head_of_zeros_is_driven_all_the_same(keras: Any) -> None:
    head = head_of(sequential(keras, keras.layers.Dense(4, activation="softmax", kernel_initializer="zeros")))
    assert (head["activation"], head["low"], head["high"], head["constant"]) == ("softmax", 0.0, 1.0, None)
    assert [(one["low"], one["high"]) for one in head["sums"]] == [(8.0, 8.0), (1.0, 1.0)]


def test_two_softmaxes_never_reach_one(keras: Any) -> None:
    layers = (keras.layers.Dense(10, activation="softmax"), keras.layers.Softmax())
    head = head_of(sequential(keras, *layers))
    assert head["high"] == pytest.approx(np.e / (np.e + 9), abs=1e-4)
    assert head["totals"] == [-1]


def test_a_softmax_without_a_maximum_ends_at_88(keras: Any) -> None:
    def naive(z: Any) -> Any:
        return keras.ops.exp(z) / keras.ops.sum(keras.ops.exp(z), axis=-1, keepdims=True)

    head = head_of(sequential(keras, keras.layers.Dense(3), keras.layers.Lambda(naive)))
    assert head["activation"] == "softmax"
    assert head["non_finite"] == {"score": pytest.approx(88.73, abs=0.05), "what": "nan"}
    careful = head_of(sequential(keras, keras.layers.Dense(3, activation="softmax")))
    assert careful["non_finite"] is None
    assert careful["non_finite_gradient"] is None


def test_a_model_that_was_called_on_rows_with_names_is_measured(keras: Any) -> None:
    class Named(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.scores = keras.layers.Dense(4, activation="softmax")

        def call(self, parts: Any) -> Any:
            return self.scores(keras.ops.concatenate([parts["left"], parts["right"]], axis=-1))

    model = Named()
    model({"left": np.zeros((5, 3)), "right": np.zeros((5, 2))})
    assert {name: spec.shape for name, spec in kits.of(model).inputs(model).items()} == {
        "left": (5, 3),
        "right": (5, 2),
    }
    assert head_of(model)["activation"] == "softmax"


def test_numbers_without_a_sign_get_no_others(keras: Any) -> None:
    layers = keras.layers
    model = sequential(keras, layers.Flatten(dtype="uint8"), layers.Rescaling(1 / 255), layers.Dense(4), shape=(9, 9))
    assert head_of(model)["coupling"] is None
    found = rows.made_up(kits.of(model), model, kits.Spec("pixels", (None, 9, 9), "float32"))
    assert 0 <= found.inputs.min() < found.inputs.max() <= 255


def test_what_is_rounded_in_another_way_in_a_batch_is_no_coupling(keras: Any) -> None:
    import tensorflow as tf

    class Bytes(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return tf.cast(tf.cast(x * 50, "uint8"), "float32") / 255  # of negative numbers: this or that

    assert head_of(sequential(keras, Bytes(), keras.layers.Dense(4), shape=(51,)))["coupling"] is None


def test_dropout_that_stays_active_is_no_coupling(keras: Any) -> None:
    class Random(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = keras.layers.Dense(32, activation="relu")
            self.dropout, self.scores = keras.layers.Dropout(0.5), keras.layers.Dense(4, activation="softmax")

        def call(self, x: Any) -> Any:
            return self.scores(self.dropout(self.hidden(x), training=True))

    head = head_of(Random())
    assert head["activation"] == "softmax"
    assert head["coupling"] is None


# -- what stays as it was ----------------------------------------------------------------------------------------------


def test_nothing_of_a_model_is_changed(keras: Any) -> None:
    class Own(keras.layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.w = self.add_weight(shape=(shape[-1], 4), name="w")

        def call(self, x: Any) -> Any:
            return keras.ops.softmax(keras.ops.matmul(x, self.w))

    model = sequential(keras, keras.layers.Dense(6, activation="relu"), keras.layers.BatchNormalization(), Own())
    calls = {owner: owner.__call__ for owner in (keras.layers.Layer, keras.Operation)}
    attributes = [dict(vars(layer)) for layer in model.layers]
    weights = [array.tobytes() for array in model.get_weights()]
    x = np.random.default_rng(0).normal(size=(5, 8)).astype("float32")
    before = model.predict(x, verbose=0)
    assert head_of(model)["activation"] == "softmax"
    assert [array.tobytes() for array in model.get_weights()] == weights
    assert np.array_equal(before, model.predict(x, verbose=0))
    for layer, names in zip(model.layers, attributes, strict=True):
        assert vars(layer).keys() == names.keys()
        assert vars(layer).get("activation") is names.get("activation")
    assert {owner: owner.__call__ for owner in calls} == calls


def test_weights_come_back_when_something_raises(keras: Any) -> None:
    model = sequential(keras, keras.layers.Dense(3))
    kit = kits.of(model)
    before = [array.tobytes() for array in model.get_weights()]
    with pytest.raises(ZeroDivisionError), kit.weights(model.weights):
        model.weights[0].assign(np.ones((8, 3), "float32"))
        raise ZeroDivisionError
    assert [array.tobytes() for array in model.get_weights()] == before


# -- rows --------------------------------------------------------------------------------------------------------------


def rows_of(model: Any) -> rows.Rows:
    kit = kits.of(model)
    return rows.accepted(kit, model, lambda made: kit.call(model, made.inputs))[0]


def test_whole_numbers_stay_inside_their_table(keras: Any) -> None:
    made = rows_of(sequential(keras, keras.layers.Embedding(7, 3), shape=(50,), dtype="int32"))
    assert made.inputs.min() == 0
    assert made.inputs.max() == 6


def test_every_input_reads_its_own_table(keras: Any) -> None:
    few, many = keras.Input((40,), dtype="int32", name="few"), keras.Input((40,), dtype="int32", name="many")
    x = keras.layers.Concatenate()([keras.layers.Embedding(3, 2)(few), keras.layers.Embedding(90, 2)(many)])
    made = rows_of(keras.Model({"few": few, "many": many}, x))
    assert made.inputs["few"].max() == 2
    assert made.inputs["many"].max() > 60


def test_open_lengths_are_ones_that_the_model_takes(keras: Any) -> None:
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 3, strides=8, padding="same")(inputs)
    x = keras.layers.Concatenate()([keras.layers.UpSampling2D(8)(x), inputs])
    assert rows_of(keras.Model(inputs, x)).inputs.shape == (32, 32, 32, 3)


def test_large_pictures_come_few_at_a_time(keras: Any) -> None:
    inputs = keras.Input((256, 256, 1))
    x = keras.layers.Conv2D(64, 3, padding="same")(inputs)
    model = keras.Model(inputs, x)
    made = rows.made_up(kits.of(model), model, kits.of(model).inputs(model))
    assert rows.FEWEST <= made.size <= 4


def test_the_same_seed_makes_the_same_rows(keras: Any) -> None:
    model = sequential(keras, keras.layers.Dense(2))
    assert np.array_equal(rows_of(model).inputs, rows_of(model).inputs)


def test_text_is_not_made_up(keras: Any) -> None:
    model = keras.Sequential([keras.Input((1,), dtype="string"), keras.layers.Identity(dtype="string")])
    answer = measured(model)
    assert answer["heads"] == []
    assert answer["notes"] == ["an input takes text"]


# -- devices -----------------------------------------------------------------------------------------------------------


def test_devices_are_compared_on_the_same_rows(keras: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    where = ["gpu"]
    layers = (keras.layers.Dense(2), keras.layers.Lambda(lambda z: z + (0.5 if where[0] == "gpu" else 0.0)))
    model = sequential(keras, *layers)
    kit = kits.of(model)
    made = rows_of(model)
    found: list[dict[str, Any]] = [{}]
    assert heads.devices(kit, model, made, found) == "devices were not compared: tensorflow sees no GPU"

    @contextmanager
    def on(device: str) -> Iterator[None]:
        where[0] = device
        yield
        where[0] = "gpu"

    monkeypatch.setattr(kit, "sees_gpu", lambda: True)
    monkeypatch.setattr(kit, "on", on)
    assert heads.devices(kit, model, made, found) is None
    assert found[0]["devices"]["difference"] == pytest.approx(0.5, abs=1e-4)
    assert found[0]["devices"]["tolerance"] < 0.1


# -- the interpreter of the user ---------------------------------------------------------------------------------------


def test_python_39_reads_the_child() -> None:
    for path in sorted((ROOT / "keraslint/probe/child").glob("*.py")):
        ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))

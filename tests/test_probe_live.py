"""A model that is alive, or lies in a file, is measured and judged like one in a program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import keraslint
from keraslint import Report
from keraslint.report import Style, render

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
keras: Any = pytest.importorskip("keras")

X = np.random.default_rng(0).normal(size=(16, 6)).astype("float32")
IDS = np.arange(16) % 4
ONE_HOT = np.eye(4, dtype="float32")[IDS]


def classifier(activation: Any = "softmax", loss: Any = "categorical_crossentropy", units: int = 4) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, activation="relu"), layers.Dense(units, activation=activation)]
    )
    model.compile(optimizer="adam", loss=loss)
    return model


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_a_right_model_gets_nothing_and_is_left_as_it_was() -> None:
    model = classifier()
    before = [weight.copy() for weight in model.get_weights()]
    report = keraslint.check(model, X, ONE_HOT)
    assert rules(report) == set()
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
    assert report.models[0].probed


@pytest.mark.parametrize(
    ("model", "y", "found"),
    [
        ({"loss": keras.losses.CategoricalCrossentropy(from_logits=True)}, ONE_HOT, "probabilities-as-logits"),
        ({"activation": None}, ONE_HOT, "logits-as-probabilities"),
        ({}, IDS, "integer-labels-under-categorical-loss"),
        ({"loss": "sparse_categorical_crossentropy"}, ONE_HOT, "one-hot-labels-under-sparse-loss"),
        ({"activation": "sigmoid", "loss": "mse", "units": 1}, X[:, :1] * 90, "bounded-output-for-unbounded-target"),
        ({"activation": "sigmoid", "loss": "binary_crossentropy", "units": 1}, IDS, "labels-outside-unit-interval"),
        ({"activation": lambda z: keras.ops.softmax(z, axis=0)}, ONE_HOT, "softmax-over-batch-axis"),
    ],
)
def test_a_batch_of_real_data_is_held_against_the_model(model: dict[str, Any], y: Any, found: str) -> None:
    assert found in rules(keraslint.check(classifier(**model), X, y))


def test_findings_point_into_the_model_written_out() -> None:
    model = classifier(loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    text = render("full", keraslint.check(model), Style())
    assert 'Dense(units=4, activation="softmax")' in text
    assert "compile(optimizer=Adam, loss=CategoricalCrossentropy(from_logits=True))" in text
    assert "measured: the loss that Keras trains is" in text


@pytest.mark.parametrize("nothing", [None, 3, object(), [1, 2]])
def test_what_is_no_model_is_refused(nothing: Any) -> None:
    with pytest.raises(TypeError, match="a model of Keras or the text of a program"):
        keraslint.check(nothing)


def test_a_saved_model_is_measured_in_a_process_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from click.testing import CliRunner

    from keraslint.cli import cli

    wrong, right, broken = (str(tmp_path / name) for name in ("wrong.keras", "right.h5", "broken.keras"))
    classifier(loss=keras.losses.CategoricalCrossentropy(from_logits=True)).save(wrong)
    classifier().save(right)
    Path(broken).write_bytes(b"no model")
    done = CliRunner().invoke(
        cli, ["check", "--probe", "--output-format", "concise", "--verbose", wrong, right, broken]
    )
    lines = [line for line in done.stdout.splitlines() if "warning[" in line or "error[" in line]
    assert len(lines) == 1
    assert "wrong.keras:" in lines[0]
    assert "warning[probabilities-as-logits]" in lines[0]
    assert "broken.keras:1: " in done.stdout
    plain = CliRunner().invoke(cli, ["check", wrong])
    assert plain.exit_code == 0
    assert "a saved model is measured with `--probe`" in plain.stdout

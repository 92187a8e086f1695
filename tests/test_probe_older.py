"""Programs for an older Keras are measured as they were meant, and what the child knows agrees with the catalogue."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
keras: Any = pytest.importorskip("keras")

from keraslint.config import Configuration  # noqa: E402  # after the Keras that it is about
from keraslint.discover import given  # noqa: E402
from keraslint.lint import read  # noqa: E402
from keraslint.probe.child import older  # noqa: E402
from keraslint.probe.measuring import Probe  # noqa: E402
from keraslint.probe.wish import Wish  # noqa: E402
from keraslint.report.progress import Silent  # noqa: E402
from keraslint.static.catalog.removed import SPECS  # noqa: E402

SUCCESSORS = {
    spec.name: spec.successor
    for spec in SPECS
    if spec.successor and not spec.name.startswith(("Model.", "Layer.", "Metric."))
}


def today(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute, None)


@pytest.mark.parametrize("name", sorted(SUCCESSORS))
def test_a_name_that_is_gone_means_what_the_catalogue_says(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    successor = today(SUCCESSORS[name])
    if successor is None or today(name) is not None if hasattr(keras, module.partition(".")[2]) else False:
        pytest.skip("this Keras still has it")
    if isinstance(successor, type(os)):
        names = [one for one in dir(successor) if one[0].isupper()][:5]
        found = older.meant(name, None)
        assert names
        assert all(getattr(found, one) is getattr(successor, one) for one in names)
    elif attribute not in {"dtype", "in_top_k", "switch"}:
        assert older.meant(module, attribute) is successor


@pytest.mark.parametrize("name", ["keras.layers.Merge", "keras.backend.learning_phase", "keras.layers.Adam"])
def test_what_nothing_of_today_does_is_not_there(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    with pytest.raises(older.Nothing):
        older.meant(module, attribute)


OLD = """
from keras.models import Sequential
from keras.layers.core import Dense, Activation, Dropout
from keras.optimizers import SGD
from keras.utils import np_utils
import keras.backend as K

def shares(z):
    return K.exp(z) / K.sum(K.exp(z), axis=1, keepdims=True)

model = Sequential()
model.add(Dense(output_dim=64, input_dim=20, init="uniform", activation="relu"))
model.add(Dropout(p=0.5))
model.add(Dense(output_dim=3))
model.add(Activation(shares))
model.compile(loss="categorical_crossentropy", optimizer=SGD(lr=0.1, decay=1e-6))
model.fit(x, y, nb_epoch=3)
"""

GUARDED = """
import keras
try:
    from keras.layers import Deconvolution2D as Up
except ImportError:
    Up = None
activation = "sigmoid" if Up is None else "tanh"
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation=activation)])
model.compile(loss="mse")
"""


def measured(text: str, path: Path) -> Any:
    with Probe(Wish(lambda path: None), Silent()) as probe:
        program, _ = read(given(str(path), text.encode()), Configuration(), probe)
    (model,) = program.models
    assert model.probed, program.not_checked
    return model


def test_an_old_program_is_measured_as_it_was_meant(tmp_path: Path) -> None:
    (head,) = measured(OLD, tmp_path / "old.py").heads
    assert head.measured.activation.value == "softmax"
    assert head.measured.units.value == 3
    assert head.measured.non_finite.value == pytest.approx(88.7, abs=0.1)


def test_a_program_that_looks_for_a_name_itself_finds_what_is_there(tmp_path: Path) -> None:
    heads = [head.measured for head in measured(GUARDED, tmp_path / "guarded.py").heads if head.measured]
    assert {head.activation.value for head in heads} == {"sigmoid"}

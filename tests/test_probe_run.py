"""The child builds the models of a program without its data, and says where everything was made."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("keras")

from keraslint.probe.child import measure
from keraslint.probe.child.run import run

Answers = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _only_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured is told by other tests; here it is what was built."""
    monkeypatch.setattr(measure, "model", _layers)


def _layers(built: Any, request: dict[str, Any]) -> dict[str, Any]:
    model = built.model
    layers = [
        {"kind": type(layer).__name__, "units": getattr(layer, "units", None), "site": built.layer_sites.get(id(layer))}
        for layer in model.layers
    ]
    arguments = built.compile.arguments if built.compile else None
    return {
        "name": model.name,
        "layers": layers,
        "compile": None if arguments is None else {name: _plain(value) for name, value in arguments.items()},
        "compiled_at": built.compile and built.compile.site[1:3],
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, list, type(None))) else type(value).__name__


def answers(text: str, **request: Any) -> Answers:
    found: Answers = []
    run({"path": "program.py", "text": text, **request}, found.append)
    json.dumps(found)
    assert found[-1]["event"] == "done"
    return found[:-1]


def models(text: str, **request: Any) -> Answers:
    found = answers(text, **request)
    assert [line["event"] for line in found] == ["model"] * len(found), found
    return found


def kinds(model: dict[str, Any]) -> list[str]:
    return [layer["kind"] for layer in model["layers"]]


def test_a_model_is_built_without_its_data_and_every_layer_knows_its_place() -> None:
    (model,) = models(
        """import numpy as np
import keras
images = np.load("images.npy")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
model.compile(loss="mse", optimizer="sgd")
model.fit(images, images, epochs=10)
print(model.predict(images)[0])
"""
    )
    assert model["site"] == ["program.py", 4, 8, 4, 90]
    assert model["layers"][0]["site"] == (["program.py", 4, 45, 4, 88], 0)
    assert model["compile"] == {"loss": "mse", "optimizer": "sgd"}
    assert model["compiled_at"] == [5, 0]
    assert model["stood_in"] == []


def test_layers_of_one_line_are_told_apart_by_their_ordinal() -> None:
    (model,) = models(
        """from keras import layers, models
model = models.Sequential()
model.add(layers.Input((4,)))
for units in (5, 6):
    model.add(layers.Dense(units))
"""
    )
    assert [layer["site"][1] for layer in model["layers"]] == [0, 1]
    assert [layer["units"] for layer in model["layers"]] == [5, 6]


def test_what_a_number_stood_for_is_told() -> None:
    (model,) = models(
        """import numpy as np
from keras import layers, models
x, y = np.load("x.npy"), np.load("y.npy")
num_classes = len(np.unique(y))
inputs = layers.Input(x.shape[1:])
model = models.Model(inputs, layers.Dense(num_classes)(layers.Flatten()(inputs)))
"""
    )
    assert "num_classes.units" in model["stood_in"]


def test_a_failure_of_keras_is_told_at_the_line_of_the_program() -> None:
    found = answers(
        """import keras
model = keras.Sequential([keras.Input((4, 4, 1))])
model.add(keras.layers.Permute(2, 3, 1))
model.add(keras.layers.Dense(3))
"""
    )
    assert [line["event"] for line in found] == ["failed"]
    assert found[0]["site"] == ["program.py", 3, 10, 3, 39]
    assert found[0]["error"] == "TypeError"
    assert "takes 2 positional arguments" in found[0]["message"]
    assert found[0]["stood_in"] == []


def test_statements_that_are_not_wanted_are_not_run() -> None:
    text = """import keras
raise SystemExit
if True:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    print(1 / 0)
"""
    (model,) = models(text, keep=[[1, 0], [3, 0], [4, 4]], vital=[[4, 4]])
    assert model["site"][:3] == ["program.py", 4, 12]


def test_a_value_that_reading_knows_is_put_in_its_place() -> None:
    text = """import keras
model = keras.Sequential([keras.Input(shape=x.shape[1:]), keras.layers.Dense(3)])
"""
    (model,) = models(text, values=[[2, 44, 2, 55, "(7, 5)"]])
    assert model["stood_in"] == []


def test_text_that_this_python_cannot_read_is_a_note() -> None:
    (note,) = answers("print 'hello'\n")
    assert note["event"] == "note"
    assert "cannot read program.py" in note["text"]

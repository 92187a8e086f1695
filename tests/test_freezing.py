"""Changes of `trainable` behind `compile`: which of them a training meets, told from programs."""

from __future__ import annotations

import pytest

from keraslint.model import Late
from keraslint.source import Source
from keraslint.static.recovery import recover

START = """\
import keras
from keras import layers
first, last = layers.Dense(8, activation="relu"), layers.Dense(1)
model = keras.Sequential([keras.Input((5,)), first, last])
model.compile("adam", "mse")
"""


def told(late: Late) -> str:
    """A change in short: its line, what it says, and what is known about it."""
    words = [str(late.span.line), "thaw" if late.trainable.value else "freeze"]
    return " ".join((*words, *["again"] * late.again, *["whole"] * late.whole))


def changes(text: str) -> list[str]:
    program = recover(Source.from_bytes("program.py", (START + text).encode()))
    return [told(late) for model in program.models for late in model.late]


PROGRAMS = {
    "before the first training": ("first.trainable = False\nmodel.fit(x, y)", ["6 freeze"]),
    "behind a training": ("model.fit(x, y)\nfirst.trainable = False\nmodel.fit(x, y)", ["7 freeze again"]),
    "behind a step": ("model.train_on_batch(x, y)\nfirst.trainable = False\nmodel.fit(x, y)", ["7 freeze again"]),
    "of the whole model": ("model.trainable = False\nmodel.fit(x, y)", ["6 freeze whole"]),
    "compiled again": ("model.fit(x, y)\nfirst.trainable = False\nmodel.compile('sgd', 'mse')\nmodel.fit(x, y)", []),
    "compiled again under a condition": (
        "model.fit(x, y)\nfirst.trainable = False\nif again:\n    model.compile('sgd', 'mse')\nmodel.fit(x, y)",
        [],
    ),
    "not trained any more": ("model.fit(x, y)\nfirst.trainable = False\nmodel.predict(x)", []),
    "only evaluated": ("first.trainable = False\nmodel.evaluate(x, y)", []),
    "back again": ("first.trainable = False\nfirst.trainable = True\nmodel.fit(x, y)", []),
    "said once more": ("model.fit(x, y)\nfirst.trainable = True\nmodel.fit(x, y)", []),
    "a value that is not known": ("first.trainable = flag\nmodel.fit(x, y)", []),
    "under a condition": ("if flag:\n    first.trainable = False\nmodel.fit(x, y)", []),
    "both under one condition": ("if flag:\n    first.trainable = False\n    model.fit(x, y)", ["7 freeze"]),
    "another layer": ("other = layers.Dense(3)\nother.trainable = False\nmodel.fit(x, y)", []),
    "in a loop over the layers": (
        "model.fit(x, y)\nfor layer in model.layers:\n    layer.trainable = False\nmodel.fit(x, y)",
        ["8 freeze again"],
    ),
    "frozen when compiled, thawed then": (
        "first.trainable = False\nmodel.compile('sgd', 'mse')\nmodel.fit(x, y)\n"
        "first.trainable = True\nmodel.fit(x, y)",
        ["9 thaw again"],
    ),
    "in a function that is called": (
        "def freeze(m):\n    m.layers[0].trainable = False\nmodel.fit(x, y)\nfreeze(model)\nmodel.fit(x, y)",
        ["7 freeze again"],
    ),
    "in functions that nobody calls": (
        "def freeze():\n    first.trainable = False\ndef train():\n    model.fit(x, y)",
        [],
    ),
    "in one function that nobody calls": (
        "def tune():\n    model.fit(x, y)\n    first.trainable = False\n    model.fit(x, y)",
        ["8 freeze again"],
    ),
    "inside a nested model": (
        "outer = keras.Sequential([model, layers.Dense(2)])\nouter.compile('adam', 'mse')\nouter.fit(x, y)\n"
        "model.trainable = False\nouter.fit(x, y)",
        ["9 freeze again"],
    ),
    "an attribute of another name": ("model.fit(x, y)\nfirst.trained = False\nmodel.fit(x, y)", []),
}


@pytest.mark.parametrize("case", PROGRAMS)
def test_changes_that_a_training_meets(case: str) -> None:
    text, expected = PROGRAMS[case]
    assert changes(text) == expected


def test_the_places_of_a_change() -> None:
    program = recover(Source.from_bytes("program.py", (START + "first.trainable = False\nmodel.fit(x, y)\n").encode()))
    (late,) = (late for model in program.models for late in model.late)
    assert (late.compiled.span.line, late.trainable.span.line, late.trained.span.line) == (5, 6, 7)


def test_weights_from_a_file_are_known() -> None:
    program = recover(Source.from_bytes("program.py", (START + "model.load_weights('best.h5')\n").encode()))
    (model,) = program.models
    assert model.restored is not None
    assert model.restored.span.line == 6

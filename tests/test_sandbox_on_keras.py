"""What Keras needs it may do within bounds, on every backend that is installed."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keraslint.probe.sandbox import Limits, Sandbox, Setting

pytest.importorskip("keras")

RUNNER = Path(__file__).with_name("plain_runner.py")
LIMITS = Limits(seconds=240)

EVERYDAY = """
import numpy as np
model = keras.Sequential([keras.layers.Input((6, 6, 3)), keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization(),
    keras.layers.Dropout(0.5), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")])
model.compile("adam", "categorical_crossentropy")
rows, labels = np.ones((4, 6, 6, 3)), np.eye(3)[[0, 1, 2, 0]]
assert model.predict(rows, verbose=0).shape == (4, 3)
model.fit(rows, labels, verbose=0)
model.save("model.keras")
keras.models.load_model("model.keras")
model.save_weights("model.weights.h5")
model.load_weights("model.weights.h5")
"""
GRAPHS = """
import tensorflow as tf

@tf.function(jit_compile=True)
def twice(x):
    return x * 2

assert float(twice(tf.ones(3))[0]) == 2
for row in tf.data.Dataset.from_tensor_slices([1, 2, 3]).map(lambda x: x + 1, num_parallel_calls=2).prefetch(1):
    pass
"""


def answers(box: Sandbox, text: str, setting: Setting) -> list[dict[str, Any]]:
    return list(box.run({"path": "program.py", "text": text, "device": "cpu"}, LIMITS, setting))


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(runner=RUNNER) as made:
        yield made


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        pytest.param(Setting(backend="tensorflow"), "import keras" + EVERYDAY + GRAPHS, id="tensorflow"),
        pytest.param(Setting(backend="tensorflow"), "from tensorflow import keras" + EVERYDAY, id="tensorflow.keras"),
        pytest.param(Setting(legacy=True), "import tf_keras as keras" + EVERYDAY, id="tf_keras"),
        pytest.param(Setting(backend="torch"), "import keras" + EVERYDAY, id="torch"),
        pytest.param(Setting(backend="jax"), "import keras" + EVERYDAY, id="jax"),
    ],
)
def test_everyday_keras_is_within_bounds(setting: Setting, text: str, box: Sandbox) -> None:
    needed = "tf_keras" if setting.legacy else setting.backend or "keras"
    if importlib.util.find_spec(needed) is None:
        pytest.skip(f"no {needed}")
    found = answers(box, text, setting)
    assert [answer["event"] for answer in found] == ["done", "end"], found
    assert found[-1]["outcome"] == "done"


def test_a_request_after_a_crash_has_the_same_keras(box: Sandbox) -> None:
    setting = Setting(backend="tensorflow")
    crashed = answers(box, "import keras, faulthandler; keras.ops.ones(3); faulthandler._sigsegv()", setting)
    assert crashed[-1]["outcome"] == "crashed"
    held = list(box._zygotes)
    assert answers(box, "import keras; keras.ops.ones(3)", setting)[-1]["outcome"] == "done"
    assert list(box._zygotes) == held


def test_weights_are_not_fetched(box: Sandbox) -> None:
    text = "import keras; keras.utils.get_file('w.h5', 'https://example.org/w.h5')"
    found = answers(box, text, Setting(backend="tensorflow"))
    refusal = next(answer for answer in found if answer["event"] == "refused")
    assert (refusal["what"], refusal["site"][:2]) == ("network", ["program.py", 1])


def test_memory_is_watched_while_keras_takes_it(box: Sandbox) -> None:
    text = "import keras\nheld = []\nwhile True: held.append(keras.ops.ones((1 << 22,)) + 1)"
    request = {"path": "program.py", "text": text}
    setting = Setting(backend="tensorflow")
    *_, end = box.run(request, Limits(seconds=120, memory=1 << 30), setting)
    assert end["outcome"] in {"memory", "exit", "crashed"}
    assert end["outcome"] == "memory" or sys.platform != "linux"

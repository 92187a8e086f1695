"""Where the outputs of layers go, and what layers were given: a table of programs with what is recovered from each."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from keraslint.model import Flow, Layer, Model
from keraslint.source import Source
from keraslint.static.catalog import initializers
from keraslint.static.recovery import recover

START = "import keras\nfrom keras import layers, ops\n"
INPUT = START + "x = keras.Input((20,))\n"


def models(text: str) -> tuple[Model, ...]:
    return recover(Source.from_bytes("program.py", text.encode())).models


def told(flow: Flow) -> str:
    """A flow in short: the goal's number or word, behind the operations between."""
    return " ".join((*flow.through, flow.goal.value if flow.layer is None else str(flow.layer)))


def ways(model: Model) -> list[str]:
    return [f"{layer.kind}: {', '.join(map(told, layer.feeds))}" for layer in model.layers]


GRAPHS = {
    "a chain": (
        START + "keras.Sequential([layers.Dense(8), layers.Dropout(0.1), layers.Dense(1)])",
        ["Dense: 1", "Dropout: 2", "Dense: output"],
    ),
    "a residual sum by an operator": (
        INPUT + "h = layers.Dense(8)(x)\ny = layers.Dense(8)(h) + h\nkeras.Model(x, layers.Dense(1)(y))",
        ["Dense: 1, add 2", "Dense: add 2", "Dense: output"],
    ),
    "a residual sum by a layer": (
        INPUT + "h = layers.Dense(8)(x)\nkeras.Model(x, layers.add([layers.Dense(8)(h), h]))",
        ["Dense: 1, 2", "Dense: 2", "Add: output"],
    ),
    "attention by hand": (
        INPUT + "q, k = layers.Dense(8)(x), layers.Dense(8)(x)\nkeras.Model(x, ops.softmax(ops.matmul(q, k)))",
        ["Dense: matmul softmax output", "Dense: matmul softmax output"],
    ),
    "a function that is not known": (
        INPUT + "h = layers.Dense(8)(x)\nwatch(h)\nkeras.Model(x, layers.Dense(1)(h))",
        ["Dense: 1, unknown", "Dense: output"],
    ),
    "a function that is not known gives a tensor": (
        INPUT + "h = layers.Dense(8)(x)\nkeras.Model(x, layers.Dense(1)(other.block(h)))",
        ["Dense: unknown", "Dense: output"],
    ),
    "a loss that is added": (
        INPUT + "h = layers.Dense(8)(x)\nm = keras.Model(x, layers.Dense(1)(h))\nm.add_loss(ops.mean(h))",
        ["Dense: 1, mean unknown", "Dense: output"],
    ),
    "an inner output": (
        INPUT + "h = layers.Dense(8)(x)\nkeras.Model(x, [h, layers.Dense(1)(h)])",
        ["Dense: 1, output", "Dense: output"],
    ),
    "one layer called twice": (
        INPUT + "d = layers.Dense(20)\nkeras.Model(x, layers.Dense(1)(d(d(x))))",
        ["Dense: 0, 1", "Dense: output"],
    ),
    "a Lambda that is followed": (
        INPUT + "keras.Model(x, layers.Lambda(lambda t: t * 2)(layers.Dense(8)(x)))",
        ["Dense: multiply output"],
    ),
    "a layer of the program": (
        INPUT
        + """
class Pair(layers.Layer):
    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Dense(8), layers.Dense(8)
    def call(self, inputs):
        return self.second(self.first(inputs))
keras.Model(x, layers.Dense(1)(Pair()(x)))
""",
        ["Dense: 1", "Dense: 2", "Dense: output"],
    ),
    "an activation of the program": (
        INPUT + "def f(t):\n    return ops.relu(t)\nkeras.Model(x, layers.Dense(1)(layers.Dense(8, activation=f)(x)))",
        ["Dense: relu 1", "Dense: output"],
    ),
    "one of two branches": (
        INPUT + "h = layers.Dense(8)(x)\nif deep:\n    h = layers.ReLU()(h)\nkeras.Model(x, layers.Dense(1)(h))",
        ["Dense: 1, 2", "ReLU: 2", "Dense: output"],
    ),
    "a layer that may be one of two": (
        INPUT + "norm = layers.ReLU() if a else layers.ELU()\nkeras.Model(x, norm(layers.Dense(8)(x)))",
        ["Dense: 1, 2", "ReLU: output", "ELU: output"],
    ),
}


@pytest.mark.parametrize("case", GRAPHS)
def test_where_outputs_go(case: str) -> None:
    text, expected = GRAPHS[case]
    assert ways(models(text)[-1]) == expected


def test_a_layer_of_another_model_is_not_in_this_one() -> None:
    text = INPUT + (
        "h = layers.Dense(8)(x)\nkeras.Model(x, layers.Dense(1)(h))\nkeras.Model(x, layers.Dense(2)(h))\n"
        "inner = keras.Sequential([layers.Dense(8)])\nkeras.Model(x, layers.Dense(3)(inner(h)))"
    )
    first, second, inner, last = models(text)
    assert ways(first) == ["Dense: 1, model", "Dense: output"]
    assert ways(second) == ["Dense: 1, model", "Dense: output"]
    assert ways(inner) == ["Dense: model, output"]
    assert ways(last) == ["Dense: model", "Dense: 2, output", "Dense: output"]


def test_a_model_that_compiles_a_class_is_followed_once() -> None:
    text = START + (
        "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        "        self.a, self.b = layers.Dense(8), layers.Dense(1)\n"
        "    def call(self, x):\n        return self.b(self.a(x))\n"
        "net = Net()\nnet.compile('adam', 'mse')\nnet(y)\n"
    )
    (net,) = models(text)
    assert ways(net) == ["Dense: 1", "Dense: output"]


def layer(call: str, before: str = "") -> Layer:
    (model,) = models(f"{START}{before}\nkeras.Sequential([keras.Input((6, 6, 3)), {call}])")
    return model.layers[0]


SETTINGS = {
    'layers.Conv2D(8, 3, activation="relu")': {
        "units": 8,
        "takes": 3,
        "kernel_size": (3, 3),
        "strides": (1, 1),
        "axis": -1,
        "use_bias": True,
        "kernel_initializer": "glorot_uniform",
        "activation": "relu",
        "trainable": True,
    },
    'layers.Conv2D(8, (1, 5), use_bias=False, kernel_initializer="zeros", trainable=False)': {
        "kernel_size": (1, 5),
        "use_bias": False,
        "kernel_initializer": "zeros",
        "trainable": False,
    },
    "layers.Dense(8, **config)": {"use_bias": None, "activation": None, "trainable": None, "kernel_initializer": None},
    'layers.Dense(8, activation="relu" if deep else None)': {"activation": None, "units": 8},
    "layers.Dense(8, use_bias=flag)": {"use_bias": None},
    "layers.Dense(8, kernel_initializer=keras.initializers.Ones())": {"kernel_initializer": "ones"},
    "layers.Dense(8, kernel_initializer=keras.initializers.Constant(0.5))": {"kernel_initializer": "constant"},
    "layers.Dense(8, kernel_initializer=keras.initializers.Constant(0))": {"kernel_initializer": "zeros"},
    "layers.Dense(8, kernel_initializer=keras.initializers.Constant(table))": {"kernel_initializer": None},
    "layers.Dense(8, kernel_initializer=mine)": {"kernel_initializer": None},
    'layers.Conv2D(8, 3, 2, data_format="channels_first")': {"takes": 6, "strides": (2, 2), "axis": 1},
    "layers.BatchNormalization(axis=3)": {"axis": -1},
    "layers.BatchNormalization(axis=1)": {"axis": 1},
    "layers.BatchNormalization(axis=axis)": {"axis": None},
    "layers.DepthwiseConv2D(3)": {"kernel_initializer": "glorot_uniform", "use_bias": True},
    "layers.Dropout(0.5)": {"rate": 0.5, "use_bias": None, "kernel_initializer": None},
    "layers.Dropout(rate)": {"rate": None},
    "layers.BatchNormalization()": {"use_bias": None, "activation": None},
}


@pytest.mark.parametrize("call", SETTINGS)
def test_what_a_layer_was_given(call: str) -> None:
    found = layer(call)
    values: dict[str, Any] = {}
    for name in SETTINGS[call]:
        fact = getattr(found, name)
        values[name] = fact.value if fact is not None else None
    assert values == SETTINGS[call]


def test_an_argument_is_literal_where_it_is_written() -> None:
    written, named = layer("layers.Dense(8, use_bias=True)"), layer("layers.Dense(8, use_bias=b)", "b = True")
    assert written.use_bias is not None
    assert written.use_bias.literal
    assert named.use_bias is not None
    assert not named.use_bias.literal


@pytest.mark.parametrize("package", ["keras", "tf_keras"])
def test_initializers_are_those_of_keras(package: str) -> None:
    keras = import_module(package) if pytest.importorskip(package) else None
    for spec in initializers.SPECS:
        for text in (spec.name, spec.cls, *spec.strings) if not spec.parameters else ():
            made = keras.initializers.get(text)  # type: ignore[union-attr]
            assert spec.cls in (type(made).__name__, type(made).__name__.removesuffix("Initializer")), text


def test_initializers_that_give_every_weight_the_same_number() -> None:
    keras = pytest.importorskip("keras")
    for spec in initializers.SPECS:
        made = keras.initializers.Constant(0.5) if spec.name == "constant" else keras.initializers.get(spec.name)
        values = keras.ops.convert_to_numpy(made((4, 4)))
        assert (values.min() == values.max()) == spec.same, spec.name
        assert spec.value is None or (values == spec.value).all(), spec.name

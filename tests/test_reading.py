"""Small programs, and what is read of them: heads, losses, metrics, optimizers, runtimes.

Each row is a program and what a careful reader would say about it. `None` means that it cannot be known: where a
program does not say, neither do we.
"""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from keraslint.model import Family, Head, Loss, Metric, Model, Program, Training
from keraslint.source import Source
from keraslint.static import recover
from keraslint.static.catalog import activations, applications, losses, metrics, optimizers
from keraslint.static.catalog.losses import Logits

UNKNOWN = None

IMPORTS = """\
import keras
import numpy as np
import tensorflow as tf
from functools import partial
from keras import Input, Model, Sequential, layers, ops
from keras import backend as K
"""


def read(text: str) -> Program:
    return recover(Source.from_bytes("train.py", (IMPORTS + text).encode()))


def models(text: str) -> list[Model]:
    """The models that are trained, or all when none is."""
    found = read(text).models
    return [model for model in found if model.trainings] or list(found)


def head(text: str) -> Head:
    """The one head of the one model of a program."""
    [model] = models(text)
    [found] = model.heads
    return found


def training(text: str) -> Training:
    [model] = models(text)
    [found] = model.trainings
    return found


def value(fact: Any) -> Any:
    return fact.value if fact is not None else None


def said(found: Head) -> tuple[Any, ...]:
    """Units, rank and activation."""
    return value(found.units), value(found.rank), value(found.activation)


def bounds(found: Head) -> tuple[float, float] | None:
    return (found.outputs.value.low, found.outputs.value.high) if found.outputs is not None else None


def behind(layer: str) -> str:
    """A model with these layers between an input of 32 numbers and its output."""
    return f"x = Input((32,))\n{layer}\nmodel = Model(x, y)\n"


# --- how a model is built --------------------------------------------------------------------------------------------

TEN_CLASSES = {
    "a list of layers": """
model = Sequential([layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
""",
    "a list with its input": """
model = Sequential([Input((20,)), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
""",
    "a list in a variable": """
stack = [layers.Dense(64, activation="relu")]
stack.append(layers.Dense(10))
stack += [layers.Softmax()]
model = Sequential(stack)
""",
    "layers by keyword": """
model = Sequential(layers=[layers.Dense(10, activation="softmax")], name="net")
""",
    "one add after the other": """
model = Sequential()
model.add(layers.Dense(64, activation="relu", input_shape=(20,)))
model.add(layer=layers.Dense(10))
model.add(layers.Activation("softmax"))
""",
    "adds in a loop": """
model = Sequential()
for width in (64, 32):
    model.add(layers.Dense(width, activation="relu"))
model.add(layers.Dense(10, activation="softmax"))
""",
    "a layer taken off again": """
model = Sequential([Input((20,)), layers.Dense(64), layers.Dense(10, activation="softmax"), layers.Dense(3)])
model.pop()
""",
    "a constant for the classes": """
CLASSES = 2 * 5
model = Sequential([layers.Dense(units=CLASSES, activation=tf.nn.softmax)])
""",
    "functional": """
inputs = Input(shape=(20,))
x = layers.Dense(64, activation="relu")(inputs)
outputs = layers.Dense(10, activation="softmax")(x)
model = Model(inputs, outputs)
""",
    "functional by keyword, in lists": """
inputs = Input(shape=(20,))
model = Model(inputs=[inputs], outputs=[layers.Dense(10, "softmax")(inputs)], name="net")
""",
    "a helper for blocks and one for the head": """
def block(x, width, act="relu"):
    x = layers.Dense(width)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation(act)(x)

def top(x, classes):
    return layers.Dense(classes, activation="softmax")(layers.Dropout(0.5)(x))

inputs = Input((20,))
model = Model(inputs, top(block(block(inputs, 64), 32, act="tanh"), classes=10))
""",
    "a factory with defaults": """
def build(classes=10, act="softmax", **options):
    inputs = Input((20,))
    return Model(inputs, layers.Dense(classes, activation=act, **options)(inputs))

model = build(use_bias=False)
""",
    "settings in a dictionary": """
config = {"units": 10, "activation": "softmax"}
model = Sequential([layers.Dense(**config)])
""",
    "layers as partials": """
Classifier = partial(layers.Dense, activation="softmax")
model = Sequential([Classifier(10)])
""",
    "a subclass": """
class Net(Model):
    def __init__(self, classes):
        super().__init__()
        self.hidden = layers.Dense(64, activation="relu")
        self.top = layers.Dense(classes, activation="softmax")

    def call(self, inputs, training=False):
        return self.top(self.hidden(inputs))

model = Net(10)
""",
    "a subclass with tensor functions": """
class Net(keras.Model):
    def __init__(self):
        super(Net, self).__init__()
        self.top = layers.Dense(10)

    def call(self, x):
        x = self.top(x)
        return tf.nn.softmax(x)

model = Net()
""",
    "a subclass that is functional inside": """
class Net(keras.Model):
    def __init__(self, classes):
        inputs = Input((20,))
        super().__init__(inputs, layers.Dense(classes, activation="softmax")(inputs))

model = Net(10)
""",
    "a subclass of Sequential": """
class Net(Sequential):
    def __init__(self):
        super().__init__()
        self.add(layers.Dense(10, activation="softmax"))

model = Net()
""",
    "a layer of the program's own": """
class Top(layers.Layer):
    def __init__(self, classes):
        super().__init__()
        self.dense = layers.Dense(classes)

    def call(self, x):
        return keras.activations.softmax(self.dense(x))

model = Sequential([layers.Dense(64), Top(10)])
""",
    "a model inside a list": """
body = Sequential([layers.Dense(64, activation="relu")])
model = Sequential([body, layers.Dense(10, activation="softmax")])
""",
    "a model that ends in a model": """
inputs = Input((20,))
top = Sequential([layers.Dense(10, activation="softmax")])
model = Model(inputs, top(layers.Dense(64)(inputs)))
""",
    "a ready-made body": """
base = keras.applications.ResNet50(include_top=False, pooling="avg")
base.trainable = False
model = Model(base.input, layers.Dense(10, activation="softmax")(base.output))
""",
    "TensorFlow's Keras": """
model = tf.keras.models.Sequential()
model.add(tf.keras.layers.Dense(10, activation=tf.keras.activations.softmax))
""",
    "a branch on something else": """
if tf.config.list_physical_devices("GPU"):
    hidden = layers.Dense(128)
else:
    hidden = layers.Dense(32)
model = Sequential([hidden, layers.Dense(10, activation="softmax")])
""",
    "an activation that is set afterwards": """
model = Sequential([layers.Dense(10)])
model.layers[-1].activation = keras.activations.softmax
""",
    "a layer that is found by its name": """
model = Sequential([layers.Dense(10, name="top")])
model.get_layer("top").activation = "softmax"
""",
    "outputs taken from another model": """
inputs = Input((20,))
first = Model(inputs, [layers.Dense(10, activation="softmax")(inputs), layers.Dense(3)(inputs)])
model = Model(inputs, first.outputs[0])
""",
    "outputs that are set afterwards": """
inputs = Input((20,))
model = Model(inputs, layers.Dense(3)(inputs))
model.outputs = [layers.Dense(10, activation="softmax")(inputs)]
""",
    "a copy": """
model = keras.models.clone_model(Sequential([layers.Dense(10, activation="softmax")]))
""",
}


@pytest.mark.parametrize("program", TEN_CLASSES.values(), ids=TEN_CLASSES)
def test_a_head_of_ten_classes(program: str) -> None:
    found = training(program + 'model.compile(loss="mse")')
    assert (value(found.head.units), value(found.head.activation)) == (10, "softmax")
    assert value(found.head.rank) in {2, UNKNOWN}  # where no input is declared, it may have any rank
    assert bounds(found.head) == (0, 1)
    assert found.head.outputs
    assert found.head.outputs.value.totals == (-1,)


def test_nothing_is_known_of_a_model_from_a_file() -> None:
    found = training('model = keras.models.load_model("net.keras")\nmodel.compile(loss="mse")')
    assert said(found.head) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert found.loss


UNKNOWN_HEADS = {
    "a layer of another library": 'import other\ny = other.Layer(10)(layers.Dense(10, activation="softmax")(x))',
    "a function of another library": 'import other\ny = other.scale(layers.Dense(10, activation="softmax")(x))',
    "a list that is not known": "y = layers.Pipeline(given)(x)",
    "a recurrent layer": 'y = layers.LSTM(10, activation="softmax")(layers.Reshape((4, 8))(x))',
    "an activation that is not known": "y = layers.Dense(10, activation=given)(x)",
    "an activation of another library": "import other\ny = layers.Dense(10, activation=other.activation)(x)",
    "settings that are not known": "y = layers.Dense(10, **given)(x)",
    "attention": "y = layers.MultiHeadAttention(2, 16)(x, x)",
    "an average of activations": 'y = layers.GlobalAveragePooling1D()(layers.Conv1D(8, 3, activation="sigmoid")(x))',
    "a part of the outputs": 'y = layers.Dense(10, activation="softmax")(x)[:, 1:]',
    "the input itself": "y = layers.Dropout(0.5)(x)",
    "a Lambda that nobody knows": "y = layers.Lambda(given)(layers.Dense(10)(x))",
    "a product": 'y = layers.Multiply()([layers.Dense(10)(x), layers.Dense(10, activation="sigmoid")(x)])',
    "something cut off": "y = ops.clip(layers.Dense(1)(x), 0.0, 1.0)",
}


@pytest.mark.parametrize("program", UNKNOWN_HEADS.values(), ids=UNKNOWN_HEADS)
def test_what_is_not_understood_is_unknown(program: str) -> None:
    found = head(behind(program))
    assert value(found.activation) is UNKNOWN
    assert bounds(found) is None


HEADS = [
    ("y = layers.Dense(1)(x)", (1, 2, "linear")),
    ("y = layers.Dense(1, activation=None)(x)", (1, 2, "linear")),
    ('y = layers.Dense(5, "sigmoid")(x)', (5, 2, "sigmoid")),
    ('y = layers.Dense(5, activation="softmax")(layers.Dense(9, activation="relu")(x))', (5, 2, "softmax")),
    # normalised: a scale and a shift that are learned, whatever stands before them
    ("y = layers.BatchNormalization()(layers.Dense(5)(x))", (5, 2, "linear")),
    ('y = layers.BatchNormalization()(layers.Dense(5, activation="relu")(x))', (5, 2, "linear")),
    ('y = layers.Activation("softmax")(layers.BatchNormalization()(layers.Dense(5)(x)))', (5, 2, "softmax")),
    ('y = layers.Activation("sigmoid")(layers.LayerNormalization()(layers.Dense(5)(x)))', (5, 2, "sigmoid")),
    # nothing happens at inference
    ('y = layers.Dropout(0.5)(layers.Dense(5, activation="softmax")(x))', (5, 2, "softmax")),
    ('y = layers.Activation("linear")(layers.Dense(5, activation="softmax")(x))', (5, 2, "softmax")),
    ('y = layers.Activation("linear", dtype="float32")(layers.Dense(5, activation="sigmoid")(x))', (5, 2, "sigmoid")),
    # twice, one on another
    ('y = layers.Softmax()(layers.Dense(5, activation="softmax")(x))', (5, 2, "softmax-twice")),
    ('y = layers.Activation("sigmoid")(layers.Dense(5, activation="sigmoid")(x))', (5, 2, "sigmoid-twice")),
    ('y = layers.Softmax()(layers.Dense(5, activation="sigmoid")(x))', (5, 2, "softmax-on-sigmoid")),
    ('y = tf.sigmoid(layers.Dense(5, activation="softmax")(x))', (5, 2, "sigmoid-on-softmax")),
    ('y = layers.Softmax()(layers.Dense(5, activation="relu")(x))', (5, 2, "softmax-on-relu")),
    ("y = layers.Softmax()(layers.ReLU()(layers.Dense(5)(x)))", (5, 2, "softmax-on-relu")),
    # several steps in time
    ("y = layers.Dense(7)(layers.LSTM(16, return_sequences=True)(layers.Reshape((4, 8))(x)))", (7, 3, "linear")),
    (
        'y = layers.TimeDistributed(layers.Dense(7, activation="softmax"))(layers.Reshape((4, 8))(x))',
        (7, 3, "softmax"),
    ),
    ("y = layers.Dense(3)(layers.Bidirectional(layers.GRU(8))(layers.Reshape((4, 8))(x)))", (3, 2, "linear")),
    # moved about
    ('y = layers.Flatten()(layers.Dense(5, activation="sigmoid")(x))', (5, 2, "sigmoid")),
    ('y = layers.Reshape((4, 5))(layers.Dense(20, activation="sigmoid")(x))', (5, 3, "sigmoid")),
    ("y = layers.Softmax()(layers.Reshape((4, 5))(layers.Dense(20)(x)))", (5, 3, "softmax")),
    ('y = layers.Permute((2, 1))(layers.Reshape((4, 5))(layers.Dense(20, activation="tanh")(x)))', (4, 3, "tanh")),
    ('y = tf.reshape(layers.Dense(20, activation="tanh")(x), (-1, 4, 5))', (5, 3, "tanh")),
    ('y = tf.squeeze(layers.Dense(1, activation="sigmoid")(x), axis=-1)', (1, 1, "sigmoid")),
    # an embedding, a convolution, another
    ("y = layers.Embedding(100, 16)(x)", (16, 3, "linear")),
    ("y = layers.Conv1D(5, 3)(layers.Reshape((4, 8))(x))", (5, 3, "linear")),
    # pooled maps
    ("y = layers.GlobalAveragePooling1D()(layers.Conv1D(5, 3)(layers.Reshape((4, 8))(x)))", (5, 2, "linear")),
    # written out
    ("w = tf.Variable(np.zeros((32, 4)))\nb = tf.Variable(np.zeros(4))\ny = tf.matmul(x, w) + b", None),
    ("w = keras.Variable(given)\ny = tf.nn.softmax(x @ w)", None),
]


@pytest.mark.parametrize(("program", "expected"), HEADS)
def test_heads(program: str, expected: tuple[Any, ...] | None) -> None:
    found = head(behind(program))
    if expected is None:
        assert value(found.units) is UNKNOWN
        assert value(found.activation) in {"linear", "softmax"}
    else:
        assert said(found) == expected


def test_a_head_keeps_its_name() -> None:
    assert head(behind('y = layers.Dense(1, name="price")(x)')).name == "price"
    assert head(behind("y = layers.Dense(1)(x)")).name is None


def test_a_head_says_where_it_is_written() -> None:
    found = head("model = Sequential([\n    layers.Dense(3),\n    layers.Dense(10, activation='softmax'),\n])")
    first = IMPORTS.count("\n") + 1
    assert found.span.line == first + 2
    assert found.activation
    assert found.units
    assert (found.activation.span.line, found.units.span.line) == (first + 2, first + 2)
    assert found.activation.literal


def test_an_activation_that_is_written_elsewhere_is_not_changed_in_place() -> None:
    found = head("ACT = 'softmax'\nmodel = Sequential([layers.Dense(3), layers.Dense(10, activation=ACT)])")
    assert found.activation
    assert not found.activation.literal
    shared = head("options = {'activation': 'softmax'}\nmodel = Sequential([layers.Dense(10, **options)])")
    assert shared.activation
    assert not shared.activation.literal


# --- every activation ------------------------------------------------------------------------------------------------

STRINGS = [
    (text, spec)
    for spec in activations.SPECS
    for text in (spec.name, *spec.aliases)
    if spec.in_keras_2 or spec.in_keras_3
]
WORDS = {"log_softmax": "log-softmax"}


@pytest.mark.parametrize(("text", "spec"), STRINGS, ids=[text for text, _ in STRINGS])
@pytest.mark.parametrize(
    "program",
    [
        'y = layers.Dense(10, activation="{}")(x)',
        'y = layers.Activation("{}")(layers.Dense(10)(x))',
        "y = layers.Dense(10, activation=keras.activations.{})(x)",
        "y = layers.Activation(keras.activations.{})(layers.Dense(10)(x))",
        "y = keras.activations.{}(layers.Dense(10)(x))",
        'y = layers.Dense(10, activation=keras.activations.get("{}"))(x)',
        'y = layers.Dense(10, activation=getattr(keras.activations, "{}"))(x)',
        "y = layers.Dense(10, activation=lambda t: keras.activations.{}(t))(x)",
        "y = layers.Lambda(keras.activations.{})(layers.Dense(10)(x))",
        "y = layers.Lambda(lambda t: keras.activations.{}(t))(layers.Dense(10)(x))",
    ],
)
def test_every_activation_in_every_spelling(program: str, text: str, spec: activations.ActivationSpec) -> None:
    found = head(behind(program.format(text)))
    assert said(found) == (10, 2, WORDS.get(spec.name, spec.name))
    assert bounds(found) == (spec.low, spec.high)


LAYERS = [
    ("layers.Softmax()", "softmax", (0, 1)),
    ("layers.ReLU()", "relu", (0, inf)),
    ("layers.ReLU(max_value=6)", "relu", (0, 6)),
    ("layers.ReLU(6.0)", "relu", (0, 6)),
    ("layers.ReLU(negative_slope=0.1)", "relu", (-inf, inf)),
    ("layers.ReLU(max_value=given)", "relu", (0, inf)),
    ("layers.LeakyReLU()", "leaky_relu", (-inf, inf)),
    ("layers.LeakyReLU(alpha=0.1)", "leaky_relu", (-inf, inf)),
    ("layers.PReLU()", "prelu", (-inf, inf)),
    ("layers.ELU()", "elu", (-1, inf)),
    ("layers.ELU(alpha=2.0)", "elu", (-2, inf)),
]


@pytest.mark.parametrize(("layer", "name", "expected"), LAYERS)
def test_layers_that_are_an_activation(layer: str, name: str, expected: tuple[float, float]) -> None:
    for program in (f"y = {layer}(layers.Dense(10)(x))", f"y = layers.Dense(10, activation={layer})(x)"):
        found = head(behind(program))
        assert said(found) == (10, 2, name)
        assert bounds(found) == expected


def test_an_activation_class_is_no_activation() -> None:
    assert value(head(behind("y = layers.Dense(10, activation=layers.ReLU)(x)")).activation) is UNKNOWN


SPELLINGS = [
    ('layers.Dense(10, activation="softmax")(x)', "activation"),
    ("keras.activations.softmax(layers.Dense(10)(x))", "activation"),
    ("ops.softmax(layers.Dense(10)(x))", "activation"),
    ("layers.Activation(keras.ops.softmax)(layers.Dense(10)(x))", "activation"),
    ("layers.Softmax()(layers.Dense(10)(x))", "softmax-layer"),
    ("K.softmax(layers.Dense(10)(x))", "softmax-layer"),
    ("tf.nn.softmax(layers.Dense(10)(x))", "op"),
    ("tf.math.softmax(layers.Dense(10)(x), axis=-1)", "op"),
    ("layers.Dense(10, activation=tf.nn.softmax)(x)", "op"),
    ("tf.keras.layers.Activation(tf.nn.softmax)(layers.Dense(10)(x))", "op"),
    ("layers.Lambda(lambda t: tf.nn.softmax(t))(layers.Dense(10)(x))", "op"),
    ('layers.Reshape((1, 10))(layers.Dense(10, activation="softmax")(x))', "hidden"),
    ('layers.Dropout(0.1)(layers.Dense(10, activation="softmax")(x))', "hidden"),
    ('layers.TimeDistributed(layers.Dense(10, activation="softmax"))(layers.Reshape((4, 8))(x))', "hidden"),
    ("(lambda t: tf.exp(t) / tf.reduce_sum(tf.exp(t), axis=-1, keepdims=True))(layers.Dense(10)(x))", "hidden"),
]


@pytest.mark.parametrize(("expression", "route"), SPELLINGS)
def test_how_a_softmax_is_spelled(expression: str, route: str) -> None:
    found = head(behind(f"y = {expression}"))
    assert (value(found.activation), found.route) == ("softmax", route)


# --- along which axis ------------------------------------------------------------------------------------------------

FLAT = "x = Input((32,))\nz = layers.Dense(10)(x)\n"
LAST = "x = Input((16, 16, 3))\nz = layers.Conv2D(10, 3)(x)\n"
FIRST = 'x = Input((3, 16, 16))\nz = layers.Conv2D(10, 3, data_format="channels_first")(x)\n'
ALL_FIRST = 'K.set_image_data_format("channels_first")\nx = Input((3, 16, 16))\nz = layers.Conv2D(10, 3)(x)\n'

AXES = [
    (FLAT + "y = layers.Softmax()(z)", "softmax", -1, 10),
    (FLAT + "y = layers.Softmax(axis=-1)(z)", "softmax", -1, 10),
    (FLAT + "y = layers.Softmax(1)(z)", "softmax", -1, 10),
    (FLAT + "y = layers.Softmax(axis=0)(z)", "softmax-over-batch-axis", 0, None),
    (FLAT + "y = tf.nn.softmax(z, 0)", "softmax-over-batch-axis", 0, None),
    (FLAT + "y = tf.keras.activations.softmax(z, axis=0)", "softmax-over-batch-axis", 0, None),
    (FLAT + "y = K.softmax(z, axis=-2)", "softmax-over-batch-axis", 0, None),
    (FLAT + "y = layers.Activation(lambda t: K.softmax(t, axis=1))(z)", "softmax", -1, 10),
    (FLAT + "y = layers.Activation(lambda t: K.softmax(t, axis=0))(z)", "softmax-over-batch-axis", 0, None),
    (FLAT + "y = layers.Softmax(axis=given)(z)", None, None, None),
    (FLAT + "y = layers.Softmax(axis=5)(z)", None, None, None),
    (LAST + "y = layers.Softmax()(z)", "softmax", -1, 10),
    (LAST + "y = layers.Softmax(axis=3)(z)", "softmax", -1, 10),
    (LAST + "y = layers.Softmax(axis=1)(z)", "softmax-over-spatial-axis", 1, None),
    (LAST + "y = tf.nn.softmax(z, axis=-2)", "softmax-over-spatial-axis", 2, None),
    (FIRST + "y = layers.Softmax(axis=1)(z)", "softmax", -1, 10),
    (FIRST + "y = ops.softmax(z, axis=-3)", "softmax", -1, 10),
    (FIRST + "y = layers.Softmax()(z)", "softmax-over-spatial-axis", 3, None),
    (FIRST + 'y = layers.Activation("softmax")(z)', "softmax-over-spatial-axis", 3, None),
    (ALL_FIRST + "y = layers.Softmax(axis=1)(z)", "softmax", -1, 10),
    (ALL_FIRST + "y = layers.Softmax(axis=-1)(z)", "softmax-over-spatial-axis", 3, None),
]


TURNED = [
    # before the softmax: the last axis is what the loss takes for the channels
    (FIRST + "y = layers.Softmax()(layers.Permute((2, 3, 1))(z))", (10, 4, "softmax"), -1, (-1,)),
    (FIRST + "y = layers.Softmax(axis=1)(layers.Permute((2, 3, 1))(z))", (10, 4, "softmax-over-spatial-axis"), 1, (1,)),
    (FLAT + "y = layers.Softmax(axis=1)(layers.Reshape((5, 2))(z))", (2, 3, "softmax-over-spatial-axis"), 1, (1,)),
    # behind it: the channels are taken along
    (FIRST + "y = layers.Permute((2, 3, 1))(layers.Softmax(axis=1)(z))", (10, 4, "softmax"), -1, (-1,)),
    (LAST + "y = layers.Reshape((196, 10))(layers.Softmax()(z))", (10, 3, "softmax"), -1, (-1,)),
    (LAST + "y = layers.Reshape((196, 10))(layers.Softmax(axis=1)(z))", (10, 3, None), 1, ()),
    (FLAT + "y = layers.Reshape((2, 5))(layers.Softmax()(z))", (5, 3, None), -1, ()),
    # both: where the axis has gone is not known
    (
        FLAT + "y = layers.Permute((2, 1))(layers.Softmax(axis=1)(layers.Permute((2, 1))(layers.Reshape((2, 5))(z))))",
        (5, 3, None),
        1,
        (),
    ),
]


@pytest.mark.parametrize(("program", "expected", "axis", "totals"), TURNED)
def test_axes_that_are_turned(
    program: str, expected: tuple[Any, ...], axis: int | None, totals: tuple[int, ...]
) -> None:
    found = head(program + "\nmodel = Model(x, y)")
    [one] = found.activations
    assert (said(found), value(one.axis), value(found.channel_axis)) == (expected, axis, -1)
    assert found.outputs
    assert found.outputs.value.totals == totals


@pytest.mark.parametrize(("program", "name", "axis", "size"), AXES)
def test_where_a_softmax_shares_its_total(program: str, name: str | None, axis: int | None, size: int | None) -> None:
    found = head(program + "\nmodel = Model(x, y)")
    [one] = found.activations
    assert (value(found.activation), value(one.axis), value(one.size)) == (name, axis, size)
    if name is not None:
        assert found.outputs
        assert found.outputs.value.totals == (axis,)


def test_the_units_of_channels_that_come_first() -> None:
    found = head(FIRST + "model = Model(x, z)")
    assert (value(found.units), value(found.rank), value(found.channel_axis)) == (10, 4, 1)


# --- formulas --------------------------------------------------------------------------------------------------------

SOFT = "def soft(t):\n    return tf.exp(t) / tf.reduce_sum(tf.exp(t), axis=-1, keepdims=True)\n\n"
FORMULAS = [
    ("tf.exp(z) / tf.reduce_sum(tf.exp(z), axis=-1, keepdims=True)", "softmax", -1, False),
    ("K.exp(z) / K.sum(K.exp(z), axis=-1, keepdims=True)", "softmax", -1, False),
    ("ops.exp(z) / ops.sum(ops.exp(z), axis=1, keepdims=True)", "softmax", -1, False),
    ("tf.divide(tf.exp(z), tf.expand_dims(tf.reduce_sum(tf.exp(z), axis=1), 1))", "softmax", -1, False),
    ("tf.exp(z) / (tf.reduce_sum(tf.exp(z), axis=-1, keepdims=True) + 1e-7)", "softmax", -1, False),
    ("tf.exp(z) / (tf.reduce_sum(tf.exp(z), axis=-1, keepdims=True) + K.epsilon())", "softmax", -1, False),
    ("tf.exp(z) / tf.reduce_sum(tf.exp(z), axis=0)", "softmax", 0, False),
    ("tf.exp(z) / tf.reduce_sum(tf.exp(z))", "softmax", 0, False),
    ("soft(z - tf.reduce_max(z, axis=-1, keepdims=True))", "softmax", -1, True),
    ("soft(z - given)", "softmax", -1, True),
    ("soft(z - 3.0)", "softmax", -1, False),
    ("soft(tf.tanh(z))", "softmax", -1, True),
    ("soft(tf.clip_by_value(z, -10, 10))", "softmax", -1, True),
    ("soft(-tf.square(z))", "softmax", -1, True),
    ("tf.sigmoid(z) / tf.reduce_sum(tf.sigmoid(z), axis=-1, keepdims=True)", "normalised-sigmoids", -1, True),
    ("ops.sigmoid(z) / ops.sum(ops.sigmoid(z), axis=0)", "normalised-sigmoids", 0, True),
    ("1 / (1 + tf.exp(-z))", "sigmoid", None, False),
    ("1.0 / (tf.exp(-z) + 1.0)", "sigmoid", None, False),
    ("tf.math.log(tf.nn.softmax(z))", "log-softmax", -1, False),
    # another function
    ("tf.exp(z) / tf.reduce_sum(z, axis=-1, keepdims=True)", None, None, None),
    ("tf.exp(z) / tf.reduce_sum(tf.exp(2 * z), axis=-1, keepdims=True)", None, None, None),
    ("tf.exp(z) / tf.reduce_max(tf.exp(z), axis=-1, keepdims=True)", None, None, None),
    ("z / tf.reduce_sum(z, axis=-1, keepdims=True)", None, None, None),
    ("2 / (1 + tf.exp(-z))", None, None, None),
    ("1 / (1 + tf.exp(-tf.abs(z)))", None, None, None),
    ("1 / (2 + tf.exp(-z))", None, None, None),
]


@pytest.mark.parametrize(("formula", "name", "axis", "safe"), FORMULAS)
def test_formulas_written_by_hand(formula: str, name: str | None, axis: int | None, safe: bool | None) -> None:
    program = f"{SOFT if 'soft(' in formula else ''}{FLAT}y = {formula}\nmodel = Model(x, y)"
    written = [one for one in read(program).activations if one.by_hand is not None]
    if name is None:
        assert written == []
        return
    [found] = written
    assert (found.name.value, value(found.axis), value(found.by_hand)) == (name, axis, safe)
    last = head(program).activations[-1]
    assert (last.name.value, last.route) == (name, "hidden")


def test_a_formula_in_a_function_that_nobody_calls() -> None:
    [found] = read("def act(x):\n    e = K.exp(x)\n    return e / K.sum(e, axis=0)").activations
    assert (found.name.value, value(found.axis), value(found.by_hand)) == ("softmax", 0, False)


def test_weights_that_are_shared_out_are_no_softmax_over_the_batch() -> None:
    found = read(
        "scores = tf.Variable(np.zeros(4))\nweights = tf.exp(scores) / tf.reduce_sum(tf.exp(scores))"
    ).activations
    assert [one for one in found if value(one.axis) == 0] == []


# --- scaled and shifted ----------------------------------------------------------------------------------------------

SCALED = [
    ("2 * layers.Dense(1, activation='tanh')(x)", "scaled-tanh", (-2, 2)),
    ("layers.Dense(1, activation='sigmoid')(x) * 4 + 1", "scaled-sigmoid", (1, 5)),
    ("1 - layers.Dense(1, activation='sigmoid')(x)", "scaled-sigmoid", (0, 1)),
    ("layers.Dense(1, activation='sigmoid')(x) / 2", "scaled-sigmoid", (0, 0.5)),
    ("-layers.Dense(1, activation='relu')(x)", "scaled-relu", (-inf, 0)),
    ("layers.Rescaling(5.0)(layers.Dense(1, activation='sigmoid')(x))", "scaled-sigmoid", (0, 5)),
    ("layers.Rescaling(2.0, offset=-1.0)(layers.Dense(1, activation='sigmoid')(x))", "scaled-sigmoid", (-1, 1)),
    ("layers.Lambda(lambda t: t * 100.0)(layers.Dense(1)(x))", "linear", (-inf, inf)),
    ("layers.Lambda(lambda t: t * 5)(layers.Dense(1, activation='sigmoid')(x))", "scaled-sigmoid", (0, 5)),
    ("layers.Dense(3)(x) / 0.5", "linear", (-inf, inf)),
    ("tf.nn.softmax(layers.Dense(3)(x) / 0.5)", "softmax", (0, 1)),
    ("tf.nn.softmax(layers.Dense(3)(x) / temperature)", "softmax", (0, 1)),
    ("layers.Dense(1, activation='sigmoid')(x) * scale", "scaled-sigmoid", None),
    ("layers.Dense(1, activation='sigmoid')(x) + 1e-7", "sigmoid", (0, 1)),
    ("given + layers.Dense(1, activation='sigmoid')(x)", None, None),
    ("layers.Dense(1)(x) / 0", None, None),
    ("1 / layers.Dense(1)(x)", None, None),
    ("layers.Dense(1)(x) ** 2", None, None),
]


@pytest.mark.parametrize(("expression", "name", "expected"), SCALED)
def test_scaled_and_shifted_outputs(expression: str, name: str | None, expected: tuple[float, float] | None) -> None:
    found = head(behind(f"y = {expression}"))
    assert (value(found.activation), bounds(found)) == (name, expected)


MERGED = [
    ("layers.Add()([layers.Dense(4)(x), layers.Dense(4)(x)])", "linear"),
    ("layers.add([layers.Dense(4)(x), layers.Dense(4)(x)])", "linear"),
    ("layers.Average()([layers.Dense(4)(x), layers.Dense(4)(x)])", "linear"),
    ("layers.Concatenate()([layers.Dense(1)(x), layers.Dense(2)(x)])", "linear"),
    ("layers.concatenate([layers.Dense(1, activation='sigmoid')(x), layers.Dense(2, 'sigmoid')(x)])", "sigmoid"),
    ("layers.Concatenate()([layers.Dense(1, activation='softmax')(x), layers.Dense(2, 'softmax')(x)])", None),
    ("layers.Concatenate()([layers.Dense(1, activation='sigmoid')(x), layers.Dense(2)(x)])", None),
    ("layers.Add()([layers.Dense(4, activation='relu')(x), layers.Dense(4)(x)])", None),
    ("layers.Average()([layers.Dense(4, activation='softmax')(x), layers.Dense(4, 'softmax')(x)])", None),
    ("layers.Multiply()([layers.Dense(4)(x), layers.Dense(4)(x)])", None),
    ("layers.Dot(axes=1)([layers.Dense(4)(x), layers.Dense(4)(x)])", None),
    ("layers.Softmax()(layers.Add()([layers.Dense(4)(x), layers.Dense(4)(x)]))", "softmax"),
    ("layers.Activation('sigmoid')(layers.Dot(axes=1)([layers.Dense(4)(x), layers.Dense(4)(x)]))", "sigmoid"),
]


@pytest.mark.parametrize(("expression", "name"), MERGED)
def test_merged_branches(expression: str, name: str | None) -> None:
    assert value(head(behind(f"y = {expression}")).activation) == name


# --- ready-made networks ---------------------------------------------------------------------------------------------

NETWORKS = [spec.name for spec in applications.SPECS]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_ready_made_network(name: str) -> None:
    made = f"keras.applications.{name}"
    top = training(f"model = {made}(weights=None)\nmodel.compile(loss='mse')").head
    assert (value(top.units), value(top.activation), bounds(top)) == (1000, "softmax", (0, 1))
    own = f"model = {made}(weights=None, classes=7, classifier_activation=None)\nmodel.compile(loss='mse')"
    assert said(training(own).head) == (7, 2, "linear")
    body = training(f"model = {made}(include_top=False)\nmodel.compile(loss='mse')").head
    assert (value(body.units), value(body.activation)) == (UNKNOWN, UNKNOWN)
    unsure = training(f"model = {made}(include_top=given)\nmodel.compile(loss='mse')").head
    assert (value(unsure.units), value(unsure.activation)) == (UNKNOWN, UNKNOWN)
    new = f"""
body = {made}(include_top=False)
x = layers.GlobalAveragePooling2D()(body.output)
model = Model(body.input, layers.Dense(3, activation="softmax")(x))
model.compile(loss="mse")
"""
    assert said(training(new).head) == (3, 2, "softmax")


# --- losses ----------------------------------------------------------------------------------------------------------


def trained(loss: str, before: str = "") -> Training:
    return training(f"{before}\nmodel = Sequential([layers.Dense(10)])\nmodel.compile(loss={loss})\n")


def about(loss: Loss | None) -> tuple[Any, ...] | None:
    """Name, `from_logits`, spelling."""
    return (loss.name.value, value(loss.from_logits), loss.spelling) if loss is not None else None


LOSS_STRINGS = [
    (text, spec)
    for spec in losses.SPECS
    for text in (*spec.strings, *spec.strings_2, *spec.strings_3, *spec.old_strings)
]


@pytest.mark.parametrize(("text", "spec"), LOSS_STRINGS, ids=[text for text, _ in LOSS_STRINGS])
def test_every_loss_as_a_string(text: str, spec: losses.LossSpec) -> None:
    for written in (f'"{text}"', f'keras.losses.get("{text}")'):
        found = trained(written).loss
        assert about(found) == (spec.name, False, "string")
        assert found
        assert (found.family, found.takes_logits) == (spec.family, spec.takes_logits)


LOSS_CLASSES = [(name, spec) for spec in losses.SPECS for name in spec.classes]


@pytest.mark.parametrize(("name", "spec"), LOSS_CLASSES, ids=[name for name, _ in LOSS_CLASSES])
def test_every_loss_as_a_class(name: str, spec: losses.LossSpec) -> None:
    assert about(trained(f"keras.losses.{name}()").loss) == (spec.name, False, "class")
    assert about(trained(f"keras.losses.{name}").loss) == (spec.name, False, "class")
    if spec.takes_logits:
        assert about(trained(f"keras.losses.{name}(from_logits=True)").loss) == (spec.name, True, "class")
        assert about(trained(f"keras.losses.{name}(from_logits=given)").loss) == (spec.name, UNKNOWN, "class")
        assert about(trained(f"keras.losses.{name}(**given)").loss) == (spec.name, UNKNOWN, "class")


LOSS_FUNCTIONS = sorted(losses.functions())


@pytest.mark.parametrize("dotted", LOSS_FUNCTIONS)
def test_every_loss_as_a_function(dotted: str) -> None:
    row = losses.functions()[dotted]
    spelling = "function" if dotted.startswith("keras.") else "op"
    module = dotted.rpartition(".")[0]
    assert about(trained(dotted, f"import {module}").loss) == (row.spec.name, row.logits is Logits.ALWAYS, spelling)
    if row.logits is Logits.PARAMETER:
        with_logits = f"lambda true, pred: {dotted}(true, pred, from_logits=True)"
        found = trained(with_logits, f"import {module}").loss
        assert about(found) == (row.spec.name, True, spelling)


CE = "keras.losses.categorical_crossentropy"
SPARSE = "keras.losses.sparse_categorical_crossentropy"
LOSSES = [
    ('"MSE"', "", ("mean_squared_error", False, "string")),
    ("LOSS", 'LOSS = "mse"', ("mean_squared_error", False, "string")),
    ("keras.losses.CategoricalCrossentropy(True)", "", ("categorical_crossentropy", True, "class")),
    ("keras.losses.CategoricalCrossentropy(from_logits=False)", "", ("categorical_crossentropy", False, "class")),
    ("keras.losses.BinaryCrossentropy(from_logits=LOGITS)", "LOGITS = True", ("binary_crossentropy", True, "class")),
    ("tf.losses.BinaryCrossentropy()", "", ("binary_crossentropy", False, "class")),
    ("getattr(keras.losses, name)", 'name = "Huber"', ("huber", False, "class")),
    ("losses[name]", 'losses = {"a": "mse", "b": "mae"}\nname = "b"', ("mean_absolute_error", False, "string")),
    ("losses[1]", 'losses = ["mse", "mae"]', ("mean_absolute_error", False, "string")),
    # handed on
    (f"partial({CE}, from_logits=True)", "", ("categorical_crossentropy", True, "function")),
    (f"partial({CE}, label_smoothing=0.1)", "", ("categorical_crossentropy", False, "function")),
    (f"lambda y, p: {SPARSE}(y, p)", "", ("sparse_categorical_crossentropy", False, "function")),
    (f"lambda y, p: {SPARSE}(y, p, True)", "", ("sparse_categorical_crossentropy", True, "function")),
    ("lambda y, p: tf.nn.softmax_cross_entropy_with_logits(y, p)", "", ("categorical_crossentropy", True, "op")),
    (
        "lambda y, p: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=p)",
        "",
        ("sparse_categorical_crossentropy", True, "op"),
    ),
    # wrapped: reductions, weights, penalties, another shape
    ("own", f"def own(y, p):\n    return {CE}(y, p)", ("categorical_crossentropy", False, "function")),
    ("own", f"def own(y, p):\n    return K.mean({CE}(y, p))", ("categorical_crossentropy", False, "function")),
    ("own", f"def own(y, p):\n    return 2.0 * {CE}(y, p)", ("categorical_crossentropy", False, "function")),
    ("own", f"def own(y, p):\n    return {CE}(y, p) * weights", ("categorical_crossentropy", False, "function")),
    ("own", f"def own(y, p):\n    l = {CE}(y, p, from_logits=True)\n    return tf.reduce_sum(l) / 32.0",
     ("categorical_crossentropy", True, "function")),
    ("own", f"def own(y, p):\n    return {CE}(y, p) + 0.1 * tf.reduce_sum(tf.square(p))",
     ("categorical_crossentropy", False, "function")),
    ("own", f"def own(y, p):\n    p = tf.cast(tf.reshape(p, (-1, 10)), 'float32')\n    return {CE}(y, p)",
     ("categorical_crossentropy", False, "function")),
    ("make(True)",
     f"def make(logits):\n    def own(y, p):\n        return {CE}(y, p, from_logits=logits)\n    return own",
     ("categorical_crossentropy", True, "function")),
    ("own", "def own(y, p):\n    return keras.losses.BinaryCrossentropy(from_logits=True)(y, p)",
     ("binary_crossentropy", True, "function")),
    ("Own().loss", "class Own:\n    def loss(self, y, p):\n        return keras.losses.mse(y, p)",
     ("mean_squared_error", False, "function")),
    ("Own()", "class Own(keras.losses.Loss):\n    def call(self, y, p):\n        return keras.losses.mse(y, p)",
     ("mean_squared_error", False, "function")),
    # only the name is known
    ("dice_loss", "", ("dice", False, "custom")),
    ('"dice_coef_loss"', "", ("dice", False, "custom")),
    ("tversky", "from metrics import tversky", ("tversky", False, "custom")),
    ("jaccard_distance", "def jaccard_distance(y, p):\n    return 1 - tf.reduce_sum(y * p)", ("dice", False, "custom")),
    # not known
    ("given", "", None),
    ('"no_such_loss"', "", None),
    ('"crossentropy"', "", None),  # Keras 3 decides by the shapes
    ("None", "", None),
    ("keras.losses.deserialize(config)", "", None),
    ('keras.losses.get({"class_name": "MeanSquaredError", "config": {}})', "", None),
    ('keras.losses.deserialize({"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}})', "", None),
    ('keras.losses.get({"class_name": "CategoricalCrossentropy"})', "", None),
    ("own", "def own(y, p):\n    return tf.reduce_mean(tf.square(y - p))", None),
    ("own", f"def own(y, p):\n    return {CE}(y, p) + keras.losses.mse(y, p)", None),
    ("own", "def own(y, p):\n    raise NotImplementedError", None),
    # what happens to the prediction before the loss is the program's own affair
    ("own", f"def own(y, p):\n    return {CE}(y, tf.nn.softmax(p))", None),
    ("own", f"def own(y, p):\n    return {CE}(y, keras.activations.softmax(p))", None),
    ("own", "def own(y, p):\n    return keras.losses.binary_crossentropy(y, tf.sigmoid(p))", None),
    ("own", f"def own(y, p):\n    p = K.clip(p, 1e-7, 1.0)\n    return {CE}(y, p)", None),
    ("own", f"def own(y, p):\n    return {CE}(y, p[..., :10])", None),
    ("own", "def own(y, p):\n    p = tf.nn.softmax(p)\n    return -tf.reduce_sum(y * tf.math.log(p), axis=-1)", None),
    ("own", "def own(y, p):\n    q = K.sigmoid(p)\n    return -K.mean(y * K.log(q) + (1 - y) * K.log(1 - q))", None),
    ("own", "def own(y, p):\n    return -tf.reduce_sum(y * tf.nn.log_softmax(p), axis=-1)", None),
    ("own", f"def own(y, p):\n    return {CE}(p, y)", None),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "before", "expected"), LOSSES)
def test_losses(loss: str, before: str, expected: tuple[Any, ...] | None) -> None:
    assert about(trained(loss, before).loss) == expected


def test_a_loss_in_a_variable_is_shown_where_it_is_written() -> None:
    found = trained("LOSS", 'LOSS = "mse"').loss
    assert found
    assert found.name.span.line == IMPORTS.count("\n") + 1


def test_a_loss_in_a_variable_is_not_changed_in_place() -> None:
    in_place = ('"mse"', '["mse"]', '{"top": "mse"}')
    elsewhere = ("LOSS", "[LOSS]", "LOSSES", "BY_OUTPUT")
    for written, literal in (*((one, True) for one in in_place), *((one, False) for one in elsewhere)):
        found = trained(written, 'LOSS = "mse"\nLOSSES = ["mse"]\nBY_OUTPUT = {"top": "mse"}').loss
        assert found
        assert found.name.literal is literal


def test_from_logits_in_its_place_can_be_dropped() -> None:
    found = trained("keras.losses.CategoricalCrossentropy(from_logits=True)").loss
    assert found
    assert found.from_logits
    assert found.from_logits.literal
    elsewhere = trained("keras.losses.CategoricalCrossentropy(from_logits=LOGITS)", "LOGITS = True").loss
    assert elsewhere
    assert elsewhere.from_logits
    assert not elsewhere.from_logits.literal


# --- compile ---------------------------------------------------------------------------------------------------------

COMPILES = {
    "by position": 'model.compile("adam", "mse", ["mae"])',
    "by keyword": 'model.compile(optimizer="adam", loss="mse", metrics=["mae"])',
    "settings in a dictionary": 'model.compile(**{"optimizer": "adam", "loss": "mse", "metrics": ["mae"]})',
    "settings made by a call": 'model.compile(**dict(optimizer="adam", loss="mse", metrics=["mae"]))',
    "in a function": """
def prepare(net, loss="mae"):
    net.compile("adam", loss, metrics=["mae"])
    return net

model = prepare(model, loss="mse")
""",
    "in a method": """
class Trainer:
    def __init__(self, net):
        self.net = net
    def prepare(self, **options):
        self.net.compile(metrics=["mae"], **options)

Trainer(model).prepare(optimizer="adam", loss="mse")
""",
    "through a bound method": 'compile = model.compile\ncompile("adam", loss="mse", metrics=["mae"])',
}


@pytest.mark.parametrize("program", COMPILES.values(), ids=COMPILES)
def test_compile(program: str) -> None:
    found = training(f"model = Sequential([layers.Dense(1)])\n{program}\n")
    assert about(found.loss) == ("mean_squared_error", False, "string")
    assert [one.name.value for one in found.metrics] == ["mean_absolute_error"]
    assert value(found.optimizer) == "Adam"


def test_a_factory_that_compiles() -> None:
    found = training("""
def build(classes, loss="sparse_categorical_crossentropy"):
    model = Sequential([layers.Dense(classes, activation="softmax")])
    model.compile("adam", loss)
    return model

build(3)
""")
    assert value(found.head.units) == 3
    assert about(found.loss) == ("sparse_categorical_crossentropy", False, "string")


def test_branches_stay_together() -> None:
    [model] = models("""
def build(classes):
    if classes == 2:
        top, loss = layers.Dense(1, activation="sigmoid"), "binary_crossentropy"
    else:
        top, loss = layers.Dense(classes, activation="softmax"), "categorical_crossentropy"
    model = Sequential([top])
    model.compile("adam", loss)
""")
    found = {(value(one.head.activation), one.loss.name.value if one.loss else None) for one in model.trainings}
    assert found == {("sigmoid", "binary_crossentropy"), ("softmax", "categorical_crossentropy")}


def test_a_choice_by_a_key_that_is_not_known() -> None:
    [model] = models("""
losses = {"a": "mse", "b": "mae"}
model = Sequential([layers.Dense(1)])
model.compile(loss=losses[given])
""")
    assert {one.loss.name.value for one in model.trainings if one.loss} == {"mean_squared_error", "mean_absolute_error"}


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ("model.fit(x, y)", ["mean_squared_error", "mean_absolute_error"]),
        ("", ["mean_absolute_error"]),
    ],
    ids=["trained", "only shown"],
)
def test_a_second_compile_is_a_second_training(between: str, expected: list[str]) -> None:
    """A compile that another one replaces before anything was trained trains nothing."""
    program = f'model = Sequential([layers.Dense(1)])\nmodel.compile(loss="mse")\n{between}\nmodel.compile(loss="mae")'
    [model] = models(program)
    assert [one.loss.name.value for one in model.trainings if one.loss] == expected


def test_a_head_that_is_trained_twice_is_one_head() -> None:
    [model] = models('model = Sequential([layers.Dense(1)])\nmodel.compile(loss="mse")\nmodel.compile(loss="mae")')
    assert len(model.heads) == 1


def test_two_heads_of_the_same_make_are_two() -> None:
    [model] = models("""
x = Input((3,))
first = layers.Dense(4, activation="softmax")(x)
second = layers.Dense(4, activation="softmax")(x)
model = Model(x, [first, second])
model.compile(loss="categorical_crossentropy")
""")
    assert (len(model.heads), len(model.trainings)) == (2, 2)


def test_an_activation_that_is_taken_off_after_training_was_trained() -> None:
    found = training("""
model = Sequential([layers.Dense(10, activation="softmax")])
model.compile("adam", "categorical_crossentropy")
model.fit(x, y)
model.layers[-1].activation = keras.activations.linear
""")
    assert value(found.head.activation) == "softmax"


def test_what_cannot_be_judged_is_said_once() -> None:
    program = read("for _ in range(3):\n    model = Sequential([layers.Dense(1)])\n    model.compile(loss=given)")
    assert len(program.not_checked) == 1
    program = read("model = Sequential([layers.Dense(1)])\nmodel.compile(loss=given)")
    assert [one.reason for one in program.not_checked] == ["the loss is not known"]
    program = read('model = keras.models.load_model("m")\nmodel.compile(loss="mse")')
    assert [one.reason for one in program.not_checked] == ["the output layer is not known"]
    program = read("model = Sequential([layers.Dense(1)])\nmodel.compile('adam')")
    assert program.not_checked == ()


@pytest.mark.parametrize("spec", optimizers.SPECS, ids=[spec.name for spec in optimizers.SPECS])
def test_every_optimizer(spec: optimizers.OptimizerSpec) -> None:
    strings = [f'"{text}"' for text in (*spec.strings, *spec.strings_3, *map(str.upper, spec.strings))]
    made = f"keras.optimizers.{spec.name}"
    for written in (*strings, made, f"{made}()", f"{made}(0.1)"):
        found = training(f"model = Sequential([layers.Dense(1)])\nmodel.compile({written}, 'mse')")
        assert value(found.optimizer) == spec.name


def test_an_optimizer_that_is_not_known() -> None:
    for written in ("given", '"no_such_optimizer"', "other.Adam()"):
        found = training(f"import other\nmodel = Sequential([layers.Dense(1)])\nmodel.compile({written}, 'mse')")
        assert value(found.optimizer) is UNKNOWN


# --- metrics ---------------------------------------------------------------------------------------------------------


def measured(metrics_: str, before: str = "") -> tuple[Metric, ...]:
    program = f"{before}\nmodel = Sequential([layers.Dense(10)])\nmodel.compile('adam', 'mse', metrics={metrics_})"
    return training(program).metrics


METRIC_STRINGS = [(text, spec) for spec in metrics.SPECS for text in (*spec.strings, *spec.strings_2, *spec.strings_3)]


@pytest.mark.parametrize(("text", "spec"), METRIC_STRINGS, ids=[text for text, _ in METRIC_STRINGS])
def test_every_metric_as_a_string(text: str, spec: metrics.MetricSpec) -> None:
    [found] = measured(f'["{text}"]')
    assert (found.name.value, value(found.threshold)) == (spec.name, spec.default_threshold)
    assert found.name.literal


METRIC_CLASSES = [(name, spec) for spec in metrics.SPECS for name in spec.classes]


@pytest.mark.parametrize(("name", "spec"), METRIC_CLASSES, ids=[name for name, _ in METRIC_CLASSES])
def test_every_metric_as_a_class(name: str, spec: metrics.MetricSpec) -> None:
    [found] = measured(f"[keras.metrics.{name}(name='own')]")
    assert found.name.value == ("exact_accuracy" if name == "Accuracy" else spec.name)


METRICS = [
    ('["accuracy", "mae"]', ["accuracy", "mean_absolute_error"]),
    ('"accuracy"', ["accuracy"]),
    ('("acc",)', ["accuracy"]),
    ("[keras.metrics.mean_squared_error]", ["mean_squared_error"]),
    ("[keras.metrics.AUC]", ["auc"]),
    ("NAMES", ["accuracy"]),
    ("[given]", []),
    ("given", []),
    ("[own]", []),
    ("[]", []),
    ('{"top": ["accuracy"]}', ["accuracy"]),
]


@pytest.mark.parametrize(("written", "expected"), METRICS)
def test_metrics(written: str, expected: list[str]) -> None:
    found = measured(written, 'NAMES = ["accuracy"]\ndef own(y, p):\n    return tf.reduce_mean(p)')
    assert [one.name.value for one in found] == expected


@pytest.mark.parametrize(
    ("written", "literal"),
    [
        ('["accuracy"]', True),
        ('"accuracy"', True),
        ('{"top": ["accuracy"]}', True),
        ("NAMES", False),
        ('{"top": NAMES}', False),
        ("[*NAMES]", False),
        ("NAMES + []", False),
        ('("accuracy",)', True),
        ('[["accuracy"]]', True),
        ("BY_OUTPUT", False),
    ],
)
def test_metrics_that_others_may_use_too_are_not_changed_in_place(written: str, literal: bool) -> None:
    [found] = measured(written, 'NAMES = ["accuracy"]\nBY_OUTPUT = {"top": ["accuracy"]}')
    assert found.name.literal is literal


def test_thresholds_and_logits_of_metrics() -> None:
    [found] = measured("[keras.metrics.BinaryAccuracy(threshold=0.0)]")
    assert value(found.threshold) == 0
    [found] = measured("[keras.metrics.BinaryAccuracy()]")
    assert value(found.threshold) == 0.5
    [found] = measured("[keras.metrics.BinaryAccuracy(threshold=given)]")
    assert value(found.threshold) is UNKNOWN
    [found] = measured("[keras.metrics.AUC(from_logits=True)]")
    assert value(found.from_logits) is True
    [found] = measured("[keras.metrics.AUC()]")
    assert value(found.from_logits) is False


READS = [
    ('["accuracy"]', "largest", None),
    ("[keras.metrics.BinaryAccuracy()]", "threshold", "each-output"),
    ("[keras.metrics.Accuracy()]", "equality", None),
    ("[keras.metrics.AUC]", "curve", "each-output"),
    ("[keras.metrics.Precision(top_k=3)]", "largest", "each-output"),
    ("[keras.metrics.Precision(None, None)]", "threshold", "each-output"),
    ("[keras.metrics.F1Score()]", "largest", "each-output"),
    ("[keras.metrics.F1Score(threshold=0.4)]", "threshold", "each-output"),
    ("[keras.metrics.F1Score(**given)]", None, None),
    ("[keras.metrics.MeanIoU(4)]", "integers", "class-ids"),
    ("[keras.metrics.MeanIoU(4, sparse_y_true=False, sparse_y_pred=False)]", "largest", "one-hot"),
    ("[keras.metrics.MeanIoU(4, sparse_y_pred=given)]", None, "class-ids"),
    ("[keras.metrics.OneHotMeanIoU(4)]", "largest", "one-hot"),
    ('["sparse_categorical_crossentropy"]', "probabilities", "class-ids"),
    ('["mae"]', None, None),
]


@pytest.mark.parametrize(("written", "reads", "labels"), READS)
def test_what_metrics_make_of_outputs_and_labels(written: str, reads: str | None, labels: str | None) -> None:
    [found] = measured(written)
    assert [fact.value if fact else None for fact in (found.reads, found.labels)] == [reads, labels]


def test_plain_accuracy_of_one_unit_has_a_threshold() -> None:
    found = training("model = Sequential([layers.Dense(1)])\nmodel.compile(loss='mse', weighted_metrics=['acc'])")
    [metric] = found.metrics
    assert (metric.name.value, value(metric.reads), value(metric.threshold)) == ("accuracy", "threshold", 0.5)


LOOP = """
model = Sequential([layers.Dense(1)])
loss_of, hits, area = keras.losses.MeanSquaredError(), keras.metrics.BinaryAccuracy(), keras.metrics.AUC()
for x, y in batches:
    with tf.GradientTape() as tape:
        scores = model(x)
        loss = loss_of(y, scores)
    {update}
"""
UPDATES = [
    ("hits.update_state(y, scores)", ["binary_accuracy"]),
    ("hits.update_state(y_true=y, y_pred=scores)\n    area(y, scores)", ["binary_accuracy", "auc"]),
    ("hits.update_state(y, tf.nn.sigmoid(scores))", []),
    ("hits.update_state(y, model(x))", []),
    ("hits.update_state(y, given)", []),
    ("given.update_state(y, scores)", []),
]


@pytest.mark.parametrize(("update", "expected"), UPDATES)
def test_metrics_of_loops_of_the_programs_own(update: str, expected: list[str]) -> None:
    [model] = models(LOOP.format(update=update))
    assert [[one.name.value for one in each.metrics] for each in model.trainings] == [expected]


def test_a_function_that_was_replaced_before_anybody_called_it_is_not_read_with_what_came_later() -> None:
    program = """
model, loss_of = Sequential([layers.Dense(4)]), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
def step(x, y):
    return loss_of(y, model(x))
critic, loss_of = Sequential([layers.Dense(1)]), keras.losses.BinaryCrossentropy(from_logits=True)
def step(x, y):
    return loss_of(y, critic(x))
"""
    found = [one.loss.name.value for model in models(program) for one in model.trainings if one.loss]
    assert found == ["binary_crossentropy"]


# --- several outputs -------------------------------------------------------------------------------------------------

TWO = """
x = Input((32,))
kind = layers.Dense(5, activation="softmax", name="kind")(x)
size = layers.Dense(1, name="size")(x)
"""
BOTH = [("kind", "softmax", "categorical_crossentropy"), ("size", "linear", "mean_squared_error")]

TWO_OUTPUTS = [
    ("Model(x, [kind, size])", '["categorical_crossentropy", "mse"]', BOTH),
    ("Model(x, (kind, size))", '["categorical_crossentropy", "mse"]', BOTH),
    ("Model(x, [kind, size])", '{"size": "mse", "kind": "categorical_crossentropy"}', BOTH),
    ("Model(x, [kind, size])", 'dict(kind="categorical_crossentropy", size="mse")', BOTH),
    ("Model(x, {'kind': kind, 'size': size})", '{"size": "mse", "kind": "categorical_crossentropy"}', BOTH),
    ("Model(x, {'kind': kind, 'size': size})", '["categorical_crossentropy", "mse"]', BOTH),
    ("Model(x, [kind, size])", '"mse"', [("kind", "softmax", "mean_squared_error"), BOTH[1]]),
    ("Model(x, [kind, size])", '["categorical_crossentropy", None]', [BOTH[0], ("size", "linear", None)]),
    ("Model(x, [kind, size])", '["categorical_crossentropy"]', [BOTH[0], ("size", "linear", None)]),
    ("Model(x, [kind, size])", '{"kind": "categorical_crossentropy"}', [BOTH[0], ("size", "linear", None)]),
    ("Model(x, [kind, size])", "given", [("kind", "softmax", None), ("size", "linear", None)]),
]


@pytest.mark.parametrize(("built", "loss", "expected"), TWO_OUTPUTS)
def test_several_outputs(built: str, loss: str, expected: list[tuple[Any, ...]]) -> None:
    [model] = models(f"{TWO}\nmodel = {built}\nmodel.compile('adam', loss={loss})")
    found = [
        (one.head.name, value(one.head.activation), one.loss.name.value if one.loss else None)
        for one in model.trainings
    ]
    assert found == expected


TWO_METRICS = [
    ('{"kind": "accuracy", "size": ["mae"]}', [["accuracy"], ["mean_absolute_error"]]),
    ('{"kind": ["accuracy", "mae"]}', [["accuracy", "mean_absolute_error"], []]),
    ('[["accuracy"], ["mae"]]', [["accuracy"], ["mean_absolute_error"]]),
    ('["accuracy", "mae"]', [["accuracy"], ["mean_absolute_error"]]),
]


@pytest.mark.parametrize(("written", "expected"), TWO_METRICS)
def test_metrics_of_several_outputs(written: str, expected: list[list[str]]) -> None:
    [model] = models(f"{TWO}\nmodel = Model(x, [kind, size])\nmodel.compile('adam', 'mse', metrics={written})")
    assert [[one.name.value for one in each.metrics] for each in model.trainings] == expected


def test_a_dictionary_of_losses_for_one_output() -> None:
    found = training(
        "x = Input((3,))\nmodel = Model(x, layers.Dense(1, name='a')(x))\nmodel.compile(loss={'a': 'mse'})"
    )
    assert about(found.loss) == ("mean_squared_error", False, "string")


def test_the_outputs_of_a_model_inside_another() -> None:
    [model] = models(f"""
{TWO}
inner = Model(x, [kind, size])
z = Input((32,))
first, second = inner(z)
model = Model(z, [first, second])
model.compile("adam", ["categorical_crossentropy", "mse"])
""")
    assert [value(one.head.activation) for one in model.trainings] == ["softmax", "linear"]


# --- loops of the program's own --------------------------------------------------------------------------------------

LOOPS = {
    "a loss object": """
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
for x, y in data:
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss = loss_fn(y, logits)
    grads = tape.gradient(loss, model.trainable_weights)
""",
    "a function": """
@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        p = model(x)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, p, from_logits=True))
    return loss

for x, y in data:
    step(x, y)
""",
    "a loss of TensorFlow": """
def step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(x))
    return tape.gradient(loss, model.trainable_variables)
""",
}


@pytest.mark.parametrize("program", LOOPS.values(), ids=LOOPS)
def test_a_loss_in_a_loop(program: str) -> None:
    found = training('model = Sequential([layers.Dense(4, activation="softmax")])\n' + program)
    assert (value(found.head.units), value(found.head.activation)) == (4, "softmax")
    assert found.loss
    assert (found.loss.name.value, value(found.loss.from_logits)) == ("sparse_categorical_crossentropy", True)


def test_what_is_only_shown_is_not_trained() -> None:
    found = training("""
model = Sequential([layers.Dense(4)])
for x, y in data:
    with tf.GradientTape() as tape:
        loss = keras.losses.sparse_categorical_crossentropy(y, model(x), from_logits=True)
    error = keras.losses.mse(y, model(x))
""")
    assert found.loss
    assert found.loss.name.value == "sparse_categorical_crossentropy"


def test_a_train_step() -> None:
    found = training("""
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.top = layers.Dense(1, activation="sigmoid")

    def call(self, x):
        return self.top(x)

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = keras.losses.binary_crossentropy(y, self(x, training=True))
        return {"loss": loss}

model = Net()
""")
    assert (value(found.head.activation), about(found.loss)) == (
        "sigmoid",
        ("binary_crossentropy", False, "function"),
    )


# --- the runtime -----------------------------------------------------------------------------------------------------


def runtime(text: str) -> tuple[Any, ...]:
    program = recover(Source.from_bytes("train.py", text.encode()))
    found = program.models[0].runtime
    return value(found.package), value(found.keras), value(found.backend), value(found.dtype_policy)


NET = "model = keras.Sequential([keras.layers.Dense(1)])\n"
RUNTIMES = [
    ("import keras\n" + NET, ("keras", None, None, None)),
    ("from tensorflow import keras\n" + NET, ("tensorflow.keras", None, None, None)),
    ("import tensorflow as tf\nmodel = tf.keras.Sequential()\n", ("tensorflow.keras", None, None, None)),
    ("import tf_keras as keras\n" + NET, ("tf_keras", "2", None, None)),
    ("import keras\nfrom tensorflow.keras import layers\n" + NET, (None, None, None, None)),
    ("import os\nos.environ['KERAS_BACKEND'] = 'jax'\nimport keras\n" + NET, ("keras", None, "jax", None)),
    (
        "import os\nos.environ.setdefault('KERAS_BACKEND', 'torch')\nimport keras\n" + NET,
        ("keras", None, "torch", None),
    ),
    ("import os\nos.environ['KERAS_BACKEND'] = given\nimport keras\n" + NET, ("keras", None, None, None)),
    ("import keras\nkeras.config.set_backend('jax')\n" + NET, ("keras", None, "jax", None)),
    (
        "import keras\nkeras.mixed_precision.set_global_policy('mixed_float16')\n" + NET,
        ("keras", None, None, "mixed_float16"),
    ),
    (
        "from tensorflow import keras\nfrom tensorflow.keras import mixed_precision\n"
        "policy = mixed_precision.Policy('mixed_bfloat16')\nmixed_precision.set_global_policy(policy)\n" + NET,
        ("tensorflow.keras", None, None, "mixed_bfloat16"),
    ),
    (
        "import keras\nkeras.config.set_dtype_policy(keras.DTypePolicy('mixed_float16'))\n" + NET,
        ("keras", None, None, "mixed_float16"),
    ),
]


@pytest.mark.parametrize(("program", "expected"), RUNTIMES)
def test_which_keras_runs_it(program: str, expected: tuple[Any, ...]) -> None:
    assert runtime(program) == expected


# --- what else is read -----------------------------------------------------------------------------------------------


def test_layers_in_the_order_of_their_calls() -> None:
    [model] = models("""
x = Input((8,))
a = layers.Dense(16, activation="relu", name="body")(x)
b = layers.Dropout(0.5)(a)
model = Model(x, layers.Dense(3, activation="softmax")(b))
""")
    assert [(one.kind, one.name, value(one.units), value(one.activation)) for one in model.layers] == [
        ("Dense", "body", 16, "relu"),
        ("Dropout", None, None, None),
        ("Dense", None, 3, "softmax"),
    ]


DECISIONS = [
    ("np.argmax(model.predict(x), axis=1)", "argmax"),
    ("model.predict(x).argmax(axis=-1)", "argmax"),
    ("tf.argmax(model(x), axis=1)", "argmax"),
    ("model.predict_classes(x)", "argmax"),
    ("model.predict(x) > 0.5", "threshold"),
    ("(model(x) >= 0.5).numpy()", "threshold"),
    ("np.round(model.predict(x))", "threshold"),
    ("model.predict(x)", None),
]


@pytest.mark.parametrize(("expression", "expected"), DECISIONS)
def test_how_predictions_are_read(expression: str, expected: str | None) -> None:
    program = (
        f"model = Sequential([layers.Dense(3)])\nmodel.compile(loss='mse')\nx = Input((4,))\nanswer = {expression}\n"
    )
    assert value(training(program).head.decision) == expected


def test_activations_stand_wherever_they_are_applied() -> None:
    found = read("""
def attention(q, k):
    return tf.nn.softmax(tf.matmul(q, k, transpose_b=True))

hidden = layers.Dense(4, activation="softmax")(Input((3,)))
""").activations
    assert sorted((one.name.value, one.route) for one in found) == [("softmax", "activation"), ("softmax", "op")]


OBSOLETE = [
    ("keras.optimizers.Adam(lr=0.1)", ("Adam", "lr", "learning_rate", None)),
    ("layers.Conv2D(8, 3, border_mode='same')", ("Conv2D", "border_mode", "padding", None)),
    ("layers.Convolution2D(8, 3, 3, border_mode='same')", ("Conv2D", "border_mode", "padding", None)),
    ("layers.Deconvolution2D(8, 3, 3, border_mode='same')", ("Deconvolution2D", "border_mode", "padding", None)),
    ("layers.Conv2D(8, 3, dim_ordering='th')", ("Conv2D", "dim_ordering", "data_format", '"channels_first"')),
    ("Model(input=Input((3,)), output=given)", ("Model", "input", "inputs", None)),
    ("Sequential().fit(given, given, nb_epoch=3)", ("fit", "nb_epoch", "epochs", None)),
]


@pytest.mark.parametrize(("expression", "expected"), OBSOLETE)
def test_arguments_of_another_keras(expression: str, expected: tuple[Any, ...]) -> None:
    found = read(f"made = {expression}").obsolete[0]
    assert (found.owner, found.argument.value, found.successor, found.value) == expected


def test_old_optimizers_take_what_they_always_took() -> None:
    assert (
        read("tf.keras.optimizers.legacy.Adam(lr=0.1, decay=0.1)\ntf.compat.v1.train.AdamOptimizer(0.1)").obsolete == ()
    )


def test_texts_that_are_stored_in_a_fixed_width() -> None:
    [found] = read("names = np.zeros(10, dtype='U3')\nnames[:5] = 'cat'\nnames[5:] = 'horse'").text_arrays
    assert (found.width.value, [one.value for one in found.stored]) == (3, ["cat", "horse"])


# --- nothing breaks --------------------------------------------------------------------------------------------------

ODD = [
    "model = Sequential([layers.Dense(1)])\nmodel.add_loss(lambda: 0.0)\nmodel.add_metric(given)",
    "x = Input((3,))\nmodel = Model(x, layers.Dense(1)(x))\nmodel.add_loss(tf.reduce_sum(x))\nmodel.compile('adam')",
    "model = Sequential([layers.Dense(1)])\nmodel.outputs = 5\nmodel.compile(loss='mse')",
    "model = Sequential([layers.Dense(1)])\nmodel.loss = 'mse'",
    "model = Model()\nmodel.outputs = None\nmodel.compile()",
    "model = Model(inputs=None, outputs=None)\nmodel.compile(loss=['mse'])",
    "model = Sequential()\nmodel.pop()\nmodel.compile(loss={})",
    "model = Sequential(None)\nmodel.compile(loss=None)",
    "model = Sequential(5)\nmodel.summary()",
    "Sequential([layers.Dense('ten', activation=5)]).compile(loss=3.5, optimizer=2, metrics=7)",
    "Sequential([layers.Softmax(axis=(1, 2)), layers.Softmax(axis='x')]).compile(loss='mse')",
    "Sequential([Input(()), layers.Dense(1), layers.Flatten(), layers.Softmax()]).compile(loss='mse')",
    "Sequential([Input(batch_shape=(32,)), layers.MaxPooling1D(data_format='channels_first')]).compile(loss='mse')",
    "Sequential([Input(batch_shape=()), layers.UpSampling1D(), layers.GlobalMaxPooling1D()]).compile(loss='mse')",
    "Sequential([layers.TimeDistributed(layers.TimeDistributed(layers.Dense(3)))]).compile(loss='mse')",
    "Sequential([layers.TimeDistributed()]).compile(loss='mse')",
    "Sequential([layers.Reshape(()), layers.Permute(()), layers.RepeatVector()]).compile(loss='mse')",
    "Sequential([layers.Concatenate(axis=9), layers.Dot(), layers.Add()]).compile(loss='mse')",
    "Sequential([layers.Lambda()]).compile(loss='mse')",
    "Sequential([layers.Conv2D(3, 3, data_format=['a'])]).compile(loss='mse')",
    "K.set_image_data_format(['a'])\nK.set_image_data_format()\nkeras.config.set_backend(3)",
    "keras.mixed_precision.set_global_policy()\nkeras.config.set_dtype_policy(given)",
    "tf.add()\ntf.exp()\nK.softmax()\ntf.concat()\ntf.reshape()\nops.sum()\ntf.nn.softmax(3.0)",
    "y = tf.add()\nmodel = Model(Input((3,)), y)\nmodel.compile(loss='mse')",
    "model = Model(Input((3,)), [])\nmodel.compile(loss=[], metrics=[[]])",
    "model = Model(Input((3,)), {})\nmodel.compile(loss={}, metrics={})",
    "keras.losses.categorical_crossentropy()\nkeras.losses.MeanSquaredError()()",
    "keras.applications.ResNet50(classes='ten', include_top=[])",
    "partial()\npartial(partial, partial)()\nkeras.losses.get()",
    "model = Sequential([layers.Dense(1)])\nmodel.compile(loss=partial(keras.losses.mse, 1, 2, 3))",
    "def loss(y, p):\n    return loss(y, p)\nSequential([layers.Dense(1)]).compile(loss=loss)",
    "x = Input((3,))\nfor _ in range(99):\n    x = layers.TimeDistributed(layers.Dense(2))(x)\nModel(x, x)",
    "x = layers.Dense(1)\nx.activation = x\nModel(Input((3,)), x(Input((3,)))).compile(loss='mse')",
]


@pytest.mark.parametrize("program", ODD)
def test_odd_programs_are_read_too(program: str) -> None:
    assert read(program).path == "train.py"


def test_the_family_says_what_a_loss_asks_for() -> None:
    assert {spec.family for spec in losses.SPECS} <= set(Family)
    found = trained('"categorical_crossentropy"').loss
    assert found
    assert found.family is Family.CATEGORICAL


def test_a_made_axis_is_as_long_as_what_comes_to_it() -> None:
    program = """
import keras
from keras import ops
class Distances(keras.layers.Layer):
    def build(self, shape):
        self.centres = self.add_weight(shape=(10, shape[-1]))
    def call(self, x):
        return ops.sum(ops.square(ops.expand_dims(x, 1) - self.centres), axis=-1)
model = keras.Sequential([keras.Input((20,)), Distances()])
model.compile("adam", "categorical_crossentropy")
"""
    (model,) = read(program).models
    assert model.heads[0].units is None

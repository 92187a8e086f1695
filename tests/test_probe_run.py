"""The child builds the models of a program without its data, and says where everything was made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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


DOUBLED = """import numpy as np
import keras
import tensorflow as tf
inputs = keras.Input((4,))
scores = keras.layers.Dense(3)(inputs)
{}
model = keras.Model(inputs, scores + more)
"""


def test_an_operand_from_data_is_told() -> None:
    (model,) = models(DOUBLED.format("more = np.load('offsets.npy')"))
    assert model["stood_in"] == ["more.operand"]


def test_there_is_no_model_without_the_part_that_failed() -> None:
    found = answers(DOUBLED.format("more = (scores - tf.reduce_max(scores, axis=1)) * 2"))
    assert [line["event"] for line in found] == ["failed", "note"]
    assert found[0]["site"][1] == 6
    assert found[0]["stood_in"] == []


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


def test_a_failure_behind_a_name_of_an_older_keras_may_be_ours() -> None:
    found = answers(
        """import keras
from keras.layers.experimental.preprocessing import CategoryEncoding
inputs = keras.Input((5,), dtype="int32")
model = keras.Model(inputs, keras.layers.Dense(2)(CategoryEncoding(output_mode="binary")(inputs)))
"""
    )
    (failed,) = [line for line in found if line["event"] == "failed"]
    assert failed["stood_in"] == ["keras.layers.experimental.preprocessing.CategoryEncoding"]


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


# --- what comes from data ---------------------------------------------------------------------------------------------

FROM_DATA = {
    "shapes of arrays": "inputs, units = keras.Input(x_train.shape[1:]), y_train.shape[1]",
    "numbers of classes": "inputs, units = keras.Input((4,)), len(class_names)",
    "unique labels": "inputs, units = keras.Input((4,)), len(np.unique(labels))",
    "tables": "table = pd.read_csv('a.csv')\ninputs, units = keras.Input((table.shape[1] - 1,)), table.label.nunique()",
    "words": "inputs, units = keras.Input((4,)), len(tokenizer.word_index) + 1",
    "element specs": "inputs, units = keras.Input(train.element_spec[0].shape[1:]), train.element_spec[1].shape[-1]",
    "batches": "for rows, targets in data.take(1):\n    shape = rows.shape\ninputs, units = keras.Input(shape[1:]), 3",
    "generators": "inputs, units = keras.Input((4,)), train_generator.num_classes",
    "options": "import argparse\np = argparse.ArgumentParser()\np.add_argument('--units', type=int, default=5)\n"
    "p.add_argument('data')\nargs = p.parse_args()\ninputs, units = keras.Input((4,)), args.units",
    "files of settings": "import json\nwith open('c.json') as f:\n    config = json.load(f)\n"
    "inputs, units = keras.Input((4,)), config['units']",
    "the environment": "import os\ninputs, units = keras.Input((4,)), int(os.environ['UNITS'])",
    "the command line": "import sys\ninputs, units = keras.Input((4,)), int(sys.argv[1])",
    "questions": "inputs, units = keras.Input((4,)), int(input('units? '))",
    "pictures": "import matplotlib.pyplot as plt\nplt.imshow(x[0])\nplt.show()\ninputs, units = keras.Input((4,)), 3",
    "known data": "(a, b), (c, d) = keras.datasets.mnist.load_data()\n"
    "inputs, units = keras.Input(a.shape[1:]), len(set(b))",
    "what raises": "size = 1 / 0\ninputs, units = keras.Input((4,)), size",
    "names of nowhere": "inputs, units = keras.Input((4,)), NUMBER_OF_CLASSES",
    "a check": "if not os.path.exists(path):\n    raise SystemExit('no data')\ninputs, units = keras.Input((4,)), 3",
    "sums": "inputs, units = keras.Input((rows * columns,)), int(np.prod(shape_of_output))",
}


@pytest.mark.parametrize("said", FROM_DATA.values(), ids=FROM_DATA)
def test_what_comes_from_data_stands_in(said: str) -> None:
    (model,) = models(
        f"""import os
import keras
import numpy as np
import pandas as pd
{said}
outputs = keras.layers.Dense(units, activation="softmax")(keras.layers.Flatten()(inputs))
model = keras.Model(inputs, outputs)
model.compile("adam", "categorical_crossentropy")
model.fit(x_train, y_train)
"""
    )
    assert kinds(model) == ["InputLayer", "Flatten", "Dense"]
    assert model["layers"][-1]["units"] >= 2
    assert model["compile"] == {"optimizer": "adam", "loss": "categorical_crossentropy"}


@pytest.mark.parametrize(
    ("first", "needs"),
    [
        ("Conv2D(4, 3)", (32, 32, 3)),
        ("LSTM(4)", (16, 8)),
        ("Dense(4)", (12,)),
        ("Conv3D(4, 3)", (8, 8, 8, 3)),
    ],
)
def test_an_unknown_shape_is_one_that_the_layers_take(first: str, needs: tuple[int, ...]) -> None:
    text = """import keras
from keras import layers
inputs = keras.Input(shape=SHAPE)
model = keras.Model(inputs, layers.Dense(2)(layers.FIRST(inputs)))
late = keras.Sequential([layers.FIRST, layers.Dense(2)])
"""
    found = models(text.replace("FIRST", first))
    assert [model["name"] for model in found] == ["functional", "sequential"]
    assert [model["stood_in"] for model in found] == [["SHAPE.shape"], ["input.shape"]]


def test_a_picture_that_is_too_small_is_made_larger() -> None:
    (model,) = models(
        """import keras
from keras import layers
model = keras.Sequential([keras.Input((height, width, 3))])
for _ in range(5):
    model.add(layers.Conv2D(2, 3))
    model.add(layers.MaxPooling2D())
"""
    )
    assert len(model["layers"]) == 10


def test_arguments_that_come_from_data_may_be_left_out() -> None:
    (model,) = models(
        """import numpy as np
import keras
matrix = np.load("vectors.npy")
model = keras.Sequential()
model.add(keras.layers.Embedding(vocabulary, size, weights=[matrix], trainable=False))
model.add(keras.layers.LSTM(4, kernel_initializer=start, dropout=args.dropout))
model.add(keras.layers.Dense(1, activation=args.activation))
model.compile(keras.optimizers.Adam(learning_rate=args.rate), loss=args.loss, metrics=["mae", f1_score])
"""
    )
    assert kinds(model) == ["Embedding", "LSTM", "Dense"]
    assert model["compile"] == {"optimizer": "Adam", "metrics": ["mae"]}
    assert {"args.loss.loss", "args.activation.activation", "args.rate.learning_rate"} <= set(model["stood_in"])


def test_a_pretrained_network_comes_without_its_weights() -> None:
    found = models(
        """import keras
base = keras.applications.MobileNetV2(weights="imagenet", include_top=False, input_shape=(32, 32, 3), alpha=0.35)
base.trainable = False
model = keras.Sequential([base, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)])
"""
    )
    assert [model["site"][1] for model in found] == [2, 4]


def test_a_layer_of_a_library_that_is_not_there_changes_nothing() -> None:
    (model,) = models(
        """import keras
import tensorflow_hub_that_is_not_there as hub
model = keras.Sequential([hub.KerasLayer("https://example.org/1"), keras.layers.Dense(3)])
"""
    )
    assert kinds(model) == ["Activation", "Dense"]
    assert "hub.KerasLayer('https://example.org/1').layer" in model["stood_in"]


def test_what_surrounds_a_model_does_nothing() -> None:
    (model,) = models(
        """import os, time
import keras
import tensorflow as tf
keras.utils.set_random_seed(1)
for device in tf.config.list_physical_devices("GPU"):
    tf.config.experimental.set_memory_growth(device, True)
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile(loss="mse")
time.sleep(100)
callbacks = [keras.callbacks.ModelCheckpoint("best.hdf5"), keras.callbacks.EarlyStopping(patience=3)]
history = model.fit(x, y, callbacks=callbacks)
best = max(history.history["accuracy"])
model.summary()
model.save("model.h5")
keras.utils.plot_model(model)
score, accuracy = model.evaluate(x, y)
print(f"{accuracy:.2f}", "%d" % score)
restored = keras.models.load_model("model.h5")
"""
    )
    assert model["compiled_at"] == [10, 4]


# --- models in all their shapes ---------------------------------------------------------------------------------------


def test_a_class_of_the_program_is_built_on_rows_made_up_for_it() -> None:
    (model,) = models(
        """import keras
class Net(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.convolution = keras.layers.Conv2D(4, 3)
        self.flat = keras.layers.Flatten()
        self.head = keras.layers.Dense(units)
    def call(self, inputs, training=False):
        return self.head(self.flat(self.convolution(inputs)))
net = Net(7)
net.compile(loss="mse")
"""
    )
    assert model["site"][1:3] == [10, 6]
    assert [layer["site"][0][1] for layer in model["layers"]] == [5, 6, 7]


def test_rows_are_those_that_the_program_has() -> None:
    (model,) = models(
        """import keras, numpy as np
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(2)
    def call(self, inputs):
        return self.head(inputs)
net = Net()
net.compile(loss="mse")
net.fit(np.zeros((10, 5)), np.zeros((10, 2)))
"""
    )
    assert model["stood_in"] == []


def test_a_layer_says_which_shape_it_wants() -> None:
    decoder, network = models(
        """import keras
decoder = keras.Sequential([keras.layers.Reshape((5, 4)), keras.layers.LSTM(3)])
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(2)
        self.head.build((None, 7))
    def call(self, inputs):
        return self.head(inputs)
net = Net()
"""
    )
    assert kinds(decoder) == ["Reshape", "LSTM"]
    assert kinds(network) == ["Dense"]


def test_a_function_that_nobody_calls_is_called() -> None:
    text = """import keras
def build_model(classes, width=16, activation="softmax"):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(width)])
    model.add(keras.layers.Dense(classes, activation=activation))
    return model
class Net(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.head = keras.layers.Dense(units)
    def call(self, inputs):
        return self.head(inputs)
"""
    calls = [
        {"name": "build_model", "line": 2, "arguments": {"width": 5}},
        {"name": "Net", "line": 6, "arguments": {"units": 2}},
    ]
    factory, net = models(text, calls=calls)
    assert factory["site"][1:3] == [3, 12]
    assert [layer["units"] for layer in factory["layers"]] == [5, 3]
    assert factory["stood_in"] == ["classes.units"]
    assert net["site"][1:3] == [6, 0]
    assert net["layers"][0]["units"] == 2


def test_a_tuner_chooses_its_first_values() -> None:
    (model,) = models(
        """import keras
import keras_tuner as kt
def build(hp):
    model = keras.Sequential([keras.Input((4,))])
    for i in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int(f"units_{i}", min_value=32, max_value=512, step=32)))
    model.add(keras.layers.Dense(2, activation=hp.Choice("last", ["softmax", "sigmoid"])))
    model.compile(keras.optimizers.Adam(hp.Float("rate", 1e-4, 1e-2, sampling="log")), loss="mse")
    return model
tuner = kt.RandomSearch(build, objective="val_accuracy")
tuner.search(x, y)
""",
        calls=[{"name": "build", "line": 3, "arguments": {}}],
    )
    assert [layer["units"] for layer in model["layers"]] == [32, 2]


def test_networks_that_share_layers_are_all_measured_and_the_wanted_one_first() -> None:
    text = """import keras
from keras import layers
def generator():
    return keras.Sequential([keras.Input((8,)), layers.Dense(4)])
def discriminator():
    return keras.Sequential([keras.Input((4,)), layers.Dense(1, activation="sigmoid")])
g, d = generator(), discriminator()
d.compile(loss="binary_crossentropy")
d.trainable = False
noise = keras.Input((8,))
gan = keras.Model(noise, d(g(noise)))
gan.compile(loss="binary_crossentropy")
for step in range(1000):
    d.train_on_batch(real, ones)
    gan.train_on_batch(noise_of(step), ones)
"""
    assert [model["site"][1] for model in models(text)] == [4, 6, 11]
    assert [model["site"][1] for model in models(text, sites=[["program.py", 11, 6]])] == [11, 4, 6]


def test_models_of_a_loop_have_ordinals() -> None:
    found = models(
        """import keras
for units in (1, 2):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
"""
    )
    assert [(model["ordinal"], model["layers"][0]["units"]) for model in found] == [(0, 1), (1, 2)]


def test_a_loop_of_ones_own_builds_the_model_that_it_trains() -> None:
    (model,) = models(
        """import keras
import tensorflow as tf
model = keras.Sequential([keras.layers.Dense(3)])
optimizer = keras.optimizers.Adam()
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss
for epoch in range(10):
    for x, y in dataset:
        print(float(step(x, y)))
while True:
    step(*next(iter(dataset)))
"""
    )
    assert kinds(model) == ["Dense"]
    assert model["compile"] is None


def test_one_failure_does_not_lose_the_other_models() -> None:
    found = answers(
        """import keras
def build(units):
    model = keras.Sequential([keras.Input((4,))])
    model.add(keras.layers.Dense(units, init="uniform"))
    return model
first = build(3)
second = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
first.compile(loss="mse")
"""
    )
    assert [line["event"] for line in found] == ["model", "failed"]
    assert found[0]["site"][1] == 7
    assert found[1]["site"][1:3] == [4, 14]
    assert "Unrecognized keyword arguments passed to Dense" in found[1]["message"]


def test_a_part_that_this_keras_does_not_have_fails_where_it_is_imported() -> None:
    found = answers(
        """import keras
from keras.layers import Dense, NoSuchLayer
from keras.utils import np_utils
y = np_utils.to_categorical(labels)
model = keras.Sequential([keras.Input((4, 4, 1)), NoSuchLayer(3, 3)])
other = keras.Sequential([keras.Input((4,)), Dense(y.shape[1])])
"""
    )
    assert [(line["event"], line["site"][1]) for line in found] == [("model", 6), ("failed", 2)]
    assert found[1]["error"] == "ImportError"


def test_a_fallback_of_the_program_is_its_own() -> None:
    (model,) = models(
        """try:
    from keras.layers.core import Dense
except ImportError:
    from keras.layers import Dense
import keras
model = keras.Sequential([keras.Input((4,)), Dense(3)])
"""
    )
    assert model["stood_in"] == []


def test_modules_of_the_project_are_served_from_their_texts() -> None:
    (model,) = models(
        "from nets.small import build, SIZE\nmodel = build(SIZE)\nmodel.compile(loss='mse')\n",
        modules=[
            {"name": "nets", "path": "nets/__init__.py", "text": "import absent_library\n", "keep": None},
            {
                "name": "nets.small",
                "path": "nets/small.py",
                "text": "import keras\nfrom . import sizes\nSIZE = sizes.SIZE\n"
                "def build(size):\n    return keras.Sequential([keras.Input((size,)), keras.layers.Dense(size)])\n",
                "keep": None,
            },
            {"name": "nets.sizes", "path": "nets/sizes.py", "text": "SIZE = 6\n", "keep": None},
        ],
    )
    assert model["site"][:3] == ["nets/small.py", 5, 11]
    assert model["layers"][0]["units"] == 6


def test_a_piece_without_imports_means_keras_by_its_names() -> None:
    (model,) = models("model = Sequential([Input((4,)), Dense(3, activation='softmax')])\nmodel.compile(loss='mse')\n")
    assert kinds(model) == ["Dense"]
    assert model["stood_in"] == []


def test_other_backends_are_run_the_same_way() -> None:
    pytest.importorskip("jax")
    program = """import keras
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(num_classes, activation="softmax")])
model.compile("adam", "categorical_crossentropy")
model.fit(x, y)
"""
    script = """import json, sys
import keras
from keraslint.probe.child import measure
from keraslint.probe.child.run import run
measure.model = lambda built, request: {"names": [layer.name for layer in built.model.layers]}
run({"path": "program.py", "text": sys.argv[1]}, lambda line: print(json.dumps(line)))
"""
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    command = [sys.executable, "-c", script, program]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    model, done = map(json.loads, told.stdout.splitlines())
    assert model["site"] == ["program.py", 2, 8, 2, 100]
    assert model["names"] == ["dense"]
    assert model["stood_in"] == ["num_classes.units"]
    assert done["event"] == "done"


def test_keras_2_is_run_the_same_way() -> None:
    pytest.importorskip("tf_keras")
    sequential, functional = models(
        """import tf_keras as keras
from tf_keras import layers
model = keras.Sequential()
model.add(layers.Conv2D(4, 3, input_shape=(rows, columns, 1)))
model.add(layers.Flatten())
model.add(layers.Dense(num_classes, activation="softmax"))
model.compile(keras.optimizers.Adam(lr=1e-3), "categorical_crossentropy")
inputs = layers.Input(features.shape[1:])
model = keras.Model(inputs, layers.LSTM(3)(inputs))
"""
    )
    assert kinds(sequential) == ["Conv2D", "Flatten", "Dense"]
    assert [layer["site"][0][1] for layer in sequential["layers"]] == [4, 5, 6]
    assert sequential["compiled_at"] == [7, 0]
    assert "num_classes.units" in sequential["stood_in"]
    assert functional["layers"][0]["site"][0][1] == 8

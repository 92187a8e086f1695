"""What a slice of a program keeps: that it builds the same models, on real Keras, and touches nothing else."""

from __future__ import annotations

import ast
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from keraslint.model import Program
from keraslint.probe.slice import Slice, Slicer, slice_of
from keraslint.source import Source, UnreadableSource
from keraslint.static import recover

ROOT = Path(__file__).resolve().parents[1]
HEAD = (
    "import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n"
)


@dataclass(frozen=True)
class Case:
    """A program, the output shapes of its models in the order in which they are built, and words that are left out."""

    text: str
    shapes: list[Any]
    without: tuple[str, ...] = ()
    having: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    name: str = "train.py"


NEVER = (
    "fit(",
    "load_data",
    "read_csv",
    "open(",
    "print(",
    "plt.",
    "savefig",
    "save(",
    "evaluate(",
    "sleep",
    "GradientTape",
)
"""Words of what no slice holds."""

CASES: dict[str, Case] = {
    "another class loads data when it begins": Case(
        """
class Digits:
    def __init__(self):
        (self.x, self.y), _ = keras.datasets.mnist.load_data()

class Twice(layers.Layer):
    def __init__(self, width):
        super().__init__()
        self.first = layers.Dense(width, activation="relu")

    def call(self, x):
        return self.first(x)

digits = Digits()
model = keras.Sequential([keras.Input((8,)), Twice(12), layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(digits.x, digits.y)
""",
        [(None, 10)],
        without=("Digits()",),
        having=("super().__init__()",),
    ),
    "script": Case(
        """
import matplotlib.pyplot as plt
import time
(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
x = x.reshape(-1, 784) / 255.0
y = keras.utils.to_categorical(y, 10)
model = keras.Sequential()
model.add(keras.Input((784,)))
model.add(layers.Dense(16, activation="relu"))
model.add(layers.Dense(10, activation="softmax"))
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
model.summary()
begun = time.time()
history = model.fit(x, y, epochs=5)
plt.plot(history.history["loss"])
print(model.evaluate(x_test, y_test), time.time() - begun)
model.save("model.keras")
""",
        [(None, 10)],
        without=("to_categorical", "reshape", "time"),
    ),
    "main": Case(
        """
import os
import pandas as pd

WIDTH = 8

def load(folder):
    found = []
    for name in os.listdir(folder):
        found.append(pd.read_csv(name))
    return found

def network(width, classes=3):
    print("network of", width)
    inputs = keras.Input((5,))
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(layers.Dense(width)(inputs)))

def main():
    tables = load("data")
    if not os.path.exists("out"):
        os.makedirs("out")
    model = network(WIDTH)
    model.compile("sgd", loss="sparse_categorical_crossentropy")
    history = model.fit(tables[0], tables[1])
    print(history)
    return model, history

if __name__ == "__main__":
    main()
""",
        [(None, 3)],
        without=("listdir", "makedirs", "pandas", "def load"),
    ),
    "class with a build method": Case(
        """
class Trainer:
    def __init__(self, units=6):
        self.units = units
        self.losses = []
        self.model = self.build()

    def build(self):
        model = keras.Sequential([keras.Input((4,)), layers.Dense(self.units), layers.Dense(1)])
        model.compile("adam", "mse")
        return model

    def train(self, x, y):
        for epoch in range(100):
            self.losses.append(self.model.train_on_batch(x, y))

trainer = Trainer(7)
trainer.train(np.load("x.npy"), np.load("y.npy"))
""",
        [(None, 1)],
        without=("train_on_batch", "np.load"),
    ),
    "build is called from outside": Case(
        """
class Network(object):
    def prepare(self, classes):
        self.classes = classes

    def build(self):
        self.net = keras.Sequential()
        self.net.add(keras.Input((3,)))
        self.net.add(layers.Dense(self.classes, activation="softmax"))

    def show(self):
        self.net.summary()

network = Network()
network.prepare(4)
network.build()
network.net.compile("adam", "categorical_crossentropy")
network.show()
""",
        [(None, 4)],
        without=("summary",),
    ),
    "blocks": Case(
        """
def block(x, units, rate=0.1):
    x = layers.Dense(units, activation="relu")(x)
    return layers.Dropout(rate)(x)

inputs = keras.Input((12,))
x = inputs
for units in (8, 4):
    x = block(x, units)
outputs = layers.Dense(2, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile("adam", "sparse_categorical_crossentropy")
""",
        [(None, 2)],
    ),
    "nobody calls it": Case(
        """
def create_model(units=9, optimizer="adam"):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(units), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    return model

from scikeras.wrappers import KerasClassifier
classifier = KerasClassifier(model=create_model, epochs=3)
classifier.fit(np.load("x.npy"), np.load("y.npy"))
""",
        [(None, 1)],
        calls=("create_model",),
        without=("scikeras", "classifier"),
    ),
    "configurations": Case(
        """
models = {}
for name, units in {"small": 2, "large": 5}.items():
    net = keras.Sequential([keras.Input((3,)), layers.Dense(units)])
    net.compile("adam", "mse")
    net.fit(np.zeros((1, 3)), np.zeros((1, units)), verbose=0)
    models[name] = net
""",
        [(None, 2), (None, 5)],
    ),
    "imports that may fail": Case(
        """
try:
    from tensorflow.keras import Sequential
    from tensorflow.keras.layers.core import Dense
except ImportError:
    from tensorflow.keras.layers import Dense
try:
    import seaborn as sns
except ImportError:
    sns = None
model = Sequential([keras.Input((3,)), Dense(6, activation="softmax")])
model.compile("adam", "categorical_crossentropy")
""",
        [(None, 6)],
        without=("seaborn", "sns"),
    ),
    "flags": Case(
        """
DEEP = True
BINARY = False
units, activation = (1, "sigmoid") if BINARY else (3, "softmax")
loss = "binary_crossentropy" if BINARY else "categorical_crossentropy"
model = keras.Sequential([keras.Input((3,))])
if DEEP:
    model.add(layers.Dense(8))
else:
    print("shallow")
model.add(layers.Dense(units, activation=activation))
model.compile("adam", loss)
""",
        [(None, 3)],
    ),
    "argparse": Case(
        """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=11)
parser.add_argument("--data", default="data.csv")
args = parser.parse_args()
model = keras.Sequential([keras.Input((3,)), layers.Dense(args.units)])
model.compile("adam", "mse")
rows = open(args.data).read()
""",
        [(None, 11)],
    ),
    "generator and discriminator": Case(
        """
def make_generator():
    return keras.Sequential([keras.Input((5,)), layers.Dense(9, activation="tanh")])

def make_discriminator():
    model = keras.Sequential([keras.Input((9,)), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    return model

generator, discriminator = make_generator(), make_discriminator()
discriminator.trainable = False
noise = keras.Input((5,))
gan = keras.Model(noise, discriminator(generator(noise)))
gan.compile("adam", "binary_crossentropy")
for step in range(1000):
    fake = generator.predict(np.random.normal(size=(8, 5)))
    discriminator.train_on_batch(fake, np.zeros(8))
    gan.train_on_batch(np.random.normal(size=(8, 5)), np.ones(8))
""",
        [(None, 9), (None, 1), (None, 1)],
        without=("random", "predict"),
        having=("discriminator.trainable = False",),
    ),
    "subclass and own loop": Case(
        """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(4, activation="relu")
        self.scores = layers.Dense(3)

    def call(self, inputs):
        return self.scores(self.hidden(inputs))

net = Net()
loss_function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam()

@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_function(y, net(x))
    gradients = tape.gradient(loss, net.trainable_variables)
    optimizer.apply_gradients(zip(gradients, net.trainable_variables))
    return loss

for epoch in range(10):
    for x, y in tf.data.Dataset.from_tensor_slices((np.load("x.npy"), np.load("y.npy"))):
        print(step(x, y))
""",
        [None],
        without=("apply_gradients", "np.load", "def step"),
    ),
    "folds": Case(
        """
from sklearn.model_selection import KFold
x, y = np.load("x.npy"), np.load("y.npy")
scores = []
for train, test in KFold(5).split(x, y):
    model = keras.Sequential([keras.Input((6,)), layers.Dense(2, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    model.fit(x[train], y[train])
    scores.append(model.evaluate(x[test], y[test]))
print(np.mean(scores))
""",
        [(None, 2), (None, 2)],
        without=("sklearn", "np.load", "scores"),
    ),
    "tuner": Case(
        """
import keras_tuner

def build_model(hp):
    model = keras.Sequential([keras.Input((4,))])
    for i in range(hp.Int("layers", 1, 3)):
        model.add(layers.Dense(hp.Int(f"units_{i}", 8, 64, step=8), activation="relu"))
    model.add(layers.Dense(5, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model

tuner = keras_tuner.RandomSearch(build_model, max_trials=3)
tuner.search(np.load("x.npy"), np.load("y.npy"))
""",
        [(None, 5)],
        calls=("build_model",),
        without=("tuner.search",),
    ),
    "shapes of data": Case(
        """
(x_train, y_train), _ = keras.datasets.cifar10.load_data()
labels = keras.utils.to_categorical(y_train, 10)
rows, height, width, channels = x_train.shape
model = keras.Sequential()
model.add(keras.Input(shape=x_train.shape[1:]))
model.add(layers.Flatten(input_shape=(height, width, channels)))
model.add(layers.Dense(labels.shape[1], activation="softmax"))
model.compile("adam", "categorical_crossentropy")
""",
        [(None, 10)],
        without=("rows",),
    ),
    "a list that files fill": Case(
        """
import os
names = []
for file in os.listdir("data"):
    names.append(file)
count = 0
for name in names:
    count += 1
known = ["cat", "dog"]
model = keras.Sequential([keras.Input((3,)), layers.Dense(len(known)), layers.Dense(len(names) + count)])
model.compile("adam", "mse")
""",
        [None],
        without=("names = []", "count = 0", "listdir"),
        having=("known = ",),
    ),
    "globals": Case(
        """
SIZE = 3
classes = None

def configure():
    global classes
    classes = 7

def network():
    return keras.Sequential([keras.Input((SIZE,)), layers.Dense(classes)])

configure()
model = network()
model.compile("adam", "mse")
""",
        [(None, 7)],
    ),
    "decorated": Case(
        """
import functools

def told(function):
    @functools.wraps(function)
    def run(*args, **kwargs):
        print("calling", function.__name__)
        return function(*args, **kwargs)
    return run

@told
def network(units):
    return keras.Sequential([keras.Input((2,)), layers.Dense(units)])

@keras.saving.register_keras_serializable()
class Doubled(layers.Layer):
    def call(self, inputs):
        return inputs * 2

model = network(3)
model.add(Doubled())
model.compile("adam", "mse")
""",
        [(None, 3)],
    ),
    "lambdas, losses, metrics, callbacks": Case(
        """
from tensorflow.keras import backend as K
from tensorflow.keras.callbacks import Callback, EarlyStopping

SMOOTH = 1.0

def scaled(x):
    return x / 2.0

def dice(y_true, y_pred):
    both = tf.reduce_sum(y_true * y_pred)
    return 1 - (2 * both + SMOOTH) / (tf.reduce_sum(y_true) + tf.reduce_sum(y_pred) + SMOOTH)

def share(y_true, y_pred):
    return tf.reduce_mean(y_pred)

class Shown(Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(epoch, logs)

class Weighted(layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4), name="kernel")

    def call(self, inputs):
        return tf.matmul(inputs, self.kernel)

stop = EarlyStopping(patience=3)
model = keras.Sequential([keras.Input((3,)), layers.Lambda(scaled), Weighted(), layers.Activation("sigmoid")])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-3), loss=dice, metrics=[share, "accuracy"])
model.fit(np.load("x.npy"), np.load("y.npy"), callbacks=[stop, Shown()])
""",
        [(None, 4)],
        without=("EarlyStopping", "class Shown", "np.load"),
        having=("def dice", "def share", "SMOOTH = 1.0"),
    ),
    "a layer that learns from data": Case(
        """
texts, y = np.load("texts.npy"), np.load("y.npy")
words = layers.TextVectorization(max_tokens=50, output_sequence_length=4)
words.adapt(texts)
model = keras.Sequential([keras.Input((1,), dtype="string"), words, layers.Embedding(50, 3), layers.Flatten()])
model.add(layers.Dense(2))
model.compile("adam", "mse")
model.fit(texts, y)
""",
        [(None, 2)],
        without=("np.load",),
        having=("words.adapt(texts)",),
    ),
    "settings": Case(
        """
keras.backend.set_floatx("float32")
keras.mixed_precision.set_global_policy("float32")
model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
model.compile("adam", "mse")
""",
        [(None, 2)],
        having=("set_global_policy", "set_floatx"),
    ),
    "two files": Case(
        """
from models.heads import build
from settings import *
import readers

x, y = readers.read("data.csv")
model = build((FEATURES,))
model.compile("adam", LOSS)
model.fit(x, y)
""",
        [(None, 8)],
        without=("readers",),
        files={
            "models/__init__.py": "",
            "models/heads.py": "from tensorflow import keras\nfrom . import sizes\nfrom .steps import train\n"
            "print('imported')\n"
            "def build(shape):\n"
            "    return keras.Sequential([keras.Input(shape), keras.layers.Dense(sizes.CLASSES)])\n",
            "models/sizes.py": "import pandas as pd\nCLASSES = 8\nTABLE = pd.read_csv('x.csv')\n",
            "models/steps.py": "def train(model, x):\n    model.fit(x)\n",
            "settings.py": "FEATURES = 6\nLOSS = 'mse'\n",
            "readers.py": "import csv\ndef read(path):\n    return list(csv.reader(open(path))), 1\n",
        },
    ),
    "made and compiled elsewhere": Case(
        """
import networks
from networks import *

x = open("x.csv").read()
network = networks.compiled(5)
other = compiled(4)
other.fit(x)
network.fit(x)
""",
        [(None, 5), (None, 4)],
        without=("x =",),
        files={
            "networks.py": "import keras\n"
            "def compiled(n):\n"
            "    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(n)])\n"
            "    model.compile('adam', 'mse')\n"
            "    print(model.summary())\n"
            "    return model\n",
        },
    ),
    "a package": Case(
        """
from .nets import make as network

def run():
    model = network(3)
    model.compile("adam", "mse")
    model.fit(1, 2)

run()
""",
        [(None, 3)],
        name="app/train.py",
        files={
            "app/__init__.py": "",
            "app/nets.py": "import keras\n"
            "def make(n):\n    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(n)])\n",
        },
    ),
}


def notebook(*cells: str) -> str:
    """The text of a notebook with these code cells."""
    made: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": cell,
        }
        for number, cell in enumerate(cells)
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


NOTEBOOK = notebook(
    "!pip install keras\n%matplotlib inline\nfrom tensorflow import keras\nimport pandas as pd",
    "data = pd.read_csv('ü.csv')\nprint(data.head())",
    "def build(units):\n    return keras.Sequential([keras.Input((3,), name='eingänge'), keras.layers.Dense(units)])",
    "%%time\nmodel = build(4)\nmodel.compile('adam', 'mse')\nmodel.fit(data, data)",
    "def build(units):\n    return keras.Sequential([keras.Input((9,)), keras.layers.Dense(units * 2)])",
    "model = build(3)\nmodel.compile('adam', 'mse')\n!ls",
)


def sliced(case: Case, folder: Path) -> tuple[Source, Program, Slice]:
    for name, text in {**case.files, case.name: HEAD + case.text if case.files == {} else case.text}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "setup.py").touch()
    source = Source.read(folder / case.name)
    program = recover(source)
    return source, program, slice_of(program, None, source)


def kept(text: str, keep: tuple[tuple[int, int], ...]) -> str:
    """The program with the statements that are kept, and no others."""
    wanted = set(keep)

    class Pruned(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            if isinstance(node, ast.stmt) and (node.lineno, node.col_offset) not in wanted:
                return None
            self.generic_visit(node)
            if isinstance(getattr(node, "body", None), list) and not node.body and not isinstance(node, ast.Module):  # type: ignore[attr-defined]
                node.body = [ast.Pass()]  # type: ignore[attr-defined]
            return node

    return ast.unparse(ast.fix_missing_locations(Pruned().visit(ast.parse(text))))


@pytest.mark.parametrize("name", CASES)
def test_what_is_kept(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    source, _, found = sliced(case, tmp_path)
    texts = [kept(source.program, found.keep), *(kept(one.text, one.keep) for one in found.modules)]
    assert [word for word in (*NEVER, *case.without) for text in texts if word in text] == []
    assert [word for word in case.having if word not in texts[0]] == []
    assert tuple(one.name for one in found.calls) == case.calls


@pytest.fixture(scope="module")
def build() -> Iterator[Any]:
    """Runs a slice as the probe's child does, and gives the output shapes of the models that were built."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    pytest.importorskip("tensorflow")
    from keraslint.probe.child import measure, run

    def told(built: Any, _request: dict[str, Any]) -> dict[str, Any]:
        return {"shape": getattr(built.model, "output_shape", None)}

    def built(source: Source, found: Slice) -> tuple[list[Any], list[Any]]:
        events: list[dict[str, Any]] = []
        request = {
            "path": source.path,
            "text": source.program,
            "keep": found.keep,
            "vital": found.vital,
            "values": [[*where, text] for where, text in found.values],
            "modules": [asdict(one) for one in found.modules],
            "calls": [asdict(one) for one in found.calls],
            "member_of": found.package,
            "seed": 0,
        }
        run.run(request, events.append)
        models = [event for event in events if event["event"] == "model"]
        return models, [event for event in events if event["event"] == "failed"]

    patch = pytest.MonkeyPatch()
    patch.setattr(measure, "model", told)
    yield built
    patch.undo()


@pytest.mark.parametrize("name", CASES)
def test_the_slice_builds_the_models(name: str, tmp_path: Path, build: Any) -> None:
    case = CASES[name]
    source, program, found = sliced(case, tmp_path)
    models, failures = build(source, found)
    assert failures == []
    shapes = [model["shape"] for model in models]
    assert len(shapes) == len(case.shapes)
    assert [shape for shape, wanted in zip(shapes, case.shapes, strict=True) if wanted not in (None, shape)] == []
    if not case.files:  # each is built where it was read
        sites = [tuple(model["site"][1:3]) for model in models]
        assert {(model.span.line, model.span.column - 1) for model in program.models} <= set(sites)


def test_a_notebook_in_the_order_of_its_cells(tmp_path: Path, build: Any) -> None:
    path = tmp_path / "net.ipynb"
    path.write_text(NOTEBOOK, encoding="utf-8")
    source = Source.read(path)
    program = recover(source)
    assert len(program.models) == 2
    models, failures = build(source, slice_of(program, None, source))
    assert ([model["shape"] for model in models], failures) == ([(None, 4), (None, 6)], [])
    slicer = Slicer(source, program)
    for model, shape in zip(program.models, [(None, 4), (None, 6)], strict=True):
        alone = slicer.slice([model])
        assert [one["shape"] for one in build(source, alone)[0]] == [shape]  # and nothing of the other cell


APART = (
    HEAD
    + """
import hydra

def deep(classes=3):
    return keras.Sequential([keras.Input((2,)), layers.Dense(4), layers.Dense(classes)])

class Networks:
    def __init__(self, width):
        self.width = width

    def flat(self):
        return keras.Sequential([keras.Input((2,)), layers.Dense(6)])

KIND = "flat"
model = deep() if KIND == "deep" else Networks(3).flat()

@hydra.main(config_path=None)
def main(options):
    net = deep(options.classes)
    net.compile("adam", "mse")

main()
"""
)


def test_what_the_program_does_not_come_to_make_is_made_by_itself(build: Any) -> None:
    source = Source.from_text("a.py", APART)
    program = recover(source)
    slicer = Slicer(source, program)
    assert [one.name for one in slicer.slice(program.models).calls] == []
    calls = {call.name for model in program.models for call in slicer.alone(model).calls}
    assert calls == {"deep", "Networks.flat", "main"}
    made = [build(source, slicer.alone(model))[0] for model in program.models]
    assert all(made)
    assert {one["shape"] for models in made for one in models} >= {(None, 3), (None, 6)}


def test_a_program_that_python_does_not_parse() -> None:
    source = Source.from_text("a.py", "print 'a'\n")
    with pytest.raises(ValueError, match="does not parse"):
        Slicer(source, Program("a.py"))


FIXTURES = sorted(path for path in ROOT.joinpath("fixtures").glob("*/*") if path.suffix in {".py", ".ipynb"})


def test_slices_of_all_fixtures() -> None:
    models = 0
    for path in FIXTURES[::3]:
        try:
            source = Source.read(path)
            program = recover(source)
            slicer = Slicer(source, program)
        except (UnreadableSource, ValueError):
            continue
        nodes = [node for node in ast.walk(ast.parse(source.program)) if isinstance(node, ast.stmt)]
        places = {(node.lineno, node.col_offset): node for node in nodes}
        assert len(places) == len(nodes), path
        ast.parse(kept(source.program, slicer.slice(program.models).keep))
        for model in program.models:
            models += 1
            found = slicer.slice([model])
            keep = set(found.keep)
            assert set(found.vital) <= keep <= places.keys(), path
            for node in nodes:  # what holds a statement that is kept is kept
                within = {
                    (one.lineno, one.col_offset) for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)
                }
                assert not within & keep or (node.lineno, node.col_offset) in keep, path
            if source.cells or not source.program.isascii():
                continue  # places of the file are not those of the tree
            for span in [model.span, *(layer.span for layer in model.layers)]:
                begin, end = (span.line, span.column - 1), (span.end_line, span.end_column - 1)
                if span.path == source.path:
                    assert any(place <= begin and end <= _end(places[place]) for place in keep), (path, span)
    assert models > 200


def _end(node: ast.stmt) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


def test_many_models_share_one_look_at_the_text() -> None:
    cells = ["from tensorflow import keras\n(x, y), _ = keras.datasets.mnist.load_data()"]
    for number in range(60):
        steps = "\n".join(f"value_{step} = x[{step}].mean()" for step in range(40))
        cells.append(
            f"def build(n={number + 1}):\n    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(n)])"
        )
        cells.append(f"model = build()\nmodel.compile('adam', 'mse')\nmodel.fit(x, y)\n{steps}")
    source = Source.from_text("many.ipynb", notebook(*cells))
    program = recover(source)
    begun = time.process_time()
    slicer = Slicer(source, program)
    together = time.process_time() - begun
    begun = time.process_time()
    slices = [slicer.slice([model]) for model in program.models]
    assert len(slices) == 60
    assert {len(one.keep) for one in slices} == {5}  # the import, the function and its return, the call, the compile
    assert time.process_time() - begun < max(together, 0.2)  # a slice costs a part of what all share


def test_a_layer_that_reading_sees_through_is_added_all_the_same() -> None:
    text = """import keras
model = keras.Sequential()
model.add(keras.layers.Dense(6))
model.add(keras.layers.Lambda(lambda x: x / 2))
model = keras.Sequential()
model.add(keras.layers.Lambda(lambda x: x))
"""
    source = Source.from_text("train.py", text)
    program = recover(source)
    (first, *_) = [one for one in program.models if one.span.line == 2]
    assert [line for line, _ in Slicer(source, program).slice([first]).keep] == [1, 2, 3, 4]

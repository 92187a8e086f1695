"""What the cells of a notebook install and set, and which branches that decides."""

from __future__ import annotations

import json

import pytest

from keraslint import Runtime, check
from keraslint.installs import installed, read_line
from keraslint.source import Source
from keraslint.static.recovery import recover

LINES = {
    "!pip install tensorflow==2.9": [("tensorflow", "2.9")],
    "%pip install -q keras==2.15.0 numpy": [("keras", "2.15.0")],
    '!pip install -q "keras>=3" "tensorflow>=2.16"': [("keras", "3"), ("tensorflow", "2.16")],
    "  !python -m pip install 'tensorflow-gpu==1.14'": [("tensorflow", "1.14")],
    "pip install tensorflow<2.16": [("tensorflow", "2.15")],
    "!pip install tf_keras==2.16": [("tf-keras", "2.16")],
    "!pip install tensorflow  # tensorflow==2.3 before": [],
    "!pip install -U keras tensorflow>=2.4": [],
    "!pip install keras-tuner==1.4 tensorflow-datasets==4.9 my-keras==1.0": [],
    "# tested with tensorflow==1.14": [],
    "tensorflow==1.14": [],
    "%tensorflow_version 1.x": [("tensorflow", "1.15")],
    "%tensorflow_version 2.x": [],
    "%env KERAS_BACKEND=jax": [("backend", "jax")],
    "%set_env TF_USE_LEGACY_KERAS 1": [("legacy", "1")],
    "%env TF_USE_LEGACY_KERAS=0": [],
}

GENERATORS = """
import tensorflow as tf
from tensorflow import keras
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
"""


def notebook(*cells: str) -> str:
    made = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None} for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)


@pytest.mark.parametrize(("line", "expected"), LINES.items(), ids=LINES)
def test_what_a_line_says(line: str, expected: list[tuple[str, str]]) -> None:
    assert [(name, value) for name, value, _ in read_line(line)] == expected
    for _, value, column in read_line(line):
        if "<" not in line and "1.x" not in line:
            assert line[column:].startswith(value)


def test_a_fact_keeps_its_place_in_the_file() -> None:
    text = notebook("x = 1", "# first\n!pip install tensorflow==2.9\nimport keras")
    (fact,) = installed(Source.from_bytes("a.ipynb", text.encode())).values()
    line = text.splitlines()[fact.span.line - 1]
    assert line[fact.span.column - 1 :].startswith("2.9")
    assert (fact.span.position.cell, fact.span.position.cell_line) == (1, 2)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("!pip install tensorflow==2.9", []),
        ("!pip install tensorflow==2.17", ["removed-api"]),
        ("%env TF_USE_LEGACY_KERAS=1", []),
        ("%tensorflow_version 1.x", []),
        ("%tensorflow_version 2.x", ["removed-api"]),
    ],
)
def test_what_is_installed_decides_the_severity(cell: str, expected: list[str]) -> None:
    text = notebook(cell, GENERATORS + "model.fit_generator(batches)\n")
    assert [one.rule for one in check(text, "a.ipynb", select=["removed-api"]).findings] == expected


TESTS = {
    "tf.__version__.startswith('2.')": True,
    "tf.__version__[0] == '2'": True,
    "tf.__version__ >= '2.0'": True,
    "version.parse(tf.__version__) < version.parse('2.16')": True,
    "int(tf.__version__.split('.')[0]) < 2": False,
    "float(tf.__version__[:3]) >= 2.0": True,
    "LooseVersion(tf.version.VERSION) > LooseVersion('2.15')": False,
    "tuple(map(int, tf.__version__.split('.')[:2])) >= (2, 16)": False,
    "version.Version(tf.__version__).release >= version.Version('2.13').release": False,
    "version.parse(tf.__version__).major == 2": True,
    "version.parse(tf.__version__).minor > 3": None,
    "tf.__version__ == '2.9.1'": None,
    "tf.__version__ > '2.9'": None,
    "tf.__version__[:2] != '2.'": False,
    "keras.__version__ < '3'": True,
    "keras.backend.backend() == 'theano'": None,
    "tf.__version__.endswith('rc1')": None,
}


@pytest.mark.parametrize(("test", "expected"), TESTS.items(), ids=TESTS)
def test_a_test_of_the_version_is_decided_where_it_is_known(test: str, expected: bool | None) -> None:
    program = f"""
import keras
import tensorflow as tf
from distutils.version import LooseVersion
from packaging import version
units = 1 if {test} else 2
model = keras.Sequential([keras.layers.Dense(units)])
"""
    read = recover(Source.from_bytes("a.py", program.encode()), {"tensorflow": "2.9", "keras": "2.9"})
    found = {head.units.value for model in read.models for head in model.heads if head.units is not None}
    assert found == ({1} if expected else {2} if expected is False else {1, 2})
    unknown = recover(Source.from_bytes("a.py", program.encode()))
    assert {head.units.value for model in unknown.models for head in model.heads if head.units} == {1, 2}


def test_tests_of_the_same_version_agree() -> None:
    program = """
import keras
from packaging import version
if keras.__version__[0] == "2":
    units = 1
else:
    units = 2
if version.parse(keras.__version__) >= version.parse("3.0"):
    activation = "softmax"
else:
    activation = "sigmoid"
model = keras.Sequential([keras.layers.Dense(units, activation=activation)])
"""
    read = recover(Source.from_bytes("a.py", program.encode()))
    pairs = {
        (head.units.value, head.activation.value) for head in read.models[0].heads if head.units and head.activation
    }
    assert {(1, "sigmoid"), (2, "softmax")} <= pairs
    assert (1, "softmax") not in pairs


RUNTIMES = {
    "import tf_keras as keras": ("tf_keras", (2, 21)),
    "import keras": ("keras", None),
    "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\nfrom tensorflow import keras": ("tf_keras", (2, 21)),
    "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '0'\nfrom tensorflow import keras": ("tensorflow.keras", None),
    "from tensorflow import keras\nimport os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'": ("tensorflow.keras", None),
    "import os\nos.environ.update({'TF_USE_LEGACY_KERAS': '1'})\nfrom tensorflow import keras": ("tf_keras", (2, 21)),
    "from tensorflow.python import keras": ("tensorflow.keras", (2, 6)),
    "import tensorflow.compat.v1.keras as keras": ("tensorflow.keras", None),
    "import os\nos.environ['KERAS_BACKEND'] = 'theano'\nimport keras": ("keras", (2, 3)),
}


@pytest.mark.parametrize(("head", "expected"), RUNTIMES.items(), ids=RUNTIMES)
def test_which_keras_a_program_takes(head: str, expected: tuple[str, tuple[int, int] | None]) -> None:
    program = head + "\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"
    runtime: Runtime = recover(Source.from_bytes("a.py", program.encode())).models[0].runtime
    assert runtime.package is not None
    assert (runtime.package.value, runtime.keras_version) == expected

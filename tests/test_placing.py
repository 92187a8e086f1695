"""Edits that know the program around them: one more argument, names of Keras as the program writes them, imports."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keraslint.finding import Edit, Fix
from keraslint.fix import apply
from keraslint.model import Position, Span
from keraslint.placing import placed
from keraslint.source import Source

HUBER = "keras.losses.Huber"
MARK = '"huber"'


def position(text: str, start: int, end: int) -> Position:
    def place(offset: int) -> tuple[int, int]:
        before = text[:offset].replace("\r\n", " \n")
        return before.count("\n") + 1, len(before) - before.rfind("\n")

    return Position(*place(start), *place(end))


def mended(text: str, edit: Edit) -> str | None:
    """The text with the edit made, or nothing when it cannot be made."""
    fixes = placed((Fix("Mend", (edit,)),), {"x.py": text})
    return apply(text, fixes[0].edits) if fixes else None


def with_argument(text: str, argument: str) -> str | None:
    start = text.index("f(")
    end = text.rindex(")") + 1
    return mended(text, Edit(Span("x.py", position(text, start, end)), argument, into=True))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(x=1)"),
        ("f(  )", "f(x=1  )"),
        ("f(a)", "f(a, x=1)"),
        ("f(a, )", "f(a, x=1, )"),
        ("f(a,)", "f(a, x=1,)"),
        ("f(*a)", "f(*a, x=1)"),
        ("f(a, *b, c=(1, 2))", "f(a, *b, c=(1, 2), x=1)"),
        ("f((a))", "f((a), x=1)"),
        ("f((a for a in b), c=1)", "f((a for a in b), c=1, x=1)"),
        ("f('a)', \"b,\")", "f('a)', \"b,\", x=1)"),
        ("g.f(a)(b)", "g.f(a)(b, x=1)"),
        ("f(a)(b=')')", "f(a)(b=')', x=1)"),
        ("y = [f(a,\n  b)]", "y = [f(a,\n  b,\n  x=1)]"),
        ("f(a,\n  b, c)", "f(a,\n  b, c, x=1)"),
        ("f(\n    a\n)", "f(\n    a,\n    x=1\n)"),
        ("f(\n    a,\n)", "f(\n    a,\n    x=1,\n)"),
        ("f(\n    a,  # why\n)", "f(\n    a,  # why\n    x=1,\n)"),
        ("f(\n    a  # why\n)", "f(\n    a,  # why\n    x=1\n)"),
        ("f(\n    a\n    # why\n)", "f(\n    a,\n    x=1\n    # why\n)"),
        ("f(\n    a=g(\n        1,\n    ),\n)", "f(\n    a=g(\n        1,\n    ),\n    x=1,\n)"),
        ("f(  # why\n)", "f(x=1  # why\n)"),
        ("f(\n    a, b, # why\n)", "f(\n    a, b, x=1, # why\n)"),
        ("if y:\n\tf(\n\t\ta,\n\t)", "if y:\n\tf(\n\t\ta,\n\t\tx=1,\n\t)"),
        ("f(\r\n    a,\r\n)\r\n", "f(\r\n    a,\r\n    x=1,\r\n)\r\n"),
        ("é = f('größe')", "é = f('größe', x=1)"),
        # What cannot be done.
        ("f(a for a in b)", None),
        ("f(a, x=2)", None),
    ],
)
def test_one_more_argument(before: str, after: str | None) -> None:
    assert with_argument(before, "x=1") == after
    if after is not None:
        ast.parse(after)


ARGUMENTS = st.lists(
    st.sampled_from(["a", "b=1", "c='x, y)'", "d=[1, (2)]", "e=g(1, h=(2, 3))", "*f", "i=lambda: 0", "j='''\n('''"]),
    max_size=4,
)
GAPS = st.sampled_from(["", " ", "\n    ", "\n\t", "  # why, (because)\n    ", "\n\n"])


@settings(deadline=None)  # a busy machine is not a slow program
@given(arguments=ARGUMENTS, data=st.data())
def test_whatever_the_layout_the_call_gains_one_argument(arguments: list[str], data: st.DataObject) -> None:
    arguments = sorted(dict.fromkeys(arguments), key=lambda text: ("=" in text.split("(")[0], text))
    text = "f("
    for index, argument in enumerate(arguments):
        text += data.draw(GAPS) + argument + data.draw(GAPS)
        if index + 1 < len(arguments) or data.draw(st.booleans()):
            text += "," + data.draw(GAPS)
    text += data.draw(GAPS) + ")\n"
    after = with_argument(text, "x=1")
    assert after is not None
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(f"f({', '.join([*arguments, 'x=1'])})"))
    assert text.count("#") == after.count("#")


# --- names of Keras --------------------------------------------------------------------------------------------------


def named(text: str) -> str | None:
    start = text.index(MARK)
    span = Span("x.py", position(text, start, start + len(MARK)))
    return mended(text, Edit(span, f"{HUBER}(delta=2)", uses=(HUBER,)))


KERAS = "import keras\nfrom keras import layers\nm = keras.Sequential([layers.Dense(1)])\n"
TF = "import tensorflow as tf\nm = tf.keras.Sequential([tf.keras.layers.Dense(1)])\n"
BRACKETS = "from keras.layers import (  # all\n    Dense,\n)  # why\n"
DIRECT = "from tensorflow.keras.layers import Dense\nm = Sequential([Dense(1)])\n"


@pytest.mark.parametrize(
    ("program", "written"),
    [
        (KERAS, "keras.losses.Huber"),
        (TF, "tf.keras.losses.Huber"),
        ("from tensorflow import keras\nkeras.Model\n", "keras.losses.Huber"),
        ("from tensorflow.keras import layers, losses\nlayers.Dense\n", "losses.Huber"),
        ("import keras\nfrom keras import losses as kl\nkeras.Model\n", "kl.Huber"),
        ("from keras.losses import Huber\nimport keras\nkeras.Model\n", "Huber"),
        ("from keras.losses import Huber as H\n", "H"),
        ("from keras.losses import *\n", "Huber"),
        ("import tensorflow.keras.losses\ntensorflow.keras.Model\n", "tensorflow.keras.losses.Huber"),
        ("import tf_keras as keras\nkeras.Model\n", "keras.losses.Huber"),
        ("import tf_keras\nimport tensorflow as tf\ntf_keras.Model\n", "tf_keras.losses.Huber"),
        ("import tensorflow.compat.v1 as tf\ntf.keras.Model\n", "tf.keras.losses.Huber"),
        # TensorFlow is there for something else: the model is built with the other Keras.
        ("import tensorflow as tf\nimport keras\nkeras.Model\ntf.data.Dataset\n", "keras.losses.Huber"),
        # Data sets are often taken from another Keras than the model.
        (f"{TF}from keras.datasets import mnist\nmnist.load_data()\n", "tf.keras.losses.Huber"),
        # A page that shows a piece of a program.
        ("m = keras.Sequential()\n", "keras.losses.Huber"),
        ("try:\n    import keras\nexcept ImportError:\n    raise\nkeras.Model\n", "keras.losses.Huber"),
    ],
)
def test_a_name_is_written_as_the_program_writes_others(program: str, written: str) -> None:
    assert named(f"{program}m.compile(loss={MARK})\n") == f"{program}m.compile(loss={written}(delta=2))\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # No name leads there: an import more, behind those of the same Keras.
        (
            f"{DIRECT}m.compile(loss={MARK})\n",
            "from tensorflow.keras.layers import Dense\nfrom tensorflow.keras.losses import Huber\n"
            "m = Sequential([Dense(1)])\nm.compile(loss=Huber(delta=2))\n",
        ),
        (
            f'"""Title."""\nfrom __future__ import annotations\n{BRACKETS}import os\nDense\nx = {MARK}',
            f'"""Title."""\nfrom __future__ import annotations\n{BRACKETS}from keras.losses import Huber\nimport os\n'
            "Dense\nx = Huber(delta=2)",
        ),
        (
            f"from keras.layers import Dense\nfrom keras.losses import MeanSquaredError  # why\nDense\nx = {MARK}\n",
            "from keras.layers import Dense\nfrom keras.losses import MeanSquaredError, Huber  # why\n"
            "Dense\nx = Huber(delta=2)\n",
        ),
        # The name means something else somewhere: the module instead.
        (
            f"from keras.layers import Dense\nclass Huber: ...\nx = Dense, {MARK}\n",
            "from keras.layers import Dense\nfrom keras import losses\nclass Huber: ...\n"
            "x = Dense, losses.Huber(delta=2)\n",
        ),
        (
            f"import keras\nkeras = wrap(keras)\nx = {MARK}\n",
            "import keras\nfrom keras.losses import Huber\nkeras = wrap(keras)\nx = Huber(delta=2)\n",
        ),
        # Imports of a function stay there.
        (
            f"def f():\n    from keras.layers import Dense\n    return Dense, {MARK}\n",
            "def f():\n    from keras.layers import Dense\n    from keras.losses import Huber\n"
            "    return Dense, Huber(delta=2)\n",
        ),
        # In a function, names of the module hold, wherever they are bound.
        (
            f"def f():\n    return keras.Model, {MARK}\nimport keras\n",
            "def f():\n    return keras.Model, keras.losses.Huber(delta=2)\nimport keras\n",
        ),
    ],
)
def test_a_name_that_is_missing_is_imported(before: str, after: str) -> None:
    assert named(before) == after
    ast.parse(after)


@pytest.mark.parametrize(
    "program",
    [
        # What the name means there is not certain.
        f"def f(keras):\n    return keras.Model, {MARK}\n",
        f"if y:\n    import keras\ndef f():\n    global keras\n    keras = 1\nx = {MARK}\n",
        f"if y:\n    import keras\nx = keras.Model, {MARK}\n",
        f"try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\nx = keras.Model, {MARK}\n",
        f"x = keras.Model, {MARK}\nimport keras\n",
        # Two Kerases build models.
        f"import keras\nimport tensorflow as tf\nx = keras.Model, tf.keras.Model, {MARK}\n",
        # No Keras at all.
        f"import tensorflow as tf\nx = tf.zeros(1), {MARK}\n",
        f"x = {MARK}\n",
        # Both names are taken.
        f"from keras.layers import Dense\nHuber = losses = 1\nx = Dense, {MARK}\n",
        # No import where one would be added in a branch.
        f"try:\n    from keras.layers import Dense\nexcept ImportError:\n    raise\nx = Dense, {MARK}\n",
    ],
)
def test_a_name_that_is_not_certain_is_not_written(program: str) -> None:
    assert named(program) is None


@pytest.mark.parametrize("one_string", [True, False])
@pytest.mark.parametrize("indent", [None, 1])
def test_an_import_goes_into_the_cell_of_the_others(indent: int | None, one_string: bool) -> None:
    def notebook(*cells: str) -> str:
        sources = [cell if one_string else cell.splitlines(keepends=True) for cell in cells]
        code = [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
        return json.dumps({"cells": code, "nbformat": 4}, indent=indent)

    imports = "!pip install keras\nfrom keras.layers import Dense"
    text = notebook(imports, f"m = f(Dense(1))\nm.compile(loss={MARK})\n")
    source = Source.from_bytes("x.ipynb", text.encode())
    at = source.program.split("\n").index(f"m.compile(loss={MARK})") + 1
    span = Span("x.ipynb", source.position(at, 16, at, 16 + len(MARK)))
    [fix] = placed((Fix("Mend", (Edit(span, f"{HUBER}()", uses=(HUBER,)),)),), {"x.ipynb": text})
    assert apply(text, fix.edits) == notebook(
        f"{imports}\nfrom keras.losses import Huber", "m = f(Dense(1))\nm.compile(loss=Huber())\n"
    )


@pytest.mark.parametrize("one_string", [True, False])
@pytest.mark.parametrize("indent", [None, 1])
def test_an_argument_goes_into_a_call_of_a_cell(indent: int | None, one_string: bool) -> None:
    def notebook(cell: str) -> str:
        source = cell if one_string else cell.splitlines(keepends=True)
        return json.dumps({"cells": [{"cell_type": "code", "source": source, "id": "a"}]}, indent=indent)

    text = notebook('x = "é\\n"\nf(\n    "a",  # why\n)')
    source = Source.from_bytes("x.ipynb", text.encode())
    span = Span("x.ipynb", source.position(2, 1, 4, 2))
    [fix] = placed((Fix("Mend", (Edit(span, "b=1", into=True),)),), {"x.ipynb": text})
    assert apply(text, fix.edits) == notebook('x = "é\\n"\nf(\n    "a",  # why\n    b=1,\n)')

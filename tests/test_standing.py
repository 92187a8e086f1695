"""What goes with a call that goes: its statement, its place in a list, or only the call around what it is applied to.

The call that goes is written between angle brackets.
"""

from __future__ import annotations

import json

import pytest

from keraslint.finding import Edit, Fix
from keraslint.fix import apply
from keraslint.model import Span
from keraslint.placing import placed
from keraslint.source import Source


def without(marked: str, path: str = "p.py") -> str | None:
    """The program without the call, or nothing when it cannot do without."""
    start, end = marked.index("«"), marked.index("»") - 1
    program = marked.replace("«", "").replace("»", "")
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": program.splitlines(keepends=True)}]
    text = json.dumps({"cells": cells, "nbformat": 4}, indent=1) if path.endswith(".ipynb") else program
    source = Source.from_text(path, text)
    ends = [(program.count("\n", 0, at) + 1, at - (program.rfind("\n", 0, at) + 1) + 1) for at in (start, end)]
    edit = Edit(Span(path, source.position(*ends[0], *ends[1])), "", argument=True, whole=True)
    found = placed((Fix("", (edit,)),), {path: text})
    if not found:
        return None
    made = apply(text, found[0].edits)
    return "".join(json.loads(made)["cells"][0]["source"]) if path.endswith(".ipynb") else made


GOES = [
    ("m.add(Dense(2))\nm.add(«Softmax()»)\nm.compile()\n", "m.add(Dense(2))\nm.compile()\n"),
    ("m.add(Dense(2))\nm.add(«Softmax()»)", "m.add(Dense(2))"),
    ("m.add(Dense(2))\nm.add(Activation(«'softmax'»))  # sums to one\nm.compile()\n", "m.add(Dense(2))\nm.compile()\n"),
    ("m.add(Dense(2))\n\nm.add(\n    «Softmax()»\n)\n\nm.compile()\n", "m.add(Dense(2))\n\nm.compile()\n"),
    ("m.add(Dense(2))\n\n\nm.add(«Softmax()»)\n", "m.add(Dense(2))\n"),
    ("# one\nm.add(«Softmax()»)\n\nm.compile()\n", "# one\n\nm.compile()\n"),
    (
        "if big:\n    m.add(Dense(2))\n    m.add(«Softmax()»)\nm.compile()\n",
        "if big:\n    m.add(Dense(2))\nm.compile()\n",
    ),
    ("m = Sequential([Dense(2), «Softmax()»])\n", "m = Sequential([Dense(2)])\n"),
    ("m = Sequential([\n    Dense(2),\n    «Softmax()»,\n])\n", "m = Sequential([\n    Dense(2),\n])\n"),
    (
        "m = Sequential([\n    Dense(2),  # two\n    «Softmax()»,  # sums to one\n])\n",
        "m = Sequential([\n    Dense(2),  # two\n])\n",
    ),
    (
        "m = f([\n    Dense(2),\n    «Softmax()»,\n    # next\n    Add()\n])\n",
        "m = f([\n    Dense(2),\n    # next\n    Add()\n])\n",
    ),
    ("m = Sequential([\n    Dense(2),\n    «Softmax()»  # sums to one\n])\n", "m = Sequential([\n    Dense(2),\n])\n"),
    ("x = Dense(2)(x)\nx = «Softmax()»(x)\nm = Model(i, x)\n", "x = Dense(2)(x)\nm = Model(i, x)\n"),
    ("y = «Softmax()»(x)\n", "y = x\n"),
    ("y = Activation(«'softmax'»)(x)\n", "y = x\n"),
    ("m = Model(i, «tf.nn.softmax(f(x), axis=-1)»)\n", "m = Model(i, f(x))\n"),
    ("def f(x):\n    return «softmax(logits=x + 1)»\n", "def f(x):\n    return x + 1\n"),
    ("y = 2 * «softmax(x + 1)»\n", "y = 2 * (x + 1)\n"),
    ("m.add(Dense(2))\nm.add(Lambda(lambda t: «softmax(t)»))\n", "m.add(Dense(2))\n"),
    ("y = Lambda(lambda t: «softmax(t)», output_shape=(2,))(x)\n", "y = x\n"),
]

STAYS = [
    "m.add(«Softmax()»)\n",
    "if big:\n    m.add(«Softmax()»)\nm.compile()\n",
    "m.add(Dense(2)); m.add(«Softmax()»)\n",
    "m.add(Dense(2))\nm.add(«Softmax()»); m.compile()\n",
    "m.add(Dense(2))\nm.add(«Softmax(name='answer')»)\n",
    "m.add(Dense(2))\nm.add(«Softmax(**options)»)\n",
    "m.add(Dense(2))\nm.add(Activation(«'softmax'», dtype='float32'))\n",
    "for size in sizes:\n    m.add(Dense(size))\n    m.add(«Softmax()»)\n",
    "def block(x):\n    x = Dense(2)(x)\n    x = «Softmax()»(x)\n    return x\n\n\nblock(block(x))\n",
    "m = Sequential([«Softmax()»])\n",
    "last = «Softmax()»\n",
    "m.add(TimeDistributed(«Softmax()»))\n",
    "y = «Softmax()»(x, mask)\n",
    "y = «Softmax()»(x, mask=mask)\n",
    "y = «tf.nn.softmax(x, -1, 'answer')»\n",
    "y = «softmax(*both)»\n",
    "y = «softmax(  # of scores\n    x)»\n",
    "y = Dense(2, activation=«'softmax'»)(x)\n",
]


@pytest.mark.parametrize("path", ["p.py", "p.ipynb"])
@pytest.mark.parametrize(("marked", "expected"), GOES)
def test_what_goes_with_it(marked: str, expected: str, path: str) -> None:
    found = without(marked, path)
    if path.endswith(".ipynb"):  # blank lines between cells and statements are left to the author
        assert found is not None
        found, expected = (text.replace("\n\n", "\n").replace("\n\n", "\n").rstrip("\n") for text in (found, expected))
    assert found == expected


@pytest.mark.parametrize("marked", STAYS)
def test_what_stays(marked: str) -> None:
    assert without(marked) is None

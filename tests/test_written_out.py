"""Formulas written out, and the built-in functions that say the same, spelled as the program spells the formula.

The formula is written between angle brackets.
"""

from __future__ import annotations

import pytest

from keraslint.finding import Edit, Fix
from keraslint.fix import apply
from keraslint.model import Position, Span
from keraslint.placing import placed

IMPORTS = "import tensorflow as tf\nfrom tensorflow.keras import backend as K\nfrom keras import ops\n\n"


def rewritten(marked: str, function: str) -> str | None:
    """The program with the built-in function, or nothing when the formula is left as it is."""
    marked = IMPORTS + marked
    start, end = marked.index("«"), marked.index("»") - 1
    program = marked.replace("«", "").replace("»", "")
    ends = [(program.count("\n", 0, at) + 1, at - program.rfind("\n", 0, at)) for at in (start, end)]
    edit = Edit(Span("p.py", Position(*ends[0], *ends[1])), function, formula=True)
    found = placed((Fix("", (edit,)),), {"p.py": program})
    return apply(program, found[0].edits).removeprefix(IMPORTS) if found else None


REWRITTEN = [
    ("y = «K.exp(x) / K.sum(K.exp(x), axis=-1, keepdims=True)»\n", "softmax", "y = K.softmax(x, axis=-1)\n"),
    ("y = «ops.exp(x) / ops.sum(ops.exp(x), 1, True)»\n", "softmax", "y = ops.softmax(x, axis=1)\n"),
    (
        "y = «tf.exp(f(x) / 2) / tf.reduce_sum(tf.exp(f(x)/2), axis=-1, keepdims=True)»\n",
        "softmax",
        "y = tf.nn.softmax(f(x) / 2, axis=-1)\n",
    ),
    ("y = «tf.exp(x) / tf.reduce_sum(tf.exp(x), axis=0)»\n", "softmax axis=-1", "y = tf.nn.softmax(x, axis=-1)\n"),
    (
        "y = «ops.exp(x - ops.max(x)) / ops.sum(ops.exp(x - ops.max(x)), axis=0)»\n",
        "softmax axis=-1",
        "y = ops.softmax(x, axis=-1)\n",
    ),
    (
        "y = «tf.sigmoid(x) / tf.reduce_sum(tf.sigmoid(x), axis=1, keepdims=True)»\n",
        "softmax axis=-1",
        "y = tf.nn.softmax(x, axis=-1)\n",
    ),
    ("y = 1 + «1 / (1 + tf.math.exp(-x))»\n", "sigmoid", "y = 1 + tf.nn.sigmoid(x)\n"),
    ("y = «1.0 / (K.exp(-(a + b)) + 1.0)»\n", "sigmoid", "y = K.sigmoid(a + b)\n"),
    ("y = «tf.math.log(tf.nn.softmax(x, axis=1))»\n", "log_softmax", "y = tf.nn.log_softmax(x, axis=1)\n"),
    (
        "def f(x):\n    e = ops.exp(x)  # positive\n    return «e / ops.sum(e, axis=-1, keepdims=True)»\n",
        "softmax",
        "def f(x):\n    return ops.softmax(x, axis=-1)\n",
    ),
]
LEFT = [
    ("y = «exp(x) / sum(exp(x), axis=-1, keepdims=True)»\n", "softmax"),
    ("y = «np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)»\n", "softmax"),
    ("y = «ops.exp(x) / ops.sum(ops.exp(z), axis=-1, keepdims=True)»\n", "softmax"),
    ("y = «ops.exp(x) / ops.sum(ops.exp(x), axis=-1)»\n", "softmax"),
    ("y = «ops.exp(x) / ops.sum(ops.exp(x), axis=(1, 2), keepdims=True)»\n", "softmax"),
    ("y = «ops.exp(x) / ops.sum(ops.exp(x))»\n", "softmax"),
    ("y = «ops.exp(x) / ops.sum(ops.exp(x), **how)»\n", "softmax"),
    ("y = «1 / (2 + ops.exp(-x))»\n", "sigmoid"),
    ("y = «1 / (1 + ops.exp(x))»\n", "sigmoid"),
    ("y = «K.log(K.softmax(x))»\n", "log_softmax"),
    ("e = ops.exp(x)\ny = «e / ops.sum(e, axis=-1, keepdims=True)»\nprint(e)\n", "softmax"),
    ("e = ops.exp(x)\nx = 2 * x\ny = «e / ops.sum(e, axis=-1, keepdims=True)»\n", "softmax"),
    ("e = ops.exp(x)\nif a:\n    y = «e / ops.sum(e, axis=-1, keepdims=True)»\n", "softmax"),
    ("e = 1\ne = ops.exp(x)\ny = «e / ops.sum(e, axis=-1, keepdims=True)»\n", "softmax"),
    ("def f(ops, x):\n    return «1 / (1 + ops.exp(-x))»\n", "sigmoid"),
]


@pytest.mark.parametrize(("marked", "function", "expected"), REWRITTEN)
def test_a_formula_becomes_the_built_in_function(marked: str, function: str, expected: str) -> None:
    assert rewritten(marked, function) == expected


@pytest.mark.parametrize(("marked", "function"), LEFT)
def test_what_cannot_be_taken_apart_is_left(marked: str, function: str) -> None:
    assert rewritten(marked, function) is None

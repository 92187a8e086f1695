# ruff: noqa: E501  # a program is one line here
"""Whatever a file holds, linting it ends soon, without a failure, and says something honest.

Real-looking programs are cut, spliced and spoilt; others are made at random; and a list of programs that once were too
much, or might be, is linted one by one. No time is measured here: work is counted in steps.
"""

from __future__ import annotations

import gc
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import keraslint
from keraslint import add_ignore
from keraslint.config import Configuration, Overrides
from keraslint.discover import File
from keraslint.finding import Report
from keraslint.lint import run
from keraslint.report import Style, render
from keraslint.source import Source
from keraslint.static.bounds import MOST_DEPTH, STEPS_FOR_IMPORTS, Budget
from keraslint.static.facts import freezing
from keraslint.static.interpreter import Interpreter
from keraslint.static.library import graph
from keraslint.static.text.module import ModuleFile
from keraslint.static.text.parse import parse
from keraslint.static.text.thin import thinned
from tests.fuzz.holds import changed, hold

ROOT = Path(__file__).resolve().parents[1]
ALONE = Configuration(Overrides(isolated=True))
HEAD = "import itertools\nimport numpy as np\nimport tensorflow as tf\nimport keras\nfrom keras import layers\n"
LAST = "\nlast = keras.Sequential([layers.Dense(1, activation='softmax')])\nlast.compile('sgd', loss='mse')\n"
FOUND = "softmax-over-one-unit"
"""What is wrong with `LAST`."""

STABLE = settings(
    derandomize=True, deadline=None, database=None, max_examples=60, suppress_health_check=list(HealthCheck)
)


def linted(data: bytes, path: str = "train.py") -> Report:
    """The report on a file with these bytes; what stands in it is an answer, and no failure of ours."""
    report = run([File(path, data)], ALONE)
    assert report.failures == (), report.failures[0][1]
    rules = {one.rule for one in report.findings}
    assert "unreadable-file" not in rules or rules <= {"unreadable-file", "unused-ignore"}
    return report


def linted_text(text: str) -> Report:
    """The report on a program, whose last model must still be seen."""
    report = linted((HEAD + text + LAST).encode("utf-8", "surrogatepass"))
    assert FOUND in {one.rule for one in report.findings}, [one.message for one in report.findings]
    return report


# --- programs that were right once ------------------------------------------------------------------------------------

PROGRAMS = sorted(ROOT.glob("fixtures/*/*.py"))
NOTEBOOKS = sorted(path for path in ROOT.glob("fixtures/*/*.ipynb") if path.parent.name != "unreadable_file")
ODD = (
    *(
        "\0",
        "\ufeff",
        "\r",
        "\r\n",
        "\t",
        "\x0c",
        "\x0b",
        "\u200b",
        "\u2028",
        "\xa0",
        "\ud800",
        "é",
        "字",
        "\x1a",
        "\\",
    ),
    *("(", ")", "[", "]", "{", "}", '"""', "'", '"', "f'{", "#", ":", ",", ".", "=", "*", "**", "@", "->", ":=", ";"),
    *(
        "\n",
        "\n    ",
        "\n\t",
        "\n\f",
        " lambda: ",
        " yield ",
        " await ",
        " if ",
        " else ",
        " not ",
        " in ",
        "0x",
        "1e9999",
    ),
)
WORDS = (
    *(
        "model",
        "keras",
        "layers",
        "self",
        "None",
        "True",
        "super",
        "lambda",
        "global",
        "print",
        "compile",
        "fit",
        "x",
        "y",
    ),
    *("'softmax'", "'mse'", "0", "-1", "10**9", "1.5", "[]", "{}", "()", "...", "loss", "activation", "return", "del"),
)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A program of ours after a few accidents."""
    pick = random.Random(draw(st.integers(0, 2**32)))
    text = pick.choice(PROGRAMS).read_text("utf-8", "replace")
    for _ in range(draw(st.integers(1, 4))):
        text = pick.choice(ACCIDENTS)(text, pick)
    return text


def _cut(text: str, pick: random.Random) -> str:
    at = pick.randrange(len(text) + 1)
    return pick.choice((text[:at], text[at:]))


def _lines(change: Callable[[list[str], random.Random], None]) -> Callable[[str, random.Random], str]:
    def accident(text: str, pick: random.Random) -> str:
        lines = text.splitlines(keepends=True) or [""]
        change(lines, pick)
        return "".join(lines)

    return accident


def _swap(lines: list[str], pick: random.Random) -> None:
    one, other = pick.randrange(len(lines)), pick.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def _indent(lines: list[str], pick: random.Random) -> None:
    at = pick.randrange(len(lines))
    for index in range(at, min(at + pick.randrange(1, 6), len(lines))):
        lines[index] = pick.choice((" ", "\t", "    ", "\f", " \t")) + lines[index].lstrip(" " * pick.randrange(5))


def _splice(text: str, pick: random.Random) -> str:
    ours, others = (
        text.splitlines(keepends=True),
        pick.choice(PROGRAMS).read_text("utf-8", "replace").splitlines(keepends=True),
    )
    at, begin = pick.randrange(len(ours) + 1), pick.randrange(len(others) + 1)
    return "".join([*ours[:at], *others[begin : begin + pick.randrange(12)], *ours[at:]])


def _insert(text: str, pick: random.Random) -> str:
    at = pick.randrange(len(text) + 1)
    return text[:at] + pick.choice(ODD) * pick.choice((1, 1, 3)) + text[at:]


def _replace(text: str, pick: random.Random) -> str:
    words = list(re.finditer(r"\w+|'\w*'|\"\w*\"", text))
    if not words:
        return text
    found = pick.choice(words)
    return text[: found.start()] + pick.choice((*WORDS, pick.choice(words)[0])) + text[found.end() :]


ACCIDENTS: tuple[Callable[[str, random.Random], str], ...] = (
    _cut,
    _splice,
    _insert,
    _replace,
    _replace,
    _lines(_swap),
    _lines(_indent),
    _lines(lambda lines, pick: lines.pop(pick.randrange(len(lines))) and None),
    _lines(lambda lines, pick: lines.insert(pick.randrange(len(lines)), pick.choice(lines))),
    lambda text, pick: text.replace("\n", pick.choice(("\r", "\r\n"))),
)


@settings(STABLE, max_examples=350)
@given(spoilt())
def test_a_spoilt_program_gets_an_answer(text: str) -> None:
    report = linted(text.encode("utf-8", "surrogatepass"))
    unreadable = [one for one in report.findings if one.rule == "unreadable-file"]
    for finding in unreadable:
        assert 1 <= finding.span.position.line <= text.count("\n") + text.count("\r") + 1


COOKIES = (
    "utf-8",
    "latin-1",
    "ascii",
    "utf-16",
    "cp1252",
    "shift_jis",
    "nonsense",
    "rot13",
    "hex",
    "idna",
    "undefined",
)


@STABLE
@given(spoilt(), st.sampled_from(COOKIES), st.sampled_from(["utf-8", "utf-16", "latin-1", "utf-8-sig", "utf-32"]))
def test_any_encoding_gets_an_answer(text: str, cookie: str, real: str) -> None:
    program = f"# -*- coding: {cookie} -*-\n# keras é\n{text[:1500]}"
    linted(program.encode(real, "replace"))
    linted(b"import keras\nx = '" + program.encode("utf-16", "replace")[:40])


@settings(STABLE, max_examples=30)
@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    for path in ("train.py", "train.ipynb", "train.md"):
        linted(b"import keras\n" + data, path)
        linted(data, path)


VALUES = (
    None,
    5,
    -1.5,
    True,
    "",
    "x",
    [],
    {},
    [[]],
    ["import keras\n", None],
    {"a": []},
    "\ud800",
    "%%bash\n!ls",
    10**50,
)


@settings(STABLE, max_examples=100)
@given(st.integers(0, 2**32))
def test_a_spoilt_notebook_gets_an_answer(seed: int) -> None:
    pick = random.Random(seed)
    text = pick.choice(NOTEBOOKS).read_text("utf-8", "replace")
    notebook = json.loads(text)
    for _ in range(pick.randrange(1, 4)):
        _misplace(notebook, pick)
    linted(json.dumps(notebook).encode(), "train.ipynb")
    linted(pick.choice((_cut, _insert, _replace))(text, pick).encode("utf-8", "surrogatepass"), "train.ipynb")


def _misplace(value: object, pick: random.Random) -> None:
    """Put something of the wrong type somewhere into a JSON value."""
    while isinstance(value, (dict, list)) and value:
        key = pick.choice(list(value)) if isinstance(value, dict) else pick.randrange(len(value))
        inner = value[key]  # type: ignore[call-overload]
        if isinstance(inner, (dict, list)) and inner and pick.random() < 0.8:
            value = inner
            continue
        value[key] = deepcopy(pick.choice(VALUES))  # type: ignore[call-overload]
        return


SLIP = {"cell_type": "code", "source": HEAD + LAST}
ODD_NOTEBOOKS = {
    "prose that is no text": {"cells": [{"cell_type": "markdown", "source": [{"a": []}, 5, "x"]}, SLIP]},
    "prose without a source": {"cells": [{"cell_type": "markdown", "source": None}, {"cell_type": "raw"}, SLIP]},
    "a sheet without cells": {"worksheets": [{}, {"cells": [SLIP]}]},
    "an input and a source": {"cells": [{"cell_type": "code", "source": "x", "input": HEAD + LAST}]},
    "a source and an input": {"cells": [{"cell_type": "code", "input": 5, "source": HEAD + LAST}]},
    "cells and sheets": {"cells": [{"cell_type": "code", "source": "x = 1"}], "worksheets": [{"cells": [SLIP]}]},
    "sheets and cells": {"worksheets": [{"cells": [{"cell_type": "code", "source": "x = 1"}]}], "cells": [SLIP]},
}
"""Notebooks that no editor writes; searching (`python -m tests.fuzz notebook`) came upon the first."""


@pytest.mark.parametrize("name", ODD_NOTEBOOKS)
def test_what_is_found_in_an_odd_notebook_can_be_shown(name: str) -> None:
    data = json.dumps(ODD_NOTEBOOKS[name], indent=1).encode()
    report = hold(data, "train.ipynb")
    changed(File("train.ipynb", data), report)
    assert FOUND in {one.rule for one in report.findings}
    assert "activation='softmax'" in render("full", report, Style())


@pytest.mark.parametrize(
    "odd",
    [
        "1" * 5000,
        "[NaN, 1e5, Infinity]",
        '[{"cells": [], "a": 1, "a": 2}]',
        "[" * 900 + "]" * 900,
        '"a", "cells": [], "b": 1',
    ],
)
def test_what_stands_around_the_cells_of_a_notebook_is_no_matter(odd: str) -> None:
    data = f'{{"odd": {odd}, "cells": [{json.dumps(SLIP)}]}}'.encode()
    report = hold(data, "train.ipynb")
    assert FOUND in {one.rule for one in report.findings}
    [change] = add_ignore.changes([File("train.ipynb", data)], report, ALONE, "odd")
    assert f"keraslint: ignore[{FOUND}]" in change.after


# --- programs made at random ------------------------------------------------------------------------------------------


class Writer:
    """Writes a random program that uses much of Python and some of Keras, out of few names, so that they meet."""

    NAMES = ("a", "b", "f", "g", "m", "x", "C", "self")
    LAYERS = ("layers.Dense(3)", "layers.Dense(1, activation='softmax')", "layers.Activation(a)", "layers.Add()", "C()")
    FORMS = (
        *(
            "{n}",
            "{n}",
            "{k}",
            "{l}",
            "{n}({e})",
            "{n}({e}, *{e}, **{e})",
            "{n}.{n}",
            "{n}[{e}]",
            "{n}[{e}:{e}]",
            "{l}({e})",
        ),
        *(
            "({e} + {e})",
            "({e} * {e})",
            "({e} % {e})",
            "({e} ** {e})",
            "(not {e})",
            "({e} and {e})",
            "({e} or {e})",
            "-({e})",
        ),
        *(
            "({e} if {e} else {e})",
            "({e} < {e} == {e})",
            "({e} in {e})",
            "({e} is not {e})",
            "[{e}, {e}]",
            "({e}, *{e})",
        ),
        *("{{{e}: {e}, **{e}}}", "{{{e}, {e}}}", "[{e} for {n} in {e} if {e}]", "{{{e}: {e} for {n}, {n} in {e}}}"),
        *("(lambda {n}, *a, **b: {e})", "({n} := {e})", "f'{{{e}!r:>{{{e}}}}}'", "({e} for {n} in {e})", "({n} @ {e})"),
        *(
            "keras.Sequential([{l}, {e}])",
            "keras.Model({e}, {e})",
            "keras.Input((3,))",
            "{n}.add({e})",
            "{n}.append({e})",
        ),
        *("{n}.compile(loss={e}, metrics={e})", "{n}.compile(loss='mse')", "{n}.fit({e}, {e})", "{n}.predict({e})"),
        *(
            "np.array({e})",
            "{n}.astype({e})",
            "np.argmax({e}, -1)",
            "tf.nn.softmax({e})",
            "super().{n}({e})",
            "len({e})",
        ),
        *("range({e})", "zip({e}, {e})", "map({n}, {e})", "sorted({e})", "getattr({e}, 'a')", "isinstance({e}, {n})"),
        *("keras.losses.mse({e}, {e})", "tf.data.Dataset.from_tensor_slices(({e}, {e}))", "'%s {{}}'.format({e})"),
    )
    CONSTANTS = ("0", "1", "-1", "2.5", "None", "True", "'softmax'", "'mse'", "'a'", "()", "[]", "{}", "10**9", "...")
    BLOCKS = (
        *("if {e}:", "while {e}:", "for {n} in {e}:", "for {n}, *{n} in {e}:", "with {e} as {n}:", "class C({n}):"),
        *(
            "def {n}({n}, b={e}, *a, **k):",
            "async def {n}(self):",
            "class C(keras.Model, metaclass={n}):",
            "try:",
            "match {e}:",
        ),
        *("@{n}\ndef {n}(self, x):", "@property\ndef {n}(self):", "class {n}(layers.Layer):", "def call(self, x):"),
    )
    LINES = (
        *(
            "{n} = {e}",
            "{n} = {e}",
            "{n}, *{n} = {e}",
            "{n} += {e}",
            "{n}.{n} = {e}",
            "{n}[{e}] = {e}",
            "del {n}[{e}]",
            "{e}",
        ),
        *(
            "return {e}",
            "yield {e}",
            "x = yield from {e}",
            "raise {n}",
            "assert {e}",
            "global {n}",
            "nonlocal {n}",
            "break",
        ),
        *(
            "continue",
            "pass",
            "import {n}",
            "from . import {n}",
            "await {e}",
            "self.a = {l}",
            "{n}: int = {e}",
            "m = {l}",
        ),
    )

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)

    def expression(self, depth: int) -> str:
        form = self.pick.choice(self.FORMS if depth > 0 else ("{n}", "{k}", "{l}"))
        return self.filled(form, depth - 1)

    def filled(self, form: str, depth: int) -> str:
        make = {
            "e": lambda: self.expression(depth),
            "n": lambda: self.pick.choice(self.NAMES),
            "k": lambda: self.pick.choice(self.CONSTANTS),
            "l": lambda: self.pick.choice(self.LAYERS),
        }
        text = re.sub(r"(?<!\{)\{([enkl])\}", lambda found: make[found[1]](), form)
        return (
            re.sub(r"\{\{\{([en])\}", lambda found: "{{" + make[found[1]](), text).replace("{{", "{").replace("}}", "}")
        )

    def block(self, indent: str, depth: int) -> str:
        lines = []
        for _ in range(self.pick.randrange(1, 5)):
            if depth > 0 and self.pick.random() < 0.4:
                lines.append(self.compound(indent, depth))
            else:
                lines.append(f"{indent}{self.filled(self.pick.choice(self.LINES), 2)}\n")
        return "".join(lines)

    def compound(self, indent: str, depth: int) -> str:
        opening = self.filled(self.pick.choice(self.BLOCKS), 2).replace("\n", f"\n{indent}")
        inner = indent + "    "
        if opening.startswith("match"):
            cases = ("case 1 | 'a':", "case [a, *b]:", "case C(a=x) if a:", "case {'a': 1, **b}:", "case _:")
            arms = "".join(f"{inner}{case}\n{self.block(inner + '    ', depth - 1)}" for case in cases)
            return f"{indent}{opening}\n{arms}"
        text = f"{indent}{opening}\n{self.block(inner, depth - 1)}"
        if opening == "try:":
            text += f"{indent}except {self.pick.choice(self.NAMES)} as e:\n{self.block(inner, depth - 1)}"
        elif opening.startswith(("if", "for", "while")) and self.pick.random() < 0.5:
            text += f"{indent}else:\n{self.block(inner, depth - 1)}"
        return text


@settings(STABLE, max_examples=250)
@given(st.integers(0, 2**32))
def test_a_program_made_at_random_gets_an_answer(seed: int) -> None:
    report = linted((HEAD + Writer(seed).block("", 4) * 2 + LAST).encode())
    assert report.models or report.findings or report.not_checked


def test_most_programs_made_at_random_are_python() -> None:
    texts = [HEAD + Writer(seed).block("", 4) for seed in range(60)]
    readable = [
        text for text in texts if not any(one.rule == "unreadable-file" for one in keraslint.check(text).findings)
    ]
    assert len(readable) > 30


# --- programs that are too much ---------------------------------------------------------------------------------------


def _nested(opening: str, depth: int) -> str:
    return "".join(" " * level + opening.format(level) + "\n" for level in range(depth)) + " " * depth + "x = 1\n"


def _numbered(line: str, count: int) -> str:
    return "".join(line.format(number) for number in range(count))


CALLING_EACH_OTHER = {
    "two functions": "def a(x):\n    return b(x)\ndef b(x):\n    return a(x)\ny = a(1)\n",
    "on both arms": "def a(x):\n    if x: return b(x) + a(x)\n    return a(b(x))\ndef b(x):\n    return a(x) + b(x)\na(z)\n",
    "classes": "class A:\n    def __init__(self): self.b = B()\nclass B:\n    def __init__(self): self.a = A()\na = A()\n",
    "properties": "class A:\n    @property\n    def a(self): return self.b\n    @property\n    def b(self): return self.a\nA().a\n",
    "an object": "class A:\n    def __getattr__(self, n): return getattr(self, n)\n    def call(self, x): return self(x)(x)\nA()(1).b.c\n",
    "a decorator": "def d(f): return d(f)\n@d\ndef g(): return g\n@g\ndef h(): pass\n@d\nclass A: pass\n",
    "five hundred decorators": "def d(f):\n    def w(*a): return f(*a)\n    return w\n"
    + "@d\n" * 500
    + "def g(x): return g(x)\ng(1)\n",
    "three thousand": _numbered("def f{0}(x):\n    f{0}1(x)\n    return f{0}2(x)\n", 3000) + "f0(1)\n",
    "a chain of three thousand": _numbered("def f{0}(x): return f{0}_(x)\nf{0}_ = f{0}\n", 3000) + "f7(1)\n",
    "two thousand methods": "class A:\n"
    + _numbered("    def m{0}(self, x):\n        self.x{0} = self.m{0}0(x)\n", 2000)
    + "A().m0(1)\n",
    "itself with itself": "(lambda x: x(x)(x(x)))(lambda x: x(x)(x(x)))\nY = lambda f: (lambda x: x(x))(lambda x: f(x(x)))\nY(Y)(9)\n",
    "a generator": "def g():\n    yield from g()\n    x = yield\n    yield x\nfor i in g(): pass\nlist(g())\n",
    "a metaclass": "class M(type):\n    def __call__(self, *a): return self(*a)\nclass A(metaclass=M):\n    def __init__(self): A()\nA()\n",
    "a base class": "class A(A): pass\nclass A(A): pass\nclass B(A): pass\nA.__bases__ = (B,)\nB().x\n",
    "its own default": "def f(x=f): return f(f)\ndef g(x=g()): return g()\nclass A(f()): pass\n",
    "behind try": "def f(x):\n    try:\n        return f(x)\n    except E:\n        return f(x)\n    finally:\n        f(x)\nf(1)\n",
    "more arguments": "def g(*a): return g(a, *a)\ng(1)\ndef f(*a, **k): return f(*a, *a, **k)\nf(*[1] * 4000, **{'a': 1})\n",
    "map": "def m(x, y): return ds.map(m)\nds = tf.data.Dataset.from_tensor_slices(([1], [2]))\n"
    + "ds = ds.map(m)\n" * 100,
}

HOLDING_THEMSELVES = {
    "a list": "l = []\nl.append(l)\nl += l\nfor x in l: l.append(x)\nprint(l == l, l in l, sorted(l), sum(l, []), str(l))\n"
    "k = keras.Sequential(l)\nk.compile(loss=l, metrics=l, optimizer=l)\nk.fit(l, l)\n",
    "a dict": "d = {}\nd['d'] = d\nd.update(d)\nd = {**d, 'x': d}\nm = keras.Model(d, d)\nm.compile(**d)\nm.compile(loss=d, metrics=d)\n",
    "lists twice": "l = []\n"
    + "l = [l, l]\n" * 200
    + "m = keras.Model(l, l)\nm.compile(loss=l, metrics=l)\nm.fit(l, l)\nl == l\n",
    "tuples twice": "t = ()\n"
    + "t = (t, t)\n" * 200
    + "m = keras.Model(t, t)\nm.compile(loss=t, metrics=t)\nm.fit(t, t)\nt == t\n",
    "data sets twice": "d = tf.data.Dataset.range(3)\n"
    + "d = tf.data.Dataset.zip((d, d))\n" * 60
    + "for a in d: pass\nlast.fit(d)\n",
    "a model": "m = keras.Sequential()\nn = keras.Sequential([m])\nm.add(n)\nm.add(m)\nm.compile(loss='mse')\nm.fit(m, m)\nx = m(n(keras.Input((3,))))\n",
    "models twice": "m = keras.Sequential([layers.Dense(1)])\n"
    + "m = keras.Sequential([m, m])\n" * 60
    + "m.compile(loss='mse')\n",
    "models beside models": "m = keras.Sequential([layers.Dense(1)])\n"
    + "i = keras.Input((3,))\nm = keras.Model(i, layers.Add()([m(i), m(m(i))]))\n" * 60
    + "m.compile(loss='mse')\n",
    "a class": "class M(keras.Model):\n    def __init__(self):\n        self.m = self\n        self.s = keras.Sequential([self])\n"
    "    def call(self, x):\n        return self.m(self.s(x))\nm = M()\nm.compile(loss='mse')\nm.fit(1, 2)\n",
    "a layer": "d = layers.TimeDistributed(layers.Dense(3))\nd.layer = d\nd.activation = d\nd = d(d)\nm = keras.Sequential([d, d(d)])\nm.compile(loss=d)\n",
    "tensors twice": "x = keras.Input((3,))\n"
    + "x = x + x\nx = layers.Add()([x, x])\n" * 100
    + "keras.Model(x, x).compile(loss='mse')\n",
    "branches twice": "x = layers.Dense(3)(keras.Input((3,)))\n"
    + "x = layers.Concatenate()([x, x])\n" * 100
    + "keras.Model(x, x).compile(loss='mse')\n",
    "poolings": "x = layers.Conv2D(3, 3)(keras.Input((9, 9, 3)))\n"
    + "x = layers.AveragePooling2D()(x)\n" * 250
    + "keras.Model(x, x).compile(loss='mse')\n",
    "wrappers": "d = layers.Dense(3)\n"
    + "d = layers.TimeDistributed(d)\n" * 500
    + "keras.Sequential([d]).compile(loss='mse')\n",
    "loops": "d = layers.Dense(3)\nx = keras.Input((3,))\nfor i in range(1000): x = d(x)\nwhile True: x = d(x)\nkeras.Model(x, x).compile(loss='mse')\n",
}

GROWING = {
    "doubling": "x, s, t = [1], 'a', (1,)\n" + "x = x + x\ns = s + s\nt = t + t\nx += x\ns += s\n" * 100,
    "squaring": "x = 2\n" + "x = x * x\n" * 200 + "y = x ** x\nz = 2 ** 63\nz = z ** 60\nz = z ** 60\nn = n << n\n",
    "times": "a = [0] * 10**12\nb = 'a' * 10**12\nc = (1,) * 10**12\nd = b'a' * 10**12\ne = 2 ** 10**9\nf = 1 << 10**9\n10 ** 10 ** 10\n",
    "ranges": "r = range(10**12)\nlist(r)\ntuple(r)\nset(r)\nsorted(r)\nsum(r)\nmax(r)\nany(r)\nlen(range(10**30))\nr == r\na, *b = r\nprint(*r)\n",
    "looking through ranges": "'a' in range(10**12)\n1.5 in range(10**12)\n10**12 in range(10**12)\nNone not in range(10**12)\n",
    "loops over ranges": "[x for x in range(10**9) for y in range(10**9)]\n{x: x for x in range(10**12)}\nlist(map(str, range(10**12)))\nlist(enumerate(range(10**12)))\n",
    "without an end": "for x in itertools.count(): y = x\nlist(itertools.count())\nlist(itertools.product(range(10**6), repeat=10))\nlist(zip(itertools.cycle('a')))\n",
    "arrays": "a = np.zeros((10**9,) * 9)\nnp.eye(10**9)\nnp.arange(10**12).tolist()\nnp.tile(a, (10**9,) * 9)\nnp.array(range(10**12))\ntf.one_hot(a, 10**30)\n",
    "arrays of nothing known": "np.array([*a])\nnp.array([])\nnp.array(["
    + "9" * 400
    + " for one in a])\nnp.array([1e999 for one in a])\n",
    "shapes": "x = keras.Input((10**100, -5, 'a', None, 1.5))\nx = layers.Reshape((10**50, -1, -1))(x)\nx = layers.Conv2D(3, 10**9, strides=0)(x)\n"
    "x = layers.Permute((5, 5, 5))(x)\nx = tf.split(x, 10**9)\nfor y in x: pass\nx = np.array_split(y, 10**12)\nfor y in x: pass\n",
    "formats": "'{:1000000000}'.format(1)\n'{:{w}}'.format(1, w=10**9)\n'%1000000000d' % 1\n'%*d' % (10**9, 1)\nf'{1:1000000000}'\n'%.999999999f' % 1.0\n",
    "texts": "'a'.ljust(10**10)\n'a'.zfill(10**10)\n'\\t'.expandtabs(10**10)\nx = ('a' * 4000).replace('', 'b' * 4000)\nx = x.join([x] * 4000)\n",
    "texts in texts": "r, f, p, j = 'a', '{0}{0}', '%s%s', 'ab'\n"
    + "r = r.replace('a', 'a' * 1000)\nf = f.format(f)\np = p % (p, p)\nj = j.join(j)\ng = f'{j}{j}{j}'\n" * 30,
    "in a loop": "s, n = '', 3\nwhile True:\n    s = s + 'x' * 1000 + s\n    n = n ** 60\n    u = s.join(s)\n    k = str(n)\n",
    "keys": "x = a\n" + "x = x and b or not c\nx = x + x * x - f(x)\nif x: y = 1\n" * 300,
    "attributes": "class A: pass\na = A()\n" + _numbered("a.k{0} = {0}\nif z{0}: a.k{0} = 2\n", 500),
    "entries": "d = {{}}\n".format() + _numbered("d['k{0}'] = {0}\nif z{0}: d['k{0}'] = 2\n", 500) + "f(**d)\n",
    "items": "l = [layers.Dense(1)]\n"
    + _numbered("if z{0}: l.append(layers.Dense({0}))\n", 200)
    + "m = keras.Sequential(l)\nm.compile(loss='mse')\n",
    "odd constants": "1j ** 10**9\nfloat('nan') == float('nan')\n[1][::0]\nrange(0, 10, 0)\n1 / 0\n'%s' % ()\nint('x')\n{[]: 1}\n{(1, []): 2}\n[1][True]\n"
    "'{'.format()\n-'a'\nsorted([1, 'a'])\n{1: 2}[1:2]\nx[1:2, ::3, ..., None]\nround(9 ** 60, -10**9)\nif q == float('nan'): y = 1\n",
}

DEEP = {
    **{
        f"{opening} {depth}": _nested(opening, depth)
        for opening in (
            "if z{}:",
            "for i{} in range(9):",
            "while z:",
            "with z:",
            "def f{}():",
            "class C:",
            "async def f():",
        )
        for depth in (18, 95)
    },
    **{
        f"{unit} {depth}": "x = " + unit * depth + "1" + closing * depth + "\n"
        for unit, closing in (
            ("(", ")"),
            ("[", "]"),
            ("f(", ")"),
            ("(lambda: ", ")"),
            ("{1: ", "}"),
            ("layers.Dense(3)(", ")"),
        )
        for depth in (150, 199)
    },
    "sums": "x = "
    + " + ".join(["a"] * 990)
    + "\nw = keras.Input((3,))\nv = "
    + " + ".join(["w"] * 990)
    + "\nkeras.Model(w, v).compile(loss='mse')\n",
    "attributes": "x = a"
    + ".b" * 990
    + "\nkeras"
    + ".b" * 990
    + "\nimport a"
    + ".b" * 900
    + "\nfrom "
    + "." * 900
    + " import d\n",
    "methods": "x = a" + ".b(1)" * 490 + "\nt = tf.data.Dataset.range(3)" + ".batch(2)" * 480 + "\nfor q in t: pass\n",
    "conditions": "x = "
    + "(a if b else " * 190
    + "c"
    + ")" * 190
    + "\ny = "
    + _numbered("{0} if a{0} else ", 300)
    + "0\n",
    "a call of calls": "if q: f = lambda x: x\nelse: f = lambda x: x + 1\ny = " + "f(" * 150 + "1" + ")" * 150 + "\n",
    "targets": "(" * 150 + "a," + ")," * 149 + ") = x\n",
}

WIDE = {
    "arms": "if x == 0: y = 0\n" + _numbered("elif x == {0}: y = {0}\n", 2000) + "else: y = -1\nz = y\n",
    "other arms": "if x: y = 0\n" + _numbered("elif x{0}: y{0} = 0\n", 1500) + "else: y = -1\n",
    "cases": "match z:\n"
    + _numbered("    case {0}: y = {0}\n", 1000)
    + "match z:\n"
    + _numbered("    case A(x={0}) if q: y = {0}\n", 300),
    "returns": "def f(x):\n" + _numbered("    if x == {0}: return layers.Dense({0})\n", 1500) + "f(q)\nf(3)\n",
    "checks": "def f(x):\n"
    + _numbered("    if x.shape[{0}] != {0}: raise ValueError\n    assert x{0} == 3\n", 800)
    + "f(1)\n",
    "branches": _numbered("if x{0}: y{0} = 0\nelse: y = {0}\n", 1000),
    "choices": _numbered("a{0} = 'relu' if z{0} else 'softmax'\n", 60)
    + "x = keras.Input((3,))\n"
    + _numbered("x = layers.Dense(2, activation=a{0})(x)\n", 60)
    + "m = keras.Model(x, x)\nm.compile(loss='mse')\nm.fit(a0, a1)\nb = ("
    + _numbered("a{0}, ", 60)
    + ")\nf(*b)\nc = "
    + " + ".join(["a1", "a2"] * 300)
    + "\n",
    "loops": "for i in range(1000):\n    x = i\n    y.append(x)\n" * 500,
    "models": _numbered("m{0} = keras.Sequential([layers.Dense({0})])\nm{0}.compile(loss='mse')\n", 300),
    "one model again and again": "x = i = keras.Input((3,))\n"
    + "x = layers.Dense(3)(x)\nm = keras.Model(i, x)\nm.compile(loss='mse')\n" * 150,
    "outputs": "i = keras.Input((3,))\nm = keras.Model(i, [layers.Dense(1)(i) for _ in range(90)] * 40)\nm.compile(loss=['mse'] * 3600, metrics=['mse'] * 3600)\n",
    "arguments": "layers.Dense("
    + _numbered("a{0}=1, ", 3000)
    + ")\ndef f("
    + _numbered("a{0}=1, ", 3000)
    + "): return a1\nf("
    + "1, " * 9000
    + ")\n",
    "names": _numbered("a{0}, ", 3000) + "= range(3000)\n" + "x" * 100_000 + " = 1\n",
    "texts": "x = f'"
    + "{a}" * 3000
    + "'\ny = "
    + "'a' " * 2900
    + "\nz = '"
    + "a" * 1_000_000
    + "'\nw = z + z\nfor c in z: y += c\n",
    "statements": "x = 1; " * 10_000 + "\n" + "x = 1\n" * 10_000,
}

LITERALS = {
    "numbers": "x = [" + "1, " * 100_000 + "]\ny = np.array(x)\nz = x + x\nx.append(2)\nfor i in x: z.append(i)\n",
    "rows": "x = np.array([" + "[1, -2.5e3],\n" * 50_000 + "])\n",
    "entries": "x = {"
    + _numbered("{0}: 'a', ", 50_000)
    + "}\ny = {**x, **x}\nfor k, v in x.items(): y[k] = v\nz = x[q]\n",
    "texts": "x = (" + "'a, [b', " * 50_000 + ")\ny = x + x\n",
    "a nest": "x = [" + "[[], {}, ()], " * 20_000 + "]\n",
}

EVERYTHING = {
    f"{group}: {name}": text
    for group, cases in (
        ("calling", CALLING_EACH_OTHER),
        ("holding", HOLDING_THEMSELVES),
        ("growing", GROWING),
        ("deep", DEEP),
        ("wide", WIDE),
        ("literals", LITERALS),
    )
    for name, text in cases.items()
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_what_comes_behind_too_much_is_still_seen(name: str) -> None:
    linted_text(EVERYTHING[name])


def test_no_memory_is_run_out_of() -> None:
    """In a process of its own, with room for what an ordinary program needs."""
    code = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from tests.test_robust import GROWING, LITERALS, linted_text
for text in (*GROWING.values(), *LITERALS.values()):
    linted_text(text)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- what is told -----------------------------------------------------------------------------------------------------


def reasons(text: str) -> list[str]:
    """What of a program could not be checked, and why."""
    return [gap.reason for gap in keraslint.check(text).not_checked]


MUTUAL = "".join(f"def f{i}(x):\n" + "".join(f"    f{j}(x)\n" for j in range(8)) for i in range(8))


def test_a_program_of_too_many_steps_says_so() -> None:
    assert reasons(HEAD + MUTUAL + "f0(1)\n") == [Budget.STEPS.value]


def test_a_function_of_too_many_steps_takes_none_from_the_others() -> None:
    report = keraslint.check(HEAD + MUTUAL + "def build():" + LAST.replace("\n", "\n    ") + "\n")
    assert {gap.reason for gap in report.not_checked} == {Budget.FUNCTION.value}
    assert [one.rule for one in report.findings] == [FOUND]


def test_an_imported_file_of_too_many_steps_takes_none_from_its_importer(tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(MUTUAL + "f0(1)\n")
    (tmp_path / "train.py").write_text(HEAD + "import busy\n" + LAST)
    report = keraslint.lint(str(tmp_path / "train.py"))
    assert [gap.reason for gap in report.not_checked] == [Budget.IMPORT.value]
    assert FOUND in {one.rule for one in report.findings}


def test_calls_too_deep_are_told_where_they_are() -> None:
    chain = "".join(f"def f{i}(x):\n    return f{i + 1}(x)\n" for i in range(MOST_DEPTH + 1))
    report = keraslint.check(f"import keras\n{chain}f0(1)\n")
    [gap] = report.not_checked
    assert gap.reason == Budget.DEPTH.value
    assert gap.span.position.line == 2 * MOST_DEPTH + 1


def test_a_function_that_calls_itself_is_read_and_not_told() -> None:
    assert (
        reasons("import keras\ndef f(x):\n    return f(x - 1) if x else g(x)\ndef g(x):\n    return f(x)\nf(9)\n") == []
    )


def test_every_budget_is_told_once() -> None:
    assert reasons(HEAD + MUTUAL * 2 + "def g(): f0(1)\n" * 3).count(Budget.FUNCTION.value) == 1


@pytest.mark.parametrize("text", ["if a:\n if a:\n\t\tx = 1\n", "if a:\n  \\\n  x = 1\n", "(x): int = 1\n"])
def test_what_python_reads_is_read(text: str) -> None:
    """LibCST reads none of these."""
    report = keraslint.check(f"import keras\n{text}m = keras.Sequential([keras.layers.Dense(1)])\n")
    assert (len(report.models), report.not_checked) == (1, ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = " + " + ".join(["a"] * 1_100) + "\n", "an expression of more than 1,000 operations"),
    ],
)
def test_what_python_reads_is_no_finding(text: str, reason: str) -> None:
    report = keraslint.check(f"import keras\n{text}")
    assert report.findings == ()
    assert [gap.reason for gap in report.not_checked] == [reason]


# --- long lists of constants ------------------------------------------------------------------------------------------


def test_a_long_list_keeps_its_place_and_nothing_else() -> None:
    text = "x = f([\n" + "    1, 'a]', None,  # b\n" * 3_000 + "], {1: 2}); y = 3\n"
    thin = thinned(text)
    assert len(thin) == len(text)
    assert [len(line) for line in thin.split("\n")] == [len(line) for line in text.split("\n")]
    assert thin.split() == ["x", "=", "f([", "*...", "],", "{1:", "2});", "y", "=", "3"]


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "1, " * 4_000 + "]\n",
        "x = [" + "a, " * 9_000 + "]\n",
        "f(" + "1, " * 9_000 + ")\n",
        "x = [" + "f(1, 2), " * 9_000 + "]\n",
        "x = '" + "[1, 2, " * 9_000 + "'\n",
        "x = [" + "1, " * 9_000 + "\n",
        "x = " + "1, " * 9_000 + "\n",
    ],
)
def test_other_texts_are_left_alone(text: str) -> None:
    assert thinned(text) == text


@pytest.mark.parametrize("before", ["return ", "for x in ", "x = ", "f("])
def test_a_list_is_blank_wherever_it_stands(before: str) -> None:
    assert thinned(before + "[" + "1, " * 9_000 + "]").rstrip() == f"{before}[*...{' ' * 26_996}]"


# --- growth -----------------------------------------------------------------------------------------------------------

GENERATORS: dict[str, Callable[[int], str]] = {
    "many models": lambda n: _numbered(
        "m{0} = keras.Sequential([layers.Dense({0})])\nm{0}.compile(loss='mse')\n", n // 2
    ),
    "one function": lambda n: "def build(x):\n" + "    x = layers.Dense(3)(x)\n" * n + "    return x\n",
    "small functions": lambda n: _numbered("def f{0}(x):\n    y = g(x)\n    return y + {0}\n", n // 3),
    "one class": lambda n: (
        "class M(keras.Model):\n" + _numbered("    def m{0}(self, x):\n        return self.d(x)\n", n // 2)
    ),
    "chains of calls": lambda n: _numbered("def f{0}(x):\n    return layers.Dense({0})(x)\nx = f{0}(x)\n", n // 3),
    "branches": lambda n: _numbered("if a{0}:\n    x = {0}\n", n // 2),
}


class Counting(Interpreter):
    """Counts the steps, also those that were given back."""

    taken = 0

    def step(self) -> None:
        self.taken += 1
        super().step()


def steps(text: str) -> int:
    """How many steps a program takes."""
    file = Source.from_bytes("train.py", text.encode())
    interp = Counting(ModuleFile(file, parse(file)))
    interp.run()
    assert interp.record.budgets == {}
    return interp.taken


@pytest.mark.parametrize("name", GENERATORS)
def test_twice_the_lines_take_twice_the_steps(name: str) -> None:
    make = GENERATORS[name]
    small, large = steps(HEAD + make(600)), steps(HEAD + make(1200))
    assert small < large <= 2.2 * small


def test_a_long_function_is_followed_to_its_end() -> None:
    steps(HEAD + GENERATORS["one function"](3_000))


# --- files that are imported, and files too large ---------------------------------------------------------------------


def test_imports_add_no_more_than_their_share(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"long{number}.py").write_text("x = 1\n" * 2_000)
    (tmp_path / "train.py").write_text(HEAD + _numbered("import long{0}\n", 8) + LAST)
    source = Source.read(tmp_path / "train.py")
    interp = Counting(ModuleFile(source, parse(source)))
    before = interp.steps
    interp.run()
    assert interp.steps + interp.taken <= before + STEPS_FOR_IMPORTS
    assert interp.record.budgets == {}


def test_imports_that_are_too_long_together_are_told(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"long{number}.py").write_text(f"a = {number}\n" + "#" * 200_000)
    (tmp_path / "train.py").write_text(
        HEAD + _numbered("import long{0}\n", 4) + LAST + "last.compile('sgd', loss=f(long0.a))\n"
    )
    report = keraslint.lint(str(tmp_path / "train.py"))
    assert Budget.SOURCES.value in {gap.reason for gap in report.not_checked}
    assert FOUND in {one.rule for one in report.findings}


def test_a_file_that_is_too_large_is_said_to_be() -> None:
    text = "import keras\n" + "x[0] = f(1, 2)\n" * 25_000
    [gap] = keraslint.check(text).not_checked
    assert gap.reason == "a program of more than 150,000 brackets, operators and lines"
    broken = keraslint.check(text + "(\n")
    assert [one.rule for one in broken.findings] == ["unreadable-file"]


def test_a_long_text_is_no_large_program() -> None:
    linted_text("x = '''\n" + "f(1, 2)\n" * 60_000 + "'''\n")


def test_garbage_is_looked_for_after_a_file_as_before() -> None:
    for enabled in (gc.disable, gc.enable):
        enabled()
        keraslint.check("import keras\nx = (\n")
        assert gc.isenabled() is (enabled is gc.enable)


def test_a_loss_of_too_many_is_said_to_be() -> None:
    losses = "".join(f"    if a == {number}: return 'loss{number}'\n" for number in range(20))
    text = f"import keras\ndef f(a):\n{losses}    return 'mse'\nm = keras.Sequential([keras.layers.Dense(3)])\n"
    assert reasons(text + "m.compile('sgd', loss=f(q))\n") == ["the loss is one of more than 12"]
    assert reasons(text + "m.compile('sgd', loss=g(q))\n") == ["the loss is not known"]
    outputs = "".join(f"    if a == {number}: return layers.Dense({number})(x)\n" for number in range(20))
    text = f"{HEAD}def f(a, x):\n{outputs}    return x\nx = keras.Input((3,))\nm = keras.Model(x, f(q, x))\n"
    assert reasons(text + "m.compile('sgd', loss='mse')\n") == ["the output layer is one of more than 12"]


def test_each_model_is_asked_once_for_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(freezing, "behind", lambda outputs: asked.append(outputs) or graph.behind(outputs))
    count = 40
    frozen = (
        "m{0} = keras.Sequential([layers.Dense(3)])\nm{0}.compile(loss='mse')\nm{0}.trainable = False\nm{0}.fit(x, y)\n"
    )
    assert len(keraslint.check(HEAD + _numbered(frozen, count)).models) == count
    assert len(asked) == count

"""What Python's parser gives becomes the tree that LibCST gives, with the same places."""

from __future__ import annotations

import importlib.util
import json
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst
import pytest

from keraslint.source import Source, UnreadableSource
from keraslint.static.text import from_libcst, from_python, tree
from keraslint.static.text.parse import parse
from keraslint.static.text.positions import Positions
from keraslint.static.text.tree import Exact, Node

ODD = {
    "empty": "",
    "only a comment": "# a comment",
    "no newline at the end": "x = f(1)",
    "spaces at the end": "x = f(1)   \n\n   \n",
    "tabs": "if a:\n\tx = 1\n\tif b:\n\t\ty = [\t1,\t2]\n\tz\n",
    "tabs and spaces": "def f():\n    if a:\n    \tb = 1\n    c = 2\n",
    "windows": 'def f(a,\r\n      b=1):\r\n    """One.\r\n    Two."""\r\n    return a + \\\r\n        b\r\n',
    "old mac": "x = 1\rif x:\r    y = (2,\r         3)",
    "mixed line ends": "a\r\nb\rc\nif d:\r    e\n    f\r\n",
    "decorators": "@a\n# between\n@b(1)\n\n@c.d\ndef f(): pass\n\n@e\nclass C(\n    D\n): x = 1\n",
    "f-strings": "x = f'{a!r:>{w}} {b=} {{}}' f\"{'c'}\" 'd' r'e'\ny = f'''\n{\n  z\n}'''\n",
    "nested parentheses": "x = ( ( (a) + ( b ) ) * ((c)) ) ( (d), ) [ (e) : ((f)) ]\n",
    "continuations": "x = a \\\n  + b \\\n  * c\nassert x, \\\n  y\nwith a as b, \\\n  c: pass\n",
    "several on a line": "a = 1; b = 2 ; c\nif d: e; f ;\nclass G: h = 1; i = 2\n",
    "wide characters": "é = 'ü'; 字 = '😀' ; x = f(字, 'e\u0301')\n",
    "branches": "if a: b\nelif c:\n  d\nelse: e\ntry:\n  f\nexcept (G, H) as i: j\nelse: k\nfinally:\n  l\n",
    "groups of exceptions": "try:\n  a\nexcept* B: c\nexcept* (D, E) as f:\n  g\n",
    "loops": "for (a, b) in c: d\nelse:\n  e\nwhile (a): b\nelse: c\nasync def f():\n  async for x in y: await z\n",
    "match": "match a:\n  case {'b': [c, *d], **e} if f: g\n  case A(b, c=1) | None as d:\n    h\n  case _: i\n",
    "definitions": "def f(a, /, b: int = 1, *c, d=(2), **e) -> 'x': return lambda y, *z: (yield)\n",
    "comprehensions": "[x for (x) in (y) if (z) if w]; {a: b for a, b in c}; (d async for d in e); {*f}\n",
    "comments inside": "x = f(  # one\n    a,  # two\n\n    # three\n    b=(1),  # four\n)  # five\n# six\ny\n",
    "dedented comments": "def f():\n    a\n  # less\n# none\n    b\n\n\n  # last\nc\n",
    "imports": "from a import (b as c,\n  d,)\nfrom . import e\nimport f.g as h, i\nfrom j import *\n",
    "other statements": "del (a), b\nglobal c\nraise d from e\nx: int\ny: int = 1\nz += (1)\nassert f, g\n",
    "f-strings over lines": "y = f'''é {a} and\n {g(b)} {\n c + d\n}\n  {k(\n l)}''' f'{z} {q:{w}.{v}}'\n",
    "strings side by side": "x = 'a' \"b\"\ny = ('a'\n  # c\n  'd')\nz = b'e' b'f' + b'g'\nw = '''h''''i'\n",
    "bodies behind the colon": "try: a = 1; b = 2\nexcept C: d\nwith e as f: g\nfor h in i: j; k\n",
    "dictionaries": "x = {('a'): (1), 'b' : [2], **c, (d): e}\n",
    "form feeds inside": "x = 1\n\x0c\ny = (2,\n\x0c3)\n# \x0c\nz\x0c = 1\n",
}
"""Texts whose line ends, white space or syntax put places at risk."""


def corpus() -> Iterator[Path]:
    """Some forty files of what is installed, of all sizes but the largest."""
    folders = [Path(sysconfig.get_paths()["stdlib"]), Path(libcst.__file__).parent]
    keras = importlib.util.find_spec("keras")  # found, not imported
    if keras and keras.submodule_search_locations:
        folders.append(Path(keras.submodule_search_locations[0]) / "src")
    for folder in folders:
        files = sorted(path for path in folder.rglob("*.py") if 500 < path.stat().st_size < 15_000)
        yield from files[:: len(files) // 14 + 1]


def source_of(text: str | bytes) -> Source:
    return Source.from_bytes("train.py", text if isinstance(text, bytes) else text.encode())


PLACELESS = (
    *(tree.Suite, tree.Else, tree.ExceptHandler, tree.MatchCase, tree.Return, tree.Assign, tree.AnnAssign),
    *(tree.AugAssign, tree.Assert, tree.Del, tree.Global, tree.Nonlocal, tree.Param, tree.Parameters, tree.Slice),
    *(tree.ComparisonTarget, tree.CompFor, tree.WithItem, tree.StarredDictElement, tree.Element, tree.Expr),
    *(tree.FormattedStringExpression, tree.BooleanOperation, tree.ImportStar, tree.Module, tree.If),
)
"""Nodes whose place nobody asks for, or of which only the first line counts."""


def parts(node: Node) -> dict[str, Any]:
    names = [name for kind in type(node).__mro__ for name in getattr(kind, "__slots__", ())]
    return {name: getattr(node, name) for name in names if name != "place"}


def differences(ours: Any, theirs: Any, places: Positions, path: str = "") -> Iterator[tuple[Any, ...]]:
    """Where the tree from Python is another one than that from LibCST, whose places are exact."""
    if type(ours) is not type(theirs):
        yield path, ours, theirs
    elif isinstance(ours, Node):
        if not isinstance(ours, PLACELESS) and not _is_bare(ours, path):
            here = Exact(*places.span(ours).position[:4])
            if here != theirs.place:
                yield path, type(ours).__name__, here, theirs.place
        others = parts(theirs)
        for name, part in parts(ours).items():
            yield from differences(part, others[name], places, f"{path}.{name}")
    elif isinstance(ours, (list, tuple)):
        if len(ours) != len(theirs):
            yield path, ours, theirs
        for number, pair in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(*pair, places, f"{path}[{number}]")
    elif ours != theirs and ours == ours:
        yield path, ours, theirs


def _is_bare(node: Node, path: str) -> bool:
    """Whether a node has no place of its own: the name of a definition, several targets of `del`, and an argument by
    position, which is its value."""
    return path.endswith((".name", ".target")) or (isinstance(node, tree.Arg) and node.keyword is None)


def assert_same_trees(source: Source) -> None:
    ours, theirs = from_python.module_of(source.program), from_libcst.module_of(source.program)
    assert list(differences(ours, theirs, Positions(source))) == []


def find(module: tree.Module, kind: type[Node], code: str, source: Source) -> Node:
    """The first node of a kind that is written like this."""
    text = Positions(source).text
    todo: list[Any] = [module]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(reversed(node))
        elif isinstance(node, Node):
            if isinstance(node, kind) and text(node) == code:
                return node
            todo.extend(parts(node).values())
    raise LookupError(code)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_files(text: str) -> None:
    assert_same_trees(source_of(text))


@pytest.mark.parametrize("path", corpus(), ids=lambda path: "/".join(path.parts[-3:]))
def test_installed_files(path: Path) -> None:
    assert_same_trees(Source.read(path))


def test_encodings() -> None:
    assert_same_trees(source_of(b"\xef\xbb\xbfx = f('\xc3\xa9', y)\n"))
    assert_same_trees(source_of(b"# coding: latin-1\nx = f('\xe9', y)\n"))


def test_differences_are_seen() -> None:
    source = source_of("x = f(1)\n")
    module = from_python.module_of(source.program)
    for other in ("x = f(2)\n", "x = f( 1)\n", "x = g(1)\n", "x = f(1), 2\n", "x = f(1)\ny\n"):
        assert list(differences(module, from_libcst.module_of(other), Positions(source)))


def test_a_place_is_what_stands_there() -> None:
    source = source_of("model.add(\n    Dense(10, activation=( 'softmax' )),\n)\n")
    module = parse(source)
    places = Positions(source)
    argument = places.span(find(module, tree.SimpleString, "'softmax'", source))
    assert argument.path == "train.py"
    assert argument.position[:4] == (2, 28, 2, 37)
    assert places.span(find(module, tree.Name, "Dense", source)).position[:4] == (2, 5, 2, 10)


@pytest.mark.parametrize(
    "text",
    ["\x0cx = Dense(1)\n", "a\n\x0c\n\x0cx = Dense(1)\n", "if a:\n  b\n  \x0c  x = Dense(1)\n", "\x0cx = Dense(1)"],
)
def test_a_form_feed_before_a_statement(text: str) -> None:
    """LibCST leaves it out of what it writes, so its provider is one off there."""
    source = source_of(text)
    span = Positions(source).span(find(parse(source), tree.Call, "Dense(1)", source))
    lines = text.split("\n")
    assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == "Dense(1)"


def test_a_node_in_a_notebook() -> None:
    cells = [
        {"cell_type": "code", "source": ["!pip install keras\n", 'act = "é"']},
        {"cell_type": "code", "id": "two", "source": ["Dense(10,\n", '\tactivation="softmax")']},
    ]
    text = json.dumps({"cells": cells}, indent=1)
    source = Source.from_bytes("train.ipynb", text.encode())
    span = Positions(source).span(find(parse(source), tree.SimpleString, '"softmax"', source))
    line = text.splitlines()[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == r"\"softmax\""
    assert span.position[4:] == (1, "two", 2)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("( a, b , )", "a, b ,"),
        ("( a, # c)\n  b, # (d\n)", "a, # c)\n  b,"),
        ("()", ""),
        ("(a), (b)", "(a), (b)"),
        ("((a), (b))", "(a), (b)"),
        ("('(', ')')", "'(', ')'"),
        ("(( i for i in (x) ))", "i for i in (x)"),
    ],
)
def test_brackets_around_an_expression_are_left_out(text: str, bare: str) -> None:
    source = source_of(f"x = {text}\n")
    line: Any = parse(source).body[0]
    place = Positions(source).span(line.body[0].value).position
    rows = source.program.split("\n")[place.line - 1 : place.end_line]
    rows[-1] = rows[-1][: place.end_column - 1]
    rows[0] = rows[0][place.column - 1 :]
    assert "\n".join(rows) == bare


# --- what Python does not read ---------------------------------------------------------------------------------------


def test_syntax_that_is_newer_than_python_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Python runs: here one that reads nothing at all."""

    def fail(_: str) -> tree.Module:
        raise SyntaxError

    monkeypatch.setattr(from_python, "module_of", fail)
    source = source_of("type Pair = tuple[int, int]\nx = Dense(1, name=f'{'a'}')\n")
    span = Positions(source).span(find(parse(source), tree.Call, "Dense(1, name=f'{'a'}')", source))
    assert span.position[:4] == (2, 5, 2, 28)
    with pytest.raises(UnreadableSource):
        parse(source_of("x = $\n"))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python knows all places in an f-string")
def test_an_expression_at_a_wrong_place_in_a_string_has_that_of_the_string(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_python._Growing, "is_filled_with", lambda *_: False)
    source = source_of("x = f'{a} {b.c(1)}'\n")
    line: Any = from_python.module_of(source.program).body[0]
    for part in line.body[0].value.parts:
        if not isinstance(part, str):
            assert Positions(source).span(part.expression).position[:4] == (1, 5, 1, 20)


@pytest.mark.parametrize(
    ("text", "width"),
    [("a" + "[0]" * 900, 2701), ("-" * 900 + "a", 901), ("f(" * 150 + "a" + ")" * 150, 451), ("1" + "+a" * 900, 1801)],
)
def test_deep_expressions(text: str, width: int) -> None:
    source = source_of(f"x = {text}\ny = f(1)\n")
    limit = sys.getrecursionlimit()
    module: Any = parse(source)
    places = Positions(source)
    assert places.span(module.body[0].body[0].value).position[:4] == (1, 5, 1, 5 + width)
    assert places.span(module.body[1]).position[:4] == (2, 1, 2, 9)
    assert sys.getrecursionlimit() == limit

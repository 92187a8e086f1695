"""The places of nodes are those that LibCST's own, much slower provider gives."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from weakref import ref

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from keraslint.model import Position
from keraslint.source import Source
from keraslint.static.text import positions
from keraslint.static.text.module import ModuleFile
from keraslint.static.text.parse import parse
from keraslint.static.text.positions import Positions

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
    "form feeds inside": "x = 1\n\x0c\ny = (2,\n\x0c3)\n# \x0c\nz\x0c = 1\n",
}
"""Texts whose line ends, white space or syntax put places at risk."""


def corpus() -> Iterator[Path]:
    """Some forty files of what is installed, of all sizes but the largest."""
    folders = [Path(sysconfig.get_paths()["stdlib"]), Path(cst.__file__).parent]
    keras = importlib.util.find_spec("keras")  # found, not imported
    if keras and keras.submodule_search_locations:
        folders.append(Path(keras.submodule_search_locations[0]) / "src")
    for folder in folders:
        files = sorted(path for path in folder.rglob("*.py") if 500 < path.stat().st_size < 15_000)
        yield from files[:: len(files) // 14 + 1]


def source_of(text: str | bytes) -> Source:
    return Source.from_bytes("train.py", text if isinstance(text, bytes) else text.encode())


def expected(source: Source, module: cst.Module) -> dict[cst.CSTNode, Position]:
    """What LibCST's provider says. At the very end it goes past a text that has no newline there; nothing is there."""
    places = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    end = source.point(len(source.text), len(source.text))[2:4]
    found = {}
    for node, place in places.items():
        start = min((place.start.line, place.start.column + 1), end)
        stop = min((place.end.line, place.end.column + 1), end)
        found[node] = Position(*start, *stop)
    return found


def assert_all_places(source: Source) -> None:
    module = parse(source)
    places = Positions(module, source)
    wanted = expected(source, module)
    spans = {node: places.span(node) for node in wanted}
    assert len(wanted) > 0
    wrong = [(node, spans[node].position, wanted[node]) for node in wanted if spans[node].position != wanted[node]]
    assert wrong == []


def find(module: cst.Module, kind: type[cst.CSTNode], code: str) -> cst.CSTNode:
    """The first node of a kind that is written like this."""
    todo: list[cst.CSTNode] = [module]
    while todo:
        node = todo.pop()
        if isinstance(node, kind) and module.code_for_node(node).strip() == code:
            return node
        todo.extend(reversed(node.children))
    raise LookupError(code)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_files(text: str) -> None:
    assert_all_places(source_of(text))


@pytest.mark.parametrize("path", corpus(), ids=lambda path: "/".join(path.parts[-3:]))
def test_installed_files(path: Path) -> None:
    assert_all_places(Source.read(path))


def test_encodings() -> None:
    assert_all_places(source_of(b"\xef\xbb\xbfx = f('\xc3\xa9', y)\n"))
    assert_all_places(source_of(b"# coding: latin-1\nx = f('\xe9', y)\n"))


def test_a_place_is_what_stands_there() -> None:
    source = source_of("model.add(\n    Dense(10, activation=( 'softmax' )),\n)\n")
    module = parse(source)
    places = Positions(module, source)
    argument = places.span(find(module, cst.SimpleString, "( 'softmax' )"))
    assert argument.path == "train.py"
    assert argument.position == Position(2, 28, 2, 37)
    assert places.span(find(module, cst.Name, "Dense")).position == Position(2, 5, 2, 10)


@pytest.mark.parametrize(
    "text",
    ["\x0cx = Dense(1)\n", "a\n\x0c\n\x0cx = Dense(1)\n", "if a:\n  b\n  \x0c  x = Dense(1)\n", "\x0cx = Dense(1)"],
)
def test_a_form_feed_before_a_statement(text: str) -> None:
    """LibCST leaves it out of what it writes, so its provider is one off there."""
    source = source_of(text)
    module = parse(source)
    span = Positions(module, source).span(find(module, cst.Call, "Dense(1)"))
    lines = text.split("\n")
    assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == "Dense(1)"


def test_a_node_in_a_notebook() -> None:
    cells = [
        {"cell_type": "code", "source": ["!pip install keras\n", 'act = "é"']},
        {"cell_type": "code", "id": "two", "source": ["Dense(10,\n", '\tactivation="softmax")']},
    ]
    text = json.dumps({"cells": cells}, indent=1)
    source = Source.from_bytes("train.ipynb", text.encode())
    module = parse(source)
    span = Positions(module, source).span(find(module, cst.SimpleString, '"softmax"'))
    line = text.splitlines()[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == r"\"softmax\""
    assert span.position[4:] == (1, "two", 2)


# --- how often -------------------------------------------------------------------------------------------------------


def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many nodes each pass over the module was asked for."""
    made: list[int] = []

    def ranges(module: cst.Module, wanted: set[int]) -> dict[int, positions.Range]:
        made.append(len(wanted))
        return original(module, wanted)

    original = positions.ranges
    monkeypatch.setattr(positions, "ranges", ranges)
    return made


def test_nothing_is_computed_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = passes(monkeypatch)
    source = source_of("a = b + c\n")
    module = parse(source)
    places = Positions(module, source)
    spans = [places.span(find(module, cst.Name, name)) for name in "abc"]
    assert made == []
    assert [span.column for span in spans] == [1, 5, 9]
    assert made == [3]


def test_one_place_after_the_other_takes_few_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = passes(monkeypatch)
    source = source_of("".join(f"x{number} = f(x{number})\n" for number in range(50)))
    module = parse(source)
    places = Positions(module, source)
    assert [places.span(line).line for line in module.body] == [*range(1, 51)]
    assert len(made) <= 4


def modules_in_memory() -> set[int]:
    gc.collect()
    return {id(found) for found in gc.get_objects() if type(found) is cst.Module}


def test_settled_places_outlive_the_module() -> None:
    source = source_of("\x0ca = b + c\n")
    module = parse(source)
    places = Positions(module, source)
    spans = [places.span(find(module, cst.Name, name)) for name in "abc"]
    assert id(module) in modules_in_memory()
    places.settle()
    was = id(module)
    del module
    assert was not in modules_in_memory()
    assert [span.column for span in spans] == [2, 6, 10]


def test_a_node_of_another_module_has_no_place() -> None:
    source = source_of("a\n")
    places = Positions(parse(source), source)
    for _ in range(9):
        assert places.span(cst.Name("b")).position == Position(1, 1, 1, 1)


# --- what may go wrong -----------------------------------------------------------------------------------------------


@pytest.fixture
def without_private_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "libcst._nodes.internal", None)
        importlib.reload(positions)
        yield
    importlib.reload(positions)


@pytest.mark.usefixtures("without_private_parts")
@pytest.mark.parametrize("text", [ODD["decorators"], ODD["nested parentheses"], ODD["windows"]])
def test_without_libcsts_private_parts_its_provider_answers(text: str) -> None:
    source = source_of(text)
    module = parse(source)
    places = positions.Positions(module, source)
    wanted = expected(source, module)
    assert {node: places.span(node).position for node in wanted} == wanted
    assert positions._Record.__bases__ == (object,)


@pytest.mark.parametrize(
    ("text", "width"),
    [("a" + "[0]" * 900, 2701), ("-" * 900 + "a", 901), ("f(" * 150 + "a" + ")" * 150, 451), ("1" + "+a" * 900, 1801)],
)
def test_deep_expressions(text: str, width: int) -> None:
    source = source_of(f"x = {text}\ny = f(1)\n")
    module = parse(source)
    places = Positions(module, source)
    limit = sys.getrecursionlimit()
    [line] = module.body[:1]
    assert isinstance(line, cst.SimpleStatementLine)
    assign = line.body[0]
    assert isinstance(assign, cst.Assign)
    assert places.span(assign.value).position == Position(1, 5, 1, 5 + width)
    assert places.span(module.body[1]).position == Position(2, 1, 2, 9)
    assert sys.getrecursionlimit() == limit


def test_what_is_too_deep_for_any_stack_has_no_place() -> None:
    deep: cst.BaseExpression = cst.Name("a")
    for _ in range(40_000):
        deep = cst.Attribute(deep, cst.Name("b"))
    module = cst.Module([cst.SimpleStatementLine([cst.Expr(deep)])])
    assert Positions(module, source_of("a\n")).span(deep).position == Position(1, 1, 1, 1)


def test_old_trees_go_and_their_places_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keraslint.static.text.module.MOST_KEPT", 100)
    program = "import keras\n\nmodel = keras.Sequential([keras.layers.Dense({})])\n"
    files = []
    for number in range(4):
        source = Source.from_bytes("train.py", program.format(number).encode())
        file = ModuleFile(source, parse(source))
        files.append((ref(file), file._positions, file.span(file.tree.body[1])))
        file.close()
        del file
    assert [file() is None and places._module is None for file, places, _ in files] == [True, True, True, False]
    assert {(span.line, span.column, span.end_column) for _, _, span in files} == {(3, 1, 50)}

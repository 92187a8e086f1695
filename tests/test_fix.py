"""Edits: what exactly goes, on real layouts, and that what is left means what it should."""

from __future__ import annotations

import ast
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keraslint.finding import Edit, Fix
from keraslint.fix import OverlapError, apply, exact, resolve
from keraslint.model import Position, Span
from keraslint.source import Source

LAYOUTS = [
    ("f(a, «b=1», c)", "f(a, c)"),
    ("f(«b=1», c)", "f(c)"),
    ("f(a, «b=1»)", "f(a)"),
    ("f(a, «b=1»,)", "f(a, )"),
    ("f(«b=1»)", "f()"),
    ("f(«b=1»,)", "f()"),
    ("f( a , «b=1» , c )", "f( a , c )"),
    ("[x, «'accuracy'»]", "[x]"),
    ("['mse', «'accuracy'», x]", "['mse', x]"),
    ("[«'accuracy'»]", "[]"),
    ("f(\n    a,\n    «b=1»,\n    c,\n)", "f(\n    a,\n    c,\n)"),
    ("f(\n    a,\n    «b=1»,\n)", "f(\n    a,\n)"),
    ("f(\n    a,\n    «b=1»\n)", "f(\n    a,\n)"),
    ("f(\n    «b=1»\n)", "f(\n)"),
    ("f(\n    a, «b=1»,\n    c)", "f(\n    a,\n    c)"),
    ("f(\n    a, «b=1»\n)", "f(\n    a\n)"),
    ("f(a,\n  «b=1»)", "f(a)"),
    ("f(a,\n  «b=1», c)", "f(a,\n  c)"),
    ("f(a\n  , «b=1»\n  , c)", "f(a\n  , c)"),
    ("f(\r\n    a,\r\n    «b=1»,\r\n)\r\n", "f(\r\n    a,\r\n)\r\n"),
    ("f(\n\ta,\n\t«b=1»,\n\tc)", "f(\n\ta,\n\tc)"),
    ("f(\n    a,\n    «b=g(\n        1,\n    )»,\n    c,\n)", "f(\n    a,\n    c,\n)"),
    # What a comment says stays, and where it stood.
    ("f(\n    a,  # the first\n    «b=1»,  # the second\n)", "f(\n    a,  # the first\n    # the second\n)"),
    ("f(\n    a,  # the first\n    «b=1»  # the second\n)", "f(\n    a,  # the first\n      # the second\n)"),
    ("f(\n    a,  # the first\n    «b=1»)", "f(\n    a,  # the first\n    )"),
]


def marked(text: str) -> tuple[str, Span]:
    """The text without the marks, and the place between them."""
    start = text.index("«")
    end = text.index("»") - 1
    plain = text.replace("«", "").replace("»", "")
    return plain, Span("x.py", _range(plain, start, end))


def _range(text: str, start: int, end: int) -> Position:
    def place(offset: int) -> tuple[int, int]:
        return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)

    return Position(*place(start), *place(end))


@pytest.mark.parametrize(("before", "after"), LAYOUTS)
def test_an_argument_takes_its_comma_along(before: str, after: str) -> None:
    text, span = marked(before)
    ast.parse(after)
    assert apply(text, [Edit(span, "", argument=True)]) == after


def test_a_replacement_changes_its_range_and_nothing_else() -> None:
    text, span = marked("layers.Dense(1, activation=«'softmax'»)")
    assert apply(text, [Edit(span, "'sigmoid'")]) == "layers.Dense(1, activation='sigmoid')"


def test_an_exact_edit_gives_the_same_text() -> None:
    text, span = marked("f(\n    a,\n    «b=1»,\n    c,\n)")
    edit = Edit(span, "", argument=True)
    (resolved,) = exact(Fix("Drop b", (edit,)), {"x.py": text}).edits
    assert resolved == Edit(Span("x.py", Position(3, 1, 4, 1)), "")
    assert apply(text, [resolved]) == apply(text, [edit])


def test_edits_that_touch_the_same_text_are_refused() -> None:
    text, span = marked("f(«abc», d)")
    inner = Span("x.py", Position(1, 4, 1, 5))
    with pytest.raises(OverlapError):
        apply(text, [Edit(span, "x"), Edit(inner, "y")])


def test_two_insertions_at_one_place_are_refused() -> None:
    here = Span("x.py", Position(1, 3, 1, 3))
    with pytest.raises(OverlapError):
        apply("f()", [Edit(here, "a"), Edit(here, "b")])


def test_the_same_edit_twice_is_one_edit() -> None:
    text, span = marked("f(«a»)")
    assert apply(text, [Edit(span, "b"), Edit(span, "b")]) == "f(b)"


def test_neighbours_may_both_change() -> None:
    text = "f(a, b)"
    first, second = Span("x.py", Position(1, 3, 1, 4)), Span("x.py", Position(1, 6, 1, 7))
    assert apply(text, [Edit(second, "y"), Edit(first, "x")]) == "f(x, y)"


ARGUMENTS = st.lists(
    st.sampled_from(["a", "b=1", "c='x, y'", "d=[1, 2]", "e=g(1, h=(2, 3))", "*f", "i=lambda: 0"]),
    min_size=1,
    max_size=4,
)
GAPS = st.sampled_from(["", " ", "\n    ", "\n\t", "  # why, (because)\n    ", "\r\n    "])


def in_order(arguments: list[str]) -> list[str]:
    """Positional arguments first, no keyword twice."""
    return sorted(dict.fromkeys(arguments), key=lambda text: ("=" in text.split("(")[0], text))


@given(arguments=ARGUMENTS, data=st.data())
def test_whatever_the_layout_the_call_loses_one_argument(arguments: list[str], data: st.DataObject) -> None:
    arguments = in_order(arguments)
    number = data.draw(st.integers(0, len(arguments) - 1))
    text, spot = "x = f(", (0, 0)
    for index, argument in enumerate(arguments):
        text += data.draw(GAPS)
        if index == number:
            spot = (len(text), len(text) + len(argument))
        text += argument + data.draw(GAPS)
        if index + 1 < len(arguments) or data.draw(st.booleans()):
            text += "," + data.draw(GAPS)
    text += ")\n"
    if text.count("\r\n") not in (0, text.count("\n")):
        return  # mixed line ends count differently here and in Python's parser
    span = Span("x.py", _range(text, *spot))
    left = [argument for argument in arguments if argument != arguments[number]]
    after = apply(text, [Edit(span, "", argument=True)])
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(f"x = f({', '.join(left)})"))


# --- notebooks -------------------------------------------------------------------------------------------------------


def in_notebook(program: str, indent: int | None, *, one_string: bool) -> str:
    source = program if one_string else program.splitlines(keepends=True)
    return json.dumps({"cells": [{"cell_type": "code", "source": source}], "nbformat": 4}, indent=indent)


@pytest.mark.parametrize("one_string", [True, False])
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(("before", "after"), [pair for pair in LAYOUTS if "\r" not in pair[0]])
def test_a_notebook_stays_one_and_its_cell_loses_one_argument(
    before: str, after: str, indent: int | None, one_string: bool
) -> None:
    program, span = marked(before)
    text = in_notebook(program, indent, one_string=one_string)
    source = Source.from_bytes("x.ipynb", text.encode())
    place = source.position(*span.position[:4])
    edit = resolve(Edit(Span("x.ipynb", place), "", argument=True), source.text)
    (cell,) = json.loads(apply(source.text, [edit]))["cells"]
    assert ast.dump(ast.parse("".join(cell["source"]))) == ast.dump(ast.parse(after))


def test_what_is_written_into_a_notebook_is_escaped_once() -> None:
    program, span = marked("layers.Dense(1, activation=«'softmax'»)")
    source = Source.from_bytes("x.ipynb", in_notebook(program, 1, one_string=False).encode())
    place = Span("x.ipynb", source.position(*span.position[:4]))
    edit = resolve(Edit(place, '"sig\\moid"'), source.text)
    assert resolve(edit, source.text) == edit
    (cell,) = json.loads(apply(source.text, [edit]))["cells"]
    assert cell["source"] == ['layers.Dense(1, activation="sig\\moid")']


# --- edits in general ------------------------------------------------------------------------------------------------

LINES = st.sampled_from(
    ["", "x = 1", "\tif é: # 'ü'", 'print("a\\n")', "  f(a, 'b')", "\\u00e9 = '\"'", "\U0001d4b3 = [1]"]
)
NEW = st.text(st.sampled_from("ab é\"'\\\n\U0001d4b3#,"), max_size=5).filter(lambda text: text[:1] != '"')


@st.composite
def programs(draw: st.DrawFn, ends: tuple[str, ...] = ("\n", "\r\n", "\r")) -> str:
    """Lines with one kind of line end, with or without one at the end."""
    end = draw(st.sampled_from(ends))
    return end.join(draw(st.lists(LINES, min_size=1, max_size=6))) + draw(st.sampled_from(["", end]))


def apart(draw: st.DrawFn, text: str) -> list[tuple[int, int, str]]:
    """Ranges of a text that do not touch, none inside of a line end, each with what replaces it."""
    inside = [at for at in range(len(text) + 1) if text[at - 1 : at + 1] != "\r\n" or at == 0]
    ends = sorted(draw(st.sets(st.sampled_from(inside), max_size=6)))
    return [(start, end, draw(NEW)) for start, end in zip(ends[::2], ends[1::2], strict=False)]


def replaced(text: str, changes: list[tuple[int, int, str]]) -> str:
    for start, end, new in reversed(changes):
        text = text[:start] + new + text[end:]
    return text


def place_in(text: str, start: int, end: int) -> Position:
    def place(offset: int) -> tuple[int, int]:
        starts = [0, *(one.end() for one in re.finditer(r"\r\n?|\n", text))]
        line = max(number for number, begin in enumerate(starts, start=1) if begin <= offset)
        return line, offset - starts[line - 1] + 1

    return Position(*place(start), *place(end))


@settings(deadline=None)  # a busy machine is not a slow program
@given(st.data())
def test_edits_apart_from_each_other_are_made_in_any_order(data: st.DataObject) -> None:
    text = data.draw(programs())
    changes = apart(data.draw, text)
    edits = [Edit(Span("x.py", place_in(text, start, end)), new) for start, end, new in changes]
    wanted = replaced(text, [(start, end, new) for start, end, new in changes])
    assert apply(text, data.draw(st.permutations(edits))) == wanted


@settings(deadline=None)  # a busy machine is not a slow program
@given(st.data())
def test_edits_in_cells_change_the_cells_and_nothing_else(data: st.DataObject) -> None:
    cells = data.draw(st.lists(programs(("\n",)), min_size=1, max_size=3))
    one_string, indent = data.draw(st.booleans()), data.draw(st.sampled_from([None, 1, "\t"]))
    ascii_only = data.draw(st.booleans())

    def notebook(texts: list[str]) -> str:
        code = [
            {
                "cell_type": "code",
                "source": text if one_string else text.splitlines(keepends=True),
                "outputs": [{"x": text}],
            }
            for text in texts
        ]
        for cell, text in zip(code, cells, strict=True):
            cell["outputs"] = [{"x": text}]
        return json.dumps({"cells": code, "nbformat": 4}, indent=indent, ensure_ascii=ascii_only)

    text = notebook(cells)
    source = Source.from_bytes("x.ipynb", text.encode())
    edits, wanted = [], []
    for cell, program in zip(source.cells, cells, strict=True):
        changes = apart(data.draw, program)
        wanted.append(replaced(program, changes))
        for start, end, new in changes:
            where = Position(
                *_physical(text, cell.cell.physical(start)),
                *_physical(text, max(cell.cell.physical_end(end), cell.cell.physical(start))),
                cell=cell.cell.index,
            )
            edits.append(Edit(Span("x.ipynb", where), new))
    after = json.loads(apply(text, [resolve(edit, text) for edit in edits]))
    assert ["".join(cell["source"]) for cell in after["cells"]] == wanted
    assert [cell["outputs"] for cell in after["cells"]] == [[{"x": program}] for program in cells]


def _physical(text: str, at: int) -> tuple[int, int]:
    before = text[:at]
    return before.count("\n") + 1, at - before.rfind("\n")

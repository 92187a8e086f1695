"""Files and notebooks become programs, and every character of a program has its place in the file."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keraslint.model import Position
from keraslint.source import Source, UnreadableSource

LINES = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


def code(source: str | list[str], **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, **more}


def notebook(*cells: dict[str, Any], indent: int | None = 1, ascii_only: bool = False, **metadata: Any) -> bytes:
    """A notebook of format 4 as a program writes it: over many lines (`indent=1`, as Jupyter does) or on one."""
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=indent, ensure_ascii=ascii_only).encode()


def read(*cells: dict[str, Any], **how: Any) -> Source:
    return Source.from_bytes("train.ipynb", notebook(*cells, **how))


def written(source: Source, position: Position) -> str:
    """What stands in the file at a place on one line."""
    line = LINES.findall(source.text)[position.line - 1]
    assert position.end_line == position.line
    return str(line[position.column - 1 : position.end_column - 1])


# --- Python files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"", "", "utf-8"),
        ("é = 'ü'\n".encode(), "é = 'ü'\n", "utf-8"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", "utf-8-sig"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = 'é'\n", "iso-8859-1"),
        (b"#!/bin/python\r# -*- coding: cp1252 -*-\rx = '\x80'\r", None, "cp1252"),
        (b"x = 1\r\ny = 2\rz = 3\n\ta\n\x0c\nb", "x = 1\r\ny = 2\rz = 3\n\ta\n\x0c\nb", "utf-8"),
    ],
)
def test_bytes_are_decoded_as_python_does(data: bytes, text: str | None, encoding: str) -> None:
    source = Source.from_bytes("train.py", data)
    assert source.text == source.program == (data.decode(encoding) if text is None else text)
    assert (source.kind, source.encoding) == ("python", encoding)
    assert source.text.encode(source.encoding) == data


@pytest.mark.parametrize(
    ("data", "line", "column", "reason"),
    [
        (b"x = 1\r\ny = '\xc3\xa9\xe9'\n", 2, 7, "byte 0xe9 is not utf-8 text"),
        (b"\xe9", 1, 1, "byte 0xe9 is not utf-8 text"),
        (b"a\rb = '\0'\r", 2, 6, "null byte in the text"),
        (b"# coding: no-such-thing\n", 1, 1, "unknown encoding: no-such-thing"),
        (b"\xef\xbb\xbf# coding: latin-1\n", 1, 1, "encoding problem: utf-8"),
        ("x = 1".encode("utf-16"), 1, 1, "the text is UTF-16, which Python does not read"),
        (b"# coding: rot13\n", 1, 1, "the text is not rot13: "),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(data: bytes, line: int, column: int, reason: str) -> None:
    with pytest.raises(UnreadableSource) as caught:
        Source.from_bytes("a/train.py", data)
    assert (caught.value.path, caught.value.position) == ("a/train.py", Position(line, column, line, column))
    assert caught.value.reason.startswith(reason)
    assert str(caught.value).startswith(f"a/train.py:{line}:{column}: {reason}")


def test_places_of_a_python_file_are_its_own() -> None:
    source = Source.from_bytes("train.py", b"\xef\xbb\xbfx = 1\r\ny = 2")
    assert source.position(2, 1, 2, 6) == Position(2, 1, 2, 6)


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [(1, 3, (1, 3, 1, 4)), (2, 6, (2, 3, 2, 3)), (9, 9, (3, 1, 3, 1)), (0, 0, (1, 1, 1, 2)), (1, -5, (1, 1, 1, 2))],
)
def test_a_point_is_never_outside_the_file(line: int, column: int, expected: tuple[int, int, int, int]) -> None:
    assert Source.from_bytes("train.py", b"x = 1\r\nyz\n").point(line, column) == Position(*expected)


def test_reading_from_disk(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_bytes(b"x = 1\r\n")
    assert Source.read(file) == Source.read(str(file)) == Source.from_bytes(file.as_posix(), b"x = 1\r\n")


def test_what_the_system_does_not_hand_out_is_unreadable(tmp_path: Path) -> None:
    places = {tmp_path: "is a directory", tmp_path / "no.py": "no such file", Path("a\0b.py"): "null byte"}
    for path, reason in places.items():
        with pytest.raises(UnreadableSource, match=f"(?i){reason}|permission denied"):
            Source.read(path)


@given(st.binary(max_size=300), st.sampled_from(["train.py", "train.ipynb"]))
@example(b"# coding: utf-7\n+", "train.py")
@example(b"# coding: undefined\n", "train.py")
@example(b"# coding: idna\n\xff", "train.py")
@example(b"# coding: punycode\nx = \xff", "train.py")
@example(b"# coding: zlib\n", "train.py")
@example(b"# coding: unicode_escape\n\\ud800\\x", "train.py")
@example(b"[" * 200_000, "train.ipynb")
@example(b'{"cells":' + b"[" * 200_000, "train.ipynb")
@example(b'{"cells": [], "nbformat": ' + b"9" * 5_000 + b"}", "train.ipynb")
def test_any_bytes_are_read_or_refused(data: bytes, path: str) -> None:
    try:
        source = Source.from_bytes(path, data)
    except UnreadableSource as error:
        assert error.reason
        assert error.position.line >= 1
        assert error.position.column >= 1
    else:
        assert source.program is not None


@given(st.text(alphabet='{}[]",:\\u0 \n', max_size=60), st.integers(0, 400))
def test_any_damage_to_a_notebook_is_read_or_refused(text: str, at: int) -> None:
    whole = notebook(code(["x = 1\n", "y = 2"], id="a"), code("z"), {"cell_type": "markdown", "source": ["# z"]})
    try:
        Source.from_bytes("train.ipynb", whole[:at] + text.encode() + whole[at + len(text) :])
    except UnreadableSource as error:
        assert error.reason.startswith("not a notebook: ")


# --- notebooks -------------------------------------------------------------------------------------------------------


def test_code_cells_make_one_program() -> None:
    source = read(
        {"cell_type": "markdown", "source": ["# Title\n", "x ="]},
        code(["x = 1\n", "y = 2"], id="first", outputs=[{"text": ["x = 9"]}], metadata={"source": "no"}),
        {"cell_type": "raw", "source": "z"},
        code([]),
        code("a\nb\n", id="second"),
    )
    assert source.kind == "notebook"
    assert source.program == "x = 1\ny = 2\n\na\nb\n"
    assert not source.skipped_cells
    first = source.position(2, 5, 2, 6)
    assert (first.cell, first.cell_id, first.cell_line, written(source, first)) == (1, "first", 2, "2")
    second = source.position(5, 1, 5, 2)
    assert (second.cell, second.cell_id, second.cell_line, written(source, second)) == (4, "second", 2, "b")
    assert second.line == next(n for n, line in enumerate(source.text.splitlines(), 1) if r'"a\nb\n"' in line)


def test_a_range_over_several_lines_and_cells() -> None:
    source = read(code(["f(\n", '    "a",\n', ")"]), code("x"))
    position = source.position(1, 2, 3, 2)
    lines = source.text.splitlines()
    assert lines[position.line - 1][position.column - 1 :] == r'(\n",'
    assert lines[position.end_line - 1][: position.end_column - 1].strip() == '")'
    assert (position.end_line - position.line, position.cell, position.cell_line) == (2, 0, 1)
    whole = source.position(1, 1, 5, 1)
    assert lines[whole.end_line - 1][: whole.end_column - 1].endswith('"x')
    empty = source.position(2, 5, 2, 5)
    assert (empty.line, empty.column) == (empty.end_line, empty.end_column)


def test_format_3_keeps_cells_in_worksheets() -> None:
    whole = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "worksheets": [
            {"cells": [{"cell_type": "heading", "source": "h"}, {"cell_type": "code", "input": "x = 1"}]},
            {"cells": [{"cell_type": "code", "input": ["y\n", "z"], "language": "python", "outputs": []}]},
            {"cells": [{"cell_type": "code", "input": ["ls"], "language": "bash"}]},
        ],
    }
    source = Source.from_bytes("old.ipynb", json.dumps(whole, indent=2).encode())
    assert source.program == "x = 1\ny\nz\n\n"
    assert written(source, source.position(3, 1, 3, 2)) == "z"
    assert source.position(3, 1, 3, 2).cell == 2
    assert not source.skipped_cells


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "`{` expected"),
        (b"[]", "`{` expected"),
        (b"{}", "no `cells`"),
        (b'{"cells": 1}', "`[` expected"),
        (b'{"cells": [1]}', "`{` expected"),
        (b'{"cells": []} x', "text after the end"),
        (b'{"cells": [], "metadata": }', "value expected"),
        (b'{"cells": [{"cell_type": "code"}]}', "code cell without a readable `source`"),
        (b'{"cells": [{"cell_type": "code", "source": [1]}]}', "code cell without a readable `source`"),
        (b'{"cells": [{"cell_type": "code", "source": "a\nb"}]}', "invalid control character at"),
    ],
)
def test_what_is_no_notebook_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource) as caught:
        Source.from_bytes("train.ipynb", data)
    assert caught.value.reason == f"not a notebook: {reason}"


def test_where_a_notebook_is_broken() -> None:
    with pytest.raises(UnreadableSource) as caught:
        Source.from_bytes("train.ipynb", b'{\n "cells": [\n  oops\n ]\n}')
    assert caught.value.position[:2] == (3, 3)


def test_a_markdown_cell_may_hold_anything() -> None:
    assert read({"cell_type": "markdown", "source": {"a": [1]}}, code("x")).program == "x\n"


def test_a_byte_order_mark_before_a_notebook() -> None:
    source = Source.from_bytes("train.ipynb", b"\xef\xbb\xbf" + notebook(code("x = 1"), indent=None))
    assert source.encoding == "utf-8-sig"
    assert written(source, source.position(1, 5, 1, 6)) == "1"


@pytest.mark.parametrize(
    ("metadata", "program"),
    [
        ({}, "x\n"),
        ({"kernelspec": {"language": "python", "name": "python3"}}, "x\n"),
        ({"kernelspec": {"name": "python3"}, "language_info": {"name": "ipython"}}, "x\n"),
        ({"language_info": {"name": "R"}}, "\n"),
        ({"kernelspec": {"language": "julia"}}, "\n"),
        ({"kernelspec": 3}, "x\n"),
    ],
)
def test_only_notebooks_in_python_have_a_program(metadata: dict[str, Any], program: str) -> None:
    source = read(code("x"), **metadata)
    assert (source.program, source.skipped_cells) == (program, ())


def test_a_notebook_without_code() -> None:
    source = read({"cell_type": "markdown", "source": "a"})
    assert source.program == ""
    assert source.point(1, 1) == Position(1, 1, 1, 1)


# Every text that a cell may hold, as JSON writes it and as people write it.
characters = st.sampled_from("ab =#\"'\\/\t\r\n\r\n\x0b\x0c\x1c\x85\u2028é字😀\ud800\x7f\x01") | st.characters()
texts = st.text(characters, max_size=40)
pieces = st.lists(texts, max_size=4)
comments = st.builds(lambda text: "".join(f"# {line}" for line in text.splitlines(keepends=True)), texts)


def spellings(text: str) -> st.SearchStrategy[str]:
    """The ways to write a text as a JSON string."""

    def spell(char: str) -> st.SearchStrategy[str]:
        ways = [json.dumps(char)[1:-1]]
        if char >= " " and char not in '"\\' and not "\ud800" <= char <= "\udfff":
            ways.append(char)
        ways.append("".join(f"\\u{byte:04X}" for byte in units(char)))
        if char == "/":
            ways.append("\\/")
        return st.sampled_from(ways)

    return st.tuples(*map(spell, text)).map(lambda parts: f'"{"".join(parts)}"')


def units(char: str) -> list[int]:
    """The UTF-16 code units of a character."""
    data = char.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


@st.composite
def spelled_notebooks(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """A notebook in any spelling, and the sources of its cells."""
    cells, sources = [], []
    space = draw(st.sampled_from(["", " ", "\n  ", "\r\n\t"]))
    for _ in range(draw(st.integers(1, 3))):
        parts = draw(st.lists(comments | texts, max_size=3) if draw(st.booleans()) else st.tuples(comments | texts))
        literals = [draw(spellings(part)) for part in parts]
        value = literals[0] if isinstance(parts, tuple) else f"[{space}{f',{space}'.join(literals)}{space}]"
        decoded = [json.loads(literal) for literal in literals]
        cells.append(f'{{{space}"cell_type":{space}"code",{space}"source":{space}{value}}}')
        sources.append("".join(decoded))
    return f'{{"cells":{space}[{f",{space}".join(cells)}]}}'.encode(), sources


@given(spelled_notebooks())
def test_every_character_of_a_program_is_where_it_is_written(spelled: tuple[bytes, list[str]]) -> None:
    data, cells = spelled
    source = Source.from_bytes("train.ipynb", data)
    number = 0
    for index, text in enumerate(cells):
        lines = LINES.findall(text) or [""]
        for cell_line, line in enumerate(lines, start=1):
            number += 1
            for column, char in enumerate(line, start=1):
                position = source.position(number, column, number, column + 1)
                literal = written(source, position)
                assert json.loads(f'"{literal}"') == char
                assert (position.cell, position.cell_line) == (index, cell_line)
            if line:
                position = source.position(number, 1, number, len(line) + 1)
                last = source.position(number, len(line), number, len(line) + 1)
                assert (position.end_line, position.end_column) == (last.end_line, last.end_column)
    assert len(LINES.findall(source.program)) == number


@given(st.lists(pieces, max_size=3), st.sampled_from([None, 1]), st.booleans())
def test_what_jupyter_writes_is_read(cells: list[list[str]], indent: int | None, ascii_only: bool) -> None:
    sources = ["".join(parts).encode("utf-8", "replace").decode() for parts in cells]
    source = read(*map(code, sources), indent=indent, ascii_only=ascii_only)
    ast.parse(source.program)
    skipped = {cell.cell for cell in source.skipped_cells}
    for index, text in enumerate(sources):
        if index not in skipped and not re.search(r"^\s|[%!?,;/]", text):
            assert re.sub(r"\r(?!\n)", "\n", text) in source.program


# --- IPython ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "program"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1\n"),
        ("!pip install keras\nx", "pass\nx\n"),
        ("!!ls\n?len\nlen?\nlen??\nmodel.layers[0]?\n", "pass\n" * 5),
        ("%time history = model.fit(x)", "None; history = model.fit(x)\n"),
        ("if x:\n    %time y = 1\n    !ls\n", "if x:\n    None; y = 1\n    pass\n"),
        ("%time for i in x: y\n!ls", "pass\npass\n"),
        ("%timeit -n 3 f()", "None       ; f()\n"),
        ("%timeit -n1 -r1 f()", "None          ; f()\n"),
        ("%prun", "pass\n"),
        ("files = !ls *.png\nx = %env HOME", "files = __\nx = __\n"),
        ("a, b = !ls", "a, b = __\n"),
        ("!pip install \\\n  keras \\\n  numpy\nx", "pass\n\n\nx\n"),
        ("%%time\nx = 1", "\nx = 1\n"),
        ("\n\n%%capture out\n%%time\nx = 1\n", "\n\n\n\nx = 1\n"),
        ("%%time\n!ls\nx", "\npass\nx\n"),
        ("%%bash\nls\n", "\n\n"),
        ("%%writefile model.py\nx = 1\n", "\n\n"),
        ("%%html\n<b>'</b>", "\n\n"),
        (",f a b\n;f a b\n/f a", "pass\npass\npass\n"),
        ("cd gdrive/My\\ Drive/project", "pass\n"),
        ("x = 1\npip install -q keras\nmkdir -p logs", "x = 1\npass\npass\n"),
        ("%matplotlib inline\nls - x\ncp = 2", "pass\npass\ncp = 2\n"),
        ("!ls\npip = ls if cd else rm\nrm in ls", "pass\npip = ls if cd else rm\nrm in ls\n"),
        ('text = """\n%not magic\n!nor this\n"""\n!ls', 'text = """\n%not magic\n!nor this\n"""\npass\n'),
        ("x = (a\n% b)\n!ls", "x = (a\n% b)\npass\n"),
        ("x = a \\\n% b\n!ls", "x = a \\\n% b\npass\n"),
        ("x = '(' # it's (\n!ls", "x = '(' # it's (\npass\n"),
        ("x = 'a\\'(' + \"[\"\n!ls", "x = 'a\\'(' + \"[\"\npass\n"),
        ("x = '''a''' + \"\"\"(\n'\"\"\"\n!ls", "x = '''a''' + \"\"\"(\n'\"\"\"\npass\n"),
        ('!echo "it\'s" (\nx', "pass\nx\n"),
        ("x = 1\r\n!ls\r\ny\r\n", "x = 1\r\npass\r\ny\r\n"),
        ("await f()\nasync for a in b: pass\n", "await f()\nasync for a in b: pass\n"),
        ("x = 'it is 5%'\ny = 7 % 2", "x = 'it is 5%'\ny = 7 % 2\n"),
        ("", "\n"),
    ],
)
def test_what_only_ipython_understands_is_taken_out(cell: str, program: str) -> None:
    source = read(code(cell))
    assert source.program == program
    assert not source.skipped_cells
    assert len(LINES.findall(program)) == max(len(LINES.findall(cell)), 1)


@pytest.mark.parametrize("cell", ["print 'a'\nx", "x = (", "# fine\n<html>", "x = 1 \\", "\0", "if x:\n", "\ufeffx"])
def test_a_cell_that_is_no_python_does_not_ruin_the_others(cell: str) -> None:
    source = read(code("a = 1"), code(cell), code("b = 2"))
    assert source.program == "a = 1\n" + "\n" * len(LINES.findall(cell)) + "b = 2\n"
    [skipped] = source.skipped_cells
    assert (skipped.cell, skipped.position.cell, skipped.position.cell_line) == (1, 1, 1)
    assert skipped.reason
    assert written(source, skipped.position) == json.dumps(cell.split("\n")[0], ensure_ascii=False)[1:-1]


def test_half_a_surrogate_pair_does_not_ruin_a_notebook() -> None:
    source = read(code("x = '\ud83d'; y = '\ud83d\ude00'"), ascii_only=True)
    assert source.program == "x = '\ufffd'; y = '😀'\n"
    assert written(source, source.position(1, 6, 1, 7)) == r"\ud83d"
    assert written(source, source.position(1, 15, 1, 16)) == r"\ud83d\ude00"


def test_a_line_that_was_replaced_ends_where_it_is_written() -> None:
    source = read(code(["x\n", "a?\n", "y"]))
    assert source.program == "x\npass\ny\n"
    assert written(source, source.position(2, 1, 2, 5)) == r"a?\n"
    assert written(source, source.position(3, 1, 3, 2)) == "y"


def test_an_indented_cell_is_moved_to_the_left() -> None:
    source = read(code(["\n", "  x = 1\n", "  if x:\n", "    y = 2\n", "\n", "  !ls\n", "# z\n", "  z = 3"]))
    assert source.program == "\nx = 1\nif x:\n  y = 2\n\npass\n# z\nz = 3\n"
    assert written(source, source.position(2, 5, 2, 6)) == "1"
    assert written(source, source.position(4, 3, 4, 8)) == "y = 2"
    assert written(source, source.position(6, 1, 6, 5)) == r"!ls\n"
    assert written(source, source.position(7, 3, 7, 4)) == "z"
    assert written(source, source.position(8, 1, 8, 6)) == "z = 3"


def test_the_same_text_in_a_python_file_is_left_alone() -> None:
    text = b"%matplotlib inline\n!ls\nx = 1\n"
    assert Source.from_bytes("train.py", text).program.encode() == text


# --- size ------------------------------------------------------------------------------------------------------------


FOREVER = 60
"""Seconds of CPU. What should grow with the size of a file takes a second or two, with its square many minutes."""


def seconds(run: Callable[[], object]) -> float:
    begin = process_time()
    run()
    return process_time() - begin


def test_a_long_file_ends() -> None:
    data = "model.add(Dense(10, activation='softmax'))  # é\n".encode() * 50_000
    assert seconds(lambda: Source.from_bytes("train.py", data).point(40_000, 3)) < FOREVER


def test_a_large_notebook_ends() -> None:
    data = {"image/png": "iVBORw0KGgo/" * 100_000, "text/plain": ["x\n"] * 9_000}
    output = {"output_type": "display_data", "data": data}
    outputs = notebook(*(code(f"x{number} = {number}\n", outputs=[output]) for number in range(10)))
    assert len(outputs) > 10_000_000
    assert seconds(lambda: Source.from_bytes("train.ipynb", outputs).position(10, 1, 10, 2)) < FOREVER


def test_what_is_no_python_is_given_up_at_once() -> None:
    begin = process_time()
    for part in ("\r\n", "a = !", "'", '"""', "\\\n", "%%time\n", "(", "x?", "[]", " "):
        assert read(code(part * 2_000 + "x = (")).kind == "notebook"
    assert process_time() - begin < FOREVER


def test_all_places_in_one_long_string_are_found() -> None:
    text = 'x = "\\é"\n' * 20_000
    data = notebook(code(text))

    def places() -> None:
        source = Source.from_bytes("train.ipynb", data)
        for line in range(1, 20_001):
            source.position(line, 5, line, 9)

    assert seconds(places) < FOREVER

"""A program has a syntax tree, or the honest reason why not; and nothing ends or holds up the parser."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import libcst
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keraslint.source import Source, UnreadableSource
from keraslint.static.text import from_libcst, from_python
from keraslint.static.text.depth import LONGEST_ELIF, LONGEST_EXPRESSION, LONGEST_STRINGS, shape
from keraslint.static.text.parse import parse
from keraslint.static.text.tree import Module


def source_of(text: str) -> Source:
    return Source.from_bytes("train.py", text.encode("utf-8", "surrogatepass"))


def refused(text: str) -> UnreadableSource:
    with pytest.raises(UnreadableSource) as caught:
        parse(source_of(text))
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("x = 1\nx = $\n", 2, "invalid syntax"),
        ("if a:\n\tb\n        c\n", 3, "inconsistent use of tabs and spaces in indentation"),
        ("x = 'a' b'c'\n", 1, "cannot mix bytes and nonbytes literals"),
        ("a\n  b\n", 2, "unexpected indent"),
        ("import keras\nprint 'loss', loss\n", 2, "looks like Python 2 (`print` statement)"),
        ("exec code in space\n", 1, "looks like Python 2 (`exec` statement)"),
        ("raise ValueError, 'no'\n", 1, "looks like Python 2 (`raise X, message`)"),
        ("x = 1\n%matplotlib inline\n", 2, "looks like a notebook command in a Python file"),
        ("!pip install keras\n", 1, "looks like a notebook command in a Python file"),
        ("model.fit?\n", 1, "looks like a notebook command in a Python file"),
        ("x = 1\n<<<<<<< HEAD\nx = 2\n", 2, "looks like a merge conflict that was not resolved"),
    ],
)
def test_what_is_no_python_is_refused_with_its_place(text: str, line: int, reason: str) -> None:
    error = refused(text)
    assert (error.path, error.position.line, error.reason) == ("train.py", line, reason)


def test_the_place_of_an_error_counts_characters() -> None:
    error = refused("x = 1\nx = 'é', '字' + (1,\ny = 2\n")
    assert error.reason == "'(' was never closed"
    assert error.position == (2, 16, 2, 17, None, None, None)


@pytest.mark.parametrize("text", ["print ('a' 'b'\n", "print = (\n", "raise ValueError('a, b'\n", "execute this\n"])
def test_a_slip_in_python_3_is_not_taken_for_python_2(text: str) -> None:
    assert "Python 2" not in refused(text).reason


def test_python_2_in_a_notebook_is_skipped_by_cell() -> None:
    cells = [{"cell_type": "code", "source": text} for text in ("x = 1", "print x", "y = 2")]
    source = Source.from_bytes("old.ipynb", json.dumps({"cells": cells}).encode())
    assert len(parse(source).body) == 2
    assert [cell.cell for cell in source.skipped_cells] == [1]


def refuse(monkeypatch: pytest.MonkeyPatch, fail: Callable[[str], Module]) -> None:
    """Python's parser gives up, and LibCST's does this."""

    def give_up(_: str) -> Module:
        raise MemoryError

    monkeypatch.setattr(from_python, "module_of", give_up)
    monkeypatch.setattr(from_libcst, "module_of", fail)


class Panic(BaseException):
    """As the native parser raises it."""


@pytest.mark.parametrize("error", [Panic("index out of bounds"), RecursionError("too deep"), ValueError("odd")])
def test_whatever_the_parser_raises_is_a_reason(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(text: str) -> Module:
        raise error

    refuse(monkeypatch, fail)
    for text in ("x = 1\n", "-" * 500 + "x"):  # on this stack, and on a larger one
        assert refused(text).reason == f"LibCST gave up on this file: {error}"


def test_an_interruption_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(text: str) -> Module:
        raise KeyboardInterrupt

    refuse(monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        parse(source_of("x = 1\n"))


def test_what_only_libcst_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> Module:
        raise libcst.ParserSyntaxError("no", lines=["x", "y"], raw_line=2, raw_column=0)

    refuse(monkeypatch, fail)
    error = refused("x\ny\n")
    assert error.reason == "Python reads this file, but LibCST does not"
    assert error.position[:2] == (2, 1)


SNIPPETS = (
    *("(", ")", "[", "]", "{", "}", ":", ",", ".", "=", "+", "-", "*", "@", "\\", "\n", "\n    ", "\r\n", "\t"),
    *("'", '"', '"""', "f'", "f'{", "#", " ", "x", "1", "0x", "1e", "if ", "else", "lambda ", "def f", "class C"),
    *("for ", "in ", "not ", "await ", "yield ", "match x:", "case ", "import ", "from ", "é", "\ud800", "\0"),
    *("\ufeff", "`", "$", "\x0c", "\x0b", "\r", "\u2028", "with ", "as ", "print ", "except ", "try:", "%", "!"),
)


@given(st.lists(st.sampled_from(SNIPPETS), max_size=25).map("".join))
@example("\ud800")
@example("\ufeff\ufeff")
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        source = source_of(text)
        parse(source)
    except UnreadableSource as error:
        assert error.reason
        assert 1 <= error.position.line <= text.count("\n") + text.count("\r") + 1


# --- limits ----------------------------------------------------------------------------------------------------------

LONG: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "(" * n + "1" + ")" * n,
    "brackets over lines": lambda n: "[\n" * n + "]\n" * n,
    "calls": lambda n: "f(" * n + ")" * n,
    "lists in calls": lambda n: "f([" * n + "1" + "])" * n,
    "dicts": lambda n: "{1:" * n + "1" + "}" * n,
    "left open": lambda n: "[1," * n,
    "nested in an f-string": lambda n: 'f"{' + "f(" * n + ")" * n + '}"',
    "sum": lambda n: "1" + "+1" * n,
    "attributes": lambda n: "a" + ".b" * n,
    "method calls": lambda n: "a" + ".b(1, 2)" * n,
    "subscripts": lambda n: "a" + "[0]" * n,
    "not": lambda n: "not " * n + "1",
    "minus": lambda n: "-" * n + "1",
    "lambda": lambda n: "lambda: " * n + "1",
    "conditions": lambda n: "a if b else " * n + "c",
    "powers": lambda n: "1" + "**1" * n,
    "and": lambda n: "a" + " and a" * n,
    "strings": lambda n: '"a" ' * n,
    "branches": lambda n: "if a: pass\n" + "elif a: pass\n" * n,
    "patterns": lambda n: "match a:\n  case " + "{1: " * n + "b" + "}" * n + ": pass",
    "class patterns": lambda n: "match a:\n  case " + "A(" * n + "b" + ")" * n + ": pass",
    "long lines": lambda n: "x = '" + "é" * n + "'",
    "list": lambda n: "[" + "-1.5, " * (n // 10) + "]",
    "lines": lambda n: "x = f(a.b, -1)\n" * (n // 10),
}


PATTERNS = {"patterns", "class patterns"}


@pytest.mark.parametrize("name", LONG.keys() - {"left open"})
def test_what_people_write_is_parsed(name: str) -> None:
    for size in (1, 5) if name in PATTERNS else (1, 5, 50):
        assert isinstance(parse(source_of(LONG[name](size))), Module)


@pytest.mark.parametrize(
    ("name", "most", "reason"),
    [
        ("parentheses", 200, "too many nested parentheses"),
        ("patterns", 7, "a pattern nested too deep"),
        ("class patterns", 14, "a pattern nested too deep"),
        ("attributes", LONGEST_EXPRESSION, f"an expression of more than {LONGEST_EXPRESSION:,} operations"),
        ("and", LONGEST_EXPRESSION, f"an expression of more than {LONGEST_EXPRESSION:,} operations"),
        ("method calls", LONGEST_EXPRESSION // 2, f"an expression of more than {LONGEST_EXPRESSION:,} operations"),
        ("strings", LONGEST_STRINGS, f"a string of more than {LONGEST_STRINGS:,} pieces"),
    ],
)
def test_what_is_too_much_is_refused(name: str, most: int, reason: str) -> None:
    parse(source_of(LONG[name](most)))
    error = refused(LONG[name](most + 1))
    assert error.reason == reason
    assert error.position.column > most


def test_too_many_branches() -> None:
    assert shape(LONG["branches"](LONGEST_ELIF)).excess == ""
    assert shape("if a: pass\nelif b: pass\n" * (LONGEST_ELIF + 1)).excess == ""
    error = refused("x = 1\n" + LONG["branches"](LONGEST_ELIF + 1))
    assert error.position.line == LONGEST_ELIF + 3
    assert "branches" in error.reason or "deep" in error.reason


def test_too_deep_inside_an_f_string() -> None:
    assert shape(LONG["nested in an f-string"](190)).deep
    assert shape(LONG["nested in an f-string"](190)).excess == ""
    assert shape(LONG["nested in an f-string"](250)).excess == "brackets nested more than 200 deep in a string"


def test_limits_count_one_expression() -> None:
    """Neither strings nor comments, nor what stands beside each other."""
    for text in (
        "'" + "." * 2_000 + "'\n",
        "# " + "(" * 2_000 + "\n",
        '"""\n' + "[.\n" * 2_000 + '"""\n',
        "x = a.b + c.d\n" * 2_000,
        "x = [" + "a.b, " * 2_000 + "]\n",
        "f(" + "g(a.b)," * 2_000 + ")\n",
        "x = [" + "'a',\n" * 4_000 + "]\n",
        "x = a.b; " * 2_000 + "\n",
        "match = {1: {2: {3: {4: {5: {6: {7: {8: 9}}}}}}}}\ncase = [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n",
        "match a:\n  case (b, c): [[[[d]]]]\n" * 10 + "case(((((((((1)))))))))\n",
    ):
        assert shape(text) == (False, 0, "")


def test_limits_see_through_lines_and_brackets() -> None:
    assert shape("x = a \\\n" + "  + b \\\n" * 2_000).excess
    assert shape("x = (a\n" + "  + b  # c\n" * 2_000 + ")\n").excess
    assert shape("f(a, " + "1 + (b, " * 100 + ")" * 101).deep
    assert shape("f(" + "a.b.c.d.e.f.g.h.i.j.k(" * 100 + ")" * 101).excess


def test_no_program_ends_the_process_or_holds_it_up(root: Path) -> None:
    """In a process of its own: where the native parser runs out of stack there is nothing to catch."""
    code = """
import sys, time
from tests.test_parse import LONG, UnreadableSource, parse, source_of
for size in (190, 1_100, 20_000):
    for name, make in LONG.items():
        begin = time.process_time()
        try:
            parse(source_of(make(size)))
        except UnreadableSource:
            pass
        if (took := time.process_time() - begin) > 10:
            sys.exit(f"{name} of {size} took {took}")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

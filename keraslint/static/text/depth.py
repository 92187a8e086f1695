"""How deep and how long the expressions of a text are, without parsing it.

LibCST's parser is native code without limits of its own: brackets nested a thousand deep end the process, an expression
of ten thousand operations takes minutes. What it must not see is found here, for a fiftieth of the time of parsing.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

DEEPEST_BRACKETS = 200
"""Python itself allows no more."""

DEEPEST_PATTERN = 14
"""Brackets nested in a `case`, braces twice: each doubles the parser's time."""

LONGEST_EXPRESSION = 1_000
"""Operations in one expression, with those around it: the parser's time grows with the square, to two seconds here."""

LONGEST_STRINGS = 3_000
"""Strings written one after the other. LibCST gives up at 5,000."""

LONGEST_ELIF = 5_000
"""Branches of one `if`. Python itself gives up before."""

DEEP_BRACKETS = 40
DEEP_EXPRESSION = 200
DEEP_ELIF = 200
"""From here on the parser needs more stack than every system gives."""


class Shape(NamedTuple):
    """What was found: whether the text needs a large stack; where it is too much for the parser, and why."""

    deep: bool
    offset: int = 0
    excess: str = ""


def _word(word: str) -> str:
    return rf"{word[0]}(?<!\w{word[0]}){word[1:]}(?!\w)"


# Every alternative begins with one plain character: then the engine leaps over all others, in less than half the time.
_MARK = re.compile(
    "|".join(
        (
            r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""',
            r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''",
            r'"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"',
            r"'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'",
            r"#[^\r\n]*",
            r"\\\r?\n",
            *map(re.escape, "([{)]},;\r\n.+*/%@&|^~<>-"),
            *map(_word, ("not", "lambda", "if", "and", "or", "await")),
            r"c(?<!\wc)ase(?=[ \t]+[^\s=]|[(\[{])",
        )
    ),
    re.DOTALL,
)
_MATCH = re.compile(r"^[ \t]*match\b[^\r\n]*:", re.MULTILINE)


def shape(program: str) -> Shape:
    """Look at every bracket, operator and string of the text."""
    elifs = program.count("elif")
    if elifs > LONGEST_ELIF and (offset := _too_many_elif(program)) is not None:
        return Shape(True, offset, f"an `if` of more than {LONGEST_ELIF:,} branches")
    marks = _MARK.findall(program)
    deep, index, excess = _walk(marks, patterns="match" in program and _MATCH.search(program) is not None)
    offset = next(islice(_MARK.finditer(program), index, None)).start() if excess else 0
    return Shape(deep or elifs > DEEP_ELIF, offset, excess)


def marks(program: str) -> int:
    """How many brackets, operators, separators, strings and lines a text has."""
    return sum(1 for _ in _MARK.finditer(program))


def _walk(marks: list[str], *, patterns: bool) -> tuple[bool, int, str]:
    """Whether the marks need a large stack; and the number of the first one that is too much, and why."""
    deep = False
    counts = [0]  # operations since the last separator: outside of brackets, then in each open bracket
    total = strings = 0
    pattern: int | None = None  # how deep inside a `case`
    for index, mark in enumerate(marks):
        first = mark[0]
        if first in ",;)]}":
            total -= counts[-1]
            counts[-1] = strings = 0
            if first in ")]}":
                if len(counts) > 1:
                    counts.pop()
                if pattern is not None:
                    pattern -= _IN_PATTERN[first]
        elif first in "\r\n":
            if len(counts) == 1:
                total = counts[0] = strings = 0
                pattern = None
        elif first in "\"'":
            strings += 1
            if strings > LONGEST_STRINGS:
                return True, index, f"a string of more than {LONGEST_STRINGS:,} pieces"
            if len(mark) > DEEP_BRACKETS and (depth := _brackets(mark)) > DEEP_BRACKETS:
                deep = True
                if depth > DEEPEST_BRACKETS:
                    return True, index, f"brackets nested more than {DEEPEST_BRACKETS} deep in a string"
        elif mark == "case":
            if patterns and len(counts) == 1:
                pattern = 0
        elif first not in "#\\":
            strings = 0
            total += 1
            counts[-1] += 1
            if total > DEEP_EXPRESSION:
                deep = True
                if total > LONGEST_EXPRESSION:
                    return True, index, f"an expression of more than {LONGEST_EXPRESSION:,} operations"
            if first in "([{":
                counts.append(0)
                if len(counts) > DEEP_BRACKETS:
                    deep = True
                    if len(counts) > DEEPEST_BRACKETS + 1:
                        return True, index, f"brackets nested more than {DEEPEST_BRACKETS} deep"
                if pattern is not None:
                    pattern += _IN_PATTERN[first]
                    if pattern > DEEPEST_PATTERN:
                        return True, index, "a pattern nested too deep"
    return deep, 0, ""


def _too_many_elif(program: str) -> int | None:
    """Where an `if` has more branches than the parser can take."""
    branches: dict[str, int] = {}  # so far, of the last `if` with this indentation
    for found in re.finditer(r"^([ \t]*)(el)?if\b", program, re.MULTILINE):
        branches[found[1]] = branches.get(found[1], 0) + 1 if found[2] else 0
        if branches[found[1]] > LONGEST_ELIF:
            return found.start()
    return None


_IN_PATTERN = dict.fromkeys("()[]", 1) | dict.fromkeys("{}", 2)


def _brackets(text: str) -> int:
    """How deep the brackets of a string are nested, for the case that it is an f-string."""
    if "{" not in text:
        return 0
    depth = deepest = 0
    for bracket in re.findall(r"[(\[{)\]}]", text):
        depth = depth + 1 if bracket in "([{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest

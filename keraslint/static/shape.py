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

LONGEST_ELIF = 50_000
"""Branches of one `if`."""

DEEP_BRACKETS = 40
DEEP_EXPRESSION = 200
DEEP_ELIF = 200
"""From here on the parser needs more stack than every system gives."""


class Shape(NamedTuple):
    """What was found: whether the text needs a large stack; where it is too much for the parser, and why."""

    deep: bool
    offset: int = 0
    excess: str = ""


_MARK = re.compile(
    r"""
      "{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"{3}
    | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{3}
    | "[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"
    | '[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'
    | \#[^\r\n]*
    | \\\r?\n
    | [(\[{)\]},;\r\n.+*/%@&|^~<>-]
    | (?<!\w)(?:not|lambda|if|and|or|await|case(?=[ \t]+[^\s=]|[(\[{]))(?!\w)
    """,
    re.DOTALL | re.VERBOSE,
)
_MATCH = re.compile(r"^[ \t]*match\b[^\r\n]*:", re.MULTILINE)


def shape(program: str) -> Shape:
    """Look at every bracket, operator and string of the text."""
    elifs = program.count("elif")
    if elifs > LONGEST_ELIF:
        return Shape(True, program.index("elif"), f"more than {LONGEST_ELIF:,} `elif`")
    walk = _Walk(patterns=_MATCH.search(program) is not None)
    for index, mark in enumerate(_MARK.findall(program)):
        walk.see(mark)
        if walk.excess:
            offset = next(islice(_MARK.finditer(program), index, None)).start()
            return Shape(True, offset, walk.excess)
    return Shape(walk.deep or elifs > DEEP_ELIF)


class _Walk:
    """What is open at the place that the marks have come to."""

    def __init__(self, *, patterns: bool) -> None:
        self.operations = [0]  # in each open bracket, and outside of all: those since the last comma
        self.total = 0
        self.strings = 0
        self.patterns = patterns
        self.pattern: int | None = None  # how deep inside a `case`
        self.deep = False
        self.excess = ""

    def see(self, mark: str) -> None:
        """Take the next mark of the text."""
        first = mark[0]
        if first in "\"'":
            self._string(mark)
        elif first in "([{":
            self._open(first)
        elif first in ")]}":
            self._close(first)
        elif first in "\r\n":
            if len(self.operations) == 1:
                self._separate()
                self.pattern = None
        elif first in ",;":
            self._separate()
        elif mark == "case":
            if self.patterns and len(self.operations) == 1:
                self.pattern = 0
        elif first not in "#\\":
            self._operation()

    def _operation(self) -> None:
        self.strings = 0
        self.operations[-1] += 1
        self.total += 1
        if self.total > DEEP_EXPRESSION:
            self.deep = True
            if self.total > LONGEST_EXPRESSION:
                self.excess = f"an expression of more than {LONGEST_EXPRESSION:,} operations"

    def _open(self, bracket: str) -> None:
        self._operation()
        self.operations.append(0)
        if len(self.operations) > DEEP_BRACKETS:
            self.deep = True
            if len(self.operations) > DEEPEST_BRACKETS:
                self.excess = f"brackets nested more than {DEEPEST_BRACKETS} deep"
        if self.pattern is not None:
            self.pattern += 2 if bracket == "{" else 1
            if self.pattern > DEEPEST_PATTERN:
                self.excess = "a pattern nested too deep"

    def _close(self, bracket: str) -> None:
        self._separate()
        if len(self.operations) > 1:
            self.operations.pop()
        if self.pattern is not None:
            self.pattern -= 2 if bracket == "}" else 1

    def _separate(self) -> None:
        self.strings = 0
        self.total -= self.operations[-1]
        self.operations[-1] = 0

    def _string(self, mark: str) -> None:
        self.strings += 1
        if self.strings > LONGEST_STRINGS:
            self.excess = f"a string of more than {LONGEST_STRINGS:,} pieces"
        if len(mark) > DEEP_BRACKETS and "{" in mark:
            depth = _brackets(mark)
            self.deep = self.deep or depth > DEEP_BRACKETS
            if depth > DEEPEST_BRACKETS:
                self.excess = f"brackets nested more than {DEEPEST_BRACKETS} deep in a string"


def _brackets(text: str) -> int:
    """How deep the brackets of a string are nested, for the case that it is an f-string."""
    depth = deepest = 0
    for bracket in re.findall(r"[(\[{)\]}]", text):
        depth = depth + 1 if bracket in "([{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest

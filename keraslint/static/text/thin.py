"""Long lists of constants made blank, so that a megabyte of data in a program costs no ten seconds of parsing.

What reading keeps of a list ends long before (see `bounds`). The text stays as wide and as high as it was, so that
every other place in it is where it was.
"""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import Final

from keraslint.static.bounds import MOST_NUMBERS

_TOKEN: Final = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
    r"|'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'"
    r"|#[^\r\n]*"
    r"|[^\W\d]\w*"
    r"|\d[\w.]*"
    r"|[^\s.:+-]",
    re.DOTALL,
)
_CONSTANTS: Final = frozenset({"True", "False", "None"})
_BEFORE: Final = re.compile(r"(\w+|[)\]}])\s*\Z")
_REST: Final = {"[": "*...", "(": "*...,", "{": "**..."}
"""What stands for items that are not known."""


def thinned(program: str) -> str:
    """The text with the inside of every long list, tuple or dictionary of nothing but constants replaced by blanks."""
    if program.count(",") <= MOST_NUMBERS:
        return program
    parts: list[str] = []
    done = 0
    for start, end in _long(program):
        blank = _blank(program[start:end], _REST[program[start - 1]])
        if blank is not None:
            parts += (program[done:start], blank)
            done = end
    return "".join([*parts, program[done:]])


def _long(program: str) -> list[tuple[int, int]]:
    """The insides of the long displays of constants, none in another."""
    found: list[tuple[int, int]] = []
    starts: list[int] = [0]
    commas: list[int] = [0]
    plain: list[bool] = [False]
    for token in _TOKEN.finditer(program):
        text = token[0]
        first = text[0]
        if first == ",":
            commas[-1] += 1
        elif first in "([{" and len(text) == 1:
            starts.append(token.end())
            commas.append(0)
            plain.append(True)
        elif first in ")]}" and len(text) == 1:
            if len(starts) == 1:
                return []
            start, count, constant = starts.pop(), commas.pop(), plain.pop()
            commas[-1] += count
            plain[-1] = plain[-1] and constant
            if constant and count > MOST_NUMBERS and not _is_applied(program, start - 1):
                while found and found[-1][0] > start:
                    found.pop()
                found.append((start, token.start()))
        elif not (first in "\"'#" or first.isdigit() or text in _CONSTANTS):
            plain[-1] = False
    return found


def _is_applied(program: str, bracket: int) -> bool:
    """Whether a bracket calls or indexes what stands before it."""
    before = _BEFORE.search(program, max(bracket - 80, 0), bracket)
    return program[bracket] != "{" and before is not None and not iskeyword(before[1])


def _blank(text: str, rest: str) -> str | None:
    """Blanks in the place of a text, with what stands for unknown items in a line that has room for it."""
    room = re.search(rf"[^\r\n]{{{len(rest)}}}", text)
    if room is None:
        return None
    blank = re.sub(r"[^\r\n]", " ", text)
    return blank[: room.start()] + rest + blank[room.end() :]

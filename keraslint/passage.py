"""The text at a place, as its reader sees it: the lines of a file, or the lines of one cell of a notebook.

A place in a notebook names characters of the JSON file. Nobody reads those, so what is shown and compared is the cell.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from keraslint.model import Position


@dataclass(frozen=True)
class Passage:
    """A range of `lines`; the numbers count as in `Position`. Of a notebook, `lines` are those of the cell."""

    lines: tuple[str, ...]
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def code(self) -> str:
        """The whole lines that the range touches."""
        return "\n".join(self.lines[self.line - 1 : self.end_line])


def passage(text: str, position: Position) -> Passage:
    """The passage at a place of a file, given the text of the file."""
    if position.cell is None or position.cell >= len(_cells(text)):
        return Passage(lines_of(text), *position[:4])
    start = offset(text, position.line, position.column)
    end = offset(text, position.end_line, position.end_column)
    first = position.cell_line or 1
    column = len(_before(text, start)) + 1
    *above, last = _plain(text[start:end]).split("\n")
    return Passage(
        _cells(text)[position.cell],
        first,
        column,
        first + len(above),
        len(last) + (1 if above else column),
    )


@lru_cache(maxsize=8)
def lines_of(text: str) -> tuple[str, ...]:
    """The lines as Python counts them, without their ends."""
    return tuple(re.split(r"\r\n?|\n", text))


@lru_cache(maxsize=8)
def _starts(text: str) -> tuple[int, ...]:
    return (0, *(end.end() for end in re.finditer(r"\r\n?|\n", text)))


def line_and_column(text: str, at: int) -> tuple[int, int]:
    """The place of a character, both from 1: the way back of `offset`."""
    starts = _starts(text)
    line = bisect_right(starts, at)
    return line, at - starts[line - 1] + 1


def lines_at(text: str, cell: int | None) -> tuple[str, ...]:
    """The lines of a file, or of one cell of a notebook."""
    return lines_of(text) if cell is None or cell >= len(_cells(text)) else _cells(text)[cell]


def offset(text: str, line: int, column: int) -> int:
    """How many characters stand before a line and column, never more than there are."""
    starts = _starts(text)
    return min(starts[min(line, len(starts)) - 1] + column - 1, len(text))


@lru_cache(maxsize=8)
def _cells(text: str) -> tuple[tuple[str, ...], ...]:
    """The lines of every cell; none of a text that is not there, or nested deeper than can be read from here.

    Format 3 of notebooks keeps its cells in worksheets and calls a source `input`. Of two keys that say the same the
    last one counts, and a cell of prose may hold what it likes, as for whoever finds the cells in the file.
    """
    try:
        notebook = json.loads(text, parse_int=str, object_pairs_hook=_in_order) if text else {}
    except RecursionError:
        return ()
    cells: list[dict[str, Any]] = next(
        (notebook[key] for key in reversed(notebook) if key in ("cells", "worksheets")), []
    )
    if "worksheets" in notebook and cells is notebook["worksheets"]:
        cells = [cell for sheet in cells for cell in sheet.get("cells", ())]
    return tuple(lines_of(_source(cell)) for cell in cells)


def _in_order(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; a key stands where it was said last."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        found.pop(key, None)
        found[key] = value
    return found


def _source(cell: dict[str, Any]) -> str:
    source = next((cell[key] for key in reversed(cell) if key in ("source", "input")), "")
    if isinstance(source, list):
        return "".join(piece for piece in source if isinstance(piece, str))
    return source if isinstance(source, str) else ""


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def _before(text: str, start: int) -> str:
    """What stands before a character of a JSON string on the same line of the string."""
    begin = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    for string in _STRING.finditer(text, begin):
        if string.end() > start:
            return _plain(text[string.start() + 1 : start]).rpartition("\n")[2]
    return ""


def _plain(raw: str) -> str:
    """What a piece of JSON strings says; it begins and ends inside of a string, and may leave one for the next."""
    joined = re.sub(r'(\\.)|"\s*,\s*"', lambda found: found[1] or "", raw, flags=re.S)
    plain: str = json.loads(f'"{joined}"', strict=False)
    return re.sub(r"\r\n?", "\n", plain)

"""From the text of a notebook to its code cells, each with the place of every character in the file.

A parsed notebook does not tell where its strings stand, so the JSON is walked here: in Python on the way to the cells
only. All else, such as outputs of many megabytes, is skipped by Python's own scanner in C.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from json import JSONDecodeError, JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Cell:
    """A code cell. `index` counts all cells of the notebook from 0, `start` is where its source begins in the file."""

    index: int
    id: str | None
    python: bool
    start: int
    pieces: tuple[Piece, ...]

    @cached_property
    def source(self) -> str:
        """The text of the cell."""
        return "".join(piece.text for piece in self.pieces)

    def physical(self, offset: int) -> int:
        """Where in the file the character at `offset` of the source begins."""
        return self._piece(offset).physical(offset) if self.pieces else self.start

    def physical_end(self, offset: int) -> int:
        """Where in the file the part of the source before `offset` ends."""
        return self._piece(offset - 1).physical(offset) if self.pieces and offset > 0 else self.physical(offset)

    def _piece(self, offset: int) -> Piece:
        return self.pieces[max(bisect_right(self.pieces, offset, key=lambda piece: piece.offset) - 1, 0)]


@dataclass(frozen=True)
class Piece:
    """One JSON string of a cell's source: what it says, how it is written (`literal`, without quotes), and where.

    `offset` is where its text begins in the source of the cell, `start` where its literal begins in the file.
    """

    text: str
    literal: str
    offset: int
    start: int

    def physical(self, offset: int) -> int:
        """Where in the file the character at `offset` of the cell's source begins."""
        after, shift = self._escapes
        inside = offset - self.offset
        return self.start + inside + shift[bisect_right(after, inside) - 1]

    @cached_property
    def _escapes(self) -> tuple[list[int], list[int]]:
        """From which character of the text on, and by how much, the literal is longer than the text."""
        after, shift, longer = [0], [0], 0
        for escape in _ESCAPE.finditer(self.literal):
            after.append(escape.start() - longer + 1)
            longer += len(escape[0]) - 1
            shift.append(longer)
        return after, shift


# A pair of surrogates is one character, and so is any other escape.
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|.)")


def code_cells(text: str) -> list[Cell]:
    """The code cells of a notebook, in order.

    Of format 4 they are in `cells`, of format 3 in the `cells` of each of `worksheets`. Raises `JSONDecodeError` for
    what is no JSON and no notebook.
    """
    json = _Json(text)
    try:
        cells, python = _read_notebook(json)
    except RecursionError:
        raise json.error("values nested too deep") from None
    return [
        Cell(index, cell.id, python and cell.python, cell.start, tuple(cell.pieces))
        for index, cell in enumerate(cells)
        if cell.kind == "code"
    ]


@dataclass
class _RawCell:
    """What the keys of a cell say, in whatever order they come."""

    start: int
    kind: object = None
    id: str | None = None
    python: bool = True
    readable: bool = False
    pieces: list[Piece] = field(default_factory=list)


def _read_notebook(json: _Json) -> tuple[list[_RawCell], bool]:
    """All cells, and whether the notebook's kernel runs Python."""
    cells: list[_RawCell] | None = None
    python = True
    for key in json.members():
        match key:
            case "cells":
                cells = list(_read_cells(json))
            case "worksheets":
                cells = [cell for _ in json.items() for cell in _read_worksheet(json)]
            case "metadata":
                python = _runs_python(json.value())
            case _:
                json.value()
    if json.peek():
        raise json.error("text after the end")
    if cells is None:
        json.at = 0
        raise json.error("no `cells`")
    return cells, python


def _read_worksheet(json: _Json) -> Iterator[_RawCell]:
    for key in json.members():
        if key == "cells":
            yield from _read_cells(json)
        else:
            json.value()


def _read_cells(json: _Json) -> Iterator[_RawCell]:
    for _ in json.items():
        yield _read_cell(json)


def _read_cell(json: _Json) -> _RawCell:
    cell = _RawCell(json.at)
    for key in json.members():
        match key:
            case "cell_type":
                cell.kind = json.value()
            case "id":
                value = json.value()
                cell.id = value if isinstance(value, str) else None
            case "language":  # format 3
                cell.python = _is_python(json.value())
            case "source" | "input":  # format 3 says `input`
                cell.start = json.at
                cell.readable = _read_source(json, cell)
            case _:
                json.value()
    if cell.kind == "code" and not cell.readable:
        json.at = cell.start
        raise json.error("code cell without a readable `source`")
    return cell


def _read_source(json: _Json, cell: _RawCell) -> bool:
    """A string or a list of strings. Anything else is skipped: in a cell of prose it does not matter."""
    cell.pieces = []
    opening = json.peek()
    if opening not in ('"', "["):
        json.value()
        return False
    readable = True
    offset = 0
    for _ in json.items() if opening == "[" else (None,):
        if json.peek() != '"':
            json.value()
            readable = False
            continue
        text, literal, start = json.string()
        cell.pieces.append(Piece(text, literal, offset, start))
        offset += len(text)
    return readable


def _runs_python(metadata: object) -> bool:
    """What a notebook says of its kernel. One that says nothing is taken for Python."""
    if not isinstance(metadata, dict):
        return True
    for block, key in (("kernelspec", "language"), ("language_info", "name")):
        described = metadata.get(block)
        if isinstance(described, dict) and key in described:
            return _is_python(described[key])
    return True


def _is_python(language: object) -> bool:
    return not isinstance(language, str) or not language or "python" in language.lower()


class _Json:
    """A cursor over JSON text that knows where each value stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        # Numbers stay text: Python refuses to convert integers of more than 4,300 digits, and no number is needed.
        decoder = JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
        self._scan: Callable[[str, int], tuple[object, int]] = decoder.scan_once  # type: ignore[attr-defined]

    def error(self, message: str) -> JSONDecodeError:
        return JSONDecodeError(message, self.text, self.at)

    def peek(self) -> str:
        """The next character that is not white space, or nothing at the end."""
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return self.text[self.at : self.at + 1]

    def take(self, expected: str) -> None:
        if self.peek() != expected:
            raise self.error(f"`{expected}` expected")
        self.at += 1

    def value(self) -> object:
        """Read one value whole."""
        self.peek()
        try:
            value, self.at = self._scan(self.text, self.at)
        except StopIteration as stop:
            self.at = stop.value if isinstance(stop.value, int) else self.at
            raise self.error("value expected") from None
        return value

    def string(self) -> tuple[str, str, int]:
        """Read one string: what it says, how it is written between the quotes, and where that begins."""
        self.take('"')
        start = self.at
        value, self.at = scanstring(self.text, start, True)
        return value, self.text[start : self.at - 1], start

    def members(self) -> Iterator[str]:
        """The keys of an object. Whoever gets a key reads its value before asking for the next one."""
        self.take("{")
        if self.peek() != "}":
            while True:
                key, _, _ = self.string()
                self.take(":")
                self.peek()
                yield key
                if self.peek() != ",":
                    break
                self.at += 1
        self.take("}")

    def items(self) -> Iterator[None]:
        """Each item of an array. Whoever gets one reads it before asking for the next one."""
        self.take("[")
        if self.peek() != "]":
            while True:
                self.peek()
                yield
                if self.peek() != ",":
                    break
                self.at += 1
        self.take("]")


_SPACE = re.compile(r"[ \t\n\r]*")

"""A file as it was written: its text, the Python program in it, and the way back from the program to the file.

For a Python file the program is the text. For a notebook it is the code cells, one after the other, with the lines
that only IPython understands taken out and every other line left where it is, so that a place in the program has one
place in the file. For a Markdown document it is the fenced blocks of Python.

No syntax tree and no opinion enters here. A file that cannot be read is an `UnreadableSource`; a syntax error is not
found here but where the program is parsed.
"""

from __future__ import annotations

import os
import re
import tokenize
from bisect import bisect_right
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cached_property
from json import JSONDecodeError
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from keraslint import grounds
from keraslint.model import Position
from keraslint.passage import passage

if TYPE_CHECKING:  # imported below for the first notebook: most files are none
    from keraslint.source.notebook import Cell

__all__ = ["NotReadable", "SkippedCell", "Source", "UnreadableSource", "assuming", "pending"]

_PENDING: ContextVar[Mapping[str, bytes]] = ContextVar("pending", default={})  # noqa: B039  # it is never changed


@contextmanager
def assuming(contents: Mapping[str, bytes]) -> Iterator[None]:
    """Inside, the files at these absolute paths hold this, whatever the disk says: changes that are not written yet."""
    token = _PENDING.set(contents)
    try:
        yield
    finally:
        _PENDING.reset(token)


def pending(path: str) -> bytes | None:
    """What a file is assumed to hold; nothing when the disk knows."""
    contents = _PENDING.get()
    if not contents:
        return None
    grounds.passing()
    return contents.get(os.path.abspath(path))


class UnreadableSource(Exception):
    """A file that is no text, no notebook or no Python: which file, why, and where in it."""

    def __init__(self, path: str, reason: str, position: Position) -> None:
        super().__init__(path, reason, position)
        self.path = path
        self.reason = reason
        self.position = position

    def __str__(self) -> str:
        return f"{self.path}:{self.position.line}:{self.position.column}: {self.reason}"


class NotReadable(UnreadableSource):
    """A program that Python reads and that is too much for the parser: nothing is wrong with it."""


class SkippedCell(NamedTuple):
    """A code cell that is not Python: its number from 0, where it begins, and what Python says about it."""

    cell: int
    position: Position
    reason: str


@dataclass(frozen=True)
class Source:
    """The text of one file and the program in it.

    `path` is as given, with slashes. `text` is the physical text without a byte order mark and with its own line ends;
    `text.encode(encoding)` gives the bytes of the file again. `program` is the Python text to parse.
    """

    path: str
    text: str
    program: str
    kind: Literal["python", "notebook", "markdown"] = "python"
    encoding: str = "utf-8"
    cells: tuple[CodeCell, ...] = ()
    skipped_cells: tuple[SkippedCell, ...] = ()

    @classmethod
    def read(cls, path: Path | str) -> Source:
        """Read a file. Raises `UnreadableSource`, also when the system does not hand the file out."""
        name = os.fspath(path).replace(os.sep, "/")
        try:
            known = pending(name)
            data = Path(path).read_bytes() if known is None else known
        except (OSError, ValueError) as error:  # a null byte in the path is a ValueError
            grounds.read(name, None)
            reason = getattr(error, "strerror", None) or str(error)
            raise UnreadableSource(name, reason.lower(), _START) from error
        grounds.read(name, data)
        return cls.from_bytes(name, data)

    @classmethod
    def from_bytes(cls, path: str, data: bytes) -> Source:
        """Take the bytes for the content of the file. The end of the path tells what kind of file it is."""
        suffix = os.path.splitext(path)[1].lower()
        encoding = _python_encoding(path, data) if suffix not in _NOT_PYTHON else _notebook_encoding(data)
        return cls.from_text(path, _decode(path, data, encoding), encoding)

    @classmethod
    def from_text(cls, path: str, text: str, encoding: str = "utf-8") -> Source:
        """Take the text for the content of the file."""
        suffix = os.path.splitext(path)[1].lower()
        if suffix == ".ipynb":
            return _read_notebook(cls(path, text, "", "notebook", encoding))
        null = text.find("\0")
        if null >= 0:
            raise UnreadableSource(path, "null byte in the text", _place(_line_starts(text), null))
        if suffix in _MARKDOWN:
            from keraslint.source.markdown import program_of  # few runs look at documents

            return cls(path, text, program_of(text), "markdown", encoding)
        return cls(path, text, text, "python", encoding)

    def position(self, line: int, column: int, end_line: int, end_column: int) -> Position:
        """The place in the file of a range of the program.

        Lines and columns count from 1, columns in characters; the end is exclusive, and never before the beginning.
        """
        if not self.cells:
            return Position(line, column, end_line, end_column)
        first, last = self._cell_at(line), self._cell_at(end_line)
        begin, end = first.offset(line, column), last.offset(end_line, end_column)
        start = first.cell.physical(begin)
        here = _place(self._line_starts, start)
        there = _place(self._line_starts, max(last.cell.physical_end(end), start))
        return Position(
            here.line,
            here.column,
            there.line,
            there.column,
            cell=first.cell.index,
            cell_id=first.cell.id,
            cell_line=line - first.first_line + 1,
        )

    def range_of(self, position: Position) -> tuple[int, int, int, int]:
        """The range of the program that a place in the file is: the way back from `position`."""
        if not self.cells:
            return position[:4]
        where = passage(self.text, position)
        cell = next(one for one in self.cells if one.cell.index == position.cell)
        before = cell.first_line - 1

        def column(line: int, found: int) -> int:
            lost = len(cell.indent) if where.lines[line - 1].startswith(cell.indent) else 0
            return max(found - lost, 1)

        return (
            before + where.line,
            column(where.line, where.column),
            before + where.end_line,
            column(where.end_line, where.end_column),
        )

    def point(self, line: int, column: int) -> Position:
        """The place of one character of the program, as a parser names it in a syntax error: never outside the file."""
        starts = self._program_line_starts
        line = min(max(line, 1), len(starts))
        width = len(_line_at(self.program, starts, line).rstrip("\r\n"))
        column = min(max(column, 1), width + 1)
        return self.position(line, column, line, min(column + 1, width + 1))

    @cached_property
    def _line_starts(self) -> list[int]:
        return _line_starts(self.text)

    @cached_property
    def _program_line_starts(self) -> list[int]:
        return _line_starts(self.program)

    def _cell_at(self, line: int) -> CodeCell:
        return self.cells[max(bisect_right(self.cells, line, key=lambda cell: cell.first_line) - 1, 0)]


@dataclass(frozen=True)
class CodeCell:
    """A cell and where it begins in the program: its line `n` is line `first_line + n - 1` of the program.

    `indent` is what its lines have lost in front.
    """

    cell: Cell
    first_line: int
    indent: str = ""

    def offset(self, line: int, column: int) -> int:
        """Offset in the cell of a place in the program, never past the line: what replaces a line may be longer."""
        starts = self._line_starts
        line -= self.first_line - 1
        if line > len(starts):
            return len(self.cell.source)
        text = _line_at(self.cell.source, starts, line)
        lost = len(self.indent) if text.startswith(self.indent) else 0
        return starts[line - 1] + min(lost + column - 1, len(text))

    @cached_property
    def _line_starts(self) -> list[int]:
        return _line_starts(self.cell.source)


_START = Position(1, 1, 1, 1)
_MARKDOWN = frozenset({".md", ".markdown"})
_NOT_PYTHON = _MARKDOWN | {".ipynb"}


def _line_starts(text: str) -> list[int]:
    """Offset of the first character of every line. Only these end a line, for Python as for editors."""
    return [0, *(match.end() for match in re.finditer(r"\r\n?|\n", text))]


def _line_at(text: str, starts: list[int], line: int) -> str:
    return text[starts[line - 1] : starts[line] if line < len(starts) else len(text)]


def _place(starts: list[int], offset: int) -> Position:
    """The empty range before the character at `offset`."""
    line = bisect_right(starts, offset)
    column = offset - starts[line - 1] + 1
    return Position(line, column, line, column)


def _read_notebook(file: Source) -> Source:
    """The same file with the program of its cells."""
    from keraslint.source.ipython import Python, blank, python_of
    from keraslint.source.notebook import code_cells

    try:
        found = code_cells(file.text)
    except JSONDecodeError as error:
        reason = f"not a notebook: {error.msg[:1].lower()}{error.msg[1:]}"
        raise UnreadableSource(file.path, reason, _place(file._line_starts, error.pos)) from error
    cells: list[CodeCell] = []
    program: list[str] = []
    skipped: list[tuple[CodeCell, str]] = []
    line = 1
    for cell in found:
        python = python_of(cell.source) if cell.python else Python(blank(cell.source))
        program.append(python.text if cell.source.endswith(("\n", "\r")) else python.text + "\n")
        cells.append(CodeCell(cell, line, python.indent))
        if python.reason:
            skipped.append((cells[-1], python.reason))
        line += len(_line_starts(program[-1])) - 1
    read = Source(file.path, file.text, "".join(program), file.kind, file.encoding, tuple(cells))
    return replace(read, skipped_cells=tuple(_skipped(read, cell, reason) for cell, reason in skipped))


def _skipped(source: Source, cell: CodeCell, reason: str) -> SkippedCell:
    line = cell.first_line
    width = len(cell.cell.source.splitlines()[0])
    return SkippedCell(cell.cell.index, source.position(line, 1, line, width + 1), reason)


def _notebook_encoding(data: bytes) -> str:
    return "utf-8-sig" if data.startswith(BOM_UTF8) else "utf-8"


def _python_encoding(path: str, data: bytes) -> str:
    """The encoding that a Python file declares in one of its first two lines, or UTF-8."""
    lines = (match[0] for match in re.finditer(rb"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+", data))
    try:
        return tokenize.detect_encoding(lambda: next(lines, b""))[0]
    except SyntaxError as error:
        if "missing encoding declaration" in error.msg:  # decoding finds the same bytes, and where they are
            return "utf-8"
        raise UnreadableSource(path, error.msg, _START) from error


def _decode(path: str, data: bytes, encoding: str) -> str:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise UnreadableSource(path, "the text is UTF-16, which Python does not read", _START)
    try:
        return data.decode(encoding)
    except Exception as error:  # the file itself names the codec, and each fails in its own way
        if not encoding.startswith("utf-8") or not isinstance(error, UnicodeDecodeError):
            raise UnreadableSource(path, f"the text is not {encoding}: {error}", _START) from error
        before = data[: error.start].decode(encoding)
        reason = f"byte 0x{data[error.start]:02x} is not {encoding} text"
        raise UnreadableSource(path, reason, _place(_line_starts(before), len(before))) from error

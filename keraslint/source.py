"""A file as it was written: its text, the Python program in it, and the way back from the program to the file.

For a Python file the program is the text. For a notebook it is the code cells, one after the other, with the lines
that only IPython understands taken out and every other line left where it is, so that a place in the program has one
place in the file.

No syntax tree and no opinion enters here. A file that cannot be read is an `UnreadableSource`; a syntax error is not
found here but where the program is parsed.
"""

from __future__ import annotations

import ast
import os
import re
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from json import JSONDecodeError, JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Literal, NamedTuple

from keraslint.model import Position


class UnreadableSource(Exception):  # noqa: N818 - it is a kind of source
    """A file that is no text, no notebook or no Python: which file, why, and where in it."""

    def __init__(self, path: str, reason: str, position: Position) -> None:
        super().__init__(f"{path}:{position.line}:{position.column}: {reason}")
        self.path = path
        self.reason = reason
        self.position = position


class Piece(NamedTuple):
    """One JSON string of a cell's source: where its text begins in the source of the cell, and where in the file."""

    offset: int
    start: int
    end: int


@dataclass(frozen=True)
class Cell:
    """A code cell. `index` counts all cells of the notebook from 0, `first_line` is its first line in the program."""

    index: int
    id: str | None
    first_line: int
    source: str
    pieces: tuple[Piece, ...]

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset in `source` of the first character of every line."""
        return _line_starts(self.source)


class SkippedCell(NamedTuple):
    """A code cell that is not Python, and what Python says about it."""

    cell: int
    position: Position
    reason: str


@dataclass(frozen=True)
class Source:
    """The text of one file and the program in it.

    `path` is as given, with slashes. `text` is the physical text without a byte order mark and with its own line ends;
    `text.encode(encoding)` gives the file's bytes again. `program` is the Python text to parse.
    """

    path: str
    text: str
    program: str
    kind: Literal["python", "notebook"] = "python"
    encoding: str = "utf-8"
    cells: tuple[Cell, ...] = ()
    skipped_cells: tuple[SkippedCell, ...] = ()
    _shifts: dict[int, _Escapes] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def read(cls, path: Path | str) -> Source:
        """Read a file. Raises `UnreadableSource`, also when the system does not give the file away."""
        name = os.fspath(path).replace(os.sep, "/")
        try:
            data = Path(path).read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a null byte in the path
            reason = getattr(error, "strerror", None) or str(error)
            raise UnreadableSource(name, reason.lower(), Position(1, 1, 1, 1)) from error
        return cls.from_bytes(name, data)

    @classmethod
    def from_bytes(cls, path: str, data: bytes) -> Source:
        """Take the bytes for the content of the file. The end of the path tells a notebook from a Python file."""
        if path.lower().endswith(".ipynb"):
            encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
            return _notebook(path, _decode(path, data, encoding), encoding)
        encoding = _python_encoding(path, data)
        text = _decode(path, data, encoding)
        null = text.find("\0")
        if null >= 0:
            raise UnreadableSource(path, "null byte in the text", _place(text, _line_starts(text), null))
        return cls(path, text, text, encoding=encoding)

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset in `text` of the first character of every line."""
        return _line_starts(self.text)

    @cached_property
    def program_line_starts(self) -> list[int]:
        """Offset in `program` of the first character of every line."""
        return self.line_starts if self.kind == "python" else _line_starts(self.program)

    def position(self, line: int, column: int, end_line: int, end_column: int) -> Position:
        """The place in the file of a range of the program: lines and columns from 1, columns in characters, end exclusive.

        A range that ends before it begins is empty.
        """
        if not self.cells:
            return Position(line, column, end_line, end_column)
        first = self._cell_at(line)
        start = self._offset(first, line, column)
        last = first if end_line == line else self._cell_at(end_line)
        end = self._offset(last, end_line, end_column)
        if last is first and end <= start:
            last_offset = self._physical(first, start)[0]
        elif end == 0:  # before the first character of a cell: nothing stands there
            last_offset = self._physical(last, end)[0]
        else:
            last_offset = self._physical(last, end - 1)[1]
        here = _place(self.text, self.line_starts, self._physical(first, start)[0])
        there = _place(self.text, self.line_starts, last_offset)
        return here._replace(
            end_line=there.line,
            end_column=there.column,
            cell=first.index,
            cell_id=first.id,
            cell_line=line - first.first_line + 1,
        )

    def point(self, line: int, column: int) -> Position:
        """The place of one character of the program, as a parser names it in a syntax error: never outside the file."""
        starts = self.program_line_starts
        line = min(max(line, 1), len(starts))
        begin = starts[line - 1]
        end = starts[line] if line < len(starts) else len(self.program)
        width = len(self.program[begin:end].rstrip("\r\n"))
        column = min(max(column, 1), width + 1)
        return self.position(line, column, line, min(column + 1, width + 1))

    def _cell_at(self, line: int) -> Cell:
        return self.cells[max(bisect_right(self.cells, line, key=lambda cell: cell.first_line) - 1, 0)]

    def _offset(self, cell: Cell, line: int, column: int) -> int:
        """Offset in the source of the cell, never past the line: a line that was taken out may have been shorter."""
        starts = cell.line_starts
        index = min(line - cell.first_line, len(starts) - 1)
        limit = starts[index + 1] if index + 1 < len(starts) else len(cell.source)
        return min(starts[index] + column - 1, limit)

    def _physical(self, cell: Cell, offset: int) -> tuple[int, int]:
        """Where a character of a cell begins and ends in the text of the file, escapes included."""
        if not cell.pieces:
            return 0, 0
        piece = cell.pieces[max(bisect_right(cell.pieces, offset, key=lambda piece: piece.offset) - 1, 0)]
        escapes = self._shifts.get(piece.start)
        if escapes is None:
            escapes = self._shifts[piece.start] = _Escapes.of(self.text, piece)
        return escapes.physical(offset - piece.offset), escapes.physical(offset - piece.offset + 1)


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer(r"\r\n?|\n", text))]


def _place(text: str, starts: list[int], offset: int) -> Position:
    """The empty range before the character at `offset`."""
    line = bisect_right(starts, min(offset, len(text)))
    column = offset - starts[line - 1] + 1
    return Position(line, column, line, column)


# --- from bytes to text -----------------------------------------------------------------------------------------------


def _python_encoding(path: str, data: bytes) -> str:
    """The encoding that a Python file declares in its first two lines, or UTF-8."""
    lines = iter(data.splitlines(keepends=True)[:2] if len(data) < 4096 else data[:4096].splitlines(keepends=True)[:2])
    try:
        return tokenize.detect_encoding(lambda: next(lines, b""))[0]
    except SyntaxError as error:
        # Bytes that are not UTF-8 are found again, with their place, when the text is decoded.
        if "encoding declaration" in str(error) or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-8"
        raise UnreadableSource(path, str(error), Position(1, 1, 1, 1)) from error


def _decode(path: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="replace")
        place = _place(before, _line_starts(before), len(before))
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise UnreadableSource(path, "the text is UTF-16, Python reads UTF-8", place) from error
        byte = data[error.start]
        raise UnreadableSource(path, f"byte 0x{byte:02x} is not {encoding} text", place) from error
    except Exception as error:  # the file names the codec, and any codec may fail in its own way
        raise UnreadableSource(path, f"not {encoding} text: {error}", Position(1, 1, 1, 1)) from error


# --- notebooks ----------------------------------------------------------------------------------------------------


def _notebook(path: str, text: str, encoding: str) -> Source:
    reader = _Json(text)
    try:
        found = _read_notebook(reader)
    except JSONDecodeError as error:
        place = _place(text, _line_starts(text), error.pos)
        reason = error.msg[:1].lower() + error.msg[1:]
        raise UnreadableSource(path, f"not a notebook: {reason}", place) from error
    except RecursionError as error:
        place = _place(text, _line_starts(text), reader.at)
        raise UnreadableSource(path, "not a notebook: values nested too deep", place) from error

    cells: list[Cell] = []
    program: list[str] = []
    failures: list[tuple[Cell, str]] = []
    line = 1
    for index, raw in enumerate(found.cells):
        if raw.kind != "code":
            continue
        cell = Cell(index, raw.id, line, "".join(raw.values), raw.pieces())
        python, reason = _python_of(cell.source) if found.python and raw.python else (_blank(cell.source), "")
        if reason:
            failures.append((cell, reason))
        if not python.endswith(("\n", "\r")):
            python += "\n"
        line += len(_line_starts(python)) - 1
        cells.append(cell)
        program.append(python)

    source = Source(path, text, "".join(program), "notebook", encoding, tuple(cells))
    skipped = (SkippedCell(cell.index, source.point(cell.first_line, 1), reason) for cell, reason in failures)
    object.__setattr__(source, "skipped_cells", tuple(skipped))
    return source


class _Json:
    """A cursor over JSON text that knows where each value stands. What nobody asks for is skipped at the speed of C."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        # Numbers stay text: Python refuses to convert integers of more than 4,300 digits, and no number is needed.
        decoder = JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
        self._scan: Callable[[str, int], tuple[object, int]] = decoder.scan_once  # type: ignore[attr-defined]

    def peek(self) -> str:
        """The next character that is not white space, or nothing at the end."""
        match = _JSON_SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return self.text[self.at : self.at + 1]

    def take(self, expected: str) -> None:
        if self.peek() != expected:
            raise self.error(f"`{expected}` expected")
        self.at += 1

    def error(self, message: str) -> JSONDecodeError:
        return JSONDecodeError(message, self.text, self.at)

    def value(self) -> object:
        """Read one value whole."""
        self.peek()
        try:
            value, self.at = self._scan(self.text, self.at)
        except StopIteration:
            raise self.error("value expected") from None
        return value

    def string(self) -> tuple[str, int, int]:
        """Read one string: what it says, and where its first character and its closing quote stand."""
        self.take('"')
        start = self.at
        value, self.at = scanstring(self.text, start, True)
        return value, start, self.at - 1

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

    def items(self) -> Iterator[int]:
        """The numbers of an array's items. Whoever gets one reads the item before asking for the next one."""
        self.take("[")
        index = 0
        if self.peek() != "]":
            while True:
                self.peek()
                yield index
                index += 1
                if self.peek() != ",":
                    break
                self.at += 1
        self.take("]")


_JSON_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass
class _RawCell:
    kind: str = ""
    id: str | None = None
    python: bool = True
    values: list[str] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)

    def pieces(self) -> tuple[Piece, ...]:
        pieces = []
        offset = 0
        for value, (start, end) in zip(self.values, self.places, strict=True):
            pieces.append(Piece(offset, start, end))
            offset += len(value)
        return tuple(pieces)


@dataclass
class _RawNotebook:
    cells: list[_RawCell]
    python: bool


def _read_notebook(reader: _Json) -> _RawNotebook:
    """The cells of a notebook: of format 4 in `cells`, of format 3 in the `cells` of each of `worksheets`."""
    cells: list[_RawCell] | None = None
    metadata: object = None
    if reader.peek() != "{":
        raise reader.error("an object with `cells` expected")
    for key in reader.members():
        if key == "cells":
            cells = [_read_cell(reader) for _ in reader.items()]
        elif key == "worksheets":
            cells = [*(cells or ()), *_read_worksheets(reader)]
        elif key == "metadata":
            metadata = reader.value()
        else:
            reader.value()
    if reader.peek():
        raise reader.error("text after the end")
    if cells is None:
        reader.at = 0
        raise reader.error("no `cells`")
    return _RawNotebook(cells, _speaks_python(metadata))


def _read_worksheets(reader: _Json) -> Iterator[_RawCell]:
    for _ in reader.items():
        for key in reader.members():
            if key != "cells":
                reader.value()
                continue
            for _ in reader.items():
                yield _read_cell(reader)


def _read_cell(reader: _Json) -> _RawCell:
    cell = _RawCell()
    reader.peek()
    begin = reader.at
    readable: bool | None = None
    for key in reader.members():
        match key:
            case "cell_type":
                cell.kind = str(reader.value())
            case "id":
                value = reader.value()
                cell.id = value if isinstance(value, str) else None
            case "language":  # format 3
                cell.python = _is_python(reader.value())
            case "source" | "input":  # format 3 says `input`
                readable = _read_cell_source(reader, cell)
            case _:
                reader.value()
    if cell.kind == "code" and not readable:
        reader.at = begin
        raise reader.error("code cell without a readable `source`")
    return cell


def _read_cell_source(reader: _Json, cell: _RawCell) -> bool:
    """A string or a list of strings. Anything else is skipped: in a cell of text it does not matter."""
    cell.values, cell.places = [], []
    opening = reader.peek()
    if opening not in ('"', "["):
        reader.value()
        return False
    readable = True
    for _ in reader.items() if opening == "[" else (0,):
        if reader.peek() == '"':
            value, start, end = reader.string()
            cell.values.append(value)
            cell.places.append((start, end))
        else:
            reader.value()
            readable = False
    return readable


def _speaks_python(metadata: object) -> bool:
    """Whether the notebook's kernel runs Python. A notebook that does not say is taken for Python."""
    if not isinstance(metadata, dict):
        return True
    for block, key in (("kernelspec", "language"), ("language_info", "name")):
        described = metadata.get(block)
        if isinstance(described, dict) and key in described:
            return _is_python(described[key])
    return True


def _is_python(language: object) -> bool:
    return not isinstance(language, str) or "python" in language.lower() or not language


class _Escapes(NamedTuple):
    """How far the characters of a JSON string are moved by the escapes before them."""

    start: int
    after: list[int]
    shift: list[int]

    @classmethod
    def of(cls, text: str, piece: Piece) -> _Escapes:
        after, shift, total = [0], [0], 0
        for match in _ESCAPE.finditer(text, piece.start, piece.end):
            after.append(match.start() - piece.start - total + 1)
            total += match.end() - match.start() - 1
            shift.append(total)
        return cls(piece.start, after, shift)

    def physical(self, offset: int) -> int:
        """Where the character number `offset` of the string stands in the file."""
        return self.start + offset + self.shift[bisect_right(self.after, offset) - 1]


# A pair of surrogates is one character, any other escape is one too.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)",
)


# --- IPython ----------------------------------------------------------------------------------------------------

# Cell magics whose body is ordinary Python run with the notebook's own names. The body of any other is another
# language, another process or a file.
_TIMERS = {"time", "timeit", "prun", "lprun", "memit", "mprun", "heat", "pyinstrument", "scalene", "snakeviz"}
_PYTHON_BODY = _TIMERS | {"capture", "debug", "notify", "wandb"}

_CELL_MAGIC = re.compile(r"(?:[ \t]*(?:\r\n?|\n))*(%%(\w*)[^\r\n]*)")
_LINE_MAGIC = re.compile(r"([ \t\f]*)[%!?,;/]")
_TIMED = re.compile(r"([ \t\f]*)%time(?=[ \t]+[^\s-])")
_HELP = re.compile(r"([ \t\f]*)[%\w.*\[\]'\"]+\?\??[ \t]*$")
_ASSIGNED = re.compile(r"([^=#'\"!%]+=[ \t]*)[!%]\S")
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


def _python_of(source: str) -> tuple[str, str]:
    """The Python in a cell, line for line, and why there is none if the cell is no Python."""
    if not source.isascii():
        source = re.sub("[\ud800-\udfff]", "\ufffd", source)  # half a pair: no parser takes it
    reason = _syntax_error(source)
    if not reason:
        return source, ""
    body = source
    while magic := _CELL_MAGIC.match(body):
        if magic[2] not in _PYTHON_BODY:
            return _blank(source), ""
        body = body[: magic.start(1)] + body[magic.end(1) :]
    for timed in ("None;", None):
        python = "".join(_without_magics(body, timed))
        reason = _syntax_error(python)
        if not reason:
            return python, ""
    return _blank(source), reason


def _syntax_error(python: str) -> str:
    """What Python says against the text, or nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(python)
    except SyntaxError as error:
        return error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""


def _blank(source: str) -> str:
    return re.sub(r"[^\r\n]+", "", source)


def _without_magics(source: str, timed: str | None) -> Iterator[str]:
    """The lines of a cell, with what only IPython understands replaced.

    `%time statement` runs the statement: with `timed`, a text as long as `%time`, the statement stays where it is.
    """
    state = _Logical()
    swallow = False
    for match in _LINE.finditer(source):
        line = match[0].rstrip("\r\n")
        end = match[0][len(line) :]
        if swallow:
            swallow = line.endswith("\\")
            yield end
        elif state.inside:
            state.read(line)
            yield line + end
        elif timed and (magic := _TIMED.match(line)):
            line = magic[1] + timed + line[magic.end() :]
            state.read(line)
            yield line + end
        elif magic := _LINE_MAGIC.match(line) or _HELP.match(line):
            swallow = line.endswith("\\")
            yield magic[1] + "pass" + end
        elif magic := _ASSIGNED.match(line):
            swallow = line.endswith("\\")
            yield magic[1] + "__" + end  # a name that nobody knows
        else:
            state.read(line)
            yield line + end


_MARK = re.compile(r"#|[(\[{]|[)\]}]|\"\"\"|'''|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?")
_CLOSING = {quote: re.compile(rf"(?:[^\\]|\\.)*?{quote}") for quote in ('"""', "'''")}


class _Logical:
    """Whether the next line goes on with a statement: in brackets, in a long string, after a backslash."""

    def __init__(self) -> None:
        self.depth = 0
        self.quote = ""
        self.continued = False

    @property
    def inside(self) -> bool:
        return bool(self.depth > 0 or self.quote or self.continued)

    def read(self, line: str) -> None:
        at = 0
        self.continued = line.endswith("\\")
        while True:
            if self.quote:
                closing = _CLOSING[self.quote].match(line, at)
                if not closing:
                    return
                self.quote = ""
                at = closing.end()
            mark = _MARK.search(line, at)
            if not mark:
                return
            at = mark.end()
            if mark[0] == "#":
                self.continued = False
                return
            if mark[0] in ('"""', "'''"):
                self.quote = mark[0]
            elif mark[0] in "([{":
                self.depth += 1
            elif mark[0] in ")]}":
                self.depth = max(self.depth - 1, 0)

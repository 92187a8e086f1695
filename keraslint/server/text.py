"""A text as the editor counts it: lines from 0, columns in units of the encoding that was agreed upon."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from lsprotocol import types

from keraslint.finding import Edit
from keraslint.model import Position
from keraslint.passage import lines_of

UNITS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda character: len(character.encode("utf-8", "surrogatepass")),
    "utf-16": lambda character: 1 + (character > "\uffff"),
    "utf-32": lambda character: 1,
}
"""How many units a character has."""


@dataclass(frozen=True)
class Text:
    """A text and the encoding that its positions are told in."""

    text: str
    encoding: str = "utf-16"

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return lines_of(self.text)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return (0, *(end.end() for end in re.finditer(r"\r\n?|\n", self.text)))

    def position(self, line: int, column: int) -> types.Position:
        """A place of ours (both from 1) as the editor counts; what lies behind the end is the end."""
        if line > len(self.lines):
            line, column = len(self.lines), len(self.lines[-1]) + 1
        before = self.lines[line - 1][: column - 1]
        units = len(before) if before.isascii() else sum(map(UNITS[self.encoding], before))
        return types.Position(line - 1, units)

    def range(self, place: Position) -> types.Range:
        """A range of ours as the editor counts."""
        return types.Range(
            self.position(place.line, place.column),
            self.position(place.end_line, place.end_column),
        )

    def between(self, start: int, end: int) -> types.Range:
        """The range between two characters, counted from 0, as the editor counts."""
        return types.Range(self._at(start), self._at(end))

    def _at(self, offset: int) -> types.Position:
        line = self.text.count("\n", 0, offset) if "\r" not in self.text else self._line(offset)
        return self.position(line + 1, offset - self._starts[line] + 1)

    def _line(self, offset: int) -> int:
        return next(number for number in reversed(range(len(self._starts))) if self._starts[number] <= offset)

    def offset(self, place: types.Position) -> int:
        """How many characters stand before a position of the editor, which may lie behind the end of its line."""
        if place.line >= len(self.lines):
            return len(self.text)
        return self._starts[place.line] + self.characters(place)

    def characters(self, place: types.Position) -> int:
        """How many characters of its line stand before a position."""
        line, left = self.lines[place.line] if place.line < len(self.lines) else "", place.character
        if line.isascii():
            return min(left, len(line))
        units = UNITS[self.encoding]
        for number, character in enumerate(line):
            left -= units(character)
            if left < 0:
                return number
        return len(line)

    def changed(self, change: types.TextDocumentContentChangeEvent) -> Text:
        """The text after something was typed."""
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            return Text(change.text, self.encoding)
        start = self.offset(change.range.start)
        end = max(start, self.offset(change.range.end))
        return Text(self.text[:start] + change.text + self.text[end:], self.encoding)

    def edit(self, edit: Edit) -> types.TextEdit:
        """An edit of ours as one of the editor."""
        return types.TextEdit(self.range(edit.span.position), edit.text)

    def edits_to(self, after: str) -> Iterator[types.TextEdit]:
        """The edits of lines that make another text of this one."""
        old, new = pieces(self.text), pieces(after)
        starts = [0]
        for piece in old:
            starts.append(starts[-1] + len(piece))
        for kind, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                yield types.TextEdit(self.between(starts[first], starts[last]), "".join(new[begin:end]))

    def encoded(self) -> bytes:
        """The bytes of a Python file with this text, in the encoding that it declares."""
        data = self.text.encode("utf-8", "surrogatepass")
        try:
            return self.text.encode(tokenize.detect_encoding(io.BytesIO(data).readline)[0])
        except (SyntaxError, UnicodeError, LookupError):
            return data


def pieces(text: str) -> list[str]:
    """The lines with their ends."""
    return [piece for piece in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text) if piece]

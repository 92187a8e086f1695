"""From the places of nodes, as Python counts them, to spans in the file.

A span covers a node without white space and brackets around it, which is what LibCST says. Python's parser counts bytes
and takes the brackets of a tuple and of a generator as a part of it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Final

from keraslint.model import Position, Span
from keraslint.source import Source
from keraslint.static.text import tree
from keraslint.static.text.from_python import LINE_END
from keraslint.static.text.tree import Exact, Place

_BLANK: Final = re.compile(r"(?:\s|\\\r?\n|#[^\r\n]*)*")
_MARK: Final = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
    r"|'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'"
    r"|#[^\r\n]*"
    r"|[()\[\]{}]",
    re.DOTALL,
)
_OPENED: Final = re.compile(r"(?:\([\s\\]*)+\Z")
_CLOSED: Final = re.compile(r"(?:[\s\\]*\))+")
_END: Final = re.compile(r"#[^\r\n]*|[),]")


class Positions:
    """The places of the nodes of one program, as spans that are computed when somebody looks at them."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def span(self, node: tree.Node) -> Span:
        """The place of a node, without white space and parentheses around it."""
        inside = _INSIDE.get(type(node))
        place = node.place if inside is None or isinstance(node.place, Exact) else inside(self, node)
        return Span(self._source.path, partial(self._position, place))

    def text(self, node: tree.Node) -> str:
        """A node as it is written, without parentheses around it."""
        place = node.place
        if isinstance(place, Exact):
            line, column, end_line, end_column = place
            start, end = self._starts[line - 1] + column - 1, self._starts[end_line - 1] + end_column - 1
        else:
            start, end = self._offsets(place)
        return self._source.program[start:end]

    def _position(self, place: Place | Exact) -> Position:
        line, column, end_line, end_column = place
        if isinstance(place, Exact):
            return self._source.position(line, column, end_line, end_column)
        return self._source.position(
            line, self._characters(line, column) + 1, end_line, self._characters(end_line, end_column) + 1
        )

    # -- lines ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _starts(self) -> list[int]:
        """Where the lines begin, and where the text ends."""
        program = self._source.program
        return [0, *(found.end() for found in LINE_END.finditer(program)), len(program)]

    @cached_property
    def _is_ascii(self) -> bool:
        return self._source.program.isascii()

    def _characters(self, line: int, column: int) -> int:
        """How many characters of a line so many bytes are."""
        if self._is_ascii:
            return column
        text = self._source.program[self._starts[line - 1] : self._starts[line]]
        return column if text.isascii() else len(text.encode("utf-8", "replace")[:column].decode("utf-8", "replace"))

    def _offsets(self, place: Place) -> tuple[int, int]:
        line, column, end_line, end_column = place
        start = self._starts[line - 1] + self._characters(line, column)
        return start, self._starts[end_line - 1] + self._characters(end_line, end_column)

    def _exact(self, start: int, end: int) -> Exact:
        return Exact(*self._at(start), *self._at(end))

    def _at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset, 0, len(self._starts) - 1)
        return line, offset - self._starts[line - 1] + 1

    # -- brackets ------------------------------------------------------------------------------------------------------

    def _bare(self, start: int, end: int, last: int) -> Exact:
        """What stands between two parentheses; the last part of it ends at or behind `last`."""
        program = self._source.program
        first = _BLANK.match(program, start + 1)
        begin = first.end() if first is not None else start + 1
        stop = max(last, min(begin, end - 1))
        for mark in _END.finditer(program, stop, end - 1):
            if not mark[0].startswith("#"):
                stop = mark.end()
        return self._exact(begin, stop)

    def _last(self, node: tree.Node) -> int:
        place = node.place
        return self._offsets(place)[1] if not isinstance(place, Exact) else 0

    def _tuple(self, node: tree.Tuple) -> Place | Exact:
        assert not isinstance(node.place, Exact)
        start, end = self._offsets(node.place)
        if not self._source.program.startswith("(", start) or self._closing(start) != end:
            return node.place
        return self._bare(start, end, self._last(node.elements[-1]) if node.elements else 0)

    def _generator(self, node: tree.GeneratorExp) -> Place | Exact:
        assert not isinstance(node.place, Exact)
        start, end = self._offsets(node.place)
        clause = node.for_in
        while clause.inner_for_in is not None:
            clause = clause.inner_for_in
        return self._bare(start, end, self._last(clause.ifs[-1] if clause.ifs else clause.iter))

    def _pair(self, node: tree.DictElement) -> Place | Exact:
        """A key and its value, here with their parentheses: nothing else of a dictionary has any."""
        assert not isinstance(node.place, Exact)
        program = self._source.program
        start, end = self._offsets(node.place)
        opened = _OPENED.search(program, max(start - 200, 0), start)
        closed = _CLOSED.match(program, end)
        if opened is None and closed is None:
            return node.place
        return self._exact(opened.start() if opened is not None else start, closed.end() if closed is not None else end)

    def _closing(self, start: int) -> int:
        """Where the bracket that opens here is closed."""
        depth = 0
        for mark in _MARK.finditer(self._source.program, start):
            text = mark[0]
            if text in "([{":
                depth += 1
            elif text in ")]}":
                depth -= 1
                if depth == 0:
                    return mark.end()
        return -1


_INSIDE: Final[dict[type, Callable[[Positions, Any], Place | Exact]]] = {
    tree.Tuple: Positions._tuple,
    tree.GeneratorExp: Positions._generator,
    tree.DictElement: Positions._pair,
}

"""Exact places of syntax nodes, computed only for a file that has something to say.

Asking for the span of a node costs nothing. When somebody first looks at the numbers of one, the module is written out
once, the way LibCST gives the text back, and the places of all nodes asked for so far are noted on the way.
"""

from __future__ import annotations

import re
import sys
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property, partial
from itertools import accumulate

import libcst as cst

from keraslint.model import Position, Span
from keraslint.source import Source

try:
    from libcst._nodes.internal import CodegenState
except ImportError:  # it is private: without it LibCST's own, slower provider answers
    CodegenState = object  # type: ignore[assignment,misc]

_LINE_END = re.compile(r"\r\n?|\n")

# From line, from column, to line, to column; lines and columns from 1.
Range = tuple[int, int, int, int]


class Positions:
    """The places of the nodes of one parsed module, as lazy spans."""

    def __init__(self, module: cst.Module, source: Source) -> None:
        self._module: cst.Module | None = module
        self._source = source
        self._asked: set[int] = set()  # nodes by id, as they live no shorter than the module
        self._ranges: dict[int, Range] = {}
        self._passes = 0

    def span(self, node: cst.CSTNode) -> Span:
        """The place of a node, without white space and parentheses around it: what LibCST's `PositionProvider` says."""
        self._asked.add(id(node))
        return Span(self._source.path, partial(self._position, id(node)))

    def settle(self) -> None:
        """Find the places of all nodes asked for so far, and let go of the module.

        A module takes ninety times the room of its text; a span that nobody looked at keeps it until then.
        """
        if self._module and self._asked - self._ranges.keys():
            self._ranges.update(ranges(self._module, self._asked - self._ranges.keys()))
        _ = self._lost
        self._module = None

    def _position(self, node: int) -> Position:
        if node not in self._ranges and self._module and self._passes <= _FEW_PASSES:
            # Whoever asks for one place after the other gets all of them at last, for the price of a parse.
            self._passes += 1
            wanted = self._asked - self._ranges.keys() if self._passes <= _FEW_PASSES else _Everything()
            self._ranges.update(ranges(self._module, wanted))
        found = self._ranges.get(node)
        if found is None:  # too deep to be written out, or not of this module: the place is not known
            return Position(1, 1, 1, 1)
        line, column, end_line, end_column = found
        lost = self._lost
        return self._source.position(line, column + lost.get(line, 0), end_line, end_column + lost.get(end_line, 0))

    @cached_property
    def _lost(self) -> dict[int, int]:
        """How many characters LibCST leaves out at the beginning of a line: indentation up to a form feed, if any."""
        if "\f" not in self._source.program or not self._module:
            return {}
        try:
            written = _LINE_END.split(self._module.code)
        except RecursionError:
            return {}
        lines = _LINE_END.split(self._source.program)
        pairs = enumerate(zip(lines, written, strict=False), start=1)
        return {number: len(line) - len(kept) for number, (line, kept) in pairs if line != kept}


_FEW_PASSES = 3


class _Everything(set[int]):
    """The set of all nodes."""

    def __contains__(self, key: object) -> bool:
        return True


def ranges(module: cst.Module, wanted: set[int]) -> dict[int, Range]:
    """The places in the module's text of the wanted nodes, by their ids. A node that cannot be found has none."""
    try:
        return _with_room(partial(_written, module, wanted))
    except (AttributeError, TypeError):
        # LibCST writes its modules in another way than this was made for. Its own provider knows it.
        return _with_room(partial(_provided, module, wanted))


def _written(module: cst.Module, wanted: set[int]) -> dict[int, Range]:
    record = _Record(module, wanted)
    module._codegen(record)
    ends = [0, *accumulate(map(len, record.tokens))]
    lines = [0, *(newline.end() for newline in _LINE_END.finditer("".join(record.tokens)))]

    def place(token: int) -> tuple[int, int]:
        # The line end that closes a file without one was written and taken back.
        offset = ends[min(token, len(ends) - 1)]
        line = bisect_right(lines, offset)
        return line, offset - lines[line - 1] + 1

    return {node: (*place(start), *place(end)) for node, (start, end) in record.found.items()}


class _Record(CodegenState):
    """Takes the tokens of a module as they are written, and notes how many stand before and after each wanted node."""

    def __init__(self, module: cst.Module, wanted: set[int]) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.add_token = self.tokens.append  # type: ignore[assignment,method-assign]
        self.wanted = wanted  # grows by what the ends of others depend on
        self.begun: dict[int, int] = {}
        self.found: dict[int, tuple[int, int]] = {}

    def before_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self.wanted:
            self.begun[id(node)] = len(self.tokens)

    def after_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self.wanted:
            self.found.setdefault(id(node), (self.begun[id(node)], len(self.tokens)))

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> AbstractContextManager[None]:
        if id(node) in self.wanted:
            return self._syntactic(node, start_node, end_node)
        return _NOTHING

    @contextmanager
    def _syntactic(
        self, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> Iterator[None]:
        self.wanted.update(id(part) for part in (start_node, end_node) if part is not None)
        start = len(self.tokens)
        yield
        end = len(self.tokens)
        if start_node is not None:
            start = self.found[id(start_node)][0]
        if end_node is not None:
            end = self.found[id(end_node)][1]
        self.found[id(node)] = (start, end)


_NOTHING = nullcontext()


def _provided(module: cst.Module, wanted: set[int]) -> dict[int, Range]:
    from libcst.metadata import MetadataWrapper, PositionProvider

    places = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    return {
        id(node): (place.start.line, place.start.column + 1, place.end.line, place.end.column + 1)
        for node, place in places.items()
        if id(node) in wanted
    }


def _with_room(find: Callable[[], dict[int, Range]]) -> dict[int, Range]:
    """Run what goes down the tree. Where the stack does not hold it, run it again on a larger one."""
    try:
        return find()
    except RecursionError:
        pass
    found: dict[int, Range] = {}

    def again() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 50_000))
        try:
            found.update(find())
        except RecursionError:
            pass  # nothing is known then
        finally:
            sys.setrecursionlimit(limit)

    before = threading.stack_size(256 * 1024 * 1024)
    try:
        thread = threading.Thread(target=again)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    return found

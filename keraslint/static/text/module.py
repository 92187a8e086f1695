"""One parsed file: its source, its tree, and the places of its nodes."""

from __future__ import annotations

from collections import deque
from typing import Final
from weakref import ref

import libcst as cst

from keraslint.model import Span
from keraslint.source import Source
from keraslint.static.text.positions import Positions


class ModuleFile:
    """A file of the linted tree. `span` gives the place of a node, computed when it is first looked at."""

    def __init__(self, source: Source, tree: cst.Module) -> None:
        self.source = source
        self.tree = tree
        self._positions = Positions(tree, source)

    def span(self, node: cst.CSTNode) -> Span:
        return self._positions.span(node)

    def close(self) -> None:
        """Nobody will ask for the places of other nodes: the tree may go when there are too many."""
        _closed.append((len(self.source.program), ref(self._positions)))
        while sum(size for size, _ in _closed) > MOST_KEPT:
            _, place = _closed.popleft()
            positions = place()
            if positions is not None:
                positions.settle()


MOST_KEPT: Final = 256 * 1024
"""Characters of programs whose trees are kept, each as long as somebody holds a place in it. Ninety bytes a character
are a lot; to find places that nobody may look at takes a third of the time of parsing."""

_closed: Final[deque[tuple[int, ref[Positions]]]] = deque()

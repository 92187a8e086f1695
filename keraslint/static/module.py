"""One parsed file: its source, its tree, and the places of its nodes."""

from __future__ import annotations

import libcst as cst

from keraslint.model import Span
from keraslint.source import Source
from keraslint.static.positions import Positions


class ModuleFile:
    """A file of the linted tree. `span` gives the place of a node, computed when it is first looked at."""

    def __init__(self, source: Source, tree: cst.Module) -> None:
        self.source = source
        self.tree = tree
        self._positions = Positions(tree, source)

    def span(self, node: cst.CSTNode) -> Span:
        return self._positions.span(node)

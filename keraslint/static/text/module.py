"""One parsed file: its source, its tree, and the places of its nodes."""

from __future__ import annotations

from keraslint.model import Span
from keraslint.source import Source
from keraslint.static.text import tree
from keraslint.static.text.positions import Positions


class ModuleFile:
    """A file of the linted tree. `span` gives the place of a node, computed when it is first looked at."""

    def __init__(self, source: Source, module: tree.Module) -> None:
        self.source = source
        self.tree = module
        self._positions = Positions(source)

    def span(self, node: tree.Node) -> Span:
        return self._positions.span(node)

    def text(self, node: tree.Node) -> str:
        """A node as it is written."""
        return self._positions.text(node)

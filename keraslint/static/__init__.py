"""Reading: from a source file to the model, without running it. The only owner of a parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keraslint.model import Program
    from keraslint.source import Source


def recover(source: Source) -> Program:
    """Read a source into a program. Raises `UnreadableSource` when it is not Python."""
    # here and not above: the catalogue is part of this package and is used without a parser
    from keraslint.static.recovery import recover

    return recover(source)


__all__ = ["recover"]

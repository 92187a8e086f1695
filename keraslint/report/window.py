"""Trees, tables and pages as text, drawn by rich."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType

from keraslint.report import Style

READABLE = 100
"""How wide text is made where there is no window."""


def draw(*things: RenderableType, style: Style) -> str:
    """What rich would show in a window of this style, as text."""
    text = io.StringIO()
    console = Console(
        file=text,
        width=style.width or READABLE,
        force_terminal=style.color,
        color_system="standard" if style.color else None,
        no_color=not style.color,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for thing in things:
        console.print(thing)
    return "".join(line.rstrip() + "\n" for line in text.getvalue().splitlines())

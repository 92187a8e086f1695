"""The page of a rule: what it finds, why that is wrong, programs that have it and programs that do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from keraslint.report import Style
from keraslint.report.text import STYLES
from keraslint.report.window import draw
from keraslint.rule import Rule


def render(rule: Rule[Any], style: Style, *, fixable: bool) -> str:
    """The page as text."""
    return draw(*_parts(rule, fixable), style=style)


def _parts(rule: Rule[Any], fixable: bool) -> Iterator[RenderableType]:
    page, severity = rule.page, str(rule.severity)
    fix = ", fixable" * fixable + ", with --probe only" * rule.measured
    yield Text.assemble((rule.name, STYLES["strong"]), "  ", (severity, STYLES[severity]), fix)
    yield Text(f"\n{page.title}\n", style=STYLES["strong"])
    yield Text(_unwrapped(page.text))
    for name, programs in (("Bad", page.bad), ("Good", page.good)):
        for program in programs:
            code = Syntax(program.rstrip(), "python", theme="ansi_dark", background_color="default")
            yield _heading(name)
            yield Padding(code, INDENT)
    for name, words in (("When it is fine", page.fine), ("References", page.references)):
        if words:
            yield _heading(name)
            yield Padding(Text(_unwrapped(words)), INDENT)


INDENT = (0, 0, 0, 4)


def _heading(name: str) -> Text:
    return Text(f"\n{name}", style=STYLES["strong"])


def _unwrapped(text: str) -> str:
    """Paragraphs as single lines, for a window of any width; lines that begin like a list stay lines."""
    lines: list[str] = []
    for line in text.split("\n"):
        goes_on = bool(lines and lines[-1] and line and not line.startswith((" ", "-", "*", "http")))
        if goes_on:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return "\n".join(lines)

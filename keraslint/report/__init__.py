"""A report as text: one module for each format. Only this room knows a colour, a width or a file format."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from keraslint.finding import Report
    from keraslint.rule import Rule

FORMATS = ("full", "concise", "json", "jsonl", "html")

FOR_PEOPLE = frozenset({"full", "concise"})
"""Formats that end with words about the whole run."""

WITH_RULES = frozenset({"html", "sarif"})
"""Formats that tell of the rules themselves too, not only of what they found."""


WITH_MODELS = frozenset({"html"})
"""Formats that draw the models, with all that is known of them."""


class Style(NamedTuple):
    """How text for people looks: `width` in columns (`None`: no one is looking at a window), the `encoding` that it
    will have, where the names of rules lead, and what is said at the end. `rules` are those that found something, by
    name, for a format in `WITH_RULES`."""

    width: int | None = None
    color: bool = False
    summary: bool = True
    verbose: bool = False
    statistics: bool = False
    rules: tuple[Rule[Any], ...] = ()
    encoding: str = "utf-8"
    links: Mapping[str, str] = {}


def render(name: str, report: Report, style: Style) -> str:
    """The report in one of `FORMATS`; every line of it ends with a line end."""
    text: str = import_module(f"keraslint.report.{name}").render(report, style)
    return text

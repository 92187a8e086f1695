"""A report as text: one module for each format. Only this room knows a colour, a width or a file format."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from keraslint.finding import Finding, Report
    from keraslint.rule import Rule

FORMATS = tuple("full concise json jsonl github gitlab sarif junit azure rdjson markdown html".split())

FOR_PEOPLE = frozenset({"full", "concise"})
"""Formats that end with words about the whole run."""

WITH_RULES = frozenset({"html", "sarif"})
"""Formats that tell of the rules themselves too, not only of what they found."""

WITH_ALL_RULES = frozenset({"sarif"})
"""Those of them that tell of every rule that ran, whether it found something or not."""


def _is_no_note(finding: Finding) -> bool:
    return str(finding.severity) != "note"


class Run(NamedTuple):
    """What formats for other programs want to know of a run besides its report.

    `root` is the top folder of the repository, where paths begin for whoever reads the report (`None`: they stay as
    they are), `address` where its files can be looked at, `fails` tells the findings that fail the run.
    """

    root: str | None = None
    address: str = ""
    probing: bool = False
    fails: Callable[[Finding], bool] = _is_no_note


WITH_MODELS = frozenset({"html"})
"""Formats that draw the models, with all that is known of them."""


class Style(NamedTuple):
    """How text for people looks: `width` in columns (`None`: no one is looking at a window), the `encoding` that it
    will have, where the names of rules lead, and what is said at the end. `rules` are those that found something, by
    name, for a format in `WITH_RULES`, and all that ran for one in `WITH_ALL_RULES`. `run` is for other programs."""

    width: int | None = None
    color: bool = False
    summary: bool = True
    verbose: bool = False
    statistics: bool = False
    rules: tuple[Rule[Any], ...] = ()
    encoding: str = "utf-8"
    links: Mapping[str, str] = {}
    run: Run = Run()


def render(name: str, report: Report, style: Style) -> str:
    """The report in one of `FORMATS`; every line of it ends with a line end."""
    text: str = import_module(f"keraslint.report.{name}").render(report, style)
    return text

"""The table of rules: how bad, fixable or not, and whether each of them runs here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from keraslint.finding import Severity
from keraslint.report import Style
from keraslint.report.text import Linked, Words, count, paint, wrap


class Row(NamedTuple):
    """A rule as the table tells it; `why` is the reason that it is `selected` or not.

    `severity` is what it counts as here, `usual_severity` what it counts as where nobody says otherwise, and
    `severity_by` who does.
    """

    name: str
    title: str
    severity: Severity
    fixable: bool
    selected: bool
    why: str
    usual_severity: str = ""
    severity_by: str = ""


def render(rows: Iterable[Row], style: Style) -> str:
    """The table as text; in a window that is too narrow for it each title stands on a line of its own."""
    rows = tuple(rows)
    cells = [HEADER, *((row.name, str(row.severity), "yes" if row.fixable else "", _here(row)) for row in rows)]
    widths = [max(map(len, column)) + 2 for column in zip(*cells, strict=True)]
    fits = style.width is None or sum(widths) + max((len(row.title) for row in rows), default=0) <= style.width
    lines: list[Words] = []
    for row, cell in zip((None, *rows), cells, strict=True):
        dim = "dim" if row and not row.selected else ""
        styles = (dim or "strong", dim or (str(row.severity) if row else ""), dim, dim)
        words: Words = [(f"{text:<{width}}", shade) for text, width, shade in zip(cell, widths, styles, strict=True)]
        if row and row.name in style.links:
            rest = (words[0][0][len(row.name) :], words[0][1])
            words[:1] = [(Linked(row.name, style.links[row.name]), words[0][1]), rest]
        title = row.title if row else TITLE
        if fits:
            lines.append([*words, (title, dim)])
        else:
            below = wrap(title, (style.width or 0) - 4) if row else ()
            lines += [words, *([(f"    {line}", dim)] for line in below)]
    chosen = sum(row.selected for row in rows)
    return paint([*lines, [], [(f"{count(len(rows), 'rule')}, {chosen} selected here", "")]], color=style.color)


HEADER, TITLE = ("rule", "severity", "fix", "here"), "what it finds"


def _here(row: Row) -> str:
    said = f"; {row.severity} by {row.severity_by}" if row.severity_by else ""
    return f"{row.why}{said}" if row.selected else f"no: {row.why}"


def as_json(rows: Iterable[Row]) -> str:
    """The same for programs."""
    return json.dumps([row._asdict() | {"severity": str(row.severity)} for row in rows], indent=2) + "\n"

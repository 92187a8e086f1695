"""The table of rules: how bad, fixable or not, and whether each of them runs here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from keraslint.finding import Severity
from keraslint.report import Style
from keraslint.report.text import STYLES, count
from keraslint.report.window import draw


class Row(NamedTuple):
    """A rule as the table tells it; `severity` is what it counts as here, `why` the reason that it is `selected` or
    not."""

    name: str
    title: str
    severity: Severity
    fixable: bool
    selected: bool
    why: str


def render(rows: Iterable[Row], style: Style) -> str:
    """The table as text, as wide as it needs to be where nobody has a window."""
    rows = tuple(rows)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=STYLES["strong"], expand=False)
    for name in ("rule", "severity", "fix", "here"):
        table.add_column(name, no_wrap=True)
    table.add_column("what it finds")
    for row in rows:
        shade = "" if row.selected else STYLES["dim"]
        table.add_row(
            Text(row.name, style=shade or STYLES["strong"]),
            Text(str(row.severity), style=shade or STYLES[str(row.severity)]),
            Text("yes" if row.fixable else "", style=shade),
            Text(row.why if row.selected else f"no: {row.why}", style=shade),
            Text(row.title, style=shade),
        )
    chosen = sum(row.selected for row in rows)
    wide = style._replace(width=style.width or 1000)
    return draw(table, Text(f"\n{count(len(rows), 'rule')}, {chosen} selected here"), style=wide)


def as_json(rows: Iterable[Row]) -> str:
    """The same for programs."""
    return json.dumps([row._asdict() | {"severity": str(row.severity)} for row in rows], indent=2) + "\n"

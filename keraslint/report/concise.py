"""`path:line:column: severity[rule] message`, one line for each finding: for editors, `grep` and short looks."""

from __future__ import annotations

from keraslint.finding import Finding, Report
from keraslint.report import Style
from keraslint.report.summary import summary
from keraslint.report.text import Linked, Words, paint, visible


def render(report: Report, style: Style) -> str:
    """The whole report."""
    return paint([*(_line(finding, style) for finding in report.findings), *summary(report, style)], color=style.color)


def _line(finding: Finding, style: Style) -> Words:
    position = finding.span.position
    cell = "" if position.cell is None else f" (cell {position.cell + 1}, line {position.cell_line})"
    return [
        (f"{visible(finding.span.path)}:{position.line}:{position.column}: ", "strong"),
        (str(finding.severity), str(finding.severity)),
        ("[", ""),
        (Linked(finding.rule, style.links[finding.rule]) if finding.rule in style.links else finding.rule, ""),
        (f"] {visible(finding.message)}{cell}", ""),
    ]

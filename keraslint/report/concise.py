"""`path:line:column: severity[rule] message`, one line for each finding: for editors, `grep` and short looks."""

from __future__ import annotations

from keraslint.finding import Finding, Report
from keraslint.report import Style
from keraslint.report.summary import summary
from keraslint.report.text import Words, paint, visible


def render(report: Report, style: Style) -> str:
    """The whole report."""
    return paint([*map(_line, report.findings), *summary(report, style)], color=style.color)


def _line(finding: Finding) -> Words:
    position = finding.span.position
    cell = "" if position.cell is None else f" (cell {position.cell + 1}, line {position.cell_line})"
    return [
        (f"{visible(finding.span.path)}:{position.line}:{position.column}: ", "strong"),
        (str(finding.severity), str(finding.severity)),
        (f"[{finding.rule}] {visible(finding.message)}{cell}", ""),
    ]

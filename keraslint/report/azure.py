"""Logging commands of Azure Pipelines: lines that its agent takes out of the log and lists as problems of the build.

It knows errors and warnings only, so a note is a warning that says so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from keraslint.finding import Finding, Report, Severity
from keraslint.report import Style
from keraslint.report.exchange import Gap, by_weight, gaps, is_made_up, relative, told
from keraslint.report.text import visible


def render(report: Report, style: Style) -> str:
    """The whole report; what was not checked is told in the log, as it is no problem of the build."""
    lines = [
        *(_gap(gap, style.run.root) for gap in gaps(report)),
        *(_finding(finding, style.run.root) for finding in by_weight(report.findings)),
    ]
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding, root: str | None) -> str:
    line, column = finding.span.position[:2]
    note = finding.severity is Severity.NOTE
    properties = {
        "type": "error" if finding.severity is Severity.ERROR else "warning",
        "sourcepath": _path(finding.span.path, root),
        "linenumber": str(line),
        "columnnumber": str(column),
        "code": finding.rule,
    }
    return command(properties, f"{'note: ' * note}{told(finding, root)}")


def _gap(gap: Gap, root: str | None) -> str:
    if gap.trace:
        where = {"sourcepath": _path(gap.path, root), "linenumber": str(gap.line)}
        return command({"type": "error", **where, "code": gap.kind}, gap.reason)
    return visible(f"not checked: {relative(gap.path, root)}:{gap.line}: {gap.reason}").replace("##", "# #")


def _path(path: str, root: str | None) -> str:
    """The whole path, as the agent wants it: it knows itself where its repository lies."""
    return path if root is None or is_made_up(path) else os.path.abspath(path)


# --- how a command is written ----------------------------------------------------------------------------------------

_ESCAPES = {";": "%3B", "\r": "%0D", "\n": "%0A", "]": "%5D"}
_AMBIGUOUS = re.compile(rf"%(?={'|'.join(one[1:] for one in _ESCAPES.values())}|AZP25)")


def command(properties: Mapping[str, str], message: str) -> str:
    """A line that the agent takes for a problem."""
    written = "".join(f"{name}={escaped(value)};" for name, value in properties.items())
    return f"##vso[task.logissue {written}]{escaped(message)}"


def escaped(text: str) -> str:
    """A text inside of a command.

    A percent sign is escaped only where it would be taken for the start of an escape: agents that do not know this one
    would show it.
    """
    text = _AMBIGUOUS.sub("%AZP25", text)
    for sign, escape in _ESCAPES.items():
        text = text.replace(sign, escape)
    return text

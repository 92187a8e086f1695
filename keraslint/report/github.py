"""Annotations of GitHub Actions: lines that its runner takes out of the log and shows beside the code.

Of each kind it shows ten for a step and drops the others without a word. So the gravest come first, the tenth says how
many there are besides, and those are in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from keraslint.finding import Finding, Report, Severity
from keraslint.model import Span
from keraslint.report import Style
from keraslint.report.exchange import Gap, by_weight, gaps, is_made_up, place, relative, told
from keraslint.report.text import visible

SHOWN = 10
"""So many annotations of a kind are shown for a step."""

KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


class Annotation(NamedTuple):
    """A command to the runner, and the same as a line of the log."""

    kind: str
    properties: Mapping[str, str]
    message: str
    line: str


def render(report: Report, style: Style) -> str:
    """The whole report."""
    root = style.run.root
    unchecked = list(gaps(report))
    annotations = [
        *(_of_gap(gap, root) for gap in unchecked if gap.trace),
        *(_of_finding(finding, root) for finding in by_weight(report.findings)),
        *(_of_gap(gap, root) for gap in unchecked if not gap.trace),
    ]
    lines: list[str] = []
    left: list[Annotation] = []
    for kind in KINDS.values():
        those = [one for one in annotations if one.kind == kind]
        shown = those if len(those) <= SHOWN else those[: SHOWN - 1]
        more = those[len(shown) :]
        lines += [command(one.kind, one.properties, one.message) for one in shown]
        if more:
            message = f"and {len(more)} more: they are in the log of this step, and in its summary"
            lines.append(command(kind, {"title": "keraslint"}, message))
        left += more
    if left:
        lines += [command("group", {}, f"{len(left)} more of keraslint"), *(_harmless(one.line) for one in left)]
        lines.append(command("endgroup", {}, ""))
    return "".join(f"{line}\n" for line in lines)


def _of_finding(finding: Finding, root: str | None) -> Annotation:
    title = {"title": f"keraslint ({finding.rule})"}
    line = f"{place(finding.span, root)}: {finding.severity}[{finding.rule}] {finding.message}"
    kind = KINDS[finding.severity or Severity.ERROR]
    return Annotation(kind, {**_where(finding.span, root), **title}, told(finding, root), line)


def _where(span: Span, root: str | None) -> dict[str, str]:
    """The place, as far as GitHub can show it: columns count only where the end is on the same line."""
    if is_made_up(span.path):
        return {}
    line, column, end_line, end_column = span.position[:4]
    found = {"file": relative(span.path, root), "line": str(line), "endLine": str(end_line)}
    return found | ({"col": str(column), "endColumn": str(end_column)} if line == end_line else {})


def _of_gap(gap: Gap, root: str | None) -> Annotation:
    """What was not checked: an error where keraslint broke."""
    where = {} if is_made_up(gap.path) else {"file": relative(gap.path, root), "line": str(gap.line)}
    title = {"title": f"keraslint ({gap.kind})"}
    message = gap.reason if gap.trace else f"not checked: {gap.reason}"
    line = f"{relative(gap.path, root)}:{gap.line}: {message}"
    return Annotation("error" if gap.trace else "notice", {**where, **title}, message, line)


# --- how a command is written ----------------------------------------------------------------------------------------


def command(kind: str, properties: Mapping[str, str], message: str) -> str:
    """A line that the runner takes for a command."""
    written = ",".join(f"{name}={escaped_property(value)}" for name, value in properties.items() if value)
    return f"::{kind}{' ' * bool(written)}{written}::{escaped(message)}"


def escaped(message: str) -> str:
    """The message of a command on one line."""
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(value: str) -> str:
    """The value of a property: colons and commas would end it."""
    return escaped(value).replace(":", "%3A").replace(",", "%2C")


def _harmless(line: str) -> str:
    """A line of the log that is no command, whatever the name of a file or a text in a program says."""
    line = visible(line).replace("##[", "## [")
    return f"./{line}" if line.lstrip().startswith("::") else line

"""Findings for a person: what is wrong, the places that are at odds side by side in the code, why, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keraslint.finding import Finding, Report
from keraslint.report import Style
from keraslint.report.remarks import remarks
from keraslint.report.summary import summary
from keraslint.report.text import NARROWEST, Linked, Words, paint, visible, wrap


def render(report: Report, style: Style) -> str:
    """The whole report."""
    return paint(lines(report, style), color=style.color)


def lines(report: Report, style: Style) -> Iterator[Words]:
    """The whole report, line by line."""
    for finding in report.findings:
        yield from (*_finding(finding, report.texts, style), [])
    yield from summary(report, style)


def _finding(finding: Finding, texts: Mapping[str, str], style: Style) -> Iterator[Words]:
    from keraslint.report.frame import Frames  # a report without findings shows no code

    severity, width = str(finding.severity), style.width
    head = f"{severity}[{finding.rule}]"
    first, *rest = wrap(f"{head}: {visible(finding.message)}", width and max(width, NARROWEST))
    if first.startswith(head) and finding.rule in style.links:
        rule = Linked(finding.rule, style.links[finding.rule])
        yield [(f"{severity}[", severity), (rule, severity), ("]", severity), (first[len(head) :], "strong")]
    else:
        yield [(first[: len(head)], severity), (first[len(head) :], "strong")]
    yield from ([(line, "strong")] for line in rest)
    frames = Frames(finding.because, texts)
    yield from frames.draw(severity, width, style.encoding)
    for word, text in remarks(finding):
        lead = f"{'':{frames.margin}} = {word}: "
        # The command stays in one piece, so that it can be copied.
        indent = len(lead) if width is None or width - len(lead) >= NARROWEST else INDENT
        lines = wrap(visible(text), max(width - indent, NARROWEST) if width and word != "more" else None)
        if indent != len(lead):  # in such a window the words have the lines below for themselves
            lines.insert(0, "")
        yield [(lead[: frames.margin + 3], "beside"), (f"{word}: ", "strong"), (lines[0], "")]
        yield from ([(f"{'':{indent}}{line}", "")] for line in lines[1:])


INDENT = 4

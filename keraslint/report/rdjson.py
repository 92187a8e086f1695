"""reviewdog's diagnostic format: comments on a merge request, with fixes that are taken by a click.

Columns count bytes of UTF-8 here. Paths stay as they are: reviewdog runs where keraslint ran and knows the repository.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from keraslint.finding import Finding, Fix, Report, Severity
from keraslint.model import Position, Span
from keraslint.passage import lines_of, offset
from keraslint.report import Style
from keraslint.report.exchange import clean, gaps, said, told

Json = dict[str, Any]

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def render(report: Report, style: Style) -> str:
    """The whole report."""
    diagnostics = [*_gaps(report), *(_diagnostic(finding, report.texts) for finding in report.findings)]
    return json.dumps({"source": {"name": "keraslint"}, "diagnostics": diagnostics}, indent=2) + "\n"


def _gaps(report: Report) -> Iterator[Json]:
    """What was not checked: a remark, or an error where keraslint broke."""
    for gap in gaps(report):
        yield {
            "message": clean(gap.reason if gap.trace else f"not checked: {gap.reason}"),
            "location": {"path": _path(gap.path), "range": {"start": {"line": gap.line}}},
            "severity": "ERROR" if gap.trace else "INFO",
            "code": {"value": gap.kind},
        }


def _diagnostic(finding: Finding, texts: Mapping[str, str]) -> Json:
    diagnostic: Json = {
        "message": clean(told(finding, None)),
        "location": _location(finding.span, texts),
        "severity": SEVERITIES[finding.severity or Severity.ERROR],
        "code": {"value": finding.rule},
        "suggestions": list(_suggestions(finding, texts)),
        "related_locations": [
            {"message": clean(said(fact) or "here"), "location": _location(fact.span, texts)}
            for fact in finding.because[1:]
        ],
    }
    return {name: value for name, value in diagnostic.items() if value != []}


def _suggestions(finding: Finding, texts: Mapping[str, str]) -> Iterator[Json]:
    """The fixes that stay in the file of the finding: a suggestion has no path, and is one piece of text."""
    path = finding.span.path
    for fix in finding.fixes:
        if path in texts and fix.edits and all(edit.span.path == path for edit in fix.edits):
            where, text = _as_one(fix, texts[path])
            yield {"range": _range(where, texts[path]), "text": clean(text)}


def _as_one(fix: Fix, text: str) -> tuple[Position, str]:
    """All edits of a fix as one, with the text between them as it was."""
    edits = sorted((_place(edit.span.position, text), edit.text, edit.span.position) for edit in fix.edits)
    parts, done = [], edits[0][0][0]
    for (start, end), new, _ in edits:
        parts += [text[done:start], new]
        done = max(done, end)
    last = max(edits)[2]
    return Position(*edits[0][2][:2], *last[2:4]), "".join(parts)


def _place(position: Position, text: str) -> tuple[int, int]:
    start = offset(text, position.line, position.column)
    return start, max(start, offset(text, position.end_line, position.end_column))


def _location(span: Span, texts: Mapping[str, str]) -> Json:
    return {"path": _path(span.path), "range": _range(span.position, texts.get(span.path, ""))}


def _path(path: str) -> str:
    return clean(path.replace(os.path.sep, "/"))


def _range(position: Position, text: str) -> Json:
    line, column, end_line, end_column = position[:4]
    return {
        "start": {"line": line, "column": _in_bytes(text, line, column)},
        "end": {"line": end_line, "column": _in_bytes(text, end_line, end_column)},
    }


def _in_bytes(text: str, line: int, column: int) -> int:
    """A column, from 1, in bytes of UTF-8."""
    lines = lines_of(text)
    before = lines[line - 1][: column - 1] if line <= len(lines) else ""
    return column + len(before.encode("utf-8", "surrogatepass")) - len(before)

"""The report as one JSON object, for programs."""

from __future__ import annotations

import json
from typing import Any

from keraslint import __version__
from keraslint.finding import Finding, Fix, Report, Severity
from keraslint.fingerprint import fingerprints
from keraslint.model import Fact, Model, Origin, Span, facts
from keraslint.report import Style

SCHEMA_VERSION = 1

Json = dict[str, Any]


def render(report: Report, style: Style) -> str:
    """The whole report; nothing in it depends on the style."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> Json:
    """What is written, as objects."""
    return {
        "schema_version": SCHEMA_VERSION,
        "keraslint": __version__,
        "findings": finding_objects(report),
        "models": [_model(model) for model in report.models],
        "not_checked": gap_objects(report),
        "summary": {
            "files": report.files,
            "models": len(report.models),
            "probed": report.probed,
            **{f"{severity}s": report.count(severity) for severity in reversed(Severity)},
            "baselined": len(report.baselined),
        },
    }


def _model(model: Model) -> Json:
    origins = {fact.origin for fact in facts(model)}
    return {
        "path": model.span.path,
        "line": model.span.line,
        "name": model.name,
        "read": origins != {Origin.MEASURED},
        "probed": model.probed,
    }


def finding_objects(report: Report) -> list[Json]:
    """Every finding, each complete in itself."""
    return [_finding(*pair) for pair in zip(report.findings, fingerprints(report), strict=True)]


def gap_objects(report: Report) -> list[Json]:
    """Everything that was not checked, and every file on which keraslint broke."""
    return [
        *({"path": gap.span.path, "line": gap.span.line, "reason": gap.reason} for gap in report.not_checked),
        *({"path": path, "line": 1, "reason": _failure(trace)} for path, trace in report.failures),
    ]


def _finding(finding: Finding, fingerprint: str) -> Json:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "confidence": finding.confidence.name.lower(),
        "message": finding.message,
        "notes": list(finding.notes),
        "help": finding.help,
        **_range(finding.span),
        "cell": _cell(finding.span),
        "because": [_because(fact) for fact in finding.because],
        "fixes": [_fix(fix) for fix in finding.fixes],
        "fingerprint": fingerprint,
        "url": None,
    }


def _because(fact: Fact[Any]) -> Json:
    return {**_range(fact.span), "origin": fact.origin.value, "text": fact.text}


def _fix(fix: Fix) -> Json:
    edits = [{**_range(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "verified": fix.verified, "edits": edits}


def _range(span: Span) -> Json:
    line, column, end_line, end_column = span.position[:4]
    return {"path": span.path, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _cell(span: Span) -> Json | None:
    position = span.position
    if position.cell is None:
        return None
    return {"index": position.cell, "id": position.cell_id, "line": position.cell_line}


def _failure(trace: str) -> str:
    """The last line of a traceback: what went wrong in keraslint."""
    return f"internal error: {(trace.strip().splitlines() or ['unknown'])[-1]}"

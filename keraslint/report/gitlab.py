"""GitLab's code quality report: what a merge request adds and mends, told by fingerprints without line numbers."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from keraslint.finding import Finding, Report, Severity
from keraslint.fingerprint import fingerprints
from keraslint.report import Style
from keraslint.report.exchange import clean, gaps, relative, told

Json = dict[str, Any]

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(report: Report, style: Style) -> str:
    """The whole report."""
    return json.dumps([*_gaps(report, style.run.root), *_findings(report, style.run.root)], indent=2) + "\n"


def _findings(report: Report, root: str | None) -> Iterator[Json]:
    known = fingerprints(report)
    for finding, fingerprint in zip(report.findings, known, strict=True):
        yield _finding(finding, fingerprint, root)


def _finding(finding: Finding, fingerprint: str, root: str | None) -> Json:
    line, _, end_line, _ = finding.span.position[:4]
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": clean(f"{finding.rule}: {finding.message}"),
        "content": {"body": clean(told(finding, root))},
        "categories": ["Bug Risk"],
        "fingerprint": fingerprint,
        "severity": SEVERITIES[finding.severity or Severity.ERROR],
        "location": _location(finding.span.path, line, end_line, root),
    }


def _gaps(report: Report, root: str | None) -> Iterator[Json]:
    """What was not checked: `blocker` where keraslint broke, for then nobody knows what is in the file."""
    seen: Counter[tuple[str, ...]] = Counter()
    for gap in gaps(report):
        parts = (gap.kind, relative(gap.path, root), gap.reason)
        text = "\0".join((*parts, str(seen[parts])))
        seen[parts] += 1
        yield {
            "type": "issue",
            "check_name": gap.kind,
            "description": clean(f"{gap.kind}: {gap.reason}"),
            "categories": ["Bug Risk"],
            "fingerprint": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            "severity": "blocker" if gap.trace else "info",
            "location": _location(gap.path, gap.line, gap.line, root),
        }


def _location(path: str, line: int, end_line: int, root: str | None) -> Json:
    return {"path": clean(relative(path, root)), "lines": {"begin": line, "end": max(line, end_line)}}

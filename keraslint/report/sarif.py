"""SARIF 2.1.0, the OASIS standard for what analyses find: code scanning of GitHub and Azure, editors, dashboards."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from keraslint import __version__
from keraslint.finding import Edit, Finding, Fix, Report, Severity
from keraslint.fingerprint import fingerprints
from keraslint.model import Fact, Span
from keraslint.passage import lines_of, offset
from keraslint.report import Style
from keraslint.report.exchange import INTERNAL_ERROR, NOT_CHECKED, Gap, clean, gaps, inside, is_made_up, said
from keraslint.report.leaflet import as_markdown, as_text
from keraslint.report.remarks import remarks
from keraslint.rule import Rule

Json = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

TOP = "%SRCROOT%"
"""What the top folder of the repository is called in the report."""

PROBLEM_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
"""The words that GitHub has for severities."""

NOTIFICATIONS = {
    INTERNAL_ERROR: (
        "error",
        "keraslint broke on this file, so nothing in it was checked.",
        "This is a mistake in keraslint, not in the program: please report it with the traceback.",
    ),
    NOT_CHECKED: (
        "note",
        "This was met and could not be judged.",
        "What is not known is not guessed. Running keraslint with --probe builds the models for real and may tell.",
    ),
}
"""What a run tells of itself: how bad it is, what it means, what to do."""


def render(report: Report, style: Style) -> str:
    """The whole report."""
    return json.dumps(document(report, style), indent=2) + "\n"


def document(report: Report, style: Style) -> Json:
    """What is written, as objects."""
    run = style.run
    rules = {rule.name: rule for rule in style.rules}
    names = sorted({*rules, *(finding.rule for finding in report.findings)})
    known = fingerprints(report)
    written: Json = {
        "tool": {
            "driver": {
                "name": "keraslint",
                "fullName": f"keraslint {__version__}",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(name, rules.get(name)) for name in names],
                "notifications": [
                    {
                        "id": name,
                        "name": _in_one(name),
                        "shortDescription": {"text": meaning},
                        "fullDescription": {"text": meaning},
                        "help": {"text": help_},
                        "defaultConfiguration": {"level": level},
                    }
                    for name, (level, meaning, help_) in NOTIFICATIONS.items()
                ],
            }
        },
        "automationDetails": {"id": f"keraslint/{'probe' if run.probing else 'read'}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, run.root)],
        "results": [
            _result(finding, names.index(finding.rule), fingerprint, report.texts, run.root)
            for finding, fingerprint in zip(report.findings, known, strict=True)
        ],
    }
    if run.root is not None:
        written["originalUriBaseIds"] = {TOP: {"uri": f"{_file_uri(run.root).rstrip('/')}/"}}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [written]}


def _invocation(report: Report, root: str | None) -> Json:
    """Whether the run went well, and what it did not check."""
    return {
        "executionSuccessful": not report.failures,
        "toolExecutionNotifications": [_notification(gap, root) for gap in gaps(report)],
    }


def _notification(gap: Gap, root: str | None) -> Json:
    where = {"artifactLocation": _artifact(gap.path, root), "region": {"startLine": gap.line}}
    told: Json = {
        "descriptor": {"id": gap.kind, "index": list(NOTIFICATIONS).index(gap.kind)},
        "level": NOTIFICATIONS[gap.kind][0],
        "message": {"text": clean(gap.reason)},
        "locations": [{"physicalLocation": where}],
    }
    if gap.trace:
        kind, _, message = gap.reason.removeprefix("internal error: ").partition(": ")
        told["exception"] = {"kind": clean(kind), "message": clean(message)}
        told["properties"] = {"traceback": clean(gap.trace)}
    return told


# --- rules -----------------------------------------------------------------------------------------------------------


def _rule(name: str, rule: Rule[Any] | None) -> Json:
    """What a rule is, from its page; of one that is not at hand the name only."""
    if rule is None:
        return {"id": name}
    page = rule.page
    return {
        "id": name,
        "name": _in_one(name),
        "shortDescription": {"text": clean(page.title)},
        "fullDescription": {"text": clean(_first_paragraph(page.text) or page.title)},
        "help": {"text": clean(as_text(rule)), "markdown": clean(as_markdown(rule))},
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": {
            "precision": PRECISION,
            "problem.severity": PROBLEM_SEVERITIES[rule.severity],
            "tags": ["keras", "correctness", *(["probe"] if rule.measured else [])],
        },
    }


def _in_one(name: str) -> str:
    """A name as SARIF likes it: `SoftmaxOverOneUnit`."""
    return "".join(word.capitalize() for word in name.split("-"))


PRECISION = "high"
"""What is not sure is not reported at all, whatever the rule; how sure one finding is stands with the finding."""


def _first_paragraph(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())


# --- findings --------------------------------------------------------------------------------------------------------


def _result(finding: Finding, index: int, fingerprint: str, texts: Mapping[str, str], root: str | None) -> Json:
    severity = finding.severity or Severity.ERROR
    beside = [_Beside(number, fact) for number, fact in enumerate(_others(finding), 1)]
    position = finding.span.position
    result: Json = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": str(severity),
        "message": {"text": clean(_message(finding, beside))},
        "locations": [{"physicalLocation": _physical(finding.span, texts, root)}],
        "relatedLocations": [
            {
                "id": one.number,
                "physicalLocation": _physical(one.fact.span, texts, root),
                "message": {"text": clean(one.text)},
            }
            for one in beside
        ],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
        "fixes": [_fix(fix, root) for fix in finding.fixes if fix.edits],
        "properties": {"confidence": finding.confidence.name.lower()},
    }
    if position.cell is not None:
        cell = {"index": position.cell, "id": position.cell_id, "line": position.cell_line}
        result["properties"]["cell"] = {name: value for name, value in cell.items() if value is not None}
    return {name: value for name, value in result.items() if value != []}


class _Beside(NamedTuple):
    """Another place that a finding rests on, by the number under which its message refers to it."""

    number: int
    fact: Fact[Any]

    @property
    def text(self) -> str:
        return said(self.fact) or "here"


def _others(finding: Finding) -> Iterable[Fact[Any]]:
    """The facts beside the first one, one for each place and text."""
    first, *others = finding.because
    shown = {(fact.span, said(fact)): fact for fact in others if (fact.span, fact.text) != (first.span, first.text)}
    return shown.values()


def _message(finding: Finding, beside: Iterable[_Beside]) -> str:
    """The message, with links to the other places, which viewers show only where a message refers to them."""
    links = (f"[{_in_link(one.text)}]({one.number})" for one in beside)
    see = [f"see: {', '.join(links)}"] if beside else []
    said = (f"{word}: {text}" for word, text in remarks(finding))
    return "\n".join([_no_link(finding.message), *see, *map(_no_link, said)])


def _in_link(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def _no_link(text: str) -> str:
    """The text with nothing in it that could be taken for a link."""
    return re.sub(r"\[(?=[^\[\]]*\]\()", r"\\[", text)


def _fix(fix: Fix, root: str | None) -> Json:
    files: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        files.setdefault(edit.span.path, []).append(edit)
    return {
        "description": {"text": clean(fix.title)},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path, root),
                "replacements": [
                    {"deletedRegion": _region(edit.span), "insertedContent": {"text": clean(edit.text)}}
                    for edit in edits
                ],
            }
            for path, edits in files.items()
        ],
        "properties": {"safe": fix.safe, "verified": fix.verified},
    }


# --- places ----------------------------------------------------------------------------------------------------------


def _physical(span: Span, texts: Mapping[str, str], root: str | None) -> Json:
    """A place with its text, and with the lines around it, for readers that do not have the file."""
    where = {"artifactLocation": _artifact(span.path, root), "region": _region(span)}
    text = texts.get(span.path, "")
    line, column, end_line, end_column = span.position[:4]
    start, end = offset(text, line, column), offset(text, end_line, end_column)
    if not start < end <= start + LONGEST:
        return where
    where["region"]["snippet"] = {"text": clean(text[start:end])}
    lines = lines_of(text)
    first, last = max(line - AROUND, 1), min(end_line + AROUND, len(lines))
    shown = "\n".join(lines[first - 1 : last])
    if len(shown) <= LONGEST:
        where["contextRegion"] = {"startLine": first, "endLine": last, "snippet": {"text": clean(shown)}}
    return where


AROUND, LONGEST = 2, 2000
"""So many lines above and below a place are its context, and a text of so many characters is told at most."""


def _region(span: Span) -> Json:
    line, column, end_line, end_column = span.position[:4]
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _artifact(path: str, root: str | None) -> Json:
    """A file by its address from the top folder; one that lies elsewhere by its whole address."""
    found = inside(path, root)
    if found is None:
        return {"uri": _file_uri(path)}
    return {"uri": _quoted(found)} | ({} if root is None or is_made_up(path) else {"uriBaseId": TOP})


def _file_uri(path: str) -> str:
    slashed = os.path.abspath(path).replace(os.path.sep, "/")
    return f"file://{'' if slashed.startswith('/') else '/'}{_quoted(slashed, ':')}"


def _quoted(path: str, also: str = "") -> str:
    """A path as part of an address. A name that is not text keeps its bytes."""
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = path.encode("utf-8", "surrogatepass")
    return quote(data, safe=f"/{also}")

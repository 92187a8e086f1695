"""One subject is linted as it is in the editor. Whatever goes wrong is told; nothing is raised and nothing is shown."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from keraslint.cells import by_cell
from keraslint.config import Configuration, Overrides, RefusalError
from keraslint.discover import given, left_out
from keraslint.finding import Finding, Report
from keraslint.lint import run, without_known
from keraslint.model import Fact
from keraslint.registry import available, local
from keraslint.rule import Rule
from keraslint.server.documents import Subject
from keraslint.source import assuming


class Found(NamedTuple):
    """A finding in a document: the first of its facts there, and the finding in the file as it would be saved."""

    finding: Finding
    home: Fact[Any]
    saved: Finding


@dataclass(frozen=True)
class Judged:
    """What is found in a subject. `saved` are the findings in the file as it would be saved, `rules` those that exist
    for it, `refused` messages about what could not be followed, and `failure` is a traceback of ours."""

    subject: Subject
    report: Report = field(default_factory=Report)
    saved: tuple[Finding, ...] = ()
    rules: Mapping[str, Rule[Any]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    failure: str = ""

    def found_in(self, uri: str) -> Iterator[Found]:
        """The findings that are shown in a document. Each is shown in one, although it may rest on several."""
        for finding, saved in zip(self.report.findings, self.saved, strict=True):
            home = next((fact for fact in finding.because if self.uri(fact.span.path) is not None), None)
            if home is not None and self.uri(home.span.path) == uri:
                yield Found(finding, home, saved)

    def uri(self, path: str) -> str | None:
        """The document of the subject at a path of its report."""
        if path in self.subject.documents:
            return path
        return self.subject.uri if not self.subject.cells and same(path, self.subject.path) else None


def same(one: str, other: str) -> bool:
    """Whether two paths are one."""
    return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))


def judge(subject: Subject, root: str, contents: Mapping[str, bytes], overrides: Overrides) -> Judged:
    """Lint a subject under its own configuration, while the open files hold what the editor says."""
    try:
        with assuming(contents):
            return _judged(subject, root, overrides)
    except RefusalError as error:
        return Judged(subject, refused=(str(error),))
    except Exception:
        return Judged(subject, failure=traceback.format_exc())


def _judged(subject: Subject, root: str, overrides: Overrides) -> Judged:
    configuration = Configuration(overrides)
    if left_out(subject.path, configuration, top=root):
        return Judged(subject)
    settings = configuration.at(subject.path)
    rules = {rule.name: rule for rule in available(settings)}
    refused = tuple(problem for folder in settings.rules for problem in local(folder).problems)
    report = run([given(subject.path, subject.data)], configuration)
    report = without_known(report, configuration, [subject.path])
    failure, saved = "\n".join(trace for _, trace in report.failures), report.findings
    if subject.cells:
        report = by_cell(report, subject.path, subject.text, subject.cells)
    return Judged(subject, report, saved, rules, refused, failure)

"""What the formats for other programs have in common: where a file lies in its repository, what is said of a finding
in one text, and what was not checked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from keraslint.finding import Finding, Report, Severity
from keraslint.model import Fact, Origin, Span
from keraslint.report.remarks import remarks

INTERNAL_ERROR, NOT_CHECKED = "internal-error", "not-checked"
"""What takes the place of a rule's name where keraslint broke on a file, and where it could not judge something."""


# --- places ----------------------------------------------------------------------------------------------------------


def inside(path: str, root: str | None, paths: ModuleType = os.path) -> str | None:
    """The path from the root of the repository, with forward slashes; `None` for a file that lies elsewhere.

    `paths` is how the system writes paths: `posixpath` or `ntpath`.
    """
    if is_made_up(path) or root is None:
        return path.replace(paths.sep, "/")
    for place, top in ((paths.abspath, paths.abspath), (paths.realpath, paths.realpath)):
        try:
            found: str = paths.relpath(place(path), top(root))
        except (ValueError, OSError):  # another drive
            continue
        if found != paths.pardir and not found.startswith(paths.pardir + paths.sep):
            return found.replace(paths.sep, "/")
    return None


def relative(path: str, root: str | None) -> str:
    """The path from the root of the repository, or the path as it is for a file that lies elsewhere."""
    found = inside(path, root)
    return path.replace(os.path.sep, "/") if found is None else found


def is_made_up(path: str) -> bool:
    """Whether a path names no file: standard input, a model that is alive."""
    return path.startswith("<") and path.endswith(">")


# --- texts -----------------------------------------------------------------------------------------------------------

_UNWANTED = re.compile("[\0\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without what JSON can say and its readers stumble over: half characters, and the end of C's strings."""
    return _UNWANTED.sub("\N{REPLACEMENT CHARACTER}", text)


def told(finding: Finding, root: str | None) -> str:
    """All that a finding says, in one text of several lines."""
    places = (f"{place(fact.span, root)}: {words}" for fact in finding.because if (words := said(fact)))
    return "\n".join([finding.message, *dict.fromkeys(places), *(f"{word}: {text}" for word, text in remarks(finding))])


def said(fact: Fact[Any]) -> str:
    """What is said at the place of a fact, beside the finding itself."""
    words = ("measured" if fact.origin is Origin.MEASURED else "", fact.text)
    return ": ".join(word for word in words if word)


def place(span: Span, root: str | None) -> str:
    """`path:line:column`, of a notebook with the cell."""
    position = span.position
    cell = "" if position.cell is None else f" (cell {position.cell + 1}, line {position.cell_line})"
    return f"{relative(span.path, root)}:{position.line}:{position.column}{cell}"


# --- findings and gaps -----------------------------------------------------------------------------------------------


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, of these the surest; otherwise as they come."""
    return sorted(findings, key=lambda one: (-(one.severity or Severity.ERROR), -one.confidence))


class Gap(NamedTuple):
    """Something that was not checked; `trace` is there where keraslint itself broke."""

    path: str
    line: int
    reason: str
    trace: str = ""

    @property
    def kind(self) -> str:
        return INTERNAL_ERROR if self.trace else NOT_CHECKED


def gaps(report: Report) -> Iterator[Gap]:
    """All that was not checked, failures of keraslint first."""
    for path, trace in report.failures:
        lines = trace.strip().splitlines() or ["unknown"]
        yield Gap(path, 1, f"internal error: {lines[-1]}", trace or "unknown")
    yield from (Gap(gap.span.path, gap.span.line, gap.reason) for gap in report.not_checked)

"""The last lines of a report: how many findings, and what was looked at and what was not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from keraslint.finding import Finding, Report, Severity
from keraslint.report import Style
from keraslint.report.text import Words, count, visible

if TYPE_CHECKING:  # a name only: a run that meets no Keras reports without loading the model
    from keraslint.model import NotChecked

_SHOWN = 3
"""So many gaps are told with their reason; `--verbose` tells all."""


def summary(report: Report, style: Style) -> Iterator[Words]:
    """The lines at the end, as far as the style wants them."""
    if style.statistics:
        yield from statistics(report)
    if style.summary:
        if report.files:
            yield _findings(report)
            yield from _fixable(report)
        yield [(looked_at(report, style), "")]
        if style.verbose:
            yield from ([(f"  {_gap(gap)}", "dim")] for gap in report.not_checked)


def _findings(report: Report) -> Words:
    """`1 error, 2 warnings`, or `no findings`."""
    words: Words = []
    for severity in reversed(Severity):
        if number := report.count(severity):
            words += [(", ", "")] if words else []
            words.append((count(number, str(severity)), str(severity)))
    words = words or [("no findings", "strong")]
    if report.baselined:
        words.append((f" ({len(report.baselined)} more in the baseline)", ""))
    if report.stale:
        entries = "1 entry" if report.stale == 1 else f"{report.stale} entries"
        words.append((f", {entries} of the baseline not found any more", ""))
    return words


def _fixable(report: Report) -> Iterator[Words]:
    """What could be mended at once, and how, such as ``2 fixable with `--fix`, 1 more with `--unsafe-fixes` ``."""
    safe, unsafe = _fixes(report.findings)
    offers = [
        (f"{safe} fixable with `--fix`", safe),
        (f"{unsafe} {'more' if safe else 'fixable'} with `--unsafe-fixes`", unsafe),
    ]
    if said := [offer for offer, number in offers if number]:
        yield [(", ".join(said), "")]


def _fixes(findings: Iterable[Finding]) -> tuple[int, int]:
    """How many findings a safe change answers, and how many only one that changes what is trained."""
    best = [any(fix.safe for fix in finding.fixes) for finding in findings if finding.fixes]
    return sum(best), len(best) - sum(best)


def looked_at(report: Report, style: Style) -> str:
    """What was looked at, such as `12 files, 5 models: 3 probed, 1 read only, 1 not recovered (train.py:41: why)`."""
    if not report.files:
        return "no Python files"
    gaps = [_gap(gap) for gap in report.not_checked if not gap.measuring]
    unmeasured = [_gap(gap) for gap in report.not_checked if gap.measuring]
    models = len(report.models) + len(gaps)
    said = f"{count(report.files, 'file')}, {count(models, 'model') if models else 'no models'}"
    parts = []
    if report.probed:
        parts.append(f"{report.probed} probed")
    if read := len(report.models) - report.probed:
        probing = report.probed or unmeasured
        parts.append(f"{read} read only{_reasons(unmeasured, style)}" if probing else f"{read} read")
    if gaps:
        parts.append(f"{len(gaps)} not recovered{_reasons(gaps, style)}")
    if report.failures:
        paths = ", ".join(visible(path) for path, _ in report.failures[:_SHOWN])
        parts.append(f"keraslint failed on {count(len(report.failures), 'file')} ({paths})")
    return f"{said}: {', '.join(parts)}" if parts else said


def _reasons(gaps: list[str], style: Style) -> str:
    """The first reasons, in brackets; with `--verbose` they have lines of their own."""
    if style.verbose or not gaps:
        return ""
    more = [f"and {len(gaps) - _SHOWN} more"] if len(gaps) > _SHOWN else []
    return f" ({'; '.join([*gaps[:_SHOWN], *more])})"


def _gap(gap: NotChecked) -> str:
    return visible(f"{gap.span.path}:{gap.span.line}: {gap.reason}")


def statistics(report: Report) -> Iterator[Words]:
    """How often each rule spoke, the most frequent one first, and how much of that can be fixed."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    width = len(str(max(map(len, found.values()), default=0)))
    names = max(map(len, found), default=0)
    for rule, findings in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        safe, unsafe = _fixes(findings)
        offers = [*[f"{safe} fixable"][:safe], *[f"{unsafe} with `--unsafe-fixes`"][:unsafe]]
        severity = str(max(finding.severity for finding in findings if finding.severity is not None))
        yield [
            (f"{len(findings):>{width}}", "strong"),
            (f"  {rule:<{names}}  ", ""),
            (f"{severity:<7}", severity),
            (f"  {', '.join(offers)}" if offers else "", ""),
        ]

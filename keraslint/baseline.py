"""Findings that are known: a JSON file that belongs into the repository, with one line for each of them.

A finding in it is not told and fails no run. An entry that is not found any more is stale: it is reported, and
`keraslint baseline` takes it out. An entry is only judged where all that it rests on was looked at.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from keraslint.config import Configuration, RefusalError, shown
from keraslint.finding import Finding, Report
from keraslint.fingerprint import fingerprints
from keraslint.model import Origin, Unreadable
from keraslint.registry import available, select
from keraslint.writing import replace_file

SCHEMA_VERSION = 1

USUAL = "keraslint-baseline.json"
"""The name of the file where nobody says another one."""

_LONGEST = 100
"""So much of a line of code is written, for those who read the file."""


class BaselineError(RefusalError):
    """A baseline that cannot be read or written; the text names the file and the line."""


class Entry(NamedTuple):
    """A finding that is known. `files` are all that it rests on, by their addresses; the first is where it is told.

    `measured` tells that it is only found with `--probe`.
    """

    files: tuple[str, ...]
    rule: str
    fingerprint: str
    code: str = ""
    measured: bool = False


class Run(NamedTuple):
    """What a run has looked at: the paths of its files, and whether models were measured."""

    paths: Collection[str]
    probed: bool = False


class Kept(NamedTuple):
    """What became of one baseline file: how many entries it has, how many of them are new, and how many went."""

    file: str
    entries: int
    new: int
    gone: int


def without_known(report: Report, configuration: Configuration, run: Run) -> Report:
    """The report without the findings that the baselines of their projects know."""
    if not any(settings.baseline for settings in configuration.met()):
        return report
    told: list[Finding] = []
    known: list[Finding] = []
    current = entries_of(report)
    files = {path: configuration.at(path).baseline for path in {*run.paths, *report.addresses}}
    baselines = {file: load(file) for file in sorted({file for file in files.values() if file})}
    for finding, entry in zip(report.findings, current, strict=True):
        entries = baselines.get(files[finding.span.path] or "", {})
        (known if entry.fingerprint in entries else told).append(finding)
    stale, found = 0, {entry.fingerprint for entry in current}
    for file, entries in baselines.items():
        judge = _Judge(file, report, configuration, run)
        stale += sum(entry.fingerprint not in found and judge.judges(entry) for entry in entries.values())
    return replace(report, findings=tuple(told), baselined=tuple(known), stale=stale)


def keep(report: Report, configuration: Configuration, run: Run, *, prune: bool = False) -> Iterator[Kept]:
    """Write the findings of a report into the baselines of their projects; with `prune`, only take out what is gone.

    Entries on files that were not looked at stay as they are.
    """
    current: dict[str, dict[str, Entry]] = {}
    for path in run.paths:
        current.setdefault(file_for(path, configuration), {})
    for finding, entry in zip(report.findings, entries_of(report), strict=True):
        current.setdefault(file_for(finding.span.path, configuration), {})[entry.fingerprint] = entry
    for file, found in sorted(current.items()):
        before = load(file) if os.path.exists(file) else {}
        judge = _Judge(file, report, configuration, run)
        after = {key: one for key, one in before.items() if key in found or not judge.judges(one)}
        gone = len(before) - len(after)
        if not prune:
            after = {**found, **after}
        if after != before or not os.path.exists(file):
            write(file, after.values())
        yield Kept(shown(file), len(after), len(after.keys() - before.keys()), gone)


def file_for(path: str, configuration: Configuration) -> str:
    """The baseline file of the project that a file belongs to."""
    home = configuration.home(path) or os.getcwd()
    return configuration.at(path).baseline or os.path.join(home, USUAL)


def entries_of(report: Report) -> list[Entry]:
    """Every finding of a report as an entry."""

    def address(path: str) -> str:
        return report.addresses.get(path, path)

    def code(finding: Finding) -> str:
        lines = re.split(r"\r\n?|\n", report.texts.get(finding.span.path, ""))
        line = finding.span.line
        text = lines[line - 1].strip() if line <= len(lines) else ""
        if finding.span.position.cell is not None:  # a line of JSON with one of the cell in it
            with suppress(ValueError):
                text = str(json.loads(text.removesuffix(","))).strip()
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

    return [
        Entry(
            tuple(dict.fromkeys(address(fact.span.path) for fact in finding.because)),
            finding.rule,
            fingerprint,
            code(finding),
            any(fact.origin is Origin.MEASURED for fact in finding.because),
        )
        for finding, fingerprint in zip(report.findings, fingerprints(report), strict=True)
    ]


class _Judge:
    """Whether a run would have found what an entry of a baseline file says, were it still there."""

    def __init__(self, file: str, report: Report, configuration: Configuration, run: Run) -> None:
        self._run = run
        self._configuration = configuration
        unread = {finding.span.path for finding in report.findings if _says_unread(finding, configuration)}
        unread |= {path for path, _ in report.failures}
        concerned = [path for path in run.paths if file_for(path, configuration) == file]
        self._paths = {configuration.address(path): path for path in concerned if path not in unread}
        self._homes = {configuration.home(path) or os.getcwd() for path in concerned}

    def judges(self, entry: Entry) -> bool:
        """Whether it is gone if it was not found."""
        if all(not os.path.exists(os.path.join(home, entry.files[0])) for home in self._homes):
            return bool(self._homes)
        if not all(file in self._paths for file in entry.files) or entry.measured > self._run.probed:
            return False
        return entry.rule in _running(self._paths[entry.files[0]], self._configuration)


def _running(path: str, configuration: Configuration) -> frozenset[str]:
    settings = configuration.at(path)
    return frozenset(rule.name for rule in select(available(settings), settings))


def _says_unread(finding: Finding, configuration: Configuration) -> bool:
    rules = available(configuration.at(finding.span.path))
    return any(rule.about is Unreadable for rule in rules if rule.name == finding.rule)


# --- the file --------------------------------------------------------------------------------------------------------


def load(file: str) -> dict[str, Entry]:
    """The entries of a file by their fingerprints. Raises `BaselineError` for what is missing or no baseline."""
    name = shown(file)
    try:
        with open(file, encoding="utf-8-sig") as opened:
            text = opened.read()
    except FileNotFoundError as error:
        raise BaselineError(f"there is no baseline `{name}`; `keraslint baseline` writes one") from error
    except OSError as error:
        raise BaselineError(f"`{name}` cannot be read: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise BaselineError(f"{name}: not a baseline: the text is not UTF-8") from error
    if marker := re.search(r"^(<<<<<<<|=======|>>>>>>>)", text, re.M):
        line = text.count("\n", 0, marker.start()) + 1
        raise BaselineError(f"{name}:{line}: a merge has left its marks here; keep the lines of both sides")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BaselineError(f"{name}:{error.lineno}: not a baseline: {error.msg.lower()}") from error
    except RecursionError as error:
        raise BaselineError(f"{name}: not a baseline: nested too deep") from error
    return {entry.fingerprint: entry for entry in _entries(name, document)}


def _entries(name: str, document: Any) -> Iterator[Entry]:
    """The entries in what a file says, or the refusal of a file that says something else."""
    version = document.get("schema_version") if isinstance(document, dict) else None
    if not isinstance(version, int) or not isinstance(document.get("findings"), list):
        raise BaselineError(f"{name}: not a baseline: it has no `schema_version` and `findings`")
    if version != SCHEMA_VERSION:
        raise BaselineError(
            f"{name}: another version of keraslint has written this (`schema_version` is {version}, known is "
            f"{SCHEMA_VERSION}); remove it and write it anew with `keraslint baseline`"
        )
    for number, one in enumerate(document["findings"], 1):
        entry = _entry(one) if isinstance(one, dict) else None
        if entry is None:
            raise BaselineError(f"{name}: not a baseline: finding {number} has no `path`, `rule` and `fingerprint`")
        yield entry


def _entry(said: dict[str, Any]) -> Entry | None:
    path, rule, fingerprint = said.get("path"), said.get("rule"), said.get("fingerprint")
    others, written = said.get("others", []), said.get("code", "")
    texts = [path, rule, fingerprint, written, *(others if isinstance(others, list) else [None])]
    if not all(isinstance(text, str) for text in texts):
        return None
    return Entry((str(path), *others), str(rule), str(fingerprint), str(written), said.get("measured") is True)


def text_of(entries: Iterable[Entry]) -> str:
    """What a file with these entries says: each on a line of its own, in an order that no run changes."""
    ordered = sorted(entries, key=lambda entry: (entry.files[0], entry.rule, entry.fingerprint))
    lines = ",\n".join(f"    {json.dumps(_object(entry), ensure_ascii=False)}" for entry in ordered)
    listed = f"[\n{lines}\n  ]" if lines else "[]"
    return f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "findings": {listed}\n}}\n'


def _object(entry: Entry) -> dict[str, object]:
    path, *others = entry.files
    return {
        "path": path,
        "rule": entry.rule,
        "code": entry.code,
        "fingerprint": entry.fingerprint,
        **({"others": others} if others else {}),
        **({"measured": True} if entry.measured else {}),
    }


def write(file: str, entries: Iterable[Entry]) -> None:
    """Put the entries into a file, all of them or nothing."""
    try:
        replace_file(file, text_of(entries).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise BaselineError(f"`{shown(file)}` cannot be written: {(error.strerror or str(error)).lower()}") from error

"""Where reports go: which files can take them, the summary of a build, and what a build says of its repository.

What a report says is not known here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from keraslint.config import SEVERITIES, Configuration
from keraslint.report import WITH_ALL_RULES, Run, Style

if TYPE_CHECKING:
    from typing import Any

    from keraslint.finding import Finding, Report
    from keraslint.rule import Rule


# --- files -----------------------------------------------------------------------------------------------------------


def obstacle(file: str) -> str:
    """Why no report can be written to a file, as far as that can be seen beforehand; empty if nothing is seen."""
    folder = os.path.dirname(os.path.abspath(file))
    if not file:
        return "no file is named"
    if not os.path.isdir(folder):
        return f"the folder of `{file}` does not exist"
    if os.path.isdir(file) or file.endswith(("/", os.path.sep)):
        return f"`{file}` cannot be written: it is a folder"
    if not os.access(file if os.path.exists(file) else folder, os.W_OK):
        return f"`{file}` cannot be written: permission denied"
    return ""


def twice(files: Iterable[str]) -> str | None:
    """The first file that is named a second time, however it is spelt."""
    seen: set[str] = set()
    for file in files:
        known = os.path.normcase(os.path.realpath(file))
        if known in seen and (os.path.isfile(file) or not os.path.exists(file)):
            return file
        seen.add(known)
    return None


# --- the run, for formats that other programs read -------------------------------------------------------------------


def run_of(configuration: Configuration, *, probing: bool) -> Run:
    """What formats want to know of a run besides its report."""
    return Run(root(os.getcwd(), os.environ), address(os.environ), probing, fails(configuration))


def root(folder: str, environment: Mapping[str, str]) -> str:
    """The top folder of the repository that a folder belongs to: where git says so, else where the build says so."""
    above = folder
    while True:
        if os.path.exists(os.path.join(above, ".git")):
            return above
        above, below = os.path.dirname(above), above
        if above == below:
            break
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY"):
        top = environment.get(name)
        if top and os.path.realpath(folder).startswith(os.path.join(os.path.realpath(top), "")):
            return os.path.abspath(top)
    return folder


def address(environment: Mapping[str, str]) -> str:
    """Where the files of this commit can be looked at, if a build says so."""
    for template in (
        "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/blob/{GITHUB_SHA}",
        "{CI_PROJECT_URL}/-/blob/{CI_COMMIT_SHA}",
    ):
        with suppress(KeyError):
            return template.format_map(environment)
    return ""


def fails(configuration: Configuration) -> Callable[[Finding], bool]:
    """Tells whether a finding fails the run, as the configuration of its file says."""

    def failing(finding: Finding) -> bool:
        threshold = configuration.at(finding.span.path).fail_on
        return SEVERITIES.index(str(finding.severity)) >= SEVERITIES.index(threshold)

    return failing


def tells_all_rules(form: str) -> bool:
    """Whether a format tells of every rule that ran."""
    return form in WITH_ALL_RULES


def with_others(rules: Iterable[Rule[Any]], configuration: Configuration) -> tuple[Rule[Any], ...]:
    """These rules and all others that run here, by name."""
    from keraslint.registry import available, select

    settings = configuration.inside(os.getcwd())
    found = {rule.name: rule for rule in (*select(available(settings), settings), *rules)}
    return tuple(found[name] for name in sorted(found))


# --- the summary of a step of GitHub Actions -------------------------------------------------------------------------

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"

SUMMARY_SIZE = 1024 * 1024
"""Bytes: of a longer summary GitHub shows nothing at all."""


def summarise(report: Report, style: Style, environment: Mapping[str, str]) -> str:
    """Append the report to the summary of the step, if there is one. Returns what went wrong."""
    file = environment.get(SUMMARY_VARIABLE)
    if not file:
        return ""
    from keraslint.report.markdown import fitting

    try:
        with open(file, "ab") as summary:
            taken = summary.seek(0, os.SEEK_END)
            text = fitting(report, style, SUMMARY_SIZE - taken - 1)
            data = text.encode("utf-8", "backslashreplace")
            if taken + len(data) >= SUMMARY_SIZE:
                return f"the summary of this step is full, so nothing was added to it (`{SUMMARY_VARIABLE}`)"
            summary.write(b"\n" * bool(taken) + data)
    except OSError as error:
        return f"`{file}` cannot be written (`{SUMMARY_VARIABLE}`): {(error.strerror or str(error)).lower()}"
    return ""

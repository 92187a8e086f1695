"""How to test models, and how to test rules.

    from keraslint.testing import assert_clean

    def test_model() -> None:
        assert_clean(build_model())

Rules are tested with programs that have their findings written beside them, and with pages whose blocks are true. A
program says with a comment where a finding begins: `# expect: rule-name`. Several rules are separated by commas; a
severity may follow the name: `# expect: rule-name (warning)`. What keraslint says about a program, with all rules that
are selected where it lies, must be what its comments say, no more and no less. What only `--probe` finds is asked for
by `# measured: rule-name`; without a probe such a comment is none.

Every function gives a list of complaints, so a test is one line in any framework:

    @pytest.mark.parametrize("program", programs("fixtures"), ids=str)
    def test_program(program: Path) -> None:
        assert complaints(program) == []
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from keraslint.config import SEVERITIES, Configuration, Overrides, RefusalError, nearest
from keraslint.discover import SAVED, SUFFIXES
from keraslint.finding import Finding, Report, Severity
from keraslint.fix import apply
from keraslint.lint import check, given, lint, read, run
from keraslint.model import Confidence
from keraslint.registry import available, named
from keraslint.rule import Rule

__all__ = [
    "assert_clean",
    "complaints",
    "expected",
    "found",
    "page_complaints",
    "programs",
    "report",
    "rule",
    "useless_fixes",
]

EXPECTED = re.compile(r"# (expect|measured): ([\w-]+(?: \(\w+\))?(?:, [\w-]+(?: \(\w+\))?)*)")
NAME = re.compile(r"([\w-]+)(?: \((\w+)\))?")


def assert_clean(
    subject: object,
    x: object = None,
    y: object = None,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    fail_on: str = "warning",
) -> Report:
    """Fail when there are findings: an `AssertionError` says all of them. Without any, the report is handed back.

    The subject is a model of Keras, with a batch of its data as `x` and `y` if there is one; the text of a program; or
    a path, as a `Path` or a text, of a program, a notebook or a folder, which is read under its own configuration.
    `fail_on` is the mildest severity that fails: `"note"`, `"warning"` or `"error"`. Raises `RefusalError` for a path
    that does not exist and a rule that nobody knows, `TypeError` for what is no subject.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    if fail_on not in SEVERITIES:
        raise RefusalError(f"`fail_on`: there is no severity `{fail_on}`{nearest(fail_on, SEVERITIES)}")
    path = _path(subject)
    if (path is not None or isinstance(subject, str)) and (x is not None or y is not None):
        raise TypeError("data belong to a model, not to a text or a path")
    if path is None:
        report = check(subject, x, y, select=select, ignore=ignore)
    elif path.endswith(SAVED):
        raise TypeError(f"`{path}` is a saved model: load it and give the model")
    else:
        report = lint(path, select=select, ignore=ignore)
        if not report.files:
            raise AssertionError(f"`{path}`: no Python files")
    for failed, trace in report.failures:
        raise AssertionError(f"{failed}: keraslint itself failed\n{trace}")
    if any(report.count(severity) for severity in Severity if severity >= Severity[fail_on.upper()]):
        raise AssertionError(f"keraslint has findings\n\n{report}")
    return report


def _path(subject: object) -> str | None:
    """The subject as a path, if it is one. A text is one when it could be no program, or when such a file is there."""
    if isinstance(subject, os.PathLike):
        return os.fsdecode(subject)
    if not isinstance(subject, str) or "\n" in subject:
        return None
    named = subject.endswith(SUFFIXES + SAVED) or not re.search(r"[\s(=;]", subject)
    return subject if named or os.path.exists(subject) else None


def programs(folder: str | Path) -> list[Path]:
    """The programs and notebooks below a folder, but for those in `fixed/`, which show what a fix must give."""
    below = sorted(path for path in Path(folder).rglob("*") if path.suffix in (".py", ".ipynb"))
    return [path for path in below if "fixed" not in path.relative_to(folder).parts]


def expected(program: Path, *, probed: bool = False) -> dict[tuple[int, str], str]:
    """The findings that the comments of a program ask for, by line and rule; the severity where it is stated, else
    nothing. Those that only a probe finds are among them when the program is probed.

    A notebook is read as it lies on the disk, where every line of a cell is a line of the file.
    """
    text = program.read_text(encoding="utf-8", errors="replace")
    asked = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for word, comment in EXPECTED.findall(line):
            for name, severity in NAME.findall(comment) if probed or word == "expect" else ():
                asked[number, name] = severity
    return asked


@cache
def report(program: Path) -> Report:
    """What keraslint says about a program, under the configuration that holds where it lies."""
    return lint(str(program))


def found(program: Path) -> dict[tuple[int, str], str]:
    """The findings in a program, by line and rule, with their severity."""
    return {(finding.span.line, finding.rule): str(finding.severity) for finding in report(program).findings}


def complaints(program: Path) -> list[str]:
    """Every difference between what a program asks for and what it gets, at its line."""
    asked, got = expected(program), found(program)
    wrong = [trace for _, trace in report(program).failures]
    for line, name in sorted(asked.keys() | got.keys()):
        severity, real = asked.get((line, name)), got.get((line, name))
        if real is None:
            wrong.append(f"{program}:{line}: {name} was expected")
        elif severity is None:
            wrong.append(f"{program}:{line}: {name} ({real}) was not expected")
        elif severity not in ("", real):
            wrong.append(f"{program}:{line}: {name} is of severity {real}, not {severity}")
    return wrong


def useless_fixes(program: Path) -> list[str]:
    """The fixes that leave their finding standing, or break the program."""
    wrong = []
    for finding in report(program).findings:
        for fix in finding.fixes:
            text = apply(report(program).texts[finding.span.path], fix.edits)
            if not _mends(program, finding, text):
                wrong.append(f"{program}:{finding.span.line}: {finding.rule}: {fix.title}")
    return wrong


def _mends(program: Path, finding: Finding, text: str) -> bool:
    left = [one.rule for one in run([given(str(program), text.encode())], Configuration()).findings]
    before = [one.rule for one in report(program).findings]
    return "unreadable-file" not in left and left.count(finding.rule) < before.count(finding.rule)


def rule(name: str, folder: str | Path = ".") -> Rule[Any]:
    """The rule of this name, as a project sees it whose folder this is. Raises `RefusalError` when there is none."""
    return named(name, available(Configuration().inside(os.path.abspath(folder))))


def page_complaints(rule: Rule[Any]) -> list[str]:
    """What is not true on the page of a rule, or missing: every block under Bad must give the finding and no other,
    every block under Good none."""
    page = rule.page
    parts = {"a title": page.title, "what happens": page.text, "Bad": page.bad, "Good": page.good}
    parts |= {"When it is fine": page.fine, "References": page.references}
    wrong = [f"{rule.name}: the page lacks {part}" for part, text in parts.items() if not text]
    for heading, blocks, wanted in (("Bad", page.bad, {rule.name}), ("Good", page.good, set())):
        for number, block in enumerate(blocks, start=1):
            said = {finding.rule for finding in _said(rule, block)}
            if said != wanted:
                wrong.append(
                    f"{rule.name}: block {number} under {heading} gives {', '.join(sorted(said)) or 'nothing'}"
                )
    return wrong


def _said(rule: Rule[Any], block: str) -> Iterator[Finding]:
    """The findings in a block: those of the rule itself, which may be a project's own, and those of the others."""
    yield from check(block).findings
    program, _ = read(given("program.py", block.encode()), Configuration(Overrides(isolated=True)))
    yield from (finding for finding in rule.findings(program) if finding.confidence > Confidence.LOW)

"""Every fixture is a program with its findings written beside it: `# expect: rule-name` where a finding begins.

What keraslint says about a file with all rules must be what the comments say, no more and no less. A near miss is a
right program that looks like a wrong one and expects nothing. Several rules are separated by commas; a severity may
follow the name: `# expect: rule-name (warning)`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from keraslint import Finding, Report, check, lint
from keraslint.fix import apply
from keraslint.registry import installed

FIXTURES = Path(__file__).parents[1] / "fixtures"
GENERAL = ("field", "seeds")
"""Folders that belong to no single rule."""
RULES = {rule.name: rule for rule in installed()}
EXPECTED = re.compile(r"# expect: ([\w-]+(?: \(\w+\))?(?:, [\w-]+(?: \(\w+\))?)*)")
NAME = re.compile(r"([\w-]+)(?: \((\w+)\))?")
ENOUGH = 4


def programs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".ipynb") and "fixed" not in path.parts)


PROGRAMS = [path for folder in sorted(FIXTURES.iterdir()) for path in programs(folder)]


def name_of(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()


def expected(path: Path) -> dict[tuple[int, str], str]:
    """The findings that the comments ask for, by line and rule; the severity where it is stated, else nothing.

    A notebook is read as it lies on the disk, where every line of a cell is a line of the file.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    asked = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for comment in EXPECTED.findall(line):
            for name, severity in NAME.findall(comment):
                asked[number, name] = severity
    return asked


@cache
def report(path: Path) -> Report:
    return lint(str(path))


def found(path: Path) -> dict[tuple[int, str], str]:
    return {(finding.span.line, finding.rule): str(finding.severity) for finding in report(path).findings}


@pytest.mark.parametrize("path", PROGRAMS, ids=name_of)
def test_a_program_gets_the_findings_that_it_asks_for(path: Path) -> None:
    asked, got = expected(path), found(path)
    assert not report(path).failures, report(path).failures[0][1]
    assert sorted(got) == sorted(asked)
    assert {place: got[place] for place, severity in asked.items() if severity} == {
        place: severity for place, severity in asked.items() if severity
    }


def folder_of(rule: str) -> Path:
    return FIXTURES / rule.replace("-", "_")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_tried_on_enough_programs(rule: str) -> None:
    wrong = [path for path in programs(folder_of(rule)) if any(name == rule for _, name in expected(path))]
    right = [path for path in programs(folder_of(rule)) if not expected(path)]
    assert len(wrong) >= ENOUGH, f"{len(wrong)} programs with findings"
    assert len(right) >= ENOUGH, f"{len(right)} near misses"
    assert all(path.name.startswith("near_miss_") for path in right), "a right program is called near_miss_*"


def test_every_comment_names_a_rule() -> None:
    unknown = {name_of(path): name for path in PROGRAMS for _, name in expected(path) if name not in RULES}
    assert unknown == {}


def test_no_comment_is_overlooked() -> None:
    mentioned = {path for path in PROGRAMS if b"# expect" in path.read_bytes()}
    assert mentioned == {path for path in PROGRAMS if expected(path)}


def test_every_folder_belongs_to_a_rule() -> None:
    folders = {path.name for path in FIXTURES.iterdir() if path.is_dir() and path.name not in GENERAL}
    assert folders == {folder_of(rule).name for rule in RULES}


def test_right_programs_of_the_field_expect_nothing() -> None:
    assert [name_of(path) for path in programs(FIXTURES / "field") if expected(path)] == []


@pytest.mark.parametrize("rule", RULES)
def test_messages_are_in_the_house_style(rule: str) -> None:
    """Lower case, no full stop at the end, no first person; a code name may begin with a capital letter."""
    for path in programs(folder_of(rule)):
        for finding in report(path).findings:
            for text in (finding.message, *finding.notes, finding.help):
                assert not text.endswith("."), text
                assert not re.search(r"\b(I|we|our|us)\b", text), text
            assert finding.message[:1] in "`0123456789" or finding.message[:1].islower(), finding.message
            assert finding.help, finding.message
            for fix in finding.fixes:
                assert fix.title[:1].isupper(), fix.title
                assert fix.edits, fix.title


def useless(path: Path, finding: Finding) -> list[str]:
    """The titles of those fixes of a finding that leave it standing, or break the program."""
    failed = []
    for fix in finding.fixes:
        text = apply(report(path).texts[finding.span.path], fix.edits)
        names = [left.rule for left in check(text, path.name).findings]
        before = [one.rule for one in report(path).findings]
        if "unreadable-file" in names or names.count(finding.rule) >= before.count(finding.rule):
            failed.append(fix.title)
    return failed


@pytest.mark.parametrize("rule", RULES)
def test_a_fix_mends_what_it_answers(rule: str) -> None:
    for path in programs(folder_of(rule)):
        for finding in report(path).findings:
            assert useless(path, finding) == [], f"{name_of(path)}:{finding.span.line}"

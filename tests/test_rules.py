"""Every fixture is a program with its findings written beside it: `# expect: rule-name` where a finding begins.

`keraslint.testing` reads the comments and compares. A near miss is a right program that looks like a wrong one and
expects nothing.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keraslint.registry import installed
from keraslint.testing import complaints, expected, programs, report, useless_fixes

FIXTURES = Path(__file__).parents[1] / "fixtures"
GENERAL = ("field", "seeds")
"""Folders that belong to no single rule."""
ANSWERS_ONLY = ("devices-disagree",)
"""Rules that no program shows everywhere: they need two devices. `test_measured_rules` gives them answers."""
RULES = {rule.name: rule for rule in installed()}
ENOUGH = 4


PROGRAMS = [path for folder in sorted(FIXTURES.iterdir()) for path in programs(folder)]


def name_of(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()


@pytest.mark.parametrize("path", PROGRAMS, ids=name_of)
def test_a_program_gets_the_findings_that_it_asks_for(path: Path) -> None:
    assert complaints(path) == []


def folder_of(rule: str) -> Path:
    return FIXTURES / rule.replace("-", "_")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_tried_on_enough_programs(rule: str) -> None:
    if rule in ANSWERS_ONLY:
        pytest.skip("needs two devices")
    found = {path: expected(path, probed=True) for path in programs(folder_of(rule))}
    wrong = [path for path, asked in found.items() if any(name == rule for _, name in asked)]
    right = [path for path, asked in found.items() if not asked]
    assert len(wrong) >= ENOUGH, f"{len(wrong)} programs with findings"
    assert len(right) >= ENOUGH, f"{len(right)} near misses"
    assert all(path.name.startswith("near_miss_") for path in right), "a right program is called near_miss_*"


def test_every_comment_names_a_rule() -> None:
    unknown = {name_of(path): name for path in PROGRAMS for _, name in expected(path, probed=True) if name not in RULES}
    assert unknown == {}


def test_no_comment_is_overlooked() -> None:
    texts = {path: path.read_bytes() for path in PROGRAMS}
    mentioned = {path for path, text in texts.items() if b"# expect" in text or b"# measured" in text}
    assert mentioned == {path for path in PROGRAMS if expected(path, probed=True)}


def test_every_folder_belongs_to_a_rule() -> None:
    folders = {path.name for path in FIXTURES.iterdir() if path.is_dir() and path.name not in GENERAL}
    assert folders == {folder_of(rule).name for rule in RULES if rule not in ANSWERS_ONLY}


def test_right_programs_of_the_field_expect_nothing() -> None:
    assert [name_of(path) for path in programs(FIXTURES / "field") if expected(path, probed=True)] == []


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


@pytest.mark.parametrize("rule", RULES)
def test_a_fix_mends_what_it_answers(rule: str) -> None:
    assert [title for path in programs(folder_of(rule)) for title in useless_fixes(path)] == []

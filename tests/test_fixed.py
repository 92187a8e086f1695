"""What `--fix` makes of every fixture is what lies in `fixtures/RULE/fixed/`, and it is better than what was there."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from keraslint.config import Configuration, Overrides
from keraslint.discover import given
from keraslint.finding import Report
from keraslint.lint import run
from keraslint.rewrite import changes
from tests import fixed

ALONE = Configuration(Overrides(isolated=True))
PRESENT = sorted(fixed.present())


def name_of(path: Path) -> str:
    return path.relative_to(fixed.FIXTURES).as_posix()


def source_of(path: Path) -> Path:
    """The fixture that a fixed file was made from."""
    return path.parents[1 + (path.parent.name == "unsafe")] / path.name


@cache
def rules(data: bytes, path: Path) -> Counter[str]:
    report: Report = run([given(path.as_posix(), data)], ALONE)
    assert not report.failures
    return Counter(finding.rule for finding in report.findings)


def test_fixes_make_what_lies_there() -> None:
    expected = fixed.expected()
    assert sorted(map(name_of, expected)) == [name_of(path) for path in PRESENT], "python -m tests.fixed --write"
    wrong = [name_of(place) for place, data in expected.items() if place.read_bytes() != data]
    assert wrong == [], "python -m tests.fixed --write"


@pytest.mark.parametrize("path", PRESENT, ids=name_of)
def test_a_fixed_program_has_fewer_findings_and_no_new_one(path: Path) -> None:
    source = source_of(path)
    before, after = rules(fixed.plain(source), source), rules(path.read_bytes(), source)
    assert after < before


@pytest.mark.parametrize("path", PRESENT, ids=name_of)
def test_fixing_twice_is_fixing_once(path: Path) -> None:
    file = given(source_of(path).as_posix(), path.read_bytes())
    unsafe = path.parent.name == "unsafe"
    assert [one.fixes for one in changes([file], ALONE, unsafe=unsafe) if one.fixes] == []

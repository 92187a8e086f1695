"""The page of a rule is true: what stands under Bad gives the finding, what stands under Good gives none."""

from __future__ import annotations

import pytest

from keraslint import Rule, check
from keraslint.registry import installed
from keraslint.rule import SECTIONS
from tests.index import outdated

RULES = installed()
READ = [rule for rule in RULES if not rule.measured]
"""Rules whose Bad blocks need no probe; those of the others are probed by `test_probe_rules`."""
BAD = [pytest.param(rule, block, id=f"{rule.name}-{n}") for rule in READ for n, block in enumerate(rule.page.bad)]
GOOD = [pytest.param(rule, block, id=f"{rule.name}-{n}") for rule in RULES for n, block in enumerate(rule.page.good)]


def said(block: str) -> list[str]:
    report = check(block)
    assert not report.failures, report.failures[0][1]
    return [finding.rule for finding in report.findings]


@pytest.mark.parametrize(("rule", "block"), BAD)
def test_a_bad_block_gives_the_finding_and_no_other(rule: Rule[object], block: str) -> None:
    assert set(said(block)) == {rule.name}


@pytest.mark.parametrize(("rule", "block"), GOOD)
def test_a_good_block_gives_none(rule: Rule[object], block: str) -> None:
    assert said(block) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_page_has_all_its_parts(rule: Rule[object]) -> None:
    page = rule.page
    assert page.title.endswith(".")
    assert len(page.title) <= 110
    assert page.text, "what happens"
    assert page.bad
    assert page.good
    assert page.fine
    assert page.references.startswith("https://")
    assert not any(f"{section}:" in page.text for section in SECTIONS), "a heading that was not recognised"


def test_the_tables_of_rules_are_up_to_date() -> None:
    assert outdated() == [], "run `python -m tests.index --write`"

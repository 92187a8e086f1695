"""The table of what other tools check: it is complete, and every name of ours in it is a rule or marked."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from keraslint.registry import installed

COUNTS = {"NeuraLint": 27, "UMLAUT": 12, "DL Contract": 15}
RULES = {rule.name for rule in installed()}


def rows(root: Path) -> list[list[str]]:
    text = (root / "rules" / "README.md").read_text(encoding="utf-8")
    table = text.split("<!-- others:start -->\n")[1].split("<!-- others:end -->")[0]
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()[2:]]


def names(cell: str) -> list[tuple[str, bool]]:
    """The names of rules in a cell, and whether they are marked as planned."""
    found = re.findall(r"`([a-z][a-z0-9]*(?:-[a-z0-9]+)+)`( \(planned\))?", cell)
    return [(name, bool(planned)) for name, planned in found]


def test_every_check_of_theirs_is_there_once(root: Path) -> None:
    theirs = [row[0] for row in rows(root)]
    assert len(set(theirs)) == len(theirs)
    assert Counter(re.sub(r" \S+$", "", one) for one in theirs) == COUNTS
    assert [one for one in theirs if one.startswith("NeuraLint")] == [f"NeuraLint f{n:03}" for n in range(1, 28)]
    assert [one for one in theirs if one.startswith("DL")] == [f"DL Contract {n}" for n in range(1, 16)]


def test_every_row_names_a_rule_or_says_why_not(root: Path) -> None:
    for theirs, asked, ours in rows(root):
        assert asked, theirs
        assert ours.startswith("none: ") or (ours.startswith("`") and names(ours)), theirs
        assert not ours.endswith("none:"), theirs


def test_every_name_is_a_rule_or_marked(root: Path) -> None:
    unknown = [name for row in rows(root) for name, planned in names(row[2]) if not planned and name not in RULES]
    assert unknown == []


@pytest.mark.parametrize("cell", ["`softmax-over-nothing`", "none: see `softmax-over-nothing`"])
def test_a_name_that_is_none_would_be_seen(cell: str) -> None:
    assert names(cell) == [("softmax-over-nothing", False)]
    assert names(f"{cell} (planned)") == [("softmax-over-nothing", True)]

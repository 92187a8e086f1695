"""The benchmark runs, and its figures are what they are said to be. No time is tested."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import keraslint
from tests.bench import corpora, growth, rows
from tests.bench.clock import Took, in_turn, parsing


def bench(*arguments: str, root: Path) -> str:
    command = [sys.executable, "-m", "tests.bench", "--small", "--rounds", "1", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


def test_a_table_is_printed(root: Path) -> None:
    head, rule, *lines = bench("--only", "start", "--only", "room", root=root).splitlines()
    assert (head, rule) == ("| case | beside | measured | to reach |", "|---|---|---|---|")
    assert len(lines) == 5
    for line in lines:
        assert re.fullmatch(r"\|[^|]+\|[^|]*\| \d+(\.\d+)?( MB|x) \| \d+(\.\d+)?( MB|x)? \|", line), line


def test_a_folder_is_measured(root: Path, tmp_path: Path) -> None:
    corpora.write_scripts(tmp_path / "mine", 1)
    table = bench("--only", "reading", str(tmp_path / "mine"), root=root)
    assert "| mine | `libcst.parse_module` |" in table


def test_the_programs_are_read_and_have_their_slips() -> None:
    report = keraslint.check(corpora.models(40))
    assert (len(report.models), report.not_checked) == (40, ())
    assert {finding.rule for finding in report.findings} == {"sigmoid-for-exclusive-classes"}
    assert len(report.findings) == 2


@pytest.mark.parametrize("make", [corpora.of_lines, corpora.of_depth, corpora.of_branches, corpora.models])
@pytest.mark.parametrize("size", [1, 20])
def test_programs_of_any_size_have_a_model(make: growth.Maker, size: int) -> None:
    text = make(size)
    ast.parse(text)
    assert keraslint.check(text).models


def test_a_repository_has_as_many_files_as_asked_for(tmp_path: Path) -> None:
    files = list(corpora.write_repository(tmp_path, 40, 2).rglob("*.py"))
    assert len(files) == 40
    assert sum("keras" in file.read_text(encoding="utf-8") for file in files) == 2


@pytest.mark.parametrize(("power", "exponent"), [(1, 1.0), (2, 2.0)])
def test_the_exponent_of_a_curve(power: int, exponent: float) -> None:
    points = tuple((size, 0.1 * size**power) for size in (1, 2, 4, 8))
    assert growth.Curve("files", ((0, 0.0), *points)).exponent == pytest.approx(exponent)


def test_what_parsing_takes_is_timed_by_itself(tmp_path: Path) -> None:
    corpora.write_scripts(tmp_path / "scripts", 1)
    took = in_turn({"parse": parsing(str(tmp_path / "scripts")), "start": (sys.executable, "-c", "import libcst")}, 1)
    assert 0 < took["parse"].seconds < took["start"].seconds
    assert took["parse"].peak > rows.MEGABYTE
    assert isinstance(took["parse"], Took)

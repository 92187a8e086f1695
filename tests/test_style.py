"""Formatting and types, as tests: one command proves everything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = {
    "lint": ("ruff", "check", "--no-fix"),
    "format": ("ruff", "format", "--check", "--diff"),
    "types": ("mypy",),  # what it looks at, and how strictly, stands in pyproject.toml
}


def run(tool: str, root: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *TOOLS[tool], *more]
    return subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tree_is_in_style(tool: str, root: Path) -> None:
    done = run(tool, root)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("tool", "slip"),
    [
        ("lint", '"""A module."""\n\nimport os\n'),
        ("format", "x = {  'a':1 }\n"),
        ("types", "def f(x: int) -> str:\n    return x\n"),
    ],
)
def test_a_slip_would_be_seen(tool: str, slip: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / "slip.py").write_text(slip, encoding="utf-8")
    settings = ("--config-file", str(root / "pyproject.toml"), str(tmp_path / "slip.py"))
    if tool != "types":
        settings = ("--config", *settings[1:])
    assert run(tool, root, *settings).returncode == 1

"""`--fix`: files are changed as the findings offer, and in nothing else."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from keraslint import rewrite
from keraslint.cli import cli
from keraslint.config import Configuration
from keraslint.discover import look

PROGRAM = """import keras  # the only one

model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
model.compile(
    "adam",
    keras.losses.CategoricalCrossentropy(
        from_logits=True,  # as in the guide
        label_smoothing=0.1,
    ),
)
"""


def check(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["check", "--isolated", "--output-format", "concise", *options, str(folder)])


def test_safe_fixes_are_made_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_bytes(("\ufeff" + PROGRAM.replace("\n", "\r\n")).encode("utf-8"))
    path.chmod(0o640)

    assert check(tmp_path).exit_code == 1
    done = check(tmp_path, "--fix")

    assert done.exit_code == 0, done.output
    expected = PROGRAM.replace("        from_logits=True,  # as in the guide\n", "        # as in the guide\n")
    found = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    assert "from_logits" not in found
    assert "# as in the guide" in found
    assert [line.strip() for line in found.splitlines()] == [line.strip() for line in expected.splitlines()]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["train.py"]


def test_unsafe_fixes_are_only_made_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    text = 'import keras\nm = keras.Sequential([keras.layers.Dense(3)])\nm.compile("adam", "poisson")\n'
    path.write_text(text, encoding="utf-8")

    check(tmp_path, "--fix")
    assert path.read_text(encoding="utf-8") == text
    check(tmp_path, "--unsafe-fixes")
    assert path.read_text(encoding="utf-8") == text.replace("Dense(3)", 'Dense(3, activation="softplus")')


def test_a_notebook_keeps_what_is_not_code(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {"a": [1, 2]}, "source": ["# Title\n"]},
        {
            "cell_type": "code",
            "execution_count": 3,
            "id": "abc",
            "metadata": {},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["é \u2713\n"]}],
            "source": [line + "\n" for line in PROGRAM.splitlines()],
        },
    ]
    notebook = {"cells": cells, "metadata": {"z": 1, "a": 2}, "nbformat": 4, "nbformat_minor": 5}
    path = tmp_path / "train.ipynb"
    before = json.dumps(notebook, indent=3, ensure_ascii=False)
    path.write_text(before, encoding="utf-8")

    done = check(tmp_path, "--fix")

    assert done.exit_code == 0, done.output
    after = path.read_text(encoding="utf-8")
    source = "".join(json.loads(after)["cells"][1]["source"])
    assert "from_logits" not in source
    compile(source, "cell", "exec")
    same = json.loads(after)
    same["cells"][1]["source"] = cells[1]["source"]
    assert same == notebook
    kept = [line for line in before.splitlines() if "from_logits" not in line and "guide" not in line]
    assert [line for line in after.splitlines() if line in set(kept)] == kept


def test_a_difference_is_shown_and_nothing_written(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(PROGRAM, encoding="utf-8")

    shown = check(tmp_path, "--diff")

    assert shown.exit_code == 1
    assert "-        from_logits=True,  # as in the guide" in shown.stdout
    assert path.read_text(encoding="utf-8") == PROGRAM


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(PROGRAM, encoding="utf-8")
    file = look(str(path))
    (change,) = rewrite.changes([file], Configuration())
    path.write_text(PROGRAM + "# more\n", encoding="utf-8")

    done = rewrite.write(change, file)

    assert done.refused == "the file has changed meanwhile"
    assert path.read_text(encoding="utf-8") == PROGRAM + "# more\n"


def test_what_would_be_no_program_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "train.py"
    path.write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setattr(rewrite, "_made", lambda text, fixes: text.replace("(", "", 1))

    done = check(tmp_path, "--fix")

    assert done.exit_code == 1
    assert "not fixed: a fix would leave what is no program" in done.stderr
    assert path.read_text(encoding="utf-8") == PROGRAM

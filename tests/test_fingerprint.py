"""What a finding is known by: the same after everything that changes the text and not the slip."""

from __future__ import annotations

import ast
import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from keraslint import Report, check, lint
from keraslint.config import Configuration, Overrides
from keraslint.fingerprint import fingerprints
from keraslint.lint import discover, run

HEAD = "import keras\nfrom keras import layers\n\n"
PROGRAM = f"""{HEAD}model = keras.Sequential([keras.Input((8,)), layers.Dense(1, activation="softmax")])
model.compile("adam", loss=keras.losses.CategoricalCrossentropy(from_logits=True))
"""


def known(report: Report) -> dict[str, str]:
    """The fingerprint of each finding, where every rule speaks once."""
    found = {one.rule: mark for one, mark in zip(report.findings, fingerprints(report), strict=True)}
    assert len(found) == len(report.findings) > 0
    return found


def marks(text: str, path: str = "train.py") -> dict[str, str]:
    return known(check(text, path))


SAME = {
    "lines above": PROGRAM.replace("model =", "# one\n\nprint(1)\n\n\nmodel ="),
    "formatted": PROGRAM.replace(
        'layers.Dense(1, activation="softmax")',
        "layers.Dense(\n        1,\n        activation='softmax',  # one\n    ),\n",
    ).replace("from_logits=True", "\n    from_logits = (True),\n"),
    "renamed": PROGRAM.replace("model", "net"),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_it_survives(text: str) -> None:
    assert text != PROGRAM
    assert marks(text) == marks(PROGRAM)


def test_a_renamed_variable_may_be_an_argument() -> None:
    def program(name: str) -> str:
        model = f"m = keras.Sequential([layers.Dense({name}, activation='softmax')])"
        return f"{HEAD}{name} = 1\n{model}\nm.compile('adam', 'mse')\n"

    assert marks(program("units")) == marks(program("width_of_head"))
    assert marks(program("units")) != marks(program("units").replace("softmax'", "softmax', name='x'"))


OTHER = {
    "another file": (PROGRAM, "other.py"),
    "another layer": (PROGRAM.replace("Dense(1,", "Dense(1, use_bias=False,"), "train.py"),
}


@pytest.mark.parametrize(("text", "path"), OTHER.values(), ids=OTHER)
def test_it_is_another_one(text: str, path: str) -> None:
    assert marks(text, path)["softmax-over-one-unit"] != marks(PROGRAM)["softmax-over-one-unit"]


def test_a_named_model_and_a_named_head_are_others() -> None:
    def program(names: str, head: str = "") -> str:
        head = f"layers.Dense(1, activation='softmax'{head})"
        return f"{HEAD}i = keras.Input((3,))\nm = keras.Model(i, {head}(i){names})\nm.compile('adam', 'mse')\n"

    def one(*names: str) -> str:
        return marks(program(*names))["softmax-over-one-unit"]

    assert len({one(""), one(", name='twin'"), one(", name='other'"), one("", ", name='head'")}) == 4


def notebook(*cells: str) -> str:
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": code, "nbformat": 4}, indent=1)


def test_it_survives_a_move_to_another_cell() -> None:
    lines = PROGRAM.splitlines(keepends=True)
    one = notebook(PROGRAM)
    several = notebook("# words\n%matplotlib inline\n", "".join(lines[:3]), lines[3], "", *lines[4:])
    assert marks(one, "a.ipynb") == marks(several, "a.ipynb")


def test_equal_findings_are_counted() -> None:
    twice = HEAD + "".join(
        f"m{n} = keras.Sequential([layers.Dense(1, activation='softmax')])\nm{n}.compile('adam', 'mse')\n"
        for n in (1, 2)
    )
    report = check(twice)
    found = list(fingerprints(report))
    assert len(set(found)) == len(found) == 2 * len(known(check(twice[: twice.index("m2")])))
    assert found[0] == known(check(twice[: twice.index("m2")]))[report.findings[0].rule]


# --- programs that were not written for this -------------------------------------------------------------------------


class Renamed(ast.NodeTransformer):
    """Every variable gets another name; parameters keep theirs, because calls may say them."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"{node.id}_x", node.ctx) if node.id in self.names else node


def renamed(text: str) -> str:
    tree = ast.parse(text)
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    taken = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    aliases = [
        alias for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    ]
    imported = {(alias.asname or alias.name).split(".")[0] for alias in aliases}
    return ast.unparse(Renamed(stored - taken - imported).visit(tree))


def programs(root: Path) -> list[Path]:
    found = sorted((root / "fixtures").glob("*/[!_]*.py"))
    plain = [path for path in found if "keraslint:" not in path.read_text(encoding="utf-8", errors="replace")]
    return [path for path in plain if path.parent.name != "unreadable_file"][::12]


def test_programs_formatted_and_renamed_are_known_again(root: Path) -> None:
    """What is found after that is known, but for rules that look at names of variables themselves."""
    looked_at = kept = 0
    for path in programs(root):
        text = path.read_text(encoding="utf-8")
        formatted = ast.unparse(ast.parse(text))
        before, after = check(text), check(formatted)
        assert Counter(fingerprints(before)) == Counter(fingerprints(after)), path
        also = set(fingerprints(check(renamed(text))))
        looked_at += len(before.findings)
        kept += len(set(fingerprints(before)) & also)
    assert looked_at > 30
    assert kept >= 0.9 * looked_at


# --- where from ------------------------------------------------------------------------------------------------------


def test_it_is_the_same_wherever_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "project" / "pkg" / "deep"
    deep.mkdir(parents=True)
    (deep / "train.py").write_text(PROGRAM, encoding="utf-8")
    subprocess.run(["git", "init", "-q", tmp_path / "project"], check=True)

    def from_everywhere() -> list[dict[str, str]]:
        found = []
        for folder in (tmp_path, tmp_path / "project", deep.parent, deep):
            monkeypatch.chdir(folder)
            found.append(known(lint(str(deep / "train.py"))))
        return found

    first, *others = from_everywhere()
    assert others == [first] * 3
    monkeypatch.chdir(tmp_path / "project")
    assert first == marks(PROGRAM, "pkg/deep/train.py")
    (deep.parent / "keraslint.toml").touch()  # a project in a repository counts from its own folder
    second, *others = from_everywhere()
    assert others == [second] * 3
    monkeypatch.chdir(tmp_path)
    assert second == marks(PROGRAM, "deep/train.py")


def test_a_configuration_from_elsewhere_is_no_folder_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "strict.toml").touch()
    (tmp_path / "train.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    configuration = Configuration(Overrides(config=("etc/strict.toml",)))
    assert known(run(discover(["train.py"], configuration), configuration)) == marks(PROGRAM)

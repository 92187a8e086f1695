"""`--fix`: files are changed as the findings offer, and in nothing else."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from keraslint import rewrite
from keraslint.cli import cli
from keraslint.config import Configuration, Overrides
from keraslint.discover import given, look
from keraslint.model import Program
from keraslint.source import Source

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

    done = rewrite.write(change)

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


LOSSES = "import keras\n\n\ndef loss():\n    return keras.losses.CategoricalCrossentropy(from_logits=True)\n"
TRAIN = """import keras
from losses import loss

model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
model.compile("adam", loss=loss())
"""


@pytest.mark.parametrize("linted", ["train.py", "."])
def test_a_fix_reaches_the_file_that_it_is_about_once(
    linted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {"setup.py": "", "losses.py": LOSSES, "train.py": TRAIN, "again.py": TRAIN}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    done = check(Path(linted), "--fix")

    assert done.exit_code == 0, done.output
    assert done.stderr == "losses.py: drop from_logits=True\n"
    assert (tmp_path / "losses.py").read_text(encoding="utf-8") == LOSSES.replace("from_logits=True", "")
    assert (tmp_path / "train.py").read_text(encoding="utf-8") == TRAIN


def test_what_would_help_one_model_and_spoil_another_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    text = """import keras

loss = keras.losses.CategoricalCrossentropy()
first = keras.Sequential([keras.layers.Dense(10)])
first.compile("adam", loss)
second = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
second.compile("adam", loss)
"""
    path.write_text(text, encoding="utf-8")

    done = check(tmp_path, "--fix")

    assert path.read_text(encoding="utf-8") == text
    assert "not fixed: `probabilities-as-logits` would be found then (ask for logits)" in done.stderr


def test_where_one_way_is_barred_the_next_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    text = """import keras

loss = keras.losses.CategoricalCrossentropy()
first = keras.Sequential([keras.layers.Dense(10)])
first.compile("adam", loss)
second = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
second.compile("adam", loss)
"""
    path.write_text(text, encoding="utf-8")

    assert check(tmp_path, "--unsafe-fixes").exit_code == 0
    assert path.read_text(encoding="utf-8") == text.replace("Dense(10)]", 'Dense(10, activation="softmax")]')


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_safe_fix_goes_first(unsafe: bool, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM, encoding="utf-8")
    check(tmp_path, "--unsafe-fixes" if unsafe else "--fix")
    assert "from_logits" not in (tmp_path / "train.py").read_text(encoding="utf-8")


def test_line_ends_and_encoding_hold_for_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    text = (
        "# coding: latin-1\n# é\nfrom keras import Sequential\nfrom keras.layers import Dense\n\nmodel = Sequential()\n"
        "model.add(Dense(3))\nmodel.compile('adam', loss='categorical_crossentropy')"
    )
    path.write_bytes(text.replace("\n", "\r\n").encode("latin-1"))

    assert check(tmp_path, "--fix").exit_code == 0
    expected = text.replace("'categorical_crossentropy'", "CategoricalCrossentropy(from_logits=True)").replace(
        "import Dense\n", "import Dense\nfrom keras.losses import CategoricalCrossentropy\n"
    )
    assert path.read_bytes() == expected.replace("\n", "\r\n").encode("latin-1")


def test_a_file_that_is_read_only_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(PROGRAM, encoding="utf-8")
    path.chmod(0o444)

    done = check(tmp_path, "--fix")

    assert done.exit_code == 1
    assert "train.py: not fixed: the file is read-only" in done.stderr
    assert path.read_text(encoding="utf-8") == PROGRAM
    assert os.listdir(tmp_path) == ["train.py"]


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_what_links_to_a_file_still_does(link: Callable[[Path, Path], None], tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    real, other = tmp_path / "real.py", tmp_path / "code" / "train.py"
    real.write_text(PROGRAM, encoding="utf-8")
    link(real, other)

    assert check(tmp_path / "code", "--fix").exit_code == 0
    assert other.is_symlink() is (link is os.symlink)
    assert real.samefile(other)
    assert "from_logits" not in real.read_text(encoding="utf-8")
    assert sorted(os.listdir(tmp_path)) == ["code", "real.py"]


@pytest.mark.parametrize("one_string", [True, False])
@pytest.mark.parametrize("form", [3, 4])
def test_notebooks_of_every_form_stay_what_they_are(form: int, one_string: bool, tmp_path: Path) -> None:
    program = (
        "%matplotlib inline\nfrom keras import layers, models\nm = models.Sequential([layers.Dense(3)])\n"
        "m.compile('adam', 'categorical_crossentropy')"
    )
    expected = program.replace("'categorical_crossentropy'", "CategoricalCrossentropy(from_logits=True)").replace(
        "layers, models\n", "layers, models\nfrom keras.losses import CategoricalCrossentropy\n"
    )

    def notebook(text: str) -> str:
        source = text if one_string else text.splitlines(keepends=True)
        outputs = [{"output_type": "pyerr" if form == 3 else "error", "x": 1.50}]
        cell = {"cell_type": "code", "input" if form == 3 else "source": source, "outputs": outputs}
        rest = {"worksheets": [{"cells": [cell]}]} if form == 3 else {"cells": [cell]}
        return json.dumps({**rest, "metadata": {"b": "é", "a": None}, "nbformat": form}, indent=2) + "\n"

    path = tmp_path / "train.ipynb"
    path.write_text(notebook(program), encoding="utf-8")

    assert check(tmp_path, "--fix").exit_code == 0
    assert path.read_text(encoding="utf-8") == notebook(expected)


def test_a_file_that_cannot_be_judged_is_not_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "train.py"
    path.write_text(PROGRAM, encoding="utf-8")
    lint = import_module("keraslint.lint")
    recover = lint.recover

    def broken(source: Source, *more: Any) -> Program:
        if "from_logits" not in source.text:
            raise ZeroDivisionError
        return recover(source, *more)  # type: ignore[no-any-return]

    monkeypatch.setattr(lint, "recover", broken)
    done = check(tmp_path, "--fix")

    assert "not fixed: what a fix would leave cannot be judged" in done.stderr
    assert path.read_text(encoding="utf-8") == PROGRAM


@pytest.mark.parametrize(
    ("loss", "labels", "expected"),
    [
        (
            "keras.losses.CategoricalCrossentropy(from_logits=True)",
            "y",
            "keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
        ),
        ("keras.losses.categorical_crossentropy", "y", "keras.losses.sparse_categorical_crossentropy"),
        (
            "keras.losses.SparseCategoricalCrossentropy()",
            "keras.utils.to_categorical(y, 10)",
            "keras.losses.CategoricalCrossentropy()",
        ),
        ("keras.losses.CategoricalCrossentropy(label_smoothing=0.1)", "y", None),
        ("shared", "y", None),
    ],
)
def test_a_loss_becomes_another_one_of_its_kind(loss: str, labels: str, expected: str | None) -> None:
    text = (
        "import keras\nimport numpy as np\n\ny = np.random.randint(0, 10, 50)\n"
        "shared = keras.losses.CategoricalCrossentropy()\n"
        "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(10)])\n"
        f"model.compile('adam', loss={loss})\nmodel.fit(np.zeros((50, 4)), {labels})\n"
    ).replace("Dense(10)", "Dense(10)" if "logits" in loss else 'Dense(10, activation="softmax")')
    file = given("p.py", text.encode())
    made = [one.after for one in rewrite.changes([file], Configuration(Overrides(isolated=True))) if one.fixes]
    assert made == ([text.replace(f"loss={loss}", f"loss={expected}")] if expected else [])

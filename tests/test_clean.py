"""`assert_clean`, and the fixture that pytest offers: in pytests of their own, as a project has them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from keraslint.config import RefusalError
from keraslint.testing import assert_clean

RIGHT = """\
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
model.compile("adam", loss=keras.losses.CategoricalCrossentropy())
"""
WRONG = RIGHT.replace("()", "(from_logits=True)")
RULE = "probabilities-as-logits"


def test_a_text_with_findings_fails_and_says_them() -> None:
    with pytest.raises(AssertionError) as failed:
        assert_clean(WRONG)
    said = str(failed.value)
    assert said.startswith(f"keraslint has findings\n\nwarning[{RULE}]: ")
    assert "^^^^^^^^^^^^^^^^ asks for logits" in said
    assert said.splitlines()[-1].endswith("1 file, 1 model: 1 read")
    assert assert_clean(RIGHT).models


def test_rules_and_severities_are_chosen() -> None:
    assert_clean(WRONG, ignore=["probabilities-*"])
    assert_clean(WRONG, select=["dropout-rate"])
    assert len(assert_clean(WRONG, fail_on="error").findings) == 1
    for level in ("warning", "note"):
        with pytest.raises(AssertionError, match=RULE):
            assert_clean(WRONG, fail_on=level)


@pytest.mark.parametrize("kind", [str, Path, os.fspath])
def test_a_path_is_read_under_its_own_configuration(kind: Any, tmp_path: Path) -> None:
    (tmp_path / "my train.py").write_text(WRONG, encoding="utf-8")
    for path in (tmp_path, tmp_path / "my train.py"):
        with pytest.raises(AssertionError, match=RULE):
            assert_clean(kind(path))
    (tmp_path / "keraslint.toml").write_text(f'ignore = ["{RULE}"]\n', encoding="utf-8")
    assert assert_clean(kind(tmp_path)).files == 1


@pytest.mark.parametrize("path", ["missing.py", "missing", "no such file.py", "a/b.ipynb", "", Path("x (1)")])
def test_a_path_that_is_not_there_is_no_program(path: str | Path, tmp_path: Path) -> None:
    with pytest.raises(RefusalError, match="does not exist"):
        assert_clean(path)


@pytest.mark.parametrize("text", ["import keras; keras", "x = 1", "print(keras)\n"])
def test_one_line_is_a_program(text: str) -> None:
    assert assert_clean(text).files == 1


def test_nothing_to_look_at_is_not_clean(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no Python files"):
        assert_clean(tmp_path)


def test_a_broken_program_is_not_clean() -> None:
    with pytest.raises(AssertionError, match="unreadable-file"):
        assert_clean("import keras\nmodel = (\n")


def test_a_failure_of_keraslint_is_not_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sys.modules["keraslint.lint"], "recover", broken)
    with pytest.raises(AssertionError, match=r"keraslint itself failed(.|\n)*ZeroDivisionError"):
        assert_clean(RIGHT)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "said"),
    [
        (
            (RIGHT,),
            {"select": ["dropout-rat"]},
            RefusalError,
            "unknown rule `dropout-rat`; did you mean `dropout-rate`",
        ),
        ((RIGHT,), {"fail_on": "warn"}, RefusalError, "no severity `warn`; did you mean `warning`"),
        ((RIGHT, [1]), {}, TypeError, "data belong to a model"),
        ((Path("."), [1]), {}, TypeError, "data belong to a model"),
        (("model.keras",), {}, TypeError, "`model.keras` is a saved model: load it"),
        ((3,), {}, TypeError, "a model of Keras or the text of a program"),
    ],
)
def test_what_cannot_be_done_is_refused(
    arguments: tuple[Any, ...], options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        assert_clean(*arguments, **options)


def test_a_model_that_is_alive_is_measured_with_its_data() -> None:
    keras = pytest.importorskip("keras")
    numpy = pytest.importorskip("numpy")
    space: dict[str, Any] = {}
    exec(WRONG, space)
    with pytest.raises(AssertionError, match="measured: the loss that Keras trains"):
        assert_clean(space["model"])
    exec(RIGHT, space)
    model, x, ids = space["model"], numpy.zeros((12, 8), "float32"), numpy.arange(12) % 3
    assert_clean(model, x, keras.utils.to_categorical(ids))
    with pytest.raises(AssertionError, match="integer-labels-under-categorical-loss"):
        assert_clean(model, x, ids)
    assert_clean(model, x, ids, ignore=["integer-labels-*"])


# --- pytest ----------------------------------------------------------------------------------------------------------


def installed(root: Path, folder: Path) -> dict[str, str]:
    """An environment in which a Python finds keraslint with its entry points, as if it had been installed."""
    groups = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    lines = [f"[{group}]\n" + "".join(f"{name} = {to}\n" for name, to in one.items()) for group, one in groups.items()]
    about = folder / "installed" / "keraslint-0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: keraslint\nVersion: 0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    paths = (str(about.parent), str(root), str(root / "rules"))
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "120"}


def run_pytest(root: Path, folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "project").mkdir()
    (folder / "project" / "test_models.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder / "project", env=installed(root, folder), capture_output=True, text=True, check=False
    )


TESTS = f'''\
RIGHT = """{RIGHT}"""


def test_right(keraslint_clean):
    keraslint_clean(RIGHT)


def test_wrong(keraslint_clean):
    keraslint_clean(RIGHT.replace("()", "(from_logits=True)"), select=["probabilities-*"])
'''


def test_the_fixture_is_there_without_any_setting(root: Path, tmp_path: Path) -> None:
    done = run_pytest(root, tmp_path, TESTS)
    assert done.returncode == 1, done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert f"E       AssertionError: keraslint has findings\nE       \nE       warning[{RULE}]" in done.stdout
    assert "testing.py:" not in done.stdout  # the line of the test is shown, not ours
    assert f"test_models.py:{len(TESTS.splitlines())}: AssertionError" in done.stdout


def test_the_examples_of_the_readme_are_tests(root: Path, tmp_path: Path) -> None:
    section = (root / "README.md").read_text(encoding="utf-8").split("\n## In tests\n")[1].split("\n## ")[0]
    (example,) = re.findall(r"^```python\n(.*?)^```", section, re.M | re.S)
    (tmp_path / "models.py").write_text(f"{RIGHT}\ndef build():\n    return model\n", encoding="utf-8")
    done = run_pytest(root, tmp_path, f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n{example}")
    assert "2 passed" in done.stdout, done.stdout


def test_the_fixture_says_what_it_is(root: Path, tmp_path: Path) -> None:
    done = run_pytest(root, tmp_path, TESTS, "--fixtures")
    assert "keraslint_clean" in done.stdout
    assert "Fail when keraslint finds something" in done.stdout


def test_pytest_starts_without_paying_for_it(root: Path, tmp_path: Path) -> None:
    text = """
import sys


def test_loaded():
    ours = {name for name in sys.modules if name.partition(".")[0] in ("keraslint", "keraslint_rules")}
    assert ours == {"keraslint", "keraslint.pytest_plugin"}
    assert not {"keras", "tensorflow", "numpy", "libcst", "rich", "click"} & sys.modules.keys()
"""
    done = run_pytest(root, tmp_path, text)
    assert "1 passed" in done.stdout, done.stdout

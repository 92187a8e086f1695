"""The hooks, run by pre-commit itself: it clones this tree as it is, builds the environment and guards a repository."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import checkouts, examples
from tests.checkouts import Repository

pytest.importorskip("pre_commit", reason="pre-commit is not installed")
yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or sys.platform == "win32", reason="needs git, and a shell for what it runs"
)

BAD = """\
from tensorflow import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation="softmax")])
model.compile("adam", "binary_crossentropy")
"""
GOOD = BAD.replace("softmax", "sigmoid")
FINDING = "error[softmax-over-one-unit]"

FIXABLE = """\
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
"""

UNCLEAR = """\
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
model.compile("adam", "categorical_crossentropy")
"""
"""Whether the head or the loss is wrong only its author knows."""

MEASURED = """\
import keras
from keras import layers, ops


class Halves(layers.Layer):
    def call(self, x):
        return 0.5 + ops.arctan(x) / 3.2


model = keras.Sequential([layers.Input((20,)), layers.Dense(10), Halves()])
model.compile(optimizer="adam", loss="categorical_crossentropy")
"""
"""Nothing in its text is wrong; what its head gives is."""

Guarded = Callable[[str], Repository]


def notebook(*cells: str) -> str:
    lines = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell.splitlines(True)}
        for cell in cells
    ]
    return json.dumps({"cells": lines, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """This tree, as the repository that a configuration of pre-commit names."""
    return checkouts.of_this_tree(tmp_path_factory.mktemp("hooks") / "keraslint")


@pytest.fixture(scope="session")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of the committer: one home of pre-commit for all tests, so that one environment is built, and a
    `keraslint` that is the one at hand."""
    home = tmp_path_factory.mktemp("pre-commit")
    command = home / "bin" / "keraslint"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m keraslint "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    variables = checkouts.environment(PRE_COMMIT_HOME=str(home), TF_CPP_MIN_LOG_LEVEL="3")
    return {**variables, "PATH": f"{command.parent}:{Path(sys.executable).parent}:{variables['PATH']}"}


@pytest.fixture
def guarded(hooks: Repository, variables: dict[str, str], tmp_path: Path) -> Guarded:
    """Makes a repository in which pre-commit runs the hooks of this tree that a configuration names."""

    def guard(configuration: str) -> Repository:
        wanted = yaml.safe_load(configuration)
        for one in wanted["repos"]:
            one |= {"repo": str(hooks.path), "rev": hooks.head}
        repository = checkouts.made(tmp_path / "project", variables)
        repository.write({".pre-commit-config.yaml": yaml.safe_dump(wanted)})
        repository.git("commit", "--quiet", "--message", "hooks")
        done = pre_commit(repository, "install")
        assert done.returncode == 0, done.stdout
        return repository

    return guard


def only(hook: str, settings: str = "") -> str:
    """The configuration with one hook."""
    return f"repos: [{{hooks: [{{id: {hook}, {settings}}}]}}]"


def pre_commit(repository: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    return repository.run(sys.executable, "-m", "pre_commit", *arguments)


def refused(repository: Repository, files: dict[str, str]) -> str:
    """What is said of a commit that is refused."""
    before = repository.head
    done = repository.commit(files)
    assert done.returncode == 1, done.stdout
    assert repository.head == before
    return done.stdout


def accepted(repository: Repository, files: dict[str, str]) -> str:
    """What is said of a commit that passes."""
    before = repository.head
    done = repository.commit(files)
    assert done.returncode == 0, done.stdout
    assert repository.head != before
    return done.stdout


# --- the hook that reads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "file"), [("manifest", ".pre-commit-hooks.yaml"), ("config", ".pre-commit-config.yaml")]
)
def test_pre_commit_understands_what_is_offered_and_what_is_used_here(kind: str, file: str, root: Path) -> None:
    command = [sys.executable, "-m", "pre_commit", f"validate-{kind}", root / file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_a_slip_is_no_commit(guarded: Guarded) -> None:
    repository = guarded(only("keraslint"))
    said = refused(repository, {"train.py": BAD})
    assert FINDING in said
    assert "--> train.py:3:" in said
    assert FINDING not in accepted(repository, {"train.py": GOOD})


def test_what_is_not_staged_is_not_looked_at(guarded: Guarded) -> None:
    repository = guarded(only("keraslint"))
    repository.write({"train.py": GOOD})
    (repository.path / "train.py").write_text(BAD, encoding="utf-8")
    accepted(repository, {"other.py": "import keras\n"})
    assert (repository.path / "train.py").read_text(encoding="utf-8") == BAD


def test_what_the_project_excludes_stays_excluded(guarded: Guarded) -> None:
    repository = guarded(only("keraslint"))
    accepted(repository, {"pyproject.toml": '[tool.keraslint]\nexclude = ["third_party", "*_old.py"]\n'})
    accepted(repository, {"third_party/train.py": BAD, "src/train_old.py": BAD})
    assert FINDING in refused(repository, {"src/third.py": BAD, "third_party/train.py": BAD + "\n"})


def test_the_cell_of_a_notebook_is_named(guarded: Guarded) -> None:
    repository = guarded(only("keraslint"))
    said = refused(repository, {"notes/first look.ipynb": notebook("%pip install keras\n", BAD)})
    assert FINDING in said
    assert "--> notes/first look.ipynb" in said
    assert "cell 2" in said
    accepted(repository, {"notes/first look.ipynb": notebook("%pip install keras\n", GOOD)})


def test_a_worktree_and_a_commit_of_some_files_are_guarded_too(guarded: Guarded, tmp_path: Path) -> None:
    repository = guarded(only("keraslint"))
    repository.git("worktree", "add", "--quiet", tmp_path / "beside")
    beside = Repository(tmp_path / "beside", repository.variables)
    assert FINDING in refused(beside, {"models/train.py": BAD})
    beside.write({"models/fine.py": GOOD})
    done = beside.run("git", "commit", "--quiet", "--message", "x", "models/fine.py")
    assert (done.returncode, beside.git("diff", "--cached", "--name-only")) == (0, "models/train.py"), done.stdout
    done = beside.run("git", "commit", "--quiet", "--all", "--message", "x")
    assert done.returncode == 1
    assert FINDING in done.stdout


def test_files_may_be_called_as_one_likes(guarded: Guarded) -> None:
    repository = guarded(only("keraslint"))
    names = ["my model.py", "größe/модель.py", 'it\'s "quoted".py', "$(touch made).py", "a;b & c.py", "训练.ipynb"]
    said = refused(repository, {name: notebook(BAD) if name.endswith("b") else BAD for name in names})
    assert [name for name in names if f"--> {name}:" not in said] == []
    assert said.count(FINDING) == len(names)
    assert not (repository.path / "made").exists()


def test_more_files_than_one_command_line_holds(guarded: Guarded) -> None:
    repository = guarded(only("keraslint"))
    folder = "/".join(["a folder with a long name"] * 6)
    files = {f"{folder}/{number:04}.py": "import keras\n" for number in range(900)}
    first, *_, last = files
    said = refused(repository, {**files, first: BAD, last: BAD})
    assert said.count(FINDING) == 2
    looked_at = [int(count) for count in re.findall(r"^(\d+) files, ", said, re.M)]
    assert len(looked_at) > 1
    assert sum(looked_at) == len(files)


def test_options_of_the_project_reach_the_tool(guarded: Guarded) -> None:
    repository = guarded(only("keraslint", 'args: ["--ignore", "softmax-over-one-unit", "--ignore", "class-*"]'))
    accepted(repository, {"train.py": BAD})


def test_a_misspelt_rule_stops_the_commit(guarded: Guarded) -> None:
    repository = guarded(only("keraslint"))
    said = refused(repository, {"keraslint.toml": 'ignore = ["softmax-over-one-unti"]\n', "train.py": GOOD})
    assert "- exit code: 2" in said
    assert "did you mean `softmax-over-one-unit`" in said


def test_no_tensorflow_comes_with_it(guarded: Guarded, variables: dict[str, str]) -> None:
    repository = guarded(only("keraslint"))
    assert pre_commit(repository, "install-hooks").returncode == 0
    (python,) = Path(variables["PRE_COMMIT_HOME"]).glob("repo*/py_env-*/bin/python")
    listed = subprocess.run([python, "-m", "pip", "list", "--format", "json"], capture_output=True, check=True)
    packages = {package["name"].lower() for package in json.loads(listed.stdout)}
    assert "keraslint" in packages
    assert packages.isdisjoint({"tensorflow", "keras", "tf_keras", "jax", "torch", "numpy"})


# --- the hook that mends ----------------------------------------------------------------------------------------------


def test_what_is_mended_is_no_commit_until_it_was_looked_at(guarded: Guarded) -> None:
    repository = guarded(only("keraslint-fix"))
    said = refused(repository, {"my train.py": FIXABLE})
    assert "files were modified by this hook" in said
    mended = (repository.path / "my train.py").read_text(encoding="utf-8")
    assert mended == FIXABLE.replace("from_logits=True", "")
    accepted(repository, {"my train.py": mended})


def test_what_cannot_be_mended_is_told(guarded: Guarded) -> None:
    repository = guarded(only("keraslint-fix"))
    said = refused(repository, {"train.py": UNCLEAR})
    assert "error[class-loss-over-one-unit]" in said
    assert "modified" not in said


def test_what_is_excluded_is_not_mended(guarded: Guarded) -> None:
    repository = guarded(only("keraslint-fix"))
    accepted(repository, {"third_party/old.py": FIXABLE, "keraslint.toml": 'exclude = ["third_party"]'})
    assert (repository.path / "third_party/old.py").read_text(encoding="utf-8") == FIXABLE


# --- the hook that measures -------------------------------------------------------------------------------------------


def test_what_only_measuring_shows_is_not_pushed(guarded: Guarded, variables: dict[str, str], tmp_path: Path) -> None:
    pytest.importorskip("keras")
    repository = guarded(examples.example(".pre-commit-config.yaml"))
    repository.git("init", "--quiet", "--bare", tmp_path / "there.git")
    repository.git("remote", "add", "origin", tmp_path / "there.git")
    repository.git("push", "--quiet", "--no-verify", "origin", "main")
    there = checkouts.Repository(tmp_path / "there.git", variables)
    before = there.git("rev-parse", "main")

    accepted(repository, {"models/my halves.py": MEASURED})
    pushed = repository.run("git", "push", "--quiet", "origin", "main")
    assert pushed.returncode == 1, pushed.stdout
    assert "[rows-do-not-sum-to-one]" in pushed.stdout
    assert "1 model: 1 probed" in pushed.stdout
    assert there.git("rev-parse", "main") == before

    accepted(repository, {"models/my halves.py": MEASURED.replace("0.5 + ops.arctan(x) / 3.2", "ops.softmax(x)")})
    pushed = repository.run("git", "push", "--quiet", "origin", "main")
    assert pushed.returncode == 0, pushed.stdout
    assert there.git("rev-parse", "main") == repository.head

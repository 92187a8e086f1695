"""The GitHub Action: what `action.yml` says, and its steps run as a runner runs them, on a checkout of somebody."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keraslint import __version__
from tests import checkouts, examples
from tests.runner import EXPRESSION, Ended, Job
from tests.test_hooks import BAD, FIXABLE, GOOD, MEASURED, notebook

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
pytestmark = pytest.mark.skipif(
    shutil.which("bash") is None or shutil.which("git") is None or sys.platform == "win32",
    reason="needs bash and git",
)

ACTION: dict[str, Any] = yaml.safe_load((checkouts.ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL, CHECK = ACTION["runs"]["steps"]
DEFAULTS = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()}

SHADOWS = ("json", "keraslint", "os", "pip", "re", "shlex", "sysconfig", "venv")
"""Modules that a program of the workspace must not replace."""

Use = Callable[..., Ended]


# --- what it says ----------------------------------------------------------------------------------------------------


def checked(*command: str | Path, given: str | None = None) -> None:
    done = subprocess.run([sys.executable, "-m", *command], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_an_action_by_the_schema_of_github(root: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    checked("check_jsonschema", "--builtin-schema", "vendor.github-actions", root / "action.yml")


def program(name: str) -> str:
    """A program that pip has brought into the environment of these tests, or that is there anyway."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def test_an_auditor_of_actions_finds_nothing(root: Path) -> None:
    command = [program("zizmor"), "--offline", "--no-progress", root / "action.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("step", [INSTALL, CHECK], ids=["install", "check"])
def test_a_linter_of_scripts_finds_nothing(step: dict[str, Any]) -> None:
    command = [program("shellcheck"), "--shell", "bash", "-"]
    done = subprocess.run(command, input=step["run"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_input_is_part_of_a_script() -> None:
    assert [step["name"] for step in (INSTALL, CHECK) if EXPRESSION.search(step["run"])] == []
    used = {found for step in (INSTALL, CHECK) for text in step["env"].values() for found in EXPRESSION.findall(text)}
    assert {f"inputs.{name}" for name in ACTION["inputs"]} == {one for one in used if one.startswith("inputs.")}


# --- what it does ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the first step puts out; it runs in a workspace whose files are called like modules of Python."""
    top = tmp_path_factory.mktemp("installed")
    workspace = checkouts.made(top / "workspace")
    workspace.write(dict.fromkeys((f"{name}.py" for name in SHADOWS), "open('taken over', 'w')\n"))
    action = checkouts.of_this_tree(top / "action")
    ended = Job(workspace.path, top, action.path).run([INSTALL], {"inputs.version": ""})
    assert ended.code == 0, ended.log
    assert not (workspace.path / "taken over").exists()
    return {f"steps.install.outputs.{name}": value for name, value in ended.outputs.items()}


@pytest.fixture
def use(installed: dict[str, str], tmp_path: Path) -> Use:
    """Runs the second step on a checkout with these files."""

    def run(files: dict[str, str], **inputs: str) -> Ended:
        workspace = checkouts.made(tmp_path / "workspace")
        workspace.commit(files)
        (tmp_path / "temp").mkdir()
        asked = DEFAULTS | {name.replace("_", "-"): value for name, value in inputs.items()}
        known = {f"inputs.{name}": value for name, value in asked.items()}
        python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        variables = {**checkouts.environment(PATH=python), "TF_CPP_MIN_LOG_LEVEL": "3"}
        for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            variables.pop(name, None)
        return Job(workspace.path, tmp_path / "temp", variables=variables).run([CHECK], {**installed, **known})

    return run


def test_findings_are_annotations_a_summary_and_a_file(use: Use, tmp_path: Path) -> None:
    ended = use({"src/train.py": BAD, "src/fine.py": GOOD}, sarif="keraslint.sarif")
    assert ended.code == 1, ended.log
    (annotation,) = ended.annotations
    assert annotation["kind"] == "error"
    assert (annotation["file"], annotation["line"]) == ("src/train.py", "3")
    assert "softmax-over-one-unit" in annotation["title"]
    assert "softmax-over-one-unit" in ended.summary
    assert ended.outputs == {"findings": "1", "sarif": "keraslint.sarif", "exit-code": "1"}
    report = json.loads((tmp_path / "workspace" / "keraslint.sarif").read_text(encoding="utf-8"))
    (result,) = report["runs"][0]["results"]
    assert result["ruleId"] == "softmax-over-one-unit"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/train.py"


def test_what_is_right_passes(use: Use) -> None:
    ended = use({"train.py": GOOD})
    assert ended.code == 0, ended.log
    assert ended.annotations == []
    assert ended.outputs == {"findings": "0", "sarif": "", "exit-code": "0"}


def test_a_milder_finding_may_pass(use: Use) -> None:
    ended = use({"train.py": FIXABLE}, fail_on="error")
    assert ended.code == 0, ended.log
    assert [annotation["kind"] for annotation in ended.annotations] == ["warning"]
    assert ended.outputs["findings"] == "1"


def test_paths_stand_in_lines_and_arguments_are_words(use: Use) -> None:
    files = {"my models/a.py": BAD, "größe.py": BAD, "-x.py": BAD, "src/left/out.py": BAD, "unnamed.py": BAD}
    ended = use(files, paths="my models\n\n  größe.py\n-x.py\nsrc\n", args="--exclude 'left' --note \"softmax-*\"")
    assert ended.code == 0, ended.log
    assert {annotation["file"] for annotation in ended.annotations} == {"my models/a.py", "größe.py", "-x.py"}
    assert {annotation["kind"] for annotation in ended.annotations} == {"notice"}
    assert ended.outputs["findings"] == "3"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"paths": "scr"}, "`scr` does not exist"),
        ({"paths": "a b"}, "`a b` does not exist"),
        ({"args": "--selct x"}, "--selct"),
        ({"args": "--select 'x"}, "is not closed"),
        ({"fail_on": "errors"}, "errors"),
        ({"probe": "yes"}, "neither true nor false"),
        ({"probe": "true", "python": "nowhere/python"}, "`nowhere/python` is no Python"),
        ({"sarif": "nowhere/keraslint.sarif"}, "the folder of `nowhere/keraslint.sarif` does not exist"),
    ],
    ids=str,
)
def test_what_is_asked_wrongly_passes_no_build(use: Use, inputs: dict[str, str], said: str) -> None:
    ended = use({"train.py": GOOD}, **inputs)
    assert ended.code == 2, ended.log
    assert said in ended.log
    assert [one["kind"] for one in ended.annotations] == ["error"]
    assert ended.outputs.get("findings", "") == ""


def test_models_are_measured_in_the_python_of_the_job(use: Use) -> None:
    pytest.importorskip("keras")
    ended = use({"train.py": MEASURED}, probe="true")
    assert ended.code == 1, ended.log
    assert ["rows-do-not-sum-to-one" in one["title"] for one in ended.annotations] == [True]


UPLOAD = """\
name: upload
description: Keeps what it is given, in the place of GitHub
inputs: {sarif_file: {description: A report, required: true}}
runs:
  using: composite
  steps:
    - run: cp "$REPORT" "$UPLOADED"
      shell: bash
      env: {REPORT: "${{ inputs.sarif_file }}"}
"""


def test_the_example_of_the_readme_on_a_runner(tmp_path: Path) -> None:
    act = program("act")
    action, service = checkouts.of_this_tree(tmp_path / "action"), checkouts.made(tmp_path / "service")
    service.commit({"upload-sarif/action.yml": UPLOAD})
    workflow = ".github/workflows/keraslint.yml"
    files = dict.fromkeys(["src/train.py", "src/third_party/train.py", "other.py"], BAD)
    files |= {"my notebooks/first look.ipynb": notebook(BAD), workflow: examples.example(workflow)}
    variables = checkouts.environment(XDG_CACHE_HOME=str(tmp_path / "cache"), XDG_CONFIG_HOME=str(tmp_path / "config"))
    workspace = checkouts.made(tmp_path / "workspace", variables)
    workspace.commit(files)
    ended = workspace.run(
        *(act, "push", "--no-cache-server", "--platform", "ubuntu-latest=-self-hosted"),
        *("--local-repository", f"OWNER/keraslint@TAG={action.path}"),
        *("--local-repository", f"github/codeql-action@v4={service.path}"),
        *("--env", f"UPLOADED={tmp_path / 'uploaded'}"),
    )
    assert ended.returncode == 1, ended.stdout
    assert set(re.findall(r"::error file=([^,]+),", ended.stdout)) == {
        "src/train.py",
        "my notebooks/first look.ipynb",
    }, ended.stdout
    (run,) = json.loads((tmp_path / "uploaded").read_text(encoding="utf-8"))["runs"]
    uris = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]}
    assert uris == {"src/train.py", "my%20notebooks/first%20look.ipynb"}


# --- what it is given by strangers -----------------------------------------------------------------------------------

HOSTILE = "x\"';touch taken;$(touch taken)`touch taken`${IFS}|touch taken&#\\ *"
LINES = "x\nfindings=0\nsarif=other\n$(touch taken)"


@pytest.mark.parametrize("value", [HOSTILE, LINES], ids=["a line", "lines"])
@pytest.mark.parametrize("name", sorted(set(ACTION["inputs"]) - {"version"}))
def test_a_hostile_input_is_only_a_wrong_one(use: Use, name: str, value: str, tmp_path: Path) -> None:
    ended = use({"train.py": BAD, "x": ""}, **{name.replace("-", "_"): value})
    assert not list(tmp_path.rglob("taken*"))
    assert ended.code, ended.log
    assert ended.outputs.get("findings") != "0"
    assert ended.outputs.get("sarif", "") in {"", value}


@pytest.mark.parametrize("value", [HOSTILE, LINES, "--pre", "1.0 --index-url=x", "1; x", "@ file:///x", "*"])
def test_a_hostile_version_is_not_installed(value: str, tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    ended = Job(tmp_path / "workspace", tmp_path).run([INSTALL], {"inputs.version": value})
    assert ended.code == 2, ended.log
    assert "is no version" in ended.log
    assert ended.outputs == {}
    assert not list(tmp_path.rglob("taken*"))


def test_a_version_is_installed_that_was_released(tmp_path: Path) -> None:
    tree = checkouts.of_this_tree(tmp_path / "tree").path
    about = tree / "keraslint" / "__init__.py"
    about.write_text(about.read_text(encoding="utf-8").replace(__version__, "0.0.7"), encoding="utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path / "released"]
    subprocess.run(build, cwd=tree, capture_output=True, check=True)
    # what keraslint stands on is not needed to see which one it is
    given = checkouts.environment(PIP_FIND_LINKS=str(tmp_path / "released"), PIP_NO_DEPS="1", PIP_NO_INDEX="1")
    (tmp_path / "workspace").mkdir()
    ended = Job(tmp_path / "workspace", tmp_path, variables=given).run([INSTALL], {"inputs.version": "0.0.7"})
    assert ended.code == 0, ended.log
    ask = [ended.outputs["python"], "-I", "-c", "import keraslint; print(keraslint.__version__)"]
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == "0.0.7\n"


def test_without_a_python_it_says_what_to_do(tmp_path: Path) -> None:
    names = re.search(r"for candidate in (.*) none;", INSTALL["run"])
    assert names
    (tmp_path / "bin").mkdir()
    for name in names[1].split():
        (tmp_path / "bin" / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    variables = checkouts.environment(PATH=f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    ended = Job(tmp_path, tmp_path, variables=variables).run([INSTALL], {"inputs.version": ""})
    assert ended.code == 2
    assert "use actions/setup-python" in ended.annotations[0]["message"]

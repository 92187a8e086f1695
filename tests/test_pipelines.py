"""The pipelines of the README do what it says: their scripts run on a checkout, and what they leave is looked at."""

from __future__ import annotations

import json
import re
import shutil
import sys
import venv
from pathlib import Path

import pytest

from tests import checkouts, examples
from tests.runner import Job
from tests.test_hooks import BAD, GOOD, notebook

pytest.importorskip("yaml", reason="PyYAML is not installed")
pytestmark = pytest.mark.skipif(
    shutil.which("bash") is None or shutil.which("git") is None or sys.platform == "win32",
    reason="needs bash and git",
)

SCHEMAS = {
    ".github/workflows/keraslint.yml": "github-workflows",
    ".github/workflows/lint.yml": "github-workflows",
    ".gitlab-ci.yml": "gitlab-ci",
    "azure-pipelines.yml": "azure-pipelines",
}
FILES = {
    "src/train.py": BAD,
    "src/fine.py": GOOD,
    "src/third_party/train.py": BAD,
    "my notebooks/first look.ipynb": notebook("%pip install keras\n", BAD),
}
FOUND = {"src/train.py", "src/third_party/train.py", "my notebooks/first look.ipynb"}


@pytest.mark.parametrize("file", SCHEMAS)
def test_an_example_is_what_the_service_takes(file: str, tmp_path: Path) -> None:
    command = pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    schema = f"vendor.{SCHEMAS[file]}"

    def fits(text: str) -> bool:
        (tmp_path / "example.yml").write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            command.main(["--builtin-schema", schema, str(tmp_path / "example.yml")])
        return ended.value.code == 0

    text = examples.example(file)
    assert fits(text)
    assert not fits(text.replace("steps:", "stpes:").replace("script:", "scirpt:"))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a machine with a Python and nothing in it, which knows the address of this repository."""
    top = tmp_path_factory.mktemp("machine")
    venv.create(top / "python", with_pip=True)
    tree = checkouts.of_this_tree(top / "keraslint")
    before = checkouts.environment()
    return {
        **before,
        "CI": "true",
        "KERASLINT": f"git+{tree.path.as_uri()}@{tree.head}",
        "PATH": f"{top / 'python' / 'bin'}:{before['PATH']}",
    }


@pytest.fixture
def job(machine: dict[str, str], tmp_path: Path) -> Job:
    """A job on a checkout in which there is something to be found."""
    workspace = checkouts.made(tmp_path / "workspace")
    workspace.commit(FILES)
    (tmp_path / "temp").mkdir()
    return Job(workspace.path, tmp_path / "temp", variables=machine)


def test_github_without_the_action(job: Job) -> None:
    (steps,) = (one["steps"] for one in examples.loaded(".github/workflows/lint.yml")["jobs"].values())
    ended = job.run([step for step in steps if "run" in step], {})
    assert ended.code == 1, ended.log
    assert {one["file"] for one in ended.annotations} == FOUND
    assert "softmax-over-one-unit" in ended.summary


def test_gitlab(job: Job) -> None:
    (wanted,) = examples.loaded(".gitlab-ci.yml").values()
    assert "KERASLINT" in wanted["variables"]
    ended = job.run([{"run": "\n".join(wanted["script"]), "env": {"CI_PROJECT_DIR": job.workspace}}], {})
    assert ended.code == 1, ended.log
    assert ended.log.count("error[softmax-over-one-unit]") == len(FOUND)
    artefact = job.workspace / wanted["artifacts"]["reports"]["codequality"]
    findings = json.loads(artefact.read_text(encoding="utf-8"))
    assert {one["location"]["path"] for one in findings} == FOUND
    assert {one["check_name"] for one in findings} == {"softmax-over-one-unit"}
    assert len({one["fingerprint"] for one in findings}) == len(FOUND)


def test_azure(job: Job) -> None:
    junitparser = pytest.importorskip("junitparser")
    wanted = examples.loaded("azure-pipelines.yml")
    assert "KERASLINT" in wanted["variables"]
    scripts = [{"run": step["script"]} for step in wanted["steps"] if "script" in step]
    ended = job.run(scripts, {})
    assert ended.code == 1, ended.log
    problems = re.findall(r"^##vso\[task\.logissue type=error;sourcepath=(.*?);linenumber=\d+;", ended.log, re.M)
    assert {Path(path).relative_to(job.workspace.resolve()).as_posix() for path in problems} == FOUND
    (published,) = (one["inputs"] for one in wanted["steps"] if one.get("task", "").startswith("PublishTestResults"))
    report = junitparser.JUnitXml.fromfile(str(job.workspace / published["testResultsFiles"]))
    assert report.failures == len(FOUND)

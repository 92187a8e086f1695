"""Reports reach where they belong: several of one run, files that are whole, the summary of a build, the repository's
paths."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from keraslint import delivery, writing
from keraslint.cli import cli
from keraslint.finding import Report
from keraslint.report import Style
from tests import made
from tests.test_formats import FORTY, FORTY_TEXT, GAPS, cells, commands, issues

PROGRAMS = ("json", "jsonl", "github", "gitlab", "sarif", "junit", "azure", "rdjson", "markdown")

BUILD = (
    *("GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"),
    *("CI_PROJECT_DIR", "CI_PROJECT_URL", "CI_COMMIT_SHA", "BUILD_SOURCESDIRECTORY"),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a program in a package, and the package as the current folder, outside of any build."""
    for name in BUILD:
        monkeypatch.delenv(name, raising=False)
    made.use(monkeypatch)
    package = tmp_path / "top" / "pkg"
    package.mkdir(parents=True)
    (tmp_path / "top" / ".git").mkdir()
    (package / "train.py").write_text(made.TRAIN, encoding="utf-8")
    monkeypatch.chdir(package)
    return package


def keraslint(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", "train.py", *arguments])


def reports(*formats: str) -> list[str]:
    return [word for form in formats for word in ("--output-format", form)]


def test_all_reports_of_one_run(folder: Path) -> None:
    done = keraslint(*reports(*(f"{form}=report.{form}" for form in PROGRAMS), "concise"))
    assert done.exit_code == 1
    assert "train.py:9:47: error[softmax-twice]" in done.stdout
    for form in PROGRAMS:
        assert "softmax output, but the loss applies softmax again" in (folder / f"report.{form}").read_text("utf-8")
    assert sorted(path.name for path in folder.iterdir()) == sorted(["train.py", *(f"report.{x}" for x in PROGRAMS)])


@pytest.mark.parametrize(
    ("formats", "message"),
    [
        (["json=a.json", "sarif=./a.json"], "two reports would go to `./a.json`; give each a file of its own"),
        (["json=a.json", "json=a.json"], "two reports would go to `a.json`"),
        (["json="], "no file is named"),
        (["sarif=no/such/a.sarif"], "the folder of `no/such/a.sarif` does not exist"),
        (["sarif=folder"], "`folder` cannot be written: it is a folder"),
        (["sarif=missing/"], "`missing/` cannot be written: it is a folder"),
        (["sarif=train.py/a.sarif"], "the folder of `train.py/a.sarif` does not exist"),
        (["github", "sarif"], "only one report can go to standard output"),
        (["gitub"], "unknown format `gitub`; did you mean `github`"),
    ],
)
def test_what_cannot_be_delivered_is_refused_before_any_work(
    formats: list[str], message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "folder").mkdir()
    monkeypatch.setattr("keraslint.cli.run", None)
    done = keraslint(*reports(*formats))
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_a_dash_is_standard_output() -> None:
    assert json.loads(keraslint(*reports("json=-")).stdout)["summary"]["files"] == 1


def test_two_reports_may_go_to_nowhere() -> None:
    assert keraslint(*reports(f"json={os.devnull}", f"sarif={os.devnull}")).exit_code == 1
    assert not os.path.isfile(os.devnull)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything may be written here")
def test_what_may_not_be_written_is_refused_before_any_work(folder: Path) -> None:
    (folder / "a.json").write_text("{}", encoding="utf-8")
    (folder / "a.json").chmod(0o444)
    done = keraslint(*reports("json=a.json"))
    assert (done.exit_code, "cannot be written: permission denied" in done.stderr) == (2, True)


def test_one_that_cannot_be_written_does_not_stop_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = writing.write_file

    def full(file: str, data: bytes) -> None:
        if file == "a.json":
            raise OSError(28, "No space left on device")
        write(file, data)

    monkeypatch.setattr(writing, "write_file", full)
    done = keraslint(*reports("json=a.json", "sarif=a.sarif", "concise"))
    assert done.exit_code == 2
    assert "Error: `a.json` cannot be written: no space left on device" in done.stderr
    assert "error[softmax-twice]" in done.stdout
    assert json.loads((folder / "a.sarif").read_text("utf-8"))["version"] == "2.1.0"


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_whole_or_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.json").write_text("old", encoding="utf-8")

    def broken(handle: int, mode: str) -> Any:
        os.close(handle)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", broken)
        with pytest.raises(OSError, match="No space left"):
            writing.write_file("a.json", b"new")
    assert (folder / "a.json").read_text("utf-8") == "old"
    assert sorted(path.name for path in folder.iterdir()) == ["a.json", "train.py"]
    writing.write_file("a.json", b"new\n")
    assert (folder / "a.json").read_bytes() == b"new\n"


def test_nobody_sees_half_a_file(folder: Path) -> None:
    """Whoever reads while it is written sees the old text or the new one."""
    texts = {f"{sign}" * 100_000 for sign in "abc"}
    writing.write_file("a.txt", min(texts).encode())
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add((folder / "a.txt").read_text("utf-8"))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(50):
        for text in texts:
            writing.write_file("a.txt", text.encode())
    done.set()
    reader.join()
    assert seen <= texts


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_modes_and_links_stay(folder: Path) -> None:
    (folder / "real.txt").write_text("old", encoding="utf-8")
    (folder / "real.txt").chmod(0o640)
    (folder / "link.txt").symlink_to("real.txt")
    writing.write_file("link.txt", b"new")
    assert (folder / "link.txt").is_symlink()
    assert (folder / "real.txt").read_text("utf-8") == "new"
    assert stat.S_IMODE((folder / "real.txt").stat().st_mode) == 0o640
    os.link(folder / "real.txt", folder / "other.txt")
    writing.write_file("other.txt", b"newer")
    assert (folder / "real.txt").read_text("utf-8") == "newer"
    plain = folder / "plain.txt"
    plain.touch()
    writing.write_file("fresh.txt", b"x")
    assert (folder / "fresh.txt").stat().st_mode == plain.stat().st_mode


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_written_and_stays_a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    command = [sys.executable, "-c", "print(open('pipe', encoding='utf-8').read(), end='')"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as reader:
        writing.write_file("pipe", b"through\n")
        told, _ = reader.communicate(timeout=60)
    assert told == "through\n"
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)


# --- the summary of a step -------------------------------------------------------------------------------------------


def test_the_summary_of_the_step_has_the_whole_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = folder.parent.parent / "summary.md"
    summary.write_text("# before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    done = keraslint(*reports("github"))
    assert done.exit_code == 1
    assert [properties["file"] for _, properties, _ in commands(done.stdout)] == ["pkg/train.py"] * 2
    text = summary.read_text("utf-8")
    assert text.startswith("# before\n\n### keraslint: 1 error, 1 note\n")
    assert [row[0] for row in cells(text)] == ["", "error", "note"]
    keraslint(*reports("json"))
    assert summary.read_text("utf-8") == text
    keraslint(*reports("github=a.txt"))
    assert summary.read_text("utf-8").count("### keraslint") == 2


def test_there_is_no_summary_where_none_is_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "")
    done = keraslint(*reports("github"))
    assert (done.exit_code, done.stderr) == (1, "")


def test_a_summary_that_cannot_be_written_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder))
    done = keraslint(*reports("github"))
    assert done.exit_code == 1
    assert "cannot be written (`GITHUB_STEP_SUMMARY`)" in done.stderr
    assert len(commands(done.stdout)) == 2


def test_a_summary_never_grows_beyond_what_is_shown(folder: Path) -> None:
    report = Report(FORTY.findings * 600, not_checked=GAPS, files=1, texts={"train.py": FORTY_TEXT})
    summary = folder / "summary.md"
    environment = {"GITHUB_STEP_SUMMARY": str(summary)}
    assert delivery.summarise(report, Style(), environment) == ""
    assert 1_000_000 < summary.stat().st_size <= 1024 * 1024
    assert " more |" in summary.read_text("utf-8")
    before = summary.stat().st_size
    for _ in range(3):
        delivery.summarise(report, Style(), environment)
    assert before <= summary.stat().st_size <= 1024 * 1024
    summary.write_bytes(b"x" * (1024 * 1024 - 10))
    assert delivery.summarise(report, Style(), environment).startswith("the summary of this step is full")
    assert summary.stat().st_size == 1024 * 1024 - 10


# --- where files lie -------------------------------------------------------------------------------------------------


def test_paths_begin_at_the_top_of_the_repository(folder: Path) -> None:
    for place in (folder, folder.parent):
        os.chdir(place)
        path = os.path.relpath(folder / "train.py")
        done = CliRunner().invoke(cli, ["check", path, *reports("sarif=a.sarif", "gitlab=a.json", "github")])
        assert {properties["file"] for _, properties, _ in commands(done.stdout)} == {"pkg/train.py"}
        assert {one["location"]["path"] for one in json.loads(Path("a.json").read_text("utf-8"))} == {"pkg/train.py"}
        (run,) = json.loads(Path("a.sarif").read_text("utf-8"))["runs"]
        assert {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]} == {
            "pkg/train.py"
        }
        assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == f"{folder.parent.as_uri()}/"


def test_fingerprints_are_the_same_from_every_folder(folder: Path) -> None:
    found = []
    for place in (folder, folder.parent, folder.parent.parent / "top"):
        os.chdir(place)
        done = CliRunner().invoke(cli, ["check", str(folder / "train.py"), *reports("gitlab")])
        found.append([one["fingerprint"] for one in json.loads(done.stdout)])
    done = CliRunner().invoke(cli, ["check", "pkg/train.py", *reports("gitlab")])
    found.append([one["fingerprint"] for one in json.loads(done.stdout)])
    assert found == [found[0]] * 4


def test_azure_wants_whole_paths(folder: Path) -> None:
    seen = issues(keraslint(*reports("azure")).stdout)
    assert {properties["sourcepath"] for properties, _ in seen} == {str(folder / "train.py")}


@pytest.mark.parametrize("name", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY"])
def test_without_git_the_build_says_where_the_top_is(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "work" / "pkg"
    inner.mkdir(parents=True)
    assert delivery.root(str(inner), {name: str(tmp_path / "work")}) == str(tmp_path / "work")
    assert delivery.root(str(inner), {name: str(tmp_path / "wor")}) == str(inner)
    assert delivery.root(str(inner), {}) == str(inner)
    (inner / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")
    assert delivery.root(str(inner), {name: str(tmp_path / "work")}) == str(inner)


def test_files_have_an_address_in_a_build() -> None:
    github = {"GITHUB_SERVER_URL": "https://example.org", "GITHUB_REPOSITORY": "a/b", "GITHUB_SHA": "12ab"}
    gitlab = {"CI_PROJECT_URL": "https://example.org/a/b", "CI_COMMIT_SHA": "12ab"}
    assert delivery.address(github) == "https://example.org/a/b/blob/12ab"
    assert delivery.address(gitlab) == "https://example.org/a/b/-/blob/12ab"
    assert delivery.address({}) == ""


# --- the rules and the severities of the run -------------------------------------------------------------------------


def driver(*arguments: str) -> Any:
    (run,) = json.loads(keraslint(*reports("sarif"), *arguments).stdout)["runs"]
    return run["tool"]["driver"]


def test_sarif_tells_of_every_rule_that_ran() -> None:
    assert [rule["id"] for rule in driver()["rules"]] == ["model-noted", "softmax-twice", "unread-file"]
    assert [rule["id"] for rule in driver("--select", "softmax-*")["rules"]] == ["softmax-twice"]
    assert all("help" in rule for rule in driver()["rules"])


def test_sarif_says_whether_models_were_to_be_measured(folder: Path) -> None:
    (folder / "plain.py").write_text("x = 1\n", encoding="utf-8")
    ids = []
    for more in ([], ["--probe"]):
        done = CliRunner().invoke(cli, ["check", "plain.py", *more, *reports("sarif")])
        ids.append(json.loads(done.stdout)["runs"][0]["automationDetails"]["id"])
    assert ids == ["keraslint/read/", "keraslint/probe/"]


def test_junit_fails_what_fails_the_run(folder: Path) -> None:
    for arguments, failures in (
        ((), 1),
        (("--fail-on", "note"), 2),
        (("--warning", "softmax-twice", "--fail-on", "error"), 0),
    ):
        done = keraslint(*reports("junit"), *arguments)
        assert f'failures="{failures}"' in done.stdout
        assert done.exit_code == (1 if failures else 0)


@pytest.mark.parametrize("form", PROGRAMS)
def test_a_failure_is_in_every_report_and_the_exit_code_says_so(form: str, folder: Path) -> None:
    (folder / "bad.py").write_text("import keras  # fall over\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["check", ".", *reports(form)])
    assert done.exit_code == 101
    assert "fell over" in done.stdout
    assert "bad.py" in done.stdout

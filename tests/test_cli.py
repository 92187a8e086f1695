"""The command line: commands, options, exit codes, and what goes to which stream."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from keraslint import __version__
from keraslint.cli import cli
from tests import made

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one program that has a slip, and one that has nothing to do with Keras."""
    made.use(monkeypatch)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    Path("train.py").write_text(made.TRAIN, encoding="utf-8")
    Path("plain.py").write_text("import json\n", encoding="utf-8")
    return tmp_path


def keraslint(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, list(arguments), input=given)


def rules(done: Result) -> list[str]:
    return [finding["rule"] for finding in json.loads(done.stdout)["findings"]]


# --- which command ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [[], ["."], ["check"], ["check", "."], ["train.py", "plain.py"], ["--quiet", "."]]
)
def test_check_needs_no_word(arguments: list[str]) -> None:
    done = keraslint(*arguments)
    assert done.exit_code == 1
    assert done.stdout.startswith(
        "note[model-noted]: a model stands here\n  --> train.py:5:33\n".replace("  -->", " -->")
    )
    assert done.stderr == ""
    if "--quiet" not in arguments:
        assert done.stdout.endswith("1 error, 1 note\n1 fixable with `--fix`\n2 files, 1 model: 1 read\n")


def test_a_folder_may_have_the_name_of_a_command() -> None:
    Path("rules").mkdir()
    Path("rules/a.py").write_text(made.TRAIN, encoding="utf-8")
    assert rules(keraslint("./rules", "--output-format", "json")) == ["model-noted", "softmax-twice"]
    assert rules(keraslint("check", "rules", "--output-format", "json")) == ["model-noted", "softmax-twice"]


def test_a_misspelt_command_is_no_path() -> None:
    done = keraslint("explian", "softmax-twice")
    assert done.exit_code == 2
    assert "`explian` is neither a command nor a path; did you mean `explain`?" in done.stderr


def test_version_and_help() -> None:
    assert keraslint("--version").stdout == f"keraslint {__version__}\n"
    for command in ([], ["check"], ["explain"], ["rules"], ["show"]):
        done = keraslint(*command, "--help")
        assert done.exit_code == 0
        assert done.stdout.startswith("Usage: ")


# --- exit codes ------------------------------------------------------------------------------------------------------


def test_nothing_to_fail_on() -> None:
    assert keraslint("plain.py").exit_code == 0
    assert keraslint("train.py", "--ignore", "softmax-twice").exit_code == 0  # what is left is a note


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fail-on", "error"], 1),
        (["--fail-on", "note", "--ignore", "softmax-twice"], 1),
        (["--fail-on", "error", "--warning", "softmax-twice"], 0),
        (["--warning", "softmax-twice"], 1),
        (["--note", "softmax-*"], 0),
        (["--note", "*", "--error", "model-noted"], 1),
        (["--exit-zero"], 0),
    ],
)
def test_what_fails_a_run_can_be_chosen(arguments: list[str], code: int) -> None:
    assert keraslint("train.py", *arguments).exit_code == code


def test_each_project_says_what_fails() -> None:
    Path("keraslint.toml").write_text('fail-on = "error"\nseverity = { softmax-twice = "warning" }\n', encoding="utf-8")
    assert keraslint(".").exit_code == 0
    assert keraslint(".", "--fail-on", "warning").exit_code == 1
    assert keraslint(".", "--isolated").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.py"], "`nowhere.py` does not exist"),
        (["train.py", "nowhere/"], "`nowhere/` does not exist"),
        (["--select", "softmax-twise", "."], "--select: unknown rule `softmax-twise`; did you mean `softmax-twice`?"),
        (["--ignore", "zzz-*", "plain.py"], "--ignore: unknown rule `zzz-*`"),
        (["--note", "model-notes", "plain.py"], "--note: unknown rule `model-notes`; did you mean `model-noted`?"),
        (["--fail-on", "bad", "."], "`bad` is not one of `error`, `warning`, `note`"),
        (["--color", "alwais", "."], "`auto`, `always`, `never`; did you mean `always`?"),
        (["--output-format", "jsno", "."], "unknown format `jsno`; did you mean `json`"),
        (["--output-format", "json", "--output-format", "full", "."], "only one report can go to standard output"),
        (["--output-format", "json=no/such/file", "."], "the folder of `no/such/file` does not exist"),
        (["--unknown", "."], "No such option"),
        (["explain"], "Missing argument"),
        (["explain", "softmax-twise"], "unknown rule `softmax-twise`; did you mean `softmax-twice`?"),
        (["rules", "--select", "no"], "--select: unknown rule `no`; `keraslint rules` lists them all"),
        (["explain", "noted"], "unknown rule `noted`; did you mean `model-noted`?"),
        (["show", "nowhere.py"], "`nowhere.py` does not exist"),
    ],
)
def test_what_cannot_be_followed_is_2(arguments: list[str], message: str) -> None:
    done = keraslint(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_a_configuration_that_is_not_understood_is_2() -> None:
    Path("keraslint.toml").write_text('\nselct = ["a"]\n', encoding="utf-8")
    for command in (["."], ["rules"], ["show", "train.py"]):
        done = keraslint(*command)
        assert done.exit_code == 2
        assert "keraslint.toml:2: unknown key `selct`; did you mean `select`?" in done.stderr
    assert keraslint(".", "--isolated").exit_code == 1


def test_a_report_that_cannot_be_written_is_2() -> None:
    Path("folder").mkdir()
    done = keraslint("plain.py", "--output-format", "json=folder")
    assert done.exit_code == 2
    assert "`folder` cannot be written" in done.stderr


def test_a_failure_of_ours_is_101_and_the_rest_is_checked() -> None:
    Path("bad.py").write_text("import keras  # fall over\n", encoding="utf-8")
    done = keraslint(".")
    assert done.exit_code == 101
    assert "error[softmax-twice]" in done.stdout
    assert "keraslint failed on 1 file (bad.py)" in done.stdout
    assert "bad.py: this is a mistake in keraslint" in done.stderr
    assert "please report this" in done.stderr
    assert "RuntimeError: fell over" in done.stderr
    assert keraslint("show", ".").exit_code == 101


def test_an_unreadable_file_is_a_finding() -> None:
    Path("bad.ipynb").write_text('{"keras": ', encoding="utf-8")
    done = keraslint(".", "--output-format", "json")
    assert done.exit_code == 1
    assert rules(done) == ["unread-file", "model-noted", "softmax-twice"]


# --- what is looked at -----------------------------------------------------------------------------------------------


def test_an_empty_folder_is_fine_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = keraslint("empty")
    assert (done.exit_code, done.stdout) == (0, "no Python files\n")
    done = keraslint("empty", "--output-format", "json")
    assert (done.exit_code, done.stderr) == (0, "no Python files\n")
    assert json.loads(done.stdout)["summary"]["files"] == 0
    assert keraslint("empty", "--quiet").output == ""


def test_standard_input() -> None:
    done = keraslint("-", "--output-format", "concise", "--quiet", given=made.TRAIN)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == "<stdin>:5:33: note[model-noted] a model stands here"
    done = keraslint("-", "--stdin-filename", "pkg/a.py", "--output-format", "concise", "--quiet", given=made.TRAIN)
    assert done.stdout.startswith("pkg/a.py:5:33: ")


def test_standard_input_may_be_a_notebook() -> None:
    cell = {"cell_type": "code", "id": "a", "source": made.TRAIN.splitlines(keepends=True)}
    text = json.dumps({"cells": [cell], "nbformat": 4}, indent=1)
    done = keraslint("-", "--stdin-filename", "a.ipynb", given=text)
    assert " --> a.ipynb:cell 1:5:33 (line " in done.stdout


def test_standard_input_has_the_configuration_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "keraslint.toml").write_text('ignore = ["*"]\n', encoding="utf-8")
    assert keraslint("-", "--stdin-filename", "pkg/a.py", given=made.TRAIN).exit_code == 0
    assert keraslint("-", given=made.TRAIN).exit_code == 1
    forced = ("--stdin-filename", "pkg/a.py", "--isolated", "--exclude", "pkg", "--force-exclude")
    assert keraslint("-", *forced, given=made.TRAIN).exit_code == 0


def test_excludes() -> None:
    assert keraslint(".", "--exclude", "train.py").exit_code == 0
    assert keraslint("train.py", "--exclude", "train.py").exit_code == 1
    assert keraslint("train.py", "--exclude", "train.py", "--force-exclude").exit_code == 0


# --- reports ---------------------------------------------------------------------------------------------------------


def test_several_reports_of_one_run() -> None:
    done = keraslint(
        "train.py", "--output-format", "json=a.json", "--output-format", "jsonl=b.jsonl", "--output-format", "concise"
    )
    assert done.exit_code == 1
    assert "train.py:9:47: error[softmax-twice]" in done.stdout
    written = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert [json.loads(line) for line in Path("b.jsonl").read_text(encoding="utf-8").splitlines()] == written[
        "findings"
    ]


def test_reports_in_files_leave_standard_output_empty() -> None:
    done = keraslint("train.py", "--output-format", "full=report.txt", "--color", "always")
    assert done.stdout == ""
    assert "\x1b" not in Path("report.txt").read_text(encoding="utf-8")


def test_fixes_are_told_exactly() -> None:
    document = json.loads(keraslint("train.py", "--output-format", "json").stdout)
    (edit,) = document["findings"][1]["fixes"][0]["edits"]
    assert (edit["line"], edit["column"], edit["end_line"], edit["end_column"], edit["text"]) == (9, 47, 9, 63, "")


def test_statistics() -> None:
    done = keraslint("train.py", "--statistics", "--quiet", "--output-format", "concise")
    assert done.stdout.endswith("1  model-noted    note\n1  softmax-twice  error    1 fixable\n")
    done = keraslint("train.py", "--statistics", "--output-format", "json")
    assert json.loads(done.stdout)
    assert done.stderr == "1  model-noted    note\n1  softmax-twice  error    1 fixable\n"


def test_the_last_lines_tell_what_can_be_fixed() -> None:
    lines = keraslint("train.py").stdout.splitlines()
    assert lines[-3:] == ["1 error, 1 note", "1 fixable with `--fix`", "1 file, 1 model: 1 read"]
    assert not any("fixable" in line for line in keraslint("train.py", "--ignore", "softmax-twice").stdout.splitlines())


def test_verbose_names_every_file() -> None:
    Path("gap.py").write_text("import keras\ngive up\n" * 5, encoding="utf-8")
    done = keraslint(".", "--verbose")
    assert done.stderr.splitlines() == ["gap.py: reading", "plain.py: does not mention Keras", "train.py: reading"]
    assert done.stdout.count(": it was too hard") == 5
    assert keraslint(".").stdout.rstrip().endswith("gap.py:6: it was too hard; and 2 more)")


def test_colours() -> None:
    assert "\x1b[" in keraslint("train.py", "--color", "always").stdout
    assert "\x1b[" not in keraslint("train.py").stdout


@pytest.mark.parametrize(
    ("environment", "arguments", "colored"),
    [
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"FORCE_COLOR": ""}, [], False),
    ],
)
def test_the_environment_may_ask_for_colours(
    environment: dict[str, str], arguments: list[str], colored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for command in (["train.py"], ["rules"], ["show", "train.py"], ["explain", "softmax-twice"]):
        assert ("\x1b[" in keraslint(*command, *arguments).stdout) is colored, command


# --- explain, rules, show --------------------------------------------------------------------------------------------

PAGE = """\
softmax-twice  error, fixable

A softmax that the loss applies again.

What happens is told here, on two lines.

Bad
    layers.Dense(10, activation="softmax")

Good
    layers.Dense(10)

When it is fine
    Never.

References
    https://keras.io/api/losses/
"""


@pytest.mark.parametrize("name", ["softmax-twice", "softmax_twice"])
def test_a_rule_is_explained(name: str) -> None:
    done = keraslint("explain", name)
    assert (done.exit_code, done.stdout) == (0, PAGE)


def test_rules_are_listed_with_why_they_run() -> None:
    Path("keraslint.toml").write_text('ignore = ["model-*"]\nseverity = { softmax-twice = "note" }\n', encoding="utf-8")
    done = keraslint("rules")
    assert done.exit_code == 0
    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert rows[1].startswith("model-noted note yes no: ignored by `model-*` (keraslint.toml:1)")
    assert rows[2].startswith("softmax-twice note yes by default; note by `softmax-twice` (keraslint.toml:2)")
    assert done.stdout.endswith("3 rules, 2 selected here\n")
    listed = json.loads(keraslint("rules", "--format", "json").stdout)
    assert listed[1] == {
        "name": "softmax-twice",
        "title": "A softmax that the loss applies again.",
        "severity": "note",
        "fixable": True,
        "selected": True,
        "why": "by default",
        "usual_severity": "error",
        "severity_by": "`softmax-twice` (keraslint.toml:2)",
    }
    chosen = json.loads(keraslint("rules", "--format", "json", "--select", "model-noted").stdout)
    assert [(rule["selected"], rule["why"]) for rule in chosen] == [
        (True, "selected by `model-noted` (--select)"),
        *[(False, "not selected by --select")] * 2,
    ]


def test_rules_are_listed_for_a_file() -> None:
    Path("keraslint.toml").write_text('[per-file-ignores]\n"train.*" = ["softmax-twice"]\n', encoding="utf-8")

    def why(*arguments: str) -> tuple[bool, str]:
        row = json.loads(keraslint("rules", "--format", "json", *arguments).stdout)[1]
        return row["selected"], row["why"]

    assert why() == (True, "by default, but not in `train.*` (keraslint.toml:2)")
    assert why("plain.py") == why()
    assert why("train.py") == (False, "ignored by `softmax-twice` (keraslint.toml:2)")
    assert why("train.py", "--isolated") == (True, "by default")
    assert "`nowhere.py` does not exist" in keraslint("rules", "nowhere.py").stderr


def test_show_draws_what_was_recovered() -> None:
    done = keraslint("show", ".")
    assert done.exit_code == 0
    for line in (
        "model 0  train.py:5:33",
        "activation: softmax  5:33  read",
        "from logits: yes  9:47  read",
    ):
        assert line in done.stdout
    assert [line for line in done.stdout.splitlines() if "not known: " in line and "units" in line]
    assert keraslint("show", "plain.py").stdout == "no models\n"


def test_show_tells_what_was_not_recovered() -> None:
    Path("gap.py").write_text("import keras\ngive up\n", encoding="utf-8")
    Path("bad.ipynb").write_text('{"keras": ', encoding="utf-8")
    done = keraslint("show", "gap.py", "bad.ipynb")
    assert done.exit_code == 0
    assert "not recovered  gap.py:2:1  it was too hard" in done.stdout
    assert "unreadable  bad.ipynb:1:11  not a notebook" in done.stdout


def test_show_as_json() -> None:
    document = json.loads(keraslint("show", "train.py", "--format", "json").stdout)
    assert document["schema_version"] == 1
    (model,) = document["models"]
    assert model["heads"][0]["activation"]["value"] == "softmax"


# --- the real program ------------------------------------------------------------------------------------------------

RULE = '''\
from keraslint import Finding, Head, Severity, rule


@rule(Head, Severity.ERROR)
def check(head):
    """A head."""
    if head.activation:
        yield Finding("größe: a head", because=(head.activation,))
'''


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """The environment of a process in which somebody has installed a package with one rule."""
    site = tmp_path / "site"
    about = site / "their_rules-1.0.dist-info"
    (site / "their_rules").mkdir(parents=True)
    about.mkdir()
    (site / "their_rules" / "__init__.py").write_text("", encoding="utf-8")
    (site / "their_rules" / "any_head.py").write_text(RULE, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: their-rules\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[keraslint.rules]\ntheirs = their_rules\n", encoding="utf-8")
    path = os.pathsep.join([str(ROOT), str(ROOT / "rules"), str(site)])
    return {**os.environ, "PYTHONPATH": path}


COMMAND = [sys.executable, "-m", "keraslint"]


def test_rules_of_others_run_like_ours(elsewhere: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "train.py", "--select", "any-head", "--output-format", "concise"],
        env={**elsewhere, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
    )
    assert done.stderr == ""
    assert done.stdout.startswith("train.py:5:33: error[any-head] größe: a head\n")
    assert done.returncode == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_code_page_will_do(elsewhere: dict[str, str], encoding: str) -> None:
    Path("数.py").write_text(made.TRAIN + "# 数字 größe\n", encoding="utf-8")
    commands = (["check", "数.py", "--select", "any-head"], ["show", "数.py"], ["rules"], ["nowhere 数.py"])
    for arguments in commands:
        done = subprocess.run(
            [*COMMAND, *arguments],
            env={**elsewhere, "PYTHONIOENCODING": encoding},
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        assert b"Traceback" not in done.stderr, done.stderr
        assert done.returncode in (0, 1, 2)
        assert done.stdout.decode(encoding) or done.stderr


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently there")
def test_a_reader_that_has_seen_enough_is_no_failure(elsewhere: dict[str, str]) -> None:
    for number in range(200):
        Path(f"train_{number}.py").write_text(made.TRAIN, encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, ".", "--select", "any-head"], env=elsewhere, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_an_interrupted_run_is_130(elsewhere: dict[str, str]) -> None:
    os.mkfifo("waits.py")
    with subprocess.Popen(
        [*COMMAND, "--verbose", "plain.py", "waits.py"],
        env=elsewhere,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    ) as running:
        assert running.stderr
        assert running.stderr.readline() == b"plain.py: does not mention Keras\n"
        time.sleep(0.2)  # it opens the pipe, which nobody writes to
        running.send_signal(signal.SIGINT)
        try:
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 130
    assert b"Traceback" not in said


def test_a_broken_package_of_rules_is_refused(elsewhere: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "site" / "their_rules" / "broken.py").write_text("import no_such_module\n", encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, "train.py"], env=elsewhere, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 2
    assert "the rules of `their_rules` cannot be imported: ModuleNotFoundError" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals")
def test_on_a_terminal_the_report_has_colours_and_fits_the_window(elsewhere: dict[str, str]) -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {**elsewhere, "TERM": "xterm", "COLUMNS": "50"}
    with subprocess.Popen(
        [*COMMAND, "train.py", "--select", "any-head"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # the other end was closed
            pass
    os.close(ours)
    assert running.returncode == 1
    assert b"\x1b[1;31merror[" in shown

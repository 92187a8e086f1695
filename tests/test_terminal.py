"""What people see on their terminals, and what happens when nobody takes what is written."""

from __future__ import annotations

import codecs
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from keraslint import terminal, writing
from keraslint.cli import cli
from keraslint.report.text import Linked, lay_out, paint, width_of

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "keraslint"]
SEED = ROOT / "fixtures" / "seeds" / "xray_softmax_from_logits.py"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program that has slips; nothing in the environment asks for colours."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "FORCE_HYPERLINK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "rules")]))
    (tmp_path / "train.py").write_text(SEED.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A line for the shell, where `keraslint` is ours."""
    return subprocess.run(
        ["bash", "-c", f'keraslint() {{ "{sys.executable}" -m keraslint "$@"; }}\n{line}'],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def on_terminal(arguments: Sequence[str], **environment: str) -> str:
    """What a command writes to a terminal."""
    import pty

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, "TERM": "xterm-256color", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # the other end was closed
            pass
    os.close(ours)
    return shown.decode()


unix = pytest.mark.skipif(os.name == "nt", reason="no bash, no pseudo-terminals")


# --- colours and links ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "watched", "colored"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({"CLICOLOR": "0"}, True, False),
        ({"CLICOLOR": "1"}, False, False),
        ({"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "0"}, False, False),
    ],
)
def test_when_there_are_colours(environment: dict[str, str], watched: bool, colored: bool) -> None:
    assert terminal.colors("auto", environment, terminal=watched) is colored
    assert terminal.colors("always", environment, terminal=watched)
    assert not terminal.colors("never", environment, terminal=watched)


@pytest.mark.skipif(os.name == "nt", reason="other terminals there")
@pytest.mark.parametrize(
    ("environment", "watched", "linked"),
    [
        ({"TERM": "xterm-256color"}, True, True),
        ({"TERM": "xterm-256color"}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "linux"}, True, False),
        ({}, True, False),
        ({"TERM": "xterm", "FORCE_HYPERLINK": "0"}, True, False),
        ({"FORCE_HYPERLINK": "1"}, False, True),
    ],
)
def test_when_there_are_links(environment: dict[str, str], watched: bool, linked: bool) -> None:
    assert terminal.links(environment, terminal=watched) is linked


LINK = re.compile(r"\x1b\]8;;([^\x1b]*)\x1b\\([^\x1b]*)\x1b\]8;;\x1b\\")


@unix
def test_the_name_of_a_rule_leads_to_its_page() -> None:
    for arguments in (["train.py"], ["train.py", "--output-format", "concise"], ["rules"]):
        links = {name: address for address, name in LINK.findall(on_terminal(arguments))}
        address = links["probabilities-as-logits"]
        assert address.startswith("file://")
        page = Path("/" + address.removeprefix("file://").partition("/")[2])
        assert "already are probabilities" in page.read_text(encoding="utf-8")


@unix
def test_where_links_cannot_be_followed_there_are_none() -> None:
    assert "\x1b" not in on_terminal(["train.py"], TERM="dumb")
    piped = shell("keraslint train.py --color always").stdout
    assert "\x1b[1;33mwarning[probabilities-as-logits]\x1b[0m" in piped
    assert "\x1b]8" not in piped
    assert "\x1b]8" in on_terminal(["train.py"], NO_COLOR="1")
    assert "\x1b[" not in on_terminal(["train.py"], NO_COLOR="1")


def test_a_link_is_part_of_what_is_painted() -> None:
    words = [("error[", "error"), (Linked("name", "file:///x"), "error"), ("] ", "error"), ("more", "")]
    assert paint([words], color=False) == "error[\x1b]8;;file:///x\x1b\\name\x1b]8;;\x1b\\] more\n"
    assert paint([words], color=True) == "\x1b[1;31merror[\x1b]8;;file:///x\x1b\\name\x1b]8;;\x1b\\] \x1b[0mmore\n"


# --- code pages -------------------------------------------------------------------------------------------------------


def test_what_a_code_page_lacks_is_drawn_in_ascii() -> None:
    codecs.register_error(terminal.FALLBACK, terminal.readable)
    text = "├── größe → 数 \N{REPLACEMENT CHARACTER}"
    assert text.encode("ascii", terminal.FALLBACK) == b"|-- gr\\xf6\\xdfe -> \\u6570 ?"
    assert text.encode("cp1252", terminal.FALLBACK) == "|-- größe -> \\u6570 ?".encode("cp1252")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("UTF8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("ANSI_X3.4-1968", "ascii"),
        ("cp1252", "cp1252"),
        ("odd", "utf-8"),
    ],
)
def test_the_encoding_of_a_stream(name: str, known: str) -> None:
    class Stream(io.StringIO):
        encoding = name

    assert terminal.encoding(Stream()) == known
    assert terminal.encoding(io.StringIO()) == "utf-8"


def test_a_character_that_is_lacking_takes_the_columns_that_it_is_shown_in() -> None:
    shown, columns = lay_out("ö数\tx", "cp1252")
    assert "".join(shown) == "ö\\u6570 x"
    assert columns == [0, 1, 7, 8, 9]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_underlines_stand_below_what_they_mean(encoding: str) -> None:
    text = 'import keras\nname = "größe é"; m = keras.Sequential([keras.layers.Dense(1, activation="softmax")])\n'
    Path("wide.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, "wide.py"],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    lines = done.stdout.decode(encoding).splitlines()
    row = next(number for number, line in enumerate(lines) if "Dense(1" in line)
    assert lines[row][lines[row + 1].index("^") :].startswith('"softmax"')


@unix
def test_the_environment_of_an_old_system_will_do() -> None:
    done = shell("keraslint show train.py", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0
    assert "|-- runtime\n|   |-- package: " in done.stdout


# --- what a stranger's names may not do -------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
@pytest.mark.parametrize("output_format", ["full", "concise"])
def test_a_name_does_not_steer_the_terminal(output_format: str) -> None:
    name = "\x1b]0;owned\x07\x1b[31m\u202e.py"
    Path(name).write_text(SEED.read_text(encoding="utf-8").replace("dtype=str)", "dtype=str)  # \x1b[2J"), "utf-8")
    for arguments in (["-v", name], ["--diff", "--unsafe-fixes", name], [f"no{name}"], ["--select", name]):
        shown = on_terminal([*arguments, "--output-format", output_format], NO_COLOR="1", FORCE_HYPERLINK="0")
        assert shown
        assert not re.findall("[\x1b\x07\u202e]", shown), arguments


# --- streams that fail ------------------------------------------------------------------------------------------------


@unix
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("keraslint train.py >&-", 1),
        ("keraslint train.py >&- 2>&-", 1),
        ("keraslint --version >&-", 0),
        ("keraslint nowhere.py 2>&-", 2),
        ("keraslint -v nowhere.py 2>&-", 2),
        ("keraslint - <&-", 0),
    ],
)
def test_a_closed_stream_changes_nothing(line: str, code: int) -> None:
    done = shell(line)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


@unix
def test_a_run_is_interrupted_while_its_parts_are_loaded() -> None:
    program = """if True:
        import runpy, sys
        class Interrupting:
            def find_spec(self, name, *rest):
                if name == "click":
                    raise KeyboardInterrupt
        sys.meta_path.insert(0, Interrupting())
        runpy.run_module("keraslint", run_name="__main__")
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device")
@pytest.mark.parametrize("arguments", ["train.py", "--version", "--help", "rules", "explain no-gradient", "show ."])
def test_a_full_disk_is_told(arguments: str) -> None:
    done = shell(f"keraslint {arguments} >/dev/full")
    assert done.returncode == 2
    assert done.stderr == "Error: standard output cannot be written: no space left on device\n"
    assert shell(f"keraslint {arguments} 2>/dev/full").returncode in (0, 1)


@unix
@pytest.mark.parametrize(
    "arguments", ["--version", "rules", "show . --format json", "train.py", "--diff train.py", "-v .", "nowhere.py"]
)
def test_whoever_reads_may_have_seen_enough(arguments: str) -> None:
    done = shell(f"keraslint {arguments} 2>&1 >&3 3>&1 | head -c 1 >/dev/null")
    both = shell(f"{{ keraslint {arguments}; echo $? >code; }} 2>&1 | true")
    assert "Traceback" not in done.stderr + both.stderr
    assert "Exception ignored" not in done.stderr + both.stderr
    assert Path("code").read_text(encoding="utf-8").strip() in ("0", "1", "2")


@unix
@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_run_that_is_ended_leaves_nothing(sent: str, code: int, folder: Path) -> None:
    os.mkfifo("waits.py")
    with subprocess.Popen(
        [*COMMAND, "--verbose", "train.py", "waits.py", "--output-format", "json=report.json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: [signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)],
    ) as running:
        assert running.stderr
        assert running.stderr.readline() == b"train.py: reading\n"
        time.sleep(0.2)
        running.send_signal(getattr(signal, sent))
        try:
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    # Python ends itself with the signal where it was about to run a text (`exec`); a shell sees the same number then.
    assert running.returncode in (code, -getattr(signal, sent))
    assert said.strip() == b""
    assert sorted(os.listdir()) == ["train.py", "waits.py"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_reports_that_cannot_be_written_take_no_other_with_them() -> None:
    formats = ("json=/dev/full", "concise", "jsonl=lines.jsonl")
    done = CliRunner().invoke(cli, ["train.py", *(f"--output-format={form}" for form in formats)])
    assert done.exit_code == 2
    assert "`/dev/full` cannot be written: no space left on device" in done.stderr
    assert "warning[probabilities-as-logits]" in done.stdout
    assert Path("lines.jsonl").read_text(encoding="utf-8").count("\n") == 3


@pytest.mark.skipif(shutil.which("git") is None, reason="no git to apply it with")
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_difference_can_be_applied(end: str) -> None:
    text = "# \f \x85\n" + SEED.read_text(encoding="utf-8").rstrip("\n")
    before = (text.replace("\n", end or "\n") + end).encode()
    Path("train.py").write_bytes(before)
    done = subprocess.run([*COMMAND, "train.py", "--diff"], capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert Path("train.py").read_bytes() == before
    subprocess.run(["git", "apply", "-p0", "-"], input=done.stdout, check=True)
    applied = Path("train.py").read_bytes()
    Path("train.py").write_bytes(before)
    subprocess.run([*COMMAND, "train.py", "--fix"], capture_output=True, stdin=subprocess.DEVNULL)
    assert Path("train.py").read_bytes() == applied != before


# --- what the system refuses ------------------------------------------------------------------------------------------


def refused(line: str, *closed: str) -> subprocess.CompletedProcess[str]:
    """A line for the shell, with paths that are closed even to their owner (`path=mode`), and who may everything may
    no more than that."""
    before = {}
    capabilities = "-dac_override,-dac_read_search"
    humble = f"setpriv --bounding-set {capabilities} --inh-caps {capabilities} " if os.geteuid() == 0 else ""
    try:
        for one in closed:
            path, _, mode = one.partition("=")
            before[path] = os.stat(path).st_mode
            os.chmod(path, int(mode, 8))
        return shell(line.replace("keraslint ", f'{humble}"{sys.executable}" -m keraslint '))
    finally:
        for path, old in before.items():
            os.chmod(path, old)


can_refuse = pytest.mark.skipif(
    os.name == "nt" or (os.geteuid() == 0 and shutil.which("setpriv") is None), reason="nothing can be refused here"
)


@can_refuse
@pytest.mark.parametrize("checkout", [False, True])
def test_what_may_not_be_read_is_named_and_the_rest_is_checked(checkout: bool) -> None:
    Path("closed").mkdir()
    for path in ("closed/a.py", "secret.py", "other.py"):
        Path(path).write_text("import keras\n", encoding="utf-8")
    if checkout and shutil.which("git") is not None:
        subprocess.run(["git", "init", "--quiet"], check=True)
        subprocess.run(["git", "add", "closed/a.py", "secret.py"], check=True)
    done = refused("keraslint . --output-format concise", "closed=000", "secret.py=000")
    assert done.returncode == 1
    assert "closed:1:1: error[unreadable-file] not checked: permission denied" in done.stdout
    assert "secret.py:1:1: error[unreadable-file] not checked: permission denied" in done.stdout
    assert "train.py:53:50: warning[probabilities-as-logits]" in done.stdout
    assert "2 errors, 3 warnings" in done.stdout
    assert refused("keraslint closed", "closed=000").returncode == 1
    assert refused("keraslint secret.py", "secret.py=000").returncode == 1
    inside = refused("keraslint closed/a.py", "closed=000")
    assert (inside.returncode, inside.stderr) == (2, "Error: `closed/a.py`: permission denied\n")


@can_refuse
def test_what_may_not_be_written_stays_as_it_is() -> None:
    before = Path("train.py").read_bytes()
    done = refused("keraslint --fix train.py", ".=555")
    assert (done.returncode, done.stderr) == (1, "train.py: not fixed: permission denied\n")
    done = refused("keraslint --fix train.py", "train.py=444")
    assert (done.returncode, done.stderr) == (1, "train.py: not fixed: the file is read-only\n")
    assert Path("train.py").read_bytes() == before
    done = refused("keraslint train.py --output-format json=report.json", ".=555")
    assert done.returncode == 2
    assert done.stderr.endswith("`report.json` cannot be written: permission denied\n")
    assert os.listdir() == ["train.py"]
    Path("report.json").write_text("an older one, which is longer" * 1000, encoding="utf-8")
    assert refused("keraslint train.py --output-format json=report.json", ".=555").returncode == 1
    assert Path("report.json").read_text(encoding="utf-8").endswith("}\n")


@can_refuse
def test_a_configuration_that_may_not_be_read_is_refused() -> None:
    Path("keraslint.toml").touch()
    done = refused("keraslint train.py", "keraslint.toml=000")
    assert (done.returncode, done.stderr) == (2, "Error: keraslint.toml: cannot be read: permission denied\n")


@unix
def test_a_file_that_vanishes_while_we_run_is_named_and_the_rest_is_checked() -> None:
    os.mkfifo("waits.py")
    Path("gone.py").write_text("import keras\n", encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, "waits.py", "gone.py", "train.py", "--output-format", "concise"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        with open("waits.py", "w", encoding="utf-8") as waits:  # from here on it is looking at the first file
            Path("gone.py").unlink()
            waits.write("import json\n")
        assert running.stdout
        shown = running.stdout.read()
    assert running.returncode == 1
    assert shown.startswith("gone.py:1:1: error[unreadable-file] not checked: no such file or directory\n")
    assert "1 error, 3 warnings" in shown


@unix
def test_a_pipe_is_read_and_not_written() -> None:
    done = shell("keraslint --fix <(cat train.py) --output-format concise")
    assert done.returncode == 1
    assert done.stderr.endswith(": not fixed: standard input and pipes cannot be written\n")
    assert "3 warnings" in done.stdout


@unix
def test_a_folder_that_is_gone_is_told(folder: Path) -> None:
    done = shell("mkdir gone; cd gone; rmdir ../gone; keraslint")
    assert (done.returncode, done.stderr) == (2, "Error: the current folder does not exist any more\n")


# --- narrow windows ---------------------------------------------------------------------------------------------------


@unix
@pytest.mark.parametrize("width", [20, 25, 30, 40, 79])
def test_a_narrow_window_is_not_overrun(width: int) -> None:
    shown = on_terminal(["train.py"], COLUMNS=str(width), NO_COLOR="1", FORCE_HYPERLINK="0").splitlines()
    *lines, _, _, _ = shown  # the last three are about the run
    assert not [line for line in lines if width_of(line) > width and "keraslint explain" not in line]
    assert len([line for line in lines if "keraslint explain" in line]) == 3


# --- files are written whole or not at all ----------------------------------------------------------------------------


def test_an_interrupted_write_leaves_the_file_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.json").write_bytes(b"old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("fsync", "chmod", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, interrupt)
            for path in ("a.json", "new.json"):
                with pytest.raises(KeyboardInterrupt):
                    writing.write_file(path, b"new")
        assert Path("a.json").read_bytes() == b"old"
        assert sorted(os.listdir()) == ["a.json", "train.py"]


@unix
def test_a_file_keeps_its_mode_and_a_new_one_has_the_usual_one() -> None:
    Path("a.json").write_bytes(b"a longer one")
    Path("a.json").chmod(0o640)
    Path("plain").touch()
    Path("link.json").symlink_to("a.json")
    for path in ("a.json", "new.json", "link.json"):
        writing.write_file(path, b"new")
        assert Path(path).read_bytes() == b"new"
    assert Path("a.json").stat().st_mode & 0o777 == 0o640
    assert Path("link.json").is_symlink()
    assert Path("new.json").stat().st_mode == Path("plain").stat().st_mode


@unix
def test_devices_and_pipes_take_reports_as_they_come() -> None:
    assert shell("keraslint train.py --output-format json=/dev/stdout").stdout.startswith("{")
    assert shell("keraslint train.py --output-format jsonl=/dev/stderr").stderr.startswith("{")
    assert shell("keraslint train.py --output-format json=/dev/null").returncode == 1
    assert shell("keraslint train.py --output-format jsonl=>(wc -l >lines); sleep 0.5; cat lines").stdout.strip() == "3"
    assert os.path.exists("/dev/null") and not os.path.isfile("/dev/null")


def test_a_folder_that_takes_no_new_file_keeps_the_report_out_of_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.json").write_bytes(b"a longer one")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    writing.write_file("a.json", b"new")
    assert Path("a.json").read_bytes() == b"new"
    with pytest.raises(PermissionError):
        writing.write_file("b.json", b"new")

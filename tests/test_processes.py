"""Several processes: the same bytes whatever their number, and one that dies takes one file along and nothing else."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from keraslint import processes
from keraslint.cli import cli
from keraslint.outcome import Outcome

ROOT = Path(__file__).resolve().parents[1]

TRAIN = """\
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense({units}, activation="softmax")])
model.compile("adam", loss=keras.losses.CategoricalCrossentropy(from_logits=True))
"""
RULE = """\
import os, signal, time
from keraslint import Fact, Finding, Model, Severity, rule


@rule(Model, Severity.NOTE)
def check(model):
    \"\"\"A model.\"\"\"
    {deed}
    yield from ()
"""
DEEDS = {
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "ended": "os._exit(7)",
    "crashed": "os.kill(os.getpid(), signal.SIGSEGV)",
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Many small programs with slips, some without Keras between them."""
    monkeypatch.chdir(tmp_path)
    Path("keraslint.toml").write_text("", encoding="utf-8")
    for number in range(24):
        Path(f"file{number:02}.py").write_text(TRAIN.format(units=number + 2), encoding="utf-8")
        Path(f"plain{number:02}.py").write_text("import json\n", encoding="utf-8")
    Path("broken.py").write_text("import keras\nmodel = (\n", encoding="utf-8")
    return tmp_path


def deed(code: str) -> None:
    """A rule of this project that does something to the process that reads `file07.py`."""
    Path("own").mkdir(exist_ok=True)
    code = f'if model.span.path.endswith("file07.py"):\n        {code}'
    Path("own/every_model.py").write_text(RULE.format(deed=code), encoding="utf-8")
    Path("keraslint.toml").write_text('rules = ["own"]\n', encoding="utf-8")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "keraslint", *arguments]


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    return {**os.environ, "PYTHONPATH": path, **more}


def keraslint(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, encoding="utf-8", check=False, env=environment(**more)
    )


# --- the same bytes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["full", "json", "html"])
def test_the_number_of_processes_changes_nothing(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)  # a page says when it was made
    said = [CliRunner().invoke(cli, ["--jobs", jobs, "--output-format", form]) for jobs in ("1", "2", "4", "auto")]
    assert {one.exit_code for one in said} == {1}, said[0].output
    assert len({one.stdout for one in said}) == 1
    assert {one.stderr for one in said} == {""}


def test_neither_hash_seed_nor_locale_nor_store_changes_anything(tmp_path: Path) -> None:
    Path("umlaut-ä.py").write_text(TRAIN.format(units=3) + "# ä\n", encoding="utf-8")
    kept = {"KERASLINT_NO_CACHE": "", "KERASLINT_CACHE_DIR": str(tmp_path / "kept")}
    runs = [
        keraslint("--jobs", jobs, "--output-format", "json", PYTHONHASHSEED=seed, PYTHONUTF8="1", LC_ALL=locale, **more)
        for jobs, seed, locale, more in [
            ("1", "0", "C", {}),
            ("2", "1", "C.UTF-8", kept),
            ("4", "2", "C", kept),
            ("1", "3", "POSIX", kept),
        ]
    ]
    assert [run.returncode for run in runs] == [1] * 4, runs[0].stderr
    assert len({run.stdout for run in runs}) == 1
    assert len(json.loads(runs[0].stdout)["findings"]) >= 26


def test_what_is_done_last_is_told_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    deed("time.sleep(1.5)")
    assert keraslint("--jobs", "3").stdout == keraslint("--jobs", "1").stdout


def test_processes_start_where_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []

    class Counted(processes.Crew):
        def __init__(self, *arguments: object) -> None:
            started.append(arguments)
            super().__init__(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(processes, "Crew", Counted)
    monkeypatch.setattr(processes, "usable", lambda: 2)
    CliRunner().invoke(cli, [])
    assert not started  # too few for anybody who did not ask
    CliRunner().invoke(cli, ["--jobs", "2", "file01.py"])
    assert not started
    for number in range(2 * processes.MANY_FILES):
        shutil.copy("file01.py", f"more{number}.py")
    CliRunner().invoke(cli, [])
    assert len(started) == 1
    monkeypatch.setattr(processes, "usable", lambda: 1)
    CliRunner().invoke(cli, [])
    assert len(started) == 1


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5", "", "99999"])
def test_what_is_no_number_of_processes_is_refused(jobs: str) -> None:
    done = CliRunner().invoke(cli, ["--jobs", jobs])
    assert done.exit_code == 2
    assert f"`{jobs}` is neither `auto` nor a number" in done.output


def test_a_refusal_comes_through() -> None:
    Path("inner").mkdir()
    shutil.copy("file01.py", "inner/one.py")
    Path("inner/keraslint.toml").write_text('select = ["no-such-rule"]\n', encoding="utf-8")
    one, two = keraslint("--jobs", "1"), keraslint("--jobs", "2")
    assert (one.returncode, one.stdout, one.stderr) == (two.returncode, two.stdout, two.stderr)
    assert one.returncode == 2


# --- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", DEEDS.values(), ids=DEEDS)
def test_a_process_that_dies_loses_one_file(code: str) -> None:
    whole = json.loads(keraslint("--output-format", "json").stdout)
    deed(code)
    done = keraslint("--jobs", "2", "--output-format", "json")
    assert done.returncode == 101
    assert "file07.py: this is a mistake in keraslint" in done.stderr
    assert "the process that read this file" in done.stderr
    report = json.loads(done.stdout)
    assert [gap["path"] for gap in report["not_checked"] if "internal error" in gap["reason"]] == ["file07.py"]
    lost = [one for one in whole["findings"] if one["path"] != "file07.py"]
    assert report["findings"] == lost
    assert report["summary"]["files"] == whole["summary"]["files"] + 1  # the rule


def test_a_process_without_memory_loses_one_file() -> None:
    deed("bytearray(1 << 60)")
    for jobs in ("1", "2"):
        done = keraslint("--jobs", jobs, "--output-format", "json")
        assert done.returncode == 101
        assert "MemoryError" in done.stderr
        assert len({one["path"] for one in json.loads(done.stdout)["findings"]}) == 24


def test_all_of_them_may_die(monkeypatch: pytest.MonkeyPatch) -> None:
    deed("pass")
    text = (
        Path("own/every_model.py")
        .read_text(encoding="utf-8")
        .replace("file07.py", ".py")
        .replace("pass", DEEDS["killed"])
    )
    Path("own/every_model.py").write_text(text, encoding="utf-8")
    done = keraslint("--jobs", "3", "--output-format", "json")
    assert done.returncode == 101
    assert len(json.loads(done.stdout)["not_checked"]) == 24


def test_where_no_process_can_start_this_one_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(processes.Worker):
        def __init__(self, *arguments: object) -> None:
            raise BlockingIOError(11, "resource temporarily unavailable")

    whole = CliRunner().invoke(cli, ["--jobs", "1"])
    monkeypatch.setattr(processes, "Worker", Refusing)
    assert CliRunner().invoke(cli, ["--jobs", "4"]).stdout == whole.stdout


def test_a_process_that_cannot_begin_takes_no_file_along(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = CliRunner().invoke(cli, ["--jobs", "1"])
    monkeypatch.setattr(processes, "_read", print)
    assert CliRunner().invoke(cli, ["--jobs", "2"]).stdout == whole.stdout


def children(parent: int) -> set[int]:
    """The processes below another one."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found: set[int] = set()
    while more := {pid for pid, above in pairs if above in {parent, *found}} - found:
        found |= more
    return found


def alive(pids: set[int]) -> set[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    return {int(line.split()[0]) for line in listed.splitlines() if not line.split()[1].startswith("Z")} & pids


def gone(pids: set[int]) -> bool:
    return not alive(pids)


@pytest.mark.skipif(sys.platform == "win32" or shutil.which("ps") is None, reason="there is no ps")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whoever_ends_a_run_ends_all_of_it(number: signal.Signals) -> None:
    deed("open('reached', 'w').close(); time.sleep(60)")
    run = subprocess.Popen(
        command("--jobs", "2"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # started in the background, these tests do not hear of it, nor would what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        for _ in range(600):
            if os.path.exists("reached"):
                break
            time.sleep(0.1)
        below = children(run.pid)
        assert len(below) >= 2
        if number == signal.SIGINT:
            os.killpg(run.pid, number)  # as a terminal does
        else:
            run.send_signal(number)
        _, said = run.communicate(timeout=30)
        assert run.returncode == (-number if number == signal.SIGKILL else 128 + number), said
        assert b"Traceback" not in said
        for _ in range(100):
            if gone(below):
                break
            time.sleep(0.1)
        assert gone(below)
    finally:
        run.kill()


# --- memory ----------------------------------------------------------------------------------------------------------

PEAK = """\
import sys, resource
sys.argv = ["keraslint", *{arguments!r}]
from keraslint.cli import main
try:
    main()
finally:
    sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
"""


def peak(*arguments: str) -> int:
    pytest.importorskip("resource")
    done = subprocess.run(
        [sys.executable, "-c", PEAK.format(arguments=arguments)], env=environment(), capture_output=True, check=True
    )
    return int(done.stderr)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_memory_does_not_grow_with_the_number_of_files(jobs: str) -> None:
    text = "import keras\n\nUNITS = 3\n" + "# " + "x" * 20_000 + "\n"
    for folder, number in (("few", 60), ("many", 600)):
        Path(folder).mkdir()
        for one in range(number):
            Path(folder, f"{one}.py").write_text(text, encoding="utf-8")
    few, many = (peak("-q", "--jobs", jobs, folder) for folder in ("few", "many"))
    assert many < few + 4_000 * (1 if sys.platform != "darwin" else 1000)  # the texts alone are eleven thousand


# --- order -----------------------------------------------------------------------------------------------------------


def test_slots_are_emptied_in_order() -> None:
    slots = [processes.Slot() for _ in range(50)]
    line = processes.deque(slots)
    told: list[str] = []
    for number in random.Random(1).sample(range(50), 50):
        slots[number].fill(Outcome(str(number)))
        told += [one.path for one in processes._ready(line) if one is not None]
    assert told == [str(number) for number in range(50)]

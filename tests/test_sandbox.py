"""Hostile programs: nothing is lost, nothing is left behind, how it ended is told, and the next request works.

Each program of `tests/hostile` says in its head how it may end, what is refused, and what the kernel has to hold where
the seat belt is left out. Where a system does not hold that, only the run without the seat belt is skipped.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keraslint.probe import sandbox as room
from keraslint.probe.sandbox import Limits, Sandbox, Setting, held, told

HOSTILE = Path(__file__).with_name("hostile")
RUNNER = Path(__file__).with_name("plain_runner.py")
PROGRAMS = sorted(path.stem for path in HOSTILE.glob("*.py"))
LIMITS = Limits(seconds=30.0, memory=400 << 20, disk=16 << 20, volume=8 << 20)
SHORT = replace(LIMITS, seconds=1.0)

BOXES: dict[str, dict[str, Any]] = {
    "everything": {},
    "only the seat belt": {"without": ("namespaces", "mounts", "landlock", "seccomp")},
    "only the kernel": {"without": ("audit",)},
    "a fresh process": {"way": "spawn"},
}
SECRET = "swordfish"
linux = pytest.mark.skipif(sys.platform != "linux", reason="forks only on Linux")


def plain(**how: Any) -> Sandbox:
    return Sandbox(preload=(), runner=RUNNER, **how)


def request(text: str, **more: Any) -> dict[str, Any]:
    return {"path": "program.py", "text": text, **more}


def run(box: Sandbox, text: str, limits: Limits = LIMITS, **more: Any) -> list[dict[str, Any]]:
    return list(box.run(request(text, **more), limits))


def outcome(answers: list[dict[str, Any]]) -> str:
    assert [answer["event"] == "end" for answer in answers] == [False] * (len(answers) - 1) + [True]
    return str(answers[-1]["outcome"])


def refused(answers: list[dict[str, Any]]) -> set[str]:
    return {answer["what"] for answer in answers if answer["event"] == "refused"}


def head(text: str, name: str) -> set[str]:
    found = re.search(rf"^# {name}: (.+)$", text, re.MULTILINE)
    return set(found[1].split(", ")) if found else set()


@pytest.fixture(scope="module", params=BOXES)
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    how = BOXES[request.param]
    if sys.platform != "linux" and how.get("without"):
        pytest.skip("the same as everything here")
    with plain(**how) as made:
        made.name = request.param  # type: ignore[attr-defined]
        yield made


class Surroundings:
    """What a hostile program is let loose on: a file that must live, a server that must not be called, secrets."""

    def __init__(self, folder: Path) -> None:
        self.canary = folder / "others" / "canary.txt"
        self.home, self.project = folder / "home", folder / "project"
        for place in (self.canary.parent / "empty", self.home / ".ssh", self.project):
            place.mkdir(parents=True)
        self.canary.write_text("alive")
        for secret in (
            self.home / ".netrc",
            self.home / ".ssh/id_ed25519",
            self.home / "notes.txt",
            self.project / ".env",
        ):
            secret.write_text(SECRET)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(("127.0.0.1", self.port))
        self.local = socket.socket(socket.AF_UNIX)
        self.path = str(folder / "s")
        self.local.bind(self.path)
        self.local.listen()

    def text(self, program: str) -> str:
        text = (HOSTILE / f"{program}.py").read_text(encoding="utf-8")
        places = {"canary": self.canary, "port": self.port, "socket": self.path, "home": self.home}
        for name, value in {**places, "project": self.project}.items():
            text = text.replace(f"@{name}@", str(value))
        return text

    def unharmed(self) -> None:
        assert self.canary.read_text() == "alive"
        assert self.canary.stat().st_mtime > 1
        assert sorted(path.name for path in self.canary.parent.iterdir()) == ["canary.txt", "empty"]
        assert self.canary.stat().st_nlink == 1
        for listening in (self.server, self.local, self.datagrams):
            listening.setblocking(False)
            with pytest.raises(BlockingIOError):
                listening.recv(1) if listening is self.datagrams else listening.accept()

    def close(self) -> None:
        for one in (self.server, self.local, self.datagrams):
            one.close()


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Surroundings]:
    made = Surroundings(tmp_path)
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("ACCESS_TOKEN", SECRET)
    yield made
    made.close()


def processes(box: Sandbox) -> set[int]:
    """Every process that carries a mark of this sandbox, other than those that wait for the next request."""
    marks = [child.mark for child in box._zygotes.values()]
    marked = {pid for pid in room._processes() for mark in marks if room._carries(pid, mark)}
    below = {pid for child in box._zygotes.values() for pid in room._below(child.process.pid)}
    return (marked | below) - {pid for child in box._zygotes.values() for pid in waiting(child.process.pid)}


def waiting(guard: int) -> set[int]:
    """A guard and its zygote."""
    return {guard, *sorted(room._below(guard))[:1]}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_hostile_program(program: str, box: Sandbox, surroundings: Surroundings) -> None:
    text = surroundings.text(program)
    assert outcome(run(box, "x = 1")) == "done"
    if box.name == "only the kernel":  # type: ignore[attr-defined]
        by = held(box.boundaries)
        if lacking := [need for need in head(text, "needs") if not by[need]]:
            pytest.skip(f"not held by the kernel here: {', '.join(lacking)}")

    limits = SHORT if "time-out" in head(text, "ends") else LIMITS
    answers = run(box, text, limits, root=str(surroundings.project))

    assert outcome(answers) in head(text, "ends"), answers
    if "refusals" in box.boundaries:
        assert refused(answers) >= head(text, "refused")
        assert all(answer["site"][0] == "program.py" for answer in answers if answer["event"] == "refused")
    assert SECRET not in repr(answers)
    assert "forged" not in repr([answer for answer in answers if answer["event"] != "note"])
    surroundings.unharmed()
    assert processes(box) == set()
    assert [list(child.home.iterdir()) for child in box._zygotes.values()] in ([], [[]])
    assert box._folder is None or len(list(box._folder.glob("process-*"))) <= len(box._zygotes)
    assert outcome(run(box, "x = 1")) == "done"


# --- one layer at a time ---------------------------------------------------------------------------------------------

ALL = {"namespaces", "mounts", "landlock", "seccomp", "audit"}
BY_ONE_LAYER = [
    ("network", {"namespaces", "seccomp"}),
    ("network", {"seccomp"}),
    ("subprocesses", {"seccomp"}),
    ("escapes", {"namespaces", "seccomp"}),
    ("kills_its_parent", {"namespaces"}),
    ("kills_its_parent", {"seccomp"}),
    ("deletes_files", {"namespaces", "mounts"}),
    ("writes_outside", {"namespaces", "mounts"}),
    ("takes_off_the_belt", {"namespaces", "mounts"}),
    ("deletes_files", {"landlock", "seccomp"}),
    ("writes_outside", {"landlock"}),
    ("takes_off_the_belt", {"landlock", "seccomp"}),
    ("secrets_outside", {"landlock"}),
]


@linux
@pytest.mark.parametrize(("program", "layers"), BY_ONE_LAYER)
def test_a_layer_alone_holds(program: str, layers: set[str], surroundings: Surroundings) -> None:
    with plain(without=ALL - layers) as box:
        assert outcome(run(box, "x = 1")) == "done"
        if missing := [name for name in layers if box.boundaries[name].startswith("no:")]:
            pytest.skip(f"not on this system: {', '.join(missing)}")
        text = surroundings.text(program)

        answers = run(box, text, root=str(surroundings.project))

        assert outcome(answers) in head(text, "ends"), answers
        assert SECRET not in repr(answers)
        surroundings.unharmed()
        assert processes(box) == set()
        assert outcome(run(box, "x = 1")) == "done"


# --- the room itself -------------------------------------------------------------------------------------------------


def test_a_refusal_names_its_place_once() -> None:
    with plain() as box:
        answers = run(
            box, "def f():\n    open('/never', 'w')\n\nfor _ in range(3):\n    try: f()\n    except OSError: pass\n"
        )
    assert outcome(answers) == "done"
    (refusal,) = (answer for answer in answers if answer["event"] == "refused")
    columns = [4, 2, 23] if sys.version_info >= (3, 11) else [None, None, None]
    assert refusal["site"] == ["program.py", 2, *columns]
    assert (refusal["what"], refusal["detail"]) == ("write", "/never")


def test_what_a_program_may_do() -> None:
    text = """
import asyncio, os, shutil, socket, sys, tempfile, threading, pathlib
assert os.listdir(".") == []
assert os.path.expanduser("~") == tempfile.gettempdir() == os.getcwd() == os.environ["HOME"]
os.makedirs("a/b"); open("a/b/c", "w").write("x"); os.rename("a", "d"); shutil.copy("d/b/c", "e"); shutil.rmtree("d")
with tempfile.TemporaryDirectory() as folder, open(folder + "/x", "wb") as file: file.write(b"x")
print("seen by nobody", file=sys.stderr)
asyncio.run(asyncio.sleep(0))
thread = threading.Thread(target=lambda: None); thread.start(); thread.join()
open(os.devnull, "w").write("x"); open("/proc/self/status").read() if os.path.exists("/proc") else None
import decimal, json, sqlite3, zoneinfo
try: open("no-such-file")
except FileNotFoundError: pass
try: open("/no/such/file")
except FileNotFoundError: pass
"""
    for how in BOXES.values():
        with plain(**how) as box:
            answers = run(box, text)
            assert [answer["event"] for answer in answers] == ["done", "end"], answers


def test_a_project_can_be_read_but_not_changed(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("x = 1")
    text = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
import package
assert open({str(tmp_path / "data.txt")!r}).read() == "data"
try: open({str(tmp_path / "data.txt")!r}, "a")
except OSError: pass
else: raise RuntimeError
"""
    with plain() as box:
        answers = run(box, text, root=str(tmp_path))
    assert outcome(answers) == "done", answers
    assert sorted(path.name for path in (tmp_path / "package").iterdir()) == ["__init__.py"]


def test_requests_do_not_see_each_other() -> None:
    with plain() as box:
        assert outcome(run(box, "import sys; sys.harm = 1; open('left', 'w')")) == "done"
        assert outcome(run(box, "import os, sys; assert not hasattr(sys, 'harm') and not os.listdir()")) == "done"


def test_answers_come_while_the_program_runs() -> None:
    with plain() as box:
        answers = box.run(request("try: open('/never', 'w')\nexcept OSError: pass\nwhile True: pass"), LIMITS)
        assert next(answers)["event"] == "refused"
        answers.close()  # whoever has heard enough may go, and the zygote stays
        (child,) = box._zygotes.values()
        assert outcome(run(box, "x = 1")) == "done"
        assert list(box._zygotes.values()) == [child]


@linux
def test_a_zygote_that_has_ended_is_started_again() -> None:
    with plain() as box:
        assert outcome(run(box, "x = 1")) == "done"
        (child,) = box._zygotes.values()
        (zygote,) = room._below(child.process.pid)
        os.kill(zygote, signal.SIGKILL)
        assert outcome(run(box, "x = 1")) == "done"


@linux
def test_a_request_that_ends_the_zygote_is_told_of_and_not_repeated(tmp_path: Path) -> None:
    with plain(without=ALL) as box:  # nothing holds it at all
        text = (
            f"import os\nopen({str(tmp_path / 'runs')!r}, 'a').write('x')\nos.kill(os.getppid(), 9)\nwhile True: pass"
        )
        answers = run(box, text)
        assert outcome(answers) == "crashed"
        assert (tmp_path / "runs").read_text() == "x"
        assert outcome(run(box, "x = 1")) == "done"


def test_what_cannot_be_started_gives_a_reason_each_time(tmp_path: Path) -> None:
    for way in ("fork", "spawn") if sys.platform == "linux" else ("spawn",):
        with Sandbox(way=way, preload=("no_such_package",)) as box:  # type: ignore[arg-type]
            for _ in range(2):
                (end,) = run(box, "x = 1")
                assert end["outcome"] == "could not start"
                assert "no_such_package" in end["detail"]
    with plain() as box:
        (end,) = box.run(request("x = 1"), LIMITS, Setting(python=str(tmp_path / "python")))
        assert end["outcome"] == "could not start"


@linux
def test_nothing_is_left_when_keraslint_is_killed(tmp_path: Path) -> None:
    code = f"""
import sys, pathlib
from keraslint.probe.sandbox import Sandbox
with Sandbox(preload=(), runner=pathlib.Path({str(RUNNER)!r})) as box:
    list(box.run({{"path": "p.py", "text": "x = 1"}}))
    (child,) = box._zygotes.values()
    print(child.mark, box._folder, flush=True)
    list(box.run({{"path": "p.py", "text": "while True: pass"}}))
"""
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    mark, folder = started.stdout.readline().split()
    time.sleep(0.2)
    assert len(marked(mark)) == 3
    started.kill()
    started.wait()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and (Path(folder).exists() or marked(mark)):
        time.sleep(0.02)
    assert not marked(mark)
    assert not Path(folder).exists()


def marked(mark: str) -> list[int]:
    return [pid for pid in room._processes() if room._carries(pid, mark)]


def test_what_holds_is_told() -> None:
    with plain() as box:
        run(box, "x = 1")
        line = told(box.boundaries)
    assert set(held(box.boundaries)) == set(room.KERNEL)
    assert all(what in line for what in room.KERNEL)
    assert told({"refusals": "yes"}).startswith("only a seat belt: ")
    assert not any(held({"namespaces": "no: x", "landlock": "no: y"}).values())


# --- the numbers of the kernel ---------------------------------------------------------------------------------------

HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_of_the_filter_are_those_of_the_headers(machine: str) -> None:
    from keraslint.probe.child import seccomp

    path = next((Path(path) for path in HEADERS[machine] if Path(path).exists()), None)
    if path is None:
        pytest.skip("no headers of the kernel")
    defined = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", path.read_text(), re.MULTILINE))
    column = list(seccomp.ARCHITECTURES).index(machine)
    ours = {name: numbers[column] for name, numbers in seccomp.NUMBERS.items()}
    newer = {name for name, number in ours.items() if number > max(map(int, defined.values()))}
    assert {name: number for name, number in ours.items() if number >= 0 and name not in newer} == {
        name: int(defined[name]) for name in ours if name in defined
    }


def test_jumps_of_the_filter_stay_inside() -> None:
    import struct

    from keraslint.probe.child import seccomp

    for machine in seccomp.ARCHITECTURES:
        lines = list(struct.iter_unpack("=HBBI", seccomp.program(machine, 1, files_too=True)))
        assert len(lines) < 4096
        for place, (code, right, wrong, _) in enumerate(lines):
            assert place + 1 + max(right, wrong) < len(lines) or code == seccomp._RETURN

"""Running a stranger's program in a process of its own, in the user's interpreter, within bounds.

A `Sandbox` keeps a process for each interpreter and backend that has imported Keras (the zygote) and lets it fork a
worker for each request; where there is no fork, each request gets a fresh process. What the worker says is a stranger's
word: it is counted, cut and parsed here, and it cannot say how it ended. That is what the system says.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

Json = dict[str, Any]

CHILD: Final = Path(__file__).parent / "child"
BOOT: Final = """
import sys
if sys.version_info < (3, 9):
    sys.exit("Python %d.%d" % sys.version_info[:2])
import importlib.util as u
folder = sys.argv[1]
spec = u.spec_from_file_location("keraslint_child", folder + "/__init__.py", submodule_search_locations=[folder])
sys.modules["keraslint_child"] = module = u.module_from_spec(spec)
spec.loader.exec_module(module)
from keraslint_child.main import main
main(sys.argv[2:])
"""
PASSED_ON: Final = (
    *("LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"),
    *("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_ENABLE_ONEDNN_OPTS"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"),
)
"""The environment variables that a program gets to see. All others may hold a secret."""
START_SECONDS: Final = 180.0
"""How long importing Keras may take; the first import from a cold disk is slow."""
TURN: Final = 0.05
"""Seconds between two looks at a running worker."""
GRACE: Final = 5.0
"""Seconds that a process which was told to end may still take."""
MOST_ZYGOTES: Final = 2
"""How many settings are kept ready; each holds a Keras in memory."""
CHUNKS: Final = 16
"""How many blocks of 64 KiB are read between two looks at the clock."""
MARK: Final = "KERASLINT_PROBE"
"""An environment variable by which what was left behind is found where no namespace holds it."""
KERNEL: Final = {
    "no network": ("net", "seccomp"),
    "no subprocesses": ("seccomp",),
    "no signals to others": ("pid", "seccomp"),
    "no hold on other processes": ("seccomp",),
    "nothing left behind": ("pid", "seccomp"),
    "no writing outside": ("mounts", "landlock"),
    "no reading of others' files": ("landlock",),
    "no rights of an administrator": ("capabilities",),
    "no more memory, time and disk than allowed": ("limits",),
}
"""What is held by which layers; one of them is enough."""
OURS: Final = frozenset({"contained", "end", "start"})
"""Events that a program cannot send: this room makes them."""


@dataclass(frozen=True)
class Limits:
    """How much of everything one request may take. Bytes and seconds."""

    seconds: float = 120.0
    memory: int = 4 << 30
    disk: int = 1 << 30
    lines: int = 10_000
    line: int = 4 << 20
    volume: int = 64 << 20


@dataclass(frozen=True)
class Setting:
    """Which interpreter runs a request, on which backend. One zygote serves all requests of a setting."""

    python: str = sys.executable
    backend: str | None = None
    legacy: bool = False


class Sandbox:
    """Runs requests one after the other; everything that it started ends with it.

    `way` is how a worker comes to be: `fork` on Linux, elsewhere `spawn`. `preload` replaces what the zygote imports,
    `runner` is a file whose `run(request, send)` replaces the probe's, and `without` names layers to leave out.
    """

    def __init__(
        self,
        *,
        way: Literal["fork", "spawn"] | None = None,
        preload: Sequence[str] | None = None,
        runner: Path | None = None,
        without: Collection[str] = (),
    ) -> None:
        self._way = way or ("fork" if sys.platform == "linux" else "spawn")
        self._config: Json = {
            "preload": None if preload is None else list(preload),
            "runner": None if runner is None else str(runner.resolve()),
            "without": sorted(without),
            "user_base": site.getuserbase(),
        }
        self._folder: Path | None = None
        self._zygotes: dict[Setting, _Child] = {}
        self._reasons: dict[Setting, str] = {}
        self.boundaries: dict[str, str] = {}
        """What each layer of the last request achieved on this system."""
        self.peak = 0
        """The most bytes of memory that a worker was seen to hold."""

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every process and remove every file."""
        for child in self._zygotes.values():
            child.close()
        self._zygotes.clear()
        if self._folder is not None:
            _remove(self._folder)
            self._folder = None

    def prepare(self, setting: Setting = Setting()) -> None:
        """Start loading Keras, without waiting for it."""
        if self._way == "fork":
            with contextlib.suppress(OSError):  # the first request tells
                self._zygote(setting)

    def run(
        self,
        request: Json,
        limits: Limits = Limits(),
        setting: Setting = Setting(),
    ) -> Iterator[Json]:
        """The answers to a request. The last one is always `{"event": "end", "outcome", "detail"}`.

        An outcome is `done`, `time-out`, `memory`, `disk`, `output`, `crashed`, `exit` or `could not start`. A worker
        that does not get that far costs its own request and no other.
        """
        for _ in range(2):
            with contextlib.closing(self._once(request, limits, setting)) as answers:
                first = next(answers)
                if first != _end("not started", ""):
                    yield first
                    yield from answers
                    return
        yield _end("could not start", "the process that loads Keras ended twice")

    def _once(self, request: Json, limits: Limits, setting: Setting) -> Generator[Json, None, None]:
        """The answers of one attempt; `not started` when the zygote was gone before it could fork."""
        if reason := self._reasons.get(setting):
            yield _end("could not start", reason)
            return
        try:
            child = self._zygote(setting) if self._way == "fork" else self._start(setting)
        except OSError as error:
            yield _end("could not start", f"`{setting.python}`: {error.strerror or error}")
            return
        if self._way == "fork" and (reason := child.reason_not_to_start()):
            self._drop(setting)
            self._reasons[setting] = reason
            yield _end("could not start", reason)
            return
        try:
            _emptied(child.home)
            yield from self._watched(child, request, limits)
        finally:
            if self._way == "spawn":
                child.close()
            elif not child.stopped():
                self._drop(setting)
            else:
                _emptied(child.home)

    def _watched(self, child: _Child, request: Json, limits: Limits) -> Iterator[Json]:
        token = secrets.token_hex(16)
        child.ask({"token": token, "folder": str(child.home), "limits": asdict(limits), **_absolute(request)})
        watch = _Watch(child, token, limits)
        yield from watch.answers()
        self.boundaries = watch.layers or self.boundaries
        self.peak = max(self.peak, watch.peak)
        yield watch.end()

    def _zygote(self, setting: Setting) -> _Child:
        child = self._zygotes.pop(setting, None)
        if child is not None and not child.alive():
            child.close()
            child = None
        while child is None and len(self._zygotes) >= MOST_ZYGOTES:
            self._drop(next(iter(self._zygotes)))  # the one that was used longest ago
        self._zygotes[setting] = child or self._start(setting)
        return self._zygotes[setting]

    def _start(self, setting: Setting) -> _Child:
        return _Child(setting, self._config, self._root(), self._way)

    def _drop(self, setting: Setting) -> None:
        self._zygotes.pop(setting).close()

    def _root(self) -> Path:
        if self._folder is None or not self._folder.exists():  # the last guard to go takes it along
            self._folder = Path(tempfile.mkdtemp(prefix="keraslint-")).resolve()
        return self._folder


class _Lines:
    """What a pipe holds, line by line, without ever waiting for it."""

    def __init__(self, fd: int, longest: int = 4 << 20) -> None:
        self.fd = fd
        self.longest = longest
        self.closed = False
        self.bytes = 0
        self._rest = b""
        if os.name == "posix":
            os.set_blocking(fd, False)

    def read(self) -> Iterator[bytes]:
        """The lines that are there now. A line that is too long is left out."""
        for _ in range(CHUNKS):
            chunk = self._chunk()
            if not chunk:
                return
            self.bytes += len(chunk)
            *whole, rest = (self._rest + chunk).split(b"\n")
            yield from (line for line in whole if len(line) <= self.longest)
            self._rest = rest[: self.longest + 1]

    def _chunk(self) -> bytes:
        if self.closed or (os.name == "nt" and not _waiting(self.fd)):
            return b""
        try:
            chunk = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return b""
        except OSError:
            chunk = b""
        self.closed = not chunk
        return chunk


def _waiting(fd: int) -> int:
    """How many bytes a pipe of Windows holds; one when it was closed, so that reading it finds out."""
    import _winapi
    import msvcrt

    try:
        return int(_winapi.PeekNamedPipe(msvcrt.get_osfhandle(fd), 0)[0])  # type: ignore[attr-defined]
    except OSError:
        return 1


class _Child:
    """A process of the user's interpreter: a zygote with its guard, or a worker for one request."""

    def __init__(self, setting: Setting, config: Json, root: Path, way: str) -> None:
        self.forks = way == "fork"
        self.mark = secrets.token_hex(16)
        self.control: _Lines | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="process-", dir=root))
        self.home = self.folder / "home"  # the same for all requests, as Keras takes note of it when it is imported
        self.home.mkdir()
        arguments, fds = ["fresh"], []
        if self.forks:
            reading, writing = os.pipe()
            arguments, fds = ["fork", str(writing)], [writing]
            self.control = _Lines(reading)
        try:
            self.process = subprocess.Popen(
                [setting.python, "-I", "-c", BOOT, str(CHILD), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.folder,
                env=_environment(setting, self.home) | {MARK: self.mark},
                pass_fds=fds,
                start_new_session=os.name == "posix",
                bufsize=0,
            )
        except OSError:
            if self.control is not None:
                os.close(self.control.fd)
            raise
        finally:
            for fd in fds:
                os.close(fd)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.answers = _Lines(self.process.stdout.fileno())
        self._errors = _Lines(self.process.stderr.fileno())
        self._said: deque[bytes] = deque(maxlen=20)
        self._asks = self.process.stdin
        self.worker: int | None = None
        self.status: int | None = None
        self._ready = False
        self._write({**config, "backend": setting.backend, "legacy": setting.legacy, "folder": str(self.folder)})

    def reason_not_to_start(self) -> str | None:
        """Wait until Keras is loaded."""
        assert self.control is not None
        deadline = time.monotonic() + START_SECONDS
        while not self._ready:
            for line in self.control.read():
                event = json.loads(line)
                if "unable" in event:
                    return str(event["unable"])
                self._ready = "ready" in event
            if self.control.closed and not self._ready:
                return self.last_words() or "the interpreter ended while it was loading"
            if time.monotonic() > deadline:
                return f"loading took longer than {START_SECONDS:.0f} s"
            if not self._ready:
                self.wait()
        return None

    def ask(self, ask: Json) -> None:
        self.worker = None if self.forks else self.process.pid
        self.status = None
        self._write(ask)

    def _write(self, message: Json) -> None:
        with contextlib.suppress(BrokenPipeError, OSError):  # it ended; that is seen when its answers are read
            data = memoryview(json.dumps(message).encode() + b"\n")
            while data:
                data = data[self._asks.write(data) or 0 :]

    def wait(self) -> None:
        """Until there is something to read, for a turn at most. What is written to standard error is drained."""
        pipes = [one.fd for one in (self.answers, self.control, self._errors) if one is not None and not one.closed]
        if os.name == "posix" and pipes:
            select.select(pipes, [], [], TURN)
        else:
            time.sleep(TURN)
        self._said.extend(line[:500] for line in self._errors.read() if line.strip())

    def look(self) -> None:
        """Take note of what became of the worker."""
        if self.control is None:
            self.status = self.process.poll()
            return
        for line in self.control.read():
            event = json.loads(line)
            self.worker = event.get("pid", self.worker)
            self.status = event.get("ended", self.status)
        if self.control.closed and self.status is None:
            self.status = -signal.SIGKILL

    def stopped(self) -> bool:
        """End the worker if it still runs. Whether the zygote can take another request."""
        deadline = time.monotonic() + GRACE
        self.kill()
        while self.status is None and self.alive() and time.monotonic() < deadline:
            self.wait()
            self.look()
        return self.status is not None and self.alive()

    def alive(self) -> bool:
        return self.process.poll() is None and not (self.control is not None and self.control.closed)

    def kill(self) -> None:
        """End the worker, its group first; the zygote stays and says so."""
        self.look()
        if self.worker is None or self.status is not None:
            return
        if os.name == "posix":
            for end in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    end(self.worker, signal.SIGKILL)
        else:
            self.process.kill()

    def close(self) -> None:
        """End the process and everything below it."""
        with contextlib.suppress(OSError):
            self._asks.close()
        if self.worker is not None:
            self.kill()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _end_marked(self.mark)
        if self.control is not None:
            os.close(self.control.fd)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        _remove(self.folder)

    def last_words(self) -> str:
        """The end of what was written to standard error."""
        self._said.extend(line[:500] for line in self._errors.read() if line.strip())
        return self._said[-1].decode("utf-8", "replace").strip() if self._said else ""


@dataclass
class _Watch:
    """One request while it runs: reads the answers, looks at the clock and at the memory, ends what goes too far."""

    child: _Child
    token: str
    limits: Limits
    layers: dict[str, str] = field(default_factory=dict)
    outcome: str | None = None
    detail: str = ""
    lines: int = 0
    foreign: int = 0
    done: bool = False
    begun: float = field(default_factory=time.monotonic)
    turns: int = 0
    peak: int = 0

    def answers(self) -> Iterator[Json]:
        child, limits = self.child, self.limits
        child.answers.longest = limits.line
        first_byte = child.answers.bytes
        while True:
            child.look()
            ended = child.status is not None
            for line in child.answers.read():
                yield from self._answer(line)
            if child.answers.bytes - first_byte > limits.volume or self.lines > limits.lines:
                self._stop("output", "more answers than a model has")
            if ended:
                break
            self._look()
            child.wait()
        if self.foreign:
            text = f"{self.foreign} lines that are no answers were left out: the program has written into the pipe"
            yield {"event": "note", "text": text, "site": None}

    def _look(self) -> None:
        """Whether the worker has taken too much of anything."""
        child, limits = self.child, self.limits
        seconds = time.monotonic() - self.begun
        allowed = limits.seconds if self.layers else START_SECONDS
        self.turns += 1
        memory = 0 if child.worker is None else self._memory(child.worker)
        self.peak = max(self.peak, memory)
        if self.done and seconds > GRACE:
            child.kill()
        elif seconds > allowed:
            self._stop("time-out", f"not done after {allowed:g} s")
        elif memory > limits.memory:
            self._stop("memory", f"took more than {limits.memory / (1 << 30):.3g} GB of memory")
        elif self.turns % 10 == 0 and self.layers.get("mounts") != "yes" and _size(child.home) > limits.disk:
            self._stop("disk", f"wrote more than {limits.disk / (1 << 30):.3g} GB")
        if seconds > allowed + GRACE:
            child.status = -getattr(signal, "SIGKILL", 9)  # whoever should tell has gone as well

    def _memory(self, worker: int) -> int:
        if self.layers.get("seccomp") == "yes":
            return _resident(worker)  # it cannot have children
        return sum(map(_resident, [worker, *_below(worker)]))

    def _stop(self, outcome: str, detail: str) -> None:
        if self.outcome is None and not self.done:
            self.outcome, self.detail = outcome, detail
        self.child.kill()

    def _answer(self, line: bytes) -> Iterator[Json]:
        if not line:
            return
        token, _, text = line.partition(b" ")
        if not secrets.compare_digest(token, self.token.encode()):
            self.foreign += 1
            return
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            self.foreign += 1
            return
        if not isinstance(answer, dict):
            return
        self.lines += 1
        event = answer.get("event")
        if event == "contained" and not self.layers:
            self.layers = {str(name): str(what) for name, what in answer["layers"].items()}
            self.begun = time.monotonic()
        elif event == "start" and not self.layers:
            if "unable" in answer:
                self.outcome, self.detail = "could not start", str(answer["unable"])
        elif event not in OURS and not self.done:
            if event == "done":
                self.done, self.begun = True, time.monotonic()
            yield answer

    def end(self) -> Json:
        """How it ended."""
        status = self.child.status or 0
        if self.child.worker is None and not self.layers and self.outcome is None:
            return _end("not started", "")
        if self.outcome is not None:
            return _end(self.outcome, self.detail)
        if self.done:
            return _end("done", "")
        if status == -getattr(signal, "SIGXCPU", 24):
            return _end("time-out", "took more time of the processor than it may")
        if status < 0:
            return _end("crashed", f"signal {-status}" + (f": {words}" if (words := self.child.last_words()) else ""))
        return _end("exit", f"exit {status}")


def _end(outcome: str, detail: str) -> Json:
    return {"event": "end", "outcome": outcome, "detail": detail}


def _absolute(request: Json) -> Json:
    """A request with paths that mean the same in another folder, and what of them may be read."""
    files = [request.get("path"), request.get("file"), *(module.get("path") for module in request.get("modules") or ())]
    whole = {name: os.path.abspath(request[name]) for name in ("root", "file") if request.get(name)}
    return {
        "request": request | whole,
        "root": whole.get("root"),
        "files": [os.path.abspath(name) for name in files if name],
        "home": str(Path.home()),
    }


def held(layers: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """For each thing that a program must not do, the layers of the kernel that hold it; none: only the seat belt."""
    spaces = layers.get("namespaces", "")
    active = {name for name, achieved in layers.items() if not achieved.startswith("no:")}
    active |= set() if spaces.startswith("no:") else set(spaces.split(", "))
    return {what: tuple(name for name in names if name in active) for what, names in KERNEL.items()}


def told(layers: dict[str, str]) -> str:
    """In one line, what holds a program on this system and what is only a seat belt."""
    by = held(layers)
    kernel = [f"{what} ({', '.join(names)})" for what, names in by.items() if names]
    belt = [what for what, names in by.items() if not names]
    parts = ["held by the system: " + "; ".join(kernel)] if kernel else []
    return ". ".join(parts + (["only a seat belt: " + "; ".join(belt)] if belt else []))


# --- what the system tells about processes ---------------------------------------------------------------------------


def _resident(pid: int) -> int:
    """The bytes of memory that a process holds; zero where the system does not tell."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return _asked_for(pid) if sys.platform == "darwin" else 0
    except (OSError, ValueError, IndexError):
        return 0


def _asked_for(pid: int) -> int:
    """The same, where only `ps` knows."""
    try:
        said = subprocess.run(["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, timeout=GRACE)
        return int(said.stdout) * 1024
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0


def _below(pid: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    parents: dict[int, int] = {}
    for number in _processes():
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{number}/stat", "rb") as file:
            parents[number] = int(file.read().rpartition(b")")[2].split()[1])
    found, more = {pid}, True
    while more:
        further = {number for number, parent in parents.items() if parent in found} - found
        found, more = found | further, bool(further)
    return found - {pid}


def _processes() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _end_marked(mark: str) -> None:
    """End what carries a mark in its environment: it has escaped from everything else."""
    for _ in range(3):
        found = [pid for pid in _processes() if _carries(pid, mark)]
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def _carries(pid: int, mark: str) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return mark.encode() in file.read(1 << 16)
    except OSError:
        return False


def _size(folder: Path) -> int:
    """The bytes of the files in a folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def _environment(setting: Setting, home: Path) -> dict[str, str]:
    """What a program sees of the environment: nothing that could be a secret."""
    seen = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    seen |= dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP", "USERPROFILE", "KERAS_HOME"), str(home))
    seen |= {"PATH": os.defpath, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if setting.legacy:
        seen["TF_USE_LEGACY_KERAS"] = "1"
    elif setting.backend is not None:
        seen["KERAS_BACKEND"] = setting.backend
    return seen


def _emptied(folder: Path) -> None:
    _remove(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # a guard that ends takes all of it along


def _remove(folder: Path) -> None:
    """Remove a folder, also where a program has taken our rights to it."""

    def mend(_: object, path: str, __: object) -> None:
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(path), 0o700)
            os.chmod(path, 0o700)
            os.rmdir(path) if os.path.isdir(path) else os.remove(path)

    for _ in range(3):
        shutil.rmtree(folder, onerror=mend)
        if not folder.exists():
            return

"""The bounds within which a program runs, layer by layer; each system gives what it can, and what it gave is told.

The kernel's layers (namespaces, mounts, Landlock, the filter of system calls, limits) are boundaries: a program cannot
undo them. The last layer, `refusals`, is a seat belt: it lives in the same process as the program, works everywhere,
and says what was refused and at which line.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, NamedTuple

from . import kernel, landlock, namespaces, refusals, seccomp

LINUX = sys.platform.startswith("linux")

SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/opt", "/nix/store", "/gnu/store", "/sys", "/proc"),
    *("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/run/opengl-driver"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/timezone", "/etc/passwd"),
    *("/etc/group", "/etc/nsswitch.conf", "/etc/mime.types", "/etc/magic", "/etc/os-release", "/etc/fonts"),
    *("/etc/locale.alias", "/etc/locale.conf", "/etc/OpenCL", "/etc/vulkan", "/etc/nvidia", "/etc/hosts"),
    *("/etc/host.conf", "/etc/gai.conf", "/etc/resolv.conf", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/python3"),
)
"""What any program may read: libraries, and settings without secrets."""

DEVICES = ("/dev/nvidia", "/dev/dri", "/dev/kfd")
"""What a program on a GPU has to write to; names begin like this."""

MOST_ENTRIES = 2000
MOST_PROCESSES = 4096
"""For all processes and threads of the user together."""
SLACK = 1 << 30
STACKS = 64 << 20
"""Memory that is asked for but not used, for the threads of each processor."""

Send = Callable[["dict[str, Any]"], None]


class Bounds(NamedTuple):
    """What a program may touch. All paths are real paths."""

    folder: str
    libraries: tuple[str, ...]
    project: tuple[str, ...]
    listed: tuple[str, ...]
    writable: tuple[str, ...]


def adopt_orphans() -> None:
    """Become the parent of what is left behind below this process."""
    if LINUX:
        with contextlib.suppress(OSError):
            kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def isolate(without: list[str], *, alone: bool = False) -> dict[str, str]:
    """Leave the namespaces of the system, as far as it lets us. `alone` is for the worker, else it is for the guard."""
    if not LINUX or "namespaces" in without:
        return {"namespaces": "no: left out" if LINUX else "no: not on this system"}
    names = tuple(name for name in namespaces.FLAGS if not alone or name in namespaces.ALONE)
    left, reason = namespaces.leave(names)
    return {"namespaces": ", ".join(left) if left else f"no: {reason}"}


_outer_proc: int | None = None


def settle(layers: dict[str, str]) -> None:
    """Become the first process of the new namespaces, with a `/proc` of their own; for the zygote."""
    global _outer_proc
    adopt_orphans()
    if os.getpid() != 1:
        return
    with contextlib.suppress(OSError):
        _outer_proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    layers["proc"] = _achieved(namespaces.own_proc)


def pid_outside() -> int:
    """The number of this process as keraslint sees it."""
    global _outer_proc
    if _outer_proc is None:
        return os.getpid()
    pid = int(os.readlink("self", dir_fd=_outer_proc))
    os.close(_outer_proc)
    _outer_proc = None
    return pid


def die_with_parent() -> None:
    """End when the parent ends."""
    if LINUX:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with(asks: BinaryIO) -> None:
    """End this process when keraslint closes the pipe."""

    def wait() -> None:
        asks.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def sweep(seconds: float = 2.0) -> None:
    """End whatever is left below this process: in a namespace of its own everything, else its children."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            return
        for pid in (-1,) if os.getpid() == 1 else _children():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)


def _children() -> list[int]:
    """The processes that have this one as their parent."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) == os.getpid():
                    found.append(int(name))
    return found


def contain(ask: dict[str, Any], without: list[str], layers: dict[str, str], send: Send) -> dict[str, str]:
    """Put this process within its bounds, for good. The layers, with what each achieved or why it is missing."""
    layers = dict(layers)
    if os.name == "posix" and os.getsid(0) != os.getpid():
        os.setsid()
    folder, limits = ask["folder"], ask["limits"]
    sys.dont_write_bytecode = True
    layers["limits"] = _limited(limits, on_gpu=_on_gpu(ask)) if "limits" not in without else "no: left out"
    if LINUX:
        layers["mounts"] = _mounts(folder, limits["disk"], layers, without)
    _move_into(folder)
    if ask["request"].get("device") == "cpu":
        _hide_devices()
    bounds = _bounds(ask)
    if LINUX:
        layers["landlock"] = _unless("landlock" in without, lambda: f"version {_landlocked(bounds)}")
        layers["capabilities"] = _achieved(kernel.drop_capabilities)
        read_only = layers["mounts"] == "yes"
        layers["seccomp"] = _unless("seccomp" in without, lambda: seccomp.install(files_too=not read_only))
    if os.name == "posix" and layers.get("seccomp") != "yes" and "limits" not in without:
        _limit({"RLIMIT_NPROC": MOST_PROCESSES})  # nothing else stops a program that doubles itself
    if "audit" not in without:
        # Elsewhere our list of what a library has to read may be short, so there only secrets are closed.
        refusals.install(bounds, ask, send, everything=LINUX)
        layers["refusals"] = "yes"
    return layers


def _unless(left_out: bool, step: Callable[[], object]) -> str:
    return "no: left out" if left_out else _achieved(step)


def _achieved(step: Callable[[], object]) -> str:
    """Take a step; what it achieved, or why it could not be taken."""
    try:
        return str(step() or "yes")
    except OSError as error:
        return f"no: {error.strerror or error}"


def _mounts(folder: str, size: int, layers: dict[str, str], without: list[str]) -> str:
    if "mount" not in layers.get("namespaces", "").split(", "):
        return "no: no namespace for mounts"
    return _unless("mounts" in without, lambda: namespaces.only_writable(folder, size))


def _on_gpu(ask: dict[str, Any]) -> bool:
    return ask["request"].get("device") not in {None, "cpu"} and bool(_devices())


def _limited(limits: dict[str, Any], *, on_gpu: bool) -> str:
    """Set the limits of the system. Memory counts on top of what Keras has taken; keraslint looks at it as well."""
    if os.name != "posix":
        return "no: not on this system"
    cores = os.cpu_count() or 1
    wanted = {
        "RLIMIT_CPU": int(limits["seconds"] * cores) + 5,
        "RLIMIT_FSIZE": limits["disk"],
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 1024,
    }
    if LINUX and not on_gpu:  # what its driver maps counts as if it were memory
        with open("/proc/self/statm", "rb") as file:
            taken = int(file.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
        wanted["RLIMIT_DATA"] = taken + limits["memory"] + SLACK + cores * STACKS
    _limit(wanted)
    return "yes"


def _limit(wanted: dict[str, int]) -> None:
    """Lower limits of the system, for good."""
    import resource

    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _move_into(folder: str) -> None:
    """Make an empty folder everything that is one's own: home, place for temporary files, current folder."""
    for name in ("HOME", "TMPDIR", "TEMP", "TMP", "USERPROFILE", "MPLCONFIGDIR", "XDG_CACHE_HOME"):
        os.environ[name] = folder
    tempfile.tempdir = folder
    os.chdir(folder)


def _hide_devices() -> None:
    """Let every library see the processor only. They look when they are first used, not when they are imported."""
    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"):
        os.environ[name] = "-1"


# --- what may be touched ---------------------------------------------------------------------------------------------


def _bounds(ask: dict[str, Any]) -> Bounds:
    home = os.path.realpath(ask["home"])
    root = os.path.realpath(ask["root"]) if ask.get("root") else None
    libraries = [
        *(sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, os.path.dirname(__file__)),
        *sys.path,
        *_editable(),
        *os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep),
        *SYSTEM,
    ]
    project = [*ask.get("files", ())]
    if root is not None and not _wide(root, home):
        project += _open_entries(root)
    return Bounds(
        os.path.realpath(ask["folder"]),
        _real(libraries, home, root),
        _real(project, home, None),
        () if root is None or root == os.sep else (root,),
        ("/dev/null", *((*_devices(), "/dev/shm") if _on_gpu(ask) else ())),
    )


def _real(paths: Iterable[str], home: str, root: str | None) -> tuple[str, ...]:
    """The paths that exist, each once; without those that hold a whole home, and without the project."""
    real = dict.fromkeys(os.path.realpath(path) for path in paths if path and os.path.exists(path))
    return tuple(path for path in real if not _wide(path, home) and path != root)


def _wide(path: str, home: str) -> bool:
    """Whether a folder is the home of the user or has it inside."""
    return within(home, path)


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies below it."""
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def _open_entries(root: str) -> list[str]:
    """What a project shows: not its hidden files and folders, where tokens lie."""
    with contextlib.suppress(OSError), os.scandir(root) as entries:
        return [entry.path for _, entry in zip(range(MOST_ENTRIES), entries) if not entry.name.startswith(".")]
    return []


def _editable() -> list[str]:
    """Where packages lie that were installed as links to their sources."""
    found: list[str] = []
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable__"):
            found += [str(place) for place in getattr(module, "MAPPING", {}).values()]
    return found


def _devices() -> list[str]:
    with contextlib.suppress(OSError), os.scandir("/dev") as entries:
        return [entry.path for entry in entries if entry.path.startswith(DEVICES)]
    return []


def _landlocked(bounds: Bounds) -> int:
    return landlock.restrict(
        readable=(*bounds.libraries, *bounds.project),
        listable=bounds.listed,
        writable=(bounds.folder, *bounds.writable),
    )

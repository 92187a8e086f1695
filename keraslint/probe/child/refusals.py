"""The seat belt: Python itself asks here before it opens, connects, starts or ends anything.

It lives in the process of the program, which can take it off if it sets out to; the layers of the kernel stay. What it
adds: it works on every system, and it tells what was refused and at which line. A refusal is a `PermissionError`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import socket
import sys
import threading
from collections.abc import Callable
from itertools import islice
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .contain import Bounds

MOST_TOLD = 50
LONGEST = 200

NETWORK = frozenset(
    f"{module}.{call}"
    for module, calls in {
        "socket": "connect bind sendto sendmsg getaddrinfo gethostbyname gethostbyaddr getnameinfo sethostname",
        "http.client": "connect",
        "ftplib": "connect",
        "smtplib": "connect",
        "poplib": "connect",
        "imaplib": "open",
        "nntplib": "connect",
        "telnetlib.Telnet": "open",
        "urllib": "Request",
    }.items()
    for call in calls.split()
)
PROCESSES = frozenset(
    {
        *("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile"),
        *("os.startfile/2", "subprocess.Popen", "pty.spawn", "_winapi.CreateProcess", "webbrowser.open"),
    }
)
SIGNALS = frozenset(
    {
        *("os.kill", "os.killpg", "signal.pthread_kill", "_winapi.OpenProcess", "_winapi.TerminateProcess"),
        *("sys.remote_exec", "resource.prlimit"),
    }
)
FOREIGN = frozenset(
    f"ctypes.{name}"
    for name in (
        *("dlopen", "dlsym", "dlsym/handle", "call_function", "cdata", "cdata/buffer", "string_at", "wstring_at"),
        *("memoryview_at", "addressof", "set_errno"),
    )
)
REGISTRY = frozenset(
    f"winreg.{name}" for name in ("CreateKey", "DeleteKey", "DeleteValue", "SetValue", "SaveKey", "LoadKey")
)
CHANGES: dict[str, tuple[tuple[tuple[int, int], ...], bool]] = {
    # event: which arguments are paths and the folder each is relative to, and whether a link at the end is followed
    "os.remove": (((0, 1),), False),
    "os.rmdir": (((0, 1),), False),
    "os.mkdir": (((0, 2),), False),
    "os.rename": (((0, 2), (1, 3)), False),
    "os.link": (((0, 2), (1, 3)), False),
    "os.symlink": (((1, 2),), False),
    "os.truncate": (((0, -1),), True),
    "os.chmod": (((0, 2),), True),
    "os.chown": (((0, 3),), True),
    "os.chflags": (((0, -1),), True),
    "os.utime": (((0, 3),), True),
    "os.setxattr": (((0, -1),), True),
    "os.removexattr": (((0, -1),), True),
    "sqlite3.connect": (((0, -1),), True),
    "keraslint.make": (((0, 1),), False),
    "keraslint.open": (((0, 1),), True),
}
UNASKED = ("mkfifo", "mknod")
"""Functions that change files and about which Python does not ask; here they do."""
LISTINGS = frozenset({"os.listdir", "os.scandir"})

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def install(bounds: Bounds, ask: dict[str, Any], send: Callable[[dict[str, Any]], None], *, everything: bool) -> None:
    """Refuse what is out of bounds from now on, and tell each refusal once.

    With `everything` nothing may be read but what the bounds name; else only homes and hidden files are closed.
    """
    judge = _Judge(bounds, ask, everything)
    told: set[tuple[str, str]] = set()
    lock = threading.RLock()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        ruling = RULINGS.get(event)
        if ruling is None:
            return
        refused = ruling(judge, event, arguments)
        if refused is None:
            return
        what, detail = refused[0], refused[1][:LONGEST]
        with lock:
            if refused not in told and len(told) < MOST_TOLD:
                told.add(refused)
                send({"event": "refused", "what": what, "detail": detail, "site": judge.site(sys._getframe(1))})
        raise PermissionError(errno.EPERM, f"keraslint does not allow it while it measures ({what}: {detail})")

    sys.addaudithook(hook)
    _ask_more()


def _ask_more() -> None:
    """Let functions ask that Python leaves out, or that it does not ask fully: where a relative path begins."""

    def asking(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def asked(path: Any, *arguments: Any, dir_fd: int | None = None, **named: Any) -> Any:
            sys.audit("keraslint.make", path, -1 if dir_fd is None else dir_fd)
            return function(path, *arguments, dir_fd=dir_fd, **named)

        return asked

    def opened(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if dir_fd is None:
            return plain(path, flags, mode)
        if flags & _WRITES:
            sys.audit("keraslint.open", path, dir_fd)
        return plain(path, flags, mode, dir_fd=dir_fd)

    plain = os.open
    if plain in os.supports_dir_fd:
        os.open = functools.wraps(plain)(opened)
        os.supports_dir_fd.add(os.open)
    for name in UNASKED:
        if hasattr(os, name):
            setattr(os, name, asking(getattr(os, name)))


class _Judge:
    """Knows the bounds, and which code is the program's."""

    def __init__(self, bounds: Bounds, ask: dict[str, Any], everything: bool) -> None:
        self._bounds = bounds
        self._everything = everything
        request = ask["request"]
        self._home = os.path.realpath(ask["home"])
        self._root = bounds.listed[0] if bounds.listed else None
        self._own = os.getpid()
        self._files = {request.get("path"), *(module["path"] for module in request.get("modules") or ())}
        self._ctypes = os.path.dirname(ctypes.__file__)

    # --- files -------------------------------------------------------------------------------------------------------

    def opened(self, _: str, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
        path, mode, flags = arguments[:3]
        writes = isinstance(flags, int) and flags & _WRITES
        if writes or (isinstance(mode, str) and set("wax+") & set(mode)):
            return self._changed(path, -1, follow=True)
        return self.read(path)

    def listed(self, _: str, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
        return self.read(arguments[0] if arguments[0] is not None else ".")

    def changed(self, event: str, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
        places, follow = CHANGES[event]
        for path, folder in places:
            fd = arguments[folder] if 0 <= folder < len(arguments) else -1
            refused = self._changed(arguments[path], fd, follow=follow)
            if refused is not None:
                return refused
        return None

    def _changed(self, path: Any, fd: Any, *, follow: bool) -> tuple[str, str] | None:
        name = _name(path, fd)
        if name is None or name in {":memory:", ""}:
            return None
        real = os.path.realpath(name)
        if not follow:  # what is changed is the link, not what it leads to
            real = os.path.normpath(os.path.join(os.path.realpath(os.path.dirname(name) or "."), _last(name)))
        if _within(real, (self._bounds.folder, *self._bounds.writable)):
            return None
        return "write", name

    def read(self, path: Any) -> tuple[str, str] | None:
        name = _name(path)
        if name is None:
            return None
        real = os.path.realpath(name)
        bounds = self._bounds
        if _within(real, (bounds.folder, *bounds.writable)) or real in bounds.listed:
            return None
        if _within(real, bounds.libraries) and not self._of_others(real):
            return None
        if _within(real, bounds.project) and not self._hidden(real):
            return None
        closed = self._everything or _within(real, (self._home, "/proc")) or self._hidden(real)
        return ("read", name) if closed and os.path.lexists(real) else None

    def _hidden(self, real: str) -> bool:
        """Whether it is a hidden file of the project, such as `.env`, or lies in a hidden folder."""
        if self._root is None or not _within(real, (self._root,)):
            return False
        return any(part.startswith(".") for part in real[len(self._root) :].split(os.sep))

    def _of_others(self, real: str) -> bool:
        """Whether it tells about another process."""
        parts = real.split("/")
        return parts[1:2] == ["proc"] and len(parts) > 2 and parts[2].isdigit() and int(parts[2]) != self._own

    # --- the rest ----------------------------------------------------------------------------------------------------

    def network(self, event: str, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
        shown = [str(part) for part in arguments if isinstance(part, (str, int, tuple)) and part not in {"", 0}]
        if event == "urllib.Request" and shown and shown[0].startswith("file:"):
            return None  # that opens a file, which is asked about as well
        return "network", f"{event} {' '.join(shown[:2])}".strip()

    def socket(self, _: str, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
        family = arguments[1]
        if family in {-1, getattr(socket, "AF_UNIX", None)}:
            return None
        return "network", f"socket {getattr(family, 'name', family)}"

    def process(self, event: str, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
        shown = arguments[1] if event == "subprocess.Popen" else arguments[0] if arguments else ""
        if isinstance(shown, (list, tuple)):
            shown = " ".join(map(str, shown))
        return "subprocess", f"{event} {shown}".strip()

    def signal(self, event: str, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
        if event in {"os.kill", "resource.prlimit"} and arguments[0] == self._own:
            return None
        return "kill", f"{event} {' '.join(str(part) for part in arguments[:2])}"

    def foreign(self, event: str, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
        """Libraries may call C; a program that does could take off the belt."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            name = frame.f_code.co_filename
            if not name.startswith((self._ctypes, "<frozen")):
                break
            frame = frame.f_back
        if frame is None or _within(os.path.abspath(frame.f_code.co_filename), self._bounds.libraries):
            return None
        return "ctypes", f"{event} {' '.join(str(part) for part in arguments[:2] if isinstance(part, str))}".strip()

    def registry(self, event: str, arguments: tuple[Any, ...]) -> tuple[str, str] | None:
        return "write", f"{event} {arguments[1] if len(arguments) > 1 else ''}".strip()

    def site(self, frame: FrameType | None) -> list[Any] | None:
        """The innermost place in a file of the program: path, line, column, end line, end column."""
        while frame is not None:
            code = frame.f_code
            name = code.co_filename
            if name in self._files or (self._root is not None and self._ours(name)):
                columns: list[Any] = [None, None, None]
                if sys.version_info >= (3, 11):
                    place = next(islice(code.co_positions(), frame.f_lasti // 2, None), None)
                    if place is not None:
                        columns = [place[2], place[1], place[3]]
                return [name, frame.f_lineno, *columns]
            frame = frame.f_back
        return None

    def _ours(self, name: str) -> bool:
        return os.path.isabs(name) and _within(name, self._bounds.project) and not self._hidden(name)


def _name(path: Any, fd: Any = -1) -> str | None:
    """A path as text; `None` for an open file. A relative one may be so to an open folder."""
    if isinstance(path, int) or path is None:
        return None
    try:
        name = os.fsdecode(path)
    except TypeError:
        return None
    if isinstance(fd, int) and fd >= 0 and not os.path.isabs(name):
        with contextlib.suppress(OSError):
            return os.path.join(os.readlink(f"/proc/self/fd/{fd}"), name)
    return name


def _last(name: str) -> str:
    return os.path.basename(name.rstrip(os.sep)) or os.curdir


def _within(path: str, folders: tuple[str, ...]) -> bool:
    """Whether a path is one of the folders or lies below one."""
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


Ruling = Callable[["_Judge", str, "tuple[Any, ...]"], "tuple[str, str] | None"]

RULINGS: dict[str, Ruling] = {
    "open": _Judge.opened,
    "socket.__new__": _Judge.socket,
    **dict.fromkeys(LISTINGS, _Judge.listed),
    **dict.fromkeys(CHANGES, _Judge.changed),
    **dict.fromkeys(NETWORK, _Judge.network),
    **dict.fromkeys(PROCESSES, _Judge.process),
    **dict.fromkeys(SIGNALS, _Judge.signal),
    **dict.fromkeys(FOREIGN, _Judge.foreign),
    **dict.fromkeys(REGISTRY, _Judge.registry),
}
"""Who judges which event; events that are not here pass."""

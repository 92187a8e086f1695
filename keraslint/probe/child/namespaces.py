"""Namespaces of Linux: no network, no other processes, a file system that cannot be written to.

What a process cannot name it cannot harm. The guard leaves the namespaces of the system before it starts the zygote,
which is then process 1 of a world of its own: it cannot be killed from inside, and what is left behind is its child.
"""

from __future__ import annotations

import os

from . import kernel

FLAGS = {
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "mount": 0x00020000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
}
"""The kinds of namespaces. Only `user` is free for everybody; it brings the right to the others."""

ALONE = ("user", "net", "mount", "ipc", "uts")
"""Those that take effect for the process that asks for them; a new `pid` is for its children."""


def leave(names: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Leave these namespaces; the administrator may do without `user`. Which were left, and else the reason."""
    wanted = [names] if os.geteuid() else [names, tuple(name for name in names if name != "user")]
    reason = ""
    for some in wanted:
        try:
            _tried(some)
            _leave(some)
            return some, ""
        except OSError as error:
            reason = reason or error.strerror or str(error)
    return (), reason


def _tried(names: tuple[str, ...]) -> None:
    """Try it in a process that can be spared: half way out there would be no way back."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _leave(names)
            code = 0
        except OSError as error:
            code = error.errno or 1
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise OSError(code, os.strerror(code))


def _leave(names: tuple[str, ...]) -> None:
    user, group = os.geteuid(), os.getegid()
    flags = 0
    for name in names:
        flags |= FLAGS[name]
    kernel.unshare(flags)
    if "user" in names:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)  # what is mounted here is not seen outside


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def own_proc() -> None:
    """A `/proc` that shows the processes of this namespace only."""
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)


def only_writable(folder: str, size: int) -> None:
    """Put an empty file system of limited size over a folder, and make everything else read-only."""
    kernel.unshare(FLAGS["mount"])
    kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, f"size={size},mode=700")
    kernel.make_read_only("/")
    kernel.make_writable(folder)

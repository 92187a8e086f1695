"""A filter of system calls: no new processes, no sockets, no signals to others, no way to undo the other bounds.

Threads stay, because TensorFlow needs them. The tables below are numbers of Linux; a processor that is not among them
has no filter.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import NamedTuple

from . import kernel

_EPERM, _ENOSYS = 1, 38
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_FILTER = 2
_X32 = 0x40000000

_CLONE_THREAD = 0x00010000
_SOCK_STREAM = 1
_TIOCSTI = 0x5412

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

NUMBERS = {
    # name: (x86_64, aarch64), -1 where the processor does not have it
    "fork": (57, -1),
    "vfork": (58, -1),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "mknod": (133, -1),
    "mknodat": (259, 33),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "syslog": (103, 116),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "clone3": (435, 435),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "clone": (56, 220),
    "socketpair": (53, 199),
    "kill": (62, 129),
    "tgkill": (234, 131),
    "prlimit64": (302, 261),
    "prctl": (157, 167),
    "ioctl": (16, 29),
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, -1),
    "fchown": (93, 55),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "utime": (132, -1),
    "utimes": (235, -1),
    "futimesat": (261, -1),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
}

ABSENT = ("clone3", "memfd_create", "memfd_secret", "io_uring_setup", "io_uring_enter", "io_uring_register")
"""Calls that look as if the kernel did not have them, so that libraries take the older way: the flags of `clone3` and
what is done by `io_uring` cannot be seen by a filter, and memory behind a file is not counted as memory."""

OF_FILES = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes"),
    *("futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
)
"""Calls that change what is told about a file. Landlock does not see them; read-only mounts stop them. Where there are
none, these calls do nothing and say that they did, so that copying a file within bounds still works."""


class _Test(NamedTuple):
    """What a call may have as an argument: its place, the bits that count, and their value."""

    argument: int
    mask: int
    value: int
    allowed: bool = True
    """Whether exactly this value is allowed, or everything but this value."""


def _tests(pid: int) -> dict[str, _Test]:
    every = 0xFFFFFFFF
    return {
        "clone": _Test(0, _CLONE_THREAD, _CLONE_THREAD),
        "socketpair": _Test(1, 0xF, _SOCK_STREAM),
        "kill": _Test(0, every, pid),
        "tgkill": _Test(0, every, pid),
        "prlimit64": _Test(0, every, 0),
        "prctl": _Test(0, every, kernel.PR_SET_PDEATHSIG, allowed=False),
        "ioctl": _Test(1, every, _TIOCSTI, allowed=False),
    }


def program(machine: str, pid: int, *, files_too: bool) -> bytes:
    """The filter for a processor and a process. With `files_too` none of `OF_FILES` has an effect."""
    column = list(ARCHITECTURES).index(machine)
    tests = _tests(pid)
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _ERROR | _ENOSYS),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        lines += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERROR | _ENOSYS)]
    for name, numbers in NUMBERS.items():
        number = numbers[column]
        if number < 0 or (name in OF_FILES and not files_too):
            continue
        if name in tests:
            test = tests[name]
            right, wrong = (0, 1) if test.allowed else (1, 0)
            lines += [
                (_EQUAL, 0, 5, number),
                (_LOAD, 0, 0, _ARGUMENTS + 8 * test.argument),
                (_AND, 0, 0, test.mask),
                (_EQUAL, right, wrong, test.value),
                (_RETURN, 0, 0, _ALLOW),
                (_RETURN, 0, 0, _ERROR | _EPERM),
            ]
        else:
            error = _ENOSYS if name in ABSENT else 0 if name in OF_FILES else _EPERM
            lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | error)]
    lines.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def install(*, files_too: bool) -> None:
    """Filter the calls of this thread and of those that it starts. Raises `OSError` where that cannot be."""
    machine = kernel.machine()
    if machine is None:
        raise OSError(_ENOSYS, "no filter for this processor")
    code = program(machine, os.getpid(), files_too=files_too)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_SECCOMP, _FILTER, ctypes.c_char_p(head))

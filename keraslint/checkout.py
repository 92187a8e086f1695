"""What git says belongs to a checkout: files that are tracked, and others that no rule of it ignores.

Git knows more than `.gitignore` files: ignored files that are tracked all the same, the rules of a user and of a work
tree. Where it is not there, or does not answer for a folder (an archive, a container, somebody else's checkout),
`gitignore` reads the rules.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

LEFT_BEHIND = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE")
"""What a hook of git says about its own repository, and would be taken for every other one."""

HARMLESS = ("--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
"""A checkout may name programs in its configuration; looking at its files starts none of them."""

LISTING = ("ls-files", "-z", "--stage", "--cached", "--deleted", "--others", "--exclude-standard")
"""Files that are tracked and not there any more come twice."""

SUBMODULE, REGULAR = "160000 ", "100"

STAGED = re.compile(r"[0-7]{6} [0-9a-f]{40,64} [0-3]\t").match
"""How the entry of a file that is tracked begins: its mode, the content, a number that tells of conflicts."""

LONGEST = 50_000
"""So many characters of paths fit into one command everywhere but on Windows, where a few less do."""


class Listing:
    """The files of a folder in a checkout, by folder, and what git has noted of them; `checkouts` are those inside it,
    which have rules of their own.

    Folders are absolute, names are bare.
    """

    def __init__(self, top: str, entries: Iterable[str], suffixes: tuple[str, ...] = ("",)) -> None:
        self.files: dict[str, dict[str, str]] = {}
        self.folders: dict[str, dict[str, None]] = {}
        self.checkouts: set[str] = set()
        within: dict[str, dict[str, str]] = {}
        for entry in entries:
            submodule = entry.startswith(SUBMODULE)
            if not submodule and not entry.lower().endswith(suffixes):
                continue
            stage, path = entry.split("\t", 1) if STAGED(entry) else ("", entry)
            folder, _, name = path.rpartition("/")
            if submodule or not name:
                self._lead_to(top, inner := path.rstrip("/"))
                self.checkouts.add(_joined(top, inner))
                continue
            if folder not in within:
                within[folder] = self.files[_joined(top, folder)] = {}
                self._lead_to(top, folder)
            if stage and within[folder].get(name) == stage:
                del within[folder][name]
            else:
                within[folder][name] = stage

    def here(self, folder: str) -> list[tuple[str, bool]]:
        """The names of the files in a folder, each with whether it is known to be a file and not a link to one."""
        folders = self.folders.get(folder, {})  # what was a file once may be one now
        files = sorted(self.files.get(folder, {}).items())
        return [(name, stage.startswith(REGULAR)) for name, stage in files if name not in folders]

    def _lead_to(self, top: str, folder: str) -> None:
        """Make a folder and all above it known."""
        while folder:
            upper, _, name = folder.rpartition("/")
            known = self.folders.setdefault(_joined(top, upper), {})
            if name in known:
                return
            known[name] = None
            folder = upper


def _joined(folder: str, below: str) -> str:
    return os.path.join(folder, *below.split("/")) if below else folder


def listing(folder: str, suffixes: tuple[str, ...]) -> Listing | None:
    """The files with these suffixes that belong to the checkout that a folder lies in, from there on; `None` where git
    does not say."""
    if checkout_of(folder) is None:
        return None
    names = _answer(folder, *LISTING)
    return Listing(folder, names, (*suffixes, "/")) if names else None


def checkout_of(folder: str) -> str | None:
    """The folder of the checkout that a folder lies in."""
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def kept(paths: Iterable[str]) -> Mapping[str, bool]:
    """For files and folders that exist, by absolute path: whether git takes them, or anything in them, for a part of
    their checkout. What it says nothing about is missing."""
    together: dict[str, list[str]] = {}
    for path in paths:
        top = checkout_of(os.path.dirname(path))
        if top is not None and os.path.lexists(path) and path != top:
            together.setdefault(top, []).append(path)
    said: dict[str, bool] = {}
    for top, below in together.items():
        for some in _chunks(below):
            names = _answer(top, *LISTING, "--", *some)
            if names is None:
                continue
            found = Listing(top, names)
            for path in some:
                folder, name = os.path.split(path)
                belongs = name in found.files.get(folder, ()) or name in found.folders.get(folder, ())
                said[path] = belongs or not _holds_anything(path)
    return said


def _holds_anything(path: str) -> bool:
    """Git lists no folder without files, whatever its rules say."""
    return not os.path.isdir(path) or any(files for _, _, files in os.walk(path))


def _chunks(paths: list[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for path in paths:
        if size + len(path) > (LONGEST if os.name != "nt" else LONGEST // 2):
            yield chunk
            chunk, size = [], 0
        chunk.append(path)
        size += len(path) + 3
    if chunk:
        yield chunk


# --- how git is asked -------------------------------------------------------------------------------------------------


def _answer(folder: str, *arguments: str) -> list[str] | None:
    """The names that a command of git writes; `None` when it fails or has anything to complain of."""
    program = _git()
    if program is None:
        return None
    command = [program, "-C", folder, *HARMLESS, *arguments]
    try:
        output = _spawned(command) if hasattr(os, "posix_spawn") else _run(command)
    except OSError:
        return None
    return None if output is None else [name for name in os.fsdecode(output).split("\0") if name]


@cache
def _git() -> str | None:
    """Git in a folder of PATH; a program of that name in the current folder is not taken for it."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, "git.exe" if os.name == "nt" else "git")
        if os.path.isabs(folder) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return None


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_BEHIND}
    return {**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}


def _spawned(command: list[str]) -> bytes | None:
    """What a process writes, without `subprocess`: importing that takes longer than git does."""
    from select import select

    output, into = os.pipe()
    complaints, complain = os.pipe()
    try:
        process = os.posix_spawn(
            command[0],
            command,
            _environment(),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, into, 1),
                (os.POSIX_SPAWN_DUP2, complain, 2),
            ],
        )
    finally:
        os.close(into)
        os.close(complain)
    said = {output: b"", complaints: b""}
    waiting = [output, complaints]
    try:
        while waiting:
            for ready in select(waiting, (), ())[0]:
                piece = os.read(ready, 1 << 16)
                said[ready] += piece
                if not piece:
                    waiting.remove(ready)
    finally:
        os.close(output)
        os.close(complaints)
        _, status = os.waitpid(process, 0)
    return None if status or said[complaints] else said[output]


def _run(command: list[str]) -> bytes | None:
    import subprocess

    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=_environment(), check=False)
    return None if done.returncode or done.stderr else done.stdout

"""What earlier runs have found, kept on the disk: a file that has not changed is not read again.

A result is known by the content of its file, the path it is shown by, the settings that hold for it, the rules and
keraslint itself; and it rests on what else was asked of the disk when it was made. It counts only while all of that is
as it was. Results are plain data with a checksum, one file each, written whole: runs may share a store, and may be
stopped at any time. A result that is damaged is none. Whatever the disk does, a run goes on, only slower.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple

from keraslint import __version__
from keraslint.announced import announced
from keraslint.config import Configuration, Settings
from keraslint.discover import File
from keraslint.grounds import Grounds
from keraslint.outcome import Outcome, packed, unpacked

try:
    from _blake2 import blake2b  # of this one `hashlib` is made; to load all that is in there takes as long as the rest
except ImportError:
    from hashlib import blake2b

IN_PROJECT: Final = ".keraslint_cache"
VARIABLE: Final = "KERASLINT_CACHE_DIR"
ROOT_MARKS: Final = (".git", "pyproject.toml", "keraslint.toml")
"""What tells that a folder is the top of a project."""

FORMAT: Final = "1"
RESULTS: Final = "results"
OWN_FILES: Final = {
    ".gitignore": "# what keraslint keeps is of no use to others\n*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# made by keraslint; `keraslint clean` removes it\n",
}
MOST_BYTES: Final = 128 * 1024 * 1024
"""More is not kept: the results that were of no use for the longest time go."""
FEW_WRITES: Final = 200
DAY: Final = 24 * 60 * 60.0
MOST_FAILURES: Final = 3
"""When so many results could not be written, no more are tried."""


def folder_of(configuration: Configuration) -> str:
    """Where results are kept: where the environment or the configuration says, in the project around the current
    folder, or with the other caches of the user."""
    here = os.getcwd()
    if said := os.environ.get(VARIABLE):
        return os.path.abspath(said)
    if said := configuration.inside(here).cache_dir:
        return said
    place = here
    while not any(os.path.exists(os.path.join(place, mark)) for mark in ROOT_MARKS):
        above = os.path.dirname(place)
        if above == place:
            return os.path.join(_of_user(), "keraslint")
        place = above
    return os.path.join(place, IN_PROJECT)


def _of_user() -> str:
    """The folder for caches of this user."""
    said = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return said if said and os.path.isabs(said) else os.path.join(os.path.expanduser("~"), ".cache")


class Cache:
    """The store in one folder, as one run with one configuration uses it. `trouble` says what could not be written,
    `shared` that other processes of this run write into it as well."""

    def __init__(
        self, folder: str, configuration: Configuration, *, outlined: bool, most_bytes: int = MOST_BYTES
    ) -> None:
        self.folder, self.trouble, self.shared = folder, "", False
        self._configuration, self._most = configuration, most_bytes
        self._disk = _Disk()
        self._settings: dict[str, str] = {}
        self._failures = self._written = 0
        code = _code(folder)
        self._works = bool(code)
        self._common = "\0".join((FORMAT, code, f"{configuration.overrides.isolated:d}{outlined:d}"))

    def find(self, file: File) -> Outcome | None:
        """What is known of a file; `None` when nothing is."""
        if not self._works or file.data is None:
            return None
        try:
            path = self._place(file)
            with open(path, "rb") as result:
                text = result.read()
                changed = os.fstat(result.fileno()).st_mtime
            found = self._valid(text, file)
        except OSError:
            return None
        except Exception:  # a result that somebody else has written, or half of one
            return None
        if found is not None and not 0 <= time.time() - changed < DAY:
            with suppress(OSError):
                os.utime(path)  # it was of use
        return found

    def _valid(self, text: bytes, file: File) -> Outcome | None:
        checksum, _, body = text.partition(b"\n")
        if checksum != _digest(body).encode():
            return None
        from json import loads

        rests_on, _, outcome = body.decode().partition("\n")
        if not self._holds(loads(rests_on)):
            return None
        found = unpacked(outcome, file.data)
        return found if found.path == file.path else None

    def _holds(self, rests_on: dict[str, Any]) -> bool:
        """Whether everything that a result rests on is as it was."""
        disk = self._disk
        return (
            all(disk.digest(path) == digest for path, digest in rests_on["files"].items())
            and all(disk.size(path) == size for path, size in rests_on["sizes"].items())
            and all(os.path.isfile(path) == there for path, there in rests_on["regular"].items())
            and all(disk.has(folder, names) for folder, names in rests_on["named"].items())
            and all(list(disk.matched(folder)) == names for folder, names in rests_on["matched"].items())
            and all(self._setting(path) == digest for path, digest in rests_on["configured"].items())
        )

    def keep(self, file: File, outcome: Outcome, rests_on: Grounds) -> None:
        """Keep what came of a file for later runs. What failed, and what rests on more than the disk, is not kept."""
        if not self._works or file.data is None or outcome.failure or rests_on.passing:
            return
        try:
            self._write(self._place(file), self._text(file, outcome, rests_on))
        except OSError as error:
            self.trouble = f"{self.folder}: {(error.strerror or str(error)).lower()}"
            self._failures += 1
            self._works = self._failures < MOST_FAILURES

    def _text(self, file: File, outcome: Outcome, rests_on: Grounds) -> bytes:
        from json import dumps

        grounds = {
            "files": {path: None if data is None else _digest(data) for path, data in rests_on.files.items()},
            "sizes": rests_on.sizes,
            "regular": rests_on.regular,
            "named": rests_on.named,
            "matched": rests_on.matched,
            "configured": {path: self._setting(path) for path in sorted(rests_on.configured)},
        }
        body = f"{dumps(grounds, separators=(',', ':'))}\n{packed(outcome, file.data)}".encode()
        return _digest(body).encode() + b"\n" + body

    def _write(self, path: str, text: bytes) -> None:
        try:
            _replace(path, text)
        except FileNotFoundError:  # the first one, or somebody has removed the folder
            _make(self.folder, os.path.dirname(path))
            _replace(path, text)
        self._written += 1

    def close(self) -> None:
        """End the run: what is too much goes."""
        if not (self._written or self.shared):
            return
        stamp = os.path.join(self.folder, RESULTS, "pruned")
        with suppress(OSError):
            if self._written < FEW_WRITES and 0 <= time.time() - os.stat(stamp).st_mtime < DAY / 24:
                return
        with suppress(OSError):
            _prune(self.folder, self._most)
            with open(stamp, "wb"):
                os.utime(stamp)

    def _place(self, file: File) -> str:
        key = "\0".join((self._common, self._setting(file.path), file.path))
        name = _digest(key.encode("utf-8", "surrogatepass"), file.data or b"")
        return os.path.join(self.folder, RESULTS, name[:2], name[2:])

    def _setting(self, path: str) -> str:
        """What the settings for a file come to."""
        settings = self._configuration.at(path)
        text = repr(_counting(settings))
        if text not in self._settings:
            rules = [_content(folder) for folder in settings.rules]
            self._settings[text] = _digest(repr((text, rules)).encode("utf-8", "surrogatepass"))
        return self._settings[text]


def _counting(settings: Settings) -> tuple[object, ...]:
    """What of the settings can change what is found in a file."""
    places = [settings.place(key) for key in ("target-keras", "backend") if key in settings.lines or settings.given]
    return (
        *(settings.select, settings.ignore, settings.severity, bool(settings.per_file_ignores)),
        *(settings.target_keras, settings.backend, settings.rules, places),
    )


# --- what the disk says now ------------------------------------------------------------------------------------------


class _Disk:
    """The disk, asked once for each thing in a run."""

    def __init__(self) -> None:
        self._digests: dict[str, str | None] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._fitting: dict[str, tuple[str, ...]] = {}

    def digest(self, path: str) -> str | None:
        if path not in self._digests:
            try:
                with open(path, "rb") as file:
                    self._digests[path] = _digest(file.read())
            except (OSError, ValueError):
                self._digests[path] = None
        return self._digests[path]

    def size(self, path: str) -> int:
        try:
            return os.stat(path).st_size
        except OSError:
            return 0

    def has(self, folder: str, names: dict[str, bool]) -> bool:
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(os.listdir(folder))
            except (OSError, ValueError):
                self._names[folder] = frozenset()
        there = self._names[folder]
        return all((name in there) == was for name, was in names.items())

    def matched(self, folder: str) -> tuple[str, ...]:
        if folder not in self._fitting:
            from keraslint.asking import fitting

            self._fitting[folder] = fitting(folder)
        return self._fitting[folder]


def _digest(*parts: bytes) -> str:
    hashed = blake2b(digest_size=16)
    for part in parts:
        hashed.update(part)
    return hashed.hexdigest()


# --- what keraslint is -----------------------------------------------------------------------------------------------


def _code(folder: str) -> str:
    """What tells one keraslint from another: its own files, those of the installed rules, its parser and Python.

    The content of some hundred files is not read each time: what it comes to is noted in the store, under the sizes and
    times of the files. Nothing, where the files cannot be looked at.
    """
    try:
        packages = [os.path.dirname(os.path.abspath(__file__)), *map(_package, announced())]
        states = [(path, os.stat(path)) for package in packages for path in _modules(package)]
    except (OSError, LookupError):
        return ""
    seen = repr([(path, state.st_size, state.st_mtime_ns) for path, state in states])
    known = os.path.join(folder, RESULTS, f"code-{_digest(seen.encode('utf-8', 'surrogatepass'))}")
    about = f"{__version__} {sys.version} {_libcst()}"
    try:
        with open(known, encoding="ascii") as file:
            return f"{about} {file.read(64)}"
    except (OSError, ValueError):
        content = _digest(*(_content(package).encode() for package in packages))
    with suppress(OSError):
        if os.path.isdir(os.path.dirname(known)):
            _replace(known, content.encode())
    return f"{about} {content}"


def _package(name: str) -> str:
    """The folder or file of an installed package."""
    path = name.replace(".", os.sep)
    for folder in sys.path:
        for place in (os.path.join(folder, path), os.path.join(folder, f"{path}.py")):
            if os.path.exists(place):
                return place
    raise LookupError(name)


def _modules(package: str) -> Iterator[str]:
    """The Python files of a package, in order."""
    if os.path.isfile(package):
        yield package
        return
    folders = []
    with os.scandir(package) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir():
            folders += [entry.path] if not entry.name.startswith((".", "__pycache__")) else []
        elif entry.name.endswith(".py"):
            yield entry.path
    for folder in folders:
        yield from _modules(folder)


def _content(package: str) -> str:
    """The content of the Python files of a package or folder."""
    parts = []
    for path in _modules(package):
        with open(path, "rb") as file:
            parts += [os.path.relpath(path, package).encode("utf-8", "surrogatepass"), _digest(file.read()).encode()]
    return _digest(*parts)


def _libcst() -> str:
    """The version of the parser, without loading it."""
    for folder in sys.path:
        with suppress(OSError):
            for name in os.listdir(folder or os.curdir):
                if name.startswith("libcst-") and name.endswith(".dist-info"):
                    return name
    return ""


# --- files -----------------------------------------------------------------------------------------------------------


def _replace(path: str, text: bytes) -> None:
    """Write a file whole or not at all."""
    beside = f"{path}.{os.getpid()}.{time.monotonic_ns()}"
    try:
        with open(beside, "xb", buffering=0) as file:
            written = file.write(text)
            if written != len(text):
                raise OSError(0, "not written whole")
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _make(folder: str, place: str) -> None:
    """Make the store, and say in it what it is."""
    os.makedirs(place, exist_ok=True)
    for name, text in OWN_FILES.items():
        if not os.path.exists(path := os.path.join(folder, name)):
            _replace(path, text.encode())


class Result(NamedTuple):
    """A file of the store: when it was of use last, as far as the clock can be believed, and how large it is."""

    used: float
    size: int
    path: str


def _results(folder: str) -> Iterator[Result]:
    now = time.time()
    for place, _, names in os.walk(os.path.join(folder, RESULTS)):
        for name in names:
            path = os.path.join(place, name)
            with suppress(OSError):
                state = os.stat(path, follow_symlinks=False)
                # where the clock went back, a time that is still to come says nothing
                yield Result(state.st_mtime if state.st_mtime <= now + DAY else 0.0, state.st_size, path)


def _prune(folder: str, most: int) -> None:
    """Take out what was of no use for the longest time, until a part of the room is free."""
    results = sorted(_results(folder))
    total = sum(result.size for result in results)
    wanted = most if total <= most else most * 3 // 4
    for result in results:
        if total <= wanted:
            return
        with suppress(OSError):
            os.unlink(result.path)
        total -= result.size


class Removed(NamedTuple):
    """What was removed: so many results of so many bytes."""

    results: int
    size: int


def clean(folder: str, *, told: Callable[[str], None]) -> Removed:
    """Remove the store in a folder, and the folder when nothing else is in it. What cannot be removed is `told`."""
    results = list(_results(folder))
    gone = [result for result in results if _removed(os.unlink, result.path, told)]
    top = os.path.join(folder, RESULTS)
    places = [place for place, _, _ in os.walk(top, topdown=False)]
    for place in places:
        _removed(os.rmdir, place, told)
    own = [os.path.join(folder, name) for name, text in OWN_FILES.items() if _says(os.path.join(folder, name), text)]
    for path in own:
        _removed(os.unlink, path, told)
    if places or own:
        with suppress(OSError):  # something of somebody else may lie in it
            os.rmdir(folder)
    kept = [result for result in gone if os.path.basename(os.path.dirname(result.path)) != RESULTS]
    return Removed(len(kept), sum(result.size for result in gone))


def _removed(remove: Callable[[str], None], path: str, told: Callable[[str], None]) -> bool:
    try:
        remove(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        told(f"`{path}` cannot be removed: {(error.strerror or str(error)).lower()}")
        return False
    return True


def _says(path: str, text: str) -> bool:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(len(text) + 1) == text
    except (OSError, ValueError):
        return False

"""Which files a run is about: what was named, and the Python files and notebooks below the folders that were named.

Every file is opened here, once, and its bytes are kept only if they mention Keras. Nothing is parsed: most files of
most repositories have nothing to do with Keras, and this room is all that they cost.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from keraslint import checkout, gitignore
from keraslint.config import Configuration, RefusalError, Settings, below, covers, shown

SUFFIXES = (".py", ".pyw", ".ipynb")
SAVED = (".keras", ".h5", ".hdf5")
"""Models in files; they are looked at where they are named, and never read into memory."""
DOCUMENTS = (".md", ".markdown")
"""What else is looked at where Markdown is asked for."""

LEFT_OUT = frozenset({"__pycache__", "__pypackages__", "build", "dist", "node_modules", "site-packages", "venv"})
"""Folders that hold other people's code or copies of one's own; hidden folders (`.venv`, `.git`) are left out too."""

# A program that uses Keras names one of these packages in lower case, in an import or as text for one: keras, tf_keras,
# keras_core, tf.keras by way of tensorflow. Python's names know no other case, so the bytes are compared as they are.
_MENTIONS = (b"keras", b"tensorflow")


class File(NamedTuple):
    """A file that was looked at. `data` is its content if it mentions Keras.

    `unread` is true for what the system does not give away; whoever reads it again learns why. `saved` is true for a
    file with a model in it.
    """

    path: str
    data: bytes | None = None
    unread: bool = False
    saved: bool = False

    @property
    def worth_reading(self) -> bool:
        """Whether there is anything in it for us."""
        return self.unread or self.saved or self.data is not None


class MissingPathError(RefusalError):
    """A path that was named and does not exist."""


def discover(
    paths: Iterable[str],
    configuration: Configuration,
    *,
    force_exclude: bool = False,
    piped: File | None = None,
    expect: Callable[[int], object] | None = None,
) -> Iterator[File]:
    """Every file of the run in a fixed order, each once, by a path relative to the current folder where possible.

    A file that was named is taken whatever it is called, also when an exclude covers it, unless `force_exclude`. The
    path `-` stands for the file `piped`. `expect` is told how many files there will be, before the first one is
    opened. Raises `MissingPathError` before all that.
    """
    named = list(paths)
    if problems := [problem for path in named if path != "-" and (problem := _problem(path))]:
        raise MissingPathError("; ".join(dict.fromkeys(problems)))
    found: Iterable[str | File] = _every(named, configuration, force_exclude, piped)
    if expect is not None:
        found = list(found)
        expect(len(found))
    return (look(file) if isinstance(file, str) else file for file in found)


def _every(
    named: list[str], configuration: Configuration, force_exclude: bool, piped: File | None
) -> Iterator[str | File]:
    """The files of the run, as absolute paths."""
    seen: set[str] = set()
    kept = checkout.kept(map(os.path.abspath, named)) if force_exclude else {}
    for path in named:
        from_pipe = piped if path == "-" else None
        start = os.path.abspath(from_pipe.path if from_pipe else path)
        if force_exclude and left_out(start, configuration, kept.get(start)):
            continue
        if from_pipe:
            yield from_pipe
            continue
        for file in _walk(start, configuration) if os.path.isdir(start) else (start,):
            if file not in seen:
                seen.add(file)
                yield file


def _problem(path: str) -> str:
    """Why a path that was named cannot be looked at, if that is plain before anything is opened."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        reason = "is a link that leads nowhere" if os.path.islink(path) else "does not exist"
        return f"`{path}` {reason}{_meant(path)}"
    except (OSError, ValueError) as error:  # a null byte is a ValueError
        return f"`{path}`: {(getattr(error, 'strerror', None) or str(error)).lower()}"
    if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and _endless(path)):
        return f"`{path}` is a device, not a file"
    return ""


def _endless(path: str) -> bool:
    """Whether a device might never stop to give, unlike a terminal and the one that gives nothing."""
    try:
        with open(path, "rb", buffering=0) as device:
            return not device.isatty() and os.stat(path).st_rdev != os.stat(os.devnull).st_rdev
    except OSError:
        return True


def _meant(path: str) -> str:
    """The end of a message about a path that does not exist: one beside it that is nearly called so."""
    from difflib import get_close_matches  # only on the way to an error

    above, name = os.path.split(path.rstrip("/" + os.sep))
    below: list[str] = []
    while above and not os.path.isdir(above):
        below.insert(0, name)
        above, name = os.path.split(above)
    try:
        names = os.listdir(above or os.curdir)
    except OSError:
        return ""
    for close in get_close_matches(name, names, cutoff=0.6):
        candidate = os.path.join(above, close, *below)
        if os.path.exists(candidate):
            return f"; did you mean `{candidate}`?"
    return ""


def look(path: str) -> File:
    """Open a file and see whether it is worth reading."""
    named = shown(path)
    if path.lower().endswith(SAVED):
        return File(named, unread=not os.access(path, os.R_OK), saved=True)
    try:
        with open(path, "rb", buffering=0) as file:
            data = file.readall()
    except OSError:
        return File(named, unread=True)
    return given(named, data)


def given(path: str, data: bytes) -> File:
    """A file whose content is already at hand, such as standard input."""
    return File(path, data if mentions_keras(data) else None)


def mentions_keras(data: bytes) -> bool:
    """Whether a program could use Keras at all."""
    if any(name in data for name in _MENTIONS):
        return True
    # a program that compiles a model which another file builds
    return b".compile(" in data and b"loss" in data


def _walk(top: str, configuration: Configuration) -> Iterator[str]:
    """The files below a folder: those of the folder itself by name, then those of the folders in it."""
    suffixes = SUFFIXES + DOCUMENTS if configuration.overrides.markdown else SUFFIXES
    waiting: list[tuple[str, Known]] = [(top, _known(top, suffixes))]
    while waiting:
        folder, known = waiting.pop()
        try:
            files, folders = _entries(folder, known, suffixes)
        except OSError:
            yield folder  # it cannot be opened as a file either, and so it is reported
            continue
        settings = configuration.inside(folder)
        yield from (file for file in files if not excluded(file, settings))
        waiting += [one for one in reversed(folders) if not excluded(one[0], settings)]


Known = checkout.Listing | gitignore.Rules
"""What is known of a folder that is walked into: the files that git lists, or the rules about what is ignored."""


def _known(top: str, suffixes: tuple[str, ...]) -> Known:
    """What is known where a walk begins. Of a checkout more is known when it is looked into."""
    if os.path.exists(os.path.join(top, ".git")):
        return ()
    return checkout.listing(top, suffixes) or gitignore.above(top)


Entries = tuple[list[str], list[tuple[str, Known]]]
"""The files of a folder, and the folders in it that are walked into, each by name."""


def _entries(folder: str, known: Known, suffixes: tuple[str, ...]) -> Entries:
    if isinstance(known, checkout.Listing):
        return _listed(folder, known)
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    names = {entry.name for entry in entries}
    if ".git" in names:
        known = ()  # a checkout in a checkout keeps its own rules
        if listed := checkout.listing(folder, suffixes):
            return _listed(folder, listed)
    rules = (*known, *gitignore.inside(folder)) if names & {".git", ".gitignore"} else known
    files: list[str] = []
    folders: list[tuple[str, Known]] = []
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not (_passes(entry.name) if is_folder else entry.name.lower().endswith(suffixes)):
            continue
        if gitignore.ignored(rules, entry.path, folder=is_folder):
            continue
        if is_folder:
            folders.append((entry.path, rules))
        elif _is_file(entry):
            files.append(entry.path)
    return files, folders


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether there is a file, also behind a link; links may lead in a circle."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _listed(folder: str, listing: checkout.Listing) -> Entries:
    """The same, of what git lists."""
    start = os.path.join(folder, "")
    files = [start + name for name, sure in listing.here(folder) if sure or _there(start + name)]
    names = filter(_passes, sorted(listing.folders.get(folder, ())))
    folders: list[tuple[str, Known]] = []
    for path in (start + name for name in names):
        if path not in listing.checkouts:
            folders.append((path, listing))
        elif os.path.isdir(path):  # a submodule need not be
            folders.append((path, ()))
    return files, folders


def _there(path: str) -> bool:
    """Whether there is a file; one that the system keeps to itself is one too, and will be reported."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except PermissionError:
        return True
    except OSError:
        return False


def _passes(folder: str) -> bool:
    """Whether a folder of this name is walked into."""
    return folder not in LEFT_OUT and not folder.startswith(".")


def excluded(path: str, settings: Settings) -> bool:
    """Whether the settings exclude this absolute path."""
    return any(covers(folder, glob, path) for folder, glob in settings.exclude)


def left_out(path: str, configuration: Configuration, kept: bool | None = None, *, top: str | None = None) -> bool:
    """Whether a walk from `top` (the current folder; elsewhere, the folder of the path) would pass this path by.

    `kept` is what git says of the path, if it says anything.
    """
    if kept is False:
        return True
    here = os.getcwd() if top is None else top
    top = here if below(here, path) else os.path.dirname(path)
    rules, folder = gitignore.above(top), top
    for name in os.path.relpath(path, top).split(os.sep):
        rules = (*rules, *gitignore.inside(folder))
        settings = configuration.inside(folder)
        folder = os.path.join(folder, name)
        is_folder = os.path.isdir(folder)
        if is_folder and not _passes(name):
            return True
        if kept is None and gitignore.ignored(rules, folder, folder=is_folder):
            return True
        if excluded(folder, settings):
            return True
    return False

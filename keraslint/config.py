"""What a project asks for: `[tool.keraslint]` in pyproject.toml, or keraslint.toml; the file nearest to a program wins.

What the command line says goes first, then `--config KEY=VALUE`, then the file, then what holds by default. No program
is read here and no rule is run. Whatever is not understood is an error that names its place: a misspelt key must never
quietly mean nothing. `config.schema.json` beside this file says the same of the keys for editors, and a test holds the
two together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from functools import cache
from typing import Any, NamedTuple

SEVERITIES = ("note", "warning", "error")
"""The words for how bad something is, the mildest first."""

BACKENDS = ("tensorflow", "jax", "torch")

DEVICES = ("auto", "cpu", "gpu", "both")
"""Where models are measured: `auto` is what Keras takes by itself, `both` compares the processor with the GPU."""


class RefusalError(Exception):
    """Something that was asked for and cannot be done: a key, a path, a rule. The text says which one, and where."""


class ConfigError(RefusalError):
    """Something in a configuration that cannot be followed; the text names the place."""


class Said(str):
    """A text, and where it was said: `pyproject.toml:7`, or the option `--ignore`."""

    place: str

    def __new__(cls, text: str, place: str = "") -> Said:
        """The text as it was said there."""
        said = super().__new__(cls, text)
        said.place = place
        return said


def place_of(text: str) -> str:
    """Where a text was said, as far as that is known."""
    return text.place if isinstance(text, Said) else ""


class PerFile(NamedTuple):
    """Rules that are left out for some files: those that `glob` covers, as it is written in `folder`."""

    folder: str
    glob: str
    rules: tuple[str, ...]

    def concerns(self, path: str) -> bool:
        """Whether it is about the file at this absolute path; a glob that begins with `!` is about all others."""
        wanted = self.glob.removeprefix("!")
        return within(self.folder, wanted, path) != self.glob.startswith("!")


class Settings(NamedTuple):
    """What holds for the programs of one folder.

    `select` and `ignore` are globs over rule names, `severity` pairs of such a glob and what the rule's findings count
    as (the last match wins), `exclude` pairs of the folder that a glob is relative to and the glob. `file` is where the
    settings were written, if anywhere, and `lines` on which line each key stands; `given` are the keys that `--config`
    gave. `rules` are the folders with rules of the project's own, as absolute paths, `python` is the interpreter that
    runs its programs, `baseline` the file of the findings that are known.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    exclude: tuple[tuple[str, str], ...] = ()
    fail_on: str = "warning"
    target_keras: str | None = None
    backend: str | None = None
    rules: tuple[str, ...] = ()
    python: str | None = None
    file: str | None = None
    lines: Mapping[str, int] = {}
    per_file_ignores: tuple[PerFile, ...] = ()
    baseline: str | None = None
    cache_dir: str | None = None
    folder: str | None = None
    given: frozenset[str] = frozenset()

    def place(self, key: str) -> str:
        """Where a key was written, for a message."""
        return OPTION if key in self.given else f"{self.file}:{self.lines.get(key, 1)}"

    def rule_globs(self) -> tuple[str, ...]:
        """Every name or glob of rules that is written here."""
        per_file = (rule for one in self.per_file_ignores for rule in one.rules)
        return (*(self.select or ()), *self.ignore, *(glob for glob, _ in self.severity), *per_file)

    def of(self, path: str) -> Settings:
        """What holds for one file, given by its absolute path: what is left out for it is ignored there."""
        more = tuple(rule for one in self.per_file_ignores if one.concerns(path) for rule in one.rules)
        return self._replace(ignore=self.ignore + more) if more else self


class Overrides(NamedTuple):
    """What the command line says, which goes before what any file says."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    fail_on: str | None = None
    isolated: bool = False
    markdown: bool = False
    python: str | None = None
    config: tuple[str, ...] = ()
    baseline: str | None = None

    def over(self, settings: Settings) -> Settings:
        """The settings of a folder as this run sees them.

        `--select` starts anew, so that it can ask for a rule that the project ignores; other lists add to the file.
        """
        here = os.getcwd()
        return settings._replace(
            select=self.select or settings.select,
            ignore=self.ignore if self.select else settings.ignore + self.ignore,
            severity=settings.severity + self.severity,
            exclude=settings.exclude + tuple((here, glob) for glob in self.exclude),
            fail_on=self.fail_on or settings.fail_on,
            python=self.python or settings.python,
            baseline=os.path.abspath(self.baseline) if self.baseline else settings.baseline,
        )


class Configuration:
    """The settings for every path of a run; each folder is asked once. `standard` holds where nothing is written.

    Raises `ConfigError` for a `--config` that is not understood.
    """

    def __init__(self, overrides: Overrides | None = None) -> None:
        self.overrides = overrides or Overrides()
        files, self._given = _given(self.overrides.config)
        if len(files) > 1:
            raise ConfigError(f"{OPTION}: only one file can be the configuration, not `{'` and `'.join(files)}`")
        if files and self.overrides.isolated:
            raise ConfigError(f"{OPTION}: `--isolated` reads no configuration file, and so not `{files[0]}`")
        self.standard = self._over(_named(files[0]) if files else Settings())
        self._alone = bool(files) or self.overrides.isolated
        self._folders: dict[str, Settings] = {}

    def _over(self, settings: Settings) -> Settings:
        """What was written, under what the command line says: `--config` first, then the options of their own."""
        if not self._given:
            return self.overrides.over(settings)
        merged = {key: getattr(settings, key) + value if key in TABLES else value for key, value in self._given.items()}
        given = frozenset(key.replace("_", "-") for key in merged)
        return self.overrides.over(settings._replace(**merged, given=given))

    def met(self) -> tuple[Settings, ...]:
        """The settings of this run so far, each once."""
        written = {one.file: one for one in self._folders.values() if one is not self.standard}
        return (self.standard, *written.values())

    def folders_of_rules(self) -> tuple[str, ...]:
        """The folders with rules of the projects whose files were met so far."""
        return tuple(dict.fromkeys(folder for one in self.met() for folder in one.rules))

    def at(self, path: str) -> Settings:
        """What holds for a file."""
        full = os.path.abspath(path)
        settings = self.inside(os.path.dirname(full))
        return settings.of(full) if settings.per_file_ignores else settings

    def inside(self, folder: str) -> Settings:
        """What holds for the files of a folder, given as an absolute path."""
        if self._alone:
            return self.standard
        if folder not in self._folders:
            self._folders[folder] = self._look(folder)
        return self._folders[folder]

    def home(self, path: str) -> str | None:
        """The folder of the project that a file belongs to: of its configuration, or else of its repository."""
        folder = os.path.dirname(os.path.abspath(path))
        configured = self.inside(folder).folder
        if configured is not None and os.path.join(folder, "").startswith(os.path.join(configured, "")):
            return configured
        return repository(folder)

    def address(self, path: str) -> str:
        """The path of a file from the folder of its project, with slashes: the same wherever keraslint is started."""
        home = self.home(path)
        if home is None:
            return path.replace(os.sep, "/")
        return os.path.relpath(os.path.abspath(path), home).replace(os.sep, "/")

    def about(self, paths: Iterable[str]) -> Configuration:
        """The same for these files, with what was already looked up for them: to be sent somewhere."""
        folders = {os.path.dirname(os.path.abspath(path)) for path in paths}
        part = copy(self)
        part._folders = {} if self._alone else {folder: self.inside(folder) for folder in sorted(folders)}
        return part

    def _look(self, folder: str) -> Settings:
        if written := load(folder):
            return self._over(written)
        parent = os.path.dirname(folder)
        return self.inside(parent) if parent != folder else self.standard


IN_PROJECT = "pyproject.toml"
"""The file that others write into as well: there the settings are a table."""


def load(folder: str) -> Settings | None:
    """The settings that are written in this very folder; keraslint.toml goes before pyproject.toml."""
    for name, table in (("keraslint.toml", ()), (IN_PROJECT, ("tool", "keraslint"))):
        path = os.path.join(folder, name)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if not os.access(folder, os.X_OK):
                continue  # nothing in this folder can be read, and so it will be reported itself
            raise ConfigError(f"{shown(path)}: cannot be read: {(error.strerror or str(error)).lower()}") from error
        if table and b"keraslint" not in data:
            continue  # the usual pyproject.toml says nothing about us, and parsing it costs more than all the rest
        if (written := _parse(shown(path), folder, data, table)) is not None:
            return written
    return None


@cache
def repository(folder: str) -> str | None:
    """The folder of the repository that a folder lies in."""
    if os.path.exists(os.path.join(folder, ".git")):
        return folder
    parent = os.path.dirname(folder)
    return repository(parent) if parent != folder else None


def shown(path: str) -> str:
    """A path as a message shows it: relative when it lies below the current folder, and with slashes everywhere."""
    return below(os.getcwd(), path) or path.replace(os.sep, "/")


def below(folder: str, path: str) -> str | None:
    """The part of an absolute path below a folder, with slashes; nothing for a path elsewhere.

    On Windows `C:\\Code` and `c:\\code` are one folder: editors and shells do not agree on how to write it.
    """
    start = folder if folder.endswith(os.sep) else folder + os.sep
    if path.startswith(start) or os.path.normcase(path).startswith(os.path.normcase(start)):
        return path[len(start) :].replace(os.sep, "/")
    return None


def _parse(path: str, folder: str, data: bytes, table: tuple[str, ...]) -> Settings | None:
    import tomllib  # only where there is something to parse

    try:
        text = data.decode()
        values: Any = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets nested too deep
        line = re.search(r"line (\d+)", str(error))
        raise ConfigError(f"{path}:{line[1] if line else 1}: not TOML: {_reason(error)}") from error
    for name in table:
        values = values.get(name) if isinstance(values, dict) else None
    if values is None:
        return None
    written = _Written(path, folder, text, table)
    if not isinstance(values, dict):
        raise ConfigError(f"{path}:{written.line()}: `{'.'.join(table)}` must be a table")
    read = written.read(values)
    return Settings(**read, file=path, folder=folder, lines={key: written.line(key) for key in values})


def _named(name: str) -> Settings:
    """The settings in a file that `--config` names."""
    path = os.path.abspath(name)
    table = ("tool", "keraslint") if os.path.basename(path) == IN_PROJECT else ()
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"{OPTION}: `{name}` cannot be read: {(error.strerror or str(error)).lower()}") from error
    written = _parse(shown(path), os.path.dirname(path), data, table)
    if written is None:
        raise ConfigError(f"{OPTION}: `{name}` has no table `{'.'.join(table)}`")
    return written


OPTION = "--config"


def _given(options: Iterable[str]) -> tuple[list[str], dict[str, Any]]:
    """What `--config` was given: the files, and what its keys say. The last one counts; tables add up."""
    files: list[str] = []
    given: dict[str, Any] = {}
    for option in options:
        if os.path.exists(option):
            files.append(option)
        elif "=" not in option:
            raise ConfigError(
                f"{OPTION}: there is no file `{option}`, and a key is given as `KEY=VALUE`{nearest(option, KEYS)}"
            )
        else:
            for key, value in _setting(option).items():
                given[key] = (*given.get(key, ()), *value) if key in TABLES else value
    return files, given


def _setting(option: str) -> dict[str, Any]:
    """What one `KEY=VALUE` says; the value is TOML."""
    import tomllib

    try:
        values = tomllib.loads(option)
    except (ValueError, RecursionError) as error:
        key, _, value = option.partition("=")
        bare = re.fullmatch(r"[\w.*/-]+", value.strip())
        hint = f"""; text stands in quotes: `{key}="{value.strip()}"`""" if bare else ""
        raise ConfigError(f"{OPTION}: `{option}`: not TOML: {_reason(error)}{hint}") from error
    return _Option(OPTION, os.getcwd(), option, ()).read(values)


def _reason(error: Exception) -> str:
    """What the reader of TOML says, without the place and in our spelling."""
    said = str(error).split(" (at")[0]
    return f"{said[:1].lower()}{said[1:]}"


class _Written:
    """One table of one file, read key by key."""

    def __init__(self, path: str, folder: str, text: str, table: tuple[str, ...]) -> None:
        self.path, self.folder, self.text, self.table = path, folder, text, table

    def read(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values of `Settings` that are written here."""
        read: dict[str, Any] = {}
        for key, value in values.items():
            if key in NOT_HERE:
                raise self.wrong((key,), f"`{key}` cannot be set here: {NOT_HERE[key]}")
            if key not in KEYS:
                raise self.wrong((key,), f"unknown key `{key}`{nearest(key, KEYS)}")
            read[key.replace("-", "_")] = KEYS[key](self, key, value)
        return read

    def names(self, key: str, value: object, *inner: str) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(Said(item, self.place(key, *inner, item=item)) for item in value)
        raise self.wrong((key, *inner), f"`{'.'.join((key, *inner))}` must be a list of strings")

    def folders(self, key: str, value: object) -> tuple[str, ...]:
        found = []
        for name in self.names(key, value):
            path = os.path.normpath(os.path.join(self.folder, name))
            if not os.path.isdir(path):
                raise self.wrong((key,), f"`{key}`: there is no folder `{name}`")
            found.append(path)
        return tuple(found)

    def program(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.wrong((key,), f'`{key}` must be the path of a Python, such as `".venv/bin/python"`')
        path = os.path.normpath(os.path.join(self.folder, value))
        if not os.path.isfile(path):
            raise self.wrong((key,), f"`{key}`: there is no file `{value}`")
        return path

    def globs(self, key: str, value: object) -> tuple[tuple[str, str], ...]:
        return tuple((self.folder, glob) for glob in self.names(key, value))

    def globs_with_names(self, key: str, value: object) -> tuple[PerFile, ...]:
        if not isinstance(value, dict):
            raise self.wrong((key,), f'`{key}` must be a table such as `{{ "tests/*" = ["rule-name"] }}`')
        return tuple(
            PerFile(self.folder, Said(glob, self.place(key, glob)), self.names(key, rules, glob))
            for glob, rules in value.items()
        )

    def path_of(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value or "\0" in value:
            raise self.wrong((key,), f'`{key}` must be the path of a file, such as `"keraslint-baseline.json"`')
        return os.path.normpath(os.path.join(self.folder, value))

    def level(self, key: str, value: object) -> str:
        return self.word(key, value, SEVERITIES)

    def levels(self, key: str, value: object) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, dict):
            raise self.wrong((key,), f'`{key}` must be a table such as `{{ rule-name = "note" }}`')
        return tuple(
            (Said(rule, self.place(key, rule)), self.word(key, level, SEVERITIES, rule))
            for rule, level in value.items()
        )

    def backend(self, key: str, value: object) -> str:
        return self.word(key, value, BACKENDS)

    def version(self, key: str, value: object) -> str:
        if isinstance(value, str) and re.fullmatch(r"[23](\.[0-9]+){0,2}", value):
            return value
        raise self.wrong((key,), f'`{key}` must be a version of Keras in quotes, such as `"2"`, `"3"` or `"3.15"`')

    def word(self, key: str, value: object, words: Iterable[str], *inner: str) -> str:
        if isinstance(value, str) and value in words:
            return value
        choice = ", ".join(f'`"{word}"`' for word in words)
        hint = nearest(value, words) if isinstance(value, str) else ""
        raise self.wrong((key, *inner), f"`{'.'.join((key, *inner))}` must be one of {choice}{hint}")

    def wrong(self, keys: tuple[str, ...], message: str) -> ConfigError:
        return ConfigError(f"{self.place(*keys)}: {message}")

    def place(self, *keys: str, item: str = "") -> str:
        """Where a key stands, or an item of its list, for a message."""
        line = self.line(*keys)
        if item:
            lines = self.text.split("\n")
            quoted = (f'"{item}"', f"'{item}'")
            line = next((n for n in range(line, len(lines) + 1) if any(q in lines[n - 1] for q in quoted)), line)
        return f"{self.path}:{line}"

    def line(self, *keys: str) -> int:
        """The line of a key of this table, or of a key in its table; TOML's reader does not tell, so the text is
        searched.

        The innermost table or key that is found gives the line: a spelling that this search does not know moves a
        message by a few lines and changes nothing else.
        """
        found, inside = 1, not self.table
        wanted, best = (*self.table, *keys), len(self.table)
        table: tuple[str, ...] = ()
        for number, line in enumerate(self.text.split("\n"), 1):
            if header := re.match(r"\s*\[+([^\]]+)\]", line):
                table = _dotted(header[1])
                full = table
            elif key := re.match(
                r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""", line
            ):
                full = table + _dotted(key[1])
            else:
                continue
            known = len(full) if wanted[: len(full)] == full else 0
            if known > best or (known == best and not inside):
                found, best, inside = number, known, True
        return found


class _Option(_Written):
    """One `KEY=VALUE`: whatever is wrong with it, the option is its place."""

    def place(self, *keys: str, item: str = "") -> str:
        return self.path


_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^.\s]+))\s*(?:\.|$)""")


def _dotted(text: str) -> tuple[str, ...]:
    """The parts of a dotted key, without their quotes."""
    return tuple(next(filter(None, part.groups()), "") for part in _PART.finditer(text))


KEYS: Mapping[str, Callable[[_Written, str, Any], object]] = {
    "select": _Written.names,
    "ignore": _Written.names,
    "severity": _Written.levels,
    "exclude": _Written.globs,
    "fail-on": _Written.level,
    "target-keras": _Written.version,
    "backend": _Written.backend,
    "rules": _Written.folders,
    "python": _Written.program,
    "per-file-ignores": _Written.globs_with_names,
    "baseline": _Written.path_of,
    "cache-dir": _Written.path_of,
}
"""Every key that may be written, and how its value is read."""

TABLES = frozenset({"severity", "per_file_ignores"})
"""Keys whose values add up where several places say something: in each the later one goes first."""

NOT_HERE: Mapping[str, str] = {
    "probe": "measuring runs the programs, which only whoever starts keraslint can ask for (`--probe`)",
}
"""What somebody might write and may not, and why."""


def covers(folder: str, glob: str, path: str) -> bool:
    """Whether a glob that was written in a folder covers this absolute path.

    A glob without a slash is compared with the name; one with a slash with the path below the folder that it was
    written in.
    """
    from fnmatch import fnmatchcase  # most runs have no globs

    wanted = glob.replace("\\", "/").removeprefix("./").rstrip("/")
    if "/" not in wanted:
        candidates = [os.path.basename(path)]
    elif (relative := below(folder, path)) is not None:
        candidates = [relative, f"/{relative}"]  # `**/x` is also `x`
    else:
        candidates = [path.replace(os.sep, "/")]  # a glob may be absolute
    return any(fnmatchcase(candidate, wanted) for candidate in candidates)


def within(folder: str, glob: str, path: str) -> bool:
    """Whether a glob covers this absolute path, or a folder that it lies in below the one that the glob was written
    in."""
    while not covers(folder, glob, path):
        parent = os.path.dirname(path)
        if parent in (folder, path):
            return False
        path = parent
    return True


def nearest(word: str, words: Iterable[str]) -> str:
    """The end of a message about an unknown word: what was probably meant, if anything is close."""
    import difflib  # only on the way to an error

    close = difflib.get_close_matches(word.replace("_", "-"), list(words), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""

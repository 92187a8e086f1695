"""What a project asks for: `[tool.keraslint]` in pyproject.toml, or keraslint.toml; the file nearest to a program wins.

No program is read here and no rule is run. Whatever is not understood is an error that names its place: a misspelt key
must never quietly mean nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
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


class Settings(NamedTuple):
    """What holds for the programs of one folder.

    `select` and `ignore` are globs over rule names, `severity` pairs of such a glob and what the rule's findings count
    as (the last match wins), `exclude` pairs of the folder that a glob is relative to and the glob. `file` is where the
    settings were written, if anywhere, and `lines` on which line each key stands. `rules` are the folders with rules of
    the project's own, as absolute paths, and `python` is the interpreter that runs its programs.
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

    def place(self, key: str) -> str:
        """Where a key was written, for a message."""
        return f"{self.file}:{self.lines.get(key, 1)}"


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

    def over(self, settings: Settings) -> Settings:
        """The settings of a folder as this run sees them.

        `--select` starts anew, so that it can ask for a rule that the project ignores; everything else adds to the
        file.
        """
        here = os.getcwd()
        return settings._replace(
            select=self.select or settings.select,
            ignore=self.ignore if self.select else settings.ignore + self.ignore,
            severity=settings.severity + self.severity,
            exclude=settings.exclude + tuple((here, glob) for glob in self.exclude),
            fail_on=self.fail_on or settings.fail_on,
            python=self.python or settings.python,
        )


class Configuration:
    """The settings for every path of a run; each folder is asked once."""

    def __init__(self, overrides: Overrides | None = None) -> None:
        self.overrides = overrides or Overrides()
        self._standard = self.overrides.over(Settings())
        self._folders: dict[str, Settings] = {}

    def folders_of_rules(self) -> tuple[str, ...]:
        """The folders with rules of the projects whose files were met so far."""
        return tuple(dict.fromkeys(folder for one in self._folders.values() for folder in one.rules))

    def at(self, path: str) -> Settings:
        """What holds for a file."""
        return self.inside(os.path.dirname(os.path.abspath(path)))

    def inside(self, folder: str) -> Settings:
        """What holds for the files of a folder, given as an absolute path."""
        if self.overrides.isolated:
            return self._standard
        if folder not in self._folders:
            self._folders[folder] = self._look(folder)
        return self._folders[folder]

    def _look(self, folder: str) -> Settings:
        if written := load(folder):
            return self.overrides.over(written)
        parent = os.path.dirname(folder)
        return self.inside(parent) if parent != folder else self._standard


def load(folder: str) -> Settings | None:
    """The settings that are written in this very folder; keraslint.toml goes before pyproject.toml."""
    for name, table in (("keraslint.toml", ()), ("pyproject.toml", ("tool", "keraslint"))):
        path = os.path.join(folder, name)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigError(f"{shown(path)}: cannot be read: {error.strerror}") from error
        if table and b"keraslint" not in data:
            continue  # the usual pyproject.toml says nothing about us, and parsing it costs more than all the rest
        if (written := _parse(shown(path), folder, data, table)) is not None:
            return written
    return None


def shown(path: str) -> str:
    """A path as a message shows it: relative when it lies below the current folder."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)


def _parse(path: str, folder: str, data: bytes, table: tuple[str, ...]) -> Settings | None:
    import tomllib  # only where there is something to parse

    try:
        text = data.decode()
        values: Any = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise ConfigError(f"{path}:{line[1] if line else 1}: not TOML: {str(error).split(' (at')[0]}") from error
    for name in table:
        values = values.get(name) if isinstance(values, dict) else None
    if values is None:
        return None
    written = _Written(path, folder, text, table)
    if not isinstance(values, dict):
        raise ConfigError(f"{path}:{written.line()}: `{'.'.join(table)}` must be a table")
    return written.settings(values)


class _Written:
    """One table of one file, read key by key."""

    def __init__(self, path: str, folder: str, text: str, table: tuple[str, ...]) -> None:
        self.path, self.folder, self.text, self.table = path, folder, text, table

    def settings(self, values: dict[str, Any]) -> Settings:
        read: dict[str, Any] = {}
        for key, value in values.items():
            if key not in KEYS:
                raise self.wrong((key,), f"unknown key `{key}`{nearest(key, KEYS)}")
            read[key.replace("-", "_")] = KEYS[key](self, key, value)
        return Settings(**read, file=self.path, lines={key: self.line(key) for key in values})

    def names(self, key: str, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise self.wrong((key,), f"`{key}` must be a list of strings")

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

    def level(self, key: str, value: object) -> str:
        return self.word(key, value, SEVERITIES)

    def levels(self, key: str, value: object) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, dict):
            raise self.wrong((key,), f'`{key}` must be a table such as `{{ rule-name = "note" }}`')
        return tuple((rule, self.word(key, level, SEVERITIES, rule)) for rule, level in value.items())

    def backend(self, key: str, value: object) -> str:
        return self.word(key, value, BACKENDS)

    def version(self, key: str, value: object) -> str:
        if isinstance(value, str) and re.fullmatch(r"[23](\.\d+){0,2}", value):
            return value
        raise self.wrong((key,), f'`{key}` must be a version of Keras in quotes, such as `"2"`, `"3"` or `"3.15"`')

    def word(self, key: str, value: object, words: Iterable[str], *inner: str) -> str:
        if isinstance(value, str) and value in words:
            return value
        choice = ", ".join(f'`"{word}"`' for word in words)
        hint = nearest(value, words) if isinstance(value, str) else ""
        raise self.wrong((key, *inner), f"`{'.'.join((key, *inner))}` must be one of {choice}{hint}")

    def wrong(self, keys: tuple[str, ...], message: str) -> ConfigError:
        return ConfigError(f"{self.path}:{self.line(*keys)}: {message}")

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


def _dotted(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in text.split("."))


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
}
"""Every key that may be written, and how its value is read."""


def nearest(word: str, words: Iterable[str]) -> str:
    """The end of a message about an unknown word: what was probably meant, if anything is close."""
    import difflib  # only on the way to an error

    close = difflib.get_close_matches(word.replace("_", "-"), list(words), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""

"""Which Python runs the probe: the one that was named, else the one in which the user's Keras most likely is."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from keraslint.probe.sandbox import BOOT, CHILD

KERAS: Final = frozenset({"keras", "tf_keras", "tensorflow"})
"""Packages that bring a Keras; TensorFlow had one inside."""
BACKENDS: Final = ("tensorflow", "jax", "torch")
ENVIRONMENTS: Final = (".venv", "venv")
ACTIVE: Final = ("VIRTUAL_ENV", "CONDA_PREFIX")
INSIDE: Final = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
"""Where an environment keeps its interpreter."""
MOST_FOLDERS: Final = 16
SECONDS: Final = 30


class PythonError(Exception):
    """What was named as the Python of the probe is none that could be."""


@dataclass(frozen=True)
class Python:
    """An interpreter, why it was chosen, its version, and which packages it has of those that matter here."""

    path: str
    why: str
    version: str
    packages: frozenset[str]

    @property
    def lacks(self) -> str | None:
        """Why nothing can be measured with it; `None` when something can."""
        return None if self.packages & KERAS else f"no Keras in `{self.path}` ({self.why})"

    def backend(self, asked: str | None, environment: Mapping[str, str] = os.environ) -> str | None:
        """What Keras 3 runs on there: the backend that a program asks for, else the user's, else the one it has."""
        own = asked or environment.get("KERAS_BACKEND") or _configured(environment)
        return own or next((name for name in BACKENDS if name in self.packages), None)

    def __str__(self) -> str:
        return f"Python {self.version} at `{self.path}` ({self.why})"


def find(file: str, asked: str | None = None, environment: Mapping[str, str] = os.environ) -> Python:
    """The interpreter for a file: the one that was asked for, else the first in reach that has a Keras.

    Without any Keras it is the first in reach, and `lacks` says so. Raises `PythonError` when what was asked for is no
    Python 3.9 or newer.
    """
    if asked is not None:
        return _asked(asked)
    first = None
    for path, why in _in_reach(Path(file).absolute().parent, environment):
        version, packages, _ = look(path)
        if version is None:
            continue
        python = Python(path, why, version, packages)
        if python.lacks is None:
            return python
        first = first or python
    return first or Python(sys.executable, "it runs keraslint", "", frozenset())


def _configured(environment: Mapping[str, str]) -> str | None:
    """The backend that the user has set for all programs, in `keras.json`."""
    folder = environment.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        with open(os.path.join(folder, "keras.json"), encoding="utf-8") as file:
            backend = json.load(file).get("backend")
    except (OSError, ValueError, AttributeError):
        return None
    return backend if backend in BACKENDS else None


def _asked(asked: str) -> Python:
    path = os.path.expanduser(asked)
    if os.path.isdir(path):
        path = _inside(Path(path)) or path
    elif os.sep not in path:
        path = shutil.which(path) or path
    path = os.path.abspath(path)
    if not os.path.isfile(path):
        raise PythonError(f"`{asked}` is no Python: there is no such file")
    version, packages, reason = look(path)
    if version is None:
        raise PythonError(f"`{asked}` is no Python 3.9 or newer: {reason}")
    return Python(path, "`--python`", version, packages)


def _in_reach(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Interpreters and why each would be chosen, the nearest first."""
    for name in ACTIVE:
        if environment.get(name) and (path := _inside(Path(environment[name]))):
            yield path, f"the active environment, `{name}`"
    for place in (folder, *folder.parents)[:MOST_FOLDERS]:
        for name in ENVIRONMENTS:
            if path := _inside(place / name):
                yield path, f"`{name}` of the project"
        if (place / ".git").exists():
            break
    yield sys.executable, "it runs keraslint"


def _inside(environment: Path) -> str | None:
    found = (str(environment / name) for name in INSIDE if (environment / name).is_file())
    return next(found, None)


@cache
def look(path: str) -> tuple[str | None, frozenset[str], str]:
    """The version of an interpreter and its packages; without a version the reason why it is none for the probe."""
    command = [path, "-I", "-c", BOOT, str(CHILD), "look", site.getuserbase()]
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS
        )
        told = json.loads(ended.stdout.rpartition("keraslint-python ")[2])
        return str(told["version"]), frozenset(map(str, told["packages"])), ""
    except subprocess.TimeoutExpired:
        return None, frozenset(), f"no answer within {SECONDS} s"
    except OSError as error:
        return None, frozenset(), (error.strerror or str(error)).lower()
    except (ValueError, KeyError, TypeError):
        words = ended.stderr.strip()  # the launcher says which version is too old
        return None, frozenset(), f"it is {words}" if words.startswith("Python ") else "it does not say its version"

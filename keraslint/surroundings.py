"""Which Keras a project asks for: its requirements, lock file, environment or `keras.json`, for what a program leaves
open.

The nearest folder upwards that says something counts, up to the folder of the repository. A pinned version is that
version, `<2.16` is the last one before it, `>=3` the first one from it on. Files are read as text, and what is not
understood says nothing.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from keraslint import grounds
from keraslint.asking import fitting
from keraslint.model import Fact, Model, Obsolete, Position, PositionalStride, Program, Removed, Runtime, Span, Training

Carrier = TypeVar("Carrier", Model, Obsolete, PositionalStride, Removed, Training)

MOST_FOLDERS: Final = 8
MOST_BYTES: Final = 4 * 1024 * 1024

_ASKED = re.compile(
    r"""^[\s"'\-\[]*(?P<name>tensorflow(?:[-_](?:cpu|gpu|macos|intel))?|tf[-_]keras|keras)(?:\[[^\]]*\])?["']?"""
    r"""\s*(?:=\s*["'])?\s*(?P<how>===|==|~=|\^|>=|<=|<|=)\s*["']?(?P<version>\d+(?:\.\d+)*)(?P<more>[^#\n]*)""",
    re.MULTILINE | re.IGNORECASE,
)
_LOCKED = re.compile(
    r'^name = "(?P<name>tensorflow|tf[-_]keras|keras)"\r?\nversion = "(?P<version>\d+(?:\.\d+)*)', re.MULTILINE
)
_INLINE = re.compile(r"""["'](?P<ask>(?:tensorflow|tf[-_]keras|keras)[^"']*)["']""", re.IGNORECASE)
_BACKEND = re.compile(r'"backend"\s*:\s*"(?P<backend>tensorflow|jax|torch)"')
_UPPER = re.compile(r"<(?P<same>=?)\s*(?P<version>\d+(?:\.\d+)*)")

LAST_WITH_KERAS_2: Final = (2, 15)
"""TensorFlow brought its own Keras 2 up to this version."""
LAST_WITHOUT_KERAS: Final = (2, 5)
"""Up to this version TensorFlow did not need the package `keras`; from then on, the one with its own number."""


def surrounded(program: Program, stated: dict[str, Fact[str]] | None = None) -> Program:
    """The same program on the runtime that its project asks for; with `stated`, on the one that is stated there."""
    asked = versions(str(Path(program.path).parent)) if stated is None else stated
    if not asked:
        return program

    def on(part: Carrier) -> Carrier:
        return replace(part, runtime=completed(part.runtime, asked))

    models = (replace(on(model), trainings=tuple(map(on, model.trainings))) for model in program.models)
    return replace(
        program,
        models=tuple(models),
        obsolete=tuple(map(on, program.obsolete)),
        removed=tuple(map(on, program.removed)),
        positional_strides=tuple(map(on, program.positional_strides)),
    )


def completed(read: Runtime, asked: dict[str, Fact[str]]) -> Runtime:
    """What the program says, and what it leaves open from its project."""
    tensorflow = read.tensorflow or asked.get("tensorflow")
    keras, legacy = read.keras, asked.get("legacy")
    if legacy is not None and read.package is not None and read.package.value == "tensorflow.keras":
        return replace(read, package=replace(legacy, value="tf_keras"), keras=replace(legacy, value="2"))
    package = read.package.value if read.package is not None else None
    latest = beside(asked.get("keras"))
    if tensorflow is None and package in {None, "tensorflow.keras"}:
        tensorflow = latest
    if keras is None and package is None and latest is not None:
        keras = asked["keras"]  # both packages may be in use, and both are Keras 2
    if keras is None and package == "keras":
        keras = asked.get("keras") or bundled(tensorflow)
    backend = read.backend or (asked.get("backend") if package == "keras" else None)
    return replace(read, tensorflow=tensorflow, keras=keras, backend=backend)


def bundled(tensorflow: Fact[str] | None) -> Fact[str] | None:
    """The version of the `keras` package that fits to a TensorFlow: the same number from 2.4 to 2.15, before 2.3."""
    if tensorflow is None:
        return None
    minor = _numbers(tensorflow.value)[:2]
    if (2, 4) <= minor <= LAST_WITH_KERAS_2:
        return replace(tensorflow, value=".".join(map(str, minor)))
    return replace(tensorflow, value="3" if minor > LAST_WITH_KERAS_2 else "2.3")


def beside(keras: Fact[str] | None) -> Fact[str] | None:
    """The latest TensorFlow that can be installed beside a Keras 2: from 2.16 on, TensorFlow needs a Keras 3."""
    if keras is None or _numbers(keras.value)[:1] != (2,):
        return None
    minor = _numbers(keras.value)[:2]
    latest = LAST_WITH_KERAS_2 if minor == (2,) else max(minor, LAST_WITHOUT_KERAS)
    return replace(keras, value=".".join(map(str, latest)))


def versions(folder: str) -> dict[str, Fact[str]]:
    """What the project around a folder asks for: `keras`, `tensorflow` and `backend`, with the place that says so."""
    found, rests_on = _versions(os.path.abspath(folder), os.getcwd())
    grounds.add(rests_on)
    return found


def forget() -> None:
    """What projects ask for is looked up again: files have changed."""
    _versions.cache_clear()


@cache
def _versions(folder: str, _here: str) -> tuple[dict[str, Fact[str]], grounds.Grounds]:
    found: dict[str, Fact[str]] = {}
    here = Path(folder)
    with grounds.noted() as rests_on:
        for place in (here, *here.parents)[:MOST_FOLDERS]:
            for name in grounds.matched(_relative(place), fitting(str(place))):
                for key, fact in read_file(place / name):
                    found.setdefault(key, fact)
            top = frozenset({".git"} if (place / ".git").exists() else ())
            if found or ".git" in grounds.Names(_relative(place), top):
                break
    return found, rests_on


def read_file(path: Path) -> Iterator[tuple[str, Fact[str]]]:
    """The versions that one file asks for."""
    text = _text(path)
    if text is None:
        return
    if path.suffix == ".lock":
        wanted = _wanted(path.with_name("pyproject.toml"))
        for locked in _LOCKED.finditer(text):
            if wanted is not None and _kind(locked["name"]) not in wanted:
                continue  # an extra or the development of the project needs it, not the project
            yield _kind(locked["name"]), _fact_at(path, text, locked.start("version"), locked["version"])
        return
    if path.name == "keras.json":
        if configured := _BACKEND.search(text):
            yield "backend", _fact_at(path, text, configured.start("backend"), configured["backend"])
        return
    if path.name == "pyproject.toml":
        for asked in dependencies(text):
            match = _ASKED.match(asked)
            if match is not None:
                yield from _asked_for(
                    path, text, match, max(text.find(match["version"], max(text.find(match["name"]), 0)), 0)
                )
        return
    for found in _ASKED.finditer(text):
        yield from _asked_for(path, text, found, found.start("version"))
    if path.suffix in {".cfg", ".py"}:
        for quoted in _INLINE.finditer(text):
            if match := _ASKED.match(quoted["ask"]):
                yield from _asked_for(path, text, match, quoted.start("ask") + match.start("version"))


def _text(path: Path) -> str | None:
    """The text of a file; nothing where there is none, and of a very long one."""
    seen = _relative(path)
    try:
        if grounds.sized(seen, path.stat().st_size) > MOST_BYTES:
            return None
        data = path.read_bytes()
    except OSError:
        grounds.read(seen, None)
        return None
    grounds.read(seen, data)
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _wanted(project: Path) -> set[str] | None:
    """The packages that a project itself needs; `None` when there is no file that says so."""
    text = _text(project)
    if text is None:
        return None
    return {_kind(match[0]) for asked in dependencies(text) if (match := re.match(r"[\w-]+", asked))}


def dependencies(text: str) -> Iterator[str]:
    """What a project needs to run, one requirement each; what only its extras or its development need is left out."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    listed = _table(document, "project").get("dependencies")
    yield from (one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()
    for name, wanted in _table(document, "tool", "poetry", "dependencies").items():
        version = wanted.get("version") if isinstance(wanted, dict) else wanted
        if isinstance(version, str):
            yield f"{name}{version}" if version[:1] in "<>=~^!" else f"{name}=={version}"


def _table(document: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        inner = document.get(name)
        if not isinstance(inner, dict):
            return {}
        document = inner
    return document


def requirement(text: str) -> tuple[str, str, int] | None:
    """Of a requirement such as `keras>=3`: whose version, which one it means, and where in the text that stands."""
    match = _ASKED.match(text)
    said = _meant(match) if match is not None else None
    return (*said, match.start("version")) if said is not None and match is not None else None


def _asked_for(path: Path, text: str, match: re.Match[str], offset: int) -> Iterator[tuple[str, Fact[str]]]:
    """The version that one requirement means, as a fact."""
    said = _meant(match)
    if said is not None:
        yield said[0], _fact_at(path, text, offset, said[1])


def _meant(match: re.Match[str]) -> tuple[str, str] | None:
    """The version that one requirement means; nothing when it leaves open whether that is Keras 2 or Keras 3."""
    how, version = match["how"], match["version"]
    upper = _UPPER.search(match["more"] or "")
    name = _kind(match["name"])
    if how in {"<", "<="}:
        version = below(version) if how == "<" else version
    elif how == ">=":
        if upper is not None:
            version = upper["version"] if upper["same"] else below(upper["version"])
        elif _numbers(version) < (3,) and not (name == "tensorflow" and _numbers(version)[:2] > LAST_WITH_KERAS_2):
            # open upwards from an old version on: today's Keras is as possible
            return None
    return name, version


def _kind(name: str) -> str:
    lowered = name.lower().replace("_", "-")
    return "tensorflow" if lowered.startswith("tensorflow") else lowered


def below(version: str) -> str:
    """The last version before another: 2.15 before 2.16, 2 before 3."""
    parts = list(_numbers(version))
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    parts[-1] -= 1
    return ".".join(str(max(one, 0)) for one in parts)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(one) for one in re.findall(r"\d+", version))


def _fact_at(path: Path, text: str, offset: int, value: str) -> Fact[str]:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return Fact(value, Span(_relative(path), Position(line, column, line, column + len(value))))


def _relative(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()

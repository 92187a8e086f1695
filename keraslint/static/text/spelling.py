"""How a program can write the name of something of Keras: as it writes others, or with one more import.

The Keras is the one that the program builds its models with: `keras`, `tensorflow.keras` or `tf_keras`. Where it uses
several, no name is certain, and none is given.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from keraslint.static.names import canonical, package, star_members
from keraslint.static.text.free_names import MODULES
from keraslint.static.text.scopes import FAILURES, Names, Place, Scope, names_of, origin

BUILDING: Final = (
    *("keras.Functional", "keras.Input", "keras.Model", "keras.Sequential"),
    *("keras.applications", "keras.layers", "keras.losses", "keras.metrics", "keras.models", "keras.optimizers"),
)
"""What shows which Keras a program builds with; `keras.datasets` and kin are often taken from another one."""
WHERE: Final = re.compile(r"(?:keras|keras_core|tf_keras|tensorflow(?:\.compat\.v[12])?\.keras)\b")
"""The Kerases that one imports from, without their private modules."""


class Insertion(NamedTuple):
    """New text at a place of the program."""

    place: Place
    text: str


class Spelling(NamedTuple):
    """How a name can be written, and the import that this needs, if any."""

    name: str
    needs: Insertion | None = None


class Speller:
    """The names of one program. Without any, when Python does not read it."""

    def __init__(self, program: str) -> None:
        self._names: Names | None
        try:
            self._names = names_of(program)
        except FAILURES:
            self._names = None

    def spelling(self, wanted: str, place: Place) -> Spelling | None:
        """How `wanted`, a canonical name such as `keras.losses.Huber`, is written there; nothing if it cannot be."""
        if self._names is None:
            return None
        keras = self._package if wanted.startswith("keras.") else "tensorflow"
        if keras is None:
            return None
        scope = self._names.module.at(place)
        found = sorted(self._ways(self._names, wanted, keras, scope, place))
        if found:
            return Spelling(found[0][1])
        return self._imported(self._names, wanted, keras, scope, place) if keras != "tensorflow" else None

    def _ways(self, names: Names, wanted: str, keras: str, scope: Scope, place: Place) -> Iterator[tuple[int, str]]:
        """The ways to write a name with what is imported, each with its length after the name that is there."""
        visible = {name for owner in scope.around() for name in owner.bindings}
        free = {name for name in MODULES if name in names.mentioned and name not in visible}
        for name in visible | free:
            path = names.meaning(name, scope, place) if name in visible else MODULES[name]
            if path is None:
                continue
            rest = _rest(path, wanted)
            if rest is not None and (package(path + rest) or "tensorflow") == keras:
                yield rest.count("."), name + rest
        for owner in scope.around():
            for module, at in owner.starred:
                for name, dotted in (star_members(module) or {}).items():
                    if dotted == wanted and at < place and package(module) == keras and name not in visible:
                        yield 0, name

    @cached_property
    def _package(self) -> str | None:
        """The Keras that the program builds with, if it is one."""
        names = self._names
        assert names is not None
        used: set[str] = set()
        mentioned: set[str] = set()
        for scope, use in names.uses:
            first, _, rest = use.dotted.partition(".")
            bound = any(first in owner.bindings for owner in scope.around())
            path = _any_path(names, first, scope) if bound else MODULES.get(first)
            dotted = f"{path}.{rest}" if path and rest else path or ""
            found = package(dotted)
            if found:
                mentioned.add(found)
                if canonical(dotted).startswith(BUILDING):
                    used.add(found)
        imported: set[str] = set()
        for scope in names.module.all():
            used |= {package(module) or "" for module, _ in scope.starred if canonical(module).startswith(BUILDING)}
            paths = (one.path for found in scope.bindings.values() for one in found if one.path)
            imported |= {found for path in paths if (found := package(path))}
        which = used or mentioned or imported
        return which.pop() if len(which) == 1 else None

    # -- imports -------------------------------------------------------------------------------------------------------

    def _imported(self, names: Names, wanted: str, keras: str, scope: Scope, place: Place) -> Spelling | None:
        """The name with an import behind one that the program has, never under a name that means something else."""
        module, _, member = wanted.rpartition(".")
        anchors = list(_anchors(names, keras, scope, place))
        if not anchors:
            return None
        statement, top = anchors[0]
        home = top + module.removeprefix("keras")
        if not names.is_bound(member):
            same = [one for one, _ in anchors if isinstance(one, ast.ImportFrom) and origin(one) == home]
            if same and (more := _extended(names, same[0], member)):
                return Spelling(member, more)
            return _with_line(names, statement, f"from {home} import {member}", member)
        parent, _, last = home.rpartition(".")
        if parent and not names.is_bound(last):
            return _with_line(names, statement, f"from {parent} import {last}", f"{last}.{member}")
        return None


def _rest(path: str, wanted: str) -> str | None:
    """What has to follow the name of `path` to give `wanted`."""
    known = canonical(path)
    if known == wanted:
        return ""
    if wanted.startswith(f"{known}."):
        return wanted.removeprefix(known)
    return f".{wanted}" if known == "tensorflow" and wanted.startswith("keras.") else None


def _any_path(names: Names, name: str, scope: Scope) -> str | None:
    """Where a name may come from, whether or not that is certain."""
    for owner in scope.around():
        if name in owner.bindings:
            return next((one.path for one in owner.bindings[name] if one.path), None)
    return None


def _anchors(names: Names, keras: str, scope: Scope, place: Place) -> Iterator[tuple[ast.stmt, str]]:
    """The imports of a Keras that run before the place, the nearest first; each with the path of that Keras."""
    inside = False  # a function runs later than what stands below it in the module
    for owner in scope.around():
        for statement in reversed(owner.body):
            if names.place(statement) < place or inside:
                for path in _paths(statement):
                    found = WHERE.match(path)
                    if found and package(path) == keras:
                        yield statement, found[0]
                        break
        inside = inside or owner.kind == "function"


def _paths(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.Import(names=aliases):
            yield from (alias.name for alias in aliases)
        case ast.ImportFrom(names=aliases) if module := origin(statement):
            yield from (f"{module}.{alias.name}" for alias in aliases)


def _extended(names: Names, statement: ast.ImportFrom, member: str) -> Insertion | None:
    """One more name for an import on one line, without parentheses."""
    place = names.place(statement, end=True)
    plain = statement.lineno == place[0] and not names.lines[place[0] - 1][: place[1] - 1].endswith((")", "*"))
    return Insertion(place, f", {member}") if plain else None


def _with_line(names: Names, statement: ast.stmt, line: str, name: str) -> Spelling | None:
    """A line of its own behind a statement."""
    row, _ = names.place(statement, end=True)
    text = names.lines[row - 1]
    first = names.lines[statement.lineno - 1]
    indent = first[: len(first) - len(first.lstrip())]
    if text.endswith("\\"):
        return None
    return Spelling(name, Insertion((row, len(text) + 1), f"\n{indent}{line}"))

"""The program and the files of its project that it imports, each looked through once."""

from __future__ import annotations

import ast
import os
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from keraslint.model import Model, Program, Span
from keraslint.probe.closure import Closure
from keraslint.probe.purposes import Purposes
from keraslint.probe.statements import Range, Scope, Statement, Statements
from keraslint.source import Source, UnreadableSource
from keraslint.source import modules as files

MOST_FILES: Final = 40
MOST_BYTES: Final = 256 * 1024
"""Larger files are not followed into."""


class Script:
    """One file: its statements, what they are there for, and which of them hold the models of a program."""

    def __init__(self, source: Source, program: Program, project: Project) -> None:
        """Raises `ValueError` when Python does not parse the file."""
        self.source = source
        self._project = project
        known = {self._range_of(one.span): one.value for one in program.derived if one.span.path == source.path}
        self._statements = Statements(source.program, known)
        self._starts = [_whole(one)[:2] for one in self._statements.all]
        self._of_models = {id(model): self._holding(model) for model in program.models}
        self._making = False

    @cached_property
    def purposes(self) -> Purposes:
        self._making = True  # files that import each other: the second one does without the first
        roots = {one for found in self._of_models.values() for one in found}
        found = Purposes(self._statements, roots, self.imported)
        self._making = False
        return found

    def statements_of(self, model: Model) -> list[Statement]:
        """The statements of this file that hold what a model consists of; of one that another file makes and compiles,
        all that make something of a model here.
        """
        found = self._of_models.get(id(model)) or self._holding(model)
        return found or sorted(self.purposes.building, key=lambda one: one.number)

    @property
    def unread(self) -> list[Statement]:
        """The statements that compile something which reading did not take for a model."""
        held = {one for found in self._of_models.values() for one in found}
        return [one for one in self._statements.all if one not in held and _compiles_a_model(one)]

    def _holding(self, model: Model) -> list[Statement]:
        found: set[Statement] = set()
        for span, made in _spans_of(model):
            if span.path == self.source.path and (one := self._at(self._range_of(span))) is not None:
                found.update([one] if made or _compiles(one) else ())
        return sorted(found | self._added(model), key=lambda one: one.number)

    def _added(self, model: Model) -> set[Statement]:
        """What is added to a model behind the place where it is made: reading sees through some layers."""
        start = self._at(self._range_of(model.span)) if model.span.path == self.source.path else None
        found: set[Statement] = set()
        for name in start.binds if start is not None else ():
            assert start is not None
            again = (one.number for one in start.scope.binds.get(name, ()) if one.number > start.number)
            end = min(again, default=len(self._statements.all) + 1)
            adding = (one for one in self._adding.get(name, ()) if one.scope is start.scope)
            found.update(one for one in adding if start.number < one.number < end)
        return found

    @cached_property
    def _adding(self) -> dict[str, list[Statement]]:
        """The statements that add something to what a name stands for."""
        found: dict[str, list[Statement]] = {}
        for one in self._statements.all:
            for name in {call.name for call in one.calls if call.path == ("add",)}:
                found.setdefault(name, []).append(one)
        return found

    def _at(self, where: Range) -> Statement | None:
        """The innermost statement that holds a range."""
        index = bisect_right(self._starts, where[:2]) - 1
        one = self._statements.all[index] if index >= 0 else None
        while one is not None and not _holds(one, where):
            one = one.outer
        return one

    def _range_of(self, span: Span) -> Range:
        """The range of the tree that a place in the file is."""
        line, column, end_line, end_column = self.source.range_of(span.position)
        return line, self._byte(line, column), end_line, self._byte(end_line, end_column)

    def _byte(self, line: int, column: int) -> int:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return column - 1 if text.isascii() else len(text[: column - 1].encode("utf-8", "surrogatepass"))

    @cached_property
    def _lines(self) -> list[str]:
        return self.source.program.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    # -- what it imports -----------------------------------------------------------------------------------------------

    def imported(self, scope: Scope, name: str, path: tuple[str, ...]) -> tuple[Purposes, str] | None:
        """The file of the project in which something lies that a name and the attributes behind it mean, and its name
        there.
        """
        owner = scope.owner(name)
        binds = owner.binds.get(name, []) if owner is not None else self._statements.module.stars
        for one in binds:
            found = self._imported_by(one, name, path)
            if found is not None and (owner is not None or name in found[0].statements.module.binds):
                return found
        return None

    def _imported_by(self, one: Statement, name: str, path: tuple[str, ...]) -> tuple[Purposes, str] | None:
        match one.node:
            case ast.ImportFrom():
                module = "." * one.node.level + (one.node.module or "")
                original = next((each.name for each in one.node.names if (each.asname or each.name) == name), name)
                inner = self._project.script(self, module + ("" if module.endswith(".") else ".") + original)
                if inner is not None:
                    return inner.member(path)
                script = self._project.script(self, module)
                return script.member((original,)) if script is not None else None
            case ast.Import():
                for alias in one.node.names:
                    if (alias.asname or alias.name.partition(".")[0]) == name:
                        behind = path if alias.asname else path[alias.name.count(".") :]
                        script = self._project.script(self, alias.name)
                        return script.member(behind) if script is not None else None
        return None

    def member(self, path: tuple[str, ...]) -> tuple[Purposes, str] | None:
        """What the first of some attributes of the module is found in."""
        return (self.purposes, path[0]) if path and not self._making else None


class Project:
    """A program and the files that it imports."""

    def __init__(self, source: Source, program: Program) -> None:
        self._program = program
        self._scripts: dict[str, Script | None] = {}
        self.main = Script(source, program, self)
        self._scripts[source.path] = self.main

    @property
    def package(self) -> str:
        """The package that the program is a module of."""
        return _package_of(self.main.source.path)

    def script(self, importer: Script, module: str) -> Script | None:
        """The file that a module name means in a file; nothing when it is not of the project, or cannot be read."""
        path = files.find(importer.source.path, module)
        if path is None:
            return None
        if path not in self._scripts and len(self._scripts) < MOST_FILES:
            self._scripts[path] = None  # meanwhile
            self._scripts[path] = self._read(path)
        return self._scripts.get(path)

    def _read(self, path: str) -> Script | None:
        try:
            if os.stat(path).st_size > MOST_BYTES:
                return None
            return Script(Source.read(path), self._program, self)
        except (OSError, UnreadableSource, ValueError):
            return None

    def modules(self, main: Closure) -> list[tuple[str, Script, Closure]]:
        """The files that a slice of the program imports, by the names of the modules, with what is needed of them."""
        closures: dict[str, tuple[Script, Closure]] = {}
        names: dict[str, str] = {}
        open_ = [(self.main, main)]
        while open_:
            importer, closure = open_.pop()
            for name, script, wanted in _wanted(self, importer, closure):
                names.setdefault(name, script.source.path)
                if script is self.main:
                    continue
                known = closures.get(script.source.path)
                inner = known[1] if known is not None else Closure(script.purposes, main.read)
                closures[script.source.path] = script, inner
                before = len(inner.keep), known is None
                inner.want(wanted)
                if before != (len(inner.keep), False):
                    open_.append((script, inner))
        return [(name, *closures[path]) for name, path in sorted(names.items()) if path in closures]


def _wanted(project: Project, importer: Script, closure: Closure) -> Iterator[tuple[str, Script, set[str] | None]]:
    """The modules of the project that kept imports name, and the names that are needed of each; nothing for all."""
    for one in sorted(closure.keep, key=lambda kept: kept.number):
        match one.node:
            case ast.Import():
                for alias in one.node.names:
                    script = project.script(importer, alias.name)
                    if script is not None:
                        yield alias.name, script, closure.read
            case ast.ImportFrom():
                module = "." * one.node.level + (one.node.module or "")
                names = {alias.name for alias in one.node.names}
                absolute = _absolute(importer.source.path, module)
                script = project.script(importer, module)
                if script is not None:
                    yield absolute, script, None if "*" in names else names
                for name in sorted(names - {"*"}):
                    inner = project.script(importer, module + ("" if module.endswith(".") else ".") + name)
                    if inner is not None:
                        yield f"{absolute}.{name}" if absolute else name, inner, closure.read


def _absolute(importer: str, module: str) -> str:
    """The name of a module without leading dots."""
    level = len(module) - len(module.lstrip("."))
    if not level:
        return module
    package = _package_of(importer, level).split(".")
    around = package[: len(package) - level + 1]
    return ".".join([*around, *([module[level:]] if module[level:] else [])])


def _package_of(path: str, level: int = 1) -> str:
    """The package of a file: the folders around it that are packages, and as many as relative imports go up."""
    found: list[str] = []
    folder = Path(path).absolute().parent
    while folder.name and (len(found) < level or (folder / "__init__.py").is_file()):
        found.append(folder.name)
        folder = folder.parent
    return ".".join(reversed(found))


def _spans_of(model: Model) -> Iterator[tuple[Span, bool]]:
    """The places where something of a model is made, and (false) those that count where they compile it.

    What is done to its outputs elsewhere, in losses and in steps of a training of the program's own, is no part of it.
    """
    yield model.span, all(one.span is not model.span for one in model.trainings)
    for layer in model.layers:
        yield layer.span, True
    for training in model.trainings:
        yield training.span, False


def _compiles_a_model(one: Statement) -> bool:
    """Whether a statement calls a `compile` with what only that of Keras takes."""
    compiling = (call for call in one.calls if call.last == "compile" and call.path)
    return any(word.arg in {"loss", "optimizer"} for call in compiling for word in call.node.keywords)


def _compiles(one: Statement) -> bool:
    return any(call.last == "compile" for call in one.calls)


def _whole(one: Statement) -> Range:
    """Where a statement begins, with its decorators, and where it ends."""
    node = one.node
    line, column = node.lineno, node.col_offset
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.decorator_list:
        first = node.decorator_list[0]
        line, column = first.lineno, node.col_offset
    return line, column, node.end_lineno or line, node.end_col_offset or column


def _holds(one: Statement, where: Range) -> bool:
    whole = _whole(one)
    return whole[:2] <= where[:2] and where[2:] <= whole[2:]

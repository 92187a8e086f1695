"""What a name means at a place of a program, as far as writing it there goes: who binds it, and where.

The interpreter knows what a name holds when it is used. Whoever wants to write one more name has to know what that name
would mean at a place where it is not used yet, and which names are free. For that, Python's own tree is enough.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

Place = tuple[int, int]
"""Line and column, both from 1, columns in characters."""


class Binding(NamedTuple):
    """A name is bound: by an import of `path`, or by something else. `steady`: whenever its scope is run so far."""

    path: str | None
    place: Place
    steady: bool


class Use(NamedTuple):
    """A name, or a name with attributes, that is read."""

    dotted: str
    place: Place


@dataclass(eq=False)
class Scope:
    """Names of a module, a class, a function or a comprehension. `starred` are the modules of `from ... import *`."""

    kind: str
    parent: Scope | None
    start: Place
    end: Place
    body: list[ast.stmt] = field(default_factory=list)
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    starred: list[tuple[str, Place]] = field(default_factory=list)
    inner: list[Scope] = field(default_factory=list)

    def bind(self, name: str, place: Place, path: str | None = None, *, steady: bool = False) -> None:
        self.bindings.setdefault(name, []).append(Binding(path, place, steady))

    def around(self) -> Iterator[Scope]:
        """This scope and those in which its names are looked for, the nearest first."""
        yield self
        scope = self.parent
        while scope is not None:
            if scope.kind != "class":
                yield scope
            scope = scope.parent

    def at(self, place: Place) -> Scope:
        """The innermost scope that a place belongs to."""
        for scope in self.inner:
            if scope.start <= place < scope.end:
                return scope.at(place)
        return self

    def all(self) -> Iterator[Scope]:
        """This scope and every one inside of it."""
        yield self
        for scope in self.inner:
            yield from scope.all()


class Names:
    """The names of one program. Raises `SyntaxError` (or what else Python's parser raises) when it is none."""

    def __init__(self, program: str) -> None:
        self.lines = ast_lines(program)
        tree = parsed(program)
        self.tree = tree
        self.module = Scope("module", None, (1, 1), (len(self.lines) + 2, 1), tree.body)
        self.uses: list[tuple[Scope, Use]] = []
        for statement in tree.body:
            self._visit(statement, self.module, steady=True)

    def meaning(self, name: str, scope: Scope, place: Place) -> str | None:
        """What the name would mean there: the path that it was imported from; nothing when that is not certain."""
        for owner in scope.around():
            if name in owner.elsewhere:
                return None
            found = owner.bindings.get(name)
            if found is None:
                continue
            paths = {one.path for one in found}
            here = not any(inner.kind == "function" for inner in _between(scope, owner))
            if len(paths) == 1 and any(one.steady and (one.place < place or not here) for one in found):
                return paths.pop()
            return None
        return None

    def is_bound(self, name: str) -> bool:
        """Whether any scope binds the name, or something uses it."""
        return name in self.mentioned

    @property
    def mentioned(self) -> set[str]:
        """Every name that occurs somewhere."""
        bound = {name for scope in self.module.all() for name in (*scope.bindings, *scope.elsewhere)}
        return bound | {use.dotted.partition(".")[0] for _, use in self.uses}

    def place(self, node: ast.AST, *, end: bool = False) -> Place:
        """Where a node begins or ends."""
        line, offset = (node.end_lineno, node.end_col_offset) if end else (node.lineno, node.col_offset)  # type: ignore[attr-defined]
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        column = offset if text.isascii() else len(text.encode()[:offset].decode("utf-8", "replace"))
        return line, column + 1

    # -- the walk ------------------------------------------------------------------------------------------------------

    def _visit(self, node: ast.AST, scope: Scope, *, steady: bool) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope, steady=steady)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node, scope)
            case ast.ClassDef(name=name, body=body):
                scope.bind(name, self.place(node))
                inner = self._open("class", node, scope, body)
                for part in (*node.decorator_list, *node.bases, *node.keywords):
                    self._visit(part, scope, steady=False)
                for part in body:
                    self._visit(part, inner, steady=True)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                inner = self._open("comprehension", node, scope)
                self._children(node, inner)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                owner = scope
                while owner.kind == "comprehension" and owner.parent is not None:
                    owner = owner.parent
                owner.bind(name, self.place(node))
                self._visit(value, scope, steady=False)
            case ast.Name(id=name, ctx=ctx):
                if isinstance(ctx, ast.Load):
                    self.uses.append((scope, Use(name, self.place(node))))
                else:
                    scope.bind(name, self.place(node))
            case ast.Attribute() if chain := _chain(node):
                self.uses.append((scope, Use(chain, self.place(node))))
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                scope.elsewhere.update(names)
                for name in names:
                    # whoever says so may bind it: then it is not certain what it is
                    self.module.bind(name, self.place(node))
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar() if node.name:
                scope.bind(node.name, self.place(node))
                self._children(node, scope)
            case ast.MatchMapping(rest=str(name)):
                scope.bind(name, self.place(node))
                self._children(node, scope)
            case ast.With() | ast.AsyncWith():
                self._children(node, scope, steady=steady)
            case ast.Try():
                for part in (*node.body, *node.finalbody):
                    self._visit(part, scope, steady=steady)
                for part in (*node.handlers, *node.orelse):
                    self._visit(part, scope, steady=False)
            case _:
                self._children(node, scope)

    def _children(self, node: ast.AST, scope: Scope, *, steady: bool = False) -> None:
        for part in ast.iter_child_nodes(node):
            self._visit(part, scope, steady=steady)

    def _open(self, kind: str, node: ast.AST, parent: Scope, body: list[ast.stmt] | None = None) -> Scope:
        first = body[0] if body else node
        starts = [self.place(one) for one in (first, *getattr(first, "decorator_list", ()))] if body else []
        inner = Scope(kind, parent, min(starts, default=self.place(node)), self.place(node, end=True), body or [])
        parent.inner.append(inner)
        return inner

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> None:
        body = [] if isinstance(node, ast.Lambda) else node.body
        inner = self._open("function", node, scope, body)
        if not isinstance(node, ast.Lambda):
            scope.bind(node.name, self.place(node))
            for part in (*node.decorator_list, *((node.returns,) if node.returns else ())):
                self._visit(part, scope, steady=False)
        given = node.args
        for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
            if one is not None:
                inner.bind(one.arg, self.place(one))
                if one.annotation is not None:
                    self._visit(one.annotation, scope, steady=False)
        for default in (*given.defaults, *given.kw_defaults):
            if default is not None:
                self._visit(default, scope, steady=False)
        if isinstance(node, ast.Lambda):
            self._visit(node.body, inner, steady=False)
        for part in body:
            self._visit(part, inner, steady=True)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope, *, steady: bool) -> None:
        place = self.place(node)
        for alias in node.names:
            if isinstance(node, ast.Import):
                top = alias.name.partition(".")[0]
                path = alias.name if alias.asname else top
                scope.bind(alias.asname or top, place, path, steady=steady)
            elif alias.name == "*":
                scope.starred.append((origin(node) or "", place))
            else:
                module = origin(node)
                path_of = f"{module}.{alias.name}" if module else None
                scope.bind(alias.asname or alias.name, place, path_of, steady=steady)


def origin(node: ast.ImportFrom) -> str | None:
    """The module that names are imported from; nothing for a file of the program's own package."""
    return node.module if not node.level else None


@lru_cache(maxsize=2)
def names_of(program: str) -> Names:
    """The names of a program; whoever mends it asks three times. Raises what Python's parser raises."""
    return Names(program)


def parsed(program: str) -> ast.Module:
    """Python's own tree of a program, without a word about what it would warn of."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(program)


def ast_lines(program: str) -> list[str]:
    """The lines as Python counts them."""
    return program.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _between(inner: Scope, outer: Scope) -> Iterator[Scope]:
    scope: Scope | None = inner
    while scope is not None and scope is not outer:
        yield scope
        scope = scope.parent


def _chain(node: ast.expr) -> str:
    """`a.b.c`; empty when it does not begin with a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


FAILURES: Final = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python's parser raises for what it does not read."""

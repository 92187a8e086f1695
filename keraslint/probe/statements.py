"""What each statement of a program reads, binds and changes: one pass over the syntax tree, shared by all its models.

No opinion about data or models enters here. Names are resolved as Python resolves them (module, class, function,
comprehension, `global`, `nonlocal`), but nothing is evaluated.
"""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

BUILTINS: Final = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}
"""Names that are there without a binding."""

Place: TypeAlias = tuple[int, int]
"""Line from 1 and column from 0 in bytes of UTF-8, as the nodes of `ast` have them."""
Range: TypeAlias = tuple[int, int, int, int]
"""The place where a node begins and the one where it ends."""


class Use(NamedTuple):
    """A name that is read, with the attributes that are read behind it: `self.model.layers[0]` is `self` and
    `("model", "layers")`.
    """

    name: str
    path: tuple[str, ...] = ()


class Called(NamedTuple):
    """A call: the name that it goes through and the attributes behind it, `("", ...)` where it begins with no name."""

    name: str
    path: tuple[str, ...]
    node: ast.Call

    @property
    def last(self) -> str:
        """The name of the function or method itself."""
        return self.path[-1] if self.path else self.name


@dataclass(slots=True)
class Valued:
    """An expression whose value is known, as Python writes it, and what it reads and calls where that is not used."""

    where: Range
    text: str
    uses: list[Use] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    calls: list[Called] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Scope:
    """A module, function or class, the names bound in it, and the statement that makes it (none for the module)."""

    kind: str
    outer: Scope | None
    statement: Statement | None = None
    binds: dict[str, list[Statement]] = field(default_factory=dict)
    changes: dict[str, list[Statement]] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()
    elsewhere: dict[str, Scope] = field(default_factory=dict)
    stars: list[Statement] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    first: str = ""
    """The first parameter of a method: the object."""

    def owner(self, name: str) -> Scope | None:
        """The scope that a name is found in when it is read here; none for a builtin or a name that nobody binds."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.elsewhere:
                return scope.elsewhere[name]
            if (scope is self or scope.kind != "class") and (name in scope.binds or name in scope.parameters):
                return scope
            scope = scope.outer
        return None

    @property
    def function(self) -> Scope:
        """The function or module that this is, or that is around this class."""
        scope = self
        while scope.kind == "class" and scope.outer is not None:
            scope = scope.outer
        return scope

    @property
    def class_(self) -> Scope | None:
        """The class whose method this is, or is in."""
        scope: Scope | None = self
        while scope is not None and scope.kind != "class":
            scope = scope.outer
        return scope


@dataclass(slots=True, eq=False)
class Statement:
    """One statement. Of a compound one, what is read and bound is that of its head; what it holds is in `inner`.

    `number` counts in the order of the text. `block` tells statements of the same body apart from those of another.
    """

    node: ast.stmt
    number: int
    scope: Scope
    outer: Statement | None
    block: int
    uses: list[Use] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    binds: list[str] = field(default_factory=list)
    changes: list[Use] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    inner: list[Statement] = field(default_factory=list)
    valued: list[Valued] = field(default_factory=list)
    made: Scope | None = None
    """The scope of a function or class that this statement defines."""

    @property
    def place(self) -> Place:
        return _start(self.node)

    @property
    def around(self) -> Iterator[Statement]:
        """The compound statements around it, inside of the same function or module, innermost first."""
        one = self.outer
        while one is not None and one.made is None:
            yield one
            one = one.outer


_NOTHING: Final[Mapping[Range, str]] = MappingProxyType({})
_CHANGERS = frozenset("append extend insert add update setdefault pop remove clear".split())
"""Methods that change a container even where their result is used."""


def parsed(text: str) -> ast.Module:
    """The tree of a program. Raises `ValueError` for what Python does not take."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"Python does not parse the program: {error}") from error


class Statements:
    """All statements of a program, in the order of the text, with their scopes.

    `known` are expressions whose value is known, without parentheses around them: what they read is kept apart.
    """

    def __init__(self, text: str, known: Mapping[Range, str] = _NOTHING) -> None:
        self.module = Scope("module", None)
        self.all: list[Statement] = []
        self._known = known
        self._known_starts: dict[Place, list[Range]] = {}
        for where in known:
            self._known_starts.setdefault(where[:2], []).append(where)
        self._blocks = 0
        try:
            tree = parsed(text)
            # annotations that are not evaluated read nothing
            self._later = any(map(_postpones, tree.body))
            self._body(tree.body, self.module, None)
        except RecursionError as error:
            raise ValueError("the program is nested too deep") from error
        for statement in self.all:
            for use in statement.changes:
                owner = statement.scope.owner(use.name) or self.module
                owner.changes.setdefault(use.name, []).append(statement)

    # -- statements ----------------------------------------------------------------------------------------------------

    def _body(self, body: list[ast.stmt], scope: Scope, outer: Statement | None) -> None:
        self._blocks += 1
        block = self._blocks
        for node in body:
            statement = Statement(node, len(self.all), scope, outer, block)
            self.all.append(statement)
            scope.statements.append(statement)
            if outer is not None:
                outer.inner.append(statement)
            self._statement(statement, node, scope)

    def _statement(self, statement: Statement, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(statement, node, scope)
            case ast.ClassDef():
                for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
                    self._read(statement, part)
                self._bind(statement, node.name)
                statement.made = Scope("class", scope, statement)
                self._body(node.body, statement.made, statement)
            case ast.Import():
                for alias in node.names:
                    self._bind(statement, alias.asname or alias.name.partition(".")[0])
            case ast.ImportFrom():
                for alias in node.names:
                    if alias.name == "*":
                        scope.stars.append(statement)
                    else:
                        self._bind(statement, alias.asname or alias.name)
            case ast.Global():
                module = self.module
                scope.elsewhere.update((name, module) for name in node.names)
            case ast.Nonlocal():
                outer = scope.outer
                for name in node.names:
                    found = outer.owner(name) if outer is not None else None
                    if found is not None:
                        scope.elsewhere[name] = found
            case _:
                self._plain(statement, node)

    def _plain(self, statement: Statement, node: ast.stmt) -> None:
        """A statement that defines nothing: its expressions, its targets, and the bodies in it."""
        for name, part in ast.iter_fields(node):
            if name in {"body", "orelse", "finalbody"} and isinstance(part, list):
                continue
            for one in part if isinstance(part, list) else [part]:
                match one:
                    case ast.ExceptHandler() | ast.match_case():
                        continue
                    case ast.withitem():
                        self._read(statement, one.context_expr)
                        if one.optional_vars is not None:
                            self._read(statement, one.optional_vars)
                    case ast.expr() if name != "annotation" or not _is_inside_function(statement):
                        self._read(statement, one)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            statement.uses.append(Use(node.target.id))
        if isinstance(node, ast.Expr):
            self._change(statement, node.value)
        self._bodies(statement, node)

    def _bodies(self, statement: Statement, node: ast.stmt) -> None:
        if isinstance(node, ast.Match):
            for case in node.cases:
                self._pattern(statement, case.pattern)
                if case.guard is not None:
                    self._read(statement, case.guard)
                self._body(case.body, statement.scope, statement)
            return
        if isinstance(node, (ast.Try, ast.TryStar)):
            self._body(node.body, statement.scope, statement)
            for handler in node.handlers:
                if handler.type is not None:
                    self._read(statement, handler.type)
                if handler.name:
                    self._bind(statement, handler.name)
                self._body(handler.body, statement.scope, statement)
            self._body(node.orelse, statement.scope, statement)
            self._body(node.finalbody, statement.scope, statement)
            return
        for name in ("body", "orelse"):
            body = getattr(node, name, None)
            if body and isinstance(body, list):
                self._body(body, statement.scope, statement)

    def _function(self, statement: Statement, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        arguments = node.args
        defaults = [default for default in (*arguments.defaults, *arguments.kw_defaults) if default is not None]
        for part in (*node.decorator_list, *defaults):
            self._read(statement, part)
        self._bind(statement, node.name)
        positional = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        rest = [one.arg for one in (arguments.vararg, arguments.kwarg) if one is not None]
        names = frozenset([*positional, *rest, *(one.arg for one in arguments.kwonlyargs)])
        made = Scope("function", scope, statement, parameters=names)
        static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list)
        if scope.kind == "class" and positional and not static:
            made.first = positional[0]
        statement.made = made
        if not self._later:
            for note in (*(one.annotation for one in ast.walk(arguments) if isinstance(one, ast.arg)), node.returns):
                if note is not None:
                    self._read(statement, note)
        self._body(node.body, made, statement)

    def _pattern(self, statement: Statement, pattern: ast.pattern) -> None:
        for node in ast.walk(pattern):
            match node:
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                    self._bind(statement, name)
                case ast.MatchValue(value=value) | ast.MatchClass(cls=value):
                    self._read(statement, value)

    # -- names ---------------------------------------------------------------------------------------------------------

    def _bind(self, statement: Statement, name: str) -> None:
        statement.binds.append(name)
        scope = statement.scope.elsewhere.get(name, statement.scope)
        scope.binds.setdefault(name, []).append(statement)

    def _change(self, statement: Statement, node: ast.expr) -> None:
        """An expression that stands alone: a method that is called on an object may change it."""
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                self._changed(statement, node.func.value)
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                if isinstance(argument, (ast.Name, ast.Attribute)) and isinstance(node.func, ast.Name):
                    self._changed(statement, argument)

    def _changed(self, statement: Statement, node: ast.expr) -> None:
        """The object that a chain of attributes, subscripts and calls begins with is changed."""
        path: list[str] = []
        while True:
            match node:
                case ast.Attribute():
                    path.append(node.attr)
                    node = node.value
                case ast.Subscript() | ast.Starred():
                    path.clear()
                    node = node.value
                case ast.Call():
                    path.clear()
                    node = node.func
                case ast.Name():
                    use = Use(node.id, tuple(reversed(path)))
                    if use not in statement.changes:
                        statement.changes.append(use)
                    return
                case _:
                    return

    # -- expressions ---------------------------------------------------------------------------------------------------

    def _read(self, statement: Statement, expression: ast.expr) -> None:
        """Note what an expression reads, calls and binds. It may be deep: no recursion."""
        known = self._read_into(statement, statement, [(expression, frozenset())])
        for node, hidden, text in known:
            valued = Valued(_range(node), text)
            self._read_into(statement, valued, [(node, hidden)])
            statement.valued.append(valued)

    def _read_into(
        self,
        statement: Statement,
        into: Statement | Valued,
        stack: list[tuple[ast.AST, frozenset[str]]],
    ) -> list[tuple[ast.expr, frozenset[str], str]]:
        """Note what expressions read and call in one place, and give back those inside of them that are kept apart."""
        known: list[tuple[ast.expr, frozenset[str], str]] = []
        while stack:
            node, hidden = stack.pop()
            text = self._text(node) if into is statement else None
            if text is not None and isinstance(node, ast.expr):
                known.append((node, hidden, text))
                continue
            match node:
                case ast.Name(ctx=ast.Load()):
                    into.uses += [Use(node.id)] if node.id not in hidden else []
                case ast.Name():
                    if node.id not in hidden:
                        self._bind(statement, node.id)
                case ast.Attribute():
                    if not isinstance(node.ctx, ast.Load):
                        self._changed(statement, node)
                    inner, path = self._chain(node, apart=into is statement)
                    into.attributes.update(path)
                    if isinstance(inner, ast.Name) and (into is not statement or self._text(inner) is None):
                        into.uses += [Use(inner.id, path)] if inner.id not in hidden else []
                    else:
                        stack.append((inner, hidden))
                case ast.Lambda():
                    arguments = node.args
                    names = {one.arg for one in ast.walk(arguments) if isinstance(one, ast.arg)}
                    stack.append((node.body, hidden | names))
                    stack.extend((one, hidden) for one in (*arguments.defaults, *arguments.kw_defaults) if one)
                case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    targets = (one for generator in node.generators for one in ast.walk(generator.target))
                    inside = hidden | {one.id for one in targets if isinstance(one, ast.Name)}
                    stack.extend((child, inside) for child in ast.iter_child_nodes(node))
                case _:
                    if isinstance(node, ast.Call):
                        into.calls.append(_called(node, hidden))
                        if isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGERS:
                            self._changed(statement, node.func.value)
                    elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                        self._changed(statement, node.value)
                    stack.extend((child, hidden) for child in ast.iter_child_nodes(node))
        return known

    def _chain(self, node: ast.Attribute, *, apart: bool) -> tuple[ast.expr, tuple[str, ...]]:
        """What a chain of attributes begins with, and their names; what is kept apart is a beginning."""
        path = [node.attr]
        inner = node.value
        while isinstance(inner, ast.Attribute) and not (apart and self._text(inner) is not None):
            path.append(inner.attr)
            inner = inner.value
        return inner, tuple(reversed(path))

    def _text(self, node: ast.AST) -> str | None:
        """What an expression is known to be. The parentheses of a tuple are its own only for `ast`."""
        if not self._known or not isinstance(node, ast.expr) or not isinstance(getattr(node, "ctx", _LOAD), ast.Load):
            return None
        here = _range(node)
        if here in self._known or not isinstance(node, ast.Tuple) or not node.elts:
            return self._known.get(here)
        first, last = _range(node.elts[0])[:2], _range(node.elts[-1])[2:]
        for where in self._known_starts.get(first, ()):
            if (last < where[2:] or (last == where[2:] and len(node.elts) > 1)) and where[2:] <= here[2:]:
                return self._known[where]
        return None


def _postpones(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
    )


_LOAD: Final = ast.Load()


def _called(node: ast.Call, hidden: frozenset[str]) -> Called:
    path: list[str] = []
    inner = node.func
    while isinstance(inner, ast.Attribute):
        path.append(inner.attr)
        inner = inner.value
    name = inner.id if isinstance(inner, ast.Name) and inner.id not in hidden else ""
    return Called(name, tuple(reversed(path)), node)


def _is_inside_function(statement: Statement) -> bool:
    return statement.scope.kind == "function"


def _start(node: ast.stmt) -> Place:
    """Where a statement begins; a definition begins with its keyword, behind the decorators."""
    return node.lineno, node.col_offset


def _range(node: ast.expr) -> Range:
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0

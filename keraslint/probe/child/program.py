"""From the text of a program to code that can be run without its data.

The tree is cut down to the statements that are wanted, and three things are woven in: each call asks first who is
called (`sites.File.call`), each unpacking copes with stand-ins, and an error in a statement makes stand-ins of its
targets instead of ending the run. Positions stay those of the text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Position = tuple[int, int]

# What is woven in is called by names that no program can use.
CALL, UNPACK, NAMED, EACH, TEST, TURN, ENTER = "@call", "@unpack", "@named", "@each", "@test", "@turn", "@enter"
ATTEMPT, CAUGHT, STAND, ABSENT, OPERATE = "@attempt", "@caught", "@stand", "@absent", "@operate"
ATTRIBUTE, ITEM = "@attribute", "@item"

AS_THEY_ARE = {"super", "locals", "globals", "vars", "dir", "eval", "exec", "__import__", "breakpoint"}
"""Functions that look at the frame that calls them."""

MAY_STAND_IN = (ast.Call, ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.BoolOp, ast.Compare)
"""Expressions whose value may be a stand-in of no name yet."""

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod, ast.MatMult)


@dataclass(frozen=True)
class Place:
    """Where something of the text stands, and what an error there means."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str = ""
    vital: bool = False
    top: bool = False  # a statement of the module itself: nothing above it takes an error
    guarded: bool = False  # within a `try` of the program, which wants to see its errors
    adds: tuple[str, ...] = ()  # what a statement adds layers to: unfinished if it fails


@dataclass(frozen=True)
class Prepared:
    """Code that can be run, with the places that its calls are numbered by."""

    code: Any
    places: list[Place]


def prepare(
    text: str,
    path: str,
    keep: Iterable[Iterable[int]] | None = None,
    vital: Iterable[Iterable[int]] | None = None,
    values: Iterable[Iterable[Any]] | None = None,
) -> Prepared:
    """Code of a program, only with the statements to keep. SyntaxError where this Python cannot read it."""
    tree = ast.parse(text, path)
    if keep is not None:
        _keep_only(tree, {(int(line), int(column)) for line, column in (tuple(item)[:2] for item in keep)})
    weaver = _Weaver(
        {(int(line), int(column)) for line, column in (tuple(item)[:2] for item in vital or ())},
        {tuple(item[:4]): str(item[4]) for item in map(list, values or ())},
    )
    woven = weaver.module(tree)
    ast.fix_missing_locations(woven)
    return Prepared(compile(woven, path, "exec", dont_inherit=True), weaver.places)


def _keep_only(tree: ast.Module, keep: set[Position]) -> None:
    """Takes out the statements that are not wanted."""

    def wanted(statement: ast.stmt) -> bool:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            return True
        return (statement.lineno, statement.col_offset) in keep

    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            if not isinstance(statements, list):
                continue
            left = [statement for statement in statements if wanted(statement)]
            if not left and statements and field == "body" and not isinstance(node, ast.Module):
                left = [ast.copy_location(ast.Pass(), statements[0])]
            setattr(node, field, left)
            pending += left
        pending += getattr(node, "handlers", [])
        pending += getattr(node, "cases", [])
        if isinstance(node, ast.Try) and not node.handlers and not node.finalbody:
            node.finalbody = [ast.copy_location(ast.Pass(), node)]


class _Weaver(ast.NodeTransformer):
    """Rewrites a tree; see the module."""

    def __init__(self, vital: set[Position], values: dict[Any, str]) -> None:
        self.vital = vital
        self.values = values
        self.places: list[Place] = []
        self.scopes: list[str] = ["module"]
        self.guards = [False]

    # --- statements ---

    def module(self, tree: ast.Module) -> ast.Module:
        tree.body = self._block(tree.body)
        return tree

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return [woven for statement in statements for woven in self._statement(statement)]

    def _statement(self, statement: ast.stmt) -> Iterator[ast.stmt]:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            yield statement
            return
        where = (statement.lineno, statement.col_offset)
        names = list(_bound(statement))
        number = self._place(
            statement, vital=where in self.vital, top=self.scopes[-1] == "module", adds=tuple(_adds(statement))
        )
        guarded = self.guards[-1]
        if isinstance(statement, ast.While):
            yield _at(ast.Expr(_call(ENTER, number)), statement)
        woven = self.visit(statement)
        if guarded or not self._can_fail(statement):
            yield woven
            return
        handler: list[ast.stmt] = [
            ast.If(test=_call(CAUGHT, number), body=[ast.Raise(exc=None, cause=None)], orelse=[])
        ]
        if isinstance(statement, ast.Return):
            handler.append(ast.Return(value=_call(STAND, "return", number)))
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            handler += _imports(statement, number)
        else:
            simple = not hasattr(statement, "body") or isinstance(statement, SCOPES)
            handler += self._stand_ins(names, number, simple)
        yield _at(
            ast.Try(
                body=[woven],
                handlers=[ast.ExceptHandler(type=ast.Name("BaseException", ast.Load()), name=None, body=handler)],
                orelse=[],
                finalbody=[],
            ),
            statement,
        )

    def _can_fail(self, statement: ast.stmt) -> bool:
        if isinstance(statement, (ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal)):
            return False
        if isinstance(statement, ast.Raise):
            return self.scopes[-1] == "module"
        if isinstance(statement, ast.Return):
            return statement.value is not None and not isinstance(statement.value, (ast.Constant, ast.Name))
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return bool(statement.decorator_list or statement.args.defaults)
        return not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))

    def _stand_ins(self, names: list[ast.expr], number: int, simple: bool) -> Iterator[ast.stmt]:
        """Assigns stand-ins to what the statement would have bound; after a compound one, to what it left unbound."""
        for name in names:
            label = name.id if isinstance(name, ast.Name) else ast.unparse(name)
            assign: ast.stmt = ast.Assign(targets=[name], value=_call(STAND, label, number))
            if isinstance(name, ast.Name) and simple:
                yield assign
            elif isinstance(name, ast.Name):
                if self.scopes[-1] == "module":
                    continue  # a name that is not there is a stand-in anyway
                load = ast.Expr(ast.Name(name.id, ast.Load()))
                yield _try(load, "NameError", assign)
            elif simple:
                yield _try(assign, "Exception", ast.Pass())

    def _place(self, node: Any, text: str = "", **said: Any) -> int:
        where = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        self.places.append(Place(*where, text, guarded=self.guards[-1], **said))
        return len(self.places) - 1

    def _function(self, node: Any) -> Any:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        arguments = node.args
        arguments.defaults = [self.visit(item) for item in arguments.defaults]
        arguments.kw_defaults = [item and self.visit(item) for item in arguments.kw_defaults]
        self.scopes.append("function")
        self.guards.append(False)
        node.body = self._block(node.body)
        self.scopes.pop()
        self.guards.pop()
        return node

    visit_FunctionDef = _function  # noqa: N815
    visit_AsyncFunctionDef = _function  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.bases = [self.visit(item) for item in node.bases]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        self.scopes.append("class")
        self.guards.append(False)
        node.body = self._block(node.body)
        self.scopes.pop()
        self.guards.pop()
        return node

    def visit_If(self, node: ast.If) -> Any:
        node.test = _at(_call(TEST, _bails(node.body), self.visit(node.test)), node.test)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return node

    def visit_While(self, node: ast.While) -> Any:
        number = len(self.places) - 1  # of the statement
        node.test = _at(_call(TURN, number, self.visit(node.test)), node.test)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return node

    def visit_For(self, node: ast.For) -> Any:
        number = len(self.places) - 1  # of the statement
        node.iter = _at(_call(EACH, number, _pattern(node.target), self.visit(node.iter)), node.iter)
        node.target = self.visit(node.target)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return node

    def _comprehension(self, node: Any) -> Any:
        self.generic_visit(node)
        for part in node.generators:
            if isinstance(part.target, (ast.Tuple, ast.List)) and not part.is_async:
                part.iter = _at(_call(EACH, -1, _pattern(part.target), part.iter), part.iter)
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    def visit_With(self, node: ast.With) -> Any:
        for item in node.items:
            number = self._place(item.context_expr, _words(item.context_expr))
            woven = self.visit(item.context_expr)
            if self.scopes[-1] != "class" and not self.guards[-1] and not _stays_here(item.context_expr):
                nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
                woven = _at(_call(ATTEMPT, number, ast.Lambda(args=nothing, body=woven)), item.context_expr)
            item.context_expr = woven
            if item.optional_vars is not None:
                item.optional_vars = self.visit(item.optional_vars)
        node.body = self._block(node.body)
        return node

    def _try(self, node: Any) -> Any:
        self.guards.append(bool(node.handlers))
        node.body = self._block(node.body)
        self.guards.pop()
        for handler in node.handlers:
            if handler.type is not None:
                handler.type = self.visit(handler.type)
            handler.body = self._block(handler.body)
        node.orelse, node.finalbody = self._block(node.orelse), self._block(node.finalbody)
        return node

    visit_Try = visit_TryStar = _try  # noqa: N815

    def visit_Match(self, node: Any) -> Any:
        node.subject = self.visit(node.subject)
        for case in node.cases:
            if case.guard is not None:
                case.guard = self.visit(case.guard)
            case.body = self._block(case.body)
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        original = node.value
        node.value = self.visit(node.value)
        node.targets = [self.visit(target) for target in node.targets]
        target = node.targets[0]
        if isinstance(target, (ast.Tuple, ast.List)):
            node.value = _at(_call(UNPACK, _pattern(target), node.value), original)
        elif isinstance(target, ast.Name) and isinstance(original, MAY_STAND_IN):
            node.value = _at(_call(NAMED, target.id, node.value), original)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    # --- expressions ---

    def visit(self, node: Any) -> Any:
        if self.values and isinstance(node, ast.expr):
            where = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            literal = self.values.get(where)
            if literal is not None and not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
                return _literal(literal, node)
        return super().visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        number = self._place(node, _words(node))
        raw = isinstance(node.func, ast.Name) and node.func.id in AS_THEY_ARE
        function = self.visit(node.func)
        node.args = [self.visit(item) for item in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        node.func = function if raw else _at(_call(CALL, number, function), node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        text = _words(node)
        node.value = self.visit(node.value)
        private = node.attr.startswith("__") and not node.attr.endswith("__")  # another name inside a class
        inherited = isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "super"
        if private or inherited or not isinstance(node.ctx, ast.Load):
            return node
        return _at(_call(ATTRIBUTE, self._place(node, text), node.value, node.attr), node)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        text = _words(node)
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or any(isinstance(part, ast.Slice) for part in ast.walk(node.slice)):
            return node
        return _at(_call(ITEM, self._place(node, text), node.value, node.slice), node)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        node.left, node.right = left, right
        if not isinstance(node.op, BINARY) or isinstance(node.left, (ast.Constant, ast.JoinedStr)):
            return node
        if isinstance(node.right, (ast.Constant, ast.Tuple, ast.JoinedStr)):
            return node
        return _at(_call(OPERATE, type(node.op).__name__, left, right), node)


def _words(node: Any) -> str:
    """A call as it is told: what is called, and on what if that is short."""
    if isinstance(node, ast.Call):
        first = _words(node.args[0]) if node.args else ""
        return f"{_words(node.func)}({first})"
    if isinstance(node, ast.Attribute):
        return f"{_words(node.value)}.{node.attr}"
    if isinstance(node, ast.Subscript):
        return f"{_words(node.value)}[{_words(node.slice)}]"
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float)):
        return repr(node.value)[:30]
    return ""


def _call(name: str, *arguments: Any) -> ast.Call:
    made: list[Any] = [item if isinstance(item, ast.AST) else ast.Constant(item) for item in arguments]
    return ast.Call(func=ast.Name(name, ast.Load()), args=made, keywords=[])


def _at(node: Any, original: Any) -> Any:
    """The node and what was made with it stand where the original stood."""
    ast.copy_location(node, original)
    for child in ast.iter_child_nodes(node):
        if "lineno" in child._attributes and not hasattr(child, "lineno"):
            _at(child, original)
    return node


def _try(body: ast.stmt, caught: str, handler: ast.stmt) -> ast.Try:
    return ast.Try(
        body=[body],
        handlers=[ast.ExceptHandler(type=ast.Name(caught, ast.Load()), name=None, body=[handler])],
        orelse=[],
        finalbody=[],
    )


def _literal(text: str, node: Any) -> Any:
    literal = ast.parse(text, mode="eval").body
    for part in ast.walk(literal):
        if "lineno" in part._attributes:
            ast.copy_location(part, node)
    return literal


def _bound(statement: ast.AST) -> Iterator[ast.expr]:
    """Names and attributes that a statement binds, each to be assigned again."""
    seen: set[str] = set()
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node.name not in seen:
                seen.add(node.name)
                yield ast.Name(node.name, ast.Store())
            continue
        if isinstance(node, (ast.Lambda, *COMPREHENSIONS)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in seen:
            seen.add(node.id)
            yield ast.Name(node.id, ast.Store())
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            yield ast.Attribute(ast.Name(node.value.id, ast.Load()), node.attr, ast.Store())
        pending += ast.iter_child_nodes(node)


def _adds(statement: ast.stmt) -> Iterator[str]:
    """What layers are added to in a simple statement, as dotted names."""
    if hasattr(statement, "body"):
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("add", "pop"):
            yield _words(node.func.value)


def _imports(statement: Any, number: int) -> Iterator[ast.stmt]:
    """What an import that failed still gives: each name that is there, and stand-ins for the others."""
    for alias in statement.names:
        if alias.name == "*":
            continue
        if isinstance(statement, ast.ImportFrom):
            name, module, attribute = alias.asname or alias.name, statement.module or "", alias.name
            value = _call(ABSENT, number, module, attribute, statement.level or 0)
        else:
            name = alias.asname or alias.name.split(".")[0]
            value = _call(ABSENT, number, alias.name if alias.asname else name, None, 0)
        yield ast.Assign(targets=[ast.Name(name, ast.Store())], value=value)


def _pattern(target: Any) -> Any:
    """The names of a target, nested as it is; a name in a list of its own takes what is left."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return tuple(_pattern(item) for item in target.elts)
    if isinstance(target, ast.Starred):
        return "*" + str(_pattern(target.value))
    return target.id if isinstance(target, ast.Name) else "item"


def _bails(statements: list[ast.stmt]) -> bool:
    """Whether a branch only complains."""
    last = statements[-1]
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return ast.unparse(last.value.func) in ("exit", "quit", "sys.exit", "os._exit", "parser.error")
    return False


def _stays_here(node: ast.AST) -> bool:
    """Whether an expression cannot be moved into a function."""
    moved = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)
    return any(isinstance(part, moved) for part in ast.walk(node))

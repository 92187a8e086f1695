"""From what Python's own parser makes of a program to the tree that it is read from.

Python's parser keeps no brackets and joins strings that stand side by side. Where that matters, the text is looked at.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Final

from keraslint.static.bounds import MOST_DIGITS
from keraslint.static.text import tree
from keraslint.static.text.tree import UNREAD, Expression, Name, Node, Place, Suite

LINE_END: Final = re.compile(r"\r\n?|\n")

FAILURES: Final = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What Python raises for a text that it does not read, or not in this depth."""


def module_of(program: str) -> tree.Module:
    """The tree of a program. Raises one of `FAILURES`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a doubtful escape in a string, say
        parsed = ast.parse(program)
    return _Growing(program).module(parsed)


_ROUGH_IN_STRINGS: Final = sys.version_info < (3, 12)
"""Whether Python guesses where in an f-string an expression stands, wrongly at times."""

_STRING: Final = re.compile(
    r"[A-Za-z]{0,2}(?:"
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"[^"\\]*(?:\\.[^"\\]*)*"'
    r"|'[^'\\]*(?:\\.[^'\\]*)*'"
    r")",
    re.DOTALL,
)
_TO_MODULE: Final = re.compile(r"from(?:\s|\\\r?\n|\.)*")

_OPERATORS: Final[dict[type, str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def _place(node: Any) -> Place:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


class _Growing:
    """Makes the tree of one program."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.starts = [0, *(found.end() for found in LINE_END.finditer(program))]
        self.ascii = program.isascii()

    def offset(self, line: int, column: int) -> int:
        """Where in the text a place is."""
        start = self.starts[line - 1]
        if self.ascii:
            return start + column
        end = self.starts[line] if line < len(self.starts) else len(self.program)
        text = self.program[start:end]
        return start + (column if text.isascii() else len(text.encode()[:column].decode("utf-8", "replace")))

    def is_filled_with(self, node: ast.expr) -> bool:
        """Whether an expression stands in the braces of a string, at the place where it is said to be."""
        if node.lineno > len(self.starts):
            return False
        offset = self.offset(node.lineno, node.col_offset)
        return self.program[max(offset - 200, 0) : offset].rstrip("( \t\r\n").endswith("{")

    # -- statements ----------------------------------------------------------------------------------------------------

    def module(self, node: ast.Module) -> tree.Module:
        last = len(self.starts)
        return tree.Module(self.lines(node.body), (1, 0, last, len(self.program) - self.starts[-1]))

    def lines(self, statements: Sequence[ast.stmt]) -> list[Node]:
        """Statements by line: those without a body may share one."""
        found: list[Node] = []
        line: tree.SimpleStatementLine | None = None
        for node in statements:
            compound = _COMPOUND.get(type(node))
            if compound is not None:
                found.append(compound(self, node))
                line = None
            elif line is not None and node.lineno == line.place[2]:
                line.body.append(_small(self, node))
                line.place = (*line.place[:2], node.end_lineno or 0, node.end_col_offset or 0)
            else:
                line = tree.SimpleStatementLine([_small(self, node)], _place(node))
                found.append(line)
        return found

    def suite(self, statements: Sequence[ast.stmt]) -> Suite:
        """A body: on lines of its own, or behind the colon."""
        first = statements[0]
        if first.col_offset:
            start = self.starts[first.lineno - 1]
            if type(first) not in _COMPOUND and not self.program[start : start + first.col_offset].isspace():
                return Suite([_small(self, one) for one in statements])
        return Suite(self.lines(statements))

    def otherwise(self, statements: Sequence[ast.stmt]) -> tree.Else | None:
        return tree.Else(self.suite(statements)) if statements else None

    def expressions(self, nodes: Sequence[ast.expr]) -> list[Expression]:
        return [_EXPRESSIONS[type(one)](self, one) for one in nodes]

    def expression(self, node: ast.expr) -> Expression:
        return _EXPRESSIONS[type(node)](self, node)

    def maybe(self, node: ast.expr | None) -> Expression | None:
        return _EXPRESSIONS[type(node)](self, node) if node is not None else None


# -- statements on one line --------------------------------------------------------------------------------------------


def _small(g: _Growing, node: ast.stmt) -> Node:
    make = _SMALL.get(type(node))
    return make(g, node) if make is not None else Node(_place(node))


def _expr(g: _Growing, node: ast.Expr) -> Node:
    return tree.Expr(g.expression(node.value))


def _assign(g: _Growing, node: ast.Assign) -> Node:
    return tree.Assign(g.expressions(node.targets), g.expression(node.value))


def _annotated(g: _Growing, node: ast.AnnAssign) -> Node:
    return tree.AnnAssign(g.expression(node.target), g.maybe(node.value))


def _augmented(g: _Growing, node: ast.AugAssign) -> Node:
    return tree.AugAssign(g.expression(node.target), _OPERATORS[type(node.op)], g.expression(node.value), _place(node))


def _delete(g: _Growing, node: ast.Delete) -> Node:
    if len(node.targets) == 1:
        return tree.Del(g.expression(node.targets[0]))
    return tree.Del(tree.Tuple([tree.Element(one) for one in g.expressions(node.targets)], _place(node)))


def _import(_g: _Growing, node: ast.Import) -> Node:
    return tree.Import([_alias(one) for one in node.names], _place(node))


def _import_from(g: _Growing, node: ast.ImportFrom) -> Node:
    module = None
    if node.module is not None:
        offset = g.offset(node.lineno, node.col_offset)
        found = _TO_MODULE.match(g.program, offset)
        offset = found.end() if found else offset
        line = bisect_right(g.starts, offset)
        module = _dotted(node.module, line, len(g.program[g.starts[line - 1] : offset].encode()))
    if node.names[0].name == "*":
        return tree.ImportFrom(module, tree.ImportStar(_place(node.names[0])), node.level, _place(node))
    return tree.ImportFrom(module, [_alias(one) for one in node.names], node.level, _place(node))


def _alias(node: ast.alias) -> tree.ImportAlias:
    return tree.ImportAlias(_dotted(node.name, node.lineno, node.col_offset), node.name, node.asname, _place(node))


def _dotted(name: str, line: int, column: int) -> Name | tree.Attribute:
    """`a.b.c` as it stands in an import."""
    first, *others = name.split(".")
    end = column + len(first.encode())
    found: Name | tree.Attribute = Name(first, (line, column, line, end))
    for one in others:
        start, end = end + 1, end + 1 + len(one.encode())
        found = tree.Attribute(found, Name(one, (line, start, line, end)), (line, column, line, end))
    return found


_SMALL: Final[dict[type, Callable[[_Growing, Any], Node]]] = {
    ast.Expr: _expr,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Assert: lambda g, node: tree.Assert(g.expression(node.test)),
    ast.Return: lambda g, node: tree.Return(g.maybe(node.value)),
    ast.Break: lambda _, node: tree.Break(_place(node)),
    ast.Continue: lambda _, node: tree.Continue(_place(node)),
    ast.Raise: lambda _, node: tree.Raise(_place(node)),
    ast.Global: lambda _, node: tree.Global(node.names),
    ast.Nonlocal: lambda _, node: tree.Nonlocal(node.names),
    ast.Delete: _delete,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}


# -- statements with a body --------------------------------------------------------------------------------------------


def _if(g: _Growing, node: ast.If) -> Node:
    arms = [node]
    while len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If) and _is_elif(g, node.orelse[0]):
        node = node.orelse[0]  # thousands of them are walked, not entered
        arms.append(node)
    rest: tree.If | tree.Else | None = g.otherwise(node.orelse)
    for arm in reversed(arms):
        rest = made = tree.If(g.expression(arm.test), g.suite(arm.body), rest, _place(arm))
    return made


def _is_elif(g: _Growing, node: ast.If) -> bool:
    return g.program.startswith("elif", g.starts[node.lineno - 1] + node.col_offset)


def _for(g: _Growing, node: ast.For | ast.AsyncFor) -> Node:
    target, over = g.expression(node.target), g.expression(node.iter)
    return tree.For(target, over, g.suite(node.body), g.otherwise(node.orelse), _place(node))


def _while(g: _Growing, node: ast.While) -> Node:
    return tree.While(g.expression(node.test), g.suite(node.body), g.otherwise(node.orelse), _place(node))


def _with(g: _Growing, node: ast.With | ast.AsyncWith) -> Node:
    items = [tree.WithItem(g.expression(one.context_expr), g.maybe(one.optional_vars)) for one in node.items]
    return tree.With(items, g.suite(node.body), _place(node))


def _try(g: _Growing, node: ast.Try) -> Node:
    handlers = [
        tree.ExceptHandler(g.maybe(one.type), Name(one.name) if one.name else None, g.suite(one.body))
        for one in node.handlers
    ]
    return tree.Try(g.suite(node.body), handlers, g.otherwise(node.orelse), g.otherwise(node.finalbody), _place(node))


def _function(g: _Growing, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Node:
    params, decorators = _parameters(g, node.args), g.expressions(node.decorator_list)
    return tree.FunctionDef(Name(node.name), params, g.suite(node.body), decorators, _place(node))


def _parameters(g: _Growing, node: ast.arguments) -> tree.Parameters:
    plain = [*node.posonlyargs, *node.args]
    defaults = [*[None] * (len(plain) - len(node.defaults)), *node.defaults]
    params = [_param(g, one, default) for one, default in zip(plain, defaults, strict=True)]
    keyword_only = [_param(g, one, default) for one, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
    return tree.Parameters(
        params[: len(node.posonlyargs)],
        params[len(node.posonlyargs) :],
        _param(g, node.vararg, None) if node.vararg is not None else None,
        keyword_only,
        _param(g, node.kwarg, None) if node.kwarg is not None else None,
    )


def _param(g: _Growing, node: ast.arg, default: ast.expr | None) -> tree.Param:
    return tree.Param(Name(node.arg, _place(node)), g.maybe(default))


def _class(g: _Growing, node: ast.ClassDef) -> Node:
    bases = [tree.Arg(*_starred(g, one)) for one in node.bases]
    return tree.ClassDef(Name(node.name), bases, g.suite(node.body), _place(node))


def _match(g: _Growing, node: ast.Match) -> Node:
    cases = [tree.MatchCase(_pattern(g, one.pattern), g.maybe(one.guard), g.suite(one.body)) for one in node.cases]
    return tree.Match(g.expression(node.subject), cases, _place(node))


def _pattern(g: _Growing, node: ast.pattern) -> tree.MatchPattern:
    place = _place(node)
    match node:
        case ast.MatchValue():
            return tree.MatchValue(g.expression(node.value), place)
        case ast.MatchSingleton():
            return tree.MatchValue(Name(str(node.value), place), place)
        case ast.MatchAs():
            inner = _pattern(g, node.pattern) if node.pattern is not None else None
            return tree.MatchAs(inner, Name(node.name) if node.name is not None else None, place)
        case ast.MatchStar():
            return tree.MatchStar(Name(node.name) if node.name is not None else None, place)
        case ast.MatchOr():
            return tree.MatchOr([_pattern(g, one) for one in node.patterns], place)
        case ast.MatchClass():
            return tree.MatchPattern([_pattern(g, one) for one in (*node.patterns, *node.kwd_patterns)], place)
        case ast.MatchSequence() | ast.MatchMapping():
            return tree.MatchPattern([_pattern(g, one) for one in node.patterns], place)
    return tree.MatchPattern([], place)


_COMPOUND: Final[dict[type, Callable[[_Growing, Any], Node]]] = {
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Match: _match,
}


# -- expressions -------------------------------------------------------------------------------------------------------


def _name(_g: _Growing, node: ast.Name) -> Expression:
    return Name(node.id, (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0))


def _attribute(g: _Growing, node: ast.Attribute) -> Expression:
    value, attr = node.value, node.attr
    line, end = node.end_lineno or 0, node.end_col_offset or 0
    width = len(attr) if g.ascii else len(attr.encode())
    name = Name(attr, (line, end - width, line, end))
    return tree.Attribute(_EXPRESSIONS[type(value)](g, value), name, (node.lineno, node.col_offset, line, end))


def _call(g: _Growing, node: ast.Call) -> Expression:
    args = [tree.Arg(*_starred(g, one)) for one in node.args]
    if node.keywords:
        args += [_keyword(g, one) for one in node.keywords]
        if any(type(one) is ast.Starred for one in node.args):
            # `f(a=b, *c)`: each where it is written
            args.sort(key=lambda one: one.place[:2])
    return tree.Call(g.expression(node.func), args, _place(node))


def _starred(g: _Growing, node: ast.expr) -> tuple[Expression, None, str, Place]:
    if type(node) is ast.Starred:
        return _EXPRESSIONS[type(node.value)](g, node.value), None, "*", _place(node)
    return _EXPRESSIONS[type(node)](g, node), None, "", _place(node)


def _keyword(g: _Growing, node: ast.keyword) -> tree.Arg:
    value, word = node.value, node.arg
    place = _place(node)
    made = _EXPRESSIONS[type(value)](g, value)
    if word is None:
        return tree.Arg(made, None, "**", place)
    line, column = node.lineno, node.col_offset
    width = len(word) if g.ascii else len(word.encode())
    return tree.Arg(made, Name(word, (line, column, line, column + width)), "", place)


def _subscript(g: _Growing, node: ast.Subscript) -> Expression:
    index = node.slice
    parts = index.elts if isinstance(index, ast.Tuple) and index.elts else [index]
    return tree.Subscript(g.expression(node.value), [_slice(g, one) for one in parts], _place(node))


def _slice(g: _Growing, node: ast.expr) -> tree.Slice | Expression:
    if isinstance(node, ast.Slice):
        return tree.Slice(g.maybe(node.lower), g.maybe(node.upper), g.maybe(node.step))
    return g.expression(node.value if isinstance(node, ast.Starred) else node)


def _constant(g: _Growing, node: ast.Constant) -> Expression:
    value = node.value
    kind = type(value)
    place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
    if kind is str or kind is bytes:
        start = g.offset(place[0], place[1])
        found = _STRING.match(g.program, start)
        if found is None or found.end() == g.offset(place[2], place[3]):
            return tree.SimpleString(value, place)
        return tree.ConcatenatedString(value, place)
    if kind is int:
        return tree.Integer(value if place[3] - place[1] <= MOST_DIGITS else UNREAD, place)
    if kind is float:
        return tree.Float(value, place)
    if value is None or kind is bool:
        return Name(str(value), place)
    return tree.Other(place)


def _joined(g: _Growing, node: ast.JoinedStr) -> Expression:
    parts: list[str | tree.FormattedStringExpression] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            if _ROUGH_IN_STRINGS and not g.is_filled_with(part.value):
                for one in ast.walk(part.value):
                    if isinstance(one, (ast.expr, ast.keyword, ast.arg)):
                        ast.copy_location(one, node)
            plain = part.conversion == -1 and part.format_spec is None
            parts.append(tree.FormattedStringExpression(g.expression(part.value), plain=plain))
        elif isinstance(part, ast.Constant):
            parts.append(str(part.value))
    return tree.FormattedString(parts, _place(node))


def _binary(g: _Growing, node: ast.BinOp) -> Expression:
    left = g.expression(node.left)
    return tree.BinaryOperation(left, _OPERATORS[type(node.op)], g.expression(node.right), _place(node))


def _boolean(g: _Growing, node: ast.BoolOp) -> Expression:
    word = _OPERATORS[type(node.op)]
    first, *others = g.expressions(node.values)
    for one, parsed in zip(others, node.values[1:], strict=True):
        end = parsed.end_lineno or 0, parsed.end_col_offset or 0
        first = tree.BooleanOperation(first, word, one, (node.lineno, node.col_offset, *end))
    return first


def _unary(g: _Growing, node: ast.UnaryOp) -> Expression:
    return tree.UnaryOperation(_OPERATORS[type(node.op)], g.expression(node.operand), _place(node))


def _comparison(g: _Growing, node: ast.Compare) -> Expression:
    others = zip(node.ops, g.expressions(node.comparators), strict=True)
    targets = [tree.ComparisonTarget(_OPERATORS[type(word)], one) for word, one in others]
    return tree.Comparison(g.expression(node.left), targets, _place(node))


def _conditional(g: _Growing, node: ast.IfExp) -> Expression:
    return tree.IfExp(g.expression(node.test), g.expression(node.body), g.expression(node.orelse), _place(node))


def _elements(g: _Growing, nodes: Sequence[ast.expr]) -> list[tree.Element]:
    return [
        tree.StarredElement(g.expression(one.value))
        if isinstance(one, ast.Starred)
        else tree.Element(_EXPRESSIONS[type(one)](g, one))
        for one in nodes
    ]


def _dict(g: _Growing, node: ast.Dict) -> Expression:
    made: list[tree.DictElement | tree.StarredDictElement] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            made.append(tree.StarredDictElement(g.expression(value)))
        else:
            place = (key.lineno, key.col_offset, value.end_lineno or 0, value.end_col_offset or 0)
            made.append(tree.DictElement(g.expression(key), g.expression(value), place))
    return tree.Dict(made, _place(node))


def _loops(g: _Growing, clauses: Sequence[ast.comprehension]) -> tree.CompFor:
    made: tree.CompFor | None = None
    for one in reversed(clauses):
        made = tree.CompFor(g.expression(one.target), g.expression(one.iter), g.expressions(one.ifs), made)
    assert made is not None
    return made


def _comprehension(
    kind: type[tree.ListComp | tree.SetComp | tree.GeneratorExp],
) -> Callable[[_Growing, Any], Expression]:
    return lambda g, node: kind(g.expression(node.elt), _loops(g, node.generators), _place(node))


def _dict_comprehension(g: _Growing, node: ast.DictComp) -> Expression:
    return tree.DictComp(g.expression(node.key), g.expression(node.value), _loops(g, node.generators), _place(node))


def _lambda(g: _Growing, node: ast.Lambda) -> Expression:
    return tree.Lambda(_parameters(g, node.args), g.expression(node.body), _place(node))


def _named(g: _Growing, node: ast.NamedExpr) -> Expression:
    return tree.NamedExpr(g.expression(node.target), g.expression(node.value), _place(node))


class _Expressions(dict[type, Callable[[_Growing, Any], Expression]]):
    """How expressions are made; what a newer Python adds is something that nothing is known of."""

    def __missing__(self, kind: type) -> Callable[[_Growing, Any], Expression]:
        return lambda _, node: tree.Other(_place(node))


_EXPRESSIONS: Final = _Expressions(
    {
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Call: _call,
        ast.Constant: _constant,
        ast.JoinedStr: _joined,
        ast.Subscript: _subscript,
        ast.BinOp: _binary,
        ast.BoolOp: _boolean,
        ast.UnaryOp: _unary,
        ast.Compare: _comparison,
        ast.IfExp: _conditional,
        ast.Tuple: lambda g, node: tree.Tuple(_elements(g, node.elts), _place(node)),
        ast.List: lambda g, node: tree.List(_elements(g, node.elts), _place(node)),
        ast.Set: lambda g, node: tree.Set(_elements(g, node.elts), _place(node)),
        ast.Dict: _dict,
        ast.ListComp: _comprehension(tree.ListComp),
        ast.SetComp: _comprehension(tree.SetComp),
        ast.GeneratorExp: _comprehension(tree.GeneratorExp),
        ast.DictComp: _dict_comprehension,
        ast.Lambda: _lambda,
        ast.NamedExpr: _named,
        ast.Await: lambda g, node: tree.Await(g.expression(node.value), _place(node)),
        ast.Yield: lambda g, node: tree.Yield(g.maybe(node.value), delegates=False, place=_place(node)),
        ast.YieldFrom: lambda g, node: tree.Yield(g.expression(node.value), delegates=True, place=_place(node)),
        ast.Starred: lambda g, node: tree.StarredElement(g.expression(node.value)),
    }
)

"""From what LibCST makes of a program to the tree that it is read from: for programs that Python itself does not read.

Those are written for a newer Python than the one that runs: LibCST knows the syntax of all of them. It is imported for
such a program only, which takes longer than reading most programs.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from keraslint.static.bounds import MOST_DIGITS
from keraslint.static.text import tree
from keraslint.static.text.tree import UNREAD, Exact, Expression, Name, Node

Made = Any


def module_of(program: str) -> tree.Module:
    """The tree of a program. Raises whatever LibCST raises."""
    wrapper = MetadataWrapper(cst.parse_module(program), unsafe_skip_copy=True)
    return _Growing(wrapper.resolve(PositionProvider)).made(wrapper.module)  # type: ignore[no-any-return]


_OPERATORS: Final[dict[type, str]] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.AddAssign: "+",
    cst.SubtractAssign: "-",
    cst.MultiplyAssign: "*",
    cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//",
    cst.ModuloAssign: "%",
    cst.PowerAssign: "**",
    cst.MatrixMultiplyAssign: "@",
    cst.BitAndAssign: "&",
    cst.BitOrAssign: "|",
    cst.BitXorAssign: "^",
    cst.LeftShiftAssign: "<<",
    cst.RightShiftAssign: ">>",
    cst.And: "and",
    cst.Or: "or",
    cst.Not: "not",
    cst.Minus: "-",
    cst.Plus: "+",
    cst.BitInvert: "~",
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
}


class _Growing:
    """Makes the tree of one program."""

    def __init__(self, places: Mapping[cst.CSTNode, Any]) -> None:
        self._places = places

    def place(self, node: cst.CSTNode) -> Exact:
        found = self._places[node]
        return Exact(found.start.line, found.start.column + 1, found.end.line, found.end.column + 1)

    def made(self, node: cst.CSTNode | None) -> Made:
        """The node of the tree for one of LibCST; nothing for nothing."""
        if node is None:
            return None
        make = _NODES.get(type(node))
        if make is not None:
            return make(self, node)
        kind = tree.Other if isinstance(node, cst.BaseExpression) else Node
        return kind(self.place(node))

    def all(self, nodes: Sequence[cst.CSTNode]) -> list[Made]:
        return [self.made(one) for one in nodes]


def _plain(kind: Callable[..., Node], *names: str) -> Callable[[_Growing, Any], Node]:
    """How a node is made whose parts are called alike here and there."""

    def make(g: _Growing, node: Any) -> Node:
        parts: dict[str, Any] = {}
        for name in names:
            part = getattr(node, name)
            if isinstance(part, (list, tuple)):
                parts[name] = g.all(part)
            elif type(part) in _OPERATORS:
                parts[name] = _OPERATORS[type(part)]
            else:
                parts[name] = g.made(part) if isinstance(part, cst.CSTNode) else part
        made = kind(**parts)
        made.place = g.place(node)
        return made

    return make


def _name(g: _Growing, node: cst.Name) -> Made:
    return Name(node.value, g.place(node))


def _inner(name: str) -> Callable[[_Growing, Any], Made]:
    """What stands inside a node that the tree does not have."""
    return lambda g, node: g.made(getattr(node, name))


# -- constants ---------------------------------------------------------------------------------------------------------


def _constant(kind: Callable[..., Expression]) -> Callable[[_Growing, Any], Made]:
    def make(g: _Growing, node: Any) -> Made:
        value = UNREAD
        if isinstance(node, cst.SimpleString) or len(node.value) <= MOST_DIGITS:
            try:
                value = node.evaluated_value
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                value = UNREAD
        return kind(value, g.place(node))

    return make


def _pieces(node: Any) -> list[Any]:
    """Strings written one after the other; the tree of many is deep, so it is walked and not entered."""
    found: list[Any] = []
    while isinstance(node, cst.ConcatenatedString):
        found.append(node.left)
        node = node.right
    return [*found, node]


def _string(g: _Growing, node: cst.ConcatenatedString | cst.FormattedString) -> Made:
    pieces = _pieces(node)
    place = g.place(node)
    if isinstance(node, cst.ConcatenatedString) and all(isinstance(one, cst.SimpleString) for one in pieces):
        return tree.ConcatenatedString(node.evaluated_value, place)
    parts: list[str | tree.FormattedStringExpression] = []
    for piece in pieces:
        parts += [str(piece.evaluated_value)] if isinstance(piece, cst.SimpleString) else _parts(g, piece)
    return tree.FormattedString(_merged(parts), place)


def _merged(parts: list[str | tree.FormattedStringExpression]) -> list[str | tree.FormattedStringExpression]:
    """The parts, with texts that stand side by side made one."""
    found: list[str | tree.FormattedStringExpression] = []
    for one in parts:
        if isinstance(one, str) and found and isinstance(found[-1], str):
            found[-1] += one
        elif one != "":
            found.append(one)
    return found


def _parts(g: _Growing, node: Any) -> list[str | tree.FormattedStringExpression]:
    found: list[str | tree.FormattedStringExpression] = []
    for part in getattr(node, "parts", ()):
        if isinstance(part, cst.FormattedStringText):
            found.append(_text(node, part.value))
        else:
            if part.equal is not None:
                found.append(f"{_WRITTEN(part.expression)}=")
            plain = not (part.format_spec or part.conversion or part.equal)
            found.append(tree.FormattedStringExpression(g.made(part.expression), plain=plain))
    return found


_WRITTEN: Final = cst.Module([]).code_for_node


def _text(node: cst.FormattedString, text: str) -> str:
    """What stands between the braces."""
    if "\\" in text and "r" not in node.prefix.lower():
        text = str(literal_eval(f"{node.end}{text}{node.end}"))
    return text.replace("{{", "{").replace("}}", "}")


# -- other expressions -------------------------------------------------------------------------------------------------


def _arg(g: _Growing, node: cst.Arg) -> Made:
    return tree.Arg(g.made(node.value), g.made(node.keyword), node.star, g.place(node))


def _subscript(g: _Growing, node: cst.Subscript) -> Made:
    return tree.Subscript(g.made(node.value), [g.made(one.slice) for one in node.slice], g.place(node))


def _loops(g: _Growing, node: cst.CompFor) -> Made:
    tests = [g.made(one.test) for one in node.ifs]
    return tree.CompFor(g.made(node.target), g.made(node.iter), tests, g.made(node.inner_for_in))


def _yield(g: _Growing, node: cst.Yield) -> Made:
    delegates = isinstance(node.value, cst.From)
    value = node.value.item if isinstance(node.value, cst.From) else node.value
    return tree.Yield(g.made(value), delegates=delegates, place=g.place(node))


def _parameters(g: _Growing, node: cst.Parameters) -> Made:
    star = g.made(node.star_arg) if isinstance(node.star_arg, cst.Param) else None
    plain = g.all(node.posonly_params), g.all(node.params)
    return tree.Parameters(*plain, star, g.all(node.kwonly_params), g.made(node.star_kwarg))


# -- statements --------------------------------------------------------------------------------------------------------


def _assign(g: _Growing, node: cst.Assign) -> Made:
    return tree.Assign([g.made(one.target) for one in node.targets], g.made(node.value))


def _names(kind: Callable[[list[str]], Node]) -> Callable[[_Growing, Any], Made]:
    return lambda g, node: kind([one.name.value for one in node.names])


def _alias(g: _Growing, node: cst.ImportAlias) -> Made:
    return tree.ImportAlias(g.made(node.name), node.evaluated_name, node.evaluated_alias, g.place(node))


def _import_from(g: _Growing, node: cst.ImportFrom) -> Made:
    names = tree.ImportStar() if isinstance(node.names, cst.ImportStar) else g.all(node.names)
    return tree.ImportFrom(g.made(node.module), names, len(node.relative), g.place(node))


def _with(g: _Growing, node: cst.With) -> Made:
    items = [tree.WithItem(g.made(one.item), g.made(one.asname.name) if one.asname else None) for one in node.items]
    return tree.With(items, g.made(node.body), g.place(node))


def _handler(g: _Growing, node: cst.ExceptHandler | cst.ExceptStarHandler) -> Made:
    return tree.ExceptHandler(g.made(node.type), g.made(node.name.name) if node.name else None, g.made(node.body))


def _class(g: _Growing, node: cst.ClassDef) -> Made:
    return tree.ClassDef(g.made(node.name), g.all(node.bases), g.made(node.body), g.place(node))


# -- match -------------------------------------------------------------------------------------------------------------


def _pattern(g: _Growing, node: Any) -> Made:
    return tree.MatchPattern(_inner_patterns(g, node), g.place(node))


def _inner_patterns(g: _Growing, node: cst.CSTNode) -> list[tree.MatchPattern]:
    """The patterns right inside of one, without what holds them there."""
    found: list[tree.MatchPattern] = []
    for child in node.children:
        found += [g.made(child)] if isinstance(child, (cst.MatchPattern, cst.MatchStar)) else _inner_patterns(g, child)
    return found


def _either(g: _Growing, node: cst.MatchOr) -> Made:
    return tree.MatchOr([g.made(one.pattern) for one in node.patterns], g.place(node))


_PATTERNS: Final = (cst.MatchList, cst.MatchTuple, cst.MatchMapping, cst.MatchClass)

_NODES: Final[dict[type, Callable[[_Growing, Any], Made]]] = {
    **dict.fromkeys(_PATTERNS, _pattern),
    cst.MatchOr: _either,
    cst.MatchAs: _plain(tree.MatchAs, "pattern", "name"),
    cst.MatchStar: _plain(tree.MatchStar, "name"),
    cst.MatchValue: _plain(tree.MatchValue, "value"),
    cst.MatchSingleton: _plain(tree.MatchValue, "value"),
    cst.MatchCase: _plain(tree.MatchCase, "pattern", "guard", "body"),
    cst.Match: _plain(tree.Match, "subject", "cases"),
    cst.Name: _name,
    cst.Integer: _constant(tree.Integer),
    cst.Float: _constant(tree.Float),
    cst.SimpleString: _constant(tree.SimpleString),
    cst.ConcatenatedString: _string,
    cst.FormattedString: _string,
    cst.Attribute: _plain(tree.Attribute, "value", "attr"),
    cst.Arg: _arg,
    cst.Call: _plain(tree.Call, "func", "args"),
    cst.Slice: _plain(tree.Slice, "lower", "upper", "step"),
    cst.Index: _inner("value"),
    cst.Subscript: _subscript,
    cst.BinaryOperation: _plain(tree.BinaryOperation, "left", "operator", "right"),
    cst.BooleanOperation: _plain(tree.BooleanOperation, "left", "operator", "right"),
    cst.UnaryOperation: _plain(tree.UnaryOperation, "operator", "expression"),
    cst.ComparisonTarget: _plain(tree.ComparisonTarget, "operator", "comparator"),
    cst.Comparison: _plain(tree.Comparison, "left", "comparisons"),
    cst.IfExp: _plain(tree.IfExp, "test", "body", "orelse"),
    cst.NamedExpr: _plain(tree.NamedExpr, "target", "value"),
    cst.Await: _plain(tree.Await, "expression"),
    cst.Yield: _yield,
    cst.Element: _plain(tree.Element, "value"),
    cst.StarredElement: _plain(tree.StarredElement, "value"),
    cst.Tuple: _plain(tree.Tuple, "elements"),
    cst.List: _plain(tree.List, "elements"),
    cst.Set: _plain(tree.Set, "elements"),
    cst.DictElement: _plain(tree.DictElement, "key", "value"),
    cst.StarredDictElement: _plain(tree.StarredDictElement, "value"),
    cst.Dict: _plain(tree.Dict, "elements"),
    cst.CompFor: _loops,
    cst.ListComp: _plain(tree.ListComp, "elt", "for_in"),
    cst.SetComp: _plain(tree.SetComp, "elt", "for_in"),
    cst.GeneratorExp: _plain(tree.GeneratorExp, "elt", "for_in"),
    cst.DictComp: _plain(tree.DictComp, "key", "value", "for_in"),
    cst.Param: _plain(tree.Param, "name", "default"),
    cst.Parameters: _parameters,
    cst.Lambda: _plain(tree.Lambda, "params", "body"),
    cst.IndentedBlock: _plain(tree.Suite, "body"),
    cst.SimpleStatementSuite: _plain(tree.Suite, "body"),
    cst.Decorator: _inner("decorator"),
    cst.FunctionDef: _plain(tree.FunctionDef, "name", "params", "body", "decorators"),
    cst.ClassDef: _class,
    cst.Module: _plain(tree.Module, "body"),
    cst.SimpleStatementLine: _plain(tree.SimpleStatementLine, "body"),
    cst.Expr: _plain(tree.Expr, "value"),
    cst.Assign: _assign,
    cst.AnnAssign: _plain(tree.AnnAssign, "target", "value"),
    cst.AugAssign: _plain(tree.AugAssign, "target", "operator", "value"),
    cst.Assert: _plain(tree.Assert, "test"),
    cst.Return: _plain(tree.Return, "value"),
    cst.Break: _plain(tree.Break),
    cst.Continue: _plain(tree.Continue),
    cst.Raise: _plain(tree.Raise),
    cst.Del: _plain(tree.Del, "target"),
    cst.Global: _names(tree.Global),
    cst.Nonlocal: _names(tree.Nonlocal),
    cst.ImportAlias: _alias,
    cst.Import: _plain(tree.Import, "names"),
    cst.ImportFrom: _import_from,
    cst.Else: _plain(tree.Else, "body"),
    cst.Finally: _plain(tree.Else, "body"),
    cst.If: _plain(tree.If, "test", "body", "orelse"),
    cst.For: _plain(tree.For, "target", "iter", "body", "orelse"),
    cst.While: _plain(tree.While, "test", "body", "orelse"),
    cst.With: _with,
    cst.ExceptHandler: _handler,
    cst.ExceptStarHandler: _handler,
    cst.Try: _plain(tree.Try, "body", "handlers", "orelse", "finalbody"),
    cst.TryStar: _plain(tree.Try, "body", "handlers", "orelse", "finalbody"),
}

"""Constants as they are written, and what has no other room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keraslint.static.bounds import MOST_ITEMS
from keraslint.static.text import tree
from keraslint.static.values import Const, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def _literal(interp: Interpreter, node: tree.Integer | tree.Float | tree.SimpleString) -> Value:
    """A number or text, which is the same whenever it is evaluated."""
    known = interp.literals.get(id(node))
    if known is None:
        if node.evaluated_value is tree.UNREAD:
            return Unknown()
        known = interp.literals[id(node)] = Const(node.evaluated_value, interp.at(node))
    return known


def _concatenated(interp: Interpreter, node: tree.ConcatenatedString) -> Value:
    return Const(node.evaluated_value, interp.at(node))


def _formatted(interp: Interpreter, node: tree.FormattedString) -> Value:
    text = ""
    for part in node.parts:
        found = part if isinstance(part, str) else _filled_part(interp, part)
        if found is None or len(text) > MOST_ITEMS:
            return Unknown(("f", interp.text(node)))
        text += found
    return Const(text, interp.at(node))


def _filled_part(interp: Interpreter, part: tree.FormattedStringExpression) -> str | None:
    value = interp.state.settle(interp.eval(part.expression))
    return str(value.value) if isinstance(value, Const) and part.plain else None


def _await(interp: Interpreter, node: tree.Await) -> Value:
    return interp.eval(node.expression)


EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    **dict.fromkeys((tree.Integer, tree.Float, tree.SimpleString), _literal),
    tree.ConcatenatedString: _concatenated,
    tree.FormattedString: _formatted,
    tree.Await: _await,
}

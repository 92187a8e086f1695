"""Constants as they are written, and what has no other room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.static.bounds import MOST_DIGITS, MOST_ITEMS
from keraslint.static.values import Const, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

_TRIPLE: Final = ('"""', "'''")


def _integer(interp: Interpreter, node: cst.Integer) -> Value:
    text = node.value
    if len(text) > MOST_DIGITS:
        return Unknown()
    return Const(int(text) if text.isdecimal() and text[0] != "0" else node.evaluated_value, interp.at(node))


def _float(interp: Interpreter, node: cst.Float) -> Value:
    return Const(node.evaluated_value, interp.at(node))


def _string(interp: Interpreter, node: cst.SimpleString | cst.ConcatenatedString) -> Value:
    text = node.value if isinstance(node, cst.SimpleString) else "\\"
    if text[0] in "\"'" and "\\" not in text and not text.startswith(_TRIPLE):
        # no prefix, no escapes: most strings need no parser
        return Const(text[1:-1], interp.at(node))
    try:
        value = node.evaluated_value
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return Unknown()
    return Const(value, interp.at(node)) if value is not None else Unknown()


def _formatted(interp: Interpreter, node: cst.FormattedString) -> Value:
    text = ""
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            text += part.value
            continue
        value: Value = Unknown()
        if isinstance(part, cst.FormattedStringExpression):
            value = interp.state.settle(interp.eval(part.expression))
        if not isinstance(value, Const) or getattr(part, "format_spec", None) or len(text) > MOST_ITEMS:
            return Unknown(("f", interp.text(node)))
        text += str(value.value)
    return Const(text, interp.at(node))


def _await(interp: Interpreter, node: cst.Await) -> Value:
    return interp.eval(node.expression)


EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    cst.Integer: _integer,
    cst.Float: _float,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _string,
    cst.FormattedString: _formatted,
    cst.Await: _await,
}

"""Constants as they are written, and what has no other room."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.static.bounds import MOST_DIGITS, MOST_ITEMS
from keraslint.static.values import Const, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

_TRIPLE: Final = ('"""', "'''")


def _literal(interp: Interpreter, node: cst.Integer | cst.Float | cst.SimpleString) -> Value:
    """A number or text, which is the same whenever it is evaluated."""
    known = interp.literals.get(id(node))
    if known is None:
        try:
            known = Const(_READ[type(node)](node), interp.at(node))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return Unknown()
        interp.literals[id(node)] = known
    return known


def _integer(node: cst.Integer) -> int:
    text = node.value
    if len(text) > MOST_DIGITS:
        raise ValueError
    return int(text) if text.isdecimal() and text[0] != "0" else node.evaluated_value


def _float(node: cst.Float) -> float:
    return float(node.value)


def _string(node: cst.SimpleString) -> str | bytes:
    text = node.value
    if text[0] in "\"'" and "\\" not in text and not text.startswith(_TRIPLE):
        # no prefix, no escapes: most strings need no parser
        return text[1:-1]
    return node.evaluated_value


_READ: Final[dict[type, Callable[[Any], Any]]] = {
    cst.Integer: _integer,
    cst.Float: _float,
    cst.SimpleString: _string,
}


def _concatenated(interp: Interpreter, node: cst.ConcatenatedString) -> Value:
    """Strings written one after the other; the tree of many is deep, so it is walked and not entered."""
    found: list[Any] = []
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.ConcatenatedString):
        found.append(interp.eval(rest.left))
        rest = rest.right
    found.append(interp.eval(rest))
    values = [one.value for one in found if isinstance(one, Const)]
    if len(values) < len(found):
        return Unknown(("f", interp.text(node)))
    whole = b"".join(values) if isinstance(values[0], bytes) else "".join(values)
    return Const(whole, interp.at(node))


def _formatted(interp: Interpreter, node: cst.FormattedString) -> Value:
    text = ""
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            found = _plain_part(node, part.value)
        elif isinstance(part, cst.FormattedStringExpression):
            found = _filled_part(interp, part)
        else:
            found = None
        if found is None or len(text) > MOST_ITEMS:
            return Unknown(("f", interp.text(node)))
        text += found
    return Const(text, interp.at(node))


def _plain_part(node: cst.FormattedString, text: str) -> str | None:
    """What stands between the braces."""
    if "\\" in text and "r" not in node.prefix.lower():
        try:
            text = literal_eval(f"{node.end}{text}{node.end}")
        except (ValueError, SyntaxError, MemoryError):
            return None
    return text.replace("{{", "{").replace("}}", "}")


def _filled_part(interp: Interpreter, part: cst.FormattedStringExpression) -> str | None:
    value = interp.state.settle(interp.eval(part.expression))
    if not isinstance(value, Const) or part.format_spec or part.conversion or part.equal:
        return None
    return str(value.value)


def _await(interp: Interpreter, node: cst.Await) -> Value:
    return interp.eval(node.expression)


EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    **dict.fromkeys(_READ, _literal),
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.Await: _await,
}

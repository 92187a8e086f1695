"""Expressions whose value is known though it may come from data: what is put in their place when a model is built.

Whoever builds a model of the program has no data. He needs `x.shape[1:]` and `len(names)` as far as reading knows them,
and what layers were given, wherever that comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Final

from keraslint.model import Fact
from keraslint.static.text import tree
from keraslint.static.values import Arguments, Bound, Const, Data, List, Tuple, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

MOST_TEXT: Final = 200
"""Longer values are not written out."""
MOST_ITEMS: Final = 32
_LAYERS: Final = ("keras.layers.", "keras.Input", "keras.applications.")
_WRITTEN: Final = (tree.Integer, tree.Float, tree.SimpleString, tree.Lambda)
"""Expressions that say their value themselves."""


def note(interp: Interpreter, node: tree.Expression, value: Value) -> None:
    """An expression was evaluated. It is known only as long as it is the same every time."""
    known = interp.record.derived
    found = written(value)
    key = id(node)
    known[key] = (interp.at(node), found if key not in known or known[key][1] == found else None)


def note_call(interp: Interpreter, node: tree.Call, callee: Value, arguments: Arguments, value: Value) -> None:
    """A call gave a constant: it is told where the call is one of data."""
    given = (callee.receiver, *arguments.positional) if isinstance(callee, Bound) else arguments.positional
    if any(type(one) is Data for one in given):
        note(interp, node, value)


def note_layer(interp: Interpreter, dotted: str, arguments: Arguments) -> None:
    """A layer is made: what its arguments are."""
    if not dotted.startswith(_LAYERS):
        return
    for key, site in arguments.places.items():
        value = arguments.positional[key] if isinstance(key, int) else arguments.named.get(key)
        node = site.node.value if isinstance(site.node, tree.Arg) else site.node
        if value is not None and isinstance(node, tree.Expression) and not isinstance(node, _WRITTEN):
            note(interp, node, interp.state.settle(value))


def facts(interp: Interpreter) -> Iterator[Fact[str]]:
    """What is known of expressions in the file itself, as Python writes it."""
    for site, text in interp.record.derived.values():
        if text is not None and site.file is interp.file:
            yield Fact(text, site.span)


def written(value: Value) -> str | None:
    """A value as Python writes it; nothing for one that is not known, or not the same for everybody."""
    text = _written(value)
    return text if text is not None and len(text) <= MOST_TEXT else None


def _written(value: Value) -> str | None:
    match value:
        case Const(value=bool() | int() | str() | None as plain):
            return repr(plain)
        case Const(value=float(number)) if isfinite(number):
            return repr(number)
        case Tuple(items=items, rest=False) if len(items) <= MOST_ITEMS:
            parts = [_written(one) for one in items]
            if None in parts:
                return None
            return f"({', '.join(map(str, parts))}{',' if len(parts) == 1 else ''})"
        case List():
            items = value.state["items"]
            held = _written(items) if isinstance(items, Tuple) else None
            return f"[{held[1:-1]}]" if held is not None else None
    return None

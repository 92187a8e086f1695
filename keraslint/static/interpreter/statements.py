"""Statements without a body, and those whose body runs once: `try` and `with`.

How a statement ends a path is said here too: what the path has written is kept with the decisions that led to it. What
becomes of the ways out of a call or a loop is the affair of `calls` and `loops`; what is assigned to, of `targets`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keraslint.static import library
from keraslint.static.interpreter.imports import dotted_name
from keraslint.static.interpreter.operators import binary
from keraslint.static.library import removal
from keraslint.static.state import Dead
from keraslint.static.text import tree
from keraslint.static.values import GAP, NONE, Leave, List, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def _expr(interp: Interpreter, node: tree.Expr) -> None:
    if not isinstance(node.value, tree.AnyString):  # a docstring
        interp.eval(node.value)


def _assign(interp: Interpreter, node: tree.Assign) -> None:
    value = interp.eval(node.value)
    for target in node.targets:
        interp.bind(target, value)


def _annotated(interp: Interpreter, node: tree.AnnAssign) -> None:
    if node.value is not None:
        interp.bind(node.target, interp.eval(node.value))


def _augmented(interp: Interpreter, node: tree.AugAssign) -> None:
    old = interp.eval(node.target)
    added = interp.eval(node.value)
    if isinstance(old, List) and node.operator == "+":
        interp.extend(old, added)
        return
    changed = binary(interp, node.operator, old, added, node)
    library.changed(interp, old, changed)
    interp.bind(node.target, changed)


def _assert(interp: Interpreter, node: tree.Assert) -> None:
    interp.eval(node.test)


# -- the ends of a path ------------------------------------------------------------------------------------------------


def _return(interp: Interpreter, node: tree.Return) -> None:
    _leave_call(interp, "return", interp.eval(node.value) if node.value is not None else NONE)
    raise Dead


def _yield(interp: Interpreter, node: tree.Yield) -> Value:
    if node.delegates and node.value is not None:
        items, _ = interp.items_of(interp.eval(node.value))
        yielded = (GAP,) if items is None else items
    else:
        yielded = (interp.eval(node.value) if node.value is not None else NONE,)
    for value in yielded:
        _leave_call(interp, "yield", value)
    if interp.loops:
        # there may be more turns than are followed
        _leave_call(interp, "yield", GAP)
    return Unknown()


def _leave_call(interp: Interpreter, kind: str, value: Value) -> None:
    base = interp.call_depths[-1] if interp.call_depths else 0
    interp.scope.leaves.append(Leave(kind, interp.state.guard, value, interp.state.writes(base)))


def _break(interp: Interpreter, _node: tree.Break) -> None:
    _leave_loop(interp, "break")


def _continue(interp: Interpreter, _node: tree.Continue) -> None:
    _leave_loop(interp, "continue")


def _leave_loop(interp: Interpreter, kind: str) -> None:
    if interp.loops:
        leaves, base = interp.loops[-1]
        leaves.append(Leave(kind, interp.state.guard, NONE, interp.state.writes(base)))
    raise Dead


def _raise(_interp: Interpreter, _node: tree.Raise) -> None:
    raise Dead


# -- whose names -------------------------------------------------------------------------------------------------------


def _global(interp: Interpreter, node: tree.Global) -> None:
    module = interp.scope
    while module.parent is not None:
        module = module.parent
    for name in node.names:
        interp.scope.outer[name] = module


def _nonlocal(interp: Interpreter, node: tree.Nonlocal) -> None:
    for name in node.names:
        parent = interp.scope.parent
        while parent is not None and name not in parent.names:
            parent = parent.parent
        if parent is not None:
            interp.scope.outer[name] = parent


# -- try and with ------------------------------------------------------------------------------------------------------


def _try(interp: Interpreter, node: tree.Try) -> None:
    attempt = removal.is_attempt(node)
    interp.record.attempts += attempt
    try:
        _tried(interp, node)
    finally:
        interp.record.attempts -= attempt


def _tried(interp: Interpreter, node: tree.Try) -> None:
    names = set(interp.scope.names)
    survived = _survives(interp, node.body)
    if survived and node.orelse is not None:
        survived = _survives(interp, node.orelse.body)
    fresh = {name: value for name, value in interp.scope.names.items() if name not in names}
    for handler in node.handlers:
        if survived and (fresh or not _binds(handler.body)):
            continue
        if handler.name is not None:
            interp.bind(handler.name, Unknown())
        survived = _survives(interp, handler.body) or survived
        # what the body found stands; a handler only fills in what the body left open
        for name, value in fresh.items():
            if not isinstance(value, Unknown):
                interp.set_name(name, value)
    if node.finalbody is not None:
        interp.block(node.finalbody.body)
    if not survived:
        raise Dead


def _survives(interp: Interpreter, suite: tree.Suite) -> bool:
    """Do what a body does; whether its end is reached."""
    try:
        interp.block(suite)
    except Dead:
        return False
    return True


def _binds(suite: tree.Suite) -> bool:
    """Whether a handler brings a name: an import of the other Keras, a fallback."""
    lines = [line for line in suite.body if isinstance(line, tree.SimpleStatementLine)]
    return any(isinstance(one, (tree.Import, tree.ImportFrom, tree.Assign)) for line in lines for one in line.body)


def _with(interp: Interpreter, node: tree.With) -> None:
    tapes = attempts = 0
    for item in node.items:
        attempts += removal.expects_failure(item.item)
        tapes += dotted_name(item.item).endswith("GradientTape")
        entered = library.enter_context(interp.eval(item.item))
        if item.asname is not None:
            interp.bind(item.asname, entered)
    interp.record.tapes += tapes
    interp.record.attempts += attempts
    try:
        interp.block(node.body)
    finally:
        interp.record.tapes -= tapes
        interp.record.attempts -= attempts


STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    tree.Expr: _expr,
    tree.Assign: _assign,
    tree.AnnAssign: _annotated,
    tree.AugAssign: _augmented,
    tree.Assert: _assert,
    tree.Return: _return,
    tree.Break: _break,
    tree.Continue: _continue,
    tree.Raise: _raise,
    tree.Global: _global,
    tree.Nonlocal: _nonlocal,
    tree.Try: _try,
    tree.With: _with,
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    tree.Yield: _yield,
}

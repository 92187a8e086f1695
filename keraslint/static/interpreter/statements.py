"""Statements without a body, and those whose body runs once: `try` and `with`.

How a statement ends a path is said here too: what the path has written is kept with the decisions that led to it. What
becomes of the ways out of a call or a loop is the affair of `calls` and `loops`; what is assigned to, of `targets`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.static import library
from keraslint.static.interpreter.imports import dotted_name
from keraslint.static.interpreter.operators import AUGMENTED, binary
from keraslint.static.library import removal
from keraslint.static.state import Dead
from keraslint.static.values import GAP, NONE, Leave, List, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def _expr(interp: Interpreter, node: cst.Expr) -> None:
    if not isinstance(node.value, cst.BaseString):  # a docstring
        interp.eval(node.value)


def _assign(interp: Interpreter, node: cst.Assign) -> None:
    value = interp.eval(node.value)
    for target in node.targets:
        interp.bind(target.target, value)


def _annotated(interp: Interpreter, node: cst.AnnAssign) -> None:
    if node.value is not None:
        interp.bind(node.target, interp.eval(node.value))


def _augmented(interp: Interpreter, node: cst.AugAssign) -> None:
    old = interp.eval(node.target) if isinstance(node.target, cst.BaseExpression) else Unknown()
    added = interp.eval(node.value)
    if isinstance(old, List) and isinstance(node.operator, cst.AddAssign):
        interp.extend(old, added)
        return
    word = AUGMENTED[type(node.operator)]
    changed = binary(interp, word, old, added, node)
    library.changed(interp, old, changed)
    interp.bind(node.target, changed)


def _assert(interp: Interpreter, node: cst.Assert) -> None:
    interp.eval(node.test)


# -- the ends of a path ------------------------------------------------------------------------------------------------


def _return(interp: Interpreter, node: cst.Return) -> None:
    _leave_call(interp, "return", interp.eval(node.value) if node.value is not None else NONE)
    raise Dead


def _yield(interp: Interpreter, node: cst.Yield) -> Value:
    if isinstance(node.value, cst.From):
        items, _ = interp.items_of(interp.eval(node.value.item))
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


def _break(interp: Interpreter, _node: cst.Break) -> None:
    _leave_loop(interp, "break")


def _continue(interp: Interpreter, _node: cst.Continue) -> None:
    _leave_loop(interp, "continue")


def _leave_loop(interp: Interpreter, kind: str) -> None:
    if interp.loops:
        leaves, base = interp.loops[-1]
        leaves.append(Leave(kind, interp.state.guard, NONE, interp.state.writes(base)))
    raise Dead


def _raise(_interp: Interpreter, _node: cst.Raise) -> None:
    raise Dead


# -- whose names -------------------------------------------------------------------------------------------------------


def _global(interp: Interpreter, node: cst.Global) -> None:
    module = interp.scope
    while module.parent is not None:
        module = module.parent
    for item in node.names:
        interp.scope.outer[item.name.value] = module


def _nonlocal(interp: Interpreter, node: cst.Nonlocal) -> None:
    for item in node.names:
        name = item.name.value
        parent = interp.scope.parent
        while parent is not None and name not in parent.names:
            parent = parent.parent
        if parent is not None:
            interp.scope.outer[name] = parent


# -- try and with ------------------------------------------------------------------------------------------------------


def _try(interp: Interpreter, node: cst.Try | cst.TryStar) -> None:
    attempt = removal.is_attempt(node)
    interp.record.attempts += attempt
    try:
        _tried(interp, node)
    finally:
        interp.record.attempts -= attempt


def _tried(interp: Interpreter, node: cst.Try | cst.TryStar) -> None:
    names = set(interp.scope.names)
    survived = _survives(interp, node.body)
    if survived and node.orelse is not None:
        survived = _survives(interp, node.orelse.body)
    fresh = {name: value for name, value in interp.scope.names.items() if name not in names}
    for handler in node.handlers:
        if survived and (fresh or not _binds(handler.body)):
            continue
        if handler.name is not None:
            interp.bind(handler.name.name, Unknown())
        survived = _survives(interp, handler.body) or survived
        # what the body found stands; a handler only fills in what the body left open
        for name, value in fresh.items():
            if not isinstance(value, Unknown):
                interp.set_name(name, value)
    if node.finalbody is not None:
        interp.block(node.finalbody.body)
    if not survived:
        raise Dead


def _survives(interp: Interpreter, suite: cst.BaseSuite) -> bool:
    """Do what a body does; whether its end is reached."""
    try:
        interp.block(suite)
    except Dead:
        return False
    return True


def _binds(suite: cst.BaseSuite) -> bool:
    """Whether a handler brings a name: an import of the other Keras, a fallback."""
    lines = [line for line in suite.body if isinstance(line, cst.SimpleStatementLine)]
    return any(isinstance(one, (cst.Import, cst.ImportFrom, cst.Assign)) for line in lines for one in line.body)


def _with(interp: Interpreter, node: cst.With) -> None:
    tapes = attempts = 0
    for item in node.items:
        attempts += removal.expects_failure(item.item)
        tapes += dotted_name(item.item).endswith("GradientTape")
        entered = library.enter_context(interp.eval(item.item))
        if item.asname is not None:
            interp.bind(item.asname.name, entered)
    interp.record.tapes += tapes
    interp.record.attempts += attempts
    try:
        interp.block(node.body)
    finally:
        interp.record.tapes -= tapes
        interp.record.attempts -= attempts


STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    cst.Expr: _expr,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Assert: _assert,
    cst.Return: _return,
    cst.Break: _break,
    cst.Continue: _continue,
    cst.Raise: _raise,
    cst.Global: _global,
    cst.Nonlocal: _nonlocal,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    cst.Yield: _yield,
}

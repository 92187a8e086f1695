"""Loops: `for`, `while`, comprehensions.

A loop is followed turn by turn up to a bound. Each turn may be left on several ways, and what was written on those is
joined before the next. When a loop goes on for longer than it was followed, what it changes is loosened: lists may have
grown further, and counters are not known any more. What a loop goes through is the affair of `containers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.static.bounds import MOST_TURNS
from keraslint.static.conditions import decide
from keraslint.static.state import MISSING, Dead, Journal
from keraslint.static.values import NONE, Const, Dict, Leave, List, Scope, Tuple, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def _for(interp: Interpreter, node: cst.For) -> None:
    items, known = interp.iterate(interp.eval(node.iter), node.iter)
    most = _turns(interp)
    complete = known

    def turns() -> None:
        nonlocal complete
        for count, item in enumerate(items):
            if count >= most:
                complete = False
                return

            def turn(item: Value = item) -> None:
                interp.bind(node.target, item)
                interp.block(node.body)

            if not _turn(interp, turn):
                return

    written = interp.state.watch(turns)
    if not complete:
        _loosen(interp, written)
    if node.orelse is not None and known:
        interp.block(node.orelse.body)


def _while(interp: Interpreter, node: cst.While) -> None:
    endless = isinstance(node.test, cst.Name) and node.test.value == "True"
    for _ in range(_turns(interp)):
        outcome = decide(interp.state.settle(interp.eval(node.test)), interp.state.path).outcome
        if outcome is False:
            break
        again = _turn(interp, lambda: interp.block(node.body))
        if not again or outcome is None or endless:
            break


def _turns(interp: Interpreter) -> int:
    """How many turns of a loop are followed here."""
    return max(MOST_TURNS >> (2 * min(len(interp.loops), 2)), 2)


def _turn(interp: Interpreter, run: Callable[[], None]) -> bool:
    """One turn of a loop; false when no path leads to another turn. Paths that leave the function stay dead."""
    state = interp.state
    leaves: list[Leave] = []
    path = state.path
    interp.loops.append((leaves, state.depth))
    alive = True
    try:
        run()
    except Dead:
        alive = False
    finally:
        interp.loops.pop()
    if not alive and not leaves:
        raise Dead
    if leaves:
        before = frozenset(path.items())
        ways = [(leave.guard - before, leave.writes) for leave in leaves]
        if alive:
            ways.append((state.guard - before, {}))
        state.adopt(ways)
    state.path = path
    return alive or any(leave.kind == "continue" for leave in leaves)


def _loosen(interp: Interpreter, written: Journal) -> None:
    """A loop went on for longer than it was followed: lists may have grown further, counters have gone on."""
    write = interp.state.write
    for where, key, before in written.values():
        now = where.get(key)
        if key == "items" and isinstance(now, Tuple) and isinstance(before, Tuple):
            if len(now.items) > len(before.items):
                write(where, key, Tuple(now.items, rest=True))
        elif isinstance(now, Const) and isinstance(before, Const) and type(now.value) in {int, float, str}:
            write(where, key, Unknown())
        elif isinstance(key, tuple) and key[0] == "item" and before is MISSING:
            write(where, "rest", NONE)


# -- comprehensions ----------------------------------------------------------------------------------------------------


def _comprehension(interp: Interpreter, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> Value:
    found, rest = _comprehend(interp, node.for_in, lambda: interp.eval(node.elt))
    return List(tuple(found), interp.at(node), rest=rest)


def _dict_comprehension(interp: Interpreter, node: cst.DictComp) -> Value:
    made = Dict(interp.at(node))
    pairs, rest = _comprehend(interp, node.for_in, lambda: Tuple((interp.eval(node.key), interp.eval(node.value))))
    for pair in pairs:
        key, value = pair.items if isinstance(pair, Tuple) else (pair, pair)
        if isinstance(key, Const) and key.hashable:
            made.state["item", key.value] = value
        else:
            rest = True
    if rest:
        made.state["rest"] = NONE
    return made


def _comprehend(interp: Interpreter, clause: cst.CompFor, element: Callable[[], Value]) -> tuple[list[Value], bool]:
    """Items of a comprehension and whether there may be others. The loop's names live in a scope of their own."""
    outer = interp.scope
    interp.scope = Scope(outer.file, outer)
    try:
        return _clause(interp, clause, element)
    finally:
        interp.scope = outer


def _clause(interp: Interpreter, clause: cst.CompFor, element: Callable[[], Value]) -> tuple[list[Value], bool]:
    items, known = interp.iterate(interp.eval(clause.iter), clause.iter)
    found: list[Value] = []
    rest = not known
    for turn, item in enumerate(items):
        if turn >= MOST_TURNS * 4:
            rest = True
            break
        interp.step()
        interp.bind(clause.target, item)
        tests = [decide(interp.state.settle(interp.eval(one.test)), interp.state.path).outcome for one in clause.ifs]
        if False in tests:
            continue
        rest = rest or None in tests
        if clause.inner_for_in is not None:
            inner, more = _clause(interp, clause.inner_for_in, element)
            found += inner
            rest = rest or more
        else:
            found.append(element())
    return found, rest


STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    cst.For: _for,
    cst.While: _while,
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    cst.ListComp: _comprehension,
    cst.SetComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.DictComp: _dict_comprehension,
}

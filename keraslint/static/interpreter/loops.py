"""Loops: `for`, `while`, comprehensions.

A loop is followed turn by turn up to a bound. Each turn may be left on several ways, and what was written on those is
joined before the next. When a loop goes on for longer than it was followed, what it changes is loosened: lists may have
grown further, and counters are not known any more. What a loop goes through is the affair of `containers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from keraslint.static.bounds import MOST_ELEMENTS, MOST_NESTED_LOOPS, MOST_OPEN_TURNS, MOST_TURNS
from keraslint.static.conditions import decide
from keraslint.static.items import make_set, take_over
from keraslint.static.state import MISSING, Dead, Journal
from keraslint.static.text import tree
from keraslint.static.values import (
    ALWAYS,
    GAP,
    NONE,
    Choice,
    Const,
    Dict,
    Guard,
    Leave,
    List,
    Scope,
    Tuple,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


class _End(Enum):
    """How a loop ends, as far as it was followed."""

    DONE = auto()
    """After its last turn: `else` is reached."""
    BROKEN = auto()
    """By a `break`."""
    EITHER = auto()
    """By a `break` on some path, after its last turn on another."""
    OPEN = auto()
    """It may go on for longer than it was followed, or have ended before."""


def _for(interp: Interpreter, node: tree.For) -> None:
    items, known = interp.iterate(interp.eval(node.iter), node.iter)
    followed, complete = _followed(items, _turns(interp))
    known = known and complete

    def turns() -> _End:
        end = _End.DONE
        for item in followed:

            def turn(item: Value = item) -> None:
                interp.bind(node.target, item)
                interp.block(node.body)

            again, broken = _turn(interp, turn)
            if not again:
                return _End.BROKEN if known else _End.OPEN
            if broken:
                end = _End.EITHER
        return end if known else _End.OPEN

    _follow(interp, turns, node.orelse)


def _followed(items: Iterable[Value], most: int) -> tuple[list[Value], bool]:
    """What is followed of what a loop goes through, and whether that is all."""
    found = list(islice(items, most + 1))
    if len(found) <= most:
        return found, True
    # with no end in sight, what it does shows in its first turns; the last of them stands for all that follow
    *first, last = found[: min(MOST_OPEN_TURNS, most)]
    return [*first, _any_turn(last) if first else last], False


def _any_turn(item: Value) -> Value:
    """What a loop goes through in any later turn: the numbers that count its turns have gone on."""
    if isinstance(item, Tuple):
        return Tuple(tuple(map(_any_turn, item.items)), rest=item.rest)
    return Unknown() if isinstance(item, Const) and type(item.value) is int else item


def _while(interp: Interpreter, node: tree.While) -> None:
    def turns() -> _End:
        end = _End.DONE
        for _ in range(_turns(interp)):
            verdict = decide(interp.state.settle(interp.eval(node.test)), interp.state.path)
            if verdict.outcome is False:
                return end
            if verdict.outcome is None:
                arms: list[tuple[Guard, Callable[[], bool]]] = [
                    (verdict.if_true, lambda: turn()[0]),
                    (verdict.if_false, lambda: False),
                ]
                again = any(more for _, more in interp.state.fork(arms))
                return _End.OPEN if again else _End.EITHER
            again, broken = turn()
            if not again:
                return _End.BROKEN
            if _is_endless(node.test):
                return _End.OPEN
            if broken:
                end = _End.EITHER
        return _End.OPEN

    def turn() -> tuple[bool, bool]:
        return _turn(interp, lambda: interp.block(node.body))

    _follow(interp, turns, node.orelse)


def _is_endless(test: tree.Expression) -> bool:
    return isinstance(test, tree.Name) and test.value == "True"


def _follow(interp: Interpreter, turns: Callable[[], _End], orelse: tree.Else | None) -> None:
    """Run the turns of a loop, and what comes after the last one."""
    end, written = interp.state.watch(turns)
    if end is _End.OPEN:
        _loosen(interp, written)
    if orelse is None or end is _End.BROKEN:
        return
    if end is _End.DONE:
        interp.block(orelse.body)
    else:
        verdict = decide(Unknown(), {})
        interp.state.fork([(verdict.if_true, lambda: interp.block(orelse.body)), (verdict.if_false, lambda: None)])


def _turns(interp: Interpreter) -> int:
    """How many turns of a loop are followed here."""
    around = len(interp.loops)
    return max(MOST_TURNS >> (2 * around), 2) if around <= MOST_NESTED_LOOPS else 1


def _turn(interp: Interpreter, run: Callable[[], None]) -> tuple[bool, bool]:
    """One turn of a loop: whether a path leads to another turn, and whether one breaks out.

    Paths that leave the function stay dead.
    """
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
    kinds = {leave.kind for leave in leaves}
    return alive or "continue" in kinds, "break" in kinds


def _loosen(interp: Interpreter, written: Journal) -> None:
    """A loop went on for longer than it was followed: lists may have grown further, counters have gone on."""
    write = interp.state.write
    for where, key, before in written.values():
        now = where.get(key)
        if key == "items" and isinstance(before, Tuple):
            rows = now.alternatives if isinstance(now, Choice) else ((ALWAYS, now),)
            write(where, key, interp.state.choose((guard, _grown(one, before)) for guard, one in rows))
        elif isinstance(before, Const) and _has_moved(now):
            write(where, key, Unknown())
        elif isinstance(key, tuple) and key[0] == "item" and before is MISSING:
            write(where, "rest", NONE)


def _grown(now: Any, before: Tuple) -> Value:
    """The items of a list that became longer in a loop: it may have become longer yet."""
    return Tuple(now.items, rest=True) if isinstance(now, Tuple) and len(now.items) > len(before.items) else now


def _has_moved(now: Value | None) -> bool:
    """Whether something that was a constant before a loop may be yet another after more turns."""
    if isinstance(now, Choice):
        return any(isinstance(one, Const) and type(one.value) in {int, float} for _, one in now.alternatives)
    return isinstance(now, Const) and type(now.value) in {int, float, str}


# -- comprehensions ----------------------------------------------------------------------------------------------------


def _comprehension(interp: Interpreter, node: tree.ListComp | tree.GeneratorExp) -> Value:
    found, rest = _comprehend(interp, node.for_in, lambda: interp.eval(node.elt))
    return List(tuple(found), interp.at(node), rest=rest)


def _set_comprehension(interp: Interpreter, node: tree.SetComp) -> Value:
    found, rest = _comprehend(interp, node.for_in, lambda: interp.eval(node.elt))
    return make_set(interp, (*found, GAP) if rest else found, interp.at(node))


def _dict_comprehension(interp: Interpreter, node: tree.DictComp) -> Value:
    made = Dict(interp.at(node))
    pairs, rest = _comprehend(interp, node.for_in, lambda: Tuple((interp.eval(node.key), interp.eval(node.value))))
    for pair in pairs:
        key, value = pair.items if isinstance(pair, Tuple) else (GAP, GAP)
        if isinstance(key, Const) and key.hashable:
            made.state["item", key.value] = value
        else:
            take_over(made, key)
    if rest:
        made.state["rest"] = NONE
    return made


def _comprehend(interp: Interpreter, clause: tree.CompFor, element: Callable[[], Value]) -> tuple[list[Value], bool]:
    """Items of a comprehension and whether there may be others. The loop's names live in a scope of their own."""
    outer = interp.scope
    # what the first loop goes through is evaluated outside
    over = interp.eval(clause.iter)
    interp.scope = Scope(outer.file, outer, "comprehension")
    try:
        return _clause(interp, clause, over, element)
    finally:
        interp.scope = outer


def _clause(
    interp: Interpreter, clause: tree.CompFor, over: Value, element: Callable[[], Value]
) -> tuple[list[Value], bool]:
    items, known = interp.iterate(over, clause.iter)
    followed, complete = _followed(items, MOST_ELEMENTS)
    found: list[Value] = []
    rest = not (known and complete)
    steps = interp.steps
    for turn, item in enumerate(followed):
        if turn == MOST_TURNS and steps - interp.steps > MOST_ELEMENTS:
            # each turn calls something: it gets no more turns than a loop
            rest = True
            break
        interp.step()
        interp.bind(clause.target, item)
        tests = [decide(interp.state.settle(interp.eval(one)), interp.state.path).outcome for one in clause.ifs]
        if False in tests:
            continue
        if None in tests:
            # it may be left out
            found.append(GAP)
            rest = True
        if clause.inner_for_in is not None:
            over = interp.eval(clause.inner_for_in.iter)
            inner, more = _clause(interp, clause.inner_for_in, over, element)
            found += inner
            rest = rest or more
        else:
            found.append(element())
    return found, rest


STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    tree.For: _for,
    tree.While: _while,
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    tree.ListComp: _comprehension,
    tree.SetComp: _set_comprehension,
    tree.GeneratorExp: _comprehension,
    tree.DictComp: _dict_comprehension,
}

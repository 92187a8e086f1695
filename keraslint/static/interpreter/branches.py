"""Branches: `if`, `match`, the conditional expression.

A branch that cannot be decided is taken both ways, each arm on its own copy of the state, and what the arms wrote is
joined with the decisions that lead to it. What a test says is the affair of `operators` and `conditions`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.static.conditions import decide
from keraslint.static.interpreter.operators import any_equal
from keraslint.static.values import Choice, Unknown, Value, key_of

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def _if(interp: Interpreter, node: cst.If) -> None:
    test = interp.eval(node.test)
    _branch(interp, test, lambda: interp.block(node.body), lambda: _otherwise(interp, node.orelse))


def _otherwise(interp: Interpreter, node: cst.If | cst.Else | None) -> None:
    if isinstance(node, cst.If):
        _if(interp, node)
    elif node is not None:
        interp.block(node.body)


def _branch(interp: Interpreter, test: Value, yes: Callable[[], None], no: Callable[[], None]) -> None:
    """Run one arm, or both and join them when the test cannot be decided."""
    test = interp.state.settle(test)
    if isinstance(test, Choice):
        interp.state.fork_over(test, lambda one: _branch(interp, one, yes, no))
        return
    verdict = decide(test, interp.state.path)
    if verdict.outcome is None:
        interp.state.fork([(verdict.if_true, yes), (verdict.if_false, no)])
    elif verdict.outcome:
        yes()
    else:
        no()


def _conditional(interp: Interpreter, node: cst.IfExp) -> Value:
    test = interp.eval(node.test)
    return _either(interp, test, lambda: interp.eval(node.body), lambda: interp.eval(node.orelse))


def _either(interp: Interpreter, test: Value, yes: Callable[[], Value], no: Callable[[], Value]) -> Value:
    """The value of one arm, or of both with their decisions when the test cannot be decided."""
    test = interp.state.settle(test)
    if isinstance(test, Choice):
        return interp.state.each(test, lambda one: _either(interp, one, yes, no))
    verdict = decide(test, interp.state.path)
    if verdict.outcome is not None:
        return yes() if verdict.outcome else no()
    return interp.state.choose(interp.state.fork([(verdict.if_true, yes), (verdict.if_false, no)]))


# -- match -------------------------------------------------------------------------------------------------------------


def _match(interp: Interpreter, node: cst.Match) -> None:
    _match_cases(interp, interp.eval(node.subject), node.cases)


def _match_cases(interp: Interpreter, subject: Value, cases: Sequence[cst.MatchCase]) -> None:
    if not cases:
        return
    case = cases[0]
    pattern = case.pattern
    if isinstance(pattern, cst.MatchAs) and pattern.pattern is None:
        if pattern.name is not None:
            interp.bind(pattern.name, subject)
        interp.block(case.body)
        return
    values = _pattern_values(interp, pattern)
    if values is not None:
        test = any_equal(interp, subject, values)
    else:
        test = Unknown(("match", key_of(subject), interp.text(pattern)))
    _branch(interp, test, lambda: interp.block(case.body), lambda: _match_cases(interp, subject, cases[1:]))


def _pattern_values(interp: Interpreter, pattern: cst.MatchPattern) -> list[Value] | None:
    """The values that a pattern is made of; nothing for a pattern that looks inside its subject."""
    if isinstance(pattern, (cst.MatchValue, cst.MatchSingleton)):
        return [interp.eval(pattern.value)]
    if isinstance(pattern, cst.MatchOr):
        found: list[Value] = []
        for element in pattern.patterns:
            inner = _pattern_values(interp, element.pattern)
            if inner is None:
                return None
            found += inner
        return found
    return None


STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    cst.If: _if,
    cst.Match: _match,
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    cst.IfExp: _conditional,
}

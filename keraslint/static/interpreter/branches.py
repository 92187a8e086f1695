"""Branches: `if`, `match`, the conditional expression.

A branch that cannot be decided is taken both ways, each arm on its own copy of the state, and what the arms wrote is
joined with the decisions that lead to it. What a test says is the affair of `operators` and `conditions`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from keraslint.static.bounds import MOST_ARMS, MOST_DEEP_CHOICES
from keraslint.static.conditions import decide
from keraslint.static.interpreter.operators import any_equal
from keraslint.static.text import tree
from keraslint.static.values import Choice, Const, Unknown, Value, key_of

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def _if(interp: Interpreter, node: tree.If, arms: int = 1) -> None:
    test = interp.eval(node.test)
    _branch(interp, test, lambda: interp.block(node.body), lambda: _otherwise(interp, node.orelse, arms))


def _otherwise(interp: Interpreter, node: tree.If | tree.Else | None, arms: int) -> None:
    if isinstance(node, tree.If):
        if arms < MOST_ARMS:
            _if(interp, node, arms + 1)
        else:
            _further(interp, node)
    elif node is not None:
        interp.block(node.body)


def _further(interp: Interpreter, node: tree.If | tree.Else | None) -> None:
    """The arms of a long ladder: one of them is taken."""
    arms: list[Callable[[], None]] = []
    while isinstance(node, tree.If):
        outcome = _outcome(interp, interp.eval(node.test))
        if outcome is not False:
            arms.append(partial(interp.block, node.body))
        if outcome:
            break
        node = node.orelse
    else:
        arms.append(partial(_otherwise, interp, node, 0))
    _one_of(interp, arms)


def _outcome(interp: Interpreter, test: Value) -> bool | None:
    """Whether a test holds, where that can be told without taking a decision."""
    test = interp.state.settle(test)
    return None if isinstance(test, Choice) else decide(test, interp.state.path).outcome


def _one_of(interp: Interpreter, arms: list[Callable[[], None]]) -> None:
    """Run each of several arms as the one that is taken; which one it is, is a decision of its own."""
    which = Unknown().key
    interp.state.fork([(frozenset({(which, index)}), arm) for index, arm in enumerate(arms)])


def _branch(interp: Interpreter, test: Value, yes: Callable[[], None], no: Callable[[], None]) -> None:
    """Run one arm, or both and join them when the test cannot be decided."""
    test = interp.state.settle(test)
    if isinstance(test, Choice):
        if interp.state.depth <= MOST_DEEP_CHOICES or len(test.alternatives) <= 2:
            interp.state.fork_over(test, lambda one: _branch(interp, one, yes, no))
            return
        # choices inside choices: each would be taken many times
        test = Unknown()
    verdict = decide(test, interp.state.path)
    if verdict.outcome is None:
        interp.state.fork([(verdict.if_true, yes), (verdict.if_false, no)])
    elif verdict.outcome:
        yes()
    else:
        no()


def _conditional(interp: Interpreter, node: tree.IfExp) -> Value:
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


def _match(interp: Interpreter, node: tree.Match) -> None:
    subject = interp.eval(node.subject)
    # where a guard fails, the cases behind it are tried once more
    guarded = [index for index, case in enumerate(node.cases) if case.guard is not None]
    most = min([MOST_ARMS, *guarded[MOST_DEEP_CHOICES:]])
    _match_cases(interp, subject, node.cases[:most], node.cases[most:])


def _match_cases(
    interp: Interpreter, subject: Value, cases: Sequence[tree.MatchCase], further: Sequence[tree.MatchCase]
) -> None:
    if not cases:
        _further_cases(interp, subject, further)
        return
    case = cases[0]

    def others() -> None:
        _match_cases(interp, subject, cases[1:], further)

    def matched() -> None:
        _bind_pattern(interp, case.pattern, subject)
        if case.guard is None:
            interp.block(case.body)
        else:
            _branch(interp, interp.eval(case.guard), lambda: interp.block(case.body), others)

    _branch(interp, _pattern_test(interp, subject, case.pattern), matched, others)


def _further_cases(interp: Interpreter, subject: Value, cases: Sequence[tree.MatchCase]) -> None:
    """The cases of a long `match`: one of them is taken, or none."""
    if not cases:
        return

    def taken(case: tree.MatchCase) -> None:
        _bind_pattern(interp, case.pattern, subject)
        interp.block(case.body)

    arms: list[Callable[[], None]] = []
    for case in cases:
        outcome = _outcome(interp, _pattern_test(interp, subject, case.pattern))
        if outcome is not False:
            arms.append(partial(taken, case))
        if outcome and case.guard is None:
            break
    else:
        arms.append(lambda: None)
    _one_of(interp, arms)


def _pattern_test(interp: Interpreter, subject: Value, pattern: tree.MatchPattern) -> Value:
    """Whether a subject has the form of a pattern."""
    if isinstance(pattern, tree.MatchAs):
        return _pattern_test(interp, subject, pattern.pattern) if pattern.pattern is not None else Const(True)
    values = _pattern_values(interp, pattern)
    if values is not None:
        return any_equal(interp, subject, values)
    return Unknown(("match", key_of(subject), interp.text(pattern)))


def _bind_pattern(interp: Interpreter, pattern: tree.MatchPattern, subject: Value) -> None:
    """Bind the names of a pattern: one for the whole, those for parts to something unknown."""
    if isinstance(pattern, tree.MatchAs):
        if pattern.name is not None:
            interp.bind(pattern.name, subject)
        if pattern.pattern is not None:
            _bind_pattern(interp, pattern.pattern, subject)
    elif isinstance(pattern, tree.MatchStar):
        if pattern.name is not None:
            interp.bind(pattern.name, Unknown())
    else:
        for part in pattern.children:
            _bind_pattern(interp, part, Unknown())


def _pattern_values(interp: Interpreter, pattern: tree.MatchPattern) -> list[Value] | None:
    """The values that a pattern is made of; nothing for a pattern that looks inside its subject."""
    if isinstance(pattern, tree.MatchValue):
        return [interp.eval(pattern.value)]
    if isinstance(pattern, tree.MatchOr):
        found: list[Value] = []
        for element in pattern.children:
            inner = _pattern_values(interp, element)
            if inner is None:
                return None
            found += inner
        return found
    return None


STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    tree.If: _if,
    tree.Match: _match,
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    tree.IfExp: _conditional,
}

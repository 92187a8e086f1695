"""Operators: arithmetic on constants and sequences, comparisons, `and`, `or`, `not`.

Constants are folded within bounds. A comparison of something unknown is an unknown whose key says what was compared, so
that the same test later is decided by what was decided first (see `conditions`). What an operator does to tensors and
arrays is the library's affair.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keraslint.static import library
from keraslint.static.bounds import MOST_ITEMS, MOST_PICKS, MOST_REPEATS
from keraslint.static.conditions import compare, decide, negate, taking, truth
from keraslint.static.interpreter.containers import joined
from keraslint.static.library.python import formats
from keraslint.static.text import tree
from keraslint.static.values import ABSENT, Choice, Const, Data, Dict, Tensor, Unknown, Value, key_of

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

_FOLDS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "&": operator.and_,
    "|": operator.or_,
}

_SEQUENCES: Final = (str, bytes, tuple, list)


# -- arithmetic --------------------------------------------------------------------------------------------------------


def _binary(interp: Interpreter, node: tree.BinaryOperation) -> Value:
    left = interp.eval(node.left)
    right = interp.eval(node.right)
    return binary(interp, node.operator, left, right, node)


def binary(interp: Interpreter, word: str, left: Value, right: Value, node: tree.Node) -> Value:
    """An operator between two values."""
    left, right = interp.state.settle(left), interp.state.settle(right)
    if isinstance(left, (Tensor, Data)) or isinstance(right, (Tensor, Data)):
        return library.arithmetic(interp, word, left, right, interp.at(node))
    if isinstance(left, Choice):
        return interp.state.each(left, lambda one: binary(interp, word, one, right, node))
    if isinstance(right, Choice):
        return interp.state.each(right, lambda one: binary(interp, word, left, one, node))
    if isinstance(left, Const) and isinstance(right, Const):
        return _fold(interp, word, left.value, right.value, node)
    if word == "/" and isinstance(left, Unknown):
        found = library.quotient(left, right, interp.at(node))
        if found is not None:
            return found
    if word in {"+", "*"}:
        found = joined(interp, word, left, right, node)
        if found is not None:
            return found
    if word == "%" and isinstance(left, Const) and isinstance(left.value, str):
        return Unknown(("%", interp.text(node)))
    return interp.unknown((word, key_of(left), key_of(right)))


def _fold(interp: Interpreter, word: str, left: Any, right: Any, node: tree.Node) -> Value:
    """What two constants give, unless it may be large."""
    run = _FOLDS.get(word)
    if run is None or not _is_small(left) or not _is_small(right):
        return Unknown()
    if word == "**" and isinstance(right, (int, float)) and abs(right) > 64:
        return Unknown()
    if word == "%" and isinstance(left, (str, bytes)) and not formats(str(left)):
        return Unknown()
    if word == "*" and (isinstance(left, _SEQUENCES) or isinstance(right, _SEQUENCES)):
        times = right if isinstance(left, _SEQUENCES) else left
        if not isinstance(times, int) or times > MOST_REPEATS:
            return Unknown()
    try:
        return Const(run(left, right), interp.at(node))
    except Exception:
        return Unknown()


def _is_small(value: Any) -> bool:
    if isinstance(value, _SEQUENCES):
        return len(value) <= MOST_ITEMS
    return not isinstance(value, int) or abs(value) < 2**64


def _unary(interp: Interpreter, node: tree.UnaryOperation) -> Value:
    value = interp.state.settle(interp.eval(node.expression))
    if node.operator == "not":
        return interp.state.each(value, negate)
    if node.operator == "-":
        return interp.state.each(value, lambda one: _negative(interp, one, node))
    if node.operator == "+":
        return value
    return Unknown()


def _negative(interp: Interpreter, value: Value, node: tree.Node) -> Value:
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        return Const(-value.value, interp.at(node))
    if isinstance(value, (Data, Tensor)):
        return library.negative(interp, value, interp.at(node))
    return interp.unknown(("neg", key_of(value)))


# -- tests -------------------------------------------------------------------------------------------------------------


def _boolean(interp: Interpreter, node: tree.BooleanOperation) -> Value:
    word = node.operator
    left = interp.state.settle(interp.eval(node.left))
    if isinstance(left, Choice):
        return _combined(interp, word, [left, interp.eval(node.right)])
    verdict = decide(left, interp.state.path)
    if verdict.outcome is not None:
        # python's own short circuit: the deciding operand is the value
        return left if verdict.outcome == (word == "or") else interp.eval(node.right)
    right = interp.state.settle(interp.eval(node.right))
    if isinstance(left, Unknown) and _is_test(right):
        return _combined(interp, word, [left, right])
    first, second = (left, right) if word == "or" else (right, left)
    return interp.state.choose([(verdict.if_true, first), (verdict.if_false, second)])


def _is_test(value: Value) -> bool:
    """Whether only the truth of a value counts, as far as one can tell."""
    return isinstance(value, (Unknown, Choice)) or (isinstance(value, Const) and isinstance(value.value, bool))


def _combined(interp: Interpreter, word: str, tests: list[Value]) -> Value:
    """Several tests joined by `and` or `or`: the one that decides, or an unknown made of those that are left."""
    left: list[Value] = []
    path = interp.state.path
    for index, test in enumerate(tests):
        one = interp.state.settle(test)
        if isinstance(one, Choice):
            return _combined_each(interp, word, left, one, tests[index + 1 :])
        verdict = decide(one, path)
        if verdict.outcome is None:
            left.append(one)
            # the next one is only looked at where this one did not decide
            path = taking(path, verdict.if_true if word == "and" else verdict.if_false)
        elif verdict.outcome == (word == "or"):
            return Const(verdict.outcome) if isinstance(one, Unknown) else one
    if not left:
        return Const(word == "and")
    if len(left) == 1:
        return left[0]
    return interp.unknown((word, *(truth(one) for one in left)))


def _combined_each(interp: Interpreter, word: str, before: list[Value], choice: Choice, after: list[Value]) -> Value:
    return interp.state.each(choice, lambda one: _combined(interp, word, [*before, one, *after]))


def any_equal(interp: Interpreter, subject: Value, values: list[Value]) -> Value:
    """Whether something equals one of several values."""
    tests = [compare("==", subject, value) for value in values]
    return tests[0] if len(tests) == 1 else _combined(interp, "or", tests)


def _comparison(interp: Interpreter, node: tree.Comparison) -> Value:
    left = interp.eval(node.left)
    tests: list[Value] = []
    for target in node.comparisons:
        right = interp.eval(target.comparator)
        tests.append(_compare(interp, target.operator, left, right, node))
        left = right
    return tests[0] if len(tests) == 1 else _combined(interp, "and", tests)


def _compare(interp: Interpreter, word: str, left: Value, right: Value, node: tree.Node) -> Value:
    left, right = interp.state.settle(left), interp.state.settle(right)
    if isinstance(left, Choice):
        return interp.state.each(left, lambda one: _compare(interp, word, one, right, node))
    if isinstance(right, Choice):
        return interp.state.each(right, lambda one: _compare(interp, word, left, one, node))
    data = library.compare(interp, word, left, right, interp.at(node))
    if data is not None:
        return data
    if word in {"in", "not in"}:
        found = _contains(interp, left, right)
        if found is not None:
            return negate(found) if word == "not in" else found
    return compare(word, left, right)


def _contains(interp: Interpreter, value: Value, container: Value) -> Value | None:
    """`value in container`, as far as the items of the container are known."""
    if isinstance(container, Dict) and isinstance(value, Const) and value.hashable:
        found = container.state.get(("item", value.value))
        if isinstance(found, Choice):
            return interp.state.each(found, lambda one: Const(one is not ABSENT))
    items, rest = interp.items_of(container)
    if items is None:
        return None
    if isinstance(value, Const) and all(isinstance(one, Const) for one in items):
        if any(one.value == value.value for one in items if isinstance(one, Const)):
            return Const(True)
        return None if rest else Const(False)
    if not rest and 0 < len(items) <= MOST_PICKS:
        return any_equal(interp, value, list(items))
    return None


EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    tree.BinaryOperation: _binary,
    tree.UnaryOperation: _unary,
    tree.BooleanOperation: _boolean,
    tree.Comparison: _comparison,
}

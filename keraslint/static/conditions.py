"""Conditions: what a test says, when it can be decided, and which decisions its two arms stand for.

Two tests of the same unknown have the same key, so a later test of the same thing is decided by the path. `n != 2` is
the opposite of `n == 2`, `n <= 2` of `n > 2`; `decide` also sees when numbers exclude each other (`n == 1` after `n > 2`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from keraslint.static.values import (
    Bound,
    Class,
    Const,
    Construct,
    Data,
    Dict,
    Function,
    Guard,
    Instance,
    KerasModel,
    Key,
    List,
    Tensor,
    Tuple,
    Unknown,
    Value,
    is_large,
    key_of,
)

OPPOSITE: Final = {"!=": "==", "<=": ">", ">=": "<", "is not": "is", "not in": "in"}
NUMERIC: Final[dict[str, Callable[[Any, Any], Any]]] = {"==": operator.eq, "<": operator.lt, ">": operator.gt}
FLIPPED: Final = {"<": ">", ">": "<", "==": "=="}
OBJECTS: Final = (Bound, Class, Construct, Data, Dict, Function, Instance, KerasModel, List, Tensor, Tuple)
NEVER_CONSTANT: Final = (Bound, Class, Construct, Dict, Function, KerasModel, List)
ALWAYS_TRUE: Final = (Bound, Class, Construct, Function, Instance, KerasModel)


class Verdict(NamedTuple):
    """Whether a test holds (`None`: both are possible), and what is decided by taking each arm."""

    outcome: bool | None
    if_true: Guard = frozenset()
    if_false: Guard = frozenset()


def decide(test: Value, path: Mapping[Key, Any]) -> Verdict:
    """Decide a test on a path, by its own value or by what was decided before."""
    if isinstance(test, Const):
        try:
            return Verdict(bool(test.value))
        except Exception:
            return Verdict(None)
    if isinstance(test, ALWAYS_TRUE):
        return Verdict(True)
    if isinstance(test, Tuple) and not test.rest:
        return Verdict(bool(test.items))
    key = test.key if isinstance(test, Unknown) else ("truth", key_of(test))
    return decide_key(key, path)


def decide_key(key: Key, path: Mapping[Key, Any]) -> Verdict:
    """Decide a condition by its key."""
    if isinstance(key, tuple) and key and key[0] == "not":
        inner = decide_key(key[1], path)
        return Verdict(None if inner.outcome is None else not inner.outcome, inner.if_false, inner.if_true)
    known = path.get(key)
    if known is None:
        known = implied(key, path)
    if isinstance(key, tuple) and len(key) == 3 and key[0] == "==" and known is None:
        picked = path.get(("pick", key[1]))
        if picked is not None and isinstance(key[2], tuple) and key[2][0] == "c":
            known = picked == key[2][2]
    return Verdict(
        known if known is None or isinstance(known, bool) else None, frozenset({(key, True)}), frozenset({(key, False)})
    )


def implied(key: Key, path: Mapping[Key, Any]) -> bool | None:
    """What earlier comparisons of the same unknown with other constants say about this one."""
    wanted = comparison(key)
    if wanted is None:
        return None
    subject, word, constant = wanted
    known = [
        (other[1], other[2], outcome)
        for atom, outcome in path.items()
        if (other := comparison(atom)) and other[0] == subject
    ]
    if not known:
        return None
    outcomes = {
        NUMERIC[word](number, constant)
        for number in candidates([constant, *(other for _, other, _ in known)])
        if all(holds(number, other_word, other, outcome=outcome) for other_word, other, outcome in known)
    }
    return outcomes.pop() if len(outcomes) == 1 else None


def holds(number: Any, word: str, constant: Any, *, outcome: bool) -> bool:
    try:
        return bool(NUMERIC[word](number, constant)) == outcome
    except TypeError:
        return True


def candidates(constants: Iterable[Any]) -> list[Any]:
    """Numbers that stand for every case between and beside the constants; the texts themselves and one other text."""
    found: list[Any] = []
    for one in constants:
        if isinstance(one, (int, float)):
            found += [one - 1, one - 0.5, one, one + 0.5, one + 1]
        else:
            found += [one, object()]
    return found


def comparison(key: Key) -> tuple[Key, str, Any] | None:
    """`(subject, word, constant)` of a key that compares an unknown with a number or text."""
    if not (isinstance(key, tuple) and len(key) == 3 and key[0] in NUMERIC):
        return None
    word, left, right = key
    if is_constant(right) and not is_constant(left):
        return left, word, right[2]
    if is_constant(left) and not is_constant(right):
        return right, FLIPPED[word], left[2]
    return None


def is_constant(key: Any) -> bool:
    return isinstance(key, tuple) and len(key) == 3 and key[0] == "c" and isinstance(key[2], (int, float, str))


def comparer(word: str) -> Callable[[Value, Value], Value]:
    negated = word in OPPOSITE
    plain = OPPOSITE.get(word, word)

    def compare(left: Value, right: Value) -> Value:
        found = evaluate(plain, left, right)
        if found is not None:
            return Const(found != negated)
        key = (plain, key_of(left), key_of(right))
        if is_large(key):
            return Unknown()
        return Unknown(("not", key) if negated else key)

    return compare


def evaluate(word: str, left: Value, right: Value) -> bool | None:
    """The outcome of a comparison of known values."""
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            if word == "is":
                return left.value is right.value or (
                    type(left.value) is type(right.value) and left.value == right.value
                )
            if word == "in":
                return left.value in right.value
            return bool(NUMERIC[word](left.value, right.value))
        except Exception:
            return None
    if word in {"is", "=="} and left is right:
        return True
    if word in {"is", "=="}:
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Const) and one.value is None and isinstance(other, OBJECTS):
                return False
    if word == "==":
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Const) and isinstance(other, NEVER_CONSTANT):
                return False
    if word == "==" and (isinstance(left, Tuple) and isinstance(right, Tuple)) and not (left.rest or right.rest):
        if len(left.items) != len(right.items):
            return False
        parts = [evaluate("==", one, two) for one, two in zip(left.items, right.items, strict=True)]
        return False if False in parts else (None if None in parts else True)
    return None


def negate(value: Value, _same: Value) -> Value:
    verdict = decide(value, {})
    if verdict.outcome is not None:
        return Const(not verdict.outcome)
    key = value.key if isinstance(value, Unknown) else ("truth", key_of(value))
    if isinstance(key, tuple) and key and key[0] == "not":
        return Unknown(key[1])
    return Unknown(("not", key))


CONDITIONS: Final[dict[str, Callable[[Value, Value], Value]]] = {
    **{word: comparer(word) for word in ("==", "!=", "<", ">", "<=", ">=", "is", "is not", "in", "not in")},
    "not": negate,
}

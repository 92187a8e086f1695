"""Conditions: what a test says, when it can be decided, and which decisions its two arms stand for.

Two tests of the same unknown have the same key, so a later test of the same thing is decided by the path. `n != 2` is
the opposite of `n == 2`, `n <= 2` of `n > 2`; numbers that exclude each other are seen (`n == 1` after `n > 2`), and so
is what an unknown index was taken to be (`losses[n]` beside `n == 2`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from math import inf
from typing import Any, Final, NamedTuple

from keraslint.static.bounds import MOST_DECISIONS, MOST_TESTS
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

_OPPOSITE: Final = {"!=": "==", "<=": ">", ">=": "<", "is not": "is", "not in": "in"}
_FLIPPED: Final = {"<": ">", ">": "<", "==": "==", "is": "is"}
_TESTS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "is": lambda one, other: one is other or (type(one) is type(other) and one == other),
    "truth": lambda one, _: one,
}
_NUMBERS: Final = (int, float)
_CONSTANTS: Final = (int, float, str, type(None))
_WITH_FRACTIONS: Final = 2**48
_OBJECTS: Final = (Bound, Class, Construct, Data, Dict, Function, Instance, KerasModel, List, Tensor, Tuple)
_NEVER_CONSTANT: Final = (Bound, Class, Construct, Dict, Function, KerasModel, List)
_ALWAYS_TRUE: Final = (Bound, Class, Construct, Function, Instance, KerasModel)


class Verdict(NamedTuple):
    """Whether a test holds (`None`: both are possible), and what is decided by taking each arm."""

    outcome: bool | None
    if_true: Guard = frozenset()
    if_false: Guard = frozenset()


class NoneOf(NamedTuple):
    """An outcome: an unknown index is none of these keys."""

    keys: frozenset[Any]


# -- making tests ------------------------------------------------------------------------------------------------------


def compare(word: str, left: Value, right: Value) -> Value:
    """A comparison by its operator: a constant where the outcome is known, else the unknown that stands for it."""
    plain = _OPPOSITE.get(word, word)
    found = _evaluate(plain, left, right)
    if found is not None:
        return Const(found == (plain == word))
    key = (plain, key_of(left), key_of(right))
    if is_large(key):
        return Unknown()
    return Unknown(key if plain == word else ("not", key))


def negate(test: Value) -> Value:
    """The opposite of a test."""
    outcome = decide(test, {}).outcome
    if outcome is not None:
        return Const(not outcome)
    key = truth(test)
    return Unknown(key[1] if _is_negated(key) else ("not", key))


def _evaluate(word: str, left: Value, right: Value) -> bool | None:
    """The outcome of a comparison, as far as the values are known."""
    if isinstance(left, Const) and isinstance(right, Const):
        return _evaluate_constants(word, left.value, right.value)
    if word not in {"is", "=="}:
        return None
    if left is right:
        return True
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const):
            if one.value is None and isinstance(other, _OBJECTS):
                return False
            if word == "==" and isinstance(other, _NEVER_CONSTANT):
                return False
    if word == "==" and isinstance(left, Tuple) and isinstance(right, Tuple) and not (left.rest or right.rest):
        if len(left.items) != len(right.items):
            return False
        parts = [_evaluate("==", one, two) for one, two in zip(left.items, right.items, strict=True)]
        return False if False in parts else (None if None in parts else True)
    return None


def _evaluate_constants(word: str, left: Any, right: Any) -> bool | None:
    try:
        if word == "in":
            # in a range, all but a whole number is looked for one by one
            return left in right if not isinstance(right, range) or type(left) is int else None
        return bool(_TESTS[word](left, right))
    except Exception:
        return None


# -- deciding them -----------------------------------------------------------------------------------------------------


def decide(test: Value, path: Mapping[Key, Any]) -> Verdict:
    """Decide a test on a path, by its own value or by what was decided before."""
    if isinstance(test, Unknown):
        return decide_key(test.key, path)
    if isinstance(test, Const):
        try:
            return Verdict(bool(test.value))
        except Exception:
            return Verdict(None)
    if isinstance(test, _ALWAYS_TRUE):
        return Verdict(True)
    if isinstance(test, List):
        test = test.state["items"]
    if isinstance(test, Tuple) and not test.rest:
        return Verdict(bool(test.items))
    if isinstance(test, Dict) and not test.rest:
        return Verdict(any(test.items()))
    return decide_key(truth(test), path)


def decide_key(key: Any, path: Mapping[Key, Any]) -> Verdict:
    """Decide a condition by its key."""
    word = key[0] if isinstance(key, tuple) and key else None
    if word == "not":
        inner = decide_key(key[1], path)
        return Verdict(None if inner.outcome is None else not inner.outcome, inner.if_false, inner.if_true)
    if word in {"and", "or"}:
        return _decide_parts(word, key, path)
    known = path.get(key)
    if known is None and path:
        known = _implied(key, path)
    outcome = known if isinstance(known, bool) else None
    return Verdict(outcome, frozenset({(key, True)}), frozenset({(key, False)}))


def _decide_parts(word: str, key: Any, path: Mapping[Key, Any]) -> Verdict:
    """Decide tests joined by `and` or `or`. Where all parts must hold (or none may), each is decided by that arm."""
    parts = [decide_key(part, path) for part in key[1:]]
    outcomes = [part.outcome for part in parts]
    decisive = word == "or"
    known = decisive if decisive in outcomes else path.get(key, None if None in outcomes else not decisive)
    whole = {outcome: frozenset({(key, outcome)}) for outcome in (True, False)}
    every = frozenset().union(*(part.if_false if decisive else part.if_true for part in parts))
    whole[not decisive] |= every
    return Verdict(known, whole[True], whole[False])


def taking(path: Mapping[Key, Any], guard: Guard) -> dict[Key, Any]:
    """A path with some more decisions. That an index is none of some keys says less than which one it is."""
    made = dict(path)
    for atom, outcome in guard:
        if not (isinstance(outcome, NoneOf) and atom in made):
            made[atom] = outcome
    return made


def fits(known: Any, outcome: Any) -> bool:
    """Whether two outcomes of one decision can both be: the same, or what was picked and what was not."""
    if known == outcome:
        return True
    if isinstance(outcome, NoneOf):
        return isinstance(known, NoneOf) or known not in outcome.keys
    return isinstance(known, NoneOf) and outcome not in known.keys


def allows(path: Mapping[Key, Any], guard: Guard) -> bool:
    """Whether some more decisions fit to those already taken on a path."""
    if not path:
        return True
    for atom, outcome in guard:
        if atom in path:
            if not fits(path[atom], outcome):
                return False
        elif isinstance(atom, tuple) and atom[0] == "pick":
            if not _may_be(atom[1], outcome, path):
                return False
        elif isinstance(outcome, bool):
            decided = decide_key(atom, path).outcome
            if decided is not None and decided != outcome:
                return False
    return True


def _may_be(subject: Key, picked: Any, path: Mapping[Key, Any]) -> bool:
    """Whether an unknown index may be a key, or none of some."""
    if isinstance(picked, NoneOf):
        return not any(_implied(_equals(subject, key), path) for key in picked.keys)
    return _implied(_equals(subject, picked), path) is not False


def is_default(atom: Any, outcome: Any) -> bool:
    """Whether a decision says that an option has its default. All defaults hold in the same run."""
    return isinstance(atom, tuple) and atom[0] == "pick" and atom[1][:2] == ("u", "option") and outcome == 0


def truth(test: Value) -> Any:
    """The key of the question whether a value is true."""
    return test.key if isinstance(test, Unknown) else ("truth", key_of(test))


def _is_negated(key: Any) -> bool:
    return isinstance(key, tuple) and bool(key) and key[0] == "not"


def _implied(key: Key, path: Mapping[Key, Any]) -> bool | None:
    """What earlier tests of the same unknown against constants say about this one."""
    subject, word, constant = _test(key)
    known = list(islice(_known(path, subject), MOST_TESTS + 1)) if len(path) <= MOST_DECISIONS else []
    if not known or len(known) > MOST_TESTS:
        return None
    outcomes = {
        _holds(one, word, constant)
        for one in _candidates([constant, *(other for _, other, _ in known)])
        if all(_holds(one, other_word, other) is outcome for other_word, other, outcome in known)
    }
    # a candidate that cannot be compared is none: the program would have ended there
    outcomes.discard(None)
    return outcomes.pop() if len(outcomes) == 1 else None


def _known(path: Mapping[Key, Any], subject: Key) -> Iterator[tuple[str, Any, bool]]:
    """Tests of one unknown against constants that are decided on a path, with their outcomes."""
    for atom, outcome in path.items():
        if isinstance(atom, tuple) and atom[0] == "pick":
            if atom[1] != subject:
                continue
            if isinstance(outcome, NoneOf):
                yield from (("==", key, False) for key in outcome.keys if isinstance(key, _CONSTANTS))
            elif isinstance(outcome, _CONSTANTS):
                yield "==", outcome, True
        else:
            other, word, constant = _test(atom)
            if other == subject:
                yield word, constant, outcome


def _holds(one: Any, word: str, constant: Any) -> bool | None:
    try:
        return bool(_TESTS[word](one, constant))
    except TypeError:
        return None


def _candidates(constants: Iterable[Any]) -> list[Any]:
    """What stands for every case: numbers between and beside the constants, other constants, and something else."""
    found: list[Any] = [-inf, 0, 1, inf, None, object()]
    for one in constants:
        found.append(one)
        if isinstance(one, (int, float)) and abs(one) < _WITH_FRACTIONS:
            found += [one - 1, one - 0.5, one + 0.5, one + 1]
    return found


def _test(key: Any) -> tuple[Key, str, Any]:
    """What a key tests: the unknown, the comparison and the constant; `truth` for a test of the unknown itself."""
    if isinstance(key, tuple) and len(key) == 3 and key[0] in _TESTS:
        word, left, right = key
        kinds = _NUMBERS if word in {"<", ">"} else _CONSTANTS
        if _is_constant(right, kinds):
            return left, word, right[2]
        if _is_constant(left, kinds):
            return right, _FLIPPED[word], left[2]
    return key, "truth", None


def _equals(subject: Key, value: Any) -> Key:
    return ("==", subject, key_of(Const(value)))


def _is_constant(key: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(key, tuple) and len(key) == 3 and key[0] == "c" and isinstance(key[2], kinds)

"""What is true where: the state that branches change, undo and join.

Variables and attributes live in plain dictionaries. Whoever changes one calls `State.write`, which remembers the old
value while branches are being tried. After the branches the writes are joined: where they differ, the name holds a
`Choice` whose alternatives carry the decisions that lead to them, so that values from different branches are never
paired crosswise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from keraslint.static.bounds import MOST_ALTERNATIVES, MOST_DECISIONS
from keraslint.static.conditions import fits, taking
from keraslint.static.values import ABSENT, Choice, Guard, Key, OneOfMany, Unknown, Value, key_of

R = TypeVar("R")

Journal = dict[tuple[int, Any], tuple[dict[Any, Any], Any, Any]]
"""Writes: (identity of the dictionary, key) -> the dictionary, the key, a value."""

MISSING: Any = object()
"""Where nothing stood before a write."""


def consistent(left: Guard, right: Guard) -> bool:
    """Whether both sets of decisions can hold at once."""
    return not left or not right or _agrees(dict(left), right)


def _agrees(known: Mapping[Key, Any], guard: Guard) -> bool:
    """Whether decisions that were taken fit to some others."""
    for atom, outcome in guard:
        found = known.get(atom, outcome)
        if found is not outcome and not fits(found, outcome):
            return False
    return True


class State:
    """The decisions on the current path, and the writes that may have to be undone."""

    def __init__(self) -> None:
        self.path: dict[Key, Any] = {}
        self.work = 0
        """Places that were joined and items that were copied since somebody last looked."""
        self._trails: list[Journal] = []

    @property
    def guard(self) -> Guard:
        return frozenset(self.path.items())

    def write(self, where: dict[Any, Any], key: Any, value: Any) -> None:
        """Set `where[key]`; undone and joined if this happens in a branch."""
        if self._trails:
            mark = (id(where), key)
            trail = self._trails[-1]
            if mark not in trail:
                trail[mark] = (where, key, where.get(key, MISSING))
        where[key] = value

    @property
    def depth(self) -> int:
        """How many branches are being tried at this moment, one inside the other."""
        return len(self._trails)

    def writes(self, depth: int) -> Journal:
        """All that was written inside the branches that began after `depth`, with its present value."""
        found: Journal = {}
        for trail in self._trails[depth:]:
            found.update(_present(trail))
        return found

    def adopt(self, ways: list[tuple[Guard, Journal]]) -> None:
        """Take over what was written on several ways that end here; where one wrote nothing, the present stands."""
        if len(ways) == 1:
            for where, key, value in ways[0][1].values():
                self._put(where, key, value)
            return
        marks = {mark: (row[0], row[1]) for _, journal in ways for mark, row in journal.items()}
        for mark, (where, key) in marks.items():
            now = where.get(key, MISSING)
            found = [(guard, journal[mark][2] if mark in journal else now) for guard, journal in ways]
            self._join_place(where, key, found)

    def watch(self, run: Callable[[], R]) -> tuple[R, Journal]:
        """Run something and tell what it gave and what it wrote: each place with its value from before."""
        trail: Journal = {}
        self._trails.append(trail)
        try:
            result = run()
        finally:
            self._trails.pop()
            if self._trails:
                outer = self._trails[-1]
                for mark, row in trail.items():
                    outer.setdefault(mark, row)
        return result, trail

    def fork(self, cases: Sequence[tuple[Guard, Callable[[], R]]]) -> list[tuple[Guard, R]]:
        """Run each case on its own copy of the state, then join what those still alive have written.

        A case that ends with `Dead` leaves no writes behind: whoever raised it has kept what matters. The answer has a
        row for each of the others: its decisions and its result. Raises `Dead` when there is none. When exactly one
        survives, its decisions hold from here on.
        """
        rows: list[tuple[Guard, R]] = []
        journals: list[Journal] = []
        originals: Journal = {}
        learned = before = self.path
        for guard, run in cases:
            self.path = learned = taking(before, guard)
            trail: Journal = {}
            self._trails.append(trail)
            try:
                result = run()
            except Dead:
                pass
            else:
                if self.path is not learned:
                    # a case in which others have died knows more than what it began with
                    guard |= frozenset(self.path.items()) - frozenset(before.items())
                rows.append((guard, result))
                journals.append(_present(trail))
            finally:
                self._trails.pop()
                for mark, row in trail.items():
                    originals.setdefault(mark, row)
                    where, key, old = row
                    if old is MISSING:
                        where.pop(key, None)
                    else:
                        where[key] = old
                self.path = before
        self.work += len(cases) + len(originals)
        if not rows:
            raise Dead
        if len(rows) == 1:
            self.path = learned_from(before, rows[0][0])
            for where, key, value in journals[0].values():
                self._put(where, key, value)
        else:
            self._join([(guard, journal) for (guard, _), journal in zip(rows, journals, strict=True)], originals)
        return rows

    def _put(self, where: dict[Any, Any], key: Any, value: Any) -> None:
        if value is MISSING:
            if key in where:
                self.write(where, key, None)
                where.pop(key, None)
        else:
            self.write(where, key, value)

    def _join(self, branches: list[tuple[Guard, Journal]], originals: Journal) -> None:
        written: dict[tuple[int, Any], list[tuple[Guard, Any]]] = {}
        for guard, journal in branches:
            for mark, (_, _, value) in journal.items():
                written.setdefault(mark, []).append((guard, value))
        for mark, (where, key, old) in originals.items():
            found = written.get(mark)
            if found is None:
                continue
            if old is not MISSING or (isinstance(key, tuple) and key[0] == "item"):
                found = [(guard, journal[mark][2] if mark in journal else old) for guard, journal in branches]
            self.work += len(found)
            self._join_place(where, key, found)

    def _join_place(self, where: dict[Any, Any], key: Any, found: list[tuple[Guard, Any]]) -> None:
        """What a place holds after several ways.

        A name that only some of them bind has what they bind. An entry of a dictionary may be absent, and what is no
        value (the place where an entry is written) is that of any of them.
        """
        if isinstance(key, tuple) and key[0] == "item":
            found = [(guard, ABSENT if value is MISSING else value) for guard, value in found]
        present = [(guard, value) for guard, value in found if value is not MISSING]
        if all(isinstance(value, Value) for _, value in present):
            if present:
                self.write(where, key, self.choose(present))
        else:
            self.write(where, key, present[-1][1])

    def choose(self, found: Iterable[tuple[Guard, Value]]) -> Value:
        """One value of several with their decisions: the value itself when they are all the same, else a `Choice`."""
        flat: list[tuple[Guard, Value]] = []
        for guard, value in found:
            if isinstance(value, Choice):
                known = dict(guard)
                flat += [(guard | inner, one) for inner, one in value.alternatives if _agrees(known, inner)]
            else:
                flat.append((guard, value))
        if not flat:
            return Unknown()
        first = flat[0][1]
        key = key_of(first)
        for _, value in flat:
            if value is not first and key_of(value) != key:
                return Choice(tuple(flat)) if len(flat) <= MOST_ALTERNATIVES else OneOfMany()
        return first

    def settle(self, value: Value) -> Value:
        """The value on the current path: a choice that the path has decided is its outcome."""
        if type(value) is not Choice or not self.path:
            return value
        path = self.path
        while isinstance(value, Choice):
            left = [row for row in value.alternatives if _agrees(path, row[0])]
            if len(left) == 1:
                value = left[0][1]
            elif not left:
                return Unknown()
            else:
                return value if len(left) == len(value.alternatives) else Choice(tuple(left))
        return value

    def each(self, value: Value, run: Callable[[Value], Value]) -> Value:
        """Do something with a value, once for every alternative that the path allows."""
        value = self.settle(value)
        return self.choose(self.fork_over(value, run)) if isinstance(value, Choice) else run(value)

    def fork_over(self, choice: Choice, run: Callable[[Value], R]) -> list[tuple[Guard, R]]:
        """Do something with every alternative of a choice, each on its own copy of the state."""
        return self.fork([(guard, _later(run, one)) for guard, one in choice.alternatives])


def learned_from(path: dict[Key, Any], guard: Guard) -> dict[Key, Any]:
    """A path behind decisions that all who are still there have taken; a very long one is not made longer."""
    return taking(path, guard) if len(path) < MOST_DECISIONS else path


def _present(trail: Journal) -> Journal:
    """The writes of a trail with the values of now instead of those from before."""
    return {mark: (where, key, where.get(key, MISSING)) for mark, (where, key, _) in trail.items()}


def _later(run: Callable[[Value], R], value: Value) -> Callable[[], R]:
    return lambda: run(value)


class Dead(Exception):
    """The rest of this path is never reached: it has returned, broken out, or raised."""

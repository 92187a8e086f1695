"""What lists, sets and dictionaries hold, and how that changes.

Where items are not known a sequence has a gap, and a dictionary says that there is a rest. Nothing behind a gap is ever
taken for a known item, and what may have been replaced is not known any more. How a program writes all this stands in
`interpreter.containers`, and in `python` what its methods are called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from keraslint.static.bounds import MOST_ITEMS, MOST_PICKS
from keraslint.static.conditions import NoneOf
from keraslint.static.values import ABSENT, GAP, NONE, Choice, Const, Dict, Guard, List, Site, Tuple, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

Items = tuple[Value, ...]


def items_of(interp: Interpreter, value: Value) -> tuple[Items | None, bool]:
    """The items of a list or tuple, and whether more may follow; the keys of a dictionary."""
    value = interp.state.settle(value)
    if isinstance(value, List):
        value = interp.state.settle(value.state["items"])
    if isinstance(value, Tuple):
        return value.items, value.rest
    if isinstance(value, Dict):
        return tuple(Const(key) for key, _ in value.items()), value.rest
    if isinstance(value, Const) and isinstance(value.value, (tuple, list)):
        return tuple(Const(item, value.site) for item in value.value), False
    return None, True


def alternatives(interp: Interpreter, value: Value) -> Value:
    """A list whose items hang on decisions as a choice of tuples; anything else as it is."""
    items = interp.state.settle(value.state["items"]) if isinstance(value, List) else None
    return items if isinstance(items, Choice) else value


def place_of(items: Items, index: Value) -> int | None:
    """Which item an index means, if it is known and no gap lies on the way to it."""
    if not isinstance(index, Const) or type(index.value) is not int:
        return None
    at = index.value
    if not -len(items) <= at < len(items) or GAP in (items[at:] if at < 0 else items[: at + 1]):
        return None
    return at % len(items)


def sliced(items: Items, at: slice) -> Items:
    """`items[at]` for constant ends; nothing but a gap where one lies on the way to an end."""
    if GAP in items:
        if at.step == -1 and at.start is None and at.stop is None:
            return items[::-1]
        ends = [end for end in (at.start, at.stop) if end is not None]
        if at.step not in {None, 1} or any(GAP in (items[end:] if end < 0 else items[:end]) for end in ends):
            return (GAP,)
    return items[at]


# -- lists and sets ----------------------------------------------------------------------------------------------------


def change_items(interp: Interpreter, owner: List, change: Callable[[Items], Items]) -> None:
    """Give a list other items, made from those that it has: from each alternative when these hang on decisions."""

    def one(now: Value) -> Value:
        items = change(now.items) if isinstance(now, Tuple) else (GAP,)
        interp.state.work += len(items) // 8
        return Tuple(items if len(items) <= MOST_ITEMS else (*items[:MOST_ITEMS], GAP))

    now = interp.state.settle(owner.state["items"])
    if isinstance(now, Choice):
        changed = interp.state.choose((guard, one(items)) for guard, items in now.alternatives)
    else:
        changed = one(now)
    interp.state.write(owner.state, "items", changed)


def extend(interp: Interpreter, owner: List, added: Value) -> None:
    """Put the items of another value behind those of a list."""
    more, rest = items_of(interp, added)
    if more is None:
        more = (GAP,)
    elif rest and GAP not in more:
        more = (*more, GAP)
    change_items(interp, owner, lambda items: (*items, *more))


def add_to_set(interp: Interpreter, owner: List, added: Iterable[Value]) -> None:
    """Put items into a set that are not there yet. How many different things some unknowns are is not known."""
    found = list(added)

    def change(items: Items) -> Items:
        there = {one.value for one in items if isinstance(one, Const) and one.hashable}
        fresh: list[Value] = []
        for one in found:
            if not isinstance(one, Const) or not one.hashable:
                fresh += (one, GAP)
            elif one.value not in there:
                there.add(one.value)
                fresh.append(one)
        return (*items, *fresh)

    change_items(interp, owner, change)


def make_set(interp: Interpreter, items: Iterable[Value], site: Site) -> List:
    """A set of these items."""
    made = List((), site)
    add_to_set(interp, made, items)
    return made


def replace_item(interp: Interpreter, owner: List, index: Value, value: Value) -> None:
    """`owner[index] = value`; when the index is not known, any item may be another now."""

    def change(items: Items) -> Items:
        at = place_of(items, index)
        if at is None:
            return tuple(one if one is GAP else Unknown() for one in items)
        return (*items[:at], value, *items[at + 1 :])

    change_items(interp, owner, change)


def remove_item(interp: Interpreter, owner: List, index: Value) -> None:
    """`del owner[index]`; when the index is not known, what is left is not known."""

    def change(items: Items) -> Items:
        at = place_of(items, index)
        return (GAP,) if at is None else (*items[:at], *items[at + 1 :])

    change_items(interp, owner, change)


# -- dictionaries ------------------------------------------------------------------------------------------------------


def entry(interp: Interpreter, owner: Dict, key: Any) -> Value | None:
    """What a dictionary holds for a key; `ABSENT` is among its alternatives where it may hold nothing."""
    found = owner.state.get(("item", key))
    found = interp.state.settle(found) if isinstance(found, Value) else None
    return None if found is ABSENT else found


def present(interp: Interpreter, found: Value, default: Value | None = None) -> Value:
    """An entry with a default in the place of its absence; without one, that it is absent is left out."""
    if not isinstance(found, Choice) or all(one is not ABSENT for _, one in found.alternatives):
        return found
    rows = [(guard, default if one is ABSENT else one) for guard, one in found.alternatives]
    return interp.state.choose((guard, one) for guard, one in rows if one is not None)


def any_of(
    interp: Interpreter, index: Unknown, entries: Iterable[tuple[Any, Value]], default: Value | None = None
) -> Value:
    """Every entry is possible: the decision is that the index equals its key. A default stands for all other keys."""
    pick = ("pick", index.key)
    rows: list[tuple[Guard, Value]] = [(frozenset({(pick, key)}), one) for key, one in entries]
    if default is not None:
        others = NoneOf(frozenset(key for guard, _ in rows for _, key in guard))
        rows.append((frozenset({(pick, others)}), default))
    return interp.state.choose(rows)


def any_entry(interp: Interpreter, owner: Dict, index: Unknown, default: Value | None = None) -> Value | None:
    """What a dictionary holds for a key that is not known; nothing when that cannot be told."""
    entries = list(owner.items())
    if owner.rest or not 0 < len(entries) <= MOST_PICKS:
        return None
    return any_of(interp, index, entries, default)


def remove_entry(interp: Interpreter, owner: Dict, key: Value) -> None:
    """`del owner[key]`."""
    if isinstance(key, Const) and key.hashable:
        interp.state.write(owner.state, ("item", key.value), ABSENT)
    else:
        forget_entries(interp, owner)


def forget_entries(interp: Interpreter, owner: Dict) -> None:
    """Any entry of a dictionary may be another now."""
    for key, _ in list(owner.items()):
        interp.state.write(owner.state, ("item", key), Unknown())
    interp.state.write(owner.state, "rest", NONE)


def merged(interp: Interpreter, value: Value, site: Site) -> Value:
    """One dictionary that stands for several, of which decisions choose one."""
    value = interp.state.settle(value)
    if not isinstance(value, Choice):
        return value
    made = Dict(site)
    for _, one in value.alternatives:
        if not isinstance(one, Dict):
            return value
        made.state.update(one.state)
    for key in made.state:
        if isinstance(key, tuple) and key[0] == "item":
            rows = [(guard, one.state.get(key, ABSENT)) for guard, one in value.alternatives if isinstance(one, Dict)]
            made.state[key] = interp.state.choose(rows)
    return made


def take_over(made: Dict, added: Value) -> None:
    """Put the entries of another value into a dictionary that nobody else has yet."""
    if not isinstance(added, Dict) or "rest" in added.state:
        # any entry may be another now
        made.state.clear()
        made.state["rest"] = NONE
    if isinstance(added, Dict):
        made.state.update(added.state)

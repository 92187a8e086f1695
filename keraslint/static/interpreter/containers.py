"""Lists, tuples and dictionaries as they are written, what an index takes out of them, what a loop goes through.

What they hold and how it changes is the affair of `items`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from keraslint.static import derived, library
from keraslint.static.bounds import MOST_ITEMS, MOST_PICKS
from keraslint.static.items import any_entry, any_of, entry, items_of, make_set, place_of, present, sliced, take_over
from keraslint.static.text import tree
from keraslint.static.values import (
    GAP,
    NONE,
    Choice,
    Const,
    Data,
    Dict,
    List,
    Tensor,
    Tuple,
    Unknown,
    Value,
    content_key,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


# -- displays ----------------------------------------------------------------------------------------------------------


def _tuple(interp: Interpreter, node: tree.Tuple) -> Value:
    items, rest = _elements(interp, node.elements)
    return Tuple(items, rest=rest)


def _list(interp: Interpreter, node: tree.List) -> Value:
    items, rest = _elements(interp, node.elements)
    return List(items, interp.at(node), rest=rest)


def _set(interp: Interpreter, node: tree.Set) -> Value:
    return make_set(interp, _elements(interp, node.elements)[0], interp.at(node))


def _elements(interp: Interpreter, elements: Sequence[tree.Element]) -> tuple[tuple[Value, ...], bool]:
    found: list[Value] = []
    rest = False
    for element in elements:
        value = interp.eval(element.value)
        if isinstance(element, tree.StarredElement):
            items, more = items_of(interp, value)
            found += items if items is not None else (GAP,)
            rest = rest or more
        else:
            found.append(value)
    return tuple(found), rest


def _dict(interp: Interpreter, node: tree.Dict) -> Value:
    made = Dict(interp.at(node))
    for element in node.elements:
        if isinstance(element, tree.DictElement):
            key = interp.state.settle(interp.eval(element.key))
            value = interp.eval(element.value)
            if isinstance(key, Const) and key.hashable:
                made.state["item", key.value] = value
                made.state["site", key.value] = interp.at(element)
            else:
                made.state["rest"] = NONE
        else:
            take_over(made, interp.state.settle(interp.eval(element.value)))
    return made


# -- what they hold -------------------------------------------------------------------------------------------------


def iterate(interp: Interpreter, value: Value, node: tree.Node) -> tuple[Iterable[Value], bool]:
    """What a loop goes through, and whether that is all. Unknown content gives one unknown item."""
    value = interp.state.settle(value)
    each = ("each", key_of(value), id(node))
    items, rest = items_of(interp, value)
    if items is not None:
        return [Unknown(each) if one is GAP else one for one in items] if rest else items, not rest
    if isinstance(value, Const) and isinstance(value.value, (str, range)):
        return (Const(one, value.site) for one in value.value), True
    found = library.iterate(value)
    return found if found is not None else [Unknown(each)], False


def joined(interp: Interpreter, word: str, left: Value, right: Value, node: tree.Node) -> Value | None:
    """`a + b` and `a * n` of sequences; nothing when it is something else."""
    items, rest = items_of(interp, left)
    if items is None:
        return None
    if word == "*":
        if not (isinstance(right, Const) and type(right.value) is int):
            return None
        times = max(right.value, 0)
        if len(items) * times > MOST_ITEMS:
            return None
        items *= times
    else:
        second, more = items_of(interp, right)
        if second is None or len(items) + len(second) > MOST_ITEMS:
            return None
        items, rest = items + second, rest or more
    return Tuple(items, rest=rest) if isinstance(left, Tuple) else List(items, interp.at(node), rest=rest)


# -- what an index takes out -------------------------------------------------------------------------------------------


def index_of(interp: Interpreter, node: tree.Subscript) -> Value:
    """The index of a subscript: a constant, a tuple, or `Const(slice(...))` with constant ends."""
    found: list[Value] = []
    for part in node.slice:
        if isinstance(part, tree.Slice):
            ends = [_end(interp, end) for end in (part.lower, part.upper, part.step)]
            found.append(Const(slice(*ends), interp.at(node)))
        else:
            found.append(interp.eval(part))
    return found[0] if len(found) == 1 else Tuple(tuple(found))


def _end(interp: Interpreter, node: tree.Expression | None) -> Any:
    if node is None:
        return None
    value = interp.state.settle(interp.eval(node))
    return value.value if isinstance(value, Const) and type(value.value) is int else value


def _subscript(interp: Interpreter, node: tree.Subscript) -> Value:
    owner = interp.eval(node.value)
    found = _item(interp, owner, index_of(interp, node), node)
    if id(node.value) in interp.record.derived:
        derived.note(interp, node, found)
    return found


def _item(interp: Interpreter, owner: Value, index: Value, node: tree.Node) -> Value:
    owner, index = interp.state.settle(owner), interp.state.settle(index)
    if isinstance(owner, Choice):
        return interp.state.each(owner, lambda one: _item(interp, one, index, node))
    if isinstance(owner, (Tensor, Data)):
        items, rest = None, True
    else:
        if isinstance(index, Choice):
            return interp.state.each(index, lambda one: _item(interp, owner, one, node))
        if isinstance(owner, Dict):
            return _dict_item(interp, owner, index)
        items, rest = items_of(interp, owner)
    if isinstance(index, Const):
        if items is not None:
            return _list_item(interp, owner, items, index)
        if isinstance(owner, Const):
            try:
                return Const(owner.value[index.value], owner.site)
            except Exception:
                return Unknown()
    if items and not rest and isinstance(index, Unknown) and len(items) <= MOST_PICKS:
        return any_of(interp, index, enumerate(items))
    special = library.item(interp, owner, index, interp.at(node))
    if special is not None:
        return special
    return interp.unknown(("item", content_key(owner), key_of(index)))


def _list_item(interp: Interpreter, owner: Value, items: tuple[Value, ...], index: Const) -> Value:
    at = index.value
    if isinstance(at, slice) and all(end is None or type(end) is int for end in (at.start, at.stop, at.step)):
        try:
            taken = sliced(items, at)
        except ValueError:
            return Unknown()
        return Tuple(taken) if isinstance(owner, Tuple) else List(taken)
    place = place_of(items, index)
    if place is not None:
        return interp.state.settle(items[place])
    return interp.unknown(("item", content_key(owner), key_of(index)))


def _dict_item(interp: Interpreter, owner: Dict, index: Value) -> Value:
    """What a dictionary holds for a key, which may be an unknown that is one of its keys."""
    if isinstance(index, Const) and index.hashable:
        found = entry(interp, owner, index.value)
        if found is not None:
            return present(interp, found)
    elif isinstance(index, Unknown):
        picked = any_entry(interp, owner, index)
        if picked is not None:
            return picked
    return interp.unknown(("item", key_of(owner), key_of(index)))


EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    tree.Tuple: _tuple,
    tree.List: _list,
    tree.Set: _set,
    tree.Dict: _dict,
    tree.Subscript: _subscript,
}

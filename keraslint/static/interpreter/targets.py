"""Names and what else can be assigned to: where a name is found, how a value is taken apart for its targets."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keraslint.static import library
from keraslint.static.bounds import MOST_ITEMS
from keraslint.static.interpreter.containers import index_of
from keraslint.static.items import forget_entries, items_of, remove_entry, remove_item, replace_item
from keraslint.static.text import tree
from keraslint.static.values import (
    GAP,
    NONE,
    Choice,
    Class,
    Const,
    Dict,
    External,
    Function,
    Instance,
    List,
    Object,
    Scope,
    Unknown,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

_BUILTINS: Final = frozenset(name for name in dir(builtins) if not name.startswith("__"))
_SINGLETONS: Final[dict[str, Any]] = {"True": True, "False": False, "None": None}


# -- names -------------------------------------------------------------------------------------------------------------


def _name(interp: Interpreter, node: tree.Name) -> Value:
    word = node.value
    value = interp.scope.names.get(word)
    if value is not None:
        return value if type(value) is not Choice else interp.state.settle(value)
    if word in _SINGLETONS:
        return Const(_SINGLETONS[word], interp.at(node))
    return lookup(interp, word)


def lookup(interp: Interpreter, name: str) -> Value:
    """What a name means here: the program's own, Python's, or what a program without its imports can only mean."""
    scope: Scope | None = interp.scope
    while scope is not None:
        value = scope.names.get(name)
        if value is not None:
            return interp.state.settle(value) if type(value) is Choice else value
        scope = scope.parent
        while scope is not None and scope.kind == "class":
            # a method does not see the names of its class
            scope = scope.parent
    if name in _BUILTINS:
        return External(f"builtins.{name}")
    if name == "__name__":
        return Const("__main__" if interp.scope.file is interp.file else "imported")
    return library.free_name(interp, name)


def set_name(interp: Interpreter, name: str, value: Value) -> None:
    """Bind a name in the scope that it belongs to."""
    _write(interp, interp.scope, name, value)


def _write(interp: Interpreter, scope: Scope, name: str, value: Value) -> None:
    if scope.outer:
        scope = scope.outer.get(name, scope)
    interp.state.write(scope.names, name, value)


def _walrus(interp: Interpreter, node: tree.NamedExpr) -> Value:
    value = interp.eval(node.value)
    scope = interp.scope
    while scope.kind == "comprehension" and scope.parent is not None:
        # in a comprehension it binds a name around it
        scope = scope.parent
    if isinstance(node.target, tree.Name):
        _write(interp, scope, node.target.value, value)
    return value


# -- targets -----------------------------------------------------------------------------------------------------------


def bind(interp: Interpreter, target: tree.Expression, value: Value) -> None:
    """Assign to a target."""
    run = _TARGETS.get(type(target))
    if run is not None:
        run(interp, target, value)


def _to_name(interp: Interpreter, target: tree.Name, value: Value) -> None:
    set_name(interp, target.value, value)


def _to_parts(interp: Interpreter, target: tree.Tuple | tree.List, value: Value) -> None:
    elements = target.elements
    star = next((index for index, one in enumerate(elements) if isinstance(one, tree.StarredElement)), None)
    value = interp.state.settle(value)
    if isinstance(value, Choice):
        # one choice for each name, with the same decisions
        rows = [(guard, _parts(interp, one, len(elements), star)) for guard, one in value.alternatives]
        for index, element in enumerate(elements):
            bind(interp, element.value, interp.state.choose((guard, parts[index]) for guard, parts in rows))
        return
    for element, part in zip(elements, _parts(interp, value, len(elements), star), strict=True):
        bind(interp, element.value, part)


def _parts(interp: Interpreter, value: Value, wanted: int, star: int | None) -> list[Value]:
    """A value taken apart into so many items, of which one may be a list; unknown where that is not possible."""
    items, rest = items_of(interp, value)
    if isinstance(value, Const) and isinstance(value.value, (str, range)):
        items, rest = tuple(Const(one, value.site) for one in value.value[: MOST_ITEMS + 1]), False
    if items is None:
        taken = library.take_apart(interp, value, wanted) if star is None else None
        return taken or _unknown_parts(value, wanted)
    if rest and GAP not in items:
        return _unknown_parts(value, wanted)  # a dictionary with keys that are not known, and so is their order
    if rest or star is not None:
        return _around(items, wanted, star) if rest or len(items) >= wanted - 1 else _unknown_parts(value, wanted)
    return list(items) if len(items) == wanted else _unknown_parts(value, wanted)


def _around(items: tuple[Value, ...], wanted: int, star: int | None) -> list[Value]:
    """Items before and after the one target, or the one gap, that takes any number of them."""
    before = star if star is not None else wanted
    after = wanted - before - 1 if star is not None else 0
    first = [items[index] if GAP not in items[: index + 1] else Unknown() for index in range(min(before, len(items)))]
    first += [Unknown() for _ in range(before - len(first))]
    if star is None:
        return first
    ends = ((index, items[-index:]) for index in range(after, 0, -1))
    last = [end[0] if len(end) == index and GAP not in end else Unknown() for index, end in ends]
    return [*first, List(items[before : max(len(items) - after, 0)], rest=GAP in items), *last]


def _unknown_parts(value: Value, wanted: int) -> list[Value]:
    whole = key_of(value)
    return [Unknown(("part", whole, index, wanted)) for index in range(wanted)]


def _to_attribute(interp: Interpreter, target: tree.Attribute, value: Value) -> None:
    name = target.attr.value

    def one(owner: Value) -> Value:
        if isinstance(owner, Object):
            if isinstance(owner, Instance) and interp.state.depth:
                _seed(owner, name)
            interp.state.write(owner.state, name, value)
            library.attribute_set(interp, owner, name, value, interp.at(target))
        elif isinstance(owner, Class):
            interp.state.write(owner.scope.names, name, value)
        elif isinstance(owner, Unknown):
            library.item_set(interp, owner, Const(name), value, interp.at(target))
        return NONE

    interp.state.each(interp.eval(target.value), one)


def _seed(owner: Instance, name: str) -> None:
    """Give an object what its class has by that name: where another branch does not set it, that is what it stays."""
    inherited = owner.cls.member(name) if name not in owner.state else None
    if inherited is not None and not isinstance(inherited, Function):
        owner.state[name] = inherited


def _to_item(interp: Interpreter, target: tree.Subscript, value: Value) -> None:
    owner = interp.eval(target.value)
    index = index_of(interp, target)

    def one(owner: Value) -> Value:
        if isinstance(owner, Dict):
            if isinstance(index, Const) and index.hashable:
                interp.state.write(owner.state, ("item", index.value), value)
            else:
                forget_entries(interp, owner)
        elif isinstance(owner, List):
            replace_item(interp, owner, index, value)
        else:
            changed = library.item_set(interp, owner, index, value, interp.at(target))
            if changed is not None and isinstance(target.value, (tree.Name, tree.Attribute)):
                bind(interp, target.value, changed)
        return NONE

    interp.state.each(owner, one)


# -- del ---------------------------------------------------------------------------------------------------------------


def _del(interp: Interpreter, node: tree.Del) -> None:
    targets = [one.value for one in node.target.elements] if isinstance(node.target, tree.Tuple) else [node.target]
    for target in targets:
        if isinstance(target, tree.Subscript):
            _del_item(interp, interp.eval(target.value), index_of(interp, target))


def _del_item(interp: Interpreter, owner: Value, index: Value) -> None:
    def one(owner: Value) -> Value:
        if isinstance(owner, List):
            remove_item(interp, owner, index)
        elif isinstance(owner, Dict):
            remove_entry(interp, owner, index)
        return NONE

    interp.state.each(owner, one)


_TARGETS: Final[dict[type, Callable[[Interpreter, Any, Value], None]]] = {
    tree.Name: _to_name,
    tree.Tuple: _to_parts,
    tree.List: _to_parts,
    tree.Attribute: _to_attribute,
    tree.Subscript: _to_item,
    tree.StarredElement: lambda interp, target, value: bind(interp, target.value, value),
}

STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    tree.Del: _del,
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    tree.Name: _name,
    tree.NamedExpr: _walrus,
}

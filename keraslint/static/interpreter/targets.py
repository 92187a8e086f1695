"""Names and what else can be assigned to: where a name is found, how a value is taken apart for its targets."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.static import library
from keraslint.static.interpreter.containers import index_of
from keraslint.static.values import (
    NONE,
    Choice,
    Class,
    Const,
    Dict,
    External,
    List,
    Object,
    Scope,
    Tuple,
    Unknown,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

_BUILTINS: Final = frozenset(dir(builtins))
_SINGLETONS: Final[dict[str, Any]] = {"True": True, "False": False, "None": None}


# -- names -------------------------------------------------------------------------------------------------------------


def _name(interp: Interpreter, node: cst.Name) -> Value:
    word = node.value
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
        while scope is not None and scope.is_class:
            # a method does not see the names of its class
            scope = scope.parent
    if name in _BUILTINS:
        return External(f"builtins.{name}")
    if name == "__name__":
        return Const("__main__" if interp.scope.file is interp.file else "imported")
    return library.free_name(interp, name)


def set_name(interp: Interpreter, name: str, value: Value) -> None:
    """Bind a name in the scope that it belongs to."""
    scope = interp.scope
    if scope.outer:
        scope = scope.outer.get(name, scope)
    interp.state.write(scope.names, name, value)


def _walrus(interp: Interpreter, node: cst.NamedExpr) -> Value:
    value = interp.eval(node.value)
    interp.bind(node.target, value)
    return value


# -- targets -----------------------------------------------------------------------------------------------------------


def bind(interp: Interpreter, target: cst.BaseExpression, value: Value) -> None:
    """Assign to a target."""
    run = _TARGETS.get(type(target))
    if run is not None:
        run(interp, target, value)


def _to_name(interp: Interpreter, target: cst.Name, value: Value) -> None:
    set_name(interp, target.value, value)


def _to_parts(interp: Interpreter, target: cst.Tuple | cst.List, value: Value) -> None:
    elements = target.elements
    starred = [index for index, one in enumerate(elements) if isinstance(one, cst.StarredElement)]
    value = interp.state.settle(value)
    if isinstance(value, Choice):
        # one choice for each name, with the same decisions
        rows = [(guard, _parts(interp, one, len(elements))) for guard, one in value.alternatives]
        for index, element in enumerate(elements):
            parts = [(guard, items[index]) for guard, items in rows]
            bind(interp, element.value, interp.state.choose(parts) if not starred else Unknown())
        return
    if starred:
        items, _ = interp.items_of(value)
        first = starred[0]
        after = len(elements) - first - 1
        for index, element in enumerate(elements):
            if items is None:
                bind(interp, element.value, Unknown())
            elif index < first:
                bind(interp, element.value, items[index] if index < len(items) else Unknown())
            elif index == first:
                bind(interp, element.value, List(tuple(items[first : len(items) - after])))
            else:
                at = len(items) - (len(elements) - index)
                bind(interp, element.value, items[at] if 0 <= at < len(items) else Unknown())
        return
    for element, item in zip(elements, _parts(interp, value, len(elements)), strict=True):
        bind(interp, element.value, item)


def _parts(interp: Interpreter, value: Value, wanted: int) -> list[Value]:
    """A value taken apart into so many items; unknown ones where that is not possible."""
    items, rest = interp.items_of(value)
    if items is not None and (len(items) == wanted or (rest and len(items) >= wanted)):
        return list(items[:wanted])
    taken = library.take_apart(interp, value, wanted)
    if taken is not None:
        return taken
    whole = key_of(value)
    return [Unknown(("part", whole, index, wanted)) for index in range(wanted)]


def _to_attribute(interp: Interpreter, target: cst.Attribute, value: Value) -> None:
    name = target.attr.value

    def one(owner: Value) -> Value:
        if isinstance(owner, Object):
            interp.state.write(owner.state, name, value)
        elif isinstance(owner, Class):
            interp.state.write(owner.scope.names, name, value)
        return NONE

    interp.state.each(interp.eval(target.value), one)


def _to_item(interp: Interpreter, target: cst.Subscript, value: Value) -> None:
    owner = interp.eval(target.value)
    index = index_of(interp, target)

    def one(owner: Value) -> Value:
        if isinstance(owner, Dict):
            if isinstance(index, Const) and isinstance(index.value, (str, int, float, bool, type(None))):
                interp.state.write(owner.state, ("item", index.value), value)
            else:
                interp.state.write(owner.state, "rest", NONE)
        elif isinstance(owner, List):
            items, rest = interp.items_of(owner)
            if (
                items is not None
                and isinstance(index, Const)
                and type(index.value) is int
                and -len(items) <= index.value < len(items)
            ):
                changed = list(items)
                changed[index.value] = value
                interp.state.write(owner.state, "items", Tuple(tuple(changed), rest=rest))
        else:
            library.item_set(interp, owner, index, value, interp.at(target))
        return NONE

    interp.state.each(owner, one)


_TARGETS: Final[dict[type, Callable[[Interpreter, Any, Value], None]]] = {
    cst.Name: _to_name,
    cst.Tuple: _to_parts,
    cst.List: _to_parts,
    cst.Attribute: _to_attribute,
    cst.Subscript: _to_item,
    cst.StarredElement: lambda interp, target, value: bind(interp, target.value, value),
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    cst.Name: _name,
    cst.NamedExpr: _walrus,
}

"""Attributes: of objects and classes of the program, found along its inheritance, and of what the library knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keraslint.static import derived, library
from keraslint.static.interpreter import imports
from keraslint.static.text import tree
from keraslint.static.values import (
    Arguments,
    Bound,
    Choice,
    Class,
    Data,
    External,
    Function,
    Instance,
    Module,
    Object,
    Site,
    Super,
    Unknown,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def _attribute(interp: Interpreter, node: tree.Attribute) -> Value:
    owner = interp.eval(node.value)
    found = attribute(interp, owner, node.attr.value, node)
    if type(owner) is Data:
        derived.note(interp, node, found)
    return found


def attribute(interp: Interpreter, owner: Value, name: str, node: tree.Node) -> Value:
    """`owner.name`, looked up at a node."""
    if isinstance(owner, External):
        return library.external_attribute(interp, owner, name, interp.at(node))
    owner = interp.state.settle(owner)
    if isinstance(owner, Choice):
        return interp.state.each(owner, lambda one: attribute(interp, one, name, node))
    if isinstance(owner, Unknown):
        return library.attribute(interp, owner, name, interp.at(node)) or interp.unknown(("attr", owner.key, name))
    if isinstance(owner, Module):
        return imports.member(interp, owner, name)
    if isinstance(owner, Super):
        return _of_parent(owner, name)
    if isinstance(owner, Class):
        return _of_class(owner, name)
    if isinstance(owner, Object):
        found = owner.state.get(name)
        if isinstance(found, Value):
            return interp.state.settle(found)
        if isinstance(owner, Instance):
            return _of_instance(interp, owner, name)
    special = library.attribute(interp, owner, name, interp.at(node))
    return special if special is not None else Bound(owner, name)


def _of_class(owner: Class, name: str) -> Value:
    member = owner.member(name)
    if isinstance(member, Function) and member.kind == "classmethod":
        return Bound(owner, name, member)
    return member if member is not None else Bound(owner, name)


def _of_instance(interp: Interpreter, owner: Instance, name: str) -> Value:
    member = owner.cls.member(name)
    if isinstance(member, Function):
        if member.kind == "property":
            site = Site(member.node, member.closure.file)
            return interp.enter(member, Arguments([], {}, {}, site), owner)
        return member if member.kind == "staticmethod" else Bound(owner, name, member)
    if member is not None:
        return interp.state.settle(member)
    special = library.attribute(interp, owner, name, owner.site)
    if special is not None:
        return special
    if library.has_methods(owner):
        return Bound(owner, name)
    return interp.unknown(("attr", key_of(owner), name))


def _of_parent(owner: Super, name: str) -> Value:
    """What comes after the class that calls `super()`, in the order of the object's own class."""
    instance = owner.instance
    passed = False
    for one in (instance.cls if isinstance(instance, Instance) else owner.after).ancestors():
        if one is owner.after:
            passed = True
        elif passed and isinstance(one, Class):
            member = one.scope.names.get(name)
            if isinstance(member, Function):
                return Bound(instance, name, member)
    return Bound(owner, name)


EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    tree.Attribute: _attribute,
}

"""Functions, lambdas and classes as they are defined. How they are called is the affair of `calls`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keraslint.static.interpreter.imports import dotted_name
from keraslint.static.library import removal
from keraslint.static.state import Dead
from keraslint.static.text import tree
from keraslint.static.values import Arguments, Class, Function, Instance, Partial, Scope, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

_KINDS: Final = {
    "staticmethod": "staticmethod",
    "classmethod": "classmethod",
    "property": "property",
    "cached_property": "property",
    "getter": "property",
}
"""What a decorator makes of a function, by its last word. The others are taken to leave it as it is."""


def _function(interp: Interpreter, node: tree.FunctionDef) -> None:
    function = _made(interp, node, node.name.value)
    others: list[Value] = []
    for decorator in node.decorators:
        word = dotted_name(decorator).rpartition(".")[2]
        if word in {"setter", "deleter"}:
            return  # the name goes on to mean the property
        if word in _KINDS:
            function.kind = _KINDS[word]
        else:
            others.append(interp.eval(decorator))
    interp.functions.append(function)
    removal.note_definition(interp, node)
    made: Value = function
    for other in reversed(others):
        if isinstance(other, Function):
            made = _decorated(interp, other, made)
    interp.set_name(node.name.value, made)


def _decorated(interp: Interpreter, decorator: Function, function: Value) -> Value:
    """What a decorator of the program makes of a function; the function itself when that is not known."""
    site = interp.at(decorator.node)
    made = interp.enter(decorator, Arguments([function], {}, {0: site}, site), None)
    return made if isinstance(made, (Function, Instance, Partial)) else function


def _lambda(interp: Interpreter, node: tree.Lambda) -> Value:
    return _made(interp, node, "<lambda>")


def _made(interp: Interpreter, node: tree.FunctionDef | tree.Lambda, name: str) -> Function:
    params = node.params
    defaults = {
        param.name.value: interp.eval(param.default)
        for param in (*params.posonly_params, *params.params, *params.kwonly_params)
        if param.default is not None
    }
    return Function(node, interp.scope, defaults, name)


def _class(interp: Interpreter, node: tree.ClassDef) -> None:
    bases = tuple(interp.eval(base.value) for base in node.bases)
    scope = Scope(interp.scope.file, interp.scope, "class")
    cls = Class(node.name.value, bases, scope, node, interp.at(node))
    outer, interp.scope = interp.scope, scope
    try:
        interp.block(node.body)
    except Dead:
        pass
    finally:
        interp.scope = outer
    for member in scope.names.values():
        if isinstance(member, Function) and member.owner is None:
            member.owner = cls
    interp.classes.append(cls)
    removal.note_definition(interp, node)
    interp.set_name(node.name.value, cls)


STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    tree.FunctionDef: _function,
    tree.ClassDef: _class,
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    tree.Lambda: _lambda,
}

"""Calls: what is called, with which arguments, and what comes back.

Functions and classes of the program are entered, up to a depth; what a library name does is the library's affair. A
call may come back on several ways: what it gives is a choice between them, with what was written on each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keraslint.static import derived, library
from keraslint.static.bounds import MOST_DEPTH, MOST_RECURSION, Budget
from keraslint.static.items import merged, present
from keraslint.static.state import Dead, learned_from
from keraslint.static.text import tree
from keraslint.static.values import (
    GAP,
    NONE,
    Arguments,
    Bound,
    Choice,
    Class,
    Const,
    Dict,
    External,
    Function,
    Guard,
    Instance,
    Key,
    List,
    Partial,
    Scope,
    Site,
    Tuple,
    Unknown,
    Unpassed,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

_EXITS: Final = frozenset({"builtins.exit", "builtins.quit", "sys.exit", "os._exit", "os.abort"})
"""What ends the program."""


def _call(interp: Interpreter, node: tree.Call) -> Value:
    interp.step()
    callee = interp.eval(node.func)
    arguments = _arguments(interp, node)
    if type(callee) is External:
        derived.note_layer(interp, callee.dotted, arguments)
    found = call(interp, callee, arguments, node)
    if type(found) is Const:
        derived.note_call(interp, node, callee, arguments, found)
    return found


def _arguments(interp: Interpreter, node: tree.Call) -> Arguments:
    positional: list[Value] = []
    named: dict[str, Value] = {}
    places: dict[int | str, Site] = {}
    arguments = Arguments(positional, named, places, interp.at(node))
    at = interp.at
    for arg in node.args:
        value = interp.eval(arg.value)
        if arg.star:
            (_spread if arg.star == "*" else _spread_named)(interp, arguments, value, at(arg.value))
        elif arg.keyword is not None:
            named[arg.keyword.value] = value
            places[arg.keyword.value] = at(arg)
        elif not arguments.open:
            places[len(positional)] = at(arg.value)
            positional.append(value)
    return arguments


def _spread(interp: Interpreter, arguments: Arguments, value: Value, site: Site) -> None:
    """`f(*value)`. Behind an argument that is not known nobody knows which parameter the next one is."""
    value = interp.state.settle(value)
    items, _ = interp.items_of(value)
    for item in (GAP,) if items is None else items:
        if item is GAP:
            _open(arguments, alone=isinstance(value, Unpassed))
        if arguments.open:
            return
        arguments.places[len(arguments.positional)] = site
        arguments.positional.append(item)


def _spread_named(interp: Interpreter, arguments: Arguments, value: Value, site: Site) -> None:
    """`f(**value)`."""
    value = merged(interp, value, site)
    if not isinstance(value, Dict):
        _open(arguments, alone=False)
        return
    for key, one in value.items():
        if isinstance(key, str):
            arguments.named[key] = interp.state.settle(one)
            arguments.places[key] = value.state.get(("site", key)) or site
    if "rest" in value.state:
        _open(arguments, alone="alone" in value.state)


def _open(arguments: Arguments, *, alone: bool) -> None:
    """Some arguments are not known."""
    arguments.alone = alone and (arguments.alone or not arguments.open)
    arguments.open = True


def call(interp: Interpreter, callee: Value, arguments: Arguments, node: tree.Node) -> Value:
    """Call a value. What a library name does is the library's affair; unknown callees give unknowns."""
    callee = interp.state.settle(callee)
    if isinstance(callee, External):
        if callee.dotted in _EXITS:
            raise Dead
        return library.call(interp, callee, arguments)
    if isinstance(callee, Bound):
        if callee.function is not None:
            return enter(interp, callee.function, arguments, callee.receiver)
        return interp.state.each(callee.receiver, lambda one: library.method(interp, one, callee.name, arguments))
    if isinstance(callee, Function):
        return enter(interp, callee, arguments, None)
    if isinstance(callee, Unknown):
        return library.unknown_call(interp, callee, arguments)
    if isinstance(callee, Choice):
        return interp.state.each(callee, lambda one: call(interp, one, arguments, node))
    if isinstance(callee, Class):
        return construct(interp, callee, arguments)
    if isinstance(callee, Partial):
        return call(interp, callee.callee, callee.arguments.followed_by(arguments), node)
    if isinstance(callee, Instance):
        return call_instance(interp, callee, arguments)
    return library.call_object(interp, callee, arguments)


def call_instance(interp: Interpreter, instance: Instance, arguments: Arguments) -> Value:
    """Call an object of the program, by its `call` (as Keras does) or its `__call__`."""
    for name in ("call", "__call__"):
        member = instance.cls.member(name)
        if isinstance(member, Function):
            result = enter(interp, member, arguments, instance)
            return library.called_instance(interp, instance, arguments, result)
    return library.call_object(interp, instance, arguments)


def construct(interp: Interpreter, cls: Class, arguments: Arguments) -> Value:
    """Make an instance: run `__init__` of the program, or leave it to the library's base class."""
    made = Instance(cls, arguments.site)
    interp.instances.setdefault(id(cls), made)
    initializer = cls.member("__init__")
    if isinstance(initializer, Function):
        enter(interp, initializer, arguments, made)
    else:
        library.init_instance(interp, made, arguments)
    return made


# -- inside a function of the program ----------------------------------------------------------------------------------


def enter(interp: Interpreter, function: Function, arguments: Arguments, receiver: Value | None) -> Value:
    """Evaluate a function of the program with these arguments."""
    interp.step()
    node = function.node
    interp.entered.add(id(node))
    if sum(one.node is node for one in interp.calls) >= MOST_RECURSION:
        return Unknown()
    if len(interp.calls) >= MOST_DEPTH:
        interp.record.spent(Budget.DEPTH, arguments.site)
        return Unknown()
    state = interp.state
    scope = Scope(function.closure.file, function.closure, "function")
    scope.names.update(_parameters(interp, function, arguments, receiver))
    outer, path, loops = interp.scope, state.path, interp.loops
    interp.scope, interp.loops = scope, []
    interp.calls.append(function)
    interp.call_depths.append(state.depth)
    try:
        if isinstance(node, tree.Lambda):
            return interp.eval(node.body)
        alive = True
        try:
            interp.block(node.body)
        except Dead:
            alive = False
        value, path = _leaving(interp, scope, path, alive=alive)
        return value
    finally:
        interp.scope, state.path, interp.loops = outer, path, loops
        interp.calls.pop()
        interp.call_depths.pop()


def _leaving(interp: Interpreter, scope: Scope, path: dict[Key, Any], *, alive: bool) -> tuple[Value, dict[Key, Any]]:
    """What a call returned on each way out, with what was written there; and what is decided behind it.

    Whoever comes back on the only way out has taken the decisions that led to it.
    """
    state = interp.state
    before = frozenset(path.items())
    yields = [leave for leave in scope.leaves if leave.kind == "yield"]
    if yields:
        made = List(tuple(leave.value for leave in yields), rest=any(leave.guard != before for leave in yields))
        return made, path
    ways: list[tuple[Guard, Value]] = [(leave.guard - before, leave.value) for leave in scope.leaves]
    journals = [(leave.guard - before, leave.writes) for leave in scope.leaves]
    if alive:
        now = state.guard - before
        ways.append((now, NONE))
        journals.append((now, {}))
    if not ways:
        return Unknown(), path
    if any(journal for _, journal in journals):
        state.path = path
        state.adopt(journals)
    if alive and any(not isinstance(one, Const) for _, one in ways[:-1]):
        # a function that returns models on some ways and falls off its end on another: the end is a path nobody uses
        ways.pop()
    if len(ways) > 1:
        return state.choose(ways), path
    [(guard, value)] = ways
    return value, learned_from(path, guard) if guard and len(journals) == 1 else path


def _parameters(
    interp: Interpreter, function: Function, arguments: Arguments, receiver: Value | None
) -> dict[str, Value]:
    """What the parameters of a function are in a call."""
    params = function.node.params
    names = [param.name.value for param in (*params.posonly_params, *params.params)]
    keyword_only = [param.name.value for param in params.kwonly_params]
    positional = arguments.positional
    if receiver is not None and function.kind != "staticmethod":
        positional = [receiver, *positional]
    bound = dict(zip(names, positional, strict=False))
    extra: dict[str, Value] = {}
    for name, value in arguments.named.items():
        if name not in names and name not in keyword_only:
            extra[name] = value
        else:
            bound[name] = present(interp, value, function.defaults.get(name, Unknown()))
    for name in (*names, *keyword_only):
        if name not in bound:
            # an argument that is not known may take the place of any default
            default = function.defaults.get(name) if arguments.alone or not arguments.open else None
            bound[name] = default if default is not None else Unknown()
    if params.star_arg is not None:
        rest = tuple(positional[len(names) :])
        bound[params.star_arg.name.value] = (
            Unpassed() if arguments.alone and not rest else Tuple(rest, rest=arguments.open)
        )
    if params.star_kwarg is not None:
        collected = Dict(arguments.site)
        for name, value in extra.items():
            collected.state["item", name] = value
            if name in arguments.places:
                collected.state["site", name] = arguments.places[name]
        if arguments.open:
            collected.state["rest"] = NONE
        if arguments.alone:
            collected.state["alone"] = NONE
        bound[params.star_kwarg.name.value] = collected
    return bound


EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    tree.Call: _call,
}

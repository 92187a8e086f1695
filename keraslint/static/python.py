"""Python's own built-in functions and the methods of its strings, lists and dictionaries, over abstract values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.static.bounds import MOST_ITEMS
from keraslint.static.values import (
    NONE,
    Arguments,
    Class,
    Const,
    Construct,
    Data,
    Dict,
    External,
    Instance,
    KerasModel,
    List,
    Object,
    Super,
    Tensor,
    Tuple,
    Unknown,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

PURE: Final[dict[str, Callable[..., Any]]] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    "len": len,
    "sum": sum,
    "sorted": sorted,
    "repr": repr,
}
STRING_METHODS: Final = frozenset(
    "lower upper strip lstrip rstrip title capitalize replace startswith endswith split rsplit join format".split()
)


def call(interp: Interpreter, name: str, arguments: Arguments) -> Value:
    """Call a built-in function."""
    run = BUILTIN_CALLS.get(name)
    if run is not None:
        return run(interp, arguments)
    if name in PURE:
        return pure(interp, name, arguments)
    return Unknown()


def pure(interp: Interpreter, name: str, arguments: Arguments) -> Value:
    given = [interp.state.settle(one) for one in arguments.positional]
    if name == "len" and len(given) == 1:
        items, rest = interp.items_of(given[0])
        if items is not None and not rest:
            return Const(len(items))
        if isinstance(given[0], Data) and given[0].shape and given[0].shape[0] is not None:
            return Const(given[0].shape[0])
    if given and all(isinstance(one, Const) for one in given) and not arguments.named and not arguments.open:
        values = [one.value for one in given if isinstance(one, Const)]
        if all(not isinstance(one, (str, bytes, range)) or len(one) <= MOST_ITEMS for one in values):
            try:
                return Const(PURE[name](*values), arguments.site)
            except Exception:
                return Unknown()
    if name in {"int", "float", "str", "bool"} and len(given) == 1 and isinstance(given[0], (Data, Tensor)):
        return given[0]
    return interp.unknown(("call", name, *(key_of(one) for one in given)))


def make_range(interp: Interpreter, arguments: Arguments) -> Value:
    given = [interp.state.settle(one) for one in arguments.positional]
    if given and all(isinstance(one, Const) and type(one.value) is int for one in given):
        try:
            return Const(range(*(one.value for one in given if isinstance(one, Const))), arguments.site)
        except (TypeError, ValueError, OverflowError):
            return Unknown()
    return Unknown(("range", *(key_of(one) for one in given)))


def make_list(interp: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return List((), arguments.site)
    items, known = interp.iterate(arguments.positional[0], arguments.site.node)
    taken = tuple(one for one, _ in zip(items, range(MOST_ITEMS), strict=False))
    return List(taken, arguments.site, rest=not known)


def make_tuple(interp: Interpreter, arguments: Arguments) -> Value:
    made = make_list(interp, arguments)
    return made.state["items"]  # type: ignore[attr-defined,no-any-return]


def make_dict(interp: Interpreter, arguments: Arguments) -> Value:
    made = Dict(arguments.site)
    for one in arguments.positional:
        settled = interp.state.settle(one)
        if isinstance(settled, Dict):
            made.state.update(settled.state)
            continue
        items, rest = interp.items_of(settled)
        for item in items or ():
            pair, _ = interp.items_of(item)
            if pair is not None and len(pair) == 2 and isinstance(pair[0], Const) and pair[0].hashable:
                made.state[("item", pair[0].value)] = pair[1]
            else:
                rest = True
        if rest or items is None:
            made.state["rest"] = NONE
    for name, value in arguments.named.items():
        made.state[("item", name)] = value
        made.state[("site", name)] = arguments.places.get(name, arguments.site)
    if arguments.open:
        made.state["rest"] = NONE
    return made


def make_zip(interp: Interpreter, arguments: Arguments) -> Value:
    columns = [interp.items_of(one) for one in arguments.positional]
    if columns and all(items is not None and not rest for items, rest in columns):
        rows = zip(*(items for items, _ in columns if items is not None), strict=False)
        return List(tuple(Tuple(row) for row in rows), arguments.site)
    firsts = []
    for one in arguments.positional:
        items, _ = interp.iterate(one, arguments.site.node)
        firsts.append(next(iter(items), Unknown()))
    return List((Tuple(tuple(firsts)),), arguments.site, rest=True)


def make_enumerate(interp: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    items, known = interp.iterate(arguments.positional[0], arguments.site.node)
    first = arguments.get("start", 1)
    start = first.value if isinstance(first, Const) and type(first.value) is int else 0
    rows = tuple(Tuple((Const(start + index), one)) for index, one in zip(range(MOST_ITEMS), items, strict=False))
    if not known:
        rows = tuple(Tuple((Unknown(), *row.items[1:])) for row in rows)
    return List(rows, arguments.site, rest=not known)


def make_map(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return Unknown()
    items, known = interp.iterate(arguments.positional[1], arguments.site.node)
    function = arguments.positional[0]
    found = [
        interp.call(function, Arguments([one], {}, {}, arguments.site), arguments.site.node)
        for one, _ in zip(items, range(64), strict=False)
    ]
    return List(tuple(found), arguments.site, rest=not known)


def make_reversed(interp: Interpreter, arguments: Arguments) -> Value:
    items, rest = interp.items_of(arguments.positional[0]) if arguments.positional else (None, True)
    if items is None and arguments.positional:
        value = interp.state.settle(arguments.positional[0])
        if isinstance(value, Const) and isinstance(value.value, range):
            return Const(value.value[::-1], value.site)
    return List(items[::-1], arguments.site) if items is not None and not rest else Unknown()


def get_attribute(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) >= 2:
        name = interp.state.settle(arguments.positional[1])
        if isinstance(name, Const) and isinstance(name.value, str):
            return interp.attribute(arguments.positional[0], name.value, arguments.site.node)
    return Unknown()


def set_attribute(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) == 3:
        owner, name, value = arguments.positional
        if isinstance(owner, Object) and isinstance(name, Const) and isinstance(name.value, str):
            interp.state.write(owner.state, name.value, value)
    return NONE


def is_instance(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return Unknown()
    value, wanted = (interp.state.settle(one) for one in arguments.positional[:2])
    names = {
        one.dotted.rpartition(".")[2]
        for one in (wanted, *(interp.items_of(wanted)[0] or ()))
        if isinstance(one, External)
    }
    kinds: tuple[tuple[type, set[str]], ...] = ((List, {"list", "set"}), (Tuple, {"tuple"}), (Dict, {"dict"}))
    if isinstance(value, Const) and names:
        mro = {one.__name__ for one in type(value.value).__mro__}
        return Const(bool(mro & names))
    for kind, words in kinds:
        if isinstance(value, kind) and names:
            return Const(bool(words & names))
    if isinstance(value, Construct) and names:
        return Const(value.kind in names or "Layer" in names)
    if isinstance(value, Instance) and isinstance(wanted, Class):
        return Const(wanted in set(value.cls.ancestors()))
    if isinstance(value, KerasModel) and names & {"Model", "Sequential", "Layer"}:
        return Const("Sequential" not in names or value.kind == "sequential")
    return interp.unknown(("isinstance", key_of(value), key_of(wanted)))


def parent(interp: Interpreter, _arguments: Arguments) -> Value:
    """`super()`, with or without arguments: what comes after the class of the method around it."""
    function = next((one for one in reversed(interp.calls) if one.owner is not None), None)
    if function is None or function.owner is None or not isinstance(function.node, cst.FunctionDef):
        return Unknown()
    params = function.node.params
    first = (*params.posonly_params, *params.params)
    return Super(interp.lookup(first[0].name.value), function.owner) if first else Unknown()


BUILTIN_CALLS: Final[dict[str, Callable[[Interpreter, Arguments], Value]]] = {
    "range": make_range,
    "list": make_list,
    "set": make_list,
    "tuple": make_tuple,
    "dict": make_dict,
    "zip": make_zip,
    "enumerate": make_enumerate,
    "map": make_map,
    "reversed": make_reversed,
    "getattr": get_attribute,
    "setattr": set_attribute,
    "isinstance": is_instance,
    "super": parent,
    "print": lambda _interp, _arguments: NONE,
    "next": lambda interp, arguments: (
        next(iter(interp.iterate(arguments.positional[0], arguments.site.node)[0]), Unknown())
        if arguments.positional
        else Unknown()
    ),
    "iter": lambda _interp, arguments: arguments.positional[0] if arguments.positional else Unknown(),
}


def method(interp: Interpreter, owner: Value, name: str, arguments: Arguments) -> Value | None:
    """A method of a string, list or dictionary; `None` when the owner is none of these."""
    if isinstance(owner, Const) and isinstance(owner.value, str):
        return string_method(interp, owner, name, arguments)
    if isinstance(owner, List):
        return list_method(interp, owner, name, arguments)
    if isinstance(owner, Dict):
        return dict_method(interp, owner, name, arguments)
    return None


def string_method(interp: Interpreter, owner: Const, name: str, arguments: Arguments) -> Value:
    given = [interp.state.settle(one) for one in arguments.positional]
    named = {key: interp.state.settle(one) for key, one in arguments.named.items()}
    constant = all(isinstance(one, Const) for one in (*given, *named.values())) and not arguments.open
    if name in STRING_METHODS and constant and len(owner.value) <= MOST_ITEMS:
        try:
            result = getattr(owner.value, name)(
                *(one.value for one in given if isinstance(one, Const)),
                **{key: one.value for key, one in named.items() if isinstance(one, Const)},
            )
        except Exception:
            return Unknown()
        if isinstance(result, str) and len(result) > MOST_ITEMS:
            return Unknown()
        if isinstance(result, list):
            return List(tuple(Const(one) for one in result[:MOST_ITEMS]), arguments.site)
        return Const(result, owner.site)
    return interp.unknown(("method", name, key_of(owner), *(key_of(one) for one in given)))


def list_method(interp: Interpreter, owner: List, name: str, arguments: Arguments) -> Value:
    items, rest = interp.items_of(owner)
    given = arguments.positional
    if name == "append" and given:
        interp.extend(owner, Tuple((given[0],)))
        return NONE
    if name in {"extend", "update"} and given:
        interp.extend(owner, given[0])
        return NONE
    if name == "add" and given:
        interp.extend(owner, Tuple((given[0],)))
        return NONE
    if name == "insert" and len(given) == 2 and items is not None:
        at = given[0].value if isinstance(given[0], Const) and type(given[0].value) is int else None
        changed = (*items[:at], given[1], *items[at:]) if at is not None else items
        interp.state.write(owner.state, "items", Tuple(changed, rest=rest or at is None))
        return NONE
    if name == "pop" and items and not rest:
        at = given[0].value if given and isinstance(given[0], Const) and type(given[0].value) is int else -1
        if given and not isinstance(given[0], Const):
            return Unknown()
        if -len(items) <= at < len(items):
            index = at % len(items)
            interp.state.write(owner.state, "items", Tuple((*items[:index], *items[index + 1 :])))
            return items[index]
    if name == "copy" and items is not None:
        return List(items, arguments.site, rest=rest)
    if name in {"clear", "remove", "sort", "reverse"}:
        interp.state.write(owner.state, "items", Tuple(() if name == "clear" else (items or ()), rest=name != "clear"))
        return NONE
    return Unknown()


def dict_method(interp: Interpreter, owner: Dict, name: str, arguments: Arguments) -> Value:
    given = arguments.positional
    open_ended = "rest" in owner.state
    if name == "get" and given:
        key = interp.state.settle(given[0])
        default = given[1] if len(given) > 1 else NONE
        if isinstance(key, Const) and key.hashable:
            found = owner.state.get(("item", key.value))
            if isinstance(found, Value):
                return interp.state.settle(found)
            return Unknown() if open_ended else default
        return interp.dict_item(owner, key)
    if name == "items":
        return List(tuple(Tuple((Const(key), one)) for key, one in owner.items()), arguments.site, rest=open_ended)
    if name == "values":
        return List(tuple(one for _, one in owner.items()), arguments.site, rest=open_ended)
    if name == "keys":
        return List(tuple(Const(key) for key, _ in owner.items()), arguments.site, rest=open_ended)
    if name == "update":
        for one in (*given, make_dict(interp, Arguments([], arguments.named, arguments.places, arguments.site))):
            settled = interp.state.settle(one)
            if isinstance(settled, Dict):
                for key, value in settled.items():
                    interp.state.write(owner.state, ("item", key), value)
            else:
                interp.state.write(owner.state, "rest", NONE)
        return NONE
    if (
        name in {"pop", "setdefault"}
        and given
        and isinstance(key := interp.state.settle(given[0]), Const)
        and key.hashable
    ):
        found = owner.state.get(("item", key.value))
        if name == "pop":
            if isinstance(found, Value):
                interp.state.write(owner.state, ("item", key.value), None)
                return found
            return given[1] if len(given) > 1 and not open_ended else Unknown()
        if found is None:
            interp.state.write(owner.state, ("item", key.value), given[1] if len(given) > 1 else NONE)
            return given[1] if len(given) > 1 else NONE
        return found  # type: ignore[no-any-return]
    if name == "copy":
        made = Dict(arguments.site)
        made.state.update(owner.state)
        return made
    return Unknown()

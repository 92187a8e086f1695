"""Python's own built-in functions and the methods of its strings, lists and dictionaries, over abstract values."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.static.bounds import MOST_CALLS, MOST_ITEMS
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
    Site,
    Super,
    Tensor,
    Tuple,
    Unknown,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

_PURE: Final[dict[str, Callable[..., Any]]] = {
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
_CONVERSIONS: Final = frozenset({"int", "float", "str", "bool"})
_STRING_METHODS: Final = frozenset(
    "lower upper strip lstrip rstrip title capitalize replace startswith endswith split rsplit join format".split()
)
_WIDE: Final = re.compile(r"\d{4}|[:%][^}]*[{*]")
"""What makes a short format give a long text: a width of four digits, or one that is an argument."""


def call(interp: Interpreter, name: str, arguments: Arguments) -> Value:
    """Call a built-in function."""
    run = _FUNCTIONS.get(name)
    if run is not None:
        return run(interp, arguments)
    return _pure(interp, name, arguments) if name in _PURE else Unknown()


def method(interp: Interpreter, owner: Value, name: str, arguments: Arguments) -> Value | None:
    """A method of a string, list or dictionary; `None` when the owner is none of these."""
    if isinstance(owner, Const) and isinstance(owner.value, str):
        return _string_method(interp, owner, name, arguments)
    if isinstance(owner, List):
        in_list = _LIST_METHODS.get(name)
        return in_list(interp, owner, arguments) if in_list is not None else Unknown()
    if isinstance(owner, Dict):
        in_dict = _DICT_METHODS.get(name)
        return in_dict(interp, owner, arguments) if in_dict is not None else Unknown()
    return None


def formats(pattern: str) -> bool:
    """Whether filling in a pattern of `%` or `format` gives a text not much longer than what is filled in."""
    return _WIDE.search(pattern) is None


# -- numbers and texts -------------------------------------------------------------------------------------------------


def _pure(interp: Interpreter, name: str, arguments: Arguments) -> Value:
    """A function whose result hangs on its arguments alone: computed for constants, one unknown for equal unknowns."""
    given = [interp.state.settle(one) for one in arguments.positional]
    if name == "len" and len(given) == 1 and (length := _length(interp, given[0])) is not None:
        return Const(length)
    if given and all(isinstance(one, Const) for one in given) and not arguments.named and not arguments.open:
        return _computed(name, [one.value for one in given if isinstance(one, Const)], arguments.site)
    if name in _CONVERSIONS and len(given) == 1 and isinstance(given[0], (Data, Tensor)):
        return given[0]
    return interp.unknown(("call", name, *(key_of(one) for one in given)))


def _length(interp: Interpreter, value: Value) -> int | None:
    items, rest = interp.items_of(value)
    if items is not None:
        return None if rest else len(items)
    return value.shape[0] if isinstance(value, Data) and value.shape else None


def _computed(name: str, values: list[Any], site: Site) -> Value:
    try:
        if name == "round" and len(values) > 1 and abs(values[1]) > MOST_ITEMS:
            return Unknown()
        if name != "len" and any(len(one) > MOST_ITEMS for one in values if isinstance(one, (str, bytes, range))):
            return Unknown()
        return _constant(_PURE[name](*values), site)
    except Exception:
        return Unknown()


def _constant(value: Any, site: Site | None) -> Value:
    if isinstance(value, list):
        return List(tuple(Const(one, site) for one in value[:MOST_ITEMS]), site, rest=len(value) > MOST_ITEMS)
    return Unknown() if isinstance(value, str) and len(value) > MOST_ITEMS else Const(value, site)


def _string_method(interp: Interpreter, owner: Const, name: str, arguments: Arguments) -> Value:
    given = [interp.state.settle(one) for one in arguments.positional]
    if name in _STRING_METHODS and len(owner.value) <= MOST_ITEMS and not arguments.open:
        named = {key: interp.state.settle(one) for key, one in arguments.named.items()}
        values = [one.value for one in given if isinstance(one, Const)]
        options = {key: one.value for key, one in named.items() if isinstance(one, Const)}
        if len(values) == len(given) and len(options) == len(named):
            if name == "format" and not formats(owner.value):
                return Unknown()
            try:
                return _constant(getattr(owner.value, name)(*values, **options), owner.site)
            except Exception:
                return Unknown()
    return interp.unknown(("method", name, key_of(owner), *(key_of(one) for one in given)))


# -- making containers -------------------------------------------------------------------------------------------------


def _range(interp: Interpreter, arguments: Arguments) -> Value:
    given = [interp.state.settle(one) for one in arguments.positional]
    if given and all(isinstance(one, Const) and type(one.value) is int for one in given):
        try:
            return Const(range(*(one.value for one in given if isinstance(one, Const))), arguments.site)
        except (TypeError, ValueError, OverflowError):
            return Unknown()
    return Unknown(("range", *(key_of(one) for one in given)))


def _list(interp: Interpreter, arguments: Arguments) -> List:
    if not arguments.positional:
        return List((), arguments.site)
    items, known = interp.iterate(arguments.positional[0], arguments.site.node)
    return List(tuple(islice(items, MOST_ITEMS)), arguments.site, rest=not known)


def _tuple(interp: Interpreter, arguments: Arguments) -> Value:
    made = _list(interp, arguments).state["items"]
    return made if isinstance(made, Value) else Unknown()


def _set(interp: Interpreter, arguments: Arguments) -> Value:
    made = List((), arguments.site)
    _add_all(interp, made, _list(interp, arguments))
    return made


def _dict(interp: Interpreter, arguments: Arguments) -> Dict:
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
                made.state["item", pair[0].value] = pair[1]
            else:
                rest = True
        if rest or items is None:
            made.state["rest"] = NONE
    for name, value in arguments.named.items():
        made.state["item", name] = value
        made.state["site", name] = arguments.places.get(name, arguments.site)
    if arguments.open:
        made.state["rest"] = NONE
    return made


def _zip(interp: Interpreter, arguments: Arguments) -> Value:
    columns = [interp.items_of(one) for one in arguments.positional]
    if columns and all(items is not None and not rest for items, rest in columns):
        rows = zip(*(items for items, _ in columns if items is not None), strict=False)
        return List(tuple(Tuple(row) for row in rows), arguments.site)
    firsts = tuple(_first(interp, one, arguments) for one in arguments.positional)
    return List((Tuple(firsts),), arguments.site, rest=True)


def _first(interp: Interpreter, value: Value, arguments: Arguments) -> Value:
    items, _ = interp.iterate(value, arguments.site.node)
    return next(iter(items), Unknown())


def _enumerate(interp: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    items, known = interp.iterate(arguments.positional[0], arguments.site.node)
    first = arguments.get("start", 1)
    start = first.value if isinstance(first, Const) and type(first.value) is int else 0
    rows = [
        Tuple((Const(start + index) if known else Unknown(), one))
        for index, one in enumerate(islice(items, MOST_ITEMS))
    ]
    return List(tuple(rows), arguments.site, rest=not known)


def _map(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return Unknown()
    function, over = arguments.positional[:2]
    items, known = interp.iterate(over, arguments.site.node)
    found = [
        interp.call(function, Arguments([one], {}, {}, arguments.site), arguments.site.node)
        for one in islice(items, MOST_CALLS)
    ]
    return List(tuple(found), arguments.site, rest=not known)


def _reversed(interp: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    value = interp.state.settle(arguments.positional[0])
    if isinstance(value, Const) and isinstance(value.value, range):
        return Const(value.value[::-1], value.site)
    items, rest = interp.items_of(value)
    return List(items[::-1], arguments.site) if items is not None and not rest else Unknown()


# -- the rest of the functions -----------------------------------------------------------------------------------------


def _getattr(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) >= 2:
        name = interp.state.settle(arguments.positional[1])
        if isinstance(name, Const) and isinstance(name.value, str):
            return interp.attribute(arguments.positional[0], name.value, arguments.site.node)
    return Unknown()


def _setattr(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) == 3:
        owner, name, value = arguments.positional
        if isinstance(owner, Object) and isinstance(name, Const) and isinstance(name.value, str):
            interp.state.write(owner.state, name.value, value)
    return NONE


def _isinstance(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return Unknown()
    value, wanted = (interp.state.settle(one) for one in arguments.positional[:2])
    names = {
        one.dotted.rpartition(".")[2]
        for one in (wanted, *(interp.items_of(wanted)[0] or ()))
        if isinstance(one, External)
    }
    if names:
        if isinstance(value, Const):
            return Const(any(one.__name__ in names for one in type(value.value).__mro__))
        for kind, words in _KINDS.items():
            if isinstance(value, kind):
                return Const(bool(words & names))
        if isinstance(value, Construct):
            return Const(value.kind in names or "Layer" in names)
    if isinstance(value, Instance) and isinstance(wanted, Class):
        return Const(any(one is wanted for one in value.cls.ancestors()))
    if isinstance(value, KerasModel) and names & {"Model", "Sequential", "Layer"}:
        return Const("Sequential" not in names or value.kind == "sequential")
    return interp.unknown(("isinstance", key_of(value), key_of(wanted)))


_KINDS: Final[dict[type, set[str]]] = {List: {"list", "set"}, Tuple: {"tuple"}, Dict: {"dict"}}


def _super(interp: Interpreter, _arguments: Arguments) -> Value:
    """`super()`, with or without arguments: what comes after the class of the method around it."""
    function = next((one for one in reversed(interp.calls) if one.owner is not None), None)
    if function is None or function.owner is None or not isinstance(function.node, cst.FunctionDef):
        return Unknown()
    params = function.node.params
    first = (*params.posonly_params, *params.params)
    return Super(interp.lookup(first[0].name.value), function.owner) if first else Unknown()


def _print(_interp: Interpreter, _arguments: Arguments) -> Value:
    return NONE


def _next(interp: Interpreter, arguments: Arguments) -> Value:
    return _first(interp, arguments.positional[0], arguments) if arguments.positional else Unknown()


def _iter(_interp: Interpreter, arguments: Arguments) -> Value:
    return arguments.positional[0] if arguments.positional else Unknown()


_FUNCTIONS: Final[dict[str, Callable[[Interpreter, Arguments], Value]]] = {
    "range": _range,
    "list": _list,
    "set": _set,
    "tuple": _tuple,
    "dict": _dict,
    "zip": _zip,
    "enumerate": _enumerate,
    "map": _map,
    "reversed": _reversed,
    "getattr": _getattr,
    "setattr": _setattr,
    "isinstance": _isinstance,
    "super": _super,
    "print": _print,
    "next": _next,
    "iter": _iter,
}


# -- methods of lists --------------------------------------------------------------------------------------------------


def _append(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    if arguments.positional:
        interp.extend(owner, Tuple((arguments.positional[0],)))
    return NONE


def _extend(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    if arguments.positional:
        interp.extend(owner, arguments.positional[0])
    return NONE


def _add(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    if arguments.positional:
        _add_all(interp, owner, Tuple((arguments.positional[0],)))
    return NONE


def _update_set(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    for one in arguments.positional:
        _add_all(interp, owner, one)
    return NONE


def _add_all(interp: Interpreter, owner: List, added: Value) -> None:
    """Put what is not there yet into a set. How many different things some unknowns are is not known."""
    there, _ = interp.items_of(owner)
    items, rest = interp.items_of(added)
    seen = {one.value for one in there or () if isinstance(one, Const) and one.hashable}
    fresh: list[Value] = []
    for one in items or ():
        if isinstance(one, Const) and one.hashable:
            if one.value in seen:
                continue
            seen.add(one.value)
        else:
            rest = True
        fresh.append(one)
    interp.extend(owner, Tuple(tuple(fresh), rest=rest or items is None))


def _insert(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    items, rest = interp.items_of(owner)
    if len(arguments.positional) == 2 and items is not None:
        place, value = arguments.positional
        at = place.value if isinstance(place, Const) and type(place.value) is int else None
        changed = (*items[:at], value, *items[at:]) if at is not None else items
        interp.state.write(owner.state, "items", Tuple(changed, rest=rest or at is None))
    return NONE


def _pop_item(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    items, rest = interp.items_of(owner)
    place = arguments.positional[0] if arguments.positional else Const(-1)
    if not items or rest or not isinstance(place, Const) or type(place.value) is not int:
        return Unknown()
    if not -len(items) <= place.value < len(items):
        return Unknown()
    index = place.value % len(items)
    interp.state.write(owner.state, "items", Tuple((*items[:index], *items[index + 1 :])))
    return items[index]


def _clear(interp: Interpreter, owner: List, _arguments: Arguments) -> Value:
    interp.state.write(owner.state, "items", Tuple(()))
    return NONE


def _rearrange(interp: Interpreter, owner: List, _arguments: Arguments) -> Value:
    items, _ = interp.items_of(owner)
    interp.state.write(owner.state, "items", Tuple(items or (), rest=True))
    return NONE


def _copy_list(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    items, rest = interp.items_of(owner)
    return List(items, arguments.site, rest=rest) if items is not None else Unknown()


_LIST_METHODS: Final[dict[str, Callable[[Interpreter, List, Arguments], Value]]] = {
    "append": _append,
    "extend": _extend,
    "add": _add,
    "update": _update_set,
    "insert": _insert,
    "pop": _pop_item,
    "clear": _clear,
    "remove": _rearrange,
    "sort": _rearrange,
    "reverse": _rearrange,
    "copy": _copy_list,
}


# -- methods of dictionaries -------------------------------------------------------------------------------------------


def _get(interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    key = interp.state.settle(arguments.positional[0])
    if isinstance(key, Const) and key.hashable:
        found = owner.state.get(("item", key.value))
        if isinstance(found, Value):
            return interp.state.settle(found)
        return Unknown() if "rest" in owner.state else _default(arguments)
    return interp.dict_item(owner, key)


def _pop_key(interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    key = interp.state.settle(arguments.positional[0]) if arguments.positional else None
    if not isinstance(key, Const) or not key.hashable:
        return Unknown()
    found = owner.state.get(("item", key.value))
    if isinstance(found, Value):
        interp.state.write(owner.state, ("item", key.value), None)
        return found
    return _default(arguments) if len(arguments.positional) > 1 and "rest" not in owner.state else Unknown()


def _setdefault(interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    key = interp.state.settle(arguments.positional[0]) if arguments.positional else None
    if not isinstance(key, Const) or not key.hashable:
        return Unknown()
    found = owner.state.get(("item", key.value))
    if isinstance(found, Value):
        return found
    default = _default(arguments)
    interp.state.write(owner.state, ("item", key.value), default)
    return default


def _default(arguments: Arguments) -> Value:
    return arguments.positional[1] if len(arguments.positional) > 1 else NONE


def _items(_interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    pairs = tuple(Tuple((Const(key), one)) for key, one in owner.items())
    return List(pairs, arguments.site, rest="rest" in owner.state)


def _values(_interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    return List(tuple(one for _, one in owner.items()), arguments.site, rest="rest" in owner.state)


def _keys(_interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    return List(tuple(Const(key) for key, _ in owner.items()), arguments.site, rest="rest" in owner.state)


def _update(interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    for key, value in _dict(interp, arguments).state.items():
        if value is not None:
            interp.state.write(owner.state, key, value)
    return NONE


def _copy_dict(_interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    made = Dict(arguments.site)
    made.state.update(owner.state)
    return made


_DICT_METHODS: Final[dict[str, Callable[[Interpreter, Dict, Arguments], Value]]] = {
    "get": _get,
    "pop": _pop_key,
    "setdefault": _setdefault,
    "items": _items,
    "values": _values,
    "keys": _keys,
    "update": _update,
    "copy": _copy_dict,
}

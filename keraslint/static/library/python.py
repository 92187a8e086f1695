"""Python's own built-in functions and the methods of its strings, lists and dictionaries, over abstract values."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from keraslint.static.bounds import MOST_CALLS, MOST_ITEMS
from keraslint.static.data.contents import another
from keraslint.static.items import (
    add_to_set,
    any_entry,
    change_items,
    entry,
    forget_entries,
    make_set,
    place_of,
    present,
    remove_entry,
    remove_item,
    take_over,
)
from keraslint.static.library import removal
from keraslint.static.text import tree
from keraslint.static.values import (
    ABSENT,
    GAP,
    NONE,
    Arguments,
    Choice,
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
    content_key,
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
    "any": any,
    "all": all,
    "sorted": sorted,
    "repr": repr,
}
_OVER_ITEMS: Final = frozenset({"min", "max", "sum", "sorted", "any", "all"})
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
    if name in _OVER_ITEMS and len(given) == 1:
        given = [_plain(interp, given[0])]
    if given and all(isinstance(one, Const) for one in given) and not arguments.named and not arguments.open:
        return _computed(name, [one.value for one in given if isinstance(one, Const)], arguments.site)
    if name in _CONVERSIONS and len(given) == 1 and isinstance(given[0], (Data, Tensor)):
        return given[0]
    return interp.unknown(("call", name, *(content_key(one) for one in given)))


def _plain(interp: Interpreter, value: Value) -> Value:
    """A list of constants as a constant."""
    items, rest = interp.items_of(value)
    if items is None or rest or not all(isinstance(one, Const) for one in items):
        return value
    return Const(tuple(one.value for one in items if isinstance(one, Const)))


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
    if name == "join" and given:
        given = [_plain(interp, given[0])]
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


def _taken(interp: Interpreter, arguments: Arguments, at: int = 0, most: int = MOST_ITEMS) -> tuple[Value, ...]:
    """The items of an argument that is gone through: a gap where they are not known, or are too many."""
    if len(arguments.positional) <= at:
        return ()
    value = interp.state.settle(arguments.positional[at])
    items, _ = interp.items_of(value)
    if items is not None:
        return items
    found, known = interp.iterate(value, arguments.site.node)
    items = tuple(islice(found, most + 1))
    return items if known and len(items) <= most else (*items[:most], GAP)


def _list(interp: Interpreter, arguments: Arguments) -> Value:
    return List(_taken(interp, arguments), arguments.site)


def _tuple(interp: Interpreter, arguments: Arguments) -> Value:
    return Tuple(_taken(interp, arguments))


def _set(interp: Interpreter, arguments: Arguments) -> Value:
    return make_set(interp, _taken(interp, arguments), arguments.site)


def _dict(interp: Interpreter, arguments: Arguments) -> Dict:
    made = Dict(arguments.site)
    for one in arguments.positional:
        settled = interp.state.settle(one)
        items, _ = interp.items_of(settled)
        if isinstance(settled, Dict) or items is None:
            take_over(made, settled)
            continue
        for item in items:
            pair, _ = interp.items_of(item)
            if pair is not None and len(pair) == 2 and isinstance(pair[0], Const) and pair[0].hashable:
                made.state["item", pair[0].value] = pair[1]
            else:
                take_over(made, item)
    for name, value in arguments.named.items():
        made.state["item", name] = value
        made.state["site", name] = arguments.places.get(name, arguments.site)
    if arguments.open:
        take_over(made, Unknown())
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
    items = _taken(interp, arguments)
    first = interp.state.settle(arguments.get("start", 1) or Const(0))
    rows: list[Value] = []
    for index, one in enumerate(items):
        count: Value = Unknown()
        if isinstance(first, Const) and type(first.value) is int and GAP not in items[:index]:
            count = Const(first.value + index)
        rows.append(GAP if one is GAP else Tuple((count, one)))
    return List(tuple(rows), arguments.site)


def _map(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return Unknown()
    items = _taken(interp, arguments, 1, MOST_CALLS)
    found = [one if one is GAP else _called(interp, arguments, one) for one in items[:MOST_CALLS]]
    return List(tuple(found), arguments.site, rest=len(items) > MOST_CALLS)


def _called(interp: Interpreter, arguments: Arguments, item: Value) -> Value:
    site = arguments.site
    return interp.call(arguments.positional[0], Arguments([item], {}, {}, site), site.node)


def _reversed(interp: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    value = interp.state.settle(arguments.positional[0])
    if isinstance(value, Const) and isinstance(value.value, range):
        return Const(value.value[::-1], value.site)
    items, _ = interp.items_of(value)
    return List(items[::-1], arguments.site) if items is not None else Unknown()


# -- the rest of the functions -----------------------------------------------------------------------------------------


def _getattr(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) >= 2:
        name = interp.state.settle(arguments.positional[1])
        if isinstance(name, Const) and isinstance(name.value, str):
            if len(arguments.positional) > 2:
                removal.note_question(interp, arguments)
            if len(arguments.positional) > 2 and _lacks(interp.state.settle(arguments.positional[0]), name.value):
                return arguments.positional[2]
            return interp.attribute(arguments.positional[0], name.value, arguments.site.node)
    return Unknown()


def _lacks(owner: Value, name: str) -> bool:
    """Whether an object certainly has no attribute of that name: nothing but the program made it."""
    return (
        isinstance(owner, Instance)
        and not isinstance(owner.state.get(name), Value)
        and owner.cls.member(name) is None
        and all(isinstance(one, Class) for one in owner.cls.ancestors())
    )


def _hasattr(interp: Interpreter, arguments: Arguments) -> Value:
    removal.note_question(interp, arguments)
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
        if isinstance(value, Construct) and (found := _is_made_by(value, names)) is not None:
            return Const(found)
    if isinstance(value, Instance) and isinstance(wanted, Class):
        return Const(any(one is wanted for one in value.cls.ancestors()))
    if isinstance(value, KerasModel) and names & {"Model", "Sequential", "Layer"}:
        return Const("Sequential" not in names or value.kind == "sequential")
    return interp.unknown(("isinstance", key_of(value), key_of(wanted)))


def _is_made_by(value: Construct, names: set[str]) -> bool | None:
    """Whether an object of Keras is of one of some classes, by their last words."""
    if value.kind in names or any(value.dotted.startswith(_FAMILIES[one]) for one in _FAMILIES.keys() & names):
        return True
    children = [word for one in _CHILDREN.keys() & names for word in _CHILDREN[one]]
    return None if any(word in value.kind for word in children) else False


_FAMILIES: Final = {
    "Layer": "keras.layers.",
    "Loss": "keras.losses.",
    "Metric": "keras.metrics.",
    "Optimizer": "keras.optimizers.",
}
_CHILDREN: Final = {
    "RNN": ("RNN", "LSTM", "GRU"),
    "Wrapper": ("Distributed", "Bidirectional", "Normalization"),
    "Dropout": ("Dropout",),
    "Conv1D": ("Conv1D",),
    "Conv2D": ("Conv2D",),
    "Conv3D": ("Conv3D",),
    "BatchNormalization": ("BatchNorm",),
    "Adam": ("Adam",),
    **dict.fromkeys("Mean MeanMetricWrapper Reduce LossFunctionWrapper Operation Module object".split(), ("",)),
}
"""What may stand in the names of classes that inherit from another, in Keras 2 or 3."""
_KINDS: Final[dict[type, set[str]]] = {List: {"list", "set"}, Tuple: {"tuple"}, Dict: {"dict"}}


def _super(interp: Interpreter, _arguments: Arguments) -> Value:
    """`super()`, with or without arguments: what comes after the class of the method around it."""
    function = next((one for one in reversed(interp.calls) if one.owner is not None), None)
    if function is None or function.owner is None or not isinstance(function.node, tree.FunctionDef):
        return Unknown()
    params = function.node.params
    first = (*params.posonly_params, *params.params)
    return Super(interp.lookup(first[0].name.value), function.owner) if first else Unknown()


def _print(_interp: Interpreter, _arguments: Arguments) -> Value:
    return NONE


def _next(interp: Interpreter, arguments: Arguments) -> Value:
    """The next item: of a sequence the one behind those that were taken already, of a data set any."""
    if not arguments.positional:
        return Unknown()
    owner = interp.state.settle(arguments.positional[0])
    if isinstance(owner, Data):
        owner = another(interp, owner)  # every batch is another one
    if not isinstance(owner, List):
        return _first(interp, owner, arguments)
    items, _ = interp.items_of(owner)
    taken = interp.state.settle(owner.state.get("taken", Const(0)))
    place = place_of(items or (), taken)
    if items is None or place is None or not isinstance(taken, Const):
        return Unknown()
    interp.state.write(owner.state, "taken", Const(taken.value + 1))
    return items[place]


def _iter(interp: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    items, _ = interp.items_of(arguments.positional[0])
    return arguments.positional[0] if items is None else List(items, arguments.site)


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
    "hasattr": _hasattr,
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
    add_to_set(interp, owner, arguments.positional[:1])
    return NONE


def _update_set(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    for at in range(len(arguments.positional)):
        add_to_set(interp, owner, _taken(interp, arguments, at))
    return NONE


def _insert(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    if len(arguments.positional) != 2:
        return NONE
    index, value = arguments.positional

    def change(items: tuple[Value, ...]) -> tuple[Value, ...]:
        at = index.value if isinstance(index, Const) and type(index.value) is int else None
        if at is None or GAP in (items[at:] if at < 0 else items[:at]):
            return (GAP, *items, GAP)
        return (*items[:at], value, *items[at:])

    change_items(interp, owner, change)
    return NONE


def _pop_item(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    index = interp.state.settle(arguments.positional[0]) if arguments.positional else Const(-1)
    items, _ = interp.items_of(owner)
    place = place_of(items or (), index)
    remove_item(interp, owner, index)
    return Unknown() if items is None or place is None else items[place]


def _remove(interp: Interpreter, owner: List, _arguments: Arguments) -> Value:
    change_items(interp, owner, lambda _items: (GAP,))
    return NONE


def _clear(interp: Interpreter, owner: List, _arguments: Arguments) -> Value:
    change_items(interp, owner, lambda _items: ())
    return NONE


def _sort(interp: Interpreter, owner: List, _arguments: Arguments) -> Value:
    # the same items, but nobody knows which is where
    change_items(interp, owner, lambda items: (GAP, *items, GAP))
    return NONE


def _reverse(interp: Interpreter, owner: List, _arguments: Arguments) -> Value:
    change_items(interp, owner, lambda items: items[::-1])
    return NONE


def _copy_list(interp: Interpreter, owner: List, arguments: Arguments) -> Value:
    made = List((), arguments.site)
    made.state["items"] = interp.state.settle(owner.state["items"])
    return made


_LIST_METHODS: Final[dict[str, Callable[[Interpreter, List, Arguments], Value]]] = {
    "append": _append,
    "extend": _extend,
    "add": _add,
    "update": _update_set,
    "insert": _insert,
    "pop": _pop_item,
    "clear": _clear,
    "remove": _remove,
    "sort": _sort,
    "reverse": _reverse,
    "copy": _copy_list,
}


# -- methods of dictionaries -------------------------------------------------------------------------------------------


def _get(interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    return interp.state.each(arguments.positional[0], lambda key: _got(interp, owner, key, arguments))


def _got(interp: Interpreter, owner: Dict, key: Value, arguments: Arguments) -> Value:
    if isinstance(key, Const) and key.hashable:
        default = Unknown() if "rest" in owner.state else _default(arguments)
        found = entry(interp, owner, key.value)
        return default if found is None else present(interp, found, default)
    if isinstance(key, Unknown):
        # without a default the program counts on the key
        default_given = arguments.positional[1] if len(arguments.positional) > 1 else None
        found = any_entry(interp, owner, key, default_given)
        if found is not None:
            return found
    return interp.unknown(("item", key_of(owner), key_of(key)))


def _pop_key(interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    found = _get(interp, owner, arguments)
    if arguments.positional:
        remove_entry(interp, owner, interp.state.settle(arguments.positional[0]))
    return found


def _setdefault(interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    found = _get(interp, owner, arguments)
    key = interp.state.settle(arguments.positional[0]) if arguments.positional else None
    if isinstance(key, Const) and key.hashable:
        interp.state.write(owner.state, ("item", key.value), found)
    return found


def _default(arguments: Arguments) -> Value:
    return arguments.positional[1] if len(arguments.positional) > 1 else NONE


def _items(_interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    pairs = tuple(Tuple((Const(key), one)) for key, one in owner.items())
    return List(pairs, arguments.site, rest=owner.rest)


def _values(_interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    return List(tuple(one for _, one in owner.items()), arguments.site, rest=owner.rest)


def _keys(_interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    return List(tuple(Const(key) for key, _ in owner.items()), arguments.site, rest=owner.rest)


def _update(interp: Interpreter, owner: Dict, arguments: Arguments) -> Value:
    added = _dict(interp, arguments)
    if "rest" in added.state:
        forget_entries(interp, owner)
    for key, value in added.state.items():
        if isinstance(value, Choice):
            value = present(interp, value, owner.state.get(key, ABSENT))
        if value is not ABSENT:
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

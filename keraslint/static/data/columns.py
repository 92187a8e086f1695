"""Columns of tables: what a program writes into one, and encodings by the methods of pandas.

A table that is read from a file is not known, and neither is a column of it; but the program says what it puts there,
and what it makes of a column says what comes out: `df["y"].map({"no": 0, "yes": 1})`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from keraslint.static.catalog.arrays import KEEPING_METHODS
from keraslint.static.data.contents import WRITTEN, class_ids, continuous, within
from keraslint.static.lengths import length, lengths, with_rest
from keraslint.static.values import (
    NONE,
    Arguments,
    Choice,
    Const,
    Data,
    Dict,
    Function,
    Key,
    List,
    Shape,
    Site,
    Tuple,
    Unknown,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Method = Callable[[Interpreter, Key, Arguments], Value | None]

COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
TEXT: Final = ("c", "str")
"""How the key of a constant text begins."""
FILE: Final = "file"
"""How the key of a table from a file begins."""
OTHER_READINGS: Final = frozenset({"chunksize", "converters", "iterator", "squeeze"})
"""Arguments with which reading a file gives no table, or one of anything."""
WHOLE: Final = frozenset({"int", "int8", "int32", "int64", "uint8", "float32", "float64", "float"})


# -- what is written into columns --------------------------------------------------------------------------------------


def item_set(interp: Interpreter, owner: Unknown, index: Value, value: Value) -> None:
    """`table["y"] = value`."""
    if not isinstance(index, Const) or not isinstance(index.value, str):
        return
    store, place = interp.record.columns.state, (owner.key, index.value)
    value = interp.state.settle(value)
    if isinstance(value, Data) or place in store:
        interp.state.write(store, place, value)
    elif is_file(owner.key):
        interp.record.files["item", owner.key, key_of(index)] = None


def item(interp: Interpreter, owner: Unknown, index: Value, site: Site) -> Value | None:
    """`table["y"]`, or `table[["y"]]`, if the program wrote it; a column of a table by its number."""
    if isinstance(index, Tuple):
        return Data(shape=(None,), site=site) if _is_table(owner.key) and _takes_column(index) else None
    if isinstance(index, List):
        items, rest = interp.items_of(index)
        alone = items[0] if items is not None and len(items) == 1 and not rest else None
        found = _written(interp, owner.key, alone.value) if isinstance(alone, Const) else None
        flat = isinstance(found, Data) and found.shape is not None and len(found.shape) == 1
        return found.having(shape=(None, 1)) if isinstance(found, Data) and flat else found
    if is_file(owner.key):
        interp.record.files.setdefault(("item", owner.key, key_of(index)), site)
    return _written(interp, owner.key, index.value) if isinstance(index, Const) else None


def _is_table(key: Key) -> bool:
    """Whether something has rows and columns: `table.values`, `table.iloc`, `table.loc`."""
    return isinstance(key, tuple) and len(key) == 3 and key[0] == "attr" and key[2] in {"iloc", "loc", "values"}


def _takes_column(index: Tuple) -> bool:
    """Whether an index takes one column of all or some rows: `[:, 4]`, `[:100, "y"]`."""
    rows, column = index.items if len(index.items) == 2 else (Unknown(), Unknown())
    known = isinstance(rows, Const) and isinstance(rows.value, slice)
    return known and isinstance(column, Const) and type(column.value) in {int, str}


def _copied(interp: Interpreter, owner: Key, arguments: Arguments) -> Value | None:
    """`table.dropna()`: another table, with the columns that this one has now."""
    store, files = interp.record.columns.state, interp.record.files
    made = _file() if is_file(owner) else Unknown()
    kept = [(name, value) for (key, name), value in store.items() if key == owner]
    for name, value in kept:
        store[made.key, name] = value
    if is_file(owner):
        changed = [key[2] for key, site in files.items() if isinstance(key, tuple) and key[1] == owner and site is None]
        files.update({("item", made.key, name): None for name in changed})
    return made if kept or is_file(owner) else None


def _written(interp: Interpreter, table: Key, name: object) -> Value | None:
    found = interp.record.columns.state.get((table, name)) if isinstance(name, str) else None
    return interp.state.settle(found) if isinstance(found, Value) else None


def attribute(interp: Interpreter, owner: Unknown, name: str, site: Site | None) -> Value | None:
    """`table.y`, if the program wrote it; `column.cat.codes`."""
    if name == "codes" and site is not None and isinstance(owner.key, tuple) and owner.key[-1] == "cat":
        return class_ids(site, None)
    return _written(interp, owner.key, name)


# -- tables from files -------------------------------------------------------------------------------------------------


def _file() -> Unknown:
    """A table that is read from a file: its key says so."""
    return Unknown((FILE, Unknown().key))


def is_file(key: Key) -> bool:
    """Whether something is a table that is read from a file."""
    return isinstance(key, tuple) and len(key) == 2 and key[0] == FILE


def read_file(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`pd.read_csv("data.csv")`; nothing where a column may be something else than one number or text for each row."""
    header = interp.state.settle(arguments.named.get("header", NONE))
    plain = isinstance(header, Const) and arguments.named.keys().isdisjoint(OTHER_READINGS) and not arguments.open
    return _file() if plain else None


def as_read(interp: Interpreter, value: Value) -> Value:
    """A column of a table from a file as an array: nothing is known of it but that it has one entry for each row."""
    key = value.key if isinstance(value, Unknown) else None
    while isinstance(key, tuple) and len(key) == 3 and key[0] == "attr" and key[2] in {"values", "array", "iloc"}:
        key = key[1]
    site = interp.record.files.get(key) if isinstance(key, tuple) else None
    return Data(shape=(None,), site=site) if site is not None else value


# -- what columns become -----------------------------------------------------------------------------------------------


def is_column(key: Key) -> bool:
    """Whether something is a column of a table: taken out of it by a name, as it is or by its values."""
    while isinstance(key, tuple) and len(key) == 3 and key[0] == "attr" and key[2] in {"values", "str", "array"}:
        key = key[1]
    return isinstance(key, tuple) and len(key) == 3 and key[0] == "item" and _is_text(key[2])


def _is_text(key: Key) -> bool:
    return isinstance(key, tuple) and key[:2] == TEXT


def shape_of_test(key: Key) -> Shape:
    """The shape of a comparison: of a column, one number for each row."""
    if isinstance(key, tuple) and len(key) == 2 and key[0] == "not":
        key = key[1]
    if not isinstance(key, tuple) or len(key) != 3 or key[0] not in COMPARISONS:
        return None
    return (None,) if is_column(key[1]) or is_column(key[2]) else None


def method(interp: Interpreter, called: Key, arguments: Arguments) -> Value | None:
    """A method of something that is not known, if it says what comes out."""
    if not isinstance(called, tuple):
        return None
    run = METHODS.get(called[2])
    return run(interp, called[1], arguments) if run is not None else None


def _mapped(interp: Interpreter, _owner: Key, arguments: Arguments) -> Value | None:
    """`column.map({"no": 0, "yes": 1})`, or by a function that gives one of two numbers."""
    given = interp.state.settle(arguments.positional[0]) if len(arguments.positional) == 1 else None
    if isinstance(given, Dict):
        return _from_table(interp, given, arguments.site)
    if isinstance(given, Function) and len(given.node.params.params) == 1:
        result = interp.guarded(lambda: interp.call(given, Arguments([Unknown()], {}, {}, arguments.site), given.node))
        return _of_two(interp.state.settle(result), arguments.site)
    return None


def _from_table(interp: Interpreter, table: Dict, site: Site) -> Data | None:
    """Class ids, where the numbers of a table are 0, 1, 2 and so on; other numbers between the smallest and largest."""
    rows = {key: interp.state.settle(one) for key, one in table.items()}
    numbers = {one.value for one in rows.values() if isinstance(one, Const) and type(one.value) is int}
    known = all(isinstance(one, Const) and type(one.value) is int for one in rows.values())
    if table.rest or not known or len(numbers) < 2:
        return None
    if numbers != set(range(len(numbers))):
        return within(Data(shape=(None,), integer=True), float(min(numbers)), float(max(numbers)), site)
    return class_ids(site, len(numbers)).having(origin=WRITTEN)


def _replaced(interp: Interpreter, owner: Key, arguments: Arguments) -> Value | None:
    """`column.replace({"no": 0, "yes": 1})`: like `map`, but what is not named stays."""
    given = interp.state.settle(arguments.positional[0]) if len(arguments.positional) == 1 else None
    if not is_column(owner) or not isinstance(given, Dict) or not all(isinstance(key, str) for key, _ in given.items()):
        return None
    return _from_table(interp, given, arguments.site)


def _of_two(result: Value, site: Site) -> Data | None:
    """Class ids, where every way gives 0 or 1."""
    ways = [one for _, one in result.alternatives] if isinstance(result, Choice) else [result]
    numbers = {one.value for one in ways if isinstance(one, Const) and type(one.value) is int}
    complete = all(isinstance(one, Const) and type(one.value) is int for one in ways)
    return class_ids(site, 2) if complete and numbers == {0, 1} else None


def _changed(_interp: Interpreter, _owner: Key, arguments: Arguments) -> Value | None:
    """`prices.pct_change()`: up and down."""
    return continuous(arguments.site)


def _flattened(_interp: Interpreter, _owner: Key, arguments: Arguments) -> Value | None:
    return Data(shape=(None,), site=arguments.site)


def _reshaped(interp: Interpreter, _owner: Key, arguments: Arguments) -> Value | None:
    """`y.reshape(-1, 1)`."""
    given = [interp.state.settle(one) for one in arguments.positional]
    shape = lengths(given[0]) if len(given) == 1 else tuple(length(one) for one in given)
    return Data(shape=with_rest(shape), site=arguments.site) if shape else None


def _factorized(_interp: Interpreter, _owner: Key, arguments: Arguments) -> Value | None:
    return Tuple((class_ids(arguments.site, None), Unknown()))


def _cast(interp: Interpreter, owner: Key, arguments: Arguments) -> Value | None:
    """`(column > 3).astype(int)`: zeros and ones; a column of a file stays one."""
    given = interp.state.settle(arguments.get("dtype", 0) or Unknown())
    word = given.value if isinstance(given, Const) else getattr(given, "dotted", "").rpartition(".")[2]
    if word not in WHOLE:
        return None
    shape = shape_of_test(owner)
    if shape is not None:
        return class_ids(arguments.site, 2, shape)
    read = as_read(interp, Unknown(owner))
    return read if isinstance(read, Data) else None


def _to_array(interp: Interpreter, owner: Key, arguments: Arguments) -> Value | None:
    """`column.to_numpy()`, or a table as an array."""
    read = as_read(interp, Unknown(owner))
    return read if isinstance(read, Data) else _copied(interp, owner, arguments)


def _taken(interp: Interpreter, owner: Key, arguments: Arguments) -> Value | None:
    """`table.pop("y")`, if the program wrote it."""
    name = interp.state.settle(arguments.positional[0]) if len(arguments.positional) == 1 else None
    found = _written(interp, owner, name.value) if isinstance(name, Const) else None
    if found is None and isinstance(name, Const) and is_file(owner):
        item(interp, Unknown(owner), name, arguments.site)
        return Unknown(("item", owner, key_of(name)))
    return found


def of_array(interp: Interpreter, name: str, arguments: Arguments) -> Value | None:
    """A method of a column whose values are not known, if it says what comes out."""
    run = METHODS.get(name) if name in {"apply", "factorize", "map"} else None
    return run(interp, None, arguments) if run is not None else None


METHODS: Final[Mapping[str, Method]] = {
    **dict.fromkeys((*KEEPING_METHODS, "drop", "sort_index", "sort_values"), _copied),
    "pct_change": _changed,
    **dict.fromkeys(("apply", "map"), _mapped),
    "astype": _cast,
    "factorize": _factorized,
    "to_numpy": _to_array,
    **dict.fromkeys(("flatten", "ravel"), _flattened),
    "reshape": _reshaped,
    "pop": _taken,
    "replace": _replaced,
}
"""Methods of columns and tables."""

"""The abstract values that the interpreter computes with.

A value is immutable, except that objects (lists, dictionaries, instances, layers, models) keep their state in a plain
dictionary that only `State.write` changes, so that branches can be undone. No value knows how it is evaluated.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from keraslint.static.bounds import MOST_PARTS
from keraslint.static.text import tree

if TYPE_CHECKING:
    from keraslint.model import Position, Route, Span
    from keraslint.static.text.module import ModuleFile

Key = Hashable
Guard = frozenset[tuple[Key, Any]]
"""Decisions under which something holds: pairs of a condition and its outcome."""

ALWAYS: Guard = frozenset()
_serial = count(1)


class Site(NamedTuple):
    """A node of a syntax tree and the file that it belongs to."""

    node: tree.Node
    file: ModuleFile

    @property
    def span(self) -> Span:
        return self.file.span(self.node)

    @property
    def position(self) -> Position:
        return self.span.position


class Value:
    """Anything that an expression can be."""

    __slots__ = ()


class Unknown(Value):
    """Something not known. `key` tells equal unknowns apart from different ones: the same key is the same thing."""

    __slots__ = ("key",)

    def __init__(self, key: Key = None) -> None:
        self.key: Key = ("u", next(_serial)) if key is None else key

    def __repr__(self) -> str:
        return f"Unknown({self.key!r})"


class OneOfMany(Unknown):
    """Any of more values than are followed."""

    __slots__ = ()


class Const(Value):
    """A Python constant; `site` is where it is written."""

    __slots__ = ("site", "value")

    def __init__(self, value: Any, site: Site | None = None) -> None:
        self.value = value
        self.site = site

    @property
    def hashable(self) -> bool:
        """Whether it can be a key."""
        return type(self.value).__hash__ is not None

    def __repr__(self) -> str:
        return f"Const({self.value!r})"


NONE = Const(None)


class Choice(Value):
    """One of several values, each with the decisions that lead to it."""

    __slots__ = ("alternatives",)

    def __init__(self, alternatives: tuple[tuple[Guard, Value], ...]) -> None:
        self.alternatives = alternatives

    def __repr__(self) -> str:
        return f"Choice({self.alternatives!r})"


GAP = Unknown(("gap",))
"""Stands in a sequence for any number of items that are not known."""


ABSENT = Unknown(("absent",))
"""Stands in a dictionary for an entry that is not there."""


class Tuple(Value):
    """An immutable sequence. `rest` is true when some items are not known: `GAP` stands where they may be."""

    __slots__ = ("items", "rest")

    def __init__(self, items: tuple[Value, ...], *, rest: bool = False) -> None:
        self.rest = GAP in items
        if rest and not self.rest:
            items = (*items, GAP)
            self.rest = True
        self.items = items

    def __repr__(self) -> str:
        return f"Tuple({self.items!r})"


STEERED = "steered"
"""Where an object keeps that the program reaches for its optimizer or for the learning rate, perhaps to change it."""


class Unpassed(Tuple):
    """The `*args` of a function that nobody calls."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__((GAP,))


class External(Value):
    """A name of a library that is not read: `keras.layers.Dense`, in its canonical spelling.

    `path` is how the program came to it, such as `tensorflow.keras.layers.Dense`; empty when it never imported it.
    """

    __slots__ = ("dotted", "path", "site")

    def __init__(self, dotted: str, site: Site | None = None, path: str = "") -> None:
        self.dotted = dotted
        self.site = site
        self.path = path

    def __repr__(self) -> str:
        return f"External({self.dotted})"


class Scope:
    """Names and their values: those of a `module`, a `function` call, a `class` body or a `comprehension`.

    What is not found is looked for in `parent`; `outer` holds the names that belong to another scope (`global`),
    `leaves` the ways out of a call.
    """

    __slots__ = ("file", "kind", "leaves", "names", "outer", "parent")

    def __init__(self, file: ModuleFile, parent: Scope | None = None, kind: str = "module") -> None:
        self.file = file
        self.parent = parent
        self.kind = kind
        self.names: dict[str, Value] = {}
        self.outer: dict[str, Scope] = {}
        self.leaves: list[Leave] = []


@dataclass(slots=True)
class Leave:
    """One way out of a function or loop: a return, a yield, a break, with what had been written by then."""

    kind: str
    guard: Guard
    value: Value
    writes: dict[tuple[int, Any], tuple[dict[Any, Any], Any, Any]] = field(default_factory=dict)


class Function(Value):
    """A function or lambda of the program, with the scope it closes over. `owner` is the class it was written in."""

    __slots__ = ("closure", "defaults", "kind", "name", "node", "owner")

    def __init__(
        self,
        node: tree.FunctionDef | tree.Lambda,
        closure: Scope,
        defaults: Mapping[str, Value],
        name: str = "<lambda>",
        kind: str = "function",
    ) -> None:
        self.node = node
        self.closure = closure
        self.defaults = defaults
        self.name = name
        self.kind = kind
        self.owner: Class | None = None

    def __repr__(self) -> str:
        return f"Function({self.name})"


class Module(Value):
    """A file of the linted tree, as an import gives it: the names that it binds."""

    __slots__ = ("scope",)

    def __init__(self, scope: Scope) -> None:
        self.scope = scope


class Bound(Value):
    """A method of an object: a function of the program, or a name that the library gives meaning to."""

    __slots__ = ("function", "name", "receiver")

    def __init__(self, receiver: Value, name: str, function: Function | None = None) -> None:
        self.receiver = receiver
        self.name = name
        self.function = function

    def __repr__(self) -> str:
        return f"Bound({self.receiver!r}.{self.name})"


class Partial(Value):
    """`functools.partial`: a callable with some arguments already given."""

    __slots__ = ("arguments", "callee")

    def __init__(self, callee: Value, arguments: Arguments) -> None:
        self.callee = callee
        self.arguments = arguments


class Class(Value):
    """A class of the program. `bases` are values: classes of the program, library names, or unknown."""

    __slots__ = ("_ancestors", "bases", "name", "node", "scope", "site")

    def __init__(self, name: str, bases: tuple[Value, ...], scope: Scope, node: tree.ClassDef, site: Site) -> None:
        self.name = name
        self.bases = bases
        self.scope = scope
        self.node = node
        self.site = site
        self._ancestors: tuple[Value, ...] | None = None

    def ancestors(self) -> tuple[Value, ...]:
        """The class itself and everything it inherits from, depth first."""
        if self._ancestors is None:
            found: dict[int, Value] = {}
            stack: list[Value] = [self]
            while stack:
                one = stack.pop()
                if id(one) not in found:
                    found[id(one)] = one
                    stack.extend(reversed(one.bases) if isinstance(one, Class) else ())
            self._ancestors = tuple(found.values())
        return self._ancestors

    def member(self, name: str) -> Value | None:
        for one in self.ancestors():
            if isinstance(one, Class) and name in one.scope.names:
                return one.scope.names[name]
        return None

    def inherits(self, *dotted: str) -> bool:
        return any(isinstance(one, External) and one.dotted in dotted for one in self.ancestors())


class Object(Value):
    """Something with identity and state."""

    __slots__ = ("serial", "site", "state")

    def __init__(self, site: Site | None = None) -> None:
        self.serial = next(_serial)
        self.site = site
        self.state: dict[Any, Any] = {}


class List(Object):
    """A list or set: `state["items"]` is a `Tuple` (or a `Choice` of them)."""

    __slots__ = ()

    def __init__(self, items: tuple[Value, ...], site: Site | None = None, *, rest: bool = False) -> None:
        super().__init__(site)
        self.state["items"] = Tuple(items, rest=rest)


class Dict(Object):
    """A dictionary with constant keys: `state[("item", key)]`; `state["rest"]` is set when there may be others.

    `state["alone"]` is set when that is only because nobody calls the function whose `**kwargs` it is.
    """

    __slots__ = ()

    def items(self) -> Iterator[tuple[Any, Value]]:
        for key, value in self.state.items():
            if isinstance(key, tuple) and key[0] == "item" and value is not ABSENT:
                yield key[1], value

    @property
    def rest(self) -> bool:
        """Whether there may be other entries than those known, or fewer."""
        return "rest" in self.state or any(
            isinstance(value, Choice) and any(one is ABSENT for _, one in value.alternatives)
            for value in self.state.values()
        )


class Instance(Object):
    """An instance of a class of the program; attributes are `state[name]`."""

    __slots__ = ("cls",)

    def __init__(self, cls: Class, site: Site | None = None) -> None:
        super().__init__(site)
        self.cls = cls


class Super(Value):
    """`super()` inside a method."""

    __slots__ = ("after", "instance")

    def __init__(self, instance: Value, after: Class) -> None:
        self.instance = instance
        self.after = after


class Arguments:
    """The arguments of a call, evaluated.

    `open` is true when some were not known (`*args`, `**config` of unknown content); `alone`, when this is only because
    nobody in the program makes the call. Then what has a default is taken to be left out.
    """

    __slots__ = ("alone", "named", "open", "places", "positional", "site")

    def __init__(
        self,
        positional: list[Value],
        named: dict[str, Value],
        places: dict[int | str, Site],
        site: Site,
        *,
        open: bool = False,
        alone: bool = False,
    ) -> None:
        self.alone = alone
        self.positional = positional
        self.named = named
        self.places = places
        self.site = site
        self.open = open

    def bind(self, parameters: tuple[str, ...]) -> dict[str, Value]:
        """Arguments by name, positional ones named in order; those beyond the last parameter are left out."""
        bound = dict(zip(parameters, self.positional, strict=False))
        bound.update(self.named)
        return bound

    def place(self, name: str, parameters: tuple[str, ...] = ()) -> Site:
        """Where the argument stands: a keyword argument as a whole, a positional one by its value; else the call."""
        if name in self.places:
            return self.places[name]
        if name in parameters:
            index = parameters.index(name)
            if index in self.places:
                return self.places[index]
        return self.site

    def followed_by(self, more: Arguments) -> Arguments:
        """These arguments with more behind them, as `functools.partial` does."""
        shift = len(self.positional)
        moved = {key + shift if isinstance(key, int) else key: site for key, site in more.places.items()}
        return Arguments(
            self.positional + more.positional,
            {**self.named, **more.named},
            {**self.places, **moved},
            more.site,
            open=self.open or more.open,
        )

    def get(self, name: str, index: int | None = None) -> Value | None:
        if name in self.named:
            return self.named[name]
        if index is not None and index < len(self.positional):
            return self.positional[index]
        return None


class Construct(Object):
    """A library object that the program made by calling `dotted`: a layer, a loss, a metric, an optimizer, a scaler.

    `arguments` are bound to the parameter names that the catalogue knows.
    """

    __slots__ = ("arguments", "bound", "dotted", "parameters")

    def __init__(self, dotted: str, arguments: Arguments, parameters: tuple[str, ...]) -> None:
        super().__init__(arguments.site)
        self.dotted = dotted
        self.arguments = arguments
        self.parameters = parameters
        self.bound = arguments.bind(parameters)

    @property
    def kind(self) -> str:
        return self.dotted.rpartition(".")[2]

    def place(self, name: str) -> Site:
        return self.arguments.place(name, self.parameters)

    def __repr__(self) -> str:
        return f"Construct({self.dotted})"


class KerasModel(Object):
    """A model made by `Sequential`, `Model(inputs, outputs)`, an application or a loader.

    `state["outputs"]` is a tensor or a container of tensors; `state["inputs"]` likewise. A Sequential keeps
    `state["last"]`, the tensor behind its last layer. `kind` is `sequential`, `functional`, `application` or `loaded`.
    """

    __slots__ = ("kind",)

    def __init__(self, kind: str, site: Site | None = None) -> None:
        super().__init__(site)
        self.kind = kind


Shape = tuple[int | None, ...] | None
"""Lengths of the axes, the batch first; `None` for a length, or for the whole, that is not known."""


class Tensor(Value):
    """A symbolic tensor: the operation that made it and what it was made from.

    `op` is `input`, `layer` (with `layer`), `model` (a nested model's output passed through), a word of the function
    catalogue (`exp`, `sum`, `divide`, `softmax`, ...), `loss`, or `opaque`. `params` are constants of the operation
    (`axis`, `keepdims`). `uses` are the tensors that were made from this one; `escaped` tells that it was also handed
    to something that is not followed.
    """

    __slots__ = ("escaped", "inputs", "layer", "op", "params", "route", "serial", "shape", "site", "uses")

    def __init__(
        self,
        op: str,
        inputs: tuple[Value, ...] = (),
        site: Site | None = None,
        *,
        shape: Shape = None,
        params: Mapping[str, Any] | None = None,
        layer: Value | None = None,
        route: Route | None = None,
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.site = site
        self.shape = shape
        self.params = params or {}
        self.layer = layer
        self.route = route
        self.serial = next(_serial)
        self.uses: list[Tensor] = []
        self.escaped = False
        for one in tensors_in(inputs):
            one.uses.append(self)

    def __repr__(self) -> str:
        return f"Tensor({self.op}, {self.shape})"


def tensors_in(values: Iterable[Value]) -> Iterator[Tensor]:
    """The tensors among some values, and inside the choices and containers among them."""
    values = tuple(values)
    for one in values:
        if type(one) in _HOLDING:
            return _tensors_inside(values)
    return (one for one in values if type(one) is Tensor)  # nearly always


def _tensors_inside(values: tuple[Value, ...]) -> Iterator[Tensor]:
    stack = list(reversed(values))
    seen: set[int] = set()
    while stack:
        one = stack.pop()
        if isinstance(one, Tensor):
            yield one
            continue
        if id(one) in seen:
            continue  # a list may hold itself
        seen.add(id(one))
        if isinstance(one, Choice):
            stack += [value for _, value in reversed(one.alternatives)]
        elif isinstance(one, Tuple):
            stack += reversed(one.items)
        elif isinstance(one, List):
            stack.append(one.state["items"])
        elif isinstance(one, Dict):
            stack += [value for _, value in reversed(list(one.items()))]


_HOLDING = frozenset({Choice, Tuple, Unpassed, List, Dict})


def escape(values: Iterable[Value]) -> None:
    """Tensors are handed to something that is not followed."""
    for one in tensors_in(values):
        one.escaped = True


class Known(NamedTuple):
    """Something known about data and the place that says so."""

    value: Any
    site: Site


class Loaded(NamedTuple):
    """How a generator or data set was told to give its labels: by which parameter, and where.

    `place` is the value of the argument, or the call where it is left out.
    """

    parameter: str
    mode: str
    place: Site
    call: Site
    literal: bool


@dataclass(frozen=True, slots=True, eq=False)
class Data(Value):
    """An array, series, data set or iterator of the program, by what is known of its content.

    `parts` are the components of a data set or iterator (inputs, labels). `origin` says what made it where that matters
    (`dataset`, `prediction`, `text`, `mean`, ...), `parent` from what. `store` keeps what is written into it; of a
    prediction it is the model. `classes` of an array of text is its width. `loaded` are labels of a generator.

    `kind` says what the numbers are: `pixels`, `images` (pixels of files, which may hold anything up to the bounds),
    `ids` (of words), or `made-up` (drawn or written out by the program). The same object means the same samples.
    """

    shape: Shape = None
    encoding: Known | None = None
    classes: Known | None = None
    low: Known | None = None
    high: Known | None = None
    exclusive: Known | None = None
    integer: bool | None = None
    parts: tuple[Value, ...] | None = None
    origin: str = ""
    store: Object | None = None
    site: Site | None = None
    parent: Data | None = None
    loaded: Loaded | None = None
    kind: str = ""

    def having(self, **changes: Any) -> Data:
        return replace(self, **changes)


def key_of(value: Value | None, depth: int = 0) -> Key:
    """A key that is equal for values that are certainly the same."""
    if isinstance(value, Const):
        hashable = type(value.value).__hash__ is not None
        return ("c", type(value.value).__name__, value.value) if hashable else ("i", value)
    if isinstance(value, Unknown):
        return value.key
    if isinstance(value, External):
        return ("x", value.dotted)
    if isinstance(value, Tuple) and depth < 3 and len(value.items) < 9 and not value.rest:
        return ("t", *(key_of(item, depth + 1) for item in value.items))
    if isinstance(value, (Object, Tensor)):
        return ("o", value.serial)
    # the value itself, not its address: another one may stand there when this one is gone
    return ("i", value)


def content_key(value: Value) -> Key:
    """A key that is equal as long as a value holds the same: a list may be another after it has changed."""
    return key_of(value.state["items"] if isinstance(value, List) else value)


def is_large(key: Key) -> bool:
    """Whether a key has grown too large: keys grow with expressions, and past a bound a fresh unknown replaces them."""
    if type(key) is not tuple:
        return False
    count = 0
    inner = [key]
    for part in inner:
        count += len(part)
        if count > MOST_PARTS:
            return True
        for one in part:
            if type(one) is tuple:
                inner.append(one)  # a comprehension for each part takes twice as long
    return False

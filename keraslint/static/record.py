"""What the interpreter met on its way: models, compiles, fits, formulas, obsolete arguments, text arrays, imports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from keraslint.model import Span
from keraslint.static.bounds import Budget
from keraslint.static.catalog.obsolete import ObsoleteSpec
from keraslint.static.catalog.removed import RemovedSpec
from keraslint.static.values import Arguments, Construct, Data, Guard, Key, Object, Site, Tensor, Value


@dataclass(slots=True)
class Fit:
    """A call that trains or evaluates: `x` and `y` as far as known, and under which decisions it happens.

    `callbacks` are what it was given of these; `open` tells that some of its arguments are not known.
    """

    site: Site
    guard: Guard
    x: Value | None = None
    y: Value | None = None
    training: bool = True
    callbacks: Value | None = None
    open: bool = False


@dataclass(slots=True)
class ValidationUse:
    """Validation data given to a call that trains, and whether they are the samples that it is trained on."""

    site: Site
    repeats: bool


@dataclass(slots=True)
class Compile:
    """A call of `compile`, with the outputs that the model had then.

    `activations` are those that had been set on layers after they were made, by the serial of the layer. `imported`
    tells that it happened while another file was imported: it is told where that file is read. `run` is that of
    `Happening`. `given` tells that the model was then handed to something that is not followed, which may train it;
    `replaced` that another `compile` took its place before anything trained.
    """

    site: Site
    guard: Guard
    model: Value
    outputs: Value
    arguments: Arguments
    bound: dict[str, Value]
    fits: list[Fit] = field(default_factory=list)
    activations: dict[int, Value] = field(default_factory=dict)
    imported: bool = False
    run: int = 0
    given: bool = False
    replaced: bool = False


@dataclass(slots=True)
class DirectLoss:
    """A loss called on labels and a prediction outside `compile`: a custom training loop, or a number to be shown.

    `taped` tells that a `GradientTape` was recording, `imported` as in `Compile`.
    """

    site: Site
    guard: Guard
    loss: Tensor
    taped: bool = False
    imported: bool = False


@dataclass(slots=True)
class MetricUpdate:
    """A metric that the program's own loop gives predictions to."""

    site: Site
    guard: Guard
    metric: Construct
    predictions: Value


@dataclass(slots=True)
class ObsoleteUse:
    """An argument that some Keras does not take."""

    site: Site
    owner: str
    argument: str
    spec: ObsoleteSpec


@dataclass(slots=True)
class StrideUse:
    """A convolution over pixels with three numbers by position, and what in the call speaks of Keras 1."""

    site: Site
    layer: str
    kernel_size: tuple[int, Site]
    strides: tuple[int, Site]
    sign: tuple[str, Site] | None = None


@dataclass(slots=True)
class RemovedUse:
    """A name that some Keras does not have.

    `package` is the one that it is taken from, as far as that is known. `successor` is what may be written in the same
    place.
    """

    site: Site
    guard: Guard
    spec: RemovedSpec
    package: str | None = None
    successor: str | None = None


@dataclass(slots=True)
class Decision:
    """How the program reads predictions of a model: `argmax` or `threshold`.

    `choices` counts the numbers among which the `argmax` looks.
    """

    site: Site
    guard: Guard
    model: Value
    kind: str
    choices: int | None = None


@dataclass(slots=True)
class Happening:
    """Something that is done to a model or layer, in the order in which it happens: `compile`, `train`, `restore`, or
    `trainable` with the value that it is set to.

    `run` is 0 in the program itself and in what it calls; every function that nobody calls has a number of its own,
    because nobody knows when it is called.
    """

    kind: str
    site: Site
    guard: Guard
    target: Object
    run: int
    value: Value | None = None


@dataclass(slots=True)
class Record:
    """Everything worth a fact, in the order it was met.

    `attempts` counts the blocks around the present statement in which a name may be missing: `try` with a handler for
    it, `with pytest.raises(...)`; `asked` are the names that the program asks for with `hasattr`, `conditional` the
    functions and classes that it defines for some versions only. `legacy` is where it says that `tf.keras` shall be
    Keras 2. `replaced` is true while a function is read that nobody called before another one took its name. `spans`
    are the places that were told so far, by the identity of the node: the same place has the same span. `calls` are
    what came out of each layer, by the serial of the layer. `columns` keeps what was written into the columns of tables
    that are not known themselves, `files` where a column of a table from a file is taken first, and nothing where the
    program put something else into it; `flags` are those of the command line by name. `parts` are those of each model,
    `places` the numbers in the history of what was done to an object itself, or to something that has it as a part.
    `derived` are expressions by the identity of the node with what they are, as Python writes it; nothing where that is
    not known, or differs.
    """

    models: list[Object] = field(default_factory=list)
    compiles: list[Compile] = field(default_factory=list)
    losses: list[DirectLoss] = field(default_factory=list)
    updates: list[MetricUpdate] = field(default_factory=list)
    activations: list[Tensor] = field(default_factory=list)
    calls: dict[int, list[Tensor]] = field(default_factory=dict)
    obsolete: list[ObsoleteUse] = field(default_factory=list)
    removed: list[RemovedUse] = field(default_factory=list)
    strides: list[StrideUse] = field(default_factory=list)
    text_arrays: list[Data] = field(default_factory=list)
    validations: list[ValidationUse] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    packages: list[tuple[str, Site]] = field(default_factory=list)
    history: list[Happening] = field(default_factory=list)
    run: int = 0
    runs: int = 0
    flags: dict[str, Value] = field(default_factory=dict)
    spans: dict[int, Span] = field(default_factory=dict)
    columns: Object = field(default_factory=Object)
    files: dict[Key, Site | None] = field(default_factory=dict)
    backend: tuple[str, Site] | None = None
    policy: tuple[str, Site] | None = None
    tensorflow: tuple[str, Site] | None = None
    channels_first: bool = False
    channels_unsure: bool = False
    replaced: bool = False
    tapes: int = 0
    importing: int = 0
    layers_told: int = 0
    by_kind: dict[str, list[Happening]] = field(default_factory=dict)
    indexed: int = 0
    parts: dict[int, frozenset[int]] = field(default_factory=dict)
    places: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    placed: int = 0
    attempts: int = 0
    asked: set[str] = field(default_factory=set)
    conditional: set[int] = field(default_factory=set)
    legacy: Site | None = None
    budgets: dict[Budget, Site] = field(default_factory=dict)
    derived: dict[int, tuple[Site, str | None]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Happening]:
        """What happened of one kind. A file may have thousands of models, and each asks."""
        for one in self.history[self.indexed :]:
            self.by_kind.setdefault(one.kind, []).append(one)
        self.indexed = len(self.history)
        return self.by_kind.get(kind, [])

    def spent(self, budget: Budget, site: Site) -> None:
        """Note that something was cut off, and where that happened first."""
        self.budgets.setdefault(budget, site)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What happens in here has a `run` of its own."""
        self.runs += 1
        self.run = self.runs
        try:
            yield
        finally:
            self.run = 0

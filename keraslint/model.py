"""The model: what a program builds and trains, as facts with places.

This room holds plain immutable data and nothing else: no syntax tree, no tensor, no opinion and no file format.
Reading a source fills it, measuring a running program fills it, rules ask it.

Every field that can be known is a `Fact` or `None`. `None` means *not known*, never *absent*: a layer without an
activation has the fact `"linear"`, read at the layer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import IntEnum, StrEnum
from math import inf
from typing import Generic, Literal, NamedTuple, TypeVar

T = TypeVar("T")
Element = TypeVar("Element")


class Position(NamedTuple):
    """A range of text: lines and columns from 1, columns in characters, the end exclusive.

    In a notebook `line` is the physical line of the file, `cell` the index of the cell (from 0), `cell_id` its id if it
    has one and `cell_line` the line inside the cell.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None
    cell_id: str | None = None
    cell_line: int | None = None


class Span:
    """A place in a file. Its numbers are computed when somebody first asks: most places are never shown."""

    __slots__ = ("_locate", "_position", "path")

    def __init__(self, path: str, where: Position | Callable[[], Position]) -> None:
        self.path = path
        self._position = where if isinstance(where, Position) else None
        self._locate = None if isinstance(where, Position) else where

    @property
    def position(self) -> Position:
        if self._position is None:
            assert self._locate is not None
            self._position = self._locate()
            self._locate = None  # it holds the whole program
        return self._position

    @property
    def line(self) -> int:
        return self.position.line

    @property
    def column(self) -> int:
        return self.position.column

    @property
    def end_line(self) -> int:
        return self.position.end_line

    @property
    def end_column(self) -> int:
        return self.position.end_column

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and (self.path, self.position) == (other.path, other.position)

    def __hash__(self) -> int:
        return hash((self.path, self.position))

    def __repr__(self) -> str:
        return f"Span({self.path}:{self.line}:{self.column})"


class Origin(StrEnum):
    """Where a fact comes from."""

    READ = "read"
    MEASURED = "measured"


class Confidence(IntEnum):
    """How sure a fact is. A finding is as sure as the weakest of its facts; low ones are not reported by default."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value, the place that says so, and how it is known.

    `literal` is true when the text at `span` is the value as written (`"softmax"`, `from_logits=True`) and means it
    for this model only, so that an edit there changes this and nothing else. `omitted` is true when `span` is a call
    that could say the value by an argument and leaves it out, so that an argument can be added there. `apart` is true
    when the call at `span`, or the one that has `span` for its argument, is there for this value alone (`Softmax()`,
    `Activation("softmax")`, `tf.nn.softmax(x)`), so that it could go as a whole. `text` is what to say at the place in
    a code frame.
    """

    value: T
    span: Span
    origin: Origin = Origin.READ
    confidence: Confidence = Confidence.HIGH
    literal: bool = False
    text: str = ""
    omitted: bool = False
    apart: bool = False

    def saying(self, text: str) -> Fact[T]:
        """The same fact with the words to show at its place."""
        return replace(self, text=text)


@dataclass(frozen=True, slots=True)
class Outputs:
    """What one row of predictions may be: bounds of every number, and the axes along which the numbers add up to one.

    Axes as in `Activation.axis`. Read bounds over-approximate: a value outside them is impossible.
    """

    low: float = -inf
    high: float = inf
    totals: tuple[int, ...] = ()


class Route(StrEnum):
    """How a softmax or sigmoid is spelled, which decides whether Keras on TensorFlow finds the logits behind it."""

    ACTIVATION = "activation"
    """`activation="softmax"` of a layer, `Activation("softmax")`, `keras.activations.softmax`, `keras.ops.softmax`."""
    SOFTMAX_LAYER = "softmax-layer"
    """`keras.layers.Softmax()`."""
    OP = "op"
    """A TensorFlow op, such as `tf.nn.softmax`, in a Lambda or on a tensor."""
    HIDDEN = "hidden"
    """A formula written by hand, or something stands behind it: Reshape, Permute, TimeDistributed, a recurrent layer.
    """


@dataclass(frozen=True, slots=True)
class Activation:
    """One function applied to a tensor, wherever it stands: in a head, in a hidden layer, in a helper nobody calls.

    `name` is a Keras name (`softmax`, `sigmoid`, `relu`, ...), `normalised-sigmoids` for sigmoid(x) / sum(sigmoid(x)),
    or `log-softmax` for log(softmax(x)). `axis` is where softmax-like functions share their total: 0 the batch, -1 the
    channels, any other number a spatial or time axis. `size` is the length of that axis. `by_hand` is known when the
    program wrote the formula itself; its value tells whether the formula is safe from overflow.
    """

    span: Span
    name: Fact[str]
    axis: Fact[int] | None = None
    size: Fact[int] | None = None
    route: Route = Route.ACTIVATION
    by_hand: Fact[bool] | None = None


class Goal(StrEnum):
    """Where the outputs of a layer go."""

    LAYER = "layer"
    """Another layer of the same model."""
    OUTPUT = "output"
    """They are an output of this model, or of another one of the program."""
    MODEL = "model"
    """Another model, or a layer that is only in another model."""
    LOSS = "loss"
    """A loss that the program calls."""
    UNKNOWN = "unknown"
    """Something that is not followed: a function of another library, a custom layer, a layer that is not known."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One way that the outputs of a layer go: to `layer` (a number in `Model.layers`) or to another goal.

    `through` are the operations on the way that are no layers (`add`, `matmul`, `getitem`, `relu`, ...), first applied
    first; empty where the goal takes the outputs as they are.
    """

    goal: Goal
    layer: int | None = None
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a model in the order of the calls. `kind` is Keras's class name, such as `Dense`.

    A layer that is called several times, or stands in several models, is one layer. `feeds` are all the ways that its
    outputs go, whichever call they come from; `calls` counts the calls. `takes` is the length of the channel axis of
    its input. `use_bias`, `kernel_initializer` and `bias_initializer` (a name of Keras; `constant` for any fixed
    number), `kernel_size`, `strides`, `rate` (of a dropout layer) and `axis` (of the channels of a layer with weights,
    or that a normalisation or softmax works on; the last one is -1) are known for layers that have such a parameter,
    and are what Keras takes where the program says nothing. `trainable` is what was said last.
    """

    span: Span
    kind: str
    name: str | None = None
    units: Fact[int] | None = None
    activation: Fact[str] | None = None
    takes: Fact[int] | None = None
    kernel_size: Fact[tuple[int, ...]] | None = None
    strides: Fact[tuple[int, ...]] | None = None
    axis: Fact[int] | None = None
    use_bias: Fact[bool] | None = None
    kernel_initializer: Fact[str] | None = None
    bias_initializer: Fact[str] | None = None
    rate: Fact[float] | None = None
    trainable: Fact[bool] | None = None
    calls: int = 1
    feeds: tuple[Flow, ...] = ()


@dataclass(frozen=True, slots=True)
class Sums:
    """What the outputs add up to along one axis (as in `Activation.axis`; 0 is the batch), over all rows measured.

    `counts` tells how many of the sums lie in each of as many equally wide parts of the range from `low` to `high`:
    one where they are all the same, none where they were not counted.
    """

    axis: int
    low: float
    high: float
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Coupling:
    """How much the prediction of a row depends on the rows beside it.

    `difference` is the largest one between the outputs of `rows` rows, each alone, and the same rows in a batch of
    `batch`; `alone` are the lowest and the highest output of a row alone.
    """

    difference: float
    batch: int
    alone: tuple[float, ...] = ()
    rows: int = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """What one output of the real model was seen to do, on `rows` rows that were made up, at inference.

    A measured value is a witness: outputs were seen there, and may go further. `outputs` holds the lowest and highest
    number seen while the scores before the last function were driven through a wide range, and the axes along which the
    numbers always added up to one; `sums` are the sums with the weights as they are initialised. `constant` is known
    where every output was that number, whatever the inputs and weights. `non_finite` is the score (the number before
    the last function) from which on outputs were not finite, `gradient` the one from which on the gradient was not.
    `devices` is the largest difference between CPU and GPU on the same rows, where it is more than the number format
    explains.
    """

    span: Span
    rows: int
    activation: Fact[str] | None = None
    units: Fact[int] | None = None
    outputs: Fact[Outputs] | None = None
    sums: Fact[tuple[Sums, ...]] | None = None
    coupling: Fact[Coupling] | None = None
    constant: Fact[float] | None = None
    non_finite: Fact[float] | None = None
    gradient: Fact[float] | None = None
    devices: Fact[float] | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What the loss of a training is before any step, on rows that were made up (or given).

    `trained` is the loss that Keras minimises (as `fit` computes it), `predicted` the same loss of what `predict()`
    returns. `expected` is what theory says of an untrained model (`name` such as `ln 10`). `gradient` is the norm over
    all trainable weights, `still` are the weights whose gradient is exactly zero.
    """

    span: Span
    rows: int
    trained: Fact[float] | None = None
    predicted: Fact[float] | None = None
    expected: Fact[float] | None = None
    name: str = ""
    gradient: Fact[float] | None = None
    still: Fact[tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """One output of a model: what stands behind the last weights.

    `units` is the length of the channel axis; `channel_axis` its index (-1, or 1 for channels_first); `rank` counts
    the axes with the batch (2 is a flat vector, 4 a map of pixels). `activation` is one word for everything applied
    since the last layer with weights: `linear`, a Keras name, `softmax-twice`, `sigmoid-twice`, `softmax-on-sigmoid`,
    `sigmoid-on-softmax`, `softmax-on-relu`, `NAME-on-NAME`, `softmax-over-batch-axis`, `softmax-over-spatial-axis`,
    `normalised-sigmoids`, `scaled-NAME`. `activations` are the same functions one by one, first applied first; empty
    for a linear head. `decision` is how the program reads predictions: `argmax` or `threshold`; `choices` counts the
    numbers among which an `argmax` looks for the largest (the fewest, where the program reads them several times).
    `behind` are layers between the last function (or the last weights) and the output that change the numbers:
    dropout, noise, normalisations of probabilities; by their class, first applied first. `rows` is known where a map is
    reshaped to rows as long as it has channels: each holds the `channels` of one place, or several `places` of one
    channel.
    """

    span: Span
    name: str | None = None
    layer: Fact[str] | None = None
    units: Fact[int] | None = None
    rank: Fact[int] | None = None
    channel_axis: Fact[int] | None = None
    activation: Fact[str] | None = None
    activations: tuple[Activation, ...] = ()
    outputs: Fact[Outputs] | None = None
    route: Route = Route.ACTIVATION
    decision: Fact[str] | None = None
    choices: Fact[int] | None = None
    rows: Fact[str] | None = None
    behind: tuple[Fact[str], ...] = ()
    measured: Measured | None = None

    @property
    def last(self) -> Fact[str] | None:
        """`activation` without what it is applied to, where that squashes but gives no probabilities.

        A `softmax-on-relu` is a softmax for every rule that asks what comes out; a `softmax-on-sigmoid` is not.
        """
        if self.activation is None:
            return None
        function, applied, inner = self.activation.value.partition("-on-")
        if not applied or "softmax" in inner or "sigmoid" in inner:
            return self.activation
        return replace(self.activation, value=function)


class Family(StrEnum):
    """What a loss asks of its head and its labels."""

    CATEGORICAL = "categorical"
    """One-hot labels: categorical crossentropy and its focal variant."""
    SPARSE = "sparse"
    """Class ids: sparse categorical crossentropy."""
    BINARY = "binary"
    """Zeros and ones per unit: binary crossentropy and its focal variant."""
    REGRESSION = "regression"
    """Distances: MSE, MAE, MAPE, MSLE, Huber, LogCosh."""
    COSINE = "cosine"
    DIVERGENCE = "divergence"
    POISSON = "poisson"
    OVERLAP = "overlap"
    """Dice, Tversky, Jaccard."""
    HINGE = "hinge"
    CTC = "ctc"
    CUSTOM = "custom"

    @property
    def stretches(self) -> bool:
        """Whether such a loss repeats labels until they fit the outputs, as arrays do, where others compare shapes."""
        return self in {Family.REGRESSION, Family.COSINE, Family.DIVERGENCE, Family.HINGE, Family.POISSON}


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss. `name` is Keras's snake-case name (`categorical_crossentropy`, `mean_squared_error`, `dice`, ...).

    `from_logits` is false for a loss that has no such parameter (`takes_logits` tells). `spelling` is `string`,
    `class`, `function` (of Keras), `op` (of TensorFlow itself, which never looks for logits) or `custom` (a function
    of the program). `class_name` is the class of Keras that computes it, `keras.losses.Huber`, if there is one.
    `callee` is the name of Keras's class or function where it is given in place and can be another one: a class with
    arguments that every loss of its kind takes.
    `as_given` is false where a function of the program changes labels or predictions at all before it calls the loss:
    then the labels of the training are not known.
    """

    span: Span
    name: Fact[str]
    family: Family
    from_logits: Fact[bool] | None
    takes_logits: bool = False
    spelling: str = "string"
    as_given: bool = True
    class_name: str | None = None
    callee: Fact[str] | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric by Keras's snake-case name: `accuracy` (resolved by shape), `binary_accuracy`, `auc`,
    `mean_absolute_error`.

    `threshold` and `from_logits` are known where the metric has such a parameter. `literal` removal is possible when
    the fact `name` says so.

    `reads` is what it makes of predictions: `largest` (where the largest stands), `threshold` (each number against
    the threshold), `curve` (each number against many thresholds inside 0..1), `probabilities` (a crossentropy),
    `integers` (each number is cut to an integer) or `equality`. `labels` is what it compares with: `one-hot`,
    `class-ids` or `each-output` (a number for each output). Plain accuracy reads as Keras resolves it for the head.
    """

    span: Span
    name: Fact[str]
    from_logits: Fact[bool] | None = None
    threshold: Fact[float] | None = None
    reads: Fact[str] | None = None
    labels: Fact[str] | None = None


@dataclass(frozen=True, slots=True)
class Loader:
    """How a generator or data set over folders or a table was told to give its labels.

    `span` is the call, `parameter` is `label_mode` or `class_mode`; `mode` is what it is, at the call where the program
    leaves it out (`span` tells), and literal where it is written there.
    """

    span: Span
    parameter: str
    mode: Fact[str]


@dataclass(frozen=True, slots=True)
class Labels:
    """What the program trains towards, with the place of the evidence.

    `encoding` is `one-hot`, `class-ids`, `multi-label`, `continuous`, `text` or `scaled-class-ids` (class ids that were
    divided or standardised, whatever was made of them afterwards). `classes` counts the classes. `low`
    and `high` bound the values (`inf` is knowledge: known to be unbounded, as behind a StandardScaler). `exclusive`
    tells whether one row has exactly one class. `rank` counts the axes with the batch (1 is one number for each
    sample), `columns` is the length of the last axis where there are two and more. `by_hand` is known where the
    program numbered the classes itself, in an order that may mean something. `loader` is known where labels come
    from a generator or data set that was told how to give them.
    """

    span: Span
    encoding: Fact[str] | None = None
    classes: Fact[int] | None = None
    low: Fact[float] | None = None
    high: Fact[float] | None = None
    exclusive: Fact[bool] | None = None
    rank: Fact[int] | None = None
    columns: Fact[int] | None = None
    by_hand: Fact[bool] | None = None
    loader: Loader | None = None

    def beyond(self, low: float, high: float) -> Fact[float] | None:
        """The bound that shows that some values leave the range from `low` to `high`; nothing when none is known to."""
        if self.high and self.high.value > high:
            return self.high.saying(f"up to {self.high.value:g}" if self.high.value < inf else "without bounds")
        if self.low and self.low.value < low:
            return self.low.saying(f"down to {self.low.value:g}" if self.low.value > -inf else "without bounds")
        return None

    @property
    def real(self) -> bool:
        """Whether these are known to be real numbers of any size: no classes, and no probabilities either."""
        return bool(self.encoded("continuous") and self.beyond(0, 1))

    def encoded(self, *words: str) -> Fact[str] | None:
        """The encoding, when it is known to be one of these."""
        return self.encoding if self.encoding and self.encoding.value in words else None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a model is fitted on, with the place of the evidence.

    `kind` is `pixels` or `ids` (of words). `low` and `high` bound the values that reach the model, as in `Labels`; they
    are known only where every call that trains agrees. `first` is the first layer of the model that weighs these
    values or puts them on another scale (`Dense`, `Rescaling`, `BatchNormalization`, a network of
    `keras.applications`, ...), and `activation` what it applies; a layer whose outputs are normalised before anything
    saturates counts as that normalisation.
    """

    span: Span
    kind: Fact[str] | None = None
    low: Fact[float] | None = None
    high: Fact[float] | None = None
    first: Fact[str] | None = None
    activation: Fact[str] | None = None


@dataclass(frozen=True, slots=True)
class Runtime:
    """Which Keras runs the program.

    `package` is what the program imports (`keras`, `tensorflow.keras`, `tf_keras`); `keras` a version as far as known
    (`"3"`, `"2.15"`, `"3.6"`); `tensorflow` likewise; `backend` is `tensorflow`, `jax` or `torch`; `dtype_policy` such
    as `mixed_float16`.
    """

    package: Fact[str] | None = None
    keras: Fact[str] | None = None
    tensorflow: Fact[str] | None = None
    backend: Fact[str] | None = None
    dtype_policy: Fact[str] | None = None

    @property
    def keras_version(self) -> tuple[int, int] | None:
        """Major and minor number of the Keras in use, where the program or its project tells.

        TensorFlow brought its own Keras 2 up to version 2.15, with the same numbers; that of TensorFlow 1 counts as
        2.0. The package tf_keras goes on from there.
        """
        package = self.package.value if self.package is not None else None
        if package == "tf_keras":
            return LATEST_KERAS_2
        if self.keras is not None:
            return _major_and_minor(self.keras.value)
        if package == "tensorflow.keras" and self.tensorflow is not None and self.tensorflow.value != "2":
            number = _major_and_minor(self.tensorflow.value)
            return max(number, (2, 0)) if number <= LAST_TENSORFLOW_WITH_KERAS_2 else (3, 0)
        return None

    @property
    def keras_generation(self) -> Literal[2, 3] | None:
        """2 or 3, where the version in use is known; what Keras 1 did is not told, it counts as 2."""
        version = self.keras_version
        return None if version is None else 3 if version >= (3, 0) else 2


LAST_TENSORFLOW_WITH_KERAS_2 = (2, 15)
LATEST_KERAS_2 = (2, 21)
"""The last Keras 2 there is: the package tf_keras."""


def _major_and_minor(version: str) -> tuple[int, int]:
    """The first two numbers of a version, which may say less than both."""
    major, _, minor = version.partition(".")
    return int(major), int(minor.partition(".")[0] or 0)


@dataclass(frozen=True, slots=True)
class Training:
    """One head with what trains it. Most rules are about a training.

    `learning_rate` is the one that the optimizer is given, as long as nothing is seen to change it while it trains.
    """

    span: Span
    head: Head
    loss: Loss | None = None
    metrics: tuple[Metric, ...] = ()
    labels: Labels | None = None
    inputs: Inputs | None = None
    optimizer: Fact[str] | None = None
    runtime: Runtime = Runtime()
    learning_rate: Fact[float] | None = None
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """A change of `trainable` behind `compile`, and a training that follows without another `compile`.

    `trainable` is what is said, at the place that says it, and differs from what held when the model was compiled.
    `again` tells that the model had been trained since it was compiled, and `whole` that the change is that of the
    model itself, with all its layers.
    """

    span: Span
    trainable: Fact[bool]
    compiled: Fact[str]
    trained: Fact[str]
    again: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class LossMismatch:
    """Losses that a `compile` gives one by one, in a list or dictionary that does not fit the outputs of the model.

    `losses` and `outputs` are `list` or `dict`. `left_out` are the outputs that get no entry, `untrained` those of them
    with weights of their own, which nothing else trains; `surplus` are entries for which there is no output. An entry
    of `None` is an entry: what is left out so is meant to be.
    """

    span: Span
    losses: Fact[str]
    outputs: str
    left_out: tuple[Fact[str], ...] = ()
    untrained: tuple[Fact[str], ...] = ()
    surplus: tuple[Fact[str], ...] = ()
    runtime: Runtime = Runtime()


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the program: its layers, its heads and how it is trained. `late` are changes of `trainable` that a
    training may not see; `restored` is where it gets weights from a file. `probed` tells that the real model was built
    and measured, `failure` is what Keras said where that did not succeed.
    """

    span: Span
    name: str | None = None
    runtime: Runtime = Runtime()
    layers: tuple[Layer, ...] = ()
    heads: tuple[Head, ...] = ()
    trainings: tuple[Training, ...] = ()
    mismatches: tuple[LossMismatch, ...] = ()
    late: tuple[Late, ...] = ()
    restored: Fact[str] | None = None
    probed: bool = False
    failure: Fact[str] | None = None

    def takers(self, layer: Layer, past: Collection[str] = ()) -> tuple[Layer, ...] | None:
        """The layers that take the outputs of a layer as they are; layers of the kinds in `past` are looked through.

        `None` where anything else may take them too: an output, an operation, another model, something not known.
        """
        found: list[Layer] = []
        seen: list[Layer] = []
        open_ = [layer]
        while open_:
            one = open_.pop()
            seen.append(one)
            for flow in one.feeds:
                if flow.layer is None or flow.through:
                    return None
                taker = self.layers[flow.layer]
                if taker.kind not in past:
                    found.append(taker)
                elif not any(taker is old for old in seen):
                    open_.append(taker)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Obsolete:
    """An argument that some Keras does not take any more, as the program passes it.

    `owner` is Keras's name for what is called (`Dense`, `Adam`, `Model`). `in_keras_2` and `in_keras_3` say what
    happens there: `accepted`, `ignored`, `raises` or, of an argument that is left out, `required`. Keras 2 means
    TensorFlow 2.x and tf_keras, and `later` the version of these from which it does something else, with what it does
    then. `successor` is today's name, if there is a direct one; `value` the successor's value where that changes too
    (as source text).
    """

    span: Span
    argument: Fact[str]
    owner: str
    in_keras_2: str
    in_keras_3: str
    successor: str | None = None
    value: str | None = None
    later: tuple[str, str] | None = None
    runtime: Runtime = Runtime()


@dataclass(frozen=True, slots=True)
class Removed:
    """A name that some Keras does not have: a module, a class, a function, a method of a model.

    `name` is where it is written first (`keras.utils.np_utils`, `fit_generator`), `others` are the same name at other
    places, and other functions of the backend that are gone with it. `gone` is the first version of the package in use
    that is known to be without it. `successor` is today's name for the same thing, `written` how it is written at every
    one of these places, `advice` what else there is.
    """

    span: Span
    name: Fact[str]
    gone: str
    successor: str | None = None
    written: str | None = None
    advice: str = ""
    others: tuple[Fact[str], ...] = ()
    runtime: Runtime = Runtime()


@dataclass(frozen=True, slots=True)
class PositionalStride:
    """A convolution over pixels that is called with three numbers by position.

    Today's Keras takes the second for the size of the kernel and the third for the stride; Keras 1 took them for the
    rows and the columns of the kernel. `sign` is what else in the call speaks of Keras 1: its name for the layer or for
    an argument.
    """

    span: Span
    layer: str
    kernel_size: Fact[int]
    strides: Fact[int]
    sign: Fact[str] | None = None
    runtime: Runtime = Runtime()


@dataclass(frozen=True, slots=True)
class TextArray:
    """A NumPy array of fixed-width text: `width` characters fit, `longest` is the longest text known to be stored in
    it.
    """

    span: Span
    width: Fact[int]
    stored: tuple[Fact[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Validation:
    """Validation data that are the very samples that a model is trained on, as far as these are not made up by the
    program. What else is given as validation data is not told: nothing can be said about it.
    """

    span: Span
    repeats: Fact[bool]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read: not Python, not a notebook, not text."""

    span: Span
    reason: Fact[str]


@dataclass(frozen=True, slots=True)
class IdleIgnore:
    """A comment that is to silence rules and silences nothing, as far as its `names` go.

    `unknown` are those of the names that no rule has, and `meant` for each of them the nearest one that a rule has, if
    all have one. `removals` are the places that have to go: the comment, or the names in it. `flaw` says why a comment
    is none; it has no names then, and stands in their place.
    """

    span: Span
    names: tuple[Fact[str], ...]
    unknown: tuple[str, ...] = ()
    removals: tuple[Span, ...] = ()
    meant: tuple[str, ...] = ()
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something that was met and could not be judged, and why. `measuring` tells that it was read, and that something
    of it was not measured."""

    span: Span
    reason: str
    measuring: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """All that was recovered from one file. `activations` are all functions applied to tensors, inside models and
    outside. `derived` are expressions with what they are, as Python writes it: for whoever builds the models without
    the data that these come from. A reader is not told of them.
    """

    path: str
    models: tuple[Model, ...] = ()
    activations: tuple[Activation, ...] = ()
    obsolete: tuple[Obsolete, ...] = ()
    removed: tuple[Removed, ...] = ()
    positional_strides: tuple[PositionalStride, ...] = ()
    text_arrays: tuple[TextArray, ...] = ()
    validations: tuple[Validation, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    idle_ignores: tuple[IdleIgnore, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    derived: tuple[Fact[str], ...] = ()

    def sites(self) -> Iterator[tuple[tuple[Model, Layer], ...]]:
        """The layers of all models by the place where they are made: a helper or a loop makes several at one place."""
        # by identity: comparing places would compute them all, and most are never shown
        found: dict[int, list[tuple[Model, Layer]]] = {}
        for model in self.models:
            for layer in model.layers:
                found.setdefault(id(layer.span), []).append((model, layer))
        yield from map(tuple, found.values())

    def parts(self, kind: type[Element]) -> Iterator[Element]:
        """Everything of one kind that a rule can be about: `Model`, `Head`, `Training`, `Activation`, `Obsolete` ..."""
        if kind is Training:
            for model in self.models:
                yield from model.trainings  # type: ignore[misc]
        elif kind is LossMismatch:
            for model in self.models:
                yield from model.mismatches  # type: ignore[misc]
        elif kind is Head:
            for model in self.models:
                yield from model.heads  # type: ignore[misc]
        elif kind is Program:
            yield self  # type: ignore[misc]
        else:
            for item in fields(self):
                for part in getattr(self, item.name) if item.name != "path" else ():
                    if isinstance(part, kind):
                        yield part


def facts(part: object) -> Iterator[Fact[object]]:
    """Every fact inside a part of the model, outermost first."""
    if isinstance(part, Fact):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from facts(item)
    elif is_dataclass(part):
        for item in fields(part):
            yield from facts(getattr(part, item.name))

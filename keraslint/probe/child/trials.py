"""What the losses of a model are before any step: as Keras trains them, and of what `predict()` returns.

Nothing is trained and nothing is changed. Labels are made up where none are given.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import compiled, losing
from .compiled import Piece
from .kit import Kit, flat, mapped
from .labels import OF_LOSS, Labels, made_up
from .losing import Loss, Outcome, Pass
from .stand_ins import none_made_up

SEED = 20

MOST_ELEMENTS = 2**19
"""How many numbers of inputs a pass with gradients takes at most: a few pictures, many rows of features."""
FEWEST_ROWS = 2

SAME = 1e-3
"""Relative difference up to which two losses are the same."""
SAME_IN_HALF = {"float16": 2e-2, "bfloat16": 5e-2}
"""The same for outputs in half precision."""

SCALES = (0.1, 0.01, 0.001)
"""What rows are multiplied with, one after the other, where outputs saturate."""
SATURATED = 1e-5
FAINT = 0.01
"""What kernels are multiplied with where all outputs are the same and saturate."""
FLAT = 1e-6
"""Outputs whose largest and smallest differ by less say nothing of what is done to the scores behind them."""
STILL = 1e-12
"""A part of a gradient below is zero."""
STILL_BUT_ROUNDED = 1e-2
"""The same where the gradient is known to vanish but for rounding: the direction of a single number is its sign."""
NEARLY_NOTHING = 1e-3
NEAR = 0.2
"""What is multiplied with the rows of a model that comes to something else, and how near to theory it is then."""
MOST_NAMES = 200
USUAL = (0.5, 2.0)
"""What an untrained model comes to, as a share of what theory says."""
DRAWS = 4
"""How often the weights of a model that comes to something else are drawn again."""
OTHER_ROWS = (-0.3, 0.03)
"""The factors of other rows for what seems to have no gradient."""
LARGEST_INPUT = 20.0
"""Theory speaks of models that are fed with standard numbers; beyond this they are none."""
TABLES = ("embeddings_initializer", "num_tokens", "vocabulary")
"""Attributes of layers that look whole numbers up."""
GIVEN = "given"


def trial(
    model: Any,
    record: Any,
    rows: Any,
    kit: Kit,
    given: tuple[Any, Any] | None = None,
    read: Sequence[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """A training for each compiled loss of each head, as the parent process wants it told.

    `record` is what is known of the `compile` (None without one), `rows` are inputs that the model takes. `given` are
    inputs and labels of the user. `read` are losses of a model that is trained without `compile`: dictionaries with
    `head`, `name`, `from_logits` and `site`.
    """
    with losing.untouched(kit, model):
        bench = _bench(model, rows, kit, given)
        settings = _settings(model, record)
        site = getattr(record, "site", None)
        pieces = compiled.losses(settings.loss, bench.names, kit.keras)
        if not pieces:
            pieces = [piece for loss in read if (piece := _read(loss, len(bench.names), kit)) is not None]
            site = next((loss["site"] for loss in read if loss.get("site")), site)
        optimizer, rate = compiled.optimizer(model)
        with none_made_up():
            tried = _trials(bench, pieces)
        return [
            {
                "site": site,
                "losses": [
                    {
                        "head": piece.head,
                        "name": piece.name,
                        "from_logits": piece.from_logits,
                        "spelling": piece.spelling,
                        **({"own": piece.own} if piece.own else {}),
                    }
                ],
                "metrics": compiled.metrics(settings.metrics, piece.head, bench.names),
                "optimizer": optimizer,
                "learning_rate": rate,
                "trial": one,
            }
            for piece, one in zip(pieces, tried)
        ]


# -- What is measured --------------------------------------------------------------------------------------------------


class _Bench(NamedTuple):
    """A model with rows: its outputs as they are alive, and as arrays; `labels` are the user's, by head.

    `masked` tells that rows have places that do not count, `adds` that layers add losses by themselves.
    """

    kit: Kit
    model: Any
    inputs: Any
    names: list[str]
    live: list[Any]
    detached: list[Any]
    dtypes: list[str]
    labels: list[Any]
    masked: bool
    adds: bool


class _Settings(NamedTuple):
    loss: Any
    metrics: Any


def _bench(model: Any, rows: Any, kit: Kit, given: tuple[Any, Any] | None) -> _Bench:
    inputs = _fewer(_arrays(kit, given[0] if given else getattr(rows, "inputs", rows)))
    outputs = flat(losing.forward(model, losing.tensors(kit, inputs)))
    live = [one.value for one in outputs]
    count = len(flat(inputs)[0].value)
    y = None if given is None else given[1]
    labels = [None if one is None else one[:count] for one in _labels(kit, y, outputs)]
    return _Bench(
        kit,
        model,
        inputs,
        kit.output_names(model, [one.path for one in outputs]),
        live,
        [kit.numpy(one) for one in live],
        [kit.dtype(one) for one in live],
        labels,
        any(getattr(one, "_keras_mask", None) is not None for one in live),
        any(getattr(layer, "_losses", None) for layer in (model, *kit.layers(model))),
    )


def _arrays(kit: Kit, nest: Any) -> Any:
    """The nest with arrays in the types that `fit` makes of them."""

    def array(value: Any) -> Any:
        found = kit.numpy(value) if kit.is_tensor(value) else np.asarray(value)
        return found.astype("float32") if found.dtype == np.float64 else found

    return mapped(nest, array)


def _fewer(inputs: Any) -> Any:
    arrays = [one.value for one in flat(inputs)]
    row = max(1, sum(int(np.prod(array.shape[1:])) for array in arrays))
    count = max(FEWEST_ROWS, MOST_ELEMENTS // row)
    return mapped(inputs, lambda array: array[:count])


def _labels(kit: Kit, y: Any, outputs: Sequence[Any]) -> list[Any]:
    """The user's labels for each head; None where there are none."""
    if y is None:
        return [None] * len(outputs)
    found = {one.path: one.value for one in flat(_arrays(kit, y if len(outputs) > 1 else [y]))}
    if len(outputs) == 1:
        return list(found.values())[:1]
    return [found.get(one.path) for one in outputs]


def _settings(model: Any, record: Any) -> _Settings:
    """What was given to `compile`: what the model kept of it, else what is recorded of the call."""
    told = dict(getattr(record, "arguments", None) or {})
    losses = getattr(model, "_compile_loss", None) or getattr(model, "compiled_loss", None)
    loss = getattr(losses, "_user_loss", None) or getattr(losses, "_user_losses", None) or getattr(model, "loss", None)
    metrics = getattr(model, "_compile_metrics", None) or getattr(model, "compiled_metrics", None)
    named = getattr(metrics, "_user_metrics", None)
    return _Settings(told.get("loss") if loss is None else loss, told.get("metrics") if named is None else named)


def _read(loss: dict[str, Any], heads: int, kit: Kit) -> Piece | None:
    """A loss that reading found in a training loop, as an object of Keras."""
    head, name, from_logits = loss.get("head"), str(loss.get("name")), loss.get("from_logits")
    if not isinstance(head, int) or not 0 <= head < heads or name not in OF_LOSS:
        return None
    for word in dir(kit.keras.losses):
        kind = getattr(kit.keras.losses, word)
        if isinstance(kind, type) and compiled.name_of(word) == name:
            made = kind(from_logits=True) if from_logits else kind()
            return compiled.piece(head, made, kit.keras)._replace(in_loop=True)
    return None


# -- Trials ------------------------------------------------------------------------------------------------------------


class _Ready(NamedTuple):
    """A loss that can be computed, with labels that suit it; `compute` is the same function where it stands alone."""

    place: int
    piece: Piece
    loss: Loss
    compute: Loss
    labels: Labels
    others: tuple[Labels, ...]
    eager: float


def _trials(bench: _Bench, pieces: Sequence[Piece]) -> list[dict[str, Any] | None]:
    """What was measured for each piece; None where it cannot be."""
    found: list[dict[str, Any] | None] = [None] * len(pieces)
    ready = [one for place, piece in enumerate(pieces) if (one := _ready(bench, place, piece)) is not None]
    if not ready:
        return found
    for group in _runnable(bench, ready):
        for one, told in zip(group.ready, _measured(bench, group)):
            found[one.place] = told
    return found


def _ready(bench: _Bench, place: int, piece: Piece) -> _Ready | None:
    loss = _loss(bench, piece)
    if loss is None:
        return None
    detached = bench.detached[piece.head]
    mine = bench.labels[piece.head]
    if detached.dtype.kind != "f" and "float" not in str(detached.dtype):
        return None
    random = np.random.default_rng(SEED)
    axis = piece.axis if -detached.ndim <= piece.axis < detached.ndim else -1
    candidates = (
        (Labels(GIVEN, mine),) if mine is not None else made_up(_of_shape(piece, detached), detached, axis, random)
    )
    fitting = []
    compute = losing.jitted(bench.kit, loss)
    for candidate in candidates:
        value = _value(bench, compute, candidate, bench.live[piece.head])
        if value is not None:
            fitting.append((candidate, value))
    if not fitting:
        return None
    (labels, eager), *others = fitting
    return _Ready(place, piece, loss, compute, labels, tuple(other for other, _ in others), eager)


def _of_shape(piece: Piece, outputs: Any) -> str:
    if piece.name != "crossentropy":
        return piece.name
    return "binary_crossentropy" if outputs.shape[-1] == 1 else "categorical_crossentropy"


def _value(bench: _Bench, loss: Loss, labels: Labels, output: Any) -> float | None:
    try:
        inputs, made = losing.tensors(bench.kit, bench.inputs), losing.tensors(bench.kit, labels.values)
        value = losing.number(bench.kit, loss(inputs, made, losing.tensors(bench.kit, output)))
    except Exception:  # whatever a loss of the program raises for labels that are not its own
        return None
    return value if math.isfinite(value) else None


def _loss(bench: _Bench, piece: Piece) -> Loss | None:
    """The function that is trained; None where it is not known."""
    try:
        if piece.in_loop:
            return losing.alone(bench.kit, piece.given)
        if compiled.overrides(bench.model, "compute_loss"):
            return losing.overridden(bench.kit, bench.model) if len(bench.names) == 1 else None
        if compiled.overrides(bench.model, "train_step") and not compiled.uses_compiled_loss(bench.model):
            return None
        return losing.as_compiled(bench.kit, bench.model, piece.given)
    except Exception:  # what Keras does not take for a loss
        return None


class _Group(NamedTuple):
    """Losses that run together in one graph, and what came of it."""

    ready: list[_Ready]
    steps: Pass
    outcome: Outcome


def _runnable(bench: _Bench, ready: list[_Ready]) -> list[_Group]:
    """All losses in one graph; each in its own where they fail together."""
    steps = Pass(
        bench.kit,
        bench.model,
        [(one.piece.head, one.loss) for one in ready],
        eagerly=bool(getattr(bench.model, "run_eagerly", False)),
    )
    try:
        return [_Group(ready, steps, steps.run(bench.inputs, [one.labels.values for one in ready]))]
    except Exception:  # what works eagerly need not work in a graph, and then `fit` fails as well
        return [group for one in ready for group in _runnable(bench, [one])] if len(ready) > 1 else []


class _Pair(NamedTuple):
    """The loss as it is trained, the same without a graph, and that of the detached outputs."""

    trained: float
    eager: float
    predicted: float | None


def _measured(bench: _Bench, group: _Group) -> list[dict[str, Any]]:
    still = _still(bench, group)
    told = []
    for index, one in enumerate(group.ready):
        # Of the same pass: a layer that draws random numbers gives others each time.
        output = group.outcome.outputs[one.piece.head]
        pair = _Pair(group.outcome.values[index], one.eager, _value(bench, one.compute, one.labels, output))
        (trained, eager, predicted), moved = _clear(bench, group, index, pair)
        expected, name = (None, "") if moved else _theory(bench, one)
        if expected is not None and not _usual(trained, expected) and not _far_off(bench, group, index, expected):
            expected, name = None, ""
        told.append(
            {
                "trained": _finite(trained),
                "trained_eager": _finite(eager),
                "predicted": _finite(predicted),
                "expected": expected,
                "expected_name": name,
                "gradient": still.norms[index],
                "still": list(still.names[index][:MOST_NAMES]),
                "all_still": still.all[index],
                "labels": one.labels.kind + ("" if one.labels.kind == GIVEN else " made up"),
                "rows": len(output),
            }
        )
    return told


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _same(one: float, other: float, dtype: str) -> bool:
    tolerance = SAME_IN_HALF.get(dtype, SAME)
    return abs(one - other) <= tolerance * max(abs(one), abs(other)) + 1e-6


# -- Trained against predicted -----------------------------------------------------------------------------------------


def _clear(bench: _Bench, group: _Group, index: int, pair: _Pair) -> tuple[_Pair, bool]:
    """The pair, on rows or weights that show whether the two differ, and whether these are not the first ones.

    Where probabilities saturate, any two formulas differ; where outputs are all alike, as with a kernel of zeros, any
    two may agree.
    """
    head = group.ready[index].piece.head
    output, dtype = bench.detached[head], bench.dtypes[head]
    if pair.predicted is None:
        return pair, False
    if _same(pair.trained, pair.predicted, dtype):
        if _flat(output):
            with _woken(bench, group.steps):
                other = _again(bench, group, index, 1.0)
            if other is not None and _differs(other, dtype):
                return other, True
        return pair._replace(predicted=pair.trained), False
    if not _saturated(output):
        return pair, False
    if _flat(output):
        with _faint(bench, group.steps):
            other = _again(bench, group, index, 1.0)
        if other is None or _differs(other, dtype):
            return (pair, False) if other is None else (other, True)
        return pair._replace(predicted=pair.trained), False
    for scale in SCALES:
        other = _again(bench, group, index, scale)
        if other is not None:
            return (other, True) if _differs(other, dtype) else (pair._replace(predicted=pair.trained), False)
    return pair._replace(predicted=None), False


def _differs(pair: _Pair, dtype: str) -> bool:
    return pair.predicted is not None and not _same(pair.trained, pair.predicted, dtype)


def _again(bench: _Bench, group: _Group, index: int, scale: float) -> _Pair | None:
    """The pair on rows multiplied with a number; None where outputs saturate there."""
    one = group.ready[index]
    inputs = _scaled(bench.inputs, scale)
    outcome = _outcome(group, inputs)
    if outcome is None or _saturated(outcome.outputs[one.piece.head]):
        return None
    live = losing.parts(losing.forward(bench.model, losing.tensors(bench.kit, inputs)))
    eager = _value(bench, one.compute, one.labels, live[one.piece.head])
    predicted = _value(bench, one.compute, one.labels, outcome.outputs[one.piece.head])
    return None if eager is None else _Pair(outcome.values[index], eager, predicted)


def _outcome(group: _Group, inputs: Any) -> Outcome | None:
    try:
        return group.steps.run(inputs, [one.labels.values for one in group.ready])
    except Exception:  # what ran once may still fail for other numbers
        return None


def _saturated(outputs: Any) -> bool:
    """Whether some of what may be probabilities is so close to 0 or 1 that their logarithm is not what it was."""
    values = outputs.astype("float64")
    if values.min() < 0 or values.max() > 1:
        return False
    return bool(values.min() < SATURATED or values.max() > 1 - SATURATED)


def _flat(outputs: Any) -> bool:
    return bool(np.ptp(outputs.astype("float64")) < FLAT)


def _scaled(inputs: Any, scale: float, turn: bool = False) -> Any:
    """The rows with their numbers multiplied, and in another order; whole numbers stay what they are."""

    def change(array: Any) -> Any:
        array = array[::-1].copy() if turn else array
        return (array * scale).astype(array.dtype) if array.dtype.kind == "f" else array

    return mapped(inputs, change)


# -- Gradients ---------------------------------------------------------------------------------------------------------


class _Still(NamedTuple):
    """By loss: the norm of the gradient, None without trainable weights; whether there is none at all; and the names of
    the weights that nothing moves: for a loss without any gradient all of them, else those that no loss moves."""

    norms: list[float | None]
    all: list[bool]
    names: list[tuple[str, ...]]


def _still(bench: _Bench, group: _Group) -> _Still:
    """What no loss moves: not on these rows, not on others, and not when weights that are all alike no longer are."""
    count = len(group.ready)
    weights = [_name(weight) for weight in group.steps.weights]
    largest, norms = group.outcome.largest, group.outcome.norms
    if not weights or largest is None or norms is None:
        return _Still([None] * count, [False] * count, [()] * count)
    still = _is_still(bench, group, largest)
    if still.all(1).any() or still.all(0).any():
        for factor in OTHER_ROWS:
            still = still & _still_again(bench, group, factor)
    told = [0.0 if row.all() else float(np.sqrt(np.square(norm).sum())) for row, norm in zip(still, norms)]
    found = _Still([_finite(norm) for norm in told], [bool(row.all()) for row in still], [])
    at_rest = any(_keeps_statistics(layer) for layer in bench.kit.layers(bench.model)) and still.all(1).any()
    if at_rest or bench.adds or any(_loses_otherwise(bench, one.piece) for one in group.ready):
        # Something else than these losses moves the weights, and nothing is known of that; or all scores are beyond
        # measure, because what normalises them while the model trains is at rest here.
        return _Still([norm or None for norm in found.norms], [False] * count, [()] * count)
    beside = tuple(name for name, never in zip(weights, still.all(0)) if never)
    return found._replace(names=[tuple(weights) if row.all() else beside for row in still])


def _is_still(bench: _Bench, group: _Group, largest: Any) -> Any:
    limits = [STILL_BUT_ROUNDED if _a_sign(bench, one.piece) else STILL for one in group.ready]
    return largest <= np.asarray(limits)[:, None]


def _a_sign(bench: _Bench, piece: Piece) -> bool:
    return piece.name == "cosine_similarity" and bench.detached[piece.head].shape[piece.axis] == 1


def _still_again(bench: _Bench, group: _Group, factor: float) -> Any:
    """What does not move with other rows, other labels and no weights of zero."""
    nothing = np.zeros_like(group.outcome.largest, dtype=bool)
    with _woken(bench, group.steps):
        inputs = _scaled(bench.inputs, factor, turn=True)
        try:
            outcome = group.steps.run(inputs, [_drawn(one.labels.values) for one in group.ready])
        except Exception:  # nothing is known then
            return nothing
    return nothing if outcome.largest is None else _is_still(bench, group, outcome.largest)


def _drawn(values: Any) -> Any:
    """Labels of as many rows, drawn from these: they are no longer balanced."""
    rows = np.random.default_rng(SEED).integers(0, len(values), len(values))
    return values[rows]


def _woken(bench: _Bench, steps: Pass) -> Any:
    """Inside, weights that are all alike are random numbers: zeros, and kernels of one number."""

    def alike(weight: Any) -> bool:
        values = bench.kit.read(weight)
        return not np.any(values) or (values.ndim > 1 and values.size > 1 and bool(np.ptp(values) == 0))

    def draw(values: Any, random: Any) -> Any:
        return random.normal(0, 1 / math.sqrt(max(1, int(np.prod(values.shape[:-1])))), values.shape)

    return _changed(bench, [weight for weight in steps.weights if alike(weight)], draw, np.random.default_rng(SEED))


def _faint(bench: _Bench, steps: Pass) -> Any:
    """Inside, kernels are nearly nothing: scores that are all far out come near to zero, outputs of one value stay."""
    kernels = [weight for weight in steps.weights if len(weight.shape) > 1]
    return _changed(bench, kernels, lambda values, random: values * FAINT, np.random.default_rng(SEED))


def _redrawn(bench: _Bench, steps: Pass, random: Any) -> Any:
    """Inside, the numbers of each kernel are in another order: as if they had been drawn again."""
    kernels = [weight for weight in steps.weights if len(weight.shape) > 1]
    return _changed(bench, kernels, lambda values, random: random.permuted(values), random)


@contextlib.contextmanager
def _changed(bench: _Bench, weights: list[Any], change: Any, random: Any) -> Iterator[None]:
    with bench.kit.weights(weights):
        for weight in weights:
            values = change(bench.kit.read(weight), random).astype("float32")
            weight.assign(bench.kit.tensor(values, bench.kit.dtype(weight)))
        yield


def _name(weight: Any) -> str:
    return str(getattr(weight, "path", None) or getattr(weight, "name", "")).split(":")[0]


def _loses_otherwise(bench: _Bench, piece: Piece) -> bool:
    """Whether the program makes something else of the loss that it gives to `compile`."""
    own = any(compiled.overrides(bench.model, method) for method in ("compute_loss", "train_step"))
    return own and not piece.in_loop


# -- Theory ------------------------------------------------------------------------------------------------------------


def _theory(bench: _Bench, one: _Ready) -> tuple[float | None, str]:
    """What the loss of a model is that knows nothing, and its name; None where theory does not reach."""
    piece, output = one.piece, bench.detached[one.piece.head]
    name = _of_shape(piece, output)
    known = piece.mean and output.ndim > 1 and not bench.masked and not _loses_otherwise(bench, piece)
    known = known and (bool(piece.from_logits) or (output.min() >= 0 and output.max() <= 1))
    if not known or not _untaught(bench):
        return None, ""
    if name == "binary_crossentropy":
        return math.log(2), "ln 2"
    if name not in ("categorical_crossentropy", "sparse_categorical_crossentropy"):
        return None, ""
    classes = output.shape[piece.axis]
    return (math.log(classes), f"ln {classes}") if classes > 1 else (None, "")


def _usual(loss: float, expected: float) -> bool:
    low, high = USUAL
    return low * expected <= loss <= high * expected


def _far_off(bench: _Bench, group: _Group, index: int, expected: float) -> bool:
    """Whether a loss far from theory is that of the model: whatever its weights happened to be, and although it begins
    where theory says on rows of nearly nothing."""
    random = np.random.default_rng(SEED)
    for _ in range(DRAWS):
        with _redrawn(bench, group.steps, random):
            outcome = _outcome(group, bench.inputs)
        if outcome is None or _usual(outcome.values[index], expected):
            return False
    if any(one.value.dtype.kind != "f" for one in flat(bench.inputs)):
        return True
    outcome = _outcome(group, _scaled(bench.inputs, NEARLY_NOTHING))
    return outcome is not None and abs(outcome.values[index] - expected) <= NEAR * expected


def _untaught(bench: _Bench) -> bool:
    """Whether the model is as it was initialised, without anything put into it, and is fed with standard numbers."""
    layers = bench.kit.layers(bench.model)
    inputs = [one.value for one in flat(bench.inputs)]
    if any(array.dtype.kind == "f" and np.abs(array).max() > LARGEST_INPUT for array in inputs):
        return False
    whole = any(array.dtype.kind in "iu" for array in inputs)
    if whole and not any(hasattr(layer, word) for layer in layers for word in TABLES):
        return False
    return not any(_taught(bench.kit, layer) for layer in layers)


def _keeps_statistics(layer: Any) -> bool:
    return getattr(layer, "moving_mean", None) is not None or getattr(layer, "moving_variance", None) is not None


def _taught(kit: Kit, layer: Any) -> bool:
    """Whether a layer holds anything but what it is initialised with; statistics are no fair start either."""
    if _keeps_statistics(layer):
        return True
    if not getattr(layer, "trainable", True) and getattr(layer, "weights", None):
        return True
    if hasattr(layer, "state_size"):
        return False  # a cell, whose gate to forget starts open
    bias = getattr(layer, "bias", None)
    return hasattr(bias, "assign") and bool(np.any(kit.read(bias)))

"""What was read and what was measured, as one program.

Reading says what must be so on every path that it follows, and where that is written. Measuring says what was so, once,
on the real thing. They agree nearly always: then the read fact stays, with its place in the text, and is as sure as the
surer of both. Where reading knew nothing, the measured fact takes the place. Where the two are at odds, the real thing
is right if it was measured beyond doubt, and the odds are told: one of the two has a fault, and it is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import inf
from typing import Any, Final, TypeVar

from keraslint.model import (
    Activation,
    Confidence,
    Fact,
    Head,
    Loss,
    LossMismatch,
    Model,
    NotChecked,
    Obsolete,
    Origin,
    Outputs,
    PositionalStride,
    Program,
    Removed,
    Runtime,
    Span,
    Training,
)

T = TypeVar("T")
Timed = TypeVar("Timed", Training, LossMismatch, Obsolete, Removed, PositionalStride)

SLACK: Final = 1e-4
"""How far beyond a bound, relative to its size, a number counts as on it."""


def join(read: Program, measured: Program) -> Program:
    """The program as it was read, with what was measured of its models. Models that only measuring found are added.

    Models, heads and trainings are the same when they are made at the same place. Several made at one place, in a loop
    or by a function, are told apart by what they are, then by their order.
    """
    odds = Odds()
    built, failed = _partners(read.models, [one for one in measured.models if one.failure is None]), measured.models
    failures = _partners(read.models, [one for one in failed if one.failure is not None])
    runtime = _runtime_of(measured.models)
    models = [
        _model(model, built.get(number), failures.get(number), runtime, odds)
        for number, model in enumerate(read.models)
    ]
    known = {id(one) for found in (built, failures) for one in found.values()}
    left = [one for one in measured.models if id(one) not in known]
    models += [one for one in left if one.failure is None and _is_of(one, read) and not _is_told(one, read)]
    gaps = [
        *(gap for gap in read.not_checked if not _is_closed(gap, models)),
        *(replace(gap, measuring=True) for gap in measured.not_checked),
        *(
            NotChecked(one.failure.span, f"could not be built: {one.failure.value}", measuring=True)
            for one in left
            if one.failure
        ),
        *odds.told,
    ]
    return replace(
        read,
        models=tuple(models),
        activations=(*read.activations, *_unread(read, models)),
        obsolete=tuple(_timed(one, runtime) for one in read.obsolete),
        removed=tuple(_timed(one, runtime) for one in read.removed),
        positional_strides=tuple(_timed(one, runtime) for one in read.positional_strides),
        not_checked=tuple({(gap.span, gap.reason): gap for gap in gaps}.values()),
    )


def _unread(read: Program, models: Iterable[Model]) -> list[Activation]:
    """The functions of heads that only measuring recognised, each place once.

    One that was read somewhere, in a class that reading does not follow into the head, is not told again.
    """
    known = {_kind(one) for one in read.activations}
    found = {
        (one.span, _kind(one)): one
        for model in models
        for head in model.heads
        for one in head.activations
        if one.name.origin is Origin.MEASURED and _kind(one) not in known
    }
    return list(found.values())


def _kind(activation: Activation) -> tuple[str, int | None]:
    return activation.name.value, activation.axis.value if activation.axis is not None else None


def _is_of(model: Model, program: Program) -> bool:
    """Whether a model is one of this file: what an imported file makes is told where that one is linted."""
    return model.span.path == program.path or any(one.span.path == program.path for one in model.trainings)


def _is_told(model: Model, program: Program) -> bool:
    """Whether reading knows a model of this place: others that are made there, turn by turn, are no other models."""
    return any(nearness(one.span, model.span) == 2 for one in program.models)


def _is_closed(gap: NotChecked, models: Iterable[Model]) -> bool:
    """Whether something that reading could not tell of a training is known now: its loss, or what it is given."""
    return any(
        training.loss is not None and training.head.measured is not None and _is_inside(gap.span, training.span)
        for model in models
        if model.probed
        for training in model.trainings
    )


# --- which is which --------------------------------------------------------------------------------------------------


def _is_inside(inner: Span, outer: Span) -> bool:
    if inner.path != outer.path or inner.position.cell != outer.position.cell:
        return False
    (line, column, end_line, end_column), (top, left, bottom, right) = inner.position[:4], outer.position[:4]
    return (top, left) <= (line, column) and (end_line, end_column) <= (bottom, right)


def nearness(one: Span, other: Span) -> int:
    """How surely two places are the same call: 2 where they end together, 1 on the same line, else 0.

    The end tells: of a call that goes over several lines, Python may say that it begins at its method. Before Python
    3.11 only lines are known.
    """
    if one.path != other.path:
        return 0
    first, second = one.position, other.position
    if (first.end_line, first.end_column) == (second.end_line, second.end_column):
        return 2
    return int(first.line == second.line)


def _nearest(span: Span, candidates: Iterable[T], place: Callable[[T], Span]) -> list[T]:
    """The candidates at a place: those at the very call, else those on its line."""
    near = [(nearness(span, place(one)), one) for one in candidates]
    best = max((how for how, _ in near), default=0)
    return [one for how, one in near if how == best] if best else []


def _partners(read: Sequence[Model], measured: Sequence[Model]) -> dict[int, Model]:
    """For the numbers of read models, the measured model that is the same one.

    Each is one at most: the pairs that agree best are made first, of equal ones those that come first.
    """
    pairs = [
        (nearness(one.span, other.span), _agreement(one, other), -abs(number - at), -number, number, at)
        for number, one in enumerate(read)
        for at, other in enumerate(measured)
        if nearness(one.span, other.span)
    ]
    found: dict[int, int] = {}
    for *_, number, at in sorted(pairs, reverse=True):
        if number not in found and at not in found.values():
            found[number] = at
    return {number: measured[at] for number, at in found.items()}


def _agreement(read: Model, measured: Model) -> int:
    """How well two models go together: what they agree in, less what they contradict each other in."""
    score = int(read.name is not None and read.name == measured.name)
    for head, seen in zip(read.heads, measured.heads, strict=False):
        score += _likeness(head, seen)
    known = {one.loss.name.value for one in read.trainings if one.loss is not None}
    for training in measured.trainings:
        if training.loss is not None and known:
            score += 1 if training.loss.name.value in known else -1
    optimizers = [{one.optimizer.value for one in of.trainings if one.optimizer} for of in (read, measured)]
    if all(optimizers):
        score += 1 if optimizers[0] & optimizers[1] else -1
    return score + (1 if bool(read.trainings) == bool(measured.trainings) else -1)


def _likeness(read: Head, measured: Head) -> int:
    score = 0
    if read.units is not None and measured.units is not None:
        score += 1 if read.units.value == measured.units.value else -1
    if read.activation is not None and measured.activation is not None:
        score += 1 if agree(read.activation.value, measured.activation.value) else -1
    return score


def _twin(read: Head, model: Model, built: Model) -> Head | None:
    """The measured head that is a read one: at the same layer, else of the same name, else the only one.

    Where reading follows several paths to one output, the head of a path that was not taken has no twin.
    """
    found = _nearest(read.span, built.heads, lambda one: one.span)
    if len(found) > 1:
        found = [one for one in found if one.name == read.name] or found
    if not found and read.name is not None:
        found = [one for one in built.heads if one.name == read.name]
    if not found and len(built.heads) == len({id(one.span) for one in model.heads}) == 1:
        found = list(built.heads)
    if not found:
        return None
    order = _order(read, model.heads)
    twin = max(found, key=lambda one: (_likeness(read, one), _order(one, built.heads) == order))
    rivals = [one for one in model.heads if nearness(one.span, read.span) == 2 and one.name == read.name]
    return twin if _likeness(read, twin) == max(_likeness(one, twin) for one in (read, *rivals)) else None


def _order(head: Head, heads: Sequence[Head]) -> int | None:
    """Which output of its model a head is; heads that a loop makes stand at one place and have one name."""
    return next((number for number, one in enumerate(heads) if one is head), None)


# --- one model -------------------------------------------------------------------------------------------------------


class Odds:
    """Where reading and measuring contradict each other."""

    def __init__(self) -> None:
        self.told: list[NotChecked] = []

    def of(self, what: str, read: Fact[Any], measured: Fact[Any]) -> None:
        """Take down that a fact was read in one way and measured in another one."""
        said = f"{what}: reading said `{_said(read.value)}`, measured `{_said(measured.value)}`: please report"
        self.told.append(NotChecked(read.span, said))


def _said(value: Any) -> str:
    match value:
        case Outputs(low=low, high=high, totals=totals):
            sums = f", adding up to 1 over axis {', '.join(map(str, totals))}" if totals else ""
            return f"{low:g} to {high:g}{sums}"
        case float():
            return f"{value:g}"
    return str(value)


def _model(model: Model, built: Model | None, failed: Model | None, runtime: Runtime, odds: Odds) -> Model:
    """The model with what was measured, or with why it could not be built."""
    runtime = built.runtime if built is not None else runtime
    heads = {id(head): head for head in (*model.heads, *(one.head for one in model.trainings))}
    joined = {key: _head(head, model, built, odds) for key, head in heads.items()} if built is not None else heads
    trainings = tuple(
        _training(_timed(training, runtime), joined[id(training.head)], model, built, odds)
        for training in model.trainings
    )
    return replace(
        model,
        runtime=_completed(model.runtime, runtime),
        heads=tuple(joined[id(head)] for head in model.heads),
        trainings=trainings,
        mismatches=tuple(_timed(one, runtime) for one in model.mismatches),
        probed=built is not None,
        failure=failed.failure if failed is not None and (built is None or not built.trainings) else None,
    )


def _head(head: Head, model: Model, built: Model, odds: Odds) -> Head:
    twin = _twin(head, model, built)
    if twin is None or _is_other(head, twin, model):
        return head
    activation = _exact("the activation of the head", head.activation, twin.activation, odds, same=agree)
    changed = activation is not head.activation and head.activation is not None and activation is twin.activation
    return replace(
        head,
        name=head.name or twin.name,
        layer=head.layer or twin.layer,
        units=_exact("the units of the head", head.units, twin.units, odds),
        rank=_exact("the axes of the output", head.rank, twin.rank, odds),
        channel_axis=head.channel_axis or twin.channel_axis,
        activation=activation,
        activations=twin.activations if changed or head.activation is None else head.activations,
        outputs=twin.outputs if changed and twin.outputs else _outputs(head.outputs, twin, odds),
        route=head.route if head.activation is not None else twin.route,
        measured=twin.measured,
    )


def _is_other(head: Head, twin: Head, model: Model) -> bool:
    """Whether a head belongs to a loop of the program's own that trains something else than what `predict()` returns.

    Such as the scores before a softmax, with an argument of the program's, or the one value that was picked from each
    row: what was measured is what comes without.
    """
    if (
        (head.activation is None or twin.activation is None or agree(head.activation.value, twin.activation.value))
        and _may_be(head.units, twin.units)
        and _may_be(head.rank, twin.rank)
    ):
        return False
    trained = [one for one in model.trainings if one.head is head]
    return bool(trained) and all(one.optimizer is None for one in trained)


def _may_be(read: Fact[Any] | None, measured: Fact[Any] | None) -> bool:
    """Whether two facts may be the same, as far as both are known."""
    return read is None or measured is None or bool(read.value == measured.value)


PROBABILITIES: Final = {"softmax", "sigmoid", "softmax-over-batch-axis", "softmax-over-spatial-axis"}


FORMULAS: Final = {"scaled-tanh": "sigmoid", "exponential-on-log-softmax": "softmax"}
"""What reading tells step by step and may be one function as a whole."""


def agree(read: str, measured: str) -> bool:
    """Whether two words for an activation may be the same function.

    Either may know what the function is applied to where the other does not, as long as that gives no probabilities: a
    number times its own sigmoid is a product for one and a silu for the other.
    """
    if FORMULAS.get(read) == measured:
        return True
    (function, *under), (same, *beneath) = read.split("-on-"), measured.split("-on-")
    if read == measured or function != same or (under and beneath):
        return read == measured
    return not PROBABILITIES & {*under, *beneath}


def _same(read: Any, measured: Any) -> bool:
    return bool(read == measured)


def _exact(
    what: str,
    read: Fact[T] | None,
    measured: Fact[T] | None,
    odds: Odds,
    *,
    same: Callable[[T, T], bool] = _same,
) -> Fact[T] | None:
    """A fact that is so or not so. What was read stays where it was measured too."""
    if read is None or measured is None:
        return read or measured
    if same(read.value, measured.value):
        return replace(read, confidence=max(read.confidence, measured.confidence))
    if read.confidence is Confidence.HIGH:
        odds.of(what, read, measured)
    return measured if measured.confidence is Confidence.HIGH or read.confidence < measured.confidence else read


def _outputs(read: Fact[Outputs] | None, twin: Head, odds: Odds) -> Fact[Outputs] | None:
    """The bounds of the outputs. Read ones hold for every weight; only a number that was seen beyond refutes them."""
    seen = twin.measured.outputs if twin.measured is not None else None
    if read is None or seen is None:
        return read or twin.outputs
    value, been = read.value, seen.value
    if been.low < value.low - _slack(value.low) or been.high > value.high + _slack(value.high):
        odds.of("the outputs of the head", read, seen)
        return twin.outputs or seen
    if not set(value.totals) <= set(been.totals):
        odds.of("what the outputs add up to", read, seen)
        return replace(read, value=replace(value, totals=been.totals), confidence=Confidence.MEDIUM)
    return read


def _slack(bound: float) -> float:
    return SLACK * max(1.0, abs(bound)) if abs(bound) != inf else 0.0


# --- one training ----------------------------------------------------------------------------------------------------


def _training(training: Training, head: Head, model: Model, built: Model | None, odds: Odds) -> Training:
    twin = None if built is None else _trained(training, head, model, built)
    if twin is None:
        return replace(training, head=head)
    rate = training.learning_rate
    if rate is None and twin.learning_rate is not None:
        # the usual one, or one that something else sets while the model trains
        rate = replace(twin.learning_rate, confidence=Confidence.LOW)
    return replace(
        training,
        head=head,
        loss=_loss(training.loss, twin.loss, odds),
        optimizer=_exact("the optimizer", training.optimizer, twin.optimizer, odds),
        learning_rate=rate,
        trial=twin.trial,
    )


def _trained(training: Training, head: Head, model: Model, built: Model) -> Training | None:
    """The measured training of a head at the same `compile`; of several that reading thinks possible, the one that it
    was."""
    found = [
        one
        for one in _nearest(training.span, built.trainings, lambda one: one.span)
        if head.measured is not None and one.head.measured is head.measured
    ]
    if not found:
        return None
    twin = found[0]
    rivals = [
        one
        for one in model.trainings
        if nearness(one.span, training.span) == 2 and _is_same_output(one.head, training.head)
    ]
    return twin if _fits(training, twin) == max(_fits(one, twin) for one in (training, *rivals)) else None


def _is_same_output(one: Head, other: Head) -> bool:
    """Whether two heads are one: what is read on several paths through a program is made anew for each."""
    return one is other or (nearness(one.span, other.span) == 2 and one.name == other.name)


def _fits(read: Training, measured: Training) -> int:
    if read.loss is None or measured.loss is None:
        return 0
    if read.loss.name.value != measured.loss.name.value:
        return -2
    asked, did = read.loss.from_logits, measured.loss.from_logits
    return 2 if asked is None or did is None or asked.value == did.value else 1


def _loss(read: Loss | None, measured: Loss | None, odds: Odds) -> Loss | None:
    if read is None or measured is None:
        return read or measured
    name = _exact("the loss", read.name, measured.name, odds)
    if name is measured.name:
        return measured
    logits = _exact("`from_logits` of the loss", read.from_logits, measured.from_logits, odds)
    return replace(read, name=name or read.name, from_logits=logits)


# --- the runtime -----------------------------------------------------------------------------------------------------


def _runtime_of(models: Iterable[Model]) -> Runtime:
    """The runtime that models were measured in."""
    return next((one.runtime for one in models if one.probed), Runtime())


def _timed(part: Timed, runtime: Runtime) -> Timed:
    return replace(part, runtime=_completed(part.runtime, runtime))


def _completed(read: Runtime, measured: Runtime) -> Runtime:
    """The runtime as far as the program and its project tell, the rest as measured: that is what the user has."""
    return Runtime(
        package=read.package or measured.package,
        keras=_version(read.keras, measured.keras),
        tensorflow=_version(read.tensorflow, measured.tensorflow),
        backend=read.backend or measured.backend,
        dtype_policy=read.dtype_policy or measured.dtype_policy,
    )


def _version(read: Fact[str] | None, measured: Fact[str] | None) -> Fact[str] | None:
    """The measured version where it says more of the same one: 3.15.1 where 3 was read."""
    if read is None or measured is None:
        return read or measured
    return measured if measured.value.startswith(f"{read.value}.") else read

"""From a `compile`, or a loss called in a loop, to trainings: each head with its loss, its metrics and its labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from keraslint.model import Confidence, Fact, Head, Loss, Metric, NotChecked, Runtime, Training
from keraslint.static.bounds import MOST_TRAININGS, TOO_MANY, Budget
from keraslint.static.catalog.models import COMPILE
from keraslint.static.data.contents import settled
from keraslint.static.facts.heads import head
from keraslint.static.facts.inputs import inputs
from keraslint.static.facts.labels import labels, labels_of
from keraslint.static.facts.losses import called_loss, loss
from keraslint.static.facts.measures import is_steered, learning_rate, left_alone, metric, optimizer, resolved
from keraslint.static.facts.outputs import Output, outputs, share
from keraslint.static.facts.reading import Reading, readings
from keraslint.static.interpreter import Interpreter
from keraslint.static.record import Compile, DirectLoss
from keraslint.static.sites import stands_at, value_at
from keraslint.static.values import Const, Construct, Data, Dict, List, OneOfMany, Site, Tensor, Tuple, Value


def compiled(interp: Interpreter, event: Compile, runtime: Runtime) -> tuple[list[Training], list[NotChecked]]:
    """The trainings that a call of `compile` means, and which outputs could not be told on any way."""
    found: list[Training] = []
    gaps: dict[int, list[NotChecked]] = {}
    told: set[int] = set()

    def read(reading: Reading) -> list[tuple[Training, NotChecked | None]]:
        return _compiled(reading, event, runtime)

    for rows in readings(interp, event.guard, read, event.activations, event.site):
        for index, (training, gap) in enumerate(rows):
            found.append(training)
            if gap is not None:
                gaps.setdefault(index, []).append(gap)
            else:
                told.add(index)
        if len(found) > MOST_TRAININGS:
            interp.record.spent(Budget.TRAININGS, event.site)
            break
    return distinct(found), [gap for index, several in gaps.items() if index not in told for gap in several]


def _compiled(reading: Reading, event: Compile, runtime: Runtime) -> list[tuple[Training, NotChecked | None]]:
    """What a call of `compile` means in one scenario."""
    # heads and losses first: what is decided for a metric or the optimizer makes them no less sure
    heads: list[tuple[Output, Head, Loss | None, NotChecked | None]] = []
    for output in outputs(reading, event.outputs):
        found = head(reading, output.tensor, output.name)
        output = replace(output, name=found.name)
        known, gap = _loss(reading, event, output)
        heads.append((output, *_weakened(found, known, reading.confidence), gap))
    given = event.bound.get("optimizer")
    place = event.arguments.place("optimizer", COMPILE)
    rows: list[tuple[Training, NotChecked | None]] = []
    for output, found, known, gap in heads:
        towards = labels(reading, event, output) if known is None or known.as_given else None
        measured = _metrics(reading, event, output, found)
        given_to = inputs(reading, event)
        trained = optimizer(reading, given, place) if given is not None else None
        rate = learning_rate(reading, given) if given is not None and not is_steered(reading, event) else None
        found = _decided(reading, event.model, found)
        if gap is None and found.activation is None and ("loss" in event.bound or event.arguments.open):
            gap = NotChecked(reading.span(event.site), f"the output layer {_why_unknown(reading, output.tensor)}")
        at_head = _runtime(reading, output.tensor, runtime)
        span = reading.span(event.site)
        told = Training(span, found, known, measured, towards, given_to, trained, at_head)
        rows.append((replace(told, learning_rate=rate), gap))
    return rows


def _runtime(reading: Reading, tensor: Value, runtime: Runtime) -> Runtime:
    """The runtime at one output: its layer may be computed in another type than the rest of the model."""
    last = reading.pick(tensor)
    layer = last.layer if isinstance(last, Tensor) and last.op == "layer" else None
    if not isinstance(layer, Construct) or "dtype" not in layer.bound:
        return runtime
    given = reading.pick(layer.bound["dtype"])
    if not isinstance(given, Const) or not isinstance(given.value, str):
        return replace(runtime, dtype_policy=None)
    return replace(runtime, dtype_policy=Fact(given.value, layer.place("dtype").span))


def _loss(reading: Reading, event: Compile, output: Output) -> tuple[Loss | None, NotChecked | None]:
    """The loss of one output; where there is one that is not known, what to say about it."""
    place = event.arguments.place("loss", COMPILE)
    given = event.bound.get("loss")
    own = share(reading, given, place, output) if given is not None else None
    if own is None:
        return None, None
    found = loss(reading, *own)
    if found is None:
        return None, NotChecked(reading.span(place), f"the loss {_why_unknown(reading, own[0])}")
    if given is not None and _is_shared(reading, given, place):
        found = replace(found, name=replace(found.name, literal=False))
    return found, None


def _why_unknown(reading: Reading, value: Value) -> str:
    return TOO_MANY if isinstance(reading.pick(value), OneOfMany) else "is not known"


def _is_shared(reading: Reading, given: Value, place: Site) -> bool:
    """Whether a list or dictionary is written elsewhere: others may use it too, so it is not changed for one model."""
    value = reading.pick(given)
    return isinstance(value, (Dict, List)) and not stands_at(value, value_at(place))


def _metrics(reading: Reading, event: Compile, output: Output, at: Head) -> tuple[Metric, ...]:
    """The metrics of one output, weighted by sample or not."""
    return tuple(
        resolved(found, at)
        for argument in ("metrics", "weighted_metrics")
        for found in _metrics_of(reading, event, argument, output)
    )


def _metrics_of(reading: Reading, event: Compile, argument: str, output: Output) -> tuple[Metric, ...]:
    given = event.bound.get(argument)
    if given is None:
        return ()
    place = event.arguments.place(argument, COMPILE)
    value = reading.pick(given)
    shared = _is_shared(reading, value, place)
    if isinstance(value, Dict):
        own = share(reading, value, place, output)
        if own is None:
            return ()
        items, place = _items(reading, own[0]), own[1]
    else:
        items = _items(reading, value)
        if output.count > 1 and isinstance(value, (List, Tuple)) and len(items) > 1:
            # Keras 3 gives one entry to each output; Keras 2 gives a flat list to all of them
            items = [items[output.index]] if len(items) == output.count else []
    flat = [one for item in items for one in _items(reading, item)]
    known = tuple(found for one in flat if (found := metric(reading, one, place)) is not None)
    return tuple(map(left_alone, known)) if shared else known


def _items(reading: Reading, value: Value) -> list[Value]:
    """The items of a list; a value alone is the only one."""
    value = reading.pick(value)
    items = reading.items(value) if isinstance(value, (List, Tuple)) else (value,)
    return [reading.pick(one) for one in items or ()]


def _decided(reading: Reading, model: Value, found: Head) -> Head:
    """The head with what the program does with its predictions."""
    path = reading.scenario.path
    made = [
        one
        for one in reading.interp.record.decisions
        if one.model is model and all(path.get(atom, outcome) == outcome for atom, outcome in one.guard)
    ]
    if not made:
        return found
    counts = {one.choices: one.site for one in reversed(made) if one.choices is not None}
    fewest = min(counts, default=None)
    return replace(
        found,
        decision=Fact(made[0].kind, made[0].site.span),
        choices=Fact(fewest, counts[fewest].span) if fewest is not None else None,
    )


# -- losses called by the program --------------------------------------------------------------------------------------


def direct(interp: Interpreter, event: DirectLoss, runtime: Runtime) -> list[Training]:
    """The trainings that a loss called on a prediction means, in a loop of the program's own."""
    return distinct(readings(interp, event.guard, lambda reading: _direct(reading, event, runtime)))


def _direct(reading: Reading, event: DirectLoss, runtime: Runtime) -> Training:
    towards, predicted = event.loss.inputs
    found = head(reading, predicted)
    known = called_loss(reading, event.loss, event.site, event.loss.params["spelling"])
    given = reading.pick(towards)
    content = labels_of(settled(reading.interp, given)) if isinstance(given, Data) else None
    found, weak = _weakened(found, known, reading.confidence)
    at_head = _runtime(reading, predicted, runtime)
    metrics = _updated(reading, predicted, found)
    return Training(reading.span(event.site), found, weak, metrics, content, runtime=at_head)


def _updated(reading: Reading, predicted: Value, at: Head) -> tuple[Metric, ...]:
    """The metrics that are given the very prediction that a loss was called on, each once."""
    predicted, path = reading.pick(predicted), reading.scenario.path
    found: dict[int, Metric] = {}
    for one in reading.interp.record.updates:
        if all(path.get(atom, outcome) == outcome for atom, outcome in one.guard):
            made = metric(reading, one.metric, one.site) if reading.pick(one.predictions) is predicted else None
            if made is not None:
                found.setdefault(one.metric.serial, resolved(made, at))
    return tuple(found.values())


# -- several scenarios -------------------------------------------------------------------------------------------------


def _weakened(found: Head, known: Loss | None, sure: Confidence) -> tuple[Head, Loss | None]:
    """Facts read before a later choice crossed independent decisions are no surer than the whole."""
    if sure is Confidence.HIGH:
        return found, known
    if found.activation is not None:
        found = replace(found, activation=_at_most(found.activation, sure))
    return found, replace(known, name=_at_most(known.name, sure)) if known is not None else None


def _at_most(fact: Fact[str], sure: Confidence) -> Fact[str]:
    return replace(fact, confidence=min(sure, fact.confidence))


def distinct(trainings: Iterable[Training]) -> list[Training]:
    """Trainings that differ: scenarios, turns and calls that only differ elsewhere give the same one."""
    found: dict[Any, Training] = {}
    for one in trainings:
        key = (
            id(one.span),
            id(one.head.span),
            one.head.name,
            _value(one.head.activation),
            _value(one.head.units),
            (one.loss.name.value, _value(one.loss.from_logits)) if one.loss is not None else None,
            tuple(each.name.value for each in one.metrics),
            _value(one.labels.encoding) if one.labels is not None else None,
        )
        old = found.get(key)
        if old is None or _sureness(old) < _sureness(one):
            found[key] = one
    return list(found.values())


def _value(fact: Fact[Any] | None) -> Any:
    return fact.value if fact is not None else None


def _sureness(training: Training) -> int:
    parts = [training.head.activation, training.loss.name if training.loss is not None else None]
    return min((fact.confidence for fact in parts if fact is not None), default=Confidence.HIGH)

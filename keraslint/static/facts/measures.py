"""From what `compile` was given to the metrics and the optimizer that it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from keraslint.model import Fact, Head, Metric
from keraslint.static.catalog import metrics as catalog
from keraslint.static.catalog import optimizers
from keraslint.static.catalog.metrics import MetricSpec
from keraslint.static.catalog.models import STEERING
from keraslint.static.facts.losses import logits_fact
from keraslint.static.facts.reading import Reading
from keraslint.static.record import Compile
from keraslint.static.sites import place_of, stands_at, stands_in, value_at
from keraslint.static.text import tree
from keraslint.static.values import STEERED, Const, Construct, External, Object, Site, Value


def metric(reading: Reading, value: Value, place: Site) -> Metric | None:
    """The metric that a value means; nothing when it cannot be told."""
    value = reading.pick(value)
    match value:
        case Const(value=str(text)):
            return _of_string(text, value, value_at(place))
        case Construct(site=Site() as site):
            return _of_object(reading, value, site)
        case External(dotted=dotted):
            return _of_name(dotted, place_of(value, value_at(place)))
    return None


def left_alone(found: Metric) -> Metric:
    """The same metric where others may use what is written, so that nothing is changed there for one model."""
    name = replace(found.name, literal=False)
    logits, threshold, reads = map(_untouched, (found.from_logits, found.threshold, found.reads))
    return replace(found, name=name, from_logits=logits, threshold=threshold, reads=reads)


def _untouched(fact: Fact[Any] | None) -> Fact[Any] | None:
    return replace(fact, literal=False, omitted=False) if fact is not None else None


def resolved(found: Metric, head: Head) -> Metric:
    """The same metric; plain accuracy as Keras resolves it for this head."""
    if found.name.value != catalog.BY_SHAPE.name or found.reads is not None or head.units is None:
        return found
    if head.units.value > 1:
        return replace(found, reads=Fact("largest", found.span))
    binary = catalog.by_name("binary_accuracy")
    usual = binary.default_threshold if binary is not None else None
    threshold = Fact(usual, found.span) if usual is not None else None
    return replace(found, reads=Fact("threshold", found.span), threshold=threshold)


def _of_string(text: str, value: Const, where: Site) -> Metric | None:
    spec = catalog.by_string(text)
    if spec is None:
        return None
    return _plain(spec, place_of(value, where), literal=stands_in(value, where))


def _of_name(dotted: str, where: Site) -> Metric | None:
    """A class that is passed without being called, or a function."""
    spec = catalog.by_class(dotted) or catalog.by_function(dotted)
    if spec is None:
        return None
    return replace(_plain(spec, where), name=Fact(_name(spec, dotted), where.span))


def _plain(spec: MetricSpec, where: Site, *, literal: bool = False) -> Metric:
    """A metric without arguments."""
    span, usual = where.span, spec.default_threshold
    return Metric(
        span,
        Fact(spec.name, span, literal=literal),
        from_logits=Fact(False, span) if spec.takes_logits else None,
        threshold=Fact(usual, span) if usual is not None else None,
        reads=Fact(spec.reads, span) if spec.reads else None,
        labels=Fact(spec.labels, span) if spec.labels else None,
    )


def _of_object(reading: Reading, value: Construct, site: Site) -> Metric | None:
    spec = catalog.by_class(value.dotted)
    if spec is None:
        return None
    reads, labels = _reads(reading, value, spec), _labels(reading, value, spec)
    addable = _is_call(site) and reads == PREDICTIONS[True] and "sparse_y_pred" not in value.bound
    return Metric(
        site.span,
        Fact(_name(spec, value.dotted), site.span),
        _logits(reading, value, spec, site),
        _threshold(reading, value, spec, site),
        Fact(reads, site.span, omitted=addable) if reads else None,
        Fact(labels, site.span) if labels else None,
    )


def _name(spec: MetricSpec, dotted: str) -> str:
    # the class `Accuracy` compares for equality: another thing than the string
    return "exact_accuracy" if dotted.endswith(".Accuracy") else spec.name


def _logits(reading: Reading, value: Construct, spec: MetricSpec, site: Site) -> Fact[bool] | None:
    if not spec.takes_logits:
        return None
    if "from_logits" in value.bound:
        return logits_fact(reading, value.bound["from_logits"], value.place("from_logits"))
    return Fact(False, site.span, omitted=_is_call(site)) if not value.arguments.open else None


def _is_call(site: Site) -> bool:
    return isinstance(site.node, tree.Call)


def _threshold(reading: Reading, value: Construct, spec: MetricSpec, site: Site) -> Fact[float] | None:
    if spec.threshold is None or _given(reading, value, "top_k"):
        return None
    if _given(reading, value, spec.threshold):
        given = reading.pick(value.bound[spec.threshold])
        if isinstance(given, Const) and isinstance(given.value, (int, float)):
            where = value_at(value.place(spec.threshold))
            return Fact(float(given.value), where.span, literal=stands_in(given, where))
        return None
    usual = spec.default_threshold
    return Fact(usual, site.span, omitted=_is_call(site)) if usual is not None and not value.arguments.open else None


def _reads(reading: Reading, value: Construct, spec: MetricSpec) -> str | None:
    """What a metric with these arguments makes of predictions; nothing when they decide it and are not known."""
    if value.arguments.open:
        return None
    if _given(reading, value, "top_k"):
        return "largest"
    if spec.threshold is not None and spec.reads == "largest" and _given(reading, value, spec.threshold):
        return "threshold"
    return _chosen(reading, value, "sparse_y_pred", PREDICTIONS, spec.reads)


def _labels(reading: Reading, value: Construct, spec: MetricSpec) -> str | None:
    """What a metric with these arguments compares with."""
    return None if value.arguments.open else _chosen(reading, value, "sparse_y_true", LABELS, spec.labels)


PREDICTIONS: Final[Mapping[object, str]] = {True: "integers", False: "largest"}
"""What `sparse_y_pred` makes of an intersection over union."""
LABELS: Final[Mapping[object, str]] = {True: "class-ids", False: "one-hot"}
"""What `sparse_y_true` makes of it."""


def _chosen(
    reading: Reading, value: Construct, parameter: str, meanings: Mapping[object, str], usual: str
) -> str | None:
    """What a switch stands for; left out, the usual."""
    if parameter not in value.bound:
        return usual
    given = reading.pick(value.bound[parameter])
    return meanings.get(given.value) if isinstance(given, Const) and isinstance(given.value, bool) else None


def _given(reading: Reading, value: Construct, parameter: str) -> bool:
    """Whether an argument is passed, and not as `None`."""
    given = reading.pick(value.bound[parameter]) if parameter in value.bound else None
    return given is not None and not (isinstance(given, Const) and given.value is None)


def learning_rate(reading: Reading, value: Value) -> Fact[float] | None:
    """The learning rate that an optimizer is given, unless the program reaches for it afterwards."""
    value = reading.pick(value)
    if not isinstance(value, Construct) or optimizers.by_class(value.dotted) is None:
        return None
    if "learning_rate" not in value.bound or (optimizers.LEARNING_RATES | {STEERED}) & value.state.keys():
        return None
    given = reading.pick(value.bound["learning_rate"])
    if not isinstance(given, Const) or type(given.value) not in (int, float):
        return None
    place = value.place("learning_rate")
    return Fact(float(given.value), reading.span(place), literal=stands_at(given, value_at(place)))


def is_steered(reading: Reading, event: Compile) -> bool:
    """Whether something may set the learning rate of a model: the program itself, or a callback."""
    if isinstance(event.model, Object) and STEERED in event.model.state:
        return True
    return any(fit.open or _may_steer(reading, fit.callbacks) for fit in event.fits if fit.training)


def _may_steer(reading: Reading, callbacks: Value | None) -> bool:
    if callbacks is None:
        return False
    items = reading.items(reading.pick(callbacks))
    given = [reading.pick(one) for one in items or ()]
    return items is None or not all(
        isinstance(one, Construct) and one.dotted.startswith("keras.callbacks.") and one.kind not in STEERING
        for one in given
    )


def optimizer(reading: Reading, value: Value, place: Site) -> Fact[str] | None:
    """The optimizer that a value means, by its class; nothing when it cannot be told."""
    value = reading.pick(value)
    match value:
        case Const(value=str(text)):
            spec = optimizers.by_string(text)
        case Construct() | External():
            spec = optimizers.by_class(value.dotted)
        case _:
            return None
    where = place_of(value, place) if isinstance(value, Construct) else place
    return Fact(spec.name, where.span) if spec is not None else None

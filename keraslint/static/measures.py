"""From what `compile` was given to the metrics and the optimizer that it means."""

from __future__ import annotations

from keraslint.model import Fact, Metric
from keraslint.static.catalog import metrics as catalog
from keraslint.static.catalog import optimizers
from keraslint.static.catalog.metrics import MetricSpec
from keraslint.static.losses import logits_fact
from keraslint.static.reading import Reading, place_of, stands_in, value_at
from keraslint.static.values import Const, Construct, External, Site, Value


def metric(reading: Reading, value: Value, place: Site) -> Metric | None:
    """The metric that a value means; nothing when it cannot be told."""
    value = reading.pick(value)
    match value:
        case Const(value=str(text)):
            return _of_string(text, value, value_at(place))
        case Construct(site=Site() as site):
            return _of_object(reading, value, site)
        case External(dotted=dotted):
            spec = catalog.by_class(dotted) or catalog.by_function(dotted)
            span = place_of(value, value_at(place)).span
            return Metric(span, Fact(spec.name, span)) if spec is not None else None
    return None


def _of_string(text: str, value: Const, where: Site) -> Metric | None:
    spec = catalog.by_string(text)
    if spec is None:
        return None
    span = place_of(value, where).span
    usual = spec.default_threshold
    return Metric(
        span,
        Fact(spec.name, span, literal=stands_in(value, where)),
        from_logits=Fact(False, span) if spec.takes_logits else None,
        threshold=Fact(usual, span) if usual is not None else None,
    )


def _of_object(reading: Reading, value: Construct, site: Site) -> Metric | None:
    spec = catalog.by_class(value.dotted)
    if spec is None:
        return None
    # the class `Accuracy` compares for equality: another thing than the string
    name = "exact_accuracy" if value.kind == "Accuracy" else spec.name
    logits = _logits(reading, value, spec, site)
    return Metric(site.span, Fact(name, site.span), logits, _threshold(reading, value, spec, site))


def _logits(reading: Reading, value: Construct, spec: MetricSpec, site: Site) -> Fact[bool] | None:
    if not spec.takes_logits:
        return None
    if "from_logits" in value.bound:
        return logits_fact(reading, value.bound["from_logits"], value.place("from_logits"))
    return Fact(False, site.span) if not value.arguments.open else None


def _threshold(reading: Reading, value: Construct, spec: MetricSpec, site: Site) -> Fact[float] | None:
    if spec.threshold is None:
        return None
    if spec.threshold in value.bound:
        given = reading.pick(value.bound[spec.threshold])
        if isinstance(given, Const) and isinstance(given.value, (int, float)):
            return Fact(float(given.value), value.place(spec.threshold).span)
        return None
    usual = spec.default_threshold
    return Fact(usual, site.span) if usual is not None and not value.arguments.open else None


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

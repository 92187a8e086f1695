"""From what `compile` was given to the loss and the metrics that it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.model import Confidence, Fact, Family, Loss, Metric
from keraslint.static.catalog import losses as catalog
from keraslint.static.catalog import metrics as metric_catalog
from keraslint.static.catalog.losses import LossSpec
from keraslint.static.scenario import Scenario
from keraslint.static.values import (
    Arguments,
    Bound,
    Class,
    Const,
    Construct,
    Data,
    External,
    Function,
    Instance,
    Partial,
    Site,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

OVERLAP_NAMES: Final = ("dice", "jaccard", "tversky")
TRANSPARENT: Final = frozenset(
    {
        "mean",
        "sum",
        "multiply",
        "divide",
        "cast",
        "identity",
        "reshape",
        "expand_dims",
        "squeeze",
        "stop_gradient",
        "add",
    }
)


class LossReader:
    """Reads losses and metrics in one scenario."""

    def __init__(self, interp: Interpreter, scenario: Scenario) -> None:
        self.interp = interp
        self.scenario = scenario

    def loss(self, value: Value | None, place: Site) -> Loss | None:
        """The loss that a value means; nothing when it cannot be told."""
        if value is None:
            return None
        value = self.scenario.pick(value)
        where = argument_value(place)
        passed = where
        if isinstance(value, (Const, External)) and value.site is not None:
            # a constant is shown where it is written, not where it is passed on
            where = value.site
        if isinstance(value, Const) and isinstance(value.value, str):
            spec = catalog.by_string(value.value)
            if spec is None or spec is catalog.BY_SHAPE:
                return named_overlap(value.value, where) if spec is None else None
            return self.made(
                spec, where, Fact(False, where.span), spelling="string", literal=written_here(value, where)
            )
        if isinstance(value, Construct):
            return self.of_construct(value)
        if isinstance(value, External):
            found = catalog.by_function(value.dotted)
            if found is not None:
                always = found.logits is catalog.Logits.ALWAYS
                spelling = "function" if value.dotted.startswith("keras.") else "op"
                return self.made(found.spec, where, Fact(always, where.span), spelling=spelling)
            made = catalog.by_class(value.dotted)
            return (
                self.made(made, where, Fact(False, where.span), spelling="class")
                if made is not None
                else named_overlap(value.dotted, where)
            )
        if isinstance(value, (Function, Partial, Bound, Instance)):
            return self.of_function(value, where)
        if isinstance(value, Class):
            return named_overlap(value.name, where)
        if isinstance(value, Unknown) and isinstance(value.key, tuple) and value.key[0] in {"name", "import", "attr"}:
            return named_overlap(str(value.key[-1]), where)
        return None

    def made(
        self,
        spec: LossSpec,
        where: Site,
        from_logits: Fact[bool] | None,
        *,
        spelling: str,
        literal: bool = False,
        confidence: Confidence = Confidence.HIGH,
    ) -> Loss:
        sure = min(confidence, self.scenario.confidence)
        return Loss(
            span=where.span,
            name=Fact(spec.name, where.span, confidence=sure, literal=literal),
            family=spec.family,
            from_logits=from_logits,
            takes_logits=spec.takes_logits,
            spelling=spelling,
        )

    def of_construct(self, value: Construct) -> Loss | None:
        spec = catalog.by_class(value.dotted)
        if spec is None or value.site is None:
            return None
        return self.made(spec, value.site, self.logits(value, spec), spelling="class")

    def logits(self, value: Construct, spec: LossSpec) -> Fact[bool] | None:
        """What `from_logits` is: said, left out, or not known."""
        assert value.site is not None
        given = value.bound.get("from_logits")
        if given is None:
            return None if value.arguments.open else Fact(False, value.site.span)
        return self.logits_fact(given, value.place("from_logits"))

    def logits_fact(self, given: Value, place: Site) -> Fact[bool] | None:
        given = self.scenario.pick(given)
        if isinstance(given, Const) and isinstance(given.value, (bool, int)):
            keyword = isinstance(place.node, cst.Arg) and written_here(given, argument_value(place))
            return Fact(bool(given.value), place.span, literal=keyword, confidence=self.scenario.confidence)
        return None

    def of_function(self, value: Value, where: Site) -> Loss | None:
        """A loss function of the program: followed when it hands its arguments to a loss that is known."""
        prediction = Tensor("prediction", (), where)
        arguments = Arguments([Data(site=where), prediction], {}, {0: where, 1: where}, where)
        result = self.interp.guarded(lambda: self.interp.call(value, arguments, where.node))
        name = function_name(value)
        found = self.single_loss(self.scenario.pick(result), prediction)
        if found is not None:
            spec: LossSpec = found.params["spec"]
            logits = found.params["from_logits"]
            place: Site = found.params["place"]
            fact: Fact[bool] | None = None
            if isinstance(logits, bool):
                fact = Fact(logits, place.span)
            elif isinstance(logits, Value):
                fact = self.logits_fact(logits, place)
            site = found.site or where
            # TensorFlow's own functions never look for the logits behind an activation
            spelling = "op" if found.params["spelling"] == "op" else "function"
            return self.made(spec, site, fact, spelling=spelling)
        return named_overlap(name, where)

    def single_loss(self, result: Value, prediction: Tensor, depth: int = 0) -> Tensor | None:
        """The one known loss that a function's result rests on, if it is computed on the bare prediction."""
        if not isinstance(result, Tensor) or depth > 8:
            return None
        if result.op == "loss":
            return result if self.is_prediction(result.inputs[1], prediction) else None
        if result.op not in TRANSPARENT:
            return None
        inner = [one for one in (self.scenario.pick(one) for one in result.inputs) if isinstance(one, Tensor)]
        if result.op == "add":
            # a penalty beside the loss does not change what the head must give, but a second loss may
            with_loss = [one for one in inner if mentions_loss(one)]
            return self.single_loss(with_loss[0], prediction, depth + 1) if len(with_loss) == 1 else None
        with_loss = [one for one in inner if mentions_loss(one)]
        return self.single_loss(with_loss[0], prediction, depth + 1) if len(with_loss) == 1 else None

    def is_prediction(self, value: Value, prediction: Tensor) -> bool:
        value = self.scenario.pick(value)
        for _ in range(6):
            if value is prediction:
                return True
            if (
                not isinstance(value, Tensor)
                or value.op not in {"cast", "identity", "reshape", "squeeze", "expand_dims"}
                or not value.inputs
            ):
                return False
            value = self.scenario.pick(value.inputs[0])
        return False

    # -- metrics ----------------------------------------------------------------------------------------------------------------

    def metric(self, value: Value, place: Site) -> Metric | None:
        value = self.scenario.pick(value)
        where = argument_value(place)
        if isinstance(value, Const) and isinstance(value.value, str):
            site = value.site or where
            spec = metric_catalog.by_string(value.value)
            if spec is None:
                return None
            span = site.span
            threshold = spec.default_threshold
            return Metric(
                span,
                Fact(spec.name, span, literal=value.site is not None),
                Fact(False, span) if spec.takes_logits else None,
                Fact(threshold, span) if threshold is not None else None,
            )
        if isinstance(value, Construct) and value.site is not None:
            spec = metric_catalog.by_class(value.dotted)
            if spec is None:
                return None
            span = value.site.span
            # the class `Accuracy` compares for equality: another thing than the string
            name = "exact_accuracy" if value.kind == "Accuracy" else spec.name
            return Metric(span, Fact(name, span), self.metric_logits(value, spec), self.threshold(value, spec))
        if isinstance(value, External):
            spec = metric_catalog.by_class(value.dotted) or metric_catalog.by_function(value.dotted)
            return Metric(where.span, Fact(spec.name, where.span)) if spec is not None else None
        return None

    def metric_logits(self, value: Construct, spec: Any) -> Fact[bool] | None:
        if not spec.takes_logits or value.site is None:
            return None
        if "from_logits" not in value.bound:
            return None if value.arguments.open else Fact(False, value.site.span)
        return self.logits_fact(value.bound["from_logits"], value.place("from_logits"))

    def threshold(self, value: Construct, spec: Any) -> Fact[float] | None:
        if spec.threshold is None or value.site is None:
            return None
        given = value.bound.get(spec.threshold)
        if given is None:
            return (
                Fact(spec.default_threshold, value.site.span)
                if spec.default_threshold is not None and not value.arguments.open
                else None
            )
        given = self.scenario.pick(given)
        if isinstance(given, Const) and isinstance(given.value, (int, float)):
            return Fact(float(given.value), value.place(spec.threshold).span)
        return None


def mentions_loss(value: Value, depth: int = 0) -> bool:
    if not isinstance(value, Tensor) or depth > 12:
        return False
    return value.op == "loss" or any(mentions_loss(one, depth + 1) for one in value.inputs)


def argument_value(place: Site) -> Site:
    """The value of a keyword argument; any other place as it is."""
    return Site(place.node.value, place.file) if isinstance(place.node, cst.Arg) else place


def written_here(value: Const, where: Site) -> bool:
    """Whether the constant is written at that very place, and not in a variable."""
    return value.site is not None and value.site.node is where.node


def function_name(value: Value) -> str:
    if isinstance(value, Function):
        return value.name
    if isinstance(value, Bound):
        return value.name
    if isinstance(value, Instance):
        return value.cls.name
    if isinstance(value, Partial):
        return function_name(value.callee)
    return ""


def named_overlap(name: str, where: Site) -> Loss | None:
    """A loss that only its name tells to be Dice, Jaccard or Tversky."""
    lowered = name.lower()
    for word in OVERLAP_NAMES:
        if word in lowered:
            span = where.span
            known = Fact("tversky" if word == "tversky" else "dice", span, confidence=Confidence.MEDIUM)
            return Loss(span, known, Family.OVERLAP, Fact(False, span), spelling="custom")
    return None

"""From what `compile` was given to the loss that it means.

A loss of the program itself is followed when it hands its arguments to a loss that is known. What it does with the
prediction before that is its own affair: then the loss is not known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from keraslint.model import Confidence, Fact, Family, Loss
from keraslint.static.catalog import losses as catalog
from keraslint.static.catalog.functions import PASSING
from keraslint.static.catalog.losses import Logits, LossSpec
from keraslint.static.facts.reading import Reading
from keraslint.static.sites import place_of, stands_at, value_at
from keraslint.static.text import tree
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

MOST_DEPTH: Final = 8
EVERYWHERE: Final = frozenset({"from_logits", "name", "reduction"})
"""Arguments that the class of every crossentropy takes."""
OVERLAPS: Final = {"dice": "dice", "jaccard": "dice", "tversky": "tversky"}
"""Words in the name of a loss that tell what it measures, and what it is then."""
REDUCING: Final = (PASSING - {"transpose"}) | {"add", "divide", "mean", "multiply", "sum"}
"""Operations on the number that a loss gives: weights, penalties, means."""


def loss(reading: Reading, value: Value, place: Site) -> Loss | None:
    """The loss that a value means; nothing when it cannot be told."""
    value = reading.pick(value)
    where = value_at(place)
    match value:
        case Const(value=str(text)):
            return _of_string(reading, text, value, where)
        case Construct():
            return _of_object(reading, value, where)
        case External():
            return _of_name(reading, value, where)
        case Function() | Partial() | Bound() | Instance():
            return _of_function(reading, value, where)
        case Class():
            return _by_its_name(value.name, where)
        case Unknown(key=("name" | "import" | "attr", *_, name)):
            return _by_its_name(str(name), where)
    return None


def called_loss(reading: Reading, tensor: Tensor, site: Site, spelling: str) -> Loss:
    """The loss that a call on labels and a prediction is."""
    params = tensor.params
    logits, place = params["from_logits"], params["place"]
    said: Fact[bool] | None
    if isinstance(logits, bool):
        said = Fact(logits, place.span, omitted=params["omitted"] and isinstance(place.node, tree.Call))
    else:
        said = logits_fact(reading, logits, place)
    return _made(reading, params["spec"], site, said, spelling)


def logits_fact(reading: Reading, given: Value, place: Site) -> Fact[bool] | None:
    """What `from_logits` is, as written at a place."""
    given = reading.pick(given)
    if not isinstance(given, Const) or not isinstance(given.value, (bool, int)):
        return None
    literal = isinstance(place.node, tree.Arg) and stands_at(given, value_at(place))
    return Fact(bool(given.value), place.span, literal=literal, confidence=reading.confidence)


def _made(
    reading: Reading, spec: LossSpec, where: Site, logits: Fact[bool] | None, spelling: str, *, literal: bool = False
) -> Loss:
    span = where.span
    return Loss(
        span=span,
        name=Fact(spec.name, span, confidence=reading.confidence, literal=literal),
        family=spec.family,
        from_logits=logits,
        takes_logits=spec.takes_logits,
        spelling=spelling,
        class_name=f"keras.losses.{spec.classes[0]}" if spec.classes and spec.class_parameters else None,
    )


def _of_string(reading: Reading, text: str, value: Value, place: Site) -> Loss | None:
    # a constant is shown where it is written, not where it is passed on
    where = place_of(value, place)
    spec = catalog.by_string(text)
    if spec is None:
        return _by_its_name(text, where)
    if spec is catalog.BY_SHAPE:
        return None
    return _made(reading, spec, where, Fact(False, where.span), "string", literal=stands_at(value, place))


def _of_object(reading: Reading, value: Construct, place: Site) -> Loss | None:
    spec = catalog.by_class(value.dotted)
    if spec is None or value.site is None:
        return None
    if "from_logits" in value.bound:
        logits = logits_fact(reading, value.bound["from_logits"], value.place("from_logits"))
    else:
        addable = spec.takes_logits and isinstance(value.site.node, tree.Call)
        logits = Fact(False, value.site.span, omitted=addable) if not value.arguments.open else None
    found = _made(reading, spec, value.site, logits, "class")
    node = value.site.node
    movable = node is place.node and isinstance(node, tree.Call) and not value.arguments.open
    if not movable or not isinstance(node, tree.Call) or value.bound.keys() - EVERYWHERE:
        return found
    return replace(found, callee=_callee(reading, spec, Site(node.func, value.site.file)))


def _callee(reading: Reading, spec: LossSpec, site: Site) -> Fact[str]:
    """The name of a class or function of Keras, as it is written for this loss alone."""
    return Fact(spec.name, reading.span(site), confidence=reading.confidence, literal=not reading.scenario.picked)


def _of_name(reading: Reading, value: External, place: Site) -> Loss | None:
    """A function or class of a library, passed without being called."""
    dotted, where = value.dotted, place_of(value, place)
    function = catalog.by_function(dotted)
    if function is not None:
        always = Fact(function.logits is Logits.ALWAYS, where.span)
        found = _made(reading, function.spec, where, always, "function" if dotted.startswith("keras.") else "op")
        movable = found.spelling == "function" and stands_at(value, place)
        return replace(found, callee=_callee(reading, function.spec, where)) if movable else found
    spec = catalog.by_class(dotted)
    if spec is not None:
        return _made(reading, spec, where, Fact(False, where.span), "class")
    return _by_its_name(dotted, where)


# -- losses of the program ---------------------------------------------------------------------------------------------


def _of_function(reading: Reading, value: Value, where: Site) -> Loss | None:
    """A loss function of the program, followed on a prediction."""
    interp = reading.interp
    prediction = Tensor("prediction", (), where)
    given = Data(site=where)
    arguments = Arguments([given, prediction], {}, {0: where, 1: where}, where)
    result = interp.guarded(lambda: interp.call(value, arguments, where.node))
    found = _single_loss(reading, reading.pick(result), prediction)
    if found is None:
        return _by_its_name(_name_of(value), where)
    # TensorFlow's own functions never look for the logits behind an activation
    spelling = "op" if found.params["spelling"] == "op" else "function"
    made = called_loss(reading, found, found.site or where, spelling)
    as_given = reading.pick(found.inputs[0]) is given and reading.pick(found.inputs[1]) is prediction
    return replace(made, as_given=as_given)


def _single_loss(reading: Reading, result: Value, prediction: Tensor, depth: int = 0) -> Tensor | None:
    """The one known loss that a function's result rests on, if it is computed on the bare prediction."""
    if not isinstance(result, Tensor) or depth > MOST_DEPTH:
        return None
    if result.op == "loss":
        return result if _is_prediction(reading, result.inputs[1], prediction) else None
    if result.op not in REDUCING:
        return None
    # a penalty beside the loss does not change what the head must give, but a second loss may
    with_loss = [one for one in map(reading.pick, result.inputs) if _mentions_loss(one)]
    return _single_loss(reading, with_loss[0], prediction, depth + 1) if len(with_loss) == 1 else None


def _mentions_loss(value: Value, depth: int = 0) -> bool:
    if not isinstance(value, Tensor) or depth > MOST_DEPTH + 4:
        return False
    return value.op == "loss" or any(_mentions_loss(one, depth + 1) for one in value.inputs)


def _is_prediction(reading: Reading, value: Value, prediction: Tensor) -> bool:
    value = reading.pick(value)
    for _ in range(MOST_DEPTH):
        if value is prediction:
            return True
        if (
            not isinstance(value, Tensor)
            or value.op not in PASSING - {"stop_gradient", "transpose"}
            or not value.inputs
        ):
            return False
        value = reading.pick(value.inputs[0])
    return False


def _name_of(value: Value) -> str:
    match value:
        case Function() | Bound():
            return value.name
        case Instance():
            return value.cls.name
        case Partial():
            return _name_of(value.callee)
    return ""


def _by_its_name(name: str, where: Site) -> Loss | None:
    """A loss that only its name tells to be Dice, Jaccard or Tversky."""
    for said, meant in OVERLAPS.items():
        if said in name.lower():
            known = Fact(meant, where.span, confidence=Confidence.MEDIUM)
            return Loss(where.span, known, Family.OVERLAP, Fact(False, where.span), spelling="custom")
    return None

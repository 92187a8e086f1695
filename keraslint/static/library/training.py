"""What trains a model, as it happens: `compile`, `fit`, a loss called in a loop of the program's own, predictions read.

Here it is only noted in the record, with the decisions under which it happens. What a loss or a head means is read
afterwards, in `losses` and `heads`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from keraslint.static.catalog.losses import Logits, LossFunction, LossSpec
from keraslint.static.catalog.models import COMPILE, EVALUATION, TRAINING
from keraslint.static.data.validation import repeats
from keraslint.static.library.graph import behind, from_model
from keraslint.static.record import Compile, Decision, DirectLoss, Fit, Happening, MetricUpdate, ValidationUse
from keraslint.static.values import (
    NONE,
    Arguments,
    Bound,
    Choice,
    Const,
    Construct,
    Data,
    Function,
    Instance,
    KerasModel,
    List,
    Object,
    Shape,
    Site,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

METHODS: Final = {**TRAINING, **EVALUATION}


# -- compile and fit ---------------------------------------------------------------------------------------------------


class Compiled(Value):
    """The last `compile` of a model."""

    __slots__ = ("event",)

    def __init__(self, event: Compile) -> None:
        self.event = event


def compile_model(interp: Interpreter, model: KerasModel | Instance, outputs: Value, arguments: Arguments) -> Value:
    """`model.compile(...)`, with the outputs that the model has now."""
    event = Compile(arguments.site, interp.state.guard, model, outputs, arguments, arguments.bind(COMPILE))
    for layer in (tensor.layer for tensor in behind(outputs)):
        if isinstance(layer, Construct) and isinstance(layer.state.get("activation"), Value):
            event.activations[layer.serial] = layer.state["activation"]
    event.imported, event.run = interp.record.importing > 0, interp.record.run
    _replace(model, event)
    interp.record.compiles.append(event)
    happen(interp, "compile", model, arguments.site)
    interp.state.write(model.state, "compile_event", Compiled(event))
    return NONE


def _replace(model: KerasModel | Instance, event: Compile) -> None:
    """A `compile` that nothing trained with, before this one takes its place on every way, was written to be seen."""
    before = _in_force(model)
    if len(before) == 1:
        [old] = before
        same = (old.guard, old.run, old.imported) == (event.guard, event.run, event.imported)
        if same and old.site.node is not event.site.node and not old.fits and not old.given:
            old.replaced = True


def hand_on(arguments: Arguments) -> None:
    """Models are handed to something that is not followed: it may train them."""
    for one in (*arguments.positional, *arguments.named.values()):
        for value in (each for _, each in one.alternatives) if isinstance(one, Choice) else (one,):
            if isinstance(value, (KerasModel, Instance)):
                for event in _in_force(value):
                    event.given = True


def train(interp: Interpreter, model: KerasModel | Instance, name: str, arguments: Arguments) -> Value:
    """`fit`, `train_on_batch`, `evaluate` and kin: what becomes inputs and labels."""
    bound = arguments.bind(METHODS[name])
    x, y = bound.get("x", bound.get("generator")), bound.get("y")
    if "validation_data" in bound:
        repeated = repeats(interp, x, y, bound["validation_data"], arguments.site)
        interp.record.validations.append(ValidationUse(arguments.place("validation_data"), repeated))
    if y is None and x is not None:
        x, y = _parts_of(interp, x, arguments.site)
    fit = Fit(arguments.site, interp.state.guard, x, y, training=name in TRAINING)
    fit.callbacks, fit.open = arguments.named.get("callbacks"), arguments.open or len(arguments.positional) > 4
    if fit.training:
        happen(interp, "train", model, arguments.site)
    for event in _in_force(model):
        event.fits.append(fit)
    return Unknown()


def happen(interp: Interpreter, kind: str, target: Object, site: Site, value: Value | None = None) -> None:
    """Remember what is done to a model or layer, and when."""
    record = interp.record
    record.history.append(Happening(kind, site, interp.state.guard, target, record.run, value))


def attribute_set(interp: Interpreter, owner: Object, name: str, value: Value, site: Site) -> None:
    """`owner.trainable = value` of a layer or model."""
    if name == "trainable" and isinstance(owner, (Construct, KerasModel, Instance)):
        happen(interp, "trainable", owner, site, value)


def _in_force(model: KerasModel | Instance) -> list[Compile]:
    """The compiles that may be in force for a model."""
    found = model.state.get("compile_event")
    values = [one for _, one in found.alternatives] if isinstance(found, Choice) else [found]
    return [one.event for one in values if isinstance(one, Compiled)]


def _parts_of(interp: Interpreter, batches: Value, site: Site) -> tuple[Value, Value | None]:
    """The inputs and the labels of a data set or generator; anything else is all inputs."""
    batches = interp.state.settle(batches)
    if isinstance(batches, Data) and batches.parts is not None:
        return (batches.parts[0], batches.parts[1]) if len(batches.parts) >= 2 else (batches, None)
    if isinstance(batches, Instance):
        return _batch_of(interp, batches, site)
    items, _ = interp.items_of(batches) if isinstance(batches, List) else (None, True)
    first, _ = interp.items_of(items[0]) if items else (None, True)
    return (first[0], first[1]) if first is not None and len(first) >= 2 else (batches, None)


def _batch_of(interp: Interpreter, batches: Instance, site: Site) -> tuple[Value, Value | None]:
    """The inputs and the labels that an object of the program gives for a number, as a `keras.utils.Sequence` does."""
    member = batches.cls.member("__getitem__")
    if not isinstance(member, Function):
        return batches, None
    asked = Bound(batches, "__getitem__", member)
    given = interp.guarded(lambda: interp.call(asked, Arguments([Unknown()], {}, {}, site), site.node))
    ways = given.alternatives if isinstance(given, Choice) else ((frozenset(), given),)
    pairs = [(guard, interp.items_of(one)) for guard, one in ways]
    if any(items is None or rest or len(items) < 2 for _, (items, rest) in pairs):
        return batches, None
    inputs, labels = ([(guard, items[at]) for guard, (items, _) in pairs if items is not None] for at in (0, 1))
    return interp.state.choose(inputs), interp.state.choose(labels)


def compiled_outputs(model: KerasModel | Instance) -> Value | None:
    """The outputs that a model had when it was compiled."""
    found = _in_force(model)
    return found[0].outputs if len(found) == 1 else None


# -- predictions -------------------------------------------------------------------------------------------------------


def predicted(model: KerasModel | Instance, site: Site, shape: Shape = None) -> Data:
    """What `model.predict` gives: an array that remembers its model."""
    return Data(origin="prediction", store=model, site=site, shape=shape)


def note_decision(interp: Interpreter, value: Value, kind: str, site: Site, axis: Value | None = None) -> None:
    """The program reads predictions: by `argmax` along an axis, or against a `threshold`."""
    owner: Value | None = None
    shape: Shape = None
    if isinstance(value, Data) and value.origin == "prediction":
        owner, shape = value.store, value.shape
    elif isinstance(value, Tensor) and value.op == "model":
        owner, shape = value.layer, value.shape
    if owner is not None:
        choices = _choices(shape, interp.state.settle(axis)) if axis is not None else None
        interp.record.decisions.append(Decision(site, interp.state.guard, owner, kind, choices))


def _choices(shape: Shape, axis: Value) -> int | None:
    """Among how many numbers an `argmax` looks: those of an axis, or all where there is no axis."""
    if shape is None or not isinstance(axis, Const):
        return None
    if axis.value is None:
        return prod(one for one in shape if one is not None) if None not in shape else None
    return shape[axis.value] if type(axis.value) is int and -len(shape) <= axis.value < len(shape) else None


# -- losses called by the program --------------------------------------------------------------------------------------


def call_loss_function(interp: Interpreter, function: LossFunction, arguments: Arguments, spelling: str) -> Tensor:
    """A loss function called on labels and predictions."""
    bound = arguments.bind(function.parameters)
    logits: Value | bool = function.logits is Logits.ALWAYS
    place = arguments.site
    if function.logits is Logits.PARAMETER and "from_logits" in bound:
        logits = interp.state.settle(bound["from_logits"])
        place = arguments.place("from_logits", function.parameters)
    labels, predictions = bound.get(function.labels, Unknown()), bound.get(function.predictions, Unknown())
    may = function.logits is Logits.PARAMETER and not arguments.open
    return _loss(interp, function.spec, labels, predictions, logits, place, arguments.site, spelling, omitted=may)


def call_loss_object(interp: Interpreter, loss: Construct, spec: LossSpec, arguments: Arguments) -> Tensor:
    """A loss object called on labels and predictions."""
    logits: Value | bool = False
    place = loss.site or arguments.site
    if "from_logits" in loss.bound:
        logits, place = interp.state.settle(loss.bound["from_logits"]), loss.place("from_logits")
    elif loss.arguments.open:
        logits = Unknown()
    bound = arguments.bind(("y_true", "y_pred", "sample_weight"))
    labels, predictions = bound.get("y_true", Unknown()), bound.get("y_pred", Unknown())
    may = spec.takes_logits
    return _loss(interp, spec, labels, predictions, logits, place, arguments.site, "class", omitted=may)


def update_metric(interp: Interpreter, metric: Construct, arguments: Arguments) -> Value:
    """A metric called on labels and predictions, or its `update_state`."""
    predictions = arguments.bind(("y_true", "y_pred", "sample_weight")).get("y_pred", Unknown())
    if from_model(predictions) and not interp.record.replaced:
        interp.record.updates.append(MetricUpdate(arguments.site, interp.state.guard, metric, predictions))
    return Unknown()


def _loss(
    interp: Interpreter,
    spec: LossSpec,
    labels: Value,
    predictions: Value,
    logits: Value | bool,
    place: Site,
    site: Site,
    spelling: str,
    *,
    omitted: bool,
) -> Tensor:
    """A loss on labels and predictions. `omitted` tells that `from_logits` could be passed at `place`."""
    params = {"spec": spec, "from_logits": logits, "place": place, "spelling": spelling, "omitted": omitted}
    made = Tensor("loss", (labels, predictions), site, params=params)
    record = interp.record
    if from_model(predictions) and not record.replaced:
        record.losses.append(DirectLoss(site, interp.state.guard, made, record.tapes > 0, record.importing > 0))
    return made

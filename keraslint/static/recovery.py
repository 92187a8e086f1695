"""From a source to a program: parse, interpret, and say what was recovered as facts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from keraslint.model import (
    Activation,
    Fact,
    Head,
    Layer,
    LossMismatch,
    Model,
    NotChecked,
    Obsolete,
    PositionalStride,
    Program,
    Runtime,
    TextArray,
    Training,
    Validation,
)
from keraslint.source import Source
from keraslint.static import derived
from keraslint.static.bounds import MOST_FRAMES, MOST_HEADS, MOST_LAYERS, Budget
from keraslint.static.data import text_arrays
from keraslint.static.facts import steps
from keraslint.static.facts.freezing import late, restored
from keraslint.static.facts.heads import head, lone_activation
from keraslint.static.facts.layers import all_outputs, layers
from keraslint.static.facts.mismatches import mismatches
from keraslint.static.facts.outputs import outputs
from keraslint.static.facts.reading import Reading, readings
from keraslint.static.facts.scenario import Infeasible, Scenario
from keraslint.static.facts.steps import Step
from keraslint.static.facts.trainings import compiled, direct, distinct
from keraslint.static.interpreter import Interpreter
from keraslint.static.library.graph import behind
from keraslint.static.library.models import outputs_of
from keraslint.static.library.removal import removed_names
from keraslint.static.library.runtimes import runtime_of
from keraslint.static.record import Compile, DirectLoss, ObsoleteUse, StrideUse, ValidationUse
from keraslint.static.text import tree
from keraslint.static.text.module import ModuleFile
from keraslint.static.text.parse import parse
from keraslint.static.values import (
    ALWAYS,
    Const,
    Construct,
    Data,
    Instance,
    KerasModel,
    Object,
    Site,
    Tensor,
    Value,
)

MOST_BACK: Final = 30
"""Tensors between a prediction and the model that it comes from."""


def recover(source: Source, known: Mapping[str, str] = MappingProxyType({})) -> Program:
    """Read a source into a program. Raises `UnreadableSource` when it is not Python.

    `known` are the versions and the backend that its project asks for, which decide branches.
    """
    file = ModuleFile(source, parse(source))
    interp = Interpreter(file, known)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, MOST_FRAMES))
    try:
        interp.run()
        return facts_of(interp)
    finally:
        sys.setrecursionlimit(limit)


def facts_of(interp: Interpreter) -> Program:
    """What the interpreter met, as facts."""
    runtime = runtime_of(interp.record)
    gaps: list[NotChecked] = []
    models = tuple(_models(interp, runtime, gaps))
    for budget, site in interp.record.budgets.items():
        if budget in {Budget.FILES, Budget.SOURCES} and not gaps:
            continue  # nothing was missed
        place = site if _is_own(interp, site) else Site(interp.file.tree, interp.file)
        gaps.append(NotChecked(place.span, budget.value))
    return Program(
        path=interp.file.source.path,
        models=models,
        activations=tuple(_activations(interp)),
        obsolete=tuple(_obsolete([one for one in interp.record.obsolete if one.site.file is interp.file], runtime)),
        removed=tuple(
            removed_names(interp.record, [one for one in interp.record.removed if _is_own(interp, one.site)])
        ),
        positional_strides=tuple(
            _strides([one for one in interp.record.strides if _is_own(interp, one.site)], runtime)
        ),
        text_arrays=tuple(_text_arrays([one for one in interp.record.text_arrays if _is_own(interp, one.site)])),
        validations=tuple(_validations([one for one in interp.record.validations if _is_own(interp, one.site)])),
        not_checked=tuple({(id(one.span), one.reason): one for one in gaps}.values()),
        derived=tuple(derived.facts(interp)) if models else (),
    )


def _is_own(interp: Interpreter, site: Site | None) -> bool:
    """Whether a place is in the file that is read: what an imported file does is told where that one is read."""
    return site is None or site.file is interp.file


# -- models ------------------------------------------------------------------------------------------------------------


def _only_restored(interp: Interpreter, event: Compile) -> bool:
    """Whether a model gets weights from a file then and is not trained here: the loss of its `compile` is idle."""
    if event.fits or event.given or restored(interp, event.model) is None:
        return False
    if any(one.model is event.model for one in interp.record.compiles if one is not event):
        return False
    kinds = [(one.kind, one.site) for one in interp.record.history if one.target is event.model]
    compiled_at = next((at for at, (kind, site) in enumerate(kinds) if kind == "compile" and site is event.site), None)
    return compiled_at is not None and any(kind == "restore" for kind, _ in kinds[compiled_at + 1 :])


def _models(interp: Interpreter, runtime: Runtime, gaps: list[NotChecked]) -> Iterator[Model]:
    """Every model with all that trains it, the trained ones first; what trains an unknown model is one of its own."""
    owners: dict[int, Value] = {}
    events: dict[int, list[Compile | DirectLoss]] = {}
    trained: list[tuple[Value, Compile | DirectLoss]] = [
        (one.model, one)
        for one in interp.record.compiles
        if not one.replaced and not _only_restored(interp, one)
        if not one.imported or any(_is_own(interp, fit.site) for fit in one.fits)
    ]
    trained += [(owner if owner is not None else one.loss, one) for one, owner in _trained_directly(interp)]
    for owner, event in trained:
        key = owner.serial if isinstance(owner, Object) else id(event)
        owners[key] = owner
        events.setdefault(key, []).append(event)
    for model in interp.record.models:
        if _is_own(interp, model.site):
            owners.setdefault(model.serial, model)
    ends = all_outputs(interp)
    for key, owner in owners.items():
        yield _model(interp, owner, events.get(key, []), runtime, gaps, ends)


def _trained_directly(interp: Interpreter) -> Iterator[tuple[DirectLoss, Object | None]]:
    """Losses of the program's own loops. Where some of a model are taped, the others are only shown."""
    rows = [(one, _predicting(one)) for one in interp.record.losses if not one.imported]
    taped = {owner.serial for one, owner in rows if one.taped and owner is not None}
    for one, owner in rows:
        if one.taped or owner is None or owner.serial not in taped:
            yield one, owner


def _predicting(event: DirectLoss) -> Object | None:
    """The model whose prediction a loss was called on."""
    for tensor in behind(event.loss.inputs[1], MOST_BACK):
        if tensor.op == "model" and isinstance(tensor.layer, Object):
            return tensor.layer
    return None


def _model(
    interp: Interpreter,
    owner: Value,
    events: list[Compile | DirectLoss],
    runtime: Runtime,
    gaps: list[NotChecked],
    ends: frozenset[int],
) -> Model:
    site = owner.site if isinstance(owner, (Object, Tensor)) else None
    if site is None:
        site = events[0].site if events else Site(interp.file.tree, interp.file)
    trainings: list[Training] = []
    uneven: list[LossMismatch] = []
    for event in events:
        if isinstance(event, Compile):
            found, unknown = compiled(interp, event, runtime)
            trainings += found
            gaps += unknown
            uneven += mismatches(interp, event, runtime)
        else:
            trainings += direct(interp, event, runtime)
    trainings = distinct(trainings)
    heads, value = [one.head for one in trainings], owner
    if isinstance(owner, (KerasModel, Instance)):
        value = outputs_of(interp, owner)
        heads = heads if events else _heads(interp, value)
    return Model(
        span=site.span,
        name=_name(owner),
        runtime=runtime,
        layers=_told(interp, layers(interp, value, ends), site),
        heads=tuple(_distinct(heads)),
        trainings=tuple(trainings),
        mismatches=tuple(uneven),
        late=late(interp, owner),
        restored=restored(interp, owner),
    )


def _told(interp: Interpreter, found: Iterator[Layer], site: Site) -> tuple[Layer, ...]:
    """The layers of a model. Models that share layers may have many times as many as the program wrote."""
    record = interp.record
    told = tuple(found) if record.layers_told < MOST_LAYERS else ()
    record.layers_told += len(told)
    if record.layers_told >= MOST_LAYERS:
        record.spent(Budget.LAYERS, site)
    return told


def _name(owner: Value) -> str | None:
    if isinstance(owner, Instance):
        return owner.cls.name
    name = owner.state.get("name") if isinstance(owner, KerasModel) else None
    return name.value if isinstance(name, Const) and isinstance(name.value, str) else None


def _heads(interp: Interpreter, value: Value) -> list[Head]:
    """The heads behind the outputs of a model that is not compiled here."""

    def read(reading: Reading) -> list[Head]:
        return [head(reading, output.tensor, output.name) for output in outputs(reading, value)]

    return [one for found in readings(interp, ALWAYS, read) for one in found]


def _distinct(heads: list[Head]) -> list[Head]:
    found: dict[Any, Head] = {}
    for one in heads:
        said = one.activation.value if one.activation is not None else None
        units = one.units.value if one.units is not None else None
        found.setdefault((id(one.span), one.name, said, units), one)
    return list(found.values())[:MOST_HEADS]


# -- activations -------------------------------------------------------------------------------------------------------


def _lone_step(interp: Interpreter, tensor: Tensor) -> Step | None:
    """The function that a layer or operation applies, wherever it stands."""
    try:
        if tensor.op == "layer" and isinstance(tensor.layer, Construct):
            return steps.of_layer(_anywhere(interp), tensor.layer, tensor)
    except Infeasible:
        return None
    return steps.of_operation(tensor) if tensor.site is not None else None


def _anywhere(interp: Interpreter) -> Reading:
    return Reading(interp, Scenario(ALWAYS, []))


def _activations(interp: Interpreter) -> Iterator[Activation]:
    """Every softmax and sigmoid applied to a tensor, each place once."""
    seen: set[Any] = set()
    for tensor in interp.record.activations:
        if not _is_own(interp, tensor.site):
            continue
        step = _lone_step(interp, tensor)
        if step is None or step.name == "linear":
            continue
        made = lone_activation(_anywhere(interp), step)
        key = (id(step.site.node), step.name, made.axis.value if made.axis is not None else None)
        if key not in seen:
            seen.add(key)
            yield made


# -- the rest ----------------------------------------------------------------------------------------------------------


def _obsolete(uses: list[ObsoleteUse], runtime: Runtime) -> Iterator[Obsolete]:
    """Arguments that some Keras does not take, each place once."""
    seen: set[int] = set()
    for use in uses:
        node, spec = use.site.node, use.spec
        if id(node) in seen:
            continue
        seen.add(id(node))
        keyword = node.keyword if isinstance(node, tree.Arg) else None
        place = Site(keyword, use.site.file) if keyword is not None else use.site
        successor, value = _rewritten(use)
        yield Obsolete(
            span=use.site.span,
            argument=Fact(use.argument, place.span, literal=keyword is not None),
            owner=use.owner,
            in_keras_2=spec.in_keras_2,
            in_keras_3=spec.in_keras_3,
            successor=successor,
            value=value,
            later=spec.later,
            runtime=runtime,
        )


def _rewritten(use: ObsoleteUse) -> tuple[str | None, str | None]:
    """Today's name for an argument, and today's value where that changes too and the old one is written there."""
    written = use.site.node.value if isinstance(use.site.node, tree.Arg) else None
    old = written.evaluated_value if isinstance(written, tree.SimpleString) else ""
    name, _, value = use.spec.rewritten.get(str(old), "").partition("=")
    return (name, value) if value else (use.spec.successor, None)


def _validations(uses: list[ValidationUse]) -> Iterator[Validation]:
    """Validation data of each call that trains; one that is made with other data now and then repeats nothing."""
    found: dict[int, list[ValidationUse]] = {}
    for use in uses:
        found.setdefault(id(use.site.node), []).append(use)
    for same in found.values():
        if all(use.repeats for use in same):
            span = same[0].site.span
            yield Validation(span, Fact(True, span))


def _strides(uses: list[StrideUse], runtime: Runtime) -> Iterator[PositionalStride]:
    """Convolutions with three numbers by position, each place once."""
    for use in {id(one.site.node): one for one in uses}.values():
        size, stride = (
            Fact(number, site.span, literal=isinstance(site.node, tree.Integer))
            for number, site in (use.kernel_size, use.strides)
        )
        sign = Fact(use.sign[0], use.sign[1].span) if use.sign is not None else None
        yield PositionalStride(use.site.span, use.layer, size, stride, sign, runtime)


def _text_arrays(arrays: list[Data]) -> Iterator[TextArray]:
    """Arrays of fixed-width text, and the texts that are known to be stored in them."""
    for data in arrays:
        if data.store is None or data.store.site is None or data.classes is None:
            continue
        texts = tuple(
            Fact(one.value, one.site.span, literal=True) for one in text_arrays.stored(data) if one.site is not None
        )
        place = data.classes.site
        width = Fact(data.classes.value, place.span, literal=place.node is not data.store.site.node)
        yield TextArray(data.store.site.span, width, texts)

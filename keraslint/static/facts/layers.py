"""The layers of a model as facts: what each was given, and where its outputs go.

The graph is that of the tensors, read forwards: every tensor knows what was made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from keraslint.model import Fact, Flow, Goal, Layer
from keraslint.static.bounds import MOST_WAYS
from keraslint.static.catalog import initializers
from keraslint.static.catalog.layers import Kind
from keraslint.static.facts import steps
from keraslint.static.facts.reading import Reading
from keraslint.static.facts.scenario import Infeasible, Scenario
from keraslint.static.interpreter import Interpreter
from keraslint.static.lengths import length, lengths
from keraslint.static.library.graph import in_order
from keraslint.static.library.models import has_outputs
from keraslint.static.library.shapes import channels_first, shape_of, spec_of
from keraslint.static.sites import stands_at, value_at
from keraslint.static.text import tree
from keraslint.static.values import (
    ALWAYS,
    Choice,
    Const,
    Construct,
    External,
    Instance,
    KerasModel,
    Tensor,
    Value,
    tensors_in,
)

INITIALIZERS: Final = ("kernel_initializer", "depthwise_initializer", "embeddings_initializer", "init")
"""The parameters that say how the kernel of a layer begins; `init` is that of Keras 1."""
INITIAL: Final = {"Embedding": "uniform", "ReversibleEmbedding": "uniform"}
"""What is taken where nothing is said, if it is not `glorot_uniform`."""


def layers(interp: Interpreter, outputs: Value, ends: frozenset[int]) -> Iterator[Layer]:
    """The layers that lead to some outputs, in the order of their calls.

    `ends` are the serials of the tensors that are outputs of any model.
    """
    interp.state.path = {}  # what holds on every path
    called: dict[int, list[Tensor]] = {}
    for tensor in in_order(outputs):
        layer = tensor.layer
        if tensor.op == "layer" and isinstance(layer, Construct) and layer.site is not None:
            called.setdefault(layer.serial, []).append(tensor)
    numbers = {serial: number for number, serial in enumerate(called)}
    ends |= {tensor.serial for tensor in tensors_in((outputs,))}
    for serial, tensors in called.items():
        yield _layer(interp, tensors, _feeds(interp.record.calls.get(serial, tensors), numbers, ends))


def all_outputs(interp: Interpreter) -> frozenset[int]:
    """The serials of all tensors that are an output of some model, now or when it was compiled."""
    given = [one.outputs for one in interp.record.compiles]
    for model in interp.record.models:
        if isinstance(model, (KerasModel, Instance)) and has_outputs(model):
            given += [one for one in (model.state.get("last"), model.state.get("outputs")) if isinstance(one, Value)]
    return frozenset(tensor.serial for tensor in tensors_in(given))


# -- where outputs go --------------------------------------------------------------------------------------------------


def _feeds(tensors: list[Tensor], numbers: Mapping[int, int], ends: frozenset[int]) -> tuple[Flow, ...]:
    """All the ways from some tensors on, up to the next layer on each."""
    found: dict[Flow, None] = {}
    seen: set[int] = set()
    stack: list[tuple[Tensor, tuple[str, ...]]] = [(one, ()) for one in reversed(tensors)]
    while stack:
        tensor, through = stack.pop()
        if tensor.serial in seen:
            continue
        seen.add(tensor.serial)
        if tensor.escaped or len(seen) > MOST_WAYS:
            found.setdefault(Flow(Goal.UNKNOWN, through=through))
        if tensor.serial in ends:
            found.setdefault(Flow(Goal.OUTPUT, through=through))
        if len(seen) > MOST_WAYS:
            break
        for use in tensor.uses:
            flow = _flow(tensor, use, numbers, through)
            if flow is not None:
                found.setdefault(flow)
            elif not _is_handed_in(tensor, use):
                stack.append((use, through if use.op == "model" else (*through, use.op)))
    return tuple(sorted(found, key=_order))


def _flow(tensor: Tensor, use: Tensor, numbers: Mapping[int, int], through: tuple[str, ...]) -> Flow | None:
    """Where a tensor goes by one of its uses; nothing where the way goes on."""
    if use.op == "layer":
        if not isinstance(use.layer, Construct):
            return Flow(Goal.UNKNOWN, through=through)
        number = numbers.get(use.layer.serial)
        return Flow(Goal.LAYER if number is not None else Goal.MODEL, number, through)
    if use.op == "model" and _is_handed_in(tensor, use):
        # the layers of a class that was followed take it themselves
        followed = isinstance(use.layer, Instance) and not has_outputs(use.layer)
        return None if followed else Flow(Goal.MODEL, through=through)
    if use.op == "loss":
        return Flow(Goal.LOSS, through=through)
    return Flow(Goal.UNKNOWN, through=through) if use.op == "opaque" else None


def _is_handed_in(tensor: Tensor, use: Tensor) -> bool:
    """Whether a model takes a tensor, rather than gives it."""
    return use.op == "model" and all(one is not tensor for one in tensors_in(use.inputs[:1]))


def _order(flow: Flow) -> tuple[Any, ...]:
    return (flow.layer is None, flow.layer or 0, flow.goal.value, flow.through)


# -- what layers were given --------------------------------------------------------------------------------------------


def _layer(interp: Interpreter, tensors: list[Tensor], feeds: tuple[Flow, ...]) -> Layer:
    layer, tensor = tensors[0].layer, tensors[0]
    assert isinstance(layer, Construct)
    assert layer.site is not None
    spec = spec_of(layer)
    name = layer.bound.get("name")
    return Layer(
        span=interp.record.spans.setdefault(id(layer.site.node), layer.site.span),
        kind=spec.name if spec is not None else layer.kind,
        name=name.value if isinstance(name, Const) and isinstance(name.value, str) else None,
        units=_number(interp, layer, spec.units) if spec is not None and spec.units else None,
        activation=_activation(interp, layer, tensor),
        takes=_takes(interp, layer, tensor),
        kernel_size=_per_axis(interp, layer, "kernel_size"),
        strides=_per_axis(interp, layer, "strides"),
        axis=_axis(interp, layer, tensor),
        use_bias=_use_bias(interp, layer),
        kernel_initializer=_kernel_initializer(interp, layer),
        bias_initializer=_bias_initializer(interp, layer),
        rate=_rate(interp, layer),
        trainable=_trainable(interp, layer),
        calls=len(tensors),
        feeds=feeds,
    )


def _given(interp: Interpreter, layer: Construct, name: str) -> Value | None:
    value = layer.bound.get(name)
    return interp.state.settle(value) if value is not None else None


def _fact(layer: Construct, name: str, value: Any, given: Value) -> Fact[Any]:
    """A fact at the argument that gives it; one that can be edited is a keyword argument as a whole."""
    place = layer.place(name)
    literal = isinstance(place.node, tree.Arg) and stands_at(given, value_at(place))
    return Fact(value, place.span, literal=literal)


def _usual(layer: Construct, value: Any) -> Fact[Any] | None:
    """What Keras takes where nothing is said; not known where arguments are not."""
    assert layer.site is not None
    called = isinstance(layer.site.node, tree.Call)
    return Fact(value, layer.site.span, omitted=called) if not layer.arguments.open else None


def _number(interp: Interpreter, layer: Construct, name: str) -> Fact[int] | None:
    given = _given(interp, layer, name)
    number = length(given)
    return Fact(number, layer.place(name).span) if number is not None else None


def _activation(interp: Interpreter, layer: Construct, tensor: Tensor) -> Fact[str] | None:
    """The function that the layer applies to its result; not known where it depends on a decision."""
    spec = spec_of(layer)
    if spec is None or (spec.activation is None and spec.kind is not Kind.ACTIVATION):
        return None
    reading = Reading(interp, Scenario(ALWAYS, []))
    try:
        step = steps.of_layer(reading, layer, tensor)
    except Infeasible:
        return None
    if step is None or reading.scenario.widths:
        return None
    unsaid = step.name == "linear" and "activation" in set(layer.parameters) - layer.bound.keys()
    omitted = unsaid and reading.activation(layer) is None and isinstance(step.site.node, tree.Call)
    return Fact(step.name, step.site.span, literal=step.literal, omitted=omitted)


def _takes(interp: Interpreter, layer: Construct, tensor: Tensor) -> Fact[int] | None:
    spec = spec_of(layer)
    shape = shape_of(tensor.inputs[0]) if tensor.inputs else None
    if spec is None or spec.kind is not Kind.WEIGHTS or not shape:
        return None
    size = shape[1 if channels_first(interp.record, layer) and len(shape) > 2 else -1]
    assert layer.site is not None
    return Fact(size, layer.site.span) if size is not None else None


def _per_axis(interp: Interpreter, layer: Construct, name: str) -> Fact[tuple[int, ...]] | None:
    """A parameter that is a number for every axis in space, or one for all of them."""
    spec = spec_of(layer)
    if spec is None or spec.rank is None or spec.kind is not Kind.WEIGHTS or name not in spec.parameters:
        return None
    given = _given(interp, layer, name)
    if given is None:
        return _usual(layer, (1,) * (spec.rank - 2)) if name == "strides" and "subsample" not in layer.bound else None
    sizes = tuple(one for one in lengths(given) or () if one is not None)
    sizes = sizes * (spec.rank - 2) if len(sizes) == 1 else sizes
    return Fact(sizes, layer.place(name).span) if len(sizes) == spec.rank - 2 else None


def _axis(interp: Interpreter, layer: Construct, tensor: Tensor) -> Fact[int] | None:
    """The axis of the channels, or the one that a layer looks at; the last one is -1."""
    spec, shape = spec_of(layer), tensor.shape
    if spec is None:
        return None
    if spec.kind is Kind.WEIGHTS:
        first = spec.takes_data_format and channels_first(interp.record, layer)
        return _usual(layer, 1 if first else -1)
    if "axis" not in spec.parameters:
        return None
    given = _given(interp, layer, "axis")
    if given is None:
        return _usual(layer, -1)
    axis = length(given)
    if axis is not None and shape is not None and axis == len(shape) - 1:
        axis = -1
    return _fact(layer, "axis", axis, given) if axis is not None else None


def _use_bias(interp: Interpreter, layer: Construct) -> Fact[bool] | None:
    spec = spec_of(layer)
    if spec is None or "use_bias" not in spec.parameters:
        return None
    for name in ("use_bias", "bias"):
        given = _given(interp, layer, name)
        if given is not None:
            known = isinstance(given, Const) and type(given.value) is bool
            return _fact(layer, name, given.value, given) if known else None  # type: ignore[attr-defined]
    return _usual(layer, value=True)


def _kernel_initializer(interp: Interpreter, layer: Construct) -> Fact[str] | None:
    spec = spec_of(layer)
    names = [one for one in INITIALIZERS if one in layer.bound]
    if spec is None or spec.kind is not Kind.WEIGHTS or "pointwise_initializer" in spec.parameters:
        return None
    if not names:
        return _usual(layer, INITIAL.get(spec.name, "glorot_uniform"))
    given = _given(interp, layer, names[0])
    found = _initializer(given)
    return _fact(layer, names[0], found, given) if found is not None and given is not None else None


def _bias_initializer(interp: Interpreter, layer: Construct) -> Fact[str] | None:
    spec = spec_of(layer)
    if spec is None or "bias_initializer" not in spec.parameters:
        return None
    given = _given(interp, layer, "bias_initializer")
    if given is None:
        return _usual(layer, "zeros")
    found = _initializer(given)
    return _fact(layer, "bias_initializer", found, given) if found is not None else None


def _initializer(given: Value | None) -> str | None:
    """The name of an initializer, however it is written."""
    if isinstance(given, Const) and isinstance(given.value, str):
        spec = initializers.by_string(given.value)
    else:
        spec = initializers.by_class(given.dotted) if isinstance(given, (Construct, External)) else None
    if spec is None or not spec.same or spec.value is not None:
        return spec.name if spec is not None else None
    value = given.bound.get("value", Const(0.0)) if isinstance(given, Construct) else Const(0.0)
    if not isinstance(value, Const) or not isinstance(value.value, (int, float)):
        return None  # an array, whose numbers may all differ
    return "zeros" if value.value == 0 else spec.name


def _rate(interp: Interpreter, layer: Construct) -> Fact[float] | None:
    spec = spec_of(layer)
    if spec is None or spec.kind is not Kind.ELEMENTWISE:
        return None
    for name in ("rate", "p"):
        given = _given(interp, layer, name)
        if isinstance(given, Const) and isinstance(given.value, (int, float)):
            return _fact(layer, name, given.value, given)
    return None


def _trainable(interp: Interpreter, layer: Construct) -> Fact[bool] | None:
    said = layer.state.get("trainable")
    given = interp.state.settle(said) if isinstance(said, Value) else _given(interp, layer, "trainable")
    if given is None:
        return _usual(layer, value=True)
    if isinstance(given, Choice) or not isinstance(given, Const) or type(given.value) is not bool:
        return None
    place = given.site if given.site is not None and isinstance(said, Value) else layer.place("trainable")
    return Fact(given.value, place.span)

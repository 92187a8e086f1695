"""The head behind an output: what was found on the way back to the last weights, as facts."""

from __future__ import annotations

from math import inf

from keraslint.model import Activation, Confidence, Fact, Head, Outputs, Route
from keraslint.static.catalog import activations
from keraslint.static.catalog.layers import Kind
from keraslint.static.facts.reading import Reading
from keraslint.static.facts.rows import rows
from keraslint.static.facts.steps import SOFTMAX_LIKE, Step, calls
from keraslint.static.facts.trace import Trace, trace, word
from keraslint.static.lengths import length
from keraslint.static.library.graph import has_batch
from keraslint.static.library.shapes import channels_first, spec_of
from keraslint.static.record import Record
from keraslint.static.sites import place_of
from keraslint.static.text import tree
from keraslint.static.values import Construct, Site, Value


def head(reading: Reading, output: Value, name: str | None = None) -> Head:
    """The head behind an output, with every fact that can be known."""
    found = trace(reading, output)
    sure = reading.confidence
    place = _place(reading, found, output)
    span = reading.span(place)
    last = found.steps[-1] if found.steps else None
    applied = last.site if last is not None else place
    functions = found.functions
    units = _units(reading, found)
    said = _word_with_axis(found) if found.known else None
    outputs = _outputs(found) if found.known else None
    # an edit there changes this head and nothing else
    alone = len(found.steps) == 1 and not reading.scenario.picked
    literal = alone and found.steps[0].literal
    apart = alone and _is_apart(reading, found.steps[0])
    omitted = not found.steps and not reading.scenario.picked and _may_say_activation(reading, found)
    rank = len(found.shape) if found.shape is not None else None
    return Head(
        span=span,
        name=name or found.name or None,
        layer=Fact(found.layer.kind, span) if found.layer is not None else None,
        units=Fact(units[0], units[1].span, confidence=sure) if units is not None else None,
        rank=Fact(rank, span, confidence=sure) if rank is not None else None,
        channel_axis=Fact(found.channel_axis, span, confidence=sure) if rank is not None else None,
        activation=(
            Fact(said, applied.span, confidence=sure, literal=literal, omitted=omitted, apart=apart)
            if said is not None
            else None
        ),
        activations=tuple(_activation(reading, step, _axis(step, found), sure) for step in functions),
        outputs=Fact(outputs, applied.span, confidence=sure) if outputs is not None else None,
        route=functions[-1].route if functions else Route.ACTIVATION,
        rows=_rows(reading, found),
        behind=tuple(
            Fact(
                one.kind,
                reading.span(one.site),
                confidence=sure,
                literal="listed" in one.state,
                apart=calls(one.site, one.kind) and not reading.scenario.picked and reading.is_only(one.site),
            )
            for one in reversed(found.behind)
            if one.site is not None
        ),
    )


def _rows(reading: Reading, found: Trace) -> Fact[str] | None:
    """What stands side by side in the rows of the output, at the layer that made the rows."""
    told = rows(reading, found.moved) if found.moves == len(found.moved) else None
    site = found.moved[0].layer.site if told and isinstance(found.moved[0].layer, Construct) else None
    return Fact(told, reading.span(site), confidence=reading.confidence) if told and site is not None else None


def _is_apart(reading: Reading, step: Step) -> bool:
    """Whether the call of a function could go with all that it does."""
    layer = step.tensor.layer
    made = layer.site if isinstance(layer, Construct) and layer.site is not None else step.site
    return step.apart and not reading.scenario.picked and reading.is_only(made)


def _may_say_activation(reading: Reading, found: Trace) -> bool:
    """Whether the call of the last layer could say an activation for the output and says none."""
    layer, spec = found.layer, spec_of(found.layer)
    if layer is None or spec is None or spec.kind is not Kind.WEIGHTS or found.hidden:
        return False
    unsaid = (
        "activation" in set(layer.parameters) - layer.bound.keys()
        and not layer.arguments.open
        and reading.activation(layer) is None
    )
    return unsaid and not found.moves and layer.site is not None and isinstance(layer.site.node, tree.Call)


def _place(reading: Reading, found: Trace, output: Value) -> Site:
    """Where the head is: at its last weights, else at its function, else where the way back ended."""
    if found.layer is not None and found.layer.site is not None:
        return found.layer.site
    if found.steps:
        return found.steps[-1].site
    file = reading.interp.file
    otherwise = place_of(output, Site(file.tree, file))
    return (found.end.site if found.end is not None else None) or otherwise


# -- units -------------------------------------------------------------------------------------------------------------


def _units(reading: Reading, found: Trace) -> tuple[int, Site] | None:
    """The length of the channel axis, and where it is written."""
    layer, spec = found.layer, spec_of(found.layer)
    if found.shape:
        at = found.channel_axis if found.channel_axis < len(found.shape) else -1
        size, place = found.shape[at], _units_place(found)
        if size is not None and place is not None:
            return size, place
        if size is None and len(found.shape) > 1 and spec is None:
            return None
    if found.moves or layer is None or spec is None or spec.units is None or spec.kind is not Kind.WEIGHTS:
        return None
    value = layer.bound.get(spec.units)
    size = length(reading.pick(value)) if value is not None else None
    return (size, layer.place(spec.units)) if size is not None else None


def _units_place(found: Trace) -> Site | None:
    layer, spec = found.layer, spec_of(found.layer)
    if layer is not None and spec is not None and spec.units is not None:
        return layer.place(spec.units)
    if layer is not None and layer.site is not None:
        return layer.site
    return found.end.site if found.end is not None else None


AXIS_NAMES = ("axis", "dim")
"""What functions call the axis along which they share a total."""

# -- activations -------------------------------------------------------------------------------------------------------

Axis = tuple[int | None, int | None]
"""Where a softmax shares its total (0 the batch, -1 the channels, else an axis between them), and how long that is."""


def lone_activation(reading: Reading, step: Step) -> Activation:
    """An activation wherever it stands, in a head or not."""
    return _activation(reading, step, _lone_axis(reading.interp.record, step), Confidence.HIGH)


def _activation(reading: Reading, step: Step, axis: Axis, sure: Confidence) -> Activation:
    span = step.site.span
    where, size = axis
    return Activation(
        span=span,
        name=Fact(
            step.name,
            span,
            confidence=sure,
            literal=step.literal and not reading.scenario.picked,
            apart=_is_apart(reading, step),
        ),
        axis=_axis_fact(step, where, sure) if where is not None else None,
        size=Fact(size, span, confidence=sure) if size is not None else None,
        route=step.route,
        by_hand=Fact(step.by_hand, span) if step.by_hand is not None else None,
    )


def _axis_fact(step: Step, axis: int, sure: Confidence) -> Fact[int]:
    """The axis at the argument that says it, where there is one, else at the function."""
    node = step.site.node
    for argument in node.args if isinstance(node, tree.Call) else ():
        named = argument.keyword is not None and argument.keyword.value in AXIS_NAMES
        if named and isinstance(argument.value, (tree.Integer, tree.UnaryOperation)):
            return Fact(axis, Site(argument.value, step.site.file).span, confidence=sure, literal=True)
    return Fact(axis, step.site.span, confidence=sure)


def _axis(step: Step, found: Trace) -> Axis:
    """The axis of a step, told by where the channels are at that point."""
    return _axis_of(step, found.channels if found.moves == step.moves else -1)


def _lone_axis(record: Record, step: Step) -> Axis:
    layer, shape = step.tensor.layer, step.tensor.shape
    first = isinstance(layer, Construct) and spec_of(layer) is not None and channels_first(record, layer)
    return _axis_of(step, 1 if first and shape is not None and len(shape) > 2 else -1)


def _axis_of(step: Step, channel: int) -> Axis:
    if step.name not in SOFTMAX_LIKE:
        return None, None
    shape = step.tensor.shape
    axis = step.axis if step.axis is not None else -1
    if type(axis) is not int or (axis == 0 and not _over_batch(step)):
        return None, None
    if shape is None:
        return (axis, None) if axis == 0 or (axis == -1 and channel == -1) else (None, None)
    rank = len(shape)
    if not -rank <= axis < rank:
        return None, None
    at = axis % rank
    if at == 0:
        return (0, shape[0]) if rank > 1 or axis == 0 else (None, None)
    return (-1 if at == channel % rank else at), shape[at]


def _over_batch(step: Step) -> bool:
    """Whether axis 0 is certainly the batch: not of weights, stacked branches or a matrix of similarities."""
    tensor = step.tensor
    if tensor.op == "layer":
        return True
    known = has_batch(tensor.inputs[0]) if tensor.inputs else False
    return known is True or (known is None and step.by_hand is not None)


def _word_with_axis(found: Trace) -> str | None:
    said = word(found.steps)
    last = found.steps[-1] if found.steps else None
    if last is None or last.name != "softmax" or said not in {"softmax", "softmax-twice"}:
        return said
    axis, _ = _axis(last, found)
    if axis is None:
        return said if last.axis in (None, -1) else None
    if not _stays(last, found):
        return None  # the axes were turned afterwards: where this one has gone is not known
    return {0: "softmax-over-batch-axis", -1: said}.get(axis, "softmax-over-spatial-axis")


def _stays(step: Step, found: Trace) -> bool:
    """Whether the axis that a softmax looks at is the same axis in the output."""
    axis, size = _axis(step, found)
    if not step.moves or axis == 0:
        return True
    last = found.shape[-1] if found.shape else None
    return axis == -1 and (size is None or last is None or size == last)


# -- outputs -----------------------------------------------------------------------------------------------------------


def _outputs(found: Trace) -> Outputs | None:
    """Between which numbers the outputs lie, and along which axes they add up to one."""
    low, high = -inf, inf
    totals: tuple[int, ...] = ()
    for step in found.steps:
        totals = ()
        if step.is_scale:
            if step.factor is not None:
                low, high = sorted(_times(end, step.factor) + step.shift for end in (low, high))
            elif (low, high) != (-inf, inf):
                return None
            continue
        bounds = _bounds(step)
        if bounds is None:
            return None
        low, high = bounds
        if step.name in {"softmax", "normalised-sigmoids"} and _stays(step, found):
            axis, _ = _axis(step, found)
            totals = (axis,) if axis is not None else ()
    return Outputs(low, high, totals)


def _times(bound: float, factor: float) -> float:
    return 0.0 if factor == 0 else bound * factor


def _bounds(step: Step) -> tuple[float, float] | None:
    if step.name == "normalised-sigmoids":
        return 0.0, 1.0
    if step.name == "log-softmax":
        return -inf, 0.0
    found = activations.bounds(step.name, step.parameters)
    return (found.low, found.high) if found is not None else None

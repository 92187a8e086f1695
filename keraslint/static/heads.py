"""From the tensor that a model gives back to its head: what was applied since the last layer with weights."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.model import Activation, Confidence, Fact, Head, Outputs, Route
from keraslint.static.catalog import activations as catalog
from keraslint.static.catalog import functions
from keraslint.static.catalog.layers import Kind
from keraslint.static.scenario import Scenario
from keraslint.static.catalog.functions import PASSING
from keraslint.static.shapes import channels_first, has_batch, length as number, spec_of
from keraslint.static.values import (
    Const,
    Construct,
    External,
    Instance,
    KerasModel,
    Shape,
    Site,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

MOST_STEPS: Final = 400
SOFTMAX_LIKE: Final = frozenset({"softmax", "normalised-sigmoids", "log-softmax", "log_softmax", "sparsemax"})
LIMITS: Final = {"relu6": "relu"}
TWICE: Final = {"softmax": "softmax-twice", "sigmoid": "sigmoid-twice"}
FORGETS_UNITS: Final = frozenset({"Flatten", "Reshape", "Permute", "RepeatVector"})


@dataclass(slots=True)
class Step:
    """One function on the way to the output. `scale` marks a factor or shift by constants, as in `c * tanh(x)`."""

    name: str
    site: Site
    tensor: Tensor
    axis: Any = None
    route: Route = Route.ACTIVATION
    by_hand: bool | None = None
    literal: bool = False
    parameters: dict[str, float | None] = field(default_factory=dict)
    factor: float | None = None
    shift: float = 0.0
    flipped: bool = False

    @property
    def is_scale(self) -> bool:
        return self.name == "scale"


@dataclass(slots=True)
class Trace:
    """What a walk from the output back to the last weights has found; `steps` are in the order of application."""

    steps: list[Step] = field(default_factory=list)
    layer: Construct | None = None
    shape: Shape = None
    known: bool = True
    hidden: bool = False
    pooled: bool = False
    moved: bool = False
    clipped: bool = False
    end: Tensor | None = None
    name: str | None = None
    channel_axis: int = -1
    confidence: Confidence = Confidence.HIGH

    @property
    def applied(self) -> bool:
        """Whether a function was met: from there on to the output everything is known."""
        return any(not step.is_scale for step in self.steps)


class HeadReader:
    """Reads heads in one scenario."""

    def __init__(self, interp: Interpreter, scenario: Scenario) -> None:
        self.interp = interp
        self.scenario = scenario

    # -- walking back ----------------------------------------------------------------------------------------------------

    def trace(self, output: Value) -> Trace:
        found = Trace()
        value: Value = self.scenario.pick(output)
        for _ in range(MOST_STEPS):
            value = self.scenario.pick(value)
            if not isinstance(value, Tensor):
                found.known = False
                break
            if found.shape is None and not found.moved:
                found.shape = value.shape
            onward = self.back(value, found)
            if onward is None:
                found.end = value
                break
            value = onward
        else:
            found.known = False
        found.steps.reverse()
        if found.clipped and not (found.steps and found.steps[-1].name in {"softmax", "sigmoid"}):
            # cut off at bounds of its own: no longer the function that it was
            found.known = False
        return found

    def back(self, tensor: Tensor, found: Trace) -> Value | None:
        """Take one tensor into account and say where it came from; nothing at the end of the way."""
        op = tensor.op
        if op == "layer":
            return self.back_layer(tensor, found)
        if op == "model":
            if isinstance(tensor.layer, (KerasModel, Instance)) and found.name is None:
                found.name = None
            return tensor.inputs[0]
        if op == "weights":
            return None
        if op in {"matmul", "bias_add", "dot", "einsum"}:
            # a linear map written out: weights of the program's own
            return None
        if op in {"multiply", "divide", "add", "subtract", "neg"}:
            return self.back_arithmetic(tensor, found)
        if op in PASSING:
            if op in {"reshape", "transpose", "squeeze", "expand_dims"}:
                found.hidden = True
                found.moved = found.moved or op in {"reshape", "transpose"}
            return self.onward(tensor)
        if op == "log-softmax" or op in SOFTMAX_LIKE or catalog.by_name(op) is not None:
            self.push(found, self.function_step(tensor, found))
            return self.onward(tensor)
        if op == "clip":
            found.hidden = True
            found.clipped = True
            return self.onward(tensor)
        found.known = found.known and found.applied and op not in {"input"}
        return None

    def onward(self, tensor: Tensor) -> Value | None:
        return tensor.inputs[0] if tensor.inputs else None

    def push(self, found: Trace, step: Step) -> None:
        if step.name == "linear":
            return
        if found.hidden:
            step.route = Route.HIDDEN
        found.steps.append(step)

    def function_step(self, tensor: Tensor, found: Trace) -> Step:
        site = tensor.site
        assert site is not None
        name = "log-softmax" if tensor.op == "log_softmax" else tensor.op
        return Step(
            name,
            site,
            tensor,
            axis=tensor.params.get("axis", -1) if name in SOFTMAX_LIKE else None,
            route=tensor.route or Route.OP,
            by_hand=tensor.params.get("by_hand"),
        )

    def back_arithmetic(self, tensor: Tensor, found: Trace) -> Value | None:
        inputs = [self.scenario.pick(one) for one in tensor.inputs]
        tensors = [one for one in inputs if isinstance(one, Tensor)]
        constants = [one.value for one in inputs if isinstance(one, Const) and isinstance(one.value, (int, float))]
        if tensor.op == "neg" and tensors:
            self.push_scale(found, tensor, factor=-1.0)
            return tensors[0]
        if tensor.op == "add" and len(tensors) == 1 and not constants:
            other = next((one for one in inputs if not isinstance(one, Tensor)), None)
            inner = tensors[0]
            if isinstance(other, Unknown) and inner.op in {"matmul", "dot", "einsum"}:
                # `x @ w + b`: the map and its bias
                return None
        if len(tensors) != 1 or len(constants) != 1:
            unknown_scale = len(tensors) == 1 and not constants and tensor.op in {"multiply", "divide"}
            if unknown_scale and isinstance(inputs[0], Tensor):
                # a temperature or another factor that is not known
                self.push_scale(found, tensor, factor=None)
                return tensors[0]
            found.known = found.known and found.applied
            return None
        constant = float(constants[0])
        if tensor.op == "multiply":
            self.push_scale(found, tensor, factor=constant)
        elif tensor.op == "divide":
            if not isinstance(inputs[0], Tensor) or constant == 0:
                found.known = found.known and found.applied
                return None
            self.push_scale(found, tensor, factor=1.0 / constant)
        elif abs(constant) < 1e-3:
            found.hidden = True
        else:
            first = isinstance(inputs[0], Tensor)
            shift = constant if tensor.op == "add" else (-constant if first else constant)
            self.push_scale(found, tensor, factor=1.0 if first or tensor.op == "add" else -1.0, shift=shift)
        return tensors[0]

    def push_scale(self, found: Trace, tensor: Tensor, factor: float | None, shift: float = 0.0) -> None:
        assert tensor.site is not None
        found.hidden = True
        found.steps.append(Step("scale", tensor.site, tensor, factor=factor, shift=shift))

    def back_layer(self, tensor: Tensor, found: Trace) -> Value | None:
        layer = self.scenario.pick(tensor.layer) if tensor.layer is not None else None
        if isinstance(layer, (KerasModel, Instance)) or not isinstance(layer, Construct):
            found.known = found.known and found.applied
            return None
        spec = spec_of(layer)
        if spec is None:
            found.known = found.known and found.applied
            return None
        if found.name is None:
            name = layer.bound.get("name")
            if isinstance(name, Const) and isinstance(name.value, str):
                found.name = name.value
            else:
                found.name = ""
        return LAYER_KINDS[spec.kind](self, layer, tensor, found)

    def weights(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        found.layer = layer
        if channels_first(self.interp.record, layer) and tensor.shape is not None and len(tensor.shape) > 2:
            found.channel_axis = 1
        if not tensor.params.get("bare"):
            self.layer_activation(layer, tensor, found)
        return None

    def recurrent(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        found.layer = layer
        # the cell multiplies its activation by a gate: what comes out is not that function's value
        found.known = found.known and found.applied
        return None

    def activation(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        self.layer_activation(layer, tensor, found)
        return self.onward(tensor)

    def elementwise(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        found.hidden = True
        return self.onward(tensor)

    def normalization(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        # it learns a scale and a shift: the last layer with weights, whatever stands before
        found.layer = layer
        if layer.kind == "UnitNormalization":
            found.known = found.known and found.applied
        return None

    def shaped(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        if layer.kind in {"Masking", "ActivityRegularization", "Identity"}:
            return self.onward(tensor)
        found.hidden = True
        found.moved = found.moved or layer.kind in FORGETS_UNITS
        return self.onward(tensor)

    def pooling(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        inner = HeadReader(self.interp, self.scenario).trace(tensor.inputs[0]) if tensor.inputs else Trace(known=False)
        found.layer = inner.layer
        if inner.steps and not any(not one.is_scale for one in found.steps):
            # an average of activations is none of them
            found.known = False
        return None

    def merge(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        found.layer = layer
        if any(not one.is_scale for one in found.steps):
            return None
        branches = [HeadReader(self.interp, self.scenario).trace(one) for one in tensor.inputs]
        words = {self.word([step for step in one.steps]) if one.known else None for one in branches}
        if (
            layer.kind == "Concatenate"
            and len(words) == 1
            and None not in words
            and words <= {"linear", "sigmoid", "tanh", "relu"}
        ):
            found.steps += reversed(branches[0].steps)
            found.hidden = True
            return None
        if layer.kind in {"Add", "Subtract", "Average"} and words == {"linear"}:
            return None
        found.known = False
        return None

    def wrapper(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        inner = layer.bound.get("layer")
        inner = self.scenario.pick(inner) if inner is not None else None
        found.hidden = True
        if isinstance(inner, (KerasModel, Instance)):
            from keraslint.static.models import outputs_of

            return outputs_of(self.interp, inner)
        spec = spec_of(inner)
        if isinstance(inner, Construct) and spec is not None and layer.kind == "TimeDistributed":
            return LAYER_KINDS[spec.kind](self, inner, tensor, found)
        found.layer = layer
        found.known = found.known and found.applied
        return None

    def preprocessing(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        if layer.kind == "Rescaling":
            factor, shift = layer.bound.get("scale"), layer.bound.get("offset", Const(0.0))
            if isinstance(factor, Const) and isinstance(shift, Const) and isinstance(factor.value, (int, float)):
                self.push_scale(
                    found,
                    tensor,
                    float(factor.value),
                    float(shift.value) if isinstance(shift.value, (int, float)) else 0.0,
                )
                return self.onward(tensor)
        found.known = found.known and found.applied
        return None

    def opaque(self, layer: Construct, tensor: Tensor, found: Trace) -> Value | None:
        found.known = found.known and found.applied
        return None

    # -- the activation of a layer ------------------------------------------------------------------------------------------

    def layer_activation(self, layer: Construct, tensor: Tensor, found: Trace) -> None:
        step = self.step_of_layer(layer, tensor)
        if step is None:
            found.known = found.known and found.applied
            # what stands before an unknown function cannot be told
            found.steps = [one for one in found.steps if not one.is_scale] if not found.known else found.steps
        else:
            self.push(found, step)

    def step_of_layer(self, layer: Construct, tensor: Tensor) -> Step | None:
        """The activation that a layer applies; nothing when it is not known."""
        site = layer.site
        assert site is not None
        own = catalog.by_layer(layer.dotted)
        if own is not None:
            parameters = {name: self.parameter(layer, name, default) for name, default in own.parameters.items()}
            axis = self.axis_of(layer.bound.get("axis")) if layer.kind == "Softmax" else None
            route = Route.SOFTMAX_LAYER if layer.kind == "Softmax" else Route.ACTIVATION
            return Step(own.activation, site, tensor, axis=axis, route=route, parameters=parameters)
        spec = spec_of(layer)
        changed = layer.state.get("activation")
        given = changed if isinstance(changed, Value) else layer.bound.get("activation")
        if given is None:
            if layer.arguments.open:
                return None
            if layer.kind == "Activation":
                return None
            return Step(spec.activation or "linear" if spec is not None else "linear", site, tensor)
        value = self.scenario.pick(given)
        place = layer.place("activation")
        return self.step_of_value(value, place, tensor, layer)

    def parameter(self, layer: Construct, name: str, default: float | None) -> float | None:
        value = layer.bound.get(name, layer.bound.get("alpha") if name == "negative_slope" else None)
        if value is None:
            return default
        value = self.scenario.pick(value)
        return float(value.value) if isinstance(value, Const) and isinstance(value.value, (int, float)) else None

    def axis_of(self, value: Value | None) -> Any:
        if value is None:
            return -1
        value = self.scenario.pick(value)
        if isinstance(value, Const) and type(value.value) is int:
            return value.value
        return "unknown"

    def step_of_value(self, value: Value, place: Site, tensor: Tensor, layer: Construct) -> Step | None:
        node = place.node
        expression = node.value if isinstance(node, cst.Arg) else node
        where = Site(expression, place.file)
        written = getattr(value, "site", None)
        if isinstance(value, (Const, External)) and isinstance(written, Site):
            # a constant is shown where it is written, not where it is passed on
            where = written
        literal = (
            layer.kind != "Activation"
            and isinstance(value, Const)
            and value.site is not None
            and value.site.node is expression
        )
        if layer.kind == "Activation" and layer.site is not None:
            where = layer.site
        if isinstance(value, Const):
            if value.value is None:
                return Step("linear", layer.site or where, tensor)
            spec = catalog.by_string(value.value) if isinstance(value.value, str) else None
            if spec is None and isinstance(value.value, str):
                spec = catalog.by_string(value.value.lower())
            return self.named_step(spec, where, tensor, Route.ACTIVATION, literal=literal)
        if isinstance(value, External):
            spec = catalog.by_function(value.dotted)
            function = functions.by_name(value.dotted)
            route = function.route if function is not None and function.route is not None else Route.ACTIVATION
            if spec is None and catalog.by_layer(value.dotted) is not None:
                return None
            return self.named_step(spec, where, tensor, route)
        if isinstance(value, Construct):
            inner = self.step_of_layer(value, tensor)
            return replace(inner, site=where) if inner is not None else None
        return None

    def named_step(
        self, spec: catalog.ActivationSpec | None, where: Site, tensor: Tensor, route: Route, *, literal: bool = False
    ) -> Step | None:
        if spec is None:
            return None
        name = "log-softmax" if spec.name == "log_softmax" else spec.name
        return Step(name, where, tensor, axis=-1 if name in SOFTMAX_LIKE else None, route=route, literal=literal)

    # -- facts --------------------------------------------------------------------------------------------------------------

    def head(self, output: Value, name: str | None = None) -> Head:
        """The head behind an output, with every fact that can be known."""
        found = self.trace(output)
        sure = min(found.confidence, self.scenario.confidence)
        site = found.layer.site if found.layer is not None and found.layer.site is not None else None
        last = found.steps[-1] if found.steps else None
        end = found.end.site if found.end is not None else None
        place = site or (last.site if last is not None else None) or end or getattr(output, "site", None)
        if place is None:
            place = self.interp.at(self.interp.file.tree)
        span = place.span
        units = self.units(found)
        rank = len(found.shape) if found.shape is not None else None
        functions_ = [one for one in found.steps if not one.is_scale]
        activations = tuple(self.activation_fact(one, found, sure) for one in functions_)
        word = self.word_with_axis(found) if found.known else None
        outputs = self.outputs(found, word) if found.known else None
        fact_site = last.site if last is not None else place
        return Head(
            span=span,
            name=name or found.name or None,
            layer=Fact(found.layer.kind, span) if found.layer is not None else None,
            units=Fact(units[0], units[1].span, confidence=sure) if units is not None else None,
            rank=Fact(rank, span, confidence=sure) if rank is not None else None,
            channel_axis=Fact(found.channel_axis, span, confidence=sure) if rank is not None else None,
            activation=Fact(
                word,
                fact_site.span,
                confidence=sure,
                literal=last is not None and last.literal and len(found.steps) == 1 and not self.scenario.picked,
            )
            if word is not None
            else None,
            activations=activations,
            outputs=Fact(outputs, fact_site.span, confidence=sure) if outputs is not None else None,
            route=functions_[-1].route if functions_ else Route.ACTIVATION,
        )

    def units(self, found: Trace) -> tuple[int, Site] | None:
        layer = found.layer
        if found.shape is not None:
            at = found.channel_axis if found.channel_axis == -1 or found.channel_axis < len(found.shape) else -1
            length = found.shape[at]
            if length is not None and (place := self.units_place(found)) is not None:
                return length, place
            if found.moved or (length is None and len(found.shape) > 1 and spec_of(layer) is None):
                return None
        if found.moved or layer is None:
            return None
        spec = spec_of(layer)
        if layer.kind == "TimeDistributed" or spec is None or spec.units is None or spec.kind is not Kind.WEIGHTS:
            return None
        value = layer.bound.get(spec.units)
        value = self.scenario.pick(value) if value is not None else None
        length = number(value)
        place = layer.place(spec.units)
        return (length, place) if length is not None else None

    def units_place(self, found: Trace) -> Site | None:
        layer = found.layer
        spec = spec_of(layer)
        if layer is not None and spec is not None and spec.units is not None:
            return layer.place(spec.units)
        if layer is not None and layer.site is not None:
            return layer.site
        return found.end.site if found.end is not None else None

    def activation_fact(self, step: Step, found: Trace | None, sure: Confidence = Confidence.HIGH) -> Activation:
        span = step.site.span
        axis, size = self.axis_fact(step, found)
        return Activation(
            span=span,
            name=Fact(step.name, span, confidence=sure, literal=step.literal and not self.scenario.picked),
            axis=Fact(axis, span, confidence=sure) if axis is not None else None,
            size=Fact(size, span, confidence=sure) if size is not None else None,
            route=step.route,
            by_hand=Fact(step.by_hand, span) if step.by_hand is not None else None,
        )

    def axis_fact(self, step: Step, found: Trace | None) -> tuple[int | None, int | None]:
        """Where a softmax shares its total: 0 the batch, -1 the channels, else an axis between them; and how long that is."""
        if step.name not in SOFTMAX_LIKE:
            return None, None
        shape = step.tensor.shape
        channel = found.channel_axis if found is not None and not found.moved else -1
        if (
            found is None
            and isinstance(step.tensor.layer, Construct)
            and channels_first(self.interp.record, step.tensor.layer)
        ):
            channel = 1 if spec_of(step.tensor.layer) is not None and shape is not None and len(shape) > 2 else -1
        axis = step.axis
        if axis is None:
            axis = -1
        if axis == 0 and not self.over_batch(step):
            return None, None
        if type(axis) is not int:
            return None, None
        rank = len(shape) if shape is not None else None
        if rank is None:
            if axis == 0:
                return 0, None
            return (-1, None) if axis == -1 and channel == -1 else (None, None)
        if not -rank <= axis < rank:
            return None, None
        at = axis % rank
        size = shape[at] if shape is not None else None
        if at == 0:
            return (0, size) if rank > 1 or axis == 0 else (None, None)
        return (-1 if at == channel % rank else at), size

    def over_batch(self, step: Step) -> bool:
        """Whether axis 0 is certainly the batch: not of weights, stacked branches or a matrix of similarities."""
        tensor = step.tensor
        if tensor.op == "layer":
            return True
        known = has_batch(tensor.inputs[0]) if tensor.inputs else False
        return known is True or (known is None and step.by_hand is not None)

    def word(self, steps: list[Step]) -> str:
        """One word for functions in the order of application."""
        word = "linear"
        for step in steps:
            if step.is_scale:
                # a scale after an activation changes its range; before one it only sets a temperature
                if word != "linear" and not word.startswith("scaled-"):
                    word = f"scaled-{word}"
            elif word == "linear" or word == "scaled-linear":
                word = step.name
            elif word == step.name:
                word = TWICE.get(step.name, step.name)
            else:
                word = f"{step.name}-on-{word}"
        return word

    def word_with_axis(self, found: Trace) -> str | None:
        word = self.word(found.steps)
        functions_ = [one for one in found.steps if not one.is_scale]
        if (
            functions_
            and not found.steps[-1].is_scale
            and functions_[-1].name == "softmax"
            and word in {"softmax", "softmax-twice"}
        ):
            axis, _ = self.axis_fact(functions_[-1], found)
            if axis == 0:
                return "softmax-over-batch-axis"
            if axis is not None and axis != -1:
                return "softmax-over-spatial-axis"
            if axis is None and functions_[-1].axis not in (None, -1):
                return None
        return word

    def outputs(self, found: Trace, word: str | None) -> Outputs | None:
        low, high = -inf, inf
        totals: tuple[int, ...] = ()
        for step in found.steps:
            if step.is_scale:
                totals = ()
                if step.factor is None:
                    if (low, high) != (-inf, inf):
                        return None
                    continue
                ends = sorted((times(low, step.factor) + step.shift, times(high, step.factor) + step.shift))
                low, high = ends
                continue
            bounds = bounds_of(step)
            if bounds is None:
                return None
            low, high = bounds
            totals = ()
            if step.name in {"softmax", "normalised-sigmoids"}:
                axis, _ = self.axis_fact(step, found)
                totals = (axis,) if axis is not None else ()
        return Outputs(low, high, totals)


def times(bound: float, factor: float) -> float:
    return 0.0 if factor == 0 else bound * factor


def bounds_of(step: Step) -> tuple[float, float] | None:
    if step.name == "normalised-sigmoids":
        return 0.0, 1.0
    if step.name == "log-softmax":
        return -inf, 0.0
    found = catalog.bounds(step.name, step.parameters) if step.parameters else catalog.bounds(step.name)
    return (found.low, found.high) if found is not None else None


LAYER_KINDS: Final = {
    Kind.WEIGHTS: HeadReader.weights,
    Kind.RECURRENT: HeadReader.recurrent,
    Kind.ACTIVATION: HeadReader.activation,
    Kind.ELEMENTWISE: HeadReader.elementwise,
    Kind.NORMALIZATION: HeadReader.normalization,
    Kind.SHAPE: HeadReader.shaped,
    Kind.POOLING: HeadReader.pooling,
    Kind.MERGE: HeadReader.merge,
    Kind.WRAPPER: HeadReader.wrapper,
    Kind.PREPROCESSING: HeadReader.preprocessing,
    Kind.ATTENTION: HeadReader.opaque,
    Kind.INPUT: HeadReader.opaque,
    Kind.LAMBDA: HeadReader.opaque,
    Kind.OTHER: HeadReader.opaque,
}

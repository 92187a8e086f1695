"""Models of Keras as values: how they are built, called, compiled and trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keraslint.static.catalog import applications
from keraslint.static.catalog.layers import Kind
from keraslint.static.record import Compile, Decision, Fit
from keraslint.static.tensors import constants, layer_shape, shape_of, spec_of
from keraslint.static.values import (
    NONE,
    Arguments,
    Bound,
    Choice,
    Const,
    Construct,
    Data,
    Dict,
    External,
    Function,
    Instance,
    KerasModel,
    List,
    Partial,
    Shape,
    Site,
    Tensor,
    Tuple,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

MODEL_CLASSES: Final = ("keras.Model", "keras.Sequential")
LAYER_CLASSES: Final = ("keras.layers.Layer", "keras.Layer")
COMPILE: Final = ("optimizer", "loss", "metrics", "loss_weights", "weighted_metrics", "run_eagerly")
COMPILE_OLD: Final = ("optimizer", "loss", "metrics", "sample_weight_mode")
TRAINING: Final = {
    "fit": ("x", "y"),
    "train_on_batch": ("x", "y"),
    "test_on_batch": ("x", "y"),
    "evaluate": ("x", "y"),
    "fit_generator": ("generator",),
    "evaluate_generator": ("generator",),
}
KEEPS_GOING: Final = frozenset(
    {"summary", "save", "save_weights", "load_weights", "build", "reset_states", "reset_metrics", "export"}
)
WRAPPED_ACTIVATIONS: Final = (Function, Bound, Partial, Instance)


def is_model(value: Value) -> bool:
    """Whether a value can be compiled: a model of the library, or an instance of a class that inherits from one."""
    return isinstance(value, KerasModel) or (isinstance(value, Instance) and value.cls.inherits(*MODEL_CLASSES))


# -- building --------------------------------------------------------------------------------------------------------------


def sequential(interp: Interpreter, arguments: Arguments, into: Value | None = None) -> Value:
    """`keras.Sequential(layers)`."""
    model = into if isinstance(into, (KerasModel, Instance)) else KerasModel("sequential", arguments.site)
    interp.record.models.append(model)
    interp.state.write(model.state, "sequential", NONE)
    layers = arguments.get("layers", 0)
    if layers is None:
        return model
    items, _ = interp.items_of(layers)
    if items is None:
        if not isinstance(layers, (Const, External)):
            interp.state.write(model.state, "last", Tensor("opaque", (), arguments.site))
        return model
    for item in items:
        add_layer(interp, model, item, arguments.site)
    return model


def add_layer(interp: Interpreter, model: KerasModel | Instance, layer: Value, site: Site) -> None:
    """`model.add(layer)`."""
    layer = interp.state.settle(layer)
    last = model.state.get("last")
    if isinstance(layer, Tensor):
        # an Input made as a tensor
        interp.state.write(model.state, "last", layer)
        return
    if isinstance(layer, Construct) and layer.kind in {"InputLayer", "Input"}:
        interp.state.write(model.state, "last", Tensor("input", (), layer.site, shape=input_shape(layer)))
        return
    if not isinstance(last, Value):
        last = Tensor("input", (), site, shape=declared_input(layer))
    interp.state.write(model.state, "last", call_layer(interp, layer, last, site))


def declared_input(layer: Value) -> Shape:
    """The shape that a first layer declares for its input."""
    if isinstance(layer, (KerasModel, Instance)):
        return None
    return input_shape(layer) if isinstance(layer, Construct) else None


def input_shape(layer: Construct) -> Shape:
    bound = layer.bound
    for name in ("shape", "input_shape"):
        known = constants(bound.get(name))
        if known is not None:
            return (None, *known)
    for name in ("batch_shape", "batch_input_shape"):
        known = constants(bound.get(name))
        if known is not None:
            return known
    width = bound.get("input_dim")
    if isinstance(width, Const) and layer.kind == "Dense":
        return (None, width.value if type(width.value) is int else None)
    if layer.kind == "Embedding":
        return (None, None)
    return None


def functional(interp: Interpreter, arguments: Arguments, into: Value | None = None) -> Value:
    """`keras.Model(inputs, outputs)`; without outputs, the base class of a subclass."""
    bound = arguments.bind(("inputs", "outputs", "name"))
    model = into if isinstance(into, (KerasModel, Instance)) else KerasModel("functional", arguments.site)
    interp.record.models.append(model)
    outputs = bound.get("outputs", bound.get("output"))
    if outputs is not None:
        interp.state.write(model.state, "outputs", outputs)
        interp.state.write(model.state, "inputs", bound.get("inputs", bound.get("input", Unknown())))
    elif not isinstance(model, Instance):
        interp.state.write(model.state, "outputs", Tensor("opaque", (), arguments.site))
    name = bound.get("name")
    if isinstance(name, Const):
        interp.state.write(model.state, "name", name)
    return model


def application(interp: Interpreter, dotted: str, arguments: Arguments) -> Value | None:
    """A ready-made network: with its top it ends in a softmax over its classes, without it in features."""
    spec = applications.by_function(dotted)
    if spec is None:
        return None
    bound = arguments.bind(spec.parameters)
    model = KerasModel("application", arguments.site)
    top = bound.get("include_top", Const(True))
    if isinstance(top, Const) and not top.value:
        pooling = bound.get("pooling")
        flat = isinstance(pooling, Const) and pooling.value is not None
        shape: Shape = (None, None) if flat else (None, None, None, None)
        outputs: Value = Tensor("features", (), arguments.site, shape=shape)
    elif isinstance(top, Const):
        classes = bound.get("classes", Const(1000))
        units = classes.value if isinstance(classes, Const) and type(classes.value) is int else None
        logits = Tensor("weights", (), arguments.site, shape=(None, units))
        activation = bound.get("classifier_activation", Const("softmax"))
        outputs = Tensor(
            "layer",
            (logits,),
            arguments.site,
            shape=(None, units),
            layer=Construct(
                "keras.layers.Activation", Arguments([activation], {}, {}, arguments.site), ("activation",)
            ),
        )
    else:
        outputs = Tensor("opaque", (), arguments.site)
    model.state["outputs"] = outputs
    model.state["inputs"] = Tensor("input", (), arguments.site)
    return model


def loaded(arguments: Arguments, *, compiled: bool = True) -> KerasModel:
    """A model from a file: nothing is known about its head."""
    model = KerasModel("loaded", arguments.site)
    model.state["outputs"] = Tensor("opaque", (), arguments.site)
    return model


def clone(interp: Interpreter, source: Value, site: Site) -> Value:
    """`keras.models.clone_model(model)`: the same layers, not compiled."""
    if not isinstance(source, (KerasModel, Instance)):
        return KerasModel("loaded", site)
    made = KerasModel("functional", site)
    outputs = outputs_of(interp, source)
    made.state["outputs"] = outputs
    interp.record.models.append(made)
    return made


# -- outputs and calls -----------------------------------------------------------------------------------------------------


def outputs_of(interp: Interpreter, model: Value) -> Value:
    """What a model gives: a tensor, or a container of tensors."""
    if isinstance(model, (KerasModel, Instance)):
        for name in ("last", "outputs"):
            found = model.state.get(name)
            if isinstance(found, Value):
                return single(interp, found)
    if isinstance(model, Instance):
        member = model.cls.member("call")
        if isinstance(member, Function):
            given = Tensor("input", (), model.site)
            return interp.guarded(
                lambda: interp.enter(member, Arguments([given], {}, {}, model.site or interp.at(model.cls.node)), model)
            )
    return Tensor("opaque", (), model.site if isinstance(model, (KerasModel, Instance)) else None)


def single(interp: Interpreter, outputs: Value) -> Value:
    """A list of one tensor is that tensor."""
    items, rest = interp.items_of(outputs) if isinstance(outputs, (List, Tuple)) else (None, True)
    return items[0] if items is not None and len(items) == 1 and not rest else outputs


def has_outputs(model: KerasModel | Instance) -> bool:
    """Whether a model was given its outputs: layers one after the other, or tensors."""
    return isinstance(model.state.get("last"), Value) or isinstance(model.state.get("outputs"), Value)


def call_model(interp: Interpreter, model: Value, arguments: Arguments) -> Value:
    """A model called on tensors: its outputs pass through."""
    inputs = tuple(arguments.positional)
    if isinstance(model, Instance) and not has_outputs(model):
        return interp.call_instance(model, arguments)
    outputs = outputs_of(interp, model)
    return through_model(interp, outputs, inputs, model, arguments.site)


def through_model(interp: Interpreter, outputs: Value, inputs: tuple[Value, ...], model: Value, site: Site) -> Value:
    if isinstance(outputs, (Tuple, List)):
        items, rest = interp.items_of(outputs)
        if items is None:
            return Unknown()
        return Tuple(tuple(through_model(interp, one, inputs, model, site) for one in items), rest=rest)
    if isinstance(outputs, Dict):
        made = Dict(site)
        for name, one in outputs.items():
            made.state[("item", name)] = through_model(interp, one, inputs, model, site)
        return made
    return Tensor("model", (outputs, *inputs), site, shape=shape_of(outputs), layer=model)


def call_layer(interp: Interpreter, layer: Value, given: Value, site: Site, others: tuple[Value, ...] = ()) -> Value:
    """A layer called on a tensor (or on several)."""
    layer = interp.state.settle(layer)
    if isinstance(layer, (KerasModel, Instance)):
        return interp.state.each(layer, lambda one: call_any(interp, one, Arguments([given], {}, {}, site)))
    if isinstance(layer, Choice):
        return Tensor("layer", (given, *others), site, layer=layer, shape=None)
    if not isinstance(layer, Construct):
        if isinstance(layer, WRAPPED_ACTIVATIONS):
            return interp.call(layer, Arguments([given], {}, {0: site}, site), site.node)
        return Tensor("opaque", (given,), site)
    spec = spec_of(layer)
    if spec is None:
        return Tensor("opaque", (given,), site)
    inputs = merged_inputs(interp, given) if spec.kind is Kind.MERGE else (given, *others)
    if spec.kind is Kind.LAMBDA:
        return call_lambda(interp, layer, given, site)
    shape = layer_shape(
        interp, spec, layer, shape_of(inputs[0]) if inputs else None, [shape_of(one) for one in inputs[1:]]
    )
    if spec.kind is Kind.WRAPPER:
        shape = wrapped_shape(interp, layer, shape_of(given))
    made = Tensor("layer", inputs, site, shape=shape, layer=layer)
    activation = layer.bound.get("activation")
    if (
        activation is not None
        and not isinstance(activation, Choice)
        and isinstance(interp.state.settle(activation), WRAPPED_ACTIVATIONS)
    ):
        function = interp.state.settle(activation)
        bare = Tensor("layer", inputs, site, shape=shape, layer=layer, params={"bare": True})
        place = layer.place("activation")
        result = interp.guarded(lambda: interp.call(function, Arguments([bare], {}, {0: place}, place), place.node))
        if isinstance(result, Tensor):
            return result
        return Tensor("opaque", (bare,), site, shape=shape)
    if watched_activation(layer):
        interp.record.activations.append(made)
    return made


def watched_activation(layer: Construct) -> bool:
    """Whether the layer applies a softmax: a fact of its own wherever the layer stands."""
    if layer.kind == "Softmax":
        return True
    activation = layer.bound.get("activation")
    return (isinstance(activation, Const) and activation.value == "softmax") or (
        isinstance(activation, External) and activation.dotted.endswith(".softmax")
    )


def call_any(interp: Interpreter, layer: Value, arguments: Arguments) -> Value:
    if isinstance(layer, Instance) and not is_model(layer):
        return interp.call_instance(layer, arguments)
    return call_model(interp, layer, arguments)


def merged_inputs(interp: Interpreter, given: Value) -> tuple[Value, ...]:
    items, _ = interp.items_of(given) if isinstance(given, (List, Tuple)) else (None, True)
    if items is None:
        return (given,)
    return items


def call_lambda(interp: Interpreter, layer: Construct, given: Value, site: Site) -> Value:
    """A Lambda layer: its function, followed where it is the program's own or a known function."""
    function = layer.bound.get("function")
    place = layer.place("function")
    if function is None:
        return Tensor("opaque", (given,), site)
    extra = layer.bound.get("arguments")
    named = {key: one for key, one in extra.items() if isinstance(key, str)} if isinstance(extra, Dict) else {}
    result = interp.guarded(
        lambda: interp.call(function, Arguments([given], dict(named), {0: place}, place), place.node)
    )
    if isinstance(result, (Tensor, Tuple, List)):
        return result
    return Tensor("opaque", (given,), site)


def wrapped_shape(interp: Interpreter, layer: Construct, shape: Shape) -> Shape:
    inner = layer.bound.get("layer")
    inner_spec = spec_of(inner)
    if not isinstance(inner, Construct) or inner_spec is None:
        return None
    if layer.kind == "TimeDistributed":
        taken = (shape[0], *shape[2:]) if shape is not None and len(shape) > 2 else None
        found = layer_shape(interp, inner_spec, inner, taken, [])
        return (found[0], shape[1] if shape else None, *found[1:]) if found is not None else None
    if layer.kind == "Bidirectional":
        found = layer_shape(interp, inner_spec, inner, shape, [])
        mode = layer.bound.get("merge_mode", Const("concat"))
        if found is not None and isinstance(mode, Const) and mode.value == "concat":
            return (*found[:-1], found[-1] * 2 if found[-1] is not None else None)
        return found
    return shape


# -- training --------------------------------------------------------------------------------------------------------------


def compile_model(interp: Interpreter, model: Value, arguments: Arguments) -> Value:
    """`model.compile(...)`."""
    outputs = outputs_of(interp, model)
    event = Compile(arguments.site, interp.state.guard, model, outputs, arguments, arguments.bind(COMPILE))
    interp.record.compiles.append(event)
    if isinstance(model, (KerasModel, Instance)):
        interp.state.write(model.state, "compile_event", Compiled(event))
    return NONE


class Compiled(Value):
    """The last `compile` of a model."""

    __slots__ = ("event",)

    def __init__(self, event: Compile) -> None:
        self.event = event


def compiled(model: Value) -> list[Compile]:
    """The compiles that may be in force for a model."""
    found = model.state.get("compile_event") if isinstance(model, (KerasModel, Instance)) else None
    if isinstance(found, Compiled):
        return [found.event]
    if isinstance(found, Choice):
        return [one.event for _, one in found.alternatives if isinstance(one, Compiled)]
    return []


def train(interp: Interpreter, model: Value, name: str, arguments: Arguments) -> Value:
    """`fit`, `train_on_batch`, `evaluate` and their generators: what becomes inputs and labels."""
    bound = arguments.bind(TRAINING[name])
    x, y = bound.get("x", bound.get("generator")), bound.get("y")
    if y is None and x is not None:
        x, y = taken_apart(interp, x)
    fit = Fit(arguments.site, interp.state.guard, x, y, name in {"fit", "fit_generator", "train_on_batch"})
    for event in compiled(model):
        event.fits.append(fit)
    return Unknown()


def taken_apart(interp: Interpreter, batches: Value) -> tuple[Value | None, Value | None]:
    """Inputs and labels of a data set or generator."""
    batches = interp.state.settle(batches)
    if isinstance(batches, Data) and batches.parts is not None and len(batches.parts) >= 2:
        return batches.parts[0], batches.parts[1]
    items, _ = interp.items_of(batches) if isinstance(batches, List) else (None, True)
    if items:
        first, _ = interp.items_of(items[0])
        if first is not None and len(first) >= 2:
            return first[0], first[1]
    return None, None


def predicted(model: Value, site: Site) -> Data:
    """What `model.predict` gives: an array that remembers its model."""
    return Data(origin="prediction", store=model if isinstance(model, (KerasModel, Instance)) else None, site=site)


def note_decision(interp: Interpreter, value: Value, kind: str, site: Site) -> None:
    """The program reads predictions: by `argmax`, or against a `threshold`."""
    if isinstance(value, Data) and value.origin == "prediction" and value.store is not None:
        interp.record.decisions.append(Decision(site, interp.state.guard, value.store, kind))
    elif isinstance(value, Tensor) and value.op == "model" and value.layer is not None:
        interp.record.decisions.append(Decision(site, interp.state.guard, value.layer, kind))


def method(interp: Interpreter, model: Value, name: str, arguments: Arguments) -> Value | None:
    """A method of a model; `None` when it is not one of Keras's."""
    if name == "add" and isinstance(model, (KerasModel, Instance)) and arguments.positional:
        add_layer(interp, model, arguments.positional[0], arguments.site)
        return NONE
    if name == "add" and "layer" in arguments.named and isinstance(model, (KerasModel, Instance)):
        add_layer(interp, model, arguments.named["layer"], arguments.site)
        return NONE
    if name == "pop" and isinstance(model, (KerasModel, Instance)):
        last = model.state.get("last")
        if isinstance(last, Tensor) and last.inputs:
            interp.state.write(model.state, "last", last.inputs[0])
        return NONE
    if name == "compile":
        return compile_model(interp, model, arguments)
    if name in TRAINING:
        return train(interp, model, name, arguments)
    if name in {"predict", "predict_on_batch", "predict_generator", "predict_proba"}:
        return predicted(model, arguments.site)
    if name == "predict_classes":
        note_decision(interp, predicted(model, arguments.site), "argmax", arguments.site)
        return Unknown()
    if name in {"call", "__call__"}:
        return call_model(interp, model, arguments)
    if name == "get_layer":
        return found_layer(interp, model, arguments)
    if name in KEEPS_GOING:
        return NONE
    return None


def found_layer(interp: Interpreter, model: Value, arguments: Arguments) -> Value:
    """`model.get_layer(name)`: the layer if it can be found, with its output."""
    wanted = arguments.get("name", 0)
    if isinstance(wanted, Const) and isinstance(wanted.value, str):
        for tensor in graph(interp, outputs_of(interp, model)):
            layer = tensor.layer
            if (
                isinstance(layer, Construct)
                and isinstance(found := layer.bound.get("name"), Const)
                and found.value == wanted.value
            ):
                made = Construct(layer.dotted, layer.arguments, layer.parameters)
                made.state["output"] = tensor
                return made
    made_unknown = Construct("keras.layers.Layer", arguments, ())
    made_unknown.state["output"] = Tensor("opaque", (), arguments.site)
    return made_unknown


def graph(interp: Interpreter, outputs: Value, most: int = 2000) -> list[Tensor]:
    """The tensors of layers that lead to some outputs, last first."""
    found: list[Tensor] = []
    seen: set[int] = set()
    stack: list[Value] = [outputs]
    while stack and len(found) < most:
        one = stack.pop()
        if isinstance(one, Tensor):
            if one.serial in seen:
                continue
            seen.add(one.serial)
            found.append(one)
            stack.extend(reversed(one.inputs))
        elif isinstance(one, Choice):
            stack.extend(value for _, value in one.alternatives)
        elif isinstance(one, Tuple):
            stack.extend(one.items)
        elif isinstance(one, List):
            stack.append(one.state["items"])
        elif isinstance(one, Dict):
            stack.extend(value for _, value in one.items())
    return found


def attribute(interp: Interpreter, model: KerasModel | Instance, name: str, site: Site | None) -> Value | None:
    """`model.output`, `model.layers`, `model.input` and kin."""
    if name in {"output", "outputs"}:
        found = outputs_of(interp, model)
        return found if name == "output" else List((found,), site)
    if name in {"input", "inputs"}:
        found = model.state.get("inputs")
        return found if isinstance(found, Value) else Tensor("input", (), site)
    if name == "layers":
        return List(
            tuple(layer_view(one) for one in reversed(graph(interp, outputs_of(interp, model))) if one.op == "layer"),
            site,
        )
    return None


def layer_view(tensor: Tensor) -> Value:
    """A layer as `model.layers[i]` gives it: with the tensor behind it."""
    layer = tensor.layer
    if isinstance(layer, Construct):
        layer.state.setdefault("output", tensor)
        return layer
    return Unknown() if layer is None else layer

"""Models of Keras as values: how they are built, from which layers, and what comes out when they are called.

How they are trained is the affair of `training`, what stands behind their outputs that of `heads`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keraslint.static.catalog import applications, pretrained
from keraslint.static.catalog import models as catalog
from keraslint.static.catalog.layers import Kind
from keraslint.static.data import pictures
from keraslint.static.items import alternatives
from keraslint.static.lengths import length
from keraslint.static.library import training
from keraslint.static.library.graph import behind
from keraslint.static.library.shapes import input_shape, layer_shape, shape_of, spec_of
from keraslint.static.text import tree
from keraslint.static.values import (
    NONE,
    STEERED,
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

FLAT: Final = frozenset({"Activation", "BatchNormalization", "Dense", "Dropout", "ReLU"})
"""Layers of networks for rows of numbers."""

FUNCTIONS: Final = (Function, Bound, Partial, Instance)
"""Activations that the program wrote itself."""


def is_model(value: Value) -> bool:
    """Whether a value can be compiled: a model of the library, or an instance of a class that inherits from one."""
    return isinstance(value, KerasModel) or (isinstance(value, Instance) and value.cls.inherits(*catalog.CLASSES))


# -- building ----------------------------------------------------------------------------------------------------------


def sequential(interp: Interpreter, arguments: Arguments, into: Instance | None = None) -> Value:
    """`keras.Sequential(layers)`; for an instance of a class that inherits from it, its `__init__`."""
    model = into if into is not None else KerasModel("sequential", arguments.site)
    interp.record.models.append(model)
    interp.state.write(model.state, "sequential", NONE)
    layers = arguments.get("layers", 0)
    if layers is None:
        return model
    interp.state.each(alternatives(interp, layers), lambda one: _add_layers(interp, model, one, arguments.site))
    return model


def _add_layers(interp: Interpreter, model: KerasModel | Instance, layers: Value, site: Site) -> Value:
    items, _ = interp.items_of(layers)
    if items is None and not isinstance(layers, (Const, External)):
        interp.state.write(model.state, "last", _nothing_known(site))
    for item in items or ():
        if isinstance(item, Construct) and _is_listed(layers, item):
            item.state["listed"] = NONE
        add_layer(interp, model, item, site)
    return NONE


def _is_listed(layers: Value, layer: Construct) -> bool:
    """Whether a layer is written in the list itself that a model is given."""
    written = layers.site.node if isinstance(layers, List) and layers.site is not None else None
    elements = written.elements if isinstance(written, tree.List) else ()
    return layer.site is not None and any(one.value is layer.site.node for one in elements)


def add_layer(interp: Interpreter, model: KerasModel | Instance, layer: Value, site: Site) -> None:
    """`model.add(layer)`."""
    layer = interp.state.settle(layer)
    if isinstance(layer, Tensor):
        # an Input made as a tensor
        interp.state.write(model.state, "last", layer)
        return
    if isinstance(layer, Construct) and layer.kind in {"InputLayer", "Input"}:
        interp.state.write(model.state, "last", Tensor("input", (), layer.site, shape=input_shape(layer)))
        return
    last = model.state.get("last")
    if not isinstance(last, Value):
        last = Tensor("input", (), site, shape=input_shape(layer))
    interp.state.write(model.state, "last", call_layer(interp, layer, last, site))


def functional(interp: Interpreter, arguments: Arguments, into: Instance | None = None) -> Value:
    """`keras.Model(inputs, outputs)`; without outputs, the base class of a subclass."""
    bound = arguments.bind(("inputs", "outputs", "name"))
    model = into if into is not None else KerasModel("functional", arguments.site)
    interp.record.models.append(model)
    outputs = bound.get("outputs", bound.get("output"))
    if outputs is not None:
        interp.state.write(model.state, "outputs", outputs)
        interp.state.write(model.state, "inputs", bound.get("inputs", bound.get("input", Unknown())))
    elif into is None:
        interp.state.write(model.state, "outputs", _nothing_known(arguments.site))
    name = bound.get("name")
    if isinstance(name, Const):
        interp.state.write(model.state, "name", name)
    return model


def application(dotted: str, arguments: Arguments) -> Value | None:
    """A ready-made network: with its top it ends in a softmax over its classes, without it in features."""
    spec = applications.by_function(dotted)
    if spec is None:
        return _pretrained(dotted, arguments)
    site = arguments.site
    bound = arguments.bind(spec.parameters)
    top = bound.get("include_top", Const(True))
    outputs = _nothing_known(site)
    if isinstance(top, Const) and top.value:
        shape = (None, length(bound.get("classes", Const(applications.CLASSES))))
        activation = bound.get("classifier_activation", Const(applications.CLASSIFIER_ACTIVATION))
        last = Construct("keras.layers.Activation", Arguments([activation], {}, {}, site), ("activation",))
        outputs = Tensor("layer", (Tensor("weights", (), site, shape=shape),), site, shape=shape, layer=last)
    elif isinstance(top, Const):
        pooling = bound.get("pooling", NONE)
        flat = isinstance(pooling, Const) and pooling.value is not None
        outputs = Tensor("features", (), site, shape=(None,) * (2 if flat else 4))
    made = _finished("application", outputs, site)
    made.state["application"] = Const(spec.name)
    return made


def _pretrained(dotted: str, arguments: Arguments) -> Value | None:
    """A ready-made classifier of another library, by what its class says of its head."""
    spec = pretrained.by_name(dotted)
    if spec is None or pretrained.comes_with_the_preset(dotted, spec, arguments.named):
        return None
    site, bound = arguments.site, arguments.named
    shape = (*(None,) * (spec.rank - 1), length(bound.get(spec.units, Unknown())))
    outputs: Value = Tensor("weights", (), site, shape=shape)
    activation = bound.get(spec.activation or "", Const(spec.default))
    if not (isinstance(activation, Const) and activation.value is None):
        last = Construct("keras.layers.Activation", Arguments([activation], {}, {}, site), ("activation",))
        outputs = Tensor("layer", (outputs,), site, shape=shape, layer=last)
    return _finished("pretrained", outputs, site)


def loaded(arguments: Arguments) -> KerasModel:
    """A model from a file: nothing is known about its head."""
    return _finished("loaded", _nothing_known(arguments.site), arguments.site)


def clone(interp: Interpreter, source: Value, site: Site) -> Value:
    """`keras.models.clone_model(model)`: the same layers, not compiled."""
    if not isinstance(source, (KerasModel, Instance)):
        return KerasModel("loaded", site)
    made = KerasModel("functional", site)
    made.state["outputs"] = outputs_of(interp, source)
    interp.record.models.append(made)
    return made


def _finished(kind: str, outputs: Value, site: Site) -> KerasModel:
    model = KerasModel(kind, site)
    for tensor in behind(outputs):
        if tensor.op in {"features", "opaque", "weights"}:
            tensor.layer = model
    model.state["outputs"] = outputs
    model.state["inputs"] = Tensor("input", (), site)
    return model


def _nothing_known(site: Site | None) -> Tensor:
    return Tensor("opaque", (), site)


# -- outputs -----------------------------------------------------------------------------------------------------------


def has_outputs(model: KerasModel | Instance) -> bool:
    """Whether a model was given its outputs: layers one after the other, or tensors."""
    return isinstance(model.state.get("last"), Value) or isinstance(model.state.get("outputs"), Value)


def outputs_of(interp: Interpreter, model: KerasModel | Instance) -> Value:
    """What a model gives: a tensor, or a container of tensors."""
    for name in ("last", "outputs"):
        found = model.state.get(name)
        if isinstance(found, Value):
            return _single(interp, found)
    member = model.cls.member("call") if isinstance(model, Instance) else None
    if isinstance(model, Instance) and isinstance(member, Function):
        site = model.site or model.cls.site
        arguments = Arguments([Tensor("input", (), model.site)], {}, {}, site)
        return interp.guarded(lambda: interp.enter(member, arguments, model))
    return _nothing_known(model.site)


def _single(interp: Interpreter, outputs: Value) -> Value:
    """A list of one tensor is that tensor."""
    items, rest = interp.items_of(outputs) if isinstance(outputs, (List, Tuple)) else (None, True)
    return items[0] if items is not None and len(items) == 1 and not rest else outputs


# -- calls -------------------------------------------------------------------------------------------------------------


def call_model(interp: Interpreter, model: KerasModel | Instance, arguments: Arguments) -> Value:
    """A model called on tensors: its outputs pass through."""
    if isinstance(model, Instance) and not has_outputs(model):
        return interp.call_instance(model, arguments)
    return through(interp, outputs_of(interp, model), tuple(arguments.positional), model, arguments.site)


def through(
    interp: Interpreter, outputs: Value, inputs: tuple[Value, ...], model: KerasModel | Instance, site: Site
) -> Value:
    """The outputs of a model that was called on these inputs."""
    if isinstance(outputs, (Tuple, List)):
        items, rest = interp.items_of(outputs)
        if items is None:
            return Unknown()
        return Tuple(tuple(through(interp, one, inputs, model, site) for one in items), rest=rest)
    if isinstance(outputs, Dict):
        made = Dict(site)
        for name, one in outputs.items():
            made.state[("item", name)] = through(interp, one, inputs, model, site)
        return made
    return Tensor("model", (outputs, *inputs), site, shape=shape_of(outputs), layer=model)


def call_layer(interp: Interpreter, layer: Value, given: Value, site: Site, others: tuple[Value, ...] = ()) -> Value:
    """A layer called on a tensor (or on several)."""
    layer = interp.state.settle(layer)
    if isinstance(layer, (KerasModel, Instance)):
        arguments = Arguments([given], {}, {}, site)
        return call_model(interp, layer, arguments) if is_model(layer) else interp.call(layer, arguments, site.node)
    if isinstance(layer, Choice):
        return Tensor("layer", (given, *others), site, layer=layer, shape=None)
    if isinstance(layer, FUNCTIONS):
        return interp.call(layer, Arguments([given], {}, {0: site}, site), site.node)
    spec = spec_of(layer)
    if not isinstance(layer, Construct) or spec is None:
        return Tensor("opaque", (given,), site)
    if isinstance(given, Data):
        prepared = pictures.layer_on(interp, layer, given)
        if prepared is not None:
            return prepared
    if spec.kind is Kind.LAMBDA:
        return _call_lambda(interp, layer, given, site)
    inputs = _merged_inputs(interp, given) if spec.kind is Kind.MERGE else (given, *others)
    shape = layer_shape(interp.record, layer, [shape_of(one) for one in inputs])
    activation = layer.bound.get("activation")
    function = interp.state.settle(activation) if activation is not None else None
    if isinstance(function, FUNCTIONS) and not isinstance(activation, Choice):
        return _own_activation(interp, layer, function, inputs, shape, site)
    made = _called(interp, layer, Tensor("layer", inputs, site, shape=shape, layer=layer))
    if _applies_softmax(layer):
        interp.record.activations.append(made)
    return made


def _called(interp: Interpreter, layer: Construct, made: Tensor) -> Tensor:
    """What came out of a layer, remembered with it."""
    interp.record.calls.setdefault(layer.serial, []).append(made)
    return made


def _merged_inputs(interp: Interpreter, given: Value) -> tuple[Value, ...]:
    items, _ = interp.items_of(given) if isinstance(given, (List, Tuple)) else (None, True)
    return items if items is not None else (given,)


def _own_activation(
    interp: Interpreter, layer: Construct, function: Value, inputs: tuple[Value, ...], shape: Shape, site: Site
) -> Value:
    """A layer whose activation the program wrote itself: followed on what the layer gives without it."""
    bare = _called(interp, layer, Tensor("layer", inputs, site, shape=shape, layer=layer, params={"bare": True}))
    place = layer.place("activation")
    result = interp.guarded(lambda: interp.call(function, Arguments([bare], {}, {0: place}, place), place.node))
    return result if isinstance(result, Tensor) else Tensor("opaque", (bare,), site, shape=shape)


def _applies_softmax(layer: Construct) -> bool:
    """Whether the layer applies a softmax: a fact of its own wherever the layer stands."""
    if layer.kind == "Softmax":
        return True
    activation = layer.bound.get("activation")
    return (isinstance(activation, Const) and activation.value == "softmax") or (
        isinstance(activation, External) and activation.dotted.endswith(".softmax")
    )


def _call_lambda(interp: Interpreter, layer: Construct, given: Value, site: Site) -> Value:
    """A Lambda layer: its function, followed where it is the program's own or a known function."""
    function = layer.bound.get("function")
    result: Value = Unknown()
    if function is not None:
        place, extra = layer.place("function"), layer.bound.get("arguments")
        named = {key: one for key, one in extra.items() if isinstance(key, str)} if isinstance(extra, Dict) else {}
        arguments = Arguments([given], named, {0: place}, place)
        result = interp.guarded(lambda: interp.call(function, arguments, place.node))
    return result if isinstance(result, (Tensor, Tuple, List)) else Tensor("opaque", (given,), site)


# -- methods and attributes --------------------------------------------------------------------------------------------


def method(interp: Interpreter, model: KerasModel | Instance, name: str, arguments: Arguments) -> Value | None:
    """A method of a model; `None` when it is not one of Keras's."""
    if name == "add" and (layer := arguments.get("layer", 0)) is not None:
        add_layer(interp, model, layer, arguments.site)
        return NONE
    if name == "add_loss":
        interp.state.write(model.state, "add_loss", NONE)
        return NONE
    if name == "pop":
        last = model.state.get("last")
        if isinstance(last, Tensor) and last.inputs:
            interp.state.write(model.state, "last", last.inputs[0])
        return NONE
    if name == "compile":
        return training.compile_model(interp, model, outputs_of(interp, model), arguments)
    if name in training.METHODS:
        return training.train(interp, model, name, arguments)
    if name == "load_weights":
        training.happen(interp, "restore", model, arguments.site)
    if name in catalog.PREDICTION:
        outputs = outputs_of(interp, model) if has_outputs(model) else training.compiled_outputs(model)
        return training.predicted(model, arguments.site, _predicted_shape(outputs))
    if name == "predict_classes":
        training.note_decision(interp, training.predicted(model, arguments.site), "argmax", arguments.site)
        return Unknown()
    if name in {"call", "__call__"}:
        return call_model(interp, model, arguments)
    if name == "get_layer":
        return _found_layer(interp, model, arguments)
    return NONE if name in catalog.SILENT else None


def _predicted_shape(outputs: Value | None) -> Shape:
    """The shape of predictions. A model of nothing but Dense layers is taken to be fed with rows of numbers."""
    shape = shape_of(outputs)
    if shape is not None or not isinstance(outputs, Tensor):
        return shape
    layers = [tensor.layer for tensor in behind(outputs) if tensor.op == "layer"]
    last = outputs.layer
    spec = spec_of(last)
    if not all(isinstance(one, Construct) and one.kind in FLAT for one in layers):
        return None
    if not isinstance(last, Construct) or spec is None or spec.units is None:
        return None
    return None, length(last.bound.get(spec.units))


def _found_layer(interp: Interpreter, model: KerasModel | Instance, arguments: Arguments) -> Value:
    """`model.get_layer(name)`: the layer if it can be found, with its output."""
    wanted = arguments.get("name", 0)
    if isinstance(wanted, Const) and isinstance(wanted.value, str):
        for tensor in behind(outputs_of(interp, model)):
            name = tensor.layer.bound.get("name") if isinstance(tensor.layer, Construct) else None
            if isinstance(name, Const) and name.value == wanted.value:
                return _with_output(tensor)
    unknown = Construct("keras.layers.Layer", arguments, ())
    unknown.state["output"] = _nothing_known(arguments.site)
    return unknown


def attribute(interp: Interpreter, model: KerasModel | Instance, name: str, site: Site | None) -> Value | None:
    """`model.output`, `model.layers`, `model.input` and kin."""
    if name == "output":
        return outputs_of(interp, model)
    if name == "optimizer":
        interp.state.write(model.state, STEERED, NONE)
    if name == "outputs":
        outputs = outputs_of(interp, model)
        return outputs if isinstance(outputs, (Tuple, List)) else List((outputs,), site)
    if name in {"input", "inputs"}:
        inputs = model.state.get("inputs")
        return inputs if isinstance(inputs, Value) else Tensor("input", (), site)
    if name == "layers":
        tensors = reversed(behind(outputs_of(interp, model)))
        return List(tuple(_with_output(one) for one in tensors if one.op == "layer"), site)
    return None


def _with_output(tensor: Tensor) -> Value:
    """A layer as `model.layers[i]` gives it: with the tensor behind it."""
    layer = tensor.layer
    if isinstance(layer, Construct):
        layer.state.setdefault("output", tensor)
    return layer if layer is not None else Unknown()

"""What calling a name of Keras makes: layers, models, losses, metrics, optimizers, and arguments that are obsolete.

What is made is only kept with its arguments. What a layer does to a tensor, and a loss to labels, comes when it is
called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from keraslint.static.catalog import initializers, layers, losses, metrics, obsolete, optimizers
from keraslint.static.catalog.models import LOADERS, POLICY_CLASSES
from keraslint.static.library import models, removal, training
from keraslint.static.library.shapes import input_shape
from keraslint.static.record import ObsoleteUse, StrideUse
from keraslint.static.text import tree
from keraslint.static.values import Arguments, Const, Construct, Dict, Site, Tensor, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Call = Callable[[Interpreter, Arguments], Value]


def construct(interp: Interpreter, dotted: str, arguments: Arguments) -> Value | None:
    """Make a library object: a layer, model, loss, metric or optimizer."""
    layer = layers.by_class(dotted)
    if layer is not None:
        note_obsolete(interp, layer.name, arguments)
        note_left_out(interp, layer, arguments)
        if layer.name in obsolete.TWO_BY_POSITION:
            note_strides(interp, layer.name, dotted.rpartition(".")[2], arguments)
        return Construct(dotted, arguments, layer.parameters)
    if dotted in obsolete.FUNCTIONS:
        note_obsolete(interp, dotted.rpartition(".")[2], arguments)
    merged = layers.by_function(dotted)
    if merged is not None:
        return _layer_function(interp, merged, arguments)
    function = losses.by_function(dotted)
    if function is not None:
        spelling = "function" if dotted.startswith("keras.") else "op"
        return training.call_loss_function(interp, function, arguments, spelling)
    made = losses.by_class(dotted) or metrics.by_class(dotted)
    if made is not None:
        return Construct(dotted, arguments, made.class_parameters)
    optimizer = optimizers.by_class(dotted)
    if optimizer is not None:
        if dotted.startswith(optimizers.LEGACY):
            removal.note_legacy_optimizer(interp, arguments)
        else:
            note_obsolete(interp, optimizer.name, arguments)
        return Construct(dotted, arguments, optimizer.parameters)
    if dotted.rpartition(".")[0] == "keras.callbacks":
        note_obsolete(interp, dotted.rpartition(".")[2], arguments)
        return Construct(dotted, arguments, ())
    initializer = initializers.by_class(dotted)
    if initializer is not None:
        return Construct(dotted, arguments, initializer.parameters)
    return models.application(dotted, arguments)


def _layer_function(interp: Interpreter, function: layers.LayerFunction, arguments: Arguments) -> Value:
    """A function that makes a layer and calls it: `concatenate([a, b])`."""
    bound = arguments.bind(function.parameters)
    given = bound.pop("inputs", Unknown())
    rest = Arguments([], bound, arguments.places, arguments.site)
    layer = Construct(f"keras.layers.{function.spec.name}", rest, ())
    return models.call_layer(interp, layer, given, arguments.site)


def note_obsolete(interp: Interpreter, owner: str, arguments: Arguments) -> None:
    """Remember arguments that some Keras does not take."""
    for name in arguments.named:
        spec = obsolete.find(owner, name)
        if spec is not None:
            interp.record.obsolete.append(ObsoleteUse(arguments.places.get(name, arguments.site), owner, name, spec))


def note_left_out(interp: Interpreter, layer: layers.LayerSpec, arguments: Arguments) -> None:
    """Remember a layer that is made without an argument that some Keras does not go without."""
    spec = obsolete.required(layer.name)
    if spec is not None and not arguments.open and spec.argument not in arguments.bind(layer.parameters):
        interp.record.obsolete.append(ObsoleteUse(arguments.site, layer.name, spec.argument, spec))


def note_strides(interp: Interpreter, layer: str, name: str, arguments: Arguments) -> None:
    """Remember a convolution with three numbers by position: filters and two more."""
    if len(arguments.positional) != 3 or arguments.open:
        return
    given = [interp.state.settle(one) for one in arguments.positional]
    sizes = [one.value for one in given if isinstance(one, Const) and type(one.value) is int]
    if len(sizes) != 3:
        return
    call = arguments.site.node
    sign = (name, Site(call.func, arguments.site.file)) if name != layer and isinstance(call, tree.Call) else None
    for argument in arguments.named:
        if obsolete.of_keras_1(layer, argument) and argument in arguments.places:
            sign = sign or (argument, arguments.places[argument])
    places = arguments.places
    interp.record.strides.append(StrideUse(arguments.site, layer, (sizes[1], places[1]), (sizes[2], places[2]), sign))


def _sequential(interp: Interpreter, arguments: Arguments) -> Value:
    note_obsolete(interp, "Sequential", arguments)
    return models.sequential(interp, arguments)


def _functional(interp: Interpreter, arguments: Arguments) -> Value:
    note_obsolete(interp, "Model", arguments)
    return models.functional(interp, arguments)


def first(_interp: Interpreter, arguments: Arguments) -> Value:
    """A function that gives back what it is given, as far as it matters here."""
    return next(iter((*arguments.positional, *arguments.named.values())), Unknown())


def _found(interp: Interpreter, arguments: Arguments) -> Value:
    """`keras.losses.get(identifier)`: what is no name or object is a configuration, which is not read."""
    given = interp.state.settle(first(interp, arguments))
    return given if not isinstance(given, Dict) else Unknown()


def _input(_interp: Interpreter, arguments: Arguments) -> Value:
    made = Construct("keras.layers.Input", arguments, ("shape", "batch_size", "dtype"))
    return Tensor("input", (), arguments.site, shape=input_shape(made))


def _loaded(_interp: Interpreter, arguments: Arguments) -> Value:
    return models.loaded(arguments)


def _clone(interp: Interpreter, arguments: Arguments) -> Value:
    return models.clone(interp, interp.state.settle(first(interp, arguments)), arguments.site)


CALLS: Final[Mapping[str, Call]] = {
    "keras.Sequential": _sequential,
    "keras.Model": _functional,
    "keras.Input": _input,
    "keras.models.clone_model": _clone,
    **dict.fromkeys(LOADERS, _loaded),
    **{f"keras.{home}.get": _found for home in ("activations", "losses", "metrics", "optimizers")},
    **dict.fromkeys((*POLICY_CLASSES, "tensorflow.function"), first),
}
"""Functions and classes of Keras that are in no other table."""

"""What the names of libraries do: the interpreter asks here whenever a value is not the program's own.

This module only directs: layers and models go to `models`, functions on tensors to `tensors`, arrays and data sets to `data`,
Python's built-ins to `python`. What stands in the catalogue is understood; everything else gives an unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from keraslint.model import Route
from keraslint.static import data as arrays
from keraslint.static import models, python
from keraslint.static.catalog import activations, functions, layers, losses, metrics, obsolete, optimizers
from keraslint.static.catalog.losses import Logits
from keraslint.static.names import canonical, package, star_members
from keraslint.static.record import DirectLoss, ObsoleteUse
from keraslint.static.tensors import constants, make, shape_of, spec_of
from keraslint.static.values import (
    NONE,
    Arguments,
    Bound,
    Choice,
    Class,
    Const,
    Construct,
    Data,
    Dict,
    External,
    Function,
    Instance,
    KerasModel,
    List,
    Object,
    Partial,
    Site,
    Super,
    Tensor,
    Tuple,
    Unknown,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

CANONICAL = lru_cache(maxsize=8192)(canonical)
POLICIES: Final = frozenset(
    {
        "keras.mixed_precision.set_global_policy",
        "keras.mixed_precision.set_dtype_policy",
        "keras.config.set_dtype_policy",
        "keras.mixed_precision.experimental.set_policy",
    }
)
GENERATORS: Final = frozenset(
    {"keras.preprocessing.image.ImageDataGenerator", "keras.legacy.preprocessing.image.ImageDataGenerator"}
)
FREE_MODULES: Final = {
    "tf": "tensorflow", "tensorflow": "tensorflow", "keras": "keras", "layers": "keras.layers", "np": "numpy", "numpy": "numpy", "K": "keras.backend",
    "models": "keras.models", "losses": "keras.losses", "optimizers": "keras.optimizers", "metrics": "keras.metrics", "pd": "pandas",
}  # fmt: skip
FREE_STARS: Final = ("keras.layers", "keras.models", "keras.optimizers", "keras.losses", "keras.metrics", "keras.utils")
SUCCESSORS: Final = {"Deconvolution2D": "Conv2DTranspose", "AtrousConvolution2D": "Conv2D", "AtrousConvolution1D": "Conv1D"}
"""Layers of Keras 1 that took the same arguments as a layer of today."""
ELEMENTWISE: Final = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "**": "power",
    "@": "matmul",
    "//": "floor_divide",
    "%": "mod",
}


# -- names --------------------------------------------------------------------------------------------------------------------


def note_import(interp: Interpreter, dotted: str, site: Site) -> None:
    """Remember which Keras the program imports."""
    found = package(dotted)
    if found is not None:
        interp.record.packages.append((found, site))


def external_attribute(interp: Interpreter, owner: External, name: str, site: Site) -> Value:
    if owner.dotted == "tensorflow" and name == "keras":
        interp.record.packages.append(("tensorflow.keras", site))
    return External(CANONICAL(f"{owner.dotted}.{name}"), site)


@lru_cache(maxsize=1)
def free_names() -> dict[str, str]:
    """Names of Keras that a program without its imports can only mean."""
    found = dict(FREE_MODULES)
    for module in FREE_STARS:
        for name, dotted in (star_members(module) or {}).items():
            if name[:1].isupper() or name == "to_categorical":
                found.setdefault(name, dotted)
    return found


def free_name(interp: Interpreter, name: str) -> Value:
    """A name that the program never binds: an incomplete program means Keras by Keras's names."""
    if not interp.unresolved_star:
        dotted = free_names().get(name)
        if dotted is not None:
            return External(dotted)
    return interp.unknown(("name", name))


# -- calls --------------------------------------------------------------------------------------------------------------------


def call(interp: Interpreter, callee: External, arguments: Arguments) -> Value:
    """Call a library name."""
    dotted = callee.dotted
    if dotted.startswith("builtins."):
        return python.call(interp, dotted[9:], arguments)
    run = SPECIAL.get(dotted)
    if run is not None:
        return run(interp, arguments)
    if dotted.startswith(("keras.", "tensorflow", "segmentation_models", "tensorflow_addons", "keras_")):
        made = construct(interp, dotted, arguments)
        if made is not None:
            return made
    found = (
        arrays.call(interp, dotted, arguments)
        if any_data(interp, arguments) or dotted not in TENSOR_FUNCTIONS
        else None
    )
    if found is not None:
        return found
    function = functions.by_name(dotted)
    if function is not None:
        return call_function(interp, function, arguments)
    if dotted in GENERATORS:
        return Construct(dotted, arguments, ())
    for one in arguments.positional:
        # an unknown function may read predictions, but it cannot make a head known
        if isinstance(one, Tensor) and dotted.startswith(("tensorflow", "keras")):
            return Tensor(
                "opaque",
                tuple(value for value in arguments.positional if isinstance(value, (Tensor, Choice))),
                arguments.site,
            )
    return Unknown()


def any_data(interp: Interpreter, arguments: Arguments) -> bool:
    return any(arrays.is_data(interp.state.settle(one)) for one in arguments.positional[:2])


def construct(interp: Interpreter, dotted: str, arguments: Arguments) -> Value | None:
    """Make a library object: a layer, model, loss, metric or optimizer."""
    layer = layers.by_class(dotted)
    if layer is not None:
        note_obsolete(interp, layer.name, arguments, layer.parameters)
        return Construct(dotted, arguments, layer.parameters)
    if dotted in {"keras.Sequential", "keras.Model"}:
        owner = dotted.rpartition(".")[2]
        note_obsolete(interp, owner, arguments, ())
        return models.sequential(interp, arguments) if owner == "Sequential" else models.functional(interp, arguments)
    merged = layers.by_function(dotted)
    if merged is not None:
        bound = arguments.bind(merged.parameters)
        given = bound.get("inputs", Unknown())
        rest = {name: value for name, value in bound.items() if name != "inputs"}
        made = Construct(f"keras.layers.{merged.spec.name}", Arguments([], rest, arguments.places, arguments.site), ())
        return models.call_layer(interp, made, given, arguments.site)
    loss = losses.by_class(dotted)
    if loss is not None:
        return Construct(dotted, arguments, loss.class_parameters)
    function = losses.by_function(dotted)
    if function is not None:
        return loss_tensor(interp, function, arguments, spelling="function" if dotted.startswith("keras.") else "op")
    metric = metrics.by_class(dotted)
    if metric is not None:
        return Construct(dotted, arguments, metric.class_parameters)
    optimizer = optimizers.by_class(dotted)
    if optimizer is not None:
        note_obsolete(interp, optimizer.name, arguments, optimizer.parameters)
        return Construct(dotted, arguments, optimizer.parameters)
    return models.application(interp, dotted, arguments)


def note_obsolete(interp: Interpreter, owner: str, arguments: Arguments, parameters: tuple[str, ...]) -> None:
    """Remember arguments that some Keras does not take."""
    for name in arguments.named:
        spec = obsolete.find(owner, name) or obsolete.find(SUCCESSORS.get(owner, ""), name)
        if spec is not None:
            interp.record.obsolete.append(ObsoleteUse(arguments.places.get(name, arguments.site), owner, name, spec))


def loss_tensor(interp: Interpreter, function: losses.LossFunction, arguments: Arguments, spelling: str) -> Value:
    """A loss computed by a call on labels and predictions."""
    bound = arguments.bind(function.parameters)
    labels, predictions = bound.get(function.labels, Unknown()), bound.get(function.predictions, Unknown())
    logits: Any = function.logits is Logits.ALWAYS
    place = arguments.site
    if function.logits is Logits.PARAMETER and "from_logits" in bound:
        logits = interp.state.settle(bound["from_logits"])
        place = arguments.place("from_logits", function.parameters)
    return direct_loss(interp, function.spec, labels, predictions, logits, place, arguments, spelling)


def direct_loss(
    interp: Interpreter,
    spec: losses.LossSpec,
    labels: Value,
    predictions: Value,
    logits: Any,
    place: Site,
    arguments: Arguments,
    spelling: str,
) -> Tensor:
    params = {"spec": spec, "from_logits": logits, "place": place, "spelling": spelling}
    made = Tensor("loss", (labels, predictions), arguments.site, params=params)
    if isinstance(predictions, (Tensor, Choice)) and from_model(predictions):
        interp.record.losses.append(DirectLoss(arguments.site, interp.state.guard, made, interp.record.tapes > 0))
    return made


def from_model(value: Value, steps: int = 60) -> bool:
    """Whether a tensor comes out of a model or layer."""
    while steps:
        steps -= 1
        if isinstance(value, Choice):
            value = value.alternatives[0][1]
        if not isinstance(value, Tensor):
            return False
        if value.op in {"layer", "model", "weights"}:
            return True
        if not value.inputs:
            return False
        value = value.inputs[0]
    return False


TENSOR_FUNCTIONS: Final = functions.functions()


def call_function(interp: Interpreter, function: functions.FunctionSpec, arguments: Arguments) -> Value:
    """Call a function on tensors."""
    named = {functions.SYNONYMS.get(name, name): value for name, value in arguments.named.items()}
    positional = [interp.state.settle(one) for one in arguments.positional]
    bound = dict(zip(function.parameters, positional, strict=False))
    bound.update(named)
    if function.op in {"epsilon", "floatx"}:
        return Unknown(("call", function.op))
    tensors = tuple(bound[name] for name in function.parameters[: function.operands] if name in bound)
    if function.op in {"stack", "concat", "add_n"} and tensors:
        tensors = interp.items_of(tensors[0])[0] or tensors
    if not tensors and positional:
        tensors = tuple(positional)
    params = {
        name: plain(interp, bound[name])
        for name in ("axis", "keepdims", "shape", "perm", "axes", "newshape", "depth", "target_shape")
        if name in bound
    }
    op = function.op
    if op in {"add", "subtract", "multiply", "divide", "power"} and len(tensors) == 2:
        return arithmetic_tensor(interp, op, tensors[0], tensors[1], arguments.site)
    if op == "argmax" and tensors:
        models.note_decision(interp, tensors[0], "argmax", arguments.site)
    if op in {"softmax", "sigmoid", "log_softmax"} or activations.by_name(op) is not None:
        return make(
            interp,
            op,
            tensors[:1],
            arguments.site,
            params=params,
            shape=shape_of(tensors[0]) if tensors else None,
            route=function.route or Route.OP,
        )
    shape = None
    if op == "reshape" and len(positional) > 1:
        dims = constants(positional[1])
        shape = tuple(None if one == -1 else one for one in dims) if dims is not None else None
    return make(interp, op, tensors, arguments.site, params=params, shape=shape)


def plain(interp: Interpreter, value: Value) -> Any:
    """A constant parameter as Python has it; otherwise the value itself, which equals nothing."""
    value = interp.state.settle(value)
    if isinstance(value, Const):
        return value.value
    if isinstance(value, (Tuple, List)):
        return constants(value)
    return "unknown"


def partial(interp: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    shifted = {key - 1 if isinstance(key, int) else key: site for key, site in arguments.places.items() if key != 0}
    rest = Arguments(arguments.positional[1:], arguments.named, shifted, arguments.site, open=arguments.open)
    return Partial(arguments.positional[0], rest)


def first_argument(_interp: Interpreter, arguments: Arguments) -> Value:
    if arguments.positional:
        return arguments.positional[0]
    return next(iter(arguments.named.values()), Unknown())


def set_policy(interp: Interpreter, arguments: Arguments) -> Value:
    value = interp.state.settle(first_argument(interp, arguments))
    if isinstance(value, Construct):
        value = value.bound.get("name", value)
    if isinstance(value, Const) and isinstance(value.value, str):
        interp.record.policy = (value.value, arguments.site)
    return NONE


def set_data_format(interp: Interpreter, arguments: Arguments) -> Value:
    value = interp.state.settle(first_argument(interp, arguments))
    interp.record.channels_first = isinstance(value, Const) and value.value in {"channels_first", "th"}
    return NONE


def make_input(interp: Interpreter, arguments: Arguments) -> Value:
    made = Construct("keras.layers.Input", arguments, ("shape", "batch_size", "dtype"))
    return Tensor("input", (), arguments.site, shape=models.input_shape(made))


def numpy_argmax(interp: Interpreter, arguments: Arguments) -> Value:
    given = interp.state.settle(first_argument(interp, arguments))
    models.note_decision(interp, given, "argmax", arguments.site)
    if isinstance(given, Data):
        return arrays.method(interp, given, "argmax", arguments)
    return Unknown()


def numpy_round(interp: Interpreter, arguments: Arguments) -> Value:
    given = interp.state.settle(first_argument(interp, arguments))
    models.note_decision(interp, given, "threshold", arguments.site)
    return given if isinstance(given, Data) else Unknown()


def hyper_choice(values: Value, interp: Interpreter, site: Site) -> Value:
    """`hp.Choice(name, values)`: every value is possible."""
    items, rest = interp.items_of(values)
    if not items or rest:
        return Unknown()
    atom = ("pick", ("u", "choice", id(site.node)))
    return interp.state.choose([(frozenset({(atom, index)}), one) for index, one in enumerate(items)])  # type: ignore[no-any-return]


def clone_model(interp: Interpreter, arguments: Arguments) -> Value:
    return models.clone(interp, interp.state.settle(first_argument(interp, arguments)), arguments.site)


def set_environment(interp: Interpreter, arguments: Arguments) -> Value:
    """`os.environ.setdefault(name, value)`."""
    if len(arguments.positional) >= 2:
        item_set(interp, External("os.environ"), *(interp.state.settle(one) for one in arguments.positional[:2]), arguments.site)
    return Unknown()


def set_backend(interp: Interpreter, arguments: Arguments) -> Value:
    value = interp.state.settle(first_argument(interp, arguments))
    if isinstance(value, Const) and isinstance(value.value, str):
        interp.record.backend = (value.value, arguments.site)
    return NONE


SPECIAL: Final[dict[str, Callable[[Interpreter, Arguments], Value]]] = {
    "functools.partial": partial,
    "os.environ.setdefault": set_environment,
    "keras.config.set_backend": set_backend,
    "keras.utils.set_backend": set_backend,
    "copy.copy": first_argument,
    "copy.deepcopy": first_argument,
    "keras.Input": make_input,
    "keras.layers.Input": make_input,
    "keras.activations.get": first_argument,
    "keras.losses.get": first_argument,
    "keras.metrics.get": first_argument,
    "keras.optimizers.get": first_argument,
    "keras.models.load_model": lambda _interp, arguments: models.loaded(arguments),
    "keras.saving.load_model": lambda _interp, arguments: models.loaded(arguments),
    "keras.models.model_from_json": lambda _interp, arguments: models.loaded(arguments),
    "keras.models.clone_model": clone_model,
    "tensorflow.function": first_argument,
    "numpy.argmax": numpy_argmax,
    "numpy.round": numpy_round,
    "numpy.rint": numpy_round,
    "keras.backend.set_image_data_format": set_data_format,
    "keras.backend.set_image_dim_ordering": set_data_format,
    "keras.config.set_image_data_format": set_data_format,
    **dict.fromkeys(POLICIES, set_policy),
}


def call_object(interp: Interpreter, callee: Value, arguments: Arguments) -> Value:
    """Call an object: a layer or model on tensors, a loss on labels and predictions."""
    if isinstance(callee, (KerasModel, Instance)):
        if isinstance(callee, Instance) and not models.has_outputs(callee):
            # neither the program nor the library says what calling it gives
            given = tuple(one for one in arguments.positional if isinstance(one, (Tensor, Choice)))
            return Tensor("opaque", given, arguments.site) if given else Unknown()
        return models.call_model(interp, callee, arguments)
    if not isinstance(callee, Construct):
        return Unknown()
    loss = losses.by_class(callee.dotted)
    if loss is not None:
        bound = arguments.bind(("y_true", "y_pred", "sample_weight"))
        logits: Any = interp.state.settle(callee.bound["from_logits"]) if "from_logits" in callee.bound else False
        if callee.arguments.open and "from_logits" not in callee.bound:
            logits = Unknown()
        place = callee.place("from_logits") if "from_logits" in callee.bound else (callee.site or arguments.site)
        labels, predictions = bound.get("y_true", Unknown()), bound.get("y_pred", Unknown())
        return direct_loss(interp, loss, labels, predictions, logits, place, arguments, "class")
    if spec_of(callee) is None:
        return Unknown()
    given = arguments.positional[0] if arguments.positional else arguments.named.get("inputs", Unknown())
    given = interp.state.settle(given)
    if (
        isinstance(given, (Tuple, List))
        and (spec := spec_of(callee)) is not None
        and spec.kind.value == "merge"
        and callee.kind == "Concatenate"
    ):
        return models.call_layer(interp, callee, given, arguments.site)
    return models.call_layer(interp, callee, given, arguments.site, tuple(arguments.positional[1:]))


def called_instance(interp: Interpreter, instance: Instance, arguments: Arguments, result: Value) -> Value:
    """What calling an object of the program gave; for a loss class of the program, its number."""
    if models.is_model(instance):
        outputs = result
        items, rest = interp.items_of(outputs) if isinstance(outputs, (Tuple, List)) else (None, True)
        if items is not None and not rest:
            return Tuple(tuple(passed(one, instance, arguments) for one in items))
        if isinstance(outputs, (Tensor, Choice)):
            return passed(outputs, instance, arguments)
    return result


def passed(output: Value, instance: Instance, arguments: Arguments) -> Value:
    if isinstance(output, (Tensor, Choice)):
        return Tensor("model", (output, *arguments.positional), arguments.site, shape=shape_of(output), layer=instance)
    return output


def unknown_call(interp: Interpreter, callee: Unknown, arguments: Arguments) -> Value:
    """Call something that is not known. On a tensor it gives a tensor of unknown making."""
    key = callee.key
    if isinstance(key, tuple) and len(key) == 3 and key[0] == "attr":
        if key[2] == "Choice" and len(arguments.positional) + len(arguments.named) >= 2:
            return hyper_choice(arguments.get("values", 1) or Unknown(), interp, arguments.site)
        if key[2] == "Boolean":
            return Unknown(("u", "choice", id(arguments.site.node)))
        if key[2] in {"add_argument", "parse_args"}:
            return Unknown()
    given = [one for one in arguments.positional if isinstance(one, (Tensor, Choice))]
    if given and any(isinstance(one, Tensor) for one in given):
        return Tensor("opaque", tuple(given), arguments.site)
    if not arguments.positional and not arguments.named:
        return Unknown()
    return Unknown()


def method(interp: Interpreter, owner: Value, name: str, arguments: Arguments) -> Value:
    """Call a method that the program did not write."""
    if isinstance(owner, Super):
        return super_method(interp, owner, name, arguments)
    found = python.method(interp, owner, name, arguments)
    if found is not None:
        return found
    if isinstance(owner, Data):
        if name == "argmax":
            models.note_decision(interp, owner, "argmax", arguments.site)
        return arrays.method(interp, owner, name, arguments)
    if isinstance(owner, (KerasModel, Instance)):
        if models.is_model(owner):
            result = models.method(interp, owner, name, arguments)
            if name in {"fit", "fit_generator", "compile", "train_on_batch"}:
                note_obsolete(interp, name, arguments, ())
            if result is not None:
                return result
        if isinstance(owner, Instance) and name in {"__call__", "call"}:
            return interp.call_instance(owner, arguments)
        return Unknown()
    if isinstance(owner, Construct):
        return construct_method(interp, owner, name, arguments)
    if isinstance(owner, Tensor):
        return tensor_method(interp, owner, name, arguments)
    if isinstance(owner, (Function, Class)):
        return Unknown()
    return Unknown()


def construct_method(interp: Interpreter, owner: Construct, name: str, arguments: Arguments) -> Value:
    kind = owner.kind
    if owner.dotted.startswith("sklearn."):
        return arrays.scaler_method(interp, owner, name, arguments)
    if owner.dotted in GENERATORS and name.startswith("flow"):
        return arrays.generator_flow(interp, owner, name, arguments)
    if name in {"call", "__call__"}:
        return call_object(interp, owner, arguments)
    if kind in {"Normalization", "TextVectorization", "StringLookup"} and name == "adapt":
        return NONE
    return Unknown()


def tensor_method(interp: Interpreter, owner: Tensor, name: str, arguments: Arguments) -> Value:
    if name in {"numpy", "eval"}:
        return (
            Data(
                origin="prediction", store=owner.layer if isinstance(owner.layer, Object) else None, site=arguments.site
            )
            if owner.op == "model"
            else Unknown()
        )
    if name in {"get_shape", "set_shape"}:
        return Unknown()
    return Tensor("opaque", (owner,), arguments.site)


def super_method(interp: Interpreter, owner: Super, name: str, arguments: Arguments) -> Value:
    """`super().method(...)` where the parent is the library's."""
    instance = owner.instance
    if not isinstance(instance, Instance):
        return Unknown()
    if name == "__init__":
        init_instance(interp, instance, arguments)
        return NONE
    result = models.method(interp, instance, name, arguments) if models.is_model(instance) else None
    return result if result is not None else Unknown()


def init_instance(interp: Interpreter, instance: Instance, arguments: Arguments) -> None:
    """The library's own `__init__` of a class that inherits from a model."""
    if instance.cls.inherits("keras.Sequential"):
        models.sequential(interp, arguments, instance)
    elif instance.cls.inherits("keras.Model"):
        models.functional(interp, arguments, instance)


def has_method(owner: Instance, name: str) -> bool:
    """Whether the library gives objects of this class a method of that name."""
    return any(isinstance(one, External) for one in owner.cls.ancestors())


# -- attributes, items, arithmetic --------------------------------------------------------------------------------------------------


def attribute(interp: Interpreter, owner: Value, name: str, site: Site | None) -> Value | None:
    if isinstance(owner, (KerasModel, Instance)):
        if isinstance(owner, KerasModel) or models.is_model(owner):
            return models.attribute(interp, owner, name, site)
        return None
    if isinstance(owner, Data):
        return arrays.attribute(owner, name, site)
    if isinstance(owner, Tensor) and name == "shape":
        return shape_tuple(owner)
    if isinstance(owner, Construct) and name in {"output", "input"}:
        return Tensor("opaque", (), site)
    return None


def shape_tuple(tensor: Tensor) -> Value:
    if tensor.shape is None:
        return Unknown(("shape", tensor.serial))
    return Tuple(
        tuple(
            Const(one) if one is not None else Unknown(("axis", tensor.serial, index))
            for index, one in enumerate(tensor.shape)
        )
    )


def attribute_set(interp: Interpreter, owner: Object, name: str, value: Value, site: Site) -> None:
    """An attribute of a library object was set."""


def item_set(interp: Interpreter, owner: Value, index: Value, value: Value, site: Site) -> None:
    """`owner[index] = value` of something that is no list or dictionary."""
    if isinstance(owner, External) and owner.dotted == "os.environ":
        if (
            isinstance(index, Const)
            and index.value == "KERAS_BACKEND"
            and isinstance(value, Const)
            and isinstance(value.value, str)
        ):
            interp.record.backend = (value.value, site)
    elif isinstance(owner, Data):
        arrays.item_set(interp, owner, value, site)


def item(interp: Interpreter, owner: Value, index: Value, site: Site) -> Value | None:
    if isinstance(owner, Data):
        return arrays.item(interp, owner, index)
    if isinstance(owner, Tensor):
        return Tensor("getitem", (owner,), site, params={"index": "value"})
    return None


def arithmetic(interp: Interpreter, word: str, left: Value, right: Value, site: Site) -> Value:
    """An operator between tensors, arrays and numbers."""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        op = ELEMENTWISE.get(word)
        if op is None:
            return Tensor("opaque", (left, right), site)
        return arithmetic_tensor(interp, op, left, right, site)
    return arrays.arithmetic(interp, word, left, right, site)


def arithmetic_tensor(interp: Interpreter, op: str, left: Value, right: Value, site: Site) -> Tensor:
    return make(interp, op, (left, right), site)


def tensor(interp: Interpreter, op: str, inputs: tuple[Value, ...], site: Site) -> Tensor:
    return make(interp, op, inputs, site)


def compare(interp: Interpreter, word: str, left: Value, right: Value, site: Site) -> Value | None:
    """A comparison in which an array or tensor takes part."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Data):
            if word in {">", ">=", "<", "<="} and isinstance(other, Const):
                models.note_decision(interp, one, "threshold", site)
            return arrays.compare(word, one, other, site)
        if isinstance(one, Tensor) and word in {">", ">=", "<", "<=", "==", "!="}:
            if word in {">", ">="} and isinstance(other, Const):
                models.note_decision(interp, one, "threshold", site)
            if isinstance(other, Const) and other.value is None:
                return Const(word == "!=")
            return Tensor("opaque", (one,), site)
    return None


def take_apart(interp: Interpreter, value: Value, wanted: int) -> list[Value] | None:
    """Unpacking of a data set's element or of a tensor."""
    value = interp.state.settle(value)
    if isinstance(value, Data):
        return arrays.take_apart(value, wanted)
    if isinstance(value, Tensor):
        return [Tensor("getitem", (value,), value.site) for _ in range(wanted)]
    return None


def iterate(interp: Interpreter, value: Value) -> Iterable[Value] | None:
    """What a loop over a library object goes through."""
    if isinstance(value, Data):
        return arrays.iterate(value)
    if isinstance(value, Unknown):
        return None
    return None


def enter_context(interp: Interpreter, value: Value) -> Value:
    """What `with value as name` binds."""
    return value if isinstance(value, (Instance, Data)) else Unknown(("with", key_of(value)))


def dictionary(value: Value) -> dict[Any, Value] | None:
    """The entries of a dictionary with constant keys."""
    return dict(value.items()) if isinstance(value, Dict) else None


def bound_name(value: Value) -> str:
    return value.name if isinstance(value, Bound) else ""


def scaled(left: Unknown, right: Value, site: Site) -> Value | None:
    """A quotient that says what range it has: something unknown by 255, or `(x - low) / (high - low)`."""
    if isinstance(right, Const) and isinstance(right.value, (int, float)) and not isinstance(right.value, bool):
        return arrays.pixels(left, right.value, site)
    above, below = left.key, right.key if isinstance(right, Unknown) else None
    if isinstance(above, tuple) and isinstance(below, tuple) and above[0] == below[0] == "-" and above[2] == below[2]:
        return arrays.continuous(site, 0.0, 1.0)
    return None

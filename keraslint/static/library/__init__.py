"""What the names of libraries do: the interpreter asks here whenever a value is not the program's own.

This module only directs: models and layers go to `models`, what trains them to `training`, functions on tensors to
`tensors`, arrays and data sets to `data`, settings to `settings`, Python's built-ins to `python`. What stands in the
catalogue is understood; everything else gives an unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from keraslint.static import data
from keraslint.static.catalog import functions, generators, losses, metrics
from keraslint.static.catalog.arrays import CONSTANTS, ONE_HOT, STATISTICS
from keraslint.static.catalog.models import TAKING_OBSOLETE
from keraslint.static.catalog.optimizers import LEARNING_RATES
from keraslint.static.data import arrays, columns, encoders, pipelines, scaling
from keraslint.static.data.contents import PICTURES, is_data
from keraslint.static.library import (
    constructs,
    models,
    options,
    python,
    removal,
    runtimes,
    settings,
    tensors,
    training,
    versions,
)
from keraslint.static.library.constructs import first
from keraslint.static.library.settings import note_import as note_import  # the interpreter asks one door only
from keraslint.static.library.shapes import shape_of, spec_of
from keraslint.static.library.versions import Version
from keraslint.static.names import canonical
from keraslint.static.text.free_names import free_names
from keraslint.static.text.project import LIBRARIES
from keraslint.static.values import (
    NONE,
    STEERED,
    Arguments,
    Choice,
    Const,
    Construct,
    Data,
    External,
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
    escape,
    key_of,
    tensors_in,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Call = Callable[[Interpreter, Arguments], Value]

PACKAGES: Final = ("keras.", "tensorflow", "segmentation_models", "tensorflow_addons", "keras_", "transformers.TF")
"""What the names of layers, losses, metrics and optimizers begin with."""


# -- names -------------------------------------------------------------------------------------------------------------


def external_attribute(interp: Interpreter, owner: External, name: str, site: Site) -> Value:
    """`owner.name` of a library's module or class."""
    if owner.dotted == "tensorflow" and name == "keras":
        interp.record.packages.append(("tensorflow.keras", site))
    flag = options.flag(interp, owner, name)
    if flag is not None:
        return flag
    path = f"{owner.path}.{name}" if owner.path else ""
    removal.note_attribute(interp, path, site.node)
    runtimes.note_name(interp, path, site)
    dotted = canonical(f"{owner.dotted}.{name}")
    return versions.attribute(interp, dotted) or External(dotted, site, path)


def free_name(interp: Interpreter, name: str) -> Value:
    """A name that the program never binds, unless something that is not known may have bound it."""
    dotted = free_names().get(name) if not interp.unresolved_star else None
    return External(dotted) if dotted is not None else interp.unknown(("name", name))


# -- calls of library names --------------------------------------------------------------------------------------------


def call(interp: Interpreter, callee: External, arguments: Arguments) -> Value:
    """Call a library name."""
    dotted = callee.dotted
    version = versions.call(interp, dotted, arguments)
    if version is not None:
        return version
    run = CALLS.get(dotted)
    if run is not None:
        return run(interp, arguments)
    if dotted.startswith("builtins."):
        return python.call(interp, dotted.removeprefix("builtins."), arguments)
    training.hand_on(arguments)
    return _handing_on(arguments, lambda: _call(interp, dotted, arguments))


def _handing_on(arguments: Arguments, run: Callable[[], Value]) -> Value:
    """Call something that the program did not write. Tensors that it makes nothing of go where nobody sees them."""
    given = [(one, len(one.uses)) for one in tensors_in((*arguments.positional, *arguments.named.values()))]
    result = run()
    for tensor, uses in given:
        if len(tensor.uses) == uses and result is not tensor:
            tensor.escaped = True
    return result


def _call(interp: Interpreter, dotted: str, arguments: Arguments) -> Value:
    if dotted.startswith(PACKAGES):
        made = constructs.construct(interp, dotted, arguments)
        if made is not None:
            return made
    function = functions.by_name(dotted)
    if function is None or _makes_data(interp, dotted, arguments):
        found = data.call(interp, dotted, arguments)
        if found is not None:
            return found
    if function is not None:
        return tensors.call(interp, function, arguments, dotted)
    if dotted in generators.CLASSES:
        return Construct(dotted, arguments, ())
    if dotted.startswith(("tensorflow", "keras")) and any(isinstance(one, Tensor) for one in arguments.positional):
        # an unknown function may read predictions, but it cannot make a head known
        return tensors.opaque(arguments.positional, arguments.site)
    if dotted.partition(".")[0] not in LIBRARIES:
        _may_change(interp, arguments)
    return Unknown()


def _may_change(interp: Interpreter, arguments: Arguments) -> None:
    """A function of the user's that cannot be read may write into the arrays that it is given."""
    for one in (*arguments.positional, *arguments.named.values()):
        given = interp.state.settle(one)
        if isinstance(given, Data) and given.kind in PICTURES:
            arrays.change(interp, given, Unknown())


def _makes_data(interp: Interpreter, dotted: str, arguments: Arguments) -> bool:
    """Whether a function on tensors is called on arrays, or on something that can only be one."""
    given = [interp.state.settle(one) for one in arguments.positional[:2]]
    if any(is_data(one) for one in given):
        return True
    return dotted in CONSTANTS or (dotted in ONE_HOT and not any(isinstance(one, Tensor) for one in given))


def _partial(_interp: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    shifted = {key - 1 if isinstance(key, int) else key: site for key, site in arguments.places.items() if key != 0}
    rest = Arguments(arguments.positional[1:], arguments.named, shifted, arguments.site, open=arguments.open)
    return Partial(arguments.positional[0], rest)


def _argmax(interp: Interpreter, arguments: Arguments) -> Value:
    given = interp.state.settle(first(interp, arguments))
    axis = arguments.get("axis", 1)
    if isinstance(given, Data):
        named = {"axis": axis} if axis is not None else {}
        return method(interp, given, "argmax", Arguments([], named, {}, arguments.site))
    training.note_decision(interp, given, "argmax", arguments.site, axis or NONE)
    return Unknown()


def _round(interp: Interpreter, arguments: Arguments) -> Value:
    given = interp.state.settle(first(interp, arguments))
    training.note_decision(interp, given, "threshold", arguments.site)
    return arrays.rounded(given) if isinstance(given, Data) else Unknown()


CALLS: Final[Mapping[str, Call]] = {
    "functools.partial": _partial,
    **dict.fromkeys(("copy.copy", "copy.deepcopy"), first),
    "numpy.argmax": _argmax,
    **dict.fromkeys(("numpy.rint", "numpy.round"), _round),
    **constructs.CALLS,
    **options.CALLS,
    **settings.CALLS,
}
"""Library names that are neither functions on tensors nor functions on arrays."""


# -- calls of objects and methods --------------------------------------------------------------------------------------


def call_object(interp: Interpreter, callee: Value, arguments: Arguments) -> Value:
    """Call an object: a layer or model on tensors, a loss on labels and predictions."""
    if isinstance(callee, KerasModel) or (isinstance(callee, Instance) and models.has_outputs(callee)):
        return models.call_model(interp, callee, arguments)
    if isinstance(callee, Instance):
        # neither the program nor the library says what calling it gives
        found = tensors.opaque(arguments.positional, arguments.site)
        return found if found.inputs else Unknown()
    if not isinstance(callee, Construct):
        return Unknown()
    loss = losses.by_class(callee.dotted)
    if loss is not None:
        return training.call_loss_object(interp, callee, loss, arguments)
    if metrics.by_class(callee.dotted) is not None:
        return training.update_metric(interp, callee, arguments)
    if spec_of(callee) is None:
        return Unknown()
    given = arguments.positional[0] if arguments.positional else arguments.named.get("inputs", Unknown())
    others = tuple(arguments.positional[1:])
    return models.call_layer(interp, callee, interp.state.settle(given), arguments.site, others)


def called_instance(interp: Interpreter, instance: Instance, arguments: Arguments, result: Value) -> Value:
    """What calling an object of the program gave; of a model, its outputs."""
    items, rest = interp.items_of(result) if isinstance(result, (Tuple, List)) else ((result,), False)
    if not models.is_model(instance) or items is None or rest:
        return result
    passed = tuple(_passed(one, instance, arguments) for one in items)
    return Tuple(passed) if isinstance(result, (Tuple, List)) else passed[0]


def _passed(output: Value, instance: Instance, arguments: Arguments) -> Value:
    if not isinstance(output, (Tensor, Choice)):
        return output
    inputs = (output, *arguments.positional)
    return Tensor("model", inputs, arguments.site, shape=shape_of(output), layer=instance)


def unknown_call(interp: Interpreter, callee: Unknown, arguments: Arguments) -> Value:
    """Call something that is not known. On a tensor it gives a tensor of unknown making."""
    name = callee.key[2] if isinstance(callee.key, tuple) and len(callee.key) == 3 and callee.key[0] == "attr" else ""
    if not name:
        _may_change(interp, arguments)
    column = columns.method(interp, callee.key, arguments) if name else None
    if column is not None:
        return column
    if name == "Choice" and len(arguments.positional) + len(arguments.named) >= 2:
        return _tuned(interp, arguments.get("values", 1) or Unknown(), arguments.site)
    if name == "Boolean":
        return Unknown(("u", "choice", id(arguments.site.node)))
    training.hand_on(arguments)
    escape((*arguments.positional, *arguments.named.values()))
    if any(isinstance(one, Tensor) for one in arguments.positional):
        return tensors.opaque(arguments.positional, arguments.site)
    if name in STATISTICS and not arguments.positional:
        # the same number whenever it is asked for
        given = tuple((one, key_of(value)) for one, value in arguments.named.items())
        return interp.unknown(("call", callee.key, *given))
    return Unknown()


def _tuned(interp: Interpreter, values: Value, site: Site) -> Value:
    """`hp.Choice(name, values)`: every value is possible."""
    items, rest = interp.items_of(values)
    if not items or rest:
        return Unknown()
    atom = ("pick", ("u", "choice", id(site.node)))
    return interp.state.choose([(frozenset({(atom, index)}), one) for index, one in enumerate(items)])


def method(interp: Interpreter, owner: Value, name: str, arguments: Arguments) -> Value:
    """Call a method that the program did not write."""
    if isinstance(owner, Super):
        return _super_method(interp, owner, name, arguments)
    if isinstance(owner, Data):
        if name == "argmax":
            training.note_decision(interp, owner, "argmax", arguments.site, arguments.get("axis", 0) or NONE)
        column = columns.of_array(interp, name, arguments) if owner.parts is None else None
        return column if column is not None else data.method(interp, owner, name, arguments)
    if isinstance(owner, (KerasModel, Instance)):
        return _handing_on(arguments, lambda: _model_method(interp, owner, name, arguments))
    if isinstance(owner, Construct):
        return _handing_on(arguments, lambda: _construct_method(interp, owner, name, arguments))
    if isinstance(owner, Tensor):
        return tensors.method(owner, name, arguments.site)
    if isinstance(owner, Version):
        return versions.method(owner, name, arguments)
    found = python.method(interp, owner, name, arguments)
    return found if found is not None else Unknown()


def _model_method(interp: Interpreter, owner: KerasModel | Instance, name: str, arguments: Arguments) -> Value:
    if models.is_model(owner):
        removal.note_member(interp, f"Model.{name}", arguments)
        if name in TAKING_OBSOLETE:
            constructs.note_obsolete(interp, name, arguments)
        found = models.method(interp, owner, name, arguments)
        if found is not None:
            return found
    if isinstance(owner, Instance) and name in {"__call__", "call"}:
        return interp.call_instance(owner, arguments)
    return Unknown()


def _construct_method(interp: Interpreter, owner: Construct, name: str, arguments: Arguments) -> Value:
    if owner.dotted == options.PARSER:
        return options.method(interp, owner, name, arguments)
    if owner.dotted.startswith("sklearn."):
        return encoders.method(interp, owner, name, arguments)
    if metrics.by_class(owner.dotted) is not None:
        removal.note_member(interp, f"Metric.{name}", arguments)
    if owner.dotted in generators.CLASSES:
        return pipelines.generator_method(interp, owner, name, arguments)
    if name == "update_state" and metrics.by_class(owner.dotted) is not None:
        return training.update_metric(interp, owner, arguments)
    return call_object(interp, owner, arguments) if name in {"call", "__call__"} else Unknown()


def _super_method(interp: Interpreter, owner: Super, name: str, arguments: Arguments) -> Value:
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


def has_methods(owner: Instance) -> bool:
    """Whether a library may give objects of this class methods of its own."""
    return any(isinstance(one, External) for one in owner.cls.ancestors())


# -- attributes, items, operators --------------------------------------------------------------------------------------


def attribute(interp: Interpreter, owner: Value, name: str, site: Site | None) -> Value | None:
    """`owner.name` of an object; `None` when it is not known, or a method."""
    if isinstance(owner, Unknown):
        return columns.attribute(interp, owner, name, site)
    if isinstance(owner, (KerasModel, Instance)):
        return models.attribute(interp, owner, name, site) if models.is_model(owner) else None
    if isinstance(owner, Data):
        return data.attribute(owner, name)
    if isinstance(owner, Tensor):
        return tensors.attribute(owner, name)
    if isinstance(owner, Version):
        return versions.member(owner, name)
    if isinstance(owner, Construct) and name in LEARNING_RATES:
        interp.state.write(owner.state, STEERED, NONE)
    if isinstance(owner, Construct) and spec_of(owner) is not None and site is not None:
        removal.note_read(interp, f"Layer.{name}", site.node)
    if isinstance(owner, Construct) and name in {"output", "input"}:
        return Tensor("opaque", (), site)
    return options.attribute(interp, owner, name) if isinstance(owner, Construct) else None


def item(interp: Interpreter, owner: Value, index: Value, site: Site) -> Value | None:
    """`owner[index]` of an array, data set, table or tensor."""
    if isinstance(owner, Data):
        return data.item(owner, index)
    if isinstance(owner, Unknown):
        return columns.item(interp, owner, index, site)
    if isinstance(owner, Version):
        return versions.item(owner, index)
    return tensors.item(owner, key_of(index), site) if isinstance(owner, Tensor) else None


def attribute_set(interp: Interpreter, owner: Object, name: str, value: Value, site: Site) -> None:
    """`owner.name = value`, which is kept already: what else it means."""
    training.attribute_set(interp, owner, name, value, site)


def item_set(interp: Interpreter, owner: Value, index: Value, value: Value, site: Site) -> Value | None:
    """`owner[index] = value` of something that is no list or dictionary; what it is then, if that is another value."""
    if isinstance(owner, External) and owner.dotted == settings.ENVIRONMENT:
        settings.note_environment(interp, index, value, site)
    elif isinstance(owner, Unknown):
        columns.item_set(interp, owner, index, value)
        return _replaced(owner, index, value, site)
    elif isinstance(owner, Data):
        return arrays.item_set(interp, owner, value, site)
    return None


def _replaced(owner: Unknown, index: Value, value: Value, site: Site) -> Value | None:
    """`y[y == 0] = -1` of something unknown: an array, and a negative number is in it."""
    match index:
        case Unknown(key=(("==" | "<" | ">" | "<=" | ">="), *compared)) if owner.key in compared:
            changed = arrays.overwritten(Data(), value, site)
            return changed if changed.low is not None else None
    return None


def arithmetic(interp: Interpreter, word: str, left: Value, right: Value, site: Site) -> Value:
    """An operator between tensors, arrays and numbers."""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return tensors.arithmetic(interp, word, left, right, site)
    return scaling.arithmetic(interp, word, left, right, site)


def negative(interp: Interpreter, value: Tensor | Data, site: Site) -> Value:
    """`-value` of an array or tensor."""
    if isinstance(value, Tensor):
        return tensors.make(interp, "neg", (value,), site)
    return scaling.arithmetic(interp, "*", value, Const(-1), site)


def quotient(left: Unknown, right: Value, site: Site) -> Value | None:
    """A quotient of unknowns that says what range it has."""
    return scaling.quotient(left, right, site)


def changed(interp: Interpreter, old: Value, new: Value) -> None:
    """`array /= 255`: whoever else holds the array holds what it is now."""
    if isinstance(old, Data):
        arrays.change(interp, old, new)


def compare(interp: Interpreter, word: str, left: Value, right: Value, site: Site) -> Value | None:
    """A comparison in which an array, a tensor or a version takes part."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Data):
            if word in {">", ">=", "<", "<="} and isinstance(other, Const):
                training.note_decision(interp, one, "threshold", site)
            return scaling.compare(one, other, site)
        if isinstance(one, Tensor) and word in {">", ">=", "<", "<=", "==", "!="}:
            return tensors.compare(interp, word, one, other, site)
    return versions.compare(word, left, right)


def take_apart(interp: Interpreter, value: Value, wanted: int) -> list[Value] | None:
    """Unpacking of a data set's element or of a tensor."""
    value = interp.state.settle(value)
    if isinstance(value, Data):
        return pipelines.take_apart(value, wanted)
    if isinstance(value, Tensor):
        return [tensors.item(value, ("part", at), value.site) for at in range(wanted)]
    return None


def iterate(value: Value) -> Iterable[Value] | None:
    """What a loop over a library object goes through."""
    return data.iterate(value) if isinstance(value, Data) else None


def enter_context(value: Value) -> Value:
    """What `with value as name` binds."""
    return value if isinstance(value, (Instance, Data)) else Unknown(("with", key_of(value)))

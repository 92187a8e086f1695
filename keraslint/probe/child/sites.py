"""Who made what, where: the calls of a program pass here, so that Keras objects are known by their construction site.

A call of Keras with a stand-in gets a number in its place; a call of anything else with one gives another stand-in.
What would train, load, draw or wait does nothing.
"""

from __future__ import annotations

import argparse
import builtins
import contextlib
import functools
import importlib
import inspect
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any, Callable

import numpy

from . import older, program, stand_ins
from .stand_ins import StandIn, holds

Site = list[Any]
"""Path, line, column, end line, end column."""

KERAS = re.compile(r"^(keras|tf_keras|keras_core|tensorflow\.keras|tensorflow\.python\.keras)(\.|$)")
"""Modules of Keras itself."""

OF_THE_MODEL = re.compile(
    r"[\\/](tf_)?keras[\\/](\w+[\\/])*"
    r"(layers|models|ops|optimizers|losses|metrics|trainers|backend|activations|initializers|regularizers|engine|"
    r"constraints|quantizers|dtype_policies|random|tree)\b"
)
"""Files of Keras in which an error is about the model."""

ABSENT_MODEL_PARTS = re.compile(
    r"keras(\.\w+)*\.(layers|models|optimizers|losses|activations|initializers|regularizers|engine|backend|ops|metrics)"
)
"""Names of Keras without which a model cannot be what it says."""

DOES_NOTHING = {
    *("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch", "fit_generator"),
    *("evaluate_generator", "predict_generator", "predict_classes", "predict_proba", "save", "save_weights", "adapt"),
    *(
        "load_weights",
        "to_json",
        "to_yaml",
        "summary",
        "export",
        "set_weights",
        "load_own_variables",
        "apply_gradients",
    ),
    *("minimize", "get_weights", "reset_states", "reset_state", "save_own_variables", "apply", "search"),
}
"""Methods of Keras objects that are not run: they train, print, or touch files."""

MAKES = {"add", "build", "__init__", "__call__", "call", "add_weight", "add_loss", "add_metric", "from_config"}
"""Methods of Keras objects whose failure is the model's."""

FUNCTIONS_THAT_DO_NOTHING = {
    *("plot_model", "save_model", "load_model", "get_file", "model_to_dot", "print_summary", "load_weights"),
    *("model_from_json", "model_from_yaml", "load_data", "image_dataset_from_directory"),
    *("text_dataset_from_directory", "audio_dataset_from_directory", "load_img", "save_img", "disable_eager_execution"),
    *("disable_v2_behavior", "enable_eager_execution", "set_session", "experimental_connect_to_cluster"),
    *("initialize_tpu_system", "set_logical_device_configuration", "set_visible_devices", "set_memory_growth"),
    *("experimental_run_functions_eagerly", "run_functions_eagerly"),
}
"""Functions of Keras and TensorFlow that are not run."""

HARMLESS = {("time", "sleep"), ("builtins", "print"), ("builtins", "input"), ("builtins", "help")}

STRATEGIES = re.compile(r"(Strategy|StrategyV1)$")

PASSES = {
    *(
        isinstance,
        issubclass,
        type,
        id,
        getattr,
        setattr,
        hasattr,
        delattr,
        callable,
        zip,
        enumerate,
        map,
        filter,
        iter,
    ),
    *(next, dict, tuple, property, staticmethod, classmethod, object, repr, functools.partial, functools.wraps, slice),
    *(hash, reversed, any, all),
}
"""What a stand-in goes through as any value does."""


class TooLong(BaseException):
    """A loop that does not come to an end."""


class Absent(ImportError):
    """A part of Keras that this Keras does not have."""


@dataclass
class Compile:
    """One call of `compile`: its site and what it was given, by the names of the parameters."""

    site: Site | None
    ordinal: int
    arguments: dict[str, Any]
    stood_in: list[str]


@dataclass
class Built:
    """A model that a program built, and what is known of how."""

    model: Any
    site: Site | None
    ordinal: int
    compile: Compile | None = None
    layer_sites: dict[int, tuple[Site, int]] = field(default_factory=dict)
    """By `id` of a layer: where it was made, and as the how manieth there."""
    stood_in: list[str] = field(default_factory=list)
    """What stood in for data on the way to this model, as `num_classes.units`."""
    layer_stood_in: dict[int, list[str]] = field(default_factory=dict)
    """By `id` of a layer: the parameters of it that a stand-in was given for, as `num_classes.units`."""
    rows: Any | None = None
    """For a model without symbolic inputs: what it was called on, as a structure of arrays."""
    given: tuple[Any, Any] | None = None
    """Inputs and labels of the user."""


@dataclass
class Failure:
    """An error of Keras's at a line of the program."""

    error: BaseException
    site: Site | None
    vital: bool
    stood_in: list[str]

    @property
    def told(self) -> tuple[Site | None, str]:
        """What is the same for two failures of one thing."""
        return self.site, str(self.error)[:200]


class Registry:
    """The objects of Keras that a program made, in the order in which they were made. They are kept alive."""

    def __init__(self) -> None:
        self.made: dict[int, Any] = {}
        self.sites: dict[int, tuple[Site, int]] = {}
        self.stood_in: dict[int, list[str]] = {}
        self.compiles: dict[int, list[Compile]] = {}
        self.broken: set[int] = set()
        self.rows: dict[int, Any] = {}
        self.failures: list[Failure] = []
        self.notes: list[tuple[str, Site | None]] = []
        self._count: dict[tuple[Any, ...], int] = {}

    def add(self, made: Any, site: Site, stood_in: list[str]) -> None:
        """An object of Keras made by a call of the program; what an inner call made already is known by that one."""
        if id(made) in self.sites:
            return
        self.made[id(made)] = made
        self.sites[id(made)] = (site, self.next(site))
        if stood_in:
            self.stood_in.setdefault(id(made), []).extend(stood_in)

    def fail(self, failure: Failure) -> None:
        """The failure of a model, each told once."""
        told = (failure.site, str(failure.error)[:200])
        if all(
            known.error is not failure.error and told != (known.site, str(known.error)[:200]) for known in self.failures
        ):
            self.failures.append(failure)

    def note(self, text: str, site: Site | None) -> None:
        """Something that is told, once."""
        if (text, site) not in self.notes:
            self.notes.append((text, site))

    def keep(self, made: Any) -> None:
        self.made.setdefault(id(made), made)

    def next(self, site: Site) -> int:
        """The ordinal of what is made at a site now."""
        key = tuple(site)
        self._count[key] = self._count.get(key, -1) + 1
        return self._count[key]


# --- what Keras is ----------------------------------------------------------------------------------------------------


class Kinds:
    """The base classes of the Kerases that are imported, looked up again when another one is."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self.layers: tuple[type, ...] = ()
        self.models: tuple[type, ...] = ()

    def refresh(self) -> None:
        for name in ("keras", "tf_keras"):
            package = sys.modules.get(name)
            if name in self._seen or package is None or not hasattr(package, "Model"):
                continue
            self._seen.add(name)
            self.layers += (package.layers.Layer,)
            self.models += (package.Model,)

    def is_layer(self, value: Any) -> bool:
        self.refresh()
        return isinstance(value, self.layers)

    def is_model(self, value: Any) -> bool:
        self.refresh()
        return isinstance(value, self.models)

    def is_layer_class(self, value: type) -> bool:
        self.refresh()
        return issubclass(value, self.layers)


KINDS = Kinds()


def is_symbolic(value: Any) -> bool:
    """Whether a value is a tensor of a model in the making."""
    return type(value).__name__ in ("KerasTensor", "SymbolicTensor", "RaggedKerasTensor", "SparseKerasTensor") or (
        hasattr(value, "_keras_history")
    )


def any_symbolic(value: Any) -> bool:
    """Whether there is such a tensor in a value."""
    if isinstance(value, (list, tuple)):
        return any(any_symbolic(item) for item in value[:64])
    if isinstance(value, dict):
        return any(any_symbolic(item) for item in value.values())
    return not isinstance(value, (StandIn, str, int, float)) and is_symbolic(value)


def is_keras(module: Any) -> bool:
    """Whether a module is one of Keras."""
    return isinstance(module, str) and KERAS.match(module) is not None


def of_the_model(error: BaseException) -> bool:
    """Whether an error was raised by the part of Keras that makes models."""
    if isinstance(error, AttributeError) and ABSENT_MODEL_PARTS.search(str(error)) and "module '" in str(error):
        return True
    trace = error.__traceback__
    while trace is not None:
        if OF_THE_MODEL.search(trace.tb_frame.f_code.co_filename):
            return True
        trace = trace.tb_next
    return False


@functools.cache
def _signature(called: Any) -> inspect.Signature | None:
    try:
        if not isinstance(called, type):
            return inspect.signature(called)
        # Some classes of Keras pass everything through `__new__`, which tells nothing.
        found = inspect.signature(called.__init__)  # type: ignore[misc]
        return found.replace(parameters=list(found.parameters.values())[1:])
    except (TypeError, ValueError):
        return None


def signature(called: Any) -> inspect.Signature | None:
    """The parameters of something, None where it does not tell."""
    try:
        return _signature(called)
    except TypeError:  # not hashable
        return None


# --- at the border of Keras -------------------------------------------------------------------------------------------

LEFT_OUT: Any = object()


class Border:
    """Turns the arguments of a call of Keras into ones without stand-ins, and remembers which."""

    def __init__(self, called: Any, site: Site) -> None:
        self.called = called
        self.signature = signature(called)
        self.site = site
        self.stood_in: list[str] = []

    def arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        given: list[Any] = []
        names = [] if self.signature is None else list(self.signature.parameters.values())
        later = dict(kwargs)
        for index, value in enumerate(args):
            parameter = names[index] if index < len(names) else (names[-1] if names else None)
            plain = self.value(value, parameter.name if parameter else "", parameter) if holds(value) else value
            if plain is not LEFT_OUT:
                given.append(plain)
                continue
            # What follows the argument that is left out goes by name.
            for rest, following in zip(args[index + 1 :], names[index + 1 :]):
                later[following.name] = rest
            break
        result: dict[str, Any] = {}
        for name, value in later.items():
            if not isinstance(name, str):
                continue
            if not holds(value):
                result[name] = value
                continue
            parameter = self.signature.parameters.get(name) if self.signature else None
            plain = self.value(value, name, parameter)
            if plain is not LEFT_OUT:
                result[name] = plain
        return tuple(given), result

    def note(self, value: StandIn, parameter: str) -> None:
        self.stood_in.append(stand_ins.choices().note(stand_ins.path_of(value), parameter))

    def value(self, value: Any, name: str, parameter: Any = None) -> Any:
        """A value without stand-ins for a parameter, or LEFT_OUT."""
        if isinstance(value, StandIn):
            return self._whole(value, name, parameter)
        if isinstance(value, (list, tuple)):
            return self._items(value, name)
        if isinstance(value, dict):
            made = {key: self.value(item, str(key)) if holds(item) else item for key, item in value.items()}
            return {key: item for key, item in made.items() if item is not LEFT_OUT}
        return LEFT_OUT

    def _whole(self, value: StandIn, name: str, parameter: Any) -> Any:
        if name in ("layer", "layers"):
            self.note(value, "layer")
            return identity(self.called)
        self.note(value, name)
        if value._value is not stand_ins.NOTHING:
            return value._value
        if name in stand_ins.SHAPE_PARAMETERS:
            return stand_ins.shape(value, name)
        if name in stand_ins.NUMBERS:
            return fitting(stand_ins.number(value, name), name)
        required = parameter is not None and parameter.default is inspect.Parameter.empty
        if parameter is None or not required or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            return LEFT_OUT
        found = stand_ins.number(value, name)
        return 2 if found is stand_ins.NOTHING else found

    def _items(self, values: Any, name: str) -> Any:
        made: list[Any] = []
        for position, item in enumerate(values):
            if not holds(item):
                made.append(item)
            elif isinstance(item, StandIn) and name in stand_ins.SHAPE_PARAMETERS:
                self.note(item, name)
                made.append(stand_ins.side(item, position, len(values), name))
            else:
                plain = self.value(item, name)
                if plain is not LEFT_OUT:
                    made.append(plain)
        if name == "weights" and len(made) < len(values):
            return LEFT_OUT
        return type(values)(made) if type(values) in (list, tuple) else made


def fitting(found: Any, name: str) -> Any:
    """The number as the parameter wants it."""
    usual = stand_ins.NUMBERS[name]
    if isinstance(found, (list, tuple)):
        return found
    if not isinstance(found, (int, float)) or isinstance(found, bool):
        return usual
    if isinstance(usual, int):
        return int(found) if name == "axis" else max(int(found), 2 if usual > 1 else 1)
    return found if 0 <= found < 1 else usual


def identity(called: Any) -> Any:
    """A layer that changes nothing, of the Keras that is called."""
    owner = getattr(called, "__self__", called)
    module = (owner if isinstance(owner, type) else type(owner)).__module__.split(".")[0]
    name = module if module in ("keras", "tf_keras") else "keras"
    return sys.modules[name].layers.Activation("linear")


def forget(clear_session: Callable[..., Any]) -> None:
    """Starts the names of layers anew, without the search for garbage that takes longer than a small model."""
    try:
        clear_session(free_memory=False)
    except TypeError:  # Keras 2
        clear_session()
    except Exception:
        return


# --- the calls --------------------------------------------------------------------------------------------------------


class Run:
    """One attempt at running a program: its files and what they made."""

    def __init__(self, deadline: float | None = None) -> None:
        self.registry = Registry()
        self.codes: set[str] = set()
        self.endless: set[tuple[str, int]] = set()
        self.depth = 0  # how many calls of Keras are going on
        self.modules: set[str] = {"__main__"}
        self.deadline = deadline
        self.renamed: Sequence[Mapping[str, Any]] = ()
        self.older: list[str] = []  # names of an older Keras that were taken for those of today
        self.import_module: Callable[..., Any] = importlib.import_module


class File:
    """One file of the program: the functions that are woven into its code."""

    def __init__(self, run: Run, path: str, name: str, places: list[program.Place]) -> None:
        self.run = run
        self.path = path
        self.name = name
        self.places = places
        self.turns: dict[int, tuple[int, float, int]] = {}
        run.codes.add(path)
        run.modules.add(name)

    def woven(self) -> dict[str, Any]:
        """The functions by the names under which the code calls them."""
        return {
            program.CALL: self.call,
            program.UNPACK: unpack,
            program.NAMED: named,
            program.EACH: self.each,
            program.TEST: test,
            program.TURN: self.turn,
            program.ENTER: self.enter,
            program.ATTEMPT: self.attempt,
            program.CAUGHT: self.caught,
            program.STAND: self.stand,
            program.ABSENT: self.absent,
            program.OPERATE: self.operate,
            program.ATTRIBUTE: self.attribute,
            program.ITEM: self.item,
        }

    def site(self, number: int) -> Site:
        place = self.places[number]
        return [self.path, place.line, place.column, place.end_line, place.end_column]

    # --- a call ---

    def call(self, number: int, called: Any) -> Any:
        """What is to be called in place of something: mostly that itself."""
        kind = type(called)
        if kind is FunctionType:
            if called.__code__.co_filename in self.run.codes:
                return called
            if is_keras(called.__module__):
                return functools.partial(self._keras_function, number, called)
            return functools.partial(self._foreign, number, called)
        if kind is MethodType:
            return self._method(number, called)
        if kind is StandIn:
            return functools.partial(self._unknown, number, called)
        if isinstance(called, type):
            return self._class(number, called)
        if kind in (BuiltinFunctionType, BuiltinMethodType):
            return self._builtin(number, called)
        if KINDS.is_layer(called):
            return functools.partial(self._layer_call, number, called)
        if kind is functools.partial:
            return functools.partial(self.call(number, called.func), *called.args, **called.keywords)
        if is_keras(kind.__module__):
            return functools.partial(self._keras_object, number, called)
        if kind.__module__ in self.run.modules:
            return called
        return functools.partial(self._foreign, number, called)

    def _class(self, number: int, called: type) -> Any:
        if called in PASSES:
            return called
        if KINDS.is_layer_class(called):
            ours = called.__module__ in self.run.modules
            return functools.partial(self._construct, number, called, ours)
        if called.__module__ in self.run.modules:
            return called
        if is_keras(called.__module__):
            if (
                "callbacks" in called.__module__
                or "legacy" in called.__module__
                or "preprocessing" in called.__module__
            ):
                return functools.partial(self._foreign, number, called)
            return functools.partial(self._construct, number, called, False)
        return functools.partial(self._foreign, number, called)

    def _method(self, number: int, called: Any) -> Any:
        owner, function = called.__self__, called.__func__
        code = getattr(function, "__code__", None)
        if code is not None and code.co_filename in self.run.codes:
            return called
        if KINDS.is_layer(owner) or is_keras(type(owner).__module__) or is_keras(getattr(called, "__module__", "")):
            if called.__name__ in DOES_NOTHING and not isinstance(owner, type):
                return functools.partial(self._nothing, number, owner, called)
            return functools.partial(self._keras_method, number, owner, called)
        if called.__name__ in ("parse_args", "parse_known_args") and isinstance(owner, argparse.ArgumentParser):
            return functools.partial(_arguments, owner, called.__name__)
        return functools.partial(self._foreign, number, called)

    def _builtin(self, number: int, called: Any) -> Any:
        if (called.__module__, called.__name__) in HARMLESS:
            return functools.partial(self._harmless, number, called)
        owner = getattr(called, "__self__", None)
        if called in PASSES or isinstance(owner, (list, dict, set, str, tuple)):
            return called
        return functools.partial(self._foreign, number, called)

    def _construct(self, number: int, called: Any, ours: bool, /, *args: Any, **kwargs: Any) -> Any:
        """A layer, a model, an optimizer, a loss."""
        site = self.site(number)
        stood_in: list[str] = []
        if not ours and self.run.renamed:
            kwargs = older.arguments(called, kwargs, self.run.renamed)
        if not ours and holds((args, kwargs)):
            if _is_functional(called) and holds([*args[:2], kwargs.get("inputs"), kwargs.get("outputs")]):
                self.run.registry.note("a model between tensors that come from data", site)
                return StandIn(self.places[number].text)
            if called.__name__ == "Sequential" and isinstance(kwargs.get("layers", *args[:1] or (None,)), StandIn):
                return StandIn(self.places[number].text)  # the layers of a model from a file
            border = Border(called, site)
            args, kwargs = border.arguments(args, kwargs)
            stood_in = border.stood_in
        made = self._guard(number, called, args, kwargs, stood_in)
        if KINDS.is_layer(made):
            self.run.registry.add(made, site, stood_in)
        elif stood_in:
            self.run.registry.keep(made)
            self.run.registry.stood_in.setdefault(id(made), []).extend(stood_in)
        return made

    def _keras_function(self, number: int, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        name, module = called.__name__, called.__module__
        site = self.site(number)
        if name in FUNCTIONS_THAT_DO_NOTHING or ".datasets" in module:
            return StandIn(self.places[number].text)
        if name == "clear_session":
            return forget(called)
        stood_in: list[str] = []
        pretrained = ".applications." in module
        if pretrained and kwargs.get("weights", "imagenet") is not None and "weights" in _names(called):
            kwargs = {**kwargs, "weights": None}
            if kwargs.get("include_top", True) is False:
                kwargs.pop("classes", None)
        if holds((args, kwargs)):
            if not pretrained and name != "Input" and not any_symbolic((args, kwargs)):
                return StandIn(self.places[number].text)
            border = Border(called, site)
            args, kwargs = border.arguments(args, kwargs)
            stood_in = border.stood_in
        if not (pretrained or name == "Input" or any_symbolic((args, kwargs))):
            made = self._run(number, called, args, kwargs)
        else:
            made = self._guard(number, called, args, kwargs)
        if KINDS.is_layer(made):
            self.run.registry.add(made, site, stood_in)
        elif name == "Input":
            layer = _operation(made)
            if layer is not None:
                self.run.registry.add(layer, site, stood_in)
        return made

    def _keras_method(self, number: int, owner: Any, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        name = called.__name__
        registry = self.run.registry
        if name == "compile" and KINDS.is_model(owner):
            return self._compile(number, owner, called, args, kwargs)
        if name in ("register", "scope"):
            return called(*args, **kwargs)
        stood_in: list[str] = []
        if holds((args, kwargs)):
            if name == "call" or (name not in ("add", "add_weight", "build", "__init__") and not any_symbolic(args)):
                return StandIn(self.places[number].text)
            border = Border(called, self.site(number))
            args, kwargs = border.arguments(args, kwargs)
            stood_in = border.stood_in
            if stood_in and KINDS.is_layer(owner):
                registry.stood_in.setdefault(id(owner), []).extend(stood_in)
        if name not in MAKES:
            return self._run(number, called, args, kwargs)
        try:
            made = self._guard(number, called, args, kwargs, stood_in)
        except Exception:
            if name in ("add", "build", "__init__"):
                registry.broken.add(id(owner))
            raise
        if KINDS.is_layer(made) and made is not owner:
            registry.add(made, self.site(number), stood_in)
        return made

    def _compile(self, number: int, owner: Any, called: Any, args: Any, kwargs: Any) -> Any:
        site = self.site(number)
        border = Border(called, site)
        args, kwargs = border.arguments(args, kwargs)
        found = signature(called)
        try:
            arguments = dict(found.bind_partial(*args, **kwargs).arguments) if found else dict(kwargs)
        except TypeError:
            arguments = dict(kwargs)
        for parameter in list(arguments):
            if (
                found
                and parameter in found.parameters
                and found.parameters[parameter].kind is inspect.Parameter.VAR_KEYWORD
            ):
                arguments.update(arguments.pop(parameter))
        stood_in = [use for value in arguments.values() for use in self.run.registry.stood_in.get(id(value), [])]
        record = Compile(site, self.run.registry.next(site), arguments, [*border.stood_in, *stood_in])
        made = self._guard(number, called, args, kwargs, record.stood_in)
        self.run.registry.compiles.setdefault(id(owner), []).append(record)
        return made

    def _layer_call(self, number: int, layer: Any, /, *args: Any, **kwargs: Any) -> Any:
        if holds((args, kwargs)):
            if any(holds(item) for item in args[:1]) or not any_symbolic(args):
                if KINDS.is_model(layer):
                    self.run.registry.rows.setdefault(id(layer), None)
                return StandIn(self.places[number].text)
            border = Border(layer, self.site(number))
            border.signature = signature(layer.call)
            args, kwargs = border.arguments(args, kwargs)
        if self.run.depth or any_symbolic((args, kwargs)):
            return self._guard(number, layer, args, kwargs)
        if not KINDS.is_model(layer):
            return self._run(number, layer, args, kwargs)  # data that is made ready, not a model in the making
        made = self._guard(number, layer, args, kwargs)
        if args:
            self.run.registry.rows[id(layer)] = _rows(args[0])
        return made

    def _keras_object(self, number: int, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A loss, a metric, an initializer that is called."""
        if holds((args, kwargs)):
            return StandIn(self.places[number].text)
        return self._run(number, called, args, kwargs)

    def _nothing(self, number: int, owner: Any, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        if called.__name__ == "adapt":
            return self._adapt(number, owner, called, args, kwargs)
        if called.__name__ in ("fit", "train_on_batch", "predict", "evaluate") and args:
            self.run.registry.rows.setdefault(id(owner), _rows(args[0]))
        return StandIn(self.places[number].text)

    def _adapt(self, number: int, owner: Any, called: Any, args: Any, kwargs: Any) -> Any:
        """A layer that learns from the data before the training does it from made-up data."""
        if holds((args, kwargs)):
            data = next((item for item in (*args, *kwargs.values()) if isinstance(item, StandIn)), None)
            path = "data" if data is None else stand_ins.path_of(data)
            use = stand_ins.choices().note(path, "adapt")
            self.run.registry.stood_in.setdefault(id(owner), []).append(use)
            args, kwargs = (_to_adapt_to(owner, data),), {}
        return self._run(number, called, args, kwargs)

    def _harmless(self, number: int, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        return StandIn(self.places[number].text) if called is builtins.input else None

    def _unknown(self, number: int, called: StandIn, /, *args: Any, **kwargs: Any) -> Any:
        how = called._how
        while how is not None and how[0] in ("attribute", "same"):
            how = how[1]._how
        if how is not None and how[0] == "absent" and how[1]:
            error = Absent(how[1])
            raise mark(error, how[2])
        return named(self.places[number].text or stand_ins.path_of(called), called(*args, **kwargs))

    def _foreign(self, number: int, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Something that is neither of the program nor of Keras."""
        name = getattr(called, "__name__", "")
        if holds((args, kwargs)):
            special = SPECIAL.get(called) if isinstance(called, (type, BuiltinFunctionType)) else None
            if special is not None:
                return special(*args, **kwargs)
            if not any_symbolic((args, kwargs)):
                return StandIn(self.places[number].text)
            border = Border(called, self.site(number))
            args, kwargs = border.arguments(args, kwargs)
        elif name in FUNCTIONS_THAT_DO_NOTHING:
            return StandIn(self.places[number].text)
        elif isinstance(called, type) and STRATEGIES.search(name) and "distribute" in called.__module__:
            tensorflow = sys.modules["tensorflow"]
            return tensorflow.distribute.get_strategy()
        made = self._run(number, called, args, kwargs)
        if KINDS.is_layer(made):
            self.run.registry.add(made, self.site(number), [])
        return made

    def _run(self, number: int, called: Any, args: Any, kwargs: Any) -> Any:
        """Calls something whose failure is a matter of data: its result is not known then."""
        place = self.places[number]
        try:
            return called(*args, **kwargs)
        except (Exception, SystemExit) as error:
            if place.guarded or marked(error) or isinstance(error, StopIteration):
                raise
            if any_symbolic((args, kwargs)) and of_the_model(error):
                raise mark(error, self.site(number))  # noqa: B904
            return StandIn(place.text, stand_ins.FAILED if any_symbolic((args, kwargs)) else None)

    def _guard(self, number: int, called: Any, args: Any, kwargs: Any, stood_in: Sequence[str] = ()) -> Any:
        """Calls Keras: what it raises is the model's own failure, at this place unless an inner one is known."""
        self.run.depth += 1
        try:
            return called(*args, **kwargs)
        except OSError:  # a file that is not there
            if self.places[number].guarded:
                raise
            return StandIn(self.places[number].text)
        except Exception as error:
            if not marked(error) and OF_THE_CALL.search(str(error)):
                error.__dict__[USES] = list(stood_in)
            raise mark(error, self.site(number))  # noqa: B904
        finally:
            self.run.depth -= 1

    def attribute(self, number: int, owner: Any, name: str) -> Any:
        """An attribute; where the thing is foreign and has none by this name, a stand-in."""
        try:
            return getattr(owner, name)
        except AttributeError:
            module = getattr(owner, "__name__", "") if isinstance(owner, ModuleType) else type(owner).__module__
            if isinstance(owner, ModuleType) and older.is_of_keras(module) and not self.places[number].guarded:
                with contextlib.suppress(older.Nothing):
                    return self._meant(module, name)
            if self.places[number].guarded or is_keras(module) or "keras" in str(module) or KINDS.is_layer(owner):
                raise
            return StandIn(self.places[number].text)

    def item(self, number: int, owner: Any, index: Any) -> Any:
        """An item; one that is not in a container is a stand-in."""
        try:
            return owner[index]
        except (KeyError, IndexError):
            if self.places[number].guarded or type(owner).__module__ in self.run.modules:
                raise
            return StandIn(self.places[number].text)

    # --- loops and conditions ---

    def each(self, number: int, pattern: Any, values: Any) -> Iterator[Any]:
        """The items of something, each fit for the target. A loop that makes nothing ends after a while."""
        if isinstance(values, StandIn) and isinstance(pattern, str):
            for index, item in enumerate(values):
                yield StandIn(f"{pattern}[{index}]" if index else pattern, ("same", item))
            return
        if number >= 0 and (self.path, self.places[number].line) in self.run.endless:
            raise TooLong("a loop that makes no model")
        begun, made = time.thread_time(), len(self.run.registry.made)
        for index, item in enumerate(values):
            yield item if isinstance(pattern, str) else unpack(pattern, item)
            if index % 16 == 15 or time.thread_time() - begun > LOOP_SECONDS:
                now = len(self.run.registry.made)
                if now != made:
                    begun, made = time.thread_time(), now
                elif time.thread_time() - begun > LOOP_SECONDS:
                    raise TooLong("a loop that makes no model")

    def enter(self, number: int) -> None:
        """Before a `while`."""
        self.turns[number] = (0, time.thread_time(), len(self.run.registry.made))

    def turn(self, number: int, value: Any) -> bool:
        """The condition of a `while`."""
        count, begun, made = self.turns.get(number, (0, time.thread_time(), 0))
        now = len(self.run.registry.made)
        if now != made:
            begun, made = time.thread_time(), now
        self.turns[number] = (count + 1, begun, made)
        if isinstance(value, StandIn):
            stand_ins.choices().decide(stand_ins.path_of(value))
            return count < stand_ins.TURNS
        if time.thread_time() - begun > LOOP_SECONDS:
            raise TooLong("a loop that makes no model")
        return bool(value)

    def attempt(self, number: int, made: Callable[[], Any]) -> Any:
        """The value of an expression, a stand-in if it has none."""
        try:
            value = made()
        except (Exception, SystemExit) as error:
            if marked(error) or of_the_model(error):
                raise
            return StandIn(self.places[number].text)
        if not hasattr(type(value), "__enter__"):
            return StandIn(self.places[number].text)
        return value

    # --- errors ---

    def caught(self, number: int) -> bool:
        """Whether the error of a statement goes on; if not, its targets become stand-ins."""
        error = sys.exc_info()[1]
        place = self.places[number]
        if error is None or isinstance(error, (KeyboardInterrupt, GeneratorExit, MemoryError)):
            return True
        if isinstance(error, TooLong):
            self.run.endless.add((self.path, place.line))
            return False
        if isinstance(error, SystemExit):
            return False
        if not marked(error) and (place.vital or of_the_model(error)):
            mark(error, self.where(error, number), vital=place.vital)
        if not marked(error):
            return False
        for name in place.adds:
            self.run.registry.broken.add(id(_lookup(name, sys._getframe(1))))
        if not place.top:
            return True
        self.fail(error, place.vital)
        return False

    def where(self, error: BaseException, number: int) -> Site:
        """The innermost place of the program in an error's trace, else that of the statement."""
        return innermost(error, self.run.codes) or self.site(number)

    def fail(self, error: BaseException, vital: bool = False) -> None:
        """Records the failure of a model, once."""
        self.run.registry.fail(Failure(error, getattr(error, MARK), vital, [*uses(error), *self.run.older]))

    def _meant(self, module: str, attribute: str | None) -> Any:
        """What a name of an older Keras means today. An error behind it may be one of ours in taking it so."""
        found = older.meant(module, attribute)
        name = module if attribute is None else f"{module}.{attribute}"
        if name not in self.run.older:
            self.run.older.append(name)
        return found

    def stand(self, name: str, number: int) -> Any:
        """What a statement that failed leaves in its target."""
        return StandIn(name, stand_ins.FAILED if marked(sys.exc_info()[1]) else None)

    def operate(self, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic between tensors of a model and stand-ins takes these for one, and remembers it.

        What stands in for a part of the model that failed is no number: there is no model then.
        """
        work = getattr(_OPERATORS, operator)
        stands = [isinstance(side, StandIn) for side in (left, right)]
        if stands not in ([True, False], [False, True]) or not is_symbolic(right if stands[0] else left):
            return work(left, right)
        unknown = left if stands[0] else right
        if stand_ins.failed(unknown):
            return StandIn(stand_ins.path_of(unknown), stand_ins.FAILED)
        use = stand_ins.choices().note(stand_ins.path_of(unknown), "operand")
        made = work(*(1.0 if stand else side for stand, side in zip(stands, (left, right))))
        made_by = _operation(made)
        if made_by is not None:
            self.run.registry.keep(made_by)
            self.run.registry.stood_in.setdefault(id(made_by), []).append(use)
        return made

    def absent(self, number: int, module: str, attribute: str | None, level: int) -> Any:
        """What an import that failed gives for one name."""
        name = ("." * level) + module
        package = self.name.rpartition(".")[0] or None
        try:
            found = self.run.import_module(name, package) if level else self.run.import_module(name)
            return found if attribute is None else getattr(found, attribute)
        except (Exception, SystemExit) as error:
            if older.is_of_keras(module):
                with contextlib.suppress(older.Nothing):
                    return self._meant(module, attribute)
            reason = ""
            full = module if attribute is None else f"{module}.{attribute}"
            if module.split(".")[0] in ("keras", "tf_keras", "tensorflow", "keras_core") and (
                ABSENT_MODEL_PARTS.search(full) or full in ("keras", "tensorflow", "tf_keras")
            ):
                reason = f"cannot import name {attribute!r} from {module!r}" if attribute else str(error)
                if isinstance(error, ModuleNotFoundError):
                    reason = str(error)
            return StandIn(attribute or module, ("absent", reason, self.site(number)))


LOOP_SECONDS = 1.0
"""How long a loop may go on, on the processor, without making a part of a model."""

MARK = "_keraslint_site_"
USES = "_keraslint_uses_"

OF_THE_CALL = re.compile(
    r"unexpected keyword argument|nrecognized keyword argument|not recognized|positional arguments? but|"
    r"missing \d+ required|not understood|Could not interpret|got multiple values"
)
"""Errors about the arguments of a call and nothing else."""


def mark(error: BaseException, site: Site, vital: bool = False) -> BaseException:
    """Says of an error where in the program a model failed."""
    if not hasattr(error, MARK):
        try:
            setattr(error, MARK, site)
        except Exception:  # an exception with slots
            wrapped = RuntimeError(str(error))
            setattr(wrapped, MARK, site)
            return wrapped
    return error


def uses(error: BaseException) -> list[str]:
    """The stand-ins that an error may come from: those of the call itself where it is about its arguments, else all."""
    if isinstance(error, Absent):
        return []
    choices = stand_ins.choices()
    found = getattr(error, USES, None)
    return [*choices.used, *choices.decisions] if found is None else list(found)


def marked(error: BaseException | None) -> bool:
    """Whether an error is known to be the failure of a model."""
    return hasattr(error, MARK)


def innermost(error: BaseException, codes: set[str]) -> Site | None:
    """The innermost frame of an error that is of the program."""
    found: Site | None = None
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename in codes:
            found = [code.co_filename, trace.tb_lineno, None, None, None]
            positions = getattr(code, "co_positions", None)
            if positions is not None:
                line, end_line, column, end_column = list(positions())[trace.tb_lasti // 2]
                found = [code.co_filename, line, column, end_line, end_column]
        trace = trace.tb_next
    return found


def _lookup(name: str, frame: Any) -> Any:
    """The value of a dotted name in a frame."""
    first, *rest = name.split(".")
    value = frame.f_locals.get(first)
    for part in rest:
        value = getattr(value, part, None)
    return value


def _is_functional(called: type) -> bool:
    """Whether a class makes models from their inputs and outputs."""
    return (
        KINDS.is_layer_class(called)
        and any(kind.__name__ == "Model" for kind in called.__mro__)
        and (all(kind.__name__ != "Sequential" for kind in called.__mro__))
    )


def _names(called: Any) -> Any:
    found = signature(called)
    return found.parameters if found else {}


def _rows(value: Any) -> Any:
    """Data that a model is trained on, if it is there: a few rows of it."""
    if holds(value):
        return None
    if isinstance(value, (list, tuple)):
        made = [_rows(item) for item in value]
        return None if any(item is None for item in made) else made
    if hasattr(value, "shape") and hasattr(value, "dtype") and len(getattr(value, "shape", ())) > 0:
        return value[:2]
    return None


def _to_adapt_to(layer: Any, data: StandIn | None) -> Any:
    """Data from which a layer of text, ids or numbers can learn."""
    kind = type(layer).__name__
    if kind in ("TextVectorization", "StringLookup", "Hashing"):
        return numpy.array(["one two three", "four five six"] if kind == "TextVectorization" else ["one", "two"])
    if kind == "IntegerLookup":
        return numpy.array([1, 2, 3])
    if data is None:
        return numpy.linspace(0, 1, 8)
    sides = stand_ins.shape(StandIn(f"{stand_ins.path_of(data)}.shape", ("attribute", data, "shape")), "")
    return numpy.random.default_rng(0).normal(size=[8, *(side or 1 for side in sides[1:])]).astype("float32")


def unpack(pattern: Any, value: Any) -> Any:
    """A value that can be assigned to a nested target."""
    if isinstance(value, StandIn):
        return tuple(
            unpack(item, value[index])
            if isinstance(item, tuple)
            else ([value[index]] if item.startswith("*") else stand_ins.named(value[index], item))
            for index, item in enumerate(pattern)
        )
    if any(isinstance(item, tuple) for item in pattern) and isinstance(value, (list, tuple)):
        if len(value) == len(pattern) and holds(value, 1):
            return tuple(unpack(item, part) if isinstance(item, tuple) else part for item, part in zip(pattern, value))
    elif isinstance(value, tuple) and len(value) == len(pattern) and holds(value, 1):
        return tuple(
            part if not isinstance(item, str) or item[0] == "*" else stand_ins.named(part, item)
            for item, part in zip(pattern, value)
        )
    return value


def named(name: str, value: Any) -> Any:
    """The value that a variable gets: a stand-in is told by its name."""
    return stand_ins.named(value, name) if type(value) is StandIn else value


def test(bails: bool, value: Any) -> Any:
    """The condition of an `if`: what is unknown holds, unless the branch only complains."""
    if isinstance(value, StandIn):
        if bails:
            stand_ins.choices().decide(stand_ins.path_of(value))
            return False
        return stand_ins.decide(value)
    return value


def _operation(tensor: Any) -> Any:
    """What gave a tensor of a model."""
    history = getattr(tensor, "_keras_history", None)
    return getattr(history, "operation", None) or getattr(history, "layer", None)


class _OPERATORS:
    """Python's operators by the names of their nodes."""

    import operator as _operator

    Add, Sub, Mult, Div = _operator.add, _operator.sub, _operator.mul, _operator.truediv
    Pow, FloorDiv, Mod, MatMult = _operator.pow, _operator.floordiv, _operator.mod, _operator.matmul


def _arguments(parser: argparse.ArgumentParser, name: str, /, *args: Any, **kwargs: Any) -> Any:
    """What a program gets from a command line that gives nothing: defaults, and stand-ins for what is required."""
    found = argparse.Namespace()
    for action in parser._actions:
        if action.dest in ("help", argparse.SUPPRESS) or action.default is argparse.SUPPRESS:
            continue
        value = action.default
        if isinstance(value, str) and action.type is not None:
            try:
                value = parser._get_value(action, value)
            except Exception:
                value = None
        if value is None and (action.required or not action.option_strings or action.type is not None):
            value = StandIn(f"args.{action.dest}")
        setattr(found, action.dest, value)
    return found if name == "parse_args" else (found, [])


def _length(value: Any) -> Any:
    if isinstance(value, StandIn):
        path = stand_ins.path_of(value)
        return StandIn(f"len({path})", ("length", value))
    return len(value)


def _cast(kind: Any) -> Callable[..., Any]:
    def cast(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], StandIn):
            return StandIn(stand_ins.path_of(args[0]), ("cast", kind, args[0]), args[0]._value)
        return StandIn(f"{kind.__name__}({', '.join(map(stand_ins.show, args))})")

    return cast


def _range(*args: Any) -> Any:
    """A range to an unknown end has a few turns."""
    plain = []
    for item in args:
        if isinstance(item, StandIn):
            stand_ins.choices().decide(f"{stand_ins.path_of(item)}.range")
            found = stand_ins.number(item, "repeats")
            plain.append(int(found) if isinstance(found, (int, float)) and 0 < found <= 8 else stand_ins.TURNS)
        else:
            plain.append(item)
    return range(*plain)


def _sequence(kind: Any) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        if isinstance(args[0], StandIn):
            return args[0]
        return kind(*args, **kwargs)

    return make


SPECIAL: dict[Any, Callable[..., Any]] = {
    len: _length,
    int: _cast(int),
    float: _cast(float),
    str: _sequence(str),
    bool: _cast(bool),
    abs: _cast(abs),
    round: _cast(round),
    range: _range,
    list: _sequence(list),
    set: _sequence(set),
}
"""Functions of Python's that say something of a stand-in."""

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
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any, Callable

import numpy

from . import failures, kinds, older, program, stand_ins
from .border import Border
from .failures import Absent, TooLong, mark, marked
from .kinds import KINDS, any_symbolic, is_keras, is_symbolic, of_the_model, operation, signature
from .plain import SPECIAL, Operators, arguments, named, test, unpack
from .registry import Compile, Failure, Registry, Site
from .stand_ins import StandIn, holds

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


# --- what Keras is ----------------------------------------------------------------------------------------------------


# --- at the border of Keras -------------------------------------------------------------------------------------------


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
            return functools.partial(arguments, owner, called.__name__)
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
            return kinds.forget(called)
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
            layer = operation(made)
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
            if not marked(error) and failures.OF_THE_CALL.search(str(error)):
                error.__dict__[failures.USES] = list(stood_in)
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
        return failures.innermost(error, self.run.codes) or self.site(number)

    def fail(self, error: BaseException, vital: bool = False) -> None:
        """Records the failure of a model, once."""
        self.run.registry.fail(
            Failure(error, getattr(error, failures.MARK), vital, [*failures.uses(error), *self.run.older])
        )

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
        work = getattr(Operators, operator)
        stands = [isinstance(side, StandIn) for side in (left, right)]
        if stands not in ([True, False], [False, True]) or not is_symbolic(right if stands[0] else left):
            return work(left, right)
        unknown = left if stands[0] else right
        if stand_ins.failed(unknown):
            return StandIn(stand_ins.path_of(unknown), stand_ins.FAILED)
        use = stand_ins.choices().note(stand_ins.path_of(unknown), "operand")
        made = work(*(1.0 if stand else side for stand, side in zip(stands, (left, right))))
        made_by = operation(made)
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
                kinds.ABSENT_MODEL_PARTS.search(full) or full in ("keras", "tensorflow", "tf_keras")
            ):
                reason = f"cannot import name {attribute!r} from {module!r}" if attribute else str(error)
                if isinstance(error, ModuleNotFoundError):
                    reason = str(error)
            return StandIn(attribute or module, ("absent", reason, self.site(number)))


LOOP_SECONDS = 1.0
"""How long a loop may go on, on the processor, without making a part of a model."""


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

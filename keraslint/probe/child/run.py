"""Runs a program far enough to have its models, and measures each.

Where data is missing, stand-ins take its place. If a model fails with the shapes that were chosen for it, the program
is run again with other ones; what is sent comes from the attempt that went best.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import linecache
import math
import os
import re
import sys
import time
import types
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Callable

import numpy

from . import failures, kinds, live, measure, program, stand_ins
from .registry import Built, Failure
from .sites import File, Run
from .stand_ins import Choices, StandIn

Request = dict[str, Any]
Send = Callable[[dict[str, Any]], None]

ATTEMPTS = 6
"""How often a program is run with other shapes before its failure is told as it is."""

ATTEMPT_SECONDS = 8.0
"""After so long on the processor no further attempt is begun."""


def run(request: Request, send: Send) -> None:
    """Builds the models of a request and sends what was measured on each."""
    begun = time.monotonic()
    with _surroundings(request):
        try:
            if request.get("file"):
                _loaded(request, send)
            else:
                _program(request, send)
        except SyntaxError as error:
            version = ".".join(map(str, sys.version_info[:2]))
            path = str(error.filename or request.get("path"))
            site = [path, error.lineno or 1, max((error.offset or 1) - 1, 0), None, None]
            send({"event": "note", "text": f"Python {version} cannot read {path}: {error.msg}", "site": site})
        except RecursionError:
            send({"event": "note", "text": "the program is nested too deeply", "site": None})
    send({"event": "done", "seconds": round(time.monotonic() - begun, 3)})


def _program(request: Request, send: Send) -> None:
    """A program by its text: run, perhaps several times, then measured."""
    sources = _Sources(request)
    best: _Attempt | None = None
    begun = time.thread_time()
    choices = Choices()
    for count in range(ATTEMPTS):
        attempt = _Attempt(request, sources, choices)
        attempt.go()
        if best is None or attempt.score > best.score:
            best = attempt
        if not attempt.may_do_better or time.thread_time() - begun > ATTEMPT_SECONDS:
            break
        choices = _other_choices(choices, attempt.complaints, count)
    assert best is not None
    best.tell(send)


def _other_choices(choices: Choices, complaints: Sequence[str], count: int) -> Choices:
    """Shapes for the next attempt, by what the last one complained of."""
    shapes, side = choices.shapes, choices.side
    text = " ".join(complaints).lower()
    wanted = re.findall(r"expected (?:min_)?ndim=(\d)|(\d)d tensor|rank (\d)", text)
    ranks = [int(number) - 1 for numbers in wanted for number in numbers if number]
    if ranks and any(len(shape) == ranks[0] for shape in shapes) and len(shapes[0]) != ranks[0]:
        return Choices(tuple(sorted(shapes, key=lambda shape: len(shape) != ranks[0])), side)
    if len(shapes[0]) == 3 and re.search(r"negative|at least|smaller|larger|minimum|must be (>|greater)|zero", text):
        larger = [other for other in stand_ins.SIDES if other > side]
        if larger:
            return Choices(shapes, larger[0])
    return Choices((*shapes[1:], shapes[0]), stand_ins.SIDES[0] if count < len(shapes) else stand_ins.SIDES[1])


# --- the text and the modules -----------------------------------------------------------------------------------------


class _Sources:
    """The texts of a request, made into code once."""

    def __init__(self, request: Request) -> None:
        self.path = str(request.get("path") or "<program>")
        self.modules: dict[str, tuple[str, program.Prepared]] = {}
        self.main: program.Prepared | None = None
        self.imports = True
        self.definitions: dict[str, list[Any]] = {}
        self.endless: set[tuple[str, int]] = set()  # loops that an attempt gave up
        text = request.get("text")
        if text is not None:
            self.main = program.prepare(
                text, self.path, request.get("keep"), request.get("vital"), request.get("values")
            )
            self.definitions = _definitions(text, self.path)
            self.imports = re.search(r"^\s*(import|from)\b.*(keras|tensorflow|\*)", text, re.M) is not None
            _show_source(self.path, text)
        for module in request.get("modules") or ():
            self.add(module)

    def add(self, module: dict[str, Any]) -> None:
        """A file of the project that the program imports. One that cannot be read is not there."""
        path = str(module["path"])
        try:
            prepared = program.prepare(
                module["text"], path, module.get("keep"), module.get("vital"), module.get("values")
            )
        except (SyntaxError, RecursionError, ValueError):
            return
        _show_source(path, module["text"])
        self.modules[str(module["name"])] = (path, prepared)


def _definitions(text: str, path: str) -> dict[str, list[Any]]:
    """Where the functions and classes of a module are defined."""
    return {
        node.name: [path, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset]
        for node in ast.parse(text).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }


def _show_source(path: str, text: str) -> None:
    """Lets `inspect.getsource` find a text that lies nowhere."""
    linecache.cache[path] = (len(text), None, text.splitlines(True), path)


class Namespace(dict[str, Any]):
    """The globals of a program, in which a name that does not exist is a stand-in.

    A piece of a program without its imports means Keras by the names of Keras: those are `known`.
    """

    known: Callable[[str], Any] = staticmethod(StandIn)

    def __missing__(self, name: str) -> Any:
        if name.startswith("__") or hasattr(_BUILTINS, name):
            raise KeyError(name)
        return self.known(name)


def _of_keras(package: Any, imports: bool) -> Callable[[str], Any]:
    """What a name means that a program does not bind: a part of Keras in a piece without imports, else data."""
    name = "tf_keras" if package == "tf_keras" else "keras"

    def known(wanted: str) -> Any:
        keras = sys.modules.get(name)
        if imports or keras is None:
            return StandIn(wanted)
        modules = {"keras": keras, "np": numpy, "tf": sys.modules.get("tensorflow"), "K": keras.backend}
        if wanted in ("layers", "models", "optimizers", "losses", "metrics"):
            return getattr(keras, wanted)
        found = modules.get(wanted)
        if found is None and wanted[:1].isupper():
            places = (keras.models, keras.layers, keras.optimizers)
            found = next((getattr(place, wanted) for place in places if hasattr(place, wanted)), None)
        return StandIn(wanted) if found is None else found

    return known


_BUILTINS = importlib.import_module("builtins")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves the modules of the project from their texts."""

    def __init__(self, sources: _Sources, run_: Run) -> None:
        self.sources = sources
        self.run = run_
        self.files: dict[str, Namespace] = {}

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        inside = any(name.startswith(fullname + ".") for name in self.sources.modules)
        if fullname not in self.sources.modules and not inside:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=inside or self._is_package(fullname))

    def _is_package(self, name: str) -> bool:
        found = self.sources.modules.get(name)
        return found is not None and os.path.basename(found[0]) == "__init__.py"

    def create_module(self, spec: Any) -> Any:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        name = module.__name__
        found = self.sources.modules.get(name)
        if found is None:
            return
        path, prepared = found
        file = File(self.run, path, name, prepared.places)
        space = Namespace(module.__dict__)
        space.update(__file__=path, **file.woven())
        self.files[name] = space
        module.__dict__["__getattr__"] = _late(space, name)
        exec(prepared.code, space)
        module.__dict__.update({key: value for key, value in space.items() if not key.startswith(("@", "__"))})


def _late(space: Namespace, module: str) -> Callable[[str], Any]:
    def get(name: str) -> Any:
        if name in space and not name.startswith("@"):
            return space[name]
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return get


class _Main(types.ModuleType):
    """The module `__main__` of the program."""

    def __init__(self, space: Namespace) -> None:
        super().__init__("__main__")
        self.__dict__["_space"] = space

    def __getattr__(self, name: str) -> Any:
        space = self.__dict__["_space"]
        if name in space:
            return space[name]
        raise AttributeError(name)


class _Arguments(list[str]):
    """`sys.argv` of a program that was given nothing: what it asks for all the same is a stand-in."""

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except IndexError:
            return StandIn(f"sys.argv[{index}]")


class _surroundings:  # noqa: N801
    """What a program may change of the process is put back when it is done, so that the next one finds it."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def __enter__(self) -> None:
        self.argv, self.path, self.main = sys.argv, list(sys.path), sys.modules.get("__main__")
        self.modules, self.meta = set(sys.modules), list(sys.meta_path)
        self.environment = dict(os.environ)
        self.limit = sys.getrecursionlimit()
        sys.argv = _Arguments([str(self.request.get("argv0") or self.request.get("path") or "program.py")])
        root = self.request.get("root")
        if root and root not in sys.path:
            sys.path.insert(0, str(root))
        self.warnings = warnings.catch_warnings()
        self.warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, *exception: Any) -> None:
        self.warnings.__exit__(None, None, None)
        sys.argv, sys.path[:], sys.meta_path[:] = self.argv, self.path, self.meta
        if self.main is not None:
            sys.modules["__main__"] = self.main
        os.environ.clear()
        os.environ.update(self.environment)
        sys.setrecursionlimit(self.limit)


# --- an attempt -------------------------------------------------------------------------------------------------------


class _Attempt:
    """One run of the program with one set of choices, and the models that it left."""

    def __init__(self, request: Request, sources: _Sources, choices: Choices) -> None:
        self.request = request
        self.sources = sources
        self.choices = choices
        self.run = Run()
        self.run.renamed = list(request.get("renamed") or ())
        self.run.endless = sources.endless
        self.built: list[Built] = []
        self.unbuilt: list[tuple[str, Any, str]] = []
        self.space = Namespace()
        self.file: File | None = None

    # --- running ---

    def go(self) -> None:
        stand_ins.CURRENT[-1] = self.choices
        _fresh(int(self.request.get("seed") or 0))
        finder = _Finder(self.sources, self.run)
        sys.meta_path.insert(0, finder)
        before = set(sys.modules)
        try:
            self._execute()
            self._target()
            for call in self.request.get("calls") or ():
                self._call(call)
            self._collect()
        finally:
            sys.meta_path.remove(finder)
            for name in set(sys.modules) - before:
                if name in self.sources.modules or any(known.startswith(name + ".") for known in self.sources.modules):
                    del sys.modules[name]

    def _execute(self) -> None:
        prepared = self.sources.main
        if prepared is None:
            return
        name = "__main__"
        if self.request.get("target"):
            name = str(self.request["target"]).split(":")[0]
        self.file = File(self.run, self.sources.path, name, prepared.places)
        self.space.update(
            __name__=name,
            __file__=str(self.request.get("argv0") or self.sources.path),
            __doc__=None,
            __package__=self.request.get("member_of") or None,
            **self.file.woven(),
        )
        self.space.known = _of_keras(self.request.get("package"), self.sources.imports)
        if name == "__main__":
            sys.modules["__main__"] = _Main(self.space)
        self._quietly(lambda: exec(prepared.code, self.space))

    def _quietly(self, action: Callable[[], Any]) -> Any:
        """Runs a part of the program; what goes wrong in it is recorded."""
        try:
            return action()
        except (KeyboardInterrupt, MemoryError):
            raise
        except (failures.TooLong, SystemExit):
            return None
        except BaseException as error:
            if kinds.of_the_model(error):
                failures.mark(
                    error, failures.innermost(error, self.run.codes) or [self.sources.path, 1, None, None, None]
                )
            if failures.marked(error):
                self._fail(error)
            else:
                site = failures.innermost(error, self.run.codes)
                self.run.registry.note(f"{type(error).__name__}: {_message(error)}", site)
            return None

    def _fail(self, error: BaseException) -> None:
        self.run.registry.fail(
            Failure(error, getattr(error, failures.MARK), True, [*failures.uses(error), *self.run.older])
        )

    def _target(self) -> None:
        """The function of a module that the user named."""
        target = self.request.get("target")
        if not target:
            return
        module, _, name = str(target).partition(":")
        space: Any = self.space
        if self.sources.main is None:
            loaded = self._quietly(lambda: importlib.import_module(module))
            if loaded is None:
                return
            space = vars(loaded)
        given = {key: self.request.get(key) or kind() for key, kind in (("arguments", dict), ("positional", list))}
        self._call({"name": name, "line": None, **given}, space)

    def _call(self, call: dict[str, Any], space: Any = None) -> None:
        """A function or class that nobody calls."""
        name = str(call.get("name"))
        found: Any = self.space if space is None else space
        owner: Any = None
        for index, part in enumerate(name.split(".")):
            owner, found = found, (found.get(part) if index == 0 else getattr(found, part, None))
            if index and isinstance(owner, type) and inspect.isfunction(found):
                instance = self._quietly(lambda owner=owner: self._made(owner, {}))  # type: ignore[misc]
                found = None if instance is None else getattr(instance, part, None)
        if isinstance(found, StandIn) or not (inspect.isroutine(found) or isinstance(found, type)):
            self.run.registry.note(f"{name} is not there to be called", None)
            return
        site = self.sources.definitions.get(name.split(".")[0])
        arguments, positional = dict(call.get("arguments") or {}), list(call.get("positional") or ())
        made = self._quietly(lambda: self._made(found, arguments, positional))
        for value in made if isinstance(made, (list, tuple)) else (made,):
            if kinds.KINDS.is_layer(value):
                self.run.registry.add(value, list(site) if site else [self.sources.path, 1, None, None, None], [])

    def _made(self, called: Any, arguments: dict[str, Any], positional: Sequence[Any] = ()) -> Any:
        """Calls with the arguments given, the defaults, and stand-ins for the rest."""
        found = kinds.signature(called)
        plain = list(positional)
        named = dict(arguments)
        for parameter in list(found.parameters.values())[len(plain) :] if found else ():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or parameter.name in arguments:
                continue
            if parameter.default is parameter.empty:
                stand = StandIn(parameter.name)
                if parameter.kind is parameter.POSITIONAL_ONLY:
                    plain.append(stand)
                else:
                    named[parameter.name] = stand
        return called(*plain, **named)

    # --- what came of it ---

    def _collect(self) -> None:
        """The models that were made, those that were asked for first."""
        registry = self.run.registry
        for value in list(self.space.values()):
            if kinds.KINDS.is_model(value):
                registry.keep(value)
        wanted = [tuple(site[:3]) for site in self.request.get("sites") or ()]
        models = [made for made in registry.made.values() if kinds.KINDS.is_model(made)]
        for model in reversed(models):  # outer ones first: they show inner ones what these are called on
            if id(model) in registry.broken or _empty(model) or not _can_be_called(model):
                continue  # not whole, or only the frame around the training of other models
            site = registry.sites.get(id(model), (None, 0))[0]
            try:
                self.built.append(self._built(model))
            except Unknown as error:
                registry.note(f"{model.name} is not measured: {error}", site)
            except Exception as error:
                self.unbuilt.append((model.name, site, _message(error)))
        self.built.reverse()
        self.built.sort(key=lambda built: tuple((built.site or [None, None, None])[:3]) not in wanted)

    def _built(self, model: Any) -> Built:
        registry = self.run.registry
        site, ordinal = registry.sites.get(id(model), (None, 0))
        compiles = registry.compiles.get(id(model)) or [None]  # type: ignore[list-item]
        built = Built(model=model, site=site, ordinal=ordinal, compile=compiles[-1])
        if not _has_inputs(model):
            self._with_rows(built)
        layers = list(_layers(model))  # some are made when a model is called
        built.layer_sites = {id(layer): registry.sites[id(layer)] for layer in layers if id(layer) in registry.sites}
        built.layer_stood_in = {
            id(layer): registry.stood_in[id(layer)] for layer in layers if id(layer) in registry.stood_in
        }
        uses = [use for uses in built.layer_stood_in.values() for use in uses]
        for operation in (one for layer in layers for one in getattr(layer, "operations", ())):
            uses += registry.stood_in.get(id(operation), ())
        compiled = built.compile.stood_in if built.compile else []
        built.stood_in = list(dict.fromkeys([*built.stood_in, *uses, *compiled]))
        return built

    def _with_rows(self, built: Built) -> None:
        """Builds a model that waits for its first rows, on rows like those that it seems made for."""
        model = built.model
        rows = self.run.registry.rows.get(id(model))
        if _is_sequential(model):
            given = getattr(rows, "shape", None)
            if given is not None:
                model.build((None, *given[1:]))
                return
            built.stood_in.append(self.choices.note("input", "shape"))
            _taking(lambda shape: _begun(model, shape), _likely(model, self.choices))
            return
        if rows is None:
            rows = _rows_of_its_making(model)
        if rows is None:
            rows = _rows_for(model, self.choices)
            built.stood_in.append(self.choices.note("input", "shape"))
        built.rows = _called_on(model, rows)

    @property
    def complaints(self) -> list[str]:
        failures = [_message(failure.error) for failure in self.run.registry.failures if failure.stood_in]
        return [*failures, *(text for *_, text in self.unbuilt)]

    @property
    def may_do_better(self) -> bool:
        """Whether other choices may help: something failed, and something stood in."""
        return bool(self.complaints and self.choices.used)

    @property
    def score(self) -> tuple[int, int]:
        return len(self.built), -len(self.run.registry.failures)

    def tell(self, send: Send) -> None:
        """Measures the models and sends everything."""
        stand_ins.CURRENT[-1] = self.choices
        for built in self.built:
            _measured(built, self.request, send)
        for failure in self.run.registry.failures:
            error = failure.error
            send(
                {
                    "event": "failed",
                    "site": failure.site,
                    "error": "ImportError" if isinstance(error, failures.Absent) else type(error).__name__,
                    "message": _message(error),
                    "stood_in": failure.stood_in,
                    "vital": True,
                }
            )
        for name, site, text in self.unbuilt:
            words = f"{name} could not be called on rows made up for it: {text}"
            send({"event": "note", "text": words[:1000], "site": site})
        for text, place in self.run.registry.notes[:20]:
            send({"event": "note", "text": text[:1000], "site": place})


def _measured(built: Built, request: Request, send: Send) -> None:
    """Sends what is measured on one model; its failure is a note."""
    try:
        answer = measure.model(built, request)
    except MemoryError:
        raise
    except Exception as error:
        text = f"{getattr(built.model, 'name', 'model')} was not measured: {type(error).__name__}: {_message(error)}"
        send({"event": "note", "text": text[:1000], "site": built.site})
        return
    for text in answer.pop("notes", ()):
        send({"event": "note", "text": text[:1000], "site": built.site})
    told = {"event": "model", "site": built.site, "ordinal": built.ordinal, "stood_in": built.stood_in}
    send(_without_stand_ins({**told, **answer}, built))


def _without_stand_ins(answer: dict[str, Any], built: Built) -> dict[str, Any]:
    """The answer without the numbers that came from a stand-in: those say nothing of the program."""
    if not built.stood_in:
        return answer
    uses = {
        layer.name: built.layer_stood_in[id(layer)]
        for layer in _layers(built.model)
        if id(layer) in built.layer_stood_in
    }

    def stood_in(layer: dict[str, Any] | None, *parameters: str) -> bool:
        parts = [use.rpartition(".")[2] for use in uses.get((layer or {}).get("name"), ())]
        return any(part in parameters for part in parts)

    for layer in answer.get("layers") or ():
        if stood_in(layer, "units", "filters"):
            layer["units"] = None
        if stood_in(layer, "activation"):
            layer["activation"] = None
    operand = any(use.endswith(".operand") for use in built.stood_in)
    own = {layer.get("name") for layer in answer.get("layers") or () if layer.get("units") is not None}
    for head in answer.get("heads") or ():
        layer = head.get("layer") or {}
        if operand or stood_in(layer, "activation"):
            head["activation"] = None
        if operand:
            head.update(low=None, high=None, non_finite=None)
        if layer.get("name") not in own:
            head["units"] = None
    return answer


def _message(error: BaseException) -> str:
    """What an error says, without colours."""
    try:
        text = str(error)
    except Exception:
        text = "?"
    return re.sub(r"\x1b\[[0-9;]*m", "", text).strip()[:2000]


def _fresh(seed: int) -> None:
    """Forgets the models and the names of the last attempt."""
    for name in ("keras", "tf_keras"):
        package = sys.modules.get(name)
        if package is None or not hasattr(package, "utils"):
            continue
        kinds.forget(package.backend.clear_session)
        if hasattr(package.utils, "set_random_seed"):  # older ones have none
            package.utils.set_random_seed(seed)


# --- models -----------------------------------------------------------------------------------------------------------


def _layers(model: Any) -> Iterator[Any]:
    """A model and all layers within it."""
    flatten = getattr(model, "_flatten_layers", None)
    yield from flatten() if flatten is not None else [model, *model.layers]


def _empty(model: Any) -> bool:
    return _is_sequential(model) and not model.layers


def _can_be_called(model: Any) -> bool:
    """Whether a class of the program's says what its models do."""
    call = type(model).call
    return (
        _has_inputs(model)
        or any(kind.__name__ == "Sequential" for kind in type(model).__mro__)
        or not (
            call.__module__.startswith(("keras.", "tf_keras."))
            and call.__qualname__.startswith(("Model.", "Layer.", "Operation."))
        )
    )


def _is_sequential(model: Any) -> bool:
    return any(kind.__name__ == "Sequential" for kind in type(model).__mro__) and not _overrides_call(model)


def _overrides_call(model: Any) -> bool:
    return not kinds.is_keras(getattr(type(model).call, "__module__", ""))


def _has_inputs(model: Any) -> bool:
    try:
        return bool(model.inputs)
    except Exception:
        return False


LIKELY: tuple[tuple[str, tuple[int, ...]], ...] = (
    (r"Conv3D|MaxPooling3D|AveragePooling3D|ConvLSTM1D", (8, 8, 8, 3)),
    (r"ConvLSTM2D", (4, 16, 16, 3)),
    (r"2D|Random(Flip|Zoom|Rotation|Crop|Contrast|Translation)|Resizing|Rescaling|CenterCrop", (32, 32, 3)),
    (r"1D|LSTM|GRU|RNN|Bidirectional|TimeDistributed|Attention|Masking", (16, 8)),
    (r"Embedding", (16,)),
    (r"Flatten", (28, 28)),
)
"""Rows by the kind of the first layer that says something of them."""


def _likely(model: Any, choices: Choices) -> tuple[int, ...]:
    """A shape of one row for a model that does not say it."""
    for kind in _kinds(model):
        for pattern, shape in LIKELY:
            if re.search(pattern, kind) and choices.shapes[0] == stand_ins.SHAPES[0]:
                return stand_ins.picture(shape, choices.side)
        if re.search(r"Dense|EinsumDense", kind):
            break
    return choices.row("input")


def _kinds(model: Any, depth: int = 3) -> Iterator[str]:
    """The classes of the layers, in the order in which they were made."""
    for layer in model.layers:
        if depth and getattr(layer, "layers", None):
            yield from _kinds(layer, depth - 1)
        else:
            yield type(layer).__name__


def _rows_for(model: Any, choices: Choices) -> Any:
    """Made-up rows for a model of the program's own class."""
    parameters = kinds.signature(type(model).call)
    wanted = [
        parameter.name
        for parameter in list(parameters.parameters.values() if parameters else ())[1:]
        if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    if len([name for name in wanted if name not in ("training", "mask")]) > 1:
        raise Unknown(f"it is called on {', '.join(wanted)}")
    for layer in model.layers:
        if kinds.KINDS.is_model(layer) and _has_inputs(layer):
            made = [_zeros(tensor, choices) for tensor in layer.inputs]
            return made[0] if len(made) == 1 else made
    shape = _likely(model, choices)
    return numpy.zeros((2, *shape), "int32" if "Embedding" in list(_kinds(model))[:1] else "float32")


def _rows_of_its_making(model: Any) -> Any:
    """Rows like those on which a model was called within another one."""
    shapes = getattr(model, "_build_shapes_dict", None) or {}
    found = list(shapes.values()) if isinstance(shapes, dict) else []
    if len(found) != 1 or not isinstance(found[0], (tuple, list)) or len(found[0]) < 2:
        return None
    sides = found[0][1:]
    return numpy.zeros((2, *sides), "float32") if all(isinstance(side, int) for side in sides) else None


def _called_on(model: Any, rows: Any) -> Any:
    """Calls a model on rows, or on ones of the shape that it says it wants, and gives these."""
    if not hasattr(rows, "shape"):
        model(rows)
        return rows
    shape = _taking(lambda shape: model(numpy.zeros((2, *shape), rows.dtype)), tuple(rows.shape[1:]))
    return numpy.zeros((2, *shape), rows.dtype)


def _begun(model: Any, shape: tuple[int, ...]) -> None:
    """Builds a sequence of layers on a shape, whatever a failed attempt has left of its own input."""
    inner = getattr(model, "_layers", None)
    if isinstance(inner, list) and inner and type(inner[0]).__name__ == "InputLayer":
        del inner[0]
    model.build((None, *shape))


def _taking(build: Callable[[tuple[int, ...]], Any], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape on which a model could be built: this one, or one that follows from what a layer complains of."""
    for _ in range(WISHES):
        try:
            build(shape)
            return shape
        except Exception as error:
            wanted = _wish(str(error), shape)
            if wanted is None or wanted == shape:
                raise
            shape = wanted
    build(shape)
    return shape


RESHAPED = re.compile(r"total size of .* must be unchanged.*(?:target|output)_shape ?= ?[\[(]([\d, ]+)[\])]", re.S)

WISHES = 2
"""How many complaints about one shape are heard."""


def _wish(complaint: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """A shape that a complaint asks for."""
    last = re.search(r"expected axis -1 of input shape to have value (\d+)", complaint)
    if last is not None:
        return (*shape[:-1], int(last.group(1)))
    parts = RESHAPED.search(complaint)
    if parts is not None and len(shape) == 1:
        return (math.prod(int(part) for part in parts.group(1).split(",") if part.strip()),)
    return None


def _zeros(tensor: Any, choices: Choices) -> Any:
    shape = tuple(tensor.shape)[1:]
    sides = [choices.side if len(shape) == 3 else 16 if side is None else side for side in shape]
    kind = str(getattr(tensor.dtype, "name", tensor.dtype))
    return numpy.zeros((2, *(n if n is not None else side for n, side in zip(shape, sides))), kind)


class Unknown(Exception):
    """Rows for a model that nobody can make up."""


# --- files ------------------------------------------------------------------------------------------------------------


def _loaded(request: Request, send: Send) -> None:
    """A model from a file, as it was saved."""
    path = str(request["file"])
    name = "tf_keras" if request.get("package") == "tf_keras" else "keras"
    try:
        package = importlib.import_module(name)
        model = _loaded_safely(package, path)
    except Exception as error:
        site = [path, 1, 0, None, None]
        told = {"error": type(error).__name__, "message": _message(error), "stood_in": [], "vital": False}
        send({"event": "failed", "site": site, **told})
        return
    for answer in live.answers(model, str(request["path"]), request):
        send(answer)


def _loaded_safely(package: Any, path: str) -> Any:
    """A saved model. Code that lies in the file is not run where Keras can tell."""
    try:
        return package.models.load_model(path, safe_mode=True)
    except TypeError:  # older versions do not know the word, for some formats at least
        return package.models.load_model(path)

"""The slice: the statements that a model needs, and no others.

It begins with the statements that hold the model, its layers, heads, losses and trainings, and goes back over the
names that they read, the methods that change the objects behind these names, the functions and classes that they call,
and the calls that lead to the functions they stand in. Loading data, training, drawing and saving stay behind: a name
that is bound there only does not exist in the slice, and whoever runs it puts something in its place. So does a name
that a part left behind would have changed: a list that is filled from files must not be taken for an empty one.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from keraslint.model import Model, Program, Span
from keraslint.probe.effects import SETTINGS, Effect, effect_of, library_effect
from keraslint.probe.statements import BUILTINS, Called, Place, Range, Scope, Statement, Statements, Use
from keraslint.source import Source


@dataclass(frozen=True, slots=True)
class Lone:
    """A function or class that nobody calls, by its qualified name (`Trainer.build`), and what to call it with.

    `line` is the one of its `def`.
    """

    name: str
    line: int
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """A file of the project that the program imports: its name there, its path, its text, and what of it is kept."""

    name: str
    path: str
    text: str
    keep: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """What to run for some models. Places are those of `ast`: lines from 1, columns in bytes of UTF-8 from 0.

    `keep` are the statements to keep, those inside of kept ones too; `vital` those that build and compile the models.
    `values` are expressions with what they are known to be, as Python writes it. `package` is the package that the
    program is a module of, for its relative imports.
    """

    keep: tuple[Place, ...]
    vital: tuple[Place, ...] = ()
    values: tuple[tuple[Range, str], ...] = ()
    modules: tuple[Imported, ...] = ()
    calls: tuple[Lone, ...] = ()
    package: str = ""


def slice_of(program: Program, model: Model | None, source: Source) -> Slice:
    """The slice of one model of a program, or of all of them. For several models make one `Slicer`.

    Raises `ValueError` when Python does not parse the program.
    """
    return Slicer(source, program).slice(program.models if model is None else [model])


class Slicer:
    """What the slices of one program share. Raises `ValueError` when Python does not parse the program."""

    def __init__(self, source: Source, program: Program) -> None:
        self._source = source
        known = {self.range_of(one.span): one.value for one in program.derived}
        self.statements = Statements(source.program, known)
        self._starts = [_whole(one)[:2] for one in self.statements.all]
        self._roots = {id(model): self._roots_of(model) for model in program.models}
        self.facts = _Facts(self.statements, {one for found in self._roots.values() for one in found})

    def slice(self, models: Iterable[Model]) -> Slice:
        """The statements that some models of the program need."""
        roots = dict.fromkeys(one for model in models for one in self._roots.get(id(model)) or self._roots_of(model))
        closure = _Closure(self.facts)
        closure.run(roots)
        keep = sorted(closure.keep, key=lambda one: one.number)
        return Slice(
            keep=tuple(one.place for one in keep),
            vital=tuple(sorted(one.place for one in roots)),
            values=tuple(sorted(value for one in keep for value in self.facts.values[one].items())),
            calls=tuple(closure.calls),
        )

    def _roots_of(self, model: Model) -> list[Statement]:
        """The statements that hold what a model consists of, in this file."""
        found = dict.fromkeys(
            one for span in _spans_of(model) if span.path == self._source.path if (one := self.at(self.range_of(span)))
        )
        return sorted(found, key=lambda one: one.number)

    def range_of(self, span: Span) -> Range:
        """The range of the tree that a place in the file is."""
        line, column, end_line, end_column = self._source.range_of(span.position)
        return line, self._byte(line, column), end_line, self._byte(end_line, end_column)

    def _byte(self, line: int, column: int) -> int:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return column - 1 if text.isascii() else len(text[: column - 1].encode("utf-8", "surrogatepass"))

    @cached_property
    def _lines(self) -> list[str]:
        return self._source.program.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def at(self, where: Range) -> Statement | None:
        """The innermost statement that holds a range."""
        index = bisect_right(self._starts, where[:2]) - 1
        one = self.statements.all[index] if index >= 0 else None
        while one is not None and not _holds(one, where):
            one = one.outer
        return one


def _spans_of(model: Model) -> Iterator[Span]:
    """The places of everything that a model consists of."""
    yield model.span
    for layer in model.layers:
        yield layer.span
    for head in model.heads:
        yield head.span
        for activation in head.activations:
            yield activation.span
    for training in model.trainings:
        yield training.span
        yield training.head.span
        if training.loss is not None:
            yield training.loss.span


def _whole(one: Statement) -> Range:
    """Where a statement begins, with its decorators, and where it ends."""
    node = one.node
    line, column = node.lineno, node.col_offset
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.decorator_list:
        first = node.decorator_list[0]
        line, column = first.lineno, node.col_offset
    return line, column, node.end_lineno or line, node.end_col_offset or column


def _holds(one: Statement, where: Range) -> bool:
    whole = _whole(one)
    return whole[:2] <= where[:2] and where[2:] <= whole[2:]


# -- what holds for all models of a program ---------------------------------------------------------------------------

_KERAS: Final = frozenset({"keras", "tensorflow", "tf_keras", "tensorflow_hub", "keras_hub", "keras_nlp", "keras_cv"})
_BUILDING: Final = frozenset(
    "layers models applications engine Model Sequential Input InputLayer KerasLayer optimizers losses metrics "
    "initializers regularizers Variable get_layer".split()
)
"""Parts of Keras's names that tell that something of a model is made."""
_HOOKS: Final = frozenset(
    """
    call build compute_output_shape compute_output_spec compute_mask get_config from_config train_step test_step
    predict_step compute_loss compute_metrics update_state result reset_state reset_states metrics add_weight compile
    get_build_config build_from_config regularization
    """.split()
)
"""Methods that Keras calls."""
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class _Facts:
    """What each statement is there for, who calls whom, and which classes belong together.

    `roots` are the statements that hold something of any model of the program: these are never left behind.
    """

    def __init__(self, statements: Statements, roots: set[Statement]) -> None:
        self.statements = statements
        self.roots = roots
        self.holds_roots = {outer for one in roots for outer in _all_around(one)}
        self.callers: dict[str, list[tuple[Statement, Called]]] = {}
        self._stories: dict[tuple[int, str], _Story] = {}
        for one in statements.all:
            for call in one.calls:
                self.callers.setdefault(call.last, []).append((one, call))
        self.functions = [one for one in statements.all if one.made is not None and one.made.kind == "function"]
        self.classes = [one for one in statements.all if one.made is not None and one.made.kind == "class"]
        self._families = self._related()
        self.attributes = self._attributes()
        self._named: dict[Statement, Effect] = {}
        self.building: set[Statement] = set()
        self._look()
        self.effects = self._spread()
        self.values: dict[Statement, dict[Range, str]] = {}
        self.data_loops: set[Statement] = set()
        self._taint()

    # -- classes -------------------------------------------------------------------------------------------------------

    def _related(self) -> dict[Statement, Statement]:
        """For each class the first one of those that it inherits from, as far as they are in this program."""
        parents: dict[Statement, Statement] = {}

        def first(one: Statement) -> Statement:
            while one in parents:
                one = parents[one]
            return one

        for cls in self.classes:
            assert isinstance(cls.node, ast.ClassDef)
            for parent in cls.node.bases:
                if isinstance(parent, ast.Name):
                    for known in self.defined(cls.scope, parent.id):
                        if known.made is not None and first(known) is not first(cls):
                            parents[first(cls)] = first(known)
        return {cls: first(cls) for cls in self.classes}

    def family(self, scope: Scope) -> Statement | None:
        """The class that stands for the relatives of the one that a method is in."""
        cls = scope.class_
        return self._families.get(cls.statement) if cls is not None and cls.statement is not None else None

    def relatives(self, family: Statement) -> Iterator[Statement]:
        """All classes of a family."""
        return (cls for cls in self.classes if self._families[cls] is family)

    def _attributes(self) -> dict[tuple[Statement, str], list[Statement]]:
        """The statements that set or change an attribute of the object in methods of a family of classes."""
        found: dict[tuple[Statement, str], list[Statement]] = {}
        for one in self.statements.all:
            for use in one.changes:
                family = self.object_of(one.scope, use.name)
                if family is not None and use.path:
                    found.setdefault((family, use.path[0]), []).append(one)
        return found

    def object_of(self, scope: Scope, name: str) -> Statement | None:
        """The family of the object, where a name is the first parameter of a method."""
        owner = scope.owner(name)
        return self.family(owner) if owner is not None and owner.first == name else None

    # -- names ---------------------------------------------------------------------------------------------------------

    def story(self, owner: Scope, name: str) -> _Story:
        """What happens to a name of a scope."""
        key = id(owner), name
        if key not in self._stories:
            self._stories[key] = _Story.of(owner, name)
        return self._stories[key]

    def defined(self, scope: Scope, name: str) -> list[Statement]:
        """The functions and classes that a name may be."""
        owner = scope.owner(name)
        return [one for one in owner.binds.get(name, ()) if one.made is not None] if owner is not None else []

    def dotted(self, scope: Scope, call: Called) -> str | None:
        """The full name of what is called, where it begins with an import."""
        owner = scope.owner(call.name) if call.name else None
        for one in owner.binds.get(call.name, ()) if owner is not None else ():
            match one.node:
                case ast.Import(names=names):
                    for alias in names:
                        if alias.asname == call.name:
                            return ".".join((alias.name, *call.path))
                        if alias.asname is None and alias.name.partition(".")[0] == call.name:
                            return ".".join((call.name, *call.path))
                case ast.ImportFrom(names=names, module=str(module), level=0):
                    for alias in names:
                        if (alias.asname or alias.name) == call.name:
                            return ".".join((module, alias.name, *call.path))
        return None

    # -- effects -------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """What each statement is there for by the names that it calls, and whether it makes something of a model."""
        for one in self.statements.all:
            if one.made is not None:
                continue
            for call in one.calls:
                dotted = self.dotted(one.scope, call)
                effect = effect_of(call, dotted)
                if effect is not None:
                    self._note(self._named, one, effect)
                elif dotted is not None and dotted.partition(".")[0] in _KERAS:
                    self.building.update([one] if not _BUILDING.isdisjoint(dotted.split(".")) else ())
            if isinstance(one.node, (ast.Import, ast.ImportFrom)):
                imported = _import_effect(one.node)
                if imported is not None:
                    self._named[one] = imported

    @staticmethod
    def _note(effects: dict[Statement, Effect], one: Statement, effect: Effect) -> None:
        """The strongest effect of several is that of the statement."""
        order = list(Effect)
        if one not in effects or order.index(effect) < order.index(effects[one]):
            effects[one] = effect

    def _spread(self) -> dict[Statement, Effect]:
        """The same with the functions of the program that are called: one that loads data is there for data."""
        builds = set(self.holds_roots)
        functions: dict[Statement, Effect] = {}
        for one in self.statements.all:
            function = _function_of(one)
            if function is None:
                continue
            if one in self.building:
                builds.add(function)
            if one in self._named and self._named[one] is not Effect.ASIDE:
                self._note(functions, function, self._named[one])
        for _ in range(_ROUNDS):  # who calls one that builds, builds; likewise for effects
            before = len(builds), dict(functions)
            for function in self.functions:
                for caller, called in self._calls_of(function):
                    outer = _function_of(caller)
                    if outer is None or outer is function or self._is_other(caller, called, function):
                        continue
                    if function in builds:
                        builds.add(outer)
                    elif function in functions:
                        self._note(functions, outer, functions[function])
            if (len(builds), functions) == before:
                break
        self.builds = builds
        effects = dict(self._named)
        for function, effect in functions.items():
            if function not in builds:
                for caller in self.call_sites(function):
                    self._note(effects, caller, effect)
        for definition in (*builds, *self.classes):
            if definition.made is not None:
                self.building.update(self.call_sites(definition))
        self.functions_of = functions
        return {one: effect for one, effect in effects.items() if one not in self.roots}

    def _calls_of(self, definition: Statement) -> list[tuple[Statement, Called]]:
        return self.callers.get(getattr(definition.node, "name", ""), [])

    def _is_other(self, caller: Statement, called: Called, definition: Statement) -> bool:
        """Whether a call of this name means something else than this function or class."""
        if definition.scope.kind == "class":
            return not called.path
        if called.path:
            return True
        return definition not in self.defined(caller.scope, called.name)

    def call_sites(self, definition: Statement) -> Iterator[Statement]:
        """The statements that call a function, method or class."""
        for caller, called in self._calls_of(definition):
            if not self._is_other(caller, called, definition):
                yield caller

    # -- data ----------------------------------------------------------------------------------------------------------

    def _taint(self) -> None:
        """Which statements depend on data; loops over data are left behind as a whole.

        Passes over the text: what a function is given is known when its calls were seen. A known value takes the place
        of an expression that depends on data, and then nothing depends on them there.
        """
        given: set[Scope] = set()
        for _ in range(_PASSES):
            before = len(given)
            self._pass(given)
            if len(given) == before:
                break
        for one in self.statements.all:
            for valued in one.valued:
                if valued.where not in self.values[one]:
                    one.uses += valued.uses
                    one.attributes |= valued.attributes
            one.valued.clear()

    def _pass(self, given: set[Scope]) -> None:
        """One pass over the text. `given` are the functions that are called with what depends on data."""
        tainted: dict[tuple[int, str], bool] = {}

        def is_tainted(scope: Scope, use: Use) -> bool:
            owner = scope.owner(use.name)
            if owner is None:
                return False
            return tainted.get((id(owner), use.name), owner in given and use.name in owner.parameters)

        for one in self.statements.all:
            scope = one.scope
            self.values[one] = {
                valued.where: valued.text for valued in one.valued if any(is_tainted(scope, use) for use in valued.uses)
            }
            depends = any(is_tainted(scope, use) for use in one.uses)
            if depends:
                given.update(made for call in one.calls if (made := self._entered(scope, call)) is not None)
            if one in self.roots or one in self.building or one.made is not None:
                depends = False
            depends = depends or self.effects.get(one) in {Effect.DATA, Effect.TRAINING}
            if one.outer is not None and one.outer in self.data_loops:
                self.data_loops.add(one)
                depends = True
            if depends and isinstance(one.node, _LOOPS) and one not in self.holds_roots:
                self.data_loops.add(one)
            straight = one.outer is None or one.outer.made is not None
            for name in one.binds:
                key = id(scope.elsewhere.get(name, scope)), name
                tainted[key] = depends if straight else depends or tainted.get(key, False)

    def _entered(self, scope: Scope, call: Called) -> Scope | None:
        """The function of the program that a call enters."""
        for one in self.defined(scope, call.name) if call.name and not call.path else ():
            if one.made is not None and one.made.kind == "function":
                return one.made
        return None

    def is_left_behind(self, one: Statement) -> bool:
        """Whether a statement is there for something else than models."""
        return one not in self.roots and one not in self.holds_roots and (one in self.effects or one in self.data_loops)

    def hides(self, one: Statement) -> bool:
        """Whether what a statement binds or changes is not known when it is left behind."""
        if one in self.roots or one in self.holds_roots:
            return False
        return one in self.data_loops or self.effects.get(one) in {Effect.DATA, Effect.TRAINING}

    @cached_property
    def settings(self) -> list[Statement]:
        """Statements that change how everything behind them is built."""
        return [
            one
            for one in self.statements.all
            if any(call.last in SETTINGS or (call.name, call.path[:1]) == ("sys", ("path",)) for call in one.calls)
        ]

    def is_dirty(self, function: Statement) -> bool:
        """Whether a function does more than compute: then it is kept in part only."""
        return function in self.functions_of


_PASSES: Final = 3
"""How many calls deep it is followed that a function is given data."""
_ROUNDS: Final = 12
"""How many calls deep effects are followed; each round goes over all functions."""


def _import_effect(node: ast.Import | ast.ImportFrom) -> Effect | None:
    """What an import is there for, where all of its names are for the same."""
    if isinstance(node, ast.Import):
        found = {library_effect(alias.name) for alias in node.names}
    elif node.level or node.module is None:
        return None
    else:
        found = {library_effect(f"{node.module}.{alias.name}") for alias in node.names}
    return found.pop() if len(found) == 1 else None


def _function_of(one: Statement) -> Statement | None:
    """The function that a statement stands in."""
    scope = one.scope.function
    return scope.statement


def _all_around(one: Statement) -> Iterator[Statement]:
    """All statements around one, up to the module."""
    outer = one.outer
    while outer is not None:
        yield outer
        outer = outer.outer


# -- what some models need --------------------------------------------------------------------------------------------


class _Closure:
    """Goes back from some statements to everything that they need."""

    def __init__(self, facts: _Facts) -> None:
        self.facts = facts
        self.keep: set[Statement] = set()
        self.calls: list[Lone] = []
        self._open: list[Statement] = []
        self._led: set[Statement] = set()
        self._whole: set[Statement] = set()
        self._read: set[str] = set()
        self._objects: set[tuple[Statement, str]] = set()
        self._methods: dict[str, list[Statement]] = {}

    def run(self, roots: Iterable[Statement]) -> None:
        for one in roots:
            self._effective(one)
        for one in self.facts.settings:
            if one.scope.kind == "module":
                self._need(one)
        while self._open:
            self._follow(self._open.pop())

    # -- statements ----------------------------------------------------------------------------------------------------

    def _need(self, one: Statement) -> None:
        if one not in self.keep:
            self.keep.add(one)
            self._open.append(one)

    def _effective(self, one: Statement) -> None:
        """A statement that is needed for what it does: the function that it stands in has to be called."""
        self._need(one)
        function = _function_of(one)
        if function is not None:
            self._lead(function)

    def _follow(self, one: Statement) -> None:
        if one.outer is not None:
            self._need(one.outer)
        for use in one.uses:
            self._name(one, use)
        for name in one.attributes:
            self._attribute(name)
        if isinstance(one.node, ast.AugAssign):
            for use in one.changes:
                self._name(one, use)
        if one.made is None:
            return
        if one.made.kind == "class":
            self._class(one, one.made)
        else:
            self._body(one, one.made)

    def _lead(self, function: Statement) -> None:
        """See to it that a function is called."""
        if function in self._led:
            return
        self._led.add(function)
        self._need(function)
        name = getattr(function.node, "name", "")
        target = function
        if function.scope.kind == "class" and (name in _HOOKS or name.startswith("__")):
            cls = function.scope.statement
            assert cls is not None
            target = cls
        sites = [one for one in self.facts.call_sites(target) if function not in _all_around(one)]
        if target is not function:
            sites += [
                one
                for cls in self.facts.relatives(self.facts.family(function.made or function.scope) or target)
                if cls is not target
                for one in self.facts.call_sites(cls)
            ]
        for one in sites:
            self._effective(one)
        if not sites:
            self.calls.append(Lone(_qualified(target), target.node.lineno))
            outer = _function_of(target)
            if outer is not None:
                self._lead(outer)

    # -- definitions ---------------------------------------------------------------------------------------------------

    def _class(self, one: Statement, made: Scope) -> None:
        assert isinstance(one.node, ast.ClassDef)
        foreign = any(not (isinstance(parent, ast.Name) and parent.id == "object") for parent in one.node.bases)
        for member in made.statements:
            if member.outer is not one:
                continue
            name = getattr(member.node, "name", "")
            if member.made is None or member.made.kind == "class":
                if not self.facts.is_left_behind(member) and not isinstance(member.node, ast.Expr):
                    self._need(member)
            elif name.startswith("__") or name in self._read or (foreign and self._is_for_keras(member, name)):
                self._need(member)
            else:
                self._methods.setdefault(name, []).append(member)

    def _is_for_keras(self, method: Statement, name: str) -> bool:
        """Whether a class that inherits from elsewhere may be asked for a method from there."""
        return name in _HOOKS or not self.facts.is_dirty(method)

    def _attribute(self, name: str) -> None:
        """An attribute is read: methods of that name are needed."""
        if name not in self._read:
            self._read.add(name)
            for method in self._methods.pop(name, ()):
                self._need(method)

    def _body(self, one: Statement, made: Scope) -> None:
        """What of the body of a function is needed: all of it that computes, or what leads to what it gives back."""
        name = getattr(one.node, "name", "")
        hook = one.scope.kind == "class" and name in _HOOKS
        if hook or not self.facts.is_dirty(one):
            for inner in made.statements:
                if hook or not self.facts.is_left_behind(inner) or isinstance(inner.node, ast.Return):
                    self._need(inner)
            return
        for inner in made.statements:
            if isinstance(inner.node, (ast.Global, ast.Nonlocal)) or inner in self.facts.settings:
                self._need(inner)
            elif self.facts.is_left_behind(inner):
                continue
            elif isinstance(inner.node, ast.Return):
                if not any(self.facts.is_left_behind(outer) for outer in inner.around):
                    self._need(inner)
            elif any(self._is_outside(made, use) for use in inner.changes) or _yields(inner.node):
                self._need(inner)

    def _is_outside(self, made: Scope, use: Use) -> bool:
        """Whether a change is seen by the caller: it is one of an argument."""
        return use.name in made.parameters and use.name != made.first

    # -- names ---------------------------------------------------------------------------------------------------------

    def _name(self, at: Statement, use: Use) -> None:
        scope = at.scope
        owner = scope.owner(use.name)
        if owner is None:
            if use.name not in BUILTINS:
                self._stars(scope)
            return
        family = self.facts.object_of(scope, use.name)
        if family is not None:
            if use.path:
                self._object(family, use.path[0])
            return
        facts = self.facts
        binds, changes = facts.story(owner, use.name).reaching(owner, at)
        if use.name not in owner.parameters or binds:
            protected = any(one in facts.roots or one in facts.building for one in binds)
            hidden = [one for one in (*binds, *changes) if facts.hides(one)]
            if hidden and not protected:
                binds = [one for one in binds if isinstance(one.node, _DEFINITIONS) and not facts.hides(one)]
                changes = []
        for one in binds:
            if not facts.is_left_behind(one):
                self._need(one)
                if owner is not scope and one.scope is not owner:  # bound by `global` in a function
                    self._effective(one)
        for one in changes:
            if one is not at and not facts.is_left_behind(one):
                self._effective(one)

    def _stars(self, scope: Scope) -> None:
        one: Scope | None = scope
        while one is not None:
            for star in one.stars:
                if not self.facts.is_left_behind(star):
                    self._need(star)
            one = one.outer

    def _object(self, family: Statement, name: str) -> None:
        """An attribute of the object that a method is called on: what sets it, in whatever method."""
        if (family, name) in self._objects:
            return
        self._objects.add((family, name))
        self._attribute(name)
        facts = self.facts
        setters = facts.attributes.get((family, name), [])
        hidden = any(facts.hides(one) for one in setters)
        if hidden and not any(one in facts.roots or one in facts.building for one in setters):
            return
        for one in setters:
            if not facts.is_left_behind(one):
                self._effective(one)


def _yields(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom))


def _qualified(one: Statement) -> str:
    """The name of a definition with those around it."""
    outer = [each.node.name for each in _all_around(one) if isinstance(each.node, (ast.ClassDef, ast.FunctionDef))]
    return ".".join([*reversed(outer), getattr(one.node, "name", "")])


class _Story(NamedTuple):
    """The statements that bind a name and those that change its object, in the scope of the name and in others."""

    binds: list[Statement]
    changes: list[Statement]
    distant_binds: list[Statement]
    distant_changes: list[Statement]

    @classmethod
    def of(cls, owner: Scope, name: str) -> _Story:
        binds, changes = owner.binds.get(name, []), owner.changes.get(name, [])

        def near(one: Statement) -> bool:
            return one.scope.function is owner.function

        return cls(
            [one for one in binds if near(one)],
            [one for one in changes if near(one)],
            [one for one in binds if not near(one)],
            [one for one in changes if not near(one)],
        )

    def reaching(self, owner: Scope, at: Statement) -> tuple[list[Statement], list[Statement]]:
        """The statements that may have bound the name, and those that may have changed the object, when it is read."""
        if at.scope.function is not owner.function:  # in a function: whenever that is called
            return self.binds + self.distant_binds, self.changes + self.distant_changes
        blocks = {at.block, *(one.block for one in at.around)}
        last = bisect_left(self.binds, at.number, key=_number)
        first, since = 0, -1
        for index in range(last - 1, -1, -1):
            one = self.binds[index]
            if one.block in blocks and not isinstance(one.node, ast.AugAssign):  # whatever was before is gone
                first, since = index, one.number
                break
        until = at.number  # what comes later in a loop may reach its next turn
        for loop in at.around:
            if isinstance(loop.node, _LOOPS) and loop.number > since:
                until = _end(loop)
        end = bisect_left(self.binds, until, key=_number)
        changes = self.changes[
            bisect_left(self.changes, since, key=_number) : bisect_left(self.changes, until, key=_number)
        ]
        return self.binds[first:end] + self.distant_binds, changes + self.distant_changes


def _number(one: Statement) -> int:
    return one.number


def _end(one: Statement) -> int:
    """The number behind the last statement inside of a compound one."""
    while one.inner:
        one = one.inner[-1]
    return one.number + 1

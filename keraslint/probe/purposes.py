"""What each statement of a program is there for: making models, or getting data, training, showing.

Told by the names that are called, followed through the functions of the program and of the files that it imports. Also
here: who calls whom, which classes belong together, and which statements may have bound or changed a name.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final, NamedTuple

from keraslint.probe.effects import SETTINGS, Effect, effect_of, library_effect
from keraslint.probe.statements import Called, Range, Scope, Statement, Statements, Use

_KERAS: Final = frozenset({"keras", "tensorflow", "tf_keras", "tensorflow_hub", "keras_hub", "keras_nlp", "keras_cv"})
_BUILDING: Final = frozenset(
    "layers models applications engine Model Sequential Input InputLayer KerasLayer optimizers losses metrics "
    "initializers regularizers Variable get_layer".split()
)
"""Parts of Keras's names that tell that something of a model is made."""
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


Imported = Callable[[Scope, str, tuple[str, ...]], "tuple[Purposes, str] | None"]


def _nothing(_scope: Scope, _name: str, _path: tuple[str, ...]) -> None:
    return None


class Purposes:
    """What each statement is there for, who calls whom, and which classes belong together.

    `roots` are the statements that hold something of any model of the program: these are never left behind. `imported`
    finds what a name means that another file of the project has.
    """

    def __init__(self, statements: Statements, roots: set[Statement], imported: Imported = _nothing) -> None:
        self.statements = statements
        self.roots = roots
        self.imported = imported
        self.holds_roots = {outer for one in roots for outer in all_around(one)}
        self._stories: dict[tuple[int, str], Story] = {}
        self.functions = [one for one in statements.all if one.made is not None and one.made.kind == "function"]
        self.classes = [one for one in statements.all if one.made is not None and one.made.kind == "class"]
        self._methods: dict[str, list[Statement]] = {}
        self._families = self._related()
        self._sites = self._found_sites()
        self.attributes = self._attributes()
        self.families_with: dict[str, list[Statement]] = {}
        for family, name in self.attributes:
            self.families_with.setdefault(name, []).append(family)
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

    def story(self, owner: Scope, name: str) -> Story:
        """What happens to a name of a scope."""
        key = id(owner), name
        if key not in self._stories:
            self._stories[key] = Story.of(owner, name)
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
                effect, builds = self._elsewhere(one.scope, call) or (effect_of(call, dotted), False)
                if builds:
                    self.building.add(one)
                if effect is not None:
                    self._note(self._named, one, effect)
                elif dotted is not None and dotted.partition(".")[0] in _KERAS:
                    self.building.update([one] if not _BUILDING.isdisjoint(dotted.split(".")) else ())
            if isinstance(one.node, (ast.Import, ast.ImportFrom)):
                imported = _import_effect(one.node)
                if imported is not None:
                    self._named[one] = imported

    def _elsewhere(self, scope: Scope, call: Called) -> tuple[Effect | None, bool] | None:
        """What a function of another file of the project is there for, and whether it makes something of a model."""
        if not call.name or self.defined(scope, call.name):
            return None
        found = self.imported(scope, call.name, call.path)
        if found is None:
            return None
        there, name = found
        for one in there.statements.module.binds.get(name, ()):
            if one.made is not None:
                builds = one in there.builds or one.made.kind == "class"
                return None if builds else there.functions_of.get(one), builds
        return None

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
            function = function_of(one)
            if function is None:
                continue
            if one in self.building:
                builds.add(function)
            if one in self._named and self._named[one] is not Effect.ASIDE:
                self._note(functions, function, self._named[one])
        for _ in range(_ROUNDS):  # who calls one that builds, builds; likewise for effects
            before = len(builds), dict(functions)
            for function in self.functions:
                for caller in self.call_sites(function):
                    outer = function_of(caller)
                    if outer is None or outer is function:
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

    def _found_sites(self) -> dict[Statement, list[Statement]]:
        """For each function, method and class the statements that call it; a method by its name alone."""
        found: dict[Statement, list[Statement]] = {}
        for one in self.functions:
            if one.scope.kind == "class":
                self._methods.setdefault(getattr(one.node, "name", ""), []).append(one)
        for caller in self.statements.all:
            for called in caller.calls:
                if called.path:
                    made = [one for one in self._methods.get(called.last, ()) if self._may_be(one, called, caller)]
                else:
                    owner = caller.scope.owner(called.name) if called.name else None
                    binds = self.story(owner, called.name).reaching(owner, caller)[0] if owner is not None else []
                    made = [one for one in binds if one.made is not None]
                for one in made:
                    found.setdefault(one, []).append(caller)
        return found

    def _may_be(self, method: Statement, called: Called, caller: Statement) -> bool:
        """Whether a call by the name of a method may be of this one: of `super()` it is one of a relative, and what
        begins an object is called through its own class."""
        assert isinstance(called.node.func, ast.Attribute)
        match called.node.func.value:
            case ast.Call(func=ast.Name(id="super")):
                return self.family(method.scope) is self.family(caller.scope)
            case ast.Name(id=name) if called.last == "__init__":
                return any(
                    self._families.get(one) is self.family(method.scope) for one in self.defined(caller.scope, name)
                )
        return called.last != "__init__"

    def handed_on(self, definition: Statement) -> list[Statement]:
        """The statements that read the name of a function without calling it: somebody else may."""
        scope, name = definition.scope, getattr(definition.node, "name", "")
        readers = self._readers.get(name, ())
        return [one for one in readers if one.scope.owner(name) is scope and not self.is_left_behind(one)]

    @cached_property
    def _readers(self) -> dict[str, list[Statement]]:
        """For each name the statements that read it as it is."""
        found: dict[str, list[Statement]] = {}
        for one in self.statements.all:
            for use in dict.fromkeys(one.uses):
                if not use.path:
                    found.setdefault(use.name, []).append(one)
        return found

    def is_motion(self, one: Statement) -> bool:
        """Whether a statement sets an object of the program going, again and again: no part of how models are made."""
        if one in self.building or one in self.holds_roots or not isinstance(one.node, ast.Expr):
            return False
        loops = [outer for outer in one.around if isinstance(outer.node, _LOOPS)]
        if not loops or any(loop in self.holds_roots for loop in loops):
            return False
        return any(call.path and call.last in self._methods for call in one.calls)

    def call_sites(self, definition: Statement) -> list[Statement]:
        """The statements that call a function, method or class."""
        return self._sites.get(definition, [])

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
            if self.hides(one):
                for use in one.changes:
                    owner = scope.owner(use.name)
                    if owner is not None and not self.is_of_models(owner.binds.get(use.name, ())):
                        tainted[id(owner), use.name] = True

    def is_of_models(self, binds: Iterable[Statement]) -> bool:
        """Whether a name is bound to something of a model: data do not make it something else."""
        return any(one in self.roots or one in self.building for one in binds)

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
    def settings(self) -> set[Statement]:
        """Statements that change how everything behind them is built."""
        return {
            one
            for one in self.statements.all
            if any(call.last in SETTINGS or (call.name, call.path[:1]) == ("sys", ("path",)) for call in one.calls)
        }

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


def function_of(one: Statement) -> Statement | None:
    """The function that a statement stands in."""
    scope = one.scope.function
    return scope.statement


def all_around(one: Statement) -> Iterator[Statement]:
    """All statements around one, up to the module."""
    outer = one.outer
    while outer is not None:
        yield outer
        outer = outer.outer


class Story(NamedTuple):
    """The statements that bind a name and those that change its object, in the scope of the name and in others."""

    binds: list[Statement]
    changes: list[Statement]
    distant_binds: list[Statement]
    distant_changes: list[Statement]

    @classmethod
    def of(cls, owner: Scope, name: str) -> Story:
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

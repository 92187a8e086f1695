"""Statements and expressions of one program, evaluated over abstract values.

The interpreter knows Python, not Keras: what a library name means is asked of `keraslint.static.library`. It follows
calls into the program's own functions and classes, tries both arms of a branch that it cannot decide and joins them,
and runs loops for a bounded number of turns. What it does not know is `Unknown`; it never guesses.

`Interpreter` holds what is true at one moment: the scope, the calls and loops around it, the steps that are left. Each
kind of syntax has a room beside this file, with functions that take the interpreter and a table that says which nodes
they evaluate. No room keeps anything of its own. What leads from one into another goes through the interpreter, whose
methods are the functions of the rooms; an opinion about models or losses enters none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

from keraslint.static import items
from keraslint.static.bounds import (
    MOST_FILES,
    MOST_IMPORTED,
    MOST_STEPS,
    STEPS_AT_LEAST,
    STEPS_FOR_IMPORTS,
    STEPS_PER_IMPORT,
    STEPS_PER_LINE,
    STEPS_PER_STATEMENT,
    WORK_PER_STEP,
    Budget,
)
from keraslint.static.interpreter import (
    attributes,
    branches,
    calls,
    containers,
    definitions,
    imports,
    literals,
    loops,
    operators,
    statements,
    targets,
)
from keraslint.static.library import removal
from keraslint.static.record import Record
from keraslint.static.state import Dead, State
from keraslint.static.text import project, tree
from keraslint.static.text.module import ModuleFile
from keraslint.static.values import (
    Arguments,
    Class,
    Const,
    Function,
    Instance,
    Key,
    Leave,
    Module,
    Scope,
    Site,
    Unknown,
    Value,
    escape,
    is_large,
)


class OutOfSteps(Exception):
    """The budget for this file is used up."""


def _share(file: ModuleFile) -> int:
    """The steps that a file is given for its length."""
    return STEPS_PER_STATEMENT * len(file.tree.body) + STEPS_PER_LINE * file.source.program.count("\n")


class Interpreter:
    """Evaluates one program. What it meets on the way (models, compiles, fits) goes into `record`."""

    def __init__(self, file: ModuleFile, known: Mapping[str, str] = MappingProxyType({})) -> None:
        """`known` are the versions of `keras` and `tensorflow` and the `backend`, as far as the project tells."""
        self.file = file
        self.known = known
        self.state = State()
        self.record = Record()
        self.scope = Scope(file)
        self.calls: list[Function] = []
        # as many as there are calls: how many branches were being tried when it began
        self.call_depths: list[int] = []
        # for each loop around: the ways out of this turn, and how many branches were being tried when it began
        self.loops: list[tuple[list[Leave], int]] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.entered: set[int] = set()
        self.literals: dict[int, Const] = {}
        self.instances: dict[int, Instance] = {}
        self.modules: dict[str, Module] = {}
        self.unresolved_star = False
        self.steps = min(STEPS_AT_LEAST + _share(file), MOST_STEPS)
        # what imported files may still add to the steps, and how many characters of them were read
        self.import_steps = STEPS_FOR_IMPORTS
        self.imported = 0
        self._running = False

    # -- the program ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Evaluate the module, then every function and method that nobody called."""
        self._running = True
        try:
            self._program(self.file)
            self._leftovers()
        except OutOfSteps:
            self.record.spent(Budget.STEPS, Site(self.file.tree, self.file))
        finally:
            self._running = False
            # what is read out of the values afterwards may call a few functions more
            self.steps = max(self.steps, STEPS_AT_LEAST)

    def follow(self, path: str) -> Module | None:
        """A file that is imported, evaluated once; nothing when it cannot be read or enough were followed already."""
        known = self.modules.get(path)
        if known is not None or path == self.file.source.path:
            return known
        if len(self.modules) >= MOST_FILES:
            self.record.spent(Budget.FILES, Site(self.file.tree, self.file))
            return None
        self.imported += project.size(path)
        if self.imported > MOST_IMPORTED:
            self.record.spent(Budget.SOURCES, Site(self.file.tree, self.file))
            return None
        file = project.load(path)
        if file is None:
            return None
        known = self.modules[path] = Module(Scope(file))
        share = min(_share(file), self.import_steps)
        self.import_steps -= share
        self.steps += share
        outer = self.scope, self.calls, self.call_depths, self.loops, self.state.path
        self.scope, self.calls, self.call_depths, self.loops = known.scope, [], [], []
        self.record.importing += 1
        try:
            with self._at_most(STEPS_PER_IMPORT + share, Budget.IMPORT, Site(self.file.tree, self.file)):
                self._program(file)
        finally:
            self.record.importing -= 1
            self.scope, self.calls, self.call_depths, self.loops, self.state.path = outer
        return known

    def _program(self, file: ModuleFile) -> None:
        """Top-level statements. A path that ends (an exit, an exception) does not end the reading of the file."""
        for statement in file.tree.body:
            try:
                self.statement(statement)
            except Dead:
                continue
            except RecursionError:
                self.record.spent(Budget.NESTING, Site(statement, file))

    def _leftovers(self) -> None:
        # reading one function may define more: the list grows while it is walked
        for function in self.functions:
            if function.owner is None and self._is_own(function.closure.file) and self._is_new(function):
                # what a replaced function took from the module may have been replaced with it
                latest = function.closure.names.get(function.name)
                self.record.replaced = isinstance(latest, Function) and latest is not function
                self._alone(function, None)
                self.record.replaced = False
        for cls in list(self.classes):
            if self._is_own(cls.site.file):
                self._methods(cls)

    def _methods(self, cls: Class) -> None:
        names = [name for name, member in cls.scope.names.items() if self._is_new(member)]
        if not names:
            return
        instance = self.instances.get(id(cls))
        if instance is None:
            arguments = Arguments([], {}, {}, cls.site, open=True, alone=True)
            made = self.guarded(lambda: calls.construct(self, cls, arguments))
            instance = made if isinstance(made, Instance) else Instance(cls, cls.site)
        for name in names:
            member = cls.scope.names[name]
            if isinstance(member, Function) and self._is_new(member):
                self._alone(member, instance)

    def _is_own(self, file: ModuleFile) -> bool:
        """Whether this is the file that is read, and not one that it imports: those are read on their own."""
        return file is self.file

    def _is_new(self, value: Value) -> bool:
        return isinstance(value, Function) and id(value.node) not in self.entered

    def _alone(self, function: Function, instance: Value | None) -> None:
        """Evaluate a function on its own: defaults stand, parameters without one are unknown."""
        site = Site(function.node, function.closure.file)
        conditional = removal.is_conditional(self.record, function)
        self.record.attempts += conditional
        with self._at_most(max(self.steps, STEPS_AT_LEAST) // 2, Budget.FUNCTION, site), self.record.apart():
            result = self.guarded(
                lambda: self.enter(function, Arguments([], {}, {}, site, open=True, alone=True), instance)
            )
            # nobody knows what its caller does with it
            escape((result,))
        self.record.attempts -= conditional

    @contextmanager
    def _at_most(self, steps: int, budget: Budget, site: Site) -> Iterator[None]:
        """Do something with at most so many of the steps that are left, and note where these were not enough."""
        kept = max(self.steps - steps, 0)
        self.steps -= kept
        try:
            yield
        except OutOfSteps:
            if not kept:
                raise
            self.record.spent(budget, site)
        finally:
            self.steps = max(self.steps, 0) + kept

    def guarded(self, run: Callable[[], Value]) -> Value:
        """Do something whose failure must not end what is going on around it: it gives an unknown."""
        try:
            return run()
        except Dead:
            return Unknown()
        except RecursionError:
            self.record.spent(Budget.NESTING, Site(self.file.tree, self.file))
            return Unknown()
        except OutOfSteps:
            if self._running:
                raise
            return Unknown()

    # -- one node ------------------------------------------------------------------------------------------------------

    def eval(self, node: tree.Expression) -> Value:
        """What an expression is."""
        run = _EXPRESSIONS.get(type(node))
        return run(self, node) if run is not None else Unknown()

    def statement(self, node: tree.Node) -> None:
        """Do what a statement does. Raises `Dead` when what follows it is not reached."""
        self.step()
        if type(node) is tree.SimpleStatementLine:
            for small in node.body:
                run = _STATEMENTS.get(type(small))
                if run is not None:
                    run(self, small)
            return
        run = _STATEMENTS.get(type(node))
        if run is not None:
            run(self, node)

    def block(self, suite: tree.Suite) -> None:
        """Do what the statements of a body do, one after the other."""
        for statement in suite.body:
            self.statement(statement)

    def step(self) -> None:
        """Count a statement or call."""
        state = self.state
        if state.work >= WORK_PER_STEP:
            self.steps -= state.work // WORK_PER_STEP
            state.work %= WORK_PER_STEP
        self.steps -= 1
        if self.steps < 0:
            raise OutOfSteps

    def at(self, node: tree.Node) -> Site:
        """The place of a node of the file that is being evaluated."""
        # the constructor of a named tuple would take three times as long
        return tuple.__new__(Site, (node, self.scope.file))

    def text(self, node: tree.Node) -> str:
        """A node as it is written."""
        return self.scope.file.text(node)

    def unknown(self, key: Key) -> Unknown:
        """An unknown that equals others of the same make; made fresh when the key has grown too deep."""
        return Unknown(None if is_large(key) else key)

    # -- the rooms -----------------------------------------------------------------------------------------------------

    lookup = targets.lookup
    bind = targets.bind
    set_name = targets.set_name
    items_of = items.items_of
    extend = items.extend
    iterate = containers.iterate
    attribute = attributes.attribute
    call = calls.call
    call_instance = calls.call_instance
    enter = calls.enter


_STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    **statements.STATEMENTS,
    **targets.STATEMENTS,
    **branches.STATEMENTS,
    **loops.STATEMENTS,
    **definitions.STATEMENTS,
    **imports.STATEMENTS,
}

_EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    **literals.EXPRESSIONS,
    **containers.EXPRESSIONS,
    **targets.EXPRESSIONS,
    **attributes.EXPRESSIONS,
    **operators.EXPRESSIONS,
    **branches.EXPRESSIONS,
    **loops.EXPRESSIONS,
    **definitions.EXPRESSIONS,
    **calls.EXPRESSIONS,
    **statements.EXPRESSIONS,
}

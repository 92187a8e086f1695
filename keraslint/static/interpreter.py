"""Statements and expressions of one program, evaluated over abstract values.

The interpreter knows Python, not Keras: what a library name means is asked of `keraslint.static.library`. It follows calls into
the program's own functions and classes, tries both arms of a branch that it cannot decide and joins them, and runs loops for
a bounded number of turns. What it does not know is `Unknown`; it never guesses.
"""

from __future__ import annotations

import builtins
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import libcst as cst

from keraslint.static import library
from keraslint.static.conditions import CONDITIONS, decide
from keraslint.static.module import ModuleFile
from keraslint.static.names import canonical, star_members
from keraslint.static.record import Record
from keraslint.static.state import MISSING, Dead, Journal, State
from keraslint.static.values import (
    GAP,
    NONE,
    Arguments,
    Bound,
    Choice,
    Class,
    Const,
    Data,
    Dict,
    External,
    Function,
    Guard,
    Instance,
    Key,
    Leave,
    List,
    Module,
    Object,
    Partial,
    Scope,
    Site,
    Super,
    Tensor,
    Tuple,
    Unknown,
    Value,
    is_large,
    key_of,
)

MOST_TURNS: Final = 24
"""Turns of a loop over known items; the rest of a longer loop is not followed. A loop inside a loop gets a share."""
MOST_FRAMES: Final = 6000
"""Python frames that evaluating one file may nest: an expression of a thousand operations needs three each."""
MOST_DEPTH: Final = 24
"""Calls inside calls."""
MOST_RECURSION: Final = 2
"""Calls of a function inside itself."""
MOST_ITEMS: Final = 4096
"""Items of a list or characters of a constant that is computed."""
STEPS_AT_LEAST: Final = 20_000
STEPS_PER_STATEMENT: Final = 60
"""Statements and calls that may be evaluated: a share for every file and one for each of its top-level statements."""

BUILTINS: Final = frozenset(dir(builtins))


class OutOfSteps(Exception):
    """The budget for this file is used up."""


class Interpreter:
    """Evaluates one program. What it meets on the way (models, compiles, fits) goes into `record`."""

    def __init__(self, file: ModuleFile) -> None:
        self.state = State()
        self.record = Record()
        self.file = file
        self.scope = Scope(file)
        self.module_scope = self.scope
        self.calls: list[Function] = []
        self.call_depths: list[int] = []
        self.entered: set[int] = set()
        self.loops: list[tuple[list[Leave], int]] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.instances: dict[int, Instance] = {}
        self.steps = STEPS_AT_LEAST + STEPS_PER_STATEMENT * len(file.tree.body)
        self.unresolved_star = False
        self.running = False

    # -- the program ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Evaluate the module, then every function and method that nobody called."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, MOST_FRAMES))
        self.running = True
        try:
            self.program(self.file.tree.body)
            self.leftovers()
        except OutOfSteps:
            self.record.exhausted = True
        finally:
            self.running = False
            # what is read out of the values afterwards may call a few functions more
            self.steps = max(self.steps, STEPS_AT_LEAST)
            sys.setrecursionlimit(limit)

    def program(self, statements: Sequence[cst.BaseStatement]) -> None:
        """Top-level statements. A path that ends (an exit, an exception) does not end the reading of the file."""
        for statement in statements:
            try:
                self.statement(statement)
            except (Dead, RecursionError):
                continue

    def leftovers(self) -> None:
        index = 0
        # reading one may define more, so the lists grow while they are walked
        while index < len(self.functions):
            function = self.functions[index]
            index += 1
            if id(function.node) not in self.entered and function.owner is None:
                self.alone(function, None)
        for cls in list(self.classes):
            self.methods(cls)

    def methods(self, cls: Class) -> None:
        names = [
            name
            for name, member in cls.scope.names.items()
            if isinstance(member, Function) and id(member.node) not in self.entered
        ]
        if not names:
            return
        instance = self.instances.get(id(cls))
        if instance is None:
            made = self.guarded(lambda: self.construct(cls, self.no_arguments(cls.site, open=True)))
            instance = made if isinstance(made, Instance) else Instance(cls, cls.site)
        for name in names:
            member = cls.scope.names[name]
            if isinstance(member, Function) and id(member.node) not in self.entered:
                self.alone(member, instance)

    def alone(self, function: Function, instance: Value | None) -> None:
        """Evaluate a function on its own: defaults stand, parameters without one are unknown."""
        site = Site(function.node, function.closure.file)
        arguments = self.no_arguments(site, open=True)
        self.guarded(lambda: self.enter(function, arguments, instance))

    def guarded(self, run: Callable[[], Value]) -> Value:
        try:
            return run()
        except (Dead, RecursionError):
            return Unknown()
        except OutOfSteps:
            if self.running:
                raise
            return Unknown()

    def no_arguments(self, site: Site, *, open: bool = False) -> Arguments:
        return Arguments([], {}, {}, site, open=open)

    def at(self, node: cst.CSTNode) -> Site:
        return Site(node, self.scope.file)

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise OutOfSteps

    # -- statements ----------------------------------------------------------------------------------------------------

    def block(self, suite: cst.BaseSuite) -> None:
        for statement in suite.body:
            self.statement(statement)

    def statement(self, node: cst.CSTNode) -> None:
        self.step()
        if isinstance(node, cst.SimpleStatementLine):
            for small in node.body:
                run = STATEMENTS.get(type(small))
                if run is not None:
                    run(self, small)
            return
        run = STATEMENTS.get(type(node))
        if run is not None:
            run(self, node)

    def do_expr(self, node: cst.Expr) -> None:
        self.eval(node.value)

    def do_assign(self, node: cst.Assign) -> None:
        value = self.eval(node.value)
        for target in node.targets:
            self.bind(target.target, value)

    def do_annotated(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.eval(node.value))

    def do_augmented(self, node: cst.AugAssign) -> None:
        old = self.eval(node.target) if isinstance(node.target, cst.BaseExpression) else Unknown()
        added = self.eval(node.value)
        if isinstance(old, List) and isinstance(node.operator, cst.AddAssign):
            self.extend(old, added)
            return
        word = AUGMENTED.get(type(node.operator), "")
        self.bind(node.target, self.binary(word, old, added, node))

    def do_return(self, node: cst.Return) -> None:
        value = self.eval(node.value) if node.value is not None else NONE
        self.leave("return", value)
        raise Dead

    def leave(self, kind: str, value: Value) -> None:
        scope = self.scope
        base = self.call_depths[-1] if self.call_depths else 0
        scope.leaves.append(Leave(kind, self.state.guard, value, self.state.writes(base)))

    def do_break(self, _node: cst.Break) -> None:
        self.leave_loop("break")

    def do_continue(self, _node: cst.Continue) -> None:
        self.leave_loop("continue")

    def leave_loop(self, kind: str) -> None:
        if self.loops:
            leaves, base = self.loops[-1]
            leaves.append(Leave(kind, self.state.guard, NONE, self.state.writes(base)))
        raise Dead

    def do_raise(self, _node: cst.Raise) -> None:
        raise Dead

    def do_assert(self, node: cst.Assert) -> None:
        self.eval(node.test)

    def do_global(self, node: cst.Global) -> None:
        for item in node.names:
            self.scope.outer[item.name.value] = self.module_scope_of(self.scope)

    def do_nonlocal(self, node: cst.Nonlocal) -> None:
        for item in node.names:
            name = item.name.value
            parent = self.scope.parent
            while parent is not None and name not in parent.names:
                parent = parent.parent
            if parent is not None:
                self.scope.outer[name] = parent

    def module_scope_of(self, scope: Scope) -> Scope:
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def do_if(self, node: cst.If) -> None:
        orelse = node.orelse

        def otherwise() -> None:
            if isinstance(orelse, cst.If):
                self.do_if(orelse)
            elif orelse is not None:
                self.block(orelse.body)

        self.branch(self.eval(node.test), lambda: self.block(node.body), otherwise)

    def branch(self, test: Value, yes: Callable[[], Any], no: Callable[[], Any]) -> None:
        """Run one arm, or both and join them when the test cannot be decided."""
        test = self.state.settle(test)
        if isinstance(test, Choice):
            cases = [(guard, self.branch_later(one, yes, no)) for guard, one in test.alternatives]
            if not any(alive for _, _, alive in self.state.fork(cases)):
                raise Dead
            return
        verdict = decide(test, self.state.path)
        if verdict.outcome is not None:
            (yes if verdict.outcome else no)()
            return
        rows = self.state.fork([(verdict.if_true, yes), (verdict.if_false, no)])
        if not any(alive for _, _, alive in rows):
            raise Dead

    def branch_later(self, test: Value, yes: Callable[[], Any], no: Callable[[], Any]) -> Callable[[], None]:
        return lambda: self.branch(test, yes, no)

    def do_for(self, node: cst.For) -> None:
        items, known = self.iterate(self.eval(node.iter), node.iter)
        most = max(MOST_TURNS >> (2 * min(len(self.loops), 2)), 2)
        complete = known

        def turns() -> None:
            nonlocal complete
            for count, item in enumerate(items):
                if count >= most:
                    complete = False
                    return

                def turn(item: Value = item) -> None:
                    self.bind(node.target, item)
                    self.block(node.body)

                if not self.turn(turn):
                    return

        written = self.state.watch(turns)
        if not complete:
            self.loosen(written)
        if node.orelse is not None and known:
            self.block(node.orelse.body)

    def loosen(self, written: Journal) -> None:
        """A loop went on for longer than it was followed: lists may have grown further, counters have gone on."""
        for where, key, before in written.values():
            now = where.get(key)
            if isinstance(now, Tuple) and key == "items" and isinstance(before, Tuple) and len(now.items) > len(before.items):
                self.state.write(where, key, Tuple(now.items, rest=True))
            elif isinstance(now, Const) and isinstance(before, Const) and type(now.value) in {int, float, str}:
                self.state.write(where, key, Unknown())
            elif isinstance(key, tuple) and key[0] == "item" and before is MISSING:
                self.state.write(where, "rest", NONE)

    def turn(self, run: Callable[[], None]) -> bool:
        """One turn of a loop; false when no path leads to another turn. Paths that leave the function stay dead."""
        leaves: list[Leave] = []
        path = self.state.path
        depth = self.state.depth
        self.loops.append((leaves, depth))
        alive = True
        try:
            run()
        except Dead:
            alive = False
        finally:
            self.loops.pop()
        if not alive and not leaves:
            raise Dead
        again = alive or any(leave.kind == "continue" for leave in leaves)
        if leaves:
            ways = [(leave.guard - frozenset(path.items()), leave.writes) for leave in leaves]
            if alive:
                ways.append((self.state.guard - frozenset(path.items()), {}))
            self.state.adopt(ways)
        self.state.path = path
        return again

    def do_while(self, node: cst.While) -> None:
        for _ in range(max(MOST_TURNS >> (2 * min(len(self.loops), 2)), 2)):
            test = decide(self.state.settle(self.eval(node.test)), self.state.path)
            if test.outcome is False:
                break
            if not self.turn(lambda: self.block(node.body)) or test.outcome is None:
                break
            if isinstance(node.test, cst.Name) and node.test.value == "True":
                break

    def do_try(self, node: cst.Try | cst.TryStar) -> None:
        names = set(self.scope.names)
        survived = True
        try:
            self.block(node.body)
            if node.orelse is not None:
                self.block(node.orelse.body)
        except Dead:
            survived = False
        fresh = {name: value for name, value in self.scope.names.items() if name not in names}
        for handler in node.handlers:
            if survived and not self.adds(handler.body, fresh):
                continue
            if handler.name is not None:
                self.bind(handler.name.name, Unknown())
            try:
                self.block(handler.body)
                survived = True
            except Dead:
                pass
            # what the body found stands; a handler only fills in what the body left open
            for name, value in fresh.items():
                if not isinstance(value, Unknown):
                    self.set_name(name, value)
        if node.finalbody is not None:
            self.block(node.finalbody.body)
        if not survived:
            raise Dead

    def adds(self, suite: cst.BaseSuite, fresh: dict[str, Value]) -> bool:
        """Whether a handler may bring a name that the body did not: an import of the other Keras, a fallback."""
        bodies = [line for line in suite.body if isinstance(line, cst.SimpleStatementLine)]
        small = [one for line in bodies for one in line.body]
        return any(isinstance(one, (cst.Import, cst.ImportFrom, cst.Assign)) for one in small) and not fresh

    def do_with(self, node: cst.With) -> None:
        tapes = 0
        for item in node.items:
            tapes += cst_dotted(item.item).endswith("GradientTape")
            value = self.eval(item.item)
            entered = library.enter_context(self, value)
            if item.asname is not None:
                self.bind(item.asname.name, entered)
        self.record.tapes += tapes
        try:
            self.block(node.body)
        finally:
            self.record.tapes -= tapes

    def do_function(self, node: cst.FunctionDef) -> None:
        function = self.function(node, node.params, node.name.value)
        kind = "function"
        wrapped: Value = function
        for decorator in node.decorators:
            word = cst_dotted(decorator.decorator)
            if word in {"staticmethod", "classmethod", "property"} or word.endswith((".setter", "cached_property")):
                kind = word.rpartition(".")[2]
            else:
                self.eval(decorator.decorator)
        if kind == "setter":
            return
        function.kind = "property" if kind == "cached_property" else kind
        self.functions.append(function)
        self.set_name(node.name.value, wrapped)

    def function(self, node: cst.FunctionDef | cst.Lambda, params: cst.Parameters, name: str) -> Function:
        defaults = {
            param.name.value: self.eval(param.default)
            for param in (*params.posonly_params, *params.params, *params.kwonly_params)
            if param.default is not None
        }
        return Function(node, self.scope, defaults, name)

    def do_class(self, node: cst.ClassDef) -> None:
        bases = tuple(self.eval(base.value) for base in node.bases)
        scope = Scope(self.scope.file, self.scope, is_class=True)
        cls = Class(node.name.value, bases, scope, node, self.at(node))
        outer, self.scope = self.scope, scope
        try:
            for statement in node.body.body:
                self.statement(statement)
        except Dead:
            pass
        finally:
            self.scope = outer
        for member in scope.names.values():
            if isinstance(member, Function) and member.owner is None:
                member.owner = cls
        self.classes.append(cls)
        self.set_name(node.name.value, cls)

    def do_import(self, node: cst.Import) -> None:
        for alias in node.names:
            dotted = cst_dotted(alias.name)
            value = self.imported(dotted, alias)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                self.set_name(alias.asname.name.value, value)
            else:
                first = dotted.partition(".")[0]
                self.set_name(first, self.imported(first, alias))

    def do_import_from(self, node: cst.ImportFrom) -> None:
        module = cst_dotted(node.module) if node.module is not None else ""
        if node.relative:
            module = "." * len(node.relative) + module
        if isinstance(node.names, cst.ImportStar):
            self.import_star(module, node)
            return
        for alias in node.names:
            name = cst_dotted(alias.name)
            bound = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else name
            self.set_name(bound, self.imported_name(module, name, alias))

    def import_star(self, module: str, node: cst.ImportFrom) -> None:
        known = star_members(module)
        if known is None:
            self.unresolved_star = True
            return
        library.note_import(self, module, self.at(node))
        for name, dotted in known.items():
            self.scope.names[name] = External(dotted)

    def imported(self, dotted: str, node: cst.CSTNode) -> Value:
        library.note_import(self, dotted, self.at(node))
        return External(canonical(dotted))

    def imported_name(self, module: str, name: str, node: cst.CSTNode) -> Value:
        if module.startswith("."):
            return Unknown(("import", module, name))
        library.note_import(self, f"{module}.{name}", self.at(node))
        return External(canonical(f"{module}.{name}"))

    def do_match(self, node: cst.Match) -> None:
        subject = self.eval(node.subject)
        self.match_cases(subject, list(node.cases))

    def match_cases(self, subject: Value, cases: list[cst.MatchCase]) -> None:
        if not cases:
            return
        case = cases[0]
        pattern = case.pattern
        if isinstance(pattern, cst.MatchAs) and pattern.pattern is None:
            if pattern.name is not None:
                self.bind(pattern.name, subject)
            self.block(case.body)
            return
        values = self.pattern_values(pattern)
        test: Value = Unknown(("match", key_of(subject), self.text(pattern)))
        if values is not None:
            test = self.any_equal(subject, values)
        self.branch(test, lambda: self.block(case.body), lambda: self.match_cases(subject, cases[1:]))

    def pattern_values(self, pattern: cst.MatchPattern) -> list[Value] | None:
        if isinstance(pattern, cst.MatchValue):
            return [self.eval(pattern.value)]
        if isinstance(pattern, cst.MatchSingleton):
            return [self.eval(pattern.value)]
        if isinstance(pattern, cst.MatchOr):
            found: list[Value] = []
            for element in pattern.patterns:
                inner = self.pattern_values(element.pattern)
                if inner is None:
                    return None
                found += inner
            return found
        return None

    def any_equal(self, subject: Value, values: list[Value]) -> Value:
        tests = [CONDITIONS["=="](subject, value) for value in values]
        return tests[0] if len(tests) == 1 else self.combine("or", tests)

    def text(self, node: cst.CSTNode) -> str:
        return self.scope.file.tree.code_for_node(node)

    # -- names and targets ---------------------------------------------------------------------------------------------

    def set_name(self, name: str, value: Value) -> None:
        scope = self.scope.outer.get(name, self.scope)
        self.state.write(scope.names, name, value)

    def lookup(self, name: str) -> Value:
        scope: Scope | None = self.scope
        first = True
        while scope is not None:
            if first or not scope.is_class:
                value = scope.names.get(name)
                if value is not None:
                    return self.state.settle(value) if isinstance(value, Choice) else value
            first = False
            scope = scope.parent
        if name in BUILTINS:
            return External(f"builtins.{name}")
        if name == "__name__":
            return Const("__main__")
        return library.free_name(self, name)

    def bind(self, target: cst.BaseExpression, value: Value) -> None:
        if isinstance(target, cst.Name):
            self.set_name(target.value, value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            self.unpack(target, value)
        elif isinstance(target, cst.Attribute):
            self.set_attribute(self.eval(target.value), target.attr.value, value, target)
        elif isinstance(target, cst.Subscript):
            self.set_item(self.eval(target.value), target, value)
        elif isinstance(target, cst.StarredElement):
            self.bind(target.value, value)

    def unpack(self, target: cst.Tuple | cst.List, value: Value) -> None:
        elements = target.elements
        starred = [index for index, one in enumerate(elements) if isinstance(one, cst.StarredElement)]
        value = self.state.settle(value)
        if isinstance(value, Choice):
            # one choice for each name, with the same decisions
            rows = [(guard, self.parts(one, len(elements))) for guard, one in value.alternatives]
            for index, element in enumerate(elements):
                parts = [(guard, items[index]) for guard, items in rows]
                self.bind(element.value, self.state.choose(parts) if not starred else Unknown())
            return
        if starred:
            items, _ = self.items_of(value)
            first = starred[0]
            after = len(elements) - first - 1
            for index, element in enumerate(elements):
                if items is None:
                    self.bind(element.value, Unknown())
                elif index < first:
                    self.bind(element.value, items[index] if index < len(items) else Unknown())
                elif index == first:
                    self.bind(element.value, List(tuple(items[first : len(items) - after])))
                else:
                    at = len(items) - (len(elements) - index)
                    self.bind(element.value, items[at] if 0 <= at < len(items) else Unknown())
            return
        for element, item in zip(elements, self.parts(value, len(elements)), strict=True):
            self.bind(element.value, item)

    def parts(self, value: Value, wanted: int) -> list[Value]:
        """A value taken apart into so many items; unknown ones where that is not possible."""
        items, rest = self.items_of(value)
        if items is not None and (len(items) == wanted or (rest and len(items) >= wanted)):
            return list(items[:wanted])
        taken = library.take_apart(self, value, wanted)
        if taken is not None:
            return taken
        base = key_of(value)
        return [Unknown(("part", base, index, wanted)) for index in range(wanted)]

    def items_of(self, value: Value) -> tuple[tuple[Value, ...] | None, bool]:
        """The items of a list or tuple, and whether more may follow."""
        value = self.state.settle(value)
        if isinstance(value, List):
            value = self.state.settle(value.state["items"])
        if isinstance(value, Tuple):
            return value.items, value.rest
        if isinstance(value, Dict):
            return tuple(Const(key) for key, _ in value.items()), bool(value.state.get("rest"))
        if isinstance(value, Const) and isinstance(value.value, (tuple, list)):
            return tuple(Const(item, value.site) for item in value.value), False
        return None, True

    def iterate(self, value: Value, node: cst.CSTNode) -> tuple[Iterable[Value], bool]:
        """What a loop goes through, and whether that is all. Unknown content gives one unknown item."""
        value = self.state.settle(value)
        items, rest = self.items_of(value)
        if items is not None and (items or not rest):
            return items, not rest
        if isinstance(value, Const) and isinstance(value.value, str):
            return [Const(one, value.site) for one in value.value[: MOST_TURNS + 1]], True
        if isinstance(value, Const) and isinstance(value.value, range):
            return [Const(one, value.site) for one in value.value[: MOST_TURNS + 1]], True
        found = library.iterate(self, value)
        if found is not None:
            return found, False
        return [Unknown(("each", key_of(value), id(node)))], False

    def set_attribute(self, owner: Value, name: str, value: Value, node: cst.Attribute) -> None:
        def one(owner: Value) -> Value:
            if isinstance(owner, Object):
                self.state.write(owner.state, name, value)
                library.attribute_set(self, owner, name, value, self.at(node))
            elif isinstance(owner, Class):
                self.state.write(owner.scope.names, name, value)
            return NONE

        self.state.each(owner, one)

    def set_item(self, owner: Value, target: cst.Subscript, value: Value) -> None:
        index = self.index(target)

        def one(owner: Value) -> Value:
            if isinstance(owner, Dict):
                if isinstance(index, Const) and isinstance(index.value, (str, int, float, bool, type(None))):
                    self.state.write(owner.state, ("item", index.value), value)
                else:
                    self.state.write(owner.state, "rest", NONE)
            elif isinstance(owner, List):
                items, rest = self.items_of(owner)
                if (
                    items is not None
                    and isinstance(index, Const)
                    and type(index.value) is int
                    and -len(items) <= index.value < len(items)
                ):
                    changed = list(items)
                    changed[index.value] = value
                    self.state.write(owner.state, "items", Tuple(tuple(changed), rest=rest))
            else:
                library.item_set(self, owner, index, value, self.at(target))
            return NONE

        self.state.each(owner, one)
        if isinstance(owner, External):
            library.item_set(self, owner, index, value, self.at(target))

    def extend(self, owner: List, added: Value) -> None:
        items, rest = self.items_of(owner)
        more, more_rest = self.items_of(added)
        if items is None:
            return
        if more is None:
            self.state.write(owner.state, "items", Tuple(items, rest=True))
        elif len(items) + len(more) <= MOST_ITEMS:
            self.state.write(owner.state, "items", Tuple(items + more, rest=rest or more_rest))
        else:
            self.state.write(owner.state, "items", Tuple(items, rest=True))

    # -- expressions ---------------------------------------------------------------------------------------------------

    def eval(self, node: cst.BaseExpression) -> Value:
        run = EXPRESSIONS.get(type(node))
        return run(self, node) if run is not None else Unknown()

    def ev_name(self, node: cst.Name) -> Value:
        word = node.value
        if word in SINGLETONS:
            return Const(SINGLETONS[word], self.at(node))
        return self.lookup(word)

    def ev_integer(self, node: cst.Integer) -> Value:
        if len(node.value) > 4000:
            return Unknown()
        text = node.value
        return Const(int(text) if text.isdecimal() and text[0] != "0" else node.evaluated_value, self.at(node))

    def ev_float(self, node: cst.Float) -> Value:
        return Const(node.evaluated_value, self.at(node))

    def ev_string(self, node: cst.SimpleString | cst.ConcatenatedString) -> Value:
        text = node.value if isinstance(node, cst.SimpleString) else "\\"
        if text[0] in "\"'" and text[:3] not in TRIPLE and "\\" not in text:
            return Const(text[1:-1], self.at(node))
        try:
            value = node.evaluated_value
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return Unknown()
        return Const(value, self.at(node)) if value is not None else Unknown()

    def ev_formatted(self, node: cst.FormattedString) -> Value:
        text = ""
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                text += part.value
                continue
            value = (
                self.state.settle(self.eval(part.expression))
                if isinstance(part, cst.FormattedStringExpression)
                else Unknown()
            )
            if not isinstance(value, Const) or getattr(part, "format_spec", None) or len(text) > MOST_ITEMS:
                return Unknown(("f", self.text(node)))
            text += str(value.value)
        return Const(text, self.at(node))

    def ev_tuple(self, node: cst.Tuple) -> Value:
        items, rest = self.elements(node.elements)
        return Tuple(items, rest=rest)

    def ev_list(self, node: cst.List | cst.Set) -> Value:
        items, rest = self.elements(node.elements)
        return List(items, self.at(node), rest=rest)

    def elements(self, elements: Sequence[cst.BaseElement]) -> tuple[tuple[Value, ...], bool]:
        found: list[Value] = []
        rest = False
        for element in elements:
            value = self.eval(element.value)
            if isinstance(element, cst.StarredElement):
                items, more = self.items_of(value)
                found += items if items is not None else (GAP,)
                rest = rest or more
            else:
                found.append(value)
        return tuple(found), rest

    def ev_dict(self, node: cst.Dict) -> Value:
        made = Dict(self.at(node))
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                key = self.state.settle(self.eval(element.key))
                value = self.eval(element.value)
                if isinstance(key, Const) and key.value.__hash__ is not None:
                    made.state[("item", key.value)] = value
                    made.state[("site", key.value)] = self.at(element)
                else:
                    made.state["rest"] = NONE
            else:
                inner = self.state.settle(self.eval(element.value))
                if isinstance(inner, Dict):
                    made.state.update(inner.state)
                else:
                    made.state["rest"] = NONE
        return made

    def ev_comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> Value:
        found, rest = self.comprehend(node.for_in, lambda: self.eval(node.elt))
        return List(tuple(found), self.at(node), rest=rest)

    def ev_dict_comprehension(self, node: cst.DictComp) -> Value:
        made = Dict(self.at(node))

        def pair() -> Value:
            return Tuple((self.eval(node.key), self.eval(node.value)))

        found, rest = self.comprehend(node.for_in, pair)
        for item in found:
            if (
                isinstance(item, Tuple)
                and isinstance(item.items[0], Const)
                and item.items[0].value.__hash__ is not None
            ):
                made.state[("item", item.items[0].value)] = item.items[1]
            else:
                rest = True
        if rest:
            made.state["rest"] = NONE
        return made

    def comprehend(self, clause: cst.CompFor, element: Callable[[], Value]) -> tuple[list[Value], bool]:
        """Items of a comprehension and whether there may be others. The loop's names live in a scope of their own."""
        outer = self.scope
        self.scope = Scope(outer.file, outer)
        try:
            return self.comprehend_clause(clause, element)
        finally:
            self.scope = outer

    def comprehend_clause(self, clause: cst.CompFor, element: Callable[[], Value]) -> tuple[list[Value], bool]:
        items, known = self.iterate(self.eval(clause.iter), clause.iter)
        found: list[Value] = []
        rest = not known
        for turn, item in enumerate(items):
            if turn >= MOST_TURNS * 4:
                rest = True
                break
            self.step()
            self.bind(clause.target, item)
            tests = [decide(self.state.settle(self.eval(one.test)), self.state.path).outcome for one in clause.ifs]
            if False in tests:
                continue
            rest = rest or None in tests
            if clause.inner_for_in is not None:
                inner, more = self.comprehend_clause(clause.inner_for_in, element)
                found += inner
                rest = rest or more
            else:
                found.append(element())
        return found, rest

    def ev_conditional(self, node: cst.IfExp) -> Value:
        return self.either(self.eval(node.test), lambda: self.eval(node.body), lambda: self.eval(node.orelse))

    def either(self, test: Value, yes: Callable[[], Value], no: Callable[[], Value]) -> Value:
        test = self.state.settle(test)
        if isinstance(test, Choice):
            return self.state.each(test, lambda one: self.either(one, yes, no))
        verdict = decide(test, self.state.path)
        if verdict.outcome is not None:
            return yes() if verdict.outcome else no()
        rows = self.state.fork([(verdict.if_true, yes), (verdict.if_false, no)])
        alive = [(guard, value) for guard, value, living in rows if living]
        if not alive:
            raise Dead
        return self.state.choose(alive)  # type: ignore[no-any-return]

    def ev_boolean(self, node: cst.BooleanOperation) -> Value:
        left = self.eval(node.left)
        word = "and" if isinstance(node.operator, cst.And) else "or"
        settled = self.state.settle(left)
        if not isinstance(settled, Choice):
            outcome = decide(settled, self.state.path).outcome
            if outcome is not None:
                # python's own short circuit: the deciding operand is the value
                return settled if outcome == (word == "or") else self.eval(node.right)
        right = self.eval(node.right)
        if word == "or" and not isinstance(settled, (Unknown, Choice)):
            return settled
        return self.combine(word, [left, right])

    def combine(self, word: str, tests: list[Value]) -> Value:
        settled = [self.state.settle(one) for one in tests]
        for index, one in enumerate(settled):
            if isinstance(one, Choice):
                others = settled[:index], settled[index + 1 :]
                return self.state.each(
                    one, lambda each, others=others: self.combine(word, [*others[0], each, *others[1]])
                )  # type: ignore[misc]
        left: list[Value] = []
        for one in settled:
            outcome = decide(one, self.state.path).outcome
            if outcome is None:
                left.append(one)
            elif outcome == (word == "or"):
                return one
        if not left:
            return Const(word == "and")
        if len(left) == 1:
            return left[0]
        return self.unknown((word, *(key_of(one) for one in left)))

    def ev_comparison(self, node: cst.Comparison) -> Value:
        left = self.eval(node.left)
        tests: list[Value] = []
        for target in node.comparisons:
            right = self.eval(target.comparator)
            word = COMPARISONS.get(type(target.operator))
            tests.append(self.compare(word, left, right, node) if word else Unknown())
            left = right
        return tests[0] if len(tests) == 1 else self.combine("and", tests)

    def compare(self, word: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
        left, right = self.state.settle(left), self.state.settle(right)
        if isinstance(left, Choice):
            return self.state.each(left, lambda one: self.compare(word, one, right, node))
        if isinstance(right, Choice):
            return self.state.each(right, lambda one: self.compare(word, left, one, node))
        data = library.compare(self, word, left, right, self.at(node))
        if data is not None:
            return data
        if word in {"in", "not in"}:
            items, rest = self.items_of(right)
            if isinstance(left, Const) and items is not None and all(isinstance(one, Const) for one in items):
                values = [one.value for one in items if isinstance(one, Const)]
                if left.value in values:
                    return Const(word == "in")
                if not rest:
                    return Const(word == "not in")
            elif items is not None and not rest and 0 < len(items) <= 6:
                test = self.any_equal(left, list(items))
                return CONDITIONS["not"](test, test) if word == "not in" else test
            if (
                isinstance(right, Const)
                and isinstance(left, Const)
                and isinstance(right.value, str)
                and isinstance(left.value, str)
            ):
                return Const((left.value in right.value) == (word == "in"))
        return CONDITIONS[word](left, right)

    def ev_unary(self, node: cst.UnaryOperation) -> Value:
        value = self.state.settle(self.eval(node.expression))
        if isinstance(node.operator, cst.Not):
            return self.state.each(value, lambda one: CONDITIONS["not"](one, one))
        if isinstance(node.operator, cst.Minus):
            return self.state.each(value, lambda one: self.negative(one, node))
        if isinstance(node.operator, cst.Plus):
            return value
        return Unknown()

    def negative(self, value: Value, node: cst.CSTNode) -> Value:
        if isinstance(value, Const) and isinstance(value.value, (int, float)):
            return Const(-value.value, self.at(node))
        if isinstance(value, Tensor):
            return library.tensor(self, "neg", (value,), self.at(node))
        if isinstance(value, Data):
            return library.arithmetic(self, "*", value, Const(-1), self.at(node))
        return self.unknown(("neg", key_of(value)))

    def ev_binary(self, node: cst.BinaryOperation) -> Value:
        left = self.eval(node.left)
        right = self.eval(node.right)
        return self.binary(OPERATORS.get(type(node.operator), ""), left, right, node)

    def binary(self, word: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
        left, right = self.state.settle(left), self.state.settle(right)
        if isinstance(left, (Tensor, Data)) or isinstance(right, (Tensor, Data)):
            return library.arithmetic(self, word, left, right, self.at(node))
        if isinstance(left, Choice):
            return self.state.each(left, lambda one: self.binary(word, one, right, node))
        if isinstance(right, Choice):
            return self.state.each(right, lambda one: self.binary(word, left, one, node))
        if isinstance(left, Const) and isinstance(right, Const):
            return self.fold(word, left.value, right.value, node)
        if word == "/" and isinstance(left, Unknown):
            scaled = library.scaled(left, right, self.at(node))
            if scaled is not None:
                return scaled
        if word in {"+", "*"}:
            joined = self.join_items(word, left, right, node)
            if joined is not None:
                return joined
        if word == "%" and isinstance(left, Const) and isinstance(left.value, str):
            return Unknown(("%", self.text(node)))
        return self.unknown((word, key_of(left), key_of(right)))

    def fold(self, word: str, left: Any, right: Any, node: cst.CSTNode) -> Value:
        run = FOLDS.get(word)
        small = all(not isinstance(one, (str, bytes, tuple, list)) or len(one) <= MOST_ITEMS for one in (left, right))
        tame = all(not isinstance(one, int) or abs(one) < 2**64 for one in (left, right))
        if (
            run is None
            or not small
            or not tame
            or (word == "**" and isinstance(right, (int, float)) and abs(right) > 64)
        ):
            return Unknown()
        if word == "*" and any(isinstance(one, (str, bytes, tuple, list)) for one in (left, right)):
            times = right if isinstance(left, (str, bytes, tuple, list)) else left
            if not isinstance(times, int) or times > 1000:
                return Unknown()
        try:
            return Const(run(left, right), self.at(node))
        except Exception:
            return Unknown()

    def join_items(self, word: str, left: Value, right: Value, node: cst.CSTNode) -> Value | None:
        first, rest = self.items_of(left)
        if first is None:
            return None
        if word == "*":
            if isinstance(right, Const) and type(right.value) is int and len(first) * max(right.value, 0) <= MOST_ITEMS:
                items = first * max(right.value, 0)
                return Tuple(items, rest=rest) if isinstance(left, Tuple) else List(items, self.at(node), rest=rest)
            return None
        second, more = self.items_of(right)
        if second is None or len(first) + len(second) > MOST_ITEMS:
            return None
        items = first + second
        return (
            Tuple(items, rest=rest or more)
            if isinstance(left, Tuple)
            else List(items, self.at(node), rest=rest or more)
        )

    def unknown(self, key: Key) -> Unknown:
        """An unknown that equals others of the same make; made fresh when the key has grown too deep."""
        return Unknown(None if is_large(key) else key)

    def ev_lambda(self, node: cst.Lambda) -> Value:
        return self.function(node, node.params, "<lambda>")

    def ev_named(self, node: cst.NamedExpr) -> Value:
        value = self.eval(node.value)
        self.bind(node.target, value)
        return value

    def ev_await(self, node: cst.Await) -> Value:
        return self.eval(node.expression)

    def ev_yield(self, node: cst.Yield) -> Value:
        if isinstance(node.value, cst.From):
            value = self.eval(node.value.item)
        else:
            value = self.eval(node.value) if node.value is not None else NONE
        self.leave("yield", value)
        return Unknown()

    def ev_attribute(self, node: cst.Attribute) -> Value:
        return self.attribute(self.eval(node.value), node.attr.value, node)

    def attribute(self, owner: Value, name: str, node: cst.CSTNode) -> Value:
        if isinstance(owner, External):
            return library.external_attribute(self, owner, name, self.at(node))
        owner = self.state.settle(owner)
        if isinstance(owner, Choice):
            return self.state.each(owner, lambda one: self.attribute(one, name, node))
        if isinstance(owner, Module):
            return owner.file.scope.names.get(name, Unknown(("attr", key_of(owner), name)))
        if isinstance(owner, Super):
            return self.super_attribute(owner, name)
        if isinstance(owner, Class):
            member = owner.member(name)
            if isinstance(member, Function) and member.kind == "classmethod":
                return Bound(owner, name, member)
            return member if member is not None else Bound(owner, name)
        if isinstance(owner, Object) and name in owner.state and isinstance(owner.state[name], Value):
            return self.state.settle(owner.state[name])
        if isinstance(owner, Instance):
            return self.instance_attribute(owner, name)
        if isinstance(owner, Unknown):
            return self.unknown(("attr", owner.key, name))
        special = library.attribute(self, owner, name, self.at(node))
        return special if special is not None else Bound(owner, name)

    def instance_attribute(self, owner: Instance, name: str) -> Value:
        member = owner.cls.member(name)
        if isinstance(member, Function):
            if member.kind == "property":
                return self.enter(member, self.no_arguments(Site(member.node, member.closure.file)), owner)
            if member.kind == "staticmethod":
                return member
            return Bound(owner, name, member)
        if member is not None:
            return self.state.settle(member)
        special = library.attribute(self, owner, name, owner.site)
        if special is not None:
            return special
        if library.has_method(owner, name):
            return Bound(owner, name)
        return self.unknown(("attr", key_of(owner), name))

    def super_attribute(self, owner: Super, name: str) -> Value:
        passed = False
        ancestors = owner.instance.cls.ancestors() if isinstance(owner.instance, Instance) else owner.after.ancestors()
        for one in ancestors:
            if one is owner.after:
                passed = True
            elif passed and isinstance(one, Class) and isinstance(one.scope.names.get(name), Function):
                return Bound(owner.instance, name, one.scope.names[name])  # type: ignore[arg-type]
        return Bound(owner, name)

    def index(self, node: cst.Subscript) -> Value:
        """The index of a subscript: a constant, a tuple, or `Const(slice(...))` with constant ends."""
        found: list[Value] = []
        for element in node.slice:
            part = element.slice
            if isinstance(part, cst.Index):
                found.append(self.eval(part.value))
            else:
                ends = [self.slice_end(end) for end in (part.lower, part.upper, part.step)]
                found.append(Const(slice(*ends), self.at(node)))
        return found[0] if len(found) == 1 else Tuple(tuple(found))

    def slice_end(self, node: cst.BaseExpression | None) -> Any:
        if node is None:
            return None
        value = self.state.settle(self.eval(node))
        return value.value if isinstance(value, Const) and type(value.value) is int else value

    def ev_subscript(self, node: cst.Subscript) -> Value:
        owner = self.eval(node.value)
        index = self.index(node)
        return self.item(owner, index, node)

    def item(self, owner: Value, index: Value, node: cst.CSTNode) -> Value:
        owner, index = self.state.settle(owner), self.state.settle(index)
        if isinstance(owner, Choice):
            return self.state.each(owner, lambda one: self.item(one, index, node))
        if isinstance(index, Choice) and not isinstance(owner, (Tensor, Data)):
            return self.state.each(index, lambda one: self.item(owner, one, node))
        if isinstance(owner, Dict):
            return self.dict_item(owner, index)
        items, rest = self.items_of(owner) if not isinstance(owner, (Tensor, Data)) else (None, True)
        if items is not None and isinstance(index, Const):
            return self.list_item(owner, items, rest, index)
        if isinstance(owner, Const) and isinstance(index, Const):
            try:
                return Const(owner.value[index.value], owner.site)
            except Exception:
                return Unknown()
        if items is not None and items and not rest and isinstance(index, Unknown) and len(items) <= 6:
            return self.state.choose([(frozenset({(("pick", index.key), at)}), one) for at, one in enumerate(items)])  # type: ignore[no-any-return]
        special = library.item(self, owner, index, self.at(node))
        if special is not None:
            return special
        return self.unknown(("item", key_of(owner), key_of(index)))

    def list_item(self, owner: Value, items: tuple[Value, ...], rest: bool, index: Const) -> Value:
        at = index.value
        if isinstance(at, slice) and all(end is None or type(end) is int for end in (at.start, at.stop, at.step)):
            if rest:
                return Tuple(items[at], rest=True) if isinstance(owner, Tuple) else List(items[at], rest=True)
            try:
                taken = items[at]
            except ValueError:
                return Unknown()
            return Tuple(taken) if isinstance(owner, Tuple) else List(taken)
        if type(at) is int and -len(items) <= at < len(items) and not any(one is GAP for one in (items[at:] if at < 0 else items[: at + 1])):
            return self.state.settle(items[at])
        return self.unknown(("item", key_of(owner), key_of(index)))

    def dict_item(self, owner: Dict, index: Value) -> Value:
        if isinstance(index, Const) and index.value.__hash__ is not None:
            found = owner.state.get(("item", index.value))
            if isinstance(found, Value):
                return self.state.settle(found)
            return self.unknown(("item", key_of(owner), key_of(index)))
        pairs = list(owner.items())
        if isinstance(index, Unknown) and pairs and "rest" not in owner.state and len(pairs) <= 8:
            # every entry is possible: the decision is that the index equals its key
            return self.state.choose([(frozenset({(("pick", index.key), name)}), one) for name, one in pairs])  # type: ignore[no-any-return]
        return self.unknown(("item", key_of(owner), key_of(index)))

    # -- calls ---------------------------------------------------------------------------------------------------------

    def ev_call(self, node: cst.Call) -> Value:
        self.step()
        callee = self.eval(node.func)
        if isinstance(callee, External) and callee.dotted == "builtins.super":
            return self.super_call(node)
        return self.call(callee, self.arguments(node), node)

    def arguments(self, node: cst.Call) -> Arguments:
        positional: list[Value] = []
        named: dict[str, Value] = {}
        places: dict[int | str, Site] = {}
        unknown_rest = False
        for arg in node.args:
            value = self.eval(arg.value)
            if arg.star == "*":
                items, more = self.items_of(value)
                for item in items or ():
                    places[len(positional)] = self.at(arg.value)
                    positional.append(item)
                unknown_rest = unknown_rest or more or items is None
            elif arg.star == "**":
                settled = self.state.settle(value)
                if isinstance(settled, Dict):
                    for key, one in settled.items():
                        if isinstance(key, str):
                            named[key] = one
                            places[key] = settled.state.get(("site", key)) or self.at(arg.value)
                    unknown_rest = unknown_rest or "rest" in settled.state
                else:
                    unknown_rest = True
            elif arg.keyword is not None:
                named[arg.keyword.value] = value
                places[arg.keyword.value] = self.at(arg)
            else:
                places[len(positional)] = self.at(arg.value)
                positional.append(value)
        return Arguments(positional, named, places, self.at(node), open=unknown_rest)

    def call(self, callee: Value, arguments: Arguments, node: cst.CSTNode) -> Value:
        """Call a value. What a library name does is the library's affair; unknown callees give unknowns."""
        callee = self.state.settle(callee)
        if isinstance(callee, External):
            return library.call(self, callee, arguments)
        if isinstance(callee, Function):
            return self.enter(callee, arguments, None)
        if isinstance(callee, Bound):
            if callee.function is not None:
                return self.enter(callee.function, arguments, callee.receiver)
            return self.state.each(callee.receiver, lambda one: library.method(self, one, callee.name, arguments))
        if isinstance(callee, Choice):
            return self.state.each(callee, lambda one: self.call(one, arguments, node))
        if isinstance(callee, Class):
            return self.construct(callee, arguments)
        if isinstance(callee, Partial):
            merged = callee.arguments.followed_by(arguments)
            return self.call(callee.callee, merged, node)
        if isinstance(callee, Instance):
            return self.call_instance(callee, arguments)
        if isinstance(callee, Unknown):
            return library.unknown_call(self, callee, arguments)
        return library.call_object(self, callee, arguments)

    def call_instance(self, instance: Instance, arguments: Arguments) -> Value:
        for name in ("call", "__call__"):
            member = instance.cls.member(name)
            if isinstance(member, Function):
                result = self.enter(member, arguments, instance)
                return library.called_instance(self, instance, arguments, result)
        return library.call_object(self, instance, arguments)

    def super_call(self, node: cst.Call) -> Value:
        function = next((one for one in reversed(self.calls) if one.owner is not None), None)
        if function is None or function.owner is None or not isinstance(function.node, cst.FunctionDef):
            return Unknown()
        params = function.node.params
        first = (*params.posonly_params, *params.params)
        if not first:
            return Unknown()
        instance = self.lookup(first[0].name.value)
        return Super(instance, function.owner)

    def construct(self, cls: Class, arguments: Arguments) -> Value:
        """Make an instance: run `__init__` of the program, or leave it to the library's base class."""
        made = Instance(cls, arguments.site)
        self.instances.setdefault(id(cls), made)
        initializer = cls.member("__init__")
        if isinstance(initializer, Function):
            self.enter(initializer, arguments, made)
        else:
            library.init_instance(self, made, arguments)
        return made

    def enter(self, function: Function, arguments: Arguments, receiver: Value | None) -> Value:
        """Evaluate a function of the program with these arguments."""
        self.step()
        node = function.node
        self.entered.add(id(node))
        if len(self.calls) >= MOST_DEPTH or sum(one.node is node for one in self.calls) >= MOST_RECURSION:
            self.record.deep = True
            return Unknown()
        scope = Scope(function.closure.file, function.closure)
        scope.function = function
        self.fill(scope, function, arguments, receiver)
        outer, path, loops = self.scope, self.state.path, self.loops
        depth = self.state.depth
        self.scope, self.loops = scope, []
        self.calls.append(function)
        self.call_depths.append(depth)
        alive = True
        result: Value = NONE
        try:
            if isinstance(node, cst.Lambda):
                return self.eval(node.body)
            try:
                self.block(node.body)
            except Dead:
                alive = False
            result = self.leaving(scope, path, alive=alive)
        finally:
            self.scope, self.state.path, self.loops = outer, path, loops
            self.calls.pop()
            self.call_depths.pop()
        return result

    def leaving(self, scope: Scope, path: dict[Key, Any], *, alive: bool) -> Value:
        """The value of a call: what it returned on each way out, with what was written on that way."""
        before = frozenset(path.items())
        yields = [leave for leave in scope.leaves if leave.kind == "yield"]
        if yields:
            return List(tuple(leave.value for leave in yields), rest=True)
        returns = [leave for leave in scope.leaves if leave.kind == "return"]
        ways: list[tuple[Guard, Value]] = [(leave.guard - before, leave.value) for leave in returns]
        journals = [(leave.guard - before, leave.writes) for leave in returns]
        if alive:
            now = self.state.guard - before
            ways.append((now, NONE))
            journals.append((now, {}))
        if not ways:
            return Unknown()
        if any(journal for _, journal in journals):
            self.state.path = path
            self.state.adopt(journals)
        if (
            len(ways) > 1
            and alive
            and isinstance(ways[-1][1], Const)
            and any(not isinstance(one, Const) for _, one in ways[:-1])
        ):
            # a function that returns models on some ways and falls off its end on another: the end is a path nobody uses
            ways = ways[:-1]
        return self.state.choose(ways) if len(ways) > 1 else ways[0][1]  # type: ignore[no-any-return]

    def fill(self, scope: Scope, function: Function, arguments: Arguments, receiver: Value | None) -> None:
        """Bind the parameters of a call."""
        params = function.node.params
        names = [param.name.value for param in (*params.posonly_params, *params.params)]
        keyword_only = [param.name.value for param in params.kwonly_params]
        positional = list(arguments.positional)
        if receiver is not None and function.kind != "staticmethod":
            positional.insert(0, receiver)
        bound = dict(zip(names, positional, strict=False))
        extra: dict[str, Value] = {}
        for name, value in arguments.named.items():
            if name in names or name in keyword_only:
                bound[name] = value
            else:
                extra[name] = value
        for name in (*names, *keyword_only):
            if name not in bound:
                default = function.defaults.get(name)
                bound[name] = default if default is not None else Unknown()
        if isinstance(params.star_arg, cst.Param):
            rest = tuple(positional[len(names) :])
            bound[params.star_arg.name.value] = Tuple(rest, rest=arguments.open)
        if params.star_kwarg is not None:
            collected = Dict(arguments.site)
            for name, value in extra.items():
                collected.state[("item", name)] = value
                if name in arguments.places:
                    collected.state[("site", name)] = arguments.places[name]
            if arguments.open:
                collected.state["rest"] = NONE
            bound[params.star_kwarg.name.value] = collected
        scope.names.update(bound)


def cst_dotted(node: cst.CSTNode | None) -> str:
    """`a.b.c` of an attribute chain (or of the function of a call); empty when it is something else."""
    parts: list[str] = []
    if isinstance(node, cst.Call):
        node = node.func
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    parts.append(node.value)
    return ".".join(reversed(parts))


TRIPLE: Final = {'"""', "'''"}
SINGLETONS: Final[dict[str, Any]] = {"True": True, "False": False, "None": None}

AUGMENTED: Final[dict[type, str]] = {
    cst.AddAssign: "+",
    cst.SubtractAssign: "-",
    cst.MultiplyAssign: "*",
    cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//",
    cst.ModuloAssign: "%",
    cst.PowerAssign: "**",
    cst.MatrixMultiplyAssign: "@",
}

OPERATORS: Final[dict[type, str]] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.BitAnd: "&",
    cst.BitOr: "|",
}

FOLDS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "&": operator.and_,
    "|": operator.or_,
}

COMPARISONS: Final[dict[type, str]] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
}

STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    cst.Expr: Interpreter.do_expr,
    cst.Assign: Interpreter.do_assign,
    cst.AnnAssign: Interpreter.do_annotated,
    cst.AugAssign: Interpreter.do_augmented,
    cst.Return: Interpreter.do_return,
    cst.Break: Interpreter.do_break,
    cst.Continue: Interpreter.do_continue,
    cst.Raise: Interpreter.do_raise,
    cst.Assert: Interpreter.do_assert,
    cst.Global: Interpreter.do_global,
    cst.Nonlocal: Interpreter.do_nonlocal,
    cst.Import: Interpreter.do_import,
    cst.ImportFrom: Interpreter.do_import_from,
    cst.If: Interpreter.do_if,
    cst.For: Interpreter.do_for,
    cst.While: Interpreter.do_while,
    cst.Try: Interpreter.do_try,
    cst.TryStar: Interpreter.do_try,
    cst.With: Interpreter.do_with,
    cst.FunctionDef: Interpreter.do_function,
    cst.ClassDef: Interpreter.do_class,
    cst.Match: Interpreter.do_match,
}

EXPRESSIONS: Final[dict[type, Callable[[Interpreter, Any], Value]]] = {
    cst.Name: Interpreter.ev_name,
    cst.Integer: Interpreter.ev_integer,
    cst.Float: Interpreter.ev_float,
    cst.SimpleString: Interpreter.ev_string,
    cst.ConcatenatedString: Interpreter.ev_string,
    cst.FormattedString: Interpreter.ev_formatted,
    cst.Tuple: Interpreter.ev_tuple,
    cst.List: Interpreter.ev_list,
    cst.Set: Interpreter.ev_list,
    cst.Dict: Interpreter.ev_dict,
    cst.ListComp: Interpreter.ev_comprehension,
    cst.SetComp: Interpreter.ev_comprehension,
    cst.GeneratorExp: Interpreter.ev_comprehension,
    cst.DictComp: Interpreter.ev_dict_comprehension,
    cst.IfExp: Interpreter.ev_conditional,
    cst.BooleanOperation: Interpreter.ev_boolean,
    cst.Comparison: Interpreter.ev_comparison,
    cst.UnaryOperation: Interpreter.ev_unary,
    cst.BinaryOperation: Interpreter.ev_binary,
    cst.Lambda: Interpreter.ev_lambda,
    cst.NamedExpr: Interpreter.ev_named,
    cst.Await: Interpreter.ev_await,
    cst.Yield: Interpreter.ev_yield,
    cst.Attribute: Interpreter.ev_attribute,
    cst.Subscript: Interpreter.ev_subscript,
    cst.Call: Interpreter.ev_call,
}

"""From some statements back to everything that they need: names, changes of objects, definitions, calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from keraslint.probe.purposes import Purposes, all_around, function_of
from keraslint.probe.statements import BUILTINS, Scope, Statement, Use

_HOOKS: Final = frozenset(
    """
    call build compute_output_shape compute_output_spec compute_mask get_config from_config train_step test_step
    predict_step compute_loss compute_metrics update_state result reset_state reset_states metrics add_weight compile
    get_build_config build_from_config regularization
    """.split()
)
"""Methods that Keras calls."""
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@dataclass(frozen=True, slots=True)
class Lone:
    """A function or class that nobody calls, by its qualified name (`Trainer.build`), and what to call it with.

    `line` is the one of its `def`.
    """

    name: str
    line: int
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Closure:
    """Goes back from some statements to everything that they need."""

    def __init__(self, facts: Purposes, read: Iterable[str] = (), *, apart: bool = False) -> None:
        """`read` are attributes that are read elsewhere. With `apart` what makes the models is called by itself, and
        not as the program calls it.
        """
        self.facts = facts
        self.keep: set[Statement] = set()
        self.calls: list[Lone] = []
        self._open: list[Statement] = []
        self._led: set[tuple[Statement, bool]] = set()
        self._apart = apart
        self._wanted: set[Statement] = set()
        self.read: set[str] = set(read)
        self._objects: set[tuple[Statement, str]] = set()
        self._methods: dict[str, list[Statement]] = {}

    def run(self, roots: Iterable[Statement]) -> None:
        for one in roots:
            self._effective(one, always=True)
        for one in self.facts.settings:
            if one.scope.kind == "module":
                self._need(one)
        while self._open:
            self._follow(self._open.pop())

    def want(self, names: Iterable[str] | None) -> None:
        """Names of this module that another one imports; all of them without `names`."""
        module = self.facts.statements.module
        self._wanted = self.facts.roots
        binds = module.binds
        found = [one for name in (binds if names is None else names) for one in binds.get(name, ())]
        for one in found:
            if not self.facts.is_left_behind(one):
                self._need(one)
        if names is None:
            for star in module.stars:
                self._need(star)
        self.run(())

    # -- statements ----------------------------------------------------------------------------------------------------

    def _need(self, one: Statement) -> None:
        if one not in self.keep:
            self.keep.add(one)
            self._open.append(one)

    def _effective(self, one: Statement, *, always: bool = False) -> None:
        """A statement that is needed for what it does: the function that it stands in has to be called.

        With `always` even where nobody in the program calls it.
        """
        self._need(one)
        function = function_of(one)
        if function is not None:
            self._lead(function, always=always)

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

    def _lead(self, function: Statement, *, always: bool) -> None:
        """See to it that a function is called."""
        if (function, always) in self._led:
            return
        self._led.add((function, always))
        self._need(function)
        name = getattr(function.node, "name", "")
        target = function
        if function.scope.kind == "class" and (name in _HOOKS or name.startswith("__")):
            cls = function.scope.statement
            assert cls is not None
            target = cls
        outer = function_of(target)
        if self._apart and always and outer is None:
            self.calls.append(Lone(_qualified(target), target.node.lineno))
            return
        sites = [one for one in self._sites_of(function, target) if function not in all_around(one)]
        handed = [] if sites else [one for one in self.facts.handed_on(target) if function not in all_around(one)]
        for one in (*sites, *handed):
            self._effective(one, always=always)
        if always and not sites and (outer is None or not handed):
            self.calls.append(Lone(_qualified(target), target.node.lineno))
            if outer is not None:
                self._lead(outer, always=always)

    def _sites_of(self, function: Statement, target: Statement) -> list[Statement]:
        """The statements that call a function; for one that Keras calls, those that make an object of its class."""
        sites = list(self.facts.call_sites(target))
        family = self.facts.family(function.made) if target is not function and function.made is not None else None
        for cls in self.facts.relatives(family) if family is not None else ():
            sites += self.facts.call_sites(cls) if cls is not target else []
        return sites

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
            elif name.startswith("__") or name in self.read or (foreign and self._is_for_keras(member, name)):
                self._need(member)
            else:
                self._methods.setdefault(name, []).append(member)

    def _is_for_keras(self, method: Statement, name: str) -> bool:
        """Whether a class that inherits from elsewhere may be asked for a method from there."""
        return name in _HOOKS or not self.facts.is_dirty(method)

    def _attribute(self, name: str) -> None:
        """An attribute is read: methods of that name are needed, and what sets one of that name."""
        if name not in self.read:
            self.read.add(name)
            for method in self._methods.pop(name, ()):
                self._need(method)
            for family in self.facts.families_with.get(name, ()):
                self._object(family, name)

    def _body(self, one: Statement, made: Scope) -> None:
        """What of the body of a function is needed: all of it that computes, or what leads to what it gives back."""
        name = getattr(one.node, "name", "")
        hook = one.scope.kind == "class" and name in _HOOKS
        whole = hook or not (self.facts.is_dirty(one) or any(map(self.facts.hides, made.statements)))
        if whole:
            for inner in made.statements:
                if hook or not self.facts.is_left_behind(inner) or isinstance(inner.node, ast.Return):
                    self._need(inner)
            return
        for inner in made.statements:
            if isinstance(inner.node, (ast.Global, ast.Nonlocal)) or inner in self._wanted | self.facts.settings:
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
        given = use.name in owner.parameters and not binds
        if not given and any(map(facts.hides, (*binds, *changes))) and not facts.is_of_models(binds):
            binds = [one for one in binds if isinstance(one.node, _DEFINITIONS) and not facts.hides(one)]
            changes = []
        for one in binds:
            if not facts.is_left_behind(one):
                self._need(one)
                if owner is not scope and one.scope is not owner:  # bound by `global` in a function
                    self._effective(one)
        for one in changes:
            if one is at or facts.is_left_behind(one) or facts.is_motion(one):
                continue
            if function_of(one) is function_of(at):
                self._need(one)
            else:
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
        if hidden and not facts.is_of_models(setters):
            return
        first = any(function is not None and _is_initializer(function) for function in map(function_of, setters))
        for one in setters:
            if facts.is_left_behind(one):
                continue
            if not first or one in facts.roots or one in facts.building:
                self._effective(one)
            else:  # it has a value without it: whoever sets another one has to be needed himself
                self._need(one)


def _is_initializer(function: Statement) -> bool:
    return getattr(function.node, "name", "") == "__init__"


def _yields(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom))


def _qualified(one: Statement) -> str:
    """The name of a definition with those around it."""
    outer = [each.node.name for each in all_around(one) if isinstance(each.node, (ast.ClassDef, ast.FunctionDef))]
    return ".".join([*reversed(outer), getattr(one.node, "name", "")])

"""Imports: which names a program binds, of libraries and of other files of the linted tree.

What a library name is called canonically is the affair of `names`, where a file lies that of `project`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keraslint.static import library
from keraslint.static.library import removal
from keraslint.static.names import canonical, star_members
from keraslint.static.text import project, tree
from keraslint.static.values import External, Module, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def _import(interp: Interpreter, node: tree.Import) -> None:
    for alias in node.names:
        dotted = dotted_name(alias.name)
        if alias.asname is not None:
            found = _module(interp, dotted)
            if found is None:
                removal.note_import(interp, dotted, alias.name)
            interp.set_name(alias.asname, found or _imported(interp, dotted, alias))
            continue
        first = dotted.partition(".")[0]
        library.note_import(interp, dotted, interp.at(alias))
        found = _module(interp, first)
        if found is None:
            removal.note_import(interp, dotted, alias.name)
        interp.set_name(first, found or _imported(interp, first, alias))


def _import_from(interp: Interpreter, node: tree.ImportFrom) -> None:
    module = "." * node.relative + dotted_name(node.module)
    owner = _module(interp, module)
    if owner is None:
        removal.note_import_from(interp, module, node)
    if isinstance(node.names, tree.ImportStar):
        _import_star(interp, module, owner, node)
        return
    for alias in node.names:
        name = dotted_name(alias.name)
        interp.set_name(alias.asname or name, _imported_name(interp, module, owner, name, alias))


def _imported_name(interp: Interpreter, module: str, owner: Module | None, name: str, node: tree.Node) -> Value:
    if owner is not None:
        return member(interp, owner, name)
    # `from . import models` and `from package import models`, where the folder has no file of its own
    inner = _module(interp, module + name if module.endswith(".") else f"{module}.{name}")
    if inner is not None:
        return inner
    return Unknown(("import", module, name)) if module.startswith(".") else _imported(interp, f"{module}.{name}", node)


def _import_star(interp: Interpreter, module: str, owner: Module | None, node: tree.ImportFrom) -> None:
    if owner is not None:
        for name, value in owner.scope.names.items():
            if not name.startswith("_"):
                interp.set_name(name, value)
        return
    known = star_members(module)
    if known is None:
        interp.unresolved_star = True
        return
    library.note_import(interp, module, interp.at(node))
    for name, dotted in known.items():
        interp.scope.names[name] = External(dotted, path=f"{module}.{name}")


def _module(interp: Interpreter, dotted: str) -> Module | None:
    """The file of the linted tree that a module name means."""
    path = project.find(interp.scope.file.source.path, dotted)
    return interp.follow(path) if path is not None else None


def member(interp: Interpreter, owner: Module, name: str) -> Value:
    """A name of a file of the linted tree, or a module of its package."""
    found = owner.scope.names.get(name)
    if found is not None:
        return interp.state.settle(found)
    path = project.submodule(owner.scope.file.source.path, name)
    inner = interp.follow(path) if path is not None else None
    return inner if inner is not None else Unknown(("import", owner.scope.file.source.path, name))


def _imported(interp: Interpreter, dotted: str, node: tree.Node) -> Value:
    library.note_import(interp, dotted, interp.at(node))
    return External(canonical(dotted), path=dotted)


def dotted_name(node: tree.Node | None) -> str:
    """`a.b.c` of an attribute chain (or of the function of a call); empty when it is something else."""
    parts: list[str] = []
    if isinstance(node, tree.Call):
        node = node.func
    while isinstance(node, tree.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, tree.Name):
        return ""
    parts.append(node.value)
    return ".".join(reversed(parts))


STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    tree.Import: _import,
    tree.ImportFrom: _import_from,
}

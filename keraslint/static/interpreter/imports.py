"""Imports: which names of libraries a program binds. What those are called canonically is the affair of `names`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from keraslint.static import library
from keraslint.static.names import canonical, star_members
from keraslint.static.values import External, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter


def _import(interp: Interpreter, node: cst.Import) -> None:
    for alias in node.names:
        dotted = dotted_name(alias.name)
        value = _imported(interp, dotted, alias)
        if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
            interp.set_name(alias.asname.name.value, value)
        else:
            first = dotted.partition(".")[0]
            interp.set_name(first, _imported(interp, first, alias))


def _import_from(interp: Interpreter, node: cst.ImportFrom) -> None:
    module = dotted_name(node.module)
    if node.relative:
        module = "." * len(node.relative) + module
    if isinstance(node.names, cst.ImportStar):
        _import_star(interp, module, node)
        return
    for alias in node.names:
        name = dotted_name(alias.name)
        bound = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else name
        if module.startswith("."):
            interp.set_name(bound, Unknown(("import", module, name)))
        else:
            interp.set_name(bound, _imported(interp, f"{module}.{name}", alias))


def _import_star(interp: Interpreter, module: str, node: cst.ImportFrom) -> None:
    known = star_members(module)
    if known is None:
        interp.unresolved_star = True
        return
    library.note_import(interp, module, interp.at(node))
    for name, dotted in known.items():
        interp.scope.names[name] = External(dotted)


def _imported(interp: Interpreter, dotted: str, node: cst.CSTNode) -> Value:
    library.note_import(interp, dotted, interp.at(node))
    return External(canonical(dotted))


def dotted_name(node: cst.CSTNode | None) -> str:
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


STATEMENTS: Final[dict[type, Callable[[Interpreter, Any], None]]] = {
    cst.Import: _import,
    cst.ImportFrom: _import_from,
}

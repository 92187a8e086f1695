"""Names that some Keras does not have: where a program imports, reads or calls them, and what may stand there instead.

A name that is missing on purpose is not noted: inside a `try` that catches it, under `pytest.raises`, or when the
program itself asks with `hasattr` whether it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from keraslint.model import Fact, Removed
from keraslint.static.catalog import layers, removed
from keraslint.static.catalog.removed import RemovedSpec
from keraslint.static.library.runtimes import runtime_of
from keraslint.static.library.versions import decides_version
from keraslint.static.names import star_members
from keraslint.static.record import Record, RemovedUse
from keraslint.static.text import tree
from keraslint.static.values import Arguments, Const, Function

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

BACKEND: Final = "keras.backend"
"""Keras 3 dropped its mathematics as a whole."""

_CATCHING: Final = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "Exception", "BaseException"})
_EXPECTING: Final = ("raises", "assertRaises", "assertRaisesRegex", "suppress", "warns")


# -- on purpose --------------------------------------------------------------------------------------------------------


def is_attempt(node: tree.Try) -> bool:
    """Whether a `try` goes on when a name is missing."""
    return any(handler.type is None or _CATCHING & set(_last_words(handler.type)) for handler in node.handlers)


def expects_failure(node: tree.Expression) -> bool:
    """Whether `with node:` is there to see something fail."""
    return isinstance(node, tree.Call) and any(word in _EXPECTING for word in _last_words(node.func))


def _last_words(node: tree.Expression) -> Iterator[str]:
    if isinstance(node, tree.Tuple):
        for element in node.elements:
            yield from _last_words(element.value)
    elif isinstance(node, tree.Attribute):
        yield node.attr.value
    elif isinstance(node, tree.Name):
        yield node.value


def note_question(interp: Interpreter, arguments: Arguments) -> None:
    """`hasattr(owner, name)` and `getattr(owner, name, otherwise)`: the program knows that it may be missing."""
    name = arguments.get("name", 1)
    if isinstance(name, Const) and isinstance(name.value, str):
        interp.record.asked.add(name.value)


def note_definition(interp: Interpreter, node: tree.FunctionDef | tree.ClassDef) -> None:
    """A function or class that is defined for some versions only, or where a name may be missing."""
    if interp.record.attempts or decides_version(interp.state.guard):
        interp.record.conditional.add(id(node))


def is_conditional(record: Record, function: Function) -> bool:
    """Whether a function that nobody calls is meant for some versions only."""
    nodes = {id(function.node), id(function.owner.node) if function.owner is not None else 0}
    return not nodes.isdisjoint(record.conditional)


# -- noting ------------------------------------------------------------------------------------------------------------


def note_import(interp: Interpreter, path: str, node: tree.Node) -> None:
    """`import path`."""
    found = _located(path)
    if found is not None:
        _note(interp, node, found[0], found[1])


def note_import_from(interp: Interpreter, module: str, node: tree.ImportFrom) -> None:
    """`from module import names`: the module when it is gone, else those of its names that are."""
    names = [] if isinstance(node.names, tree.ImportStar) else list(node.names)
    found = _located(module)
    if found is not None and node.module is not None:
        package, spec = found
        _note(interp, node.module, package, spec, _other_module(package, spec, names))
        return
    for alias in names:
        found = _located(f"{module}.{alias.evaluated_name}")
        if found is not None:
            package, spec = found
            _note(interp, alias.name, package, spec, _other_name(spec, module_of(spec), alias))


def note_attribute(interp: Interpreter, path: str, node: tree.Node) -> None:
    """`owner.name`, where the owner was imported; of `a.b.c`, the longest part that is a name of the table."""
    if not isinstance(node, tree.Attribute):
        return
    package, _, name = path.rpartition(".")
    found = _located(path)
    if found is None or (_located(package) is not None and removed.find(found[1].name) is None):
        return
    package, spec = found
    if spec.name.rpartition(".")[2] != name:
        return  # a member of a module that has been noted
    uses = interp.record.removed
    if uses and uses[-1].site.node is node.value:
        uses.pop()
    if spec.successor is None or not spec.name.startswith(spec.successor):
        same_module = spec.successor is not None and module_of(spec) == spec.successor.rpartition(".")[0]
        text = spec.successor.rpartition(".")[2] if spec.successor is not None and same_module else None
        _note(interp, node.attr, package, spec, text)
        return
    owner: tree.Expression = node
    for _ in range(spec.name.count(".") - spec.successor.count(".")):
        if not isinstance(owner, tree.Attribute):
            return
        owner = owner.value
    _note(interp, node, package, spec, interp.text(owner))


def note_member(interp: Interpreter, name: str, arguments: Arguments) -> None:
    """A method or attribute of an object of Keras: `Model.fit_generator`, by the call of it."""
    spec = removed.find(name)
    call = arguments.site.node
    if spec is not None and isinstance(call, tree.Call) and isinstance(call.func, tree.Attribute):
        is_same = name.partition(".")[2] not in removed.GENERATORS or _passes_as_today(arguments)
        _note(interp, call.func.attr, None, spec, spec.successor if is_same else None)


def note_read(interp: Interpreter, name: str, node: tree.Node) -> None:
    """An attribute of an object of Keras: `Layer.output_shape`."""
    spec = removed.find(name)
    if spec is not None and isinstance(node, tree.Attribute):
        _note(interp, node.attr, None, spec)


def note_legacy_optimizer(interp: Interpreter, arguments: Arguments) -> None:
    """An optimizer of `keras.optimizers.legacy` that is made: importing it does not fail."""
    call = arguments.site.node
    if isinstance(call, tree.Call):
        _note(interp, call.func, None, removed.LEGACY_OPTIMIZER)


def _note(
    interp: Interpreter, node: tree.Node, package: str | None, spec: RemovedSpec, successor: str | None = None
) -> None:
    record = interp.record
    if not record.attempts:
        record.removed.append(RemovedUse(interp.at(node), interp.state.guard, spec, package, successor))


def _located(path: str) -> tuple[str, RemovedSpec] | None:
    """The package of an import path, and what is known of the name or of the module that it lies in."""
    found = removed.package_of(path)
    if found is None:
        return None
    package, name = found
    while name:
        spec = removed.find(name)
        if spec is not None:
            return package, spec
        name = name.rpartition(".")[0]
    return None


# -- what may stand there instead --------------------------------------------------------------------------------------


def module_of(spec: RemovedSpec) -> str:
    """The module that a name lies in."""
    return spec.name.rpartition(".")[0]


def _other_module(package: str, spec: RemovedSpec, names: Sequence[tree.ImportAlias]) -> str | None:
    """The module that has all of some names today."""
    if spec.successor is None or not names:
        return None
    known = star_members(spec.successor) or {}
    for alias in names:
        name = alias.evaluated_name
        layer = layers.by_name(name) if spec.successor == "keras.layers" else None
        if name not in known or removed.find(f"{spec.successor}.{name}") or (layer and not layer.in_keras_3):
            return None
    return package + spec.successor.removeprefix("keras")


def _other_name(spec: RemovedSpec, module: str, alias: tree.ImportAlias) -> str | None:
    """Today's name in the same module, bound to the name that the program uses."""
    if spec.successor is None or spec.successor.rpartition(".")[0] != module:
        return None
    name = spec.successor.rpartition(".")[2]
    return name if alias.asname is not None else f"{name} as {alias.evaluated_name}"


def _passes_as_today(arguments: Arguments) -> bool:
    """Whether the arguments of a method for generators mean the same in today's method."""
    old = frozenset({"generator", "max_queue_size", "workers", "use_multiprocessing", "pickle_safe", "max_q_size"})
    counted = frozenset({"nb_epoch", "samples_per_epoch", "nb_val_samples", "val_samples", "nb_worker"})
    return len(arguments.positional) == 1 and not arguments.open and not (old | counted) & arguments.named.keys()


# -- telling -----------------------------------------------------------------------------------------------------------


def removed_names(record: Record, uses: Iterable[RemovedUse]) -> Iterator[Removed]:
    """Every name that some Keras does not have, once, with all of its places; those of the backend all together."""
    places: dict[tuple[str, str | None, str | None], dict[int, RemovedUse]] = {}
    for use in uses:
        name = use.spec.name
        if name.rpartition(".")[2] not in record.asked and not decides_version(use.guard):
            group = module_of(use.spec) if module_of(use.spec) == BACKEND else name
            key = (group, use.package, use.spec.gone(use.package or "keras"))
            places.setdefault(key, {}).setdefault(id(use.site.node), use)
    for (_, package, _), found in places.items():
        first, *others = found.values()
        runtime = runtime_of(record, package)
        gone = first.spec.gone(runtime.package.value if runtime.package is not None else "keras")
        if gone is None:
            continue
        texts = {one.successor for one in found.values()}
        yield Removed(
            span=first.site.span,
            name=Fact(_told(first), first.site.span, literal=len(texts) == 1 and None not in texts),
            gone=gone,
            written=first.successor if len(texts) == 1 else None,
            successor=first.spec.successor,
            advice=first.spec.advice,
            others=tuple(Fact(_told(one), one.site.span) for one in others),
            runtime=runtime,
        )


def _told(use: RemovedUse) -> str:
    """What a name is called: a method of a model without its owner."""
    return use.spec.name.removeprefix("Model.")

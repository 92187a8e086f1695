"""Losses that are given one by one: which output has none, and which entry has no output."""

from __future__ import annotations

import re
from typing import Final

from keraslint.model import Confidence, Fact, LossMismatch, Runtime
from keraslint.static.catalog.layers import Kind
from keraslint.static.catalog.models import COMPILE
from keraslint.static.facts.heads import head
from keraslint.static.facts.outputs import Output, outputs
from keraslint.static.facts.reading import Reading, readings
from keraslint.static.interpreter import Interpreter
from keraslint.static.library.graph import behind
from keraslint.static.library.shapes import spec_of
from keraslint.static.record import Compile
from keraslint.static.sites import place_of, value_at
from keraslint.static.text import tree
from keraslint.static.values import Const, Construct, Dict, Instance, KerasModel, List, Site, Tensor, Tuple, Value

FOLLOWED: Final = frozenset({"input", "layer", "model"})
"""Tensors behind which no unknown code can add a loss of its own."""
OWN_LOSSES: Final = ("train_step", "compute_loss", "test_step", "add_loss")
"""Methods by which a model may train an output without the losses of `compile`."""


def mismatches(interp: Interpreter, event: Compile, runtime: Runtime) -> list[LossMismatch]:
    """Where the losses of a `compile` do not fit the outputs; nothing when one of them is not known."""
    found = readings(interp, event.guard, lambda reading: _mismatch(reading, event, runtime), event.activations)
    sure = [one for one in found if one is not None and one.losses.confidence is Confidence.HIGH]
    return sure[:1]


def _mismatch(reading: Reading, event: Compile, runtime: Runtime) -> LossMismatch | None:
    given, value = event.bound.get("loss"), reading.pick(event.outputs)
    if given is None or event.arguments.open or _has_own_losses(event.model):
        return None
    losses, ends = reading.pick(given), outputs(reading, value)
    if not isinstance(value, (Dict, List, Tuple)) or len(ends) < 2 or not _is_whole(reading, value):
        return None
    place = value_at(event.arguments.place("loss", COMPILE))
    if isinstance(losses, Dict) and not losses.rest:
        rows = _by_name(reading, losses, ends, place, named=isinstance(value, Dict))
    elif isinstance(losses, (List, Tuple)) and _is_whole(reading, losses):
        rows = _by_number(reading, losses, ends, place)
    else:
        return None
    if rows is None:
        return None
    left, surplus = rows
    trained = [one.tensor for one in ends if one not in left]
    if not trained or not (left or surplus):
        return None
    return LossMismatch(
        span=event.site.span,
        losses=_fact(reading, "dict" if isinstance(losses, Dict) else "list", place_of(losses, place)),
        outputs="dict" if isinstance(value, Dict) else "list",
        left_out=tuple(_named(reading, one) for one in left),
        untrained=tuple(_named(reading, one) for one in left if _has_own_weights(one.tensor, trained)),
        surplus=tuple(surplus),
        runtime=runtime,
    )


def _is_whole(reading: Reading, value: Value) -> bool:
    """Whether every entry is known to be there, and no other."""
    if isinstance(value, Dict):
        return not value.rest
    items, rest = reading.interp.items_of(value)
    return items is not None and not rest


def _has_own_losses(model: Value) -> bool:
    if isinstance(model, Instance):
        return any(model.cls.member(name) is not None for name in OWN_LOSSES) or "add_loss" in model.state
    return not isinstance(model, KerasModel) or "add_loss" in model.state


# -- which entry belongs to which output -------------------------------------------------------------------------------

Rows = tuple[list[Output], list[Fact[str]]]


def _by_number(reading: Reading, losses: List | Tuple, ends: list[Output], place: Site) -> Rows:
    items = reading.items(losses) or ()
    surplus = [_fact(reading, f"loss {at}", place_of(one, place)) for at, one in enumerate(items) if at >= len(ends)]
    return ends[len(items) :], surplus


def _by_name(reading: Reading, losses: Dict, ends: list[Output], place: Site, *, named: bool) -> Rows | None:
    names = [one.name if named else _name(reading, one.tensor) for one in ends]
    automatic = [_automatic(reading, one.tensor) for one, name in zip(ends, names, strict=True) if name is None]
    keys = dict(losses.items())
    if None in automatic or any(not isinstance(key, str) for key in keys):
        return None
    others = [key for key in keys if key not in names]
    given_by_layer = [key for key in others if any(re.fullmatch(rf"{word}(_\d+)?", key) for word in automatic)]
    if given_by_layer:
        return None  # a name that Keras made up, for one of the layers that have none
    left = [one for one, name in zip(ends, names, strict=True) if name not in keys]
    return left, [_fact(reading, key, _key_place(losses, key, place)) for key in others]


def _name(reading: Reading, tensor: Value) -> str | None:
    """The name that the program gave to the layer or model which an output comes from."""
    tensor = reading.pick(tensor)
    given: object = None
    if isinstance(tensor, Tensor) and tensor.op == "layer" and isinstance(tensor.layer, Construct):
        given = tensor.layer.bound.get("name")
    elif isinstance(tensor, Tensor) and tensor.op == "model" and isinstance(tensor.layer, KerasModel):
        given = tensor.layer.state.get("name")
    return given.value if isinstance(given, Const) and isinstance(given.value, str) else None


def _automatic(reading: Reading, tensor: Value) -> str | None:
    """What the name begins with that Keras gives to a layer without one; nothing when that cannot be told."""
    tensor = reading.pick(tensor)
    layer = tensor.layer if isinstance(tensor, Tensor) and tensor.op == "layer" else None
    if not isinstance(layer, Construct) or "name" in layer.bound or layer.arguments.open:
        return None
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", layer.kind)).lower()


def _key_place(losses: Dict, key: str, otherwise: Site) -> Site:
    site = losses.state.get(("site", key))
    if not isinstance(site, Site):
        return otherwise
    return Site(site.node.key, site.file) if isinstance(site.node, tree.DictElement) else site


def _fact(reading: Reading, word: str, site: Site) -> Fact[str]:
    return Fact(word, reading.span(site), confidence=reading.confidence)


def _named(reading: Reading, output: Output) -> Fact[str]:
    name = output.name or _name(reading, output.tensor) or f"output {output.index}"
    return Fact(name, head(reading, output.tensor).span, confidence=reading.confidence)


# -- weights -----------------------------------------------------------------------------------------------------------


def _has_own_weights(output: Value, trained: list[Value]) -> bool:
    """Whether there are weights behind an output that nothing trains; all of the way there must be understood."""
    others = {one.serial for end in trained for one in behind(end)}
    shared = {one.layer.serial for end in trained for one in behind(end) if isinstance(one.layer, Construct)}
    own = [one for one in behind(output) if one.serial not in others]
    if any(one.op not in FOLLOWED for one in own):
        return False
    layers = [one.layer for one in own if isinstance(one.layer, Construct) and one.layer.serial not in shared]
    specs = [spec_of(one) for one in layers]
    return None not in specs and any(one.kind in {Kind.WEIGHTS, Kind.RECURRENT} for one in specs if one is not None)

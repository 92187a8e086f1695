"""Changes of `trainable` that a training may not see: what was said when, read from what happened to a model in order.

Keras 2 looks at `trainable` when a model is compiled, Keras 3 when its training step is first traced. Only what differs
from the moment of `compile` matters to either; what follows from it is the affair of rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from keraslint.model import Fact, Late
from keraslint.static.interpreter import Interpreter
from keraslint.static.library.graph import behind
from keraslint.static.library.models import is_model, outputs_of
from keraslint.static.record import Happening
from keraslint.static.state import consistent
from keraslint.static.values import Const, Construct, Instance, KerasModel, Object, Value

MOST_HAPPENINGS: Final = 60
"""What is done to one model that is looked at."""

Flags = dict[int, bool | None]
"""Whether each part of a model is trainable, by its serial; `None` is not known, and what is missing is trainable."""


def late(interp: Interpreter, model: Value) -> tuple[Late, ...]:
    """The changes of `trainable` in a model that a training meets behind `compile`, each place once."""
    if not isinstance(model, Object) or not is_model(model) or not interp.record.of_kind("trainable"):
        return ()
    interp.state.path = {}  # what holds on every path
    parts = _parts(interp, model)
    own = _concerning(interp, model, parts)[:MOST_HAPPENINGS]
    found: dict[int, Late] = {}
    for run in sorted({one.run for one in own}):
        # what stands in another function that nobody calls may come before or behind
        order = [one for one in own if one.run in (0, run)]
        for at, one in enumerate(order):
            if one.kind == "train" and one.run == run:
                for change in _unseen(interp, model, parts, order[: at + 1]):
                    found.setdefault(id(change.span), change)
    return tuple(found.values())


def restored(interp: Interpreter, model: Value) -> Fact[str] | None:
    """Where a model gets weights from a file."""
    for one in interp.record.of_kind("restore"):
        if one.target is model:
            return Fact("load_weights", one.site.span)
    return None


def _parts(interp: Interpreter, model: Object) -> frozenset[int]:
    """The serials of the layers and nested models that a model consists of, and its own."""
    known = interp.record.parts.get(model.serial)
    if known is None:
        known = frozenset({model.serial})
        if isinstance(model, (KerasModel, Instance)) and is_model(model):
            layers = [tensor.layer for tensor in behind(outputs_of(interp, model))]
            known |= {one.serial for one in layers if isinstance(one, (Construct, KerasModel, Instance))}
        interp.record.parts[model.serial] = known
    return known


def _concerning(interp: Interpreter, model: Object, parts: frozenset[int]) -> list[Happening]:
    """What is done to a model, and what is set on anything that it shares a part with, in order."""
    record = interp.record
    for place in range(record.placed, len(record.history)):
        one = record.history[place]
        if one.kind in {"compile", "train"}:
            record.places.setdefault(("itself", one.target.serial), []).append(place)
        elif one.kind == "trainable":
            for part in _parts(interp, one.target):
                record.places.setdefault(("part", part), []).append(place)
    record.placed = len(record.history)
    found = set(record.places.get(("itself", model.serial), ()))
    for part in parts:
        found.update(record.places.get(("part", part), ()))
    return [record.history[place] for place in sorted(found)]


@dataclass(slots=True)
class _State:
    """What holds at one moment: the flags of now and of the last `compile`, and what has changed since then."""

    flags: Flags = field(default_factory=dict)
    compiled: Flags | None = None
    by: Happening | None = None
    trained: bool = False
    changes: dict[int, tuple[Happening, bool]] = field(default_factory=dict)


def _unseen(interp: Interpreter, model: Object, parts: frozenset[int], order: list[Happening]) -> Iterator[Late]:
    """The changes that the last happening, a training, meets although the model was not compiled since."""
    training = order[-1]
    now = _State()
    for one in order[:-1]:
        if not consistent(one.guard, training.guard):
            continue
        certain = one.guard <= training.guard
        if one.kind == "trainable":
            _change(interp, now, one, parts, certain=certain)
        elif not certain:
            return  # it may have been compiled or trained again
        elif one.kind == "compile":
            now = _State(flags=now.flags, compiled=dict(now.flags), by=one)
        else:
            now.trained = True
    if now.compiled is None or now.by is None:
        return
    for serial, (change, again) in now.changes.items():
        before, said = now.compiled.get(serial, True), now.flags.get(serial, True)
        if before is not None and said is not None and before is not said:
            span = change.site.span
            yield Late(
                span=interp.record.spans.setdefault(id(change.site.node), span),
                trainable=Fact(said, span),
                compiled=Fact("compile", now.by.site.span),
                trained=Fact("train", training.site.span),
                again=again,
                whole=change.target is model,
            )


def _change(interp: Interpreter, now: _State, one: Happening, parts: frozenset[int], *, certain: bool) -> None:
    value = interp.state.settle(one.value) if one.value is not None else None
    said = value.value if certain and isinstance(value, Const) and type(value.value) is bool else None
    for serial in _parts(interp, one.target) & parts:
        now.flags[serial] = said
        now.changes[serial] = (one, now.trained)

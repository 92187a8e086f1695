"""Everything that is measured on one model, as one answer."""

from __future__ import annotations

import warnings
from typing import Any

from . import heads, rows, trials, watch, ways
from . import kit as kits
from .stand_ins import StandIn

Json = dict[str, Any]


def model(built: Any, request: Json) -> Json:
    """The answer for a model that was built: `{"event": "model", ...}` as the parent expects it.

    What cannot be measured is left out or empty, with a word under `notes`; this raises only for what is no model.
    """
    with warnings.catch_warnings():
        # what Keras has to say about numbers that are made up is nothing that a user asked for
        warnings.simplefilter("ignore")
        return _model(built, request)


def _model(built: Any, request: Json) -> Json:
    found = built.model
    kit = kits.of(found, request.get("package"))
    notes: list[str] = []
    if request.get("device") == "gpu" and not kit.sees_gpu():
        notes.append(f"{kit.backend} sees no GPU: measured on the processor")
    answer: Json = {
        "event": "model",
        "site": built.site,
        "ordinal": built.ordinal,
        "name": str(getattr(found, "name", "")),
        "kind": type(found).__name__,
        "runtime": kit.runtime(),
        "inputs": _inputs(kit, found),
        "stood_in": list(getattr(built, "stood_in", None) or ()),
        "layers": [],
        "heads": [],
        "trainings": [],
        "notes": notes,
    }
    taken: rows.Rows | None = None
    try:
        taken, answer["heads"] = _heads(kit, built, request)
        if request.get("device") == "both" and (why := heads.devices(kit, found, taken, answer["heads"])):
            notes.append(why)
    except rows.NotMeasured as error:
        notes.append(str(error))
    answer["layers"] = [_layer(kit, built, layer) for layer in kit.layers(found)]
    if not answer["inputs"] and taken is not None:
        answer["inputs"] = [{"name": one.name, "shape": _shape(one.shape), "dtype": one.dtype} for one in taken.specs]
    if taken is not None:
        answer["trainings"] = _trainings(kit, built, request, taken, notes)
    return answer


def _heads(kit: kits.Kit, built: Any, request: Json) -> Any:
    def run(made: rows.Rows) -> Any:
        if not getattr(built.model, "built", True):
            kit.call(built.model, made.part(0, 2))  # its layers are made in the first pass, which is none to watch
        with watch.watching(kit) as watched:
            found = kit.call(built.model, made.inputs)
        if any(isinstance(one.value, StandIn) for one in found):
            raise rows.NotMeasured("what it gives comes from data")
        return watched, found

    seed = int(request.get("seed") or 0)
    taken, (watched, found) = rows.accepted(kit, built.model, run, getattr(built, "rows", None), seed)
    names = kit.output_names(built.model, [one.path for one in found])
    tensors = [(name, one.value) for name, one in zip(names, found)]
    answers = heads.heads(
        watched, built.model, taken, tensors, lambda layer: _placed(built, layer) if layer is not built.model else None
    )
    outputs = [(name, kit.numpy(tensor)) for name, tensor in tensors]
    heads.coupling(kit, built.model, taken, answers, outputs)
    return taken, answers


def _trainings(kit: kits.Kit, built: Any, request: Json, taken: rows.Rows, notes: list[str]) -> list[Json]:
    line = built.site[1] if built.site else None
    read = [one for one in request.get("losses") or () if one.get("line") in (None, line)]
    if getattr(built, "compile", None) is None and not read:
        return []
    try:
        found = trials.trial(built.model, built.compile, taken, kit, getattr(built, "given", None), read)
        return [one for one in found if one["site"] is not None]  # else what a `compile` that failed has left
    except Exception as error:  # any: losses, metrics and optimizers are the user's
        notes.append(f"no loss measured: {type(error).__name__}: {str(error)[:300]}")
        return []


# -- what a model is made of -------------------------------------------------------------------------------------------


def _inputs(kit: kits.Kit, found: Any) -> list[Json]:
    told = kits.flat(kit.inputs(found))
    return [{"name": one.value.name, "shape": _shape(one.value.shape), "dtype": one.value.dtype} for one in told]


def _shape(shape: Any) -> Any:
    return None if shape is None else [None if length is None else int(length) for length in shape]


def _layer(kit: kits.Kit, built: Any, layer: Any) -> Json:
    units = next((getattr(layer, name, None) for name in ("units", "filters", "output_dim")), None)
    activation = getattr(layer, "activation", None)
    return {
        **_placed(built, layer),
        "units": units if isinstance(units, int) else None,
        "activation": _activation(activation),
        "trainable": bool(getattr(layer, "trainable", True)),
    }


def _activation(function: Any) -> str | None:
    """The name of a function of Keras; one of the program's own may do anything, whatever it is called."""
    name = ways.name_of(function)
    return name if ways.is_keras(function) and name.islower() else None


def _placed(built: Any, layer: Any) -> Json:
    """A layer with the place where the program makes it."""
    site, ordinal = (getattr(built, "layer_sites", None) or {}).get(id(layer), (None, 0))
    return {
        "kind": type(layer).__name__,
        "name": str(getattr(layer, "name", "")),
        "site": site,
        "ordinal": ordinal,
    }

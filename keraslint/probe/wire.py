"""The model as JSON and back: what `keraslint show --format json` prints, what model snapshots hold, what a process
sends.

A fact is `null` when it is not known, otherwise an object with its value, its place and how it is known. The classes of
the model are read from their own type hints, so that a new field travels without a word here. Three of them are told as
what a reader asks for: the name of the loss, the name of the metric and the encoding of the labels are the fact, and
the rest stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum, IntEnum
from functools import cache
from math import isfinite
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from keraslint.model import (
    Confidence,
    Fact,
    Head,
    Labels,
    Loss,
    Metric,
    Model,
    Origin,
    Position,
    Program,
    Runtime,
    Span,
    Training,
)
from keraslint.objective import objective

Json = dict[str, Any]

SCHEMA_VERSION = 1

_TOLD_BY: Mapping[type, str] = {Loss: "name", Metric: "name", Labels: "encoding"}
"""The field that stands for the whole object."""


def document(programs: Iterable[Program]) -> Json:
    """What was recovered from several files, as `show` prints it. Lists that a reader may not know are there when
    filled.

    Functions that a head tells of are not told once more.
    """
    merged: Json = {"schema_version": SCHEMA_VERSION, "models": [], "not_checked": []}
    for program in programs:
        in_heads = {activation for model in program.models for head in model.heads for activation in head.activations}
        loose = tuple(activation for activation in program.activations if activation not in in_heads)
        for name, parts in to_json(replace(program, activations=loose, derived=())).items():
            if isinstance(parts, list) and parts:
                merged.setdefault(name, []).extend(parts)
    return merged


def to_json(program: Program) -> Json:
    """One program as objects that `json` can write."""
    return {"schema_version": SCHEMA_VERSION, **_encode(program)}


def from_json(data: Json) -> Program:
    """The program that `to_json` was given. Raises `ValueError` for another version of the schema."""
    if data.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"schema version {data.get('schema_version')}, not {SCHEMA_VERSION}")
    program: Program = _decode(Program, data)
    return program


# --- to JSON ---------------------------------------------------------------------------------------------------------


def _encode(value: Any) -> Any:
    match value:
        case Enum():
            return value.name.lower() if isinstance(value, IntEnum) else value.value
        case float() if not isfinite(value):
            return str(value)  # JSON has no infinity
        case Span():
            return _place(value)
        case Fact():
            return _fact(value)
        case tuple():
            return [_encode(item) for item in value]
        case Model():
            return _model(value)
        case Loss() | Metric() | Labels():
            return _told(value)
        case _ if is_dataclass(value):
            return _parts(value)
    return value


def _parts(value: Any, *left_out: str) -> Json:
    """The place of an object, if it has one, and its fields."""
    names = [item.name for item in fields(value) if item.name not in left_out]
    place = _place(value.span) if "span" in names else {}
    return place | {name: _encode(getattr(value, name)) for name in names if name != "span"}


def _fact(fact: Fact[Any]) -> Json:
    known = {"value": _encode(fact.value), **_place(fact.span), "origin": fact.origin.value}
    known["confidence"] = _encode(fact.confidence)
    if fact.literal:
        known["literal"] = True
    if fact.text:
        known["text"] = fact.text
    if fact.omitted:
        known["omitted"] = True
    if fact.apart:
        known["apart"] = True
    return known


def _place(span: Span) -> Json:
    position = span.position
    place: Json = {"path": span.path, **dict(zip(Position._fields[:4], position, strict=False))}
    if position.cell is not None:
        place["cell"] = {"index": position.cell, "id": position.cell_id, "line": position.cell_line}
    return place


def _told(part: Loss | Metric | Labels) -> Json:
    """A fact with the other fields beside it, and under `at` the place of the whole where that is another one."""
    name = _TOLD_BY[type(part)]
    fact = getattr(part, name)
    told = {"value": None, **_place(part.span)} if fact is None else _fact(fact)
    if fact is not None and fact.span != part.span:
        told["at"] = _place(part.span)
    return told | _parts(part, "span", name)


def _model(model: Model) -> Json:
    return _parts(model, "trainings") | {"trainings": [_training(training, model) for training in model.trainings]}


def _training(training: Training, model: Model) -> Json:
    """The head by its name and its number in the model; one that is not among the model's heads is told in full."""
    head = training.head
    told = _parts(training, "head", "loss", "runtime")
    told["head"] = head.name
    told["head_index"] = model.heads.index(head) if head in model.heads else None
    if told["head_index"] is None:
        told["head_told"] = _encode(head)
    told["loss"] = _encode(training.loss)
    told["from_logits"] = told["loss"].pop("from_logits") if told["loss"] else None
    told["objective"] = _objective(training)
    if training.runtime != model.runtime:
        told["runtime"] = _encode(training.runtime)
    return told


def _objective(training: Training) -> Json | None:
    """What is minimised, as a fact at the loss. It follows from the rest, so nothing is read back from it."""
    if training.loss is None or training.head.activation is None:
        return None
    found = objective(training.head, training.loss, training.runtime)
    if found is None:
        return None
    name, activation = training.loss.name, training.head.activation
    origin = Origin.MEASURED if Origin.MEASURED in (name.origin, activation.origin) else Origin.READ
    fact = Fact(found.minimised, name.span, origin, min(name.confidence, activation.confidence))
    return _fact(fact) | {"predicted": found.predicted, "where": found.where}


# --- from JSON -------------------------------------------------------------------------------------------------------


def _decode(hint: Any, data: Any) -> Any:
    if data is None:
        return None
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _decode(next(inner for inner in get_args(hint) if inner is not type(None)), data)
    if origin is tuple:
        return tuple(_decode(get_args(hint)[0], item) for item in data)
    if origin is Fact:
        return _known(get_args(hint)[0], data)
    if hint is Span:
        return _span(data)
    if hint is float:
        return float(data)
    if not isinstance(hint, type):
        return data
    if issubclass(hint, IntEnum):
        return hint[data.upper()]
    if issubclass(hint, Enum):
        return hint(data)
    if hint is Model:
        return _model_of(data)
    if hint in _TOLD_BY:
        return _untold(hint, data)
    return _object(hint, data) if is_dataclass(hint) else data


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _object(kind: type, data: Json, **given: Any) -> Any:
    """An object from its fields; a field that is not there keeps its default."""
    hints = {name: hint for name, hint in _hints(kind).items() if name not in given}
    if "span" in hints:
        given["span"] = _span(data)
    known = {name: _decode(hint, data[name]) for name, hint in hints.items() if name in data and name != "span"}
    return kind(**known, **given)


def _known(kind: Any, data: Json) -> Fact[Any]:
    return Fact(
        _decode(kind, data["value"]),
        _span(data),
        Origin(data["origin"]),
        Confidence[data["confidence"].upper()],
        data.get("literal", False),
        data.get("text", ""),
        data.get("omitted", False),
        data.get("apart", False),
    )


def _span(data: Json) -> Span:
    cell = data.get("cell") or {}
    numbers = (data["line"], data["column"], data["end_line"], data["end_column"])
    return Span(data["path"], Position(*numbers, cell.get("index"), cell.get("id"), cell.get("line")))


def _untold(kind: type, data: Json) -> Any:
    name = _TOLD_BY[kind]
    fact = None if data["value"] is None else _decode(_hints(kind)[name], data)
    return _object(kind, data, **{name: fact, "span": _span(data.get("at", data))})


def _model_of(data: Json) -> Model:
    model: Model = _object(Model, data, trainings=())
    trainings = tuple(_training_of(training, model) for training in data["trainings"])
    return replace(model, trainings=trainings)


def _training_of(data: Json, model: Model) -> Training:
    number = data["head_index"]
    head = _decode(Head, data["head_told"]) if number is None else model.heads[number]
    loss = data["loss"] and _decode(Loss, data["loss"] | {"from_logits": data["from_logits"]})
    runtime = _decode(Runtime, data["runtime"]) if "runtime" in data else model.runtime
    training: Training = _object(Training, data, head=head, loss=loss, runtime=runtime)
    return training

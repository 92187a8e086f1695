"""Models without a program, alive or from a file: the child writes them out, and findings point into that text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from keraslint.model import Fact, Inputs, Labels, Model, Origin, Position, Program, Span, Training
from keraslint.probe.answers import heard
from keraslint.probe.places import Places
from keraslint.source import Source

Json = Mapping[str, Any]

START: Final = Position(1, 1, 1, 1)
LONGEST: Final = 1 << 20

PASSING: Final = frozenset({"InputLayer", "Flatten", "Reshape", "Permute", "Dropout", "SpatialDropout2D"})
WEIGHING: Final = frozenset({"Dense", "Conv2D"})
NORMALISING: Final = frozenset({"BatchNormalization", "GroupNormalization", "LayerNormalization"})

ENCODINGS: Final = frozenset({"one-hot", "class-ids", "multi-label", "continuous", "text"})


def program_of(path: str, answers: Iterable[Json]) -> tuple[Program, str]:
    """What was measured on a model, and the text that it was written out as."""
    said = list(answers)
    texts = [one.get("text") for one in said if one.get("event") == "written"]
    text = texts[0] if texts and isinstance(texts[0], str) and len(texts[0]) <= LONGEST else ""
    places = Places({path: Source(path, text, text)})
    models = [one for one in said if one.get("event") == "model"]
    lines = (json.dumps(dict(one)).encode() for one in said if one.get("event") != "written")
    program, _ = heard(lines, places, Span(path, START))
    given = models[0].get("given") if models else None
    if isinstance(given, dict) and program.models:
        program = replace(program, models=(fed(program.models[0], given), *program.models[1:]))
    return program, text


def fed(model: Model, given: Json) -> Model:
    """The model with what is known of the batch that the user gave."""
    return replace(model, trainings=tuple(_fed(training, model, given) for training in model.trainings))


def _fed(training: Training, model: Model, given: Json) -> Training:
    alone = len(model.heads) == 1  # one array of labels belongs to one head
    labels = _labels(given.get("labels"), training.span) if alone else None
    return replace(training, labels=labels, inputs=_inputs(given.get("inputs"), training.span, model))


def _labels(told: Any, span: Span) -> Labels | None:
    if not isinstance(told, dict):
        return None

    def known(name: str, *kinds: type) -> Fact[Any] | None:
        value = told.get(name)
        return Fact(value, span, Origin.MEASURED) if isinstance(value, kinds) else None

    encoding = known("encoding", str)
    return Labels(
        span,
        encoding=encoding if encoding is not None and encoding.value in ENCODINGS else None,
        classes=known("classes", int),
        low=known("low", float),
        high=known("high", float),
        exclusive=known("exclusive", bool),
        rank=known("rank", int),
        columns=known("columns", int),
    )


def _inputs(told: Any, span: Span, model: Model) -> Inputs | None:
    if not isinstance(told, dict):
        return None
    low, high, kind = told.get("low"), told.get("high"), told.get("kind")
    first = _first(model)
    return Inputs(
        span,
        kind=Fact("pixels", span, Origin.MEASURED) if kind == "pixels" else None,
        low=Fact(low, span, Origin.MEASURED) if isinstance(low, float) else None,
        high=Fact(high, span, Origin.MEASURED) if isinstance(high, float) else None,
        first=first,
        activation=_activation(first, model),
    )


def _first(model: Model) -> Fact[str] | None:
    """The first layer that weighs the inputs, where it is plain that nothing scales them before or right behind it."""
    layers = [layer for layer in model.layers if layer.kind not in PASSING and not layer.kind.startswith("Random")]
    if not layers or layers[0].kind not in WEIGHING or (len(layers) > 1 and layers[1].kind in NORMALISING):
        return None
    return Fact(layers[0].kind, layers[0].span, Origin.MEASURED)


def _activation(first: Fact[str] | None, model: Model) -> Fact[str] | None:
    return next((one.activation for one in model.layers if first is not None and one.span == first.span), None)

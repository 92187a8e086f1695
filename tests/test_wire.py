"""The model as JSON: it comes back as it went, and it looks as `show --format json` promises."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keraslint.model import Confidence, Fact, Head, Labels, Model, Origin, Position, Program, Span, Training
from keraslint.probe import wire
from tests import made

NUMBERS = st.integers(1, 500)
NAMES = st.sampled_from(["softmax", "a.b", "", "größe", "inf", "null", "\n"])
CELLS = st.none() | st.tuples(st.integers(0, 9), st.none() | NAMES, NUMBERS)


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type of the model."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return st.one_of(*(of(one) for one in inner))
    if origin is tuple:
        return st.lists(of(inner[0]), max_size=2).map(tuple)
    if origin is Fact:
        texts = st.just("") | NAMES
        return st.builds(Fact, of(inner[0]), of(Span), of(Origin), of(Confidence), st.booleans(), texts, st.booleans())
    if hint is type(None):
        return st.none()
    if hint is Span:
        return st.builds(span, NAMES, st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), CELLS)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.deferred(lambda: st.builds(hint, **{item.name: of(hints[item.name]) for item in fields(hint)}))  # type: ignore[arg-type]
    return {bool: st.booleans(), int: st.integers(-9, 999), float: st.floats(allow_nan=False), str: NAMES}[hint]


def span(path: str, numbers: tuple[int, int, int, int], cell: tuple[int, str | None, int] | None) -> Span:
    return Span(path, Position(*numbers, *(cell or ())))


@settings(max_examples=60, deadline=None)
@given(of(Program))
def test_every_program_comes_back_as_it_went(program: Program) -> None:
    text = json.dumps(wire.to_json(program), allow_nan=False)
    assert wire.from_json(json.loads(text)) == program


def recovered(text: str) -> Program:
    from keraslint.source import Source

    return made.recover(Source.from_bytes("train.py", text.encode()))


def test_a_head_of_the_model_is_told_once() -> None:
    program = recovered(made.TRAIN)
    (model,) = wire.to_json(program)["models"]
    (training,) = model["trainings"]
    assert (training["head"], training["head_index"]) == (None, 0)
    assert "head_told" not in training
    assert "runtime" not in training


def test_a_fact_is_told_with_its_place_and_origin() -> None:
    (model,) = wire.document([recovered(made.TRAIN)])["models"]
    assert model["path"] == "train.py"
    assert model["line"] == 5
    assert model["heads"][0]["units"] is None
    place = {"path": "train.py", "line": 5, "column": 33, "end_line": 5, "end_column": 42}
    known = {"value": "softmax", "origin": "read", "confidence": "high", "literal": True}
    assert model["heads"][0]["activation"] == place | known
    assert set(model) >= {"path", "line", "name", "runtime", "layers", "heads", "trainings"}
    assert set(model["runtime"]) >= {"keras", "backend", "dtype_policy"}
    assert set(model["heads"][0]) >= {"name", "units", "channel_axis", "activation", "outputs"}


def test_a_training_is_told_by_its_facts() -> None:
    (model,) = wire.document([recovered(made.TRAIN)])["models"]
    (training,) = model["trainings"]
    assert training["loss"]["value"] == "categorical_crossentropy"
    assert training["from_logits"]["value"] is True
    assert training["labels"] is None
    assert training["optimizer"] is None
    assert training["metrics"] == []
    assert training["objective"]["line"] == training["loss"]["line"]
    assert "softmax(z)" in training["objective"]["value"]


def test_the_document_of_many_files_is_one() -> None:
    document = wire.document([recovered(made.TRAIN), recovered("import keras\ngive up\n"), recovered("import keras\n")])
    assert document["schema_version"] == 1
    assert len(document["models"]) == 1
    assert [(gap["line"], gap["reason"]) for gap in document["not_checked"]] == [(2, "it was too hard")]
    assert set(document) == {"schema_version", "models", "not_checked"}


def test_infinity_is_no_number_in_json() -> None:
    where = made.place("x", "x")
    labels = Labels(where, low=Fact(float("-inf"), where), high=Fact(2.0, where))
    program = Program("x.py", (Model(where, trainings=(Training(where, Head(where), labels=labels),)),))
    told = wire.to_json(program)
    assert told["models"][0]["trainings"][0]["labels"]["low"]["value"] == "-inf"
    assert wire.from_json(told) == program


def test_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema version 2, not 1"):
        wire.from_json({**wire.to_json(Program("x.py")), "schema_version": 2})

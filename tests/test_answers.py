"""What a child says is checked word by word: a bad line says what is wrong with it, and costs nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keraslint.model import Confidence, Family, Origin, Outputs, Position, Route, Span, facts
from keraslint.objective import FAMILIES
from keraslint.probe.answers import LONGEST_LINE, RANGES, answer, heard
from keraslint.probe.places import Places
from keraslint.source import Source
from keraslint.static.catalog import activations, losses
from tests.answers import head, lines, model, program, site, training

TEXT = """import keras
größe = 3; model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
model.compile("adam", "categorical_crossentropy")
"""
AT, LAYER, COMPILE = site(TEXT, "keras.Sequential"), site(TEXT, "keras.layers.Dense"), site(TEXT, "model.compile")
LINE = TEXT.splitlines()[1]
PLACES = Places({"train.py": Source.from_text("train.py", TEXT)})


def whole(**more: Any) -> dict[str, Any]:
    layer = {"kind": "Dense", "name": "dense", "site": LAYER, "ordinal": 0}
    full = head(
        LAYER,
        coupling={"difference": 0.93, "rows": 3, "batch": 32, "alone": [1.0, 1.0]},
        constant=1.0,
        non_finite={"score": 88.8, "what": "nan"},
        non_finite_gradient={"score": -100.0},
        devices={"difference": 0.2, "tolerance": 0.001},
    )
    layers = [{**layer, "units": 10, "activation": "softmax", "trainable": True}]
    trained = training(COMPILE, metrics=["accuracy"], trial={"still": ["dense/kernel"]})
    return model(AT, [full], [trained], layers=layers) | more


def test_a_model_is_told_in_full() -> None:
    (found,) = program(TEXT, whole()).models
    (one,), (trained,) = found.heads, found.trainings
    assert {fact.origin for fact in facts(found)} == {Origin.MEASURED}
    assert {fact.confidence for fact in facts((one, trained.loss, trained.trial))} == {Confidence.HIGH}
    assert one.span.position == Position(2, LINE.index("keras.layers") + 1, 2, len(LINE) - 1)
    assert one.measured is not None
    assert one.measured.coupling is not None
    assert one.measured.coupling.value.difference == 0.93
    assert one.measured.non_finite is not None
    assert (one.measured.non_finite.value, one.measured.non_finite.text) == (88.8, "NaN")
    assert trained.loss is not None
    assert (trained.loss.family, trained.loss.takes_logits) == (Family.CATEGORICAL, True)
    assert trained.optimizer is not None
    assert trained.trial is not None
    assert trained.trial.still is not None
    assert trained.trial.still.value == ("dense/kernel",)
    assert [metric.name.value for metric in trained.metrics] == ["accuracy"]
    assert one.route is Route.HIDDEN


def test_counts_of_sums_are_taken_or_left_out() -> None:
    sums = [
        {"axis": 0, "low": 0.0, "high": "inf", "counts": []},
        {"axis": -1, "low": 0.5, "high": 1.5, "counts": [9, 23]},
    ]
    (found,) = program(TEXT, model(AT, [head(LAYER, sums=sums)])).models
    assert found.heads[0].measured is not None
    assert found.heads[0].measured.sums is not None
    assert [one.counts for one in found.heads[0].measured.sums.value] == [(), (9, 23)]


def test_numbers_that_rest_on_stand_ins_are_not_told() -> None:
    (found,) = program(TEXT, whole(stood_in=["num_classes.units"])).models
    (one,), (trained,) = found.heads, found.trainings
    assert (one.units, one.measured and one.measured.constant, found.layers[0].units) == (None, None, None)
    assert trained.trial is not None
    assert (trained.trial.expected, trained.trial.still) == (None, None)
    assert {fact.confidence for fact in facts((one, trained.loss, trained.trial))} == {Confidence.MEDIUM}


def test_the_way_of_a_function_is_what_the_loss_found() -> None:
    told = whole()
    told["trainings"][0]["trial"] |= {"predicted": 4.1, "trained_eager": 4.1}
    assert program(TEXT, told).models[0].heads[0].route is Route.ACTIVATION


def test_two_losses_of_a_model_that_draws_lots_are_not_compared() -> None:
    told = whole()
    told["trainings"][0]["trial"] |= {"trained": 0.708, "trained_eager": 0.711, "predicted": 0.706}
    (trained,) = program(TEXT, told).models[0].trainings
    assert trained.trial is not None
    assert (trained.trial.predicted, trained.trial.trained is None) == (None, False)


@pytest.mark.parametrize(
    ("seen", "within"),
    [
        ({"activation": "tanh", "low": -0.9, "high": 0.8, "totals": []}, Outputs(-1, 1)),
        ({"activation": None, "low": -0.9, "high": 1.0, "totals": []}, Outputs(-0.9, 1.0)),
        ({"activation": "linear", "low": 0.0, "high": 1.0, "totals": []}, Outputs(0.0, 1.0)),
        ({"activation": "sigmoid", "low": -0.5, "high": 1.0, "totals": []}, Outputs(-0.5, 1.0)),
        ({"activation": None, "low": -100.0, "high": 100.0, "totals": []}, Outputs()),
        ({"activation": None, "low": 0.0, "high": "inf"}, Outputs(0.0, totals=(-1,))),
    ],
)
def test_what_was_seen_bounds_nothing_but_the_unit_range(seen: dict[str, Any], within: Outputs) -> None:
    (found,) = program(TEXT, model(AT, [head(LAYER, **seen)])).models
    assert found.heads[0].outputs is not None
    assert found.heads[0].outputs.value == within


BAD: list[tuple[str, bytes | dict[str, Any]]] = [
    ("Expecting", b"not json"),
    ("no JSON object", b"[1]"),
    ("a line of", b" " * (LONGEST_LINE + 1)),
    ("nested", b'{"event": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    ("an event `None`", {}),
    ("an event `fake`", {"event": "fake"}),
    ("without a place", whole(site=None)),
    ("a place that is none", whole(site="train.py")),
    ("a place that is none", whole(site=["train.py", "1", 0, 1, 0])),
    ("not asked for", whole(site=["/etc/passwd", 1, 0, 1, 0])),
    ("line 9 to 9", whole(site=["train.py", 9, 0, 9, 1])),
    ("column 900", whole(site=["train.py", 1, 0, 1, 900])),
    ("ordinal", whole(ordinal=-1)),
    ("ordinal", whole(ordinal=True)),
    ("heads is no list", whole(heads={})),
    ("65 heads", whole(heads=[head(LAYER)] * 65)),
    ("units", whole(heads=[head(LAYER, units=0)])),
    ("units", whole(heads=[head(LAYER, units=2.0)])),
    ("activation", whole(heads=[head(LAYER, activation="a b")])),
    ("activation", whole(heads=[head(LAYER, activation="x" * 500)])),
    ("confidence", whole(heads=[head(LAYER, confidence="certain")])),
    ("outputs from 1.0 to 0.0", whole(heads=[head(LAYER, low=1.0, high=0.0)])),
    ("outputs from nan", whole(heads=[head(LAYER, low="nan")])),
    *(
        (wrong, whole(heads=[head(LAYER, sums=[{"axis": -1, "low": 0.5, "high": 1.5, "counts": counts, **more}])]))
        for wrong, counts, more in (
            ("no short list", [1] * 65, {}),
            ("no short list", {"0": 1}, {}),
            ("counts is no whole number", [1, -1], {}),
            ("counts is no whole number", [1, True], {}),
            ("counts is no whole number", [1, 1 << 40], {}),
            ("counts of nothing", [0, 0], {}),
            ("counts of nothing", [1, 2], {"high": 0.25}),
            ("high is not finite", [1, 2], {"high": "inf"}),
            ("parts of a single number", [1, 2], {"high": 0.5}),
        )
    ),
    ("totals", whole(heads=[head(LAYER, totals=["last"])])),
    ("difference", whole(heads=[head(LAYER, coupling={"difference": "nan", "rows": 3, "batch": 32})])),
    ("constant", whole(heads=[head(LAYER, constant="inf")])),
    ("what", whole(heads=[head(LAYER, non_finite={"score": 1.0, "what": "odd"})])),
    ("shape", whole(heads=[head(LAYER, shape=[])])),
    ("head is no whole number", whole(trainings=[training(COMPILE, loss={"head": 7})])),
    ("spelling", whole(trainings=[training(COMPILE, loss={"spelling": "magic"})])),
    ("from_logits", whole(trainings=[training(COMPILE, loss={"from_logits": 1})])),
    ("backend", whole(runtime={"backend": "theano"})),
    ("keras", whole(runtime={"keras": "three"})),
    ("no number", {"event": "done", "seconds": "1"}),
    ("no number of a size", {"event": "done", "seconds": 10**400}),
    ("no text", {"event": "failed", "error": 3, "message": "", "vital": True}),
]


@pytest.mark.parametrize(("wrong", "line"), BAD, ids=[f"{n}-{wrong}" for n, (wrong, _) in enumerate(BAD)])
def test_a_bad_line_says_what_is_wrong_and_the_others_stand(wrong: str, line: bytes | dict[str, Any]) -> None:
    data = line if isinstance(line, bytes) else json.dumps(line).encode()
    found, done = heard([data, *lines(whole())], PLACES, Span("train.py", Position(1, 1, 1, 1)))
    assert done
    assert len(found.models) == 1
    (gap,) = found.not_checked
    assert gap.reason.startswith("measuring gave an answer that is not understood: ")
    assert wrong in gap.reason


def parts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from parts(value[key], (*path, key))


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(path=st.sampled_from(list(parts(whole()))), value=ODD)
def test_whatever_stands_somewhere_a_line_is_a_model_or_a_complaint(path: tuple[Any, ...], value: Any) -> None:
    told = copy.deepcopy(whole())
    inner = told
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    try:
        answer(json.dumps(told).encode(), PLACES)
    except ValueError as error:
        assert str(error)


def test_what_a_terminal_must_not_see_is_taken_out() -> None:
    said = {"event": "note", "text": "a\x1b[2Jb\n" + "x" * 5000, "site": None}
    (gap,) = program(TEXT, said).not_checked
    assert gap.reason.startswith("ab x")
    assert len(gap.reason) == 400


def test_a_refusal_excuses_the_model() -> None:
    refused = {"event": "refused", "what": "network", "detail": "a connection to example.org", "site": COMPILE}
    failed = {"event": "failed", "site": AT, "error": "ValueError", "message": "x", "stood_in": [], "vital": True}
    found = program(TEXT, refused, failed)
    assert found.models == ()
    assert [gap.reason for gap in found.not_checked] == [
        "refused while the model was built: a connection to example.org",
        "could not be built to be measured: ValueError: x",
    ]
    assert found.not_checked[0].span.line == 3


def test_a_name_that_a_program_may_have_registered_excuses_the_model() -> None:
    message = "Could not interpret activation function identifier: softplusk"
    failed = {"event": "failed", "site": AT, "error": "ValueError", "message": message, "stood_in": [], "vital": True}
    assert [model.failure is not None for model in program(TEXT, failed).models] == [True]
    assert program(TEXT + "keras.utils.get_custom_objects().update(own)\n", failed).models == ()


def test_places_of_an_old_python_are_lines() -> None:
    told = whole(site=["train.py", 2, None, None, None])
    assert program(TEXT, told).models[0].span.position == Position(2, 1, 2, len(LINE) + 1)


def test_places_in_a_notebook_are_places_of_the_file() -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": str(n), "metadata": {}, "outputs": [], "execution_count": None, "source": [text]}
        for n, text in enumerate(("%pip list\nimport keras\n", "é = keras.Input((3,))\n"))
    ]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    source = Source.from_text("a.ipynb", json.dumps(book, indent=1, ensure_ascii=False))
    found = Places({"a.ipynb": source}).span(["a.ipynb", 3, 5, 3, 22]).position
    assert (found.cell, found.cell_line) == (1, 1)
    assert source.text.splitlines()[found.line - 1][found.column - 1 :].startswith("keras.Input((3,))")


def test_families_are_those_of_the_catalogue() -> None:
    assert {spec.name: spec.family for spec in losses.SPECS} == FAMILIES


@pytest.mark.parametrize("word", [word for word in RANGES if "-" not in word])
def test_ranges_are_those_of_the_catalogue(word: str) -> None:
    found = activations.bounds(word)
    assert found is not None
    assert (found.low, found.high) == RANGES[word]

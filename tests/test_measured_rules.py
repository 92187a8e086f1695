"""The rules that judge what was measured, on answers written by hand: what they say, and when another one says it."""

from __future__ import annotations

from typing import Any

import pytest

from keraslint.finding import Finding
from keraslint.join import join
from keraslint.lint import findings_in, recover
from keraslint.model import Origin, Program
from keraslint.registry import installed
from keraslint.source import Source
from tests.answers import Json, head, model, program, site, training

HEAD = """import keras
model = keras.Sequential([keras.Input((20,)), keras.layers.Dense({dense})])
model.compile(optimizer="adam", loss={loss})
"""


def text(dense: str = '10, activation="softmax"', loss: str = '"categorical_crossentropy"') -> str:
    return HEAD.format(dense=dense, loss=loss)


def found(text: str, seen: Json | None = None, trained: Json | None = None, **more: Any) -> dict[str, Finding]:
    """The findings in a program about which a model is told with one head and one training, by rule."""
    heads = [head(site(text, "keras.layers.Dense"), **(seen or {}))]
    trainings = [training(site(text, "model.compile"), **(trained or {}))]
    told = program(text, model(site(text, "keras.Sequential"), heads, trainings, **more))
    return judged(text, told)


def judged(text: str, measured: Program) -> dict[str, Finding]:
    joined = join(recover(Source.from_text("train.py", text)), measured)
    return {finding.rule: finding for finding in findings_in(joined, installed())}


SIGMOID: Json = {"activation": "sigmoid", "totals": [], "sums": [{"axis": 0, "low": 9, "high": 21}]}
ODD: Json = {"activation": None, "totals": [], "sums": [{"axis": -1, "low": 0.597, "high": 1.259}]}


def test_a_right_model_is_right() -> None:
    assert found(text()) == {}
    linear = {"activation": "linear", "units": 1, "low": -9.0, "high": 9.0, "totals": []}
    assert found(text("1", '"mse"'), linear, {"loss": {"name": "mean_squared_error"}}) == {}


SAID: list[tuple[str, Json, Json, str]] = [
    ("constant-outputs", {"constant": 1.0}, {}, "every output is 1, whatever the inputs and the weights are"),
    (
        "rows-do-not-sum-to-one",
        ODD,
        {},
        "rows sum to 0.60..1.26, but `categorical_crossentropy` expects the probabilities of classes",
    ),
    (
        "non-finite-outputs",
        {"non_finite": {"score": 88.8, "what": "nan"}},
        {},
        "the output is NaN from a score of 88.8 on",
    ),
    (
        "non-finite-outputs",
        {"non_finite_gradient": {"score": -100.0}},
        {},
        "the gradient is NaN from a score of -100 on, while the output is a number",
    ),
    (
        "batch-coupled-outputs",
        {"coupling": {"difference": 0.9321, "rows": 3, "batch": 32, "alone": [1.0, 1.0]}},
        {},
        "three rows alone and in a batch of 32 differ by 0.93",
    ),
    (
        "trained-outputs-differ",
        {},
        {"trial": {"trained": 1.4931, "predicted": 4.1718}},
        "the loss that Keras trains is 1.49, the loss of what `predict()` returns is 4.17",
    ),
    (
        "no-gradient",
        {},
        {"trial": {"gradient": 0.0, "still": ["dense/kernel", "dense/bias"], "all_still": True}},
        "the gradient of the loss is exactly zero for all 2 weights",
    ),
    (
        "initial-loss",
        {},
        {"trial": {"trained": 7.64, "predicted": 7.64}},
        "the first loss is 7.64, that of a model that knows nothing is 2.3 (ln 10)",
    ),
    (
        "devices-disagree",
        {"devices": {"difference": 0.0213, "tolerance": 0.0001}},
        {},
        "the same 32 rows on the CPU and on the GPU differ by 0.021",
    ),
]


@pytest.mark.parametrize(
    ("rule", "seen", "trained", "message"), SAID, ids=[f"{n}-{row[0]}" for n, row in enumerate(SAID)]
)
def test_a_rule_tells_its_numbers(rule: str, seen: Json, trained: Json, message: str) -> None:
    plain = text("10, activation=choose()")
    seen = {"activation": None} | seen
    assert {name: one.message for name, one in found(plain, seen, trained).items()} == {rule: message}


def test_a_failure_is_told_where_it_was_raised() -> None:
    plain = text()
    failed = {"event": "failed", "site": site(plain, "keras.layers.Dense"), "error": "ValueError"}
    told = program(plain, failed | {"message": "no room. Really.", "stood_in": [], "vital": True})
    at = recover(Source.from_text("train.py", plain)).models[0].span
    (one,) = judged(plain, Program("train.py", tuple(_at(each, at) for each in told.models))).values()
    assert one.message == "this model cannot be built: Keras raises `ValueError`"
    assert one.notes == ("no room. Really",)
    assert one.span.column == 47


def _at(model: Any, span: Any) -> Any:
    from dataclasses import replace

    return replace(model, span=span)


COUPLED: Json = {"coupling": {"difference": 0.9, "rows": 3, "batch": 32, "alone": [1.0, 1.0]}}
TRAINED_APART: Json = {"trial": {"trained": 2.4, "predicted": 4.2}}
ONCE: list[tuple[str, str, Json, Json, str]] = [
    (
        '10, activation="softmax"',
        "keras.losses.CategoricalCrossentropy(from_logits=True)",
        {},
        {"loss": {"from_logits": True, "spelling": "class"}} | TRAINED_APART,
        "probabilities-as-logits",
    ),
    ('10, activation="softmax"', '"binary_crossentropy"', {}, TRAINED_APART, "softmax-for-independent-labels"),
    ('10, activation="sigmoid"', '"categorical_crossentropy"', SIGMOID, TRAINED_APART, "sigmoid-for-exclusive-classes"),
    (
        "10), keras.layers.Softmax(axis=0",
        '"categorical_crossentropy"',
        {"activation": "softmax-over-batch-axis", "totals": [0]} | COUPLED,
        TRAINED_APART,
        "softmax-over-batch-axis",
    ),
    (
        '1, activation="softmax"',
        '"binary_crossentropy"',
        {"units": 1, "constant": 1.0, "activation": None},
        {"trial": {"gradient": 0.0, "still": ["dense/kernel"], "trained": 0.7, "predicted": 8.1}},
        "softmax-over-one-unit",
    ),
    (
        "10",
        '"categorical_crossentropy"',
        ODD | {"activation": "linear", "low": -9.0, "high": 9.0},
        {"trial": {"trained": 7.64, "predicted": 7.64}},
        "logits-as-probabilities",
    ),
]


@pytest.mark.parametrize(("dense", "loss", "seen", "trained", "rule"), ONCE, ids=[row[-1] for row in ONCE])
def test_one_slip_is_one_finding_with_the_numbers(dense: str, loss: str, seen: Json, trained: Json, rule: str) -> None:
    names = {"binary": "binary_crossentropy", "categorical": "categorical_crossentropy"}
    asked = {"name": names["binary" if "binary" in loss else "categorical"]}
    said = found(text(dense, loss), seen, trained | {"loss": trained.get("loss", {}) | asked})
    assert set(said) == {rule}
    assert any(note.startswith("measured: ") for note in said[rule].notes), said[rule].notes


def test_what_is_found_elsewhere_silences_nothing() -> None:
    both = text("10", '"categorical_crossentropy"') + text("10, activation=choose()").replace("model", "other")
    answers = [
        model(
            site(both, "keras.Sequential", nth=nth),
            [head(site(both, "keras.layers.Dense", nth=nth), **({"activation": None} | seen))],
        )
        for nth, seen in enumerate(
            ({"activation": "linear", "totals": [], "low": -9.0, "high": 9.0}, {"constant": 1.0})
        )
    ]
    said = judged(both, program(both, *answers))
    assert set(said) == {"logits-as-probabilities", "constant-outputs"}


def test_a_function_that_reading_saw_apart_from_its_head_is_told_once() -> None:
    written = """import keras
from keras import ops

class Sorter(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = keras.layers.Dense(6)

    def call(self, x):
        s = ops.sigmoid(self.last(x))
        return s / ops.sum(s, axis=-1, keepdims=True)

model = Sorter()
model.compile(optimizer="adam", loss="mse")
"""
    seen = {"activation": "normalised-sigmoids", "units": 6, "non_finite": {"score": -87.3, "what": "nan"}}
    told = model(site(written, "Sorter()"), [head(site(written, "keras.layers.Dense"), **seen)])
    assert set(judged(written, program(written, told))) == {"normalised-sigmoids"}


def test_stand_ins_keep_the_first_loss_quiet() -> None:
    loud = {"trial": {"trained": 30.0, "predicted": 30.0}}
    assert set(found(text(), {}, loud)) == {"initial-loss"}
    assert set(found(text(), {}, loud, stood_in=["input.shape"])) == {"initial-loss"}
    assert found(text(), {}, loud, stood_in=["num_classes.units"]) == {}


def test_a_measured_fact_serves_a_rule_that_reads() -> None:
    plain = text("choose(), activation=choose()", '"binary_crossentropy"')
    said = found(
        plain,
        {"units": 1, "activation": "sigmoid-twice", "low": 0.5, "high": 0.74, "totals": [], "shape": [None, 1]},
        {"loss": {"name": "binary_crossentropy"}, "trial": {"expected": None}},
    )
    assert set(said) == {"activation-applied-twice"}
    assert {fact.origin for fact in said["activation-applied-twice"].because} == {Origin.MEASURED}

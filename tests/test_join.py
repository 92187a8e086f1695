"""What was read and what was measured become one program: which fact stands, and what is said where both differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from keraslint.join import agree, join
from keraslint.lint import recover
from keraslint.model import Confidence, Fact, Model, NotChecked, Origin, Outputs, Program, Training
from keraslint.probe import wire
from keraslint.report import Style, show
from keraslint.source import Source
from tests.answers import head, model, program, site, training

PLAIN = """import keras
model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss="categorical_crossentropy")
"""


def read(text: str) -> Program:
    return recover(Source.from_text("train.py", text))


def joined(text: str, *answers: dict[str, Any]) -> Program:
    return join(read(text), program(text, *answers))


def only(found: Program) -> Model:
    assert len(found.models) == 1
    return found.models[0]


def plain(text: str = PLAIN, **more: Any) -> dict[str, Any]:
    trained = more.pop("training", {})
    at = training(site(text, "model.compile"), **trained)
    return model(site(text, "keras.Sequential"), [head(site(text, "keras.layers.Dense"), **more)], [at])


def test_what_is_read_and_measured_stays_where_it_is_written() -> None:
    found = joined(PLAIN, plain())
    (one,), (trained,) = only(found).heads, only(found).trainings
    assert only(found).probed
    assert found.not_checked == ()
    assert one.activation == read(PLAIN).models[0].heads[0].activation
    assert one.activation is not None
    assert one.activation.literal
    assert one.measured is not None
    assert one.measured.activation is not None
    assert one.measured.activation.origin is Origin.MEASURED
    assert trained.head is one
    assert trained.trial is not None
    assert trained.trial.expected == Fact(2.302585, trained.span, Origin.MEASURED)


def test_what_reading_does_not_know_is_measured() -> None:
    text = PLAIN.replace('"softmax"', "choose()")
    (one,) = only(joined(text, plain(text))).heads
    assert one.activation is not None
    assert (one.activation.value, one.activation.origin, one.activation.span) == ("softmax", Origin.MEASURED, one.span)
    assert not one.activation.literal
    assert one.outputs is not None
    assert one.outputs.value == Outputs(0.0, 1.0, (-1,))


def test_the_real_thing_is_right_and_the_odds_are_told() -> None:
    found = joined(PLAIN, plain(activation="sigmoid", totals=[]))
    (one,) = only(found).heads
    assert one.activation is not None
    assert (one.activation.value, one.activation.origin) == ("sigmoid", Origin.MEASURED)
    assert [gap.reason for gap in found.not_checked] == [
        "the activation of the head: reading said `softmax`, measured `sigmoid`: please report"
    ]
    assert only(found).trainings[0].head is one


def test_what_was_measured_with_doubts_does_not_win() -> None:
    found = joined(PLAIN, plain(activation="sigmoid", confidence="medium"))
    (one,) = only(found).heads
    assert one.activation is not None
    assert (one.activation.value, one.activation.origin) == ("softmax", Origin.READ)
    assert len(found.not_checked) == 1


def test_bounds_that_are_read_stand_until_a_number_is_seen_beyond() -> None:
    inside = joined(PLAIN, plain(low=0.1, high=0.8))
    beyond = joined(PLAIN, plain(low=-0.2, high=0.8))
    assert inside.not_checked == ()
    lows = [found.models[0].heads[0].outputs for found in (inside, beyond)]
    assert [fact and fact.value.low for fact in lows] == [0.0, -0.2]
    assert [gap.reason for gap in beyond.not_checked] == [
        "the outputs of the head: reading said `0 to 1, adding up to 1 over axis -1`, "
        "measured `-0.2 to 0.8, adding up to 1 over axis -1`: please report"
    ]


@pytest.mark.parametrize("sure", [Confidence.MEDIUM, Confidence.HIGH])
def test_measuring_settles_what_reading_was_not_sure_of(sure: Confidence) -> None:
    text = "import keras\nif input():\n    last = 'softmax'\nelse:\n    last = 'sigmoid'\n" + PLAIN.replace(
        '"softmax"', "last"
    )
    found = joined(text, plain(text, confidence=sure.name.lower()))
    seen = [one for one in only(found).heads if one.measured]
    assert [one.activation and one.activation.value for one in seen] == ["softmax"]
    assert [one.activation and one.activation.origin for one in seen] == [Origin.READ]
    assert len(only(found).heads) == 2
    assert found.not_checked == ()


def test_the_runtime_is_that_of_the_user() -> None:
    text = "# a program\n" + PLAIN
    found = joined(text, plain(text))
    for runtime in (only(found).runtime, only(found).trainings[0].runtime):
        assert runtime.keras_version == (3, 15)
        assert runtime.backend is not None
        assert (runtime.backend.value, runtime.backend.origin) == ("tensorflow", Origin.MEASURED)
        assert runtime.package is not None
        assert runtime.package.origin is Origin.READ


def test_a_model_that_only_measuring_found_is_added() -> None:
    text = "from somewhere import make\nmodel = make(3)\n"
    found = joined(text, model(site(text, "make"), [head(site(text, "make"), kind="Odd")], kind="Odd"))
    assert only(found).name == "Odd"
    assert only(found).probed
    assert {fact.origin for fact in (only(found).heads[0].units, only(found).heads[0].activation) if fact} == {
        Origin.MEASURED
    }


LOOP = """import keras
for last in options():
    model = keras.Sequential([keras.layers.Dense(10, activation=last)])
    model.compile("adam", "mse")
"""


def test_models_of_one_place_are_told_apart_by_what_they_are() -> None:
    text = LOOP.replace("options()", "('relu', 'softmax')")
    at = site(text, "keras.layers.Dense")
    answers = [
        model(site(text, "keras.Sequential"), [head(at, activation=word, low=0.0, totals=[])], ordinal=ordinal)
        for ordinal, word in enumerate(("relu", "softmax"))
    ]
    answers[1]["heads"][0]["totals"] = [-1]
    answers[0]["heads"][0]["high"] = 900.0
    found = joined(text, *answers)
    for one in found.models:
        for each in one.heads:
            assert each.activation is not None
            assert each.measured is None or each.measured.activation is not None
            assert each.measured is None or each.measured.activation.value == each.activation.value  # type: ignore[union-attr]
    assert sum(each.measured is not None for one in found.models for each in one.heads) == 2
    assert found.not_checked == ()


def test_a_loss_that_reading_could_not_tell_is_no_gap_any_more() -> None:
    text = PLAIN.replace('"categorical_crossentropy"', "somewhere.loss")
    gaps = read(text).not_checked
    assert gaps
    found = joined(text, plain(text, training={"loss": {"spelling": "function"}}))
    (trained,) = only(found).trainings
    assert found.not_checked == ()
    assert trained.loss is not None
    assert trained.loss.name.origin is Origin.MEASURED


def test_losses_at_odds() -> None:
    found = joined(PLAIN, plain(training={"loss": {"name": "mean_squared_error", "from_logits": None}}))
    (trained,) = only(found).trainings
    assert trained.loss is not None
    assert trained.loss.name.value == "mean_squared_error"
    assert "the loss: reading said `categorical_crossentropy`" in found.not_checked[0].reason


def test_outputs_that_a_loop_makes_are_told_apart_by_their_order() -> None:
    text = """import keras
from keras import ops

def first(x):
    return 0.5 * (ops.tanh(0.5 * x) + 1)

def second(x):
    return ops.exp(ops.log_softmax(x, axis=-1))

inputs = keras.Input((7,))
dense = keras.layers.Dense(3)
x = dense(inputs)
model = keras.Model(inputs, [keras.layers.Lambda(f)(x) for f in (first, second)])
"""
    seen = ["sigmoid", "softmax"]
    at = site(text, "keras.layers.Dense")
    heads = [head(at, name=f"lambda_{number}", activation=word, units=3) for number, word in enumerate(seen)]
    found = joined(text, model(site(text, "keras.Model"), heads))
    measured = [one.measured.activation for one in only(found).heads if one.measured is not None]
    assert [one.value for one in measured if one is not None] == seen
    assert found.not_checked == ()


def test_a_training_that_did_not_happen_keeps_what_was_read_of_it() -> None:
    text = """import os
import keras
one_hot = os.environ.get("ONE_HOT") == "1"
loss = "categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy"
metric = "categorical_accuracy" if one_hot else "sparse_categorical_accuracy"
model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss=loss, metrics=[metric])
"""
    found = joined(
        text, plain(text, training={"loss": {"name": "sparse_categorical_crossentropy", "from_logits": None}})
    )
    assert found.not_checked == ()
    assert [(one.loss.name.value, one.trial is not None) for one in only(found).trainings if one.loss is not None] == [
        ("categorical_crossentropy", False),
        ("sparse_categorical_crossentropy", True),
    ]


def test_what_could_not_be_built_says_why() -> None:
    failed = {"event": "failed", "site": site(PLAIN, "keras.Sequential"), "error": "ValueError", "message": "no axis"}
    found = join(read(PLAIN), _failing(PLAIN, failed | {"stood_in": [], "vital": True}))
    assert only(found).failure is not None
    assert only(found).failure.value == "ValueError: no axis"  # type: ignore[union-attr]
    assert not only(found).probed
    for doubt in ({"stood_in": ["x.units"], "vital": True}, {"stood_in": [], "vital": False}):
        unsure = join(read(PLAIN), _failing(PLAIN, failed | doubt))
        assert only(unsure).failure is None
        assert [gap.reason.startswith("could not be built to be measured") for gap in unsure.not_checked] == [True]


def _failing(text: str, answer: dict[str, Any]) -> Program:
    from keraslint.probe.answers import heard
    from keraslint.probe.places import Places
    from tests.answers import lines

    places = Places({"train.py": Source.from_text("train.py", text)})
    return heard(lines(answer), places, read(text).models[0].span)[0]


@pytest.mark.parametrize(
    ("word", "seen", "same"),
    [
        ("softmax", "softmax", True),
        ("softmax-on-relu", "softmax", True),
        ("softmax", "sigmoid", False),
        ("softmax-on-sigmoid", "softmax-twice", False),
        ("sigmoid", "sigmoid-on-silu", True),
        ("sigmoid", "sigmoid-on-softmax", False),
        ("softmax", "softmax-on-scaled-log-softmax", True),
        ("softmax-on-relu", "softmax-on-tanh", False),
        ("exponential-on-log-softmax", "softmax", True),
        ("scaled-tanh", "sigmoid", True),
        ("scaled-tanh", "softmax", False),
    ],
)
def test_words_agree(word: str, seen: str, same: bool) -> None:
    assert agree(word, seen) is same


def test_what_nobody_measured_is_left_as_it_was() -> None:
    assert join(read(PLAIN), Program("train.py")) == read(PLAIN)
    gap = NotChecked(read(PLAIN).models[0].span, "time ran out")
    (told,) = join(read(PLAIN), Program("train.py", not_checked=(gap,))).not_checked
    assert told == replace(gap, measuring=True)


def test_trainings_keep_their_heads() -> None:
    found = joined(PLAIN, plain())
    assert all(isinstance(one, Training) and one.head in only(found).heads for one in only(found).trainings)


def test_show_tells_what_was_measured_beside_what_was_read() -> None:
    coupled = {"difference": 0.93, "rows": 3, "batch": 32, "alone": [1.0, 1.0]}
    document = wire.document([joined(PLAIN, plain(coupling=coupled, activation="softmax"))])
    (told,) = document["models"][0]["heads"]
    assert (told["activation"]["origin"], told["measured"]["activation"]["origin"]) == ("read", "measured")
    assert (told["units"]["origin"], told["rank"]["origin"]) == ("read", "read")
    assert told["measured"]["sums"]["value"][1] == {"axis": -1, "low": 1.0, "high": 1.0, "counts": [32]}
    tree = show.render(document, Style(width=None, color=False))
    assert "sums: 2.1 to 4.4 over axis 0, 1 to 1 over axis -1" in tree
    assert "coupling: 3 rows alone and in a batch of 32 differ by 0.93" in tree
    assert "trained: 2.4  3:1  measured" in tree
    assert wire.from_json(wire.to_json(joined(PLAIN, plain()))) == joined(PLAIN, plain())


def test_a_loop_may_ask_for_other_outputs_than_are_predicted() -> None:
    text = """import keras
import tensorflow as tf
model = keras.Sequential([keras.layers.Dense(10)])
loss = keras.losses.CategoricalCrossentropy(from_logits=True)
with tf.GradientTape() as tape:
    value = loss(y, model(x))
"""
    found = joined(text, model(site(text, "keras.Sequential"), [head(site(text, "keras.layers.Dense"))]))
    assert found.not_checked == ()
    assert [one.measured for one in only(found).heads] == [None]


def test_a_loop_may_train_one_value_of_each_row() -> None:
    text = """import keras
import tensorflow as tf
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(10, activation="softmax")])
loss = keras.losses.MeanSquaredError()
with tf.GradientTape() as tape:
    values = model(x)
    picked = tf.reduce_sum(values * tf.one_hot(actions, 10), axis=1, keepdims=True)
    value = loss(targets, picked)
"""
    found = joined(text, model(site(text, "keras.Sequential"), [head(site(text, "keras.layers.Dense"))]))
    assert found.not_checked == ()
    (one,) = only(found).heads
    assert one.units is not None
    assert (one.units.value, one.measured) == (1, None)


def test_models_of_one_place_are_told_apart_by_their_optimizers() -> None:
    text = """import keras

def make(optimizer):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(10, activation="softmax")])
    model.compile(optimizer=optimizer, loss="categorical_crossentropy")
    return model

first = make("sgd")
second = make("adam")
third = make("adamw")
"""
    answers = [
        plain(text, training={"optimizer": name}) | {"ordinal": ordinal}
        for ordinal, name in enumerate(("Adam", "AdamW"))  # the first one was not measured
    ]
    found = joined(text, *answers)
    assert [one.probed for one in found.models] == [False, True, True]
    assert found.not_checked == ()

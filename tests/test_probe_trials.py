"""What the probe says of losses before any step: right programs stay unsuspected, and wrong ones show their numbers.

A process for each runtime measures the programs of `trials_on_keras`. What must come out is said here once for all of
them; where a runtime trains something else, that is what `keraslint.objective` says of it too.
"""

from __future__ import annotations

from itertools import product
from math import log
from typing import Any

import numpy as np
import pytest

from keraslint.probe.child import compiled, labels
from keraslint.static.catalog import losses as loss_catalog
from keraslint.static.catalog import metrics as metric_catalog
from tests.probing import told_by
from tests.trials_on_keras import BCE, CCE, RUNTIMES, SCCE, TENSORFLOW, is_for

SAME = 1e-3

RIGHT = (
    "classes",
    "ids",
    "logits",
    "yes or no",
    "numbers",
    "counts",
    "smoothed",
    "zeros in the head",
    "words",
    "given",
)
"""Programs with nothing to tell."""
BEHIND = ("softmax as logits", "partial", "softmax for labels", "sigmoid for classes", "softmax over time")
"""Programs of which TensorFlow trains something else than what `predict()` returns, and JAX and torch do not."""


def measured(runtime: str) -> dict[str, Any]:
    """What every program was measured to be on this runtime."""
    return told_by("tests.trials_on_keras", runtime)


def trainings(runtime: str, program: str) -> list[dict[str, Any]]:
    if not is_for(program, runtime):
        pytest.skip(f"nothing for {runtime}")
    found: list[dict[str, Any]] = measured(runtime)[program]["trainings"]
    return found


def trial(runtime: str, program: str) -> dict[str, Any]:
    (training,) = trainings(runtime, program)
    found: dict[str, Any] = training["trial"]
    return found


def off(found: dict[str, Any]) -> float:
    """How far the trained loss is from that of the detached outputs."""
    return abs(float(found["trained"]) - float(found["predicted"])) / abs(float(found["trained"]))


def of_all(*programs: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("runtime", "program"), list(product(RUNTIMES, programs)))


on_all = pytest.mark.parametrize("runtime", RUNTIMES)


# --- right programs ---------------------------------------------------------------------------------------------------


@of_all(*RIGHT)
def test_a_right_program_trains_what_it_predicts_and_begins_where_theory_says(runtime: str, program: str) -> None:
    found = trial(runtime, program)
    assert found["trained"] == found["predicted"]
    assert found["trained_eager"] == pytest.approx(found["trained"], rel=SAME)
    assert found["gradient"] > 0
    assert found["still"] == []
    assert not found["all_still"]
    if found["expected"] is not None:
        assert 0.5 < found["trained"] / found["expected"] < 2


@on_all
def test_theory_is_named(runtime: str) -> None:
    said = {"classes": "ln 10", "ids": "ln 10", "yes or no": "ln 2", "smoothed": "ln 4", "words": "ln 4"}
    said = {program: name for program, name in said.items() if is_for(program, runtime)}
    assert {program: trial(runtime, program)["expected_name"] for program in said} == said
    assert trial(runtime, "classes")["expected"] == pytest.approx(log(10))


@of_all(
    "numbers",
    "counts",
    "summed",
    "linear for classes",
    "bias on purpose",
    "with statistics",
    "frozen",
    "by hand",
    "own loss",
)
def test_theory_is_silent_where_it_does_not_reach(runtime: str, program: str) -> None:
    assert trial(runtime, program)["expected"] is None


# --- wrong programs ---------------------------------------------------------------------------------------------------


@of_all(*BEHIND)
def test_what_is_trained_behind_the_outputs_is_seen(runtime: str, program: str) -> None:
    found = trial(runtime, program)
    if runtime in TENSORFLOW:
        assert off(found) > 0.01
    else:
        assert found["trained"] == found["predicted"]


@pytest.mark.parametrize("runtime", TENSORFLOW)
def test_the_softmax_of_tensorflow_is_found_in_a_graph_only(runtime: str) -> None:
    found = trial(runtime, "softmax of TensorFlow")
    assert off(found) > 0.01
    assert found["trained_eager"] == pytest.approx(found["predicted"])
    eagerly = trial(runtime, "eagerly")
    assert eagerly["trained"] == eagerly["predicted"]


@on_all
def test_half_precision_hides_the_logits_from_keras_3(runtime: str) -> None:
    found = trial(runtime, "in half")
    assert (off(found) > 0.02) == (runtime == "tf_keras")


@on_all
def test_a_head_of_zeros_is_woken_to_see_what_is_trained(runtime: str) -> None:
    found = trial(runtime, "zeros and softmax as logits")
    assert (off(found) > 0.01) == (runtime in TENSORFLOW)


@of_all("saturated")
def test_saturation_alone_is_no_difference(runtime: str, program: str) -> None:
    found = trial(runtime, program)
    assert found["trained"] > 2 * found["expected"]
    assert found["predicted"] == found["trained"]


@on_all
def test_outputs_that_are_saturated_and_all_alike_are_compared_where_they_are_not(runtime: str) -> None:
    right = trial(runtime, "saturated alike")
    assert right["trained"] > 2 * log(2)
    assert right["predicted"] == right["trained"]
    assert (off(trial(runtime, "saturated alike and sigmoid as logits")) > 0.01) == (runtime in TENSORFLOW)


@of_all("one softmax", "one class", "one direction")
def test_what_nothing_can_train_is_still(runtime: str, program: str) -> None:
    found = trial(runtime, program)
    assert found["gradient"] == 0
    assert found["all_still"]
    assert len(found["still"]) == 4


@of_all("zeros before the head", "large weights", "saturated", "added")
def test_a_gradient_that_vanishes_by_chance_is_not_still(runtime: str, program: str) -> None:
    assert not trial(runtime, program)["all_still"]


@on_all
def test_one_head_may_be_dead_beside_another(runtime: str) -> None:
    good, dead = (one["trial"] for one in trainings(runtime, "a dead head"))
    assert (good["all_still"], dead["all_still"]) == (False, True)
    assert good["still"] == ["dead/kernel", "dead/bias"]
    assert len(dead["still"]) == 6


@on_all
def test_weights_behind_a_stopped_gradient_are_named(runtime: str) -> None:
    found = trial(runtime, "stopped")
    assert [name.split("/", 1)[-1] if name.startswith("seq") else name for name in found["still"]] == [
        "first/kernel",
        "first/bias",
    ]
    assert not found["all_still"]


@on_all
def test_nothing_is_said_of_weights_that_something_else_may_move(runtime: str) -> None:
    found = trial(runtime, "added")
    assert (found["gradient"], found["still"], found["all_still"]) == (None, [], False)


@of_all("saturated at rest")
def test_scores_without_their_normalisation_tell_nothing_of_gradients(runtime: str, program: str) -> None:
    found = trial(runtime, program)
    assert (found["still"], found["all_still"]) == ([], False)


@of_all("an offset")
def test_unlucky_weights_are_no_wrong_model(runtime: str, program: str) -> None:
    found = trial(runtime, program)
    assert found["expected"] is None or 0.5 < found["trained"] / found["expected"] < 2


@on_all
def test_nothing_is_said_of_gradients_where_nothing_is_trainable(runtime: str) -> None:
    found = trial(runtime, "frozen")
    assert (found["gradient"], found["still"], found["all_still"]) == (None, [], False)


# --- what is compiled -------------------------------------------------------------------------------------------------


def told(runtime: str, program: str) -> list[tuple[Any, ...]]:
    return [
        (loss["head"], loss["name"], loss["from_logits"], loss["spelling"])
        for one in trainings(runtime, program)
        for loss in one["losses"]
    ]


@on_all
@pytest.mark.parametrize(
    ("program", "losses"),
    [
        ("classes", [(0, CCE, False, "string")]),
        ("ids", [(0, SCCE, False, "class")]),
        ("logits", [(0, CCE, True, "class")]),
        ("yes or no", [(0, BCE, False, "string")]),
        ("partial", [(0, SCCE, True, "function")]),
        ("loss of TensorFlow", [(0, CCE, True, "op")]),
        ("by hand", [(0, "custom", None, "custom")]),
        ("own class", [(0, "custom", None, "custom")]),
        ("two heads", [(0, SCCE, False, "string"), (1, "mean_squared_error", False, "string")]),
        ("two heads by name", [(0, CCE, False, "string"), (1, "mean_absolute_error", False, "string")]),
        ("one of two heads", [(1, "mean_squared_error", False, "string")]),
        ("outputs by name", [(0, SCCE, False, "string"), (1, "mean_absolute_error", False, "string")]),
        ("in a loop", [(0, CCE, True, "class")]),
    ],
)
def test_losses_go_to_their_heads(runtime: str, program: str, losses: list[tuple[Any, ...]]) -> None:
    assert told(runtime, program) == losses


@on_all
@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("classes", [(["accuracy"], "Adam", 0.001)]),
        ("ids", [(["accuracy"], "Adam", 0.001)]),
        ("yes or no", [([], "SGD", 0.25)]),
        ("numbers", [(["mean_absolute_error"], "RMSprop", 0.001)]),
        ("two heads by name", [(["accuracy"], "SGD", 0.01), (["mean_squared_error"], "SGD", 0.01)]),
    ],
)
def test_metrics_and_optimizers_are_named(runtime: str, program: str, said: list[tuple[Any, ...]]) -> None:
    found = trainings(runtime, program)
    assert [(one["metrics"], one["optimizer"], round(one["learning_rate"], 6)) for one in found] == said


@on_all
def test_what_cannot_be_measured_is_not(runtime: str) -> None:
    assert trial(runtime, "nothing fits") is None
    assert trial(runtime, "own training") is None


@on_all
def test_a_loss_of_the_model_itself_is_asked(runtime: str) -> None:
    assert trial(runtime, "own loss")["trained"] > 2.5  # three times a crossentropy over three classes


@on_all
def test_labels_are_told(runtime: str) -> None:
    assert trial(runtime, "given")["labels"] == "given"
    assert trial(runtime, "given")["rows"] == 8
    assert trial(runtime, "classes")["labels"] == "one-hot made up"
    assert trial(runtime, "by hand")["labels"] == "zeros and ones made up"


@on_all
def test_nothing_is_changed(runtime: str) -> None:
    assert [name for name, found in measured(runtime).items() if not found["same"]] == []


# --- labels and names without Keras -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(8, 3), (4, 5, 3), (2, 6, 6, 3), (8, 1)])
@pytest.mark.parametrize("loss", sorted(labels.OF_LOSS))
def test_labels_have_the_shape_that_the_loss_wants(loss: str, shape: tuple[int, ...]) -> None:
    outputs = np.random.default_rng(0).uniform(size=shape)
    (made,) = labels.made_up(loss, outputs, -1, np.random.default_rng(1))
    if made.kind == labels.IDS:
        wanted = shape[:1] if loss == "circle" else shape[:-1]
        assert made.values.shape == wanted
        assert made.values.dtype == np.int32
    else:
        assert made.values.shape == shape
    if made.kind in (labels.ONE_HOT, labels.SHARES):
        assert made.values.sum(-1) == pytest.approx(np.ones(shape[:-1]))


def test_classes_lie_where_the_loss_looks_for_them() -> None:
    outputs = np.random.default_rng(0).uniform(size=(4, 3, 6))
    (made,) = labels.made_up(CCE, outputs, 1, np.random.default_rng(1))
    assert made.values.shape == (4, 3, 6)
    assert made.values.sum(1) == pytest.approx(np.ones((4, 6)))


def test_there_are_no_labels_for_what_has_lengths_of_its_own() -> None:
    assert labels.made_up("ctc", np.zeros((2, 5, 4)), -1, np.random.default_rng(0)) == ()


def test_every_loss_of_the_catalogue_has_labels_or_is_known_to_have_none() -> None:
    names = {spec.name for spec in loss_catalog.SPECS}
    assert names - set(labels.OF_LOSS) - labels.IMPOSSIBLE == set()


def test_names_are_those_of_the_catalogue() -> None:
    for spec in (*loss_catalog.SPECS, *metric_catalog.SPECS):
        for word in (*spec.classes, *spec.functions):
            assert compiled.name_of(word) == spec.name, word

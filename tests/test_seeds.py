"""The four founding programs, and what must be said about each of them.

That the findings stand on their lines, and that there are no others, is tested with all fixtures. Here it is what they
say: the axis by its name, the other backends, the texts that are cut, and silence about a sigmoid that is right.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from keraslint import Finding, Model, Report, Severity, lint

SEEDS = Path(__file__).parents[1] / "fixtures" / "seeds"


@cache
def report(name: str) -> Report:
    return lint(str(SEEDS / f"{name}.py"))


def only(name: str, rule: str) -> Finding:
    """The one finding of a rule in a program."""
    [finding] = [finding for finding in report(name).findings if finding.rule == rule]
    return finding


def said(finding: Finding) -> str:
    places = (fact.text for fact in finding.because)
    return " ".join((finding.message, *finding.notes, finding.help, *places))


def code(finding: Finding) -> str:
    """The lines of the program that a finding shows."""
    lines = (SEEDS / Path(finding.span.path).name).read_text(encoding="utf-8").splitlines()
    return "\n".join(lines[fact.span.line - 1] for fact in finding.because)


def model(name: str, ordinal: int = 0) -> Model:
    return report(name).models[ordinal]


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.py")), ids=lambda path: path.stem)
def test_every_seed_is_recovered(path: Path) -> None:
    models = report(path.stem).models
    assert models
    assert all(each.heads and each.trainings and each.heads[0].activation for each in models)


# --- a U-Net with ten sigmoids for ten exclusive classes -------------------------------------------------------------


def test_forgotten_softmax_is_a_warning_that_shows_the_masks() -> None:
    finding = only("unet_sigmoid_masks", "sigmoids-for-exclusive-labels")
    assert finding.severity is Severity.WARNING
    assert "to_categorical(label_maps, NUM_CLASSES)" in code(finding)
    assert "activation='sigmoid'" in code(finding)


def test_no_better_score_is_promised_for_the_softmax() -> None:
    finding = only("unet_sigmoid_masks", "sigmoids-for-exclusive-labels")
    assert "other data may differ" in said(finding)


def test_the_unet_is_read_to_its_end() -> None:
    [head] = model("unet_sigmoid_masks").heads
    assert (head.units and head.units.value, head.rank and head.rank.value) == (10, 4)
    [training] = model("unet_sigmoid_masks").trainings
    assert training.loss
    assert training.loss.name.value == "dice"


# --- a softmax over the depth, by hand -------------------------------------------------------------------------------


def test_total_over_axis_0_is_an_error_that_names_the_batch() -> None:
    finding = only("depth_softmax", "softmax-over-batch-axis")
    assert finding.severity is Severity.ERROR
    assert "batch axis" in finding.message
    assert "0.11 row by row" in said(finding)
    assert "K.sum(sigmoided_matrix, axis=0)" in code(finding)


def test_sigmoids_over_their_sum_are_no_softmax() -> None:
    finding = only("depth_softmax", "normalised-sigmoids")
    assert finding.severity is Severity.WARNING
    assert "not a softmax" in finding.message


def test_sigmoid_by_hand_has_no_gradient_far_out() -> None:
    finding = only("depth_softmax", "unstable-softmax")
    assert finding.severity is Severity.WARNING
    assert "gradient is NaN" in said(finding)


def test_border_mode_is_an_error_with_its_new_name() -> None:
    finding = only("depth_softmax", "removed-argument")
    assert finding.severity is Severity.ERROR
    assert "`border_mode`" in finding.message
    [fix] = finding.fixes
    assert fix.safe
    assert [edit.text for edit in fix.edits] == ["padding"]


def test_repaired_depth_softmax_only_overflows() -> None:
    [finding] = [one for one in report("depth_softmax_repaired").findings if one.severity > Severity.NOTE]
    assert (finding.rule, finding.severity) == ("unstable-softmax", Severity.WARNING)
    assert "88.8" in said(finding)
    [head] = model("depth_softmax_repaired").heads
    assert head.activation
    assert head.activation.value == "softmax"


# --- a softmax before a loss that asks for logits --------------------------------------------------------------------


def test_softmax_from_logits_is_a_warning_on_tensorflow() -> None:
    finding = only("xray_softmax_from_logits", "probabilities-as-logits")
    assert finding.severity is Severity.WARNING
    assert "from_logits=True" in code(finding)
    assert "activation='softmax'" in code(finding)


@pytest.mark.parametrize("runtime", ["JAX", "torch", "TensorFlow 2.3"])
def test_it_says_what_happens_elsewhere(runtime: str) -> None:
    notes = only("xray_softmax_from_logits", "probabilities-as-logits").notes
    [elsewhere] = [note for note in notes if runtime in note]
    assert "softmax(softmax(z))" in elsewhere


def test_labels_of_one_character_differ_by_luck() -> None:
    finding = only("xray_softmax_from_logits", "truncated-string-labels")
    assert finding.severity is Severity.WARNING
    assert "'NORMAL' is stored as 'N'" in finding.message
    assert "by luck" in said(finding)
    assert [fact.value for fact in finding.because[1:]] == ["NORMAL", "PNEUMONIA"]


# --- a midpoint between 0 and 1 --------------------------------------------------------------------------------------


def test_sigmoid_for_shares_of_the_picture_is_right() -> None:
    assert "bounded-output-for-unbounded-target" not in {
        finding.rule for finding in report("midpoint_sigmoid_regression").findings
    }
    for ordinal in (0, 1):
        [training] = model("midpoint_sigmoid_regression", ordinal).trainings
        labels = training.labels
        assert labels
        assert labels.low
        assert labels.high
        assert (labels.low.value, labels.high.value) == (0, 1)
        assert training.head.activation
        assert training.head.activation.value == "sigmoid"


def test_accuracy_of_a_midpoint_is_a_warning_under_both_losses() -> None:
    findings = [one for one in report("midpoint_sigmoid_regression").findings if one.rule == "accuracy-on-regression"]
    assert [finding.severity for finding in findings] == [Severity.WARNING] * 2
    assert ["'mean_squared_error'" in code(finding) for finding in findings] == [True, False]
    assert all("the same unit is the largest" in said(finding) for finding in findings)


def test_old_learning_rate_says_what_either_keras_does() -> None:
    finding = only("midpoint_sigmoid_regression", "removed-argument")
    assert finding.severity is Severity.ERROR
    assert "Keras 3" in finding.message
    assert "Keras 2 still takes it" in said(finding)
    assert [edit.text for fix in finding.fixes for edit in fix.edits] == ["learning_rate"]

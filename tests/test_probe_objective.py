"""What the probe measures of a loss, held against what `keraslint.objective` says that Keras minimises.

One room reads what Keras does from a table, the other sees it done: for every head and loss both have to come to the
same number, for what is trained as in `fit`, for what is trained eagerly and for what `predict()` returns.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest

from tests.objective_on_keras import HEADS, LOSSES, RUNTIMES, Measured, Spelling
from tests.probing import told_by
from tests.test_objective import as_number, said_of, tolerance
from tests.trials_of_objectives import is_for

SAID = {"trained": "graph", "trained_eager": "eager", "predicted": "detached"}
"""What is measured, and the way to compute it in the words of the objective."""

SNAPPED = 1.1e-3
"""A loss of detached outputs that is nearer to the trained one than this is told as the same."""

MIXED = ("sparse_categorical_crossentropy", True)
"""TensorFlow's own sparse crossentropy wants whole numbers, and `compile` makes floats or a column of its labels: it
fails in `fit` too. Keras 2 leaves labels of several axes as they are."""

HEADS_OF = [
    pytest.param(runtime, index, id=f"{runtime}-{head.text}")
    for runtime, (index, head) in product(RUNTIMES, enumerate(HEADS))
    if is_for(head, runtime)
]


def measured(runtime: str) -> dict[str, dict[str, dict[str, Any]]]:
    """By index of the head and of the loss what is measured on this runtime."""
    return told_by("tests.trials_of_objectives", runtime)


def complaints(runtime: str, head: Spelling, loss: Measured, found: dict[str, Any]) -> list[str]:
    """Where a number is not the one that the objective says."""
    if (loss.name, loss.op) == MIXED and not (runtime == "tf_keras" and head.rank > 2):
        return ["measured"] if "trained" in found else []
    said = said_of(runtime, head, loss)
    wrong = []
    for key, way in SAID.items():
        wanted, value = as_number(said[way], head, loss), found.get(key)
        near = max(tolerance(head, said[way]), SNAPPED if key == "predicted" else 0)
        if value is None or not math.isclose(value, wanted, rel_tol=near):
            if value is None and not math.isfinite(wanted):
                continue
            wrong.append(f"{loss.name}({loss.from_logits}): {key} {value}, said {wanted}: {said[way].minimised}")
    return wrong


@pytest.mark.parametrize(("runtime", "index"), HEADS_OF)
def test_the_probe_sees_what_the_objective_says(runtime: str, index: int) -> None:
    found = measured(runtime)[str(index)]
    assert len(found) >= 10
    assert [text for at, one in found.items() for text in complaints(runtime, HEADS[index], LOSSES[int(at)], one)] == []


@pytest.mark.parametrize(("runtime", "index"), HEADS_OF)
def test_losses_are_known_by_name(runtime: str, index: int) -> None:
    for at, one in measured(runtime)[str(index)].items():
        loss = LOSSES[int(at)]
        assert (one["name"], one["from_logits"]) == (loss.name, loss.from_logits)
        assert one["spelling"] == ("op" if loss.op else "class")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_difference_is_told_where_logits_are_found_behind_outputs(runtime: str) -> None:
    """Far enough apart that the rule cannot mistake one for the other."""
    for at, row in measured(runtime).items():
        for of, one in row.items():
            head, loss = HEADS[int(at)], LOSSES[int(of)]
            said = said_of(runtime, head, loss)
            if one.get("predicted") is not None and said["graph"].minimised == said["detached"].minimised:
                assert one["trained"] == pytest.approx(one["predicted"], rel=0.02 if head.half else 2e-3), (head, loss)

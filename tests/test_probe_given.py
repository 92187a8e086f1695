"""What a batch of real data says about labels and inputs, and what it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keraslint.probe.child import given

IDS = np.array([3, 0, 2, 1])


@pytest.mark.parametrize(
    ("y", "loss", "told"),
    [
        (IDS, "sparse_categorical_crossentropy", {"encoding": "class-ids", "rank": 1, "low": 0, "high": 3}),
        (IDS[:, None], "categorical_crossentropy", {"encoding": "class-ids", "rank": 2, "columns": 1}),
        (np.eye(4)[IDS], "mean_squared_error", {"encoding": "one-hot", "classes": 4, "exclusive": True}),
        (np.array([[1, 1, 0], [0, 0, 0]]), "binary_crossentropy", {"encoding": "multi-label", "exclusive": False}),
        (np.array([1.5, -2.0]), "mean_squared_error", {"encoding": "continuous", "low": -2.0, "high": 1.5}),
        (np.array(["cat", "dog"]), None, {"encoding": "text"}),
        (["cat", "dog"], None, {"encoding": "text"}),
        (np.eye(4, dtype=bool)[IDS], "categorical_crossentropy", {"encoding": "one-hot"}),
    ],
)
def test_labels_are_what_they_can_only_be(y: Any, loss: str | None, told: dict[str, Any]) -> None:
    assert told.items() <= (given.labels(y, loss) or {}).items()


@pytest.mark.parametrize(
    ("y", "loss"),
    [
        (IDS, "mean_squared_error"),  # counts, perhaps
        (np.array([0.0, 1.0, 0.5]), "binary_crossentropy"),  # probabilities, perhaps
        (np.array([[0.2, 0.8]]), "categorical_crossentropy"),
        (np.array([[1, 0, 0]]), "categorical_crossentropy"),  # one row proves nothing
        (np.array([[1, 1], [0, 1]]), "mean_absolute_error"),
        (np.array([-1, 1]), "binary_crossentropy"),
    ],
)
def test_an_encoding_that_could_be_another_one_is_not_told(y: Any, loss: str) -> None:
    assert "encoding" not in (given.labels(y, loss) or {"encoding": ""})


@pytest.mark.parametrize("y", [None, [], np.zeros((0, 3)), {"a": IDS}, [IDS, IDS], object()])
def test_what_is_no_single_array_says_nothing(y: Any) -> None:
    assert given.labels(y, "binary_crossentropy") is None
    assert given.inputs(y) is None


def test_pixels_are_told_from_other_numbers() -> None:
    picture = np.full((2, 8, 8, 3), 200, np.uint8)
    assert given.inputs(picture) == {"low": 0.0, "high": 255.0, "kind": "pixels"}
    assert given.inputs(picture / 255) == {"low": 200 / 255, "high": 200 / 255}
    assert given.inputs(picture.reshape(2, -1)) == {"low": 200.0, "high": 200.0}
    assert given.inputs(np.array([[np.nan, 2.0], [np.inf, 3.0]])) == {"low": 2.0, "high": 3.0}

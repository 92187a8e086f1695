"""What the rules about labels say that Keras does, held against the Keras that is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests import labels_on_keras
from tests.labels_on_keras import BATCH, BINARY, CATEGORICAL, DISTANCES, FOCAL, ROWS, SPARSE
from tests.objective_on_keras import RUNTIMES

NEEDS = {"tensorflow": "tensorflow", "tf_keras": "tf_keras", "jax": "jax", "torch": "torch"}
ROOT = Path(__file__).parents[1]


def said(loss: str, units: int, labels: str, runtime: str) -> str:
    """What the pages say: whether Keras raises or trains."""
    if loss == CATEGORICAL:
        return "trains" if labels == "one-hot" else "raises"
    if loss == FOCAL:
        # Keras 3 stretches a column of class ids over all units
        silent = labels == "one-hot" or (labels == "ids in a column" and runtime != "tf_keras")
        return "trains" if silent else "raises"
    if loss == SPARSE:
        if labels in {"one-hot", "two columns"}:
            return "raises"
        outside = labels == "ids from 1" or units < 3
        return "raises" if outside and runtime != "jax" else "trains"
    if loss == BINARY:
        return "trains" if labels.startswith("zeros") is (units == 1) and labels != "one-hot" else "raises"
    if labels == "three columns" and units == 2:
        return "raises"
    mixed_up = labels == "flat" and units > 1
    return "raises" if mixed_up and units != BATCH and runtime != "tf_keras" else "trains"


@cache
def measured(runtime: str) -> dict[tuple[str, int, str], str]:
    """What `labels_on_keras` finds on this runtime."""
    pytest.importorskip("keras")
    pytest.importorskip(NEEDS[runtime])
    done = subprocess.run(
        [sys.executable, "-m", labels_on_keras.__name__, runtime],
        cwd=ROOT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {(loss, units, labels): found for loss, units, labels, found in json.loads(done.stdout.splitlines()[-1])}


def test_the_table_has_every_loss() -> None:
    assert {loss for loss, _, _ in ROWS} == {CATEGORICAL, FOCAL, SPARSE, BINARY, *DISTANCES}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_keras_does_with_labels_what_the_pages_say(runtime: str) -> None:
    found = measured(runtime)
    assert found == {row: said(*row, runtime) for row in ROWS}

"""What a batch of real data says: the encoding and the range of labels, the kind and the range of inputs.

A batch is a witness: what is seen in it occurs, and what is not seen may occur all the same. So bounds are told where
they were seen, and an encoding only where the numbers and the loss leave no other reading.
"""

from __future__ import annotations

from typing import Any

import numpy as np

CLASS_LOSSES = frozenset(
    {
        *("categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"),
        *("categorical_focal_crossentropy", "binary_focal_crossentropy", "categorical_hinge"),
    }
)
"""Under these, whole numbers are classes; under a distance they may be counts or prices."""

LARGEST_PIXEL = 255
FEWEST_ROWS = 2


def labels(y: Any, loss: str | None) -> dict[str, Any] | None:
    """What is known of labels: `encoding`, `classes`, `exclusive`, `low`, `high`, `rank`, `columns`; None without any.

    `y` is anything that NumPy takes, of shape (rows, ...); `loss` is the name of the loss that will read them.
    """
    values = _array(y)
    if values is None or values.size == 0:
        return None
    told: dict[str, Any] = {"rank": int(values.ndim)}
    if values.ndim > 1:
        told["columns"] = int(values.shape[-1])
    if values.dtype.kind in "OUS":
        return {**told, "encoding": "text"}
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if finite.size:
        told.update(low=float(finite.min()), high=float(finite.max()))
    told.update(_encoding(values, loss))
    return told


def _encoding(values: Any, loss: str | None) -> dict[str, Any]:
    whole = values.dtype.kind in "iub" or bool(np.all(np.mod(values, 1) == 0))
    of_classes = loss in CLASS_LOSSES
    if not whole:
        # numbers between 0 and 1 may be probabilities
        inside = values.min() >= 0 and values.max() <= 1
        return {} if inside else {"encoding": "continuous"}
    columns = values.shape[-1] if values.ndim > 1 else 1
    binary = values.min() >= 0 and values.max() <= 1
    if columns > 1 and binary:
        totals = values.astype(np.float64).sum(-1)
        if values.reshape(-1, columns).shape[0] < FEWEST_ROWS:
            return {}
        if np.all(totals == 1):
            return {"encoding": "one-hot", "classes": int(columns), "exclusive": True}
        return {"encoding": "multi-label", "classes": int(columns), "exclusive": False} if of_classes else {}
    if columns == 1 and of_classes and values.min() >= 0:
        return {"encoding": "class-ids", "exclusive": True}
    return {}


def inputs(x: Any) -> dict[str, Any] | None:
    """What is known of inputs: `low`, `high` and `kind` (`pixels`); of several inputs, nothing."""
    values = _array(x)
    if values is None or values.size == 0 or values.dtype.kind not in "iubf":
        return None
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    told: dict[str, Any] = {"low": low, "high": high}
    picture = values.ndim == 4 and (values.shape[-1] in (1, 3, 4) or values.shape[1] in (1, 3, 4))
    whole = values.dtype.kind in "iu" or bool(np.all(np.mod(finite, 1) == 0))
    if picture and whole and low >= 0 and 1 < high <= LARGEST_PIXEL:
        return {
            "low": 0.0,
            "high": float(LARGEST_PIXEL),
            "kind": "pixels",
        }  # what pictures hold, also beyond this batch
    return told


def _array(given: Any) -> Any:
    """A NumPy array of what was given; None for several arrays, and for what is none."""
    if given is None or (isinstance(given, (dict, list, tuple)) and not _plain(given)):
        return None
    try:
        if hasattr(given, "detach"):  # a tensor of torch, which may be on a GPU
            given = given.detach().cpu()
        values = np.asarray(given)
    except Exception:  # whatever it is, it is no array
        return None
    return values if values.dtype.kind != "O" or _texts(values) else None


def _plain(given: Any) -> bool:
    """Whether a list holds numbers or texts, not arrays."""
    return not isinstance(given, dict) and not any(hasattr(one, "shape") for one in given)


def _texts(values: Any) -> bool:
    return all(isinstance(one, str) for one in values.reshape(-1)[:100])

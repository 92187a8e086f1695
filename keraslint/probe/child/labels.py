"""Labels that are made up: what a loss asks for, in the shape that a head asks for.

They carry no meaning on purpose. Classes are balanced as far as the rows go, so that a loss over them can be compared
with what theory says of a model that knows nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

ONE_HOT = "one-hot"
IDS = "class ids"
COLUMN = "class ids in a column"
BINARY = "zeros and ones"
SIGNS = "minus one and one"
SHARES = "probabilities"
MASKS = "masks"
POSITIVE = "positive numbers"
NUMBERS = "numbers"

OF_LOSS = {
    **dict.fromkeys(("categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge"), ONE_HOT),
    **dict.fromkeys(("sparse_categorical_crossentropy", "categorical_generalized_cross_entropy", "circle"), IDS),
    **dict.fromkeys(("binary_crossentropy", "binary_focal_crossentropy"), BINARY),
    **dict.fromkeys(("hinge", "squared_hinge"), SIGNS),
    **dict.fromkeys(("dice", "tversky"), MASKS),
    **dict.fromkeys(("poisson", "mean_absolute_percentage_error", "mean_squared_logarithmic_error"), POSITIVE),
    **dict.fromkeys(("mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "cosine_similarity"), NUMBERS),
    "kl_divergence": SHARES,
}
"""The kind of labels by Keras's name of the loss; what is not listed is not known."""

IMPOSSIBLE = frozenset({"ctc"})
"""Losses whose labels have a length of their own."""

CIRCLE_CLASSES = 4
"""Ids under `circle` count embeddings of a kind, not units."""


class Labels(NamedTuple):
    """Labels of a kind in words."""

    kind: str
    values: Any


def made_up(loss: str, outputs: Any, axis: int, random: Any) -> tuple[Labels, ...]:
    """Labels for a head that gave these outputs (rows, ...), the likeliest kind first; none where none can fit.

    `loss` is Keras's name, `custom` for a function of the program; `axis` is where the loss looks for classes. For a
    loss of Keras there is one kind; any other may want each of several.
    """
    if loss in IMPOSSIBLE or not outputs.ndim or not outputs.size:
        return ()
    kind = OF_LOSS.get(loss)
    kinds = (kind,) if kind else _likely(outputs, axis)
    made = ((word, _make(word, outputs, axis, random, loss)) for word in kinds)
    return tuple(Labels(word, values) for word, values in made if values is not None)


def _likely(outputs: Any, axis: int) -> tuple[str, ...]:
    """Kinds for a loss that is not known: what the range of the outputs suggests comes first."""
    several = outputs.ndim > 1 and outputs.shape[axis] > 1
    classes = (ONE_HOT, IDS, COLUMN) if several else (BINARY, IDS)
    if outputs.min() >= 0 and outputs.max() <= 1:
        return (*classes, NUMBERS)
    return (NUMBERS, *classes)


def _make(kind: str, outputs: Any, axis: int, random: Any, loss: str) -> Any | None:
    shape = outputs.shape
    if kind in (ONE_HOT, IDS, COLUMN, MASKS, SHARES) and outputs.ndim < 2:
        return None
    if kind in (ONE_HOT, IDS, COLUMN) or (kind == MASKS and shape[axis] > 1):
        if loss == "circle":
            return _classes((shape[0], 1), -1, CIRCLE_CLASSES, random)
        ids = _classes(shape, axis, shape[axis], random)
        if kind in (IDS, COLUMN):
            return ids if kind == IDS else np.expand_dims(ids, axis)
        return np.moveaxis(np.eye(shape[axis], dtype="float32")[ids], -1, axis)
    if kind in (BINARY, MASKS):
        return _balanced(shape, random)
    if kind == SIGNS:
        return 2 * _balanced(shape, random) - 1
    if kind == SHARES:
        parts = random.uniform(0.1, 1.0, shape)
        return (parts / parts.sum(axis, keepdims=True)).astype("float32")
    if kind == POSITIVE:
        return random.uniform(0.1, 2.0, shape).astype("float32")
    return _numbers(outputs, random)


def _classes(shape: tuple[int, ...], axis: int, classes: int, random: Any) -> Any:
    """Class ids for every place but the axis of the classes, each about as often as any other."""
    places = np.delete(np.asarray(shape), axis)
    ids = np.arange(int(np.prod(places))) % classes
    return random.permutation(ids).reshape(tuple(places)).astype("int32")


def _balanced(shape: tuple[int, ...], random: Any) -> Any:
    return random.permutation(np.arange(int(np.prod(shape))) % 2).reshape(shape).astype("float32")


def _numbers(outputs: Any, random: Any) -> Any:
    """Numbers where the head can reach them."""
    if outputs.min() >= 0:
        return random.uniform(0.0, 1.0 if outputs.max() <= 1 else 2.0, outputs.shape).astype("float32")
    return random.normal(0.0, 0.5 if outputs.min() >= -1 and outputs.max() <= 1 else 1.0, outputs.shape).astype(
        "float32"
    )

"""What a model was compiled with, as found on the live object: losses by head, metrics, optimizer.

Names are Keras's, in snake case; what the program wrote itself is `custom`.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

KERAS = ("keras", "tf_keras", "tensorflow.python.keras", "tensorflow.keras")
"""The packages whose losses, metrics and layers are Keras's own."""

OLD_NAMES = {
    "huber_loss": "huber",
    "logcosh": "log_cosh",
    "log_cosh_error": "log_cosh",
    "kullback_leibler_divergence": "kl_divergence",
    "kld": "kl_divergence",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "cosine_proximity": "cosine_similarity",
    "cosine": "cosine_similarity",
    "acc": "accuracy",
}
"""Keras's other names of losses and metrics."""

OPS = {
    "softmax_cross_entropy_with_logits": "categorical_crossentropy",
    "sparse_softmax_cross_entropy_with_logits": "sparse_categorical_crossentropy",
    "sigmoid_cross_entropy_with_logits": "binary_crossentropy",
}
"""Functions of TensorFlow itself that take logits."""

SPELLED_APART = {"KLD": "KlD", "AUC": "Auc", "F1S": "F1_S", "R2S": "R2_S", "FBeta": "Fbeta", "CTC": "Ctc"}
"""Class names that do not fall apart at their capitals."""

BY_SHAPE = ("crossentropy", "ce")
"""A string that Keras 3 resolves by the shapes of labels and outputs."""


class Piece(NamedTuple):
    """A loss on a head.

    `given` is what the program gave to `compile`; `axis` is where the loss looks for classes; `mean` tells that it is
    the mean over all places. `own` is the name of what the program wrote itself. `in_loop` tells that the program
    computes the loss by itself, without `compile`.
    """

    head: int
    given: Any
    name: str
    from_logits: bool | None
    spelling: str
    axis: int = -1
    mean: bool = True
    own: str = ""
    in_loop: bool = False


# -- Losses ------------------------------------------------------------------------------------------------------------


def losses(given: Any, heads: Sequence[str], keras: Any) -> list[Piece]:
    """The losses in what was given to `compile`, for heads with these names, in the order of the outputs."""
    return [piece(head, one, keras) for head, one in enumerate(by_head(given, heads)) if one is not None]


def by_head(given: Any, heads: Sequence[str]) -> list[Any]:
    """What was given for each head: one for all, a list in the order of the heads, or a dictionary by their names."""
    if isinstance(given, dict):
        if len(heads) == 1 and len(given) == 1:
            return list(given.values())
        return [given.get(name) for name in heads]
    if isinstance(given, (list, tuple)):
        if len(heads) == 1:
            return [given[0] if given else None]
        return [given[head] if head < len(given) else None for head in range(len(heads))]
    return [given] * len(heads)


def piece(head: int, given: Any, keras: Any) -> Piece:
    """What is known of one loss."""
    if isinstance(given, str):
        return _string(head, given, keras)
    if isinstance(given, functools.partial):
        inner = piece(head, given.func, keras)
        from_logits = given.keywords.get("from_logits", inner.from_logits)
        return inner._replace(
            given=given, from_logits=_truth(from_logits), axis=int(given.keywords.get("axis", inner.axis))
        )
    if inspect.isclass(given):
        try:
            return piece(head, given(), keras)._replace(given=given)
        except Exception:  # a class that cannot be made without arguments fails in Keras as well
            return Piece(head, given, "custom", None, "custom", own=given.__name__)
    if callable(getattr(given, "call", None)) and hasattr(given, "reduction"):
        return _instance(head, given)
    return _function(head, given)


def _string(head: int, given: str, keras: Any) -> Piece:
    if given.lower() in BY_SHAPE:
        return Piece(head, given, "crossentropy", False, "string")
    try:
        found = keras.losses.get(given)
    except Exception:  # Keras does not know it either
        return Piece(head, given, name_of(given), None, "string")
    return piece(head, found, keras)._replace(given=given, spelling="string")


def _instance(head: int, given: Any) -> Piece:
    wrapped = getattr(given, "fn", None) or getattr(given, "_fn", None)
    kind = type(given)
    mean = str(getattr(given, "reduction", "")).lower().rsplit(".", 1)[-1] in ("sum_over_batch_size", "mean", "auto")
    if kind.__name__ == "LossFunctionWrapper" and wrapped is not None:
        return _function(head, wrapped)._replace(given=given, mean=mean)
    if not of_keras(kind):
        # A subclass that changes nothing but its defaults computes what its parent computes.
        parent = next((one for one in kind.__mro__ if of_keras(one)), object)
        changed = any("call" in vars(one) or "__call__" in vars(one) for one in kind.__mro__ if not of_keras(one))
        if changed or parent.__name__ in ("Loss", "object", "LossFunctionWrapper"):
            return Piece(head, given, "custom", None, "custom", mean=mean, own=kind.__name__)
        kind = parent
    settings = _settings(given)
    from_logits = settings.get("from_logits", getattr(given, "from_logits", False))
    axis = settings.get("axis", -1)
    return Piece(
        head,
        given,
        name_of(kind.__name__),
        _truth(from_logits),
        "class",
        axis=axis if isinstance(axis, int) else -1,
        mean=mean and "class_weights" not in settings,
    )


def _function(head: int, given: Any) -> Piece:
    name = str(getattr(given, "__name__", type(given).__name__))
    op = OPS.get(name[:-3] if name.endswith("_v2") else name)
    if op and str(getattr(given, "__module__", "")).startswith("tensorflow"):
        return Piece(head, given, op, True, "op")
    if not of_keras(given):
        return Piece(head, given, "custom", None, "custom", own=name)
    return Piece(head, given, name_of(name), False, "function")


def _settings(given: Any) -> dict[str, Any]:
    try:
        return dict(given.get_config())
    except Exception:  # a class of the program need not have settings
        return {}


def _truth(value: Any) -> bool | None:
    return bool(value) if isinstance(value, (bool, int)) else None


# -- Training that the program wrote itself ----------------------------------------------------------------------------


def overrides(model: Any, method: str) -> bool:
    """Whether the class of a model has a method of its own where Keras has one."""
    owner = next((kind for kind in type(model).__mro__ if method in vars(kind)), None)
    return owner is not None and not of_keras(owner)


def uses_compiled_loss(model: Any) -> bool:
    """Whether a `train_step` of the program calls the losses that the model was compiled with."""
    names = getattr(getattr(type(model).train_step, "__code__", None), "co_names", ())
    return any(name in COMPUTING for name in names)


COMPUTING = ("compute_loss", "compiled_loss", "_compute_loss")

# -- Names -------------------------------------------------------------------------------------------------------------


def of_keras(thing: Any) -> bool:
    """Whether a class or function is Keras's own."""
    home = str(getattr(thing, "__module__", ""))
    return any(home == package or home.startswith(package + ".") for package in KERAS)


def name_of(word: str) -> str:
    """Keras's snake-case name for a class name, a function name or a string."""
    for apart, together in SPELLED_APART.items():
        word = word.replace(apart, together)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", word).lower()
    return OLD_NAMES.get(snake, snake)


# -- Metrics and optimizer ---------------------------------------------------------------------------------------------


def metrics(given: Any, head: int, heads: Sequence[str]) -> list[str]:
    """The names of the metrics of one head."""
    nested = len(heads) > 1 and isinstance(given, (list, tuple)) and any(isinstance(one, (list, dict)) for one in given)
    mine = by_head(given, heads)[head] if nested or isinstance(given, dict) else given
    return [name for one in _flat(mine) if (name := metric_name(one))]


def _flat(given: Any) -> list[Any]:
    if isinstance(given, (list, tuple)):
        return [one for part in given for one in _flat(part)]
    return [] if given is None else [given]


def metric_name(given: Any) -> str | None:
    """Keras's name for one metric; None for what the program wrote itself, whatever it calls it."""
    if isinstance(given, str):
        return name_of(given)
    if isinstance(given, functools.partial):
        return metric_name(given.func)
    kind = given if inspect.isclass(given) else type(given)
    if "keras" not in str(getattr(given if inspect.isfunction(given) else kind, "__module__", "")):
        return None
    if hasattr(given, "update_state"):
        wrapped = getattr(given, "_fn", None) if kind.__name__ == "MeanMetricWrapper" else None
        return metric_name(wrapped) if wrapped is not None else name_of(kind.__name__)
    return name_of(str(getattr(given, "__name__", kind.__name__)))


def optimizer(model: Any) -> tuple[str | None, float | None]:
    """The class of the optimizer and the learning rate that it starts with; None for what is not known."""
    found = getattr(model, "optimizer", None)
    found = getattr(found, "inner_optimizer", None) or found
    if found is None or isinstance(found, (str, dict)):
        return None, None
    return type(found).__name__, _rate(found)


def _rate(optimizer: Any) -> float | None:
    try:
        rate = getattr(optimizer, "_learning_rate", None)
        rate = optimizer.learning_rate if rate is None or not callable(rate) else rate
        if callable(rate) and not hasattr(rate, "shape"):
            rate = rate(0)
        rate = rate.detach().cpu() if hasattr(rate, "detach") else rate
        return float(rate.numpy() if hasattr(rate, "numpy") else rate)
    except Exception:  # a schedule of the program may want more than a step
        return None

"""What is of Keras and what is not: layers, models, tensors of a model in the making, errors about a model."""

from __future__ import annotations

import functools
import inspect
import re
import sys
from typing import Any, Callable

from .stand_ins import StandIn

KERAS = re.compile(r"^(keras|tf_keras|keras_core|tensorflow\.keras|tensorflow\.python\.keras)(\.|$)")
"""Modules of Keras itself."""

OF_THE_MODEL = re.compile(
    r"[\\/](tf_)?keras[\\/](\w+[\\/])*"
    r"(layers|models|ops|optimizers|losses|metrics|trainers|backend|activations|initializers|regularizers|engine|"
    r"constraints|quantizers|dtype_policies|random|tree)\b"
)
"""Files of Keras in which an error is about the model."""

ABSENT_MODEL_PARTS = re.compile(
    r"keras(\.\w+)*\.(layers|models|optimizers|losses|activations|initializers|regularizers|engine|backend|ops|metrics)"
)
"""Names of Keras without which a model cannot be what it says."""


class Kinds:
    """The base classes of the Kerases that are imported, looked up again when another one is."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self.layers: tuple[type, ...] = ()
        self.models: tuple[type, ...] = ()

    def refresh(self) -> None:
        for name in ("keras", "tf_keras"):
            package = sys.modules.get(name)
            if name in self._seen or package is None or not hasattr(package, "Model"):
                continue
            self._seen.add(name)
            self.layers += (package.layers.Layer,)
            self.models += (package.Model,)

    def is_layer(self, value: Any) -> bool:
        self.refresh()
        return isinstance(value, self.layers)

    def is_model(self, value: Any) -> bool:
        self.refresh()
        return isinstance(value, self.models)

    def is_layer_class(self, value: type) -> bool:
        self.refresh()
        return issubclass(value, self.layers)


KINDS = Kinds()


def is_symbolic(value: Any) -> bool:
    """Whether a value is a tensor of a model in the making."""
    return type(value).__name__ in ("KerasTensor", "SymbolicTensor", "RaggedKerasTensor", "SparseKerasTensor") or (
        hasattr(value, "_keras_history")
    )


def any_symbolic(value: Any) -> bool:
    """Whether there is such a tensor in a value."""
    if isinstance(value, (list, tuple)):
        return any(any_symbolic(item) for item in value[:64])
    if isinstance(value, dict):
        return any(any_symbolic(item) for item in value.values())
    return not isinstance(value, (StandIn, str, int, float)) and is_symbolic(value)


def is_keras(module: Any) -> bool:
    """Whether a module is one of Keras."""
    return isinstance(module, str) and KERAS.match(module) is not None


def of_the_model(error: BaseException) -> bool:
    """Whether an error was raised by the part of Keras that makes models."""
    if isinstance(error, AttributeError) and ABSENT_MODEL_PARTS.search(str(error)) and "module '" in str(error):
        return True
    trace = error.__traceback__
    while trace is not None:
        if OF_THE_MODEL.search(trace.tb_frame.f_code.co_filename):
            return True
        trace = trace.tb_next
    return False


@functools.cache
def _signature(called: Any) -> inspect.Signature | None:
    try:
        if not isinstance(called, type):
            return inspect.signature(called)
        # Some classes of Keras pass everything through `__new__`, which tells nothing.
        found = inspect.signature(called.__init__)  # type: ignore[misc]
        return found.replace(parameters=list(found.parameters.values())[1:])
    except (TypeError, ValueError):
        return None


def signature(called: Any) -> inspect.Signature | None:
    """The parameters of something, None where it does not tell."""
    try:
        return _signature(called)
    except TypeError:  # not hashable
        return None


def forget(clear_session: Callable[..., Any]) -> None:
    """Starts the names of layers anew, without the search for garbage that takes longer than a small model."""
    try:
        clear_session(free_memory=False)
    except TypeError:  # Keras 2
        clear_session()


def operation(tensor: Any) -> Any:
    """What gave a tensor of a model."""
    history = getattr(tensor, "_keras_history", None)
    return getattr(history, "operation", None) or getattr(history, "layer", None)

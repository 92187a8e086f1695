"""Programs that were written for an older Keras: what their names and arguments mean today.

A program that cannot run on the Keras that is installed is told so by what was read of it. Here it is measured all the
same, as it was meant: a name that is gone is taken for the one that does the same today.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

PACKAGES = ("keras", "tf_keras", "tensorflow.keras", "keras.api", "keras._tf_keras.keras")
"""The names under which Keras is imported."""

IN_OPS = {"permute_dimensions": "transpose", "pow": "power", "repeat_elements": "repeat", "reverse": "flip"}
"""Functions of the backend that `keras.ops` has under another name."""
IN_RANDOM = {"random_normal": "normal", "random_uniform": "uniform", "truncated_normal": "truncated_normal"}

HOMES = ("layers", "models", "optimizers", "losses", "metrics", "utils", "callbacks", "regularizers", "initializers")
"""Where the names of modules that are gone are today."""

SAME = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU", "objectives": "losses", "initializations": "initializers"}

LONG = {
    "maxnorm": "max_norm",
    "nonneg": "non_neg",
    "unitnorm": "unit_norm",
    "l1l2": "l1_l2",
    "normal": "random_normal",
    "uniform": "random_uniform",
    "one": "ones",
    "zero": "zeros",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    **dict.fromkeys(("KLD", "kld"), "kl_divergence"),
    **dict.fromkeys(("MAE", "mae"), "mean_absolute_error"),
    **dict.fromkeys(("MAPE", "mape"), "mean_absolute_percentage_error"),
    **dict.fromkeys(("MSE", "mse"), "mean_squared_error"),
    **dict.fromkeys(("MSLE", "msle"), "mean_squared_logarithmic_error"),
}


class Nothing(Exception):
    """Nothing of today does what a name of older versions did."""


def meant(module: str, attribute: str | None) -> Any:
    """What a name of Keras that is not there means today. Raises `Nothing`.

    `module` is as the program imports it; without an attribute the module itself is wanted.
    """
    package, path = _split(module)
    name = path[-1] if path else ""
    if attribute is None:
        return _Module(module, package, name)
    if name == "backend":
        return _of_backend(package, attribute)
    if attribute in ("Deconvolution2D", "Deconvolution3D"):
        return _deconvolution(package, attribute)
    today = SAME.get(attribute) or LONG.get(attribute) or attribute
    home = SAME.get(name, name)
    stays = len(path) == 1 and hasattr(package, home)  # then its names are still in it, if anywhere
    for place in (home,) if stays else HOMES:
        found = getattr(getattr(package, place, None), today, None)
        if found is not None:
            return found
    found = None if stays else getattr(package, today, None)
    if found is None or isinstance(found, ModuleType):
        raise Nothing(f"{module}.{attribute}")
    return found


def is_of_keras(module: str) -> bool:
    """Whether a module is one of Keras, under any of its names."""
    return any(module == name or module.startswith(f"{name}.") for name in PACKAGES)


def _split(module: str) -> tuple[Any, list[str]]:
    """The package that a module is of, as it is imported, and the path in it."""
    for name in sorted(PACKAGES, key=len, reverse=True):
        if module == name or module.startswith(f"{name}."):
            root = "tf_keras" if name == "tf_keras" else "keras"
            if root not in sys.modules:
                raise Nothing(module)
            return sys.modules[root], [part for part in module[len(name) :].split(".") if part]
    raise Nothing(module)


def _of_backend(package: Any, attribute: str) -> Any:
    ops, random = getattr(package, "ops", None), getattr(package, "random", None)
    found = getattr(ops, IN_OPS.get(attribute, attribute), None)
    if found is None and attribute in IN_RANDOM:
        found = getattr(random, IN_RANDOM[attribute], None)
    if found is None:
        raise Nothing(f"backend.{attribute}")
    return found


def _deconvolution(package: Any, name: str) -> Callable[..., Any]:
    """The layer of Keras 1, which took the sides of its kernel one by one and was told the shape of its output."""
    sides = int(name[-2])
    layer = getattr(package.layers, f"Conv{sides}DTranspose")

    class Deconvolution(layer):  # type: ignore[misc,valid-type]
        """A transposed convolution."""

        def __init__(self, filters: Any, *kernel: Any, output_shape: Any = None, **options: Any) -> None:
            if len(kernel) == sides:
                options["kernel_size"] = kernel
            elif kernel:
                options["kernel_size"], *rest = kernel
                if rest:
                    options["strides"] = rest[0]
            super().__init__(filters, **options)

    Deconvolution.__name__ = name
    return Deconvolution


class _Module(ModuleType):
    """A module that is gone: its names are looked for where they are today."""

    def __init__(self, name: str, package: Any, last: str) -> None:
        if not last:
            raise Nothing(name)
        super().__init__(name)
        self._names = (package, SAME.get(last, last))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return meant(self.__name__, name)
        except Nothing:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


def arguments(called: Any, given: Mapping[str, Any], renamed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Keyword arguments by today's names. `renamed` tells of each old one whose it is (`owner`, `argument`), how it is
    called now (`successor`, nothing if it is gone) and which `value` the successor takes, if it is another one."""
    taken = dict(given)
    kinds = {kind.__name__ for kind in getattr(called, "__mro__", ())}
    for one in renamed:
        old = one["argument"]
        if old not in taken or one["owner"] not in kinds:
            continue
        value = taken.pop(old)
        if one.get("successor"):
            new = one.get("value")
            taken.setdefault(one["successor"], value if new is None else _literal(new))
    return taken


def _literal(text: str) -> Any:
    return importlib.import_module("ast").literal_eval(text)

"""One name for everything that Keras and TensorFlow offer under many: `tf.keras.layers.Dense` is `keras.layers.Dense`.

Only names in and names out: who imports what is the interpreter's affair. A name that is not known comes back as it is,
apart from the package in front of it. Naming a module first and then a member gives the same as naming both at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from keraslint.static.catalog import applications, functions, layers, losses, metrics, optimizers
from keraslint.static.catalog.members import MEMBERS, OLD_MODULES

_PACKAGES: tuple[tuple[str, str], ...] = (
    ("tensorflow_core", "tensorflow"),
    ("tensorflow._api.v1", "tensorflow"),
    ("tensorflow._api.v2", "tensorflow"),
    ("tensorflow.compat.v1", "tensorflow"),
    ("tensorflow.compat.v2", "tensorflow"),
    ("tensorflow.contrib.keras", "keras"),
    ("tensorflow.python.keras", "keras"),
    ("tensorflow.keras", "keras"),
    ("tf_keras", "keras"),
    ("keras_core", "keras"),
    ("keras.api", "keras"),
    ("keras.src", "keras"),
    ("keras.keras", "keras"),
    ("keras.python.keras", "keras"),
    ("keras._v1.keras", "keras"),
    ("keras._v2.keras", "keras"),
    ("keras._tf_keras.keras", "keras"),
    ("keras_applications", "keras.applications"),
    ("keras_preprocessing", "keras.preprocessing"),
    ("keras.legacy.preprocessing", "keras.preprocessing"),
    ("keras.objectives", "keras.losses"),
    ("tensorflow.optimizers", "keras.optimizers"),
    ("keras.ops.core", "keras.ops"),
    ("keras.ops.linalg", "keras.ops"),
    ("keras.ops.math", "keras.ops"),
    ("keras.ops.nn", "keras.ops"),
    ("keras.ops.numpy", "keras.ops"),
    ("keras.optimizer_v1", "keras.optimizers"),
    ("keras.optimizer_v2", "keras.optimizers"),
    ("keras.optimizers.optimizer_v1", "keras.optimizers"),
    ("keras.optimizers.optimizer_v2", "keras.optimizers"),
)
"""Where a package or a module hides, and what it is. Applied until nothing changes."""

_ENGINE: Mapping[str, str] = {
    "Functional": "keras.Model",
    "Input": "keras.Input",
    "InputLayer": "keras.layers.InputLayer",
    "InputSpec": "keras.layers.InputSpec",
    "Layer": "keras.layers.Layer",
    "Model": "keras.Model",
    "Sequential": "keras.Sequential",
}
"""What lies in `keras.engine`, in one of its modules, or at the top of `keras`."""

_MOVED: Mapping[str, str] = {
    "keras.Initializer": "keras.initializers.Initializer",
    "keras.InputSpec": "keras.layers.InputSpec",
    "keras.Layer": "keras.layers.Layer",
    "keras.Loss": "keras.losses.Loss",
    "keras.Metric": "keras.metrics.Metric",
    "keras.Optimizer": "keras.optimizers.Optimizer",
    "keras.Regularizer": "keras.regularizers.Regularizer",
    "keras.layers.Input": "keras.Input",
    "keras.models.Functional": "keras.Model",
    "keras.models.Input": "keras.Input",
    "keras.models.Model": "keras.Model",
    "keras.models.Sequential": "keras.Sequential",
    "keras.saving.load_model": "keras.models.load_model",
    "keras.saving.save_model": "keras.models.save_model",
    "tensorflow.nn.sigmoid": "tensorflow.sigmoid",
    "tensorflow.nn.tanh": "tensorflow.tanh",
}

_LAYER_NAMES = frozenset(
    {name for spec in layers.SPECS for name in (spec.name, *spec.aliases)}
    | {dotted.rpartition(".")[2] for dotted in layers.functions() if dotted.startswith("keras.")}
    | MEMBERS["keras.layers"]
) - {"Input"}
_LOSS_NAMES = frozenset(
    {name for spec in losses.SPECS for name in (*spec.classes, *spec.functions, *spec.functions_2)}
    | MEMBERS["keras.losses"]
)
_METRIC_NAMES = frozenset(
    {name for spec in metrics.SPECS for name in (*spec.classes, *spec.functions, *spec.functions_2)}
    | MEMBERS["keras.metrics"]
)


def _functions() -> Mapping[str, frozenset[str]]:
    """Module -> the functions on tensors that the catalogue knows directly in it, as it is today."""
    found: dict[str, set[str]] = {}
    for dotted, spec in functions.functions().items():
        if not spec.legacy:
            module, _, name = dotted.rpartition(".")
            found.setdefault(module, set()).add(name)
    return {module: frozenset(names) for module, names in found.items()}


_FUNCTIONS = _functions()

_HOMES: Mapping[str, frozenset[str]] = {
    "activations": _FUNCTIONS["keras.activations"] | MEMBERS["keras.activations"],
    "applications": frozenset(spec.name for spec in applications.SPECS),
    "backend": MEMBERS["keras.backend"] | _FUNCTIONS["keras.backend"],
    "callbacks": MEMBERS["keras.callbacks"],
    "constraints": MEMBERS["keras.constraints"],
    "initializers": MEMBERS["keras.initializers"],
    "layers": _LAYER_NAMES,
    "losses": _LOSS_NAMES,
    "metrics": _METRIC_NAMES,
    "models": MEMBERS["keras.models"],
    "optimizers": frozenset(spec.name for spec in optimizers.SPECS) | {"Optimizer"},
    "regularizers": MEMBERS["keras.regularizers"],
    "utils": MEMBERS["keras.utils"],
}
"""Modules whose members also show in modules below them (`keras.layers.core.Dense`), with those members."""

_KEEPING = ("keras.optimizers.legacy", "keras.optimizers.schedules", "keras.utils.legacy", "keras.backend.experimental")
"""Modules below such a module whose members are things of their own."""

_IN_NN = frozenset(
    {"in_top_k", "l2_normalize", "log_softmax", "softmax", "softplus", "softsign", "top_k", "zero_fraction"}
)
"""What `tensorflow.math` has from `tensorflow.nn`."""

_IN_LINALG = frozenset({"einsum", "eye", "matmul", "norm", "tensordot"})
"""What `tensorflow.linalg` shares with the top of TensorFlow."""

_AT_TOP = _FUNCTIONS["tensorflow"]
_ONLY_IN_MATH = frozenset(
    "accumulate_n ceil cumprod divide_no_nan erf expm1 floordiv floormod log log1p log_sigmoid mod multiply_no_nan "
    "reciprocal reciprocal_no_nan reduce_std reduce_variance rsqrt squared_difference".split()
)
"""What TensorFlow 2 has in `tensorflow.math` and not at its top."""

_TF1_NAMES = frozenset({"mean_absolute_error", "mean_squared_error"})
"""What TensorFlow 1 had in `tf.losses` and `tf.metrics` under the name of another function in Keras."""


@lru_cache(maxsize=4096)
def canonical(dotted: str) -> str:
    """The one name of what a dotted import path names, such as `keras.layers.Dense`."""
    name = _unpacked(dotted)
    top = name.partition(".")[0]
    if top == "keras":
        name = _keras(name)
    elif top == "tensorflow":
        name = _tensorflow(name)
    return _MOVED.get(name, name)


def package(dotted: str) -> str | None:
    """The Keras that an import path takes: `keras`, `tensorflow.keras` or `tf_keras`; `None` when it takes none."""
    top = dotted.partition(".")[0]
    if top in {"keras", "keras_core"}:
        return "keras"
    if top == "tf_keras":
        return "tf_keras"
    if top in {"tensorflow", "tensorflow_core"} and canonical(dotted).partition(".")[0] == "keras":
        return "tensorflow.keras"
    return None


@lru_cache(maxsize=256)
def star_members(module: str) -> Mapping[str, str] | None:
    """What `from module import *` brings: name -> canonical name. `None` for a module that is not known."""
    home = canonical(module)
    names = _members(home)
    return None if names is None else MappingProxyType({name: canonical(f"{home}.{name}") for name in sorted(names)})


def _unpacked(dotted: str) -> str:
    """The path with the package in front replaced by `keras` or `tensorflow`."""
    for prefix, package_name in _PACKAGES:
        if dotted.startswith(prefix) and dotted[len(prefix) : len(prefix) + 1] in {"", "."}:
            return _unpacked(package_name + dotted[len(prefix) :])
    return dotted


def _keras(name: str) -> str:
    """The canonical name of something below `keras`."""
    parts = name.split(".")
    if len(parts) < 3 or not all(part.islower() for part in parts[1:-1]):
        return name
    home, member = parts[1], parts[-1]
    if home == "engine":
        return _ENGINE.get(member, name)
    if home == "models" and member in _ENGINE:
        return _ENGINE[member]
    if home == "preprocessing" and member in MEMBERS["keras.utils"]:
        return f"keras.utils.{member}"
    if member in _HOMES.get(home, ()) and not name.startswith(_KEEPING):
        return f"keras.{home}.{member}"
    if home == "layers" and member == "Input":
        return "keras.Input"
    if name.startswith("keras.optimizers.schedules."):
        return f"keras.optimizers.schedules.{member}"
    return name


def _tensorflow(name: str) -> str:
    """The canonical name of something below `tensorflow` that is not in its Keras."""
    parts = name.split(".")
    if len(parts) != 3:
        return name
    home, member = parts[1], parts[2]
    if home in {"losses", "metrics", "optimizers", "initializers"}:
        return f"keras.{home}.{member}" if member in _HOMES[home] and member not in _TF1_NAMES else name
    if home == "layers":
        return f"keras.layers.{member}" if member in _LAYER_NAMES and member[0].isupper() else name
    if member in _IN_NN and home in {"math", "linalg"}:
        return f"tensorflow.nn.{member}"
    if (home == "math" and member in _AT_TOP) or (home == "linalg" and member in _IN_LINALG):
        return f"tensorflow.{member}"
    return name


def _members(home: str) -> Iterable[str] | None:
    """The names that lie in a module, by the module's canonical name."""
    if home in OLD_MODULES:
        return OLD_MODULES[home].split()
    if home == "keras.engine":
        return _ENGINE
    found = MEMBERS.get(home, frozenset()) | _FUNCTIONS.get(home, frozenset())
    if home == "tensorflow":
        found -= _ONLY_IN_MATH
    if home.startswith("keras."):
        found |= _HOMES.get(home.removeprefix("keras."), frozenset())
    return found | {"Input"} if home == "keras.layers" else found or None

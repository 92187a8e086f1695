"""Names that are gone, held against the Keras 3 and the tf_keras that are installed, in both directions."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from keraslint.static.catalog import removed
from keraslint.static.catalog.removed import RemovedSpec

pytest.importorskip("keras")
pytest.importorskip("tf_keras")

PACKAGES = ("keras", "tensorflow.keras", "tf_keras")
NAMES = [spec for spec in removed.SPECS if spec.name.startswith("keras.")]
MEMBERS = [spec for spec in removed.SPECS if not spec.name.startswith("keras.")]
METHODS = {f"Model.{name}" for name in ("predict_classes", "predict_proba")}
"""What only a `Sequential` had."""

LEFT_OUT = {
    "keras": {
        # modules that say by their own message what to do when one of them is made
        *(f"keras.optimizers.legacy.{name}" for name in ("Adadelta", "Adamax", "Nadam")),
    },
    "tensorflow.keras": {
        *(f"keras.optimizers.legacy.{name}" for name in ("Adadelta", "Adamax", "Nadam")),
        # a slip of the installed version: these are what the names that it has are called
        *(
            f"keras.{home}.{name}"
            for home in ("losses", "metrics")
            for name in (
                "kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error "
                "mean_squared_logarithmic_error"
            ).split()
        ),
    },
}
"""What tf_keras has, the other does not have, and the table does not tell."""


@cache
def package(name: str) -> Any:
    if name == "tensorflow.keras":
        import tensorflow

        return tensorflow.keras
    return importlib.import_module(name)


def exists(name: str, dotted: str) -> bool:
    """Whether a package has a name of `keras`, as an attribute or as a module to be imported."""
    value = package(name)
    for part in dotted.split(".")[1:]:
        try:
            value = getattr(value, part)
        except AttributeError:
            return importable(name + dotted.removeprefix("keras"))
    return True


def importable(dotted: str) -> bool:
    try:
        importlib.import_module(dotted)
    except ImportError:
        return False
    return True


def gone_from(spec: RemovedSpec, name: str) -> bool:
    """What the table says of the installed package: tf_keras is the last Keras 2."""
    gone = spec.gone(name)
    return gone is not None and (name != "tf_keras" or gone != "3")


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("spec", NAMES, ids=lambda spec: spec.name)
def test_a_name_is_gone_where_the_table_says_so(spec: RemovedSpec, name: str) -> None:
    assert exists(name, spec.name) is not gone_from(spec, name)


@pytest.mark.parametrize("spec", [spec for spec in NAMES if spec.successor], ids=lambda spec: spec.name)
def test_a_successor_exists_in_keras_3(spec: RemovedSpec) -> None:
    assert spec.successor is not None
    assert exists("keras", spec.successor)


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("spec", MEMBERS, ids=lambda spec: spec.name)
def test_a_method_is_gone_where_the_table_says_so(spec: RemovedSpec, name: str) -> None:
    keras = package(name)
    layer = keras.layers.Dense(1)
    model = keras.Sequential([keras.layers.Input((2,)), layer])
    owner = {"Model": model, "Layer": layer, "Metric": keras.metrics.Mean()}[spec.name.partition(".")[0]]
    assert hasattr(owner, spec.name.partition(".")[2]) is not gone_from(spec, name)
    if spec.successor:
        assert hasattr(owner, spec.successor)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_legacy_optimizer_cannot_be_made_in_keras_3(name: str) -> None:
    for optimizer in ("Adam", "SGD", "RMSprop"):
        made = getattr(package(name).optimizers.legacy, optimizer)
        if name == "tf_keras":
            made()
        else:
            with pytest.raises(ImportError, match="legacy"):
                made()


def public(module: ModuleType, dotted: str, seen: set[int]) -> Iterator[str]:
    """Every public name below a module of the interface of tf_keras."""
    for name in dir(module):
        if name.startswith("_"):
            continue
        value = getattr(module, name)
        yield f"{dotted}.{name}"
        if isinstance(value, ModuleType) and value.__name__.startswith("tf_keras.api") and id(value) not in seen:
            seen.add(id(value))
            yield from public(value, f"{dotted}.{name}", seen)


def told(dotted: str, name: str) -> bool:
    """Whether the table says of a name, or of a module that it lies in, that a package lacks it."""
    parts = dotted.split(".")
    above = (removed.find(".".join(parts[:end])) for end in range(2, len(parts) + 1))
    return any(spec is not None and gone_from(spec, name) for spec in above)


@pytest.mark.parametrize("name", ["keras", "tensorflow.keras"])
def test_the_table_tells_everything_that_keras_2_has_and_keras_3_has_not(name: str) -> None:
    interface = importlib.import_module("tf_keras.api._v2.keras")
    missing = {one for one in public(interface, "keras", set()) if not exists(name, one) and not told(one, name)}
    # a module that must be imported before it can be read as an attribute
    missing = {one for one in missing if not one.startswith("keras.saving")}
    assert missing == LEFT_OUT[name]


def test_no_name_is_told_twice() -> None:
    names = [spec.name for spec in removed.SPECS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("keras.layers.core", ("keras", "keras.layers.core")),
        ("tensorflow.keras.layers", ("tensorflow.keras", "keras.layers")),
        ("tf_keras.utils", ("tf_keras", "keras.utils")),
        ("keras.src.backend.cast", None),
        ("tensorflow.python.keras.layers", None),
        ("tensorflow.compat.v1.keras.layers", None),
        ("keras_core.backend", None),
        ("keras_tuner.engine", None),
        ("keras", None),
    ],
)
def test_a_path_belongs_to_one_package(path: str, expected: tuple[str, str] | None) -> None:
    assert removed.package_of(path) == expected


def test_the_environment_turns_tf_keras_into_keras_2() -> None:
    """`TF_USE_LEGACY_KERAS` counts when it is set before TensorFlow is imported."""
    program = "import tensorflow as tf; print(tf.keras.layers.Dense.__module__)"
    for value, taken in (("1", "tf_keras"), ("true", "tf_keras"), ("0", "keras")):
        environment = {**os.environ, "TF_USE_LEGACY_KERAS": value, "TF_CPP_MIN_LOG_LEVEL": "3"}
        ran = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=300
        )
        assert ran.stdout.partition(".")[0] == taken, value

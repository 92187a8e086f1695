"""The tables of arrays, generators and models, held against the NumPy, the Keras 3 and the tf_keras installed."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import numpy as np
import pytest

from keraslint.static.catalog import arrays, generators, models
from keraslint.static.names import canonical

GONE = {"numpy.asfarray", "numpy.row_stack", "numpy.unicode_"}
"""What NumPy 2 has dropped."""


def found(dotted: str) -> Any:
    """What a canonical name names: in Keras 3, in tf_keras, or in the library that it begins with."""
    top, _, rest = dotted.partition(".")
    for package in ("keras", "tf_keras") if top == "keras" else (top,):
        one: Any = importlib.import_module(package)
        for part in rest.split("."):
            one = getattr(one, part, None)
        if one is not None:
            return one
    return None


NAMES = sorted(
    arrays.KEEPING
    | arrays.MOVING
    | arrays.CONSTANTS
    | arrays.JOINING.keys()
    | arrays.STACKING
    | arrays.CUTS
    | arrays.EMPTIED
    | arrays.PERMUTATIONS
    | arrays.ONE_HOT
    | arrays.IDENTITIES
    | arrays.DRAWS.keys()
    | arrays.INTEGER_DRAWS.keys()
    | arrays.RANDOM_STATES.keys()
    | arrays.FILLED.keys()
    | arrays.WAVES.keys()
    | models.LOADERS
    | models.POLICIES
    | models.POLICY_CLASSES
    | models.DATA_FORMATS
    | generators.CLASSES
    | {spec.name for spec in generators.SPECS if "." in spec.name}
)
ELSEWHERE = ("pandas.", "sklearn.")
"""Libraries that the tests do without."""
OLD = {
    "keras.backend.set_image_dim_ordering",  # Keras 1
    "keras.mixed_precision.experimental.Policy",  # TensorFlow 2.0 to 2.3
    "keras.mixed_precision.experimental.set_policy",
}


@pytest.mark.parametrize("dotted", NAMES)
def test_every_name_is_canonical_and_there(dotted: str) -> None:
    assert canonical(dotted) == dotted
    if dotted not in GONE | OLD and not dotted.startswith(ELSEWHERE):
        assert callable(found(dotted))


@pytest.mark.parametrize("name", sorted(arrays.KEEPING_METHODS | arrays.MOVING_METHODS | arrays.STATISTICS))
def test_every_method_belongs_to_arrays_series_or_data_sets(name: str) -> None:
    import tensorflow as tf

    other = {
        "dropna",
        "fillna",
        "get_values",
        "head",
        "reset_index",
        "sample",
        "tail",
        "to_frame",
        "to_numpy",
    }  # pandas
    sparse = {"toarray", "todense"}  # SciPy
    assert name in other | sparse or hasattr(np.ndarray, name) or hasattr(tf.data.Dataset, name) or name == "numpy"


@pytest.mark.parametrize("dotted", sorted(arrays.DRAWS))
def test_random_numbers_lie_where_they_are_said_to(dotted: str) -> None:
    draw = arrays.DRAWS[dotted]
    owner: Any = np.random.default_rng(0) if ".Generator." in dotted else np.random
    function = getattr(owner, dotted.rpartition(".")[2])
    numbers = function(size=10_000) if draw.parameters else function(10_000)
    assert draw.low <= numbers.min()
    assert numbers.max() <= draw.high
    assert (numbers.min() < 0) == (draw.low < 0)


@pytest.mark.parametrize("dotted", sorted(arrays.FILLED))
def test_arrays_of_one_number(dotted: str) -> None:
    number = arrays.FILLED[dotted]
    assert number is None or np.all(np.asarray(found(dotted)((2, 3))) == number)


@pytest.mark.parametrize("dotted", sorted(arrays.WAVES))
def test_waves_stay_between_two_numbers(dotted: str) -> None:
    low, high = arrays.WAVES[dotted]
    numbers = found(dotted)(np.linspace(-50, 50, 9999))
    assert low <= numbers.min() < low + 1e-3
    assert high - 1e-3 < numbers.max() <= high


def parameters(callee: Any) -> list[str]:
    return [name for name in inspect.signature(callee).parameters if name != "self"]


@pytest.mark.parametrize("spec", generators.SPECS, ids=[spec.name for spec in generators.SPECS])
def test_readers_of_folders(spec: generators.FolderSpec) -> None:
    [generator] = generators.CLASSES
    callee = found(spec.name) if "." in spec.name else getattr(found(generator), spec.name)
    assert tuple(parameters(callee)[: len(spec.parameters)]) == spec.parameters
    assert inspect.signature(callee).parameters[spec.mode].default == spec.default
    assert {spec.mode, spec.classes} <= set(spec.parameters)


def test_what_changes_pixels() -> None:
    [generator] = generators.CLASSES
    assert set(parameters(found(generator))) >= generators.CHANGING


@pytest.mark.parametrize("package", ["keras", "tf_keras"])
def test_the_methods_of_a_model(package: str) -> None:
    model = importlib.import_module(package).Model
    of_keras_2 = {"fit_generator", "evaluate_generator", "predict_generator", "predict_proba", "reset_states"}
    later = {"export"} if package == "tf_keras" else set()
    for name in models.TRAINING.keys() | models.EVALUATION.keys() | models.PREDICTION | models.SILENT:
        assert name in of_keras_2 | later or hasattr(model, name)
    for name, order in (models.TRAINING | models.EVALUATION).items():
        if name not in of_keras_2:
            assert tuple(parameters(getattr(model, name))[: len(order)]) == order


def test_the_order_of_compile() -> None:
    import tf_keras

    assert tuple(parameters(tf_keras.Model.compile)[: len(models.COMPILE)]) == models.COMPILE

"""What keraslint says that Keras minimises, held against the Keras that is installed.

A process for each runtime computes losses, see `objective_on_keras`. Here the same numbers are computed from the words
of the objective alone: its `trained` functions one after the other, then its `measure`. No row has numbers of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keraslint import (
    Fact,
    Family,
    Head,
    Loss,
    Objective,
    Route,
    Runtime,
    Span,
    accuracy_follows_loss,
    elsewhere,
    objective,
)
from keraslint.model import Position
from keraslint.objective import BEHIND, EAGER, FORMULAS, MEASURES, WRITTEN, what_is_trained
from keraslint.objective import RUNTIMES as ROWS
from tests import objective_on_keras
from tests.objective_on_keras import HEADS, LOGITS_CARRIED, LOSSES, NEAR, Measured, Spelling

ROOT = Path(__file__).resolve().parents[1]
HERE = Span("train.py", Position(1, 1, 1, 2))
EPSILON = 1e-7

Array = np.ndarray


# --- the words of an objective as arithmetic --------------------------------------------------------------------------


def softmax(x: Array, axis: int = -1) -> Array:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "softmax": softmax,
    "softmax-over-batch-axis": lambda x: softmax(x, 0),
    "softmax-over-spatial-axis": lambda x: softmax(x, 1),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "exponential": np.exp,
    "log-softmax": lambda x: np.log(softmax(x)),
    "share": lambda x: x / x.sum(-1, keepdims=True),
    "clip": lambda x: np.clip(x, EPSILON, float(np.float32(1 - EPSILON))),
    "clip-wider": lambda x: np.clip(x, 2 * EPSILON, 1 - 2 * EPSILON),
    "clip-below": lambda x: np.clip(x, EPSILON, 1),
    "floor": lambda x: np.maximum(x, EPSILON),
}


def apply(steps: tuple[str, ...], z: Array) -> Array:
    for step in steps:
        z = FUNCTIONS[step](z)
    return z


def crossentropy(y: Array, p: Array, _: Array) -> Array:
    return -(y * np.log(p)).sum(-1)


def binary_crossentropy(y: Array, p: Array, _: Array) -> Array:
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def focal_crossentropy(y: Array, p: Array, w: Array) -> Array:
    return -(0.25 * (1 - w) ** 2 * y * np.log(p)).sum(-1)


def focal_binary_crossentropy(y: Array, p: Array, w: Array) -> Array:
    return (1 - (y * w + (1 - y) * (1 - w))) ** 2 * binary_crossentropy(y, p, w)


def unit(x: Array) -> Array:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def huber(y: Array, p: Array, _: Array) -> Array:
    far = np.abs(y - p)
    return np.where(far <= 1, far**2 / 2, far - 0.5)


def tversky(y: Array, p: Array, _: Array) -> Array:
    both = (y * p).sum()
    return 1 - both / (both + ((1 - p) * y).sum() / 2 + (p * (1 - y)).sum() / 2 + EPSILON)


COMPUTED: dict[str, Callable[[Array, Array, Array], Array]] = {
    "crossentropy": crossentropy,
    "binary-crossentropy": binary_crossentropy,
    "focal-crossentropy": focal_crossentropy,
    "focal-binary-crossentropy": focal_binary_crossentropy,
    "kl-divergence": lambda y, p, _: (apply(("clip-below",), y) * np.log(apply(("clip-below",), y) / p)).sum(-1),
    "poisson": lambda y, p, _: p - y * np.log(p + EPSILON),
    "dice": lambda y, p, _: 1 - 2 * (y * p).sum() / (y.sum() + p.sum() + EPSILON),
    "tversky": tversky,
    "mean-squared-error": lambda y, p, _: (y - p) ** 2,
    "mean-absolute-error": lambda y, p, _: np.abs(y - p),
    "mean-absolute-percentage-error": lambda y, p, _: 100 * np.abs((y - p) / y),
    "mean-squared-logarithmic-error": lambda y, p, _: (np.log1p(y) - np.log1p(p)) ** 2,
    "huber": huber,
    "log-cosh": lambda y, p, _: np.log(np.cosh(p - y)),
    "cosine-similarity": lambda y, p, _: -(unit(y) * unit(p)).sum(-1),
    "hinge": lambda y, p, _: np.maximum(1 - y * p, 0),
    "squared-hinge": lambda y, p, _: np.maximum(1 - y * p, 0) ** 2,
    "categorical-hinge": lambda y, p, _: np.maximum(((1 - y) * p).max(-1) - (y * p).sum(-1) + 1, 0),
}
"""Each measure of labels, trained outputs and, for a focal loss, what its weight is made of."""


def as_number(said: Objective, spelling: Spelling, loss: Measured) -> float:
    """The loss, from the words of the objective."""
    data = NEAR[spelling.rank]
    labels = data.labels["one-hot" if loss.labels == "ids" else loss.labels].astype("float64")
    trained = apply(said.trained, data.z)
    weighing = trained if said.weighted is None else apply(said.weighted, data.z)
    with np.errstate(all="ignore"):  # a Poisson loss of negative outputs is not a number
        return float(np.mean(COMPUTED[said.measure](labels, trained, weighing)))


def tolerance(spelling: Spelling, said: Objective) -> float:
    """How far off a loss may be: in single precision 1 - 1e-7 is a matter of the last digit and the order of terms."""
    if spelling.half:
        return 0.04
    if "clip-wider" in said.trained:
        return 0.015
    if "exponential" in said.trained:
        return 0.004
    return 0.001 if "clip" in said.trained else 0.0002


# --- the model's words for what is measured ---------------------------------------------------------------------------


def fact(value: Any) -> Any:
    return None if value is None else Fact(value, HERE)


def as_head(spelling: Spelling) -> Head:
    return Head(HERE, activation=fact(spelling.activation), rank=fact(spelling.rank), route=Route(spelling.route))


def as_loss(loss: Measured) -> Loss:
    return Loss(
        HERE, fact(loss.name), Family.CUSTOM, fact(loss.from_logits), loss.takes_logits, "op" if loss.op else "class"
    )


def as_runtime(name: str, policy: str | None = None) -> Runtime:
    package, backend = ("tf_keras", None) if name == "tf_keras" else ("keras", name)
    return Runtime(fact(package), backend=fact(backend), dtype_policy=fact(policy))


def known(said: Objective | None) -> Objective:
    assert said is not None
    return said


def among(said: tuple[Objective, ...], place: str) -> Objective | None:
    """The objective that is told for this place."""
    return next((there for there in said if place in there.where.split(", ")), None)


def said_of(runtime: str, spelling: Spelling, loss: Measured) -> dict[str, Objective]:
    """What is said of every way to compute this loss."""
    what = as_head(spelling), as_loss(loss), as_runtime(runtime, spelling.policy)
    here, others = known(objective(*what)), elsewhere(*what)
    return {
        "graph": here,
        "tested": here,
        "eager": among(others, EAGER) or here,
        "detached": among(others, BEHIND) or here,  # nothing is to be found behind an array either
    }


# --- against Keras ----------------------------------------------------------------------------------------------------

NEEDS = {
    "tensorflow": ("keras", "tensorflow"),
    "tf_keras": ("tf_keras", "tensorflow"),
    "jax": ("keras", "jax"),
    "torch": ("keras", "torch"),
}


@cache
def measured(runtime: str) -> dict[str, Any]:
    """What `objective_on_keras` finds on this runtime; the test is skipped where something for it is not installed."""
    missing = [name for name in NEEDS[runtime] if find_spec(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")
    done = subprocess.run(
        [sys.executable, "-m", objective_on_keras.__name__, runtime],
        cwd=ROOT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def losses_found(found: dict[str, Any], *ways: str) -> Iterator[tuple[str, Measured, float]]:
    for way in ways:
        for index, value in found[way].items():
            yield way, LOSSES[int(index)], value[0] if isinstance(value, list) else value


CASES = [
    pytest.param(runtime, index, id=f"{runtime}-{spelling.text}")
    for runtime in NEEDS
    for index, spelling in enumerate(HEADS)
    if runtime in spelling.only
]


@pytest.mark.parametrize(("runtime", "index"), CASES)
def test_keras_computes_what_the_objective_says(runtime: str, index: int) -> None:
    spelling, found = HEADS[index], measured(runtime)["heads"][str(index)]
    wrong = []
    for way, loss, value in losses_found(found, "graph", "eager", "detached", "tested"):
        said = said_of(runtime, spelling, loss)[way]
        expected = as_number(said, spelling, loss)
        if not np.isclose(value, expected, rtol=tolerance(spelling, said), atol=1e-5, equal_nan=True):
            wrong.append(f"{way}: {loss.name} (from_logits={loss.from_logits}) is {value}, {said.minimised} {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("runtime", "index"), CASES)
def test_predict_returns_what_the_objective_says(runtime: str, index: int) -> None:
    spelling = HEADS[index]
    said = said_of(runtime, spelling, LOSSES[0])["graph"]
    expected = apply(said.outputs, NEAR[spelling.rank].z)
    loose = 0.04 if spelling.half else 1e-4
    np.testing.assert_allclose(measured(runtime)["heads"][str(index)]["predicted"], expected, rtol=loose, atol=loose)


@pytest.mark.parametrize(("runtime", "index"), CASES)
def test_keras_warns_where_the_objective_says(runtime: str, index: int) -> None:
    found = measured(runtime)["heads"][str(index)]
    for way in ("graph", "eager", "detached"):
        for at, (_, warned) in found[way].items():
            assert warned is said_of(runtime, HEADS[index], LOSSES[int(at)])[way].warns, (way, LOSSES[int(at)])


@pytest.mark.parametrize(("runtime", "index"), CASES)
def test_logits_are_recovered_where_the_objective_says(runtime: str, index: int) -> None:
    """Probabilities are clipped at 1e-7, so a literal crossentropy of five classes cannot pass -log(1e-7) + log(5)."""
    spelling, found = HEADS[index], measured(runtime)["heads"][str(index)]
    for way, loss, value in losses_found(found, "far"):
        said = said_of(runtime, spelling, loss)["graph"]
        if spelling.activation in LOGITS_CARRIED and said.measure in ("crossentropy", "binary-crossentropy"):
            assert (value > 20) is said.recovered, (way, loss, value)


def test_a_wrong_objective_would_be_seen() -> None:
    """Wherever runtimes differ, the numbers differ by more than the tolerance."""
    told = 0
    for spelling, loss in product(HEADS, LOSSES):
        here, others = about(spelling.activation, loss.name, loss.from_logits, spelling.route)
        for there in others if here and (loss.takes_logits or spelling.everything) else ():
            loose = max(tolerance(spelling, there), tolerance(spelling, known(here)))
            one, other = as_number(known(here), spelling, loss), as_number(there, spelling, loss)
            assert not np.isclose(one, other, rtol=loose), (spelling.text, loss, there.where)
            told += 1
    assert told > 100


def test_every_row_is_computed_here_or_names_what_it_was_measured_on() -> None:
    assert {facts.measure for rows in FORMULAS.values() for facts in rows} == set(MEASURES) == set(COMPUTED)
    assert set(WRITTEN) <= set(FUNCTIONS)
    assert set(FORMULAS) == {loss.name for loss in LOSSES}
    assert all(row.measured for row in ROWS)


# --- without Keras ----------------------------------------------------------------------------------------------------

CCE, SCCE, BCE = "categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"
DOUBLE, SINGLE = "CE(softmax(softmax(z)))", "CE(softmax(z))"


def about(
    activation: str | None, loss: str, from_logits: bool | None, route: str = "activation", **runtime: str
) -> tuple[Objective | None, tuple[Objective, ...]]:
    head = Head(HERE, activation=fact(activation), route=Route(route))
    trains = Loss(HERE, fact(loss), Family.CUSTOM, fact(from_logits))
    runs = Runtime(**{name: fact(value) for name, value in runtime.items()})
    return objective(head, trains, runs), elsewhere(head, trains, runs)


# Facts of a runtime, and what is said of a softmax that is fed to CategoricalCrossentropy(from_logits=True): measured
# on the first version of each range at least, see the rows.
VERSIONS = [
    ({}, "Keras 3 on TensorFlow", SINGLE, True),
    ({"backend": "tensorflow"}, "Keras 3 on TensorFlow", SINGLE, True),
    ({"backend": "jax"}, "JAX", DOUBLE, False),
    ({"backend": "torch", "keras": "3.6"}, "torch", DOUBLE, False),
    ({"package": "keras", "keras": "3"}, "Keras 3 on TensorFlow", SINGLE, True),
    ({"package": "keras", "keras": "2.3.1"}, "TensorFlow 2.3 and older", DOUBLE, False),
    ({"package": "keras", "keras": "2.2.4", "tensorflow": "1.15"}, "TensorFlow 2.3 and older", DOUBLE, False),
    ({"package": "keras", "tensorflow": "2.3.4"}, "TensorFlow 2.3 and older", DOUBLE, False),
    ({"package": "keras", "keras": "2.4.3", "tensorflow": "2.4.4"}, "TensorFlow 2.4", SINGLE, False),
    ({"package": "keras", "keras": "2.11"}, "TensorFlow 2.10 to 2.13", SINGLE, True),
    ({"package": "keras", "keras": "2"}, "TensorFlow 2.14 to 2.15", SINGLE, True),
    ({"package": "keras", "keras": "3.3", "tensorflow": "2.15"}, "Keras 3 on TensorFlow", SINGLE, True),
    ({"package": "tensorflow.keras", "tensorflow": "1.15"}, "TensorFlow 2.3 and older", DOUBLE, False),
    ({"package": "tensorflow.keras", "tensorflow": "2.2"}, "TensorFlow 2.3 and older", DOUBLE, False),
    ({"package": "tensorflow.keras", "tensorflow": "2.3", "keras": "2.4"}, "TensorFlow 2.3 and older", DOUBLE, False),
    ({"package": "tensorflow.keras", "tensorflow": "2.4.1"}, "TensorFlow 2.4", SINGLE, False),
    ({"package": "tensorflow.keras", "tensorflow": "2.8.4"}, "TensorFlow 2.5 to 2.9", SINGLE, True),
    ({"package": "tensorflow.keras", "tensorflow": "2.10"}, "TensorFlow 2.10 to 2.13", SINGLE, True),
    ({"package": "tensorflow.keras", "tensorflow": "2.15.1"}, "TensorFlow 2.14 to 2.15", SINGLE, True),
    ({"package": "tensorflow.keras", "tensorflow": "2.15", "backend": "jax"}, "TensorFlow 2.14 to 2.15", SINGLE, True),
    ({"package": "tensorflow.keras", "tensorflow": "2.16"}, "Keras 3 on TensorFlow", SINGLE, True),
    ({"package": "tensorflow.keras", "tensorflow": "2"}, "Keras 3 on TensorFlow", SINGLE, True),
    ({"package": "tensorflow.keras", "tensorflow": "2.17", "backend": "jax"}, "JAX", DOUBLE, False),
    ({"package": "tf_keras", "backend": "jax"}, "tf_keras", SINGLE, True),
    ({"package": "tf_keras", "dtype_policy": "mixed_float16"}, "tf_keras", SINGLE, True),
    ({"dtype_policy": "mixed_float16"}, "mixed_float16", DOUBLE, False),
    ({"dtype_policy": "mixed_bfloat16", "backend": "torch"}, "torch", DOUBLE, False),
    ({"dtype_policy": "float32"}, "Keras 3 on TensorFlow", SINGLE, True),
]


@pytest.mark.parametrize(("runtime", "where", "minimised", "warns"), VERSIONS, ids=lambda value: str(value))
def test_what_is_known_of_the_runtime_decides(runtime: dict[str, str], where: str, minimised: str, warns: bool) -> None:
    here = known(about("softmax", CCE, True, **runtime)[0])
    assert (here.where, here.minimised, here.warns) == (where, minimised, warns)
    assert (here.recovered, here.faithful, here.doubled) == (
        minimised == SINGLE,
        minimised == SINGLE,
        minimised == DOUBLE,
    )


# The same for the other routes, by the last TensorFlow of each row.
ROUTES = {
    "softmax-layer": {"2.3": DOUBLE, "2.4": DOUBLE, "2.9": DOUBLE, "2.13": SINGLE, "2.15": SINGLE, "2.16": SINGLE},
    "op": {"2.3": DOUBLE, "2.4": DOUBLE, "2.9": DOUBLE, "2.13": SINGLE, "2.15": SINGLE, "2.16": SINGLE},
    "hidden": {"2.3": DOUBLE, "2.4": DOUBLE, "2.9": DOUBLE, "2.13": DOUBLE, "2.15": DOUBLE, "2.16": DOUBLE},
}


@pytest.mark.parametrize(
    ("route", "version", "minimised"),
    [(route, version, said) for route, versions in ROUTES.items() for version, said in versions.items()],
)
def test_the_route_decides(route: str, version: str, minimised: str) -> None:
    here = known(about("softmax", CCE, True, route, package="tensorflow.keras", tensorflow=version)[0])
    assert (here.minimised, here.warns) == (minimised, minimised == SINGLE)


JAX_TORCH, MIXED = "JAX and torch", "mixed precision"
OLD_TF = "TensorFlow 2.3 and older"
FOCAL = "binary_focal_crossentropy"

# Head, loss, from_logits, route and facts of the runtime; what else is minimised, and where.
ELSEWHERE: list[tuple[Any, dict[str, tuple[str, ...]]]] = [
    (("softmax", CCE, True, "activation", {}), {DOUBLE: (JAX_TORCH, MIXED, OLD_TF, BEHIND)}),
    (("softmax", CCE, True, "activation", {"keras": "3.6", "dtype_policy": "float32"}), {DOUBLE: (JAX_TORCH, BEHIND)}),
    (("softmax", CCE, True, "activation", {"keras": "3.6", "dtype_policy": "mixed_float16"}), {}),
    (("softmax", CCE, True, "activation", {"backend": "jax"}), {SINGLE: ("Keras 3 on TensorFlow",)}),
    (("softmax", CCE, True, "activation", {"tensorflow": "2.12"}), {DOUBLE: (BEHIND,)}),
    (("softmax", CCE, True, "activation", {"package": "tf_keras"}), {DOUBLE: (BEHIND,)}),
    (
        ("softmax", CCE, True, "softmax-layer", {}),
        {DOUBLE: (JAX_TORCH, MIXED, "TensorFlow 2.9 and older", f"TensorFlow 2.10 to 2.13 in {EAGER}", BEHIND)},
    ),
    (("softmax", CCE, True, "op", {}), {DOUBLE: (MIXED, "TensorFlow 2.9 and older", EAGER, BEHIND)}),
    (("softmax", CCE, True, "hidden", {}), {}),
    (("softmax", CCE, False, "activation", {}), {}),
    (
        ("sigmoid", SCCE, False, "activation", {}),
        {"CE(sigmoid(z) / sum(sigmoid(z)))": (JAX_TORCH, MIXED, OLD_TF, BEHIND)},
    ),
    (("sigmoid", CCE, False, "op", {}), {}),
    (("softmax", BCE, False, "activation", {}), {"BCE(softmax(z))": (JAX_TORCH, MIXED, OLD_TF, BEHIND)}),
    (
        ("softmax", BCE, False, "softmax-layer", {}),
        {"BCE(softmax(z))": (JAX_TORCH, MIXED, "TensorFlow 2.13 and older", BEHIND)},
    ),
    (("linear", SCCE, False, "activation", {}), {"CE(clip(z / sum(z)))": (JAX_TORCH,)}),
    (
        ("softmax", "categorical_focal_crossentropy", True, "activation", {}),
        {"focal CE(softmax(z))": ("tf_keras", "TensorFlow 2.13 to 2.15")},
    ),
    (
        ("sigmoid", FOCAL, True, "activation", {}),
        {"focal BCE(sigmoid(z)) with the focal weight of sigmoid(sigmoid(z))": ("tf_keras", "TensorFlow 2.9 to 2.15")},
    ),
    (("softmax", FOCAL, False, "activation", {}), {"focal BCE(softmax(z))": (JAX_TORCH, MIXED, BEHIND)}),
    (("linear", "mean_squared_error", False, "activation", {}), {}),
]


@pytest.mark.parametrize(("what", "expected"), ELSEWHERE, ids=[" ".join(map(str, what)) for what, _ in ELSEWHERE])
def test_the_other_runtimes_are_told_as_far_as_they_differ(what: Any, expected: dict[str, tuple[str, ...]]) -> None:
    *words, runtime = what
    _, others = about(*words, **runtime)
    assert {there.minimised: tuple(there.where.split(", ")) for there in others} == expected


def test_a_loss_of_tensorflow_itself_is_literal_and_cannot_leave_tensorflow() -> None:
    head = Head(HERE, activation=fact("softmax"))
    loss = Loss(HERE, fact(CCE), Family.CATEGORICAL, fact(True), takes_logits=True, spelling="op")
    here = known(objective(head, loss, Runtime()))
    assert (here.minimised, here.recovered, here.warns) == (DOUBLE, False, False)
    assert elsewhere(head, loss, Runtime()) == ()


def test_people_read_what_is_trained_here_and_elsewhere() -> None:
    head, loss = (
        Head(HERE, activation=fact("softmax")),
        Loss(HERE, fact(CCE), Family.CATEGORICAL, fact(True), takes_logits=True),
    )
    assert what_is_trained(head, loss, Runtime(fact("tensorflow.keras"), dtype_policy=fact("float32"))) == (
        f"Keras 3 on TensorFlow (assumed: the program does not say): the loss is `{SINGLE}`",
        f"{JAX_TORCH}, {OLD_TF}, {BEHIND}: the loss is `{DOUBLE}`, the prediction `softmax(z)`",
    )
    assert what_is_trained(head, loss, Runtime(fact("keras"), fact("3.15"), backend=fact("torch"))) == (
        f"torch: the loss is `{DOUBLE}`, the prediction `softmax(z)`",
        f"Keras 3 on TensorFlow: the loss is `{SINGLE}`",
    )


@pytest.mark.parametrize(
    ("place", "runtime"),
    [
        (JAX_TORCH, {"backend": "jax"}),
        (JAX_TORCH, {"backend": "torch"}),
        (MIXED, {"keras": "3", "dtype_policy": "mixed_float16"}),
        ("tf_keras", {"package": "tf_keras"}),
        (OLD_TF, {"tensorflow": "2.1"}),
    ],
)
def test_elsewhere_says_what_the_objective_there_says(place: str, runtime: dict[str, str]) -> None:
    for spelling, loss in product(HEADS, LOSSES):
        what = spelling.activation, loss.name, loss.from_logits, spelling.route
        (_, others), (there, _) = about(*what), about(*what, **runtime)
        said = among(others, place)
        if said is not None:
            assert there is not None and (said.minimised, said.predicted) == (there.minimised, there.predicted)


@pytest.mark.parametrize(
    "what",
    [
        (None, CCE, False),
        ("softmax", CCE, None),
        ("softmax", "my_loss", False),
        ("softmax", "ctc", False),
        ("linear", "mean_squared_error", True),  # has no such parameter
    ],
)
def test_what_is_not_known_is_not_told(what: tuple[str | None, str, bool | None]) -> None:
    assert about(*what) == (None, ())


def test_a_loss_of_keras_3_is_unknown_in_keras_2() -> None:
    assert about("sigmoid", "dice", False, package="tf_keras") == (None, ())
    assert about("softmax", CCE, False, backend="openvino") == (None, ())


def test_channels_on_another_axis_are_unknown_to_losses_over_classes() -> None:
    first = Head(HERE, activation=fact("softmax"), channel_axis=fact(1), rank=fact(4))
    last = Head(HERE, activation=fact("softmax"), channel_axis=fact(1), rank=fact(2))
    cce, bce = (Loss(HERE, fact(name), Family.CUSTOM, fact(False)) for name in (CCE, BCE))
    assert objective(first, cce, Runtime()) is None
    assert objective(first, bce, Runtime()) is not None
    assert objective(last, cce, Runtime()) is not None


@pytest.mark.parametrize(
    ("activation", "loss", "from_logits", "faithful", "doubled"),
    [
        ("softmax", CCE, False, True, False),
        ("sigmoid", BCE, False, True, False),
        ("linear", CCE, True, True, False),
        ("log-softmax", CCE, True, True, False),
        ("tanh", BCE, True, True, False),
        ("normalised-sigmoids", CCE, False, True, False),
        ("normalised-sigmoids", CCE, True, False, True),
        ("softmax-twice", CCE, False, True, False),
        ("softmax", "mean_squared_error", False, True, False),
        ("linear", "huber", False, True, False),
        ("linear", CCE, False, False, False),
        ("softplus", CCE, False, False, False),
        ("sigmoid", CCE, False, False, False),
        ("softmax", BCE, False, False, False),
        ("softmax", "categorical_focal_crossentropy", True, False, True),
        ("softmax-over-batch-axis", CCE, False, False, False),
        ("softmax", "binary_focal_crossentropy", False, False, False),
    ],
)
def test_what_is_trained_is_what_predict_returns(
    activation: str, loss: str, from_logits: bool, faithful: bool, doubled: bool
) -> None:
    here = known(about(activation, loss, from_logits)[0])
    assert (here.faithful, here.doubled) == (faithful, doubled)


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        ({}, False),
        ({"tensorflow": "2"}, False),
        ({"tensorflow": "2.1"}, True),
        ({"tensorflow": "2.2"}, False),
        ({"tensorflow": "1.15"}, True),
        ({"package": "keras", "keras": "2"}, False),
        ({"package": "keras", "keras": "2.3.1"}, True),
        ({"package": "keras", "keras": "2.4"}, False),
        ({"package": "tensorflow.keras", "keras": "2.2"}, False),
        ({"package": "tf_keras", "keras": "2"}, False),
    ],
)
def test_the_loss_decides_what_accuracy_means_in_old_versions(runtime: dict[str, str], expected: bool) -> None:
    """Binary accuracy for several units: measured on Keras 2.3.1 and TensorFlow 2.0, and no more on 2.2.3."""
    assert accuracy_follows_loss(Runtime(**{name: fact(value) for name, value in runtime.items()})) is expected

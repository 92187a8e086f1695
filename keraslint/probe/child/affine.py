"""Layers of a program's own that hold their weights and their last function in one piece of code.

Scores cannot be taken out of such a layer, but they can be put in: with an identity for its kernel and nothing for its
bias, what goes in are the scores. Where no weight can be made an identity, input or kernel are multiplied with a few
numbers: the inverse of the right function makes that a straight line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import forms
from . import kit as kits

Array = Any
Run = Callable[[Any], Any]

MOST_KERNELS = 4
KNOBS = (-1.0, 0.5, 2.0)
"""Factors at which a straight line through those of 0 and 1 is checked."""
SIZES = (0.3, 1.0, 3.0, 10.0, 30.0)
ENOUGH = 0.1
"""The share of numbers whose inverse has to be known."""


class Kernel(NamedTuple):
    """A weight that may be the kernel, its bias if it has one, and how the kernel lies."""

    weight: Any
    bias: Any
    shape: tuple[int, ...]
    turned: bool


def kernels(kit: kits.Kit, weights: Sequence[Any], takes: int, gives: int) -> list[Kernel]:
    """The weights that may lead from so many channels to so many, the last ones first."""
    shapes = [tuple(int(length) for length in weight.shape) for weight in weights]
    biases = [weight for weight, shape in zip(weights, shapes) if shape == (gives,)]
    found = []
    for weight, shape in reversed(list(zip(weights, shapes))):
        for turned in (False, True):
            if len(shape) < 2 or shape[-2:] != ((gives, takes) if turned else (takes, gives)):
                continue
            found += [Kernel(weight, bias, shape, turned) for bias in (*reversed(biases), None)]
            if takes == gives:
                break
    return found[:MOST_KERNELS]


def scored(kit: kits.Kit, run: Run, kernel: Kernel, others: Sequence[Any]) -> Run:
    """The layer as a function of its scores. It takes as many channels as it gives; what goes beyond its input is 0."""
    takes = kernel.shape[-1] if kernel.turned else kernel.shape[-2]
    gives = kernel.shape[-2] if kernel.turned else kernel.shape[-1]
    identity = np.zeros(kernel.shape)
    middle = tuple(length // 2 for length in kernel.shape[:-2])
    for at in range(min(takes, gives)):
        identity[(*middle, at, at)] = 1.0

    def as_scores(scores: Any) -> Any:
        changed = [kernel.weight] + ([kernel.bias] if kernel.bias is not None else [])
        with kit.weights(changed):
            kernel.weight.assign(kit.tensor(identity, kit.dtype(kernel.weight)))
            if kernel.bias is not None:
                kernel.bias.assign(kit.tensor(np.zeros(tuple(kernel.bias.shape)), kit.dtype(kernel.bias)))
            return run(_widened(kit, scores, takes))

    return as_scores


def _widened(kit: kits.Kit, scores: Any, channels: int) -> Any:
    """The same scores with so many channels: cut, or with zeros behind."""
    has = int(scores.shape[-1])
    if has >= channels:
        return scores[..., :channels]
    added = kit.tensor(np.zeros((*[int(length) for length in scores.shape[:-1]], channels - has)), kit.dtype(scores))
    if kit.generation == 3:
        return kit.keras.ops.concatenate([scores, added], axis=-1)
    return kit.tensorflow.concat([scores, added], axis=-1)


# -- straight lines ----------------------------------------------------------------------------------------------------


def by_links(run: Callable[[Array, float], Array], shape: tuple[int, ...], dtype: str) -> forms.Fit | None:
    """Which function stands behind something affine. `run(x, knob)` is what comes of `knob` times `x`.

    The only function whose inverse turns the outcomes into a straight line along the knob, at every size at which the
    inverse is known, and at two sizes at least.
    """
    limit = forms.tolerance(dtype)
    random = np.random.default_rng(11)
    x = random.normal(0.0, 1.0, shape)
    held: dict[tuple[str, int | None], int] = {}
    broken: set[tuple[str, int | None]] = set()
    for size in SIZES:
        outcomes = {knob: run(x, knob * size) for knob in (0.0, 1.0, *KNOBS)}
        if not all(np.isfinite(one).all() for one in outcomes.values()) or _is_flat(outcomes):
            continue
        for name, axis in _names(outcomes[1.0]):
            error = _bend(name, axis, outcomes)
            if error is None:
                continue
            if error > 10 * limit:
                broken.add((name, axis))
            else:
                held[name, axis] = held.get((name, axis), 0) + 1
    sure = [one for one, count in held.items() if count >= 2 and one not in broken]
    return forms.Fit(*sure[0]) if len(sure) == 1 else None


def _is_flat(outcomes: dict[float, Array]) -> bool:
    spread = np.ptp(np.stack(list(outcomes.values())), axis=0)
    size = max(float(np.abs(one).max(initial=0.0)) for one in outcomes.values())
    return float(np.median(spread)) < 1e-2 * max(size, 1e-2)


def _names(y: Array) -> Iterator[tuple[str, int | None]]:
    for name in ("linear", "sigmoid", "tanh", "softplus", "exponential", "log_sigmoid", "softsign", *ODD, *TWICE):
        yield name, None
    for axis in range(y.ndim):
        if y.shape[axis] > 1:
            yield "softmax", axis
            yield "log-softmax", axis
            yield "softmax-twice", axis


ODD = ("relu", "gelu", "silu")
"""What a number and its negative give differ by the number itself."""
TWICE = ("sigmoid-twice",)


def _bend(name: str, axis: int | None, outcomes: dict[float, Array]) -> float | None:
    """How far from the form the outcomes are, where the inverse is known; nothing where it is hardly known."""
    with np.errstate(all="ignore"):
        if name in ODD:
            start, end = np.zeros_like(outcomes[1.0]), outcomes[1.0] - outcomes[-1.0]
            known = np.ones(end.shape, dtype=bool)
        else:
            start, known_start = _inverse(name, axis, outcomes[0.0])
            end, known_end = _inverse(name, axis, outcomes[1.0])
            known = known_start & known_end
    if axis is not None:
        known = np.broadcast_to(known.all(axis=axis, keepdims=True), known.shape)
    if known.mean() < ENOUGH:
        return None
    worst = 0.0
    for knob in KNOBS:
        z = np.where(known, start + knob * (end - start), 0.0)
        with np.errstate(all="ignore"):
            apart = np.abs(_applied(name, axis, z) - outcomes[knob]) / (1 + np.abs(outcomes[knob]))
        worst = max(worst, float(np.max(apart[known], initial=0.0)))
    return worst if np.isfinite(worst) else float("inf")


def _applied(name: str, axis: int | None, z: Array) -> Array:
    if name.endswith("-twice"):
        return _applied(name[: -len("-twice")], axis, _applied(name[: -len("-twice")], axis, z))
    return forms.ELEMENTWISE[name][0](z) if axis is None else forms.ALONG_AXIS[name][0](z, axis)


def _inverse(name: str, axis: int | None, y: Array) -> tuple[Array, Array]:
    """What a function was given, and where that can be told to enough digits."""
    every = np.ones(y.shape, dtype=bool)
    if name == "linear":
        return y, every
    if name == "sigmoid":
        return np.log(y) - np.log1p(-y), (y > 1e-3) & (y < 1 - 1e-3)
    if name == "tanh":
        return np.arctanh(np.clip(y, -1, 1)), np.abs(y) < 1 - 1e-3
    if name == "softplus":
        return np.log(np.expm1(np.minimum(y, 600.0))), (y > 1e-2) & (y < 30)
    if name == "exponential":
        return np.log(y), (y > 1e-8) & (y < 1e8)
    if name == "log_sigmoid":
        return -np.log(np.expm1(np.minimum(-y, 600.0))), (y < -1e-2) & (y > -30)
    if name == "softsign":
        return y / (1 - np.abs(y)), np.abs(y) < 0.99
    if name == "softmax":
        return np.log(y), y > 1e-5
    if name == "log-softmax":
        return y, y > -60
    if name == "softmax-twice":
        # log y is p but for a constant, and p adds up to one
        logs = np.log(y)
        p = logs + (1 - logs.sum(axis=axis, keepdims=True)) / y.shape[axis or 0]
        return np.log(p), (p > 1e-3) & (y > 0)
    p, known = _inverse("sigmoid", None, y)
    z, inside = _inverse("sigmoid", None, p)
    return z, known & inside & (p > 5e-3) & (p < 1 - 5e-3)

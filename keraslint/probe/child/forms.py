"""Closed forms of the functions that stand at the end of models, and which of them a function is.

`recognised(function, shape)` calls an unknown function on numbers of our choice and compares what comes back with every
form in the tables, along every axis. A form is accepted when it fits everywhere, and again on other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from math import erf, sqrt
from typing import Any, NamedTuple

import numpy as np

Array = Any
Form = Callable[[Array], Array]

TOLERANCES = {"float64": 2e-5, "float32": 1e-4, "float16": 1e-2, "bfloat16": 4e-2}
"""How far a number may be from the form, relative to 1 + its size."""
CLEARLY = 4.0
"""How many times worse the next best form has to be."""
SPREADS = (1.0, 2.5, 5.0)
"""Standard deviations of the numbers, one after the other along the rows."""
FEWEST_KNOWN = 0.1
"""The share of numbers for which an inverse has to be known."""
NARROW = 0.3
"""A factor for all of them where a formula breaks off far out."""
FARTHEST = 9.5
"""No number is farther from zero: half precision ends at exp(11)."""


class Fit(NamedTuple):
    """A function by name. `axis` is set for what looks along an axis of its input; `move` tells that numbers changed
    their places. `scale` and `linear` are names too."""

    name: str
    axis: int | None = None
    move: bool = False
    error: float = 0.0


# -- forms -------------------------------------------------------------------------------------------------------------


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def _softplus(x: Array) -> Array:
    return np.logaddexp(0.0, x)


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


_ERF = np.vectorize(erf, otypes=[float])

ELEMENTWISE: dict[str, tuple[Form, ...]] = {
    "linear": (lambda x: x,),
    "relu": (lambda x: np.maximum(x, 0),),
    "sigmoid": (_sigmoid,),
    "tanh": (np.tanh,),
    "softplus": (_softplus,),
    "exponential": (np.exp,),
    "relu6": (lambda x: np.clip(x, 0, 6),),
    "elu": (_elu,),
    "selu": (lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),),
    "gelu": (
        lambda x: 0.5 * x * (1 + _ERF(x / sqrt(2))),
        lambda x: 0.5 * x * (1 + np.tanh(sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    ),
    "silu": (lambda x: x * _sigmoid(x),),
    "mish": (lambda x: x * np.tanh(_softplus(x)),),
    "softsign": (lambda x: x / (1 + np.abs(x)),),
    "hard_sigmoid": (lambda x: np.clip(x + 3, 0, 6) / 6, lambda x: np.clip(0.2 * x + 0.5, 0, 1)),
    "hard_silu": (lambda x: x * np.clip(x + 3, 0, 6) / 6,),
    "hard_tanh": (lambda x: np.clip(x, -1, 1),),
    "log_sigmoid": (lambda x: -_softplus(-x),),
    "tanh_shrink": (lambda x: x - np.tanh(x),),
    "soft_shrink": (lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),),
    "hard_shrink": (lambda x: np.where(np.abs(x) > 0.5, x, 0),),
    "squareplus": (lambda x: 0.5 * (x + np.sqrt(x * x + 4)),),
    "sparse_plus": (lambda x: np.where(x <= -1, 0, np.where(x < 1, 0.25 * (x + 1) ** 2, x)),),
    "sparse_sigmoid": (lambda x: np.clip(0.5 * (x + 1), 0, 1),),
}
"""Functions of each number by itself."""


def _softmax(x: Array, axis: int) -> Array:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _log_softmax(x: Array, axis: int) -> Array:
    low = x - x.max(axis=axis, keepdims=True)
    return low - np.log(np.exp(low).sum(axis=axis, keepdims=True))


def _normalised(x: Array, axis: int) -> Array:
    s = _sigmoid(x)
    return s / s.sum(axis=axis, keepdims=True)


def _sparsemax(x: Array, axis: int) -> Array:
    """The projection on the simplex."""
    z = np.moveaxis(x, axis, -1)
    ordered = -np.sort(-z, axis=-1)
    total = np.cumsum(ordered, axis=-1)
    count = np.arange(1, z.shape[-1] + 1)
    support = (1 + count * ordered > total).sum(axis=-1, keepdims=True)
    threshold = (np.take_along_axis(total, support - 1, axis=-1) - 1) / support
    return np.moveaxis(np.maximum(z - threshold, 0), -1, axis)


def _keras_sparsemax(x: Array, axis: int) -> Array:
    """What Keras 3 computes under that name: it adds up the running totals instead of the numbers."""
    z = np.moveaxis(x, axis, -1)
    ordered = -np.sort(-z, axis=-1)
    total = np.cumsum(ordered, axis=-1)
    support = ordered - (total - 1) / np.arange(1, z.shape[-1] + 1) > 0
    threshold = ((total * support).sum(axis=-1, keepdims=True) - 1) / support.sum(axis=-1, keepdims=True)
    return np.moveaxis(np.maximum(z - threshold, 0), -1, axis)


ALONG_AXIS: dict[str, tuple[Callable[[Array, int], Array], ...]] = {
    "softmax": (_softmax,),
    "log-softmax": (_log_softmax,),
    "normalised-sigmoids": (_normalised,),
    "sparsemax": (_sparsemax, _keras_sparsemax),
}
"""Functions that share something along an axis."""

HOMOGENEOUS = frozenset({"relu", "leaky_relu"})
"""Twice the input is twice the output: a factor behind them is none that can be told."""
MIRRORED = frozenset({"sigmoid", "tanh", "softsign", "hard_tanh", "hard_sigmoid", "sparse_sigmoid"})
"""Functions that are themselves but for a factor and a shift when their input changes its sign."""
INNER = ("relu", "sigmoid", "tanh", "softplus", "exponential", "elu", "selu", "gelu", "silu", "softsign", "relu6")
"""Elementwise functions that may stand inside another one, where only both together can be seen."""
OUTER = ("sigmoid", "tanh", "relu", "softplus", "exponential", "elu", "softsign", "log_sigmoid", "hard_sigmoid")


# -- comparing ---------------------------------------------------------------------------------------------------------


def distance(found: Array, form: Array) -> float:
    """The largest difference, relative to 1 + the size; infinite where something is not finite."""
    if found.shape != form.shape:
        return float("inf")
    with np.errstate(all="ignore"):
        apart = np.abs(found - form) / (1.0 + np.abs(form))
    worst = float(np.max(apart)) if apart.size else float("inf")
    return worst if np.isfinite(worst) else float("inf")


def tolerance(dtype: str) -> float:
    """How far numbers of a type may be from a form."""
    return TOLERANCES.get(dtype, 1e-4)


def numbers(shape: Sequence[int], seed: int, spread: float = 1.0) -> Array:
    """Numbers for an unknown function: rows with small, middle and large ones."""
    random = np.random.default_rng(seed)
    x = random.normal(0.0, 1.0, tuple(shape))
    sizes = np.resize(np.array(SPREADS), shape[0]).reshape((-1, *[1] * (len(shape) - 1)))
    return np.clip(x * sizes * spread, -FARTHEST, FARTHEST)


def recognised(
    function: Form,
    shape: Sequence[int],
    dtype: str = "float32",
    *,
    deep: bool = False,
    seed: int = 1,
    free: int | None = None,
    spread: float = 1.0,
) -> Fit | None:
    """Which function this is, or nothing: none fits, or several do. `shape` is that of its input, with the batch.

    With `deep`, compositions and factors inside are tried too: for functions that come in one piece. Where only some
    channels are `free`, the function takes the others for zero.
    """
    x = _some(_rounded(numbers(shape, seed, spread), dtype), free)
    y = np.asarray(function(x), dtype=float)
    fits = list(_fits(x, y, tolerance(dtype), deep))
    if not fits and deep and spread == 1.0:
        # what was added against a logarithm of zero shows where numbers are large
        fit = recognised(function, shape, dtype, deep=True, seed=seed, free=free, spread=NARROW)
        return fit if fit is not None and fit.axis is not None else None
    if not fits:
        return None
    fits.sort(key=lambda one: one.error)
    again = _some(_rounded(numbers(shape, seed + 1000, spread), dtype), free)
    outcome = np.asarray(function(again), dtype=float)
    sure = [one for one in fits if _holds(one, again, outcome, tolerance(dtype), deep)]
    if not sure:
        return None
    others = [one for one in sure[1:] if (one.name, one.axis) != (sure[0].name, sure[0].axis)]
    floor = tolerance(dtype) / 100
    if others and others[0].error < CLEARLY * max(sure[0].error, floor):
        return None
    return sure[0]


def _holds(fit: Fit, x: Array, y: Array, limit: float, deep: bool) -> bool:
    return any((one.name, one.axis, one.move) == (fit.name, fit.axis, fit.move) for one in _fits(x, y, limit, deep))


def _some(x: Array, free: int | None) -> Array:
    if free is not None:
        x[..., free:] = 0.0
    return x


def _rounded(x: Array, dtype: str) -> Array:
    """The numbers as the type holds them, so that rounding of the input is no difference."""
    if dtype == "bfloat16":
        bits = np.asarray(x, dtype=np.float32).view(np.uint32)
        return (bits & np.uint32(0xFFFF0000)).view(np.float32).astype(float)
    return np.asarray(x, dtype={"float16": np.float16, "float64": np.float64}.get(dtype, np.float32)).astype(float)


def _fits(x: Array, y: Array, limit: float, deep: bool) -> Iterator[Fit]:
    """Every form that fits, the plainest kinds first; later kinds are tried only where the earlier give nothing.

    A function that gives one number whatever it is given shows no form.
    """
    if not np.all(np.isfinite(y)) or np.ptp(y) <= limit / 100:
        return
    if x.shape != y.shape:
        yield from _moved(x, y, limit, deep)
        return
    kinds: list[Callable[[Array, Array, float], Iterator[Fit]]] = [_plain, _affine]
    if deep:
        kinds = [_plain, _composed, _affine, _driven]
    for kind in kinds:
        found = list(kind(x, y, limit))
        if found:
            yield from found
            return


def _axes(x: Array) -> list[int]:
    return [axis for axis in range(x.ndim) if x.shape[axis] > 1]


def _plain(x: Array, y: Array, limit: float) -> Iterator[Fit]:
    for name, spellings in ELEMENTWISE.items():
        error = min(distance(y, form(x)) for form in spellings)
        if error <= limit:
            yield Fit(name, error=error)
    yield from _with_slopes(x, y, limit)
    for name, many in ALONG_AXIS.items():
        for axis in _axes(x):
            error = min(distance(y, form(x, axis)) for form in many)
            if error <= limit:
                yield Fit(name, axis, error=error)


def _with_slopes(x: Array, y: Array, limit: float) -> Iterator[Fit]:
    """Functions with a number of their own: the slope of a leaky relu, the height of an elu."""
    below, above = x < -limit, x > limit
    if not below.any() or not above.any() or distance(y[above], x[above]) > limit:
        return
    for name, shape in (("leaky_relu", x[below]), ("elu", np.expm1(x[below]))):
        factor = float(np.median(y[below] / shape))
        error = distance(y[below], factor * shape)
        if error <= limit and factor > 2 * limit and abs(factor - 1) > 2 * limit and (name == "elu" or factor < 1):
            yield Fit(name, error=error)


def _affine(x: Array, y: Array, limit: float) -> Iterator[Fit]:
    """A factor and a shift, of the input or of what a plain function made of it."""
    straight = _line(x, y, limit)
    if straight is not None:
        yield Fit("scale", error=straight)
        return
    for name, spellings in ELEMENTWISE.items():
        errors = [_line(form(x), y, limit) for form in spellings if name != "linear"]
        error = min((one for one in errors if one is not None), default=None)
        if error is not None:
            same = _is_homogeneous(name, x, y, limit) or _is_mirrored(name, x, y, limit)
            yield Fit(name if same else f"scaled-{name}", error=error)
    for name, many in ALONG_AXIS.items():
        for axis in _axes(x):
            errors = [_line(form(x, axis), y, limit) for form in many]
            error = min((one for one in errors if one is not None), default=None)
            if error is not None:
                yield Fit(f"scaled-{name}", axis, error=error)


def _is_homogeneous(name: str, x: Array, y: Array, limit: float) -> bool:
    return name in HOMOGENEOUS and bool(np.all(np.abs(y[x <= 0]) <= limit)) and bool(np.all(y >= -limit))


def _is_mirrored(name: str, x: Array, y: Array, limit: float) -> bool:
    """Whether this is the function of the negative: `1 / (1 + exp(x))`."""
    return name in MIRRORED and distance(y, ELEMENTWISE[name][0](-x)) <= limit


def _line(f: Array, y: Array, limit: float) -> float | None:
    """How far `y` is from a factor and a shift of `f`; nothing where that is too far or the factor is nothing.

    Where one factor for all does not do, each number along the last axis may have its own.
    """
    if f.shape != y.shape:
        return None
    spread = float(np.std(f))
    if not np.isfinite(spread) or spread == 0:
        return None
    factor = float(np.mean((f - f.mean()) * (y - y.mean()))) / spread**2
    shift = float(y.mean() - factor * f.mean())
    size = float(np.ptp(y))
    if abs(factor) * spread < 1e-6 or not np.isfinite(size):
        return None
    error = distance(y, factor * f + shift)
    # against the size of the outcome too: a small factor must not hide a wrong form
    return error if error <= limit and error <= 3 * limit * size / (1 + size) else None


def _composed(x: Array, y: Array, limit: float) -> Iterator[Fit]:
    """One function on another, as one word."""
    inner: dict[tuple[str, int | None], Array] = {(name, None): ELEMENTWISE[name][0](x) for name in INNER}
    for name, many in ALONG_AXIS.items():
        for axis in _axes(x):
            inner[name, axis] = many[0](x, axis)
    for (first, inside), z in inner.items():
        for second in OUTER:
            for form in ELEMENTWISE[second]:
                error = distance(y, form(z))
                if error <= limit:
                    yield Fit(composition(first, second), inside, error=error)
        for second, many in ALONG_AXIS.items():
            for axis in _axes(x) if inside is None else (inside,):
                error = distance(y, many[0](z, axis))
                if error <= limit:
                    yield Fit(composition(first, second), axis, error=error)


def composition(first: str, second: str) -> str:
    """The word for one function after another."""
    if first == second:
        return f"{first}-twice" if first in {"softmax", "sigmoid"} else first
    return f"{second}-on-{first}"


def _driven(x: Array, y: Array, limit: float) -> Iterator[Fit]:
    """A function of a factor times the input: a temperature, which changes no word."""
    for name, axis, link in _links(x):
        with np.errstate(all="ignore"):
            z, known = link(y)
        if axis is not None:
            known = np.broadcast_to(known.all(axis=axis, keepdims=True), x.shape)
        if known.mean() < FEWEST_KNOWN:
            continue
        factor, shift = _factor(x, z, known, axis)
        if not np.isfinite(factor) or abs(factor) < 1e-3:
            continue
        error = distance(y, _form(name, factor * x + shift, axis))
        if error <= limit:
            yield Fit(name, axis, error=error)


def _form(name: str, x: Array, axis: int | None) -> Array:
    return ELEMENTWISE[name][0](x) if axis is None else ALONG_AXIS[name][0](x, axis)


def _factor(x: Array, z: Array, known: Array, axis: int | None) -> tuple[float, float]:
    """Factor and shift from `x` to `z`, where it is known; along an axis a shift changes nothing."""
    if axis is None:
        design = np.stack([x[known], np.ones_like(x[known])], axis=1)
        (factor, shift), *_ = np.linalg.lstsq(design, z[known], rcond=None)
        return float(factor), float(shift)
    left = (x - x.mean(axis=axis, keepdims=True))[known]
    right = (z - np.where(known, z, 0.0).mean(axis=axis, keepdims=True))[known]
    return float(left @ right / max(left @ left, 1e-30)), 0.0


def _links(x: Array) -> Iterator[tuple[str, int | None, Callable[[Array], tuple[Array, Array]]]]:
    """Inverses: what was put in, as far as the outcome tells, and where it tells."""
    yield "sigmoid", None, lambda y: (np.log(y) - np.log1p(-y), (y > 1e-3) & (y < 1 - 1e-3))
    yield "tanh", None, lambda y: (np.arctanh(np.clip(y, -1, 1)), np.abs(y) < 1 - 1e-3)
    yield "softplus", None, lambda y: (np.log(np.expm1(y)), (y > 1e-2) & (y < 30))
    yield "exponential", None, lambda y: (np.log(y), y > 1e-6)
    yield "relu", None, lambda y: (y, y > 1e-3)
    yield "log_sigmoid", None, lambda y: (-np.log(np.expm1(-y)), (y < -1e-2) & (y > -30))
    for axis in _axes(x):
        yield "softmax", axis, lambda y: (np.log(y), y > 1e-5)
        yield "log-softmax", axis, lambda y: (y, y > -30)


# -- numbers that change their places ----------------------------------------------------------------------------------


def _moved(x: Array, y: Array, limit: float, deep: bool) -> Iterator[Fit]:
    """Forms behind or before which the axes change."""
    for z in _arrangements(x, y.shape):
        for fit in _fits(z, y, limit, deep):
            yield fit._replace(move=True, axis=fit.axis)
            return
    for axis in _axes(x) if deep else ():
        for name in ("softmax", "normalised-sigmoids", "log-softmax"):
            for z in _arrangements(ALONG_AXIS[name][0](x, axis), y.shape):
                error = distance(y, z)
                if error <= limit:
                    yield Fit(name, axis, move=True, error=error)
                    return
    if not deep:
        return
    for z in _collapsed(x, y.shape):
        for fit in _fits(z, y, limit, deep):
            yield fit._replace(move=True)
            return


def _arrangements(x: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """The same numbers in that shape: as they lie, then with the axes behind the batch in another order."""
    if x.size != int(np.prod(shape)) or not shape or x.shape[0] != shape[0]:
        return
    orders = list(permutations(range(1, x.ndim))) if x.ndim <= 5 else [tuple(range(1, x.ndim))]
    for order in orders:
        yield np.transpose(x, (0, *order)).reshape(shape)


def _collapsed(x: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """One number for each channel: the mean, or the first or last step."""
    if x.ndim > 2 and len(shape) == 2:
        if shape == (x.shape[0], x.shape[-1]):
            yield x.mean(axis=tuple(range(1, x.ndim - 1)))
            yield x.reshape(x.shape[0], -1, x.shape[-1])[:, -1]
            yield x.reshape(x.shape[0], -1, x.shape[-1])[:, 0]
        if shape == x.shape[:2]:
            yield x.mean(axis=tuple(range(2, x.ndim)))

"""What each output of a model is and does: which function stands behind its last weights, and what it gives there.

The pieces of the way from the last weights to an output are run by themselves on numbers of our choice (the scores),
and compared with closed forms. So nothing depends on how weights were initialised, on what a body lets through, or on
what is frozen; and no weight is touched. What does not fit exactly one form is not named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import forms, ways
from . import kit as kits
from .rows import Rows
from .watch import Call, Source, Watched

Json = dict[str, Any]
Array = Any

SOFTMAX_LIKE = frozenset(forms.ALONG_AXIS)
TWICE = frozenset({"sigmoid", "softmax"})
ELEMENTWISE = frozenset({"linear", "relu", "sigmoid", "tanh"})
SUMS = frozenset({"Add", "Average", "Subtract"})
TURNING = frozenset({"Flatten", "Permute", "RepeatVector", "Reshape", "Transpose"})
"""What moves the channels elsewhere."""
MOVING = TURNING | {"Squeeze", "ExpandDims", "GetItem", "SlicingOpLambda", "TimeDistributed"}
"""What gives the numbers that it takes, in other places."""
RELUS = {"ReLU": "relu", "ThresholdedReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "PReLU": "prelu"}
"""Layers that go by a name whatever their parameters are."""
SAME = {("celu", "elu"), ("swish", "silu"), ("hard_swish", "hard_silu")}
MOST_BRANCHING = 3
"""Branches of branches that are followed."""
MOST_BRANCHES = 8
SCORES = (10.0, 100.0, 1000.0, 10000.0)
FAR = 1e4
FARTHEST = 6e4
"""Half precision ends there."""
DRIVEN = 6
"""Rows of scores by chance."""
NEARBY = 3
"""So many of the outcomes are of scores that no formula loses digits at."""
MOST_NUMBERS = 2**21
"""Scores in one pass."""
NEAR = 2.0
COUPLED = {"float64": 1e-4, "float32": 1e-4, "float16": 1e-2, "bfloat16": 5e-2}
TOTAL = {"float64": 1e-4, "float32": 1e-4, "float16": 1e-2, "bfloat16": 5e-2}
CONSTANT = 1e-6
PARTS = 24
"""Into so many a range is divided to tell how numbers spread over it."""
ALONE = 3


class Step(NamedTuple):
    """One function on the way, as `forms.Fit` names it; `axis` is where it looks along in its own input, of `rank`
    axes. `turned` counts moves of axes between it and the output."""

    name: str
    axis: int | None = None
    rank: int = 0
    turned: int = 0


class Reading(NamedTuple):
    """What was recognised: the word (or nothing), how sure, and the pieces from the scores to the output."""

    word: str | None
    confidence: str
    way: ways.Way
    channel_axis: int
    channel_at_start: int = -1


# -- one word ----------------------------------------------------------------------------------------------------------


def read(watched: Watched, output: Source, depth: int = 0) -> Reading:
    """The word for all that is applied behind the last weights; `depth` counts branches of branches."""
    found = ways.way(watched, output)
    steps, whole = _steps(watched.kit, found.pieces)
    sure = "high"
    if whole and found.guess is not None:
        steps = [Step(found.guess.name, found.guess.axis, len(output.tensor.shape)), *steps]
        sure = "medium"
    first = _channels_first(found)
    start = 1 if first else -1
    axis = 1 if first and not any(step.name == "turn" for step in steps) else -1
    functions = _functions(steps)
    if whole and found.why == "merge":
        merged = _merged(watched, found, depth)
        if merged == "linear":
            found.why = "plain"  # sums of scores go as far as scores
        if not functions:
            return Reading(merged, sure, found, axis, start)
    if whole and not functions and found.end is not None and found.end.kind in ways.NORMALISING:
        steps = [*_before(watched, found.end), *steps]
    if not functions and not (whole and (found.why == "plain" or found.guess is not None)):
        return Reading(None, sure, found, axis, start)
    return Reading(_word(watched, steps, output, start), sure, found, axis, start)


def _functions(steps: list[Step]) -> list[Step]:
    """The steps that are more than a factor, a shift or a move."""
    return [step for step in steps if step.name not in {"move", "turn", "scale", "pool", "linear"}]


def _before(watched: Watched, end: Call) -> list[Step]:
    """What a normalisation scales once more: the steps before it, where they end in probabilities."""
    sources = [source for _, source in end.takes if source is not None]
    if len(sources) != 1:
        return []
    steps, _ = _steps(watched.kit, ways.way(watched, sources[0]).pieces)
    functions = _functions(steps)
    if not functions or functions[-1].name not in TWICE:
        return []
    return [*steps, Step("scale")]


def _merged(watched: Watched, found: ways.Way, depth: int) -> str | None:
    """What several branches beside each other are: the same function of numbers, or a sum of scores."""
    if depth >= MOST_BRANCHING or len(found.branches) > MOST_BRANCHES:
        return None
    words = {read(watched, one, depth + 1).word for one in found.branches}
    kind = found.end.kind if found.end is not None else ""
    if kind == "Concatenate" and len(words) == 1 and words <= ELEMENTWISE:
        return words.pop()
    return "linear" if kind in SUMS and words == {"linear"} else None


def _channels_first(found: ways.Way) -> bool:
    layer = found.end.op if found.end is not None else None
    inner = getattr(layer, "layer", layer)
    shape = found.end.tensor.shape if found.end is not None and found.end.tensor is not None else ()
    if type(inner).__name__ in ways.NORMALISING:
        return getattr(inner, "axis", -1) in (1, [1]) and len(shape) > 2
    return getattr(inner, "data_format", None) == "channels_first" and len(shape) > 2


def _word(watched: Watched, steps: list[Step], output: Source, channel: int) -> str | None:
    said, last = "linear", None
    for step in steps:
        if step.name in {"move", "turn", "linear"}:
            continue
        if step.name == "pool":
            if said != "linear":
                said, last = "", None  # an average of a function is none; what comes behind it says all
            continue
        if step.name == "scale":
            if said not in {"linear", ""} and not said.startswith("scaled-"):
                said = f"scaled-{said}"
            continue
        said = step.name if said in {"linear", ""} else _after(said, step.name)
        last = step
    if said == "":
        return None
    if last is None or last.name not in {"softmax", "softmax-twice"} or said not in {"softmax", "softmax-twice"}:
        return said
    return _along(watched, last, output, said, channel, unturned=_unturned(steps, last))


def _unturned(steps: list[Step], last: Step) -> bool:
    before = steps[: steps.index(last)]
    return not any(step.name == "turn" for step in before)


def _after(said: str, name: str) -> str:
    if said != name:
        return f"{name}-on-{said}"
    return f"{name}-twice" if name in TWICE else said


def _along(watched: Watched, last: Step, output: Source, said: str, channel: int, *, unturned: bool) -> str | None:
    """The word with the axis that a softmax looks along. `unturned`: the axes are where they were at the scores."""
    if last.axis is None:
        return said
    at = last.axis % last.rank
    if at == 0 and not unturned:
        # the first axis may be that of the channels, or of the rows still
        return said if _adds_up(watched, output, -1) and not _adds_up(watched, output, 0) else None
    if at == 0:
        return "softmax-over-batch-axis"
    channels = at == (channel if unturned else -1) % last.rank
    if last.turned:
        # the axes were turned afterwards: it is the same axis only if the channels are the last one still
        return said if channels and _adds_up(watched, output, -1) else None
    return said if channels else "softmax-over-spatial-axis"


def _adds_up(watched: Watched, output: Source, axis: int) -> bool:
    array = watched.kit.numpy(output.tensor).astype(float)
    return bool(np.all(np.abs(array.sum(axis=axis) - 1) < 1e-2))


# -- the steps ---------------------------------------------------------------------------------------------------------


def _steps(kit: kits.Kit, pieces: list[ways.Piece]) -> tuple[list[Step], bool]:
    """What the pieces are, first applied first, and whether that is all of them; else those at the end that are known.

    The finest division in which every part is recognised is taken: neighbours become one part only where one of them
    by itself is nothing that has a name.
    """
    count = len(pieces)
    known: dict[tuple[int, int], Step | None] = {}

    def part(first: int, last: int) -> Step | None:
        if (first, last) not in known:
            piece = pieces[first]
            for other in pieces[first + 1 : last]:
                piece = piece.then(other)
            known[first, last] = _step(kit, piece)
        return known[first, last]

    endings: dict[int, list[Step] | None] = {count: []}

    def ending(first: int) -> list[Step] | None:
        """The parts from one piece to the end, where all of them are known."""
        if first not in endings:
            endings[first] = None
            for last in range(first + 1, count + 1):
                rest = ending(last)
                step = part(first, last) if rest is not None else None
                if step is not None and rest is not None:
                    endings[first] = [step, *rest]
                    break
        return endings[first]

    for first in range(count + 1):
        steps = ending(first)
        if steps is not None:
            return _with_turns(steps), first == 0
    return [], count == 0


def _with_turns(steps: list[Step]) -> list[Step]:
    """Every step with the number of moves behind it."""
    found, turns = [], 0
    for step in reversed(steps):
        found.append(step._replace(turned=turns))
        turns += step.name == "turn"
    return found[::-1]


def _step(kit: kits.Kit, piece: ways.Piece) -> Step | None:
    """What one piece is."""
    if len(piece.kinds) == 1:
        kind = piece.kinds[0]
        if kind.startswith(("UpSampling", "ZeroPadding", "Cropping")) or (kind in MOVING and kind not in TURNING):
            return Step("move")
        if kind in TURNING:
            return Step("turn")
        if "Pooling" in kind:
            return Step("pool")
        if kind == "PReLU":
            return Step("prelu")
    for shape in _shapes(piece):
        try:
            fit = forms.recognised(
                ways.as_arrays(kit, piece), shape, ways.precision(kit, piece), deep=piece.deep, free=piece.free
            )
        except Exception:  # any: a layer that takes no other shape, or not these numbers
            continue
        if fit is None:
            return None
        name = fit.name
        if len(piece.kinds) == 1 and piece.kinds[0] in RELUS and name != "linear":
            name = RELUS[piece.kinds[0]]
        if fit.move and name == "linear":
            return Step("turn")
        return Step(_named_alike(piece, name), fit.axis, len(shape))
    return None


def _named_alike(piece: ways.Piece, name: str) -> str:
    """The other name of the same function, where the program uses that one."""
    return next((other for other, usual in SAME if usual == name and other == "celu" and piece.kinds == (other,)), name)


def _shapes(piece: ways.Piece) -> list[tuple[int, ...]]:
    """Shapes to try on a piece: a small one with all lengths different, then that of the tensor itself."""
    own = tuple(int(length) for length in piece.start.shape)
    if piece.fixed or len(own) < 2:
        return [own]
    # as many rows as were recorded, where rows are short: what is compiled for a shape is compiled once
    rows = own[0] if len(own) == 2 else 6
    places = [min(length, 3 + at) if length > 1 else 2 for at, length in enumerate(own[1:-1])]
    small = (rows, *places, piece.channels or (own[-1] if 1 < own[-1] <= 64 else 3 if own[-1] == 1 else 16))
    return [small, (6, *own[1:]), own]


# -- what it does ------------------------------------------------------------------------------------------------------


class Chain:
    """From the scores to the output: all pieces in a row."""

    def __init__(self, kit: kits.Kit, found: ways.Way, output: Source, channel: int) -> None:
        self.kit = kit
        self.pieces = found.pieces
        self.start = found.pieces[0].start if found.pieces else output.tensor
        self.dtype = kit.dtype(self.start)
        self.driven = found.why == "plain"
        self.channel = channel
        self.fixed = any(piece.fixed for piece in found.pieces)

    def tensors(self, value: Any) -> Any:
        for piece in self.pieces:
            value = piece.run(value)
        return value

    def __call__(self, array: Array) -> Array:
        with self.kit.inference():
            return self.kit.numpy(self.tensors(self.kit.tensor(array, self.dtype)))

    @property
    def units(self) -> int:
        """How many different scores make a row: those of the channels."""
        return int(self.start.shape[self.channel]) if len(self.start.shape) > 1 else 1

    def scores(self, patterns: Array) -> Array:
        """Scores of the right shape: each row of `patterns` along the channels, the same at every place."""
        shape = [1] * len(self.start.shape)
        if len(shape) > 1:
            shape[self.channel] = patterns.shape[1]
        full = (len(patterns), *[int(length) for length in self.start.shape[1:]])
        return np.array(np.broadcast_to(patterns.reshape((len(patterns), *shape[1:])), full))

    def anywhere(self, size: float, seed: int) -> Array:
        """Scores by chance, of about that size, two rows all high and all low behind them."""
        shape = tuple(int(length) for length in self.start.shape)
        rows = shape[0] if self.fixed or len(shape) == 2 else DRIVEN
        random = np.random.default_rng(seed).normal(0.0, size, (rows, *shape[1:]))
        if rows > 2:
            random[-2], random[-1] = size, -size
        return np.clip(random, -FARTHEST, FARTHEST)

    def rows(self, patterns: Array) -> Array:
        """What comes of each pattern, where others stand beside it in a batch of any size."""
        return np.concatenate([self(part)[:real] for part, real in self._batches(patterns)])

    def gradients(self, patterns: Array) -> Array:
        """The gradients at each pattern."""
        found = []
        for part, real in self._batches(patterns):
            scores = part.astype(np.float32)
            (one,) = self.kit.gradient(lambda value: self.tensors(self.kit.cast(value, self.dtype)), scores)
            found.append(one[:real])
        return np.concatenate(found)

    def _batches(self, patterns: Array) -> Iterator[tuple[Array, int]]:
        """As many rows at a time as fit: those that were recorded, where nothing else goes or rows are short."""
        size = int(np.prod(self.start.shape[1:]))
        exact = self.fixed or len(self.start.shape) == 2
        count = int(self.start.shape[0]) if exact else max(1, min(len(patterns), MOST_NUMBERS // max(size, 1)))
        for first in range(0, len(patterns), count):
            part = patterns[first : first + count]
            full = np.concatenate([part, np.zeros((count - len(part), part.shape[1]))]) if exact else part
            yield self.scores(full), len(part)


def heads(
    watched: Watched, model: Any, rows: Rows, outputs: Sequence[tuple[str, Any]], sites: Callable[[Any], Json | None]
) -> list[Json]:
    """One answer for each output of the model. `sites` tells the place of a layer."""
    found = []
    for number, (name, tensor) in enumerate(outputs):
        source = watched.source(tensor) or Source(watched.root, number)
        found.append(_head(watched, model, rows, name, source, number, sites))
    return found


def _head(
    watched: Watched,
    model: Any,
    rows: Rows,
    name: str,
    source: Source,
    number: int,
    sites: Callable[[Any], Json | None],
) -> Json:
    kit = watched.kit
    seen = kit.numpy(source.tensor)
    numbers = seen.dtype.kind == "f" or kit.dtype(source.tensor) == "bfloat16"
    reading = read(watched, source)
    shape = [int(length) for length in seen.shape]
    said = reading.word if numbers else None
    axis = reading.channel_axis
    found: Json = {
        "name": name,
        "layer": sites(reading.way.end.op) if reading.way.end is not None else None,
        "shape": [None, *shape[1:]],
        "units": shape[axis] if len(shape) > 1 else None,
        "channel_axis": axis,
        "activation": said,
        "confidence": reading.confidence,
        "rows": rows.size,
    }
    found.update(_seen(kit, reading, source, seen, numbers))
    return found


def _seen(kit: kits.Kit, reading: Reading, source: Source, seen: Array, numbers: bool) -> Json:
    """Bounds, totals, sums and where numbers stop being finite."""
    dtype = kit.dtype(source.tensor)
    values = [seen.astype(float)]
    chain = Chain(kit, reading.way, source, reading.channel_at_start)
    found: Json = {}
    if numbers and chain.driven:
        values += _driven(chain)
        found["non_finite"] = _non_finite(chain)
        # Keras's own functions have gradients everywhere; formulas may have none
        formula = any(piece.deep for piece in chain.pieces)
        found["non_finite_gradient"] = _non_finite_gradient(chain) if formula and not found["non_finite"] else None
    finite = [np.where(np.isfinite(one), one, np.nan) for one in values]
    low = min((float(np.nanmin(one)) for one in finite if np.isfinite(one).any()), default=0.0)
    high = max((float(np.nanmax(one)) for one in finite if np.isfinite(one).any()), default=0.0)
    limit = TOTAL.get(dtype, 1e-4)
    channel = reading.channel_axis % seen.ndim if seen.ndim else 0
    found["low"], found["high"] = _neat(low, limit), _neat(high, limit)
    found["sums"] = [_sum(values[0], axis, channel, limit) for axis in range(seen.ndim)]
    found["totals"] = [
        _axis_name(axis, channel)
        for axis in range(seen.ndim)
        if all(_is_total(one, axis, limit) for one in finite[:NEARBY])
    ]
    found["constant"] = _neat(low, limit) if chain.driven and numbers and high - low < CONSTANT else None
    return found


def _driven(chain: Chain) -> list[Array]:
    """Outputs for scores from small to huge."""
    outcomes = []
    for seed, size in enumerate((NEAR, *SCORES)):
        try:
            outcomes.append(chain(chain.anywhere(size, seed)).astype(float))
        except Exception:  # any: the user's layers
            break
    return outcomes


def _sum(values: Array, axis: int, channel: int, limit: float) -> Json:
    sums = values.sum(axis=axis)
    low, high = _neat(float(sums.min()), limit), _neat(float(sums.max()), limit)
    return {"axis": _axis_name(axis, channel), "low": low, "high": high, "counts": _counts(sums, low, high)}


def _counts(values: Array, low: float, high: float) -> list[int]:
    """How many of the values lie in each of equally wide parts of a range; none where it has no end."""
    if not np.isfinite(values).all():
        return []
    parts = PARTS if high > low else 1
    return [int(one) for one in np.histogram(np.clip(values, low, high), bins=parts, range=(low, high))[0]]


def _is_total(values: Array, axis: int, limit: float) -> bool:
    known = np.isfinite(values).all(axis=axis)
    if not known.any():
        return False
    sums = values.sum(axis=axis)[known]
    return bool(np.all(np.abs(sums - 1) < limit * max(1, np.sqrt(values.shape[axis]) / 4)))


def _axis_name(axis: int, channel: int) -> int:
    return -1 if axis == channel and axis != 0 else axis


def _neat(value: float, limit: float) -> float:
    """0.99998 is 1."""
    for whole in (0.0, 1.0, -1.0, 0.5):
        if abs(value - whole) < limit:
            return whole
    return float(f"{value:.6g}")


# -- not finite --------------------------------------------------------------------------------------------------------


SIGNS = ((1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1))
"""What scores are tried, for the first channel and for all others."""


def _patterns(sizes: Array, units: int) -> Array:
    """For each size a row for each of the signs."""
    rows = np.array([[first, *[others] * (units - 1)] for first, others in SIGNS], dtype=float)
    return (np.asarray(sizes).reshape(-1, 1, 1) * rows).reshape(-1, rows.shape[1])


def _smallest(bad: Callable[[Array], Array]) -> float | None:
    """The score from which on something is bad, for the first of the signs for which it ever is; negative where the
    first channel was low."""
    grid = np.array([20.0, 70, 100, 500, 2000, FAR])
    verdicts = bad(grid)
    number = next((one for one in range(len(SIGNS)) if verdicts[:, one].any()), None)
    if number is None:
        return None
    for _ in range(7):
        at = int(np.argmax(verdicts[:, number]))
        low, high = (grid[at - 1] if at else 0.0), grid[at]
        if not verdicts[at, number] or high - low < 2e-2:
            break
        grid = np.linspace(low, high, len(grid))
        verdicts = bad(grid)
    return float(f"{SIGNS[number][0] * high:.4g}")


def _non_finite(chain: Chain) -> Json | None:
    """The score from which on outputs are not finite."""
    seen: list[str] = []

    def bad(sizes: Array) -> Array:
        outcome = chain.rows(_patterns(sizes, chain.units)).astype(float)
        if not np.isfinite(outcome).all():
            seen.append("nan" if np.isnan(outcome).any() else "inf")
        return ~np.isfinite(outcome).reshape(len(sizes), len(SIGNS), -1).all(axis=2)

    try:
        score = _smallest(bad)
    except Exception:  # any: the user's layers
        return None
    return None if score is None else {"score": score, "what": seen[-1]}


def _non_finite_gradient(chain: Chain) -> Json | None:
    """The score from which on gradients are not finite."""

    def bad(sizes: Array) -> Array:
        found = chain.gradients(_patterns(sizes, chain.units)).astype(float)
        return ~np.isfinite(found).reshape(len(sizes), len(SIGNS), -1).all(axis=2)

    try:
        score = _smallest(bad)
    except Exception:  # any: no gradient through the user's code
        return None
    return None if score is None else {"score": score}


# -- rows beside each other --------------------------------------------------------------------------------------------


def coupling(kit: kits.Kit, model: Any, rows: Rows, found: list[Json], outputs: list[tuple[str, Array]]) -> None:
    """How much predictions depend on the rows beside them: some rows alone against the same rows in the batch."""
    few = min(ALONE, rows.size - 1)
    if few < 1:
        return
    if kit.backend == "jax" and not _moved_by_others(kit, model, rows, few, outputs):
        for head in found:
            head["coupling"] = None
        return
    alone = kit.outputs(model, rows.part(0, few))
    again: list[tuple[str, Array]] | None = None
    for number, (head, (_, batch), (_, part)) in enumerate(zip(found, outputs, alone)):
        head["coupling"] = None
        if batch.shape[:1] != (rows.size,) or part.shape != (few, *batch.shape[1:]) or batch.dtype.kind != "f":
            continue
        apart = np.abs(batch[:few].astype(float) - part.astype(float))
        limit = COUPLED.get(kit.policy_of(model), 1e-4) if batch.dtype != np.float16 else COUPLED["float16"]
        if not np.isfinite(apart).all() or apart.max(initial=0.0) <= limit * (1 + np.abs(batch).max(initial=0.0)):
            continue
        again = again or kit.outputs(model, rows.inputs)
        if np.abs(again[number][1].astype(float) - batch.astype(float)).max(initial=0.0) > limit:
            continue  # the model draws numbers at inference: rows differ without anybody beside them
        if not _moved_by_others(kit, model, rows, few, outputs):
            continue  # sums of another batch are rounded in another way, and something makes much of it
        single = [kit.outputs(model, rows.part(at, at + 1))[number][1].astype(float) for at in range(few)]
        head["coupling"] = {
            "difference": float(f"{apart.max():.4g}"),
            "rows": few,
            "batch": rows.size,
            "alone": [
                _neat(min(float(one.min()) for one in single), limit),
                _neat(max(float(one.max()) for one in single), limit),
            ],
        }


def _moved_by_others(kit: kits.Kit, model: Any, rows: Rows, few: int, outputs: list[tuple[str, Array]]) -> bool:
    """Whether the first rows give something else when those behind them are others: copies of the first.

    JAX compiles a model for every number of rows; here that stays what it was.
    """
    other = kits.mapped(rows.inputs, lambda array: np.concatenate([array[:few], array[few:] * 0 + array[0]]))
    for (_, before), (_, after) in zip(outputs, kit.outputs(model, other)):
        if before.dtype.kind == "f" and before.shape == after.shape and len(before) == rows.size:
            apart = np.abs(before[:few].astype(float) - after[:few].astype(float))
            if not apart.max(initial=0.0) <= COUPLED["float32"] * (1 + np.abs(before).max(initial=0.0)) / 10:
                return True
    return False


# -- devices -----------------------------------------------------------------------------------------------------------

EXPLAINED = {"float64": 1e-6, "float32": 5e-3, "float16": 2e-2, "bfloat16": 6e-2}
"""How far two devices may be apart, relative to the largest output: a GPU multiplies `float32` with fewer digits."""


def devices(kit: kits.Kit, model: Any, rows: Rows, found: list[Json]) -> str | None:
    """The same rows on the CPU and on the GPU; what keeps from comparing, where something does."""
    if not kit.sees_gpu():
        return f"devices were not compared: {kit.backend} sees no GPU"
    outcomes = []
    for device in ("cpu", "gpu"):
        try:
            with kit.on(device):
                outcomes.append(kit.outputs(model, rows.inputs))
        except Exception as error:  # any: a model that stands on one device does not run on the other
            return f"devices were not compared: {type(error).__name__} on the {device}: {str(error)[:200]}"
    again = kit.outputs(model, rows.inputs)
    for head, (_, left), (_, right), (_, once), (_, twice) in zip(found, *outcomes, outcomes[1], again):
        if left.dtype.kind != "f" or left.shape != right.shape or not _agree(once, twice):
            continue
        apart = np.abs(left.astype(float) - right.astype(float))
        size = float(np.abs(left.astype(float)).max(initial=0.0))
        tolerance = EXPLAINED.get(kit.policy_of(model), 5e-3) * (1 + size)
        worst = float(apart.max(initial=0.0))
        head["devices"] = {
            "difference": _neat(worst if np.isfinite(worst) else FAR, 0),
            "tolerance": _neat(tolerance, 0),
        }
    return None


def _agree(once: Array, twice: Array) -> bool:
    """Whether a model gives the same for the same rows: one that draws numbers at inference does not."""
    return bool(np.allclose(once.astype(float), twice.astype(float), rtol=1e-2, atol=1e-2, equal_nan=True))

"""What was measured of a head, as plots: how sums spread, and where outputs lie against what the loss expects.

Numbers for a drawing, and the same in words; what they mean is said by rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, inf, isfinite, log10

from keraslint.model import Head, Outputs, Sums, Training
from keraslint.objective import expects
from keraslint.report.text import visible, width_of

WIDTH = 360.0
LEFT, RIGHT = 10.0, 10.0
"""The margins beside what is plotted."""
LETTER_WIDTH = 6.7
"""The width of a letter of a tick or a name."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; `kind` is `seen` or `expected`, `open_left` and `open_right` tell that it goes on beyond the plot."""

    x: float
    y: float
    width: float
    height: float
    kind: str = "seen"
    open_left: bool = False
    open_right: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a place; `anchor` as in SVG, `kind` is `tick`, `name` or `value`."""

    x: float
    y: float
    text: str
    anchor: str = "middle"
    kind: str = "tick"


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot. `ground` is where its axis lies, `ticks` and `rules` are places along it: `rules` are what is
    expected."""

    title: str
    told: str
    height: float
    ground: float
    bars: tuple[Bar, ...]
    texts: tuple[Text, ...]
    ticks: tuple[float, ...] = ()
    rules: tuple[float, ...] = ()
    width: float = WIDTH


NARROWEST = 2e-5
"""A narrower range, relative to its numbers, has no ticks that differ in what is written."""


class _Axis:
    """A range of numbers on the width of a plot, and more than that where it is too narrow."""

    def __init__(self, low: float, high: float) -> None:
        least = NARROWEST * max(abs(low), abs(high), NARROWEST)
        self.low, self.high = (low, high) if high - low >= least else (low - least, high + least)

    def at(self, number: float) -> float:
        share = (number - self.low) / (self.high - self.low)
        return round(LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1) + 0.0

    def ticks(self) -> list[float]:
        """Three to six round numbers inside the range."""
        rough = (self.high - self.low) / 4
        unit = 10.0 ** floor(log10(rough))
        step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
        first, last = -floor(-self.low / step), floor(self.high / step)
        return [number * step for number in range(first, last + 1)]


def plots(head: Head, training: Training | None) -> Iterator[Plot]:
    """The plots of a head, as far as it was measured."""
    measured = head.measured
    if measured is None:
        return
    loss = training.loss if training is not None else None
    wanted = expects(loss) if loss is not None else None
    name = loss.name.value if loss is not None else ""
    single = measured.units is not None and measured.units.value == 1
    for sums in measured.sums.value if measured.sums is not None else ():
        over_batch = measured.outputs is not None and sums.axis in measured.outputs.value.totals
        if sums.counts and (sums.axis == -1 or (sums.axis == 0 and over_batch)):
            yield _histogram(sums, wanted, name, measured.rows, single=single)
    if measured.outputs is not None:
        rows = [(f"{name} expects", wanted, "expected")] if wanted is not None else []
        if (labels := _labels(training)) is not None:
            rows.append(("labels", labels, "expected"))
        yield _ranges([*rows, ("measured", measured.outputs.value, "seen")])


# --- how sums spread -------------------------------------------------------------------------------------------------

PEAK, GROUND, BELOW = 34.0, 128.0, 40.0
"""Where the highest bar ends, where all begin, and the height of what is written below."""
TITLES = {
    "row sums": "What rows add up to",
    "sums over the batch": "What the batch adds up to",
    "outputs": "Outputs with fresh weights",
}
THIN = 14.0
"""The width of the bar of a single number."""


def _histogram(sums: Sums, wanted: Outputs | None, loss: str, rows: int, *, single: bool) -> Plot:
    total = 1.0 if wanted is not None and sums.axis in wanted.totals and not single else None
    low, high = min([sums.low, *_known(total)]), max([sums.high, *_known(total)])
    room = (high - low) * 0.08 or max(abs(high), 1.0) * 0.5
    axis = _Axis(low - room, high + room)
    most = max(sums.counts)
    step = (sums.high - sums.low) / len(sums.counts)
    bars = []
    for number, many in enumerate(sums.counts):
        start, end = axis.at(sums.low + number * step), axis.at(sums.low + (number + 1) * step)
        if end - start < 1:
            middle, half = (start + end) / 2, THIN / 2 if len(sums.counts) == 1 else 0.5
            start, end = middle - half, middle + half
        height = round((GROUND - PEAK) * many / most, 1)
        if many:
            bars.append(Bar(round(start, 1), GROUND - height, round(max(end - start - 1, 1), 1), height))
    what = "outputs" if single else {0: "sums over the batch", -1: "row sums"}[sums.axis]
    spread = f"all {sums.low:g}" if sums.low == sums.high else f"{_short(sums.low)} to {_short(sums.high)}"
    texts = [*_scale(axis, GROUND), Text(WIDTH / 2, GROUND + 34, f"{spread}", kind="value")]
    told = f"{what} with fresh weights: {spread}, on {rows} rows"
    if total is not None:
        texts.append(_above(axis, total, "expected: 1", PEAK - 8))
        told += f"; {loss} expects 1"
    return Plot(
        TITLES[what],
        told,
        GROUND + BELOW,
        GROUND,
        tuple(bars),
        tuple(texts),
        tuple(axis.at(tick) for tick in axis.ticks()),
        tuple(map(axis.at, _known(total))),
    )


def _known(number: float | None) -> tuple[float, ...]:
    return () if number is None else (number,)


def _scale(axis: _Axis, ground: float) -> Iterator[Text]:
    yield from (_inside(axis.at(tick), ground + 17, f"{tick:.6g}") for tick in axis.ticks())


def _above(axis: _Axis, number: float, words: str, y: float) -> Text:
    return _inside(axis.at(number), y, words, kind="name")


def _inside(x: float, y: float, words: str, kind: str = "tick") -> Text:
    """Words around a place, moved as far as needed to stay within the plot."""
    half = width_of(words) * LETTER_WIDTH / 2
    return Text(round(min(max(x, half), WIDTH - half), 1), y, words, kind=kind)


# --- where outputs lie -----------------------------------------------------------------------------------------------

BAR, STEP = 14.0, 42.0
"""The height of a bar, and how far one begins below the other."""
FAR = 4.0
"""A bound that is so many times further out than the others is not on the plot."""


def _labels(training: Training | None) -> Outputs | None:
    """Between which numbers labels lie that are no classes, as far as both ends are known."""
    labels = training.labels if training is not None else None
    if labels is None or labels.low is None or labels.high is None or not labels.encoded("continuous"):
        return None
    return Outputs(labels.low.value, labels.high.value)


def _ranges(rows: Sequence[tuple[str, Outputs, str]]) -> Plot:
    """Bars below each other; each row is what it is about, its numbers and the kind of its bar."""
    axis = _window([outputs for _, outputs, _ in rows])
    bars, texts = [], []
    for number, (name, outputs, kind) in enumerate(rows):
        y = 22 + number * STEP
        left, right = axis.at(outputs.low), axis.at(outputs.high)
        bars.append(
            Bar(
                min(left, WIDTH - RIGHT - 2),
                y,
                max(round(right - left, 1), 2.0),
                BAR,
                kind,
                outputs.low < axis.low,
                outputs.high > axis.high,
            )
        )
        texts.append(Text(0, y - 7, visible(name), "start", "name"))
        texts.append(Text(WIDTH, y - 7, _said(outputs), "end", "value"))
    ground = 22 + len(rows) * STEP - 14
    texts += _scale(axis, ground)
    told = "; ".join(f"{name}: {_said(outputs)}" for name, outputs, _ in rows)
    ticks = tuple(axis.at(tick) for tick in axis.ticks())
    return Plot("Where outputs lie", told, ground + 24, ground, tuple(bars), tuple(texts), ticks)


def _window(ranges: Sequence[Outputs]) -> _Axis:
    """The numbers to show: all bounds that are not out of all proportion to the nearest ones."""
    bounds = sorted({abs(one) for outputs in ranges for one in (outputs.low, outputs.high) if isfinite(one)} - {0.0})
    near = bounds[0] if bounds else 1.0
    for bound in bounds:
        near = bound if bound <= near * FAR else near
    low = min([0.0, *(one for outputs in ranges for one in (outputs.low, outputs.high) if -near <= one <= near)])
    high = max([0.0, *(one for outputs in ranges for one in (outputs.low, outputs.high) if -near <= one <= near)])
    if low == high:
        low, high = -near, near
    room = (high - low) * 0.25
    return _Axis(low - room, high + room)


def _said(outputs: Outputs) -> str:
    low, high = _short(outputs.low), _short(outputs.high)
    if (outputs.low, outputs.high) == (-inf, inf):
        return "any number"
    if outputs.high == inf:
        return f"from {low} up"
    return f"up to {high}" if outputs.low == -inf else f"{low} to {high}"


def _short(number: float) -> str:
    """A number in few digits."""
    return f"{number:,.0f}" if 1e3 <= abs(number) < 1e6 else f"{number:.4g}"

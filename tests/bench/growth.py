"""How the time of a run grows: with the number of files, the length of one, its models, calls and branches.

Of every curve the exponent is told that fits best: time ~ size ** exponent, over the sizes where reading outweighs the
start of the program. One is linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench import corpora
from tests.bench.clock import in_turn
from tests.bench.rows import check

Maker = Callable[[int], str]

SERIES: Final[dict[str, tuple[tuple[int, ...], Maker]]] = {
    "lines of a file": ((100, 1_000, 5_000, 10_000, 20_000, 50_000), corpora.of_lines),
    "models of a file": ((1, 10, 100, 300, 1_000), corpora.models),
    "calls inside calls": ((1, 5, 10, 20, 100, 400), corpora.of_depth),
    "branches one behind the other": ((1, 5, 10, 20, 40, 80, 160), corpora.of_branches),
}
FILES: Final = (100, 1_000, 5_000, 20_000)


class Curve(NamedTuple):
    """Sizes with the seconds that they took beyond what an almost empty file takes."""

    name: str
    points: tuple[tuple[int, float], ...]

    @property
    def exponent(self) -> float:
        """By least squares between the logarithms."""
        rows = [(log(size), log(seconds)) for size, seconds in self.points if seconds > LEAST]
        if len(rows) < 2:
            return 0.0
        x, y = (sum(one) / len(rows) for one in zip(*rows, strict=True))
        return sum((a - x) * (b - y) for a, b in rows) / sum((a - x) ** 2 for a, _ in rows)


LEAST: Final = 0.02
"""Seconds below which a difference between two runs says nothing."""


def curves(folder: Path, rounds: int, most: int | None = None) -> Iterator[Curve]:
    """All curves; with `most`, without larger sizes."""
    folder.mkdir(parents=True)
    empty = folder / "empty.py"
    empty.write_text("import keras\n", encoding="utf-8")
    for name, (sizes, make) in SERIES.items():
        places = {}
        for size in _up_to(sizes, most):
            places[size] = folder / f"{name.replace(' ', '_')}_{size}.py"
            places[size].write_text(make(size), encoding="utf-8")
        yield _curve(name, empty, places, rounds)
    places = {size: folder / f"files_{size}" for size in _up_to(FILES, most)}
    for size, place in places.items():
        corpora.write_repository(place, size, max(size // 20, 1))
    yield _curve("files, one of twenty with Keras", empty, places, rounds)


def _up_to(sizes: tuple[int, ...], most: int | None) -> list[int]:
    return [size for size in sizes if most is None or size <= most]


def _curve(name: str, empty: Path, places: dict[int, Path], rounds: int) -> Curve:
    commands = {"": check(str(empty)), **{str(size): check(str(place)) for size, place in places.items()}}
    took = in_turn(commands, rounds)
    return Curve(name, tuple((size, max(took[str(size)].seconds - took[""].seconds, 0.0)) for size in places))


def draw(found: list[Curve], path: Path) -> None:
    """All curves in one picture, with a line for what would be linear."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, fields = pyplot.subplots(2, 3, figsize=(12, 7), layout="constrained")
    for field, curve in zip(fields.flat, found, strict=False):
        sizes, seconds = zip(*curve.points, strict=True)
        field.loglog(sizes, [max(one, 1e-3) for one in seconds], "o-", label="measured")
        last, most = curve.points[-1]
        field.loglog(sizes, [max(most * size / last, 1e-3) for size in sizes], ":", label="linear")
        field.set(title=f"{curve.name}: n ** {curve.exponent:.2f}", xlabel=curve.name, ylabel="seconds (processor)")
        field.legend()
    for field in list(fields.flat)[len(found) :]:
        field.set_visible(False)
    figure.savefig(path)

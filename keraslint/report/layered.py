"""Boxes and the lines between them, in layers from top to bottom: every line goes down, few of them cross.

Sugiyama's way, in its plainest form: each box gets the layer behind the last one that leads to it, a line over several
layers passes each of them at a place of its own, boxes change places as long as fewer lines cross, and then they move
towards what they are joined to. Numbers in, numbers out; nothing here knows what the boxes are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS, MOVES = 12, 60
"""How often boxes are put in order, and then moved; more changes nothing in drawings of this size."""
STILL = 0.05
"""Boxes that move less than that stand."""
STIFF = {(True, True): 16.0, (False, False): 8.0}
"""How much a line wants to be straight, between two boxes and between two places that it passes; else 1."""

Size = tuple[float, float]
Line = tuple[int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is: the middle of the upper edge of each box, and the points that each line goes through."""

    width: float
    height: float
    boxes: tuple[Point, ...]
    lines: tuple[tuple[Point, ...], ...]


def lay_out(sizes: Sequence[Size], lines: Sequence[Line], *, across: float = 22, down: float = 24) -> Layout:
    """Lay out boxes of these sizes; `lines` name boxes by their numbers, in the order in which things flow.

    A line that leads back is drawn like the others, and takes no part in what comes before what. `across` and `down`
    are the gaps between boxes beside and below each other.
    """
    forward = [(min(line), max(line)) for line in lines]
    ranks = _ranks(len(sizes), [line for line in forward if line[0] != line[1]])
    widths = [width for width, _ in sizes]
    chains = []
    for start, end in forward:  # a long line becomes a chain through places of no size
        chain = [start]
        for rank in range(ranks[start] + 1, ranks[end]):
            chain.append(len(widths))
            widths.append(0.0)
            ranks.append(rank)
        chains.append([*chain, end] if end != start else [start])
    joined: list[list[int]] = [[] for _ in widths]
    for chain in chains:
        for upper, lower in pairwise(chain):
            joined[upper].append(lower)
            joined[lower].append(upper)
    rows = _ordered(ranks, joined)
    middles = _moved(rows, joined, widths, across)
    tops, bottom = [], 0.0
    for row in rows:
        tops.append(bottom)
        bottom += max((sizes[one][1] for one in row if one < len(sizes)), default=0.0) + down
    left = min((middle - width / 2 for middle, width in zip(middles, widths, strict=True)), default=0.0)
    right = max((middle + width / 2 for middle, width in zip(middles, widths, strict=True)), default=0.0)

    def points(chain: list[int]) -> tuple[Point, ...]:
        found: list[Point] = []
        for number in chain:
            x, top = middles[number] - left, tops[ranks[number]]
            if number == chain[0]:
                found.append((x, top + sizes[number][1]))
            elif number == chain[-1]:
                found.append((x, top))
            else:
                tallest = max((sizes[one][1] for one in rows[ranks[number]] if one < len(sizes)), default=0.0)
                found += [(x, top), (x, top + tallest)]
        return tuple(found)

    return Layout(
        width=right - left,
        height=max(bottom - down, 0.0),
        boxes=tuple((middles[number] - left, tops[ranks[number]]) for number in range(len(sizes))),
        lines=tuple(points(chain) for chain in chains),
    )


def _ranks(count: int, lines: Sequence[Line]) -> list[int]:
    """The layer of each box, from 0: right behind the last box that leads to it; what nothing leads to stands right
    above the first box that it leads to."""
    ranks = [0] * count
    for start, end in sorted(lines):
        ranks[end] = max(ranks[end], ranks[start] + 1)
    led_to = {end for _, end in lines}
    for number in range(count):
        below = [ranks[end] for start, end in lines if start == number]
        if number not in led_to and below:
            ranks[number] = min(below) - 1
    return ranks


def _ordered(ranks: Sequence[int], joined: Sequence[Sequence[int]]) -> list[list[int]]:
    """The boxes of each layer from left to right, in the order for which the fewest lines cross."""
    rows: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for number, rank in enumerate(ranks):
        rows[rank].append(number)
    best, fewest = [list(row) for row in rows], _crossings(rows, ranks, joined)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        way = 1 if sweep % 2 == 0 else -1
        for rank in range(len(rows))[::way]:
            places = {number: place for row in rows for place, number in enumerate(row)}
            wanted = {
                number: _mean([places[other] for other in joined[number] if ranks[other] == rank - way], places[number])
                for number in rows[rank]
            }
            rows[rank].sort(key=lambda number: (wanted[number], places[number]))
        crossings = _crossings(rows, ranks, joined)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[int]], ranks: Sequence[int], joined: Sequence[Sequence[int]]) -> int:
    places = {number: place for row in rows for place, number in enumerate(row)}
    found = 0
    for rank, row in enumerate(rows):
        ends = [(places[one], places[other]) for one in row for other in joined[one] if ranks[other] == rank + 1]
        found += sum((a - c) * (b - d) < 0 for at, (a, b) in enumerate(ends) for c, d in ends[at + 1 :])
    return found


def _moved(
    rows: Sequence[Sequence[int]], joined: Sequence[Sequence[int]], widths: Sequence[float], gap: float
) -> list[float]:
    """The middle of each box: as near to those that it is joined to as its neighbours in the layer leave room."""
    middles = [0.0] * len(widths)
    for row in rows:
        # boxes begin in one column, and what passes by makes room
        weights = [1.0 if widths[one] else 0.01 for one in row]
        for one, middle in zip(row, _apart(row, [0.0] * len(row), weights, widths, gap), strict=True):
            middles[one] = middle
    stiff = {
        one: [STIFF.get((bool(widths[one]), bool(widths[other])), 1.0) for other in others]
        for one, others in enumerate(joined)
    }
    for sweep in range(MOVES):
        before = list(middles)
        for row in rows if sweep % 2 else rows[::-1]:
            wanted = [
                sum(middles[other] * much for other, much in zip(joined[one], stiff[one], strict=True))
                / (sum(stiff[one]) or 1.0)
                for one in row
            ]
            weights = [sum(stiff[one]) or 1.0 for one in row]
            for one, middle in zip(row, _apart(row, wanted, weights, widths, gap), strict=True):
                middles[one] = middle
        if all(abs(now - then) < STILL for now, then in zip(middles, before, strict=True)):
            break
    return middles


def _apart(
    row: Sequence[int], wanted: Sequence[float], weights: Sequence[float], widths: Sequence[float], gap: float
) -> list[float]:
    """Places as near to the wanted ones as can be, in this order and with the gap between neighbours.

    What would overlap moves together as one block (pool adjacent violators).
    """
    offsets = [0.0]
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + (widths[left] + widths[right]) / 2 + gap)
    blocks: list[tuple[float, float, int]] = []  # where it wants to be, how much, how many
    for place, weight, offset in zip(wanted, weights, offsets, strict=True):
        block = (place - offset, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            place_before, weight_before, count = blocks.pop()
            total = weight_before + block[1]
            block = ((place_before * weight_before + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    places = [place for place, _, count in blocks for _ in range(count)]
    return [place + offset for place, offset in zip(places, offsets, strict=True)]


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise

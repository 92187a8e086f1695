"""What stands side by side in the rows that a Reshape makes of a map: the channels of a place, or places of a channel.

A Reshape only counts through the numbers, the last axis fastest. Rows as long as there are channels are the channels of
a place where these stand last, and cut through the places of one channel where they stand first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from keraslint.static.bounds import MOST_STEPS_BACK
from keraslint.static.catalog.functions import PASSING, RESHAPING
from keraslint.static.catalog.layers import Kind
from keraslint.static.facts.reading import Reading
from keraslint.static.library.shapes import channels_first, spec_of
from keraslint.static.values import Const, Construct, Tensor, Unknown, Value

COUNTING: Final = frozenset({"Flatten", "Reshape"})
"""Layers that leave all numbers in their order."""
IN_PLACE: Final = frozenset({Kind.ACTIVATION, Kind.ELEMENTWISE, Kind.NORMALIZATION})
"""Kinds of layers behind which every number stands where it stood."""


def rows(reading: Reading, moved: Sequence[Tensor]) -> str | None:
    """`channels` or `places`: what the layers that moved axes have put side by side, last layer first.

    Known only where nothing but Reshape and Flatten stands between a convolution and rows as long as it has filters.
    """
    layers = [one.layer for one in moved]
    if not moved or not all(isinstance(one, Construct) and one.kind in COUNTING for one in layers):
        return None
    convolution, target = _convolution(reading, moved[-1]), _target(reading, layers[0])
    spec = spec_of(convolution)
    if convolution is None or spec is None or spec.units is None or not target:
        return None
    given = convolution.bound.get(spec.units)
    filters = reading.pick(given) if given is not None else None
    if filters is None or not _is_same(filters, target[-1]) or _is_same(filters, Const(1)):
        return None
    record = reading.interp.record
    said = convolution.bound.get("data_format")
    if (said is None and record.channels_unsure) or not (said is None or isinstance(said, Const)):
        return None
    if not channels_first(record, convolution):
        return "channels"
    return "places" if not _begins_with(target, filters) else None


def _target(reading: Reading, layer: Value | None) -> tuple[Value, ...] | None:
    """The lengths that a Reshape asks for; nothing for a Flatten, which makes a single row."""
    given = layer.bound.get("target_shape") if isinstance(layer, Construct) else None
    found = reading.items(reading.pick(given)) if given is not None else None
    return tuple(reading.pick(one) for one in found) if found is not None and len(found) > 1 else None


def _convolution(reading: Reading, reshaped: Tensor) -> Construct | None:
    """The convolution whose map is reshaped, if nothing on the way moves its numbers."""
    value = reshaped.inputs[0] if reshaped.inputs else None
    for _ in range(MOST_STEPS_BACK):
        tensor = reading.pick(value) if value is not None else None
        if not isinstance(tensor, Tensor):
            return None
        if tensor.op == "layer":
            layer = reading.pick(tensor.layer) if tensor.layer is not None else None
            spec = spec_of(layer)
            if not isinstance(layer, Construct) or spec is None:
                return None
            if spec.kind is Kind.WEIGHTS and spec.rank is not None:
                return layer
            if spec.kind not in IN_PLACE:
                return None
        elif tensor.op != "model" and (tensor.op not in PASSING or tensor.op in RESHAPING):
            return None
        value = tensor.inputs[0] if tensor.inputs else None
    return None


def _begins_with(target: Sequence[Value], filters: Value) -> bool:
    """Whether the first axes count the channels, as many as there are: then these are still apart."""
    if _is_same(filters, target[0]):
        return True
    total = 1
    for one in target:
        if not isinstance(one, Const) or type(one.value) is not int or not isinstance(filters, Const):
            return False
        total *= one.value
        if total == filters.value:
            return True
    return False


def _is_same(one: Value, other: Value) -> bool:
    """Whether two values are the same number, known or not."""
    if isinstance(one, Const) and isinstance(other, Const):
        return type(one.value) is int and one.value == other.value
    return isinstance(one, Unknown) and isinstance(other, Unknown) and one.key == other.key

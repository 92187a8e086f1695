"""Shapes of symbolic tensors: what a layer or a function makes of the shapes that it is given.

Lengths come in and go out, never values: what is computed is the affair of `tensors` and `formulas`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, Final

from keraslint.static.catalog import layers as catalog
from keraslint.static.catalog.functions import MIXING, REDUCTIONS
from keraslint.static.catalog.layers import Kind, LayerSpec
from keraslint.static.catalog.models import CHANNELS_FIRST
from keraslint.static.lengths import length, lengths, with_rest
from keraslint.static.values import Choice, Const, Construct, Shape, Tensor, Value

if TYPE_CHECKING:
    from keraslint.static.record import Record


# -- lengths that the program writes -----------------------------------------------------------------------------------


# -- shapes of tensors -------------------------------------------------------------------------------------------------


def shape_of(value: Value | None) -> Shape:
    """The shape of a tensor; of a choice, what all alternatives share."""
    if isinstance(value, Tensor):
        return value.shape
    if isinstance(value, Choice):
        return _agreed([shape_of(one) for _, one in value.alternatives])
    return None


def _agreed(shapes: Sequence[Shape]) -> Shape:
    first = shapes[0] if shapes else None
    if first is None or any(one is None or len(one) != len(first) for one in shapes):
        return None
    columns = zip(*(one for one in shapes if one is not None), strict=True)
    return tuple(column[0] if all(one == column[0] for one in column) else None for column in columns)


# -- functions ---------------------------------------------------------------------------------------------------------


ARITHMETIC: Final = frozenset({"add", "subtract", "multiply", "divide", "power", "maximum", "minimum"})


def shape_after(op: str, inputs: tuple[Value, ...], params: Mapping[str, Any]) -> Shape:
    """The shape of a function's result, where it follows from its inputs."""
    shapes = [shape_of(one) for one in inputs if isinstance(one, (Tensor, Choice))]
    first = shapes[0] if shapes else None
    if op in REDUCTIONS:
        return _reduced(first, params)
    if op in MIXING:
        return None
    if op == "expand_dims":
        return _expanded(first, params.get("axis"))
    if op == "squeeze":
        return _squeezed(first, params.get("axis"))
    if len(shapes) > 1:
        return _broadcast([one for one in shapes if one is not None]) if None not in shapes else None
    if op in ARITHMETIC and first is not None and not all(isinstance(one, (Const, Tensor, Choice)) for one in inputs):
        # an axis of one entry that was made for it is as long as that of what comes to it, such as a weight
        made = any(isinstance(one, Tensor) and one.op == "expand_dims" for one in inputs)
        return tuple(None if one == 1 else one for one in first) if made else first
    return first


def _broadcast(shapes: Sequence[tuple[int | None, ...]]) -> Shape:
    """The shape of several tensors together: an axis of one entry is stretched."""
    rank = max(map(len, shapes))
    columns = zip(*((1,) * (rank - len(one)) + one for one in shapes), strict=True)
    return tuple(next((one for one in sorted(column, key=_told_first) if one != 1), 1) for column in columns)


def _told_first(length: int | None) -> bool:
    return length is None


def _reduced(shape: Shape, params: Mapping[str, Any]) -> Shape:
    axis = params.get("axis")
    if shape is None or type(axis) is not int or not -len(shape) <= axis < len(shape):
        return None
    at = axis % len(shape)
    return (*shape[:at], 1, *shape[at + 1 :]) if params.get("keepdims") else (*shape[:at], *shape[at + 1 :])


def _expanded(shape: Shape, axis: Any) -> Shape:
    if shape is None or type(axis) is not int:
        return None
    at = axis if axis >= 0 else len(shape) + 1 + axis
    return (*shape[:at], 1, *shape[at:])


def _squeezed(shape: Shape, axis: Any) -> Shape:
    if not shape or type(axis) is not int:
        return None
    return tuple(one for index, one in enumerate(shape) if index != axis % len(shape))


# -- layers ------------------------------------------------------------------------------------------------------------


def spec_of(layer: Value | None) -> LayerSpec | None:
    """The catalogue's row of a library layer."""
    return catalog.by_class(layer.dotted) if isinstance(layer, Construct) else None


def channels_first(record: Record, layer: Construct) -> bool:
    """Whether a layer has its channels on axis 1."""
    for name in ("data_format", "dim_ordering"):
        value = layer.bound.get(name)
        if isinstance(value, Const):
            return value.value in CHANNELS_FIRST
    return record.channels_first


def input_shape(layer: Value) -> Shape:
    """The shape that an Input, or the first layer of a Sequential, declares for its input."""
    if not isinstance(layer, Construct):
        return None
    bound = layer.bound
    for name in ("shape", "input_shape"):
        known = lengths(bound.get(name))
        if known is not None:
            return (None, *known)
    for name in ("batch_shape", "batch_input_shape"):
        known = lengths(bound.get(name))
        if known is not None:
            return known
    if layer.kind == "Embedding":
        return (None, None)
    width = bound.get("input_dim")
    return (None, length(width)) if isinstance(width, Const) and layer.kind == "Dense" else None


def layer_shape(record: Record, layer: Construct, shapes: Sequence[Shape]) -> Shape:
    """The shape that a layer gives for the shapes of its inputs."""
    spec = spec_of(layer)
    if spec is None:
        return None
    return _BY_KIND[spec.kind](record, spec, layer, shapes) if spec.kind in _BY_KIND else None


def _first(shapes: Sequence[Shape]) -> Shape:
    return shapes[0] if shapes else None


def _same(_record: Record, _spec: LayerSpec, _layer: Construct, shapes: Sequence[Shape]) -> Shape:
    return _first(shapes)


def _weights(record: Record, spec: LayerSpec, layer: Construct, shapes: Sequence[Shape]) -> Shape:
    shape = _first(shapes)
    units = length(layer.bound.get(spec.units)) if spec.units else None
    if spec.name == "Embedding":
        return (*shape, units) if shape is not None else None
    if spec.rank is not None:
        between = (None,) * (spec.rank - 2)
        return (None, units, *between) if channels_first(record, layer) else (None, *between, units)
    if spec.name == "Dense":
        return (*shape[:-1], units) if shape else None
    return None


def _recurrent(_record: Record, spec: LayerSpec, layer: Construct, shapes: Sequence[Shape]) -> Shape:
    shape = _first(shapes)
    units = length(layer.bound.get(spec.units)) if spec.units else None
    sequences = layer.bound.get("return_sequences")
    if sequences is None or (isinstance(sequences, Const) and not sequences.value):
        return (None, units)
    if isinstance(sequences, Const):
        return (None, shape[1] if shape and len(shape) > 1 else None, units)
    return None


def _pooling(record: Record, spec: LayerSpec, layer: Construct, shapes: Sequence[Shape]) -> Shape:
    shape = _first(shapes)
    at = 1 if channels_first(record, layer) else -1
    if spec.name.startswith("Global"):
        keep = layer.bound.get("keepdims")
        if isinstance(keep, Const) and keep.value:
            return None
        return (None, shape[at] if shape is not None and len(shape) > 1 else None)
    if shape is None or len(shape) < 2:
        return None
    between = (None,) * (len(shape) - 2)
    return (shape[0], shape[1], *between) if at == 1 else (shape[0], *between, shape[-1])


def _merge(_record: Record, spec: LayerSpec, layer: Construct, shapes: Sequence[Shape]) -> Shape:
    if spec.name in {"Concatenate", "Merge"}:
        return _concatenated(layer, shapes)
    return None if spec.name == "Dot" else _agreed(shapes) or _first(shapes)


def _concatenated(layer: Construct, shapes: Sequence[Shape]) -> Shape:
    axis = length(layer.bound.get("axis")) if "axis" in layer.bound else -1
    known = [one for one in shapes if one is not None]
    if axis is None or len(known) != len(shapes) or len({len(one) for one in known}) != 1:
        return None
    rank = len(known[0])
    if not -rank <= axis < rank:
        return None
    at = axis % rank
    parts = [one[at] for one in known]
    total = sum(one for one in parts if one is not None) if None not in parts else None
    return (*known[0][:at], total, *known[0][at + 1 :])


def _preprocessing(_record: Record, spec: LayerSpec, _layer: Construct, shapes: Sequence[Shape]) -> Shape:
    return _first(shapes) if spec.name in {"Rescaling", "Normalization"} else None


def _attention(_record: Record, spec: LayerSpec, _layer: Construct, shapes: Sequence[Shape]) -> Shape:
    return _first(shapes) if spec.name == "MultiHeadAttention" else None


def _wrapper(record: Record, _spec: LayerSpec, layer: Construct, shapes: Sequence[Shape]) -> Shape:
    shape, inner = _first(shapes), layer.bound.get("layer")
    if not isinstance(inner, Construct) or spec_of(inner) is None:
        return None
    if layer.kind == "TimeDistributed":
        taken = (shape[0], *shape[2:]) if shape is not None and len(shape) > 2 else None
        found = layer_shape(record, inner, [taken])
        steps = shape[1] if shape is not None and len(shape) > 1 else None
        return (found[0], steps, *found[1:]) if found is not None else None
    if layer.kind == "Bidirectional":
        found = layer_shape(record, inner, [shape])
        mode = layer.bound.get("merge_mode", Const("concat"))
        if found is not None and isinstance(mode, Const) and mode.value == "concat":
            return (*found[:-1], found[-1] * 2 if found[-1] is not None else None)
        return found
    return layer_shape(record, inner, [shape])


def _moved(_record: Record, spec: LayerSpec, layer: Construct, shapes: Sequence[Shape]) -> Shape:
    shape = _first(shapes)
    match spec.name:
        case "Flatten":
            return _flattened(shape)
        case "Reshape":
            target = lengths(layer.bound.get("target_shape"))
            return (None, *(with_rest(target) or ())) if target is not None else None
        case "Permute":
            return _permuted(shape, lengths(layer.bound.get("dims")))
        case "RepeatVector":
            return (None, length(layer.bound.get("n")), shape[-1] if shape else None)
        case "Masking" | "ActivityRegularization" | "Identity":
            return shape
    return (shape[0], *(None for _ in shape[1:-1]), shape[-1]) if shape else None


def _flattened(shape: Shape) -> Shape:
    if shape is None or len(shape) < 2:
        return (None, None)
    inner = [one for one in shape[1:] if one is not None]
    if len(shape) == 2:
        return shape
    return (shape[0], prod(one or 1 for one in inner)) if len(inner) == len(shape) - 1 else (None, None)


def _permuted(shape: Shape, dims: Shape) -> Shape:
    if dims is None or None in dims:
        return None
    if shape is None or len(shape) != len(dims) + 1:
        return (None,) * (len(dims) + 1)
    return (shape[0], *(shape[one] if one is not None and 0 < one < len(shape) else None for one in dims))


_BY_KIND: Final[Mapping[Kind, Callable[[Record, LayerSpec, Construct, Sequence[Shape]], Shape]]] = {
    Kind.WEIGHTS: _weights,
    Kind.RECURRENT: _recurrent,
    Kind.POOLING: _pooling,
    Kind.MERGE: _merge,
    Kind.SHAPE: _moved,
    Kind.ACTIVATION: _same,
    Kind.ELEMENTWISE: _same,
    Kind.NORMALIZATION: _same,
    Kind.PREPROCESSING: _preprocessing,
    Kind.ATTENTION: _attention,
    Kind.WRAPPER: _wrapper,
}

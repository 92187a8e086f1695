"""Made-up rows for a model whose data nobody has: for every input numbers that it accepts.

Whole numbers for inputs that are looked up in a table (never beyond its length), lengths for those that the model
leaves open, fewer rows where the tensors are large. The same seed gives the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from . import kit as kits

ROWS = 32
FEWEST = 2
BUDGET = 2**28
"""About how many bytes the tensors of one call may take, as far as shapes tell."""
LENGTHS = (12, 32, 64, 28, 224, 256, 7, 1)
"""What is tried for lengths that are left open: the first that the model accepts."""
UNTOLD = ((12,), (12, 12), (32, 32, 3), (28, 28, 1), (64, 64, 3), (4,), (2,), (8, 8, 8, 1))
"""Shapes that are tried for a model that never said what it takes."""
FEWEST_IDS = 2
TEXT = "text"


class NotMeasured(Exception):
    """Why a model cannot be measured."""


class Rows(NamedTuple):
    """Inputs of a model. `inputs` is nested as the model takes them, every array with `size` rows."""

    inputs: Any
    size: int
    specs: tuple[kits.Spec, ...]

    def part(self, first: int, last: int) -> Any:
        """Some of the rows."""
        return kits.mapped(self.inputs, lambda array: array[first:last])


def accepted(
    kit: kits.Kit, model: Any, run: Callable[[Rows], Any], called_on: Any = None, seed: int = 0
) -> tuple[Rows, Any]:
    """The first rows that `run` takes without raising, and what it gave.

    `called_on` is a nest of arrays that the program called the model on, where it did. Raises `NotMeasured`.
    """
    last: BaseException | None = None
    for rows in attempts(kit, model, called_on, seed):
        try:
            return rows, run(rows)
        except NotMeasured:
            raise
        except Exception as error:  # any: whatever the user's layers raise for a shape that is not theirs
            last = error
    raise NotMeasured(
        f"no made-up rows that the model takes: {type(last).__name__}: {_plain(str(last))[:300]}"
        if last
        else "no inputs known"
    )


def attempts(kit: kits.Kit, model: Any, called_on: Any = None, seed: int = 0) -> Iterator[Rows]:
    """Rows to try, the likeliest first."""
    specs = kit.inputs(model)
    if specs is None and called_on is not None:
        specs = _as_specs(called_on)
    if specs is None:
        for shape in UNTOLD:
            yield made_up(kit, model, kits.Spec("inputs", (None, *shape), "float32"), seed)
        return
    told = [one.value for one in kits.flat(specs)]
    if any(spec.dtype in {"string", "object"} for spec in told):
        raise NotMeasured("an input takes text")
    open_ended = any(spec.shape is None or None in spec.shape[1:] for spec in told)
    for length in LENGTHS if open_ended else LENGTHS[:1]:
        yield made_up(kit, model, _all_closed(specs, length), seed)


def made_up(kit: kits.Kit, model: Any, specs: Any, seed: int = 0) -> Rows:
    """Rows for inputs whose lengths are all known."""
    told = tuple(one.value for one in kits.flat(specs))
    fixed = {spec.shape[0] for spec in told if spec.shape and spec.shape[0]}
    count = fixed.pop() if fixed else row_count(kit, model, told)
    tables = _tables(kit, model)
    random = np.random.default_rng(seed)
    rows = kits.mapped(specs, lambda spec: _array(spec, count, tables, random))
    if _takes_bytes(kit, model):
        rows = kits.mapped(rows, _as_bytes)
    return Rows(rows, count, told)


def row_count(kit: kits.Kit, model: Any, specs: tuple[kits.Spec, ...]) -> int:
    """How many rows: fewer where one row takes much memory."""
    sizes = [_size(spec.shape or (1,)) for spec in specs]
    largest = sum(sizes)
    given = {tuple(spec.shape or ()) for spec in specs}
    for layer in kit.layers(model):
        shape = _output_shape(layer)
        if shape is not None:
            largest = max(largest, _size(_fill(shape, given)))
    # a few of the largest tensors live at the same time
    return int(min(ROWS, max(FEWEST, BUDGET // (4 * 8 * max(largest, 1)))))


def _plain(text: str) -> str:
    """A message of Keras's without its colours, its first lines."""
    return " ".join(re.sub("\x1b\\[[0-9;]*m", "", text).split())


# -- one input ---------------------------------------------------------------------------------------------------------


def _array(spec: kits.Spec, count: int, tables: list[tuple[Any, int]], random: Any) -> Any:
    shape = (count, *[length or 1 for length in (spec.shape or ())[1:]])
    limit = _limit(spec, tables)
    if limit is not None:
        return random.integers(0, limit, shape).astype(
            spec.dtype if spec.dtype.startswith(("int", "uint")) else "int32" if spec.dtype != "float32" else "float32"
        )
    if spec.dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    return random.normal(0.0, 1.0, shape).astype(spec.dtype if spec.dtype in {"float64", "float16"} else "float32")


def _limit(spec: kits.Spec, tables: list[tuple[Any, int]]) -> int | None:
    """Below which number whole numbers have to stay; nothing where any number will do."""
    integer = spec.dtype.startswith(("int", "uint"))
    # an input of floats that goes to a table: Keras 2 makes `Input` a float one when nobody says otherwise
    lengths = [length for names, length in tables if spec.name in names] or (
        [length for _, length in tables] if integer or (tables and all(not names for names, _ in tables)) else []
    )
    if lengths:
        return max(min(lengths), FEWEST_IDS) if min(lengths) >= FEWEST_IDS else 1
    return FEWEST_IDS if integer else None


def _takes_bytes(kit: kits.Kit, model: Any) -> bool:
    """Whether a layer turns what it gets into numbers without a sign: what becomes of negative ones is left open, and
    is not even the same for a row alone and in a batch."""
    return any(kit.policy_of(layer).startswith("uint") for layer in kit.layers(model))


def _as_bytes(array: Any) -> Any:
    """About the same rows as numbers from 0 to 255."""
    return np.clip(np.round(array * 64 + 128), 0, 255) if array.dtype.kind == "f" else array


def _tables(kit: kits.Kit, model: Any) -> list[tuple[Any, int]]:
    """The layers that look numbers up: which inputs they read, as far as that is told, and how long their table is."""
    found = []
    for layer in kit.layers(model):
        length = getattr(layer, "input_dim", None)
        if not isinstance(length, int):
            length = getattr(layer, "num_tokens", None) if type(layer).__name__ == "CategoryEncoding" else None
        if isinstance(length, int) and (
            hasattr(layer, "embeddings_initializer") or type(layer).__name__ == "CategoryEncoding"
        ):
            found.append((_read_by(layer), length))
    return found


def _read_by(layer: Any) -> tuple[str, ...]:
    """The names of the inputs that a layer reads as they are."""
    names: dict[str, None] = {}
    for node in getattr(layer, "_inbound_nodes", None) or ():
        for name in ("input_tensors", "keras_inputs"):
            for one in kits.flat(getattr(node, name, None)):
                origin = getattr(one.value, "_keras_history", None)
                source = getattr(origin, "operation", None) or getattr(origin, "layer", None)
                if type(source).__name__ == "InputLayer":
                    names[str(getattr(one.value, "name", "")).split(":")[0]] = None
                    names[str(getattr(source, "name", ""))] = None
    return tuple(names)


# -- shapes ------------------------------------------------------------------------------------------------------------


def _closed(spec: kits.Spec, length: int) -> kits.Spec:
    shape = spec.shape if spec.shape is not None else (None, None)
    return replace(
        spec, shape=(shape[0], *[one if one is not None else length for one in shape[1:]]) if shape else (None, length)
    )


def _all_closed(specs: Any, length: int) -> Any:
    return kits.mapped(specs, lambda spec: _closed(spec, length))


def _as_specs(called_on: Any, name: str = "inputs") -> Any:
    if isinstance(called_on, dict):
        return {key: _as_specs(one, str(key)) for key, one in called_on.items()}
    if isinstance(called_on, (list, tuple)):
        return [_as_specs(one, f"{name}_{number}") for number, one in enumerate(called_on)]
    return kits.Spec(name, (None, *[int(length) for length in called_on.shape[1:]]), str(called_on.dtype))


def _output_shape(layer: Any) -> tuple[int | None, ...] | None:
    try:
        shape = getattr(layer, "output", None)
        shape = tuple(shape.shape) if shape is not None and not isinstance(shape, (list, dict)) else None
    except Exception:  # any: layers that were never called raise
        return None
    return shape


def _size(shape: Any) -> int:
    total = 1
    for length in shape[1:]:
        total *= length or 1
    return total


def _fill(shape: Any, given: Any) -> Any:
    """Open lengths of a layer are about as long as the longest that is fed."""
    longest = max((length or 1 for one in given for length in one[1:-1]), default=1)
    return [length if length is not None else longest for length in shape]

"""Walking back from a tensor: what leads to it, whether its first axis is still the batch, whether a model made it."""

from __future__ import annotations

from typing import Final

from keraslint.static.bounds import MOST_STEPS_BACK, MOST_TENSORS
from keraslint.static.catalog.functions import ROW_BY_ROW
from keraslint.static.values import Choice, Dict, List, Tensor, Tuple, Unknown, Value, tensors_in

MADE_BY_A_MODEL: Final = frozenset({"layer", "model", "weights"})
BATCHED: Final = MADE_BY_A_MODEL | {"features", "input"}
"""Operations whose axis 0 is the batch."""


def behind(outputs: Value, most: int = MOST_TENSORS) -> list[Tensor]:
    """The tensors that lead to some outputs, last first."""
    found: list[Tensor] = []
    seen: set[int] = set()
    stack: list[Value] = [outputs]
    while stack and len(found) < most:
        one = stack.pop()
        # a list may hold itself, or the same list many times
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Tensor):
            found.append(one)
            stack.extend(reversed(one.inputs))
        elif isinstance(one, Choice):
            stack.extend(value for _, value in one.alternatives)
        elif isinstance(one, Tuple):
            stack.extend(one.items)
        elif isinstance(one, List):
            stack.append(one.state["items"])
        elif isinstance(one, Dict):
            stack.extend(value for _, value in one.items())
    return found


def in_order(outputs: Value, most: int = MOST_TENSORS) -> list[Tensor]:
    """The tensors that lead to some outputs, each behind all that it was made from."""
    found: list[Tensor] = []
    seen: set[int] = set()
    stack = [(one, False) for one in reversed(list(tensors_in((outputs,))))]
    while stack and len(found) < most:
        tensor, ready = stack.pop()
        if ready:
            found.append(tensor)
        elif tensor.serial not in seen:
            seen.add(tensor.serial)
            # what goes into a nested model comes before what is in it
            inputs = (*tensor.inputs[1:], *tensor.inputs[:1]) if tensor.op == "model" else tensor.inputs
            stack.append((tensor, True))
            stack.extend((one, False) for value in reversed(inputs) for one in reversed(list(tensors_in((value,)))))
    return found


def from_model(value: Value) -> bool:
    """Whether a tensor comes out of a model or layer."""
    for _ in range(MOST_STEPS_BACK):
        if isinstance(value, Choice):
            value = value.alternatives[0][1]
        if not isinstance(value, Tensor):
            return False
        if value.op in MADE_BY_A_MODEL:
            return True
        if not value.inputs:
            return False
        value = value.inputs[0]
    return False


def has_batch(value: Value) -> bool | None:
    """Whether axis 0 of a tensor is the batch. `None`: it comes from a parameter that nothing is known of."""
    for _ in range(MOST_STEPS_BACK):
        if isinstance(value, Choice):
            value = value.alternatives[0][1]
        if isinstance(value, Unknown):
            return None if isinstance(value.key, tuple) and value.key[0] in {"u", "parameter"} else False
        if not isinstance(value, Tensor):
            return False
        if value.op in BATCHED:
            return True
        if not _keeps_batch(value) or not value.inputs:
            return False
        value = next((one for one in value.inputs if isinstance(one, (Tensor, Choice))), value.inputs[0])
    return False


def _keeps_batch(tensor: Tensor) -> bool:
    if tensor.op in {"expand_dims", "max", "mean", "sum"}:
        return tensor.params.get("axis") not in (None, 0)
    return tensor.op in ROW_BY_ROW

"""One pass through a model, watched: which layer made which tensor from which, and the same again with other numbers.

`watched` records every call of a layer (and of an operation of Keras 3) while the model runs eagerly. `Watched.replay`
runs the recorded calls between two tensors once more with numbers of our choice in the place of the first one. For the
time of the pass the `__call__` of the class of all layers is another one; no model and no layer is touched.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import kit as kits

HELD = 2**28
"""How many bytes of tensors that were passed on are held: those of the last layers, which are all that is asked for."""


class Call:
    """One call of a layer or operation. `inner` are the calls made while it ran, `takes` the calls that made the
    tensors among its arguments, by their way in the arguments. `order` numbers calls as they began, `number` those
    that gave tensors as they ended; `first` is the number of the first one inside."""

    def __init__(self, op: Any, args: Any, kwargs: Any, outer: Call | None, order: int) -> None:
        self.op = op
        self.args = args
        self.kwargs = kwargs
        self.outer = outer
        self.order = order
        self.inner: list[Call] = []
        self.takes: list[tuple[Any, Source | None]] = []
        self.gives: list[kits.Named] = []
        self.outcome: Any = None
        self.whole = True
        self.number = 0
        self.first = 0

    @property
    def kind(self) -> str:
        return type(self.op).__name__

    @property
    def tensor(self) -> Any:
        """The only tensor that it gives; nothing where it gives several."""
        return self.gives[0].value if len(self.gives) == 1 else None

    def __repr__(self) -> str:
        return f"<{self.order} {self.kind}>"


class Source:
    """Where a tensor comes from: an output of a call, or an input of the model where `call` is nothing."""

    def __init__(self, call: Call, number: int) -> None:
        self.call = call
        self.number = number

    @property
    def tensor(self) -> Any:
        return self.call.gives[self.number].value


class Watched:
    """What a pass recorded. `root` is the call of the model itself."""

    def __init__(self, kit: kits.Kit) -> None:
        self.kit = kit
        self.calls: list[Call] = []
        self.stack: list[Call] = []
        self.made: dict[int, tuple[Any, Source]] = {}
        self.order = 0
        self.held: deque[tuple[Call, int]] = deque()
        self.size = 0
        self.strayed = False

    @property
    def root(self) -> Call:
        return self.calls[-1]

    # -- recording ------------------------------------------------------------------------------------------------

    def began(self, op: Any, args: Any, kwargs: Any) -> Call:
        """A layer is called."""
        call = Call(op, args, kwargs, self.stack[-1] if self.stack else None, self.order)
        call.first = len(self.calls)
        self.order += 1
        for one in kits.flat((args, kwargs)):
            if self.kit.is_tensor(one.value):
                call.takes.append((one.path, self.source(one.value)))
        self.stack.append(call)
        return call

    def ended(self, call: Call, outcome: Any, instead: Any) -> Any:
        """A layer has answered; `instead` may give another answer. Symbols, and what is being traced, are passed on."""
        self.stack.pop()
        found = kits.flat(outcome)
        if not found or not all(self.kit.is_tensor(one.value) for one in found):
            return outcome
        if instead is not None:
            outcome = instead(len(self.calls), outcome)
            found = kits.flat(outcome)
        call.gives = found
        call.outcome = outcome
        if call.outer is not None:
            call.outer.inner.append(call)
        call.number = len(self.calls)
        self.calls.append(call)
        for number, one in enumerate(found):
            # what passes a tensor on as it is has not made it: a model around its last layer, an idle dropout
            if self.source(one.value) is None:
                self.made[id(one.value)] = (_reference(one.value), Source(call, number))
        self._hold(call)
        return outcome

    def failed(self) -> None:
        """A layer raised."""
        self.stack.pop()

    def source(self, tensor: Any) -> Source | None:
        """Who made a tensor."""
        known = self.made.get(id(tensor))
        return known[1] if known is not None and known[0]() is tensor else None

    def _hold(self, call: Call) -> None:
        """Keep the tensors of the last calls, and forget older ones when they are too many bytes."""
        size = sum(_bytes(one.value) for one in call.gives)
        self.held.append((call, size))
        self.size += size
        while self.size > HELD and len(self.held) > 1:
            old, freed = self.held.popleft()
            self.size -= freed
            old.args = old.kwargs = None
            old.outcome = None
            old.gives = []
            old.whole = False

    # -- asking ---------------------------------------------------------------------------------------------------

    def same(self, array: Any, before: Call) -> Source | None:
        """The last call before that gave exactly these numbers, where identity was lost (a tensor was cast)."""
        for call in reversed(self.calls):
            if call.order >= before.order or _contains(call, before):
                continue
            for number, one in enumerate(call.gives):
                if tuple(one.value.shape) == array.shape and _equal(self.kit.numpy(one.value), array):
                    return Source(call, number)
        return None

    def replay(self, target: Source, given: dict[int, Any]) -> Any:
        """The tensor of `target` once more, where the tensors by the ids in `given` are others now."""
        return self._replayed(target, given, {})

    def _replayed(self, source: Source, given: dict[int, Any], done: dict[int, list[kits.Named]]) -> Any:
        tensor = source.tensor
        if id(tensor) in given:
            return given[id(tensor)]
        call = source.call
        if call.order not in done:
            if not self.depends(call, given):
                return tensor
            fresh = {path: self._replayed(one, given, done) for path, one in call.takes if one is not None}
            args, kwargs = put((call.args, call.kwargs), fresh)
            done[call.order] = kits.flat(self.again(call, args, kwargs))
        return done[call.order][source.number].value

    def again(self, call: Call, args: Any, kwargs: Any) -> Any:
        """What the layer of a call gives for other arguments, at inference."""
        if "training" not in kwargs and self.kit.takes_training(call.op):
            kwargs = {**kwargs, "training": False}
        with self.kit.inference():
            return call.op(*args, **kwargs)

    def rerun(self, scope: Call, inside: Call, value: Any, target: tuple[Call, Any]) -> Any:
        """Run the layer of `scope` once more, where one call inside it gives `value` instead.

        `target` is a call inside and the way of one of its arguments, or `scope` and the number of an output.
        """
        first = scope.first
        wanted = inside.number - first
        children = iter(scope.inner)

        def instead(number: int, outcome: Any) -> Any:
            return put_only(outcome, value) if number == wanted else outcome

        def known(again: Watched, op: Any) -> Call | None:
            """What a layer gave the first time, where it came before and need not run again."""
            if len(again.stack) != 1 or again.strayed:
                return None
            child = next(children, None)
            if child is None or child.op is not op or child.first - first != len(again.calls):
                again.strayed = True
                return None
            if child.number > inside.number or (child is not inside and _contains(child, inside)) or not child.whole:
                return None
            again.calls += self.calls[child.first : child.number + 1]
            return child

        with watching(self.kit, instead, known) as watched:
            outcome = self.again(scope, scope.args, scope.kwargs)
        if len(watched.calls) != scope.number - first + 1:
            raise RuntimeError("the layer ran another way")
        call, way = target
        if call is scope:
            return kits.flat(outcome)[way].value
        found = watched.calls[call.number - first]
        return next(one.value for one in kits.flat((found.args, found.kwargs)) if one.path == way)

    def depends(self, call: Call, given: dict[int, Any]) -> bool:
        """Whether what a call gives depends on one of the tensors by these ids."""
        todo, seen = [call], set()
        while todo:
            one = todo.pop()
            if one.order in seen:
                continue
            seen.add(one.order)
            for _, source in one.takes:
                if source is not None and source.call.whole:
                    if id(source.tensor) in given:
                        return True
                    todo.append(source.call)
        return False


@contextmanager
def watching(
    kit: kits.Kit,
    instead: Callable[[int, Any], Any] | None = None,
    known: Callable[[Watched, Any], Call | None] | None = None,
) -> Iterator[Watched]:
    """Record what runs inside.

    `instead(number, outcome)` may give another outcome for a call; a layer for which `known` gives a call is not run,
    and answers what it answered then.
    """
    watched = Watched(kit)
    replaced: list[tuple[Any, Any]] = []
    for owner in dict.fromkeys((kit.layer_class, kit.operation_class)):
        original = owner.__dict__.get("__call__")
        if original is None:
            continue
        replaced.append((owner, original))
        owner.__call__ = _watching_call(watched, original, owner, instead, known)
    try:
        yield watched
    finally:
        for owner, original in replaced:
            owner.__call__ = original


def _watching_call(watched: Watched, original: Any, owner: Any, instead: Any, known: Any) -> Any:
    layers = watched.kit.layer_class

    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        if owner is not layers and isinstance(self, layers):
            return original(self, *args, **kwargs)  # the second half of a layer's own call
        before = known(watched, self) if known is not None else None
        if before is not None:
            return before.outcome if instead is None else instead(len(watched.calls) - 1, before.outcome)
        call = watched.began(self, args, kwargs)
        try:
            outcome = original(self, *args, **kwargs)
        except BaseException:
            watched.failed()
            raise
        return watched.ended(call, outcome, instead)

    return __call__


def _contains(outer: Call, inner: Call) -> bool:
    call: Call | None = inner
    while call is not None:
        if call is outer:
            return True
        call = call.outer
    return False


def put(nest: Any, fresh: dict[Any, Any], path: tuple[Any, ...] = ()) -> Any:
    """The nest with other leaves at some ways."""
    if path in fresh:
        return fresh[path]
    if isinstance(nest, dict):
        return {key: put(part, fresh, (*path, key)) for key, part in nest.items()}
    if isinstance(nest, tuple) and hasattr(nest, "_fields"):
        return type(nest)(*(put(part, fresh, (*path, number)) for number, part in enumerate(nest)))
    if isinstance(nest, (list, tuple)):
        return type(nest)(put(part, fresh, (*path, number)) for number, part in enumerate(nest))
    return nest


def put_only(nest: Any, value: Any) -> Any:
    """The nest with another tensor in the place of its only one."""
    found = kits.flat(nest)
    return put(nest, {found[0].path: value}) if found else nest


def _reference(tensor: Any) -> Callable[[], Any]:
    try:
        return weakref.ref(tensor)
    except TypeError:
        return lambda: tensor


def _bytes(tensor: Any) -> int:
    total = 4
    for length in tensor.shape:
        total *= int(length)
    return total


def _equal(left: Any, right: Any) -> bool:
    return bool(np.array_equal(left.astype(float), right.astype(float)))

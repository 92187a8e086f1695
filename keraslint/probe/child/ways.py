"""The way from the last weights of a model to one output, cut into pieces that can be run by themselves.

`way(...)` walks back from an output through the calls that a pass recorded. Every piece is a function of one tensor:
a layer or an operation without weights, several of them between two tensors that everything passes (`z / sum(z)`), or
code of the program between two layers. The walk ends at a layer with weights, at an input, or where it cannot follow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from . import affine, forms
from . import kit as kits
from .watch import Call, Source, Watched

MOST_PIECES = 24
MOST_GUESSES = 6
SECONDS = 8.0
"""After so long, code of the program is left alone."""
"""How many tensors inside a layer of the program are tried as the one that it works on."""
NORMALISING = frozenset({"BatchNormalization", "LayerNormalization", "GroupNormalization", "SyncBatchNormalization"})
RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
PLAIN = frozenset(
    {"Dense", "EinsumDense", "Embedding", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose"}
    | {"Conv3DTranspose", "SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D"}
    | {"LocallyConnected1D", "LocallyConnected2D", "ReversibleEmbedding"}
)
"""Layers whose outputs are their scores behind an `activation`, and nothing else."""


class Piece:
    """A function of one tensor on the way.

    `kinds` are the classes of the layers in it; `deep` tells that it is code that cannot be cut further; `fixed` that
    it takes only as many rows as were recorded. `channels` is known where it takes no other number of them, `free`
    where the others count as zero.
    """

    def __init__(
        self,
        run: Callable[[Any], Any],
        start: Any,
        kinds: tuple[str, ...],
        ops: tuple[Any, ...] = (),
        *,
        deep: bool = False,
        fixed: bool = False,
        channels: int | None = None,
        free: int | None = None,
    ) -> None:
        self.run = run
        self.start = start
        self.kinds = kinds
        self.ops = ops
        self.deep = deep
        self.fixed = fixed
        self.channels = channels
        self.free = free

    def then(self, other: Piece) -> Piece:
        """This and what follows it, as one piece."""
        first, second = self.run, other.run
        return Piece(
            lambda value: second(first(value)),
            self.start,
            self.kinds + other.kinds,
            self.ops + other.ops,
            deep=True,
            fixed=self.fixed or other.fixed,
            channels=self.channels,
            free=self.free,
        )


class Way:
    """`pieces` are in the order of application. `end` is the call where the walk ended, `why` what stands there:
    `plain` (scores of a layer with weights, the first piece is its activation), `weights` (another layer with weights),
    `merge`, `input` or `lost`. `guess` is what that layer with weights is, told by straight lines alone."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.end: Call | None = None
        self.why = "lost"
        self.branches: list[Source] = []
        self.source: Source | None = None
        self.guess: forms.Fit | None = None


def way(watched: Watched, output: Source) -> Way:
    """Walk back from an output."""
    found = Way()
    source: Source | None = output
    while source is not None and len(found.pieces) < MOST_PIECES:
        found.source = source
        source = _back(watched, source, found)
    found.pieces.reverse()
    return found


def _back(watched: Watched, source: Source, found: Way) -> Source | None:
    kit, call = watched.kit, source.call
    if call.outer is not None and getattr(call.outer.op, "activation", None) is call.op and call.outer.whole:
        call = call.outer  # a layer that is the activation of another one
    found.end = call
    if not call.whole:
        return None
    if call is not source.call:
        _end_at_weights(watched, call, found)
        return None
    weighted = kit.has_weights(call.op)
    if call.inner and call.kind == "TimeDistributed":
        return _back_steps(watched, source, found)
    if call.inner:
        return _back_code(watched, source, found)
    if weighted and call.kind != "PReLU":
        _end_at_weights(watched, call, found)
        return None
    return _back_free(watched, source, found)


def _end_at_weights(watched: Watched, call: Call, found: Way) -> None:
    found.why = "weights"
    piece = _steps_activation(watched, call) if call.kind == "TimeDistributed" else _own_activation(watched, call)
    own = watched.kit.is_own(call.op)
    if piece is not None and (own or not _is_linear(watched.kit, piece)):
        found.pieces.append(piece)
        found.why = "plain"
    elif own and (call.kind in PLAIN or call.kind in NORMALISING):
        found.why = "plain"
    elif not own:
        piece = _of_the_program(watched, call)
        if piece is not None:
            found.pieces.append(piece)
            found.why = "plain"
        else:
            found.guess = _guessed(watched, call)


def _guessed(watched: Watched, call: Call) -> forms.Fit | None:
    """What a layer of the program does behind something affine: of its input, or of one of its kernels."""
    kit = watched.kit
    paths = [path for path, _ in call.takes]
    given = argument(call, paths[0]) if len(paths) == 1 else None
    if given is None or call.tensor is None or not kit.dtype(given).startswith(("float", "bfloat")):
        return None
    run, dtype = _called_with(watched, call, paths[0], 0), kit.dtype(given)
    kind = precision(kit, Piece(run, given, (), (call.op,)))
    shape = (6, *[int(length) for length in given.shape[1:]])

    def by_input(x: Any, knob: float) -> Any:
        return kit.numpy(run(kit.tensor(x * knob, dtype))).astype(float)

    def by_kernel(weight: Any) -> Callable[[Any, float], Any]:
        array, own = kit.read(weight).astype(float), kit.dtype(weight)

        def turned(x: Any, knob: float) -> Any:
            with kit.weights([weight]):
                weight.assign(kit.tensor(array * knob, own))
                return kit.numpy(run(kit.tensor(x, dtype))).astype(float)

        return turned

    kernels = [weight for weight in reversed(list(call.op.weights)) if len(weight.shape) > 1]
    for knob in (by_input, *(by_kernel(weight) for weight in kernels[:2])):
        try:
            fit = affine.by_links(knob, shape, kind)
        except Exception:  # any: code of the user, run with numbers of ours
            continue
        if fit is not None:
            return fit
    return None


def _is_linear(kit: kits.Kit, piece: Piece) -> bool:
    """Whether an activation does nothing; then a layer of the program may do anything by itself."""
    fit = forms.recognised(as_arrays(kit, piece), (6, 4), precision(kit, piece))
    return fit is not None and fit.name == "linear"


def _of_the_program(watched: Watched, call: Call) -> Piece | None:
    """A layer of the program with weights of its own, as a function of its scores."""
    paths = [path for path, _ in call.takes]
    given = argument(call, paths[0]) if len(paths) == 1 else None
    if given is None or call.tensor is None or not len(given.shape) or not len(call.tensor.shape):
        return None
    run = _called_with(watched, call, paths[0], 0)
    return scored_piece(watched, run, given, call.tensor, list(call.op.weights), call)


def scored_piece(
    watched: Watched, run: Callable[[Any], Any], given: Any, gives: Any, weights: list[Any], call: Call
) -> Piece | None:
    """Code with weights as a function of its scores, where that is a function with a name."""
    kit = watched.kit
    takes, channels = int(given.shape[-1]), int(gives.shape[-1])
    for kernel in affine.kernels(kit, weights, takes, channels):
        piece = Piece(
            affine.scored(kit, run, kernel, weights),
            kit.cast(gives, kit.dtype(given)),
            (call.kind,),
            (call.op,),
            deep=True,
            channels=channels,
            free=min(takes, channels) if takes < channels else None,
        )
        small = (6, *[min(int(length), 5) for length in given.shape[1:-1]], channels)
        try:
            fit = forms.recognised(as_arrays(kit, piece), small, precision(kit, piece), deep=True, free=piece.free)
        except Exception:  # any: code of the user, run with numbers of ours
            continue
        if fit is not None and not fit.move:
            return piece
    return None


# -- one call without weights ------------------------------------------------------------------------------------------


def _back_free(watched: Watched, source: Source, found: Way) -> Source | None:
    """A call without weights: a piece between its input and its output."""
    call = source.call
    sources = [_known(watched, call, path, one) for path, one in call.takes]
    if not call.takes or any(one is None for one in sources):
        return _back_inputs(watched, source, sources, found)
    start = sources[0] if len({id(one.tensor) for one in sources if one}) == 1 else _dominator(watched, call)
    if start is None:
        found.why = "merge"
        found.branches = [one for one in sources if one is not None]
        return None
    found.pieces.append(_replayed(watched, start, source))
    return start


def _known(watched: Watched, call: Call, path: Any, source: Source | None) -> Source | None:
    """Who made an argument, by its numbers where it was cast on the way."""
    if source is not None:
        return source if source.call.whole else None
    tensor = argument(call, path)
    found = watched.same(watched.kit.numpy(tensor), call) if tensor is not None else None
    if found is not None:
        call.takes = [(way, found if way == path else one) for way, one in call.takes]
    return found


def argument(call: Call, path: Any) -> Any:
    """One tensor among the arguments of a call."""
    return next((one.value for one in kits.flat((call.args, call.kwargs)) if one.path == path), None)


def _back_inputs(watched: Watched, source: Source, sources: list[Source | None], found: Way) -> Source | None:
    """A call that takes an input of the model, or a tensor that code of the program made."""
    call = source.call
    paths = [path for path, _ in call.takes]
    scope = call.outer
    if len(paths) == 1 and scope is not None and scope.inner:
        start = argument(call, paths[0])
        if start is None:
            return None
        run = _called_with(watched, call, paths[0], source.number)
        found.pieces.append(Piece(run, start, (call.kind,), (call.op,)))
        if any(one.value is start for one in kits.flat((scope.args, scope.kwargs))):
            found.why = "input"
            return None
        return _code(watched, scope, (call, paths[0]), start, call.order, found)
    found.why = "lost"
    return None


def _called_with(watched: Watched, call: Call, path: Any, number: int) -> Callable[[Any], Any]:
    from .watch import put

    def run(value: Any) -> Any:
        args, kwargs = put((call.args, call.kwargs), {path: value})
        return kits.flat(watched.again(call, args, kwargs))[number].value

    return run


def _replayed(watched: Watched, start: Source, end: Source) -> Piece:
    key = id(start.tensor)
    between = _between(start, end)
    return Piece(
        lambda value: watched.replay(end, {key: value}),
        start.tensor,
        tuple(one.kind for one in between),
        tuple(one.op for one in between),
        deep=len(between) > 1 or any(one.kind == "Lambda" or not watched.kit.is_own(one.op) for one in between),
    )


def _between(start: Source, end: Source) -> list[Call]:
    """The calls between two tensors, in order."""
    todo, seen = [end.call], {}
    while todo:
        call = todo.pop()
        if call.order in seen or call is start.call:
            continue
        seen[call.order] = call
        todo += [one.call for _, one in call.takes if one is not None]
    return [seen[order] for order in sorted(seen)]


def _dominator(watched: Watched, call: Call) -> Source | None:
    """The nearest tensor that everything passes on its way to a call, where only calls without weights lie between."""
    near: list[Source] = []
    todo = [call]
    seen: set[int] = set()
    while todo and len(seen) < 64:
        one = todo.pop()
        if one.order in seen:
            continue
        seen.add(one.order)
        for path, _ in one.takes:
            source = _known(watched, one, path, dict(one.takes)[path])
            if source is None:
                continue
            near.append(source)
            if not watched.kit.has_weights(source.call.op) and not source.call.inner:
                todo.append(source.call)
    near.sort(key=lambda one: one.call.order, reverse=True)
    for candidate in near:
        if candidate.call is not call and _all_pass(watched, call, candidate):
            return candidate
    return None


def _all_pass(watched: Watched, call: Call, candidate: Source) -> bool:
    todo, seen = [call], set()
    while todo:
        one = todo.pop()
        if one.order in seen:
            continue
        seen.add(one.order)
        if not one.takes:
            return False
        for _, source in one.takes:
            if source is None:
                return False
            if source.tensor is candidate.tensor:
                continue
            if not source.call.whole or source.call.inner or watched.kit.has_weights(source.call.op):
                return False
            todo.append(source.call)
    return True


# -- code of the program -----------------------------------------------------------------------------------------------


def _back_code(watched: Watched, source: Source, found: Way) -> Source | None:
    """A layer or model that made its output by code of its own from what layers inside gave."""
    scope = source.call
    return _code(watched, scope, (scope, source.number), source.tensor, scope.order + 10**9, found)


def _code(watched: Watched, scope: Call, target: Any, wanted: Any, before: int, found: Way) -> Source | None:
    """The layer inside `scope` whose output is what the code works on."""
    kit = watched.kit
    inside = [one for one in _all_inside(scope) if one.order < before and one.tensor is not None and one.whole]
    inside.sort(key=lambda one: one.number, reverse=True)
    until = time.monotonic() + SECONDS
    for call in inside[:MOST_GUESSES]:
        start = call.tensor
        if time.monotonic() > until:
            break
        if not kit.dtype(start).startswith(("float", "bfloat")):
            continue
        made = watched.source(start)
        if made is None or made.call is not call:
            continue
        piece = Piece(
            lambda value, call=call: watched.rerun(scope, call, value, target),  # type: ignore[misc]
            start,
            (scope.kind,),
            (scope.op,),
            deep=True,
            fixed=True,
        )
        try:
            fit = forms.recognised(as_arrays(kit, piece), tuple(start.shape), precision(kit, piece), deep=True)
        except Exception:  # any: code of the user, run with numbers of ours
            fit = None
        if fit is not None:
            found.pieces.append(piece)
            return made
        weighted = scored_piece(watched, piece.run, start, wanted, list(scope.op.weights), scope)
        if weighted is not None:
            found.pieces.append(weighted)
            found.why, found.end = "plain", scope
            return None
    found.why = "lost"
    return None


def _all_inside(scope: Call) -> list[Call]:
    found: list[Call] = []
    for call in scope.inner:
        found += [call, *_all_inside(call)]
    return found


def as_arrays(kit: kits.Kit, piece: Piece) -> Callable[[Any], Any]:
    """A piece as a function of arrays."""
    dtype = kit.dtype(piece.start)
    return lambda array: kit.numpy(piece.run(kit.tensor(array, dtype))).astype(float)


def precision(kit: kits.Kit, piece: Piece) -> str:
    """The coarsest type in which a piece computes."""
    types = [kit.dtype(piece.start), *(kit.policy_of(op) for op in piece.ops)]
    return next((one for one in ("bfloat16", "float16", "float32") if one in types), "float32")


# -- the activation of a layer with weights ----------------------------------------------------------------------------


def _own_activation(watched: Watched, call: Call) -> Piece | None:
    """The activation of a layer, where what the layer gives is that activation of its scores, and nothing more."""
    kit, layer = watched.kit, call.op
    if not hasattr(layer, "activation") or call.kind in RECURRENT:
        return None
    activation = layer.activation
    if activation is None:
        return None
    if not callable(activation):
        return None
    scores: list[Any] = []

    def listening(value: Any, *rest: Any, **more: Any) -> Any:
        scores.append(value)
        return activation(value, *rest, **more)

    with instead_of(layer, "activation", listening):
        again = kits.flat(watched.again(call, call.args, call.kwargs))
    if len(scores) != 1 or len(again) != 1 or not kit.is_tensor(scores[0]):
        return None
    with kit.inference():
        direct = kit.numpy(activation(scores[0]))
    given = kit.numpy(again[0].value)
    if direct.shape != given.shape or not _same(direct, given):
        return None
    return Piece(activation, scores[0], (name_of(activation),), (layer,), deep=not is_keras(activation))


def _steps_activation(watched: Watched, call: Call) -> Piece | None:
    """The activation of the layer that `TimeDistributed` applies to every step."""
    kit, layer = watched.kit, call.op.layer
    activation = getattr(layer, "activation", None)
    if type(layer).__name__ not in PLAIN or not kit.is_own(layer) or not callable(activation):
        return None

    def run(value: Any) -> Any:
        steps = [activation(value[:, number]) for number in range(int(value.shape[1]))]
        return _stacked(kit, steps)

    return Piece(run, call.tensor, (name_of(activation),), (layer,), deep=not is_keras(activation))


def _back_steps(watched: Watched, source: Source, found: Way) -> Source | None:
    """A model that `TimeDistributed` applies to every step: the way goes on inside, at the last step."""
    kit, call = watched.kit, source.call
    last = call.inner[-1]
    steps = int(call.tensor.shape[1]) if call.tensor is not None and len(call.tensor.shape) > 1 else 0
    if last.tensor is None or not steps:
        return None
    made = watched.source(last.tensor)
    found.pieces.append(
        Piece(lambda value: _stacked(kit, [value] * steps), last.tensor, ("TimeDistributed",), (call.op,), deep=True)
    )
    return made


def _stacked(kit: kits.Kit, steps: list[Any]) -> Any:
    if kit.generation == 3:
        return kit.keras.ops.stack(steps, axis=1)
    return kit.tensorflow.stack(steps, axis=1)


class instead_of:  # noqa: N801
    """Another value for an attribute of one layer, inside a `with`; nothing of Keras notices."""

    def __init__(self, owner: Any, name: str, value: Any) -> None:
        self.owner, self.name, self.value = owner, name, value

    def __enter__(self) -> None:
        self.had = self.name in vars(self.owner)
        self.kept = vars(self.owner).get(self.name)
        object.__setattr__(self.owner, self.name, self.value)

    def __exit__(self, *error: object) -> None:
        if self.had:
            object.__setattr__(self.owner, self.name, self.kept)
        else:
            object.__delattr__(self.owner, self.name)


LAYERS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "Softmax": "softmax"}
"""Layers that are given as an activation, by the function that they apply with what they have for settings."""


def name_of(activation: Any) -> str:
    """What a function, or a layer that is one, is called."""
    name = str(getattr(activation, "__name__", type(activation).__name__))
    return LAYERS.get(name, name)


def is_keras(activation: Any) -> bool:
    """Whether a function is one of Keras's own."""
    module = str(getattr(activation, "__module__", "") or "")
    return module.split(".")[0] in {"keras", "tf_keras"} or module.startswith("tensorflow.python.keras")


def _same(left: Any, right: Any) -> bool:
    import numpy as np

    return bool(np.allclose(left.astype(float), right.astype(float), rtol=1e-3, atol=1e-5, equal_nan=True))

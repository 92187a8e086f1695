"""From what the child process says to a model: one JSON object on each line, and not a word of it is trusted.

The child ran the user's code, which may have written anything to the pipe. So every line is checked: its size, its
types, that numbers are numbers and words are words. A line that is not understood is one that says so; the others
stand.

Every fact is measured. Its place is that of the layer, or of the `compile`, it was measured at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite, isnan, nan
from typing import Any, Final, TypeVar

from keraslint.model import (
    Activation,
    Confidence,
    Coupling,
    Fact,
    Flow,
    Goal,
    Head,
    Layer,
    Loss,
    Measured,
    Metric,
    Model,
    NotChecked,
    Origin,
    Outputs,
    Program,
    Route,
    Runtime,
    Span,
    Sums,
    Training,
    Trial,
)
from keraslint.objective import BACKENDS, FAMILIES, FORMULAS, steps_of
from keraslint.probe.places import Places

T = TypeVar("T")
Json = Mapping[str, Any]

LONGEST_LINE: Final = 8 << 20
MOST_LINES: Final = 10_000
MOST_WORDS: Final = 400
"""Characters of a message."""
MOST_PARTS: Final = {"layers": 20_000, "heads": 64, "trainings": 16, "losses": 64, "metrics": 64, "sums": 8}
MOST_ITEMS: Final = 1_000
MOST_COUNTS: Final = 64
MOST_UNITS: Final = 1 << 31
SURE: Final = {"high": Confidence.HIGH, "medium": Confidence.MEDIUM}

RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "linear": (-inf, inf),
    "softmax": (0.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, inf),
    "softplus": (0.0, inf),
    "exponential": (0.0, inf),
    "softmax-twice": (0.0, 1.0),
    "softmax-on-sigmoid": (0.0, 1.0),
    "softmax-on-relu": (0.0, 1.0),
    "sigmoid-twice": (0.0, 1.0),
    "sigmoid-on-softmax": (0.0, 1.0),
    "softmax-over-batch-axis": (0.0, 1.0),
    "softmax-over-spatial-axis": (0.0, 1.0),
    "normalised-sigmoids": (0.0, 1.0),
}
"""Where the numbers of a recognised function lie. What else was seen inside 0..1 or -1..1 stays there; numbers that
went further may go anywhere."""

OF_INPUTS: Final = {"shape", "input_shape", "batch_shape", "batch_input_shape", "build_shape", "input_dim"}
"""Parameters that say how wide the inputs are. What a head does, and how many units it has, does not hang on them."""

NAMED_BY_KERAS: Final = re.compile(r"(?:sequential|functional|model)(?:_\d+)?")
PLAIN: Final = {"Sequential", "Functional", "Model"}


@dataclass(frozen=True, slots=True)
class Failed:
    """Building raised an error of the program's. `vital` tells that it came from a statement that makes the model."""

    span: Span | None
    error: str
    message: str
    stood_in: tuple[str, ...]
    vital: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The program asked for something that a measured program may not do."""

    span: Span | None
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the child did not measure, and why."""

    span: Span | None
    text: str


@dataclass(frozen=True, slots=True)
class Built:
    """A model that was built and measured; `ordinal` counts those that were made at the same place."""

    model: Model
    ordinal: int


@dataclass(frozen=True, slots=True)
class Done:
    """The child came to its end."""

    seconds: float


Answer = Built | Failed | Refused | Note | Done


def heard(lines: Iterable[bytes], places: Places, wanted: Span) -> tuple[Program, bool]:
    """What the lines of one child say, as a program, and whether the child came to its end.

    `wanted` is the place of the model that the child was asked for: what cannot be placed is said there, and a failure
    to build is one of this model.
    """
    built: list[Built] = []
    gaps: list[NotChecked] = []
    failed: list[Failed] = []
    refused = done = False
    for number, line in enumerate(lines):
        if number >= MOST_LINES:
            gaps.append(NotChecked(wanted, f"measuring said more than {MOST_LINES} lines"))
            break
        try:
            told = answer(line, places)
        except ValueError as error:
            gaps.append(NotChecked(wanted, f"measuring gave an answer that is not understood: {error}"))
            continue
        match told:
            case Built():
                built.append(told)
            case Failed():
                failed.append(told)
            case Refused():
                refused = True
                gaps.append(NotChecked(told.span or wanted, f"refused while the model was built: {told.detail}"))
            case Note():
                gaps.append(NotChecked(told.span or wanted, told.text))
            case Done():
                done = True
    models = [one.model for one in sorted(built, key=lambda one: one.ordinal)]
    for one in failed[:1]:  # what fails then fails because of it
        if _is_own(one) and not refused and not (_is_unknown_name(one) and places.mention(*REGISTERING)):
            place = one.span or wanted
            said = Fact(f"{one.error}: {one.message}", place, Origin.MEASURED, text=one.error)
            models.append(Model(wanted, failure=said))
        else:
            gaps.append(NotChecked(one.span or wanted, f"could not be built to be measured: {_why(one)}"))
    return Program(wanted.path, models=tuple(models), not_checked=tuple(gaps)), done


NOT_THE_MODELS_FAULT: Final = {
    *("ImportError", "ModuleNotFoundError", "FileNotFoundError", "PermissionError", "ConnectionError", "URLError"),
    *("MemoryError", "RecursionError", "KeyboardInterrupt", "TimeoutError", "SystemExit", "OSError"),
}
"""Errors of the machine that a model is built on: another package, another file, more memory would help."""


def _is_own(failed: Failed) -> bool:
    """Whether it is certainly the model that is wrong, not what stood in for data or the machine."""
    return failed.vital and not failed.stood_in and failed.error not in NOT_THE_MODELS_FAULT


REGISTERING: Final = ("get_custom_objects", "custom_object_scope", "CustomObjectScope", "register_keras_serializable")
"""With these a program gives names of its own to Keras, in statements that a model does not seem to need."""


def _is_unknown_name(failed: Failed) -> bool:
    return "not interpret" in failed.message or failed.message.startswith("Unknown ")


def _why(failed: Failed) -> str:
    why = f"{failed.error}: {failed.message}" if failed.message else failed.error
    return f"{why} (with stand-ins for {', '.join(failed.stood_in[:3])})" if failed.stood_in else why


# --- one line --------------------------------------------------------------------------------------------------------


def answer(line: bytes, places: Places) -> Answer:
    """What one line says. Raises `ValueError` with what is wrong about it."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"a line of {len(line)} bytes")
    try:
        data = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(data, dict):
        raise ValueError("no JSON object")
    match data.get("event"):
        case "model":
            return Built(_model(data, places), _whole(data, "ordinal", 0, MOST_UNITS))
        case "failed":
            return Failed(
                span=_place(data, "site", places),
                error=_text(data, "error"),
                message=_text(data, "message"),
                stood_in=_texts(data, "stood_in"),
                vital=_flag(data, "vital"),
            )
        case "refused":
            what = _text(data, "what")
            return Refused(_place(data, "site", places), what, _text(data, "detail") or what)
        case "note":
            return Note(_place(data, "site", places), _text(data, "text"))
        case "done":
            return Done(_number(data, "seconds"))
    raise ValueError(f"an event `{str(data.get('event'))[:40]}`")


@dataclass(frozen=True, slots=True)
class _Telling:
    """What holds for all facts of one model: how places are found, whether numbers stood in for data, and whether more
    than the inputs was made up so."""

    places: Places
    stood_in: bool
    made_up: bool
    runtime: Runtime

    def fact(self, value: T, span: Span, sure: Confidence = Confidence.HIGH, text: str = "") -> Fact[T]:
        """A measured value; one that rests on made-up numbers is less sure."""
        return Fact(value, span, Origin.MEASURED, min(sure, Confidence.MEDIUM) if self.stood_in else sure, text=text)

    def certain(self, value: T | None, span: Span, text: str = "") -> Fact[T] | None:
        """A measured value that is only told where nothing stood in for the program's own numbers."""
        return None if value is None or self.made_up else self.fact(value, span, text=text)


def _model(data: Json, places: Places) -> Model:
    span = _place(data, "site", places)
    if span is None:
        raise ValueError("a model without a place")
    stood_in = _texts(data, "stood_in")
    made_up = any(one.rpartition(".")[2] not in OF_INPUTS for one in stood_in)
    tell = _Telling(places, bool(stood_in), made_up, Runtime())
    runtime = _runtime(_object(data, "runtime"), span, tell)
    tell = replace(tell, runtime=runtime)
    kind, name = _text(data, "kind"), _text(data, "name")
    heads = tuple(_head(one, span, tell) for one in _objects(data, "heads"))
    found = [one for part in _objects(data, "trainings") for one in _trainings(part, heads, tell)]
    heads = tuple(_routed(head, number, found) for number, head in enumerate(heads))
    return Model(
        span=span,
        name=kind if kind not in PLAIN else None if NAMED_BY_KERAS.fullmatch(name) else name or None,
        runtime=runtime,
        layers=tuple(_layer(one, span, tell) for one in _objects(data, "layers")),
        heads=heads,
        trainings=tuple(replace(training, head=heads[number]) for number, training in found),
        probed=True,
    )


def _runtime(data: Json, span: Span, tell: _Telling) -> Runtime:
    def known(key: str, pattern: str) -> Fact[str] | None:
        said = _maybe(_text, data, key)
        if said is None:
            return None
        if not re.fullmatch(pattern, said):
            raise ValueError(f"{key} `{said[:40]}`")
        return Fact(said, span, Origin.MEASURED)

    version = r"\d{1,4}(?:\.\d{1,8}){0,3}[\w.+-]{0,20}"
    return Runtime(
        package=known("package", r"keras|tf_keras|tensorflow\.keras"),
        keras=known("keras", version),
        tensorflow=known("tensorflow", version),
        backend=known("backend", "|".join(BACKENDS) + "|numpy|openvino"),
        dtype_policy=known("dtype_policy", r"\w{1,40}"),
    )


def _layer(data: Json, otherwise: Span, tell: _Telling) -> Layer:
    span = _place(data, "site", tell.places) or otherwise
    activation, trainable = _maybe(_word, data, "activation"), data.get("trainable")
    return Layer(
        span=span,
        kind=_text(data, "kind"),
        name=_text(data, "name") or None,
        units=tell.certain(_units(data), span),
        activation=tell.fact(activation, span) if activation is not None else None,
        trainable=tell.fact(_flag(data, "trainable"), span) if trainable is not None else None,
        feeds=(Flow(Goal.UNKNOWN),),
    )


def _units(data: Json) -> int | None:
    return _whole(data, "units", 1, MOST_UNITS) if data.get("units") is not None else None


# --- heads -----------------------------------------------------------------------------------------------------------


def _head(data: Json, otherwise: Span, tell: _Telling) -> Head:
    layer = _object(data, "layer") if data.get("layer") is not None else {}
    span = (_place(layer, "site", tell.places) if layer else None) or otherwise
    sure = _choice(data, "confidence", SURE)
    shape = data.get("shape")
    if shape is not None and not (isinstance(shape, list) and 1 <= len(shape) <= 16):
        raise ValueError("a shape that is none")
    activation = _maybe(_word, data, "activation")
    if activation is not None and not _is_possible(data, activation):
        activation = None
    measured = Measured(
        span=span,
        rows=_whole(data, "rows", 1, MOST_UNITS),
        activation=tell.fact(activation, span, sure) if activation is not None else None,
        units=tell.certain(_units(data), span),
        outputs=_outputs(data, activation, span, tell),
        sums=_sums(data, span, tell),
        coupling=_coupling(data, span, tell),
        constant=tell.certain(_maybe(_number, data, "constant"), span),
        non_finite=_scored(data, "non_finite", span, tell),
        gradient=_scored(data, "non_finite_gradient", span, tell),
        devices=_devices(data, span, tell),
    )
    return Head(
        span=span,
        name=_maybe(_text, data, "name") or None,
        layer=tell.fact(_text(layer, "kind"), span) if layer else None,
        units=measured.units,
        rank=tell.fact(len(shape), span) if shape is not None else None,
        channel_axis=tell.fact(_whole(data, "channel_axis", -1, 16), span) if shape is not None else None,
        activation=measured.activation,
        activations=_activations(measured.activation) if measured.activation is not None else (),
        outputs=_within(measured, tell),
        measured=measured,
    )


def _is_possible(data: Json, activation: str) -> bool:
    """Whether a function can have given what was seen: one that is linear does not end at 0 and at 1."""
    if data.get("low") is None or data.get("high") is None:
        return True
    low, high = _any_number(data, "low"), _any_number(data, "high")
    least, most = RANGES.get(activation, (-inf, inf))
    return least <= low and high <= most and not (activation == "linear" and (low, high) in {(0, 1), (-1, 1)})


SHARED_OVER: Final = {"softmax-over-batch-axis": 0, "softmax": -1, "normalised-sigmoids": -1}
"""Along which axis functions share a total; of a softmax over a spatial axis, the probe does not say over which."""
ONE_FUNCTION: Final = {"softmax-over-batch-axis": "softmax", "softmax-over-spatial-axis": "softmax"}


def _activations(word: Fact[str]) -> tuple[Activation, ...]:
    """The functions that the word for a head stands for, one by one."""
    steps = (word.value,) if word.value == "normalised-sigmoids" else steps_of(word.value)
    return tuple(
        Activation(
            span=word.span,
            name=replace(word, value=ONE_FUNCTION.get(step, step)),
            axis=Fact(SHARED_OVER[step], word.span, word.origin, word.confidence) if step in SHARED_OVER else None,
        )
        for step in steps
    )


def _outputs(data: Json, activation: str | None, span: Span, tell: _Telling) -> Fact[Outputs] | None:
    """What was seen, as it was seen."""
    if data.get("low") is None or data.get("high") is None:
        return None
    low, high = _any_number(data, "low"), _any_number(data, "high")
    if isnan(low) or isnan(high) or low > high:
        raise ValueError(f"outputs from {low} to {high}")
    axes = data.get("totals") or []
    if not isinstance(axes, list) or not all(type(axis) is int and -1 <= axis < 16 for axis in axes):
        raise ValueError("totals that are no axes")
    return tell.fact(Outputs(low, high, tuple(axes)), span, Confidence.MEDIUM if activation is None else SURE["high"])


def _within(measured: Measured, tell: _Telling) -> Fact[Outputs] | None:
    """Between which numbers outputs lie, as far as what was seen tells."""
    seen = measured.outputs
    if seen is None:
        return None
    low, high = seen.value.low, seen.value.high
    if measured.activation is not None and measured.activation.value in RANGES:
        low, high = RANGES[measured.activation.value]
        return tell.fact(Outputs(low, high, seen.value.totals), seen.span, measured.activation.confidence)
    bounds = Outputs(low if low >= -1 else -inf, high if high <= 1 else inf, seen.value.totals)
    return tell.fact(bounds, seen.span, Confidence.MEDIUM)


def _sums(data: Json, span: Span, tell: _Telling) -> Fact[tuple[Sums, ...]] | None:
    if data.get("sums") is None:
        return None
    found = tuple(
        Sums(_whole(one, "axis", -1, 16), _any_number(one, "low"), _any_number(one, "high"), _counts(one))
        for one in _objects(data, "sums")
    )
    return tell.fact(found, span) if found else None


def _counts(data: Json) -> tuple[int, ...]:
    """How numbers spread over the range from `low` to `high`, as far as it is one that can be divided."""
    told = data.get("counts") or []
    if not isinstance(told, list) or len(told) > MOST_COUNTS:
        raise ValueError("counts that are no short list")
    counts = tuple(_whole({"counts": one}, "counts", 0, MOST_UNITS) for one in told)
    if counts and (not any(counts) or _number(data, "high") < _number(data, "low")):
        raise ValueError("counts of nothing")
    if len(counts) > 1 and data["high"] == data["low"]:
        raise ValueError("counts in parts of a single number")
    return counts


def _coupling(data: Json, span: Span, tell: _Telling) -> Fact[Coupling] | None:
    if data.get("coupling") is None:
        return None
    told = _object(data, "coupling")
    alone = told.get("alone") or []
    if not isinstance(alone, list) or len(alone) not in (0, 2):
        raise ValueError("a row alone that is no range")
    found = Coupling(
        difference=_number(told, "difference"),
        batch=_whole(told, "batch", 1, MOST_UNITS),
        alone=tuple(_number({"alone": one}, "alone") for one in alone),
        rows=_whole(told, "rows", 1, MOST_UNITS),
    )
    return tell.fact(found, span)


def _scored(data: Json, key: str, span: Span, tell: _Telling) -> Fact[float] | None:
    """The score from which on something was not finite; the words say what it was instead."""
    if data.get(key) is None:
        return None
    told = _object(data, key)
    what = _choice(told, "what", {"nan": "NaN", "inf": "infinity"}) if "what" in told else ""
    return tell.fact(_number(told, "score"), span, text=what)


def _devices(data: Json, span: Span, tell: _Telling) -> Fact[float] | None:
    if data.get("devices") is None:
        return None
    told = _object(data, "devices")
    difference, tolerance = _number(told, "difference"), _number(told, "tolerance")
    return tell.fact(difference, span) if difference > tolerance else None


# --- trainings -------------------------------------------------------------------------------------------------------


def _trainings(data: Json, heads: tuple[Head, ...], tell: _Telling) -> Iterator[tuple[int, Training]]:
    """The trainings of one `compile`, each with the number of its head. What was tried was tried with all of them: it
    is told of the first."""
    span = _place(data, "site", tell.places)
    if span is None:
        raise ValueError("a training without a place")
    optimizer, rate = _maybe(_identifier, data, "optimizer"), _maybe(_number, data, "learning_rate")
    # a function of the program's own may be called as one of Keras: nothing is found because of a name
    named = (name for name in _texts(data, "metrics") if name.isidentifier())
    metrics = tuple(Metric(span, tell.fact(name, span, Confidence.LOW)) for name in named)
    trial = _trial(_object(data, "trial"), span, tell) if data.get("trial") is not None else None
    for one in _objects(data, "losses"):
        number = _whole(one, "head", 0, len(heads) - 1)
        yield (
            number,
            Training(
                span=span,
                head=heads[number],
                loss=_loss(one, span, tell),
                metrics=metrics,
                optimizer=tell.fact(optimizer, span) if optimizer else None,
                runtime=tell.runtime,
                learning_rate=tell.fact(rate, span, Confidence.MEDIUM) if rate is not None else None,
                trial=trial,
            ),
        )
        trial = None


def _loss(data: Json, span: Span, tell: _Telling) -> Loss | None:
    """A loss of Keras; one of the program itself has no name that says what it asks for."""
    name = _maybe(_identifier, data, "name")
    if name is None or name not in FAMILIES:
        return None
    logits = data.get("from_logits")
    takes = any(formula.link is not None for formula in FORMULAS.get(name, ()))
    asked = _flag(data, "from_logits") if logits is not None else None if takes else False
    return Loss(
        span=span,
        name=tell.fact(name, span),
        family=FAMILIES[name],
        from_logits=tell.fact(asked, span) if asked is not None else None,
        takes_logits=takes,
        spelling=_choice(data, "spelling", SPELLINGS),
    )


def _trial(data: Json, span: Span, tell: _Telling) -> Trial:
    def lost(key: str) -> Fact[float] | None:
        if key == "predicted" and _is_random(data):
            return None
        return tell.fact(_any_number(data, key), span) if data.get(key) is not None else None

    gradient = _maybe(_any_number, data, "gradient")
    still, everything = _texts(data, "still"), _flag(data, "all_still") if "all_still" in data else False
    return Trial(
        span=span,
        rows=_whole(data, "rows", 1, MOST_UNITS) if "rows" in data else 32,
        trained=lost("trained"),
        predicted=lost("predicted"),
        expected=tell.certain(_maybe(_number, data, "expected"), span),
        name=_maybe(_text, data, "expected_name") or "",
        gradient=tell.fact(gradient, span) if gradient is not None else None,
        still=tell.certain(still, span, text="all of them" if everything else ""),
    )


def _is_random(data: Json) -> bool:
    """Whether the loss is another one each time: without a graph it is neither what is trained nor what is predicted.

    Only the two that are the same can tell whether the third is another loss.
    """
    if any(data.get(key) is None for key in ("trained", "trained_eager", "predicted")):
        return False
    trained, eager, predicted = (_any_number(data, key) for key in ("trained", "trained_eager", "predicted"))
    return not any(abs(eager - one) <= SAME * max(1.0, abs(eager)) for one in (trained, predicted))


SAME: Final = 2e-4
"""Losses that differ by a smaller share are rounded in another way."""
SPELLINGS: Final = {**{one: one for one in ("string", "class", "function")}, "op": "function"}
"""How a loss is given; an operation of TensorFlow is a function too."""

DIFFERENT: Final = 1e-3
"""Losses that differ by this share are two losses."""


def _routed(head: Head, number: int, found: Iterable[tuple[int, Training]]) -> Head:
    """The head with the way in which its last function is spelled, as far as its losses tell.

    Where Keras trains something else than what is predicted, it found the logits behind the function. Where it trains
    just that, there was nothing to find, or it makes no difference.
    """
    trials = [training.trial for at, training in found if at == number and training.trial is not None]
    for trial in trials:
        if trial.trained is not None and trial.predicted is not None:
            same = abs(trial.trained.value - trial.predicted.value) <= DIFFERENT * max(1.0, abs(trial.predicted.value))
            return replace(head, route=Route.HIDDEN) if same else head
    return head


# --- checked values --------------------------------------------------------------------------------------------------


def _maybe(read: Callable[[Json, str], T], data: Json, key: str) -> T | None:
    return read(data, key) if data.get(key) is not None else None


def _place(data: Json, key: str, places: Places) -> Span | None:
    site = data.get(key)
    return None if site is None else places.span(site)


def _object(data: Json, key: str) -> Json:
    value = data.get(key)
    if not isinstance(value, dict):
        raise ValueError(f"{key} is no object")
    return value


def _objects(data: Json, key: str) -> tuple[Json, ...]:
    value = data.get(key)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError(f"{key} is no list of objects")
    if len(value) > MOST_PARTS[key]:
        raise ValueError(f"{len(value)} {key}")
    return tuple(value)


ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""How a terminal is told to change its colour; Keras does so in its messages."""


def _text(data: Json, key: str) -> str:
    """Text without control characters, cut where it is long; a terminal will show it."""
    value = data.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key} is no text")
    value = ESCAPES.sub("", value)
    words = " ".join("".join(one if one.isprintable() else " " for one in value[: MOST_WORDS * 4]).split())
    return words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 3] + "..."


def _texts(data: Json, key: str) -> tuple[str, ...]:
    value = data.get(key) or []
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise ValueError(f"{key} is no list of texts")
    return tuple(_text({key: one}, key) for one in value)


def _word(data: Json, key: str) -> str:
    """A word for an activation: names of Keras, joined by dashes."""
    value = _text(data, key)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}(?:-[a-z0-9_]{1,40}){0,8}", value):
        raise ValueError(f"{key} `{value[:40]}`")
    return value


def _identifier(data: Json, key: str) -> str:
    value = _text(data, key)
    if not value.isidentifier() or len(value) > 80:
        raise ValueError(f"{key} `{value[:40]}`")
    return value


def _choice(data: Json, key: str, words: Mapping[str, T]) -> T:
    value = data.get(key)
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"{key} `{str(value)[:40]}`")
    return words[value]


def _flag(data: Json, key: str) -> bool:
    value = data.get(key)
    if not isinstance(value, bool):
        raise ValueError(f"{key} is neither true nor false")
    return value


def _whole(data: Json, key: str, least: int, most: int) -> int:
    value = data.get(key)
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{key} is no whole number from {least} to {most}")
    return value


NOT_FINITE: Final = {"nan": nan, "inf": inf, "-inf": -inf}
"""How numbers are written that JSON does not have."""


def _any_number(data: Json, key: str) -> float:
    value = data.get(key)
    if isinstance(value, str) and value.lower() in NOT_FINITE:
        return NOT_FINITE[value.lower()]
    if type(value) not in (int, float):
        raise ValueError(f"{key} is no number")
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError as error:
        raise ValueError(f"{key} is no number of a size that can be") from error


def _number(data: Json, key: str) -> float:
    value = _any_number(data, key)
    if not isfinite(value):
        raise ValueError(f"{key} is not finite")
    return value

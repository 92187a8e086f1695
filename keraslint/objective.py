"""What Keras really minimises for a head, a loss and a runtime.

Keras does not always train what `predict()` returns. On TensorFlow the tensor that comes out of a softmax or a sigmoid
carries the logits it was made of, and the crossentropies prefer these logits to the tensor itself, whatever
`from_logits` says, whichever of the two activations made them and over whichever axis. JAX and torch know nothing of
this.

Two tables of facts say it all: `RUNTIMES` tells which outputs show their logits to a loss, `FORMULAS` what a loss does
with what it gets. No formula, number or version is anywhere else in this room. `tests/test_objective.py` computes every
combination of a head, a loss and a runtime on the Keras that is installed; a row about a Keras that is not installed
names the versions that it was measured on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from keraslint.model import Fact, Family, Head, Loss, Outputs, Route, Runtime

Steps = tuple[str, ...]
"""Functions applied to z, the first one first: activations by their Keras name, and the steps of `WRITTEN`."""
Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Objective:
    """What is trained somewhere. `z` is what the last layer with weights computes, before any activation.

    `where` names the runtimes in words. The loss `measure` compares the functions `trained` of z with the labels,
    `predict()` returns the functions `outputs` of z; `minimised` and `predicted` are the same as text. `weighted` are
    the functions of z behind the weight of a focal loss, where they are not the trained ones.
    `recovered` is true when Keras goes behind the activation to the logits; `warns` when Keras says so itself.
    `measured` are the versions that the row of the runtime was measured on.
    """

    where: str
    measure: str
    trained: Steps
    outputs: Steps
    weighted: Steps | None = None
    recovered: bool = False
    warns: bool = False
    measured: tuple[str, ...] = ()

    @property
    def minimised(self) -> str:
        """The loss as a formula in z, such as `CE(softmax(softmax(z)))`."""
        loss = f"{MEASURES[self.measure]}({formula(self.trained)})"
        return loss if self.weighted is None else f"{loss} with the focal weight of {formula(self.weighted)}"

    @property
    def predicted(self) -> str:
        """What `predict()` returns as a formula in z, such as `softmax(z)`."""
        return formula(self.outputs)

    @property
    def faithful(self) -> bool:
        """Whether the loss judges what `predict()` returns, as it is, or as logits where these are no probabilities."""
        if self.weighted is not None:
            return False
        return self.trained == self.outputs or (self._links_outputs and not are_probabilities(self.outputs))

    @property
    def doubled(self) -> bool:
        """Whether the loss applies a softmax or sigmoid to probabilities. A model that does so itself is faithful."""
        return self._links_outputs and are_probabilities(self.outputs)

    @property
    def _links_outputs(self) -> bool:
        return self.trained in (simplified((*self.outputs, link)) for link in ("softmax", "sigmoid"))


# -- Functions ---------------------------------------------------------------------------------------------------------

WRITTEN = {
    "share": "{0} / sum({0})",
    "clip": "clip({0})",
    "clip-wider": "clip({0})",
    "clip-below": "clip({0})",
    "floor": "max({0}, 0)",
}
"""What losses do to outputs. Any other step is an activation and written like a call.

`share` divides by the sum over the channels. `clip` keeps 1e-7 (`keras.config.epsilon()`) away from 0 and from 1, and
`clip-wider` twice as much, because Keras 2 adds it once more in the logarithm. `clip-below` and `floor` keep it away
from 0 only; `clip-below` stops at 1.
"""

UNIT = ("softmax", "sigmoid", "softmax-over-batch-axis", "softmax-over-spatial-axis")
"""Inside (0, 1): clipping changes nothing but saturated values."""

SPELLED_OUT: dict[str, Steps] = {
    "linear": (),
    "softmax-twice": ("softmax", "softmax"),
    "sigmoid-twice": ("sigmoid", "sigmoid"),
    "normalised-sigmoids": ("sigmoid", "share"),
}
"""Words for a head that are not the name of one function."""


def steps_of(activation: str) -> Steps:
    """The functions that a head's activation word stands for."""
    return tuple(step for word in reversed(activation.split("-on-")) for step in SPELLED_OUT.get(word, (word,)))


def are_probabilities(steps: Steps) -> bool:
    """Whether the steps end inside (0, 1)."""
    match steps:
        case (*_, ("softplus" | "exponential"), "share"):
            return True
        case (*before, "share"):
            return are_probabilities(tuple(before))
        case (*_, last):
            return last in UNIT
    return False


def simplified(steps: Steps) -> Steps:
    """The same function without the steps that change nothing."""
    kept: list[str] = []
    for step in steps:
        last, inside = kept[-1] if kept else "", are_probabilities(tuple(kept))
        match step:
            case "share" if last in ("softmax", "share"):
                continue
            case "clip" | "clip-wider" | "clip-below" if inside:
                continue
            case "floor" if inside or last in ("softplus", "exponential", "relu"):
                continue
            case "softmax" if last == "log-softmax":
                kept.pop()
        kept.append(step)
    return tuple(kept)


def formula(steps: Steps) -> str:
    """The steps as text in z."""
    text = "z"
    for step in steps:
        text = WRITTEN.get(step, step.replace("-", "_") + "({0})").format(text)
    return text


# -- Runtimes ----------------------------------------------------------------------------------------------------------

CARRIERS = {
    "softmax": "softmax",
    "sigmoid": "sigmoid",
    "softmax-over-batch-axis": "",
    "softmax-over-spatial-axis": "",
}
"""The functions whose tensor carries its logits, and the op that a TensorFlow graph shows for them.

A softmax over another axis than the last is transposed back, and the transposition is what the graph shows.
"""


@dataclass(frozen=True, slots=True)
class Where:
    """A row of facts: which outputs show their logits to a loss in this runtime.

    `keras` is the generation; `since` and `until` are TensorFlow versions of Keras 2.
    `carried` are the routes on which the tensor carries its logits: found always, by every loss that looks for them.
    `seen` are the routes on which a loss recognises its own op in the graph: in `fit()`, not in eager code, and for a
    sparse or categorical loss only a softmax, for a binary one only a sigmoid. `seen_with_logits` is true when it looks
    there with `from_logits=True` too.
    """

    name: str
    keras: int
    since: Version = (0, 0)
    until: Version | None = None
    literal_backend: bool = False
    carried: tuple[Route, ...] = ()
    seen: tuple[Route, ...] = ()
    seen_with_logits: bool = False
    warns: bool = False
    measured: tuple[str, ...] = ()


KERAS_3 = Where(
    "Keras 3 on TensorFlow",
    keras=3,
    carried=(Route.ACTIVATION, Route.SOFTMAX_LAYER),
    seen=(Route.OP,),
    seen_with_logits=True,
    warns=True,
    measured=("Keras 3.6.0", "Keras 3.12.0", "Keras 3.15.1"),
)
JAX_AND_TORCH = Where(
    "JAX and torch",
    keras=3,
    literal_backend=True,
    measured=("Keras 3.15.1 on JAX 0.10.2", "Keras 3.15.1 on torch 2.13.0"),
)
MIXED_PRECISION = Where(
    "mixed precision",  # or any policy but float32: Keras 3 casts outputs for the loss, and a cast carries nothing
    keras=3,
    measured=("Keras 3.15.1",),
)
TF_KERAS = Where(
    "tf_keras",
    keras=2,
    since=(2, 16),
    carried=(Route.ACTIVATION, Route.SOFTMAX_LAYER),
    seen=(Route.OP,),
    seen_with_logits=True,
    warns=True,
    measured=("tf_keras 2.21.0",),
)
TF_2_14 = replace(
    TF_KERAS, name="TensorFlow 2.14 to 2.15", since=(2, 14), until=(2, 15), measured=("TensorFlow 2.15.1",)
)
TF_2_10 = Where(
    "TensorFlow 2.10 to 2.13",
    keras=2,
    since=(2, 10),
    until=(2, 13),
    carried=(Route.ACTIVATION,),
    seen=(Route.SOFTMAX_LAYER, Route.OP),
    seen_with_logits=True,
    warns=True,
    measured=("TensorFlow 2.10.1",),
)
TF_2_5 = Where(
    "TensorFlow 2.5 to 2.9",  # 2.9 in its source only: losses got to look at the op with from_logits=True in June 2022
    keras=2,
    since=(2, 5),
    until=(2, 9),
    carried=(Route.ACTIVATION,),
    seen=(Route.SOFTMAX_LAYER, Route.OP),
    warns=True,
    measured=("TensorFlow 2.5.3", "TensorFlow 2.6.5", "TensorFlow 2.8.4"),
)
TF_2_4 = replace(TF_2_5, name="TensorFlow 2.4", since=(2, 4), until=(2, 4), warns=False, measured=("TensorFlow 2.4.4",))
OLDEST = Where(
    "TensorFlow 2.3 and older",  # and stand-alone Keras up to 2.3
    keras=2,
    until=(2, 3),
    seen=(Route.ACTIVATION, Route.SOFTMAX_LAYER, Route.OP),
    measured=("TensorFlow 2.0.4", "TensorFlow 2.2.3", "TensorFlow 2.3.4", "Keras 2.3.1 on TensorFlow 1.15.5"),
)

RUNTIMES = (KERAS_3, JAX_AND_TORCH, MIXED_PRECISION, TF_KERAS, TF_2_14, TF_2_10, TF_2_5, TF_2_4, OLDEST)
"""Every row, the newest first."""

BEHIND = "behind TimeDistributed or Reshape"
EAGER = "eager execution"


# -- Losses ------------------------------------------------------------------------------------------------------------

MEASURES = {
    "crossentropy": "CE",
    "binary-crossentropy": "BCE",
    "focal-crossentropy": "focal CE",
    "focal-binary-crossentropy": "focal BCE",
    "kl-divergence": "KL divergence",
    "poisson": "Poisson",
    "dice": "Dice",
    "tversky": "Tversky",
    "mean-squared-error": "MSE",
    "mean-absolute-error": "MAE",
    "mean-absolute-percentage-error": "MAPE",
    "mean-squared-logarithmic-error": "MSLE",
    "huber": "Huber",
    "log-cosh": "LogCosh",
    "cosine-similarity": "cosine similarity",
    "hinge": "hinge",
    "squared-hinge": "squared hinge",
    "categorical-hinge": "categorical hinge",
}
"""How a measure is written."""

NEVER: tuple[bool, ...] = ()
WITHOUT_LOGITS = (False,)
ALWAYS = (False, True)


@dataclass(frozen=True, slots=True)
class Formula:
    """A row of facts: what a loss does with the outputs that it gets.

    `steps` is what it does to outputs without `from_logits`, `link` what it does with it: `None` when it has no such
    parameter.
    `looks` are the values of `from_logits` with which it looks for logits behind the outputs.
    `weighs` is true for a focal loss whose weight comes from the outputs as they are, even where it finds logits behind
    them.
    `keras`, `literal_backend` and `since` tell where this row is true, where it is not true everywhere.
    """

    measure: str
    steps: Steps = ()
    link: str | None = None
    looks: tuple[bool, ...] = NEVER
    weighs: bool = False
    keras: int | None = None
    literal_backend: bool | None = None
    since: Version = (0, 0)


FORMULAS: dict[str, tuple[Formula, ...]] = {
    "categorical_crossentropy": (Formula("crossentropy", ("share", "clip"), "softmax", ALWAYS),),
    "sparse_categorical_crossentropy": (
        Formula("crossentropy", ("clip", "share"), "softmax", ALWAYS, literal_backend=False),
        Formula("crossentropy", ("share", "clip"), "softmax", literal_backend=True),
    ),
    "binary_crossentropy": (
        Formula("binary-crossentropy", ("clip-wider",), "sigmoid", ALWAYS, keras=2),
        Formula("binary-crossentropy", ("clip",), "sigmoid", ALWAYS, keras=3),
    ),
    "categorical_focal_crossentropy": (
        Formula("focal-crossentropy", ("share", "clip"), "softmax", ALWAYS, keras=2, since=(2, 13)),
        Formula("focal-crossentropy", ("share", "clip"), "softmax", keras=3),
    ),
    "binary_focal_crossentropy": (
        Formula("focal-binary-crossentropy", ("clip-wider",), "sigmoid", ALWAYS, weighs=True, keras=2, since=(2, 9)),
        Formula("focal-binary-crossentropy", ("clip",), "sigmoid", WITHOUT_LOGITS, weighs=True, keras=3),
    ),
    "kl_divergence": (Formula("kl-divergence", ("clip-below",)),),
    "poisson": (Formula("poisson"),),
    "dice": (Formula("dice", keras=3),),
    "tversky": (Formula("tversky", keras=3),),
    "mean_squared_error": (Formula("mean-squared-error"),),
    "mean_absolute_error": (Formula("mean-absolute-error"),),
    "mean_absolute_percentage_error": (Formula("mean-absolute-percentage-error"),),
    "mean_squared_logarithmic_error": (Formula("mean-squared-logarithmic-error", ("floor",)),),
    "huber": (Formula("huber"),),
    "log_cosh": (Formula("log-cosh"),),
    "cosine_similarity": (Formula("cosine-similarity"),),
    "hinge": (Formula("hinge"),),
    "squared_hinge": (Formula("squared-hinge"),),
    "categorical_hinge": (Formula("categorical-hinge"),),
}
"""Losses by Keras's name. A loss without a row is not known: CTC, circle, what the program wrote itself."""

FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("categorical_crossentropy", "categorical_focal_crossentropy"), Family.CATEGORICAL),
    **dict.fromkeys(("sparse_categorical_crossentropy", "categorical_generalized_cross_entropy"), Family.SPARSE),
    **dict.fromkeys(("binary_crossentropy", "binary_focal_crossentropy"), Family.BINARY),
    **dict.fromkeys(("mean_squared_error", "mean_absolute_error", "huber", "log_cosh"), Family.REGRESSION),
    **dict.fromkeys(("mean_absolute_percentage_error", "mean_squared_logarithmic_error"), Family.REGRESSION),
    **dict.fromkeys(("hinge", "squared_hinge", "categorical_hinge"), Family.HINGE),
    **dict.fromkeys(("dice", "tversky"), Family.OVERLAP),
    "cosine_similarity": Family.COSINE,
    "kl_divergence": Family.DIVERGENCE,
    "poisson": Family.POISSON,
    "ctc": Family.CTC,
    "circle": Family.CUSTOM,
}
"""What every loss of Keras asks of its head and its labels, by Keras's name: that of a real one, or as read."""


PROBABILITIES, SHARES, ANY = Outputs(0.0, 1.0), Outputs(0.0, 1.0, (-1,)), Outputs()

EXPECTED: dict[Family, Outputs] = {
    Family.CATEGORICAL: SHARES,
    Family.SPARSE: SHARES,
    Family.DIVERGENCE: SHARES,
    Family.BINARY: PROBABILITIES,
    Family.OVERLAP: PROBABILITIES,
    Family.POISSON: Outputs(low=0.0),
    Family.REGRESSION: ANY,
    Family.COSINE: ANY,
    Family.HINGE: ANY,
}
"""The outputs that the losses of a family are made for, without `from_logits`. CTC and what the program wrote itself
are not known."""


def expects(loss: Loss) -> Outputs | None:
    """The outputs that a loss is made for: with `from_logits` any number. `None` when not known."""
    if loss.takes_logits and loss.from_logits is None:
        return None
    if loss.from_logits is not None and loss.from_logits.value:
        return ANY
    if loss.name.value == "mean_squared_logarithmic_error":
        return Outputs(low=0.0)
    return EXPECTED.get(loss.family)


# -- Outcomes ----------------------------------------------------------------------------------------------------------


def objective(head: Head, loss: Loss, runtime: Runtime) -> Objective | None:
    """What this program minimises; where the runtime is not known, today's Keras 3 on TensorFlow. `None` when not
    known.

    The dtype policy is that of the head: float32 for a head with `dtype="float32"` on a body in half precision. A loss
    whose
    `spelling` is `op` is a function of TensorFlow itself, such as `tf.nn.softmax_cross_entropy_with_logits`: it looks
    for nothing.
    """
    rows = _possible(runtime)
    return _outcome(head, loss, rows[0]) if rows else None


def elsewhere(head: Head, loss: Loss, runtime: Runtime) -> tuple[Objective, ...]:
    """What the same program minimises on the other runtimes, as far as that differs: one objective for each difference.

    Listed is where the program may get without an edit. A known version excludes all others, and tf_keras everything
    else; a known dtype policy excludes other policies. A known backend does not exclude the other backends of Keras 3,
    because a Keras 3 program is meant to move between them, unless a TensorFlow function in it cannot. A Reshape, and a
    loop without `tf.function`, are never far.
    """
    here = objective(head, loss, runtime)
    if here is None:
        return ()
    differing: dict[str, list[tuple[Where, Objective]]] = {}
    for row, there in _others(head, loss, _possible(runtime)):
        if there.minimised != here.minimised:
            differing.setdefault(there.minimised, []).append((row, there))
    return tuple(_merged(places, loss) for places in differing.values())


def what_is_trained(head: Head, loss: Loss, runtime: Runtime) -> tuple[str, ...]:
    """The same as sentences, for people: what is minimised here, then what is minimised elsewhere."""
    here = objective(head, loss, runtime)
    if here is None:
        return ()
    others = elsewhere(head, loss, runtime)
    known = runtime.keras or runtime.tensorflow or _word(runtime.package) == "tf_keras"
    assumed = not known and _word(runtime.backend) in ("", "tensorflow")
    return (
        _sentence(here, f"{here.where} (assumed: the program does not say)" if others and assumed else here.where),
        *(_sentence(other, other.where) for other in others),
    )


def _sentence(outcome: Objective, where: str) -> str:
    minimised = f"{where}: the loss is `{outcome.minimised}`"
    return minimised if outcome.faithful else f"{minimised}, the prediction `{outcome.predicted}`"


def _outcome(head: Head, loss: Loss, row: Where) -> Objective | None:
    facts = _formula(loss, row)
    if facts is None or head.activation is None or loss.from_logits is None or _channels_elsewhere(head, facts):
        return None
    from_logits = loss.from_logits.value
    if from_logits and facts.link is None:
        return None
    link = (facts.link,) if facts.link else ()
    outputs = simplified(steps_of(head.activation.value))
    looks = loss.spelling != "op" and from_logits in facts.looks
    recovered = looks and _finds(row, head.route, outputs, own=facts.link, with_logits=from_logits)
    trained = simplified((*outputs[:-1], *link) if recovered else (*outputs, *(link if from_logits else facts.steps)))
    weight = simplified((*outputs, *link) if from_logits else outputs)
    return Objective(
        where=row.name,
        measure=facts.measure,
        trained=trained,
        outputs=outputs,
        weighted=weight if facts.weighs and weight != trained else None,
        recovered=recovered,
        warns=recovered and from_logits and row.warns,
        measured=row.measured,
    )


def _formula(loss: Loss, row: Where) -> Formula | None:
    for facts in FORMULAS.get(loss.name.value, ()):
        in_time = row.until is None or facts.since <= row.until
        if in_time and facts.keras in (None, row.keras) and facts.literal_backend in (None, row.literal_backend):
            return facts
    return None


def _finds(row: Where, route: Route, outputs: Steps, *, own: str | None, with_logits: bool) -> bool:
    if not outputs or outputs[-1] not in CARRIERS:
        return False
    recognised = CARRIERS[outputs[-1]] == own and (row.seen_with_logits or not with_logits)
    return route in row.carried or (route in row.seen and recognised)


def _channels_elsewhere(head: Head, facts: Formula) -> bool:
    """Whether the channels stand on another axis than the last, where losses over classes look for them."""
    if facts.link != "softmax" or head.channel_axis is None:
        return False
    last = -1 if head.rank is None else head.rank.value - 1
    return head.channel_axis.value not in (-1, last)


def _others(head: Head, loss: Loss, rows: tuple[Where, ...]) -> Iterator[tuple[Where, Objective]]:
    """The outcomes on every row but the first, and wherever a loss sees less than in `fit()` right behind the head."""
    here, *others = rows
    if loss.spelling == "op" or head.route is Route.OP:
        others = [row for row in others if not row.literal_backend]
    eager = [replace(here, name=EAGER, seen=())]
    if not _differ(head, loss, here, eager[0]):
        late = ((row, replace(row, name=f"{row.name} in {EAGER}", seen=())) for row in others)
        eager = [blind for row, blind in late if _differ(head, loss, row, blind)]
    for row in (*others, *eager, replace(here, name=BEHIND, carried=(), seen=())):
        if outcome := _outcome(head, loss, row):
            yield row, outcome


def _differ(head: Head, loss: Loss, row: Where, other: Where) -> bool:
    one, another = _outcome(head, loss, row), _outcome(head, loss, other)
    return one is not None and another is not None and one.minimised != another.minimised


def _merged(places: list[tuple[Where, Objective]], loss: Loss) -> Objective:
    """One objective for all the places that have it, neighbouring versions as a range."""

    def neighbours(place: tuple[int, Where]) -> int | str:
        position, row = place
        return RUNTIMES.index(row) - position if row in RUNTIMES and row.until else row.name

    rows = [row for row, _ in places]
    runs = [[row for _, row in run] for _, run in groupby(enumerate(rows), neighbours)]
    return replace(
        places[0][1],
        where=", ".join(_range(run[0], run[-1], loss) for run in runs),
        measured=tuple(version for row in rows for version in row.measured),
    )


def _range(newest: Where, oldest: Where, loss: Loss) -> str:
    facts = _formula(loss, oldest)
    if newest.until is None or facts is None or newest not in RUNTIMES:
        return newest.name
    since, until = max(oldest.since, facts.since), newest.until
    if since == (0, 0):
        return f"TensorFlow {_dotted(until)} and older"
    return f"TensorFlow {_dotted(since)}" + (f" to {_dotted(until)}" if until != since else "")


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


# -- What plain accuracy means -----------------------------------------------------------------------------------------

BY_SHAPE_SINCE: Version = (2, 2)
"""The TensorFlow from which `"accuracy"` is resolved by the shape of outputs and labels alone."""
LAST_BY_LOSS: Version = (2, 3)
"""The last Keras without TensorFlow around it that asked the loss first. Measured on 2.3.1 and TensorFlow 2.0, 2.2."""


def accuracy_follows_loss(runtime: Runtime) -> bool:
    """Whether `"accuracy"` is known to mean binary accuracy under a binary crossentropy, whatever the shapes are."""
    keras, tensorflow = _version(runtime.keras), _version(runtime.tensorflow)
    alone = _word(runtime.package) == "keras"
    known = tensorflow not in ((), (2,))
    return (known and tensorflow < BY_SHAPE_SINCE) or (alone and len(keras) == 2 and keras <= LAST_BY_LOSS)


# -- Which runtime -----------------------------------------------------------------------------------------------------


def _possible(runtime: Runtime) -> tuple[Where, ...]:
    """The rows that this runtime can be or become, the likeliest one first; none where no row is about it."""
    rows = _of_version(runtime)
    backend, policy = _word(runtime.backend) or "tensorflow", _word(runtime.dtype_policy) or "float32"
    if backend not in BACKENDS:
        return ()
    likely, name = rows[0], rows[0].name
    if JAX_AND_TORCH in rows and backend != "tensorflow":
        likely, name = JAX_AND_TORCH, BACKENDS[backend]
        rows = tuple(row for row in rows if row.keras == 3)
    elif MIXED_PRECISION in rows and policy != "float32":
        likely, name = MIXED_PRECISION, policy
    if runtime.dtype_policy:
        excluded = MIXED_PRECISION if policy == "float32" else KERAS_3
        rows = tuple(row for row in rows if row is not excluded)
    return (replace(likely, name=name), *(row for row in rows if row is not likely))


BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "torch"}


def _of_version(runtime: Runtime) -> tuple[Where, ...]:
    """The rows of the versions that are known, the likeliest one first."""
    package, keras, tensorflow = _word(runtime.package), _version(runtime.keras), _version(runtime.tensorflow)
    if package == "tf_keras":
        return (TF_KERAS,)
    if tensorflow == (2,):
        tensorflow = ()  # 2.15 has Keras 2, 2.16 has Keras 3
    with_keras_2 = () < tensorflow < TF_KERAS.since
    if with_keras_2 and (package == "tensorflow.keras" or keras in ((), (2,))):
        keras = tensorflow
    elif tensorflow and not keras:
        keras = (3,)
    if not keras:
        return RUNTIMES
    if keras >= (3,):
        return tuple(row for row in RUNTIMES if row.keras == 3)
    if keras == (2,):
        return (TF_2_14, *(row for row in RUNTIMES if row.keras == 2 and row is not TF_2_14))
    return (next((row for row in reversed(RUNTIMES) if row.until and keras <= row.until), TF_KERAS),)


def _version(fact: Fact[str] | None) -> tuple[int, ...]:
    """The first two numbers of a version, as far as they are known."""
    known = re.match(r"(\d+)(?:\.(\d+))?", _word(fact))
    return tuple(int(number) for number in known.groups() if number) if known else ()


def _word(fact: Fact[str] | None) -> str:
    return fact.value if fact else ""

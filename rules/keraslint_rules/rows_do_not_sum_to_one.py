"""Numbers that are to be the probabilities of classes, and are none."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Loss, Measured, Severity, Sums, Training, rule

ENOUGH = 0.01
"""A sum so near to one is one: half precision is no better."""
POSITIVE = ("softplus", "exponential", "squareplus", "sparse_plus")
AXES = {0: "axis 0 (the batch)", -1: "the last axis"}


@rule(
    Training,
    Severity.WARNING,
    measured=True,
    unless=(
        *("softmax-over-batch-axis", "softmax-over-spatial-axis", "reshape-scrambles-pixels", "dropout-on-outputs"),
        *("sigmoid-for-exclusive-classes", "logits-as-probabilities", "class-loss-over-one-unit", "constant-outputs"),
        *("activation-applied-twice", "normalised-sigmoids", "squashed-logits", "softmax-over-one-unit"),
        *("trained-outputs-differ", "crossentropy-for-continuous-target", "class-ids-under-regression-loss"),
    ),
)
def check(training: Training) -> Iterator[Finding]:
    """A crossentropy over classes gets rows that do not add up to one.

    Without `from_logits=True` the categorical crossentropies take what the model gives for the probabilities of the
    classes. They divide it by its sum before they judge it, so training may work, but `predict()` returns what was
    not divided. With `--probe` the sums of real rows are measured, over every axis.

    Bad:
        import keras
        from keras import ops

        class Halves(keras.layers.Layer):
            def call(self, x):
                return 0.5 + ops.arctan(x) / 3.2

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10), Halves()])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    When it is fine:
        Softplus and exponential heads are a legal parametrisation, and silent here. So is any other where predictions
        are divided by their sum before they are read.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(head=Head(activation=Fact(str(name)))) if name in POSITIVE:
            return
        case Training(
            head=Head(measured=Measured(sums=Fact(tuple(sums)) as measured)),
            loss=Loss(name=name, family=Family.CATEGORICAL | Family.SPARSE, from_logits=Fact(value=False)),
        ):
            for one in sums:
                if one.axis == -1 and not 1 - ENOUGH <= one.low <= one.high <= 1 + ENOUGH:
                    yield Finding(
                        f"rows sum to {written(one)}, but `{name.value}` expects the probabilities of classes",
                        because=(measured.saying(f"sums of {written(one)}"), name.saying("expects sums of 1")),
                        notes=tuple(f"over {AXES.get(each.axis, each.axis)}: {written(each)}" for each in sums),
                        help="make the head a softmax over the classes, or give the loss logits and `from_logits=True`",
                    )


def written(sums: Sums) -> str:
    """A range as text."""
    low, high = f"{sums.low:.2f}", f"{sums.high:.2f}"
    return low if low == high else f"{low}..{high}"

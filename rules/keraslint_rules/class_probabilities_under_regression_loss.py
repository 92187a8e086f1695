"""Class probabilities measured by their distance."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Labels, Loss, Severity, Training, change, rule

COST = {
    "mean_squared_error": "in a trial with 10 classes and SGD accuracy was 0.13 after 5 epochs, not 0.86; Adam hid it",
    "mean_absolute_error": "in a trial with 100 classes accuracy was 0.78, with crossentropy 0.87",
}


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """A regression loss is a slow teacher for class probabilities.

    The distance between a softmax and a one-hot row hardly changes while the answer is confidently wrong, so the
    gradient vanishes just where it is needed. Adam hides this with few classes; plain SGD stands still.

    Bad:
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        x, y = x / 255.0, keras.utils.to_categorical(y, 10)
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="sgd", loss="mse")
        model.fit(x, y)

    Good:
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        x, y = x / 255.0, keras.utils.to_categorical(y, 10)
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="sgd", loss="categorical_crossentropy")
        model.fit(x, y)

    When it is fine:
        As a Brier score that is wanted for itself, with an adaptive optimiser and few classes.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(head=head, loss=Loss(name=Fact(str(name)) as loss, family=Family.REGRESSION | Family.COSINE)):
            labels = training.labels or Labels(training.span)
            if head.units and head.units.value == 1:
                return  # one unit holds no distribution: softmax-over-one-unit
            softmax = head.last if head.last and head.last.value == "softmax" else None
            sparse = holds(labels, "class-ids")
            one_hot = labels.encoding if holds(labels, "one-hot") else None
            probabilities = None if goes_beyond(labels) and not sparse else softmax or one_hot
            if probabilities:
                judged = "class probabilities" if softmax else "one-hot labels"
                better = "sparse_categorical_crossentropy" if sparse else "categorical_crossentropy"
                yield Finding(
                    f"`{name}` measures {judged} by their distance",
                    because=(loss.saying("a distance"), probabilities.saying(judged)),
                    notes=(COST[name],) if softmax and name in COST else (),
                    help=f"use `{better}`" if softmax else f"use a softmax head and `{better}`",
                    fixes=change(loss, f'"{better}"', f"Use {better}") if softmax else (),
                )


def holds(labels: Labels, encoding: str) -> bool:
    """Whether the labels are known to be encoded so."""
    return labels.encoding is not None and labels.encoding.value == encoding


def goes_beyond(labels: Labels) -> bool:
    """Whether the targets are no probabilities: of those, bounded-output-for-unbounded-target speaks."""
    return bool((labels.high and labels.high.value > 1) or (labels.low and labels.low.value < 0))

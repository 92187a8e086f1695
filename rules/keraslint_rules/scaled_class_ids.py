"""Class ids that were scaled like measurements."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Labels, Loss, Severity, Training, rule

CLASS_LOSSES = (Family.CATEGORICAL, Family.SPARSE)


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """Class ids that are divided or standardised name other classes, or none.

    A class id is a name that happens to be a number. Divided by 255, the ids 0 to 9 all lie below 1; the sparse loss
    and `to_categorical` cut them to whole numbers, and every sample belongs to class 0. Standardised ids are negative
    for half of the classes. The loss falls all the same, because there is only one answer left to learn.

    Bad:
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        x, y = x / 255, y / 255
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x, y)

    Good:
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        x = x / 255
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x, y)

    When it is fine:
        A regression on an order that the classes have (an age, a number of stars) may scale its targets. Images that
        are targets are divided like the inputs. Zeros and ones may be smoothed.

    References:
        https://keras.io/api/losses/probabilistic_losses/#sparsecategoricalcrossentropy-class
    """
    match training:
        case Training(
            labels=Labels(encoding=Fact("scaled-class-ids") as encoding) as labels, loss=Loss(name=name, family=family)
        ):
            highest = labels.high.value if labels.high else 1
            if family in CLASS_LOSSES or (family is Family.BINARY and highest < 0.5):
                yield Finding(
                    "the class ids are scaled and name other classes now",
                    because=(encoding.saying("scaled"), name.saying("takes class labels")),
                    notes=tuple(consequence(labels, family)),
                    help="scale the inputs only",
                )


def consequence(labels: Labels, family: Family) -> Iterator[str]:
    """What the labels are cut to, where that is known."""
    low, high = labels.low, labels.high
    if family is Family.BINARY:
        yield "no label reaches 0.5: every sample is negative"
    elif low and high and low.value > -1 and high.value < 1:
        yield "Keras cuts labels to whole numbers: every sample belongs to class 0"

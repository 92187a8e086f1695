"""Labels that a hinge loss cannot use."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Labels, Loss, Severity, Training, rule

COIN = "any answer above 1 suits all of them: in trials the loss was 0 and accuracy 0.50, with -1 and 1 0.98"
MORE = "a larger label asks for less: in trials the ids of 10 classes came to accuracy 0.09 to 0.17"


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """A hinge loss needs labels of -1 and 1, or of 0 and 1.

    `max(0, 1 - y * p)` asks for a `p` beyond 1 on the side of the label, and nothing more. With labels of 1 and 2 every
    answer above 1 is right for all of them: in trials the loss was 0 and the accuracy that of a coin (0.98 with -1 and
    1). A larger label only asks for less: the ids of 10 classes came to accuracy 0.09 to 0.17.

    Bad:
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="hinge")
        model.fit(x / 255.0, y)

    Good:
        import keras
        import numpy as np

        (x, y), _ = keras.datasets.mnist.load_data()
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="hinge")
        model.fit(x / 255.0, np.where(y == 3, 1, -1))

    When it is fine:
        Labels of 0 and 1: Keras turns them into -1 and 1, batch by batch.

    References:
        https://keras.io/api/losses/hinge_losses/
    """
    match training:
        case Training(
            loss=Loss(name=Fact("hinge" | "squared_hinge" as name) as loss, family=Family.HINGE),
            labels=Labels() as labels,
        ) if wrong := labels.beyond(-1, 1):
            positive = labels.low is not None and labels.low.value > 0
            yield Finding(
                f"`{name}` needs labels of -1 and 1, but they go {wrong.text}",
                because=(loss.saying("labels of -1 and 1"), wrong),
                notes=(COIN if positive else MORE,),
                help="map two classes to -1 and 1; more classes belong to `categorical_hinge` or a crossentropy",
            )

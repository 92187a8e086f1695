"""Class ids taken for amounts."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Labels, Loss, Severity, Training, rule

COST = "in a trial with 10 classes accuracy was 0.41, with a softmax and a crossentropy 0.97"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A regression on class ids learns an order that the classes do not have.

    For a distance class 1 lies between class 0 and class 2, and 1.0 is a fair guess where either of these is right.
    Where numbers only stand for names this is wrong: in a trial with 10 classes the rounded answers came to accuracy
    0.41, a softmax to 0.97.

    Bad:
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(64, "relu"), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x / 255.0, y)

    Good:
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x / 255.0, y)

    When it is fine:
        Grades, ratings and other numbers that have an order: they are no class ids, and neither are numbers that the
        program gives to the classes itself. Two classes as 0 and 1 under a squared error are a usable classifier.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(head=Head(activation=Fact("softmax"))):
            return  # softmax-over-one-unit
        case Training(
            head=Head(units=Fact(1) as units),
            loss=Loss(name=loss, family=Family.REGRESSION),
            labels=Labels(encoding=Fact("class-ids") as ids, classes=Fact(int(count)) as classes, by_hand=None),
        ) if count > 2:
            yield Finding(
                f"`{loss.value}` takes the ids of {count} classes for amounts",
                because=(loss.saying("a distance"), ids.saying("class ids"), classes, units.saying("one number")),
                notes=(COST,),
                help=f"use {count} units with a softmax and `sparse_categorical_crossentropy`",
            )

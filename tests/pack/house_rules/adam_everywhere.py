"""A house that trains with Adam."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Severity, Training, change, rule


@rule(Training, Severity.NOTE)
def check(training: Training) -> Iterator[Finding]:
    """This house trains with Adam.

    Our learning rates are made for it.

    Bad:
        import keras

        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")

    Good:
        import keras

        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        model.compile("adam", "mse")

    When it is fine:
        Never, in this house.

    References:
        https://keras.io/api/optimizers/
    """
    match training.optimizer:
        case Fact(str(name)) as optimizer if name.lower() != "adam":
            yield Finding(
                f"trained with `{name}`",
                because=(optimizer,),
                help="use Adam",
                fixes=change(optimizer, '"adam"', "Use Adam"),
            )

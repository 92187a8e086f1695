"""A head that ends in NaN or infinity."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Head, Measured, Severity, rule

FAST = ("exponential", None)
"""Functions that may grow as fast as a program means them to: their infinity is no slip."""


@rule(
    Head,
    Severity.ERROR,
    measured=True,
    unless=("unstable-softmax", "softmax-over-batch-axis", "normalised-sigmoids", "logits-as-probabilities"),
)
def check(head: Head) -> Iterator[Finding]:
    """From some score on, the output or its gradient is not a number.

    The formula behind the last weights overflows, divides by zero or takes the logarithm of nothing. One such row is
    enough: its gradient makes NaN of all weights. With `--probe` the scores in front of the formula are driven up to
    ten thousand, in both directions, and the first one that fails is told. In float32 `exp` is infinite from 88.8 on.

    Bad:
        import keras
        from keras import ops

        class Odds(keras.layers.Layer):
            def call(self, x):
                grown = ops.exp(x)
                return grown / (grown + 1)

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1), Odds()])
        model.compile(optimizer="adam", loss="binary_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")

    When it is fine:
        Where the scores cannot become so large, for example behind a tanh. An exponential that is meant as one, as for
        a rate, is not reported for its infinity.

    References:
        https://keras.io/api/ops/nn/
    """
    match head:
        case Head(activation=activation, measured=Measured(non_finite=Fact(score) as met)) if (
            met.text == "NaN" or (activation.value if activation else None) not in FAST
        ):
            what = met.text or "not finite"
            yield Finding(
                f"the output is {what} from a score of {score:.3g} on",
                because=(met.saying(f"{what} from {score:.3g} on"),),
                notes=("the score is what the last layer with weights gives, in the number format of the model",),
                help="use the function that Keras has for it, or subtract the largest score before `exp`",
            )
        case Head(measured=Measured(non_finite=None, gradient=Fact(score) as met)):
            yield Finding(
                f"the gradient is NaN from a score of {score:.3g} on, while the output is a number",
                because=(met.saying(f"gradient NaN from {score:.3g} on"),),
                severity=Severity.WARNING,
                notes=("one such row makes NaN of all weights",),
                help="use the function that Keras has for it: its gradient is made for large scores",
            )

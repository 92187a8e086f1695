"""A formula that overflows where the built-in one does not."""

from collections.abc import Iterator

from keraslint import Activation, Fact, Finding, Severity, built_in, rule

OVERFLOW = {
    "softmax": (
        "softmax written by hand overflows",
        "in float32 `exp` is infinite from a logit of 88.8, and the outputs are NaN",
        "use `keras.ops.softmax`, or subtract the maximum first",
    ),
    "sigmoid": (
        "sigmoid written by hand overflows",
        "in float32 `exp(-x)` is infinite from x = -88.8: on TensorFlow the gradient is NaN while the value still is 0",
        "use `keras.ops.sigmoid`",
    ),
    "log-softmax": (
        "the logarithm of a softmax loses small probabilities",
        "in float32 a class 104 below the largest logit has probability 0: its logarithm is -inf, the gradient NaN",
        "use `keras.ops.log_softmax`",
    ),
}


@rule(Activation, Severity.WARNING)
def check(activation: Activation) -> Iterator[Finding]:
    """A softmax or sigmoid written by hand overflows.

    The built-in functions subtract the largest logit before they exponentiate, or take another path for negative
    numbers. The textbook's formula does not: a large logit gives infinity divided by infinity, and one NaN spreads to
    all weights.

    Bad:
        import keras
        from keras import ops

        def depth_softmax(x):
            e = ops.exp(x)
            return e / ops.sum(e, axis=-1, keepdims=True)

        model = keras.Sequential([keras.layers.Dense(10), keras.layers.Lambda(depth_softmax)])

    Good:
        import keras
        from keras import ops

        def depth_softmax(x):
            e = ops.exp(x - ops.max(x, axis=-1, keepdims=True))
            return e / ops.sum(e, axis=-1, keepdims=True)

        model = keras.Sequential([keras.layers.Dense(10), keras.layers.Lambda(depth_softmax)])
        # ---
        import keras

        model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])

    When it is fine:
        Where the logits are bounded, for example behind a tanh, or the formula runs on the host in float64.

    References:
        https://keras.io/api/ops/nn/
    """
    match activation:
        case Activation(name=Fact(str(name)), by_hand=Fact(False) as formula) if name in OVERFLOW:
            message, why, instead = OVERFLOW[name]
            yield Finding(
                message,
                because=(formula,),
                notes=(why,),
                help=instead,
                fixes=built_in(formula, name.replace("-", "_"), f"Use the built-in {name}", safe=True),
            )

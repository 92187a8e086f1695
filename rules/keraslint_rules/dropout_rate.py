"""A dropout that leaves nothing, or next to nothing."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Layer, Model, Program, Severity, rule

MOST = 0.8
NOISE = ("AlphaDropout", "GaussianDropout")


@rule(Program, Severity.ERROR)
def check(program: Program) -> Iterator[Finding]:
    """A dropout rate is the share of units that is dropped, not the share that is kept.

    The rate lies between 0 and 1, and 1 drops everything: Keras 3 then trains on zeros without a word (measured on
    3.15: the sum behind `Dropout(1.0)` is 0.0), tf_keras raises. Outside of this range Keras raises. Above 0.8 hardly
    anything is left to learn from; whoever writes 0.9 mostly thinks of the share to keep, as TensorFlow 1 counted.

    Bad:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation="relu"), layers.Dropout(0.9)])
        model.add(layers.Dense(10, activation="softmax"))
        # ---
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation="relu"), layers.Dropout(1.0)])
        model.add(layers.Dense(10, activation="softmax"))

    Good:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation="relu"), layers.Dropout(0.1)])
        model.add(layers.Dense(10, activation="softmax"))

    When it is fine:
        Very wide layers on very few rows, such as a bag of words, bear high rates. Dropout before the first layer with
        weights, where it hides inputs on purpose (denoising, masked features), is not reported up to 1.

    References:
        https://keras.io/api/layers/regularization_layers/dropout/
    """
    for model in program.models:
        for layer in model.layers:
            match layer:
                case Layer(rate=Fact(rate) as given) if not 0 <= rate < 1:
                    yield Finding(
                        f"`{layer.kind}` with rate {rate} " + ("drops everything" if rate == 1 else "cannot be made"),
                        because=(given,),
                        notes=(what_happens(layer.kind, rate),),
                        help="give the share of units to drop, such as 0.2",
                    )
                case Layer(rate=Fact(rate) as given) if rate > MOST and is_hidden(model, layer):
                    yield Finding(
                        f"`{layer.kind}` drops {100 * rate:g}% of the units",
                        because=(given,),
                        severity=Severity.WARNING,
                        notes=("the rate is the share to drop; TensorFlow 1 counted the share to keep",),
                        help=f"use {1 - rate:.2g} if that is what is to be dropped",
                    )


def what_happens(kind: str, rate: float) -> str:
    """What the versions of Keras do, as measured on Keras 3.15 and tf_keras 2.21."""
    if kind in NOISE:
        return f"Keras 3 raises; tf_keras 2 takes a rate of {rate} for none at all"
    if rate == 1:
        return "Keras 3 trains on zeros without a word; tf_keras 2 raises when it is trained"
    return "Keras 2 and 3 raise a ValueError"


def is_hidden(model: Model, layer: Layer) -> bool:
    """Whether the layer stands behind another one: what comes first hides inputs, which may be meant."""
    return any(
        model.layers[flow.layer] is layer for one in model.layers for flow in one.feeds if flow.layer is not None
    )

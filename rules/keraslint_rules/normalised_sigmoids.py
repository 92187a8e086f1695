"""Sigmoids divided by their total."""

from collections.abc import Iterator

from keraslint import Activation, Fact, Finding, Severity, built_in, rule


@rule(Activation, Severity.WARNING)
def check(activation: Activation) -> Iterator[Finding]:
    """Sigmoids divided by their sum are not a softmax.

    A sigmoid ends at 1, so however sure the network is of one class, another with a logit of 2 still counts 0.88. The
    shares add up to one and look like probabilities, but they are flatter than a softmax and can hardly be confident.

    Bad:
        import keras
        from keras import ops

        def share(x):
            s = ops.sigmoid(x)
            return s / ops.sum(s, axis=-1, keepdims=True)

        model = keras.Sequential()
        model.add(keras.layers.Dense(64, activation="relu"))
        model.add(keras.layers.Dense(10))
        model.add(keras.layers.Lambda(share))

    Good:
        import keras

        model = keras.Sequential()
        model.add(keras.layers.Dense(64, activation="relu"))
        model.add(keras.layers.Dense(10, activation="softmax"))

    When it is fine:
        Shares among time steps or instances, or among the chosen few of many experts: nobody takes those for a softmax.

    References:
        https://keras.io/api/layers/activations/
    """
    match activation:
        case Activation(name=Fact("normalised-sigmoids") as name, axis=Fact(0 | -1)):
            yield Finding(
                "sigmoids divided by their sum are not a softmax",
                because=(name,),
                notes=(
                    "a sigmoid ends at 1: logits 8 and 2 share as 0.53 to 0.47, where a softmax says 0.998 to 0.002",
                ),
                help="use `softmax`",
                fixes=built_in(name, "softmax axis=-1", "Use a softmax"),
            )

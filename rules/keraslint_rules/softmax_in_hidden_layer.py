"""A softmax where no probabilities are wanted."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Layer, Model, Program, Severity, change, rule

LINEAR = ("Dense", "Conv1D", "Conv2D", "Conv3D")
PASSING = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "Flatten", "BatchNormalization")
POOLING = ("MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D")


@rule(Program, Severity.WARNING)
def check(program: Program) -> Iterator[Finding]:
    """A softmax between layers makes the units share a total of one.

    All units of the layer together may only say 1: whatever one of them says more, the others say less, and with 64
    units each says about 0.016. The gradient that comes back is as small. With SGD ten classes are told apart with
    accuracy 0.16 and 0.23, where relu gets 0.99 (two seeds, Keras 3.15); Adam makes up for it on easy data.

    Bad:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation="softmax")])
        model.add(layers.Dense(10, activation="softmax"))

    Good:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation="relu")])
        model.add(layers.Dense(10, activation="softmax"))

    When it is fine:
        Attention, gates and mixtures of experts multiply something with the softmax; they are not reported, nor is a
        softmax that is an output of a model or goes into another model.

    References:
        https://keras.io/api/layers/activations/#softmax-function
    """
    for site in program.sites():
        if all(is_hidden(model, layer) for model, layer in site):
            model, layer = site[0]
            assert layer.activation
            taker = (model.takers(layer, (*PASSING, *POOLING)) or (layer,))[0]
            yield Finding(
                "a softmax between layers leaves the units a total of 1 to share",
                because=(layer.activation.saying("adds up to 1"), Fact(taker.kind, taker.span, text="takes it")),
                notes=("with SGD accuracy 0.16 and 0.23 on ten classes, with relu 0.99 (64 units, Keras 3.15)",),
                help="use a relu or another activation for hidden layers",
                fixes=change(layer.activation, '"relu"', "Use relu"),
            )


def is_hidden(model: Model, layer: Layer) -> bool:
    """Whether a layer applies a softmax, and only layers that weigh its units anew take it."""
    takers = model.takers(layer, (*PASSING, *POOLING))
    match layer:
        case Layer(activation=Fact("softmax")) if layer.kind in LINEAR and takers:
            return all(taker.kind in LINEAR for taker in takers)
    return False

"""A bias that the next layer takes away."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Layer, Model, Program, Severity, add, change, rule


@rule(Program, Severity.NOTE)
def check(program: Program) -> Iterator[Finding]:
    """A batch normalisation takes away the bias of the layer before it.

    BatchNormalization subtracts the mean of every channel, and with it whatever the layer before has added to that
    channel. The bias does nothing, its gradient is zero, and the normalisation has a shift of its own. It costs a
    little memory and time, nothing else.

    Bad:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(32, 3), layers.BatchNormalization()])
        model.add(layers.ReLU())

    Good:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(32, 3, use_bias=False)])
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())

    When it is fine:
        Behind an activation, before a normalisation of another axis or a frozen one, and where the outputs go anywhere
        else too, the bias counts. A program that loads weights from a file needs the layers as they were saved: it is
        not reported.

    References:
        https://keras.io/api/layers/normalization_layers/batch_normalization/
    """
    for site in program.sites():
        if all(is_cancelled(model, layer) for model, layer in site):
            model, layer = site[0]
            (taker,) = {one.span: one for one in model.takers(layer) or ()}.values()
            assert layer.use_bias
            title = "Drop the bias"
            yield Finding(
                "the batch normalisation behind this layer takes its bias away",
                because=(layer.use_bias.saying("adds a bias"), Fact(taker.kind, taker.span, text="subtracts the mean")),
                help="pass `use_bias=False`",
                fixes=add(layer.use_bias, "use_bias=False", title, safe=True)
                or change(layer.use_bias, "use_bias=False", title, safe=True),
            )


def is_cancelled(model: Model, layer: Layer) -> bool:
    """Whether the outputs of a layer with a bias go into one normalisation of its channels, and nowhere else."""
    takers = model.takers(layer) or ()
    match layer, takers:
        case (
            Layer(
                use_bias=Fact(value=True) as bias,
                activation=Fact("linear"),
                trainable=Fact(value=True),
                axis=Fact(axis),
            ),
            [Layer(kind="BatchNormalization", axis=Fact(normalised), trainable=Fact(value=True))],
        ):
            # what is passed through may be another one for those who call
            return axis == normalised and model.restored is None and (bias.omitted or bias.literal)
    return False

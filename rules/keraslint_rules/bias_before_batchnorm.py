"""A bias that the next layer takes away."""

from collections.abc import Iterator

from keraslint import Edit, Fact, Finding, Fix, Layer, Model, Program, Severity, add, change, rule

TITLE = "Drop the bias"


@rule(Program, Severity.NOTE)
def check(program: Program) -> Iterator[Finding]:
    """A batch normalisation takes away the bias of the layer before it.

    BatchNormalization subtracts the mean of every channel, and with it whatever the layer before has added to that
    channel. The bias does nothing, its gradient is zero, and the normalisation has a shift of its own. It costs a
    little memory and time, nothing else: a file gets one note, at the first such layer, and its fix mends them all.

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
    files: dict[str, list[tuple[Model, Layer]]] = {}
    for site in program.sites():
        if all(is_cancelled(model, layer) for model, layer in site):
            files.setdefault(site[0][1].span.path, []).append(site[0])
    for sites in files.values():
        model, layer = min(sites, key=lambda one: one[1].span.position)
        (taker,) = {one.span: one for one in model.takers(layer) or ()}.values()
        assert layer.use_bias
        others = f"{len(sites) - 1} more {'layers' if len(sites) > 2 else 'layer'} of this file"
        yield Finding(
            "the batch normalisation behind this layer takes its bias away",
            because=(layer.use_bias.saying("adds a bias"), Fact(taker.kind, taker.span, text="subtracts the mean")),
            notes=(f"the same is true for {others}",) if len(sites) > 1 else (),
            help="pass `use_bias=False`",
            fixes=(Fix(TITLE, tuple(edit for _, each in sites for edit in without_bias(each)), safe=True),),
        )


def without_bias(layer: Layer) -> tuple[Edit, ...]:
    """What to write so that a layer has no bias."""
    fact = layer.use_bias
    assert fact
    (fix,) = add(fact, "use_bias=False", TITLE) or change(fact, "use_bias=False", TITLE)
    return fix.edits


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

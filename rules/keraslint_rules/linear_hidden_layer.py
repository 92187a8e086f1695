"""Two linear maps in a row."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Layer, Model, Program, Severity, add, change, rule

LINEAR = ("Dense", "Conv1D", "Conv2D", "Conv3D")
PASSING = ("Flatten", "Identity")
MEANT = ("bottleneck", "code", "embed", "feature", "latent", "linear", "lora", "proj", "reduc", "squeeze", "stem")
COST = "on two rings of points two linear layers of 64 units score 0.37 and 0.36, with relu 1.00 and 0.99"


@rule(Program, Severity.WARNING)
def check(program: Program) -> Iterator[Finding]:
    """Two layers without an activation between them are one linear map.

    A Dense or convolution without `activation` only multiplies and adds; if nothing but another such layer takes its
    outputs, both together are one matrix, and the extra weights make the model no more able. Flatten in between changes
    nothing about that. Mostly the activation was forgotten: on two rings of points two linear layers of 64 units score
    0.37 and 0.36 (two seeds, Keras 3.15), no hidden layer at all scores 0.39 and 0.36, and with relu 1.00 and 0.99.

    Bad:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,)), layers.Dense(64), layers.Dense(10, activation="softmax")])
        # ---
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(32, 3)])
        model.add(layers.Conv2D(32, 3, activation="relu"))
        model.add(layers.GlobalAveragePooling2D())
        model.add(layers.Dense(10, activation="softmax"))

    Good:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation="relu")])
        model.add(layers.Dense(10, activation="softmax"))

    When it is fine:
        A bottleneck: with fewer units than the layers on both sides of it have, the pair is a matrix of low rank, which
        is another thing than one layer and mostly meant (autoencoders, projections, LoRA, separable convolutions). It
        is only reported where the layer is as wide as what goes in or what comes out. Also silent: layers whose outputs
        go anywhere else as well (residual sums, attention, outputs of another model), normalisation, dropout, pooling
        or up-sampling in between, convolutions with strides, kernels such as (1, 7) before (7, 1), frozen layers, and
        names such as `embedding`. A model without any activation may be meant as a linear one: there it is a note.

    References:
        https://keras.io/api/layers/activations/
    """
    for site in program.sites():
        takers = [taker for model, layer in site if (taker := absorbing(model, layer))]
        model, layer = site[0]
        if len(takers) == len(site) and layer.activation:
            title = "Use relu"
            yield Finding(
                f"`{layer.kind}` without an activation before `{takers[0].kind}`: together one linear map",
                because=(layer.activation.saying("no activation"), Fact("linear", takers[0].span, text="linear too")),
                severity=Severity.NOTE if is_linear(model) else None,
                notes=(COST,),
                help='add an activation, such as `activation="relu"`, or drop the layer',
                fixes=add(layer.activation, 'activation="relu"', title) or change(layer.activation, '"relu"', title),
            )


def absorbing(model: Model, layer: Layer) -> Layer | None:
    """The one layer that takes the outputs, if it could do the work of both without losing anything."""
    match layer, model.takers(layer, PASSING):
        case (
            Layer(activation=Fact("linear") as activation, trainable=Fact(value=True), units=Fact(int(units))),
            [Layer(trainable=Fact(value=True), units=Fact(int(wanted))) as taker],
        ) if layer.kind in LINEAR and taker.kind in LINEAR and taker is not layer:
            meant = any(word in (layer.name or "").lower() for word in MEANT) or is_shaped(layer) or is_shaped(taker)
            # what is passed through may be another one for those who call
            meant = meant or not (activation.omitted or activation.literal)
            if not meant and (units >= wanted or (layer.takes is not None and units >= layer.takes.value)):
                return taker
    return None


def is_linear(model: Model) -> bool:
    """Whether nothing in a model is more than a linear map: a demonstration, or a linear regression in steps."""
    return all(
        (layer.kind in LINEAR and layer.activation is not None and layer.activation.value == "linear")
        or layer.kind in (*PASSING, "Dropout", "Reshape")
        for layer in model.layers
    ) and not any(flow.through for layer in model.layers for flow in layer.feeds)


def is_shaped(layer: Layer) -> bool:
    """Whether a convolution does more than mix: with strides it shrinks, with an oblong kernel it is half of a large
    one."""
    kernel, strides = layer.kernel_size, layer.strides
    return (kernel is not None and len(set(kernel.value)) > 1) or (strides is not None and set(strides.value) != {1})

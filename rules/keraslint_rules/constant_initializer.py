"""Units that begin alike and stay alike."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Layer, Model, Program, Severity, drop, rule

SAME = ("zeros", "ones", "constant")
DEAD_AT_ZERO = ("relu", "relu6")
WEIGHTS = ("Dense", "Conv1D", "Conv2D", "Conv3D")
PASSING = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Flatten", "Reshape")


@rule(Program, Severity.ERROR)
def check(program: Program) -> Iterator[Finding]:
    """Weights that all begin with the same number cannot learn different things.

    A kernel of zeros behind a relu gives 0 with gradient 0, and stays so: accuracy 0.10 on ten classes, as good as
    guessing, where the standard initializer gets 0.99 (Keras 3.15, two seeds, as the first and as the second hidden
    layer). Two layers in a row whose weights all begin with one number keep their units alike for good, so that a layer
    of 64 units can do no more than one of a single unit: 0.19 with ones before a tanh or a relu, and all columns of the
    kernel are equal after 20 epochs.

    Bad:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,))])
        model.add(layers.Dense(64, activation="relu", kernel_initializer="zeros"))
        model.add(layers.Dense(10, activation="softmax"))
        # ---
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,))])
        model.add(layers.Dense(64, activation="tanh", kernel_initializer="ones"))
        model.add(layers.Dense(10, activation="softmax", kernel_initializer="ones"))

    Good:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation="relu")])
        model.add(layers.Dense(10, activation="softmax", kernel_initializer="zeros"))

    When it is fine:
        For biases, for the output layer, for gates and for the last layer of a residual branch, zeros are usual. A
        constant kernel among layers that begin at random costs less than one may think, because what comes back is
        different for every unit (0.99 with zeros before a tanh, 0.98 with ones); it is not reported.

    References:
        https://keras.io/api/layers/initializers/
    """
    for site in program.sites():
        found = [judge(model, layer) for model, layer in site]
        if all(found) and found[0]:
            yield found[0]


def judge(model: Model, layer: Layer) -> Finding | None:
    """The finding on a hidden layer that stays as it began."""
    takers = model.takers(layer, PASSING)
    match layer:
        case Layer(
            kernel_initializer=Fact(str(name)) as initializer, trainable=Fact(value=True), units=Fact(int(units))
        ) if layer.kind in WEIGHTS and name in SAME and takers and all(one.kind in WEIGHTS for one in takers):
            fixes = drop(initializer, "Use the standard initializer")
            if layer.activation and name == "zeros" and is_dead(layer):
                return Finding(
                    f"zeros behind a `{layer.activation.value}` stay zeros: no gradient passes",
                    because=(initializer.saying("every weight 0"), layer.activation),
                    notes=(DEAD,),
                    help="leave `kernel_initializer` out",
                    fixes=fixes,
                )
            same = [one.kernel_initializer for one in takers if one.kernel_initializer]
            if units > 1 and len(same) == len(takers) and all(one.value in SAME for one in same):
                return Finding(
                    f"all {units} units begin alike and stay alike",
                    because=(initializer.saying("every weight the same"), same[0].saying("and here too")),
                    notes=(ALIKE,),
                    help="leave `kernel_initializer` out",
                    fixes=fixes,
                )
    return None


def is_dead(layer: Layer) -> bool:
    """Whether a layer gives 0 with gradient 0 as long as its kernel is 0."""
    match layer:
        case Layer(activation=Fact(str(name))) if name in DEAD_AT_ZERO:
            unbiased = layer.use_bias is not None and not layer.use_bias.value
            return unbiased or (layer.bias_initializer is not None and layer.bias_initializer.value == "zeros")
    return False


DEAD = "accuracy 0.10 on ten classes instead of 0.99 (Keras 3.15): relu has no gradient at 0, so nothing ever changes"
ALIKE = "accuracy 0.19 on ten classes instead of 0.99 (Keras 3.15, ones): 64 units do no more than a single one"

"""A head whose output is one number."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Head, Measured, Severity, rule


@rule(
    Head,
    Severity.ERROR,
    measured=True,
    unless=(
        *("softmax-over-one-unit", "class-loss-over-one-unit", "dropout-on-outputs", "constant-initializer"),
        *("softmax-over-batch-axis", "softmax-over-spatial-axis", "activation-applied-twice"),
    ),
)
def check(head: Head) -> Iterator[Finding]:
    """The output is the same number whatever goes in, and whatever the weights are.

    Something behind the last weights takes away all that they say: a softmax or a normalisation over an axis of one
    number, a mean that is subtracted from itself, a step that no score reaches. No training changes it. With `--probe`
    the scores in front of the last function are driven from small to large, and the output stays where it is.

    Bad:
        import keras

        inputs = keras.Input((20,))
        score = keras.layers.Dense(1)(keras.layers.Dense(16, activation="relu")(inputs))
        outputs = keras.layers.LayerNormalization(center=False, scale=False)(score)
        model = keras.Model(inputs, outputs)
        model.compile(optimizer="adam", loss="mse")

    Good:
        import keras

        inputs = keras.Input((20,))
        hidden = keras.layers.LayerNormalization()(keras.layers.Dense(16, activation="relu")(inputs))
        model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
        model.compile(optimizer="adam", loss="mse")

    When it is fine:
        For an output that is a constant on purpose, such as a mask that another program asks for.

    References:
        https://keras.io/api/layers/normalization_layers/layer_normalization/
    """
    match head:
        case Head(measured=Measured(constant=Fact(value) as constant, rows=rows)):
            yield Finding(
                f"every output is {value:g}, whatever the inputs and the weights are",
                because=(constant.saying(f"{value:g} on all {rows} rows"),),
                notes=("the scores before the last function were driven from small to large, and nothing changed",),
                help="take out what levels the output, or apply it over an axis with more than one entry",
            )

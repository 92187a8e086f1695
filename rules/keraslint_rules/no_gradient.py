"""A model that cannot learn because nothing comes back."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Severity, Training, Trial, rule


@rule(
    Training,
    Severity.ERROR,
    measured=True,
    unless=(
        *("softmax-over-one-unit", "class-loss-over-one-unit", "constant-initializer", "constant-outputs"),
        *("logits-as-probabilities", "trainable-after-compile", "activation-applied-twice", "dropout-rate"),
        *("bounded-output-for-unbounded-target", "one-sided-output-for-signed-target", "non-finite-outputs"),
        *("crossentropy-for-continuous-target", "labels-outside-unit-interval", "squashed-logits"),
    ),
)
def check(training: Training) -> Iterator[Finding]:
    """The gradient of the loss is exactly zero for every weight.

    A rounding, a comparison, an argmax, a clipped number or a stopped gradient stands between the weights and the loss:
    whatever the optimizer, no weight will ever move. With `--probe` one gradient is computed on made-up rows, with the
    weights as they are initialised.

    Bad:
        import keras
        from keras import ops

        inputs = keras.Input((20,))
        score = keras.layers.Dense(1, activation="sigmoid")(inputs)
        answer = keras.layers.Lambda(lambda x: ops.round(x))(score)
        model = keras.Model(inputs, answer)
        model.compile(optimizer="adam", loss="mse")

    Good:
        import keras

        inputs = keras.Input((20,))
        model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(inputs))
        model.compile(optimizer="adam", loss="binary_crossentropy")

    When it is fine:
        For a model that is compiled to be evaluated only, with weights from elsewhere.

    References:
        https://keras.io/api/losses/
    """
    match training:
        case Training(trial=Trial(gradient=Fact(gradient) as measured, still=Fact(tuple(still)), rows=rows)):
            if gradient != 0 or not still:
                return
            number = f"all {len(still)} weights" if len(still) > 1 else f"the only weight, `{still[0]}`,"
            yield Finding(
                f"the gradient of the loss is exactly zero for {number}",
                because=(measured.saying("no gradient"),),
                notes=(f"measured on {rows} made-up rows: this loss moves no weight, whatever the optimizer",),
                help="train the numbers before they are rounded, compared or clipped, and do that to predictions only",
            )

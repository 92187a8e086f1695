"""A model that Keras refuses to build."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Model, Severity, rule


@rule(
    Model,
    Severity.ERROR,
    measured=True,
    unless=(
        *("removed-api", "removed-argument", "dropout-rate", "unweighted-head", "generator-labels"),
        *("metric-for-other-labels", "learning-rate-out-of-range", "positional-kernel-size"),
    ),
)
def check(model: Model) -> Iterator[Finding]:
    """Keras raises an error while the model is built or compiled.

    With `--probe` the statements that make the model are run, nothing else: no data are loaded, and nothing is
    trained. An error is reported only where it comes from the model itself. Where something stood in for the data of
    the program, where a package or a file is missing, or where a download was refused, a line at the end of the report
    says so.

    Bad:
        import keras

        inputs = keras.Input((24,))
        outputs = keras.layers.Dense(1)(keras.layers.LSTM(16)(inputs))
        model = keras.Model(inputs, outputs)
        model.compile(optimizer="adam", loss="mse")

    Good:
        import keras

        inputs = keras.Input((24, 1))
        outputs = keras.layers.Dense(1)(keras.layers.LSTM(16)(inputs))
        model = keras.Model(inputs, outputs)
        model.compile(optimizer="adam", loss="mse")

    When it is fine:
        Where the program expects the error, and catches it.

    References:
        https://keras.io/guides/functional_api/
    """
    match model:
        case Model(failure=Fact(str(said)) as failure):
            error, _, words = said.partition(": ")
            yield Finding(
                f"this model cannot be built: Keras raises `{error}`",
                because=(failure.saying(error),),
                notes=(words.rstrip(". "),) if words.strip(". ") else (),
                help="the layers before this line were built: mend the shapes or arguments that Keras names here",
            )

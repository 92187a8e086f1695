"""Predictions that look at their neighbours."""

from collections.abc import Iterator

from keraslint import Coupling, Fact, Finding, Head, Measured, Severity, rule

NUMBERS = {1: "one row", 2: "two rows", 3: "three rows", 4: "four rows"}


@rule(Head, Severity.ERROR, measured=True, unless=("softmax-over-batch-axis", "normalised-sigmoids"))
def check(head: Head) -> Iterator[Finding]:
    """The prediction of a row depends on the rows beside it.

    Something in the model goes over axis 0, the batch: a mean, a largest value, a softmax. In training every batch is
    large and mixed, and the loss looks right; at prediction a row alone gets another answer than in company. Of a
    softmax over the batch, accuracy was 0.96 at a batch of 1000 and 0.11 at a batch of one (10 classes, Adam). With
    `--probe` some rows are predicted alone and in a batch, with dropout and batch normalisation at rest.

    Bad:
        import keras
        from keras import ops

        class Standardise(keras.layers.Layer):
            def call(self, x):
                return (x - ops.mean(x, axis=0)) / (ops.std(x, axis=0) + 1e-3)

        model = keras.Sequential([keras.Input((20,)), Standardise(), keras.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")

    Good:
        import keras

        model = keras.Sequential(
            [keras.Input((20,)), keras.layers.BatchNormalization(), keras.layers.Dense(3, activation="softmax")]
        )
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")

    When it is fine:
        Where rows are meant to be compared with each other and never come alone: the spread over the batch in the
        discriminator of a GAN (a note, for one output), losses that contrast the rows of a batch.

    References:
        https://keras.io/api/layers/normalization_layers/batch_normalization/
    """
    match head:
        case Head(units=units, measured=Measured(coupling=Fact(Coupling() as seen) as coupling)):
            low, *_, high = seen.alone or (0.0, 1.0)
            alone = (f"alone, every row gives {low:g}",) if low == high else ()
            one = units is not None and units.value == 1 and not alone
            yield Finding(
                f"{NUMBERS.get(seen.rows, f'{seen.rows} rows')} alone and in a batch of {seen.batch} "
                f"differ by {seen.difference:.2g}",
                because=(coupling.saying(f"differ by {seen.difference:.2g}"),),
                severity=Severity.NOTE if one else None,
                notes=(*alone, "what `predict()` returns depends on the batch that a row comes in"),
                help="apply what goes over axis 0 over the last axis, or use a layer that keeps running means",
            )

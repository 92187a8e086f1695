"""Something that disturbs the predictions stands between them and the loss."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Loss, Severity, Training, drop, rule

NORMALISED = ("BatchNormalization", "LayerNormalization", "GroupNormalization", "Normalization", "RMSNormalization")
CLASSES = (Family.CATEGORICAL, Family.SPARSE, Family.BINARY, Family.DIVERGENCE)
COST = {
    "softmax": "in trials with 10 classes at a rate of 0.5 the training loss stayed at 1.3 to 1.4, not 0.02",
    "sigmoid": "in trials with a rate of 0.5 the training loss stayed at 4.0 to 4.2, and accuracy fell by 0.02 to 0.04",
    "linear": "in trials with a rate of 0.5 R2 was 0.59 to 0.66, without it 0.98",
}
SCALED = "in trials the rows of a softmax behind it added up to anything from -4.1 to 1.2"


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """Dropout behind the last layer zeroes predictions before the loss sees them.

    While training, dropout sets some of the outputs to zero and scales the others up: the loss judges numbers that the
    model never predicts, and the training loss says little. A normalisation behind a softmax or sigmoid turns
    probabilities into other numbers, at prediction too. A note where it is only noise: in trials it did no harm.

    Bad:
        import keras

        model = keras.Sequential([keras.layers.Dense(10, activation="softmax"), keras.layers.Dropout(0.5)])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        # ---
        import keras

        model = keras.Sequential([keras.layers.Dense(10, activation="softmax"), keras.layers.BatchNormalization()])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.layers.Dropout(0.5), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")

    When it is fine:
        Before the last activation: a batch normalisation between the last weights and the softmax, or dropout of the
        logits. Behind embeddings that no class loss judges, and behind the linear scores of a class loss.

    References:
        https://keras.io/api/layers/regularization_layers/dropout/
    """
    match training:
        case Training(
            head=Head(activation=Fact(str(name)) as activation, behind=(disturbing, *_)),
            loss=Loss(name=loss, family=family),
        ) if disturbs(disturbing.value, name, family):
            kind, said = disturbing.value, name.removeprefix("scaled-")
            normalised = kind in NORMALISED
            yield Finding(
                f"`{kind}` turns probabilities into other numbers"
                if normalised
                else f"`{kind}` stands behind the last {'weights' if name == 'linear' else 'activation'}",
                because=(disturbing.saying("on the outputs"), activation.saying(f"{said} output"), loss),
                severity=Severity.NOTE if kind == "GaussianNoise" else None,
                notes=(SCALED,) if normalised else (COST[said],) if said in COST and "Drop" in kind else (),
                help="drop it, or move it in front of the last layer",
                fixes=drop(disturbing, f"Drop the {kind}", safe=True),
            )


def disturbs(kind: str, activation: str, family: Family) -> bool:
    """Whether such a layer on such outputs is out of place under a loss of this kind."""
    if kind in NORMALISED:
        return family in CLASSES
    if activation == "linear":
        return family is Family.REGRESSION  # of logits it may be wanted
    return family is not Family.CUSTOM

"""Raw scores where the loss expects probabilities."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Loss, Outputs, Severity, Training, change, rule

WANTED = {
    Family.CATEGORICAL: "softmax",
    Family.SPARSE: "softmax",
    Family.BINARY: "sigmoid",
    Family.DIVERGENCE: "softmax",
    Family.POISSON: "softplus",
    Family.OVERLAP: "sigmoid",
}
POSITIVE = ("softplus", "exponential", "squareplus", "sparse_plus")
LEGAL_IF_POSITIVE = (Family.CATEGORICAL, Family.SPARSE, Family.POISSON)
CLIPPED = "outside 0..1 the loss clips, and where it clips there is no gradient"
COST: dict[Family, dict[str, str]] = {
    Family.CATEGORICAL: {
        "linear": "divided by their sum, then clipped; in a trial accuracy 0.20, not 0.97 (10 classes, Adam)",
        "relu": "a row of zeros is divided by its sum: the weights end as NaN",
    },
    Family.SPARSE: {"linear": "clipped to 0..1; in a trial accuracy 0.22, not 0.87 (100 classes, Adam)"},
    Family.DIVERGENCE: {"linear": "clipped to 0..1; in a trial accuracy 0.52, not 0.97 (10 classes, Adam)"},
    Family.POISSON: {
        "relu": "it trains, but worse: in trials R2 0.36 to 0.78, with a softplus 0.88 to 0.93",
        "": "the logarithm of a negative rate is NaN, and so are the weights after it",
    },
    Family.OVERLAP: {"": "nothing is clipped here; in a trial a linear head came to mIoU 0.26, a softmax to 0.65"},
}


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A loss for probabilities gets numbers that are none.

    Without `from_logits=True` a crossentropy takes the logarithm of what the model answers. Numbers outside 0..1 are
    clipped first, and where they are clipped there is no gradient: with 10 classes and Adam a linear head came to
    accuracy 0.20 where 0.97 is right, and a relu head ended in NaN. Poisson takes the logarithm of a negative rate:
    NaN.

    Bad:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10)])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        # ---
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="tanh")])
        model.compile(optimizer="adam", loss="binary_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10)])
        model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        # ---
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")

    When it is fine:
        Softplus and exponential heads are a legal parametrisation under a categorical crossentropy and under Poisson.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(head=Head(units=Fact(1)), loss=Loss(family=Family.CATEGORICAL | Family.SPARSE)):
            return  # class-loss-over-one-unit comes first
        case Training(
            head=Head(activation=Fact(str(name)) as activation, outputs=Fact(Outputs(low=low, high=high))),
            loss=Loss(name=loss, family=family, from_logits=Fact(value=False) as asks) as judge,
        ) if family in WANTED and (low < 0 or high > 1) and not name.startswith("scaled-"):
            if (name in POSITIVE and family in LEGAL_IF_POSITIVE) or own_formula(judge):
                return
            wanted, expected = WANTED[family], "a positive rate" if family is Family.POISSON else "probabilities"
            linear, mendable = name == "linear", name == "linear" and judge.takes_logits
            costs, said = COST.get(family, {}), "raw scores" if linear else "no probability"
            places = (loss.saying(f"expects {expected}"), activation.saying(said))
            yield Finding(
                f"{'raw scores' if linear else f'`{name}` output'}, but `{loss.value}` expects {expected}",
                because=places if linear else places[::-1],
                severity=Severity.WARNING if family is Family.POISSON and low >= 0 else None,
                notes=(costs.get(name) or costs.get("", CLIPPED),),
                help=f"{'pass `from_logits=True` to the loss, or ' * mendable}make the head a {wanted}",
                fixes=(
                    *(change(asks, "from_logits=True", "Ask for logits", safe=True) * mendable),
                    *change(activation, f'"{wanted}"', f"Make the head a {wanted}"),
                ),
            )


def own_formula(loss: Loss) -> bool:
    """Whether the loss is the program's own formula, which may well squash its input itself."""
    return loss.spelling == "custom" and loss.family is Family.OVERLAP

"""Raw scores where the loss expects probabilities."""

from collections.abc import Iterator
from itertools import product

from keraslint import Fact, Family, Finding, Fix, Head, Labels, Loss, Outputs, Severity, Training, add, change, rule

WANTED = {
    Family.CATEGORICAL: "softmax",
    Family.SPARSE: "softmax",
    Family.BINARY: "sigmoid",
    Family.DIVERGENCE: "softmax",
    Family.POISSON: "softplus",
    Family.OVERLAP: "sigmoid",
}
POSITIVE = ("softplus", "exponential", "squareplus", "sparse_plus")
LEGAL = set(product(POSITIVE, (Family.CATEGORICAL, Family.SPARSE, Family.POISSON)))
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
    accuracy 0.20 where 0.97 is right, and a relu head ended in NaN. Of a negative rate Poisson makes NaN.

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

    When it is fine:
        Softplus and exponential heads are a legal parametrisation under a categorical crossentropy and under Poisson.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(head=Head(units=Fact(1)), loss=Loss(family=Family.CATEGORICAL | Family.SPARSE)):
            return  # class-loss-over-one-unit comes first
        case Training(loss=Loss(family=Family.CATEGORICAL | Family.SPARSE | Family.BINARY), labels=Labels(real=True)):
            return  # crossentropy-for-continuous-target
        case Training(loss=Loss(spelling="custom", family=Family.OVERLAP)):
            return  # the program's own formula may well squash its input itself
        case Training(
            head=Head(activation=Fact(str(name)) as activation, outputs=Fact(Outputs(low=low, high=high))),
            loss=Loss(name=loss, family=family, from_logits=Fact(value=False) as asks) as judge,
        ) if family in WANTED and (low < 0 or high > 1) and not (name.startswith("scaled-") or (name, family) in LEGAL):
            wanted, linear, mendable = WANTED[family], name == "linear", name == "linear" and judge.takes_logits
            expected, costs = "a positive rate" if family is Family.POISSON else "probabilities", COST.get(family, {})
            places = loss.saying(f"expects {expected}"), activation.saying("raw scores" if linear else "no probability")
            yield Finding(
                f"{'raw scores' if linear else f'`{name}` output'}, but `{loss.value}` expects {expected}",
                because=places if linear else places[::-1],
                severity=Severity.WARNING if family is Family.POISSON and low >= 0 else None,
                notes=(costs.get(name) or costs.get("", CLIPPED),),
                help=f"{'pass `from_logits=True` to the loss, or ' * mendable}make the head a {wanted}",
                fixes=(*(logits_asked(judge, asks) * mendable), *made(activation, wanted)),
            )


def logits_asked(loss: Loss, asks: Fact[bool]) -> tuple[Fix, ...]:
    """The loss with `from_logits=True`: said, added to its call, or as the class that a string stands for."""
    logits, kind, title = "from_logits=True", loss.class_name or "", "Ask for logits"
    if loss.spelling == "string":
        return change(loss.name, f"{kind}({logits})", title, safe=True, uses=(kind,)) if kind else ()
    return change(asks, logits, title, safe=True) or add(asks, logits, title, safe=True)


def made(activation: Fact[str], wanted: str) -> tuple[Fix, ...]:
    """The head with another activation."""
    title = f"Make the head a {wanted}"
    return change(activation, f'"{wanted}"', title) or add(activation, f'activation="{wanted}"', title)

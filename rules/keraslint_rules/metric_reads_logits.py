"""Metrics for probabilities that are given raw scores."""

from collections.abc import Iterator
from math import exp

from keraslint import Fact, Family, Finding, Fix, Head, Loss, Metric, Outputs, Severity, Training, change, rule

CURVE = "what is outside 0..1 lands on the outermost threshold: in a trial AUC 0.77, not 0.82"
CLIPPED = "scores are clipped to 0..1 first: in a trial 3.3, not 0.55, and not the loss that is trained"
SOFTMAX = "no threshold on a raw score is a threshold on its softmax"


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """A metric for probabilities gets raw scores.

    The loss was told `from_logits=True`, the metric was not. A threshold of 0.5 on raw scores asks for a probability
    of 0.62, so accuracy, precision and recall are those of another decision; AUC has its thresholds inside 0..1, where
    few raw scores are. In a trial on Keras 3.15 recall was 0.64, not 0.72, and AUC 0.77, not 0.82. Training is not
    touched; reports and early stopping are. Plain `"accuracy"` means a threshold of 0.5 with one unit.

    Bad:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1)])
        model.compile(
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            metrics=["accuracy", keras.metrics.AUC()],
        )

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1)])
        model.compile(
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            metrics=[keras.metrics.BinaryAccuracy(threshold=0.0), keras.metrics.AUC(from_logits=True)],
        )

    When it is fine:
        Metrics that look for the largest output, such as categorical accuracy and top-k, give the same for raw scores.

    References:
        https://keras.io/api/metrics/
    """
    match training:
        case Training(
            head=Head(activation=Fact() as activation, outputs=Fact(Outputs(low=low, high=high))),
            loss=Loss(
                family=Family.BINARY | Family.CATEGORICAL | Family.SPARSE as family, from_logits=Fact(True) as asks
            ),
        ) if low < 0 or high > 1:
            for metric in training.metrics:
                if fits(metric, family) and (note := consequence(metric, family)):
                    yield Finding(
                        f"`{metric.name.value}` expects probabilities, but gets raw scores",
                        because=(metric.name.saying("expects probabilities"), activation.saying("raw scores"), asks),
                        notes=(note,),
                        help=remedy(metric, family),
                        fixes=mended(metric, family),
                    )


def fits(metric: Metric, family: Family) -> bool:
    """Whether the metric was made for the labels of the loss; else metric-for-other-labels has more to say."""
    wants = metric.labels.value if metric.labels else "each-output"
    by_unit = family is not Family.BINARY and metric.name.value == "binary_accuracy"
    return (wants == "class-ids") is (family is Family.SPARSE) and not by_unit


def consequence(metric: Metric, family: Family) -> str:
    """What the number means on raw scores; nothing where it is what it should be."""
    match metric:
        case Metric(reads=Fact("threshold"), threshold=Fact(value=float(limit))) if 0 < limit < 1:
            asked = f"{limit:g} on raw scores asks for a probability of {1 / (1 + exp(-limit)):.2f}"
            return asked if family is Family.BINARY else SOFTMAX
        case Metric(reads=Fact("curve"), name=Fact(name), from_logits=given):
            return CURVE if name != "auc" or (given is not None and not given.value) else ""
        case Metric(reads=Fact("probabilities"), from_logits=Fact(value=False)):
            return CLIPPED
    return ""


def remedy(metric: Metric, family: Family) -> str:
    """What to do: some metrics can be told, the others need probabilities."""
    one_by_one = family is Family.BINARY
    if metric.from_logits and (one_by_one or metric.name.value.endswith("entropy")):
        return "pass `from_logits=True` to the metric"
    if metric.threshold and one_by_one:
        plain = metric.name.value.endswith("accuracy")
        return "use `BinaryAccuracy(threshold=0.0)`" if plain else "set its threshold to 0.0"
    return f"let the model end in a {'sigmoid' if one_by_one else 'softmax'}, without `from_logits=True`"


def mended(metric: Metric, family: Family) -> tuple[Fix, ...]:
    """The change of a threshold or `from_logits=False` that is written there."""
    if metric.from_logits and remedy(metric, family).startswith("pass"):
        return change(metric.from_logits, "from_logits=True", "Tell the metric about logits", safe=True)
    limit = metric.threshold if family is Family.BINARY else None
    return change(limit, "0.0", "Set the threshold to 0.0", safe=True) if limit else ()

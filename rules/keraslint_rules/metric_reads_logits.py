"""Metrics for probabilities that are given raw scores."""

from collections.abc import Iterator
from math import exp
from typing import Any

from keraslint import Fact, Family, Finding, Fix, Head, Loss, Metric, Outputs, Severity, Training, add, change, rule

TOLD = "Tell the metric about raw scores"
CURVE = "what is outside 0..1 lands on the outermost threshold: in a trial AUC 0.77, not 0.82"
CLIPPED = "scores are clipped to 0..1 first: in a trial above 3, not 0.55"


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """A metric for probabilities gets raw scores.

    The loss was told `from_logits=True`, the metric was not. A threshold of 0.5 on raw scores asks for a probability
    of 0.62; AUC has its thresholds inside 0..1, where few raw scores are. In a trial on Keras 3.15 recall was 0.64, not
    0.72, and AUC 0.77, not 0.82. Plain `"accuracy"` means a threshold of 0.5 with one unit.

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
            loss=Loss(family=family, from_logits=Fact(value=True) as asks),
        ) if low < 0 or high > 1:
            for metric in training.metrics:
                if fits(metric, family) and (note := consequence(metric, family)):
                    advice, fixes = remedy(metric, family)
                    yield Finding(
                        f"`{metric.name.value}` expects probabilities, but gets raw scores",
                        because=(metric.name.saying("expects probabilities"), activation.saying("raw scores"), asks),
                        notes=(note,),
                        help=advice,
                        fixes=fixes,
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
            return asked if family is Family.BINARY else "a threshold on a raw score is none on its softmax"
        case Metric(reads=Fact("curve"), name=Fact(name), from_logits=given):
            return CURVE if name != "auc" or (given is not None and not given.value) else ""
        case Metric(reads=Fact("probabilities"), from_logits=Fact(value=False)):
            return CLIPPED
    return ""


def remedy(metric: Metric, family: Family) -> tuple[str, tuple[Fix, ...]]:
    """What to do: some metrics can be told about raw scores, the others need probabilities."""
    name, logits, limit = metric.name, metric.from_logits, metric.threshold
    binary, kind = family is Family.BINARY, "keras.metrics.BinaryAccuracy"
    if logits and (binary or name.value.endswith("entropy")):
        return "pass `from_logits=True` to the metric", told(logits, "from_logits=True", "from_logits=True")
    if not limit or not binary:
        return f"let the model end in a {'sigmoid' if binary else 'softmax'}, without `from_logits=True`", ()
    if name.literal:
        new = f'{kind}(threshold=0.0, name="{name.value}")'
        return "use `BinaryAccuracy(threshold=0.0)`", change(name, new, TOLD, safe=True, uses=(kind,))
    one = name.value.endswith(("accuracy", "io_u", "score"))
    return "set its threshold to 0.0", told(limit, "0.0", "threshold=0.0" if one else "thresholds=0.0")


def told(fact: Fact[Any], value: str, argument: str) -> tuple[Fix, ...]:
    """The change of an argument, or one more of them."""
    return change(fact, value, TOLD, safe=True) or add(fact, argument, TOLD, safe=True)

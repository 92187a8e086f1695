"""Accuracy where nothing is counted right or wrong."""

from collections.abc import Iterator
from typing import Any

from keraslint import Fact, Family, Finding, Fix, Labels, Loss, Metric, Severity, Training, change, drop, rule

PLAIN = ("accuracy", "exact_accuracy")
CLASSES = ("class-ids", "one-hot", "multi-label")
DISTANCES = ("mean_squared_error", "mean_absolute_error", "root_mean_squared_error", "mean_absolute_percentage_error")
ONE_UNIT = "with one unit Keras asks whether `prediction > 0.5` equals the target: 0.0 on nearly every regression"
MORE_UNITS = "Keras asks whether the same unit is the largest: in trials on coordinates 0.89, at R2 0.86 and 0.27 alike"
CLASSES_0_AND_1 = "the program does not show the targets: a linear classifier of 0 and 1 is measured rightly"


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """Accuracy says nothing about a regression.

    Accuracy counts answers that are exactly right, and a number is almost never exactly right. Keras still fills the
    column: with one unit it compares the target with `prediction > 0.5`, with several it asks whether the largest one
    stands in the same place.

    Bad:
        import keras

        (x, y), _ = keras.datasets.california_housing.load_data()
        model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse", metrics=["accuracy"])
        model.fit(x, y)

    Good:
        import keras

        (x, y), _ = keras.datasets.california_housing.load_data()
        model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse", metrics=["mae"])
        model.fit(x, y)

    When it is fine:
        Class labels under a regression loss: one sigmoid with targets of 0 and 1, or a softmax with one-hot rows. A
        single linear unit may be a classifier of 0 and 1 too: where the targets are not shown, that is a note.

    References:
        https://keras.io/api/metrics/accuracy_metrics/
    """
    match training:
        case Training(loss=Loss(name=loss, family=Family.REGRESSION), head=head, metrics=metrics):
            for metric in metrics:
                target = evidence(training, metric)
                if target:
                    costs = consequence(metric, head.units)
                    doubtful = target.value == "linear" and ONE_UNIT in costs and not measures_twice(training)
                    yield Finding(
                        f"`{metric.name.value.replace('exact_a', 'A')}` says nothing about a regression",
                        because=(metric.name.saying("counts exact answers"), loss.saying("a distance"), target),
                        severity=Severity.NOTE if doubtful else None,
                        notes=(*costs, *((CLASSES_0_AND_1,) if doubtful else ())),
                        help="use `mae`",
                        fixes=other_metric(metric, metrics),
                    )


def evidence(training: Training, metric: Metric) -> Fact[Any] | None:
    """What shows that accuracy is asked for something that is no class label."""
    labels, head = training.labels or Labels(training.span), training.head
    if not metric.name.value.endswith("accuracy"):
        return None
    if labels.encoding:
        return None if labels.encoding.value in CLASSES else labels.encoding.saying("numbers, not classes")
    if metric.name.value not in PLAIN or head.activation is None or head.activation.value == "softmax":
        return None  # who asks for binary or categorical accuracy has classes in mind
    if labels.low and labels.high:  # 0 and 1, or -1 and 1, may be two classes
        widest = max(labels.low, labels.high, key=lambda bound: abs(bound.value))
        return widest.saying("numbers, not classes") if abs(widest.value) > 1 else None
    if "sigmoid" not in head.activation.value:
        return head.activation.saying("a number, not a class")
    # Sigmoids under MSE may be classes, in an old fashion; where a second distance is measured they are not.
    several = head.units is not None and head.units.value > 1
    return head.activation.saying("a number, not a class") if several and measures_twice(training) else None


def measures_twice(training: Training) -> bool:
    """Whether anything but MSE alone is measured: a rarer loss, or a distance as metric."""
    unusual = training.loss is not None and training.loss.name.value != "mean_squared_error"
    return unusual or any(metric.name.value in DISTANCES for metric in training.metrics)


def consequence(metric: Metric, units: Fact[int] | None) -> tuple[str, ...]:
    """What the column shows: Keras resolves plain accuracy by shape."""
    if units is None or metric.name.value != "accuracy":
        return ()
    return (ONE_UNIT,) if units.value == 1 else (MORE_UNITS,)


def other_metric(metric: Metric, metrics: tuple[Metric, ...]) -> tuple[Fix, ...]:
    """The mean absolute error in its place, or nothing where that stands in the list already."""
    if any(each.name.value == "mean_absolute_error" for each in metrics):
        return drop(metric.name, f"Drop {metric.name.value}", safe=True)
    return change(metric.name, '"mae"', "Use mae", safe=True)

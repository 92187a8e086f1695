"""Accuracy by the largest output, where several labels may be right at once."""

from collections.abc import Iterator
from typing import Any

from keraslint import (
    Fact,
    Family,
    Finding,
    Head,
    Labels,
    Loss,
    Metric,
    Severity,
    Training,
    accuracy_follows_loss,
    change,
    rule,
)

COST = "in trials it said 0.44 and 0.50 where 0.92 of all labels were right"


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """Accuracy asks which label is the largest, although several may be right at once.

    With more than one output Keras takes `"accuracy"` for categorical accuracy, whatever the loss is: it only asks
    whether the largest prediction stands where the largest label stands, and of several equal labels the first counts.
    On a small multi-label task it said 0.44 and 0.50 where 0.92 of all labels were right (two seeds, Keras 3.15).
    Before TensorFlow 2.2 the loss was asked, and the word meant binary accuracy here.

    Bad:
        import keras
        from sklearn.datasets import make_multilabel_classification

        x, y = make_multilabel_classification(n_classes=5)
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(5, activation="sigmoid")])
        model.compile(loss="binary_crossentropy", metrics=["accuracy"])
        model.fit(x, y)

    Good:
        import keras
        from sklearn.datasets import make_multilabel_classification

        x, y = make_multilabel_classification(n_classes=5)
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(5, activation="sigmoid")])
        model.compile(loss="binary_crossentropy", metrics=["binary_accuracy"])
        model.fit(x, y)

    When it is fine:
        One-hot rows under a binary crossentropy: the largest output is the answer there.

    References:
        https://keras.io/api/metrics/accuracy_metrics/
    """
    match training:
        case Training(
            head=Head(activation=Fact("sigmoid" | "linear"), units=Fact(int(count)) as units, decision=decision),
            loss=Loss(family=Family.BINARY, name=loss),
            labels=labels,
        ) if count > 1 and not accuracy_follows_loss(training.runtime):
            evidence = independent(labels, decision)
            for metric in training.metrics:
                if evidence and by_largest(metric):
                    yield Finding(
                        f"`{metric.name.value}` asks for the largest label only, but several may be right",
                        because=(metric.name.saying("compares the largest"), evidence, loss, units),
                        notes=(COST,),
                        help="use `binary_accuracy`",
                        fixes=change(metric.name, '"binary_accuracy"', "Use binary_accuracy", safe=True),
                    )


def by_largest(metric: Metric) -> bool:
    """Whether a metric is an accuracy that looks for the largest output of one row."""
    return metric.name.value in ("accuracy", "categorical_accuracy")


def independent(labels: Labels | None, decision: Fact[str] | None) -> Fact[Any] | None:
    """What shows that several labels may be right: the labels, or predictions that are read one by one."""
    if labels and (labels.encoding or labels.exclusive):
        several = labels.encoding and labels.encoding.value == "multi-label"
        if several and labels.encoding:
            return labels.encoding.saying("several may be right")
        alone = labels.exclusive and not labels.exclusive.value
        return labels.exclusive.saying("several may be right") if alone and labels.exclusive else None
    return decision.saying("read label by label") if decision and decision.value == "threshold" else None

"""One-hot labels under a loss that wants class ids."""

from collections.abc import Iterator
from typing import Any

from keraslint import Edit, Fact, Family, Finding, Fix, Head, Labels, Loss, Severity, Training, another, rule

RAISES = "Keras raises a ValueError at the first batch: the labels have as many axes as the outputs"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """The sparse categorical crossentropy wants class ids, not one-hot rows.

    It takes one whole number for each sample and looks up the unit of that number. A one-hot row has as many numbers
    as there are classes, and Keras raises at the first batch: ``Argument `output` must have rank (ndim)
    `target.ndim - 1` `` (Keras 3.15 on TensorFlow; JAX, torch and tf_keras raise too, in other words).

    Bad:
        import keras
        import numpy as np

        x, y = np.random.rand(60, 20), keras.utils.to_categorical(np.random.randint(0, 3, 60), 3)
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x, y)

    Good:
        import keras
        import numpy as np

        x, y = np.random.rand(60, 20), keras.utils.to_categorical(np.random.randint(0, 3, 60), 3)
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")
        model.fit(x, y)
        # ---
        import keras
        import numpy as np

        x, y = np.random.rand(60, 20), np.random.randint(0, 3, 60)
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x, y)

    When it is fine:
        A sequence of zeros and ones in which each step is a label of its own, under a head that answers each step:
        then the outputs have one axis more than the labels.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(labels=Labels(loader=loader)) if loader is not None:
            return  # generator-labels
        case Training(head=Head(units=Fact(1))):
            return  # class-loss-over-one-unit
        case Training(
            head=Head(rank=rank),
            loss=Loss(name=loss, family=Family.SPARSE),
            labels=Labels(rank=axes) as labels,
        ) if rank is None or axes is None or rank.value <= axes.value:
            rows = rows_of(labels, flat=rank is not None and rank.value == 2)
            if rows is None:
                return
            yield Finding(
                f"`{loss.value}` wants class ids, but the labels are {rows.text}",
                because=(loss.saying("wants class ids"), rows),
                notes=(RAISES,),
                help="use `categorical_crossentropy`, or do without the one-hot encoding",
                fixes=swap(training),
            )


def rows_of(labels: Labels, *, flat: bool) -> Fact[Any] | None:
    """What shows that the labels have several numbers for each sample."""
    encoding, columns = labels.encoding, labels.columns
    if encoding is not None:
        return encoding.saying("one-hot") if encoding.value == "one-hot" else None
    wide = flat and columns is not None and columns.value > 1 and labels.rank is not None and labels.rank.value == 2
    return columns.saying(f"rows of {columns.value} numbers") if columns is not None and wide else None


def swap(training: Training) -> tuple[Fix, ...]:
    """The loss for one-hot labels, with the metrics that read them."""
    edit = another(training.loss, "categorical_crossentropy") if training.loss else None
    metrics = [one.name for one in training.metrics if one.name.value.startswith("sparse_")]
    if not all(one.literal and one.value == "sparse_categorical_accuracy" for one in metrics) or edit is None:
        return ()
    edits = (
        edit,
        *(Edit(one.span, '"categorical_accuracy"') for one in metrics),
    )
    return (Fix("Use categorical crossentropy", edits, safe=True),)

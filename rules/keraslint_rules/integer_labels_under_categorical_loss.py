"""Class ids under a loss that wants one-hot rows."""

from collections.abc import Iterator
from typing import Any

from keraslint import Edit, Fact, Family, Finding, Fix, Head, Labels, Loss, Severity, Training, another, rule

RAISES = "Keras raises a ValueError at the first batch: labels and outputs differ in shape"
STRETCHED = "Keras 3 stretches a column of numbers over all units and trains on, tf_keras and flat labels raise"
FOCAL = "categorical_focal_crossentropy"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """The categorical crossentropy wants one-hot rows, not class ids.

    It compares a row of labels with a row of outputs. With one number for each sample the shapes do not fit, and Keras
    raises at the first batch: ``Arguments `target` and `output` must have the same rank (ndim)`` for labels of shape
    (N,), ``the same shape`` for (N, 1) (Keras 3.15; ``Shapes (32, 1) and (32, 4) are incompatible`` in tf_keras). The
    focal variant of Keras 3 does not look: it stretches a column of class ids over all units and trains on them.

    Bad:
        import keras
        import numpy as np

        x, y = np.random.rand(60, 20), np.random.randint(0, 3, 60)
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")
        model.fit(x, y)

    Good:
        import keras
        import numpy as np

        x, y = np.random.rand(60, 20), np.random.randint(0, 3, 60)
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x, y)
        # ---
        import keras
        import numpy as np

        x, y = np.random.rand(60, 20), np.random.randint(0, 3, 60)
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")
        model.fit(x, keras.utils.to_categorical(y, 3))

    When it is fine:
        Never. A loss of that name that the program writes itself, and that makes the rows one-hot, is not reported.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(labels=Labels(loader=loader)) if loader is not None:
            return  # generator-labels
        case Training(
            head=Head(units=units) as head,
            loss=Loss(name=loss, family=Family.CATEGORICAL),
            labels=Labels() as labels,
        ) if units is None or units.value > 1:  # with one unit: class-loss-over-one-unit
            found = ids(labels, head)
            if found is None:
                return
            flat = labels.rank is not None and labels.rank.value == 1
            yield Finding(
                f"`{loss.value}` wants one-hot labels, but the labels are {found.text}",
                because=(loss.saying("wants one-hot rows"), found),
                notes=(STRETCHED if loss.value == FOCAL and not flat else RAISES,),
                help="make the labels one-hot with `keras.utils.to_categorical`"
                if loss.value == FOCAL
                else "use `sparse_categorical_crossentropy`, or make the labels one-hot",
                fixes=swap(training) if loss.value != FOCAL else (),
            )


def ids(labels: Labels, head: Head) -> Fact[Any] | None:
    """What shows that the labels are no rows of the head's width."""
    encoding, columns, rank, units = labels.encoding, labels.columns, labels.rank, head.units
    if encoding is not None and encoding.value == "class-ids":
        wide = columns is not None and columns.value > 1 and (units is None or columns.value == units.value)
        return None if wide else encoding.saying("class ids")
    flat = head.rank is None or head.rank.value == 2
    if encoding is not None or not flat:
        return None
    if columns is not None and columns.value == 1:
        return columns.saying("a single column")
    return rank.saying("one number for each sample") if rank is not None and rank.value == 1 else None


def swap(training: Training) -> tuple[Fix, ...]:
    """The loss for class ids, with the metrics that read them."""
    edit = another(training.loss, "sparse_categorical_crossentropy") if training.loss else None
    metrics = [one.name for one in training.metrics if one.name.value.startswith(("categorical_", "top_k_"))]
    if not all(one.literal and one.value == "categorical_accuracy" for one in metrics) or edit is None:
        return ()
    edits = (edit, *(Edit(one.span, '"sparse_categorical_accuracy"') for one in metrics))
    return (Fix("Use sparse categorical crossentropy", edits, safe=True),)

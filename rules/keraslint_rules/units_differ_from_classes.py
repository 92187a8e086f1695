"""A head with more or fewer units than there are classes."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Labels, Loss, Severity, Training, change, rule

OUTSIDE = "TensorFlow (on the CPU) and torch raise at the first such label, on JAX its rows add 0 to the loss"
SHAPES = "Keras raises at the first batch: labels and outputs differ in shape"
UNUSED = "the units that no label names learn never to be chosen, which costs little"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """The head needs as many units as there are classes.

    Class ids from 0 to 9 need ten units. With fewer, a label names a unit that is not there: ``Received a label value
    of 9 which is outside the valid range of [0, 9)`` on TensorFlow (on the CPU), an IndexError on torch; on JAX
    such rows silently add 0 to the loss and are never learned. More units than classes are harmless (accuracy 0.97
    with 11 units for 10 classes): a note. Rows of labels must be exactly as wide as the head, or Keras raises. Keras
    3.15.

    Bad:
        import keras

        (x, y), _ = keras.datasets.cifar100.load_data()
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x / 255, y)
        # ---
        import keras
        import numpy as np

        x, y = np.random.rand(60, 20), keras.utils.to_categorical(np.random.randint(0, 2, 60), 2)
        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        model.fit(x, y)

    Good:
        import keras

        (x, y), _ = keras.datasets.cifar100.load_data()
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(100, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x / 255, y)

    When it is fine:
        Units that are kept for classes to come. Where some classes are left out first, nothing is reported.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(
            head=Head(units=Fact(int(count)) as units),
            loss=Loss(name=loss, family=Family.SPARSE),
            labels=Labels(encoding=Fact("class-ids"), classes=Fact(found) as classes, high=Fact() as high, low=low),
        ) if count > 1 and (high.value >= count or count > found):  # with one unit: class-loss-over-one-unit
            few, wanted = high.value >= count, int(high.value) + 1
            shift = f", or take {low.value:g} off the labels" if low and low.value > 0 else ""
            yield Finding(
                f"labels go up to {high.value:g}, but the head of {count} units has none beyond {count - 1}"
                if few
                else f"the head has {count} units, but there are only {found} classes",
                because=(units.saying(f"{count} units"), classes.saying(f"{found} classes"), loss),
                severity=None if few else Severity.NOTE,
                notes=(OUTSIDE if few else UNUSED,),
                help=f"give the head {wanted} units{shift}",
                fixes=change(units, f"{wanted}", f"Use {wanted} units") if few else (),
            )
        case Training(
            head=Head(units=Fact(int(count)) as units) as head,
            loss=Loss(name=loss, family=Family() as family),
            labels=Labels(loader=loader) as labels,
        ) if family.stretches or family in (Family.CATEGORICAL, Family.BINARY):
            width = width_of(labels, head)
            if width is None or width.value == count or (1 in (count, width.value) and family is not Family.BINARY):
                return  # class-loss-over-one-unit, integer-labels-under-categorical-loss, labels-broadcast-over-outputs
            if loader is not None and (count == 1 or loader.mode.value != "categorical"):
                return  # generator-labels
            yield Finding(
                f"the labels have a width of {width.value}, but the head of {count}",
                because=(units.saying(f"{count} wide"), width.saying(f"{width.value} wide"), loss),
                notes=(SHAPES,),
                help="bring both to one width: a sigmoid unit for 0 and 1, a unit for each column of one-hot rows",
            )


def width_of(labels: Labels, head: Head) -> Fact[int] | None:
    """How many numbers the labels have for each output of the head."""
    one_hot = labels.encoding is not None and labels.encoding.value == "one-hot"
    match labels.rank, head.rank:
        case Fact(1) as flat, Fact(2):
            return flat
        case Fact(axes), Fact(rank) if axes != rank:
            return None
        case Fact(), Fact() if labels.columns is not None:
            return labels.columns
    return labels.classes if one_hot else None

"""Independent sigmoids for classes of which exactly one is right."""

from collections.abc import Iterator
from typing import Any

from keraslint import Edit, Fact, Family, Finding, Fix, Head, Labels, Loss, Severity, Training, rule

OVERLAP = "in a trial with 3 exclusive classes per pixel mIoU 0.49, with a softmax 0.65; other data may differ"
BINARY = "in a trial the ranking was as good as that of a softmax (accuracy 0.97), but rows do not add up to one"
UNKNOWN = "nothing here says whether the masks overlap: where they do, sigmoids are right"


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """Sigmoids answer each class on its own, although the labels say that exactly one is right.

    The rows do not add up to one, and a pixel may get several classes or none. Under the binary crossentropy the
    ranking is as good as with a softmax (accuracy 0.97 with 10 classes): a note. Under Dice, Tversky and Jaccard it
    was not (mIoU 0.49 against 0.65 on a small task, Keras 3.15): a warning where the labels are known to be
    exclusive, a note for maps of three and more channels where nothing is known.

    Bad:
        import keras
        import numpy as np

        images, classes = np.random.rand(8, 16, 16, 3), np.random.randint(0, 4, (8, 16, 16))
        inputs = keras.Input((16, 16, 3))
        model = keras.Model(inputs, keras.layers.Conv2D(4, 3, padding="same", activation="sigmoid")(inputs))
        model.compile(optimizer="adam", loss=keras.losses.Dice())
        model.fit(images, keras.utils.to_categorical(classes, 4))

    Good:
        import keras
        import numpy as np

        images, classes = np.random.rand(8, 16, 16, 3), np.random.randint(0, 4, (8, 16, 16))
        inputs = keras.Input((16, 16, 3))
        model = keras.Model(inputs, keras.layers.Conv2D(4, 3, padding="same", activation="softmax")(inputs))
        model.compile(optimizer="adam", loss=keras.losses.Dice())
        model.fit(images, keras.utils.to_categorical(classes, 4))

    When it is fine:
        Where masks overlap or nest (an organ and the tumour in it), and where one-against-the-rest answers are
        wanted.

    References:
        https://keras.io/api/losses/
    """
    match training:
        case Training(labels=Labels(encoding=Fact("multi-label")) | Labels(exclusive=Fact(value=False))):
            return
        case Training(
            head=Head(last=Fact("sigmoid") as sigmoid, units=units, rank=rank) as head,
            loss=Loss(name=name, family=Family.BINARY | Family.OVERLAP as family, spelling=spelling),
            labels=labels,
        ) if units is None or units.value > 1:
            evidence = exclusive(labels, head)
            overlap = family is Family.OVERLAP
            map_of_many = overlap and units is not None and units.value > 2 and rank is not None and rank.value > 3
            if not evidence and not map_of_many:
                return
            edits = (
                Edit(sigmoid.span, '"softmax"'),
                *(() if overlap else (Edit(name.span, '"categorical_crossentropy"'),)),
            )
            title = "Use softmax" if overlap else "Use softmax and categorical crossentropy"
            both = sigmoid.literal and (overlap or (name.literal and spelling == "string"))
            yield Finding(
                "independent sigmoids for classes of which exactly one is right"
                if evidence
                else "independent sigmoids: a pixel may get several classes or none",
                because=(sigmoid.saying("each class on its own"), *((evidence,) if evidence else ()), name),
                severity=None if overlap and evidence else Severity.NOTE,
                notes=((OVERLAP if overlap else BINARY) if evidence else UNKNOWN,),
                help=f"use softmax{'' if overlap else ' and `categorical_crossentropy`'} if exactly one class is right",
                fixes=(Fix(title, edits),) if both else (),
            )


def exclusive(labels: Labels | None, head: Head) -> Fact[Any] | None:
    """What shows that exactly one class is right: labels that are one-hot, or predictions read by their largest."""
    if labels and labels.exclusive and labels.exclusive.value:
        return labels.exclusive.saying("exactly one is right")
    if labels and labels.encoding and labels.encoding.value == "one-hot":
        return labels.encoding.saying("exactly one is right")
    if head.decision and head.decision.value == "argmax":
        return head.decision.saying("only the largest counts")
    return None

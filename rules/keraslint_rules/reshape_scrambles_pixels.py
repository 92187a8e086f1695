"""A Reshape that takes places for classes."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Loss, Severity, Training, rule

CLASSES = (Family.CATEGORICAL, Family.SPARSE, Family.DIVERGENCE)
TRIAL = "in a trial with 3 classes of pixels the training loss stayed at 0.93 (guessing: 1.10), mIoU was 0.21, not 0.96"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A Reshape counts numbers through, it does not turn axes: with channels first, its rows are no pixels.

    In a map of shape (classes, height, width) all scores of class 0 come first. `Reshape((pixels, classes))` cuts this
    into pieces as long as there are classes: a row then holds a few neighbouring pixels of one class, and the loss
    reads them as the classes of one pixel. Nothing is raised, and the layers before, which treat all pixels alike,
    cannot make up for it: in a trial with 3 classes (Adam, Keras 3.15) mIoU was 0.21, where turning the axes first gets
    0.96. The loss stayed at 0.93, near that of guessing (1.10), not at 0.02.

    Bad:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((3, 32, 32))])
        model.add(layers.Conv2D(5, 1, data_format="channels_first"))
        model.add(layers.Reshape((32 * 32, 5)))
        model.add(layers.Activation("softmax"))
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    Good:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((3, 32, 32))])
        model.add(layers.Conv2D(5, 1, data_format="channels_first"))
        model.add(layers.Reshape((5, 32 * 32)))
        model.add(layers.Permute((2, 1)))
        model.add(layers.Activation("softmax"))
        model.compile(optimizer="adam", loss="categorical_crossentropy")
        # ---
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((32, 32, 3))])
        model.add(layers.Conv2D(5, 1))
        model.add(layers.Reshape((-1, 5)))
        model.add(layers.Activation("softmax"))
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    When it is fine:
        With channels last the rows are pixels. `Reshape((classes, pixels))` keeps the classes apart, and a Permute may
        follow. Under a loss that judges every number on its own (binary crossentropy, MSE) the order of the numbers
        does not matter, as long as the labels were reshaped in the same way: there nothing is said.

    References:
        https://keras.io/api/layers/reshaping_layers/reshape/
    """
    match training:
        case Training(
            head=Head(rows=Fact("places") as rows, layer=Fact() as weights),
            loss=Loss(name=name, family=family),
        ) if family in CLASSES:
            yield Finding(
                "the rows of this Reshape are no pixels: the channels stand first in what it takes",
                because=(
                    rows.saying("rows cut through the pixels of one class"),
                    weights.saying("channels first"),
                    name,
                ),
                notes=(TRIAL,),
                help="turn the axes with a `Permute` that moves the channels last before reshaping, such as "
                "`Permute((2, 3, 1))` for pictures",
            )

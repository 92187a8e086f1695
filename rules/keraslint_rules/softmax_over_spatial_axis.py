"""A softmax among pixels where classes should compete."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Loss, Severity, Training, change, objective, rule

RECOVERED = (
    "the loss goes behind the softmax, so its curve looks right: in a trial mIoU was 0.34 all the same, not 0.67"
)
LITERAL = "in a trial with 3 classes of pixels mIoU was 0.59, not 0.67"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A softmax over a spatial axis lets pixels compete instead of classes.

    The classes of one pixel then do not add up to one; a row or a column of pixels does. On TensorFlow the loss
    recovers the logits and shows the curve of a right model, while the predictions are normalised along a wrong axis.

    Bad:
        import keras

        inputs = keras.Input((64, 64, 3))
        x = keras.layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
        x = keras.layers.Conv2D(4, 1)(x)
        outputs = keras.layers.Softmax(axis=1)(x)
        model = keras.Model(inputs, outputs)
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    Good:
        import keras

        inputs = keras.Input((64, 64, 3))
        x = keras.layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
        x = keras.layers.Conv2D(4, 1)(x)
        outputs = keras.layers.Softmax(axis=-1)(x)
        model = keras.Model(inputs, outputs)
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    When it is fine:
        Attention over time, heat maps, soft-argmax: there the total over places is the point.

    References:
        https://keras.io/api/layers/activation_layers/softmax/
    """
    classes = Family.CATEGORICAL, Family.SPARSE, Family.BINARY, Family.DIVERGENCE, Family.OVERLAP
    match training:
        case Training(
            head=Head(
                activation=Fact("softmax-over-spatial-axis") as activation, channel_axis=channels, rank=rank
            ) as head,
            loss=Loss(name=name, family=family) as loss,
        ) if family in classes and not (rank and rank.value == 2):  # of a flat head, the places are the classes
            axis = axis_of(head)
            to_channels = change(axis, "-1", "Softmax over the channels") if axis else ()
            minimised = objective(head, loss, training.runtime)
            yield Finding(
                "softmax over a spatial axis: places share the total, not the classes",
                because=((axis or activation).saying("places, not classes"), name),
                notes=(RECOVERED if minimised.recovered else LITERAL,) if minimised else (),
                help="share the total along the channels",
                fixes=to_channels if channels and channels.value == -1 else (),
            )


def axis_of(head: Head) -> Fact[int] | None:
    """The axis of the last softmax, where the program says it."""
    axes = [each.axis for each in head.activations if each.name.value == "softmax"]
    return axes[-1] if axes else None

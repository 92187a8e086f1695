"""A softmax with nothing to share."""

from collections.abc import Iterator

from keraslint import Activation, Fact, Family, Finding, Head, Loss, Program, Severity, Training, change, rule


@rule(Program, Severity.ERROR)
def check(program: Program) -> Iterator[Finding]:
    """A softmax over a single unit always answers 1.0.

    A softmax shares a total of one among the units of an axis. With one unit there is nothing to share: the answer is
    1.0 whatever the weights are, and accuracy is the share of class 1. On TensorFlow the binary crossentropy trains
    the logit behind it, so its loss falls as if all were well (0.74 to 0.18 on Keras 3.15), while `predict()` returns
    only ones.

    Bad:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="softmax")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        # ---
        import keras

        steps = keras.Input((30, 8))
        weights = keras.layers.Dense(1, activation="softmax")(steps)
        model = keras.Model(steps, keras.layers.Flatten()(keras.layers.Dot(axes=1)([weights, steps])))

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        # ---
        import keras

        steps = keras.Input((30, 8))
        weights = keras.layers.Softmax(axis=1)(keras.layers.Dense(1)(steps))
        model = keras.Model(steps, keras.layers.Flatten()(keras.layers.Dot(axes=1)([weights, steps])))

    When it is fine:
        Over another axis: one score per time step and a softmax over the steps is attention, and is not reported.

    References:
        https://keras.io/api/layers/activation_layers/softmax/
    """
    seen = set()
    for training in program.parts(Training):
        match training:
            case Training(head=Head(last=Fact("softmax") as softmax, units=Fact(1) as units), loss=loss):
                seen.add(softmax.span)
                yield alone(softmax, units, loss)
    for head in program.parts(Head):
        match head:
            case Head(last=Fact("softmax") as softmax, units=Fact(1) as units) if softmax.span not in seen:
                seen.add(softmax.span)
                yield alone(softmax, units, None)
    for activation in program.parts(Activation):
        match activation:
            case Activation(name=Fact("softmax") as softmax, size=Fact(1) as size) if softmax.span not in seen:
                seen.add(softmax.span)
                yield Finding(
                    "softmax over an axis of length 1 always answers 1.0",
                    because=(softmax.saying("always 1.0"), size),
                    help="take the softmax over another axis, such as `axis=1` for the steps of a sequence",
                )


def alone(softmax: Fact[str], units: Fact[int], loss: Loss | None) -> Finding:
    """The finding on a head."""
    binary = loss is not None and loss.family is Family.BINARY
    note = "on TensorFlow the loss still falls (0.74 to 0.18), because Keras trains the logit behind the softmax"
    return Finding(
        "softmax over one unit: every prediction is 1.0",
        because=(softmax.saying("always 1.0"), units.saying("one unit")),
        notes=(note,) if binary else (),
        help="use a sigmoid" if binary else "use a sigmoid with a binary loss, or one unit for each class",
        fixes=change(softmax, '"sigmoid"', "Use sigmoid", safe=binary),
    )

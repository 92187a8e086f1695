"""The largest of a single number."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Head, Severity, rule

ABOVE = {"sigmoid": "0.5", "linear": "0", "tanh": "0"}
"""From where on a unit means the second class."""


@rule(Head, Severity.ERROR)
def check(head: Head) -> Iterator[Finding]:
    """The largest of one number is always number 0.

    `argmax` tells which unit of a row is the largest. A head of one unit has one number in each row, so the answer is
    0 for every sample, whatever was learned: all samples seem to be of the first class. One unit is compared with a
    threshold instead.

    Bad:
        import keras
        import numpy as np

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        classes = np.argmax(model.predict(np.random.rand(5, 20)), axis=1)

    Good:
        import keras
        import numpy as np

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        classes = (model.predict(np.random.rand(5, 20)) > 0.5).astype(int)
        # ---
        import keras
        import numpy as np

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        classes = np.argmax(model.predict(np.random.rand(5, 20)), axis=1)

    When it is fine:
        `argmax` over the samples (`axis=0`, or no axis at all): it finds the sample with the highest score.

    References:
        https://numpy.org/doc/stable/reference/generated/numpy.argmax.html
    """
    match head:
        case Head(choices=Fact(1) as choices, units=units, activation=activation):
            above = ABOVE.get(activation.value) if activation is not None else None
            yield Finding(
                "`argmax` of a single number is always 0",
                because=(choices.saying("always 0"), *((units.saying("one unit"),) if units is not None else ())),
                notes=("every sample seems to be of the first class, whatever was learned",),
                help=f"compare the prediction with a threshold: `> {above}`" if above else "compare with a threshold",
            )

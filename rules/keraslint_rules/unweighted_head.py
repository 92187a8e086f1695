"""A list or dictionary of losses that does not fit the outputs."""

from collections.abc import Iterator

from keraslint import Finding, LossMismatch, Severity, rule

RAISES, NEVER, IGNORED = "raises", "never trains", "ignored"
FATES = {
    # (outputs, losses): what becomes of an output that is left out, and of an entry without an output
    ("list", "list"): {3: (NEVER, RAISES), 2: (NEVER, IGNORED)},
    ("list", "dict"): {3: (RAISES, RAISES), 2: (NEVER, RAISES)},
    ("dict", "dict"): {3: (NEVER, RAISES), 2: (NEVER, IGNORED)},
    ("dict", "list"): {3: (RAISES, RAISES), 2: (NEVER, IGNORED)},
}
"""Measured on Keras 3.15 and tf_keras 2.21."""


@rule(LossMismatch, Severity.ERROR)
def check(mismatch: LossMismatch) -> Iterator[Finding]:
    """Losses that are given one by one must fit the outputs, or a head is never trained.

    A dictionary that leaves out an output of a dictionary, or a list that is too short, is accepted: the head keeps the
    weights that it was made with. A key that names no output, a list that is too long, and a dictionary that leaves out
    an output of a list raise in Keras 3; Keras 2 ignores the surplus entry or leaves the head untrained.

    Bad:
        import keras

        x = keras.Input((8,))
        outputs = {"kind": keras.layers.Dense(3, activation="softmax")(x), "size": keras.layers.Dense(1)(x)}
        model = keras.Model(x, outputs)
        model.compile(optimizer="adam", loss={"kind": "sparse_categorical_crossentropy"})
        # ---
        import keras

        x = keras.Input((8,))
        kind = keras.layers.Dense(3, activation="softmax", name="kind")(x)
        size = keras.layers.Dense(1, name="size")(x)
        model = keras.Model(x, [kind, size])
        model.compile(optimizer="adam", loss={"kind": "sparse_categorical_crossentropy", "sizes": "mse"})

    Good:
        import keras

        x = keras.Input((8,))
        outputs = {"kind": keras.layers.Dense(3, activation="softmax")(x), "size": keras.layers.Dense(1)(x)}
        model = keras.Model(x, outputs)
        model.compile(optimizer="adam", loss={"kind": "sparse_categorical_crossentropy", "size": "mse"})

    When it is fine:
        `None` as the loss of an output says that it is not to be trained. One loss for all outputs reaches every one of
        them. An output that another, trained one is made from (features, attention scores) needs no loss of its own.

    References:
        https://keras.io/guides/training_with_built_in_methods/
    """
    known = mismatch.runtime.keras_generation
    left, surplus = FATES[mismatch.outputs, mismatch.losses.value][known or 3]
    unsure = () if known else ("the version is not known, Keras 3 assumed",)
    entries = "dictionary" if mismatch.losses.value == "dict" else "list"
    if mismatch.surplus and (surplus is RAISES or mismatch.outputs == "list"):
        entry = mismatch.surplus[0]
        yield Finding(
            f"the {entries} of losses has an entry that belongs to no output: `{entry.value}`",
            because=(entry.saying("no such output"), *(one.saying("has no loss") for one in mismatch.left_out)),
            severity=None if surplus is RAISES or mismatch.untrained else Severity.WARNING,
            notes=("Keras raises at the first training step" if surplus is RAISES else "Keras ignores it", *unsure),
            help="name every output as it is called" if entries == "dictionary" else "give one loss to each output",
        )
    elif mismatch.left_out and (left is RAISES or mismatch.untrained):
        head = (mismatch.left_out if left is RAISES else mismatch.untrained)[0]
        fate = "Keras raises at the first training step" if left is RAISES else "its weights stay as they were made"
        yield Finding(
            f"no loss trains the output `{head.value}`",
            because=(head.saying("has no loss"), mismatch.losses.saying(f"{entries} of losses")),
            notes=(fate, *unsure),
            help="give it a loss, or `None` where it is not to be trained",
        )

"""A name of another Keras."""

from collections.abc import Iterator

from keraslint import Edit, Finding, Fix, Removed, Severity, rule

KERAS_3 = (3, 0)
MOST_PLACES = 4


@rule(Removed, Severity.ERROR)
def check(removed: Removed) -> Iterator[Finding]:
    """A module, class, function or method that this Keras does not have any more.

    Keras 2 gave up most modules of Keras 1 between 2.6 and 2.13, and Keras 3 the rest: `fit_generator`, the mathematics
    in `keras.backend`, `layers.experimental`, `optimizers.legacy`, `wrappers.scikit_learn`. The import, or the first
    use, raises. The package counts too: `tf.keras` keeps the old backend and `ImageDataGenerator` where `keras` does
    not. Where the version is not known, Keras 3 is assumed.

    Bad:
        import keras

        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.fit_generator(batches, steps_per_epoch=100)
        # ---
        from keras.layers.core import Dense
        # ---
        from keras import backend as K


        def distance(left, right):
            return K.sqrt(left - right)

    Good:
        import keras

        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.fit(batches, steps_per_epoch=100)
        # ---
        from keras.layers import Dense
        # ---
        from keras import ops


        def distance(left, right):
            return ops.sqrt(left - right)

    When it is fine:
        In a program for an older Keras: a pinned requirement, a `pip install` in the notebook, `TF_USE_LEGACY_KERAS` or
        `target-keras` in the configuration say so. Where the name may be missing on purpose, in a `try` that catches
        it, behind `hasattr` or a test of the version, nothing is said.

    References:
        https://keras.io/guides/migrating_to_keras_3/
    """
    known = removed.runtime.keras_version
    if (known or KERAS_3) < numbers(removed.gone):
        return
    name = removed.name.value
    since = "" if removed.gone == "3" else f": it was gone by {removed.gone}"
    notes = [f"the version is not known, Keras 3 assumed; {in_keras_2(removed)}"] if known is None else []
    more = sorted({one.value for one in removed.others} - {name})
    if more:
        notes.append(f"neither is {', '.join(f'`{one}`' for one in more)}")
    yield Finding(
        f"`{name}` is not in Keras {(known or KERAS_3)[0]}{since if known else ''}",
        because=(removed.name, *removed.others[:MOST_PLACES]),
        notes=tuple(notes),
        help=removed.advice or (f"write `{removed.successor}`" if removed.successor else "there is no successor"),
        fixes=rewritten(removed),
    )


def in_keras_2(removed: Removed) -> str:
    """What is known of the Keras before."""
    return "Keras 2 has it" if removed.gone == "3" else f"Keras 2 lost it by version {removed.gone}"


def rewritten(removed: Removed) -> tuple[Fix, ...]:
    """Today's name at every place, if it can simply stand there."""
    if removed.written is None:
        return ()
    edits = (Edit(fact.span, removed.written) for fact in (removed.name, *removed.others))
    return (Fix(f"Write {removed.written}", tuple(edits), safe=True),)


def numbers(version: str) -> tuple[int, int]:
    """Major and minor number of a version, which may say less than both."""
    major, _, minor = version.partition(".")
    return int(major), int(minor or 0)

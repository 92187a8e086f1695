"""Validation that cannot disagree with the training."""

from collections.abc import Iterator
from pathlib import PurePath

from keraslint import Finding, Severity, Validation, rule

TRIAL = "with labels drawn at random `val_accuracy` rose to 1.0 in trials, on other samples it stayed at 0.5"


@rule(Validation, Severity.WARNING)
def check(validation: Validation) -> Iterator[Finding]:
    """Validation on the training data says nothing about new data.

    `validation_data` is there to show how the model does on samples that it has not seen. When these are the training
    samples, `val_loss` falls for as long as the model memorises, and `EarlyStopping` and `ModelCheckpoint` that watch
    it keep the epoch that has memorised most. With labels drawn at random `val_accuracy` rose to 1.0, on other samples
    it stayed at 0.5.

    Bad:
        import keras
        import numpy as np

        x, y = np.load("inputs.npy"), np.load("targets.npy")
        model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, y, validation_data=(x, y))

    Good:
        import keras
        import numpy as np

        x, y = np.load("inputs.npy"), np.load("targets.npy")
        model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, y, validation_split=0.2)

    When it is fine:
        Numbers that the program draws or writes out to show how a call is written are not reported, and neither is a
        test (`test_*.py`, `*_test.py`), which only needs a `val_loss` to be there. Where dropout or
        augmentation makes the training loss hard to read, `evaluate` on the training data tells the same thing without
        the name `val_loss`.

    References:
        https://keras.io/api/models/model_training_apis/#fit-method
    """
    if not is_test(validation.span.path):
        yield Finding(
            "the model is validated on the data that it is trained on",
            because=(validation.repeats.saying("the training data again"),),
            notes=(TRIAL,),
            help="give other samples, or let Keras hold some back with `validation_split=0.2`",
        )


def is_test(path: str) -> bool:
    """Whether a file is a test by its name, as pytest finds them."""
    name = PurePath(path).stem
    return name.startswith("test_") or name.endswith("_test")

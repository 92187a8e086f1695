"""Labels that are no probabilities under a binary crossentropy."""

from collections.abc import Iterator

from keraslint import Family, Finding, Labels, Loss, Severity, Training, rule

NEGATIVE = "in a trial with labels -1 and 1 the loss fell to -496, and accuracy was 0.82, with 0 and 1 0.89"
IDS = "in a trial with the ids of 10 classes the loss fell to -10455, and accuracy was 0.11"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """The binary crossentropy needs labels from 0 to 1; beyond, the loss falls without end.

    `-y log(p) - (1 - y) log(1 - p)` has a lowest value only while `y` lies in [0, 1]. With -1 or 2 as a label one of
    the two terms changes its sign, the loss becomes negative and the answers run to the end of their range.

    Bad:
        import keras
        import numpy as np

        (x, y), _ = keras.datasets.imdb.load_data(num_words=5000)
        y = np.where(y > 0, 1, -1)
        model = keras.Sequential([keras.layers.Embedding(5000, 16), keras.layers.GlobalMaxPooling1D()])
        model.add(keras.layers.Dense(1, activation="sigmoid"))
        model.compile(optimizer="adam", loss="binary_crossentropy")
        model.fit(keras.utils.pad_sequences(x, 200), y)
        # ---
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        model.fit(x / 255.0, y)

    Good:
        import keras

        (x, y), _ = keras.datasets.imdb.load_data(num_words=5000)
        model = keras.Sequential([keras.layers.Embedding(5000, 16), keras.layers.GlobalMaxPooling1D()])
        model.add(keras.layers.Dense(1, activation="sigmoid"))
        model.compile(optimizer="adam", loss="binary_crossentropy")
        model.fit(keras.utils.pad_sequences(x, 200), y)
        # ---
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x / 255.0, y)

    When it is fine:
        Labels between 0 and 1, such as smoothed ones, probabilities and pixels divided by 255. Labels of -1 and 1
        belong to the hinge losses.

    References:
        https://keras.io/api/losses/probabilistic_losses/#binarycrossentropy-class
    """
    match training:
        case Training(labels=Labels() as labels) if labels.encoded("continuous"):
            return  # crossentropy-for-continuous-target
        case Training(loss=Loss(name=loss, family=Family.BINARY), labels=Labels() as labels) if labels.beyond(0, 1):
            beyond = labels.beyond(0, 1)
            assert beyond
            several = labels.classes is not None and labels.classes.value > 2
            yield Finding(
                f"`{loss.value}` needs labels from 0 to 1, but they go {beyond.text}",
                because=(loss.saying("labels from 0 to 1"), beyond),
                notes=(IDS,) if several else (NEGATIVE,) if beyond.value == -1 else (),
                help="use one unit for each class with a softmax and `sparse_categorical_crossentropy`"
                if several
                else "map the labels to 0 and 1",
            )

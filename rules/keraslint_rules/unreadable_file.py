"""A file that could not be read."""

from collections.abc import Iterator

from keraslint import Finding, Severity, Unreadable, rule


@rule(Unreadable, Severity.ERROR)
def check(unreadable: Unreadable) -> Iterator[Finding]:
    """A file that mentions Keras is not Python, not a notebook or not text, so nothing in it was checked.

    Reported is the place where reading stopped; the run goes on with the other files.

    Bad:
        import keras

        model = keras.Sequential([keras.layers.Dense(10, activation="softmax")
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    When it is fine:
        Templates and programs for Python 2 that nobody runs: exclude them in the configuration.

    References:
        https://docs.python.org/3/reference/lexical_analysis.html
    """
    yield Finding(
        f"not checked: {unreadable.reason.value}",
        because=(unreadable.reason.saying("reading stopped here"),),
        help="mend the file, or exclude it",
    )

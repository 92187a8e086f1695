"""An argument of another Keras."""

from collections.abc import Iterator

from keraslint import Finding, Obsolete, Severity, change, rule

SEVERITY = {"raises": Severity.ERROR, "ignored": Severity.WARNING, "required": Severity.ERROR}
VERB = {"raises": "takes no", "ignored": "ignores", "required": "does not go without"}
IN_KERAS_2 = {"raises": "Keras 2 raises too", "ignored": "Keras 2 ignores it", "accepted": "Keras 2 still takes it"}

LOADING = "pass it to the `keras.utils.PyDataset` that gives the batches"
STEPS = "say it for each step: `depthwise_{0}` and, where there is one, `pointwise_{0}`".format
ADVICE = {
    "batch_input_shape": "begin the model with `keras.Input(batch_shape=...)`",
    "decay": "pass `keras.optimizers.schedules.InverseTimeDecay` as `learning_rate`",
    "save_format": "leave it out: the name of the file tells the format",
    "weights": "give them with `set_weights` when the layer is built",
    "time_major": "leave it out, and put the batch first",
    **dict.fromkeys(("workers", "use_multiprocessing", "max_queue_size"), LOADING),
    **{f"kernel_{part}": STEPS(part) for part in ("initializer", "regularizer", "constraint")},
}
"""What to do about arguments that have no direct successor, where leaving them out would change something."""


@rule(Obsolete, Severity.ERROR)
def check(obsolete: Obsolete) -> Iterator[Finding]:
    """An argument that this Keras does not take any more.

    Keras 2 renamed most arguments of Keras 1, Keras 3 dropped what was left of the old names. The version in use
    decides: an error where it raises, a warning where it ignores the value. Where it is not known, Keras 3 is assumed.

    Bad:
        import keras

        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(optimizer=keras.optimizers.Adam(lr=0.001), loss="mse")

    Good:
        import keras

        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.001), loss="mse")

    When it is fine:
        In a program for Keras 2 where Keras 2 still takes the name; say so with `target-keras` in the configuration.

    References:
        https://keras.io/guides/migrating_to_keras_3/
    """
    known = obsolete.runtime.keras_version
    version = known[0] if known else 3
    fate = obsolete.in_keras_3 if version == 3 else in_keras_2(obsolete, known or (2, 15))
    if fate in SEVERITY:
        name, successor, value = obsolete.argument.value, obsolete.successor, obsolete.value
        otherwise = ADVICE.get(name, "leave it out")
        yield Finding(
            f"`{obsolete.owner}` {VERB[fate]} `{name}` in Keras {version}",
            because=(obsolete.argument,),
            severity=SEVERITY[fate],
            notes=() if known else (f"the version is not known, Keras 3 assumed; {IN_KERAS_2[obsolete.in_keras_2]}",),
            help=f"write `{successor}={value}`" if value else f"write `{successor}`" if successor else otherwise,
            fixes=change(obsolete.argument, successor, f"Write {successor}", safe=True)
            if successor and not value
            else (),
        )


def in_keras_2(obsolete: Obsolete, version: tuple[int, int]) -> str:
    """What a Keras 2 does; before 2.4 Keras without TensorFlow still translated the names of Keras 1."""
    package = obsolete.runtime.package
    if version < (2, 4) and package and package.value == "keras":
        return "accepted"
    if obsolete.later and version >= numbers(obsolete.later[0]):
        return obsolete.later[1]
    return obsolete.in_keras_2


def numbers(version: str) -> tuple[int, int]:
    """Major and minor number of a version, which may say less than both."""
    major, _, minor = version.partition(".")
    return int(major), int(minor.partition(".")[0] or 0)

"""A generator or data set over folders that gives other labels than the loss wants."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Fix, Head, Labels, Loader, Loss, Severity, Training, add, change, rule

RAISES = "Keras raises a ValueError at the first batch: labels and outputs differ in shape"
SILENT = "nothing may be raised: labels and outputs are stretched until they fit, and something else is learned"
GIVES = {"int": "class ids", "sparse": "class ids", "binary": "zeros and ones", "categorical": "one-hot rows"}
MODES = {"label_mode": "int", "class_mode": "sparse"}
OTHER = {Family.CATEGORICAL: "sparse_categorical_crossentropy", Family.SPARSE: "categorical_crossentropy"}


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """The mode of a generator or data set must give the labels that the loss wants.

    `image_dataset_from_directory` gives class ids unless `label_mode` says otherwise, `flow_from_directory` gives
    one-hot rows unless `class_mode` does. Class ids need a sparse loss (or a binary one with one unit), one-hot rows a
    categorical one. What does not fit raises; a regression loss stretches the labels and learns something else.

    Bad:
        import keras

        images = keras.utils.image_dataset_from_directory("flowers", image_size=(64, 64))
        model = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten(), keras.layers.Dense(5, "softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")
        model.fit(images)
        # ---
        import keras

        images = keras.utils.image_dataset_from_directory("pets", image_size=(64, 64), label_mode="categorical")
        model = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        model.fit(images)

    Good:
        import keras

        images = keras.utils.image_dataset_from_directory("flowers", image_size=(64, 64), label_mode="categorical")
        model = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten(), keras.layers.Dense(5, "softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")
        model.fit(images)

    When it is fine:
        `label_mode="int"` of two classes under the binary crossentropy with one unit, `class_mode="binary"` under the
        sparse loss with two: both are zeros and ones. A data set that is mapped to other labels afterwards.

    References:
        https://keras.io/api/data_loading/image/
    """
    match training:
        case Training(
            head=Head(units=units),
            loss=Loss(name=loss, family=family),
            labels=Labels(loader=Loader(parameter=parameter, mode=Fact(str(word)) as mode)),
        ) if word in GIVES:
            single = units is not None and units.value == 1
            wanted = wants(family, word, units)
            if wanted is None or (single and family in OTHER):
                return  # with one unit: class-loss-over-one-unit
            right = "binary" if family is Family.BINARY else MODES[parameter]
            right = right if word == "categorical" else "categorical"
            told = f"`{parameter}` is `{word}` where it is left out" if mode.omitted else f"`{parameter}='{word}'`"
            facts = (mode.saying(f"gives {GIVES[word]}"), loss.saying(f"wants {wanted}"))
            yield Finding(
                f"{told}: the labels are {GIVES[word]}, but `{loss.value}` here wants {wanted}",
                because=(*facts, units) if units is not None else facts,
                severity=Severity.WARNING if family.stretches else None,
                notes=(SILENT if family.stretches else RAISES,),
                help=f"pass `{parameter}='{right}'`" + (f", or use `{OTHER[family]}`" if family in OTHER else ""),
                fixes=(*swap(training, loss, family), *told_otherwise(mode, parameter, right, safe=single)),
            )


def wants(family: Family, mode: str, units: Fact[int] | None) -> str | None:
    """What a loss wants, where it is something else than what the mode gives."""
    rows = mode == "categorical"
    if family in OTHER:
        fits = rows is (family is Family.CATEGORICAL)
        return None if fits else "class ids" if rows else "one-hot rows"
    if units is None or not (family is Family.BINARY or family.stretches):
        return None
    if units.value == 1:
        return "one number for each sample" if rows else None
    return None if rows else f"{units.value} numbers for each sample"


def swap(training: Training, loss: Fact[str], family: Family) -> tuple[Fix, ...]:
    """The other of the two crossentropies, where no metric was chosen for this one."""
    told = any(one.name.value.startswith(("sparse_", "categorical_", "top_k_")) for one in training.metrics)
    if told or family not in OTHER or "focal" in loss.value:
        return ()
    return change(loss, f'"{OTHER[family]}"', f"Use {OTHER[family].replace('_', ' ')}", safe=True)


def told_otherwise(mode: Fact[str], parameter: str, right: str, *, safe: bool) -> tuple[Fix, ...]:
    """Another mode, written there or added to the call."""
    title = f"Read the labels with {parameter}='{right}'"
    return change(mode, f'"{right}"', title, safe=safe) or add(mode, f'{parameter}="{right}"', title, safe=safe)

"""Metrics that were made for other labels or other outputs."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Loss, Metric, Severity, Training, add, change, rule

GIVEN = {Family.SPARSE: "class-ids", Family.CATEGORICAL: "one-hot", Family.BINARY: "each-output", Family.OVERLAP: ""}
CONTRARY = {"class-ids": ("one-hot", "multi-label"), "one-hot": ("class-ids",)}
WITH_SPARSE = ("categorical_accuracy", "top_k_categorical_accuracy", "categorical_crossentropy")
ERROR, WARNING, RAISES = Severity.ERROR, Severity.WARNING, "Keras raises"
LARGEST, LET = "sparse_y_pred=False", "Let it take the largest"

EXACT = WARNING, "compares scores with labels for equality", "in a trial 0.0 for 69 % right answers", 'use `"accuracy"`'
CUT_IDS = ERROR, "cuts every output to an integer", RAISES, f"pass `{LARGEST}`"
CUT_ROWS = WARNING, "cuts every output to an integer", "in a trial 0.38, not 0.53", "use `OneHotMeanIoU` or `OneHotIoU`"
CUT_ONE = WARNING, "cuts every output to an integer", "in a trial 0.25, not 0.61", "use `BinaryIoU([0, 1])`"
EACH = ERROR, "takes a label for each output, not class ids", f"{RAISES}, or compares all with the id", "use `accuracy`"
FIRST = WARNING, "takes class ids for one-hot rows", "all count as class 0: in a trial 0.20, not 0.69", "use ids"
FIRST_OF = ERROR, "takes class ids for one-hot rows", RAISES, "use its sparse form"
ROW = ERROR, "takes rows of labels for class ids", RAISES, "use the one without `sparse`"
UNITS = WARNING, "judges each class on its own", "in a trial 0.84 for 69 % right answers (4 classes)", "use `accuracy`"
ALONE = WARNING, "looks for the largest output, and there is one", "it always finds the first", "set a threshold"


@rule(Training, ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A metric that was made for other labels or other outputs than these.

    Plain `"accuracy"` is chosen by shape and fits; a full name is taken at its word. Keras raises, or counts class ids
    as class 0 and what a softmax rightly left out as hits (measured on Keras 3.15 and tf_keras 2.21).

    Bad:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(4, activation="softmax")])
        model.compile(loss="sparse_categorical_crossentropy", metrics=["categorical_accuracy", keras.metrics.AUC()])

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(4, activation="softmax")])
        model.compile(loss="sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"])

    When it is fine:
        Precision, recall and AUC over one-hot rows look at every class by itself, which is what they are for.

    References:
        https://keras.io/api/metrics/accuracy_metrics/
    """
    match training:
        case Training(head=Head(units=Fact(int(size)) as units, activation=Fact()), loss=Loss(family=family) as loss):
            given = GIVEN.get(family)
            encoding = training.labels.encoding if training.labels else None
            if given is None or not loss.as_given or (encoding and encoding.value in CONTRARY.get(given, ())):
                return  # the loss itself was made for other labels, which its own rules say
            for metric in training.metrics:
                if found := verdict(metric, given, size):
                    severity, says, note, remedy = found
                    name, reads = successor(metric.name.value, given), metric.reads
                    yield Finding(
                        f"`{metric.name.value.replace('exact_a', 'A')}` {says}",
                        (metric.name, loss.name, units),
                        severity=severity,
                        notes=(note,),
                        help=f"use `{name}`" if name else remedy,
                        fixes=(
                            *(change(metric.name, f'"{name}"', f"Use {name}", safe=True) if name else ()),
                            *(add(reads, LARGEST, LET, safe=True) if reads and found is CUT_IDS else ()),
                        ),
                    )


def verdict(metric: Metric, given: str, units: int) -> tuple[Severity, str, str, str] | None:
    """What a metric makes of the labels that the loss asks for, and of so many units."""
    wants, reads = (fact.value if fact else "" for fact in (metric.labels, metric.reads))
    match given, wants, reads:
        case _, _, "integers":
            return CUT_ONE if units == 1 else CUT_IDS if given == "class-ids" else CUT_ROWS
        case "class-ids" | "one-hot" | "each-output", _, "equality":
            return EXACT
        case "each-output", _, "largest" if units == 1:
            return ALONE
        case "one-hot" | "each-output", "class-ids", _ if units > 1:
            return ROW
        case "class-ids", "each-output", _ if units > 1:
            return EACH
        case "class-ids", "one-hot", _ if units > 1:
            return FIRST_OF if reads == "probabilities" else FIRST
    return UNITS if given == "one-hot" and metric.name.value == "binary_accuracy" and units > 2 else None


def successor(name: str, given: str) -> str:
    """The metric that was meant; nothing where a string does not say it."""
    if given == "class-ids" and name in WITH_SPARSE:
        return f"sparse_{name}"
    if given == "one-hot" and name.startswith("sparse_"):
        return name.removeprefix("sparse_")
    if name.endswith("accuracy"):
        return "binary_accuracy" if given == "each-output" else "accuracy"
    return ""

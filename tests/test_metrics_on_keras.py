"""What Keras really makes of metrics: the numbers that pages and messages quote, on the Keras and tf_keras installed.

Outputs are handed through a model that does nothing, so that `compile` chooses and calls the metrics as it always does.
Every row of a table is a metric, outputs, labels, and what comes out: a number, or that it raises.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("keras")
CLASSES, ROWS = 4, 400
RAISES = "raises"


@cache
def library(name: str) -> ModuleType:
    module: ModuleType = pytest.importorskip(name)
    return module


def squashed(scores: Any) -> Any:
    return (1 / (1 + np.exp(-scores))).astype("float32")


@cache
def data() -> dict[str, Any]:
    """Outputs of a classifier that is right for two rows in three, and labels in every encoding."""
    random = np.random.default_rng(0)
    ids = random.integers(0, CLASSES, ROWS)
    scores = random.normal(0, 1, (ROWS, CLASSES))
    scores[np.arange(ROWS), ids] += 1.5
    several = (random.random((ROWS, CLASSES)) < 0.3).astype("float32")
    tags = (random.normal(0, 1, (ROWS, CLASSES)) + 3 * (several - 0.5)).astype("float32")
    binary = random.integers(0, 2, (ROWS, 1)).astype("float32")
    raw = (random.normal(0, 2, (ROWS, 1)) + 2.5 * (binary - 0.5)).astype("float32")
    softmax = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    maps = (ROWS // 4, 2, 2)
    return {
        "ids": ids,
        "ids in a column": ids[:, None],
        "one-hot": np.eye(CLASSES, dtype="float32")[ids],
        "softmax": softmax.astype("float32"),
        "scores": scores.astype("float32"),
        "tags": several,
        "sigmoids": squashed(tags),
        "yes or no": binary,
        "sigmoid": squashed(raw),
        "logit": raw,
        "pixel ids": ids.reshape(maps),
        "pixel softmax": softmax.reshape(*maps, CLASSES).astype("float32"),
        "pixel one-hot": np.eye(CLASSES, dtype="float32")[ids].reshape(*maps, CLASSES),
    }


@cache
def measured(package: str, metric: str, outputs: str, labels: str) -> float | str:
    """What `evaluate` shows; the loss takes part in nothing."""
    keras = library(package)
    given, wanted = data()[outputs], data()[labels]
    # in an expression, metrics are classes of the library; everything else is a string
    made = eval(metric, vars(keras.metrics)) if "(" in metric else metric
    inputs = keras.layers.Input(given.shape[1:])
    model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    model.compile(
        loss=lambda y, p: keras.backend.mean(p) if package == "tf_keras" else keras.ops.mean(p), metrics=[made]
    )
    try:
        found = model.evaluate(given, wanted, verbose=0, batch_size=len(given), return_dict=True)
    except Exception:
        return RAISES
    [number] = [value for name, value in found.items() if name != "loss"]
    return round(float(np.mean(number)), 3)


LIBRARIES = ("keras", "tf_keras")
Row = tuple[str, str, str, float | str]

BOTH: list[Row] = [
    # plain accuracy is chosen by shape, and fits
    ("accuracy", "softmax", "ids", 0.69),
    ("acc", "softmax", "one-hot", 0.69),
    ("accuracy", "scores", "ids in a column", 0.69),
    ("accuracy", "pixel softmax", "pixel ids", 0.69),
    ("accuracy", "sigmoid", "yes or no", 0.758),
    # ... but with several labels it looks for the largest, and with one raw score it has a threshold of 0.5
    ("accuracy", "sigmoids", "tags", 0.625),
    ("binary_accuracy", "sigmoids", "tags", 0.926),
    ("accuracy", "logit", "yes or no", 0.745),
    ("BinaryAccuracy(threshold=0.0)", "logit", "yes or no", 0.758),
    # raw scores
    ("AUC()", "sigmoid", "yes or no", 0.818),
    ("AUC()", "logit", "yes or no", 0.772),
    ("AUC(from_logits=True)", "logit", "yes or no", 0.818),
    ("Recall()", "sigmoid", "yes or no", 0.722),
    ("Recall()", "logit", "yes or no", 0.636),
    ("Recall(thresholds=0)", "logit", "yes or no", 0.722),
    ("PrecisionAtRecall(0.8)", "logit", "yes or no", 0.0),
    ("BinaryCrossentropy()", "sigmoid", "yes or no", 0.553),
    ("F1Score(threshold=0.5)", "sigmoid", "yes or no", 0.747),
    ("F1Score(threshold=0.5)", "logit", "yes or no", 0.712),
    ("BinaryIoU()", "logit", "yes or no", 0.59),
    ("Precision(top_k=1)", "scores", "one-hot", 0.69),
    # a metric for one-hot rows takes the largest of one number: class 0
    ("categorical_accuracy", "softmax", "one-hot", 0.69),
    ("categorical_accuracy", "softmax", "ids", 0.2),
    ("categorical_accuracy", "softmax", "ids in a column", 0.2),
    ("categorical_accuracy", "pixel softmax", "pixel ids", RAISES),
    ("categorical_accuracy", "sigmoid", "yes or no", 1.0),
    ("CategoricalCrossentropy()", "softmax", "ids", RAISES),
    # a metric for class ids
    ("sparse_categorical_accuracy", "softmax", "ids", 0.69),
    ("sparse_categorical_accuracy", "softmax", "one-hot", RAISES),
    ("sparse_categorical_accuracy", "sigmoids", "tags", RAISES),
    ("sparse_categorical_accuracy", "pixel softmax", "pixel one-hot", RAISES),
    ("sparse_categorical_accuracy", "sigmoid", "yes or no", 0.505),
    ("SparseTopKCategoricalAccuracy(2)", "softmax", "one-hot", RAISES),
    ("SparseCategoricalCrossentropy()", "softmax", "one-hot", RAISES),
    # a label for each output
    ("binary_accuracy", "softmax", "one-hot", 0.843),
    ("Precision()", "softmax", "ids", RAISES),
    ("Recall()", "softmax", "ids in a column", RAISES),
    ("AUC()", "softmax", "ids", RAISES),
    ("F1Score()", "softmax", "ids", RAISES),
    ("F1Score()", "sigmoid", "yes or no", 0.662),
    ("F1Score()", "logit", "yes or no", 0.662),
    # integers and equality
    ("MeanIoU(4)", "softmax", "one-hot", 0.375),
    ("OneHotMeanIoU(4)", "softmax", "one-hot", 0.526),
    ("MeanIoU(4)", "softmax", "ids", RAISES),
    ("MeanIoU(4, sparse_y_pred=False)", "softmax", "ids", 0.526),
    ("MeanIoU(4, sparse_y_pred=False)", "softmax", "one-hot", RAISES),
    ("MeanIoU(2)", "sigmoid", "yes or no", 0.252),
    ("BinaryIoU([0, 1])", "sigmoid", "yes or no", 0.609),
    ("Accuracy()", "softmax", "one-hot", 0.0),
    ("Accuracy()", "sigmoid", "yes or no", 0.0),
]


@pytest.mark.parametrize("package", LIBRARIES)
@pytest.mark.parametrize(("metric", "outputs", "labels", "expected"), BOTH, ids=[" / ".join(row[:3]) for row in BOTH])
def test_what_keras_shows(package: str, metric: str, outputs: str, labels: str, expected: float | str) -> None:
    found = measured(package, metric, outputs, labels)
    assert found == (expected if isinstance(expected, str) else pytest.approx(expected, abs=0.0011))


APART = [
    ("binary_accuracy", "softmax", "ids", RAISES, 0.2),
    ("TopKCategoricalAccuracy(2)", "softmax", "ids", RAISES, 0.47),
    ("BinaryCrossentropy()", "softmax", "ids", RAISES, 2.9),
    ("BinaryCrossentropy()", "logit", "yes or no", 3.26, 3.12),
    ("Accuracy()", "softmax", "ids in a column", 0.0, RAISES),
]
"""Where Keras 3 and Keras 2 go different ways. The numbers mean nothing, so they are only roughly these; the
crossentropy of raw scores differs because Keras 2 clips a little earlier."""


@pytest.mark.parametrize(
    ("metric", "outputs", "labels", "keras_3", "keras_2"), APART, ids=[" / ".join(row[:3]) for row in APART]
)
def test_where_versions_differ(
    metric: str, outputs: str, labels: str, keras_3: float | str, keras_2: float | str
) -> None:
    for package, expected in (("keras", keras_3), ("tf_keras", keras_2)):
        found = measured(package, metric, outputs, labels)
        assert found == (expected if isinstance(expected, str) else pytest.approx(expected, abs=0.15))


def test_how_often_the_outputs_are_right() -> None:
    """What the metrics above should say."""
    given = data()
    assert (given["scores"].argmax(-1) == given["ids"]).mean() == pytest.approx(0.69)
    assert ((given["logit"] > 0) == given["yes or no"]).mean() == pytest.approx(0.7575)
    assert ((given["sigmoids"] > 0.5) == given["tags"]).mean() == pytest.approx(0.926, abs=0.001)
    assert squashed(np.float32(0.5)) == pytest.approx(0.62, abs=0.005)

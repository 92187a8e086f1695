"""Metrics: how each one may be written, what it measures, and where its threshold and `from_logits` stand."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class MetricKind(StrEnum):
    """What a metric makes of the predictions."""

    ACCURACY = "accuracy"
    """A share of right answers: by the largest output, or by a threshold where the metric has one."""
    THRESHOLD = "threshold"
    """Counts and ratios of predictions that pass a threshold: Precision, Recall, F1, true positives, BinaryIoU."""
    RANKING = "ranking"
    """Many thresholds inside [0, 1]: AUC and kin."""
    OVERLAP = "overlap"
    """Intersection over union of class ids."""
    CROSSENTROPY = "crossentropy"
    DIVERGENCE = "divergence"
    POISSON = "poisson"
    REGRESSION = "regression"
    """Distances and shares of explained variance."""
    COSINE = "cosine"
    HINGE = "hinge"
    REDUCTION = "reduction"
    """A mean or sum of what it is given: it knows no labels."""


class MetricSpec(NamedTuple):
    """A metric by Keras's snake-case name.

    `classes` and `functions` are the names in `keras.metrics`; `functions_2` those of Keras 2 only. `strings` is what
    `compile(metrics=[...])` takes in Keras 2 and 3 alike, `strings_2` and `strings_3` what only one of them takes.
    Parameters are in the order of Keras 3; Keras 2 has the same, or fewer at the end, unless `function_parameters_2`
    says otherwise. `threshold` names the parameter that holds a threshold, `default_threshold` is what it means when
    it is left out: a number, or `None` when no threshold is used. `reads` and `labels` are what `Metric` says they are,
    for the metric as it is without arguments; empty where nobody has asked yet.
    """

    name: str
    kind: MetricKind
    classes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    class_parameters: tuple[str, ...] = ()
    function_parameters: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    strings_2: tuple[str, ...] = ()
    strings_3: tuple[str, ...] = ()
    functions_2: tuple[str, ...] = ()
    function_parameters_2: tuple[str, ...] | None = None
    threshold: str | None = None
    default_threshold: float | None = None
    reads: str = ""
    labels: str = ""
    in_keras_2: bool = True
    in_keras_3: bool = True

    @property
    def takes_logits(self) -> bool:
        """Whether the class or the function has a parameter `from_logits`."""
        return "from_logits" in self.class_parameters or "from_logits" in self.function_parameters


_NAME = ("name", "dtype")
_PAIR = ("y_true", "y_pred")
_COUNT = ("thresholds", *_NAME)
_RATIO = ("thresholds", "top_k", "class_id", *_NAME)
_CURVE = ("num_thresholds", "class_id", *_NAME)
_CROSSENTROPY = ("from_logits", "label_smoothing", "axis")
_FOCAL = ("alpha", "gamma", *_CROSSENTROPY)
_IOU = ("ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
_ONE_HOT_IOU = ("ignore_class", "sparse_y_pred", "axis")
_ACCURACY, _THRESHOLD, _RANKING = MetricKind.ACCURACY, MetricKind.THRESHOLD, MetricKind.RANKING
_OVERLAP, _REGRESSION, _REDUCTION = MetricKind.OVERLAP, MetricKind.REGRESSION, MetricKind.REDUCTION


def _distance(name: str, class_name: str, lower: str, upper: str) -> MetricSpec:
    """A distance that has an abbreviation, in small and in capital letters."""
    return MetricSpec(
        name,
        _REGRESSION,
        classes=(class_name,),
        functions=(name,),
        class_parameters=_NAME,
        function_parameters=_PAIR,
        strings=(name, class_name, lower, upper),
        functions_2=(lower, upper),
    )


def _count(name: str, class_name: str) -> MetricSpec:
    return MetricSpec(
        name,
        _THRESHOLD,
        classes=(class_name,),
        class_parameters=_COUNT,
        strings=(class_name,),
        strings_3=(name,),
        threshold="thresholds",
        default_threshold=0.5,
        reads="threshold",
        labels="each-output",
    )


def _at(name: str, class_name: str, parameter: str) -> MetricSpec:
    """One number of the curve, taken where the other one has a given value."""
    return MetricSpec(
        name,
        _RANKING,
        classes=(class_name,),
        class_parameters=(parameter, *_CURVE),
        reads="curve",
        labels="each-output",
    )


SPECS: tuple[MetricSpec, ...] = (
    MetricSpec(
        # The class compares outputs with labels for equality. The string is another thing: see `BY_SHAPE`.
        "accuracy",
        _ACCURACY,
        classes=("Accuracy",),
        class_parameters=_NAME,
        reads="equality",
    ),
    MetricSpec(
        "binary_accuracy",
        _ACCURACY,
        classes=("BinaryAccuracy",),
        functions=("binary_accuracy",),
        class_parameters=(*_NAME, "threshold"),
        function_parameters=(*_PAIR, "threshold"),
        strings=("binary_accuracy", "BinaryAccuracy"),
        threshold="threshold",
        default_threshold=0.5,
        reads="threshold",
        labels="each-output",
    ),
    MetricSpec(
        "categorical_accuracy",
        _ACCURACY,
        classes=("CategoricalAccuracy",),
        functions=("categorical_accuracy",),
        class_parameters=_NAME,
        function_parameters=_PAIR,
        strings=("categorical_accuracy", "CategoricalAccuracy"),
        reads="largest",
        labels="one-hot",
    ),
    MetricSpec(
        "sparse_categorical_accuracy",
        _ACCURACY,
        classes=("SparseCategoricalAccuracy",),
        functions=("sparse_categorical_accuracy",),
        class_parameters=_NAME,
        function_parameters=_PAIR,
        strings=("sparse_categorical_accuracy", "SparseCategoricalAccuracy"),
        reads="largest",
        labels="class-ids",
    ),
    MetricSpec(
        "top_k_categorical_accuracy",
        _ACCURACY,
        classes=("TopKCategoricalAccuracy",),
        functions=("top_k_categorical_accuracy",),
        class_parameters=("k", *_NAME),
        function_parameters=(*_PAIR, "k"),
        strings=("top_k_categorical_accuracy", "TopKCategoricalAccuracy"),
        reads="largest",
        labels="one-hot",
    ),
    MetricSpec(
        "sparse_top_k_categorical_accuracy",
        _ACCURACY,
        classes=("SparseTopKCategoricalAccuracy",),
        functions=("sparse_top_k_categorical_accuracy",),
        class_parameters=("k", *_NAME, "from_sorted_ids"),
        function_parameters=(*_PAIR, "k", "from_sorted_ids"),
        strings=("sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy"),
        reads="largest",
        labels="class-ids",
    ),
    _count("true_positives", "TruePositives"),
    _count("true_negatives", "TrueNegatives"),
    _count("false_positives", "FalsePositives"),
    _count("false_negatives", "FalseNegatives"),
    _count("precision", "Precision")._replace(class_parameters=_RATIO),
    _count("recall", "Recall")._replace(class_parameters=_RATIO),
    MetricSpec(
        "f1_score",
        _THRESHOLD,
        classes=("F1Score",),
        class_parameters=("average", "threshold", *_NAME),
        strings=("F1Score",),
        strings_3=("f1_score",),
        threshold="threshold",
        reads="largest",
        labels="each-output",
    ),
    MetricSpec(
        "fbeta_score",
        _THRESHOLD,
        classes=("FBetaScore",),
        class_parameters=("average", "beta", "threshold", *_NAME),
        strings=("FBetaScore",),
        strings_3=("f_beta_score",),
        threshold="threshold",
        reads="largest",
        labels="each-output",
    ),
    MetricSpec(
        "binary_io_u",
        _THRESHOLD,
        classes=("BinaryIoU",),
        class_parameters=("target_class_ids", "threshold", *_NAME),
        strings=("BinaryIoU",),
        strings_3=("binary_io_u",),
        threshold="threshold",
        default_threshold=0.5,
        reads="threshold",
        labels="each-output",
    ),
    MetricSpec(
        "auc",
        _RANKING,
        classes=("AUC",),
        class_parameters=(
            "num_thresholds",
            "curve",
            "summation_method",
            *_NAME,
            "thresholds",
            "multi_label",
            "num_labels",
            "label_weights",
            "from_logits",
        ),
        strings=("AUC",),
        strings_3=("auc",),
        threshold="thresholds",
        reads="curve",
        labels="each-output",
    ),
    _at("precision_at_recall", "PrecisionAtRecall", "recall"),
    _at("recall_at_precision", "RecallAtPrecision", "precision"),
    _at("sensitivity_at_specificity", "SensitivityAtSpecificity", "specificity"),
    _at("specificity_at_sensitivity", "SpecificityAtSensitivity", "sensitivity"),
    MetricSpec(
        "io_u",
        _OVERLAP,
        classes=("IoU",),
        class_parameters=("num_classes", "target_class_ids", *_NAME, *_IOU),
        reads="integers",
        labels="class-ids",
    ),
    MetricSpec(
        "mean_io_u",
        _OVERLAP,
        classes=("MeanIoU",),
        class_parameters=("num_classes", *_NAME, *_IOU),
        reads="integers",
        labels="class-ids",
    ),
    MetricSpec(
        "one_hot_io_u",
        _OVERLAP,
        classes=("OneHotIoU",),
        class_parameters=("num_classes", "target_class_ids", *_NAME, *_ONE_HOT_IOU),
        reads="largest",
        labels="one-hot",
    ),
    MetricSpec(
        "one_hot_mean_io_u",
        _OVERLAP,
        classes=("OneHotMeanIoU",),
        class_parameters=("num_classes", *_NAME, *_ONE_HOT_IOU),
        reads="largest",
        labels="one-hot",
    ),
    MetricSpec(
        "binary_crossentropy",
        MetricKind.CROSSENTROPY,
        classes=("BinaryCrossentropy",),
        functions=("binary_crossentropy",),
        class_parameters=(*_NAME, "from_logits", "label_smoothing"),
        function_parameters=(*_PAIR, *_CROSSENTROPY),
        strings=("binary_crossentropy", "BinaryCrossentropy"),
        strings_3=("bce", "BCE"),
        reads="probabilities",
        labels="each-output",
    ),
    MetricSpec(
        "categorical_crossentropy",
        MetricKind.CROSSENTROPY,
        classes=("CategoricalCrossentropy",),
        functions=("categorical_crossentropy",),
        class_parameters=(*_NAME, *_CROSSENTROPY),
        function_parameters=(*_PAIR, *_CROSSENTROPY),
        strings=("categorical_crossentropy", "CategoricalCrossentropy"),
        reads="probabilities",
        labels="one-hot",
    ),
    MetricSpec(
        "sparse_categorical_crossentropy",
        MetricKind.CROSSENTROPY,
        classes=("SparseCategoricalCrossentropy",),
        functions=("sparse_categorical_crossentropy",),
        class_parameters=(*_NAME, "from_logits", "ignore_class", "axis"),
        function_parameters=(*_PAIR, "from_logits", "ignore_class", "axis"),
        function_parameters_2=(*_PAIR, "from_logits", "axis", "ignore_class"),
        strings=("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        reads="probabilities",
        labels="class-ids",
    ),
    MetricSpec(
        "binary_focal_crossentropy",
        MetricKind.CROSSENTROPY,
        functions=("binary_focal_crossentropy",),
        function_parameters=(*_PAIR, "apply_class_balancing", *_FOCAL),
    ),
    MetricSpec(
        "categorical_focal_crossentropy",
        MetricKind.CROSSENTROPY,
        functions=("categorical_focal_crossentropy",),
        function_parameters=(*_PAIR, *_FOCAL),
    ),
    MetricSpec(
        "kl_divergence",
        MetricKind.DIVERGENCE,
        classes=("KLDivergence",),
        functions=("kl_divergence",),
        class_parameters=_NAME,
        function_parameters=_PAIR,
        strings=("KLDivergence",),
        strings_2=("kullback_leibler_divergence",),
        strings_3=("kl_divergence",),
        functions_2=("kld", "KLD", "kullback_leibler_divergence"),
    ),
    MetricSpec(
        "poisson",
        MetricKind.POISSON,
        classes=("Poisson",),
        functions=("poisson",),
        class_parameters=_NAME,
        function_parameters=_PAIR,
        strings=("poisson", "Poisson"),
    ),
    _distance("mean_squared_error", "MeanSquaredError", "mse", "MSE"),
    _distance("mean_absolute_error", "MeanAbsoluteError", "mae", "MAE"),
    _distance("mean_absolute_percentage_error", "MeanAbsolutePercentageError", "mape", "MAPE"),
    _distance("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", "msle", "MSLE"),
    MetricSpec(
        "root_mean_squared_error",
        _REGRESSION,
        classes=("RootMeanSquaredError",),
        class_parameters=_NAME,
        strings=("RootMeanSquaredError",),
        strings_3=("root_mean_squared_error",),
    ),
    MetricSpec(
        "log_cosh",
        _REGRESSION,
        classes=("LogCoshError",),
        functions=("log_cosh",),
        class_parameters=_NAME,
        function_parameters=_PAIR,
        strings=("LogCoshError",),
        strings_2=("log_cosh", "logcosh"),
        strings_3=("log_cosh_error",),
        functions_2=("logcosh",),
    ),
    MetricSpec("huber", _REGRESSION, functions=("huber",), function_parameters=(*_PAIR, "delta"), in_keras_2=False),
    MetricSpec(
        "mean_relative_error",
        _REGRESSION,
        classes=("MeanRelativeError",),
        class_parameters=("normalizer", *_NAME),
        in_keras_3=False,
    ),
    MetricSpec(
        "r2_score",
        _REGRESSION,
        classes=("R2Score",),
        class_parameters=("class_aggregation", "num_regressors", *_NAME),
        strings=("R2Score",),
        strings_3=("r2_score",),
    ),
    MetricSpec(
        "pearson_correlation",
        _REGRESSION,
        classes=("PearsonCorrelation",),
        functions=("pearson_correlation",),
        class_parameters=(*_NAME, "axis"),
        function_parameters=(*_PAIR, "axis"),
        strings_3=("pearson_correlation", "PearsonCorrelation"),
        in_keras_2=False,
    ),
    MetricSpec(
        "concordance_correlation",
        _REGRESSION,
        classes=("ConcordanceCorrelation",),
        functions=("concordance_correlation",),
        class_parameters=(*_NAME, "axis"),
        function_parameters=(*_PAIR, "axis"),
        strings_3=("concordance_correlation", "ConcordanceCorrelation"),
        in_keras_2=False,
    ),
    MetricSpec(
        "cosine_similarity",
        MetricKind.COSINE,
        classes=("CosineSimilarity",),
        class_parameters=(*_NAME, "axis"),
        strings=("cosine_similarity", "CosineSimilarity"),
        strings_2=("cosine_proximity",),
    ),
    MetricSpec(
        "hinge",
        MetricKind.HINGE,
        classes=("Hinge",),
        functions=("hinge",),
        class_parameters=_NAME,
        function_parameters=_PAIR,
        strings=("hinge", "Hinge"),
    ),
    MetricSpec(
        "squared_hinge",
        MetricKind.HINGE,
        classes=("SquaredHinge",),
        functions=("squared_hinge",),
        class_parameters=_NAME,
        function_parameters=_PAIR,
        strings=("squared_hinge", "SquaredHinge"),
    ),
    MetricSpec(
        "categorical_hinge",
        MetricKind.HINGE,
        classes=("CategoricalHinge",),
        functions=("categorical_hinge",),
        class_parameters=_NAME,
        function_parameters=_PAIR,
        strings=("categorical_hinge", "CategoricalHinge"),
    ),
    MetricSpec("mean", _REDUCTION, classes=("Mean",), class_parameters=_NAME),
    MetricSpec("sum", _REDUCTION, classes=("Sum",), class_parameters=_NAME),
    MetricSpec(
        "mean_tensor",
        _REDUCTION,
        classes=("MeanTensor",),
        class_parameters=(*_NAME, "shape"),
        in_keras_3=False,
    ),
)

BY_SHAPE = MetricSpec("accuracy", MetricKind.ACCURACY, strings=("accuracy", "acc"))
"""The strings `"accuracy"` and `"acc"`, in upper or lower case: binary accuracy at .5 for one output; else sparse
when the labels have fewer axes than the outputs or a last axis of one; else categorical. The loss plays no part since
TensorFlow 2.2; before, binary crossentropy also gave binary accuracy."""

CROSSENTROPY_BY_SHAPE = MetricSpec(
    "crossentropy", MetricKind.CROSSENTROPY, strings_2=("crossentropy", "ce"), in_keras_3=False
)
"""The same for the strings `"crossentropy"` and `"ce"` of Keras 2. In Keras 3 they are losses and no metrics."""

_BY_NAME: Mapping[str, MetricSpec] = {spec.name: spec for spec in SPECS}
_BY_CLASS: Mapping[str, MetricSpec] = {f"keras.metrics.{name}": spec for spec in SPECS for name in spec.classes}
_BY_STRING: Mapping[str, MetricSpec] = {
    text: spec for spec in SPECS for text in (*spec.strings, *spec.strings_2, *spec.strings_3)
}
_BY_FUNCTION: Mapping[str, MetricSpec] = {
    f"{module}.{name}": spec
    for module in ("keras.metrics", "keras.losses")
    for spec in SPECS
    for name in (*spec.functions, *spec.functions_2)
}


def by_name(name: str) -> MetricSpec | None:
    """The metric of Keras with that snake-case name; `accuracy` is the class, which compares for equality."""
    return _BY_NAME.get(name)


def by_string(text: str) -> MetricSpec | None:
    """What `compile(metrics=[text])` means in some Keras: `BY_SHAPE` for `"accuracy"`."""
    lower = text.lower()
    if lower in BY_SHAPE.strings:
        return BY_SHAPE
    if lower in CROSSENTROPY_BY_SHAPE.strings_2:
        return CROSSENTROPY_BY_SHAPE
    return _BY_STRING.get(text)


def by_class(dotted: str) -> MetricSpec | None:
    """The metric of a class, by its canonical name, such as `keras.metrics.AUC`."""
    return _BY_CLASS.get(dotted)


def by_function(dotted: str) -> MetricSpec | None:
    """The metric that a function computes, by its canonical name, in `keras.metrics` or `keras.losses`."""
    return _BY_FUNCTION.get(dotted)

"""Losses: how each one may be written, what it asks of labels and head, and where `from_logits` stands.

A loss is written as a string, as a class or as a function. Functions outside `keras.losses` that compute the same
number, such as TensorFlow's `*_with_logits`, are here too, with the names of the arguments that hold labels and
predictions.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from keraslint.model import Family


class LossSpec(NamedTuple):
    """A loss by Keras's snake-case name.

    `classes` and `functions` are the names in `keras.losses`, Keras 3's first; `strings` is what `compile(loss=...)`
    takes in Keras 2 and 3 alike, `strings_2` and `strings_3` what only one of them takes. `functions_2` are names of
    the function in Keras 2 only, which `tensorflow.keras` keeps on Keras 3. `old_strings` were understood before
    TensorFlow 2. `class_parameters` and `function_parameters` are in the order of Keras 3; Keras 2 has the same
    without a tail, unless `class_parameters_2` or `function_parameters_2` says otherwise.
    """

    name: str
    family: Family
    classes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    class_parameters: tuple[str, ...] = ()
    function_parameters: tuple[str, ...] = ()
    strings_2: tuple[str, ...] = ()
    strings_3: tuple[str, ...] = ()
    functions_2: tuple[str, ...] = ()
    old_strings: tuple[str, ...] = ()
    class_parameters_2: tuple[str, ...] | None = None
    function_parameters_2: tuple[str, ...] | None = None
    in_keras_2: bool = True
    in_keras_3: bool = True

    @property
    def takes_logits(self) -> bool:
        """Whether the loss has a parameter `from_logits`, as a class or as a function."""
        return "from_logits" in self.class_parameters or "from_logits" in self.function_parameters


class Logits(StrEnum):
    """What a loss function expects as predictions."""

    NEVER = "never"
    PARAMETER = "parameter"
    """As the argument `from_logits` says, which is false by default."""
    ALWAYS = "always"


class LossFunction(NamedTuple):
    """A function that computes a loss: `labels` and `predictions` are the names of two of its `parameters`."""

    spec: LossSpec
    parameters: tuple[str, ...]
    labels: str = "y_true"
    predictions: str = "y_pred"
    logits: Logits = Logits.NEVER


_TAIL = ("reduction", "name", "dtype")
_PAIR = ("y_true", "y_pred")
_CROSSENTROPY = ("from_logits", "label_smoothing", "axis")
_FOCAL = ("alpha", "gamma", *_CROSSENTROPY)

SPECS: tuple[LossSpec, ...] = (
    LossSpec(
        "categorical_crossentropy",
        Family.CATEGORICAL,
        classes=("CategoricalCrossentropy",),
        functions=("categorical_crossentropy",),
        strings=("categorical_crossentropy", "CategoricalCrossentropy"),
        class_parameters=(*_CROSSENTROPY, *_TAIL),
        function_parameters=(*_PAIR, *_CROSSENTROPY),
    ),
    LossSpec(
        "categorical_focal_crossentropy",
        Family.CATEGORICAL,
        classes=("CategoricalFocalCrossentropy",),
        functions=("categorical_focal_crossentropy",),
        strings=("categorical_focal_crossentropy", "CategoricalFocalCrossentropy"),
        class_parameters=(*_FOCAL, *_TAIL),
        function_parameters=(*_PAIR, *_FOCAL),
    ),
    LossSpec(
        "categorical_generalized_cross_entropy",
        # Labels are class ids and the head must give probabilities: there is no `from_logits`.
        Family.SPARSE,
        classes=("CategoricalGeneralizedCrossEntropy",),
        functions=("categorical_generalized_cross_entropy",),
        class_parameters=("q", *_TAIL),
        function_parameters=(*_PAIR, "q"),
        in_keras_2=False,
    ),
    LossSpec(
        "sparse_categorical_crossentropy",
        Family.SPARSE,
        classes=("SparseCategoricalCrossentropy",),
        functions=("sparse_categorical_crossentropy",),
        strings=("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        class_parameters=("from_logits", "ignore_class", "reduction", "axis", "name", "dtype"),
        function_parameters=(*_PAIR, "from_logits", "ignore_class", "axis"),
        class_parameters_2=("from_logits", "ignore_class", "reduction", "name"),
        function_parameters_2=(*_PAIR, "from_logits", "axis", "ignore_class"),
    ),
    LossSpec(
        "binary_crossentropy",
        Family.BINARY,
        classes=("BinaryCrossentropy",),
        functions=("binary_crossentropy",),
        strings=("binary_crossentropy", "BinaryCrossentropy", "bce", "BCE"),
        class_parameters=(*_CROSSENTROPY, *_TAIL),
        function_parameters=(*_PAIR, *_CROSSENTROPY),
    ),
    LossSpec(
        "binary_focal_crossentropy",
        Family.BINARY,
        classes=("BinaryFocalCrossentropy",),
        functions=("binary_focal_crossentropy",),
        strings=("binary_focal_crossentropy", "BinaryFocalCrossentropy"),
        class_parameters=("apply_class_balancing", *_FOCAL, *_TAIL),
        function_parameters=(*_PAIR, "apply_class_balancing", *_FOCAL),
    ),
    LossSpec(
        "mean_squared_error",
        Family.REGRESSION,
        classes=("MeanSquaredError",),
        functions=("mean_squared_error",),
        strings=("mean_squared_error", "MeanSquaredError", "mse", "MSE"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
        functions_2=("mse", "MSE"),
    ),
    LossSpec(
        "mean_absolute_error",
        Family.REGRESSION,
        classes=("MeanAbsoluteError",),
        functions=("mean_absolute_error",),
        strings=("mean_absolute_error", "MeanAbsoluteError", "mae", "MAE"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
        functions_2=("mae", "MAE"),
    ),
    LossSpec(
        "mean_absolute_percentage_error",
        Family.REGRESSION,
        classes=("MeanAbsolutePercentageError",),
        functions=("mean_absolute_percentage_error",),
        strings=("mean_absolute_percentage_error", "MeanAbsolutePercentageError", "mape", "MAPE"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
        functions_2=("mape", "MAPE"),
    ),
    LossSpec(
        "mean_squared_logarithmic_error",
        Family.REGRESSION,
        classes=("MeanSquaredLogarithmicError",),
        functions=("mean_squared_logarithmic_error",),
        strings=("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", "msle", "MSLE"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
        functions_2=("msle", "MSLE"),
    ),
    LossSpec(
        "huber",
        Family.REGRESSION,
        classes=("Huber",),
        functions=("huber",),
        strings=("huber", "Huber"),
        class_parameters=("delta", *_TAIL),
        function_parameters=(*_PAIR, "delta"),
        strings_2=("huber_loss",),
    ),
    LossSpec(
        "log_cosh",
        Family.REGRESSION,
        classes=("LogCosh",),
        functions=("log_cosh",),
        strings=("log_cosh", "LogCosh"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
        strings_2=("logcosh",),
        functions_2=("logcosh",),
    ),
    LossSpec(
        "cosine_similarity",
        Family.COSINE,
        classes=("CosineSimilarity",),
        functions=("cosine_similarity",),
        strings=("cosine_similarity", "CosineSimilarity"),
        class_parameters=("axis", *_TAIL),
        function_parameters=(*_PAIR, "axis"),
        old_strings=("cosine_proximity", "cosine"),
    ),
    LossSpec(
        "kl_divergence",
        Family.DIVERGENCE,
        classes=("KLDivergence",),
        functions=("kl_divergence",),
        strings=("kl_divergence", "KLDivergence", "kld", "KLD"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
        strings_2=("kullback_leibler_divergence",),
        functions_2=("kld", "KLD", "kullback_leibler_divergence"),
    ),
    LossSpec(
        "poisson",
        Family.POISSON,
        classes=("Poisson",),
        functions=("poisson",),
        strings=("poisson", "Poisson"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
    ),
    LossSpec(
        "hinge",
        Family.HINGE,
        classes=("Hinge",),
        functions=("hinge",),
        strings=("hinge", "Hinge"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
    ),
    LossSpec(
        "squared_hinge",
        Family.HINGE,
        classes=("SquaredHinge",),
        functions=("squared_hinge",),
        strings=("squared_hinge", "SquaredHinge"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
    ),
    LossSpec(
        "categorical_hinge",
        Family.HINGE,
        classes=("CategoricalHinge",),
        functions=("categorical_hinge",),
        strings=("categorical_hinge", "CategoricalHinge"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
    ),
    LossSpec(
        "dice",
        Family.OVERLAP,
        classes=("Dice",),
        functions=("dice",),
        strings_3=("dice", "Dice"),
        class_parameters=("reduction", "name", "axis", "dtype"),
        function_parameters=(*_PAIR, "axis"),
        in_keras_2=False,
    ),
    LossSpec(
        "tversky",
        Family.OVERLAP,
        classes=("Tversky",),
        functions=("tversky",),
        strings_3=("tversky", "Tversky"),
        class_parameters=("alpha", "beta", "reduction", "name", "axis", "dtype"),
        function_parameters=(*_PAIR, "alpha", "beta", "axis"),
        in_keras_2=False,
    ),
    LossSpec(
        "ctc",
        Family.CTC,
        classes=("CTC",),
        functions=("ctc",),
        strings_3=("ctc", "CTC"),
        class_parameters=_TAIL,
        function_parameters=_PAIR,
        in_keras_2=False,
    ),
    LossSpec(
        "circle",
        # A metric-learning loss over embeddings: it asks nothing of a head that the other families would know.
        Family.CUSTOM,
        classes=("Circle",),
        functions=("circle",),
        strings_3=("circle", "Circle"),
        class_parameters=("gamma", "margin", "remove_diagonal", *_TAIL),
        function_parameters=(*_PAIR, "ref_labels", "ref_embeddings", "remove_diagonal", "gamma", "margin"),
        in_keras_2=False,
    ),
)

BY_SHAPE = LossSpec("crossentropy", Family.CUSTOM, in_keras_2=False)
"""`loss="crossentropy"` or `"ce"` of Keras 3, in upper or lower case: binary crossentropy for one output; else sparse
when the labels have fewer axes than the outputs or a last axis of one; else categorical."""

# Losses of other packages, with the parameters that their versions share.
_SIGMOID_FOCAL = LossSpec(
    "sigmoid_focal_crossentropy",
    Family.BINARY,
    class_parameters=("from_logits", "alpha", "gamma", "reduction", "name"),
    function_parameters=(*_PAIR, "alpha", "gamma", "from_logits"),
)


def _overlap(name: str, *parameters: str) -> LossSpec:
    return LossSpec(name, Family.OVERLAP, class_parameters=parameters)


_SM = "segmentation_models.losses."
_OTHER_CLASSES: Mapping[str, LossSpec] = {
    "tensorflow_addons.losses.SigmoidFocalCrossEntropy": _SIGMOID_FOCAL,
    _SM + "DiceLoss": _overlap("dice", "beta", "class_weights", "class_indexes", "per_image", "smooth"),
    _SM + "JaccardLoss": _overlap("jaccard", "class_weights", "class_indexes", "per_image", "smooth"),
    _SM + "BinaryCELoss": LossSpec("binary_crossentropy", Family.BINARY),
    _SM + "BinaryFocalLoss": LossSpec("binary_focal_crossentropy", Family.BINARY, class_parameters=("alpha", "gamma")),
    _SM + "CategoricalCELoss": LossSpec(
        "categorical_crossentropy", Family.CATEGORICAL, class_parameters=("class_weights", "class_indexes")
    ),
    _SM + "CategoricalFocalLoss": LossSpec(
        "categorical_focal_crossentropy", Family.CATEGORICAL, class_parameters=("alpha", "gamma", "class_indexes")
    ),
}

_BY_NAME: Mapping[str, LossSpec] = {spec.name: spec for spec in SPECS}
_BY_CLASS: Mapping[str, LossSpec] = {
    **{f"keras.losses.{name}": spec for spec in SPECS for name in spec.classes},
    **_OTHER_CLASSES,
}
_BY_STRING: Mapping[str, LossSpec] = {
    text: spec for spec in SPECS for text in (*spec.strings, *spec.strings_2, *spec.strings_3, *spec.old_strings)
}


def _keras_functions() -> dict[str, LossFunction]:
    found = {}
    for spec in SPECS:
        logits = Logits.PARAMETER if "from_logits" in spec.function_parameters else Logits.NEVER
        function = LossFunction(spec, spec.function_parameters, logits=logits)
        for name in (*spec.functions, *spec.functions_2):
            found[f"keras.losses.{name}"] = found[f"keras.metrics.{name}"] = function
    return found


def _row(name: str, parameters: str, labels: str, predictions: str, logits: Logits) -> LossFunction:
    return LossFunction(_BY_NAME[name], tuple(parameters.split()), labels, predictions, logits)


_NN, _TF1, _K, _OPS = "tensorflow.nn.", "tensorflow.losses.", "keras.backend.", "keras.ops."
_TF1_TAIL = "weights scope loss_collection reduction"
_ALWAYS, _PARAMETER, _NEVER = Logits.ALWAYS, Logits.PARAMETER, Logits.NEVER

_BY_FUNCTION: Mapping[str, LossFunction] = {
    **_keras_functions(),
    _NN + "softmax_cross_entropy_with_logits": _row(
        "categorical_crossentropy", "labels logits axis name", "labels", "logits", _ALWAYS
    ),
    _NN + "softmax_cross_entropy_with_logits_v2": _row(
        "categorical_crossentropy", "labels logits axis name dim", "labels", "logits", _ALWAYS
    ),
    _NN + "sparse_softmax_cross_entropy_with_logits": _row(
        "sparse_categorical_crossentropy", "labels logits name", "labels", "logits", _ALWAYS
    ),
    _NN + "sigmoid_cross_entropy_with_logits": _row(
        "binary_crossentropy", "labels logits name", "labels", "logits", _ALWAYS
    ),
    _NN + "weighted_cross_entropy_with_logits": _row(
        "binary_crossentropy", "labels logits pos_weight name", "labels", "logits", _ALWAYS
    ),
    _TF1 + "softmax_cross_entropy": _row(
        "categorical_crossentropy",
        "onehot_labels logits weights label_smoothing scope loss_collection reduction",
        "onehot_labels",
        "logits",
        _ALWAYS,
    ),
    _TF1 + "sparse_softmax_cross_entropy": _row(
        "sparse_categorical_crossentropy", f"labels logits {_TF1_TAIL}", "labels", "logits", _ALWAYS
    ),
    _TF1 + "sigmoid_cross_entropy": _row(
        "binary_crossentropy",
        "multi_class_labels logits weights label_smoothing scope loss_collection reduction",
        "multi_class_labels",
        "logits",
        _ALWAYS,
    ),
    _TF1 + "log_loss": _row(
        "binary_crossentropy",
        "labels predictions weights epsilon scope loss_collection reduction",
        "labels",
        "predictions",
        _NEVER,
    ),
    # `tf.losses.mean_squared_error(y_true, y_pred)` of TensorFlow 2 has the same order and the same meaning.
    _TF1 + "mean_squared_error": _row(
        "mean_squared_error", f"labels predictions {_TF1_TAIL}", "labels", "predictions", _NEVER
    ),
    _TF1 + "absolute_difference": _row(
        "mean_absolute_error", f"labels predictions {_TF1_TAIL}", "labels", "predictions", _NEVER
    ),
    _TF1 + "huber_loss": _row(
        "huber", "labels predictions weights delta scope loss_collection reduction", "labels", "predictions", _NEVER
    ),
    _TF1 + "cosine_distance": _row(
        "cosine_similarity",
        "labels predictions axis weights scope loss_collection reduction dim",
        "labels",
        "predictions",
        _NEVER,
    ),
    # It calls its predictions logits, but hinge has no link to undo.
    _TF1 + "hinge_loss": _row("hinge", f"labels logits {_TF1_TAIL}", "labels", "logits", _NEVER),
    _K + "categorical_crossentropy": _row(
        "categorical_crossentropy", "target output from_logits axis", "target", "output", _PARAMETER
    ),
    _K + "sparse_categorical_crossentropy": _row(
        "sparse_categorical_crossentropy",
        "target output from_logits axis ignore_class",
        "target",
        "output",
        _PARAMETER,
    ),
    _K + "binary_crossentropy": _row(
        "binary_crossentropy", "target output from_logits", "target", "output", _PARAMETER
    ),
    _K + "categorical_focal_crossentropy": _row(
        "categorical_focal_crossentropy",
        "target output alpha gamma from_logits axis",
        "target",
        "output",
        _PARAMETER,
    ),
    _K + "binary_focal_crossentropy": _row(
        "binary_focal_crossentropy",
        "target output apply_class_balancing alpha gamma from_logits",
        "target",
        "output",
        _PARAMETER,
    ),
    _OPS + "categorical_crossentropy": _row(
        "categorical_crossentropy", "target output from_logits axis", "target", "output", _PARAMETER
    ),
    _OPS + "sparse_categorical_crossentropy": _row(
        "sparse_categorical_crossentropy", "target output from_logits axis", "target", "output", _PARAMETER
    ),
    _OPS + "binary_crossentropy": _row(
        "binary_crossentropy", "target output from_logits", "target", "output", _PARAMETER
    ),
    _SM + "dice_loss": LossFunction(_OTHER_CLASSES[_SM + "DiceLoss"], ("gt", "pr"), "gt", "pr"),
    _SM + "jaccard_loss": LossFunction(_OTHER_CLASSES[_SM + "JaccardLoss"], ("gt", "pr"), "gt", "pr"),
    "tensorflow_addons.losses.sigmoid_focal_crossentropy": LossFunction(
        _SIGMOID_FOCAL, _SIGMOID_FOCAL.function_parameters, logits=_PARAMETER
    ),
}


def by_name(name: str) -> LossSpec | None:
    """The loss of Keras with that snake-case name."""
    return _BY_NAME.get(name)


def by_string(text: str) -> LossSpec | None:
    """What `compile(loss=text)` means in some Keras: `BY_SHAPE` for Keras 3's `"crossentropy"`."""
    spec = _BY_STRING.get(text)
    if spec is None and text.lower() in {"crossentropy", "ce"}:
        return BY_SHAPE
    return spec


def by_class(dotted: str) -> LossSpec | None:
    """The loss of a class, by its canonical name, such as `keras.losses.Huber`."""
    return _BY_CLASS.get(dotted)


def by_function(dotted: str) -> LossFunction | None:
    """The loss that a function computes, by its canonical name, such as `keras.backend.binary_crossentropy`."""
    return _BY_FUNCTION.get(dotted)


def functions() -> Mapping[str, LossFunction]:
    """Every function that computes a loss, by canonical name."""
    return _BY_FUNCTION

"""The methods of a Keras model, and in which order they take what matters here."""

from __future__ import annotations

from collections.abc import Mapping

CLASSES = ("keras.Model", "keras.Sequential")
"""Whoever inherits from these can be compiled and trained."""

COMPILE = ("optimizer", "loss", "metrics", "loss_weights", "weighted_metrics", "run_eagerly")
"""The parameters of `compile` in the order of Keras 2; Keras 3 has the weights before the metrics, and whoever passes
more than two by position means Keras 2."""

TRAINING: Mapping[str, tuple[str, ...]] = {
    "fit": ("x", "y"),
    "fit_generator": ("generator",),
    "train_on_batch": ("x", "y"),
}
"""Methods that train, with their parameters."""

EVALUATION: Mapping[str, tuple[str, ...]] = {
    "evaluate": ("x", "y"),
    "evaluate_generator": ("generator",),
    "test_on_batch": ("x", "y"),
}
"""Methods that only evaluate."""

PREDICTION = frozenset({"predict", "predict_generator", "predict_on_batch", "predict_proba"})
"""Methods that give predictions."""

SILENT = frozenset(
    {"build", "export", "load_weights", "reset_metrics", "reset_states", "save", "save_weights", "summary"}
)
"""Methods that change nothing of what is looked at here."""

TAKING_OBSOLETE = frozenset(
    {
        *("compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "save_weights"),
        *("fit_generator", "evaluate_generator", "predict_generator"),
    }
)
"""Methods whose arguments `keraslint.static.catalog.obsolete` knows."""

LOADERS = frozenset({"keras.models.load_model", "keras.models.model_from_json"})
"""Functions that give a model of which nothing is known."""

STEERING = frozenset({"Callback", "LambdaCallback", "LearningRateScheduler", "SwapEMAWeights"})
"""Callbacks that may set the learning rate before the first step."""

POLICIES = frozenset(
    {
        "keras.config.set_dtype_policy",
        "keras.mixed_precision.experimental.set_policy",
        "keras.mixed_precision.set_dtype_policy",
        "keras.mixed_precision.set_global_policy",
    }
)
"""Functions that set the dtype policy for all layers."""

POLICY_CLASSES = frozenset(
    {
        "keras.DTypePolicy",
        "keras.dtype_policies.DTypePolicy",
        "keras.mixed_precision.DTypePolicy",
        "keras.mixed_precision.Policy",
        "keras.mixed_precision.experimental.Policy",
    }
)
"""Classes of dtype policies, whose first argument is the name."""

DATA_FORMATS = frozenset(
    {
        "keras.backend.set_image_data_format",
        "keras.backend.set_image_dim_ordering",
        "keras.config.set_image_data_format",
    }
)
"""Functions that say where the channels stand in all layers."""

CHANNELS_FIRST = ("channels_first", "th")
"""The data formats, today's and that of Keras 1, in which the channels stand on axis 1."""

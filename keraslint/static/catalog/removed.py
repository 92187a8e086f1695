"""Names that some Keras does not have any more: since when, and what stands in their place.

Names are written as `keras.layers.core` whatever package they are taken from; methods and attributes of objects as
`Model.fit_generator`. What lies in a module that is gone is gone with it. Every row is measured:
`tests/test_catalog_removed.py` holds it against the Keras 3 and the tf_keras that are installed, in both directions;
the versions before 3 were read out of the packages of Keras 2.2 to 2.15.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple


class RemovedSpec(NamedTuple):
    """A name that is gone.

    `keras` is the first version of the package `keras` that is known to be without it, `tensorflow` the same of
    `tensorflow.keras` and of `tf_keras`, by the version of the Keras in there (TensorFlow 2.16 has Keras 3); `None`
    where it still exists. `successor` is the name of the same thing today, `advice` what else there is.
    """

    name: str
    keras: str | None
    tensorflow: str | None
    successor: str | None = None
    advice: str = ""

    def gone(self, package: str) -> str | None:
        """The first version of a package that is without it: `keras`, `tensorflow.keras` or `tf_keras`."""
        return self.keras if package == "keras" else self.tensorflow


GENERATORS: Final[Mapping[str, str]] = {
    "fit_generator": "fit",
    "evaluate_generator": "evaluate",
    "predict_generator": "predict",
}
"""Methods for generators, and those of today, which take generators too."""

_IN_KERAS_LAYERS: Final = "keras.layers"
_IN_KERAS_UTILS: Final = "keras.utils"

# Of tf.keras the packages from 2.6 on were looked at, so "2.6" there says: gone by then, or never there.
_MODULES: tuple[tuple[str, str, str, str | None], ...] = (
    ("layers.core layers.convolutional layers.pooling layers.noise", "2.13", "2.6", _IN_KERAS_LAYERS),
    ("layers.normalization", "2.6", "2.6", _IN_KERAS_LAYERS),  # the module stayed up to 2.12, but empty
    ("layers.recurrent layers.embeddings layers.advanced_activations", "2.9", "2.6", _IN_KERAS_LAYERS),
    ("layers.merge layers.local layers.wrappers", "2.9", "2.6", _IN_KERAS_LAYERS),
    ("layers.cudnn_recurrent layers.convolutional_recurrent", "2.9", "2.6", _IN_KERAS_LAYERS),
    ("layers.experimental", "3", "3", _IN_KERAS_LAYERS),
    ("layers.experimental.preprocessing", "3", "3", _IN_KERAS_LAYERS),
    ("utils.np_utils utils.vis_utils utils.data_utils", "2.13", "2.6", _IN_KERAS_UTILS),
    ("utils.generic_utils utils.layer_utils utils.io_utils utils.conv_utils", "2.13", "2.6", _IN_KERAS_UTILS),
    ("utils.visualize_util", "2.2", "2.6", _IN_KERAS_UTILS),
    ("utils.multi_gpu_utils", "2.9", "2.6", None),
    ("utils.training_utils", "2.3", "2.6", None),
    ("utils.test_utils", "2.6", "2.6", None),
    ("engine engine.training engine.base_layer", "2.13", "2.6", None),
    ("engine.topology engine.network", "2.6", "2.6", None),
    ("legacy.interfaces legacy.layers legacy.models", "2.4", "2.6", None),
    ("backend.tensorflow_backend backend.theano_backend backend.cntk_backend", "2.4", "2.6", None),
    ("backend.common", "2.4", "2.6", None),
    ("objectives", "2.6", "2.6", "keras.losses"),
    ("initializations", "2.2", "2.6", "keras.initializers"),
    ("optimizers.experimental", "3", "3", "keras.optimizers"),
    ("backend.experimental callbacks.experimental metrics.experimental models.experimental", "3", "3", None),
    ("dtensor estimator experimental utils.experimental", "3", "3", None),
    ("applications.regnet applications.resnet_rs", "3", "3", None),
)
"""Modules: their names below `keras`, since when `keras` and `tf.keras` lack them, and where their content is."""

_ADVICE: Final = {
    "layers.merge": "`keras.layers` has `concatenate`, `add`, `multiply` and kin",
    "engine": "`Layer` and `InputSpec` are in `keras.layers`, `Model` is in `keras`",
    "engine.base_layer": "`Layer` and `InputSpec` are in `keras.layers`",
    "engine.topology": "`Layer` and `InputSpec` are in `keras.layers`",
    "engine.training": "`Model` is in `keras`",
    "backend.tensorflow_backend": "what is left of it is in `keras.backend`",
}
"""What to say about a module whose names are not all in one place, or not all there."""

_NAMES: tuple[tuple[str, str, str | None, str | None], ...] = (
    (
        "applications",
        "3",
        "3",
        """
        RegNetX002 RegNetX004 RegNetX006 RegNetX008 RegNetX016 RegNetX032 RegNetX040 RegNetX064 RegNetX080 RegNetX120
        RegNetX160 RegNetX320 RegNetY002 RegNetY004 RegNetY006 RegNetY008 RegNetY016 RegNetY032 RegNetY040 RegNetY064
        RegNetY080 RegNetY120 RegNetY160 RegNetY320 ResNetRS101 ResNetRS152 ResNetRS200 ResNetRS270 ResNetRS350
        ResNetRS420 ResNetRS50
        """,
    ),
    (
        "backend",
        "3",
        None,
        """
        batch_dot batch_flatten batch_get_value batch_set_value bias_add binary_focal_crossentropy cast_to_floatx
        categorical_focal_crossentropy constant conv1d conv2d conv2d_transpose conv3d count_params ctc_batch_cost
        ctc_decode ctc_label_dense_to_sparse depthwise_conv2d dropout eval flatten foldl foldr gather get_value
        gradients int_shape is_sparse l2_normalize map_fn moving_average_update name_scope pool2d pool3d
        random_bernoulli random_normal_variable random_uniform_variable resize_images resize_volumes rnn
        separable_conv2d set_value spatial_2d_padding spatial_3d_padding temporal_padding to_dense update update_add
        update_sub variable
        """,
    ),
    (
        "backend",
        "3",
        "3",
        """
        function in_test_phase in_train_phase learning_phase learning_phase_scope local_conv1d local_conv2d
        manual_variable_initialization normalize_batch_in_training placeholder print_tensor random_binomial reset_uids
        set_learning_phase
        """,
    ),
    (
        "backend",
        "2.6",
        "2.6",
        """
        control_dependencies conv3d_transpose eager get_session get_variable_shape identity image_dim_ordering
        is_placeholder is_tensor is_variable logsumexp normalize_data_format separable_conv1d set_image_dim_ordering
        set_session size slice symbolic
        """,
    ),
    ("callbacks", "3", "3", "BaseLogger SidecarEvaluatorModelExport"),
    ("constraints", "3", "3", "RadialConstraint radial_constraint"),
    ("layers", "3", "3", "AbstractRNNCell DenseFeatures LocallyConnected1D LocallyConnected2D"),
    ("layers", "3", None, "RandomHeight RandomWidth"),
    ("layers", "2.6", "2.6", "ConvLSTM2DCell ConvRecurrent2D Highway MaxoutDense Recurrent"),
    ("layers", "2.3", "2.6", "Merge TimeDistributedDense ParametricSoftplus SReLU"),
    ("losses", "3", None, "Reduction"),
    ("metrics", "3", "3", "MeanRelativeError MeanTensor"),
    ("models", "3", "3", "model_from_config model_from_yaml"),
    ("models", "2.2", "2.6", "Graph"),
    ("regularizers", "2.3", "2.6", "ActivityRegularizer WeightRegularizer activity_l1 activity_l1l2 activity_l2"),
    (
        "utils",
        "3",
        "3",
        """
        GeneratorEnqueuer OrderedEnqueuer SequenceEnqueuer SidecarEvaluator StepsPerExecutionTuner TimedThread
        to_ordinal warmstart_embedding_matrix
        """,
    ),
    ("utils", "2.6", "2.6", "H5Dict HDF5Matrix convert_all_kernels_in_model print_summary"),
)
"""Names without a direct successor: the module below `keras`, since when both packages lack them, the names."""

_SAME_IN_OPS: Final = (
    "abs all any arange argmax argmin cast clip concatenate cos cumprod cumsum dot elu equal exp expand_dims eye "
    "greater greater_equal hard_sigmoid less less_equal log max maximum mean min minimum ndim not_equal one_hot ones "
    "ones_like prod relu repeat reshape round shape sigmoid sign sin softmax softplus softsign sqrt square squeeze "
    "stack std stop_gradient sum tanh tile transpose var zeros zeros_like batch_normalization binary_crossentropy "
    "categorical_crossentropy sparse_categorical_crossentropy dtype in_top_k switch"
)
_OTHER_IN_OPS: Final = {
    "permute_dimensions": "transpose",
    "pow": "power",
    "repeat_elements": "repeat",
    "reverse": "flip",
}
_RANDOM: Final = {"random_normal": "normal", "random_uniform": "uniform", "truncated_normal": "truncated_normal"}

_LONG_NAMES: Final = {
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    **dict.fromkeys(("KLD", "kld"), "kl_divergence"),
    **dict.fromkeys(("MAE", "mae"), "mean_absolute_error"),
    **dict.fromkeys(("MAPE", "mape"), "mean_absolute_percentage_error"),
    **dict.fromkeys(("MSE", "mse"), "mean_squared_error"),
    **dict.fromkeys(("MSLE", "msle"), "mean_squared_logarithmic_error"),
}
"""Functions that `keras` has under their long names only, as losses and as metrics."""

_IN_TENSORFLOW: Final = "TensorFlow still has it as `tf.keras.preprocessing"

_SINGLE: tuple[RemovedSpec, ...] = (
    RemovedSpec("keras.constraints.maxnorm", "2.6", "2.6", "keras.constraints.max_norm"),
    RemovedSpec("keras.constraints.nonneg", "2.6", "2.6", "keras.constraints.non_neg"),
    RemovedSpec("keras.constraints.unitnorm", "2.6", "2.6", "keras.constraints.unit_norm"),
    RemovedSpec("keras.initializers.normal", "2.6", "2.6", "keras.initializers.random_normal"),
    RemovedSpec("keras.initializers.uniform", "2.6", "2.6", "keras.initializers.random_uniform"),
    RemovedSpec("keras.initializers.one", "2.6", "2.6", "keras.initializers.ones"),
    RemovedSpec("keras.initializers.zero", "2.6", "2.6", "keras.initializers.zeros"),
    RemovedSpec("keras.regularizers.l1l2", "2.3", "2.6", "keras.regularizers.l1_l2"),
    RemovedSpec("keras.layers.CuDNNLSTM", "2.6", "2.6", advice="write `LSTM`, which uses cuDNN by itself"),
    RemovedSpec("keras.layers.CuDNNGRU", "2.6", "2.6", advice="write `GRU`, which uses cuDNN by itself"),
    RemovedSpec("keras.layers.Deconvolution2D", "2.6", "2.6", advice="write `Conv2DTranspose`"),
    RemovedSpec("keras.layers.Deconvolution3D", "2.6", "2.6", advice="write `Conv3DTranspose`"),
    RemovedSpec("keras.layers.AtrousConvolution1D", "2.6", "2.6", advice="write `Conv1D` with `dilation_rate`"),
    RemovedSpec("keras.layers.AtrousConvolution2D", "2.6", "2.6", advice="write `Conv2D` with `dilation_rate`"),
    RemovedSpec("keras.layers.ThresholdedReLU", "3", None, advice="write `ReLU(threshold=...)`"),
    RemovedSpec("keras.losses.cosine_proximity", "2.6", "2.6", advice="write `CosineSimilarity`"),
    RemovedSpec("keras.metrics.cosine_proximity", "2.6", "2.6", advice="write `CosineSimilarity`"),
    RemovedSpec("keras.utils.multi_gpu_model", "2.9", "2.6", advice="use a distribution strategy"),
    RemovedSpec(
        "keras.wrappers.scikit_learn",
        "2.13",
        "2.13",
        advice="use the package `scikeras`, or `keras.wrappers.SKLearnClassifier` of Keras 3",
    ),
    RemovedSpec("keras.preprocessing.text", "3", None, advice=f"write `TextVectorization`; {_IN_TENSORFLOW}.text`"),
    *(
        RemovedSpec(
            f"keras.preprocessing.image.{name}",
            "3",
            None,
            advice=f"use `keras.utils.image_dataset_from_directory`; {_IN_TENSORFLOW}.image.{name}`",
        )
        for name in (
            "DirectoryIterator ImageDataGenerator Iterator NumpyArrayIterator apply_affine_transform "
            "apply_brightness_shift apply_channel_shift random_brightness random_channel_shift random_rotation "
            "random_shear random_shift random_zoom"
        ).split()
    ),
    *(
        RemovedSpec(f"keras.preprocessing.sequence.{name}", "3", None, advice=f"{_IN_TENSORFLOW}.sequence.{name}`")
        for name in ("TimeseriesGenerator", "make_sampling_table", "skipgrams")
    ),
    *(RemovedSpec(f"Model.{old}", "3", "3", new) for old, new in GENERATORS.items()),
    RemovedSpec("Model.predict_proba", "2.6", "2.6", "predict"),
    RemovedSpec("Model.predict_classes", "2.6", "2.6", advice="take the `argmax` of `predict`, or compare it with 0.5"),
    RemovedSpec("Model.to_yaml", "3", "3", "to_json"),
    RemovedSpec("Model.reset_states", "3", "3", advice="call `reset_state` of the recurrent layers"),
    RemovedSpec("Metric.reset_states", "3", "3", "reset_state"),
    *(
        RemovedSpec(f"Layer.{name}", "3", "3", advice="ask `layer.input` and `layer.output`")
        for name in (
            "output_shape input_shape get_output_at get_input_at get_output_shape_at get_input_shape_at".split()
        )
    ),
)


def _rows() -> Iterator[RemovedSpec]:
    for modules, keras, tensorflow, home in _MODULES:
        for module in modules.split():
            advice = _ADVICE.get(module) or (f"its names are in `{home}` today" if home else "")
            yield RemovedSpec(f"keras.{module}", keras, tensorflow, home, advice)
    for module, keras, in_tensorflow, names in _NAMES:
        for name in (names or "").split():
            yield RemovedSpec(f"keras.{module}.{name}", keras, in_tensorflow)
    in_ops = {**{name: name for name in _SAME_IN_OPS.split()}, **_OTHER_IN_OPS}
    for name, today in in_ops.items():
        yield RemovedSpec(f"keras.backend.{name}", "3", None, f"keras.ops.{today}")
    for name, today in _RANDOM.items():
        yield RemovedSpec(f"keras.backend.{name}", "3", None, f"keras.random.{today}")
    for module in ("losses", "metrics"):
        for name, today in _LONG_NAMES.items():
            yield RemovedSpec(f"keras.{module}.{name}", "3", None, f"keras.{module}.{today}")
    yield from _SINGLE


SPECS: tuple[RemovedSpec, ...] = tuple(_rows())

_BY_NAME: Mapping[str, RemovedSpec] = {spec.name: spec for spec in SPECS}

LEGACY_OPTIMIZER: Final = RemovedSpec(
    "keras.optimizers.legacy", "3", "3", advice="take the optimizer from `keras.optimizers`"
)
"""Still a module in Keras 3, but to make one of its optimizers raises."""

_PACKAGES: Final = ("keras", "tensorflow.keras", "tf_keras")
_OTHERS: Final = ("keras.src", "keras.api")
"""Below `keras` and not of its public names."""


def package_of(path: str) -> tuple[str, str] | None:
    """The package that an import path begins with, and the path as one of `keras`; `None` for anything else.

    What lies in `keras.src` or in TensorFlow's private copy is none of the names that are told here.
    """
    for package in _PACKAGES:
        if path.startswith(f"{package}.") and not path.startswith(_OTHERS):
            return package, "keras" + path[len(package) :]
    return None


def find(name: str) -> RemovedSpec | None:
    """What is known of a name, such as `keras.utils.np_utils` or `Model.fit_generator`."""
    return _BY_NAME.get(name)

"""Arguments that some Keras takes no more, or takes and ignores: what each generation does with them, and today's name.

Every row is measured: `tests/test_catalog.py` makes each call on the Keras 3 and the tf_keras that are installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from keraslint.static.catalog import layers
from keraslint.static.catalog.layers import Kind

ACCEPTED, IGNORED, RAISES, REQUIRED = "accepted", "ignored", "raises", "required"


class ObsoleteSpec(NamedTuple):
    """An argument of a layer, an optimizer, a callback or a method, by the owner's name in Keras 3.

    `in_keras_2` and `in_keras_3` are `accepted`, `ignored`, `raises` or (of one that is left out) `required`; Keras 2
    means TensorFlow 2.x and tf_keras. Where Keras 2 changed its mind, `in_keras_2` is what it did first, and `later`
    the version of TensorFlow from which it does something else, with what it does then (tf_keras too). Earlier Keras
    (2.0 to 2.3 without TensorFlow) still translated the names of Keras 1. `successor` is today's name for the same
    value. Where the value changes too, there is no successor, and `rewritten` gives the whole argument for each old
    value.
    """

    owner: str
    argument: str
    in_keras_2: str
    in_keras_3: str
    successor: str | None = None
    rewritten: Mapping[str, str] = MappingProxyType({})
    later: tuple[str, str] | None = None

    def in_tensorflow(self, version: str) -> str:
        """What the Keras 2 of a TensorFlow does, such as `"2.10"`; for tf_keras, which has the same numbers, too."""
        if self.later is not None and _numbers(version) >= _numbers(self.later[0]):
            return self.later[1]
        return self.in_keras_2


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


_SEPARABLE = "SeparableConv1D SeparableConv2D"
_CONV_1D = "Conv1D Conv1DTranspose SeparableConv1D LocallyConnected1D"
_CONV_2D = "Conv2D Conv2DTranspose SeparableConv2D LocallyConnected2D"
_CONV = f"{_CONV_1D} {_CONV_2D} Conv3D Conv3DTranspose"
_ONE_KERNEL = (
    "Dense Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose LocallyConnected1D LocallyConnected2D"
)
_DEPTHWISE = f"DepthwiseConv1D DepthwiseConv2D {_SEPARABLE}"
_GATED = "LSTM GRU ConvLSTM2D"
_RECURRENT = f"{_GATED} SimpleRNN"
_POOL_1D = "MaxPooling1D AveragePooling1D"
_POOLING = f"{_POOL_1D} MaxPooling2D AveragePooling2D MaxPooling3D AveragePooling3D"
_DROPOUT = "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout"
_DATA_FORMAT = (
    f"{_CONV_2D} Conv3D Conv3DTranspose ConvLSTM2D MaxPooling2D AveragePooling2D MaxPooling3D AveragePooling3D "
    "GlobalMaxPooling2D GlobalAveragePooling2D GlobalMaxPooling3D GlobalAveragePooling3D UpSampling2D UpSampling3D "
    "ZeroPadding2D ZeroPadding3D Cropping2D Cropping3D SpatialDropout2D SpatialDropout3D"
)
_OPTIMIZERS = "SGD Adam AdamW Adamax Nadam RMSprop Adagrad Adadelta Adafactor Ftrl Lion"

_KERAS_1: tuple[tuple[str, str, str | None], ...] = (
    (f"{_ONE_KERNEL} {_RECURRENT}", "init", "kernel_initializer"),
    (_SEPARABLE, "init", None),  # they have two kernels
    ("Embedding", "init", "embeddings_initializer"),
    ("PReLU", "init", "alpha_initializer"),
    (_RECURRENT, "inner_init", "recurrent_initializer"),
    ("LSTM ConvLSTM2D", "forget_bias_init", None),
    (_GATED, "inner_activation", "recurrent_activation"),
    (f"{_ONE_KERNEL} {_RECURRENT}", "W_regularizer", "kernel_regularizer"),
    (_SEPARABLE, "W_regularizer", None),
    ("Embedding", "W_regularizer", "embeddings_regularizer"),
    (_RECURRENT, "U_regularizer", "recurrent_regularizer"),
    (f"Dense {_CONV} {_RECURRENT}", "b_regularizer", "bias_regularizer"),
    (_ONE_KERNEL, "W_constraint", "kernel_constraint"),
    (_SEPARABLE, "W_constraint", None),
    ("Embedding", "W_constraint", "embeddings_constraint"),
    (f"Dense {_CONV}", "b_constraint", "bias_constraint"),
    (f"Dense {_CONV}", "bias", "use_bias"),
    ("Dense LSTM GRU SimpleRNN", "output_dim", "units"),
    (f"{_CONV} ConvLSTM2D", "nb_filter", "filters"),
    (f"{_CONV_2D} ConvLSTM2D", "nb_row", None),  # both together are the kernel size
    (f"{_CONV_2D} ConvLSTM2D", "nb_col", None),
    (_CONV_1D, "filter_length", "kernel_size"),
    ("Conv3D", "kernel_dim1", None),
    ("Conv3D", "kernel_dim2", None),
    ("Conv3D", "kernel_dim3", None),
    (f"{_CONV} ConvLSTM2D {_POOLING}", "border_mode", "padding"),
    (f"{_CONV} ConvLSTM2D", "subsample", "strides"),
    (_CONV_1D, "subsample_length", "strides"),
    ("Conv1D Conv2D", "atrous_rate", "dilation_rate"),
    (_POOL_1D, "pool_length", "pool_size"),
    (_POOL_1D, "stride", "strides"),
    ("UpSampling1D", "length", "size"),
    (_DROPOUT, "p", "rate"),
    ("GaussianNoise", "sigma", "stddev"),
    ("LSTM GRU SimpleRNN", "consume_less", None),
    (_RECURRENT, "dropout_W", "dropout"),
    (_RECURRENT, "dropout_U", "recurrent_dropout"),
    ("Embedding", "dropout", None),
    ("BatchNormalization", "mode", None),
    ("BatchNormalization", "beta_init", "beta_initializer"),
    ("BatchNormalization", "gamma_init", "gamma_initializer"),
    ("Model", "input", "inputs"),
    ("Model", "output", "outputs"),
    ("compile", "class_mode", None),
    ("fit evaluate", "show_accuracy", None),
    ("fit_generator", "nb_epoch", "epochs"),
    ("fit_generator", "samples_per_epoch", None),  # it counts samples, `steps_per_epoch` counts batches
    ("fit_generator", "nb_val_samples", None),
    ("fit_generator", "nb_worker", None),
    ("fit_generator", "pickle_safe", None),
    ("fit_generator evaluate_generator predict_generator", "max_q_size", None),
    ("evaluate_generator predict_generator", "val_samples", None),
    ("to_categorical", "nb_classes", "num_classes"),
)
"""Names of Keras 1, which raise in TensorFlow 2 and in Keras 3: owners, argument, successor."""

_KERAS_2: tuple[tuple[str, str, str | None], ...] = (
    ("Adam SGD RMSprop", "jit_compile", None),
    (_RECURRENT, "input_length", None),
    (f"{_RECURRENT} RNN", "time_major", None),
    ("Embedding", "sparse", None),
    ("BatchNormalization", "fused", None),
    ("BatchNormalization", "virtual_batch_size", None),
    ("Attention AdditiveAttention", "causal", None),  # today `use_causal_mask` of the call
    ("Discretization", "bins", "bin_boundaries"),
    ("CategoryEncoding", "max_tokens", "num_tokens"),
    ("fit evaluate predict", "workers", None),
    ("fit evaluate predict", "use_multiprocessing", None),
    ("fit evaluate predict", "max_queue_size", None),
    ("compile", "sample_weight_mode", None),
    ("compile", "target_tensors", None),
    ("compile", "experimental_run_tf_function", None),
    ("train_on_batch test_on_batch", "reset_metrics", None),
    ("save_weights", "save_format", None),
    ("ModelCheckpoint", "period", None),  # `save_freq` counts batches
    ("ModelCheckpoint", "load_weights_on_restart", None),
    ("ProgbarLogger", "count_mode", None),
    ("to_categorical", "y", "x"),
    ("to_categorical", "dtype", None),
    ("l1 L1", "l", "l1"),
    ("l2 L2", "l", "l2"),
)
"""What Keras 2 takes and Keras 3 refuses: owners, argument, successor."""

_NEW_OPTIMIZERS = ("2.11", RAISES)

_SINGLE: tuple[ObsoleteSpec, ...] = (
    # TensorFlow took it up to 2.1.
    ObsoleteSpec("fit", "nb_epoch", RAISES, RAISES, "epochs"),
    ObsoleteSpec("Nadam", "schedule_decay", ACCEPTED, RAISES, later=_NEW_OPTIMIZERS),
    # Keras 3 takes any keyword here and drops it without a word.
    ObsoleteSpec("ReduceLROnPlateau", "epsilon", ACCEPTED, IGNORED, "min_delta"),
    ObsoleteSpec("TensorBoard", "batch_size", IGNORED, RAISES),
    ObsoleteSpec("TensorBoard", "write_grads", IGNORED, RAISES),
    ObsoleteSpec("TensorBoard", "embeddings_layer_names", IGNORED, RAISES),
    ObsoleteSpec("TensorBoard", "embeddings_data", IGNORED, RAISES),
    ObsoleteSpec("SimpleRNN", "implementation", IGNORED, RAISES),
)

_FIRST_KINDS = frozenset(
    {
        Kind.WEIGHTS,
        Kind.RECURRENT,
        Kind.ACTIVATION,
        Kind.ELEMENTWISE,
        Kind.NORMALIZATION,
        Kind.SHAPE,
        Kind.POOLING,
        Kind.WRAPPER,
        Kind.LAMBDA,
    }
)
"""Kinds of layers with which a Sequential may begin, so that they used to take the shape of the input."""


def _rows() -> Iterator[ObsoleteSpec]:
    for owners, argument, successor in _KERAS_1:
        for owner in owners.split():
            yield ObsoleteSpec(owner, argument, RAISES, RAISES, successor)
    for owners, argument, successor in _KERAS_2:
        for owner in owners.split():
            yield ObsoleteSpec(owner, argument, ACCEPTED, RAISES, successor)
    orders = {"tf": 'data_format="channels_last"', "th": 'data_format="channels_first"'}
    for owner in _DATA_FORMAT.split():
        yield ObsoleteSpec(owner, "dim_ordering", RAISES, RAISES, rewritten=orders)
    for owner in _OPTIMIZERS.split():
        # From 2.11 on Keras 2 takes `lr`, says in the log that it is deprecated, and trains with the default rate.
        yield ObsoleteSpec(owner, "lr", ACCEPTED, RAISES, "learning_rate", later=("2.11", IGNORED))
        yield ObsoleteSpec(owner, "decay", ACCEPTED, IGNORED, later=_NEW_OPTIMIZERS)
    for owner in _DEPTHWISE.split():
        for part in ("initializer", "regularizer", "constraint"):
            yield ObsoleteSpec(owner, f"kernel_{part}", IGNORED, RAISES)
    for layer in layers.SPECS:
        if layer.kind in _FIRST_KINDS and layer.in_keras_2 and layer.in_keras_3:
            yield ObsoleteSpec(layer.name, "batch_input_shape", ACCEPTED, RAISES)
            if "weights" not in layer.parameters and layer.kind in {Kind.WEIGHTS, Kind.RECURRENT, Kind.NORMALIZATION}:
                yield ObsoleteSpec(layer.name, "weights", ACCEPTED, RAISES)
    yield from _SINGLE


SPECS: tuple[ObsoleteSpec, ...] = tuple(_rows())

TWO_BY_POSITION: frozenset[str] = frozenset({"Conv2D", "Conv2DTranspose", "SeparableConv2D"})
"""Layers that took rows and columns of their kernel as two numbers in Keras 1."""

_BY_CALL: Mapping[tuple[str, str], ObsoleteSpec] = {(spec.owner, spec.argument): spec for spec in SPECS}

REQUIRED_IN_KERAS_3: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("AveragePooling1D", "pool_size"): "2",
        ("AveragePooling2D", "pool_size"): "(2, 2)",
        ("AveragePooling3D", "pool_size"): "(2, 2, 2)",
    }
)
"""Arguments that Keras 3 does not go without, and what they are in Keras 2 when they are left out (as source text)."""

FUNCTIONS: frozenset[str] = frozenset(
    {"keras.utils.to_categorical", *(f"keras.regularizers.{name}" for name in ("l1", "l2", "L1", "L2"))}
)
"""Functions and classes, by their full names, whose arguments the table knows beside layers and optimizers."""


def required(owner: str) -> ObsoleteSpec | None:
    """The argument that a layer cannot be made without in Keras 3, and could in Keras 2."""
    for (layer, argument), value in REQUIRED_IN_KERAS_3.items():
        if layer == owner:
            return ObsoleteSpec(owner, argument, ACCEPTED, REQUIRED, rewritten={"": f"{argument}={value}"})
    return None


_TODAY: Mapping[str, str] = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose",
}
"""Layers of Keras 1 that took the arguments of a layer of today."""


def of_keras_1(owner: str, argument: str) -> bool:
    """Whether an argument of a layer is one of Keras 1, which every later Keras refuses."""
    spec = find(owner, argument)
    return spec is not None and spec.in_keras_2 == RAISES


def find(owner: str, argument: str) -> ObsoleteSpec | None:
    """What is known of an argument that is passed by name to a layer, an optimizer, a callback or a method.

    `owner` is the bare name of what is called: `Dense`, `Adam`, `Model`, `fit`. The optimizers of
    `keras.optimizers.legacy` take what they always took: do not ask for them.
    """
    layer = layers.by_name(_TODAY.get(owner, owner))
    return _BY_CALL.get((owner if layer is None else layer.name, argument))

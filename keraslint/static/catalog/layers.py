"""Layers: what each one does to the tensor on its way to the head, and in which order it takes its arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Kind(StrEnum):
    """How a layer acts between the last weights and the loss."""

    WEIGHTS = "weights"
    """A learned linear map, then the layer's own activation: Dense, convolutions, Embedding."""
    RECURRENT = "recurrent"
    """The activation is applied in every step, and not last: LSTM and GRU gate and mix what comes out of it."""
    ACTIVATION = "activation"
    ELEMENTWISE = "elementwise"
    """Dropout and noise: the identity at inference."""
    NORMALIZATION = "normalization"
    SHAPE = "shape"
    """The same numbers elsewhere, some repeated or left out; also Identity, Masking and ActivityRegularization."""
    POOLING = "pooling"
    MERGE = "merge"
    WRAPPER = "wrapper"
    """Applies another layer, the first argument."""
    ATTENTION = "attention"
    PREPROCESSING = "preprocessing"
    INPUT = "input"
    LAMBDA = "lambda"
    OTHER = "other"


class LayerSpec(NamedTuple):
    """A layer class by its name in Keras 3.

    `parameters` are the constructor's parameters that can be passed by position, in the order of Keras 3;
    `parameters_2` the order of Keras 2 where that is another one (Keras 2 may also end earlier). `units` names the
    parameter that gives the length of the channel axis. `activation` is what the layer applies when no activation is
    given (`linear` for every layer with weights), `None` for a layer that only passes on. `rank` counts the axes of
    the input with the batch, where it is fixed. `aliases` are other names of the same class. A layer in neither Keras
    2 nor Keras 3 belongs to Keras 1.
    """

    name: str
    kind: Kind
    parameters: tuple[str, ...] = ()
    units: str | None = None
    activation: str | None = None
    rank: int | None = None
    aliases: tuple[str, ...] = ()
    parameters_2: tuple[str, ...] | None = None
    in_keras_2: bool = True
    in_keras_3: bool = True

    @property
    def takes_data_format(self) -> bool:
        """Whether the channels may come first, by an argument."""
        return "data_format" in self.parameters


class LayerFunction(NamedTuple):
    """A function that makes a layer and calls it: `concatenate([a, b])`, TensorFlow 1's `tf.layers.dense(x, 10)`."""

    spec: LayerSpec
    parameters: tuple[str, ...]


_WEIGHTS = (
    "use_bias kernel_initializer bias_initializer kernel_regularizer bias_regularizer "
    "activity_regularizer kernel_constraint bias_constraint"
)
_SEPARABLE = (
    "use_bias depthwise_initializer pointwise_initializer bias_initializer depthwise_regularizer "
    "pointwise_regularizer bias_regularizer activity_regularizer depthwise_constraint "
    "pointwise_constraint bias_constraint"
)
_DEPTHWISE = (
    "use_bias depthwise_initializer bias_initializer depthwise_regularizer bias_regularizer "
    "activity_regularizer depthwise_constraint bias_constraint"
)
_INITIAL = "use_bias kernel_initializer recurrent_initializer bias_initializer"
_RECURRENT = (
    "kernel_regularizer recurrent_regularizer bias_regularizer activity_regularizer kernel_constraint "
    "recurrent_constraint bias_constraint"
)
_CELL = (
    "kernel_regularizer recurrent_regularizer bias_regularizer kernel_constraint recurrent_constraint bias_constraint"
)
_AFFINE = (
    "center scale beta_initializer gamma_initializer beta_regularizer gamma_regularizer beta_constraint "
    "gamma_constraint"
)
_PROJECTION = (
    "kernel_initializer bias_initializer kernel_regularizer bias_regularizer activity_regularizer "
    "kernel_constraint bias_constraint"
)
_STATE = "return_sequences return_state go_backwards stateful"

_PARAMETERS: Mapping[Kind, Mapping[str, str]] = {
    Kind.WEIGHTS: {
        "Dense": f"units activation {_WEIGHTS} lora_rank lora_alpha quantization_config",
        "EinsumDense": (
            "equation output_shape activation bias_axes kernel_initializer bias_initializer kernel_regularizer "
            "bias_regularizer kernel_constraint bias_constraint lora_rank lora_alpha gptq_unpacked_column_size "
            "quantization_config"
        ),
        "Conv1D": f"filters kernel_size strides padding data_format dilation_rate groups activation {_WEIGHTS}",
        "Conv2D": f"filters kernel_size strides padding data_format dilation_rate groups activation {_WEIGHTS}",
        "Conv3D": f"filters kernel_size strides padding data_format dilation_rate groups activation {_WEIGHTS}",
        "Conv1DTranspose": (
            f"filters kernel_size strides padding output_padding data_format dilation_rate activation {_WEIGHTS}"
        ),
        "Conv2DTranspose": (
            f"filters kernel_size strides padding output_padding data_format dilation_rate activation {_WEIGHTS}"
        ),
        "Conv3DTranspose": (
            f"filters kernel_size strides padding data_format output_padding dilation_rate activation {_WEIGHTS}"
        ),
        "SeparableConv1D": (
            f"filters kernel_size strides padding data_format dilation_rate depth_multiplier activation {_SEPARABLE}"
        ),
        "SeparableConv2D": (
            f"filters kernel_size strides padding data_format dilation_rate depth_multiplier activation {_SEPARABLE}"
        ),
        "DepthwiseConv1D": (
            f"kernel_size strides padding depth_multiplier data_format dilation_rate activation {_DEPTHWISE}"
        ),
        "DepthwiseConv2D": (
            f"kernel_size strides padding depth_multiplier data_format dilation_rate activation {_DEPTHWISE}"
        ),
        "LocallyConnected1D": f"filters kernel_size strides padding data_format activation {_WEIGHTS} implementation",
        "LocallyConnected2D": f"filters kernel_size strides padding data_format activation {_WEIGHTS} implementation",
        "Embedding": (
            "input_dim output_dim embeddings_initializer embeddings_regularizer embeddings_constraint mask_zero "
            "weights lora_rank lora_alpha quantization_config"
        ),
        "ReversibleEmbedding": (
            "input_dim output_dim tie_weights embeddings_initializer embeddings_regularizer embeddings_constraint "
            "mask_zero reverse_dtype logit_soft_cap"
        ),
    },
    Kind.RECURRENT: {
        "SimpleRNN": f"units activation {_INITIAL} {_RECURRENT} dropout recurrent_dropout {_STATE} unroll seed",
        "LSTM": (
            f"units activation recurrent_activation {_INITIAL} unit_forget_bias {_RECURRENT} dropout "
            f"recurrent_dropout seed {_STATE} unroll use_cudnn"
        ),
        "GRU": (
            f"units activation recurrent_activation {_INITIAL} {_RECURRENT} dropout recurrent_dropout seed "
            f"{_STATE} unroll reset_after use_cudnn"
        ),
        "ConvLSTM1D": (
            "filters kernel_size strides padding data_format dilation_rate activation recurrent_activation "
            f"{_INITIAL} unit_forget_bias {_RECURRENT} dropout recurrent_dropout seed {_STATE}"
        ),
        "ConvLSTM2D": (
            "filters kernel_size strides padding data_format dilation_rate activation recurrent_activation "
            f"{_INITIAL} unit_forget_bias {_RECURRENT} dropout recurrent_dropout seed {_STATE}"
        ),
        "ConvLSTM3D": (
            "filters kernel_size strides padding data_format dilation_rate activation recurrent_activation "
            f"{_INITIAL} unit_forget_bias {_RECURRENT} dropout recurrent_dropout seed {_STATE}"
        ),
        "RNN": f"cell {_STATE} unroll zero_output_for_mask",
    },
    Kind.ACTIVATION: {
        "Activation": "activation",
        "Softmax": "axis",
        "ReLU": "max_value negative_slope threshold",
        "LeakyReLU": "negative_slope",
        "PReLU": "alpha_initializer alpha_regularizer alpha_constraint shared_axes",
        "ELU": "alpha",
        "ThresholdedReLU": "theta",
    },
    Kind.ELEMENTWISE: {
        "Dropout": "rate noise_shape seed",
        "SpatialDropout1D": "rate seed name dtype",
        "SpatialDropout2D": "rate data_format seed name dtype",
        "SpatialDropout3D": "rate data_format seed name dtype",
        "AlphaDropout": "rate noise_shape seed",
        "GaussianDropout": "rate seed",
        "GaussianNoise": "stddev seed",
    },
    Kind.SHAPE: {
        "Identity": "",
        "ActivityRegularization": "l1 l2",
        "Masking": "mask_value",
        "Reshape": "target_shape",
        "Flatten": "data_format",
        "Permute": "dims",
        "RepeatVector": "n",
        "Cropping1D": "cropping",
        "Cropping2D": "cropping data_format",
        "Cropping3D": "cropping data_format",
        "ZeroPadding1D": "padding data_format",
        "ZeroPadding2D": "padding data_format",
        "ZeroPadding3D": "padding data_format",
        "UpSampling1D": "size",
        "UpSampling2D": "size data_format interpolation",
        "UpSampling3D": "size data_format",
    },
    Kind.NORMALIZATION: {
        "BatchNormalization": (
            "axis momentum epsilon center scale beta_initializer gamma_initializer moving_mean_initializer "
            "moving_variance_initializer beta_regularizer gamma_regularizer beta_constraint gamma_constraint "
            "renorm renorm_clipping renorm_momentum synchronized"
        ),
        "LayerNormalization": f"axis epsilon {_AFFINE}",
        "GroupNormalization": f"groups axis epsilon {_AFFINE}",
        "RMSNormalization": "axis epsilon",
        "UnitNormalization": "axis",
    },
    Kind.POOLING: {
        "MaxPooling1D": "pool_size strides padding data_format name",
        "MaxPooling2D": "pool_size strides padding data_format name",
        "MaxPooling3D": "pool_size strides padding data_format name",
        "AveragePooling1D": "pool_size strides padding data_format name",
        "AveragePooling2D": "pool_size strides padding data_format name",
        "AveragePooling3D": "pool_size strides padding data_format name",
        "GlobalMaxPooling1D": "data_format keepdims",
        "GlobalMaxPooling2D": "data_format keepdims",
        "GlobalMaxPooling3D": "data_format keepdims",
        "GlobalAveragePooling1D": "data_format keepdims",
        "GlobalAveragePooling2D": "data_format keepdims",
        "GlobalAveragePooling3D": "data_format keepdims",
        "AdaptiveMaxPooling1D": "output_size data_format",
        "AdaptiveMaxPooling2D": "output_size data_format",
        "AdaptiveMaxPooling3D": "output_size data_format",
        "AdaptiveAveragePooling1D": "output_size data_format",
        "AdaptiveAveragePooling2D": "output_size data_format",
        "AdaptiveAveragePooling3D": "output_size data_format",
    },
    Kind.MERGE: {
        "Add": "",
        "Subtract": "",
        "Multiply": "",
        "Average": "",
        "Maximum": "",
        "Minimum": "",
        "Concatenate": "axis",
        "Dot": "axes normalize",
    },
    Kind.WRAPPER: {
        "TimeDistributed": "layer",
        "Bidirectional": "layer merge_mode weights backward_layer",
        "SpectralNormalization": "layer power_iterations",
        "Wrapper": "layer",
    },
    Kind.ATTENTION: {
        "Attention": "use_scale score_mode dropout seed",
        "AdditiveAttention": "use_scale dropout",
        "MultiHeadAttention": (
            "num_heads key_dim value_dim dropout use_bias output_shape attention_axes sliding_window "
            f"flash_attention {_PROJECTION} use_gate seed"
        ),
        "GroupQueryAttention": (
            "head_dim num_query_heads num_key_value_heads dropout use_bias sliding_window flash_attention "
            f"{_PROJECTION} use_gate seed"
        ),
    },
    Kind.INPUT: {
        "Input": "shape batch_size dtype sparse ragged batch_shape name tensor optional",
        "InputLayer": "shape batch_size dtype sparse ragged batch_shape input_tensor optional name",
    },
    Kind.LAMBDA: {
        "Lambda": "function output_shape mask arguments",
    },
    Kind.OTHER: {
        "SimpleRNNCell": f"units activation {_INITIAL} {_CELL} dropout recurrent_dropout seed",
        "LSTMCell": (
            f"units activation recurrent_activation {_INITIAL} unit_forget_bias {_CELL} dropout recurrent_dropout seed"
        ),
        "GRUCell": (
            f"units activation recurrent_activation {_INITIAL} {_CELL} dropout recurrent_dropout reset_after seed"
        ),
        "StackedRNNCells": "cells",
        "AbstractRNNCell": "trainable name dtype dynamic",
        "Layer": "",
        "DenseFeatures": "feature_columns trainable name",
        "TFSMLayer": "filepath call_endpoint call_training_endpoint trainable name dtype",
        "TorchModuleWrapper": "module name output_shape",
        "JaxLayer": "call_fn init_fn params state seed native_serialization_platforms",
        "FlaxLayer": "module method variables",
    },
    Kind.PREPROCESSING: {
        "AugMix": "value_range num_chains chain_depth factor alpha all_ops interpolation seed data_format",
        "AutoContrast": "value_range",
        "CategoryEncoding": "num_tokens output_mode sparse",
        "CenterCrop": "height width data_format",
        "ContrastLimitedAdaptiveHistogramEqualization": "value_range clip_limit tile_grid_size data_format",
        "CutMix": "factor seed data_format",
        "Discretization": "bin_boundaries num_bins epsilon output_mode sparse dtype name",
        "Equalization": "value_range bins data_format",
        "HashedCrossing": "num_bins output_mode sparse name dtype",
        "Hashing": "num_bins mask_value salt output_mode sparse",
        "IntegerLookup": (
            "max_tokens num_oov_indices mask_token oov_token vocabulary vocabulary_dtype idf_weights invert "
            "output_mode sparse pad_to_max_tokens oov_method salt name"
        ),
        "MaxNumBoundingBoxes": "max_number fill_value",
        "MelSpectrogram": (
            "fft_length sequence_stride sequence_length window sampling_rate num_mel_bins min_freq max_freq "
            "power_to_db top_db mag_exp min_power ref_power"
        ),
        "MixUp": "alpha data_format seed",
        "Normalization": "axis mean variance invert",
        "Pipeline": "layers name",
        "RandAugment": "value_range num_ops factor interpolation seed data_format",
        "RandomBrightness": "factor value_range seed",
        "RandomColorDegeneration": "factor value_range data_format seed",
        "RandomColorJitter": (
            "value_range brightness_factor contrast_factor saturation_factor hue_factor seed data_format"
        ),
        "RandomContrast": "factor value_range seed",
        "RandomCrop": "height width seed data_format name",
        "RandomElasticTransform": "factor scale interpolation fill_mode fill_value value_range seed data_format",
        "RandomErasing": "factor scale fill_value value_range seed data_format",
        "RandomFlip": "mode seed data_format",
        "RandomGaussianBlur": "factor kernel_size sigma value_range data_format seed",
        "RandomGrayscale": "factor data_format seed",
        "RandomHeight": "factor interpolation seed",
        "RandomHue": "factor value_range data_format seed",
        "RandomInvert": "factor value_range seed data_format",
        "RandomPerspective": "factor scale interpolation fill_value seed data_format",
        "RandomPosterization": "factor value_range data_format seed",
        "RandomRotation": "factor fill_mode interpolation seed fill_value data_format",
        "RandomSaturation": "factor value_range data_format seed",
        "RandomSharpness": "factor value_range data_format seed",
        "RandomShear": "x_factor y_factor interpolation fill_mode fill_value data_format seed",
        "RandomTranslation": "height_factor width_factor fill_mode interpolation seed fill_value data_format",
        "RandomWidth": "factor interpolation seed",
        "RandomZoom": "height_factor width_factor fill_mode interpolation seed fill_value data_format",
        "Rescaling": "scale offset",
        "Resizing": (
            "height width interpolation crop_to_aspect_ratio pad_to_aspect_ratio fill_mode fill_value antialias "
            "data_format"
        ),
        "STFTSpectrogram": (
            "mode frame_length frame_step fft_length window periodic scaling padding expand_dims data_format"
        ),
        "Solarization": "addition_factor threshold_factor value_range seed",
        "StringLookup": (
            "max_tokens num_oov_indices mask_token oov_token vocabulary idf_weights invert output_mode "
            "pad_to_max_tokens sparse encoding name salt"
        ),
        "TextVectorization": (
            "max_tokens standardize split ngrams output_mode output_sequence_length pad_to_max_tokens vocabulary "
            "idf_weights sparse ragged encoding name"
        ),
    },
}
"""The parameters that can be passed by position, in the order of Keras 3 (of Keras 2 where the layer is gone)."""

_PARAMETERS_2: Mapping[str, str] = {
    "EinsumDense": f"equation output_shape activation bias_axes {_PROJECTION}",
    "Conv3DTranspose": (
        f"filters kernel_size strides padding output_padding data_format dilation_rate activation {_WEIGHTS}"
    ),
    "Embedding": (
        "input_dim output_dim embeddings_initializer embeddings_regularizer activity_regularizer "
        "embeddings_constraint mask_zero input_length sparse"
    ),
    "LSTM": (
        f"units activation recurrent_activation {_INITIAL} unit_forget_bias {_RECURRENT} dropout "
        f"recurrent_dropout {_STATE} time_major unroll"
    ),
    "GRU": (
        f"units activation recurrent_activation {_INITIAL} {_RECURRENT} dropout recurrent_dropout {_STATE} "
        "unroll time_major reset_after"
    ),
    "ConvLSTM1D": (
        "filters kernel_size strides padding data_format dilation_rate activation recurrent_activation "
        f"{_INITIAL} unit_forget_bias {_RECURRENT} {_STATE} dropout recurrent_dropout"
    ),
    "ConvLSTM2D": (
        "filters kernel_size strides padding data_format dilation_rate activation recurrent_activation "
        f"{_INITIAL} unit_forget_bias {_RECURRENT} {_STATE} dropout recurrent_dropout"
    ),
    "ConvLSTM3D": (
        "filters kernel_size strides padding data_format dilation_rate activation recurrent_activation "
        f"{_INITIAL} unit_forget_bias {_RECURRENT} {_STATE} dropout recurrent_dropout"
    ),
    "RNN": f"cell {_STATE} unroll time_major",
    "Softmax": "axis robust_masking",
    "LeakyReLU": "alpha",
    "Identity": "trainable name dtype dynamic",
    "BatchNormalization": (
        "axis momentum epsilon center scale beta_initializer gamma_initializer moving_mean_initializer "
        "moving_variance_initializer beta_regularizer gamma_regularizer beta_constraint gamma_constraint "
        "synchronized"
    ),
    "MultiHeadAttention": (
        f"num_heads key_dim value_dim dropout use_bias output_shape attention_axes {_PROJECTION} softmax_robust_masking"
    ),
    "Input": "shape batch_size name dtype sparse tensor ragged type_spec optional",
    "InputLayer": "input_shape batch_size dtype input_tensor sparse name ragged type_spec optional",
    "Layer": "trainable name dtype dynamic",
    "RandomContrast": "factor seed",
    "StringLookup": (
        "max_tokens num_oov_indices mask_token oov_token vocabulary idf_weights encoding invert output_mode "
        "sparse pad_to_max_tokens"
    ),
}
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "Conv1D": ("Convolution1D",),
    "Conv2D": ("Convolution2D",),
    "Conv3D": ("Convolution3D",),
    "Conv1DTranspose": ("Convolution1DTranspose",),
    "Conv2DTranspose": ("Convolution2DTranspose",),
    "Conv3DTranspose": ("Convolution3DTranspose",),
    "SeparableConv1D": ("SeparableConvolution1D",),
    "SeparableConv2D": ("SeparableConvolution2D",),
    "MaxPooling1D": ("MaxPool1D",),
    "MaxPooling2D": ("MaxPool2D",),
    "MaxPooling3D": ("MaxPool3D",),
    "AveragePooling1D": ("AvgPool1D",),
    "AveragePooling2D": ("AvgPool2D",),
    "AveragePooling3D": ("AvgPool3D",),
    "GlobalMaxPooling1D": ("GlobalMaxPool1D",),
    "GlobalMaxPooling2D": ("GlobalMaxPool2D",),
    "GlobalMaxPooling3D": ("GlobalMaxPool3D",),
    "GlobalAveragePooling1D": ("GlobalAvgPool1D",),
    "GlobalAveragePooling2D": ("GlobalAvgPool2D",),
    "GlobalAveragePooling3D": ("GlobalAvgPool3D",),
}
_NOT_IN_KERAS_2 = """
    ReversibleEmbedding RMSNormalization AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D GroupQueryAttention TFSMLayer
    TorchModuleWrapper JaxLayer FlaxLayer AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization
    CutMix Equalization MaxNumBoundingBoxes MelSpectrogram MixUp Pipeline RandAugment RandomColorDegeneration
    RandomColorJitter RandomElasticTransform RandomErasing RandomGaussianBlur RandomGrayscale RandomHue
    RandomInvert RandomPerspective RandomPosterization RandomSaturation RandomSharpness RandomShear
    STFTSpectrogram Solarization
"""
_NOT_IN_KERAS_3 = """
    LocallyConnected1D LocallyConnected2D ThresholdedReLU AbstractRNNCell DenseFeatures RandomHeight
    RandomWidth
"""

_PARAMETERS_1: Mapping[Kind, Mapping[str, str]] = {
    Kind.WEIGHTS: {
        "TimeDistributedDense": "output_dim init activation weights",
        "MaxoutDense": "output_dim nb_feature init weights",
        "Highway": "init activation weights",
        "Deconvolution2D": "nb_filter nb_row nb_col output_shape init activation weights",
        "Deconvolution3D": "nb_filter kernel_dim1 kernel_dim2 kernel_dim3 output_shape init activation weights",
        "AtrousConvolution1D": "nb_filter filter_length init activation weights",
        "AtrousConvolution2D": "nb_filter nb_row nb_col init activation weights",
    },
    Kind.RECURRENT: {
        "CuDNNLSTM": "units",
        "CuDNNGRU": "units",
    },
    Kind.ACTIVATION: {
        "ParametricSoftplus": "alpha_init beta_init weights shared_axes",
        "SReLU": "t_left_init a_left_init t_right_init a_right_init shared_axes",
    },
    Kind.MERGE: {
        "Merge": "layers mode concat_axis dot_axes output_shape",
    },
    Kind.NORMALIZATION: {
        "SyncBatchNormalization": "axis momentum epsilon center scale",
    },
}
"""What older ones had: Keras 1, `tensorflow.compat.v1`, `layers.experimental`; as far as it is passed by position."""

_LENGTHS = frozenset({"units", "filters", "output_dim", "nb_filter"})
"""The names that the length of the channel axis goes by."""

_RANKS: Mapping[str, int] = {"1D": 3, "2D": 4, "3D": 5}
"""The rank that a layer's name says: so many axes, the batch and the channels."""

_OWN_RANKS: Mapping[str, int] = {
    **dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "RNN", "CuDNNLSTM", "CuDNNGRU"), 3),
    "ConvLSTM1D": 4,
    "ConvLSTM2D": 5,
    "ConvLSTM3D": 6,
}
"""With the steps as one axis more."""

_DEFAULT_ACTIVATIONS: Mapping[Kind, str] = {Kind.WEIGHTS: "linear", Kind.RECURRENT: "tanh"}
_OWN_ACTIVATIONS: Mapping[str, str | None] = {
    "RNN": None,  # its cell's
    **dict.fromkeys(("SimpleRNNCell", "LSTMCell", "GRUCell"), "tanh"),
}


def _specs() -> Iterator[LayerSpec]:
    gone_2, gone_3 = frozenset(_NOT_IN_KERAS_2.split()), frozenset(_NOT_IN_KERAS_3.split())
    for table, is_old in ((_PARAMETERS, False), (_PARAMETERS_1, True)):
        for kind, rows in table.items():
            activation = _DEFAULT_ACTIVATIONS.get(kind)
            for name, text in rows.items():
                parameters = tuple(text.split())
                lengths = _LENGTHS.intersection(parameters)  # one at most
                parameters_2 = _PARAMETERS_2.get(name)
                yield LayerSpec(
                    name,
                    kind,
                    parameters,
                    next(iter(lengths), None),
                    _OWN_ACTIVATIONS.get(name, activation),
                    _OWN_RANKS.get(name) or _RANKS.get(name.removesuffix("Transpose")[-2:]),
                    _ALIASES.get(name, ()),
                    None if parameters_2 is None else tuple(parameters_2.split()),
                    not is_old and name not in gone_2,
                    not is_old and name not in gone_3,
                )


SPECS: tuple[LayerSpec, ...] = tuple(_specs())

_BY_NAME: Mapping[str, LayerSpec] = {name: spec for spec in SPECS for name in (spec.name, *spec.aliases)}

_KERAS_FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "add": ("Add", "inputs"),
    "subtract": ("Subtract", "inputs"),
    "multiply": ("Multiply", "inputs"),
    "average": ("Average", "inputs"),
    "maximum": ("Maximum", "inputs"),
    "minimum": ("Minimum", "inputs"),
    "concatenate": ("Concatenate", "inputs axis"),
    "dot": ("Dot", "inputs axes normalize"),
    "merge": ("Merge", "inputs mode concat_axis dot_axes output_shape"),  # Keras 1
}

# TensorFlow 1: the tensor first, then mostly what the layer takes.
_TF1_CONVOLUTION = "inputs filters kernel_size strides padding data_format dilation_rate activation use_bias"
_TF1_SEPARABLE = (
    "inputs filters kernel_size strides padding data_format dilation_rate depth_multiplier activation use_bias"
)
_TF1_TRANSPOSE = "inputs filters kernel_size strides padding data_format activation use_bias"
_TF1_POOLING = "inputs pool_size strides padding data_format name"
_TF1_FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "dense": ("Dense", "inputs units activation use_bias kernel_initializer bias_initializer"),
    "conv1d": ("Conv1D", _TF1_CONVOLUTION),
    "conv2d": ("Conv2D", _TF1_CONVOLUTION),
    "conv3d": ("Conv3D", _TF1_CONVOLUTION),
    "separable_conv1d": ("SeparableConv1D", _TF1_SEPARABLE),
    "separable_conv2d": ("SeparableConv2D", _TF1_SEPARABLE),
    "conv2d_transpose": ("Conv2DTranspose", _TF1_TRANSPOSE),
    "conv3d_transpose": ("Conv3DTranspose", _TF1_TRANSPOSE),
    "max_pooling1d": ("MaxPooling1D", _TF1_POOLING),
    "max_pooling2d": ("MaxPooling2D", _TF1_POOLING),
    "max_pooling3d": ("MaxPooling3D", _TF1_POOLING),
    "average_pooling1d": ("AveragePooling1D", _TF1_POOLING),
    "average_pooling2d": ("AveragePooling2D", _TF1_POOLING),
    "average_pooling3d": ("AveragePooling3D", _TF1_POOLING),
    "flatten": ("Flatten", "inputs name data_format"),
    "dropout": ("Dropout", "inputs rate noise_shape seed training name"),
    "batch_normalization": ("BatchNormalization", "inputs axis momentum epsilon center scale"),
}

_BY_FUNCTION: Mapping[str, LayerFunction] = {
    f"{module}.{name}": LayerFunction(_BY_NAME[layer], tuple(parameters.split()))
    for module, table in (("keras.layers", _KERAS_FUNCTIONS), ("tensorflow.layers", _TF1_FUNCTIONS))
    for name, (layer, parameters) in table.items()
}


def by_name(name: str) -> LayerSpec | None:
    """The layer of that class name or alias."""
    return _BY_NAME.get(name)


@lru_cache(maxsize=2048)
def by_class(dotted: str) -> LayerSpec | None:
    """The layer of a class, by its canonical name, such as `keras.layers.Dense`; `keras.Input` too."""
    module, _, name = dotted.rpartition(".")
    return _BY_NAME.get(name) if module == "keras.layers" or dotted == "keras.Input" else None


def by_function(dotted: str) -> LayerFunction | None:
    """The layer behind a function, by its canonical name, such as `keras.layers.concatenate`."""
    return _BY_FUNCTION.get(dotted)


def functions() -> Mapping[str, LayerFunction]:
    """Every function that makes and calls a layer, by canonical name."""
    return _BY_FUNCTION

"""Names in Keras and TensorFlow modules that no other table of the catalogue describes.

They tell what `from keras.callbacks import *` brings, and which names have moved: `keras.utils.np_utils.to_categorical`
is `keras.utils.to_categorical`. Names of Keras 2 and Keras 3 are listed together.
"""

from __future__ import annotations

from collections.abc import Mapping

_TEXT: Mapping[str, str] = {
    "keras": """
        DTypePolicy FloatDTypePolicy Function Initializer Input InputSpec KerasTensor Layer Loss Metric Model Operation
        Optimizer Quantizer Regularizer RematScope Sequential StatelessScope SymbolicScope Variable device name_scope
        remat version activations applications backend callbacks config constraints datasets distillation
        distribution dtensor dtype_policies estimator experimental export initializers layers legacy losses metrics
        mixed_precision models ops optimizers preprocessing protobuf quantizers random regularizers saving tree utils
        visualization wrappers
    """,
    "keras.models": """
        Model Sequential clone_model load_model model_from_json save_model experimental model_from_config
        model_from_yaml
    """,
    "keras.utils": """
        Config CustomObjectScope FeatureSpace GeneratorEnqueuer OrderedEnqueuer Progbar PyDataset Sequence
        SequenceEnqueuer SidecarEvaluator StepsPerExecutionTuner TimedThread array_to_img audio_dataset_from_directory
        bounding_boxes clear_session custom_object_scope deserialize_keras_object disable_interactive_logging
        enable_interactive_logging experimental get_custom_objects get_file get_registered_name get_registered_object
        get_source_inputs image_dataset_from_directory img_to_array is_interactive_logging_enabled is_keras_tensor
        legacy load_img model_to_dot normalize pack_x_y_sample_weight pad_sequences plot_model
        register_keras_serializable save_img serialize_keras_object set_random_seed split_dataset standardize_dtype
        text_dataset_from_directory timeseries_dataset_from_array to_categorical to_ordinal unpack_x_y_sample_weight
        warmstart_embedding_matrix
    """,
    "keras.callbacks": """
        BackupAndRestore BaseLogger CSVLogger Callback CallbackList EarlyStopping History LambdaCallback
        LearningRateScheduler ModelCheckpoint OrbaxCheckpoint ProgbarLogger ReduceLROnPlateau RemoteMonitor
        SidecarEvaluatorModelExport SwapEMAWeights TensorBoard TerminateOnNaN experimental
    """,
    "keras.initializers": """
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer Initializer LecunNormal
        LecunUniform Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform STFT STFTInitializer
        TruncatedNormal VarianceScaling Zeros constant deserialize get glorot_normal glorot_uniform he_normal
        he_uniform identity lecun_normal lecun_uniform ones orthogonal random_normal random_uniform serialize stft
        truncated_normal variance_scaling zeros
    """,
    "keras.regularizers": """
        L1 L1L2 L2 OrthogonalRegularizer Regularizer deserialize get l1 l1_l2 l2 orthogonal_regularizer serialize
    """,
    "keras.constraints": """
        Constraint MaxNorm MinMaxNorm NonNeg RadialConstraint UnitNorm deserialize get max_norm min_max_norm non_neg
        radial_constraint serialize unit_norm
    """,
    "keras.datasets": """
        boston_housing california_housing cifar10 cifar100 fashion_mnist imdb mnist reuters
    """,
    "keras.preprocessing": """
        image image_dataset_from_directory sequence text text_dataset_from_directory timeseries_dataset_from_array
    """,
    "keras.preprocessing.image": """
        DirectoryIterator ImageDataGenerator Iterator NumpyArrayIterator apply_affine_transform apply_brightness_shift
        apply_channel_shift array_to_img img_to_array load_img random_brightness random_channel_shift random_rotation
        random_shear random_shift random_zoom save_img smart_resize
    """,
    "keras.preprocessing.sequence": "TimeseriesGenerator make_sampling_table pad_sequences skipgrams",
    "keras.preprocessing.text": "Tokenizer hashing_trick one_hot text_to_word_sequence tokenizer_from_json",
    "keras.activations": "deserialize get serialize",
    "keras.losses": "Loss Reduction deserialize get serialize",
    "keras.metrics": "MeanMetricWrapper Metric deserialize experimental get serialize",
    "keras.layers": "InputSpec deserialize experimental serialize",
    "keras.optimizers": "Optimizer OptimizerMap deserialize experimental get legacy schedules serialize",
    "keras.backend": """
        backend batch_get_value batch_normalization batch_set_value binary_crossentropy binary_focal_crossentropy
        categorical_crossentropy categorical_focal_crossentropy clear_session conv1d conv2d conv2d_transpose conv3d
        count_params ctc_batch_cost ctc_decode ctc_label_dense_to_sparse depthwise_conv2d dtype eval experimental
        foldl foldr function get_uid get_value gradients image_data_format in_test_phase in_top_k in_train_phase
        is_float_dtype is_int_dtype is_keras_tensor is_sparse learning_phase learning_phase_scope local_conv1d
        local_conv2d manual_variable_initialization map_fn moving_average_update name_scope
        normalize_batch_in_training placeholder pool2d pool3d random_bernoulli random_binomial random_normal_variable
        random_uniform_variable reset_uids resize_images resize_volumes result_type rnn separable_conv2d set_epsilon
        set_floatx set_image_data_format set_learning_phase set_value sparse_categorical_crossentropy
        spatial_2d_padding spatial_3d_padding standardize_dtype temporal_padding to_dense update update_add
        update_sub
    """,
    "tensorflow.nn": """
        atrous_conv2d avg_pool avg_pool1d avg_pool2d avg_pool3d batch_normalization compute_average_loss conv1d
        conv1d_transpose conv2d conv2d_transpose conv3d conv3d_transpose conv_transpose convolution ctc_loss
        depthwise_conv2d dilation2d embedding_lookup experimental in_top_k l2_loss local_response_normalization
        log_poisson_loss lrn max_pool max_pool1d max_pool2d max_pool3d moments nce_loss pool sampled_softmax_loss
        separable_conv2d sigmoid sigmoid_cross_entropy_with_logits softmax_cross_entropy_with_logits
        sparse_softmax_cross_entropy_with_logits tanh weighted_cross_entropy_with_logits zero_fraction
    """,
    "tensorflow": """
        GradientTape Module Tensor TensorArray TensorShape TensorSpec Variable bool bitwise compat complex128 complex64
        config data debugging device distribute dtypes errors executing_eagerly experimental feature_column float16
        float32 float64 function gradients group image initializers int16 int32 int64 int8 io keras linalg lite
        losses map_fn math meshgrid metrics name_scope nest newaxis nn no_op numpy_function optimizers print py_function
        quantization random saved_model scan signal sort sparse string strings summary test train uint16 uint32 uint64
        uint8 unique vectorized_map version while_loop xla
    """,
}

MEMBERS: Mapping[str, frozenset[str]] = {module: frozenset(text.split()) for module, text in _TEXT.items()}
"""Module -> names. Where another table has the module's main names (layers, losses, ...), only the rest is here."""

OLD_MODULES: Mapping[str, str] = {
    "keras.layers.core": """
        Activation ActivityRegularization Dense Dropout Flatten Highway Lambda Masking MaxoutDense Permute RepeatVector
        Reshape SpatialDropout1D SpatialDropout2D SpatialDropout3D TimeDistributedDense
    """,
    "keras.layers.convolutional": """
        AtrousConvolution1D AtrousConvolution2D Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose
        Convolution1D Convolution2D Convolution3D Cropping1D Cropping2D Cropping3D Deconvolution2D Deconvolution3D
        DepthwiseConv2D SeparableConv1D SeparableConv2D UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D
        ZeroPadding2D ZeroPadding3D AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D
        MaxPooling3D
    """,
    "keras.layers.pooling": """
        AveragePooling1D AveragePooling2D AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D
        GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D MaxPooling1D MaxPooling2D
        MaxPooling3D
    """,
    "keras.layers.recurrent": "GRU GRUCell LSTM LSTMCell RNN SimpleRNN SimpleRNNCell StackedRNNCells",
    "keras.layers.convolutional_recurrent": "ConvLSTM1D ConvLSTM2D ConvLSTM3D",
    "keras.layers.cudnn_recurrent": "CuDNNGRU CuDNNLSTM",
    "keras.layers.local": "LocallyConnected1D LocallyConnected2D",
    "keras.layers.advanced_activations": "ELU LeakyReLU PReLU ParametricSoftplus ReLU SReLU Softmax ThresholdedReLU",
    "keras.layers.normalization": "BatchNormalization LayerNormalization",
    "keras.layers.embeddings": "Embedding",
    "keras.layers.noise": "AlphaDropout GaussianDropout GaussianNoise",
    "keras.layers.wrappers": "Bidirectional TimeDistributed Wrapper",
    "keras.layers.merge": """
        Add Average Concatenate Dot Maximum Minimum Multiply Subtract add average concatenate dot maximum minimum
        multiply subtract
    """,
    "keras.utils.np_utils": "normalize to_categorical",
}
"""Modules of Keras 1 and 2 that are gone, and what `import *` brought from them."""

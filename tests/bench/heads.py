"""How many heads the probe recognises: architectures x heads, each built with Keras and measured.

    python -m tests.bench.heads [--tune] [--few] [--show]

The grid that is printed by default is held out: its architectures, widths and spellings were written down before the
recognition was finished, and are other ones than those of `--tune`, on which it was. `--few` takes a part of each grid.
A head is *recognised* when the probe says its word, *unknown* when it says nothing, *wrong* when it says another one;
a head that has no word has to be unknown.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import types
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Tensor = Any
Layer = Any


def plain_finish(inputs: Tensor, outputs: Tensor) -> Any:
    import keras

    return keras.Model(inputs, outputs)


@dataclass(frozen=True)
class Architecture:
    """A body and the layer of scores behind it.

    `kind` is what the body gives: `flat`, `steps`, `map` or `first` (a map with its channels first). `score` makes the
    layer of scores, `finish` the model. `policy` is the dtype policy under which all of it is built.
    """

    name: str
    kind: str
    body: Callable[[], tuple[Tensor, Tensor]]
    score: Callable[..., Layer]
    finish: Callable[[Tensor, Tensor], Any] = plain_finish
    policy: str = "float32"


@dataclass(frozen=True)
class Case:
    """A head: `make` puts it on features, with the layer of scores of the architecture. `words` are right answers."""

    name: str
    words: tuple[str | None, ...]
    make: Callable[[Architecture, Tensor], Tensor]
    kinds: tuple[str, ...] = ("flat", "steps", "map", "first")


@dataclass
class Tally:
    """What came of a grid."""

    counts: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def share(self, what: str) -> float:
        return self.counts[what] / max(self.total, 1)


# -- layers of scores --------------------------------------------------------------------------


def dense(units: int, activation: Any = None, **more: Any) -> Layer:
    import keras

    return keras.layers.Dense(units, activation=activation, **more)


def pixels(units: int, activation: Any = None, **more: Any) -> Layer:
    import keras

    return keras.layers.Conv2D(units, 1, activation=activation, **more)


def zeros(units: int, activation: Any = None) -> Layer:
    return dense(units, activation, kernel_initializer="zeros")


def constant(units: int, activation: Any = None) -> Layer:
    return dense(units, activation, kernel_initializer="ones", bias_initializer="ones")


def each_step(units: int, activation: Any = None) -> Layer:
    import keras

    return keras.layers.TimeDistributed(dense(units, activation))


def upwards(units: int, activation: Any = None) -> Layer:
    import keras

    return keras.layers.Conv2DTranspose(units, 2, strides=2, activation=activation)


def first_channels(units: int, activation: Any = None) -> Layer:
    import keras

    return keras.layers.Conv2D(units, 1, activation=activation, data_format="channels_first")


def along_time(units: int, activation: Any = None) -> Layer:
    import keras

    return keras.layers.Conv1D(units, 3, padding="same", activation=activation)


# -- bodies of the grid on which the recognition was tuned --------------------------------------------------------


def _body(shape: tuple[int | None, ...], *layers: Callable[[], Layer], dtype: str | None = None) -> Any:
    def build() -> tuple[Tensor, Tensor]:
        import keras

        inputs = keras.Input(shape, dtype=dtype)
        x = inputs
        for layer in layers:
            x = layer()(x)
        return inputs, x

    return build


def _layer(name: str, *given: Any, **named: Any) -> Callable[[], Layer]:
    def make() -> Layer:
        import keras

        return getattr(keras.layers, name)(*given, **named)

    return make


def _unet() -> tuple[Tensor, Tensor]:
    from keras import Input, layers

    inputs = Input((16, 16, 3))
    a = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    b = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.MaxPooling2D()(a))
    x = layers.Concatenate()([layers.UpSampling2D()(b), a])
    return inputs, layers.Conv2D(8, 3, padding="same", activation="relu")(x)


def _residual() -> tuple[Tensor, Tensor]:
    from keras import Input, layers

    inputs = Input((12,))
    x = layers.Dense(16, activation="relu")(inputs)
    for _ in range(2):
        x = layers.Add()([x, layers.Dense(16, activation="relu")(x)])
    return inputs, x


def _transformer() -> tuple[Tensor, Tensor]:
    from keras import Input, layers

    inputs = Input((9,), dtype="int32")
    x = layers.Embedding(40, 16)(inputs)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 8)(x, x))
    x = layers.LayerNormalization()(x + layers.Dense(16)(layers.Dense(32, activation="gelu")(x)))
    return inputs, layers.GlobalAveragePooling1D()(x)


def _two_inputs() -> tuple[Tensor, Tensor]:
    from keras import Input, layers

    left, right = Input((6,), name="left"), Input((7,), dtype="int32", name="right")
    words = layers.Flatten()(layers.Embedding(20, 4)(right))
    return [left, right], layers.Dense(16, activation="relu")(layers.Concatenate()([left, words]))


def _frozen() -> tuple[Tensor, Tensor]:
    import keras

    body = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(8, 3, activation="relu")])
    body.trainable = False
    inputs = keras.Input((8, 8, 3))
    return inputs, keras.layers.GlobalAveragePooling2D()(body(inputs, training=False))


def subclassed(inputs: Tensor, outputs: Tensor) -> Any:
    """A model of the program's own class that calls another one."""
    import keras

    inner = keras.Model(inputs, outputs)

    class Own(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = inner

        def call(self, x: Tensor) -> Tensor:
            return self.inner(x)

    model = Own()
    model.build(inner.input_shape)
    return model


def in_sequence(inputs: Tensor, outputs: Tensor) -> Any:
    """A Sequential around a model."""
    import keras

    return keras.Sequential([keras.Input(inputs.shape[1:], dtype=inputs.dtype), keras.Model(inputs, outputs)])


def _flat(
    name: str, *layers: Callable[[], Layer], shape: Any = (20,), dtype: str | None = None, **more: Any
) -> Architecture:
    return Architecture(name, "flat", _body(shape, *layers, dtype=dtype), **{"score": dense, **more})


RELU_16 = _layer("Dense", 16, activation="relu")

TUNED: tuple[Architecture, ...] = (
    _flat("mlp relu", _layer("Dense", 64, activation="relu")),
    _flat("mlp tanh", _layer("Dense", 32, activation="tanh")),
    _flat("mlp sigmoid", _layer("Dense", 32, activation="sigmoid")),
    _flat("mlp selu deep", *[_layer("Dense", 16, activation="selu")] * 6, shape=(6,)),
    _flat("tiny", shape=(2,)),
    _flat("zero head", RELU_16, score=zeros),
    _flat("constant head", RELU_16, score=constant),
    _flat("batchnorm", _layer("Dense", 16), _layer("BatchNormalization"), _layer("ReLU"), _layer("Dropout", 0.5)),
    _flat("cnn gap", _layer("Conv2D", 8, 3, activation="relu"), _layer("GlobalAveragePooling2D"), shape=(12, 12, 3)),
    _flat(
        "cnn flatten",
        *(_layer("Rescaling", 1 / 255), _layer("Conv2D", 8, 3, activation="relu"), _layer("MaxPooling2D")),
        _layer("Flatten"),
        shape=(12, 12, 1),
    ),
    _flat("embedding lstm", _layer("Embedding", 30, 8), _layer("LSTM", 12), shape=(11,), dtype="int32"),
    _flat("gru of any length", _layer("GRU", 12), shape=(None, 5)),
    _flat("subclassed", RELU_16, finish=subclassed),
    _flat("sequence of models", RELU_16, finish=in_sequence),
    _flat("mixed_float16", _layer("Dense", 32, activation="relu"), policy="mixed_float16"),
    Architecture("residual", "flat", _residual, dense),
    Architecture("transformer", "flat", _transformer, dense),
    Architecture("two inputs", "flat", _two_inputs, dense),
    Architecture("frozen body", "flat", _frozen, dense),
    Architecture("unet", "map", _unet, pixels),
    Architecture("transposed", "map", _body((6, 6, 3), _layer("Conv2D", 8, 3, padding="same")), upwards),
    Architecture(
        "channels first",
        "first",
        _body((3, 6, 7), _layer("Conv2D", 8, 3, padding="same", data_format="channels_first")),
        first_channels,
    ),
    Architecture("conv1d", "steps", _body((10, 4), _layer("Conv1D", 8, 3, activation="relu")), along_time),
    Architecture("tagger", "steps", _body((10, 4), _layer("LSTM", 8, return_sequences=True)), each_step),
)


# -- bodies that were kept apart --------------------------------------------------------------------------


def einsum(units: int, activation: Any = None) -> Layer:
    import keras

    return keras.layers.EinsumDense("ab,bc->ac", (units,), bias_axes="c", activation=activation)


def separable(units: int, activation: Any = None) -> Layer:
    import keras

    return keras.layers.SeparableConv2D(units, 3, padding="same", activation=activation)


def cubes(units: int, activation: Any = None) -> Layer:
    import keras

    return keras.layers.Conv3D(units, 1, activation=activation)


def cubes_back(units: int, activation: Any = None) -> Layer:
    import keras

    return keras.layers.Conv1DTranspose(units, 3, padding="same", activation=activation)


def large_bias(units: int, activation: Any = None) -> Layer:
    return dense(units, activation, use_bias=True, bias_initializer="random_normal", kernel_initializer="he_uniform")


def own_dense(units: int, activation: Any = None) -> Layer:
    """A layer of the program's own that takes an activation."""
    import keras

    class Own(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.activation = keras.activations.get(activation)

        def build(self, shape: Any) -> None:
            self.w = self.add_weight(shape=(shape[-1], units), name="w")
            self.b = self.add_weight(shape=(units,), initializer="zeros", name="b")

        def call(self, x: Tensor) -> Tensor:
            return self.activation(keras.ops.matmul(x, self.w) + self.b)

    return Own()


def called_apart(inputs: Tensor, outputs: Tensor) -> Any:
    """A model of the program's own class that builds another one inside and gives a dictionary."""
    import keras

    inner = keras.Model(inputs, outputs)

    class Named(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = inner

        def call(self, x: Tensor, training: bool | None = None) -> Any:
            return {"only": self.inner(x, training=training)}

    model = Named()
    model.build(inner.input_shape)
    return model


def _attention_pool() -> tuple[Tensor, Tensor]:
    from keras import Input, layers, ops

    inputs = Input((14,), dtype="int32")
    x = layers.Embedding(33, 12)(inputs)
    x = layers.Bidirectional(layers.GRU(6, return_sequences=True))(x)
    weights = layers.Softmax(axis=1)(layers.Dense(1)(x))
    return inputs, ops.sum(x * weights, axis=1)


def _dense_blocks() -> tuple[Tensor, Tensor]:
    from keras import Input, layers

    inputs = Input((None, None, 3))
    x = layers.Conv2D(6, 3, padding="same")(inputs)
    for _ in range(2):
        y = layers.Conv2D(4, 3, padding="same")(layers.ReLU()(layers.BatchNormalization()(x)))
        x = layers.Concatenate()([x, y])
    return inputs, layers.GlobalMaxPooling2D()(x)


def _three_inputs() -> tuple[Tensor, Tensor]:
    from keras import Input, layers

    given = {"a": Input((5,), name="a"), "b": Input((3, 4), name="b"), "c": Input((1,), dtype="int32", name="c")}
    parts = [given["a"], layers.SimpleRNN(7)(given["b"]), layers.Flatten()(layers.Embedding(9, 3)(given["c"]))]
    return given, layers.Dense(22, activation="swish")(layers.Concatenate()(parts))


def _gated() -> tuple[Tensor, Tensor]:
    from keras import Input, layers

    inputs = Input((16, 16, 2))
    x = layers.Conv2D(9, 3, strides=2, activation="elu")(inputs)
    gate = layers.Conv2D(9, 1, activation="sigmoid")(x)
    return inputs, layers.Multiply()([x, gate])


HELD_OUT: tuple[Architecture, ...] = (
    _flat("wide relu6", _layer("Dense", 300, activation="relu6"), shape=(50,)),
    _flat("softsign", _layer("Dense", 23, activation="softsign"), _layer("GaussianNoise", 0.1), shape=(7,)),
    _flat("gelu, layer norm", _layer("Dense", 40, activation="gelu"), _layer("LayerNormalization"), shape=(13,)),
    _flat("prelu", _layer("Dense", 24), _layer("PReLU"), _layer("AlphaDropout", 0.2), shape=(11,)),
    _flat("leaky", *[_layer("Dense", 9), _layer("LeakyReLU")] * 4, shape=(3,)),
    _flat("large bias", _layer("Dense", 19, activation="tanh"), score=large_bias),
    _flat("einsum", _layer("Dense", 21, activation="silu"), score=einsum),
    _flat("own layer", _layer("Dense", 17, activation="relu"), score=own_dense),
    _flat("wide words", _layer("Embedding", 1000, 6), _layer("GlobalAveragePooling1D"), shape=(None,), dtype="int64"),
    _flat(
        "separable",
        _layer("SeparableConv2D", 6, 3),
        _layer("GroupNormalization", 2),
        _layer("Flatten"),
        shape=(9, 11, 3),
    ),
    _flat("conv lstm", _layer("ConvLSTM2D", 4, 3), _layer("GlobalMaxPooling2D"), shape=(3, 7, 7, 2)),
    _flat("stacked lstm", _layer("LSTM", 6, return_sequences=True), _layer("LSTM", 5), shape=(9, 3)),
    _flat("dictionary", _layer("Dense", 15, activation="mish"), finish=called_apart),
    _flat("bfloat16", _layer("Dense", 30, activation="relu"), policy="mixed_bfloat16"),
    _flat("float64", _layer("Dense", 30, activation="relu"), policy="float64"),
    Architecture("attention pool", "flat", _attention_pool, dense),
    Architecture("dense blocks", "flat", _dense_blocks, dense),
    Architecture("three inputs", "flat", _three_inputs, dense),
    Architecture("gated map", "map", _gated, separable),
    Architecture(
        "volume", "steps", _body((5, 5, 5, 1), _layer("Conv3D", 4, 2), _layer("Reshape", (8, 32))), along_time
    ),
    Architecture("back along time", "steps", _body((12, 3), _layer("Conv1D", 7, 5)), cubes_back),
    Architecture("steps of words", "steps", _body((8,), _layer("Embedding", 25, 10), dtype="int32"), dense),
    Architecture(
        "first, normalised",
        "first",
        _body(
            (2, 5, 8),
            _layer("Conv2D", 6, 3, data_format="channels_first", padding="same"),
            _layer("BatchNormalization", axis=1),
        ),
        first_channels,
    ),
)


# -- heads --------------------------------------------------------------------------

PLAIN_WORDS: dict[str, tuple[str, ...]] = {
    name: (name.replace("log_softmax", "log-softmax"),)
    for name in (
        *("linear", "softmax", "sigmoid", "tanh", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish"),
        *("softplus", "softsign", "exponential", "hard_sigmoid", "hard_silu", "log_softmax", "log_sigmoid", "celu"),
        *("hard_tanh", "tanh_shrink", "soft_shrink", "hard_shrink", "squareplus", "sparse_plus", "sparse_sigmoid"),
        "sparsemax",
    )
}
PLAIN_WORDS["celu"] = ("celu", "elu")


ON_VECTORS = ("flat",)
ON_PLACES = ("steps", "map")
LAST = ("flat", "steps", "map")


def _kinds(name: str) -> tuple[str, ...]:
    """Where the last axis is the one that a function is meant for."""
    return LAST if name in {"softmax", "log_softmax", "sparsemax"} else (*LAST, "first")


def _string(name: str, units: int = 4) -> Callable[[Architecture, Tensor], Tensor]:
    return lambda one, x: one.score(units, name)(x)


def _behind(
    *layers: Callable[[], Layer], units: int = 4, activation: Any = None
) -> Callable[[Architecture, Tensor], Tensor]:
    def make(one: Architecture, x: Tensor) -> Tensor:
        x = one.score(units, activation)(x)
        for layer in layers:
            x = layer()(x)
        return x

    return make


def _formula(function: Callable[[Any, Tensor], Tensor], units: int = 4) -> Callable[[Architecture, Tensor], Tensor]:
    """A formula in a Lambda: `function` is given `keras.ops` and the scores."""

    def make(one: Architecture, x: Tensor) -> Tensor:
        import keras

        return keras.layers.Lambda(lambda z: function(keras.ops, z))(one.score(units)(x))

    return make


def _operations(function: Callable[[Any, Tensor], Tensor], units: int = 4) -> Callable[[Architecture, Tensor], Tensor]:
    """The same formula on symbols: every operation is a node of the model."""

    def make(one: Architecture, x: Tensor) -> Tensor:
        import keras

        return function(keras.ops, one.score(units)(x))

    return make


def _own(function: Callable[[Any, Tensor], Tensor], units: int = 4) -> Callable[[Architecture, Tensor], Tensor]:
    """A layer of the program's own, with weights, that does all of it."""

    def make(_: Architecture, x: Tensor) -> Tensor:
        import keras

        class Own(keras.layers.Layer):  # type: ignore[misc]
            def build(self, shape: Any) -> None:
                self.w = self.add_weight(shape=(shape[-1], units), initializer="glorot_uniform", name="w")
                self.b = self.add_weight(shape=(units,), initializer="zeros", name="b")

            def call(self, z: Tensor) -> Tensor:
                return function(keras.ops, keras.ops.matmul(z, self.w) + self.b)

        return Own()(x)

    return make


def _block(function: Callable[[Any, Tensor], Tensor], units: int = 4) -> Callable[[Architecture, Tensor], Tensor]:
    """A layer of the program's own around the layer of scores."""

    def make(one: Architecture, x: Tensor) -> Tensor:
        import keras

        class Block(keras.layers.Layer):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.scores = one.score(units)

            def build(self, shape: Any) -> None:
                self.scores.build(shape)

            def call(self, z: Tensor) -> Tensor:
                return function(keras.ops, self.scores(z))

        return Block()(x)

    return make


def _model(one: Architecture, x: Tensor, *layers: Callable[[], Layer]) -> Tensor:
    """The head is a model of its own."""
    import keras

    return keras.Sequential([keras.Input(x.shape[1:]), one.score(4), *(layer() for layer in layers)])(x)


def _naive(ops: Any, z: Tensor, axis: int = -1) -> Tensor:
    return ops.exp(z) / ops.sum(ops.exp(z), axis=axis, keepdims=True)


def _careful(ops: Any, z: Tensor) -> Tensor:
    e = ops.exp(z - ops.max(z, axis=-1, keepdims=True))
    return e / ops.sum(e, axis=-1, keepdims=True)


def _normalised(ops: Any, z: Tensor, axis: int = -1) -> Tensor:
    s = 1 / (1 + ops.exp(-z))
    return s / ops.sum(s, axis=axis, keepdims=True)


TUNED_CASES: tuple[Case, ...] = (
    *(Case(f"activation={name}", words, _string(name), _kinds(name)) for name, words in PLAIN_WORDS.items()),
    Case("softmax on the width", ("softmax-over-spatial-axis",), _string("softmax"), ("first",)),
    *(
        Case(f"Activation({name})", words, _behind(_layer("Activation", name)), _kinds(name))
        for name, words in PLAIN_WORDS.items()
        if name in {"softmax", "sigmoid", "tanh", "relu", "softplus", "linear", "elu", "gelu"}
    ),
    Case("one softmax", ("softmax",), _string("softmax", 1), LAST),
    Case("one sigmoid", ("sigmoid",), _string("sigmoid", 1)),
    Case("one tanh", ("tanh",), _string("tanh", 1)),
    Case("one linear", ("linear",), _string("linear", 1)),
    Case("one relu", ("relu",), _string("relu", 1)),
    Case("two softmax", ("softmax",), _string("softmax", 2), LAST),
    Case("ten softmax", ("softmax",), _string("softmax", 10), LAST),
    Case("hundred softmax", ("softmax",), _string("softmax", 100), ON_VECTORS),
    Case("ten sigmoid", ("sigmoid",), _string("sigmoid", 10)),
    Case("linear, dropout", ("linear",), _behind(_layer("Dropout", 0.3))),
    Case("linear, batchnorm", ("linear",), _behind(_layer("BatchNormalization"))),
    Case("softmax, dropout", ("softmax",), _behind(_layer("Dropout", 0.3), activation="softmax"), LAST),
    Case("batchnorm, softmax", ("softmax",), _behind(_layer("BatchNormalization"), _layer("Softmax")), LAST),
    Case("batchnorm, sigmoid", ("sigmoid",), _behind(_layer("BatchNormalization"), _layer("Activation", "sigmoid"))),
    Case("softmax, batchnorm", ("scaled-softmax",), _behind(_layer("BatchNormalization"), activation="softmax"), LAST),
    Case("Softmax()", ("softmax",), _behind(_layer("Softmax")), LAST),
    Case("Softmax(axis=1)", ("softmax",), _behind(_layer("Softmax", axis=1)), ("flat", "first")),
    Case("Softmax(axis=0)", ("softmax-over-batch-axis",), _behind(_layer("Softmax", axis=0))),
    Case("Softmax over a place", ("softmax-over-spatial-axis",), _behind(_layer("Softmax", axis=1)), ON_PLACES),
    Case("ReLU()", ("relu",), _behind(_layer("ReLU"))),
    Case("LeakyReLU()", ("leaky_relu",), _behind(_layer("LeakyReLU"))),
    Case("LeakyReLU(0.05)", ("leaky_relu",), _behind(_layer("LeakyReLU", negative_slope=0.05))),
    Case("ReLU(6)", ("relu", "relu6"), _behind(_layer("ReLU", 6.0))),
    Case("ELU(0.5)", ("elu",), _behind(_layer("ELU", 0.5))),
    Case("PReLU()", ("prelu",), _behind(_layer("PReLU"))),
    Case("Lambda softmax", ("softmax",), _formula(lambda ops, z: ops.softmax(z)), LAST),
    Case("Lambda exp/sum", ("softmax",), _formula(_naive), LAST),
    Case("Lambda careful", ("softmax",), _formula(_careful), LAST),
    Case("Lambda exp/sum batch", ("softmax-over-batch-axis",), _formula(lambda ops, z: _naive(ops, z, 0))),
    Case("Lambda sigmoid", ("sigmoid",), _formula(lambda ops, z: 1 / (1 + ops.exp(-z)))),
    Case("Lambda tanh", ("tanh",), _formula(lambda ops, z: (ops.exp(z) - ops.exp(-z)) / (ops.exp(z) + ops.exp(-z)))),
    Case("Lambda relu", ("relu",), _formula(lambda ops, z: ops.maximum(z, 0))),
    Case("Lambda softplus", ("softplus",), _formula(lambda ops, z: ops.log(1 + ops.exp(z)))),
    Case("Lambda silu", ("silu",), _formula(lambda ops, z: z * ops.sigmoid(z))),
    Case("Lambda normalised", ("normalised-sigmoids",), _formula(_normalised), LAST),
    Case("Lambda normalised batch", ("normalised-sigmoids",), _formula(lambda ops, z: _normalised(ops, z, 0))),
    Case("Lambda scaled sigmoid", ("scaled-sigmoid",), _formula(lambda ops, z: 4 * ops.sigmoid(z) - 2)),
    Case("Lambda scaled tanh", ("scaled-tanh",), _formula(lambda ops, z: 180 * ops.tanh(z))),
    Case("Lambda temperature", ("softmax",), _formula(lambda ops, z: ops.softmax(z / 0.7)), LAST),
    Case("Lambda log softmax", ("log-softmax",), _formula(lambda ops, z: ops.log(ops.softmax(z) + 1e-9)), LAST),
    Case("ops softmax", ("softmax",), _operations(lambda ops, z: ops.softmax(z)), LAST),
    Case("ops exp/sum", ("softmax",), _operations(_naive), LAST),
    Case("ops careful", ("softmax",), _operations(_careful), LAST),
    Case("ops sigmoid", ("sigmoid",), _operations(lambda ops, z: 1 / (1 + ops.exp(-z)))),
    Case("ops normalised", ("normalised-sigmoids",), _operations(_normalised), LAST),
    Case("ops silu", ("silu",), _operations(lambda ops, z: z * ops.sigmoid(z))),
    Case("ops scaled tanh", ("scaled-tanh",), _operations(lambda ops, z: 2.0 * ops.tanh(z))),
    Case("own softmax", ("softmax",), _own(lambda ops, z: ops.softmax(z)), LAST),
    Case("own sigmoid", ("sigmoid",), _own(lambda ops, z: ops.sigmoid(z)), LAST),
    Case("own linear", ("linear",), _own(lambda _, z: z), LAST),
    Case("own tanh", ("tanh",), _own(lambda ops, z: ops.tanh(z)), LAST),
    Case("own relu", ("relu",), _own(lambda ops, z: ops.relu(z)), LAST),
    Case("own normalised", ("normalised-sigmoids",), _own(_normalised), LAST),
    Case("own softmax twice", ("softmax-twice",), _own(lambda ops, z: ops.softmax(ops.softmax(z))), LAST),
    Case("block softmax", ("softmax",), _block(lambda ops, z: ops.softmax(z)), LAST),
    Case("block sigmoid", ("sigmoid",), _block(lambda ops, z: ops.sigmoid(z))),
    Case("block linear", ("linear",), _block(lambda _, z: z)),
    Case("model softmax", ("softmax",), lambda one, x: _model(one, x, _layer("Softmax")), LAST),
    Case("model linear", ("linear",), lambda one, x: _model(one, x)),
    Case("softmax twice", ("softmax-twice",), _behind(_layer("Softmax"), activation="softmax"), LAST),
    Case("sigmoid twice", ("sigmoid-twice",), _behind(_layer("Activation", "sigmoid"), activation="sigmoid")),
    Case("softmax on sigmoid", ("softmax-on-sigmoid",), _behind(_layer("Softmax"), activation="sigmoid"), LAST),
    Case(
        "sigmoid on softmax",
        ("sigmoid-on-softmax",),
        _behind(_layer("Activation", "sigmoid"), activation="softmax"),
        LAST,
    ),
    Case("softmax on relu", ("softmax-on-relu",), _behind(_layer("Softmax"), activation="relu"), LAST),
    Case(
        "softmax on tanh",
        ("softmax-on-tanh",),
        _behind(_layer("Dropout", 0.1), _layer("Softmax"), activation="tanh"),
        LAST,
    ),
    Case("sigmoid on relu", ("sigmoid-on-relu",), _behind(_layer("Activation", "sigmoid"), activation="relu")),
    Case("Lambda twice", ("softmax-twice",), _formula(lambda ops, z: ops.softmax(ops.softmax(z))), LAST),
    Case("Lambda on relu", ("softmax-on-relu",), _formula(lambda ops, z: ops.softmax(ops.relu(z))), LAST),
    Case("Rescaling on sigmoid", ("scaled-sigmoid",), _behind(_layer("Rescaling", 100.0), activation="sigmoid")),
    Case("Rescaling on tanh", ("scaled-tanh",), _behind(_layer("Rescaling", 0.5, 0.5), activation="tanh")),
    Case("softmax, reshape", ("softmax",), _behind(_layer("Reshape", (-1, 4)), activation="softmax"), ("map", "steps")),
    Case("reshape, softmax", ("softmax",), _behind(_layer("Reshape", (-1, 4)), _layer("Softmax")), ("map", "steps")),
    Case("linear, flatten", ("linear",), _behind(_layer("Flatten"))),
    Case("gap, softmax", ("softmax",), _behind(_layer("GlobalAveragePooling2D"), _layer("Softmax")), ("map",)),
    Case("gap", ("linear",), _behind(_layer("GlobalAveragePooling2D")), ("map",)),
    Case(
        "relu, gap, softmax",
        ("softmax",),
        _behind(_layer("GlobalAveragePooling1D"), _layer("Softmax"), activation="relu"),
        ("steps",),
    ),
    Case("sigmoid, gap", (None,), _behind(_layer("GlobalAveragePooling2D"), activation="sigmoid"), ("map",)),
    Case("sigmoid, upsampling", ("sigmoid",), _behind(_layer("UpSampling2D"), activation="sigmoid"), ("map",)),
    Case("softmax, upsampling", ("softmax",), _behind(_layer("UpSampling2D"), activation="softmax"), ("map",)),
    Case("softmax, cropping", ("softmax",), _behind(_layer("Cropping2D", 1), activation="softmax"), ("map",)),
    Case(
        "upsampling, sigmoid",
        ("sigmoid",),
        _behind(_layer("UpSampling2D", interpolation="bilinear"), _layer("Activation", "sigmoid")),
        ("map",),
    ),
)


# -- heads that were kept apart --------------------------------------------------------------------------


def _tensorflow(function: Callable[[Any, Tensor], Tensor], units: int = 5) -> Callable[[Architecture, Tensor], Tensor]:
    """A formula of TensorFlow's own in a Lambda."""

    def make(one: Architecture, x: Tensor) -> Tensor:
        import keras
        import tensorflow

        return keras.layers.Lambda(lambda z: function(tensorflow, z))(one.score(units)(x))

    return make


def _given(function: Callable[[Any], Any], units: int = 5) -> Callable[[Architecture, Tensor], Tensor]:
    """A function as the activation of the layer of scores."""

    def make(one: Architecture, x: Tensor) -> Tensor:
        import keras

        return one.score(units, function(keras))(x)

    return make


def _residual_head(one: Architecture, x: Tensor) -> Tensor:
    import keras

    return keras.layers.Softmax()(keras.layers.Add()([one.score(5)(x), one.score(5)(x)]))


def _sum_of_scores(one: Architecture, x: Tensor) -> Tensor:
    import keras

    return keras.layers.Add()([one.score(5)(x), one.score(5)(x)])


def _two_beside(one: Architecture, x: Tensor) -> Tensor:
    import keras

    return keras.layers.Concatenate()([one.score(3, "sigmoid")(x), one.score(2, "sigmoid")(x)])


def _product(one: Architecture, x: Tensor) -> Tensor:
    import keras

    return keras.layers.Multiply()([one.score(5, "softmax")(x), one.score(5, "sigmoid")(x)])


def _unit_length(one: Architecture, x: Tensor) -> Tensor:
    import keras

    return keras.layers.UnitNormalization()(one.score(5)(x))


HELD_OUT_CASES: tuple[Case, ...] = (
    *(
        Case(
            f"keras.activations.{name}",
            words,
            _given(lambda keras, name=name: getattr(keras.activations, name)),
            _kinds(name),
        )
        for name, words in PLAIN_WORDS.items()
    ),
    *(Case(f"seven {name}", PLAIN_WORDS[name], _string(name, 7), _kinds(name)) for name in PLAIN_WORDS),
    Case("one softmax", ("softmax",), _behind(_layer("Activation", "softmax"), units=1), LAST),
    Case("one sigmoid", ("sigmoid",), _behind(_layer("Activation", "sigmoid"), units=1)),
    Case("three softmax", ("softmax",), _string("softmax", 3), LAST),
    Case("tf softmax", ("softmax",), _tensorflow(lambda tf, z: tf.nn.softmax(z)), LAST),
    Case("tf softmax batch", ("softmax-over-batch-axis",), _tensorflow(lambda tf, z: tf.nn.softmax(z, axis=0))),
    Case(
        "tf softmax place",
        ("softmax-over-spatial-axis",),
        _tensorflow(lambda tf, z: tf.nn.softmax(z, axis=-2)),
        ON_PLACES,
    ),
    Case("tf log softmax", ("log-softmax",), _tensorflow(lambda tf, z: tf.nn.log_softmax(z)), LAST),
    Case(
        "tf exp/reduce_sum",
        ("softmax",),
        _tensorflow(lambda tf, z: tf.exp(z) / tf.reduce_sum(tf.exp(z), axis=-1, keepdims=True)),
        LAST,
    ),
    Case("tf sigmoid", ("sigmoid",), _tensorflow(lambda tf, z: tf.math.sigmoid(z))),
    Case("tf relu6", ("relu6",), _tensorflow(lambda tf, z: tf.nn.relu6(z))),
    Case("tf clip", ("hard_tanh",), _tensorflow(lambda tf, z: tf.clip_by_value(z, -1.0, 1.0))),
    Case("tf elu", ("elu",), _tensorflow(lambda tf, z: tf.nn.elu(z))),
    Case("tf leaky", ("leaky_relu",), _tensorflow(lambda tf, z: tf.nn.leaky_relu(z, 0.1))),
    Case("tf identity", ("linear",), _tensorflow(lambda tf, z: tf.identity(z))),
    Case("tf abs", (None,), _tensorflow(lambda tf, z: tf.abs(z))),
    Case("tf square", (None,), _tensorflow(lambda tf, z: tf.square(z))),
    Case("tf sin", (None,), _tensorflow(lambda tf, z: tf.sin(z))),
    Case("l2", (None,), _tensorflow(lambda tf, z: tf.math.l2_normalize(z, axis=-1))),
    Case("unit length", (None,), _unit_length),
    Case("logistic by hand", ("sigmoid",), _formula(lambda ops, z: ops.exp(z) / (ops.exp(z) + 1), 5)),
    Case("gelu by hand", ("gelu",), _formula(lambda ops, z: 0.5 * z * (1 + ops.erf(z / 1.4142135)), 5)),
    Case("mish by hand", ("mish",), _formula(lambda ops, z: z * ops.tanh(ops.log(1 + ops.exp(z))), 5)),
    Case("mish of operations", ("mish",), _operations(lambda ops, z: z * ops.tanh(ops.softplus(z)), 5)),
    Case("softsign by hand", ("softsign",), _formula(lambda ops, z: z / (1 + ops.abs(z)), 5)),
    Case("elu by hand", ("elu",), _formula(lambda ops, z: ops.where(z > 0, z, ops.exp(ops.minimum(z, 0)) - 1), 5)),
    Case(
        "softmax by logsumexp",
        ("softmax",),
        _formula(lambda ops, z: ops.exp(z - ops.logsumexp(z, axis=-1, keepdims=True)), 5),
        LAST,
    ),
    Case(
        "softmax of operations by max",
        ("softmax",),
        _operations(
            lambda ops, z: (lambda e: e / ops.sum(e, axis=-1, keepdims=True))(
                ops.exp(z - ops.max(z, axis=-1, keepdims=True))
            ),
            5,
        ),
        LAST,
    ),
    Case("sharp softmax", ("softmax",), _operations(lambda ops, z: ops.softmax(z * 3.0), 5), LAST),
    Case("soft sigmoid", ("sigmoid",), _formula(lambda ops, z: ops.sigmoid(z / 4 - 1), 5)),
    Case("degrees", ("scaled-tanh",), _operations(lambda ops, z: ops.tanh(z) * 3.14159, 5)),
    Case("percent", ("scaled-sigmoid",), _formula(lambda ops, z: ops.sigmoid(z) * 100, 5)),
    Case("stars", ("scaled-sigmoid",), _operations(lambda ops, z: ops.sigmoid(z) * 4 + 1, 5)),
    Case("percent of softmax", ("scaled-softmax",), _behind(_layer("Rescaling", 100.0), activation="softmax"), LAST),
    Case("temperature layer", ("softmax",), _behind(_layer("Rescaling", 0.2), _layer("Softmax")), LAST),
    Case(
        "normalised of operations",
        ("normalised-sigmoids",),
        _operations(lambda ops, z: ops.sigmoid(z) / ops.sum(ops.sigmoid(z), axis=-1, keepdims=True), 5),
        LAST,
    ),
    Case(
        "normalised over the batch",
        ("normalised-sigmoids",),
        _operations(lambda ops, z: ops.sigmoid(z) / ops.sum(ops.sigmoid(z), axis=0, keepdims=True), 5),
    ),
    Case("own elu", ("elu",), _own(lambda ops, z: ops.elu(z), 5), LAST),
    Case("own softplus", ("softplus",), _own(lambda ops, z: ops.softplus(z), 5), LAST),
    Case("own log softmax", ("log-softmax",), _own(lambda ops, z: ops.log_softmax(z), 5), LAST),
    Case("own naive softmax", ("softmax",), _own(_naive, 5), LAST),
    Case("own softmax on relu", ("softmax-on-relu",), _own(lambda ops, z: ops.softmax(ops.relu(z)), 5), LAST),
    Case("own sigmoid of one", ("sigmoid",), _own(lambda ops, z: ops.sigmoid(z), 1), LAST),
    Case("own softmax over batch", ("softmax-over-batch-axis",), _own(lambda ops, z: ops.softmax(z, axis=0), 5), LAST),
    Case("own square", (None,), _own(lambda ops, z: ops.square(z), 5), LAST),
    Case("block naive softmax", ("softmax",), _block(_naive, 5), LAST),
    Case("block scaled tanh", ("scaled-tanh",), _block(lambda ops, z: 2.5 * ops.tanh(z), 5)),
    Case("block softmax twice", ("softmax-twice",), _block(lambda ops, z: ops.softmax(ops.softmax(z)), 5), LAST),
    Case(
        "softmax three times",
        ("softmax-twice", "softmax-on-softmax-twice"),
        _behind(_layer("Softmax"), _layer("Softmax"), activation="softmax"),
        LAST,
    ),
    Case(
        "tanh twice", ("tanh", "tanh-twice", "tanh-on-tanh"), _behind(_layer("Activation", "tanh"), activation="tanh")
    ),
    Case(
        "sigmoid on tanh",
        ("sigmoid-on-tanh",),
        _behind(_layer("Dropout", 0.2), _layer("Activation", "sigmoid"), activation="tanh"),
    ),
    Case("softmax on elu", ("softmax-on-elu",), _behind(_layer("Softmax"), activation="elu"), LAST),
    Case("tanh on sigmoid", ("tanh-on-sigmoid",), _behind(_layer("Activation", "tanh"), activation="sigmoid")),
    Case("relu on tanh", ("relu-on-tanh",), _behind(_layer("ReLU"), activation="tanh")),
    Case("layer norm, softmax", ("softmax",), _behind(_layer("LayerNormalization"), _layer("Softmax")), LAST),
    Case("relu, layer norm", ("linear",), _behind(_layer("LayerNormalization"), activation="relu")),
    Case("sigmoid, batchnorm", ("scaled-sigmoid",), _behind(_layer("BatchNormalization"), activation="sigmoid")),
    Case("relu, batchnorm", ("linear",), _behind(_layer("BatchNormalization"), activation="relu")),
    Case("sum, softmax", ("softmax",), _residual_head, LAST),
    Case("sum of scores", ("linear",), _sum_of_scores),
    Case("sigmoids beside sigmoids", ("sigmoid",), _two_beside, LAST),
    Case("product", (None,), _product),
    Case(
        "sigmoid, reshape",
        ("sigmoid",),
        _behind(_layer("Reshape", (5, -1)), activation="sigmoid", units=5),
        ("map", "steps"),
    ),
    Case(
        "reshape, softmax",
        ("softmax",),
        _behind(_layer("Reshape", (-1, 5)), _layer("Activation", "softmax"), units=5),
        ON_PLACES,
    ),
    Case("linear, cropping", ("linear",), _behind(_layer("Cropping1D", 1)), ("steps",)),
    Case(
        "max pooling, sigmoid",
        ("sigmoid",),
        _behind(_layer("GlobalMaxPooling1D"), _layer("Activation", "sigmoid")),
        ("steps",),
    ),
    Case("tanh, average", (None,), _behind(_layer("GlobalAveragePooling1D"), activation="tanh"), ("steps",)),
    Case("padding, sigmoid", ("sigmoid",), _behind(_layer("ZeroPadding2D"), _layer("Activation", "sigmoid")), ("map",)),
    Case("steps of softmax", ("softmax",), lambda one, x: _each(x, "softmax"), ("steps",)),
    Case("steps of sigmoid", ("sigmoid",), lambda one, x: _each(x, "sigmoid"), ("steps",)),
    Case("lstm", (None,), _behind(_layer("LSTM", 5)), ("steps",)),
    Case("lstm, softmax", ("softmax",), _behind(_layer("LSTM", 5), _layer("Softmax")), ("steps",)),
    Case("lstm of softmax", (None,), _behind(_layer("LSTM", 5, activation="softmax")), ("steps",)),
    Case(
        "model sigmoid",
        ("sigmoid",),
        lambda one, x: _model(one, x, _layer("Dropout", 0.1), _layer("Activation", "sigmoid")),
    ),
)


def _each(x: Tensor, activation: str) -> Tensor:
    import keras

    return keras.layers.TimeDistributed(keras.layers.Dense(5, activation=activation))(x)


# -- running a grid --------------------------------------------------------------------------


def pairs(architectures: tuple[Architecture, ...], cases: tuple[Case, ...]) -> list[tuple[Architecture, Case]]:
    """Every head on every architecture that it can stand on."""
    return [(one, case) for one in architectures for case in cases if one.kind in case.kinds]


def built(one: Architecture, case: Case) -> Any:
    """The model of a pair, as the probe is given it."""
    import keras

    keras.config.set_dtype_policy(one.policy)
    try:
        inputs, features = one.body()
        model = one.finish(inputs, case.make(one, features))
    finally:
        keras.config.set_dtype_policy("float32")
    return types.SimpleNamespace(
        model=model, site=None, ordinal=0, compile=None, layer_sites={}, stood_in=[], rows=None
    )


def run(grid: list[tuple[Architecture, Case]], say: Callable[[str], None] = lambda _: None) -> Tally:
    """Measure every pair of a grid."""
    import keras

    from keraslint.probe.child import measure

    tally = Tally()
    for number, (one, case) in enumerate(grid):
        if number % 50 == 0:
            keras.backend.clear_session()
        model = built(one, case)
        begun = time.perf_counter()
        answer = measure.model(model, {"seed": 0})
        tally.seconds += time.perf_counter() - begun
        said = answer["heads"][0]["activation"] if answer["heads"] else f"not measured: {answer['notes']}"
        what = "recognised" if said in case.words else "unknown" if said is None else "wrong"
        tally.counts[what] += 1
        if what != "recognised":
            tally.misses.append(f"{what:10} {one.name} / {case.name}: {said}, not {case.words[0]}")
            say(tally.misses[-1])
    return tally


def table(name: str, tally: Tally, architectures: int, cases: int) -> str:
    """One line of the result."""
    shares = ", ".join(
        f"{what} {tally.counts[what]} ({tally.share(what):.1%})" for what in ("recognised", "unknown", "wrong")
    )
    each = 1000 * tally.seconds / max(tally.total, 1)
    return (
        f"{name}: {tally.total} heads ({architectures} architectures, {cases} spellings): {shares}; {each:.0f} ms each"
    )


GRIDS: dict[str, tuple[tuple[Architecture, ...], tuple[Case, ...]]] = {
    "tuned": (TUNED, TUNED_CASES),
    "held out": (HELD_OUT, HELD_OUT_CASES),
}


def main(arguments: list[str]) -> Iterator[str]:
    """The lines to print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.heads", description=__doc__)
    parser.add_argument("--tune", action="store_true", help="the grid on which the recognition was tuned")
    parser.add_argument("--both", action="store_true", help="both grids")
    parser.add_argument("--part", type=float, default=1.0, help="a share of each grid, picked by chance (seed 0)")
    parser.add_argument("--match", default="", help="only pairs whose names hold this text")
    given = parser.parse_args(arguments)
    for name, (architectures, cases) in GRIDS.items():
        if not given.both and (name == "tuned") != given.tune:
            continue
        grid = [pair for pair in pairs(architectures, cases) if given.match in f"{pair[0].name} / {pair[1].name}"]
        if given.part < 1:
            grid = random.Random(0).sample(grid, max(1, int(len(grid) * given.part)))
        tally = run(grid)
        yield from tally.misses
        yield table(name, tally, len(architectures), len(cases))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")
    for line in main(sys.argv[1:]):
        print(line, flush=True)

"""What small programs fit a model on: kind, range, and the first layer that the values meet; repeated validation data.

What a program does not say is not known. What is raw on one way and scaled on another is neither.
"""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from keraslint.model import Inputs, Program
from keraslint.probe.wire import from_json, to_json
from keraslint.source import Source
from keraslint.static import recover
from keraslint.static.catalog import applications, pictures

IMPORTS = """\
import os
import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import Input, Model, Sequential, layers
from keras.preprocessing.image import ImageDataGenerator
from own import scale_in_place
from PIL import Image
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils import shuffle

"""
MNIST = "(x, y), (a, b) = keras.datasets.mnist.load_data()\n"
MODEL = "model = Sequential([layers.Dense(4)])\nmodel.compile('adam', 'mse')\n"
FOLDER = "x = keras.utils.image_dataset_from_directory('d')\n"


def program(text: str) -> Program:
    return recover(Source.from_bytes("train.py", (IMPORTS + text).encode()))


def inputs(text: str) -> Inputs | None:
    """The inputs of the last training of a program."""
    return [training.inputs for model in program(text).models for training in model.trainings][-1]


def known(found: Inputs | None) -> tuple[Any, ...]:
    """Kind, low, high."""
    facts = (found.kind, found.low, found.high) if found is not None else (None, None, None)
    return tuple(fact.value if fact is not None else None for fact in facts)


NOTHING = (None, None, None)
RAW, UNIT, OPEN = ("pixels", 0, 255), ("pixels", 0, 1), ("pixels", -inf, inf)

ARRAYS = [
    ("", RAW),
    ("x = x.astype('float32')", RAW),
    ("x = x.reshape(-1, 784)", RAW),
    ("x = x[..., np.newaxis]", RAW),
    ("x = np.expand_dims(x, -1)[:1000]", RAW),
    ("x, _ = train_test_split(x)", RAW),
    ("x, y = shuffle(x, y)", RAW),
    ("x = np.concatenate([x, a])", RAW),
    ("x = tf.cast(x, tf.float32)", RAW),
    ("x = x / 255", UNIT),
    ("x = x * (1. / 255)", UNIT),
    ("x = x.astype('float32')\nx /= 255.0", UNIT),
    ("x = x / x.max()", UNIT),
    ("x = x > 127", (None, 0, 1)),
    ("x = x.astype(bool)", UNIT),
    ("x = x / 127.5 - 1", ("pixels", -1, 1)),
    ("x = (x - x.mean()) / x.std()", OPEN),
    ("x = StandardScaler().fit_transform(x.reshape(-1, 784))", (None, -inf, inf)),
    ("x = MinMaxScaler().fit_transform(x.reshape(-1, 784))", (None, 0, 1)),
    ("x = keras.utils.normalize(x, axis=1)", ("pixels", -1, 1)),
    ("x = np.concatenate([x, a / 255])", RAW),
    ("x = prepare(x)", NOTHING),
    ("x = x / given", NOTHING),
    ("x = x / 255 if given else x", ("pixels", 0, None)),
    ("if given:\n    x = prepare(x)", NOTHING),
    ("x = keras.applications.vgg16.preprocess_input(x)", NOTHING),
    # written over, or given to somebody who may write
    ("for i in range(9):\n    x[i] = x[i] / 255", (None, 0, 255)),
    ("x[x > 9] = 1", (None, 0, 255)),
    ("scale_in_place(x)", NOTHING),
    ("print(x.shape)\nnp.save('x.npy', x)", RAW),
    ("def scale(one):\n    one /= 255\n\nscale(x)", (None, 0, 255)),
    ("x = np.random.rand(10, 4)", (None, 0, 1)),
    ("(x, y), _ = keras.datasets.imdb.load_data()", ("ids", 0, None)),
    ("from sklearn.datasets import load_digits\nx, y = load_digits(return_X_y=True)", ("pixels", 0, 16)),
]

BATCHES = [
    (FOLDER, RAW),
    (FOLDER + "x = x.cache().shuffle(9).prefetch(1)", RAW),
    (FOLDER + "x = x.map(lambda p, t: (p / 255, t))", UNIT),
    (FOLDER + "x = x.map(lambda p, t: (tf.cast(p, tf.float32) / 127.5 - 1, t))", ("pixels", -1, 1)),
    (FOLDER + "r = layers.Rescaling(1 / 255)\nx = x.map(lambda p, t: (r(p), t))", UNIT),
    (FOLDER + "r = layers.RandomFlip()\nx = x.map(lambda p, t: (r(p), t))", RAW),
    (FOLDER + "x = x.map(lambda p, t: (tf.image.per_image_standardization(p), t))", ("pixels", -inf, inf)),
    (FOLDER + "x = x.map(lambda p, t: (tf.image.convert_image_dtype(p, tf.float32), t))", NOTHING),
    (FOLDER + "x = x.map(prepare)", NOTHING),
    ("import tensorflow_datasets as tfds\nx = tfds.load('mnist', split='train', as_supervised=True)", RAW),
    ("import tensorflow_datasets as tfds\nx = tfds.load('imdb_reviews', split='train', as_supervised=True)", NOTHING),
    ("import tensorflow_datasets as tfds\nx = tfds.load('mnist', split='train')", NOTHING),
    (
        "import tensorflow_datasets as tfds\n(x, v), info = tfds.load(\n    'tf_flowers:3.*.*', split=['a', 'b'], "
        "as_supervised=True, with_info=True\n)\nx = x.map(lambda p, t: (tf.cast(p, tf.float32) / 255., t))",
        UNIT,
    ),
    (FOLDER + "x = x.apply(prepare)", NOTHING),
    ("x = keras.utils.text_dataset_from_directory('d')", NOTHING),
    ("x = keras.utils.image_dataset_from_directory('d', label_mode=None)", RAW),
    ("x, v = keras.utils.image_dataset_from_directory('d', subset='both')", RAW),
    ("x = ImageDataGenerator().flow_from_directory('d')", RAW),
    ("x = ImageDataGenerator(rescale=1. / 255).flow_from_directory('d')", UNIT),
    ("x = ImageDataGenerator(rescale=1. / 255, zoom_range=0.2).flow_from_dataframe(table)", UNIT),
    ("x = ImageDataGenerator(preprocessing_function=prepare).flow_from_directory('d')", ("pixels", None, None)),
    ("x = ImageDataGenerator(featurewise_center=True).flow_from_directory('d')", ("pixels", None, None)),
    (MNIST + "x = ImageDataGenerator(horizontal_flip=True).flow(x, y)", RAW),
    (MNIST + "x = ImageDataGenerator(rescale=1 / 255).flow(x, y)", UNIT),
    (MNIST + "x = ImageDataGenerator(samplewise_center=True).flow(x, y)", NOTHING),
    (MNIST + "x = ImageDataGenerator(**options).flow(x, y)", NOTHING),
    (MNIST + "x = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)", RAW),
    (
        "def read(path, label):\n    p = tf.io.decode_jpeg(tf.io.read_file(path))\n"
        "    return tf.image.resize(p, (8, 8)), label\n\n"
        "x = tf.data.Dataset.from_tensor_slices((paths, labels)).map(read).batch(8)",
        RAW,
    ),
]

FILES = [
    ("cv2.imread(p)", RAW),
    ("cv2.resize(cv2.cvtColor(cv2.imread(p), cv2.COLOR_BGR2RGB), (8, 8))", RAW),
    ("cv2.imread(p) / 255.", UNIT),
    ("np.array(Image.open(p).convert('L').resize((8, 8)))", RAW),
    ("keras.utils.img_to_array(keras.utils.load_img(p))", RAW),
    ("keras.preprocessing.image.img_to_array(keras.preprocessing.image.load_img(p)) / 255", UNIT),
    ("plt.imread(p)", NOTHING),
    ("prepare(cv2.imread(p))", NOTHING),
]


@pytest.mark.parametrize(("text", "expected"), ARRAYS, ids=[text for text, _ in ARRAYS])
def test_arrays(text: str, expected: tuple[Any, ...]) -> None:
    assert known(inputs(f"{MNIST}{text}\n{MODEL}model.fit(x, y)\n")) == expected


@pytest.mark.parametrize(("text", "expected"), BATCHES, ids=[text for text, _ in BATCHES])
def test_batches(text: str, expected: tuple[Any, ...]) -> None:
    assert known(inputs(f"{text}\n{MODEL}model.fit(x)\n")) == expected


@pytest.mark.parametrize(("read", "expected"), FILES, ids=[read for read, _ in FILES])
def test_pictures_read_one_by_one(read: str, expected: tuple[Any, ...]) -> None:
    text = f"x = []\nfor p in os.listdir('d'):\n    x.append({read})\nx = np.array(x)\n"
    assert known(inputs(f"{text}{MODEL}model.fit(x, y)\n")) == expected


def test_a_mask_is_read_like_a_picture_but_may_hold_anything() -> None:
    text = f"x = cv2.imread(p)\nmask = cv2.imread(q, 0)\n{MODEL}model.fit(x, mask)\n"
    [model] = program(text).models
    assert model.trainings[0].labels is None
    assert known(model.trainings[0].inputs) == RAW


def test_all_that_is_fitted_must_agree() -> None:
    assert known(inputs(f"{MNIST}{MODEL}model.fit(x, y)\nmodel.fit(a, b)")) == RAW
    assert known(inputs(f"{MNIST}{MODEL}model.fit(x, y)\nmodel.fit(a / 255, b)")) == ("pixels", 0, None)
    assert known(inputs(f"{MNIST}{MODEL}model.fit(x, y)\nmodel.fit(prepare(a), b)")) == NOTHING
    assert known(inputs(f"{MNIST}{MODEL}model.fit(x, y)\nmodel.evaluate(a / 255, b)")) == RAW
    assert known(inputs(f"{MNIST}{MODEL}model.fit([x, a], y)")) == NOTHING


# -- the first layer ---------------------------------------------------------------------------------------------------

BODIES = [
    ("layers.Conv2D(8, 3, activation='relu')", ("Conv2D", "relu")),
    ("layers.Flatten(), layers.Dense(8)", ("Dense", "linear")),
    ("layers.RandomFlip(), layers.Resizing(9, 9), layers.Dropout(0.1), layers.Conv2D(8, 3)", ("Conv2D", "linear")),
    ("layers.ZeroPadding2D(), layers.MaxPooling2D(), layers.Conv2D(8, 3)", ("Conv2D", "linear")),
    ("layers.Rescaling(1 / 255), layers.Conv2D(8, 3)", ("Rescaling", None)),
    ("Sequential([layers.RandomFlip(), layers.Rescaling(1 / 255)]), layers.Conv2D(8, 3)", ("Rescaling", None)),
    ("Sequential([layers.RandomFlip()]), layers.Conv2D(8, 3)", ("Conv2D", "linear")),
    ("layers.BatchNormalization(), layers.Conv2D(8, 3)", ("BatchNormalization", None)),
    ("layers.Conv2D(8, 3), layers.BatchNormalization(), layers.ReLU()", ("BatchNormalization", None)),
    ("layers.Conv2D(8, 3), layers.ReLU(), layers.LayerNormalization()", ("LayerNormalization", None)),
    ("layers.Conv2D(8, 3, activation='tanh'), layers.BatchNormalization()", ("Conv2D", "tanh")),
    ("layers.Conv2D(8, 3), layers.Conv2D(8, 3), layers.BatchNormalization()", ("Conv2D", "linear")),
    ("layers.TimeDistributed(layers.Conv2D(8, 3, activation='relu'))", ("Conv2D", "relu")),
    ("layers.Normalization(mean=0.0, variance=1.0), layers.Dense(8)", ("Normalization", None)),
    ("keras.applications.EfficientNetB0(include_top=False), layers.Dense(8)", ("EfficientNetB0", None)),
    ("layers.Lambda(lambda p: p / 255), layers.Conv2D(8, 3)", (None, None)),
    ("layers.Lambda(prepare), layers.Conv2D(8, 3)", (None, None)),
    ("prepare, layers.Conv2D(8, 3)", (None, None)),
    ("layers.RandAugment((0, 1)), layers.Conv2D(8, 3)", (None, None)),
]


@pytest.mark.parametrize(("body", "expected"), BODIES, ids=[body for body, _ in BODIES])
@pytest.mark.parametrize("written", ["list", "add", "functional"])
def test_the_first_layer(body: str, expected: tuple[str | None, str | None], written: str) -> None:
    made = {
        "list": f"model = Sequential([Input((9, 9, 3)), {body}, layers.Dense(4)])\n",
        "add": f"model = Sequential()\nfor one in ({body}, layers.Dense(4)):\n    model.add(one)\n",
        "functional": f"t = i = Input((9, 9, 3))\nfor one in ({body}, layers.Dense(4)):\n    t = one(t)\n"
        "model = Model(i, t)\n",
    }[written]
    found = inputs(f"{MNIST}{made}model.compile('adam', 'mse')\nmodel.fit(x, y)")
    assert found is not None
    assert tuple(fact.value if fact else None for fact in (found.first, found.activation)) == expected


def first(text: str) -> str | None:
    found = inputs(f"{MNIST}{text}model.compile('adam', 'mse')\nmodel.fit(x, y)")
    return found.first.value if found is not None and found.first is not None else None


def test_every_way_from_the_input_counts() -> None:
    begin = "i = Input((9, 9, 3))\nraw = layers.Conv2D(4, 3)(i)\n"
    assert first(f"{begin}model = Model(i, layers.Add()([raw, layers.Conv2D(4, 3)(i)]))\n") == "Conv2D"
    assert first(f"{begin}model = Model(i, layers.Add()([raw, layers.BatchNormalization()(i)]))\n") != "Conv2D"
    assert first(f"{begin}model = Model(i, layers.Add()([raw, prepare(i)]))\n") is None
    assert first(f"{begin}j = Input((9,))\nmodel = Model([i, j], layers.Add()([raw, layers.Dense(4)(j)]))\n") is None


def test_what_a_subclass_does_first() -> None:
    head = "class Own(Model):\n    def __init__(self):\n        super().__init__()\n        self.d = layers.Dense(4)\n"
    assert first(f"{head}    def call(self, p):\n        return self.d(p)\nmodel = Own()\n") == "Dense"
    assert first(f"{head}    def call(self, p):\n        return self.d(p / 255)\nmodel = Own()\n") is None


def test_networks_that_scale_inside_are_told_by_name() -> None:
    names = {spec.name for spec in applications.SPECS if spec.rescales}
    assert {"EfficientNetB0", "EfficientNetV2S", "ConvNeXtTiny", "MobileNetV3Small"} <= names


def test_applications_that_rescale_have_a_layer_for_it() -> None:
    """What the catalogue says of four networks, asked of Keras."""
    keras = pytest.importorskip("keras")
    scaling = (keras.layers.Rescaling, keras.layers.Normalization)
    for name in ("EfficientNetB0", "MobileNetV3Small", "MobileNetV2", "VGG16"):
        model = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(64, 64, 3))
        spec = applications.by_name(name)
        assert spec is not None
        assert any(isinstance(layer, scaling) for layer in model.layers) == spec.rescales


@pytest.mark.parametrize("dotted", sorted(pictures.KEEPING | pictures.STANDARDISING | pictures.UNIT | pictures.READERS))
def test_names_of_picture_functions(dotted: str) -> None:
    top, _, rest = dotted.partition(".")
    if top not in ("keras", "tensorflow"):
        return
    one: Any = pytest.importorskip(top)
    for part in rest.split("."):
        one = getattr(one, part)
    assert callable(one)


def test_functions_that_keep_the_range_of_pixels() -> None:
    tf = pytest.importorskip("tensorflow")
    import numpy as np

    given = tf.constant(np.random.default_rng(0).uniform(0, 255, (8, 8, 3)).astype("float32"))
    calls = {
        "adjust_hue": (0.1,),
        "adjust_saturation": (2.0,),
        "central_crop": (0.5,),
        "resize_with_crop_or_pad": (12, 12),
        "resize_with_pad": (12, 12),
        "rot90": (),
        "flip_left_right": (),
        "rgb_to_grayscale": (),
    }
    for name, arguments in calls.items():
        assert f"tensorflow.image.{name}" in pictures.KEEPING
        made = getattr(tf.image, name)(given, *arguments).numpy()
        assert -1e-3 <= made.min() <= made.max() <= 255.01, name


# -- validation data ---------------------------------------------------------------------------------------------------

REPEATED = [
    "model.fit(x, y, validation_data=(x, y))",
    "model.fit(x=x, y=y, validation_data=[x, y])",
    "held = (x, y)\nmodel.fit(x, y, validation_data=held)",
    "v = np.array(x)\nmodel.fit(x, y, validation_data=(v, y))",
    "model.fit(x, x, validation_data=(x, x))",
    "d = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)\nmodel.fit(d, validation_data=d)",
    "d = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)\nmodel.fit(x, y, validation_data=d)",
    "d = keras.utils.image_dataset_from_directory('d')\nmodel.fit(d, validation_data=d)",
    "g = ImageDataGenerator().flow_from_directory('d')\nmodel.fit_generator(g, validation_data=g)",
    "model.fit(ImageDataGenerator().flow(x, y), validation_data=(x, y))",
    "def run(p, q, v):\n    model.fit(p, q, validation_data=v)\n\nrun(x, y, (x, y))",
    "model.fit([x, a], y, validation_data=([x, a], y))",
]
OTHER = [
    "model.fit(x, y)",
    "model.fit(x, y, validation_split=0.2)",
    "model.fit(x, y, validation_data=None)",
    "model.fit(x, y, validation_data=(a, b))",
    "model.fit(x, y, validation_data=(a, y))",
    "model.fit(x, y, validation_data=(x, b))",
    "model.fit(x[:9], y[:9], validation_data=(x[9:], y[9:]))",
    "p, q, r, s = train_test_split(x, y)\nmodel.fit(p, r, validation_data=(q, s))",
    "p, q, r, s = train_test_split(given, other)\nmodel.fit(p, r, validation_data=(q, s))",
    "p, q = np.split(x, [9])\nr, s = np.split(y, [9])\nmodel.fit(p, r, validation_data=(q, s))",
    "p, q = np.array_split(x, 2)\nr, s = np.array_split(y, 2)\nmodel.fit(p, r, validation_data=(q, s))",
    "d = tf.data.Dataset.from_tensor_slices((x, y))\nmodel.fit(d.skip(9), validation_data=d.take(9))",
    "d = tf.data.Dataset.from_tensor_slices((x, y))\nmodel.fit(d.shard(2, 0), validation_data=d.shard(2, 1))",
    "d, v = keras.utils.image_dataset_from_directory('d', subset='both')\nmodel.fit(d, validation_data=v)",
    "g = ImageDataGenerator()\nd = g.flow(x, y, subset='training')\n"
    "model.fit(d, validation_data=g.flow(x, y, subset='validation'))",
    "g = make()\nmodel.fit(g, validation_data=g)",
    "d = np.random.rand(9, 4)\nmodel.fit(d, y, validation_data=(d, y))",
    "d = np.array([[0, 0], [0, 1]])\nmodel.fit(d, y, validation_data=(d, y))",
    "d = np.ones((9, 4))\nmodel.fit(d, y, validation_data=(d, y))",
    "p, q = (a, b) if given else (x, y)\nmodel.fit(x, y, validation_data=(p, q))",
    "def run(p, q, v):\n    model.fit(p, q, validation_data=v)\n\nrun(x, y, (x, y))\nrun(x, y, (a, b))",
    "d = iter(keras.utils.image_dataset_from_directory('d'))\np, q = next(d)\nr, s = next(d)\n"
    "model.fit(p, q, validation_data=(r, s))",
    "import tensorflow_datasets as tfds\nd, v = tfds.load('mnist', split=['train', 'test'], as_supervised=True)\n"
    "model.fit(d.batch(8), validation_data=v.batch(8))",
    "import tensorflow_datasets as tfds\nd = tfds.load('mnist', as_supervised=True)\n"
    "model.fit(d['train'], validation_data=d['test'])",
    "d = tf.random.normal((9, 4))\nmodel.fit(d, y, validation_data=(d, y))",
    "model.fit(x, y)\nmodel.evaluate(x, y)",
]


@pytest.mark.parametrize("call", REPEATED)
def test_validation_data_that_repeat_the_training_data(call: str) -> None:
    [found] = program(f"{MNIST}{MODEL}{call}\n").validations
    assert found.repeats.value


@pytest.mark.parametrize("call", OTHER)
def test_other_validation_data(call: str) -> None:
    assert program(f"{MNIST}{MODEL}{call}\n").validations == ()


def test_arrays_that_nothing_is_known_of_may_repeat_too() -> None:
    text = "x, y = np.load('x.npy'), np.load('y.npy')\n"
    assert program(f"{text}{MODEL}model.fit(x, y, validation_data=(x, y))").validations
    assert not program(f"{text}{MODEL}model.fit(x, y, validation_data=(np.load('x.npy'), y))").validations


# -- class ids ---------------------------------------------------------------------------------------------------------

IDS = [
    ("y = y / 255", "scaled-class-ids"),
    ("y = y / 9", "scaled-class-ids"),
    ("y = y * (1 / 255)", "scaled-class-ids"),
    ("y = keras.utils.to_categorical(y / 255, 10)", "scaled-class-ids"),
    ("y = StandardScaler().fit_transform(y)", "scaled-class-ids"),
    ("y = MinMaxScaler().fit_transform(y)", "scaled-class-ids"),
    ("y = (y - y.mean()) / y.std()", "scaled-class-ids"),
    ("y = y / 1", None),
    ("y = y - 1", None),
    ("y = y * 2", None),
    ("y = y // 2", None),
    ("y = (y > 4) * 0.9", None),
    ("y = MinMaxScaler().fit_transform(y > 4)", "class-ids"),
    ("y = x / 255", "continuous"),
]


@pytest.mark.parametrize(("text", "expected"), IDS, ids=[text for text, _ in IDS])
def test_class_ids_that_are_calculated_with(text: str, expected: str | None) -> None:
    [model] = program(f"{MNIST}{text}\n{MODEL}model.fit(x, y)").models
    [training] = model.trainings
    encoding = training.labels.encoding if training.labels is not None else None
    assert (encoding.value if encoding is not None else None) == expected


# -- told --------------------------------------------------------------------------------------------------------------


def test_inputs_and_validation_travel() -> None:
    found = program(f"{MNIST}{MODEL}model.fit(x, y, validation_data=(x, y))")
    assert from_json(to_json(found)) == found
    told = to_json(found)
    assert told["models"][0]["trainings"][0]["inputs"]["first"]["value"] == "Dense"
    assert told["validations"][0]["repeats"]["value"] is True

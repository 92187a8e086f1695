"""What small programs train towards: encodings, scalings, literals, data sets, generators, arithmetic.

Each row makes `y`, which is then given to `fit`. What a program does not say is not known: a name proves nothing, and
neither does a file that is read.
"""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from keraslint.model import Labels
from keraslint.source import Source
from keraslint.static import recover
from keraslint.static.catalog import datasets, encoders

IMPORTS = """\
import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import Input, Model, Sequential, layers
from keras.utils import to_categorical
from sklearn import preprocessing
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler

model = Sequential([layers.Dense(1)])
model.compile("adam", "mse")
"""

NOTHING = (None, None, None, None, None)


def labels(program: str) -> Labels | None:
    """The labels of the one training of a program."""
    text = IMPORTS + program
    [model] = recover(Source.from_bytes("train.py", text.encode())).models
    [training] = model.trainings
    return training.labels


def known(found: Labels | None) -> tuple[Any, ...]:
    """Encoding, classes, low, high, exclusive."""
    if found is None:
        return NOTHING
    facts = (found.encoding, found.classes, found.low, found.high, found.exclusive)
    return tuple(fact.value if fact is not None else None for fact in facts)


def one_hot(classes: int | None = None) -> tuple[Any, ...]:
    return "one-hot", classes, 0, 1, True


def ids(classes: int | None = None) -> tuple[Any, ...]:
    return "class-ids", classes, 0, classes - 1 if classes else None, True


def real(low: float, high: float) -> tuple[Any, ...]:
    return "continuous", None, low, high, None


def between(low: float, high: float) -> tuple[Any, ...]:
    return None, None, low, high, None


MULTI = ("multi-label", None, 0, 1, False)
ZERO_OR_ONE = ("class-ids", 2, 0, 1, None)
ANY = real(-inf, inf)

ENCODINGS = [
    ("y = to_categorical(given)", one_hot()),
    ("y = to_categorical(given, 10)", one_hot(10)),
    ("y = to_categorical(given, num_classes=10)", one_hot(10)),
    ("y = keras.utils.to_categorical(y=given, nb_classes=10)", one_hot(10)),
    ("N = 4\ny = tf.keras.utils.to_categorical(given, N + 1)", one_hot(5)),
    ("y = tf.one_hot(given, 7)", one_hot(7)),
    ("y = tf.one_hot(indices=given, depth=7)", one_hot(7)),
    ("y = keras.ops.one_hot(given, 7)", one_hot(7)),
    ("y = np.eye(5)[given]", one_hot(5)),
    ("y = np.eye(len(names))[given]", one_hot()),
    ("y = np.identity(5)[given]", one_hot(5)),
    ("y = to_categorical(LabelEncoder().fit_transform(given))", one_hot()),
    ("(_, t), _ = keras.datasets.mnist.load_data()\ny = to_categorical(t)", one_hot(10)),
    ("y = pd.get_dummies(given)", one_hot()),
    ("y = pd.get_dummies(given).values", one_hot()),
    ("y = pd.get_dummies(given, drop_first=True)", NOTHING),
    ("y = pd.get_dummies(given, columns=['a', 'b'])", NOTHING),
    # taken apart, sorted, copied: what is known stays
    ("y = to_categorical(given, 3).astype('float32')", one_hot(3)),
    ("y = to_categorical(given, 3)[:100]", one_hot(3)),
    ("y = np.array(to_categorical(given, 3))", one_hot(3)),
    ("y = np.concatenate([to_categorical(a, 3), to_categorical(b, 3)])", one_hot(3)),
    ("y = np.concatenate([to_categorical(a, 3), to_categorical(b, 4)])", one_hot()),
    ("y = np.concatenate([to_categorical(a, 3), given])", NOTHING),
    ("_, y = train_test_split(to_categorical(given, 3), test_size=0.2)", one_hot(3)),
    ("a, b, y, c = train_test_split(x, to_categorical(given, 3))", one_hot(3)),
    ("y = tf.convert_to_tensor(to_categorical(given, 3))", one_hot(3)),
    # something else
    ("y = to_categorical(given, 3)[:, 1]", (None, None, 0, 1, None)),
    ("y = to_categorical(given, 3)[:, 1:]", (None, None, 0, 1, None)),
    ("y = np.argmax(to_categorical(given, 3), axis=1)", ids(3)),
    ("y = to_categorical(given, 3).argmax(axis=-1)", ids(3)),
    ("y = np.argmax(given, axis=1)", NOTHING),
    ("y = to_categorical(given, 3).apply(other)", NOTHING),
    ("y = own.to_categorical(given, 3)", NOTHING),
    ("y = given", NOTHING),
    ("y = pd.read_csv('train.csv')['label']", NOTHING),
    ("y = np.load('labels.npy')", NOTHING),
    ("labels_one_hot = np.load('labels.npy')\ny = labels_one_hot", NOTHING),
]

SKLEARN = [
    ("y = OneHotEncoder().fit_transform(given)", one_hot()),
    ("y = OneHotEncoder(sparse_output=False).fit_transform(given).toarray()", one_hot()),
    ("y = LabelEncoder().fit_transform(given)", ids()),
    ("e = LabelEncoder()\ne.fit(given)\ny = e.transform(given)", ids()),
    ("y = LabelEncoder().fit(given).transform(given)", ids()),
    ("y = preprocessing.LabelBinarizer().fit_transform(given)", (None, None, 0, 1, True)),
    ("y = preprocessing.MultiLabelBinarizer().fit_transform(given)", MULTI),
    ("y = preprocessing.OrdinalEncoder().fit_transform(given)", NOTHING),
    ("y = StandardScaler().fit_transform(given)", ANY),
    ("s = StandardScaler()\ny = s.fit_transform(given.reshape(-1, 1))", ANY),
    ("y = preprocessing.RobustScaler().fit_transform(given)", ANY),
    ("y = preprocessing.PowerTransformer().fit_transform(given)", ANY),
    ("y = preprocessing.QuantileTransformer().fit_transform(given)", real(0, 1)),
    ("y = preprocessing.QuantileTransformer(output_distribution='normal').fit_transform(given)", ANY),
    ("y = preprocessing.QuantileTransformer(output_distribution=how).fit_transform(given)", NOTHING),
    ("y = preprocessing.MaxAbsScaler().fit_transform(given)", real(-1, 1)),
    ("y = MinMaxScaler().fit_transform(given)", real(0, 1)),
    ("y = MinMaxScaler(feature_range=(-1, 1)).fit_transform(given)", real(-1, 1)),
    ("y = MinMaxScaler((-1, 1)).fit_transform(given)", real(-1, 1)),
    ("y = MinMaxScaler(feature_range=how).fit_transform(given)", NOTHING),
    ("s = MinMaxScaler()\ny = s.inverse_transform(given)", NOTHING),
    ("from sklearn.pipeline import make_pipeline\ny = make_pipeline(StandardScaler()).fit_transform(given)", NOTHING),
]

LITERALS = [
    ("y = np.array([0, 1, 1, 0])", ZERO_OR_ONE),
    ("y = np.array([[0], [1], [1], [0]])", ZERO_OR_ONE),
    ("y = [0, 1, 1, 0]", ZERO_OR_ONE),
    ("y = np.array([0, 1, 2])", between(0, 2)),
    ("y = np.array([1.5, 2.5])", real(1.5, 2.5)),
    ("y = np.array([-1, 1])", between(-1, 1)),
    ("y = np.array([[1, 0, 0], [0, 0, 1]])", ("one-hot", 3, 0, 1, True)),
    ("y = np.array([[1, 1, 0], [0, 0, 1]])", MULTI),
    ("y = np.array([[1, 0], [0]])", between(0, 1)),
    ("y = tf.constant([[1.0], [2.5]])", real(1, 2.5)),
    ("y = np.array([0, 1, given])", NOTHING),
    ("y = np.array([0, 1] + given)", NOTHING),
    ("y = np.array(['a', 'b'])", NOTHING),
    ("y = np.array([])", NOTHING),
    ("y = np.array([[]])", NOTHING),
]

FILLED = [
    ("y = np.zeros(10)", between(0, 0)),
    ("y = np.ones((10, 1))", between(1, 1)),
    ("y = np.full(10, 3.5)", between(3.5, 3.5)),
    ("y = np.full(10, given)", NOTHING),
    ("y = np.zeros(10)\ny[:5] = 1", between(0, 1)),
    ("y = np.zeros((10, 3))\ny[0, 1] = 4\ny[1, 1] = -2", between(-2, 4)),
    ("y = np.zeros(10)\ny[:5] = given", NOTHING),
    ("y = np.zeros(10)\nfor i in range(10):\n    y[i] = i % 2", between(0, 1)),
    ("y = np.zeros(1000)\nfor i in range(1000):\n    y[i] = i", NOTHING),
    ("y = np.zeros(1000)\nfor i in range(1000):\n    y[i] = 0 if i < 500 else 1", between(0, 1)),
    ("y = np.zeros(1000)\nfor i in range(1000):\n    y[i] = given[i]", NOTHING),
    ("y = np.zeros(1000)\nfor i, one in enumerate(names):\n    y[i] = i", NOTHING),
    ("y = np.zeros(1000)\nfor i, one in enumerate(names):\n    y[i] = 1 if 'cat' in one else 0", between(0, 1)),
    ("y = np.zeros(1000)\nfor i, one in enumerate(names):\n    if one == 'cat':\n        y[i] = 2", between(0, 2)),
    ("y = np.zeros(1000)\nk = 0\nfor one in names:\n    k += 1\n    y[k] = k", NOTHING),
    ("y = np.zeros(1000)\ndef put(i, v):\n    y[i] = v\n\nput(0, 1)\nput(1, 5)", between(0, 5)),
    ("y = np.zeros(10)\nfor i in range(10):\n    y[i] = 2", between(0, 2)),
    ("y = np.zeros(10)\nif flag:\n    y[0] = 5\ny[1] = 1", between(0, 5)),
    ("y = np.zeros(10)\nif flag:\n    y[0] = 5\nelse:\n    y[0] = 7\ny[1] = 1", between(0, 7)),
    ("y = np.zeros(10)\nif flag:\n    y[0] = 5\nelse:\n    y[0] = given\ny[1] = 1", NOTHING),
    ("y = np.zeros(10)\ny[:] = to_categorical(given, 3)", ("one-hot", None, 0, 1, None)),
    ("y = np.empty(10)", NOTHING),
    ("y = np.empty(10)\ny[:] = 7", between(7, 7)),
    ("y = np.concatenate([np.zeros(10), np.ones(10)])", between(0, 1)),
    ("y = np.zeros(10)\nz = y + 1\ny[0] = 9\ny = z", between(1, 1)),
    ("y = np.zeros(10, dtype='U3')", NOTHING),
]

RANDOM = [
    ("y = np.random.rand(100, 3)", between(0, 1)),
    ("y = np.random.random((100, 3))", between(0, 1)),
    ("y = np.random.random(size=(100, 3))", between(0, 1)),
    ("y = np.random.uniform(-1, 1, 100)", between(-1, 1)),
    ("y = np.random.uniform(low=-1, high=given)", NOTHING),
    ("y = np.random.uniform(size=10)", between(0, 1)),
    ("y = np.random.randn(100)", ANY),
    ("y = np.random.normal(5.0, 2.0, size=100)", ANY),
    ("y = np.random.randint(10, size=100)", between(0, 9)),
    ("y = np.random.randint(0, 2, 100)", between(0, 1)),
    ("y = np.random.randint(1, 11, (100, 1))", between(1, 10)),
    ("y = np.random.randint(0, 2, (100, 5))", MULTI),
    ("y = np.random.randint(2, size=(100, 5))", MULTI),
    ("y = np.random.randint(given, size=100)", NOTHING),
    ("rng = np.random.default_rng(0)\ny = rng.random((100, 3))", between(0, 1)),
    ("rng = np.random.default_rng(0)\ny = rng.integers(0, 10, 100)", between(0, 9)),
    ("rng = np.random.default_rng(0)\ny = rng.integers(0, 10, 100, endpoint=True)", between(0, 10)),
    ("rng = np.random.default_rng(0)\ny = rng.integers(0, 10, 100, endpoint=given)", NOTHING),
    ("rng = np.random.default_rng(0)\ny = rng.standard_normal(100)", ANY),
    ("rng = np.random.RandomState(0)\ny = rng.randint(0, 10, 100)", between(0, 9)),
]

ARITHMETIC = [
    ("y = given / 255", real(0, 1)),
    ("y = given / 255.0", real(0, 1)),
    ("y = given.astype('float32') / 255", real(0, 1)),
    ("y = given / 100", NOTHING),
    ("y = given * 255", NOTHING),
    ("y = given / 127.5 - 1", NOTHING),
    ("(y, _), _ = keras.datasets.mnist.load_data()", between(0, 255)),
    ("(y, _), _ = keras.datasets.mnist.load_data()\ny = y / 255", real(0, 1)),
    ("(y, _), _ = keras.datasets.mnist.load_data()\ny = (y - 127.5) / 127.5", real(-1, 1)),
    ("(y, _), _ = keras.datasets.mnist.load_data()\ny /= 255", real(0, 1)),
    ("y = np.random.rand(10) * 10 - 5", between(-5, 5)),
    ("y = 1 - np.random.rand(10)", between(0, 1)),
    ("y = -np.random.rand(10)", between(-1, 0)),
    ("y = np.random.randn(10) * 0", NOTHING),
    ("y = np.random.rand(10) * given", NOTHING),
    ("y = np.random.rand(10) / 0", NOTHING),
    ("y = to_categorical(given, 3) * 2", between(0, 2)),
    ("y = StandardScaler().fit_transform(given) * 2 + 1", ANY),
    ("y = np.random.rand(10)\ny = (y - y.mean()) / y.std()", ANY),
    ("y = np.random.rand(10)\ny = y / y.max()", real(0, 1)),
    ("y = np.random.randn(10)\ny = (y - y.min()) / (y.max() - y.min())", real(0, 1)),
    ("y = (given - low) / (high - low)", real(0, 1)),
    ("y = (given - low) / (high - other)", NOTHING),
    ("y = np.clip(given, 0, 9)", between(0, 9)),
    ("y = np.clip(np.random.randn(10), -3, 3)", real(-3, 3)),
    ("y = np.clip(given, 0, 1)", real(0, 1)),
    ("y = np.clip(given, a_min=-1, a_max=1)", real(-1, 1)),
    ("y = np.clip(given, 0, None)", NOTHING),
    ("y = np.clip(given, low, high)", NOTHING),
    ("y = np.sin(given)", real(-1, 1)),
    ("y = 5 * np.sin(given)", real(-5, 5)),
    ("(_, y), _ = keras.datasets.mnist.load_data()\ny = y == 3", ZERO_OR_ONE),
    ("(_, y), _ = keras.datasets.mnist.load_data()\ny = (y > 4).astype(int)", ZERO_OR_ONE),
    ("(_, y), _ = keras.datasets.mnist.load_data()\ny = y % 2", NOTHING),
    ("(_, y), _ = keras.datasets.mnist.load_data()\ny = y + 1", between(1, 10)),
    ("y = np.random.rand(10, 3) > 0.5", MULTI),
    ("y = given > 0.5", NOTHING),
    ("y = given == 'spam'", NOTHING),
]

SIGNED = [
    ("y = np.where(given > 0, 1, -1)", between(-1, 1)),
    ("y = np.where(given > 0, given, 0)", NOTHING),
    ("y = np.array([1 if one else -1 for one in given])", between(-1, 1)),
    ("y = np.array([1 if one else 2 for one in given])", NOTHING),
    ("y = np.random.choice([-1, 1], 100)", between(-1, 1)),
    ("y = df['close'].pct_change().dropna()", ANY),
    ("y = np.load('y.npy')\ny = (y - y.mean()) / y.std()", ANY),
    ("y = np.load('y.npy')\ny -= y.mean(axis=0)\ny /= y.std(axis=0)", ANY),
    ("y = np.load('y.npy')\ny = (y - np.mean(y)) / np.std(y)", ANY),
    ("y = (given - other.mean()) / given.std()", NOTHING),
    ("y = preprocessing.scale(given)", ANY),
    ("y = np.linspace(-3, 3, 100)", real(-3, 3)),
    ("y = np.sin(given) + 0.5 * np.sin(other)", real(-1.5, 1.5)),
    ("y = tf.random.normal((100, 1))", ANY),
]
"""Values on both sides of zero."""

WHOLE = [
    ("y = StandardScaler().fit_transform(given).astype(int)", between(-inf, inf)),
    ("y = np.round(5 * np.sin(given))", between(-5, 5)),
    ("y = np.random.randn(10).astype('float32')", ANY),
]

DIGITS = "(_, y), _ = keras.datasets.mnist.load_data()\n"
SOME_ROWS = [
    # which classes are left is not known
    (DIGITS + "y = y[y < 2]", ("class-ids", None, None, None, True)),
    (DIGITS + "y = y[np.where(y < 2)]", ("class-ids", None, 0, None, True)),
    (DIGITS + "y = y[np.isin(y, [0, 1])]", ("class-ids", None, 0, None, True)),
    (DIGITS + "y = (y + 1)[np.isin(y, [0, 1])]", (None, None, 1, None, None)),
    # all of them, in another order
    (DIGITS + "y = y[np.random.permutation(len(y))]", ids(10)),
    (DIGITS + "y = y[np.argsort(given)]", ids(10)),
    (DIGITS + "y = to_categorical(y)[given]", one_hot(10)),
]

REPLACED = [
    (DIGITS + "y[y != 5] = 0\ny[y == 5] = 1", NOTHING),
    (DIGITS + "y[y > 1] = 1", NOTHING),
    (DIGITS + "y[y == 0] = 10", (None, None, None, 10, None)),
    (DIGITS + "y[:100] = given", NOTHING),
    ("(_, y), _ = keras.datasets.imdb.load_data()\ny[y == 0] = -1", (None, None, -1, None, None)),
    ("y = np.load('y.npy')\ny[y == 0] = -1", (None, None, -1, None, None)),
    ("y = np.load('y.npy')\ny[y == -1] = 0", NOTHING),
    ("y = np.load('y.npy')\ny[other == 0] = -1", NOTHING),
]

KNOWN_SETS = [
    ("(x, y), (a, b) = keras.datasets.mnist.load_data()", ids(10)),
    ("(x, y), _ = tf.keras.datasets.cifar10.load_data()", ids(10)),
    ("(x, y), _ = keras.datasets.cifar100.load_data()", ids(100)),
    ("(x, y), _ = keras.datasets.cifar100.load_data(label_mode='fine')", ids(100)),
    ("(x, y), _ = keras.datasets.cifar100.load_data(label_mode='coarse')", ids(20)),
    ("(x, y), _ = keras.datasets.cifar100.load_data('coarse')", ids(20)),
    ("(x, y), _ = keras.datasets.cifar100.load_data(label_mode=given)", ("class-ids", None, 0, None, True)),
    ("(x, y), _ = keras.datasets.boston_housing.load_data()", real(5, 50)),
    ("from keras.datasets import imdb\n(x, y), _ = imdb.load_data(num_words=10000)", ids(2)),
    ("from sklearn.datasets import load_iris\nd = load_iris()\nx, y = d.data, d.target", ids(3)),
    ("from sklearn.datasets import load_iris\nd = load_iris()\nx, y = d['data'], d['target']", ids(3)),
    ("from sklearn.datasets import load_iris\nx, y = load_iris(return_X_y=True)", ids(3)),
    ("from sklearn import datasets\nx, y = datasets.load_digits(n_class=6, return_X_y=True)", ids(6)),
    ("from sklearn.datasets import make_classification\nx, y = make_classification(1000)", ids(2)),
    ("from sklearn.datasets import make_classification\nx, y = make_classification(n_classes=5)", ids(5)),
    (
        "from sklearn.datasets import make_classification\nx, y = make_classification(n_classes=given)",
        ("class-ids", None, 0, None, True),
    ),
    ("from sklearn.datasets import make_blobs\nx, y = make_blobs(100, 2, 4)", ids(4)),
    ("from sklearn.datasets import make_blobs\nx, y = make_blobs(centers=[(0, 0), (1, 1)])", ids(2)),
    ("from sklearn.datasets import make_regression\nx, y = make_regression(n_targets=3)", ANY),
    (
        "from sklearn.datasets import make_multilabel_classification as make\nx, y = make(n_classes=3)",
        ("multi-label", 3, 0, 1, False),
    ),
]

IMAGES = "g = keras.preprocessing.image.ImageDataGenerator(rescale=1 / 255)\n"
FROM_FOLDERS = [
    ("y = keras.utils.image_dataset_from_directory('data')", ids()),
    ("y = tf.keras.preprocessing.image_dataset_from_directory('data', label_mode='int')", ids()),
    ("y = keras.utils.image_dataset_from_directory('data', label_mode='categorical')", one_hot()),
    ("y = keras.utils.image_dataset_from_directory('data', 'inferred', 'categorical')", one_hot()),
    ("y = keras.utils.image_dataset_from_directory('data', label_mode='binary')", ids(2)),
    ("y = keras.utils.image_dataset_from_directory('data', label_mode=None)", NOTHING),
    ("y = keras.utils.image_dataset_from_directory('data', labels=None)", NOTHING),
    ("y = keras.utils.image_dataset_from_directory('data', label_mode=given)", NOTHING),
    ("y = keras.utils.image_dataset_from_directory('data', class_names=['a', 'b', 'c'])", ids(3)),
    (
        "y = keras.utils.image_dataset_from_directory('data', label_mode='categorical', class_names=['a', 'b'])",
        one_hot(2),
    ),
    ("y = keras.utils.text_dataset_from_directory('data', label_mode='binary')", ids(2)),
    (IMAGES + "y = g.flow_from_directory('data')", one_hot()),
    (IMAGES + "y = g.flow_from_directory('data', class_mode='sparse')", ids()),
    (IMAGES + "y = g.flow_from_directory('data', class_mode='binary')", ids(2)),
    (IMAGES + "y = g.flow_from_directory('data', (64, 64), 'rgb', ['a', 'b'], 'categorical')", one_hot(2)),
    (IMAGES + "y = g.flow_from_directory('data', class_mode='input')", between(0, 1)),
    (IMAGES + "y = g.flow_from_directory('data', class_mode=None)", NOTHING),
    (IMAGES + "y = g.flow_from_dataframe(df, class_mode='raw')", NOTHING),
    (IMAGES + "y = g.flow_from_dataframe(df, class_mode='binary')", ids(2)),
    # a column of lists gives several ones in a row
    (IMAGES + "y = g.flow_from_dataframe(df, class_mode='categorical')", between(0, 1)),
    (IMAGES + "y = g.flow(x, to_categorical(given, 3))", one_hot(3)),
]

PIPELINES = [
    ("y = tf.data.Dataset.from_tensor_slices((x, to_categorical(given, 3)))", one_hot(3)),
    ("y = tf.data.Dataset.from_tensor_slices((x, to_categorical(given, 3))).shuffle(9).batch(32)", one_hot(3)),
    ("y = tf.data.Dataset.from_tensor_slices((x, given)).map(lambda a, b: (a, tf.one_hot(b, 3)))", one_hot(3)),
    (
        "def prepare(image, label):\n    return tf.cast(image, tf.float32) / 255, tf.one_hot(label, 4)\n\n"
        "y = tf.data.Dataset.from_tensor_slices((x, given)).map(prepare, num_parallel_calls=4).batch(8).prefetch(1)",
        one_hot(4),
    ),
    (
        "a = tf.data.Dataset.from_tensor_slices(x)\nb = tf.data.Dataset.from_tensor_slices(to_categorical(given, 3))\n"
        "y = tf.data.Dataset.zip((a, b))",
        one_hot(3),
    ),
    ("y = tf.data.Dataset.from_tensor_slices((x, given))", NOTHING),
    ("y = tf.data.Dataset.from_tensor_slices((x, to_categorical(given, 3))).map(other)", NOTHING),
    ("y = tf.data.Dataset.from_tensor_slices(x)", NOTHING),
    ("y = tf.data.TFRecordDataset('a').map(parse)", NOTHING),
    ("def batches():\n    while True:\n        yield x, to_categorical(given, 3)\n\ny = batches()", one_hot(3)),
    ("import tensorflow_datasets as tfds\ny = tfds.load('mnist', split='train', as_supervised=True)", ids(10)),
    ("import tensorflow_datasets as tfds\ny = tfds.load('mnist', split='train')", NOTHING),
    ("import tensorflow_datasets as tfds\ny = tfds.load('mnist/3.0.1', as_supervised=True)['train'].batch(8)", ids(10)),
    (
        "import tensorflow_datasets as tfds\n(y, val), info = tfds.load('tf_flowers', "
        "split=['train[:80%]', 'train[80%:]'], as_supervised=True, with_info=True)",
        ids(5),
    ),
    ("y, val = keras.utils.image_dataset_from_directory('data', validation_split=0.2, subset='both')", ids()),
]

COLUMNS = [
    ("df['y'] = LabelEncoder().fit_transform(df['y'])\ny = df['y'].values", ids()),
    ("df.y = LabelEncoder().fit_transform(df.y)\ny = df.y", ids()),
    ("df['y'] = LabelEncoder().fit_transform(df['y'])\ny = df.pop('y')", ids()),
    ("df['y'] = LabelEncoder().fit_transform(df['y'])\ndf['y'] = given\ny = df['y']", NOTHING),
    ("df['y'] = LabelEncoder().fit_transform(df['y'])\ny = df['z']", NOTHING),
    ("df['y'] = LabelEncoder().fit_transform(df['y'])\ndf = clean(df)\ny = df['y']", NOTHING),
    ("y = df['y'].map({'no': 0, 'yes': 1})", ids(2)),
    ("y = df['y'].map({'a': 0, 'b': 1, 'c': 1, 'd': 2}).values", ids(3)),
    ("y = df['y'].map({'low': 1, 'high': 10})", between(1, 10)),
    ("y = df['y'].map({'no': -1, 'yes': 1})", between(-1, 1)),
    ("y = df['y'].replace({'no': -1, 'yes': 1})", between(-1, 1)),
    ("df['y'] = df['close'].pct_change()\ny = df['y']", ANY),
    ("df['y'] = df['close'].pct_change()\ndf = df.dropna()\ny = df[['y']].values", ANY),
    ("df['y'] = df['close'].pct_change()\ndf['y'] = given\ny = df['y']", NOTHING),
    ("two = df.copy()\ntwo['y'] = df['close'].pct_change()\ny = df['y']", NOTHING),
    ("y = df['y'].map({'low': 0.0, 'high': 1.5})", NOTHING),
    ("y = df['y'].map(names)", NOTHING),
    ("y = df['y'].replace({'no': 0, 'yes': 1})", ids(2)),
    ("y = df['y'].replace({0: 1})", NOTHING),
    ("y = df.replace({'no': 0, 'yes': 1})", NOTHING),
    ("y = df['y'].apply(lambda one: 1 if one == 'spam' else 0)", ids(2)),
    ("y = df['y'].apply(lambda one: one * 2)", NOTHING),
    ("y = df['y'].astype('category').cat.codes", ids()),
    ("y, names = pd.factorize(df['y'])", ids()),
    ("y = df['y'].factorize()[0]", ids()),
    ("y = (df['price'] > 100).astype(int)", ids(2)),
    ("y = (df > 100).astype(int)", NOTHING),
    ("y = df.iloc[:, 4].map({'no': 0, 'yes': 1})", ids(2)),
    ("y = (df.iloc[:, 4] == 'yes').astype(int)", ZERO_OR_ONE),
    ("y = df.iloc[:, 4].astype('category').cat.codes", ids()),
    ("_, y = np.unique(given, return_inverse=True)", ids()),
    ("y = np.where(df['price'] > 100, 1, 0)", ZERO_OR_ONE),
    ("y = np.where(df['price'] > 100, 5, 1)", between(1, 5)),
    ("y = np.where(given > 100, 1, 0)", between(0, 1)),
    ("y = np.array([1 if one == 'cat' else 0 for one in names])", ids(2)),
    ("y = np.array([names[one] for one in given])", NOTHING),
    ("y = []\nfor one in names:\n    y.append(0 if one == 'cat' else 1)\ny = np.array(y)", ids(2)),
    ("y = []\nfor i, one in enumerate(names):\n    y.append(i)\ny = np.array(y)", NOTHING),
]

SHAPES = [
    ("y = np.random.randint(0, 3, 100)", 1, None),
    ("y = np.random.randint(0, 3, (100, 1))", 2, 1),
    ("y = np.random.randint(0, 3, size=n)", None, None),
    ("y = np.zeros(len(x))", 1, None),
    ("y = np.zeros((len(x), 4))", 2, 4),
    ("y = np.zeros((n, 3))\nfor i in range(n):\n    y[i, names[i]] = 1", 2, 3),
    ("y = np.array([[[0, 1], [1, 1]]])", 3, 2),
    ("y = to_categorical(np.zeros((100, 1)), 4)", 2, 4),
    ("y = to_categorical(np.zeros(100), 4)[:50]", 2, 4),
    ("y = tf.one_hot(np.zeros((100, 1)), 4)", 3, 4),
    ("y = np.eye(4)[np.zeros(100)]", 2, 4),
    ("y = np.eye(4)[given]", None, None),
    ("y = np.zeros((100, 4))[:, 0]", 1, None),
    ("y = np.zeros((100, 4))[:, :2]", 2, 2),
    ("y = np.zeros((100, 4))[:, [0, 1]]", None, None),
    ("y = np.zeros(100)[:, None]", 2, 1),
    ("y = np.zeros(100)[:, np.newaxis]", 2, 1),
    ("y = np.zeros(100).reshape(-1, 1)", 2, 1),
    ("y = np.zeros(100).reshape((-1, 1))", 2, 1),
    ("y = np.reshape(np.zeros(100), (-1, 1))", 2, 1),
    ("y = np.expand_dims(np.zeros(100), -1)", 2, 1),
    ("y = np.expand_dims(np.zeros((100, 3)), 1)", 3, 3),
    ("y = np.zeros((100, 1)).ravel()", 1, None),
    ("y = np.zeros((100, 1)).squeeze()", 1, None),
    ("y = np.squeeze(np.zeros((100, 3, 1)))", 2, 3),
    ("y = np.concatenate([np.zeros((10, 2)), np.ones((5, 2))])", 2, 2),
    ("y = np.concatenate([np.zeros((10, 2)), np.ones((10, 3))], axis=1)", None, None),
    ("y = np.stack([np.zeros(10), np.ones(10)], axis=1)", None, None),
    ("y = np.vstack([np.zeros(10), np.ones(10)])", None, None),
    ("y = np.hstack([np.zeros(10), np.ones(10)])", 1, None),
    ("y = np.zeros((10, 1)) == np.arange(3)", None, None),
    ("y = np.zeros((10, 1)) + np.zeros((10, 3))", None, None),
    ("y = np.random.rand(10, 4).sum(axis=1)", 1, None),
    ("y = np.random.rand(10, 4).sum(axis=1, keepdims=True)", None, None),
    ("y = np.argmax(to_categorical(np.zeros(10), 3), axis=1)", 1, None),
    ("y = np.random.rand(10, 4)[np.random.permutation(10)]", 2, 4),
    ("y = np.random.rand(10, 4)[given]", None, None),
    ("y = np.array_split(np.zeros((10, 3)), 4)[1]", 2, 3),
    ("_, y = train_test_split(np.zeros((10, 3)))", 2, 3),
    ("from sklearn.datasets import make_regression\nx, y = make_regression(n_targets=3)", 2, 3),
    ("from sklearn.datasets import make_regression\nx, y = make_regression()", 1, None),
    ("y = pd.DataFrame(np.zeros(10))", 2, 1),
    ("y = df.values[:, 4]", 1, None),
    ("y = df.iloc[:, -1].values", 1, None),
    ("y = df.loc[:, ['a', 'b']]", None, None),
    ("y = given[:, 4]", None, None),
    ("y = np.loadtxt('data.csv', delimiter=',')[:, 8]", 1, None),
    ("y = np.loadtxt('data.csv', delimiter=',')", None, None),
    ("y = given.flatten()", 1, None),
    ("y = given.reshape(-1, 1)", 2, 1),
    ("y = np.array([0, given, 2])", 1, None),
    ("y = np.array([given, other])", None, None),
    ("df['y'] = LabelEncoder().fit_transform(df['y'])\ny = df[['y']]", 2, 1),
    ("y = np.unique(given, return_inverse=True)[1]", 1, None),
    ("y = StandardScaler().fit_transform(np.zeros((10, 1)))", 2, 1),
    ("y = preprocessing.LabelBinarizer().fit_transform(given)", 2, None),
    ("y = preprocessing.LabelBinarizer().fit_transform(np.array([0, 1, 1]))", 2, 1),
    ("y = tf.data.Dataset.from_tensor_slices((given, np.zeros((10, 3)))).batch(2)", 2, 3),
    ("y = keras.utils.image_dataset_from_directory('data', label_mode='binary')", 2, 1),
    ("y = keras.preprocessing.image.ImageDataGenerator().flow_from_directory('data', class_mode='binary')", 1, None),
]

BY_FIT = [
    *(*ENCODINGS, *SKLEARN, *LITERALS, *FILLED, *RANDOM, *ARITHMETIC, *KNOWN_SETS, *COLUMNS),
    *(*SIGNED, *WHOLE, *SOME_ROWS, *REPLACED),
]
BY_BATCHES = [*FROM_FOLDERS, *PIPELINES]


@pytest.mark.parametrize(("program", "expected"), BY_FIT, ids=[program for program, _ in BY_FIT])
def test_labels_given_to_fit(program: str, expected: tuple[Any, ...]) -> None:
    assert known(labels(f"{program}\nmodel.fit(x, y, epochs=3)\n")) == expected


@pytest.mark.parametrize(("program", "expected"), BY_BATCHES, ids=[program for program, _ in BY_BATCHES])
def test_labels_inside_batches(program: str, expected: tuple[Any, ...]) -> None:
    assert known(labels(f"{program}\nmodel.fit(y, epochs=3)\n")) == expected


@pytest.mark.parametrize(("program", "rank", "columns"), SHAPES, ids=[program for program, _, _ in SHAPES])
def test_shapes_of_labels(program: str, rank: int | None, columns: int | None) -> None:
    batched = "Dataset" in program or "directory" in program
    found = labels(f"{program}\nmodel.fit({'y' if batched else 'x, y'})\n")
    facts = (found.rank, found.columns) if found is not None else (None, None)
    assert tuple(fact.value if fact is not None else None for fact in facts) == (rank, columns)


LOADERS = [
    ("keras.utils.image_dataset_from_directory('data')", "label_mode", "int", False),
    ("keras.utils.image_dataset_from_directory('data', label_mode='categorical')", "label_mode", "categorical", True),
    ("keras.utils.image_dataset_from_directory('data', label_mode=how).map(scaled)", None, None, None),
    ("images.flow_from_directory('data', class_mode='sparse')", "class_mode", "sparse", True),
    ("images.flow_from_dataframe(df, class_mode='raw')", "class_mode", "raw", True),
    ("images.flow_from_directory('data', class_mode='input')", None, None, None),
    ("images.flow_from_directory('data').map(other)", None, None, None),
]


@pytest.mark.parametrize(("call", "parameter", "mode", "literal"), LOADERS)
def test_what_a_loader_was_told(call: str, parameter: str | None, mode: str | None, literal: bool | None) -> None:
    found = labels(f"images = keras.preprocessing.image.ImageDataGenerator()\nmodel.fit({call})\n")
    loader = found.loader if found is not None else None
    if parameter is None:
        assert loader is None
        return
    assert loader is not None
    assert (loader.parameter, loader.mode.value, loader.mode.literal) == (parameter, mode, literal)
    assert (loader.mode.span == loader.span) is (not literal)


CHOICES = [
    ("np.argmax(model.predict(x), axis=1)", 1),
    ("model.predict(x).argmax(axis=-1)", 1),
    ("np.argmax(model.predict(x)[0])", 1),
    ("[np.argmax(row) for row in model.predict(x)]", 1),
    ("tf.argmax(model(x), axis=1)", 1),
    ("keras.ops.argmax(model.predict(x), axis=-1)", 1),
    ("p = model.predict(x)\nnp.argmax(p[7])", 1),
    ("np.argmax(model.predict(x))", None),
    ("tf.argmax(model.predict(x))", None),
    ("np.argmax(model.predict(x), axis=0)", None),
    ("np.argmax(model.predict(x).flatten())", None),
    ("np.argmax(model.predict(x)[given])", None),
    ("np.argmax(np.concatenate([model.predict(x), model.predict(z)], axis=1), axis=1)", None),
    ("model.predict(x) > 0.5", None),
]


@pytest.mark.parametrize(("read", "choices"), CHOICES)
def test_among_how_many_numbers_an_argmax_looks(read: str, choices: int | None) -> None:
    program = "model = Sequential([Input((4,)), layers.Dense(1)])\nmodel.compile('adam', 'mse')\n"
    source = IMPORTS.partition("\nmodel")[0] + "\n" + program + read + "\n"
    [model] = recover(Source.from_bytes("train.py", source.encode())).models
    found = model.heads[0].choices
    assert (found.value if found is not None else None) == choices


CALLS = [
    "model.fit(x, y)",
    "model.fit(x=x, y=y, validation_data=(a, b))",
    "model.fit(tf.data.Dataset.from_tensor_slices((x, y)))",
    "model.train_on_batch(x, y)",
    "for _ in range(10):\n    model.train_on_batch(x, y)",
    "model.fit_generator(keras.preprocessing.image.ImageDataGenerator().flow(x, y), steps_per_epoch=10)",
    "history = model.fit(x, y)\nmodel.evaluate(x, other)",
    "def train(net, inputs, targets):\n    net.fit(inputs, targets)\n\ntrain(model, x, y)",
    "fit = model.fit\nfit(x, y)",
]


@pytest.mark.parametrize("call", CALLS)
def test_however_it_is_trained(call: str) -> None:
    assert known(labels(f"y = to_categorical(given, 3)\n{call}\n")) == one_hot(3)


def test_two_fits_must_agree() -> None:
    same = "model.fit(a, to_categorical(given, 3))\nmodel.fit(b, to_categorical(other, 3))"
    assert known(labels(same)) == one_hot(3)
    different = "model.fit(a, to_categorical(given, 3))\nmodel.fit(b, np.random.randint(5, size=9))"
    assert known(labels(different)) == (None, None, 0, 4, None)
    unknown = "model.fit(a, to_categorical(given, 3))\nmodel.fit(b, other)"
    assert known(labels(unknown)) == NOTHING


def test_without_fit_nothing_is_known() -> None:
    assert labels("y = to_categorical(given, 3)") is None


def test_labels_say_where_they_were_made() -> None:
    found = labels("y = to_categorical(given, 3)\nmodel.fit(x, y)")
    assert found
    assert found.span.line == IMPORTS.count("\n") + 1
    assert found.encoding
    assert found.encoding.span == found.span


TWO = """
x = Input((3,))
two = Model(x, [layers.Dense(3, name="kind")(x), layers.Dense(1, name="size")(x)])
two.compile("adam", "mse")
kind, size = to_categorical(given, 3), StandardScaler().fit_transform(other)
"""


@pytest.mark.parametrize("given", ["[kind, size]", "(kind, size)", "{'size': size, 'kind': kind}"])
def test_labels_of_several_outputs(given: str) -> None:
    text = f"{IMPORTS}{TWO}two.fit(x, {given})"
    found = recover(Source.from_bytes("train.py", text.encode())).models
    [two] = [model for model in found if len(model.heads) == 2]
    assert [known(each.labels) for each in two.trainings] == [one_hot(3), ANY]


def test_labels_of_a_loss_in_a_loop() -> None:
    program = """
data = tf.data.Dataset.from_tensor_slices((x, to_categorical(given, 3))).batch(8)
net = Sequential([layers.Dense(3)])
for inputs, targets in data:
    with tf.GradientTape() as tape:
        loss = keras.losses.categorical_crossentropy(targets, net(inputs), from_logits=True)
"""
    found = recover(Source.from_bytes("train.py", (IMPORTS + program).encode())).models
    [training] = [one for model in found for one in model.trainings if one.loss and one.loss.takes_logits]
    assert known(training.labels) == one_hot(3)


@pytest.mark.parametrize("spec", datasets.SPECS, ids=[spec.name for spec in datasets.SPECS])
def test_every_known_data_set(spec: datasets.LoaderSpec) -> None:
    module = spec.name.rpartition(".")[0]
    taken = {
        datasets.Form.SPLITS: "(x, y), _ = {}()",
        datasets.Form.BUNCH: "d = {}()\ny = d.target",
        datasets.Form.PAIR: "x, y = {}()",
    }[spec.form].format(spec.name)
    found = known(labels(f"import {module}\n{taken}\nmodel.fit(x, y)"))
    targets = spec.targets
    assert found[:4] == (targets.encoding, targets.classes, targets.low, targets.high)


@pytest.mark.parametrize("spec", encoders.SPECS, ids=[spec.name for spec in encoders.SPECS])
def test_every_encoder(spec: encoders.EncoderSpec) -> None:
    found = known(labels(f"y = preprocessing.{spec.name}().fit_transform(given)\nmodel.fit(x, y)"))
    assert (found[0], found[2], found[3], found[4]) == (spec.encoding, spec.low, spec.high, spec.exclusive)


ODD = [
    "model.fit()",
    "model.fit(None)",
    "model.fit(y=None)",
    "model.fit(x, [])",
    "model.fit(x, {})",
    "model.fit([[]])",
    "to_categorical()\nnp.array()\nnp.zeros()\nnp.eye()\nnp.clip()\nnp.concatenate()\nnp.random.randint()",
    "np.eye('a')[0]\nnp.full(3)\nnp.zeros(shape='x')\nnp.random.rand('a')\nnp.sin()\nnp.argmax()",
    "y = np.zeros(10)\ny[0] = y\nmodel.fit(x, y)",
    "y = np.zeros(10)\nfor _ in range(20):\n    for i in range(20):\n        y[i] = i\nmodel.fit(x, y)",
    "y = np.zeros(3, dtype='U\u00b2')\ny = np.zeros(3, dtype='<U')\ny = np.zeros(3, dtype='S0')\nmodel.fit(x, y)",
    "keras.utils.image_dataset_from_directory()\nkeras.preprocessing.image.ImageDataGenerator().flow_from_directory()",
    "keras.utils.image_dataset_from_directory('a', label_mode=['int'], class_names=5)",
    "keras.datasets.mnist.load_data(1, 2, 3)\nkeras.datasets.cifar100.load_data(label_mode=['a'])",
    "tf.data.Dataset.from_tensor_slices()\ntf.data.Dataset.zip()\ntf.data.Dataset.from_tensor_slices(()).map()",
    "OneHotEncoder().transform()\nMinMaxScaler(feature_range=()).fit_transform(given)\nMinMaxScaler(5).fit_transform()",
    "y = np.random.randn(3) * 0 - np.random.randn(3)\nmodel.fit(x, y / 1e-320)",
    "y = np.array([[1, 2], [3]]) / [1]\nmodel.fit(x, y ** 2 // 3 @ y)",
    "y = np.random.rand(3)[0][1]['a'][:, None]\nmodel.fit(x, y)",
    "y = np.array(10 ** 400 * [1])\nmodel.fit(x, y)",
    "y = np.array([10 ** 300 * 10 ** 300])\nmodel.fit(x, y * 10 ** 60)",
]


@pytest.mark.parametrize("program", ODD)
def test_odd_programs_are_read_too(program: str) -> None:
    labels(program)


def test_keys_of_which_none_is_known_have_no_range() -> None:
    program = "import keras\nimport numpy as np\nd = {}\nfor k in names:\n    d[k] = 1\nx = np.array(list(d.keys()))\n"
    assert recover(Source.from_bytes("train.py", program.encode())).models == ()

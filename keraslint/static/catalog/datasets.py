"""Data sets that everybody has: `keras.datasets` and `sklearn.datasets`, and what is in them.

Shapes count the samples as `None`. Bounds of class ids and of pixels are true for every sample; bounds of measured
data are those of the data set itself, and infinite where the numbers are drawn from an open distribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import inf
from typing import NamedTuple

CLASS_IDS, CONTINUOUS, MULTI_LABEL = "class-ids", "continuous", "multi-label"


class Array(NamedTuple):
    """What is known of one array: `None` means not known.

    `encoding` is a word of `keraslint.model.Labels`, for arrays that are targets; `kind` one of
    `keraslint.model.Inputs`, for arrays that are inputs.
    """

    name: str
    shape: tuple[int | None, ...] | None = None
    low: float | None = None
    high: float | None = None
    encoding: str | None = None
    classes: int | None = None
    kind: str = ""


class Form(StrEnum):
    """What a loader returns."""

    SPLITS = "splits"
    """`((x_train, y_train), (x_test, y_test))`."""
    BUNCH = "bunch"
    """An object with `data` and `target`; a pair when `return_X_y` is true."""
    PAIR = "pair"
    """`(x, y)`."""


class LoaderSpec(NamedTuple):
    """A function that gives a data set.

    `count_parameter` names the parameter that changes the number of classes (or of targets, for continuous ones);
    what it is when it is left out is `targets.classes`, or the last length of `targets.shape`. `parameters` are those
    that can be passed by position, as far as one of them matters here.
    """

    name: str
    form: Form
    inputs: Array
    targets: Array
    parameters: tuple[str, ...] = ()
    count_parameter: str | None = None


def _ids(classes: int, *tail: int, low: float = 0.0) -> Array:
    return Array("y", (None, *tail), low, low + classes - 1, CLASS_IDS, classes)


def _real(low: float, high: float, *tail: int) -> Array:
    return Array("y", (None, *tail), low, high, CONTINUOUS)


def _x(low: float | None, high: float | None, *tail: int | None) -> Array:
    return Array("x", (None, *tail) if tail else None, low, high)


def _pixels(high: float, *tail: int) -> Array:
    return _x(0, high, *tail)._replace(kind="pixels")


def _splits(
    name: str, inputs: Array, targets: Array, *parameters: str, count_parameter: str | None = None
) -> LoaderSpec:
    return LoaderSpec(f"keras.datasets.{name}.load_data", Form.SPLITS, inputs, targets, parameters, count_parameter)


def _bunch(name: str, inputs: Array, targets: Array, count_parameter: str | None = None) -> LoaderSpec:
    return LoaderSpec(f"sklearn.datasets.{name}", Form.BUNCH, inputs, targets, (), count_parameter)


def _pair(name: str, inputs: Array, targets: Array, order: str = "", count_parameter: str | None = None) -> LoaderSpec:
    return LoaderSpec(f"sklearn.datasets.{name}", Form.PAIR, inputs, targets, tuple(order.split()), count_parameter)


_ANY = _x(-inf, inf)
_WORDS = _x(0, None)._replace(kind="ids")

SPECS: tuple[LoaderSpec, ...] = (
    _splits("mnist", _pixels(255, 28, 28), _ids(10), "path"),
    _splits("fashion_mnist", _pixels(255, 28, 28), _ids(10)),
    _splits("cifar10", _pixels(255, 32, 32, 3), _ids(10, 1)),
    _splits("cifar100", _pixels(255, 32, 32, 3), _ids(100, 1), "label_mode", count_parameter="label_mode"),
    _splits("imdb", _WORDS, _ids(2), "path", "num_words"),
    _splits("reuters", _WORDS, _ids(46), "path", "num_words"),
    _splits("boston_housing", _x(None, None, 13), _real(5.0, 50.0), "path", "test_split", "seed"),
    # In dollars, not in hundreds of thousands as scikit-learn has them.
    _splits("california_housing", _x(None, None, 8), _real(14999.0, 500001.0), "version", "path", "test_split", "seed"),
    _bunch("load_iris", _x(0.1, 7.9, 4), _ids(3)),
    _bunch("load_wine", _x(0.13, 1680.0, 13), _ids(3)),
    _bunch("load_breast_cancer", _x(0.0, 4254.0, 30), _ids(2)),
    _bunch("load_digits", _pixels(16.0, 64), _ids(10), count_parameter="n_class"),
    _bunch("load_diabetes", _x(None, None, 10), _real(25.0, 346.0)),
    _bunch("load_linnerud", _x(1.0, 251.0, 3), _real(31.0, 247.0, 3)),
    _bunch("load_boston", _x(None, None, 13), _real(5.0, 50.0)),  # up to scikit-learn 1.1
    _bunch("fetch_california_housing", _x(None, None, 8), _real(0.14999, 5.00001)),
    _bunch("fetch_covtype", _x(None, None, 54), _ids(7, low=1.0)),
    _bunch("fetch_olivetti_faces", _pixels(1.0, 4096), _ids(40)),
    _bunch("fetch_20newsgroups_vectorized", _x(None, None), _ids(20)),
    _pair(
        "make_classification",
        _ANY,
        _ids(2),
        "n_samples n_features n_informative n_redundant n_repeated n_classes",
        count_parameter="n_classes",
    ),
    _pair("make_blobs", _ANY, _ids(3), "n_samples n_features centers", count_parameter="centers"),
    _pair("make_moons", _x(None, None, 2), _ids(2)),
    _pair("make_circles", _x(None, None, 2), _ids(2)),
    _pair("make_gaussian_quantiles", _ANY, _ids(3), count_parameter="n_classes"),
    _pair("make_hastie_10_2", _x(-inf, inf, 10), Array("y", (None,), -1.0, 1.0, CLASS_IDS, 2)),
    _pair(
        "make_multilabel_classification",
        _x(0.0, inf),
        Array("y", (None, 5), 0.0, 1.0, MULTI_LABEL, 5),
        "n_samples n_features n_classes",
        count_parameter="n_classes",
    ),
    _pair(
        "make_regression",
        _ANY,
        _real(-inf, inf),
        "n_samples n_features n_informative n_targets",
        count_parameter="n_targets",
    ),
    _pair("make_friedman1", _x(0.0, 1.0), _real(-inf, inf)),
    _pair("make_friedman2", _x(0.0, None, 4), _real(-inf, inf)),
    _pair("make_friedman3", _x(0.0, None, 4), _real(-inf, inf)),
    _pair("make_sparse_uncorrelated", _ANY, _real(-inf, inf)),
    _pair("make_s_curve", _x(None, None, 3), _real(-4.7124, 4.7124)),  # 3 pi / 2 both ways
    _pair("make_swiss_roll", _x(None, None, 3), _real(4.7123, 14.1372)),  # from 1.5 pi to 4.5 pi
)

READY_CLASSES: Mapping[str, int] = {
    "ag_news_subset": 4,
    "beans": 3,
    "cats_vs_dogs": 2,
    "cifar10": 10,
    "cifar100": 100,
    "colorectal_histology": 8,
    "deep_weeds": 9,
    "eurosat": 10,
    "fashion_mnist": 10,
    "food101": 101,
    "horses_or_humans": 2,
    "imdb_reviews": 2,
    "iris": 3,
    "kmnist": 10,
    "malaria": 2,
    "mnist": 10,
    "oxford_flowers102": 102,
    "rock_paper_scissors": 3,
    "stanford_dogs": 120,
    "stl10": 10,
    "svhn_cropped": 10,
    "tf_flowers": 5,
    "uc_merced": 21,
    "yelp_polarity_reviews": 2,
}
"""Classes of the data sets of `tensorflow_datasets`: what `load(..., as_supervised=True)` gives as second part."""

READY_PICTURES = READY_CLASSES.keys() - {"ag_news_subset", "imdb_reviews", "iris", "yelp_polarity_reviews"}
"""Of these, the sets of pictures: pixels from 0 to 255 are the first part."""

COUNTS: Mapping[str, int] = {"coarse": 20, "fine": 100}
"""Classes where a word says how many, as `cifar100.load_data(label_mode="coarse")` does."""

_BY_NAME: Mapping[str, LoaderSpec] = {spec.name: spec for spec in SPECS}


def by_function(dotted: str) -> LoaderSpec | None:
    """The loader of that canonical name, such as `keras.datasets.mnist.load_data`."""
    return _BY_NAME.get(dotted)

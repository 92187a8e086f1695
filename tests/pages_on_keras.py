"""Runs the blocks of pages on the installed Keras. What they would download or look for on a disk is small and at hand.

Data sets have the shapes, types and ranges that Keras documents, and their labels name the first class and the last.
Nothing here knows what Keras ought to do.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

Array = np.ndarray[Any, Any]
Loader = Callable[..., tuple[tuple[Array, Array], tuple[Array, Array]]]

ROWS = 24
STEPS = 2
"""Of an epoch whose length the block gives."""


# --- data sets --------------------------------------------------------------------------------------------------------


def class_ids(classes: int, dtype: str = "int64") -> Array:
    return np.linspace(0, classes - 1, ROWS).round().astype(dtype)


def twice(x: Array, y: Array) -> Any:
    """Rows to train with and rows to test with."""
    return (x, y), (x.copy(), y.copy())


def grey(classes: int = 10) -> Loader:
    def load_data(*_: Any, **__: Any) -> Any:
        return twice(np.random.randint(0, 256, (ROWS, 28, 28), "uint8"), class_ids(classes, "uint8"))

    return load_data


def coloured(classes: int, dtype: str) -> Loader:
    def load_data(label_mode: str = "fine") -> Any:
        count = classes if label_mode == "fine" else 20
        return twice(np.random.randint(0, 256, (ROWS, 32, 32, 3), "uint8"), class_ids(count, dtype)[:, None])

    return load_data


def texts(classes: int) -> Loader:
    def load_data(*_: Any, num_words: int | None = None, **__: Any) -> Any:
        x = np.empty(ROWS, object)
        x[:] = [np.random.randint(1, num_words or 80000, length + 5).tolist() for length in range(ROWS)]
        return twice(x, class_ids(classes))

    return load_data


def table(columns: int, dtype: str, low: float, high: float) -> Loader:
    def load_data(*_: Any, **__: Any) -> Any:
        return twice(np.random.rand(ROWS, columns).astype(dtype), np.linspace(low, high, ROWS).astype(dtype))

    return load_data


DATASETS: dict[str, Loader] = {
    "mnist": grey(),
    "fashion_mnist": grey(),
    "cifar10": coloured(10, "uint8"),
    "cifar100": coloured(100, "int64"),
    "imdb": texts(2),
    "reuters": texts(46),
    "boston_housing": table(13, "float64", 5.0, 50.0),
    "california_housing": table(8, "float32", 14999.0, 500001.0),
}

FOLDERS = {"flowers": 5, "pets": 2}
"""Folders of pictures, with their number of classes."""

ARRAYS = {"inputs.npy": (ROWS, 8), "targets.npy": (ROWS, 1)}
"""Files of random numbers."""


def fill(folder: Path) -> None:
    """Write the files that pages read."""
    import tensorflow as tf

    for name, shape in ARRAYS.items():
        np.save(folder / name, np.random.rand(*shape))
    picture = tf.io.encode_png(np.random.randint(0, 256, (8, 8, 3), "uint8"))
    for name, classes in FOLDERS.items():
        for kind in range(classes):
            home = folder / name / f"kind {kind}"
            home.mkdir(parents=True)
            for number in range(2):
                tf.io.write_file(str(home / f"{number}.png"), picture)


# --- networks and training --------------------------------------------------------------------------------------------


def pretrained(keras: Any) -> Callable[..., Any]:
    """A ready-made network without its weights, its size and its head: what a page sees of it is that it is a model."""

    def make(*_: Any, include_top: bool = True, pooling: str | None = None, **__: Any) -> Any:
        assert not include_top and pooling == "avg", "a stand-in for this is still to be written"
        layers = [keras.layers.Conv2D(4, 3, strides=4), keras.layers.GlobalAveragePooling2D()]
        return keras.Sequential([keras.Input((None, None, 3)), *layers])

    return make


def short(fit: Callable[..., Any]) -> Callable[..., Any]:
    """One silent epoch of few steps."""
    parameters = inspect.signature(fit)

    @functools.wraps(fit)
    def fit_shortly(*arguments: Any, **options: Any) -> Any:
        given = parameters.bind(*arguments, **options)
        given.arguments |= {"epochs": 1, "verbose": 0}
        if given.arguments.get("steps_per_epoch"):
            given.arguments["steps_per_epoch"] = STEPS
        return fit(*given.args, **given.kwargs)

    return fit_shortly


@contextmanager
def workplace(folder: Path) -> Iterator[None]:
    """Work in this folder, with the files that pages read, and with a Keras that neither downloads nor trains long."""
    import keras

    fill(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, loader in DATASETS.items():
            patch.setattr(getattr(keras.datasets, name), "load_data", loader)
        patch.setattr(keras.applications, "MobileNetV2", pretrained(keras))
        patch.setattr(keras.Model, "fit", short(keras.Model.fit))
        yield


# --- running ----------------------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """The names that a block leaves behind, and what it raised, if anything."""

    names: dict[str, Any]
    error: Exception | None


def imported(block: str) -> set[str]:
    """The packages that a block needs. One that is not Python needs none."""
    try:
        nodes = list(ast.walk(ast.parse(block)))
    except SyntaxError:
        return set()
    whole = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in whole | parts}


@contextmanager
def tracing(*, wanted: bool) -> Iterator[None]:
    """Let TensorFlow trace what Keras marks as functions, as it always does, or run them as they are: far less work."""
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(not wanted)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def run(block: str, given: dict[str, Any], *, traced: bool) -> Outcome:
    """Run a block to its end or to its exception; skip the test where a package that it needs is not installed."""
    for package in sorted(imported(block)):
        pytest.importorskip(package)
    import keras

    keras.utils.set_random_seed(17)
    names = {"__name__": "page"} | given
    with tracing(wanted=traced):
        try:
            exec(compile(block, "<page>", "exec"), names)
        except Exception as error:
            return Outcome(names, error)
    return Outcome(names, None)

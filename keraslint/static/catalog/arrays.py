"""Functions that make or change arrays, and methods of arrays, series and data sets: what stays known behind them.

NumPy's, pandas', scikit-learn's and TensorFlow's, by their canonical names.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import inf
from typing import NamedTuple


class Draw(NamedTuple):
    """A function that draws random numbers from `low` to `high`.

    `parameters` are in order. Where `low` and `high` are among them, what is given there counts. Without any
    parameter the lengths of the axes are the arguments themselves.
    """

    low: float
    high: float
    parameters: tuple[str, ...] = ()


_SIZE = ("size",)

DRAWS: Mapping[str, Draw] = {
    "numpy.random.rand": Draw(0.0, 1.0),
    "numpy.random.random": Draw(0.0, 1.0, _SIZE),
    "numpy.random.random_sample": Draw(0.0, 1.0, _SIZE),
    "numpy.random.uniform": Draw(0.0, 1.0, ("low", "high", "size")),
    "numpy.random.randn": Draw(-inf, inf),
    "numpy.random.standard_normal": Draw(-inf, inf, _SIZE),
    "numpy.random.normal": Draw(-inf, inf, ("loc", "scale", "size")),
    "numpy.random.Generator.random": Draw(0.0, 1.0, _SIZE),
    "numpy.random.Generator.uniform": Draw(0.0, 1.0, ("low", "high", "size")),
    "numpy.random.Generator.standard_normal": Draw(-inf, inf, _SIZE),
    "numpy.random.Generator.normal": Draw(-inf, inf, ("loc", "scale", "size")),
    "keras.random.normal": Draw(-inf, inf, ("size",)),
    "tensorflow.random.normal": Draw(-inf, inf, ("size",)),
}
"""Real numbers."""

INTEGER_DRAWS: Mapping[str, tuple[str, ...]] = {
    "numpy.random.randint": ("low", "high", "size"),
    "numpy.random.Generator.integers": ("low", "high", "size", "dtype", "endpoint"),
}
"""Whole numbers below `high`, or below `low` where that stands alone; with their parameters."""

DRAWN_ELSEWHERE = frozenset(
    f"{home}.random.{name}" for home in ("keras", "tensorflow") for name in ("truncated_normal", "uniform")
)
"""Random tensors whose range is not followed."""

RANDOM_STATES: Mapping[str, str] = {
    "numpy.random.default_rng": "numpy.random.Generator",
    "numpy.random.RandomState": "numpy.random",
}
"""What gives an object whose methods draw, and where these methods are to be found here."""

FILLED: Mapping[str, float | None] = {
    "numpy.zeros": 0.0,
    "numpy.ones": 1.0,
    "numpy.empty": None,
    "tensorflow.zeros": 0.0,
    "tensorflow.ones": 1.0,
}
"""Arrays of one number, and the number, if there is one."""

IDENTITIES = frozenset({"numpy.eye", "numpy.identity"})
"""Matrices whose rows are one-hot."""

WAVES: Mapping[str, tuple[float, float]] = {
    "numpy.sin": (-1.0, 1.0),
    "numpy.cos": (-1.0, 1.0),
    "numpy.tanh": (-1.0, 1.0),
}
"""Functions whose values stay between two numbers."""

ONE_HOT = frozenset(
    {
        "keras.utils.to_categorical",
        "keras.ops.one_hot",
        "keras.backend.one_hot",
        "tensorflow.one_hot",
    }
)
"""One-hot rows of class ids."""

SPLITS = frozenset({"sklearn.model_selection.train_test_split", "sklearn.cross_validation.train_test_split"})
"""Two arrays for each that is given."""

SPLITTERS = frozenset(
    f"sklearn.model_selection.{name}"
    for name in (
        "KFold RepeatedKFold RepeatedStratifiedKFold ShuffleSplit StratifiedKFold StratifiedShuffleSplit".split()
    )
)
"""Classes whose `split` gives numbers of rows, for training and for testing."""

KEEPING = (
    frozenset(
        f"numpy.{name}"
        for name in (
            "array asarray asfarray ascontiguousarray copy flip fliplr float32 float64 int32 int64 nan_to_num "
            "roll uint8"
        ).split()
    )
    | {
        "tensorflow.Variable",
        "tensorflow.cast",
        "tensorflow.identity",
    }
    | {"tensorflow.image.random_flip_left_right"}
    | {"keras.backend.cast", "keras.ops.cast"}
    | {"pandas.Series"}
)
"""Functions that hand on what is known of the content of their first argument."""

MOVING = (
    frozenset(f"numpy.{name}" for name in ("atleast_2d moveaxis pad repeat rot90 swapaxes take tile transpose").split())
    | {f"tensorflow.{name}" for name in ("expand_dims", "image.resize", "reshape", "squeeze", "transpose")}
    | {"keras.ops.expand_dims", "keras.ops.reshape"}
    | {"keras.utils.pad_sequences"}
)
"""Functions that do so in another shape."""

CONSTANTS = frozenset(
    {
        "keras.backend.constant",
        "keras.ops.convert_to_tensor",
        "tensorflow.constant",
        "tensorflow.convert_to_tensor",
    }
)
"""Functions that make a tensor of an array, or of numbers that are written out."""


class Join(StrEnum):
    """Where a function puts an array when it puts it to others."""

    BY_AXIS = "by-axis"
    """Behind the others, unless `axis` says otherwise."""
    UPON = "upon"
    """Rows behind rows; arrays without rows become rows."""
    BESIDE = "beside"
    """Beside the others, as columns or on a new axis; numbers without rows behind each other."""


JOINING: Mapping[str, Join] = {
    **dict.fromkeys(
        ("numpy.concatenate", "keras.ops.concatenate", "pandas.concat", "tensorflow.concat"),
        Join.BY_AXIS,
    ),
    **dict.fromkeys(("numpy.row_stack", "numpy.vstack"), Join.UPON),
    **dict.fromkeys(("numpy.append", "numpy.hstack"), Join.BESIDE),
}
"""Functions that put arrays together."""

STACKING = frozenset({"numpy.column_stack", "numpy.dstack", "numpy.stack", "tensorflow.stack"})
"""Functions that give arrays a new axis."""

CUTS = frozenset({"numpy.array_split", "numpy.split", "numpy.vsplit", "tensorflow.split"})
"""Functions that cut an array into pieces."""

EMPTIED = frozenset({"numpy.delete", "numpy.resize"})
"""Functions that leave rows or columns out."""

PERMUTATIONS = frozenset({"numpy.random.permutation", "numpy.random.Generator.permutation"})
"""Functions that bring rows, or the numbers of rows, into another order."""

KEEPING_METHODS = frozenset(
    "as_numpy_iterator batch byteswap cache copy dropna fillna get_values head numpy prefetch rebatch "
    "reset_index sample shard shuffle skip snapshot tail take to_numpy toarray todense tolist unbatch view "
    "with_options".split()
)
"""Methods that hand on what is known of the content."""

CHOOSING_METHODS = frozenset({"head", "sample", "shard", "skip", "tail", "take"})
"""Of these, methods that leave out samples."""

MOVING_METHODS = frozenset({"swapaxes", "transpose"})
"""Methods that do so in another shape."""

KEEPING_ATTRIBUTES = frozenset({"T", "array", "iloc", "loc", "values"})
"""Attributes of arrays, series and frames that are the same content."""

STATISTICS = frozenset({"max", "mean", "min", "std", "var"})
"""Methods that give one number for many, by which arrays are scaled."""

TEXT_TYPES = frozenset({"builtins.bytes", "builtins.str", "numpy.bytes_", "numpy.str_", "numpy.unicode_"})
"""Types that make an array of fixed-width text: one character wide, if nothing says more."""

TEXT_CODES = frozenset({"U", "S", "a"})
"""What the name of a fixed-width text type begins with: `U10`, `S10`."""

TEXT_NAMES = frozenset({"S", "U", "bytes", "str", "unicode"})
"""Names of text types that leave out the width."""

STANDARDS = frozenset({"scipy.stats.zscore", "sklearn.preprocessing.scale"})
"""Functions that take off the mean and divide by the deviation."""

WHOLE = ("int", "uint", "bool")
"""What the names of types begin with that hold whole numbers only."""

PIXEL_SCALES = frozenset({255, 256})
"""Nobody divides by these but to bring pixels to [0, 1]."""

HALF_PIXEL_SCALES = frozenset({127, 127.5, 128})
"""The same for [0, 2], from where one is taken off."""

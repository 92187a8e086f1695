"""Encoders and scalers of scikit-learn: what comes out of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import NamedTuple


class EncoderSpec(NamedTuple):
    """A class with `fit` and `transform`. `encoding` and `exclusive` are as in `keraslint.model.Labels`.

    `low` and `high` bound what comes out, `None` is not known. `whole` tells whether only whole numbers come out.
    `range_parameter` names the argument that gives other bounds, `shape_parameter` the one that gives another
    distribution.
    """

    name: str
    encoding: str | None = None
    low: float | None = None
    high: float | None = None
    exclusive: bool | None = None
    whole: bool = False
    range_parameter: str | None = None
    shape_parameter: str | None = None


SPECS: tuple[EncoderSpec, ...] = (
    EncoderSpec("OneHotEncoder", "one-hot", 0.0, 1.0, exclusive=True),
    EncoderSpec("LabelEncoder", "class-ids", 0.0, exclusive=True, whole=True),
    # One column of zeros and ones for two classes, one-hot for more.
    EncoderSpec("LabelBinarizer", None, 0.0, 1.0, exclusive=True, whole=True),
    EncoderSpec("MultiLabelBinarizer", "multi-label", 0.0, 1.0, exclusive=False, whole=True),
    EncoderSpec("OrdinalEncoder"),
    EncoderSpec("MinMaxScaler", "continuous", 0.0, 1.0, range_parameter="feature_range"),
    EncoderSpec("MaxAbsScaler", "continuous", -1.0, 1.0),
    EncoderSpec("StandardScaler", "continuous", -inf, inf),
    EncoderSpec("RobustScaler", "continuous", -inf, inf),
    EncoderSpec("PowerTransformer", "continuous", -inf, inf),
    EncoderSpec("QuantileTransformer", "continuous", 0.0, 1.0, shape_parameter="output_distribution"),
)

UNLIKE_ONE_HOT = frozenset({"drop", "neg_label", "pos_label"})
"""Arguments with which rows are something else than one-hot."""

DISTRIBUTIONS: Mapping[str, tuple[float, float]] = {"normal": (-inf, inf), "uniform": (0.0, 1.0)}
"""What `output_distribution` gives."""

_BY_NAME: Mapping[str, EncoderSpec] = {spec.name: spec for spec in SPECS}


def by_class(dotted: str) -> EncoderSpec | None:
    """The encoder or scaler by its canonical name, such as `sklearn.preprocessing.LabelEncoder`."""
    return _BY_NAME.get(dotted.rpartition(".")[2]) if dotted.startswith("sklearn.") else None

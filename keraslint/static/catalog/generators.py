"""What reads samples from folders and tables: which argument says how the labels come, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_MODES: Mapping[str, str] = {
    "int": "class-ids",
    "sparse": "class-ids",
    "categorical": "one-hot",
    "binary": "binary",
    "input": "inputs",
}
_FLAT_MODES: Mapping[str, str] = {**_MODES, "binary": "flat-binary"}


class FolderSpec(NamedTuple):
    """A function or method that gives batches of images (or texts, or sounds) with their labels.

    `parameters` are in order, as far as one of them matters here. `mode` names the parameter that says how labels
    come, `default` what it is when it is left out, `classes` the parameter that lists the classes. `encodings` says
    what a mode gives: an encoding of labels, `binary` for zeros and ones in a column, `flat-binary` for such without
    one, `ones` for zeros and ones of which nothing more is known, `inputs` for the images themselves. Another mode
    gives labels of which nothing is known; `None` gives no labels. `kind` is that of the samples, as in
    `keraslint.model.Inputs`.
    """

    name: str
    parameters: tuple[str, ...]
    mode: str
    default: str
    classes: str
    encodings: Mapping[str, str] = _MODES
    kind: str = "pixels"


def _folder(name: str, kind: str = "") -> FolderSpec:
    parameters = ("directory", "labels", "label_mode", "class_names")
    dotted = f"keras.utils.{name}_dataset_from_directory"
    return FolderSpec(dotted, parameters, "label_mode", "int", "class_names", kind=kind)


SPECS: tuple[FolderSpec, ...] = (
    _folder("image", "pixels"),
    _folder("text"),
    _folder("audio"),
    FolderSpec(
        "flow_from_directory",
        ("directory", "target_size", "color_mode", "classes", "class_mode"),
        "class_mode",
        "categorical",
        "classes",
        _FLAT_MODES,
    ),
    FolderSpec(
        "flow_from_dataframe",
        (
            *("dataframe", "directory", "x_col", "y_col", "weight_col"),
            *("target_size", "color_mode", "classes", "class_mode"),
        ),
        "class_mode",
        "categorical",
        "classes",
        # A column of lists gives several ones in a row.
        {**_FLAT_MODES, "categorical": "ones"},
    ),
)

CLASSES = frozenset({"keras.preprocessing.image.ImageDataGenerator"})
"""Classes whose methods are `flow`, `flow_from_directory` and `flow_from_dataframe`."""

CHANGING = frozenset(
    {
        *("brightness_range", "channel_shift_range", "featurewise_center", "featurewise_std_normalization"),
        *("preprocessing_function", "samplewise_center", "samplewise_std_normalization", "zca_whitening"),
    }
)
"""Arguments of these classes with which pixels are not only scaled."""

_BY_NAME: Mapping[str, FolderSpec] = {spec.name: spec for spec in SPECS}


def by_name(name: str) -> FolderSpec | None:
    """The function by its canonical name, or the method of a generator by its bare name."""
    return _BY_NAME.get(name)

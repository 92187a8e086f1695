"""Ready-made models of `keras.applications`: what they put on top, and whether they scale pixels themselves.

All of them end in `Dense(classes, activation=classifier_activation)` unless `include_top=False`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

CLASSES = 1000
"""What `classes` is when it is not given."""
CLASSIFIER_ACTIVATION = "softmax"
"""What `classifier_activation` is when it is not given; `None` there means linear."""


class ApplicationSpec(NamedTuple):
    """A function that builds a model. `parameters` are in the order of Keras 3, `parameters_2` in that of Keras 2.

    `rescales` tells whether the model scales pixels of 0..255 itself, as long as `include_preprocessing` is not false.
    """

    name: str
    parameters: tuple[str, ...]
    rescales: bool = False
    parameters_2: tuple[str, ...] | None = None
    in_keras_2: bool = True
    in_keras_3: bool = True

    @property
    def takes_preprocessing(self) -> bool:
        """Whether the scaling can be turned off, by `include_preprocessing=False`."""
        return "include_preprocessing" in self.parameters


_USUAL = "include_top weights input_tensor input_shape pooling classes classifier_activation"
_CONVNEXT = "include_top include_preprocessing weights input_tensor input_shape pooling classes classifier_activation"
_REGNET = f"model_name {_CONVNEXT}"
_RESNET_RS = "include_top weights classes input_shape input_tensor pooling classifier_activation include_preprocessing"
_MOBILENET = "input_shape alpha {} include_top weights input_tensor {} classifier_activation"

_FAMILIES: tuple[tuple[str, str, bool], ...] = (
    ("VGG16 VGG19 Xception InceptionV3 InceptionResNetV2", _USUAL, False),
    ("ResNet50 ResNet101 ResNet152 ResNet50V2 ResNet101V2 ResNet152V2", _USUAL, False),
    ("DenseNet121 DenseNet169 DenseNet201", _USUAL, False),
    ("NASNetLarge NASNetMobile", _USUAL.replace("input_tensor input_shape", "input_tensor"), False),
    ("MobileNet", _MOBILENET.format("depth_multiplier dropout", "pooling classes"), False),
    ("MobileNetV2", _MOBILENET.format("", "pooling classes"), False),
    (
        "MobileNetV3Small MobileNetV3Large",
        _MOBILENET.format("minimalistic", "classes pooling dropout_rate") + " include_preprocessing",
        True,
    ),
    (
        "EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4 EfficientNetB5 EfficientNetB6 "
        "EfficientNetB7",
        _USUAL,
        True,
    ),
    (
        "EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2S EfficientNetV2M "
        "EfficientNetV2L",
        f"{_USUAL} include_preprocessing",
        True,
    ),
    ("ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge", _CONVNEXT, True),
)

_FAMILIES_2: tuple[tuple[str, str, bool], ...] = (
    (
        "RegNetX002 RegNetX004 RegNetX006 RegNetX008 RegNetX016 RegNetX032 RegNetX040 RegNetX064 RegNetX080 "
        "RegNetX120 RegNetX160 RegNetX320 RegNetY002 RegNetY004 RegNetY006 RegNetY008 RegNetY016 RegNetY032 "
        "RegNetY040 RegNetY064 RegNetY080 RegNetY120 RegNetY160 RegNetY320",
        _REGNET,
        True,
    ),
    (
        "ResNetRS50 ResNetRS101 ResNetRS152 ResNetRS200 ResNetRS270 ResNetRS350 ResNetRS420",
        _RESNET_RS,
        True,
    ),
)
"""What Keras 3 has dropped."""


def _spec(name: str, parameters: str, rescales: bool, in_keras_3: bool) -> ApplicationSpec:
    if name.startswith("NASNet"):
        parameters = f"input_shape {parameters}"
    order = tuple(parameters.split())
    return ApplicationSpec(
        name,
        (*order, "name") if in_keras_3 else order,
        rescales,
        parameters_2=("model_name", *order) if name.startswith("ConvNeXt") else None,
        in_keras_3=in_keras_3,
    )


SPECS: tuple[ApplicationSpec, ...] = tuple(
    _spec(name, parameters, rescales, in_keras_3)
    for families, in_keras_3 in ((_FAMILIES, True), (_FAMILIES_2, False))
    for names, parameters, rescales in families
    for name in names.split()
)

_BY_NAME: Mapping[str, ApplicationSpec] = {spec.name: spec for spec in SPECS}


def by_name(name: str) -> ApplicationSpec | None:
    """The builder of that name."""
    return _BY_NAME.get(name)


def by_function(dotted: str) -> ApplicationSpec | None:
    """The builder by its canonical name, such as `keras.applications.ResNet50`."""
    module, _, name = dotted.rpartition(".")
    return _BY_NAME.get(name) if module == "keras.applications" else None

"""Initializers: how each one may be written, and which of them give every weight the same number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class InitializerSpec(NamedTuple):
    """An initializer by its class name in Keras 3. `name` is the word of the model, `strings` are further names that
    Keras takes; the class name and `name` itself are always among them.

    `same` tells that it gives every weight the same number; what the number is, `value` says where it is fixed.
    """

    name: str
    cls: str
    strings: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    same: bool = False
    value: float | None = None


SPECS: tuple[InitializerSpec, ...] = (
    InitializerSpec("zeros", "Zeros", ("zero",), same=True, value=0.0),
    InitializerSpec("ones", "Ones", ("one",), same=True, value=1.0),
    InitializerSpec("constant", "Constant", parameters=("value",), same=True),
    InitializerSpec("identity", "Identity"),
    InitializerSpec("orthogonal", "Orthogonal"),
    InitializerSpec("random_normal", "RandomNormal", ("normal",)),
    InitializerSpec("random_uniform", "RandomUniform", ("uniform",)),
    InitializerSpec("truncated_normal", "TruncatedNormal"),
    InitializerSpec("variance_scaling", "VarianceScaling"),
    InitializerSpec("glorot_normal", "GlorotNormal"),
    InitializerSpec("glorot_uniform", "GlorotUniform"),
    InitializerSpec("he_normal", "HeNormal"),
    InitializerSpec("he_uniform", "HeUniform"),
    InitializerSpec("lecun_normal", "LecunNormal"),
    InitializerSpec("lecun_uniform", "LecunUniform"),
)

_BY_STRING: Mapping[str, InitializerSpec] = {
    text: spec for spec in SPECS for text in (spec.name, spec.cls, *spec.strings)
}
_TENSORFLOW: Mapping[str, str] = {
    f"tensorflow.{name}_initializer": name for name in ("constant", "ones", "orthogonal", "zeros")
}


def by_string(text: str) -> InitializerSpec | None:
    """The initializer that a layer understands by this word."""
    return _BY_STRING.get(text)


def by_class(dotted: str) -> InitializerSpec | None:
    """The initializer of a class, by its canonical name, such as `keras.initializers.Zeros`; TensorFlow's too."""
    module, _, name = dotted.rpartition(".")
    return _BY_STRING.get(name if module == "keras.initializers" else _TENSORFLOW.get(dotted, ""))

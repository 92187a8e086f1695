"""Which Keras runs a program, as far as the program itself says."""

from __future__ import annotations

from typing import Final

from keraslint.model import Fact, Runtime
from keraslint.static.record import Record

PRIVATE: Final = "tensorflow.python.keras"
"""TensorFlow's copy of its own Keras, left as it was when Keras became a package of its own."""

_KERAS_2: Final = {"tf_keras": "2", PRIVATE: "2.6"}
"""Packages that are Keras 2 whatever the version of TensorFlow."""

OLD_BACKENDS: Final = frozenset({"theano", "cntk"})
LAST_WITH_OLD_BACKENDS: Final = "2.3"
"""Keras 2.4 and everything after it has no backend of these."""


def runtime_of(record: Record, package: str | None = None) -> Runtime:
    """The runtime of what is taken from a package; without one, of the program, if it uses one package only.

    Told by `TF_USE_LEGACY_KERAS`, `tf.keras` is the package tf_keras.
    """
    places = [(name, site) for name, site in record.packages if package in (None, name)]
    if any(name != PRIVATE for name, _ in places):
        places = [(name, site) for name, site in places if name != PRIVATE]
    taken = keras = backend = policy = None
    if len({name for name, _ in places}) == 1:
        name, site = places[0]
        if name == "tensorflow.keras" and record.legacy is not None:
            name, site = "tf_keras", record.legacy
        keras = Fact(_KERAS_2[name], site.span) if name in _KERAS_2 else None
        taken = Fact("tensorflow.keras" if name == PRIVATE else name, site.span)
    if record.backend is not None:
        backend = Fact(record.backend[0], record.backend[1].span)
        if backend.value in OLD_BACKENDS:
            keras = Fact(LAST_WITH_OLD_BACKENDS, backend.span)
    if record.policy is not None:
        policy = Fact(record.policy[0], record.policy[1].span)
    return Runtime(package=taken, keras=keras, backend=backend, dtype_policy=policy)

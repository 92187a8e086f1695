"""Which Keras runs a program, as far as the program itself says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keraslint.model import Fact, Runtime
from keraslint.static.library.versions import decides_version
from keraslint.static.record import Record
from keraslint.static.values import Site

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

PRIVATE: Final = "tensorflow.python.keras"
"""TensorFlow's copy of its own Keras, left as it was when Keras became a package of its own."""

_KERAS_2: Final = {"tf_keras": "2", PRIVATE: "2.6"}
"""Packages that are Keras 2 whatever the version of TensorFlow."""

OLD_BACKENDS: Final = frozenset({"theano", "cntk"})
LAST_WITH_OLD_BACKENDS: Final = "2.3"
"""Keras 2.4 and everything after it has no backend of these."""


TENSORFLOW_1: Final = frozenset(
    f"tensorflow.{name}"
    for name in (
        *("ConfigProto", "Session", "app", "contrib", "disable_eager_execution", "enable_eager_execution", "flags"),
        *("get_default_graph", "get_variable", "global_variables_initializer", "placeholder", "reset_default_graph"),
        *("set_random_seed", "train.AdamOptimizer", "train.GradientDescentOptimizer", "train.RMSPropOptimizer"),
    )
)
"""Names that TensorFlow 2 has in `tensorflow.compat.v1` only, if at all."""
LAST_TENSORFLOW_1: Final = "1.15"
LAST_WITH_TENSORFLOW_1: Final = "2.3"
"""The last `keras` that ran on TensorFlow 1."""


def note_name(interp: Interpreter, path: str, site: Site) -> None:
    """A name of TensorFlow 1, where the program takes it in any case: not for some versions or if it is there only."""
    record = interp.record
    if path not in TENSORFLOW_1 or record.tensorflow is not None or record.attempts or record.importing:
        return
    guard = interp.state.guard
    always = not guard and path.rpartition(".")[2] not in record.asked
    if always or (path == "tensorflow.contrib" and not decides_version(guard)):
        record.tensorflow = (LAST_TENSORFLOW_1, site)


def runtime_of(record: Record, package: str | None = None) -> Runtime:
    """The runtime of what is taken from a package; without one, of the program, if it uses one package only.

    Told by `TF_USE_LEGACY_KERAS`, `tf.keras` is the package tf_keras.
    """
    places = [(name, site) for name, site in record.packages if package in (None, name)]
    if any(name != PRIVATE for name, _ in places):
        places = [(name, site) for name, site in places if name != PRIVATE]
    taken = keras = backend = policy = tensorflow = None
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
    if record.tensorflow is not None:
        tensorflow = Fact(record.tensorflow[0], record.tensorflow[1].span)
        if keras is None and (taken is None or taken.value == "keras"):
            keras = Fact(LAST_WITH_TENSORFLOW_1, tensorflow.span)
    return Runtime(package=taken, keras=keras, tensorflow=tensorflow, backend=backend, dtype_policy=policy)

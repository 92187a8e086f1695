"""What a program sets for all of its models: the backend, the dtype policy, where the channels stand, which Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from keraslint.static.catalog.models import CHANNELS_FIRST, DATA_FORMATS, POLICIES
from keraslint.static.library.runtimes import PRIVATE
from keraslint.static.names import package
from keraslint.static.values import NONE, Arguments, Const, Dict, Site, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Call = Callable[[Interpreter, Arguments], Value]

ENVIRONMENT: Final = "os.environ"
BACKEND: Final = "KERAS_BACKEND"
LEGACY: Final = "TF_USE_LEGACY_KERAS"
"""With this, `tf.keras` is the package tf_keras in a TensorFlow that has Keras 3."""


def note_import(interp: Interpreter, dotted: str, site: Site) -> None:
    """Remember which Keras the program imports."""
    found = package(dotted)
    if found is not None:
        is_private = dotted.startswith(f"{PRIVATE}.") or dotted == PRIVATE
        interp.record.packages.append((PRIVATE if is_private else found, site))


def note_environment(interp: Interpreter, name: Value, value: Value, site: Site) -> None:
    """`os.environ[name] = value`, which counts as long as no Keras was imported."""
    if interp.record.packages or not (isinstance(name, Const) and isinstance(value, Const)):
        return
    if name.value == BACKEND and isinstance(value.value, str):
        interp.record.backend = (value.value, site)
    elif name.value == LEGACY:
        interp.record.legacy = site if str(value.value).lower() in {"1", "true"} else None


def _set_environment(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) >= 2:
        name, value = (interp.state.settle(one) for one in arguments.positional[:2])
        note_environment(interp, name, value, arguments.site)
    return Unknown()


def _update_environment(interp: Interpreter, arguments: Arguments) -> Value:
    given = interp.state.settle(arguments.positional[0]) if arguments.positional else None
    entries = dict(given.items()) if isinstance(given, Dict) else {}
    for name, value in (entries | arguments.named).items():
        note_environment(interp, Const(name), interp.state.settle(value), arguments.site)
    return NONE


def _only(interp: Interpreter, arguments: Arguments) -> Value:
    given = (*arguments.positional, *arguments.named.values())
    return interp.state.settle(given[0]) if given else Unknown()


def _set_backend(interp: Interpreter, arguments: Arguments) -> Value:
    value = _only(interp, arguments)
    if isinstance(value, Const) and isinstance(value.value, str):
        interp.record.backend = (value.value, arguments.site)
    return NONE


def _set_policy(interp: Interpreter, arguments: Arguments) -> Value:
    value = _only(interp, arguments)
    if isinstance(value, Const) and isinstance(value.value, str):
        interp.record.policy = (value.value, arguments.site)
    return NONE


def _set_data_format(interp: Interpreter, arguments: Arguments) -> Value:
    value = _only(interp, arguments)
    record, first = interp.record, isinstance(value, Const) and value.value in CHANNELS_FIRST
    # set on some ways through the program only, or to one and later to the other
    record.channels_unsure |= bool(interp.state.path) or (record.channels_first and not first)
    record.channels_first = first
    return NONE


CALLS: Final[Mapping[str, Call]] = {
    "os.environ.setdefault": _set_environment,
    "os.putenv": _set_environment,
    "os.environ.update": _update_environment,
    "keras.config.set_backend": _set_backend,
    "keras.utils.set_backend": _set_backend,
    **dict.fromkeys(POLICIES, _set_policy),
    **dict.fromkeys(DATA_FORMATS, _set_data_format),
}
"""Functions that set something for all models."""

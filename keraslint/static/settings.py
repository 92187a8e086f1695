"""What a program sets for all of its models: the backend, the dtype policy, where the channels stand, which Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from keraslint.static.catalog.models import CHANNELS_FIRST, DATA_FORMATS, POLICIES
from keraslint.static.names import package
from keraslint.static.values import NONE, Arguments, Const, Site, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Call = Callable[[Interpreter, Arguments], Value]

ENVIRONMENT: Final = "os.environ"
BACKEND: Final = "KERAS_BACKEND"


def note_import(interp: Interpreter, dotted: str, site: Site) -> None:
    """Remember which Keras the program imports."""
    found = package(dotted)
    if found is not None:
        interp.record.packages.append((found, site))


def note_environment(interp: Interpreter, name: Value, value: Value, site: Site) -> None:
    """`os.environ[name] = value`."""
    if isinstance(name, Const) and name.value == BACKEND and isinstance(value, Const) and isinstance(value.value, str):
        interp.record.backend = (value.value, site)


def _set_environment(interp: Interpreter, arguments: Arguments) -> Value:
    if len(arguments.positional) >= 2:
        name, value = (interp.state.settle(one) for one in arguments.positional[:2])
        note_environment(interp, name, value, arguments.site)
    return Unknown()


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
    interp.record.channels_first = isinstance(value, Const) and value.value in CHANNELS_FIRST
    return NONE


CALLS: Final[Mapping[str, Call]] = {
    "os.environ.setdefault": _set_environment,
    "keras.config.set_backend": _set_backend,
    "keras.utils.set_backend": _set_backend,
    **dict.fromkeys(POLICIES, _set_policy),
    **dict.fromkeys(DATA_FORMATS, _set_data_format),
}
"""Functions that set something for all models."""

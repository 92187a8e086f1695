"""The border of Keras: a stand-in that is given to it gets a number, a shape or nothing in its place."""

from __future__ import annotations

import inspect
import sys
from typing import Any

from . import stand_ins
from .kinds import signature
from .registry import Site
from .stand_ins import StandIn, holds

LEFT_OUT: Any = object()


class Border:
    """Turns the arguments of a call of Keras into ones without stand-ins, and remembers which."""

    def __init__(self, called: Any, site: Site) -> None:
        self.called = called
        self.signature = signature(called)
        self.site = site
        self.stood_in: list[str] = []

    def arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        given: list[Any] = []
        names = [] if self.signature is None else list(self.signature.parameters.values())
        later = dict(kwargs)
        for index, value in enumerate(args):
            parameter = names[index] if index < len(names) else (names[-1] if names else None)
            plain = self.value(value, parameter.name if parameter else "", parameter) if holds(value) else value
            if plain is not LEFT_OUT:
                given.append(plain)
                continue
            # What follows the argument that is left out goes by name.
            for rest, following in zip(args[index + 1 :], names[index + 1 :]):
                later[following.name] = rest
            break
        result: dict[str, Any] = {}
        for name, value in later.items():
            if not isinstance(name, str):
                continue
            if not holds(value):
                result[name] = value
                continue
            parameter = self.signature.parameters.get(name) if self.signature else None
            plain = self.value(value, name, parameter)
            if plain is not LEFT_OUT:
                result[name] = plain
        return tuple(given), result

    def note(self, value: StandIn, parameter: str) -> None:
        self.stood_in.append(stand_ins.choices().note(stand_ins.path_of(value), parameter))

    def value(self, value: Any, name: str, parameter: Any = None) -> Any:
        """A value without stand-ins for a parameter, or LEFT_OUT."""
        if isinstance(value, StandIn):
            return self._whole(value, name, parameter)
        if isinstance(value, (list, tuple)):
            return self._items(value, name)
        if isinstance(value, dict):
            made = {key: self.value(item, str(key)) if holds(item) else item for key, item in value.items()}
            return {key: item for key, item in made.items() if item is not LEFT_OUT}
        return LEFT_OUT

    def _whole(self, value: StandIn, name: str, parameter: Any) -> Any:
        if name in ("layer", "layers"):
            self.note(value, "layer")
            return identity(self.called)
        self.note(value, name)
        if value._value is not stand_ins.NOTHING:
            return value._value
        if name in stand_ins.SHAPE_PARAMETERS:
            return stand_ins.shape(value, name)
        if name in stand_ins.NUMBERS:
            return fitting(stand_ins.number(value, name), name)
        required = parameter is not None and parameter.default is inspect.Parameter.empty
        if parameter is None or not required or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            return LEFT_OUT
        found = stand_ins.number(value, name)
        return 2 if found is stand_ins.NOTHING else found

    def _items(self, values: Any, name: str) -> Any:
        made: list[Any] = []
        for position, item in enumerate(values):
            if not holds(item):
                made.append(item)
            elif isinstance(item, StandIn) and name in stand_ins.SHAPE_PARAMETERS:
                self.note(item, name)
                made.append(stand_ins.side(item, position, len(values), name))
            else:
                plain = self.value(item, name)
                if plain is not LEFT_OUT:
                    made.append(plain)
        if name == "weights" and len(made) < len(values):
            return LEFT_OUT
        return type(values)(made) if type(values) in (list, tuple) else made


def fitting(found: Any, name: str) -> Any:
    """The number as the parameter wants it."""
    usual = stand_ins.NUMBERS[name]
    if isinstance(found, (list, tuple)):
        return found
    if not isinstance(found, (int, float)) or isinstance(found, bool):
        return usual
    if isinstance(usual, int):
        return int(found) if name == "axis" else max(int(found), 2 if usual > 1 else 1)
    return found if 0 <= found < 1 else usual


def identity(called: Any) -> Any:
    """A layer that changes nothing, of the Keras that is called."""
    owner = getattr(called, "__self__", called)
    module = (owner if isinstance(owner, type) else type(owner)).__module__.split(".")[0]
    name = module if module in ("keras", "tf_keras") else "keras"
    return sys.modules[name].layers.Activation("linear")

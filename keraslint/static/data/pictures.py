"""Pictures: their pixels as they are read from files, and what functions and layers make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

from keraslint.static.catalog import pictures as catalog
from keraslint.static.data.contents import continuous, numeric, settled, within, writable
from keraslint.static.values import Arguments, Const, Construct, Data, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Call = Callable[[Interpreter, Arguments], Value | None]
    Method = Callable[[Interpreter, Data, Arguments], Value]

UNCHANGED: Final = frozenset(
    "CenterCrop Dropout Flatten RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom Reshape Resizing "
    "ZeroPadding2D".split()
)
"""Layers that leave the range of pictures as it is."""


def _read(_interp: Interpreter, arguments: Arguments) -> Value:
    site = arguments.site
    return within(Data(kind="images", store=writable(site)), 0.0, 255.0, site)


def _kept(interp: Interpreter, arguments: Arguments) -> Value | None:
    given = next(iter((*arguments.positional, *arguments.named.values())), Unknown())
    given = interp.state.settle(given)
    return given.having(shape=None) if isinstance(given, Data) else None


def _ranged(_interp: Interpreter, arguments: Arguments, low: float, high: float) -> Value:
    return continuous(arguments.site, low, high).having(kind="images")


def _moved(_interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    return data.having(shape=None)


def layer_on(interp: Interpreter, layer: Construct, data: Data) -> Data | None:
    """A layer called on an array, as a pipeline does that prepares pictures; nothing when it may give anything."""
    if layer.kind in UNCHANGED:
        return data.having(shape=None)
    if layer.kind != "Rescaling" or layer.site is None:
        return None
    known = settled(interp, data)
    usual = {"scale": Const(1), "offset": Const(0)}
    scale, offset = (numeric(interp.state.settle(layer.bound.get(name, one))) for name, one in usual.items())
    if scale is None or offset is None or known.low is None or known.high is None:
        return Data(site=layer.site)
    ends = known.low.value * scale + offset, known.high.value * scale + offset
    return within(known.having(store=None), min(ends), max(ends), layer.site)


CALLS: Final[Mapping[str, Call]] = {
    **dict.fromkeys(catalog.READERS, _read),
    **dict.fromkeys(catalog.KEEPING, _kept),
    **dict.fromkeys(catalog.STANDARDISING, partial(_ranged, low=-inf, high=inf)),
    **dict.fromkeys(catalog.UNIT, partial(_ranged, low=-1.0, high=1.0)),
}
"""Functions that read or change pictures."""

METHODS: Final[Mapping[str, Method]] = dict.fromkeys(catalog.METHODS, _moved)
"""Methods of pictures."""

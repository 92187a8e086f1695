"""Names that a program never binds: what is copied out of a longer one means Keras by Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from keraslint.static.names import star_members

MODULES: Final[Mapping[str, str]] = {
    "K": "keras.backend",
    "keras": "keras",
    "layers": "keras.layers",
    "losses": "keras.losses",
    "metrics": "keras.metrics",
    "models": "keras.models",
    "np": "numpy",
    "numpy": "numpy",
    "optimizers": "keras.optimizers",
    "pd": "pandas",
    "tensorflow": "tensorflow",
    "tf": "tensorflow",
}
"""What everybody calls a module."""
HOMES: Final = (
    "keras.layers",
    "keras.models",
    "keras.optimizers",
    "keras.losses",
    "keras.metrics",
    "keras.utils",
)
"""Modules whose classes are known by their names alone."""


@lru_cache(maxsize=1)
def free_names() -> Mapping[str, str]:
    """What each name can only mean: name -> canonical name."""
    found = dict(MODULES)
    for module in HOMES:
        for name, dotted in (star_members(module) or {}).items():
            if name[:1].isupper() or name == "to_categorical":
                found.setdefault(name, dotted)
    return found

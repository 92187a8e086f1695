"""What is measured on one model."""

from __future__ import annotations

from typing import Any


def model(built: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The name, the kind and the layers of a model."""
    layers = []
    for layer in built.model.layers:
        site, ordinal = built.layer_sites.get(id(layer), (None, 0))
        layers.append({"kind": type(layer).__name__, "name": layer.name, "site": site, "ordinal": ordinal})
    return {"name": built.model.name, "kind": type(built.model).__name__, "layers": layers}

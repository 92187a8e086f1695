"""A model that is alive, written out as a text that findings can point into: one line for each layer, one for the loss.

There is no program to show: the model may come from anywhere. What is written is what Keras says of its layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .registry import Built, Compile

Site = tuple[str, int, int, int, int]

TELLING = ("units", "filters", "kernel_size", "strides", "pool_size", "rate", "axis", "input_dim", "output_dim")
"""What tells layers of one class apart."""

INDENT = "    "
MOST_LAYERS = 2000


class Text(NamedTuple):
    """A model written out: the text, and the place of the model, of each layer by identity and of what it is compiled
    with. Places are as everywhere in a child: path, line from 1, column from 0, end line, end column, in bytes."""

    text: str
    model: Site
    layers: dict[int, Site]
    compile: Site | None


def written(model: Any, path: str) -> Text:
    """The text of a model and the places in it."""
    lines: list[str] = []
    places: dict[int, Site] = {}

    def write(line: str, indent: int = 0) -> Site:
        margin = INDENT * indent
        lines.append(margin + line)
        return (path, len(lines), len(margin), len(lines), len((margin + line).encode()))

    top = write(f"{type(model).__name__}(name={model.name!r})")

    def layers(of: Any, depth: int) -> None:
        for layer in list(getattr(of, "layers", ()))[:MOST_LAYERS]:
            places.setdefault(id(layer), write(call(layer), depth))
            if getattr(layer, "layers", None):
                layers(layer, depth + 1)

    layers(model, 1)
    compiled = compilation(model)
    return Text(
        "\n".join(lines) + "\n" if not compiled else "\n".join(lines) + "\n" + compiled + "\n",
        top,
        places,
        (path, len(lines) + 1, 0, len(lines) + 1, len(compiled.encode())) if compiled else None,
    )


def answers(model: Any, path: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is said of a model: its text (`{"event": "written", "text": ...}`), then what is measured on it.

    With `given_inputs` and `given_labels` of the user in the request, its losses are measured on these, and what they
    are is told.
    """
    from . import given, measure

    text_of = written(model, path)
    yield {"event": "written", "path": path, "text": text_of.text}
    record = None
    if text_of.compile is not None:
        arguments = {name: getattr(model, name, None) for name in ("loss", "optimizer")}
        record = Compile(list(text_of.compile), 0, arguments, [])
    sites = {key: (list(site), 0) for key, site in text_of.layers.items()}
    x, y = request.get("given_inputs"), request.get("given_labels")
    built = Built(model, list(text_of.model), 0, record, sites)
    if x is not None and y is not None:
        built.given = (x, y)
    answer = measure.model(built, request)
    for text in answer.pop("notes"):
        yield {"event": "note", "text": text, "site": list(text_of.model)}
    loss = next((one["name"] for training in answer["trainings"] for one in training["losses"]), None)
    answer["given"] = {"labels": given.labels(y, loss), "inputs": given.inputs(x)}
    yield answer


def call(layer: Any) -> str:
    """A layer as the call that could make it, with what tells it apart."""
    kind = type(layer).__name__
    if getattr(layer, "layers", None):
        return f"{kind}(name={layer.name!r})"
    told = [f"{name}={_number(layer, name)!r}" for name in TELLING if _number(layer, name) is not None]
    activation = getattr(layer, "activation", None)
    name = getattr(activation, "__name__", None)
    if name and name != "linear":
        told.append(f'activation="{name}"')
    return f"{kind}({', '.join(told)})"


def _number(layer: Any, name: str) -> Any:
    value = getattr(layer, name, None)
    if isinstance(value, list):
        value = tuple(value)
    return value if isinstance(value, (int, float, tuple)) and not isinstance(value, bool) else None


def compilation(model: Any) -> str:
    """The call of `compile`, as far as it can be told; empty for a model that is not compiled."""
    loss = getattr(model, "loss", None)
    optimizer = getattr(model, "optimizer", None)
    if loss is None and optimizer is None:
        return ""
    return f"compile(optimizer={type(optimizer).__name__}, loss={spelled(loss)})"


def spelled(loss: Any) -> str:
    """A loss as a program writes it."""
    if isinstance(loss, str) or loss is None:
        return repr(loss)
    if isinstance(loss, dict):
        return "{" + ", ".join(f"{name!r}: {spelled(one)}" for name, one in loss.items()) + "}"
    if isinstance(loss, (list, tuple)):
        return "[" + ", ".join(map(spelled, loss)) + "]"
    if hasattr(loss, "get_config"):
        from_logits = _from_logits(loss)
        return f"{type(loss).__name__}({'from_logits=True' if from_logits else ''})"
    return str(getattr(loss, "__name__", type(loss).__name__))


def _from_logits(loss: Any) -> bool:
    try:
        return bool(loss.get_config().get("from_logits", False))
    except Exception:  # a loss of the user's own may not be able to tell
        return bool(getattr(loss, "from_logits", False))

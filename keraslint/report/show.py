"""The tree of what was recovered from programs, drawn from the JSON of `show`, every fact with its place and its
origin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text
from rich.tree import Tree

from keraslint.report import Style
from keraslint.report.text import STYLES, count, visible
from keraslint.report.window import draw

Json = dict[str, Any]

LEFT_OUT = frozenset(
    {
        *("path", "line", "column", "end_line", "end_column", "cell", "at"),
        *("value", "origin", "confidence", "literal", "omitted", "apart", "text", "reason"),
        *("head", "head_index", "name", "kind"),
    }
)
"""Keys that are told in the line of what they belong to."""

SINGULAR = {
    "models": "model",
    "layers": "layer",
    "heads": "head",
    "trainings": "training",
    "metrics": "metric",
    "activations": "activation",
    "obsolete": "obsolete argument",
    "removed": "removed name",
    "positional_strides": "stride by position",
    "text_arrays": "text array",
    "validations": "validation data",
    "unreadable": "unreadable",
    "idle_ignores": "idle ignore",
    "not_checked": "not recovered",
    "stored": "stored",
    "late": "late change",
}


def render(document: Json, style: Style) -> str:
    """A tree for each model, then what else was met and what could not be recovered."""
    trees = [] if document["models"] else [Tree(Text("no models", style=STYLES["strong"]))]
    for key, parts in document.items():
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            line = Text(f"{_singular(key)} {number}" if key == "models" else _singular(key), style=STYLES["strong"])
            tree = Tree(_told(line, part, ""), guide_style=STYLES["dim"])
            _grow(tree, part)
            trees.append(tree)
    return draw(*trees, style=style)


def _grow(tree: Tree, part: Json) -> None:
    """Everything that is said about a part, below it. Its path is not said again.

    What is not known is said too, all of it on one line: it is much, and seldom what one looks for.
    """
    path = part.get("path", "")
    missing: list[str] = []
    for key, value in part.items():
        if key in LEFT_OUT or value in ([], ""):
            continue
        if key == "layers":
            layers = tree.add(Text(count(len(value), "layer"), style=STYLES["strong"]))
            for number, layer in enumerate(value):
                layers.add(_layer(number, layer, path))
        elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
            for number, item in enumerate(value):
                line = Text(
                    _singular(key) if "origin" in item else f"{_singular(key)} {number}", style=STYLES["strong"]
                )
                _grow(tree.add(_told(line, item, path)), item)
        elif isinstance(value, dict):
            _grow(tree.add(_told(Text(_words(key)), value, path)), {"path": path, **value})
        elif value is None:
            missing.append(_words(key))
        else:
            tree.add(Text(f"{_words(key)}: {_value(value)}"))
    if missing:
        tree.add(Text(f"not known: {', '.join(missing)}", style=STYLES["dim"]))


def _told(line: Text, part: Json, path: str) -> Text:
    """The line of a part: what it is, what is known, where that stands and how it is known."""
    if "origin" in part:
        line.append(": ", style="default")
        line.append(_value(part["value"]), style=STYLES["strong"])
    else:
        for label in (part.get("kind"), part.get("name")):
            line.append(f" {_value(label)}" if label else "")
        if "head_index" in part:
            line.append(f" of head {_value(part['head'] or part['head_index'])}")
    return line.append("".join(f"  {remark}" for remark in _remarks(part, path)), style=STYLES["dim"])


def _layer(number: int, layer: Json, path: str) -> Text:
    """A layer with its number, its facts and where its outputs go on one line: models have many.

    What Keras takes where the program says nothing stands at the layer itself, and is not told.
    """
    line = _told(Text(str(number)), layer, path)
    for key, fact in layer.items():
        if isinstance(fact, dict) and "origin" in fact and (key == "activation" or not _is_at(fact, layer)):
            _told(line.append(f"  {_words(key)}"), fact, layer["path"])
    goals = ", ".join(map(_flow, layer["feeds"]))
    return line.append(f"  → {goals}" if goals else "")


def _flow(flow: Json) -> str:
    """Where the outputs of a layer go: the number of a layer, or a word; behind what, if there is something between."""
    goal = flow["goal"] if flow["layer"] is None else str(flow["layer"])
    return f"{goal} ({' '.join(flow['through'])})" if flow["through"] else goal


def _is_at(fact: Json, part: Json) -> bool:
    return all(fact[key] == part[key] for key in ("path", "line", "column"))


def _remarks(part: Json, path: str) -> Iterator[str]:
    """Where and how a part is known, and why it is not; `path` needs no saying."""
    if "line" in part:
        elsewhere = "" if part["path"] == path else f"{visible(part['path'])}:"
        cell = part.get("cell")
        within = (
            f"cell {cell['index'] + 1}:{cell['line']} (line {part['line']})"
            if cell
            else f"{part['line']}:{part['column']}"
        )
        yield elsewhere + within
    if "origin" in part:
        sure = part["confidence"]
        yield part["origin"] if sure == "high" else f"{part['origin']}, {sure} confidence"
    if reason := part.get("reason"):
        yield _value(reason)


def _value(value: Any) -> str:
    match value:
        case {"low": low, "high": high, "totals": totals}:
            sums = "".join(f", adds up to 1 over axis {axis}" for axis in totals)
            return f"from {low} to {high}{sums}"
        case {"axis": axis, "low": low, "high": high}:
            return f"{low:g} to {high:g} over axis {axis}"
        case {"difference": difference, "batch": batch, "rows": rows}:
            return f"{rows} rows alone and in a batch of {batch} differ by {difference:g}"
        case {"value": inner}:
            return _value(inner)
        case bool() | None:
            return {True: "yes", False: "no", None: "not known"}[value]
        case list():
            return ", ".join(map(_value, value))
    return visible(str(value))


def _words(key: str) -> str:
    return key.replace("_", " ")


def _singular(key: str) -> str:
    return SINGULAR.get(key, _words(key))

"""The tree of what was recovered from programs, drawn from the JSON of `show`, every fact with its place and its
origin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text
from rich.tree import Tree

from keraslint.report import Style
from keraslint.report.text import STYLES, visible
from keraslint.report.window import draw

Json = dict[str, Any]

LEFT_OUT = frozenset(
    {
        *("path", "line", "column", "end_line", "end_column", "cell", "at"),
        *("value", "origin", "confidence", "literal", "text", "reason"),
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
    "text_arrays": "text array",
    "unreadable": "unreadable",
    "not_checked": "not recovered",
    "stored": "stored",
}


def render(document: Json, style: Style) -> str:
    """A tree for each model, then what else was met and what could not be recovered."""
    trees = []
    for key, parts in document.items():
        if isinstance(parts, list):
            for number, part in enumerate(parts):
                tree = Tree(_title(_singular(key), part, number), guide_style=STYLES["dim"])
                _grow(tree, part)
                trees.append(tree)
    if not document["models"]:
        trees.insert(0, Tree(Text("no models")))
    return draw(*trees, style=style)


def _grow(tree: Tree, part: Json) -> None:
    """Everything that is said about a part, below it."""
    for key, value in part.items():
        if key in LEFT_OUT or value in ([], ""):
            continue
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            for number, item in enumerate(value):
                _grow(tree.add(_title(_singular(key), item, number)), item)
        elif isinstance(value, dict) and "line" not in value:
            _grow(tree.add(_words(key)), value)
        elif isinstance(value, dict):
            _grow(tree.add(_title(_words(key), value)), value)
        elif value is None:
            tree.add(Text(f"{_words(key)}: not known", style=STYLES["dim"]))
        else:
            tree.add(Text(f"{_words(key)}: {_value(value)}"))


def _title(name: str, part: Json, number: int | None = None) -> Text:
    """One line: what it is, what is known, where that stands and how it is known."""
    title = Text(name, style="" if "value" in part else STYLES["strong"])
    if "value" in part:
        title.append(": ")
        title.append(_value(part["value"]), style=STYLES["strong"])
    else:
        if number is not None and not part.get("name"):
            title.append(f" {number}")
        for label in (part.get("kind"), part.get("name")):
            title.append(f" {_value(label)}" if label else "")
        if "head_index" in part:
            title.append(f" of head {_value(part['head'] or part['head_index'])}")
    for remark in _remarks(part):
        title.append(f"  {visible(remark)}", style=STYLES["dim"])
    return title


def _remarks(part: Json) -> Iterator[str]:
    if "line" in part:
        cell = part.get("cell")
        within = f"cell {cell['index'] + 1}:{cell['line']}" if cell else f"{part['line']}:{part['column']}"
        yield f"{part['path']}:{within}" + (f" (line {part['line']})" if cell else "")
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
        case dict():
            return _value(value.get("value"))
        case bool() | None:
            return {True: "yes", False: "no", None: "not known"}[value]
        case list():
            return ", ".join(map(_value, value))
    return visible(str(value))


def _words(key: str) -> str:
    return key.replace("_", " ")


def _singular(key: str) -> str:
    return SINGULAR.get(key, _words(key))

"""The outputs of a model one by one, and what of a list or dictionary (of losses, metrics, labels) belongs to each."""

from __future__ import annotations

from dataclasses import dataclass

from keraslint.static.bounds import MOST_HEADS
from keraslint.static.facts.reading import Reading
from keraslint.static.sites import place_of, value_at
from keraslint.static.text import tree
from keraslint.static.values import Dict, List, Site, Tuple, Value


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a model, the place that it has among `count`, and its name where the program gives one."""

    tensor: Value
    name: str | None = None
    index: int = 0
    count: int = 1


def outputs(reading: Reading, value: Value) -> list[Output]:
    """The outputs of a model, which are a tensor, or a list or dictionary of tensors."""
    value = reading.pick(value)
    found: list[tuple[str | None, Value]] = [(None, value)]
    if isinstance(value, Dict):
        found = [(str(name), one) for name, one in value.items()]
    elif isinstance(value, (List, Tuple)):
        items = reading.items(value)
        found = [(None, one) for one in items] if items is not None else found
    found = found[:MOST_HEADS]
    return [Output(tensor, name, index, len(found)) for index, (name, tensor) in enumerate(found)]


def share(reading: Reading, value: Value, place: Site, output: Output) -> tuple[Value, Site] | None:
    """What of a list or dictionary belongs to one output, and its place; anything else belongs to all."""
    value = reading.pick(value)
    if isinstance(value, Dict):
        entries = dict(value.items())
        key = output.name if output.name in entries else None
        if key is None and len(entries) == output.count == 1:
            key = next(iter(entries))
        if key is None:
            return None
        site = value.state.get(("site", key))
        return entries[key], _entry(site) if isinstance(site, Site) else place
    if isinstance(value, (List, Tuple)):
        items = reading.items(value)
        if items is None or output.index >= len(items):
            return None
        item = items[output.index]
        return item, _element(value, output.index) or place_of(item, place)
    return value, place


def _element(value: Value, index: int) -> Site | None:
    """Where the item of a list stands, if the list is written out."""
    site = value.site if isinstance(value, List) else None
    elements = site.node.elements if site is not None and isinstance(site.node, tree.List) else ()
    if site is None or index >= len(elements) or any(isinstance(one, tree.StarredElement) for one in elements):
        return None
    return Site(elements[index].value, site.file)


def _entry(site: Site) -> Site:
    """The value of an entry of a dictionary, written in braces or as an argument of `dict`."""
    return Site(site.node.value, site.file) if isinstance(site.node, tree.DictElement) else value_at(site)

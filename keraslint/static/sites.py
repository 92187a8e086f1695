"""Places of values in a program: where one was made, and whether it is written at the place that uses it."""

from __future__ import annotations

from keraslint.static.text import tree
from keraslint.static.values import Site, Value


def value_at(place: Site) -> Site:
    """The value of a keyword argument; any other place as it is."""
    return Site(place.node.value, place.file) if isinstance(place.node, tree.Arg) else place


def place_of(value: Value, otherwise: Site) -> Site:
    """Where a value was made, as far as it knows."""
    site = getattr(value, "site", None)
    return site if isinstance(site, Site) else otherwise


def stands_at(value: Value, where: Site) -> bool:
    """Whether a value is written at that very place, and not in a variable."""
    site = getattr(value, "site", None)
    return isinstance(site, Site) and site.node is where.node


def stands_in(value: Value, where: Site) -> bool:
    """Whether a value is written at that place, or in the list that is written there."""
    if isinstance(where.node, (tree.List, tree.Tuple)):
        return any(stands_in(value, Site(one.value, where.file)) for one in where.node.elements)
    return stands_at(value, where)

"""Which packages of rules are installed, and what their files are called. No rule is imported here.

A rule has the name of its file, so most names that a configuration gives are known without loading a rule.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress

GROUP = "keraslint.rules"


def announced() -> list[str]:
    """The packages in the group.

    Where packages lie in folders, as nearly everywhere, their entry points are small files that are looked through in a
    millisecond or two; importing `importlib.metadata` alone takes ten times as long, and only other places need it.
    """
    found = {package for folder in sys.path for package in _announced_in(folder or os.curdir)}
    if not found:
        from importlib.metadata import entry_points

        found = {entry.value for entry in entry_points(group=GROUP)}
    return sorted(found)


def _announced_in(folder: str) -> Iterator[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if name.endswith((".dist-info", ".egg-info")):
            try:
                with open(os.path.join(folder, name, "entry_points.txt"), encoding="utf-8") as file:
                    text = file.read()
            except OSError:
                continue
            for section in re.findall(rf"^\[{re.escape(GROUP)}\]\s*\n([^\[]*)", text, re.M):
                yield from re.findall(r"^[^=#;\n]+=\s*([\w.]+)", section, re.M)


def names() -> frozenset[str]:
    """The names of the rules that lie in files of these packages."""
    from importlib.util import find_spec

    found = set()
    for package in announced():
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations if spec else None) or ():
            with suppress(OSError):
                found |= {name[:-3].replace("_", "-") for name in os.listdir(folder) if name.endswith(".py")}
    return frozenset(name for name in found if not name.startswith("-"))

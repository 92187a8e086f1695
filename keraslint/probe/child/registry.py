"""What a program made, and where: models, layers, each `compile`, and what failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Site = list[Any]
"""Path, line, column, end line, end column."""


@dataclass
class Compile:
    """One call of `compile`: its site and what it was given, by the names of the parameters."""

    site: Site | None
    ordinal: int
    arguments: dict[str, Any]
    stood_in: list[str]


@dataclass
class Built:
    """A model that a program built, and what is known of how."""

    model: Any
    site: Site | None
    ordinal: int
    compile: Compile | None = None
    layer_sites: dict[int, tuple[Site, int]] = field(default_factory=dict)
    """By `id` of a layer: where it was made, and as the how manieth there."""
    stood_in: list[str] = field(default_factory=list)
    """What stood in for data on the way to this model, as `num_classes.units`."""
    layer_stood_in: dict[int, list[str]] = field(default_factory=dict)
    """By `id` of a layer: the parameters of it that a stand-in was given for, as `num_classes.units`."""
    rows: Any | None = None
    """For a model without symbolic inputs: what it was called on, as a structure of arrays."""
    given: tuple[Any, Any] | None = None
    """Inputs and labels of the user."""


@dataclass
class Failure:
    """An error of Keras's at a line of the program."""

    error: BaseException
    site: Site | None
    vital: bool
    stood_in: list[str]

    @property
    def told(self) -> tuple[Site | None, str]:
        """What is the same for two failures of one thing."""
        return self.site, str(self.error)[:200]


class Registry:
    """The objects of Keras that a program made, in the order in which they were made. They are kept alive."""

    def __init__(self) -> None:
        self.made: dict[int, Any] = {}
        self.sites: dict[int, tuple[Site, int]] = {}
        self.stood_in: dict[int, list[str]] = {}
        self.compiles: dict[int, list[Compile]] = {}
        self.broken: set[int] = set()
        self.rows: dict[int, Any] = {}
        self.failures: list[Failure] = []
        self.notes: list[tuple[str, Site | None]] = []
        self._count: dict[tuple[Any, ...], int] = {}

    def add(self, made: Any, site: Site, stood_in: list[str]) -> None:
        """An object of Keras made by a call of the program; what an inner call made already is known by that one."""
        if id(made) in self.sites:
            return
        self.made[id(made)] = made
        self.sites[id(made)] = (site, self.next(site))
        if stood_in:
            self.stood_in.setdefault(id(made), []).extend(stood_in)

    def fail(self, failure: Failure) -> None:
        """The failure of a model, each told once."""
        told = (failure.site, str(failure.error)[:200])
        if all(
            known.error is not failure.error and told != (known.site, str(known.error)[:200]) for known in self.failures
        ):
            self.failures.append(failure)

    def note(self, text: str, site: Site | None) -> None:
        """Something that is told, once."""
        if (text, site) not in self.notes:
            self.notes.append((text, site))

    def keep(self, made: Any) -> None:
        self.made.setdefault(id(made), made)

    def next(self, site: Site) -> int:
        """The ordinal of what is made at a site now."""
        key = tuple(site)
        self._count[key] = self._count.get(key, -1) + 1
        return self._count[key]

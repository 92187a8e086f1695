"""A rule is a value: a name, a severity, the part of the model it looks at, and a function."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic, TypeVar

from keraslint.finding import Finding, Severity
from keraslint.model import Program

Part = TypeVar("Part")

SECTIONS = ("Bad", "Good", "When it is fine", "References")


@dataclass(frozen=True)
class Page:
    """A rule's docstring in its fixed parts: a sentence as title, what happens, code blocks, exceptions, references."""

    title: str
    text: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    fine: str
    references: str


@dataclass(frozen=True)
class Rule(Generic[Part]):
    """What `@rule` makes of a function. `name` is the name of the file, with dashes.

    `measured` tells that it asks for facts that only a probe has. `unless` are the rules that say the same slip more
    exactly: where one of them speaks of the same head, what this one found becomes a note of that finding.
    """

    name: str
    severity: Severity
    about: type[Part]
    check: Callable[[Part], Iterator[Finding]]
    measured: bool = False
    unless: tuple[str, ...] = ()

    @cached_property
    def page(self) -> Page:
        return read_page(inspect.getdoc(self.check) or "")

    def findings(self, program: Program) -> Iterator[Finding]:
        """Run the rule on every part of the program that it is about."""
        try:
            for part in program.parts(self.about):
                for finding in self.check(part):
                    lowered = min(self.severity, finding.severity or self.severity)
                    yield replace(finding, rule=self.name, severity=lowered)
        except Exception as error:  # rules come from many hands: say whose it is
            error.add_note(f"in the rule `{self.name}` of {self.check.__module__}")
            raise


def rule(
    about: type[Part], severity: Severity, *, measured: bool = False, unless: tuple[str, ...] = ()
) -> Callable[[Callable[[Part], Iterator[Finding]]], Rule[Part]]:
    """Make a rule of a generator function that takes one part of the model and yields findings.

    The severity is the highest that a finding can have; a finding may carry a lower one. For `measured` and `unless`
    see `Rule`.
    """

    def decorate(check: Callable[[Part], Iterator[Finding]]) -> Rule[Part]:
        name = check.__module__.rpartition(".")[2].replace("_", "-")
        return Rule(name, severity, about, check, measured, unless)

    return decorate


def read_page(text: str) -> Page:
    """Split a docstring into the parts of a page. Blocks under one heading are separated by a line `# ---`."""
    title, _, rest = text.partition("\n")
    pieces = re.split(rf"^({'|'.join(SECTIONS)}):[ \t]*\n", rest, flags=re.M)
    parts = {name: inspect.cleandoc("\n" + body) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}

    def blocks(name: str) -> tuple[str, ...]:
        found = re.split(r"^# ---.*\n", parts.get(name, ""), flags=re.M)
        return tuple(block.strip("\n") + "\n" for block in found if block.strip())

    return Page(
        title=title.strip(),
        text=pieces[0].strip(),
        bad=blocks("Bad"),
        good=blocks("Good"),
        fine=parts.get("When it is fine", ""),
        references=parts.get("References", ""),
    )

"""Findings as an editor shows them: underlined, with the places that they rest on, and a way to the rule's page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lsprotocol import types

from keraslint.finding import Finding, Severity
from keraslint.model import Fact, IdleIgnore, Obsolete, Origin, Removed
from keraslint.rule import Rule
from keraslint.server.judge import Found, Judged
from keraslint.server.text import Text

SOURCE = "keraslint"

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}

TAGS: dict[type, types.DiagnosticTag] = {
    IdleIgnore: types.DiagnosticTag.Unnecessary,
    Obsolete: types.DiagnosticTag.Deprecated,
    Removed: types.DiagnosticTag.Deprecated,
}
"""What editors draw in a way of its own, by what a rule is about."""


class Client(NamedTuple):
    """What the editor can show."""

    related: bool = False
    descriptions: bool = False
    tags: frozenset[types.DiagnosticTag] = frozenset()
    markdown: bool = False


class Reader(NamedTuple):
    """How places of a report are told: the URI of a path, and the text there in the editor's units."""

    uri: Callable[[str], str]
    text: Callable[[str], Text]


def diagnostics(judged: Judged, uri: str, client: Client, reader: Reader) -> list[types.Diagnostic]:
    """What is shown in one document."""
    return [diagnostic(judged, one, client, reader) for one in judged.found_in(uri)]


def diagnostic(judged: Judged, found: Found, client: Client, reader: Reader) -> types.Diagnostic:
    """One finding, shown at one of its places."""
    finding, home, _ = found
    rule = judged.rules.get(finding.rule)
    page = page_of(rule) if rule is not None and client.descriptions else None
    others = [(fact, place_of(fact, reader)) for fact in finding.because if fact.span != home.span]
    tag = TAGS.get(rule.about) if rule is not None else None
    return types.Diagnostic(
        range=place_of(home, reader).range,
        severity=SEVERITIES[finding.severity or Severity.WARNING],
        code=finding.rule,
        code_description=types.CodeDescription(page) if page else None,
        source=SOURCE,
        message="\n".join(_message(finding, home, () if client.related else others)),
        tags=[tag] if tag in client.tags and tag is not None else None,
        related_information=[types.DiagnosticRelatedInformation(place, said(fact)) for fact, place in others]
        if client.related and others
        else None,
    )


def _message(
    finding: Finding, home: Fact[Any], others: tuple[()] | list[tuple[Fact[Any], types.Location]]
) -> Iterator[str]:
    yield finding.message
    if finding.because[0].span != home.span and home.text:
        yield f"here: {said(home)}"  # its first place is in another file
    for fact, place in others:
        yield f"{Path(place.uri).name}:{place.range.start.line + 1}: {said(fact)}"
    if finding.help:
        yield f"help: {finding.help}"


def said(fact: Fact[Any]) -> str:
    """What is said at a place."""
    text = fact.text or f"`{fact.value}`"
    return f"measured: {text}" if fact.origin is Origin.MEASURED else text


def place_of(fact: Fact[Any], reader: Reader) -> types.Location:
    """Where a fact stands."""
    path = fact.span.path
    return types.Location(reader.uri(path), reader.text(path).range(fact.span.position))


def page_of(rule: Rule[Any]) -> str | None:
    """The address of the file that a rule and its page are written in."""
    try:
        return Path(inspect.getfile(rule.check)).absolute().as_uri()
    except (TypeError, ValueError):
        return None

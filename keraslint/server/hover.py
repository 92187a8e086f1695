"""What is told of the place under the pointer: the findings there, or the rule that a comment names, with its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lsprotocol import types

from keraslint.finding import Finding
from keraslint.ignore import ignores
from keraslint.model import Position
from keraslint.report.leaflet import as_markdown, as_text
from keraslint.rule import Rule
from keraslint.server.judge import Judged
from keraslint.server.text import Text

APART = {True: "\n\n---\n\n", False: "\n\n"}


def hover(judged: Judged, uri: str, text: Text, place: types.Position, *, markdown: bool) -> types.Hover | None:
    """What is shown at a place of a document, if there is anything to show."""
    found = list(_found(judged, uri, text, place))
    if not found:
        return None
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    told = APART[markdown].join(dict.fromkeys(_told(judged, [one for one, _ in found], markdown=markdown)))
    return types.Hover(types.MarkupContent(kind, told), text.range(found[0][1]))


def _found(
    judged: Judged, uri: str, text: Text, place: types.Position
) -> Iterator[tuple[Finding | Rule[Any], Position]]:
    """The findings with a fact at the place, and the rules that are named there in a comment."""
    for finding in judged.report.findings:
        here = [fact.span.position for fact in finding.because if judged.uri(fact.span.path) == uri]
        within = next((at for at in here if _holds(text.range(at), place)), None)
        if within is not None:
            yield finding, within
    line, column = place.line + 1, text.characters(place) + 1
    for comment in ignores(text.text):
        for name, start, end in comment.names if comment.line == line else ():
            if start <= column <= end and (rule := judged.rules.get(name.glob)):
                yield rule, Position(line, start, line, end)


def _holds(range_: types.Range, place: types.Position) -> bool:
    start, end = range_.start, range_.end
    return (start.line, start.character) <= (place.line, place.character) <= (end.line, end.character)


def _told(judged: Judged, found: list[Finding | Rule[Any]], *, markdown: bool) -> Iterator[str]:
    """What was found in words, then the page of each rule once."""
    yield from (_finding(one, markdown=markdown) for one in found if isinstance(one, Finding))
    names = dict.fromkeys(one.rule if isinstance(one, Finding) else one.name for one in found)
    for rule in filter(None, map(judged.rules.get, names)):
        yield f"`{rule.name}`\n\n{as_markdown(rule)}" if markdown else f"{rule.name}\n\n{as_text(rule)}"


def _finding(finding: Finding, *, markdown: bool) -> str:
    strong = "**" if markdown else ""
    lines = [f"{strong}{finding.severity}[{finding.rule}]{strong}: {finding.message}"]
    lines += [f"- {note}" for note in finding.notes]
    lines += [f"- help: {finding.help}"] if finding.help else []
    return f"{lines[0]}\n\n" + "\n".join(lines[1:]) if len(lines) > 1 else lines[0]

"""Comments that are to silence findings and silence nothing.

A comment is judged where all that it could speak for was looked at: the rule ran, and the file holds a whole training.
What is in a file that others import may matter to a model there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from keraslint.ignore import Ignore, Silencer, ignores
from keraslint.model import Fact, IdleIgnore, Program, Span
from keraslint.passage import lines_of
from keraslint.source import Source, UnreadableSource

GLOB = frozenset("*?[")
OWN = "unused-ignore"
"""Who names this says that the comment shall stay."""


def idle_ignores(
    program: Program, text: str, used: frozenset[object], known: frozenset[str], running: frozenset[str]
) -> Iterator[IdleIgnore]:
    """The idle comments of a file, given what was of use, all rules and those that ran."""
    try:
        source = Source.from_text(program.path, text)
    except UnreadableSource:
        return
    whole = any(model.trainings for model in program.models)
    parts: list[tuple[int | None, int, tuple[str, ...]]]
    parts = [(one.cell.index, one.first_line - 1, lines_of(one.cell.source)) for one in source.cells if one.cell.python]
    parts = parts or [(None, 0, lines_of(source.program))]
    if any(name.glob == OWN and not name.line for cell, _, lines in parts for name in _named(lines, cell)):
        return
    for cell, before, lines in parts:
        kept = {one.line for one in ignores(lines, cell) if any(name.glob == OWN for name, _, _ in one.names)}
        for comment in ignores(lines, cell):
            idle = [
                (one, start, end)
                for one, start, end in comment.names
                if (program.path, one) not in used and _is_idle(one.glob, known, running, whole=whole)
            ]
            if idle and comment.line not in kept:
                yield _told(source, before, lines, comment, idle, known)


def _named(lines: tuple[str, ...], cell: int | None) -> Iterator[Silencer]:
    return (name for comment in ignores(lines, cell) for name, _, _ in comment.names)


def _is_idle(glob: str, known: frozenset[str], running: frozenset[str], *, whole: bool) -> bool:
    """Whether a name that silences nothing could not do so either: nobody has it, or its rules found nothing."""
    if GLOB & set(glob):
        return whole and known <= running
    return glob not in known or (whole and glob in running)


def _told(
    source: Source,
    before: int,
    lines: tuple[str, ...],
    comment: Ignore,
    idle: list[tuple[Silencer, int, int]],
    known: frozenset[str],
) -> IdleIgnore:
    def span(start: tuple[int, int], end: tuple[int, int]) -> Span:
        return Span(source.path, source.position(before + start[0], start[1], before + end[0], end[1]))

    line, text = comment.line, lines[comment.line - 1]
    whole = span((line, comment.start), (line, comment.end))
    names = tuple(Fact(one.glob, span((line, start), (line, end))) for one, start, end in idle)
    unknown = tuple(one.glob for one, _, _ in idle if not GLOB & set(one.glob) and one.glob not in known)
    if len(idle) < len(comment.names):
        gone = {start for _, start, _ in idle}
        removals = tuple(span((line, start), (line, end)) for start, end in _gaps(comment, gone))
        return IdleIgnore(whole, names, unknown, removals)
    front, behind = text[: comment.start - 1], text[comment.end - 1 :]
    if not front.strip() and not behind.strip() and line < len(lines):
        return IdleIgnore(whole, names, unknown, (span((line, 1), (line + 1, 1)),))
    start = len(front.rstrip()) + 1 if not behind.strip() else comment.start
    end = comment.end + len(behind) - len(behind.lstrip()) if behind.strip() else len(text) + 1
    return IdleIgnore(whole, names, unknown, (span((line, start), (line, end)),))


def _gaps(comment: Ignore, gone: set[int]) -> Iterator[tuple[int, int]]:
    """The columns to take out so that some names go: the first ones up to the one that stays, others with the comma in
    front."""
    first = next(start for _, start, _ in comment.names if start not in gone)
    if comment.names[0][1] != first:
        yield comment.names[0][1], first
    for (_, _, before), (_, start, end) in pairwise(comment.names):
        if start in gone and start > first:
            yield before, end

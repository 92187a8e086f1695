"""Comments that are to silence findings and silence nothing.

A comment is judged where all that it could speak for was looked at: the rule ran, and the file holds a whole training.
What is in a file that others import may matter to a model there. What nobody understands silences nothing anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import pairwise

from keraslint.ignore import Ignore, Silencer, ignores
from keraslint.model import Fact, IdleIgnore, Span
from keraslint.passage import lines_of
from keraslint.source import Source, UnreadableSource

GLOB = frozenset("*?[")
OWN = "unused-ignore"
"""Who names this says that the comment shall stay."""


def idle_ignores(
    path: str,
    text: str,
    used: frozenset[object],
    known: frozenset[str],
    running: frozenset[str],
    *,
    whole: bool,
) -> Iterator[IdleIgnore]:
    """The idle comments of a file, given what was of use, all rules and those that ran. `whole` tells whether the file
    holds a whole training."""
    try:
        source = Source.from_text(path, text)
    except UnreadableSource:
        return
    comments = tuple(ignores(source.program))
    if any(one.whole_file and _keeps(one) for one in comments):
        return
    kept = {one.line for one in comments if _keeps(one)}
    for comment in comments:
        if comment.line in kept:
            continue
        if comment.flaw:
            place = _span(source, (comment.line, comment.start), (comment.line, comment.end))
            yield IdleIgnore(place, (Fact(comment.flaw, place),), flaw=comment.flaw)
        idle = [
            (one, start, end)
            for one, start, end in comment.names
            if (path, one) not in used and _is_idle(one.glob, known, running, whole=whole)
        ]
        if idle:
            yield _told(source, comment, idle, known)


def _keeps(comment: Ignore) -> bool:
    return any(name.glob == OWN for name, _, _ in comment.names)


def _is_idle(glob: str, known: frozenset[str], running: frozenset[str], *, whole: bool) -> bool:
    """Whether a name that silences nothing could not do so either: nobody has it, or its rules found nothing."""
    if GLOB & set(glob):
        return whole and known <= running
    return glob not in known or (whole and glob in running)


def _span(source: Source, start: tuple[int, int], end: tuple[int, int]) -> Span:
    return Span(source.path, source.position(*start, *end))


def _told(source: Source, comment: Ignore, idle: list[tuple[Silencer, int, int]], known: frozenset[str]) -> IdleIgnore:
    line = comment.line
    whole = _span(source, (line, comment.start), (line, comment.end))
    names = tuple(Fact(one.glob, _span(source, (line, start), (line, end))) for one, start, end in idle)
    unknown = tuple(one.glob for one, _, _ in idle if not GLOB & set(one.glob) and one.glob not in known)
    meant = tuple(name for one in unknown for name in get_close_matches(one, sorted(known), n=1, cutoff=0.6))
    if len(idle) < len(comment.names):
        gone = {start for _, start, _ in idle}
        removals = tuple(_span(source, (line, start), (line, end)) for start, end in _gaps(comment, gone))
    else:
        removals = (_whole(source, comment),)
    return IdleIgnore(whole, names, unknown, removals, meant if len(meant) == len(unknown) else ())


def _whole(source: Source, comment: Ignore) -> Span:
    """What goes with a comment that goes: its line, if it has one to itself, or the blanks in front."""
    line, lines = comment.line, lines_of(source.program)
    front, behind = lines[line - 1][: comment.start - 1], lines[line - 1][comment.end - 1 :]
    last = {len(lines), *(cell.first_line - 1 for cell in source.cells)}
    if not front.strip() and not behind.strip() and line not in last:
        return _span(source, (line, 1), (line + 1, 1))
    start = len(front.rstrip()) + 1 if not behind.strip() else comment.start
    end = comment.end + len(behind) - len(behind.lstrip()) if behind.strip() else len(lines[line - 1]) + 1
    return _span(source, (line, start), (line, end))


def _gaps(comment: Ignore, gone: set[int]) -> Iterator[tuple[int, int]]:
    """The columns to take out so that some names go: the first ones up to the one that stays, others with the comma in
    front."""
    first = next(start for _, start, _ in comment.names if start not in gone)
    if comment.names[0][1] != first:
        yield comment.names[0][1], first
    for (_, _, before), (_, start, end) in pairwise(comment.names):
        if start in gone and start > first:
            yield before, end

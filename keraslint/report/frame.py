"""The code of a finding: every place that it rests on, underlined, with what is said there beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from keraslint.model import Fact, Origin, Span
from keraslint.passage import Passage, passage
from keraslint.report.text import NARROWEST, Words, lay_out, visible, width_of, wrap

Facts = tuple[Fact[Any], ...]

LONGEST = 200
"""Longer lines of source are cut around what is underlined, also when nobody's window is too narrow for them."""

SHORT = 5
"""A place of so many lines is shown whole; of a longer one the inner lines are left out."""


class Frames:
    """The frames of one finding, one for each file or cell: that of the first fact first.

    `margin` is the width of the line numbers, at which everything else of the finding is aligned.
    """

    def __init__(self, because: Facts, texts: Mapping[str, str]) -> None:
        self.groups = _groups(because, texts)
        self.margin = len(str(max((number for group in self.groups for number in group.rows), default=0)))

    def draw(self, severity: str, width: int | None, encoding: str = "utf-8") -> Iterator[Words]:
        """The lines of all frames; `severity` names the colour of the first place."""
        bar: Words = [(f"{'':{self.margin}} |", "beside")]
        for group in self.groups:
            arrow = "-->" if group is self.groups[0] else ":::"
            yield [(f"{'':{self.margin}}{arrow} ", "beside"), (group.place, "")]
            if group.rows:
                yield bar
                yield from _frame(group, self.margin, severity, width, encoding)
                yield bar


# --- which lines are shown, and what is marked in them ---------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """A part of one line that is underlined: character columns from 1, the end exclusive, and what is said about it."""

    column: int
    end_column: int
    primary: bool
    text: str


@dataclass(frozen=True)
class Group:
    """The places of a finding in one file or cell. `rows` are the lines to show by number, each with its marks; `cut`
    those from which a long place goes on unseen."""

    place: str
    lines: tuple[str, ...]
    rows: dict[int, list[Mark]]
    cut: frozenset[int]


def _groups(because: Facts, texts: Mapping[str, str]) -> list[Group]:
    """The places by file, that of the first fact first."""
    together: dict[tuple[str, int | None], list[Fact[Any]]] = {}
    for fact in because:
        together.setdefault((fact.span.path, fact.span.position.cell), []).append(fact)
    return [_group(facts, texts.get(path, ""), because[0]) for (path, _), facts in together.items()]


def _group(facts: list[Fact[Any]], text: str, primary: Fact[Any]) -> Group:
    rows: dict[int, list[Mark]] = {}
    cut: set[int] = set()
    where = passage(text, facts[0].span.position)
    for span, told in _told(facts).items():
        where = passage(text, span.position)
        for number, mark in _marks(where, told, primary=span == primary.span):
            rows.setdefault(number, []).extend([mark] if mark else [])
        if where.end_line - where.line >= SHORT:
            cut.add(where.line)
    return Group(_place(facts[0].span, text), where.lines, dict(sorted(rows.items())), frozenset(cut))


def _told(facts: Iterable[Fact[Any]]) -> dict[Span, str]:
    """What is said at each place: several facts may have the same one."""
    said: dict[Span, list[str]] = {}
    for fact in facts:
        words = [word for word in ("measured" if fact.origin is Origin.MEASURED else "", fact.text) if word]
        said.setdefault(fact.span, []).extend([": ".join(words)] if words else [])
    return {span: "; ".join(dict.fromkeys(words)) for span, words in said.items()}


def _marks(where: Passage, text: str, *, primary: bool) -> Iterator[tuple[int, Mark | None]]:
    """The lines to show and what to underline in them: of a long range the first and the last line, words at the
    first."""
    if where.line > len(where.lines) or not any(where.lines):
        return
    if where.end_line <= where.line:
        yield where.line, Mark(where.column, max(where.end_column, where.column + 1), primary, visible(text))
        return
    first = where.lines[where.line - 1].rstrip()
    yield where.line, Mark(where.column, max(len(first) + 1, where.column + 1), primary, visible(text))
    end_line = min(where.end_line, len(where.lines))
    last = where.lines[end_line - 1]
    indent = len(last) - len(last.lstrip()) + 1
    if end_line - where.line < SHORT:
        yield from ((number, None) for number in range(where.line + 1, end_line))
    if where.end_column > indent:
        yield end_line, Mark(indent, where.end_column, primary, "")


def _place(span: Span, text: str) -> str:
    position = span.position
    if position.cell is None or not text:
        return visible(f"{span.path}:{position.line}:{position.column}")
    where = passage(text, position)
    return visible(f"{span.path}:cell {position.cell + 1}:{where.line}:{where.column} (line {position.line})")


# --- how a line and its marks are drawn ------------------------------------------------------------------------------


def _frame(group: Group, margin: int, severity: str, width: int | None, encoding: str) -> Iterator[Words]:
    room = max((width or LONGEST) - margin - 3, NARROWEST)
    above = 0
    for number, marks in group.rows.items():
        if above in group.cut and number > above + 1:
            yield [("...", "beside")]
        above = number
        shown, drawn = _fit(group.lines[number - 1], marks, room, encoding)
        yield [(f"{number:>{margin}} | ", "beside"), (shown, "")]
        for row in _below(drawn, severity, room if width else None):
            yield [(f"{'':{margin}} | ", "beside"), *row]


@dataclass(frozen=True)
class Drawn:
    """A mark in columns of the terminal, from 0."""

    start: int
    end: int
    primary: bool
    text: str


def _fit(line: str, marks: list[Mark], room: int, encoding: str) -> tuple[str, list[Drawn]]:
    """The line as it is shown, cut around its marks where it is too long, and the marks at their columns."""
    shown, columns = lay_out(line, encoding)

    def at(column: int) -> int:
        return columns[min(column - 1, len(line))] + max(0, column - 1 - len(line))

    drawn = [
        Drawn(at(mark.column), max(at(mark.end_column), at(mark.column) + 1), mark.primary, mark.text) for mark in marks
    ]
    if columns[-1] <= room:
        return "".join(shown).rstrip(), drawn
    # Start a little before the mark that counts, but no further right than needed to fill the room.
    first = min(((not mark.primary, mark.start) for mark in drawn), default=(True, 0))[1]
    wanted = min(max(0, first - room // 4), columns[-1] - room + 3)
    begin = next(index for index, column in enumerate(columns) if column >= wanted)
    lead = "..." if begin else ""
    shift = columns[begin] - len(lead)
    end = max(index for index, column in enumerate(columns) if column - shift <= room - 3)
    tail = "..." if end < len(line) else ""
    limit = columns[end] - shift

    def inside(mark: Drawn) -> Drawn:
        start = min(max(mark.start - shift, 0), limit)
        return replace(mark, start=start, end=max(min(mark.end - shift, limit), start + 1))

    return f"{lead}{''.join(shown[begin:end])}{tail}", [inside(mark) for mark in drawn]


def _below(marks: list[Drawn], severity: str, room: int | None) -> Iterator[Words]:
    """The rows under a line: the underlines, with the words of the last mark behind them and those of the others
    below."""
    if not marks:
        return
    marks = sorted(marks, key=lambda mark: (mark.start, mark.primary))
    end = max(mark.end for mark in marks)
    signs = [" "] * end
    for mark in sorted(marks, key=lambda mark: mark.primary):
        signs[mark.start : mark.end] = ("^" if mark.primary else "-") * (mark.end - mark.start)
    row = _colored("".join(signs), severity)
    hanging = [mark for mark in marks if mark.text]
    if hanging and hanging[-1] is marks[-1] and (room is None or end + 1 + width_of(hanging[-1].text) <= room):
        last = hanging.pop()
        row.append((f" {last.text}", severity if last.primary else "beside"))
    yield row
    if hanging:
        yield _hooks(hanging, severity)
    while hanging:
        mark = hanging.pop()
        start = mark.start
        if room is not None:  # what does not fit there begins further left
            start = max(0, min(start, room - min(width_of(mark.text), NARROWEST)))
        hooks = _hooks([one for one in hanging if one.start < start], severity)
        blanks = " " * (start - sum(len(piece) for piece, _ in hooks))
        for text in wrap(mark.text, room and room - start):
            yield [*hooks, (blanks + text, severity if mark.primary else "beside")]


def _colored(signs: str, severity: str) -> Words:
    """Underlines with their colours: the first place in that of the severity."""
    words: Words = []
    for sign in signs:
        style = {"^": severity, "-": "beside"}.get(sign, "")
        if words and words[-1][1] == style:
            words[-1] = (words[-1][0] + sign, style)
        else:
            words.append((sign, style))
    return words


def _hooks(marks: list[Drawn], severity: str) -> Words:
    """A bar under the start of each mark, down to where its words are."""
    words: Words = []
    at = 0
    for start, primary in {mark.start: mark.primary for mark in marks}.items():
        words.append((" " * (start - at) + "|", severity if primary else "beside"))
        at = start + 1
    return words

"""Edits become new text. An edit that cannot be made for certain is refused, not guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from keraslint.finding import Edit, Fix
from keraslint.model import Position, Span
from keraslint.passage import line_and_column, offset


class OverlapError(Exception):
    """Two edits that want to change the same text."""


# White space in a program. A notebook keeps the program in JSON strings: there a line end is spelled `\n`, and the next
# line may be the next string.
_GAP = r"[ \t\f\r\n]|\\\r?\n"
_COMMENT = r"#[^\r\n]*[\r\n]"
_NOTEBOOK_GAP = r'[ ]|\\[nrt]|\\\\\\n|(?<=\\n)"\s*,\s*"'


def exact(fix: Fix, texts: Mapping[str, str]) -> Fix:
    """The same fix with edits that say exactly which characters of a file go and what comes instead."""
    return replace(fix, edits=tuple(resolve(edit, texts[edit.span.path]) for edit in fix.edits))


def resolve(edit: Edit, text: str) -> Edit:
    """The edit as a plain replacement of characters: an argument takes its comma along, a statement its lines, a
    notebook gets its escapes."""
    where = edit.span.position
    start, end = _range(where, text)
    new = _quoted_like(text[start:end], edit.text)
    name = _NAME.search(text, max(0, start - _FAR), start) if edit.argument else None
    lines = _NOTEBOOK_LINE if where.cell is not None else _LINE
    if edit.lines and (not edit.argument or _leads_and_closes(text, start, end, lines)):
        start, end = _with_lines(text, start, end, lines)
    elif edit.argument and (name or not new):
        gap = _NOTEBOOK_GAP if where.cell is not None else _GAP
        start, end = _with_comma(text, name.start() if name else start, end, gap)
        new = ""
    if where.cell is not None:
        start, end = (start, end) if new else _whole_string(text, start, end)
        new = _in_json(new, text, start)
    return Edit(Span(edit.span.path, _position(text, start, end)), new)


class _Lines(NamedTuple):
    """How lines are written: where one starts, what stands before a statement and behind it, and how lines end."""

    starts: re.Pattern[str]
    indent: re.Pattern[str]
    rest: re.Pattern[str]
    end: re.Pattern[str]
    end_before: re.Pattern[str]


_LINE = _Lines(*map(re.compile, (r"(?:\A|[\r\n])\Z", r"[ \t\f]*\Z", r"[^\r\n]*", r"\r\n?|\n", r"(?:\r\n?|\n)\Z")))
_NOTEBOOK_LINE = _Lines(
    re.compile(r'(?:"|\\n)\Z'),
    re.compile(r"(?:[ ]|\\t)*\Z"),
    re.compile(r'(?:[^"\\]|\\[^nr])*'),
    re.compile(r"(?:\\r)?\\n"),
    re.compile(r'(?:\\r)?\\n(?:"\s*,\s*")?\Z'),
)


def _leads_and_closes(text: str, start: int, end: int, lines: _Lines) -> bool:
    """Whether nothing but a comma and a comment shares the lines of a range."""
    indent, rest = lines.indent.search(text, max(0, start - _FAR), start), lines.rest.match(text, end)
    if indent is None or rest is None or not lines.end.match(text, rest.end()):
        return False
    behind = rest[0].strip().removeprefix(",").lstrip()
    return bool(lines.starts.search(text, max(0, indent.start() - 3), indent.start())) and behind[:1] in ("", "#")


def _with_lines(text: str, start: int, end: int, lines: _Lines) -> tuple[int, int]:
    """The range of whole lines, with the line end behind them or, at the end of all, the one before."""
    if indent := lines.indent.search(text, max(0, start - _FAR), start):
        start = indent.start()
    if rest := lines.rest.match(text, end):
        end = rest.end()
    if behind := lines.end.match(text, end):
        return start, behind.end()
    before = lines.end_before.search(text, max(0, start - _FAR), start)
    return (before.start() if before else start), end


_NAME = re.compile(r"(?<![\w.])\w+[ \t]*=[ \t]*$")
_PLAIN = re.compile(r"""[^"'\\\n]*""")


def _quoted_like(old: str, new: str) -> str:
    """A new string in the quotes of the one that it replaces."""
    single = old.startswith("'") and not old.startswith("'''")
    return f"'{new[1:-1]}'" if single and new[:1] == new[-1:] == '"' and _PLAIN.fullmatch(new[1:-1]) else new


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def _in_json(new: str, text: str, at: int) -> str:
    """New text as it is written inside of a JSON string: where every line is a string of its own, so are the new."""
    lines = [json.dumps(line, ensure_ascii=False)[1:-1] for line in new.split("\n")]
    begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    opening = next((one.start() for one in _STRING.finditer(text, begin) if one.end() > at), at)
    gap = re.compile(r"[\[,](\s*)$").search(text, max(0, opening - _FAR), opening)
    return (f'\\n",{gap[1]}"' if gap else "\\n").join(lines)


def _whole_string(text: str, start: int, end: int) -> tuple[int, int]:
    """The range of all that is left out of a list of JSON strings: a string of which nothing stays goes as a whole."""
    if text[start - 1 : start] != '"' or text[end : end + 1] != '"' or start == end:
        return start, end
    if behind := re.compile(r'"\s*,\s*"').match(text, end):
        listed = re.compile(r'[\[,]\s*"$').search(text, max(0, start - _FAR), start)
        return (start, behind.end()) if listed else (start, end)
    before = re.compile(r',\s*"$').search(text, max(0, start - _FAR), start)
    return (before.start(), end + 1) if before else (start, end)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with every edit made. Raises `OverlapError` when two of them touch the same characters or the same
    gap."""
    exact_edits = (resolve(edit, text) for edit in edits)
    ranges = sorted({(*_range(edit.span.position, text), edit.text) for edit in exact_edits})
    parts, done, inserted = [], 0, -1
    for start, end, new in ranges:
        if start < done or start == end == inserted:
            raise OverlapError(f"two edits at character {start}")
        parts += [text[done:start], new]
        done, inserted = end, end if start == end else -1
    return "".join([*parts, text[done:]])


def _range(position: Position, text: str) -> tuple[int, int]:
    start = offset(text, position.line, position.column)
    return start, max(start, offset(text, position.end_line, position.end_column))


def _with_comma(text: str, start: int, end: int, gap: str) -> tuple[int, int]:
    """The range of one item of a list, grown so that what is left is still a list.

    The comma behind the item goes with it, or the one before if none is behind. An item that has its lines for itself
    takes them along; a comment stays, unless it stands before the comma.
    """
    behind = re.compile(rf"(?:{gap}|{_COMMENT})*,").match(text, end)
    if behind:
        end = behind.end()
    indent = re.compile(r"[ \t]*$").search(text, text.rfind("\n", 0, start) + 1, start)
    leads = indent is not None and text[: indent.start()].endswith(("\n", "\r"))
    if line_end := re.compile(r"[ \t]*(\r\n?|\n)").match(text, end):
        if leads and indent:
            return indent.start(), line_end.end()
        if behind and indent:
            return indent.start(), line_end.start(1)
    if behind:
        return start, _behind_blanks(text, end)
    if leads and text.startswith("#", _behind_blanks(text, end)):
        return start, end  # swallowing the comma of the line above would move this comment up to it
    before = re.compile(rf",(?:{gap})*$").search(text, max(0, start - _FAR), start)
    return (before.start() if before else start), end


_FAR = 2000
"""How far back a comma is looked for; only white space may lie between, and nobody writes that much."""


def _behind_blanks(text: str, at: int) -> int:
    blanks = re.compile(r"[ \t]*").match(text, at)
    return blanks.end() if blanks else at


def _position(text: str, start: int, end: int) -> Position:
    """A range of the physical text, also of a notebook: no cell is named, so nothing is escaped a second time."""
    return Position(*line_and_column(text, start), *line_and_column(text, end))

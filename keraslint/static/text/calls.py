"""The arguments of a call in a text: where one more goes, and how it is laid out there."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import NamedTuple

from keraslint.static.text.scopes import FAILURES, Place, ast_lines, parsed


class Piece(NamedTuple):
    """New text at a place of the program."""

    place: Place
    text: str


def one_more(program: str, start: Place, end: Place, argument: str) -> tuple[Piece, ...]:
    """What to insert so that the call between two places passes one more argument; nothing when that cannot be done.

    The argument goes behind the others, and is laid out like the last of them: on its own line if that has one, with a
    comma behind it if that has one. Comments stay with the argument that they are about.
    """
    lines = ast_lines(program)
    piece = _between(lines, start, end)
    try:
        call = parsed(f"({piece})").body[0].value  # type: ignore[attr-defined]
        tokens = _tokens(piece)
    except (*FAILURES, tokenize.TokenError, IndexError, AttributeError):
        return ()
    if not isinstance(call, ast.Call) or not _takes(call, argument) or not tokens or tokens[-1].string != ")":
        return ()
    opening, last = _opening(tokens), len(tokens) - 2

    def at(place: Place) -> Place:
        """A place of the piece in the program."""
        line, column = place
        return start[0] + line - 1, column + 1 + (start[1] - 1 if line == 1 else 0)

    while tokens[last].type in _BLANK:
        last -= 1
    if last == opening:
        return (Piece(at(tokens[last].end), argument),)
    comma = tokens[last].string == ","
    behind = tokens[last]
    begins = _first_of_last(tokens, opening, last - comma)
    row = begins.start[0]
    alone = row > tokens[opening].start[0] and not piece.split("\n")[row - 1][: begins.start[1]].strip()
    if not alone:
        return (Piece(at(behind.end), f" {argument}," if comma else f", {argument}"),)
    indent = re.match(r"\s*", lines[start[0] + row - 2])
    line = f"\n{indent[0] if indent else ''}{argument}{',' if comma else ''}"
    note = tokens[last + 1] if tokens[last + 1].type == tokenize.COMMENT else None
    if note is None or note.start[0] != behind.end[0]:
        return (Piece(at(behind.end), line if comma else f",{line}"),)
    return (*(() if comma else (Piece(at(behind.end), ","),)), Piece(at(note.end), line))


_BLANK = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE}


def _between(lines: list[str], start: Place, end: Place) -> str:
    rows = lines[start[0] - 1 : end[0]]
    if not rows:
        return ""
    rows[-1] = rows[-1][: end[1] - 1]
    rows[0] = rows[0][start[1] - 1 :]
    return "\n".join(rows)


def _takes(call: ast.Call, argument: str) -> bool:
    """Whether one more argument can follow: not behind a bare generator, and not twice the same name."""
    name = argument.partition("=")[0].strip()
    if any(keyword.arg == name for keyword in call.keywords):
        return False
    lone = len(call.args) == 1 and not call.keywords and isinstance(call.args[0], ast.GeneratorExp)
    return not (
        lone and (call.args[0].end_lineno, call.args[0].end_col_offset) == (call.end_lineno, call.end_col_offset)
    )


def _tokens(piece: str) -> list[tokenize.TokenInfo]:
    """The tokens of the piece, up to its last bracket."""
    found = list(tokenize.generate_tokens(io.StringIO(f"{piece}\n").readline))
    while found and found[-1].string != ")":
        found.pop()
    return found


def _opening(tokens: list[tokenize.TokenInfo]) -> int:
    """Where the bracket opens that the last token closes."""
    depth = 0
    for index in range(len(tokens) - 1, -1, -1):
        if tokens[index].type == tokenize.OP:
            depth += (tokens[index].string in ")]}") - (tokens[index].string in "([{")
            if depth == 0:
                return index
    return 0


def _first_of_last(tokens: list[tokenize.TokenInfo], opening: int, last: int) -> tokenize.TokenInfo:
    """The first token of the last argument."""
    depth, first = 0, last
    for index in range(last, opening, -1):
        token = tokens[index]
        if token.type == tokenize.OP:
            if token.string == "," and depth == 0:
                break
            depth += (token.string in ")]}") - (token.string in "([{")
        if token.type not in _BLANK:
            first = index
    return tokens[first]

"""Lines of styled words: what text for people is made of before it is known whether colours can be seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

Words = list[tuple[str, str]]
"""One line: pieces of text, each with the name of a style in `STYLES` or none."""

STYLES = {
    "": "",
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
    "beside": "bold blue",
    "strong": "bold",
    "dim": "dim",
    "added": "green",
    "removed": "red",
}


SHADES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
"""The numbers by which terminals know what `STYLES` is made of (ECMA-48)."""


class Linked(str):
    """A piece of text that leads somewhere, on terminals that can follow a link."""

    address: str

    def __new__(cls, text: str, address: str) -> Linked:
        """The text, and where it leads."""
        linked = super().__new__(cls, text)
        linked.address = address
        return linked


def paint(lines: Iterable[Words], *, color: bool) -> str:
    """The lines as text, with the escape codes of a terminal if colours are wanted, and those of links where there are
    any.

    These few codes are written here: importing what knows all of them takes as long as reading a program.
    """
    return "".join("".join(_painted(line, color=color)).rstrip(" ") + "\n" for line in lines)


def _painted(line: Words, *, color: bool) -> Iterator[str]:
    for style, pieces in groupby(line, key=lambda piece: STYLES[piece[1]] if color else ""):
        text = "".join(_linked(piece) for piece, _ in pieces)
        codes = ";".join(SHADES[word] for word in style.split())
        yield f"\x1b[{codes}m{text}\x1b[0m" if codes and text else text


def _linked(text: str) -> str:
    """The text as a terminal takes a link (OSC 8)."""
    return f"\x1b]8;;{text.address}\x1b\\{text}\x1b]8;;\x1b\\" if isinstance(text, Linked) else text


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


TAB = 4

NARROWEST = 12
"""Text is never squeezed below this many columns."""


def lay_out(line: str, encoding: str = "utf-8") -> tuple[list[str], list[int]]:
    """A line of source as it is shown, character by character, and the column at which each starts (and the line ends).

    Tabs become blanks. Characters that would move the cursor, reverse the direction or show nothing are made visible:
    the text of a stranger's file must not steer the reader's terminal. A character that the encoding lacks is shown as
    Python writes it, and takes that many columns.
    """
    if line.isascii() and line.isprintable():
        return list(line), list(range(len(line) + 1))
    shown, columns, at = [], [], 0
    for character in line:
        columns.append(at)
        if character == "\t":
            character = " " * (TAB - at % TAB)
        elif unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            character = "\N{REPLACEMENT CHARACTER}" if encoding == "utf-8" else "?"
        elif encoding != "utf-8":
            character = character.encode(encoding, "backslashreplace").decode(encoding)
        shown.append(character)
        at += width_of(character)
    return shown, [*columns, at]


def wrap(text: str, width: int | None) -> list[str]:
    """The text in lines of at most `width` columns, broken at blanks; a longer word is broken where it must be."""
    if width is None or width_of(text) <= width:
        return [text]
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width_of(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while width_of(word) > width:
            fitting = next(size for size in range(len(word), 0, -1) if width_of(word[:size]) <= max(width, 2))
            lines.append(word[:fitting])
            word = word[fitting:]
        line = word
    return [*lines, line] if line else lines


def visible(text: str) -> str:
    """One line of text from elsewhere (a path, a name, a message), safe to print."""
    return "".join(lay_out(text.replace("\r", "").replace("\n", " "))[0])


def count(number: int, thing: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"

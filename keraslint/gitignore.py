"""The rules of git about which files are not part of a project, read from `.gitignore` files.

Git itself is not asked: it may not be there (an archive, a container), it costs a process, and the answer must not
depend on either. As git says it: the last pattern that matches decides, patterns of a deeper folder go before those
above it, and nothing below an ignored folder can be brought back.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple


class Pattern(NamedTuple):
    """One line: an expression over the path below the folder of the file, with slashes."""

    expression: re.Pattern[str]
    folders_only: bool
    ignores: bool


class Patterns:
    """The patterns of one `.gitignore`."""

    def __init__(self, folder: str, lines: list[str]) -> None:
        self.folder = os.path.join(folder, "")
        self.patterns = [pattern for line in lines if (pattern := _pattern(line))]
        # Most paths match nothing: one search tells so, instead of one for every line.
        self._any = re.compile(
            "|".join(f"(?:{pattern.expression.pattern})" for pattern in self.patterns) or r"(?!)", re.S
        )

    def verdict(self, path: str, *, folder: bool) -> bool | None:
        """Whether these patterns ignore an absolute path; `None` when they say nothing about it."""
        below = _bytes(path[len(self.folder) :].replace(os.sep, "/"))
        if not self._any.fullmatch(below):
            return None
        for pattern in reversed(self.patterns):
            if (folder or not pattern.folders_only) and pattern.expression.fullmatch(below):
                return pattern.ignores
        return None


Rules = tuple[Patterns, ...]
"""The patterns that hold in a folder, those of the outermost folder first."""


def ignored(rules: Rules, path: str, *, folder: bool) -> bool:
    """Whether a path, whose folder is not ignored itself, is left out."""
    for patterns in reversed(rules):
        verdict = patterns.verdict(path, folder=folder)
        if verdict is not None:
            return verdict
    return False


def above(folder: str) -> Rules:
    """The rules that a folder inherits from the checkout around it, its own not included."""
    if os.path.exists(os.path.join(folder, ".git")):
        return ()
    folders: list[str] = []
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        folders.append(folder)
        if os.path.exists(os.path.join(folder, ".git")):
            return tuple(patterns for folder in reversed(folders) for patterns in inside(folder))
    return ()  # no checkout: the files above the folder that was asked for are somebody else's


def inside(folder: str) -> Rules:
    """The rules that are written in this very folder."""
    found = []
    for name in (os.path.join(".git", "info", "exclude"), ".gitignore"):
        try:
            with open(os.path.join(folder, name), encoding="utf-8", errors="surrogateescape") as file:
                found.append(Patterns(folder, file.read().split("\n")))
        except OSError:
            continue
    return tuple(patterns for patterns in found if patterns.patterns)


def _pattern(line: str) -> Pattern | None:
    line = line.removesuffix("\r")
    if not line or line.startswith("#"):
        return None
    line = re.sub(r"(?<!\\)((?:\\\\)*) +$", r"\1", line)  # blanks at the end count only when escaped
    ignores = not line.startswith("!")
    line = line.removeprefix("!")
    folders_only = line.endswith("/")
    line = line.removesuffix("/")
    anywhere = "/" not in line
    line = line.removeprefix("/")
    if not line:
        return None
    try:
        expression = re.compile(("(?:.*/)?" if anywhere else "") + _expression(_bytes(line)), re.S)
    except (re.error, KeyError):
        return None  # such as `[z-a]` and `[[:abc:]]`, which match nothing in git either
    return Pattern(expression, folders_only, ignores)


def _bytes(text: str) -> str:
    """The text with a character for each byte: git compares bytes, so that `?` is a part of `é`."""
    return text if text.isascii() else os.fsencode(text).decode("latin-1")


_TOKEN = (
    r"(?P<all>^\*\*$)|(?P<start>^\*\*/)|(?P<middle>/\*\*/)|(?P<end>/\*\*$)|(?P<star>\*+)|(?P<one>\?)"
    r"|\\(?P<plain>.)|(?P<set>\[[!^]?\]?(?:\[:[a-z]*:\]|\\.|[^\]\\])*\])|(?P<other>.)"
)


def _expression(glob: str) -> str:
    """The glob as a regular expression over a whole path: `*` and `?` stop at slashes, `**` between slashes does
    not."""
    parts = []
    for token in re.finditer(_TOKEN, glob, re.S):
        text = token[0]
        match token.lastgroup:
            case "all":
                parts.append(".*")
            case "start":
                parts.append("(?:.*/)?")
            case "middle":
                parts.append("/(?:.*/)?")
            case "end":
                parts.append("/.*")
            case "star":
                parts.append("[^/]*")
            case "one":
                parts.append("[^/]")
            case "set":
                negated = text[1] in "!^"
                members = "".join(map(_member, re.findall(_MEMBER, text[1 + negated : -1], re.S)))
                parts.append(f"(?!/)[{'^' if negated else ''}{members}]")
            case _:
                parts.append(re.escape(token["plain"] or text))
    return "".join(parts)


_MEMBER = r"\[:[a-z]*:\]|\\.|."

_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


def _member(text: str) -> str:
    """One member of a set in brackets, or the dash of a range, as regular expressions have it."""
    if text.startswith("[:") and len(text) > 2:
        return _CLASSES[text[2:-2]]
    return text if text == "-" else re.escape(text[-1])

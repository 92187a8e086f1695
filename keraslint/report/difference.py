"""What changes in a text, as a unified difference."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from keraslint.report import Style
from keraslint.report.text import paint, visible

SHADES = {"-": "removed", "+": "added", "@": "note"}


def exact(path: str, before: str, after: str) -> str:
    """For programs such as `git apply`: every character counts, also at the end of a file without a last line end."""
    lines = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in _lines(path, before, after)
    )
    return "".join(lines)


def painted(path: str, before: str, after: str, style: Style) -> str:
    """For people."""
    lines = (line.removesuffix("\n") for line in _lines(path, before, after))
    return paint(([(visible(line), SHADES.get(line[:1], ""))] for line in lines), color=style.color)


def _lines(path: str, before: str, after: str) -> Iterator[str]:
    return difflib.unified_diff(_split(before), _split(after), path, path)


def _split(text: str) -> list[str]:
    """The lines as `diff` knows them: a form feed ends none."""
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]

"""The Python in a Markdown document: its fenced blocks, one program in the order of the text.

Every line that is no Python becomes empty, so that a place in the program is the same place in the document. A block
that Python does not read is left out whole; so are blocks that stand indented, in a list or a quotation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from keraslint.source.ipython import blank, python_of

_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\r\n]*)")
_PYTHON = frozenset({"python", "py", "python3", "ipython", "ipython3", "{python}", "{.python}"})
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


class Block(NamedTuple):
    """A fenced block: its lines without the fences, and whether it says that it is Python."""

    lines: list[str]
    python: bool


def program_of(text: str) -> str:
    """The document with everything but its Python taken out; the lines stay where they are."""
    return "".join(_kept(part) for part in _parts(text))


def _kept(part: str | Block) -> str:
    if isinstance(part, str) or not part.python:
        return blank(part if isinstance(part, str) else "".join(part.lines))
    body = "".join(part.lines)
    python = python_of(body)
    # what moves the columns or the lines would move the places with it
    return python.text if not python.indent and python.text.count("\n") == body.count("\n") else blank(body)


def _parts(text: str) -> Iterator[str | Block]:
    """Lines outside of blocks, fences among them, and the blocks; a block without its end goes on to the end."""
    open_fence = ""
    block = Block([], python=False)
    for line in _LINE.findall(text):
        fence = _FENCE.match(line)
        if not open_fence:
            if fence is not None:
                words = fence["info"].split()
                open_fence = fence["fence"]
                block = Block([], python=bool(words) and words[0].lower() in _PYTHON)
            yield line
        elif fence is not None and fence["fence"].startswith(open_fence) and not fence["info"].strip():
            yield block
            open_fence = ""
            yield line
        else:
            block.lines.append(line)
    if open_fence:
        yield block

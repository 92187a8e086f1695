"""Where the child's places are in the files: from lines and columns in UTF-8 bytes to spans."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from keraslint.model import Span
from keraslint.source import Source


class Places:
    """The files that a child was given, by the path that it was given for each."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = dict(sources)
        self._lines = lru_cache(maxsize=None)(self._split)

    def span(self, site: Any) -> Span:
        """The place that a child names: path, line, column, end line and end column, as Python's own positions.

        Columns that are not known make it the whole line. Raises `ValueError` for a place that is in no file.
        """
        match site:
            case [str(path), int(line), (int() | None) as column, (int() | None) as end_line, (int() | None) as end]:
                pass
            case _:
                raise ValueError("a place that is none")
        source = self._sources.get(path)
        if source is None:
            raise ValueError(f"a place in `{path[:80]}`, which was not asked for")
        lines = self._lines(path)
        last = line if end_line is None else end_line
        if not 1 <= line <= last <= len(lines):
            raise ValueError(f"a place in line {line} to {last} of {len(lines)}")
        if column is None or end is None or end_line is None:
            text = lines[line - 1]
            begin, stop = len(text) - len(text.lstrip()) + 1, len(text.rstrip()) + 1
            return Span(path, source.position(line, min(begin, stop), line, stop))
        found = source.position(line, _characters(lines[line - 1], column), last, _characters(lines[last - 1], end))
        return Span(path, found)

    def mention(self, *words: str) -> bool:
        """Whether one of these words stands in one of the programs."""
        return any(word in source.program for source in self._sources.values() for word in words)

    def _split(self, path: str) -> list[str]:
        """The lines of a program as Python counts them."""
        return self._sources[path].program.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _characters(line: str, column: int) -> int:
    """The column in characters, from 1, of a column in UTF-8 bytes, from 0."""
    data = line.encode("utf-8", "surrogatepass")
    if not 0 <= column <= len(data):
        raise ValueError(f"a place in column {column} of {len(data)}")
    return len(data[:column].decode("utf-8", "replace")) + 1

"""Comments that silence findings: `# keraslint: ignore[rule] -- reason`, `# keraslint: ignore-file[rule]`, `# noqa`.

At the end of a line a comment speaks for that line; on a line of its own for the next statement, or inside of brackets
for the next line. A finding that rests on several places is silenced at any of them.
"""

from __future__ import annotations

import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from keraslint.finding import Finding
from keraslint.model import Position
from keraslint.passage import lines_at, passage

_COMMENT = re.compile(r"#\s*keraslint:\s*ignore\[([^\]]*)\]|#\s*noqa\s*(?:#|$)", re.I)
_IN_FILE = re.compile(r"#\s*keraslint:\s*ignore-file\[([^\]]*)\]", re.I)
_NAMING = re.compile(r"#\s*keraslint:\s*ignore(-file)?\[([^\]]*)\][^#]*", re.I)


class Silencer(NamedTuple):
    """A name or glob in a comment, and the line of the comment in its file or cell; 0 when it speaks for the file."""

    glob: str
    line: int
    cell: int | None = None


class Ignore(NamedTuple):
    """A comment that names rules: the range of it in a line, and each name with its own range; columns from 1."""

    line: int
    start: int
    end: int
    names: tuple[tuple[Silencer, int, int], ...]


Globs = frozenset[Silencer]


def silenced(finding: Finding, texts: Mapping[str, str]) -> bool:
    """Whether a comment at one of its places says that the finding is known and meant."""
    return any(True for _ in silencers(finding, texts))


def silencers(finding: Finding, texts: Mapping[str, str]) -> Iterator[tuple[str, Silencer]]:
    """What silences a finding: for each such name the path of the file and where its comment is."""
    for fact in finding.because:
        path = fact.span.path
        for one in _silencers(texts[path], fact.span.position):
            if fnmatchcase(finding.rule, one.glob):
                yield path, one


def ignores(lines: tuple[str, ...], cell: int | None = None) -> Iterator[Ignore]:
    """The comments of a file or cell that name rules."""
    for token in _tokens(lines):
        for found in _NAMING.finditer(token.string) if token.type == tokenize.COMMENT else ():
            begin, line = token.start[1] + 1, 0 if found[1] else token.start[0]
            names = tuple(
                (
                    Silencer(_name(one[0]), line, cell if line else None),
                    begin + found.start(2) + one.start(),
                    begin + found.start(2) + one.end(),
                )
                for one in re.finditer(r"[^\s,](?:[^,]*[^\s,])?", found[2])
            )
            yield Ignore(token.start[0], begin + found.start(), begin + found.start() + len(found[0].rstrip()), names)


def _silencers(text: str, position: Position) -> Iterator[Silencer]:
    """What is silenced at a place."""
    if not _speaks(text):
        return
    yield from _in_file(text)
    where = passage(text, position)
    silent = _lines(text, position.cell)
    for line in {where.line, where.end_line}:
        yield from silent.get(line, ())


# A file may have thousands of findings: what is the same for all of them is asked once.
@lru_cache(maxsize=64)
def _speaks(text: str) -> bool:
    """Whether there may be a comment that silences something."""
    return any(word in text for word in ("keraslint:", "noqa", "NOQA"))


@lru_cache(maxsize=64)
def _in_file(text: str) -> Globs:
    return frozenset(Silencer(name, 0) for names in _IN_FILE.findall(text) for name in _names(names))


def _name(text: str) -> str:
    return text.strip().replace("_", "-")


def _names(text: str) -> frozenset[str]:
    return frozenset(map(_name, text.split(",")))


@lru_cache(maxsize=64)
def _lines(text: str, cell: int | None) -> Mapping[int, Globs]:
    """For each line of a file or a cell that is spoken for, what is silenced there."""
    silent: defaultdict[int, Globs] = defaultdict(frozenset)
    for_statement: Globs = frozenset()
    for_line: Globs = frozenset()
    start, depth = 0, 0
    for token in _tokens(lines_at(text, cell)):
        line = token.start[0]
        if token.type == tokenize.COMMENT:
            globs = frozenset(Silencer(glob, line, cell) for glob in _said(token.string))
            if token.line[: token.start[1]].strip():
                silent[line] |= globs
            elif depth:
                for_line |= globs
            else:
                for_statement |= globs
        elif token.type == tokenize.NEWLINE:
            for number in range(start, line + 1):
                silent[number] |= for_statement
            start, for_statement = 0, frozenset()
        elif token.type not in _NO_CODE:
            start = start or line
            silent[line] |= for_line
            for_line = frozenset()
            if token.type == tokenize.OP:
                depth += (token.string in "([{") - (token.string in ")]}")
    return {line: globs for line, globs in silent.items() if globs}


_NO_CODE = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def _tokens(lines: tuple[str, ...]) -> Iterator[tokenize.TokenInfo]:
    """The tokens up to where the text is no Python any more, as in cells with commands for IPython."""
    rows = iter([f"{line}\n" for line in lines])
    with suppress(tokenize.TokenError, SyntaxError):
        yield from tokenize.generate_tokens(lambda: next(rows, ""))


def _said(comment: str) -> frozenset[str]:
    found = [match[1] for match in _COMMENT.finditer(comment)]
    return frozenset(name for names in found for name in (_names(names) if names is not None else {"*"}))

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

from keraslint.finding import Finding
from keraslint.model import Position
from keraslint.passage import lines_at, passage

_COMMENT = re.compile(r"#\s*keraslint:\s*ignore\[([^\]]*)\]|#\s*noqa\s*(?:#|$)", re.I)
_IN_FILE = re.compile(r"#\s*keraslint:\s*ignore-file\[([^\]]*)\]", re.I)

Globs = frozenset[str]


def silenced(finding: Finding, texts: Mapping[str, str]) -> bool:
    """Whether a comment at one of its places says that the finding is known and meant."""
    return any(
        fnmatchcase(finding.rule, glob)
        for fact in finding.because
        for glob in _globs(texts[fact.span.path], fact.span.position)
    )


def _globs(text: str, position: Position) -> Iterator[str]:
    """The rules that are silenced at a place."""
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
    return frozenset(name for names in _IN_FILE.findall(text) for name in _names(names))


def _names(text: str) -> Globs:
    return frozenset(name.strip().replace("_", "-") for name in text.split(","))


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
            globs = _said(token.string)
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


def _said(comment: str) -> Globs:
    found = [match[1] for match in _COMMENT.finditer(comment)]
    return frozenset(name for names in found for name in (_names(names) if names is not None else {"*"}))

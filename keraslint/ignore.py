"""Comments that silence findings: `# keraslint: ignore[rule] -- reason`, `# keraslint: ignore-file[rule]`, `# noqa`.

At the end of a line a comment speaks for that line; on a line of its own for the next statement, or inside of brackets
for the next line. A finding that rests on several places is silenced at any of them. Only comments of the program
count: not texts, nor what a notebook holds beside its Python.
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
from keraslint.passage import lines_of
from keraslint.source import Source, UnreadableSource

_FORM = re.compile(
    r"#\s*keraslint:\s*(?P<word>[\w-]*)[ \t]*(?:\[(?P<names>[^\]]*)\])?(?P<rest>(?:[^#]|#(?=\d))*)"  # `#12` is a number
)
_NOQA = re.compile(r"#\s*noqa(?![\w-])(?!\s*:)", re.I)
_NAME = re.compile(r"[^\s,](?:[^,]*[^\s,])?")

WORDS = ("ignore", "ignore-file")
_WORDS_OF_OTHERS = frozenset({"allow", "disable", "disable-next-line", "noqa", "off", "skip", "skip-file", "suppress"})


class Silencer(NamedTuple):
    """A name or glob in a comment, and the line of the comment in the program; 0 when it speaks for the file."""

    glob: str
    line: int


class Ignore(NamedTuple):
    """A comment that names rules: the range of it in a line of the program, and each name with its own range; columns
    from 1. `flaw` says why it is understood by nobody, `reasoned` whether it gives a reason, and `stop` is where its
    last name ends.
    """

    line: int
    start: int
    end: int
    names: tuple[tuple[Silencer, int, int], ...]
    flaw: str = ""
    whole_file: bool = False
    reasoned: bool = False
    stop: int = 0


Globs = frozenset[Silencer]


def silenced(finding: Finding, texts: Mapping[str, str]) -> bool:
    """Whether a comment at one of its places says that the finding is known and meant."""
    return any(True for _ in silencers(finding, texts))


def silencers(finding: Finding, texts: Mapping[str, str]) -> Iterator[tuple[str, Silencer]]:
    """What silences a finding: for each such name the path of the file and where its comment is."""
    for fact in finding.because:
        path = fact.span.path
        if _speaks(texts[path]):
            for one in _heard(path, texts[path]).at(fact.span.position):
                if fnmatchcase(finding.rule, one.glob):
                    yield path, one


def ignores(program: str) -> Iterator[Ignore]:
    """The comments of a program that name rules, or try to."""
    for token in tokens(program):
        if token.type == tokenize.COMMENT:
            yield from named_in(token.string, token.start[0], token.start[1] + 1)


def named_in(comment: str, line: int, begin: int) -> Iterator[Ignore]:
    """What one comment of the program, at this line and column, says of rules."""
    for found in _FORM.finditer(comment):
        start, end = begin + found.start(), begin + found.start() + len(found[0].rstrip())
        whole_file = found["word"] == "ignore-file"
        names = tuple(
            (
                Silencer(one[0].replace("_", "-"), 0 if whole_file else line),
                begin + found.start("names") + one.start(),
                begin + found.start("names") + one.end(),
            )
            for one in _NAME.finditer(found["names"] or "")
        )
        flaw = _flaw(found["word"], found["rest"], named=bool(names))
        if flaw is None:
            continue  # words of somebody who writes about keraslint
        stop = names[-1][2] if names else 0
        yield Ignore(line, start, end, () if flaw else names, flaw, whole_file, "--" in found["rest"], stop)


def _flaw(word: str, rest: str, *, named: bool) -> str | None:
    """Why a comment is none of ours; empty when it is one, nothing when it does not even try to be."""
    if word in WORDS:
        if rest.startswith("["):
            return "the bracket is not closed"
        return "" if named else "no rule is named"
    from keraslint.config import nearest

    close = nearest(word, WORDS)
    if close or word in _WORDS_OF_OTHERS:
        return f"unknown word `{word}`{close}"
    return None


class _Heard(NamedTuple):
    """What the comments of one file silence: in all of it, and on each line of its program."""

    source: Source
    whole: Globs
    lines: Mapping[int, Globs]

    def at(self, position: Position) -> Iterator[Silencer]:
        """What is silenced at a place of the file."""
        yield from self.whole
        with suppress(LookupError, StopIteration, ValueError):  # a place that is not in this text
            line, _, end_line, _ = self.source.range_of(position)
            for one in {line, end_line}:
                yield from self.lines.get(one, ())


# A file may have thousands of findings: what is the same for all of them is asked once.
@lru_cache(maxsize=64)
def _speaks(text: str) -> bool:
    """Whether there may be a comment that silences something."""
    return "keraslint:" in text or "noqa" in text.lower()


@lru_cache(maxsize=64)
def _heard(path: str, text: str) -> _Heard:
    try:
        source = Source.from_text(path, text)
    except UnreadableSource:  # what can be read of it
        source = Source(path, text, text)
    whole = {name for one in ignores(source.program) if one.whole_file for name, _, _ in one.names}
    return _Heard(source, frozenset(whole), _lines(source.program))


def _lines(program: str) -> Mapping[int, Globs]:
    """For each line of a program that is spoken for, what is silenced there."""
    silent: defaultdict[int, Globs] = defaultdict(frozenset)
    for_statement: Globs = frozenset()
    for_line: Globs = frozenset()
    start, depth = 0, 0
    for token in tokens(program):
        line = token.start[0]
        if token.type == tokenize.COMMENT:
            globs = frozenset(_said(token))
            if token.line[: token.start[1]].strip():
                silent[line] |= globs | ({Silencer("*", line)} if _NOQA.search(token.string) else set())
            elif depth:
                for_line |= globs
            else:
                for_statement |= globs
        elif token.type == tokenize.NEWLINE:
            for number in range(start, line + 1):
                silent[number] |= for_statement
            start, for_statement = 0, frozenset()
        elif token.type not in NO_CODE:
            start = start or line
            silent[line] |= for_line
            for_line = frozenset()
            if token.type == tokenize.OP:
                depth += (token.string in OPENING) - (token.string in CLOSING)
    return {line: globs for line, globs in silent.items() if globs}


NO_CODE = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")


def tokens(program: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens up to where the text is no Python any more."""
    rows = iter([f"{line}\n" for line in lines_of(program)])
    with suppress(tokenize.TokenError, SyntaxError):
        yield from tokenize.generate_tokens(lambda: next(rows, ""))


def _said(comment: tokenize.TokenInfo) -> Iterator[Silencer]:
    for one in named_in(comment.string, comment.start[0], 1):
        yield from (name for name, _, _ in one.names if not one.whole_file)

"""Comments are written for findings that are known and meant.

A comment changes nothing but what is told: the program must be the same tree as before, what a notebook holds beside
its code the same, and the findings silent afterwards; else the file stays as it is and the reason is said. The comment
goes to the end of the line; where there is no room, or no place for a comment, to a line of its own before it.
"""

from __future__ import annotations

import ast
import json
import os
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from keraslint.config import Configuration
from keraslint.discover import File
from keraslint.finding import Edit, Finding, Report
from keraslint.fix import apply, resolve
from keraslint.ignore import NO_CODE, Ignore, ignores, tokens
from keraslint.model import Span
from keraslint.passage import lines_of
from keraslint.rewrite import Change
from keraslint.source import Source, UnreadableSource, assuming
from keraslint.source.ipython import syntax_error

if TYPE_CHECKING:
    from keraslint.probe.measuring import Probe

WIDEST = 120
"""A line that would be longer gets its comment above it."""


def changes(
    files: Iterable[File], report: Report, configuration: Configuration, reason: str, probe: Probe | None = None
) -> Iterator[Change]:
    """The files with comments for the findings of a report, without writing any; or why one gets none."""
    from keraslint.lint import run

    files = list(files)
    texts = {file.path: file.data for file in files if file.data is not None and not file.saved}
    wanted: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        wanted[_file_of(finding, texts)].append(finding)
    made = {path: _change(path, texts.get(path), found, reason) for path, found in wanted.items()}
    contents = {os.path.abspath(path): one.after.encode(one.encoding) for path, one in made.items() if not one.refused}
    with assuming(contents):
        after = run([_as_in(file, contents) for file in files], configuration, probe)
    left: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in after.findings:
        left[_file_of(finding, texts)].append(finding)
    known = {(one.rule, one.span.path, one.message) for one in report.baselined}
    for path, one in made.items():
        told = [f for f in left[path] if (f.rule, f.span.path, f.message) not in known]
        if not one.refused and told:
            one = one._replace(after=one.before, refused=f"`{told[0].rule}` would still be found")
        yield one


def _file_of(finding: Finding, texts: Mapping[str, bytes]) -> str:
    """The file that gets the comment: the first that the finding rests on and that was looked at."""
    return next((fact.span.path for fact in finding.because if fact.span.path in texts), finding.span.path)


def _as_in(file: File, contents: Mapping[str, bytes]) -> File:
    data = contents.get(os.path.abspath(file.path))
    return file if data is None else file._replace(data=data)


def _change(path: str, data: bytes | None, findings: list[Finding], reason: str) -> Change:
    """A file with comments for its findings."""
    titles = tuple(finding.rule for finding in findings)
    if data is None:
        return Change(path, "", "", titles, "it was not looked at, or is no program")
    try:
        source = Source.from_bytes(path, data)
    except UnreadableSource as error:
        return Change(path, "", "", titles, error.reason, data)
    text = source.text
    change = Change(path, text, text, titles, "", data, source.encoding)
    if wrong := syntax_error(source.program):
        return change._replace(refused=f"not Python: {wrong.msg}")
    new = apply(text, _edits(source, findings, reason))
    refused = _differs(source, new)
    return change._replace(refused=refused) if refused else change._replace(after=new)


def _differs(source: Source, new: str) -> str:
    """What else than comments a new text would change; empty when nothing."""
    try:
        data = new.encode(source.encoding)
        after = Source.from_bytes(source.path, data)
    except UnreadableSource as error:
        return error.reason
    except UnicodeError:
        return f"the reason cannot be written in {source.encoding}"
    if after.text != new or syntax_error(after.program):
        return "a comment would change the program"
    if ast.dump(ast.parse(source.program)) != ast.dump(ast.parse(after.program)):
        return "a comment would change the program"
    if source.kind == "notebook" and _beside_code(source.text) != _beside_code(new):
        return "a comment would change the notebook"
    return ""


def _beside_code(text: str) -> object:
    """What a notebook holds beside the sources of its cells of code."""
    # Numbers stay text: Python converts none of thousands of digits, and a NaN is unlike itself.
    notebook = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    sheets = [notebook, *notebook.get("worksheets", ())]
    for cell in (cell for sheet in sheets for cell in sheet.get("cells", ()) if cell.get("cell_type") == "code"):
        cell.pop("source", None)
        cell.pop("input", None)
    return notebook


def comments(path: str, data: bytes, finding: Finding, reason: str = "") -> tuple[Edit, ...]:
    """What one file needs for a comment about one finding: exact edits, none where it would change anything else."""
    try:
        source = Source.from_bytes(path, data)
        edits = tuple(resolve(edit, source.text) for edit in _edits(source, [finding], reason))
    except (UnreadableSource, LookupError, StopIteration):  # a place that is not in this text
        return ()
    unfit = syntax_error(source.program) or _differs(source, apply(source.text, edits))
    return () if unfit else edits


# --- where a comment goes --------------------------------------------------------------------------------------------


class _Line(NamedTuple):
    """What matters of a line of a program. `first` is where its statement begins.

    `closed` tells that a comment may stand at its end, `open` that one may stand on a line of its own before it.
    """

    text: str
    first: int
    closed: bool
    open: bool


def _edits(source: Source, findings: list[Finding], reason: str) -> Iterator[Edit]:
    page = _Page(source, reason)
    places: defaultdict[tuple[int, bool], set[str]] = defaultdict(set)
    for finding in findings:
        fact = next(fact for fact in finding.because if fact.span.path == source.path)
        first, column, last, _ = source.range_of(fact.span.position)
        places[page.place(finding.rule, first, column, last)].add(finding.rule)
    for (line, above), rules in places.items():
        yield from page.above(line, rules) if above else page.behind(line, rules)


class _Page:
    """The lines of a program and the comments that are there."""

    def __init__(self, source: Source, reason: str) -> None:
        self.source, self.reason = source, reason
        self.lines = _laid_out(source.program)
        self.comments: defaultdict[int, list[Ignore]] = defaultdict(list)
        for comment in ignores(source.program):
            self.comments[comment.line].append(comment)
        ends = re.search(r"\r\n?|\n", source.text)
        self.end = ends[0] if ends and source.kind != "notebook" else "\n"

    def place(self, rule: str, first: int, column: int, last: int) -> tuple[int, bool]:
        """The line that gets the comment for what stands on some lines, and whether it gets one above."""
        if any(one.start <= column <= one.end for one in self.comments[first]):
            return first, False  # it is a comment that the finding is about
        ends = [line for line in dict.fromkeys((first, last)) if self.lines[line].closed]
        room = WIDEST - len(f"  {self.comment({rule})}")
        for line in ends:
            if self.present(line) or len(self.lines[line].text.rstrip()) <= room:
                return line, False
        if self.lines[first].open:
            return first, True
        return (ends[0], False) if ends else (self.lines[first].first, True)

    def present(self, line: int) -> Ignore | None:
        """The comment on a line that can take more names."""
        return next((one for one in self.comments[line] if not one.flaw and not one.whole_file), None)

    def comment(self, rules: set[str]) -> str:
        reason = f" -- {self.reason}" if self.reason else ""
        return f"# keraslint: ignore[{', '.join(sorted(rules))}]{reason}"

    def behind(self, line: int, rules: set[str]) -> Iterator[Edit]:
        """Edits that put a comment at the end of a line."""
        if present := self.present(line):
            yield from self.merged(present, rules)
            return
        text = self.lines[line].text
        yield self.edit(line, len(text.rstrip()) + 1, f"  {self.comment(rules)}", len(text) + 1)

    def above(self, line: int, rules: set[str]) -> Iterator[Edit]:
        """Edits that put a comment on a line of its own before another one."""
        if line > 1 and self.lines[line - 1].text.lstrip().startswith("#") and (present := self.present(line - 1)):
            yield from self.merged(present, rules)
            return
        text = self.lines[line].text
        blanks = text[: len(text) - len(text.lstrip())]
        cells = [cell for cell in self.source.cells if cell.first_line <= line]
        indent = cells[-1].indent if cells else ""
        yield self.edit(line, len(blanks) + 1, f"{self.comment(rules)}{self.end}{indent}{blanks}")

    def merged(self, present: Ignore, rules: set[str]) -> Iterator[Edit]:
        """Edits that add names to a comment, and the reason where it says another one."""
        names = {name.glob for name, _, _ in present.names}
        if more := sorted(rules - names):
            yield self.edit(present.line, present.stop, f", {', '.join(more)}")
        said = self.lines[present.line].text[present.start - 1 : present.end - 1]
        if self.reason not in said:
            yield self.edit(present.line, present.end, f"{';' if present.reasoned else ' --'} {self.reason}")

    def edit(self, line: int, column: int, text: str, end: int = 0) -> Edit:
        return Edit(Span(self.source.path, self.source.position(line, column, line, end or column)), text)


def _laid_out(program: str) -> list[_Line]:
    """The lines of a program, from number 1 on."""
    rows = ("", *lines_of(program))
    first, closed, opened = list(range(len(rows) + 1)), [True] * (len(rows) + 1), [True] * (len(rows) + 1)

    def joined(start: int, end: int) -> None:
        for row in range(start, end):
            closed[row] = opened[row + 1] = False

    start = 0
    formatted: list[int] = []  # where f-strings begin that have not ended
    commented = set()
    for token in tokens(program):
        row, end = token.start[0], token.end[0]
        if token.type == tokenize.NEWLINE:
            first[start : row + 1] = [start] * (row + 1 - start)
            start = 0
        elif token.type == tokenize.COMMENT:
            commented.add(row)
        elif token.type not in NO_CODE:
            start = start or row
            joined(row, end)
            if token.type in _BEGIN:
                formatted.append(row)
            elif token.type in _END:
                joined(formatted.pop(), end)
    for row, text in enumerate(rows):
        if text.endswith("\\") and row not in commented:
            joined(row, row + 1)
    return [_Line(*line) for line in zip(rows, first, closed, opened, strict=False)]


_BEGIN = {getattr(tokenize, name, None) for name in ("FSTRING_START", "TSTRING_START")}
_END = {getattr(tokenize, name, None) for name in ("FSTRING_END", "TSTRING_END")}
"""From Python 3.12 on, an f-string is several tokens."""

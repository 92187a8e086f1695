"""From a source to its syntax tree, or the reason why there is none."""

from __future__ import annotations

import re
import sys
import threading
from typing import Final

from keraslint.source import NotReadable, Source, UnreadableSource
from keraslint.static.bounds import MOST_FRAMES
from keraslint.static.text import from_python
from keraslint.static.text.depth import marks, shape
from keraslint.static.text.thin import thinned
from keraslint.static.text.tree import Module

_ROOM = 256 * 1024 * 1024
"""Bytes of stack for a deep text. Only what is used of them takes memory."""


MOST_MARKS: Final = 150_000
"""Marks of a program that is parsed: the parser takes up to five seconds for so many."""
FEW_CHARACTERS: Final = 192 * 1024
"""A program that is no longer than this is not counted."""


def parse(source: Source) -> Module:
    """The syntax tree of the program of a file. Raises `UnreadableSource`, whatever stands in the way.

    The tree is as wide and as high as the text, but a list of thousands of constants is blank.
    """
    found = shape(source.program)
    if found.excess:
        raise _too_much(source, found.offset, found.excess)
    program = thinned(source.program)
    if len(program) > FEW_CHARACTERS and marks(program) > MOST_MARKS:
        raise _too_much(source, 0, f"a program of more than {MOST_MARKS:,} brackets, operators and lines")
    try:
        return _on_large_stack(program) if found.deep else _module_of(program)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # when the native parser panics, what it raises is no Exception
        raise _not_python(source, error) from error


def _module_of(program: str) -> Module:
    """The tree of a program, whose syntax may be newer than the running Python."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, MOST_FRAMES))
    try:
        return from_python.module_of(program)
    except from_python.FAILURES:
        from keraslint.static.text import from_libcst  # few programs need it, and it takes longer than most

        return from_libcst.module_of(program)
    finally:
        sys.setrecursionlimit(limit)


def _on_large_stack(program: str) -> Module:
    """Parse in a thread of its own, whose stack does not depend on the system."""
    outcome: list[Module | BaseException] = []

    def run() -> None:
        try:
            outcome.append(_module_of(program))
        except BaseException as error:
            outcome.append(error)

    before = threading.stack_size(_ROOM)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _syntax_error(program: str) -> SyntaxError | None:
    from keraslint.source.ipython import syntax_error  # only a file that is no Python needs it

    return syntax_error(program)


def _too_much(source: Source, offset: int, reason: str) -> UnreadableSource:
    """Why the parser must not see the text: mostly because a bracket was left open, so that all that follows is one."""
    error = _syntax_error(source.program)
    if error and error.lineno:
        return _wrong_at(source, error.lineno, error.offset or 1, error.msg)
    before = source.program[:offset]
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    line = len(_LINE_END.findall(before)) + 1
    kind = UnreadableSource if error else NotReadable
    return kind(source.path, reason, source.point(line, offset - start + 1))


def _not_python(source: Source, error: BaseException) -> UnreadableSource:
    """What the running Python says is plainer than what LibCST says, and its places are exact."""
    python = _syntax_error(source.program)
    if python:
        return _wrong_at(source, python.lineno or 1, python.offset or 1, python.msg)
    from libcst import ParserSyntaxError

    if isinstance(error, ParserSyntaxError):
        mixed = _MIXED.search(source.program) is not None and "\n " in source.program
        reason = "Python reads this file, but LibCST does not" + (": tabs and spaces are mixed" if mixed else "")
        line, column = error.raw_line, error.raw_column + 1
    else:
        reason, line, column = f"LibCST gave up on this file: {error or type(error).__name__}", 1, 1
    return NotReadable(source.path, reason, source.point(line, column))


def _wrong_at(source: Source, line: int, column: int, message: str) -> UnreadableSource:
    lines = _LINE_END.split(source.program)
    text = lines[line - 1] if line <= len(lines) else ""
    reason = next((reason for pattern, reason in _OTHER_LANGUAGES if re.search(pattern, text)), message)
    return UnreadableSource(source.path, reason, source.point(line, column))


_MIXED = re.compile(r"^ *\t", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?|\n")

# What a line looks like that is no Python. Python's own messages about these lead away from what is wrong.
_OTHER_LANGUAGES = (
    (r"^\s*print\s+[^=\s(.,)]", "looks like Python 2 (`print` statement)"),
    (r"^\s*exec\s+[^=\s(.,)]", "looks like Python 2 (`exec` statement)"),
    (r"^\s*except\s+[\w.]+\s*,\s*\w+\s*:", "looks like Python 2 (`except X, e`)"),
    (r"^\s*raise\s+[\w.]+\s*,", "looks like Python 2 (`raise X, message`)"),
    (r"^\s*(?:[%!]\s*\w|[\w.]+\?)", "looks like a notebook command in a Python file"),
    (r"^(?:<{7}|={7}|>{7})(?:\s|$)", "looks like a merge conflict that was not resolved"),
)

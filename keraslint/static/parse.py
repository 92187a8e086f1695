"""From a source to its syntax tree, or the reason why there is none."""

from __future__ import annotations

import re
import threading
from bisect import bisect_right

import libcst as cst

from keraslint.source import Source, UnreadableSource, syntax_error
from keraslint.static.shape import shape

_ROOM = 256 * 1024 * 1024
"""Bytes of stack for a deep text. Only what is used of them takes memory."""


def parse(source: Source) -> cst.Module:
    """The syntax tree of the program of a file. Raises `UnreadableSource`, whatever stands in the way."""
    found = shape(source.program)
    if found.excess:
        raise _too_much(source, found.offset, found.excess)
    try:
        return _on_large_stack(source.program) if found.deep else cst.parse_module(source.program)
    except cst.ParserSyntaxError as error:
        raise _not_python(source, error) from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # when the native parser panics, what it raises is no Exception
        raise UnreadableSource(source.path, f"the parser gave up: {error}", source.point(1, 1)) from error


def _on_large_stack(program: str) -> cst.Module:
    """Parse in a thread of its own: elsewhere the stack has the size that the system gives it."""
    outcome: list[cst.Module | BaseException] = []

    def run() -> None:
        try:
            outcome.append(cst.parse_module(program))
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


def _too_much(source: Source, offset: int, reason: str) -> UnreadableSource:
    """A text that the parser must not see. A bracket left open also makes one expression of all that follows."""
    error = syntax_error(source.program)
    if error and error.lineno and error.msg:
        return _syntax(source, error)

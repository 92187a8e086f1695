"""Errors of a program, and where in it a model failed."""

from __future__ import annotations

import re

from . import stand_ins
from .registry import Site


class TooLong(BaseException):
    """A loop that does not come to an end."""


class Absent(ImportError):
    """A part of Keras that this Keras does not have."""


MARK = "_keraslint_site_"

USES = "_keraslint_uses_"

OF_THE_CALL = re.compile(
    r"unexpected keyword argument|nrecognized keyword argument|not recognized|positional arguments? but|"
    r"missing \d+ required|not understood|Could not interpret|got multiple values"
)
"""Errors about the arguments of a call and nothing else."""


def mark(error: BaseException, site: Site, vital: bool = False) -> BaseException:
    """Says of an error where in the program a model failed."""
    if not hasattr(error, MARK):
        try:
            setattr(error, MARK, site)
        except Exception:  # an exception with slots
            wrapped = RuntimeError(str(error))
            setattr(wrapped, MARK, site)
            return wrapped
    return error


def uses(error: BaseException) -> list[str]:
    """The stand-ins that an error may come from: those of the call itself where it is about its arguments, else all."""
    if isinstance(error, Absent):
        return []
    choices = stand_ins.choices()
    found = getattr(error, USES, None)
    return [*choices.used, *choices.decisions] if found is None else list(found)


def marked(error: BaseException | None) -> bool:
    """Whether an error is known to be the failure of a model."""
    return hasattr(error, MARK)


def innermost(error: BaseException, codes: set[str]) -> Site | None:
    """The innermost frame of an error that is of the program."""
    found: Site | None = None
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename in codes:
            found = [code.co_filename, trace.tb_lineno, None, None, None]
            positions = getattr(code, "co_positions", None)
            if positions is not None:
                line, end_line, column, end_column = list(positions())[trace.tb_lasti // 2]
                found = [code.co_filename, line, column, end_line, end_column]
        trace = trace.tb_next
    return found

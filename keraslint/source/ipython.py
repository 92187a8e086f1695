"""From a notebook's cell to the Python in it, line for line: what only IPython understands is taken out.

Nothing here knows about files or places. The number of lines never changes, and neither does a line of Python, but that
an indented cell loses its indentation.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import NamedTuple

# Cell magics whose body is ordinary Python run with the notebook's own names. The body of any other is another
# language, another process or a file.
_TIMERS = {"time", "timeit", "prun", "lprun", "memit", "mprun", "heat", "pyinstrument", "scalene", "snakeviz"}
_PYTHON_BODY = _TIMERS | {"capture", "debug", "keraslint", "notify", "wandb"}

_INDENTED = re.compile(r"(?:[ \t]*\r?\n)*([ \t]*)\S")
_CELL_MAGIC = re.compile(r"(?:[ \t]*\r?\n)*(%%(\w*)[^\r\n]*)")
_LINE_MAGIC = re.compile(r"([ \t\f]*)[%!?,;/]")
_TIMED = re.compile(r"([ \t\f]*)(%(?:timeit|time|prun|memit)(?:[ \t]+-[a-z]+(?:[ \t]*\d+)?)*)(?=[ \t]+[^\s-])")
# Line magics that IPython knows without the percent sign; a statement of Python never begins with a name and a word.
_AUTOMAGIC = re.compile(
    r"([ \t\f]*)(?:cat|cd|conda|cp|less|ll|load_ext|ls|man|matplotlib|mkdir|more|mv|pip|pwd|reload_ext|rm|rmdir)"
    r"(?!\s+(?:and|or|in|is|if|else|not|for)\b)[ \t]+[\w/~.$\\\"'{*-]"
)
_HELP = re.compile(r"([ \t\f]*)[%\w.*\[\]'\"]+\?\??[ \t]*$")
_ASSIGNED = re.compile(r"([^=#'\"!%]+=[ \t]*)[!%]\S")
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


class Python(NamedTuple):
    """The Python in a cell; why there is none, if the cell is not Python; and what its lines have lost in front.

    A cell that says itself that it is not Python (`%%bash`) needs no reason.
    """

    text: str
    reason: str = ""
    indent: str = ""


def python_of(source: str) -> Python:
    """Take out what only IPython understands.

    A line of IPython becomes `pass`, a command whose outcome is assigned becomes a name that nobody knows, a cell that
    is not Python becomes empty lines.
    """
    if "\r" in source:  # or the end of a line that was emptied would join the next one to `\r\n`
        source = re.sub(r"\r(?!\n)", "\n", source)
    if not source.isascii():
        source = re.sub("[\ud800-\udfff]", "\ufffd", source)  # half a pair of surrogates: no parser takes it
    error = syntax_error(source)
    if not error:
        return Python(source)
    first = _INDENTED.match(source)
    indent = first[1] if first else ""
    body = re.sub(rf"^{indent}", "", source, flags=re.MULTILINE)
    while magic := _CELL_MAGIC.match(body):
        if magic[2] not in _PYTHON_BODY:
            return Python(blank(source))
        body = body[: magic.start(1)] + body[magic.end(1) :]
    for timed in (True, False):
        python = "".join(_without_magics(body, timed=timed))
        error = syntax_error(python)
        if not error:
            return Python(python, indent=indent)
    return Python(blank(source), error.msg)


def syntax_error(program: str) -> SyntaxError | None:
    """What the running Python says against a program, or nothing.

    The error has a line and an offset, both from 1, unless it is about the program as a whole.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a doubtful escape in a string, say
            ast.parse(program)
    except SyntaxError as error:
        return error
    except (RecursionError, MemoryError):
        return SyntaxError("nested too deep")
    except ValueError as error:  # null bytes, half a pair of surrogates
        return SyntaxError(str(error))
    return None


def blank(source: str) -> str:
    """The same number of lines with nothing on them."""
    return "\n" * len(re.findall(r"\r\n?|\n", source))


def _without_magics(source: str, *, timed: bool) -> Iterator[str]:
    """The lines of a cell, with what only IPython understands replaced.

    `%time statement` and `%timeit -n1 statement` run the statement: with `timed` it stays where it is, behind a text
    that is as long as the magic.
    """
    statement = _Statement()
    swallow = False
    for match in _LINE.finditer(source):
        line = match[0].rstrip("\r\n")
        end = match[0][len(line) :]
        if swallow:
            swallow = line.endswith("\\")
            yield end
            continue
        if not statement.open:
            if timed and (magic := _TIMED.match(line)):
                line = magic[1] + f"None{';':>{len(magic[2]) - 4}}" + line[magic.end() :]
            elif magic := _LINE_MAGIC.match(line) or _HELP.match(line) or _AUTOMAGIC.match(line):
                swallow = line.endswith("\\")
                line = magic[1] + "pass"
            elif magic := _ASSIGNED.match(line):
                swallow = line.endswith("\\")
                line = magic[1] + "__"
        statement.read(line)
        yield line + end


_MARK = re.compile(r"#|[(\[{]|[)\]}]|\"\"\"|'''|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?")
_CLOSING = {quote: re.compile(rf"(?:[^\\]|\\.)*?{quote}") for quote in ('"""', "'''")}


class _Statement:
    """Whether the next line goes on with the statement: in brackets, in a long string, after a backslash."""

    def __init__(self) -> None:
        self.depth = 0
        self.quote = ""
        self.continued = False

    @property
    def open(self) -> bool:
        return self.depth > 0 or self.quote != "" or self.continued

    def read(self, line: str) -> None:
        """Go over the next physical line, without its end."""
        self.continued = line.endswith("\\")
        at = 0
        while True:
            if self.quote:
                closing = _CLOSING[self.quote].match(line, at)
                if not closing:
                    return
                self.quote = ""
                at = closing.end()
            mark = _MARK.search(line, at)
            if not mark:
                return
            at = mark.end()
            match mark[0]:
                case "#":
                    self.continued = False
                    return
                case '"""' | "'''":
                    self.quote = mark[0]
                case "(" | "[" | "{":
                    self.depth += 1
                case ")" | "]" | "}":
                    self.depth = max(self.depth - 1, 0)

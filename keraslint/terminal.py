"""The streams of the process: what can be seen on them, and what happens when nobody takes what is written.

Only this room and `cli` touch standard input, output and error. It decides nothing about what is said.
"""

from __future__ import annotations

import codecs
import os
import signal
import sys
from collections.abc import Mapping
from typing import IO, BinaryIO

FALLBACK = "keraslint.readable"
"""The name of the error handler below."""

DRAWN = {
    **dict.fromkeys("│┃", "|"),
    **dict.fromkeys("├┣", "|"),
    **dict.fromkeys("└┗╰", "`"),
    **dict.fromkeys("─━", "-"),
    "→": "->",
    "…": "...",
    "\N{REPLACEMENT CHARACTER}": "?",
}
"""What is drawn instead where the code page of a terminal has no such character."""

WITHOUT_LINKS = ("dumb", "linux", "cons25", "emacs", "eterm", "vt100", "vt220", "unknown")
"""How the names of terminals begin that would show the address of a link as garbage."""


class Ended(BaseException):
    """The system asks the process to end; `number` is the signal. Like Ctrl-C it passes through what tidies up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def readable(error: UnicodeError) -> tuple[str, int]:
    """For characters that an encoding lacks: lines and arrows in ASCII, everything else as Python would write it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(DRAWN.get(one) or one.encode("ascii", "backslashreplace").decode() for one in lacking), error.end


def prepare() -> None:
    """Make the streams such that writing to them cannot fail for a name or a closed stream."""
    codecs.register_error(FALLBACK, readable)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us, as by `>&-`
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # it lives as long as we do
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=FALLBACK)


def output_for_a_protocol() -> BinaryIO:
    """Standard output for a protocol alone: whatever is printed from now on goes to standard error."""
    outgoing = open(os.dup(sys.stdout.fileno()), "wb")  # noqa: SIM115  # it lives as long as we do
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr
    return outgoing


def catch_signals() -> None:
    """Turn the wish of the system that the process should end into an exception, unless it is ignored."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: object) -> None:
    raise Ended(number)


def last_words() -> None:
    """From here on the process ends, and nothing interrupts that."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def drop(stream: IO[str]) -> None:
    """Nobody takes what is written here any more: let the rest of it go nowhere, also when Python ends."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # a stream without a number, as in tests
        pass


def flush() -> OSError | None:
    """Write what still waits; the reason why it could not be, if there is one."""
    failed = None
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            drop(stream)
            failed = failed or error
        except ValueError:  # it is closed
            pass
    return failed


# --- what can be seen -------------------------------------------------------------------------------------------------


def window(environment: Mapping[str, str], stream: IO[str]) -> int:
    """How many columns the terminal has."""
    try:
        return int(environment.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def encoding(stream: IO[str]) -> str:
    """The encoding of a stream; `utf-8` stands for all that know every character."""
    try:
        name = codecs.lookup(getattr(stream, "encoding", None) or "utf-8").name
    except LookupError:
        return "utf-8"
    return "utf-8" if name.startswith("utf") else name


def colors(wanted: str, environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to use colours. See no-color.org, force-color.org and bixense.com/clicolors; NO_COLOR goes first."""
    if wanted != "auto":
        return wanted == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    if environment.get("CLICOLOR") == "0":
        return False
    return terminal and environment.get("TERM") != "dumb"


def links(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether a word may carry a link (OSC 8): on terminals that do not show its address as garbage."""
    wish = environment.get("FORCE_HYPERLINK")
    if wish:
        return wish != "0"
    if not terminal or environment.get("TERM", "unknown").startswith(WITHOUT_LINKS):
        return terminal and os.name == "nt" and bool(environment.get("WT_SESSION"))
    return True

"""Fixes reach files: the changes that findings offer are made, one file at a time, until none is left.

A file is only written when what was read from it is still in it and the new text can be read as a program; nothing
else in it changes: not its encoding, its line ends, nor what a notebook holds beside its code.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from keraslint.config import Configuration
from keraslint.discover import File
from keraslint.finding import Edit, Finding, Fix

MOST_ROUNDS = 10
"""A fix may make another one possible; so many times a file is looked at again."""


class Change(NamedTuple):
    """What was done to one file: its text before and after, the titles of the fixes, and why nothing more was done."""

    path: str
    before: str
    after: str
    fixes: tuple[str, ...] = ()
    refused: str = ""


def changes(files: Iterable[File], configuration: Configuration, *, unsafe: bool = False) -> Iterator[Change]:
    """The files that fixes change (or would change, if they could), without writing any.

    Safe fixes are made; with `unsafe` those that change what is trained as well.
    """
    for file in files:
        if file.data is not None and (change := _changed(file, configuration, unsafe=unsafe)) is not None:
            yield change


def write(change: Change, file: File) -> Change:
    """Put the new text in the place of the old one, all of it or nothing.

    A file that has changed since it was read is left alone.
    """
    from keraslint.source import Source

    assert file.data is not None
    source = Source.from_bytes(file.path, file.data)
    try:
        with open(file.path, "rb") as present:
            if present.read() != file.data:
                return change._replace(after=change.before, refused="the file has changed meanwhile")
        _replace(file.path, change.after.encode(source.encoding))
    except (OSError, UnicodeError) as error:
        return change._replace(after=change.before, refused=str(getattr(error, "strerror", None) or error))
    return change


def _replace(path: str, data: bytes) -> None:
    target = os.path.realpath(path)
    handle, beside = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".keraslint-")
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(data)
        os.chmod(beside, os.stat(target).st_mode)
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise


def _changed(file: File, configuration: Configuration, *, unsafe: bool) -> Change | None:
    from keraslint.lint import run
    from keraslint.source import Source, UnreadableSource

    assert file.data is not None
    try:
        source = Source.from_bytes(file.path, file.data)
    except UnreadableSource:
        return None
    text, titles, refused = source.text, [], ""
    for _ in range(MOST_ROUNDS):
        report = run([File(file.path, text.encode(source.encoding))], configuration)
        chosen = _choose(report.findings, file.path, unsafe=unsafe)
        if not chosen:
            break
        made = _made(text, chosen)
        reason = _unreadable(file.path, made.encode(source.encoding, "replace"))
        if made == text or reason:
            refused = reason
            break
        text = made
        titles += [fix.title for fix in chosen]
    return Change(file.path, source.text, text, tuple(titles), refused) if titles or refused else None


def _choose(findings: Iterable[Finding], path: str, *, unsafe: bool) -> list[Fix]:
    """The first fix that each finding offers for this file, as far as they leave each other alone."""
    chosen: list[Fix] = []
    taken: list[Edit] = []
    for finding in findings:
        for fix in finding.fixes:
            own = all(edit.span.path == path for edit in fix.edits)
            if own and (fix.safe or unsafe) and not any(_touch(one, other) for one in fix.edits for other in taken):
                chosen.append(fix)
                taken += fix.edits
                break
    return chosen


def _touch(one: Edit, other: Edit) -> bool:
    first, second = one.span.position, other.span.position
    return first[:2] <= second[2:4] and second[:2] <= first[2:4]


def _made(text: str, fixes: Iterable[Fix]) -> str:
    from keraslint.fix import apply

    return apply(text, [edit for fix in fixes for edit in fix.edits])


def _unreadable(path: str, data: bytes) -> str:
    """Why the changed text is no program; empty when it is one."""
    from keraslint.source import Source, UnreadableSource
    from keraslint.static.parse import parse

    try:
        parse(Source.from_bytes(path, data))
    except UnreadableSource as error:
        return f"a fix would leave what is no program: {error.reason}"
    return ""

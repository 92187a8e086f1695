"""Fixes reach files: the changes that findings offer are made until none is left, then the files are written.

No change is taken on trust. What it leaves must be a program again, in which the finding is gone and no other one has
appeared that cannot be mended as well; else it is taken back, and said so. A file is only written when what was read
from it is still in it, and nothing else in it changes: not its encoding, its line ends, nor what a notebook holds
beside its code.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from keraslint.config import Configuration
from keraslint.discover import File
from keraslint.finding import Edit, Finding, Fix, Report
from keraslint.writing import replace_file

if TYPE_CHECKING:
    from keraslint.probe.measuring import Probe

MOST_ROUNDS = 10
"""A fix may make another one possible; so many times a file is looked at again."""


class NotJudged(Exception):
    """A file on which keraslint itself broke: that nothing is found in it means nothing."""


class Change(NamedTuple):
    """What was done to one file: its text before and after, the titles of the fixes, and why nothing more was done.

    `data` and `encoding` are what the file held and how its text becomes bytes. `verified` are those of the fixes after
    which the model was built and measured, and the finding was gone.
    """

    path: str
    before: str
    after: str
    fixes: tuple[str, ...] = ()
    refused: str = ""
    data: bytes = b""
    encoding: str = "utf-8"
    verified: tuple[str, ...] = ()


def changes(
    files: Iterable[File], configuration: Configuration, probe: Probe | None = None, *, unsafe: bool = False
) -> Iterator[Change]:
    """The files that fixes change (or would change, if they could), without writing any.

    Safe fixes are made; with `unsafe` those that change what is trained as well. A fix may change a file that another
    one imports, too. With `probe`, what a fix leaves is built and measured before it counts.
    """
    desk = _Desk(configuration, probe, unsafe=unsafe)
    for file in files:
        if file.data is not None and desk.open(file.path, file.data):
            with suppress(NotJudged):  # the report that follows says so
                desk.mend(file.path)
    yield from desk.changes()


class _Page:
    """A file that is worked on. Offsets and encodings are those of the file as it was read."""

    def __init__(self, path: str, data: bytes) -> None:
        from keraslint.source import Source

        source = Source.from_bytes(path, data)
        self.path, self.data = path, data
        self.before, self.encoding = source.text, source.encoding
        self.text = source.text
        self.fixes: list[str] = []
        self.verified: list[str] = []
        self.refused = ""

    def encoded(self, text: str) -> bytes:
        return text.encode(self.encoding)


class _Desk:
    """The files that are worked on, by absolute path."""

    def __init__(self, configuration: Configuration, probe: Probe | None, *, unsafe: bool) -> None:
        self._configuration = configuration
        self._probe = probe
        self._unsafe = unsafe
        self._probed = False
        self._pages: dict[str, _Page] = {}
        # the texts that were reached, and why it was no good to be there
        self._entered: dict[frozenset[tuple[str, str]], str] = {}

    def open(self, path: str, data: bytes | None = None) -> bool:
        """Take a file; whether it can be read."""
        from keraslint.source import UnreadableSource

        key = os.path.abspath(path)
        if key not in self._pages:
            try:
                if data is None:
                    with open(path, "rb") as file:
                        data = file.read()
                self._pages[key] = _Page(path, data)
            except (OSError, UnreadableSource):
                return False
        return True

    def changes(self) -> Iterator[Change]:
        for page in self._pages.values():
            if page.fixes or page.refused:
                texts = (page.before, page.text)
                fixes, verified = tuple(page.fixes), tuple(one for one in page.verified if one in page.fixes)
                yield Change(page.path, *texts, fixes, page.refused, page.data, page.encoding, verified)

    def mend(self, path: str) -> None:
        """Make what can be made of the fixes that a file asks for, one round after the other.

        A step that leads to another finding is only taken when nothing else is left; where that finding cannot be
        mended either, everything since is taken back.
        """
        first = findings = self._lint(path, {})
        best, fewest, refused = self._state(), len(findings), ""
        self._entered = {self._texts({}): "the program would be what it was"}
        for _ in range(MOST_ROUNDS):
            made = self._round(path, findings)
            if isinstance(made, tuple):
                findings = made
                if len(findings) < fewest and not [*_more(first, findings)]:
                    best, fewest, refused = self._state(), len(findings), ""
            elif self._state() == best:
                refused = refused or made
                break
            else:
                self._restore(best)
                findings = self._lint(path, {})
        self._restore(best)
        page = self._pages[os.path.abspath(path)]
        page.refused = page.refused or refused

    def _round(self, path: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...] | str:
        """Make some fixes of a file: the findings afterwards, or the reason why none was made."""
        refused = ""
        for patient in (False, True):
            for step in self._steps(findings):
                made = self._try(path, findings, step, patient=patient)
                if isinstance(made, tuple):
                    return made
                refused = made
        return refused

    def _state(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        return {key: (page.text, tuple(page.fixes)) for key, page in self._pages.items()}

    def _restore(self, state: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
        for key, page in self._pages.items():
            page.text, fixes = state.get(key, (page.before, ()))
            page.fixes = list(fixes)

    def _texts(self, more: Mapping[str, str]) -> frozenset[tuple[str, str]]:
        """All changed files with some more changes."""
        texts = {key: more.get(key, page.text) for key, page in self._pages.items()}
        return frozenset((key, text) for key, text in texts.items() if text != self._pages[key].before)

    def _steps(self, findings: Iterable[Finding]) -> Iterator[list[tuple[Finding, Fix]]]:
        """What to try: all fixes that leave each other alone; when that fails, each one and its alternatives alone."""
        offers = [(finding, fixes) for finding in findings if (fixes := self._allowed(finding))]
        together: list[tuple[Finding, Fix]] = []
        for finding, fixes in offers:
            if not any(_touch(one, other) for one in fixes[0].edits for _, fix in together for other in fix.edits):
                together.append((finding, fixes[0]))
        if together:
            yield together
        for finding, fixes in offers:
            yield from ([(finding, fix)] for fix in fixes if len(together) > 1 or fix is not fixes[0])

    def _allowed(self, finding: Finding) -> list[Fix]:
        """The fixes of a finding that were asked for, the safe ones first."""
        fixes = [fix for fix in finding.fixes if fix.safe or self._unsafe]
        return sorted(fixes, key=lambda fix: not fix.safe)

    def _try(
        self, path: str, before: tuple[Finding, ...], step: list[tuple[Finding, Fix]], *, patient: bool
    ) -> tuple[Finding, ...] | str:
        """Make some fixes: the findings afterwards, or the reason why they were not made.

        Who is `patient` bears a new finding that can be mended in its turn.
        """
        edits: dict[str, list[Edit]] = {}
        for _, fix in step:
            for edit in fix.edits:
                edits.setdefault(os.path.abspath(edit.span.path), []).append(edit)
        if not all(self.open(edit.span.path) for found in edits.values() for edit in found):
            return "a file that the fix would change cannot be read"
        texts = {key: _made(self._pages[key].text, found) for key, found in edits.items()}
        state = self._texts(texts)
        if state in self._entered:
            return self._entered[state]
        for key, text in texts.items():
            if reason := self._unreadable(self._pages[key], text):
                return f"a fix would leave what is no program: {reason}"
        try:
            after = self._lint(path, texts)
            new = [*_more(before, after)]
            for key in texts.keys() - {os.path.abspath(path)}:
                other = self._pages[key].path
                new += _more(self._lint(other, {}), self._lint(other, texts))
        except NotJudged:
            return "what a fix would leave cannot be judged"
        titles = ", ".join(fix.title for _, fix in step).lower()
        reason = f"`{(new or [step[0][0]])[0].rule}` would be found then ({titles})"
        if (new and not (patient and all(map(self._allowed, new)))) or (not new and len(after) >= len(before)):
            return reason
        self._entered[state] = reason
        for key, text in texts.items():
            page = self._pages[key]
            page.text = text
            made = [fix.title for _, fix in step if any(os.path.abspath(e.span.path) == key for e in fix.edits)]
            page.fixes += made
            page.verified += made if self._probed else []
        return after

    def mends(self, finding: Finding, fix: Fix) -> bool:
        """Whether a fix, made on a copy, leaves models that build, without the finding and without a new one."""
        path = finding.span.path
        edits: dict[str, list[Edit]] = {}
        for edit in fix.edits:
            edits.setdefault(os.path.abspath(edit.span.path), []).append(edit)
        try:
            texts = {key: _made(self._pages[key].text, found) for key, found in edits.items()}
            before = self._lint(path, {})
            after = self._lint(path, texts)
        except NotJudged:
            return False
        left = Counter(one.rule for one in after)
        gone = left[finding.rule] < sum(one.rule == finding.rule for one in before)
        return self._probed and gone and not [*_more(before, after)]

    def _lint(self, path: str, texts: Mapping[str, str]) -> tuple[Finding, ...]:
        """What is found in a file, with all changes so far and some more."""
        from keraslint.lint import run
        from keraslint.source import assuming

        contents = {key: page.encoded(texts.get(key, page.text)) for key, page in self._pages.items()}
        with assuming(contents):
            report = run([File(path, contents[os.path.abspath(path)])], self._configuration, self._probe)
        if report.failures:
            raise NotJudged
        self._probed = bool(report.models) and all(model.probed for model in report.models)
        return report.findings

    def _unreadable(self, page: _Page, text: str) -> str:
        """Why a changed text is no program, or no text in the encoding of the file; empty when it is one."""
        from keraslint.source import Source, UnreadableSource
        from keraslint.static.text.parse import parse

        try:
            parse(Source.from_bytes(page.path, page.encoded(text)))
        except UnreadableSource as error:
            return error.reason
        except UnicodeError as error:
            return str(error)
        return ""


def _more(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> Iterator[Finding]:
    """The findings of those rules that find more than before."""
    was, left = (Counter(one.rule for one in findings) for findings in (before, after))
    yield from (one for one in after if left[one.rule] > was[one.rule])


def _touch(one: Edit, other: Edit) -> bool:
    """Whether two edits get in each other's way. The same edit twice, such as one import for two fixes, does not."""
    if one.span.path != other.span.path or one == other:
        return False
    first, second = one.span.position, other.span.position
    return first[:2] <= second[2:4] and second[:2] <= first[2:4]


def _made(text: str, edits: Iterable[Edit]) -> str:
    from keraslint.fix import apply

    return apply(text, edits)


# --- fixes that are only offered --------------------------------------------------------------------------------------

MOST_TRIED = 40
"""So many offered fixes are tried in one run: each builds and measures the models of a file once more."""


def verified(report: Report, configuration: Configuration, probe: Probe) -> Report:
    """The same report, where each offered fix is tried on a copy and marked when its finding is gone then.

    Gone means: the models of the file were built and measured again, and no rule finds more than before.
    """
    desk = _Desk(configuration, probe, unsafe=True)
    left = MOST_TRIED

    def tried(finding: Finding, fix: Fix) -> Fix:
        nonlocal left
        paths = {finding.span.path, *(edit.span.path for edit in fix.edits)}
        if left == 0 or not all(desk.open(path) for path in paths):
            return fix
        left -= 1
        return replace(fix, verified=desk.mends(finding, fix))

    findings = (replace(one, fixes=tuple(tried(one, fix) for fix in one.fixes)) for one in report.findings)
    return replace(report, findings=tuple(findings))


# --- writing ---------------------------------------------------------------------------------------------------------


def write(change: Change) -> Change:
    """Put the new text in the place of the old one, all of it or nothing.

    A file that has changed since it was read is left alone, and so is one that nobody may write.
    """
    try:
        with open(change.path, "rb") as present:
            if present.read() != change.data:
                return change._replace(after=change.before, refused="the file has changed meanwhile")
        replace_file(change.path, change.after.encode(change.encoding))
    except (OSError, UnicodeError) as error:
        return change._replace(after=change.before, refused=str(getattr(error, "strerror", None) or error).lower())
    return change

"""What can be done about findings: their fixes, all safe ones at once, or a comment that says they are meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lsprotocol import types

from keraslint.add_ignore import comments
from keraslint.cells import fix_by_cell
from keraslint.config import Configuration, Overrides, RefusalError
from keraslint.discover import File
from keraslint.finding import Fix
from keraslint.rewrite import changes
from keraslint.server.diagnostics import Client, Reader, diagnostic
from keraslint.server.judge import Found, Judged, same
from keraslint.source import assuming
from keraslint.source.notebook import code_cells

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.keraslint"

KINDS = (types.CodeActionKind.QuickFix.value, FIX_ALL)


class Writer(NamedTuple):
    """How changes are told to the editor: the version of an open document, and whether it takes versions at all."""

    version: Any
    versioned: bool

    def edit(self, edits: Mapping[str, list[types.TextEdit]]) -> types.WorkspaceEdit:
        """Changes of documents, by URI."""
        if not self.versioned:
            return types.WorkspaceEdit(changes=dict(edits))
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(uri, self.version(uri)), list(changed)
                )
                for uri, changed in edits.items()
            ]
        )


def wanted(kind: str, only: Iterable[str] | None) -> bool:
    """Whether the editor asks for actions of a kind."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") for one in only)


def quick_fixes(
    judged: Judged, uri: str, asked: types.Range, client: Client, reader: Reader, writer: Writer
) -> Iterator[types.CodeAction]:
    """The fixes of the findings in a range, then comments that silence them."""
    here = [(one, diagnostic(judged, one, client, reader)) for one in judged.found_in(uri)]
    here = [(one, shown) for one, shown in here if _touch(shown.range, asked)]
    for one, shown in here:
        safe = next((fix for fix in one.finding.fixes if fix.safe), None)
        for fix in one.finding.fixes:
            yield types.CodeAction(
                title=fix.title if fix.safe else f"{fix.title} (changes what is trained)",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[shown],
                is_preferred=fix is safe,
                edit=writer.edit(edits_of(fix, reader)),
            )
    for one, shown in here:
        if (comment := silencing(judged, one)) is not None:
            yield types.CodeAction(
                title=comment.title,
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[shown],
                edit=writer.edit(edits_of(comment, reader)),
            )


def _touch(one: types.Range, other: types.Range) -> bool:
    def pair(place: types.Position) -> tuple[int, int]:
        return place.line, place.character

    return pair(one.start) <= pair(other.end) and pair(other.start) <= pair(one.end)


def edits_of(fix: Fix, reader: Reader) -> dict[str, list[types.TextEdit]]:
    """What a fix changes, by URI."""
    edits: dict[str, list[types.TextEdit]] = {}
    for edit in fix.edits:
        edits.setdefault(reader.uri(edit.span.path), []).append(reader.text(edit.span.path).edit(edit))
    return edits


def silencing(judged: Judged, found: Found) -> Fix | None:
    """A comment that says that a finding is meant, if there is a place for it."""
    subject = judged.subject
    edits = comments(subject.path, subject.data, found.saved)
    comment = Fix(f"Ignore `{found.finding.rule}` here with a comment", edits)
    if not edits:
        return None
    return fix_by_cell(comment, subject.path, subject.text, subject.cells) if subject.cells else comment


# --- all at once -----------------------------------------------------------------------------------------------------


def has_safe_fixes(judged: Judged) -> bool:
    """Whether anything can be mended at once."""
    return any(fix.safe for finding in judged.report.findings for fix in finding.fixes)


def mended(judged: Judged, contents: Mapping[str, bytes], overrides: Overrides) -> dict[str, str]:
    """The texts of the documents of a subject after all safe fixes, by URI: those that are another text then.

    Each fix has been tried: it leaves a program without its finding and without a new one. What a fix would change in
    other files is not made.
    """
    subject = judged.subject
    file = File(subject.path, subject.data)
    try:
        with assuming(contents):
            made = [*changes([file], Configuration(overrides))]
    except RefusalError:
        return {}
    if len(made) != 1 or not same(made[0].path, subject.path):
        return {}
    after = made[0].after
    if not subject.cells:
        return {subject.uri: after} if after != subject.text else {}
    texts = {subject.cells[cell.index]: cell.source for cell in code_cells(after) if cell.index in subject.cells}
    return {uri: text for uri, text in texts.items() if text != subject.documents[uri].text.text}

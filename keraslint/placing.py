"""Edits that need to know the program around them: one more argument of a call, a call that goes, names of Keras.

What comes in says what is meant; what goes out says which text is replaced. An edit that cannot be made for certain
takes its fix with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from keraslint.finding import Edit, Fix
from keraslint.model import Span
from keraslint.source import Source, UnreadableSource
from keraslint.static.text.calls import one_more
from keraslint.static.text.spelling import Speller
from keraslint.static.text.standing import Cut, Kind, Standing
from keraslint.static.text.written_out import WrittenOut


class _Program:
    """A program that edits go into."""

    def __init__(self, path: str, text: str) -> None:
        self.source = Source.from_text(path, text)
        self.speller = Speller(self.source.program)
        self.standing = Standing(self.source.program)
        self.written_out = WrittenOut(self.source.program)

    def insertion(self, place: tuple[int, int], new: str) -> Edit:
        """New text at a place of the program."""
        return Edit(Span(self.source.path, self.source.position(*place, *place)), self.lined(new))

    def without(self, start: tuple[int, int], end: tuple[int, int]) -> tuple[Edit, ...]:
        """The edits after which the program does without the call there; none when it cannot."""
        return self._plain(self.standing.without(start, end))

    def built_in(self, start: tuple[int, int], end: tuple[int, int], function: str) -> tuple[Edit, ...]:
        """The edits that make a formula a built-in function; none when it is written another way."""
        name, _, axis = function.partition(" axis=")
        return self._plain(self.written_out.built_in(start, end, name, axis))

    def _plain(self, cuts: tuple[Cut, ...]) -> tuple[Edit, ...]:
        if self.source.cells:  # the line above may be another cell
            cuts = tuple(cut for cut in cuts if cut.kind is not Kind.LINES or cut.start != cut.end)
        return tuple(
            Edit(
                Span(self.source.path, self.source.position(*cut.start, *cut.end)),
                self.lined(cut.text),
                argument=cut.kind is Kind.ITEM,
                lines=cut.kind is not Kind.TEXT,
            )
            for cut in cuts
        )

    def quoted(self, new: str) -> str:
        """New text with the quotes that the program has."""
        single = self.source.program.count("'") > self.source.program.count('"')
        return new.replace('"', "'") if single and "'" not in new else new

    def lined(self, new: str) -> str:
        """New text with the line ends of the file."""
        return new.replace("\n", "\r\n") if self.source.kind == "python" and "\r\n" in self.source.text else new


def placed(fixes: Iterable[Fix], texts: Mapping[str, str]) -> tuple[Fix, ...]:
    """Those fixes that can be made, with plain edits."""
    return tuple(found for fix in fixes if (found := _placed(fix, texts)) is not None)


def _placed(fix: Fix, texts: Mapping[str, str]) -> Fix | None:
    edits: list[Edit] = []
    for edit in fix.edits:
        plain = not (edit.into or edit.uses or edit.whole or edit.formula)
        found = (edit,) if plain else _edits(edit, texts[edit.span.path])
        if not found:
            return None
        edits += found
    return replace(fix, edits=tuple(dict.fromkeys(edits)))


def _edits(edit: Edit, text: str) -> tuple[Edit, ...]:
    """The plain edits that an edit means; none when it cannot be made."""
    try:
        program = _program(edit.span.path, text)
    except UnreadableSource:
        return ()
    line, column, end_line, end_column = program.source.range_of(edit.span.position)
    if edit.whole and (gone := program.without((line, column), (end_line, end_column))):
        return gone
    if edit.formula:
        return program.built_in((line, column), (end_line, end_column), edit.text)
    if edit.whole:
        return (replace(edit, whole=False),) if edit.text else ()
    new, imports = edit.text, []
    for name in edit.uses:
        spelling = program.speller.spelling(name, (line, column))
        if spelling is None:
            return ()
        new = new.replace(name, spelling.name)
        imports += [program.insertion(*spelling.needs)] if spelling.needs else []
    if not edit.into:
        return (Edit(edit.span, program.lined(new), edit.argument), *imports)
    pieces = one_more(program.source.program, (line, column), (end_line, end_column), program.quoted(new))
    return (*(program.insertion(*piece) for piece in pieces), *imports) if pieces else ()


@lru_cache(maxsize=4)
def _program(path: str, text: str) -> _Program:
    return _Program(path, text)

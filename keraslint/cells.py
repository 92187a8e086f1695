"""A report about a notebook, told by its cells: every place is a line of a cell, as whoever wrote the cell sees it.

Where a notebook is no file but cells that somebody works on, in a session or in an editor, a line of JSON means
nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from keraslint.finding import Edit, Finding, Fix, Report
from keraslint.fix import OverlapError, apply
from keraslint.model import Fact, NotChecked, Position, Span
from keraslint.passage import line_and_column, passage
from keraslint.source.notebook import code_cells

if TYPE_CHECKING:
    from typing import Any

Placed = TypeVar("Placed", "Fact[Any]", NotChecked)


def notebook_of(cells: Iterable[str]) -> str:
    """The text of a notebook with these code cells."""
    written = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in cells]
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False)


def by_cell(report: Report, path: str, text: str, names: Mapping[int, str]) -> Report:
    """The same report, where each cell of the notebook at `path` is a file of its own.

    `names` are the paths of these files, by the index of the cell; `text` is that of the notebook. The findings keep
    their order.
    """
    sources = {cell.index: cell.source for cell in code_cells(text)}
    return replace(
        report,
        findings=tuple(_finding(one, path, text, names) for one in report.findings),
        not_checked=tuple(_placed(gap, path, text, names) for gap in report.not_checked),
        texts={**report.texts, **{name: sources.get(index, "") for index, name in names.items()}},
    )


def _finding(finding: Finding, path: str, text: str, names: Mapping[int, str]) -> Finding:
    because = tuple(_placed(fact, path, text, names) for fact in finding.because)
    fixes = tuple(told for fix in finding.fixes if (told := fix_by_cell(fix, path, text, names)) is not None)
    return replace(finding, because=because, fixes=fixes)


def _placed(what: Placed, path: str, text: str, names: Mapping[int, str]) -> Placed:
    position = what.span.position
    if what.span.path != path or position.cell is None or position.cell not in names:
        return what
    where = passage(text, position)
    place = Position(where.line, where.column, where.end_line, where.end_column)
    return replace(what, span=Span(names[position.cell], place))


def fix_by_cell(fix: Fix, path: str, text: str, names: Mapping[int, str]) -> Fix | None:
    """The fix as edits of cells; nothing where it cannot be made."""
    inside = [edit for edit in fix.edits if _same(edit.span.path, path)]
    if not inside:
        return fix
    try:
        after = code_cells(apply(text, inside))
    except (OverlapError, ValueError):
        return None
    outside = tuple(edit for edit in fix.edits if edit not in inside)
    before = {cell.index: cell.source for cell in code_cells(text)}
    changed = ((names.get(cell.index), before.get(cell.index, ""), cell.source) for cell in after)
    edits = (edit for name, old, new in changed if name is not None for edit in difference(name, old, new))
    return replace(fix, edits=(*outside, *edits))


def _same(one: str, other: str) -> bool:
    return os.path.abspath(one) == os.path.abspath(other)


def difference(path: str, before: str, after: str) -> Iterator[Edit]:
    """The one edit that makes another text of a text, as short as it can be; none when they are the same."""
    if before == after:
        return
    start = _alike(before, after)
    rest = min(len(before), len(after)) - start
    end = _alike(before[::-1][:rest], after[::-1][:rest])
    old_end, new_end = len(before) - end, len(after) - end
    place = Position(*line_and_column(before, start), *line_and_column(before, old_end))
    yield Edit(Span(path, place), after[start:new_end])


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common from the first one on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))

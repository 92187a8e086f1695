"""A report for the summary of a build, a merge request, a wiki: a table of what was found, the code below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

from keraslint.finding import Finding, Report, Severity
from keraslint.report import Run, Style
from keraslint.report.exchange import Gap, by_weight, gaps, inside, is_made_up, relative
from keraslint.report.full import render as full
from keraslint.report.summary import looked_at
from keraslint.report.text import count, visible

WIDTH = 100
"""The columns that frames of code have, as wide as a page shows them."""


def render(report: Report, style: Style) -> str:
    """The whole report."""
    return _written(report, style, _length(report), with_code=True)


def fitting(report: Report, style: Style, size: int) -> str:
    """As much of the report as so many bytes hold: without the code if need be, or with the gravest findings only."""
    whole = render(report, style)
    if _size(whole) <= size:
        return whole
    number = _most(_length(report), lambda rows: _size(_written(report, style, rows, with_code=False)) <= size)
    return _written(report, style, number, with_code=False)


def _length(report: Report) -> int:
    """How many lines the tables have that may be left out."""
    return len(report.findings) + len(report.not_checked)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace"))


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to a limit that fits, or none."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _written(report: Report, style: Style, rows: int, *, with_code: bool) -> str:
    """The report with so many findings, or all and so many gaps; failures are never left out."""
    parts = [f"### keraslint: {_counted(report)}"]
    findings = by_weight(report.findings)
    if findings:
        lines = ["| | where | what |", "|---|---|---|", *(_row(one, style.run) for one in findings[:rows])]
        left = len(findings) - rows
        parts.append("\n".join([*lines, *([f"| | | and {left} more |"] if left > 0 else [])]))
    parts += _not_checked(list(gaps(report)), max(0, rows - len(findings)))
    if findings and with_code:
        frames = full(report, Style(width=WIDTH, summary=False)).rstrip("\n")
        fence = "`" * max(3, _longest_run(frames) + 1)
        parts.append(f"<details><summary>In the code</summary>\n\n{fence}text\n{frames}\n{fence}\n\n</details>")
    parts.append(inline(looked_at(report, style)))
    return "\n\n".join(parts) + "\n"


def _counted(report: Report) -> str:
    """`1 error, 2 warnings`, or `no findings`."""
    counted = ((report.count(severity), str(severity)) for severity in reversed(Severity))
    return ", ".join(count(number, name) for number, name in counted if number) or "no findings"


def _row(finding: Finding, run: Run) -> str:
    position = finding.span.position
    cell = "" if position.cell is None else f" cell {position.cell + 1}, line {position.cell_line}"
    where = code(f"{relative(finding.span.path, run.root)}:{position.line}:{position.column}")
    if (address := _address(finding, run)) is not None:
        where = f"[{where}]({address})"
    return f"| {finding.severity} | {where}{cell} | {inline(finding.message)} ({code(finding.rule)}) |"


def _address(finding: Finding, run: Run) -> str | None:
    """Where the line can be looked at, if the files of the repository can."""
    path = inside(finding.span.path, run.root)
    if not run.address or path is None or is_made_up(path):
        return None
    return f"{run.address}/{quote(path.encode('utf-8', 'replace'))}#L{finding.span.line}"


def _not_checked(some: list[Gap], rows: int) -> Iterator[str]:
    """What was not checked, as so many lines; failures first."""
    broken = [_gap(gap) for gap in some if gap.trace]
    others = [_gap(gap) for gap in some if not gap.trace]
    if broken:
        yield "\n".join(["keraslint broke on these files, which is its mistake:", "", *broken])
    if others:
        more = [f"- and {len(others) - rows} more"] if len(others) > rows else []
        yield "\n".join(["Not checked:", "", *others[:rows], *more])


def _gap(gap: Gap) -> str:
    return f"- {code(f'{gap.path}:{gap.line}')}: {inline(gap.reason)}"


# --- how Markdown is written -----------------------------------------------------------------------------------------

_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_MEANT = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]|~$"} | {sign: f"&#{ord(sign)};" for sign in "<>&@#"})


def inline(text: str) -> str:
    """Words with code in backticks, for a line or a cell of a table: everything else means itself."""
    parts = _CODE.split(visible(text))
    return "".join(code(part) if number % 2 else part.translate(_MEANT) for number, part in enumerate(parts))


def code(text: str) -> str:
    """A text as code, for a line or a cell of a table."""
    text = visible(text)
    fence = "`" * (_longest_run(text) + 1)
    blank = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") or not text else ""
    return f"{fence}{blank}{text}{blank}{fence}".replace("|", "\\|")


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)

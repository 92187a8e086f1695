"""A report where it is shown beside the code that asked for it, as in a notebook: the text of `full`, and the same in
HTML."""

from __future__ import annotations

from html import escape

from keraslint.finding import Report
from keraslint.report import Style
from keraslint.report.full import lines, render
from keraslint.report.text import Words

CSS = {
    "error": "color: var(--jp-error-color1, #d13438); font-weight: bold",
    "warning": "color: var(--jp-warn-color1, #b8860b); font-weight: bold",
    "note": "color: var(--jp-info-color1, #1287a8); font-weight: bold",
    "beside": "color: #3b82c4; font-weight: bold",
    "strong": "font-weight: bold",
    "dim": "opacity: 0.6",
}
"""How the styles of text look: the colours of JupyterLab's theme where there is one, else some that can be read on
light and on dark."""


def text(report: Report) -> str:
    """The report as plain text, without a line end behind it."""
    return render(report, Style()).rstrip("\n")


def html(report: Report) -> str:
    """The report as a piece of HTML that needs nothing else."""
    shown = "\n".join("".join(map(_span, _trimmed(line))) for line in lines(report, Style())).rstrip("\n")
    return f'<pre class="keraslint" style="line-height: 1.3; white-space: pre; overflow-x: auto">{shown}</pre>'


def _trimmed(line: Words) -> Words:
    return [*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else []


def _span(piece: tuple[str, str]) -> str:
    words, style = piece
    return f'<span style="{CSS[style]}">{escape(words)}</span>' if style and words else escape(words)

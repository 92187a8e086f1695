"""The page of a rule as Markdown and as plain text, for readers that draw it themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keraslint.rule import Page, Rule


def as_markdown(rule: Rule[Any]) -> str:
    """The page as Markdown: programs are fenced, the headings of the parts are of level three."""
    page = rule.page
    parts = [f"**{page.title}**", page.text]
    for name, programs, words in _parts(page):
        parts += [f"### {name}", *(f"```python\n{program}```" for program in programs), words]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_text(rule: Rule[Any]) -> str:
    """The page as plain text: what stands below a heading is indented."""
    page = rule.page
    parts = [page.title, page.text]
    for name, programs, words in _parts(page):
        below = "\n\n".join(part.rstrip("\n") for part in (*programs, words) if part)
        parts.append(f"{name}:\n" + "\n".join(f"    {line}".rstrip() for line in below.split("\n")))
    return "\n\n".join(part for part in parts if part) + "\n"


def _parts(page: Page) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Each part that there is: its heading, its programs, its words."""
    parts = (
        ("Bad", page.bad, ""),
        ("Good", page.good, ""),
        ("When it is fine", (), page.fine),
        ("References", (), page.references),
    )
    yield from (part for part in parts if part[1] or part[2])

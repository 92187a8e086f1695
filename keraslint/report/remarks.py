"""What is said below a finding: why it is wrong, what to do, and where to read on."""

from __future__ import annotations

from collections.abc import Iterator

from keraslint.finding import Finding


def remarks(finding: Finding) -> Iterator[tuple[str, str]]:
    """Each remark with the word that it begins with."""
    yield from (("note", note) for note in finding.notes)
    offers = (
        f"{fix.title[:1].lower()}{fix.title[1:]} ({'safe' if fix.safe else 'unsafe'} fix)" for fix in finding.fixes
    )
    if help_ := finding.help or ", or ".join(offers):
        yield "help", help_
    yield "more", f"keraslint explain {finding.rule}"

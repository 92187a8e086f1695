"""What a finding is known by from one run to the next: nothing that moves when lines are added above it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from keraslint.finding import Report
from keraslint.model import Head, Model, facts
from keraslint.passage import passage


def fingerprints(report: Report) -> Iterator[str]:
    """One for each finding: of its rule, file, model and head, of its code, and of its number among equals."""
    names = _names(report.models)
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in report.findings:
        span = finding.span
        code = passage(report.texts.get(span.path, ""), span.position).code
        parts = (finding.rule, span.path, names.get(id(span), ""), "".join(code.split()))
        text = "\0".join((*parts, str(seen[parts])))
        seen[parts] += 1
        yield hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _names(models: Iterable[Model]) -> dict[int, str]:
    """The names of the model and the head that a place belongs to, by the identity of the place.

    Rules hand on the facts of the model as they are, so that comparing places, which would compute all of them, is
    needless.
    """
    found: dict[int, str] = {}
    for model in models:
        for fact in facts(model.heads):
            found.setdefault(id(fact.span), "")
        for head in model.heads:
            found |= {id(fact.span): _path(model, head) for fact in facts(head)}
        for fact in facts(model):
            found.setdefault(id(fact.span), model.name or "")
    return found


def _path(model: Model, head: Head) -> str:
    return "/".join(name for name in (model.name, head.name) if name)

"""The report as one page that needs nothing else: code, models as drawings, measurements as plots, pages of rules.

What the page shows is put together here as plain data; `templates/` says how it looks. Every text comes from somebody's
files, so all of it is escaped, and the page forbids itself to load or run anything but its own style and script.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from keraslint import __version__
from keraslint.finding import Finding, Fix, Report, Severity
from keraslint.fingerprint import fingerprints
from keraslint.fix import OverlapError, apply
from keraslint.model import Fact, Head, Model, NotChecked, Trial
from keraslint.passage import lines_at
from keraslint.report import Style
from keraslint.report.drawing import Drawing, Place, draw, marks, parts
from keraslint.report.frame import Frames, Group, Mark
from keraslint.report.plots import Plot, plots
from keraslint.report.summary import looked_at
from keraslint.report.text import lay_out, visible
from keraslint.rule import Rule

TEMPLATES = Path(__file__).with_name("templates")

MOST_DRAWN = 120
"""So many models are drawn: those with findings, then those that were measured, then the others. All are listed."""
OPEN_DRAWN = 6
"""With more models than that, drawings are folded up at first."""
BESIDE_DRAWN = 12
"""With more models than that, those without findings stand apart."""


def render(report: Report, style: Style) -> str:
    """The page, in ASCII; of the style only the rules count."""
    environment = _environment()
    sheet, script = _own("report.css"), _own("report.js")
    findings = _findings(report)
    models, listed = _models(report, findings)
    page = environment.get_template("report.html").render(
        version=__version__,
        policy=f"default-src 'none'; style-src {_hash(sheet)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
        sheet=Markup(sheet),  # ours
        script=Markup(script),  # ours
        report=report,
        looked_at=looked_at(report, style._replace(verbose=True)),
        severities=[(str(severity), report.count(severity)) for severity in reversed(Severity)],
        rules=_counted(report),
        files=_by_file(findings),
        groups=_groups(models),
        listed=listed,
        unfold=len(models) <= OPEN_DRAWN,
        gaps=[_gap(gap) for gap in report.not_checked],
        failures=[(visible(path), (trace.strip().splitlines() or ["unknown"])[-1]) for path, trace in report.failures],
        pages=[_Page(rule) for rule in style.rules],
        titles={rule.name: rule.page.title for rule in style.rules},
    )
    return page.encode("ascii", "xmlcharrefreplace").decode()  # the same on every code page


@cache
def _environment() -> Environment:
    names = ("report.html", "drawing.html")
    environment = Environment(
        loader=DictLoader({name: _own(name) for name in names}),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown_safely,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"code": _code, "links": _links, "many": _many, "program": _program, "visible": visible}
    return environment


def _shown_safely(value: Any) -> Any:
    """A text without characters that show nothing or turn the direction of others; lines stay lines."""
    if type(value) is not str or value.isprintable():
        return value
    return "\n".join(visible(line) for line in value.split("\n"))


def _own(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """How a policy names the one style or script that is allowed."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# --- words -----------------------------------------------------------------------------------------------------------


def _code(text: str) -> Markup:
    """One line of words in which what stands between backticks is code."""
    pieces = visible(text).split("`")
    paired = len(pieces) % 2 == 1
    if not paired:
        return escape(visible(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )


_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:)]")


def _links(text: str) -> Markup:
    """Words in which addresses can be followed."""
    found, at = Markup(""), 0
    for one in _ADDRESS.finditer(text):
        found += escape(text[at : one.start()])
        found += Markup('<a href="{0}" rel="noreferrer noopener">{0}</a>').format(one[0])
        at = one.end()
    return found + escape(text[at:])


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


# --- findings --------------------------------------------------------------------------------------------------------


class Piece(NamedTuple):
    """A part of a line of code: how it is marked (`first`, `beside` or not) and the tokens in it, each with its
    kind."""

    mark: str
    tokens: tuple[tuple[str, str], ...]


class Row(NamedTuple):
    """A line of a frame: code with its number, or words below it, or a gap."""

    kind: str
    number: int | None = None
    pieces: tuple[Piece, ...] = ()
    blanks: str = ""
    said: str = ""


class Frame(NamedTuple):
    """The code of one file or cell."""

    place: str
    rows: tuple[Row, ...]
    width: int


class Change(NamedTuple):
    """A fix, as the lines that it takes away and those that it brings, each with its sign."""

    title: str
    safe: bool
    verified: bool
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shown:
    """A finding as the page shows it. `models` are filled in when models are numbered."""

    finding: Finding
    name: str
    severity: str
    place: str
    frames: tuple[Frame, ...]
    changes: tuple[Change, ...]
    models: list[tuple[int, str]]

    @property
    def path(self) -> str:
        return self.finding.span.path

    @property
    def sure(self) -> str:
        return self.finding.confidence.name.lower()


def _findings(report: Report) -> list[Shown]:
    return [
        _shown(finding, f"f-{name[:16]}", report.texts)
        for finding, name in zip(report.findings, fingerprints(report), strict=True)
    ]


def _shown(finding: Finding, name: str, texts: Mapping[str, str]) -> Shown:
    frames = Frames(finding.because, texts)
    return Shown(
        finding,
        name,
        str(finding.severity),
        frames.groups[0].place,
        tuple(_frame(group) for group in frames.groups),
        tuple(_change(fix, texts, finding.span.position.cell) for fix in finding.fixes),
        [],
    )


class InFile(NamedTuple):
    """The findings of one file."""

    path: str
    number: int
    findings: tuple[Shown, ...]


def _by_file(findings: Iterable[Shown]) -> list[InFile]:
    together: dict[str, list[Shown]] = {}
    for shown in findings:
        together.setdefault(shown.path, []).append(shown)
    return [InFile(path, number, tuple(found)) for number, (path, found) in enumerate(together.items())]


class Counted(NamedTuple):
    """How often a rule spoke, and how severe that was at worst."""

    rule: str
    number: int
    severity: str


def _counted(report: Report) -> list[Counted]:
    """The rules that spoke, the worst and most frequent first."""
    worst: dict[str, Severity] = {}
    for finding in report.findings:
        severity = finding.severity or Severity.NOTE
        worst[finding.rule] = max(severity, worst.get(finding.rule, severity))
    counted = Counter(finding.rule for finding in report.findings)
    names = sorted(counted, key=lambda rule: (-worst[rule], -counted[rule], rule))
    return [Counted(rule, counted[rule], str(worst[rule])) for rule in names]


# --- code ------------------------------------------------------------------------------------------------------------

AROUND = 1
"""So many lines are shown above and below what is marked."""
LONGEST = 240
"""Longer lines are cut around what is marked."""


def _frame(group: Group) -> Frame:
    around = {near for number in group.rows for near in range(number - AROUND, number + AROUND + 1)}
    around |= {number for number in range(2, len(group.lines)) if {number - 1, number + 1} <= around}
    shown = sorted(
        number
        for number in around
        if number in group.rows or (0 < number <= len(group.lines) and group.lines[number - 1].strip())
    )
    rows: list[Row] = []
    for before, number in zip([None, *shown], shown, strict=False):
        if before is not None and number > before + 1:
            rows.append(Row("gap"))
        rows += _rows(number, group.lines[number - 1], group.rows.get(number, []))
    return Frame(group.place, tuple(rows), len(str(shown[-1])) if shown else 1)


def _rows(number: int, line: str, marked: Sequence[Mark]) -> Iterator[Row]:
    """A line of code, and what is said below it at its marks."""
    kinds, signs = _kinds(line), [""] * len(line)
    for mark in sorted(marked, key=lambda one: one.primary):
        end = max(mark.end_column, mark.column + 1)
        for at in range(mark.column - 1, min(end - 1, len(line))):
            signs[at] = "first" if mark.primary else "beside"
    letters, columns = lay_out(line)
    begin, end = _cut(len(line), min((mark.column - 1 for mark in marked), default=0))
    pieces = [
        Piece(sign, tuple(_runs(letters[at.start : at.stop], kinds[at.start : at.stop])))
        for sign, at in _stretches(signs, begin, end)
    ]
    lead, tail = Piece("", (("…", "cut"),)), Piece("", (("…", "cut"),))
    yield Row("code", number, (*([lead] if begin else []), *pieces, *([tail] if end < len(line) else [])))
    for mark in sorted(marked, key=lambda one: -one.column):
        if mark.text:
            at = columns[min(max(mark.column - 1, begin), len(line))] - columns[begin] + (1 if begin else 0)
            yield Row("first" if mark.primary else "beside", blanks=" " * at, said=mark.text)


def _stretches(words: Sequence[str], begin: int, end: int) -> Iterator[tuple[str, range]]:
    """The stretches of a list in which one word stands, with where they are."""
    for word, places in groupby(range(begin, end), words.__getitem__):
        first, *others = places
        yield word, range(first, (others or [first])[-1] + 1)


def _runs(letters: Sequence[str], kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Words of one kind each."""
    for kind, at in _stretches(kinds, 0, len(kinds)):
        yield "".join(letters[at.start : at.stop]), kind


def _cut(length: int, first: int) -> tuple[int, int]:
    """From where to where a line is shown: all of it, or what stands around its first mark."""
    if length <= LONGEST:
        return 0, length
    begin = max(0, min(first - LONGEST // 4, length - LONGEST))
    return begin, begin + LONGEST


_TOKEN = re.compile(
    r"""(?P<c>\#.*)
    |(?P<s>(?:\b[rbfuRBFU]{1,2})?(?:'''(?:[^\\]|\\.)*?(?:'''|$)|\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|$)
        |'(?:[^'\\]|\\.)*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$)))
    |(?P<k>\b(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if
        |import|in|is|lambda|None|nonlocal|not|or|pass|raise|return|True|False|try|while|with|yield)\b)
    |(?P<n>(?<![\w.])\d[\w.]*)""",
    re.X,
)


def _kinds(line: str) -> list[str]:
    """What every character of a line is part of, as far as one line tells: a comment, a string, a keyword, a number."""
    kinds = [""] * len(line)
    for token in _TOKEN.finditer(line[: LONGEST * 8]):
        kinds[token.start() : token.end()] = [str(token.lastgroup)] * (token.end() - token.start())
    return kinds


def _program(text: str) -> Markup:
    """A program in colours."""
    lines = []
    for line in text.split("\n"):
        words = tuple(_runs(lay_out(line)[0], _kinds(line)))
        marked = ('<i class="{1}">{0}</i>' if kind else "{0}" for _, kind in words)
        lines.append(Markup().join(Markup(one).format(*word) for one, word in zip(marked, words, strict=True)))
    return Markup("\n").join(lines)


def _change(fix: Fix, texts: Mapping[str, str], cell: int | None) -> Change:
    lines: list[tuple[str, str]] = []
    for path in dict.fromkeys(edit.span.path for edit in fix.edits):
        text = texts.get(path, "")
        try:
            new = apply(text, [edit for edit in fix.edits if edit.span.path == path])
            before, after = (lines_at(one, cell) for one in (text, new))
        except (OverlapError, ValueError):
            continue  # what cannot be made cannot be shown
        lines += _difference(before, after)
    return Change(fix.title, fix.safe, fix.verified, tuple(lines))


def _difference(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The lines that differ, with one equal line around them; most of a file is the same and is not compared."""
    first = next((at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), None)
    if first is None:
        first = min(len(before), len(after))
    last = 0
    while last < min(len(before), len(after)) - first and before[-1 - last] == after[-1 - last]:
        last += 1
    old, new = before[first : len(before) - last], after[first : len(after) - last]
    if not old and not new:
        return
    if first:
        yield " ", visible(before[first - 1])
    for tag, *ranges in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        start, end, new_start, new_end = ranges
        if tag == "equal":
            equal = [(" ", visible(line)) for line in old[start:end]]
            yield from equal if len(equal) <= 3 else (equal[0], ("…", ""), equal[-1])
            continue
        yield from (("-", visible(line)) for line in old[start:end])
        yield from (("+", visible(line)) for line in new[new_start:new_end])
    if last:
        yield " ", visible(before[len(before) - last])


# --- models ----------------------------------------------------------------------------------------------------------


def _groups(models: Sequence[Drawn]) -> list[tuple[str, list[Drawn]]]:
    """The models that are shown together, and what to call those that are folded away."""
    guilty = [one for one in models if one.findings]
    others = [one for one in models if not one.findings]
    if len(models) <= BESIDE_DRAWN or not others:
        return [("", list(models))] if models else []
    name = f"{_many(len(others), 'model')} without findings"
    return [("", guilty), (name, others)] if guilty else [(name, others)]


class Measurement(NamedTuple):
    """What was measured of a head and of the loss on it."""

    name: str
    told: tuple[tuple[str, str], ...]
    plots: tuple[Plot, ...]


class Drawn(NamedTuple):
    """A model as the page shows it."""

    number: int
    name: str
    place: str
    gist: str
    probed: bool
    told: tuple[tuple[str, str], ...]
    drawing: Drawing
    measurements: tuple[Measurement, ...]
    findings: tuple[Shown, ...]
    severity: str


def _models(report: Report, findings: Sequence[Shown]) -> tuple[list[Drawn], list[tuple[str, str]]]:
    """The models that are drawn, and name and place of the others. Findings are told which models they are about."""
    about = {fact.span.path for shown in findings for fact in shown.finding.because}
    by_place: dict[Place, list[Shown]] = {}
    for shown in findings:
        for fact in shown.finding.because:
            by_place.setdefault((fact.span.path, fact.span.position), []).append(shown)
    known = []
    for model in report.models:
        places = (
            parts(model) if any(head.span.path in about for head in model.heads) or model.span.path in about else {}
        )
        own = {id(shown): shown for place in places for shown in by_place.get(place, ())}
        known.append((model, places, [shown for shown in findings if id(shown) in own] if own else []))
    order = sorted(range(len(known)), key=lambda at: (not known[at][2], not known[at][0].probed, at))
    chosen = sorted(order[:MOST_DRAWN])
    drawn = [_drawn(number, *known[at]) for number, at in enumerate(chosen, 1)]
    for one in drawn:
        for shown in one.findings:
            shown.models.append((one.number, one.name or f"at {one.place.removeprefix(f'{visible(shown.path)}:')}"))
    left = [known[at][0] for at in sorted(order[MOST_DRAWN:])]
    return drawn, [(_name(model), _where(model)) for model in left]


def _drawn(number: int, model: Model, places: Mapping[Place, Any], found: Sequence[Shown]) -> Drawn:
    findings = [shown.finding for shown in found]
    return Drawn(
        number,
        _name(model),
        _where(model),
        _gist(model),
        model.probed,
        tuple(_runtime(model)),
        draw(model, marks(places, findings)),
        tuple(_measurements(model)),
        tuple(found),
        str(max((finding.severity or Severity.NOTE for finding in findings), default="")),
    )


def _name(model: Model) -> str:
    return visible(model.name or "")


def _where(model: Model) -> str:
    position = model.span.position
    cell = "" if position.cell is None else f":cell {position.cell + 1}"
    return visible(f"{model.span.path}{cell}:{position.line if position.cell is None else position.cell_line}")


def _gist(model: Model) -> str:
    """What is trained in a few words: which function under which loss."""
    said = [
        " under ".join(
            fact.value for fact in (one.head.activation, one.loss.name if one.loss else None) if fact is not None
        )
        for one in model.trainings
    ]
    return visible(", ".join(dict.fromkeys(one for one in said[:3] if one)) + (", …" if len(said) > 3 else ""))


def _runtime(model: Model) -> Iterator[tuple[str, str]]:
    runtime = model.runtime
    keras = " ".join(fact.value for fact in (runtime.package, runtime.keras) if fact is not None)
    if keras:
        yield "Keras", visible(keras)
    for name, fact in (("backend", runtime.backend), ("policy", runtime.dtype_policy)):
        if fact is not None:
            yield name, visible(fact.value)
    optimizers = {training.optimizer.value for training in model.trainings if training.optimizer is not None}
    if optimizers:
        yield "optimizer", visible(", ".join(sorted(optimizers)))
    metrics = dict.fromkeys(metric.name.value for training in model.trainings for metric in training.metrics)
    if metrics:
        yield "metrics", visible(", ".join(metrics))
    if model.failure is not None:
        yield "does not build", visible(model.failure.value)


def _measurements(model: Model) -> Iterator[Measurement]:
    for head in model.heads:
        if head.measured is None:
            continue
        training = next((one for one in model.trainings if one.head == head), None)
        told = (*_seen(head), *(_trial(training.trial) if training is not None and training.trial is not None else ()))
        name = visible(f"head {head.name}" if head.name else "head")
        yield Measurement(name, told, tuple(plots(head, training)))


def _seen(head: Head) -> Iterator[tuple[str, str]]:
    measured = head.measured
    assert measured is not None
    if measured.activation is not None:
        yield "activation", visible(measured.activation.value)
    if measured.units is not None:
        yield "units", str(measured.units.value)
    if measured.coupling is not None:
        coupling = measured.coupling.value
        yield "rows alone and in a batch", f"differ by {coupling.difference:g}"
    for name, score in (("outputs are not finite", measured.non_finite), ("gradients are not", measured.gradient)):
        if score is not None:
            yield name, f"from score {score.value:g} on"
    if measured.devices is not None:
        yield "CPU and GPU", f"differ by {measured.devices.value:g}"


def _trial(trial: Trial) -> Iterator[tuple[str, str]]:
    rows: tuple[tuple[str, Fact[float] | None], ...] = (
        ("loss before training", trial.trained),
        ("loss of what predict() returns", trial.predicted),
        (f"expected ({trial.name})" if trial.name else "expected", trial.expected),
        ("gradient norm", trial.gradient),
    )
    for name, fact in rows:
        if fact is not None:
            yield visible(name), f"{fact.value:.4g}"


# --- what else -------------------------------------------------------------------------------------------------------


def _gap(gap: NotChecked) -> tuple[str, str]:
    return visible(f"{gap.span.path}:{gap.span.line}"), gap.reason


class _Page:
    """The page of a rule, with the paragraphs of its words."""

    def __init__(self, rule: Rule[Any]) -> None:
        page = rule.page
        self.name, self.severity, self.title = rule.name, str(rule.severity), page.title
        self.text, self.fine = _paragraphs(page.text), _paragraphs(page.fine)
        self.references = [line.strip() for line in page.references.splitlines() if line.strip()]
        programs = (*(("Bad", one) for one in page.bad), *(("Good", one) for one in page.good))
        self.programs = [(name, program.rstrip()) for name, program in programs]


def _paragraphs(text: str) -> list[str]:
    return [" ".join(one.split()) for one in re.split(r"\n\s*\n", text) if one.strip()]

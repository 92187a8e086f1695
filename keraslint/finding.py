"""Findings: what is wrong, because of which facts, and what to change.

Nothing here knows a rule by name, a colour or a file format.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # names only: a run that meets no Keras builds an empty report without loading the model
    from keraslint.model import Confidence, Fact, Loss, Model, NotChecked, Span


class Severity(IntEnum):
    """How bad it is: `NOTE` is worth knowing, `WARNING` works by accident or misleads, `ERROR` cannot be right."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at `span` by `text`.

    With `argument`, the span is one argument of a call (or item of a list), or the value of one: it goes, with its name
    and its comma. A text is then written only where the value has no name in front. With `into`, the span is a call and
    the text becomes one more argument of it. With `whole`, the call at the span, or the one that has the span for its
    argument, goes: with its statement, as an item of a list, or from around what it is applied to. Where it stands
    otherwise, the edit is what it is without `whole`, or none if it has no text. With `formula`, the span is a formula
    and the text the built-in function that says the same (`softmax`, or `softmax axis=-1` with an axis instead of that
    of the formula): it is written with what the formula is applied to, where its text can be taken apart. With `lines`,
    the lines of the span go, with all that stands on them; of an argument the comment behind it, where it has its lines
    for itself. `uses` are the names of Keras or TensorFlow that occur in the text in full
    (`keras.losses.BinaryCrossentropy`): they are written as the program at that place can write them, with an import
    where it has none.
    """

    span: Span
    text: str
    argument: bool = False
    into: bool = False
    uses: tuple[str, ...] = ()
    whole: bool = False
    formula: bool = False
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that answers a finding, titled with a verb phrase.

    Safe: it keeps what the author clearly meant. Unsafe: it changes what is trained. Verified: the changed program was
    built and measured, and the finding was gone.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False
    verified: bool = False


def change(
    fact: Fact[Any], text: str, title: str, *, safe: bool = False, uses: tuple[str, ...] = ()
) -> tuple[Fix, ...]:
    """The fix that writes `text` in the place of the fact: none when the fact is not written there as a literal.

    `uses`: the names of Keras in the text, in full, to be written as the program can write them (see `Edit`).
    """
    return (Fix(title, (Edit(fact.span, text, uses=uses),), safe),) if fact.literal else ()


def drop(fact: Fact[Any], title: str, *, safe: bool = False) -> tuple[Fix, ...]:
    """The fix that removes the argument (or list item) at the fact, or all that is there for it alone (`Edit.whole`).

    None when it is not written there as a literal.
    """
    edit = Edit(fact.span, "", argument=True, whole=fact.apart)
    return (Fix(title, (edit,), safe),) if fact.literal or fact.apart else ()


def leave_out(fact: Fact[Any], usual: str, title: str, *, safe: bool = False) -> tuple[Fix, ...]:
    """The fix after which the usual value holds: `activation="relu"` goes, and in the place of a value without a name
    stands `usual`. A call that is there for nothing else (`Softmax()`, `tf.nn.softmax(x)`) goes as a whole. None when
    the fact is not written there as a literal."""
    edit = Edit(fact.span, usual if fact.literal else "", argument=True, whole=fact.apart)
    return (Fix(title, (edit,), safe),) if fact.literal or fact.apart else ()


def add(
    fact: Fact[Any], argument: str, title: str, *, safe: bool = False, uses: tuple[str, ...] = ()
) -> tuple[Fix, ...]:
    """The fix that passes `argument` (`"use_bias=False"`) to the call at the fact: none when the fact is not one that
    the call could say and leaves out."""
    return (Fix(title, (Edit(fact.span, argument, into=True, uses=uses),), safe),) if fact.omitted else ()


def another(loss: Loss, name: str) -> Edit | None:
    """The edit that gives another loss by its snake-case name, as a string, class or function as the one that is there.

    None where the loss is not written in place.
    """
    if loss.name.literal:
        return Edit(loss.name.span, f'"{name}"')
    if loss.callee is None or not loss.callee.literal:
        return None
    path = f"keras.losses.{name if loss.spelling == 'function' else name.title().replace('_', '')}"
    return Edit(loss.callee.span, path, uses=(path,))


def built_in(fact: Fact[Any], function: str, title: str, *, safe: bool = False) -> tuple[Fix, ...]:
    """The fix that writes a function of Keras or TensorFlow in the place of a formula (`Edit.formula`)."""
    return (Fix(title, (Edit(fact.span, function, formula=True),), safe),)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `message` says what is wrong, `help` what to do, `notes` why and what it costs.

    `because` are the facts it rests on: the first one is the place that is reported, the others are shown beside it,
    and the weakest of them decides how sure the finding is. `severity` is given by a rule only to lower its own. `rule`
    is filled in by whoever runs the rule; `within` are the names of the model and the head that it is about, as far as
    the program gives them.
    """

    message: str
    because: tuple[Fact[Any], ...]
    severity: Severity | None = None
    notes: tuple[str, ...] = ()
    help: str = ""
    fixes: tuple[Fix, ...] = ()
    rule: str = ""
    within: str = ""

    @property
    def span(self) -> Span:
        return self.because[0].span

    @property
    def confidence(self) -> Confidence:
        return min(fact.confidence for fact in self.because)


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one run: what a report format turns into text, and what shows itself as text and in notebooks.

    `texts` maps the path of every file with a finding to its text (of a notebook: its physical text). `files` counts
    the files that were looked at, `failures` the files on which keraslint itself broke, with the traceback.
    `addresses` says what the path of a file with a finding is from the folder of its project, wherever the run was
    started. `baselined` are the findings that a baseline knows, `stale` counts what it knows and what is not found any
    more.
    """

    findings: tuple[Finding, ...] = ()
    models: Sequence[Model] = ()
    not_checked: tuple[NotChecked, ...] = ()
    files: int = 0
    probed: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[tuple[str, str], ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    baselined: tuple[Finding, ...] = ()
    stale: int = 0

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def __str__(self) -> str:
        return self._repr_mimebundle_()["text/plain"]

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from keraslint.report import display  # only where somebody looks at it

        return {"text/plain": display.text(self), "text/html": display.html(self)}

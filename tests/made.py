"""Programs, rules and findings made by hand, for tests of what stands between them and the user."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import keraslint.lint  # so that it is there to be changed
from keraslint import registry
from keraslint.finding import Finding, Severity, drop
from keraslint.model import (
    Confidence,
    Fact,
    Family,
    Head,
    Loss,
    Model,
    NotChecked,
    Position,
    Program,
    Span,
    Training,
    Unreadable,
)
from keraslint.rule import Rule
from keraslint.source import Source

TRAIN = """\
import keras
from keras import layers

model = keras.Sequential([
    layers.Dense(10, activation="softmax"),
])
model.compile(
    optimizer="adam",
    loss=keras.losses.CategoricalCrossentropy(from_logits=True),
)
"""


def place(text: str, needle: str, path: str = "train.py", *, nth: int = 0) -> Span:
    """Where a piece of a Python file stands for the nth time."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(needle, start + 1)
    return Span(path, Position(*_line_and_column(text, start), *_line_and_column(text, start + len(needle))))


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def recover(source: Source, known: Mapping[str, str] | None = None) -> Program:
    """A reader that knows two words and needs no parser.

    A line with `softmax` is a head, one with `from_logits=True` trains it; `# unsure` makes the head's fact a low one.
    `give up` is something that could not be recovered, `fall over` a mistake in keraslint.
    """
    if "fall over" in source.program:
        raise RuntimeError("fell over")
    models, gaps = [], []
    head = None
    for number, line in enumerate(source.program.split("\n"), 1):

        def at(needle: str, number: int = number, line: str = line) -> Span:
            column = line.index(needle) + 1
            return Span(source.path, source.position(number, column, number, column + len(needle)))

        if '"softmax"' in line:
            sure = Confidence.LOW if "# unsure" in line else Confidence.HIGH
            softmax = Fact("softmax", at('"softmax"'), confidence=sure, literal=True)
            head = Head(softmax.span, activation=softmax)
        if "from_logits=True" in line and head:
            flag = Fact(True, at("from_logits=True"), literal=True)
            loss = Loss(
                flag.span, Fact("categorical_crossentropy", flag.span), Family.CATEGORICAL, flag, takes_logits=True
            )
            models.append(Model(head.span, heads=(head,), trainings=(Training(flag.span, head, loss),)))
        if "give up" in line:
            gaps.append(NotChecked(at("give up"), "it was too hard"))
    return Program(source.path, tuple(models), not_checked=tuple(gaps))


def _twice(training: Training) -> Iterator[Finding]:
    """A softmax that the loss applies again.

    What happens is told here,
    on two lines.

    Bad:
        layers.Dense(10, activation="softmax")

    Good:
        layers.Dense(10)

    When it is fine:
        Never.

    References:
        https://keras.io/api/losses/
    """
    loss, activation = training.loss, training.head.activation
    if loss and loss.from_logits and activation:
        yield Finding(
            "softmax output, but the loss applies softmax again",
            because=(loss.from_logits.saying("asks for logits"), activation.saying("already probabilities")),
            notes=("the gradient is 10 times smaller",),
            help="drop `from_logits=True`",
            fixes=drop(loss.from_logits, "Drop from_logits=True", safe=True),
        )


def _broken(part: Unreadable) -> Iterator[Finding]:
    """A file that cannot be read."""
    yield Finding(f"not read: {part.reason.value}", because=(part.reason,))


def _models(model: Model) -> Iterator[Finding]:
    """A model, which is worth a note."""
    for head in model.heads:
        if head.activation:
            yield Finding("a model stands here", because=(head.activation,))


RULES: tuple[Rule[Any], ...] = (
    Rule("model-noted", Severity.NOTE, Model, _models),
    Rule("softmax-twice", Severity.ERROR, Training, _twice),
    Rule("unread-file", Severity.ERROR, Unreadable, _broken),
)


def use(patch: pytest.MonkeyPatch) -> None:
    """Give keraslint the reader and the rules of this module."""
    patch.setattr(sys.modules[keraslint.lint.__module__], "recover", recover)
    patch.setattr(registry, "installed", lambda: RULES)

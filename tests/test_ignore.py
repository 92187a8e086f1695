"""Comments that silence a finding: where they stand, what they name, and what is no such comment."""

from __future__ import annotations

import json

import pytest

import keraslint
from tests import made


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    made.use(monkeypatch)


def rules(text: str, path: str = "train.py") -> list[str]:
    return [finding.rule for finding in keraslint.check(text, path).findings]


BOTH = ["model-noted", "softmax-twice"]
HEAD = 'layers.Dense(10, activation="softmax"),'
LOSS = "from_logits=True),"


def behind(code: str, comment: str) -> str:
    assert code in made.TRAIN
    return made.TRAIN.replace(code, f"{code}  {comment}")


def above(code: str, comment: str) -> str:
    return made.TRAIN.replace(code, f"{comment}\n{code}")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (made.TRAIN, BOTH),
        # At the end of the line of any of its places.
        (behind(LOSS, "# keraslint: ignore[softmax-twice] -- the labels are odd"), ["model-noted"]),
        (behind(HEAD, "# keraslint: ignore[softmax-twice]"), ["model-noted"]),
        (behind(HEAD, "# keraslint: ignore[model-noted, softmax-twice]"), []),
        (behind(HEAD, "# keraslint:ignore[ softmax_twice ]"), ["model-noted"]),
        (behind(HEAD, "# why # keraslint: ignore[softmax-*]"), ["model-noted"]),
        (behind(HEAD, "# noqa"), []),
        (behind(LOSS, "# NOQA"), ["model-noted"]),
        # On a line of its own: for the next statement, or the next line inside of brackets.
        (above("model.compile(", "# keraslint: ignore[softmax-twice] -- reason"), ["model-noted"]),
        (above("model.compile(", "# keraslint: ignore[softmax-twice]\n\n# a word more"), ["model-noted"]),
        (above("    loss=", "    # keraslint: ignore[softmax-twice]"), ["model-noted"]),
        (above("    loss=", "    # keraslint: ignore[softmax-twice]\n    # more"), ["model-noted"]),
        (above("    optimizer", "    # keraslint: ignore[softmax-twice]"), BOTH),
        (above("from keras", "# keraslint: ignore[softmax-twice]"), BOTH),
        # Somewhere in the file.
        ("# keraslint: ignore-file[softmax-twice]\n" + made.TRAIN, ["model-noted"]),
        (made.TRAIN + "# keraslint: ignore-file[*] -- generated\n", []),
        # What is no such comment.
        (behind(HEAD, "# keraslint: ignore"), BOTH),
        (behind(HEAD, "# keraslint: ignore[other-rule]"), BOTH),
        (behind(HEAD, "# noqa: E501"), BOTH),
        (behind(HEAD, "# ignore[softmax-twice]"), BOTH),
        (made.TRAIN.replace('"softmax"),', '"softmax", name="# keraslint: ignore[softmax-twice]"),'), BOTH),
        (made.TRAIN + "# keraslint: ignore[softmax-twice]\n", BOTH),
        ("x = [  # keraslint: ignore[softmax-twice]\n]\n" + made.TRAIN, BOTH),
    ],
)
def test_comments(text: str, left: list[str]) -> None:
    assert rules(text) == left


def test_a_comment_speaks_for_its_own_cell() -> None:
    def notebook(text: str) -> str:
        cells = ["!pip install keras\n# keraslint: ignore[*]\n", text]
        code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
        return json.dumps({"cells": code, "nbformat": 4}, indent=1)

    assert rules(notebook(made.TRAIN), "a.ipynb") == BOTH
    assert rules(notebook(behind(HEAD, "# keraslint: ignore[softmax-twice]")), "a.ipynb") == ["model-noted"]
    assert rules(notebook(made.TRAIN + "# keraslint: ignore-file[*]\n"), "a.ipynb") == []


def test_comments_are_heard_in_text_that_is_no_python() -> None:
    assert rules("(" + behind(HEAD, "# keraslint: ignore[softmax-twice]")) == ["model-noted"]
    assert rules("(" + made.TRAIN) == BOTH

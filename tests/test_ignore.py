"""Comments that silence a finding: where they stand, what they name, and what is no such comment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keraslint
from tests import made


@pytest.fixture(autouse=True, scope="module")
def known() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        made.use(patch)
        yield


def rules(text: str, path: str = "train.py") -> list[str]:
    return [finding.rule for finding in keraslint.check(text, path).findings]


PATHS = ["train.py", "train.ipynb"]
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
        (behind(HEAD, "# keraslint: ignore [softmax-twice]"), ["model-noted"]),
        (behind(HEAD, "# see #12 # keraslint: ignore[softmax-twice] -- see #12 # noqa: E501"), ["model-noted"]),
        (behind(HEAD, "# noqa -- meant"), []),
        # What is no such comment.
        (behind(HEAD, "# keraslint: ignore"), BOTH),
        (behind(HEAD, "# keraslint: ignore[other-rule]"), BOTH),
        (behind(HEAD, "# noqa: E501"), BOTH),
        (behind(HEAD, "# noqa : E501"), BOTH),
        (behind(HEAD, "# noqa-file"), BOTH),
        (behind(HEAD, "# flake8: noqa"), BOTH),
        (above("    loss=", "    # noqa"), BOTH),
        (f'"""\n# keraslint: ignore-file[*]\n"""\n{made.TRAIN}', BOTH),
        (behind(HEAD, "# keraslint: ignore[softmax-twice"), BOTH),
        (behind(HEAD, "# ignore[softmax-twice]"), BOTH),
        (made.TRAIN.replace('"softmax"),', '"softmax", name="# keraslint: ignore[softmax-twice]"),'), BOTH),
        (made.TRAIN + "# keraslint: ignore[softmax-twice]\n", BOTH),
        ("x = [  # keraslint: ignore[softmax-twice]\n]\n" + made.TRAIN, BOTH),
    ],
)
def test_comments(text: str, left: list[str]) -> None:
    assert rules(text) == left


def notebook(*cells: str | list[str], **more: object) -> str:
    code = [
        {"cell_type": "code", "source": cell.splitlines(keepends=True) if isinstance(cell, str) else cell}
        for cell in cells
    ]
    return json.dumps({"cells": code, "nbformat": 4, **more}, indent=1)


def test_a_comment_speaks_for_its_own_cell() -> None:
    def found(text: str) -> list[str]:
        return rules(notebook("!pip install keras\n# keraslint: ignore[*]\n", text), "a.ipynb")

    assert found(made.TRAIN) == BOTH
    assert found(behind(HEAD, "# keraslint: ignore[softmax-twice]")) == ["model-noted"]
    assert found(above("model.compile(", "# keraslint: ignore[softmax-twice]")) == ["model-noted"]
    assert found(made.TRAIN + "# keraslint: ignore-file[*]\n") == []


@pytest.mark.parametrize(
    "magic", ["%matplotlib inline", "!echo (it's", "%time x = [1]", "!ls $(", "?print", "%%time", "\n"]
)
def test_magics_are_no_obstacle(magic: str) -> None:
    text = f"{magic}\n{behind(HEAD, '# keraslint: ignore[softmax-twice]')}"
    assert rules(notebook(text), "a.ipynb") == ["model-noted"]
    indented = "".join(f"  {line}\n" if line else "\n" for line in text.splitlines())
    assert rules(notebook(indented), "a.ipynb") == ["model-noted"]


@pytest.mark.parametrize(
    "more",
    [
        {"cells": [{"cell_type": "markdown", "source": ["# keraslint: ignore-file[*]\n"]}]},
        {"cells": [{"cell_type": "code", "source": ["%%bash\n", "# keraslint: ignore-file[*]\n"]}]},
        {"metadata": {"title": "# keraslint: ignore-file[*]"}},
    ],
)
def test_only_the_program_of_a_notebook_speaks(more: dict[str, object]) -> None:
    document = json.loads(notebook(made.TRAIN))
    cells = [*document["cells"], *more.pop("cells", [])]  # type: ignore[misc]
    assert rules(json.dumps({**document, **more, "cells": cells}), "a.ipynb") == BOTH


def test_comments_in_documents() -> None:
    def document(text: str) -> str:
        return f"It's (all\n\n```python\n{text}```\n\n    # keraslint: ignore-file[*]\n"

    assert rules(document(made.TRAIN), "a.md") == BOTH
    assert rules(document(behind(HEAD, "# keraslint: ignore[softmax-twice]")), "a.md") == ["model-noted"]


def test_comments_are_heard_in_text_that_is_no_python() -> None:
    assert rules("(" + behind(HEAD, "# keraslint: ignore[softmax-twice]")) == ["model-noted"]
    assert rules("(" + made.TRAIN) == BOTH


# --- what is silenced is what is said --------------------------------------------------------------------------------

LINES = made.TRAIN.splitlines()
PLACES = {"softmax-twice": {5, 9}, "model-noted": {5}}
SPOKEN_FOR = {3: {4, 5, 6}, 4: {4, 5, 6}, 7: {7, 8, 9, 10}}
"""The lines of the next statement, where a comment on a line of its own stands before one."""
NAMES = st.sampled_from(["softmax-twice", "softmax_twice", "model-noted", "softmax-*", "*", "nobody", "*-noted", ""])
WORDS = st.sampled_from(["ignore", "ignore-file", "ignored", "", "noqa"])
SIGNS = "#[]()'\"\\ \n\tax_-,*:%!"
TAILS = st.sampled_from(["", " -- why", " # more", "  # noqa: E1", " -- #12"])


def silent(line: int, globs: list[str]) -> set[str]:
    return {
        rule
        for rule, places in PLACES.items()
        if line in places and any(fnmatchcase(rule, glob.replace("_", "-")) for glob in globs)
    }


@settings(max_examples=300, deadline=None)
@given(st.integers(1, len(LINES)), st.booleans(), WORDS, st.lists(NAMES, max_size=3), TAILS, st.sampled_from(PATHS))
def test_what_is_silenced_is_what_is_said(
    line: int, own: bool, word: str, names: list[str], tail: str, path: str
) -> None:
    comment = f"# keraslint: {word}[{', '.join(names)}]{tail}"
    lines = list(LINES)
    if own:
        lines.insert(line - 1, comment)
    else:
        lines[line - 1] += f"  {comment}"
    text = "\n".join(lines) + "\n"
    globs = [name for name in names if name] if word == "ignore" else []
    concerned = SPOKEN_FOR.get(line, {line}) if own or not LINES[line - 1] else {line}
    expected = set().union(*(silent(one, globs) for one in concerned))
    if word == "ignore-file":
        expected = set().union(*(silent(one, names) for one in range(1, 11)))
    found = rules(text if path.endswith(".py") else notebook(text), path)
    assert set(found) == set(BOTH) - expected


@settings(max_examples=300, deadline=None)
@given(
    st.text("#[]()'\"\\ \n\tax_-,*:%!", max_size=30),
    st.sampled_from(PATHS),
    st.sampled_from(["", "keraslint: ", "noqa"]),
)
def test_no_comment_is_too_odd(text: str, path: str, word: str) -> None:
    program = f"{made.TRAIN}# {word}{text}\nx = 1  # {word}ignore[{text}\n"
    report = keraslint.check(program if path.endswith(".py") else notebook(program, program), path)
    assert report.failures == ()

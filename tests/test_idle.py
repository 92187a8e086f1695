"""Comments that silence nothing: when that can be known, and what is left of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from keraslint import check, lint
from keraslint.fix import apply

HEAD = 'import keras\n\nmodel = keras.Sequential([keras.layers.Dense(1, activation="softmax")])'
FIT = 'model.compile("adam", "binary_crossentropy")\n'


def said(text: str, **options: list[str]) -> list[str]:
    return [finding.message for finding in check(text, **options).findings if finding.rule == "unused-ignore"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("comment", "messages"),
    [
        ("# keraslint: ignore[softmax-over-one-unit]", []),
        ("# keraslint: ignore[softmax_over_one_unit] -- meant", []),
        ("# keraslint: ignore[softmax-*]", []),
        ("# keraslint: ignore[*]", []),
        ("# noqa", []),
        ("# keraslint: ignore[squashed-logits]", ["`squashed-logits` is ignored here, but nothing is found"]),
        ("# keraslint: ignore[squashed-*]", ["`squashed-*` is ignored here, but nothing is found"]),
        ("# keraslint: ignore[softmax-over-one-units]", ["no rule is called `softmax-over-one-units`"]),
        ("# keraslint: ignore[squashed-logits, unused-ignore]", []),
        ("# keraslint: ignore[]", []),
    ],
)
def test_a_comment_is_idle_when_nothing_is_found_for_it(comment: str, messages: list[str]) -> None:
    assert said(f"{HEAD}  {comment}\n{FIT}") == messages


def test_a_rule_that_did_not_run_may_have_found_something() -> None:
    text = f"{HEAD}  # keraslint: ignore[squashed-logits, squashed-*, nobody]\n{FIT}"
    assert said(text, select=["unused-ignore", "softmax-over-one-unit"]) == ["no rule is called `nobody`"]


def test_what_silences_everything_does_not_silence_this() -> None:
    text = "import keras\n\nmodel = keras.Sequential([keras.layers.Dense(1)])  # keraslint: ignore[*]\n"
    assert said(text + 'model.compile("adam", "mse")\n') == ["`*` is ignored here, but nothing is found"]
    whole = "# keraslint: ignore-file[squashed-logits, unused-ignore]\n"
    assert said(f"{whole}{HEAD}\n{FIT}") == []


def test_a_comment_in_an_imported_file_may_be_of_use_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "setup.py").touch()
    (tmp_path / "heads.py").write_text(
        "import keras\n\ndef head():\n    return keras.layers.Dense(1, activation='softmax')"
        "  # keraslint: ignore[softmax-over-one-unit]\n",
        encoding="utf-8",
    )
    (tmp_path / "train.py").write_text(
        f"import keras\nfrom heads import head\n\nmodel = keras.Sequential([head()])\n{FIT}"
    )
    assert lint(str(tmp_path)).findings == ()
    assert lint(str(tmp_path / "heads.py")).findings == ()


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ("nobody, softmax-over-one-unit", "softmax-over-one-unit"),
        ("softmax-over-one-unit,nobody", "softmax-over-one-unit"),
        (" softmax-over-one-unit , nobody , no-one ", " softmax-over-one-unit "),
        ("nobody, no-one, softmax-over-one-unit", "softmax-over-one-unit"),
        ("nobody, softmax-over-one-unit, no-one", "softmax-over-one-unit"),
    ],
)
def test_the_names_that_are_of_use_stay(names: str, left: str) -> None:
    text = f"{HEAD}  # keraslint: ignore[{names}] -- meant\n{FIT}"
    [finding] = check(text).findings
    [fix] = finding.fixes
    assert apply(text, fix.edits) == f"{HEAD}  # keraslint: ignore[{left}] -- meant\n{FIT}"

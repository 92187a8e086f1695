"""Comments that silence nothing: when that can be known, and what is left of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from keraslint import check, lint
from keraslint.config import Configuration, Overrides
from keraslint.fix import apply
from keraslint.lint import discover
from keraslint.rewrite import changes

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
        ("# keraslint: ignore[]", ["the comment silences nothing: no rule is named"]),
        ("# keraslint: ignore", ["the comment silences nothing: no rule is named"]),
        ("# keraslint: ignore  -- all of it", ["the comment silences nothing: no rule is named"]),
        ("# keraslint: ignore[squashed-logits", ["the comment silences nothing: the bracket is not closed"]),
        (
            "# keraslint: ingore[squashed-logits]",
            ["the comment silences nothing: unknown word `ingore`; did you mean `ignore`?"],
        ),
        ("# keraslint: disable=squashed-logits", ["the comment silences nothing: unknown word `disable`"]),
        ("# keraslint: ignore  # keraslint: ignore[unused-ignore]", []),
        ("# keraslint: all is well here", []),
    ],
)
def test_a_comment_is_idle_when_nothing_is_found_for_it(comment: str, messages: list[str]) -> None:
    assert said(f"{HEAD}  {comment}\n{FIT}") == messages


def test_a_name_that_is_nearly_right_is_corrected() -> None:
    line = f"{HEAD}  # keraslint: ignore[softmax-over-one-units] -- meant\n{FIT}"
    other, finding = check(line).findings
    assert other.rule == "softmax-over-one-unit"
    assert finding.help == "write `softmax-over-one-unit` if that is meant, or remove it from the comment"
    assert [fix.title for fix in finding.fixes] == ["Write `softmax-over-one-unit`", "Remove what silences nothing"]
    assert apply(line, finding.fixes[0].edits) == line.replace("units", "unit")


SQUASHED = (
    'import keras\n\nmodel = keras.Sequential([keras.layers.Dense(3, activation="relu"), keras.layers.Softmax()])'
)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("squashed-logit", "  # keraslint: ignore[squashed-logits] -- meant"),
        ("softmax-over-one-units", ""),  # the rule that is meant did not find anything
        ("nobody", ""),
    ],
)
def test_a_correction_that_silences_nothing_is_not_made(name: str, left: str, tmp_path: Path) -> None:
    file, fit = tmp_path / "train.py", 'model.compile("adam", "categorical_crossentropy")\n'
    file.write_text(f"{SQUASHED}  # keraslint: ignore[{name}] -- meant\n{fit}", encoding="utf-8")
    rules = ("squashed-logits" if "logit" in name else "softmax-over-one-unit", "unused-ignore")
    configuration = Configuration(Overrides(select=rules, isolated=True))
    [made] = changes(list(discover([str(file)], configuration)), configuration)
    assert made.after == f"{SQUASHED}{left}\n{fit}"


def test_rules_of_the_project_are_rules_too(tmp_path: Path) -> None:
    (tmp_path / "lint").mkdir()
    (tmp_path / "lint" / "any_head.py").write_text(
        "from keraslint import Finding, Head, Severity, rule\n\n\n@rule(Head, Severity.NOTE)\ndef check(head):\n"
        '    """A head."""\n    yield Finding("a head", because=(head.activation,))\n',
        encoding="utf-8",
    )
    (tmp_path / "keraslint.toml").write_text('rules = ["lint"]\nselect = ["any-head", "unused-ignore"]\n')
    (tmp_path / "train.py").write_text(f"{HEAD}  # keraslint: ignore[any-head]\n{FIT}", encoding="utf-8")
    assert lint(str(tmp_path / "train.py")).findings == ()


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

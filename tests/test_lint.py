"""From files to a report: what is said once, in which order, how loudly, and what a failure costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import keraslint
from keraslint import Finding, Report, Severity
from keraslint.config import Configuration, Overrides, RefusalError
from keraslint.fingerprint import fingerprints
from keraslint.fix import apply
from keraslint.lint import discover, run
from tests import made

UNSURE = made.TRAIN.replace('activation="softmax"),', 'activation="softmax"),  # unsure')


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and a reader and rules that are known."""
    made.use(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


def linted(**overrides: object) -> Report:
    configuration = Configuration(Overrides(**overrides))  # type: ignore[arg-type]
    return run(discover(["."], configuration), configuration)


def test_a_folder_becomes_a_report() -> None:
    write("train.py", made.TRAIN)
    write("plain.py", "import json\n")
    report = keraslint.lint()
    assert rules(report) == ["model-noted", "softmax-twice"]
    assert report.files == 2
    assert len(report.models) == 1
    assert report.texts == {"train.py": made.TRAIN}
    assert not report.failures


def test_a_text_is_checked_without_a_project() -> None:
    write("keraslint.toml", 'ignore = ["*"]\n')
    assert rules(keraslint.check(made.TRAIN)) == ["model-noted", "softmax-twice"]
    assert rules(keraslint.check(made.TRAIN, ignore=["model-*"])) == ["softmax-twice"]
    assert keraslint.check("import json\n").files == 1


def test_a_path_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RefusalError, match=r"`nowhere\.py` does not exist"):
        keraslint.lint("nowhere.py")


def test_findings_come_in_the_order_of_the_text() -> None:
    write("b.py", made.TRAIN)
    write("a/deep.py", made.TRAIN + made.TRAIN)
    write("a.py", made.TRAIN)
    places = [
        (finding.span.path, finding.span.line, finding.span.column, finding.rule) for finding in linted().findings
    ]
    assert places == sorted(places)
    assert len(places) == 8


def test_what_is_found_twice_is_said_once() -> None:
    # Two trainings of one head: the note about the head is the same both times.
    write("train.py", made.TRAIN + made.TRAIN[made.TRAIN.index("model.compile") :])
    report = linted()
    assert len(report.models) == 2
    assert rules(report) == ["model-noted", "softmax-twice", "softmax-twice"]


def test_what_is_not_sure_is_not_said() -> None:
    write("train.py", UNSURE)
    assert rules(linted()) == []
    assert len(linted().models) == 1


def test_selection() -> None:
    write("train.py", made.TRAIN)
    assert rules(linted(select=("softmax-*",))) == ["softmax-twice"]
    assert rules(linted(ignore=("softmax-*",))) == ["model-noted"]
    write("keraslint.toml", 'select = ["model-noted", "softmax-twice"]\nignore = ["model-noted"]\n')
    assert rules(linted()) == ["softmax-twice"]
    assert rules(linted(select=("model-noted",))) == ["model-noted"]  # the command line starts anew
    assert rules(linted(isolated=True)) == ["model-noted", "softmax-twice"]


def test_severities_are_what_the_project_says() -> None:
    write("train.py", made.TRAIN)
    write("keraslint.toml", 'severity = { "*" = "error", "softmax-twice" = "note" }\n')
    assert [str(finding.severity) for finding in linted().findings] == ["error", "note"]
    asked = linted(severity=(("softmax-*", "warning"),))
    assert [str(finding.severity) for finding in asked.findings] == ["error", "warning"]


def test_the_nearest_configuration_holds() -> None:
    write("keraslint.toml", 'ignore = ["model-noted"]\n')
    write("train.py", made.TRAIN)
    write("other/pyproject.toml", "[tool.keraslint]\nignore = ['softmax-twice']\n")
    write("other/train.py", made.TRAIN)
    assert [(finding.span.path, finding.rule) for finding in linted().findings] == [
        ("other/train.py", "model-noted"),
        ("train.py", "softmax-twice"),
    ]


def test_a_misspelt_rule_in_a_configuration_is_refused_with_its_place() -> None:
    write("train.py", made.TRAIN)
    write("pyproject.toml", "[project]\nname = 'x'\n\n[tool.keraslint]\nignore = ['softmax-twise']\n")
    with pytest.raises(
        RefusalError, match=r"pyproject\.toml:5: unknown rule `softmax-twise`; did you mean `softmax-twice`"
    ):
        linted()


def test_a_file_that_cannot_be_read_is_a_finding_and_the_run_goes_on() -> None:
    write("a.ipynb", '{"keras": ')
    Path("b.py").write_bytes(b"import keras\nname = '\xff'\n")
    write("train.py", made.TRAIN)
    report = linted()
    assert [(finding.span.path, finding.rule) for finding in report.findings[:2]] == [
        ("a.ipynb", "unread-file"),
        ("b.py", "unread-file"),
    ]
    assert report.findings[1].span.line == 2
    assert report.texts["b.py"].startswith("import keras\n")
    assert rules(report)[2:] == ["model-noted", "softmax-twice"]
    assert not report.failures


def test_a_mistake_of_ours_costs_one_file() -> None:
    write("a.py", "import keras  # fall over\n")
    write("train.py", made.TRAIN)
    report = linted()
    assert rules(report) == ["model-noted", "softmax-twice"]
    ((path, trace),) = report.failures
    assert path == "a.py"
    assert trace.startswith("Traceback")
    assert "RuntimeError: fell over" in trace
    assert report.files == 2


def test_what_was_not_recovered_is_kept() -> None:
    write("train.py", "import keras\ngive up\n")
    ((gap),) = linted().not_checked
    assert (gap.span.path, gap.span.line, gap.reason) == ("train.py", 2, "it was too hard")


def test_a_cell_that_is_not_python_is_told_and_the_others_are_read() -> None:
    cells = [{"cell_type": "code", "source": text} for text in ("import keras", "x = = 1", made.TRAIN)]
    write("a.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    report = linted()
    (gap,) = report.not_checked
    assert gap.span.position.cell == 1
    assert gap.reason.startswith("cell 2 is not Python: ")
    assert rules(report) == ["model-noted", "softmax-twice"]


def test_fixes_say_exactly_what_goes() -> None:
    write("train.py", made.TRAIN.replace("from_logits=True", "from_logits=True, axis=-1"))
    report = linted(select=("softmax-twice",))
    ((fix,),) = [finding.fixes for finding in report.findings]
    (edit,) = fix.edits
    assert not edit.argument
    assert apply(report.texts["train.py"], fix.edits) == made.TRAIN.replace("from_logits=True", "axis=-1")


def test_a_place_in_a_file_that_was_not_linted_brings_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    write("train.py", made.TRAIN)
    write("lib/heads.py", "HEAD = 'softmax'\n")

    other = keraslint.Fact("softmax", made.place("HEAD = 'softmax'\n", "'softmax'", "lib/heads.py"))
    twice = next(rule for rule in made.RULES if rule.name == "softmax-twice")

    def check(training: keraslint.Training) -> object:
        for finding in twice.check(training):
            yield Finding(finding.message, because=(*finding.because, other))

    rule = keraslint.Rule("two-files", Severity.ERROR, keraslint.Training, check)  # type: ignore[arg-type]
    monkeypatch.setattr("keraslint.registry.installed", lambda: (rule,))
    assert keraslint.lint("train.py").texts == {"train.py": made.TRAIN, "lib/heads.py": "HEAD = 'softmax'\n"}


def test_the_configuration_fills_in_the_runtime_that_a_program_leaves_open(monkeypatch: pytest.MonkeyPatch) -> None:
    write("keraslint.toml", 'backend = "jax"\ntarget-keras = "3.15"\n')
    write("train.py", made.TRAIN)
    (model,) = linted().models
    for runtime in (model.runtime, model.trainings[0].runtime):
        assert runtime.backend
        assert runtime.keras
        assert (runtime.backend.value, runtime.backend.span.path, runtime.backend.span.line) == (
            "jax",
            "keraslint.toml",
            1,
        )
        assert (runtime.keras.value, runtime.keras.span.line) == ("3.15", 2)


# --- fingerprints ----------------------------------------------------------------------------------------------------


def prints(report: Report) -> list[str]:
    return list(fingerprints(report))


def test_a_fingerprint_stays_when_lines_move() -> None:
    write("train.py", made.TRAIN)
    before = prints(linted())
    write("train.py", "# a comment\n\n" + made.TRAIN.replace("    loss=", "\n        loss = "))
    assert prints(linted()) == before
    assert all(len(one) == 64 for one in before)


def test_equal_findings_have_different_fingerprints() -> None:
    write("train.py", made.TRAIN * 3)
    found = prints(linted())
    assert len(set(found)) == len(found) == 6
    write("train.py", made.TRAIN * 2)
    assert set(prints(linted())) < set(found)


def test_a_fingerprint_knows_file_rule_and_code() -> None:
    write("train.py", made.TRAIN)
    before = set(prints(linted()))
    write("train.py", made.TRAIN.replace("Dense(10", "Dense(11"))
    assert len(before & set(prints(linted()))) == 1  # the line of the loss is still the same
    Path("train.py").rename("other.py")
    assert not before & set(prints(linted()))


def test_a_notebook_is_known_by_the_code_of_its_cell() -> None:
    def notebook(*cells: str) -> str:
        code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
        return json.dumps({"cells": code, "nbformat": 4}, indent=1)

    write("train.ipynb", notebook(made.TRAIN))
    before = prints(linted())
    write("train.ipynb", notebook("x = 1", made.TRAIN))
    assert prints(linted()) == before
    finding = linted().findings[1]
    assert finding.span.position.cell == 1
    assert finding.span.position.cell_line == 9

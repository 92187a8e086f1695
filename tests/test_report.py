"""What people and programs see, held against text files in `tests/reports`.

Set the variable WRITE_REPORTS to write the files anew, then read what has changed.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keraslint.finding import Edit, Finding, Fix, Report, Severity
from keraslint.model import Confidence, Fact, Head, Model, NotChecked, Origin, Position, Span
from keraslint.passage import passage
from keraslint.report import FORMATS, Style, render
from keraslint.report.text import lay_out, paint, visible, width_of, wrap
from keraslint.source import Source
from tests import made

HERE = Path(__file__).parent / "reports"


def fact(text: str, needle: str, said: str = "", *, path: str = "train.py", nth: int = 0, **known: object) -> Fact[str]:
    return Fact(needle, made.place(text, needle, path, nth=nth), text=said, **known)  # type: ignore[arg-type]


def finding(message: str, *because: Fact[str], rule: str = "some-rule", **more: object) -> Finding:
    return Finding(message, because, **{"severity": Severity.ERROR, **more}, rule=rule)  # type: ignore[arg-type]


TWICE = finding(
    "softmax output, but the loss applies softmax again",
    fact(made.TRAIN, "from_logits=True", "asks for logits", literal=True),
    fact(made.TRAIN, '"softmax"', "already probabilities"),
    rule="probabilities-as-logits",
    notes=("measured: rows sum to 1.000; on this backend (jax) the gradient is 11x smaller than without it",),
    help="drop `from_logits=True` (safe fix), or drop the softmax",
    fixes=(Fix("Drop from_logits=True", (Edit(Span("train.py", Position(9, 47, 9, 63)), ""),), safe=True),),
)

OTHER = "HEAD = 'sigmoid'\n"

WIDE = 'x = 1\n\tmodel.add(Dense(1, name="数字", activation="softmax"))  # 出力\nx\u0301 = "\x1b[31m"; y = "\u202e"\n'

LONG = f"model = Sequential([{', '.join(f'Dense({width})' for width in range(100, 160))}, Activation('softmax')])\n"

BLOCK = """\
model.compile(
    optimizer="adam",
    loss="mse",
    metrics=[
        "accuracy",
        "mae",
    ],
    run_eagerly=True,
)
"""

CELLS = [
    "import keras\n\nx = 1\n",
    'h = Dense(3,\n  activation="softmax")\nn = "数"; m = Dense(4)\n',
    "loss = CCE(from_logits=True)\n",
]


def notebook(indent: int | None, *, strings: bool) -> str:
    cells = [
        {"cell_type": "code", "id": f"c{n}", "source": s if strings else s.splitlines(True)}
        for n, s in enumerate(CELLS)
    ]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}, indent=indent)


def in_notebook(text: str, needle: str, said: str = "") -> Fact[str]:
    """A fact in the cells, at the place that reading the notebook gives."""
    source = Source.from_bytes("nb.ipynb", text.encode())
    where = made.place(source.program, needle).position
    return Fact(needle, Span("nb.ipynb", source.position(*where[:4])), text=said)


def of(*findings: Finding, **texts: str) -> Report:
    return Report(findings, files=1, texts={"train.py": made.TRAIN, "other.py": OTHER} | texts)


HEAD = Model(made.place(made.TRAIN, "keras.Sequential"), name="net")

RUN = Report(
    findings=(
        TWICE,
        finding("an old name", fact(made.TRAIN, "layers", nth=1), severity=Severity.WARNING, rule="removed-argument"),
        finding(
            "an old name", fact(OTHER, "HEAD", path="other.py"), severity=Severity.WARNING, rule="removed-argument"
        ),
        finding("worth knowing", fact(OTHER, "'sigmoid'", path="other.py"), severity=Severity.NOTE),
    ),
    models=(HEAD, HEAD),
    not_checked=(NotChecked(made.place(made.TRAIN, "loss"), "loss comes from a function outside the linted tree"),),
    files=12,
    texts={"train.py": made.TRAIN, "other.py": OTHER},
)

FULL: dict[str, tuple[Report, Style]] = {
    "two-places": (of(TWICE), Style()),
    "narrow": (of(TWICE), Style(width=44)),
    "narrowest": (of(TWICE), Style(width=1)),
    "run": (RUN, Style()),
    "run-verbose": (RUN, Style(verbose=True, statistics=True)),
    "quiet": (RUN, Style(summary=False)),
    "nothing": (Report(files=3), Style()),
    "no-files": (Report(), Style()),
    "failed": (Report(files=2, failures=(("train.py", "Traceback\nValueError: x\n"),)), Style()),
    "one-line": (
        of(
            finding(
                "every prediction is 1.0",
                fact(made.TRAIN, '"softmax"', "always 1.0"),
                fact(made.TRAIN, "10", "not one unit"),
                fact(made.TRAIN, 'layers.Dense(10, activation="softmax")', "the head"),
                fact(made.TRAIN, '"softmax"', "and again"),
            )
        ),
        Style(),
    ),
    "other-file": (
        of(
            finding(
                "a head from elsewhere",
                fact(made.TRAIN, "from_logits=True", "asks for logits"),
                fact(OTHER, "'sigmoid'", "probabilities", path="other.py"),
                fact("lost", "lost", "somewhere", path="lost.py"),
            )
        ),
        Style(),
    ),
    "measured": (
        of(
            finding(
                "rows sum to one",
                fact(made.TRAIN, "10", "1.0 on all 32 rows", origin=Origin.MEASURED),
                fact(made.TRAIN, "layers", origin=Origin.MEASURED, nth=1),
            )
        ),
        Style(),
    ),
    "wide": (
        of(
            finding(
                "wide characters, tabs, and what must not reach a terminal: \x1b[31m",
                fact(WIDE, '"softmax"', "ここ"),
                fact(WIDE, "数字", "wide"),
                fact(WIDE, "x\u0301", "combined"),
                fact(WIDE, "y =", "after an escape"),
            ),
            **{"train.py": WIDE},
        ),
        Style(),
    ),
    "long-line": (
        of(
            finding("far to the right", fact(LONG, "'softmax'", "here")),
            finding("on the left", fact(LONG, "Sequential", "there")),
            finding("too far apart", fact(LONG, "'softmax'", "here"), fact(LONG, "Sequential", "there")),
            **{"train.py": LONG},
        ),
        Style(width=60),
    ),
    "many-lines": (
        of(
            finding(
                "a long place", fact(BLOCK, BLOCK.rstrip(), "compiled here"), fact(BLOCK, '"accuracy"', "no class")
            ),
            finding("a short place", fact(BLOCK, BLOCK[BLOCK.index("[") : BLOCK.index("],") + 1], "metrics")),
            **{"train.py": BLOCK},
        ),
        Style(),
    ),
    "no-help": (
        of(
            finding(
                "fixes alone", fact(OTHER, "HEAD", path="other.py"), fixes=(*TWICE.fixes, Fix("Drop the softmax", ()))
            )
        ),
        Style(),
    ),
    "notebook": (
        of(
            finding(
                "two cells",
                in_notebook(notebook(1, strings=False), "from_logits=True", "asks for logits"),
                in_notebook(notebook(1, strings=False), 'Dense(3,\n  activation="softmax")', "the head"),
                in_notebook(notebook(1, strings=False), "Dense(4)", "behind a wide one"),
            ),
            **{"nb.ipynb": notebook(1, strings=False)},
        ),
        Style(),
    ),
}


def held(name: str, text: str) -> None:
    """Compare with the file, or write it."""
    path = HERE / name
    if os.environ.get("WRITE_REPORTS"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", FULL)
def test_full(name: str) -> None:
    held(f"full-{name}.txt", render("full", *FULL[name]))


def test_the_report_for_people_looks_as_it_was_promised() -> None:
    """The shape of the example in the specification, sign for sign."""
    text = "\n" * 22 + '    outputs = layers.Dense(10, activation="softmax")(x)\n' + "\n" * 7
    text += "        loss=keras.losses.CategoricalCrossentropy(from_logits=True),\n"
    shown = render(
        "full",
        of(
            finding(
                "softmax output, but the loss applies softmax again",
                fact(text, "from_logits=True", "asks for logits"),
                fact(text, '"softmax"', "already probabilities"),
                rule="probabilities-as-logits",
                notes=TWICE.notes,
                help=TWICE.help,
            ),
            **{"train.py": text},
        ),
        Style(summary=False),
    )
    assert (
        shown
        == """\
error[probabilities-as-logits]: softmax output, but the loss applies softmax again
  --> train.py:31:51
   |
23 |     outputs = layers.Dense(10, activation="softmax")(x)
   |                                           --------- already probabilities
31 |         loss=keras.losses.CategoricalCrossentropy(from_logits=True),
   |                                                   ^^^^^^^^^^^^^^^^ asks for logits
   |
   = note: measured: rows sum to 1.000; on this backend (jax) the gradient is 11x smaller than without it
   = help: drop `from_logits=True` (safe fix), or drop the softmax
   = more: keraslint explain probabilities-as-logits

"""
    )


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "html"])  # see test_html.py
def test_every_format(name: str) -> None:
    held(f"{name}.txt", render(name, RUN, Style()))


@pytest.mark.parametrize("name", ["full", "concise"])
def test_colours(name: str) -> None:
    painted = render(name, RUN, Style(color=True))
    held(f"{name}-color.txt", painted)
    assert re.sub(r"\x1b\[[\d;]*m", "", painted).replace(" \n", "\n") == render(name, RUN, Style()).replace(" \n", "\n")


@pytest.mark.parametrize("width", range(20, 90, 7))
@pytest.mark.parametrize("name", ["two-places", "one-line", "wide", "long-line", "many-lines", "notebook"])
def test_nothing_is_wider_than_the_window(name: str, width: int) -> None:
    report, style = FULL[name]
    lines = render("full", report, style._replace(width=width, summary=False)).splitlines()
    for line in lines:
        if "keraslint explain" not in line and "-->" not in line and ":::" not in line:
            assert width_of(line) <= max(width, 30), line


SIGNS = st.text(st.sampled_from("ab (\t\n\r\x0c\x1b\u0301\u200b\u2028数\ud800"), max_size=60)
NUMBERS = st.integers(1, 70)
PLACES = st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS).map(lambda numbers: Span("train.py", Position(*numbers)))


@settings(deadline=None)
@given(SIGNS, st.lists(st.tuples(PLACES, SIGNS), min_size=1, max_size=4), st.none() | st.integers(1, 80))
def test_no_place_in_no_text_is_too_odd(text: str, places: list[tuple[Span, str]], width: int | None) -> None:
    facts = (Fact("x", span, text=said) for span, said in places)
    report = of(finding("odd", *facts), **{"train.py": text})
    for line in render("full", report, Style(width=width)).split("\n"):
        assert not any(unicodedata.category(sign) == "Cc" for sign in line)
    for name in FORMATS:
        assert render(name, report, Style()).endswith("\n")


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("strings", [True, False])
def test_a_notebook_is_shown_by_its_cells_however_it_is_written(indent: int | None, strings: bool) -> None:
    text = notebook(indent, strings=strings)
    for needle in ("from_logits=True", 'Dense(3,\n  activation="softmax")', '"softmax"', "Dense(4)", '"数"'):
        where = passage(text, in_notebook(text, needle).span.position)
        first, *_, last = where.lines[where.line - 1 : where.end_line] * 2
        assert first[where.column - 1 :].startswith(needle.split("\n")[0])
        assert last[: where.end_column - 1].endswith(needle.split("\n")[-1])
        assert needle in where.code


def test_old_notebooks_have_cells_too() -> None:
    cells = [{"cell_type": "code", "language": "python", "input": cell.splitlines(True)} for cell in CELLS]
    text = json.dumps({"worksheets": [{"cells": cells[:1]}, {"cells": cells[1:]}], "nbformat": 3}, indent=1)
    where = passage(text, in_notebook(text, "from_logits=True").span.position)
    assert (where.line, where.column) == (1, 12)


# --- json ------------------------------------------------------------------------------------------------------------


def test_json_is_what_the_specification_says() -> None:
    document = json.loads(render("json", RUN, Style()))
    assert set(document) == {"schema_version", "keraslint", "findings", "models", "not_checked", "summary"}
    assert document["schema_version"] == 1
    (first, *_) = document["findings"]
    place = {"path", "line", "column", "end_line", "end_column"}
    assert set(first) == place | {
        *("rule", "severity", "confidence", "message", "notes", "help", "cell"),
        *("because", "fixes", "fingerprint", "url"),
    }
    assert all(set(because) == place | {"origin", "text"} for because in first["because"])
    assert [set(fix) for fix in first["fixes"]] == [{"title", "safe", "verified", "edits"}]
    assert [set(edit) for edit in first["fixes"][0]["edits"]] == [place | {"text"}]
    assert document["models"][0] == {"path": "train.py", "line": 4, "name": "net", "read": True, "probed": False}
    assert [set(gap) for gap in document["not_checked"]] == [{"path", "line", "reason"}]
    counted = {"files": 12, "models": 2, "probed": 0, "errors": 1, "warnings": 2, "notes": 1, "baselined": 0}
    assert document["summary"] == counted


def test_json_names_the_cell() -> None:
    report, style = FULL["notebook"]
    (first,) = json.loads(render("json", report, style))["findings"]
    assert first["cell"] == {"index": 2, "id": "c2", "line": 1}
    lines = report.texts["nb.ipynb"].splitlines()
    assert lines[first["line"] - 1][first["column"] - 1 :].startswith("from_logits=True")


def test_json_tells_a_failure() -> None:
    (gap,) = json.loads(render("json", FULL["failed"][0], Style()))["not_checked"]
    assert gap == {"path": "train.py", "line": 1, "reason": "internal error: ValueError: x"}


def test_a_measured_model_is_told_as_probed() -> None:
    where = made.place(made.TRAIN, "layers")
    measured = Model(where, probed=True, heads=(Head(where, units=Fact(1, where, Origin.MEASURED, Confidence.HIGH)),))
    (model,) = json.loads(render("json", Report(models=(measured,)), Style()))["models"]
    assert (model["read"], model["probed"]) == (False, True)


def test_jsonl_is_one_finding_on_each_line() -> None:
    *lines, gap = [json.loads(line) for line in render("jsonl", RUN, Style()).splitlines()]
    document = json.loads(render("json", RUN, Style()))
    assert lines == document["findings"]
    assert [gap] == [{"not_checked": gap} for gap in document["not_checked"]]


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_json_is_plain_ascii(name: str) -> None:
    assert render(name, of(finding("größe", fact(WIDE, "数字"))), Style()).isascii()


# --- words -----------------------------------------------------------------------------------------------------------


def test_what_steers_a_terminal_is_made_visible() -> None:
    assert visible("a\x1b[31mb\u202ec\r\nd") == "a\ufffd[31mb\ufffdc d"
    assert not any(ord(sign) < 32 for sign in "".join(lay_out("".join(map(chr, range(32))))[0]))


def test_tabs_and_wide_signs_have_columns() -> None:
    shown, columns = lay_out("\ta\t数x")
    assert "".join(shown) == "    a   数x"
    assert columns == [0, 4, 5, 8, 10, 11]


def test_wrapping_keeps_every_word_and_the_width() -> None:
    text = "eins zwei drei 数字数字数字数字 averyveryverylongword end"
    lines = wrap(text, 10)
    assert all(width_of(line) <= 10 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrap(text, None) == [text]


def test_plain_text_has_no_blanks_at_the_end() -> None:
    assert paint([[("a  ", "error"), ("  ", "")], []], color=False) == "a\n\n"


def test_what_was_not_measured_is_no_model_that_was_not_recovered() -> None:
    from keraslint import check
    from keraslint.report.summary import looked_at

    place = Span("train.py", Position(3, 1, 3, 2))
    report = check(
        "import keras\nmodel = keras.Sequential([keras.layers.Dense(1)])\nmodel.compile(loss='mse')\n", "train.py"
    )
    slow = NotChecked(place, "not measured: too slow", measuring=True)
    lost = NotChecked(place, "the loss is not known")
    said = looked_at(replace(report, not_checked=(slow, lost)), Style())
    assert said == (
        "1 file, 2 models: 1 read only (train.py:3: not measured: too slow), "
        "1 not recovered (train.py:3: the loss is not known)"
    )

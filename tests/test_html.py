"""The page of a report, without a browser: that it is whole, needs nothing else, and says what the report says."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keraslint.finding import Finding, Report, Severity
from keraslint.lint import check, lint
from keraslint.model import (
    Fact,
    Family,
    Flow,
    Goal,
    Layer,
    Loss,
    Measured,
    Model,
    Origin,
    Outputs,
    Position,
    Span,
    Sums,
)
from keraslint.objective import EXPECTED, FAMILIES, FORMULAS, expects
from keraslint.registry import installed
from keraslint.report import Style, render
from keraslint.report.drawing import MOST_BOXES, TIMES, draw, marks, parts
from keraslint.report.html import BESIDE_DRAWN, MOST_DRAWN, TEMPLATES, _cut, _difference, _kinds
from keraslint.report.layered import lay_out
from keraslint.report.plots import LETTER_WIDTH as LETTER
from keraslint.report.plots import WIDTH, plots
from tests import pages, probing
from tests.pages import Element, complaints, page_of, parsed

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def seeds() -> Report:
    """What is found in the founding programs, without measuring."""
    return lint(str(HERE.parent / "fixtures" / "seeds"))


@pytest.fixture(scope="module")
def measured() -> Element:
    return parsed(page_of(pages.measured_report()))


def clean(words: str) -> str:
    return " ".join(words.split())


# --- the page as a whole ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "report",
    [
        pages.measured_report(),
        pages.hostile_report(),
        pages.many_findings(60),
        Report(files=3),
        Report(),
        Report(failures=(("train.py", "Traceback\nValueError: x\n"),), files=1),
    ],
    ids=["measured", "hostile", "many", "nothing found", "no files", "failed"],
)
def test_a_page_is_whole_and_needs_nothing_else(report: Report) -> None:
    assert complaints(page_of(report)) == []


def test_the_seeds_make_a_page(seeds: Report) -> None:
    page = page_of(seeds)
    assert complaints(page) == []
    root = parsed(page)
    assert len(root.all("article")) == len(seeds.findings)
    assert len(root.all("svg", class_="model-drawing")) == len(seeds.models)
    for finding, article in zip(seeds.findings, root.all("article"), strict=True):
        assert clean(article.only("h4").text) == clean(finding.message.replace("`", ""))
        assert article.attributes["data-rule"] == finding.rule
        assert all(clean(note.replace("`", "")) in clean(article.text) for note in finding.notes)
        assert clean(finding.help.replace("`", "")) in clean(article.text)
    pages_of_rules = {one.attributes["id"] for one in root.only(id="rules").all("div", class_="inside")}
    assert pages_of_rules == {f"rule-{finding.rule}" for finding in seeds.findings}


@pytest.mark.parametrize("name", ["report.css", "report.js"])
def test_what_holds_no_references_holds_no_letter_that_needs_one(name: str) -> None:
    assert (TEMPLATES / name).read_text(encoding="utf-8").isascii()


def test_the_page_is_the_same_on_every_code_page() -> None:
    fact = Fact("x", Span("données.py", Position(1, 1, 1, 2)), text="数字")
    page = page_of(Report((Finding("ça", (fact,), Severity.NOTE, rule="r"),), files=1, texts={"données.py": "x = 'é'"}))
    assert page.isascii()
    assert {"ça", "données.py 1 finding"} <= {clean(one.text) for one in parsed(page).all()}


def test_the_page_is_the_same_each_time(seeds: Report) -> None:
    assert page_of(seeds) == page_of(seeds)
    assert page_of(pages.measured_report()) == page_of(pages.measured_report())


@pytest.mark.parametrize(
    "slip",
    [
        '<div id="findings"></div>',
        '<img src="x.png" alt="">',
        '<p style="color: red">',
        "<p onclick='x()'></p>",
        '<a href="#nowhere">x</a>',
        '<a href="javascript:x()">x</a>',
        '<svg viewBox="0 0 9 9" role="img" aria-labelledby="findings"><rect x="5" y="5" width="5" height="1"/></svg>',
        '<svg viewBox="0 0 9 9"></svg>',
        "<script></script>",
    ],
)
def test_what_is_wrong_with_a_page_would_be_seen(slip: str) -> None:
    page = page_of(Report())
    closing = "" if "</" in slip or "<img" in slip else "</p>"
    assert complaints(page.replace("</main>", f"{slip}{closing}</main>"))


def test_the_policy_allows_the_own_style_and_script_and_nothing_else() -> None:
    root = parsed(page_of(pages.hostile_report()))
    (policy,) = (one.attributes["content"] for one in root.all("meta") if "http-equiv" in one.attributes)
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(root.only(kind).text.encode()).digest()).decode()
        assert allowed[f"{kind}-src"] == f"'sha256-{digest}'"


def test_no_text_of_a_stranger_becomes_markup() -> None:
    page = page_of(pages.hostile_report())
    root = parsed(page)
    assert not root.all("img")
    assert "alert(2)" not in root.only("script").text
    assert "49" not in root.text
    assert "\x1b" not in page
    assert "\u202e" not in page
    shown = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>{{ 7*7 }}"
    article = root.only("article")
    told = (
        article.only("h4"),
        article.only("p", class_="help"),
        article.only("ul", class_="notes"),
        article.only("ins"),
    )
    assert all(shown in one.text for one in told)
    assert shown in root.only(id="gaps").text
    assert article.only("ul", class_="notes").all("code")[0].text.startswith("<img")


@settings(deadline=None)
@given(words=st.text(alphabet=st.sampled_from("<>&\"'`{}%#\\\n\r\0\x1bax/"), max_size=60))
def test_whatever_a_text_holds_the_page_is_whole(words: str) -> None:
    fact = Fact("x", Span("a.py", Position(1, 1, 1, 2)), text=words)
    found = Finding(words, (fact,), Severity.NOTE, notes=(words,), help=words, rule="one")
    page = render("html", Report((found,), files=1, texts={"a.py": words}), Style())
    assert complaints(page) == []
    assert (
        clean(parsed(page).only("h4").text).replace("`", "") in clean(words.replace("`", "")) or not words.isprintable()
    )


def test_thousands_of_findings_take_room_in_proportion() -> None:
    small, large = (page_of(pages.many_findings(number)) for number in (300, 3000))
    assert len(parsed(large).all("article")) == 3000
    assert len(large) < 11 * len(small)
    assert len(large) < 3000 * 2000


def test_what_a_baseline_knows_is_counted() -> None:
    report = pages.measured_report()
    page = page_of(replace(report, findings=(), baselined=report.findings, stale=2))
    root = parsed(page)
    assert not root.all("article")
    assert "1 more finding in the baseline; no longer found of the baseline: 2" in clean(root.only("header").text)
    assert complaints(page) == []


def test_programs_in_the_page_of_a_rule_are_as_they_were_written() -> None:
    report = pages.measured_report()
    (rule,) = (rule for rule in installed() if rule.name == report.findings[0].rule)
    page = parsed(page_of(report)).only(id=f"rule-{rule.name}")
    assert [one.text for one in page.all("pre")] == [one.rstrip() for one in (*rule.page.bad, *rule.page.good)]
    assert page.all("i", class_="k")


def test_what_was_not_checked_and_what_failed_is_told() -> None:
    gaps = parsed(page_of(replace(pages.hostile_report(), failures=(("train.py", "Traceback\nValueError: x\n"),))))
    said = [clean(one.text) for one in gaps.only(id="gaps").all("li")]
    assert said[0] == "keraslint failed train.py ValueError: x"
    assert len(said) == 2


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(pages.MEASURED, encoding="utf-8")
    command = [sys.executable, "-m", "keraslint", "train.py", "--output-format", "html=report.html"]
    done = subprocess.run(command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert complaints(page) == []
    assert len(parsed(page).only(id="rules").all("details")) == 1


# --- findings --------------------------------------------------------------------------------------------------------


def test_both_places_are_marked_in_the_code() -> None:
    report = check(
        "import keras\n\nmodel = keras.Sequential([keras.layers.Dense(3, activation='softmax')])\n"
        "model.compile('adam', loss=keras.losses.CategoricalCrossentropy(from_logits=True))\n"
    )
    article = parsed(page_of(report)).only("article", data_rule="probabilities-as-logits")
    assert {(one.attributes["class"], one.text) for one in article.all("mark")} == {
        ("first", "from_logits=True"),
        ("beside", "'softmax'"),
    }
    code = article.only("pre", aria_label="Code").text
    numbers = [one.text.strip() for one in article.all("span", class_="n")]
    assert [one for one in numbers if one] == ["3", "4"]
    lines = [line for line in code.split("\n") if line.strip()]
    # what is said stands below what is marked
    assert lines[0].index("'softmax'") == lines[1].index("↑ already probabilities")
    assert lines[2].index("from_logits=True") == lines[3].index("↑ asks for logits")
    changes = [[one.text for one in fix.all() if one.name in ("del", "ins")] for fix in article.all("details")]
    assert changes[0] == [
        "- model.compile('adam', loss=keras.losses.CategoricalCrossentropy(from_logits=True))",
        "+ model.compile('adam', loss=keras.losses.CategoricalCrossentropy())",
    ]


def test_in_a_notebook_cells_are_shown_and_numbered(tmp_path: Path) -> None:
    root = parsed(page_of(pages.notebook_report(tmp_path)))
    article = root.only("article", data_rule="probabilities-as-logits")
    assert "train.ipynb:cell 2:2:45" in article.only("a", class_="here").text
    assert "train.ipynb:cell 1:2:" in article.only("figcaption").text
    code = [pre.text for pre in article.all("pre", aria_label="Code")]
    assert "from_logits=True" in code[0]
    assert "\\n" not in code[0]
    removed = article.all("del")[0].text
    assert removed == "-   loss=keras.losses.CategoricalCrossentropy(from_logits=True))"
    assert any("cell 1:2" in one.text for one in root.only(id="models").all("summary"))


def test_a_long_line_is_cut_around_its_mark() -> None:
    text = f"x = [{'1, ' * 900}here, {'2, ' * 900}]\n"
    fact = Fact("here", Span("a.py", pages.line_of(text, "here")), text="this one")
    report = Report((Finding("m", (fact,), Severity.NOTE, rule="r"),), files=1, texts={"a.py": text})
    code = parsed(page_of(report)).only("pre").text.split("\n")
    lines = [line for line in code if line.strip()]
    assert len(lines[0]) < 300
    assert lines[0].index("here") == lines[1].index("↑ this one")


@settings(deadline=None)
@given(length=st.integers(0, 3000), first=st.integers(0, 3000))
def test_what_is_shown_of_a_line_holds_its_mark(length: int, first: int) -> None:
    first = min(first, length)
    begin, end = _cut(length, first)
    assert 0 <= begin <= first <= end <= length
    assert end - begin <= 240


@settings(deadline=None)
@given(st.text(max_size=80))
def test_every_character_of_a_line_has_a_kind(line: str) -> None:
    assert len(_kinds(line)) == len(line)


def test_words_are_told_from_strings() -> None:
    line = "for x in f'a # b': y = 12  # 'c'"
    kinds = _kinds(line)
    assert {kinds[at] for at in range(line.index("f'"), line.index(":"))} == {"s"}
    assert set(kinds[line.index("# '") :]) == {"c"}
    assert (kinds[0], kinds[line.index("12")], kinds[line.index("y")]) == ("k", "n", "")


LINES = st.lists(st.sampled_from("abcd"), max_size=12)


@settings(deadline=None)
@given(before=LINES, after=LINES)
def test_a_difference_tells_what_goes_and_what_comes(before: list[str], after: list[str]) -> None:
    told = list(_difference(before, after))
    assert bool(told) == (before != after)
    gone, new = ([text for sign, text in told if sign == one] for one in "-+")
    for line in set("abcd"):
        assert before.count(line) - gone.count(line) == after.count(line) - new.count(line)


# --- models ----------------------------------------------------------------------------------------------------------


def test_the_head_and_the_loss_of_a_finding_are_marked_and_joined(measured: Element) -> None:
    drawing = measured.only("svg", class_="model-drawing")
    marked = {
        one.attributes["class"]: [text.text for text in one.all("text")] for one in drawing.all("g", class_="warning")
    }
    assert marked == {
        "box head warning": ["head kinds", "10 units · sigmoid"],
        "box loss warning": ["categorical_crossentropy"],
    }
    assert len(drawing.all("g", class_="box")) == 7  # two layers in one, two layers, two heads, two losses
    assert f"Dense · 16 · relu{TIMES}2" in drawing.text
    boxes = {
        one.only("text", class_="title").text: one.only("rect").attributes for one in drawing.all("g", class_="box")
    }
    starts = [one.attributes["d"].partition("C")[0].partition("V")[0] for one in drawing.all("path", class_="trains")]
    for name, start in zip(("head kinds", "head price"), starts, strict=True):
        x, y, width, height = (float(boxes[name][key]) for key in ("x", "y", "width", "height"))
        assert [float(one) for one in start[1:].split()] == pytest.approx([x + width / 2, y + height], abs=0.2)
    assert "marked: head kinds 10 units · sigmoid (warning)" in drawing.only("desc").text


def test_a_finding_and_its_model_lead_to_each_other(measured: Element) -> None:
    article = measured.only("article")
    leads = [one.attributes["href"] for one in article.all("a")]
    assert "#model-1" in leads
    assert f"#{article.attributes['id']}" in [one.attributes["href"] for one in measured.only(id="model-1").all("a")]


def span(line: int) -> Span:
    return Span("a.py", Position(line, 1, line, 9))


def chain(length: int, *, skip: int = 0) -> Model:
    """A model of layers in a row, each of another size; with `skip`, each feeds one further down too."""
    layers = []
    for number in range(length):
        feeds = [Flow(Goal.LAYER, number + 1)] if number + 1 < length else [Flow(Goal.OUTPUT)]
        feeds += [Flow(Goal.LAYER, number + skip)] if skip and number + skip < length else []
        layers.append(Layer(span(number + 1), "Dense", units=Fact(number + 1, span(number + 1)), feeds=tuple(feeds)))
    return Model(span(999), layers=tuple(layers))


def test_a_long_model_is_told_in_few_boxes_and_a_marked_layer_stays() -> None:
    drawing = draw(chain(300, skip=2), {("layer", 150): "error"})
    assert len(drawing.boxes) <= MOST_BOXES
    (marked,) = (box for box in drawing.boxes if box.severity)
    assert marked.lines == ("Dense · 151",)
    stretches = [box.lines for box in drawing.boxes if box.kind == "more"]
    assert stretches == [("146 layers", "Dense"), ("141 layers", "Dense")]


def test_equal_layers_in_a_row_are_one_box_as_long_as_nothing_else_feeds_them() -> None:
    same = replace(chain(6), layers=tuple(replace(one, units=None) for one in chain(6).layers))
    assert [box.lines[0] for box in draw(same, {}).boxes] == [f"Dense{TIMES}6"]
    apart = replace(chain(6, skip=3), layers=tuple(replace(one, units=None) for one in chain(6, skip=3).layers))
    assert len(draw(apart, {}).boxes) > 1
    assert len(draw(same, {("layer", 3): "note"}).boxes) > 1


def test_of_a_model_that_was_only_measured_lines_are_guessed_and_say_so() -> None:
    layers = tuple(replace(one, feeds=(Flow(Goal.UNKNOWN),)) for one in chain(3).layers)
    assert {line.kind for line in draw(Model(span(9), layers=layers), {}).lines} == {"unknown"}


def test_a_model_without_layers_is_drawn() -> None:
    drawing = draw(Model(span(1)), {})
    assert (drawing.boxes, drawing.lines) == ((), ())
    assert drawing.width > 0 < drawing.height


def test_more_models_than_can_be_drawn_are_listed() -> None:
    models = tuple(replace(chain(2), span=span(line)) for line in range(1, MOST_DRAWN + 6))
    root = parsed(page_of(Report(models=models, files=1)))
    assert len(root.all("svg", class_="model-drawing")) == MOST_DRAWN
    assert len(root.only("ul", class_="columns").all("li")) == 5


def test_of_many_models_those_without_findings_stand_apart() -> None:
    report = pages.measured_report()
    models = (*(replace(chain(2), span=span(line)) for line in range(1, BESIDE_DRAWN + 1)), *report.models)
    root = parsed(page_of(replace(report, models=models)))
    apart = root.only("details", class_="others")
    assert clean(apart.all("summary")[0].text) == f"{BESIDE_DRAWN} models without findings"
    assert len(apart.all("details", class_="model")) == BESIDE_DRAWN
    (guilty,) = (one for one in root.all("details", class_="model") if one.parent is not apart)
    said = clean(guilty.only("summary").text)
    assert (
        said
        == "shop.py:9 shop 1 finding measured sigmoid under categorical_crossentropy, linear under mean_squared_error"
    )


def test_marks_are_of_the_worst_finding() -> None:
    (model,) = pages.measured_program().models
    head = model.heads[0]
    assert head.activation is not None
    found = [Finding("m", (head.activation,), severity, rule="r") for severity in (Severity.ERROR, Severity.NOTE)]
    assert marks(parts(model), found) == {("head", 0): "error"}


SIZES = st.lists(st.tuples(st.floats(20, 200), st.floats(10, 60)), min_size=1, max_size=12)


@settings(deadline=None)
@given(sizes=SIZES, data=st.data())
def test_boxes_do_not_overlap_and_lines_lead_down(sizes: list[tuple[float, float]], data: Any) -> None:
    numbers = st.integers(0, len(sizes) - 1)
    lines = data.draw(st.lists(st.tuples(numbers, numbers), max_size=20))
    layout = lay_out(sizes, lines)
    placed = [(x, y, width, height) for (x, y), (width, height) in zip(layout.boxes, sizes, strict=True)]
    for one, (x, y, width, height) in enumerate(placed):
        assert -0.01 <= x - width / 2 <= x + width / 2 <= layout.width + 0.01
        assert 0 <= y <= y + height <= layout.height + 0.01
        for left, top, wide, high in placed[one + 1 :]:
            beside = abs(x - left) >= (width + wide) / 2 - 0.01
            below = y + height <= top + 0.01 or top + high <= y + 0.01
            assert beside or below
    assert len(layout.lines) == len(lines)
    for points, (start, end) in zip(layout.lines, lines, strict=True):
        assert all(upper[1] <= lower[1] for upper, lower in pairwise(points))
        if start != end:
            upper, lower = min(start, end), max(start, end)
            assert points[0] == pytest.approx((placed[upper][0], placed[upper][1] + placed[upper][3]))
            assert points[-1] == pytest.approx(placed[lower][:2])


def test_lines_cross_no_more_than_they_must() -> None:
    layout = lay_out([(20, 10)] * 4, [(0, 3), (1, 2)])
    (first, _), (second, _), (under_second, _), (under_first, _) = layout.boxes
    assert (first < second) == (under_first < under_second)


# --- measurements ----------------------------------------------------------------------------------------------------


def test_measured_heads_have_plots(measured: Element) -> None:
    found = measured.all("figure", class_="plot")
    assert [one.only("figcaption").text for one in found] == [
        "What rows add up to",
        "Where outputs lie",
        "Outputs with fresh weights",
        "Where outputs lie",
    ]
    first = found[0]
    assert first.only("desc").text == (
        "row sums with fresh weights: 3.5 to 6.5, on 32 rows; categorical_crossentropy expects 1"
    )
    bars = [float(one.attributes["height"]) for one in first.all("rect", class_="seen")]
    many = [number for number in pages.COUNTS if number]
    assert [round(height / max(bars) * max(many)) for height in bars] == many
    (wanted,) = first.all("path", class_="wanted")
    at = float(wanted.attributes["d"][1:].split()[0])
    assert at < min(float(one.attributes["x"]) for one in first.all("rect", class_="seen"))
    assert found[1].only("desc").text == "categorical_crossentropy expects: 0 to 1; measured: 0 to 1"
    # any number is a bar with arrows at both ends
    assert len(found[3].all("path", class_="open")) == len(found[3].all("path", class_="expected")) == 2
    assert "measured: -60,000 to 60,000" in found[3].only("desc").text


def test_a_head_that_was_not_measured_has_no_plot(seeds: Report) -> None:
    assert not parsed(page_of(seeds)).all("figure", class_="plot")


BOUNDS = st.one_of(st.floats(-1e9, 1e9), st.sampled_from([0.0, 1.0, -1.0, 6e4, -6e4, 1e-9, inf, -inf]))
FINITE = st.floats(-1e7, 1e7)


@settings(deadline=None)
@given(
    ends=st.tuples(BOUNDS, BOUNDS),
    sums=st.tuples(FINITE, FINITE),
    counts=st.lists(st.integers(0, 1000), min_size=1, max_size=24).filter(any),
    loss=st.sampled_from(sorted(FAMILIES)),
    logits=st.booleans(),
)
def test_whatever_was_measured_is_drawn_inside_of_its_plot(
    ends: tuple[float, float], sums: tuple[float, float], counts: list[int], loss: str, logits: bool
) -> None:
    at = span(1)
    low, high = sorted(ends)
    least, most = sorted(sums)
    total = Sums(-1, least, most, tuple(counts) if least < most else (sum(counts),))
    measured = Measured(at, 32, outputs=Fact(Outputs(low, high), at, Origin.MEASURED), sums=Fact((total,), at))
    (model,) = pages.measured_program().models
    head = replace(model.heads[0], measured=measured)
    takes = any(formula.link for formula in FORMULAS.get(loss, ()))
    said = Loss(at, Fact(loss, at), FAMILIES[loss], Fact(logits and takes, at), takes_logits=takes)
    training = replace(model.trainings[0], head=head, loss=said)
    model = replace(model, heads=(head,), trainings=(training,))
    page = page_of(Report(models=(model,), files=1))
    assert complaints(page) == []
    drawn = list(plots(head, training))
    assert [plot.width for plot in drawn] == [WIDTH, WIDTH]
    for height in {text.y for plot in drawn for text in plot.texts if text.kind in ("name", "value")}:
        beside = [text.text for plot in drawn for text in plot.texts if text.y == height and text.anchor != "middle"]
        assert len(" ".join(beside)) * LETTER <= WIDTH


def test_every_loss_of_keras_is_known_to_expect_something() -> None:
    for name, family in FAMILIES.items():
        wanted = expects(Loss(span(1), Fact(name, span(1)), family, Fact(value=False, span=span(1))))
        assert (wanted is None) == (family in (Family.CTC, Family.CUSTOM)), name
    for name, formulas in FORMULAS.items():
        if formulas[0].link is not None:
            scores = Loss(
                span(1), Fact(name, span(1)), FAMILIES[name], Fact(value=True, span=span(1)), takes_logits=True
            )
            assert expects(scores) == Outputs()
            assert expects(replace(scores, from_logits=None)) is None
    shares = {family for family, wanted in EXPECTED.items() if wanted.totals}
    assert shares == {Family.CATEGORICAL, Family.SPARSE, Family.DIVERGENCE}


@pytest.mark.skipif(not probing.HAVE_KERAS, reason="Keras is not installed")
def test_real_models_are_measured_and_drawn() -> None:
    text = b"""\
import keras
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(5, activation="sigmoid")])
model.compile("adam", loss="categorical_crossentropy")
"""
    with probing.probing() as probe:
        report = probing.probed(probe, "train.py", text, isolated=True)
    page = page_of(report)
    assert complaints(page) == []
    rows, outputs = parsed(page).all("figure", class_="plot")
    assert len(rows.all("rect", class_="seen")) > 3
    (sums,) = (one for head in report.models[0].heads for one in head.measured.sums.value if one.axis == -1)  # type: ignore[union-attr]
    assert sum(sums.counts) == 32
    assert "expects: 0 to 1; measured: 0 to 1" in outputs.only("desc").text


# --- colours ---------------------------------------------------------------------------------------------------------

SHEET = (TEMPLATES / "report.css").read_text(encoding="utf-8")
COLOR = re.compile(r"--([\w-]+): (#[0-9a-f]{6})")
ON = {
    "page": ["text", "quiet", "link", "error", "warning", "note", "good"],
    "card": ["text", "quiet", "link", "good", "error", "warning", "note"],
    "sunken": ["text", "quiet", "link", "comment", "string", "keyword", "digit", "error", "warning", "note"],
    "first": ["text", "string", "keyword", "digit"],
    "beside": ["text", "string", "keyword", "digit"],
    **{f"{name}-soft": [name, "text"] for name in ("error", "warning", "note", "good", "seen")},
    **{f"{name}-soft ": ["string", "keyword", "digit", "quiet"] for name in ("warning", "note")},
}
"""Which colours text has on which ground."""


def brightness(color: str) -> float:
    parts_of_light = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts_of_light]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((brightness(one), brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_its_ground(scheme: str) -> None:
    light, dark = SHEET.split("@media (prefers-color-scheme: dark)")
    colors = dict(COLOR.findall(dark if scheme == "dark" else light))
    pairs = [(text, ground.strip()) for ground, texts in ON.items() for text in texts]
    poor = {pair: round(contrast(*(colors[one] for one in pair)), 2) for pair in pairs}
    assert {pair: value for pair, value in poor.items() if value < 4.5} == {}


def test_contrast_is_that_of_the_accessibility_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_both_schemes_have_all_colours() -> None:
    light, dark = (dict(COLOR.findall(part)) for part in SHEET.split("@media (prefers-color-scheme: dark)"))
    assert light.keys() == dark.keys()
    assert set(re.findall(r"var\(--([\w-]+)\)", SHEET)) <= light.keys() | {"mono"}


def test_landmarks_and_headings_are_in_order(seeds: Report) -> None:
    root = parsed(page_of(seeds))
    for landmark in ("header", "nav", "main", "footer", "h1"):
        root.only(landmark)
    levels = [int(one.name[1]) for one in root.all() if re.fullmatch("h[1-6]", one.name)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert root.only("html").attributes["lang"] == "en"
    for field in root.only("form").all():
        if field.name in ("input", "select"):
            around = field.parent
            assert around is not None
            assert around.name == "label"

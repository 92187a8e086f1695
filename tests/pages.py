"""Pages of reports for tests: what one holds, read as a browser would, and reports that are hard to show."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from keraslint.finding import Edit, Finding, Fix, Report, Severity
from keraslint.join import join
from keraslint.lint import lint
from keraslint.model import Fact, NotChecked, Position, Program, Span
from keraslint.passage import offset
from keraslint.registry import installed
from keraslint.report import Style, render
from keraslint.source import Source
from keraslint.static.recovery import recover
from tests import answers

Json = dict[str, Any]

VOID = {"meta", "input", "br", "hr", "img", "link", "path", "rect", "circle"}


@dataclass
class Element:
    """An element of a page with what is inside of it."""

    name: str
    attributes: dict[str, str]
    parent: Element | None = None
    inside: list[Element | str] = field(default_factory=list)

    def all(self, name: str = "", **wanted: str) -> list[Element]:
        """Every element below, by name and by attributes; a class is one word of the attribute."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                if name in ("", one.name) and all(
                    value in one.attributes.get(key.rstrip("_").replace("_", "-"), "").split()
                    for key, value in wanted.items()
                ):
                    found.append(one)
                found += one.all(name, **wanted)
        return found

    def only(self, name: str = "", **wanted: str) -> Element:
        (found,) = self.all(name, **wanted)
        return found

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.inside)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.at = self.root = Element("", {})

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"<{tag}> says an attribute twice: {names}"
        one = Element(tag, {name: value or "" for name, value in attributes}, self.at)
        self.at.inside.append(one)
        if tag not in VOID:
            self.at = one

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.at.inside.append(Element(tag, {name: value or "" for name, value in attributes}, self.at))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.at.name, f"</{tag}> closes <{self.at.name}> in line {self.getpos()[0]}"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)


def parsed(page: str) -> Element:
    """The page as elements; every element must be closed where it was opened."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.name}> is never closed"
    return reader.root


def page_of(report: Report) -> str:
    """The page of a report, with the pages of the rules that spoke."""
    spoken = {finding.rule for finding in report.findings}
    return render("html", report, Style(rules=tuple(rule for rule in installed() if rule.name in spoken)))


# --- reports ---------------------------------------------------------------------------------------------------------

MEASURED = """\
import keras
from keras import layers

inputs = keras.Input((8,))
body = layers.Dense(16, activation="relu")(inputs)
body = layers.Dense(16, activation="relu")(body)
kinds = layers.Dense(10, activation="sigmoid", name="kinds")
price = layers.Dense(1, name="price")
model = keras.Model(inputs, [kinds(body), price(body)], name="shop")
model.compile("adam", loss=["categorical_crossentropy", "mse"])
"""

COUNTS = [1, 2, 0, 5, 9, 8, 4, 3]


def measured_program() -> Program:
    """A model of two heads, as it is read and as a child of the probe would tell of it."""
    source = Source.from_text("shop.py", MEASURED)
    at = answers.site(MEASURED, "keras.Model", "shop.py")
    compiled = answers.site(MEASURED, "model.compile", "shop.py")
    kinds = answers.head(
        answers.site(MEASURED, "layers.Dense(10", "shop.py"),
        name="kinds",
        activation="sigmoid",
        totals=[],
        sums=[
            {"axis": 0, "low": 14.0, "high": 18.0, "counts": [5, 5]},
            {"axis": -1, "low": 3.5, "high": 6.5, "counts": COUNTS},
        ],
    )
    price = answers.head(
        answers.site(MEASURED, "layers.Dense(1,", "shop.py"),
        name="price",
        activation="linear",
        shape=[None, 1],
        units=1,
        low=-60000.0,
        high=60000.0,
        totals=[],
        sums=[
            {"axis": 0, "low": -3.0, "high": -3.0, "counts": [1]},
            {"axis": -1, "low": -1.5, "high": 1.25, "counts": COUNTS},
        ],
    )
    losses = [
        {"head": 0, "name": "categorical_crossentropy", "from_logits": False, "spelling": "string"},
        {"head": 1, "name": "mean_squared_error", "from_logits": None, "spelling": "string"},
    ]
    told = answers.model(at, [kinds, price], [{**answers.training(compiled), "losses": losses}], name="shop")
    measured = answers.program(MEASURED, told, path="shop.py")
    return join(recover(source), measured)


def measured_report() -> Report:
    """The report on `measured_program`."""
    from keraslint.lint import findings_in

    program = measured_program()
    findings = tuple(findings_in(program, installed()))
    return Report(findings, program.models, program.not_checked, 1, 1, {"shop.py": MEASURED})


HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>{{ 7*7 }}]]>&amp;\x1b[31m\u202e"


def hostile_report() -> Report:
    """A report in which every text that comes from elsewhere wants to be markup."""
    path = f"{HOSTILE.replace('/', '')}.py"
    text = f"head = {HOSTILE}\nloss = 1  # {HOSTILE}\n"
    fact = Fact("x", Span(path, Position(1, 8, 1, 20)), text=HOSTILE)
    other = Fact("x", Span(path, Position(2, 1, 2, 5)), text=HOSTILE)
    fixes = (Fix(HOSTILE, (Edit(Span(path, Position(1, 1, 1, 5)), HOSTILE),)),)
    finding = Finding(
        HOSTILE, (fact, other), Severity.ERROR, notes=(HOSTILE, f"`{HOSTILE}`"), help=HOSTILE, fixes=fixes, rule=HOSTILE
    )
    (model,) = measured_program().models
    from dataclasses import replace

    heads = tuple(replace(head, name=HOSTILE) for head in model.heads)
    model = replace(model, name=HOSTILE, span=fact.span, heads=heads, trainings=())
    gap = NotChecked(fact.span, HOSTILE)
    return Report((finding,), (model,), (gap,), 1, 1, {path: text}, ((HOSTILE, f"Traceback\n{HOSTILE}\n"),))


def many_findings(number: int) -> Report:
    """A report with so many findings in a tenth as many files."""
    text = "".join(f"layer_{line} = Dense({line}, activation='softmax')\n" for line in range(1, 12))
    levels = tuple(Severity)
    findings, texts = [], {}
    for one in range(number):
        path = f"src/part_{one // 10:04}.py"
        texts[path] = text
        line = one % 10 + 1
        fact = Fact("softmax", Span(path, Position(line, 1, line, 8)), text="this one")
        findings.append(Finding(f"finding number {one}", (fact,), levels[one % 3], rule=f"rule-{one % 7}"))
    return Report(tuple(findings), files=len(texts), texts=texts)


def notebook_report(folder: Any) -> Report:
    """The report on a notebook whose slip is in its second cell."""
    cells = [
        {"cell_type": "code", "id": "one", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for source in (
            ["import keras\n", "model = keras.Sequential([keras.layers.Dense(3, activation='softmax')])"],
            ["model.compile('adam',\n", "  loss=keras.losses.CategoricalCrossentropy(from_logits=True))"],
        )
    ]
    path = folder / "train.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return lint(str(path))


# --- what must be true of every page ---------------------------------------------------------------------------------

MAY_LEAD_ELSEWHERE = {("a", "href")}
LOADING = {"src", "href", "srcset", "data", "action", "formaction", "poster", "background", "xlink:href", "style"}


def complaints(page: str) -> list[str]:
    """What is wrong with a page: names that are not unique, links that lead nowhere, what would be loaded or run."""
    root = parsed(page)
    every = root.all()
    found = []
    names = [one.attributes["id"] for one in every if "id" in one.attributes]
    found += [f"two elements are called {name}" for name in {name for name in names if names.count(name) > 1}]
    for one in every:
        for name, value in one.attributes.items():
            if name.startswith("on"):
                found.append(f"<{one.name}> would run {value}")
            if name in LOADING and (one.name, name) not in MAY_LEAD_ELSEWHERE:
                found.append(f"<{one.name} {name}> would load {value}")
            if name == "href" and value.startswith("#") and value[1:] not in names:
                found.append(f"a link leads nowhere: {value}")
            if name == "href" and not re.match(r"#|https?://", value):
                found.append(f"a link leads to {value}")
            if name in ("aria-labelledby", "aria-describedby") and not set(value.split()) <= set(names):
                found.append(f"{name} {value} names nothing")
        if one.name in {"img", "iframe", "object", "embed", "link", "base", "video", "audio", "use", "image"}:
            found.append(f"a <{one.name}> is on the page")
        if one.name == "svg":
            found += beyond(one)
            if one.attributes.get("role") != "img" or "aria-labelledby" not in one.attributes:
                found.append("a drawing has no words")
        if "{{" in (one.attributes.get("class") or ""):
            found.append("a template was not filled in")
    for name in ("style", "script"):
        found += [] if len(root.all(name)) == 1 else [f"there is not one <{name}>"]
    return found


NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def beyond(drawing: Element) -> list[str]:
    """What lies outside of the view box of a drawing."""
    x, y, width, height = map(float, drawing.attributes["viewbox"].split())
    assert (x, y) == (0, 0)
    found = []
    for one in drawing.all():
        told = one.attributes
        spots: list[tuple[float, float]] = []
        if one.name == "rect":
            left, top = float(told["x"]), float(told["y"])
            spots = [(left, top), (left + float(told["width"]), top + float(told["height"]))]
        elif one.name == "text":
            spots = [(float(told["x"]), float(told["y"]))]
        elif one.name == "path" and told["d"].startswith("M") and not set(told["d"]) & set("lvVH"):
            numbers = list(map(float, NUMBER.findall(told["d"])))
            spots = list(zip(numbers[::2], numbers[1::2], strict=True))
        found += [
            f"{one.name} {told} is beyond {width} x {height}"
            for left, top in spots
            if not (-0.2 <= left <= width + 0.2 and -0.2 <= top <= height + 0.2)
        ]
    return found


def line_of(text: str, needle: str) -> Position:
    """Where a needle stands in a text."""
    at = text.index(needle)
    line = text.count("\n", 0, at) + 1
    column = at - offset(text, line, 1) + 1
    return Position(line, column, line, column + len(needle))

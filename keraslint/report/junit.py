"""JUnit's XML, for everything that shows the tests of a build: each finding is a test that fails.

A finding that does not fail the run is a test that passes and says something, what was not checked one that was left
out. A run without any of these holds one test that passes: several readers take an empty report for a broken one.
"""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree

from keraslint.finding import Finding, Report
from keraslint.report import Run, Style
from keraslint.report.exchange import Gap, gaps, relative, told

Element = ElementTree.Element


def render(report: Report, style: Style) -> str:
    """The whole report, in ASCII: it is right in whatever encoding it is written."""
    files: dict[str, list[Element]] = {}
    for gap in gaps(report):
        files.setdefault(gap.path, []).append(_gap(gap, style.run.root))
    for finding in report.findings:
        files.setdefault(finding.span.path, []).append(_finding(finding, style.run))
    suites = [_suite(relative(path, style.run.root), cases) for path, cases in files.items()]
    if not suites:
        suites = [_suite("keraslint", [_element("testcase", name="no findings", classname="keraslint", time="0")])]
    total = Counter[str]()
    for suite in suites:
        total.update({name: int(suite.get(name, "0")) for name in ("tests", *COUNTED.values())})
    whole = _element("testsuites", name="keraslint", **{name: str(number) for name, number in total.items()}, time="0")
    whole.extend(suites)
    ElementTree.indent(whole)
    written: bytes = ElementTree.tostring(whole, encoding="us-ascii", xml_declaration=True)
    return written.decode("ascii") + "\n"


COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def _suite(name: str, cases: list[Element]) -> Element:
    """The tests of one file; readers drop a second test of the same name, so the name says which one it is."""
    found = Counter(child.tag for case in cases for child in case)
    counts = {attribute: str(found[tag]) for tag, attribute in COUNTED.items()}
    suite = _element("testsuite", name=name, tests=str(len(cases)), **counts, time="0")
    seen: Counter[str] = Counter()
    for case in cases:
        called = case.get("name", "")
        seen[called] += 1
        if seen[called] > 1:
            case.set("name", f"{called} ({seen[called]})")
        suite.append(case)
    return suite


def _finding(finding: Finding, run: Run) -> Element:
    line, column = finding.span.position[:2]
    case = _case(f"{finding.rule} {line}:{column}", finding.span.path, line, run.root)
    text = f"{finding.severity}[{finding.rule}]: {told(finding, run.root)}"
    if run.fails(finding):
        result = _element("failure", type=str(finding.severity), message=finding.message)
    else:
        result = _element("system-out")
    result.text = _sound(text)
    case.append(result)
    return case


def _gap(gap: Gap, root: str | None) -> Element:
    case = _case(f"{gap.kind} {gap.line}", gap.path, gap.line, root)
    if gap.trace:
        result = _element("error", type=gap.kind, message=gap.reason)
        result.text = _sound(gap.trace)
    else:
        result = _element("skipped", message=gap.reason)
    case.append(result)
    return case


def _case(name: str, path: str, line: int, root: str | None) -> Element:
    file = relative(path, root)
    return _element("testcase", name=name, classname=file, file=file, line=str(line), time="0")


def _element(tag: str, **attributes: str) -> Element:
    return ElementTree.Element(tag, {name: _sound(value) for name, value in attributes.items()})


_UNSOUND = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _sound(text: str) -> str:
    """The text without the characters that XML has no way to write."""
    return _UNSOUND.sub("\N{REPLACEMENT CHARACTER}", text)

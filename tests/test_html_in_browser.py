"""The page of a report in a real browser: nothing is loaded, nothing is refused, it fits, and its filters work.

Chromium (or Chrome) and its driver come with the machine; without them these tests are skipped.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from selenium.webdriver.support.wait import WebDriverWait

from keraslint.lint import lint
from tests import pages

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(BROWSER is None or DRIVER is None, reason="no Chromium with its driver on this machine")

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)

Driver = webdriver.Chrome


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """A browser that writes down every request and every complaint."""
    options = Options()
    options.binary_location = str(BROWSER)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages in files, by name."""
    folder = tmp_path_factory.mktemp("pages")
    seeds = Path(__file__).resolve().parents[1] / "fixtures" / "seeds"
    reports = {
        "seeds": lint(str(seeds)),
        "measured": pages.measured_report(),
        "hostile": pages.hostile_report(),
        "many": pages.many_findings(2000),
        "notebook": pages.notebook_report(folder),
        "nothing": pages.Report(files=2),
    }
    for name, report in reports.items():
        (folder / f"{name}.html").write_text(
            pages.page_of(report), encoding="utf-8", errors="backslashreplace", newline="\n"
        )
    return {name: folder / f"{name}.html" for name in reports}


NAMES = ("seeds", "measured", "hostile", "many", "notebook", "nothing")


def asked(browser: Driver, script: str, *arguments: object) -> Any:
    return browser.execute_script(script, *arguments)  # type: ignore[no-untyped-call]


def assert_soon(browser: Driver, script: str, wanted: object) -> None:
    """What a script says is what is wanted, or becomes so when the page has heard of an event."""
    with suppress(TimeoutException):
        WebDriverWait(browser, 20).until(lambda one: asked(one, script) == wanted)
    assert asked(browser, script) == wanted


def shown(browser: Driver, page: Path, width: int = 1200, scheme: str = "light", *, script: bool = True) -> None:
    """Open a page in a window of this width."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for log in ("browser", "performance"):
        browser.get_log(log)  # what was said before is forgotten
    browser.get(page.as_uri())
    if script:
        assert_soon(browser, "return document.readyState", "complete")


def requests(browser: Driver) -> list[str]:
    """The addresses that the page has asked for since it was opened; what the browser starts with asks as well."""
    said = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    asked = (one["params"] for one in said if one["method"] == "Network.requestWillBeSent")
    return [one["request"]["url"] for one in asked if not one["documentURL"].startswith("chrome://")]


FINDINGS = """
return [...document.querySelectorAll('article')].filter((one) => one.checkVisibility())
  .map((one) => one.querySelector('h4').textContent)
"""
"""The messages that can be seen."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_and_nothing_is_refused(
    name: str, scheme: str, browser: Driver, written: dict[str, Path]
) -> None:
    shown(browser, written[name], scheme=scheme)
    assert browser.get_log("browser") == []
    assert requests(browser) == [written[name].as_uri()]
    assert "49" not in browser.title


def test_what_is_loaded_or_refused_would_be_seen(browser: Driver, written: dict[str, Path], tmp_path: Path) -> None:
    page = written["seeds"].read_text(encoding="utf-8")
    bad = tmp_path / "bad.html"
    bad.write_text(page.replace("</main>", "<img src='x.png'><script>alert(1)</script></main>"), encoding="utf-8")
    shown(browser, bad)
    said = " ".join(str(entry["message"]) for entry in browser.get_log("browser"))
    assert "Content Security Policy" in said
    assert "x.png" in said


@pytest.mark.parametrize("width", [1200, 400])
@pytest.mark.parametrize("name", NAMES)
def test_the_page_fits(name: str, width: int, browser: Driver, written: dict[str, Path]) -> None:
    shown(browser, written[name], width)
    # all of it: folded parts, and what is only laid out when it comes near the window
    asked(
        browser,
        "for (const one of document.querySelectorAll('details')) one.open = true;"
        "for (const one of document.querySelectorAll('.finding, .inside')) one.style.contentVisibility = 'visible'",
    )
    wide = "const all = document.documentElement; return [all.scrollWidth, all.clientWidth]"
    scrolled, room = asked(browser, wide)
    assert (scrolled, room) == (width, width)


EVERY_DRAWING = """
const found = [];
for (const one of document.querySelectorAll('details')) one.open = true;
for (const one of document.querySelectorAll('.inside')) one.style.contentVisibility = 'visible';
for (const svg of document.querySelectorAll('svg')) {
  const frame = svg.viewBox.baseVal;
  const inside = (box) => box.x >= -1 && box.y >= -1 && box.x + box.width <= frame.width + 1
    && box.y + box.height <= frame.height + 1;
  const parts = [...svg.querySelectorAll('rect, path, text, circle')];
  found.push({
    parts: parts.length,
    beyond: parts.filter((part) => !inside(part.getBBox())).map((part) => part.outerHTML),
    size: svg.getBoundingClientRect().width,
    crowded: [...svg.querySelectorAll('g.box')].filter((box) => [...box.querySelectorAll('text')].some(
      (text) => text.getBBox().width > box.querySelector('rect').getBBox().width)).map((box) => box.textContent),
    name: svg.querySelector('title').textContent,
  });
}
return found;
"""


@pytest.mark.parametrize("name", ["seeds", "measured", "hostile"])
def test_drawings_and_plots_lie_inside_of_their_frames(name: str, browser: Driver, written: dict[str, Path]) -> None:
    shown(browser, written[name])
    found = asked(browser, EVERY_DRAWING)
    models = [one for one in found if one["name"].startswith("The model")]
    assert len(models) == asked(browser, "return document.querySelectorAll('.model').length") > 0
    assert len(found) - len(models) == (0 if name == "seeds" else 4)
    assert [one["beyond"] for one in found if one["beyond"]] == []
    assert [one["crowded"] for one in found if one["crowded"]] == []
    assert all(one["size"] > 50 and one["parts"] > 2 for one in found)


def test_a_plot_that_leaves_its_frame_would_be_seen(browser: Driver, written: dict[str, Path]) -> None:
    shown(browser, written["measured"])
    asked(browser, "document.querySelector('.plot rect').setAttribute('width', 900)")
    assert [one for one in asked(browser, EVERY_DRAWING) if one["beyond"]]


def test_filters_show_what_fits_them(browser: Driver, written: dict[str, Path]) -> None:
    shown(browser, written["many"])
    assert len(asked(browser, FINDINGS)) == 2000
    said = browser.find_element(By.ID, "shown")
    assert said.text == "2000 of 2000 shown"
    for level in ("warning", "note"):
        browser.find_element(By.CSS_SELECTOR, f"input[value={level}]").click()
    errors = [f"finding number {one}" for one in range(2000) if one % 3 == 2]
    assert_soon(browser, FINDINGS, errors)
    Select(browser.find_element(By.NAME, "rule")).select_by_visible_text("rule-3")
    assert_soon(browser, FINDINGS, [one for one in errors if int(one.split()[-1]) % 7 == 3])
    Select(browser.find_element(By.NAME, "file")).select_by_visible_text("src/part_0012.py")
    assert_soon(
        browser, FINDINGS, [f"finding number {one}" for one in range(120, 130) if one % 3 == 2 and one % 7 == 3]
    )
    assert len(asked(browser, "return [...document.querySelectorAll('.file')].filter(one => !one.hidden)")) == 1
    browser.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    assert_soon(browser, "return document.getElementById('shown').textContent", "2000 of 2000 shown")
    browser.find_element(By.NAME, "text").send_keys("Number 1999")
    assert_soon(browser, FINDINGS, ["finding number 1999"])
    browser.find_element(By.NAME, "text").send_keys(" of nothing")
    assert_soon(browser, FINDINGS, [])
    assert browser.find_element(By.ID, "none").is_displayed()


def test_a_link_opens_what_it_leads_to(browser: Driver, written: dict[str, Path]) -> None:
    shown(browser, written["seeds"])
    page = browser.find_element(By.CSS_SELECTOR, "#rules details")
    assert page.get_attribute("open") is None
    rule = asked(browser, "return arguments[0].querySelector('strong').textContent", page)
    browser.find_element(By.CSS_SELECTOR, f"a[href='#rule-{rule}']").click()
    assert_soon(browser, "return document.querySelector('#rules details').open", True)
    # a finding that the filters hide comes back
    browser.find_element(By.NAME, "text").send_keys("fits nothing")
    assert_soon(browser, FINDINGS, [])
    asked(browser, "location.hash = document.querySelector('article').id")
    assert_soon(browser, "return document.querySelector('article').checkVisibility()", True)


def test_without_a_script_everything_is_there(browser: Driver, written: dict[str, Path]) -> None:
    try:
        shown(browser, written["seeds"], script=False)
        assert not browser.find_element(By.ID, "filters").is_displayed()
        told = browser.find_elements(By.TAG_NAME, "article")
        assert len(told) > 10
        assert all(one.is_displayed() for one in told)
        summary = browser.find_element(By.CSS_SELECTOR, "#rules summary")
        summary.click()
        assert browser.find_element(By.CSS_SELECTOR, "#rules .inside").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_page_follows_the_scheme(browser: Driver, written: dict[str, Path]) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    found = []
    for scheme in ("light", "dark"):
        shown(browser, written["seeds"], scheme=scheme)
        found.append(asked(browser, ground))
    assert found == ["rgb(255, 255, 255)", "rgb(18, 21, 26)"]


def test_on_paper_everything_is_unfolded(browser: Driver, written: dict[str, Path]) -> None:
    shown(browser, written["seeds"])
    asked(browser, "dispatchEvent(new Event('beforeprint'))")
    assert asked(browser, "return document.querySelectorAll('details:not([open])').length") == 0
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    assert not browser.find_element(By.ID, "filters").is_displayed()
    assert not browser.find_element(By.TAG_NAME, "nav").is_displayed()
    asked(browser, "dispatchEvent(new Event('afterprint'))")
    assert asked(browser, "return document.querySelectorAll('.fix[open]').length") == 0
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert len(printed["data"]) > 10_000


@pytest.mark.parametrize("name", ["seeds", "measured"])
def test_whoever_hears_the_page_hears_what_things_are(name: str, browser: Driver, written: dict[str, Path]) -> None:
    shown(browser, written[name])
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    by_role: dict[str, list[str]] = {}
    for node in nodes:
        if not node.get("ignored"):
            by_role.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    assert len(by_role["banner"]) == len(by_role["main"]) == len(by_role["contentinfo"]) == 1
    assert {"article", "region", "navigation", "form", "heading", "table"} <= by_role.keys()
    for role in ("image", "img", "checkbox", "combobox", "searchbox", "article", "region", "form"):
        assert all(by_role.get(role, ["none on the page"])), role

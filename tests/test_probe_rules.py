"""What only a probe finds, found by a probe: programs with `# measured:` comments, near misses of the same rules, and
the blocks of their pages."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from keraslint.cli import cli
from keraslint.probe.measuring import Probe
from keraslint.registry import installed
from keraslint.testing import expected, programs
from tests.probing import HAVE_KERAS, probed, probing

pytestmark = pytest.mark.skipif(not HAVE_KERAS, reason="there is no Keras here")

FIXTURES = Path(__file__).parents[1] / "fixtures"
MEASURED = {rule.name: rule for rule in installed() if rule.measured}
TWO_DEVICES = ("devices-disagree",)
"""Rules whose Bad blocks show nothing where there is one device."""


def asked(path: Path) -> bool:
    """Whether a program is about what is measured."""
    folder = path.relative_to(FIXTURES).parts[0].replace("_", "-")
    return folder in MEASURED or b"# measured: " in path.read_bytes()


PROGRAMS = [path for path in programs(FIXTURES) if asked(path)]
BLOCKS = [
    pytest.param(block, {rule.name} if kind == "bad" else set(), id=f"{rule.name}-{kind}-{number}")
    for rule in MEASURED.values()
    for kind in ("bad", "good")
    for number, block in enumerate(getattr(rule.page, kind))
    if not (kind == "bad" and rule.name in TWO_DEVICES)
]


@pytest.fixture(scope="module")
def probe() -> Iterator[Probe]:
    with probing() as one:
        yield one


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_a_program_gets_what_it_asks_for(probe: Probe, path: Path) -> None:
    report = probed(probe, str(path), path.read_bytes())
    assert report.failures == ()
    found = {(one.span.line, one.rule): str(one.severity) for one in report.findings}
    wanted = expected(path, probed=True)
    stated = {key: severity or found.get(key, "") for key, severity in wanted.items()}
    assert found == stated, report.not_checked


@pytest.mark.parametrize(("block", "wanted"), BLOCKS)
def test_a_page_is_true(probe: Probe, block: str, wanted: set[str]) -> None:
    report = probed(probe, "program.py", block.encode(), isolated=True)
    assert report.failures == ()
    assert {one.rule for one in report.findings} == wanted, report.not_checked


def test_the_command_line_shows_what_was_measured() -> None:
    program = str(FIXTURES / "trained_outputs_differ" / "gated.py")
    asked = ["--probe", "--python", sys.executable, "--isolated"]
    shown = CliRunner().invoke(cli, ["show", program, "--format", "json", *asked])
    assert shown.exit_code == 0, shown.output
    (model,) = json.loads(shown.stdout)["models"]
    assert model["probed"]
    assert model["heads"][0]["measured"]["sums"]["origin"] == "measured"
    assert (model["trainings"][0]["trial"]["trained"]["origin"], model["runtime"]["backend"]["origin"]) == (
        "measured",
        "measured",
    )
    found = CliRunner().invoke(cli, ["check", program, "--output-format", "json", *asked])
    assert found.exit_code == 1, found.output
    document = json.loads(found.stdout)
    (one,) = document["findings"]
    assert one["rule"] == "trained-outputs-differ"
    assert {each["origin"] for each in one["because"]} == {"measured"}
    assert any(note.startswith("measured") for note in one["notes"])
    assert document["models"][0]["probed"]
    assert document["summary"]["probed"] == 1

"""A short search for inputs that break keraslint, and whether the search would see it. The long one is done by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from keraslint.finding import Report
from keraslint.model import Position, Span
from tests.bench import scan
from tests.fuzz import holds, mutations
from tests.fuzz.oddities import PROGRAMS

RUNS = {"source": ("--runs", "60", "--seeds", "20"), "notebook": ("--runs", "60", "--seeds", "15")}


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this Python or platform")
@pytest.mark.parametrize("target", RUNS)
def test_a_short_search_breaks_nothing(target: str, root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", target, *RUNS[target], "--corpus", str(tmp_path / "corpus")]
    surroundings = {**os.environ, "PYTHONHASHSEED": "0"}
    artifacts = f"-artifact_prefix={tmp_path}{os.sep}"
    done = subprocess.run(
        [*command, artifacts], cwd=root, capture_output=True, text=True, env=surroundings, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "Done 60 runs" in done.stderr
    assert "Instrumenting keraslint.static.interpreter" in done.stderr
    assert len(list((tmp_path / "corpus").iterdir())) > int(RUNS[target][-1]), "nothing new was reached"


@pytest.mark.parametrize(("path", "data"), [("train.py", mutations.programs), ("train.ipynb", mutations.notebooks)])
def test_every_seed_holds(path: str, data: object) -> None:
    assert callable(data)
    for seed in data()[-len(PROGRAMS) - 20 :]:
        holds.hold(seed, path)


def test_a_change_depends_on_its_number_alone() -> None:
    for change, seeds in ((mutations.program, mutations.programs()), (mutations.notebook, mutations.notebooks())):
        changed = [change(seed, number) for number, seed in enumerate(seeds)]
        assert changed == [change(seed, number) for number, seed in enumerate(seeds)]
        assert sum(new != old for new, old in zip(changed, seeds, strict=True)) > len(seeds) * 0.8


def test_most_changed_notebooks_are_json() -> None:
    changed = [mutations.notebook(seed, number) for number, seed in enumerate(mutations.notebooks())]
    for data in changed[: len(changed) // 2]:
        json.loads(data)


def test_a_failure_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds, "run", lambda *_: Report(failures=(("train.py", "a trace"),)))
    with pytest.raises(AssertionError, match="a trace"):
        holds.hold(b"import keras", "train.py")


@pytest.mark.parametrize(
    "where",
    [(1, 1, 3, 1), (3, 1, 3, 1), (1, 9, 1, 9), (1, 1, 2, 9), (0, 1, 1, 1), (1, 0, 1, 1), (2, 1, 1, 1), (1, 3, 1, 2)],
)
def test_a_place_outside_would_be_seen(where: tuple[int, int, int, int]) -> None:
    holds.inside(Span("train.py", Position(1, 1, 2, 1)), "x = 1\n")
    with pytest.raises(AssertionError):
        holds.inside(Span("train.py", Position(*where)), "x = 1\n")


def test_what_is_no_sarif_would_be_seen() -> None:
    with pytest.raises(AssertionError):
        holds.standard({"runs": [{"results": []}]}, 0)


# --- files of others --------------------------------------------------------------------------------------------------

SLIP = (
    "import keras\nm = keras.Sequential([keras.layers.Dense(1, activation='softmax')])\nm.compile('sgd', loss='mse')\n"
)


def scanned(*arguments: str, root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.bench.scan", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_a_scan_accounts_for_every_file(root: Path, tmp_path: Path) -> None:
    (tmp_path / "site-packages").mkdir()
    (tmp_path / "site-packages" / "slip.py").write_text(SLIP, encoding="utf-8")
    (tmp_path / "old.py").write_text("print 'nothing of ours'\n", encoding="utf-8")
    done = scanned(str(tmp_path), str(tmp_path / "old.py"), root=root)
    assert done.returncode == 0, done.stderr
    assert "slip.py:2: softmax-over-one-unit: " in done.stdout
    assert "2 files, 1 read in " in done.stdout
    assert "old.py:1: unreadable-file: " in scanned(str(tmp_path), "--every", root=root).stdout


def test_a_file_that_breaks_reading_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "slip.py").write_text(SLIP, encoding="utf-8")
    monkeypatch.setattr(sys.modules["keraslint.lint"], "recover", lambda *_: 1 / 0)
    one = scan.scanned(str(tmp_path / "slip.py"), scan.Configuration(scan.Overrides(isolated=True)), every=False)
    assert "ZeroDivisionError" in one.failure
    account = scan.Account()
    account.add(one)
    assert "1 failed or hung, 0 findings" in list(account.lines())


@pytest.mark.skipif(not hasattr(scan.signal, "setitimer"), reason="there is no timer of the processor here")
def test_a_file_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "slip.py").write_text(SLIP, encoding="utf-8")

    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(sys.modules["keraslint.lint"], "recover", endless)
    alone = scan.Configuration(scan.Overrides(isolated=True))
    assert (
        scan.scanned(str(tmp_path / "slip.py"), alone, every=False, seconds=0.2).failure == "given up after 0.2 seconds"
    )

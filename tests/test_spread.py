"""Work that is handed to executors: of this machine, of a cluster, and to some that break."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from keraslint import Finding, Report, lint, lint_paths, lint_texts, spread
from keraslint.config import RefusalError
from keraslint.report import Style, render

ROOT = Path(__file__).resolve().parents[1]

HEADS = """\
import keras


def head(x):
    return keras.layers.Dense(10, activation="softmax")(x)
"""
TRAIN = """\
import keras
from heads import head

inputs = keras.Input(({width},))
model = keras.Model(inputs, head(inputs), name="näme")
model.compile("adam", loss=keras.losses.CategoricalCrossentropy(from_logits=True))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs whose findings point into another file, one that is silenced, one that cannot be read."""
    monkeypatch.chdir(tmp_path)
    Path("keraslint.toml").write_text('severity = { "unreadable-file" = "note" }\n', encoding="utf-8")
    Path("heads.py").write_text(HEADS, encoding="utf-8")
    for number in range(20):
        Path(f"train{number:02}.py").write_text(TRAIN.format(width=number + 2), encoding="utf-8")
        Path(f"plain{number:02}.py").write_text("import json\n", encoding="utf-8")
    silent = TRAIN.format(width=3) + "# keraslint: ignore-file[probabilities-as-logits]\n"
    Path("silent.py").write_text(silent, encoding="utf-8")
    Path("idle.py").write_text(HEADS + "# keraslint: ignore-file[nobody]\n", encoding="utf-8")
    Path("broken.py").write_text("import keras\nmodel = (\n", encoding="utf-8")
    return tmp_path


def said(report: Report) -> str:
    return render("json", report, Style()) + render("full", report, Style())


@contextmanager
def dask(**options: Any) -> Iterator[Executor]:
    """The executor of a Dask cluster on this machine."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None} | options
    with (
        distributed.LocalCluster(**options, silence_logs=50) as cluster,  # type: ignore[no-untyped-call]
        distributed.Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        yield client.get_executor()


ENGINES: dict[str, Callable[[], Any]] = {
    "threads": lambda: ThreadPoolExecutor(3),
    "processes": lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
    "Dask, in threads": lambda: dask(processes=False, threads_per_worker=2),
    "Dask, in processes": lambda: dask(processes=True),
}


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_every_engine_says_the_same(engine: Callable[[], Any], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "rules")]))
    monkeypatch.setattr(spread, "BATCH_FILES", 3)
    whole = said(lint("."))
    assert json.loads(render("json", lint("."), Style()))["summary"]["files"] == 44
    with engine() as executor:
        assert said(lint_paths(["."], executor=executor)) == whole
        assert said(lint_paths([project / "train03.py", "."], executor=executor)) == said(lint("train03.py", "."))
    assert said(lint_paths([Path()])) == whole


def test_workers_may_be_in_another_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("requirements.txt").write_text("keras==2.12\n", encoding="utf-8")
    whole = said(lint("."))
    elsewhere = project / "elsewhere"
    elsewhere.mkdir()
    batches: list[spread.Batch] = []

    class Away(Executor):
        def submit(self, task: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
            os.chdir(elsewhere)
            try:
                future: Future[Any] = Future()
                batches.extend(arguments)
                future.set_result(task(*arguments, **named))
                return future
            finally:
                os.chdir(project)

    assert said(lint_paths(["."], executor=Away())) == whole
    assert len(batches) > 1


def test_options_and_refusals_are_those_of_lint(project: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        report = lint_paths(["."], executor=executor, select=["unreadable-file"])
        assert {finding.rule for finding in report.findings} == {"unreadable-file"}
        with pytest.raises(RefusalError, match="`nowhere` does not exist"):
            lint_paths(["nowhere"], executor=executor)
        Path("keraslint.toml").write_text('select = ["no-such"]\n', encoding="utf-8")
        with pytest.raises(RefusalError, match="no-such"):
            lint_paths(["."], executor=executor)


# --- texts -----------------------------------------------------------------------------------------------------------


def test_texts_have_a_report_each() -> None:
    program = TRAIN.replace("from heads import head", HEADS.partition("\n")[2]).format(width=8)
    texts: list[tuple[str, str | bytes]] = [("a.py", program), ("b.py", "x = 1\n"), ("c.py", program.encode())]
    with ThreadPoolExecutor(2) as executor:
        for reports in (list(lint_texts(texts)), list(lint_texts(texts, executor=executor))):
            assert [len(report.findings) for report in reports] == [1, 0, 1]
            assert [report.files for report in reports] == [1, 1, 1]
            assert reports[2].findings[0].span.path == "c.py"


def test_texts_are_taken_as_they_are_needed() -> None:
    taken = 0

    def endless() -> Iterator[tuple[str, str]]:
        nonlocal taken
        while True:
            taken += 1
            yield f"{taken}.py", "import keras\n"

    with ThreadPoolExecutor(2) as executor:
        reports = lint_texts(endless(), executor=executor)
        for _ in range(100):
            next(reports)
        assert taken <= 100 + (spread.MOST_BATCHES + 1) * spread.BATCH_FILES
        reports.close()  # type: ignore[attr-defined]


# --- what breaks -----------------------------------------------------------------------------------------------------


def failing_on(name: str) -> Callable[[spread.Batch], Any]:
    def task(batch: spread.Batch) -> Any:
        if any(file.path.endswith(name) for file in batch.files):
            raise OSError("the wire is cut")
        return REAL(batch)

    return task


REAL = spread.work


def without(whole: Report) -> tuple[Finding, ...]:
    return tuple(one for one in whole.findings if one.span.path != "train05.py")


def test_a_batch_that_fails_loses_one_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lint(".")
    monkeypatch.setattr(spread, "work", failing_on("train05.py"))
    with ThreadPoolExecutor(2) as executor:
        report = lint_paths(["."], executor=executor)
    ((path, failure),) = report.failures
    assert path == "train05.py"
    assert "the wire is cut" in failure
    assert report.findings == without(whole)


RULE = """\
import os, signal
from keraslint import Model, Severity, rule


@rule(Model, Severity.NOTE)
def check(model):
    \"\"\"A model.\"\"\"
    if model.span.path.endswith("train05.py"):
        os.kill(os.getpid(), signal.SIGKILL)
    yield from ()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_pool_that_breaks_loses_one_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "rules")]))
    whole = lint(".")
    Path("own").mkdir()
    Path("own/every_model.py").write_text(RULE, encoding="utf-8")
    Path("keraslint.toml").write_text('rules = ["own"]\nseverity = { "unreadable-file" = "note" }\n', encoding="utf-8")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        report = lint_paths(["."], executor=executor)
    ((path, failure),) = report.failures
    assert path == "train05.py"
    assert signal.Signals.SIGKILL.name in failure
    assert report.findings == without(whole)
    assert report.files == whole.files + 1  # the rule


def test_an_executor_that_is_shut_down_does_nothing_and_all_is_done(project: Path) -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    assert said(lint_paths(["."], executor=executor)) == said(lint("."))


def test_whoever_stops_listening_stops_the_work() -> None:
    gate, begun = threading.Event(), threading.Event()

    def waiting(batch: spread.Batch) -> Any:
        begun.set()
        gate.wait(30)
        return REAL(batch)

    with ThreadPoolExecutor(1) as executor, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spread, "work", waiting)
        texts = ((f"{number}.py", "import keras\n") for number in range(200))
        way = spread._Way(executor, spread.Configuration(spread.Overrides(isolated=True)))
        for path, text in texts:
            way.take(spread.given(path, text.encode()))
        begun.wait(30)
        futures = [one.future for one in way.sent]
        for future in futures:
            future.cancel()
        gate.set()
    assert sum(future.cancelled() for future in futures) == len(futures) - 1


# --- the example of the README ---------------------------------------------------------------------------------------


def test_the_corpus_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    pytest.importorskip("distributed", reason="Dask is not installed")
    from pyarrow import parquet

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(# corpus\.py\n.*?)^```$", readme, re.M | re.S)
    program = HEADS + TRAIN.partition("\n")[2].replace("from heads import head\n", "").format(width=8)
    contents = [program if number % 50 == 7 else "import os\n" for number in range(300)]
    table = pa.table({"path": [f"repo/{number}.py" for number in range(300)], "content": contents})
    parquet.write_table(table, tmp_path / "corpus.parquet", row_group_size=64)
    (tmp_path / "corpus.py").write_text(example, encoding="utf-8")
    path = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    done = subprocess.run(
        [sys.executable, "corpus.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    rows = parquet.read_table(tmp_path / "findings.parquet").to_pylist()
    assert [row["path"] for row in rows] == [f"repo/{number}.py" for number in range(300) if number % 50 == 7]
    assert {row["rule"] for row in rows} == {"probabilities-as-logits"}

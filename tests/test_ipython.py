"""In a notebook: a real shell of IPython with real models, and a real kernel as Jupyter starts it."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output
from jupyter_client.manager import start_new_kernel

import keraslint
from keraslint.cells import by_cell, difference, notebook_of
from keraslint.fix import apply

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
keras: Any = pytest.importorskip("keras")

MODEL = """\
from tensorflow import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
"""
LOSS = 'model.compile("adam", loss=keras.losses.CategoricalCrossentropy(from_logits=True))\n'
RULE = "probabilities-as-logits"


class Session:
    """A shell that remembers what it was asked, as a notebook does."""

    def __init__(self) -> None:
        self.shell: Any = InteractiveShell.instance()
        self.run("%load_ext keraslint")

    def run(self, cell: str) -> tuple[Any, str, str, list[RichOutput]]:
        """The outcome of a cell, what it wrote to the two streams, and what it displayed."""
        with capture_output() as captured:
            done = self.shell.run_cell(cell, store_history=True)
        return done, captured.stdout, captured.stderr, captured.outputs


@pytest.fixture
def session() -> Iterator[Session]:
    found = Session()
    yield found
    found.shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def shown(outputs: list[RichOutput]) -> str:
    [one] = outputs
    text: str = one.data["text/plain"]
    return text


def test_a_model_of_an_earlier_cell_is_judged_where_it_is_compiled(session: Session) -> None:
    session.run(MODEL)
    session.run("x = 1")
    done, *_, outputs = session.run(f"%%keraslint\n# a 𝄞 in a comment\n{LOSS}x + 1")
    assert done.success
    assert done.result == 2  # the last expression is the cell's own
    assert f"warning[{RULE}]" in shown(outputs)
    assert "--> In [4]:3:65" in shown(outputs)  # the line of the cell, the first one being `%%keraslint`
    assert "::: In [2]:3:79" in shown(outputs)
    assert "^^^^^^^^^^^^^^^^ asks for logits" in shown(outputs)
    html = outputs[0].data["text/html"]
    assert html.startswith('<pre class="keraslint"')
    assert "activation=&quot;softmax&quot;" in html
    assert session.shell.user_ns["model"].loss.name == "categorical_crossentropy"  # it has run


def test_only_what_has_to_do_with_the_cell_is_told(session: Session) -> None:
    session.run(MODEL + LOSS)
    *_, outputs = session.run("%%keraslint\nkeras.backend.clear_session()")
    assert RULE not in shown(outputs)
    assert "no findings" in shown(outputs)
    done, *_ = session.run("%keraslint")
    assert [finding.rule for finding in done.result.findings] == [RULE]
    assert done.result.findings[0].span.path == "In [2]"


def test_the_lines_are_those_of_the_cell_below_empty_ones(session: Session) -> None:
    *_, outputs = session.run(f"\n\n%%keraslint\n{MODEL}{LOSS}")
    assert "--> In [2]:7:65" in shown(outputs)


def test_what_runs_is_the_cell_as_it_would_have_run(session: Session) -> None:
    done, *_ = session.run("%%keraslint\nawait __import__('asyncio').sleep(0)\nasked = 7\nasked")
    assert done.result == 7
    done, out, *_ = session.run("%%keraslint\n1 / 0")
    assert isinstance(done.error_in_exec, ZeroDivisionError)
    assert out.count("ZeroDivisionError") == 2  # once above and once below, as always
    done, out, *_ = session.run("%%keraslint --ignore=dropout-rate\n%%time\nbelow = 2")
    assert done.success
    assert "Wall time" in out
    assert session.shell.user_ns["below"] == 2
    done, *_ = session.run("%%keraslint\nif True:\n    later = '%%keraslint'\n!echo {later}")
    assert done.success


def test_it_does_not_run_where_it_shall_not(session: Session) -> None:
    *_, outputs = session.run(f"%%keraslint --no-run\nasked = 1\n{MODEL}{LOSS}")
    assert RULE in shown(outputs)
    assert "asked" not in session.shell.user_ns


def test_rules_are_chosen(session: Session) -> None:
    *_, outputs = session.run(f"%%keraslint --no-run --ignore {RULE}\n{MODEL}{LOSS}")
    assert RULE not in shown(outputs)
    *_, outputs = session.run(f"%%keraslint --no-run --select 'dropout-*'\n{MODEL}{LOSS}")
    assert RULE not in shown(outputs)
    *_, outputs = session.run(f"%%keraslint --no-run --select=probabilities-*\n{MODEL}{LOSS}")
    assert RULE in shown(outputs)


def test_the_configuration_of_the_folder_holds(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("keraslint.toml").write_text(f'severity = {{ "{RULE}" = "note" }}\n', encoding="utf-8")
    *_, outputs = session.run(f"%%keraslint --no-run\n{MODEL}{LOSS}")
    assert f"note[{RULE}]" in shown(outputs)
    Path("keraslint.toml").write_text("selct = []\n", encoding="utf-8")
    done, out, err, _ = session.run(f"%%keraslint\n{MODEL}{LOSS}")
    assert not done.success
    assert "keraslint.toml:1: unknown key `selct`; did you mean `select`" in out + err
    assert "Traceback" not in out + err


def test_a_model_that_is_alive_is_measured(session: Session) -> None:
    session.run(MODEL + LOSS)
    done, *_ = session.run("%keraslint model")
    assert [finding.rule for finding in done.result.findings] == [RULE]
    assert "measured: the loss that Keras trains" in str(done.result)
    session.run(
        "import numpy as np\nx = np.zeros((12, 8), 'float32')\nids = {'train': np.arange(12) % 3}\n"
        "model.compile('adam', loss='categorical_crossentropy')"
    )
    done, *_ = session.run("found = %keraslint model x[:6] ids['train'][:6]")
    rules = [finding.rule for finding in session.shell.user_ns["found"].findings]
    assert rules == ["integer-labels-under-categorical-loss"]
    done, *_ = session.run("%keraslint model x ids['train'] --ignore integer-labels-*")
    assert not done.result.findings


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%keraslint modle", "there is no `modle`; did you mean `model`"),
        ("%keraslint qqq", "there is no `qqq` (there are `model`)"),
        ("%keraslint number", "`number` is no model of Keras (there are `model`)"),
        ("%keraslint text", "`text` is a text, not a model (there are `model`)"),
        ("%keraslint number.nothing", "`number.nothing`: AttributeError"),
        ("%keraslint model x y", "there is no `x`"),
        ("%keraslint model 1 2 3", "takes a model, its inputs and its labels, not 4 things"),
        ("%keraslint --selct a", "unrecognized arguments: --selct"),
        ("%keraslint --select dropout-rat", "--select: unknown rule `dropout-rat`; did you mean `dropout-rate`"),
        ("%%keraslint --select 'a\nx = 1", "%%keraslint: no closing quotation"),
        ("%%keraslint", "cell body is empty"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(session: Session, cell: str, said: str) -> None:
    session.shell.user_ns.update(model=keras.Sequential([keras.layers.Dense(1)]), number=3, text="import keras")
    done, out, err, outputs = session.run(cell)
    assert not done.success
    assert outputs == []
    assert said in err + out
    assert "Traceback" not in err + out


def test_loading_twice_is_loading_once_and_unloading_takes_all_away(session: Session) -> None:
    session.run("%reload_ext keraslint")
    *_, outputs = session.run("%%keraslint\nx = 1")
    assert len(outputs) == 1
    session.run("%unload_ext keraslint")
    done, out, err, _ = session.run("%%keraslint\nx = 1")
    assert not done.success
    assert "`%%keraslint` not found" in out + err


def test_the_example_of_the_readme_runs(session: Session, root: Path) -> None:
    section = (root / "README.md").read_text(encoding="utf-8").split("\n## In a notebook\n")[1].split("\n## ")[0]
    (cells,) = re.findall(r"^```ipython\n(.*?)^```", section, re.M | re.S)
    load, under, alive = cells.split("\n\n")
    session.run(f"import numpy as np\nx_train = np.zeros((70, 8))\ny_train = np.eye(3)[np.arange(70) % 3]\n{MODEL}")
    assert session.run(load)[0].success
    done, *_, outputs = session.run(under)
    assert done.success
    assert RULE in shown(outputs)
    done, *_ = session.run(alive)
    assert [finding.rule for finding in done.result.findings] == [RULE]


def test_a_cell_is_typed_to_its_end(session: Session) -> None:
    for text in ("%%keraslint\n", "%%keraslint\nx = 1\n"):
        assert (
            session.shell.check_complete(text)[0] == session.shell.check_complete(text.replace("keraslint", "time"))[0]
        )


def test_a_notebook_on_disk_with_the_command_is_read(tmp_path: Path) -> None:
    path = tmp_path / "train.ipynb"
    path.write_text(notebook_of([MODEL, f"%%keraslint --no-run\n{LOSS}"]), encoding="utf-8")
    [finding] = keraslint.lint(str(path)).findings
    assert finding.rule == RULE
    assert finding.span.position[4:] == (1, None, 2)


# --- the report itself -----------------------------------------------------------------------------------------------


def test_a_report_shows_itself() -> None:
    report = keraslint.check(MODEL + LOSS)
    assert str(report).startswith(f"warning[{RULE}]: ")
    assert str(report).endswith("1 file, 1 model: 1 read")
    html = report._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert html.count("<span") == html.count("</span>") > 5
    assert "no findings" in str(keraslint.check(MODEL))


def test_the_text_of_a_stranger_is_no_html() -> None:
    text = (MODEL + LOSS).replace("8,", '8,), name="<img src=x onerror=alert(1)>"').replace(')"),', '"),')
    assert "<img" not in keraslint.check(text)._repr_mimebundle_()["text/html"]
    assert "&lt;img" in keraslint.check(text)._repr_mimebundle_()["text/html"]


# --- cells -----------------------------------------------------------------------------------------------------------


def test_fixes_are_edits_of_cells() -> None:
    cells = [MODEL.replace("import keras", 'import keras  # 𝄞 \\ "'), LOSS]
    text, names = notebook_of(cells), {0: "first", 1: "second"}
    report = by_cell(keraslint.check(text, "x.ipynb"), "x.ipynb", text, names)
    [finding] = report.findings
    assert {fact.span.path for fact in finding.because} == {"first", "second"}
    assert report.texts["first"] == cells[0]
    safe = next(fix for fix in finding.fixes if fix.safe)
    assert {edit.span.path for edit in safe.edits} == {"second"}
    assert apply(LOSS, safe.edits) == LOSS.replace("from_logits=True", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("abc", "abc"),
        ("aa", "a"),
        ("a", "aa"),
        ("", "x"),
        ("x", ""),
        ("a\nb\nc", "a\nB\nc"),
        ("abab", "ab"),
        ("𝄞\r\nx", "𝄞\nx"),
    ],
)
def test_the_difference_of_two_texts_makes_one_of_the_other(before: str, after: str) -> None:
    edits = list(difference("x", before, after))
    assert len(edits) == (before != after)
    assert apply(before, edits) == after


# --- a kernel --------------------------------------------------------------------------------------------------------


@pytest.fixture
def kernel(root: Path, tmp_path: Path) -> Iterator[Any]:
    paths = os.pathsep.join([str(root), str(root / "rules"), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": paths, "IPYTHONDIR": str(tmp_path / "ipython")}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path), env=environment)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_kernel_of_jupyter_shows_both_forms_and_says_how_a_cell_ended(kernel: Any) -> None:
    def run(cell: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        messages: list[dict[str, Any]] = []
        reply = kernel.execute_interactive(cell, timeout=60, output_hook=messages.append)
        return reply["content"], messages

    assert run("%load_ext keraslint")[0]["status"] == "ok"
    assert run(f"%%keraslint --no-run\n{MODEL}")[0]["status"] == "ok"
    content, messages = run(f"%%keraslint --no-run\n{LOSS}")
    assert content["status"] == "ok"
    [data] = [one["content"]["data"] for one in messages if one["msg_type"] == "display_data"]
    assert "--> In [3]:2:65" in data["text/plain"]
    assert "::: In [2]:4:79" in data["text/plain"]
    assert RULE in data["text/html"]
    assert json.dumps(data)
    content, messages = run("%%keraslint\nraise KeyError('mine')")
    assert (content["status"], content["ename"]) == ("error", "KeyError")
    assert [one["content"]["ename"] for one in messages if one["msg_type"] == "error"] == ["KeyError"]
    content, _ = run("%%keraslint\nimport asyncio\nawait asyncio.sleep(0)\nprint('slept')")
    assert content["status"] == "ok"
    content, messages = run("%keraslint nothing")
    assert content["status"] == "error"
    said = "".join(one["content"]["text"] for one in messages if one["msg_type"] == "stream")
    assert "there is no `nothing`" in said


def test_a_session_that_loads_keraslint_loads_no_keras(root: Path) -> None:
    import subprocess

    program = f"""
import sys
sys.path[:0] = {[str(root), str(root / "rules")]!r}
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
assert shell.run_cell("%load_ext keraslint").success
print(*sorted({{"keras", "tensorflow", "numpy", "libcst"}} & sys.modules.keys()), "end")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["end"]

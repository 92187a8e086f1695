"""What is kept for the next run: it changes no byte of what is said, and nothing that happens to it fails a run."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from keraslint import cache, lint
from keraslint.cli import cli
from keraslint.config import Configuration, Overrides
from keraslint.lint import File, judge, look
from keraslint.outcome import packed, unpacked
from keraslint.report import FORMATS, Style, render

ROOT = Path(__file__).resolve().parents[1]

HEADS = """\
import keras


def head(x):
    return keras.layers.Dense(10, activation="softmax")(x)
"""
TRAIN = """\
import keras
from heads import head

inputs = keras.Input((8,))
model = keras.Model(inputs, head(inputs), name="näme")
model.compile("adam", loss=keras.losses.CategoricalCrossentropy(from_logits=True))
"""
RIGHT = TRAIN.replace("from_logits=True", "")
UNKNOWN = """\
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(10, activation="softmax")])
model.compile("adam", loss=losses_of_somebody())
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two files that belong together, a silenced slip, a notebook, and what is not known."""
    for name in ("KERASLINT_NO_CACHE", "KERASLINT_CACHE_DIR", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "of-user"))
    top = tmp_path / "project"
    top.mkdir()
    monkeypatch.chdir(top)
    files = {
        "pyproject.toml": "[tool.keraslint]\n",
        "heads.py": HEADS,
        "train.py": TRAIN,
        "right.py": RIGHT,
        "unknown.py": UNKNOWN,
        "silenced.py": TRAIN.replace("True))", "True))  # keraslint: ignore[probabilities-as-logits] -- known"),
        "idle.py": RIGHT.replace("))", "))  # keraslint: ignore[probabilities-as-logits]"),
        "broken.py": "import keras\nmodel = (\n",
        "latin.py": "# coding: latin-1\n" + TRAIN,
        "plain.py": "import json\n",
    }
    for name, text in files.items():
        Path(name).write_text(text, encoding="latin-1" if name == "latin.py" else "utf-8")
    notebook = ROOT / "fixtures" / "probabilities_as_logits" / "notebook.ipynb"
    shutil.copy(notebook, "notebook.ipynb")
    return top


def keraslint(*arguments: str, code: int | None = 1) -> str:
    """What a run says on standard output."""
    done = CliRunner().invoke(cli, [*arguments])
    assert code is None or done.exit_code == code, done.output
    return done.stdout


def fresh(*arguments: str) -> str:
    """The same without anything that is kept."""
    return keraslint("--no-cache", *arguments, code=None)


def results() -> list[Path]:
    return [path for path in Path(".keraslint_cache/results").glob("??/*") if path.is_file()]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that are really read."""
    seen: list[str] = []
    real = judge

    def noted(file: File, *arguments: object, **named: object) -> object:
        seen.append(file.path)
        return real(file, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(sys.modules["keraslint.lint"], "judge", noted)
    return seen


# --- the same bytes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_a_warm_run_says_the_same(form: str, reads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)  # a page says when it was made
    plain, cold = fresh("--output-format", form), keraslint("--output-format", form)
    assert plain == cold
    assert len(plain) > 100
    reads.clear()
    assert keraslint("--output-format", form) == plain
    assert reads == []


@pytest.mark.parametrize("options", [["--verbose"], ["--statistics"], ["--quiet"], ["--exit-zero"]])
def test_options_about_the_report_share_results(options: list[str], reads: list[str]) -> None:
    keraslint()
    reads.clear()
    warm = keraslint(*options, code=None)
    assert reads == []
    assert warm == fresh(*options)
    assert "train.py" in reads


PROGRAM = """\
import sys
sys.path[:0] = {paths!r}
sys.argv = ["keraslint", *{arguments!r}]
from keraslint.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(paths=[str(ROOT), str(ROOT / "rules")], arguments=arguments)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_a_warm_run_loads_no_parser() -> None:
    cold, warm = process("--output-format", "json"), process("--output-format", "json")
    assert (cold.returncode, warm.returncode) == (1, 1), cold.stderr
    assert cold.stdout == warm.stdout
    assert "keraslint.static.recovery" in cold.stderr.split()
    loaded = set(warm.stderr.split())
    assert not loaded & {"libcst", "rich", "numpy"}
    assert "keraslint.outcome" in loaded


def test_a_warm_run_without_findings_loads_no_rule_and_no_reader() -> None:
    process("right.py")
    warm = process("right.py")
    assert warm.returncode == 0
    loaded = set(warm.stderr.split())
    assert not loaded & {"libcst", "keraslint.model", "keraslint.source", "keraslint.registry", "keraslint.static"}
    assert not any(name.startswith("keraslint_rules") for name in loaded)


def test_without_keras_nothing_is_kept() -> None:
    assert "keraslint.cache" not in process("plain.py").stderr.split()
    assert not Path(".keraslint_cache").exists()


@pytest.mark.parametrize("kind", ["outlined", "whole"])
def test_what_is_packed_comes_back(kind: str) -> None:
    configuration = Configuration(Overrides(isolated=True))
    paths = sorted((ROOT / "fixtures" / "field").glob("*.py"))[::3] + sorted((ROOT / "fixtures").glob("*/notebook.*"))
    for path in paths:
        file = look(str(path))
        outcome = judge(file, configuration, outlined=kind == "outlined")
        assert outcome is not None
        back = unpacked(packed(outcome, file.data), file.data)
        assert back._replace(models=tuple(back.models)) == outcome._replace(models=tuple(outcome.models)), path


def test_a_place_that_several_facts_share_is_one_again() -> None:
    configuration = Configuration(Overrides(isolated=True))
    outcome = judge(look("train.py"), configuration)
    assert outcome is not None
    back = unpacked(packed(outcome))
    before, after = (
        [[id(fact.span) for fact in finding.because] for finding in one.findings] for one in (outcome, back)
    )
    assert [[row.index(number) for number in row] for row in before] == [
        [row.index(number) for number in row] for row in after
    ]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=9))
@settings(max_examples=200, deadline=None)
def test_what_nobody_packed_is_an_error_and_nothing_else(document: object) -> None:
    keys = ("path", "models", "not_checked", "findings", "texts", "failure", "used", "naming", "whole", "spans")
    for key in keys:
        text = json.dumps({**{name: [] for name in keys}, "texts": {}, "naming": "", key: document})
        try:
            outcome = unpacked(text)
            for model in outcome.models:
                assert model is not outcome
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            continue


# --- never stale -----------------------------------------------------------------------------------------------------


def write(path: str, text: str) -> Callable[[], object]:
    return lambda: Path(path).write_text(text, encoding="utf-8")


def shadowed() -> None:
    Path("heads").mkdir()
    Path("heads/__init__.py").write_text(HEADS.replace("softmax", "linear"), encoding="utf-8")
    Path("heads.py").unlink()


CHANGES: dict[str, Callable[[], object]] = {
    "the file": write("train.py", RIGHT),
    "an imported file": write("heads.py", HEADS.replace('"softmax"', '"linear"')),
    "an imported file that goes": lambda: Path("heads.py").unlink(),
    "an imported file that becomes a package": shadowed,
    "a comment that silences": write("train.py", TRAIN + "# keraslint: ignore-file[*]\n"),
    "what is ignored": write("pyproject.toml", '[tool.keraslint]\nignore = ["probabilities-as-logits"]\n'),
    "how severe it is": write("pyproject.toml", '[tool.keraslint]\nseverity = { "*" = "note" }\n'),
    "other settings nearer by": write("keraslint.toml", 'select = ["probabilities-as-logits"]\n'),
    "the version that is asked for": write("requirements.txt", "keras==2.12\ntensorflow==2.12\n"),
    "the version in the configuration": write("pyproject.toml", '[tool.keraslint]\ntarget-keras = "2.12"\n'),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_is_seen(change: Callable[[], object]) -> None:
    first = process("--output-format", "json").stdout
    change()
    second = process("--output-format", "json").stdout
    assert second == process("--no-cache", "--output-format", "json").stdout
    assert json.loads(second)["findings"]
    assert second != first


def test_a_module_that_appears_is_found() -> None:
    Path("heads.py").unlink()
    before = process("train.py").stdout
    assert "no findings" in before
    Path("heads.py").write_text(HEADS, encoding="utf-8")
    assert "probabilities-as-logits" in process("train.py").stdout


def test_settings_of_another_file_count_where_a_finding_points_there() -> None:
    Path("inner").mkdir()
    shutil.move("heads.py", "inner/heads.py")
    Path("train.py").write_text(TRAIN.replace("from heads", "from inner.heads"), encoding="utf-8")
    assert process("train.py").returncode == 1
    Path("inner/keraslint.toml").write_text('severity = { "*" = "note" }\n', encoding="utf-8")
    assert process("train.py").stdout == process("--no-cache", "train.py").stdout


def test_local_rules_count() -> None:
    Path("own").mkdir()
    rule = (
        "from keraslint import Finding, Model, Severity, rule, Fact\n\n\n@rule(Model, Severity.WARNING)\n"
        'def check(model):\n    """A model."""\n    yield Finding("{}", because=(Fact(1, model.span),))\n'
    )
    Path("own/every_model.py").write_text(rule.format("one"), encoding="utf-8")
    Path("pyproject.toml").write_text('[tool.keraslint]\nrules = ["own"]\n', encoding="utf-8")
    assert "warning[every-model]: one" in process("right.py").stdout
    Path("own/every_model.py").write_text(rule.format("something else"), encoding="utf-8")
    assert "warning[every-model]: something else" in process("right.py").stdout


def test_another_keraslint_keeps_other_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "one.py").write_text("1", encoding="utf-8")
    monkeypatch.setattr(cache, "announced", lambda: ["package"])
    monkeypatch.syspath_prepend(str(tmp_path))
    before = cache._code(str(tmp_path))
    (package / "one.py").write_text("2", encoding="utf-8")
    after = cache._code(str(tmp_path))
    (package / "one.py").write_text("1", encoding="utf-8")
    assert before not in {"", after}
    assert cache._code(str(tmp_path)) == before


def test_rules_that_nobody_finds_keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "announced", lambda: ["not_there"])
    assert keraslint() == fresh()
    assert not results()


def test_what_is_fixed_is_read_again() -> None:
    Path("train.py").write_text(TRAIN.replace("keras.losses.CategoricalCrossentropy(from_logits=True)", '"mse"'))
    keraslint("train.py", code=None)
    text = Path("train.py").read_bytes()
    done = CliRunner().invoke(cli, ["train.py", "--unsafe-fixes"])
    assert Path("train.py").read_bytes() != text
    assert done.stdout == fresh("train.py")


def test_the_same_text_in_another_place_is_another_file() -> None:
    Path("a").mkdir()
    shutil.copy("train.py", "a/other.py")
    assert "a/other.py" in keraslint("a/other.py", code=None)
    assert "train.py:" in keraslint("train.py")


# --- where it is -----------------------------------------------------------------------------------------------------


def test_it_lies_in_the_project_and_git_does_not_see_it() -> None:
    Path("below").mkdir()
    keraslint()
    assert results()
    subprocess.run(["git", "init", "-q"], check=True)
    status = subprocess.run(["git", "status", "--short", "-uall"], capture_output=True, text=True, check=True).stdout
    assert "train.py" in status
    assert "cache" not in status
    os.chdir("below")
    assert cache.folder_of(Configuration()) == str(Path("..").resolve() / ".keraslint_cache")


def test_without_a_project_it_lies_with_other_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "ROOT_MARKS", ("no such name",))
    keraslint("train.py")
    assert list((tmp_path / "of-user" / "keraslint" / "results").glob("??/*"))
    assert not Path(".keraslint_cache").exists()


def test_it_lies_where_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pyproject.toml").write_text('[tool.keraslint]\ncache-dir = "kept/here"\n', encoding="utf-8")
    keraslint("train.py")
    assert list(Path("kept/here/results").glob("??/*"))
    monkeypatch.setenv("KERASLINT_CACHE_DIR", "there")
    keraslint("train.py")
    assert list(Path("there/results").glob("??/*"))
    assert not Path(".keraslint_cache").exists()


def test_nothing_is_kept_where_nobody_wants_that(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh()
    monkeypatch.setenv("KERASLINT_NO_CACHE", "1")
    keraslint()
    assert not Path(".keraslint_cache").exists()


# --- clean -----------------------------------------------------------------------------------------------------------


def test_clean_says_what_it_removed() -> None:
    assert keraslint("clean", code=0) == "nothing is kept in `.keraslint_cache`\n"
    keraslint()
    number = len(results())
    assert keraslint("clean", code=0) == f"removed {number} results from `.keraslint_cache`\n"
    assert not Path(".keraslint_cache").exists()


def test_clean_leaves_what_others_put_there() -> None:
    keraslint()
    Path(".keraslint_cache/diary.txt").write_text("mine", encoding="utf-8")
    keraslint("clean", code=0)
    assert [path.name for path in Path(".keraslint_cache").iterdir()] == ["diary.txt"]


def test_clean_touches_no_folder_that_is_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERASLINT_CACHE_DIR", ".")
    before = sorted(Path().iterdir())
    assert keraslint("clean", code=0).startswith("nothing is kept in ")
    assert sorted(Path().iterdir()) == before


def test_clean_says_what_it_cannot_remove(monkeypatch: pytest.MonkeyPatch) -> None:
    keraslint()

    def refuse(path: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(os, "unlink", refuse)
    done = CliRunner().invoke(cli, ["clean"])
    assert done.exit_code == 2
    assert "cannot be removed: permission denied" in done.stderr


# --- damage ----------------------------------------------------------------------------------------------------------


def forged(text: bytes) -> bytes:
    """A result with another content and the right checksum."""
    body = (
        text.partition(b"\n")[2]
        .replace(b'"message"', b'"massage"')
        .replace(b"[2,", b"[99,")
        .replace(b'"spans"', b'"x"')
    )
    return cache._digest(body).encode() + b"\n" + body


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda text: b"",
    "half": lambda text: text[: len(text) // 2],
    "one byte": lambda text: text[:-20] + bytes([text[-20] ^ 1]) + text[-19:],
    "not text": lambda text: bytes(range(256)),
    "a pickle": lambda text: b"\x80\x04\x95cos\nsystem\n.",
    "forged": forged,
    "of another file": lambda text: (cache._digest(b"{}\n{}") + "\n{}\n{}").encode(),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_result_is_none_and_is_replaced(damage: Callable[[bytes], bytes], reads: list[str]) -> None:
    whole = keraslint("--output-format", "json")
    for path in results():
        path.write_bytes(damage(path.read_bytes()))
    assert keraslint("--output-format", "json") == whole
    reads.clear()
    assert keraslint("--output-format", "json") == whole
    assert reads == []


def folder_as_file() -> None:
    Path(".keraslint_cache").write_text("mine", encoding="utf-8")


def results_as_folders() -> None:
    keraslint()
    for path in results():
        path.unlink()
        path.mkdir()


@pytest.mark.parametrize("occupied", [folder_as_file, results_as_folders])
def test_a_foreign_store_fails_no_run(occupied: Callable[[], None]) -> None:
    occupied()
    assert keraslint() == fresh()
    assert Path(".keraslint_cache").exists()


# --- faults ----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EIO])
def failing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A store into which nothing can be written."""
    code: int = request.param

    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(os, "makedirs", refuse)
    yield code


def test_a_store_that_takes_nothing_fails_no_run(failing: int) -> None:
    done = CliRunner().invoke(cli, ["--output-format", "json"])
    assert done.exit_code == 1
    assert done.stdout == fresh("--output-format", "json")
    assert done.stderr == ""
    assert os.strerror(failing).lower() in CliRunner().invoke(cli, ["--verbose"]).stderr


def test_a_full_disk_fails_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(disk)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        monkeypatch.setenv("KERASLINT_CACHE_DIR", str(disk / "kept"))
        assert keraslint("--output-format", "json") == fresh("--output-format", "json")
        assert keraslint("--output-format", "json") == fresh("--output-format", "json")
        assert "no space left" in CliRunner().invoke(cli, ["--verbose", "--isolated"]).stderr
        assert not list((disk / "kept" / "results").rglob("*.*"))  # nothing half written takes the room
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_store_that_is_not_ours_to_write_fails_no_run() -> None:
    keraslint("heads.py", code=0)
    os.chmod(".keraslint_cache/results", 0o500)
    try:
        assert keraslint() == fresh()
    finally:
        os.chmod(".keraslint_cache/results", 0o700)


def test_a_store_that_goes_while_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    real = judge

    def removing(file: File, *arguments: object, **named: object) -> object:
        shutil.rmtree(".keraslint_cache", ignore_errors=True)
        return real(file, *arguments, **named)  # type: ignore[arg-type]

    whole = fresh()
    monkeypatch.setattr(sys.modules["keraslint.lint"], "judge", removing)
    assert keraslint() == whole
    assert len(results()) == 1  # what was kept after the last time


def test_a_clock_that_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = keraslint()
    future = time.time() + 1000 * cache.DAY
    for path in [*results(), Path(".keraslint_cache/results/pruned")]:
        os.utime(path, (future, future))
    assert keraslint() == whole
    assert all(path.stat().st_mtime < future for path in results())  # they were of use now
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert keraslint() == whole
    Path("right.py").write_text(RIGHT + "\n", encoding="utf-8")
    keraslint()
    assert Path(".keraslint_cache/results/pruned").exists()


# --- bounded, and shared ---------------------------------------------------------------------------------------------


def test_what_was_of_no_use_for_the_longest_time_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    keraslint()
    oldest, *others = sorted(results())
    os.utime(oldest, (1000, 1000))
    total = sum(path.stat().st_size for path in Path(".keraslint_cache/results").rglob("*") if path.is_file())
    cache._prune(".keraslint_cache", total)
    assert oldest.exists()
    cache._prune(".keraslint_cache", total - 1)
    assert not oldest.exists()
    assert any(path.exists() for path in others)
    cache._prune(".keraslint_cache", 0)
    assert not results()


def test_a_run_bounds_what_it_has_written(monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = Configuration()
    store = cache.Cache(cache.folder_of(configuration), configuration, outlined=True, most_bytes=2000)
    keraslint()
    store._written = 1000
    store.close()
    assert sum(path.stat().st_size for path in results()) <= 2000


def test_runs_share_a_store() -> None:
    program = PROGRAM.format(paths=[str(ROOT), str(ROOT / "rules")], arguments=["--output-format", "json"])
    command = [sys.executable, "-c", program]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(3)]
    said = {run.communicate()[0] for run in runs}
    assert said == {fresh("--output-format", "json").encode()}
    assert {run.returncode for run in runs} == {1}
    assert not [path for path in results() if "." in path.name]
    for path in results():
        checksum, _, body = path.read_bytes().partition(b"\n")
        assert checksum.decode() == cache._digest(body)


def test_programs_get_whole_models_whatever_is_kept() -> None:
    keraslint()
    assert lint("right.py").models[0].trainings


def test_outlined_models_count_as_models() -> None:
    report = json.loads(keraslint("--output-format", "json"))
    again = json.loads(keraslint("--output-format", "json"))
    assert report["summary"] == again["summary"]
    assert report["summary"]["models"] == len(report["models"]) > 5
    assert report["not_checked"] == again["not_checked"]
    assert render("full", lint("unknown.py"), Style()) == fresh("unknown.py")

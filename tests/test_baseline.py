"""The baseline: what is known is not told, what is gone is reported and taken out, and nothing else changes."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from keraslint import baseline, lint
from keraslint.baseline import BaselineError, Entry
from keraslint.cli import cli
from tests import made

FILE = "keraslint-baseline.json"
ALL = ("--output-format", "concise", "--fail-on", "note")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made.use(monkeypatch)
    monkeypatch.chdir(tmp_path)
    Path("keraslint.toml").write_text(f'baseline = "{FILE}"\n', encoding="utf-8")
    Path("a.py").write_text(made.TRAIN, encoding="utf-8")
    Path("sub").mkdir()
    Path("sub/b.py").write_text(made.TRAIN, encoding="utf-8")
    return tmp_path


def keraslint(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def written(*arguments: str) -> str:
    done = keraslint("baseline", *arguments)
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    return done.stderr


def entries() -> list[tuple[str, str]]:
    return [(one["path"], one["rule"]) for one in json.loads(Path(FILE).read_text(encoding="utf-8"))["findings"]]


EVERY = [(path, rule) for path in ("a.py", "sub/b.py") for rule in ("model-noted", "softmax-twice")]


def test_what_is_known_is_not_told() -> None:
    assert written() == f"{FILE}: 4 findings, 4 new, 0 gone\n"
    assert entries() == EVERY
    done = keraslint(*ALL)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "no findings (4 more in the baseline)\n2 files, 2 models: 2 read\n"
    assert json.loads(keraslint("--output-format", "json").stdout)["summary"]["baselined"] == 4


def test_a_program_that_asks_hears_of_what_is_new_only() -> None:
    written("a.py")
    assert [finding.span.path for finding in lint().findings] == ["sub/b.py"] * 2
    assert len(lint().baselined) == 2


def test_an_editor_hears_of_what_is_new_only() -> None:
    pytest.importorskip("pygls")
    from keraslint.config import Overrides
    from keraslint.server.documents import Subject
    from keraslint.server.judge import judge

    def told(path: str) -> int:
        found = judge(Subject("file:///open", path, made.TRAIN.encode(), made.TRAIN, {}), ".", {}, Overrides())
        assert found.failure == ""
        return len(found.saved)

    written("a.py")
    assert (told("a.py"), told("sub/b.py")) == (0, 2)


def places(concise: str) -> list[tuple[str, str]]:
    """The file and the line of each finding of a concise report."""
    return re.findall(r"^(\S+):(\d+):\d+: ", concise, re.M)


def test_what_is_new_is_told() -> None:
    written("a.py")
    done = keraslint(*ALL)
    assert done.exit_code == 1
    assert [path for path, _ in places(done.stdout)] == ["sub/b.py"] * 2
    assert "1 error, 1 note (2 more in the baseline)" in done.stdout


def test_it_counts_from_every_folder(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    monkeypatch.chdir(project / "sub")
    assert "2 findings, 2 new" in written()
    assert keraslint(*ALL).exit_code == 0
    monkeypatch.chdir(project)
    assert entries() == EVERY[2:]
    assert "4 findings, 2 new" in written(".")
    monkeypatch.chdir(project / "sub")
    assert keraslint("../a.py", "b.py", *ALL).exit_code == 0


def test_more_equal_ones_than_are_known_are_told() -> None:
    Path("sub/b.py").unlink()
    once = made.TRAIN[made.TRAIN.index("model =") :]
    Path("a.py").write_text(made.TRAIN + once, encoding="utf-8")
    assert "4 findings, 4 new" in written()
    assert keraslint(*ALL).exit_code == 0
    Path("a.py").write_text(made.TRAIN + once * 2, encoding="utf-8")
    done = keraslint(*ALL)
    assert done.exit_code == 1
    assert [line for _, line in places(done.stdout)] == ["19", "23"]
    Path("a.py").write_text(made.TRAIN, encoding="utf-8")
    assert "no findings (2 more in the baseline), 2 entries of the baseline not found any more" in keraslint().stdout


def test_what_is_gone_is_reported_and_taken_out() -> None:
    written()
    Path("a.py").write_text(made.TRAIN.replace("from_logits=True", ""), encoding="utf-8")
    done = keraslint()
    assert done.exit_code == 0
    assert "2 entries of the baseline not found any more" in done.stdout  # the reader has no model then
    assert done.stderr == (
        "2 entries of the baseline are not found any more; `keraslint baseline --prune` takes out what is gone\n"
    )
    assert keraslint("--quiet").stderr == ""
    assert written("--prune") == f"{FILE}: 2 findings, 0 new, 2 gone\n"
    assert entries() == EVERY[2:]


def test_pruning_accepts_nothing_new() -> None:
    written("a.py")
    assert written("--prune") == f"{FILE}: 2 findings, 0 new, 0 gone\n"
    assert entries() == EVERY[:2]


def test_only_what_was_looked_at_can_be_gone() -> None:
    written()
    Path("sub/b.py").write_text("import keras\n", encoding="utf-8")
    assert keraslint("a.py").stderr == ""
    assert keraslint("--select", "unread-file").stderr == ""
    assert "2 entries" in keraslint("sub").stderr
    assert "2 entries" in keraslint("sub/b.py").stderr
    assert "4 findings, 0 new, 0 gone" in written("a.py")
    assert "4 findings, 0 new, 0 gone" in written("--select", "unread-file")
    assert "3 findings, 0 new, 1 gone" in written("--select", "model-*")
    Path("sub/b.py").unlink()
    assert "1 entry" in keraslint("a.py").stderr  # the file is gone, whatever was looked at
    assert "2 findings, 0 new, 1 gone" in written("a.py")


def test_a_file_that_cannot_be_judged_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    written()
    before = Path(FILE).read_bytes()
    Path("a.py").write_text("import keras  # fall over\n", encoding="utf-8")
    done = keraslint("baseline")
    assert done.exit_code == 101
    assert "fell over" in done.stderr
    assert Path(FILE).read_bytes() == before
    Path("a.py").unlink()
    Path("a.ipynb").write_text('{"keras": ', encoding="utf-8")
    assert "1 new, 2 gone" in written()


def test_what_was_measured_is_only_judged_by_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    written()
    document = json.loads(Path(FILE).read_text(encoding="utf-8"))
    document["findings"].append({"path": "a.py", "rule": "softmax-twice", "fingerprint": "f", "measured": True})
    Path(FILE).write_text(json.dumps(document), encoding="utf-8")
    assert keraslint().stderr == ""
    assert "5 findings, 0 new, 0 gone" in written()


def test_a_file_of_another_place() -> None:
    Path("keraslint.toml").unlink()
    said = written("--baseline", "sub/known.json")
    assert said.startswith("sub/known.json: 4 findings")
    assert said.count("\n") == 1
    assert keraslint(*ALL, "--baseline", "sub/known.json").exit_code == 0
    assert keraslint(*ALL, "--isolated", "--baseline", "sub/known.json").exit_code == 0
    assert keraslint(*ALL, "--config", 'baseline="sub/known.json"').exit_code == 0
    assert keraslint(*ALL).exit_code == 1


def test_without_a_configuration_it_says_how_it_is_used() -> None:
    Path("keraslint.toml").unlink()
    said = written().splitlines()
    assert said[0] == f"{FILE}: 4 findings, 4 new, 0 gone"
    assert f'`baseline = "{FILE}"`' in said[1]


def test_each_project_has_its_own() -> None:
    Path("sub/keraslint.toml").write_text('baseline = "own.json"\n', encoding="utf-8")
    assert written() == f"{FILE}: 2 findings, 2 new, 0 gone\nsub/own.json: 2 findings, 2 new, 0 gone\n"
    assert keraslint(*ALL).exit_code == 0


def test_no_files_write_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert written("empty") == "no Python files\n"
    assert not Path(FILE).exists()


def test_nothing_found_is_a_baseline_too() -> None:
    Path("a.py").write_text("import json\n", encoding="utf-8")
    assert written("a.py") == f"{FILE}: 0 findings, 0 new, 0 gone\n"
    assert keraslint("a.py").exit_code == 0


# --- the file --------------------------------------------------------------------------------------------------------


def test_it_is_written_the_same_again_and_a_change_is_a_line() -> None:
    written()
    first = Path(FILE).read_text(encoding="utf-8")
    state = os.stat(FILE)
    written()
    assert os.stat(FILE).st_mtime_ns == state.st_mtime_ns
    Path("sub/c.py").write_text(made.TRAIN, encoding="utf-8")
    written()
    lines = Path(FILE).read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(first.splitlines()) + 2
    assert [line for line in lines if "sub/c.py" not in line][:-3] == first.splitlines()[:-3]


@pytest.mark.skipif(os.name == "nt", reason="no modes")
def test_its_mode_and_a_link_to_it_stay() -> None:
    written()
    assert stat.S_IMODE(os.stat(FILE).st_mode) & 0o400
    os.chmod(FILE, 0o640)
    os.rename(FILE, "real.json")
    os.symlink("real.json", FILE)
    Path("sub/b.py").write_text("import keras\n", encoding="utf-8")
    assert "2 findings, 0 new, 2 gone" in written()
    assert Path(FILE).is_symlink()
    assert stat.S_IMODE(os.stat("real.json").st_mode) == 0o640
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everybody may write there")
def test_what_cannot_be_written_is_refused() -> None:
    written("a.py")
    os.chmod(FILE, 0o444)
    done = keraslint("baseline")
    assert done.exit_code == 2
    assert f"`{FILE}` cannot be written: the file is read-only" in done.stderr


def test_a_folder_cannot_be_written() -> None:
    Path(FILE).mkdir()
    done = keraslint("baseline")
    assert done.exit_code == 2
    assert f"`{FILE}` cannot be read: is a directory" in done.stderr
    done = keraslint("baseline", "--baseline", "no/such/b.json")
    assert done.exit_code == 2
    assert "`no/such/b.json` cannot be written: no such file or directory" in done.stderr


DAMAGED = [
    (None, f"there is no baseline `{FILE}`; `keraslint baseline` writes one"),
    (b"", f"{FILE}:1: not a baseline: expecting value"),
    (b'{\n "schema_version": 1,\n "findings": [\n', f"{FILE}:4: not a baseline: expecting value"),
    (b"[]", f"{FILE}: not a baseline: it has no `schema_version` and `findings`"),
    (b'{"findings": []}', f"{FILE}: not a baseline: it has no `schema_version`"),
    (b'{"schema_version": 2, "findings": []}', "another version of keraslint has written this (`schema_version` is 2"),
    (b'{"schema_version": 1, "findings": [{"rule": "a"}]}', "finding 1 has no `path`, `rule` and `fingerprint`"),
    (b'{"schema_version": 1, "findings": [7]}', "finding 1 has no `path`"),
    (b"{\n<<<<<<< ours\n=======\n>>>>>>> theirs\n}", f"{FILE}:2: a merge has left its marks here"),
    (b"\xff\xfe", f"{FILE}: not a baseline: the text is not UTF-8"),
    (b"[" * 100_000, f"{FILE}: not a baseline: nested too deep"),
]


@pytest.mark.parametrize(("data", "message"), DAMAGED)
def test_what_is_no_baseline_is_refused_and_left_alone(data: bytes | None, message: str) -> None:
    if data is not None:
        Path(FILE).write_bytes(data)
    done = keraslint()
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    if data is not None:
        assert keraslint("baseline").exit_code == 2
        assert Path(FILE).read_bytes() == data


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ENTRIES = st.builds(
    Entry, st.lists(TEXT, min_size=1, max_size=3, unique=True).map(tuple), TEXT, TEXT, TEXT, st.booleans()
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ENTRIES, max_size=6, unique_by=lambda entry: entry.fingerprint))
def test_what_is_written_is_read(entries: list[Entry]) -> None:
    baseline.write("round.json", entries)
    assert baseline.load("round.json") == {entry.fingerprint: entry for entry in entries}
    assert baseline.text_of(entries) == baseline.text_of(reversed(entries))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40) | TEXT.map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_refused(data: bytes) -> None:
    Path("any.json").write_bytes(data)
    with pytest.raises(BaselineError, match=r"any\.json"):
        baseline.load("any.json")

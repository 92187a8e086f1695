"""Which files a run is about: what is walked into, what git ignores, what is excluded, and what is opened at all."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from keraslint import checkout
from keraslint.config import Configuration, Overrides
from keraslint.discover import File, MissingPathError, discover, mentions_keras

unix = pytest.mark.skipif(os.name == "nt", reason="no such files there")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, far from any project."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    return tmp_path


def write(*names: str, text: str = "import keras\n") -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(paths: Iterable[str] = (".",), *, force_exclude: bool = False, **overrides: object) -> list[str]:
    configuration = Configuration(Overrides(**overrides))  # type: ignore[arg-type]
    return [file.path for file in discover(paths, configuration, force_exclude=force_exclude)]


def test_a_folder_gives_its_programs_in_a_fixed_order() -> None:
    write("b.py", "a.py", "pkg/z.pyw", "pkg/a/m.ipynb", "README.md", "data.json", "pkg/UPPER.PY")
    assert found() == ["a.py", "b.py", "pkg/UPPER.PY", "pkg/z.pyw", "pkg/a/m.ipynb"]


def test_other_peoples_code_is_left_out() -> None:
    left_out = (
        ".venv",
        "venv",
        "node_modules",
        "site-packages",
        "build",
        "dist",
        "__pycache__",
        ".git",
        ".tox",
        ".hidden",
    )
    write("a.py", *(f"{name}/a.py" for name in left_out), *(f"src/{name}/a.py" for name in left_out))
    assert found() == ["a.py"]
    assert found(["build"]) == ["build/a.py"]  # it was asked for


def test_a_file_is_named_once() -> None:
    write("a.py", "pkg/b.py")
    assert found(["pkg/b.py", ".", "./a.py", "pkg", str(Path("a.py").resolve())]) == ["pkg/b.py", "a.py"]


def test_a_named_file_is_taken_whatever_it_is_called() -> None:
    write("program", ".hidden/a.py", "build/b.py", ".gitignore", text="build/\n")
    assert found(["program", ".hidden/a.py", "build/b.py"]) == ["program", ".hidden/a.py", "build/b.py"]


def test_a_path_that_does_not_exist_is_refused_before_anything_is_opened() -> None:
    write("a.py")
    with pytest.raises(MissingPathError, match=r"`b\.py` does not exist"):
        discover(["a.py", "b.py"], Configuration())


def test_a_path_elsewhere_keeps_its_full_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("here/x.py", "there/a.py")
    monkeypatch.chdir(tmp_path / "here")
    assert found(["../there"]) == [(tmp_path / "there/a.py").as_posix()]


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="no symbolic links")
def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    write("pkg/a.py")
    (tmp_path / "pkg" / "loop").symlink_to(tmp_path)
    (tmp_path / "b.py").symlink_to(tmp_path / "pkg" / "a.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    assert found() == ["b.py", "pkg/a.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_what_is_no_file_is_not_opened() -> None:
    os.mkfifo("pipe.py")
    assert found() == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything can be read here")
def test_what_cannot_be_opened_is_not_passed_over(tmp_path: Path) -> None:
    write("closed/a.py", "secret.py")
    (tmp_path / "closed").chmod(0)
    (tmp_path / "secret.py").chmod(0)
    assert list(discover(["."], Configuration())) == [File("secret.py", unread=True), File("closed", unread=True)]
    (tmp_path / "closed").chmod(0o700)


def test_what_cannot_be_opened_will_be_read_for_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.py")

    def refuse(*arguments: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert list(discover(["a.py"], Configuration(Overrides(isolated=True)))) == [File("a.py", unread=True)]


# --- the bytes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "import keras",
        "from tensorflow import x",
        "import tf_keras as k",
        "import_module('keras')",
        "import tensorflow.python.keras",
    ],
)
def test_what_can_use_keras_mentions_it(text: str) -> None:
    assert mentions_keras(text.encode())


@pytest.mark.parametrize("text", ["", "import torch\n", "# Tensor flow", "KERAS_BACKEND"])
def test_what_does_not_mention_keras_is_not_kept(text: str) -> None:
    write("a.py", text=text)
    assert list(discover(["a.py"], Configuration())) == [File("a.py")]
    assert not File("a.py").worth_reading


def test_what_mentions_keras_is_opened_once() -> None:
    write("a.py")
    (file,) = discover(["a.py"], Configuration())
    assert file.data == b"import keras\n"
    assert file.worth_reading


# --- excludes --------------------------------------------------------------------------------------------------------


def test_excludes_on_the_command_line_are_relative_to_the_current_folder() -> None:
    write("a.py", "test_a.py", "pkg/test_b.py", "pkg/gen/c.py", "gen/d.py")
    assert found(exclude=("test_*.py",)) == ["a.py", "gen/d.py", "pkg/gen/c.py"]
    assert found(exclude=("gen",)) == ["a.py", "test_a.py", "pkg/test_b.py"]
    assert found(exclude=("pkg/gen",)) == ["a.py", "test_a.py", "gen/d.py", "pkg/test_b.py"]
    assert found(exclude=("./pkg/",)) == ["a.py", "test_a.py", "gen/d.py"]
    assert found(exclude=("**/gen/*.py",)) == ["a.py", "test_a.py", "pkg/test_b.py"]


def test_excludes_in_a_file_are_relative_to_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("pkg/a.py", "pkg/old/b.py", "old/c.py")
    write("pkg/keraslint.toml", text="exclude = ['old/*']\n")
    assert found() == ["old/c.py", "pkg/a.py"]
    monkeypatch.chdir(tmp_path / "pkg" / "old")
    assert found([".."]) == [(tmp_path / "pkg/a.py").as_posix()]


def test_an_exclude_covers_a_named_file_only_by_force() -> None:
    write("gen/a.py", "build/b.py", "c.py", "d.py")
    write(".gitignore", text="d.py\n")
    named = ["gen/a.py", "build/b.py", "c.py", "d.py"]
    assert found(named, exclude=("gen",)) == named
    assert found(named, exclude=("gen",), force_exclude=True) == ["c.py"]
    assert found(["gen"], exclude=("gen",), force_exclude=True) == []


def test_standard_input_is_a_file_by_its_name() -> None:
    write("gen/a.py")
    piped = File("gen/b.py", b"import keras")
    configuration = Configuration(Overrides(exclude=("gen",)))
    assert list(discover(["-"], configuration, piped=piped)) == [piped]
    assert list(discover(["-"], configuration, piped=piped, force_exclude=True)) == []


# --- git -------------------------------------------------------------------------------------------------------------

PATHS = [
    *("a.py", "b.py", "docs/a.py", "docs/x/a.py", "docs/x/y/b.py", "src/gen/a.py", "src/gen/keep.py", "gen/a.py"),
    *("src/a[1].py", "src/#a.py", "src/!a.py", "out/a.py", "out/deep/b.py", "src/out/c.py", "x y.py", "ab/c/d.py"),
]

PATTERNS = [
    *("a.py", "/a.py", "*.py", "docs/", "/docs/", "docs/*", "docs/**", "**/a.py", "docs/**/b.py", "x/", "gen", "gen/"),
    *(
        "src/gen",
        "/src/*/a.py",
        "[ab].py",
        "[!a].py",
        "?.py",
        "a*",
        "out/deep",
        "deep/",
        "ab/**/d.py",
        "x\\ y.py",
        "x y.py  ",
    ),
    *(
        "\\#a.py",
        "\\!a.py",
        "src/a\\[1\\].py",
        "src/a[[]1].py",
        "# a.py",
        "",
        "/",
        "**",
        "*",
        "docs/x/**",
        "*/a.py",
        "src/**/",
    ),
    *(
        "*.py\n!a.py",
        "docs/\n!docs/a.py",
        "docs/*\n!docs/x/",
        "gen/*\n!gen/keep.py",
        "src/gen/*\n!src/gen/keep.py",
        "!a.py\na.py",
    ),
    *(
        "[z-a].py",
        "a.py\r",
        "docs//a.py",
        "**/x/**/b.py",
        "s?c/out",
        "out\n!out/deep",
        "[]a].py",
        "[^a].py",
        "a[^/]*.py",
        "/**/a.py",
    ),
]


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return done.stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="no git to compare with")
@pytest.mark.parametrize("patterns", PATTERNS)
@pytest.mark.parametrize("git_is_there", [True, False])
def test_what_git_ignores_is_left_out(patterns: str, git_is_there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keraslint.discover.LEFT_OUT", frozenset())
    if not git_is_there:
        monkeypatch.setattr(checkout, "_git", lambda: None)
    git("init", "--quiet")
    write(*PATHS)
    Path(".gitignore").write_text(patterns + "\n", encoding="utf-8", newline="")
    listed = git("-c", "core.excludesFile=", "ls-files", "-z", "--others", "--exclude-standard", "--", "*.py")
    assert sorted(found()) == sorted(name for name in listed.split("\0") if name)


@pytest.mark.skipif(shutil.which("git") is None, reason="no git to compare with")
@pytest.mark.parametrize("git_is_there", [True, False])
def test_ignore_files_work_together_as_in_git(
    git_is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not git_is_there:
        monkeypatch.setattr(checkout, "_git", lambda: None)
    git("init", "--quiet")
    write(*PATHS)
    write(".gitignore", text="a.py\ndocs/x/\n")
    write("src/.gitignore", text="!a.py\n/gen/keep.py\n")
    write("src/gen/.gitignore", text="*\n!keep.py\n")
    write(".git/info/exclude", text="ab/\n")
    listed = git("-c", "core.excludesFile=", "ls-files", "-z", "--others", "--exclude-standard", "--", "*.py")
    assert sorted(found()) == sorted(name for name in listed.split("\0") if name)
    # From inside the checkout the files above hold too.
    monkeypatch.chdir(tmp_path / "src")
    assert sorted(found()) == sorted(
        name.removeprefix("src/") for name in listed.split("\0") if name.startswith("src/")
    )


def test_ignore_files_above_a_folder_that_is_no_checkout_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(".gitignore", text="*\n")
    write("pkg/a.py", "pkg/b.py")
    write("pkg/.gitignore", text="b.py\n")
    monkeypatch.chdir(tmp_path / "pkg")
    assert found() == ["a.py"]


def test_a_checkout_in_a_checkout_has_its_own_rules() -> None:
    write(".gitignore", text="a.py\n")
    write("inner/a.py", "inner/b.py", "a.py")
    write("inner/.gitignore", text="b.py\n")
    Path("inner/.git").mkdir()
    assert found() == ["inner/a.py"]


with_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git to ask")


def commit(*names: str) -> None:
    """Make the current folder a checkout in which these files are tracked."""
    git("init", "--quiet")
    git("add", "--force", "--", *names)
    git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "all")


@with_git
def test_what_is_tracked_is_not_ignored() -> None:
    write("out/a.py", "out/b.py", "c.py", "gone.py")
    write(".gitignore", text="out/\nc.py\n")
    commit("out/a.py", "gone.py")
    Path("gone.py").unlink()
    assert found() == ["out/a.py"]
    assert found(["out"]) == ["out/a.py"]
    assert found(["out/a.py", "out/b.py", "c.py"], force_exclude=True) == ["out/a.py"]
    assert found(["out"], force_exclude=True) == ["out/a.py"]


@with_git
def test_an_ignored_folder_that_is_named_is_looked_into() -> None:
    write("out/a.py", "out/deep/b.py")
    write(".gitignore", text="out/\n")
    git("init", "--quiet")
    assert found() == []
    assert found(["out"]) == ["out/a.py", "out/deep/b.py"]
    assert found(["out"], force_exclude=True) == []


@with_git
def test_the_rules_of_a_user_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.py", "scratch_b.py")
    (tmp_path / "mine").write_text("scratch_*\nmine\n", encoding="utf-8")
    (tmp_path / "config").write_text(f"[core]\nexcludesFile = {tmp_path.as_posix()}/mine\n", encoding="utf-8")
    git("init", "--quiet")
    assert found() == ["a.py", "scratch_b.py"]
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    assert found() == ["a.py"]


@with_git
def test_a_work_tree_of_its_own_is_a_checkout(tmp_path: Path) -> None:
    write("one/a.py", "one/b.py", "one/.gitignore", text="b.py\n")
    os.chdir("one")
    commit("a.py", ".gitignore")
    git("worktree", "add", "--quiet", "../two", "HEAD")
    write("../two/b.py", "../two/c.py")
    os.chdir("../two")
    assert found() == ["a.py", "c.py"]


@with_git
def test_checkouts_in_a_checkout_are_asked_for_themselves(tmp_path: Path) -> None:
    for name in ("lib", "inner/deep"):
        write(f"{name}/a.py", f"{name}/b.py", f"{name}/pkg/c.py")
        write(f"{name}/.gitignore", text="b.py\n")
        os.chdir(name)
        commit("a.py", "pkg/c.py")
        os.chdir(tmp_path)
    os.rename("lib", ".elsewhere")
    write("a.py")
    write(".gitignore", text="a.py\n")
    git("init", "--quiet")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./.elsewhere", "sub")
    write("sub/new.py", "sub/b.py")
    Path("sub/.gitignore").write_text("b.py\n", encoding="utf-8")
    assert found() == ["inner/deep/a.py", "inner/deep/pkg/c.py", "sub/a.py", "sub/new.py", "sub/pkg/c.py"]
    shutil.rmtree("sub")
    assert found() == ["inner/deep/a.py", "inner/deep/pkg/c.py"]


@with_git
def test_what_is_tracked_need_not_be_there() -> None:
    write("a.py", "gone/a.py", "gone/deep/b.py", "now_a_file/a.py", "now_a_folder.py", "link/a.py")
    commit("a.py", "gone", "now_a_file", "now_a_folder.py", "link")
    for folder in ("gone", "now_a_file", "link"):
        shutil.rmtree(folder)
    Path("now_a_folder.py").unlink()
    write("now_a_file", "now_a_folder.py/b.py")
    Path("now_a_file").chmod(0o755)
    assert found() == ["a.py", "now_a_folder.py/b.py"]


@with_git
def test_a_hook_of_another_repository_says_nothing_about_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.py", "b.py", ".gitignore", text="b.py\n")
    commit("a.py")
    write("elsewhere/.keep")
    for name, value in {"GIT_DIR": "elsewhere", "GIT_INDEX_FILE": "no/index", "GIT_WORK_TREE": "elsewhere"}.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    assert found() == ["a.py"]


@with_git
@unix
def test_looking_starts_no_program_of_the_checkout(tmp_path: Path) -> None:
    write("a.py")
    commit("a.py")
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n", encoding="utf-8")
    program.chmod(0o755)
    hook = tmp_path / ".git" / "hooks" / "post-index-change"
    hook.write_text(program.read_text(encoding="utf-8"), encoding="utf-8")
    hook.chmod(0o755)
    git("config", "core.fsmonitor", str(program))
    git("status", "--short")
    assert (tmp_path / "started").exists()  # git as it is would start it
    (tmp_path / "started").unlink()
    assert found() == ["a.py"]
    assert found(["a.py"], force_exclude=True) == ["a.py"]
    assert not (tmp_path / "started").exists()


@with_git
@unix
def test_a_git_that_complains_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.py", "b.py", ".gitignore", text="b.py\n")
    git("init", "--quiet")
    for script in (
        "echo a.py >&2",
        "exit 1",
        "printf 'b.py\\0'; kill $$",
        "yes | head -c 300000 >&2; printf 'b.py\\0'",
    ):
        (tmp_path / "git").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / "git").chmod(0o755)
        monkeypatch.setattr(checkout, "_git", lambda: str(tmp_path / "git"))
        assert found() == ["a.py"], script
    monkeypatch.setattr(checkout, "_git", lambda: str(tmp_path / "no such program"))
    assert found() == ["a.py"]


@unix
def test_a_git_in_the_current_folder_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", "relative"]))
    assert checkout._git.__wrapped__() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checkout._git.__wrapped__() == str(tmp_path / "git")


@with_git
def test_git_and_its_absence_give_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    write("b.py", "B.py", "a/z.py", "a/b/c.py", "a-b/c.py", "a.py", "ä/x.py", "x y/[1].py", "deep/deep/deep/n.ipynb")
    git("init", "--quiet")
    git("add", "b.py", "a")
    listed = found()
    monkeypatch.setattr(checkout, "_git", lambda: None)
    assert found() == listed
    assert listed[:3] == ["B.py", "a.py", "b.py"]


ATOMS = r"""
a b ? * ~ $ ** ab a.py *.py ?.py [ab] [!a] [^b].py [a-c]* a* *b x&y.py x\&y.py é.py [é].py \#a.py #a.py \!a.py [[]a].py
a[1].py []a]* \a \* [[:alpha:]].py [[:alpha:][:digit:]]* [z-a]* {a,b}.py (a) a|b ^a .* [A-Z]* [!A-Z]* a.p[xy] a\\b.py
"""
"""Parts of patterns; `&` stands for a blank."""


@st.composite
def rules(draw: st.DrawFn) -> str:
    """One line of a .gitignore."""
    line = "/".join(draw(st.lists(st.sampled_from(ATOMS.split()), min_size=1, max_size=3))).replace("&", " ")
    front = draw(st.sampled_from(["", "", "", "!", "/", "!/"]))
    return front + line + draw(st.sampled_from(["", "", "", "/", " ", "\\ ", "\t", "\r"]))


ODD = [f"{folder}{name}" for folder in ("", "a/", "b/", "a/b/", "a/b/ab/", "ab/") for name in ("a.py", "b.py", "c.py")]
ODD += ["x y.py", "é.py", "a/é.py", "[a].py", "a[1].py", "#a.py", "b/!a.py", "A.py", "a/A.py", "ab/.h.py", "b/a*.py"]


@with_git
@unix
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(lines=st.lists(rules(), min_size=1, max_size=5), inner=st.lists(rules(), max_size=3))
def test_our_reading_of_the_rules_is_that_of_git(lines: list[str], inner: list[str]) -> None:
    if not os.path.exists(".git"):
        git("init", "--quiet")
        write(*ODD)
    Path(".gitignore").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    Path("a/.gitignore").write_text("\n".join(inner) + "\n", encoding="utf-8", newline="")
    assume(not re.search(r"\w\*\*|\*\*\w|\[[^]]*/", "\n".join(lines + inner)))  # where git itself is of two minds
    with pytest.MonkeyPatch.context() as patch:
        listed = found()
        patch.setattr(checkout, "_git", lambda: None)
        assert found() == listed


# --- what is odd -----------------------------------------------------------------------------------------------------


@unix
def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write("a.py")
    (tmp_path / "round.py").symlink_to("round.py")
    (tmp_path / "one.py").symlink_to("two.py")
    (tmp_path / "two.py").symlink_to("one.py")
    (tmp_path / "folder.py").symlink_to(tmp_path)
    assert found() == ["a.py"]
    with pytest.raises(MissingPathError, match="too many levels"):
        found(["round.py"])


@unix
def test_devices_and_sockets_are_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.py")
        assert found() == []
        with pytest.raises(MissingPathError, match=r"`s\.py` is a device"):
            found(["s.py"])
    with pytest.raises(MissingPathError, match="`/dev/zero` is a device, not a file"):
        found(["/dev/zero"])
    assert found([os.devnull]) == [os.devnull]


def test_a_misspelt_path_is_met_with_its_neighbour() -> None:
    write("train.py", "src/models/net.py")
    for wrong, right in {
        "trian.py": "train.py",
        "src/models/nte.py": "src/models/net.py",
        "scr/models/net.py": "src/models/net.py",
        "src/modles": "src/models",
        "./Train.py": "./train.py",
    }.items():
        with pytest.raises(MissingPathError) as refused:
            found([wrong])
        assert str(refused.value) == f"`{wrong}` does not exist; did you mean `{os.path.join(*right.split('/'))}`?"
    with pytest.raises(MissingPathError, match=r"^`zzz` does not exist; `a\\x00b`|embedded null byte"):
        found(["zzz", "a\0b", "train.py", "zzz"])


@unix
def test_a_broken_link_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to("nowhere")
    with pytest.raises(MissingPathError, match=r"`a\.py` is a link that leads nowhere"):
        found(["a.py"])


@unix
def test_a_pipe_is_a_file_like_any_other() -> None:
    os.mkfifo("pipe.py")
    with subprocess.Popen(["sh", "-c", "echo import keras >pipe.py"]):
        (file,) = discover(["pipe.py"], Configuration())
    assert file == File("pipe.py", b"import keras\n")

"""Which files a run is about: what is walked into, what git ignores, what is excluded, and what is opened at all."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from keraslint.config import Configuration, Overrides
from keraslint.discover import File, MissingPathError, discover, mentions_keras


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, far from any project."""
    monkeypatch.chdir(tmp_path)
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
def test_what_git_ignores_is_left_out(patterns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keraslint.discover.LEFT_OUT", frozenset())
    git("init", "--quiet")
    write(*PATHS)
    Path(".gitignore").write_text(patterns + "\n", encoding="utf-8", newline="")
    listed = git("-c", "core.excludesFile=", "ls-files", "-z", "--others", "--exclude-standard", "--", "*.py")
    assert sorted(found()) == sorted(name for name in listed.split("\0") if name)


@pytest.mark.skipif(shutil.which("git") is None, reason="no git to compare with")
def test_ignore_files_work_together_as_in_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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

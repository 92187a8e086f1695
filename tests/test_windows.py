"""Paths as Windows has them, where there is no Windows: every function that only looks at the text of a path is given
the rules of the other system."""

from __future__ import annotations

import ntpath
from types import SimpleNamespace

import pytest

from keraslint import completion, config, discover, gitignore
from keraslint.config import PerFile, Settings, below, covers, shown

PROJECT = "C:\\Code\\Jö\\my project"


@pytest.fixture(autouse=True)
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    there = SimpleNamespace(path=ntpath, sep="\\", curdir=".", getcwd=lambda: PROJECT, fspath=str, name="nt")
    there.fsencode = lambda text: text.encode("utf-8", "surrogatepass")
    for room in (config, discover, gitignore):
        monkeypatch.setattr(room, "os", there)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"{PROJECT}\\train.py", "train.py"),
        (f"{PROJECT}\\src\\net.py", "src/net.py"),
        ("c:\\code\\jö\\My Project\\src\\Net.py", "src/Net.py"),
        (f"{PROJECT} 2\\a.py", "C:/Code/Jö/my project 2/a.py"),
        ("D:\\data\\a.py", "D:/data/a.py"),
        ("\\\\server\\share\\a.py", "//server/share/a.py"),
        (f"{PROJECT}\\{'d' * 200}\\{'e' * 200}\\a.py", f"{'d' * 200}/{'e' * 200}/a.py"),
    ],
)
def test_how_a_path_is_said(path: str, said: str) -> None:
    assert shown(path) == said


def test_the_root_of_a_drive_is_a_folder() -> None:
    assert below("C:\\", "C:\\a\\b.py") == "a/b.py"
    assert below("C:\\", "D:\\a\\b.py") is None
    assert below("\\\\server\\share", "\\\\server\\share\\a.py") == "a.py"
    assert below("\\\\server\\share", "\\\\server\\shared\\a.py") is None


@pytest.mark.parametrize(
    ("glob", "path", "covered"),
    [
        ("gen", "gen", True),
        ("*_pb2.py", "src\\a_pb2.py", True),
        ("src/gen", "src\\gen", True),
        ("src\\gen", "src\\gen", True),
        (".\\src\\gen\\", "src\\gen", True),
        ("src\\*.py", "src\\a.py", True),
        ("**/gen/*.py", "src\\gen\\a.py", True),
        ("src/gen", "lib\\gen", False),
        ("C:/Code/Jö/my project/src/*", "src\\a.py", False),
    ],
)
def test_globs_have_either_slash(glob: str, path: str, covered: bool) -> None:
    for top in (PROJECT, PROJECT.replace("C:", "c:")):
        assert covers(PROJECT, glob, f"{top}\\{path}") is covered
        assert discover.excluded(f"{top}\\{path}", Settings(exclude=((PROJECT, glob),))) is covered


def test_a_glob_may_name_another_drive() -> None:
    assert covers(PROJECT, "D:/data/*.py", "D:\\data\\a.py")
    assert covers(PROJECT, "D:\\data\\*.py", "D:\\data\\a.py")
    assert not covers(PROJECT, "D:\\data\\*.py", "E:\\data\\a.py")


def test_rules_for_some_files() -> None:
    tests = PerFile(PROJECT, "tests\\*", ("a-rule",))
    assert tests.concerns(f"{PROJECT}\\tests\\deep\\a.py")
    assert not tests.concerns(f"{PROJECT}\\src\\a.py")
    assert PerFile(PROJECT, "!tests/*", ("a-rule",)).concerns("c:\\code\\jö\\my project\\src\\a.py")


def test_the_rules_of_git() -> None:
    patterns = gitignore.Patterns(PROJECT, ["out/", "/src/*.py", "!/src/keep.py", "a\\ b.py"])

    def ignored(path: str, *, folder: bool = False) -> bool:
        return gitignore.ignored((patterns,), f"{PROJECT}\\{path}", folder=folder)

    assert ignored("deep\\out", folder=True)
    assert ignored("src\\a.py")
    assert ignored("deep\\a b.py")
    assert not ignored("src\\keep.py")
    assert not ignored("src\\deep\\a.py")


def test_what_shells_are_offered_knows_no_paths() -> None:
    assert {word for word, _ in completion.formats()} >= {"full", "json"}

"""Which Python measures: the one that is named, the active environment, the project's, or our own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from keraslint.probe import pythons
from keraslint.probe.pythons import Python, PythonError, find, look

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="interpreters are made of shell scripts")

VERSION = ".".join(map(str, sys.version_info[:3]))


def made(environment: Path, *packages: str, version: str = "3.12.1") -> str:
    """A folder that looks like an environment with these packages."""
    told = json.dumps({"version": version, "packages": packages})
    return script(environment / "bin" / "python", f"echo 'a line of a site'\necho 'keraslint-python {told}'")


def script(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file two folders deep in a repository."""
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    return str(tmp_path / "repository" / "source" / "train.py")


def test_the_active_environment_goes_before_that_of_the_project(tmp_path: Path, file: str) -> None:
    own, active = (made(place, "keras") for place in (tmp_path / "repository" / ".venv", tmp_path / "active"))
    assert find(file, environment={}).path == own
    assert find(file, environment={"VIRTUAL_ENV": str(tmp_path / "active")}).path == active
    assert find(file, environment={"CONDA_PREFIX": str(tmp_path / "active")}).path == active
    assert find(file, environment={"VIRTUAL_ENV": str(tmp_path / "gone")}).path == own


def test_why_it_was_chosen_is_told(tmp_path: Path, file: str) -> None:
    path = made(tmp_path / "repository" / "venv", "keras", "jax")
    python = find(file, environment={})
    assert str(python) == f"Python 3.12.1 at `{path}` (`venv` of the project)"
    assert python.packages == {"keras", "jax"}


def test_the_nearest_environment_with_keras_counts_up_to_the_repository(tmp_path: Path, file: str) -> None:
    outside = made(tmp_path / ".venv", "keras")
    assert find(file, environment={}).path not in {outside}
    whole = made(tmp_path / "repository" / ".venv", "tensorflow")
    assert find(file, environment={}).path == whole
    near = made(tmp_path / "repository" / "source" / ".venv", "keras")
    assert find(file, environment={}).path == near


def test_one_without_keras_is_passed_by_for_one_that_has_it(tmp_path: Path, file: str) -> None:
    made(tmp_path / "active", "numpy")
    path = made(tmp_path / "repository" / ".venv", "tf_keras")
    assert find(file, environment={"VIRTUAL_ENV": str(tmp_path / "active")}).path == path


def test_without_any_keras_the_first_in_reach_says_so(
    tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", made(tmp_path / "ours"))
    path = made(tmp_path / "active", "numpy")
    python = find(file, environment={"VIRTUAL_ENV": str(tmp_path / "active")})
    assert python.lacks == f"no Keras in `{path}` (the active environment, `VIRTUAL_ENV`)"


@pytest.mark.parametrize("name", ["bin/python", "", "."])
def test_what_is_named_may_be_an_interpreter_or_its_environment(tmp_path: Path, file: str, name: str) -> None:
    path = made(tmp_path / "named", "keras")
    made(tmp_path / "active", "keras")
    python = find(file, str(tmp_path / "named" / name), {"VIRTUAL_ENV": str(tmp_path / "active")})
    assert (python.path, python.why) == (path, "`--python`")


def test_what_is_named_is_taken_also_without_keras(tmp_path: Path, file: str) -> None:
    made(tmp_path / "active", "keras")
    path = made(tmp_path / "named")
    python = find(file, path, {"VIRTUAL_ENV": str(tmp_path / "active")})
    assert python.lacks == f"no Keras in `{path}` (`--python`)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo 'Python 3.8' >&2; exit 1", "it is Python 3.8"),
        ("echo hello", "it does not say its version"),
        ("exit 3", "it does not say its version"),
        ("echo 'keraslint-python []'", "it does not say its version"),
    ],
)
def test_what_is_named_must_be_a_python(tmp_path: Path, file: str, text: str, reason: str) -> None:
    path = script(tmp_path / "python", text)
    with pytest.raises(PythonError) as raised:
        find(file, path)
    assert str(raised.value) == f"`{path}` is no Python 3.9 or newer: {reason}"


def test_what_is_named_must_exist(tmp_path: Path, file: str) -> None:
    for name in (str(tmp_path / "nothing"), str(tmp_path), "no-such-python"):
        with pytest.raises(PythonError, match="there is no such file"):
            find(file, name)
    (tmp_path / "text").write_text("no program")
    with pytest.raises(PythonError, match="permission denied"):
        find(file, str(tmp_path / "text"))


def test_our_own_python_tells_what_it_is() -> None:
    version, packages, reason = look(sys.executable)
    assert (version, reason) == (VERSION, "")
    assert packages >= {"numpy"}


def test_the_backend_is_what_the_program_asks_for_then_what_the_user_has_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = Python("python", "", "3.12", frozenset({"keras", "torch", "jax"}))
    nothing = {"KERAS_HOME": str(tmp_path)}
    assert python.backend(None, nothing) == "jax"
    (tmp_path / "keras.json").write_text('{"backend": "torch"}')
    assert python.backend(None, nothing) == "torch"
    assert python.backend(None, {**nothing, "KERAS_BACKEND": "tensorflow"}) == "tensorflow"
    assert python.backend("jax", {**nothing, "KERAS_BACKEND": "tensorflow"}) == "jax"
    for broken in ("[]", "{", '{"backend": "theano"}'):
        (tmp_path / "keras.json").write_text(broken)
        assert python.backend(None, nothing) == "jax"
    assert Python("python", "", "3.12", frozenset()).backend(None, {"KERAS_HOME": "/nothing"}) is None
    assert pythons.BACKENDS[0] == "tensorflow"

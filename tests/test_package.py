"""The built package: it holds everything, and works where nobody has installed TensorFlow."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import keraslint

PROGRAM = """\
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
model.compile("adam", loss=keras.losses.CategoricalCrossentropy(from_logits=True))
"""


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built for real."""
    out = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, root, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an empty environment that has the wheel and what it depends on."""
    home = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(home, with_pip=True, symlinks=sys.platform != "win32")
    commands = home / ("Scripts" if sys.platform == "win32" else "bin")
    done = run(commands / "python", "-m", "pip", "install", "--quiet", wheel, cwd=home)
    assert done.returncode == 0, done.stdout + done.stderr
    return commands


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files_below(folder: Path) -> set[str]:
    """Everything of a package on disk, as a wheel names it."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder.parent).as_posix() for path in found}


@pytest.mark.parametrize("package", ["keraslint", "rules/keraslint_rules"])
def test_the_wheel_holds_every_file(package: str, root: Path, wheel: Path) -> None:
    files = files_below(root / package)
    assert f"{Path(package).name}/py.typed" in files
    assert files <= names_in(wheel)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names_in(wheel)}
    assert tops == {"keraslint", "keraslint_rules", f"keraslint-{keraslint.__version__}.dist-info"}


def test_the_wheel_says_what_it_is(root: Path, wheel: Path) -> None:
    about = f"keraslint-{keraslint.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(f"{about}/licenses/LICENSE") == (root / "LICENSE").read_bytes()
        metadata = archive.read(f"{about}/METADATA").decode()
        entry_points = archive.read(f"{about}/entry_points.txt").decode()
    assert "License-Expression: Apache-2.0\n" in metadata
    assert "Requires-Python: >=3.11\n" in metadata
    assert "[keraslint.rules]\nstandard = keraslint_rules\n" in entry_points
    assert "[pytest11]\nkeraslint = keraslint.pytest_plugin\n" in entry_points
    assert {f"Provides-Extra: {extra}" for extra in ("lsp", "notebook", "probe")} <= set(metadata.splitlines())


def test_the_environment_has_no_keras(installed: Path, tmp_path: Path) -> None:
    for name in ("keras", "tensorflow", "numpy"):
        done = run(installed / "python", "-c", f"import {name}", cwd=tmp_path)
        assert "ModuleNotFoundError" in done.stderr


def test_it_says_its_version(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "keraslint", "--version", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert keraslint.__version__ in done.stdout


def test_it_knows_every_rule_on_disk(root: Path, installed: Path, tmp_path: Path) -> None:
    done = run(installed / "keraslint", "rules", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = {path.stem.replace("_", "-") for path in (root / "rules" / "keraslint_rules").glob("[!_]*.py")}
    assert names
    assert {name for name in names if f'"{name}"' not in done.stdout} == set()


def test_it_finds_a_slip(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM, encoding="utf-8")
    done = run(installed / "keraslint", "train.py", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "[probabilities-as-logits]" in done.stdout
    assert "train.py:3" in done.stdout or "train.py:4" in done.stdout


def test_it_writes_a_page(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM, encoding="utf-8")
    done = run(installed / "keraslint", "train.py", "--output-format", "html=report.html", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "probabilities-as-logits" in page
    assert 'class="model-drawing' in page


def test_its_server_says_what_it_needs(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "keraslint", "server", cwd=tmp_path)
    assert done.returncode == 2
    assert "needs pygls 2: pip install 'keraslint[lsp]'" in done.stderr


def test_it_is_content_with_what_is_right(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM.replace("from_logits=True", ""), encoding="utf-8")
    done = run(installed / "keraslint", "train.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr

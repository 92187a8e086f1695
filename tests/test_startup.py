"""What a run loads: nothing that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

HEAVY = {"libcst", "rich", "jinja2", "numpy", "tensorflow", "keras"}

PROGRAM = """\
import sys
sys.path[:0] = {paths!r}
sys.argv = ["keraslint", *{arguments!r}]
from keraslint.cli import main
try:
    main()
except SystemExit as end:
    code = end.code
print("loaded", code, *sys.modules)
"""


def loaded(*arguments: str, cwd: Path) -> tuple[int, set[str]]:
    """The exit code of a command in a fresh interpreter, and every module that it has loaded."""
    program = PROGRAM.format(paths=[str(ROOT), str(ROOT / "rules")], arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    word, code, *modules = done.stdout.splitlines()[-1].split()
    assert word == "loaded"
    return int(code), set(modules)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plain.py").write_text("import json\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["plain.py"],
        ["."],
        [],
        ["check", "plain.py", "--output-format", "concise", "--quiet"],
    ],
)
def test_without_keras_neither_the_model_nor_a_library_is_loaded(arguments: list[str], folder: Path) -> None:
    code, modules = loaded(*arguments, cwd=folder)
    assert code == 0
    assert not modules & HEAVY
    ours = {name for name in modules if name.startswith("keraslint")}
    assert not ours & {
        "keraslint.model",
        "keraslint.rule",
        "keraslint.registry",
        "keraslint.source",
        "keraslint.static",
    }
    assert not any(name.startswith("keraslint_rules") for name in modules)
    # These three take longer to import than everything that such a run does.
    assert not modules & {"importlib.metadata", "tomllib", "subprocess"}


def test_a_configuration_is_verified_without_a_rule(folder: Path) -> None:
    config = (
        'ignore = ["softmax-*"]\nseverity = { dropout-rate = "note" }\nper-file-ignores = { "a" = ["no-gradient"] }\n'
    )
    (folder / "keraslint.toml").write_text(config, encoding="utf-8")
    code, modules = loaded(".", cwd=folder)
    assert code == 0
    assert not modules & {*HEAVY, "keraslint.model", "keraslint.registry", "keraslint_rules", "importlib.metadata"}
    (folder / "keraslint.toml").write_text('ignore = ["softmaxx-*"]\n', encoding="utf-8")
    assert loaded(".", cwd=folder)[0] == 2


def test_the_version_does_not_even_need_the_findings(folder: Path) -> None:
    assert "keraslint.finding" not in loaded("--version", cwd=folder)[1]


def test_a_program_is_read_without_numpy_and_shown_without_rich(folder: Path) -> None:
    (folder / "train.py").write_text("import keras\n", encoding="utf-8")
    program = "\n".join(
        [
            f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'rules')]!r}",
            "from keraslint import registry",
            "registry.installed = lambda: tuple(registry.rules_in('keraslint_rules'))",
            PROGRAM.format(paths=[], arguments=["train.py"]),
        ]
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    modules = set(done.stdout.splitlines()[-1].split())
    assert "keraslint.static.recovery" in modules
    assert not modules & HEAVY


# --- the package root ------------------------------------------------------------------------------------------------


def fresh(code: str) -> str:
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_root_loads_a_name_when_it_is_asked_for() -> None:
    assert (
        fresh("import keraslint; print(sorted(n for n in sys.modules if n.startswith('keraslint')))") == "['keraslint']"
    )
    assert fresh("from keraslint import Severity; print('keraslint.model' in sys.modules)") == "False"


def test_every_public_name_is_there() -> None:
    assert (
        fresh("from keraslint import *; import keraslint; print(*(n for n in keraslint.__all__ if n not in globals()))")
        == ""
    )
    missing = "import keraslint\ntry: keraslint.nothing\nexcept AttributeError as error: print(error)"
    assert fresh(missing) == "module 'keraslint' has no attribute 'nothing'"


@pytest.mark.parametrize("name", ["rule", "objective", "lint"])
@pytest.mark.parametrize("first", ["keraslint", "keraslint.{name}", "keraslint.cli"])
def test_a_function_is_not_hidden_by_the_module_it_lives_in(name: str, first: str) -> None:
    start = f"import {first.format(name=name)}; import keraslint"
    assert fresh(f"{start}; print(callable(keraslint.{name}), keraslint.{name}.__name__)") == f"True {name}"
    assert fresh(f"{start}; from keraslint import {name}; import keraslint.{name}; print(callable({name}))") == "True"
    assert fresh(f"import keraslint.{name}; print(type(sys.modules['keraslint.{name}']).__name__)") == "module"

"""What authors of rules get: the beginning of a rule, rules of a project's own, packs of others, and a way to test."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from keraslint import registry, testing
from keraslint.cli import cli

PACK = Path(__file__).parent / "pack"
CONFIG = '[tool.keraslint]\nrules = ["lint"]\n'
WRONG = """\
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(13)])  # expect: {name}
model.compile("sgd", "mse")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with a folder for rules of its own; what was imported from it is forgotten afterwards."""
    (tmp_path / "lint").mkdir()
    (tmp_path / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    forget()


def forget() -> None:
    """Forget what was imported and seen: every run of the command is a process of its own."""
    registry.local.cache_clear()
    testing.report.cache_clear()
    for name in [name for name in sys.modules if name.startswith("keraslint_local_")]:
        del sys.modules[name]
    invalidate_caches()


def keraslint(*arguments: str) -> Result:
    forget()
    done = CliRunner().invoke(cli, list(arguments))
    forget()
    return done


def fill(file: Path) -> None:
    """Write the pattern into the beginning of a rule, as its author would."""
    text = file.read_text(encoding="utf-8")
    assert "Fact(0)" in text
    text = text.replace("Fact(0)", "Fact(13)").replace("Dense(1)", "Dense(13)").replace("is wrong here", "brings luck")
    file.write_text(text, encoding="utf-8")


# --- keraslint new ---------------------------------------------------------------------------------------------------


def test_a_rule_begins_with_its_file_and_two_programs(project: Path) -> None:
    done = keraslint("new", "unlucky-units")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        os.path.join("lint", "unlucky_units.py"),
        os.path.join("lint", "fixtures", "unlucky_units", "sequential_list.py"),
        os.path.join("lint", "fixtures", "unlucky_units", "near_miss_other_units.py"),
    ]
    assert "unlucky-units" in keraslint("rules").stdout
    assert "One sentence that says what is wrong." in keraslint("explain", "unlucky-units").stdout


def test_what_begins_fails_its_tests_until_it_is_filled(project: Path) -> None:
    keraslint("new", "unlucky-units")
    wrong, right = (
        project / "lint/fixtures/unlucky_units" / name for name in ("sequential_list.py", "near_miss_other_units.py")
    )
    assert testing.complaints(wrong) == [f"{wrong}:3: unlucky-units was expected"]
    assert testing.complaints(right) == []
    assert testing.page_complaints(testing.rule("unlucky-units")) == ["unlucky-units: block 1 under Bad gives nothing"]


def test_what_is_filled_passes_its_tests(project: Path) -> None:
    keraslint("new", "unlucky-units")
    fill(project / "lint/unlucky_units.py")
    (project / "lint/fixtures/unlucky_units/sequential_list.py").write_text(WRONG.format(name="unlucky-units"))
    programs = testing.programs("lint/fixtures")
    assert len(programs) == 2
    assert [testing.complaints(program) for program in programs] == [[], []]
    assert testing.page_complaints(testing.rule("unlucky-units")) == []
    done = keraslint("lint/fixtures", "--output-format", "concise")
    assert "warning[unlucky-units] what brings luck" in done.stdout
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("UnluckyUnits", "such as `unlucky-units`"),
        ("unlucky_units", "such as `unlucky-units`"),
        ("-units", "such as `units`"),
        ("units-", "such as `units`"),
        ("13-units", "small letters, digits and dashes"),
        ("../units", "such as `units`"),
        ("softmax-over-one-unit", "there is a rule `softmax-over-one-unit` already"),
    ],
)
def test_names_that_cannot_be(project: Path, name: str, said: str) -> None:
    done = keraslint("new", "--", name)
    assert done.exit_code == 2
    assert said in done.stderr
    assert list((project / "lint").iterdir()) == []


def test_what_is_there_is_not_touched(project: Path) -> None:
    (project / "lint/fixtures/one_more").mkdir(parents=True)
    kept = project / "lint/fixtures/one_more/sequential_list.py"
    kept.write_text("mine = 1\n", encoding="utf-8")
    done = keraslint("new", "one-more")
    assert done.exit_code == 2
    assert "sequential_list.py is there already" in done.stderr
    assert kept.read_text(encoding="utf-8") == "mine = 1\n"
    assert not (project / "lint/one_more.py").exists()


def test_a_project_without_a_folder_for_rules_is_told_how(project: Path) -> None:
    (project / "pyproject.toml").write_text("", encoding="utf-8")
    done = keraslint("new", "one-more")
    assert done.exit_code == 2
    assert 'rules = ["lint"]' in done.stderr


def test_in_a_repository_of_keraslint_rules_go_to_the_others(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("rules/keraslint_rules", "fixtures", "keraslint"):
        (project / folder).mkdir(parents=True)
    monkeypatch.chdir(project / "keraslint")
    assert keraslint("new", "one-more").exit_code == 0
    assert (project / "rules/keraslint_rules/one_more.py").is_file()
    assert (project / "fixtures/one_more/near_miss_other_units.py").is_file()


# --- rules of a project's own ----------------------------------------------------------------------------------------


def test_rules_of_a_project_hold_for_its_programs_only(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    keraslint("new", "unlucky-units")
    fill(project / "lint/unlucky_units.py")
    (project / "train.py").write_text(WRONG, encoding="utf-8")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "train.py"
    shutil.copy(project / "train.py", elsewhere)
    done = keraslint("train.py", str(elsewhere), "--output-format", "concise")
    assert done.stdout.count("unlucky-units") == 1
    assert keraslint("train.py", "--select", "unlucky-*").exit_code == 1
    assert keraslint("train.py", "--ignore", "unlucky-units").exit_code == 0
    assert keraslint("train.py", "--isolated").exit_code == 0
    assert "unlucky-units" in keraslint("train.py", "--select", "unlucky-unit").stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_this_name\n", "broken.py:1: this rule cannot be imported: ModuleNotFoundError"),
        ("x = 1\n\ny = (\n", "broken.py:3: this rule cannot be imported: SyntaxError"),
        ("def f():\n    return 1 / 0\n\n\nf()\n", "broken.py:2: this rule cannot be imported: ZeroDivisionError"),
        ("from keraslint import Softmax\n", "broken.py:1: this rule cannot be imported: ImportError"),
        ("from .other import missing\n", "broken.py:1: this rule cannot be imported: ImportError"),
    ],
)
def test_a_rule_that_cannot_be_imported_is_told_and_the_others_run(project: Path, text: str, said: str) -> None:
    keraslint("new", "unlucky-units")
    fill(project / "lint/unlucky_units.py")
    (project / "lint/other.py").write_text("present = 1\n", encoding="utf-8")
    (project / "lint/broken.py").write_text(text, encoding="utf-8")
    (project / "train.py").write_text(WRONG, encoding="utf-8")
    done = keraslint("train.py")
    assert done.exit_code == 2
    assert os.path.join("lint", said) in done.stderr
    assert "Traceback" not in done.output
    assert "unlucky-units" in done.stdout


def test_a_rule_that_breaks_is_named_and_other_files_are_checked(project: Path) -> None:
    keraslint("new", "unlucky-units")
    rule = project / "lint/unlucky_units.py"
    fill(rule)
    rule.write_text(rule.read_text(encoding="utf-8").replace("yield Finding(", "yield 1 / 0 and Finding("))
    (project / "train.py").write_text(WRONG, encoding="utf-8")
    (project / "other.py").write_text(WRONG.replace("13", "1, activation='softmax'"), encoding="utf-8")
    done = keraslint("train.py", "other.py")
    assert done.exit_code == 101
    assert "train.py: " in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert "in the rule `unlucky-units`" in done.stderr
    assert "softmax" in done.stdout


def test_files_of_a_folder_may_share_code_and_hold_tests(project: Path) -> None:
    keraslint("new", "unlucky-units")
    rule = project / "lint/unlucky_units.py"
    text = rule.read_text(encoding="utf-8").replace("Fact(0)", "Fact(_shared.UNLUCKY)")
    rule.write_text(text.replace("from keraslint", "from . import _shared\nfrom keraslint", 1), encoding="utf-8")
    (project / "lint/_shared.py").write_text("UNLUCKY = 13\n", encoding="utf-8")
    (project / "lint/test_units.py").write_text("raise RuntimeError('a test, not a rule')\n", encoding="utf-8")
    (project / "train.py").write_text(WRONG, encoding="utf-8")
    done = keraslint("train.py")
    assert (done.exit_code, done.stderr) == (1, "")


def test_a_folder_that_is_not_there_is_refused_with_its_place(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.keraslint]\nrules = ["lnt"]\n', encoding="utf-8")
    done = keraslint("rules")
    assert done.exit_code == 2
    assert "pyproject.toml:2: `rules`: there is no folder `lnt`" in done.stderr


def test_a_name_of_a_standard_rule_is_refused_with_both_places(project: Path) -> None:
    shutil.copy(PACK / "house_rules/adam_everywhere.py", project / "lint/softmax_over_one_unit.py")
    done = keraslint("rules")
    assert done.exit_code == 2
    assert "pyproject.toml:2: two rules are called `softmax-over-one-unit`" in done.stderr
    assert os.path.join("lint", "softmax_over_one_unit.py") in done.stderr


# --- testing ---------------------------------------------------------------------------------------------------------


def test_every_difference_is_a_complaint(project: Path) -> None:
    program = project / "train.py"
    program.write_text(
        'import keras\n\nmodel = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation="softmax")])\n'
        'model.compile("sgd", "binary_crossentropy")  # expect: softmax-over-batch-axis\n',
        encoding="utf-8",
    )
    assert testing.complaints(program) == [
        f"{program}:3: softmax-over-one-unit (error) was not expected",
        f"{program}:4: softmax-over-batch-axis was expected",
    ]
    assert testing.useless_fixes(program) == []
    testing.report.cache_clear()
    program.write_text(
        program.read_text(encoding="utf-8")
        .replace("# expect", "#")
        .replace('")])', '")])  # expect: softmax-over-one-unit (note)')
    )
    assert testing.complaints(program) == [f"{program}:3: softmax-over-one-unit is of severity error, not note"]


def test_the_page_for_authors_teaches_what_works(project: Path, root: Path) -> None:
    page = (root / "rules" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", page, re.M | re.S)
    (config,) = (text for kind, text in blocks if kind == "toml" and "[tool.keraslint]" in text)
    (tests,) = (text for kind, text in blocks if kind == "python" and "keraslint.testing" in text)
    (project / "pyproject.toml").write_text(config, encoding="utf-8")
    assert ("sh", "keraslint new unlucky-units\n") in blocks
    keraslint("new", "unlucky-units")
    (project / "lint/test_rules.py").write_text(tests, encoding="utf-8")
    pytest_there = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "lint")
    assert "2 failed, 1 passed" in run(*pytest_there, cwd=project).stdout
    fill(project / "lint/unlucky_units.py")
    program = project / "lint/fixtures/unlucky_units/sequential_list.py"
    program.write_text(WRONG.format(name="unlucky-units"), encoding="utf-8")
    assert "3 passed" in run(*pytest_there, cwd=project).stdout


# --- packs -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the pack was built and installed, as an installer does it."""
    home = tmp_path_factory.mktemp("pack")
    shutil.copytree(PACK, home / "source", ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", home, home / "source"]
    run(*build, cwd=home)
    (wheel,) = home.glob("*.whl")
    venv.create(home / "venv", with_pip=True, symlinks=sys.platform != "win32")
    python = home / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--target",
        home / "installed",
        wheel,
        cwd=home,
    )
    return home / "installed"


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    before = os.environ.get("PYTHONPATH")
    # no bytecode: a file that is written twice within a second is taken for the first one
    told = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join(filter(None, [str(path or ""), before]))}
    env = {**os.environ, **told}
    done = subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done


def test_a_pack_that_is_installed_is_found(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRONG, encoding="utf-8")
    done = run(
        sys.executable, "-m", "keraslint", "train.py", "--output-format", "concise", cwd=tmp_path, path=installed
    )
    assert done.stdout.startswith("train.py:4:15: note[adam-everywhere] trained with `SGD`\n")
    listed = run(sys.executable, "-m", "keraslint", "rules", "--format", "json", cwd=tmp_path, path=installed)
    assert '"adam-everywhere"' in listed.stdout
    assert '"softmax-over-one-unit"' in listed.stdout


def test_a_pack_is_tested_as_our_rules_are(installed: Path, tmp_path: Path) -> None:
    test = (
        "from keraslint.testing import complaints, page_complaints, programs, rule, useless_fixes\n"
        "assert page_complaints(rule('adam-everywhere')) == []\n"
        "assert [complaints(program) + useless_fixes(program) for program in programs('.')] == [[]]\n"
    )
    program = WRONG.format(name="x").replace("  # expect: x", "").replace('"mse")', '"mse")  # expect: adam-everywhere')
    (tmp_path / "sgd.py").write_text(program, encoding="utf-8")
    assert run(sys.executable, "-c", test, cwd=tmp_path, path=installed).returncode == 0


def test_without_the_pack_its_rule_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRONG, encoding="utf-8")
    assert "adam-everywhere" not in run(sys.executable, "-m", "keraslint", "train.py", cwd=tmp_path).stdout

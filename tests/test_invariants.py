"""What keeps the rooms apart: who imports whom, who owns which library, who prints, how things are called.

Each invariant is a function from one module to complaints. It is run on every module of ours, and on slips that it must
see: a test that cannot fail proves nothing.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

import keraslint

ROOT = Path(__file__).resolve().parents[1]

MAY_IMPORT: dict[str, set[str]] = {
    "keraslint": {"finding", "ipython", "lint", "model", "objective", "rule", "spread"},
    "__main__": {"cli"},
    "cli": {
        "server",
        "delivery",
        *("baseline", "config", "finding", "fix", "lint", "model", "probe", "registry", "report", "rewrite", "rule"),
        *("add_ignore", "announced", "cache", "completion", "scaffold", "terminal", "version", "writing"),
    },
    "lint": {
        *("baseline", "cache", "config", "discover", "finding", "fingerprint", "fix", "grounds", "idle", "ignore"),
        *("join", "model", "outcome", "probe", "processes"),
        *("installs", "placing", "registry", "rule", "slips", "source", "static", "surroundings", "target", "version"),
    },
    "announced": set(),
    "baseline": {"config", "finding", "fingerprint", "model", "registry", "writing"},
    "asking": set(),
    "cache": {"announced", "asking", "config", "discover", "grounds", "outcome", "version"},
    "cells": {"finding", "fix", "model", "passage", "source"},
    "completion": {"config", "registry", "report"},
    "config": {"finding", "model"},
    "fingerprint": {"finding", "model", "passage", "source"},
    "checkout": set(),
    "discover": {"checkout", "config", "gitignore", "model"},
    "fix": {"finding", "model", "passage"},
    "gitignore": set(),
    "grounds": set(),
    "idle": {"ignore", "model", "passage", "source"},
    "ipython": {"cells", "config", "discover", "finding", "lint", "model", "registry"},
    "add_ignore": {
        *("config", "discover", "finding", "fix", "ignore", "lint", "model", "passage", "probe", "rewrite", "source")
    },
    "ignore": {"config", "finding", "model", "passage", "source"},
    "join": {"model", "source"},
    "outcome": {"finding", "model"},
    "preloaded": {
        *("config", "fingerprint", "fix", "idle", "ignore", "installs", "lint", "placing", "registry", "static"),
        *("surroundings", "target"),
    },
    "spread": {"config", "discover", "finding", "lint", "outcome", "processes"},
    "processes": {"cache", "config", "discover", "lint", "outcome"},
    "passage": {"model"},
    "placing": {"finding", "model", "passage", "source", "static"},
    "probe": {"model", "objective", "probe.child", "source"},  # a model that is alive is measured where it is
    "probe.child": set(),  # runs in the user's interpreter, where keraslint is not installed
    "pytest_plugin": {"testing"},
    "registry": {"announced", "config", "finding", "rule"},
    "report": {"finding", "fingerprint", "fix", "model", "objective", "passage", "rule", "version"},
    "source": {"grounds", "model", "passage"},
    "static": {"grounds", "model", "source"},
    "rewrite": {"config", "discover", "finding", "fix", "lint", "probe", "source", "static", "writing"},
    "surroundings": {"asking", "grounds", "model"},
    "installs": {"model", "source", "surroundings"},
    "target": {"config", "model"},
    "rule": {"finding", "model"},
    "scaffold": {"config", "registry"},
    "server": {
        *("add_ignore", "cells", "config", "discover", "finding", "ignore", "lint", "model", "passage", "registry"),
        *("report", "rewrite", "rule", "source", "surroundings", "version"),
    },
    "slips": {"finding", "model", "rule"},
    "testing": {"config", "discover", "finding", "fix", "lint", "model", "registry", "rule"},
    "terminal": set(),
    "writing": set(),
    "finding": {"model", "report"},  # a report shows itself, where somebody looks at it
    "delivery": {"config", "finding", "registry", "report", "rule"},
    "objective": {"model"},
    "model": set(),
    "rules": {"keraslint"},
}
"""The rooms, and for each the rooms it may import from besides itself. Nobody imports rules, rules import no rules."""

OWNERS = {
    "libcst": "static",
    "rich": "report",
    "jinja2": "report",
    "markupsafe": "report",
    "click": "cli",
    "IPython": "ipython",
    "pytest": "pytest_plugin",
    **dict.fromkeys(("pygls", "lsprotocol"), "server"),
    **dict.fromkeys(("keras", "tensorflow", "tf_keras", "jax", "torch", "numpy"), "probe.child"),
}
"""Which room alone may import a foreign library."""

NOT_OUR_WORDS = {
    *("base", "checker", "common", "core", "helper", "issue", "manager", "util", "violation", "visitor"),
    *("bases", "checkers", "helpers", "issues", "managers", "utils", "violations", "visitors"),
}

RULE_LINES = range(10, 101)


@dataclass(frozen=True)
class Module:
    """A Python file of ours by its import name."""

    name: str
    text: str
    package: bool = False

    @property
    def room(self) -> str:
        return room_of(self.name)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.text)))

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Every import, wherever it stands, as line and absolute dotted name."""
        return [(line, name) for node in self.nodes for line, name in self._imports(node)]

    def _imports(self, node: ast.AST) -> Iterator[tuple[int, str]]:
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                around = self.name.split(".")
                up = around[: len(around) - level + self.package] if level else []
                origin = ".".join([*up, *([module] if module else [])])
                for alias in names:
                    # What the package root offers is the root's, though a module may have the same name (`rule`).
                    offered = origin == "keraslint" and alias.name in set(keraslint.__all__) - {"__version__"}
                    yield node.lineno, origin if offered else f"{origin}.{alias.name}"
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name


def room_of(name: str) -> str:
    """The room of a dotted name of ours; of a foreign one, the library."""
    match name.split("."):
        case ["keraslint_rules", *_]:
            return "rules"
        case ["keraslint", "probe", "child", *_]:
            return "probe.child"
        case ["keraslint", "__version__"]:
            return "version"
        case ["keraslint", part, *_] if part in rooms():
            return part
        case [first, *_]:
            return first
    raise AssertionError(name)


@cache
def rooms() -> set[str]:
    """Modules and folders of the package, whether the table above knows them or not."""
    found = (ROOT / "keraslint").iterdir()
    return MAY_IMPORT.keys() | {
        path.stem for path in found if (path.suffix == ".py" and path.stem != "__init__") or path.is_dir()
    }


def read(folder: Path, below: Path) -> Iterator[Module]:
    for path in sorted(below.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        package = parts[-1] == "__init__"
        yield Module(".".join(parts[:-1] if package else parts), path.read_text(encoding="utf-8"), package)


@cache
def modules() -> tuple[Module, ...]:
    rules = ROOT / "rules"
    return (*read(ROOT, ROOT / "keraslint"), *read(rules, rules / "keraslint_rules"))


@cache
def modules_of_tests() -> tuple[Module, ...]:
    return tuple(read(ROOT, ROOT / "tests"))


def is_rule(module: Module) -> bool:
    return module.room == "rules" and not module.package


# --- the invariants --------------------------------------------------------------------------------------------------


def imports_only_its_neighbours(module: Module) -> Iterator[str]:
    allowed = MAY_IMPORT[module.room] | ({module.room} if module.room != "rules" else set())
    for line, name in module.imports:
        if name.split(".")[0] in {"keraslint", "keraslint_rules"} and room_of(name) not in allowed:
            yield f"{module.name}:{line}: {module.room} must not import {name}"


def leaves_foreign_libraries_to_their_owner(module: Module) -> Iterator[str]:
    for line, name in module.imports:
        owner = OWNERS.get(name.split(".")[0], module.room)
        if owner != module.room:
            yield f"{module.name}:{line}: only {owner} imports {name}"


def does_not_print_or_exit(module: Module) -> Iterator[str]:
    if module.room in ("cli", "__main__"):
        return
    for node in module.nodes:
        match node:
            case ast.Call(func=ast.Name(id="print" | "exit" | "quit" | "input" as name)):
                yield f"{module.name}:{node.lineno}: {name}()"
            case ast.Attribute(value=ast.Name(id="os"), attr="_exit") if module.room == "probe.child":
                pass  # a worker ends without the exit handlers of the program that it has run
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr") if module.room == "terminal":
                pass  # it looks after the streams that others write to
            case (
                ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr" | "stdin" | "exit" as name)
                | ast.Attribute(value=ast.Name(id="os"), attr="_exit" as name)
                | ast.Raise(exc=ast.Name(id="SystemExit" as name) | ast.Call(func=ast.Name(id="SystemExit" as name)))
            ):
                yield f"{module.name}:{node.lineno}: {name}"
            case ast.ImportFrom(module="sys", names=names):
                taken = {alias.name for alias in names} & {"stdout", "stderr", "stdin", "exit"}
                yield from (f"{module.name}:{node.lineno}: sys.{name}" for name in sorted(taken))


def uses_our_words(module: Module) -> Iterator[str]:
    names = [(1, module.name.rpartition(".")[2])]
    definitions = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    names += [(node.lineno, node.name) for node in module.nodes if isinstance(node, definitions)]
    for line, name in names:
        words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
        if taken := words & NOT_OUR_WORDS:
            yield f"{module.name}:{line}: {name} says {', '.join(sorted(taken))}"


def is_a_small_rule(module: Module) -> Iterator[str]:
    if not is_rule(module):
        return
    lines = len(module.text.splitlines())
    if lines not in RULE_LINES:
        yield f"{module.name}: {lines} lines, not {RULE_LINES.start} to {RULE_LINES.stop - 1}"
    for line, name in module.imports:
        first = name.split(".")[0]
        if first != "keraslint" and first not in sys.stdlib_module_names:
            yield f"{module.name}:{line}: a rule imports {name}"


def imports_what_is_declared(module: Module) -> Iterator[str]:
    ours = {"keraslint", "keraslint_rules", "tests"}
    for line, name in module.imports:
        first = name.split(".")[0].lower()
        if first in ours or first in sys.stdlib_module_names or BRINGS.get(first, first) in declared(module):
            continue
        yield f"{module.name}:{line}: pyproject.toml does not declare {first}"


BRINGS = {
    "keras": "tensorflow",
    "markupsafe": "jinja2",
    "numpy": "tensorflow",
    "yaml": "pyyaml",
    "markdown_it": "markdown_it_py",
}
"""A library that comes with another one, or under another name."""


@cache
def pyproject() -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def named(requirements: list[str]) -> set[str]:
    """The import names of requirements, for libraries whose two names agree."""
    return {re.split(r"[^\w-]", line)[0].replace("-", "_").lower() for line in requirements}


EXTRAS = {"probe.child": "probe", "ipython": "notebook", "server": "lsp"}
"""Rooms that need what only an extra brings."""


def declared(module: Module) -> set[str]:
    """What this module may count on: tests on all, some rooms on their extra, the rest on plain dependencies."""
    project, groups = pyproject()["project"], pyproject()["dependency-groups"]
    plain, extras = project["dependencies"], project["optional-dependencies"]
    assert isinstance(plain, list)
    assert isinstance(extras, dict)
    assert isinstance(groups["dev"], list)
    if module.name.split(".")[0] == "tests":
        return named(plain) | named(extras["probe"]) | named(groups["dev"])
    if module.room == "pytest_plugin":
        return {"pytest"}  # which loads it
    return named(plain) | (named(extras[EXTRAS[module.room]]) if module.room in EXTRAS else set())


Invariant = Callable[[Module], Iterator[str]]

OF_OURS: tuple[Invariant, ...] = (
    imports_only_its_neighbours,
    leaves_foreign_libraries_to_their_owner,
    does_not_print_or_exit,
    uses_our_words,
    is_a_small_rule,
    imports_what_is_declared,
)
OF_TESTS: tuple[Invariant, ...] = (imports_what_is_declared,)


@pytest.mark.parametrize("invariant", OF_OURS)
def test_every_module(invariant: Invariant) -> None:
    assert [complaint for module in modules() for complaint in invariant(module)] == []


@pytest.mark.parametrize("invariant", OF_TESTS)
def test_every_test(invariant: Invariant) -> None:
    assert [complaint for module in modules_of_tests() for complaint in invariant(module)] == []


RULE = "from keraslint import rule\n" + "\n" * 20

SLIPS: list[tuple[Invariant, str, str]] = [
    (imports_only_its_neighbours, "keraslint.model", "from keraslint.finding import Finding"),
    (imports_only_its_neighbours, "keraslint.static.names", "from keraslint import finding"),
    (imports_only_its_neighbours, "keraslint.static.names", "from ..finding import Finding"),
    (imports_only_its_neighbours, "keraslint.report.full", "def f():\n    import keraslint.lint"),
    (imports_only_its_neighbours, "keraslint.probe.child.build", "from keraslint.model import Fact"),
    (imports_only_its_neighbours, "keraslint.cli", "import keraslint_rules"),
    (imports_only_its_neighbours, "keraslint.registry", "import_module('keraslint_rules.one')"),
    (imports_only_its_neighbours, "keraslint_rules.one", "from keraslint.model import Fact"),
    (imports_only_its_neighbours, "keraslint_rules.one", "import keraslint.rule"),
    (imports_only_its_neighbours, "keraslint.fix", "from keraslint import Finding"),
    (imports_only_its_neighbours, "keraslint_rules.one", "from keraslint_rules.two import check"),
    (leaves_foreign_libraries_to_their_owner, "keraslint.lint", "import libcst as cst"),
    (leaves_foreign_libraries_to_their_owner, "keraslint.cli", "from rich.console import Console"),
    (leaves_foreign_libraries_to_their_owner, "keraslint.config", "import click"),
    (leaves_foreign_libraries_to_their_owner, "keraslint.static.values", "import numpy as np"),
    (leaves_foreign_libraries_to_their_owner, "keraslint.probe.sandbox", "import keras"),
    (leaves_foreign_libraries_to_their_owner, "keraslint.lint", "importlib.import_module('tensorflow.keras')"),
    (does_not_print_or_exit, "keraslint.lint", "print('done')"),
    (does_not_print_or_exit, "keraslint.report.full", "sys.stdout.write('x')"),
    (does_not_print_or_exit, "keraslint.report.full", "from sys import stderr"),
    (does_not_print_or_exit, "keraslint.config", "sys.exit(2)"),
    (does_not_print_or_exit, "keraslint.terminal", "sys.exit(2)"),
    (does_not_print_or_exit, "keraslint.config", "raise SystemExit"),
    (does_not_print_or_exit, "keraslint.config", "raise SystemExit(2)"),
    (uses_our_words, "keraslint.utils", ""),
    (uses_our_words, "keraslint.model", "class BaseLayer: ..."),
    (uses_our_words, "keraslint.model", "class RuleChecker: ..."),
    (uses_our_words, "keraslint.model", "def report_issue(): ..."),
    (is_a_small_rule, "keraslint_rules.one", "from keraslint import rule"),
    (is_a_small_rule, "keraslint_rules.one", RULE * 5),
    (is_a_small_rule, "keraslint_rules.one", RULE + "import libcst"),
    (imports_what_is_declared, "keraslint.static.names", "import attrs"),
    (imports_what_is_declared, "keraslint.static.names", "import tensorflow"),
    (imports_what_is_declared, "tests.test_one", "import pandas"),
]


@pytest.mark.parametrize(("invariant", "name", "text"), SLIPS)
def test_a_slip_is_seen(invariant: Invariant, name: str, text: str) -> None:
    assert list(invariant(Module(name, text)))


RIGHT: list[tuple[Invariant, str, str]] = [
    (imports_only_its_neighbours, "keraslint.report.json", "from keraslint import __version__"),
    (imports_only_its_neighbours, "keraslint.report.json", "from keraslint.finding import Finding\nimport json"),
    (imports_only_its_neighbours, "keraslint.static.names", "from . import values\nfrom ..model import Fact"),
    (imports_only_its_neighbours, "keraslint_rules.one", "from keraslint import Fact, objective, rule"),
    (leaves_foreign_libraries_to_their_owner, "keraslint.static.names", "import libcst"),
    (leaves_foreign_libraries_to_their_owner, "keraslint.probe.child.build", "import keras"),
    (does_not_print_or_exit, "keraslint.cli", "print('done')"),
    (does_not_print_or_exit, "keraslint.lint", "try: ...\nexcept SystemExit: raise"),
    (uses_our_words, "keraslint.model", "class Database: ...\ndef based_on(): ...\ndef score(): ..."),
    (is_a_small_rule, "keraslint_rules.one", RULE + "import math"),
    (imports_what_is_declared, "keraslint.probe.child.build", "import keras"),
    (imports_what_is_declared, "tests.test_one", "import keras, tf_keras, pytest"),
]


@pytest.mark.parametrize(("invariant", "name", "text"), RIGHT)
def test_what_is_right_is_left_alone(invariant: Invariant, name: str, text: str) -> None:
    assert list(invariant(Module(name, text))) == []


# --- what is true of the whole ---------------------------------------------------------------------------------------


def test_every_room_has_its_neighbours() -> None:
    assert {module.room for module in modules()} <= MAY_IMPORT.keys()


def test_every_dependency_is_used() -> None:
    plain = pyproject()["project"]["dependencies"]
    assert isinstance(plain, list)
    assert named(plain) <= {name.split(".")[0] for module in modules() for _, name in module.imports}


MACHINE_PATH = re.compile(r"(?<![\w.~}])/(?:home|Users|root|tmp|work)/\w")


def machine_paths(text: str) -> list[str]:
    """Lines that name a folder of somebody's machine."""
    return [line for line in text.splitlines() if MACHINE_PATH.search(line)]


def test_no_file_names_a_folder_of_this_machine() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", ".", ":!fixtures"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    texts = {str(file): file.read_text(encoding="utf-8") for file in files if file.is_file()}
    assert len(texts) > 10
    assert {name: lines for name, text in texts.items() if (lines := machine_paths(text))} == {}


def test_a_folder_of_this_machine_would_be_seen() -> None:
    assert machine_paths('DATA = "/' + 'home/somebody/data"')
    assert not machine_paths("docs/home/index.md, https://example.org/home/start, ~/work/x")


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after some code."""
    show = "import sys; print('loaded', *{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", f"{code}\n{show}"]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


def command(*arguments: str) -> str:
    return f"""
import sys
from keraslint.cli import main
sys.argv = {["keraslint", *arguments]!r}
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def test_importing_keraslint_is_cheap() -> None:
    assert not loaded_by("import keraslint") & OWNERS.keys()


def test_asking_for_the_version_is_cheap() -> None:
    assert not loaded_by(command("--version")) & (OWNERS.keys() - {"click"})


def test_a_file_without_keras_is_cheap(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("import json\n", encoding="utf-8")
    assert not loaded_by(command(str(tmp_path))) & (OWNERS.keys() - {"click"})


def test_what_is_loaded_would_be_seen() -> None:
    assert loaded_by("import libcst, click") >= {"libcst", "click"}

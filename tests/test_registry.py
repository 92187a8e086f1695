"""Which rules are there: those of packages that announce themselves; two that cannot be told apart are refused."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from keraslint import announced, registry
from keraslint.config import PerFile, Said, Settings
from keraslint.registry import RegistryError, UnknownRuleError
from tests import made

RULE = '''\
from keraslint import Finding, Head, Severity, rule
{imports}

@rule(Head, Severity.ERROR)
def check(head):
    """A title."""
    yield Finding("always", because=(head.layer,))
'''


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No rules but those of the test, and nothing remembered from before."""
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    before = set(sys.modules)
    registry.installed.cache_clear()
    yield
    registry.installed.cache_clear()
    for name in set(sys.modules) - before:
        if name.startswith(("theirs", "ours")):
            del sys.modules[name]


def install(folder: Path, package: str, *modules: str, imports: str = "") -> None:
    """A package of rules, as an installer leaves it."""
    about = folder / f"{package}-1.0.dist-info"
    (folder / package).mkdir(parents=True)
    about.mkdir()
    (folder / package / "__init__.py").write_text("", encoding="utf-8")
    for module in modules:
        (folder / package / f"{module}.py").write_text(RULE.format(imports=imports), encoding="utf-8")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
    entries = f"[console_scripts]\nx = y:z\n\n[keraslint.rules]\n# theirs\nstandard = {package}\n\n[other]\na = b\n"
    (about / "entry_points.txt").write_text(entries, encoding="utf-8")


def test_every_module_of_every_announced_package_is_a_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "a", "theirs", "second_rule", "first_rule")
    install(tmp_path / "b", "ours_too", "third_rule", imports="from theirs.first_rule import check as other")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "a"), str(tmp_path / "nowhere"), str(tmp_path / "b")])
    assert registry.announced() == ["ours_too", "theirs"]
    # A rule that a module takes from its neighbour is still one rule.
    assert [rule.name for rule in registry.installed()] == ["first-rule", "second-rule", "third-rule"]


def test_a_package_in_an_archive_is_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "a", "theirs_zipped", "first_rule")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in sorted((tmp_path / "a").rglob("*")):
            archive.write(path, path.relative_to(tmp_path / "a"))
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "a.zip")])
    assert [rule.name for rule in registry.installed()] == ["first-rule"]


def test_two_rules_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "theirs", "first_rule")
    install(tmp_path, "ours_too", "first_rule")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    with pytest.raises(
        RegistryError, match=r"two rules are called `first-rule`: ours_too\.first_rule and theirs\.first_rule"
    ):
        registry.installed()


def test_a_run_without_any_rules_is_refused() -> None:
    with pytest.raises(RegistryError, match="no rules are installed"):
        registry.installed()


def test_a_rule_is_fixable_when_it_can_make_fixes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "theirs", "first_rule")
    install(tmp_path, "ours_too", "second_rule", imports="from keraslint import change  # noqa: F401")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert [registry.fixable(rule) for rule in registry.installed()] == [False, True]


def test_a_rule_is_asked_for_by_its_name() -> None:
    assert registry.named("softmax_twice", made.RULES).name == "softmax-twice"
    with pytest.raises(UnknownRuleError, match="did you mean `softmax-twice`"):
        registry.named("softmax-twise", made.RULES)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (Settings(), ["model-noted", "softmax-twice", "unread-file"]),
        (Settings(select=("*-*e",)), ["softmax-twice", "unread-file"]),
        (Settings(select=()), []),
        (Settings(ignore=("*",)), []),
        (Settings(select=("softmax-twice", "unread-*"), ignore=("softmax-*",)), ["unread-file"]),
    ],
)
def test_selection(settings: Settings, names: list[str]) -> None:
    assert [rule.name for rule in registry.select(made.RULES, settings)] == names


NOBODY = Said("softmax-tw", "x.toml:7")


@pytest.mark.parametrize(
    "settings",
    [
        Settings(select=(NOBODY,)),
        Settings(ignore=("softmax-twice", NOBODY)),
        Settings(severity=((NOBODY, "note"),)),
        Settings(per_file_ignores=(PerFile("/", "*", (NOBODY,)),)),
    ],
)
def test_a_name_that_nobody_has_is_refused_with_its_place(settings: Settings) -> None:
    with pytest.raises(UnknownRuleError, match=r"x\.toml:7: unknown rule `softmax-tw`; did you mean `softmax-twice`"):
        registry.select(made.RULES, settings)


def test_what_an_option_names_may_be_a_rule_of_another_project() -> None:
    assert registry.select(made.RULES, Settings(ignore=(Said("elsewhere", "--ignore"),))) == made.RULES


def test_most_names_are_known_without_a_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "a", "theirs_named", "first_rule", "_shared", imports="1 / 0")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "a")])
    assert announced.names() == {"first-rule"}

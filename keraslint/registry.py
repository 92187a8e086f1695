"""The rules that are there: packages that announce themselves in the entry point group `keraslint.rules`, and the
folders that a project names.

keraslint's own rules come the same way as anybody else's. A package is a folder of modules, and every rule that a
module defines counts; no list is kept anywhere. What runs is what the settings select.
"""

from __future__ import annotations

import inspect
import os
import pkgutil
import sys
import zlib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module, invalidate_caches
from types import ModuleType
from typing import Any, NamedTuple

from keraslint.announced import GROUP, announced
from keraslint.config import RefusalError, Settings, nearest, place_of, shown
from keraslint.finding import Fix, Severity, change, drop
from keraslint.rule import Rule

AnyRule = Rule[Any]


class RegistryError(RefusalError):
    """Rules that cannot be loaded, or that nobody has installed."""


class UnknownRuleError(RefusalError):
    """A name or glob that fits no installed rule; the text names the place and what is close."""


@cache
def installed() -> tuple[AnyRule, ...]:
    """Every rule of every package in the group, by name."""
    found: dict[str, AnyRule] = {}
    for package in announced():
        for rule in rules_in(package):
            if rule.name in found:
                first = found[rule.name].check.__module__
                raise RegistryError(f"two rules are called `{rule.name}`: {first} and {rule.check.__module__}")
            found[rule.name] = rule
    if not found:
        raise RegistryError(f"no rules are installed: no package is in the entry point group `{GROUP}`")
    return tuple(found[name] for name in sorted(found))


def available(settings: Settings) -> tuple[AnyRule, ...]:
    """The installed rules, and those of the project whose settings these are; two of one name are refused."""
    rules = installed()
    for folder in settings.rules:
        taken = {rule.name: rule for rule in rules}
        for rule in local(folder).rules:
            if rule.name in taken:
                first, second = file_of(taken[rule.name]), file_of(rule)
                raise RegistryError(f"{settings.place('rules')}: two rules are called `{rule.name}`: {first}, {second}")
        rules += local(folder).rules
    return tuple(sorted(rules, key=lambda rule: rule.name)) if settings.rules else rules


class Local(NamedTuple):
    """The rules of a folder, and what to say about each of its files that cannot be imported."""

    rules: tuple[AnyRule, ...]
    problems: tuple[str, ...]


LOCAL = "keraslint_local_"
"""How the packages begin that such folders are imported as."""


@cache
def local(folder: str) -> Local:
    """The rules in the files of a folder, which need not be a package. Files of tests, and those that begin with an
    underscore, are none.

    A file that cannot be imported is told with its place and takes no other file along.
    """
    package = f"{LOCAL}{zlib.crc32(os.fsencode(folder)):08x}"
    home = ModuleType(package)
    home.__path__ = [folder]  # so that its files can import each other with `from . import ...`
    sys.modules[package] = home
    rules: list[AnyRule] = []
    problems: list[str] = []
    for name in sorted(os.listdir(folder)):
        stem, extension = os.path.splitext(name)
        if extension != ".py" or not stem.isidentifier() or stem.startswith(("_", "test_")) or stem == "conftest":
            continue
        try:
            rules += _own(import_module(f"{package}.{stem}"))
        except Exception as error:  # whatever the file does, the others count
            problems.append(_told(os.path.join(folder, name), error))
    return Local(tuple(rules), tuple(problems))


def forget() -> None:
    """Read the rules of projects anew when they are asked for again: somebody is writing them."""
    local.cache_clear()
    for name in [name for name in sys.modules if name.startswith(LOCAL)]:
        del sys.modules[name]
    invalidate_caches()


def _told(path: str, error: Exception) -> str:
    """An error while a file was imported, at the line of that file that led to it."""
    line = getattr(error, "lineno", None) if getattr(error, "filename", None) == path else None
    trace = error.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == path else line
        trace = trace.tb_next
    return f"{shown(path)}:{line or 1}: this rule cannot be imported: {type(error).__name__}: {error}"


def file_of(rule: AnyRule) -> str:
    """The file that a rule is written in, as a message shows it."""
    return shown(rule.check.__code__.co_filename) if hasattr(rule.check, "__code__") else rule.check.__module__


def address(rule: AnyRule) -> str:
    """Where the page of a rule can be read, for a link: in the file that it is written in."""
    from urllib.parse import quote

    path = os.path.abspath(inspect.getfile(rule.check)).replace(os.sep, "/")
    host = os.uname().nodename if hasattr(os, "uname") else ""  # a terminal may show another machine
    return f"file://{host}{'' if path.startswith('/') else '/'}{quote(path, safe='/:')}"


def rules_in(package: str) -> Iterator[AnyRule]:
    """The rules that the modules of a package define."""
    try:
        root = import_module(package)
        names = [module.name for module in pkgutil.iter_modules(getattr(root, "__path__", ()), f"{package}.")]
        modules = [root, *map(import_module, names)]
    except Exception as error:
        raise RegistryError(f"the rules of `{package}` cannot be imported: {type(error).__name__}: {error}") from error
    for module in modules:
        yield from _own(module)


def _own(module: ModuleType) -> Iterator[AnyRule]:
    for value in vars(module).values():
        # A rule that a module imports from a neighbour belongs to the neighbour.
        if isinstance(value, Rule) and value.check.__module__ == module.__name__:
            yield value


def named(name: str, rules: Iterable[AnyRule]) -> AnyRule:
    """The rule of this name."""
    rules = tuple(rules)
    for rule in rules:
        if rule.name == name.replace("_", "-"):
            return rule
    raise UnknownRuleError(f"unknown rule `{name}`{_meant(name, [rule.name for rule in rules])}")


def _meant(name: str, names: Iterable[str]) -> str:
    """The end of a message about a name that no rule has: those that are nearly called so, or have it in theirs."""
    names = list(names)
    if said := nearest(name, names):
        return said
    word = name.replace("_", "-").strip("*?-").lower()
    having = [one for one in names if len(word) > 2 and word in one]
    if not having:
        return "; `keraslint rules` lists them all"
    more = f" or {len(having) - 3} more" if len(having) > 3 else ""
    return f"; did you mean {' or '.join(f'`{one}`' for one in having[:3])}{more}?"


def verify(globs: Iterable[str], rules: Iterable[AnyRule]) -> None:
    """Refuse a glob that fits no rule: a misspelt name would quietly change what is checked."""
    names = [rule.name for rule in rules]
    for glob in globs:
        if not any(fnmatchcase(name, glob) for name in names):
            where = f"{place_of(glob)}: " if place_of(glob) else ""
            raise UnknownRuleError(f"{where}unknown rule `{glob}`{_meant(glob, names)}")


def select(rules: Iterable[AnyRule], settings: Settings) -> tuple[AnyRule, ...]:
    """The rules that run under these settings. What the command line names may be a rule of another project of the
    run, so whoever reads the command line verifies that."""
    rules = tuple(rules)
    verify((glob for glob in settings.rule_globs() if not place_of(glob).startswith("--")), rules)
    return tuple(rule for rule in rules if standing(rule, settings)[0])


def standing(rule: AnyRule, settings: Settings) -> tuple[bool, str]:
    """Whether a rule runs under these settings, and why."""
    if glob := _first(rule, settings.ignore):
        return False, f"ignored by {_told_glob(glob)}"
    if settings.select is None:
        return True, f"by default{_elsewhere(rule, settings)}"
    if glob := _first(rule, settings.select):
        return True, f"selected by {_told_glob(glob)}{_elsewhere(rule, settings)}"
    return False, f"not selected by {', '.join(_places(settings.select)) or settings.place('select')}"


def _told_glob(glob: str) -> str:
    """A glob with the place that says it: `pyproject.toml:7`, or an option."""
    return f"`{glob}` ({place_of(glob)})" if place_of(glob) else f"`{glob}`"


def _places(globs: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(place for glob in globs if (place := place_of(glob)))


def _elsewhere(rule: AnyRule, settings: Settings) -> str:
    """Where it does not run all the same."""
    left_out = [one for one in settings.per_file_ignores if _first(rule, one.rules)]
    return "".join(f", but not in {_told_glob(one.glob)}" for one in left_out)


def severity(rule: str, settings: Settings) -> Severity | None:
    """What every finding of a rule counts as under these settings; `None` leaves it to the rule."""
    return next(
        (Severity[level.upper()] for glob, level in reversed(settings.severity) if fnmatchcase(rule, glob)), None
    )


def severity_said(rule: str, settings: Settings) -> str:
    """Where it is said what a rule counts as; nothing where nobody says so. The last one counts."""
    return next((_told_glob(glob) for glob, _ in reversed(settings.severity) if fnmatchcase(rule, glob)), "")


def ignored(rule: str, settings: Settings) -> bool:
    """Whether a rule is left out under these settings."""
    return any(fnmatchcase(rule, glob) for glob in settings.ignore)


def fixable(rule: AnyRule) -> bool:
    """Whether a rule may offer to change the program: only one that can make a fix brings in what makes one."""
    return any(value in (Fix, change, drop) for value in rule.check.__globals__.values() if callable(value))


def _first(rule: AnyRule, globs: Iterable[str]) -> str | None:
    return next((glob for glob in globs if fnmatchcase(rule.name, glob)), None)

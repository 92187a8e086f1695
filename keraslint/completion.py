"""What a shell offers behind an option or a command: names of rules, formats, keys of the configuration.

How shells ask and are answered is the affair of `cli`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from keraslint.config import KEYS, Configuration, RefusalError
from keraslint.report import FORMATS

Word = tuple[str, str]
"""Something that can be typed, and what it is."""

FILES = ""
"""The word that stands for the files that the shell knows."""


def rules() -> Iterator[Word]:
    """The rules of this folder, each with its title; a broken configuration hides none of the standard ones."""
    from keraslint import registry

    try:
        known = registry.available(Configuration().inside(os.getcwd()))
    except RefusalError:
        known = registry.installed()
    yield from ((rule.name, rule.page.title) for rule in known)


def formats() -> Iterator[Word]:
    """The formats of reports."""
    yield from ((name, "") for name in FORMATS)


def configuration() -> Iterator[Word]:
    """A configuration file, or a key that is to be set."""
    yield FILES, ""
    yield from ((f"{key}=", "") for key in KEYS)


def files() -> Iterator[Word]:
    """Files and folders."""
    yield FILES, ""


OFFERED: Mapping[str, Callable[[], Iterator[Word]]] = {
    "RULE": rules,
    "FORMAT[=FILE]": formats,
    "FILE|KEY=VALUE": configuration,
    **dict.fromkeys(("FILE", "GLOB", "PATH", "PATHS"), files),
}
"""What is offered for a value, by the word that stands for it in the help."""

"""The beginning of a rule: the file of the rule, a program that it must find, and one that it must leave alone.

In keraslint's own repository they go where all rules and fixtures are, elsewhere into the first folder that the
project's configuration names under `rules`. What is there already is never touched.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from keraslint.config import Configuration, RefusalError, shown
from keraslint.registry import available, file_of

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

RULE = '''\
"""What is wrong, in a line."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Head, Severity, Training, rule


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """One sentence that says what is wrong.

    Why it happens and what it costs, with numbers that were measured.

    Bad:
        import keras

        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")

    Good:
        import keras

        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)])
        model.compile("sgd", "mse")

    When it is fine:
        What looks like this and is right.

    References:
        https://keras.io/api/
    """
    match training:
        case Training(head=Head(units=Fact(0) as units)):  # the pattern of what is wrong: nothing has 0 units
            yield Finding("what is wrong here", because=(units,), help="what to do instead")
'''

WRONG = """\
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])  # expect: {name}
model.compile("sgd", "mse")
"""

RIGHT = '''\
"""What makes this program right, although it looks like a wrong one."""

import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)])
model.compile("sgd", "mse")
'''


class Room(NamedTuple):
    """Where rules and the programs for them go."""

    rules: str
    fixtures: str


def write(name: str, folder: str) -> list[str]:
    """Write the files of a new rule for somebody who works in `folder`; their paths, as a message shows them.

    Raises `RefusalError` for a name that is none, that is taken, or for which there is no place.
    """
    if not NAME.fullmatch(name):
        meant = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-")
        hint = f", such as `{meant}`" if NAME.fullmatch(meant) else ""
        raise RefusalError(f"`{name}` cannot be the name of a rule: it has small letters, digits and dashes{hint}")
    for rule in available(Configuration().inside(folder)):
        if rule.name == name:
            raise RefusalError(f"there is a rule `{name}` already: {file_of(rule)}")
    room, module = _room(folder), name.replace("-", "_")
    programs = os.path.join(room.fixtures, module)
    texts = {
        os.path.join(room.rules, f"{module}.py"): RULE,
        os.path.join(programs, "sequential_list.py"): WRONG.format(name=name),
        os.path.join(programs, "near_miss_other_units.py"): RIGHT,
    }
    for path in texts:
        if os.path.exists(path):
            raise RefusalError(f"{shown(path)} is there already")
    for path, text in texts.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return [shown(path) for path in texts]


def _room(folder: str) -> Room:
    """The nearest repository of keraslint around a folder, else the project's own folder of rules."""
    around = folder
    while True:
        rules, fixtures = os.path.join(around, "rules", "keraslint_rules"), os.path.join(around, "fixtures")
        if os.path.isdir(rules) and os.path.isdir(fixtures):
            return Room(rules, fixtures)
        if os.path.dirname(around) == around:
            break
        around = os.path.dirname(around)
    settings = Configuration().inside(folder)
    if not settings.rules:
        raise RefusalError(
            "this project has no folder for rules of its own: make one and name it in the configuration, "
            'such as `rules = ["lint"]` under `[tool.keraslint]` in pyproject.toml'
        )
    return Room(settings.rules[0], os.path.join(settings.rules[0], "fixtures"))

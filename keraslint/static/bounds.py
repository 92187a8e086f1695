"""How far reading goes. Past a bound something is not known: reading never hangs, and its room does not grow.

A bound on what one value may hold makes that value unknown, which is told where it matters: the loss is not known. A
`Budget` cuts off statements or ways of the program, so that there may be models that nobody has seen: that is told in a
note of its own, once for a file. A function that calls itself was read when it is not entered again: nothing is cut
off.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

MOST_TURNS: Final = 24
"""Turns of a loop over known items; the rest of a longer loop is not followed. A loop inside a loop gets a share."""

MOST_OPEN_TURNS: Final = 3
"""Turns of a loop that has more than are followed."""

MOST_ELEMENTS: Final = 96
"""Turns of a comprehension."""

MOST_FILES: Final = 16
"""Files of the linted tree that one program is followed into."""

MOST_FRAMES: Final = 6000
"""Python frames that evaluating one file may nest: an expression of a thousand operations needs three each."""

MOST_DEPTH: Final = 24
"""Calls inside calls."""

MOST_RECURSION: Final = 2
"""Calls of a function inside itself."""

MOST_ITEMS: Final = 4096
"""Items of a list or characters of a constant that is computed."""

MOST_CALLS: Final = 64
"""Calls that one `map` makes."""

MOST_REPEATS: Final = 1000
"""How often `"=" * 1000` may repeat a text."""

MOST_DIGITS: Final = 1000
"""Digits of a number as it is written. Python itself writes few more than 4,000."""

MOST_PICKS: Final = 8
"""Entries of a dictionary or list of which an index that is not known may take any."""

MOST_DEEP_CHOICES: Final = 3
"""Branches inside branches in which a test with many outcomes is taken once for each of them."""

MOST_NESTED_LOOPS: Final = 3
"""Loops inside loops; those further inside are followed for one turn."""

MOST_DECISIONS: Final = 256
"""Decisions on one path. What many more would imply is not looked for, and what ends a path there is not remembered."""

MOST_TESTS: Final = 64
"""Tests of one unknown that are compared with another test of it."""

MOST_ARMS: Final = 32
"""Arms of an `if` or `match` whose tests exclude each other one by one; the arms behind them only as arms."""

MOST_ALTERNATIVES: Final = 12
"""More alternatives than this for one value are not followed: the value becomes unknown."""

TOO_MANY: Final = f"is one of more than {MOST_ALTERNATIVES}"
"""What is said of a loss or an output that is not known for that reason."""

MOST_SCENARIOS: Final = 24
"""Ways through the decisions of a model."""

MOST_PARTS: Final = 48
"""Parts of the key of an unknown."""

STEPS_AT_LEAST: Final = 20_000
STEPS_PER_STATEMENT: Final = 60
STEPS_PER_LINE: Final = 10
"""Statements and calls that may be evaluated: a share for every file, for each top-level statement and for each line,
as a whole program may stand in one function."""

STEPS_PER_IMPORT: Final = 5_000
"""Steps that a file may use when it is imported, besides its share for each top-level statement."""

STEPS_FOR_IMPORTS: Final = 40_000
"""Steps that all imported files together add to those of the program, however long they are."""

MOST_IMPORTED: Final = 512 * 1024
"""Characters of all files together that a program is followed into: reading them takes about a second."""

MOST_STEPS: Final = 100_000
"""Steps of a file without those of its imports: a thousand take a twentieth of a second."""

WORK_PER_STEP: Final = 32
"""Places joined behind branches, and items copied, that cost as much as a step."""

MOST_NUMBERS: Final = 4096
"""Numbers of an array that is written out."""

MOST_FILLS: Final = 16
"""Writes into one array that are remembered."""

MOST_TEXTS: Final = 64
"""Texts of one array that are remembered."""

MOST_TENSORS: Final = 2000
"""Tensors that lead to the outputs of a model."""

MOST_STEPS_BACK: Final = 400
"""Operations between an output and the last weights."""

MOST_WAYS: Final = 200
"""Operations between a layer and those that its outputs go to."""

MOST_MERGES: Final = 40
"""Merges and poolings between an output and the last weights, one behind the other."""

MOST_LAYERS: Final = 8000
"""Layers of all models of a file together, each counted in every model that has it."""

MOST_HEADS: Final = 16
"""Outputs of a model."""

MOST_TRAININGS: Final = 24
"""Trainings that one `compile` may mean."""


class Budget(Enum):
    """What cuts off a part of a program; the value is what is said about it."""

    STEPS = "the program takes too many steps to be followed to its end"
    FUNCTION = "a function takes too many steps to be followed to its end"
    IMPORT = "an imported file takes too many steps to be followed to its end"
    DEPTH = f"calls are followed {MOST_DEPTH} deep, these go deeper"
    NESTING = "a statement is nested too deep to be followed"
    FILES = f"a program is followed into {MOST_FILES} files that it imports, this one imports more"
    SOURCES = f"imported files are followed up to {MOST_IMPORTED // 1024} KB together, these are longer"
    WAYS = f"of the ways through the branches of a model, {MOST_SCENARIOS} are followed"
    LAYERS = f"of the layers of all models together, about {MOST_LAYERS:,} are looked at"
    TRAININGS = f"of the trainings that one `compile` may mean, {MOST_TRAININGS} are told apart"

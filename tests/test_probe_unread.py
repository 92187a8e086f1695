"""Models that reading does not recover are built and judged all the same: what compiles them is seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from keraslint.cli import cli

pytest.importorskip("keras")

FOUND_BY_NAME = """import keras
NETS = {}
def register(function):
    NETS[function.__name__] = function
    return function
@register
def small(units):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation="softmax")])
model = NETS["sm" + "all"](1)
model.compile(loss="binary_crossentropy")
"""
OUT_OF_SIGHT = """import importlib
keras = importlib.import_module("keras")
model = getattr(keras, "Sequential")([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
model.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True))
"""
NO_MODEL = """import re
import keras
pattern = re.compile("loss=(.*)")
search = builder.compile(loss="mse")
"""


def found(folder: Path, *options: str) -> set[tuple[str, str]]:
    command = ["check", "--isolated", "--output-format", "concise", *options, str(folder)]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code in (0, 1), done.output
    rows = [line for line in done.stdout.splitlines() if "[" in line]
    return {(Path(row.split(":")[0]).name, row.partition("[")[2].partition("]")[0]) for row in rows}


def test_what_reading_does_not_recover_is_judged(tmp_path: Path) -> None:
    programs = {"by_name.py": FOUND_BY_NAME, "out_of_sight.py": OUT_OF_SIGHT, "no_model.py": NO_MODEL}
    for name, text in programs.items():
        (tmp_path / name).write_text(text)
    assert found(tmp_path) == set()
    assert found(tmp_path, "--probe") == {
        ("by_name.py", "softmax-over-one-unit"),
        ("out_of_sight.py", "probabilities-as-logits"),
    }

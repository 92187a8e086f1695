"""A fix counts as verified when the mended program was built and measured, and the finding was gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from keraslint.cli import cli

pytest.importorskip("keras")

SAFE = """import keras
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, activation="softmax")])
model.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True))
"""
UNSAFE = """import keras
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, activation="softmax")])
model.compile(loss="binary_crossentropy")
"""
BROKEN = """import keras
model = keras.Sequential([keras.Input((6,)), keras.layers.Reshape((7,)), keras.layers.Dense(4, activation="softmax")])
model.compile(loss="binary_crossentropy")
"""


def test_fixes_are_verified_on_a_copy(tmp_path: Path) -> None:
    for name, text in (("safe.py", SAFE), ("unsafe.py", UNSAFE), ("broken.py", BROKEN)):
        (tmp_path / name).write_text(text)
    command = ["check", "--isolated", "--probe", "--fix", "--output-format", "json", str(tmp_path)]
    done = CliRunner().invoke(cli, command)
    assert "safe.py: drop from_logits=True (verified)" in done.stderr
    assert "from_logits" not in (tmp_path / "safe.py").read_text()
    found = json.loads(done.stdout)["findings"]
    verified = {
        Path(one["path"]).name: {fix["verified"] for fix in one["fixes"]}
        for one in found
        if one["rule"] == "softmax-for-independent-labels"
    }
    assert verified["unsafe.py"] == {True}
    assert verified["broken.py"] == {False}
    assert (tmp_path / "unsafe.py").read_text() == UNSAFE

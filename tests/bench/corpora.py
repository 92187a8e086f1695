"""Programs to read, of any number and size. They are made here: nobody else's code is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HEAD: Final = """\
# as it was in torch
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

"""
"""The comment is for TorchFix, which leaves a file alone that does not have the word."""

MODEL: Final = '''\
def build_{n}(width={width}, classes={classes}, rate=0.{rate}):
    """A small network for pictures of {width} pixels."""
    inputs = keras.Input((width, width, 3))
    x = layers.Rescaling(1.0 / 255)(inputs)
    for filters in ({width}, {width} * 2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.BatchNormalization()(x)
        if rate > 0:
            x = layers.Dropout(rate)(x)
        x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(classes, activation="{activation}")(x)
    model = keras.Model(inputs, outputs, name="network_{n}")
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss="{loss}",
        metrics=["accuracy"],
    )
    return model


x_{n} = np.random.rand(64, {width}, {width}, 3)
y_{n} = np.random.randint(0, {classes}, size=(64,))
model_{n} = build_{n}()
history_{n} = model_{n}.fit(x_{n}, y_{n}, epochs=3, batch_size=16, validation_split=0.2)
print("network {n}", max(history_{n}.history["accuracy"]), model_{n}.evaluate(x_{n}, y_{n}, verbose=0))

'''

PLAIN: Final = '''\
"""Part {n} of a service that has nothing to do with models."""

import json
import os


class Record{n}:
    """A row of table {n}."""

    def __init__(self, path, limit={n}):
        self.path = path
        self.limit = limit
        self.rows = []

    def load(self):
        with open(os.path.join(self.path, "table_{n}.json"), encoding="utf-8") as file:
            self.rows = [row for row in json.load(file) if len(row) < self.limit]
        return self.rows


def total_{n}(rows):
    return sum(row["amount"] * row.get("factor", 1) for row in rows)
'''

BODIES: Final = (("softmax", "sparse_categorical_crossentropy"), ("sigmoid", "sparse_categorical_crossentropy"))
"""The last layer and the loss: one that is right, and one slip."""


def models(count: int, first: int = 0) -> str:
    """A program with so many models, one of twenty with a slip."""
    return HEAD + "".join(_model(number) for number in range(first, first + count))


def _model(number: int) -> str:
    activation, loss = BODIES[number % 20 == 19]
    width, classes, rate = 16 + number % 8, 3 + number % 7, 1 + number % 5
    return MODEL.format(n=number, width=width, classes=classes, rate=rate, activation=activation, loss=loss)


def of_lines(lines: int) -> str:
    """A program of about so many lines, all of them models."""
    return models(max(round((lines - HEAD.count("\n")) / MODEL.count("\n")), 1))


def of_depth(calls: int) -> str:
    """A program whose model is made by a function that calls a function, so many deep."""
    inner = "def make_0(units):\n    return keras.Sequential([layers.Dense(units, activation='softmax')])\n\n"
    outer = "".join(f"def make_{one}(units):\n    return make_{one - 1}(units + 0)\n\n" for one in range(1, calls))
    return f"{HEAD}{inner}{outer}model = make_{calls - 1}(3)\nmodel.compile('adam', 'categorical_crossentropy')\n"


def of_branches(count: int) -> str:
    """A program with so many branches that reading cannot decide, one behind the other."""
    branch = "if args.flag_{n}:\n    x = layers.Dense({n} + 4, activation='relu')(x)\n"
    start = "import argparse\nargs = argparse.ArgumentParser().parse_args()\nx = inputs = keras.Input((8,))\n"
    end = "model = keras.Model(inputs, layers.Dense(3, activation='softmax')(x))\n"
    middle = "".join(branch.format(n=one) for one in range(count))
    return f"{HEAD}{start}{middle}{end}model.compile('adam', 'sparse_categorical_crossentropy')\n"


def write_scripts(folder: Path, count: int) -> Path:
    """A folder of scripts with one to four models each."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"train_{number:05}.py").write_text(models(1 + number % 4, 10 * number), encoding="utf-8")
    return folder


def write_repository(folder: Path, count: int, with_keras: int) -> Path:
    """A folder of files of which some use Keras, in folders of a hundred."""
    for number in range(count):
        below = folder / f"part_{number // 100:03}"
        below.mkdir(parents=True, exist_ok=True)
        uses = number % (count // with_keras) == 0
        text = models(2, number) if uses else PLAIN.format(n=number)
        (below / f"module_{number:05}.py").write_text(text, encoding="utf-8")
    return folder

"""How long measuring takes beside importing Keras, and how much memory a large model needs.

`python -m tests.bench.probe [ROUNDS]`. The commands run in turn, so that a busy machine is busy for all of them; the
medians count. Wall time is what a user waits, the time of the processor is what a busy machine cannot disturb.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from keraslint.probe.sandbox import Limits, Sandbox

SMALL = """
import keras

model = keras.Sequential(
    [
        keras.Input((20,)),
        keras.layers.Dense({units}, activation="relu"),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
"""

U_NET = """
import keras
from keras import layers


def block(x, filters):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return x


inputs = keras.Input((256, 256, 3))
x, skipped = inputs, []
for filters in (64, 128, 256, 512):
    x = block(x, filters)
    skipped.append(x)
    x = layers.MaxPooling2D()(x)
x = block(x, 1024)
for filters, skip in zip((512, 256, 128, 64), reversed(skipped)):
    x = layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
    x = block(layers.Concatenate()([x, skip]), filters)
model = keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))
model.compile("adam", "binary_crossentropy")
"""

FURTHER = 4
GIGABYTE = 1 << 30


class Took(NamedTuple):
    """Seconds of one run."""

    wall: float
    processor: float


def timed(command: list[str]) -> Took:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, capture_output=True, check=False)
    wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def times(folder: Path, rounds: int) -> dict[str, Took]:
    """The medians of three commands that run in turn."""
    for number in range(1 + FURTHER):
        place = folder / ("one" if number == 0 else "five")
        place.mkdir(exist_ok=True)
        for each in {folder / "five", place}:
            each.mkdir(exist_ok=True)
            (each / f"model_{number}.py").write_text(SMALL.format(units=4 + number), encoding="utf-8")
    probe = [sys.executable, "-m", "keraslint", "check", "--probe"]
    commands = {
        "import": [sys.executable, "-I", "-c", "import keras"],
        "one": [*probe, str(folder / "one")],
        "five": [*probe, str(folder / "five")],
    }
    took: dict[str, list[Took]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            took[name].append(timed(command))
    return {name: Took(*map(median, zip(*all_of, strict=True))) for name, all_of in took.items()}


def peak() -> tuple[float, float, str]:
    """Gigabytes and seconds that a U-Net on 256x256 takes, and how it ended."""
    with Sandbox() as sandbox:
        begun = time.monotonic()
        request = {"path": "u_net.py", "text": U_NET, "device": "cpu"}
        *_, end = sandbox.run(request, Limits(seconds=600))
        return sandbox.peak / GIGABYTE, time.monotonic() - begun, end["outcome"]


def main(rounds: int) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryDirectory() as folder:
        took = times(Path(folder), rounds)
    importing, one, five = took["import"], took["one"], took["five"]
    further = Took(*((many - few) / FURTHER for many, few in zip(five, one, strict=True)))
    print(f"{'':34}{'wall':>8}{'':8}{'processor':>10}")
    for name, each in {"import keras": importing, "first model": one, "each further model": further}.items():
        ratios = [mine / base for mine, base in zip(each, importing, strict=True)]
        print(f"{name:34}{each.wall:7.2f} s {ratios[0]:5.2f}x {each.processor:9.2f} s {ratios[1]:5.2f}x")
    print(f"{'to reach':34}{'1.40x, 0.20x':>16}")
    memory, seconds, outcome = peak()
    print(f"U-Net 256x256: {outcome}, {memory:.2f} GB at most (to reach: 2.5), {seconds:.1f} s with importing Keras")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

"""Search for an input that breaks keraslint: `python -m tests.fuzz source|notebook [--seconds N] [--runs N]`.

What was reached is kept in `--corpus FOLDER`, so that a later search goes on from there; without it, it is forgotten.
An input that breaks something is written into the current folder, and the exit code is not 0. Other arguments go to
libFuzzer.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import atheris

from tests.fuzz import mutations

ROOMS = "source.notebook static.recovery passage fix placing rewrite add_ignore ignore idle".split()
"""The rooms of keraslint that read a program or change its text: what they reach leads the search."""

with atheris.instrument_imports(include=[f"keraslint.{room.partition('.')[0]}" for room in ROOMS]):
    for room in ROOMS:
        import_module(f"keraslint.{room}")
    from tests.fuzz.holds import hold

TARGETS: dict[str, tuple[str, Callable[[], list[bytes]], Callable[[bytes, int], bytes]]] = {
    "source": ("train.py", mutations.programs, mutations.program),
    "notebook": ("train.ipynb", mutations.notebooks, mutations.notebook),
}
"""The name of the file, where a search starts, and how an input is changed."""

SECONDS = 20
"""That one input may take, read by instrumented code."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=0, help="how long (0: until something breaks)")
    parser.add_argument("--runs", type=int, default=-1, help="how many inputs (-1: no limit)")
    parser.add_argument("--seed", type=int, default=1, help="where chance begins")
    parser.add_argument("--seeds", type=int, default=0, help="how many of the seeds, drawn by chance (0: all)")
    parser.add_argument("--corpus", type=Path, help="where inputs that reach something new are kept")
    asked, more = parser.parse_known_args()
    path, seeds, mutate = TARGETS[asked.target]
    folder = asked.corpus or Path(tempfile.mkdtemp(prefix="keraslint-fuzz-"))
    plant(folder, seeds(), asked)

    def one(data: bytes) -> None:
        hold(data, path)

    def changed(data: bytes, most: int, seed: int) -> bytes:
        if seed % 8 == 0:
            new: bytes = atheris.Mutate(data, most)
            return new
        return mutate(data, seed)[:most]

    limits = [f"-max_total_time={asked.seconds}", f"-runs={asked.runs}", f"-seed={asked.seed}", f"-timeout={SECONDS}"]
    atheris.Setup(
        [sys.argv[0], *limits, "-max_len=20000", "-len_control=0", *more, str(folder)],
        one,
        custom_mutator=changed,
    )
    atheris.Fuzz()


def plant(folder: Path, seeds: list[bytes], asked: argparse.Namespace) -> None:
    """Write the seeds where libFuzzer reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = random.Random(asked.seed).sample(seeds, asked.seeds) if asked.seeds else seeds
    for number, seed in enumerate(chosen):
        (folder / f"seed-{number:04}").write_bytes(seed)


if __name__ == "__main__":
    main()

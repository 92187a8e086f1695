"""How fast reading is: `python -m tests.bench [FOLDER ...] [--rounds N] [--only PART] [--growth PICTURE.png]`.

Every figure is a ratio of seconds of the processor, measured side by side with its yardstick, both in turn; medians.
Without folders what is read is made on the spot. Other linters are measured where they are installed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import corpora, growth, rows


def measured(asked: argparse.Namespace, below: Path) -> Iterator[rows.Row]:
    sizes = rows.SMALL if asked.small else rows.Sizes()
    if "start" in asked.only:
        yield from rows.start(below / "start", max(asked.rounds, 1 if asked.small else 9))
    if "reading" in asked.only:
        folders = {one.name: one for one in asked.folders}
        if not folders:
            made = corpora.write_scripts(below / "scripts", sizes.scripts)
            folders = {f"{sizes.scripts} Keras scripts, cold": made}
        yield from rows.reading(folders, asked.rounds)
    if "repository" in asked.only:
        yield from rows.repository(below / "repository", sizes, asked.rounds)
    if "room" in asked.only:
        yield from rows.room(below / "room", sizes)
    if "processes" in asked.only:
        yield from rows.processes(below / "processes", sizes, asked.rounds)


PARTS = ("start", "reading", "repository", "room", "processes")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="what is read")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=PARTS, help="a part of the table (repeatable)")
    parser.add_argument("--growth", type=Path, metavar="PICTURE", help="draw how the time grows instead (matplotlib)")
    parser.add_argument("--small", action="store_true", help="little of everything, to see that it runs")
    asked = parser.parse_args()
    asked.only = asked.only or PARTS
    with tempfile.TemporaryDirectory() as folder:
        if asked.growth is None:
            print(rows.markdown(list(measured(asked, Path(folder)))))
            return
        found = list(growth.curves(Path(folder) / "growth", asked.rounds, 100 if asked.small else None))
    for curve in found:
        points = ", ".join(f"{size:,}: {seconds:.2f}" for size, seconds in curve.points)
        print(f"{curve.name:34} n ** {curve.exponent:.2f}   {points}")
    growth.draw(found, asked.growth)


if __name__ == "__main__":
    main()

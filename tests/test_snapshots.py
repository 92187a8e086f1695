"""What is recovered from whole programs, fact by fact: a change in reading shows here, whether a rule sees it or not.

`WRITE_MODELS=1` writes the snapshots anew; read the difference before it is committed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from keraslint.probe import wire
from keraslint.source import Source
from keraslint.static.recovery import recover

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOTS = Path(__file__).parent / "models"
PROGRAMS = [
    *sorted((ROOT / "fixtures" / "seeds").glob("*.py")),
    *(ROOT / "fixtures" / "field" / f"{name}.py" for name in ("binary_or_many", "dcgan_sigmoid", "lstm_forecaster")),
    *(
        ROOT / "fixtures" / "field" / f"{name}.py"
        for name in ("multi_label_tagger", "multi_output", "transfer_learning")
    ),
    ROOT / "fixtures" / "softmax_over_batch_axis" / "notebook.ipynb",
]


def told(path: Path) -> str:
    """The recovered models as `keraslint show --format json` tells them, one fact a line."""
    source = Source.from_bytes(path.relative_to(ROOT).as_posix(), path.read_bytes())
    lines = json.dumps(wire.document([recover(source)]), indent=1).splitlines()
    return "\n".join(joined(lines)) + "\n"


def joined(lines: list[str]) -> list[str]:
    """Objects without an object inside stand on one line."""
    found: list[str] = []
    for line in lines:
        opened = next((at for at in range(len(found) - 1, -1, -1) if found[at].rstrip().endswith("{")), None)
        if line.strip() in {"}", "},"} and opened is not None and not any("{" in one for one in found[opened + 1 :]):
            inner = " ".join(one.strip() for one in found[opened + 1 :])
            found[opened:] = [f"{found[opened]}{inner}{line.strip()}"]
        else:
            found.append(line)
    return found


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_is_recovered_as_it_was(path: Path) -> None:
    snapshot = SNAPSHOTS / f"{path.parent.name}-{path.stem}.json"
    text = told(path)
    if os.environ.get("WRITE_MODELS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        snapshot.write_text(text, encoding="utf-8")

    assert json.loads(text)["models"]
    assert text == snapshot.read_text(encoding="utf-8")


def test_every_snapshot_belongs_to_a_program() -> None:
    assert {path.name for path in SNAPSHOTS.iterdir()} == {f"{one.parent.name}-{one.stem}.json" for one in PROGRAMS}

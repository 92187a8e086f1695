"""What `--fix` makes of every fixture: `fixtures/RULE/fixed/NAME`, and with unsafe fixes `fixed/unsafe/NAME`.

`python -m tests.fixed --write` writes these files anew; read the difference before it is committed, each of them must
be what the author of the program would have written. The comments that say what a fixture expects are left out.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from keraslint.config import Configuration, Overrides
from keraslint.discover import given
from keraslint.rewrite import changes

FIXTURES = Path(__file__).parents[1] / "fixtures"
SUFFIXES = (".py", ".ipynb")
_EXPECTED = re.compile(rb" *# expect: (?:[\w-]+(?: \(\w+\))?(?:, )?)+")


def programs() -> list[Path]:
    """The fixtures that expect a finding."""
    found = sorted(path for path in FIXTURES.glob("*/*") if path.suffix in SUFFIXES and path.is_file())
    return [path for path in found if b"# expect" in path.read_bytes()]


def plain(path: Path) -> bytes:
    """A fixture without the comments that say what it expects."""
    return _EXPECTED.sub(b"", path.read_bytes())


def mended(path: Path) -> Iterator[tuple[Path, bytes]]:
    """What becomes of a fixture, and where that is kept: by safe fixes, and by all where they make something else."""
    text, configuration = plain(path), Configuration(Overrides(isolated=True))
    shown = path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)
    results = [text]
    for unsafe, folder in ((False, "fixed"), (True, "fixed/unsafe")):
        made = changes([given(shown, text)], configuration, unsafe=unsafe)
        result = next((one.after.encode(one.encoding) for one in made if one.path == shown), text)
        if result not in results:
            results.append(result)
            yield path.parent / folder / path.name, result


def expected() -> dict[Path, bytes]:
    """Every file that there should be, with its text."""
    return {place: text for path in programs() for place, text in mended(path)}


def present() -> set[Path]:
    """Every file that there is."""
    return {path for path in FIXTURES.glob("*/fixed/**/*") if path.is_file()}


if __name__ == "__main__":
    wanted = expected()
    if "--write" not in sys.argv:
        sys.exit("give --write to write the fixed fixtures")
    for gone in present() - wanted.keys():
        gone.unlink()
    for place, text in wanted.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text)

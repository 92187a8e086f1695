"""Which Keras a notebook installs for itself: `!pip install tensorflow==2.9`, `%tensorflow_version 1.x`, `%env`.

These lines are none of the Python in the notebook, so they are read from the text of its cells. What is behind a `#` is
a comment, and what is not understood says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from keraslint.model import Fact, Span
from keraslint.source import Source
from keraslint.surroundings import requirement

_INSTALL: Final = re.compile(
    r"[ \t]*(?:[!%]{1,2}[ \t]*)?(?:\S*python3?[ \t]+-m[ \t]+)?(?:uv[ \t]+)?pip3?[ \t]+install\b"
)
_ASK: Final = re.compile(
    r"""(?<![\w.=/-])["']?(?P<ask>(?:tensorflow|tf[-_]keras|keras)[-\w]*(?:\[[\w,-]*\])?[ \t]*[=<>~!][^\s"'#;&|]*)""",
    re.IGNORECASE,
)
_COLAB: Final = re.compile(r"[ \t]*%tensorflow_version[ \t]+(?P<version>1)\.x")
_ENVIRONMENT: Final = re.compile(
    r"""[ \t]*%(?:set_)?env[ \t]+(?P<name>KERAS_BACKEND|TF_USE_LEGACY_KERAS)[ \t=]+["']?(?P<value>\w+)"""
)
LAST_TENSORFLOW_1: Final = "1.15"
"""What Colab took for `1.x`."""


def installed(source: Source) -> dict[str, Fact[str]]:
    """What the cells of a notebook install or set: `keras`, `tensorflow`, `backend`, `legacy`. The last one counts."""
    found: dict[str, Fact[str]] = {}
    for code in source.cells:
        for number, line in enumerate(code.cell.source.splitlines()):
            for name, value, column in read_line(line):
                column += 1 - (len(code.indent) if line.startswith(code.indent) else 0)
                row = code.first_line + number
                found[name] = Fact(value, Span(source.path, source.position(row, column, row, column + len(value))))
    return found


def read_line(line: str) -> Iterator[tuple[str, str, int]]:
    """What one line of a cell says: the name, the version or value, and where in the line it begins."""
    if _INSTALL.match(line):
        for asked in _ASK.finditer(line.partition("#")[0]):
            said = requirement(asked["ask"])
            if said is not None:
                name, version, offset = said
                yield name, version, asked.start("ask") + offset
    elif magic := _COLAB.match(line):
        yield "tensorflow", LAST_TENSORFLOW_1, magic.start("version")
    elif setting := _ENVIRONMENT.match(line):
        if setting["name"] == "KERAS_BACKEND":
            yield "backend", setting["value"], setting.start("value")
        elif setting["value"].lower() in {"1", "true"}:
            yield "legacy", setting["value"], setting.start("value")

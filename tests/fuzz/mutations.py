"""Inputs with a structure: pieces of programs and notebooks change places. Chance comes from one number."""

from __future__ import annotations

import ast
import json
import random
import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from tests.fuzz.oddities import PROGRAMS, WORDS

ROOT = Path(__file__).resolve().parents[2]
HEAD = "import keras\n"

_TOKEN = re.compile(r"""[^\W\d]\w*|\d[\w.]*|"[^"\n]*"|'[^'\n]*'|[^\s\w]""")


def programs() -> list[bytes]:
    """The programs of the fixtures, and the oddities."""
    return [*_read("*/*.py"), *((HEAD + text).encode("utf-8", "surrogatepass") for text in PROGRAMS)]


def notebooks() -> list[bytes]:
    """The notebooks of the fixtures, and the oddities as one cell each."""
    return [*_read("*/*.ipynb"), *(_notebook([HEAD + text]) for text in PROGRAMS)]


def _read(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "fixtures").glob(pattern))]


def _notebook(sources: Iterable[str]) -> bytes:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


@cache
def statements() -> tuple[str, ...]:
    """The statements of the fixtures, those inside of others too."""
    found: dict[str, None] = {}
    for data in _read("*/*.py"):
        text = data.decode("utf-8", "replace")
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        lines = text.splitlines(keepends=True)
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and (node.end_lineno or 0) - node.lineno < 12:
                found["".join(lines[node.lineno - 1 : node.end_lineno])] = None
    return tuple(found)


def program(data: bytes, seed: int) -> bytes:
    """A program that is nearly the one that was given."""
    chance = random.Random(seed)
    text = data.decode("utf-8", "replace")
    for _ in range(chance.choice((1, 1, 2, 4))):
        text = chance.choice(_CHANGES)(text, chance)
    return text.encode("utf-8", "surrogatepass")


def _tokens(text: str, chance: random.Random) -> tuple[re.Match[str], re.Match[str]] | None:
    found = list(_TOKEN.finditer(text))
    return (chance.choice(found), chance.choice(found)) if found else None


def _exchange(text: str, chance: random.Random) -> str:
    """Two tokens change places."""
    if (pair := _tokens(text, chance)) is None:
        return text
    one, other = sorted(pair, key=lambda match: match.start())
    if one is other:
        return text
    return text[: one.start()] + other[0] + text[one.end() : other.start()] + one[0] + text[other.end() :]


def _instead(text: str, chance: random.Random) -> str:
    """A token becomes another one, or goes."""
    if (pair := _tokens(text, chance)) is None:
        return text
    new = chance.choice((pair[1][0], chance.choice(WORDS), chance.choice(WORDS), ""))
    return text[: pair[0].start()] + new + text[pair[0].end() :]


def _between(text: str, chance: random.Random) -> str:
    """A token comes in."""
    pair = _tokens(text, chance)
    at = pair[0].end() if pair else 0
    return f"{text[:at]} {chance.choice(WORDS)} {text[at:]}"


def _wrapped(text: str, chance: random.Random) -> str:
    """A word or number becomes part of something larger."""
    if (pair := _tokens(text, chance)) is None:
        return text
    return text[: pair[0].start()] + chance.choice(_AROUND).format(pair[0][0]) + text[pair[0].end() :]


_AROUND = (
    *("({})", "[{}]", "{{{}}}", "{}()", "{0}({0})", "[*{}]", "({},)", "lambda: {}", "-{}", "not {}", "{0}.{0}"),
    *("{}[0]", "{}[-1]", "{}[:]", "f'{{{}}}'", "str({})", "len({})", "{} if a else b", "[{} for a in b]", "{}=1"),
    *("layers.Dense({})", "keras.Sequential([{}])", "keras.Model({0}, {0})", "range({})", "{0} := {0}", "await {}"),
    *("np.array({})", "tf.cast({}, 'int32')", "{}.astype('float32')", "{}.shape", "partial({})", "dict(a={})"),
)


def _spliced(text: str, chance: random.Random) -> str:
    """A statement of some fixture comes in, as deep as the line before it."""
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines) + 1)
    before = lines[at - 1] if at else ""
    indent = before[: len(before) - len(before.lstrip())]
    new = chance.choice(statements())
    depth = len(new) - len(new.lstrip())
    moved = [indent + line[depth:].rstrip("\r\n") + "\n" for line in new.splitlines()]
    if before and not before.endswith(("\n", "\r")):
        moved.insert(0, "\n")
    return "".join([*lines[:at], *moved, *lines[at:]])


def _nested(text: str, chance: random.Random) -> str:
    """Some lines go into a block."""
    lines = text.splitlines(keepends=True) or [""]
    at = chance.randrange(len(lines))
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    until = min(len(lines), at + chance.randrange(1, 6))
    block = [f"{indent}{chance.choice(_BLOCKS)}:\n", *("    " + line for line in lines[at:until])]
    return "".join([*lines[:at], *block, *lines[until:]])


_BLOCKS = (
    *(
        "if a",
        "for a in b",
        "for a, *b in c",
        "while a",
        "with a as b",
        "def f(a, *b, c=1, **d)",
        "class C(keras.Model)",
    ),
    *("class C(a, metaclass=b)", "async def f()", "def f(self, x, training=None)", "with strategy.scope()", "else"),
    *("for units in (1, 2, 3)", "def __init__(self, **kwargs)", "if __name__ == '__main__'", "try", "except E as e"),
)


def _moved(text: str, chance: random.Random) -> str:
    """A line goes, comes twice, or changes its place."""
    lines = text.splitlines(keepends=True) or [""]
    line = lines[chance.randrange(len(lines))]
    if chance.random() < 0.6:
        lines.remove(line)
    lines.insert(chance.randrange(len(lines) + 1), line)
    return "".join(lines)


_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    *(_exchange, _instead, _instead, _between, _wrapped, _wrapped, _spliced, _spliced, _nested, _moved),
)

_VALUES: tuple[Any, ...] = (
    *(None, 0, -1.5, True, "", "x", [], {}, [[]], ["import keras\n", None], {"a": []}, "\ud800", "%%bash\n!ls", 10**50),
    *("code", "raw", "markdown", "%%time\n", "%matplotlib inline\n", "x?", "\r", "import keras\r\n", 4, 3, "\u2028"),
)


def notebook(data: bytes, seed: int) -> bytes:
    """A notebook that is nearly the one that was given; what is none any more is spoilt as a text."""
    chance = random.Random(seed)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return program(data, seed)
    for _ in range(chance.choice((1, 1, 2, 4))):
        chance.choice((_misplaced, _rewritten, _rewritten, _shuffled))(document, chance)
    style: dict[str, Any] = chance.choice(({}, {"indent": 1}, {"indent": 1, "ensure_ascii": False}))
    return json.dumps(document, **style).encode("utf-8", "surrogatepass")


def _containers(document: Any) -> list[Any]:
    """Every list and object in a document that holds something."""
    found, waiting = [], [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (dict, list)) and value:
            found.append(value)
            waiting += value.values() if isinstance(value, dict) else value
    return found


def _slot(container: Any, chance: random.Random) -> Any:
    return chance.choice(list(container)) if isinstance(container, dict) else chance.randrange(len(container))


def _misplaced(document: Any, chance: random.Random) -> None:
    """Something stands where it does not belong."""
    if containers := _containers(document):
        container = chance.choice(containers)
        container[_slot(container, chance)] = deepcopy(chance.choice(_VALUES))


def _rewritten(document: Any, chance: random.Random) -> None:
    """Some text in a cell changes as a program would."""
    texts = [(inner, slot) for inner in _containers(document) for slot in _slots(inner) if isinstance(inner[slot], str)]
    long = [one for one in texts if len(one[0][one[1]]) > 12] or texts
    if long:
        container, slot = chance.choice(long)
        container[slot] = program(container[slot].encode("utf-8", "replace"), chance.getrandbits(32)).decode(
            "utf-8", "surrogatepass"
        )


def _slots(container: Any) -> list[Any]:
    return list(container) if isinstance(container, dict) else list(range(len(container)))


def _shuffled(document: Any, chance: random.Random) -> None:
    """Two values change places, or one is gone."""
    containers = _containers(document)
    if not containers:
        return
    one, other = chance.choice(containers), chance.choice(containers)
    if chance.random() < 0.3:
        del one[_slot(one, chance)]
        return
    here, there = _slot(one, chance), _slot(other, chance)
    one[here], other[there] = deepcopy(other[there]), deepcopy(one[here])

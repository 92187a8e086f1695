"""Versions of libraries in a program: `tf.__version__`, what is taken out of it, and the tests that branch on it.

Whatever a program does to a version before it compares (parse it, split it, take its first figure), the comparison
says between which versions the installed one lies. So tests that are spelled differently are decided alike, and where
the version is known, they are decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from keraslint.static import conditions
from keraslint.static.conditions import decide, truth
from keraslint.static.values import Arguments, Const, Guard, List, Tuple, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

NAMES: Final[Mapping[str, str]] = {
    "tensorflow.__version__": "tensorflow",
    "tensorflow.VERSION": "tensorflow",
    "tensorflow.version.VERSION": "tensorflow",
    "keras.__version__": "keras",
}
"""Attributes that are a version, and whose."""

CALLS: Final = frozenset({"keras.version"})
"""Functions that give the version of Keras."""

PARSERS: Final = frozenset(
    {
        "packaging.version.parse",
        "packaging.version.Version",
        "distutils.version.LooseVersion",
        "distutils.version.StrictVersion",
        "looseversion.LooseVersion",
        "pkg_resources.parse_version",
        "setuptools._distutils.version.LooseVersion",
        *(f"builtins.{name}" for name in ("int", "float", "str", "tuple", "list", "map")),
    }
)
"""What turns the text of a version into something that compares by its numbers."""

BACKENDS: Final = frozenset({"keras.backend.backend", "keras.config.backend"})
BACKEND: Final = Unknown(("backend",))
"""The backend of a program that does not say which."""

_PLACES: Final = 3
_STEP: Final = 1000


class Version(Value):
    """The version of a library, or one that the program writes down (`library` is empty then).

    `known` are the first numbers of it, as far as they are known. `places` counts the numbers that are left of it; a
    list of its parts is `split`.
    """

    __slots__ = ("known", "library", "places", "split")

    def __init__(self, library: str, known: tuple[int, ...], places: int = _PLACES, *, split: bool = False) -> None:
        self.library = library
        self.known = known
        self.places = places
        self.split = split

    def cut(self, places: int) -> Version:
        """The first numbers alone."""
        return Version(self.library, self.known, min(places, self.places))


def numbers(text: str) -> tuple[int, ...]:
    """The numbers that a version begins with."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(one) for one in found[0].split("."))[:_PLACES] if found else ()


def attribute(interp: Interpreter, dotted: str) -> Version | None:
    """The version that an attribute of a library is."""
    library = NAMES.get(dotted)
    return _installed(interp, library) if library is not None else None


def call(interp: Interpreter, dotted: str, arguments: Arguments) -> Value | None:
    """A call that gives a version, or the name of the backend."""
    if dotted in CALLS:
        return _installed(interp, "keras")
    if dotted in BACKENDS:
        set_ = interp.record.backend[0] if interp.record.backend is not None else interp.known.get("backend")
        return Const(set_, arguments.site) if set_ is not None else BACKEND
    if dotted not in PARSERS:
        return None
    given = [interp.state.settle(one) for one in arguments.positional]
    for one in given:
        if isinstance(one, Version):
            return one
    if dotted.startswith("builtins.") or not given:
        return None
    text = given[0]
    found = numbers(text.value) if isinstance(text, Const) and isinstance(text.value, str) else ()
    return Version("", found) if found else None


def _installed(interp: Interpreter, library: str) -> Version:
    return Version(library, numbers(interp.known.get(library, "")))


def method(owner: Version, name: str, arguments: Arguments) -> Value:
    """`version.startswith(text)`, `version.split(".")`."""
    given = arguments.positional[0] if arguments.positional else None
    if name == "split":
        return Version(owner.library, owner.known, split=True)
    if name == "startswith" and isinstance(given, Const) and isinstance(given.value, str):
        text = given.value
        found = numbers(text)
        if found and (text.endswith(".") or len(found) == 1):  # "2.1" is the beginning of 2.10 too
            return _between(owner.library, owner.known, _least(found), _most(found))
    return _asked(owner)


def member(owner: Version, name: str) -> Value | None:
    """`version.release`, `version.major`; `None` for a method."""
    if name in {"release", "version", "base_version", "public"}:
        return owner
    if name == "major":
        return owner.cut(1)
    return _asked(owner) if name in {"minor", "micro", "vstring"} else None


def item(owner: Version, index: Value) -> Value:
    """`version[0]`, `version[:3]`, `version.split(".")[:2]`."""
    at = index.value if isinstance(index, Const) else None
    if type(at) is int:
        return owner.cut(1) if at == 0 else _asked(owner)
    if isinstance(at, slice) and not at.start and at.step is None and type(at.stop) is int and at.stop > 0:
        # of the text, every second character is a number as long as all are below ten
        return owner.cut(at.stop if owner.split else (at.stop + 1) // 2)
    return _asked(owner)


def compare(word: str, left: Value, right: Value) -> Value | None:
    """A comparison in which a version takes part; `None` when it is with something else than a version."""
    if isinstance(right, Version) and (not isinstance(left, Version) or left.library == ""):
        left, right, word = right, left, _FLIPPED.get(word, word)
    if not isinstance(left, Version):
        return None
    wanted = _written(right)
    if not wanted or word not in _TESTS:
        return _asked(left)
    wanted = wanted[: left.places]
    low, high = _least(wanted), _most((*wanted, 0, 0)[: left.places])
    kind, inverted = _TESTS[word]
    if kind == "==":
        found = _between(left.library, left.known, low, high)
    else:
        found = _before(left.library, left.known, low if kind == "<" else high)
    return conditions.negate(found) if inverted else found


_FLIPPED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_TESTS: Final[Mapping[str, tuple[str, bool]]] = {
    "<": ("<", False),
    ">=": ("<", True),
    "<=": ("<=", False),
    ">": ("<=", True),
    "==": ("==", False),
    "!=": ("==", True),
}
"""Each comparison as one of three, or the opposite of it."""


def _written(value: Value) -> tuple[int, ...]:
    """The numbers of a version as a program writes it: text, number, tuple or list."""
    if isinstance(value, Version):
        return value.known if not value.library else ()
    if isinstance(value, List):
        value = value.state["items"]
    if isinstance(value, Tuple) and not value.rest:
        parts = [one.value for one in value.items if isinstance(one, Const)]
        return tuple(int(one) for one in parts if str(one).isdigit()) if len(parts) == len(value.items) else ()
    written: Any = value.value if isinstance(value, Const) else None
    return numbers(str(written)) if isinstance(written, (str, int, float)) and not isinstance(written, bool) else ()


def _least(found: tuple[int, ...]) -> int:
    """A version as one number: the first that begins like this."""
    total = 0
    for one in (*found, 0, 0, 0)[:_PLACES]:
        total = total * _STEP + one
    return total


def _most(found: tuple[int, ...]) -> int:
    """The first version behind those that begin like this."""
    return _least((*found[:-1], found[-1] + 1))


def _before(library: str, known: tuple[int, ...], limit: int) -> Value:
    """Whether the version of a library is before another one."""
    if known:
        if _most(known) <= limit:
            return Const(True)
        if _least(known) >= limit:
            return Const(False)
    return conditions.compare("<", Unknown(("version", library)), Const(limit))


def _between(library: str, known: tuple[int, ...], low: int, high: int) -> Value:
    """Whether the version of a library lies between two others."""
    tests = [conditions.negate(_before(library, known, low)), _before(library, known, high)]
    outcomes = [decide(test, {}).outcome for test in tests]
    if False in outcomes:
        return Const(False)
    left = [test for test, outcome in zip(tests, outcomes, strict=True) if outcome is None]
    if len(left) == 2:
        return Unknown(("and", *(truth(test) for test in left)))
    return left[0] if left else Const(True)


def _asked(owner: Version) -> Unknown:
    """Something that hangs on a version in a way that is not followed."""
    return Unknown(("of", ("version", owner.library), Unknown().key))


# -- what was decided --------------------------------------------------------------------------------------------------


def decides_version(guard: Guard) -> bool:
    """Whether some decisions are about a version or the backend: what stands behind them is meant for that one."""
    return any(_mentions(atom) for atom, _ in guard)


def _mentions(key: Any) -> bool:
    if not isinstance(key, tuple):
        return False
    return key[:1] == ("version",) or key == BACKEND.key or any(_mentions(one) for one in key)

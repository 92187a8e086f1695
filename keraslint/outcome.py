"""What came of one file, and the same as plain data: for a cache, and for the way from one process to another.

Plain data are numbers, texts and lists of them in JSON. What is read back is built from a table of classes that are
data themselves, so that whatever stands there can be wrong and do nothing. A place that several facts share is one
place again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # names only: what was kept of a file without findings is handed on without loading the model
    from keraslint.finding import Finding
    from keraslint.model import Model, NotChecked, Program


class Outcome(NamedTuple):
    """What came of one file: what was recovered and found in it, or the traceback of a failure that is ours.

    `texts` are those of all files that the findings point into. `used` is what silenced a finding, `naming` the text of
    a file with comments that may silence some, and `whole` tells that the file holds a whole training.
    """

    path: str
    models: Sequence[Model] = ()
    not_checked: tuple[NotChecked, ...] = ()
    findings: tuple[Finding, ...] = ()
    texts: Mapping[str, str] = {}
    failure: str = ""
    used: frozenset[Any] = frozenset()
    naming: str = ""
    whole: bool = False


def outlines(program: Program) -> tuple[Model, ...]:
    """The models of a program as far as a list of models goes: what holds the program in memory is left out."""
    from keraslint.model import Model, Span

    return tuple(
        Model(Span(one.span.path, one.span.position), one.name, probed=one.probed, failure=one.failure)
        for one in program.models
    )


# --- to plain data ---------------------------------------------------------------------------------------------------


def packed(outcome: Outcome, data: bytes | None = None, *, whole_paths: bool = False) -> str:
    """An outcome as JSON. `data` are the bytes of the file, which are not written again where they say a text.

    With `whole_paths`, no path depends on the current folder.
    """
    import json  # not where a run has nothing to keep
    import os

    pack = _Pack()
    own = _plain(data)
    document = {
        "path": outcome.path,
        "models": [pack.value(model) for model in outcome.models],
        "not_checked": [pack.value(gap) for gap in outcome.not_checked],
        "findings": [pack.value(finding) for finding in outcome.findings],
        "texts": {path: None if text == own else text for path, text in outcome.texts.items()},
        "failure": outcome.failure,
        "used": sorted([path, *silencer] for path, silencer in outcome.used),
        "naming": None if own is not None and outcome.naming == own else outcome.naming,
        "whole": outcome.whole,
        "spans": pack.spans,
    }
    if whole_paths:
        document = _with_paths(document, lambda path: os.path.abspath(path).replace(os.sep, "/"))
    return json.dumps(document, separators=(",", ":"))


def _with_paths(document: dict[str, Any], other: Callable[[str], str]) -> dict[str, Any]:
    """The document with other paths."""
    return document | {
        "path": other(document["path"]),
        "texts": {other(path): text for path, text in document["texts"].items()},
        "used": [[other(path), *silencer] for path, *silencer in document["used"]],
        "spans": [[other(path), *numbers] for path, *numbers in document["spans"]],
    }


def _shown(path: str, here: str) -> str:
    import os

    return path.removeprefix(os.path.join(here, "").replace(os.sep, "/"))


def _plain(data: bytes | None) -> str | None:
    """The text that these bytes are, if they are one without further ado."""
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        return None


class _Pack:
    """Makes lists of data classes, each with the number of its class in front; each place is written once."""

    def __init__(self) -> None:
        self.spans: list[list[Any]] = []
        self._places: dict[int, tuple[int, object]] = {}

    def value(self, value: Any) -> Any:
        """The plain form of a value: a list with the number of its class in front, or what JSON knows itself."""
        if value is None or type(value) in (str, int, float, bool):
            return value
        name = type(value).__name__
        if name == "Span":
            return [_SPAN, self._place(value)]
        if isinstance(value, tuple):
            return [_TUPLE, *map(self.value, value)]
        number = _numbers().get(name)
        if number is None:  # of a rule that is not ours: what is shown of it is a text
            return str(value)
        if number in _enumerations():
            return [number, value.value]
        return [number, *(self.value(getattr(value, field)) for field in _fields(number))]

    def _place(self, span: Any) -> int:
        known = self._places.get(id(span))
        if known is None:
            known = self._places[id(span)] = (len(self.spans), span)  # kept, so that its number stays its own
            self.spans.append([span.path, *span.position])
        return known[0]


# --- and back --------------------------------------------------------------------------------------------------------


class Kept(Sequence["Model"]):
    """Models in their plain form, built when somebody looks at one: most reports only count them."""

    def __init__(self, plain: list[Any], unpack: _Unpack) -> None:
        self._plain, self._unpack = plain, unpack

    def __len__(self) -> int:
        return len(self._plain)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return tuple(self)[at]
        return self._unpack.value(self._plain[at])


class Together(Sequence["Model"]):
    """The models of several files, one after the other."""

    def __init__(self, parts: Sequence[Sequence[Model]]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[Model]:
        return chain.from_iterable(self._parts)

    def __getitem__(self, at: Any) -> Any:
        return tuple(self)[at]


def together(parts: Iterable[Sequence[Model]]) -> Sequence[Model]:
    """All of these models; those that are kept in their plain form stay so until somebody looks."""
    some = [part for part in parts if part]
    if any(isinstance(part, Kept) for part in some):
        return Together(some)
    return tuple(chain.from_iterable(some))


def unpacked(text: str, data: bytes | None = None, *, here: str = "") -> Outcome:
    """The outcome that was packed. Raises one error or another (never anything worse) for any other text.

    Paths below the folder `here` become relative to it.
    """
    import json

    document = json.loads(text)
    if here:
        document = _with_paths(document, lambda path: _shown(path, here))
    unpack = _Unpack(document["spans"])
    own = _plain(data)

    def said(written: str | None) -> str:
        if written is None and own is None:
            raise ValueError("a text is missing")
        return str(own if written is None else written)

    return Outcome(
        str(document["path"]),
        Kept(list(document["models"]), unpack) if document["models"] else (),
        tuple(map(unpack.value, document["not_checked"])),
        tuple(map(unpack.value, document["findings"])),
        {str(path): said(written) for path, written in document["texts"].items()},
        str(document["failure"]),
        frozenset((path, tuple(silencer)) for path, *silencer in document["used"]),
        said(document["naming"]),
        bool(document["whole"]),
    )


class _Unpack:
    """Builds data classes from their lists."""

    def __init__(self, spans: list[list[Any]]) -> None:
        self._plain = spans
        self._spans: dict[int, Any] = {}

    def value(self, value: Any) -> Any:
        """What the plain form of a value says."""
        if not isinstance(value, list):
            return value
        number, *parts = value
        if number == _TUPLE:
            return tuple(map(self.value, parts))
        if number == _SPAN:
            return self._span(*parts)
        return _classes()[number](*map(self.value, parts))

    def _span(self, number: int) -> Any:
        if number not in self._spans:
            path, *numbers = self._plain[number]
            self._spans[number] = self._made(path, numbers)
        return self._spans[number]

    @cached_property
    def _made(self) -> Callable[[str, list[Any]], Any]:
        from keraslint.model import Position, Span

        return lambda path, numbers: Span(path, Position(*numbers))


# --- the table of classes --------------------------------------------------------------------------------------------

_TUPLE, _SPAN, _FIRST = 0, 1, 2


@cache
def _classes() -> dict[int, Callable[..., Any]]:
    """The classes of the model and of findings that are data, by their numbers: in the order of their names."""
    return dict(enumerate(_tabled(), _FIRST))


def _tabled() -> Iterator[type]:
    from dataclasses import is_dataclass
    from enum import Enum

    from keraslint import finding, model

    for room in (model, finding):
        for _, one in sorted(vars(room).items()):
            here = isinstance(one, type) and one.__module__ == room.__name__
            if here and (is_dataclass(one) or issubclass(one, Enum)):
                yield one


@cache
def _numbers() -> dict[str, int]:
    return {getattr(one, "__name__", ""): number for number, one in _classes().items()}


@cache
def _enumerations() -> frozenset[int]:
    from enum import Enum

    return frozenset(number for number, one in _classes().items() if isinstance(one, type) and issubclass(one, Enum))


@cache
def _fields(number: int) -> tuple[str, ...]:
    from dataclasses import fields

    return tuple(field.name for field in fields(_classes()[number]))  # type: ignore[arg-type]

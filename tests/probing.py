"""The probe as tests use it: programs are built on the Keras of this Python, all of them by the same processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from keraslint.config import Configuration, Overrides
from keraslint.discover import given
from keraslint.finding import Report
from keraslint.lint import run
from keraslint.probe.measuring import Probe
from keraslint.probe.wish import Wish

HAVE_KERAS = find_spec("keras") is not None


class Silence:
    """Nobody watches."""

    def expect(self, path: str, models: int) -> None: ...

    def done(self) -> None: ...

    def close(self) -> None: ...


@contextmanager
def probing() -> Iterator[Probe]:
    """A probe that is closed in the end."""
    with Probe(Wish(lambda _: sys.executable, device="cpu"), Silence()) as probe:
        yield probe


def probed(probe: Probe, path: str, data: bytes, *, isolated: bool = False) -> Report:
    """What is said of a program with what was measured of it."""
    return run([given(path, data)], Configuration(Overrides(isolated=isolated)), probe)

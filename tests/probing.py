"""The probe as tests use it: programs are built on the Keras of this Python, all of them by the same processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from keraslint.config import Configuration, Overrides
from keraslint.discover import given
from keraslint.finding import Report
from keraslint.lint import run
from keraslint.probe.measuring import Probe
from keraslint.probe.wish import Wish
from keraslint.report.progress import Silent

ROOT = Path(__file__).resolve().parents[1]
HAVE_KERAS = find_spec("keras") is not None


@contextmanager
def probing() -> Iterator[Probe]:
    """A probe that is closed in the end."""
    with Probe(Wish(lambda _: sys.executable, device="cpu"), Silent()) as probe:
        yield probe


def probed(probe: Probe, path: str, data: bytes, *, isolated: bool = False) -> Report:
    """What is said of a program with what was measured of it."""
    return run([given(path, data)], Configuration(Overrides(isolated=isolated)), probe)


@cache
def told_by(module: str, runtime: str) -> dict[str, Any]:
    """What a module of the tests prints last when it runs on a runtime, in a process of its own: a JSON object.

    The test is skipped where the runtime is not installed.
    """
    if find_spec("keras") is None or find_spec(runtime) is None:
        pytest.skip(f"{runtime} is not installed")
    done = subprocess.run(
        [sys.executable, "-m", module, runtime],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found

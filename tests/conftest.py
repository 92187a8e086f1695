"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# TensorFlow talks while it starts and would take every core; set before any test imports it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# Tests put other rules and other parsers in the place of ours, which a store of results would not notice.
os.environ["KERASLINT_NO_CACHE"] = "1"

# A busy machine is no mistake: what takes long at one time and not at another says nothing of the program.
settings.register_profile("whatever the machine does", deadline=None)
settings.load_profile("whatever the machine does")


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the repository."""
    return Path(__file__).resolve().parents[1]

"""What pytest offers where keraslint is installed: the fixture `keraslint_clean`.

pytest loads this module whenever it starts, for every project: nothing else of keraslint is loaded before a test asks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def keraslint_clean() -> Callable[..., Any]:
    """Fail when keraslint finds something in a model, a program or a path: `keraslint.testing.assert_clean`."""
    from keraslint.testing import assert_clean

    return assert_clean

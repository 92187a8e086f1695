"""What the tests of the sandbox run instead of the probe: a program as it is, with no Keras anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    path = request["path"]
    exec(compile(request["text"], path, "exec"), {"__name__": "__main__", "__file__": path})

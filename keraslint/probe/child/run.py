"""Runs the program of a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Run the text of the request from top to bottom."""
    path = request["path"]
    exec(compile(request["text"], path, "exec"), {"__name__": "__main__", "__file__": path})

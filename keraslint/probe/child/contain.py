"""The bounds within which a program runs, layer by layer; each system gives what it can, and what it gave is told."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO


def adopt_orphans() -> None:
    """Become the parent of what is left behind below this process."""


def isolate(without: list[str]) -> dict[str, str]:
    """Leave the namespaces of the system, as far as it lets us; for the guard."""
    return {}


def isolate_alone(without: list[str]) -> dict[str, str]:
    """The same for a process that is the worker itself."""
    return {}


def settle(layers: dict[str, str]) -> None:
    """Finish what can only be done inside the new namespaces."""


def die_with_parent() -> None:
    """End when the parent ends."""


def pid_outside() -> int:
    """The number of this process as keraslint sees it."""
    return os.getpid()


def end_with(asks: BinaryIO) -> None:
    """End this process when keraslint closes the pipe."""

    def wait() -> None:
        asks.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def sweep() -> None:
    """End whatever is left below this process."""


def contain(
    ask: dict[str, Any], without: list[str], layers: dict[str, str], send: Callable[[dict[str, Any]], None]
) -> dict[str, str]:
    """Put this process within its bounds, for good. The layers with what each achieved."""
    if os.name == "posix" and os.getsid(0) != os.getpid():
        os.setsid()
    folder = ask["folder"]
    for name in ("HOME", "TMPDIR", "TEMP", "TMP", "USERPROFILE", "KERAS_HOME"):
        os.environ[name] = folder
    os.chdir(folder)
    sys.dont_write_bytecode = True
    return layers

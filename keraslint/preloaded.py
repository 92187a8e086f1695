"""What every process that reads programs needs, loaded once by the server that they are forked from."""

from __future__ import annotations

import gc
from contextlib import suppress

from keraslint import fingerprint, fix, idle, ignore, installs, placing, registry, surroundings, target
from keraslint.config import RefusalError
from keraslint.lint import run
from keraslint.static import recovery

__all__ = ["recovery"]

LOADED = (fingerprint, fix, idle, ignore, installs, run, placing, surroundings, target)

with suppress(RefusalError):  # whoever reads the first file learns why
    registry.installed()
gc.collect()
gc.freeze()  # what is loaded stays; a look at it would copy its pages into every process

"""Which files of a project say what Keras it asks for: their names, and which of them are in a folder."""

from __future__ import annotations

import os
import re
from typing import Final

FILES: Final = re.compile(
    r"requirements.*\.txt|pyproject\.toml|setup\.cfg|setup\.py|Pipfile|environment.*\.y.*ml|poetry\.lock|uv\.lock"
    r"|keras\.json",
    re.DOTALL,
)
OWN_FOLDER: Final = ".keras"
IN_OWN_FOLDER: Final = ".keras/keras.json"


def fitting(folder: str) -> tuple[str, ...]:
    """The names of files in a folder that may say something, in order."""
    try:
        names = os.listdir(folder)
    except OSError:
        return ()
    there = [IN_OWN_FOLDER] if OWN_FOLDER in names and os.path.exists(os.path.join(folder, IN_OWN_FOLDER)) else []
    return tuple(sorted((*filter(FILES.fullmatch, names), *there), key=lambda name: name.split("/")))

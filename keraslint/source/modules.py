"""Imports between files of the linted tree: which file a module name means.

A name is looked for as Python would find it: relative to the importing file, beside it, or in a folder above it up to
the root of the project. Names of installed libraries are never looked for here, and nothing is executed.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from keraslint.grounds import Names, regular

LIBRARIES: Final = frozenset(
    "keras tensorflow tf_keras numpy pandas sklearn scipy matplotlib torch jax os sys re json math random time typing "
    "functools itertools collections pathlib argparse logging datetime copy abc dataclasses enum warnings pickle "
    "tensorflow_datasets tensorflow_hub tensorflow_addons tensorflow_probability keras_tuner kerastuner keras_hub "
    "keras_nlp keras_cv transformers cv2 PIL tqdm seaborn h5py yaml joblib wandb mlflow optuna gym skimage nltk".split()
)
"""First names of modules that are libraries, even if a folder has the same name."""

MOST_FOLDERS: Final = 6
"""Folders upwards in which an absolute import may begin."""
ROOT_MARKS: Final = frozenset({".git", "pyproject.toml", "setup.py", "setup.cfg"})


def find(importer: str, module: str) -> str | None:
    """The file that `module` means when the file `importer` imports it; `None` for anything that is not in the tree.

    Leading dots count folders upwards from the importer's, as in an import statement.
    """
    level = len(module) - len(module.lstrip("."))
    parts = tuple(part for part in module.lstrip(".").split(".") if part)
    if not level and (not parts or parts[0] in LIBRARIES):
        return None  # most imports
    folder = Path(importer).parent
    if level:
        for _ in range(level - 1):
            folder = folder.parent
        return existing(folder.joinpath(*parts))
    for place in folders(str(folder)):
        within = _entries(place)
        if parts[0] in within or f"{parts[0]}.py" in within:
            found = existing(Path(place).joinpath(*parts))
            if found is not None:
                return found
        if "src" in within:
            found = existing(Path(place, "src").joinpath(*parts))
            if found is not None:
                return found
    return None


def submodule(package: str, name: str) -> str | None:
    """The file of a submodule of a package, given the package's `__init__.py`."""
    path = Path(package)
    return existing(path.parent / name) if path.name == "__init__.py" else None


def folders(start: str) -> tuple[str, ...]:
    """A folder and those above it, up to the root of the project."""
    found: list[str] = []
    place = Path(start)
    for _ in range(MOST_FOLDERS):
        found.append(str(place))
        above = _above(place)
        if above == place or any(mark in names for names in [_entries(str(place))] for mark in ROOT_MARKS):
            break
        place = above
    return tuple(found)


def _above(folder: Path) -> Path:
    """The folder above; above the current folder, where a relative path has no name left, it is `..`."""
    if folder.is_absolute() or folder.name not in {"", ".."}:
        return folder.parent
    resolved = folder.resolve()
    return folder if resolved.parent == resolved else folder / ".."


def existing(path: Path) -> str | None:
    """The file of a module path: `a/b.py`, else `a/b/__init__.py`."""
    if path.name:
        within = _entries(str(path.parent))
        file = path.with_name(path.name + ".py")
        if file.name in within and _is_file(str(file)):
            return file.as_posix()
        if path.name not in within and path.name != "..":
            return None
    file = path / "__init__.py"
    return file.as_posix() if file.name in _entries(str(path)) and _is_file(str(file)) else None


def _entries(folder: str) -> Names:
    """The names in a folder. Most imports are of libraries: one look at each folder tells that they are not here."""
    try:
        state = os.stat(folder)
    except (OSError, ValueError):
        return Names(folder, frozenset())
    return Names(folder, _listed(folder, state.st_dev, state.st_ino, state.st_mtime_ns))


@lru_cache(maxsize=1024)
def _listed(folder: str, _device: int, _number: int, _changed: int) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


def _is_file(path: str) -> bool:
    try:
        return regular(path, Path(path).is_file())
    except OSError:
        return regular(path, False)

"""The examples of the README: its fenced blocks whose first line names the file that they are."""

from __future__ import annotations

import re
from typing import Any

from tests.checkouts import ROOT

BLOCK = re.compile(r"^```ya?ml\n# (?P<file>\S+\.ya?ml)\b.*\n(?P<text>[^`]*?)^```$", re.M)


def example(file: str) -> str:
    """The text of the one example for this file."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (text,) = (block["text"] for block in BLOCK.finditer(readme) if block["file"] == file)
    return text


def loaded(file: str) -> Any:
    """An example as its service understands it."""
    import yaml

    return yaml.safe_load(example(file))

"""What `--probe-target` takes, and how it says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from keraslint.probe.wish import Target, target


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("models.py", "nets/__init__.py", "nets/small.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("models:build", Target("models.py", "build")),
        ("models.py:build", Target("models.py", "build")),
        ("nets:Net()", Target("nets/__init__.py", "Net")),
        ("nets.small:build((28, 28), classes=10)", Target("nets/small.py", "build", ((28, 28),), {"classes": 10})),
    ],
)
def test_a_target_is_read(text: str, read: Target) -> None:
    assert target(text) == read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("models", "not of the form"),
        ("models:", "not of the form"),
        (":build", "not of the form"),
        ("model:build", "no module `model` here"),
        ("models:build(", "no function and no call"),
        ("models:a.b", "not the name of a function"),
        ("models:build(n)", "must be written out"),
        ("models:build(**{'a': 1})", "`**` is not possible"),
    ],
)
def test_a_target_that_cannot_be_followed_says_why(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("*", r"\*").replace("(", r"\(")):
        target(text)

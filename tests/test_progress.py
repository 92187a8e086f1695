"""How far a long run is told: to a terminal, when it takes long, and gone at the end."""

from __future__ import annotations

import io

import pytest

from keraslint.report import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_short_run_shows_nothing() -> None:
    stream = Terminal()
    bar = progress.Bar(stream)
    bar.expect("train.py", 2)
    bar.done()
    bar.close()
    assert stream.getvalue() == ""


def test_a_long_run_shows_the_file_and_how_many_models_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BEFORE_SHOWN", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    bar = progress.Bar(stream)
    bar.expect("[red]train.py", 2)
    bar.done()
    bar.done()
    bar.close()
    assert "[red]train.py" in stream.getvalue()
    assert "2/2" in stream.getvalue()

"""How far a long run is told: to a terminal, when it takes long, and gone at the end."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keraslint.report import progress

ROOT = Path(__file__).resolve().parents[1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def until(stream: io.StringIO, text: str) -> None:
    """Wait for what is written from behind."""
    end = time.monotonic() + 60
    while text not in stream.getvalue():
        assert time.monotonic() < end, stream.getvalue()
        time.sleep(0.02)


def test_a_short_run_shows_nothing() -> None:
    stream = Terminal()
    bar = progress.Bar(stream)
    bar.expect_files(2)
    bar.file("train.py")
    bar.expect("train.py", 2)
    bar.done()
    bar.close()
    assert stream.getvalue() == ""


def test_a_long_run_shows_the_file_and_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BEFORE_SHOWN", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    bar = progress.Bar(stream)
    bar.expect_files(7)
    bar.file("first.py")
    bar.file("[red]train\x1b.py")
    until(stream, "1/7")
    until(stream, "[red]train\N{REPLACEMENT CHARACTER}.py")
    bar.expect("model.py", 2)
    until(stream, "0/2")
    until(stream, "model.py")
    bar.done()
    until(stream, "1/2")
    bar.close()
    assert stream.getvalue().endswith(("\x1b[2K", "\x1b[?25h")), stream.getvalue()[-40:]
    bar.close()


def test_it_comes_back_for_the_next_part_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BEFORE_SHOWN", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    bar = progress.Bar(stream)
    for what in ("mending", "reading"):
        bar.begin(what, 3)
        until(stream, what)
        bar.close()


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals")
@pytest.mark.parametrize("more", [[], ["--quiet"]])
def test_a_run_that_takes_long_is_told_on_a_terminal(more: list[str], tmp_path: Path) -> None:
    import pty

    os.mkfifo(tmp_path / "waits.py")
    (tmp_path / "plain.py").touch()
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "keraslint", "plain.py", "waits.py", *more],
        cwd=tmp_path,
        env={**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "rules")])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        shown = b""
        if more:
            time.sleep(2)
        while not more and not (b"reading" in shown and b"0/2" in shown):
            shown += os.read(ours, 4096)
        (tmp_path / "waits.py").write_text("import json\n", encoding="utf-8")
        assert running.stdout
        report = running.stdout.read()
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # the other end was closed
            pass
    os.close(ours)
    assert running.returncode == 0
    assert report == (b"" if more else b"no findings\n2 files, no models\n")
    assert (shown == b"") is bool(more)

"""What shells offer: asked as they ask, and by pressing the key in real ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from keraslint.cli import COMPLETING, cli, offer_words

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").touch()
    return tmp_path


def offered(line: str) -> list[str]:
    """What is offered for the last word of a line; `FILES` are left to the shell."""
    offer_words()
    *words, last = line.split(" ")[1:]
    items = ShellComplete(cli, {}, "keraslint", COMPLETING).get_completions(words, last)
    return ["FILES" if item.type == "file" else item.value for item in items]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("keraslint expl", ["FILES", "explain"]),
        ("keraslint explain truncated", ["truncated-string-labels"]),
        ("keraslint --sel", ["--select"]),
        (
            "keraslint --select softmax-over-",
            [f"softmax-over-{axis}" for axis in ("batch-axis", "one-unit", "spatial-axis")],
        ),
        ("keraslint train.py --ignore truncated", ["truncated-string-labels"]),
        ("keraslint check --output-format json", ["json", "jsonl"]),
        ("keraslint rules --error no-g", ["no-gradient"]),
        ("keraslint --fail-on w", ["warning"]),
        ("keraslint --config seve", ["FILES", "severity="]),
        ("keraslint check tr", ["FILES"]),
        ("keraslint show tr", ["FILES"]),
        ("keraslint --exclude tr", ["FILES"]),
        ("keraslint chekc --color al", ["always"]),
        ("keraslint completion z", ["zsh"]),
    ],
)
def test_what_can_come_next(line: str, words: list[str]) -> None:
    assert offered(line) == words


def test_at_first_there_are_commands_paths_and_options() -> None:
    assert offered("keraslint ")[0] == "FILES"
    assert {"check", "explain", "rules", "show"} <= set(offered("keraslint "))
    assert {"--version", "--select", "--probe", "--help"} <= set(offered("keraslint --"))
    assert len(offered("keraslint --")) == len(set(offered("keraslint --")))


def test_a_broken_configuration_hides_no_standard_rule(folder: Path) -> None:
    (folder / "keraslint.toml").write_text("nonsense", encoding="utf-8")
    assert offered("keraslint explain no-grad") == ["no-gradient"]


def test_rules_are_offered_with_their_titles() -> None:
    offer_words()
    (item,) = ShellComplete(cli, {}, "keraslint", COMPLETING).get_completions(["explain"], "no-grad")
    assert item.help == "The gradient of the loss is exactly zero for every weight."


SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(keraslint completion bash)"'),
    "zsh": (["-f", "-i"], 'autoload -U compinit; compinit -u; eval "$(keraslint completion zsh)"'),
    "fish": (["--no-config", "-i"], "keraslint completion fish | source"),
}


@pytest.mark.skipif(os.name == "nt", reason="no terminals to drive")
@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes(shell: str, folder: Path) -> None:
    import pexpect

    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    if shell == "bash" and old_bash():
        pytest.skip("this bash is older than 4.4")
    (folder / "bin").mkdir()
    command = folder / "bin" / "keraslint"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m keraslint "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(command.parent), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "rules")]),
        **dict.fromkeys(("HOME", "ZDOTDIR"), str(folder)),
        "TERM": "xterm",
    }
    arguments, setup = SHELLS[shell]
    with pexpect.spawn(shell, arguments, env=environment, timeout=60, dimensions=(40, 120), encoding="utf-8") as window:
        window.sendline(f"{setup}; echo REA''DY")
        window.expect("READY")
        for typed, completed in (
            ("keraslint explain trunc", "truncated-string-labels"),
            ("keraslint check --select probabilities-as", "probabilities-as-logits"),
            ("keraslint tra", "train.py"),
        ):
            window.send(f"{typed}\t")
            window.expect_exact(completed)
            window.send("\x15")  # the line is taken back


def old_bash() -> bool:
    done = subprocess.run(["bash", "-c", "((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404))"], check=False)
    return done.returncode == 0

"""Git repositories for tests: made anew, with nobody's settings, and this tree as one that others can clone."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

PARTS = ("keraslint", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "action.yml")
"""What of this tree somebody needs who installs it from a clone."""

NOT_OURS = ("__pycache__", ".*_cache", "*.egg-info")


def environment(**more: str) -> dict[str, str]:
    """The variables of a shell in which git knows who commits, and nothing else of this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "KERASLINT"))}
    for name in ("FORCE_COLOR", "COLUMNS", "SKIP"):
        kept.pop(name, None)
    known = {
        f"GIT_{who}_{what}": "someone@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    return {**kept, **known, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PIP_NO_COMPILE": "1", **more}


@dataclass(frozen=True)
class Repository:
    """A git repository on disk, and the variables with which commands run there."""

    path: Path
    variables: Mapping[str, str] = field(default_factory=environment)

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.path,
            env=dict(self.variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )

    def git(self, *arguments: str | Path) -> str:
        """What a git command prints, which must succeed."""
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        """Write files and stage them, ignored ones too."""
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self.git("add", "--force", "--", *files)

    def commit(self, files: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
        """Commit files as somebody at a keyboard does."""
        self.write(files)
        return self.run("git", "commit", "--quiet", "--message", "x", *options)

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")


def made(path: Path, variables: Mapping[str, str] | None = None) -> Repository:
    """An empty repository with one commit."""
    path.mkdir(parents=True)
    repository = Repository(path, variables or environment())
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "first")
    return repository


def of_this_tree(path: Path) -> Repository:
    """This tree as it is now, as a repository with a commit."""
    repository = made(path)
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, path / name, ignore=shutil.ignore_patterns(*NOT_OURS))
        else:
            shutil.copy(ROOT / name, path / name)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "as it is")
    return repository

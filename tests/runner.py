"""The steps of GitHub Actions, run as its runner does: bash, the variables, and the files that a step writes to."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests import checkouts

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
ANNOTATION = re.compile(r"^::(?P<kind>error|warning|notice) (?P<properties>.*?)::(?P<message>.*)$", re.M)


class Ended(NamedTuple):
    """What is left of steps that have run: of the first that failed its exit code."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str

    @property
    def annotations(self) -> list[dict[str, str]]:
        """What is shown beside the code, by the properties of it."""
        return [
            {
                **dict(one.split("=", 1) for one in found["properties"].split(",")),
                "kind": found["kind"],
                "message": found["message"],
            }
            for found in ANNOTATION.finditer(self.log)
        ]


@dataclass(frozen=True)
class Job:
    """A machine that runs steps in a workspace."""

    workspace: Path
    temp: Path
    action: Path = checkouts.ROOT
    variables: Mapping[str, str] = field(default_factory=checkouts.environment)

    def run(self, steps: Iterable[Mapping[str, Any]], known: Mapping[str, str]) -> Ended:
        """Run steps one after the other; expressions mean what is `known` or what a step before has put out."""
        known = dict(known)
        log, summary, outputs = "", "", {}
        for number, step in enumerate(steps):
            variables = {name: evaluated(str(text), known) for name, text in step.get("env", {}).items()}
            code, said, outputs, more = self._step(evaluated(step["run"], known), variables, str(number))
            log, summary = log + said, summary + more
            known |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}
            if code:
                break
        return Ended(code, log, outputs, summary)

    def _step(self, script: str, variables: Mapping[str, str], name: str) -> Ended:
        files = {one: self.temp / f"{one.lower()}-{name}" for one in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        (self.temp / "script.sh").write_text(script, encoding="utf-8")
        told = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            **{one: str(file) for one, file in files.items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", self.temp / "script.sh"],
            cwd=self.workspace,
            env={**self.variables, **told, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        written = {one: file.read_text(encoding="utf-8") for one, file in files.items()}
        return Ended(done.returncode, done.stdout, pairs(written["GITHUB_OUTPUT"]), written["GITHUB_STEP_SUMMARY"])


def evaluated(text: str, known: Mapping[str, str]) -> str:
    """A text with the values of its expressions; an output that no step has written is empty."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return known.get(name, "") if name.startswith("steps.") else known[name]

    return EXPRESSION.sub(value, text)


def pairs(text: str) -> dict[str, str]:
    """What a step has put out: `name=value` in each line, the last one counts."""
    return dict(line.split("=", 1) for line in text.splitlines())

"""The README is true: its commands are the ones that are run, its finding is what the tool says.

`python -m tests.test_readme` writes the finding anew.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

PROGRAM = "fixtures/seeds/xray_softmax_from_logits.py"
RULE = "probabilities-as-logits"
BLOCK = re.compile(r"(?<=<!-- finding:start -->\n).*?(?=<!-- finding:end -->)", re.S)


def with_finding(readme: str, root: Path) -> str:
    """The README with what keraslint says today about the program, away from what this repository asks for."""
    plain = {name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "COLUMNS"}}
    with TemporaryDirectory() as folder:
        (Path(folder) / PROGRAM).parent.mkdir(parents=True)
        shutil.copy(root / PROGRAM, Path(folder) / PROGRAM)
        command = [sys.executable, "-m", "keraslint", PROGRAM]
        done = subprocess.run(
            command, cwd=folder, env=plain, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1, done.stderr
    (finding,) = (one for one in done.stdout.split("\n\n") if f"[{RULE}]" in one.partition("\n")[0])
    assert BLOCK.search(readme)
    return BLOCK.sub(lambda _: f"```text\n$ keraslint {PROGRAM}\n{finding}\n```\n", readme)


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def start(readme: str) -> list[str]:
    """The fenced blocks of the section that a newcomer follows."""
    section = readme.split("\n## Start\n")[1].split("\n## ")[0]
    return [block.strip() for block in re.findall(r"^```\w*\n(.*?)^```", section, re.M | re.S)]


def test_the_finding_is_what_keraslint_says(readme: str, root: Path) -> None:
    assert with_finding(readme, root) == readme, "write it anew: python -m tests.test_readme"


def test_the_configuration_is_understood(readme: str, tmp_path: Path) -> None:
    (block,) = re.findall(r"^```toml\n(\[tool.keraslint\]\n.*?)^```", readme, re.M | re.S)
    command = [sys.executable, "-m", "keraslint", "rules", "--format", "json"]

    def rules(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert rules(block).returncode == 0, rules(block).stderr
    assert rules(block).stdout != rules("").stdout
    assert rules(block.replace("target-keras", "target-kears")).returncode == 2
    assert rules(block.replace("unstable-softmax", "unstabel-softmax")).returncode == 2


def test_the_examples_of_configuration_work(readme: str, tmp_path: Path) -> None:
    section = readme.split("```toml")[1]
    (commands,) = re.findall(r"^```sh\n(keraslint --config.*?)^```", section, re.M | re.S)
    first, second = (shlex.split(line)[1:] for line in commands.splitlines())
    (tmp_path / "pyproject.toml").write_text(section.partition("```")[0].lstrip(), encoding="utf-8")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "train.py").touch()

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "keraslint", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert run(*first) == "no findings\n1 file, no models\n"
    assert "learning-rate-out-of-range" in run("rules")
    assert "no: ignored by `learning-rate-*` (pyproject.toml:3)" in run(*second)
    assert "no: ignored by `saturating-stack` (pyproject.toml:3)" in run(*second)


def test_the_example_of_comments_works(readme: str, root: Path, tmp_path: Path) -> None:
    (line,) = re.findall(r"^(keraslint --add-ignore .*)", readme, re.M)
    shutil.copy(root / PROGRAM, tmp_path / "train.py")
    command = [sys.executable, "-m", "keraslint", *shlex.split(line, comments=True)[1:]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == "train.py: 3 findings ignored\n"
    assert (tmp_path / "train.py").read_text(encoding="utf-8").count("] -- before the rewrite, see #12") == 3


def test_the_examples_of_a_baseline_work(readme: str, root: Path, tmp_path: Path) -> None:
    (commands,) = re.findall(r"^```sh\n(keraslint baseline .*?)^```", readme, re.M | re.S)
    shutil.copy(root / PROGRAM, tmp_path)

    def run(line: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "keraslint", *shlex.split(line, comments=True)[1:]]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    first, second, third = (run(line) for line in commands.splitlines())
    assert [first.returncode, second.returncode, third.returncode] == [0, 0, 0]
    assert " 3 new, 0 gone" in first.stderr
    assert "no findings (3 more in the baseline)" in second.stdout
    assert " 0 new, 0 gone" in third.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_the_example_of_completion_works(readme: str) -> None:
    (line,) = re.findall(r'^(eval "\$\(keraslint completion bash\)")$', readme, re.M)
    program = f'keraslint() {{ "{sys.executable}" -m keraslint "$@"; }}; {line}; complete -p keraslint'
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("-F _keraslint_completion keraslint")


def test_start_is_two_commands_of_one_line_each(readme: str) -> None:
    main_job, tests, *_ = start(readme)
    for command in (main_job, tests):
        assert command.startswith("python3 -m venv .venv && ")
        assert "\n" not in command
    assert main_job.endswith("keraslint fixtures/seeds")
    assert tests.endswith("-m pytest -q")


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_continuous_integration_runs_the_second_block_and_nothing_else(root: Path, tmp_path: Path) -> None:
    def fenced(command: str) -> str:
        return f"Text.\n\n```sh\n{command}\n```\n\n"

    (tmp_path / ".ci").mkdir()
    shutil.copy(root / ".ci" / "run", tmp_path / ".ci" / "run")

    def run(command: str) -> tuple[int, str]:
        before = f"# x\n\n{fenced('echo other')}## Start\n\n{fenced('echo main job')}"
        after = f"{fenced('echo third')}## End\n\n{fenced('echo fourth')}"
        (tmp_path / "README.md").write_text(before + fenced(command) + after, encoding="utf-8")
        done = subprocess.run([tmp_path / ".ci" / "run"], cwd=root, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert run("pwd && echo tests") == (0, f"{tmp_path.resolve()}\ntests\n")
    assert run("echo tests && false") == (1, "tests\n")
    assert run("cat") == (0, "")  # nobody types anything there
    assert run("")[0] == 2


def test_every_format_is_in_the_table(readme: str) -> None:
    from keraslint.report import FORMATS

    section = readme.split("\n## Formats\n")[1].split("\n## ")[0]
    cells = (line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))
    assert [name for cell in cells for name in re.findall(r"`(\w+)`", cell)] == list(FORMATS)


if __name__ == "__main__":
    TOP = Path(__file__).resolve().parents[1]
    (TOP / "README.md").write_text(with_finding((TOP / "README.md").read_text(encoding="utf-8"), TOP), encoding="utf-8")

"""Which Keras a project asks for, read from the files that projects have."""

from pathlib import Path

import pytest

from keraslint.model import Fact, Obsolete, Position, Program, Runtime, Span
from keraslint.surroundings import surrounded, versions

CASES = {
    "pinned": ("requirements.txt", "numpy\ntensorflow==2.3.1\n", {"tensorflow": "2.3.1"}),
    "compatible": (
        "requirements-dev.txt",
        "tensorflow-gpu~=2.8\nKeras==2.8.0  # old\n",
        {"tensorflow": "2.8", "keras": "2.8.0"},
    ),
    "upper bound": ("requirements.txt", "tensorflow>=2.4,<2.16\n", {"tensorflow": "2.15"}),
    "upper bound itself": ("requirements.txt", "keras>=2.0.9,<=2.3.1\n", {"keras": "2.3.1"}),
    "from Keras 3 on": ("requirements.txt", "keras>=3\ntensorflow>=2.4\n", {"keras": "3"}),
    "from TensorFlow 2.16 on": ("requirements.txt", "tensorflow>=2.16.1\n", {"tensorflow": "2.16.1"}),
    "open upwards": ("requirements.txt", "tensorflow>=2.4\nkeras\n", {}),
    "conda": ("environment.yml", "dependencies:\n  - python=3.7\n  - tensorflow=2.1\n", {"tensorflow": "2.1"}),
    "project": (
        "pyproject.toml",
        '[project]\ndependencies = ["tensorflow[and-cuda]==2.15.0"]\n',
        {"tensorflow": "2.15.0"},
    ),
    "extras do not count": ("pyproject.toml", '[project.optional-dependencies]\nprobe = ["tensorflow==2.3"]\n', {}),
    "poetry": (
        "pyproject.toml",
        '[tool.poetry.dependencies]\nkeras = "^2.4"\ntensorflow = {version = "2.4.1"}\n',
        {"keras": "2.4", "tensorflow": "2.4.1"},
    ),
    "locked": ("uv.lock", '[[package]]\nname = "keras"\nversion = "3.4.1"\n', {"keras": "3.4.1"}),
    "setup": ("setup.py", 'setup(install_requires=["tensorflow>=2.0,<2.11"])\n', {"tensorflow": "2.10"}),
    "pipenv": ("Pipfile", '[packages]\ntensorflow = "==2.2.0"\n', {"tensorflow": "2.2.0"}),
    "other packages": ("requirements.txt", "keras-tuner==1.4\ntensorflow-datasets==4.9\nmy-keras==1.0\n", {}),
    "backend": ("keras.json", '{"floatx": "float32", "backend": "jax"}\n', {"backend": "jax"}),
    "broken": ("pyproject.toml", "[project\ndependencies = [", {}),
}


@pytest.mark.parametrize(("name", "text", "expected"), CASES.values(), ids=CASES)
def test_what_a_file_asks_for(tmp_path: Path, name: str, text: str, expected: dict[str, str]) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / ".git").mkdir()

    found = versions(str(tmp_path))

    assert {key: fact.value for key, fact in found.items()} == expected
    for fact in found.values():
        line = text.splitlines()[fact.span.line - 1]
        if "<" not in line:
            assert line[fact.span.column - 1 : fact.span.end_column - 1] == fact.value


def test_the_nearest_folder_counts_up_to_the_repository(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("tensorflow==1.15\n", encoding="utf-8")
    repository = tmp_path / "repository"
    inner = repository / "src" / "models"
    inner.mkdir(parents=True)
    (repository / ".git").mkdir()
    assert versions(str(inner)) == {}

    (repository / "requirements.txt").write_text("tensorflow==2.8\n", encoding="utf-8")
    other = repository / "other"
    other.mkdir()
    assert versions(str(other))["tensorflow"].value == "2.8"


def test_what_only_the_development_of_a_project_locks_says_nothing(tmp_path: Path) -> None:
    lock = '[[package]]\nname = "keras"\nversion = "3.4.1"\n'
    (tmp_path / "uv.lock").write_text(lock, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[dependency-groups]\ndev = ["keras"]\n', encoding="utf-8")
    assert versions(str(tmp_path)) == {}

    needed = tmp_path / "needed"
    needed.mkdir()
    (needed / "uv.lock").write_text(lock, encoding="utf-8")
    (needed / "pyproject.toml").write_text('[project]\ndependencies = ["keras"]\n', encoding="utf-8")
    assert versions(str(needed))["keras"].value == "3.4.1"


def program(path: Path, package: str | None) -> Program:
    span = Span(path.as_posix(), Position(1, 1, 1, 2))
    runtime = Runtime(package=Fact(package, span) if package else None)
    return Program(
        path.as_posix(), obsolete=(Obsolete(span, Fact("lr", span), "Adam", "accepted", "raises", runtime=runtime),)
    )


@pytest.mark.parametrize(
    ("package", "asked", "keras", "tensorflow"),
    [
        ("keras", "tensorflow==2.8\n", "2.8", "2.8"),
        ("keras", "tensorflow==2.18\n", "3", "2.18"),
        ("keras", "keras==2.3.1\ntensorflow==1.15\n", "2.3.1", "1.15"),
        ("tensorflow.keras", "tensorflow==2.3\nkeras==3.1\n", None, "2.3"),
        ("tensorflow.keras", "tensorflow>=2.3\nkeras>=2.0.9,<=2.3.1\n", None, "2.5"),
        ("tensorflow.keras", "keras<3\n", None, "2.15"),
        (None, "keras<=2.3.1\n", "2.3.1", "2.5"),
        ("tensorflow.keras", "keras==2.8.0\n", None, "2.8"),
        (None, "tensorflow==2.3\n", None, "2.3"),
    ],
)
def test_what_the_program_leaves_open_is_filled_in(
    tmp_path: Path, package: str | None, asked: str, keras: str | None, tensorflow: str
) -> None:
    (tmp_path / "requirements.txt").write_text(asked, encoding="utf-8")

    runtime = surrounded(program(tmp_path / "train.py", package)).obsolete[0].runtime

    assert (runtime.keras.value if runtime.keras else None) == keras
    assert runtime.tensorflow is not None
    assert runtime.tensorflow.value == tensorflow

"""A program that is spread over files: what one imports from another is followed, and each slip is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from keraslint.lint import lint
from keraslint.static.text.project import find

HEAD = """
from tensorflow.keras import Sequential, layers
from {config} import CLASSES, HEAD

def build(n=CLASSES, act=HEAD):
    model = Sequential([layers.Dense(32, activation="relu")])
    model.add(layers.Dense(n, activation=act))
    return model
"""
CONFIG = """
CLASSES = 10
HEAD = "softmax"
"""
LOSS = """
import tensorflow as tf

def loss():
    return tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
"""
TRAIN = """
{imports}

model = {build}()
model.compile("adam", loss={loss}())
"""


def write(folder: Path, files: dict[str, str]) -> None:
    (folder / "setup.py").touch()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


PACKAGE = {
    "pkg/__init__.py": "",
    "pkg/models.py": HEAD.format(config=".config"),
    "pkg/config.py": CONFIG,
    "pkg/losses.py": LOSS,
}

IMPORTS = {
    "from module import name": ("from pkg.models import build\nfrom pkg.losses import loss", "build", "loss"),
    "aliases": ("from pkg.models import build as make\nimport pkg.losses as l", "make", "l.loss"),
    "modules of a package": ("from pkg import models, losses", "models.build", "losses.loss"),
    "dotted": ("import pkg.models\nimport pkg.losses", "pkg.models.build", "pkg.losses.loss"),
    "star": ("from pkg.models import *\nfrom pkg.losses import *", "build", "loss"),
    "in a function": (
        "from pkg.losses import loss\ndef build():\n    from pkg.models import build\n    return build()",
        "build",
        "loss",
    ),
    "first of two": (
        "try:\n    from pkg.models import build\nexcept ImportError:\n    build = None\nfrom pkg.losses import loss",
        "build",
        "loss",
    ),
}


@pytest.mark.parametrize(("imports", "build", "loss"), IMPORTS.values(), ids=IMPORTS)
def test_a_head_and_a_loss_of_other_files_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, imports: str, build: str, loss: str
) -> None:
    write(tmp_path, {**PACKAGE, "train.py": TRAIN.format(imports=imports, build=build, loss=loss)})
    monkeypatch.chdir(tmp_path)

    report = lint(".")

    assert [finding.rule for finding in report.findings] == ["probabilities-as-logits"]
    places = {(fact.span.path, fact.span.line) for fact in report.findings[0].because}
    assert places == {("pkg/losses.py", 5), ("pkg/config.py", 3)}


def test_names_that_a_package_hands_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**PACKAGE, "pkg/__init__.py": "from .models import build\nfrom .losses import loss\n"}
    write(tmp_path, {**files, "train.py": TRAIN.format(imports="import pkg", build="pkg.build", loss="pkg.loss")})
    monkeypatch.chdir(tmp_path)

    assert [finding.rule for finding in lint("train.py").findings] == ["probabilities-as-logits"]


def test_a_right_program_stays_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**PACKAGE, "pkg/config.py": "CLASSES = 10\nHEAD = None\n"}
    write(
        tmp_path,
        {
            **files,
            "train.py": TRAIN.format(
                imports="from pkg import models, losses", build="models.build", loss="losses.loss"
            ),
        },
    )
    monkeypatch.chdir(tmp_path)

    report = lint(".")

    assert report.findings == ()
    assert [model.span.path for model in report.models if model.trainings] == ["pkg/models.py"]


TRAINER = """
import tensorflow as tf
class Trainer:
    def __init__(self, model, loss):
        self.model, self.loss = model, loss
    def step(self, x, y):
        with tf.GradientTape() as tape:
            value = self.loss(y, self.model(x))
        return tape.gradient(value, self.model.trainable_weights)
"""
LOOP = """
import tensorflow as tf
import sys
sys.path.append("..")
from pkg.losses import loss
from pkg.models import build
from trainer import Trainer
Trainer(build(), loss()).step([[1.0]], [0])
"""


@pytest.mark.parametrize(("folder", "linted"), [(".", "runs/loop.py"), ("runs", "loop.py")])
def test_a_model_and_a_loss_meet_in_a_loop_of_a_third_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, linted: str
) -> None:
    """The file that brings them together tells, wherever it is linted from."""
    write(tmp_path, {**PACKAGE, "trainer.py": TRAINER, "runs/loop.py": LOOP})
    monkeypatch.chdir(tmp_path / folder)

    assert [finding.rule for finding in lint(linted).findings] == ["probabilities-as-logits"]
    assert lint(str(tmp_path / "trainer.py")).findings == ()


def test_what_an_imported_file_trains_is_told_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train = TRAIN.format(imports="import pkg.models, pkg.losses", build="pkg.models.build", loss="pkg.losses.loss")
    write(tmp_path, {**PACKAGE, "train.py": train, "plot.py": "import keras\nimport train\n"})
    monkeypatch.chdir(tmp_path)

    assert lint("plot.py").findings == ()
    assert len(lint(".").findings) == 1


def test_files_that_import_each_other_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {
            "a.py": "import keras\nfrom b import second\ndef first():\n    return second()\nfirst()\n",
            "b.py": "import keras\nimport a\ndef second():\n    return a.first()\nsecond()\n",
            "broken.py": "import keras\nfrom half import x\n",
            "half.py": "import keras\ndef x(:\n",
        },
    )
    monkeypatch.chdir(tmp_path)

    report = lint(".")

    assert [finding.rule for finding in report.findings] == ["unreadable-file"]
    assert report.failures == ()


@pytest.mark.parametrize(
    ("importer", "module", "expected"),
    [
        ("train.py", "pkg.models", "pkg/models.py"),
        ("train.py", "pkg", "pkg/__init__.py"),
        ("pkg/models.py", ".config", "pkg/config.py"),
        ("pkg/models.py", "pkg.config", "pkg/config.py"),
        ("pkg/models.py", "..train", "train.py"),
        ("pkg/models.py", "config", "pkg/config.py"),
        ("train.py", "keras", None),
        ("train.py", "keras.layers", None),
        ("train.py", "nowhere", None),
        ("train.py", ".", None),
    ],
)
def test_where_a_module_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, importer: str, module: str, expected: str | None
) -> None:
    write(tmp_path, {**PACKAGE, "train.py": "", "keras/__init__.py": "", "keras/layers.py": ""})
    monkeypatch.chdir(tmp_path)

    found = find((tmp_path / importer).as_posix(), module)

    assert found == ((tmp_path / expected).as_posix() if expected else None)

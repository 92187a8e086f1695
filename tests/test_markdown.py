"""Python in Markdown: one program of all its blocks, every place in it the place in the document."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from keraslint.cli import cli
from keraslint.source import Source
from keraslint.source.markdown import program_of

GUIDE = """# A guide

Build it:

```python
import keras
from keras import layers

model = keras.Sequential([layers.Dense(10, activation="softmax")])
```

Some output, no Python:

```
model.compile("adam", "mse")
```

~~~py title="train"
loss = keras.losses.CategoricalCrossentropy(from_logits=True)
model.compile("adam", loss)
~~~

- in a list:

    ```python
    keras.wrong(
    ```

```bash
pip install keras
```

```python
%matplotlib inline
model.fit(
```
"""


def test_blocks_are_one_program_and_keep_their_places() -> None:
    program = program_of(GUIDE)

    assert program.count("\n") == GUIDE.count("\n")
    kept = {number for number, line in enumerate(program.splitlines(), 1) if line.strip()}
    assert kept == {6, 7, 9, 19, 20}
    for number in kept:
        assert program.splitlines()[number - 1] == GUIDE.splitlines()[number - 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python\nx = 1\n", "\nx = 1\n"),
        ("```python\nx = 1\n````\n", "\nx = 1\n\n"),
        ("````python\nx = '''\n```\n'''\n````\n", "\nx = '''\n```\n'''\n\n"),
        ("```Python\r\nx = 1\r\n```\r\n", "\nx = 1\r\n\n"),
        ("```pycon\n>>> x\n```\n", "\n\n\n"),
        ("``` {.python}\nx = 1\n```\n", "\nx = 1\n\n"),
        ("text ```python` x\n", "\n"),
        ("", ""),
    ],
)
def test_fences(text: str, expected: str) -> None:
    assert program_of(text) == expected


def test_a_document_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "guide.md"
    path.write_text(GUIDE, encoding="utf-8")

    source = Source.read(path)

    assert source.kind == "markdown"
    assert source.text == GUIDE
    assert source.position(9, 1, 9, 6) == (9, 1, 9, 6, None, None, None)


def test_documents_are_looked_at_where_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "guide.md").write_text(GUIDE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    command = ["check", "--output-format", "concise", "--isolated"]

    without = CliRunner().invoke(cli, [*command, "."])
    assert without.exit_code == 0
    assert "no Python files" in without.output

    asked = CliRunner().invoke(cli, [*command, "--markdown", "."])
    assert asked.exit_code == 1
    assert asked.output.startswith("guide.md:19:45: warning[probabilities-as-logits]")

    named = CliRunner().invoke(cli, [*command, "guide.md"])
    assert named.exit_code == 1

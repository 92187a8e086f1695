"""Comments that are written for what is found: they silence it and change nothing else."""

from __future__ import annotations

import ast
import difflib
import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from keraslint.cli import cli
from keraslint.source import Source
from tests import made

REASON = "legacy, see #12"
NOTED = f"# keraslint: ignore[model-noted] -- {REASON}"
ONE = f"# keraslint: ignore[softmax-twice] -- {REASON}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rules and a reader that knows two words."""
    made.use(monkeypatch)


def keraslint(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(arguments), input=given)


def ignored(text: str, path: str = "train.py", *more: str) -> str:
    """The text with comments; nothing is found in it any more, and another run adds nothing."""
    Path(path).write_bytes(text.encode())
    done = keraslint(path, "--add-ignore", REASON, "--fail-on", "note", *more)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("no findings")
    after = Path(path).read_bytes()
    again = keraslint(path, "--add-ignore", "another reason", "--fail-on", "note", *more)
    assert (again.exit_code, again.stderr) == (0, "")
    assert Path(path).read_bytes() == after
    return after.decode()


HEAD = 'layers.Dense(10, activation="softmax"),'
FLAG = "loss=keras.losses.CategoricalCrossentropy(from_logits=True),"


def edited(old: str, new: str, text: str = made.TRAIN) -> str:
    assert old in text
    return text.replace(old, new)


LONG = "x" * 60
PLACES = {
    "at the end of the line": (made.TRAIN, [(HEAD, f"{HEAD}  # keraslint: ignore[model-noted] -- {REASON}")]),
    "behind another comment": (edited(HEAD, f"{HEAD}  # ten"), [("# ten", f"# ten  {NOTED}")]),
    "for blanks": (edited(HEAD, f"{HEAD}   "), [(f"{HEAD}   ", f"{HEAD}  {NOTED}")]),
    "above a long line": (
        edited(HEAD, f"{HEAD}  # {LONG}"),
        [(f"    {HEAD}", f"    # keraslint: ignore[model-noted] -- {REASON}\n    {HEAD}")],
    ),
    "into a comment": (
        edited(HEAD, f"{HEAD}  # keraslint: ignore[unread-file] -- why"),
        [("[unread-file] -- why", f"[unread-file, model-noted] -- why; {REASON}")],
    ),
    "into a comment without a reason": (
        edited(HEAD, f"{HEAD}  # keraslint: ignore[ unread_file ]"),
        [("[ unread_file ]", f"[ unread_file, model-noted ] -- {REASON}")],
    ),
    "into a comment above": (
        edited(HEAD, f"# keraslint: ignore[unread-file]\n    {HEAD}  # {LONG}"),
        [("[unread-file]", f"[unread-file, model-noted] -- {REASON}")],
    ),
    "not into words": (
        edited(HEAD, f"{HEAD}  # keraslint: ignore"),
        [("ignore", f"ignore  # keraslint: ignore[model-noted] -- {REASON}")],
    ),
}


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(("text", "expected"), PLACES.values(), ids=PLACES)
def test_where_a_comment_goes(text: str, expected: list[tuple[str, str]]) -> None:
    after = text
    for old, new in [*expected, (FLAG, f"{FLAG}  {ONE}")]:
        assert text.count(old) == 1
        after = after.replace(old, new)
    assert ignored(text) == after


STRINGS = {
    "a line that ends in a string": 'f(layers.Dense(1, activation="softmax"), """\n""")\ny = "from_logits=True"\n',
    "a line that begins in a string": 'f("""\n""", layers.Dense(1, activation="softmax"))\ny = "from_logits=True"\n',
    "a line in a string": 'x = """\n  "softmax"\n  \n"""\ny = "from_logits=True"\n',
    "a line that goes on": 'x = 1 + \\\n  "softmax" + \\\n  1\ny = "from_logits=True"\n',
    "a line that goes on in brackets": 'x = (1 + \\\n  "softmax" + \\\n  1)\ny = "from_logits=True"\n',
    "a statement behind another": 'z = 1; x = "softmax"; y = "from_logits=True"\n',
    "in a block": 'if True:\n\tx = ("softmax" +\\\n"")\n\ty = "from_logits=True"\n',
    "without an end": 'x = "softmax"\ny = "from_logits=True"',
    "on the first line": '"softmax"\n"from_logits=True"\n',
    "decorated": '@f("softmax" \\\n )\ndef g(): return "from_logits=True"\n',
    "formatted": 'x = f"""{1}"softmax"\n{2}"""\ny = "from_logits=True"\n',
    "with a tab and wide signs": 'x\t= "softmax", "数"\ny = "数", "from_logits=True"\n',
    "with a form feed": '\x0cx = "softmax"\ny = "from_logits=True"\n',
}


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("path", ["train.py", "train.ipynb", "train.md"])
@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_no_layout_is_too_odd(text: str, path: str, end: str) -> None:
    text = f"import keras\n{text}".replace("\n", end)
    if path.endswith(".md"):
        text = f"# It's{end}{end}```python{end}{text}{end}```{end}"
    elif path.endswith(".ipynb"):
        text = notebook(text)
    after = ignored(text, path, "--markdown")
    assert tree(path, after) == tree(path, text)
    if not path.endswith(".ipynb"):
        assert set(re_ends(after)) == {end}


LAYOUTS = st.lists(st.sampled_from(sorted(STRINGS.values())), min_size=1, max_size=4)


@pytest.mark.usefixtures("few")
@settings(max_examples=60, deadline=None)
@given(LAYOUTS, st.sampled_from(["train.py", "train.ipynb"]), st.booleans(), st.sampled_from(["", f"# {LONG * 2}"]))
def test_no_layout_is_too_odd_beside_others(pieces: list[str], path: str, block: bool, comment: str) -> None:
    text = "\n".join(pieces) + "\n"
    if block and not {'"""', "\x0c"} & {mark for mark in ('"""', "\x0c") if mark in text}:
        text = "if True:\n" + "".join(f"    {line}\n" for line in text.splitlines())
    if comment and "\\\n" not in text and '"""' not in text:
        text = "".join(f"{line}  {comment}\n" for line in text.splitlines())
    text = f"import keras\n{text}"
    text = notebook(text) if path.endswith(".ipynb") else text
    assert tree(path, ignored(text, path)) == tree(path, text)


def re_ends(text: str) -> list[str]:
    return [line[len(line.rstrip("\r\n")) :] for line in text.splitlines(keepends=True) if line.endswith(("\r", "\n"))]


def tree(path: str, text: str) -> str:
    return ast.dump(ast.parse(Source.from_text(path, text).program))


def notebook(*cells: str, whole: bool = False, **more: object) -> str:
    sources = [cell if whole else cell.splitlines(keepends=True) for cell in cells]
    code = [
        {"cell_type": "code", "execution_count": 3, "id": f"c{number}", "metadata": {}, "outputs": [], "source": source}
        for number, source in enumerate(sources)
    ]
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}, indent=1) + "\n"


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("magic", ["%matplotlib inline", "%%time", "!pip install 'keras'", "# words"])
@pytest.mark.parametrize("indent", ["", "  "])
def test_a_notebook_changes_where_the_comments_are(whole: bool, magic: str, indent: str) -> None:
    text = edited(HEAD, f"{HEAD}  # {LONG}")
    cell = "".join(f"{indent}{line}\n" if line else "\n" for line in [magic, *text.splitlines()])
    before = notebook("1\n", cell.rstrip("\n"), "# last\n", whole=whole)
    after = ignored(before, "a.ipynb")
    old, new = (json.loads(one)["cells"] for one in (before, after))
    source = "".join(new[1]["source"])
    above = f"    # keraslint: ignore[model-noted] -- {REASON}\n"
    assert source.replace(f"{indent}{above}", "").replace(f"  {ONE}", "") == "".join(old[1]["source"])
    assert f"{indent}{above}{indent}    {HEAD}" in source
    for cell in (old[1], new[1]):
        del cell["source"]
    assert old == new
    assert isinstance(json.loads(after)["cells"][1]["source"], str) is whole
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith(("+", "-"))]
    assert len(changed) == (2 if whole else 3)


# --- real rules on real programs -------------------------------------------------------------------------------------


def fixtures(root: Path) -> list[Path]:
    found = sorted(path for path in (root / "fixtures").glob("*/*") if path.suffix in (".py", ".ipynb", ".md"))
    readable = [path for path in found if path.parent.name not in ("unreadable_file", "project")]
    return [
        *readable[::15],
        *(path for path in readable if path.suffix == ".ipynb" or path.parent.name == "unused_ignore"),
    ]


def test_programs_are_silent_afterwards(root: Path, folder: Path) -> None:
    """Also what is found of comments themselves."""
    before = {}
    for number, path in enumerate(fixtures(root)):
        name = f"{number}{path.suffix}"
        shutil.copy(path, name)
        before[name] = Source.read(name)
    found = json.loads(keraslint(".", "--output-format", "json", "--isolated").stdout)["findings"]
    assert len(found) > 50
    assert {one["rule"] for one in found} > {"unused-ignore", "probabilities-as-logits"}
    done = keraslint(".", "--add-ignore", REASON, "--isolated", "--fail-on", "note")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "no findings"), done.output
    assert done.stderr.count(" ignored\n") == len({one["path"] for one in found})
    for name, source in before.items():
        assert tree(name, Source.read(name).text) == tree(name, source.text)
    texts = {path: path.read_bytes() for path in folder.iterdir()}
    assert keraslint(".", "--add-ignore", REASON, "--isolated").stderr == ""
    assert {path: path.read_bytes() for path in folder.iterdir()} == texts


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("few")
def test_a_file_that_cannot_be_written_stays() -> None:
    for name in ("a.py", "b.py"):
        Path(name).write_text(made.TRAIN, encoding="utf-8")
    os.chmod("a.py", 0o444)
    done = keraslint(".", "--add-ignore", REASON, "--output-format", "concise")
    assert done.exit_code == 1
    assert done.stderr == "a.py: nothing ignored: the file is read-only\nb.py: 2 findings ignored\n"
    assert {line.partition(":")[0] for line in done.stdout.splitlines() if "[" in line} == {"a.py"}
    assert Path("a.py").read_text(encoding="utf-8") == made.TRAIN


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.py", made.TRAIN.encode() + b"x = (\n", "a.py: nothing ignored: not Python: "),
        ("a.ipynb", b'{"keras": ', "a.ipynb: nothing ignored: not a notebook: "),
        ("a.py", b"# coding: latin-1\n" + made.TRAIN.encode(), "the reason cannot be written in iso-8859-1"),
        ("a.py", b"# coding: utf-8\nimport keras\n\xff", "byte 0xff is not utf-8 text"),
    ],
)
def test_what_is_no_program_gets_no_comment(name: str, data: bytes, message: str) -> None:
    Path(name).write_bytes(data)
    done = keraslint(name, "--add-ignore", "数", "--output-format", "concise")
    assert done.exit_code == 1
    assert message in done.stderr
    assert Path(name).read_bytes() == data


@pytest.mark.usefixtures("few")
def test_standard_input_gets_no_comment() -> None:
    done = keraslint("-", "--add-ignore", REASON, given=made.TRAIN)
    assert done.exit_code == 1
    assert "<stdin>: nothing ignored: standard input and pipes cannot be written" in done.stderr


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("reason", ["", "  ", "one\ntwo", "one\rtwo", "a\u2028b"])
def test_a_reason_is_one_line(reason: str) -> None:
    Path("a.py").write_text(made.TRAIN, encoding="utf-8")
    done = keraslint("a.py", f"--add-ignore={reason}")
    assert done.exit_code == 2
    assert "`--add-ignore` needs a reason of one line" in done.stderr


@pytest.mark.usefixtures("few")
def test_the_encoding_stays() -> None:
    text = f"# coding: latin-1\n{made.TRAIN}# größe\n"
    Path("a.py").write_bytes(text.encode("latin-1"))
    assert keraslint("a.py", "--add-ignore", "Größe").exit_code == 0
    after = Path("a.py").read_bytes().decode("latin-1")
    assert after.count("-- Größe") == 2
    Path("b.py").write_bytes(b"\xef\xbb\xbf" + made.TRAIN.encode())
    assert keraslint("b.py", "--add-ignore", "数").exit_code == 0
    assert Path("b.py").read_bytes().startswith(b"\xef\xbb\xbfimport")


@pytest.mark.usefixtures("few")
@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20).filter(lambda text: len(text.splitlines()) == 1 and text.strip() and "\0" not in text))
def test_whatever_the_reason_nothing_else_changes(reason: str) -> None:
    for path, text in (("a.py", made.TRAIN), ("a.ipynb", notebook(made.TRAIN))):
        Path(path).write_text(text, encoding="utf-8")
        done = keraslint(path, f"--add-ignore={reason}")
        after = Path(path).read_bytes().decode()
        assert (done.exit_code == 0) == (after != text), done.output
        assert tree(path, after) == tree(path, text)


# --- together with the rest ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("few")
def test_it_can_be_shown() -> None:
    Path("a.py").write_text(made.TRAIN, encoding="utf-8")
    done = keraslint("a.py", "--add-ignore", REASON, "--diff")
    assert done.exit_code == 1
    assert f"+    {FLAG}  {ONE}" in done.stdout
    assert Path("a.py").read_text(encoding="utf-8") == made.TRAIN


@pytest.mark.usefixtures("few")
def test_what_is_fixed_or_known_needs_no_comment() -> None:
    Path("a.py").write_text(made.TRAIN, encoding="utf-8")
    assert keraslint("baseline", "a.py", "--select", "model-*").exit_code == 0
    done = keraslint("a.py", "--baseline", "keraslint-baseline.json", "--add-ignore", REASON, "--fail-on", "note")
    assert (done.exit_code, done.stderr) == (0, "a.py: 1 finding ignored\n")
    assert Path("a.py").read_text(encoding="utf-8") == edited(FLAG, f"{FLAG}  {ONE}")
    Path("b.py").write_text(made.TRAIN, encoding="utf-8")
    assert keraslint("b.py", "--fix", "--add-ignore", REASON, "--fail-on", "note").exit_code == 0
    assert "softmax-twice" not in Path("b.py").read_text(encoding="utf-8")


def test_a_place_in_a_file_that_was_not_looked_at_gets_none() -> None:
    Path("setup.py").touch()
    Path("heads.py").write_text(
        "import keras\n\ndef head():\n    return keras.layers.Dense(1, activation='softmax')\n", encoding="utf-8"
    )
    heads = Path("heads.py").read_bytes()
    Path("train.py").write_text(
        "import keras\nfrom heads import head\n\nmodel = keras.Sequential([head()])\n"
        "model.compile('adam', keras.losses.CategoricalCrossentropy(from_logits=True))\n",
        encoding="utf-8",
    )
    done = keraslint("train.py", "--add-ignore", REASON, "--output-format", "concise")
    assert done.exit_code == 1
    assert "heads.py: nothing ignored: it was not looked at" in done.stderr
    assert Path("heads.py").read_bytes() == heads
    assert "ignore[probabilities-as-logits]" in Path("train.py").read_text(encoding="utf-8")
    assert keraslint(".", "--add-ignore", REASON).exit_code == 0

"""Configuration: where it is found, what it says, and that nothing misspelt is passed over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keraslint.config import ConfigError, Configuration, Overrides, PerFile, Settings, load, place_of, within

ALL = """\
[project]
name = "x"

[tool.keraslint]
select = ["softmax-*"]
ignore = ["a", "b"]
exclude = ["gen"]
fail-on = "error"
target-keras = "3.15"
backend = "jax"
baseline = "sub/../known.json"

[tool.keraslint.severity]
"softmax-*" = "note"

[tool.keraslint.per-file-ignores]
"tests/*" = ["a"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(text: str, name: str = "keraslint.toml") -> Settings | None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    return load(str(Path(name).resolve().parent))


def test_every_key_is_read(tmp_path: Path) -> None:
    settings = written(ALL, "pyproject.toml")
    assert settings is not None
    assert settings._replace(lines={}) == Settings(
        select=("softmax-*",),
        ignore=("a", "b"),
        severity=(("softmax-*", "note"),),
        exclude=((str(tmp_path), "gen"),),
        fail_on="error",
        target_keras="3.15",
        backend="jax",
        file="pyproject.toml",
        folder=str(tmp_path),
        per_file_ignores=(PerFile(str(tmp_path), "tests/*", ("a",)),),
        baseline=str(tmp_path / "known.json"),
    )
    keys = ("select", "ignore", "exclude", "fail-on", "target-keras", "backend", "baseline", "severity")
    lines = dict(zip(keys, (5, 6, 7, 8, 9, 10, 11, 13), strict=True))
    assert settings.lines == lines | {"per-file-ignores": 16}
    assert [place_of(one) for one in settings.rule_globs()] == [f"pyproject.toml:{n}" for n in (5, 6, 6, 14, 17)]


def test_a_file_of_our_own_goes_first() -> None:
    written('[tool.keraslint]\nbackend = "jax"\n', "pyproject.toml")
    settings = written('backend = "torch"\n')
    assert settings
    assert settings.backend == "torch"


@pytest.mark.parametrize("text", ["", "[project]\nname = 'keraslint-user'\n", "[tool]\n", "not TOML at all"])
def test_a_project_that_says_nothing_about_us_is_passed_by(text: str) -> None:
    assert written(text, "pyproject.toml") is None


def test_the_nearest_file_holds_alone(tmp_path: Path) -> None:
    written('backend = "jax"\nignore = ["a"]\n')
    written('[tool.keraslint]\nbackend = "torch"\n', "inner/pyproject.toml")
    configuration = Configuration()
    assert configuration.at("x.py").backend == "jax"
    assert configuration.at("other/deep/x.py").ignore == ("a",)
    assert configuration.at("inner/deep/x.py") == configuration.inside(str(tmp_path / "inner"))
    assert configuration.at("inner/x.py").backend == "torch"
    assert configuration.at("inner/x.py").ignore == ()
    assert configuration.at("inner/x.py").file == str(Path("inner/pyproject.toml"))
    assert Configuration(Overrides(isolated=True)).at("x.py").backend is None


def test_the_command_line_goes_before_the_file(tmp_path: Path) -> None:
    written('select = ["a"]\nignore = ["b"]\nfail-on = "error"\nexclude = ["x"]\nseverity = { c = "note" }\n')
    overrides = Overrides(ignore=("d",), severity=(("c", "error"),), exclude=("y",), fail_on="note")
    settings = Configuration(overrides).at("x.py")
    assert settings.select == ("a",)
    assert settings.ignore == ("b", "d")
    assert settings.severity == (("c", "note"), ("c", "error"))
    assert settings.exclude == ((str(tmp_path), "x"), (str(tmp_path), "y"))
    assert settings.fail_on == "note"
    assert Configuration(Overrides(select=("b",))).at("x.py").ignore == ()


REFUSED = [
    ('ignroe = ["a"]\n', "keraslint.toml:1: unknown key `ignroe`; did you mean `ignore`?"),
    ('select = ["a"]\nfail_on = "note"\n', "keraslint.toml:2: unknown key `fail_on`; did you mean `fail-on`?"),
    ("\nzzz = 1\n", "keraslint.toml:2: unknown key `zzz`"),
    ('select = "a"\n', "keraslint.toml:1: `select` must be a list of strings"),
    ("ignore = [1]\n", "keraslint.toml:1: `ignore` must be a list of strings"),
    (
        'fail-on = "warnings"\n',
        'keraslint.toml:1: `fail-on` must be one of `"note"`, `"warning"`, `"error"`; did you mean `warning`?',
    ),
    ("fail-on = 1\n", 'keraslint.toml:1: `fail-on` must be one of `"note"`, `"warning"`, `"error"`'),
    ('severity = "note"\n', 'keraslint.toml:1: `severity` must be a table such as `{ rule-name = "note" }`'),
    ("[severity]\na = 'note'\nb = 'off'\n", "keraslint.toml:3: `severity.b` must be one of"),
    ("severity.b = 'off'\n", "keraslint.toml:1: `severity.b` must be one of"),
    ("severity = { b = 'off' }\n", "keraslint.toml:1: `severity.b` must be one of"),
    ("target-keras = 3\n", "keraslint.toml:1: `target-keras` must be a version of Keras in quotes"),
    ('target-keras = "4"\n', "keraslint.toml:1: `target-keras` must be a version of Keras"),
    ('backend = "jaxx"\n', 'must be one of `"tensorflow"`, `"jax"`, `"torch"`; did you mean `jax`?'),
    ("select = [\n", "keraslint.toml:"),
    (f"select = {'[' * 5000}", "keraslint.toml:1: not TOML: maximum recursion depth exceeded"),
    (f"select = {'1' * 5000}", "keraslint.toml:1: not TOML: exceeds the limit"),
    ("\nprobe = true\n", "keraslint.toml:2: `probe` cannot be set here: measuring runs the programs, "),
    ('per-file-ignores = ["a"]\n', "keraslint.toml:1: `per-file-ignores` must be a table such as"),
    (
        '[per-file-ignores]\n"a.b" = ["x"]\n"tests/*.py" = "x"\n',
        "keraslint.toml:3: `per-file-ignores.tests/*.py` must be a list of strings",
    ),
    ("baseline = 1\n", "keraslint.toml:1: `baseline` must be the path of a file"),
    ('baseline = ""\n', "keraslint.toml:1: `baseline` must be the path of a file"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_not_understood_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        written(text)
    assert message in str(refused.value)


IN_PROJECT = [
    ("[tool.keraslint]\nselct = []\n", "pyproject.toml:2: unknown key `selct`; did you mean `select`?"),
    ("[tool]\nkeraslint = 1\n", "pyproject.toml:2: `tool.keraslint` must be a table"),
    ("[tool]\nkeraslint.selct = []\n", "pyproject.toml:2: unknown key `selct`"),
    ("[tool.other]\nselct = []\n[tool.keraslint]\n'selct' = []\n", "pyproject.toml:4: unknown key"),
    ("tool.keraslint = { selct = [] }\n", "pyproject.toml:1: unknown key"),
    ("[tool.keraslint]\n\nx = ]\n", "pyproject.toml:3: not TOML: "),
]


@pytest.mark.parametrize(("text", "message"), IN_PROJECT)
def test_the_place_in_a_project_file_is_found(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        written(text, "pyproject.toml")
    assert str(refused.value).startswith(message)


def test_a_file_that_is_not_text_is_refused() -> None:
    Path("keraslint.toml").write_bytes(b"select = ['\xff']\n")
    with pytest.raises(ConfigError, match=r"keraslint\.toml: not UTF-8"):
        Configuration().at("x.py")


# --- for some files only ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glob", "path", "covered"),
    [
        ("tests", "tests/deep/a.py", True),
        ("tests", "src/tests/a.py", True),
        ("tests", "src/a.py", False),
        ("tests/", "tests/a.py", True),
        ("tests/*", "tests/deep/a.py", True),
        ("tests/*", "src/tests/a.py", False),
        ("**/tests/*", "tests/a.py", True),
        ("**/tests/*", "src/tests/a.py", True),
        ("src\\old", "src/old/a.py", True),
        ("./a.py", "a.py", True),
        ("a.py", "deep/a.py", True),
        ("*.ipynb", "deep/a.ipynb", True),
        ("*.ipynb", "deep/a.py", False),
        ("", "a.py", False),
    ],
)
def test_a_glob_covers_files_and_what_lies_in_folders(glob: str, path: str, covered: bool, tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "project"  # what lies above the configuration does not matter
    assert within(str(folder), glob, str(folder / path)) is covered
    for_others = PerFile(str(folder), f"!{glob}", ("x",))
    assert for_others.concerns(str(folder / path)) is not covered


def test_rules_are_left_out_for_some_files() -> None:
    written('ignore = ["a"]\n[per-file-ignores]\n"sub/*" = ["b"]\n"*_test.py" = ["c", "d"]\n')
    configuration = Configuration()
    assert configuration.at("x.py").ignore == ("a",)
    assert configuration.at("sub/x.py").ignore == ("a", "b")
    assert configuration.at("sub/x_test.py").ignore == ("a", "b", "c", "d")
    assert configuration.at("x_test.py").ignore == ("a", "c", "d")
    assert Configuration(Overrides(select=("z",))).at("x_test.py").ignore == ("c", "d")
    assert Configuration(Overrides(isolated=True)).at("x_test.py").ignore == ()


# --- --config --------------------------------------------------------------------------------------------------------


def configured(*config: str, **more: object) -> Settings:
    return Configuration(Overrides(config=config, **more)).at("x.py")  # type: ignore[arg-type]


def test_the_option_goes_before_the_key_before_the_file_before_what_holds_by_default() -> None:
    default = Configuration().at("x.py")
    assert (default.fail_on, default.backend, default.ignore) == ("warning", None, ())
    written('fail-on = "error"\nbackend = "jax"\nignore = ["f"]\nseverity = { a = "note", b = "note" }\n')
    read = configured()
    assert (read.fail_on, read.backend, read.ignore) == ("error", "jax", ("f",))
    keyed = configured('fail-on="note"', 'ignore=["k"]', 'severity.a="error"')
    assert (keyed.fail_on, keyed.backend, keyed.ignore) == ("note", "jax", ("k",))
    assert keyed.severity == (("a", "note"), ("b", "note"), ("a", "error"))  # the last one counts
    options = Overrides(fail_on="warning", ignore=("o",), severity=(("a", "warning"),), config=('fail-on="note"',))
    both = Configuration(options).at("x.py")
    assert (both.fail_on, both.ignore, both.severity[-1]) == ("warning", ("f", "o"), ("a", "warning"))


def test_the_last_key_counts_and_tables_add_up() -> None:
    settings = configured(
        'backend="jax"', 'backend="torch"', 'severity.a="note"', 'severity={b="error"}', isolated=True
    )
    assert settings.backend == "torch"
    assert settings.severity == (("a", "note"), ("b", "error"))
    assert settings.place("backend") == "--config"


def test_a_named_file_replaces_what_would_be_found(tmp_path: Path) -> None:
    written('backend = "jax"\n')
    written('[tool.keraslint]\nbackend = "torch"\n', "inner/pyproject.toml")
    written('fail-on = "error"\nexclude = ["gen/*"]\n', "etc/strict.toml")
    configuration = Configuration(Overrides(config=("etc/strict.toml", 'fail-on="note"')))
    for path in ("x.py", "inner/x.py"):
        assert configuration.at(path).backend is None
        assert configuration.at(path).fail_on == "note"
        assert configuration.at(path).exclude == ((str(tmp_path / "etc"), "gen/*"),)
    assert configured("inner/pyproject.toml").backend == "torch"


OPTIONS = [
    (("strict.toml",), "--config: there is no file `strict.toml`, and a key is given as `KEY=VALUE`"),
    (("fail_on",), "did you mean `fail-on`?"),
    (
        ("fail-on=error",),
        '`fail-on=error`: not TOML: invalid value; text stands in quotes: `fail-on="error"`',
    ),
    (("=1",), "--config: `=1`: not TOML: "),
    (('fail-on="eror"',), '--config: `fail-on` must be one of `"note"`, `"warning"`, `"error"`; did you mean `error`?'),
    (('severity.a="off"',), "--config: `severity.a` must be one of"),
    (("ignroe=[]",), "--config: unknown key `ignroe`; did you mean `ignore`?"),
    (("probe=true",), "--config: `probe` cannot be set here"),
    (('rules=["nowhere"]',), "--config: `rules`: there is no folder `nowhere`"),
    ((".",), "--config: `.` cannot be read: is a directory"),
    (("pyproject.toml",), "--config: `pyproject.toml` has no table `tool.keraslint`"),
    (("bad.toml",), "bad.toml:1: unknown key `selct`; did you mean `select`?"),
    (("bad.toml", "pyproject.toml"), "only one file can be the configuration, not `bad.toml` and `pyproject.toml`"),
]


@pytest.mark.parametrize(("config", "message"), OPTIONS)
def test_an_option_that_is_not_understood_is_refused(config: tuple[str, ...], message: str) -> None:
    Path("pyproject.toml").write_text("[project]\n", encoding="utf-8")
    Path("bad.toml").write_text("selct = []\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        configured(*config)
    assert message in str(refused.value)


def test_a_file_is_not_read_when_none_is_to_be_read() -> None:
    written("")
    with pytest.raises(ConfigError, match="`--isolated` reads no configuration file"):
        configured("keraslint.toml", isolated=True)
    assert configured('backend="jax"', isolated=True).backend == "jax"


LINES = st.sampled_from(
    [*ALL.splitlines(), *(text for text, _ in REFUSED if len(text) < 200), "[tool.keraslint]", "'", '"""']
)
PIECES = st.lists(LINES | st.text("[]{}=.,'\"#\\ \n\tab1", max_size=12), max_size=8)


@settings(max_examples=300, deadline=None)
@given(PIECES.map("\n".join), st.sampled_from(["keraslint.toml", "pyproject.toml"]))
def test_whatever_is_written_is_read_or_refused_with_its_line(text: str, name: str) -> None:
    for old in ("keraslint.toml", "pyproject.toml"):
        Path(old).unlink(missing_ok=True)
    try:
        read = written(text, name)
    except ConfigError as error:
        number = re.match(rf"{re.escape(name)}:(\d+): ", str(error))
        assert number
        assert 1 <= int(number[1]) <= text.count("\n") + 1
    else:
        assert read is None or read.file == name


@settings(max_examples=300, deadline=None)
@given(PIECES.map("".join) | st.text(max_size=20))
def test_whatever_an_option_says_it_is_read_or_refused(text: str) -> None:
    try:
        settings = configured(text, isolated=True)
    except ConfigError as error:
        assert "--config" in str(error)
    else:
        assert settings.file is None


GLOBS = st.text("ab*?[]!/.\\", max_size=8)
FILES = st.lists(st.sampled_from(["a", "b", "a.b", "src"]), min_size=1, max_size=3).map("/".join)


@settings(max_examples=300, deadline=None)
@given(GLOBS, FILES)
def test_a_folder_is_covered_with_all_that_lies_in_it(glob: str, path: str) -> None:
    if within("/p", glob, f"/p/{path}"):
        assert within("/p", glob, f"/p/{path}/deeper/file.py")
    assert within("/p", glob, f"/p/{path}") == within("/elsewhere/p", glob, f"/elsewhere/p/{path}")

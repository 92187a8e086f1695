"""Configuration: where it is found, what it says, and that nothing misspelt is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from keraslint.config import ConfigError, Configuration, Overrides, Settings, load

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

[tool.keraslint.severity]
"softmax-*" = "note"
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
    )
    keys = ("select", "ignore", "exclude", "fail-on", "target-keras", "backend", "severity")
    assert settings.lines == dict(zip(keys, (5, 6, 7, 8, 9, 10, 12), strict=True))


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

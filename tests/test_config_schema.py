"""The schema of the configuration says the same as its reader."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from keraslint.config import BACKENDS, KEYS, SEVERITIES, ConfigError, Settings, load

SCHEMA = json.loads((files("keraslint") / "config.schema.json").read_text(encoding="utf-8"))
VALID = Draft202012Validator(SCHEMA)


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_it_has_the_keys_and_the_words_of_the_reader() -> None:
    assert SCHEMA["properties"].keys() == KEYS.keys()
    assert SCHEMA["$defs"]["severity"]["enum"] == list(SEVERITIES)
    assert SCHEMA["properties"]["backend"]["enum"] == list(BACKENDS)
    assert SCHEMA["properties"]["fail-on"]["default"] == Settings().fail_on
    assert all(described["description"] for described in SCHEMA["properties"].values())


GOOD: list[dict[str, Any]] = [
    {},
    {"select": [], "ignore": ["softmax-*"], "exclude": ["gen"], "fail-on": "note"},
    {"severity": {"softmax-*": "error"}, "per-file-ignores": {"tests/*": ["a"], "!src": []}},
    {"target-keras": "2", "backend": "torch", "baseline": "b.json", "rules": ["folder"], "python": "python"},
    {"target-keras": "3.15.0"},
]
BAD: list[dict[str, Any]] = [
    {"slect": []},
    {"select": "a"},
    {"ignore": [1]},
    {"severity": {"a": "off"}},
    {"severity": []},
    {"per-file-ignores": {"a": "b"}},
    {"per-file-ignores": [["a"]]},
    {"fail-on": "never"},
    {"target-keras": 3},
    {"target-keras": "3.x"},
    {"backend": "theano"},
    {"rules": "folder"},
    {"python": 3},
    {"baseline": ""},
    {"baseline": "a\0b"},
    {"probe": True},
    {"tool": {"keraslint": {}}},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that has what a configuration may name."""
    made = tmp_path_factory.mktemp("project")
    (made / "folder").mkdir()
    (made / "python").touch()
    return made


def accepted(values: dict[str, Any], folder: Path) -> bool:
    """Whether the reader takes a configuration file with these values."""
    (folder / "keraslint.toml").write_text(tomli_w.dumps(values), encoding="utf-8")
    try:
        return load(str(folder)) is not None
    except ConfigError as error:
        assert str(error).startswith(f"{folder / 'keraslint.toml'}:")
        return False


@pytest.mark.parametrize("values", GOOD)
def test_what_is_right_is_valid(values: dict[str, Any], folder: Path) -> None:
    assert VALID.is_valid(values)
    assert accepted(values, folder)


@pytest.mark.parametrize("values", BAD)
def test_what_is_wrong_is_not(values: dict[str, Any], folder: Path) -> None:
    assert not VALID.is_valid(values)
    assert not accepted(values, folder)


WORDS = [
    *SEVERITIES,
    *BACKENDS,
    "2",
    "3",
    "3.15",
    "2.4.1",
    "3.1.1.1",
    "4",
    "3.",
    "3\n",
    "\u0663",
    "softmax-*",
    "",
    "\0",
]
TEXT = st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
SCALAR = TEXT | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False, width=16)
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
NAMES = st.lists(TEXT, max_size=3)
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "select": NAMES,
    "ignore": NAMES,
    "exclude": NAMES,
    "per-file-ignores": st.dictionaries(TEXT, NAMES, max_size=3),
    "severity": st.dictionaries(TEXT, st.sampled_from(SEVERITIES), max_size=3),
    "fail-on": st.sampled_from(SEVERITIES),
    "backend": st.sampled_from(BACKENDS),
    "target-keras": TEXT,
    "rules": st.lists(st.just("folder"), max_size=2),
    "python": st.just("python"),
    "baseline": TEXT,
}
EXISTING = {"rules", "python"}
"""Keys that name something that must be there, which no schema can tell: only whether their shape is right is asked."""


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(
        st.lists(st.sampled_from(sorted(RIGHT)) | st.sampled_from(["slect", "probe", ""]), unique=True, max_size=4)
    )
    wrong = VALUE.filter(lambda value: not (isinstance(value, str) or (isinstance(value, list) and value)))
    return {
        key: draw(RIGHT[key] if key in RIGHT and draw(st.integers(0, 3)) else wrong if key in EXISTING else VALUE)
        for key in keys
    }


@settings(max_examples=300, deadline=None)
@given(values=configurations())
@example(values={"target-keras": "3\n"})
@example(values={"target-keras": "\u0663"})
def test_the_schema_accepts_what_the_reader_accepts(values: dict[str, Any], folder: Path) -> None:
    assert VALID.is_valid(values) == accepted(values, folder)

"""The page of a rule is true of Keras too: its Good blocks run, and its Bad blocks raise where the page says so.

A bad block for which there is no row in `RAISES` must run to its end: what is wrong with it is silent. Below that stand
the statements of pages that hold whatever was learned, each on the model of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from keraslint.registry import installed
from tests.pages_on_keras import Outcome, run, workplace

keras = pytest.importorskip("keras", minversion="3")
if keras.backend.backend() != "tensorflow":
    pytest.skip("other backends raise other errors, see test_labels_on_keras", allow_module_level=True)

PAGES = {rule.name: rule.page for rule in installed()}
BLOCKS = {
    kind: [(name, number) for name, page in PAGES.items() for number in range(len(getattr(page, kind)))]
    for kind in ("bad", "good")
}


class Raises(NamedTuple):
    """What a bad block raises, a part of what it says, and why; `then` is what shows it where the block ends before."""

    kind: str
    says: str
    why: str
    then: str = ""


RAISES = {
    ("generator-labels", 0): Raises("ValueError", "same rank", "class ids against rows of five"),
    ("generator-labels", 1): Raises("ValueError", "same shape", "one-hot rows of two against one unit"),
    ("integer-labels-under-categorical-loss", 0): Raises(
        "ValueError", "Arguments `target` and `output` must have the same rank (ndim)", "class ids against rows"
    ),
    ("one-hot-labels-under-sparse-loss", 0): Raises(
        "ValueError", "Argument `output` must have rank (ndim) `target.ndim - 1`", "rows where ids are looked up"
    ),
    ("removed-api", 0): Raises("AttributeError", "fit_generator", "Keras 3 has `fit` only"),
    ("removed-api", 1): Raises("ModuleNotFoundError", "keras.layers.core", "Keras 3 has no such module"),
    ("removed-api", 2): Raises("AttributeError", "sqrt", "the first use raises", then="distance(4.0, 3.0)"),
    ("removed-argument", 0): Raises("ValueError", "'lr'", "Keras 3 knows the new name only"),
    ("units-differ-from-classes", 0): Raises(
        "InvalidArgumentError", "which is outside the valid range of [0, 10)", "ids up to 99 and ten units"
    ),
    ("units-differ-from-classes", 1): Raises("ValueError", "same shape", "rows of two against one unit"),
    ("unreadable-file", 0): Raises("SyntaxError", "was never closed", "it is not Python"),
    ("unweighted-head", 1): Raises(
        "ValueError",
        "sizes",
        "a key that names no output; Keras looks at it when it first has labels",
        then="import numpy as np\n"
        "model.fit(np.ones((4, 8)), {'kind': np.zeros(4), 'size': np.zeros(4)}, epochs=1, verbose=0)",
    ),
}
"""By rule and number of the bad block."""


def batches() -> Any:
    while True:
        yield np.random.rand(8, 3), np.random.rand(8, 1)


GIVEN: dict[str, Callable[[], dict[str, Any]]] = {
    "one-sided-output-for-signed-target": lambda: {
        "x": np.random.rand(24, 5),
        "temperatures": np.random.normal(10.0, 8.0, (24, 1)),
    },
    "removed-api": lambda: {"batches": batches()},
    "trainable-after-compile": lambda: {"x": np.random.rand(24, 32, 32, 3), "y": np.random.randint(0, 10, 24)},
}
"""Names that the blocks of a page leave open."""

TRACED = {"trainable-after-compile"}
"""Pages about what Keras does while it traces a step. So are exceptions; other blocks run without, which is faster."""

Ran = Callable[[str, str, int], Outcome]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """Runs a block of a page, once."""

    @cache
    def ran(name: str, kind: str, number: int) -> Outcome:
        block = getattr(PAGES[name], kind)[number]
        if kind == "bad" and (name, number) in RAISES:
            block += RAISES[name, number].then
        traced = name in TRACED or (kind == "bad" and (name, number) in RAISES)
        return run(block, GIVEN[name]() if name in GIVEN else {}, traced=traced)

    with workplace(tmp_path_factory.mktemp("pages")):
        yield ran


def test_the_tables_name_only_what_there_is() -> None:
    assert set(RAISES) <= set(BLOCKS["bad"])
    assert set(GIVEN) | TRACED <= set(PAGES)


@pytest.mark.parametrize(("name", "number"), BLOCKS["good"])
def test_a_good_block_runs_to_its_end(ran: Ran, name: str, number: int) -> None:
    error = ran(name, "good", number).error
    if error:
        raise error


@pytest.mark.parametrize(("name", "number"), BLOCKS["bad"])
def test_a_bad_block_raises_where_its_page_says_so_and_runs_elsewhere(ran: Ran, name: str, number: int) -> None:
    error = ran(name, "bad", number).error
    expected = RAISES.get((name, number))
    if error and not expected:
        raise error
    if expected:
        assert error, f"ran to its end, although: {expected.why}"
        assert expected.kind in {kind.__name__ for kind in type(error).__mro__}, repr(error)
        assert expected.says in str(error)

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
    ("model-does-not-build", 0): Raises("ValueError", "expected ndim=3, found ndim=2", "rows without steps"),
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


# --- what holds whatever was learned ----------------------------------------------------------------------------------

FAR = 1000.0
"""Inputs so large that a head is as sure of itself as it can be."""


def inputs(*shape: int) -> Any:
    return FAR * np.random.normal(size=shape).astype("float32")


def left(ran: Ran, name: str, number: int = 0, *, kind: str = "bad") -> dict[str, Any]:
    """The names that a block leaves behind."""
    return ran(name, kind, number).names


def answers(ran: Ran, name: str, number: int = 0, *, shape: tuple[int, ...], kind: str = "bad") -> Any:
    return np.array(left(ran, name, number, kind=kind)["model"](inputs(*shape)))


def test_a_second_softmax_over_ten_classes_gives_none_more_than_023(ran: Ran) -> None:
    highest = np.e / (np.e + 9)
    assert round(highest, 2) == 0.23
    assert answers(ran, "activation-applied-twice", shape=(64, 20)).max() == pytest.approx(highest, abs=1e-4)
    assert answers(ran, "activation-applied-twice", shape=(64, 20), kind="good").max() > 0.99


def test_a_second_sigmoid_answers_between_050_and_073(ran: Ran) -> None:
    found = answers(ran, "activation-applied-twice", 1, shape=(64, 20))
    assert (found.min(), found.max()) == pytest.approx((0.5, 0.7311), abs=1e-4)


def test_the_largest_of_one_unit_is_number_0(ran: Ran) -> None:
    assert not left(ran, "argmax-over-one-unit")["classes"].any()


def test_a_softmax_over_one_unit_answers_one(ran: Ran) -> None:
    assert (answers(ran, "softmax-over-one-unit", shape=(64, 20)) == 1.0).all()
    assert np.ptp(answers(ran, "softmax-over-one-unit", shape=(64, 20), kind="good")) > 0.9


def test_a_row_alone_under_a_softmax_over_the_batch_gets_one_everywhere(ran: Ran) -> None:
    assert (answers(ran, "softmax-over-batch-axis", shape=(1, 20)) == 1.0).all()
    assert answers(ran, "softmax-over-batch-axis", shape=(8, 20)).sum(axis=0) == pytest.approx(1.0, abs=1e-5)
    assert answers(ran, "softmax-over-batch-axis", shape=(1, 20), kind="good").sum() == pytest.approx(1.0, abs=1e-5)


def test_a_softmax_over_a_spatial_axis_adds_up_along_that_axis_only(ran: Ran) -> None:
    found = answers(ran, "softmax-over-spatial-axis", shape=(2, 64, 64, 3))
    assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-4)
    assert np.ptp(found.sum(axis=-1)) > 1.0


def test_normalised_sigmoids_add_up_to_one_and_are_flatter_than_a_softmax(ran: Ran) -> None:
    share = left(ran, "normalised-sigmoids")["share"]
    found = np.array(share(np.array([[9.0, 2.0, 2.0]], "float32")))[0]
    assert found.sum() == pytest.approx(1.0)
    assert found[0] < 0.4
    assert found[1] / found[0] == pytest.approx(0.88, abs=0.005)


def test_a_softmax_by_hand_overflows_and_one_without_the_largest_logit_does_not(ran: Ran) -> None:
    logits = np.array([[100.0, 0.0]], "float32")
    assert np.isnan(left(ran, "unstable-softmax")["depth_softmax"](logits)).any()
    assert np.array(left(ran, "unstable-softmax", kind="good")["depth_softmax"](logits))[0, 0] == 1.0


def test_texts_are_cut_to_one_character(ran: Ran) -> None:
    assert set(left(ran, "truncated-string-labels")["labels"]) == {"C"}
    assert set(left(ran, "truncated-string-labels", kind="good")["labels"]) == {"COVID", "CONTROL"}


def test_divided_class_ids_all_name_class_0(ran: Ran) -> None:
    assert not left(ran, "scaled-class-ids")["y"].astype(int).any()


def test_bounded_and_one_sided_heads_stay_in_their_range(ran: Ran) -> None:
    assert np.abs(answers(ran, "bounded-output-for-unbounded-target", shape=(64, 8))).max() <= 1.0
    assert answers(ran, "one-sided-output-for-signed-target", shape=(64, 5)).min() >= 0.0


def test_logits_behind_a_tanh_differ_by_two_at_most(ran: Ran) -> None:
    assert np.ptp(answers(ran, "squashed-logits", 1, shape=(64, 20)), axis=-1).max() <= 2.0


def test_a_hidden_softmax_says_one_in_all(ran: Ran) -> None:
    hidden = left(ran, "softmax-in-hidden-layer")["model"].layers[0]
    assert np.array(hidden(inputs(8, 20))).sum(axis=-1) == pytest.approx(1.0, abs=1e-4)


def test_two_linear_layers_are_one_matrix(ran: Ran) -> None:
    first, last = left(ran, "linear-hidden-layer")["model"].layers
    x = np.random.normal(size=(8, 20)).astype("float32")
    one = x @ (np.array(first.kernel) @ np.array(last.kernel))
    assert np.array(last(first(x))) == pytest.approx(np.array(keras.ops.softmax(one)), abs=1e-4)


def test_a_kernel_of_zeros_behind_a_relu_gives_zero(ran: Ran) -> None:
    hidden = left(ran, "constant-initializer")["model"].layers[0]
    assert not np.array(hidden(inputs(8, 20))).any()


def test_units_with_equal_weights_are_alike(ran: Ran) -> None:
    found = answers(ran, "constant-initializer", 1, shape=(8, 20))
    assert found == pytest.approx(0.1, abs=1e-6)


def test_a_batch_normalisation_takes_the_bias_away(ran: Ran) -> None:
    model = left(ran, "bias-before-batchnorm")["model"]
    x = np.random.normal(size=(4, 28, 28, 1)).astype("float32")
    before = np.array(model(x, training=True))
    model.layers[0].bias.assign_add(5.0 * np.ones(32))
    assert np.array(model(x, training=True)) == pytest.approx(before, abs=1e-3)


def test_a_categorical_loss_over_one_unit_is_zero(ran: Ran) -> None:
    found = answers(ran, "class-loss-over-one-unit", shape=(8, 20))
    loss = keras.losses.CategoricalCrossentropy()
    assert float(loss(np.ones((8, 1)), np.clip(found, 0.01, 0.99))) == pytest.approx(0.0, abs=1e-6)


def test_a_column_of_labels_is_stretched_over_all_units(ran: Ran) -> None:
    names = left(ran, "labels-broadcast-over-outputs")
    loss, found = keras.losses.MeanSquaredError(), names["model"](names["x"])
    assert float(loss(names["y"], found)) == pytest.approx(float(loss(np.repeat(names["y"], 4, axis=1), found)))


def test_the_binary_crossentropy_falls_below_zero_outside_of_its_interval() -> None:
    assert float(keras.losses.BinaryCrossentropy()(np.array([[-1.0]]), np.array([[1e-5]]))) < -10.0


def test_hinge_is_content_with_every_answer_above_one_for_labels_of_one_and_two() -> None:
    assert float(keras.losses.Hinge()(np.array([[1.0], [2.0]]), np.array([[1.5], [1.01]]))) == 0.0


def test_a_rate_of_one_drops_everything_and_a_higher_one_raises(ran: Ran) -> None:
    dropout = left(ran, "dropout-rate", 1)["model"].layers[1]
    assert float(keras.ops.sum(keras.ops.abs(dropout(inputs(8, 64), training=True)))) == 0.0
    with pytest.raises(ValueError, match="rate"):
        keras.layers.Dropout(1.5)


def test_tf_keras_takes_no_rate_of_one_while_training() -> None:
    tf_keras = pytest.importorskip("tf_keras")
    with pytest.raises(ValueError, match="rate"):
        tf_keras.layers.Dropout(1.0)(inputs(8, 64), training=True)


@pytest.mark.parametrize("generation", ["keras", "tf_keras"])
def test_the_third_number_of_a_convolution_is_its_stride(generation: str) -> None:
    layers = pytest.importorskip(generation).layers
    layer = layers.Conv2D(32, 3, 3)
    assert (tuple(layer.kernel_size), tuple(layer.strides)) == ((3, 3), (3, 3))
    assert layer(np.zeros((1, 30, 30, 3), "float32")).shape == (1, 10, 10, 32)


def test_a_head_that_the_dictionary_leaves_out_keeps_its_weights(ran: Ran) -> None:
    model = left(ran, "unweighted-head")["model"]
    before = {layer.name: layer.get_weights() for layer in model.layers}
    model.fit(np.random.rand(16, 8), {"kind": np.arange(16) % 3, "size": np.random.rand(16, 1)})
    moved = {
        layer.kernel.shape[1]: not np.array_equal(layer.get_weights()[0], before[layer.name][0])
        for layer in model.layers
        if before[layer.name]
    }
    assert moved == {3: True, 1: False}


def test_what_is_thawed_after_the_first_training_changes_only_if_compiled_again(ran: Ran) -> None:
    for kind, moves in (("bad", False), ("good", True)):
        names = left(ran, "trainable-after-compile", kind=kind)
        before = names["base"].get_weights()
        names["model"].fit(names["x"], names["y"])
        same = all(np.array_equal(*pair) for pair in zip(before, names["base"].get_weights(), strict=True))
        assert same is not moves

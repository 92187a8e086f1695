"""Branches that belong together stay together: what one decides is decided for the other; nothing is paired crosswise.

The programs choose an activation and a loss. Read are the trainings that come out: which activation with which loss,
and how sure that is. The state that branches change, undo and join is tested by itself below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from keraslint.model import Confidence, Training
from keraslint.source import Source
from keraslint.static import recover
from keraslint.static.bounds import MOST_ALTERNATIVES
from keraslint.static.conditions import allows, compare, decide, negate
from keraslint.static.state import MISSING, Dead, State
from keraslint.static.values import Choice, Const, Guard, Tuple, Unknown, Value

BEFORE = """\
import sys
import keras
from keras import layers
n = int(sys.argv[1])
name = sys.argv[2]
"""
AFTER = """
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation=act)])
model.compile("adam", loss=loss)
"""

BINARY = ("sigmoid", "binary_crossentropy")
CATEGORICAL = ("softmax", "categorical_crossentropy")
SPARSE = ("softmax", "sparse_categorical_crossentropy")
REGRESSION = ("linear", "mean_squared_error")
EITHER = {BINARY, CATEGORICAL}


def trainings(text: str) -> list[Training]:
    program = recover(Source.from_bytes("train.py", text.encode()))
    return [training for model in program.models for training in model.trainings]


def pair(training: Training) -> tuple[str | None, str | None]:
    activation, loss = training.head.activation, training.loss
    return activation.value if activation else None, loss.name.value if loss else None


def sureness(training: Training) -> Confidence:
    facts = [training.head.activation, training.loss.name if training.loss else None]
    return min(fact.confidence for fact in facts if fact is not None)


def pairs(text: str, at_least: Confidence = Confidence.MEDIUM) -> set[tuple[str | None, str | None]]:
    """Which activation is trained with which loss."""
    return {pair(training) for training in trainings(text) if sureness(training) >= at_least}


def test_a_program_without_branches_has_one_training() -> None:
    assert pairs(BEFORE + "act = 'sigmoid'\nloss = 'binary_crossentropy'" + AFTER, Confidence.HIGH) == {BINARY}


TOGETHER = {
    "expressions": """
act = "sigmoid" if n == 2 else "softmax"
loss = "binary_crossentropy" if n == 2 else "categorical_crossentropy"
""",
    "the other way round": """
act = "sigmoid" if n == 2 else "softmax"
loss = "categorical_crossentropy" if n != 2 else "binary_crossentropy"
""",
    "not": """
act = "sigmoid" if n == 2 else "softmax"
loss = "categorical_crossentropy" if not n == 2 else "binary_crossentropy"
""",
    "not not equal": """
act = "sigmoid" if n == 2 else "softmax"
loss = "binary_crossentropy" if not (n != 2) else "categorical_crossentropy"
""",
    "constant first": """
act = "sigmoid" if n == 2 else "softmax"
loss = "binary_crossentropy" if 2 == n else "categorical_crossentropy"
""",
    "greater": """
act = "softmax" if n > 2 else "sigmoid"
loss = "binary_crossentropy" if n <= 2 else "categorical_crossentropy"
""",
    "less": """
act = "sigmoid" if n < 3 else "softmax"
loss = "categorical_crossentropy" if n >= 3 else "binary_crossentropy"
""",
    "greater with the constant first": """
act = "softmax" if 2 < n else "sigmoid"
loss = "categorical_crossentropy" if n > 2 else "binary_crossentropy"
""",
    "greater and less": """
act = "softmax" if n > 2 else "sigmoid"
if n > 2:
    loss = "categorical_crossentropy"
if n <= 2:
    loss = "binary_crossentropy"
""",
    "statements": """
if n == 2:
    act = "sigmoid"
else:
    act = "softmax"
if n == 2:
    loss = "binary_crossentropy"
else:
    loss = "categorical_crossentropy"
""",
    "one statement": """
if n == 2:
    act, loss = "sigmoid", "binary_crossentropy"
else:
    act, loss = "softmax", "categorical_crossentropy"
""",
    "pairs in an expression": """
act, loss = ("sigmoid", "binary_crossentropy") if n == 2 else ("softmax", "categorical_crossentropy")
""",
    "a default that is replaced": """
act, loss = "softmax", "categorical_crossentropy"
if n == 2:
    act = "sigmoid"
    loss = "binary_crossentropy"
""",
    "a variable for the test": """
binary = n == 2
act = "sigmoid" if binary else "softmax"
loss = "binary_crossentropy" if binary else "categorical_crossentropy"
""",
    "a variable and the test itself": """
binary = n == 2
act = "sigmoid" if binary else "softmax"
loss = "binary_crossentropy" if n == 2 else "categorical_crossentropy"
""",
    "a flag": """
act = "sigmoid" if sys.flags.debug else "softmax"
loss = "binary_crossentropy" if sys.flags.debug else "categorical_crossentropy"
""",
    "a flag and its opposite": """
flag = load()
act = "softmax" if not flag else "sigmoid"
loss = "binary_crossentropy" if flag else "categorical_crossentropy"
""",
    "is None": """
flag = load()
act = "softmax" if flag is None else "sigmoid"
loss = "binary_crossentropy" if flag is not None else "categorical_crossentropy"
""",
    "membership": """
act = "sigmoid" if name in ("binary", "two") else "softmax"
loss = "categorical_crossentropy" if name not in ("binary", "two") else "binary_crossentropy"
""",
    "and": """
act = "sigmoid" if n == 2 and name == "a" else "softmax"
loss = "binary_crossentropy" if n == 2 and name == "a" else "categorical_crossentropy"
""",
    "a table by the same test": """
act = {True: "sigmoid", False: "softmax"}[n == 2]
loss = {True: "binary_crossentropy", False: "categorical_crossentropy"}[n == 2]
""",
    "tables by the same key": """
act = {"a": "sigmoid", "b": "softmax"}[name]
loss = {"a": "binary_crossentropy", "b": "categorical_crossentropy"}[name]
""",
    "tables by get": """
act = {"a": "sigmoid", "b": "softmax"}.get(name)
loss = {"a": "binary_crossentropy", "b": "categorical_crossentropy"}.get(name)
""",
    "a table and a test": """
act = {"a": "sigmoid", "b": "softmax"}[name]
loss = "binary_crossentropy" if name == "a" else "categorical_crossentropy"
""",
    "a test and a table": """
act = "sigmoid" if name == "a" else "softmax"
loss = {"a": "binary_crossentropy", "b": "categorical_crossentropy"}[name]
""",
    "a table of pairs": """
act, loss = {
    "a": ("sigmoid", "binary_crossentropy"),
    "b": ("softmax", "categorical_crossentropy"),
}[name]
""",
    "a table of tables": """
chosen = {
    "a": {"act": "sigmoid", "loss": "binary_crossentropy"},
    "b": {"act": "softmax", "loss": "categorical_crossentropy"},
}[name]
act, loss = chosen["act"], chosen["loss"]
""",
    "lists by the same index": """
act = ["sigmoid", "softmax"][n]
loss = ["binary_crossentropy", "categorical_crossentropy"][n]
""",
    "a list and a test": """
act = ["sigmoid", "softmax"][n]
loss = "binary_crossentropy" if n == 0 else "categorical_crossentropy"
""",
    "settings": """
settings = {}
if n == 2:
    settings["act"] = "sigmoid"
    settings["loss"] = "binary_crossentropy"
else:
    settings["act"] = "softmax"
    settings["loss"] = "categorical_crossentropy"
act, loss = settings["act"], settings["loss"]
""",
    "settings that are updated": """
settings = {"act": "softmax", "loss": "categorical_crossentropy"}
if n == 2:
    settings.update(act="sigmoid", loss="binary_crossentropy")
act, loss = settings["act"], settings["loss"]
""",
    "attributes": """
class Settings:
    act = "softmax"
    loss = "categorical_crossentropy"

settings = Settings()
if n == 2:
    settings.act = "sigmoid"
    settings.loss = "binary_crossentropy"
act, loss = settings.act, settings.loss
""",
    "a function for each": """
def activation(classes):
    return "sigmoid" if classes == 2 else "softmax"

def loss_of(classes):
    if classes == 2:
        return "binary_crossentropy"
    return "categorical_crossentropy"

act, loss = activation(n), loss_of(n)
""",
    "a function for both": """
def choose(classes):
    if classes == 2:
        return "sigmoid", "binary_crossentropy"
    else:
        return "softmax", "categorical_crossentropy"

act, loss = choose(n)
""",
    "a function that sets a global": """
def choose():
    global act, loss
    act, loss = "softmax", "categorical_crossentropy"
    if n == 2:
        act, loss = "sigmoid", "binary_crossentropy"

choose()
""",
    "match": """
match name:
    case "a":
        act = "sigmoid"
    case _:
        act = "softmax"
match name:
    case "a":
        loss = "binary_crossentropy"
    case _:
        loss = "categorical_crossentropy"
""",
    "match and a test": """
match name:
    case "a" | "b":
        act = "sigmoid"
    case _:
        act = "softmax"
loss = "binary_crossentropy" if name in ("a", "b") else "categorical_crossentropy"
""",
    "nested": """
if n == 2:
    if name == "a":
        act, loss = "sigmoid", "binary_crossentropy"
    else:
        act, loss = "softmax", "categorical_crossentropy"
else:
    act, loss = "softmax", "categorical_crossentropy"
""",
    "a third way that ends": """
if n == 2:
    act, loss = "sigmoid", "binary_crossentropy"
elif n > 2:
    act, loss = "softmax", "categorical_crossentropy"
else:
    raise ValueError(n)
""",
    "a third way that exits": """
if n == 2:
    act = "sigmoid"
elif n == 3:
    act = "softmax"
else:
    sys.exit("no")
if n == 2:
    loss = "binary_crossentropy"
elif n == 3:
    loss = "categorical_crossentropy"
else:
    loss = "mse"
""",
    "numbers that exclude each other": """
act = "sigmoid" if n == 1 else "softmax"
loss = "categorical_crossentropy" if n > 1 else "binary_crossentropy"
if n < 1:
    raise ValueError
""",
    "and as a choice": """
binary = load()
act = binary and "sigmoid" or "softmax"
loss = binary and "binary_crossentropy" or "categorical_crossentropy"
""",
    "a lambda": """
pick = lambda k: "sigmoid" if k == 2 else "softmax"
act = pick(n)
loss = (lambda k: "binary_crossentropy" if k == 2 else "categorical_crossentropy")(n)
""",
    "a loop that looks for it": """
act, loss = "softmax", "categorical_crossentropy"
for key in ("a", "b"):
    if name == key:
        act, loss = "sigmoid", "binary_crossentropy"
        break
""",
    "while": """
act, loss = "softmax", "categorical_crossentropy"
while n == 2:
    act, loss = "sigmoid", "binary_crossentropy"
    break
""",
    "try inside": """
if n == 2:
    try:
        act = "sigmoid"
    finally:
        loss = "binary_crossentropy"
else:
    act, loss = "softmax", "categorical_crossentropy"
""",
    "the number of names": """
names = load()
count = len(names)
act = "sigmoid" if count == 2 else "softmax"
loss = "binary_crossentropy" if len(names) == 2 else "categorical_crossentropy"
""",
    "attributes of arguments": """
import argparse
args = argparse.ArgumentParser().parse_args()
act = "sigmoid" if args.classes == 2 else "softmax"
loss = "binary_crossentropy" if args.classes == 2 else "categorical_crossentropy"
""",
    "arithmetic on the unknown": """
act = "sigmoid" if n + 1 == 3 else "softmax"
loss = "binary_crossentropy" if n + 1 == 3 else "categorical_crossentropy"
""",
}


@pytest.mark.parametrize("program", TOGETHER.values(), ids=TOGETHER)
def test_what_belongs_together_is_never_paired_crosswise(program: str) -> None:
    text = BEFORE + program + AFTER
    compile(text, "train.py", "exec")
    assert pairs(text, Confidence.LOW) == EITHER
    assert pairs(text, Confidence.HIGH) == EITHER


THREE_WAYS = {
    "elif": """
if n == 1:
    act = "linear"
elif n == 2:
    act = "sigmoid"
else:
    act = "softmax"
if n == 1:
    loss = "mse"
elif n == 2:
    loss = "binary_crossentropy"
else:
    loss = "categorical_crossentropy"
""",
    "elif in another order": """
if n == 1:
    act = "linear"
elif n == 2:
    act = "sigmoid"
else:
    act = "softmax"
if n == 2:
    loss = "binary_crossentropy"
elif n != 1:
    loss = "categorical_crossentropy"
else:
    loss = "mse"
""",
    "ranges": """
act = "linear" if n < 2 else "sigmoid" if n == 2 else "softmax"
if n > 2:
    loss = "categorical_crossentropy"
elif n > 1.5:
    loss = "binary_crossentropy"
else:
    loss = "mse"
""",
    "tables": """
act = {"r": None, "b": "sigmoid", "c": "softmax"}[name]
loss = {"r": "mse", "b": "binary_crossentropy", "c": "categorical_crossentropy"}[name]
""",
    "a table with a default": """
act = {"r": "linear", "b": "sigmoid"}.get(name, "softmax")
loss = {"r": "mse", "b": "binary_crossentropy"}.get(name, "categorical_crossentropy")
""",
    "texts and numbers": """
if name == "auto":
    act, loss = "linear", "mse"
elif n > 2:
    act, loss = "softmax", "categorical_crossentropy"
else:
    act, loss = "sigmoid", "binary_crossentropy"
""",
    "one thing that may be a text or a number": """
size = load()
if size == "auto":
    act = "linear"
elif size > 2:
    act = "softmax"
else:
    act = "sigmoid"
if size == "auto":
    loss = "mse"
elif size <= 2:
    loss = "binary_crossentropy"
else:
    loss = "categorical_crossentropy"
""",
    "match": """
match n:
    case 1:
        act = "linear"
    case 2:
        act = "sigmoid"
    case _:
        act = "softmax"
loss = "mse" if n == 1 else "binary_crossentropy" if n == 2 else "categorical_crossentropy"
""",
    "a guard in a match": """
match n:
    case 1:
        act = "linear"
    case k if k == 2:
        act = "sigmoid"
    case _:
        act = "softmax"
loss = "mse" if n == 1 else "binary_crossentropy" if n == 2 else "categorical_crossentropy"
""",
}


@pytest.mark.parametrize("program", THREE_WAYS.values(), ids=THREE_WAYS)
def test_three_ways_stay_apart(program: str) -> None:
    text = BEFORE + program + AFTER
    assert pairs(text, Confidence.LOW) == {REGRESSION, BINARY, CATEGORICAL}
    assert pairs(text, Confidence.HIGH) == {REGRESSION, BINARY, CATEGORICAL}


FACTORIES = {
    "a parameter": """
def build(classes):
    head = layers.Dense(3, activation="sigmoid" if classes == 2 else "softmax")
    model = keras.Sequential([keras.Input((4,)), head])
    model.compile("adam", loss="binary_crossentropy" if classes == 2 else "categorical_crossentropy")
    return model

build(n)
""",
    "nobody calls it": """
def build(classes):
    head = layers.Dense(3, activation="sigmoid" if classes == 2 else "softmax")
    model = keras.Sequential([keras.Input((4,)), head])
    model.compile("adam", loss="binary_crossentropy" if classes == 2 else "categorical_crossentropy")
    return model
""",
    "early return with compile in both arms": """
def build(classes):
    inputs = keras.Input((4,))
    if classes == 2:
        model = keras.Model(inputs, layers.Dense(3, activation="sigmoid")(inputs))
        model.compile("adam", loss="binary_crossentropy")
        return model
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(inputs))
    model.compile("adam", loss="categorical_crossentropy")
    return model

build(n)
""",
    "compiled by the caller": """
def build(classes):
    inputs = keras.Input((4,))
    if classes == 2:
        outputs = layers.Dense(3, activation="sigmoid")(inputs)
    else:
        outputs = layers.Dense(3, activation="softmax")(inputs)
    return keras.Model(inputs, outputs)

model = build(n)
model.compile("adam", loss="binary_crossentropy" if n == 2 else "categorical_crossentropy")
""",
    "returned on two ways and compiled by the caller": """
def build(classes):
    inputs = keras.Input((4,))
    if classes == 2:
        return keras.Model(inputs, layers.Dense(3, activation="sigmoid")(inputs))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(inputs))

model = build(n)
model.compile("adam", loss="binary_crossentropy" if n == 2 else "categorical_crossentropy")
""",
    "layers that are added": """
model = keras.Sequential([keras.Input((4,))])
if n == 2:
    model.add(layers.Dense(3, activation="sigmoid"))
else:
    model.add(layers.Dense(3, activation="softmax"))
loss = "binary_crossentropy" if n == 2 else "categorical_crossentropy"
model.compile("adam", loss=loss)
""",
    "a list of layers that grows": """
stack = [keras.Input((4,))]
if n == 2:
    stack.append(layers.Dense(3, activation="sigmoid"))
else:
    stack.append(layers.Dense(3, activation="softmax"))
model = keras.Sequential(stack)
model.compile("adam", loss="binary_crossentropy" if n == 2 else "categorical_crossentropy")
""",
    "compile in both arms": """
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="sigmoid" if n == 2 else "softmax")])
if n == 2:
    model.compile("adam", loss="binary_crossentropy")
else:
    model.compile("adam", loss="categorical_crossentropy")
""",
    "a class": """
class Net(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.head = layers.Dense(3, activation="sigmoid" if classes == 2 else "softmax")

    def call(self, inputs):
        return self.head(inputs)

model = Net(n)
model.compile("adam", loss="binary_crossentropy" if n == 2 else "categorical_crossentropy")
""",
    "a trainer": """
class Trainer:
    def __init__(self, classes):
        self.classes = classes

    def build(self):
        act = "sigmoid" if self.classes == 2 else "softmax"
        return keras.Sequential([keras.Input((4,)), layers.Dense(3, activation=act)])

    def train(self):
        model = self.build()
        loss = "binary_crossentropy" if self.classes == 2 else "categorical_crossentropy"
        model.compile("adam", loss=loss)

Trainer(n).train()
""",
    "arguments in a table": """
options = {"activation": "sigmoid"} if n == 2 else {"activation": "softmax"}
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, **options)])
model.compile("adam", loss="binary_crossentropy" if n == 2 else "categorical_crossentropy")
""",
    "layers in a table": """
head = {"a": layers.Dense(3, activation="sigmoid"), "b": layers.Dense(3, activation="softmax")}[name]
model = keras.Sequential([keras.Input((4,)), head])
model.compile("adam", loss={"a": "binary_crossentropy", "b": "categorical_crossentropy"}[name])
""",
    "functions in a table": """
def binary():
    return "sigmoid", "binary_crossentropy"

def many():
    return "softmax", "categorical_crossentropy"

act, loss = {"a": binary, "b": many}[name]()
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation=act)])
model.compile("adam", loss=loss)
""",
    "losses as objects": """
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="sigmoid" if n == 2 else "softmax")])
if n == 2:
    loss = keras.losses.BinaryCrossentropy()
else:
    loss = keras.losses.CategoricalCrossentropy()
model.compile("adam", loss=loss)
""",
    "activation layers": """
inputs = keras.Input((4,))
x = layers.Dense(3)(inputs)
x = layers.Activation("sigmoid")(x) if n == 2 else layers.Softmax()(x)
model = keras.Model(inputs, x)
model.compile("adam", loss="binary_crossentropy" if n == 2 else "categorical_crossentropy")
""",
}


@pytest.mark.parametrize("program", FACTORIES.values(), ids=FACTORIES)
def test_what_builds_a_model_keeps_its_branches_together(program: str) -> None:
    text = BEFORE + program
    compile(text, "train.py", "exec")
    assert pairs(text, Confidence.LOW) == EITHER
    assert pairs(text, Confidence.HIGH) == EITHER


ELSEWHERE = {
    "the optimizer": """
act = "sigmoid" if n == 2 else "softmax"
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation=act)])
model.compile(
    "adam" if load() else "sgd", loss="binary_crossentropy" if n == 2 else "categorical_crossentropy"
)
""",
    "the metrics": """
act = "sigmoid" if n == 2 else "softmax"
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation=act)])
loss = "binary_crossentropy" if n == 2 else "categorical_crossentropy"
model.compile("adam", loss=loss, metrics=["accuracy"] if load() else ["mae"])
""",
    "the size of a layer": """
act = "sigmoid" if n == 2 else "softmax"
width = 64 if load() else 128
body = layers.Dense(width, activation="relu" if load() else "tanh")
model = keras.Sequential([keras.Input((4,)), body, layers.Dense(3, activation=act)])
model.compile("adam", loss="binary_crossentropy" if n == 2 else "categorical_crossentropy")
""",
}


@pytest.mark.parametrize("program", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_is_decided_elsewhere_makes_nothing_less_sure(program: str) -> None:
    assert pairs(BEFORE + program, Confidence.HIGH) == EITHER
    assert pairs(BEFORE + program, Confidence.LOW) == EITHER


def test_a_layer_in_between_crosses_nothing() -> None:
    program = """
stack = [keras.Input((4,))]
if load():
    stack.append(layers.Dropout(0.5))
stack.append(layers.Dense(3, activation="sigmoid" if n == 2 else "softmax"))
model = keras.Sequential(stack)
model.compile("adam", loss="binary_crossentropy" if n == 2 else "categorical_crossentropy")
"""
    assert pairs(BEFORE + program, Confidence.LOW) == EITHER


ALL_FOUR = {(activation, loss) for activation, _ in EITHER for _, loss in EITHER}

INDEPENDENT = {
    "two flags": """
act = "sigmoid" if load() else "softmax"
loss = "binary_crossentropy" if load() else "categorical_crossentropy"
""",
    "two unknowns": """
act = "sigmoid" if n == 2 else "softmax"
loss = "binary_crossentropy" if name == "b" else "categorical_crossentropy"
""",
    "two tables": """
act = {"a": "sigmoid", "b": "softmax"}[name]
loss = {1: "binary_crossentropy", 2: "categorical_crossentropy"}[n]
""",
    "a value that was read twice": """
act = "sigmoid" if input() == "b" else "softmax"
loss = "binary_crossentropy" if input() == "b" else "categorical_crossentropy"
""",
    "a variable that changed": """
act = "sigmoid" if n == 2 else "softmax"
n = load()
loss = "binary_crossentropy" if n == 2 else "categorical_crossentropy"
""",
    "a list that changed": """
names = load()
names = list(names)
act = "sigmoid" if names else "softmax"
names.remove("a")
loss = "binary_crossentropy" if names else "categorical_crossentropy"
""",
}


@pytest.mark.parametrize("program", INDEPENDENT.values(), ids=INDEPENDENT)
def test_independent_decisions_may_be_crossed_but_are_not_sure(program: str) -> None:
    text = BEFORE + program + AFTER
    assert pairs(text, Confidence.LOW) == ALL_FOUR
    assert pairs(text, Confidence.MEDIUM) == set()


IMPOSSIBLE = {
    "a contradiction": """
act, loss = "sigmoid", "binary_crossentropy"
if n > 3:
    if n == 1:
        act, loss = "softmax", "mse"
""",
    "an opposite": """
act, loss = "sigmoid", "binary_crossentropy"
if n == 2:
    if n != 2:
        act, loss = "softmax", "mse"
""",
    "not in between": """
act, loss = "sigmoid", "binary_crossentropy"
if n > 3 and n < 3:
    act, loss = "softmax", "mse"
""",
    "after it was excluded": """
if name == "bad":
    raise ValueError
act, loss = "sigmoid", "binary_crossentropy"
if name == "bad":
    act, loss = "softmax", "mse"
""",
    "after an assertion by hand": """
def check(k):
    if k > 10:
        raise ValueError
    return k

check(n)
act, loss = "sigmoid", "binary_crossentropy"
if n > 10:
    act, loss = "softmax", "mse"
""",
}


@pytest.mark.parametrize("program", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_be_is_left_out(program: str) -> None:
    assert pairs(BEFORE + program + AFTER, Confidence.LOW) == {BINARY}


def test_many_alternatives_become_unknown() -> None:
    arms = "\n".join(f"elif n == {i}:\n    act = 'a{i}'" for i in range(40))
    text = BEFORE + "if n < 0:\n    act = 'sigmoid'\n" + arms + "\nloss = 'binary_crossentropy'" + AFTER
    found = {pair(training)[0] for training in trainings(text)}
    assert None in found
    assert len(found) <= MOST_ALTERNATIVES + 1


def test_many_flags_are_read_in_bounded_time() -> None:
    flags = "\n".join(
        f"if load({i}):\n    units = units + {i}\n    act = 'softmax' if load() else act" for i in range(300)
    )
    text = BEFORE + "units = 1\nact = 'sigmoid'\n" + flags + "\nloss = 'binary_crossentropy'" + AFTER
    assert len(trainings(text)) <= 24


# -- the state ---------------------------------------------------------------------------------------------------------


def atom(key: str) -> tuple[Guard, Guard]:
    return frozenset({(key, True)}), frozenset({(key, False)})


def writes(state: State, where: dict[str, Value], value: Value) -> Callable[[], None]:
    return lambda: state.write(where, "x", value)


def dies() -> None:
    raise Dead


def same(left: Value, right: Value) -> bool:
    return left is right


def test_what_arms_write_is_joined_with_their_decisions() -> None:
    state, where = State(), {"x": Const(0)}
    yes, no = atom("p")
    one, two = Const(1), Const(2)
    state.fork([(yes, writes(state, where, one)), (no, writes(state, where, two))])
    found = where["x"]
    assert isinstance(found, Choice)
    assert found.alternatives == ((yes, one), (no, two))
    assert state.path == {}


def test_an_arm_that_writes_nothing_keeps_what_was_there() -> None:
    zero, one = Const(0), Const(1)
    state, where = State(), {"x": zero}
    yes, no = atom("p")
    state.fork([(yes, writes(state, where, one)), (no, lambda: None)])
    found = where["x"]
    assert isinstance(found, Choice)
    assert found.alternatives == ((yes, one), (no, zero))


def test_a_name_that_one_arm_binds_is_bound() -> None:
    state, where, one = State(), dict[str, Value](), Const(1)
    yes, no = atom("p")
    state.fork([(yes, writes(state, where, one)), (no, lambda: None)])
    assert where == {"x": one}


def test_arms_that_agree_need_no_decision() -> None:
    state, where = State(), {"x": Const(0)}
    yes, no = atom("p")
    state.fork([(yes, writes(state, where, Const(1))), (no, writes(state, where, Const(1)))])
    found = where["x"]
    assert isinstance(found, Const)
    assert found.value == 1


def test_a_dead_arm_leaves_nothing_and_its_opposite_is_learned() -> None:
    zero, one = Const(0), Const(1)
    state, where = State(), {"x": zero}
    yes, no = atom("p")

    def write_and_die() -> None:
        state.write(where, "x", one)
        state.write(where, "y", one)
        dies()

    rows = state.fork([(yes, write_and_die), (no, lambda: None)])
    assert rows == [(no, None)]
    assert where == {"x": zero}
    assert state.path == {"p": False}


def test_when_all_arms_die_so_does_the_path() -> None:
    state, where = State(), {"x": Const(0)}
    yes, no = atom("p")
    with pytest.raises(Dead):
        state.fork([(yes, dies), (no, dies)])
    assert where["x"] is not None
    assert state.path == {}
    assert state.depth == 0


def test_an_error_in_an_arm_undoes_its_writes() -> None:
    zero = Const(0)
    state, where = State(), {"x": zero}
    yes, no = atom("p")

    def fail() -> None:
        state.write(where, "x", Const(1))
        raise RecursionError

    with pytest.raises(RecursionError):
        state.fork([(yes, fail), (no, lambda: None)])
    assert where == {"x": zero}
    assert state.depth == 0
    assert state.path == {}


def test_forks_nest() -> None:
    one, two, three = Const(1), Const(2), Const(3)
    state, where = State(), dict[str, Value]()
    (p, not_p), (q, not_q) = atom("p"), atom("q")

    def inner() -> None:
        state.fork([(q, writes(state, where, one)), (not_q, writes(state, where, two))])

    state.fork([(p, inner), (not_p, writes(state, where, three))])
    found = where["x"]
    assert isinstance(found, Choice)
    assert set(found.alternatives) == {(p | q, one), (p | not_q, two), (not_p, three)}


def test_settling_follows_the_path() -> None:
    state = State()
    yes, no = atom("p")
    one, two = Const(1), Const(2)
    choice = Choice(((yes, one), (no, two)))
    assert state.settle(choice) is choice
    state.path = {"p": False}
    assert state.settle(choice) is two
    state.path = {"q": True}
    assert state.settle(choice) is choice


def test_settling_what_cannot_be_is_unknown() -> None:
    state = State()
    state.path = {"p": False}
    assert isinstance(state.settle(Choice(((atom("p")[0], Const(1)),))), Unknown)


def test_each_runs_once_for_every_alternative_that_the_path_allows() -> None:
    state = State()
    yes, no = atom("p")
    choice = Choice(((yes, Const(1)), (no, Const(2))))
    seen: list[Any] = []

    def run(value: Value) -> Value:
        assert isinstance(value, Const)
        seen.append(value.value)
        return Const(value.value * 10)

    found = state.each(choice, run)
    assert isinstance(found, Choice)
    assert seen == [1, 2]
    state.path = {"p": True}
    settled = state.each(choice, run)
    assert isinstance(settled, Const)
    assert settled.value == 10
    assert seen == [1, 2, 1]


def test_choosing_flattens_and_leaves_out_contradictions() -> None:
    state = State()
    yes, no = atom("p")
    one, two, three = Const(1), Const(2), Const(3)
    found = state.choose([(yes, Choice(((yes, one), (no, two)))), (no, three)])
    assert isinstance(found, Choice)
    assert found.alternatives == ((yes, one), (no, three))


def test_choosing_among_too_many_is_unknown() -> None:
    state = State()
    rows = [(frozenset({("p", index)}), Const(index)) for index in range(40)]
    assert isinstance(state.choose(rows), Unknown)
    assert isinstance(state.choose([]), Unknown)


def test_choosing_among_equal_ones_is_that_one() -> None:
    state = State()
    yes, no = atom("p")
    one = Const(1)
    assert state.choose([(yes, one), (no, one)]) is one
    assert state.choose([(yes, one), (no, Const(1))]) is one


def test_adopting_ways_joins_what_was_written_on_each() -> None:
    zero, one, two = Const(0), Const(1), Const(2)
    state, where = State(), {"x": zero}
    yes, no = atom("p")
    mark = (id(where), "x")
    state.adopt([(yes, {mark: (where, "x", one)}), (no, {mark: (where, "x", two)})])
    found = where["x"]
    assert isinstance(found, Choice)
    assert found.alternatives == ((yes, one), (no, two))


def test_adopting_one_way_takes_it_over() -> None:
    state, where, one = State(), dict[str, Value](), Const(1)
    mark = (id(where), "x")
    state.adopt([(frozenset(), {mark: (where, "x", one)})])
    assert where == {"x": one}
    state.adopt([(frozenset(), {mark: (where, "x", MISSING)})])
    assert where == {}


def test_adopting_a_way_that_wrote_nothing_keeps_what_is_there() -> None:
    zero, one = Const(0), Const(1)
    state, where = State(), {"x": zero}
    yes, no = atom("p")
    state.adopt([(yes, {(id(where), "x"): (where, "x", one)}), (no, {})])
    found = where["x"]
    assert isinstance(found, Choice)
    assert found.alternatives == ((yes, one), (no, zero))


def test_watching_tells_what_was_there_before() -> None:
    zero, one = Const(0), Const(1)
    state, where = State(), {"x": zero}

    def run() -> str:
        state.write(where, "x", one)
        state.write(where, "y", one)
        return "done"

    result, written = state.watch(run)
    assert result == "done"
    assert {(key, before) for _, key, before in written.values()} == {("x", zero), ("y", MISSING)}
    assert where == {"x": one, "y": one}


def test_what_is_watched_inside_a_dead_arm_is_undone() -> None:
    zero = Const(0)
    state, where = State(), {"x": zero}
    yes, no = atom("p")

    def arm() -> None:
        state.watch(writes(state, where, Const(1)))
        dies()

    state.fork([(yes, arm), (no, lambda: None)])
    assert where == {"x": zero}


def test_writes_are_those_since_a_depth() -> None:
    state, where, one = State(), dict[str, Value](), Const(1)
    found: list[Any] = []

    def inner() -> None:
        state.write(where, "y", one)
        found.append({key for _, key, _ in state.writes(1).values()})
        found.append({key for _, key, _ in state.writes(0).values()})

    def outer() -> None:
        state.write(where, "x", one)
        state.fork([(atom("q")[0], inner)])

    state.fork([(atom("p")[0], outer)])
    assert found == [{"y"}, {"x", "y"}]


# -- conditions --------------------------------------------------------------------------------------------------------

N = Unknown(("name", "n"))

TESTS = {
    "n == 2": compare("==", N, Const(2)),
    "n != 2": compare("!=", N, Const(2)),
    "2 == n": compare("==", Const(2), N),
    "n > 2": compare(">", N, Const(2)),
    "n <= 2": compare("<=", N, Const(2)),
    "2 < n": compare("<", Const(2), N),
    "n < 2": compare("<", N, Const(2)),
    "n >= 2": compare(">=", N, Const(2)),
    "n == 3": compare("==", N, Const(3)),
    "n == 1": compare("==", N, Const(1)),
    "n > 1": compare(">", N, Const(1)),
    "n == 'a'": compare("==", N, Const("a")),
    "n is None": compare("is", N, Const(None)),
    "n is not None": compare("is not", N, Const(None)),
    "n": N,
    "not n": negate(N),
    "n == 0": compare("==", N, Const(0)),
    "n == True": compare("==", N, Const(True)),
    "m == 2": compare("==", Unknown(("name", "m")), Const(2)),
    "n < 'a'": compare("<", N, Const("a")),
    "n == 10**300": compare("==", N, Const(10**300)),
    "n > 1e308": compare(">", N, Const(1e308)),
}

IMPLIED = [
    ("n == 2", "n != 2", False),
    ("n == 2", "2 == n", True),
    ("n == 2", "n > 2", False),
    ("n == 2", "n >= 2", True),
    ("n == 2", "n > 1", True),
    ("n == 2", "n == 3", False),
    ("n == 2", "n == 'a'", False),
    ("n == 2", "n is None", False),
    ("n == 2", "n", True),
    ("n == 2", "m == 2", None),
    ("n != 2", "n == 3", None),
    ("n != 2", "n == 2", False),
    ("n > 2", "n <= 2", False),
    ("n > 2", "2 < n", True),
    ("n > 2", "n < 2", False),
    ("n > 2", "n == 3", None),
    ("n > 2", "n == 1", False),
    ("n > 2", "n > 1", True),
    ("n > 2", "n", True),
    ("n > 2", "n is not None", True),
    ("n <= 2", "n == 3", False),
    ("n <= 2", "n", None),
    ("n < 2", "n == 1", None),
    ("n == 'a'", "n is None", False),
    ("n == 'a'", "n == 2", False),
    ("n is None", "n == 2", False),
    ("n is None", "n", False),
    ("n is None", "not n", True),
    ("n is not None", "n", None),
    ("n is not None", "n == 2", None),
    ("n", "n == 0", False),
    ("n", "n is None", False),
    ("n", "n == 2", None),
    ("not n", "n == 2", False),
    ("not n", "n is None", None),
    ("n == True", "n", True),
    ("n == 'a'", "n < 'a'", None),
    ("n < 'a'", "n == 'a'", None),
    ("n == 10**300", "n > 2", True),
    ("n > 1e308", "n == 2", False),
]


@pytest.mark.parametrize(("known", "asked", "outcome"), IMPLIED)
def test_what_a_decision_says_about_another_test(known: str, asked: str, outcome: bool | None) -> None:
    path = dict(decide(TESTS[known], {}).if_true)
    assert decide(TESTS[asked], path).outcome is outcome
    if outcome is not None:
        verdict = decide(TESTS[asked], {})
        assert allows(path, verdict.if_true) is outcome
        assert allows(path, verdict.if_false) is not outcome


@pytest.mark.parametrize("asked", TESTS)
def test_nothing_is_decided_without_a_path(asked: str) -> None:
    assert decide(TESTS[asked], {}).outcome is None


@pytest.mark.parametrize("asked", TESTS)
def test_the_opposite_of_the_opposite_is_the_test(asked: str) -> None:
    test = TESTS[asked]
    verdict, opposite = decide(test, {}), decide(negate(test), {})
    assert (verdict.if_true, verdict.if_false) == (opposite.if_false, opposite.if_true)
    assert decide(negate(negate(test)), {}) == verdict


@pytest.mark.parametrize(
    ("picked", "test", "outcome"),
    [(2, "n == 2", True), (2, "n != 2", False), (2, "n > 2", False), (3, "n > 2", True), ("a", "n == 'a'", True)],
)
def test_a_picked_key_is_what_the_unknown_is(picked: Any, test: str, outcome: bool) -> None:
    pick = ("pick", N.key)
    assert decide(TESTS[test], {pick: picked}).outcome is outcome
    verdict = decide(TESTS[test], {})
    assert allows(dict(verdict.if_true), frozenset({(pick, picked)})) is outcome
    assert allows(dict(verdict.if_false), frozenset({(pick, picked)})) is not outcome


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (Const(0), False),
        (Const("a"), True),
        (Tuple(()), False),
        (Tuple((N,)), True),
        (Tuple((), rest=True), None),
        (Tuple((N,), rest=True), None),
    ],
)
def test_what_is_true_by_itself(value: Value, outcome: bool | None) -> None:
    assert decide(value, {}).outcome is outcome

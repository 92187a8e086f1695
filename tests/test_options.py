"""What a program is told on the command line: options count by their defaults, and other values are kept apart."""

from __future__ import annotations

import pytest

from keraslint import check

CASES: dict[str, tuple[str | None, str]] = {
    "store_true": (
        "probabilities-as-logits",
        """
p = argparse.ArgumentParser()
p.add_argument("--logits", action="store_true")
a = p.parse_args()
m = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
m.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=a.logits))
""",
    ),
    "consistent": (
        None,
        """
p = argparse.ArgumentParser()
p.add_argument("--logits", action="store_true")
a = p.parse_args()
m = keras.Sequential([keras.layers.Dense(3, activation=None if a.logits else "softmax")])
m.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=a.logits))
""",
    ),
    "branch on other value": (
        None,
        """
p = argparse.ArgumentParser()
p.add_argument("-t", "--task-kind", default="multi", type=str)
a, _ = p.parse_known_args()
m = keras.Sequential([keras.layers.Dense(3, activation="sigmoid" if a.task_kind == "labels" else "softmax")])
m.compile(loss="binary_crossentropy" if a.task_kind == "labels" else "categorical_crossentropy")
""",
    ),
    "other arm wrong": (
        "sigmoid-for-exclusive-classes",
        """
p = argparse.ArgumentParser()
p.add_argument("--kind", default="multi", choices=["multi", "labels"])
a = p.parse_args()
m = keras.Sequential([keras.layers.Dense(3, activation="sigmoid" if a.kind == "labels" else "softmax")])
m.compile(loss="categorical_crossentropy")
""",
    ),
    "two defaults": (
        "probabilities-as-logits",
        """
p = argparse.ArgumentParser()
p.add_argument("--act", default="softmax"); p.add_argument("--logits", type=bool, default=True)
a = p.parse_args()
m = keras.Sequential([keras.layers.Dense(3, activation=a.act)])
m.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=a.logits))
""",
    ),
    "vars": (
        "sigmoid-for-exclusive-classes",
        """
p = argparse.ArgumentParser()
p.add_argument("-u", "--units", default=5)
p.add_argument("--act", default="sigmoid")
a = vars(p.parse_args())
m = keras.Sequential([keras.layers.Dense(a["units"], activation=a["act"])])
m.compile(loss="categorical_crossentropy")
""",
    ),
    "function": (
        "logits-as-probabilities",
        """
def options():
    p = argparse.ArgumentParser()
    g = p.add_argument_group("model")
    g.add_argument("--loss", default="categorical_crossentropy")
    p.set_defaults(act="linear")
    return p.parse_args()
def main(a):
    m = keras.Sequential([keras.layers.Dense(5, activation=a.act)])
    m.compile(loss=a.loss)
if __name__ == "__main__":
    main(options())
""",
    ),
    "one class or several": (
        "sigmoid-for-exclusive-classes",
        """
p = argparse.ArgumentParser()
p.add_argument("--classes", type=int, default=1)
a = p.parse_args()
loss = "binary_crossentropy" if a.classes == 1 else "categorical_crossentropy"
m = keras.Sequential([keras.layers.Dense(a.classes, activation="sigmoid")])
m.compile(loss=loss)
""",
    ),
    "known ones": (
        "probabilities-as-logits",
        """
p = argparse.ArgumentParser()
p.add_argument("--act", default="softmax")
a, _ = p.parse_known_args()
m = keras.Sequential([keras.layers.Dense(3, activation=a.act)])
m.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True))
""",
    ),
    "text that is a number": (
        None,
        """
p = argparse.ArgumentParser()
p.add_argument("--units", default="1", type=int)
a = p.parse_args()
m = keras.Sequential([keras.layers.Dense(a.units, activation="softmax")])
m.compile(loss="sparse_categorical_crossentropy")
""",
    ),
    "required": (
        None,
        """
p = argparse.ArgumentParser()
p.add_argument("--act", required=True); p.add_argument("head")
a = p.parse_args()
m = keras.Sequential([keras.layers.Dense(3, activation=a.act)])
m.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True))
""",
    ),
    "absl": (
        "probabilities-as-logits",
        """
from absl import app, flags
FLAGS = flags.FLAGS
flags.DEFINE_string("act", "softmax", "head"); flags.DEFINE_bool("logits", True, "")
_CLASSES = flags.DEFINE_integer("classes", 4, "")
def main(_):
    m = keras.Sequential([keras.layers.Dense(_CLASSES.value, activation=FLAGS.act)])
    m.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=FLAGS.logits))
app.run(main)
""",
    ),
    "tf flags": (
        "softmax-over-one-unit",
        """
flags = tf.compat.v1.flags
flags.DEFINE_enum("act", "softmax", ["softmax", "sigmoid"], "head")
m = tf.keras.Sequential([tf.keras.layers.Dense(1, activation=flags.FLAGS.act)])
m.compile(loss="binary_crossentropy")
""",
    ),
}


@pytest.mark.parametrize(("expected", "program"), CASES.values(), ids=CASES)
def test_options_count_by_their_defaults(expected: str | None, program: str) -> None:
    report = check("import argparse, keras\nimport tensorflow as tf\n" + program)

    assert [finding.rule for finding in report.findings] == ([expected] if expected else [])

"""Two output activations, one on top of the other."""

from collections.abc import Iterator
from math import e

from keraslint import Fact, Finding, Head, Severity, leave_out, rule

TWICE = ("softmax-twice", "sigmoid-twice", "softmax-on-sigmoid", "sigmoid-on-softmax")


@rule(Head, Severity.ERROR)
def check(head: Head) -> Iterator[Finding]:
    """A softmax or sigmoid on top of another one flattens all answers.

    Probabilities lie between 0 and 1, and for a second softmax these are ten nearly equal logits: with 10 classes no
    class can ever get more than 0.23. A second sigmoid answers between 0.5 and 0.73: with the usual threshold
    everything is positive (accuracy 0.58 against 0.89 with Keras 3.15). Keras undoes the outer one while it trains on
    TensorFlow, but not the inner one.

    Bad:
        import keras

        model = keras.Sequential([keras.layers.Dense(10, activation="softmax"), keras.layers.Softmax()])
        model.compile(optimizer="adam", loss="categorical_crossentropy")
        # ---
        import keras

        inputs = keras.Input((20,))
        score = keras.layers.Dense(1, activation="sigmoid")(inputs)
        model = keras.Model(inputs, keras.ops.sigmoid(score))

    Good:
        import keras

        model = keras.Sequential([keras.layers.Dense(10), keras.layers.Softmax()])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    When it is fine:
        Never as the last two functions of a model. A softmax inside (attention, a gate) before another one at the end
        is something else: weights stand in between.

    References:
        https://keras.io/api/layers/activation_layers/softmax/
    """
    match head:
        case Head(activation=Fact(str(both)), activations=[*_, first, second], units=units) if both in TWICE:
            before, again = first.name, second.name
            classes = units.value if units else 10
            consequence = {
                "softmax-twice": f"with {classes} classes no probability can pass {e / (e + classes - 1):.3g}",
                "sigmoid-twice": "every answer lies between 0.5 and 0.73",
                "softmax-on-sigmoid": f"with {classes} classes no probability can pass {e / (e + classes - 1):.3g}",
                "sigmoid-on-softmax": "every answer lies between 0.5 and 0.73",
            }
            same = before.value == again.value
            yield Finding(
                f"{again.value} on top of {'another ' * same}{before.value}",
                because=(
                    again.saying(f"{again.value} again" if same else again.value),
                    before.saying("already probabilities"),
                ),
                notes=(consequence[both],),
                help=f"drop the second one, the {again.value}" if not same else "drop one of the two",
                fixes=(
                    *(() if same else leave_out(before, '"linear"', f"Drop the {before.value}")),
                    *leave_out(again, '"linear"', f"Drop the {'second ' * same}{again.value}", safe=same),
                    *(leave_out(before, '"linear"', f"Drop the first {before.value}") if same else ()),
                ),
            )

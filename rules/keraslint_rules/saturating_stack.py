"""Many squashing layers in a row."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Layer, Model, Program, Severity, rule

LINEAR = ("Dense", "Conv1D", "Conv2D", "Conv3D")
PASSING = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Flatten")
SQUASHING = ("sigmoid", "hard_sigmoid")
ENOUGH = 4


@rule(Program, Severity.NOTE)
def check(program: Program) -> Iterator[Finding]:
    """Sigmoids in a row pass on less and less of the gradient.

    The slope of a sigmoid is 0.25 at most, and what comes back through several of them shrinks with each. The model
    learns slowly or only in its last layers: with SGD, four sigmoids score 0.10 on ten classes, as good as guessing,
    where relu and tanh score 0.99 (64 units, two seeds, Keras 3.15). With Adam six of them score 0.97, relu 0.99.

    Bad:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,))])
        for _ in range(4):
            model.add(layers.Dense(64, activation="sigmoid"))
        model.add(layers.Dense(10, activation="softmax"))

    Good:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((20,))])
        for _ in range(4):
            model.add(layers.Dense(64, activation="relu"))
        model.add(layers.Dense(10, activation="softmax"))

    When it is fine:
        Up to three layers are not reported, nor is tanh, which passes its gradient on near zero (0.99 with six layers)
        and is usual where smooth functions are wanted. Normalisation, shortcuts and gates end a stack.

    References:
        https://keras.io/api/layers/activations/
    """
    for model in program.models:
        inner: set[int] = set()
        for number, layer in enumerate(model.layers):
            stack = () if number in inner else stacked(model, layer)
            if len(stack) >= ENOUGH:
                inner |= {at for at, one in enumerate(model.layers) if any(one is other for other in stack)}
                known = [one.activation for one in stack if one.activation]
                yield Finding(
                    f"{len(stack)} layers with a `{known[0].value}` in a row pass on little of the gradient",
                    because=tuple(known),
                    notes=(COST,),
                    help="use relu or tanh in hidden layers, or put a normalisation between them",
                )


def stacked(model: Model, layer: Layer) -> tuple[Layer, ...]:
    """A layer and those behind it, as long as all of them squash and each only feeds the next. The head counts not."""
    found: list[Layer] = []
    one: Layer | None = layer
    while one is not None and not any(one is old for old in found):
        takers = model.takers(one, PASSING) or ()
        match one:
            case Layer(activation=Fact(str(name))) if one.kind in LINEAR and name in SQUASHING and takers:
                found.append(one)
                one = takers[0] if len(takers) == 1 else None
            case _:
                one = None
    return tuple(found)


COST = "with SGD four sigmoids in a row score 0.10 on ten classes, relu or tanh 0.99 (64 units each, Keras 3.15)"

"""A first loss that no untrained model should have."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Severity, Training, Trial, rule

USUAL = (0.5, 2.0)
"""What an untrained model of the right kind comes to, as a share of the expected loss: 1.03 to 1.08 were measured."""
BEYOND = 4.0
"""So much more it must be at least. Of two classes the expected loss is small, and scores that grow a little from layer
to layer, behind a max-pooling for one, come to twice as much."""


@rule(
    Training,
    Severity.NOTE,
    measured=True,
    unless=(
        *("logits-as-probabilities", "class-loss-over-one-unit", "softmax-over-one-unit", "squashed-logits"),
        *("probabilities-as-logits", "softmax-for-independent-labels", "sigmoid-for-exclusive-classes"),
        *("softmax-over-batch-axis", "softmax-over-spatial-axis", "normalised-sigmoids", "unstable-softmax"),
        *("activation-applied-twice", "constant-outputs", "non-finite-outputs", "no-gradient", "dropout-on-outputs"),
        *("rows-do-not-sum-to-one", "trained-outputs-differ", "constant-initializer", "units-differ-from-classes"),
        *("sigmoids-for-exclusive-labels", "batch-coupled-outputs", "linear-hidden-layer"),
        *("crossentropy-for-continuous-target", "labels-outside-unit-interval"),
    ),
)
def check(training: Training) -> Iterator[Finding]:
    """The first loss is far from that of a model that knows nothing.

    Before any training all classes are equally likely, and a crossentropy over C classes is ln C: 2.30 for ten, 0.69
    for two. Right models come within a few hundredths of it (1.03 to 1.08 times at ten classes). A loss several times
    as large says that the head is sure of itself before it has seen anything: its scores are far too large. Reported is
    less than half of the expected loss, and more than twice as much where that is 4 more at least.

    Bad:
        import keras

        inputs = keras.Input((20,))
        wide = keras.initializers.RandomNormal(stddev=9.0)
        outputs = keras.layers.Dense(10, activation="softmax", kernel_initializer=wide)(inputs)
        model = keras.Model(inputs, outputs)
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    When it is fine:
        Where weights come from elsewhere before training, or a bias says from the start how rare a class is. Models
        with batch normalisation are not looked at: it is at rest before training, and scores grow with every layer.

    References:
        https://keras.io/api/layers/initializers/
    """
    match training.trial:
        case Trial(trained=Fact(loss) as first, expected=Fact(usual), name=name) if usual > 0:
            low, high = (bound * usual for bound in USUAL)
            if low <= loss <= max(high, usual + BEYOND):
                return
            yield Finding(
                f"the first loss is {loss:.3g}, that of a model that knows nothing is {usual:.3g} ({name})",
                because=(first.saying(f"begins at {loss:.3g}"),),
                notes=("measured on made-up rows of mean 0 and spread 1, with the weights as initialised",),
                help="look at the scale of the last weights, and at anything that multiplies the scores",
            )

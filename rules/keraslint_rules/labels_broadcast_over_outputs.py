"""Labels that are stretched over several outputs, or outputs over several labels."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Head, Labels, Loss, Runtime, Severity, Training, rule

SILENT = "nothing is raised: every unit is trained towards the same number"
AVERAGE = "nothing is raised: the one output is trained towards all columns at once, and ends up between them"
FLAT = {
    2: "in Keras 2 nothing is raised: every unit is trained towards the same number",
    3: "Keras 3 raises, unless the batch has as many samples as the head has units: then labels and units are "
    "silently mixed up",
}
EITHER = "Keras 3 raises, unless batch and head are of one size; Keras 2 silently trains every unit towards one number"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A regression loss stretches labels over outputs that are wider than they.

    It subtracts labels from outputs as arrays do: a column of labels (N, 1) against outputs (N, k) is repeated k times,
    and every unit learns the same number. Nothing is raised, on Keras 3.15 with TensorFlow, JAX and torch as in
    tf_keras. Flat labels (N,) raise in Keras 3, but not where the batch happens to have k samples; tf_keras stretches
    them too. The other way round, one output against labels of k columns, it learns something between them.

    Bad:
        import keras
        import numpy as np

        x, y = np.random.rand(100, 8), np.random.rand(100, 1)
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, y)

    Good:
        import keras
        import numpy as np

        x, y = np.random.rand(100, 8), np.random.rand(100, 1)
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, y)

    When it is fine:
        Losses of the program's own that want it so (quantiles, several guesses for one target), and labels that are
        the same number everywhere (the ones and zeros of a GAN), are not reported.

    References:
        https://keras.io/api/losses/regression_losses/
    """
    match training:
        case Training(labels=Labels(loader=loader)) if loader is not None:
            return  # generator-labels
        case Training(
            head=Head(units=Fact(int(count)) as units, rank=Fact(2)),
            loss=Loss(name=loss, family=family),
            labels=Labels(rank=Fact(int(axes)) as rank, columns=columns, low=low, high=high),
            runtime=runtime,
        ) if family.stretches:
            if low is not None and high is not None and low.value == high.value and axes == 2:
                return  # the same number everywhere, as in the labels of a GAN: stretched it stays what it is
            match columns:
                case Fact(1) if axes == 2 and count > 1:
                    seen, said, note = columns, "a column", SILENT
                case None if axes == 1 and count > 1:
                    seen, said, note = rank, "one number for each sample", flat(runtime)
                case Fact(int(width)) if axes == 2 and count == 1 and width > 1:
                    seen, said, note = columns, f"{width} columns", AVERAGE
                case _:
                    return
            yield Finding(
                f"the labels are {said}, but the head has {'one unit' if count == 1 else f'{count} units'}",
                because=(units.saying("one unit" if count == 1 else f"{count} units"), seen.saying(said), loss),
                notes=(note,),
                help="give the head a unit for each column of the labels",
            )


def flat(runtime: Runtime) -> str:
    """What happens to labels of shape (N,)."""
    return FLAT[runtime.keras_generation] if runtime.keras_generation else EITHER

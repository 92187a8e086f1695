"""A model that is another one on another device."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Head, Measured, Severity, rule


@rule(Head, Severity.WARNING, measured=True, unless=("unstable-softmax", "non-finite-outputs"))
def check(head: Head) -> Iterator[Finding]:
    """The same rows give other outputs on the CPU than on the GPU.

    Both devices round, each in its own order, and differ in the last digits. More than the number format explains
    means that something depends on the device: an operation that is not defined for these numbers (a cast of what is
    too large, an index out of range, a division by zero), or a random one that is on at inference. Needs `--probe
    --device both`, and a GPU.

    Bad:
        import keras
        from keras import ops

        class Scrambled(keras.layers.Layer):
            def call(self, x):
                return ops.cast(ops.cast(x * 1e12, "int32"), "float32")

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(3), Scrambled()])

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(3)])

    When it is fine:
        Where outputs are random on purpose.

    References:
        https://keras.io/examples/keras_recipes/reproducibility_recipes/
    """
    match head:
        case Head(measured=Measured(devices=Fact(difference) as devices, rows=rows)):
            yield Finding(
                f"the same {rows} rows on the CPU and on the GPU differ by {difference:.2g}",
                because=(devices.saying(f"differ by {difference:.2g}"),),
                notes=("more than the number format of the model explains",),
                help="look for casts, indices and divisions that are not defined for every number",
            )

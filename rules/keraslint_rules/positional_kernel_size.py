"""Rows and columns of a kernel, read as size and stride."""

from collections.abc import Iterator

from keraslint import Edit, Finding, Fix, PositionalStride, Severity, rule

WITH_TRANSLATION = (2, 4)
"""Before this, the package `keras` understood the calls of Keras 1."""


@rule(PositionalStride, Severity.ERROR)
def check(call: PositionalStride) -> Iterator[Finding]:
    """The columns of a kernel, passed the way of Keras 1, are taken for the stride.

    `Conv2D(8, 3, 3)` was a kernel of 3 by 3 in Keras 1. Since then the third argument is the stride: the layer builds,
    looks at every ninth place only, and gives a map of a third of the width and height. Keras 3.15 and tf_keras 2.21 do
    so without a word; Keras 2.3 without TensorFlow still translated the call.

    Bad:
        import keras

        keras.layers.Conv2D(32, 3, 3, activation="relu")
        # ---
        from keras.layers import Convolution2D

        Convolution2D(64, 5, 5, padding="same")

    Good:
        import keras

        keras.layers.Conv2D(32, (3, 3), activation="relu")
        # ---
        from keras.layers import Convolution2D

        Convolution2D(64, (5, 5), padding="same")

    When it is fine:
        A stride that is meant: `Conv2D(64, 3, 2)`, and an even kernel as wide as its stride, such as the patches of
        `Conv2D(96, 4, 4)` and the halving `Conv2D(64, 2, 2)`, unless the call has other signs of Keras 1. A stride by
        name says what it is.

    References:
        https://keras.io/api/layers/convolution_layers/convolution2d/
    """
    size, stride = call.kernel_size, call.strides
    if stride.value == 1 or is_translated(call):
        return
    twice = size.value == stride.value and size.value % 2 == 1 and size.literal and stride.literal
    if not (twice or call.sign):
        return
    yield Finding(
        f"the third number of `{call.layer}` is a stride of {stride.value}, not the columns of the kernel",
        because=(stride, size.saying("size of the kernel"), *((call.sign,) if call.sign else ())),
        notes=(f"the output has a {fraction(stride.value)} of the width and height",),
        help=f"write `({size.value}, {stride.value})`, or `strides={stride.value}` if a stride is meant",
        fixes=together(call),
    )


def is_translated(call: PositionalStride) -> bool:
    """Whether this Keras takes the numbers as Keras 1 did."""
    package, version = call.runtime.package, call.runtime.keras_version
    return package is not None and package.value == "keras" and version is not None and version < WITH_TRANSLATION


def fraction(stride: int) -> str:
    """What is left of a side."""
    return {2: "half", 3: "third", 4: "quarter"}.get(stride, f"{stride}th")


def together(call: PositionalStride) -> tuple[Fix, ...]:
    """Both numbers in brackets, where they are written in the call."""
    size, stride = call.kernel_size, call.strides
    if not (size.literal and stride.literal):
        return ()
    edits = (Edit(size.span, f"({size.value}, {stride.value})"), Edit(stride.span, "", argument=True))
    return (Fix(f"Write ({size.value}, {stride.value})", edits, safe=True),)

"""Raw pixels where small numbers are expected."""

from collections.abc import Iterator
from typing import Any

from keraslint import Fact, Finding, Inputs, Severity, Training, rule

WEIGHING = ("Dense", "Conv2D", "Conv3D", "SeparableConv2D")
OPEN = ("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish")
COSTLY = {("Dense", "Adam"), ("Dense", "RMSprop")}
TRIAL = "in trials on 1,300 digits accuracy was {}, with pixels divided by 255 {}"
TWO = TRIAL.replace("digits", "digits with two convolutions")
TRIALS = {
    ("Dense", "SGD"): TRIAL.format("0.47 (0.09 with momentum)", "0.85 (0.96)"),
    ("Conv2D", "SGD"): TWO.format("0.09 (0.08 to 0.53 with momentum)", "0.78 (0.96)"),
    ("Dense", "Adam"): TRIAL.format("0.91", "0.96"),
    ("Dense", "RMSprop"): TRIAL.format("0.94", "0.96"),
    ("Conv2D", "Adam"): f"{TWO.format('0.95', '0.97')}; the loss begins at 5 in place of 2",
    ("Conv2D", "RMSprop"): "in trials on 1,300 digits with two convolutions it cost no accuracy",
}
"""First layer (with a relu) and optimizer: means of three seeds, 10 epochs, Keras 3.15."""


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """Pixels from 0 to 255 are a hundred times larger than what fresh weights are made for.

    Keras draws its first weights for inputs around 1. Pixels of 255 make the first outputs, the first loss and the
    first gradients as many times too large. Plain SGD then often learns little or nothing: accuracy 0.47 against 0.85
    behind a Dense layer, 0.09 against 0.78 with two convolutions (with a single one it still learned). Adam and RMSprop
    recover, with 0.91 and 0.94 against 0.96 behind a Dense layer and next to no loss behind convolutions; there, and
    where the optimizer is another one or not known, this is only a note.

    Bad:
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        flat, hidden = keras.layers.Flatten(), keras.layers.Dense(64, activation="relu")
        model = keras.Sequential([flat, hidden, keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
        model.fit(x, y)

    Good:
        import keras

        (x, y), _ = keras.datasets.mnist.load_data()
        flat, hidden = keras.layers.Flatten(), keras.layers.Dense(64, activation="relu")
        model = keras.Sequential([flat, hidden, keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
        model.fit(x / 255, y)

    When it is fine:
        The model scales first: `Rescaling`, `Normalization`, a BatchNormalization before the first layer or right
        behind it. A ready-made network gets what it was trained on: EfficientNet and ConvNeXt take raw pixels. Behind a
        first layer with sigmoid, and with SGD behind tanh or an LSTM, raw pixels trained better: silent there.

    References:
        https://keras.io/api/layers/preprocessing_layers/image_preprocessing/rescaling/
    """
    match training.inputs:
        case Inputs(
            kind=Fact("pixels"),
            low=Fact(0),
            high=Fact(255) as high,
            first=Fact(str(kind)) as first,
            activation=Fact(str(applied)),
        ) if kind in WEIGHING and applied in OPEN:
            name = training.optimizer.value if training.optimizer else ""
            because: list[Fact[Any]] = [high.saying("0 to 255"), first.saying("meets them first")]
            if training.optimizer:
                because.append(training.optimizer)
            note = TRIALS.get((kind, name))
            yield Finding(
                "pixels from 0 to 255 reach the model as they are",
                because=tuple(because),
                severity=None if name == "SGD" or (kind, name) in COSTLY else Severity.NOTE,
                notes=(note,) if note else (),
                help="divide the pixels by 255, or begin the model with `keras.layers.Rescaling(1 / 255)`",
            )

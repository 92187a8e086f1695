"""A change of `trainable` that comes too late."""

from collections.abc import Iterator

from keraslint import Fact, Finding, Late, Model, Severity, rule


@rule(Model, Severity.ERROR)
def check(model: Model) -> Iterator[Finding]:
    """Keras looks at `trainable` once, and not again until the next `compile`.

    Keras 3 reads `trainable` when the training step is first traced, in the first `fit` or `train_on_batch` behind
    `compile`; Keras 2 (also tf_keras) reads it in `compile` itself. What is set later changes nothing: layers that were
    thawed for fine-tuning stay as they are (measured on Keras 3.15 and tf_keras 2.21).

    The old recipe for GANs (compile the discriminator, freeze it, compile both together, then train the discriminator)
    relies on Keras 2. In Keras 3 the discriminator is frozen when its step is traced: none of its weights ever changes.

    Bad:
        import keras
        from keras import layers

        base = keras.applications.MobileNetV2(include_top=False, pooling="avg")
        base.trainable = False
        model = keras.Sequential([base, layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x, y)
        base.trainable = True
        model.fit(x, y)

    Good:
        import keras
        from keras import layers

        base = keras.applications.MobileNetV2(include_top=False, pooling="avg")
        base.trainable = False
        model = keras.Sequential([base, layers.Dense(10, activation="softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(x, y)
        base.trainable = True
        model.compile(optimizer=keras.optimizers.Adam(1e-5), loss="sparse_categorical_crossentropy")
        model.fit(x, y)

    When it is fine:
        Between `compile` and the first training Keras 3 still sees the change. In the loop of a GAN the discriminator
        may be thawed and frozen in turn, as long as each model is first trained in the state that it shall keep.

    References:
        https://keras.io/guides/transfer_learning/
    """
    version = model.runtime.keras_generation
    for late in model.late:
        match late:
            case Late(again=True, whole=False) | Late(again=True, trainable=Fact(value=True)):
                yield unseen(late, "until the model is compiled again", model)
            case Late(again=False, whole=True, trainable=Fact(value=False)) if version != 2:
                yield never_trained(late, model, version)
            case Late(again=False, whole=False) if version == 2:
                yield unseen(late, "in Keras 2, which looks at it in `compile`", model)


def unseen(late: Late, when: str, model: Model) -> Finding:
    """The change has no effect on what follows."""
    word = "thaws" if late.trainable.value else "freezes"
    return Finding(
        f"this {word} nothing {when}",
        because=(late.trainable.saying("comes too late"), late.compiled, late.trained.saying("does not see it")),
        severity=Severity.WARNING,
        notes=("measured on Keras 3.15 and tf_keras 2.21: the same weights as before are trained",),
        help="call `compile` again behind the change",
    )


def never_trained(late: Late, model: Model, version: int | None) -> Finding:
    """The model is frozen before its first training."""
    return Finding(
        "the model is frozen before it is first trained: in Keras 3 none of its weights ever changes",
        because=(late.trainable.saying("frozen here"), late.compiled, late.trained.saying("trains nothing")),
        severity=Severity.ERROR if version == 3 else Severity.WARNING,
        notes=("Keras 2 reads `trainable` in `compile` and trains it, Keras 3 reads it in the first training step",),
        help="train on a batch before freezing, or set `trainable = True` before each step of this model and `False` "
        "before each step of the model around it",
    )

"""A softmax under a loss that judges every unit on its own."""

from collections.abc import Iterator

from keraslint import Fact, Family, Finding, Head, Loss, Severity, Training, change, objective, rule, what_is_trained

INDEPENDENT = {
    True: "in a trial with 8 independent labels F1 0.52, not 0.86, on the very loss curve of the right model",
    False: "in a trial with 8 independent labels F1 0.30, not 0.86",
}
EXCLUSIVE = "in a trial with 10 exclusive classes (Adam) as accurate as the categorical crossentropy (0.97)"
SLOW = "in a trial with 10 exclusive classes and SGD at 0.01 accuracy 0.20 after 5 epochs, not 0.86; Adam hides it"
TWO_UNITS = "in a trial with 2 exclusive classes the same accuracy, but probabilities too sure: NLL 0.65 against 0.55"
BETTER = "`categorical_crossentropy`, or sigmoid for labels that come together"


@rule(Training, Severity.ERROR)
def check(training: Training) -> Iterator[Finding]:
    """A softmax lets one label win; the binary crossentropy judges every label on its own.

    For labels that come together: an error. On TensorFlow Keras silently trains sigmoids of the logits behind the
    softmax, the loss falls as in the right model, and `predict()` returns a softmax that was never trained: with 8
    labels F1 0.52 against 0.86. For exclusive classes the answers are ranked as well as by the categorical
    crossentropy, but on TensorFlow the probabilities are too sure: a warning from three units on, a note for two and
    where the number of units is not known.

    Bad:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(8, activation="softmax")])
        model.compile(optimizer="adam", loss="binary_crossentropy")

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(8, activation="sigmoid")])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        # ---
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(8, activation="softmax")])
        model.compile(optimizer="adam", loss="categorical_crossentropy")

    When it is fine:
        Two exclusive classes on JAX or torch, where the loss is literal: there it equals the categorical
        crossentropy.

    References:
        https://keras.io/api/losses/probabilistic_losses/
    """
    match training:
        case Training(head=Head(units=Fact(1))):
            return  # softmax-over-one-unit
        case Training(
            head=Head(last=Fact("softmax") as softmax, units=units) as head,
            loss=Loss(name=name, family=Family.BINARY) as loss,
            labels=labels,
            runtime=runtime,
        ):
            here, encoding = objective(head, loss, runtime), labels.encoding if labels else None
            recovered = here is not None and here.recovered
            several, one_hot = (encoding is not None and encoding.value == word for word in ("multi-label", "one-hot"))
            two = units is not None and units.value == 2
            if two and not several and not recovered:
                return  # where the loss is literal, two units are the categorical crossentropy under another name
            costs = (INDEPENDENT[recovered],) * (several or not (one_hot or two))
            costs += () if several else (TWO_UNITS if two else EXCLUSIVE if recovered else SLOW,)
            shown = (encoding.saying("several at once"),) if encoding and several else ()
            text = loss.spelling == "string"
            yield Finding(
                f"softmax under `{name.value}`, which judges every unit on its own",
                because=(softmax.saying("one wins"), name.saying("each on its own"), *shown),
                severity=None if several else Severity.NOTE if two or units is None else Severity.WARNING,
                notes=(*what_is_trained(head, loss, runtime), *costs),
                help=f"use {'sigmoid' if several else BETTER}",
                fixes=(
                    *(() if one_hot else change(softmax, '"sigmoid"', "Use sigmoid")),
                    *(
                        change(name, '"categorical_crossentropy"', "Use the categorical one")
                        if text and not several
                        else ()
                    ),
                ),
            )

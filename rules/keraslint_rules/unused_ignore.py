"""A comment that silences nothing."""

from collections.abc import Iterator

from keraslint import Edit, Finding, Fix, IdleIgnore, Severity, rule


@rule(IdleIgnore, Severity.WARNING)
def check(comment: IdleIgnore) -> Iterator[Finding]:
    """An ignore comment silences nothing.

    The slip that it was written for is gone, or stands on another line by now, or no rule has the name that it gives.
    The next real slip on the line would be hidden without anybody having looked at it.

    Bad:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="softmax")])
        model.compile("adam", "categorical_crossentropy")  # keraslint: ignore[logits-as-probabilities]

    Good:
        import keras

        model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(10, activation="softmax")])
        model.compile("adam", "categorical_crossentropy")

    When it is fine:
        In a file without a training a comment may speak for a model of another file: only names that no rule has are
        reported there. `ignore[unused-ignore, ...]` keeps a comment.

    References:
        https://docs.astral.sh/ruff/rules/unused-noqa/
    """
    names = ", ".join(name.value for name in comment.names)
    lost = ", ".join(f"`{name}`" for name in comment.unknown)
    yield Finding(
        f"no rule is called {lost}" if comment.unknown else f"`{names}` is ignored here, but nothing is found",
        because=comment.names,
        help=f"remove {'it' if len(comment.names) == 1 else 'them'} from the comment",
        fixes=(Fix("Remove what silences nothing", tuple(Edit(place, "") for place in comment.removals), safe=True),),
    )

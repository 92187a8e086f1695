"""A comment that silences nothing."""

from collections.abc import Iterator

from keraslint import Edit, Finding, Fix, IdleIgnore, Severity, rule


@rule(IdleIgnore, Severity.WARNING)
def check(comment: IdleIgnore) -> Iterator[Finding]:
    """An ignore comment silences nothing.

    The slip that it was written for is gone, or stands on another line by now, or the comment names no rule, or none
    that there is. The next real slip on the line would be hidden without anybody having looked at it.

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
    if comment.flaw:
        help = "write `# keraslint: ignore[rule-name] -- reason`, or `ignore-file[rule-name]` for the whole file"
        yield Finding(f"the comment silences nothing: {comment.flaw}", because=comment.names, help=help)
        return
    names = ", ".join(name.value for name in comment.names)
    lost = ", ".join(f"`{name}`" for name in comment.unknown)
    remove = f"remove {'it' if len(comment.names) == 1 else 'them'} from the comment"
    meant = " and ".join(f"`{name}`" for name in comment.meant)
    edits = (Edit(name.span, right) for name, right in zip(comment.names, comment.meant, strict=False))
    correct = (Fix(f"Write {meant}", tuple(edits), safe=True),) if len(comment.names) == len(comment.meant) else ()
    yield Finding(
        f"no rule is called {lost}" if comment.unknown else f"`{names}` is ignored here, but nothing is found",
        because=comment.names,
        help=f"write {meant} if that is meant, or {remove}" if meant else remove,
        fixes=(
            *correct,
            Fix("Remove what silences nothing", tuple(Edit(place, "") for place in comment.removals), safe=True),
        ),
    )

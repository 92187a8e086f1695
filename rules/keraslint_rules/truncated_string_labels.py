"""Text labels cut off by NumPy."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from keraslint import Finding, Severity, TextArray, change, rule


@rule(TextArray, Severity.WARNING)
def check(array: TextArray) -> Iterator[Finding]:
    """NumPy cuts text that is longer than the array allows.

    `np.zeros(n, dtype=str)` makes an array of texts of one character, `<U1`. Longer texts are stored cut off, without a
    word: labels that begin with the same letter become one class.

    Bad:
        import keras
        import numpy as np

        labels = np.zeros(200, dtype=str)
        labels[:120] = "COVID"
        labels[120:] = "CONTROL"

    Good:
        import keras
        import numpy as np

        labels = np.zeros(200, dtype=object)
        labels[:120] = "COVID"
        labels[120:] = "CONTROL"

    When it is fine:
        Where every text fits.

    References:
        https://numpy.org/doc/stable/user/basics.strings.html
    """
    room = array.width.value
    texts = {text.value: text for text in array.stored}
    longer = tuple(text for text in texts.values() if len(text.value) > room)
    if longer:
        first = longer[0].value
        yield Finding(
            f"an array for {room} character{'s' if room > 1 else ''}: {first!r} is stored as {first[:room]!r}",
            because=(array.width, *(text.saying(f"stored as {text.value[:room]!r}") for text in longer)),
            notes=tuple(merged(texts, room)) or ("the texts still differ where they are cut: by luck",),
            help="use `dtype=object`, or a list",
            fixes=change(array.width, "object", "Use dtype=object", safe=True),
        )


def merged(texts: Iterable[str], room: int) -> Iterator[str]:
    """Which texts are the same after the cut."""
    ordered = sorted(texts, key=lambda text: text[:room])
    for short, group in groupby(ordered, key=lambda text: text[:room]):
        same = [repr(text) for text in group]
        if len(same) > 1:
            yield f"{', '.join(same[:-1])} and {same[-1]} become the same {short!r}"

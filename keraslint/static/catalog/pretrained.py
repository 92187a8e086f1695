"""Ready-made classifiers of other libraries, by the names of their classes: which end in raw scores, which do not.

None of these libraries is installed with the tests. Read in their sources: text classifiers of KerasNLP and KerasHub
have `activation=None` since they take the argument (2023), and gave raw scores before; `ImageClassifier` of KerasCV has
a softmax. By its documentation, what `TF*For*Classification` of Transformers returns are `logits`. What a preset says
about the activation is not in the program: image classifiers of KerasHub are left out, and a head that comes with the
preset.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final, NamedTuple

LOADERS: Final = ("from_pretrained", "from_preset")
"""Class methods that make the model."""


class PretrainedSpec(NamedTuple):
    """Classes whose name fits `pattern`. `units` is the parameter that counts the classes, `rank` counts the axes.

    `activation` is the parameter that sets the last function, if there is one, and `default` what it is otherwise.
    """

    pattern: re.Pattern[str]
    units: str
    rank: int = 2
    activation: str | None = None
    default: str | None = None


SPECS: Final = (
    PretrainedSpec(re.compile(r"transformers\.TF\w*For(Sequence|Image)Classification"), "num_labels"),
    PretrainedSpec(re.compile(r"transformers\.TF\w*ForTokenClassification"), "num_labels", rank=3),
    PretrainedSpec(re.compile(r"keras_(hub|nlp)\.models\.\w*TextClassifier"), "num_classes", 2, "activation"),
    PretrainedSpec(re.compile(r"keras_nlp\.models\.(?!\w*Image)\w*Classifier"), "num_classes", 2, "activation"),
    PretrainedSpec(re.compile(r"keras_cv\.models\.ImageClassifier"), "num_classes", 2, "activation", "softmax"),
)


def comes_with_the_preset(dotted: str, spec: PretrainedSpec, given: Container[str]) -> bool:
    """Whether a loader was asked for the head that is stored, so that the program does not show it."""
    return spec.activation is not None and dotted.endswith(LOADERS) and spec.units not in given


def by_name(dotted: str) -> PretrainedSpec | None:
    """The classifier that a call of this name makes: of the class itself, or of one of its loaders."""
    owner, _, last = dotted.rpartition(".")
    name = owner if last in LOADERS else dotted
    return next((spec for spec in SPECS if spec.pattern.fullmatch(name)), None)

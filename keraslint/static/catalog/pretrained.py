"""Ready-made classifiers of other libraries, by the names of their classes: which end in raw scores, which do not.

Sources: the classes' own documentation in Transformers 4 (`TF*For*Classification` return `logits`), KerasHub 0.2 and
KerasNLP (`activation=None` is the standard of text classifiers) and KerasCV 0.9 (`ImageClassifier` has a softmax). What
a preset of KerasHub's image classifiers says about the activation is not in the program.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LOADERS: Final = ("from_pretrained", "from_preset", "from_config")
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


def by_name(dotted: str) -> PretrainedSpec | None:
    """The classifier that a call of this name makes: of the class itself, or of one of its loaders."""
    owner, _, last = dotted.rpartition(".")
    name = owner if last in LOADERS else dotted
    return next((spec for spec in SPECS if spec.pattern.fullmatch(name)), None)

"""keraslint: tells in milliseconds, without training, that the last layer and the loss do not belong together.

Everything that a rule may import is here.
"""

from keraslint.finding import Edit, Finding, Fix, Report, Severity, change, drop
from keraslint.model import (
    Activation,
    Confidence,
    Fact,
    Family,
    Head,
    Labels,
    Layer,
    Loss,
    Metric,
    Model,
    NotChecked,
    Obsolete,
    Origin,
    Outputs,
    Program,
    Route,
    Runtime,
    Span,
    TextArray,
    Training,
    Unreadable,
)
from keraslint.objective import Objective, elsewhere, objective
from keraslint.rule import Rule, rule

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "Confidence",
    "Edit",
    "Fact",
    "Family",
    "Finding",
    "Fix",
    "Head",
    "Labels",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "NotChecked",
    "Objective",
    "Obsolete",
    "Origin",
    "Outputs",
    "Program",
    "Report",
    "Route",
    "Rule",
    "Runtime",
    "Severity",
    "Span",
    "TextArray",
    "Training",
    "Unreadable",
    "__version__",
    "change",
    "drop",
    "elsewhere",
    "objective",
    "rule",
]

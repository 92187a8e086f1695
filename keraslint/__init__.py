"""keraslint: tells in milliseconds, without training, that the last layer and the loss do not belong together.

Everything that a rule may import is here, and `lint` and `check` for programs that want findings. A name is loaded when
it is first asked for: `keraslint --version` and files without Keras must not pay for the model.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keraslint.finding import Edit, Finding, Fix, Report, Severity, add, another, built_in, change, drop, leave_out
    from keraslint.lint import check, lint
    from keraslint.model import (
        Activation,
        Confidence,
        Coupling,
        Fact,
        Family,
        Flow,
        Goal,
        Head,
        IdleIgnore,
        Inputs,
        Labels,
        Late,
        Layer,
        Loader,
        Loss,
        LossMismatch,
        Measured,
        Metric,
        Model,
        NotChecked,
        Obsolete,
        Origin,
        Outputs,
        PositionalStride,
        Program,
        Removed,
        Route,
        Runtime,
        Span,
        Sums,
        TextArray,
        Training,
        Trial,
        Unreadable,
        Validation,
    )
    from keraslint.objective import Objective, accuracy_follows_loss, elsewhere, objective, what_is_trained
    from keraslint.rule import Rule, rule
    from keraslint.spread import lint_paths, lint_texts

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "Confidence",
    "Coupling",
    "Edit",
    "Fact",
    "Family",
    "Finding",
    "Fix",
    "Flow",
    "Goal",
    "Head",
    "IdleIgnore",
    "Inputs",
    "Labels",
    "Late",
    "Layer",
    "Loader",
    "Loss",
    "LossMismatch",
    "Measured",
    "Metric",
    "Model",
    "NotChecked",
    "Objective",
    "Obsolete",
    "Origin",
    "Outputs",
    "PositionalStride",
    "Program",
    "Removed",
    "Report",
    "Route",
    "Rule",
    "Runtime",
    "Severity",
    "Span",
    "Sums",
    "TextArray",
    "Training",
    "Trial",
    "Unreadable",
    "Validation",
    "__version__",
    "accuracy_follows_loss",
    "add",
    "another",
    "built_in",
    "change",
    "check",
    "drop",
    "elsewhere",
    "leave_out",
    "lint",
    "lint_paths",
    "lint_texts",
    "objective",
    "rule",
    "what_is_trained",
]

_ROOMS = ("finding", "model", "rule", "objective", "lint", "spread")
"""Where the names live; each is looked for in this order."""


class _Package(ModuleType):
    """This package: `rule`, `objective` and `lint` are functions here, though each lives in a module of the same
    name."""

    def __getattr__(self, name: str) -> object:
        for room in _ROOMS if name in __all__ else ():
            home = vars(import_module(f"{__name__}.{room}"))
            if name in home:
                vars(self)[name] = home[name]
                return home[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: object) -> None:
        # Importing `keraslint.rule` binds that module to the name `rule` of the package, which is taken.
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext keraslint` does: `%keraslint` and `%%keraslint` are there."""
    from keraslint.ipython import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext keraslint` does: both are gone."""
    from keraslint.ipython import unload

    unload(shell)


sys.modules[__name__].__class__ = _Package

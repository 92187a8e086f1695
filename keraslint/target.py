"""What the configuration says about the runtime, for whatever the program leaves open.

A program that says which Keras it imports or which backend it sets is believed before the configuration.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from keraslint.config import OPTION, Settings
from keraslint.model import Fact, Model, Obsolete, Position, PositionalStride, Program, Removed, Runtime, Span, Training

Carrier = TypeVar("Carrier", Model, Obsolete, PositionalStride, Removed, Training)


def assume(program: Program, settings: Settings) -> Program:
    """The same program on the runtime that the settings name."""
    if settings.target_keras is None and settings.backend is None:
        return program

    def on(part: Carrier) -> Carrier:
        return replace(part, runtime=_runtime(part.runtime, settings))

    models = (replace(on(model), trainings=tuple(map(on, model.trainings))) for model in program.models)
    return replace(
        program,
        models=tuple(models),
        obsolete=tuple(map(on, program.obsolete)),
        removed=tuple(map(on, program.removed)),
        positional_strides=tuple(map(on, program.positional_strides)),
    )


def _runtime(read: Runtime, settings: Settings) -> Runtime:
    keras, backend = read.keras, read.backend
    wanted = settings.target_keras
    # `3.15` makes a `3` that was read more exact; it does not turn a 2 into a 3.
    if wanted is not None and (keras is None or wanted.startswith(f"{keras.value}.")):
        keras = _fact("target-keras", wanted, settings)
    if backend is None and settings.backend is not None:
        backend = _fact("backend", settings.backend, settings)
    return replace(read, keras=keras, backend=backend)


def _fact(key: str, value: str, settings: Settings) -> Fact[str]:
    line = settings.lines.get(key, 1)
    path = OPTION if key in settings.given else settings.file or ""
    return Fact(value, Span(path, Position(line, 1, line, 1)))

"""From a source and what was read from it to the same models, built for real and measured.

This is the order of it: the slice that the models need, a worker in the user's interpreter that runs it, what the
worker answers as a program whose facts are measured. A model that cannot be built or measured costs itself and nothing
else: it stays what was read, and the report says why.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Protocol

from keraslint.model import Model, NotChecked, Position, Program, Span
from keraslint.probe.answers import heard
from keraslint.probe.places import Places
from keraslint.probe.pythons import Python, PythonError, find
from keraslint.probe.sandbox import Limits, Sandbox, Setting, told
from keraslint.probe.slice import Imported, Slice, Slicer
from keraslint.probe.wish import Target, Wish
from keraslint.probe.written import program_of
from keraslint.source import Source

__all__ = ["Probe", "Progress", "measured"]

MOST_ALONE: Final = 40
"""Models of one file that are tried one by one, after measuring them all together has left some out."""

MOST_SECONDS: Final = 90.0
"""After so long on one file no other model of it is tried on its own."""

START: Final = Position(1, 1, 1, 1)
USUAL: Final = Limits()


class Progress(Protocol):
    """What a long run tells of itself."""

    def expect(self, path: str, models: int) -> None:
        """So many models of a file are going to be measured."""

    def done(self) -> None:
        """One of them is."""

    def close(self) -> None:
        """No more will come."""


class Probe:
    """Builds and measures the models of one program after the other, and holds the processes for it until it is
    closed."""

    def __init__(self, wish: Wish, progress: Progress, limits: Limits = USUAL) -> None:
        self._wish = wish
        self._progress = progress
        self._limits = limits
        self._sandbox = Sandbox()

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None:
        self._sandbox.close()
        self._progress.close()

    @property
    def contained(self) -> str:
        """What holds a measured program on this system, and what is only a seat belt."""
        return told(self._sandbox.boundaries)

    def prepare(self, path: str) -> None:
        """Begin to load Keras for the program at a path, while that is still being read."""
        with suppress(PythonError):  # measuring tells
            python = find(path, self._wish.python_of(path))
            if python.lacks is None:
                self._sandbox.prepare(setting(Program(path), python))

    def measure(self, source: Source, program: Program) -> Program:
        """The models of a program as they were measured, and what was not measured and why."""
        target = self._wish.target
        if target is not None and not _same_file(target.path, source.path):
            return Program(program.path)
        if target is None and not program.models and ".compile(" not in source.program:
            return Program(program.path)
        try:
            slicer = Slicer(source, program)
        except ValueError as error:
            return _nothing(program, f"not measured: {error}")
        python = self._python(source.path)
        if isinstance(python, str):
            return _nothing(program, python)
        where = setting(program, python)
        run = _Run(self._sandbox, self._limits, source, where, self._wish.device, package(program), renamed(program))
        if target is not None:
            self._progress.expect(source.path, 1)
            found = run.of(slicer.function(target.function), Span(source.path, START), target)
            self._progress.done()
            return found
        unread = slicer.unread()
        self._progress.expect(source.path, len(program.models) + (unread is not None))
        parts = list(self._one_by_one(slicer, run, program)) if program.models else []
        if unread is not None and not run.hopeless:
            more = run.of(unread, Span(source.path, START))
            parts = [*(_without(part, more) for part in parts), more]
            self._progress.done()
        return merged(program, parts)

    def _python(self, path: str) -> Python | str:
        """What runs the programs of a folder, or the reason why nothing does."""
        try:
            found = find(path, self._wish.python_of(path))
        except PythonError as error:
            return f"not measured: {error}"
        return found if found.lacks is None else f"not measured: {found.lacks}"

    def saved(self, path: str) -> tuple[Program, str]:
        """What is measured on a model in a file, and the text that it is written out as."""
        python = self._python(path)
        if isinstance(python, str):
            return _nothing(Program(path), python), ""
        self._progress.expect(path, 1)
        file = os.path.abspath(path)
        request = {"file": file, "path": path, "root": os.path.dirname(file), "device": self._wish.device, "seed": 0}
        answers = list(self._sandbox.run(request, self._limits, Setting(python.path)))
        self._progress.done()
        end = answers.pop()
        program, text = program_of(path, answers)
        if end["outcome"] != "done":
            reason = _ended(end["outcome"], end["detail"])
            gap = NotChecked(Span(path, START), f"not measured: {reason}")
            program = replace(program, not_checked=(*program.not_checked, gap))
        return program, text

    def _one_by_one(self, slicer: Slicer, run: _Run, program: Program) -> Iterator[Program]:
        """All models in one run, as they share most of what they need; then each that is missing on its own."""
        together = run.of(slicer.slice(program.models), program.models[0].span, models=program.models)
        missing = [model for model in program.models if not _is_in(model, together)]
        for _ in range(len(program.models) - len(missing)):
            self._progress.done()
        if not missing:
            yield together
            return
        if len(program.models) > 1 and not run.hopeless:
            # which of them failed is not told: each says so itself, below
            yield replace(together, models=tuple(one for one in together.models if not one.failure), not_checked=())
            for number, model in enumerate(missing):
                if number == MOST_ALONE or run.seconds > MOST_SECONDS:
                    yield _nothing(program, f"not measured: {len(missing) - number} more models of this file")
                    break
                found = run.of(slicer.slice([model]), model.span, models=[model])
                lost = not found.models and run.seconds < MOST_SECONDS
                yield run.of(slicer.alone(model), model.span, models=[model]) if lost else found
                self._progress.done()
        else:
            [model] = missing[:1]
            lost = not together.models and not run.hopeless and run.seconds < MOST_SECONDS
            yield run.of(slicer.alone(model), model.span, models=[model]) if lost else together
            self._progress.done()


def setting(program: Program, python: Python) -> Setting:
    """The interpreter, with the backend and the Keras that the program asks for."""
    runtimes = [model.runtime for model in program.models]
    backend = next((one.backend.value for one in runtimes if one.backend is not None), None)
    return Setting(python.path, python.backend(backend), package(program) == "tf_keras")


def renamed(program: Program) -> list[dict[str, Any]]:
    """Arguments that Keras does not take any more, and their names of today: see `keraslint.probe.child.older`."""
    uses = {(one.owner, one.argument.value): (one.successor, one.value) for one in program.obsolete}
    return [
        {"owner": owner, "argument": argument, "successor": successor, "value": value}
        for (owner, argument), (successor, value) in uses.items()
    ]


def package(program: Program) -> str | None:
    """The package that the program takes Keras from."""
    packages = (model.runtime.package for model in program.models)
    return next((one.value for one in packages if one is not None), None)


def measured(model: object, x: object, y: object, path: str) -> tuple[Program, str]:
    """What is measured on a model that is alive in this process, and the text that it is written out as.

    Raises `TypeError` for what is no model of Keras. The model is left as it was.
    """
    from keraslint.probe.child import kinds, live

    if not kinds.KINDS.is_model(model):
        raise TypeError(f"a model of Keras or the text of a program is needed, not {type(model).__name__}")
    request = {"device": "auto", "seed": 0, "given_inputs": x, "given_labels": y}
    return program_of(path, json.loads(json.dumps(list(live.answers(model, path, request)))))


@dataclass
class _Run:
    """Requests for one program, and what came of them.

    `package` is the one that the program takes Keras from, `renamed` what the function of that name tells. `seconds`
    is how long it took so far; `hopeless` that no other model can be measured either: there is no Keras.
    """

    sandbox: Sandbox
    limits: Limits
    source: Source
    setting: Setting
    device: str
    package: str | None
    renamed: list[dict[str, Any]]
    seconds: float = 0.0
    hopeless: bool = False

    def of(self, needed: Slice, wanted: Span, target: Target | None = None, models: Iterable[Model] = ()) -> Program:
        """What running one slice tells; `models` are those that it is the slice of."""
        request = self._request(needed, target) | {"losses": list(self._losses(models))}
        sources = {self.source.path: self.source}
        for one in needed.modules:
            sources[one.path] = Source.from_text(one.path, one.text)
        begun = time.monotonic()
        answers = list(self.sandbox.run(request, self.limits, self.setting))
        self.seconds += time.monotonic() - begun
        end = answers.pop()
        found, _ = heard((json.dumps(one).encode() for one in answers), Places(sources), wanted)
        if end["outcome"] == "done":
            return found
        self.hopeless = end["outcome"] == "could not start"
        reason = _ended(end["outcome"], end["detail"])
        return replace(found, not_checked=(*found.not_checked, NotChecked(wanted, f"not measured: {reason}")))

    def _losses(self, models: Iterable[Model]) -> Iterator[dict[str, Any]]:
        """The losses that were read, for models that are trained without `compile`: by the line of the model."""
        for model in models:
            for training in model.trainings:
                loss = training.loss
                if loss is None or {model.span.path, training.span.path} != {self.source.path}:
                    continue
                line, _, end_line, _ = self.source.range_of(training.span.position)
                yield {
                    "line": self.source.range_of(model.span.position)[0],
                    "head": model.heads.index(training.head) if training.head in model.heads else 0,
                    "name": loss.name.value,
                    "from_logits": loss.from_logits.value if loss.from_logits is not None else None,
                    "site": [self.source.path, line, None, end_line, None],
                }

    def _request(self, needed: Slice, target: Target | None) -> dict[str, Any]:
        path = self.source.path
        called = {} if target is None else _called(target)
        return {
            **called,
            "path": path,
            "text": self.source.program,
            "keep": needed.keep,
            "vital": needed.vital,
            "values": _values(needed),
            "modules": [asdict(one) | {"values": _values(one)} for one in needed.modules],
            "calls": [asdict(one) | {"arguments": dict(one.arguments)} for one in needed.calls],
            "package": self.package,
            "member_of": needed.package,
            "renamed": self.renamed,
            "root": os.path.dirname(os.path.abspath(path)),
            "argv0": os.path.basename(path),
            "device": self.device,
            "seed": 0,
        }


def _values(part: Slice | Imported) -> list[list[int | str]]:
    return [[*where, text] for where, text in part.values]


def _ended(outcome: str, detail: str) -> str:
    match outcome:
        case "could not start":
            return detail
        case "exit":
            return "the program ended the process that measures it"
        case "crashed":
            return f"the process that measures it crashed ({detail})"
        case _:
            return detail or outcome


def merged(program: Program, parts: Iterable[Program]) -> Program:
    """What several runs of one program tell, together."""
    parts = tuple(parts)
    return Program(
        program.path,
        models=tuple(model for part in parts for model in part.models),
        not_checked=tuple(dict.fromkeys(gap for part in parts for gap in part.not_checked)),
    )


def _without(part: Program, more: Program) -> Program:
    """One run without the models that another one has with what trains them."""
    trained = {model.span for model in more.models if model.trainings}
    left = (model for model in part.models if model.trainings or model.span not in trained)
    return replace(part, models=tuple(left))


def _is_in(model: Model, measured: Program) -> bool:
    """Whether a model that was read has been measured, with a training if it has one."""
    return any(
        one.span == model.span and one.probed and (bool(one.trainings) or not model.trainings)
        for one in measured.models
    )


def _nothing(program: Program, reason: str) -> Program:
    return Program(program.path, not_checked=(NotChecked(Span(program.path, START), reason),))


def _same_file(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _called(target: Target) -> dict[str, Any]:
    keywords = dict(target.keywords)
    return {"target": f":{target.function}", "positional": list(target.arguments), "arguments": keywords}

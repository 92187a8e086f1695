"""The slice: the statements that a model needs, and no others.

It begins with the statements that hold the model, its layers, heads, losses and trainings, and goes back over the
names that they read, the methods that change the objects behind these names, the functions and classes that they call,
and the calls that lead to the functions they stand in. Loading data, training, drawing and saving stay behind: a name
that is bound there only does not exist in the slice, and whoever runs it puts something in its place. So does a name
that a part left behind would have changed: a list that is filled from files must not be taken for an empty one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from keraslint.model import Model, Program
from keraslint.probe.closure import Closure, Lone
from keraslint.probe.project import Project, Script
from keraslint.probe.statements import Place, Range, Statement
from keraslint.source import Source

__all__ = ["Imported", "Lone", "Slice", "Slicer", "slice_of"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A file of the project that the program imports, by the name of the module; the rest as in `Slice`."""

    name: str
    path: str
    text: str
    keep: tuple[Place, ...]
    values: tuple[tuple[Range, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """What to run for some models. Places are those of `ast`: lines from 1, columns in bytes of UTF-8 from 0.

    `keep` are the statements to keep, those inside of kept ones too; `vital` those that build and compile the models.
    `values` are expressions with what they are known to be, as Python writes it. `package` is the package that the
    program is a module of, for its relative imports.
    """

    keep: tuple[Place, ...]
    vital: tuple[Place, ...] = ()
    values: tuple[tuple[Range, str], ...] = ()
    modules: tuple[Imported, ...] = ()
    calls: tuple[Lone, ...] = ()
    package: str = ""


def slice_of(program: Program, model: Model | None, source: Source) -> Slice:
    """The slice of one model of a program, or of all of them. For several models make one `Slicer`.

    Raises `ValueError` when Python does not parse the program.
    """
    return Slicer(source, program).slice(program.models if model is None else [model])


class Slicer:
    """What the slices of one program share. Raises `ValueError` when Python does not parse the program."""

    def __init__(self, source: Source, program: Program) -> None:
        self._project = Project(source, program)

    def slice(self, models: Iterable[Model]) -> Slice:
        """The statements that some models of the program need."""
        return self._of(models, Closure(self._project.main.purposes))

    def alone(self, model: Model) -> Slice:
        """What makes a model, to be called by itself, for one that is not made on the way that the program takes.

        Arguments without a default are made up.
        """
        return self._of([model], Closure(self._project.main.purposes, apart=True))

    def function(self, name: str) -> Slice:
        """The statements that a function or class of the program needs to be called from outside."""
        closure = Closure(self._project.main.purposes)
        closure.want([name])
        return self._slice(closure, [])

    def unread(self) -> Slice | None:
        """The statements that are needed by whatever is compiled and was not read as a model; nothing without any."""
        roots = self._project.main.unread
        if not roots:
            return None
        closure = Closure(self._project.main.purposes)
        closure.run(roots)
        return self._slice(closure, roots)

    def _of(self, models: Iterable[Model], closure: Closure) -> Slice:
        roots = [one for model in models for one in self._project.main.statements_of(model)]
        closure.run(roots)
        return self._slice(closure, roots)

    def _slice(self, closure: Closure, roots: Iterable[Statement]) -> Slice:
        main = self._project.main
        modules = self._project.modules(closure)
        return Slice(
            keep=_places(closure),
            vital=tuple(sorted({one.place for one in roots})),
            values=_values(main, closure),
            modules=tuple(
                Imported(name, script.source.path, script.source.program, _places(inner), _values(script, inner))
                for name, script, inner in modules
            ),
            calls=tuple(closure.calls),
            package=self._project.package,
        )


def _places(closure: Closure) -> tuple[Place, ...]:
    return tuple(sorted(one.place for one in closure.keep))


def _values(script: Script, closure: Closure) -> tuple[tuple[Range, str], ...]:
    return tuple(sorted(value for one in closure.keep for value in script.purposes.values[one].items()))

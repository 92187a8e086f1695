"""In a notebook: `%load_ext keraslint`, then `%%keraslint` over a cell, and `%keraslint model` for one that is alive.

A cell is read with what the session has run before it: a model may come from an earlier cell and its loss from this
one. Places are lines of cells. The rest of a cell under `%%keraslint` runs as if that line were not there.
"""

from __future__ import annotations

import os
import re
import shlex
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import no_var_expand
from IPython.display import display

from keraslint.cells import by_cell, notebook_of
from keraslint.config import Configuration, Overrides, RefusalError, Said, nearest
from keraslint.discover import given
from keraslint.finding import Report
from keraslint.lint import check, run
from keraslint.model import Model, facts
from keraslint.registry import available, verify

NAME = "keraslint"

MOST = 300_000
"""So many characters of earlier cells are read, the latest ones: half a second, in a session of days."""

KINDS = ("Model", "Sequential", "Functional")


def load(shell: Any) -> None:
    """Give a session the two commands. Done twice, it is done once."""
    unload(shell)
    magic = Magic(shell)
    shell.register_magic_function(magic.keraslint, "line_cell", NAME)
    shell.input_transformers_cleanup.insert(0, Looking(shell))


def unload(shell: Any) -> None:
    """Take both commands away."""
    shell.input_transformers_cleanup[:] = [one for one in shell.input_transformers_cleanup if type(one) is not Looking]
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(NAME, None)


class Options(ArgumentParser):
    """The options of both commands; what is not understood is a message and no exit."""

    def __init__(self, *, cell: bool) -> None:
        super().__init__(f"%%{NAME}" if cell else f"%{NAME}", add_help=False, allow_abbrev=False)
        for option in ("--select", "--ignore"):
            self.add_argument(option, action="append", default=[], metavar="RULE", type=partial(_named, option))
        if cell:
            self.add_argument("--no-run", action="store_true")
        else:
            self.add_argument("subject", nargs="*", metavar="model [x [y]]")

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} ({' '.join(self.format_usage().split())})")

    def read(self, line: str) -> Namespace:
        """The options in the line of a command."""
        try:
            words = shlex.split(line, posix=False)  # an expression keeps its quotes
        except ValueError as error:
            raise UsageError(f"{self.prog}: {str(error).lower()}") from error
        return self.parse_args(words)


def _named(option: str, word: str) -> str:
    """A rule as an option names it, with or without quotes."""
    return Said(word.strip("\"'"), option)


class Looking:
    """Turns `%%keraslint` into a call that looks at the cell, above what was below it."""

    has_side_effects = True  # while somebody types, a cell with this line is one with any other magic

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def __call__(self, lines: list[str]) -> list[str]:
        at = next((number for number, line in enumerate(lines) if line.strip()), 0)
        found = re.match(rf"(\s*)%%{NAME}(?![\w?])(.*)", lines[at]) if lines else None
        rest = "".join(lines[at + 1 :])
        if found is None or not rest.strip():
            return lines
        indent, options = found[1], found[2].strip()
        call = f"{indent}get_ipython().run_cell_magic({NAME!r}, {options!r}, {''.join(lines)!r})\n"
        if "--no-run" in options.split():
            return [call]
        if rest.lstrip().startswith("%%"):
            rest = self._shell.transform_cell(rest)
        return [*lines[:at], call, *rest.splitlines(keepends=True)]


class Magic:
    """What the commands do in one session."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    @no_var_expand
    def keraslint(self, line: str, cell: str | None = None) -> Report | None:
        """Tell where the last layer, the loss and the labels of a Keras model do not belong together.

        `%%keraslint` over a cell reads the cell, with what was run before it, and shows what it finds; then the cell
        runs. With `--no-run` it does not.

        `%keraslint model` measures a model, `%keraslint model x y` with a batch of data. `%keraslint` alone reads all
        cells that were run so far.

        `--select RULE` and `--ignore RULE` choose rules, by name or glob; both can be repeated.
        """
        options = Options(cell=cell is not None).read(line)
        try:
            known = available(Configuration().inside(os.getcwd()))
            verify((*options.select, *options.ignore), known)
            if cell is not None:
                display(self._of_cell(cell, options))  # type: ignore[no-untyped-call,unused-ignore]
                return None
            if options.subject:
                return self._of_model(options)
            return self._of_session(self._history()[:-1], options)
        except RefusalError as error:
            raise UsageError(str(error)) from error

    def _history(self) -> list[tuple[str, str]]:
        """Every cell that was run, and the name that the session gives it; the one that runs is the last."""
        told = list(enumerate(self._shell.history_manager.input_hist_raw))[1:]
        return [(f"In [{number}]", source) for number, source in told]

    def _of_cell(self, cell: str, options: Namespace) -> Report:
        """What is found in a cell, with what was run before it."""
        before = self._history()
        name = "cell"
        if before and before[-1][1].strip() == cell.strip():
            name, cell = before.pop()
        return self._of_session([*before, (name, cell)], options, only=name)

    def _of_session(self, cells: list[tuple[str, str]], options: Namespace, only: str | None = None) -> Report:
        """What is found in cells that follow each other; with `only`, what has to do with one of them."""
        cells = _latest(cells)
        names = {index: name for index, (name, _) in enumerate(cells)}
        text = notebook_of(source for _, source in cells)
        path = os.path.join(os.getcwd(), "notebook.ipynb")  # the configuration is that of the folder
        configuration = Configuration(Overrides(select=tuple(options.select), ignore=tuple(options.ignore)))
        report = by_cell(run([given(path, text.encode("utf-8", "surrogatepass"))], configuration), path, text, names)
        if only is None:
            return report
        here = next(index for index, name in names.items() if name == only)
        return replace(
            report,
            findings=tuple(one for one in report.findings if only in {fact.span.path for fact in one.because}),
            models=tuple(model for model in report.models if here in _cells(model)),
            not_checked=tuple(gap for gap in report.not_checked if gap.span.path == only),
        )

    def _of_model(self, options: Namespace) -> Report:
        """What is found in a model that is alive, by the expressions for it and its data."""
        if len(options.subject) > 3:
            raise UsageError(f"`%{NAME}` takes a model, its inputs and its labels, not {len(options.subject)} things")
        model, *data = map(self._value, options.subject)
        if isinstance(model, str):
            raise UsageError(f"`{options.subject[0]}` is a text, not a model{self._models()}")
        try:
            return check(model, *data, select=options.select, ignore=options.ignore)
        except TypeError as error:
            if "a model of Keras" not in str(error):
                raise
            raise UsageError(f"`{options.subject[0]}` is no model of Keras{self._models()}") from error

    def _value(self, expression: str) -> Any:
        space: Mapping[str, Any] = self._shell.user_ns
        if expression.isidentifier():
            if expression not in space:
                known = [name for name in space if not name.startswith("_")]
                raise UsageError(f"there is no `{expression}`{nearest(expression, known) or self._models()}")
            return space[expression]
        try:
            return self._shell.ev(expression)
        except Exception as error:  # the user's own expression
            raise UsageError(f"`{expression}`: {type(error).__name__}: {error}") from error

    def _models(self) -> str:
        """The end of a message: which models there are."""
        space = self._shell.user_ns
        found = [name for name, value in space.items() if not name.startswith("_") and _looks_like_a_model(value)]
        return f" (there are {', '.join(f'`{name}`' for name in found)})" if found else ""


def _looks_like_a_model(value: object) -> bool:
    """Whether a value is an instance of one of the classes that Keras calls models, without loading Keras."""
    return any(one.__name__ in KINDS and "keras" in one.__module__ for one in type(value).__mro__)


def _latest(cells: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The last cells, as many as can be read while somebody waits."""
    kept, left = len(cells), MOST
    while kept and (left := left - len(cells[kept - 1][1])) > 0:
        kept -= 1
    return cells[min(kept, len(cells) - 1) :]


def _cells(model: Model) -> set[int | None]:
    """The cells that anything of a model stands in."""
    return {model.span.position.cell, *(fact.span.position.cell for fact in facts(model))}

"""What a finding is known by from one run to the next: nothing that moves when lines are added above it, when the code
is formatted anew or moved to another cell, or when a variable gets another name."""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from keraslint.finding import Finding, Report
from keraslint.model import Head, Model, Position, facts
from keraslint.passage import lines_of, passage
from keraslint.source import Source, UnreadableSource


def fingerprints(report: Report) -> Iterator[str]:
    """One for each finding: of its rule, file, model and head, of its code, and of its number among equals.

    Those that are left out for being known count as well.
    """
    seen = Counter(_parts(finding, report) for finding in report.baselined)
    for finding in report.findings:
        parts = _parts(finding, report)
        text = "\0".join((*parts, str(seen[parts])))
        seen[parts] += 1
        yield hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _parts(finding: Finding, report: Report) -> tuple[str, ...]:
    span = finding.span
    path = report.addresses.get(span.path, span.path)
    return finding.rule, path, finding.within, code(span.path, report.texts.get(span.path, ""), span.position)


def located(findings: Iterable[Finding], models: Iterable[Model], texts: Mapping[str, str]) -> Iterator[Finding]:
    """The findings with the names of the model and the head that each is about."""
    findings = tuple(findings)
    names = _names(models, texts) if findings else {}
    for finding in findings:
        name = names.get(id(finding.span), "")
        yield replace(finding, within=name) if name else finding


def _names(models: Iterable[Model], texts: Mapping[str, str]) -> dict[int, str]:
    """The names of the model and the head that a place belongs to, by the identity of the place.

    Rules hand on the facts of the model as they are, so that comparing places, which would compute all of them, is
    needless.
    """
    found: dict[int, str] = {}
    for model in models:
        text = texts.get(model.span.path, "")
        for fact in facts(model.heads):
            found.setdefault(id(fact.span), "")
        for head in model.heads:
            path = _path(model, head, text)
            found |= {id(fact.span): path for fact in facts(head)}
        name = _given(model.name, text)
        for fact in facts(model):
            found.setdefault(id(fact.span), name)
    return found


def _path(model: Model, head: Head, text: str) -> str:
    return "/".join(filter(None, (_given(model.name, text), _given(head.name, text))))


def _given(name: str | None, text: str) -> str:
    """A name, if the program gives it. Keras counts up those that it makes itself, and only measuring meets them."""
    return name if name and re.search(rf"""(['"]|\bclass\s+){re.escape(name)}(?!\w)""", text) else ""


# --- code without its looks ------------------------------------------------------------------------------------------


def code(path: str, text: str, position: Position) -> str:
    """The code at a place: the innermost call around it, or else its statement, as Python understands it.

    Layout, quotes, comments and the names of variables are gone. What is no Python is its line without spaces.
    """
    tree = _read(path, text) if text else None
    if tree is None:
        return "".join(passage(text, position).code.split())
    try:
        first, column, last, end = tree.source.range_of(position)
    except (LookupError, StopIteration, ValueError):  # a place that is not in this text
        return ""
    around = list(_around(tree.module, tree.at(first, column), tree.at(last, end)))
    calls = [node for node in around if isinstance(node, ast.Call)]
    statement = max((at for at, node in enumerate(around) if isinstance(node, ast.stmt)), default=0)
    unit = calls[-1] if calls else next((node for node in around[statement:] if not _has_body(node)), None)
    if unit is None:  # a comment, say
        where = passage(text, position)
        lines = where.lines[where.line - 1 : where.end_line] or ("",)
        return "".join(lines[0][where.column - 1 : where.end_column - 1 if len(lines) == 1 else None].split())
    try:
        return _written(unit, tree.variables, {})
    except RecursionError:
        return "".join(passage(text, position).code.split())


class _Tree(NamedTuple):
    """The program in a file. `variables` are the names that it binds itself, other than by importing them."""

    source: Source
    module: ast.Module
    variables: frozenset[str]
    lines: tuple[str, ...]

    def at(self, line: int, column: int) -> tuple[int, int]:
        """A place as the tree counts: columns in bytes, from 0."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return line, len(text[: column - 1].encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=16)
def _read(path: str, text: str) -> _Tree | None:
    try:
        source = Source.from_text(path, text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a doubtful escape in a string, say
            module = ast.parse(source.program)
    except (UnreadableSource, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _Tree(source, module, frozenset(_bound(module)), lines_of(source.program))


def _bound(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name


Place = tuple[int, int]


def _around(module: ast.Module, start: Place, end: Place) -> Iterator[ast.AST]:
    """The nodes around a range, the outermost first."""
    todo: list[ast.AST] = [module]
    while todo:
        for child in ast.iter_child_nodes(todo.pop()):
            where = _range(child)
            if where is None:
                todo.append(child)
            elif where[0] <= start and end <= where[1]:
                yield child
                todo = [child]
                break


def _range(node: ast.AST) -> tuple[Place, Place] | None:
    if not isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.arg | ast.excepthandler | ast.pattern | ast.alias):
        return None
    first = min([node, *getattr(node, "decorator_list", ())], key=lambda one: one.lineno)
    return (first.lineno, first.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def _has_body(node: ast.AST) -> bool:
    """Whether it is a statement that holds others: what is around it says little."""
    return isinstance(node, ast.stmt) and hasattr(node, "body")


_LOOKS = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


def _written(node: object, variables: frozenset[str], numbers: dict[str, int]) -> str:
    """A tree as text that no version of Python changes; variables are numbered as they come."""
    match node:
        case ast.Name(id=name) if name in variables:
            return f"_{numbers.setdefault(name, len(numbers))}"
        case ast.AST():
            parts = (
                f"{name}={_written(value, variables, numbers)}"
                for name, value in ast.iter_fields(node)
                if name not in _LOOKS and value is not None and value != []
            )
            return f"{type(node).__name__}({','.join(parts)})"
        case list():
            return f"[{','.join(_written(one, variables, numbers) for one in node)}]"
        case _:
            return repr(node)

"""What a run asks of the probe."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Target(NamedTuple):
    """A function (or class) that makes a model, by the file that it is in, and what to call it with."""

    path: str
    function: str
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = {}


class Wish(NamedTuple):
    """`python_of` tells which Python was asked for to run the program at a path; nothing was: one is looked for.

    `device` is one of `keraslint.config.DEVICES`.
    """

    python_of: Callable[[str], str | None]
    device: str = "auto"
    target: Target | None = None


def target(text: str) -> Target:
    """Read `module:function` or `module:function(10, width=2)`. Raises `ValueError` that says what is wrong with it."""
    module, colon, call = text.partition(":")
    if not colon or not module or not call:
        raise ValueError(f"`{text}` is not of the form `module:function`, such as `models:build(10)`")
    path = next((one for one in _files(module) if os.path.isfile(one)), None)
    if path is None:
        raise ValueError(f"there is no module `{module}` here (looked for {' and '.join(_files(module))})")
    try:
        node = ast.parse(call, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"`{call}` is no function and no call: {error.msg}") from error
    if not isinstance(node, ast.Call):
        node = ast.Call(node, [], [])
    if not isinstance(node.func, ast.Name):
        raise ValueError(f"`{ast.unparse(node.func)}` is not the name of a function")
    try:
        arguments = tuple(map(ast.literal_eval, node.args))
        keywords = {one.arg: ast.literal_eval(one.value) for one in node.keywords if one.arg is not None}
    except (ValueError, TypeError, SyntaxError) as error:
        raise ValueError(f"the arguments in `{call}` must be written out: numbers, strings, tuples ...") from error
    if len(keywords) != len(node.keywords):
        raise ValueError(f"`**` is not possible in `{call}`")
    return Target(path, node.func.id, arguments, keywords)


def _files(module: str) -> tuple[str, ...]:
    """Where a module may lie; a path to a file is taken as well."""
    if module.endswith(".py"):
        return (module,)
    folder = module.replace(".", "/")
    return (f"{folder}.py", f"{folder}/__init__.py")

"""Formulas that a program writes out, and the built-in function that says the same: `exp(x) / sum(exp(x), axis=-1)`.

What a formula computes is known before; here its text is taken apart. Only one expression is rewritten, with what it
was applied to left as it is, and the line before it where that holds nothing but the exponentials.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

from keraslint.static.names import canonical, package
from keraslint.static.text.scopes import FAILURES, Names, Place, names_of
from keraslint.static.text.standing import Cut, Kind, Standing

TOTALS: Final = ("sum", "reduce_sum")
MAXIMA: Final = ("max", "reduce_max", "amax")
INSIDE: Final = ("exp", "sigmoid")
"""Functions that are divided by their total."""
KERAS_PLACES: Final = {"keras.ops": ("softmax", "sigmoid", "log_softmax"), "keras.backend": ("softmax", "sigmoid")}
"""Modules of Keras, each with the built-in functions that it has beside `exp` and `sum`."""
TENSORFLOW_PLACES: Final = ("tensorflow", "tensorflow.math", "tensorflow.nn")


class Formula(NamedTuple):
    """A formula taken apart: a function in it, what it is applied to, and how the axis is written."""

    function: ast.expr
    operand: ast.expr
    axis: str = ""


class WrittenOut:
    """The formulas of one program. Without any, when Python does not read it."""

    def __init__(self, program: str) -> None:
        self._names: Names | None
        try:
            self._names = names_of(program)
        except FAILURES:
            self._names = None
        self._standing = Standing(program)

    def built_in(self, start: Place, end: Place, name: str, axis: str) -> tuple[Cut, ...]:
        """What makes the formula between two places the built-in function; nothing where it is written another way.

        With an `axis`, that takes the place of the one in the formula.
        """
        return tuple(self._built_in(self._names, start, end, name, axis)) if self._names else ()

    def _built_in(self, names: Names, start: Place, end: Place, name: str, axis: str) -> Iterator[Cut]:
        nodes = (one for one in ast.walk(names.tree) if isinstance(one, (ast.BinOp, ast.Call)))
        node = next((one for one in nodes if (names.place(one), names.place(one, end=True)) == (start, end)), None)
        if node is None:
            return
        held = self._held(names, node)
        formula = _taken_apart(_Unfolded(held[0], held[1].value).visit(_copy(node)) if held else node)
        spelled = self._spelled(names, formula.function, name, start) if formula else None
        if formula is None or spelled is None:
            return
        axis = axis or formula.axis
        if held:
            yield from self._standing.statement(held[1])
        text = self._standing.text(names.place(formula.operand), names.place(formula.operand, end=True))
        yield Cut(Kind.TEXT, start, end, f"{spelled}({text}{f', axis={axis}' if axis else ''})")

    def _held(self, names: Names, node: ast.expr) -> tuple[str, ast.Assign] | None:
        """The name in the formula that stands for the exponentials, and the statement right before that says so.

        Only where it is said once, in this scope, and nothing else asks for it.
        """
        held = node.left.id if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Name) else None
        inner = names.module.at(names.place(node))
        uses = [scope for scope, use in names.uses if use.dotted.partition(".")[0] == held]
        before = self._standing.before(node)
        if held is None or uses != [inner, inner] or len(inner.bindings.get(held, ())) != 1:
            return None
        match before:
            case ast.Assign(targets=[ast.Name(id=name)]) if name == held:
                return held, before
        return None

    def _spelled(self, names: Names, function: ast.expr, wanted: str, place: Place) -> str | None:
        """The built-in function, spelled as the function in the formula is."""
        owner, _, _ = ast.unparse(function).rpartition(".")
        first, _, rest = owner.partition(".")
        meaning = names.meaning(first, names.module.at(place), place) if first.isidentifier() else None
        if meaning is None:
            return None
        path = f"{meaning}.{rest}" if rest else meaning
        if package(path) is None and path in TENSORFLOW_PLACES:
            root = owner.removesuffix(path.removeprefix("tensorflow"))
            return f"{root}.nn.{wanted}" if meaning == "tensorflow" else None
        return f"{owner}.{wanted}" if wanted in KERAS_PLACES.get(canonical(path), ()) else None


def _taken_apart(node: ast.AST) -> Formula | None:
    """One of the formulas that are known."""
    match node:
        case ast.BinOp(left=ast.Call(args=[inside], keywords=[]) as left, op=ast.Div(), right=ast.Call() as total):
            same = total.args and ast.unparse(total.args[0]) == ast.unparse(left)
            axis = _axis(total)
            if _last(left) in INSIDE and _last(total) in TOTALS and same and axis is not None:
                return Formula(left.func, _unshifted(inside), axis)
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Div(), right=ast.BinOp(op=ast.Add()) as below):
            for one, other in ((below.left, below.right), (below.right, below.left)):
                match one, other:
                    case ast.Constant(value=1), ast.Call(args=[ast.UnaryOp(op=ast.USub(), operand=inside)]) as exp:
                        return Formula(exp.func, inside) if _last(exp) == "exp" and not exp.keywords else None
        case ast.Call(args=[ast.Call(args=[inside], keywords=[*keywords]) as softmax], keywords=[]) as log:
            said = {keyword.arg: ast.unparse(keyword.value) for keyword in keywords}
            if _last(log) == "log" and _last(softmax) == "softmax" and not said.keys() - {"axis"}:
                return Formula(softmax.func, inside, said.get("axis", ""))
    return None


def _axis(total: ast.Call) -> str | None:
    """The axis of a sum as it is written; nothing where the shares would not be those of a softmax."""
    given = dict(zip(("axis", "keepdims"), total.args[1:], strict=False))
    given |= {one.arg: one.value for one in total.keywords if one.arg}
    axis = ast.unparse(given["axis"]) if "axis" in given else ""
    keeps = isinstance(kept := given.get("keepdims"), ast.Constant) and kept.value is True
    known = given.keys() <= {"axis", "keepdims"} and len(given) == len(total.args) - 1 + len(total.keywords)
    number = axis.removeprefix("-").isdigit()
    return axis if known and number and (keeps or (axis == "0" and kept is None)) else None


def _unshifted(inside: ast.expr) -> ast.expr:
    """What is left of `x - max(x)`: the built-in function subtracts the maximum itself."""
    match inside:
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Call(args=[first, *_]) as right):
            return left if _last(right) in MAXIMA and ast.unparse(first) == ast.unparse(left) else inside
    return inside


def _last(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


class _Unfolded(ast.NodeTransformer):
    """Writes an expression in the place of a name."""

    def __init__(self, name: str, value: ast.expr) -> None:
        self._name, self._value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._value if node.id == self._name else node


def _copy(node: ast.expr) -> ast.expr:
    from copy import deepcopy

    return deepcopy(node)

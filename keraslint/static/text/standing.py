"""Where a call stands in a text, and what goes with it when it goes: its statement, its place in a list, its brackets.

A layer that only applies a function stands in a list, in `model.add(...)` or around a tensor; a function of Keras or
TensorFlow stands around a tensor. Anything else may have its reason, and is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import Final, NamedTuple

from keraslint.static.text.scopes import FAILURES, Names, Place, names_of

MEANS_MORE: Final = frozenset({"batch_input_shape", "batch_size", "dtype", "input_dim", "input_shape", "name"})
"""Arguments that say more than what the layer applies: a name that others use, a type, the shape of the inputs."""
OPERANDS: Final = ("x", "logits", "inputs", "features")
"""What functions call the tensor that they are applied to."""
BESIDE: Final = frozenset({"axis", "dim", "name", "training"})
"""Arguments that a function or layer takes beside the tensor, and that go with it."""
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS: Final = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
ATOMS: Final = (ast.Attribute, ast.Call, ast.Constant, ast.Name, ast.Subscript)
"""What needs no brackets wherever it stands."""
OPEN: Final = (ast.Assign, ast.AnnAssign, ast.Return)
"""Where an expression on one line needs none."""


class Kind(Enum):
    """What is cut out: an item of a list, whole lines, or a range that gets another text."""

    ITEM = "item"
    LINES = "lines"
    TEXT = "text"


class Cut(NamedTuple):
    """A range of the program, and what comes in its place."""

    kind: Kind
    start: Place
    end: Place
    text: str = ""


class Standing:
    """The calls of one program. Without any, when Python does not read it."""

    def __init__(self, program: str) -> None:
        self._names: Names | None
        try:
            self._names = names_of(program)
        except FAILURES:
            self._names = None

    def without(self, start: Place, end: Place) -> tuple[Cut, ...]:
        """How the program does without the call between two places, or without the call whose argument that is.

        Nothing when it cannot do without, or when more than this would go.
        """
        call = self._call(start, end)
        while call is not None and (around := self._lambda_layer(call)):
            call = around
        if call is None or self._is_repeated(call):
            return ()
        found = self._layer(call) if _called(call)[:1].isupper() else self._applied(call, call)
        return tuple(found)

    # -- the tree ------------------------------------------------------------------------------------------------------

    @cached_property
    def _above(self) -> dict[ast.AST, ast.AST]:
        """What every node is a part of."""
        tree = self._names.tree if self._names else ast.Module([], [])
        return {part: node for node in ast.walk(tree) for part in ast.iter_child_nodes(node)}

    def _call(self, start: Place, end: Place) -> ast.Call | None:
        for node in self._above:
            if isinstance(node, ast.expr) and self._range(node) == (start, end):
                around = node if isinstance(node, ast.Call) else self._above[node]
                return around if isinstance(around, ast.Call) and (around is node or node in around.args) else None
        return None

    def _lambda_layer(self, call: ast.Call) -> ast.Call | None:
        """The layer `Lambda(lambda x: ...)` that does nothing else than this call."""
        function = self._above.get(call)
        layer = self._above.get(function) if isinstance(function, ast.Lambda) else None
        match function, layer:
            case ast.Lambda(args=ast.arguments(args=[ast.arg(arg=name)])), ast.Call(args=[_]):
                applied = call.args[:1] and isinstance(call.args[0], ast.Name) and call.args[0].id == name
                return layer if applied and _called(layer) == "Lambda" else None
        return None

    def _range(self, node: ast.AST) -> tuple[Place, Place]:
        assert self._names is not None
        return self._names.place(node), self._names.place(node, end=True)

    def _is_repeated(self, node: ast.AST) -> bool:
        """Whether a loop, or a function that is used more than once, makes several of it."""
        assert self._names is not None
        while node in self._above:
            node = self._above[node]
            if isinstance(node, LOOPS):
                return True
            if isinstance(node, FUNCTIONS) and not isinstance(self._above[node], ast.ClassDef):
                return sum(use.dotted == node.name for _, use in self._names.uses) > 1
        return False

    # -- what goes -----------------------------------------------------------------------------------------------------

    def _layer(self, layer: ast.Call) -> Iterator[Cut]:
        """A layer, made by this call."""
        around = self._above[layer]
        if any(one.arg is None or one.arg in MEANS_MORE for one in layer.keywords):
            return
        match around:
            case ast.List(elts=[_, _, *_]) if isinstance(around.ctx, ast.Load):
                yield Cut(Kind.ITEM, *self._range(layer))
            case ast.Call(func=ast.Attribute(attr="add" | "append"), args=[_], keywords=[]):
                yield from self.statement(self._above[around])
            case ast.Call(func=func) if func is layer:
                yield from self._applied(around, layer)

    def _applied(self, call: ast.Call, made: ast.Call) -> Iterator[Cut]:
        """A function applied to a tensor: what it was applied to stays."""
        named = [one.value for one in call.keywords if one.arg in OPERANDS]
        beside = [one for one in call.keywords if one.arg not in OPERANDS]
        operands = call.args[:1] or named
        spoken = call is not made  # a layer takes its axis when it is made
        if len(operands) != 1 or len(call.args) > (1 if spoken else 2) or isinstance(operands[0], ast.Starred):
            return
        if any(one.arg not in BESIDE for one in beside) or (call.args and named):
            return
        operand, around = operands[0], self._above[call]
        match around:
            case ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=value) if value is call and (
                ast.unparse(target) == ast.unparse(operand)
            ):
                yield from self.statement(around)
            case _:
                yield from self._unwrapped(call, operand, around)

    def _unwrapped(self, call: ast.Call, operand: ast.expr, around: ast.AST) -> Iterator[Cut]:
        (start, end), inner = self._range(call), self._range(operand)
        if "#" in self.text(start, inner[0]) or "#" in self.text(inner[1], end):
            return
        text = self.text(*inner)
        plain = isinstance(operand, ATOMS) or (isinstance(around, OPEN) and "\n" not in text)
        yield Cut(Kind.TEXT, start, end, text if plain else f"({text})")

    def text(self, start: Place, end: Place) -> str:
        """What is written between two places."""
        assert self._names is not None
        rows = self._names.lines[start[0] - 1 : end[0]]
        rows[-1] = rows[-1][: end[1] - 1]
        rows[0] = rows[0][start[1] - 1 :]
        return "\n".join(rows)

    def statement(self, statement: ast.AST) -> Iterator[Cut]:
        """A statement with its lines, unless its block would be empty or another one stands on these lines."""
        assert self._names is not None
        block = self._block(statement)
        if len(block) < 2 or not isinstance(statement, (ast.Expr, ast.Assign)):
            return
        start, end = self._range(statement)
        lines = self._names.lines
        behind = lines[end[0] - 1][end[1] - 1 :].strip()
        if lines[start[0] - 1][: start[1] - 1].strip() or (behind and not behind.startswith("#")):
            return
        yield from (Cut(Kind.LINES, (row, 1), (row, 1)) for row in self._surplus(start[0], end[0]))
        yield Cut(Kind.LINES, start, end)

    def _surplus(self, first: int, last: int) -> Iterator[int]:
        """The blank lines above that would be too many: those below are enough."""
        assert self._names is not None
        lines = self._names.lines
        below = lines[last : last + 1]
        row = first - 1
        while row > 0 and not lines[row - 1].strip() and (not below or not below[0].strip()):
            yield row
            row -= 1

    def before(self, node: ast.AST) -> ast.stmt | None:
        """The statement right before the one that a node, equal to a node of this program, stands in."""
        place = self._range(node)
        here = next((one for one in self._above if isinstance(one, ast.expr) and self._range(one) == place), None)
        statement: ast.AST | None = here
        while statement is not None and not isinstance(statement, ast.stmt):
            statement = self._above.get(statement)
        block = self._block(statement) if statement is not None else []
        at = next((number for number, one in enumerate(block) if one is statement), 0)
        return block[at - 1] if at else None

    def _block(self, statement: ast.AST) -> list[ast.stmt]:
        around = self._above.get(statement)
        blocks = (getattr(around, name, ()) for name in ("body", "orelse", "finalbody"))
        return next((block for block in blocks if isinstance(block, list) and statement in block), [])


def _called(call: ast.Call) -> str:
    """The last part of the name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")

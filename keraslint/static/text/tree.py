"""The syntax tree that programs are read from: what of a program its reading looks at, and nothing else.

Most of its nodes are called as LibCST calls them, which is how people who write tools for Python know them, but have
neither white space nor brackets nor commas. They are made of what Python's own parser gives (see `from_python`), ten
times as fast as LibCST parses, or of what LibCST gives where that fails (see `from_libcst`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

Place = tuple[int, int, int, int]
"""From line, from column, to line, to column, as Python counts: lines from 1, columns from 0 in bytes of UTF-8."""


class Exact(NamedTuple):
    """A place that is one of the program as it is: lines and columns from 1, columns in characters."""

    line: int
    column: int
    end_line: int
    end_column: int


NOWHERE: Final[Place] = (1, 0, 1, 0)


class Node:
    """A node, and where it stands in the program."""

    __slots__ = ("place",)

    def __init__(self, place: Place | Exact = NOWHERE) -> None:
        self.place = place


class Expression(Node):
    """Something that has a value."""

    __slots__ = ()


class Other(Expression):
    """An expression that nothing is known of."""

    __slots__ = ()


# -- names and constants -----------------------------------------------------------------------------------------------


class Name(Expression):
    """A name; also `True`, `False` and `None`."""

    __slots__ = ("value",)

    def __init__(self, value: str, place: Place | Exact = NOWHERE) -> None:
        self.value = value
        self.place = place


UNREAD: Final = object()
"""The value of a constant that is too long to be read."""


class _Constant(Expression):
    """Something that is written out. `evaluated_value` is what it is."""

    __slots__ = ("evaluated_value",)

    def __init__(self, evaluated_value: Any, place: Place | Exact = NOWHERE) -> None:
        self.evaluated_value = evaluated_value
        self.place = place


class Integer(_Constant):
    """A whole number."""

    __slots__ = ()


class Float(_Constant):
    """A number with a fraction or an exponent."""

    __slots__ = ()


class AnyString(Expression):
    """A text."""

    __slots__ = ()


class SimpleString(AnyString):
    """A text or bytes, in one piece. `evaluated_value` is what it is."""

    __slots__ = ("evaluated_value",)

    def __init__(self, evaluated_value: Any, place: Place | Exact = NOWHERE) -> None:
        self.evaluated_value = evaluated_value
        self.place = place


class ConcatenatedString(AnyString):
    """A text of several pieces, one written after the other, none of them with braces to be filled."""

    __slots__ = ("evaluated_value",)

    def __init__(self, evaluated_value: Any, place: Place | Exact = NOWHERE) -> None:
        self.evaluated_value = evaluated_value
        self.place = place


class FormattedStringExpression(Node):
    """What fills braces. `plain` tells that it is put there as `str` writes it."""

    __slots__ = ("expression", "plain")

    def __init__(self, expression: Expression, *, plain: bool) -> None:
        self.expression = expression
        self.plain = plain
        self.place = expression.place


class FormattedString(AnyString):
    """An f-string, with all that is written right before and behind it. `parts` are texts and what fills braces."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[str | FormattedStringExpression], place: Place | Exact = NOWHERE) -> None:
        self.parts = parts
        self.place = place


# -- operators ---------------------------------------------------------------------------------------------------------


class Attribute(Expression):
    """`value.attr`."""

    __slots__ = ("attr", "value")

    def __init__(self, value: Expression, attr: Name, place: Place | Exact = NOWHERE) -> None:
        self.value = value
        self.attr = attr
        self.place = place


class Slice(Node):
    """`lower:upper:step`."""

    __slots__ = ("lower", "step", "upper")

    def __init__(self, lower: Expression | None, upper: Expression | None, step: Expression | None) -> None:
        self.lower = lower
        self.upper = upper
        self.step = step
        self.place = NOWHERE


class Subscript(Expression):
    """`value[slice]`; `slice` has a part for each comma and one more."""

    __slots__ = ("slice", "value")

    def __init__(self, value: Expression, slice: Sequence[Slice | Expression], place: Place | Exact = NOWHERE) -> None:
        self.value = value
        self.slice = slice
        self.place = place


class Arg(Node):
    """An argument of a call: by position, by `keyword`, or behind `star` (`*` or `**`)."""

    __slots__ = ("keyword", "star", "value")

    def __init__(
        self, value: Expression, keyword: Name | None = None, star: str = "", place: Place | Exact = NOWHERE
    ) -> None:
        self.value = value
        self.keyword = keyword
        self.star = star
        self.place = place


class Call(Expression):
    """`func(args)`."""

    __slots__ = ("args", "func")

    def __init__(self, func: Expression, args: Sequence[Arg], place: Place | Exact = NOWHERE) -> None:
        self.func = func
        self.args = args
        self.place = place


class _Binary(Expression):
    """Two operands and the `operator` between them, as it is written."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, left: Expression, operator: str, right: Expression, place: Place | Exact = NOWHERE) -> None:
        self.left = left
        self.operator = operator
        self.right = right
        self.place = place


class BinaryOperation(_Binary):
    """Arithmetic: `left + right`."""

    __slots__ = ()


class BooleanOperation(_Binary):
    """`left and right`, `left or right`."""

    __slots__ = ()


class UnaryOperation(Expression):
    """`not`, `-`, `+` or `~` before an expression."""

    __slots__ = ("expression", "operator")

    def __init__(self, operator: str, expression: Expression, place: Place | Exact = NOWHERE) -> None:
        self.operator = operator
        self.expression = expression
        self.place = place


class ComparisonTarget(Node):
    """A comparison by `operator` with what stands behind it."""

    __slots__ = ("comparator", "operator")

    def __init__(self, operator: str, comparator: Expression) -> None:
        self.operator = operator
        self.comparator = comparator
        self.place = comparator.place


class Comparison(Expression):
    """`left < one < other`."""

    __slots__ = ("comparisons", "left")

    def __init__(
        self, left: Expression, comparisons: Sequence[ComparisonTarget], place: Place | Exact = NOWHERE
    ) -> None:
        self.left = left
        self.comparisons = comparisons
        self.place = place


class IfExp(Expression):
    """`body if test else orelse`."""

    __slots__ = ("body", "orelse", "test")

    def __init__(self, test: Expression, body: Expression, orelse: Expression, place: Place | Exact = NOWHERE) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse
        self.place = place


class NamedExpr(Expression):
    """`target := value`."""

    __slots__ = ("target", "value")

    def __init__(self, target: Expression, value: Expression, place: Place | Exact = NOWHERE) -> None:
        self.target = target
        self.value = value
        self.place = place


class Await(Expression):
    """`await expression`."""

    __slots__ = ("expression",)

    def __init__(self, expression: Expression, place: Place | Exact = NOWHERE) -> None:
        self.expression = expression
        self.place = place


class Yield(Expression):
    """`yield value`; with `delegates`, `yield from value`."""

    __slots__ = ("delegates", "value")

    def __init__(self, value: Expression | None, *, delegates: bool, place: Place | Exact = NOWHERE) -> None:
        self.value = value
        self.delegates = delegates
        self.place = place


# -- containers --------------------------------------------------------------------------------------------------------


class Element(Node):
    """An item of a list, tuple or set."""

    __slots__ = ("value",)

    def __init__(self, value: Expression) -> None:
        self.value = value
        self.place = value.place


class StarredElement(Element, Expression):
    """`*value` among such items; it is also what may be assigned to."""

    __slots__ = ()


class _Display(Expression):
    """Items in brackets."""

    __slots__ = ("elements",)

    def __init__(self, elements: Sequence[Element], place: Place | Exact = NOWHERE) -> None:
        self.elements = elements
        self.place = place


class Tuple(_Display):
    """`one, other`."""

    __slots__ = ()


class List(_Display):
    """`[one, other]`."""

    __slots__ = ()


class Set(_Display):
    """`{one, other}`."""

    __slots__ = ()


class DictElement(Node):
    """`key: value`."""

    __slots__ = ("key", "value")

    def __init__(self, key: Expression, value: Expression, place: Place | Exact = NOWHERE) -> None:
        self.key = key
        self.value = value
        self.place = place


class StarredDictElement(Node):
    """`**value` in a dictionary."""

    __slots__ = ("value",)

    def __init__(self, value: Expression) -> None:
        self.value = value
        self.place = value.place


class Dict(Expression):
    """`{key: value}`."""

    __slots__ = ("elements",)

    def __init__(self, elements: Sequence[DictElement | StarredDictElement], place: Place | Exact = NOWHERE) -> None:
        self.elements = elements
        self.place = place


class CompFor(Node):
    """`for target in iter if ...`, and the next one inside of it."""

    __slots__ = ("ifs", "inner_for_in", "iter", "target")

    def __init__(
        self,
        target: Expression,
        iter: Expression,
        ifs: Sequence[Expression],
        inner_for_in: CompFor | None = None,
    ) -> None:
        self.target = target
        self.iter = iter
        self.ifs = ifs
        self.inner_for_in = inner_for_in
        self.place = target.place


class _Comprehension(Expression):
    """An element for each turn of loops."""

    __slots__ = ("elt", "for_in")

    def __init__(self, elt: Expression, for_in: CompFor, place: Place | Exact = NOWHERE) -> None:
        self.elt = elt
        self.for_in = for_in
        self.place = place


class ListComp(_Comprehension):
    """`[elt for ...]`."""

    __slots__ = ()


class SetComp(_Comprehension):
    """`{elt for ...}`."""

    __slots__ = ()


class GeneratorExp(_Comprehension):
    """`(elt for ...)`."""

    __slots__ = ()


class DictComp(Expression):
    """`{key: value for ...}`."""

    __slots__ = ("for_in", "key", "value")

    def __init__(self, key: Expression, value: Expression, for_in: CompFor, place: Place | Exact = NOWHERE) -> None:
        self.key = key
        self.value = value
        self.for_in = for_in
        self.place = place


# -- definitions -------------------------------------------------------------------------------------------------------


class Param(Node):
    """A parameter of a function."""

    __slots__ = ("default", "name")

    def __init__(self, name: Name, default: Expression | None = None) -> None:
        self.name = name
        self.default = default
        self.place = name.place


class Parameters(Node):
    """The parameters of a function."""

    __slots__ = ("kwonly_params", "params", "posonly_params", "star_arg", "star_kwarg")

    def __init__(
        self,
        posonly_params: Sequence[Param] = (),
        params: Sequence[Param] = (),
        star_arg: Param | None = None,
        kwonly_params: Sequence[Param] = (),
        star_kwarg: Param | None = None,
    ) -> None:
        self.posonly_params = posonly_params
        self.params = params
        self.star_arg = star_arg
        self.kwonly_params = kwonly_params
        self.star_kwarg = star_kwarg
        self.place = NOWHERE


class Lambda(Expression):
    """`lambda params: body`."""

    __slots__ = ("body", "params")

    def __init__(self, params: Parameters, body: Expression, place: Place | Exact = NOWHERE) -> None:
        self.params = params
        self.body = body
        self.place = place


class Suite(Node):
    """The statements of a body, on lines of their own or behind its colon."""

    __slots__ = ("body",)

    def __init__(self, body: Sequence[Node]) -> None:
        self.body = body
        self.place = NOWHERE


class FunctionDef(Node):
    """`def name(params): body`."""

    __slots__ = ("body", "decorators", "name", "params")

    def __init__(
        self,
        name: Name,
        params: Parameters,
        body: Suite,
        decorators: Sequence[Expression],
        place: Place | Exact = NOWHERE,
    ) -> None:
        self.name = name
        self.params = params
        self.body = body
        self.decorators = decorators
        self.place = place


class ClassDef(Node):
    """`class name(bases): body`; what has a keyword is left out."""

    __slots__ = ("bases", "body", "name")

    def __init__(self, name: Name, bases: Sequence[Arg], body: Suite, place: Place | Exact = NOWHERE) -> None:
        self.name = name
        self.bases = bases
        self.body = body
        self.place = place


# -- statements in one line --------------------------------------------------------------------------------------------


class Module(Node):
    """A whole program."""

    __slots__ = ("body",)

    def __init__(self, body: Sequence[Node], place: Place | Exact = NOWHERE) -> None:
        self.body = body
        self.place = place


class SimpleStatementLine(Node):
    """Statements without a body, on one line."""

    __slots__ = ("body",)

    def __init__(self, body: list[Node], place: Place | Exact = NOWHERE) -> None:
        self.body = body
        self.place = place


class Expr(Node):
    """An expression that stands alone."""

    __slots__ = ("value",)

    def __init__(self, value: Expression) -> None:
        self.value = value
        self.place = value.place


class Assign(Node):
    """`target = value`, with any number of targets."""

    __slots__ = ("targets", "value")

    def __init__(self, targets: Sequence[Expression], value: Expression) -> None:
        self.targets = targets
        self.value = value
        self.place = value.place


class AnnAssign(Node):
    """`target: annotation = value`."""

    __slots__ = ("target", "value")

    def __init__(self, target: Expression, value: Expression | None) -> None:
        self.target = target
        self.value = value
        self.place = target.place


class AugAssign(Node):
    """`target += value`; `operator` is without the sign of equality."""

    __slots__ = ("operator", "target", "value")

    def __init__(self, target: Expression, operator: str, value: Expression, place: Place | Exact = NOWHERE) -> None:
        self.target = target
        self.operator = operator
        self.value = value
        self.place = place


class Assert(Node):
    """`assert test`."""

    __slots__ = ("test",)

    def __init__(self, test: Expression) -> None:
        self.test = test
        self.place = test.place


class Return(Node):
    """`return value`."""

    __slots__ = ("value",)

    def __init__(self, value: Expression | None) -> None:
        self.value = value
        self.place = NOWHERE


class Break(Node):
    """`break`."""

    __slots__ = ()


class Continue(Node):
    """`continue`."""

    __slots__ = ()


class Raise(Node):
    """`raise`."""

    __slots__ = ()


class Del(Node):
    """`del target`."""

    __slots__ = ("target",)

    def __init__(self, target: Expression) -> None:
        self.target = target
        self.place = target.place


class _Names(Node):
    """Names that belong to another scope."""

    __slots__ = ("names",)

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.place = NOWHERE


class Global(_Names):
    """`global names`."""

    __slots__ = ()


class Nonlocal(_Names):
    """`nonlocal names`."""

    __slots__ = ()


class ImportAlias(Node):
    """`name as asname`. `evaluated_name` is the dotted name as a text."""

    __slots__ = ("asname", "evaluated_name", "name")

    def __init__(
        self,
        name: Name | Attribute,
        evaluated_name: str,
        asname: str | None = None,
        place: Place | Exact = NOWHERE,
    ) -> None:
        self.name = name
        self.evaluated_name = evaluated_name
        self.asname = asname
        self.place = place


class Import(Node):
    """`import names`."""

    __slots__ = ("names",)

    def __init__(self, names: Sequence[ImportAlias], place: Place | Exact = NOWHERE) -> None:
        self.names = names
        self.place = place


class ImportStar(Node):
    """The `*` of an import."""

    __slots__ = ()


class ImportFrom(Node):
    """`from ..module import names`; `relative` counts the dots."""

    __slots__ = ("module", "names", "relative")

    def __init__(
        self,
        module: Name | Attribute | None,
        names: Sequence[ImportAlias] | ImportStar,
        relative: int = 0,
        place: Place | Exact = NOWHERE,
    ) -> None:
        self.module = module
        self.names = names
        self.relative = relative
        self.place = place


# -- statements with a body --------------------------------------------------------------------------------------------


class Else(Node):
    """What follows `else`, or `finally`."""

    __slots__ = ("body",)

    def __init__(self, body: Suite) -> None:
        self.body = body
        self.place = NOWHERE


class If(Node):
    """`if test`; `orelse` is another one for `elif`."""

    __slots__ = ("body", "orelse", "test")

    def __init__(self, test: Expression, body: Suite, orelse: If | Else | None, place: Place | Exact = NOWHERE) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse
        self.place = place


class For(Node):
    """`for target in iter`."""

    __slots__ = ("body", "iter", "orelse", "target")

    def __init__(
        self,
        target: Expression,
        iter: Expression,
        body: Suite,
        orelse: Else | None,
        place: Place | Exact = NOWHERE,
    ) -> None:
        self.target = target
        self.iter = iter
        self.body = body
        self.orelse = orelse
        self.place = place


class While(Node):
    """`while test`."""

    __slots__ = ("body", "orelse", "test")

    def __init__(self, test: Expression, body: Suite, orelse: Else | None, place: Place | Exact = NOWHERE) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse
        self.place = place


class WithItem(Node):
    """`item as asname`."""

    __slots__ = ("asname", "item")

    def __init__(self, item: Expression, asname: Expression | None) -> None:
        self.item = item
        self.asname = asname
        self.place = item.place


class With(Node):
    """`with items`."""

    __slots__ = ("body", "items")

    def __init__(self, items: Sequence[WithItem], body: Suite, place: Place | Exact = NOWHERE) -> None:
        self.items = items
        self.body = body
        self.place = place


class ExceptHandler(Node):
    """`except type as name`."""

    __slots__ = ("body", "name", "type")

    def __init__(self, type: Expression | None, name: Name | None, body: Suite) -> None:
        self.type = type
        self.name = name
        self.body = body
        self.place = NOWHERE


class Try(Node):
    """`try`, also with `except*`."""

    __slots__ = ("body", "finalbody", "handlers", "orelse")

    def __init__(
        self,
        body: Suite,
        handlers: Sequence[ExceptHandler],
        orelse: Else | None,
        finalbody: Else | None,
        place: Place | Exact = NOWHERE,
    ) -> None:
        self.body = body
        self.handlers = handlers
        self.orelse = orelse
        self.finalbody = finalbody
        self.place = place


# -- match -------------------------------------------------------------------------------------------------------------


class MatchPattern(Node):
    """What a subject is held against. `children` are the patterns inside of it."""

    __slots__ = ("children",)

    def __init__(self, children: Sequence[MatchPattern], place: Place | Exact = NOWHERE) -> None:
        self.children = children
        self.place = place


class MatchOr(MatchPattern):
    """`one | other`."""

    __slots__ = ()


class MatchAs(MatchPattern):
    """`pattern as name`; without a pattern whatever comes, without both nothing is bound."""

    __slots__ = ("name", "pattern")

    def __init__(self, pattern: MatchPattern | None, name: Name | None, place: Place | Exact = NOWHERE) -> None:
        super().__init__((), place)
        self.pattern = pattern
        self.name = name


class MatchStar(MatchPattern):
    """`*name`."""

    __slots__ = ("name",)

    def __init__(self, name: Name | None, place: Place | Exact = NOWHERE) -> None:
        super().__init__((), place)
        self.name = name


class MatchValue(MatchPattern):
    """A value that the subject has to equal, or to be: a constant, or a name with a dot."""

    __slots__ = ("value",)

    def __init__(self, value: Expression, place: Place | Exact = NOWHERE) -> None:
        super().__init__((), place)
        self.value = value


class MatchCase(Node):
    """`case pattern if guard`."""

    __slots__ = ("body", "guard", "pattern")

    def __init__(self, pattern: MatchPattern, guard: Expression | None, body: Suite) -> None:
        self.pattern = pattern
        self.guard = guard
        self.body = body
        self.place = NOWHERE


class Match(Node):
    """`match subject`."""

    __slots__ = ("cases", "subject")

    def __init__(self, subject: Expression, cases: Sequence[MatchCase], place: Place | Exact = NOWHERE) -> None:
        self.subject = subject
        self.cases = cases
        self.place = place

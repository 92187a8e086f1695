"""What a program is told on the command line: options of `argparse` and flags of `absl`, by their defaults.

An option has its default when nobody says otherwise, so that a run without options is one that certainly happens. It is
a choice all the same: what the program does on another value is followed too, and never mixed with the default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from keraslint.static.values import (
    NONE,
    Arguments,
    Const,
    Construct,
    Dict,
    External,
    Guard,
    Site,
    Tuple,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Call = Callable[[Interpreter, Arguments], Value]

PARSER: Final = "argparse.ArgumentParser"
NAMESPACE: Final = "argparse.Namespace"
FLAG: Final = "absl.flags.FlagHolder"
FLAGS: Final = (
    "absl.flags",
    "tensorflow.flags",
    "tensorflow.app.flags",
    "tensorflow.compat.v1.flags",
    "tensorflow.compat.v1.app.flags",
)
KINDS: Final = ("string", "integer", "float", "bool", "boolean", "enum")

SWITCHES: Final[Mapping[str, bool]] = {"store_true": False, "store_false": True}
"""Actions of options that take no value, with what the option is without them."""

BRANCHED_ON: Final = (0, 1, 2)


# -- argparse ----------------------------------------------------------------------------------------------------------


def _parser(_interp: Interpreter, arguments: Arguments) -> Value:
    return Construct(PARSER, arguments, ())


def method(interp: Interpreter, owner: Construct, name: str, arguments: Arguments) -> Value:
    """A method of a parser or of the namespace that it gives."""
    if owner.dotted != PARSER:
        return Unknown()
    if name == "add_argument":
        _add_argument(interp, owner, arguments)
    elif name == "set_defaults":
        for option, value in arguments.named.items():
            interp.state.write(owner.state, option, _option(interp, value, arguments.site))
    elif name in {"add_argument_group", "add_mutually_exclusive_group"}:
        return owner
    elif name in {"parse_args", "parse_known_args"}:
        namespace = Construct(NAMESPACE, arguments, ())
        namespace.state.update(owner.state)
        return namespace if name == "parse_args" else Tuple((namespace, Unknown()))
    return Unknown()


def _add_argument(interp: Interpreter, parser: Construct, arguments: Arguments) -> None:
    name = _destination(arguments)
    if name is None:
        return
    action = arguments.named.get("action")
    switch = SWITCHES.get(action.value) if isinstance(action, Const) else None
    default = arguments.named.get("default", Const(switch, arguments.site) if switch is not None else NONE)
    choices, kind = arguments.named.get("choices"), arguments.named.get("type")
    if isinstance(default, Const) and isinstance(default.value, str) and kind is not None and not _is_text(kind):
        default = NONE  # argparse calls the type on a default that is text
    interp.state.write(parser.state, name, _option(interp, default, arguments.site, choices))


def _is_text(kind: Value) -> bool:
    return isinstance(kind, External) and kind.dotted == "builtins.str"


def _destination(arguments: Arguments) -> str | None:
    """The name under which the namespace has an option: the first long one, else the first."""
    given = arguments.named.get("dest")
    if isinstance(given, Const) and isinstance(given.value, str):
        return given.value
    names = [one.value for one in arguments.positional if isinstance(one, Const) and isinstance(one.value, str)]
    long = [name for name in names if name.startswith("--")] or names
    return long[0].lstrip("-").replace("-", "_") if long else None


def _option(interp: Interpreter, default: Value, site: Site, choices: Value | None = None) -> Value:
    """An option by its default and by what else it may be.

    Programs branch on words and on small numbers (one class or several). A size or a rate is taken to be its default.
    """
    default = interp.state.settle(default)
    key = ("u", "option", id(site.node))
    told = Unknown(("told", key))
    if not isinstance(default, Const) or default.value is None:
        return told
    if isinstance(default.value, bool):
        others: list[Value] = [Const(not default.value, default.site)]
    elif isinstance(default.value, str) or default.value in BRANCHED_ON:
        others = _others(interp, default, choices) or [told]
    else:
        return default
    return interp.state.choose((_guard(key, index), one) for index, one in enumerate((default, *others)))


def _others(interp: Interpreter, default: Const, choices: Value | None) -> list[Value]:
    """What else the declared choices allow; nothing when they are not known."""
    items, rest = interp.items_of(choices) if choices is not None else (None, True)
    if items is None or rest:
        return []
    return [one for one in items if not (isinstance(one, Const) and one.value == default.value)]


def _guard(key: Any, index: int) -> Guard:
    return frozenset({(("pick", key), index)})


def attribute(interp: Interpreter, owner: Construct, name: str) -> Value | None:
    """An option that the namespace was never told about; `None` for what is no namespace."""
    return interp.unknown(("attr", ("o", owner.serial), name)) if owner.dotted == NAMESPACE else None


def _as_dictionary(interp: Interpreter, arguments: Arguments) -> Value:
    """`vars(args)`."""
    given = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    if not isinstance(given, Construct) or given.dotted != NAMESPACE:
        return Unknown()
    made = Dict(arguments.site)
    made.state.update({("item", name): value for name, value in given.state.items()})
    return made


# -- flags -------------------------------------------------------------------------------------------------------------


def _define(interp: Interpreter, arguments: Arguments) -> Value:
    """`flags.DEFINE_string(name, default, help)` and kin; `DEFINE_enum` has the values before the help."""
    bound = arguments.bind(("name", "default", "enum_values"))
    name, values = (interp.state.settle(bound.get(word, NONE)) for word in ("name", "enum_values"))
    value = _option(interp, bound.get("default", NONE), arguments.site, values)
    if isinstance(name, Const) and isinstance(name.value, str):
        interp.record.flags[name.value] = value
    holder = Construct(FLAG, arguments, ())
    holder.state["value"] = value
    return holder


def flag(interp: Interpreter, owner: External, name: str) -> Value | None:
    """`FLAGS.name`; `None` when the owner is something else."""
    if not owner.dotted.endswith("flags.FLAGS"):
        return None
    found = interp.record.flags.get(name)
    return interp.state.settle(found) if found is not None else interp.unknown(("flag", name))


CALLS: Final[Mapping[str, Call]] = {
    PARSER: _parser,
    "builtins.vars": _as_dictionary,
    **{f"{place}.DEFINE_{kind}": _define for place in FLAGS for kind in KINDS},
}
"""Functions that declare options."""

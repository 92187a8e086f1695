"""What reading facts out of values needs: the program that was interpreted, and one way through its decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from keraslint.model import Confidence, Span
from keraslint.static.bounds import Budget
from keraslint.static.facts.scenario import Scenario, scenarios
from keraslint.static.values import Construct, Guard, Site, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Reading:
    """A program in one scenario. Calls that reading makes (of a loss, say) happen on the path of the scenario.

    `activations` are those that had been set on layers at the moment in question, by the serial of the layer; without
    them, what was set in the end counts.
    """

    interp: Interpreter
    scenario: Scenario
    activations: Mapping[int, Value] | None = None

    def pick(self, value: Value) -> Value:
        """The value in this scenario."""
        return self.scenario.pick(value)

    def items(self, value: Value) -> tuple[Value, ...] | None:
        """The items of a list or tuple."""
        return self.interp.items_of(value)[0]

    def span(self, site: Site) -> Span:
        """The place of a node: one span, however often it is asked for."""
        return self.interp.record.spans.setdefault(id(site.node), site.span)

    def activation(self, layer: Construct) -> Value | None:
        """The activation that a layer was given, or was set to afterwards."""
        found = layer.state.get("activation")
        if self.activations is not None:
            found = self.activations.get(layer.serial)
        return found if isinstance(found, Value) else layer.bound.get("activation")

    def is_only(self, site: Site) -> bool:
        """Whether one layer or function is made at a place, and not one for each call of a helper."""
        record = self.interp.record
        layers = (made[0].layer for made in record.calls.values())
        sites = [one.site for one in layers if isinstance(one, Construct)] + [one.site for one in record.activations]
        return sum(one is not None and one.node is site.node for one in sites) < 2

    @property
    def confidence(self) -> Confidence:
        """How sure is what was read so far."""
        return self.scenario.confidence


def readings(
    interp: Interpreter,
    guard: Guard,
    run: Callable[[Reading], R],
    activations: Mapping[int, Value] | None = None,
    site: Site | None = None,
) -> Iterator[R]:
    """Read something in every scenario that fits to the given decisions."""

    def one(scenario: Scenario) -> R:
        interp.state.path = scenario.path
        return run(Reading(interp, scenario, activations))

    def spent() -> None:
        interp.record.spent(Budget.WAYS, site or Site(interp.file.tree, interp.file))

    for _, found in scenarios(guard, one, spent):
        yield found

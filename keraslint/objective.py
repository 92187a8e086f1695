"""What Keras really minimises for a head, a loss and a runtime."""

from __future__ import annotations

from dataclasses import dataclass

from keraslint.model import Head, Loss, Runtime


@dataclass(frozen=True, slots=True)
class Objective:
    """What is trained somewhere. `z` is the input of the head's activation.

    `where` names the runtimes in words; `minimised` and `predicted` are formulas in z; `recovered` is true when Keras goes
    behind the activation to the logits; `warns` when Keras says so itself.
    """

    where: str
    minimised: str
    predicted: str
    recovered: bool = False
    warns: bool = False


def objective(head: Head, loss: Loss, runtime: Runtime) -> Objective | None:
    """What this program minimises; where the runtime is not known, today's Keras 3 on TensorFlow. `None` when not known."""
    raise NotImplementedError


def elsewhere(head: Head, loss: Loss, runtime: Runtime) -> tuple[Objective, ...]:
    """What the same program minimises on the other runtimes, as far as that differs."""
    raise NotImplementedError

"""Losses of a model and their gradients, computed as `fit` computes them but without a step, on each backend.

Everything is at inference: no dropout, no update of statistics, and without what regularisers add.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .kit import Kit, flat, mapped

Loss = Callable[[Any, Any, Any], Any]
"""A function of inputs, labels and the output of a head to a scalar tensor."""

HALF_SCALE = 1024.0
"""What a loss in half precision is multiplied with, as an optimizer does: its small gradients are zero without."""


QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
"""XLA shall compile fast, not fast code: it runs once or twice."""


class Outcome(NamedTuple):
    """What one pass gave: the value of each loss, and for each loss and each trainable weight the norm of the gradient
    and the largest part of it. Both are None where gradients were not asked for. `outputs` are those of each head."""

    values: list[float]
    norms: Any | None
    largest: Any | None
    outputs: list[Any]


# -- Loss functions ----------------------------------------------------------------------------------------------------


def as_compiled(kit: Kit, model: Any, given: Any) -> Loss:
    """What Keras makes of a loss that was given to `compile`, for one head, apart from the model's own."""
    container = getattr(model, "_compile_loss" if kit.generation > 2 else "compiled_loss", None)
    if container is not None:
        apart = type(container)(given) if kit.generation > 2 else type(container)(given, output_names=["output"])
        return lambda _, labels, output: apart(labels, output)
    return alone(kit, given)


def overridden(kit: Kit, model: Any) -> Loss:
    """What the model's own `compute_loss` says, which knows only one head.

    Meanwhile the compiled loss of the model is another one, made of the same, so that its own is not built for labels
    that are made up.
    """
    name = "_compile_loss" if kit.generation > 2 else "compiled_loss"
    held: Any = getattr(model, name, None)
    given = getattr(held, "_user_loss", None) or getattr(held, "_user_losses", None)
    names = None if kit.generation > 2 else ["output"]
    apart = None if given is None else type(held)(given, output_names=names)

    def compute(inputs: Any, labels: Any, output: Any) -> Any:
        if apart is None:
            return model.compute_loss(inputs, labels, output, None)
        try:
            object.__setattr__(model, name, apart)
            return model.compute_loss(inputs, labels, output, None)
        finally:
            object.__setattr__(model, name, held)

    return compute


def alone(kit: Kit, given: Any) -> Loss:
    """A loss of Keras, called as a program calls it that trains on its own."""
    loss = kit.keras.losses.get(given)
    if not hasattr(loss, "reduction"):
        wrapper = kit.keras.losses.MeanSquaredError.__mro__[1]
        loss = wrapper(loss, name="loss")
    return lambda _, labels, output: loss(labels, output)


def jitted(kit: Kit, function: Callable[..., Any]) -> Any:
    """On JAX the function compiled as a whole, which takes less time than its parts do; elsewhere as it is."""
    if kit.backend != "jax":
        return function
    jax = sys.modules["jax"]
    try:
        return jax.jit(function, compiler_options=QUICK)
    except TypeError:  # older JAX takes no options
        return jax.jit(function)


# -- Passes ------------------------------------------------------------------------------------------------------------


class Pass:
    """A pass through a model: its outputs, the losses of some of them and their gradients.

    `losses` are pairs of a head and a function. As a graph it is what `fit` runs on TensorFlow; elsewhere a graph makes
    no difference to a loss. `eagerly` is for a model that runs without one.
    """

    def __init__(self, kit: Kit, model: Any, losses: Sequence[tuple[int, Loss]], *, eagerly: bool = False) -> None:
        self.kit, self.model, self.losses = kit, model, list(losses)
        self.weights = list(model.trainable_weights)
        self.scale = HALF_SCALE if _in_half_precision(kit, model) else 1.0
        self.eagerly = eagerly
        self._compiled: Any = None

    def run(self, inputs: Any, labels: Sequence[Any]) -> Outcome:
        """The losses and their gradients, as `fit` computes them."""
        passes = {"tensorflow": self._tensorflow, "jax": self._jax, "torch": self._torch}
        return passes[self.kit.backend](tensors(self.kit, inputs), tensors(self.kit, list(labels)))

    def _values(self, inputs: Any, labels: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
        return [loss(inputs, label, outputs[head]) for (head, loss), label in zip(self.losses, labels)]

    def _told(self, values: Any, norms: Any, largest: Any, outputs: Any) -> Outcome:
        return Outcome(
            [float(value) for value in np.asarray(self.kit.numpy(values)).reshape(-1)],
            np.asarray(self.kit.numpy(norms), "float64") / self.scale,
            np.asarray(self.kit.numpy(largest), "float64") / self.scale,
            [self.kit.numpy(output) for output in outputs],
        )

    # TensorFlow

    def _tensorflow(self, inputs: Any, labels: Any) -> Outcome:
        tf = self.kit.tensorflow
        if self._compiled is None:
            self._compiled = self._taped if self.eagerly else tf.function(self._taped, autograph=False)
        try:
            return self._told(*self._compiled(inputs, labels))
        except Exception:
            if self.eagerly or self.kit.generation > 2:
                raise
            # In Keras 2, `fit` translates the conditions on tensors that a function of the program has.
            self._compiled = tf.function(self._taped)
            return self._told(*self._compiled(inputs, labels))

    def _taped(self, inputs: Any, labels: Any) -> tuple[Any, Any, Any, Any]:
        tf = self.kit.tensorflow
        variables = [getattr(weight, "value", weight) if self.kit.generation > 2 else weight for weight in self.weights]
        with tf.GradientTape(persistent=len(self.losses) > 1) as tape:
            outputs = parts(forward(self.model, inputs))
            values = [_scalar(self.kit, value) for value in self._values(inputs, labels, outputs)]
            scaled = [tf.cast(value, "float32") * self.scale for value in values]
        found = [tape.gradient(value, variables) for value in scaled] if variables else []
        dense = [
            [None if one is None else tf.cast(tf.convert_to_tensor(one), "float32") for one in row] for row in found
        ]
        zero = tf.zeros(())
        norms = [[zero if one is None else tf.norm(one) for one in row] for row in dense]
        largest = [[zero if one is None else tf.reduce_max(tf.abs(one)) for one in row] for row in dense]
        # Identities, because what a graph returns must be tensors, and an output may be anything.
        return (
            tf.stack([tf.cast(value, "float32") for value in values]),
            tf.convert_to_tensor(norms),
            tf.convert_to_tensor(largest),
            [tf.identity(output) for output in outputs],
        )

    # JAX

    def _jax(self, inputs: Any, labels: Any) -> Outcome:
        if self._compiled is None:
            self._compiled = jitted(self.kit, self._stateless)
        others = list(self.model.non_trainable_variables)
        trainable = [weight.value for weight in self.weights]
        return self._told(*self._compiled(trainable, [other.value for other in others], inputs, labels))

    def _stateless(self, trainable: Any, others: Any, inputs: Any, labels: Any) -> tuple[Any, Any, Any, Any]:
        jax = sys.modules["jax"]
        jnp = jax.numpy

        def lose(values: Any) -> tuple[Any, Any]:
            state = [*zip(self.weights, values), *zip(self.model.non_trainable_variables, others)]
            with self.kit.keras.StatelessScope(state_mapping=state):
                outputs = parts(forward(self.model, inputs))
                found = [_scalar(self.kit, value) for value in self._values(inputs, labels, outputs)]
            return jnp.stack([value.astype("float32") * self.scale for value in found]), outputs

        values, back, outputs = jax.vjp(lose, trainable, has_aux=True)
        norms, largest = [], []
        for which in range(len(self.losses)):
            (found,) = back(jnp.zeros_like(values).at[which].set(1.0))
            dense = [one.astype("float32") for one in found]
            norms.append([jnp.linalg.norm(one.reshape(-1)) for one in dense])
            largest.append([jnp.abs(one).max() for one in dense])
        return values / self.scale, jnp.asarray(norms), jnp.asarray(largest), outputs

    # torch

    def _torch(self, inputs: Any, labels: Any) -> Outcome:
        torch = sys.modules["torch"]
        variables = [weight.value for weight in self.weights]
        with torch.enable_grad():
            outputs = parts(forward(self.model, inputs))
            values = [_scalar(self.kit, value).float() for value in self._values(inputs, labels, outputs)]
            found = [self._torch_gradient(value * self.scale, variables) for value in values]
        norms = [[0.0 if one is None else float(one.float().norm()) for one in row] for row in found]
        largest = [[0.0 if one is None else float(one.float().abs().max()) for one in row] for row in found]
        return self._told(
            np.asarray([float(value.detach()) for value in values]), np.asarray(norms), np.asarray(largest), outputs
        )

    @staticmethod
    def _torch_gradient(value: Any, variables: list[Any]) -> Any:
        torch = sys.modules["torch"]
        if not variables or not value.requires_grad:
            return [None] * len(variables)
        return torch.autograd.grad(value, variables, retain_graph=True, allow_unused=True)


def parts(outputs: Any) -> list[Any]:
    """The outputs of a model one by one."""
    return [one.value for one in flat(outputs)]


def tensors(kit: Kit, values: Any) -> Any:
    """Arrays as tensors of the backend, whatever they are nested in."""
    return mapped(values, lambda value: kit.tensor(value) if isinstance(value, np.ndarray) else value)


def number(kit: Kit, value: Any) -> float:
    """A loss as a number."""
    return float(kit.numpy(_scalar(kit, value)))


def forward(model: Any, inputs: Any) -> Any:
    """The outputs at inference; a `call` that knows no `training` is called without."""
    takes = getattr(model, "_call_has_training_arg", True)
    return model(inputs, training=False) if takes else model(inputs)


def _scalar(kit: Kit, value: Any) -> Any:
    """The loss as one number: a loss without a reduction gives one for each place."""
    if not len(getattr(value, "shape", ())):
        return value
    return kit.keras.ops.mean(value) if kit.generation > 2 else kit.tensorflow.reduce_mean(value)


def _in_half_precision(kit: Kit, model: Any) -> bool:
    return any(kit.policy_of(layer) == "float16" for layer in kit.layers(model))


# -- Nothing is changed ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def untouched(kit: Kit, model: Any) -> Iterator[None]:
    """Whatever changes inside of statistics, metrics and states of random numbers is put back."""
    state = [*_variables(model, "non_trainable_variables"), *_metric_variables(model)]
    held = {id(one): one for one in state if hasattr(one, "assign")}
    logger = logging.getLogger("tensorflow")  # it complains of functions that are traced once for each model
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with kit.weights(list(held.values())), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _variables(model: Any, name: str) -> list[Any]:
    return list(getattr(model, name, None) or ())


def _metric_variables(model: Any) -> list[Any]:
    try:
        return [variable for metric in model.metrics for variable in metric.variables]
    except Exception:  # metrics of the program may want what only training gives them
        return []

"""One face for the Kerases that a program may use: Keras 3 on TensorFlow, JAX or torch, and Keras 2.

`kit.of(model)` tells which Keras made a model and gives what measuring needs from it: calling it as `predict` does,
arrays to tensors and back, weights, all layers, gradients. Nothing here changes a model, except `weights` inside its
`with`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

Array = Any
"""A numpy array of any type."""
KERAS_2 = ("tf_keras", "tensorflow.python.keras", "keras.engine", "keras.src.engine")
"""Where the classes of Keras 2 say that they live."""
WRAPPED = ("layer", "forward_layer", "backward_layer", "cell", "main_layer")
"""Attributes under which wrappers keep what they wrap."""


class Named(NamedTuple):
    """One tensor of a nest of them, with its way from the outermost: names of dictionaries, numbers in lists."""

    path: tuple[Any, ...]
    value: Any


@dataclass(frozen=True)
class Spec:
    """What a model takes or gives at one place: unknown lengths are `None`."""

    name: str
    shape: tuple[int | None, ...] | None
    dtype: str


def flat(nest: Any, path: tuple[Any, ...] = ()) -> list[Named]:
    """The leaves of nested lists, tuples and dictionaries, in the order in which Keras flattens them."""
    if isinstance(nest, dict):
        keys = sorted(nest) if all(isinstance(key, str) for key in nest) else list(nest)
        return [one for key in keys for one in flat(nest[key], (*path, key))]
    if isinstance(nest, (list, tuple)):
        return [one for number, part in enumerate(nest) for one in flat(part, (*path, number))]
    return [] if nest is None else [Named(path, nest)]


def mapped(nest: Any, change: Callable[[Any], Any]) -> Any:
    """The same nest with every leaf changed."""
    if isinstance(nest, dict):
        return {key: mapped(part, change) for key, part in nest.items()}
    if isinstance(nest, tuple) and hasattr(nest, "_fields"):
        return type(nest)(*(mapped(part, change) for part in nest))
    if isinstance(nest, (list, tuple)):
        return type(nest)(mapped(part, change) for part in nest)
    return None if nest is None else change(nest)


class Kit:
    """The Keras of one model.

    `generation` is 2 or 3, `package` what a program imports (`keras`, `tensorflow.keras`, `tf_keras`), `backend` is
    `tensorflow`, `jax` or `torch`. `layer_class` is the class of all layers, `operation_class` that of all operations
    in a graph of Keras 3 (with Keras 2 it is the class of layers).
    """

    def __init__(self, keras: Any, package: str) -> None:
        self.keras = keras
        self.package = package
        self.version = str(getattr(keras, "__version__", "") or _version_of(keras))
        self.generation = 3 if self.version.split(".")[0] >= "3" and package != "tf_keras" else 2
        self.backend: str = str(keras.backend.backend()) if self.generation == 3 else "tensorflow"
        self.layer_class = keras.layers.Layer
        self.model_class = keras.Model
        operation = getattr(keras, "Operation", None) or _in_mro(self.layer_class, "Operation")
        self.operation_class = operation if self.generation == 3 and operation is not None else self.layer_class
        self.tensorflow: Any = sys.modules.get("tensorflow") if self.backend == "tensorflow" else None
        self.differentiating = False

    # -- what runs ------------------------------------------------------------------------------------------------

    def runtime(self) -> dict[str, str | None]:
        """What runs the program, as the answer tells it."""
        flow = sys.modules.get("tensorflow")
        return {
            "package": self.package,
            "keras": self.version,
            "tensorflow": str(getattr(flow, "__version__", "")) or None if flow is not None else None,
            "backend": self.backend,
            "dtype_policy": self.policy(),
            "device": "gpu" if self.sees_gpu() else "cpu",
        }

    def policy(self) -> str | None:
        """The dtype policy that layers take when they say none."""
        for place in ("dtype_policies", "mixed_precision"):
            module = getattr(self.keras, place, None)
            find = getattr(module, "dtype_policy", None) or getattr(module, "global_policy", None)
            if find is not None:
                return str(getattr(find(), "name", find()))
        find = getattr(getattr(self.keras, "config", None), "dtype_policy", None)
        return str(find().name) if find is not None else None

    def policy_of(self, layer: Any) -> str:
        """The type in which a layer computes."""
        for name in ("compute_dtype", "_compute_dtype", "dtype"):
            found = getattr(layer, name, None)
            if isinstance(found, str):
                return found
        return "float32"

    def sees_gpu(self) -> bool:
        """Whether the backend sees a GPU."""
        try:
            if self.backend == "jax":
                return any(device.platform in {"gpu", "cuda", "rocm"} for device in sys.modules["jax"].devices())
            if self.backend == "torch":
                return bool(sys.modules["torch"].cuda.is_available())
            return bool(self.tensorflow and self.tensorflow.config.list_physical_devices("GPU"))
        except Exception:  # a broken driver is no GPU
            return False

    @contextmanager
    def on(self, device: str) -> Iterator[None]:
        """Run what is inside on `cpu` or `gpu`."""
        if self.backend == "tensorflow":
            with self.tensorflow.device("/GPU:0" if device == "gpu" else "/CPU:0"):
                yield
        elif self.backend == "jax":
            jax = sys.modules["jax"]
            with jax.default_device(jax.devices(device)[0]):
                yield
        else:
            with self.keras.device(f"{device}:0" if device == "gpu" else device):
                yield

    # -- arrays and tensors ---------------------------------------------------------------------------------------

    def tensor(self, array: Array, dtype: str | None = None) -> Any:
        """A tensor of the backend."""
        wanted = dtype or self.dtype(array)
        if self.generation == 3:
            return self.keras.ops.convert_to_tensor(array, dtype=wanted)
        return self.tensorflow.cast(array, wanted)

    def numpy(self, tensor: Any) -> Array:
        """The numbers of a tensor, `float32` where numpy does not know the type. Raises for what holds no numbers."""
        if isinstance(tensor, np.ndarray):
            return tensor
        if hasattr(tensor, "to_tensor") and not hasattr(tensor, "numpy"):
            tensor = tensor.to_tensor()  # a ragged one
        if self.dtype(tensor) == "bfloat16":
            tensor = self.cast(tensor, "float32")
        if self.generation == 3:
            return np.asarray(self.keras.ops.convert_to_numpy(tensor))
        return np.asarray(tensor.numpy())

    def dtype(self, tensor: Any) -> str:
        """The name of a type, such as `float32`."""
        found = getattr(tensor, "dtype", None)
        return str(getattr(found, "name", found)).replace("torch.", "").replace("<dtype: ", "").strip("'<> ")

    def cast(self, tensor: Any, dtype: str) -> Any:
        """The same numbers in another type."""
        return self.keras.ops.cast(tensor, dtype) if self.generation == 3 else self.tensorflow.cast(tensor, dtype)

    def is_tensor(self, value: Any) -> bool:
        """Whether this is a tensor with numbers: not a symbol, not one that is being traced."""
        if self.backend == "tensorflow":
            flow = self.tensorflow
            return bool(flow is not None and flow.is_tensor(value) and hasattr(value, "numpy") and _eager(value))
        if self.backend == "jax":
            jax = sys.modules["jax"]
            traced = isinstance(value, jax.core.Tracer) and not self.differentiating
            return isinstance(value, jax.Array) and not traced
        return isinstance(value, sys.modules["torch"].Tensor) and value.device.type != "meta"

    # -- calling --------------------------------------------------------------------------------------------------

    @contextmanager
    def inference(self) -> Iterator[None]:
        """Keep no gradients inside."""
        if self.backend == "torch" and not self.differentiating:
            with sys.modules["torch"].no_grad():
                yield
        else:
            yield

    def call(self, model: Any, inputs: Any) -> list[Named]:
        """What a model gives at inference, as it would in `predict`, but eagerly: every output with its way."""
        with self.inference():
            return flat(model(inputs, training=False))

    def outputs(self, model: Any, inputs: Any) -> list[tuple[str, Array]]:
        """The outputs of a model at inference as arrays, each with the name that Keras gives it."""
        found = self.call(model, inputs)
        names = self.output_names(model, [one.path for one in found])
        return [(name, self.numpy(one.value)) for name, one in zip(names, found)]

    def gradient(self, function: Callable[..., Any], *arrays: Array) -> list[Array]:
        """The gradient of the sum of what a function of tensors gives, for each array."""
        self.differentiating = True
        try:
            return self._gradient(function, arrays)
        finally:
            self.differentiating = False

    def _gradient(self, function: Callable[..., Any], arrays: Sequence[Array]) -> list[Array]:
        if self.backend == "jax":
            jax = sys.modules["jax"]
            found = jax.grad(lambda given: sum(jax.numpy.sum(part) for part in _parts(function(*given))))(
                [self.tensor(array) for array in arrays]
            )
            return [self.numpy(part) for part in found]
        if self.backend == "torch":
            tensors = [self.tensor(array).clone().detach().requires_grad_(True) for array in arrays]
            total = sum(part.sum() for part in _parts(function(*tensors)))
            found = sys.modules["torch"].autograd.grad(total, tensors, allow_unused=True)
        else:
            flow = self.tensorflow
            tensors = [flow.convert_to_tensor(array) for array in arrays]
            with flow.GradientTape() as tape:
                tape.watch(tensors)
                total = sum(flow.reduce_sum(part) for part in _parts(function(*tensors)))
            found = tape.gradient(total, tensors)
        return [np.zeros_like(array) if one is None else self.numpy(one) for one, array in zip(found, arrays)]

    # -- models ---------------------------------------------------------------------------------------------------

    def layers(self, model: Any) -> list[Any]:
        """All layers of a model, each once, in order: those of models inside it and those that wrappers hold too."""
        found: dict[int, Any] = {}
        self._gather(model, found)
        found.pop(id(model), None)
        return list(found.values())

    def _gather(self, layer: Any, found: dict[int, Any]) -> None:
        if id(layer) in found or not isinstance(layer, self.layer_class):
            return
        found[id(layer)] = layer
        inner = list(_attribute(layer, "layers") or ())
        inner += [part for part in (_attribute(layer, name) for name in WRAPPED) if part is not None]
        if not inner or type(layer).__name__ not in {"Sequential", "Functional"}:
            inner += list(_attribute(layer, "_layers") or ())
            inner += list(_attribute(layer, "_self_tracked_trackables") or ())
        for part in inner:
            self._gather(getattr(part, "layer", part) if not isinstance(part, self.layer_class) else part, found)

    def is_model(self, layer: Any) -> bool:
        """Whether a layer is a model."""
        return isinstance(layer, self.model_class)

    def inputs(self, model: Any) -> Any:
        """What a model takes, as a nest of `Spec`; nothing when it was not told."""
        for name in ("_inputs_struct", "_nested_inputs", "inputs"):
            nest = _attribute(model, name)
            if nest is None or (isinstance(nest, (list, tuple, dict)) and not nest):
                continue
            alone = name == "inputs" and isinstance(nest, (list, tuple)) and len(nest) == 1
            return mapped(nest[0] if alone else nest, self._spec)
        shape = _attribute(model, "_build_input_shape") or _attribute(model, "_build_shapes_dict")
        if isinstance(shape, dict) and len(shape) == 1 and isinstance(next(iter(shape.values())), (list, tuple, dict)):
            shape = next(iter(shape.values()))
        if isinstance(shape, dict):
            if not all(_is_shape(one) for one in shape.values()):
                return None
            return {name: Spec(str(name), tuple(one), "float32") for name, one in shape.items()}
        if shape is not None and _is_shape(shape):
            return Spec("inputs", tuple(shape), "float32")
        if isinstance(shape, (list, tuple)) and shape and all(_is_shape(one) for one in shape):
            return [Spec(f"inputs_{number}", tuple(one), "float32") for number, one in enumerate(shape)]
        return None

    def _spec(self, symbol: Any) -> Spec:
        try:
            shape = None if symbol.shape is None else tuple(symbol.shape)
        except ValueError:  # a shape of unknown rank
            shape = None
        return Spec(str(getattr(symbol, "name", "input")).split(":")[0], shape, self.dtype(symbol))

    def output_names(self, model: Any, paths: Sequence[tuple[Any, ...]]) -> list[str]:
        """A name for each output: the key of a dictionary, else what Keras says, else a number."""
        told = [str(name) for name in _attribute(model, "output_names") or ()]
        if len(told) != len(paths):
            told = [f"output_{number}" if len(paths) > 1 else "output" for number in range(len(paths))]
        keys = [next((part for part in reversed(path) if isinstance(part, str)), None) for path in paths]
        return [str(key) if key is not None else name for key, name in zip(keys, told)]

    def takes_training(self, op: Any) -> bool:
        """Whether a layer tells training from inference by an argument."""
        return bool(_attribute(op, "_call_has_training_arg") or _attribute(op, "_expects_training_arg"))

    def is_own(self, op: Any) -> bool:
        """Whether what a layer computes is Keras's own code: of another class, nothing is known by its name."""
        called = getattr(type(op), "call", None)
        return str(getattr(called, "__module__", "")).split(".")[0] in {"keras", "tf_keras", "tensorflow"}

    # -- weights --------------------------------------------------------------------------------------------------

    def has_weights(self, layer: Any) -> bool:
        """Whether a layer, or one inside it, has weights."""
        return bool(_attribute(layer, "weights"))

    def read(self, weight: Any) -> Array:
        """The numbers of one weight."""
        return self.numpy(weight.value if self.generation == 3 and not callable(weight.value) else weight)

    @contextmanager
    def weights(self, found: Sequence[Any]) -> Iterator[None]:
        """Weights may be assigned inside; afterwards each holds exactly what it held before."""
        kept = [np.array(self.read(weight)) for weight in found]
        dtypes = [self.dtype(weight) for weight in found]
        try:
            yield
        finally:
            for weight, array, dtype in zip(found, kept, dtypes):
                weight.assign(self.tensor(array, dtype))


def of(model: Any, package: str | None = None) -> Kit:
    """The Keras that made a model."""
    modules = [str(one.__module__) for one in type(model).__mro__]
    if any(name.split(".")[0] == "tf_keras" for name in modules):
        return Kit(sys.modules["tf_keras"], "tf_keras")
    if any(name.startswith("tensorflow.python.keras") for name in modules):
        return Kit(sys.modules["tensorflow"].keras, "tensorflow.keras")
    return Kit(sys.modules["keras"], package or "keras")


def _version_of(keras: Any) -> str:
    flow = sys.modules.get("tensorflow")
    return str(getattr(flow, "__version__", "2"))


def _in_mro(found: Any, name: str) -> Any:
    return next((one for one in found.__mro__ if one.__name__ == name), None)


def _eager(value: Any) -> bool:
    return type(value).__name__ == "EagerTensor" or hasattr(value, "_numpy")


def _parts(nest: Any) -> list[Any]:
    return [one.value for one in flat(nest)]


def _attribute(owner: Any, name: str) -> Any:
    """An attribute, or nothing where it is missing or raises (Keras raises for what is not built)."""
    try:
        return getattr(owner, name, None)
    except Exception:  # any: it is the user's class
        return None


def _is_shape(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(one is None or isinstance(one, int) for one in value)

"""Functions on tensors: TensorFlow's, the Keras backend's and `keras.ops`, each as one word of a small expression
language.

The same mathematics has the same word wherever it comes from: `tf.reduce_sum`, `K.sum` and `keras.ops.sum` are all
`sum`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from keraslint.model import Route
from keraslint.static.catalog import activations


class FunctionSpec(NamedTuple):
    """A function on tensors.

    `op` is the word for what it computes. `parameters` are its parameters in order; the first `operands` of them are
    tensors (of `stack`, `concat` and `add_n` the one operand is a list of tensors). `route` tells for softmax and
    sigmoid whether Keras finds the logits behind it. `legacy` marks what today's TensorFlow and tf_keras no longer
    have.
    """

    op: str
    parameters: tuple[str, ...]
    operands: int = 1
    route: Route | None = None
    legacy: bool = False

    @property
    def is_activation(self) -> bool:
        """Whether `op` is the name of an activation, with that activation's bounds."""
        return activations.by_name(self.op) is not None


SYNONYMS: Mapping[str, str] = {
    "keep_dims": "keepdims",
    "reduction_indices": "axis",
    "dim": "axis",
    "dimension": "axis",
    "squeeze_dims": "axis",
    "concat_dim": "axis",
    "split_dim": "axis",
}
"""Keywords of TensorFlow 1 and early Keras and what they are called today."""

PASSING = frozenset({"cast", "expand_dims", "identity", "reshape", "squeeze", "stop_gradient", "transpose"})
"""Words for handing the same numbers on, perhaps in another shape."""

MOVING = frozenset({"reshape", "transpose"})
"""Of these, the words behind which the channels may be elsewhere."""

RESHAPING = MOVING | {"expand_dims", "squeeze"}
"""Of these, the words that change the shape."""

REDUCTIONS = frozenset({"argmax", "logsumexp", "max", "mean", "min", "sum"})
"""Words for one number in place of an axis."""

LINEAR_MAPS = frozenset({"bias_add", "dot", "einsum", "matmul"})
"""Words for what a program writes in place of a layer with weights."""

MIXING = MOVING | {"concat", "einsum", "getitem", "matmul", "one_hot", "opaque", "repeat", "split", "stack"}
"""Words whose result has a shape of its own."""

ROW_BY_ROW = frozenset(
    "abs add cast clip divide elu exp gelu identity log log-softmax log_softmax maximum minimum multiply neg "
    "normalised-sigmoids power relu sigmoid silu softmax softplus sqrt square stop_gradient subtract "
    "tanh".split()
)
"""Words behind which axis 0 is what it was."""

_OPERANDS: Mapping[str, int] = {
    **dict.fromkeys(("epsilon", "floatx", "zeros", "ones", "full", "constant", "range", "random", "einsum", "eye"), 0),
    **dict.fromkeys(("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "floor_divide", "mod"), 2),
    **dict.fromkeys(("equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "squared_difference"), 2),
    **dict.fromkeys(("matmul", "dot", "batch_dot", "tensordot", "bias_add", "logical_and", "logical_or", "gather"), 2),
    "where": 3,
}
"""How many of the first parameters are tensors, where it is not one. The operands of `einsum` follow its equation."""

_REDUCTION = "input_tensor axis keepdims name"
_BINARY = "x y name"

_TENSORFLOW: Mapping[str, tuple[str, str]] = {
    "abs": ("abs", "x name"),
    "accumulate_n": ("add_n", "inputs shape tensor_dtype name"),
    "add": ("add", _BINARY),
    "add_n": ("add_n", "inputs name"),
    "argmax": ("argmax", "input axis"),
    "argmin": ("argmin", "input axis"),
    "boolean_mask": ("boolean_mask", "tensor mask"),
    "broadcast_to": ("broadcast", "input shape name"),
    "cast": ("cast", "x dtype name"),
    "ceil": ("ceil", "x name"),
    "clip_by_value": ("clip", "t clip_value_min clip_value_max name"),
    "concat": ("concat", "values axis name"),
    "constant": ("constant", "value dtype shape name"),
    "convert_to_tensor": ("identity", "value dtype"),
    "cos": ("cos", "x name"),
    "cumprod": ("cumprod", "x axis exclusive reverse name"),
    "cumsum": ("cumsum", "x axis exclusive reverse name"),
    "divide": ("divide", _BINARY),
    "divide_no_nan": ("divide", _BINARY),
    "einsum": ("einsum", "equation"),
    "ensure_shape": ("identity", "x shape name"),
    "equal": ("equal", _BINARY),
    "erf": ("erf", "x name"),
    "exp": ("exp", "x name"),
    "expand_dims": ("expand_dims", "input axis name"),
    "expm1": ("expm1", "x name"),
    "eye": ("eye", "num_rows num_columns"),
    "fill": ("full", "dims value name"),
    "floor": ("floor", "x name"),
    "floordiv": ("floor_divide", _BINARY),
    "floormod": ("mod", _BINARY),
    "gather": ("gather", "params indices"),
    "gather_nd": ("gather_nd", "params indices"),
    "greater": ("greater", _BINARY),
    "greater_equal": ("greater_equal", _BINARY),
    "identity": ("identity", "input name"),
    "less": ("less", _BINARY),
    "less_equal": ("less_equal", _BINARY),
    "log": ("log", "x name"),
    "log1p": ("log1p", "x name"),
    "log_sigmoid": ("log_sigmoid", "x name"),
    "logical_and": ("logical_and", _BINARY),
    "logical_not": ("logical_not", "x name"),
    "logical_or": ("logical_or", _BINARY),
    "matmul": ("matmul", "a b transpose_a transpose_b"),
    "maximum": ("maximum", _BINARY),
    "minimum": ("minimum", _BINARY),
    "mod": ("mod", _BINARY),
    "multiply": ("multiply", _BINARY),
    "multiply_no_nan": ("multiply", _BINARY),
    "negative": ("neg", "x name"),
    "norm": ("norm", "tensor ord axis keepdims name"),
    "not_equal": ("not_equal", _BINARY),
    "one_hot": ("one_hot", "indices depth on_value off_value axis dtype name"),
    "ones": ("ones", "shape dtype name"),
    "ones_like": ("ones_like", "input dtype name"),
    "pad": ("pad", "tensor paddings mode"),
    "pow": ("power", _BINARY),
    "range": ("range", "start limit delta dtype name"),
    "rank": ("rank", "input name"),
    "realdiv": ("divide", _BINARY),
    "reciprocal": ("reciprocal", "x name"),
    "reciprocal_no_nan": ("reciprocal", "x name"),
    "reduce_all": ("all", _REDUCTION),
    "reduce_any": ("any", _REDUCTION),
    "reduce_logsumexp": ("logsumexp", _REDUCTION),
    "reduce_max": ("max", _REDUCTION),
    "reduce_mean": ("mean", _REDUCTION),
    "reduce_min": ("min", _REDUCTION),
    "reduce_prod": ("prod", _REDUCTION),
    "reduce_std": ("std", _REDUCTION),
    "reduce_sum": ("sum", _REDUCTION),
    "reduce_variance": ("var", _REDUCTION),
    "repeat": ("repeat", "input repeats axis name"),
    "reshape": ("reshape", "tensor shape name"),
    "reverse": ("flip", "tensor axis name"),
    "roll": ("roll", "input shift axis name"),
    "round": ("round", "x name"),
    "rsqrt": ("rsqrt", "x name"),
    "scalar_mul": ("multiply", "scalar x name"),
    "shape": ("shape", "input"),
    "sigmoid": ("sigmoid", "x name"),
    "sign": ("sign", "x name"),
    "sin": ("sin", "x name"),
    "size": ("size", "input"),
    "slice": ("slice", "input_ begin size name"),
    "split": ("split", "value num_or_size_splits axis num name"),
    "sqrt": ("sqrt", "x name"),
    "square": ("square", "x name"),
    "squared_difference": ("squared_difference", _BINARY),
    "squeeze": ("squeeze", "input axis name"),
    "stack": ("stack", "values axis name"),
    "stop_gradient": ("stop_gradient", "input name"),
    "subtract": ("subtract", _BINARY),
    "tanh": ("tanh", "x name"),
    "tensordot": ("tensordot", "a b axes name"),
    "tile": ("tile", "input multiples name"),
    "transpose": ("transpose", "a perm"),
    "truediv": ("divide", _BINARY),
    "unstack": ("unstack", "value num axis name"),
    "where": ("where", "condition x y name"),
    "zeros": ("zeros", "shape dtype name"),
    "zeros_like": ("zeros_like", "input dtype name"),
}

_TENSORFLOW_1: Mapping[str, tuple[str, str]] = {
    "batch_matmul": ("matmul", "x y"),
    "div": ("divide", _BINARY),
    "mul": ("multiply", _BINARY),
    "neg": ("neg", "x name"),
    "pack": ("stack", "values axis name"),
    "sub": ("subtract", _BINARY),
    "to_double": ("cast", "x name"),
    "to_float": ("cast", "x name"),
    "to_int32": ("cast", "x name"),
    "to_int64": ("cast", "x name"),
    "unpack": ("unstack", "value num axis name"),
}
"""Gone from TensorFlow 2; some remain in `tensorflow.compat.v1`."""

_NN: Mapping[str, tuple[str, str]] = {
    "bias_add": ("bias_add", "value bias data_format name"),
    "crelu": ("crelu", "features"),
    "depth_to_space": ("depth_to_space", "input block_size"),
    "dropout": ("dropout", "x rate noise_shape seed name"),
    "elu": ("elu", "features name"),
    "gelu": ("gelu", "features approximate name"),
    "l2_normalize": ("l2_normalize", "x axis epsilon name"),
    "leaky_relu": ("leaky_relu", "features alpha name"),
    "log_softmax": ("log_softmax", "logits axis name"),
    "relu": ("relu", "features name"),
    "relu6": ("relu6", "features name"),
    "selu": ("selu", "features name"),
    "silu": ("silu", "features beta"),
    "softmax": ("softmax", "logits axis name"),
    "softplus": ("softplus", "features name"),
    "softsign": ("softsign", "features name"),
    "space_to_depth": ("space_to_depth", "input block_size"),
    "swish": ("silu", "features beta"),
    "top_k": ("top_k", "input k sorted"),
}

_BACKEND: Mapping[str, tuple[str, str]] = {
    "abs": ("abs", "x"),
    "all": ("all", "x axis keepdims"),
    "any": ("any", "x axis keepdims"),
    "arange": ("range", "start stop step dtype"),
    "argmax": ("argmax", "x axis"),
    "argmin": ("argmin", "x axis"),
    "batch_dot": ("batch_dot", "x y axes"),
    "batch_flatten": ("flatten", "x"),
    "bias_add": ("bias_add", "x bias data_format"),
    "cast": ("cast", "x dtype"),
    "cast_to_floatx": ("cast", "x"),
    "clip": ("clip", "x min_value max_value"),
    "concatenate": ("concat", "tensors axis"),
    "constant": ("constant", "value dtype shape name"),
    "cos": ("cos", "x"),
    "cumprod": ("cumprod", "x axis"),
    "cumsum": ("cumsum", "x axis"),
    "dot": ("dot", "x y"),
    "dropout": ("dropout", "x level noise_shape seed"),
    "elu": ("elu", "x alpha"),
    "epsilon": ("epsilon", ""),
    "equal": ("equal", "x y"),
    "exp": ("exp", "x"),
    "expand_dims": ("expand_dims", "x axis"),
    "eye": ("eye", "size dtype name"),
    "flatten": ("ravel", "x"),
    "floatx": ("floatx", ""),
    "gather": ("gather", "reference indices"),
    "greater": ("greater", "x y"),
    "greater_equal": ("greater_equal", "x y"),
    "hard_sigmoid": ("hard_sigmoid", "x"),
    "int_shape": ("shape", "x"),
    "l2_normalize": ("l2_normalize", "x axis"),
    "less": ("less", "x y"),
    "less_equal": ("less_equal", "x y"),
    "log": ("log", "x"),
    "max": ("max", "x axis keepdims"),
    "maximum": ("maximum", "x y"),
    "mean": ("mean", "x axis keepdims"),
    "min": ("min", "x axis keepdims"),
    "minimum": ("minimum", "x y"),
    "ndim": ("rank", "x"),
    "not_equal": ("not_equal", "x y"),
    "one_hot": ("one_hot", "indices num_classes"),
    "ones": ("ones", "shape dtype name"),
    "ones_like": ("ones_like", "x dtype name"),
    "permute_dimensions": ("transpose", "x pattern"),
    "pow": ("power", "x a"),
    "print_tensor": ("identity", "x message"),
    "prod": ("prod", "x axis keepdims"),
    "random_normal": ("random", "shape mean stddev dtype seed"),
    "random_uniform": ("random", "shape minval maxval dtype seed"),
    "relu": ("relu", "x alpha max_value threshold"),
    "repeat": ("repeat_vector", "x n"),
    "repeat_elements": ("repeat", "x rep axis"),
    "reshape": ("reshape", "x shape"),
    "reverse": ("flip", "x axes"),
    "round": ("round", "x"),
    "shape": ("shape", "x"),
    "sigmoid": ("sigmoid", "x"),
    "sign": ("sign", "x"),
    "sin": ("sin", "x"),
    "softmax": ("softmax", "x axis"),
    "softplus": ("softplus", "x"),
    "softsign": ("softsign", "x"),
    "sqrt": ("sqrt", "x"),
    "square": ("square", "x"),
    "squeeze": ("squeeze", "x axis"),
    "stack": ("stack", "x axis"),
    "std": ("std", "x axis keepdims"),
    "stop_gradient": ("stop_gradient", "variables"),
    "sum": ("sum", "x axis keepdims"),
    "switch": ("where", "condition then_expression else_expression"),
    "tanh": ("tanh", "x"),
    "tile": ("tile", "x n"),
    "transpose": ("transpose", "x"),
    "truncated_normal": ("random", "shape mean stddev dtype seed"),
    "var": ("var", "x axis keepdims"),
    "variable": ("constant", "value dtype name"),
    "zeros": ("zeros", "shape dtype name"),
    "zeros_like": ("zeros_like", "x dtype name"),
}

_BACKEND_1: Mapping[str, tuple[str, str]] = {
    "identity": ("identity", "x name"),
    "logsumexp": ("logsumexp", "x axis keepdims"),
}
"""Gone from the backend of tf_keras, which earlier Keras had."""

_OPS: Mapping[str, tuple[str, str]] = {
    "abs": ("abs", "x"),
    "absolute": ("abs", "x"),
    "add": ("add", "x1 x2"),
    "all": ("all", "x axis keepdims"),
    "amax": ("max", "x axis keepdims"),
    "amin": ("min", "x axis keepdims"),
    "any": ("any", "x axis keepdims"),
    "arange": ("range", "start stop step dtype"),
    "argmax": ("argmax", "x axis keepdims"),
    "argmin": ("argmin", "x axis keepdims"),
    "array": ("identity", "x dtype"),
    "average": ("mean", "x axis weights"),
    "broadcast_to": ("broadcast", "x shape"),
    "cast": ("cast", "x dtype"),
    "ceil": ("ceil", "x"),
    "celu": ("celu", "x alpha"),
    "clip": ("clip", "x x_min x_max"),
    "concatenate": ("concat", "xs axis"),
    "convert_to_tensor": ("identity", "x dtype"),
    "copy": ("identity", "x"),
    "cos": ("cos", "x"),
    "cumprod": ("cumprod", "x axis dtype"),
    "cumsum": ("cumsum", "x axis dtype"),
    "depth_to_space": ("depth_to_space", "x block_size data_format"),
    "divide": ("divide", "x1 x2"),
    "divide_no_nan": ("divide", "x1 x2"),
    "dot": ("dot", "x1 x2"),
    "einsum": ("einsum", "subscripts"),
    "elu": ("elu", "x alpha"),
    "equal": ("equal", "x1 x2"),
    "erf": ("erf", "x"),
    "exp": ("exp", "x"),
    "expand_dims": ("expand_dims", "x axis"),
    "expm1": ("expm1", "x"),
    "eye": ("eye", "N M k dtype"),
    "flip": ("flip", "x axis"),
    "floor": ("floor", "x"),
    "floor_divide": ("floor_divide", "x1 x2"),
    "full": ("full", "shape fill_value dtype"),
    "gelu": ("gelu", "x approximate"),
    "glu": ("glu", "x axis"),
    "greater": ("greater", "x1 x2"),
    "greater_equal": ("greater_equal", "x1 x2"),
    "hard_shrink": ("hard_shrink", "x threshold"),
    "hard_sigmoid": ("hard_sigmoid", "x"),
    "hard_silu": ("hard_silu", "x"),
    "hard_swish": ("hard_silu", "x"),
    "hard_tanh": ("hard_tanh", "x"),
    "leaky_relu": ("leaky_relu", "x negative_slope"),
    "less": ("less", "x1 x2"),
    "less_equal": ("less_equal", "x1 x2"),
    "log": ("log", "x"),
    "log1p": ("log1p", "x"),
    "log_sigmoid": ("log_sigmoid", "x"),
    "log_softmax": ("log_softmax", "x axis"),
    "logical_and": ("logical_and", "x1 x2"),
    "logical_not": ("logical_not", "x"),
    "logical_or": ("logical_or", "x1 x2"),
    "logsumexp": ("logsumexp", "x axis keepdims"),
    "matmul": ("matmul", "x1 x2"),
    "max": ("max", "x axis keepdims initial"),
    "maximum": ("maximum", "x1 x2"),
    "mean": ("mean", "x axis keepdims"),
    "min": ("min", "x axis keepdims initial"),
    "minimum": ("minimum", "x1 x2"),
    "mod": ("mod", "x1 x2"),
    "multiply": ("multiply", "x1 x2"),
    "ndim": ("rank", "x"),
    "negative": ("neg", "x"),
    "norm": ("norm", "x ord axis keepdims"),
    "normalize": ("l2_normalize", "x axis order epsilon"),
    "not_equal": ("not_equal", "x1 x2"),
    "one_hot": ("one_hot", "x num_classes axis dtype"),
    "ones": ("ones", "shape dtype"),
    "ones_like": ("ones_like", "x dtype"),
    "pad": ("pad", "x pad_width mode constant_values"),
    "power": ("power", "x1 x2"),
    "prod": ("prod", "x axis keepdims dtype"),
    "ravel": ("ravel", "x"),
    "reciprocal": ("reciprocal", "x"),
    "relu": ("relu", "x"),
    "relu6": ("relu6", "x"),
    "repeat": ("repeat", "x repeats axis"),
    "reshape": ("reshape", "x newshape"),
    "roll": ("roll", "x shift axis"),
    "round": ("round", "x decimals"),
    "rsqrt": ("rsqrt", "x"),
    "selu": ("selu", "x"),
    "shape": ("shape", "x"),
    "sigmoid": ("sigmoid", "x"),
    "sign": ("sign", "x"),
    "silu": ("silu", "x"),
    "sin": ("sin", "x"),
    "size": ("size", "x"),
    "slice": ("slice", "inputs start_indices shape"),
    "soft_shrink": ("soft_shrink", "x threshold"),
    "softmax": ("softmax", "x axis"),
    "softplus": ("softplus", "x"),
    "softsign": ("softsign", "x"),
    "space_to_depth": ("space_to_depth", "x block_size data_format"),
    "sparse_plus": ("sparse_plus", "x"),
    "sparse_sigmoid": ("sparse_sigmoid", "x"),
    "sparsemax": ("sparsemax", "x axis"),
    "split": ("split", "x indices_or_sections axis"),
    "sqrt": ("sqrt", "x"),
    "square": ("square", "x"),
    "squareplus": ("squareplus", "x b"),
    "squeeze": ("squeeze", "x axis"),
    "stack": ("stack", "x axis"),
    "std": ("std", "x axis keepdims"),
    "stop_gradient": ("stop_gradient", "variable"),
    "subtract": ("subtract", "x1 x2"),
    "sum": ("sum", "x axis keepdims"),
    "swish": ("silu", "x"),
    "take": ("gather", "x indices axis"),
    "tanh": ("tanh", "x"),
    "tanh_shrink": ("tanh_shrink", "x"),
    "tensordot": ("tensordot", "x1 x2 axes"),
    "threshold": ("threshold", "x threshold default_value"),
    "tile": ("tile", "x repeats"),
    "top_k": ("top_k", "x k sorted"),
    "transpose": ("transpose", "x axes"),
    "true_divide": ("divide", "x1 x2"),
    "unstack": ("unstack", "x num axis"),
    "var": ("var", "x axis keepdims"),
    "where": ("where", "condition x1 x2"),
    "zeros": ("zeros", "shape dtype"),
    "zeros_like": ("zeros_like", "x dtype"),
}

_ACTIVATIONS: Mapping[str, tuple[str, str]] = {
    "celu": ("celu", "x alpha"),
    "elu": ("elu", "x alpha"),
    "exponential": ("exp", "x"),
    "gelu": ("gelu", "x approximate"),
    "glu": ("glu", "x axis"),
    "hard_shrink": ("hard_shrink", "x threshold"),
    "hard_sigmoid": ("hard_sigmoid", "x"),
    "hard_silu": ("hard_silu", "x"),
    "hard_swish": ("hard_silu", "x"),
    "hard_tanh": ("hard_tanh", "x"),
    "leaky_relu": ("leaky_relu", "x negative_slope"),
    "linear": ("identity", "x"),
    "log_sigmoid": ("log_sigmoid", "x"),
    "log_softmax": ("log_softmax", "x axis"),
    "mish": ("mish", "x"),
    "relu": ("relu", "x negative_slope max_value threshold"),
    "relu6": ("relu6", "x"),
    "selu": ("selu", "x"),
    "sigmoid": ("sigmoid", "x"),
    "silu": ("silu", "x"),
    "soft_shrink": ("soft_shrink", "x threshold"),
    "softmax": ("softmax", "x axis"),
    "softplus": ("softplus", "x"),
    "softsign": ("softsign", "x"),
    "sparse_plus": ("sparse_plus", "x"),
    "sparse_sigmoid": ("sparse_sigmoid", "x"),
    "sparsemax": ("sparsemax", "x axis"),
    "squareplus": ("squareplus", "x b"),
    "swish": ("silu", "x"),
    "tanh": ("tanh", "x"),
    "tanh_shrink": ("tanh_shrink", "x"),
    "threshold": ("threshold", "x threshold default_value"),
}

# tf_keras hangs the logits on what `K.softmax` and `K.sigmoid` return, from TensorFlow 2.14 on; the backend that
# `tensorflow.keras` shows on Keras 3 does so for softmax only. Before 2.14 they were plain ops, as `Softmax()` was.
_ROUTES: Mapping[str, Route] = {
    "keras.activations": Route.ACTIVATION,
    "keras.ops": Route.ACTIVATION,
    "keras.backend": Route.SOFTMAX_LAYER,
    "tensorflow.nn": Route.OP,
    "tensorflow": Route.OP,
}

_TABLES: tuple[tuple[str, Mapping[str, tuple[str, str]], bool], ...] = (
    ("tensorflow", _TENSORFLOW, False),
    ("tensorflow", _TENSORFLOW_1, True),
    ("tensorflow.nn", _NN, False),
    ("keras.backend", _BACKEND, False),
    ("keras.backend", _BACKEND_1, True),
    ("keras.ops", _OPS, False),
    ("keras.activations", _ACTIVATIONS, False),
)


def _specs() -> Iterator[tuple[str, FunctionSpec]]:
    for module, table, is_legacy in _TABLES:
        for name, (op, parameters) in table.items():
            route = _ROUTES[module] if op in {"softmax", "sigmoid"} else None
            yield (
                f"{module}.{name}",
                FunctionSpec(op, tuple(parameters.split()), _OPERANDS.get(op, 1), route, is_legacy),
            )


_BY_NAME: Mapping[str, FunctionSpec] = dict(_specs())


DEFAULT_AXES: Mapping[str, int] = {"tensorflow.argmax": 0, "keras.backend.argmax": -1}
"""Along which axis an `argmax` looks when none is given; the others look among all numbers."""


def by_name(dotted: str) -> FunctionSpec | None:
    """The function of that canonical name, such as `tensorflow.reduce_sum` or `keras.ops.softmax`."""
    return _BY_NAME.get(dotted)


def functions() -> Mapping[str, FunctionSpec]:
    """Every function on tensors, by canonical name."""
    return _BY_NAME

"""Encodings and scalings of labels: `to_categorical`, `get_dummies`, the encoders and scalers of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

from keraslint.static.catalog import encoders as catalog
from keraslint.static.catalog.arrays import ONE_HOT, SPLITTERS
from keraslint.static.catalog.encoders import EncoderSpec
from keraslint.static.data.contents import ROWS, class_ids, encoded, numeric, one_hot, within
from keraslint.static.data.scaling import SCALED, is_scalable, scaled_ids
from keraslint.static.lengths import length
from keraslint.static.sites import value_at
from keraslint.static.values import Arguments, Const, Construct, Data, Known, Shape, Tuple, Unknown, Value

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Call = Callable[[Interpreter, Arguments], Value | None]

LABELS: Final = ("y", "x", "indices", "labels")
COUNTS: Final = ("num_classes", "depth", "nb_classes")
"""What the functions call the class ids and the number of classes, today's names first."""
UNLIKE_ONE_HOT: Final = frozenset({"columns", "drop_first", "dummy_na"})
"""Arguments with which the rows of `get_dummies` are something else."""


def _categorical(interp: Interpreter, arguments: Arguments, dotted: str) -> Value:
    """`to_categorical(y, num_classes)`, `tf.one_hot(y, depth)`. Only the first takes a column for a row of numbers."""
    bound = arguments.bind(("y", "num_classes"))
    site = arguments.site
    drops = dotted.endswith("to_categorical")
    labels = next((bound[name] for name in LABELS if name in bound), None)
    given = next((bound[name] for name in COUNTS if name in bound), None)
    count = length(interp.state.settle(given)) if given is not None else None
    shape: Shape = None
    if isinstance(labels, Data):
        if encoded(labels, "multi-label"):
            return Data(site=arguments.site)
        if encoded(labels, SCALED):
            return labels.having(shape=None)  # one-hot rows of what the ids are cut to
        if given is None and labels.classes is not None:
            count = labels.classes.value
        wide = labels.shape is not None and len(labels.shape) > 1
        if labels.shape is not None and "axis" not in bound and not (drops and wide and labels.shape[-1] is None):
            column = drops and wide and labels.shape[-1] == 1
            shape = (*(labels.shape[:-1] if column else labels.shape), count)
    made = one_hot(site, count, shape)
    if given is not None and count is not None:
        # said where it is written, which is where it would be changed
        name = next(name for name in COUNTS if name in bound)
        place = value_at(arguments.place(name, ("y", "num_classes")))
        return made.having(classes=Known(count, place))
    return made


def _dummies(_interp: Interpreter, arguments: Arguments) -> Value:
    """`pd.get_dummies(column)`: one-hot, unless columns are left out or there are several to encode."""
    if len(arguments.positional) != 1 or not arguments.named.keys().isdisjoint(UNLIKE_ONE_HOT):
        return Unknown()
    return one_hot(arguments.site, None, (None, None)).having(origin="dummies")


def _factorized(_interp: Interpreter, arguments: Arguments) -> Value:
    """`pd.factorize(column)`: class ids and what they stand for."""
    return Tuple((class_ids(arguments.site, None), Unknown()))


def _unique(interp: Interpreter, arguments: Arguments) -> Value | None:
    """`np.unique(y, return_inverse=True)`: what there is, and class ids."""
    wanted = interp.state.settle(arguments.named.get("return_inverse", Unknown()))
    if arguments.named.keys() != {"return_inverse"} or not isinstance(wanted, Const) or not wanted.value:
        return None
    return Tuple((Unknown(), class_ids(arguments.site, None)))


CALLS: Final[Mapping[str, Call]] = {
    "numpy.unique": _unique,
    **{name: partial(_categorical, dotted=name) for name in ONE_HOT},
    "pandas.get_dummies": _dummies,
    "pandas.factorize": _factorized,
}
"""Functions that encode labels."""


def construct(dotted: str, arguments: Arguments) -> Construct | None:
    """An encoder or scaler of scikit-learn, or what divides rows for cross-validation."""
    if dotted in SPLITTERS:
        return Construct(dotted, arguments, ())
    spec = catalog.by_class(dotted)
    if spec is None:
        return None
    return Construct(dotted, arguments, (spec.range_parameter,) if spec.range_parameter is not None else ())


def method(interp: Interpreter, encoder: Construct, name: str, arguments: Arguments) -> Value:
    """`fit_transform` and kin of an encoder or scaler."""
    spec = catalog.by_class(encoder.dotted)
    if encoder.dotted in SPLITTERS and name == "split":
        rows = Data(shape=(None,), origin=ROWS, integer=True, site=arguments.site)
        return Data(parts=(rows, rows.having()), origin="dataset", site=arguments.site)
    if name in {"fit", "partial_fit", "set_params"}:
        return encoder
    if name not in {"fit_transform", "transform"} or spec is None:
        return Unknown()
    site = arguments.site
    given = arguments.positional[0] if arguments.positional else None
    if not encoder.arguments.named.keys().isdisjoint(catalog.UNLIKE_ONE_HOT):
        return Data(site=site)
    if encoder.kind == "LabelBinarizer" and isinstance(given, Data) and given.classes is not None:
        count = given.classes.value
        return one_hot(site, count, (None, count)) if count > 2 else class_ids(site, 2, (None, 1))
    if spec.encoding == "class-ids":
        known = given.classes if isinstance(given, Data) and given.origin != "text" else None
        return class_ids(site, known.value if known is not None else None)
    ends = _range(interp, encoder, spec)
    if ends is None:
        return Data(site=site)
    if spec.encoding == "continuous" and isinstance(given, Data) and encoded(given, "class-ids"):
        # two classes stay zero and one between two bounds, and more are something else
        return scaled_ids(within(Data(), *ends, site), given, site) if ends[0] == -inf or is_scalable(given) else given
    made = Data(
        shape=_encoded_shape(spec, given),
        encoding=Known(spec.encoding, site) if spec.encoding is not None else None,
        exclusive=Known(spec.exclusive, site) if spec.exclusive is not None else None,
        integer=True if spec.whole else None,
    )
    return within(made, *ends, site)


def _encoded_shape(spec: EncoderSpec, given: Value | None) -> Shape:
    """Columns for classes, how many is not known; scalers leave columns as they are."""
    if spec.encoding in {"one-hot", "multi-label"} or spec.whole:
        return (None, None)
    return given.shape if isinstance(given, Data) else None


def _range(interp: Interpreter, encoder: Construct, spec: EncoderSpec) -> tuple[float, float] | None:
    """Between which numbers the results lie."""
    bounds = encoder.bound.get(spec.range_parameter or "")
    if bounds is not None:
        items, _ = interp.items_of(bounds)
        ends = [numeric(one) for one in items or ()]
        known = [one for one in ends if one is not None]
        return (known[0], known[1]) if len(ends) == len(known) == 2 else None
    shape = encoder.bound.get(spec.shape_parameter or "")
    if shape is not None:
        word = interp.state.settle(shape)
        return catalog.DISTRIBUTIONS.get(str(word.value)) if isinstance(word, Const) else None
    return (spec.low, spec.high) if spec.low is not None and spec.high is not None else None

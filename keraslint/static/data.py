"""Arrays and data sets of the program: what is known of their content, and how each operation changes that.

Only what the program says counts: an encoding made by `to_categorical`, a range made by a scaler, a data set that everybody
has. A name proves nothing: `y_train / 255` may be images.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, Final

from keraslint.static.catalog import datasets
from keraslint.static.catalog.datasets import Array, Form, LoaderSpec
from keraslint.static.tensors import constants, number
from keraslint.static.values import (
    NONE,
    Arguments,
    Bound,
    Choice,
    Const,
    Construct,
    Data,
    Dict,
    External,
    Function,
    Known,
    List,
    Object,
    Shape,
    Site,
    Tensor,
    Tuple,
    Unknown,
    Value,
    key_of,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

KEEPS: Final = frozenset(
    "copy reshape ravel flatten squeeze numpy to_numpy tolist toarray todense astype view batch shuffle prefetch cache repeat take skip shard "
    "with_options apply get_values sample head tail reset_index dropna fillna to_frame unbatch as_numpy_iterator rebatch snapshot "
    "transpose swapaxes repeat byteswap".split()
)
"""Methods that hand on what is known of the content."""
KEEPS_CALLS: Final = frozenset(
    f"numpy.{name}"
    for name in (
        "array asarray ascontiguousarray expand_dims squeeze reshape ravel copy flip fliplr rot90 transpose moveaxis "
        "float32 float64 repeat tile atleast_2d take roll asfarray nan_to_num swapaxes delete pad resize"
    ).split()
) | {
    "tensorflow.convert_to_tensor", "tensorflow.constant", "tensorflow.identity", "tensorflow.cast", "tensorflow.reshape", "tensorflow.squeeze",
    "tensorflow.expand_dims", "tensorflow.image.resize", "keras.ops.convert_to_tensor", "keras.ops.cast", "keras.ops.expand_dims",
    "keras.backend.cast", "keras.backend.constant", "keras.ops.reshape", "tensorflow.Variable", "sklearn.utils.shuffle",
    "keras.utils.pad_sequences", "keras.preprocessing.sequence.pad_sequences", "pandas.Series", "pandas.DataFrame", "builtins.list",
    "tensorflow.image.random_flip_left_right", "tensorflow.transpose",
}  # fmt: skip
JOINS: Final = frozenset(
    "numpy.concatenate numpy.vstack numpy.hstack numpy.stack numpy.append numpy.column_stack numpy.row_stack tensorflow.concat tensorflow.stack "
    "keras.ops.concatenate pandas.concat numpy.r_ numpy.dstack".split()
)
UNBOUNDED_SCALERS: Final = frozenset({"StandardScaler", "RobustScaler", "PowerTransformer", "QuantileTransformer"})
ENCODERS: Final = frozenset(
    {"OneHotEncoder", "LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer", "OrdinalEncoder"}
)
SCALERS: Final = UNBOUNDED_SCALERS | {"MinMaxScaler", "MaxAbsScaler"}
PIXEL_SCALES: Final = frozenset({255, 256})
HALF_PIXELS: Final = frozenset({127.5, 128, 127})


def known(value: Any, site: Site) -> Known:
    return Known(value, site)


def one_hot(site: Site, classes: Value | None, shape: Shape = None) -> Data:
    """One-hot rows of exclusive classes."""
    count = number(classes)
    return Data(
        shape=shape,
        encoding=known("one-hot", site),
        classes=known(count, site) if count is not None else None,
        low=known(0.0, site),
        high=known(1.0, site),
        exclusive=known(True, site),
        site=site,
    )


def class_ids(site: Site, classes: int | None, shape: Shape = (None,)) -> Data:
    """Class ids from 0 on."""
    return Data(
        shape=shape,
        encoding=known("class-ids", site),
        classes=known(classes, site) if classes else None,
        low=known(0.0, site),
        high=known(float(classes - 1), site) if classes else None,
        exclusive=known(True, site),
        integer=True,
        site=site,
    )


def continuous(site: Site, low: float = -inf, high: float = inf, shape: Shape = None) -> Data:
    """Real numbers between bounds; infinite bounds are known to be left open."""
    return Data(
        shape=shape, encoding=known("continuous", site), low=known(low, site), high=known(high, site), site=site
    )


def within(data: Data, low: float, high: float, site: Site) -> Data:
    return data.having(low=known(low, site), high=known(high, site), site=site)


# -- calls ------------------------------------------------------------------------------------------------------------------


def call(interp: Interpreter, dotted: str, arguments: Arguments) -> Value | None:
    """Call a function that makes or changes data; `None` when it is not one that is known."""
    run = CALLS.get(dotted)
    if run is not None:
        return run(interp, arguments)
    first = arguments.positional[0] if arguments.positional else None
    if dotted in KEEPS_CALLS:
        if first is None:
            return None
        return as_data(interp, first, arguments)
    if dotted in JOINS:
        return joined(interp, arguments)
    if dotted in {
        "keras.utils.to_categorical",
        "tensorflow.one_hot",
        "keras.ops.one_hot",
        "keras.backend.one_hot",
        "keras.ops.to_categorical",
    }:
        return categorical(interp, arguments)
    loader = datasets.by_function(dotted)
    if loader is not None:
        return load(interp, loader, arguments)
    name = dotted.rpartition(".")[2]
    if dotted.startswith("sklearn.") and name in ENCODERS | SCALERS:
        return Construct(dotted, arguments, ("feature_range",) if name == "MinMaxScaler" else ())
    return None


def categorical(interp: Interpreter, arguments: Arguments) -> Value:
    bound = arguments.bind(("y", "num_classes"))
    labels = bound.get("y", bound.get("x", bound.get("indices", bound.get("labels"))))
    classes = bound.get("num_classes", bound.get("depth", bound.get("nb_classes")))
    classes = interp.state.settle(classes) if classes is not None else None
    shape: Shape = None
    if isinstance(labels, Data):
        if classes is None and labels.classes is not None:
            classes = Const(labels.classes.value)
        if labels.encoding is not None and labels.encoding.value == "multi-label":
            return Data(site=arguments.site)
        if labels.shape is not None:
            tail = labels.shape[:-1] if len(labels.shape) > 1 and labels.shape[-1] == 1 else labels.shape
            shape = (*tail, number(classes))
    return one_hot(arguments.site, classes, shape)


def eye(interp: Interpreter, arguments: Arguments) -> Value:
    size = interp.state.settle(arguments.positional[0]) if arguments.positional else None
    return Data(
        shape=(number(size), number(size)),
        origin="eye",
        low=known(0.0, arguments.site),
        high=known(1.0, arguments.site),
        site=arguments.site,
    )


def dummies(_interp: Interpreter, arguments: Arguments) -> Value:
    return one_hot(arguments.site, None)


def train_test_split(interp: Interpreter, arguments: Arguments) -> Value:
    found: list[Value] = []
    for one in arguments.positional:
        settled = interp.state.settle(one)
        found += [settled, settled]
    return Tuple(tuple(found), rest=arguments.open)


def from_literal(interp: Interpreter, value: Value, site: Site) -> Data | None:
    """An array written out in the program."""
    numbers: list[float] = []
    rows: list[int] = []

    def collect(one: Value, depth: int) -> bool:
        items, rest = interp.items_of(one) if isinstance(one, (List, Tuple)) else (None, True)
        if items is not None and not rest and depth < 4:
            rows.append(len(items))
            return all(collect(item, depth + 1) for item in items)
        if isinstance(one, Const) and isinstance(one.value, (int, float)):
            numbers.append(one.value)
            return len(numbers) <= 4096
        return False

    if not isinstance(value, (List, Tuple)) or not collect(value, 0) or not numbers:
        return None
    items, _ = interp.items_of(value)
    nested = isinstance(items[0], (List, Tuple)) if items else False
    width = rows[1] if nested and len(set(rows[1:])) == 1 else None
    shape: Shape = (len(items or ()), width) if nested else (len(items or ()),)
    whole = all(isinstance(one, int) or float(one).is_integer() for one in numbers)
    made = Data(
        shape=shape,
        low=known(float(min(numbers)), site),
        high=known(float(max(numbers)), site),
        integer=whole,
        site=site,
    )
    if not whole:
        return made.having(encoding=known("continuous", site))
    if set(numbers) == {0, 1} and (width is None or width == 1):
        return made.having(encoding=known("class-ids", site), classes=known(2, site))
    if width is not None and width > 1 and set(numbers) <= {0, 1}:
        totals = {sum(collected) for collected in chunks(numbers, width)}
        if totals == {1}:
            return made.having(encoding=known("one-hot", site), exclusive=known(True, site), classes=known(width, site))
        return made.having(encoding=known("multi-label", site), exclusive=known(False, site))
    return made


def chunks(numbers: list[float], width: int) -> list[list[float]]:
    return [numbers[index : index + width] for index in range(0, len(numbers), width)]


def as_data(interp: Interpreter, value: Value, arguments: Arguments) -> Value | None:
    """`np.array(x)` and kin: what was known stays known."""
    value = interp.state.settle(value)
    if isinstance(value, Data):
        return value
    if isinstance(value, (List, Tuple)):
        literal = from_literal(interp, value, arguments.site)
        if literal is not None:
            return literal
        text = text_literal(interp, value, arguments)
        if text is not None:
            return text
        items, _ = interp.items_of(value)
        if items and all(isinstance(one, Data) for one in items):
            return merged([one for one in items if isinstance(one, Data)])
        return Unknown(("array", key_of(value)))
    if isinstance(value, Unknown):
        return value
    return None


def text_literal(interp: Interpreter, value: Value, arguments: Arguments) -> Data | None:
    items, rest = interp.items_of(value)
    dtype = text_width(arguments.get("dtype", 1))
    texts = [one.value for one in items or () if isinstance(one, Const) and isinstance(one.value, str)]
    if (
        not texts
        or rest
        or len(texts) != len(items or ())
        or "dtype" not in arguments.named
        or dtype is None
        or dtype == 1
    ):
        return None
    return text_array(interp, dtype, arguments)


def joined(interp: Interpreter, arguments: Arguments) -> Value:
    first = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    items, rest = interp.items_of(first) if isinstance(first, (List, Tuple)) else (tuple(arguments.positional), False)
    parts = [interp.state.settle(one) for one in items or ()]
    parts = [one for one in parts if not isinstance(one, Const)]
    if parts and not rest and all(isinstance(one, Data) for one in parts):
        return merged([one for one in parts if isinstance(one, Data)])
    return Unknown()


def merged(parts: list[Data]) -> Data:
    """What holds for all of several arrays."""
    first = parts[0]
    if len(parts) == 1:
        return first

    def agreed(name: str) -> Known | None:
        values = [getattr(one, name) for one in parts]
        if any(one is None for one in values) or any(one.value != values[0].value for one in values):
            return None
        return values[0]  # type: ignore[no-any-return]

    lows, highs = [one.low for one in parts], [one.high for one in parts]
    return Data(
        encoding=agreed("encoding"),
        classes=agreed("classes"),
        exclusive=agreed("exclusive"),
        low=min((one for one in lows if one is not None), key=lambda one: one.value) if None not in lows else None,
        high=max((one for one in highs if one is not None), key=lambda one: one.value) if None not in highs else None,
        integer=first.integer if all(one.integer == first.integer for one in parts) else None,
        site=first.site,
    )


# -- random and constant arrays ----------------------------------------------------------------------------------------------


def uniform(interp: Interpreter, arguments: Arguments) -> Value:
    return continuous(arguments.site, 0.0, 1.0, dims(interp, arguments.positional)).having(encoding=None)


def normal(interp: Interpreter, arguments: Arguments) -> Value:
    return continuous(arguments.site, shape=dims(interp, arguments.positional))


def normal_sized(interp: Interpreter, arguments: Arguments) -> Value:
    bound = arguments.bind(("loc", "scale", "size"))
    return continuous(arguments.site, shape=constants(bound.get("size")))


def uniform_sized(interp: Interpreter, arguments: Arguments) -> Value:
    bound = arguments.bind(("low", "high", "size"))
    low, high = bound.get("low", Const(0.0)), bound.get("high", Const(1.0))
    shape = constants(bound.get("size"))
    if (
        isinstance(low, Const)
        and isinstance(high, Const)
        and all(isinstance(one.value, (int, float)) for one in (low, high))
    ):
        return continuous(arguments.site, float(low.value), float(high.value), shape).having(encoding=None)
    return Data(shape=shape, site=arguments.site)


def dims(interp: Interpreter, values: list[Value]) -> Shape:
    if len(values) == 1 and isinstance(values[0], (Tuple, List)):
        return constants(values[0])
    return tuple(number(interp.state.settle(one)) for one in values) or None


def integers(interp: Interpreter, arguments: Arguments) -> Value:
    bound = arguments.bind(("low", "high", "size"))
    low, high = interp.state.settle(bound.get("low", NONE)), interp.state.settle(bound.get("high", NONE))
    shape = constants(bound.get("size"))
    if isinstance(high, Const) and high.value is None:
        low, high = Const(0), low
    first, last = number(low), number(high)
    made = Data(shape=shape, integer=True, site=arguments.site)
    if first is not None and last is not None:
        made = within(made, float(first), float(last - 1), arguments.site)
        if (first, last) == (0, 2) and shape is not None and len(shape) == 2 and (shape[-1] or 0) > 1:
            return made.having(encoding=known("multi-label", arguments.site), exclusive=known(False, arguments.site))
    return made


def filled(number_: float) -> Callable[[Interpreter, Arguments], Value]:
    def make(interp: Interpreter, arguments: Arguments) -> Value:
        value: Value = interp.state.settle(arguments.get("shape", 0) or Unknown())
        shape = (None,) if isinstance(value, Const) and value.value is None else constants(value)
        width = text_width(arguments.get("dtype", 1))
        if width is not None:
            return text_array(interp, width, arguments)
        store = Object(arguments.site)
        return within(Data(shape=shape, store=store, site=arguments.site), number_, number_, arguments.site)

    return make


def text_width(dtype: Value | None) -> int | None:
    """How many characters an array of this dtype holds; `None` for other dtypes and for object arrays."""
    if isinstance(dtype, External) and dtype.dotted in {
        "builtins.str",
        "numpy.str_",
        "numpy.unicode_",
        "builtins.bytes",
        "numpy.bytes_",
    }:
        return 1
    if isinstance(dtype, Const) and isinstance(dtype.value, str):
        word = dtype.value.lstrip("<>=|")
        if word in {"str", "U", "S", "bytes", "unicode"}:
            return 1
        if word[:1] in {"U", "S", "a"} and word[1:].isdigit():
            return int(word[1:]) or 1
    return None


def text_array(interp: Interpreter, width: int, arguments: Arguments) -> Data:
    store = Object(arguments.site)
    store.state["stored"] = Tuple(())
    made = Data(
        origin="text",
        store=store,
        integer=None,
        classes=Known(width, arguments.places.get("dtype", arguments.places.get(1, arguments.site))),
        site=arguments.site,
    )
    interp.record.text_arrays.append(made)
    return made


def full(interp: Interpreter, arguments: Arguments) -> Value:
    bound = arguments.bind(("shape", "fill_value", "dtype"))
    width = text_width(bound.get("dtype"))
    if width is not None:
        made = text_array(interp, width, arguments)
        fill = interp.state.settle(bound.get("fill_value", NONE))
        if isinstance(fill, Const) and isinstance(fill.value, str):
            store_text(interp, made, fill, arguments.place("fill_value", ("shape", "fill_value", "dtype")))
        return made
    value = interp.state.settle(bound.get("fill_value", NONE))
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        return within(
            Data(shape=constants(bound.get("shape")), store=Object(arguments.site), site=arguments.site),
            float(value.value),
            float(value.value),
            arguments.site,
        )
    return Data(site=arguments.site)


def item_set(interp: Interpreter, data: Data, value: Value, site: Site) -> None:
    """`array[...] = value`."""
    if data.store is None:
        return
    if data.origin == "text":
        value = interp.state.settle(value)
        texts = (
            [value]
            if isinstance(value, Const)
            else list(interp.items_of(value)[0] or ())
            if isinstance(value, (List, Tuple))
            else []
        )
        for one in texts:
            if isinstance(one, Const) and isinstance(one.value, str):
                store_text(interp, data, one, site)
        return
    old = data.store.state.get("fills")
    more = (value,) if not isinstance(value, Const) else ()
    constants_ = (value,) if isinstance(value, Const) else ()
    items = old.items if isinstance(old, Tuple) else ()
    if len(items) < 16:
        interp.state.write(data.store.state, "fills", Tuple((*items, *more, *constants_)))


def store_text(interp: Interpreter, data: Data, text: Const, site: Site) -> None:
    if data.store is not None:
        stored = data.store.state.get("stored")
        items = stored.items if isinstance(stored, Tuple) else ()
        placed = Const(text.value, text.site or site)
        if len(items) < 64:
            interp.state.write(data.store.state, "stored", Tuple((*items, placed)))


def settled(interp: Interpreter, data: Data) -> Data:
    """What is known of an array that was filled piece by piece."""
    if data.store is None or data.origin in {"text", "prediction"}:
        return data
    fills = interp.state.settle(data.store.state.get("fills") or NONE)
    if isinstance(fills, Const):
        return data
    parts: list[Data] = []
    for one in fills.items if isinstance(fills, Tuple) else (Unknown(),):
        settled_one = interp.state.settle(one)
        if isinstance(settled_one, Const) and isinstance(settled_one.value, (int, float)):
            site = settled_one.site or data.site
            if site is None:
                return Data(site=data.site)
            parts.append(
                within(
                    Data(integer=isinstance(settled_one.value, int), site=site),
                    float(settled_one.value),
                    float(settled_one.value),
                    site,
                )
            )
        elif isinstance(settled_one, Data):
            parts.append(settled_one)
        elif isinstance(settled_one, (Tuple, List)) and data.site is not None:
            row = [interp.state.settle(item) for item in interp.items_of(settled_one)[0] or ()]
            inner = [item for item in row if isinstance(item, Data)]
            if not row or len(inner) != len(row):
                return Data(site=data.site)
            parts += inner
        else:
            return Data(site=data.site)
    base = Data(low=data.low, high=data.high, integer=True, site=data.site)
    result = merged([*parts, base])
    return result.having(
        encoding=parts[0].encoding
        if all(one.encoding and parts[0].encoding and one.encoding.value == parts[0].encoding.value for one in parts)
        else None
    )


# -- known data sets -----------------------------------------------------------------------------------------------------------


def load(interp: Interpreter, loader: LoaderSpec, arguments: Arguments) -> Value:
    """A data set that everybody has; its row of the catalogue says what is known."""
    site = arguments.site
    bound = arguments.bind(loader.parameters)
    inputs, targets = content(loader.inputs, site), content(loader.targets, site)
    count = bound.get(loader.count) if loader.count is not None else None
    if count is not None:
        targets = counted(targets, number(interp.state.settle(count)), site)
    pair = Tuple((inputs, targets))
    if loader.form is Form.SPLITS:
        return Tuple((pair, Tuple((inputs, targets))))
    if loader.form is Form.PAIR:
        return pair
    wanted = bound.get("return_X_y")
    if wanted is not None:
        return pair if isinstance(wanted, Const) and wanted.value else Unknown()
    bunch = Dict(site)
    for name, part in (("data", inputs), ("target", targets)):
        bunch.state[name] = bunch.state[("item", name)] = part
    bunch.state["rest"] = NONE
    return bunch


def counted(targets: Data, classes: int | None, site: Site) -> Data:
    """The targets when the program says how many classes there are."""
    if targets.encoding is None or targets.encoding.value != "class-ids":
        return targets.having(classes=None, shape=None)
    if classes is None:
        return targets.having(classes=None, high=None)
    return targets.having(classes=known(classes, site), high=known(float(classes - 1), site))


def content(row: Array, site: Site) -> Data:
    """One array of a known data set."""
    data = Data(shape=row.shape, site=site, origin="")
    if row.low is not None:
        data = data.having(low=known(row.low, site))
    if row.high is not None:
        data = data.having(high=known(row.high, site))
    if row.encoding is not None:
        data = data.having(encoding=known(row.encoding, site))
        if row.encoding in {"class-ids", "one-hot"}:
            data = data.having(exclusive=known(True, site), integer=True)
        elif row.encoding == "multi-label":
            data = data.having(exclusive=known(False, site))
    if row.classes is not None:
        data = data.having(classes=known(row.classes, site))
    return data


# -- data sets and iterators ----------------------------------------------------------------------------------------------------


def from_tensor_slices(interp: Interpreter, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Unknown()
    items, rest = (
        interp.items_of(arguments.positional[0]) if isinstance(arguments.positional[0], (Tuple, List)) else (None, True)
    )
    if items is None or rest:
        return Data(parts=(arguments.positional[0],), origin="dataset", site=arguments.site)
    return Data(parts=tuple(interp.state.settle(one) for one in items), origin="dataset", site=arguments.site)


def zip_datasets(interp: Interpreter, arguments: Arguments) -> Value:
    given = arguments.positional
    if len(given) == 1:
        given = list(interp.items_of(given[0])[0] or ())
    parts: list[Value] = []
    for one in given:
        parts.append(one.parts[0] if isinstance(one, Data) and one.parts is not None and len(one.parts) == 1 else one)
    return Data(parts=tuple(parts), origin="dataset", site=arguments.site)


def from_directory(default: str) -> Callable[[Interpreter, Arguments], Value]:
    """`image_dataset_from_directory` and kin: what `label_mode` gives."""

    def make(interp: Interpreter, arguments: Arguments) -> Value:
        mode = interp.state.settle(arguments.named.get("label_mode", arguments.named.get("class_mode", Const(default))))
        return directory(interp, mode, arguments.places.get("label_mode", arguments.site), arguments)

    return make


def directory(interp: Interpreter, mode: Value, site: Site, arguments: Arguments) -> Value:
    pixels = within(Data(site=arguments.site), 0.0, 255.0, arguments.site)
    names = arguments.named.get("class_names", arguments.named.get("classes"))
    items = interp.items_of(names)[0] if names is not None else None
    count = len(items) if items else None
    if not isinstance(mode, Const):
        return Data(parts=(pixels, Data(site=site)), origin="dataset", site=arguments.site)
    labels: Data | None = None
    if mode.value in {"int", "sparse"}:
        labels = class_ids(site, count)
    elif mode.value == "categorical":
        labels = one_hot(site, Const(count) if count else None, (None, count))
    elif mode.value == "binary":
        labels = class_ids(site, 2, (None, 1))
    elif mode.value in {"multi_output", "raw", "other"}:
        labels = Data(site=site)
    elif mode.value == "input":
        labels = pixels
    parts: tuple[Value, ...] = (pixels,) if labels is None else (pixels, labels)
    return Data(parts=parts, origin="dataset", site=arguments.site)


def generator_flow(interp: Interpreter, generator: Construct, name: str, arguments: Arguments) -> Value:
    """`ImageDataGenerator.flow` and kin."""
    if name == "flow":
        bound = arguments.bind(("x", "y"))
        return Data(parts=(bound.get("x", Unknown()), bound.get("y", Unknown())), origin="dataset", site=arguments.site)
    mode = interp.state.settle(arguments.named.get("class_mode", Const("categorical")))
    made = directory(interp, mode, arguments.places.get("class_mode", arguments.site), arguments)
    rescale = generator.bound.get("rescale")
    if isinstance(made, Data) and made.parts and rescale is not None:
        made = made.having(parts=(within(Data(site=arguments.site), 0.0, 1.0, arguments.site), *made.parts[1:]))
    return made


def clipped(interp: Interpreter, arguments: Arguments) -> Value:
    """`np.clip(x, low, high)`: whatever it was, it is inside now."""
    bound = arguments.bind(("a", "a_min", "a_max"))
    ends = [interp.state.settle(bound.get(name, bound.get(other, NONE))) for name, other in (("a_min", "min"), ("a_max", "max"))]
    numbers = [float(one.value) for one in ends if isinstance(one, Const) and isinstance(one.value, (int, float))]
    given = interp.state.settle(bound.get("a", Unknown()))
    shape = given.shape if isinstance(given, Data) else None
    if len(numbers) != 2 or isinstance(given, Tensor):
        return Unknown() if not isinstance(given, Data) else Data(shape=shape, site=arguments.site)
    return continuous(arguments.site, numbers[0], numbers[1], shape)


def wave(interp: Interpreter, arguments: Arguments) -> Value:
    given = interp.state.settle(arguments.positional[0]) if arguments.positional else Unknown()
    return continuous(arguments.site, -1.0, 1.0, given.shape if isinstance(given, Data) else None)


def rng_random(interp: Interpreter, arguments: Arguments) -> Value:
    size = arguments.get("size", 0)
    return continuous(arguments.site, 0.0, 1.0, constants(size) if size is not None else None).having(encoding=None)


def rng_normal(interp: Interpreter, arguments: Arguments) -> Value:
    return continuous(arguments.site, shape=constants(arguments.get("size", 0)))


CALLS: Final[dict[str, Callable[[Interpreter, Arguments], Value]]] = {
    "numpy.eye": eye,
    "numpy.identity": eye,
    "pandas.get_dummies": dummies,
    "sklearn.model_selection.train_test_split": train_test_split,
    "sklearn.cross_validation.train_test_split": train_test_split,
    "numpy.random.rand": uniform,
    "numpy.random.random": uniform,
    "numpy.random.random_sample": uniform,
    "numpy.random.randn": normal,
    "numpy.random.standard_normal": normal,
    "numpy.random.normal": normal_sized,
    "numpy.random.uniform": uniform_sized,
    "numpy.random.randint": integers,
    "numpy.clip": clipped,
    "numpy.sin": wave,
    "numpy.cos": wave,
    "numpy.tanh": wave,
    "numpy.random.Generator.random": rng_random,
    "numpy.random.Generator.standard_normal": rng_normal,
    "numpy.random.Generator.normal": normal_sized,
    "numpy.random.Generator.uniform": uniform_sized,
    "numpy.random.Generator.integers": integers,
    "numpy.random.default_rng": lambda _interp, arguments: External("numpy.random.Generator", arguments.site),
    "numpy.random.RandomState": lambda _interp, arguments: External("numpy.random", arguments.site),
    "numpy.zeros": filled(0.0),
    "numpy.ones": filled(1.0),
    "numpy.empty": filled(0.0),
    "numpy.full": full,
    "tensorflow.zeros": filled(0.0),
    "tensorflow.ones": filled(1.0),
    "tensorflow.data.Dataset.from_tensor_slices": from_tensor_slices,
    "tensorflow.data.Dataset.from_tensors": from_tensor_slices,
    "tensorflow.data.Dataset.zip": zip_datasets,
    "keras.utils.image_dataset_from_directory": from_directory("int"),
    "keras.utils.text_dataset_from_directory": from_directory("int"),
    "keras.utils.audio_dataset_from_directory": from_directory("int"),
}


# -- methods, attributes, items, arithmetic ----------------------------------------------------------------------------------------


def method(interp: Interpreter, data: Data, name: str, arguments: Arguments) -> Value:
    """A method of an array or data set."""
    if name in {"mean", "std", "var"}:
        return Data(origin=name, parent=data, site=arguments.site)
    if name in {"max", "min"}:
        return Data(origin=name, parent=data, site=arguments.site)
    if name == "astype":
        return astype(data, arguments)
    if name == "reshape":
        return data.having(shape=reshaped(interp, arguments))
    if name == "argmax":
        return (
            class_ids(arguments.site, data.classes.value if data.classes else None)
            if data.encoding and data.encoding.value == "one-hot"
            else Data(site=arguments.site)
        )
    if name == "map" and data.parts is not None and arguments.positional:
        return mapped(interp, data, arguments)
    if name == "map":
        return Data(site=arguments.site)
    if name in {"next", "__next__", "get_next"} and data.parts is not None:
        return Tuple(data.parts)
    if name == "ravel" or name == "flatten":
        return data.having(shape=(None,))
    if name in KEEPS:
        return data
    return Unknown()


def reshaped(interp: Interpreter, arguments: Arguments) -> Shape:
    known_dims = dims(interp, arguments.positional)
    return tuple(None if one == -1 else one for one in known_dims) if known_dims is not None else None


def astype(data: Data, arguments: Arguments) -> Data:
    width = text_width(arguments.get("dtype", 0))
    if width is not None:
        return Data(site=arguments.site)
    return data


def mapped(interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    """`dataset.map(function)`: the function, followed on what the data set holds."""
    function = arguments.positional[0]
    if not isinstance(function, (Function, Bound)) or data.parts is None:
        return Data(origin="dataset", parts=None, site=arguments.site)
    result = interp.guarded(
        lambda: interp.call(function, Arguments(list(data.parts or ()), {}, {}, arguments.site), arguments.site.node)
    )
    items, rest = interp.items_of(result) if isinstance(result, (Tuple, List)) else (None, True)
    if items is None or rest:
        return Data(origin="dataset", parts=(result,), site=arguments.site)
    return Data(origin="dataset", parts=items, site=arguments.site)


def scaler_method(interp: Interpreter, scaler: Construct, name: str, arguments: Arguments) -> Value:
    """`fit_transform` and kin of an encoder or scaler of scikit-learn."""
    kind = scaler.kind
    if name in {"fit", "partial_fit", "set_params"}:
        return scaler
    if name == "inverse_transform" or name not in {"fit_transform", "transform"}:
        return Unknown()
    site = arguments.site
    if kind == "OneHotEncoder":
        return one_hot(site, None)
    if kind == "LabelEncoder":
        given = arguments.positional[0] if arguments.positional else None
        count = given.classes.value if isinstance(given, Data) and given.classes and given.origin != "text" else None
        return class_ids(site, count)
    if kind == "LabelBinarizer":
        return Data(low=known(0.0, site), high=known(1.0, site), exclusive=known(True, site), integer=True, site=site)
    if kind == "MultiLabelBinarizer":
        return Data(
            encoding=known("multi-label", site),
            low=known(0.0, site),
            high=known(1.0, site),
            exclusive=known(False, site),
            integer=True,
            site=site,
        )
    if kind == "MinMaxScaler":
        bounds = scaler.bound.get("feature_range")
        ends = interp.items_of(bounds)[0] if bounds is not None else (Const(0), Const(1))
        if (
            ends is not None
            and len(ends) == 2
            and all(isinstance(one, Const) and isinstance(one.value, (int, float)) for one in ends)
        ):
            low, high = (float(one.value) for one in ends if isinstance(one, Const))
            return continuous(site, low, high)
        return Data(site=site)
    if kind == "MaxAbsScaler":
        return continuous(site, -1.0, 1.0)
    if kind in UNBOUNDED_SCALERS:
        return continuous(site)
    return Unknown()


def item(interp: Interpreter, data: Data, index: Value) -> Value:
    """`data[index]`."""
    if data.origin == "eye":
        site = data.site
        return (
            one_hot(site, Const(data.shape[0]) if data.shape and data.shape[0] else None)
            if site is not None
            else Unknown()
        )
    if data.parts is not None and isinstance(index, Const) and type(index.value) is int:
        return Tuple(data.parts)
    if isinstance(index, Const) and isinstance(index.value, str):
        return Unknown()
    if isinstance(index, Tuple):
        return data.having(
            shape=None, encoding=None if data.encoding and data.encoding.value == "one-hot" else data.encoding
        )
    if isinstance(index, Const) and type(index.value) is int:
        return data.having(shape=data.shape[1:] if data.shape and len(data.shape) > 1 else None)
    return data


def take_apart(data: Data, wanted: int) -> list[Value] | None:
    """`x, y = batch` of a data set's element."""
    if data.parts is not None and len(data.parts) == wanted:
        return list(data.parts)
    return None


def iterate(data: Data) -> list[Value]:
    """What a loop over the data goes through: one element that stands for all."""
    if data.parts is not None:
        return [Tuple(data.parts) if len(data.parts) > 1 else data.parts[0]]
    return [data.having(shape=data.shape[1:] if data.shape and len(data.shape) > 1 else None)]


def arithmetic(interp: Interpreter, word: str, left: Value, right: Value, site: Site) -> Value:
    """`data / 255`, `(data - mean) / std` and kin."""
    if isinstance(left, Data) and isinstance(right, Data):
        return between_arrays(word, left, right, site)
    data, other, swapped = (left, right, False) if isinstance(left, Data) else (right, left, True)
    if not isinstance(data, Data):
        return Unknown()
    data = settled(interp, data)
    if isinstance(other, Const) and isinstance(other.value, (int, float)) and not isinstance(other.value, bool):
        return by_constant(word, data, float(other.value), site, swapped=swapped)
    return Data(site=site)


def between_arrays(word: str, left: Data, right: Data, site: Site) -> Value:
    if word == "-" and right.origin == "mean":
        # what has its mean taken off lies on both sides of zero
        return continuous(site, shape=left.shape)
    if word == "/" and right.origin in {"std", "var"}:
        return (
            left.having(low=known(-inf, site), high=known(inf, site), site=site)
            if left.low and left.low.value == -inf
            else Data(shape=left.shape, site=site)
        )
    if word == "/" and right.origin == "max" and left.low is not None and left.low.value >= 0:
        return within(left, 0.0, 1.0, site)
    if word in {"+", "-", "*"} and left.encoding is not None and left.encoding.value == "continuous":
        return (
            continuous(site, shape=left.shape)
            if left.high is not None and left.high.value == inf
            else Data(shape=left.shape, encoding=left.encoding, site=site)
        )
    return Data(shape=left.shape, site=site)


def by_constant(word: str, data: Data, constant: float, site: Site, *, swapped: bool) -> Data:
    def move(run: Callable[[float], float]) -> Data:
        ends = [one.value for one in (data.low, data.high) if one is not None]
        if len(ends) != 2:
            return data.having(low=None, high=None, integer=None, encoding=changed_encoding(data), site=site)
        moved = sorted(run(one) for one in ends)
        return data.having(
            low=known(moved[0], site),
            high=known(moved[1], site),
            integer=None,
            encoding=changed_encoding(data),
            site=site,
        )

    try:
        if word == "/" and not swapped and constant:
            if data.low is None and constant in PIXEL_SCALES:
                return continuous(site, 0.0, 1.0, data.shape)
            if data.low is None and constant in HALF_PIXELS:
                return data.having(low=known(0.0, site), high=known(2.0, site), site=site)
            moved = move(lambda one: one / constant)
            return moved if data.encoding is not None else moved.having(encoding=known("continuous", site))
        if word == "*":
            return move(lambda one: one * constant)
        if word == "-":
            return move(lambda one: constant - one if swapped else one - constant)
        if word == "+":
            return move(lambda one: one + constant)
    except (OverflowError, ZeroDivisionError):
        pass
    return Data(shape=data.shape, site=site)


def changed_encoding(data: Data) -> Known | None:
    """Arithmetic on class ids gives no class ids; continuous numbers stay continuous."""
    return data.encoding if data.encoding is not None and data.encoding.value == "continuous" else None


def pixels(value: Value, constant: float, site: Site) -> Data | None:
    """Something unknown divided by 255 is an image scaled to [0, 1]."""
    if constant in PIXEL_SCALES:
        return continuous(site, 0.0, 1.0)
    return None


def compare(word: str, data: Data, other: Value, site: Site) -> Data:
    """`labels == 3`: zeros and ones."""
    made = Data(shape=data.shape, low=known(0.0, site), high=known(1.0, site), integer=True, site=site)
    if data.shape is not None and len(data.shape) == 2 and (data.shape[-1] or 0) > 1:
        # several questions about one row: nothing says that only one of them is true
        return made.having(encoding=known("multi-label", site), exclusive=known(False, site))
    return made.having(encoding=known("class-ids", site), classes=known(2, site))


def is_data(value: Value | None) -> bool:
    return isinstance(value, Data) or (
        isinstance(value, Choice) and any(isinstance(one, Data) for _, one in value.alternatives)
    )


def attribute(data: Data, name: str, site: Site | None) -> Value | None:
    """`labels.shape`, `labels.values`, `labels.T`."""
    if name == "shape":
        if data.shape is None:
            return None
        return Tuple(tuple(Const(one) if one is not None else Unknown() for one in data.shape))
    if name in {"values", "T", "iloc", "loc", "array"}:
        return data if name != "T" else data.having(shape=None)
    if name in {"x", "images"} and data.parts:
        return data.parts[0]
    if name in {"num_classes"}:
        return None
    return None


def tensor_to_data(value: Tensor) -> Data:
    return Data(site=value.site)


def dict_parts(value: Dict) -> dict[Any, Value]:
    return dict(value.items())

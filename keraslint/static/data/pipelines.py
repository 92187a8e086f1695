"""Data sets and generators: the data sets that everybody has, `tf.data`, folders of images, and what a batch holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from keraslint.static.catalog import datasets, generators
from keraslint.static.catalog.datasets import Array, Form, LoaderSpec
from keraslint.static.catalog.generators import FolderSpec
from keraslint.static.data.contents import another, class_ids, encoded, numeric, one_hot, settled, within, writable
from keraslint.static.lengths import length
from keraslint.static.sites import stands_at, value_at
from keraslint.static.values import (
    NONE,
    Arguments,
    Bound,
    Const,
    Construct,
    Data,
    Dict,
    Function,
    Known,
    List,
    Loaded,
    Site,
    Tuple,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from keraslint.static.interpreter import Interpreter

    Call = Callable[[Interpreter, Arguments], Value | None]
    Method = Callable[[Interpreter, Data, Arguments], Value]


# -- data sets that everybody has --------------------------------------------------------------------------------------


def _load(interp: Interpreter, arguments: Arguments, loader: LoaderSpec) -> Value:
    """A known data set; its row of the catalogue says what is in it."""
    site = arguments.site
    bound = arguments.bind(loader.parameters)
    inputs, targets = _content(loader.inputs, site), _content(loader.targets, site)
    if loader.count_parameter is not None and loader.count_parameter in bound:
        targets = _counted(targets, _count(interp, bound[loader.count_parameter]), site)
    pair = Tuple((inputs, targets))
    if loader.form is Form.SPLITS:
        return Tuple((pair, Tuple((_content(loader.inputs, site), another(interp, targets)))))
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


def _content(row: Array, site: Site) -> Data:
    """One array of a known data set."""
    exclusive = {datasets.CLASS_IDS: True, datasets.MULTI_LABEL: False}.get(row.encoding or "")
    return Data(
        shape=row.shape,
        encoding=_known(row.encoding, site),
        classes=_known(row.classes, site),
        low=_known(row.low, site),
        high=_known(row.high, site),
        exclusive=_known(exclusive, site),
        integer=True if row.encoding == datasets.CLASS_IDS else None,
        store=writable(site) if row.kind else None,
        site=site,
        kind=row.kind,
    )


def _known(value: object, site: Site) -> Known | None:
    return Known(value, site) if value is not None else None


def _count(interp: Interpreter, value: Value) -> int | None:
    """How many classes an argument means: a number, a word of the catalogue, or a list of as many things."""
    value = interp.state.settle(value)
    if isinstance(value, Const) and isinstance(value.value, str):
        return datasets.COUNTS.get(value.value)
    items, rest = interp.items_of(value)
    return len(items) if items is not None and not rest else length(value)


def _counted(targets: Data, classes: int | None, site: Site) -> Data:
    """The targets when the program says how many classes there are."""
    count = _known(classes, site)
    if encoded(targets, datasets.CLASS_IDS):
        return targets.having(classes=count, high=_known(float(classes - 1) if classes else None, site))
    if encoded(targets, datasets.MULTI_LABEL):
        return targets.having(classes=count, shape=(None, classes))
    return targets.having(shape=(None, *((classes,) if classes != 1 else ())) if classes is not None else None)


def _ready(interp: Interpreter, arguments: Arguments) -> Value:
    """`tfds.load(name, as_supervised=True)`: inputs and class ids, once for each split."""
    site = arguments.site
    bound = {name: interp.state.settle(one) for name, one in arguments.bind(("name",)).items()}
    name, supervised, split = (bound.get(key, NONE) for key in ("name", "as_supervised", "split"))
    word = name.value if isinstance(name, Const) and isinstance(name.value, str) else ""
    word = word.partition("/")[0].partition(":")[0]
    classes = datasets.READY_CLASSES.get(word)
    data: Value = Unknown()
    if isinstance(supervised, Const) and supervised.value and classes is not None:
        pixels = within(Data(kind="pixels"), 0.0, 255.0, site)
        data = batches((pixels if word in datasets.READY_PICTURES else Data(site=site), class_ids(site, classes)), site)
    found = _for_splits(interp, split, data, site)
    info = bound.get("with_info", NONE)
    return Tuple((found, Unknown())) if isinstance(info, Const) and info.value else found


def _for_splits(interp: Interpreter, split: Value, data: Value, site: Site) -> Value:
    """One data set, a list of them, or a dictionary of all where no split is named."""
    items, rest = interp.items_of(split)
    if items is not None:
        return List((data,) * len(items), site, rest=rest)
    if not isinstance(split, Const) or split.value is not None:
        return data if isinstance(split, Const) else Unknown()
    every = Dict(site)
    for word in ("train", "test", "validation"):
        every.state[("item", word)] = data
    every.state["rest"] = NONE
    return every


# -- tf.data -----------------------------------------------------------------------------------------------------------


def batches(parts: tuple[Value, ...] | None, site: Site) -> Data:
    """A data set or generator that gives these parts."""
    return Data(parts=parts, origin="dataset", site=site)


def _from_slices(interp: Interpreter, arguments: Arguments) -> Value:
    """`tf.data.Dataset.from_tensor_slices((x, y))`."""
    if not arguments.positional:
        return Unknown()
    given = arguments.positional[0]
    items, rest = interp.items_of(given) if isinstance(given, (Tuple, List)) else (None, True)
    if items is None or rest:
        return batches((given,), arguments.site)
    return batches(tuple(interp.state.settle(one) for one in items), arguments.site)


def _zipped(interp: Interpreter, arguments: Arguments) -> Value:
    """`tf.data.Dataset.zip((xs, ys))`."""
    given = arguments.positional
    if len(given) == 1:
        given = list(interp.items_of(given[0])[0] or ())
    return batches(tuple(_only_part(one) for one in given), arguments.site)


def _only_part(value: Value) -> Value:
    if isinstance(value, Data) and value.parts is not None and len(value.parts) == 1:
        return value.parts[0]
    return value


def _mapped(interp: Interpreter, data: Data, arguments: Arguments) -> Value:
    """`dataset.map(function)`: the function, followed on what the data set holds."""
    if data.parts is None or not arguments.positional:
        return Data(site=arguments.site)
    function = arguments.positional[0]
    if not isinstance(function, (Function, Bound)):
        return batches(None, arguments.site)
    given = Arguments(list(data.parts), {}, {}, arguments.site)
    result = interp.guarded(lambda: interp.call(function, given, arguments.site.node))
    items, rest = interp.items_of(result) if isinstance(result, (Tuple, List)) else (None, True)
    return batches((result,) if items is None or rest else items, arguments.site)


def _next(interp: Interpreter, data: Data, _arguments: Arguments) -> Value:
    """The next batch, which is another one every time."""
    if data.parts is None:
        return Unknown()
    parts = tuple(another(interp, one) for one in data.parts)
    return Tuple(parts) if len(parts) > 1 else parts[0]


def take_apart(data: Data, wanted: int) -> list[Value] | None:
    """`x, y = batch` of a data set's element."""
    return list(data.parts) if data.parts is not None and len(data.parts) == wanted else None


# -- folders -----------------------------------------------------------------------------------------------------------


def _from_folder(interp: Interpreter, arguments: Arguments, folder: FolderSpec, scale: float | None = 1.0) -> Value:
    """Samples read from a folder or table, with labels as the mode says."""
    site = arguments.site
    bound = arguments.bind(folder.parameters)
    inputs = Data(site=site, kind=folder.kind)
    if scale is not None and folder.kind == "pixels":
        inputs = within(inputs, 0.0, 255.0 * scale, site)
    mode = interp.state.settle(bound.get(folder.mode, Const(folder.default)))
    if any(isinstance(one, Const) and one.value is None for one in (mode, bound.get("labels"))):
        return batches((inputs,), site)
    names, rest = interp.items_of(bound[folder.classes]) if folder.classes in bound else (None, True)
    count = len(names) if names and not rest else None
    encoding = folder.encodings.get(str(mode.value)) if isinstance(mode, Const) else None
    place = arguments.place(folder.mode, folder.parameters)
    labels = _labels(encoding, count, inputs, place)
    if isinstance(mode, Const) and isinstance(mode.value, str):
        where = value_at(place)
        loaded = Loaded(folder.mode, mode.value, where, site, place is not site and stands_at(mode, where))
        labels = labels.having(loaded=loaded) if encoding != "inputs" else labels
    made = batches((inputs, labels), site)
    subset = interp.state.settle(bound.get("subset", NONE))
    return Tuple((made, another(interp, made))) if isinstance(subset, Const) and subset.value == "both" else made


def _labels(encoding: str | None, count: int | None, inputs: Data, site: Site) -> Data:
    match encoding:
        case "class-ids":
            return class_ids(site, count)
        case "one-hot":
            return one_hot(site, count, (None, count))
        case "binary":
            return class_ids(site, 2, (None, 1))
        case "flat-binary":
            return class_ids(site, 2)
        case "ones":
            return within(Data(shape=(None, count)), 0.0, 1.0, site)
        case "inputs":
            return inputs
        case _:
            return Data(site=site)


def generator_method(interp: Interpreter, generator: Construct, name: str, arguments: Arguments) -> Value:
    """`ImageDataGenerator.flow` and kin."""
    site = arguments.site
    if name == "flow":
        bound = arguments.bind(("x", "y"))
        given = interp.state.settle(bound.get("x", Unknown()))
        made = batches((_scaled(interp, given, _scale(interp, generator), site), bound.get("y", Unknown())), site)
        return another(interp, made) if "subset" in bound else made
    folder = generators.by_name(name)
    if folder is None:
        return Unknown()
    return _from_folder(interp, arguments, folder, _scale(interp, generator))


def _scaled(interp: Interpreter, inputs: Value, factor: float | None, site: Site) -> Value:
    """What a generator gives for the arrays that it is given."""
    if factor == 1.0:
        return inputs
    known = settled(interp, inputs) if isinstance(inputs, Data) else None
    if known is None or known.low is None or known.high is None or factor is None:
        return Data(site=site)
    return within(known.having(store=None), known.low.value * factor, known.high.value * factor, site)


def _scale(interp: Interpreter, generator: Construct) -> float | None:
    """By what a generator multiplies pixels; nothing when it does something else with them too."""
    bound = generator.bound
    if generator.arguments.open or not bound.keys().isdisjoint(generators.CHANGING):
        return None
    factor = interp.state.settle(bound.get("rescale", NONE))
    if isinstance(factor, Const) and not factor.value:
        return 1.0
    return numeric(factor)


CALLS: Final[Mapping[str, Call]] = {
    **{spec.name: partial(_load, loader=spec) for spec in datasets.SPECS},
    **{spec.name: partial(_from_folder, folder=spec) for spec in generators.SPECS if "." in spec.name},
    "tensorflow_datasets.load": _ready,
    "tensorflow.data.Dataset.from_tensor_slices": _from_slices,
    "tensorflow.data.Dataset.from_tensors": _from_slices,
    "tensorflow.data.Dataset.zip": _zipped,
}
"""Functions that give a data set."""

METHODS: Final[Mapping[str, Method]] = {
    "map": _mapped,
    **dict.fromkeys(("__next__", "get_next", "next"), _next),
}
"""Methods of data sets and generators."""

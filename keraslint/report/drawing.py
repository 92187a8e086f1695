"""A model as a drawing: its layers, what is read of its heads, and the losses that train them, from top to bottom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from keraslint.finding import Finding, Severity
from keraslint.model import Flow, Goal, Head, Labels, Layer, Loss, Model, Position, Training, facts
from keraslint.report.layered import lay_out
from keraslint.report.text import count, visible, width_of

Part = tuple[str, int]
"""A part of a model by its kind (`layer`, `head`, `labels`, `loss`) and its number."""
Place = tuple[str, Position]

MOST_BOXES = 26
"""A drawing with more boxes says less; what is in the middle of a longer model becomes few boxes."""
FIRST, LAST = 4, 8
"""So many layers at both ends are drawn one by one."""
LETTER, EDGE, LINE = 7.25, 24.0, 17.0
"""Sizes of a box: the width of a letter, what is added beside the text, the height of a line of text."""
MOST_LETTERS = 34
TIMES = "  \N{MULTIPLICATION SIGN} "
MARGIN = 6.0


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a drawing. `severity` is that of the worst finding about it, empty without any; `lines` are what is
    written in it, the first one larger."""

    kind: str
    lines: tuple[str, ...]
    severity: str = ""
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Line:
    """A line from box to box, as the `d` of a path. `kind` is `flow`, `trains` or `unknown`; `label` what happens on
    the way."""

    path: str
    kind: str
    label: str = ""
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and lines with their places, and the same in words."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    told: str


# --- which part of which model a finding is about --------------------------------------------------------------------


def parts(model: Model) -> dict[Place, Part]:
    """The places of a model, each with the part that it belongs to: the head of a layer rather than the layer."""
    found: dict[Place, Part] = {}

    def take(part: Part, about: Iterable[object]) -> None:
        for one in about:
            spans = [fact.span for fact in facts(one)]
            if isinstance(one, Head | Loss | Labels | Layer):
                spans.append(one.span)
            for span in spans:
                found.setdefault((span.path, span.position), part)

    for number, head in enumerate(model.heads):
        take(("head", number), (replace(head, measured=None), head.measured))
    for number, training in enumerate(model.trainings):
        take(("loss", number), (training.loss,))
        take(("labels", number), (training.labels,))
    for number, layer in enumerate(model.layers):
        take(("layer", number), (layer,))
    for number, training in enumerate(model.trainings):
        take(("loss", number), (training.metrics, training.optimizer, training.learning_rate, training.trial))
    return found


def marks(places: Mapping[Place, Part], findings: Iterable[Finding]) -> dict[Part, str]:
    """The parts that findings are about, each with the severity of the worst one."""
    worst: dict[Part, Severity] = {}
    for finding in findings:
        severity = finding.severity or Severity.NOTE
        for fact in finding.because:
            part = places.get((fact.span.path, fact.span.position))
            if part is not None:
                worst[part] = max(severity, worst.get(part, severity))
    return {part: str(severity) for part, severity in worst.items()}


# --- what is drawn ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tie:
    """A line before anything has a place."""

    start: int
    end: int
    kind: str = "flow"
    label: str = ""


def draw(model: Model, marked: Mapping[Part, str]) -> Drawing:
    """The drawing of a model; `marked` are the parts that findings are about."""
    boxes, ties = _layers(model, marked)
    for number, head in enumerate(model.heads):
        boxes.append(_box("head", _head(head), marked.get(("head", number), "")))
    first_head = len(boxes) - len(model.heads)
    ties += _to_heads(model, first_head)
    boxes, ties = _shortened(boxes, ties, len(model.layers))
    first_head = len(boxes) - len(model.heads)
    for number, training in enumerate(model.trainings):
        at = model.heads.index(training.head) if training.head in model.heads else None
        if training.labels is not None and (said := _labels(training.labels)):
            boxes.append(_box("labels", said, marked.get(("labels", number), "")))
        boxes.append(_box("loss", _loss(training), marked.get(("loss", number), "")))
        if len(boxes) >= 2 and boxes[-2].kind == "labels":
            ties.append(_Tie(len(boxes) - 2, len(boxes) - 1, "trains"))
        if at is not None:
            ties.append(_Tie(first_head + at, len(boxes) - 1, "trains"))
    return _placed(boxes, ties)


def _placed(boxes: Sequence[Box], ties: Sequence[_Tie]) -> Drawing:
    layout = lay_out([(box.width, box.height) for box in boxes], [(tie.start, tie.end) for tie in ties])
    drawn = tuple(
        replace(box, x=_neat(x + MARGIN - box.width / 2), y=_neat(y + MARGIN))
        for box, (x, y) in zip(boxes, layout.boxes, strict=True)
    )
    lines = tuple(
        Line(_path(points), tie.kind, tie.label, *_beside(points))
        for tie, points in zip(ties, layout.lines, strict=True)
        if len(points) > 1
    )
    widest = max((line.x + LETTER * width_of(line.label) for line in lines if line.label), default=0.0)
    width = max(layout.width, widest) + 2 * MARGIN
    return Drawing(_neat(width), _neat(layout.height + 2 * MARGIN), drawn, lines, _told(drawn))


def _path(points: Sequence[tuple[float, float]]) -> str:
    """A smooth way down through all points: straight beside boxes, bent between them."""
    (x, y), *rest = [(_neat(x + MARGIN), _neat(y + MARGIN)) for x, y in points]
    path = f"M{x:g} {y:g}"
    for to_x, to_y in rest:
        half = _neat((y + to_y) / 2)
        path += f"V{to_y:g}" if to_x == x else f"C{x:g} {half:g} {to_x:g} {half:g} {to_x:g} {to_y:g}"
        x, y = to_x, to_y
    return path


def _beside(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where the words of a line stand: beside its end."""
    x, y = points[-1]
    return _neat(x + MARGIN + 8), _neat(y + MARGIN - 9)


def _neat(number: float) -> float:
    return round(number, 1) + 0.0


def _told(boxes: Iterable[Box]) -> str:
    """The drawing in words, for who does not see it."""
    counted = Counter(box.kind for box in boxes)
    said = [count(counted[kind], word) for kind, word in _WORDS if counted[kind]]
    worst = [f"{' '.join(box.lines)} ({box.severity})" for box in boxes if box.severity]
    return f"{', '.join(said)}{'; marked: ' + ', '.join(worst) if worst else ''}"


_WORDS = (
    ("layer", "layer"),
    ("more", "group of layers"),
    ("head", "head"),
    ("labels", "kind of labels"),
    ("loss", "loss"),
)


def _box(kind: str, lines: Iterable[str], severity: str = "") -> Box:
    fitting = tuple(_cut(visible(line)) for line in lines if line)
    width = max(map(width_of, fitting), default=1) * LETTER + EDGE
    return Box(kind, fitting, severity, width=_neat(max(width, 84.0)), height=len(fitting) * LINE + 13)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"


# --- layers ----------------------------------------------------------------------------------------------------------


def _layers(model: Model, marked: Mapping[Part, str]) -> tuple[list[Box], list[_Tie]]:
    boxes = [
        _box("layer", (_layer(layer),), marked.get(("layer", number), "")) for number, layer in enumerate(model.layers)
    ]
    ties: dict[tuple[int, int], _Tie] = {}
    for number, layer in enumerate(model.layers):
        for flow in layer.feeds:
            if flow.layer is not None:
                ties.setdefault((number, flow.layer), _Tie(number, flow.layer, label=_through(flow)))
    if not any(flow.goal is not Goal.UNKNOWN for layer in model.layers for flow in layer.feeds):
        # of a model that was only measured the layers are known, and not what feeds what
        ties = {(one, one + 1): _Tie(one, one + 1, "unknown") for one in range(len(boxes) - 1)}
    return boxes, list(ties.values())


def _layer(layer: Layer) -> str:
    activation = layer.activation.value if layer.activation is not None else ""
    known = [f"{layer.units.value}" if layer.units is not None else "", activation if activation != "linear" else ""]
    said = " · ".join([layer.kind, *(one for one in known if one)])
    return f"{said} (called {layer.calls} times)" if layer.calls > 1 else said


def _through(flow: Flow) -> str:
    return " → ".join(flow.through[:3]) + (" …" if len(flow.through) > 3 else "")


def _to_heads(model: Model, first: int) -> list[_Tie]:
    """The lines from layers to heads: from the layers that are outputs, each to the head that it can be."""
    ends = [
        (number, flow) for number, layer in enumerate(model.layers) for flow in layer.feeds if flow.goal is Goal.OUTPUT
    ]
    if not ends:
        last = len(model.layers) - 1
        return [_Tie(last, first + number, "unknown") for number in range(len(model.heads)) if last >= 0]
    before = {number: _before(model.layers, number) for number, _ in ends}
    found: list[_Tie] = []
    for number, head in enumerate(model.heads):
        own = [(end, flow) for end, flow in ends if any(model.layers[one].span == head.span for one in before[end])]
        nearest = [(end, flow) for end, flow in own if model.layers[end].span == head.span]
        said = {end: _through(flow) for end, flow in nearest or own or ends}
        found += [_Tie(end, first + number, "flow", label) for end, label in said.items()]
    return found


def _before(layers: Sequence[Layer], end: int) -> set[int]:
    """A layer and all layers that lead to it."""
    found, new = {end}, {end}
    while new:
        new = {
            number
            for number, layer in enumerate(layers)
            if number not in found and any(flow.layer in new for flow in layer.feeds)
        }
        found |= new
    return found


# --- long models -----------------------------------------------------------------------------------------------------


def _shortened(boxes: list[Box], ties: list[_Tie], layers: int) -> tuple[list[Box], list[_Tie]]:
    """Fewer boxes for the same: equal layers in a row become one, then whole stretches do, where nothing is marked."""
    heads = len(boxes) - layers
    boxes, ties = _merged(boxes, ties, _twins(boxes, ties, layers), _times)
    layers = len(boxes) - heads
    if layers <= MOST_BOXES:
        return boxes, ties
    kept = {*range(FIRST), *range(layers - LAST, layers), *(one for one in range(layers) if boxes[one].severity)}
    runs: list[list[int]] = []
    for number in range(layers):
        if number in kept:
            continue
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return _merged(boxes, ties, [run for run in runs if len(run) > 1], _stretch)


def _twins(boxes: Sequence[Box], ties: Sequence[_Tie], layers: int) -> Iterator[list[int]]:
    """Runs of equal layers, each fed by nothing but the one before it."""
    leaving, coming = Counter(tie.start for tie in ties), Counter(tie.end for tie in ties)
    plain = {(tie.start, tie.end) for tie in ties if not tie.label}
    run = [0] if layers else []
    for one in range(1, layers):
        last = run[-1]
        alone = leaving[last] == coming[one] == 1 and (last, one) in plain
        if alone and boxes[one] == boxes[last] and not boxes[one].severity:
            run.append(one)
            continue
        if len(run) > 1:
            yield run
        run = [one]
    if len(run) > 1:
        yield run


def _times(run: Sequence[Box]) -> Box:
    return _box("layer", (f"{run[0].lines[0]}{TIMES}{len(run)}",))


def _stretch(run: Sequence[Box]) -> Box:
    kinds = Counter(box.lines[0].split(" ")[0] for box in run)
    said = ", ".join(kind for kind, _ in kinds.most_common(3)) + (", …" if len(kinds) > 3 else "")
    number = sum(int(times) if (times := box.lines[0].partition(TIMES)[2]).isdigit() else 1 for box in run)
    return _box("more", (f"{number} layers", said))


def _merged(
    boxes: Sequence[Box], ties: Sequence[_Tie], runs: Iterable[list[int]], make: Callable[[Sequence[Box]], Box]
) -> tuple[list[Box], list[_Tie]]:
    """The same with one box in the place of each run of boxes."""
    into = {number: run for run in runs for number in run}
    numbers: list[int] = []
    kept: list[Box] = []
    for number, box in enumerate(boxes):
        run = into.get(number, [number])
        if number == run[0]:
            kept.append(make([boxes[one] for one in run]) if len(run) > 1 else box)
        numbers.append(len(kept) - 1)
    found: dict[tuple[int, int], _Tie] = {}
    for tie in ties:
        start, end = numbers[tie.start], numbers[tie.end]
        if start != end:
            found.setdefault((start, end), replace(tie, start=start, end=end))
    return kept, list(found.values())


# --- heads, labels and losses ----------------------------------------------------------------------------------------


def _head(head: Head) -> tuple[str, ...]:
    known = [
        count(head.units.value, "unit") if head.units is not None else "",
        head.activation.value if head.activation is not None else "",
    ]
    return (f"head {head.name}" if head.name else "head", " · ".join(one for one in known if one))


def _labels(labels: Labels) -> tuple[str, ...]:
    known = [
        labels.encoding.value if labels.encoding is not None else "",
        f"{labels.classes.value} classes" if labels.classes is not None else "",
    ]
    said = " · ".join(one for one in known if one)
    return ("labels", said) if said else ()


def _loss(training: Training) -> tuple[str, ...]:
    loss = training.loss
    if loss is None:
        return ("loss", "not known")
    asked = loss.from_logits is not None and loss.from_logits.value
    return (loss.name.value, "from_logits=True" if asked else "")

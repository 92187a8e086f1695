"""From a source to a program: parse, interpret, and say what was recovered as facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import libcst as cst

from keraslint.model import (
    Activation,
    Confidence,
    Fact,
    Head,
    Labels,
    Layer,
    Loss,
    Metric,
    Model,
    NotChecked,
    Obsolete,
    Program,
    Runtime,
    Span,
    TextArray,
    Training,
)
from keraslint.source import Source
from keraslint.static import arrays, contents
from keraslint.static.catalog import optimizers
from keraslint.static.heads import HeadReader
from keraslint.static.interpreter import Interpreter
from keraslint.static.losses import LossReader
from keraslint.static.catalog.models import COMPILE
from keraslint.static.models import graph, outputs_of
from keraslint.static.module import ModuleFile
from keraslint.static.parse import parse
from keraslint.static.record import Compile, DirectLoss
from keraslint.static.scenario import Infeasible, Scenario, scenarios
from keraslint.static.shapes import length as number, spec_of
from keraslint.static.values import (
    ALWAYS,
    Const,
    Construct,
    Data,
    Dict,
    External,
    Instance,
    KerasModel,
    Known,
    List,
    Object,
    Site,
    Tensor,
    Tuple,
    Value,
)

MOST_HEADS: Final = 16
MOST_TRAININGS: Final = 24


def recover(source: Source) -> Program:
    """Read a source into a program. Raises `UnreadableSource` when it is not Python."""
    file = ModuleFile(source, parse(source))
    interp = Interpreter(file)
    interp.run()
    return Recovery(interp).program()


class Recovery:
    """Turns what the interpreter met into facts."""

    def __init__(self, interp: Interpreter) -> None:
        self.interp = interp
        self.record = interp.record
        self.not_checked: list[NotChecked] = []
        self.runtime = self.read_runtime()

    def program(self) -> Program:
        models = tuple(self.models())
        if self.record.exhausted:
            span = Site(self.interp.file.tree, self.interp.file).span
            self.not_checked.append(NotChecked(span, "the program is too large to be followed to its end"))
        return Program(
            path=self.interp.file.source.path,
            models=models,
            activations=tuple(self.activations()),
            obsolete=tuple(self.obsolete()),
            text_arrays=tuple(self.text_arrays()),
            not_checked=tuple(self.not_checked),
        )

    # -- models and trainings ---------------------------------------------------------------------------------------------

    def models(self) -> Iterator[Model]:
        done: set[int] = set()
        grouped: dict[int, list[Compile | DirectLoss]] = {}
        owners: dict[int, Value] = {}
        for event in self.record.compiles:
            key = event.model.serial if isinstance(event.model, Object) else id(event)
            grouped.setdefault(key, []).append(event)
            owners[key] = event.model
        for direct, owner in self.trained_directly():
            key = owner.serial if isinstance(owner, Object) else id(direct)
            grouped.setdefault(key, []).append(direct)
            owners[key] = owner if owner is not None else direct.loss
        for one in self.record.models:
            if one.serial not in grouped:
                grouped.setdefault(one.serial, [])
                owners[one.serial] = one
        for key, events in grouped.items():
            if key in done:
                continue
            done.add(key)
            yield self.model(owners[key], events)

    def trained_directly(self) -> Iterator[tuple[DirectLoss, Object | None]]:
        """Losses of the program's own loops. Where some of a model are taped, the others are only shown."""
        rows = [(direct, self.owner(direct)) for direct in self.record.losses]
        taped = {owner.serial for direct, owner in rows if direct.taped and owner is not None}
        for direct, owner in rows:
            if direct.taped or owner is None or owner.serial not in taped:
                yield direct, owner

    def owner(self, direct: DirectLoss) -> Object | None:
        """The model whose prediction a loss was called on."""
        for tensor in graph(direct.loss.inputs[1], most=30):
            if tensor.op == "model" and isinstance(tensor.layer, Object):
                return tensor.layer
        return None

    def model(self, owner: Value, events: list[Compile | DirectLoss]) -> Model:
        site = owner.site if isinstance(owner, (Object, Tensor)) and owner.site is not None else None
        if site is None:
            site = events[0].site if events else Site(self.interp.file.tree, self.interp.file)
        trainings: list[Training] = []
        for event in events:
            found = self.compiled(event) if isinstance(event, Compile) else self.direct(event)
            trainings += found
        heads = self.distinct_heads([one.head for one in trainings])
        if not events and isinstance(owner, (KerasModel, Instance)):
            heads = self.heads_alone(owner)
        outputs = outputs_of(self.interp, owner) if isinstance(owner, (KerasModel, Instance)) else owner
        return Model(
            span=site.span,
            name=self.model_name(owner),
            runtime=self.runtime,
            layers=tuple(self.layers(outputs)),
            heads=tuple(heads),
            trainings=tuple(trainings),
        )

    def model_name(self, owner: Value) -> str | None:
        if isinstance(owner, Instance):
            return owner.cls.name
        name = owner.state.get("name") if isinstance(owner, KerasModel) else None
        return name.value if isinstance(name, Const) and isinstance(name.value, str) else None

    def distinct_heads(self, heads: list[Head]) -> list[Head]:
        found: dict[Any, Head] = {}
        for head in heads:
            key = (
                id(head.span),
                head.name,
                head.activation.value if head.activation else None,
                head.units.value if head.units else None,
            )
            found.setdefault(key, head)
        return list(found.values())[:MOST_HEADS]

    def heads_alone(self, owner: Value) -> list[Head]:
        """The heads of a model that is not compiled here."""
        found: list[Head] = []
        outputs = outputs_of(self.interp, owner)

        def read(scenario: Scenario) -> list[Head]:
            self.follow(scenario)
            reader = HeadReader(self.interp, scenario)
            return [reader.head(tensor, name) for name, tensor in self.outputs(scenario, outputs)]

        for _, heads in scenarios(ALWAYS, read):
            found += heads
        return self.distinct_heads(found)

    def follow(self, scenario: Scenario) -> None:
        """Let calls that reading makes happen on this scenario's path."""
        self.interp.state.path = scenario.path

    def outputs(self, scenario: Scenario, outputs: Value) -> list[tuple[str | None, Value]]:
        """The outputs of a model one by one, with the name of each where the program gives one."""
        value = scenario.pick(outputs)
        if isinstance(value, Dict):
            return [(str(name), one) for name, one in value.items()][:MOST_HEADS]
        items, _ = self.interp.items_of(value) if isinstance(value, (List, Tuple)) else (None, True)
        if items is None:
            return [(None, value)]
        return [(None, one) for one in items[:MOST_HEADS]]

    def compiled(self, event: Compile) -> list[Training]:
        found: list[Training] = []
        parameters = COMPILE

        def read(scenario: Scenario) -> list[Training]:
            self.follow(scenario)
            outputs = self.outputs(scenario, event.outputs)
            heads = HeadReader(self.interp, scenario)
            losses = LossReader(self.interp, scenario)
            loss_value = event.bound.get("loss")
            optimizer = self.optimizer(scenario, event)
            rows: list[Training] = []
            for index, (name, output) in enumerate(outputs):
                head = heads.head(output, name)
                value, place = self.share(
                    scenario, loss_value, event.arguments.place("loss", parameters), index, head.name, len(outputs)
                )
                loss = losses.loss(value, place) if value is not None else None
                metrics = self.metrics(scenario, losses, event, index, head.name, len(outputs))
                labels = self.labels(scenario, event, index, head.name, len(outputs))
                head = self.decided(scenario, event.model, head)
                head, loss = weakened(head, loss, scenario.confidence)
                rows.append(Training(event.site.span, head, loss, metrics, labels, optimizer, self.runtime))
                self.unchecked(event, head, loss, value)
            return rows

        for _, rows in scenarios(event.guard, read):
            found += rows
            if len(found) > MOST_TRAININGS:
                break
        return distinct(found)

    def unchecked(self, event: Compile, head: Head, loss: Loss | None, value: Value | None) -> None:
        if "loss" not in event.bound and not event.arguments.open:
            return
        if loss is None and value is not None:
            self.not_checked.append(NotChecked(event.arguments.place("loss", COMPILE).span, "the loss is not known"))
        elif head.activation is None:
            self.not_checked.append(NotChecked(event.site.span, "the output layer is not known"))

    def share(
        self, scenario: Scenario, value: Value | None, place: Site, index: int, name: str | None, heads: int
    ) -> tuple[Value | None, Site]:
        """What of a list or dictionary (of losses, say) belongs to one head."""
        if value is None:
            return None, place
        value = scenario.pick(value)
        if isinstance(value, Dict):
            entries = dict(value.items())
            key = name if name in entries else None
            if key is None and len(entries) == 1 and heads == 1:
                key = next(iter(entries))
            if key is None:
                return None, place
            site = value.state.get(("site", key))
            return entries[key], entry_value(site) if isinstance(site, Site) else place
        if isinstance(value, (List, Tuple)):
            items, _ = self.interp.items_of(value)
            if items is None or index >= len(items):
                return None, place
            item = items[index]
            return item, place_of(item, place)
        return value, place

    def optimizer(self, scenario: Scenario, event: Compile) -> Fact[str] | None:
        value = event.bound.get("optimizer")
        if value is None:
            return None
        value = scenario.pick(value)
        span = event.arguments.place("optimizer", COMPILE).span
        if isinstance(value, Const) and isinstance(value.value, str):
            spec = optimizers.by_string(value.value)
            return Fact(spec.name, span) if spec is not None else None
        if isinstance(value, Construct):
            spec = optimizers.by_class(value.dotted)
            return Fact(spec.name, value.site.span if value.site else span) if spec is not None else None
        if isinstance(value, External):
            spec = optimizers.by_class(value.dotted)
            return Fact(spec.name, span) if spec is not None else None
        return None

    def metrics(
        self, scenario: Scenario, reader: LossReader, event: Compile, index: int, name: str | None, heads: int
    ) -> tuple[Metric, ...]:
        value = event.bound.get("metrics")
        if value is None:
            return ()
        place = event.arguments.place("metrics", COMPILE)
        value = scenario.pick(value)
        if isinstance(value, Dict):
            entry, place = self.share(scenario, value, place, index, name, heads)
            if entry is None:
                return ()
            value = scenario.pick(entry)
        items, _ = self.interp.items_of(value) if isinstance(value, (List, Tuple)) else ((value,), False)
        items = tuple(scenario.pick(one) for one in items or ())
        if heads > 1 and isinstance(value, (List, Tuple)) and len(items) > 1:
            # Keras 3 gives one entry to each output; Keras 2 gives a flat list to all of them
            items = (items[index],) if len(items) == heads else ()
        found: list[Metric] = []
        for item in items:
            inner, _ = self.interp.items_of(item) if isinstance(item, (List, Tuple)) else ((item,), False)
            read = (reader.metric(one, place_of(one, place)) for one in inner or ())
            found += [one for one in read if one is not None]
        return tuple(found)

    def decided(self, scenario: Scenario, model: Value, head: Head) -> Head:
        """How the program reads what this model predicts."""
        for one in self.record.decisions:
            if one.model is model and all(scenario.path.get(atom, outcome) == outcome for atom, outcome in one.guard):
                return replace(head, decision=Fact(one.kind, one.site.span))
        return head

    def direct(self, event: DirectLoss) -> list[Training]:
        """A loss called on a prediction, in a loop of the program's own."""
        loss = event.loss
        params = loss.params
        spec = params["spec"]
        found: list[Training] = []

        def read(scenario: Scenario) -> Training:
            self.follow(scenario)
            head = HeadReader(self.interp, scenario).head(loss.inputs[1])
            reader = LossReader(self.interp, scenario)
            logits = params["from_logits"]
            place: Site = params["place"]
            fact: Fact[bool] | None = None
            if isinstance(logits, bool):
                fact = Fact(logits, place.span)
            elif isinstance(logits, Value):
                fact = reader.logits_fact(logits, place)
            known = reader.made(spec, event.site, fact, spelling=params["spelling"])
            given = scenario.pick(loss.inputs[0])
            labels = self.labels_of(contents.settled(self.interp, given)) if isinstance(given, Data) else None
            head, weak = weakened(head, known, scenario.confidence)
            return Training(event.site.span, head, weak, (), labels, None, self.runtime)

        for _, training in scenarios(event.guard, read):
            found.append(training)
        return distinct(found)

    # -- labels -----------------------------------------------------------------------------------------------------------

    def labels(self, scenario: Scenario, event: Compile, index: int, name: str | None, heads: int) -> Labels | None:
        """What the fits of this model train towards."""
        found: list[Data] = []
        for fit in event.fits:
            if not all(scenario.allows(frozenset({one})) for one in fit.guard) or fit.y is None:
                continue
            try:
                value = scenario.pick(fit.y)
            except Infeasible:
                continue
            if heads > 1 or isinstance(value, (Dict, List, Tuple)):
                share, _ = self.share(scenario, value, fit.site, index, name, heads)
                if heads > 1 or isinstance(value, Dict):
                    if share is None:
                        continue
                    value = scenario.pick(share)
                else:
                    literal = arrays.literal(self.interp, value, fit.site)
                    if literal is not None:
                        value = literal
            if isinstance(value, Data):
                if value.parts is not None and len(value.parts) == 1:
                    inner = scenario.pick(value.parts[0])
                    value = inner if isinstance(inner, Data) else value
                found.append(contents.settled(self.interp, value))
            elif fit.training:
                return None
        if not found:
            return None
        return self.labels_of(contents.merged(found))

    def labels_of(self, data: Data) -> Labels | None:
        if data.site is None or data.origin in {"text", "prediction"}:
            return None
        known = (data.encoding, data.classes, data.low, data.high, data.exclusive)
        if all(one is None for one in known):
            return None
        return Labels(
            span=data.site.span,
            encoding=known_fact(data.encoding),
            classes=known_fact(data.classes),
            low=known_fact(data.low),
            high=known_fact(data.high),
            exclusive=known_fact(data.exclusive),
        )

    # -- the rest ---------------------------------------------------------------------------------------------------------

    def layers(self, outputs: Value) -> Iterator[Layer]:
        seen: set[int] = set()
        for tensor in reversed(graph(outputs)):
            layer = tensor.layer
            if tensor.op != "layer" or not isinstance(layer, Construct) or layer.site is None or layer.serial in seen:
                continue
            seen.add(layer.serial)
            spec = spec_of(layer)
            units = layer.bound.get(spec.units) if spec is not None and spec.units else None
            length = number(units)
            name = layer.bound.get("name")
            step = None
            if spec is not None and (spec.activation is not None or layer.kind in {"Activation", "Softmax"}):
                try:
                    step = HeadReader(self.interp, Scenario(ALWAYS, [])).step_of_layer(layer, tensor)
                except Infeasible:
                    step = None
            yield Layer(
                span=layer.site.span,
                kind=layer.kind,
                name=name.value if isinstance(name, Const) and isinstance(name.value, str) else None,
                units=Fact(length, layer.place(spec.units).span)
                if length is not None and spec is not None and spec.units
                else None,
                activation=Fact(step.name, step.site.span, literal=step.literal) if step is not None else None,
            )

    def activations(self) -> Iterator[Activation]:
        """Every softmax and sigmoid applied to a tensor, each place once."""
        seen: set[Any] = set()
        for tensor in self.record.activations:
            reader = HeadReader(self.interp, Scenario(ALWAYS, []))
            try:
                if tensor.op == "layer" and isinstance(tensor.layer, Construct):
                    step = reader.step_of_layer(tensor.layer, tensor)
                elif tensor.site is not None:
                    step = reader.function_step(tensor, NO_TRACE)
                else:
                    step = None
            except Infeasible:
                step = None
            if step is None or step.name == "linear":
                continue
            made = reader.activation_fact(step, None)
            key = (id(step.site.node), step.name, made.axis.value if made.axis else None)
            if key not in seen:
                seen.add(key)
                yield made

    def obsolete(self) -> Iterator[Obsolete]:
        seen: set[int] = set()
        for one in self.record.obsolete:
            if id(one.site.node) in seen:
                continue
            seen.add(id(one.site.node))
            keyword = one.site.node.keyword if isinstance(one.site.node, cst.Arg) else None
            place = Site(keyword, one.site.file) if keyword is not None else one.site
            spec = one.spec
            yield Obsolete(
                span=one.site.span,
                argument=Fact(one.argument, place.span, literal=keyword is not None),
                owner=one.owner,
                in_keras_2=spec.in_keras_2,
                in_keras_3=spec.in_keras_3,
                successor=spec.successor,
                runtime=self.runtime,
            )

    def text_arrays(self) -> Iterator[TextArray]:
        for data in self.record.text_arrays:
            if data.store is None or data.site is None or data.classes is None:
                stored: Value | None = None
            stored = data.store.state.get("stored") if data.store is not None else None
            site = data.store.site if data.store is not None else None
            if site is None or data.classes is None:
                continue
            width: Known = data.classes
            texts = tuple(
                Fact(one.value, one.site.span, literal=True)
                for one in (stored.items if isinstance(stored, Tuple) else ())
                if isinstance(one, Const) and one.site is not None
            )
            yield TextArray(site.span, Fact(width.value, width.site.span), texts)

    def read_runtime(self) -> Runtime:
        record = self.record
        package = keras = backend = policy = None
        names = {name for name, _ in record.packages}
        if record.packages and len(names) == 1:
            name, site = record.packages[0]
            package = Fact(name, site.span)
            if name == "tf_keras":
                keras = Fact("2", site.span)
        if record.backend is not None:
            backend = Fact(record.backend[0], record.backend[1].span)
        if record.policy is not None:
            policy = Fact(record.policy[0], record.policy[1].span)
        return Runtime(package=package, keras=keras, backend=backend, dtype_policy=policy)


def known_fact(known: Known | None) -> Fact[Any] | None:
    return Fact(known.value, known.site.span) if known is not None else None


def entry_value(site: Site) -> Site:
    """The value of a dictionary entry or keyword argument."""
    node = site.node
    if isinstance(node, (cst.DictElement, cst.Arg)):
        return Site(node.value, site.file)
    return site


def place_of(value: Value, place: Site) -> Site:
    site = getattr(value, "site", None)
    return site if isinstance(site, Site) else place


def weakened(head: Head, loss: Loss | None, confidence: Confidence) -> tuple[Head, Loss | None]:
    """Facts read before a later choice crossed independent decisions are no surer than the whole."""
    if confidence is Confidence.HIGH:
        return head, loss
    if head.activation is not None:
        head = replace(
            head, activation=replace(head.activation, confidence=min(confidence, head.activation.confidence))
        )
    if loss is not None:
        loss = replace(loss, name=replace(loss.name, confidence=min(confidence, loss.name.confidence)))
    return head, loss


def distinct(trainings: list[Training]) -> list[Training]:
    """Trainings that differ: scenarios that only differ elsewhere give the same one."""
    found: dict[Any, Training] = {}
    for one in trainings:
        head, loss = one.head, one.loss
        key = (
            id(one.span.path),
            head.name,
            head.activation.value if head.activation else None,
            head.units.value if head.units else None,
            (loss.name.value, loss.from_logits.value if loss.from_logits else None) if loss else None,
            tuple(metric.name.value for metric in one.metrics),
            one.labels.encoding.value if one.labels and one.labels.encoding else None,
        )
        old = found.get(key)
        if old is None or sureness(old) < sureness(one):
            found[key] = one
    return list(found.values())


def sureness(training: Training) -> int:
    parts = [training.head.activation, training.loss.name if training.loss else None]
    return min((fact.confidence for fact in parts if fact is not None), default=Confidence.HIGH)


def no_span(path: str) -> Span:
    from keraslint.model import Position

    return Span(path, Position(1, 1, 1, 1))


from keraslint.static.heads import Trace  # noqa: E402

NO_TRACE: Final = Trace()

"""From paths to a report: discover -> Source -> recover (-> probe -> join) -> rules -> findings -> report, all of it on
this page."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from keraslint.config import Configuration, Overrides, RefusalError, Settings
from keraslint.discover import File, discover, given, look

if TYPE_CHECKING:  # imported below where the first file needs it: most files have nothing to do with Keras
    from keraslint.cache import Cache
    from keraslint.finding import Finding, Fix, Report
    from keraslint.model import Fact, Program
    from keraslint.outcome import Outcome
    from keraslint.probe.measuring import Probe
    from keraslint.rule import Rule
    from keraslint.source import Source

__all__ = ["File", "check", "discover", "given", "lint", "look", "noted", "read", "run", "without_known"]


def lint(*paths: str, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Report:
    """Lint files and folders (without any: the current folder) under their own configuration; what their baselines know
    is not among the findings.

    Raises `RefusalError` for a path that does not exist, a rule that nobody knows, a configuration that is not
    understood.
    """
    configuration = Configuration(Overrides(select=tuple(select), ignore=tuple(ignore)))
    seen: list[str] = []
    report = run(noted(discover(paths or (".",), configuration), seen), configuration)
    return without_known(report, configuration, seen)


def noted(files: Iterable[File], seen: list[str]) -> Iterator[File]:
    """The same files; the path of each is added to those that were `seen`."""
    for file in files:
        seen.append(file.path)
        yield file


def without_known(report: Report, configuration: Configuration, seen: Iterable[str]) -> Report:
    """The report on the files that were seen, without what their baselines know, if there are any."""
    if not any(one.baseline for one in configuration.met()):
        return report
    from keraslint import baseline

    return baseline.without_known(report, configuration, baseline.Run(frozenset(seen), probed=bool(report.probed)))


@overload
def check(
    subject: str, path: str = "program.py", /, *, select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> Report: ...


@overload
def check(
    subject: object, x: object = None, y: object = None, /, *, select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> Report: ...


def check(
    subject: Any, x: Any = None, y: Any = None, /, *, select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> Report:
    """Lint a text as if it were the file `x` (`program.py`), or a model that is alive; no configuration is read.

    Of a model, `x` and `y` may be a batch of real data, in the shapes that `fit` takes: then its labels are held
    against the loss and the outputs, and its range against what the first layer can take. The model is measured in this
    process and left as it was. Raises `TypeError` for what is neither.
    """
    configuration = Configuration(Overrides(select=tuple(select), ignore=tuple(ignore), isolated=True))
    if isinstance(subject, str):
        return run([given(x or "program.py", subject.encode("utf-8", "surrogatepass"))], configuration)
    from keraslint.join import join
    from keraslint.model import Program
    from keraslint.probe.measuring import measured

    path = f"<{getattr(subject, 'name', None) or 'model'}>"
    found, text = measured(subject, x, y, path)
    return merge([ruled(File(path), join(Program(path), found), text, configuration)], 1)


def run(
    files: Iterable[File], configuration: Configuration, probe: Probe | None = None, means: Means | None = None
) -> Report:
    """The report of all files together; with `probe`, of what was read from them and measured on the real models."""
    return gathered(outcomes_of(files, configuration, probe, means or Means()), configuration)


def gathered(found: Iterable[Outcome | None], configuration: Configuration) -> Report:
    """One report of what came of all files; `None` stands for one that has nothing to do with Keras."""
    looked_at, outcomes = 0, []
    for outcome in found:
        looked_at += 1
        outcomes += [outcome] if outcome is not None else []
    used = frozenset[object]().union(*(outcome.used for outcome in outcomes))
    report = merge(
        [idle(outcome, used, configuration) if outcome.naming else outcome for outcome in outcomes], looked_at
    )
    paths = {finding.span.path for finding in report.findings}
    return replace(report, addresses={path: configuration.address(path) for path in paths})


class Means(NamedTuple):
    """By what means a run is made. `outlined`: of each model no more is kept than a list of models needs. `cached`: the
    results of earlier runs count, where nothing is measured. `told` hears what is worth telling about that. `jobs` is
    the number of processes that read; with `None` it depends on how much there is to do.
    """

    outlined: bool = False
    cached: bool = False
    jobs: int | None = 1
    told: Callable[[str], None] | None = None


def outcomes_of(
    files: Iterable[File], configuration: Configuration, probe: Probe | None, means: Means
) -> Iterator[Outcome | None]:
    """What came of each file, in their order."""
    files = iter(files)
    for file in files:
        if file.worth_reading:
            files = chain((file,), files)
            break
        yield None
    else:
        return
    if probe is not None:
        yield from (judge(file, configuration, probe, outlined=means.outlined) for file in files)
        return
    cache = _cache(configuration, means)
    if means.jobs == 1:
        for file in files:
            yield (cache and cache.find(file)) or once(file, configuration, cache, means)
    else:
        from keraslint.processes import Job, outcomes  # not where no file has to do with Keras

        def here(file: File) -> Outcome | None:
            return once(file, configuration, cache, means)

        if cache is not None:
            cache.shared = True
        job = Job(configuration, means.outlined, cache.folder if cache is not None else None, os.getcwd())
        yield from outcomes(files, job, cache, here, means.jobs)
    if cache is not None:
        cache.close()
        if cache.trouble and means.told is not None:
            means.told(f"results are not kept: {cache.trouble}")


def _cache(configuration: Configuration, means: Means) -> Cache | None:
    if not means.cached:
        return None
    from keraslint.cache import Cache, folder_of  # not where no file has to do with Keras

    return Cache(folder_of(configuration), configuration, outlined=means.outlined)


def once(file: File, configuration: Configuration, cache: Cache | None, means: Means) -> Outcome | None:
    """What comes of a file now; it is kept for the next run."""
    if cache is None or not file.worth_reading:
        return judge(file, configuration, outlined=means.outlined)
    from keraslint import grounds

    with grounds.noted() as rests_on:
        outcome = judge(file, configuration, outlined=means.outlined)
    if outcome is not None:
        cache.keep(file, outcome, rests_on)
    return outcome


def judge(
    file: File, configuration: Configuration, probe: Probe | None = None, *, outlined: bool = False
) -> Outcome | None:
    """Read a file and run the selected rules over it; `None` for a file that has nothing to do with Keras."""
    if not file.worth_reading:
        return None
    with _no_garbage_looked_for():
        return _judged(file, configuration, probe, outlined=outlined)


@contextmanager
def _no_garbage_looked_for() -> Iterator[None]:
    """Inside, Python looks for no garbage: a tree of a hundred thousand nodes is alive until its file has been read.

    Looking through it again and again takes a quarter of a run, and more than its share where one file is long.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _judged(file: File, configuration: Configuration, probe: Probe | None, *, outlined: bool) -> Outcome:
    try:
        program, text = read(file, configuration, probe)
        outcome = ruled(file, program, text, configuration)
        if not outlined:
            return outcome
        from keraslint.outcome import outlines

        return outcome._replace(models=outlines(program))
    except RefusalError:
        raise
    except Exception:  # whatever it is, the other files are still linted, and the run ends with 101
        import traceback

        from keraslint.outcome import Outcome

        return Outcome(file.path, failure=traceback.format_exc())


def read(file: File, configuration: Configuration, probe: Probe | None = None) -> tuple[Program, str]:
    """The program in a file, and the text of the file. A file that cannot be read is a program that says why."""
    from keraslint.installs import installed
    from keraslint.model import Fact, NotChecked, Program, Span, Unreadable
    from keraslint.source import NotReadable, Source, UnreadableSource
    from keraslint.surroundings import surrounded
    from keraslint.target import assume

    if file.saved:
        return saved(file, probe)
    if probe is not None:
        probe.prepare(file.path)
    try:
        source = Source.read(file.path) if file.data is None else Source.from_bytes(file.path, file.data)
        stated, settings = installed(source), configuration.at(file.path)
        isolated = configuration.overrides.isolated
        program = surrounded(recover(source, expected(file.path, stated, settings, isolated=isolated)), stated)
        program = assume(program, settings)
        if not isolated:
            program = surrounded(program)
    except UnreadableSource as error:
        span = Span(file.path, error.position)
        text = (file.data or b"").decode("utf-8", "replace")
        if isinstance(error, NotReadable):
            return Program(file.path, not_checked=(NotChecked(span, error.reason),)), text
        return Program(file.path, unreadable=(Unreadable(span, Fact(error.reason, span)),)), text
    skipped = (
        NotChecked(Span(file.path, cell.position), f"cell {cell.cell + 1} is not Python: {cell.reason}")
        for cell in source.skipped_cells
    )
    program = replace(program, not_checked=(*program.not_checked, *skipped))
    if probe is not None:
        from keraslint.join import join

        program = join(program, probe.measure(source, program))
    return program, source.text


def ruled(file: File, program: Program, text: str, configuration: Configuration) -> Outcome:
    """What the selected rules find in a program, and the text of its file."""
    from keraslint.outcome import Outcome
    from keraslint.registry import available, select

    settings = configuration.at(file.path)
    found = findings_in(program, select(available(settings), settings))
    texts = texts_of(found, {file.path: text})
    findings = tuple(reported(found, texts, configuration))
    naming = text if "keraslint:" in text else ""
    if findings:
        from keraslint.fingerprint import located

        findings = tuple(located(findings, program.models, texts))
    whole = any(model.trainings for model in program.models)
    used = silencing(found, texts)
    return Outcome(file.path, program.models, program.not_checked, findings, texts, "", used, naming, whole)


def saved(file: File, probe: Probe | None) -> tuple[Program, str]:
    """The program of a model that lies in a file, which only measuring can tell anything of."""
    from keraslint.join import join
    from keraslint.model import NotChecked, Position, Program, Span

    if probe is not None:
        found, text = probe.saved(file.path)
        return join(Program(file.path), found), text
    place = Span(file.path, Position(1, 1, 1, 1))
    return Program(file.path, not_checked=(NotChecked(place, "a saved model is measured with `--probe`"),)), ""


def expected(path: str, stated: dict[str, Fact[str]], settings: Settings, *, isolated: bool) -> dict[str, str]:
    """The versions and the backend on which a file will run, as far as they are known before it is read."""
    from keraslint.surroundings import bundled, versions

    asked = {} if isolated else versions(os.path.dirname(path) or ".")
    configured = {"keras": settings.target_keras, "backend": settings.backend}
    known = {name: fact.value for name, fact in asked.items()}
    known |= {name: value for name, value in configured.items() if value is not None}
    known |= {name: fact.value for name, fact in stated.items()}
    matching = bundled(stated.get("tensorflow") or asked.get("tensorflow"))
    return {"keras": matching.value, **known} if matching is not None else known


def recover(source: Source, known: Mapping[str, str] | None = None) -> Program:
    """Read the models out of a source; this is where the parser is imported."""
    from keraslint.static.recovery import recover

    return recover(source, known or {})


def reported(
    found: Iterable[Finding], texts: Mapping[str, str], configuration: Configuration, *, heard: bool = True
) -> Iterator[Finding]:
    """The findings that are sure enough and not silenced, as severe as the project says, with exact fixes.

    Findings about the comments themselves are not `heard`: `ignore[*]` would silence what is said of it.
    """
    from keraslint import grounds
    from keraslint.fix import exact
    from keraslint.ignore import silenced
    from keraslint.model import Confidence
    from keraslint.registry import ignored, severity

    for finding in found:
        grounds.configured(finding.span.path)
        if finding.confidence > Confidence.LOW and not (heard and silenced(finding, texts)):
            settings = configuration.at(finding.span.path)
            if settings.per_file_ignores and ignored(finding.rule, settings):
                continue  # another file led to it
            level = severity(finding.rule, settings) or finding.severity
            fixes = tuple(exact(fix, texts) for fix in placed(finding.fixes, texts))
            yield replace(finding, severity=level, fixes=fixes)


def findings_in(program: Program, rules: Iterable[Rule[Any]]) -> list[Finding]:
    """What the rules find in a program, each slip told once."""
    rules = tuple(rules)
    found = [finding for rule in rules for finding in rule.findings(program)]
    if not any(model.probed or model.failure for model in program.models):
        return found
    from keraslint.slips import told_once

    return told_once(found, rules, program)


def silencing(found: Iterable[Finding], texts: Mapping[str, str]) -> frozenset[object]:
    """The names in comments that silence something."""
    from keraslint.ignore import silencers

    return frozenset(one for finding in found for one in silencers(finding, texts))


def idle(outcome: Outcome, used: frozenset[object], configuration: Configuration) -> Outcome:
    """The outcome with what is found about comments that silence nothing."""
    from keraslint.idle import idle_ignores
    from keraslint.model import IdleIgnore, Program
    from keraslint.registry import available, select

    settings = configuration.at(outcome.path)
    every = available(settings)
    rules = select(every, settings)
    names = (frozenset(rule.name for rule in every), frozenset(rule.name for rule in rules))
    found = tuple(idle_ignores(outcome.path, outcome.naming, used, *names, whole=outcome.whole))
    if not found:
        return outcome
    program = Program(outcome.path, idle_ignores=found)
    texts = {**outcome.texts, outcome.path: outcome.naming}
    more = [one for rule in rules if rule.about is IdleIgnore for one in rule.findings(program)]
    findings = (*outcome.findings, *reported(more, texts, configuration, heard=False))
    return outcome._replace(findings=findings, texts=texts)


def placed(fixes: tuple[Fix, ...], texts: Mapping[str, str]) -> tuple[Fix, ...]:
    """The fixes that can be made, where some have to know the program around them."""
    if not any(edit.into or edit.uses or edit.whole or edit.formula for fix in fixes for edit in fix.edits):
        return fixes
    from keraslint.placing import placed

    return placed(fixes, texts)


def merge(outcomes: Iterable[Outcome], files: int) -> Report:
    """One report, in the order of the text; a finding that two models or two files give is one finding."""
    from keraslint.finding import Report

    outcomes = tuple(outcomes)
    if not outcomes:
        return Report(files=files)
    from keraslint.outcome import together

    findings = (finding for outcome in outcomes for finding in outcome.findings)
    once = {(one.span.path, one.span.position[:4], one.rule, one.message): one for one in findings}
    return Report(
        findings=tuple(once[key] for key in sorted(once)),
        models=together(outcome.models for outcome in outcomes),
        not_checked=tuple(gap for outcome in outcomes for gap in outcome.not_checked),
        files=files,
        # nothing that was measured is kept
        probed=sum(one.probed for outcome in outcomes if isinstance(outcome.models, tuple) for one in outcome.models),
        texts={path: text for outcome in outcomes for path, text in outcome.texts.items()},
        failures=tuple((outcome.path, outcome.failure) for outcome in outcomes if outcome.failure),
    )


def texts_of(findings: Iterable[Finding], known: dict[str, str]) -> dict[str, str]:
    """The text of every file that a finding or one of its fixes points into; some were imported, not linted."""
    from keraslint.source import Source, UnreadableSource

    texts: dict[str, str] = {}
    for finding in findings:
        edits = (edit.span.path for fix in finding.fixes for edit in fix.edits)
        for path in {*(fact.span.path for fact in finding.because), *edits} - texts.keys():
            try:
                texts[path] = known[path] if path in known else Source.read(path).text
            except UnreadableSource:
                texts[path] = ""
    return texts

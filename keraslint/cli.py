"""The commands. This is the only room that reads the command line, prints and exits.

Exit codes: 0 nothing to fail on, 1 findings, 2 a command, configuration or path that cannot be followed, 101 a failure
of keraslint itself, 130 interrupted. Standard output carries the report and nothing else.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, NoReturn

import click

from keraslint import __version__, terminal
from keraslint.config import DEVICES, SEVERITIES, Configuration, Overrides, RefusalError, Said, nearest, place_of, shown
from keraslint.lint import File, Means, discover, given, look, noted, read, run, without_known
from keraslint.report import FOR_PEOPLE, FORMATS, WITH_MODELS, WITH_RULES, Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keraslint.finding import Report
    from keraslint.probe.measuring import Probe
    from keraslint.report.progress import Progress
    from keraslint.rewrite import Change
    from keraslint.rule import Rule

FOUND, REFUSED, BROKEN, INTERRUPTED = 1, 2, 101, 130

REPORT_THIS = "this is a mistake in keraslint, not in your program: please report this"

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]


class Commands(click.Group):
    """The commands, where what is no command is a path to check."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `check` in front of paths and of its options."""
        first = args[0] if args else ""
        if first not in self.commands and first not in ("--help", "-h", "--version"):
            if ctx.resilient_parsing:  # a shell asks what could come next: with nothing there, also a command
                return super().parse_args(ctx, ["check", *args] if args else [])
            if not first.startswith("-") and not os.path.exists(first) and (meant := nearest(first, self.commands)):
                raise click.UsageError(f"`{first}` is neither a command nor a path{meant}", ctx)
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """What may come first: a path, a command, or an option of `check`."""
        check = self.commands["check"]
        within = check.make_context("check", [], parent=ctx, resilient_parsing=True)
        paths = [] if incomplete.startswith("-") else check.params[0].shell_complete(within, incomplete)
        options = {
            item.value: item
            for item in (*super().shell_complete(ctx, incomplete), *check.shell_complete(within, incomplete))
        }
        return [*paths, *options.values()]


class Refusal(click.ClickException):
    """What cannot be done, said without a traceback."""

    exit_code = REFUSED


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the other rooms refuse into a message and exit code 2."""
    try:
        yield
    except RefusalError as error:
        raise Refusal(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="keraslint %(version)s")
def cli() -> None:
    """Tell, without training, that the last layer of a Keras model and its loss do not belong together.

    `keraslint PATH` is short for `keraslint check PATH`; without a path it checks the current folder.
    """


class Word(click.Choice):  # type: ignore[type-arg,unused-ignore]  # generic in some versions only
    """One of some words; for any other one the nearest is named."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the option."""
        if value not in self.choices:
            there = ", ".join(f"`{choice}`" for choice in self.choices)
            self.fail(f"`{value}` is not one of {there}{nearest(str(value), self.choices)}", param, ctx)
        return super().convert(value, param, ctx)


# --- options that several commands have ------------------------------------------------------------------------------


class Target(NamedTuple):
    """A format, and the file that the report goes to; no file is standard output."""

    format: str
    file: str | None = None


class FormatType(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in some versions only
    """`FORMAT` or `FORMAT=FILE`."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Target:
        """Read the option. It must be possible to write the file, so that no work is done for nothing."""
        name, given, file = str(value).partition("=")
        if name not in FORMATS:
            self.fail(f"unknown format `{name}`{nearest(name, FORMATS)} (there are {', '.join(FORMATS)})", param, ctx)
        if not given or file == "-":
            return Target(name)
        from keraslint.delivery import obstacle

        if problem := obstacle(file):
            self.fail(problem, param, ctx)
        return Target(name, file)


class JobsType(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in some versions only
    """A number of processes, or `auto`."""

    name = "jobs"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """Read the option; `None` is `auto`."""
        if value in (None, "auto"):
            return None
        if not str(value).isdecimal() or not 1 <= int(value) <= MOST_JOBS:
            self.fail(f"`{value}` is neither `auto` nor a number from 1 to {MOST_JOBS}", param, ctx)
        return int(value)


MOST_JOBS = 1000


class TargetType(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in some versions only
    """`MODULE:FUNCTION`, with arguments in brackets if it needs any."""

    name = "target"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the option and find the file of the module."""
        from keraslint.probe.wish import target

        try:
            return target(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def with_options(*options: Decorator) -> Decorator:
    """Give a command all these options, in this order."""

    def decorate(command: Function) -> Function:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def repeated(name: str, metavar: str, words: str) -> Decorator:
    """An option that may be given many times."""
    return click.option(f"--{name}", multiple=True, metavar=metavar, help=words)


CONFIGURING = (
    repeated("config", "FILE|KEY=VALUE", "The configuration file, or one key of it in TOML (repeatable)."),
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
)
FINDING_FILES = (
    repeated("exclude", "GLOB", "Leave out files and folders (repeatable)."),
    click.option("--force-exclude", is_flag=True, help="Leave out excluded files even when they are named."),
    click.option("--stdin-filename", metavar="FILE", help="The path of what comes from standard input."),
    *CONFIGURING,
    click.option("--markdown", is_flag=True, help="Look at the Python blocks of Markdown documents too."),
)
CHOOSING_RULES = (
    repeated("select", "RULE", "Run only these rules (name or glob, repeatable)."),
    repeated("ignore", "RULE", "Leave out these rules (name or glob, repeatable)."),
    repeated("error", "RULE", "Count what these rules find as errors."),
    repeated("warning", "RULE", "Count what these rules find as warnings."),
    repeated("note", "RULE", "Count what these rules find as notes."),
)
PROBING = (
    click.option("--probe", is_flag=True, help="Build the models for real and measure them; this runs the programs."),
    click.option(
        "--probe-target",
        type=TargetType(),
        metavar="MODULE:FUNCTION",
        help="Measure the model that a function makes, as in `models:build(10)` (implies `--probe`).",
    ),
    click.option("--python", metavar="PATH", help="The Python that runs the programs, with their Keras."),
    click.option("--device", type=Word(DEVICES), default="auto", help="Where models are measured."),
)
BASELINE = click.option(
    "--baseline", metavar="FILE", help="The findings that are known, as `keraslint baseline` has written them."
)
COLOR = click.option(
    "--color",
    type=Word(["auto", "always", "never"]),
    default="auto",
    help="When to use colours; `auto` looks at the terminal, NO_COLOR and FORCE_COLOR.",
)


# --- check -----------------------------------------------------------------------------------------------------------


class Options(NamedTuple):
    """What `check` was asked for besides paths."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    error: tuple[str, ...]
    warning: tuple[str, ...]
    note: tuple[str, ...]
    fail_on: str | None
    output_format: tuple[Target, ...]
    exclude: tuple[str, ...]
    force_exclude: bool
    stdin_filename: str | None
    config: tuple[str, ...]
    isolated: bool
    markdown: bool
    baseline: str | None
    probe: bool
    probe_target: Any
    python: str | None
    device: str
    fix: bool
    unsafe_fixes: bool
    diff: bool
    add_ignore: str | None
    no_cache: bool
    jobs: int | None
    exit_zero: bool
    statistics: bool
    quiet: bool
    verbose: bool
    color: str


@cli.command()
@click.argument("paths", nargs=-1)
@with_options(
    *CHOOSING_RULES,
    click.option("--fail-on", type=Word(SEVERITIES[::-1]), help="What makes the exit code 1: warnings by default."),
    click.option(
        "--output-format",
        type=FormatType(),
        multiple=True,
        default=("full",),
        metavar="FORMAT[=FILE]",
        help=f"{', '.join(FORMATS)}; repeatable, for several reports of one run.",
    ),
    *FINDING_FILES,
    BASELINE,
    *PROBING,
    click.option("--fix", is_flag=True, help="Make the safe changes that findings offer."),
    click.option("--unsafe-fixes", is_flag=True, help="Make changes too that change what is trained."),
    click.option("--diff", is_flag=True, help="Show the changes instead of making them."),
    click.option("--add-ignore", metavar="REASON", help="Write a comment that silences it to all that is found."),
    click.option(
        "--no-cache",
        is_flag=True,
        envvar="KERASLINT_NO_CACHE",
        help="Read every file anew, and keep nothing for the next run.",
    ),
    click.option(
        "-j",
        "--jobs",
        type=JobsType(),
        default="auto",
        metavar="N|auto",
        help="How many processes read; `auto` takes those that pay.",
    ),
    click.option("--exit-zero", is_flag=True, help="Exit with 0 in spite of findings."),
    click.option("--statistics", is_flag=True, help="Count what each rule found and what of it can be fixed."),
    click.option("-q", "--quiet", is_flag=True, help="Print findings only."),
    click.option("-v", "--verbose", is_flag=True, help="Name every file, and everything that was not recovered."),
    COLOR,
)
def check(paths: tuple[str, ...], **asked: Any) -> None:
    """Check files, folders and notebooks; `-` is standard input."""
    options = Options(**asked)
    if options.probe_target is not None:
        paths = paths or (options.probe_target.path,)
    if options.add_ignore is not None and not _is_reason(options.add_ignore):
        raise click.UsageError("`--add-ignore` needs a reason of one line")
    if sum(target.file is None for target in options.output_format) > 1:
        raise click.UsageError("only one report can go to standard output; give the others a file: `FORMAT=FILE`")
    if again := named_twice(options.output_format):
        raise click.UsageError(f"two reports would go to `{again}`; give each a file of its own")
    seen: list[str] = []
    with refusing():
        configuration = Configuration(overrides_of(**asked))
        verify(configuration, paths)
        with telling(options) as bar, probing(options, configuration, bar) as probe:
            files: Iterable[File] = find(
                paths,
                configuration,
                force_exclude=options.force_exclude,
                stdin_filename=options.stdin_filename,
                bar=bar,
            )
            fixing = options.fix or options.unsafe_fixes
            if fixing or (options.diff and options.add_ignore is None):
                files = changed(files, configuration, options, probe, bar)
            if options.add_ignore is not None:
                files = ignored(list(files), configuration, options, probe, bar)
            if options.verbose:
                files = told(files)
            report = run(started(noted(watched(files, bar), seen)), configuration, probe, means(options))
            verify(configuration, paths)  # also what was met on the way, where no file asked for a rule
            if probe is not None and fixing:
                from keraslint import rewrite

                report = rewrite.verified(report, configuration, probe)
        report = without_known(report, configuration, seen)
        problems = [deliver(report, target, options, configuration) for target in options.output_format]
    conclude(report, configuration, options, [problem for problem in problems if problem])


def means(options: Options) -> Means:
    """How a run is made: some formats tell all of every model, the others only that it is there."""
    outlined = not any(target.format in WITH_MODELS for target in options.output_format)
    return Means(outlined, cached=not options.no_cache, jobs=options.jobs, told=say if options.verbose else None)


def changed(
    files: Iterable[File], configuration: Configuration, options: Options, probe: Probe | None, bar: Progress
) -> list[File]:
    """Make the changes that findings offer and hand on the files as they are then; or show the changes and end."""
    from keraslint import rewrite

    files = list(files)
    bar.begin("mending", len(files))
    made = list(rewrite.changes(watched(files, bar), configuration, probe, unsafe=options.unsafe_fixes))
    bar.close()
    after = settled(files, made, options, "not fixed", lambda change: ", ".join(titles(change)))
    bar.expect_files(len(after))
    return after


def ignored(
    files: list[File], configuration: Configuration, options: Options, probe: Probe | None, bar: Progress
) -> list[File]:
    """Write comments for what is found and hand on the files as they are then; or show the comments and end."""
    from keraslint import add_ignore

    assert options.add_ignore is not None
    report = run(watched(files, bar), configuration, probe)
    report = without_known(report, configuration, [file.path for file in files])
    made = list(add_ignore.changes(files, report, configuration, options.add_ignore.strip(), probe))
    bar.close()
    after = settled(files, made, options, "nothing ignored", lambda change: f"{findings(len(change.fixes))} ignored")
    bar.expect_files(len(after))
    return after


def findings(number: int) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} finding{'' if number == 1 else 's'}"


def _is_reason(text: str) -> bool:
    return len(text.splitlines()) == 1 and bool(text.strip()) and "\0" not in text


def settled(
    files: list[File], made: list[Change], options: Options, refusal: str, done: Callable[[Change], str]
) -> list[File]:
    """Write changes, or show them and end; what is done and what is refused is told."""
    from keraslint import rewrite

    if options.diff:
        for one in made:
            show_difference(one.path, one.before, one.after, options.color)
            if one.refused:
                say(f"{one.path}: {refusal}: {one.refused}")
        raise SystemExit(1 if any(one.before != one.after for one in made) and not options.exit_zero else 0)
    for change in made:
        if change.before != change.after:
            if change.path == options.stdin_filename or not os.path.isfile(change.path):
                change = change._replace(after=change.before, refused="standard input and pipes cannot be written")
            else:
                change = rewrite.write(change)
        if change.before != change.after and not options.quiet:
            say(f"{change.path}: {done(change)}")
        if change.refused:
            say(f"{change.path}: {refusal}: {change.refused}")
    paths = {os.path.abspath(change.path) for change in made}
    return [again(file) if os.path.abspath(file.path) in paths else file for file in files]


def titles(change: Change) -> Iterator[str]:
    """What was done to a file, and whether it was built and measured afterwards."""
    for title in change.fixes:
        verb = title[:1].lower() + title[1:]
        yield f"{verb} (verified)" if title in change.verified else verb


@contextmanager
def probing(
    options: Options | Shown | Keeping, configuration: Configuration, bar: Progress | None = None
) -> Iterator[Probe | None]:
    """What measures the models of a file, as long as its processes live; nothing without `--probe`."""
    if not options.probe and options.probe_target is None:
        yield None
        return
    from keraslint.probe.measuring import Probe
    from keraslint.probe.pythons import PythonError
    from keraslint.probe.pythons import find as find_python
    from keraslint.probe.wish import Wish

    try:
        find_python(".", options.python)
    except PythonError as error:
        raise Refusal(str(error)) from error

    def python_of(path: str) -> str | None:
        return configuration.at(path).python

    with Probe(Wish(python_of, options.device, options.probe_target), bar or progress(options)) as probe:
        yield probe
        if options.verbose:
            say(f"measured programs were contained: {probe.contained}")


def progress(options: Options | Shown | Keeping) -> Progress:
    """A bar for whoever watches standard error; silence for a file, a pipe, for `--quiet`, and where `--verbose` names
    every file."""
    from keraslint.report.progress import Bar, Silent

    dumb = os.environ.get("TERM") == "dumb"
    return Silent() if dumb or options.quiet or options.verbose or not sys.stderr.isatty() else Bar(sys.stderr)


@contextmanager
def telling(options: Options) -> Iterator[Progress]:
    """The same, gone when the work is done or given up."""
    bar = progress(options)
    try:
        yield bar
    finally:
        bar.close()


def watched(files: Iterable[File], bar: Progress) -> Iterator[File]:
    """The same files, each told when its turn comes."""
    for file in files:
        bar.file(file.path)
        yield file


def again(file: File) -> File:
    """A file as it is now; standard input as it was."""
    return look(os.path.abspath(file.path)) if os.path.isfile(file.path) else file


def show_difference(path: str, before: str, after: str, color: str) -> None:
    """Two texts as a unified difference on standard output: exact for `git apply`, safe and in colours for a
    terminal."""
    from keraslint.report import difference

    if sys.stdout.isatty() or color == "always":
        put(lambda style: difference.painted(path, before, after, style), color)
    else:
        put(lambda style: difference.exact(path, before, after), color)


def overrides_of(
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    fail_on: str | None = None,
    isolated: bool = False,
    markdown: bool = False,
    python: str | None = None,
    config: tuple[str, ...] = (),
    baseline: str | None = None,
    **levels: Any,
) -> Overrides:
    """What the options say against the configuration files."""
    severity = tuple((Said(rule, f"--{level}"), level) for level in SEVERITIES for rule in levels.get(level, ()))
    chosen = tuple(Said(rule, "--select") for rule in select)
    left_out = tuple(Said(rule, "--ignore") for rule in ignore)
    return Overrides(chosen, left_out, severity, exclude, fail_on, isolated, markdown, python, config, baseline)


def verify(configuration: Configuration, paths: tuple[str, ...] = ()) -> None:
    """Refuse a misspelt rule even where no file would need it, in an option or in a configuration that was met.

    An option may name a rule of any project that is looked at.
    """
    for path in paths or (".",):
        configuration.inside(os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path)))
    met = configuration.met()
    globs = [(one, glob) for one in met for glob in one.rule_globs()]
    if globs:
        from keraslint.announced import names

        known = names()
        globs = [(one, glob) for one, glob in globs if not any(fnmatchcase(name, glob) for name in known)]
    if globs:  # misspelt, or a rule of a project's own: now the rules must tell
        from keraslint import registry

        everywhere = [rule for one in met for rule in registry.available(one)]
        for settings, glob in globs:
            registry.verify((glob,), everywhere if place_of(glob).startswith("--") else registry.available(settings))


def find(
    paths: tuple[str, ...],
    configuration: Configuration,
    *,
    force_exclude: bool,
    stdin_filename: str | None,
    bar: Progress | None = None,
) -> Iterator[File]:
    """The files of the run; standard input is one of them. How many they are is only of interest to a bar that is
    seen."""
    piped = given(stdin_filename or "<stdin>", sys.stdin.buffer.read()) if "-" in paths else None
    expect = bar.expect_files if bar is not None and bar.seen else None
    return discover(paths or (".",), configuration, force_exclude=force_exclude, piped=piped, expect=expect)


def told(files: Iterable[File]) -> Iterator[File]:
    """The same files, each named on standard error when its turn comes."""
    for file in files:
        say(f"{file.path}: {'reading' if file.worth_reading else 'does not mention Keras'}")
        yield file


def started(files: Iterable[File]) -> Iterator[File]:
    """The same files. Python looks for garbage only when the first of them has been read.

    Until then everything that is loaded is code, which stays: looking through it again and again takes a sixth of a
    run.
    """
    for file in files:
        yield file
        if file.worth_reading and not gc.isenabled():
            gc.freeze()
            gc.enable()


def named_twice(targets: Iterable[Target]) -> str | None:
    """The file that two reports would go to."""
    files = [target.file for target in targets if target.file is not None]
    if len(files) < 2:
        return None
    from keraslint.delivery import twice

    return twice(files)


def spoken(report: Report, configuration: Configuration) -> Iterator[Rule[Any]]:
    """The rules that found something, by name. They are loaded when somebody asks: what is kept needs no rule."""
    if not report.findings:
        return
    from keraslint import registry

    paths = {finding.rule: finding.span.path for finding in report.findings}
    for name in sorted(paths):
        yield registry.named(name, registry.available(configuration.at(paths[name])))


def deliver(report: Report, target: Target, options: Options, configuration: Configuration) -> str:
    """Write the report in one format to where it belongs; why that could not be done, or nothing."""
    from keraslint.report import render

    rules = spoken(report, configuration)
    style = Style(
        summary=not options.quiet,
        verbose=options.verbose,
        statistics=options.statistics,
        rules=tuple(rules) if target.format in WITH_RULES else (),
    )
    if target.format not in FOR_PEOPLE:
        from keraslint import delivery

        probing = options.probe or options.probe_target is not None
        style = style._replace(run=delivery.run_of(configuration, probing=probing))
        if delivery.tells_all_rules(target.format):
            style = style._replace(rules=delivery.with_others(style.rules, configuration))
        if target.format == "github" and (problem := delivery.summarise(report, style, os.environ)):
            say(problem)
    if target.file is None:
        put(lambda style: render(target.format, report, style), options.color, style, rules)
        return ""
    from keraslint.writing import write_file

    try:
        write_file(target.file, render(target.format, report, style).encode("utf-8", "backslashreplace"))
    except OSError as error:
        return f"`{target.file}` cannot be written: {(error.strerror or str(error)).lower()}"
    return ""


def conclude(report: Report, configuration: Configuration, options: Options, problems: Iterable[str] = ()) -> NoReturn:
    """Say on standard error what the report has no place for, and exit."""
    said = any(target.format in FOR_PEOPLE and target.file is None for target in options.output_format)
    if options.statistics and not said:
        from keraslint.report.summary import statistics
        from keraslint.report.text import paint

        if counted := paint(statistics(report), color=False):
            say(counted.removesuffix("\n"))
    if not report.files and not said and not options.quiet:
        say("no Python files")
    if report.stale and not options.quiet:
        entries = "1 entry of the baseline is" if report.stale == 1 else f"{report.stale} entries of the baseline are"
        say(f"{entries} not found any more; `keraslint baseline --prune` takes out what is gone")
    failures_told(report)
    for problem in problems:
        say(f"Error: {problem}")
    context = click.get_current_context()
    broken = broken_rules(configuration)
    if report.failures:
        context.exit(BROKEN)
    if broken or problems:
        context.exit(REFUSED)

    def fails(path: str, severity: str) -> bool:
        return SEVERITIES.index(severity) >= SEVERITIES.index(configuration.at(path).fail_on)

    failing = any(fails(finding.span.path, str(finding.severity)) for finding in report.findings)
    context.exit(FOUND if failing and not options.exit_zero else 0)


def failures_told(report: Report) -> None:
    """Say on which files keraslint broke."""
    for path, trace in report.failures:
        say(f"{path}: {REPORT_THIS}\n{trace}")


def broken_rules(configuration: Configuration) -> bool:
    """Say which rules of the projects could not be imported; the others have run."""
    folders = configuration.folders_of_rules()
    if folders:
        from keraslint.registry import local

        for problem in (found := [problem for folder in folders for problem in local(folder).problems]):
            say(problem)
        return bool(found)
    return False


# --- explain, rules, show --------------------------------------------------------------------------------------------


@cli.command()
@click.argument("rule")
@COLOR
def explain(rule: str, color: str) -> None:
    """Print the page of a rule: what it finds, why, and programs with and without it."""
    with refusing():
        from keraslint.registry import available, fixable, named

        found = named(rule, available(Configuration().inside(os.getcwd())))
    from keraslint.report import page

    put(lambda style: page.render(found, style, fixable=fixable(found)), color, rules=[found])


@cli.command()
@click.option("--format", "form", type=Word(["table", "json"]), default="table", help="For people or for programs.")
@click.argument("path", default=".")
@with_options(*CHOOSING_RULES, *CONFIGURING, COLOR)
def rules(form: str, path: str, color: str, **asked: Any) -> None:
    """List all rules: how bad what they find is, whether they offer fixes, whether they run here and why.

    Here is the current folder, or the file or folder that is named.
    """
    with refusing():
        from keraslint import registry

        configuration = Configuration(overrides_of(**asked))
        if not os.path.exists(path):
            raise RefusalError(f"`{path}` does not exist")
        verify(configuration, (path,))
        settings = configuration.inside(os.path.abspath(path)) if os.path.isdir(path) else configuration.at(path)
        every = registry.available(settings)
    from keraslint.report import rules as table

    rows = [
        table.Row(
            rule.name,
            rule.page.title,
            registry.severity(rule.name, settings) or rule.severity,
            registry.fixable(rule),
            *registry.standing(rule, settings),
            str(rule.severity),
            registry.severity_said(rule.name, settings),
        )
        for rule in every
    ]
    put(lambda style: table.as_json(rows) if form == "json" else table.render(rows, style), color, rules=every)


@cli.command()
@click.argument("paths", nargs=-1)
@click.option("--format", "form", type=Word(["tree", "json"]), default="tree", help="For people or for programs.")
@with_options(*FINDING_FILES, *PROBING, COLOR)
def show(paths: tuple[str, ...], form: str, color: str, **asked: Any) -> None:
    """Show the models that are recovered from programs, every fact with its place and how it is known."""
    import json
    import traceback

    wanted = Shown(**asked)
    if wanted.probe_target is not None:
        paths = paths or (wanted.probe_target.path,)
    with refusing():
        configuration = Configuration(overrides_of(**asked))
        verify(configuration, paths)
    programs, broken = [], False
    with refusing(), probing(wanted, configuration) as probe:
        for file in find(
            paths, configuration, force_exclude=wanted.force_exclude, stdin_filename=wanted.stdin_filename
        ):
            if file.worth_reading:
                try:
                    programs.append(read(file, configuration, probe)[0])
                except RefusalError:
                    raise
                except Exception:
                    broken = True
                    say(f"{file.path}: {REPORT_THIS}\n{traceback.format_exc()}")
    from keraslint.probe import wire
    from keraslint.report import show as tree

    document = wire.document(programs)
    put(lambda style: json.dumps(document, indent=2) + "\n" if form == "json" else tree.render(document, style), color)
    click.get_current_context().exit(BROKEN if broken else 0)


class Shown(NamedTuple):
    """What `show` was asked for besides paths."""

    exclude: tuple[str, ...]
    force_exclude: bool
    stdin_filename: str | None
    config: tuple[str, ...]
    isolated: bool
    markdown: bool
    probe: bool
    probe_target: Any
    python: str | None
    device: str
    quiet: bool = False
    verbose: bool = False


# --- baseline --------------------------------------------------------------------------------------------------------


class Keeping(NamedTuple):
    """What `baseline` was asked for besides paths."""

    prune: bool
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    error: tuple[str, ...]
    warning: tuple[str, ...]
    note: tuple[str, ...]
    exclude: tuple[str, ...]
    force_exclude: bool
    stdin_filename: str | None
    config: tuple[str, ...]
    isolated: bool
    markdown: bool
    baseline: str | None
    probe: bool
    probe_target: Any
    python: str | None
    device: str
    quiet: bool
    verbose: bool


@cli.command()
@click.argument("paths", nargs=-1)
@with_options(
    click.option("--prune", is_flag=True, help="Only take out what is not found any more."),
    *CHOOSING_RULES,
    *FINDING_FILES,
    click.option("--baseline", metavar="FILE", help="The file to write, if not that of the configuration."),
    *PROBING,
    click.option("-q", "--quiet", is_flag=True, help="Say nothing of what was written."),
    click.option("-v", "--verbose", is_flag=True, help="Name every file."),
)
def baseline(paths: tuple[str, ...], **asked: Any) -> None:
    """Write what is found now into a file; `check` does not tell it again. What is gone is taken out."""
    options = Keeping(**asked)
    if options.probe_target is not None:
        paths = paths or (options.probe_target.path,)
    seen: list[str] = []
    with refusing():
        configuration = Configuration(overrides_of(**asked))
        verify(configuration, paths)
        files = find(paths, configuration, force_exclude=options.force_exclude, stdin_filename=options.stdin_filename)
        with probing(options, configuration) as probe:
            report = run(noted(told(files) if options.verbose else files, seen), configuration, probe)
        verify(configuration, paths)
        from keraslint import baseline as known

        done = known.Run(frozenset(seen), probed=bool(report.probed))
        for kept in known.keep(report, configuration, done, prune=options.prune):
            if not options.quiet:
                say(f"{kept.file}: {findings(kept.entries)}, {kept.new} new, {kept.gone} gone")
                if not any(shown(one.baseline or "") == kept.file for one in configuration.met()):
                    key = f'`baseline = "{os.path.basename(kept.file)}"` in the configuration'
                    say(f"to use it: {key}, or `--baseline {kept.file}`")
    if not report.files and not options.quiet:
        say("no Python files")
    failures_told(report)
    click.get_current_context().exit(BROKEN if report.failures else 0)


# --- completion ------------------------------------------------------------------------------------------------------

COMPLETING = "_KERASLINT_COMPLETE"
"""The variable in which a shell says that it wants to know what can come next."""


@cli.command()
@click.argument("shell", type=Word(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes a shell complete commands, options, rules and formats.

    \b
    bash  eval "$(keraslint completion bash)"      in ~/.bashrc
    zsh   eval "$(keraslint completion zsh)"       in ~/.zshrc, after compinit
    fish  keraslint completion fish | source       in ~/.config/fish/config.fish
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    put(lambda _: made(cli, {}, "keraslint", COMPLETING).source() + "\n", "never")


def offer_words() -> None:
    """Tell the options and arguments what to offer to a shell."""
    from click.shell_completion import CompletionItem

    from keraslint.completion import FILES, OFFERED

    def offering(words: Callable[[], Iterator[tuple[str, str]]]) -> Function:
        def offered(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[Any]:
            return [
                CompletionItem(word, help=told or None) if word != FILES else CompletionItem(incomplete, type="file")
                for word, told in words()
                if word.startswith(incomplete) or word == FILES
            ]

        return offered

    for command in cli.commands.values():
        for param in command.params:
            shown = param.metavar or ("" if isinstance(param.type, click.Choice) else (param.name or "").upper())
            if shown in OFFERED:
                param._custom_shell_complete = offering(OFFERED[shown])


# --- new -------------------------------------------------------------------------------------------------------------


@cli.command()
@click.argument("name")
def new(name: str) -> None:
    """Begin a rule: write its file and a program for it, in this repository's folder of rules."""
    from keraslint import scaffold

    with refusing():
        for path in scaffold.write(name, os.getcwd()):
            click.echo(path)


# --- server ----------------------------------------------------------------------------------------------------------


@cli.command()
def server() -> None:
    """Talk with an editor in the language server protocol, over standard input and output."""
    try:
        from keraslint.server import serve
    except ImportError as error:
        raise Refusal(f"`keraslint server` needs pygls 2: pip install 'keraslint[lsp]' ({error})") from error
    if sys.stdin.isatty():
        say("waiting for an editor on standard input; README.md says how to set one up")
    gc.enable()  # see `started`: this process goes on
    click.get_current_context().exit(serve(sys.stdin.buffer, terminal.output_for_a_protocol()))


# --- clean -----------------------------------------------------------------------------------------------------------


@cli.command()
@with_options(*CONFIGURING)
def clean(**asked: Any) -> None:
    """Remove what is kept for the next run, in the project around the current folder."""
    with refusing():
        from keraslint import cache

        folder = cache.folder_of(Configuration(overrides_of(**asked)))
    troubles: list[str] = []
    removed = cache.clean(folder, told=troubles.append)
    results = f"{removed.results} result{'' if removed.results == 1 else 's'}"
    there = removed.results or removed.size
    click.echo(f"removed {results} from `{shown(folder)}`" if there else f"nothing is kept in `{shown(folder)}`")
    if troubles:
        raise Refusal("; ".join(troubles))


# --- the terminal ----------------------------------------------------------------------------------------------------


def put(text: Callable[[Style], str], color: str, style: Style | None = None, rules: Iterable[Rule[Any]] = ()) -> None:
    """Write a text to standard output, made for the window that it goes to. The names of `rules` lead to their pages
    where a terminal can follow links."""
    watched = sys.stdout.isatty()
    style = (style or Style())._replace(
        width=terminal.window(os.environ, sys.stdout) if watched else None,
        color=terminal.colors(color, os.environ, terminal=watched),
        encoding=terminal.encoding(sys.stdout),
    )
    if terminal.links(os.environ, terminal=watched) and (rules := tuple(rules)):
        from keraslint.registry import address

        style = style._replace(links={rule.name: address(rule) for rule in rules})
    written = text(style)
    try:
        click.echo(written, file=sys.stdout, nl=False, color=style.color or bool(style.links))
    except BrokenPipeError:  # whoever reads has seen enough, as with `| head`; the exit code still tells
        terminal.drop(sys.stdout)


def say(text: str) -> None:
    """Tell something on standard error, if anybody is there; names from elsewhere do not steer the terminal."""
    from keraslint.report.text import visible

    try:
        click.echo("\n".join(map(visible, text.split("\n"))), err=True)
    except OSError:
        terminal.drop(sys.stderr)


def main() -> NoReturn:
    """The command `keraslint`."""
    gc.disable()  # see `started`
    terminal.prepare()
    try:
        terminal.catch_signals()
        code = called()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except terminal.Ended as end:
        code = 128 + end.number
    terminal.last_words()
    terminal.flush()
    sys.exit(code)


def called() -> int:
    """Follow the command line: the exit code, with whatever goes wrong told on standard error."""
    try:
        os.getcwd()
    except OSError:
        say("Error: the current folder does not exist any more")
        return REFUSED
    try:
        if COMPLETING in os.environ:
            offer_words()
        return int(cli.main(prog_name="keraslint", standalone_mode=False) or 0)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else REFUSED if end.code else 0
    except click.ClickException as error:
        return refused(error)
    except click.Abort:
        return INTERRUPTED
    except OSError as error:
        if error.errno not in NOT_TAKEN:
            return broken()
        terminal.drop(sys.stdout)
        say(f"Error: standard output cannot be written: {(error.strerror or str(error)).lower()}")
        return REFUSED
    except Exception:
        return broken()


NOT_TAKEN = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EPIPE, errno.EFBIG, errno.EBADF}
"""How the system says that what is written to standard output gets nowhere; all files are opened elsewhere."""


def refused(error: click.ClickException) -> int:
    """Say what cannot be done, with the usage where that is what was wrong."""
    usage = getattr(error, "ctx", None)
    if usage is not None:
        say(f"{usage.get_usage()}\nTry `{usage.command_path} --help`\n")
    say(f"Error: {error.format_message()}")
    return error.exit_code


def broken() -> int:
    """Say that keraslint itself is at fault, and where."""
    import traceback

    say(f"{REPORT_THIS}\n{traceback.format_exc()}")
    return BROKEN

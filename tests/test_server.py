"""The language server, as an editor meets it: a process, and a client that talks with it over its standard streams.

The client is that of pygls. It keeps the texts, applies edits as editors do, and never looks into the server.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.uris import to_fs_path

from keraslint.server.text import Text

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0

RIGHT = """\
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
model.compile("adam", loss=keras.losses.CategoricalCrossentropy())
"""
WRONG = RIGHT.replace("()", "(from_logits=True)")
RULE = "probabilities-as-logits"

Diagnostics = list[types.Diagnostic]


class Editor(LanguageClient):
    """An editor with some open texts: what it was told, and what it shows."""

    def __init__(self, encoding: str = "utf-16") -> None:
        super().__init__("editor", "1")
        self.encoding = encoding
        self.texts: dict[str, Text] = {}
        self.versions: dict[str, int] = {}
        self.told: list[types.PublishDiagnosticsParams] = []
        self.messages: list[str] = []
        self.logged: list[str] = []
        self.watching: list[Any] = []
        self.refreshed: list[Any] = []
        self.news = asyncio.Event()
        self.hello: Any = None
        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self._heard(self.told, params))
        self.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self._heard(self.messages, params.message))
        self.feature(types.WINDOW_LOG_MESSAGE)(lambda params: self._heard(self.logged, params.message))
        self.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: self._heard(self.watching, params))
        self.feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)(lambda params: self._heard(self.refreshed, params))

    def _heard(self, where: list[Any], what: Any) -> None:
        where.append(what)
        self.news.set()

    async def until(self, true: Callable[[], Any]) -> Any:
        """Wait for something to become true."""
        async with asyncio.timeout(PATIENCE):
            while not (result := true()):
                self.news.clear()
                await self.news.wait()
        return result

    # --- what the user does ------------------------------------------------------------------------------------------

    def open(self, path: Path | str, text: str, language: str = "python") -> str:
        """Open a text, which need not be on the disk."""
        uri = path.as_uri() if isinstance(path, Path) else path
        self.texts[uri], self.versions[uri] = Text(text, self.encoding), 1
        item = types.TextDocumentItem(uri, language, 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def replace(self, uri: str, old: str, new: str) -> None:
        """Replace the first occurrence of a text, as typing over a selection does."""
        text = self.texts[uri]
        start = text.text.index(old)
        self.change(uri, [types.TextEdit(text.between(start, start + len(old)), new)])

    def change(self, uri: str, edits: list[types.TextEdit]) -> None:
        """Make edits, all of which are about the text as it is now, and tell them one after the other."""
        self.versions[uri] += 1
        last_first = sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True)
        changes: list[types.TextDocumentContentChangeEvent] = []
        for edit in last_first:
            change = types.TextDocumentContentChangePartial(edit.range, edit.new_text)
            self.texts[uri] = self.texts[uri].changed(change)
            changes.append(change)
        identifier = types.VersionedTextDocumentIdentifier(uri=uri, version=self.versions[uri])
        self.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    def apply(self, edit: types.WorkspaceEdit) -> None:
        """Apply what a code action says, as an editor does: never to a version that is not there any more."""
        for change in edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.version == self.versions[change.text_document.uri]
            self.change(change.text_document.uri, [one for one in change.edits if isinstance(one, types.TextEdit)])
        for uri, edits in (edit.changes or {}).items():
            self.change(uri, list(edits))

    async def findings(self, uri: str) -> Diagnostics:
        """What is shown for the text as it is now."""
        wanted = self.versions[uri]

        def current() -> list[types.PublishDiagnosticsParams]:
            return [one for one in self.told if one.uri == uri and one.version == wanted]

        return list((await self.until(current))[-1].diagnostics)

    async def actions(self, uri: str, place: types.Range, *only: str) -> list[types.CodeAction]:
        """What can be done at a place."""
        context = types.CodeActionContext([], only=list(only) or None)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, context)
        found = await self.text_document_code_action_async(params)
        return [one for one in found or () if isinstance(one, types.CodeAction)]

    async def hover(self, uri: str, word: str, shift: int = 0) -> str | None:
        """What is told of the first occurrence of a word."""
        text = self.texts[uri]
        place = text.between(at := text.text.index(word) + shift, at).start
        params = types.HoverParams(types.TextDocumentIdentifier(uri), place)
        told = await self.text_document_hover_async(params)
        return told.contents.value if told and isinstance(told.contents, types.MarkupContent) else None


def abilities(*, pull: bool = False, plain: bool = False, encodings: tuple[str, ...] = ()) -> types.ClientCapabilities:
    """What the editor says it can: much, or (`plain`) next to nothing."""
    if plain:
        return types.ClientCapabilities()
    tags = types.ClientDiagnosticsTagOptions(list(types.DiagnosticTag))
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(
            position_encodings=[types.PositionEncodingKind(one) for one in encodings] or None
        ),
        notebook_document=types.NotebookDocumentClientCapabilities(
            types.NotebookDocumentSyncClientCapabilities(dynamic_registration=False)
        ),
        text_document=types.TextDocumentClientCapabilities(
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                related_information=True, tag_support=tags, code_description_support=True
            ),
            hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
            diagnostic=types.DiagnosticClientCapabilities() if pull else None,
            code_action=types.CodeActionClientCapabilities(
                resolve_support=types.ClientCodeActionResolveOptions(["edit"]) if pull else None
            ),
        ),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True),
        ),
    )


def environment() -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "rules"), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": paths}


@asynccontextmanager
async def session(
    *folders: Path,
    can: types.ClientCapabilities | None = None,
    encoding: str = "utf-16",
    options: Any = None,
    stderr: str = "",
) -> AsyncIterator[Editor]:
    """A conversation from hello to goodbye; the server ends with 0 and has written nothing on standard error."""
    editor = Editor(encoding)
    await editor.start_io(sys.executable, "-m", "keraslint", "server", cwd=str(folders[0]), env=environment())
    server = editor._server
    assert server is not None
    assert server.stderr is not None
    said = asyncio.create_task(server.stderr.read())
    try:
        params = types.InitializeParams(
            capabilities=can or abilities(),
            workspace_folders=[types.WorkspaceFolder(one.as_uri(), one.name) for one in folders],
            initialization_options=options,
        )
        async with asyncio.timeout(PATIENCE):
            editor.hello = await editor.initialize_async(params)
        editor.initialized(types.InitializedParams())
        yield editor
        async with asyncio.timeout(PATIENCE):
            await editor.shutdown_async(None)
            editor.exit(None)
            assert await server.wait() == 0
            assert (await said).decode() == stderr
    finally:
        if server.returncode is None:
            server.kill()
        await editor.stop()


Scenario = Callable[[Path], Awaitable[None]]


def conversation(scenario: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """A test of the events in a loop of its own."""

    def run(tmp_path: Path) -> None:
        asyncio.run(scenario(tmp_path))

    run.__name__ = scenario.__name__
    return run


EVERYWHERE = types.Range(types.Position(0, 0), types.Position(10_000, 0))


# --- diagnostics -----------------------------------------------------------------------------------------------------


@conversation
async def test_what_is_typed_is_judged_and_mended(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        uri = editor.open(tmp_path / "train.py", RIGHT)
        assert await editor.findings(uri) == []
        editor.replace(uri, "()", "(from_logits=True)")
        [found] = await editor.findings(uri)
        assert (found.code, found.source, found.severity) == (RULE, "keraslint", types.DiagnosticSeverity.Warning)
        assert found.message.splitlines()[0] == "softmax output, but the loss asks for logits"
        assert found.range == types.Range(types.Position(3, 64), types.Position(3, 80))
        assert found.code_description is not None
        assert found.code_description.href.endswith("/keraslint_rules/probabilities_as_logits.py")
        [other] = found.related_information or []
        assert (other.location.uri, other.message) == (uri, "already probabilities")
        assert other.location.range.start == types.Position(2, 78)
        offered = await editor.actions(uri, found.range)
        assert [one.is_preferred for one in offered if list(one.diagnostics or ()) == [found]] == [True, False, None]
        assert offered[0].title == "Drop from_logits=True"
        assert offered[1].title.endswith("(changes what is trained)")
        assert offered[0].edit is not None
        editor.apply(offered[0].edit)
        assert editor.texts[uri].text == RIGHT
        assert await editor.findings(uri) == []
        assert not (tmp_path / "train.py").exists()
        editor.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
        await editor.until(lambda: editor.told[-1].version is None)
        assert not editor.told[-1].diagnostics


@conversation
async def test_half_a_program_is_no_end(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        uri = editor.open(tmp_path / "train.py", "import keras\n")
        await editor.findings(uri)
        for number, character in enumerate(WRONG.removeprefix("import keras\n")):
            end = len(editor.texts[uri].text)
            editor.change(uri, [types.TextEdit(editor.texts[uri].between(end, end), character)])
            if number % 60 == 59:
                await editor.findings(uri)  # whatever is there now, it is judged
        [found] = await editor.findings(uri)
        assert found.code == RULE
        versions = [one.version or 0 for one in editor.told]
        assert versions == sorted(versions)  # nothing is told of a text that is not there any more
        assert len(versions) < editor.versions[uri] / 2  # and not of every key
        editor.replace(uri, "model.compile(", "model.compile((")
        [found] = await editor.findings(uri)
        assert found.code == "unreadable-file"
        editor.change(uri, [types.TextEdit(EVERYWHERE, "\0keras )(]")])
        await editor.findings(uri)
        editor.change(uri, [types.TextEdit(EVERYWHERE, WRONG)])
        assert [one.code for one in await editor.findings(uri)] == [RULE]


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 9), ("utf-16", 6), ("utf-32", 5)])
def test_places_are_told_in_the_units_that_were_agreed_upon(encoding: str, units: int, tmp_path: Path) -> None:
    text = WRONG.replace('"adam", loss', '"adam",  # é\f\u2028 is no line end\n    **{"é𝄞": 1}, loss')
    odd = f"{text}é = '𝄞'; x = 1\n".replace("\n", "\r\n")

    async def scenario() -> None:
        async with session(tmp_path, can=abilities(encodings=(encoding,)), encoding=encoding) as editor:
            assert editor.hello.capabilities.position_encoding == encoding
            uri = editor.open(tmp_path / "train.py", odd)
            [found] = await editor.findings(uri)
            start, end = (editor.texts[uri].offset(place) for place in (found.range.start, found.range.end))
            assert odd[start:end] == "from_logits=True"
            editor.replace(uri, "'𝄞'", "'𝄞𝄞'")
            editor.replace(uri, "; x = 1", "")  # right only where the place behind the new character was understood
            editor.replace(uri, "é = '𝄞𝄞'", "ü = [1,\r\n2]")
            [found] = await editor.findings(uri)
            [fix, *_] = await editor.actions(uri, found.range, "quickfix")
            assert fix.edit is not None
            editor.apply(fix.edit)
            assert editor.texts[uri].text == odd.replace("from_logits=True", "").replace(
                "é = '𝄞'; x = 1", "ü = [1,\r\n2]"
            )
            assert await editor.findings(uri) == []
            assert await editor.actions(uri, EVERYWHERE, "source") == []

    assert Text("é𝄞 = x", encoding).position(1, 6).character == units
    asyncio.run(scenario())


@conversation
async def test_what_is_open_goes_before_what_is_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("import keras\n\n\ndef build():\n    return 1\n", encoding="utf-8")
    async with session(tmp_path) as editor:
        build = 'return keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])'
        models = editor.open(tmp_path / "models.py", f"# é 𝄞\nimport keras\n\n\ndef build():\n    {build}\n")
        loss = WRONG.splitlines(keepends=True)[3]
        train = editor.open(tmp_path / "train.py", f"import keras\nfrom models import build\n\nmodel = build()\n{loss}")
        [found] = await editor.findings(train)
        [other] = found.related_information or []
        assert other.location.uri == models
        assert other.location.range.start == types.Position(5, build.index('"softmax"') + 4)
        assert await editor.findings(models) == []  # it is told where it is trained
        drop = next(one for one in await editor.actions(train, found.range) if one.title.startswith("Drop the softmax"))
        assert drop.edit is not None
        editor.apply(drop.edit)
        assert "3)])" in editor.texts[models].text
        await editor.until(lambda: editor.told[-1].uri == train and not editor.told[-1].diagnostics)
        editor.replace(models, "Dense(3)", "Dense(3, activation='sigmoid')")
        await editor.until(lambda: editor.told[-1].uri == train and editor.told[-1].diagnostics)


@conversation
async def test_a_path_may_be_any_path(tmp_path: Path) -> None:
    folder = tmp_path / "my é [1]%20 #"
    folder.mkdir()
    (folder / "models.py").write_text(RIGHT.split("model.compile")[0], encoding="utf-8")
    async with session(folder) as editor:
        loss = WRONG.splitlines(keepends=True)[3]
        uri = editor.open(folder / "train.py", f"import keras\nfrom models import model\n\n{loss}")
        [found] = await editor.findings(uri)
        [other] = found.related_information or []
        assert Path(to_fs_path(other.location.uri) or "") == folder / "models.py"  # it is not open, and read from disk
        drop = next(one for one in await editor.actions(uri, found.range) if one.title.startswith("Drop the softmax"))
        assert drop.edit is not None
        [change] = drop.edit.document_changes or []
        assert isinstance(change, types.TextDocumentEdit)
        assert (change.text_document.uri, change.text_document.version) == (other.location.uri, None)
        editor.open(f"git:{(folder / 'train.py').as_uri()}", WRONG)  # the other side of a comparison
        editor.replace(uri, "from_logits=True", "")
        assert await editor.findings(uri) == []
        assert {one.uri for one in editor.told} == {uri}


@conversation
async def test_what_an_editor_cannot_show_is_told_in_words(tmp_path: Path) -> None:
    async with session(tmp_path, can=abilities(plain=True)) as editor:
        uri = editor.open(tmp_path / "train.py", WRONG)
        [found] = await editor.findings(uri)
        assert found.related_information is None
        assert found.code_description is None
        assert "train.py:3: already probabilities" in found.message.splitlines()
        told = await editor.hover(uri, "from_logits")
        assert told is not None
        assert told.startswith(f"warning[{RULE}]: softmax output")
        assert "**" not in told
        assert "\nBad:\n    import keras" in told
        [fix] = await editor.actions(uri, EVERYWHERE, "source.fixAll")
        assert fix.edit is not None
        assert fix.edit.document_changes is None
        editor.apply(fix.edit)
        assert editor.texts[uri].text == RIGHT


@conversation
async def test_what_says_nothing_and_what_is_deprecated_is_marked(tmp_path: Path) -> None:
    text = RIGHT.replace("\n\n", "\n\nx = 1  # keraslint: ignore[dropout-rat]\n", 1) + (
        "model.fit_generator(iter([]))\n"
    )
    async with session(tmp_path) as editor:
        uri = editor.open(tmp_path / "train.py", text)
        tags = {str(one.code): one.tags for one in await editor.findings(uri)}
        assert list(tags["unused-ignore"] or ()) == [types.DiagnosticTag.Unnecessary]
        assert [types.DiagnosticTag.Deprecated] in [list(one or ()) for one in tags.values()]


# --- asked for, not told ---------------------------------------------------------------------------------------------


@conversation
async def test_an_editor_that_asks_is_not_told(tmp_path: Path) -> None:
    async with session(tmp_path, can=abilities(pull=True)) as editor:
        uri = editor.open(tmp_path / "train.py", WRONG)

        async def pulled() -> list[str]:
            params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
            report = await editor.text_document_diagnostic_async(params)
            assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
            return [str(one.code) for one in report.items]

        assert await pulled() == [RULE]
        asked = asyncio.gather(*(pulled() for _ in range(5)), editor.hover(uri, "from_logits"))
        editor.replace(uri, "from_logits=True", "from_logits=1 > 0")
        assert len(await asked) == 6  # whatever is typed meanwhile, everybody gets an answer
        editor.replace(uri, "from_logits=1 > 0", "")
        assert await pulled() == []
        editor.replace(uri, "CategoricalCrossentropy()", "CategoricalCrossentropy(from_logits=True)")
        [action] = await editor.actions(uri, EVERYWHERE, "source.fixAll.keraslint")
        assert action.edit is None  # it takes a while, so it is computed when it is chosen
        action = await editor.code_action_resolve_async(action)
        assert action.edit is not None
        editor.apply(action.edit)
        assert editor.texts[uri].text == RIGHT
        (tmp_path / "keraslint.toml").write_text('ignore = ["*"]\n', encoding="utf-8")
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
        await editor.until(lambda: editor.refreshed)
        assert editor.told == []


# --- configuration ---------------------------------------------------------------------------------------------------


@conversation
async def test_the_configuration_is_followed_when_it_changes(tmp_path: Path) -> None:
    configuration = tmp_path / "keraslint.toml"
    async with session(tmp_path) as editor:
        await editor.until(lambda: editor.watching)
        [registration] = editor.watching[0].registrations
        assert registration.method == "workspace/didChangeWatchedFiles"
        assert "**/{keraslint,pyproject}.toml" in str(registration.register_options)
        uri = editor.open(tmp_path / "train.py", WRONG)
        assert len(await editor.findings(uri)) == 1

        async def after(text: str) -> list[tuple[Any, Any]]:
            configuration.write_text(text, encoding="utf-8")
            before = len(editor.told)
            event = types.FileEvent(configuration.as_uri(), types.FileChangeType.Changed)
            editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
            await editor.until(lambda: len(editor.told) > before)
            return [(one.code, one.severity) for one in editor.told[-1].diagnostics]

        assert await after(f'ignore = ["{RULE}"]\n') == []
        assert await after(f'severity = {{ "{RULE}" = "note" }}\n') == [(RULE, types.DiagnosticSeverity.Information)]
        assert await after('exclude = ["train.py"]\n') == []
        assert editor.messages == []
        assert await after("ignroe = []\n") == []
        [message] = editor.messages
        assert message.endswith("keraslint.toml:1: unknown key `ignroe`; did you mean `ignore`?")
        editor.replace(uri, "keras\n", "keras \n")
        await editor.findings(uri)
        assert len(editor.messages) == 1  # once, and not with every key
        await after('select = ["dropout-rat"]\n')
        assert "unknown rule `dropout-rat`; did you mean `dropout-rate`" in editor.messages[1]
        await after("not TOML")
        assert "not TOML" in editor.messages[2]
        configuration.unlink()
        editor.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
        await editor.until(lambda: [one.code for one in editor.told[-1].diagnostics] == [RULE])


@conversation
async def test_the_settings_of_the_editor_hold(tmp_path: Path) -> None:
    async with session(tmp_path, options={"ignore": [RULE], "slect": []}) as editor:
        uri = editor.open(tmp_path / "train.py", WRONG)
        assert await editor.findings(uri) == []
        assert editor.messages == ["keraslint: the editor's settings: unknown key `slect`; did you mean `select`?"]

        async def after(settings: Any) -> list[Any]:
            before = len(editor.told)
            editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
            await editor.until(lambda: len(editor.told) > before)
            return [one.code for one in editor.told[-1].diagnostics]

        assert await after(None) == []  # an editor that would rather be asked
        assert await after({"keraslint": {"select": ["probabilities-*"]}}) == [RULE]
        assert await after({"keraslint": {"config": [f'severity = {{ "{RULE}" = "note" }}']}}) == [RULE]
        assert await after({"keraslint": {"select": ["no-such"]}}) == []
        assert "the editor's settings: unknown rule `no-such`" in editor.messages[-1]
        assert await after({"keraslint": {"ignore": "x"}}) == [RULE]
        assert "`ignore` must be a list of strings" in editor.messages[-1]


LOCAL = '''\
from collections.abc import Iterator

from keraslint import Fact, Finding, Model, Severity, rule

print("a rule that prints, in the middle of a protocol")


@rule(Model, Severity.ERROR)
def check(model: Model) -> Iterator[Finding]:
    """Nothing is wrong with a model."""
    yield Finding("FIRST", because=(Fact("model", model.span),))
'''


def test_rules_of_a_project_are_read_anew_and_may_print(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    (one / "lint").mkdir()
    (one / "lint" / "own_rule.py").write_text(LOCAL, encoding="utf-8")
    (one / "keraslint.toml").write_text('rules = ["lint"]\nselect = ["own-rule"]\n', encoding="utf-8")

    async def scenario() -> None:
        async with session(one, two, stderr="a rule that prints, in the middle of a protocol\n" * 2) as editor:
            first, second = (editor.open(folder / "train.py", WRONG) for folder in (one, two))
            assert [one.message for one in await editor.findings(first)] == ["FIRST"]
            assert [one.code for one in await editor.findings(second)] == [RULE]  # a folder has its own configuration
            (one / "lint" / "own_rule.py").write_text(LOCAL.replace("FIRST", "SECOND!"), encoding="utf-8")
            editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
            await editor.until(
                lambda: any(one.message == "SECOND!" for told in editor.told for one in told.diagnostics)
            )

    asyncio.run(scenario())


@conversation
async def test_what_a_walk_passes_by_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("made.py\n", encoding="utf-8")
    for name in ("build", ".venv"):
        (tmp_path / name).mkdir()
    async with session(tmp_path) as editor:
        for name in ("build/train.py", ".venv/train.py", "made.py"):
            assert await editor.findings(editor.open(tmp_path / name, WRONG)) == []
        editor.open(tmp_path / "README.md", WRONG, "markdown")
        await editor.findings(editor.open(tmp_path / "train.py", RIGHT))
        assert not any("README" in one.uri for one in editor.told)


@conversation
async def test_a_text_that_was_never_saved_is_judged(tmp_path: Path) -> None:
    (tmp_path / "keraslint.toml").write_text(f'severity = {{ "{RULE}" = "error" }}\n', encoding="utf-8")
    async with session(tmp_path) as editor:
        uri = editor.open("untitled:Untitled-1", WRONG)
        [found] = await editor.findings(uri)
        assert (found.code, found.severity) == (RULE, types.DiagnosticSeverity.Error)
        latin = editor.open(tmp_path / "old.py", f"# coding: latin-1\né = 'ü'\n{WRONG}")
        assert [one.code for one in await editor.findings(latin)] == [RULE]


# --- notebooks -------------------------------------------------------------------------------------------------------


@conversation
async def test_the_cells_of_a_notebook_are_judged_together(tmp_path: Path) -> None:
    notebook = (tmp_path / "train.ipynb").as_uri()
    scheme = notebook.replace("file:", "vscode-notebook-cell:")
    first, prose, second, third = (f"{scheme}#{number}" for number in range(4))
    model, loss = WRONG.rsplit("\n", 2)[0] + "\n", WRONG.splitlines(keepends=True)[3]
    async with session(tmp_path) as editor:
        kinds = (types.NotebookCellKind.Code, types.NotebookCellKind.Markup, types.NotebookCellKind.Code)
        cells = [types.NotebookCell(kind, uri) for kind, uri in zip(kinds, (first, prose, second), strict=True)]
        texts = {first: f"# 𝄞\n{model}", second: f"%time 1\n{loss}"}
        editor.texts |= {uri: Text(text) for uri, text in texts.items()}
        editor.versions |= dict.fromkeys(texts, 1)
        editor.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(
                types.NotebookDocument(notebook, "jupyter-notebook", 1, cells),
                [types.TextDocumentItem(uri, "python", 1, text) for uri, text in texts.items()],
            )
        )
        assert await editor.findings(first) == []
        [found] = await editor.findings(second)
        assert found.range == types.Range(types.Position(1, 64), types.Position(1, 80))
        [other] = found.related_information or []
        assert (other.location.uri, other.location.range.start) == (first, types.Position(3, 78))
        assert RULE in (await editor.hover(second, "from_logits") or "")
        offered = await editor.actions(second, found.range, "quickfix")
        drop = next(one for one in offered if one.title.startswith("Drop the softmax"))
        assert drop.edit is not None
        [change] = drop.edit.document_changes or []
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.uri == first
        assert offered[-1].edit is not None
        [change] = offered[-1].edit.document_changes or []
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.uri == second
        [comment] = change.edits
        assert isinstance(comment, types.TextEdit)
        assert (comment.new_text, comment.range.start) == (f"# keraslint: ignore[{RULE}]\n", types.Position(1, 0))

        def structure(start: int, count: int, new: list[types.NotebookCell], **more: Any) -> None:
            array = types.NotebookCellArrayChange(start, count, new)
            changed = types.NotebookDocumentCellChangeStructure(array, **more)
            editor.notebook_document_did_change(
                types.DidChangeNotebookDocumentParams(
                    types.VersionedNotebookDocumentIdentifier(2, notebook),
                    types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(structure=changed)),
                )
            )

        def typed(uri: str, text: str) -> None:
            editor.versions[uri] += 1
            identifier = types.VersionedTextDocumentIdentifier(uri=uri, version=editor.versions[uri])
            content = types.NotebookDocumentCellContentChanges(
                identifier, [types.TextDocumentContentChangePartial(EVERYWHERE, text)]
            )
            editor.notebook_document_did_change(
                types.DidChangeNotebookDocumentParams(
                    types.VersionedNotebookDocumentIdentifier(3, notebook),
                    types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[content])),
                )
            )

        typed(second, f"{loss.rstrip()}  # keraslint: ignore[{RULE}]\n")
        assert await editor.findings(second) == []
        typed(second, loss)
        assert [one.code for one in await editor.findings(second)] == [RULE]
        new = types.NotebookCell(types.NotebookCellKind.Code, third)
        editor.versions[third] = 1
        item = types.TextDocumentItem(third, "python", 1, model.replace(', activation="softmax"', ""))
        structure(1, 1, [new], did_open=[item])
        await editor.findings(third)
        await editor.until(lambda: not [one for one in editor.told if one.uri == second][-1].diagnostics)
        structure(1, 1, [], did_close=[types.TextDocumentIdentifier(third)])
        await editor.until(lambda: [one for one in editor.told if one.uri == second][-1].diagnostics)
        [fix] = await editor.actions(second, EVERYWHERE, "source.fixAll")
        assert fix.edit is not None
        [change] = fix.edit.document_changes or []
        assert isinstance(change, types.TextDocumentEdit)
        assert (change.text_document.uri, change.text_document.version) == (second, editor.versions[second])
        editor.notebook_document_did_close(
            types.DidCloseNotebookDocumentParams(
                types.NotebookDocumentIdentifier(notebook),
                [types.TextDocumentIdentifier(one) for one in (first, second)],
            )
        )
        await editor.until(lambda: editor.told[-1].version is None and editor.told[-1].uri == second)


@conversation
async def test_an_editor_without_notebooks_opens_the_file(tmp_path: Path) -> None:
    source = [line + "\n" for line in WRONG.splitlines()]
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    async with session(tmp_path) as editor:
        uri = editor.open(tmp_path / "train.ipynb", text, "json")
        [found] = await editor.findings(uri)
        assert "from_logits=True" in editor.texts[uri].lines[found.range.start.line]
        offered = await editor.actions(uri, found.range, "quickfix")
        assert offered[-1].title == f"Ignore `{RULE}` here with a comment"
        assert offered[-1].edit is not None
        editor.apply(offered[-1].edit)
        assert f"# keraslint: ignore[{RULE}]\\n" in editor.texts[uri].text
        assert await editor.findings(uri) == []
        editor.change(uri, [types.TextEdit(EVERYWHERE, text)])
        [found] = await editor.findings(uri)
        offered = await editor.actions(uri, found.range, "quickfix")
        assert offered[0].edit is not None
        editor.apply(offered[0].edit)
        [cell] = json.loads(editor.texts[uri].text)["cells"]
        assert cell["source"] == [line + "\n" for line in RIGHT.splitlines()]
        assert await editor.findings(uri) == []


# --- hover and comments ----------------------------------------------------------------------------------------------


@conversation
async def test_the_page_of_a_rule_is_shown_where_it_speaks_and_where_it_is_named(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        uri = editor.open(tmp_path / "train.py", WRONG + "x = 1  # keraslint: ignore[dropout-rate, no-such]\n")
        told = await editor.hover(uri, "from_logits") or ""
        assert told.startswith(f"**warning[{RULE}]**: softmax output, but the loss asks for logits\n\n- ")
        assert "### Bad\n\n```python\nimport keras\n" in told
        assert told == await editor.hover(uri, "softmax")  # at the other place too
        assert await editor.hover(uri, "adam") is None
        assert "`dropout-rate`\n\n**A dropout rate is" in (await editor.hover(uri, "dropout-rate", 3) or "")
        assert "**A dropout rate is" not in (await editor.hover(uri, "no-such") or "")


@conversation
async def test_a_comment_says_that_it_is_meant(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        short = WRONG.replace('"adam", ', "")
        texts = (WRONG, short, short[:-1], WRONG.replace("\n", "\r\n"), f"# coding: latin-1\n{short}# é\n")
        for number, text in enumerate(texts):
            uri = editor.open(tmp_path / f"train{number}.py", text)
            [found] = await editor.findings(uri)
            action = (await editor.actions(uri, found.range, "quickfix"))[-1]
            assert action.title == f"Ignore `{RULE}` here with a comment"
            assert action.edit is not None
            editor.apply(action.edit)
            comment = f"# keraslint: ignore[{RULE}]"
            after = text.replace("True))", f"True))  {comment}")
            if "adam" in text:  # the line would be too long
                end = "\r\n" if "\r" in text else "\n"
                after = text.replace("model.compile", f"{comment}{end}model.compile")
            assert editor.texts[uri].text == after
            assert await editor.findings(uri) == []


# --- texts -----------------------------------------------------------------------------------------------------------

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
ANY = st.text(st.sampled_from("ab é𝄞\t\f\u2028\r\n"), max_size=30)
ENCODINGS = st.sampled_from(["utf-8", "utf-16", "utf-32"])


@PATIENT
@given(ANY, ENCODINGS, st.data())
def test_a_place_is_the_same_place_in_both_countings(text: str, encoding: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    kept = Text(text, encoding)
    found = kept.between(start, end)
    inside = [at for at in (start, end) if text[at - 1 : at + 1] != "\r\n"]  # nothing is between these two
    assert {kept.offset(found.start), kept.offset(found.end)} >= set(inside)
    last = re.split(r"\r\n?|\n", text[: kept.offset(found.start)])[-1]
    codec, width = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[encoding]
    units = len(last.encode(codec)) // width
    assert found.start.character == units


@PATIENT
@given(ANY, ANY, ENCODINGS)
def test_edits_of_lines_make_one_text_of_another(before: str, after: str, encoding: str) -> None:
    text = Text(before, encoding)
    for edit in reversed([*text.edits_to(after)]):  # the last one first, so that no other place moves
        text = text.changed(types.TextDocumentContentChangePartial(edit.range, edit.new_text))
    assert text.text == after


@PATIENT
@given(ANY, st.integers(0, 9), st.integers(0, 40), ENCODINGS)
def test_a_place_behind_the_end_is_the_end(text: str, line: int, character: int, encoding: str) -> None:
    kept = Text(text, encoding)
    place = types.Position(line, character)
    assert 0 <= kept.offset(place) <= len(text)
    assert "\n" not in kept.text[kept.offset(types.Position(line, 0)) : kept.offset(place)]
    assert kept.changed(types.TextDocumentContentChangePartial(types.Range(place, place), "")).text == text


# --- the process -----------------------------------------------------------------------------------------------------


def test_who_leaves_without_a_word_is_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "keraslint", "server"]

    def said(*messages: dict[str, Any]) -> bytes:
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
        return b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)

    def done(data: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command, input=data, cwd=tmp_path, env=environment(), capture_output=True, check=False)

    hello = {"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": None}}
    goodbye = ({"id": 2, "method": "shutdown"}, {"method": "exit"})
    left = done(said(hello))
    assert left.returncode == 1
    assert left.stdout.startswith(b"Content-Length: ")
    assert b"Traceback" not in left.stderr
    assert done(said(hello, {"method": "exit"})).returncode == 1
    assert done(said(hello, *goodbye)).returncode == 0
    noise = b"Content-Length: 9\r\n\r\n{garbage}" + said(
        {"id": 7, "method": "no/such", "params": {}}, {"method": "$/no", "params": {}}
    )
    spoken = done(said(hello) + noise + said(*goodbye))
    assert spoken.returncode == 0
    answers = [json.loads(part[part.index(b"{") :]) for part in spoken.stdout.split(b"Content-Length: ")[1:]]
    assert [answer["error"]["code"] for answer in answers if answer.get("id") == 7] == [-32601]
    assert answers[-1] == {"jsonrpc": "2.0", "id": 2, "result": None}


def test_without_pygls_it_says_what_to_install(tmp_path: Path) -> None:
    program = """
import sys
sys.modules["pygls"] = None
sys.argv = ["keraslint", "server"]
from keraslint.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "`keraslint server` needs pygls 2: pip install 'keraslint[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_readme_tells_editors_starts_the_server(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## In an editor\n")[1].split("\n## ")[0]
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```", section, re.M | re.S))
    code, helix = json.loads(blocks["json"]), tomllib.loads(blocks["toml"])
    neovim = re.findall(r"cmd = \{ (.*?) \}", blocks["lua"])[0]
    own = helix["language-server"]["keraslint"]
    commands = [
        [code["glspc.server.command"], *code["glspc.server.commandArguments"]],
        [own["command"], *own["args"]],
        json.loads(f"[{neovim}]"),
    ]
    assert "keraslint" in helix["language"][0]["language-servers"]
    assert commands == [["keraslint", "server"]] * 3  # the command of every session above
    if (editor := shutil.which("nvim")) is None:
        pytest.skip("no Neovim to read its part")
    (tmp_path / "init.lua").write_text(blocks["lua"], encoding="utf-8")
    command = [editor, "--headless", "--clean", "-u", str(tmp_path / "init.lua"), "+qa"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr


@conversation
async def test_a_long_file_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        block = "\n".join(WRONG.splitlines()[2:]) + "\n"
        long = editor.open(tmp_path / "long.py", "import keras\n" + block * 300)
        prose = editor.open(tmp_path / "notes.txt", "keras\n", "plaintext")
        assert await editor.hover(prose, "keras") is None  # the loop answers while the thread reads
        assert editor.told == []
        editor.change(long, [types.TextEdit(EVERYWHERE, RIGHT)])
        assert await editor.findings(long) == []
        assert {one.version for one in editor.told} <= {1, 2}

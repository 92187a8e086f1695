"""The conversation: what the editor says and asks, and what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterable
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.uris import to_fs_path

from keraslint import __version__
from keraslint.config import Overrides, Said, nearest
from keraslint.registry import forget
from keraslint.server import actions
from keraslint.server.desk import Desk
from keraslint.server.diagnostics import Client, Reader, diagnostics
from keraslint.server.documents import Documents
from keraslint.server.hover import hover
from keraslint.server.judge import Judged
from keraslint.server.text import UNITS, Text
from keraslint.surroundings import forget as forget_surroundings

PAUSE = 0.2
"""Seconds without a key before what was typed is judged."""

WATCHED = ("**/*.py", "**/{keraslint,pyproject}.toml", "**/requirements*.txt", "**/*.lock")
"""Files that change what is found elsewhere."""

NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [
        types.NotebookDocumentFilterWithNotebook(
            types.NotebookDocumentFilterNotebookType("jupyter-notebook"),
            [types.NotebookCellLanguage("python")],
        )
    ],
    save=True,
)

SETTINGS = ("select", "ignore", "config")

Handled = Generator[Any, Any, None]


class Protocol(LanguageServerProtocol):
    """The protocol without the texts that pygls keeps beside ours: it breaks lines where no editor does, and moves the
    positions of what was typed to fit."""

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Handled:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def lsp_notebook_document__did_change(self, params: types.DidChangeNotebookDocumentParams) -> Handled:
        yield self.fm.features[types.NOTEBOOK_DOCUMENT_DID_CHANGE], (params,), None


class Talk(LanguageServer):
    """The server of one editor."""

    def __init__(self) -> None:
        super().__init__("keraslint", __version__, notebook_document_sync=NOTEBOOKS, protocol_cls=Protocol)
        self.documents = Documents()
        self.desk = Desk(self.documents)
        self.client = Client()
        self.pulls = self.refreshes = self.watches = self.versioned = self.resolves = False
        self.said_goodbye = False
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._told: set[str] = set()
        for method, handler in HANDLERS.items():
            self.feature(method, OPTIONS.get(method))(_for(self, handler))

    def end(self) -> int:
        """The exit code, when the conversation is over."""
        self.desk.close()
        return 0 if self.said_goodbye else 1

    # --- telling -----------------------------------------------------------------------------------------------------

    def judge_later(self, keys: Iterable[str], pause: float = PAUSE) -> None:
        """Tell what is found in these subjects once nobody has typed for a while; who asks is not told."""
        for key in keys:
            self.desk.outdate(key)
            if not self.pulls:
                if waiting := self._waiting.pop(key, None):
                    waiting.cancel()
                self._waiting[key] = asyncio.get_running_loop().create_task(self._tell(key, pause))

    async def _tell(self, key: str, pause: float) -> None:
        await asyncio.sleep(pause)
        if self.documents.subject_of(key) is None:
            return
        judged = await self.desk.judged(key)
        self.complain(judged)
        for uri, document in judged.subject.documents.items():
            shown = diagnostics(judged, uri, self.client, self.reader(judged))
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, document.version))

    def clear(self, uris: Iterable[str]) -> None:
        """Nothing is found any more in documents that are gone."""
        for uri in uris if not self.pulls else ():
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def complain(self, judged: Judged) -> None:
        """Say what could not be followed, once until it has changed."""
        for text in judged.refused:
            if text not in self._told:
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"keraslint: {text}"))
        if judged.failure and judged.failure not in self._told:
            path = judged.subject.path
            words = f"keraslint failed on {path}: this is a mistake in keraslint, not in your program: please report"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"{words} what the log says"))
            self.window_log_message(types.LogMessageParams(types.MessageType.Error, judged.failure))
        self._told |= {*judged.refused, judged.failure}

    def everything_changed(self) -> None:
        """Files, settings or configurations are not what they were."""
        forget()
        forget_surroundings()
        self._told.clear()
        self.judge_later(self.documents.subjects())
        if self.pulls and self.refreshes:
            self.workspace_diagnostic_refresh(None)

    def reader(self, judged: Judged) -> Reader:
        """How the places of a report are told to this editor."""
        encoding = self.documents.encoding

        def uri(path: str) -> str:
            return judged.uri(path) or self.documents.uri(path)

        def text(path: str) -> Text:
            return Text(judged.report.texts.get(path, ""), encoding)

        return Reader(uri, text)

    def writer(self) -> actions.Writer:
        """How changes are told to this editor."""

        def version(uri: str) -> int | None:
            document = self.documents.text_at(uri)
            return document.version if document is not None else None

        return actions.Writer(version, self.versioned)

    def follow(self, settings: object) -> None:
        """Take the settings of the editor."""
        given = settings.get("keraslint", settings) if isinstance(settings, dict) else {}
        given = given if isinstance(given, dict) else {}
        read: dict[str, tuple[str, ...]] = {}
        for key, value in given.items():
            if key not in SETTINGS:
                self.warn(f"the editor's settings: unknown key `{key}`{nearest(str(key), SETTINGS)}")
            elif not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                self.warn(f"the editor's settings: `{key}` must be a list of strings")
            else:
                read[key] = tuple(Said(one, "the editor's settings") for one in value)
        nothing: tuple[str, ...] = ()
        select, ignore, config = (read.get(key, nothing) for key in SETTINGS)
        self.desk.overrides = Overrides(select=select, ignore=ignore, config=config)

    def warn(self, text: str) -> None:
        """Show a message."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"keraslint: {text}"))


# --- what the editor says --------------------------------------------------------------------------------------------


def initialize(talk: Talk, params: types.InitializeParams) -> None:
    """The editor says what it can, and where it works."""
    can = params.capabilities
    document, workspace = can.text_document, can.workspace
    shown = document.publish_diagnostics if document else None
    tags = shown.tag_support.value_set if shown and shown.tag_support else ()
    formats = (document.hover.content_format if document and document.hover else None) or ()
    talk.client = Client(
        related=bool(shown and shown.related_information),
        descriptions=bool(shown and shown.code_description_support),
        tags=frozenset(tags),
        markdown=types.MarkupKind.Markdown in formats,
    )
    talk.pulls = bool(document and document.diagnostic)
    talk.refreshes = bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support)
    watched = workspace.did_change_watched_files if workspace else None
    talk.watches = bool(watched and watched.dynamic_registration)
    talk.versioned = bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)
    acting = document.code_action.resolve_support if document and document.code_action else None
    talk.resolves = bool(acting and "edit" in acting.properties)
    encoding = str(getattr(talk.workspace.position_encoding, "value", talk.workspace.position_encoding))
    talk.documents.encoding = encoding if encoding in UNITS else "utf-16"
    folders = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""]
    talk.documents.roots = tuple(path for folder in folders if (path := to_fs_path(folder)))
    talk.follow(params.initialization_options)


def initialized(talk: Talk, _: types.InitializedParams) -> None:
    """The editor is ready: ask it to watch files."""
    if talk.watches:
        watchers = [types.FileSystemWatcher(glob) for glob in WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        talk.client_register_capability(
            types.RegistrationParams([types.Registration("keraslint-watch", method, options)])
        )


def opened(talk: Talk, params: types.DidOpenTextDocumentParams) -> None:
    """A text is there."""
    talk.documents.opened(params.text_document)
    _touched(talk, params.text_document.uri, pause=0)


def changed(talk: Talk, params: types.DidChangeTextDocumentParams) -> None:
    """Something was typed."""
    talk.documents.changed(params.text_document, list(params.content_changes))
    _touched(talk, params.text_document.uri)


def saved(talk: Talk, params: types.DidSaveTextDocumentParams) -> None:
    """A text was saved: a configuration may hold now, or what others import."""
    if params.text_document.uri.endswith(".toml"):
        talk.everything_changed()
    else:
        talk.judge_later(talk.documents.subjects(), 0)


def closed(talk: Talk, params: types.DidCloseTextDocumentParams) -> None:
    """A text is gone."""
    uri = params.text_document.uri
    talk.documents.closed(uri)
    talk.desk.forget(uri)
    talk.clear([uri])


def notebook_opened(talk: Talk, params: types.DidOpenNotebookDocumentParams) -> None:
    """A notebook is there."""
    talk.documents.notebook_opened(params)
    talk.judge_later([params.notebook_document.uri], 0)


def notebook_changed(talk: Talk, params: types.DidChangeNotebookDocumentParams) -> None:
    """Cells have changed."""
    uri = params.notebook_document.uri
    before = set(talk.documents.parts(uri))
    talk.documents.notebook_changed(params)
    talk.clear(before - set(talk.documents.parts(uri)))
    talk.judge_later([uri])


def notebook_saved(talk: Talk, params: types.DidSaveNotebookDocumentParams) -> None:
    """A notebook was saved."""
    talk.judge_later([params.notebook_document.uri], 0)


def notebook_closed(talk: Talk, params: types.DidCloseNotebookDocumentParams) -> None:
    """A notebook is gone."""
    uri = params.notebook_document.uri
    cells = [*talk.documents.parts(uri)]
    talk.documents.notebook_closed(params)
    talk.desk.forget(uri)
    talk.clear(cells)


def files_changed(talk: Talk, _: types.DidChangeWatchedFilesParams) -> None:
    """Files have changed on the disk."""
    talk.everything_changed()


def settings_changed(talk: Talk, params: types.DidChangeConfigurationParams) -> None:
    """The editor's settings have changed."""
    if isinstance(params.settings, dict) and "keraslint" in params.settings:  # some editors say nothing here
        talk.follow(params.settings)
    talk.everything_changed()


def folders_changed(talk: Talk, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """The editor works in other folders."""
    gone = {to_fs_path(folder.uri) for folder in params.event.removed}
    new = [path for folder in params.event.added if (path := to_fs_path(folder.uri))]
    talk.documents.roots = (*(root for root in talk.documents.roots if root not in gone), *new)
    talk.everything_changed()


def shutdown(talk: Talk, *_: object) -> None:
    """The editor is about to say goodbye."""
    talk.said_goodbye = True


def _touched(talk: Talk, uri: str, pause: float = PAUSE) -> None:
    """Judge a document again, and those that may import it."""
    key = talk.documents.subject_of(uri)
    if key is None:
        return
    talk.judge_later([key], pause)
    name = talk.documents.path(key).replace("\\", "/").rpartition("/")[2].partition(".")[0]
    others = (other for other in talk.documents.subjects() if other != key)
    talk.judge_later([other for other in others if name in talk.documents.subject(other).text], PAUSE)


# --- what the editor asks --------------------------------------------------------------------------------------------


async def pull(talk: Talk, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """What is found in a document."""
    uri = params.text_document.uri
    key = talk.documents.subject_of(uri)
    if key is None:
        return types.RelatedFullDocumentDiagnosticReport([])
    judged = await talk.desk.judged(key)
    talk.complain(judged)
    return types.RelatedFullDocumentDiagnosticReport(diagnostics(judged, uri, talk.client, talk.reader(judged)))


async def code_actions(talk: Talk, params: types.CodeActionParams) -> list[types.CodeAction]:
    """What can be done in a range of a document."""
    uri, only = params.text_document.uri, params.context.only
    kinds = None if only is None else [str(getattr(one, "value", one)) for one in only]
    if (key := talk.documents.subject_of(uri)) is None:
        return []
    judged = await talk.desk.judged(key)
    found: list[types.CodeAction] = []
    if actions.wanted(types.CodeActionKind.QuickFix.value, kinds):
        reader = talk.reader(judged)
        found += actions.quick_fixes(judged, uri, params.range, talk.client, reader, talk.writer())
    if actions.wanted(actions.FIX_ALL, kinds) and actions.has_safe_fixes(judged):
        action = types.CodeAction("Make all safe fixes of keraslint", kind=actions.FIX_ALL, data={"uri": uri})
        found.append(action if talk.resolves else await resolve(talk, action))
    return found


async def resolve(talk: Talk, action: types.CodeAction) -> types.CodeAction:
    """Compute what making all safe fixes changes."""
    uri = action.data.get("uri") if isinstance(action.data, dict) else None
    key = talk.documents.subject_of(uri) if isinstance(uri, str) else None
    if key is not None:
        judged = await talk.desk.judged(key)
        texts = await talk.desk.mended(judged)
        documents = judged.subject.documents
        action.edit = talk.writer().edit({uri: [*documents[uri].text.edits_to(text)] for uri, text in texts.items()})
    return action


async def hovered(talk: Talk, params: types.HoverParams) -> types.Hover | None:
    """What is told of a place."""
    uri = params.text_document.uri
    key, document = talk.documents.subject_of(uri), talk.documents.text_at(uri)
    if key is None or document is None:
        return None
    judged = await talk.desk.judged(key)
    text = judged.subject.documents[uri].text if uri in judged.subject.documents else document.text
    return hover(judged, uri, text, params.position, markdown=talk.client.markdown)


HANDLERS: dict[str, Callable[..., Any]] = {
    types.INITIALIZE: initialize,
    types.INITIALIZED: initialized,
    types.TEXT_DOCUMENT_DID_OPEN: opened,
    types.TEXT_DOCUMENT_DID_CHANGE: changed,
    types.TEXT_DOCUMENT_DID_SAVE: saved,
    types.TEXT_DOCUMENT_DID_CLOSE: closed,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: notebook_opened,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: notebook_changed,
    types.NOTEBOOK_DOCUMENT_DID_SAVE: notebook_saved,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: notebook_closed,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: files_changed,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: settings_changed,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: folders_changed,
    types.SHUTDOWN: shutdown,
    types.TEXT_DOCUMENT_DIAGNOSTIC: pull,
    types.TEXT_DOCUMENT_CODE_ACTION: code_actions,
    types.CODE_ACTION_RESOLVE: resolve,
    types.TEXT_DOCUMENT_HOVER: hovered,
}

OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_DIAGNOSTIC: types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=False, identifier="keraslint"
    ),
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(actions.KINDS, resolve_provider=True),
}


def _for(talk: Talk, handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler of this server; `asyncio` tells by its kind how it is run."""
    if asyncio.iscoroutinefunction(handler):

        async def later(params: Any) -> Any:
            return await handler(talk, params)

        return later

    def at_once(*params: Any) -> Any:
        return handler(talk, *params)

    return at_once

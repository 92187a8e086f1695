"""What the editor has open: texts, and notebooks of cells, each with the path that its configuration is looked for at.

Nothing is read from disk here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path, uri_scheme

from keraslint.server.text import Text

PYTHON = "python"
SUFFIXES = (".py", ".pyw", ".ipynb")


@dataclass(frozen=True)
class Document:
    """An open text."""

    uri: str
    language: str
    version: int | None
    text: Text


@dataclass(frozen=True)
class Subject:
    """What is judged as one program: a text, or a notebook as the text that it would be saved as.

    `cells` are the documents of a notebook by the index of the cell; `documents` are all texts of it by URI.
    """

    uri: str
    path: str
    data: bytes
    text: str
    documents: Mapping[str, Document]
    cells: Mapping[int, str] = field(default_factory=dict)


class Documents:
    """The open documents. `roots` are the folders that the editor works in."""

    def __init__(self) -> None:
        self.encoding = "utf-16"
        self.roots: tuple[str, ...] = ()
        self._texts: dict[str, Document] = {}
        self._cells: dict[str, str] = {}
        self._notebooks: dict[str, list[types.NotebookCell]] = {}

    # --- what the editor says ----------------------------------------------------------------------------------------

    def opened(self, item: types.TextDocumentItem, notebook: str | None = None) -> None:
        """A text is there."""
        text = Text(item.text, self.encoding)
        self._texts[item.uri] = Document(item.uri, item.language_id, item.version, text)
        if notebook is not None:
            self._cells[item.uri] = notebook

    def changed(
        self, document: types.VersionedTextDocumentIdentifier, changes: list[types.TextDocumentContentChangeEvent]
    ) -> None:
        """Something was typed."""
        if (known := self._texts.get(document.uri)) is None:
            return
        text = known.text
        for change in changes:
            text = text.changed(change)
        self._texts[document.uri] = Document(known.uri, known.language, document.version, text)

    def closed(self, uri: str) -> None:
        """A text is gone."""
        self._texts.pop(uri, None)
        self._cells.pop(uri, None)

    def notebook_opened(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """A notebook is there, and the texts of its cells."""
        self._notebooks[params.notebook_document.uri] = list(params.notebook_document.cells)
        for item in params.cell_text_documents:
            self.opened(item, params.notebook_document.uri)

    def notebook_changed(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """Cells have come, gone or moved, or something was typed in them."""
        uri, changes = params.notebook_document.uri, params.change.cells
        if changes is None or uri not in self._notebooks:
            return
        if structure := changes.structure:
            start, count = structure.array.start, structure.array.delete_count
            self._notebooks[uri][start : start + count] = structure.array.cells or []
            for closed in structure.did_close or ():
                self.closed(closed.uri)
            for item in structure.did_open or ():
                self.opened(item, uri)
        kinds = {cell.document: cell for cell in changes.data or ()}
        self._notebooks[uri] = [kinds.get(cell.document, cell) for cell in self._notebooks[uri]]
        for content in changes.text_content or ():
            self.changed(content.document, list(content.changes))

    def notebook_closed(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """A notebook is gone."""
        self._notebooks.pop(params.notebook_document.uri, None)
        for item in params.cell_text_documents:
            self.closed(item.uri)

    # --- what is asked -----------------------------------------------------------------------------------------------

    def __contains__(self, uri: str) -> bool:
        return uri in self._texts

    def subjects(self) -> list[str]:
        """What can be judged: the URIs of notebooks, and of texts that are in none."""
        texts = (uri for uri, text in self._texts.items() if uri not in self._cells and _is_program(text))
        return [*self._notebooks, *texts]

    def subject_of(self, uri: str) -> str | None:
        """What a document is judged as a part of, if at all."""
        key = self._cells.get(uri, uri)
        return key if key in self.subjects() else None

    def parts(self, key: str) -> Iterator[str]:
        """The URIs of the texts of what is judged."""
        if key in self._notebooks:
            yield from (cell.document for cell in self._notebooks[key] if cell.document in self._texts)
        elif key in self._texts:
            yield key

    def subject(self, key: str) -> Subject:
        """What is judged, as it is now."""
        documents = {uri: self._texts[uri] for uri in self.parts(key)}
        if key not in self._notebooks:
            text = documents[key].text
            data = text.text.encode("utf-8", "surrogatepass") if key.endswith(".ipynb") else text.encoded()
            return Subject(key, self.path(key), data, text.text, documents)
        notebook, cells = self._notebook(key)
        return Subject(key, self.path(key), notebook.encode("utf-8", "surrogatepass"), notebook, documents, cells)

    def _notebook(self, key: str) -> tuple[str, dict[int, str]]:
        """A notebook as it would be saved, and the documents of its Python cells."""
        cells, written = {}, []
        for number, cell in enumerate(self._notebooks[key]):
            document = self._texts.get(cell.document)
            code = cell.kind is types.NotebookCellKind.Code and document is not None and document.language == PYTHON
            if code:
                cells[number] = cell.document
            source = document.text.text if code and document is not None else ""
            kind = {"cell_type": "code", "outputs": []} if code else {"cell_type": "raw"}
            written.append({**kind, "metadata": {}, "source": source})
        return json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), cells

    def contents(self) -> dict[str, bytes]:
        """What every open file holds, whatever the disk says, by absolute path."""
        return {os.path.abspath(one.path): one.data for one in map(self.subject, self.subjects())}

    def path(self, uri: str) -> str:
        """The path of a document. One that was never saved lies in the first folder that the editor works in."""
        if path := to_fs_path(uri):
            return os.path.abspath(path)
        name = os.path.basename(uri.partition(":")[2]) or "untitled"
        name = name if name.endswith(SUFFIXES) else f"{name}.{'ipynb' if uri in self._notebooks else 'py'}"
        return os.path.join(self.roots[0] if self.roots else os.getcwd(), name)

    def root(self, path: str) -> str:
        """The folder that the editor works in and a path lies in, the innermost one; else the folder of the file."""
        around = [root for root in self.roots if path.startswith(os.path.join(root, ""))]
        return max(around, key=len, default=os.path.dirname(path))

    def uri(self, path: str) -> str:
        """The URI of a path, as the editor spells it where the file is open."""
        path = os.path.abspath(path)
        same = (uri for uri in self.subjects() if os.path.normcase(self.path(uri)) == os.path.normcase(path))
        return next(same, None) or from_fs_path(path) or path

    def text_at(self, uri: str) -> Document | None:
        """An open text."""
        return self._texts.get(uri)


def _is_program(document: Document) -> bool:
    """Whether it is a program that somebody works on, and not what a file was at another time (`git:`)."""
    here = uri_scheme(document.uri) in ("file", "untitled", "", None)
    return here and (document.language == PYTHON or document.uri.endswith(SUFFIXES))

"""Commands: what a client can have done beside completions, as `workspace/executeCommand` asks.

Owns the commands' names, the shapes of their arguments and of the edit that is sent back. Knows
no service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from tenon.protocol import reading
from tenon.protocol.buffers import Buffer, Place, Position
from tenon.protocol.reading import Malformed
from tenon.text import Document, Edit

APPLY_IMPORTS = "tenon.applyImports"
EXPLAIN = "tenon.explain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explaining:
    """One question why."""

    uri: str
    position: Position
    text: str | None
    """What the author would write there; None where only the place is asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inserted:
    """A text that was accepted, and where it begins."""

    position: Position
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """What a document is to import: what is named, or what a text turns out to need."""

    uri: str
    imports: list[dict[str, str]]
    inserted: Inserted | None


def apply_imports(uri: str, titles: Iterable[str], imports: list[dict[str, str]]) -> dict[str, Any]:
    """The command of an item whose text needs imports; the client sends it back on acceptance."""
    argument = {"textDocument": {"uri": uri}, "imports": imports}
    return {"title": "; ".join(titles), "command": APPLY_IMPORTS, "arguments": [argument]}


def find_imports(uri: str, position: Mapping[str, int], text: str) -> dict[str, Any]:
    """The command of an item, `text` at `position`, of which it was not known in time what it
    needs."""
    inserted = {"position": position, "text": text}
    argument = {"textDocument": {"uri": uri}, "inserted": inserted}
    return {
        "title": "import what the text needs",
        "command": APPLY_IMPORTS,
        "arguments": [argument],
    }


def importing(arguments: Iterable[Any]) -> Importing:
    """What the commands above ask for. Raises `Malformed`."""
    argument = _only(arguments)
    inserted, imports = argument.get("inserted"), argument.get("imports")
    if inserted is not None:
        position, text = reading.place(inserted), inserted.get("text")
        if not isinstance(text, str):
            raise Malformed("inserted.text is not a string")
        accepted = Inserted(position=position, text=text)
        return Importing(uri=reading.uri(argument), imports=[], inserted=accepted)
    if not isinstance(imports, list) or not all(isinstance(each, Mapping) for each in imports):
        raise Malformed("imports is not a list of objects")
    named = [{str(name): str(value) for name, value in each.items()} for each in imports]
    return Importing(uri=reading.uri(argument), imports=named, inserted=None)


def explaining(arguments: Iterable[Any]) -> Explaining:
    """Raises `Malformed`."""
    argument = _only(arguments)
    text = argument.get("text")
    if text is not None and not isinstance(text, str):
        raise Malformed("text is not a string")
    return Explaining(uri=reading.uri(argument), position=reading.place(argument), text=text)


def workspace_edit(
    buffer: Buffer, document: Document, edits: Iterable[Edit], *, versioned: bool
) -> types.ApplyWorkspaceEditParams:
    """`edits` of `document`, a snapshot of `buffer`. Versioned, the client refuses them where its
    text is another by now."""
    changes = [
        types.TextEdit(
            range=types.Range(
                start=_position(buffer, document, edit.span.start),
                end=_position(buffer, document, edit.span.end),
            ),
            new_text=edit.text,
        )
        for edit in edits
    ]
    if versioned:
        where = types.OptionalVersionedTextDocumentIdentifier(
            uri=buffer.uri, version=document.version
        )
        edited = types.TextDocumentEdit(text_document=where, edits=changes)
        edit = types.WorkspaceEdit(document_changes=[edited])
    else:
        edit = types.WorkspaceEdit(changes={buffer.uri: changes})
    return types.ApplyWorkspaceEditParams(edit=edit)


def _position(buffer: Buffer, document: Document, offset: int) -> types.Position:
    line, column = document.position_at(offset)
    position = buffer.position(Place(line=line, column=column))
    return types.Position(line=position.line, character=position.character)


def _only(arguments: Iterable[Any]) -> Mapping[str, Any]:
    found = list(arguments)
    if len(found) != 1 or not isinstance(found[0], Mapping):
        raise Malformed("the command takes one object")
    return found[0]

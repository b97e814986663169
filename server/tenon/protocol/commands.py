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


def apply_imports(uri: str, titles: Iterable[str], imports: list[dict[str, str]]) -> dict[str, Any]:
    """The command of an item whose text needs imports; the client sends it back on acceptance."""
    return {
        "title": "; ".join(titles),
        "command": APPLY_IMPORTS,
        "arguments": [{"textDocument": {"uri": uri}, "imports": imports}],
    }


def imports_to_apply(arguments: Iterable[Any]) -> tuple[str, list[dict[str, str]]]:
    """Document and imports of the command above. Raises `Malformed`."""
    argument = _only(arguments)
    imports = argument.get("imports")
    if not isinstance(imports, list) or not all(isinstance(each, Mapping) for each in imports):
        raise Malformed("imports is not a list of objects")
    return reading.uri(argument), [
        {str(name): str(value) for name, value in each.items()} for each in imports
    ]


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

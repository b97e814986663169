"""Reading: decoded JSON of the methods Tenon serves itself, to small values.

Tolerant on purpose: an unknown member is ignored, a missing context is an empty one, and the
shapes that real clients send against the specification are read as what they mean. What cannot
be read raises `Malformed`. Knows no buffer and no service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenon.protocol.buffers import Change, Position, Range

_AUTOMATIC = 2
"""The only trigger kind that surely means typing. 1 is "invoked" in LSP 3.18, 0 is "invoked" in
clients that pass VS Code's own numbers on, whose 1 is "automatic": asked for, to be safe."""


class Malformed(Exception):
    """Parameters that cannot mean anything. The message names the member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What the suggest widget has selected: accepting it puts `text` where `range` stands."""

    range: Range
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An inline completion request, as the client put it."""

    uri: str
    position: Position
    invoked: bool
    selected: Selected | None


def inline_completion(params: Any) -> Asked:
    params = _mapping(params, "params")
    context = params.get("context")
    context = context if isinstance(context, Mapping) else {}
    selected = context.get("selectedCompletionInfo")
    return Asked(
        uri=uri(params),
        position=_position(params.get("position"), "position"),
        invoked=context.get("triggerKind", _AUTOMATIC) != _AUTOMATIC,
        selected=None if selected is None else _selected(selected),
    )


def changes(params: Any) -> list[Change]:
    """The edits of a `didChange`, in order; each counts in the text the one before it left."""
    events = _mapping(params, "params").get("contentChanges")
    if not isinstance(events, list):
        raise Malformed("contentChanges is not a list")
    return [_change(event) for event in events]


def uri(params: Any) -> str:
    document = _mapping(params, "params").get("textDocument")
    return _text(_mapping(document, "textDocument").get("uri"), "textDocument.uri")


def place(params: Any) -> Position:
    return _position(_mapping(params, "params").get("position"), "position")


def version(params: Any) -> int | None:
    """The document's new version; None where the client gives none."""
    number = params["textDocument"].get("version")
    return None if number is None else _whole(number, "textDocument.version")


def opened(params: Any) -> dict[str, Any]:
    """What `Buffers.open` takes."""
    document = _mapping(_mapping(params, "params").get("textDocument"), "textDocument")
    return {
        "uri": uri(params),
        "language": str(document.get("languageId", "")),
        "version": version(params) or 0,
        "text": _text(document.get("text"), "textDocument.text"),
    }


def _change(event: Any) -> Change:
    event = _mapping(event, "contentChanges[]")
    span = event.get("range")
    return Change(
        range=None if span is None else _range(span, "contentChanges[].range"),
        text=_text(event.get("text"), "contentChanges[].text"),
    )


def _selected(value: Any) -> Selected:
    value = _mapping(value, "selectedCompletionInfo")
    return Selected(
        range=_range(value.get("range"), "selectedCompletionInfo.range"),
        text=_text(value.get("text"), "selectedCompletionInfo.text"),
    )


def _range(value: Any, name: str) -> Range:
    """`{start, end}`, or `[start, end]` as VS Code writes its own range class to JSON."""
    if isinstance(value, list) and len(value) == 2:
        start, end = value
    else:
        value = _mapping(value, name)
        start, end = value.get("start"), value.get("end")
    return Range(start=_position(start, f"{name}.start"), end=_position(end, f"{name}.end"))


def _position(value: Any, name: str) -> Position:
    value = _mapping(value, name)
    return Position(
        line=_whole(value.get("line"), f"{name}.line"),
        character=_whole(value.get("character"), f"{name}.character"),
    )


def _whole(value: Any, name: str) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Malformed(f"{name} is not a whole number: {value!r:.40}")


def _text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("value"), str):
        return value["value"]  # A StringValue: a snippet, whose plain text stands for it.
    raise Malformed(f"{name} is not a string")


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise Malformed(f"{name} is not an object")

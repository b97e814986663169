"""Completing: what the service proposes, as items for the editor's own list of completions.

Reads `textDocument/completion` against the text as it is when the message arrives, for edits may
follow it before the answer begins. Owns the form of an item: what it replaces is what has been
typed of it, up to the cursor, in the client's units. Knows no analysis and starts none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol.types import CompletionItemKind, CompletionTriggerKind

from tenon.protocol import reading
from tenon.protocol.asking import Unanswerable
from tenon.protocol.buffers import Buffers
from tenon.protocol.positions import Encoding, to_units
from tenon.text import Deadline, Document
from tenon.text.cancel import Clock

if TYPE_CHECKING:
    from tenon.service.proposal import Proposal

TRIGGERS = (".", "(", "[", ",", "=", '"', "'")
"""A space is none: it ends far more words than it begins expressions of a known type."""

_AUTOMATIC, _INVOKED = 0.05, 0.15
"""Seconds for a list that a character brought up, and for one that was asked for."""

_KINDS = {
    "variable": CompletionItemKind.Variable,
    "field": CompletionItemKind.Field,
    "function": CompletionItemKind.Function,
    "method": CompletionItemKind.Method,
    "class": CompletionItemKind.Class,
    "constructor": CompletionItemKind.Constructor,
    "module": CompletionItemKind.Module,
    "enum member": CompletionItemKind.EnumMember,
    "value": CompletionItemKind.Value,
    "keyword": CompletionItemKind.Keyword,
}
_PLAIN_TEXT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Completing:
    """One request with all that its answer needs."""

    document: Document
    offset: int
    deadline: Deadline
    number: int
    """The cursor's line, from 0."""
    line: str
    """That line's text up to the cursor."""
    encoding: Encoding


def completing(params: Any, buffers: Buffers, *, arrived: float, clock: Clock) -> Completing:
    """Raises `Malformed` and `Unanswerable`."""
    uri, position = reading.uri(params), reading.place(params)
    buffer = buffers.get(uri)
    if buffer is None:
        raise Unanswerable(f"{uri} is not open")
    if not 0 <= position.line < buffer.line_count:
        raise Unanswerable(f"line {position.line} of {uri} does not exist")
    cursor = buffer.place(position)
    seconds = _INVOKED if _is_invoked(params) else _AUTOMATIC
    return Completing(
        document=buffer.snapshot(),
        offset=buffer.offset(cursor),
        deadline=Deadline(at=arrived + seconds, clock=clock),
        number=cursor.line,
        line=buffer.line(cursor.line)[: cursor.column],
        encoding=buffers.encoding,
    )


def completion_list(
    asked: Completing, proposals: Sequence[Proposal], *, late: bool
) -> dict[str, Any]:
    """The answer. One that came late is said to be incomplete: the next letter asks again."""
    return {
        "isIncomplete": late,
        "items": [_item(asked, rank, each) for rank, each in enumerate(proposals)],
    }


def _item(asked: Completing, rank: int, proposal: Proposal) -> dict[str, Any]:
    because = f"({proposal.because})" if proposal.because else ""
    return {
        "label": proposal.text,
        "kind": int(_KINDS[proposal.kind]),
        "detail": f"{proposal.type} {because}".strip(),
        "sortText": f"{rank:04}",
        "filterText": proposal.text,
        "insertTextFormat": _PLAIN_TEXT,
        "textEdit": {"range": _replaced(asked, proposal.typed), "newText": proposal.text},
    }


def _replaced(asked: Completing, typed: int) -> dict[str, Any]:
    end = len(asked.line)
    return {
        name: {"line": asked.number, "character": to_units(asked.line, column, asked.encoding)}
        for name, column in (("start", max(end - typed, 0)), ("end", end))
    }


def _is_invoked(params: Any) -> bool:
    """Whether no character of `TRIGGERS` brought it up; letters of a word count as asking."""
    context = params.get("context")
    kind = context.get("triggerKind") if isinstance(context, dict) else None
    return kind in (None, CompletionTriggerKind.Invoked)

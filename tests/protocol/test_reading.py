"""Parameters as real clients send them, and as none should."""

from __future__ import annotations

from typing import Any

import pytest

from tenon.protocol import reading
from tenon.protocol.buffers import Position, Range
from tenon.protocol.reading import Malformed

START, END = {"line": 2, "character": 4}, {"line": 2, "character": 6}
SPAN = Range(start=Position(line=2, character=4), end=Position(line=2, character=6))


def params(**changes: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": "file:///a.py"}, "position": START, **changes}


@pytest.mark.parametrize(
    ("kind", "invoked"), [(0, True), (1, True), (2, False)], ids=["VS Code's own", "LSP", "typing"]
)
def test_what_asked_for_an_answer_is_read_from_the_trigger_kind(kind: int, invoked: bool) -> None:
    assert reading.inline_completion(params(context={"triggerKind": kind})).invoked is invoked


@pytest.mark.parametrize("context", [{}, {"context": None}, {"context": {}}, {"context": "x"}])
def test_a_request_without_context_was_asked_for_by_typing(context: dict[str, Any]) -> None:
    asked = reading.inline_completion(params(**context))
    assert not asked.invoked
    assert asked.selected is None


@pytest.mark.parametrize("span", [{"start": START, "end": END}, [START, END]])
def test_a_range_may_be_an_array_of_its_ends(span: Any) -> None:
    context = {"triggerKind": 1, "selectedCompletionInfo": {"range": span, "text": "path"}}
    selected = reading.inline_completion(params(context=context)).selected
    assert selected is not None
    assert (selected.range, selected.text) == (SPAN, "path")


def test_a_snippet_stands_for_its_plain_text() -> None:
    text = {"kind": "snippet", "value": "path"}
    context = {"selectedCompletionInfo": {"range": [START, END], "text": text}}
    selected = reading.inline_completion(params(context=context)).selected
    assert selected is not None
    assert selected.text == "path"


def test_unknown_members_and_whole_floats_are_no_reason_to_refuse() -> None:
    asked = reading.inline_completion(
        {
            "textDocument": {"uri": "file:///a.py", "version": 3},
            "position": {"line": 2.0, "character": 4, "affinity": "left"},
            "formattingOptions": {"tabSize": 4},
        }
    )
    assert asked.position == SPAN.start


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        "x",
        {},
        {"textDocument": None, "position": START},
        {"textDocument": {"uri": 3}, "position": START},
        params(position=None),
        params(position={"line": "2", "character": 4}),
        params(position={"line": 1.5, "character": 4}),
        params(position={"line": float("inf"), "character": 4}),
        params(position={"line": True, "character": 4}),
        params(context={"selectedCompletionInfo": {"text": "path"}}),
        params(context={"selectedCompletionInfo": {"range": [START], "text": "path"}}),
        params(context={"selectedCompletionInfo": []}),
    ],
)
def test_what_cannot_mean_anything_is_malformed(bad: Any) -> None:
    with pytest.raises(Malformed):
        reading.inline_completion(bad)


@pytest.mark.parametrize(
    "bad",
    [
        {"contentChanges": None},
        {"contentChanges": ["x"]},
        {"contentChanges": [{"text": None}]},
        {"contentChanges": [{"range": {"start": START}, "text": "x"}]},
    ],
)
def test_edits_that_cannot_be_applied_are_malformed(bad: Any) -> None:
    with pytest.raises(Malformed):
        reading.changes(bad)

"""A document: offsets count code points, lines end where the protocol says they do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.text import Document, Edit, Span

TEXTS = st.text(alphabet="ab\n\r\f\u2028é😀", max_size=40)


def document(text: str) -> Document:
    return Document(uri="file:///a.py", version=1, text=text)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("", [0]),
        ("a", [0]),
        ("a\n", [0, 2]),
        ("a\r\nb\rc\n", [0, 3, 5, 7]),
        ("a\fb\u2028c\x0bd", [0]),
        ("\n\n", [0, 1, 2]),
    ],
)
def test_lines_begin_after_each_line_end_and_nowhere_else(text: str, starts: list[int]) -> None:
    assert document(text).line_starts == starts


@given(TEXTS)
def test_a_position_leads_back_to_its_offset(text: str) -> None:
    """Every offset outside a line end has one line and column."""
    buffer = document(text)
    for offset in range(len(text) + 1):
        line, column = buffer.position_at(offset)
        span = buffer.line_span(line)
        if span.start <= offset <= span.end:
            assert buffer.offset_at(line, column) == offset


@given(TEXTS, st.integers(-5, 60), st.integers(-5, 60))
def test_places_outside_the_text_are_clamped_into_it(text: str, line: int, column: int) -> None:
    buffer = document(text)
    assert 0 <= buffer.offset_at(line, column) <= len(text)
    assert buffer.position_at(line * 7)[0] < len(buffer.line_starts)


@given(TEXTS)
def test_the_spans_of_all_lines_hold_all_but_the_line_ends(text: str) -> None:
    buffer = document(text)
    spans = [buffer.line_span(line) for line in range(len(buffer.line_starts))]
    assert [text[span.start : span.end] for span in spans] == re.split(r"\r\n|\n|\r", text)


def test_each_edit_counts_in_the_text_the_one_before_left() -> None:
    edits = [
        Edit(span=Span(start=0, end=1), text="xyz"),
        Edit(span=Span(start=3, end=3), text="!"),
    ]
    after = document("ab").apply(edits, version=7)
    assert (after.text, after.version, after.uri) == ("xyz!b", 7, "file:///a.py")


@pytest.mark.parametrize(
    ("text", "newline"), [("", "\n"), ("a", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb", "\r")]
)
def test_the_first_line_end_is_the_buffers_own(text: str, newline: str) -> None:
    assert document(text).newline == newline

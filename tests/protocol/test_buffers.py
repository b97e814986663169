"""Buffers stay equal to what the client has, however it edits."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.protocol.buffers import Buffer, Buffers, Change, Place, Position, Range
from tenon.protocol.positions import Encoding
from tenon.text import Document

ALPHABET = st.sampled_from(["a", "b", "\n", "\r", "\r\n", "é", "字", "😀", "\f", "\u2028"])
TEXTS = st.lists(ALPHABET, max_size=12).map("".join)


def buffer(text: str, encoding: Encoding = Encoding.UTF16) -> Buffer:
    return Buffer(uri="file:///a.py", language="python", version=1, text=text, encoding=encoding)


def units(text: str, encoding: Encoding) -> int:
    return len(text.encode(f"{encoding}-le" if encoding != "utf-8" else "utf-8")) // {
        Encoding.UTF8: 1,
        Encoding.UTF16: 2,
        Encoding.UTF32: 4,
    }[encoding]


def position(text: str, offset: int, encoding: Encoding) -> Position:
    """By the book: whole text before the offset, its line ends counted, the rest encoded."""
    document = Document(uri="", version=0, text=text)
    line, column = document.position_at(offset)
    start = document.line_starts[line]
    return Position(line=line, character=units(text[start : start + column], encoding))


@pytest.mark.parametrize("encoding", Encoding)
@given(
    text=TEXTS,
    edits=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), TEXTS), max_size=6),
)
def test_any_edits_leave_the_text_that_the_client_has(
    encoding: Encoding, text: str, edits: list[tuple[int, int, str]]
) -> None:
    ours = buffer(text, encoding)
    for first, second, new in edits:
        # A position between "\r" and "\n" does not exist in the protocol.
        start, end = (
            offset - 1 if text[offset - 1 : offset + 1] == "\r\n" else offset
            for offset in sorted((min(first, len(text)), min(second, len(text))))
        )
        span = Range(start=position(text, start, encoding), end=position(text, end, encoding))
        ours.change(Change(range=span, text=new))
        text = text[:start] + new + text[end:]
        assert ours.snapshot().text == text
        assert ours.line_count == len(Document(uri="", version=0, text=text).line_starts)


@given(text=TEXTS, offset=st.integers(0, 20))
def test_an_offset_is_that_of_the_snapshot(text: str, offset: int) -> None:
    ours = buffer(text)
    line, column = ours.snapshot().position_at(offset)
    column = min(column, len(ours.line(line)))
    place = Place(line=line, column=column)
    assert ours.offset(place) == ours.snapshot().offset_at(line, column)
    assert ours.place(ours.position(place)) == place


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0, 99, 0, 99), "ab!\ncd"),
        ((99, 0, 99, 0), "ab\ncd!"),
        ((-1, 5, 0, 1), "!b\ncd"),
        ((1, 1, 0, 1), "a!d"),
    ],
    ids=["past the line", "past the text", "before the text", "end before start"],
)
def test_an_edit_out_of_range_is_clamped(span: tuple[int, ...], expected: str) -> None:
    ours = buffer("ab\ncd")
    start = Position(line=span[0], character=span[1])
    end = Position(line=span[2], character=span[3])
    ours.change(Change(range=Range(start=start, end=end), text="!"))
    assert ours.snapshot().text == expected


def test_half_a_surrogate_pair_does_not_reach_the_text() -> None:
    ours = buffer("x = '\ud83d'")
    assert ours.snapshot().text == "x = '\ufffd'"
    ours.change(Change(range=None, text="\ude00"))
    ours.snapshot().text.encode()


def test_a_snapshot_does_not_change_with_the_buffer() -> None:
    ours = buffer("ab")
    before = ours.snapshot()
    ours.change(Change(range=None, text="cd"))
    assert (before.text, ours.snapshot().text) == ("ab", "cd")


def test_a_document_is_found_however_its_uri_is_escaped() -> None:
    buffers = Buffers()
    buffers.open(uri="file:///c%3A/a%20b.py", language="python", version=1, text="")
    assert buffers.get("file:///c:/a b.py") is not None
    assert buffers.close("file:///C%3A/other.py") is None


def test_an_edit_of_a_large_file_costs_its_line_and_not_the_file() -> None:
    ours = buffer("value = compute(1, 2, 3)  # a line\n" * 20_000)
    start = time.perf_counter()
    for number in range(1000):
        at = Position(line=10_000, character=number % 30)
        ours.change(Change(range=Range(start=at, end=at), text="x"))
    # A hundred edits a second leave ten milliseconds for each; a scan of the file takes as many.
    assert (time.perf_counter() - start) / 1000 < 0.001

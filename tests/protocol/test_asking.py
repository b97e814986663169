"""What is asked of the service, and which range an answer replaces."""

from __future__ import annotations

import pytest

from tenon.protocol.asking import Ask, Unanswerable, ask
from tenon.protocol.buffers import Buffers, Position, Range
from tenon.protocol.positions import Encoding
from tenon.protocol.reading import Asked, Selected

URI = "file:///a.py"


def at(
    code: str, *, selected: tuple[int, int, str] | None = None, encoding: Encoding = Encoding.UTF32
) -> Ask:
    """Ask at `<|>`. `selected` is a range on the cursor's line, by columns, and its text."""
    before, after = code.split("<|>")
    buffers = Buffers()
    buffers.encoding = encoding
    buffers.open(uri=URI, language="python", version=3, text=before + after)
    line = before.count("\n")
    last = before.rpartition("\n")[2]
    character = len(last.encode("utf-16-le")) // 2 if encoding is Encoding.UTF16 else len(last)
    info = None
    if selected is not None:
        ends = (Position(line=line, character=column) for column in selected[:2])
        info = Selected(range=Range(start=next(ends), end=next(ends)), text=selected[2])
    asked = Asked(
        uri=URI,
        position=Position(line=line, character=character),
        invoked=True,
        selected=info,
    )
    return ask(asked, buffers, arrived=0.0)


def columns(ask: Ask) -> tuple[int, int]:
    return ask.range["start"]["character"], ask.range["end"]["character"]


@pytest.mark.parametrize(
    ("code", "typed", "replaced"),
    [
        ("os.pa<|>", "pa", (3, 5)),
        ("os.<|>", "", (3, 3)),
        ("<|>", "", (0, 0)),
        ("x = _na1<|>me", "_na1", (4, 8)),
        ("größe<|>", "größe", (0, 5)),
        ("a\n  b<|>", "b", (2, 3)),
    ],
)
def test_an_answer_replaces_the_part_of_the_word_before_the_cursor(
    code: str, typed: str, replaced: tuple[int, int]
) -> None:
    asked = at(code)
    assert (asked.typed, columns(asked)) == (typed, replaced)
    assert asked.document.text == code.replace("<|>", "")
    assert asked.offset == code.index("<|>")


def test_the_range_is_in_the_clients_units() -> None:
    asked = at("x = '😀'; pa<|>", encoding=Encoding.UTF16)
    assert columns(asked) == (10, 12)
    assert asked.position == {"line": 0, "character": 12}


def test_the_range_stays_on_the_cursors_line() -> None:
    asked = at("abc\r\n<|>def")
    assert asked.range["start"] == asked.range["end"] == {"line": 1, "character": 0}


def test_selected_text_beyond_what_is_typed_must_begin_the_answer() -> None:
    asked = at("os.pa<|>", selected=(3, 5, "path"))
    assert (asked.typed, asked.forced, columns(asked)) == ("pa", "th", (3, 5))


def test_selected_text_that_replaces_what_follows_is_asked_for_without_it() -> None:
    asked = at("os.pa<|>rdir\n", selected=(3, 9, "path"))
    assert (asked.typed, asked.forced, columns(asked)) == ("pa", "th", (3, 9))
    assert asked.document.text == "os.pa\n"


@pytest.mark.parametrize(
    "selected",
    [(3, 5, "environ"), (3, 5, "PATH"), (3, 5, "p"), (6, 7, "path"), (0, 2, "os")],
    ids=["another word", "another case", "less than typed", "behind", "before"],
)
def test_selected_text_that_does_not_extend_what_is_typed_has_no_answer(
    selected: tuple[int, int, str],
) -> None:
    with pytest.raises(Unanswerable):
        at("os.pa<|>ab", selected=selected)


def test_a_document_that_is_not_open_has_no_answer() -> None:
    asked = Asked(
        uri=URI, position=Position(line=0, character=0), invoked=True, selected=None
    )
    with pytest.raises(Unanswerable, match="not open"):
        ask(asked, Buffers(), arrived=0.0)


@pytest.mark.parametrize("line", [-1, 1, 2**31 - 1])
def test_a_line_that_does_not_exist_has_no_answer(line: int) -> None:
    buffers = Buffers()
    buffers.open(uri=URI, language="python", version=1, text="x")
    asked = Asked(
        uri=URI, position=Position(line=line, character=0), invoked=True, selected=None
    )
    with pytest.raises(Unanswerable, match="does not exist"):
        ask(asked, buffers, arrived=0.0)

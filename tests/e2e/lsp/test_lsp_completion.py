"""Completions from the bundled model over the real wire. What it says is its own taste: what is
held here is that the answer fits, that its range is right and that the session survives."""

from __future__ import annotations

import asyncio
import time

import pytest
from lsp_client import position, spawn
from lsp_editor import Buffer, Editor, assert_parses

pytestmark = pytest.mark.asyncio(loop_scope="module")

IMPORTS = "import os\nfrom pathlib import Path\n\n\n"
HOLES = [
    IMPORTS + hole
    for hole in (
        "def names(root: Path) -> list[str]:\n"
        "    return [child.<|> for child in root.iterdir()]\n",
        "def size(path):\n"
        "    if os.path.exists(<|>):\n"
        "        return os.path.getsize(path)\n",
        "class Stack:\n"
        "    def __init__(self):\n"
        "        self.items = []\n"
        "\n"
        "    def push(self, item):\n"
        "        self.<|>\n",
        "def total(values):\n"
        "    result = 0\n"
        "    for value in values:\n"
        "        <|>\n"
        "    return result\n",
        "for name in os.li<|>\n    print(name)\n",
        "def join(left, right):\n    return os.path.join(<|>\n",
    )
]


async def answers(editor: Editor, holes: list[str], **options: str) -> list[str]:
    """The text after accepting, for each hole that was answered."""
    texts = []
    for hole in holes:
        buffer, items = await editor.complete(hole, **options)
        texts += [buffer.accepted(item) for item in items]
    return texts


async def test_what_is_accepted_parses(editor: Editor) -> None:
    texts = await answers(editor, HOLES)
    assert len(texts) >= len(HOLES) // 2, "hardly any hole was answered"
    for text in texts:
        assert_parses(text)


async def test_an_answer_is_one_item_with_text_and_a_range_up_to_the_cursor(
    editor: Editor,
) -> None:
    buffer, offset = editor.at(IMPORTS + "print(os.pat<|>)\n")
    item = await buffer.answer(offset)
    line, character = buffer.position(offset)
    assert item["range"] == {
        "start": position(line, character - 3),
        "end": position(line, character),
    }
    assert item["insertText"].startswith("pat")
    assert set(item) <= {"insertText", "range", "filterText"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_edits_and_answers_are_counted_in_the_clients_units(encoding: str) -> None:
    """Typed piece by piece behind characters that are one, two, three and four bytes long."""
    async with spawn() as (client, _):
        options = {"completion": {"invoked_deadline_ms": 30_000}, "status": True}
        result = await client.initialize(options, encodings=["ebcdic", encoding])
        assert result["capabilities"]["positionEncoding"] == encoding
        await client.until("tenon/status", lambda status: status["state"] == "ready")
        buffer = Buffer(client, "import os\ns = '😀'\nprint(s)\n", encoding)
        smile = buffer.text.index("😀")
        buffer.replace(smile, smile + 1, "é字😀\N{MATHEMATICAL BOLD SMALL A}")
        buffer.type(buffer.text.index("'\n"), "😀ü")
        offset = buffer.text.index("print(s)")
        offset = buffer.type(offset, "t = '😀'; print(os.pat)\n") - len(")\n")
        item = await buffer.answer(offset)
        line, character = buffer.position(offset)
        assert item["range"]["end"] == position(line, character)
        assert item["range"]["start"] == position(line, character - len("pat"))
        assert_parses(buffer.accepted(item))


async def test_selected_text_begins_the_answer(editor: Editor) -> None:
    buffer, offset = editor.at(IMPORTS + "print(os.pa<|>)\n")
    line, character = buffer.position(offset)
    span = [position(line, character - 2), position(line, character)]
    info = {"range": span, "text": "path"}
    item = await buffer.answer(offset, selectedCompletionInfo=info)
    assert item["insertText"].startswith("path")
    assert item["range"] == {"start": span[0], "end": span[1]}
    assert_parses(buffer.accepted(item))


async def test_selected_text_that_does_not_extend_what_is_typed_gets_nothing(
    editor: Editor,
) -> None:
    buffer, offset = editor.at(IMPORTS + "print(os.pa<|>)\n")
    line, character = buffer.position(offset)
    span = [position(line, character - 2), position(line, character)]
    info = {"range": span, "text": "environ"}
    assert await buffer.complete(offset, selectedCompletionInfo=info) == []


async def test_every_chunk_could_stand_and_the_last_is_the_answer(editor: Editor) -> None:
    grown = 0
    for hole in HOLES:
        buffer, items = await editor.complete(hole)
        chunks = [
            chunk
            for chunk in editor.client.of("tenon/chunk")
            if chunk["textDocument"] == {"uri": buffer.uri, "version": 1}
        ]
        for chunk in chunks:
            assert_parses(buffer.accepted({"insertText": chunk["text"], "range": chunk["range"]}))
        if items:
            assert [chunk["final"] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
            assert chunks[-1]["text"] == items[0]["insertText"]
            assert chunks[-1]["range"] == items[0]["range"]
            grown += len(chunks) > 2
    assert grown, "no answer was seen growing"


async def test_a_newer_request_makes_the_older_one_null(editor: Editor) -> None:
    buffer, offset = editor.at(HOLES[0])
    _, older = editor.client.ask(buffer.uri, *buffer.position(offset))
    assert isinstance(await buffer.complete(offset), list)
    assert await older is None


async def test_a_request_taken_back_is_null_and_the_next_is_answered(editor: Editor) -> None:
    buffer, offset = editor.at("value = 1\n" * 3000 + HOLES[0])
    for pause in (0.0, 0.01, 0.03):
        number, answer = editor.client.ask(buffer.uri, *buffer.position(offset))
        await asyncio.sleep(pause)
        editor.client.notify("$/cancelRequest", {"id": number})
        assert await asyncio.wait_for(answer, 10) is None
    assert await buffer.answer(offset)


async def test_a_document_closed_while_it_is_completed_is_no_fault(editor: Editor) -> None:
    buffer, offset = editor.at(HOLES[0])
    _, answer = editor.client.ask(buffer.uri, *buffer.position(offset))
    editor.client.close(buffer.uri)
    assert not await asyncio.wait_for(answer, 30)
    buffer, offset = editor.at(HOLES[0])
    assert await buffer.answer(offset)


@pytest.mark.parametrize(
    "text", ["", "\n", "\ufeff", "def f(:\n  ))) '''", "\0", "x = '\ud83d'", "if x:\n\tpass\n  y"]
)
async def test_a_buffer_in_any_state_gets_an_answer_in_time(editor: Editor, text: str) -> None:
    buffer = Buffer(editor.client, text)
    last = text.count("\n")
    for line, character in ((0, 0), (last, 1000), (last, 2**31 - 1)):
        answer = await editor.client.complete(buffer.uri, line, character)
        assert isinstance(answer, list)
    assert await editor.client.complete(buffer.uri, last + 1, 0) == []


async def test_what_is_not_open_or_not_python_gets_nothing(editor: Editor) -> None:
    assert await editor.client.complete("file:///e2e/never.py", 0, 0) == []
    _, items = await editor.complete("Dear <|>", language="plaintext")
    assert items == []


async def test_answers_have_the_line_ends_of_their_document(editor: Editor) -> None:
    holes = [hole.replace("\n", "\r\n") for hole in HOLES]
    texts = await answers(editor, holes)
    assert len(texts) >= len(holes) // 2
    for text in texts:
        assert "\n" not in text.replace("\r\n", "")
        assert_parses(text)


async def test_tabs_stay_tabs(editor: Editor) -> None:
    texts = await answers(editor, [hole.replace("    ", "\t") for hole in HOLES])
    assert len(texts) >= len(HOLES) // 2
    for text in texts:
        assert_parses(text)


async def test_a_file_of_twenty_thousand_lines_is_edited_and_completed(editor: Editor) -> None:
    function = "def add_{0}(left, right):\n    total = left + right\n    return total\n\n\n"
    text = IMPORTS + "".join(function.format(number) for number in range(4000))
    buffer = Buffer(editor.client, text)
    offset = text.index("def add_2000")
    for _ in range(200):
        buffer.replace(offset, offset, "# noise\n")
    offset = buffer.type(offset, "print(os.pat)\n") - len(")\n")
    start = time.perf_counter()
    items = await buffer.complete(offset)
    assert time.perf_counter() - start < 10
    for item in items:
        assert_parses(buffer.accepted(item))


async def test_a_hundred_edits_a_second_with_requests_between_them(editor: Editor) -> None:
    """Every request is answered, the text stays the client's, and the last answer fits it."""
    buffer, offset = editor.at(IMPORTS + "def f(values):\n    <|>\n    return values\n")
    text = "result = [os.path.join(value, 'x') for value in values if value.startswith('a')]; pri"
    pending = []
    for number, character in enumerate(text):
        started = time.perf_counter()
        buffer.replace(offset, offset, character)
        offset += 1
        if number % 3 == 0:
            place = buffer.position(offset)
            pending.append(editor.client.ask(buffer.uri, *place, triggerKind=2)[1])
        await asyncio.sleep(max(0.0, 0.01 - (time.perf_counter() - started)))
    outcomes = await asyncio.wait_for(asyncio.gather(*pending), 60)
    assert all(outcome is None or isinstance(outcome, list) for outcome in outcomes)
    assert_parses(buffer.accepted(await buffer.answer(offset)))

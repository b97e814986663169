"""The plugin in a real Neovim against answers that no model gives on demand."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nvim_session import Session, setup, until

pytestmark = pytest.mark.editor

SERVER = Path(__file__).parent / "scripted_server.py"
BODY = "range(3):\n    print(x)\n    x += 1"


@pytest.fixture
def typing(started: Callable[..., Session]) -> Callable[..., Session]:
    """A Python buffer in insert mode, on an empty last line, served by a script."""

    def begin(
        answers: dict[str, list[str] | None], *, more: str = "", **times: float
    ) -> Session:
        script = json.dumps({"answers": answers, **times})
        session = started(setup(cmd=[sys.executable, str(SERVER), script]) + more)
        session.nvim.command("edit ready.py")
        session.ready()
        session.type("Go<Esc>0DA")
        return session

    return begin


def after(session: Session, text: str) -> None:
    until(lambda: session.before().endswith(text), seconds=5, what=f"{text!r} before the cursor")


def test_several_lines_are_shown_and_accepted_as_one(typing: Callable[..., Session]) -> None:
    session = typing({"for x in ": [BODY]})
    session.type("for x in ")
    assert session.ghost_appears() == BODY
    session.type("<Tab>")
    after(session, "for x in " + BODY)


def test_several_lines_are_accepted_line_by_line(typing: Callable[..., Session]) -> None:
    session = typing({"for x in ": [BODY]})
    session.type("for x in ")
    session.ghost_appears()
    for accepted in ("range(3):", "range(3):\n    print(x)", BODY):
        session.type("<M-C-Right>")
        after(session, "for x in " + accepted)
        assert session.ghost() == BODY.removeprefix(accepted)


def test_several_suggestions_are_leafed_through(typing: Callable[..., Session]) -> None:
    session = typing({"x = ": ["first", "second"]})
    session.type("x = ")
    assert session.ghost_appears() == "first"
    session.type("<M-]>")
    until(lambda: session.ghost().startswith("second"), seconds=5, what="second suggestion")
    session.type("<M-[>")
    until(lambda: session.ghost().startswith("first"), seconds=5, what="first suggestion")
    session.type("<M-]><Tab>")
    after(session, "x = second")


def test_line_ends_of_a_crlf_document_do_not_get_into_the_lines(
    typing: Callable[..., Session],
) -> None:
    session = typing({"for x in ": [BODY.replace("\n", "\r\n")]})
    session.type("for x in ")
    assert session.ghost_appears() == BODY
    session.type("<Tab>")
    after(session, BODY)
    assert "\r" not in session.text()


def test_an_answer_that_comes_late_is_shown_for_what_is_typed_by_then(
    typing: Callable[..., Session],
) -> None:
    session = typing({"x = ": ["first"]}, delay=1.0)
    session.type("x = ")
    time.sleep(0.6)
    session.type("fi")
    assert session.ghost_appears() == "rst"
    session.type("<Tab>")
    after(session, "x = first")


def test_an_answer_that_comes_too_late_to_fit_is_never_shown(
    typing: Callable[..., Session],
) -> None:
    session = typing({"x = ": ["first"]}, delay=1.0)
    session.type("x = ")
    time.sleep(0.6)
    session.type("y")
    end = time.monotonic() + 2
    while time.monotonic() < end:
        assert session.ghost() == ""
        time.sleep(0.01)


def test_null_leaves_the_suggestion_and_an_empty_answer_takes_it_away(
    typing: Callable[..., Session],
) -> None:
    session = typing({"x = ": ["first"], "x = f": None})
    session.type("x = ")
    session.ghost_appears()
    session.type("f")
    time.sleep(0.6)
    assert session.ghost() == "irst"
    session.type("i")
    session.ghost_is_gone()


def test_a_mapping_of_another_plugin_is_called_where_nothing_is_suggested(
    typing: Callable[..., Session],
) -> None:
    """Of each kind that there is: keys, an expression, a function, and remapped keys."""
    session = typing(
        {"x = ": ["first"]},
        more="""
        vim.keymap.set('i', '<Tab>', 'keys')
        vim.keymap.set('i', '<M-Right>', function() return 'expr' end, { expr = true })
        vim.keymap.set('i', '<C-]>', function() vim.api.nvim_put({ 'call' }, 'c', true, true) end)
        vim.keymap.set('i', '<F5>', 'remapped')
        vim.keymap.set('i', '<M-]>', '<F5>', { remap = true })
        vim.cmd([[inoremap <expr> <M-[> "script"]])
        """,
    )
    for key, text in (
        ("<Tab>", "keys"), ("<M-Right>", "expr"), ("<C-]>", "call"),
        ("<M-]>", "remapped"), ("<M-[>", "script"),
    ):  # fmt: skip
        session.type(key)
        after(session, text)
    session.type("x = ")
    session.ghost_appears()
    session.type("<Tab>")
    after(session, "x = first")


def test_an_answer_that_is_ready_late_is_shown_to_who_waits(
    typing: Callable[..., Session],
) -> None:
    session = typing({"x = ": ["first"]}, late=0.5)
    session.type("x = ")
    assert session.ghost_appears() == "first"


def test_an_answer_that_is_ready_late_is_not_shown_to_who_went_on(
    typing: Callable[..., Session],
) -> None:
    session = typing({"x = ": ["first"]}, late=0.6)
    session.type("x = ")
    time.sleep(0.4)
    session.type("y")
    time.sleep(1.0)
    assert session.ghost() == ""

"""The editor's own list of completions: what the service proposes, as the client counts."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from lsp_client import Client, position
from scripted import ScriptedService

from tenon.service.proposal import Kind, Proposal

URI = "file:///project/a.py"
NAME = Proposal(
    text="user.name",
    kind=Kind.FIELD,
    type="str",
    because="'f' returns str",
    expected=True,
    typed=2,
)


async def complete(client: Client, line: int, character: int, **context: Any) -> Any:
    return await client.request(
        "textDocument/completion",
        {
            "textDocument": {"uri": URI},
            "position": position(line, character),
            "context": {"triggerKind": 1, **context},
        },
    )


async def ready(client: Client, options: Any = None) -> Any:
    """The service comes in behind the answer to `initialize`; an inline request waits for it."""
    result = await client.initialize(options)
    client.open(URI, "def f(us):\n    return us\n")
    await client.complete(URI, 0, 0)
    return result


async def test_what_brings_a_list_up_is_told_and_a_space_is_not_among_it(client: Client) -> None:
    provider = (await client.initialize())["capabilities"]["completionProvider"]
    assert "." in provider["triggerCharacters"]
    assert " " not in provider["triggerCharacters"]


async def test_an_item_has_what_every_client_shows(
    client: Client, service: ScriptedService
) -> None:
    service.proposes = (NAME,)
    await ready(client)
    answer = await complete(client, 1, 13)
    (item,) = answer["items"]
    assert item == {
        "label": "user.name",
        "kind": 5,
        "detail": "str ('f' returns str)",
        "sortText": "0000",
        "filterText": "user.name",
        "insertTextFormat": 1,
        "textEdit": {
            "range": {"start": position(1, 11), "end": position(1, 13)},
            "newText": "user.name",
        },
    }


async def test_items_keep_the_order_of_the_service(
    client: Client, service: ScriptedService
) -> None:
    service.proposes = tuple(
        Proposal(text=text, kind=kind, type="", because="", expected=False, typed=0)
        for text, kind in zip("zyxwvutsrqponm", [*Kind, *Kind], strict=False)
    )
    await ready(client)
    items = (await complete(client, 0, 0))["items"]
    assert "".join(sorted((each["label"] for each in items), reverse=True)) == "zyxwvutsrqponm"
    assert [each["label"] for each in sorted(items, key=lambda one: one["sortText"])] == [
        each["label"] for each in items
    ]


async def test_the_range_counts_in_the_clients_units(
    client: Client, service: ScriptedService
) -> None:
    service.proposes = (NAME,)
    await ready(client)
    client.change(URI, 2, (None, 's = "\U0001f600"; t: str = us\n'))
    answer = await complete(client, 0, 21)
    span = answer["items"][0]["textEdit"]["range"]
    assert span == {"start": position(0, 19), "end": position(0, 21)}
    assert service.proposed[-1][1] == 20


async def test_edits_behind_the_request_do_not_move_its_range(
    client: Client, service: ScriptedService
) -> None:
    service.proposes = (NAME,)
    await ready(client)
    _, answer = client.start(
        "textDocument/completion",
        {"textDocument": {"uri": URI}, "position": position(1, 13)},
    )
    client.change(URI, 2, ((1, 4, 1, 13), ""))
    span = (await asyncio.wait_for(answer, 10))["items"][0]["textEdit"]["range"]
    assert span["end"] == position(1, 13)


@pytest.mark.parametrize("kind", [1, 2, 3])
async def test_the_editor_does_not_wait_for_what_is_late(
    client: Client, service: ScriptedService, kind: int
) -> None:
    service.proposes = None
    await ready(client)
    asked = time.monotonic()
    answer = await complete(client, 1, 13, triggerKind=kind)
    assert answer == {"isIncomplete": True, "items": []}
    assert time.monotonic() - asked < 5


@pytest.mark.parametrize("options", [{"proposals": False}, {"enabled": False}])
async def test_who_does_not_want_it_is_given_nothing(
    client: Client, service: ScriptedService, options: Any
) -> None:
    service.proposes = (NAME,)
    await ready(client, {"completion": options})
    assert await complete(client, 1, 13) is None
    assert service.proposed == []


@pytest.mark.parametrize(
    "params",
    [
        None,
        {},
        {"textDocument": {"uri": URI}},
        {"textDocument": {"uri": URI}, "position": position(9, 0)},
        {"textDocument": {"uri": "file:///other.py"}, "position": position(0, 0)},
        {"textDocument": {"uri": URI}, "position": {"line": "x", "character": 0}},
    ],
)
async def test_what_cannot_be_answered_is_null(
    client: Client, service: ScriptedService, params: Any
) -> None:
    service.proposes = (NAME,)
    await ready(client)
    assert await client.request("textDocument/completion", params) is None

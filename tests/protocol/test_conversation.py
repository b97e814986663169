"""A session, message by message, with a service that says what the test tells it to."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import pytest
from lsp_client import Client, Refused, position
from scripted import ScriptedService

from tenon.service.service import Status

URI = "file:///project/a.py"
CODE = "import os\nos.\n"


async def settle(client: Client) -> None:
    """Everything sent before has been handled."""
    with pytest.raises(Refused):
        await client.request("tenon/nothing")


def item(text: str, start: int, end: int, *, line: int = 1) -> dict[str, Any]:
    span = {"start": position(line, start), "end": position(line, end)}
    return {"insertText": text, "range": span}


# -- hello -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-8"], "utf-8"),
        (["utf-32", "utf-8"], "utf-32"),
        (["ebcdic", "utf-16", "utf-8"], "utf-16"),
        (["ebcdic"], "utf-16"),
        ([{}, 3, "utf-8"], "utf-8"),
    ],
)
async def test_the_encoding_is_the_first_the_client_offers_that_exists(
    client: Client, offered: Any, chosen: str
) -> None:
    result = await client.initialize(encodings=offered)
    assert result["capabilities"]["positionEncoding"] == chosen


async def test_what_the_server_can_do_is_incremental_sync_and_inline_completion(
    client: Client,
) -> None:
    result = await client.initialize()
    assert result["serverInfo"]["name"] == "tenon"
    assert result["capabilities"]["inlineCompletionProvider"] is not None
    assert result["capabilities"]["textDocumentSync"]["openClose"] is True
    assert result["capabilities"]["textDocumentSync"]["change"] == 2
    assert "notebookDocumentSync" not in result["capabilities"]


@pytest.mark.parametrize(
    "params",
    [None, {}, [], {"capabilities": None}, {"capabilities": {"general": 3}, "processId": "x"}],
)
async def test_an_initialize_that_says_little_is_enough(client: Client, params: Any) -> None:
    assert (await client.request("initialize", params))["serverInfo"]["name"] == "tenon"


async def test_initialize_comes_once(client: Client) -> None:
    await client.initialize()
    with pytest.raises(Refused, match="already"):
        await client.request("initialize", {"capabilities": {}})


async def test_the_workspace_is_the_first_folder(
    client: Client, service: ScriptedService
) -> None:
    folders = [{"uri": "file:///project/a%20b", "name": "a b"}]
    await client.request(
        "initialize", {"capabilities": {}, "workspaceFolders": folders, "rootUri": "file:///x"}
    )
    client.open(URI, CODE)
    await client.complete(URI, 1, 3)
    assert str(service.root) == "/project/a b"


async def test_a_request_before_initialize_is_answered_with_nothing(client: Client) -> None:
    client.open(URI, CODE)
    assert await client.complete(URI, 1, 3) == []


# -- answers -----------------------------------------------------------------------------------


async def test_an_answer_carries_the_typed_part_of_the_word_and_its_range(
    client: Client, service: ScriptedService
) -> None:
    service.says = lambda request: "th.join()"
    await client.initialize()
    client.open(URI, "import os\nos.pa\n")
    assert await client.complete(URI, 1, 5) == [item("path.join()", 3, 5)]


async def test_nothing_to_offer_is_an_empty_list(client: Client, service: ScriptedService) -> None:
    service.says = lambda request: ""
    await client.initialize()
    client.open(URI, CODE)
    assert await client.complete(URI, 1, 3) == []


async def test_selected_text_is_forced_and_its_range_replaced(
    client: Client, service: ScriptedService
) -> None:
    service.says = lambda request: request.forced + ".join()"
    await client.initialize()
    client.open(URI, "import os\nos.pa\n")
    info = {"range": [position(1, 3), position(1, 5)], "text": "path"}
    answer = await client.complete(URI, 1, 5, selectedCompletionInfo=info)
    assert answer == [item("path.join()", 3, 5)]
    assert service.requests[-1].forced == "th"


async def test_selected_text_that_fits_nothing_is_not_even_asked_for(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize()
    client.open(URI, "import os\nos.pa\n")
    info = {"range": [position(1, 3), position(1, 5)], "text": "environ"}
    assert await client.complete(URI, 1, 5, selectedCompletionInfo=info) == []
    assert service.requests == []


async def test_a_request_is_answered_in_the_text_as_it_was_when_it_arrived(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize()
    client.open(URI, CODE)
    _, answer = client.ask(URI, 1, 3)
    client.change(URI, 2, ((0, 0, 2, 0), ""))
    assert await answer == [item("path()", 3, 3)]
    assert service.requests[-1].document.text == CODE
    assert service.requests[-1].document.version == 1


@pytest.mark.parametrize(("kind", "seconds"), [(0, 9), (1, 9), (2, 3)])
async def test_the_deadline_follows_the_trigger_and_runs_from_arrival(
    client: Client, service: ScriptedService, kind: int, seconds: float
) -> None:
    await client.initialize({"completion": {"deadline_ms": 3000, "invoked_deadline_ms": 9000}})
    client.open(URI, CODE)
    before = time.monotonic()
    await client.complete(URI, 1, 3, triggerKind=kind)
    after = time.monotonic()
    deadline = service.requests[-1].deadline.at
    assert before + seconds <= deadline <= after + seconds
    assert service.requests[-1].invoked is (kind != 2)


@pytest.mark.parametrize(
    "params",
    [
        None,
        {"textDocument": {"uri": URI}},
        {"textDocument": {"uri": URI}, "position": position(99, 0)},
        {"textDocument": {"uri": "file:///other.py"}, "position": position(0, 0)},
        {"position": position(0, 0)},
        [1, 2],
    ],
)
async def test_a_request_that_makes_no_sense_gets_an_empty_answer(
    client: Client, params: Any
) -> None:
    await client.initialize()
    client.open(URI, CODE)
    assert await client.request("textDocument/inlineCompletion", params) == []
    assert await client.complete(URI, 1, 3) == [item("path()", 3, 3)]


async def test_a_service_that_fails_costs_the_answer_and_nothing_else(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize()
    client.open(URI, CODE)
    await client.complete(URI, 1, 3)
    service.submit = None  # type: ignore[method-assign, assignment]
    assert await client.complete(URI, 1, 3) == []
    assert client.of("window/showMessage") == []


# -- cancelling --------------------------------------------------------------------------------


async def test_a_newer_request_makes_the_older_one_null(
    client: Client, service: ScriptedService
) -> None:
    service.says = lambda request: None if request.offset == 13 else "path()"
    await client.initialize()
    client.open(URI, CODE)
    _, older = client.ask(URI, 1, 3)
    assert await client.complete(URI, 0, 0) == [item("path()", 0, 0, line=0)]
    assert await older is None


async def test_a_request_taken_back_is_null_and_stops_the_work(
    client: Client, service: ScriptedService
) -> None:
    service.says = lambda request: None
    await client.initialize()
    client.open(URI, CODE)
    number, answer = client.ask(URI, 1, 3)
    while not service.requests:
        await asyncio.sleep(0.005)
    client.notify("$/cancelRequest", {"id": number})
    assert await answer is None
    assert service.requests[0].cancel.cancelled


async def test_a_request_taken_back_before_it_began_is_null(
    client: Client, service: ScriptedService
) -> None:
    service.says = lambda request: None
    await client.initialize()
    client.open(URI, CODE)
    number, answer = client.ask(URI, 1, 3)
    client.notify("$/cancelRequest", {"id": number})
    assert await asyncio.wait_for(answer, 5) is None


@pytest.mark.parametrize("params", [{"id": 77}, {"id": None}, {"id": []}, {}, None, [1]])
async def test_taking_back_what_does_not_run_does_nothing(client: Client, params: Any) -> None:
    await client.initialize()
    client.notify("$/cancelRequest", params)
    await settle(client)


async def test_closing_a_document_ends_what_runs_for_it(
    client: Client, service: ScriptedService
) -> None:
    service.says = lambda request: None
    await client.initialize()
    client.open(URI, CODE)
    _, answer = client.ask(URI, 1, 3)
    while not service.requests:
        await asyncio.sleep(0.005)
    client.close(URI)
    assert not await asyncio.wait_for(answer, 5)
    assert service.forgotten == [URI]


# -- documents ---------------------------------------------------------------------------------


async def test_versions_may_jump_and_may_be_absent(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize()
    client.open(URI, CODE)
    client.change(URI, 41, ((1, 3, 1, 3), "pa"))
    await client.complete(URI, 1, 5)
    client.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": URI}, "contentChanges": [{"text": "x"}]},
    )
    await client.complete(URI, 0, 1)
    documents = [request.document for request in service.requests]
    assert [(document.version, document.text) for document in documents] == [
        (41, "import os\nos.pa\n"),
        (42, "x"),
    ]


async def test_opening_twice_replaces_the_text(client: Client, service: ScriptedService) -> None:
    await client.initialize()
    client.open(URI, CODE)
    client.open(URI, "x", version=7)
    await client.complete(URI, 0, 1)
    assert service.requests[-1].document.text == "x"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/didChange", {"textDocument": {"uri": "file:///x"}, "contentChanges": []}),
        ("textDocument/didChange", None),
        ("textDocument/didClose", {"textDocument": {"uri": "file:///x"}}),
        ("textDocument/didClose", {}),
        ("textDocument/didOpen", {"textDocument": {"uri": "file:///x"}}),
        ("textDocument/didOpen", "x"),
        ("textDocument/didSave", {"textDocument": {"uri": URI}}),
        ("notebookDocument/didOpen", {"notebookDocument": {"uri": "file:///n"}}),
        ("notebookDocument/didChange", {"notebookDocument": {"uri": "file:///n"}}),
        ("notebookDocument/didClose", {"notebookDocument": {"uri": "file:///n"}}),
        ("textDocument/didShowCompletion", {"item": {"insertText": "x"}}),
        ("textDocument/didPartiallyAcceptCompletion", {"item": {}, "acceptedLength": 3}),
        ("workspace/didChangeConfiguration", None),
        ("workspace/didChangeWorkspaceFolders", {"event": {"added": "x"}}),
        ("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": []}}),
        ("window/workDoneProgress/cancel", {"token": "unknown"}),
        ("$/setTrace", {"value": "verbose"}),
        ("$/setTrace", {"value": 3}),
        ("$/unknown", {"jsonrpc": "2.0", "id": 3}),
        ("unknown", [1]),
    ],
)
async def test_a_notification_never_disturbs_the_session(
    client: Client, method: str, params: Any
) -> None:
    await client.initialize()
    client.open(URI, CODE)
    client.notify(method, params)
    assert await client.complete(URI, 1, 3) == [item("path()", 3, 3)]
    assert client.of("window/showMessage") == []


async def test_a_document_whose_edits_cannot_be_read_is_silent_until_it_is_opened_again(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize()
    client.open(URI, CODE)
    client.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"range": 3, "text": ""}]},
    )
    assert await client.complete(URI, 1, 3) == []
    client.open(URI, CODE)
    assert await client.complete(URI, 1, 3) != []


@pytest.mark.parametrize(
    "message", [3, [], "x", {}, {"method": 3}, {"id": 99, "result": 1}, {"id": {}, "method": "x"}]
)
async def test_a_message_that_is_none_is_passed_over(client: Client, message: Any) -> None:
    await client.initialize()
    client.send(message)
    client.send_bytes(b"Content-Length: 2\r\n\r\n{]")
    client.open(URI, CODE)
    assert await client.complete(URI, 1, 3) != []


JUNK: tuple[Any, ...] = (None, -1, 2**70, 1.5, True, "", "\ud800", [], {}, [[]], {"uri": 3})


def spoiled(message: Any, chance: random.Random) -> Any:
    """A copy with some member replaced, removed or put where it does not belong."""
    if chance.random() < 0.15:
        return chance.choice(JUNK)
    if isinstance(message, dict):
        kept = [name for name in message if chance.random() > 0.05]
        return {name: spoiled(message[name], chance) for name in kept}
    if isinstance(message, list):
        return [spoiled(item, chance) for item in message * chance.choice((1, 1, 2))]
    return message


async def test_no_spoiled_message_ends_the_session_or_opens_a_popup(client: Client) -> None:
    await client.initialize()
    document = {"uri": "file:///spoiled.py", "version": 3}
    span = {"start": position(0, 1), "end": position(1, 2)}
    selected = {"range": span, "text": "path"}
    messages: list[tuple[str, Any]] = [
        ("didOpen", {"textDocument": {**document, "languageId": "python", "text": CODE}}),
        ("didChange", {"textDocument": document, "contentChanges": [{"range": span, "text": "x"}]}),
        ("didClose", {"textDocument": document}),
        (
            "inlineCompletion",
            {
                "textDocument": document,
                "position": position(1, 3),
                "context": {"triggerKind": 1, "selectedCompletionInfo": selected},
            },
        ),
    ]
    chance = random.Random(3)
    for number in range(1000):
        name, params = chance.choice(messages)
        message = {"jsonrpc": "2.0", "method": f"textDocument/{name}"}
        if name == "inlineCompletion":
            message["id"] = f"spoiled {number}"
        client.send({**message, "params": spoiled(params, chance)})
    client.open(URI, CODE)
    assert await client.complete(URI, 1, 3) == [item("path()", 3, 3)]
    assert client.of("window/showMessage") == []
    assert client.answers
    assert not [answer for answer in client.answers if "error" in answer]


async def test_requests_that_are_not_served_are_refused_and_not_left_open(client: Client) -> None:
    await client.initialize()
    for method in ("textDocument/hover", "$/unknown"):
        with pytest.raises(Refused, match="-32601"):
            await client.request(method, {"x": 1})
    with pytest.raises(Refused, match="-32602"):
        await client.request("workspace/executeCommand", {"command": 3})


async def test_after_shutdown_only_exit_is_left(client: Client) -> None:
    await client.initialize()
    client.open(URI, CODE)
    assert await client.request("shutdown") is None
    with pytest.raises(Refused, match="-32600"):
        await client.complete(URI, 1, 3)


# -- telling -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "ending"), [("ready", "ready"), ("fault", "failed")])
async def test_loading_is_shown_as_progress_where_the_client_can(
    client: Client, service: ScriptedService, state: Any, ending: str
) -> None:
    service.loaded = False
    await client.initialize({"status": True}, window={"workDoneProgress": True})
    await client.until("$/progress")
    client.open(URI, CODE)
    await client.complete(URI, 1, 3)
    service.on_status(Status(state=state, message="a script"))
    ended = await client.until("$/progress", lambda params: params["value"]["kind"] == "end")
    kinds = [params["value"]["kind"] for params in client.of("$/progress")]
    tokens = {params["token"] for params in client.of("$/progress")}
    assert kinds == ["begin", "end"]
    assert tokens == {client.of("window/workDoneProgress/create")[0]["token"]}
    assert ended["value"]["message"] == ending


async def test_a_client_that_asks_for_nothing_is_sent_nothing(
    client: Client, service: ScriptedService
) -> None:
    service.grows = ("path",)
    await client.initialize()
    client.open(URI, CODE)
    await client.complete(URI, 1, 3)
    await settle(client)
    assert client.received == []


@pytest.mark.parametrize("options", [{"status": True}, {"tenon": {"status": True}}])
async def test_status_goes_to_clients_that_ask_for_it(
    client: Client, service: ScriptedService, options: Any
) -> None:
    await client.initialize(options)
    assert await client.until("tenon/status", lambda status: status["state"] == "ready") == {
        "state": "ready",
        "message": "a script",
    }
    service.on_status(Status(state="fault", message="the model is gone"))
    await client.until("tenon/status", lambda status: status["state"] == "fault")
    assert client.of("window/showMessage") == []


async def test_a_fault_is_shown_once_where_there_is_no_other_place_for_it(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize()
    client.open(URI, CODE)
    await client.complete(URI, 1, 3)
    states: list[Any] = ["fault", "starting", "fault"]
    for state in states:
        service.on_status(Status(state=state, message="the model is gone"))
    shown = await client.until("window/showMessage")
    await settle(client)
    assert client.of("window/showMessage") == [shown]
    assert "the model is gone" in shown["message"]


async def test_an_answer_that_is_ready_late_is_told_to_clients_that_ask_for_status(
    client: Client, service: ScriptedService
) -> None:
    service.says = lambda request: ""
    await client.initialize({"status": True})
    client.open(URI, "x = 1\né = \n")
    await client.complete(URI, 1, 4)
    service.on_ready(service.requests[-1])
    assert await client.until("tenon/ready") == {
        "textDocument": {"uri": URI, "version": 1},
        "position": position(1, 4),
    }
    client.change(URI, 2, ((1, 4, 1, 4), "3"))
    await settle(client)
    service.on_ready(service.requests[-1])
    await settle(client)
    assert len(client.of("tenon/ready")) == 1, "the buffer is another by now"


async def test_chunks_grow_and_the_last_is_the_answer(
    client: Client, service: ScriptedService
) -> None:
    service.grows = ("th", "th.join")
    service.says = lambda request: "th.join()"
    await client.initialize({"streaming": True})
    client.open(URI, "import os\nos.pa\n", version=5)
    answer = await client.complete(URI, 1, 5)
    chunks = client.of("tenon/chunk")
    assert [(chunk["text"], chunk["final"]) for chunk in chunks] == [
        ("path", False),
        ("path.join", False),
        ("path.join()", True),
    ]
    for chunk in chunks:
        assert chunk["textDocument"] == {"uri": URI, "version": 5}
        assert chunk["position"] == position(1, 5)
        assert chunk["range"] == answer[0]["range"]


# -- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("section", [{"tenon": {"streaming": True}}, {"streaming": True}])
async def test_settings_that_change_are_passed_on(
    client: Client, service: ScriptedService, section: Any
) -> None:
    await client.initialize({"completion": {"max_tokens": 7}})
    client.notify("workspace/didChangeConfiguration", {"settings": section})
    client.open(URI, CODE)
    await client.complete(URI, 1, 3)
    assert service.settings.streaming
    assert service.settings.completion.max_tokens == 7


async def test_settings_are_fetched_where_the_client_only_says_that_they_changed(
    client: Client, service: ScriptedService
) -> None:
    client.configuration = {"completion": {"max_tokens": 9}}
    await client.initialize(workspace={"configuration": True})
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    asked = await client.until("workspace/configuration")
    assert asked["items"] == [{"section": "tenon"}]
    while service.settings.completion.max_tokens != 9:
        await settle(client)


async def test_a_setting_that_cannot_be_used_is_named_once_and_changes_nothing(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize({"completion": {"max_tokens": 7}})
    for _ in range(2):
        client.notify(
            "workspace/didChangeConfiguration",
            {"settings": {"tenon": {"completion": {"max_tokens": 0}, "streaming": True}}},
        )
    shown = await client.until("window/showMessage")
    await settle(client)
    assert client.of("window/showMessage") == [shown]
    assert "completion.max_tokens" in shown["message"]
    assert service.settings.completion.max_tokens == 7
    assert not service.settings.streaming


async def test_first_settings_that_cannot_be_used_leave_the_defaults(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize({"completion": {"max_tokens": "many"}})
    shown = await client.until("window/showMessage")
    assert "completion.max_tokens" in shown["message"]
    client.open(URI, CODE)
    assert await client.complete(URI, 1, 3) != []


async def test_a_service_that_cannot_start_is_a_fault_with_its_reason(
    client: Client, service: ScriptedService
) -> None:
    def broken() -> None:
        raise RuntimeError("no room for the model")

    service.start = broken  # type: ignore[method-assign]
    await client.initialize({"status": True})
    status = await client.until("tenon/status", lambda status: status["state"] == "fault")
    assert "no room for the model" in status["message"]
    client.open(URI, CODE)
    assert await client.complete(URI, 1, 3) == []

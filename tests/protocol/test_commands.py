"""Commands of the server: imports that come with an answer, and the question why."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsp_client import Client, Refused, position
from scripted import ScriptedService

from tenon.semantics.facts import Import

URI = "file:///project/a.py"
CODE = "import os\n\nx = \n"
PATH = Import(module="pathlib", name="Path", origin="standard")
EDITS = {"workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}}}


async def offered(client: Client, service: ScriptedService, **capabilities: Any) -> Any:
    """The item that is offered where the answer needs an import."""
    service.says = lambda request: "Path()"
    service.imports_needed = (PATH,)
    await client.initialize(**(capabilities or EDITS))
    client.open(URI, CODE)
    (item,) = await client.complete(URI, 2, 4)
    return item


async def execute(client: Client, command: dict[str, Any]) -> Any:
    return await client.request(
        "workspace/executeCommand",
        {"command": command["command"], "arguments": command["arguments"]},
    )


async def test_the_commands_are_announced(client: Client) -> None:
    result = await client.initialize()
    commands = result["capabilities"]["executeCommandProvider"]["commands"]
    assert {"tenon.applyImports", "tenon.explain"} <= set(commands)


async def test_an_answer_that_needs_an_import_brings_a_command(
    client: Client, service: ScriptedService
) -> None:
    command = (await offered(client, service))["command"]
    assert command["title"] == "from pathlib import Path"
    assert command["command"] == "tenon.applyImports"


async def late(client: Client, service: ScriptedService, **capabilities: Any) -> Any:
    """The item of an answer that came before it was known what it needs."""
    service.says = lambda request: "Path()"
    service.imports_needed, service.imports_found = None, (PATH,)
    await client.initialize(**(capabilities or EDITS))
    client.open(URI, CODE)
    (item,) = await client.complete(URI, 2, 4)
    return item


async def test_what_was_not_known_in_time_is_looked_up_on_acceptance(
    client: Client, service: ScriptedService
) -> None:
    item = await late(client, service)
    client.change(URI, 2, ((0, 0, 0, 0), "# é\n"), ((3, 4, 3, 4), "Path()"))
    client.change(URI, 3, ((0, 0, 1, 0), ""))
    await execute(client, item["command"])
    ((document, offset, text),) = service.asked_imports
    assert (document.text, offset, text) == (CODE, len("import os\n\nx = "), "Path()")
    (params,) = client.of("workspace/applyEdit")
    (change,) = params["edit"]["documentChanges"]
    assert [edit["newText"] for edit in change["edits"]] == ["from pathlib import Path\n"]


async def test_of_a_text_that_does_not_stand_there_nothing_is_looked_up(
    client: Client, service: ScriptedService
) -> None:
    item = await late(client, service)
    client.change(URI, 2, ((2, 4, 2, 4), "None"))
    await execute(client, item["command"])
    assert service.asked_imports == []
    assert client.of("workspace/applyEdit") == []


async def test_a_change_that_is_on_its_way_is_waited_for(
    client: Client, service: ScriptedService
) -> None:
    item = await late(client, service)
    executing = asyncio.create_task(execute(client, item["command"]))
    await asyncio.sleep(0.05)
    client.change(URI, 2, ((2, 4, 2, 4), "Path()"))
    await executing
    assert len(client.of("workspace/applyEdit")) == 1


async def test_a_client_that_applies_no_edits_is_not_told_to_look_up_imports(
    client: Client, service: ScriptedService
) -> None:
    item = await late(client, service, workspace={})
    assert "command" not in item


async def test_an_answer_that_needs_none_brings_none(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize(**EDITS)
    client.open(URI, CODE)
    (item,) = await client.complete(URI, 2, 4)
    assert "command" not in item


async def test_the_command_has_the_client_add_the_import_to_the_buffer_as_it_is_by_then(
    client: Client, service: ScriptedService
) -> None:
    item = await offered(client, service)
    client.change(URI, 2, ((0, 0, 0, 0), "import json\n"), ((3, 4, 3, 4), "Path()"))
    await execute(client, item["command"])
    (params,) = client.of("workspace/applyEdit")
    (change,) = params["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 2}
    here = {"start": position(2, 0), "end": position(2, 0)}
    assert change["edits"] == [{"range": here, "newText": "from pathlib import Path\n"}]


async def test_a_client_without_versions_gets_plain_changes(
    client: Client, service: ScriptedService
) -> None:
    item = await offered(client, service, workspace={"applyEdit": True})
    await execute(client, item["command"])
    (params,) = client.of("workspace/applyEdit")
    assert [edit["newText"] for edit in params["edit"]["changes"][URI]] == [
        "from pathlib import Path\n"
    ]


async def test_what_is_imported_by_then_is_not_imported_again(
    client: Client, service: ScriptedService
) -> None:
    item = await offered(client, service)
    client.change(URI, 2, ((0, 0, 0, 0), "from pathlib import Path\n"))
    await execute(client, item["command"])
    assert client.of("workspace/applyEdit") == []


async def test_an_edit_that_comes_too_late_is_made_again(
    client: Client, service: ScriptedService
) -> None:
    item = await offered(client, service)

    def applies(params: Any) -> bool:
        version = params["edit"]["documentChanges"][0]["textDocument"]["version"]
        if version == 1:
            client.change(URI, 2, ((2, 4, 2, 4), "Path()"))
        return version == 2

    client.applies = applies
    await execute(client, item["command"])
    assert len(client.of("workspace/applyEdit")) == 2


async def test_a_client_that_never_applies_it_is_not_asked_for_ever(
    client: Client, service: ScriptedService
) -> None:
    item = await offered(client, service)
    client.applies = lambda params: False
    await execute(client, item["command"])
    assert 1 <= len(client.of("workspace/applyEdit")) <= 5


async def test_a_closed_document_is_left_alone(
    client: Client, service: ScriptedService
) -> None:
    item = await offered(client, service)
    client.close(URI)
    await execute(client, item["command"])
    assert client.of("workspace/applyEdit") == []


async def test_a_client_that_applies_no_edits_is_offered_no_imports(
    client: Client, service: ScriptedService
) -> None:
    await client.initialize({"completion": {"auto_import": True}})
    client.open(URI, CODE)
    await client.complete(URI, 2, 4)
    assert service.settings.completion.auto_import is False


@pytest.mark.parametrize(
    "arguments",
    [
        None,
        [],
        [3],
        [{}],
        [{"textDocument": {"uri": URI}}],
        [{"textDocument": {"uri": URI}, "imports": ["os"]}],
        [{"textDocument": {"uri": URI}, "imports": [{"module": "os\nimport re"}]}],
        [{"textDocument": {"uri": URI}, "imports": []}, 3],
        [{"textDocument": {"uri": URI}, "inserted": "Path()"}],
        [{"textDocument": {"uri": URI}, "inserted": {"text": "Path()"}}],
        [{"textDocument": {"uri": URI}, "inserted": {"position": position(0, 0), "text": 3}}],
    ],
)
async def test_arguments_that_mean_nothing_are_refused(client: Client, arguments: Any) -> None:
    await client.initialize(**EDITS)
    client.open(URI, CODE)
    with pytest.raises(Refused):
        await client.request(
            "workspace/executeCommand", {"command": "tenon.applyImports", "arguments": arguments}
        )
    assert client.of("workspace/applyEdit") == []


async def explain(client: Client, **argument: Any) -> Any:
    argument = {"textDocument": {"uri": URI}, "position": position(2, 4), **argument}
    return await client.request(
        "workspace/executeCommand", {"command": "tenon.explain", "arguments": [argument]}
    )


async def test_explain_answers_with_structure_and_markdown(client: Client) -> None:
    await client.initialize()
    client.open(URI, CODE)
    answer = await explain(client, text="Path()")
    assert answer["explanation"]["column"] == len("import os\n\nx = ") + 1
    assert answer["markdown"].startswith("# What fits at")


async def test_explain_of_a_document_that_is_not_open_is_null(client: Client) -> None:
    await client.initialize()
    assert await explain(client) is None


@pytest.mark.parametrize(
    "wrong", [{"position": position(99, 0)}, {"position": None}, {"text": 3}, {"textDocument": 3}]
)
async def test_explain_of_a_place_that_does_not_exist_is_refused(
    client: Client, wrong: dict[str, Any]
) -> None:
    await client.initialize()
    client.open(URI, CODE)
    with pytest.raises(Refused):
        await explain(client, **wrong)

"""Imports on acceptance and the question why, over the real wire with the bundled model."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from lsp_client import Client, position, spawn
from lsp_editor import PATIENT, Buffer, assert_parses

CAPABILITIES = {"applyEdit": True, "workspaceEdit": {"documentChanges": True}}
SOURCE = "import json\n\n\ndef group(rows):\n    return defaultd<|>\n"


async def execute(client: Client, command: str, argument: Any) -> Any:
    return await client.request(
        "workspace/executeCommand", {"command": command, "arguments": [argument]}
    )


async def test_accepting_a_name_that_is_not_imported_imports_it(tmp_path: Path) -> None:
    async with spawn() as (client, _):
        await client.initialize(PATIENT, root=tmp_path, workspace=CAPABILITIES)
        before, after = SOURCE.split("<|>")
        buffer = Buffer(client, before + after, uri=(tmp_path / "a.py").as_uri())
        # What could be imported is gathered while the first requests are answered.
        for _ in range(100):
            if items := await buffer.complete(len(before)):
                break
            await asyncio.sleep(0.1)
        (item,) = items
        assert item["insertText"].startswith("defaultdict"), "the model's taste has changed"
        accepted = buffer.accepted(item)
        buffer.replace(0, len(buffer.text), accepted)
        (argument,) = item["command"]["arguments"]
        await execute(client, item["command"]["command"], argument)
        (params,) = client.of("workspace/applyEdit")
        (change,) = params["edit"]["documentChanges"]
        assert change["textDocument"]["version"] == buffer.version
        (edit,) = change["edits"]
        at = buffer.offset(edit["range"]["start"])
        assert edit["range"]["start"] == edit["range"]["end"]
        buffer.replace(at, at, edit["newText"])
        assert buffer.text == accepted.replace(
            "import json\n", "import json\nfrom collections import defaultdict\n"
        )
        assert_parses(buffer.text)
        await client.leave()


async def test_explain_tells_where_a_text_would_be_refused(tmp_path: Path) -> None:
    async with spawn() as (client, _):
        await client.initialize(root=tmp_path)
        buffer = Buffer(client, "import json\r\nx = '😀' + json.\r\n")
        argument = {
            "textDocument": {"uri": buffer.uri},
            "position": position(1, len("x = '😀' + json.".encode("utf-16-le")) // 2),
            "text": "lods(1)",
        }
        answer = await execute(client, "tenon.explain", argument)
        told = answer["explanation"]
        assert (told["line"], told["column"]) == (2, len("x = '😀' + json.") + 1)
        assert told["receiver"]["owner"] == "module 'json'"
        (objection,) = told["about"]["objections"]
        assert (objection["domain"], objection["at"], objection["said"]) == ("members", 0, 3)
        assert "`loads`" in answer["markdown"]
        await client.leave()

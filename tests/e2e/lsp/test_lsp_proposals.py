"""The editor's own list of completions over the real wire: found without any model."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lsp_client import position, spawn
from lsp_editor import Buffer, assert_parses

SOURCE = """\
from enum import Enum


class Color(Enum):
    RED = "\U0001f534"
    BLUE = "\U0001f535"


def paint(color: Color, width: int) -> None: ...


def f(shades: list[Color]) -> None:
    s = "\U0001f534"; paint(<|>
"""


async def test_a_list_of_what_fits_comes_though_no_model_can_be_loaded(tmp_path: Path) -> None:
    async with spawn() as (client, _):
        result = await client.initialize({"model": {"path": str(tmp_path / "none.gguf")}})
        assert "(" in result["capabilities"]["completionProvider"]["triggerCharacters"]
        before, after = SOURCE.split("<|>")
        buffer = Buffer(client, before + after)
        offset = buffer.type(len(before), "Co")
        # On a busy machine the first ones are late; what they read serves those behind them.
        for _ in range(200):
            answer = await client.request(
                "textDocument/completion",
                {
                    "textDocument": {"uri": buffer.uri},
                    "position": position(*buffer.position(offset)),
                },
            )
            if answer is not None and answer["items"]:
                break
            await asyncio.sleep(0.05)
        labels = [item["label"] for item in answer["items"]]
        assert labels[:2] == ["Color.RED", "Color.BLUE"]
        assert "shades[0]" in labels
        assert "shades" not in labels
        red = answer["items"][0]
        assert red["detail"] == "Color (paint() takes color: Color)"
        edit = red["textEdit"]
        accepted = buffer.accepted({"insertText": edit["newText"], "range": edit["range"]})
        assert accepted == before + "Color.RED" + after
        assert_parses(accepted.replace("paint(Color.RED", "paint(Color.RED, 3)"))

"""An editor's side: keeps its own text, counts in its own encoding, accepts answers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from lsp_client import Client

PATIENT = {"completion": {"deadline_ms": 30_000, "invoked_deadline_ms": 30_000}}
"""Settings for what is not to test the machine's speed."""

_WIDTHS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
_numbers = itertools.count(1)


@dataclass
class Buffer:
    """A document in the editor. `text` is what the author sees."""

    client: Client
    text: str
    encoding: str = "utf-16"
    language: str = "python"
    uri: str = field(default_factory=lambda: f"file:///e2e/{next(_numbers)}.py")
    version: int = 1

    def __post_init__(self) -> None:
        self.client.open(self.uri, self.text, language=self.language)

    def position(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset].replace("\r\n", " \n")
        codec, width = _WIDTHS[self.encoding]
        return before.count("\n"), len(before.rpartition("\n")[2].encode(codec)) // width

    def offset(self, position: dict[str, int]) -> int:
        codec, width = _WIDTHS[self.encoding]
        lines = self.text.splitlines(keepends=True) + [""]
        line = lines[position["line"]].encode(codec)[: position["character"] * width]
        return sum(map(len, lines[: position["line"]])) + len(line.decode(codec))

    def replace(self, start: int, end: int, new: str) -> None:
        """Edit, and tell the server as an editor does: by the range alone."""
        span = (*self.position(start), *self.position(end))
        self.version += 1
        self.client.change(self.uri, self.version, (span, new))
        self.text = self.text[:start] + new + self.text[end:]

    def type(self, offset: int, text: str) -> int:
        """Character by character; the offset after them."""
        for character in text:
            self.replace(offset, offset, character)
            offset += 1
        return offset

    async def complete(self, offset: int, **context: Any) -> Any:
        return await self.client.complete(self.uri, *self.position(offset), **context)

    async def answer(self, offset: int, **context: Any) -> dict[str, Any]:
        """An answer where there must be one. What is known of the names may come too late the
        first times on a busy machine, and what was said without it then be taken back."""
        for _ in range(5):
            if items := await self.complete(offset, **context):
                item = items[0]
                return item
        raise AssertionError(f"no answer at {offset} of {self.text!r}")

    def accepted(self, item: dict[str, Any]) -> str:
        """The text after accepting an answer."""
        start, end = (self.offset(item["range"][name]) for name in ("start", "end"))
        return self.text[:start] + item["insertText"] + self.text[end:]


@dataclass
class Editor:
    client: Client
    pid: int

    def at(self, code: str, **options: Any) -> tuple[Buffer, int]:
        """A new document with the cursor at `<|>`."""
        before, after = code.split("<|>")
        return Buffer(self.client, before + after, **options), len(before)

    async def complete(self, code: str, **options: Any) -> tuple[Buffer, list[dict[str, Any]]]:
        buffer, offset = self.at(code, **options)
        return buffer, await buffer.complete(offset)


def assert_parses(text: str) -> None:
    compile(text, "accepted", "exec", dont_inherit=True)

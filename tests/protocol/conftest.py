"""A server in this process with a service that does as the test says, and a client to it."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tenon.protocol.server import TenonServer

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e" / "lsp"))

from lsp_client import Client  # noqa: E402  (lies in another folder)
from scripted import ScriptedService  # noqa: E402  (what it knows is imported above)


@pytest.fixture
def service() -> ScriptedService:
    return ScriptedService()


@pytest.fixture
async def client(service: ScriptedService) -> AsyncIterator[Client]:
    ours, theirs = socket.socketpair()
    server = TenonServer(version="test", make_service=service)
    with theirs, theirs.makefile("rb") as source, theirs.makefile("wb", buffering=0) as sink:
        session = asyncio.ensure_future(server.serve(source, sink))
        client = Client(*await asyncio.open_connection(sock=ours))
        yield client
        await client.hang_up()
        await asyncio.wait_for(session, 10)
        server.close()
    assert client.wire_faults == []

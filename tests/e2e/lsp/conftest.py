"""The real server on a pipe, with the bundled model."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))

from lsp_editor import PATIENT, Editor  # noqa: E402  (lies beside)
from lsp_client import spawn  # noqa: E402

@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor() -> AsyncIterator[Editor]:
    """One session for a module's tests; each opens documents of its own."""
    async with spawn() as (client, process):
        options = {**PATIENT, "status": True, "streaming": True}
        await client.initialize(options, window={"workDoneProgress": True})
        await client.until("tenon/status", lambda status: status["state"] == "ready")
        yield Editor(client, process.pid)

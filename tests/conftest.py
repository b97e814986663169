"""What every test needs: no test sees, or changes, what its user has chosen or pulled."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_home() -> Iterator[None]:
    """Settings, data and caches of this run alone; child processes inherit them."""
    with tempfile.TemporaryDirectory(prefix="tenon-home-") as folder:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
            os.environ[name] = folder
        yield

"""One service with the bundled model for all tests that only ask it things."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tenon.service.service import Service
from tenon.service.settings import Settings


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    service = Service(Settings())
    service.start()
    assert service.wait_ready(60).state == "ready"
    yield service
    service.close()

from __future__ import annotations

import pytest
from tenon_command import Run, run


@pytest.fixture
def tenon() -> Run:
    return run

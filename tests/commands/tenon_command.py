"""The `tenon` command as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`tenon` with arguments; stdout and stderr are no terminals. Keywords are added to the
    environment."""
    return subprocess.run(
        [sys.executable, "-m", "tenon", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, **environment},
    )

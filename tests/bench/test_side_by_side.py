"""The bench runs, compares what it should, and draws what it measured."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).with_name("side_by_side.py")


@pytest.mark.slow
def test_tenon_is_compared_with_the_model_alone_where_there_is_no_server(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(
        "def total(items):\n    result = 0\n    for item in items:\n        result += item\n"
        "    return result\n\n\ndef mean(items):\n    if not items:\n        return 0\n"
        "    return total(items) / len(items)\n"
    )
    told = tmp_path / "told.json"
    command = [sys.executable, str(BENCH), "--server", "", "--holes", "2", "--json", str(told)]
    if importlib.util.find_spec("matplotlib"):
        command += ["--plot", str(tmp_path / "stages.png")]
    done = subprocess.run(
        [*command, "--paths", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(told.read_text())
    for warmth in ("cold", "warm"):
        assert figures[f"tenon, line, {warmth}"]["holes"] == 2
        assert f"tenon: ratio to unconstrained, line, {warmth}" in figures
    assert figures["cancel to idle"]["p99_ms"] > 0
    if "--plot" in command:
        assert (tmp_path / "stages.png").read_bytes().startswith(b"\x89PNG")

"""`tenon stats`: reads what servers write, shows it, and says what is missing."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tenon.__main__ import app
from tenon.commands.source import BadUse
from tenon.commands.stats import duration, quantile
from tenon.decoding.answer import Stop
from tenon.service.metrics import Metrics
from tenon.service.request import Request, Suggestion, Timings
from tenon.text import Deadline, Document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One running server: this process."""
    metrics = Metrics()
    metrics.model("tiny")
    document = Document(uri="file:///a.py", version=1, text="")
    asked = Request(document=document, offset=0, deadline=Deadline.after(1))
    for total in (10.0, 12.0, 40.0):
        timings = Timings(decode=total / 2, total=total)
        metrics.record(
            asked, Suggestion(text="x", offset=0, stop=Stop.LINE, tokens=2, timings=timings)
        )
    (tmp_path / f"{os.getpid()}.prom").write_text(metrics.prometheus())
    return tmp_path


def stats(folder: Path, *options: str) -> str:
    result = CliRunner().invoke(app, ["stats", "--folder", str(folder), *options])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_the_table_tells_of_stages_and_counts(folder: Path) -> None:
    shown = stats(folder)
    assert f"server {os.getpid()}: tiny" in shown
    assert re.search(r"total +3 +1\d\.?\d* ms", shown)
    assert re.search(r"requests +suggestion 3", shown)
    assert re.search(r"tokens +6", shown)


def test_json_lines_carry_every_figure_and_the_process(folder: Path) -> None:
    lines = [json.loads(line) for line in stats(folder, "--json").splitlines()]
    assert {"pid": os.getpid(), "name": "tenon_tokens_total", "labels": {}, "value": 6.0} in lines


def test_prometheus_text_is_what_the_server_wrote(folder: Path) -> None:
    written = (folder / f"{os.getpid()}.prom").read_text()
    assert stats(folder, "--prometheus") == written


def test_without_a_server_it_says_which_setting_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadUse, match="metrics.file"):
        stats(tmp_path)


def test_two_forms_at_once_are_refused(folder: Path) -> None:
    with pytest.raises(BadUse, match="choose one"):
        stats(folder, "--json", "--prometheus")


def test_a_quantile_is_interpolated_within_its_bucket() -> None:
    bounds = [(1.0, 0.0), (2.0, 10.0), (float("inf"), 10.0)]
    assert quantile(bounds, 0.5) == pytest.approx(1.5)
    assert quantile([(1.0, 0.0), (float("inf"), 3.0)], 0.5) == 1.0


@pytest.mark.parametrize(
    ("seconds", "shown"), [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (42e-6, "42 µs"), (0, "0 µs")]
)
def test_a_duration_has_the_unit_that_suits_it(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown

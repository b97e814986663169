"""`tenon stats`: what running servers counted and timed, as a table, JSON lines or Prometheus text.

Reads the files that servers write where `metrics.file` is set; opens no socket and asks no
server anything.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

_UNITS = ((1.0, "s", 1.0), (1e-3, "ms", 1e3), (0.0, "µs", 1e6))


def stats(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: name, labels, value, pid.")
    ] = False,
    prometheus: Annotated[
        bool, typer.Option("--prometheus", help="Prometheus' text format, as the server wrote it.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where the servers write, if not in the usual place.")
    ] = None,
) -> None:
    """What a running server counted and timed."""
    from tenon.commands.source import BadUse
    from tenon.service.publishing import published

    if as_json and prometheus:
        raise BadUse("--json and --prometheus are two forms of one thing: choose one")
    servers = list(published(folder))
    if not servers:
        raise BadUse("no running server writes its metrics; set `metrics.file` in its settings")
    if prometheus:
        for _, text in servers:
            print(text, end="")
        return
    if as_json:
        for pid, text in servers:
            for sample in samples(text):
                print(json.dumps({"pid": pid, **sample}, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(highlight=False)
    for pid, text in servers:
        console.print(table(pid, list(samples(text))))


def samples(text: str) -> Iterable[dict[str, Any]]:
    """Every figure in Prometheus' text format."""
    from prometheus_client.parser import text_string_to_metric_families

    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield {"name": sample.name, "labels": sample.labels, "value": sample.value}


def table(pid: int, figures: Iterable[Mapping[str, Any]]) -> RenderableType:
    """What a person wants to know of one server."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    by_name: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for figure in figures:
        by_name[figure["name"]].append(figure)
    models = ", ".join(each["labels"]["model"] for each in by_name["tenon_server"])
    shown: list[RenderableType] = [Text(f"server {pid}: {models or 'no model'}", style="bold")]
    stages = Table("stage", "requests", "p50", "p95", "mean", box=None, header_style="dim")
    for column in stages.columns[1:]:
        column.justify = "right"
    for stage, row in _histograms(by_name, "tenon_stage_seconds", "stage").items():
        stages.add_row(stage, *row)
    for row in _histograms(by_name, "tenon_constraint_token_seconds", "").values():
        stages.add_row("constraint, a token", *row)
    shown.append(stages)
    counts = Table("", "", box=None, show_header=False)
    for title, name, label in _COUNTS:
        total: dict[str, float] = defaultdict(float)
        for each in by_name[name]:
            total[each["labels"][label] if label else ""] += each["value"]
        counts.add_row(title, ", ".join(_counted(total, name)) or "none")
    shown.append(counts)
    return Group(*shown)


_COUNTS = (
    ("requests", "tenon_requests_total", "outcome"),
    ("asked by", "tenon_requests_total", "asked"),
    ("answered by", "tenon_requests_total", "tier"),
    ("ended since", "tenon_stops_total", "stop"),
    ("tokens", "tenon_tokens_total", ""),
    ("drafts", "tenon_drafts_total", "state"),
    ("prompt tokens", "tenon_prompt_tokens_total", "source"),
    ("refused", "tenon_refusals_total", "domain"),
    ("time by domain", "tenon_domain_seconds_total", "domain"),
    ("remote", "tenon_remote_requests_total", "result"),
    ("memory", "tenon_memory_bytes", "part"),
)


def _counted(total: Mapping[str, float], name: str) -> Iterable[str]:
    for label, value in total.items():
        if not value:
            continue
        if "seconds" in name:
            figure = duration(value)
        elif "bytes" in name:
            figure = f"{value / 2**20:.0f} MiB"
        else:
            figure = f"{value:.0f}"
        yield f"{label} {figure}".strip()


def _histograms(
    by_name: Mapping[str, list[Mapping[str, Any]]], name: str, label: str
) -> dict[str, tuple[str, str, str, str]]:
    """By the label's value: how many, median, 95th percentile, mean. Empty ones are left out."""
    buckets: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for each in by_name[f"{name}_bucket"]:
        labels = each["labels"]
        buckets[labels.get(label, "")].append((float(labels["le"]), each["value"]))
    sums = {each["labels"].get(label, ""): each["value"] for each in by_name[f"{name}_sum"]}
    rows = {}
    for key, bounds in buckets.items():
        bounds.sort()
        count = bounds[-1][1]
        if count:
            half, most = (duration(quantile(bounds, share)) for share in (0.5, 0.95))
            rows[key] = (f"{count:.0f}", half, most, duration(sums[key] / count))
    return rows


def quantile(bounds: list[tuple[float, float]], share: float) -> float:
    """From a histogram's ascending (upper bound, cumulated count): the value below which `share`
    of all lie, interpolated within its bucket."""
    wanted = share * bounds[-1][1]
    lower, before = 0.0, 0.0
    for bound, count in bounds:
        if count >= wanted:
            if bound == float("inf"):
                return lower
            return lower + (bound - lower) * (wanted - before) / max(count - before, 1e-9)
        lower, before = bound, count
    return lower


def duration(seconds: float) -> str:
    _, unit, factor = next(each for each in _UNITS if seconds >= each[0])
    return f"{seconds * factor:.3g} {unit}"

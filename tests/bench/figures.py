"""What came of a measurement: its figures, the ratios of their medians, and a picture of them."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OURS = ("tenon", "tenon without drafts")
WAYS = (
    *OURS,
    "unconstrained",
    "unconstrained with drafts",
    "infill",
    "infill with GBNF",
)
"""Drafts are checked by what constrains: the model alone has none, unless it is said."""
STAGES = ("queue", "analysis", "prefill", "decode", "constraint", "other")


@dataclass(slots=True)
class Take:
    """One answer, in milliseconds."""

    total: float
    stages: dict[str, float]
    decode: float
    characters: int
    steps: int
    """How often the model was run to say it: what no busy neighbour changes."""
    own: float | None = None
    """Outside the model, where that is known."""
    drafted: int = 0
    drafts_taken: int = 0


@dataclass(slots=True)
class Results:
    takes: dict[tuple[str, str, str], list[Take]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By way, size and temperature, in the order of the holes."""


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


def per_character(takes: Sequence[Take]) -> float:
    """The median of decode time a character, over the holes with an answer."""
    return median([take.decode / take.characters for take in takes if take.characters > 0])


def steps_per_character(takes: Sequence[Take]) -> float:
    """The same of the model's steps."""
    return median([take.steps / take.characters for take in takes if take.characters > 0])


def per_step(takes: Sequence[Take]) -> float:
    """The median of decode time a step: what counts where the weights are random, and one text
    is as good as another."""
    return median([take.decode / take.steps for take in takes if take.steps])


def report(results: Results) -> dict[str, Any]:
    """Everything printed, also for `--json`."""
    told: dict[str, Any] = {}
    print(
        f"{'':34}{'holes':>6}{'answers':>8}{'total ms':>10}{'p95':>9}{'decode µs/char':>16}"
        f"{'drafts taken':>14}"
    )
    for (way, size, temperature), takes in results.takes.items():
        totals = [take.total for take in takes]
        row = {
            "holes": len(takes),
            "answers": sum(take.characters > 0 for take in takes),
            "total_ms": median(totals),
            "total_p95_ms": quantile(totals, 0.95),
            "decode_us_a_character": 1e3 * per_character(takes),
            "steps_a_character": steps_per_character(takes),
            "stages_ms": {
                stage: median([take.stages.get(stage, 0.0) for take in takes]) for stage in STAGES
            },
        }
        own = [take.own for take in takes if take.own is not None]
        if own:
            row |= {"own_p50_ms": median(own), "own_p95_ms": quantile(own, 0.95)}
            row |= {
                "drafted": sum(take.drafted for take in takes),
                "drafts_taken": sum(take.drafts_taken for take in takes),
            }
        told[f"{way}, {size}, {temperature}"] = row
        drafts = f"{row['drafts_taken']} of {row['drafted']}" if row.get("drafted") else ""
        print(
            f"{f'{way}, {size}, {temperature}':34}{row['holes']:6}{row['answers']:8}"
            f"{row['total_ms']:10.1f}{row['total_p95_ms']:9.1f}"
            f"{row['decode_us_a_character']:16.0f}"
            f"{drafts:>14}"
        )
    print()
    for (way, size, temperature), takes in results.takes.items():
        if way in OURS:
            told |= compare(results, way, size, temperature, takes)
    return told


def ratio(ours: float, theirs: float) -> float:
    """No number where the other took no step: what it had ready it did not decode."""
    return ours / theirs if theirs else math.nan


def compare(
    results: Results, our_way: str, size: str, temperature: str, ours: list[Take]
) -> dict[str, Any]:
    told = {}
    for way in WAYS[len(OURS) :]:
        theirs = results.takes.get((way, size, temperature), [])
        if not theirs:
            continue
        # Holes that one of the two leaves empty say nothing of how fast the other fills them.
        both = [pair for pair in zip(ours, theirs, strict=True) if all(t.characters for t in pair)]
        totals = [median([pair[who].total for pair in both]) for who in (0, 1)]
        # Where one of them had the answer ready, it decoded nothing.
        decoded = [pair for pair in both if all(t.steps for t in pair)]
        mine, other = [pair[0] for pair in decoded], [pair[1] for pair in decoded]
        characters = ratio(per_character(mine), per_character(other))
        steps = ratio(steps_per_character(mine), steps_per_character(other))
        step = ratio(per_step(ours), per_step(theirs))
        told[f"{our_way}: ratio to {way}, {size}, {temperature}"] = {
            "holes": len(both),
            "holes_decoded": len(decoded),
            "keystroke_to_answer": ratio(*totals),
            "decode_a_character": characters,
            "steps_a_character": steps,
            "decode_a_step": step,
        }
        print(
            f"{our_way} / {way}, {size}, {temperature}, {len(both)} holes both fill: "
            f"keystroke to answer {ratio(*totals):.2f}; {len(decoded)} holes both decode: "
            f"decode a character {characters:.2f}, steps a character {steps:.2f}, "
            f"decode a step {step:.2f}"
        )
    own = [take.own for take in ours if take.own is not None]
    print(
        f"{our_way}, {size}, {temperature}: outside the model p50 {median(own):.1f} ms, "
        f"p95 {quantile(own, 0.95):.1f} ms"
    )
    return told


def plot(results: Results, path: Path, title: str) -> None:
    """Medians by stage, a bar for each way, cold and warm, line and block."""
    try:
        import matplotlib
    except ImportError:
        print("no picture: matplotlib is not installed")
        return
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    panels = sorted({(size, warmth) for _, size, warmth in results.takes}, reverse=True)
    figure, axes = plt.subplots(
        1, len(panels), figsize=(4 * len(panels), 5), squeeze=False, layout="constrained"
    )
    for axis, (size, warmth) in zip(axes[0], panels, strict=True):
        ways = [way for way in WAYS if (way, size, warmth) in results.takes]
        floor = [0.0] * len(ways)
        for stage in STAGES:
            heights = [
                median([take.stages.get(stage, 0.0) for take in results.takes[way, size, warmth]])
                for way in ways
            ]
            axis.bar(ways, heights, bottom=floor, label=stage)
            floor = [low + height for low, height in zip(floor, heights, strict=True)]
        axis.set_title(f"{size}, {warmth}")
        axis.tick_params(axis="x", rotation=90)
        axis.set_ylabel("ms, medians by stage")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside right upper")
    figure.suptitle(title)
    figure.savefig(path, dpi=120)
    print(f"plot: {path}")

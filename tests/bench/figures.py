"""What came of a measurement: its figures, the ratios of their medians, and a picture of them."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WAYS = ("tenon", "unconstrained", "infill", "infill with GBNF")
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
    print(f"{'':24}{'holes':>6}{'answers':>8}{'total ms':>10}{'p95':>8}{'decode µs/char':>16}")
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
        told[f"{way}, {size}, {temperature}"] = row
        print(
            f"{way + ', ' + size:18}{temperature:>6}{row['holes']:6}{row['answers']:8}"
            f"{row['total_ms']:10.1f}{row['total_p95_ms']:8.1f}"
            f"{row['decode_us_a_character']:16.0f}"
        )
    print()
    for (way, size, temperature), takes in results.takes.items():
        if way == "tenon":
            told |= compare(results, size, temperature, takes)
    return told


def ratio(ours: float, theirs: float) -> float:
    """No number where the other took no step: what it had ready it did not decode."""
    return ours / theirs if theirs else math.nan


def compare(results: Results, size: str, temperature: str, ours: list[Take]) -> dict[str, float]:
    told = {}
    for way in WAYS[1:]:
        theirs = results.takes.get((way, size, temperature), [])
        if not theirs:
            continue
        # Holes that one of the two leaves empty say nothing of how fast the other fills them.
        both = [pair for pair in zip(ours, theirs, strict=True) if all(t.characters for t in pair)]
        mine, other = [pair[0] for pair in both], [pair[1] for pair in both]
        totals = ratio(median([t.total for t in mine]), median([t.total for t in other]))
        characters = ratio(per_character(mine), per_character(other))
        steps = ratio(steps_per_character(mine), steps_per_character(other))
        step = ratio(per_step(ours), per_step(theirs))
        told[f"ratio to {way}, {size}, {temperature}"] = {
            "holes": len(both),
            "keystroke_to_answer": totals,
            "decode_a_character": characters,
            "steps_a_character": steps,
            "decode_a_step": step,
        }
        print(
            f"tenon / {way}, {size}, {temperature}, {len(both)} holes both fill: "
            f"keystroke to answer {totals:.2f}, decode a character {characters:.2f}, "
            f"steps a character {steps:.2f}, decode a step {step:.2f}"
        )
    own = [take.own for take in ours if take.own is not None]
    print(
        f"tenon, {size}, {temperature}: outside the model p50 {median(own):.1f} ms, "
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
    figure, axes = plt.subplots(1, len(panels), figsize=(4 * len(panels), 4), squeeze=False)
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
        axis.tick_params(axis="x", rotation=20)
        axis.set_ylabel("ms, medians by stage")
    axes[0][-1].legend()
    figure.suptitle(title)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print(f"plot: {path}")

"""Train: from shards of sequences to a checkpoint, on a processor, a GPU, or several.

Owns the loop: the schedule by time or by tokens, checkpoints that training goes on from, and a
report that a person or a program can follow. Every process of `torchrun` runs this same code.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from training.model import Model, Shape
from training.optimiser import optimisers, rate
from training.sequences import ANSWER_WEIGHT
from training.start import weights as weights_of

CHECKPOINT = "checkpoint.pt"
_REPORT_EVERY, _KEEP_EVERY = 25, 250
"""Steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    data: Path
    """Shards to train on."""
    held: Path
    """Shards to be judged by."""
    out: Path
    """Where checkpoint and report are kept; training goes on from what lies there."""
    shape: Shape
    start: Path | None = None
    """A GGUF file of this shape to begin with, instead of chance."""
    pace: float = 1.0
    """Of the usual learning rate; less for a model that has learned already."""
    tokens: float
    """Tokens to train on; the schedule ends there."""
    minutes: float = float("inf")
    """Or after so many minutes of this training, whichever comes first."""
    batch: int = 16
    """Rows a step and process."""
    accumulate: int = 1
    seed: int = 0
    compiled: bool = True
    """Minutes at the start, for up to twice the speed after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this process computes."""

    device: torch.device
    rank: int
    world: int

    @classmethod
    def here(cls) -> Place:
        world = int(os.environ.get("WORLD_SIZE", "1"))
        rank = int(os.environ.get("RANK", "0"))
        if world > 1:
            dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        if torch.cuda.is_available():
            local = int(os.environ.get("LOCAL_RANK", "0"))
            torch.cuda.set_device(local)
            return cls(device=torch.device("cuda", local), rank=rank, world=world)
        return cls(device=torch.device("cpu"), rank=rank, world=world)


@dataclass(slots=True, kw_only=True)
class Progress:
    """What training goes on from, beside the weights."""

    step: int = 0
    tokens: float = 0.0
    seconds: float = 0.0
    loss: float = 0.0
    """Smoothed over some fifty steps."""


def train(plan: Plan) -> float:
    """Train to the plan's end; the loss on what was held out, in nats a token."""
    place = Place.here()
    torch.manual_seed(plan.seed)
    torch.set_float32_matmul_precision("high")
    plan.out.mkdir(parents=True, exist_ok=True)
    model = Model(plan.shape)
    if plan.start is not None:
        weights_of(plan.start, model)
    model.to(place.device)
    steppers = optimisers(model)
    full = [[group["lr"] for group in each.param_groups] for each in steppers]
    progress = _resume(plan, model, steppers, place)
    network: nn.Module = torch.compile(model) if plan.compiled else model  # type: ignore[assignment]
    if place.world > 1:
        network = DistributedDataParallel(network)
    batches = _batches(plan, place, start=progress.step)
    started = time.monotonic() - progress.seconds
    while (done := _done(plan, progress)) < 1:
        for each, rates in zip(steppers, full, strict=True):
            for group, lr in zip(each.param_groups, rates, strict=True):
                group["lr"] = lr * plan.pace * rate(done)
        current = 0.0
        for _ in range(plan.accumulate):
            tokens, weights = next(batches)
            with torch.autocast(place.device.type, dtype=torch.bfloat16):
                value = network(tokens, weights) / plan.accumulate
            value.backward()
            current += value.item()
            progress.tokens += tokens.numel() * place.world
        for each in steppers:
            each.step()
            each.zero_grad(set_to_none=True)
        progress.step += 1
        progress.seconds = time.monotonic() - started
        first = progress.step == 1
        progress.loss = current if first else 0.98 * progress.loss + 0.02 * current
        if place.rank == 0 and progress.step % _REPORT_EVERY == 0:
            _report(plan, progress, done)
        if place.rank == 0 and progress.step % _KEEP_EVERY == 0:
            _keep(plan, model, steppers, progress)
    judged = held_out(model, plan.held, place.device, batch=plan.batch)
    if place.rank == 0:
        _keep(plan, model, steppers, progress)
        _report(plan, progress, 1.0, held=judged)
    if place.world > 1:
        dist.destroy_process_group()
    return judged


@torch.no_grad()
def held_out(
    model: Model, shards: Path, device: torch.device, *, batch: int = 16, most_rows: int = 512
) -> float:
    """Nats a token of the answers alone, over the first rows of the held-out shards."""
    path = min(shards.glob("shard-*.npz"))
    data = np.load(path)
    rows = min(most_rows, len(data["tokens"]))
    nats = counted = 0.0
    for start in range(0, rows, batch):
        stop = min(start + batch, rows)
        tokens = torch.from_numpy(data["tokens"][start:stop].astype(np.int64)).to(device)
        weights = torch.from_numpy(data["weights"][start:stop].astype(np.int64)).to(device)
        answers = (weights == ANSWER_WEIGHT).long()
        count = float(answers[:, 1:].sum())
        with torch.autocast(device.type, dtype=torch.bfloat16):
            nats += float(model(tokens, answers)) * count
        counted += count
    return nats / max(counted, 1.0)


def load(checkpoint: Path) -> Model:
    """The model of a checkpoint, on the processor."""
    kept = torch.load(checkpoint, map_location="cpu", weights_only=True)
    model = Model(Shape(**kept["shape"]))
    model.load_state_dict(kept["model"])
    return model


def _done(plan: Plan, progress: Progress) -> float:
    return max(progress.tokens / plan.tokens, progress.seconds / 60 / plan.minutes)


def _batches(plan: Plan, place: Place, *, start: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end, from where step `start` left off: the shards in their order, each
    process its own rows."""
    shards = sorted(plan.data.glob("shard-*.npz"))
    if not shards:
        raise FileNotFoundError(f"{plan.data}: no shards")
    number = -1
    skip = start * plan.accumulate
    stride = plan.batch * place.world
    while True:
        for path in shards:
            data = np.load(path)
            tokens, weights = data["tokens"], data["weights"]
            for row in range(place.rank * plan.batch, len(tokens) - plan.batch + 1, stride):
                number += 1
                if number < skip:
                    continue
                rows = slice(row, row + plan.batch)
                yield tuple(  # type: ignore[misc]
                    torch.from_numpy(each[rows].astype(np.int64)).to(place.device)
                    for each in (tokens, weights)
                )
        if number < 0:
            raise ValueError(f"{plan.data}: fewer rows than a batch of {plan.batch}")


def _resume(
    plan: Plan, model: Model, steppers: list[torch.optim.Optimizer], place: Place
) -> Progress:
    path = plan.out / CHECKPOINT
    if not path.is_file():
        return Progress()
    kept = torch.load(path, map_location=place.device, weights_only=True)
    if kept["shape"] != asdict(plan.shape):
        raise ValueError(f"{path}: a checkpoint of another shape; choose another folder")
    model.load_state_dict(kept["model"])
    for each, state in zip(steppers, kept["optimisers"], strict=True):
        each.load_state_dict(state)
    return Progress(**kept["progress"])


def _keep(
    plan: Plan, model: Model, steppers: list[torch.optim.Optimizer], progress: Progress
) -> None:
    fresh = plan.out / (CHECKPOINT + ".new")
    torch.save(
        {
            "shape": asdict(plan.shape),
            "model": model.state_dict(),
            "optimisers": [each.state_dict() for each in steppers],
            "progress": asdict(progress),
        },
        fresh,
    )
    fresh.replace(plan.out / CHECKPOINT)


def _report(plan: Plan, progress: Progress, done: float, *, held: float | None = None) -> None:
    """A line of `report.jsonl` and the same on the terminal."""
    line = {
        "step": progress.step,
        "done": round(done, 4),
        "tokens": int(progress.tokens),
        "minutes": round(progress.seconds / 60, 2),
        "loss": round(progress.loss, 4),
        "tokens_per_s": round(progress.tokens / max(progress.seconds, 1e-9)),
    }
    if held is not None:
        line["held_out_loss"] = round(held, 4)
    with (plan.out / "report.jsonl").open("a", encoding="utf-8") as report:
        report.write(json.dumps(line) + "\n")
    print(*(f"{name} {value}" for name, value in line.items()), sep="  ", flush=True)

"""The steps from packages to a model, one subcommand each, in the order of the README."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Folder = Annotated[Path, typer.Argument()]


@app.command()
def corpus(wheels: Folder, out: Folder, seed: int = 0) -> None:
    """Gather the corpus from the standard library and the wheels in a folder."""
    from training.corpus import build

    packages = build(wheels, out, seed=seed)
    for each in packages:
        held = "  held out" if each.held_out else ""
        print(f"{each.name} {each.version}  {each.licence}  {each.bytes / 1e6:.1f} MB{held}")


@app.command()
def tokenizer(corpus: Folder, out: Folder, size: int = 16384) -> None:
    """Learn a vocabulary; prints how many characters a token holds on held-out code."""
    from training.corpus import read
    from training.tokenizer import train

    learned = train(read(corpus / "train.jsonl"), size=size)
    learned.save(str(out))
    held = "".join(file.text for _, file in zip(range(200), read(corpus / "held.jsonl")))
    tokens = len(learned.encode(held).ids)
    print(f"{learned.get_vocab_size()} tokens, {len(held) / max(tokens, 1):.2f} characters each")


@app.command()
def sequences(
    corpus: Folder,
    tokenizer: Folder,
    out: Folder,
    window: int = 2048,
    tokens: float = 300e6,
    held_tokens: float = 2e6,
    seed: int = 0,
) -> None:
    """Write what is trained on, and what is judged by, as shards of rows."""
    from training.corpus import read
    from training.sequences import write
    from training.tokenizer import Speller

    speller = Speller.load(tokenizer, window=window)
    for split, most in (("train", tokens), ("held", held_tokens)):
        files = read(corpus / f"{split}.jsonl")
        written = write(files, speller, out / split, seed=seed, most_tokens=most)
        print(f"{split}: {written / 1e6:.1f}M tokens")


@app.command()
def train(
    data: Folder,
    out: Folder,
    shape: str = "small",
    vocabulary: int = 16384,
    start: Annotated[
        Path | None, typer.Option(help="A GGUF file to begin with; its shape is taken.")
    ] = None,
    pace: Annotated[float, typer.Option(help="Of the usual learning rate.")] = 1.0,
    tokens: float = 300e6,
    minutes: float = float("inf"),
    batch: int = 16,
    accumulate: int = 1,
) -> None:
    """Train, or go on training. Under `torchrun` on several GPUs."""
    from dataclasses import replace

    from training.model import SHAPES
    from training.train import Plan
    from training.train import train as run

    if shape not in SHAPES:
        sys.exit(f"no shape called {shape!r}; they are {', '.join(SHAPES)}")
    if start is not None:
        from training.start import shape_of

        planned = shape_of(start)
    else:
        planned = replace(SHAPES[shape], vocabulary=vocabulary)
    plan = Plan(
        data=data / "train",
        held=data / "held",
        out=out,
        shape=planned,
        start=start,
        pace=pace,
        tokens=tokens,
        minutes=minutes,
        batch=batch,
        accumulate=accumulate,
    )
    print(f"{plan.shape.parameters / 1e6:.1f}M parameters", flush=True)
    run(plan)


@app.command()
def export(
    checkpoint: Folder, tokenizer: Folder, out: Folder, name: str = "tenon", kind: str = "Q8_0"
) -> None:
    """Write a GGUF file, at full precision beside it and quantised."""
    from training.export import quantise, write

    full = out.with_suffix(".f32.gguf")
    write(checkpoint, tokenizer, full, name=name)
    quantise(full, out, kind)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


@app.command()
def judge(corpus: Folder, models: list[Path], holes: int = 300, seed: int = 0) -> None:
    """Judge GGUF files side by side on the held-out packages."""
    from training.corpus import read
    from training.judge import judge as run

    for model in models:
        found = run(model, read(corpus / "held.jsonl"), holes=holes, seed=seed)
        print(json.dumps({"model": model.name, **asdict(found)}))


if __name__ == "__main__":
    app()

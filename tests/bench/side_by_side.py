"""Side by side on one model and one set of holes: Tenon, the model without constraints, and
llama.cpp's own server, plain and with a grammar.

    python tests/bench/side_by_side.py --server …/llama-server [--model M.gguf] [--plot p.png]

Each hole goes to all of them in turn before the next one comes, so that a machine that slows
down slows all of them; what is printed are ratios of medians. Cold is a buffer that the model
has not seen; warm is one keystroke later. `--shape 0.5B --vocab V.gguf` sets the bundled model into
the shape of a larger one (`grafted.py`): the text is its own, the cost the larger one's, in Q8_0.

`--minutes` ends it in time: what was measured of whole holes by then is printed and drawn. So it
is after an interruption, and where a hole fails.

Needs llama-server on PATH or named, built from the same llama.cpp with the same switches; without
it the first two are compared. The plot needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from contenders import LlamaServer, Tenon, llama_server
from figures import WAYS, Results, Take, median, plot, quantile, report
from grafted import Shape, graft  # lies one folder up

from tenon.engine.loading import default_threads
from tenon.engine.models import bundled
from tenon.evaluation.holes import Hole, Kind, Source, holes

_WORDS = 151_936
SHAPES = {
    # Those of Qwen2.5-Coder.
    "0.5B": Shape(
        layers=24, width=896, heads=14, key_heads=2, head=64, feed_forward=4864, words=_WORDS
    ),
    "1.5B": Shape(
        layers=28, width=1536, heads=12, key_heads=2, head=128, feed_forward=8960, words=_WORDS
    ),
}
SIZES = {"line": Kind.LINE_END, "block": Kind.BLOCK}


def measure(
    found: dict[str, list[Hole]],
    ways: Sequence[str],
    tenon: Tenon,
    server: LlamaServer | None,
    until: float = math.inf,
) -> Results:
    """Each hole to each way in turn, the sizes taking turns, while the time is not `until`."""
    results = Results()
    by_turn = [
        (size, number, hole)
        for size, some in found.items()
        for number, hole in enumerate(some)
    ]
    by_turn.sort(key=lambda turn: turn[1])
    for done, (size, number, hole) in enumerate(by_turn):
        if time.monotonic() > until:
            print(f"time is up: {done} of {len(by_turn)} holes were measured")
            break
        try:
            takes = takes_of(size, number, hole, ways, tenon, server)
        except KeyboardInterrupt:
            print(f"interrupted: {done} of {len(by_turn)} holes were measured")
            break
        except Exception as error:
            print(f"{size} {number} ({hole.source.name}) left out: {error!r}")
            continue
        # All ways or none: what is compared is the same holes.
        for key, take in takes.items():
            results.takes[key].append(take)
    return results


def takes_of(
    size: str,
    number: int,
    hole: Hole,
    ways: Sequence[str],
    tenon: Tenon,
    server: LlamaServer | None,
) -> dict[tuple[str, str, str], Take]:
    """One hole to each way, cold and then warm."""
    takes = {}
    for way in ways:
        uri = f"file:///{size}{number}{way.replace(' ', '')}.py"
        for temperature in ("cold", "warm"):
            # One keystroke earlier: what is measured warm is the next one.
            before = hole.before[:-1] if temperature == "cold" else hole.before
            if way.startswith("infill"):
                assert server is not None
                take = server.take(
                    uri,
                    before,
                    hole.after,
                    tenon.window(before, hole.after),
                    grammar=way.endswith("GBNF"),
                    single=size == "line",
                    cold=temperature == "cold",
                )
            else:
                if temperature == "cold":
                    tenon.cool()
                take = tenon.take(
                    uri,
                    before,
                    hole.after,
                    constrained=way.startswith("tenon"),
                    drafts=way in ("tenon", "unconstrained with drafts"),
                )
            takes[way, size, temperature] = take
        tenon.forget(uri)
    return takes


def sources(paths: Sequence[Path]) -> list[Source]:
    files = [file for path in paths for file in (path.glob("*.py") if path.is_dir() else [path])]
    return [
        Source(
            name=file.name,
            uri=file.resolve().as_uri(),
            load=lambda file=file: file.read_text("utf-8", errors="replace"),
        )
        for file in files
    ]


def cancelling(tenon: Tenon, some: Sequence[Hole], count: int) -> dict[str, float]:
    """Requests taken back at some moment of their life: until the thread is free again."""
    spent = [
        tenon.cancel_to_idle(f"file:///cancel{index}.py", hole.before, hole.after, index % 20 / 1e3)
        for index, hole in ((index, some[index % len(some)]) for index in range(count))
    ]
    told = {"p50_ms": median(spent), "p99_ms": quantile(spent, 0.99)}
    print(f"cancel to idle: p50 {told['p50_ms']:.1f} ms, p99 {told['p99_ms']:.1f} ms")
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--model", type=Path, help="a GGUF file; the bundled model unless given")
    parser.add_argument("--shape", choices=SHAPES, help="the bundled model in this shape instead")
    parser.add_argument("--vocab", type=Path, help="a GGUF whose words it knows besides")
    parser.add_argument("--server", default=shutil.which("llama-server"), help="llama-server")
    parser.add_argument("--holes", type=int, default=40, help="for each size")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument(
        "--ways", nargs="+", choices=WAYS, default=[way for way in WAYS if "with " not in way]
    )
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="begin no hole after so many"
    )
    parser.add_argument("--cancels", type=int, default=100, help="requests taken back")
    parser.add_argument("--tokens", type=int, default=96, help="the longest answer")
    parser.add_argument("--threads", type=int, help="for both; else Tenon's own choice")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--paths", type=Path, nargs="*", default=[Path(os.__file__).parent])
    parser.add_argument("--plot", type=Path, help="write a picture of the stages here")
    parser.add_argument("--json", type=Path, help="write all figures here")
    options = parser.parse_args()
    with ExitStack() as stack:
        model = options.model or bundled()
        if options.shape:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            model = graft(
                folder / "grafted.gguf",
                SHAPES[options.shape],
                vocab=options.vocab,
                name=f"{model.stem} as {options.shape}",
            )
        small = model.stat().st_size < 200 << 20
        batch_threads = options.threads or default_threads()
        threads = 1 if small else batch_threads
        files = sources(options.paths)
        found = {
            size: list(holes(files, count=options.holes, seed=options.seed, kinds=(kind,)))
            for size, kind in SIZES.items()
            if size in options.sizes
        }
        ways, server = options.ways, None
        if options.server and any(way.startswith("infill") for way in ways):
            server = stack.enter_context(
                llama_server(options.server, model, options.tokens, threads, batch_threads)
            )
        else:
            print("no llama-server: only Tenon's two ways are measured")
            ways = [way for way in ways if not way.startswith("infill")]
        tenon = Tenon(model, options.tokens, options.threads)
        stack.callback(tenon.service.close)
        # The first answers of a process pay for what is made once.
        measure({size: some[:1] for size, some in found.items()}, ways, tenon, server)
        until = time.monotonic() + 60 * options.minutes
        results = measure(found, ways, tenon, server, until)
        told = report(results)
        told["cancel to idle"] = cancelling(tenon, found[options.sizes[0]], options.cancels)
        if options.json:
            options.json.write_text(json.dumps(told, indent=2) + "\n")
        if options.plot:
            name = f"bundled, as {options.shape}" if options.shape else model.stem
            holes_each = min(map(len, results.takes.values()), default=0)
            plot(results, options.plot, f"{name}: {holes_each} holes a size")


if __name__ == "__main__":
    main()

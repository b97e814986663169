"""`tenon model`: which models there are, which is in use, and how another one comes here.

Owns the asking for consent: nothing is fetched that was not agreed to.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenon.commands.source import BadUse

if TYPE_CHECKING:
    from tenon.engine.presets import Preset

model = typer.Typer(
    help="The models: list them, choose one, fetch one.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_BUNDLED = "bundled"
_SMALL_MEMORY = 100_000_000
"""Bytes that the bundled model takes beside its weights: its context is small."""
_SHARE_OF_BANDWIDTH = 0.5
"""Of what a plain copy reaches, what a token's reading of all the weights does."""


@model.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="The list for a program.")] = False,
) -> None:
    """The models Tenon knows by name: size, memory, speed to expect here, licence."""
    rows = _rows()
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("name", no_wrap=True)
    for name in ("file", "memory", "tokens/s here"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("licence", no_wrap=True)
    table.add_column("")
    for row in rows:
        table.add_row(
            "▸" if row["in_use"] else "✔" if row["here"] else "",
            row["name"],
            _bytes(row["size"]),
            _bytes(row["memory"]),
            f"~{row['tokens_per_second']:.0f}",
            row["licence"],
            row["note"] if row["fits"] else "more memory than is free here",
        )
    console = Console(highlight=False)
    console.print(table)
    console.print(
        "▸ in use, ✔ here. Speed is estimated from the memory's bandwidth, for the processor "
        "alone; a GPU is faster. `tenon model pull NAME` fetches one.",
        style="dim",
    )


@model.command("use")
def use(
    name: Annotated[str, typer.Argument(help="A name from the list, a GGUF file, or 'bundled'.")],
) -> None:
    """Use a model from now on, wherever no setting names another."""
    from tenon.engine.engine import EngineError
    from tenon.engine.presets import choose, preset

    try:
        if name == _BUNDLED:
            choose(None)
        else:
            known = preset(name)
            path = known.path if known else Path(name).expanduser()
            if known and not path.is_file():
                raise BadUse(f"{name} is not here yet; fetch it: tenon model pull {name}")
            if not known and not path.is_file():
                raise BadUse(f"{name!r} is neither a model's name nor a file; see tenon model list")
            _check(path)
            choose(path)
    except EngineError as error:
        raise BadUse(str(error)) from None
    print(f"{name} is used from now on; editors take it up when the server next starts")


@model.command("pull")
def pull(
    name: Annotated[str, typer.Argument(help="A name from the list.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree to the download.")] = False,
    endpoint: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Another hub's address.")
    ] = None,
    then_use: Annotated[bool, typer.Option("--use", help="Use it once it is here.")] = False,
) -> None:
    """Fetch a model from the hub, after asking; go on with what an earlier try has left."""
    from tenon.engine.engine import EngineError
    from tenon.engine.hub import fetch, offer
    from tenon.engine.presets import preset

    known = preset(name)
    if known is None:
        raise BadUse(f"no model is called {name!r}; see tenon model list")
    if not yes:
        _ask(known)
    try:
        offered = offer(known, endpoint=endpoint)
        with _Bar(known.file) as bar:
            path = fetch(known, offered, bar.advance)
    except EngineError as error:
        raise BadUse(str(error)) from None
    except KeyboardInterrupt:
        raise BadUse("interrupted; what was fetched is kept, pull it again to go on") from None
    print(f"{path}: {_bytes(offered.size)}, sha256 {offered.sha256}")
    if then_use:
        use(name)


def _ask(known: Preset) -> None:
    if not sys.stdin.isatty():
        raise BadUse("a download needs your consent: add --yes")
    question = (
        f"Fetch {known.file} of {known.repository}, about {_bytes(known.size)}, "
        f"licence {known.licence}, to {known.path.parent}?"
    )
    if not typer.confirm(question):
        raise BadUse("nothing was fetched")


def _check(path: Path) -> None:
    """Raise EngineError unless the file is a model that fills in the middle."""
    from tenon.engine.llama import LlamaEngine

    LlamaEngine.open(path, n_gpu_layers=0, threads=1, context_length=256).close()


def _rows() -> list[dict[str, Any]]:
    import psutil

    from tenon.engine.engine import EngineError
    from tenon.engine.models import bundled, bundled_manifest
    from tenon.engine.presets import WORKING_MEMORY, chosen, presets

    try:
        current = chosen()
    except EngineError as error:
        print(f"tenon: {error}", file=sys.stderr)
        current = None
    bandwidth = _bandwidth()
    free = psutil.virtual_memory().available

    def row(
        name: str, path: Path, size: int, memory: int, licence: str, note: str, *,
        active_share: float = 1.0, in_use: bool, fits: bool = True,
    ) -> dict[str, Any]:  # fmt: skip
        return {
            "name": name,
            "size": size,
            "memory": memory,
            "tokens_per_second": _tokens_per_second(size * active_share, bandwidth),
            "licence": licence,
            "note": note,
            "path": str(path),
            "here": path.is_file(),
            "in_use": in_use,
            "fits": fits,
        }

    own = bundled_manifest()
    rows = [
        row(
            _BUNDLED, bundled(), own.size, own.size + _SMALL_MEMORY, own.licence, own.description,
            in_use=current is None,
        )
    ]  # fmt: skip
    rows += [
        row(
            each.name, each.path, each.size, each.memory, each.licence, each.note,
            active_share=each.active_share, in_use=current == each.path,
            fits=each.memory < free,
        )
        for each in presets()
    ]  # fmt: skip
    if current is not None and not any(each["in_use"] for each in rows):
        size = current.stat().st_size
        rows.append(
            row(
                str(current), current, size, size + WORKING_MEMORY, "", "a file of your own",
                in_use=True,
            )
        )  # fmt: skip
    return rows


def _tokens_per_second(read: float, bandwidth: float) -> float:
    """A token reads all active weights once, so memory is what it waits for."""
    return bandwidth * _SHARE_OF_BANDWIDTH / read


def _bandwidth() -> float:
    """Bytes a second that one thread copies, by a short trial."""
    import numpy as np

    source = np.ones(4 << 20, dtype=np.float64)
    target = np.empty_like(source)
    np.copyto(target, source)
    best = 0.0
    for _ in range(3):
        started = time.perf_counter()
        np.copyto(target, source)
        best = max(best, 2 * source.nbytes / (time.perf_counter() - started))
    return best


def _bytes(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


class _Bar:
    """Progress on stderr, where someone looks at it."""

    def __init__(self, label: str) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(),
            TransferSpeedColumn(), TimeRemainingColumn(), console=Console(stderr=True),
        )  # fmt: skip
        self._task = self._progress.add_task(label, total=None)

    def advance(self, have: int, size: int) -> None:
        self._progress.update(self._task, completed=have, total=size)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

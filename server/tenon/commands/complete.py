"""`tenon complete`: one completion for a real file, shown as it is decided.

On a terminal the line grows where it stands; elsewhere only the final text is written, so
that it can be piped. Exit status: 0 an answer, 1 none, 2 asked wrongly.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.text import Text

    from tenon.service.request import Chunk, Outcome, Request, Suggestion
    from tenon.service.service import Service
    from tenon.text import Document


def complete(
    location: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE:COL", help="The cursor. Both count from 1, columns in characters."
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="The whole answer with its evidence.")
    ] = False,
    unconstrained: Annotated[
        bool, typer.Option("--unconstrained", help="What the model says when nobody listens.")
    ] = False,
    deadline_ms: Annotated[
        int | None, typer.Option(min=20, max=60_000, help="Time for the answer.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="A GGUF file instead of the model in use.")
    ] = None,
    lines: Annotated[
        Literal["single", "auto"] | None,
        typer.Option(help="'single' never offers more than the line."),
    ] = None,
    python: Annotated[
        Path | None, typer.Option(help="The environment that the code runs in.")
    ] = None,
) -> None:
    """One completion for a real file."""
    from tenon.commands.encoding import outcome as encoded
    from tenon.commands.session import service, settings
    from tenon.commands.source import environment, offset_of, parse_location, read, root_of
    from tenon.service.request import Request, Suggestion
    from tenon.text import Deadline

    where = parse_location(location)
    source = read(where.path)
    if source.note:
        print(f"tenon: {source.note}", file=sys.stderr)
    offset = offset_of(source, where)
    root = root_of(where.path)
    runs_in = environment(root, python).where if python is not None else None
    chosen = settings(
        model=model, environment=runs_in, lines=lines, invoked_deadline_ms=deadline_ms
    )
    with service(chosen, root) as running:
        request = Request(
            document=source.document,
            offset=offset,
            deadline=Deadline.after(chosen.completion.invoked_deadline_ms / 1000),
            invoked=True,
            constrained=not unconstrained,
        )
        live = sys.stdout.isatty() and not as_json
        answer = _watched(running, request) if live else _answered(running, request)
    if as_json:
        print(json.dumps(encoded(answer), indent=2, ensure_ascii=False))
    elif isinstance(answer, Suggestion) and not live:
        print(answer.text)
        if answer.imports:
            print(f"tenon: {needed(answer)}", file=sys.stderr)
    if not isinstance(answer, Suggestion):
        if not as_json:
            print(f"tenon: {_why_nothing(answer)}", file=sys.stderr)
        raise typer.Exit(1)


def _answered(
    running: Service, request: Request, on_chunk: Callable[[Chunk], None] | None = None
) -> Outcome:
    """The answer, with what it needs imported even where the analysis took longer."""
    from tenon.service.request import Suggestion

    answer = running.submit(request, on_chunk).result()
    if isinstance(answer, Suggestion) and answer.imports is None:
        late = running.imports(request.document, answer.offset, answer.text)
        answer = replace(answer, imports=late.result())
    return answer


def _watched(running: Service, request: Request) -> Outcome:
    """The answer, its line redrawn with every chunk and then left standing."""
    from rich.console import Console
    from rich.live import Live

    from tenon.service.request import Suggestion

    console = Console(highlight=False)
    document, offset = request.document, request.offset
    with Live(console=console, transient=True, refresh_per_second=30) as live:
        live.update(in_place(document, offset, ""))
        answer = _answered(
            running, request, lambda chunk: live.update(in_place(document, offset, chunk.text))
        )
    if isinstance(answer, Suggestion):
        console.print(in_place(document, offset, answer.text), soft_wrap=True)
        if answer.imports:
            console.print(needed(answer), style="yellow", soft_wrap=True)
        console.print(summary(answer), style="dim", soft_wrap=True)
    return answer


def in_place(document: Document, offset: int, text: str, style: str = "bold green") -> Text:
    """The cursor's line with `text` in it, set off from what was there."""
    from rich.text import Text

    line = document.line_span(document.position_at(offset)[0])
    shown = Text(no_wrap=False)
    shown.append(document.text[line.start : offset], style="dim")
    shown.append(text.replace("\r\n", "\n").replace("\r", "\n"), style=style)
    shown.append(document.text[offset : line.end], style="dim")
    return shown


def needed(answer: Suggestion) -> str:
    """What the file has to import for the answer."""
    return "needs " + "; ".join(wanted.statement for wanted in answer.imports or ())


def summary(answer: Suggestion) -> str:
    """Where the answer came from, in a line."""
    held = ", ".join(dict.fromkeys(str(evidence.domain) for evidence in answer.evidence))
    parts = [
        f"{answer.tokens} token{'s' * (answer.tokens != 1)} in {answer.timings.total:.0f} ms",
        str(answer.stop),
        f"held: {held}" if held else "",
        f"{len(answer.refused)} refused" if answer.refused else "",
    ]
    return " · ".join(part for part in parts if part)


def _why_nothing(answer: Outcome) -> str:
    return f"nothing to offer: {getattr(answer, 'reason', 'a newer request took its place')}"

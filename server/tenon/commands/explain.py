"""`tenon explain`: what is allowed at a place in a file, and why a text would be refused there.

Needs no model. Exit status: 0, or 1 where the text that was asked about is refused; 2 asked
wrongly.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from tenon.service.explain import Explanation, Verdicts
    from tenon.text import Document

_SECONDS = 60.0
"""For the analysis: who asks why waits for the whole answer."""
_SHOWN = 60


def explain(
    location: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE:COL", help="The place. Both count from 1, columns in characters."
        ),
    ],
    text: Annotated[
        str | None, typer.Option("--text", help="Would this be refused there, and where?")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole account as JSON.")] = False,
    python: Annotated[
        Path | None, typer.Option(help="The environment that the code runs in.")
    ] = None,
) -> None:
    """What is allowed at a place in a file, and on what evidence."""
    from tenon.commands.source import BadUse, environment, offset_of, parse_location, read, root_of
    from tenon.semantics import Analyser
    from tenon.service.checks import Checks, NoSyntax
    from tenon.service.explain import explain as explained
    from tenon.text import Deadline

    where = parse_location(location)
    source = read(where.path)
    if source.note:
        print(f"tenon: {source.note}", file=sys.stderr)
    offset = offset_of(source, where)
    root = root_of(where.path)
    analyser = Analyser(root, environment=environment(root, python))
    deadline = Deadline.after(_SECONDS)
    analyser.learn(deadline)
    try:
        found = explained(Checks(analyser), source.document, offset, text, deadline)
    except NoSyntax as fault:
        raise BadUse(f"{source.path}: {fault}") from None
    if as_json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        _show(found, source.document, offset)
    if found.about is not None and not found.about.fits:
        raise typer.Exit(1)


def _show(found: Explanation, document: Document, offset: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tenon.commands.complete import in_place

    console = Console(highlight=False)
    if found.about is None:
        console.print(in_place(document, offset, "▏"), soft_wrap=True)
    else:
        _show_verdicts(console, found.about, document, offset)
    inside = " › ".join(found.enclosing)
    console.print(Text(f"{found.role}{', inside ' + inside if inside else ''}"))
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for view in found.domains:
        style = "bold" if view.state == "narrowed" else "dim"
        reason = Text(view.reason)
        if view.domain == "syntax" and view.examples:
            reason.append("; next: " + " ".join(map(_visible, view.examples)), style="dim")
        table.add_row(Text(view.domain, style="cyan"), Text(view.state, style=style), reason)
    console.print(table)
    if (wanted := found.wanted) is not None:
        console.print(Text(wanted.asked), soft_wrap=True)
        if wanted.found:
            console.print(Text("  " + "  ".join(wanted.found), style="dim"), soft_wrap=True)
    if (receiver := found.receiver) is not None:
        title = f"{receiver.text} is {receiver.owner}"
        _show_names(console, title, receiver.members, receiver.complete, receiver.reason)
    if (module := found.imported_from) is not None:
        _show_names(console, module.module, module.names, module.complete, module.reason)
    if found.packages:
        console.print(Text(f"installed packages: {found.packages}", style="dim"), soft_wrap=True)


def _show_verdicts(console: Console, about: Verdicts, document: Document, offset: int) -> None:
    from rich.text import Text

    from tenon.commands.complete import in_place

    style = "bold green" if about.fits else "bold red"
    console.print(in_place(document, offset, about.text, style), soft_wrap=True)
    if about.fits:
        console.print(Text("it fits", style="green"))
    if about.late:
        console.print(Text("time was up before every domain had heard the whole text"))
    for each in about.objections:
        told = Text(f"refused by {each.domain}", style="red")
        told.append(
            f" at {each.line}:{each.column}, once {about.text[: each.said]!r} was said: ",
            style="default",
        )
        told.append(each.reason, style="default")
        if each.instead:
            told.append(f" (there are {', '.join(each.instead)})", style="dim")
        console.print(told, soft_wrap=True)
    for statement in about.imports:
        console.print(Text(f"needs {statement}", style="dim"))


def _show_names(
    console: Console, title: str, names: Sequence[str], complete: bool, reason: str
) -> None:
    from rich.text import Text

    more = f" … {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    extent = "all known" if complete else "not all known"
    console.print(Text(f"{title}: {extent}, {reason}"), soft_wrap=True)
    console.print(Text("  " + " ".join(names[:_SHOWN]) + more, style="dim"), soft_wrap=True)


def _visible(character: str) -> str:
    return "space" if character == " " else character
